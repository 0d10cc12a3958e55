//! Against deliveries that Python's `hmac` and `PyJWT` signed (`vectors.py`).

use super::*;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Vectors {
    body: String,
    now: i64,
    secret: String,
    webhook_url: String,
    public_key: String,
    hmac: Signatures,
    jwt: Tokens,
}

#[derive(Deserialize)]
struct Signatures {
    good: Vec<String>,
    bad: Vec<String>,
}

#[derive(Deserialize)]
struct Tokens {
    good: Vec<String>,
    bad: BTreeMap<String, String>,
}

fn vectors() -> (Vectors, DateTime<Utc>) {
    let vectors: Vectors = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let now = DateTime::from_timestamp(vectors.now, 0).unwrap();
    (vectors, now)
}

fn signed(signature: &str) -> Shown<'_> {
    Shown { signature: Some(signature), ..Shown::default() }
}

fn authorized(authorization: &str) -> Shown<'_> {
    Shown { authorization: Some(authorization), ..Shown::default() }
}

#[test]
fn signatures_of_another_library_hold_and_forged_ones_do_not() {
    let (v, now) = vectors();
    let verifier = Verifier::Hmac { secret: Secret::new(v.secret) };
    for good in &v.hmac.good {
        assert_eq!(verifier.check(&signed(good), v.body.as_bytes(), now), Ok(()), "{good}");
        assert_eq!(verifier.check(&signed(good), v.body.trim_end_matches('}').as_bytes(), now), Err(Unproven::Wrong));
    }
    for bad in &v.hmac.bad {
        assert_eq!(verifier.check(&signed(bad), v.body.as_bytes(), now), Err(Unproven::Wrong), "{bad}");
    }
    let other = authorized(&v.jwt.good[0]);
    assert_eq!(verifier.check(&other, v.body.as_bytes(), now), Err(Unproven::Missing), "another kind is not looked at");
    assert!(!format!("{verifier:?}").contains("relay"));
}

#[test]
fn tokens_of_another_library_hold_and_forged_ones_do_not() {
    let (v, now) = vectors();
    let armoured = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", v.public_key);
    for public_key in [v.public_key, armoured] {
        let verifier = Verifier::Jwt { public_key, webhook_url: v.webhook_url.clone() };
        assert_eq!(verifier.is_usable(), Ok(()));
        for good in &v.jwt.good {
            assert_eq!(verifier.check(&authorized(good), v.body.as_bytes(), now), Ok(()), "{good}");
            assert_eq!(verifier.check(&authorized(good), b"{}", now), Err(Unproven::Body));
        }
        for (name, bad) in &v.jwt.bad {
            let expected = match name.as_str() {
                "expired" => Unproven::Expired,
                "address" => Unproven::Address,
                "body" => Unproven::Body,
                _ => Unproven::Wrong,
            };
            assert_eq!(verifier.check(&authorized(bad), v.body.as_bytes(), now), Err(expected), "{name}");
        }
        assert_eq!(verifier.check(&signed(&v.hmac.good[0]), v.body.as_bytes(), now), Err(Unproven::Missing));
    }
    for none in ["", "no key", "AAAA", &BASE64_STANDARD.encode([7; 300])] {
        let verifier = Verifier::Jwt { public_key: none.to_owned(), webhook_url: v.webhook_url.clone() };
        assert_eq!(verifier.is_usable(), Err(Unproven::Key), "{none}");
        assert_eq!(verifier.check(&authorized(&v.jwt.good[0]), v.body.as_bytes(), now), Err(Unproven::Key));
    }
}

#[test]
fn a_part_of_the_address_is_compared_whole() {
    let verifier = Verifier::UrlKey { key: Secret::new("k7dd2b") };
    let check = |key| verifier.check(&Shown { key, ..Shown::default() }, b"{}", DateTime::UNIX_EPOCH);
    assert_eq!(check(Some("k7dd2b")), Ok(()));
    for (wrong, expected) in [
        (None, Unproven::Missing),
        (Some(""), Unproven::Wrong),
        (Some("k7dd2"), Unproven::Wrong),
        (Some("k7dd2bb"), Unproven::Wrong),
    ] {
        assert_eq!(check(wrong), Err(expected), "{wrong:?}");
    }
}
