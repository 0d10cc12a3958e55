//! How times, shares, marks and other people's text are written, the same in every rendering.

use super::Judgement;
use rubric::{FlagKind, TrackerHitView, Verdict};
use signals::metrics::{BySide, Metrics};
use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;
use transcript::Side;

/// Text without control characters: a transcript must not be able to drive the terminal it is shown on.
pub fn plain(text: &str) -> Cow<'_, str> {
    // Besides the control characters, those that turn the direction of the text around.
    let drives = |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if text.contains(drives) { Cow::Owned(text.replace(drives, " ")) } else { Cow::Borrowed(text) }
}

/// `m:ss` with two digits of minutes, or `h:mm:ss`.
pub fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m:02}:{s:02}") }
}

/// A length of time: `48 s`, `2 min 5 s`, `1 h 4 min`.
pub fn length(ms: u64) -> String {
    let seconds = (ms + 500) / 1000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, 0) => format!("{m} min"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// A share of 0..1 as a percentage.
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// A score of 0..100, or a dash.
pub fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |score| format!("{score:.0}"))
}

/// A sentiment of −1..1 with its sign.
pub fn sentiment(value: f64) -> String {
    // Adding zero makes an ordinary zero of a negative one.
    let value = (value * 100.0).round() / 100.0 + 0.0;
    if value < 0.0 { format!("−{:.2}", -value) } else { format!("+{value:.2}") }
}

/// The day and time of an RFC 3339 stamp, as the source wrote them: `14 Nov 2026, 10:30`. Anything else stays as it is.
pub fn date(stamp: &str) -> Cow<'_, str> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let number = |range: std::ops::Range<usize>| stamp.get(range)?.parse::<usize>().ok();
    let parts = (number(0..4), number(5..7).and_then(|m| MONTHS.get(m.checked_sub(1)?)), number(8..10));
    let (Some(year), Some(month), Some(day)) = parts else { return Cow::Borrowed(stamp) };
    match (stamp.get(10..11), stamp.get(11..16)) {
        (Some("T" | " "), Some(time)) => Cow::Owned(format!("{day} {month} {year}, {time}")),
        _ => Cow::Owned(format!("{day} {month} {year}")),
    }
}

/// The title of a call, or the name of its file without directory and extension.
pub fn title<'a>(judged: &Judgement<'a>) -> &'a str {
    let stem = || Path::new(judged.name).file_stem().and_then(OsStr::to_str).unwrap_or(judged.name);
    judged.transcript.title.as_deref().filter(|title| !title.trim().is_empty()).unwrap_or_else(stem)
}

/// The name of a file without the directories of this machine.
fn file_name(file: &str) -> &str {
    Path::new(file).file_name().and_then(OsStr::to_str).unwrap_or(file)
}

/// File, date, length and rubric of a call in one line.
pub fn subtitle(judged: &Judgement<'_>) -> Vec<String> {
    let Judgement { transcript, report, name } = judged;
    let mut parts = Vec::new();
    let name = file_name(name);
    if title(judged) != name {
        parts.push(name.to_owned());
    }
    parts.extend(transcript.started_at.as_deref().map(|stamp| date(stamp).into_owned()));
    parts.extend(report.metrics.duration_ms.map(length));
    parts.push(format!("rubric {} (version {})", report.rubric_name, report.rubric_version));
    parts
}

/// `us`, `customer`, or nothing.
pub fn side(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Internal) => "us",
        Some(Side::External) => "customer",
        None => "side unknown",
    }
}

/// The mark of a verdict.
pub fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "✓",
        Verdict::Unmet => "✗",
        Verdict::NotApplicable => "–",
        Verdict::CannotAssess => "?",
    }
}

/// A verdict in words.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Unmet => "not met",
        Verdict::NotApplicable => "not applicable",
        Verdict::CannotAssess => "cannot be assessed",
    }
}

/// A flag in words.
pub fn flag(kind: FlagKind) -> &'static str {
    match kind {
        FlagKind::RepeatedQuestion => "Repeated question",
        FlagKind::ContradictedFact => "Contradicted fact",
        FlagKind::UnansweredQuestion => "Unanswered question",
        FlagKind::UnresolvedRequest => "Unresolved request",
        FlagKind::CompliancePhrase => "Risky promise",
        FlagKind::InstructionToJudge => "Instruction to the judge",
    }
}

/// The time of a tracker's hit, or its segment where there are no times.
pub fn moment(hit: &TrackerHitView) -> String {
    hit.start_ms.map_or_else(|| format!("#{}", hit.segment_id), clock)
}

/// The sentiment of one side through the call.
pub struct Mood {
    /// Whose.
    pub label: &'static str,
    /// One value a quarter; nothing where the side is silent in it.
    pub quarters: [Option<f64>; 4],
    /// From the first to the last quarter that has a value, where there are two.
    pub change: Option<(f64, f64)>,
}

/// The sentiment by quarter of the sides that have one: the reading for spoken conversation.
pub fn moods(metrics: &Metrics) -> Vec<Mood> {
    let BySide { internal, external } = &metrics.sides;
    [("Us", internal), ("Customer", external)]
        .into_iter()
        .filter_map(|(label, side)| {
            let quarters = side.sentiment_spoken_quarters?;
            let first = quarters.iter().position(Option::is_some)?;
            let last = quarters.iter().rposition(Option::is_some)?;
            let change = quarters[first].zip(quarters[last]).filter(|_| first != last);
            Some(Mood { label, quarters, change })
        })
        .collect()
}

/// A sentiment as the height of a bar, 0..1; zero sentiment stands in the middle. Means of whole quarters rarely leave ±0.6.
pub fn height(sentiment: f64) -> f64 {
    (sentiment / 0.6).clamp(-1.0, 1.0) / 2.0 + 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_numbers() {
        assert_eq!([clock(0), clock(62_900), clock(3_723_000)], ["00:00", "01:02", "1:02:03"]);
        assert_eq!(
            [length(400), length(48_000), length(120_000), length(125_000), length(3_840_000)],
            ["0 s", "48 s", "2 min", "2 min 5 s", "1 h 4 min"]
        );
        assert_eq!([sentiment(-0.001), sentiment(-0.25), sentiment(0.3)], ["+0.00", "−0.25", "+0.30"]);
        assert_eq!([percent(0.456), score(None), score(Some(66.7))], ["46 %", "–", "67"]);
    }

    #[test]
    fn dates_are_read_where_they_are_dates() {
        assert_eq!(date("2026-11-04T10:30:00Z"), "4 Nov 2026, 10:30");
        assert_eq!(date("2026-11-04"), "4 Nov 2026");
        for other in ["last Tuesday", "2026-13-01", "2026-00-01", "", "ééééééé"] {
            assert_eq!(date(other), other);
        }
    }

    #[test]
    fn text_cannot_drive_a_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\u{7}c\u{202e}d"), "a [31mb c d");
        assert!(matches!(plain("Ünïcode – fine"), Cow::Borrowed(_)));
    }
}
