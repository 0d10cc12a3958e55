//! Plain text: `Ann: words` with or without times, in the ways that Teams, Zoom's chat and people write them.

use super::labels::Labels;
use super::text_line::{Entry, Stamp, entries};
use super::time::spread;
use super::{Builder, Found, MAX_SEGMENTS, MS_PER_WORD, ParseError, check_count, counted};
use crate::SpeakerIx;

/// Longest head (title, date, attendees) left out before the first speaker; more than that is speech.
const MAX_HEAD_LINES: usize = 12;

/// How lines of exporting programs begin that are no speech.
const NOTICES_BEGIN: &[&str] = &[
    "transcribed by http",
    "transcribed by otter",
    "transcription ended after ",
    "this editable transcript was computer generated",
];
/// How they end.
const NOTICES_END: &[&str] = &[" started transcription", " stopped transcription"];

/// What is known of a text beforehand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known<'a> {
    /// Names that are names, whatever they look like.
    pub names: &'a [&'a str],
    /// End of the last words in milliseconds, should their number suggest a later one.
    pub end_ms: Option<u64>,
}

/// What all lines together tell.
struct Survey<'a> {
    labels: Labels<'a>,
    /// Line of a heading `Transcript`, before which stand notes.
    heading: usize,
    /// Whether a time without brackets at the beginning of a line is a stamp.
    bare_stamps: bool,
    /// Whether names or times tell where somebody begins to speak, so that other lines go on with what stands above.
    structured: bool,
}

/// What somebody says, before missing times are filled in.
struct Said {
    line: usize,
    speaker: Option<SpeakerIx>,
    stamp: Option<Stamp>,
    text: String,
}

/// Reads plain text. Lines without a name belong to the last speaker; text without any names has an unknown speaker.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    read(text, &Known::default(), builder)
}

/// The same where something is known of the text.
pub(super) fn read(text: &str, known: &Known<'_>, builder: &mut Builder) -> Result<(), ParseError> {
    let survey = survey(text, known.names);
    let mut reader = Reader::default();
    for entry in entries(text) {
        check_count(reader.said.len() + reader.head.len())?;
        reader.read(entry, &survey, builder);
    }
    if reader.said.is_empty() {
        reader.head_is_speech();
    }
    reader.tell(builder);
    if let Some(line) = reader.first_unnamed.filter(|_| survey.labels.is_empty()) {
        builder.warn(line, "no speaker names like `Ann: Hello.` were found; all speech has an unknown speaker");
    }
    push(reader.said, known.end_ms, builder);
    Ok(())
}

/// What was read so far.
#[derive(Default)]
struct Reader<'a> {
    said: Vec<Said>,
    /// Lines before anybody speaks, with their numbers.
    head: Vec<(usize, &'a str)>,
    /// Lines of exporting programs.
    notices: Vec<usize>,
    /// A time on a line of its own, for what is said next.
    pending: Option<Stamp>,
    /// Line of the first words that nobody is named for.
    first_unnamed: Option<usize>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, entry: Entry<'a>, survey: &Survey<'_>, builder: &mut Builder) {
        if entry.line <= survey.heading {
            self.head.push((entry.line, entry.all));
            return;
        }
        if entry.is_time_alone() {
            self.pending = entry.lead;
            return;
        }
        let named = entry.candidate.filter(|candidate| survey.labels.accepts(candidate.name));
        if named.is_none() && is_notice(entry.all) {
            self.notices.push(entry.line);
            return;
        }
        let lead = entry.lead.filter(|stamp| named.is_some() || stamp.bracketed || survey.bare_stamps);
        let stamp = lead.or(named.and(entry.beside_name));
        let words = match named {
            Some(candidate) => candidate.rest,
            None if lead.is_some() => entry.after_lead,
            None => entry.all,
        };
        let begins = named.is_some() || stamp.is_some() || self.pending.is_some() || entry.changed;
        if survey.structured && !begins {
            match self.said.last_mut() {
                Some(last) => {
                    last.text.push(' ');
                    last.text.push_str(words);
                }
                None => self.head.push((entry.line, entry.all)),
            }
            return;
        }
        if self.said.is_empty() && self.head.len() > MAX_HEAD_LINES && survey.heading == 0 {
            self.head_is_speech();
        }
        if named.is_none() {
            self.first_unnamed.get_or_insert(entry.line);
        }
        let speaker = named.and_then(|candidate| builder.speaker(candidate.name));
        let stamp = stamp.or(self.pending);
        self.pending = None;
        self.said.push(Said { line: entry.line, speaker, stamp, text: words.to_owned() });
    }

    fn head_is_speech(&mut self) {
        let lines = self.head.drain(..);
        self.said.extend(lines.map(|(line, text)| Said { line, speaker: None, stamp: None, text: text.to_owned() }));
    }

    /// Takes the title from the head and tells what was left out.
    fn tell(&self, builder: &mut Builder) {
        if let Some((line, _)) = self.head.first() {
            builder.call().title = self.head.iter().find_map(|(_, line)| title(line)).map(str::to_owned);
            builder.warn(*line, format!("{} before the first speaker left out", counted(self.head.len(), "line")));
        }
        if let Some(line) = self.notices.first() {
            builder.warn(*line, format!("{} of the exporting program left out", counted(self.notices.len(), "line")));
        }
    }
}

fn survey<'a>(text: &'a str, names: &[&'a str]) -> Survey<'a> {
    let (mut lines, mut bare, mut sure, mut heading) = (0, 0, 0, 0);
    let mut candidates = Vec::new();
    for entry in entries(text) {
        lines += 1;
        if let Some(stamp) = entry.lead {
            let counter = if stamp.bracketed || entry.is_time_alone() { &mut sure } else { &mut bare };
            *counter += 1;
        }
        if heading == 0 && entry.all.trim_matches(['*', ':', ' ']).eq_ignore_ascii_case("transcript") {
            heading = entry.line;
            candidates.clear();
        }
        candidates.extend(entry.candidate.filter(|_| candidates.len() < MAX_SEGMENTS));
    }
    if heading > 0 && candidates.is_empty() {
        // Nobody speaks below the heading, so it is none.
        heading = 0;
        candidates.extend(entries(text).filter_map(|entry| entry.candidate).take(MAX_SEGMENTS));
    }
    let labels = Labels::learn(candidates.into_iter(), lines).with(names);
    let bare_stamps = bare > 0 && bare * 2 >= lines;
    let structured = !labels.is_empty() || bare_stamps || sure > 0;
    Survey { labels, heading, bare_stamps, structured }
}

fn is_notice(line: &str) -> bool {
    let has = |tag: &str, part: Option<&str>| part.is_some_and(|part| part.eq_ignore_ascii_case(tag));
    NOTICES_BEGIN.iter().any(|tag| has(tag, line.get(..tag.len())))
        || NOTICES_END.iter().any(|tag| has(tag, line.len().checked_sub(tag.len()).and_then(|from| line.get(from..))))
}

/// The title that a line of the head gives: `Title: Demo`, or words that are not `Date: …`.
fn title(line: &str) -> Option<&str> {
    const MAX_CHARS: usize = 120;
    let line = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '#' | '_'));
    let title = match line.split_once(": ") {
        Some((key, value)) if ["title", "subject", "meeting", "call"].contains(&key.to_lowercase().as_str()) => {
            value.trim()
        }
        Some(_) => "",
        None => line,
    };
    (!title.is_empty() && title.chars().count() <= MAX_CHARS).then_some(title)
}

/// Hands over what was said. Where only some lines have times, the lines after each share its stretch by their words.
fn push(said: Vec<Said>, end_ms: Option<u64>, builder: &mut Builder) {
    let timed: Vec<usize> = (0..said.len()).filter(|i| said[*i].stamp.is_some()).collect();
    let words: Vec<usize> = said.iter().map(|said| said.text.split_whitespace().count()).collect();
    let mut shares: Vec<Option<(u64, u64)>> = vec![None; said.len()];
    let start = |i: usize| said[i].stamp.map_or(0, |stamp| stamp.start_ms);
    // Lines before the first time, unless there is no time at all.
    let first = timed.first().copied().unwrap_or(0);
    let blocks = std::iter::once((0, first))
        .chain(timed.iter().enumerate().map(|(nth, from)| (*from, timed.get(nth + 1).copied().unwrap_or(said.len()))));
    for (from, to) in blocks {
        let is_bounded = |stamp: Stamp| to == said.len() && end_ms.is_some() && stamp.end_ms.is_none();
        let shared = to - from > 1 || to > from && said[from].stamp.is_none_or(is_bounded);
        if !shared {
            continue;
        }
        let spoken = words[from..to].iter().sum::<usize>() as u64 * MS_PER_WORD;
        let by_words = start(from).saturating_add(spoken);
        let last = end_ms.filter(|end| *end > start(from)).map_or(by_words, |end| end.min(by_words));
        let end = if to < said.len() { start(to) } else { last };
        for (share, given) in shares[from..to].iter_mut().zip(spread(start(from), end, &words[from..to])) {
            *share = Some(given);
        }
    }
    for (said, share) in said.into_iter().zip(shares) {
        let start_ms = said.stamp.map(|stamp| stamp.start_ms).or(share.map(|(start, _)| start));
        let end_ms = said.stamp.and_then(|stamp| stamp.end_ms).or(share.map(|(_, end)| end));
        let found = Found {
            speaker: said.speaker,
            start_ms,
            end_ms,
            text: said.text,
            estimated: share.is_some(),
            ..Found::default()
        };
        builder.push(said.line, found);
    }
}

#[cfg(test)]
mod tests;
