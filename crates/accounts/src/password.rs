//! Passwords: kept as Argon2id hashes, refused where they are easily guessed.

use crate::AccountError;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

use kernel::Secret;
use std::sync::LazyLock;
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// A hash takes 19 MB and some 20 ms of a core, so that no more are made at once than there are cores.
static HASHING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(available_parallelism().map_or(2, usize::from)));
/// How long somebody waits in line for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// The letters of a password alone stand this many guesses (as a power of ten), or the digits and signs around them are all there is to guess.
const LETTERS: f64 = 6.0;

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
        // `Summer2025!!`: a word that everybody takes, with a year and signs. Lists of breaches are full of them in all variants.
        let letters: String = password.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
        let told: Vec<String> =
            about.iter().flat_map(|text| text.split(['@', '.', ' '])).map(str::to_lowercase).collect();
        let told: Vec<&str> = told.iter().map(String::as_str).chain(about.iter().copied()).collect();
        if letters.chars().count() < 3 || zxcvbn::zxcvbn(&letters, &told).guesses_log10() >= LETTERS {
            return Ok(());
        }
        return Err("it is one word with digits and signs around it, which are tried first; take a few words that do not belong together".to_owned());
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

/// The hash of a password that was found good.
#[derive(Clone)]
pub struct Hashed(String);

impl Hashed {
    /// In PHC form.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Checks a password that somebody chose, and hashes it. `field` is what it is called where it comes from. Not within a transaction: it takes time.
///
/// # Errors
/// [`AccountError::Field`] where it is refused, [`AccountError::Busy`] where too many wait in line.
pub async fn chosen(field: &'static str, password: &Secret, about: &[&str]) -> Result<Hashed, AccountError> {
    check(password.expose(), about).map_err(|why| AccountError::Field(field, why))?;
    let password = password.clone();
    in_line(move || Hashed(hash(password.expose()))).await
}

/// Whether this is the password. Takes as long where there is none.
///
/// # Errors
/// [`AccountError::Busy`] where too many wait in line.
pub(crate) async fn verified(password: &Secret, kept: Option<String>) -> Result<bool, AccountError> {
    let password = password.clone();
    in_line(move || verify(password.expose(), kept.as_deref())).await
}

async fn in_line<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AccountError> {
    let turn = timeout(PATIENCE, HASHING.acquire()).await.map_err(|_| AccountError::Busy)?;
    let _turn = turn.expect("it is never closed");
    Ok(spawn_blocking(work).await.expect("hashing does not panic"))
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
            ("Admin@12345", &[]),
            ("!QAZ2wsx#EDC", &[]),
            ("Summer2025!!", &[]),
            ("Acme2026!!!!", &["dana@acme.com"]),
        ] {
            assert!(check(password, about).is_err(), "{password}");
        }
        assert!(check(&"x7".repeat(200), &[]).unwrap_err().contains("at most 256 bytes"));
        for password in ["plover marble evening 9", "tB7#kq92LmvZ", "seven-pallets-over-oslo"] {
            assert_eq!(check(password, &["Dana"]), Ok(()), "{password}");
        }
    }
}
