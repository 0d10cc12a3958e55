//! `cargo xtask bench pages`: how soon the pages answer a hand, in a real browser on the demo's installation. The program is the dev build.

use super::Row;
use crate::tools::Workspace;
use anyhow::Result;

/// What has a goal, and which.
const GOALS: [(&str, f64); 4] = [
    ("interactive_login_ms", 1_500.0),
    ("interactive_call_ms", 1_500.0),
    ("long_call_loading_longest_task_ms", 100.0),
    ("long_call_scrolling_longest_task_ms", 100.0),
];

/// Opens the login, a call, and a call of ten hours, three times each; medians.
///
/// # Errors
/// When the pages cannot be opened.
pub fn measure(workspace: &Workspace) -> Result<Vec<Row>> {
    let measured = crate::pages::pace(workspace)?;
    let row = |(name, value): (String, f64)| match GOALS.iter().find(|(known, _)| *known == name) {
        Some((_, limit)) => Row::within(name, "ms", value, *limit),
        None => Row::told(name, "ms", value),
    };
    Ok(measured.into_iter().map(row).collect())
}
