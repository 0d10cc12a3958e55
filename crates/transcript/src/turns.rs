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

    fn party(&self) -> Party {
        self.side.map_or(Party::Speaker(self.speaker), Party::Side)
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
/// A backchannel that begins while the other side still speaks belongs to no turn: it neither splits theirs nor opens the answer
/// to it. Nor does a run that consists of backchannels only and borders on the other side's speech. A backchannel that begins
/// or ends a speaker's own run otherwise belongs to it. Where a side is not known, everybody else is the other side.
pub fn turns(transcript: &Transcript) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    // Of each turn, whether it consists of backchannels.
    let mut only_backchannels = Vec::new();
    let mut heard = Heard::default();
    for (index, segment) in transcript.segments.iter().enumerate() {
        let party = Party::of(transcript, segment);
        let backchannel = is_backchannel(segment);
        if backchannel && segment.start_ms.zip(heard.end_of_others(party)).is_some_and(|(start, end)| start < end) {
            continue;
        }
        if let (false, Some(end)) = (backchannel, segment.end_ms) {
            heard.note(party, end);
        }
        match turns.last_mut().zip(only_backchannels.last_mut()) {
            Some((turn, only)) if turn.speaker == segment.speaker => {
                turn.segments.push(index);
                turn.end_ms = turn.end_ms.max(segment.end_ms);
                *only &= backchannel;
            }
            _ => {
                turns.push(Turn {
                    speaker: segment.speaker,
                    side: transcript.side(segment),
                    start_ms: segment.start_ms,
                    end_ms: segment.end_ms,
                    segments: vec![index],
                });
                only_backchannels.push(backchannel);
            }
        }
    }
    let differ = |a: usize, b: usize| turns.get(a).is_some_and(|turn| turn.party() != turns[b].party());
    for (index, left_out) in only_backchannels.iter_mut().enumerate() {
        *left_out &= differ(index.wrapping_sub(1), index) || differ(index + 1, index);
    }
    let mut left_out = only_backchannels.into_iter();
    turns.retain(|_| !left_out.next().unwrap_or_default());
    turns.dedup_by(|turn, last| {
        let same = turn.speaker == last.speaker;
        if same {
            last.segments.append(&mut turn.segments);
            last.end_ms = last.end_ms.max(turn.end_ms);
        }
        same
    });
    turns
}

/// Who counts as one side: a side where it is known, else each speaker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Party {
    Side(Side),
    Speaker(Option<SpeakerIx>),
}

impl Party {
    fn of(transcript: &Transcript, segment: &Segment) -> Self {
        transcript.side(segment).map_or(Self::Speaker(segment.speaker), Self::Side)
    }
}

/// How long the parties have been speaking: the latest end, and the latest end of anybody else.
#[derive(Default)]
struct Heard {
    latest: Option<(Party, u64)>,
    second: Option<(Party, u64)>,
}

impl Heard {
    fn note(&mut self, party: Party, end: u64) {
        match &mut self.latest {
            Some((who, until)) if *who == party => *until = end.max(*until),
            Some((_, until)) if end <= *until => {
                if self.second.is_none_or(|(_, second)| end > second) {
                    self.second = Some((party, end));
                }
            }
            latest => self.second = latest.replace((party, end)),
        }
    }

    fn end_of_others(&self, party: Party) -> Option<u64> {
        let other = if self.latest.is_some_and(|(who, _)| who == party) { self.second } else { self.latest };
        other.map(|(_, end)| end)
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

    #[test]
    fn a_nod_during_the_others_speech_does_not_open_the_answer() {
        let t = call(&[
            (1, 0, 10_000, "We lost two days over it"),
            (0, 8000, 8400, "Right."),
            (0, 11_000, 12_000, "What did that cost?"),
        ]);
        assert_eq!(shape(&t), [(1, vec![0]), (0, vec![2])]);
        assert_eq!(turns(&t)[1].start_ms, Some(11_000));
    }

    #[test]
    fn a_nod_at_the_end_of_the_others_speech_is_the_start_of_the_answer() {
        let t = call(&[
            (1, 0, 10_000, "We lost two days"),
            (0, 10_000, 10_400, "Right."),
            (0, 11_000, 12_000, "At what cost?"),
        ]);
        assert_eq!(shape(&t), [(1, vec![0]), (0, vec![1, 2])]);
    }

    #[test]
    fn a_nod_of_an_earlier_speaker_is_no_speech_to_nod_to() {
        // Both say "yeah" at once; neither speaks, so the rep's opens what the rep goes on to say.
        let t = call(&[(1, 0, 900, "Yeah."), (0, 500, 900, "Yeah."), (0, 1000, 3000, "Let us look at it.")]);
        assert_eq!(shape(&t), [(0, vec![1, 2])]);
    }

    #[test]
    fn while_two_of_the_other_side_speak_the_later_end_counts() {
        // Engineer and rep are both ours: the customer's "okay" at 6 s still falls into the rep's speech, though the engineer has ended.
        let t = call(&[
            (0, 0, 9000, "It runs in your own cloud"),
            (2, 1000, 5000, "with your own keys"),
            (1, 6000, 6400, "Okay."),
            (1, 9500, 12_000, "Who holds the keys then?"),
        ]);
        assert_eq!(shape(&t), [(0, vec![0]), (2, vec![1]), (1, vec![3])]);
    }

    #[test]
    fn who_ends_first_is_still_heard_by_who_ends_last() {
        let t = call(&[
            (1, 0, 12_000, "We lost two days over it"),
            (0, 1000, 9000, "What did that cost?"),
            (1, 5000, 5400, "Okay."),
            (1, 13_000, 15_000, "About as much as the new one"),
        ]);
        assert_eq!(shape(&t), [(1, vec![0]), (0, vec![1]), (1, vec![3])]);
    }

    #[test]
    fn without_sides_everybody_else_is_the_other_side() {
        let mut t = call(&[
            (0, 0, 5000, "It syncs nightly"),
            (2, 5100, 5500, "Mm-hm."),
            (0, 5600, 9000, "and alerts you"),
            (1, 9100, 9500, "Sure."),
        ]);
        t.participants.iter_mut().for_each(|p| p.side = None);
        assert_eq!(shape(&t), [(0, vec![0, 2])]);
        assert!(turns(&t).iter().all(|turn| turn.side.is_none()));
    }

    #[test]
    fn speech_of_nobody_is_one_run_and_a_known_speaker_ends_it() {
        let mut t = call(&[
            (0, 0, 1000, "It syncs"),
            (0, 1100, 1500, "Okay."),
            (0, 1600, 3000, "every night"),
            (1, 3100, 5000, "Good to know"),
        ]);
        t.segments[..3].iter_mut().for_each(|s| s.speaker = None);
        let found: Vec<_> = turns(&t).into_iter().map(|turn| (turn.speaker, turn.segments)).collect();
        assert_eq!(found, [(None, vec![0, 1, 2]), (Some(1), vec![3])]);
    }

    #[test]
    fn without_times_the_words_alone_tell_a_backchannel() {
        let mut t = call(&[
            (0, 0, 0, "It syncs nightly"),
            (1, 0, 0, "Okay."),
            (0, 0, 0, "and alerts you"),
            (1, 0, 0, "Okay."),
            (1, 0, 0, "We need that"),
        ]);
        for segment in &mut t.segments {
            (segment.start_ms, segment.end_ms) = (None, None);
        }
        assert_eq!(shape(&t), [(0, vec![0, 2]), (1, vec![3, 4])]);
        assert_eq!(turns(&t)[0].duration_ms(), None);
    }

    #[test]
    fn nothing_but_backchannels_makes_no_turn_and_nobody_speaking_none() {
        assert_eq!(shape(&call(&[(0, 0, 500, "Okay."), (1, 600, 900, "Yes.")])), []);
        assert_eq!(shape(&call(&[])), []);
    }

    #[test]
    fn the_end_of_a_turn_is_the_latest_end_of_its_segments() {
        let t = call(&[(0, 0, 9000, "It syncs nightly"), (0, 1000, 2000, "and alerts you")]);
        assert_eq!(turns(&t)[0].end_ms, Some(9000));
    }
}
