//! What of a model's claims holds: words are shown only where they stand in the transcript, and are cut out of it.

use crate::Evidence;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use transcript::Transcript;

/// Share of a quote's letters that must stand in the segment in their order, where it does not stand there as it is.
const LIKE: f64 = 0.9;
/// Pieces of evidence for one verdict.
const MOST: usize = 3;
/// Letters from which a quote may differ a little: in shorter ones every letter counts.
const LONG: usize = 12;

/// Words that an answer names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cited {
    /// The number of the segment.
    pub segment: i64,
    /// Words of it; empty for all of them.
    pub quote: String,
}

/// Claims that were checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What holds, cut out of the transcript; at most three.
    pub evidence: Vec<Evidence>,
    /// How many do not hold: no such segment among those that were shown, or words that do not stand there.
    pub dropped: usize,
}

/// Checks what an answer names against the segments that were shown (indexes into [`Transcript::segments`]).
#[must_use]
pub fn check(transcript: &Transcript, shown: &Range<usize>, cited: &[Cited]) -> Checked {
    let mut checked = Checked::default();
    for claim in cited {
        match found(transcript, shown, claim) {
            Some(evidence) if checked.evidence.contains(&evidence) => {}
            Some(evidence) if checked.evidence.len() < MOST => checked.evidence.push(evidence),
            Some(_) => {}
            None => checked.dropped += 1,
        }
    }
    checked
}

fn found(transcript: &Transcript, shown: &Range<usize>, claim: &Cited) -> Option<Evidence> {
    let at = usize::try_from(claim.segment).ok()?.checked_sub(1).filter(|at| shown.contains(at))?;
    if claim.quote.trim().is_empty() {
        return Some(Evidence::segment(transcript, at));
    }
    let bytes = stands(&transcript.segments[at].text, &claim.quote)?;
    Some(Evidence::cut(transcript, at, bytes))
}

/// Where a quote stands in a text, in bytes: as it is but for case, marks and white space, or nearly so.
#[must_use]
pub fn stands(text: &str, quote: &str) -> Option<Range<usize>> {
    let (words, places) = folded(text);
    let (wanted, _) = folded(quote);
    if wanted.is_empty() {
        return None;
    }
    let bytes = |letters: Range<usize>| places[letters.start].start..places[letters.end - 1].end;
    if let Some(at) = position(&words, &wanted) {
        return Some(bytes(at..at + wanted.len()));
    }
    if wanted.iter().filter(|letter| **letter != ' ').count() < LONG {
        return None;
    }
    nearly(&words, &wanted).map(bytes)
}

/// The letters and digits of a text in lower case, with one space between words, and where in the text each is. Marks do not matter: nobody
/// spoke them.
fn folded(text: &str) -> (Vec<char>, Vec<Range<usize>>) {
    let (mut letters, mut places) = (Vec::new(), Vec::new());
    for (at, char) in text.char_indices() {
        let place = at..at + char.len_utf8();
        if char.is_alphanumeric() {
            for lower in char.to_lowercase() {
                letters.push(lower);
                places.push(place.clone());
            }
        } else if !matches!(char, '\'' | '’' | '‘') && letters.last().is_some_and(|last| *last != ' ') {
            letters.push(' ');
            places.push(place);
        }
    }
    if letters.last() == Some(&' ') {
        letters.pop();
        places.pop();
    }
    (letters, places)
}

/// Where whole words of a text are these.
fn position(words: &[char], wanted: &[char]) -> Option<usize> {
    let border = |at: usize| at == 0 || at == words.len() || words[at - 1] == ' ' || words[at] == ' ';
    let last = words.len().checked_sub(wanted.len())?;
    (0..=last).find(|at| words[*at..].starts_with(wanted) && border(*at) && border(at + wanted.len()))
}

/// The whole words of a text that are most like these, by edits of letters, where they are like enough.
fn nearly(words: &[char], wanted: &[char]) -> Option<Range<usize>> {
    let most = ((1.0 - LIKE) * wanted.len() as f64).floor() as usize;
    if most == 0 {
        return None;
    }
    // Sellers' algorithm: how many edits lead from the quote to what ends here, and where that begins.
    let mut row: Vec<(usize, usize)> = (0..=wanted.len()).map(|edits| (edits, 0)).collect();
    let mut best: Option<(usize, Range<usize>)> = None;
    for (end, letter) in words.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (0, end + 1);
        for (n, other) in wanted.iter().enumerate() {
            let kept = (diagonal.0 + usize::from(letter != other), diagonal.1);
            diagonal = row[n + 1];
            let (left, above) = (row[n], row[n + 1]);
            row[n + 1] = [kept, (left.0 + 1, left.1), (above.0 + 1, above.1)]
                .into_iter()
                .min_by_key(|(e, _)| *e)
                .unwrap_or(kept);
        }
        let (edits, start) = row[wanted.len()];
        if edits <= most && start <= end && best.as_ref().is_none_or(|(least, _)| edits < *least) {
            best = Some((edits, start..end + 1));
        }
    }
    let (_, found) = best?;
    // To the borders of words, so that no half word is shown.
    let start = words[..found.start].iter().rposition(|letter| *letter == ' ').map_or(0, |space| space + 1);
    let start = if words[found.start] == ' ' { found.start + 1 } else { start };
    let end = words[found.end..].iter().position(|letter| *letter == ' ').map_or(words.len(), |more| found.end + more);
    let end = if words[found.end - 1] == ' ' { found.end - 1 } else { end };
    (start < end).then_some(start..end)
}

/// Whether everything in quotation marks in a sentence of the model stands somewhere in the segments that were shown.
#[must_use]
pub fn quotes_hold(transcript: &Transcript, shown: &Range<usize>, sentence: &str) -> bool {
    quoted(sentence).iter().all(|quote| {
        let (wanted, _) = folded(quote);
        wanted.is_empty()
            || transcript.segments[shown.clone()]
                .iter()
                .any(|segment| position(&folded(&segment.text).0, &wanted).is_some())
    })
}

/// Whether a mark ends what another one began that usually ends with `close`: Swedes and Finns write »so», Germans „so" where a key is missing.
fn ends(close: char, mark: char) -> bool {
    mark == close || matches!((close, mark), ('«', '»') | ('“', '”' | '"') | ('”', '"'))
}

/// What stands between quotation marks; a mark without its second one quotes all that follows.
fn quoted(sentence: &str) -> Vec<String> {
    let mut quotes = Vec::new();
    let mut open: Option<(char, String)> = None;
    let mut before = ' ';
    let mut chars = sentence.chars().peekable();
    while let Some(char) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        open = match open {
            Some((close, text)) if ends(close, char) && (close != '\'' && close != '’' || !next.is_alphanumeric()) => {
                quotes.push(text);
                None
            }
            Some((close, mut text)) => {
                text.push(char);
                Some((close, text))
            }
            None => match char {
                '"' | '＂' | '`' => Some((char, String::new())),
                '“' | '”' => Some(('”', String::new())),
                '„' => Some(('“', String::new())),
                '«' => Some(('»', String::new())),
                '»' => Some(('«', String::new())),
                '‹' => Some(('›', String::new())),
                '›' => Some(('‹', String::new())),
                '「' => Some(('」', String::new())),
                '『' => Some(('』', String::new())),
                '‘' if next.is_alphanumeric() => Some(('’', String::new())),
                '\'' if !before.is_alphanumeric() && next.is_alphanumeric() => Some(('\'', String::new())),
                _ => None,
            },
        };
        before = char;
    }
    quotes.extend(open.filter(|(close, _)| !matches!(close, '\'' | '’')).map(|(_, text)| text));
    quotes
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Well, a late order – that’s about 400 euros each time, isn't it? “Each time”, yes.";

    fn shown(quote: &str) -> Option<&'static str> {
        stands(TEXT, quote).map(|bytes| &TEXT[bytes])
    }

    #[test]
    fn a_quote_stands_where_its_words_do_whatever_the_marks() {
        assert_eq!(shown("that’s about 400 euros each time"), Some("that’s about 400 euros each time"));
        assert_eq!(shown("THAT'S   about 400 Euros, each time!"), Some("that’s about 400 euros each time"));
        assert_eq!(shown("a late order - that's"), Some("a late order – that’s"));
        assert_eq!(shown("isnt it"), Some("isn't it"));
        assert_eq!(shown("Well"), Some("Well"));
        assert_eq!(shown("yes."), Some("yes"));
    }

    #[test]
    fn half_a_word_and_other_words_do_not_stand() {
        for none in ["ell", "400 euro", "about 500", "each times", "", "…", "never said at all by anybody here"] {
            assert_eq!(shown(none), None, "{none}");
        }
    }

    #[test]
    fn a_long_quote_may_differ_a_little_and_shows_what_was_said() {
        assert_eq!(
            shown("thats abot 400 euros each time, isnt it"),
            Some("that’s about 400 euros each time, isn't it")
        );
        assert_eq!(shown("that is around 400 euros for each single time"), None, "too many other words");
        assert_eq!(shown("a late ordre – that's about 400 euro"), Some("a late order – that’s about 400 euros"));
    }

    #[test]
    fn letters_that_grow_in_lower_case_keep_their_places() {
        let text = "In İzmir the price is 9 €";
        assert_eq!(stands(text, "the price is 9").map(|bytes| &text[bytes]), Some("the price is 9"));
    }

    #[test]
    fn quotation_marks_of_all_kinds_are_seen() {
        assert_eq!(
            quoted("He said \"one\", “two”, «three», ‘four’ and 'five'; it's fine."),
            ["one", "two", "three", "four", "five"]
        );
        assert_eq!(quoted("„sechs“ and then \"open to the end"), ["sechs", "open to the end"]);
        assert_eq!(
            quoted("»sieben«, ”åtta”, »ni», ‹dix›, 「十一」, 『十二』, `13` and ＂14＂"),
            ["sieben", "åtta", "ni", "dix", "十一", "十二", "13", "14"]
        );
        assert!(quoted("The customer's own words weren't heard, the reps' neither").is_empty());
    }

    #[test]
    fn claims_that_do_not_hold_are_dropped_and_counted() {
        let json =
            r#"[{"speaker":"A","text":"We lose two trucks a week."},{"speaker":"B","text":"I see, two trucks."}]"#;
        let call = transcript::parse(json.as_bytes(), None).unwrap();
        let cite = |segment, quote: &str| Cited { segment, quote: quote.to_owned() };
        let claims = [
            cite(1, "two trucks"),
            cite(1, "Two trucks."),
            cite(2, "We lose"),
            cite(0, "we"),
            cite(-1, ""),
            cite(3, ""),
            cite(2, ""),
        ];
        let checked = check(&call, &(0..2), &claims);
        assert_eq!(
            checked.evidence.iter().map(|e| (e.segment_id, e.quote.as_str())).collect::<Vec<_>>(),
            [(1, "two trucks"), (2, "I see, two trucks.")]
        );
        assert_eq!(checked.dropped, 4);
        assert!(checked.evidence.iter().all(|evidence| evidence.holds(&call)));
        assert_eq!(check(&call, &(1..2), &claims[..1]).dropped, 1, "it was not shown");
        assert!(quotes_hold(&call, &(0..2), "They lose “two trucks” a week"));
        assert!(!quotes_hold(&call, &(0..2), "They lose “three trucks” a week"));
    }
}
