//! Names of the people in a call, and of those who are introduced.

use super::RedactKind;
use super::find::Finder;
use super::lexicon::{BACK, FILLER, REQUEST};
use super::tokens::{Shape, Stream, gap};
use crate::{Participant, roles};
use rustc_hash::FxHashSet;

/// Words that are names and something else: they are names only with a capital letter that no sentence gives them.
const COMMON: &str = "will mark may grace hope bill rob sue art guy jack frank rich chase dean drew pat ray skip chip gene penny rose joy \
                      faith iris dawn summer june april august melody olive ruby amber ivy lily heather max miles grant pierce carol \
                      christian long young best day king bishop page price hall field fields stone wood woods hill banks brown black \
                      white green gray grey short small little power major cook baker carter mason potter smith miller parker fox wolf \
                      love rush sharp strong swift case cash bond rice lane park church west north east south an in on my to so do no \
                      see le de la van von der team sales support guest lead host user client agent customer speaker phone group room";

/// Words that end an introduction.
const NO_NAME: &str = "a an the and or but from with at in on of for not no i i'm im it it's is was that this here there calling speaking \
                       my your you we just so as to by about because who what spelled spelt misspelled wrong written still under also now \
                       please thanks thank and by the way missing correct incorrect appears already too very really going gonna";

/// Greetings: the word after one is a name even if it could be another word.
const GREETINGS: &[&str] =
    &["hi", "hello", "hey", "thanks", "dear", "morning", "afternoon", "evening", "mr", "mrs", "ms", "dr"];

/// Words of which one follows a name that is said after "this is".
const INTRODUCED: &[&str] = &["speaking", "calling", "from", "here", "with"];

/// Names by which the people of a call are called.
#[derive(Debug, Default)]
pub(super) struct Names {
    words: FxHashSet<String>,
    /// Whether each of the words is a name wherever it stands, as in the field for a name.
    pub(super) anywhere: bool,
}

impl Names {
    /// First and last names of participants, without the words of roles such as "Agent 2".
    pub(super) fn of(participants: &[Participant]) -> Self {
        let mut names = FxHashSet::default();
        for participant in participants {
            let is_role = roles::is_role(&participant.name);
            let words = participant.name.split(|c: char| !c.is_alphabetic() && c != '\'');
            let words = words.filter(|word| word.chars().count() > 1).map(str::to_lowercase);
            names.extend(words.filter(|word| !is_role || !roles::is_role_word(word)));
        }
        for kind in RedactKind::ALL {
            names.remove(&kind.as_str().to_lowercase());
        }
        Self { words: names, anywhere: false }
    }
}

/// Finds names. It goes before the search for numbers, so that both see the same text the next time.
pub(super) fn find(finder: &mut Finder<'_>, names: &Names) {
    for piece in 0..finder.stream.pieces.len() {
        let range = finder.stream.range(piece);
        let mut at = range.start;
        if let Some((first, last)) = answer(&finder.stream, piece) {
            finder.take(first, last, RedactKind::Name);
        }
        while at < range.end {
            let found = introduced(&finder.stream, at);
            let Some((first, last)) = found.or_else(|| known(&finder.stream, at, names)) else {
                at += 1;
                continue;
            };
            finder.take(first, last, RedactKind::Name);
            at = last + 1;
        }
    }
}

fn listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

fn is_capital(stream: &Stream<'_>, at: usize) -> bool {
    stream.text(at).chars().next().is_some_and(char::is_uppercase)
}

fn is_free(stream: &Stream<'_>, at: usize) -> bool {
    stream.tokens[at].taken.is_none() && stream.tokens[at].shape == Shape::Word
}

/// Names of participants from a token on.
fn known(stream: &Stream<'_>, at: usize, names: &Names) -> Option<(usize, usize)> {
    let mut last = None;
    let mut next = Some(at);
    while let Some(at) = next.filter(|&at| is_known(stream, at, names)) {
        last = Some(at);
        next = stream.next(at).filter(|&next| stream.tokens[next].before & !(gap::SPACE | gap::DASH) == 0);
    }
    last.map(|last| (at, last))
}

fn is_known(stream: &Stream<'_>, at: usize, names: &Names) -> bool {
    if !is_free(stream, at) || stream.text(at).len() > 64 {
        return false;
    }
    let lower = stream.text(at).to_lowercase().replace('’', "'");
    let word = if names.words.contains(&lower) { &lower } else { lower.strip_suffix("'s").unwrap_or(&lower) };
    if !names.words.contains(word) {
        return false;
    }
    if names.anywhere || !listed(COMMON, word) && word.chars().count() > 2 {
        return true;
    }
    if !is_capital(stream, at) {
        return false;
    }
    let previous = stream.previous(at);
    let begins = previous.is_none() || stream.tokens[at].before & (gap::SENTENCE | gap::OTHER | gap::QUESTION) != 0;
    let greeted = previous.is_some_and(|at| GREETINGS.contains(&stream.text(at).to_lowercase().as_str()));
    let full = stream.next(at).filter(|&next| stream.tokens[next].before == gap::SPACE && is_capital(stream, next));
    let full = full.is_some_and(|next| names.words.contains(&stream.text(next).to_lowercase()));
    !begins || greeted || full || stream.after(at) & gap::COMMA != 0
}

/// A name that follows "my name is", "this is … speaking", "Mr".
fn introduced(stream: &Stream<'_>, at: usize) -> Option<(usize, usize)> {
    let word = |at: usize| stream.text(at).to_ascii_lowercase().replace('’', "'");
    let is = |at: Option<usize>, words: &[&str]| {
        at.is_some_and(|at| stream.tokens[at].taken.is_none() && words.contains(&word(at).as_str()))
    };
    if stream.tokens[at].taken.is_some() || stream.text(at).len() > 10 {
        return None;
    }
    let second = stream.next(at);
    let third = second.and_then(|at| stream.next(at));
    match word(at).as_str() {
        "name" if is(second, &["is"]) => name_from(stream, third?, 3),
        "name's" => name_from(stream, second?, 3),
        "call" if is(second, &["me"]) => name_from(stream, third?, 2).filter(|(first, _)| is_capital(stream, *first)),
        "this" if is(second, &["is"]) => {
            let (first, last) = name_from(stream, third?, 3)?;
            is(stream.next(last), INTRODUCED).then_some((first, last))
        }
        "mr" | "mrs" | "ms" | "miss" | "dr" => {
            let close = |at: &usize| stream.tokens[*at].before & !(gap::SPACE | gap::DOT | gap::SENTENCE) == 0;
            let first = second.filter(|at| close(at) && is_capital(stream, *at) && is_free(stream, *at))?;
            let last = stream
                .next(first)
                .filter(|&at| stream.tokens[at].before == gap::SPACE && is_capital(stream, at) && is_free(stream, at));
            Some((first, last.unwrap_or(first)))
        }
        _ => None,
    }
}

/// Up to `most` words of a name.
fn name_from(stream: &Stream<'_>, first: usize, most: usize) -> Option<(usize, usize)> {
    let fits = |at: usize| {
        let lower = stream.text(at).to_lowercase().replace('’', "'");
        is_free(stream, at)
            && stream.text(at).len() <= 64
            && !listed(NO_NAME, &lower)
            && !INTRODUCED.contains(&lower.as_str())
    };
    if !fits(first) || stream.tokens[first].before & !(gap::SPACE | gap::COLON) != 0 {
        return None;
    }
    let capital = is_capital(stream, first);
    let mut last = first;
    for _ in 1..if capital { most } else { most.min(2) } {
        let next =
            stream.next(last).filter(|&next| stream.tokens[next].before & !(gap::SPACE | gap::DASH) == 0 && fits(next));
        match next.filter(|&next| is_capital(stream, next) == capital) {
            Some(next) => last = next,
            None => break,
        }
    }
    Some((first, last))
}

/// A short answer to "what is your name?".
fn answer(stream: &Stream<'_>, piece: usize) -> Option<(usize, usize)> {
    let question = piece.checked_sub(1)?;
    let range = stream.range(piece);
    let asked = stream.pieces[question].asks && stream.pieces[question].speaker != stream.pieces[piece].speaker;
    let asks_name =
        asked && stream.range(question).rev().take(12).any(|at| stream.text(at).eq_ignore_ascii_case("name"));
    if !asks_name || range.len() > 6 || range.clone().any(|at| stream.tokens[at].taken.is_some()) {
        return None;
    }
    let lead = |at: &usize| stream.tokens[*at].word.is(BACK | FILLER | REQUEST);
    let first = range.clone().find(|at| !lead(at))?;
    name_from(stream, first, 3).filter(|(_, last)| last + 2 >= range.end)
}
