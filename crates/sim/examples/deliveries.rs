//! Deliveries of Gong's webhook as a file would have them: `cargo run -p sim --example deliveries -- 100`.
//!
//! A line each for the first so many calls: `{"call": its id, "body": what is sent}`.
#![expect(clippy::print_stdout, reason = "what is printed is what it is for")]

use serde_json::json;
use sim::Gong;
use sim::gong::{How, Ring, Settings, Signing};

fn main() -> Result<(), String> {
    let number = std::env::args().nth(1).unwrap_or_default();
    let calls = number.parse().map_err(|error| format!("how many? `{number}`: {error}"))?;
    let ring = Ring { by_itself: false, ..Ring::new("http://127.0.0.1:9/", Signing::Key) };
    let gong = Gong::with(Settings { calls, webhook: Some(ring), ..Settings::default() });
    for number in 0..calls {
        let delivery = gong.delivery(number, How::Genuine).ok_or("there is no such call")?;
        let body = std::str::from_utf8(&delivery.body).map_err(|error| error.to_string())?;
        println!("{}", json!({ "call": delivery.call, "body": body }));
    }
    Ok(())
}
