//! The conversation metrics: numbers computed from timed segments and labels alone; no model is asked.
//!
//! A number that the source cannot support is `None`, and [`Metrics::unavailable`] says why.

use crate::interval::{self, Interval};
use crate::labels::{CallLabels, QuestionKind};
use crate::sentiment;
use serde::Serialize;
use std::collections::BTreeMap;
use transcript::turns::{Turn, is_backchannel, turns};
use transcript::{Side, Transcript};

/// Shortest overlap that counts as an interruption, in milliseconds.
pub const INTERRUPTION_MIN_MS: u64 = 800;
/// A mutual silence counts as non-talk when it is longer than this, in milliseconds.
pub const NON_TALK_MIN_MS: u64 = 3000;

/// The metrics of one call. Ratios are 0..1, times milliseconds, sentiment −1..1. The counts on this level are those of our side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metrics {
    /// First start to last end of speech.
    pub duration_ms: Option<u64>,
    /// Time in which somebody of either side speaks, each side's union added up.
    pub talk_ms: Option<u64>,
    /// Internal talk / (internal talk + external talk).
    pub talk_ratio: Option<f64>,
    /// Longest internal turn, first start to last end; the customer's backchannels do not split it.
    pub longest_monologue_ms: Option<u64>,
    /// The same for the customer's side.
    pub longest_customer_story_ms: Option<u64>,
    /// Changes of side per minute of the call.
    pub interactivity_per_min: Option<f64>,
    /// Median gap from the end of an external turn to the start of the internal turn after it; overlapping answers left out.
    pub patience_ms: Option<u64>,
    /// Share of the internal answers that began before the customer had finished.
    pub overlapped_answer_ratio: Option<f64>,
    /// Median of the same gap after turns in which the customer objected.
    pub pause_after_objection_ms: Option<u64>,
    /// Questions of our side.
    pub question_count: Option<u32>,
    /// Open questions of our side.
    pub open_question_count: Option<u32>,
    /// Factual questions of our side.
    pub factual_question_count: Option<u32>,
    /// All other questions of our side.
    pub closed_question_count: Option<u32>,
    /// Questions of our side per 30 minutes of call.
    pub questions_per_30_min: Option<f64>,
    /// Open questions of our side per 30 minutes of call.
    pub open_questions_per_30_min: Option<f64>,
    /// Questions of the customer's side.
    pub customer_question_count: Option<u32>,
    /// Words of our side per minute of its own speech.
    pub words_per_minute: Option<f64>,
    /// Filler words of our side per minute of its own speech.
    pub filler_per_min: Option<f64>,
    /// Times our side began inside the customer's turn and overlapped it by 800 ms or more.
    pub interruption_count: Option<u32>,
    /// Sum of these overlaps.
    pub interruption_ms: Option<u64>,
    /// Time in which two or more people speak at once / duration.
    pub overtalk_ratio: Option<f64>,
    /// Sum of the whole of every mutual silence longer than 3 s.
    pub non_talk_ms: Option<u64>,
    /// Longest mutual silence.
    pub longest_silence_ms: Option<u64>,
    /// Sentiment (VADER) by side; the same values stand in [`Metrics::sides`].
    pub sentiment: BySide<Option<f64>>,
    /// The sentiment reading made for spoken conversation, beside VADER's.
    pub sentiment_spoken: BySide<Option<f64>>,
    /// The same measures a side.
    pub sides: BySide<SideMetrics>,
    /// The same measures a speaker, in order of their first words.
    pub speakers: Vec<SpeakerMetrics>,
    /// Sentiment turn by turn.
    pub turns: Vec<TurnMetrics>,
    /// Where the longest turns and silences are.
    pub moments: Moments,
    /// Why a field is null: field name → sentence.
    pub unavailable: BTreeMap<&'static str, String>,
}

/// A value for each side.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BySide<T> {
    /// Our side.
    pub internal: T,
    /// The customer's side.
    pub external: T,
}

impl<T> BySide<T> {
    /// The value of `side`.
    pub fn get(&self, side: Side) -> &T {
        match side {
            Side::Internal => &self.internal,
            Side::External => &self.external,
        }
    }
}

/// What one side said and how.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SideMetrics {
    #[serde(flatten)]
    #[expect(missing_docs, reason = "flattened")]
    pub speech: Speech,
    /// VADER sentiment: mean of the turns weighted by words, backchannels left out.
    pub sentiment: Option<f64>,
    /// The same for each quarter of the call (a turn counts where it starts).
    pub sentiment_quarters: Option<[Option<f64>; 4]>,
    /// The reading for spoken conversation, weighted likewise.
    pub sentiment_spoken: Option<f64>,
    /// The same a quarter.
    pub sentiment_spoken_quarters: Option<[Option<f64>; 4]>,
}

/// What one speaker said and how.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpeakerMetrics {
    /// Name as in the transcript; `None` for speech that the source gives to nobody.
    pub name: Option<String>,
    /// Side, where it is known.
    pub side: Option<Side>,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "flattened")]
    pub speech: Speech,
    /// VADER sentiment: mean of the turns weighted by words, backchannels left out.
    pub sentiment: Option<f64>,
    /// The reading for spoken conversation.
    pub sentiment_spoken: Option<f64>,
}

/// The measures that exist for a speaker and for a side alike.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Speech {
    /// Union of the speech intervals.
    pub talk_ms: Option<u64>,
    /// Share of all talk, 0..1.
    pub talk_share: Option<f64>,
    /// Words said.
    pub word_count: u32,
    /// Turns taken.
    pub turn_count: u32,
    /// Longest turn.
    pub longest_turn_ms: Option<u64>,
    /// All questions.
    pub question_count: u32,
    /// How, what, why, tell me, walk me through, describe, help me understand.
    pub open_question_count: u32,
    /// How many, when, where, who, which and the like.
    pub factual_question_count: u32,
    /// The rest.
    pub closed_question_count: u32,
    /// Words per minute of own speech.
    pub words_per_minute: Option<f64>,
    /// Filler words.
    pub filler_count: u32,
    /// Filler words per minute of own speech.
    pub filler_per_min: Option<f64>,
    /// Times this speaker or side interrupted the other side.
    pub interruption_count: Option<u32>,
    /// Sum of the overlaps of these.
    pub interruption_ms: Option<u64>,
}

/// One turn and its mood.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TurnMetrics {
    /// Id of the first segment.
    pub segment_id: u32,
    /// Id of the last segment.
    pub last_segment_id: u32,
    /// Who spoke.
    pub speaker: Option<String>,
    /// On which side.
    pub side: Option<Side>,
    /// Start of the turn.
    pub start_ms: Option<u64>,
    /// End of the turn.
    pub end_ms: Option<u64>,
    /// Words said.
    pub word_count: u32,
    /// VADER sentiment of the turn's text.
    pub sentiment: f64,
    /// The reading for spoken conversation.
    pub sentiment_spoken: f64,
}

/// A stretch of the call that a metric speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// First segment (of a silence: the last one before it).
    pub segment_id: u32,
    /// Last segment (of a silence: the first one after it).
    pub last_segment_id: u32,
    /// Start of the stretch.
    pub start_ms: u64,
    /// End of the stretch.
    pub end_ms: u64,
}

/// Where the extremes are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Moments {
    /// The longest internal turn.
    pub longest_monologue: Option<Moment>,
    /// The longest external turn.
    pub longest_customer_story: Option<Moment>,
    /// The longest mutual silence.
    pub longest_silence: Option<Moment>,
}

const NO_TIMES: &str = "The source gives no times.";
const ESTIMATED: &str = "The times of this source are estimated, so gaps and lengths are not known.";
const NO_SIDES: &str = "It is not known who is on our side and who is the customer.";
const NO_SPEAKERS: &str = "The source does not say who speaks.";

/// Computes the metrics of a call from its segments and labels.
pub fn metrics(transcript: &Transcript, labels: &CallLabels) -> Metrics {
    Measure::new(transcript, labels).run()
}

struct Measure<'a> {
    transcript: &'a Transcript,
    labels: &'a CallLabels,
    turns: Vec<Turn>,
    turn_metrics: Vec<TurnMetrics>,
    times: Result<(), &'static str>,
    sides: Result<(), &'static str>,
    words: Vec<u32>,
    unavailable: BTreeMap<&'static str, String>,
}

impl<'a> Measure<'a> {
    fn new(transcript: &'a Transcript, labels: &'a CallLabels) -> Self {
        let times = match (transcript.segments.is_empty() || !transcript.has_times(), transcript.has_measured_times()) {
            (true, _) => Err(NO_TIMES),
            (_, false) => Err(ESTIMATED),
            _ => Ok(()),
        };
        let sides = if transcript.segments.iter().all(|s| s.speaker.is_none()) {
            Err(NO_SPEAKERS)
        } else if transcript.segments.iter().any(|s| transcript.side(s).is_none()) {
            Err(NO_SIDES)
        } else {
            Ok(())
        };
        let words: Vec<u32> = transcript.segments.iter().map(|s| s.text.split_whitespace().count() as u32).collect();
        let turns = turns(transcript);
        let turn_metrics = turns.iter().map(|turn| turn_metrics(transcript, turn, &words)).collect();
        Self { transcript, labels, turns, turn_metrics, times, sides, words, unavailable: BTreeMap::new() }
    }

    /// Notes why `field` is null; `None` when it is not.
    fn need(&mut self, field: &'static str, needs: &[Result<(), &'static str>]) -> Option<()> {
        match needs.iter().find_map(|need| need.err()) {
            Some(reason) => {
                self.unavailable.insert(field, reason.to_owned());
                None
            }
            None => Some(()),
        }
    }

    fn absent<T>(&mut self, field: &'static str, value: Option<T>, reason: &str) -> Option<T> {
        if value.is_none() && !self.unavailable.contains_key(field) {
            self.unavailable.insert(field, reason.to_owned());
        }
        value
    }

    fn intervals(&self, belongs: impl Fn(usize) -> bool) -> Vec<Interval> {
        let of = |index: usize| {
            let segment = &self.transcript.segments[index];
            Some((segment.start_ms?, segment.end_ms?))
        };
        interval::union((0..self.transcript.segments.len()).filter(|i| belongs(*i)).filter_map(of).collect())
    }

    fn side_of(&self, segment: usize) -> Option<Side> {
        self.transcript.side(&self.transcript.segments[segment])
    }

    fn run(mut self) -> Metrics {
        let (times, sides) = (self.times, self.sides);
        let duration = self.need("duration_ms", &[times]).and_then(|()| self.transcript.span_ms()).map(|(start, end)| end - start);
        let minutes = duration.filter(|d| *d > 0).map(|d| d as f64 / 60_000.0);

        let internal = self.intervals(|i| self.side_of(i) == Some(Side::Internal));
        let external = self.intervals(|i| self.side_of(i) == Some(Side::External));
        let speakers: Vec<Vec<Interval>> = self.speaker_list().iter().map(|who| self.intervals(|i| self.transcript.segments[i].speaker == *who)).collect();
        let everybody = self.intervals(|_| true);

        let talk_ms = self.need("talk_ms", &[times]).map(|()| match sides {
            Ok(()) => interval::total(&internal) + interval::total(&external),
            Err(_) => interval::total(&everybody),
        });
        let talk_ratio = self
            .need("talk_ratio", &[times, sides])
            .and(talk_ms.filter(|t| *t > 0))
            .map(|talk| round(interval::total(&internal) as f64 / talk as f64, 4));

        let overlaps = interval::overlap(&speakers);
        // Transcribers of a single channel give every word to one speaker. Without any overlap it cannot be told whether nobody
        // interrupted or the source cannot show it.
        let overlap_known: Result<(), &str> = if overlaps > 0 || self.transcript.separate_channels {
            Ok(())
        } else {
            Err("The source shows no overlapping speech at all, as a recording on one channel would; it cannot be told whether anybody interrupted.")
        };
        let interruptions = [Side::Internal, Side::External].map(|side| self.interruptions(side, if side == Side::Internal { &external } else { &internal }));
        let overtalk_ratio = self
            .need("overtalk_ratio", &[times, overlap_known])
            .and(duration.filter(|d| *d > 0))
            .map(|duration| round(overlaps as f64 / duration as f64, 4));
        let interruption_known = [times, sides, overlap_known];
        let count_interruptions = self.need("interruption_count", &interruption_known);
        self.need("interruption_ms", &interruption_known);

        let longest = |measure: &mut Self, field, side| {
            measure.need(field, &[times, sides]).and_then(|()| {
                let moment = measure.longest_turn(side);
                measure.absent(field, moment, if side == Side::Internal { "Nobody of our side speaks." } else { "Nobody of the customer's side speaks." })
            })
        };
        let monologue = longest(&mut self, "longest_monologue_ms", Side::Internal);
        let story = longest(&mut self, "longest_customer_story_ms", Side::External);

        let interactivity = self.need("interactivity_per_min", &[times, sides]).and(minutes).map(|minutes| {
            let changes = self.turns.windows(2).filter(|pair| pair[0].side != pair[1].side).count();
            round(changes as f64 / minutes, 3)
        });

        let answers = self.answers();
        let gaps = |only_objections: bool| {
            let mut gaps: Vec<u64> = answers.iter().filter(|a| a.objection || !only_objections).filter_map(|a| a.gap_ms).collect();
            median(&mut gaps)
        };
        let no_answer = "No turn of the customer is followed by one of ours without overlap.";
        let patience = self.need("patience_ms", &[times, sides]).and_then(|()| gaps(false));
        let patience = self.absent("patience_ms", patience, no_answer);
        let overlapped = self.need("overlapped_answer_ratio", &[times, sides]).and_then(|()| {
            (!answers.is_empty()).then(|| round(answers.iter().filter(|a| a.gap_ms.is_none()).count() as f64 / answers.len() as f64, 4))
        });
        let overlapped = self.absent("overlapped_answer_ratio", overlapped, "No turn of the customer is followed by one of ours.");
        let after_objection = self.need("pause_after_objection_ms", &[times, sides]).and_then(|()| gaps(true));
        let after_objection = self.absent("pause_after_objection_ms", after_objection, "No objection was heard that our side answered without overlap.");

        let silences = silences(&everybody);
        let non_talk = self
            .need("non_talk_ms", &[times])
            .map(|()| silences.iter().map(|(start, end)| end - start).filter(|length| *length > NON_TALK_MIN_MS).sum());
        let longest_silence = self.need("longest_silence_ms", &[times]).and_then(|()| silences.iter().max_by_key(|(start, end)| end - start).copied());

        let quarters = if times.is_ok() { self.transcript.span_ms() } else { None };
        let side_metrics = |measure: &Self, side: Side, interruption: &(u32, u64)| {
            let belongs = |segment: usize| measure.side_of(segment) == Some(side);
            let mut speech = measure.speech(&belongs, talk_ms);
            if count_interruptions.is_some() {
                (speech.interruption_count, speech.interruption_ms) = (Some(interruption.0), Some(interruption.1));
            }
            speech.turn_count = measure.turns.iter().filter(|t| t.side == Some(side)).count() as u32;
            speech.longest_turn_ms = measure.times.ok().and_then(|()| measure.longest_turn(side)).map(|m| m.end_ms - m.start_ms);
            let mine = |turn: &TurnMetrics| turn.side == Some(side);
            let by_quarter = |value: fn(&TurnMetrics) -> f64| quarters.map(|span| measure.by_quarter(span, mine, value));
            SideMetrics {
                speech,
                sentiment: measure.mean_sentiment(mine, |t| t.sentiment),
                sentiment_quarters: by_quarter(|t| t.sentiment),
                sentiment_spoken: measure.mean_sentiment(mine, |t| t.sentiment_spoken),
                sentiment_spoken_quarters: by_quarter(|t| t.sentiment_spoken),
            }
        };
        let sides_metrics = BySide {
            internal: side_metrics(&self, Side::Internal, &interruptions[0]),
            external: side_metrics(&self, Side::External, &interruptions[1]),
        };
        let speaker_metrics = self.speaker_metrics(talk_ms, count_interruptions.is_some(), &internal, &external);

        for field in ["sentiment", "sentiment_spoken"] {
            self.need(field, &[sides]);
        }
        if quarters.is_none() {
            self.unavailable.insert("sentiment_quarters", times.err().unwrap_or(NO_TIMES).to_owned());
        }
        let ours = self.need("question_count", &[sides]).map(|()| sides_metrics.internal.speech.clone());
        let theirs = self.need("customer_question_count", &[sides]).map(|()| sides_metrics.external.speech.clone());
        for field in ["open_question_count", "factual_question_count", "closed_question_count"] {
            self.need(field, &[sides]);
        }
        for field in ["words_per_minute", "filler_per_min", "questions_per_30_min", "open_questions_per_30_min"] {
            self.need(field, &[times, sides]);
        }
        let per_30 = |count: u32| minutes.map(|minutes| round(f64::from(count) * 30.0 / minutes, 2));
        let ours_timed = ours.clone().filter(|_| times.is_ok());
        Metrics {
            duration_ms: duration,
            talk_ms,
            talk_ratio,
            longest_monologue_ms: monologue.map(|m| m.end_ms - m.start_ms),
            longest_customer_story_ms: story.map(|m| m.end_ms - m.start_ms),
            interactivity_per_min: interactivity,
            patience_ms: patience,
            overlapped_answer_ratio: overlapped,
            pause_after_objection_ms: after_objection,
            question_count: ours.as_ref().map(|s| s.question_count),
            open_question_count: ours.as_ref().map(|s| s.open_question_count),
            factual_question_count: ours.as_ref().map(|s| s.factual_question_count),
            closed_question_count: ours.as_ref().map(|s| s.closed_question_count),
            questions_per_30_min: ours_timed.as_ref().and_then(|s| per_30(s.question_count)),
            open_questions_per_30_min: ours_timed.as_ref().and_then(|s| per_30(s.open_question_count)),
            customer_question_count: theirs.map(|s| s.question_count),
            words_per_minute: ours_timed.as_ref().and_then(|s| s.words_per_minute),
            filler_per_min: ours_timed.as_ref().and_then(|s| s.filler_per_min),
            interruption_count: count_interruptions.map(|()| interruptions[0].0),
            interruption_ms: count_interruptions.map(|()| interruptions[0].1),
            overtalk_ratio,
            non_talk_ms: non_talk,
            longest_silence_ms: longest_silence.map(|(start, end)| end - start),
            sentiment: BySide { internal: sides_metrics.internal.sentiment, external: sides_metrics.external.sentiment },
            sentiment_spoken: BySide { internal: sides_metrics.internal.sentiment_spoken, external: sides_metrics.external.sentiment_spoken },
            sides: sides_metrics,
            speakers: speaker_metrics,
            moments: Moments {
                longest_monologue: monologue,
                longest_customer_story: story,
                longest_silence: longest_silence.and_then(|silence| self.silence_moment(silence)),
            },
            turns: self.turn_metrics,
            unavailable: self.unavailable,
        }
    }

    /// The speakers in order of their first words, `None` for speech of nobody.
    fn speaker_list(&self) -> Vec<Option<usize>> {
        let mut seen = Vec::new();
        let mut known = vec![false; self.transcript.participants.len() + 1];
        for segment in &self.transcript.segments {
            let slot = segment.speaker.map_or(known.len() - 1, |ix| ix);
            if !known[slot] {
                known[slot] = true;
                seen.push(segment.speaker);
            }
        }
        seen
    }

    fn speaker_metrics(&self, talk_ms: Option<u64>, interruptions_known: bool, internal: &[Interval], external: &[Interval]) -> Vec<SpeakerMetrics> {
        let list = self.speaker_list();
        let mut out = Vec::with_capacity(list.len());
        for who in list {
            let side = who.and_then(|ix| self.transcript.participants[ix].side);
            let mut speech = self.speech(&|segment| self.transcript.segments[segment].speaker == who, talk_ms);
            speech.turn_count = self.turns.iter().filter(|t| t.speaker == who).count() as u32;
            speech.longest_turn_ms =
                self.times.ok().and_then(|()| self.turns.iter().filter(|t| t.speaker == who).filter_map(Turn::duration_ms).max());
            if let (true, Some(side)) = (interruptions_known, side) {
                let other = if side == Side::Internal { external } else { internal };
                let (count, ms) = self.interruptions_by(side, other, |segment| self.transcript.segments[segment].speaker == who);
                (speech.interruption_count, speech.interruption_ms) = (Some(count), Some(ms));
            }
            let name = who.map(|ix| self.transcript.participants[ix].name.clone());
            let mine = |turn: &TurnMetrics| turn.speaker == name;
            out.push(SpeakerMetrics {
                side,
                speech,
                sentiment: self.mean_sentiment(mine, |t| t.sentiment),
                sentiment_spoken: self.mean_sentiment(mine, |t| t.sentiment_spoken),
                name,
            });
        }
        out
    }

    fn speech(&self, belongs: &dyn Fn(usize) -> bool, talk_ms: Option<u64>) -> Speech {
        let own_ms = self.times.ok().map(|()| interval::total(&self.intervals(belongs)));
        let mut speech = Speech {
            talk_ms: own_ms,
            talk_share: own_ms.zip(talk_ms).filter(|(_, all)| *all > 0).map(|(own, all)| round(own as f64 / all as f64, 4)),
            word_count: (0..self.words.len()).filter(|i| belongs(*i)).map(|i| self.words[i]).sum(),
            ..Speech::default()
        };
        for sentence in self.labels.sentences.iter().filter(|s| belongs(s.segment)) {
            speech.filler_count += u32::from(sentence.fillers);
            match sentence.question {
                Some(QuestionKind::Open) => speech.open_question_count += 1,
                Some(QuestionKind::Factual) => speech.factual_question_count += 1,
                Some(QuestionKind::Closed) => speech.closed_question_count += 1,
                None => {}
            }
        }
        speech.question_count = speech.open_question_count + speech.factual_question_count + speech.closed_question_count;
        let own_minutes = own_ms.filter(|ms| *ms > 0).map(|ms| ms as f64 / 60_000.0);
        speech.words_per_minute = own_minutes.map(|minutes| round(f64::from(speech.word_count) / minutes, 1));
        speech.filler_per_min = own_minutes.map(|minutes| round(f64::from(speech.filler_count) / minutes, 2));
        speech
    }

    fn longest_turn(&self, side: Side) -> Option<Moment> {
        let turn = self.turns.iter().filter(|turn| turn.side == Some(side)).max_by_key(|turn| (turn.duration_ms(), std::cmp::Reverse(turn.start_ms)))?;
        Some(Moment {
            segment_id: self.transcript.segments[*turn.segments.first()?].id,
            last_segment_id: self.transcript.segments[*turn.segments.last()?].id,
            start_ms: turn.start_ms?,
            end_ms: turn.end_ms?,
        })
    }

    fn interruptions(&self, side: Side, other: &[Interval]) -> (u32, u64) {
        self.interruptions_by(side, other, |_| true)
    }

    /// Counts the segments of `side` that begin inside a turn of the other side and overlap its speech for 800 ms or more.
    fn interruptions_by(&self, side: Side, other: &[Interval], belongs: impl Fn(usize) -> bool) -> (u32, u64) {
        let mut others: Vec<Interval> =
            self.turns.iter().filter(|t| t.side == Some(side.other())).filter_map(|t| Some((t.start_ms?, t.end_ms?))).collect();
        // Turns are in order of start; with the ends made cumulative one search tells whether any earlier turn still runs.
        for index in 1..others.len() {
            others[index].1 = others[index].1.max(others[index - 1].1);
        }
        let (mut count, mut total) = (0, 0);
        for (index, segment) in self.transcript.segments.iter().enumerate() {
            let (Some(start), Some(end)) = (segment.start_ms, segment.end_ms) else { continue };
            if self.side_of(index) != Some(side) || !belongs(index) || is_backchannel(segment) {
                continue;
            }
            let before = others.partition_point(|turn| turn.0 < start);
            let inside = before > 0 && others[before - 1].1 > start;
            let overlap = if inside { interval::covered((start, end), other) } else { 0 };
            if overlap >= INTERRUPTION_MIN_MS {
                count += 1;
                total += overlap;
            }
        }
        (count, total)
    }

    /// Every change from an external turn to an internal one.
    fn answers(&self) -> Vec<Answer> {
        let mut objections = vec![false; self.transcript.segments.len()];
        for sentence in self.labels.sentences.iter().filter(|s| s.objection.is_some()) {
            objections[sentence.segment] = true;
        }
        let mut answers = Vec::new();
        for pair in self.turns.windows(2) {
            if let (Some(Side::External), Some(Side::Internal), Some(end), Some(start)) = (pair[0].side, pair[1].side, pair[0].end_ms, pair[1].start_ms) {
                let objection = pair[0].segments.iter().any(|&s| objections[s]);
                answers.push(Answer { gap_ms: start.checked_sub(end), objection });
            }
        }
        answers
    }

    fn silence_moment(&self, (start, end): Interval) -> Option<Moment> {
        let before = self.transcript.segments.iter().filter(|s| s.end_ms.is_some_and(|e| e <= start)).max_by_key(|s| s.end_ms)?;
        let after = self.transcript.segments.iter().filter(|s| s.start_ms.is_some_and(|s| s >= end)).min_by_key(|s| s.start_ms)?;
        Some(Moment { segment_id: before.id, last_segment_id: after.id, start_ms: start, end_ms: end })
    }

    fn mean_sentiment(&self, mine: impl Fn(&TurnMetrics) -> bool, value: impl Fn(&TurnMetrics) -> f64) -> Option<f64> {
        weighted(self.turn_metrics.iter().filter(|t| mine(t)).map(|t| (value(t), t.word_count)))
    }

    fn by_quarter(&self, (start, end): Interval, mine: impl Fn(&TurnMetrics) -> bool, value: impl Fn(&TurnMetrics) -> f64) -> [Option<f64>; 4] {
        let length = (end - start).max(1);
        let quarter = |turn: &TurnMetrics| turn.start_ms.map(|at| ((at - start) * 4 / length).min(3));
        [0, 1, 2, 3].map(|q| weighted(self.turn_metrics.iter().filter(|t| mine(t) && quarter(t) == Some(q)).map(|t| (value(t), t.word_count))))
    }
}

struct Answer {
    /// From the end of the customer's turn to the start of ours; `None` when ours began earlier.
    gap_ms: Option<u64>,
    objection: bool,
}

fn turn_metrics(transcript: &Transcript, turn: &Turn, words: &[u32]) -> TurnMetrics {
    let text = turn.segments.iter().map(|&s| transcript.segments[s].text.as_str()).collect::<Vec<_>>().join(" ");
    TurnMetrics {
        segment_id: transcript.segments[turn.segments[0]].id,
        last_segment_id: transcript.segments[turn.segments[turn.segments.len() - 1]].id,
        speaker: turn.speaker.map(|ix| transcript.participants[ix].name.clone()),
        side: turn.side,
        start_ms: turn.start_ms,
        end_ms: turn.end_ms,
        word_count: turn.segments.iter().map(|&s| words[s]).sum(),
        sentiment: sentiment::vader(&text).compound,
        sentiment_spoken: round(sentiment::spoken(&text), 4),
    }
}

/// Silences between the intervals of all speech.
fn silences(everybody: &[Interval]) -> Vec<Interval> {
    everybody.windows(2).map(|pair| (pair[0].1, pair[1].0)).collect()
}

/// Mean weighted by words; `None` without words.
fn weighted(values: impl Iterator<Item = (f64, u32)>) -> Option<f64> {
    let (sum, weight) = values.fold((0.0, 0.0), |(sum, weight), (value, words)| (sum + value * f64::from(words), weight + f64::from(words)));
    (weight > 0.0).then(|| round(sum / weight, 4))
}

/// Median; of an even number the mean of the middle two.
fn median(values: &mut [u64]) -> Option<u64> {
    values.sort_unstable();
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(u64::midpoint(values[middle - 1], values[middle])),
    }
}

/// Rounds to `digits` places, so that JSON carries no noise.
pub(crate) fn round(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

/// Filler words are a tracker of this id; the labels count its hits.
pub const FILLER_TRACKER: &str = "fillers";

