//! The model that judges, by the settings: the one place where a real client is made.

use coaching::{Analyst, Limits, Model};
use kernel::{Clock, Secret};
use llm::{Client, PriceTable, Provider, Settings};
use std::path::PathBuf;
use std::time::Duration;

/// The model that is used at Anthropic where none is named.
const USUAL: &str = "claude-sonnet-5-5";

/// The settings of a model, as they are written.
#[derive(Debug, Clone, Default)]
pub struct Written {
    pub provider: String,
    pub model: String,
    pub url: String,
    pub key: String,
    pub context: u64,
    pub timeout: Duration,
    pub at_once: usize,
    /// US dollars.
    pub budget_day: u64,
    /// US dollars.
    pub budget_month: u64,
    pub prices: String,
}

/// A model that is set up.
#[derive(Debug, Clone)]
pub struct SetUp {
    name: String,
    settings: Settings,
    context: u64,
    limits: Limits,
    prices: Option<PathBuf>,
}

impl Written {
    /// The model that these settings name; `env` reads keys that other programs know by a name of their own.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn checked(self, env: impl Fn(&str) -> Result<Option<String>, String>) -> Result<Option<SetUp>, String> {
        let provider = match self.provider.as_str() {
            "none" => return Ok(None),
            "" if !self.url.is_empty() => Provider::OpenAi,
            "" if env("ANTHROPIC_API_KEY")?.is_some() => Provider::Anthropic,
            "" if self.model.is_empty() && self.key.is_empty() => return Ok(None),
            "" => {
                return Err(
                    "model_provider: say whose model it is: anthropic, openai, ollama, llamacpp or vllm".to_owned()
                );
            }
            name => name.parse().map_err(|error| format!("model_provider: {error}"))?,
        };
        let usual = Settings::new(provider);
        let base_url = match self.url.as_str() {
            "" => usual.base_url.clone(),
            url => {
                url.parse().map_err(|_| "model_url: it is no address such as http://localhost:11434/v1".to_owned())?
            }
        };
        // A key that was not given to us for this address is the maker's, and nobody else may see it.
        let at_maker = base_url.host_str() == usual.base_url.host_str() && base_url.scheme() == "https";
        let key = match (self.key.as_str(), provider) {
            ("", Provider::Anthropic) if at_maker => env("ANTHROPIC_API_KEY")?,
            ("", Provider::OpenAi) if at_maker => env("OPENAI_API_KEY")?,
            ("", _) => None,
            (key, _) => Some(key.to_owned()),
        };
        // A service of one's own may need no key; the makers' do.
        if key.is_none() && at_maker && matches!(provider, Provider::Anthropic | Provider::OpenAi) {
            return Err(format!(
                "model_key: {provider} needs a key; set it, or {}",
                if provider == Provider::Anthropic { "ANTHROPIC_API_KEY" } else { "OPENAI_API_KEY" }
            ));
        }
        let name = match (self.model.as_str(), provider) {
            ("", Provider::Anthropic) => USUAL.to_owned(),
            ("", _) => return Err(format!("model: say which model of {provider} judges")),
            (name, _) => name.to_owned(),
        };
        let budget = |dollars: u64| Some(dollars * 1_000_000).filter(|micros| *micros > 0);
        Ok(Some(SetUp {
            name,
            settings: Settings {
                base_url,
                key: key.map(Secret::new),
                deadline: self.timeout,
                at_once: self.at_once,
                ..usual
            },
            context: self.context,
            limits: Limits { day: budget(self.budget_day), month: budget(self.budget_month) },
            prices: Some(self.prices).filter(|path| !path.is_empty()).map(PathBuf::from),
        }))
    }
}

impl SetUp {
    /// Its name and its service, for people.
    pub fn told(&self) -> String {
        let host = self.settings.base_url.host_str().unwrap_or_default();
        format!("{} at {host} ({})", self.name, self.settings.provider)
    }
}

/// Who judges by these settings.
///
/// # Errors
/// When the client cannot be made, or the table of prices cannot be read; as a sentence.
pub fn analyst(set_up: Option<&SetUp>, zone: chrono_tz::Tz, clock: &Clock) -> Result<Analyst, String> {
    let Some(SetUp { name, settings, context, limits, prices }) = set_up else { return Ok(Analyst::default()) };
    let prices = match prices {
        None => PriceTable::builtin().clone(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("{}: the prices cannot be read: {error}", path.display()))?;
            PriceTable::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?
        }
    };
    let client =
        Client::new(Settings { clock: clock.clone(), ..settings.clone() }).map_err(|error| error.to_string())?;
    let model = Model::new(client, name.clone(), prices, zone).within(*limits);
    Ok(Analyst::with(if *context > 0 { model.holding(*context) } else { model }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Written {
        Written { timeout: Duration::from_mins(10), at_once: 8, ..Written::default() }
    }

    fn read(written: Written, env: &[(&str, &str)]) -> Result<Option<String>, String> {
        let value = |name: &str| Ok(env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()));
        written.checked(value).map(|found| found.map(|found| found.told()))
    }

    #[test]
    fn a_key_is_enough_and_nothing_is_none() {
        let key = [("ANTHROPIC_API_KEY", "sk-sesame")];
        assert_eq!(read(written(), &[]), Ok(None));
        assert_eq!(
            read(written(), &[("OPENAI_API_KEY", "sk-sesame")]),
            Ok(None),
            "others have keys of it for other ends"
        );
        assert_eq!(read(written(), &key).unwrap().unwrap(), "claude-sonnet-5-5 at api.anthropic.com (anthropic)");
        assert_eq!(read(Written { provider: "none".to_owned(), ..written() }, &key), Ok(None));
        let haiku = Written { model: "claude-haiku-4-5".to_owned(), ..written() };
        assert!(read(haiku, &key).unwrap().unwrap().starts_with("claude-haiku-4-5 at"));
    }

    #[test]
    fn servers_of_ones_own_need_an_address_and_a_name() {
        let own = |provider: &str, url: &str, model: &str| Written {
            provider: provider.to_owned(),
            url: url.to_owned(),
            model: model.to_owned(),
            ..written()
        };
        let told = read(own("", "http://gpu.lan:9/v1", "qwen"), &[]).unwrap().unwrap();
        assert_eq!(told, "qwen at gpu.lan (openai)");
        assert_eq!(read(own("ollama", "", "qwen3:8b"), &[]).unwrap().unwrap(), "qwen3:8b at localhost (ollama)");
        for (wrong, part) in [
            (own("ollama", "", ""), "model: "),
            (own("openai", "", "gpt"), "OPENAI_API_KEY"),
            (own("anthropic", "", ""), "ANTHROPIC_API_KEY"),
            (own("chatgpt", "", "gpt"), "model_provider: "),
            (own("", "", "gpt"), "model_provider: "),
            (own("vllm", "gpu", "qwen"), "model_url: "),
        ] {
            let error = read(wrong, &[]).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn the_makers_key_goes_to_the_maker_alone() {
        let env = |_: &str| Ok(Some("sk-sesame".to_owned()));
        let key = |provider: &str, url: &str, key: &str| {
            let own = Written {
                provider: provider.to_owned(),
                url: url.to_owned(),
                model: "m".to_owned(),
                key: key.to_owned(),
                ..written()
            };
            own.checked(env).unwrap().unwrap().settings.key.map(|key| key.expose().to_owned())
        };
        for (provider, maker) in [("anthropic", "https://api.anthropic.com"), ("openai", "https://api.openai.com/v1")] {
            assert_eq!(key(provider, "", "").as_deref(), Some("sk-sesame"));
            assert_eq!(key(provider, maker, "").as_deref(), Some("sk-sesame"));
            for other in ["http://gpu.lan:9/v1", "https://api.openai.com.example/v1", "http://api.openai.com/v1"] {
                assert_eq!(key(provider, other, ""), None, "{other}");
                assert_eq!(key(provider, other, "sk-own").as_deref(), Some("sk-own"));
            }
        }
    }

    #[test]
    fn no_key_is_shown() {
        let key = |_: &str| Ok(Some("sk-sesame".to_owned()));
        let set_up = written().checked(key).unwrap().unwrap();
        let analyst = analyst(Some(&set_up), chrono_tz::Tz::UTC, &Clock::system()).unwrap();
        assert!(!format!("{set_up:?} {analyst:?}").contains("sesame"));
    }
}
