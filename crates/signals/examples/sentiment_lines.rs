//! Times the sentiment scorers on the lines of a text file and prints nanoseconds a line as JSON, one object a scorer; one thread.
//!
//!     cargo run --release -p signals --example sentiment_lines -- lines.txt
//!     bench/peers/vader_golden.py --time lines.txt    # the Python package on the same lines

#![expect(clippy::print_stdout, reason = "it prints what it measures")]

use signals::sentiment::{spoken, vader};
use std::hint::black_box;
use std::time::{Duration, Instant};

const MEASURE: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("give a file of lines")?;
    let text = std::fs::read_to_string(path)?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        return Err("the file has no lines".into());
    }
    report("vader", &lines, |line| vader(line).compound);
    report("spoken", &lines, spoken);
    Ok(())
}

/// Prints the best of as many passes as fit into the time, the first being for warming up.
fn report(scorer: &str, lines: &[&str], score: impl Fn(&str) -> f64) {
    let pass = || {
        let start = Instant::now();
        for line in lines {
            black_box(score(black_box(line)));
        }
        start.elapsed()
    };
    pass();
    let end = Instant::now() + MEASURE;
    let mut best = pass();
    while Instant::now() < end {
        best = best.min(pass());
    }
    let words: usize = lines.iter().map(|line| line.split_whitespace().count()).sum();
    let ns_per_line = best.as_nanos() / lines.len() as u128;
    println!(r#"{{"scorer": "{scorer}", "lines": {}, "words": {words}, "ns_per_line": {ns_per_line}}}"#, lines.len());
}
