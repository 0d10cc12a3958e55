//! What is summed up of a call in one pass each over its segments, sentences and turns.

use super::tally::{Mean, Tally, round};
use super::{BySide, TurnMetrics, floors};
use crate::interval::{self, Interval, Union};
use crate::labels::CallLabels;
use crate::sentiment;
use std::cmp::Reverse;
use std::sync::Arc;
use transcript::turns::{Turn, is_backchannel};
use transcript::{Segment, Side, SpeakerIx, Transcript};

/// A mean for each quarter of the call.
pub(super) type Quarters = [Mean; 4];

/// Index of the tally of a speaker; the last one is for speech that the source gives to nobody.
pub(super) fn slot(transcript: &Transcript, speaker: Option<SpeakerIx>) -> usize {
    speaker.unwrap_or(transcript.participants.len())
}

fn interval(segment: &Segment) -> Option<Interval> {
    segment.start_ms.zip(segment.end_ms)
}

/// Tallies by [`slot`] of what stands in the segments and labels.
pub(super) fn speech(transcript: &Transcript, labels: &CallLabels, words: &[u32]) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); transcript.participants.len() + 1];
    for (segment, words) in transcript.segments.iter().zip(words) {
        let tally = &mut tallies[slot(transcript, segment.speaker)];
        tally.segments += 1;
        tally.words += words;
        tally.speech.extend(interval(segment));
    }
    for tally in &mut tallies {
        tally.speech = interval::union(std::mem::take(&mut tally.speech));
    }
    for sentence in &labels.sentences {
        let tally = &mut tallies[slot(transcript, transcript.segments[sentence.segment()].speaker)];
        tally.fillers += u32::from(sentence.fillers);
        if let Some(question) = sentence.question {
            tally.ask(question);
        }
    }
    tallies
}

/// The turns as published.
pub(super) fn measure_turns(transcript: &Transcript, turns: &[Turn], words: &[u32]) -> Vec<TurnMetrics> {
    let segments = &transcript.segments;
    let names: Vec<Arc<str>> = transcript.participants.iter().map(|p| Arc::from(p.name.as_str())).collect();
    let mut joined = String::new();
    let mut measure = |turn: &Turn| {
        let (first, last) = (turn.segments[0], turn.segments[turn.segments.len() - 1]);
        let text = if first == last {
            segments[first].text.as_str()
        } else {
            joined.clear();
            for &index in &turn.segments {
                joined.push_str(&segments[index].text);
                joined.push(' ');
            }
            joined.trim_end()
        };
        TurnMetrics {
            segment_id: segments[first].id,
            last_segment_id: segments[last].id,
            speaker: turn.speaker.map(|ix| Arc::clone(&names[ix])),
            side: turn.side,
            start_ms: turn.start_ms,
            end_ms: turn.end_ms,
            word_count: turn.segments.iter().map(|&index| words[index]).sum(),
            sentiment: sentiment::vader(text).compound,
            sentiment_spoken: round(sentiment::spoken(text), 4),
        }
    };
    turns.iter().map(&mut measure).collect()
}

/// Adds the turns to `tallies`; returns VADER's sentiment and the one for spoken conversation by side and quarter of `span`.
pub(super) fn add_turns(
    transcript: &Transcript,
    turns: &[Turn],
    measured: &[TurnMetrics],
    span: Option<Interval>,
    tallies: &mut [Tally],
) -> BySide<[Quarters; 2]> {
    let mut quarters = BySide::<[Quarters; 2]>::default();
    for (index, (turn, measured)) in turns.iter().zip(measured).enumerate() {
        let tally = &mut tallies[slot(transcript, turn.speaker)];
        tally.turns += 1;
        tally.longest_turn = tally.longest_turn.max(turn.duration_ms().map(|length| (length, Reverse(index))));
        // A colleague's "right" is a turn, but has no mood.
        if turn.segments.iter().all(|&segment| is_backchannel(&transcript.segments[segment])) {
            continue;
        }
        tally.sentiment.add(measured.sentiment, measured.word_count);
        tally.sentiment_spoken.add(measured.sentiment_spoken, measured.word_count);
        if let (Some((from, to)), Some(side), Some(at)) = (span, turn.side, turn.start_ms) {
            let quarter = ((at - from) * 4 / (to - from).max(1)).min(3) as usize;
            let [vader, spoken] = quarters.get_mut(side);
            vader[quarter].add(measured.sentiment, measured.word_count);
            spoken[quarter].add(measured.sentiment_spoken, measured.word_count);
        }
    }
    quarters
}

/// Adds the interruptions to `tallies`. Speech outside turns, the backchannels, neither interrupts nor is interrupted.
pub(super) fn add_interruptions(transcript: &Transcript, turns: &[Turn], tallies: &mut [Tally]) {
    let mut by_speaker: Vec<Vec<Interval>> = vec![Vec::new(); tallies.len()];
    let mut by_side = BySide::<Vec<Interval>>::default();
    for turn in turns {
        let Some(side) = turn.side else { continue };
        let speech = turn.segments.iter().filter_map(|&index| interval(&transcript.segments[index]));
        by_speaker[slot(transcript, turn.speaker)].extend(speech.clone());
        by_side.get_mut(side).extend(speech);
    }
    let speech = BySide { internal: Union::new(by_side.internal), external: Union::new(by_side.external) };
    let [internal, external] = floors::floors([speech.internal.intervals(), speech.external.intervals()]);
    let floors = BySide { internal, external };
    for ((tally, own), participant) in tallies.iter_mut().zip(by_speaker).zip(&transcript.participants) {
        let Some(other) = participant.side.map(Side::other) else { continue };
        (tally.interruptions, tally.interruption_ms) =
            floors::interruptions(&interval::union(own), speech.get(other), floors.get(other));
    }
}
