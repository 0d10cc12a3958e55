//! The report as a page that stands alone: no script, no request, everything escaped by the template engine.

use super::Judgement;
use super::figures::{Figure, figures, missing};
use super::words::{
    Mood, clock, flag, height, mark, moment, mood, moods, percent, score, side, subtitle, title, verdict,
};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use rubric::{CheckResult, DimensionResult, Evidence, Report, TrackerView, level_of};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::LazyLock;
use transcript::{Side, Transcript, Warning};

/// Most moments shown of a tracker.
const MOMENTS_MAX: usize = 8;
const TEMPLATE: &str = "report.html";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .expect("the delimiters are the default ones");
    templates.set_syntax(syntax);
    templates
        .add_template(TEMPLATE, include_str!("templates/report.html.j2"))
        .expect("the template is checked by a test");
    templates
});

/// Everything the template shows, in words.
#[derive(Serialize)]
struct View<'a> {
    title: &'a str,
    subtitle: String,
    overall: Gauge,
    overall_note: Option<&'a str>,
    people: Vec<Person<'a>>,
    dimensions: Vec<DimensionView<'a>>,
    flags: Vec<FlagView<'a>>,
    trackers: Vec<TrackerRow<'a>>,
    figures: Vec<Figure>,
    missing: Vec<String>,
    moods: Vec<MoodView>,
    warnings: &'a [Warning],
    lines: Vec<Line<'a>>,
    analyst: &'a str,
}

/// A score with the width of its bar in per cent.
#[derive(Serialize)]
struct Gauge {
    text: String,
    width: Option<f64>,
    level: Option<u8>,
}

#[derive(Serialize)]
struct Person<'a> {
    name: &'a str,
    side: &'static str,
    ours: bool,
    share: Option<String>,
    width: f64,
}

#[derive(Serialize)]
struct DimensionView<'a> {
    id: &'a str,
    title: &'a str,
    gauge: Gauge,
    coverage: Option<String>,
    note: Option<&'a str>,
    checks: Vec<CheckView<'a>>,
}

#[derive(Serialize)]
struct CheckView<'a> {
    name: &'a str,
    verdict: &'static str,
    verdict_words: &'static str,
    mark: &'static str,
    level: Option<u8>,
    reason: &'a str,
    advice: &'a str,
    quotes: Vec<Quote<'a>>,
}

#[derive(Serialize)]
struct FlagView<'a> {
    title: &'static str,
    reason: &'a str,
    quotes: Vec<Quote<'a>>,
}

#[derive(Serialize)]
struct Quote<'a> {
    segment: u32,
    time: String,
    speaker: Option<&'a str>,
    text: &'a str,
}

/// A tracker with the moments it was heard.
#[derive(Serialize)]
struct TrackerRow<'a> {
    name: &'a str,
    count: usize,
    hits: Vec<Quote<'a>>,
}

#[derive(Serialize)]
struct MoodView {
    label: &'static str,
    quarters: Vec<Quarter>,
    change: Option<String>,
}

#[derive(Serialize)]
struct Quarter {
    text: String,
    /// Height of the bar above or below the middle, in per cent of the column.
    size: Option<f64>,
    down: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    id: u32,
    time: Option<String>,
    estimated: bool,
    /// Only where it changes.
    speaker: Option<&'a str>,
    ours: bool,
    text: &'a str,
}

/// Writes a report.
///
/// # Errors
/// Those of the writer.
pub fn report(out: &mut impl Write, judged: &Judgement<'_>) -> io::Result<()> {
    let template = TEMPLATES.get_template(TEMPLATE).map_err(io::Error::other)?;
    template.render_captured_to(Serde(View::new(judged)), &mut *out).map(|_| ()).map_err(|error| {
        // The engine wraps what the writer said; a closed pipe has to stay one.
        let kind = std::error::Error::source(&error)
            .and_then(|source| source.downcast_ref::<io::Error>())
            .map(io::Error::kind);
        io::Error::new(kind.unwrap_or(io::ErrorKind::Other), error)
    })
}

impl<'a> View<'a> {
    fn new(judged: &Judgement<'a>) -> Self {
        let report = judged.report;
        let figures = figures(&report.metrics, rubric::is_sales(&report.rubric));
        let missing =
            missing(&figures).into_iter().map(|(reason, labels)| format!("{}: {reason}", labels.join(", "))).collect();
        Self {
            title: title(judged),
            subtitle: subtitle(judged).join(" · "),
            overall: gauge(report.overall_score, report.overall_score.map(level_of)),
            overall_note: report.overall_note.as_deref(),
            people: people(report),
            dimensions: report.dimensions.iter().map(dimension).collect(),
            flags: report
                .flags
                .iter()
                .map(|f| FlagView { title: flag(f.kind), reason: &f.reason, quotes: quotes(&f.evidence) })
                .collect(),
            trackers: report.trackers.iter().map(tracker).collect(),
            figures,
            missing,
            moods: moods(&report.metrics).iter().map(mood_view).collect(),
            warnings: &judged.transcript.warnings,
            lines: lines(judged.transcript),
            analyst: &report.analyst,
        }
    }
}

fn gauge(value: Option<f64>, level: Option<u8>) -> Gauge {
    Gauge { text: score(value), width: value, level }
}

fn people(report: &Report) -> Vec<Person<'_>> {
    let person = |speaker: &'_ signals::metrics::SpeakerMetrics| (speaker.side, speaker.speech.talk_share);
    report
        .metrics
        .speakers
        .iter()
        .map(|speaker| {
            let (whose, share) = person(speaker);
            Person {
                name: speaker.name.as_deref().unwrap_or("(nobody named)"),
                side: side(whose),
                ours: whose == Some(Side::Internal),
                share: share.map(percent),
                width: share.unwrap_or(0.0) * 100.0,
            }
        })
        .collect()
}

fn dimension(dimension: &DimensionResult) -> DimensionView<'_> {
    DimensionView {
        id: &dimension.name,
        title: &dimension.title,
        gauge: gauge(dimension.score, dimension.level),
        coverage: dimension.coverage.map(percent),
        note: dimension.note.as_deref(),
        checks: dimension.checks.iter().map(check).collect(),
    }
}

fn check(check: &CheckResult) -> CheckView<'_> {
    CheckView {
        name: &check.name,
        verdict: check.verdict.as_str(),
        verdict_words: verdict(check.verdict),
        mark: mark(check.verdict),
        level: check.level,
        reason: &check.reason,
        advice: &check.advice,
        quotes: quotes(&check.evidence),
    }
}

fn quotes(evidence: &[Evidence]) -> Vec<Quote<'_>> {
    let quote =
        |item: &'_ Evidence| (item.segment_id, item.start_ms.map_or_else(|| format!("#{}", item.segment_id), clock));
    evidence
        .iter()
        .map(|item| {
            let (segment, time) = quote(item);
            Quote { segment, time, speaker: item.speaker.as_deref(), text: &item.quote }
        })
        .collect()
}

fn tracker(tracker: &TrackerView) -> TrackerRow<'_> {
    let mut hits = Vec::new();
    for hit in tracker.hits.iter().take(MOMENTS_MAX) {
        hits.push(Quote {
            segment: hit.segment_id,
            time: moment(hit),
            speaker: hit.speaker.as_deref(),
            text: &hit.quote,
        });
    }
    TrackerRow { name: &tracker.name, count: tracker.count, hits }
}

fn mood_view(of: &Mood) -> MoodView {
    let quarter = |value: &Option<f64>| Quarter {
        text: mood(*value),
        size: value.map(|v| 100.0 * (height(v) - 0.5).abs()),
        down: value.is_some_and(|v| v < 0.0),
    };
    MoodView {
        label: of.label,
        quarters: of.quarters.iter().map(quarter).collect(),
        change: of.change.as_ref().map(|change| format!("{change} from the first to the last quarter")),
    }
}

fn lines(transcript: &Transcript) -> Vec<Line<'_>> {
    let mut last = None;
    let mut lines = Vec::with_capacity(transcript.segments.len());
    for segment in &transcript.segments {
        let speaker = transcript.speaker_name(segment);
        let changed = last.replace(speaker) != Some(speaker);
        lines.push(Line {
            id: segment.id,
            time: segment.start_ms.map(clock),
            estimated: segment.estimated,
            speaker: speaker.filter(|_| changed),
            ours: transcript.side(segment) == Some(Side::Internal),
            text: &segment.text,
        });
    }
    lines
}
