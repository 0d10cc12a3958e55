//! How a service call ends: whether what was asked for was refused or put off and left there, and what in other words is an outcome.

use super::outcomes::{PUSHES_BACK, gives_up, tells_no_outcome};
use super::questions::contains;
use super::service::{CLOSES, PLEASED, states_done};
use super::tasks::tells_fact;
use super::view::View;
use super::{facts, service};
use signals::labels::Label;
use transcript::Side;

/// Up to this share of the call nobody has had the time to do anything.
const OPENING: f64 = 0.3;

/// Sends the caller elsewhere, or tells them to wait and see, beside what [`PUSHES_BACK`] holds.
const LEAVES_IT: &[&[&str]] = &[
    &["as", "far", "as", "i"],
    &["try", "again"],
    &["wait", "and", "see"],
    &["check", "the", "website"],
    &["look", "at", "the", "website"],
    &["on", "the", "website"],
    &["sort", "itself"],
    &["fix", "itself"],
    &["resolve", "itself"],
    &["not", "know", "who"],
    &["not", "know", "what", "else"],
    &["not", "my", "department"],
    &["not", "our", "department"],
    &["not", "do", "callbacks"],
    &["gone", "home"],
    &["nothing", "more", "i"],
    &["nothing", "else", "i"],
    &["only", "see", "part"],
    &["up", "to", "them"],
    &["have", "to", "ask", "them"],
    &["have", "to", "wait"],
    &["will", "not", "let"],
    &["no", "idea"],
];

/// Words with which callers protest against how it is left; none of a caller who takes it.
const PROTESTS: &[&[&str]] = &[
    &["for", "nothing"],
    &["nobody"],
    &["no", "one"],
    &["ridiculous"],
    &["useless"],
    &["not", "good", "enough"],
    &["not", "acceptable"],
    &["unacceptable"],
    &["disappointed"],
    &["disappointing"],
    &["not", "happy"],
    &["fed", "up"],
    &["why", "i", "am", "calling"],
    &["why", "i", "called"],
    &["why", "i", "rang"],
    &["what", "am", "i", "supposed"],
    &["what", "do", "i", "do"],
    &["stays", "as", "it"],
    &["and", "if", "it"],
    &["customer", "service"],
    &["leaves", "me"],
    &["so", "i", "just"],
    &["not", "much", "use"],
    &["no", "help"],
    &["no", "use"],
    &["nothing", "then"],
    &["nothing", "has"],
    &["somewhere", "else"],
    &["not", "helpful"],
    &["unbelievable"],
    &["regulator"],
    &["can", "i", "talk", "to"],
];

/// A sentence of ours that refuses, sends elsewhere or puts off.
fn leaves_it(view: &View<'_>, index: usize) -> bool {
    let words = view.full_words(index);
    view.sentence(index).question.is_none()
        && (view.margin(index, Label::Cannot) >= 0.3 || contains(&words, PUSHES_BACK) || contains(&words, LEAVES_IT))
}

/// A sentence of ours that takes it on after all: done, promised, found out, or offered instead.
fn takes_on(view: &View<'_>, index: usize) -> bool {
    let words = view.full_words(index);
    let promises = view.margin(index, Label::Hold) < 0.0
        && [Label::Commitment, Label::NextStep, Label::FindOut].iter().any(|&label| view.margin(index, label) >= 0.0);
    let offers = contains(
        &words,
        &[
            &["i", "can"],
            &["we", "can"],
            &["i", "could"],
            &["shall", "i"],
            &["would", "you", "like"],
            &["what", "i", "can"],
            &["instead"],
        ],
    );
    !leaves_it(view, index)
        && (states_done(view, index)
            || dated_promise(view, index)
            || promises
            || offers
            || view.margin(index, Label::Resolved) >= 0.3)
}

/// The refusal or put-off with which the call is left, and the caller's protest against it: nothing of ours behind the refusal takes the matter on.
pub(super) fn left_open(view: &View<'_>) -> Option<(usize, usize)> {
    let last = view.of_side(Side::Internal).filter(|&i| view.position(i) > OPENING && leaves_it(view, i)).last()?;
    let end = view.labels.sentences.len();
    let ours_behind = || (last + 1..end).filter(|&i| view.sentence(i).side == Some(Side::Internal));
    if ours_behind().any(|i| view.margin(i, Label::FurtherHelp) <= 0.0 && takes_on(view, i)) {
        return None;
    }
    let theirs = || (last + 1..end).filter(|&i| view.sentence(i).side == Some(Side::External));
    // What was pleasing to hear was an answer, a refusal or not.
    if theirs().any(|i| pleased(&view.full_words(i))) {
        return None;
    }
    let protest = theirs().find(|&i| {
        let words = view.full_words(i);
        contains(&words, PROTESTS) || gives_up(&words)
    })?;
    // A day or a figure behind the protest is something to go by, in whatever words.
    let concrete = |i: usize| {
        view.sentence(i).question.is_none()
            && !leaves_it(view, i)
            && (view.sentence(i).dated || !facts::value_words(&view.full_words(i)).is_empty())
    };
    let told = ours_behind().any(|i| i > protest && concrete(i) && !contains(&view.full_words(i), CLOSES));
    (!told).then_some((last, protest))
}

/// Words of a caller who leaves angry or empty-handed, whatever was said before.
const UNHAPPY: &[&[&str]] = &[
    &["ridiculous"],
    &["useless"],
    &["hopeless"],
    &["pointless"],
    &["not", "good", "enough"],
    &["not", "acceptable"],
    &["unacceptable"],
    &["disappointed"],
    &["disappointing"],
    &["fed", "up"],
    &["for", "nothing"],
    &["no", "help"],
    &["no", "use"],
    &["not", "much", "help"],
    &["not", "much", "use"],
    &["no", "further"],
    &["no", "wiser"],
    &["what", "am", "i", "supposed"],
    &["leaves", "me", "with"],
    &["so", "nothing"],
    &["so", "nobody"],
    &["so", "i", "am", "stuck"],
    &["try", "elsewhere"],
    &["not", "helpful"],
    &["unbelievable"],
    &["regulator"],
    &["ombudsman"],
    &["my", "lawyer"],
    &["excuse", "me"],
    &["stuck", "at", "this", "point"],
];

/// The last protest of a caller near the end of the call, behind which our side takes nothing on.
pub(super) fn unhappy_end(view: &View<'_>) -> Option<usize> {
    let late = view.of_side(Side::External).filter(|&i| view.position(i) > 0.6);
    let protest = late
        .filter(|&i| {
            let words = view.full_words(i);
            contains(&words, UNHAPPY) || gives_up(&words)
        })
        .last()?;
    let mended = (protest + 1..view.labels.sentences.len()).any(|i| match view.sentence(i).side {
        Some(Side::Internal) => view.margin(i, Label::FurtherHelp) <= 0.0 && takes_on(view, i),
        _ => pleased(&view.full_words(i)),
    });
    (!mended).then_some(protest)
}

/// Wordings of a caller who is content, beside those of one who has got something.
const CONTENT: &[&[&str]] = &[
    &["brilliant"],
    &["fantastic"],
    &["lovely"],
    &["relief"],
    &["relieved"],
    &["that", "is", "good"],
    &["good", "to", "know"],
    &["good", "to", "hear"],
    &["very", "helpful"],
    &["been", "helpful"],
    &["thanks", "for", "your", "help"],
    &["thank", "you", "for", "your", "help"],
    &["thank", "you", "so", "much"],
    &["thank", "you", "very", "much"],
    &["thanks", "so", "much"],
    &["life", "saver"],
    &["made", "my", "day"],
    &["that", "works"],
    &["that", "is", "all", "i", "needed"],
    &["all", "i", "wanted"],
    &["what", "i", "needed"],
    &["what", "i", "wanted"],
];

/// Whether a caller's words are those of one who got what they wanted; "great, so nothing" is not.
pub(super) fn pleased(words: &[&str]) -> bool {
    (contains(words, PLEASED) || contains(words, CONTENT))
        && !gives_up(words)
        && !contains(words, &[&["not"], &["nothing"], &["nobody"], &["but"], &["still"]])
}

/// Whether our sentence tells by when something will have come, be done or be seen: "it should be at your house by Friday".
pub(super) fn dated_promise(view: &View<'_>, index: usize) -> bool {
    let words = view.full_words(index);
    // Whatever comes is the subject, but what the caller is to do is no promise, unless it is to get or see something.
    let will = words.iter().enumerate().any(|(at, word)| {
        let before = words[..at].last().copied().unwrap_or("");
        let gets = words[at + 1..].iter().take(3).any(|w| matches!(*w, "see" | "get" | "receive" | "have" | "hear"));
        matches!(*word, "will" | "should" | "gets" | "comes" | "arrives" | "lands" | "going")
            && !matches!(before, "" | "what" | "when" | "who" | "that")
            && (before != "you" || gets)
    });
    let span = contains(
        &words,
        &[
            &["within"],
            &["in", "a", "few"],
            &["by", "the", "end"],
            &["by", "noon"],
            &["by", "tonight"],
            &["no", "later"],
        ],
    ) && (!view.numbers(index).is_empty()
        || contains(&words, &[&["few"], &["noon"], &["tonight"], &["end"]]));
    let caller_acts = contains(
        &words,
        &[
            &["you", "will", "have", "to"],
            &["you", "should", "call"],
            &["you", "should", "try"],
            &["you", "will", "need"],
            &["you", "should", "check"],
        ],
    );
    let leaves_open = contains(
        &words,
        &[
            &["if"],
            &["unless"],
            &["maybe"],
            &["might"],
            &["not"],
            &["hopefully"],
            &["depends"],
            &["should", "have", "been"],
        ],
    );
    view.sentence(index).side == Some(Side::Internal)
        && view.sentence(index).question.is_none()
        && will
        && (view.sentence(index).dated || span)
        && !caller_acts
        && !leaves_open
        && view.margin(index, Label::Hold) < 0.0
}

/// Whether the caller thanks near the end for more than the call itself: an outcome may have been told in words that nothing recognises.
pub(super) fn thanked(view: &View<'_>) -> bool {
    let warm = |i: usize| {
        let words = view.full_words(i);
        pleased(&words)
            || words.len() >= 4
                && contains(&words, &[&["thank"], &["thanks"]])
                && !contains(&words, &[&["no"], &["anyway"]])
    };
    view.of_side(Side::External).any(|i| view.position(i) > 0.6 && warm(i))
}

/// Our concrete answer of a call that the caller ends content with; told in whatever words, it was an outcome.
pub(super) fn content_with(view: &View<'_>) -> Option<usize> {
    let &request = service::requests(view).first()?;
    let content = view
        .of_side(Side::External)
        .filter(|&i| view.position(i) > 0.6 && i > request)
        .find(|&i| pleased(&view.full_words(i)))?;
    let concrete = |i: usize| {
        let words = view.full_words(i);
        let tells = dated_promise(view, i) || states_done(view, i) || tells_fact(&words);
        let figure = view.sentence(i).dated || !facts::value_words(&words).is_empty();
        // A figure is an answer where the caller takes it as one at once; in the middle of a search for a fault it is none.
        let at_once = view.turn(content) - view.turn(i) <= 3;
        (tells || figure && at_once && words.len() >= 6 && !contains(&words, CLOSES))
            && !tells_no_outcome(&words, tells, view.sentence(i).dated)
    };
    view.of_side(Side::Internal)
        .filter(|&i| i > request && i < content && view.sentence(i).question.is_none() && !leaves_it(view, i))
        .filter(|&i| concrete(i))
        .last()
}
