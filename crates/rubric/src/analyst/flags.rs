//! Flags: what a coach should look at, whatever the score.

use super::view::View;
use super::{contradictions, facts, questions, repeats, resolution, service};
use crate::{Flag, FlagKind, Verdict};
use signals::labels::Label;
use transcript::Side;

/// All flags of a call, by kind and in the order of the call; `serves` where the rubric asks whether a request was resolved.
pub(super) fn raise(view: &View<'_>, serves: bool) -> Vec<Flag> {
    let flag = |kind, reason: String, sentences: &[usize]| Flag {
        kind,
        reason,
        evidence: sentences.iter().map(|i| view.evidence(*i)).collect(),
    };
    let mut flags = Vec::new();
    for repeat in repeats::repeats(view) {
        let reason = format!("{} asked {} for {}.", view.who(repeat.again), view.when(repeat.again), repeat.what);
        flags.push(flag(FlagKind::RepeatedQuestion, reason, &[repeat.first, repeat.again]));
    }
    for found in contradictions::find(view) {
        let reason = format!(
            "What was said {} does not agree with what was said {}.",
            view.when(found.contradicts),
            view.when(found.said)
        );
        flags.push(flag(FlagKind::ContradictedFact, reason, &[found.said, found.contradicts]));
    }
    for open in questions::unanswered(view) {
        let evidence: Vec<usize> = std::iter::once(open.question).chain(open.shown_by).collect();
        flags.push(flag(
            FlagKind::UnansweredQuestion,
            format!("The question asked {} stayed open.", view.when(open.question)),
            &evidence,
        ));
    }
    if let Some(request) = unresolved(view, serves) {
        flags.push(flag(
            FlagKind::UnresolvedRequest,
            format!("What was asked for {} was neither done nor taken on.", view.when(request)),
            &[request],
        ));
    }
    let tracked = risky_phrases(view);
    for index in view.of_side(Side::Internal) {
        if is_risky_promise(view, index, &tracked) {
            flags.push(flag(
                FlagKind::CompliancePhrase,
                format!("{} promised something {} that must not be promised.", view.who(index), view.when(index)),
                &[index],
            ));
        }
    }
    flags
}

/// The request that was passed over, or the clearest one when the call as a whole came to nothing; always some sentence where
/// the check of a service call is unmet, and none otherwise: check and flag are one judgement.
fn unresolved(view: &View<'_>, serves: bool) -> Option<usize> {
    let finding = super::outcomes::resolved_or_owned(view);
    // What a prospect protests against in a sales call is an objection, no request.
    if finding.verdict != Verdict::Unmet || !serves && resolution::left_open(view).is_some() {
        return None;
    }
    let passed = service::passed_over(view).or_else(|| service::other_task(view).map(|(_, request)| request));
    let clearest = || {
        view.of_side(Side::External)
            .filter(|&i| view.position(i) < 0.5 && view.margin(i, Label::Request) >= 0.0)
            .max_by(|a, b| view.margin(*a, Label::Request).total_cmp(&view.margin(*b, Label::Request)))
    };
    let requests = service::requests(view);
    let wished = || requests.iter().copied().find(|&i| facts::wishes_for(view, i));
    let any = || requests.first().or(finding.evidence.first()).copied().filter(|_| serves);
    passed.or_else(clearest).or_else(wished).or_else(any)
}

/// Hits of the tracker of risky promises: segment and offset, in order.
fn risky_phrases(view: &View<'_>) -> Vec<(usize, usize)> {
    let tracker = view.labeler.trackers().index("compliance");
    view.labels.hits.iter().filter(|hit| Some(hit.tracker) == tracker).map(|hit| (hit.segment, hit.start)).collect()
}

/// Words without which a sentence promises nothing that must not be promised: a return, a success, the absence of risk, or an offer gone at once.
const PROMISES: &[&[&str]] = &[
    &["guarantee"],
    &["guaranteed"],
    &["guarantees"],
    &["promise"],
    &["promised"],
    &["no", "risk"],
    &["zero", "risk"],
    &["risk", "free"],
    &["without", "risk"],
    &["not", "lose"],
    &["never", "lose"],
    &["never", "fail"],
    &["not", "fail"],
    &["not", "go", "wrong"],
    &["always", "works"],
    &["for", "certain"],
    &["for", "sure"],
    &["hundred", "percent"],
    &["100", "percent"],
    &["100", "%"],
    &["certain", "to"],
    &["bound", "to"],
    &["expires"],
    &["price", "is", "gone"],
    &["offer", "is", "gone"],
    &["trust", "me"],
    &["take", "my", "word"],
    &["double", "your"],
    &["will", "save", "you"],
    &["will", "definitely"],
];

/// What may be tried and ended at any time is without risk for a reason that the same breath tells.
const REASONED: &[&[&str]] =
    &[&["cancel"], &["trial"], &["pilot"], &["money", "back"], &["refund"], &["return", "it"], &["send", "it", "back"]];

/// What is not promised, and the guarantee that a maker gives on a thing.
const NOT_PROMISED: &[&[&str]] = &[
    &["not", "guarantee"],
    &["not", "promise"],
    &["never", "guarantee"],
    &["never", "promise"],
    &["no", "guarantee"],
    &["no", "promise"],
    &["nothing", "guaranteed"],
    &["not", "guaranteed"],
    &["the", "guarantee"],
    &["year", "guarantee"],
    &["under", "guarantee"],
    &["guarantee", "period"],
    &["guarantee", "from"],
];

/// The tracker and the model have to agree, or the model has to be very sure of a sentence that promises in words: "no risk" is also said about the
/// weather.
fn is_risky_promise(view: &View<'_>, index: usize, tracked: &[(usize, usize)]) -> bool {
    let sentence = view.sentence(index);
    let margin = view.margin(index, Label::Compliance);
    let first = tracked.partition_point(|hit| *hit < (sentence.segment(), sentence.span().start));
    let hit = tracked.get(first).is_some_and(|hit| *hit < (sentence.segment(), sentence.span().end));
    let words = view.full_words(index);
    let near = index.saturating_sub(1)..(index + 2).min(view.labels.sentences.len());
    let reasoned = questions::contains(&words, &[&["risk"]])
        && near.into_iter().any(|i| {
            view.sentence(i).side == Some(Side::Internal) && questions::contains(&view.full_words(i), REASONED)
        });
    // What is not promised takes away the word that it is about, and no other promise of the sentence.
    let denied: Vec<_> = questions::places(&words, NOT_PROMISED).collect();
    let in_words = questions::places(&words, PROMISES)
        .any(|promise| !denied.iter().any(|denied| denied.start < promise.end && promise.start < denied.end));
    let promised = margin >= 1.5 && in_words || hit && margin >= 0.0 && (in_words || denied.is_empty());
    promised && !reasoned
}
