//! The group `deals`: lists at 50,000 deals, and the timeline of one with 300 calls and 2,000 e-mails, on both databases.

use super::Row;
use crate::postgres::Postgres;
use crate::tools::{Workspace, output};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::fs;

/// Milliseconds of a list, and of the first page of a timeline.
const GOALS: (f64, f64) = (20.0, 30.0);

/// The ids, the goals and how each is measured.
///
/// # Errors
/// When a program cannot be had.
pub fn measure(workspace: &Workspace) -> Result<Vec<Row>> {
    let folder = workspace.target().join("bench/deals");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let postgres = Postgres::start_durable(workspace)?;
    let sqlite = format!("sqlite:{}", folder.join("deals.db").display());
    let mut rows = Vec::new();
    for (backend, url) in [("sqlite", sqlite), ("postgres", postgres.url())] {
        let mut bench = workspace.cargo(["bench", "--quiet", "--locked", "--package", "deals", "--bench", "deals"]);
        bench.env("SIDELINE_BENCH_DATABASE", &url).env("SIDELINE_BENCH_FOLDER", folder.join(backend));
        for line in output(&mut bench)?.lines() {
            let Told { id, value } = serde_json::from_str(line).with_context(|| format!("not understood: {line}"))?;
            let limit = if id.starts_with("timeline") { GOALS.1 } else { GOALS.0 };
            rows.push(Row::within(format!("{id}_{backend}"), "ms", value, limit));
        }
    }
    Ok(rows)
}

#[derive(Deserialize)]
struct Told {
    id: String,
    value: f64,
}
