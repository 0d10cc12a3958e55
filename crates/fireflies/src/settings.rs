//! Which Fireflies is asked, with which key, and how patiently.

use crate::FirefliesError;
use kernel::{Clock, Secret};
use std::time::Duration;
use url::Url;

/// No time is set longer than this; a clock cannot reckon with every number.
const LONGEST: Duration = Duration::from_hours(24);

/// How a client asks. `Debug` shows no key.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where Fireflies answers, with its path; `https://api.fireflies.ai/graphql`.
    pub url: Url,
    /// The key.
    pub key: Secret,
    /// Time for one request with its whole answer; 60 s.
    pub timeout: Duration,
    /// How long a Fireflies that failed five times in a row is left alone; 60 s.
    pub rest: Duration,
    /// The time of day, to tell how long a wait is that Fireflies asks for.
    pub clock: Clock,
}

impl Settings {
    /// The usual settings.
    pub fn new(key: Secret) -> Self {
        Self {
            url: Url::parse("https://api.fireflies.ai/graphql").expect("an address written here"),
            key,
            timeout: Duration::from_mins(1),
            rest: Duration::from_mins(1),
            clock: Clock::system(),
        }
    }

    /// The same with an address that can be asked and a key that can be sent.
    pub(crate) fn checked(mut self) -> Result<Self, FirefliesError> {
        remote::http::check(&self.url)
            .map_err(|why| FirefliesError::Settings(format!("the address of Fireflies {why}")))?;
        // Without the line end that came along.
        self.key = Secret::new(self.key.expose().trim());
        if self.key.expose().is_empty() {
            return Err(FirefliesError::Settings(
                "set the API key of Fireflies: Fireflies shows it under Integrations, Fireflies API".to_owned(),
            ));
        }
        self.timeout = self.timeout.min(LONGEST);
        self.rest = self.rest.min(LONGEST);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_asked_is_refused_without_being_shown() {
        for address in ["http://api.fireflies.ai/graphql", "https://me:sesame@host/", "https://host/?key=sesame"] {
            let settings = Settings { url: address.parse().unwrap(), ..Settings::new(Secret::new("key")) };
            let error = settings.checked().unwrap_err();
            assert!(matches!(error, FirefliesError::Settings(_)), "{address}");
            assert!(!format!("{error} {error:?}").contains("sesame"), "{error}");
        }
    }

    #[test]
    fn a_key_is_taken_without_its_line_end_and_none_is_refused() {
        let checked = |key: &str| Settings::new(Secret::new(key)).checked();
        assert_eq!(checked(" sesame\n").unwrap().key.expose(), "sesame");
        let none = checked(" \n").unwrap_err().to_string();
        assert!(none.contains("API key"), "{none}");
    }
}
