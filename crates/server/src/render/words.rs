//! How times, shares, marks and other people's text are written, the same in every rendering.

use super::Judgement;
use rubric::{FlagKind, TrackerHitView, Verdict};
use signals::figures::{self, Unit};
pub use signals::figures::{clock, percent};
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

/// A score of 0..100, or a dash.
pub fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), figures::score)
}

/// A mood of −1..1 with its sign, or a dash.
pub fn mood(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| Unit::Mood.written(value, 0))
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

/// The mood of one side through the call.
pub struct Mood {
    /// Whose.
    pub label: &'static str,
    /// One value a quarter, −1..1; nothing where the side is silent in it.
    pub quarters: [Option<f64>; 4],
    /// The last quarter less the first, with its sign; none where the side is silent in one of them.
    pub change: Option<String>,
}

/// The mood by quarter of the sides that have one: the figures that the pages show.
pub fn moods(metrics: &Metrics) -> Vec<Mood> {
    let BySide { internal, external } = &metrics.sides;
    [("Us", internal), ("Customer", external)]
        .into_iter()
        .filter_map(|(label, side)| {
            let quarters = side.sentiment_quarters.filter(|quarters| quarters.iter().any(Option::is_some))?;
            let change = figures::mood_change(&quarters).map(|change| Unit::Change.written(change, 0));
            Some(Mood { label, quarters, change })
        })
        .collect()
}

/// A mood as the height of a bar, 0..1; zero stands in the middle. Means of whole quarters rarely leave ±0.6.
pub fn height(mood: f64) -> f64 {
    (mood / 0.6).clamp(-1.0, 1.0) / 2.0 + 0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use signals::labels::Labeler;

    #[test]
    fn times_and_numbers() {
        assert_eq!([clock(0), clock(62_900), clock(3_723_000)], ["0:00", "1:02", "1:02:03"]);
        assert_eq!(
            [length(400), length(48_000), length(120_000), length(125_000), length(3_840_000)],
            ["0 s", "48 s", "2 min", "2 min 5 s", "1 h 4 min"]
        );
        assert_eq!([mood(Some(-0.001)), mood(Some(-0.25)), mood(Some(0.3)), mood(None)], ["0", "−0.25", "+0.30", "–"]);
        assert_eq!([percent(0.456), score(None), score(Some(66.7)), score(Some(44.5))], ["46 %", "–", "67", "45"]);
    }

    #[test]
    fn moods_are_those_that_the_pages_show() {
        let call = "Agent: Hello there.\nCustomer: Hello.\n";
        let mut transcript = transcript::parse(call.as_bytes(), None).unwrap();
        transcript::sides::assign(&mut transcript, &[]).unwrap();
        let mut metrics = signals::metrics::metrics(&transcript, &Labeler::builtin().label_call(&transcript));
        let BySide { internal, external } = &mut metrics.sides;
        internal.sentiment_quarters = Some([None, Some(0.1), Some(0.2), Some(0.5)]);
        internal.sentiment_spoken_quarters = Some([Some(-0.9); 4]);
        external.sentiment_quarters = Some([Some(0.4), None, Some(0.001), Some(0.1)]);
        external.sentiment_spoken_quarters = None;
        let told: Vec<_> =
            moods(&metrics).into_iter().map(|of| (of.label, of.quarters.map(mood).join(" "), of.change)).collect();
        assert_eq!(
            told,
            [
                ("Us", "– +0.10 +0.20 +0.50".to_owned(), None),
                ("Customer", "+0.40 – 0 +0.10".to_owned(), Some("−0.30".to_owned()))
            ]
        );
        metrics.sides.external.sentiment_quarters = Some([None; 4]);
        assert_eq!(moods(&metrics).len(), 1, "a side without a mood has no row");
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
