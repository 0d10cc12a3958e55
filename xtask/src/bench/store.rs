//! The group `store`: calls kept and judged by the program on both databases, and what a team asks of 100,000 of them.

use super::Row;
use crate::postgres::Postgres;
use crate::served::resident_mb;
use crate::tools::{Workspace, output};
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Calls that are imported and judged.
const CALLS: usize = 10_000;
/// Calls in the table when it is asked.
const KEPT: usize = 100_000;
/// How often the memory of the program is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// The ids, the goals and how each is measured.
///
/// # Errors
/// When a program or an input cannot be had.
pub fn measure(workspace: &Workspace) -> Result<Vec<Row>> {
    let (sideline, folder, calls) = super::prepare(workspace, "store", CALLS)?;
    // What is measured is kept on the disk as it would be: this server syncs.
    let postgres = Postgres::start_durable(workspace)?;
    let sqlite = format!("sqlite:{}", folder.join("sqlite/sideline.db").display());
    let mut rows = Vec::new();
    for (backend, url) in [("sqlite", sqlite), ("postgres", postgres.url())] {
        let place = Place { sideline: sideline.clone(), data: folder.join(backend), url };
        rows.extend(place.import(workspace, backend, &calls)?);
        rows.extend(place.queries(workspace, backend)?);
    }
    Ok(rows)
}

/// One installation.
struct Place {
    sideline: PathBuf,
    data: PathBuf,
    url: String,
}

impl Place {
    fn command(&self, workspace: &Workspace) -> Command {
        workspace.sideline(&self.sideline, &self.data, Some(&self.url))
    }

    /// Import and analysis by one command, and the peaks of its memory in the second and in the last quarter of the time.
    fn import(&self, workspace: &Workspace, backend: &str, calls: &Path) -> Result<[Row; 2]> {
        let mut command = self.command(workspace);
        let start = Instant::now();
        let child = command.args(["--quiet", "import"]).arg(calls).stdout(Stdio::null()).spawn()?;
        let memory = watch(child)?;
        let seconds = start.elapsed().as_secs_f64();
        let listed =
            output(self.command(workspace).args(["calls", "--status", "analysed", "--json", "--limit", "1000000"]))?;
        ensure!(listed.lines().count() == CALLS, "{} of {CALLS} calls were judged", listed.lines().count());
        // The first quarter of the time is for warming up: pools, tables of the analyst, SQLite's cache. Then the peak may not grow.
        let quarter = memory.len() / 4;
        ensure!(quarter > 0, "the program ended at once");
        let peak = |part: &[f64]| part.iter().copied().fold(0.0, f64::max);
        let (early, late) = (peak(&memory[quarter..2 * quarter]), peak(&memory[3 * quarter..]));
        Ok([
            Row::told(format!("import_{backend}"), "calls/s", CALLS as f64 / seconds),
            Row::growth(format!("import_memory_{backend}"), "MB", late, early, 1.2),
        ])
    }

    fn queries(&self, workspace: &Workspace, backend: &str) -> Result<Vec<Row>> {
        let mut bench = workspace.cargo(["bench", "--quiet", "--locked", "--package", "server", "--bench", "store"]);
        bench.env("SIDELINE_BENCH_DATABASE", &self.url).env("SIDELINE_BENCH_CALLS", KEPT.to_string());
        let told = output(&mut bench)?;
        told.lines()
            .map(|line| {
                let told: Told = serde_json::from_str(line).with_context(|| format!("not understood: {line}"))?;
                let id = format!("{}_{backend}", told.id);
                Ok(match told.id.split('_').next() {
                    Some("list") => Row::within(id, "ms", told.value, 5.0),
                    Some("rollup") => Row::within(id, "ms", told.value, 20.0),
                    _ => Row::told(id, "calls", told.value),
                })
            })
            .collect()
    }
}

#[derive(Deserialize)]
struct Told {
    id: String,
    value: f64,
}

/// Resident memory of the program in MB, over the time until it ends.
fn watch(mut child: Child) -> Result<Vec<f64>> {
    let mut seen = Vec::new();
    loop {
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "the import failed");
            return Ok(seen);
        }
        // Nothing in the moment in which it ends.
        seen.extend(resident_mb(child.id()).ok());
        std::thread::sleep(LOOK);
    }
}
