//! Fireflies by hand: `cargo run -p sim --example fireflies -- --port 0 --speed 600`.
//!
//! The simulator runs until its input ends (Ctrl-D), or the program. Its clock begins with the machine's. Options:
//!
//! - `--port` (0 is a free port), `--seed`, `--key`
//! - `--backlog`: calls that have finished already, spread over the `--days` before; `--calls`: those that finish from now on, one every
//!   `--every-s` seconds of its clock, which goes `--speed` times as fast as the machine's; `--transcript-after-s`: how much later its sentences
//!   are there
//! - `--per-minute`, `--per-day`: its limits (`inf` is none); `--trouble`: share of requests that fail; `--in-ok true`: errors come with the
//!   status 200
//! - `--webhook`: the address that is told of calls once their sentences are there, signed with `--secret` where there is one; `--duplicates`,
//!   `--forged`: shares of deliveries
#![expect(clippy::print_stdout, reason = "what is printed is what it is for")]

use kernel::Clock;
use sim::Fireflies;
use sim::fireflies::{Ring, Settings, Signing};
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// What the arguments say, each a name and a value; and the speed.
fn settings(arguments: &[String]) -> Result<(Settings, f64), String> {
    let mut settings = Settings { backlog: 100, ..Settings::from(Clock::system().now()) };
    let (mut speed, mut webhook, mut signing) = (1.0, None, Signing::Key);
    let (mut duplicates, mut forged) = (0.0, 0.0);
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("`{}` wants a value", pair[0])) };
        match name.as_str() {
            "--port" => settings.port = read(name, value)?,
            "--seed" => settings.seed = read(name, value)?,
            "--key" => settings.key.clone_from(value),
            "--backlog" => settings.backlog = read(name, value)?,
            "--days" => settings.days = read(name, value)?,
            "--calls" => settings.calls = read(name, value)?,
            "--every-s" => settings.every = seconds(name, value)?,
            "--speed" => speed = read(name, value)?,
            "--transcript-after-s" => settings.transcript_after = seconds(name, value)?,
            "--per-minute" => settings.per_minute = limit(name, value)?,
            "--per-day" => settings.per_day = limit(name, value)?,
            "--trouble" => settings.trouble = read(name, value)?,
            "--in-ok" => settings.in_ok = read(name, value)?,
            "--webhook" => webhook = Some(value.clone()),
            "--secret" => signing = Signing::Hmac(value.clone()),
            "--duplicates" => duplicates = read(name, value)?,
            "--forged" => forged = read(name, value)?,
            _ => return Err(format!("no option is called `{name}`")),
        }
    }
    settings.webhook = webhook.map(|url| Ring { duplicates, forged, ..Ring::new(url, signing) });
    Ok((settings, speed))
}

fn read<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|error| format!("{name} {value}: {error}"))
}

fn limit(name: &str, value: &str) -> Result<u64, String> {
    if value == "inf" { Ok(u64::MAX) } else { read(name, value) }
}

fn seconds(name: &str, value: &str) -> Result<Duration, String> {
    Duration::try_from_secs_f64(read(name, value)?).map_err(|error| format!("{name} {value}: {error}"))
}

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (settings, speed) = settings(&arguments)?;
    let key = settings.key.clone();
    let fireflies = Fireflies::with(settings);
    fireflies.time().run(speed);
    println!("FIREFLIES_URL={} FIREFLIES_API_KEY={key}", fireflies.url());
    // Whoever started it ends it by going away.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).map_err(|error| error.to_string())?;
    Ok(())
}
