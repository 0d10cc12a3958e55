//! Simulators of the remote services, on real sockets, for tests.
//!
//! A simulator is written from the service's public description and knows nothing of our clients. It listens on a port of its own, runs on a
//! thread of its own (a test may block), keeps a journal of what it was asked, and plays the [`Fault`]s that a test scripts. One file a
//! service; what they share is [`Server`].

mod fault;
pub mod s3;
mod server;

pub use fault::{Fault, Faults};
pub use s3::S3;
pub use server::{Asked, Server};
