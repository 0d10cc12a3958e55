//! Which service is asked for embeddings, with which key, and how patiently.

use crate::EmbedError;
use kernel::{Clock, Secret};
use std::time::Duration;
use url::Url;

/// No time is set longer than this; a clock cannot reckon with every number.
const LONGEST: Duration = Duration::from_hours(24);

/// Numbers of a vector of the models whose makers say so.
const KNOWN: [(&str, usize); 3] =
    [("text-embedding-3-small", 1_536), ("text-embedding-3-large", 3_072), ("text-embedding-ada-002", 1_536)];

/// How a service is asked that speaks `OpenAI`'s protocol. `Debug` shows no key.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it answers, without user, query or fragment; `https://api.openai.com/v1`.
    pub base_url: Url,
    /// The key, if it needs one.
    pub key: Option<Secret>,
    /// The model: `text-embedding-3-small`.
    pub model: String,
    /// Numbers of a vector; none where they are known, which are 1536 and 3072 for the models of `OpenAI`. Those can also be asked for fewer.
    pub dimensions: Option<usize>,
    /// Time for one request with all its repetitions; 60 s.
    pub deadline: Duration,
    /// Time to connect; 5 s.
    pub connect: Duration,
    /// Requests under way at the same time; 4. More wait for their turn, which is not counted in the deadline.
    pub at_once: usize,
    /// How often a failed request is sent again; 2.
    pub retries: u32,
    /// The first wait before a request is sent again where the service names none; 0.5 s, doubled each time.
    pub backoff: Duration,
    /// How long a service that failed five times in a row is left alone; 60 s.
    pub rest: Duration,
    /// The time of day, for answers that name one to come back at without saying what time it is there.
    pub clock: Clock,
}

impl Settings {
    /// The usual settings for a model of `OpenAI`.
    pub fn new(model: impl Into<String>) -> Self {
        Self {
            base_url: Url::parse("https://api.openai.com/v1").expect("an address written here"),
            key: None,
            model: model.into(),
            dimensions: None,
            deadline: Duration::from_mins(1),
            connect: Duration::from_secs(5),
            at_once: 4,
            retries: 2,
            backoff: Duration::from_millis(500),
            rest: Duration::from_mins(1),
            clock: Clock::system(),
        }
    }

    /// The same with an address that can be asked, a key that can be sent, and dimensions.
    pub(crate) fn checked(mut self) -> Result<(Self, usize), EmbedError> {
        let refused = |why: String| Err(EmbedError::Settings(why));
        if let Err(why) = remote::http::check(&self.base_url) {
            return refused(format!("the address of the service for embeddings {why}"));
        }
        self.model = self.model.trim().to_owned();
        if self.model.is_empty() {
            return refused("set the model of the service for embeddings, as text-embedding-3-small".to_owned());
        }
        // Without the line end that came along.
        self.key = self.key.map(|key| Secret::new(key.expose().trim())).filter(|key| !key.expose().is_empty());
        let Some(dimensions) = self.dimensions.or(self.own_dimensions()).filter(|dimensions| *dimensions > 0) else {
            let model = &self.model;
            return refused(format!("set how many dimensions the embeddings of {model} have, as its makers say"));
        };
        self.deadline = self.deadline.min(LONGEST);
        self.connect = self.connect.min(LONGEST);
        self.rest = self.rest.min(LONGEST);
        Ok((self, dimensions))
    }

    /// Numbers of a vector if nothing else is asked for, where that is known.
    pub(crate) fn own_dimensions(&self) -> Option<usize> {
        KNOWN.iter().find(|(model, _)| *model == self.model).map(|(_, dimensions)| *dimensions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(settings: Settings) -> Result<usize, String> {
        settings.checked().map(|(_, dimensions)| dimensions).map_err(|error| error.to_string())
    }

    #[test]
    fn dimensions_are_known_or_to_be_set() {
        assert_eq!(checked(Settings::new("text-embedding-3-small")), Ok(1_536));
        assert_eq!(checked(Settings::new(" text-embedding-3-large\n")), Ok(3_072));
        assert_eq!(checked(Settings { dimensions: Some(256), ..Settings::new("text-embedding-3-large") }), Ok(256));
        assert_eq!(checked(Settings { dimensions: Some(768), ..Settings::new("nomic-embed-text") }), Ok(768));
        for dimensions in [None, Some(0)] {
            let error = checked(Settings { dimensions, ..Settings::new("nomic-embed-text") }).unwrap_err();
            assert!(error.contains("dimensions the embeddings of nomic-embed-text"), "{error}");
        }
        assert!(checked(Settings::new(" ")).unwrap_err().contains("set the model"));
    }

    #[test]
    fn an_address_that_cannot_be_asked_is_refused_without_being_shown() {
        for address in ["http://api.openai.com/v1", "https://me:sesame@host/", "https://host/?key=sesame"] {
            let settings = Settings { base_url: address.parse().unwrap(), ..Settings::new("text-embedding-3-small") };
            let error = checked(settings).unwrap_err();
            assert!(error.starts_with("the address of the service for embeddings must"), "{error}");
            assert!(!error.contains("sesame"), "{error}");
        }
    }

    #[test]
    fn a_key_is_taken_without_its_line_end() {
        let key = |key: &str| {
            let settings = Settings { key: Some(Secret::new(key)), ..Settings::new("text-embedding-3-small") };
            settings.checked().unwrap().0.key.map(|key| key.expose().to_owned())
        };
        assert_eq!(key(" sesame\n").as_deref(), Some("sesame"));
        assert_eq!(key(" \n"), None);
    }
}
