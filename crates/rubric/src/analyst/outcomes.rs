//! What became of a service call's request: done, taken on by somebody with a word of when or who, or nothing of it.

use super::service::{may_settle, other_task, passed_over, requests, states_done};
use super::tasks::tells_fact;
use super::view::View;
use super::{Finding, contradictions, questions, resolution};
use signals::labels::Label;
use transcript::Side;

/// What a sentence counts that says by its wording that something is done, on the scale of the labels' margins.
pub(super) const WORDED: f32 = 0.5;

/// How clearly a sentence of ours says that the request is done or who does what next.
pub(super) fn outcome(view: &View<'_>) -> Option<(usize, f32)> {
    let last = view.labels.sentences.len();
    let complaint = view.of_side(Side::External).filter(|&i| still_broken(&view.full_words(i))).last();
    view.of_side(Side::Internal)
        .filter(|&i| view.position(i) > 0.25)
        .map(|i| {
            let words = view.full_words(i);
            let told = states_done(view, i) || tells_fact(&words) || resolution::dated_promise(view, i);
            let worded = if told { WORDED } else { f32::MIN };
            let done = view.margin(i, Label::Resolved).max(worded);
            let owned = view.margin(i, Label::Commitment).min(view.margin(i, Label::NextStep) + 0.8) - 0.2;
            let cannot = if view.margin(i, Label::Cannot) > 0.5 { 1.0 } else { 0.0 };
            let asks = if view.sentence(i).question.is_some() && !states_done(view, i) { 1.0 } else { 0.0 };
            let score = done.max(owned) - cannot - asks;
            (i, if tells_no_outcome(&words, told, view.sentence(i).dated) { score.min(DOUBTFUL) } else { score })
        })
        .chain(
            (0..last)
                .filter(|&i| view.sentence(i).side == Some(Side::External) && view.position(i) > 0.5)
                .filter(|&i| !still_broken(&view.full_words(i)))
                .map(|i| (i, view.margin(i, Label::Resolved) - 0.3)),
        )
        .chain(works_again(view).map(|i| (i, WORDED)))
        // What was done before the caller says that it still fails has not helped.
        .filter(|(i, _)| complaint.is_none_or(|at| at < *i || view.position(at) < 0.5))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The score of a sentence that sounds like an outcome and is none.
const DOUBTFUL: f32 = -0.1;

/// Whether our sentence is a regret, a guess, advice or a formula, whatever its label: none of them says that something is done or taken on. `told`
/// where its wording tells of an outcome, `dated` where it names a day.
pub(super) fn tells_no_outcome(words: &[&str], told: bool, dated: bool) -> bool {
    const GUESSES: &[&[&str]] = &[
        &["probably"],
        &["perhaps"],
        &["maybe"],
        &["might"],
        &["hopefully"],
        &["i", "hope"],
        &["we", "hope"],
        &["on", "its", "own"],
        &["by", "itself"],
        &["keep", "an", "eye"],
        &["good", "luck"],
    ];
    const FORMULAS: &[&[&str]] = &[
        &["reaching", "out"],
        &["for", "calling"],
        &["for", "your", "patience"],
        &["for", "your", "understanding"],
        &["for", "your", "time"],
        &["hesitate"],
        &["feel", "free"],
        &["here", "to", "help"],
        &["happy", "to", "help"],
        &["glad", "to", "help"],
        &["take", "your", "time"],
    ];
    const GENERAL: &[&[&str]] = &[&["generally"], &["usually"], &["typically"], &["recommended"], &["in", "general"]];
    let nobody = questions::contains(words, &[&["someone"], &["somebody"]]) && !dated;
    fails(words)
        || nobody
        || questions::contains(words, GUESSES)
        || commands(words) && !words.iter().any(|word| matches!(*word, "i" | "we"))
        || !told && (questions::contains(words, FORMULAS) || questions::contains(words, GENERAL) || advises(words))
}

/// Verbs with which callers are told what to do.
const VERBS: &[&str] = &[
    "adjust",
    "ask",
    "attach",
    "browse",
    "call",
    "change",
    "check",
    "choose",
    "clean",
    "clear",
    "click",
    "close",
    "connect",
    "contact",
    "continue",
    "copy",
    "delete",
    "disable",
    "disconnect",
    "download",
    "enable",
    "ensure",
    "enter",
    "fill",
    "find",
    "follow",
    "go",
    "hold",
    "install",
    "keep",
    "look",
    "locate",
    "log",
    "make",
    "move",
    "navigate",
    "open",
    "pay",
    "perform",
    "plug",
    "press",
    "pull",
    "push",
    "put",
    "reboot",
    "reinstall",
    "remove",
    "replace",
    "reset",
    "restart",
    "review",
    "run",
    "scan",
    "scroll",
    "search",
    "select",
    "send",
    "set",
    "sign",
    "switch",
    "take",
    "tap",
    "test",
    "try",
    "turn",
    "type",
    "uninstall",
    "unplug",
    "update",
    "use",
    "verify",
    "visit",
    "wait",
    "write",
];

/// Whether a sentence begins like an order: "now restart the router".
pub(super) fn commands(words: &[&str]) -> bool {
    const LEADS: &[&str] = &[
        "okay", "ok", "so", "and", "then", "now", "next", "first", "also", "just", "please", "alright", "great",
        "finally", "well", "second", "third", "there", "once", "simply",
    ];
    let rest = &words[words.iter().take_while(|word| LEADS.contains(word)).count()..];
    rest.first().is_some_and(|word| VERBS.contains(word))
        || rest.starts_with(&["to", "summarize"])
        || rest.starts_with(&["to", "do", "that"])
}

/// Whether a sentence of ours tells the caller what to do: "restart the router", "you can check the settings".
fn advises(words: &[&str]) -> bool {
    let you = words.windows(2).enumerate().any(|(at, pair)| {
        pair[0] == "you"
            && matches!(pair[1], "can" | "could" | "should" | "need" | "might" | "may" | "have" | "want")
            && words[at + 2..].iter().take(3).any(|word| VERBS.contains(word) || matches!(*word, "see" | "notice"))
    });
    you || commands(words)
}

/// Whether a caller says that it is as bad as before.
fn still_broken(words: &[&str]) -> bool {
    questions::contains(
        words,
        &[
            &["still", "not", "work"],
            &["still", "not", "working"],
            &["still", "does", "not"],
            &["still", "will", "not"],
            &["still", "the", "same"],
            &["did", "not", "work"],
            &["does", "not", "work"],
            &["did", "not", "change"],
            &["is", "still", "slow"],
            &["still", "dealing", "with"],
            &["not", "helpful"],
        ],
    )
}

/// The caller's words in the second half that something works again: "it prints now", "the message is gone".
pub(super) fn works_again<'v>(view: &'v View<'_>) -> impl Iterator<Item = usize> + 'v {
    const WORKS: &[&[&str]] = &[
        &["it", "works"],
        &["works", "now"],
        &["is", "working"],
        &["working", "again"],
        &["working", "now"],
        &["it", "worked"],
        &["that", "worked"],
        &["that", "did", "it"],
        &["that", "fixed", "it"],
        &["did", "the", "trick"],
        &["i", "am", "in"],
        &["is", "fixed"],
        &["problem", "solved"],
        &["you", "are", "a", "star"],
        &["life", "saver"],
        &["message", "is", "gone"],
        &["error", "is", "gone"],
        &["noise", "is", "gone"],
        &["light", "is", "green"],
    ];
    const BUT: &[&[&str]] = &[&["not"], &["but"], &["if"], &["hope"], &["when"], &["still"], &["never"], &["was"]];
    view.of_side(Side::External).filter(|&i| {
        let words = view.full_words(i);
        view.position(i) > 0.5
            && view.sentence(i).question.is_none()
            && questions::contains(&words, WORKS)
            && !questions::contains(&words, BUT)
    })
}

/// Wordings with which a caller gives up, or sees that nothing came of the call.
const GIVES_UP: &[&[&str]] = &[
    &["nothing", "going", "to", "happen"],
    &["nothing", "is", "going"],
    &["nothing", "to", "show"],
    &["should", "i", "call", "back"],
    &["have", "to", "call", "back"],
    &["will", "call", "back"],
    &["never", "mind"],
    &["forget", "it"],
    &["does", "not", "help"],
    &["not", "help", "me"],
    &["waste", "of", "time"],
    &["go", "somewhere", "else"],
    &["take", "my", "business"],
    &["call", "someone", "else"],
    &["try", "someone", "else"],
    &["so", "no"],
    &["still", "do", "not", "have"],
    &["still", "not", "working"],
    &["still", "does", "not"],
    &["that", "is", "not", "good", "enough"],
    &["nobody", "can", "help"],
    &["so", "you", "can", "not"],
    &["so", "you", "will", "not"],
    &["so", "you", "are", "not", "going"],
    &["back", "where", "i", "started"],
    &["speak", "to", "a", "manager"],
    &["talk", "to", "a", "manager"],
    &["speak", "to", "your", "manager"],
    &["talk", "to", "your", "manager"],
    &["speak", "to", "a", "supervisor"],
    &["talk", "to", "a", "supervisor"],
    &["not", "helpful"],
    &["regulator"],
    &["ombudsman"],
    &["give", "up"],
];

/// Whether a caller gives up; "I don't think so, no" answers whether anything else is needed.
pub(super) fn gives_up(words: &[&str]) -> bool {
    questions::contains(words, GIVES_UP) && !questions::contains(words, &[&["think", "so"]])
}

/// Wordings with which an agent leaves it to the caller.
pub(super) const PUSHES_BACK: &[&[&str]] = &[
    &["you", "could", "call", "back"],
    &["you", "can", "call", "back"],
    &["try", "again", "later"],
    &["call", "back", "later"],
    &["another", "department"],
    &["different", "department"],
    &["not", "something", "i"],
    &["nothing", "i", "can"],
    &["nothing", "we", "can"],
    &["can", "not", "help"],
    &["out", "of", "my", "hands"],
    &["not", "my"],
    &["not", "right", "now"],
    &["have", "to", "call"],
    &["try", "the", "main"],
    &["you", "could", "try"],
    &["not", "able", "to"],
    &["it", "will", "not", "let", "me"],
    &["not", "letting", "me"],
    &["system", "is", "down"],
    &["can", "not", "say"],
    &["can", "not", "tell", "you"],
];

/// A sentence in the last part of the call that shows that it came to nothing: the caller gives up, or the agent leaves it to them.
pub(super) fn came_to_nothing(view: &View<'_>) -> Option<usize> {
    let late = |index: &usize| view.position(*index) > 0.6;
    let gives_up = view.of_side(Side::External).filter(late).find(|&i| gives_up(&view.full_words(i)))?;
    let pushed = view
        .of_side(Side::Internal)
        .filter(|i| view.position(*i) > 0.4)
        .any(|i| questions::contains(&view.full_words(i), PUSHES_BACK) || view.margin(i, Label::Cannot) > 0.3);
    // Done after all: a clear statement behind the giving up.
    let mended = view.of_side(Side::Internal).any(|i| {
        let words = view.full_words(i);
        let told = states_done(view, i) || resolution::dated_promise(view, i);
        let connects = questions::contains(
            &words,
            &[&["put", "you", "through"], &["transfer", "you"], &["get", "you", "a"], &["get", "my"], &["fetch"]],
        );
        i > gives_up
            && (view.margin(i, Label::Resolved) > 1.0 || told || connects && view.margin(i, Label::Cannot) < 0.0)
            && !questions::contains(&words, PUSHES_BACK)
            && !tells_no_outcome(&words, told, view.sentence(i).dated)
    });
    (pushed && !mended).then_some(gives_up)
}

pub(super) fn resolved_or_owned(view: &View<'_>) -> Finding {
    if let Some(index) = came_to_nothing(view) {
        return Finding::unmet(
            format!(
                "{} said {} that nothing had come of it, and nobody took it on.",
                view.who(index),
                view.when(index)
            ),
            [index],
        );
    }
    let content = resolution::content_with(view);
    let passed = passed_over(view).filter(|_| content.is_none());
    if let Some(request) = passed.or_else(|| other_task(view).map(|(_, request)| request)) {
        return Finding::unmet("Nobody said that the request is done or who does what next.", [request]);
    }
    if let Some((refusal, protest)) = resolution::left_open(view) {
        return Finding::unmet(
            format!(
                "{} left it at what was said {}, and {} did not take that for a solution.",
                view.who(refusal),
                view.when(refusal),
                view.who(protest)
            ),
            [refusal, protest],
        );
    }
    if let Some(regret) = regretted(view).filter(|_| content.is_none()) {
        return Finding::unmet(
            format!("{} said {} that it was not resolved, and nobody took it on.", view.who(regret), view.when(regret)),
            [regret],
        );
    }
    let outcome = outcome(view);
    // What was done for another sum, day or account than the one asked for has not done what was asked.
    if let Some((index, _)) = outcome
        && content.is_none()
        && contradictions::find(view).iter().any(|found| found.contradicts == index)
        && held_open(view, index)
    {
        return Finding::cannot_assess(format!(
            "What was told {} does not agree with what was asked for; whether it was done cannot be told.",
            view.when(index)
        ));
    }
    if let Some(protest) = resolution::unhappy_end(view) {
        // Something may have been promised all the same; the caller does not think so.
        return match outcome {
            Some((_, score)) if score >= CLEAR_OUTCOME => {
                Finding::cannot_assess("It was said that something is done, but the caller left unhappy.")
            }
            _ => Finding::unmet(format!("{} left empty-handed {}.", view.who(protest), view.when(protest)), [protest]),
        };
    }
    // A label that is not sure needs a word of an outcome, a day, or a caller who is content.
    let likely =
        |index: usize, score: f32| score >= WORDED || score >= 0.0 && (content.is_some() || view.sentence(index).dated);
    match outcome {
        Some((index, score)) if likely(index, score) => Finding::met(
            format!("{} it was said that the request is done or who does what next.", capital(&view.when(index))),
            [index],
        ),
        _ if let Some(index) = content => Finding::met(
            format!("{} answered {}, and the caller was content with it.", view.who(index), view.when(index)),
            [index],
        ),
        Some((_, score)) if score > UNRESOLVED || may_settle(view) || resolution::thanked(view) => {
            Finding::cannot_assess("It cannot be told from the words whether the request was done.")
        }
        _ => Finding::unmet(
            "Nobody said that the request is done or who does what next.",
            requests(view).first().copied(),
        ),
    }
}

/// Our own word near the end that we could not do it, behind which nothing is done or promised.
fn regretted(view: &View<'_>) -> Option<usize> {
    const COULD_NOT: &[&[&str]] = &[
        &["we", "could", "not"],
        &["i", "could", "not"],
        &["we", "were", "not", "able"],
        &["i", "was", "not", "able"],
        &["we", "were", "unable"],
        &["i", "was", "unable"],
    ];
    let told = |i: usize| states_done(view, i) || resolution::dated_promise(view, i);
    let last = view
        .of_side(Side::Internal)
        .filter(|&i| view.position(i) > 0.5)
        .filter(|&i| questions::contains(&view.full_words(i), COULD_NOT) && fails(&view.full_words(i)) && !told(i))
        .last()?;
    let mended = (last + 1..view.labels.sentences.len()).any(|i| {
        let words = view.full_words(i);
        let owned = view.margin(i, Label::Commitment) >= 0.0 && view.margin(i, Label::NextStep) >= 0.0;
        let ours = view.sentence(i).side == Some(Side::Internal);
        ours && (told(i) || owned) && !tells_no_outcome(&words, told(i), view.sentence(i).dated)
    });
    let works = works_again(view).any(|i| i > last);
    (!mended && !works).then_some(last)
}

/// Whether a sentence says that something failed: "not able", "could not get it resolved".
fn fails(words: &[&str]) -> bool {
    const FAILED: &[&str] = &[
        "able", "fix", "fixed", "help", "resolve", "resolved", "solve", "solved", "sort", "sorted", "done", "find",
        "refund", "reach",
    ];
    words.iter().enumerate().any(|(at, word)| {
        matches!(*word, "not" | "unable" | "never" | "cannot")
            && words[at + 1..].iter().take(4).any(|w| FAILED.contains(w))
    })
}

/// Whether the caller says behind a sentence of ours that it is not what they asked for.
fn held_open(view: &View<'_>, index: usize) -> bool {
    view.next_turns(view.turn(index), Side::External, 1).any(|next| {
        next.sentences.clone().take(2).any(|i| {
            questions::contains(
                &view.full_words(i),
                &[&["i", "asked", "for"], &["i", "said"], &["not", "what"], &["i", "wanted"], &["not", "the"]],
            )
        })
    })
}

/// From here on a sentence surely tells of an outcome.
const CLEAR_OUTCOME: f32 = 1.5;

/// At or below this no sentence of the call comes near to an outcome.
pub(super) const UNRESOLVED: f32 = -0.6;

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
