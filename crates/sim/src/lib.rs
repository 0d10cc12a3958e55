//! Simulators of the remote services, on real sockets, for tests.
//!
//! A simulator is written from the service's public description and knows nothing of our clients. It listens on a port of its own, runs on a
//! thread of its own (a test may block), keeps a journal of what it was asked, and plays the [`Fault`]s that a test scripts, by [`Faults`] or by
//! the header `x-sim-fault` of a request. What they share is [`Server`]; beneath `/__sim/` each tells its journal, takes a script and moves its
//! clock. What language models share lies in `model`, and who answers in their place in [`judge`].

pub mod anthropic;
mod fault;
pub mod fireflies;
pub mod gong;
pub mod hubspot;
pub mod judge;
mod model;
pub mod openai;
mod ring;
pub mod s3;
pub mod salesforce;
mod server;
mod signing;
mod time;
mod world;

pub use anthropic::Anthropic;
pub use fault::{Cause, Fault, Faults, ModelFault, Refuse, Trouble};
pub use fireflies::Fireflies;
pub use gong::Gong;
pub use hubspot::HubSpot;
pub use judge::Judge;
pub use model::Latency;
pub use model::tokens::tokens;
pub use openai::OpenAi;
pub use s3::S3;
pub use salesforce::Salesforce;
pub use server::{Asked, Plan, Server};
pub use time::Time;
