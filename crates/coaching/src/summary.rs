//! A session in a sentence and in themes, from the verdicts alone.

use rubric::{Report, Verdict};
use signals::figures::score as written;

/// Most themes of a session.
const THEMES: usize = 5;

/// Strongest and weakest dimension in a sentence.
pub(crate) fn summary(report: &Report) -> String {
    let mut scored: Vec<_> =
        report.dimensions.iter().filter_map(|d| d.score.map(|score| (d.title.as_str(), score))).collect();
    scored.sort_by(|a, b| b.1.total_cmp(&a.1));
    match scored.as_slice() {
        [] => "Too little of this call could be judged for a score.".to_owned(),
        [(title, score)] => format!("{title} scored {}; the other dimensions could not be judged.", written(*score)),
        [(best, high), .., (worst, low)] if high > low => {
            format!("Strongest: {best} ({}). Most to gain: {worst} ({}).", written(*high), written(*low))
        }
        [(_, score), ..] => format!("All dimensions scored {}.", written(*score)),
    }
}

/// What is to be worked on: the names of the heaviest checks that were not met.
pub(crate) fn key_themes(report: &Report) -> Vec<String> {
    let mut unmet: Vec<_> = report
        .dimensions
        .iter()
        .flat_map(|d| d.checks.iter().map(move |check| (d.weight * check.weight, check)))
        .filter(|(_, check)| check.verdict == Verdict::Unmet)
        .collect();
    unmet.sort_by(|a, b| b.0.total_cmp(&a.0));
    unmet.into_iter().take(THEMES).map(|(_, check)| check.name.clone()).collect()
}
