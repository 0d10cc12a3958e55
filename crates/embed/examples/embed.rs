//! The local model for scripts, which `cargo xtask` runs:
//!
//! `embed lines FOLDER` turns lines of its input, each a JSON string, into
//! lines with their vectors; `embed rate FOLDER FILE` embeds all such lines of a file, on one thread, for every line of its input, and prints the
//! seconds.

use embed::Embedder;
use std::error::Error;
use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["lines", folder] => lines(&Embedder::local(Path::new(folder))?),
        ["rate", folder, file] => rate(&Embedder::local(Path::new(folder))?, &std::fs::read_to_string(file)?),
        _ => Err("usage: embed lines FOLDER | rate FOLDER FILE".into()),
    }
}

fn lines(embedder: &Embedder) -> Result<(), Box<dyn Error>> {
    let texts = stdin().lock().lines().map(|line| Ok(serde_json::from_str(&line?)?));
    let texts = texts.collect::<Result<Vec<String>, Box<dyn Error>>>()?;
    let mut out = stdout().lock();
    for vector in embedder.embed_now(&texts.iter().map(String::as_str).collect::<Vec<_>>())? {
        writeln!(out, "{}", serde_json::to_string(&vector)?)?;
    }
    Ok(())
}

fn rate(embedder: &Embedder, file: &str) -> Result<(), Box<dyn Error>> {
    let texts = file.lines().map(serde_json::from_str).collect::<Result<Vec<String>, _>>()?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (mut input, mut out, mut line) = (stdin().lock(), stdout().lock(), String::new());
    while input.read_line(&mut line)? > 0 {
        let start = Instant::now();
        embedder.embed_now(&texts)?;
        writeln!(out, "{}", start.elapsed().as_secs_f64())?;
        out.flush()?;
    }
    Ok(())
}
