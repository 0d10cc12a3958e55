//! HubSpot by hand: `cargo run -p sim --example hubspot -- --port 0 --records records.json`.
//!
//! The simulator runs until its input ends (Ctrl-D), or the program. Its clock begins with the machine's. A line of its input is a document of
//! records as `--records` has it, `{"deals": [{"dealname": "Acme", "amount": "1200.50"}], "owners": […], "pipelines": […], "associations": […]}`, and
//! is put in at once; or `archive deals ID`, `restore deals ID`, `expire`. Options:
//!
//! - `--port` (0 is a free port); `--records`: a file of records that are there from the beginning; `--token`
//! - `--speed`: how many times as fast as the machine's its clock goes
//! - `--searches-per-second`, `--per-second`, `--per-day`: its limits (`inf` is none); `--token-requests`: after how many requests a token of the
//!   public app ends; `--search-lag-s`: how long a search does not know of a change
#![expect(clippy::print_stdout, reason = "what is printed is what it is for")]

use kernel::Clock;
use sim::hubspot::Settings;
use sim::{HubSpot, Time};
use std::fmt::Display;
use std::io::BufRead as _;
use std::str::FromStr;
use std::time::Duration;

/// What the arguments say, each a name and a value; the speed, and the file of records.
fn settings(arguments: &[String]) -> Result<(Settings, f64, Option<String>), String> {
    let mut settings = Settings { time: Time::by(Clock::system()), ..Settings::default() };
    let (mut speed, mut records) = (1.0, None);
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("`{}` wants a value", pair[0])) };
        match name.as_str() {
            "--port" => settings.port = read(name, value)?,
            "--records" => records = Some(value.clone()),
            "--token" => settings.token.clone_from(value),
            "--speed" => speed = read(name, value)?,
            "--searches-per-second" => settings.searches_per_second = read(name, value)?,
            "--per-second" => settings.per_second = read(name, value)?,
            "--per-day" if value == "inf" => settings.per_day = u64::MAX,
            "--per-day" => settings.per_day = read(name, value)?,
            "--token-requests" => settings.token_requests = read(name, value)?,
            "--search-lag-s" => {
                settings.search_lag = Duration::try_from_secs_f64(read(name, value)?)
                    .map_err(|error| format!("{name} {value}: {error}"))?;
            }
            _ => return Err(format!("no option is called `{name}`")),
        }
    }
    Ok((settings, speed, records))
}

fn read<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|error| format!("{name} {value}: {error}"))
}

/// Does what a line of the input says.
fn act(hubspot: &HubSpot, line: &str) -> Result<String, String> {
    match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["archive", object, id] => Ok(format!("archived: {}", hubspot.archive(object, id))),
        ["restore", object, id] => Ok(format!("restored: {}", hubspot.restore(object, id))),
        ["expire"] => {
            hubspot.expire_tokens();
            Ok("expired".to_owned())
        }
        _ => load(hubspot, line),
    }
}

fn load(hubspot: &HubSpot, text: &str) -> Result<String, String> {
    let document = serde_json::from_str(text).map_err(|error| error.to_string())?;
    hubspot.load(&document).map(|count| format!("{count} records"))
}

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (settings, speed, records) = settings(&arguments)?;
    let Settings { token, client_id, client_secret, refresh_token, .. } = settings.clone();
    let hubspot = HubSpot::with(settings);
    hubspot.time().run(speed);
    if let Some(file) = records {
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        println!("{}", load(&hubspot, &text)?);
    }
    println!("HUBSPOT_BASE_URL={} HUBSPOT_TOKEN={token}", hubspot.url());
    println!("OAuth: client {client_id} secret {client_secret} refresh token {refresh_token}");
    // Whoever started it ends it by going away.
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        if !line.trim().is_empty() {
            println!("{}", act(&hubspot, line.trim()).unwrap_or_else(|wrong| wrong));
        }
    }
    Ok(())
}
