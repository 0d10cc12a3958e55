//! The report as Markdown, for a chat or a wiki.

use super::Judgement;
use super::figures::{Standing, figures, missing};
use super::words::{clock, flag, mark, moment, mood, moods, percent, plain, score, side, subtitle, title, verdict};
use rubric::{CheckResult, Evidence, Report, TrackerView, Verdict};
use std::io::{self, Write};

/// Most moments shown of a tracker.
const MOMENTS_MAX: usize = 8;

/// Writes a report.
pub fn report(out: &mut impl Write, judged: &Judgement<'_>) -> io::Result<()> {
    let report = judged.report;
    writeln!(out, "# {}\n", escape(title(judged)))?;
    writeln!(out, "{}\n", escape(&subtitle(judged).join(" · ")))?;
    for speaker in &report.metrics.speakers {
        let name = escape(speaker.name.as_deref().unwrap_or("(nobody named)"));
        let share =
            speaker.speech.talk_share.map(|share| format!(", {} of the talk", percent(share))).unwrap_or_default();
        writeln!(out, "- {name} ({}){share}", side(speaker.side))?;
    }
    scores(out, report)?;
    for dimension in &report.dimensions {
        writeln!(out, "\n## {}: {}\n", escape(&dimension.title), score(dimension.score))?;
        if let Some(note) = &dimension.note {
            writeln!(out, "_{}_\n", escape(note))?;
        }
        for item in &dimension.checks {
            check(out, item)?;
        }
    }
    if !report.flags.is_empty() {
        writeln!(out, "\n## Flags\n")?;
        for item in &report.flags {
            writeln!(out, "- ⚠ **{}** {}", flag(item.kind), escape(&item.reason))?;
            quotes(out, &item.evidence)?;
        }
    }
    numbers(out, report)
}

fn scores(out: &mut impl Write, report: &Report) -> io::Result<()> {
    writeln!(out, "\n| Dimension | Score | Level | Judged |\n|---|--:|--:|--:|")?;
    for dimension in &report.dimensions {
        let level = dimension.level.map_or_else(|| "–".to_owned(), |level| level.to_string());
        let judged = dimension.coverage.map_or_else(|| "n/a".to_owned(), percent);
        writeln!(out, "| {} | {} | {level} | {judged} |", escape(&dimension.title), score(dimension.score))?;
    }
    let level = report.overall_score.map_or_else(|| "–".to_owned(), |score| rubric::level_of(score).to_string());
    writeln!(out, "| **Overall** | **{}** | {level} | |", score(report.overall_score))?;
    match &report.overall_note {
        Some(note) => writeln!(out, "\n_{}_", escape(note)),
        None => Ok(()),
    }
}

fn check(out: &mut impl Write, check: &CheckResult) -> io::Result<()> {
    let beside = match check.verdict {
        Verdict::Met | Verdict::Unmet => String::new(),
        other => format!(" ({})", verdict(other)),
    };
    writeln!(out, "- {} **{}**{beside} {}", mark(check.verdict), escape(&check.name), escape(&check.reason))?;
    quotes(out, &check.evidence)?;
    if check.advice.is_empty() { Ok(()) } else { writeln!(out, "  - → {}", escape(&check.advice)) }
}

fn quotes(out: &mut impl Write, evidence: &[Evidence]) -> io::Result<()> {
    for item in evidence {
        let time = item.start_ms.map_or_else(|| format!("#{}", item.segment_id), clock);
        let speaker = item.speaker.as_deref().map(|name| format!(" {}:", escape(name))).unwrap_or_default();
        writeln!(out, "  - `{time}`{speaker} “{}”", escape(&item.quote))?;
    }
    Ok(())
}

fn numbers(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let figures = figures(&report.metrics, rubric::is_sales(&report.rubric));
    writeln!(out, "\n## Numbers\n\n| Metric | Value | Band | |\n|---|--:|---|---|")?;
    for figure in figures.iter().filter(|f| f.standing != Standing::Missing) {
        let word = match figure.standing {
            Standing::Ok => "ok",
            Standing::Watch => "watch",
            Standing::Flag => "**flag**",
            Standing::Plain | Standing::Missing => "",
        };
        writeln!(out, "| {} | {} | {} | {word} |", figure.label, figure.value, figure.band)?;
    }
    for of in moods(&report.metrics) {
        let quarters: Vec<String> = of.quarters.into_iter().map(mood).collect();
        let change = of.change.map(|change| format!(", change {change}")).unwrap_or_default();
        writeln!(out, "| Mood by quarter: {} | {}{change} | | |", of.label.to_lowercase(), quarters.join(" → "))?;
    }
    for (reason, labels) in missing(&figures) {
        writeln!(out, "\n_Not known: {}. {}_", labels.join(", "), escape(reason))?;
    }
    heard(out, &report.trackers)
}

fn heard(out: &mut impl Write, trackers: &[TrackerView]) -> io::Result<()> {
    if trackers.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Heard\n")?;
    for tracker in trackers {
        let moments: Vec<String> =
            tracker.hits.iter().take(MOMENTS_MAX).map(|hit| format!("`{}`", moment(hit))).collect();
        let more = if tracker.count > MOMENTS_MAX { " …" } else { "" };
        writeln!(out, "- {}: {}× {}{more}", escape(&tracker.name), tracker.count, moments.join(" "))?;
    }
    Ok(())
}

/// Other people's text without what Markdown or HTML would make of it.
pub fn escape(text: &str) -> String {
    let text = plain(text);
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A mention or an issue number of the place it is pasted into.
            '@' => escaped.push_str("@\u{200B}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn foreign_text_stays_text() {
        assert_eq!(escape("<b> *x* a_b | [l](u) `c`"), "&lt;b&gt; \\*x\\* a\\_b \\| \\[l\\](u) \\`c\\`");
        assert_eq!(escape("ask @channel"), "ask @\u{200B}channel");
    }
}
