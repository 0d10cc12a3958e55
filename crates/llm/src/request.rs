//! What a model is asked.

use serde_json::Value;

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The model, as its service names it.
    pub model: String,
    /// What holds for the whole conversation.
    pub system: Vec<Part>,
    /// The conversation; the last message is a user's.
    pub messages: Vec<Message>,
    /// What the answer must look like; text as it comes without.
    pub schema: Option<Schema>,
    /// Tokens of the longest answer.
    pub max_tokens: u32,
}

impl Request {
    /// All texts in their order: system first.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let messages = self.messages.iter().flat_map(|message| &message.parts);
        self.system.iter().chain(messages).map(|part| part.text.as_str())
    }
}

/// A piece of text. Empty ones are not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// For how long the service shall remember everything up to the end of this part, where it takes such wishes (Anthropic). At most four
    /// parts of a request have one.
    pub cache: Option<CacheFor>,
}

impl Part {
    /// A text that need not be remembered.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), cache: None }
    }

    /// The same, to be remembered.
    #[must_use]
    pub fn cached(self, cache: CacheFor) -> Self {
        Self { cache: Some(cache), ..self }
    }
}

/// For how long a service remembers a beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheFor {
    /// Five minutes after its last use.
    FiveMinutes,
    /// An hour.
    OneHour,
}

/// One turn of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Whose.
    pub role: Role,
    /// What they said.
    pub parts: Vec<Part>,
}

impl Message {
    /// What a user said.
    pub fn user(parts: Vec<Part>) -> Self {
        Self { role: Role::User, parts }
    }

    /// What the model said.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self { role: Role::Assistant, parts: vec![Part::new(text)] }
    }
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Who asks.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// Name in both protocols.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// What an answer must look like. Every object in it needs `additionalProperties: false` and all its properties required; no recursion, no bounds of
/// numbers and lengths.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Its name; what is no letter, digit, `_` or `-` is replaced, and 64 characters are kept.
    pub name: String,
    /// The JSON Schema.
    pub document: Value,
}
