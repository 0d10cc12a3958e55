//! Secrets of connections, as they lie in the database: sealed (AES-256-GCM) with a key that is not in it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kernel::Secret;
use std::fmt;
use std::sync::Arc;

/// Bytes of a key.
pub const KEY: usize = 32;
const NONCE: usize = 12;

/// Seals and opens. Clones share the key.
#[derive(Clone)]
pub struct Sealer(Arc<RandomizedNonceKey>);

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

/// What is sealed cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key is no key.
    #[error("the secret key must be {KEY} random bytes in base64, as `openssl rand -base64 32` prints them")]
    Key,
    /// It was sealed with another key, or changed.
    #[error(
        "its secrets were sealed with another key: set `secret_key` to the one they were sealed with, or enter them again"
    )]
    Sealed,
}

impl Sealer {
    /// With a key in base64.
    ///
    /// # Errors
    /// [`SealError::Key`] where it is none.
    pub fn new(key: &Secret) -> Result<Self, SealError> {
        let bytes = BASE64_STANDARD.decode(key.expose().trim()).map_err(|_| SealError::Key)?;
        if bytes.len() != KEY {
            return Err(SealError::Key);
        }
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| SealError::Key)?;
        Ok(Self(Arc::new(key)))
    }

    /// A new key in base64.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new_key() -> Result<Secret, SealError> {
        let mut key = [0; KEY];
        aws_lc_rs::rand::fill(&mut key).map_err(|_| SealError::Key)?;
        Ok(Secret::new(BASE64_STANDARD.encode(key)))
    }

    /// A secret that can be opened for the same `place` alone: copied to another row it is of no use.
    pub(crate) fn seal(&self, place: &str, text: &str) -> Result<String, SealError> {
        let mut bytes = text.as_bytes().to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(place), &mut bytes).map_err(|_| SealError::Key)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut bytes);
        Ok(BASE64_STANDARD.encode(sealed))
    }

    /// What was sealed for `place`.
    pub(crate) fn open(&self, place: &str, sealed: &str) -> Result<String, SealError> {
        let mut bytes = BASE64_STANDARD.decode(sealed).map_err(|_| SealError::Sealed)?;
        if bytes.len() < NONCE {
            return Err(SealError::Sealed);
        }
        let mut rest = bytes.split_off(NONCE);
        let nonce = Nonce::try_assume_unique_for_key(&bytes).map_err(|_| SealError::Sealed)?;
        let opened = self.0.open_in_place(nonce, Aad::from(place), &mut rest).map_err(|_| SealError::Sealed)?;
        String::from_utf8(opened.to_vec()).map_err(|_| SealError::Sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_at_the_same_place_alone() {
        let (key, other) = (Sealer::new_key().unwrap(), Sealer::new_key().unwrap());
        let sealer = Sealer::new(&key).unwrap();
        let sealed = sealer.seal("gong", "sésame").unwrap();
        assert!(!sealed.contains("same") && sealed != sealer.seal("gong", "sésame").unwrap());
        assert_eq!(Sealer::new(&key).unwrap().open("gong", &sealed).unwrap(), "sésame");
        assert_eq!(Sealer::new(&other).unwrap().open("gong", &sealed), Err(SealError::Sealed));
        assert_eq!(sealer.open("other", &sealed), Err(SealError::Sealed));
        for broken in ["", "AAAA", "no base64!", &sealed[..sealed.len() - 8]] {
            assert_eq!(sealer.open("gong", broken), Err(SealError::Sealed), "{broken}");
        }
        assert_eq!(format!("{sealer:?}"), "Sealer(…)");
        for none in ["", "c2hvcnQ=", "not base64"] {
            assert_eq!(Sealer::new(&Secret::new(none)).unwrap_err(), SealError::Key);
        }
    }
}
