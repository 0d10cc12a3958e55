//! Language models by hand: `cargo run -p sim --example llm -- --port 0 --judge scripted`.
//!
//! Both simulators run until their input ends (Ctrl-D), or the program. Options: `--port` and `--openai-port` (0 is a free port), `--judge` scripted, obeying or
//! lying, `--flavour` openai, ollama, llamacpp or vllm, `--first-token-ms`, `--cached-ms`, `--per-token-ms`.
#![expect(clippy::print_stdout, reason = "what is printed is what it is for")]

use sim::{Anthropic, Judge, Latency, OpenAi, anthropic, openai};
use std::time::Duration;

/// What the arguments say, each a name and a value.
fn settings(arguments: &[String]) -> Result<(anthropic::Settings, openai::Settings), String> {
    let (mut one, mut other) = (anthropic::Settings::default(), openai::Settings::default());
    let mut latency = Latency::default();
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(format!("`{}` wants a value", pair[0])) };
        let number = || value.parse::<u16>().map_err(|error| format!("{name} {value}: {error}"));
        let time = || number().map(|number| Duration::from_millis(number.into()));
        match name.as_str() {
            "--port" => one.port = number()?,
            "--openai-port" => other.port = number()?,
            "--flavour" => other.flavour = value.parse()?,
            "--judge" => {
                one.judge = match value.as_str() {
                    "scripted" => Judge::Scripted,
                    "obeying" => Judge::Obeying,
                    "lying" => Judge::Lying(1),
                    _ => return Err(format!("no judge is called `{value}`")),
                }
            }
            "--first-token-ms" => latency.first_token = time()?,
            "--cached-ms" => latency.first_token_cached = Some(time()?),
            "--per-token-ms" => latency.per_token = time()?,
            _ => return Err(format!("no option is called `{name}`")),
        }
    }
    (one.latency, other.latency) = (latency, latency);
    other.judge = one.judge.clone();
    Ok((one, other))
}

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (one, other) = settings(&arguments)?;
    let flavour = other.flavour;
    let (anthropic, openai) = (Anthropic::with(one), OpenAi::with(other));
    println!("ANTHROPIC_BASE_URL={} ANTHROPIC_API_KEY={}", anthropic.url(), anthropic::API_KEY);
    println!("OPENAI_BASE_URL={} OPENAI_API_KEY={} ({flavour})", openai.url(), openai::API_KEY);
    // Whoever started it ends it by going away.
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).map_err(|error| error.to_string())?;
    Ok(())
}
