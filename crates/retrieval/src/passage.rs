//! Passages: stretches of about 100 to 150 words on the borders of turns, which are found by what they mean.

use crate::words::{Word, words};
use std::ops::Range;
use transcript::{Side, Transcript};

/// A passage that has so many words ends at the next border of turns.
const ENOUGH: usize = 100;
/// One that has so many does not begin a turn that it has no room for.
const SOME: usize = 60;
/// The most words of a passage, but for a short end of the call.
const MOST: usize = 150;
/// Fewer words at the end of a call belong to the passage before them.
const FEW: usize = 30;

/// What of a segment is in a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The segment's place in the transcript, from 0.
    pub segment: usize,
    /// Which of its bytes.
    pub bytes: Range<usize>,
}

/// A stretch of a call. Together the passages of a call hold each of its words once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// What it is made of, in order; never empty.
    pub parts: Vec<Part>,
    /// How many words it has.
    pub words: usize,
}

impl Passage {
    /// Its text: a line for each segment, without names.
    pub fn text(&self, transcript: &Transcript) -> String {
        let lines: Vec<&str> =
            self.parts.iter().map(|part| &transcript.segments[part.segment].text[part.bytes.clone()]).collect();
        lines.join("\n")
    }

    /// Its words as they are looked for, of each side: ours, the other, and nobody knows whose. Between two turns of a side stands [`BORDER`], so that
    /// no phrase goes across.
    pub fn words_of_sides(&self, transcript: &Transcript) -> [String; 3] {
        let mut sides = [const { String::new() }; 3];
        let mut before = None;
        for part in &self.parts {
            let segment = &transcript.segments[part.segment];
            let side = match transcript.side(segment) {
                Some(Side::Internal) => 0,
                Some(Side::External) => 1,
                None => 2,
            };
            let spoken = &mut sides[side];
            if before != Some((side, segment.speaker)) && !spoken.is_empty() {
                push(spoken, BORDER);
            }
            before = Some((side, segment.speaker));
            for word in words(&segment.text[part.bytes.clone()]) {
                push(spoken, &word.stem());
            }
        }
        sides
    }
}

/// Stands between two turns among words; no word of a text is it.
pub const BORDER: &str = "\u{2016}";

fn push(spoken: &mut String, word: &str) {
    if !spoken.is_empty() {
        spoken.push(' ');
    }
    spoken.push_str(word);
}

/// The passages of a call, in order. A call without words has none.
pub fn passages(transcript: &Transcript) -> Vec<Passage> {
    let mut found: Vec<Passage> = Vec::new();
    let mut current = Passage { parts: Vec::new(), words: 0 };
    let mut close = |current: &mut Passage| {
        if current.words > 0 {
            found.push(std::mem::replace(current, Passage { parts: Vec::new(), words: 0 }));
        }
    };
    let mut segments = transcript.segments.iter().enumerate().peekable();
    while let Some((first, segment)) = segments.next() {
        let mut turn = pieces(first, &segment.text);
        while let Some((at, next)) = segments.next_if(|(_, next)| next.speaker == segment.speaker) {
            turn.extend(pieces(at, &next.text));
        }
        let words: usize = turn.iter().map(|(_, words)| words).sum();
        if current.words >= ENOUGH || (current.words >= SOME && current.words + words > MOST) {
            close(&mut current);
        }
        for (part, words) in turn {
            if current.words + words > MOST {
                close(&mut current);
            }
            current.parts.push(part);
            current.words += words;
        }
    }
    match found.last_mut() {
        Some(last) if current.words < FEW => {
            last.parts.append(&mut current.parts);
            last.words += current.words;
        }
        _ => {
            if current.words > 0 {
                found.push(current);
            }
        }
    }
    found
}

/// A passage of each segment, or several where it is long: for texts that were cut elsewhere.
pub fn passages_each(transcript: &Transcript) -> Vec<Passage> {
    let all = transcript.segments.iter().enumerate().flat_map(|(at, segment)| pieces(at, &segment.text));
    all.map(|(part, words)| Passage { parts: vec![part], words }).collect()
}

/// What of a segment can stand in a passage at once, with how many words: all of it, or runs of sentences where it is long.
fn pieces(segment: usize, text: &str) -> Vec<(Part, usize)> {
    let words = words(text);
    if words.len() <= MOST {
        return vec![(Part { segment, bytes: 0..text.len() }, words.len())];
    }
    let mut pieces = Vec::new();
    let (mut from, mut first, mut ended) = (0, 0, None);
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1);
        let end = next.map_or(text.len(), |next| next.at.start);
        let count = at + 1 - first;
        if next.is_none() || count == MOST || (count >= ENOUGH && ends_sentence(text, word, end)) {
            // Back to the last end of a sentence, where the room ends in the midst of one.
            let (end, upto) = match ended.take() {
                Some(back) if count == MOST && next.is_some() => back,
                _ => (end, at + 1),
            };
            pieces.push((Part { segment, bytes: from..end }, upto - first));
            (from, first) = (end, upto);
        } else if count > SOME && ends_sentence(text, word, end) {
            ended = Some((end, at + 1));
        }
    }
    if from < text.len() {
        pieces.push((Part { segment, bytes: from..text.len() }, words.len() - first));
    }
    pieces
}

fn ends_sentence(text: &str, word: &Word, next: usize) -> bool {
    text[word.at.end..next].contains(['.', '?', '!', '\u{2026}', '\n', '\u{3002}'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use transcript::{Format, Participant, Segment};

    /// A call of these segments: who speaks (0 ours, 1 the other, 2 nobody knows), and what.
    fn call(segments: &[(usize, String)]) -> Transcript {
        let mut call = transcript::parse_text("A: one\nB: two\n", Some(Format::Text)).unwrap();
        let side = |name: &str, side| Participant { name: name.to_owned(), side: Some(side), ..Participant::default() };
        call.participants = vec![side("Dana", Side::Internal), side("Mara", Side::External)];
        call.segments = segments
            .iter()
            .zip(1..)
            .map(|((who, text), id)| Segment {
                id,
                speaker: Some(*who).filter(|who| *who < 2),
                start_ms: None,
                end_ms: None,
                text: text.clone(),
                estimated: false,
                confidence: None,
                topic: None,
            })
            .collect();
        call
    }

    fn says(count: usize) -> String {
        (0..count).map(|n| format!("w{n}{}", if n % 10 == 9 { "." } else { "" })).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn passages_end_between_turns_where_they_can() {
        let call = call(&[(0, says(70)), (1, says(40)), (0, says(20)), (0, says(50)), (1, says(90)), (0, says(5))]);
        let found: Vec<(usize, usize, usize)> = passages(&call)
            .iter()
            .map(|passage| {
                let (first, last) = (passage.parts.first().unwrap(), passage.parts.last().unwrap());
                (first.segment, last.segment, passage.words)
            })
            .collect();
        // 110 is enough; 70 and 90 would be too many; the goodbye of 5 words stays with what comes before it.
        assert_eq!(found, [(0, 1, 110), (2, 3, 70), (4, 5, 95)]);
    }

    #[test]
    fn a_long_segment_is_cut_between_sentences() {
        let call = call(&[(0, says(400))]);
        let found = passages(&call);
        let counts: Vec<usize> = found.iter().map(|passage| passage.words).collect();
        assert_eq!(counts, [100, 100, 100, 100]);
        assert!(found.iter().all(|passage| passage.text(&call).trim_end().ends_with('.')));
        // One sentence without an end is cut all the same.
        let endless = tests::call(&[(0, (0..400).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" "))]);
        assert_eq!(passages(&endless).iter().map(|passage| passage.words).collect::<Vec<_>>(), [150, 150, 100]);
    }

    #[test]
    fn words_are_kept_by_side_and_turns_apart() {
        let call = call(&[
            (0, "Prices are".into()),
            (0, "fixed.".into()),
            (1, "Too high!".into()),
            (0, "Why?".into()),
            (2, "Noise".into()),
        ]);
        let [ours, theirs, nobodys] = passages(&call)[0].words_of_sides(&call);
        assert_eq!(ours, format!("price are fix {BORDER} why").replace("price", "pric"));
        assert_eq!((theirs.as_str(), nobodys.as_str()), ("too high", "nois"));
        assert_eq!(passages(&tests::call(&[(0, "…".into())])), []);
    }

    proptest! {
        #[test]
        fn each_word_is_in_one_passage(turns in proptest::collection::vec((0_usize..3, 0_usize..330), 0..12)) {
            let call = call(&turns.iter().map(|(who, count)| (*who, says(*count))).collect::<Vec<_>>());
            let found = passages(&call);
            let mut next = vec![0; call.segments.len()];
            for passage in &found {
                prop_assert!(passage.words > 0 && passage.words <= MOST + FEW);
                let counted: usize = passage.words_of_sides(&call).iter().map(|words| {
                    words.split_whitespace().filter(|word| *word != BORDER).count()
                }).sum();
                prop_assert_eq!(counted, passage.words);
                for part in &passage.parts {
                    prop_assert_eq!(part.bytes.start, next[part.segment]);
                    next[part.segment] = part.bytes.end;
                }
            }
            for (segment, end) in call.segments.iter().zip(next) {
                let left = words(&segment.text[end..]).len();
                prop_assert_eq!(left, 0);
            }
        }
    }
}
