"""Signed deliveries, made by Python's hmac and PyJWT, which know nothing of our code: `python vectors.py > vectors.json`.

Needs `pip install pyjwt cryptography`. Each run makes another key; nothing but this test has it.
"""

import base64
import hashlib
import hmac
import json

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SECRET = "a relay's shared secret ✓"
URL = "https://coach.example.com/webhooks/gong/main?team=north"
NOW = 1_789_560_000
BODY = json.dumps(
    {"callData": {"metaData": {"id": "78210345609871234567", "title": "Größe & Preis"}}, "isTest": False},
    ensure_ascii=False,
).encode()


def public(key):
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(spki).decode()


def main():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = {"webhook_url": URL, "body_sha256": hashlib.sha256(BODY).hexdigest(), "exp": NOW + 300}

    def token(key=key, algorithm="RS256", **changed):
        return jwt.encode({**claims, **changed}, key, algorithm=algorithm)

    without_exp = {name: value for name, value in claims.items() if name != "exp"}
    digest = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    print(
        json.dumps(
            {
                "body": BODY.decode(),
                "now": NOW,
                "secret": SECRET,
                "webhook_url": URL,
                "public_key": public(key),
                "hmac": {
                    "good": [digest, "sha256=" + digest, digest.upper()],
                    "bad": [
                        hmac.new(b"another secret", BODY, hashlib.sha256).hexdigest(),
                        hmac.new(SECRET.encode(), BODY + b" ", hashlib.sha256).hexdigest(),
                        hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest(),
                        hashlib.sha256(BODY).hexdigest(),
                        digest[:-2],
                        "",
                        "sha256=",
                        "sha1=" + digest,
                    ],
                },
                "jwt": {
                    "good": [token(), "Bearer " + token(), "bearer " + token(exp=NOW + 1), token(exp=NOW - 30)],
                    "bad": {
                        "expired": token(exp=NOW - 61),
                        "address": token(webhook_url=URL + "/"),
                        "body": token(body_sha256=hashlib.sha256(BODY + b" ").hexdigest()),
                        "other key": token(key=other),
                        "no exp": jwt.encode(without_exp, key, algorithm="RS256"),
                        "none": token(key=None, algorithm="none"),
                        "signed with the public key": hs256(claims, public(key)),
                        "RS512": token(algorithm="RS512"),
                        "cut": token()[:-4],
                        "no token": "Bearer ",
                    },
                },
            },
            indent=1,
            ensure_ascii=False,
        )
    )


def hs256(claims, secret):
    """A token signed with the public key as if it were a shared secret; PyJWT refuses to make one."""
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    text = part({"alg": "HS256", "typ": "JWT"}) + "." + part(claims)
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return text + "." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


if __name__ == "__main__":
    main()
