//! The report in a terminal.

use super::Judgement;
use super::figures::{Figure, Standing, figures, missing};
use super::page::{ACCENT, BAD, BOLD, DIM, FAIR, GOOD, Page, bar, level_style, pad, spark};
use super::words::{
    clock, flag, height, length, mark, moment, mood, moods, percent, plain, score, side, subtitle, title,
};
use anstyle::Style;
use rubric::model::apply::WITHHELD;
use rubric::{
    COVERAGE_MIN, CheckKind, CheckResult, DimensionResult, Evidence, Flag, Report, Rubric, TrackerView, Verdict,
};
use signals::metrics::{Metrics, SpeakerMetrics};
use std::io::{self, Write};
use textwrap::core::display_width;
use transcript::{Side, Warning};

/// Widest a column of names grows.
const NAME_MAX: usize = 24;
/// Bounds of a bar, in columns.
const BAR_MIN: usize = 6;
const BAR_MAX: usize = 32;
/// Columns of the numbers: together they fit the narrowest page.
const FIGURE: usize = 27;
const BAND: usize = 13;
/// Most moments shown of a tracker.
const MOMENTS_MAX: usize = 3;
/// Most warnings of the file that are shown.
const WARNINGS_MAX: usize = 5;

/// Writes a report, wrapped at `width` columns.
pub fn report(out: &mut impl Write, judged: &Judgement<'_>, width: usize) -> io::Result<()> {
    let report = judged.report;
    let mut page = Page { out, width };
    page.paragraph("", title(judged), BOLD)?;
    page.paragraph("", &subtitle(judged).join(" · "), DIM)?;
    page.gap()?;
    page.speakers(&report.metrics.speakers)?;
    page.scores(report)?;
    for dimension in &report.dimensions {
        page.dimension(dimension)?;
    }
    page.flags(&report.flags)?;
    page.figures(&figures(&report.metrics, rubric::is_sales(&report.rubric)))?;
    page.moods(&report.metrics)?;
    page.heard(&report.trackers)?;
    page.warnings(&judged.transcript.warnings)
}

/// Writes the metrics of a call.
pub fn metrics(
    out: &mut impl Write,
    file: &str,
    metrics: &Metrics,
    heard: &[TrackerView],
    width: usize,
) -> io::Result<()> {
    let mut page = Page { out, width };
    page.paragraph("", file, BOLD)?;
    if let Some(duration) = metrics.duration_ms {
        page.paragraph("", &length(duration), DIM)?;
    }
    page.gap()?;
    page.speakers(&metrics.speakers)?;
    page.figures(&figures(metrics, true))?;
    page.moods(metrics)?;
    page.heard(heard)
}

/// Writes the list of rubrics.
pub fn rubrics(out: &mut impl Write, rubrics: &[Rubric], width: usize) -> io::Result<()> {
    let mut page = Page { out, width };
    for rubric in rubrics {
        let checks: usize = rubric.dimensions.iter().map(|d| d.checks.len()).sum();
        let Rubric { id, name, version, dimensions, .. } = rubric;
        writeln!(
            page.out,
            "{BOLD}{id}{BOLD:#}  {name} {DIM}· version {version} · {} dimensions · {checks} checks{DIM:#}",
            dimensions.len()
        )?;
        page.paragraph("  ", &rubric.description, Style::new())?;
    }
    Ok(())
}

/// Writes a rubric with its dimensions and checks.
pub fn rubric(out: &mut impl Write, rubric: &Rubric, width: usize) -> io::Result<()> {
    let mut page = Page { out, width };
    page.paragraph("", &rubric.name, BOLD)?;
    page.paragraph("", &format!("{} · version {}", rubric.id, rubric.version), DIM)?;
    page.paragraph("", &rubric.description, Style::new())?;
    for dimension in &rubric.dimensions {
        page.heading(&dimension.name, &format!("weight {}", dimension.weight), DIM)?;
        page.paragraph("  ", &dimension.description, Style::new())?;
        for (level, text) in [(1, &dimension.levels.low), (3, &dimension.levels.middle), (5, &dimension.levels.high)] {
            page.paragraph(&format!("  {level}  "), text, DIM)?;
        }
        for check in &dimension.checks {
            page.gap()?;
            let kind = match check.kind {
                CheckKind::Presence => "happens",
                CheckKind::Absence => "never happens",
                CheckKind::Metric => "computed",
                CheckKind::Scale => "levels 0 to 3",
            };
            writeln!(
                page.out,
                "  {BOLD}{}{BOLD:#} {DIM}· {} · {kind} · weight {}{DIM:#}",
                plain(&check.name),
                plain(&check.id),
                check.weight
            )?;
            page.paragraph("    ", &check.sentence, Style::new())?;
            page.paragraph("    → ", &check.advice, ACCENT)?;
        }
    }
    Ok(())
}

impl<W: Write> Page<'_, W> {
    fn speakers(&mut self, speakers: &[SpeakerMetrics]) -> io::Result<()> {
        let name = |speaker: &SpeakerMetrics| speaker.name.clone().unwrap_or_else(|| "(nobody named)".to_owned());
        let column = speakers.iter().map(|s| display_width(&name(s))).max().unwrap_or(0).clamp(8, NAME_MAX);
        let bar_width = self.bar_width(column + 21);
        for speaker in speakers {
            let style = if speaker.side == Some(Side::Internal) { ACCENT } else { Style::new() };
            let share = speaker.speech.talk_share;
            let (name, side) = (pad(&name(speaker), column), pad(side(speaker.side), 12));
            let amount = share.map_or_else(
                || format!("{} words", speaker.speech.word_count),
                |share| format!("{:>5}", percent(share)),
            );
            let bar = share.map(|share| format!("{}  ", bar(Some(share), bar_width, style))).unwrap_or_default();
            writeln!(self.out, "{name}  {DIM}{side}{DIM:#}{bar}{amount}")?;
        }
        Ok(())
    }

    fn scores(&mut self, report: &Report) -> io::Result<()> {
        let column = report.dimensions.iter().map(|d| display_width(&d.title)).max().unwrap_or(0).clamp(8, NAME_MAX);
        let bar_width = self.bar_width(column + 32);
        let overall = report.overall_score;
        let style = level_style(overall.map(rubric::level_of)).bold();
        self.heading("Scores", "", DIM)?;
        for dimension in &report.dimensions {
            let style = level_style(dimension.level);
            let name = pad(&dimension.title, column);
            let bar = bar(dimension.score.map(|s| s / 100.0), bar_width, style);
            let beside = match (dimension.level, dimension.coverage) {
                (Some(level), Some(coverage)) if coverage < 1.0 => {
                    format!("level {level}  {:>5} judged", percent(coverage))
                }
                (Some(level), _) => format!("level {level}"),
                (None, Some(coverage)) if coverage < COVERAGE_MIN => {
                    format!("{} judged, too little", percent(coverage))
                }
                // Enough was judged, and the note says why there is no score.
                (None, Some(_)) if dimension.note.as_deref() == Some(WITHHELD) => "withheld".to_owned(),
                (None, Some(_)) => "not judged".to_owned(),
                (None, None) => "not applicable".to_owned(),
            };
            writeln!(self.out, "{name}  {bar}  {style}{:>3}{style:#}  {DIM}{beside}{DIM:#}", score(dimension.score))?;
        }
        let level = overall.map(|s| format!("level {}", rubric::level_of(s))).unwrap_or_default();
        let name = pad("Overall", column);
        let bar = bar(overall.map(|s| s / 100.0), bar_width, style);
        writeln!(self.out, "{BOLD}{name}{BOLD:#}  {bar}  {style}{:>3}{style:#}  {DIM}{level}{DIM:#}", score(overall))?;
        match &report.overall_note {
            Some(note) => self.paragraph("", note, DIM),
            None => Ok(()),
        }
    }

    /// What is left for a bar beside `taken` columns of text.
    fn bar_width(&self, taken: usize) -> usize {
        self.width.saturating_sub(taken).clamp(BAR_MIN, BAR_MAX)
    }

    fn dimension(&mut self, dimension: &DimensionResult) -> io::Result<()> {
        self.heading(&dimension.title, &score(dimension.score), level_style(dimension.level).bold())?;
        if let Some(note) = &dimension.note {
            self.paragraph("  ", note, DIM)?;
        }
        let is_judged = |check: &CheckResult| matches!(check.verdict, Verdict::Met | Verdict::Unmet);
        let mut above: Option<bool> = None;
        for check in &dimension.checks {
            let judged = is_judged(check);
            // Checks without a verdict are a line or two each and stand close together.
            if above.is_some_and(|above| above || judged) {
                self.gap()?;
            }
            above = Some(judged);
            if judged {
                self.check(check)?;
            } else {
                let first = format!("  {} ", mark(check.verdict));
                self.paragraph(&first, &format!("{}. {}", check.name, check.reason), DIM)?;
                self.evidence(&check.evidence)?;
            }
        }
        Ok(())
    }

    fn check(&mut self, check: &CheckResult) -> io::Result<()> {
        let style = if check.verdict == Verdict::Met { GOOD } else { BAD };
        let level = check.level.map(|level| format!(" {DIM}level {level} of 3{DIM:#}")).unwrap_or_default();
        writeln!(self.out, "  {style}{}{style:#} {BOLD}{}{BOLD:#}{level}", mark(check.verdict), plain(&check.name))?;
        self.paragraph("    ", &check.reason, Style::new())?;
        self.evidence(&check.evidence)?;
        // The eye should go to what is to be changed.
        let style = if check.verdict == Verdict::Met { DIM } else { ACCENT };
        if check.advice.is_empty() { Ok(()) } else { self.paragraph("    → ", &check.advice, style) }
    }

    fn evidence(&mut self, evidence: &[Evidence]) -> io::Result<()> {
        for item in evidence {
            let time = item.start_ms.map_or_else(|| format!("#{}", item.segment_id), clock);
            let speaker = item.speaker.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
            self.paragraph(
                &format!("    {DIM}[{time}]{DIM:#} "),
                &format!("{speaker}“{}”", item.quote),
                Style::new().italic(),
            )?;
        }
        Ok(())
    }

    fn flags(&mut self, flags: &[Flag]) -> io::Result<()> {
        if flags.is_empty() {
            return Ok(());
        }
        self.heading("Flags", &flags.len().to_string(), FAIR)?;
        for (number, item) in flags.iter().enumerate() {
            if number > 0 {
                self.gap()?;
            }
            writeln!(self.out, "  {FAIR}!{FAIR:#} {BOLD}{}{BOLD:#}", flag(item.kind))?;
            self.paragraph("    ", &item.reason, Style::new())?;
            self.evidence(&item.evidence)?;
        }
        Ok(())
    }

    fn figures(&mut self, figures: &[Figure]) -> io::Result<()> {
        self.heading("Numbers", "", DIM)?;
        for figure in figures.iter().filter(|f| f.standing != Standing::Missing) {
            let (style, word) = match figure.standing {
                Standing::Ok => (GOOD, "ok"),
                Standing::Watch => (FAIR, "watch"),
                Standing::Flag => (BAD, "flag"),
                Standing::Plain | Standing::Missing => (DIM, ""),
            };
            write!(self.out, "  {}{:>10}", pad(figure.label, FIGURE), figure.value)?;
            if !word.is_empty() {
                write!(self.out, "  {DIM}{}{DIM:#} {style}{word}{style:#}", pad(&figure.band, BAND))?;
            } else if !figure.band.is_empty() {
                write!(self.out, "  {DIM}{}{DIM:#}", figure.band)?;
            }
            self.gap()?;
        }
        for (reason, labels) in missing(figures) {
            self.paragraph("  ", &format!("Not known: {}. {reason}", labels.join(", ")), DIM)?;
        }
        Ok(())
    }

    fn moods(&mut self, metrics: &Metrics) -> io::Result<()> {
        let moods = moods(metrics);
        if moods.is_empty() {
            return Ok(());
        }
        self.heading("Mood by quarter", "", DIM)?;
        for of in moods {
            let values: Vec<String> = of.quarters.into_iter().map(|quarter| format!("{:>5}", mood(quarter))).collect();
            let change = of.change.map(|change| format!("   {DIM}change{DIM:#} {change}")).unwrap_or_default();
            writeln!(
                self.out,
                "  {}{ACCENT}{}{ACCENT:#}   {}{change}",
                pad(of.label, 10),
                spark(of.quarters.map(|q| q.map(height))),
                values.join("  ")
            )?;
        }
        Ok(())
    }

    fn heard(&mut self, trackers: &[TrackerView]) -> io::Result<()> {
        if trackers.is_empty() {
            return Ok(());
        }
        self.heading("Heard", "", DIM)?;
        for tracker in trackers {
            let moments: Vec<String> = tracker.hits.iter().take(MOMENTS_MAX).map(moment).collect();
            let more = if tracker.count > MOMENTS_MAX { " …" } else { "" };
            let name = pad(&tracker.name, NAME_MAX);
            writeln!(self.out, "  {name}{:>4}  {DIM}{}{more}{DIM:#}", tracker.count, moments.join("  "))?;
        }
        Ok(())
    }

    fn warnings(&mut self, warnings: &[Warning]) -> io::Result<()> {
        if warnings.is_empty() {
            return Ok(());
        }
        self.heading("About the file", &warnings.len().to_string(), DIM)?;
        for Warning { line, message } in warnings.iter().take(WARNINGS_MAX) {
            let place = if *line > 0 { format!("line {line}: ") } else { String::new() };
            self.paragraph("  ", &format!("{place}{message}"), DIM)?;
        }
        if warnings.len() > WARNINGS_MAX {
            self.paragraph(
                "  ",
                &format!("… and {} more; `sideline parse` lists them all", warnings.len() - WARNINGS_MAX),
                DIM,
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signals::labels::Labeler;
    use transcript::Transcript;

    /// A call with long names and words, judged against every built-in rubric.
    fn reports() -> (Transcript, Vec<Report>) {
        let call = r#"[{"speaker":"Wolfeschlegelsteinhausenbergerdorff the Younger (Agent)","start_ms":0,"end_ms":4000,"text":"What brings you here today, and how do you solve it at the moment?"},
            {"speaker":"顧客の田中さんと鈴木さんと佐藤さん (Customer)","start_ms":4100,"end_ms":200000,"text":"We lose ten hours a week over Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsangelegenheiten and it is too expensive."}]"#;
        let mut transcript = transcript::parse(call.as_bytes(), None).unwrap();
        transcript::sides::assign(&mut transcript, &[]).unwrap();
        let analyse = |rubric| rubric::analyst::analyse(&transcript, rubric, Labeler::builtin());
        let reports = rubric::builtin().iter().map(analyse).collect();
        (transcript, reports)
    }

    #[test]
    fn checks_keep_the_rubrics_order_and_an_open_one_shows_what_was_found() {
        let (_, mut reports) = reports();
        let judged = &mut reports[0];
        let dimension = &mut judged.dimensions[0];
        for (number, check) in dimension.checks.iter_mut().enumerate() {
            check.verdict = if number % 2 == 0 { Verdict::CannotAssess } else { Verdict::Met };
            check.name = format!("check {number}");
            check.evidence = vec![Evidence {
                segment_id: 1,
                start_ms: Some(0),
                speaker: None,
                quote: "words".to_owned(),
                offset: 0,
                length: 5,
            }];
        }
        let count = dimension.checks.len();
        let mut out = Vec::new();
        let mut page = Page { out: &mut out, width: 80 };
        page.dimension(dimension).unwrap();
        let shown = String::from_utf8(anstream::adapter::strip_bytes(&out).into_vec()).unwrap();
        let places: Vec<_> = (0..count).map(|n| shown.find(&format!("check {n}")).unwrap()).collect();
        assert!(count > 2 && places.is_sorted(), "{shown}");
        assert_eq!(shown.matches("[0:00] ").count(), count, "{shown}");
    }

    #[test]
    fn withheld_scores_are_called_that() {
        let (transcript, mut reports) = reports();
        for report in &mut reports {
            rubric::model::apply::withhold(report);
        }
        let mut out = Vec::new();
        report(&mut out, &Judgement { transcript: &transcript, report: &reports[0], name: "call.json" }, 80).unwrap();
        let shown = String::from_utf8(anstream::adapter::strip_bytes(&out).into_vec()).unwrap();
        assert!(shown.contains("–  withheld") && !shown.contains("100 % judged, too little"), "{shown}");
    }

    #[test]
    fn no_line_is_wider_than_the_page() {
        let name = "a/file/with/quite/a/long/path/to/it/call.json";
        let (transcript, reports) = reports();
        for found in &reports {
            for width in [60, 80, 100] {
                let mut out = Vec::new();
                report(&mut out, &Judgement { transcript: &transcript, report: found, name }, width).unwrap();
                let shown = anstream::adapter::strip_bytes(&out).into_vec();
                for line in String::from_utf8(shown).unwrap().lines() {
                    assert!(display_width(line) <= width, "{width}: {line}");
                }
            }
        }
    }
}
