//! Postal addresses: a number with a street, and postal codes.

use super::RedactKind;
use super::find::Finder;
use super::lexicon::{BEFORE, DIGIT, REQUEST, TEEN, TENS, UNIT};
use super::runs::run_at;
use super::tokens::{Shape, Stream, gap};

const STREETS: &str = "road rd street st avenue ave lane ln drive dr boulevard blvd way court ct place pl square sq terrace close crescent \
                       parkway pkwy highway hwy gardens grove mews alley circle trail row rue";
const UNITS: &str = "apt apartment suite ste flat unit floor no";
/// Ends of street names that stand before their number.
const CONTINENTAL: [&str; 9] = ["straat", "strasse", "straße", "gasse", "weg", "laan", "plein", "platz", "gatan"];
const SMALL: &str =
    "the a an on in of for to from is are was and or my your we i you it this that with at by down up across per";

/// Words of the name of a street.
const NAME_WORDS: usize = 4;
/// Words that may follow a street: flat, town, state, postal code.
const TAIL_WORDS: usize = 12;

/// Finds addresses. It goes before the search for numbers, so that both see the same text the next time.
pub(super) fn find(finder: &mut Finder<'_>) {
    let mut at = 0;
    while at < finder.stream.tokens.len() {
        let stream = &finder.stream;
        let found = postal_code(stream, at).or_else(|| street(stream, at)).or_else(|| continental(stream, at));
        let Some((first, last)) = found else {
            at += 1;
            continue;
        };
        finder.take(first, last, RedactKind::Address);
        at = last + 1;
    }
}

fn listed(list: &str, stream: &Stream<'_>, at: usize) -> bool {
    let text = stream.text(at);
    text.len() <= 12 && list.split_ascii_whitespace().any(|known| text.eq_ignore_ascii_case(known))
}

/// Some tokens before one, backwards, as far as nothing is taken: what is redacted is as long as one word later.
fn before(stream: &Stream<'_>, at: usize, start: usize, most: usize) -> impl Iterator<Item = usize> {
    (start..at).rev().take(most).take_while(|&at| stream.tokens[at].taken.is_none())
}

fn is_capital(stream: &Stream<'_>, at: usize) -> bool {
    stream.text(at).chars().next().is_some_and(char::is_uppercase)
}

/// Whether a token is a house number: a short number that no other number touches.
fn is_house(stream: &Stream<'_>, at: usize) -> bool {
    let token = &stream.tokens[at];
    let short = token.end - token.start <= 5 && matches!(token.shape, Shape::Number | Shape::Code);
    let digits = stream.text(at).as_bytes()[0].is_ascii_digit();
    // "In 2024 Main Street grew."
    let year = token.end - token.start == 4
        && stream.previous(at).is_some_and(|previous| listed("in since until by", stream, previous));
    let alone = stream.previous(at).is_none_or(|previous| {
        let previous = &stream.tokens[previous];
        // What is redacted already is no number any more: "4111 1111 1111 1111, 12 Main Road".
        previous.taken.is_some()
            || !matches!(previous.shape, Shape::Number | Shape::Code) && !previous.word.is(DIGIT | TEEN | TENS)
    });
    token.taken.is_none() && short && digits && alone && !year && token.before & (gap::MONEY | gap::SLASH) == 0
}

/// "12 Main Road, Flat 3, Springfield 12345"; after the word "address" the street may have any name.
fn street(stream: &Stream<'_>, first: usize) -> Option<(usize, usize)> {
    if !is_house(stream, first) {
        return None;
    }
    let range = stream.range(stream.tokens[first].piece as usize);
    let cued = before(stream, first, range.start, 6).any(|at| listed("address lives live", stream, at));
    let mut at = first;
    let mut named = None;
    for words in 0..=NAME_WORDS {
        let Some(next) = stream.next(at).filter(|&next| stream.tokens[next].before & !(gap::SPACE | gap::DOT) == 0)
        else {
            break;
        };
        let token = &stream.tokens[next];
        if token.taken.is_some() || listed(SMALL, stream, next) {
            break;
        }
        if (words > 0 || listed("rue", stream, next)) && listed(STREETS, stream, next) {
            named = Some(next);
            break;
        }
        let second_number = words == 0 && token.shape == Shape::Number && token.end - token.start <= 5;
        if !second_number && (token.shape == Shape::Number || token.word.is(UNIT | BEFORE | REQUEST)) {
            break;
        }
        if cued && is_capital(stream, next) {
            named = Some(next);
        }
        at = next;
    }
    Some((first, tail(stream, named?)))
}

/// "Ziegelgasse 26"
fn continental(stream: &Stream<'_>, at: usize) -> Option<(usize, usize)> {
    let token = &stream.tokens[at];
    if token.taken.is_some() || token.shape != Shape::Word || token.end - token.start > 40 || !is_capital(stream, at) {
        return None;
    }
    let lower = stream.text(at).to_lowercase();
    let named = CONTINENTAL.iter().any(|end| lower.len() > end.len() + 2 && lower.ends_with(end));
    let number =
        stream.next(at).filter(|&next| named && stream.tokens[next].before == gap::SPACE && is_house(stream, next))?;
    Some((at, tail(stream, number)))
}

/// The last token of what belongs to an address after its street.
fn tail(stream: &Stream<'_>, street: usize) -> usize {
    let mut last = street;
    for _ in 0..TAIL_WORDS {
        let Some(next) = stream.next(last) else { break };
        let token = &stream.tokens[next];
        let new_line =
            token.before & (gap::SPACE | gap::SENTENCE) == gap::SPACE | gap::SENTENCE && token.before & gap::DOT == 0;
        let apart = token.before & !(gap::SPACE | gap::COMMA | gap::HASH) != 0 && !new_line;
        if apart || token.taken.is_some() {
            break;
        }
        let number = matches!(token.shape, Shape::Number | Shape::Code) && token.end - token.start <= 5;
        let single = stream.next(next).is_none_or(|after| stream.tokens[after].shape != Shape::Number);
        let word = matches!(token.shape, Shape::Word) && is_capital(stream, next) && !listed(SMALL, stream, next);
        if !(number && single || word || listed(UNITS, stream, next)) {
            break;
        }
        last = next;
    }
    last
}

/// A British postal code, or the digits after "zip".
fn postal_code(stream: &Stream<'_>, at: usize) -> Option<(usize, usize)> {
    let token = &stream.tokens[at];
    if token.taken.is_some() {
        return None;
    }
    if token.shape == Shape::Code
        && let Some(next) = stream.next(at).filter(|&next| stream.tokens[next].before == gap::SPACE)
        && is_british(stream.text(at), stream.text(next))
        && stream.tokens[next].taken.is_none()
    {
        return Some((at, next));
    }
    let range = stream.range(token.piece as usize);
    let cued = before(stream, at, range.start, 4).any(|at| listed("zip postcode postal zipcode", stream, at));
    // Numbers are only read where a word asks for it: reading one from each of its digits would take quadratic time.
    if !cued {
        return None;
    }
    let run = run_at(stream, at).filter(|run| matches!(run.digits.len(), 5 | 9) && run.letters() == 0)?;
    let same = stream.tokens[run.last()].piece == token.piece;
    same.then(|| (at, run.last()))
}

fn is_british(outward: &str, inward: &str) -> bool {
    let (outward, inward) = (outward.as_bytes(), inward.as_bytes());
    let letters = outward.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let out = (2..=4).contains(&outward.len())
        && (1..=2).contains(&letters)
        && outward.get(letters).is_some_and(u8::is_ascii_digit)
        && outward.iter().all(u8::is_ascii_alphanumeric);
    out && inward.len() == 3 && inward[0].is_ascii_digit() && inward[1..].iter().all(u8::is_ascii_uppercase)
}
