//! What clients of remote services share: when a failed request is sent again ([`retry`]), when a service is left alone for a while
//! ([`Breaker`]), how a request is made and fails ([`http`]), when a list has no end ([`Trail`]), and which of a service's words are told on
//! ([`words`]). It knows no service.

mod breaker;
pub mod http;
pub mod retry;
#[cfg(feature = "testing")]
pub mod testing;
mod trail;
pub mod words;

pub use breaker::{Breaker, BreakerState, Pass, Resting, Sign};
pub use trail::Trail;
