//! What gives embeddings, wherever they are computed.

use crate::local::{self, Local};
use crate::service::Service;
use crate::{EmbedError, Settings};
use remote::BreakerState;
use std::path::Path;
use std::sync::Arc;

/// Gives embeddings. Clones share the model, or the connections to the service.
#[derive(Debug, Clone)]
pub struct Embedder(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Local(Local),
    Remote(Service),
}

impl Embedder {
    /// Reads all-MiniLM-L6-v2 out of this folder, for which see [`crate::install`]. This takes part of a second and then 90 MB of memory. One thread
    /// less than there are processors may compute at once.
    ///
    /// # Errors
    /// [`EmbedError::Missing`], [`EmbedError::WrongChecksum`], [`EmbedError::Broken`] or [`EmbedError::Io`] when a file is not the one it should be.
    pub fn local(dir: &Path) -> Result<Self, EmbedError> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::local_with(dir, processors - 1)
    }

    /// The same with so many threads at once, at least one.
    ///
    /// # Errors
    /// As [`Self::local`].
    pub fn local_with(dir: &Path, at_once: usize) -> Result<Self, EmbedError> {
        Ok(Self(Arc::new(Kind::Local(Local::open(dir, at_once)?))))
    }

    /// Asks a service that speaks `OpenAI`'s protocol. Nothing is sent yet.
    ///
    /// # Errors
    /// [`EmbedError::Settings`] when the address cannot be asked, the key is none, the dimensions are not known, or this machine has no certificates
    /// for `https`.
    pub fn remote(settings: Settings) -> Result<Self, EmbedError> {
        Ok(Self(Arc::new(Kind::Remote(Service::new(settings)?))))
    }

    /// The name of the model, to keep beside each vector, as those of different models cannot be compared: `all-MiniLM-L6-v2`,
    /// `openai:text-embedding-3-small`, `openai:text-embedding-3-large@256` where it was asked for fewer numbers than are its own.
    pub fn model(&self) -> &str {
        match &*self.0 {
            Kind::Local(_) => local::MODEL,
            Kind::Remote(service) => service.name(),
        }
    }

    /// Numbers of a vector.
    pub fn dimensions(&self) -> usize {
        match &*self.0 {
            Kind::Local(model) => model.dimensions(),
            Kind::Remote(service) => service.dimensions(),
        }
    }

    /// Whether the service is asked, or left alone; none where the model is computed here.
    pub fn state(&self) -> Option<BreakerState> {
        match &*self.0 {
            Kind::Local(_) => None,
            Kind::Remote(service) => Some(service.state()),
        }
    }

    /// A vector as long as one for each text, in their order. Here each depends on its text alone, of which the first 254 tokens count, about 200
    /// words; it is computed off the threads of whoever asks. Who stops waiting stops what has not begun.
    ///
    /// # Errors
    /// [`EmbedError::Stopped`]; of a service each of [`EmbedError`] from [`EmbedError::Key`] on, after what helps was tried within the deadline.
    pub async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        match &*self.0 {
            Kind::Local(model) => model.embed(texts).await,
            Kind::Remote(service) => service.embed(texts).await,
        }
    }

    /// The same on this thread, which it keeps busy: for programs that do nothing else.
    ///
    /// # Errors
    /// [`EmbedError::Settings`] where a service is asked, which takes waiting.
    pub fn embed_now(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        match &*self.0 {
            Kind::Local(model) => Ok(model.embed_now(texts)),
            Kind::Remote(_) => Err(EmbedError::Settings(
                "set the model that is computed here: a service cannot be asked so".to_owned(),
            )),
        }
    }
}
