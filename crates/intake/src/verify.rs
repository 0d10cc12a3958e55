//! Whether a delivery comes from whom it must come from. One kind of proof a connection; no other is looked at.

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use kernel::{Secret, hex};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// By how much clocks may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);

/// What proves that a delivery is genuine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verifier {
    /// HMAC-SHA256 of the body, in hexadecimal, with or without `sha256=` before it.
    Hmac {
        /// What both sides know.
        secret: Secret,
    },
    /// A token (RS256) that names the address and the hash of the body, as Gong signs it.
    Jwt {
        /// SPKI in base64, with or without PEM's lines.
        public_key: String,
        /// The address as it stands in the service's settings, byte for byte.
        webhook_url: String,
    },
    /// A part of the address that nobody else knows.
    UrlKey {
        /// That part.
        key: Secret,
    },
}

/// What a delivery shows of itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown<'a> {
    /// The header with the signature: `X-Gong-Signature`.
    pub signature: Option<&'a str>,
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The last part of the address.
    pub key: Option<&'a str>,
}

/// Why a delivery is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// Nothing is shown.
    #[error("it has no signature")]
    Missing,
    /// What is shown is not what it must be.
    #[error("its signature is wrong")]
    Wrong,
    /// The token is of another time.
    #[error("its token has expired")]
    Expired,
    /// The token is for another address.
    #[error("its token is for another address; compare the connection's webhook_url with the one in Gong")]
    Address,
    /// The token is for another body.
    #[error("its token is for another body")]
    Body,
    /// The key of the connection is none.
    #[error("the connection's public key is no key; copy it from Gong again")]
    Key,
}

#[derive(Deserialize)]
struct Claims {
    webhook_url: String,
    body_sha256: String,
    exp: i64,
}

impl Verifier {
    /// Checks a delivery with this body, as it came.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, shown: &Shown<'_>, body: &[u8], now: DateTime<Utc>) -> Result<(), Unproven> {
        match self {
            Self::Hmac { secret } => {
                let given = shown.signature.ok_or(Unproven::Missing)?.trim();
                let given = unhex(given.strip_prefix("sha256=").unwrap_or(given)).ok_or(Unproven::Wrong)?;
                // Compares in constant time.
                mac(secret, body).verify_slice(&given).map_err(|_| Unproven::Wrong)
            }
            Self::UrlKey { key } => {
                let given = shown.key.ok_or(Unproven::Missing)?;
                // Hashes of both, so that time tells nothing of either.
                let given = mac(key, given.as_bytes()).finalize().into_bytes();
                mac(key, key.expose().as_bytes()).verify_slice(&given).map_err(|_| Unproven::Wrong)
            }
            Self::Jwt { public_key, webhook_url } => {
                let token = shown.authorization.ok_or(Unproven::Missing)?.trim();
                let scheme = token.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer "));
                let token = scheme.map_or(token, |scheme| token[scheme.len()..].trim());
                let claims = claims(token, public_key)?;
                match () {
                    () if claims.exp < (now - LEEWAY).timestamp() => Err(Unproven::Expired),
                    () if claims.webhook_url != *webhook_url => Err(Unproven::Address),
                    () if claims.body_sha256 != hex(&Sha256::digest(body)) => Err(Unproven::Body),
                    () => Ok(()),
                }
            }
        }
    }

    /// Whether its key is one.
    ///
    /// # Errors
    /// [`Unproven::Key`] where it is none.
    pub fn is_usable(&self) -> Result<(), Unproven> {
        match self {
            Self::Jwt { public_key, .. } => decoding_key(public_key).map(|_| ()),
            Self::Hmac { .. } | Self::UrlKey { .. } => Ok(()),
        }
    }
}

fn mac(secret: &Secret, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    mac
}

fn claims(token: &str, public_key: &str) -> Result<Claims, Unproven> {
    // RS256 alone, whatever the token says of itself. Its time is checked against our clock, not the library's.
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = decoding_key(public_key)?;
    decode::<Claims>(token, &key, &validation).map(|found| found.claims).map_err(|_| Unproven::Wrong)
}

/// The key as Gong shows it: base64 of an SPKI in DER, without the lines of PEM, which it may also have.
fn decoding_key(public_key: &str) -> Result<DecodingKey, Unproven> {
    let base64: String = public_key
        .lines()
        .filter(|line| !line.trim_start().starts_with("-----"))
        .flat_map(str::split_whitespace)
        .collect();
    let der = BASE64_STANDARD.decode(&base64).map_err(|_| Unproven::Key)?;
    // The decoding key takes any bytes.
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &der).map_err(|_| Unproven::Key)?;
    Ok(DecodingKey::from_rsa_der(&der))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|char| char.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests;
