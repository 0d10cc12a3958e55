//! Collects what a parser finds and keeps the invariants of [`Transcript`].

use super::ParseError;
use super::time::MAX_MS;
use crate::{Format, Participant, Segment, SpeakerIx, Transcript, Warning};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::sync::Arc;

/// Milliseconds taken for a word where nothing says when it ended: 160 words per minute.
pub(super) const MS_PER_WORD: u64 = 375;

/// Most segments a transcript may have: a meeting of ten hours has ten thousand, and a file made to fill the memory is stopped.
pub(super) const MAX_SEGMENTS: usize = 1 << 21;

/// How lines begin that transcribers invent in silence or add about themselves.
const CREDITS: &[&str] =
    &["transcribed by", "transcription by", "subtitles by", "subtitled by", "captions by", "captioned by"];

/// What a parser hands over for one stretch of speech.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Who spoke, by the index that [`Builder::speaker`] or [`Builder::participant`] gave.
    pub speaker: Option<SpeakerIx>,
    /// Start in milliseconds, where the file has it.
    pub start_ms: Option<u64>,
    /// End in milliseconds, where the file has it.
    pub end_ms: Option<u64>,
    /// The words; white space is tidied by the builder.
    pub text: String,
    /// Whether the parser computed a time itself.
    pub estimated: bool,
    /// Confidence in parts of a thousand.
    pub confidence: Option<u16>,
    /// Topic the source files it under.
    pub topic: Option<Arc<str>>,
}

/// Repairs of one kind: told once, with their number and the first line.
#[derive(Debug, Clone, Copy, Default)]
struct Repairs {
    first_line: usize,
    count: usize,
}

impl Repairs {
    fn note(&mut self, line: usize) {
        if self.count == 0 {
            self.first_line = line;
        }
        self.count += 1;
    }
}

/// Refuses a file with more segments, or objects that may be segments, than a transcript can have.
pub(super) fn check_count(count: usize) -> Result<(), ParseError> {
    if count <= MAX_SEGMENTS {
        return Ok(());
    }
    let message = format!("more than {MAX_SEGMENTS} segments; expected one call a file");
    Err(ParseError { line: 0, message })
}

/// "1 segment" or "3 segments".
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Collects participants, segments and warnings in the order of the file; [`Builder::finish`] makes the [`Transcript`].
#[derive(Debug)]
pub struct Builder {
    transcript: Transcript,
    by_name: FxHashMap<String, SpeakerIx>,
    /// For each name that came twice, the number that the next bearer gets.
    next_number: FxHashMap<String, usize>,
    /// Where a segment without start stands among those that have one.
    last_start: u64,
    unsorted: bool,
    empty: Repairs,
    backwards: Repairs,
    negative: Repairs,
    out_of_range: Repairs,
    credits: Repairs,
}

impl Builder {
    /// An empty transcript of this format.
    pub fn new(format: Format) -> Self {
        Self {
            transcript: Transcript {
                format,
                participants: Vec::new(),
                segments: Vec::new(),
                warnings: Vec::new(),
                title: None,
                started_at: None,
                external_id: None,
                language: None,
                separate_channels: false,
            },
            by_name: FxHashMap::default(),
            next_number: FxHashMap::default(),
            last_start: 0,
            unsorted: false,
            empty: Repairs::default(),
            backwards: Repairs::default(),
            negative: Repairs::default(),
            out_of_range: Repairs::default(),
            credits: Repairs::default(),
        }
    }

    /// The transcript as far as it is known, to set what belongs to the call as a whole (title, language, …).
    pub fn call(&mut self) -> &mut Transcript {
        &mut self.transcript
    }

    /// Index of the speaker with this name, who is added if new; `None` for a blank name.
    pub fn speaker(&mut self, name: &str) -> Option<SpeakerIx> {
        if let Some(&ix) = self.by_name.get(name) {
            return Some(ix);
        }
        let name = tidy(name).into_owned();
        if name.is_empty() {
            return None;
        }
        if let Some(&ix) = self.by_name.get(&name) {
            return Some(ix);
        }
        Some(self.participant(Participant { name, ..Participant::default() }))
    }

    /// Whether somebody has this name already.
    pub fn has_speaker(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Adds a participant of whom the file says more than a name. A name already taken gets a number: "John Smith (2)".
    pub fn participant(&mut self, mut participant: Participant) -> SpeakerIx {
        let name = tidy(&participant.name).into_owned();
        let name = if name.is_empty() { "Unknown speaker".to_owned() } else { name };
        let mut unique = name.clone();
        while self.by_name.contains_key(&unique) {
            let number = self.next_number.entry(name.clone()).or_insert(2);
            unique = format!("{name} ({number})");
            *number += 1;
        }
        let ix = self.transcript.participants.len();
        self.by_name.insert(unique.clone(), ix);
        participant.name = unique;
        self.transcript.participants.push(participant);
        ix
    }

    /// Notes something that was mended or left out; `line` from 1, or 0 where no line can be named.
    pub fn warn(&mut self, line: usize, message: impl Into<String>) {
        self.transcript.warnings.push(Warning { line, message: message.into() });
    }

    /// Adds a stretch of speech found at `line`. Empty text is dropped, impossible times are mended; both are told by a warning.
    pub fn push(&mut self, line: usize, found: Found) {
        let text = match tidy(&found.text) {
            Cow::Borrowed(_) => found.text,
            Cow::Owned(tidied) => tidied,
        };
        if text.is_empty() {
            self.empty.note(line);
            return;
        }
        if self.len() > MAX_SEGMENTS {
            return;
        }
        if CREDITS.iter().any(|credit| text.get(..credit.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(credit)))
        {
            self.credits.note(line);
        }
        let (mut start_ms, mut end_ms) = (found.start_ms, found.end_ms);
        if [start_ms, end_ms].into_iter().flatten().any(|ms| ms > MAX_MS) {
            self.out_of_range.note(line);
            start_ms = start_ms.filter(|ms| *ms <= MAX_MS);
            end_ms = end_ms.filter(|ms| *ms <= MAX_MS);
        }
        match (start_ms, end_ms) {
            (Some(start), Some(end)) if end < start => {
                self.negative.note(line);
                end_ms = start_ms;
            }
            (None, _) => end_ms = None,
            _ => {}
        }
        if let Some(start) = start_ms {
            if start < self.last_start {
                self.backwards.note(line);
                self.unsorted = true;
            }
            self.last_start = start;
        }
        self.transcript.segments.push(Segment {
            id: 0,
            speaker: found.speaker,
            start_ms,
            end_ms,
            text,
            estimated: found.estimated && start_ms.is_some(),
            confidence: found.confidence.map(|c| c.min(1000)),
            topic: found.topic,
        });
    }

    /// Adds what a source files by speaker or channel, so that it is no fault if starts go back. There are no lines to name.
    pub fn push_unordered(&mut self, found: Vec<Found>) {
        let faults = self.backwards;
        for found in found {
            self.push(0, found);
        }
        self.backwards = faults;
    }

    /// How many stretches of speech there are so far.
    pub fn len(&self) -> usize {
        self.transcript.segments.len()
    }

    /// Whether nothing was said so far.
    pub fn is_empty(&self) -> bool {
        self.transcript.segments.is_empty()
    }

    /// Orders and numbers what was collected.
    ///
    /// # Errors
    /// If nobody says anything, or there are more than two million segments.
    pub fn finish(mut self) -> Result<Transcript, ParseError> {
        check_count(self.len())?;
        if self.is_empty() {
            let message = match self.empty.count {
                0 => "no speech in the file: not one cue, sentence or line with words".to_owned(),
                n => format!("no speech in the file: {} without words", counted(n, "segment")),
            };
            return Err(ParseError { line: self.empty.first_line, message });
        }
        self.tell_repairs();
        let mut transcript = self.transcript;
        if self.unsorted {
            sort_by_start(&mut transcript.segments);
        }
        fill_ends(&mut transcript.segments);
        tell_length(&mut transcript);
        for (id, segment) in (1..).zip(&mut transcript.segments) {
            segment.id = id;
        }
        order_participants(&mut transcript);
        Ok(transcript)
    }

    fn tell_repairs(&mut self) {
        let told = [
            (self.empty, "without words left out"),
            (self.negative, "ending before the start; taken as zero long"),
            (self.out_of_range, "with a time beyond 139 years; the time was left out"),
            (self.backwards, "starting before the one above; sorted by start"),
            (self.credits, "that may be a transcriber's credit and no speech; kept"),
        ];
        for (repairs, what) in told {
            let message = format!("{} {what}", counted(repairs.count, "segment"));
            // Neutral JSON brings the warnings of the file it was made from.
            let known = self.transcript.warnings.iter().any(|warning| warning.message == message);
            if repairs.count > 0 && !known {
                self.warn(repairs.first_line, message);
            }
        }
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Trims and makes runs of white space and control characters single spaces; borrows where nothing changes.
pub(super) fn tidy(text: &str) -> Cow<'_, str> {
    if is_tidy(text) {
        return Cow::Borrowed(text);
    }
    let mut words = text.split(is_blank).filter(|word| !word.is_empty());
    let mut tidied = String::with_capacity(text.len());
    tidied.push_str(words.next().unwrap_or_default());
    for word in words {
        tidied.push(' ');
        tidied.push_str(word);
    }
    Cow::Owned(tidied)
}

fn is_tidy(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Nearly all text; written over bytes since this runs over every word of every file.
    let fits = |(i, byte): (usize, &u8)| match byte {
        b'!'..=b'~' => true,
        b' ' => i > 0 && bytes.get(i + 1).is_some_and(|next| *next != b' '),
        _ => false,
    };
    if bytes.iter().enumerate().all(fits) {
        return true;
    }
    let mut after_space = true;
    for c in text.chars() {
        let space = is_blank(c);
        if space && (after_space || c != ' ') {
            return false;
        }
        after_space = space;
    }
    !after_space
}

/// Stable; a segment without start stays behind the one it follows in the file.
fn sort_by_start(segments: &mut Vec<Segment>) {
    let mut start = 0;
    let mut keyed: Vec<(u64, Segment)> = std::mem::take(segments)
        .into_iter()
        .map(|segment| {
            start = segment.start_ms.unwrap_or(start);
            (start, segment)
        })
        .collect();
    keyed.sort_by_key(|(start, _)| *start);
    segments.extend(keyed.into_iter().map(|(_, segment)| segment));
}

/// A segment without end lasts until the next one starts; the last one as long as its words take.
fn fill_ends(segments: &mut [Segment]) {
    let mut next_start = None;
    for segment in segments.iter_mut().rev() {
        let Some(start) = segment.start_ms else { continue };
        if segment.end_ms.is_none() {
            let words = segment.text.split(' ').count() as u64;
            segment.end_ms = Some(next_start.unwrap_or(start + words * MS_PER_WORD).max(start));
            segment.estimated = true;
        }
        next_start = Some(start);
    }
}

/// A call of more than a day is a file whose times mean something else.
fn tell_length(transcript: &mut Transcript) {
    let starts = transcript.segments.iter().filter_map(|segment| segment.start_ms).min();
    let ends = transcript.segments.iter().filter_map(|segment| segment.end_ms).max();
    let Some(hours) = starts.zip(ends).map(|(start, end)| end.saturating_sub(start) / 3_600_000) else { return };
    let message = format!("the call lasts {hours} hours by its times; check that they are milliseconds from its start");
    // Neutral JSON brings the warnings of the file it was made from.
    if hours >= 24 && !transcript.warnings.iter().any(|warning| warning.message == message) {
        transcript.warnings.push(Warning { line: 0, message });
    }
}

/// Speakers in order of their first words, then those who never spoke.
fn order_participants(transcript: &mut Transcript) {
    let count = transcript.participants.len();
    let mut new_ix: Vec<Option<SpeakerIx>> = vec![None; count];
    let mut next = 0;
    for ix in transcript.segments.iter().filter_map(|s| s.speaker) {
        if new_ix[ix].is_none() {
            new_ix[ix] = Some(next);
            next += 1;
            if next == count {
                break;
            }
        }
    }
    let mut ordered = vec![Participant::default(); count];
    for (old, participant) in std::mem::take(&mut transcript.participants).into_iter().enumerate() {
        let ix = *new_ix[old].get_or_insert_with(|| {
            next += 1;
            next - 1
        });
        ordered[ix] = participant;
    }
    transcript.participants = ordered;
    for segment in &mut transcript.segments {
        segment.speaker = segment.speaker.and_then(|ix| new_ix[ix]);
    }
}
