//! The group `model`: a call of 45 minutes judged by a simulated model, what it takes and what it costs.

use super::{Row, inputs, load};
use crate::http::{call, post};
use crate::served::Served;
use crate::simulated::Model;
use crate::tools::{Workspace, output, run};
use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs::File;
use std::process::Stdio;
use std::time::Duration;

/// Minutes of the call.
const MINUTES: u64 = 45;
/// How long the second analysis is asked for, after a time for warming up.
const LASTING: Duration = Duration::from_secs(5);
const WARM_UP: Duration = Duration::from_secs(1);
const PASSWORD: &str = "four-pallets-over-oslo";

/// The goals of what is measured, and the unit of it.
const GOALS: [(&str, &str, Option<f64>); 4] = [
    ("wall_over_first_and_slowest", "ms", Some(50.0)),
    ("input_cost_of_naive", "share", Some(0.45)),
    ("input_cost_of_naive_batch", "share", Some(0.25)),
    ("judged_from_kept_answers", "ms", None),
];

#[derive(Deserialize)]
struct Told {
    id: String,
    value: f64,
}

/// The ids, the goals and how each is measured.
///
/// # Errors
/// When a program or an input cannot be had.
pub fn measure(workspace: &Workspace) -> Result<Vec<Row>> {
    let (sideline, folder, _) = super::prepare(workspace, "model", 1)?;
    let file = inputs::write_vtt(&folder, MINUTES)?;
    let conversation = inputs::conversation(MINUTES)?;
    let ours = conversation.participants.first().context("nobody speaks")?.name.clone();
    let mut bench = workspace.cargo(["bench", "--quiet", "--locked", "--package", "server", "--bench", "model"]);
    bench.env("SIDELINE_BENCH_FOLDER", &folder).env("SIDELINE_BENCH_CALL", &file).env("SIDELINE_BENCH_OURS", &ours);
    let mut rows = Vec::new();
    for line in output(&mut bench)?.lines() {
        let Told { id, value } = serde_json::from_str(line).with_context(|| format!("not understood: {line}"))?;
        let Some((_, unit, goal)) = GOALS.iter().find(|(known, _, _)| *known == id) else {
            bail!("nobody asked for {id}")
        };
        rows.push(match goal {
            Some(limit) => Row::within(id, unit, value, *limit),
            None => Row::told(id, unit, value),
        });
    }
    ensure!(rows.len() == GOALS.len(), "not all was measured");

    let model = Model::start(workspace)?;
    let data = folder.join("data");
    let mut import = workspace.sideline(&sideline, &data, None);
    model.judges(&mut import).args(["--quiet", "import", "--internal", &ours]).arg(&file).stdout(Stdio::null());
    run(&mut import)?;
    let mut serve = workspace.sideline(&sideline, &data, None);
    model.judges(&mut serve).stderr(File::create(folder.join("serve.log"))?);
    let served = Served::sideline(serve).with_context(|| folder.join("serve.log").display().to_string())?;
    let ask = |method: &str, path: &str, token: Option<&str>, json: Option<Value>| {
        call(served.address, method, path, token, json.as_ref())
    };
    let admin = json!({ "username": "admin", "email": "admin@bench.example", "password": PASSWORD });
    ask("POST", "/api/v1/auth/register", None, Some(admin))?;
    let login = json!({ "email": "admin@bench.example", "password": PASSWORD });
    let tokens = ask("POST", "/api/v1/auth/login", None, Some(login))?;
    let token = tokens["access_token"].as_str().context("no access token")?;
    let calls = ask("GET", "/api/v1/calls", Some(token), None)?;
    let wish = json!({ "call_id": calls["items"][0]["id"] });
    let found = ask("POST", "/api/v1/coaching/analyze-call", Some(token), Some(wish.clone()))?;
    ensure!(
        found["session"]["model"]["failure"].is_null() && found["session"]["model"].is_object(),
        "it was not judged by the model"
    );
    let before = model.requests()?;
    let again = [post("/api/v1/coaching/analyze-call", Some(token), &wish)];
    load::closed_loop(served.address, &again, 1, WARM_UP)?;
    let p95 = load::closed_loop(served.address, &again, 1, LASTING)?.percentile(95);
    rows.push(Row::within("second_analysis_p95", "ms", p95, 5.0));
    rows.push(Row::within("requests_for_it", "requests", (model.requests()? - before) as f64, 0.0));
    Ok(rows)
}
