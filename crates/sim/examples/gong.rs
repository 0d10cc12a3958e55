//! Gong by hand: `cargo run -p sim --example gong -- --port 0 --speed 600`.
//!
//! The simulator runs until its input ends (Ctrl-D), or the program. Its clock begins with the machine's. Options:
//!
//! - `--port` (0 is a free port), `--seed`
//! - `--backlog`: calls that have finished already, spread over the `--days` before; `--calls`: those that finish from now on, one every
//!   `--every-s` seconds of its clock, which goes `--speed` times as fast as the machine's; `--transcript-after-s`: how much later its transcript
//!   is there
//! - `--page`: items of a page; `--per-second`, `--per-day`: its limits (`inf` is none); `--trouble`: share of requests that fail
//! - `--webhook`: the address that is told of calls as they finish, signed by HMAC with `--secret` or, without one, by a JWT for the address
//!   `--webhook-url` (where that is not the same); `--duplicates`, `--forged`: shares of deliveries
#![expect(clippy::print_stdout, reason = "what is printed is what it is for")]

use kernel::Clock;
use sim::Gong;
use sim::gong::{KeyPair, Ring, Settings, Signing};
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// What the arguments say, each a name and a value; and the speed.
fn settings(arguments: &[String]) -> Result<(Settings, f64), String> {
    let mut settings = Settings { backlog: 100, ..Settings::from(Clock::system().now()) };
    let (mut speed, mut webhook, mut secret, mut webhook_url) = (1.0, None, None, None);
    let (mut duplicates, mut forged) = (0.0, 0.0);
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("`{}` wants a value", pair[0])) };
        match name.as_str() {
            "--port" => settings.port = read(name, value)?,
            "--seed" => settings.seed = read(name, value)?,
            "--backlog" => settings.backlog = read(name, value)?,
            "--days" => settings.days = read(name, value)?,
            "--calls" => settings.calls = read(name, value)?,
            "--every-s" => settings.every = seconds(name, value)?,
            "--speed" => speed = read(name, value)?,
            "--transcript-after-s" => settings.transcript_after = seconds(name, value)?,
            "--page" => settings.page = read(name, value)?,
            "--per-second" => settings.per_second = read(name, value)?,
            "--per-day" if value == "inf" => settings.per_day = u64::MAX,
            "--per-day" => settings.per_day = read(name, value)?,
            "--trouble" => settings.trouble = read(name, value)?,
            "--webhook" => webhook = Some(value.clone()),
            "--webhook-url" => webhook_url = Some(value.clone()),
            "--secret" => secret = Some(value.clone()),
            "--duplicates" => duplicates = read(name, value)?,
            "--forged" => forged = read(name, value)?,
            _ => return Err(format!("no option is called `{name}`")),
        }
    }
    settings.webhook = webhook.map(|url| {
        let signing = match secret {
            Some(secret) => Signing::Hmac(secret),
            None => Signing::Jwt { key: KeyPair::default(), webhook_url: webhook_url.unwrap_or_else(|| url.clone()) },
        };
        Ring { duplicates, forged, ..Ring::new(url, signing) }
    });
    Ok((settings, speed))
}

fn read<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|error| format!("{name} {value}: {error}"))
}

fn seconds(name: &str, value: &str) -> Result<Duration, String> {
    Duration::try_from_secs_f64(read(name, value)?).map_err(|error| format!("{name} {value}: {error}"))
}

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (settings, speed) = settings(&arguments)?;
    let keys = [&settings.access_key, &settings.secret, &settings.client_id, &settings.client_secret].map(Clone::clone);
    let gong = Gong::with(settings);
    gong.time().run(speed);
    println!("GONG_BASE_URL={} GONG_ACCESS_KEY={} GONG_ACCESS_KEY_SECRET={}", gong.url(), keys[0], keys[1]);
    println!("OAuth: {}/oauth2/authorize client {} secret {}", gong.url(), keys[2], keys[3]);
    println!("Public key of its rule: {}", gong.public_key());
    // Whoever started it ends it by going away.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).map_err(|error| error.to_string())?;
    Ok(())
}
