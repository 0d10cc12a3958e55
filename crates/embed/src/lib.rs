//! Embeddings of passages: [`Embedder`].
//!
//! They are computed here, by all-MiniLM-L6-v2 from weights that [`install`] or [`download`] puts into a folder, or by a service that speaks `OpenAI`'s
//! protocol.

mod download;
mod embedder;
mod encoder;
mod error;
mod files;
mod local;
mod matrix;
mod numeric;
mod safetensors;
mod service;
mod settings;
mod side;
#[cfg(test)]
mod testing;
mod wordpiece;

pub use download::download;
pub use embedder::Embedder;
pub use error::EmbedError;
pub use files::{DOWNLOADS, ModelFile, install};
pub use remote::BreakerState;
pub use settings::Settings;
