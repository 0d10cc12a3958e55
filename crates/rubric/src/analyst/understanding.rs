//! Whether what the caller wants was understood: taken up in our words, or acted on, without the caller saying that it is something else.

use super::contradictions::{self, CORRECTED, topic};
use super::facts::{asked_slots, is_weekday};
use super::outcomes::{commands, works_again};
use super::service::{asked_task, other_task, requests, states_done};
use super::tasks::{tasks_of, tells_fact};
use super::view::View;
use super::words::{common, content_of};
use super::{Finding, questions, repeats};
use signals::labels::Label;
use transcript::Side;

/// Among how many of our turns behind the request it has to be taken up in words.
const TURNS: usize = 7;

pub(super) fn request_understood(view: &View<'_>) -> Finding {
    let requests = requests(view);
    let Some(&first) = requests.first() else {
        return Finding::cannot_assess("No request of the customer was recognised.");
    };
    if let Some((index, request)) = other_task(view) {
        return Finding::unmet(
            format!("What {} did {} is not what the caller had asked for.", view.who(index), view.when(index)),
            [index, request],
        );
    }
    let doubtful = Doubtful::new(view);
    let mut taken_up: Option<(usize, f32)> = None;
    let mut refused = None;
    for reply in view.next_turns(view.turn(first), Side::Internal, TURNS) {
        for index in reply.sentences.clone() {
            let score = takes_up(view, &requests, index).unwrap_or(f32::MIN);
            let told = view.sentence(index).question.is_none() && view.word_count(index) >= 4;
            let shares = score > f32::MIN;
            match misunderstood(view, index) {
                Some(Refusal::Plainly) if shares || told => refused = refused.or(Some(index)),
                Some(Refusal::OtherThing) if shares => refused = refused.or(Some(index)),
                None if shares && !doubtful.holds(index) && taken_up.is_none_or(|(_, best)| score > best) => {
                    taken_up = Some((index, score));
                }
                _ => {}
            }
        }
    }
    if let Some(index) = refused {
        return Finding::unmet(
            format!(
                "What {} took the request for {} was not what the caller wants.",
                view.who(index),
                view.when(index)
            ),
            [index, first],
        );
    }
    let found = taken_up.map(|(index, _)| index).or_else(|| {
        let sound = |i: &usize| !doubtful.holds(*i) && misunderstood(view, *i).is_none();
        task_taken_up(view).filter(sound).or_else(|| acted_on(view, first).find(sound))
    });
    match found {
        Some(index) => {
            Finding::met(format!("{} took the request up {}.", view.who(index), view.when(index)), [index, first])
        }
        None if let Some(index) = works_again(view).next() => {
            Finding::met(format!("{} said {} that it works.", view.who(index), view.when(index)), [index, first])
        }
        None => Finding::cannot_assess("It cannot be told from the words whether the agent understood the request."),
    }
}

/// Sentences of ours that show nothing of having understood: they ask for what was said, or state what contradicts it.
struct Doubtful(Vec<usize>);

impl Doubtful {
    fn new(view: &View<'_>) -> Self {
        let mut all: Vec<usize> = repeats::repeats(view).into_iter().map(|repeat| repeat.again).collect();
        all.extend(contradictions::find(view).into_iter().map(|found| found.contradicts));
        Self(all)
    }

    fn holds(&self, index: usize) -> bool {
        self.0.contains(&index)
    }
}

/// From here on a statement with a word of the request may restate it or do it.
const NEARLY: f32 = -0.3;

/// How clearly our sentence takes up words of the request; `None` where it only happens to share one. Days and figures name no matter.
fn takes_up(view: &View<'_>, requests: &[usize], index: usize) -> Option<f32> {
    let words = view.full_words(index);
    let asks = view.sentence(index).question.is_some();
    // "Could I have the tracking number" shows that a number is wanted, whatever for.
    if asks && !asked_slots(&words).is_empty() && words.len() <= 12 || commands(&words) {
        return None;
    }
    let days: Vec<&str> = words.iter().copied().filter(|w| is_weekday(w)).collect();
    let days = content_of(&days);
    let mut wanted: Vec<u32> = requests.iter().flat_map(|&i| view.content(i).iter().copied()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let about: Vec<u32> = topic(view.content(index)).into_iter().filter(|word| !days.contains(word)).collect();
    let shared = common(&wanted, &about);
    let does = view.margin(index, Label::Restatement).max(view.margin(index, Label::Resolved)).clamp(-2.0, 2.0);
    let acts = states_done(view, index) || tells_fact(&words);
    // "Just to confirm, 240 from savings" says the figures of the request back.
    let says_back = view.margin(index, Label::Restatement) >= 0.0 && common(&wanted, view.content(index)) >= 2;
    let enough = match shared {
        0 => says_back,
        1 => says_back || !asks && (does >= NEARLY || acts),
        _ => true,
    };
    let score = shared.max(usize::from(says_back)) as f32 + does * 0.7;
    (enough && score >= 0.6).then_some(score)
}

/// Our sentence that tells or asks about the errand the caller came with.
fn task_taken_up(view: &View<'_>) -> Option<usize> {
    let (asked, tasks) = asked_task(view)?;
    view.of_side(Side::Internal).find(|&i| {
        let words = view.full_words(i);
        i > asked && tasks_of(&words) & tasks != 0 && !commands(&words)
    })
}

/// Our sentences that tell that something is done, behind the request.
fn acted_on<'v>(view: &'v View<'_>, request: usize) -> impl Iterator<Item = usize> + 'v {
    view.of_side(Side::Internal).filter(move |&i| i > request && view.position(i) > 0.25 && states_done(view, i))
}

/// What the caller's next words make of a sentence of ours.
enum Refusal {
    /// They say that they want or asked for something else, and are left with that.
    Plainly,
    /// They seem to want something else, and are left with that.
    OtherThing,
    /// They put something in it right.
    Detail,
}

/// Whether the caller's next words say that a sentence of ours is not what they want.
fn misunderstood(view: &View<'_>, index: usize) -> Option<Refusal> {
    const NOT_THAT: &[&[&str]] = &[
        &["i", "do", "not", "want"],
        &["not", "what", "i"],
        &["that", "is", "not", "what"],
        &["not", "about"],
        &["no", "not"],
        &["i", "am", "after"],
        &["i", "did", "not", "ask"],
        &["that", "is", "not", "it"],
        &["you", "misunderstand"],
        &["not", "a", "new"],
        &["no", "i", "wanted"],
        &["but", "i", "wanted"],
        &["um", "i", "wanted"],
        &["no", "i", "asked"],
        &["but", "i", "asked"],
        &["no", "i", "need"],
        &["no", "i", "said"],
        &["i", "meant"],
        &["i", "asked", "for"],
        &["i", "asked", "about"],
    ];
    const PLAIN: &[&[&str]] = &[
        &["not", "what", "i"],
        &["i", "did", "not", "ask"],
        &["you", "misunderstand"],
        &["i", "asked", "for"],
        &["i", "asked", "about"],
        &["i", "am", "after"],
    ];
    let next = view.next_turns(view.turn(index), Side::External, 1).next()?;
    let reply = || next.sentences.clone().take(2);
    if reply().any(|i| questions::contains(&view.full_words(i), NOT_THAT)) {
        // Sorry, and then what they wanted: it was understood after all.
        let mut theirs = view.turn_content(next.sentences.start);
        theirs.retain(|word| !view.content(index).contains(word));
        let mended = view.next_turns(view.turn(next.sentences.start), Side::Internal, 1).any(|ours| {
            ours.sentences.clone().any(|i| {
                questions::contains(&view.full_words(i), CORRECTED)
                    || view.sentence(i).question.is_none() && common(&theirs, &topic(view.content(i))) >= 1
            })
        });
        let said = |wanted: &[&[&str]]| reply().any(|i| questions::contains(&view.full_words(i), wanted));
        let plain = said(PLAIN)
            || said(&[&["i", "do", "not", "want"]]) && said(&[&["i", "want"], &["i", "need"], &["i", "would", "like"]]);
        // "Does that ring a bell?" – "No, not at all" answers the question.
        let asks = (index + 1..view.turns[view.turn(index)].sentences.end).any(|i| view.sentence(i).question.is_some());
        return match (mended, plain, asks) {
            (true, ..) => Some(Refusal::Detail),
            (false, true, _) => Some(Refusal::Plainly),
            (false, false, false) => Some(Refusal::OtherThing),
            (false, false, true) => None,
        };
    }
    // A "no" to a question behind the sentence answers that.
    let ends = view.turns[view.turn(index)].sentences.end;
    let told = (index..ends).all(|i| view.sentence(i).question.is_none());
    let no = reply().next().is_some_and(|i| {
        let words = view.full_words(i);
        words.first() == Some(&"no") && words.len() <= 14 && view.margin(i, Label::Agreement) < 0.0
    });
    (told && no).then_some(Refusal::Detail)
}
