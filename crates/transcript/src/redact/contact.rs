//! Mail addresses and telephone numbers.

use super::RedactKind;
use super::find::Finder;
use super::lexicon::{DIGIT, IS, OH, TEEN, TENS, TIMES};
use super::runs::Run;
use super::tokens::{Shape, Stream, gap, is_sign};

/// Words of a spoken mail address before and after its "at".
const SPOKEN_WORDS: usize = 16;
/// Words after which a mail address is expected.
const CUE_WORDS: usize = 10;
/// Words of a name in a mail address that is spoken as a name.
const NAME_WORDS: usize = 3;

/// Hosts whose names alone say that a mail address is spoken.
const HOSTS: &[&str] = &[
    "gmail",
    "googlemail",
    "hotmail",
    "outlook",
    "yahoo",
    "icloud",
    "aol",
    "proton",
    "protonmail",
    "live",
    "msn",
    "gmx",
    "web",
    "fastmail",
    "comcast",
    "btinternet",
    "verizon",
];

/// Last parts of domains as they are spoken.
const ENDINGS: &[&str] = &[
    "com", "org", "net", "io", "co", "uk", "de", "edu", "gov", "fr", "es", "it", "nl", "ch", "at", "eu", "us", "ca",
    "au", "ai", "app", "dev", "info", "biz", "me", "in", "ie",
];

/// Finds mail addresses, written and spoken, so that their digits are nothing else.
pub(super) fn find_emails(finder: &mut Finder<'_>) {
    for piece in 0..finder.stream.pieces.len() {
        let text = finder.stream.pieces[piece].text;
        let range = finder.stream.range(piece);
        let mut from = range.start;
        for at in memchr::memchr_iter(b'@', text.as_bytes()) {
            let Some((start, end)) = written(text, at) else { continue };
            while from < range.end && (finder.stream.tokens[from].start as usize) < start {
                from += 1;
            }
            let mut last = from;
            while last < range.end && finder.stream.tokens[last].end as usize <= end {
                last += 1;
            }
            if last > from && finder.stream.tokens[from..last].iter().all(|token| token.taken.is_none()) {
                finder.take(from, last - 1, RedactKind::Email);
                from = last;
            }
        }
        let mut at = range.start;
        while at < range.end {
            if is_ending(&finder.stream, at)
                && let Some((first, last)) = spoken(&finder.stream, at)
            {
                finder.take(first, last, RedactKind::Email);
                at = last;
            }
            at += 1;
        }
    }
}

/// The bounds of the mail address around an `@`.
fn written(text: &str, at: usize) -> Option<(usize, usize)> {
    // Signs of Chinese and the like are words of their own around the address.
    let part = |c: &char, more: &str| c.is_alphanumeric() && !is_sign(*c) || more.contains(*c);
    let local: usize = text[..at].chars().rev().take_while(|c| part(c, "._%+-")).map(char::len_utf8).sum();
    let host: usize = text[at + 1..].chars().take_while(|c| part(c, ".-")).map(char::len_utf8).sum();
    let start = at - local;
    let start = start + text[start..at].len() - text[start..at].trim_start_matches(['.', '-', '%', '+', '_']).len();
    let mut host = text[at + 1..at + 1 + host].trim_end_matches(['.', '-']);
    // What is written to the end of it may be no part of it: "ann@example.com.5551234".
    loop {
        let (name, ending) = host.rsplit_once('.')?;
        let ending = ending.split('-').next().unwrap_or_default();
        if !name.is_empty() && ending.chars().count() >= 2 && ending.chars().all(char::is_alphabetic) {
            return (start < at).then_some((start, at + 1 + name.len() + 1 + ending.len()));
        }
        host = name;
    }
}

fn is_dot(stream: &Stream<'_>, at: usize) -> bool {
    ["dot", "period", "point"].iter().any(|word| stream.text(at).eq_ignore_ascii_case(word))
}

/// Whether a token ends a domain: "dot com", or "com" in "gmail.com".
fn is_ending(stream: &Stream<'_>, at: usize) -> bool {
    let token = &stream.tokens[at];
    if token.taken.is_some() || token.end - token.start > 4 || token.shape != Shape::Word {
        return false;
    }
    let known = ENDINGS.iter().any(|ending| stream.text(at).eq_ignore_ascii_case(ending));
    known && stream.previous(at).is_some_and(|previous| token.before == gap::DOT || is_dot(stream, previous))
}

/// The tokens of the mail address that is spoken up to `last`: "ann dot lee at example dot com".
fn spoken(stream: &Stream<'_>, ending: usize) -> Option<(usize, usize)> {
    let mut last = ending;
    // "dot co dot uk"
    while let Some(dot) = stream.next(last).filter(|&dot| is_dot(stream, dot)) {
        let Some(more) = stream.next(dot).filter(|&more| is_ending(stream, more)) else { break };
        last = more;
    }
    let free = |at: usize| stream.tokens[at].taken.is_none();
    let mut at = ending;
    let mut host = None;
    for _ in 0..SPOKEN_WORDS {
        at = stream.previous(at).filter(|&at| free(at))?;
        if stream.text(at).eq_ignore_ascii_case("at") {
            host = stream.next(at);
            break;
        }
    }
    let host = host?;
    let mut first = stream.previous(at).filter(|&at| free(at))?;
    // "dana (at) acme.com"
    let mut joined = (stream.tokens[at].before | stream.after(at)) & gap::BRACKET != 0;
    for _ in 0..SPOKEN_WORDS {
        let Some(previous) = stream.previous(first).filter(|&at| free(at)) else { break };
        let before = stream.tokens[first].before;
        let connects = |at: usize| {
            is_dot(stream, at)
                || ["underscore", "dash", "hyphen"].iter().any(|word| stream.text(at).eq_ignore_ascii_case(word))
        };
        let single = |at: usize| {
            let token = &stream.tokens[at];
            token.word.is(DIGIT | OH | TEEN | TENS | TIMES) || matches!(token.shape, Shape::Number | Shape::Letter)
        };
        let tight = before & gap::SPACE == 0;
        if tight || connects(previous) || connects(first) || single(first) && before & !(gap::SPACE | gap::DASH) == 0 {
            let word = !tight && !connects(previous) && !connects(first);
            // A word before digits is part of the name, the words before that are not.
            if word && !single(previous) && joined {
                break;
            }
            joined = true;
            first = previous;
        } else {
            break;
        }
    }
    let known = HOSTS.iter().any(|known| stream.text(host).eq_ignore_ascii_case(known));
    let mail =
        |at: usize| ["email", "mail", "e-mail", "address"].iter().any(|w| stream.text(at).eq_ignore_ascii_case(w));
    let range = stream.range(stream.tokens[first].piece as usize);
    let before = (first.saturating_sub(CUE_WORDS).max(range.start)..first).rev().take_while(|&at| free(at));
    let cue = before.clone().find(|&at| mail(at));
    if let Some(cue) = cue {
        // "My email is dana whitlock at acme dot com": all of the name.
        let is = (cue..first).rev().find(|&at| stream.tokens[at].word.is(IS) || is_it(stream.text(at)));
        let from = is.map(|is| is + 1).filter(|from| first - from <= NAME_WORDS);
        let tight = |at: usize| stream.tokens[at].before & !(gap::SPACE | gap::DASH) == 0;
        first = from.filter(|from| (from + 1..=first).all(tight)).unwrap_or(first);
    }
    (known || cue.is_some() || joined).then_some((first, last))
}

fn is_it(word: &str) -> bool {
    ["it's", "it’s", "that's", "that’s"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether a written number has the shape of a telephone number: international, in brackets, 3-3-4, or from 0 in groups.
pub(super) fn is_phone(stream: &Stream<'_>, run: &Run, counts: &[usize]) -> bool {
    let before = stream.tokens[run.first()].before;
    let digits = run.digits.len();
    let international = before & gap::PLUS != 0 && digits >= 8;
    let bracket = before & gap::OPEN != 0
        && counts.len() > 1
        && stream.tokens[run.groups[1].first].before & gap::BRACKET != 0
        && digits <= 12;
    let american = matches!(counts, [3, 3, 4] | [1, 3, 3, 4]);
    let national = run.digits[0] == 0 && counts.len() >= 2 && (9..=13).contains(&digits);
    international || bracket || american || national
}
