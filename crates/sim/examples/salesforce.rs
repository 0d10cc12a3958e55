//! Salesforce by hand: `cargo run -p sim --example salesforce -- --port 0 --records records.json`.
//!
//! The simulator runs until its input ends (Ctrl-D), or the program. Its clock begins with the machine's. A line of its input is a document of
//! records as `--records` has it, `{"Opportunity": [{"Name": "Acme", "Amount": 1200.5}], …}`, and is put in at once; or `delete ID`, `undelete ID`,
//! `expire`. Options:
//!
//! - `--port` (0 is a free port); `--records`: a file of records that are there from the beginning
//! - `--speed`: how many times as fast as the machine's its clock goes
//! - `--page`: records of a page; `--per-day`: its limit; `--token-requests`: after how many requests a token ends; `--rotate true`: a refresh token
//!   is worth something once
#![expect(clippy::print_stdout, reason = "what is printed is what it is for")]

use kernel::Clock;
use sim::salesforce::Settings;
use sim::{Salesforce, Time};
use std::fmt::Display;
use std::io::BufRead as _;
use std::str::FromStr;

/// What the arguments say, each a name and a value; the speed, and the file of records.
fn settings(arguments: &[String]) -> Result<(Settings, f64, Option<String>), String> {
    let mut settings = Settings { time: Time::by(Clock::system()), ..Settings::default() };
    let (mut speed, mut records) = (1.0, None);
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("`{}` wants a value", pair[0])) };
        match name.as_str() {
            "--port" => settings.port = read(name, value)?,
            "--records" => records = Some(value.clone()),
            "--speed" => speed = read(name, value)?,
            "--page" => settings.page = read(name, value)?,
            "--per-day" => settings.per_day = read(name, value)?,
            "--token-requests" => settings.token_requests = read(name, value)?,
            "--rotate" => settings.rotate = read(name, value)?,
            _ => return Err(format!("no option is called `{name}`")),
        }
    }
    Ok((settings, speed, records))
}

fn read<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|error| format!("{name} {value}: {error}"))
}

/// Does what a line of the input says.
fn act(salesforce: &Salesforce, line: &str) -> Result<String, String> {
    match line.split_once(' ') {
        Some(("delete", id)) => Ok(format!("deleted: {}", salesforce.delete(id.trim()))),
        Some(("undelete", id)) => Ok(format!("undeleted: {}", salesforce.undelete(id.trim()))),
        _ if line == "expire" => {
            salesforce.expire_tokens();
            Ok("expired".to_owned())
        }
        _ => load(salesforce, line),
    }
}

fn load(salesforce: &Salesforce, text: &str) -> Result<String, String> {
    let document = serde_json::from_str(text).map_err(|error| error.to_string())?;
    salesforce.load(&document).map(|count| format!("{count} records"))
}

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (settings, speed, records) = settings(&arguments)?;
    let Settings { client_id, client_secret, refresh_token, .. } = settings.clone();
    let salesforce = Salesforce::with(settings);
    salesforce.time().run(speed);
    if let Some(file) = records {
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        println!("{}", load(&salesforce, &text)?);
    }
    println!(
        "SALESFORCE_MY_DOMAIN={} client {client_id} secret {client_secret} refresh token {refresh_token}",
        salesforce.url()
    );
    // Whoever started it ends it by going away.
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        if !line.trim().is_empty() {
            println!("{}", act(&salesforce, line.trim()).unwrap_or_else(|wrong| wrong));
        }
    }
    Ok(())
}
