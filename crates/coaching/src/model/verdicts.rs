//! What became of a dimension, put together from the pieces of a call and from several passes.

use super::kept::{DimensionUse, ModelFailure};
use rubric::Evidence;
use rubric::model::answer::Verified;
use rubric::model::window;
use std::collections::BTreeMap;

/// What became of a dimension.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) verdicts: Result<Vec<Verified>, ModelFailure>,
    pub(super) instructions: Vec<Evidence>,
    pub(super) used: DimensionUse,
    pub(super) too_long: bool,
    /// It was written down to be asked later.
    pub(super) is_wanted: bool,
}

impl Judged {
    pub(super) fn failed(failure: ModelFailure) -> Self {
        let used = DimensionUse { failure: Some(failure.clone()), ..DimensionUse::default() };
        Self { verdicts: Err(failure), instructions: Vec::new(), used, too_long: false, is_wanted: false }
    }
}

/// The sections that these verdicts rest on, by the ids of the checks.
pub(super) fn sources(verdicts: &[Verified]) -> BTreeMap<String, Vec<String>> {
    let cite = verdicts.iter().filter(|one| !one.sources.is_empty());
    cite.map(|one| (one.result.id.clone(), one.sources.clone())).collect()
}

/// The verdicts over all pieces of a call. A piece without an answer leaves the dimension without one; words that speak to the judge are kept
/// of those that have one.
pub(super) fn together(pieces: Vec<Judged>) -> Judged {
    let mut all: Vec<Vec<Verified>> = Vec::new();
    let mut instructions = Vec::new();
    let mut used = DimensionUse { cached: true, passes: 1, ..DimensionUse::default() };
    for piece in pieces {
        match piece.verdicts {
            Ok(verdicts) => all.push(verdicts),
            Err(failure) => return Judged { verdicts: Err(failure), instructions, ..piece },
        }
        instructions.extend(piece.instructions);
        used.cached &= piece.used.cached;
        used.repaired |= piece.used.repaired;
        used.dropped += piece.used.dropped;
    }
    let checks = all.first().map_or(0, Vec::len);
    let merged: Vec<Verified> =
        (0..checks).map(|check| window::merge(all.iter().map(|verdicts| verdicts[check].clone()).collect())).collect();
    used.sources = sources(&merged);
    Judged { verdicts: Ok(merged), instructions, used, too_long: false, is_wanted: false }
}

/// Takes for each check what most passes say; where each says something else, the first.
pub(super) fn settle(first: &mut Judged, passes: Vec<Judged>) {
    let Ok(verdicts) = &mut first.verdicts else { return };
    let mut all = vec![verdicts.clone()];
    for pass in passes {
        first.is_wanted |= pass.is_wanted;
        first.instructions.extend(pass.instructions);
        if let Ok(more) = pass.verdicts {
            first.used.passes += 1;
            first.used.dropped += pass.used.dropped;
            all.push(more);
        }
    }
    for (at, verdict) in verdicts.iter_mut().enumerate() {
        let says = |pass: &Vec<Verified>| (pass[at].result.verdict, pass[at].result.level);
        let votes = |of| all.iter().filter(|pass| says(pass) == of).count();
        let most = all.iter().map(|pass| votes(says(pass))).max().unwrap_or_default();
        if votes((verdict.result.verdict, verdict.result.level)) < most
            && let Some(better) = all.iter().find(|pass| votes(says(pass)) == most)
        {
            *verdict = better[at].clone();
        }
    }
    first.used.sources = sources(verdicts);
}
