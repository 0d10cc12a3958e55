//! The group `search`: a million segments and 200,000 passages, searched by words, by meaning and by both, on both databases.

use super::Row;
use crate::embedding;
use crate::postgres::Postgres;
use crate::tools::{Workspace, output};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::fs;

/// Milliseconds that 95 of 100 searches by words and meaning stay below.
const GOAL: f64 = 60.0;
/// Which share of the ten nearest passages is found.
const FOUND: f64 = 0.98;

/// The ids, the goals and how each is measured.
///
/// # Errors
/// When a program cannot be had.
pub fn measure(workspace: &Workspace) -> Result<Vec<Row>> {
    let folder = workspace.target().join("bench/search");
    fs::create_dir_all(&folder)?;
    let model = embedding::model(workspace)?;
    let postgres = Postgres::start_durable(workspace)?;
    let file = folder.join("search.db");
    for file in [file.clone(), file.with_extension("db-wal"), file.with_extension("db-shm")] {
        let _ = fs::remove_file(file);
    }
    let sqlite = format!("sqlite:{}", file.display());
    let mut rows = Vec::new();
    for (backend, url) in [("sqlite", sqlite), ("postgres", postgres.url())] {
        let mut bench = workspace.cargo(["bench", "--quiet", "--locked", "--package", "search", "--bench", "search"]);
        bench
            .env("SIDELINE_BENCH_DATABASE", &url)
            .env("SIDELINE_BENCH_FOLDER", &folder)
            .env("SIDELINE_TEST_MODEL", &model);
        for line in output(&mut bench)?.lines() {
            let Told { id, value } = serde_json::from_str(line).with_context(|| format!("not understood: {line}"))?;
            let name = format!("{id}_{backend}");
            rows.push(match &*id {
                _ if id.starts_with("hybrid") && id.ends_with("_p95_1m") => Row::within(name, "ms", value, GOAL),
                _ if id.starts_with("recall") => Row::at_least(name, "", value, FOUND),
                _ if id.contains("_p50") || id.contains("_p95") => Row::told(name, "ms", value),
                _ if id.ends_with("seconds") => Row::told(name, "s", value),
                _ if id.ends_with("megabytes") => Row::told(name, "MB", value),
                _ => Row::told(name, "", value),
            });
        }
    }
    let _ = fs::remove_file(&file);
    Ok(rows)
}

#[derive(Deserialize)]
struct Told {
    id: String,
    value: f64,
}
