//! The group `embed`: passages a second on one thread, beside ONNX Runtime.

use super::peer::Peer;
use super::{Row, timing};
use crate::embedding;
use crate::tools::Workspace;
use anyhow::Result;
use std::fs;

/// Passages of a pass, and about how many words one has: as many as search cuts calls into.
const PASSAGES: usize = 32;
const WORDS: usize = 120;

/// The ids, the goals and how each is measured.
///
/// # Errors
/// When the model or the peer cannot be had.
pub fn measure(workspace: &Workspace) -> Result<Vec<Row>> {
    let model = embedding::model(workspace)?;
    let folder = workspace.target().join("bench/embed");
    fs::create_dir_all(&folder)?;
    let mut rows = Vec::new();
    let questions = embedding::passages(workspace, PASSAGES, 1)?;
    for (id, texts) in [("passages", embedding::passages(workspace, PASSAGES, WORDS)?), ("questions", questions)] {
        let file = folder.join(id);
        let texts = texts.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
        fs::write(&file, texts.join("\n"))?;
        let start = |command: std::process::Command| {
            let mut command = command;
            command.arg("rate").arg(&model).arg(&file);
            Peer::of(command)
        };
        let (mut ours, mut theirs) = (start(embedding::ours(workspace)?)?, start(embedding::theirs(workspace)?)?);
        let (ours, theirs) = timing::both(&mut ours, &mut theirs)?;
        let rate = |seconds: f64| PASSAGES as f64 / seconds;
        rows.push(Row::more(format!("embed_{id}"), "texts/s", rate(ours), rate(theirs), 0.8));
    }
    Ok(rows)
}
