//! The metrics from what was gathered: every value is known or says why not.

use super::gather::{self, Quarters, slot};
use super::known::{self, Known, Reasons};
use super::tally::{Mean, Tally, round};
use super::{
    BySide, Metrics, Moment, Moments, NON_TALK_MIN_MS, SideMetrics, SpeakerMetrics, Speech, TurnMetrics, Words,
};
use crate::interval::{self, Interval};
use crate::labels::{CallLabels, Sentence};
use std::cmp::Reverse;
use transcript::turns::{Turn, turns};
use transcript::{Side, Transcript, char_offset};

/// A call with all that is summed up of it.
pub(super) struct Measure<'a> {
    transcript: &'a Transcript,
    labels: &'a CallLabels,
    turns: Vec<Turn>,
    turn_metrics: Vec<TurnMetrics>,
    /// By [`slot`].
    speakers: Vec<Tally>,
    sides: BySide<Tally>,
    /// VADER's sentiment and the one for spoken conversation.
    quarters: BySide<[Quarters; 2]>,
    /// Union of all speech.
    everybody: Vec<Interval>,
    /// Time in which two or more people speak.
    overlap_ms: u64,
    times: Known<()>,
    sides_known: Known<()>,
    understood: Known<()>,
}

impl<'a> Measure<'a> {
    pub(super) fn new(transcript: &'a Transcript, labels: &'a CallLabels) -> Self {
        let (times, sides_known) = (known::times(transcript), known::sides(transcript));
        let turns = turns(transcript);
        let words: Vec<u32> = transcript.segments.iter().map(|s| s.text.split_whitespace().count() as u32).collect();
        let turn_metrics = gather::measure_turns(transcript, &turns, &words);
        let mut speakers = gather::speech(transcript, labels, &words);
        let span = times.ok().and_then(|()| transcript.span_ms());
        let quarters = gather::add_turns(transcript, &turns, &turn_metrics, span, &mut speakers);
        if times.is_ok() {
            gather::add_interruptions(transcript, &turns, &mut speakers);
        }
        let of_side = |side| speakers.iter().zip(&transcript.participants).filter(move |(_, p)| p.side == Some(side));
        let sides = BySide::of(|side| Tally::sum(of_side(side).map(|(tally, _)| tally)));
        let everybody = interval::union(speakers.iter().flat_map(|s| &s.speech).copied().collect());
        let speech: Vec<&[Interval]> = speakers.iter().map(|s| s.speech.as_slice()).collect();
        let overlap_ms = interval::overlap(&speech);
        Self {
            transcript,
            labels,
            turns,
            turn_metrics,
            speakers,
            sides,
            quarters,
            everybody,
            overlap_ms,
            times,
            sides_known,
            understood: known::words(transcript),
        }
    }

    pub(super) fn publish(self) -> Metrics {
        let mut why = Reasons::default();
        let monologue = self.longest_turn(Side::Internal);
        let story = self.longest_turn(Side::External);
        let length = |moment: Moment| moment.end_ms - moment.start_ms;
        let silence = self.longest_silence();
        let answers = self.answers();
        let ours = self.speaking(Side::Internal);
        let theirs = self.speaking(Side::External);
        let (asking, asked) = (self.understood.and(ours), self.understood.and(theirs));
        let interrupting = self.interruptions_known().and(ours);
        let own_rate = |count: fn(&Tally) -> u32, digits| {
            let us = self.times.and(ours)?;
            us.per_own_minute(count(us), digits).ok_or(known::NO_SPEECH_LENGTH)
        };
        let per_30_min = |count: fn(&Tally) -> u32| {
            let us = self.times.and(asking)?;
            Ok(round(f64::from(count(us)) * 30.0 / self.minutes()?, 2))
        };
        let patience = answers.as_ref().map_err(|why| *why).and_then(|a| a.patience().ok_or(known::NO_CLEAN_ANSWER));
        let overlapped = answers.as_ref().map_err(|why| *why).map(Answers::overlapped);
        let objected =
            answers.as_ref().map_err(|why| *why).and_then(|a| a.after_objection().ok_or(known::NO_OBJECTION));
        let objected = self.understood.and(objected);
        why.note("sentiment_quarters", self.times.and(self.sides_known).and(self.understood));
        Metrics {
            duration_ms: why.note("duration_ms", self.duration()),
            talk_ms: why.note("talk_ms", self.talk()),
            talk_ratio: why.note("talk_ratio", self.talk_ratio()),
            longest_monologue_ms: why.note("longest_monologue_ms", monologue.map(length)),
            longest_customer_story_ms: why.note("longest_customer_story_ms", story.map(length)),
            interactivity_per_min: why.note("interactivity_per_min", self.interactivity()),
            patience_ms: why.note("patience_ms", patience),
            overlapped_answer_ratio: why.note("overlapped_answer_ratio", overlapped),
            pause_after_objection_ms: why.note("pause_after_objection_ms", objected),
            question_count: why.note("question_count", asking.map(Tally::questions)),
            open_question_count: why.note("open_question_count", asking.map(|us| us.open_questions)),
            factual_question_count: why.note("factual_question_count", asking.map(|us| us.factual_questions)),
            closed_question_count: why.note("closed_question_count", asking.map(|us| us.closed_questions)),
            questions_per_30_min: why.note("questions_per_30_min", per_30_min(Tally::questions)),
            open_questions_per_30_min: why.note("open_questions_per_30_min", per_30_min(|us| us.open_questions)),
            customer_question_count: why.note("customer_question_count", asked.map(Tally::questions)),
            words_per_minute: why.note("words_per_minute", own_rate(|us| us.words, 1)),
            filler_per_min: why.note("filler_per_min", self.understood.and(own_rate(|us| us.fillers, 2))),
            interruption_count: why.note("interruption_count", interrupting.map(|us| us.interruptions)),
            interruption_ms: why.note("interruption_ms", interrupting.map(|us| us.interruption_ms)),
            overtalk_ratio: why.note("overtalk_ratio", self.overtalk_ratio()),
            non_talk_ms: why.note("non_talk_ms", self.non_talk()),
            longest_silence_ms: why.note("longest_silence_ms", silence).map(|s| s.map_or(0, |(from, to)| to - from)),
            sentiment: self.sentiment("sentiment", |tally| tally.sentiment, &mut why),
            sentiment_spoken: self.sentiment("sentiment_spoken", |tally| tally.sentiment_spoken, &mut why),
            sides: BySide::of(|side| self.side_metrics(side)),
            speakers: self.speaker_metrics(),
            moments: Moments {
                longest_monologue: monologue.ok(),
                longest_customer_story: story.ok(),
                longest_silence: silence.ok().flatten().and_then(|silence| self.silence_moment(silence)),
            },
            questions: self.words_of(|sentence| sentence.question.is_some()),
            objections: self.words_of(|sentence| sentence.objection.is_some()),
            turns: self.understood.map_or_else(|_| Vec::new(), |()| self.turn_metrics),
            unavailable: why.0,
        }
    }

    /// The sentences of which this holds.
    fn words_of(&self, which: impl Fn(&Sentence) -> bool) -> Vec<Words> {
        let understood = self.understood.is_ok();
        let sentences = self.labels.sentences.iter().filter(|sentence| understood && which(sentence));
        let words = sentences.map(|sentence| {
            let segment = &self.transcript.segments[sentence.segment()];
            let span = sentence.span();
            Words {
                segment_id: segment.id,
                side: sentence.side,
                offset: char_offset(&segment.text, span.start),
                length: segment.text[span].chars().count(),
            }
        });
        words.collect()
    }

    /// What a side did, if it says anything at all.
    fn speaking(&self, side: Side) -> Known<&Tally> {
        self.sides_known?;
        let tally = self.sides.get(side);
        match side {
            _ if tally.segments > 0 => Ok(tally),
            Side::Internal => Err(known::OURS_SILENT),
            Side::External => Err(known::THEIRS_SILENT),
        }
    }

    /// Whether there are two sides to compare.
    fn both_speak(&self) -> Known<()> {
        self.sides_known?;
        let silent = |side: &Tally| side.segments == 0;
        if silent(&self.sides.internal) || silent(&self.sides.external) { Err(known::ONE_SIDE) } else { Ok(()) }
    }

    fn duration(&self) -> Known<u64> {
        self.times?;
        let span = self.everybody.first().zip(self.everybody.last());
        span.map(|(first, last)| last.1 - first.0).ok_or(known::EMPTY)
    }

    fn minutes(&self) -> Known<f64> {
        self.duration().and_then(|ms| if ms > 0 { Ok(ms as f64 / 60_000.0) } else { Err(known::NO_LENGTH) })
    }

    fn talk(&self) -> Known<u64> {
        self.times?;
        Ok(match self.sides_known {
            Ok(()) => self.sides.internal.talk_ms() + self.sides.external.talk_ms(),
            Err(_) => interval::total(&self.everybody),
        })
    }

    fn talk_ratio(&self) -> Known<f64> {
        let talk = self.talk()?;
        self.both_speak()?;
        let ours = self.sides.internal.talk_ms();
        if talk > 0 { Ok(round(ours as f64 / talk as f64, 4)) } else { Err(known::NO_SPEECH_LENGTH) }
    }

    fn longest_turn(&self, side: Side) -> Known<Moment> {
        self.times?;
        let tally = self.speaking(side)?;
        let (_, Reverse(index)) = tally.longest_turn.ok_or(known::no_turn(side))?;
        let turn = &self.turn_metrics[index];
        let (start_ms, end_ms) = turn.start_ms.zip(turn.end_ms).ok_or(known::NO_TIMES)?;
        Ok(Moment { segment_id: turn.segment_id, last_segment_id: turn.last_segment_id, start_ms, end_ms })
    }

    fn interactivity(&self) -> Known<f64> {
        self.times?;
        self.both_speak()?;
        let changes = self.turns.windows(2).filter(|pair| pair[0].side != pair[1].side).count();
        Ok(round(changes as f64 / self.minutes()?, 3))
    }

    /// How our side answered: one answer for each change from an external turn to an internal one.
    fn answers(&self) -> Known<Answers> {
        self.times?;
        self.sides_known?;
        let mut objections = vec![false; self.transcript.segments.len()];
        for sentence in self.labels.sentences.iter().filter(|s| s.objection.is_some()) {
            objections[sentence.segment()] = true;
        }
        let mut answers = Vec::new();
        // Several customers may speak before we answer, and the one who began first may end last.
        let (mut their_end, mut objection, mut their_turn) = (0, false, false);
        for turn in &self.turns {
            let (Some(start), Some(end)) = (turn.start_ms, turn.end_ms) else { continue };
            if turn.side == Some(Side::External) {
                their_end = end.max(their_end);
                objection |= turn.segments.iter().any(|&segment| objections[segment]);
                their_turn = true;
            } else {
                if their_turn {
                    answers.push(Answer { gap_ms: start.checked_sub(their_end), objection });
                }
                (objection, their_turn) = (false, false);
            }
        }
        if answers.is_empty() { Err(known::NO_ANSWER) } else { Ok(Answers(answers)) }
    }

    /// Whether the source can show overlaps. Transcribers of a single channel give every word to one speaker. Without any overlap it cannot be
    /// told whether nobody interrupted or the source cannot show it.
    fn overlap_known(&self) -> Known<()> {
        self.times?;
        known::speakers(self.transcript)?;
        if self.overlap_ms > 0 || self.transcript.separate_channels { Ok(()) } else { Err(known::NO_OVERLAP) }
    }

    fn overtalk_ratio(&self) -> Known<f64> {
        self.overlap_known()?;
        let duration = self.duration()?;
        if duration > 0 { Ok(round(self.overlap_ms as f64 / duration as f64, 4)) } else { Err(known::NO_LENGTH) }
    }

    fn interruptions_known(&self) -> Known<()> {
        self.times?;
        self.sides_known?;
        self.overlap_known()
    }

    /// Silences between the intervals of all speech.
    fn silences(&self) -> impl Iterator<Item = Interval> {
        self.everybody.windows(2).map(|pair| (pair[0].1, pair[1].0))
    }

    fn non_talk(&self) -> Known<u64> {
        self.times?;
        Ok(self.silences().map(|(start, end)| end - start).filter(|length| *length > NON_TALK_MIN_MS).sum())
    }

    /// The longest silence, the first one of several; `None` where nobody is ever silent.
    fn longest_silence(&self) -> Known<Option<Interval>> {
        self.times?;
        Ok(self.silences().max_by_key(|(start, end)| (end - start, Reverse(*start))))
    }

    fn silence_moment(&self, (start, end): Interval) -> Option<Moment> {
        let segments = &self.transcript.segments;
        let before = segments.iter().filter(|s| s.end_ms.is_some_and(|e| e <= start)).max_by_key(|s| s.end_ms)?;
        let after = segments.iter().filter(|s| s.start_ms.is_some_and(|s| s >= end)).min_by_key(|s| s.start_ms)?;
        Some(Moment { segment_id: before.id, last_segment_id: after.id, start_ms: start, end_ms: end })
    }

    fn sentiment(&self, field: &'static str, mean: fn(&Tally) -> Mean, why: &mut Reasons) -> BySide<Option<f64>> {
        let known = |side| {
            self.understood?;
            self.speaking(side).and_then(|tally| mean(tally).value().ok_or(known::no_turn(side)))
        };
        let BySide { internal, external } = BySide::of(known);
        why.note(field, internal.and(external));
        BySide { internal: internal.ok(), external: external.ok() }
    }

    fn speech(&self, tally: &Tally, all_talk: Option<u64>, interruptions_known: bool) -> Speech {
        tally.publish(all_talk, interruptions_known, self.understood.is_ok())
    }

    fn side_metrics(&self, side: Side) -> SideMetrics {
        let tally = self.sides.get(side);
        let [vader, spoken] = self.quarters.get(side);
        let quarters = |means: &Quarters| {
            self.times.and(self.sides_known).and(self.understood).ok().map(|()| means.map(Mean::value))
        };
        let mean = |mean: Mean| self.sides_known.and(self.understood).ok().and_then(|()| mean.value());
        SideMetrics {
            speech: self.speech(tally, self.sides_known.and(self.talk()).ok(), self.interruptions_known().is_ok()),
            sentiment: mean(tally.sentiment),
            sentiment_quarters: quarters(vader),
            sentiment_spoken: mean(tally.sentiment_spoken),
            sentiment_spoken_quarters: quarters(spoken),
        }
    }

    /// The speakers in order of their first words, speech of nobody among them.
    fn speaker_metrics(&self) -> Vec<SpeakerMetrics> {
        // Each takes time in the number of segments.
        let (talk, interruptions_known) = (self.talk().ok(), self.interruptions_known().is_ok());
        let mut seen = vec![false; self.speakers.len()];
        let mut speakers = Vec::new();
        for segment in &self.transcript.segments {
            let slot = slot(self.transcript, segment.speaker);
            if std::mem::replace(&mut seen[slot], true) {
                continue;
            }
            let tally = &self.speakers[slot];
            let participant = segment.speaker.map(|ix| &self.transcript.participants[ix]);
            speakers.push(SpeakerMetrics {
                name: participant.map(|p| p.name.clone()),
                side: participant.and_then(|p| p.side),
                speech: self.speech(tally, talk, interruptions_known),
                sentiment: tally.sentiment.value().filter(|_| self.understood.is_ok()),
                sentiment_spoken: tally.sentiment_spoken.value().filter(|_| self.understood.is_ok()),
            });
        }
        speakers
    }
}

/// An answer of our side to the customer's.
struct Answer {
    /// From the end of the customers' turns to the start of ours; `None` when ours began earlier.
    gap_ms: Option<u64>,
    /// Whether the customer objected.
    objection: bool,
}

/// At least one answer.
struct Answers(Vec<Answer>);

impl Answers {
    fn patience(&self) -> Option<u64> {
        median(self.0.iter().filter_map(|a| a.gap_ms).collect())
    }

    fn after_objection(&self) -> Option<u64> {
        median(self.0.iter().filter(|a| a.objection).filter_map(|a| a.gap_ms).collect())
    }

    fn overlapped(&self) -> f64 {
        round(self.0.iter().filter(|a| a.gap_ms.is_none()).count() as f64 / self.0.len() as f64, 4)
    }
}

/// Median; of an even number the mean of the middle two.
fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(u64::midpoint(values[middle - 1], values[middle])),
    }
}
