//! Which service is asked, with which key, and how patiently.

use crate::LlmError;
use kernel::{Clock, Secret};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use url::Url;

/// No time is set longer than this; a clock cannot reckon with every number.
const LONGEST: Duration = Duration::from_hours(24 * 30);

/// What kind of service it is: two protocols, the second in the flavours of its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Anthropic's Messages API.
    Anthropic,
    /// `OpenAI`'s chat completions, and any other service that speaks them as `OpenAI` does.
    #[serde(rename = "openai")]
    OpenAi,
    /// Ollama's chat completions.
    Ollama,
    /// Those of the server of llama.cpp.
    #[serde(rename = "llamacpp")]
    LlamaCpp,
    /// Those of vLLM.
    Vllm,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Anthropic, Self::OpenAi, Self::Ollama, Self::LlamaCpp, Self::Vllm];

    /// Name as in settings and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Ollama => "ollama",
            Self::LlamaCpp => "llamacpp",
            Self::Vllm => "vllm",
        }
    }

    /// Where it answers if nothing else is said: the services at their makers, the servers on this machine.
    pub fn base_url(self) -> Url {
        let address = match self {
            Self::Anthropic => "https://api.anthropic.com",
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Ollama => "http://localhost:11434/v1",
            Self::LlamaCpp => "http://localhost:8080/v1",
            Self::Vllm => "http://localhost:8000/v1",
        };
        Url::parse(address).expect("an address written here")
    }

    /// Whether it speaks the Messages API; all others speak chat completions.
    pub(crate) fn is_anthropic(self) -> bool {
        self == Self::Anthropic
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// It is no provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no provider: anthropic, openai, ollama, llamacpp or vllm")]
pub struct UnknownProvider(String);

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, UnknownProvider> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text).ok_or_else(|| UnknownProvider(text.to_owned()))
    }
}

/// How a client asks. `Debug` shows no key.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The kind of service.
    pub provider: Provider,
    /// Where it answers, without user, query or fragment; a path stays, as `/v1` of the chat completions.
    pub base_url: Url,
    /// The key, if it needs one.
    pub key: Option<Secret>,
    /// Time for one question with all its repetitions; 600 s.
    pub deadline: Duration,
    /// Time to connect; 5 s.
    pub connect: Duration,
    /// Questions under way at the same time; 8. More wait for their turn, which is not counted in the deadline.
    pub at_once: usize,
    /// How often a failed request is sent again; 2.
    pub retries: u32,
    /// The first wait before a request is sent again where the service names none; 0.5 s, doubled each time up to 16 times itself.
    pub backoff: Duration,
    /// How long a service that failed five times in a row is left alone; 60 s.
    pub rest: Duration,
    /// The time of day, for answers that name one to come back at without saying what time it is there.
    pub clock: Clock,
}

impl Settings {
    /// The usual settings for a provider.
    pub fn new(provider: Provider) -> Self {
        Self {
            provider,
            base_url: provider.base_url(),
            key: None,
            deadline: Duration::from_mins(10),
            connect: Duration::from_secs(5),
            at_once: 8,
            retries: 2,
            backoff: Duration::from_millis(500),
            rest: Duration::from_mins(1),
            clock: Clock::system(),
        }
    }

    /// The address of something the service offers, by its path below the base: `["chat", "completions"]`.
    pub(crate) fn address(&self, path: &[&str]) -> Url {
        let mut url = self.base_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// The same with a base that can be asked.
    pub(crate) fn checked(mut self) -> Result<Self, LlmError> {
        let wrong = |what: &str| Err(LlmError::Settings(what.to_owned()));
        let url = &mut self.base_url;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return wrong("the address of the model's service must begin with http:// or https:// and name a host");
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return wrong(
                "the address of the model's service must have no user, password, query or fragment; a key has a setting of its own",
            );
        }
        // Many write the base with the version, as that of the chat completions; here the version is part of the path below it.
        if self.provider.is_anthropic() {
            let path = url.path().trim_end_matches('/').to_owned();
            if let Some(above) = path.strip_suffix("/v1") {
                url.set_path(above);
            }
        }
        self.deadline = self.deadline.min(LONGEST);
        self.rest = self.rest.min(LONGEST);
        self.key = self.key.map(|key| key.expose().trim().to_owned()).filter(|key| !key.is_empty()).map(Secret::new);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_has_one_name_everywhere() {
        for provider in Provider::ALL {
            assert_eq!(provider.to_string().parse(), Ok(provider));
            assert_eq!(serde_json::to_string(&provider).unwrap(), format!("\"{provider}\""));
            assert_eq!(serde_json::from_str::<Provider>(&format!("\"{provider}\"")).unwrap(), provider);
        }
        let error = "chatgpt".parse::<Provider>().unwrap_err().to_string();
        assert!(error.contains("`chatgpt`") && error.contains("ollama"), "{error}");
    }

    #[test]
    fn what_is_offered_lies_below_the_base_however_that_is_written() {
        let at = |provider, base: &str| {
            let settings = Settings { base_url: Url::parse(base).unwrap(), ..Settings::new(provider) };
            settings.checked().unwrap().address(&["v1", "models", "a/b c"]).to_string()
        };
        for base in ["http://gate:9/llm", "http://gate:9/llm/", "http://gate:9/llm/v1", "http://gate:9/llm/v1/"] {
            assert_eq!(at(Provider::Anthropic, base), "http://gate:9/llm/v1/models/a%2Fb%20c", "{base}");
        }
        assert_eq!(at(Provider::Vllm, "http://gate:9"), "http://gate:9/v1/models/a%2Fb%20c");
    }

    #[test]
    fn an_address_that_cannot_be_asked_is_refused_without_being_shown() {
        for address in
            ["ftp://host/", "data:text", "https://me:sesame@host/", "https://host/?key=sesame", "https://host/#x"]
        {
            let settings = Settings { base_url: Url::parse(address).unwrap(), ..Settings::new(Provider::OpenAi) };
            let error = settings.checked().unwrap_err();
            assert!(matches!(error, LlmError::Settings(_)), "{address}");
            assert!(!format!("{error} {error:?}").contains("sesame"));
        }
    }

    #[test]
    fn a_key_is_taken_without_the_line_end_that_came_along_and_is_not_shown() {
        let settings = Settings { key: Some(Secret::new(" sk-sesame\n")), ..Settings::new(Provider::OpenAi) };
        assert!(!format!("{settings:?}").contains("sesame"));
        let settings = settings.checked().unwrap();
        assert_eq!(settings.key.unwrap().expose(), "sk-sesame");
        let none = Settings { key: Some(Secret::new("\n")), ..Settings::new(Provider::OpenAi) };
        assert_eq!(none.checked().unwrap().key, None);
    }
}
