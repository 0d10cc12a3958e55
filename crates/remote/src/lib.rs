//! What clients of remote services share: when a failed request is sent again ([`retry`]), when a service is left alone for a while
//! ([`Breaker`]), how a request is made and fails ([`http`]), and when a list has no end ([`Trail`]). It knows no service.

mod breaker;
pub mod http;
pub mod retry;
#[cfg(feature = "testing")]
pub mod testing;
mod trail;

pub use breaker::{Breaker, BreakerState, Pass, Resting, Sign};
pub use trail::Trail;
