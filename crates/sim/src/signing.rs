//! Deliveries of webhooks: how they are signed, and how somebody else would sign them.

use axum::body::Bytes;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kernel::hex;
use serde_json::Value;
use sha2::Sha256;

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
    /// HMAC-SHA256 of the body with this secret in hexadecimal. Of Gong's: `X-Gong-Signature`, at times behind `sha256=`; Gong itself does not do
    /// this, relays do. Of Fireflies': `X-Hub-Signature`, behind `sha256=`.
    Hmac(String),
    /// `Authorization`: a JWT (RS256) that names the address and the body. Gong alone does this.
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
    /// The service's own.
    Genuine,
    /// Gong's own, as its button for testing sends it: `isTest` is true. Of Fireflies as [`Self::Genuine`].
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
    /// Whether it is the service's own.
    pub genuine: bool,
}

/// The signature of this body, if it has one.
pub(crate) fn by_hmac(secret: &str, body: &[u8], how: How) -> Option<String> {
    let key = match how {
        How::Forged(Forgery::Unsigned) => return None,
        How::Genuine | How::Test | How::Forged(Forgery::Changed) => secret,
        How::Forged(_) => "somebody else's secret",
    };
    Some(hex(&hmac(key.as_bytes(), body)))
}

/// The token for these claims, if there is one.
pub(crate) fn by_jwt(key: &KeyPair, claims: &Value, how: How) -> Option<String> {
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

/// HMAC-SHA256.
pub(crate) fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
