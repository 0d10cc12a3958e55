//! Which models a service has.

use crate::call::Call;
use crate::client::Document;
use crate::error::not_understood;
use crate::wire::fault::Subject;
use crate::{Client, LlmError, Provider};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Entries a page of a list is asked to have.
const PAGE: usize = 1000;

/// Pages after which a list is taken to go in circles.
const MOST_PAGES: usize = 100;

/// What a service tells about a model; little with most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    /// Its name in requests.
    pub id: String,
    /// Its name for people.
    pub name: Option<String>,
    /// `active`, `deprecated` or `retired`.
    pub lifecycle: Option<String>,
    /// Tokens of the longest prompt.
    pub max_input_tokens: Option<u64>,
    /// Tokens of the longest answer.
    pub max_tokens: Option<u64>,
}

/// The fields of all services.
#[derive(Debug, Deserialize)]
struct Model {
    id: String,
    display_name: Option<String>,
    lifecycle: Option<Value>,
    max_input_tokens: Option<u64>,
    max_tokens: Option<u64>,
    /// Of vLLM: prompt and answer together.
    max_model_len: Option<u64>,
}

impl From<Model> for ModelInfo {
    fn from(model: Model) -> Self {
        Self {
            id: model.id,
            name: model.display_name,
            lifecycle: model.lifecycle.and_then(|lifecycle| lifecycle.as_str().map(str::to_owned)),
            max_input_tokens: model.max_input_tokens.or(model.max_model_len),
            max_tokens: model.max_tokens,
        }
    }
}

/// A page of a list; those of chat completions have all on one.
#[derive(Debug, Deserialize)]
struct Page<T> {
    // Ollama without a model answers `null`.
    data: Option<Vec<T>>,
    #[serde(default)]
    has_more: bool,
    last_id: Option<String>,
}

impl Client {
    /// All models that the key may ask.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn models(&self) -> Result<Vec<ModelInfo>, LlmError> {
        let models: Vec<Model> = if self.provider().is_anthropic() {
            self.list(&["v1", "models"], "list of models").await?
        } else {
            let call = self.get(&["models"], Subject::Other("list of models"));
            self.json::<Page<Model>>(&call).await?.data.unwrap_or_default()
        };
        Ok(models.into_iter().map(ModelInfo::from).collect())
    }

    /// One model.
    ///
    /// # Errors
    /// [`LlmError::Model`] when there is none of this name; else as [`Self::ask`].
    pub async fn model(&self, id: &str) -> Result<ModelInfo, LlmError> {
        let path: &[&str] = match self.provider() {
            Provider::Anthropic => &["v1", "models", id],
            Provider::OpenAi => &["models", id],
            // Not all local servers answer for one model, but all tell their few.
            provider => {
                let is_it = |model: &ModelInfo| {
                    model.id == id || provider == Provider::Ollama && model.id.strip_suffix(":latest") == Some(id)
                };
                let unknown = || LlmError::Model { model: id.to_owned() };
                return self.models().await?.into_iter().find(is_it).ok_or_else(unknown);
            }
        };
        Ok(self.json::<Model>(&self.get(path, Subject::Model(id))).await?.into())
    }

    /// All entries of one of Anthropic's lists.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        path: &[&str],
        what: &'static str,
    ) -> Result<Vec<T>, LlmError> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let call: Call<'_> = self.get(path, Subject::Other(what)).query("limit", &PAGE.to_string());
            let call = match &after {
                Some(after) => call.query("after_id", after),
                None => call,
            };
            let page: Page<T> = self.json(&call).await?;
            all.extend(page.data.unwrap_or_default());
            match page.last_id {
                Some(last) if page.has_more && after.as_ref() != Some(&last) => after = Some(last),
                _ if !page.has_more => return Ok(all),
                _ => break,
            }
        }
        Err(not_understood(format!("the {what} goes in circles")))
    }

    /// Asks for something of no interest but that it is answered.
    pub(crate) async fn done(&self, call: &Call<'_>) -> Result<(), LlmError> {
        self.json::<Document>(call).await.map(drop)
    }
}
