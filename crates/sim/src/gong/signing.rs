//! Deliveries of webhooks: how they are signed, and how somebody else would sign them.

use super::page::{hex, hmac};
use super::request::Selector;
use super::world::For;
use super::{Desk, Ring, calls};
use axum::body::Bytes;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// How long a signed token is good, and how far an expired one is past it: receivers may allow a minute or so.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);
const LONG_AGO: TimeDelta = TimeDelta::hours(-1);

/// A pair of RSA keys, each bare base64 of its DER without PEM's armour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPair {
    /// PKCS#1.
    pub private: String,
    /// SPKI, as Gong's pages show it.
    pub public: String,
}

impl Default for KeyPair {
    /// A throwaway key, made with openssl for these tests and used nowhere else.
    fn default() -> Self {
        Self {
            private: include_str!("keys/rule.private").trim().to_owned(),
            public: include_str!("keys/rule.public").trim().to_owned(),
        }
    }
}

/// The private key of somebody else, as throwaway as the other.
const STRANGER: &str = include_str!("keys/stranger.private");

/// How a receiver may know where a delivery comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signing {
    /// `X-Gong-Signature`: HMAC-SHA256 of the body with this secret in hexadecimal, at times behind `sha256=`. Gong itself does not do this;
    /// relays do.
    Hmac(String),
    /// `Authorization`: a JWT (RS256) that names the address and the body.
    Jwt {
        /// The key of the rule.
        key: KeyPair,
        /// The address as it was configured.
        webhook_url: String,
    },
    /// Nothing is added: a part of the address is the secret.
    Key,
}

/// What a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Gong's own.
    Genuine,
    /// Gong's own, as its button for testing sends it: `isTest` is true.
    Test,
    /// Somebody else's. It tells of a call that does not exist.
    Forged(Forgery),
}

/// How a delivery is forged. Where the kind of signing knows none of its sort it is as [`Forgery::WrongKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgery {
    /// There is no signature.
    Unsigned,
    /// Signed with another key; for [`Signing::Key`], sent to another address.
    WrongKey,
    /// The signature is genuine, and of another body.
    Changed,
    /// JWT: signed with the right key, and expired an hour ago.
    Expired,
    /// JWT: signed with the right key, for another address.
    OtherUrl,
    /// JWT: signed by HS256 with the public key as its secret.
    Symmetric,
    /// JWT: it says that it has no signature.
    NoAlgorithm,
}

impl Signing {
    /// The ways in which deliveries that are signed so can be forged.
    pub fn forgeries(&self) -> &'static [Forgery] {
        use Forgery::{Changed, Expired, NoAlgorithm, OtherUrl, Symmetric, Unsigned, WrongKey};
        match self {
            Self::Hmac(_) => &[Unsigned, WrongKey, Changed],
            Self::Jwt { .. } => &[Unsigned, WrongKey, Changed, Expired, OtherUrl, Symmetric, NoAlgorithm],
            Self::Key => &[WrongKey],
        }
    }
}

/// A request to a receiver: a POST of `body` to `url` with `headers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The id of the call that it tells of.
    pub call: String,
    /// Where it goes.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// JSON.
    pub body: Bytes,
    /// Whether it is Gong's own.
    pub genuine: bool,
}

impl Desk {
    /// A delivery of a call, whether it has finished or not; there must be a ring.
    pub(super) fn delivery(&self, ring: &Ring, number: u32, how: How) -> Delivery {
        let mut said = json!({
            "callData": calls::at_length(self, number, &Selector::everything(), &[]),
            "isTest": ring.is_test || how == How::Test,
        });
        if ring.ids {
            said["gong_webhook_id"] = format!("wh-{}", self.world.id(number)).into();
        }
        let mut delivery = Delivery {
            call: self.world.id(number),
            url: ring.url.clone(),
            headers: Vec::new(),
            body: Bytes::from(said.to_string()),
            genuine: true,
        };
        let mut signed = delivery.body.clone();
        if let How::Forged(forgery) = how {
            delivery.genuine = false;
            delivery.call = self.world.speaker_id(number, 5);
            delivery.body = forged(said, &delivery.call);
            if forgery != Forgery::Changed {
                signed = delivery.body.clone();
            }
            if ring.signing == Signing::Key {
                let last = delivery.url.pop();
                delivery.url.push(if last == Some('x') { 'y' } else { 'x' });
            }
        }
        delivery.headers = self.headers(ring, number, &signed, how);
        delivery
    }

    /// The headers of a delivery that sign this body.
    pub(super) fn headers(&self, ring: &Ring, number: u32, body: &[u8], how: How) -> Vec<(String, String)> {
        // By the machine's time: a receiver does not hurry as the simulator may.
        let now = self.settings.time.clock().now();
        let signature = match &ring.signing {
            Signing::Key => None,
            Signing::Hmac(secret) => {
                let prefixed = self.world.dice(For::Ring, u64::from(number) + (1 << 40)).chance(0.5);
                by_hmac(secret, body, how).map(|signature| {
                    let prefix = if prefixed { "sha256=" } else { "" };
                    ("x-gong-signature".to_owned(), format!("{prefix}{signature}"))
                })
            }
            Signing::Jwt { key, webhook_url } => {
                let lifetime = if how == How::Forged(Forgery::Expired) { LONG_AGO } else { LIFETIME };
                let other = how == How::Forged(Forgery::OtherUrl);
                let claims = json!({
                    "webhook_url": if other { "https://elsewhere.example/hook" } else { webhook_url },
                    "body_sha256": hex(&Sha256::digest(body)),
                    "exp": (now + lifetime).timestamp(),
                });
                by_jwt(key, &claims, how).map(|token| ("authorization".to_owned(), token))
            }
        };
        let kind = ("content-type".to_owned(), "application/json".to_owned());
        std::iter::once(kind).chain(signature).collect()
    }
}

/// The body of a delivery that somebody made up from another.
fn forged(mut said: Value, call: &str) -> Bytes {
    said["callData"]["metaData"]["id"] = call.into();
    said["callData"]["metaData"]["title"] = "A call that never was".into();
    said["isTest"] = false.into();
    if said.get("gong_webhook_id").is_some() {
        said["gong_webhook_id"] = format!("wh-{call}").into();
    }
    Bytes::from(said.to_string())
}

fn by_hmac(secret: &str, body: &[u8], how: How) -> Option<String> {
    let key = match how {
        How::Forged(Forgery::Unsigned) => return None,
        How::Genuine | How::Test | How::Forged(Forgery::Changed) => secret,
        How::Forged(_) => "somebody else's secret",
    };
    Some(hex(&hmac(key.as_bytes(), body)))
}

fn by_jwt(key: &KeyPair, claims: &Value, how: How) -> Option<String> {
    let der = |text: &str| BASE64_STANDARD.decode(text.trim()).expect("keys are base64");
    let (algorithm, key) = match how {
        How::Forged(Forgery::Unsigned) => return None,
        How::Forged(Forgery::NoAlgorithm) => {
            let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
            return Some(format!("{}.{}.", part(r#"{"alg":"none","typ":"JWT"}"#), part(&claims.to_string())));
        }
        How::Forged(Forgery::Symmetric) => (Algorithm::HS256, EncodingKey::from_secret(&der(&key.public))),
        How::Forged(Forgery::WrongKey) => (Algorithm::RS256, EncodingKey::from_rsa_der(&der(STRANGER))),
        _ => (Algorithm::RS256, EncodingKey::from_rsa_der(&der(&key.private))),
    };
    Some(encode(&Header::new(algorithm), claims, &key).expect("a private key in PKCS#1"))
}
