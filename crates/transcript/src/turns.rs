//! Turns: maximal runs of one speaker's segments, ignoring the other side's backchannels.

use crate::{Segment, Side, SpeakerIx, Transcript};

/// Longest a backchannel may be, in words.
pub const BACKCHANNEL_MAX_WORDS: usize = 3;
/// Longest a backchannel may last, in milliseconds.
pub const BACKCHANNEL_MAX_MS: u64 = 1000;

/// Words that only tell the other to go on. Multi-word acknowledgements ("i see", "got it") are made of these too.
const ACKNOWLEDGEMENT_WORDS: &[&str] = &[
    "absolutely",
    "ah",
    "aha",
    "alright",
    "cool",
    "exactly",
    "fine",
    "good",
    "got",
    "gotcha",
    "great",
    "ha",
    "hm",
    "hmm",
    "huh",
    "i",
    "it",
    "mhm",
    "mm",
    "mmhm",
    "mmhmm",
    "mmm",
    "nice",
    "of",
    "oh",
    "ok",
    "okay",
    "please",
    "right",
    "see",
    "sure",
    "course",
    "totally",
    "true",
    "uh",
    "uhhuh",
    "um",
    "understood",
    "well",
    "wow",
    "yah",
    "ya",
    "yeah",
    "yep",
    "yes",
    "yup",
];

/// A run of one speaker's segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who speaks; `None` where the source does not say.
    pub speaker: Option<SpeakerIx>,
    /// The speaker's side, where it is known.
    pub side: Option<Side>,
    /// Start of the first segment in milliseconds, where it has a time.
    pub start_ms: Option<u64>,
    /// Latest end of the segments in milliseconds, where they have times.
    pub end_ms: Option<u64>,
    /// Indices into [`Transcript::segments`], ascending.
    pub segments: Vec<usize>,
}

impl Turn {
    /// Span from the first start to the last end in milliseconds.
    pub fn duration_ms(&self) -> Option<u64> {
        Some(self.end_ms?.saturating_sub(self.start_ms?))
    }
}

/// Whether this is a short "mm-hm": at most 3 words and 1 s, made only of acknowledgement words. Without times the words decide.
pub fn is_backchannel(segment: &Segment) -> bool {
    if let (Some(start), Some(end)) = (segment.start_ms, segment.end_ms)
        && end.saturating_sub(start) > BACKCHANNEL_MAX_MS
    {
        return false;
    }
    let mut words = 0;
    for word in segment.text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        words += 1;
        // A hyphen joins: "uh-huh" and "mm-hm" count as one word below.
        if words > BACKCHANNEL_MAX_WORDS + 1 || !ACKNOWLEDGEMENT_WORDS.contains(&word.to_lowercase().as_str()) {
            return false;
        }
    }
    words > 0 && segment.text.split_whitespace().count() <= BACKCHANNEL_MAX_WORDS
}

/// The turns of a call in order of their start.
///
/// A run that consists of backchannels only and borders on the other side's speech is left out, so that it splits no turn; a
/// backchannel that begins or ends a speaker's own run belongs to it.
pub fn turns(transcript: &Transcript) -> Vec<Turn> {
    let backchannel: Vec<bool> = transcript.segments.iter().map(is_backchannel).collect();
    let mut runs: Vec<Turn> = Vec::new();
    for (index, segment) in transcript.segments.iter().enumerate() {
        push(&mut runs, transcript, index, segment);
    }
    let sides: Vec<_> = runs.iter().map(|run| (run.speaker, run.side)).collect();
    let other_side = |a: usize, b: usize| match (sides[a], sides[b]) {
        ((_, Some(x)), (_, Some(y))) => x != y,
        ((x, _), (y, _)) => x != y,
    };
    let mut kept: Vec<Turn> = Vec::with_capacity(runs.len());
    let count = runs.len();
    for (index, run) in runs.into_iter().enumerate() {
        let only_backchannels = run.segments.iter().all(|&s| backchannel[s]);
        let at_border =
            (index > 0 && other_side(index, index - 1)) || (index + 1 < count && other_side(index, index + 1));
        if only_backchannels && at_border {
            continue;
        }
        match kept.last_mut() {
            Some(last) if last.speaker == run.speaker => {
                last.segments.extend(run.segments);
                last.end_ms = last.end_ms.max(run.end_ms);
            }
            _ => kept.push(run),
        }
    }
    kept
}

fn push(runs: &mut Vec<Turn>, transcript: &Transcript, index: usize, segment: &Segment) {
    match runs.last_mut() {
        Some(run) if run.speaker == segment.speaker => {
            run.segments.push(index);
            run.end_ms = run.end_ms.max(segment.end_ms);
        }
        _ => runs.push(Turn {
            speaker: segment.speaker,
            side: transcript.side(segment),
            start_ms: segment.start_ms,
            end_ms: segment.end_ms,
            segments: vec![index],
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Participant};

    fn call(lines: &[(usize, u64, u64, &str)]) -> Transcript {
        let participant =
            |name: &str, side| Participant { name: name.into(), side: Some(side), ..Participant::default() };
        Transcript {
            format: Format::Json,
            participants: vec![
                participant("Rep", Side::Internal),
                participant("Customer", Side::External),
                participant("Engineer", Side::Internal),
            ],
            segments: lines
                .iter()
                .enumerate()
                .map(|(index, (speaker, start, end, text))| Segment {
                    id: index as u32 + 1,
                    speaker: Some(*speaker),
                    start_ms: Some(*start),
                    end_ms: Some(*end),
                    text: (*text).into(),
                    estimated: false,
                    confidence: None,
                    topic: None,
                })
                .collect(),
            warnings: vec![],
            title: None,
            started_at: None,
            external_id: None,
            language: None,
            separate_channels: false,
        }
    }

    fn shape(transcript: &Transcript) -> Vec<(usize, Vec<usize>)> {
        turns(transcript).into_iter().map(|t| (t.speaker.unwrap(), t.segments)).collect()
    }

    #[test]
    fn the_other_sides_backchannel_splits_nothing() {
        let t = call(&[(0, 0, 5000, "It syncs nightly"), (1, 4000, 4500, "Mm-hm."), (0, 5500, 9000, "and alerts you")]);
        assert_eq!(shape(&t), [(0, vec![0, 2])]);
        assert_eq!(turns(&t)[0].duration_ms(), Some(9000));
    }

    #[test]
    fn a_colleagues_word_splits_a_turn_of_ones_own_side() {
        let t = call(&[(0, 0, 1000, "It syncs"), (2, 1100, 1500, "Right."), (0, 1600, 2000, "every night")]);
        assert_eq!(shape(&t), [(0, vec![0]), (2, vec![1]), (0, vec![2])]);
    }

    #[test]
    fn a_backchannel_that_opens_an_answer_belongs_to_it() {
        let t = call(&[(0, 0, 1000, "Shall we?"), (1, 1200, 1500, "Yeah."), (1, 1600, 3000, "Tuesday works for us.")]);
        assert_eq!(shape(&t), [(0, vec![0]), (1, vec![1, 2])]);
    }

    #[test]
    fn long_or_wordy_acknowledgements_are_speech() {
        let t = call(&[
            (1, 0, 1001, "Okay."),
            (1, 0, 900, "Okay, okay, okay, okay."),
            (1, 0, 900, "Okay, Tuesday."),
            (1, 0, 1000, "Uh-huh, I see."),
        ]);
        assert_eq!(t.segments.iter().map(is_backchannel).collect::<Vec<_>>(), [false, false, false, true]);
    }
}
