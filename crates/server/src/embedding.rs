//! What computes vectors, by the settings: the one place where it is made.

use embed::{Embedder, Settings};
use kernel::Secret;
use search::Meaning;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The settings, as they are written.
#[derive(Debug, Clone, Default)]
pub struct Written {
    pub provider: String,
    pub folder: String,
    pub url: String,
    pub model: String,
    pub key: String,
    pub dimensions: usize,
}

/// What was chosen.
#[derive(Debug, Clone)]
pub enum SetUp {
    /// Things are found by words alone.
    None,
    /// The model in this folder.
    Local(PathBuf),
    /// A service that speaks the protocol of `OpenAI`.
    Remote(Box<Settings>),
}

impl Written {
    /// What these settings name; `env` reads keys that other programs know by a name of their own.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn checked(
        self,
        data_dir: &Path,
        env: impl Fn(&str) -> Result<Option<String>, String>,
    ) -> Result<SetUp, String> {
        match &*self.provider {
            "none" => Ok(SetUp::None),
            "local" => Ok(SetUp::Local(match &*self.folder {
                "" => data_dir.join("models").join("all-MiniLM-L6-v2"),
                folder => folder.into(),
            })),
            "openai" => self.remote(env),
            other => Err(format!("embedding_provider: `{other}` is none; there are local, openai and none")),
        }
    }

    fn remote(self, env: impl Fn(&str) -> Result<Option<String>, String>) -> Result<SetUp, String> {
        let usual = Settings::new(match &*self.model {
            "" => "text-embedding-3-small",
            model => model,
        });
        let base_url = match &*self.url {
            "" => usual.base_url.clone(),
            url => url
                .parse()
                .map_err(|_| "embedding_url: it is no address such as http://localhost:8080/v1".to_owned())?,
        };
        // A key that was not given to us for this address is the maker's, and nobody else may see it.
        let at_maker = base_url == usual.base_url;
        let key = match &*self.key {
            "" if at_maker => env("OPENAI_API_KEY")?,
            "" => None,
            key => Some(key.to_owned()),
        };
        if key.is_none() && at_maker {
            return Err("embedding_key: openai needs a key; set it, or OPENAI_API_KEY".to_owned());
        }
        let settings = Settings {
            base_url,
            key: key.map(Secret::new),
            dimensions: Some(self.dimensions).filter(|dimensions| *dimensions > 0),
            // Somebody waits for what is found by words.
            deadline: Duration::from_secs(20),
            ..usual
        };
        Embedder::remote(settings.clone()).map_err(|error| format!("embedding_model: {error}"))?;
        Ok(SetUp::Remote(Box::new(settings)))
    }
}

/// Makes what computes vectors, which takes part of a second where the model is here. Where that cannot be, things are found by words, and it says why.
pub async fn meaning(set_up: SetUp) -> Meaning {
    let made = match set_up {
        SetUp::None => return Meaning::Unwanted,
        SetUp::Remote(settings) => {
            return Embedder::remote(*settings).map_or_else(|error| Meaning::Off(error.to_string()), Meaning::Ready);
        }
        SetUp::Local(folder) => match tokio::task::spawn_blocking(move || Embedder::local(&folder)).await {
            Ok(made) => made,
            Err(_) => {
                return Meaning::Off("the model of embeddings was not read to its end: start Sideline anew".to_owned());
            }
        },
    };
    match made {
        Ok(embedder) => Meaning::Ready(embedder),
        Err(error) => Meaning::Off(format!("{error}: `sideline embeddings install` fetches the model")),
    }
}
