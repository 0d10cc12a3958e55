//! Names of the people in a call, and of those who are introduced.

use super::RedactKind;
use super::find::Finder;
use super::fold::Folded;
use super::lexicon::{BACK, DIGIT, FILLER, HUNDRED, REQUEST, TEEN, TENS, TIMES, Word};
use super::tokens::{Shape, Stream, gap, is_sign};
use crate::{Participant, roles};
use rustc_hash::{FxHashMap, FxHashSet};

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
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    words: FxHashSet<String>,
    /// Words of a name that follow each other: "will hart".
    pairs: FxHashSet<(String, String)>,
    /// Names in signs, which have no spaces between, by their first sign.
    signs: FxHashMap<char, Vec<String>>,
    /// Whether each of the words is a name wherever it stands, as in the field for a name.
    anywhere: bool,
}

impl Names {
    /// First and last names of participants, without the words of roles such as "Agent 2".
    pub(super) fn of(participants: &[Participant]) -> Self {
        let mut names = Self::default();
        for participant in participants {
            names.add(&participant.name);
        }
        for kind in RedactKind::ALL {
            names.words.remove(&kind.as_str().to_lowercase());
        }
        names
    }

    /// The same names for the fields of participants, where each of their words is a name.
    pub(super) fn anywhere(&self) -> Self {
        Self { anywhere: true, ..self.clone() }
    }

    fn add(&mut self, told: &str) {
        let folded = Folded::of(told);
        let name = key(folded.as_ref().map_or(told, |folded| &folded.text));
        let is_role = roles::is_role(told);
        let words = name.split(|c: char| !c.is_alphabetic() && c != '\'');
        let words: Vec<&str> = words
            .filter(|word| word.chars().count() > 1 && (!is_role || !roles::is_role_word(word)))
            .map(|word| word.trim_matches('\''))
            .collect();
        for word in &words {
            if word.chars().all(is_sign) {
                self.add_signs(word);
            } else {
                self.words.insert((*word).to_owned());
                if word.contains('\'') {
                    self.words.insert(word.replace('\'', ""));
                }
            }
        }
        self.pairs.extend(words.windows(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())));
    }

    /// A name in signs, and the given name alone where it has two signs: 王小明, 小明.
    fn add_signs(&mut self, name: &str) {
        let given: String = name.chars().skip(1).collect();
        for name in [name.to_owned(), given].into_iter().filter(|name| name.chars().count() > 1) {
            let first = name.chars().next().unwrap_or_default();
            let names = self.signs.entry(first).or_default();
            names.push(name);
            names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        }
    }
}

/// A word as names are compared: in lower case and without accents.
fn key(word: &str) -> String {
    word.to_lowercase().chars().map(plain).collect()
}

/// A Latin letter without its accent.
fn plain(c: char) -> char {
    const ACCENTS: &[(char, &str)] = &[
        ('a', "àáâãäåāăąǎ"),
        ('c', "çćĉċč"),
        ('d', "ďđ"),
        ('e', "èéêëēĕėęě"),
        ('g', "ĝğġģ"),
        ('h', "ĥħ"),
        ('i', "ìíîïĩīĭįıǐ"),
        ('k', "ķ"),
        ('l', "ĺļľł"),
        ('n', "ñńņňŉ"),
        ('o', "òóôõöøōŏőǒ"),
        ('r', "ŕŗř"),
        ('s', "śŝşšș"),
        ('t', "ţťŧț"),
        ('u', "ùúûüũūŭůűųǔ"),
        ('w', "ŵ"),
        ('y', "ýÿŷ"),
        ('z', "źżž"),
        ('\'', "’"),
    ];
    if c.is_ascii() {
        return c;
    }
    ACCENTS.iter().find(|(_, accented)| accented.contains(c)).map_or(c, |(plain, _)| *plain)
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
    if let Some(last) = in_signs(stream, at, names) {
        return Some((at, last));
    }
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
    let word = key(stream.text(at));
    let word = if names.words.contains(&word) { word.as_str() } else { word.strip_suffix("'s").unwrap_or(&word) };
    if !names.words.contains(word) {
        return false;
    }
    // A word that says what a number is stays, even where a company is a participant: "Card Services".
    let common = listed(COMMON, word) || stream.tokens[at].word != Word::default() || word.chars().count() <= 2;
    if names.anywhere || !common {
        return true;
    }
    let beside = |next: usize| stream.tokens[next].before & !(gap::SPACE | gap::DASH | gap::HASH) == 0;
    let pair = |first: &str, second: &str| {
        let second = second.strip_suffix("'s").unwrap_or(second);
        names.pairs.contains(&(first.to_owned(), second.to_owned()))
    };
    let next = stream.next(at).filter(|&next| beside(next)).is_some_and(|next| pair(word, &key(stream.text(next))));
    let previous = stream.previous(at).filter(|_| beside(at));
    if next || previous.is_some_and(|previous| pair(&key(stream.text(previous)), word)) {
        return true;
    }
    let previous = stream.previous(at);
    let greeted = previous.is_some_and(|at| GREETINGS.contains(&stream.text(at).to_lowercase().as_str()));
    let ends = stream.next(at).is_none() || stream.after(at) & gap::COMMA != 0;
    if !is_capital(stream, at) {
        return greeted && ends;
    }
    let begins = previous.is_none() || stream.tokens[at].before & (gap::SENTENCE | gap::OTHER | gap::QUESTION) != 0;
    !begins || greeted || stream.after(at) & gap::COMMA != 0
}

/// The last token of a name in signs that begins at a token.
fn in_signs(stream: &Stream<'_>, at: usize, names: &Names) -> Option<usize> {
    let token = &stream.tokens[at];
    let text = stream.pieces[token.piece as usize].text.get(token.start as usize..)?;
    let found = names.signs.get(&text.chars().next()?)?.iter().find(|name| text.starts_with(name.as_str()))?;
    let last = at + found.chars().count() - 1;
    stream.tokens[at..=last].iter().all(|token| token.taken.is_none()).then_some(last)
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
        // "My name is Dana four one one one …": the digits are somebody else's business.
        is_free(stream, at)
            && stream.text(at).len() <= 64
            && !stream.tokens[at].word.is(DIGIT | TEEN | TENS | TIMES | HUNDRED)
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

/// The words of a stretch of speech from its end, as far as nothing is taken: what is redacted is as long as one word later.
fn words_of(stream: &Stream<'_>, piece: usize) -> impl Iterator<Item = usize> {
    stream.range(piece).rev().take_while(|&at| stream.tokens[at].taken.is_none())
}

/// A short answer to "what is your name?".
fn answer(stream: &Stream<'_>, piece: usize) -> Option<(usize, usize)> {
    let question = piece.checked_sub(1)?;
    let range = stream.range(piece);
    let asked = stream.pieces[question].asks && stream.pieces[question].speaker != stream.pieces[piece].speaker;
    let asks_name = asked && words_of(stream, question).take(12).any(|at| stream.text(at).eq_ignore_ascii_case("name"));
    if !asks_name || range.len() > 6 || range.clone().any(|at| stream.tokens[at].taken.is_some()) {
        return None;
    }
    let lead = |at: &usize| stream.tokens[*at].word.is(BACK | FILLER | REQUEST);
    let first = range.clone().find(|at| !lead(at))?;
    name_from(stream, first, 3).filter(|(_, last)| last + 2 >= range.end)
}
