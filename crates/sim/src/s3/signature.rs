//! AWS Signature Version 4, checked as its reference describes it: "Authenticating Requests: Using the Authorization Header" of the Amazon S3
//! API reference.

use super::{ACCESS_DENIED, Refusal};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Most that the clocks of client and service may differ.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(15);

const BAD_REQUEST: StatusCode = StatusCode::BAD_REQUEST;
const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
const MALFORMED: Refusal =
    Refusal(BAD_REQUEST, "AuthorizationHeaderMalformed", "The authorization header is malformed.");
const UNKNOWN_KEY: Refusal =
    Refusal(FORBIDDEN, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
const WRONG_SIGNATURE: Refusal = Refusal(
    FORBIDDEN,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
);
const SKEWED: Refusal = Refusal(
    FORBIDDEN,
    "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large.",
);
const OTHER_BODY: Refusal = Refusal(
    BAD_REQUEST,
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
);

/// Whose signature is right.
pub(super) struct Signer<'a> {
    pub key: &'a str,
    pub secret: &'a str,
    pub region: &'a str,
}

/// What the `Authorization` header says.
struct Claim<'a> {
    key: &'a str,
    date: &'a str,
    region: &'a str,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    fn read(header: &'a str) -> Option<Self> {
        let rest = header.strip_prefix("AWS4-HMAC-SHA256")?;
        let mut parts = ["Credential=", "SignedHeaders=", "Signature="]
            .map(|name| rest.split(',').find_map(|part| part.trim().strip_prefix(name)));
        let scope: Vec<&str> = parts[0].take()?.split('/').collect();
        let &[key, date, region, "s3", "aws4_request"] = scope.as_slice() else { return None };
        Some(Self { key, date, region, signed: parts[1]?, signature: parts[2]? })
    }
}

impl Signer<'_> {
    /// Whether the request is signed by this key, at this time, with this body.
    pub(super) fn check(&self, head: &Parts, body: &[u8], now: DateTime<Utc>) -> Result<(), Refusal> {
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let claim = Claim::read(header("authorization").ok_or(ACCESS_DENIED)?).ok_or(MALFORMED)?;
        if claim.key != self.key {
            return Err(UNKNOWN_KEY);
        }
        if claim.region != self.region {
            return Err(MALFORMED);
        }
        let stamp = header("x-amz-date").ok_or(ACCESS_DENIED)?;
        let at = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ").map_err(|_| ACCESS_DENIED)?.and_utc();
        if (now - at).abs() > CLOCKS_DIFFER || !stamp.starts_with(claim.date) {
            return Err(SKEWED);
        }
        let content = header("x-amz-content-sha256").ok_or(ACCESS_DENIED)?;
        if content != "UNSIGNED-PAYLOAD" && content != hex(&Sha256::digest(body)) {
            return Err(OTHER_BODY);
        }
        // Nobody may add or change what tells the service what to do.
        let signed: Vec<&str> = claim.signed.split(';').collect();
        let needs = |name: &str| name == "host" || name.starts_with("x-amz-");
        if head.headers.keys().any(|name| needs(name.as_str()) && !signed.contains(&name.as_str())) {
            return Err(ACCESS_DENIED);
        }
        let canonical = canonical(head, &signed, content);
        let scope = format!("{}/{}/s3/aws4_request", claim.date, claim.region);
        let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
        if claim.signature != self.sign(claim.date, &to_sign) {
            return Err(WRONG_SIGNATURE);
        }
        Ok(())
    }

    fn sign(&self, date: &str, to_sign: &str) -> String {
        let first = format!("AWS4{}", self.secret).into_bytes();
        let key = [date, self.region, "s3", "aws4_request"].iter().fold(first, |key, part| hmac(&key, part));
        hex(&hmac(&key, to_sign))
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The canonical request: what is signed, in one spelling.
fn canonical(head: &Parts, signed: &[&str], content: &str) -> String {
    let mut query = super::objects::query(head.uri.query().unwrap_or_default())
        .into_iter()
        .map(|(name, value)| (encode(&name, ""), encode(&value, "")))
        .collect::<Vec<_>>();
    query.sort();
    let query = query.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
    let headers = signed.iter().fold(String::new(), |mut lines, name| {
        let _ = writeln!(lines, "{name}:{}", value(&head.headers, name));
        lines
    });
    let path = encode(&super::objects::decode(head.uri.path()), "/");
    format!("{}\n{path}\n{query}\n{headers}\n{}\n{content}", head.method, signed.join(";"))
}

/// The value of a header: several with commas, spaces at the ends gone and others single.
fn value(headers: &HeaderMap, name: &str) -> String {
    let values = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).split_whitespace().collect::<Vec<_>>().join(" "));
    values.collect::<Vec<_>>().join(",")
}

/// Percent-encoding as the reference has it: everything but letters, digits, `-._~` and what is in `keep`.
fn encode(bytes: &[u8], keep: &str) -> String {
    bytes.iter().fold(String::new(), |mut text, &byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.as_bytes().contains(&byte) {
            text.push(byte.into());
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    /// The examples of the reference, with its key and at its time.
    const REFERENCE: Signer<'_> =
        Signer { key: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region: "us-east-1" };
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_369_353_600 + minute * 60, 0).unwrap()
    }

    fn request(method: &str, uri: &str, headers: &[(&str, &str)], signed: &str, signature: &str) -> Parts {
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header("host", "examplebucket.s3.amazonaws.com")
            .header("x-amz-date", "20130524T000000Z")
            .header(
                "authorization",
                format!(
                    "AWS4-HMAC-SHA256 Credential={}/20130524/us-east-1/s3/aws4_request,SignedHeaders={signed},Signature={signature}",
                    REFERENCE.key
                ),
            );
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn get_object() -> Parts {
        request(
            "GET",
            "/test.txt",
            &[("range", "bytes=0-9"), ("x-amz-content-sha256", EMPTY)],
            "host;range;x-amz-content-sha256;x-amz-date",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        )
    }

    #[test]
    fn the_signatures_of_the_reference_are_right() {
        let body = b"Welcome to Amazon S3.";
        let put = request(
            "PUT",
            "/test$file.text",
            &[
                ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
            ],
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        );
        assert_eq!(REFERENCE.check(&put, body, at(0)), Ok(()));
        assert_eq!(REFERENCE.check(&get_object(), b"", at(14)), Ok(()));
        for (uri, signature) in [
            ("/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
            ("/?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
            ("/?prefix=J&max-keys=2", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
        ] {
            let signed = "host;x-amz-content-sha256;x-amz-date";
            let get = request("GET", uri, &[("x-amz-content-sha256", EMPTY)], signed, signature);
            assert_eq!(REFERENCE.check(&get, b"", at(0)), Ok(()), "{uri}");
        }
    }

    #[test]
    fn what_is_not_as_it_was_signed_is_refused() {
        let right = get_object;
        assert_eq!(REFERENCE.check(&right(), b"", at(16)), Err(SKEWED));
        assert_eq!(REFERENCE.check(&right(), b"x", at(0)), Err(OTHER_BODY));
        let changed = |name: &'static str, value: &'static str| {
            let mut head = right();
            head.headers.insert(name, value.parse().unwrap());
            REFERENCE.check(&head, b"", at(0))
        };
        assert_eq!(changed("range", "bytes=0-99"), Err(WRONG_SIGNATURE));
        assert_eq!(changed("x-amz-acl", "public-read"), Err(ACCESS_DENIED));
        assert_eq!(changed("authorization", "Basic x"), Err(MALFORMED));
        let mut moved = right();
        moved.uri = "/test.tx".parse().unwrap();
        assert_eq!(REFERENCE.check(&moved, b"", at(0)), Err(WRONG_SIGNATURE));
        let mut unsigned = right();
        unsigned.headers.remove("authorization");
        assert_eq!(REFERENCE.check(&unsigned, b"", at(0)), Err(ACCESS_DENIED));
        for (signer, refusal) in [
            (Signer { secret: "other", ..REFERENCE }, WRONG_SIGNATURE),
            (Signer { key: "OTHER", ..REFERENCE }, UNKNOWN_KEY),
            (Signer { region: "eu-west-1", ..REFERENCE }, MALFORMED),
        ] {
            assert_eq!(signer.check(&right(), b"", at(0)), Err(refusal));
        }
    }
}
