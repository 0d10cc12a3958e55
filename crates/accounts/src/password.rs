//! Passwords: kept as Argon2id hashes, refused where they are easily guessed.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

/// Fewest characters.
const SHORTEST: usize = 10;
/// Most bytes: hashing takes time in the length of what anybody sends.
const LONGEST: usize = 256;
/// From this score of zxcvbn (0 to 4) on a password stands guessing: it knows the passwords of known breaches, names, dates and keyboard walks.
const STRONG: zxcvbn::Score = zxcvbn::Score::Three;

/// Why a password is refused, in a sentence for who chose it. `about` is what others know of them: name, mail address.
///
/// # Errors
/// The sentence.
pub fn check(password: &str, about: &[&str]) -> Result<(), String> {
    if password.chars().count() < SHORTEST {
        return Err(format!("take at least {SHORTEST} characters"));
    }
    if password.len() > LONGEST {
        return Err(format!("take at most {LONGEST} bytes"));
    }
    let guessed = zxcvbn::zxcvbn(password, about);
    if guessed.score() >= STRONG {
        return Ok(());
    }
    let why = guessed.feedback().and_then(zxcvbn::feedback::Feedback::warning).map(|warning| warning.to_string());
    Err(match why {
        Some(why) => format!("it is among the first that are tried: {}", why.trim_end_matches('.')),
        None => "it is easily guessed; a few words that do not belong together are better".to_owned(),
    })
}

/// The hash of a password in PHC form, with a salt of its own. Takes some 20 ms of a core: not for an async thread.
pub(crate) fn hash(password: &str) -> String {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.expect("the length is bounded and the parameters are the library's").to_string()
}

/// Whether this is the password. Takes as long where there is none, so that nobody learns by the time who has an account.
pub(crate) fn verify(password: &str, kept: Option<&str>) -> bool {
    /// Of nobody's password.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c2lkZWxpbmUtbm9ib2R5$9GqkT9XvGZ0m0pWmX1n1vHq2xZ3Jc1vQe8m3o5b7n0E";
    let Ok(hash) = PasswordHash::new(kept.unwrap_or(NOBODY)) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && kept.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_password_is_known_by_its_hash_alone() {
        let (one, other) = (hash("correct horse battery"), hash("correct horse battery"));
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && one != other, "each has a salt of its own");
        assert!(verify("correct horse battery", Some(&one)) && !verify("correct horse batterz", Some(&one)));
        assert!(!verify("", None) && !verify("x", Some("no hash")));
    }

    #[test]
    fn nobody_takes_as_long_as_somebody() {
        let somebody = hash("correct horse battery");
        let time = |kept: Option<&str>| {
            let start = Instant::now();
            for _ in 0..3 {
                verify("wrong", kept);
            }
            start.elapsed().as_secs_f64()
        };
        let (known, unknown) = (time(Some(&somebody)), time(None));
        assert!(unknown > known / 3.0, "{unknown} s against {known} s");
    }

    #[test]
    fn passwords_that_are_tried_first_are_refused() {
        for (password, about) in [
            ("password123", &[][..]),
            ("qwertyuiop", &[]),
            ("1234567890", &[]),
            ("iloveyou2026", &[]),
            ("danawhitlock", &["Dana Whitlock", "dana.whitlock@acme.example"]),
            ("tiny", &[]),
        ] {
            assert!(check(password, about).is_err(), "{password}");
        }
        assert!(check(&"x7".repeat(200), &[]).unwrap_err().contains("at most 256 bytes"));
        for password in ["plover marble evening 9", "tB7#kq92LmvZ", "seven-pallets-over-oslo"] {
            assert_eq!(check(password, &["Dana"]), Ok(()), "{password}");
        }
    }
}
