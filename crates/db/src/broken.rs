//! When a connection to PostgreSQL broke last. Where one did, others that were open then are asked whether they are there before they are used: a
//! server that was started anew breaks all of them.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
/// Milliseconds from [`BEGUN`]; 0 for never.
static LAST: AtomicU64 = AtomicU64::new(0);

fn now_ms() -> u64 {
    BEGUN.elapsed().as_millis() as u64 + 1
}

/// One broke now.
pub(crate) fn note() {
    LAST.fetch_max(now_ms(), Ordering::Relaxed);
}

/// Whether one broke since a connection that has rested for so long was used.
pub(crate) fn since(rested: Duration) -> bool {
    let last = LAST.load(Ordering::Relaxed);
    last > 0 && now_ms().saturating_sub(rested.as_millis() as u64) <= last
}
