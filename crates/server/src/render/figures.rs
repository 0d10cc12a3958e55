//! The key metrics with their default bands (DOMAIN §1), as rows for people.

use super::words::{length, percent};
use serde::Serialize;
use signals::bands::{self, Band};
use signals::metrics::Metrics;

/// How a value stands to its band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// There is no band.
    Plain,
    /// Inside.
    Ok,
    /// Outside.
    Watch,
    /// So far outside that it is flagged.
    Flag,
    /// There is no value.
    Missing,
}

/// A metric as a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Name for people.
    pub label: &'static str,
    /// Value with its unit; a dash where there is none.
    pub value: String,
    /// The band in words; empty where there is none.
    pub band: String,
    /// How the value stands to it.
    pub standing: Standing,
    /// Why there is no value.
    pub reason: Option<String>,
}

/// One metric: its field, name, value, way of writing, and band.
struct Row {
    field: &'static str,
    label: &'static str,
    value: fn(&Metrics) -> Option<f64>,
    write: fn(f64) -> String,
}

const fn row(
    field: &'static str,
    label: &'static str,
    value: fn(&Metrics) -> Option<f64>,
    write: fn(f64) -> String,
) -> Row {
    Row { field, label, value, write }
}

fn ms(value: Option<u64>) -> Option<f64> {
    value.map(|ms| ms as f64)
}

/// A rate over half an hour says nothing of a call of a few minutes.
fn questions_per_30_min(metrics: &Metrics) -> Option<f64> {
    metrics.questions_per_30_min.filter(|_| metrics.duration_ms.is_some_and(|ms| ms >= 600_000))
}

fn long(value: f64) -> String {
    length(value as u64)
}

fn gap(value: f64) -> String {
    format!("{:.1} s", value / 1000.0)
}

fn count(value: f64) -> String {
    format!("{value:.0}")
}

fn rate(value: f64) -> String {
    format!("{value:.1} / min")
}

fn words_per_minute(value: f64) -> String {
    format!("{value:.0} wpm")
}

#[rustfmt::skip] // A table: one metric a line.
const ROWS: &[Row] = &[
    row("talk_ratio", "Our share of the talk", |m| m.talk_ratio, percent),
    row("longest_monologue_ms", "Longest monologue", |m| ms(m.longest_monologue_ms), long),
    row("longest_customer_story_ms", "Longest customer story", |m| ms(m.longest_customer_story_ms), long),
    row("question_count", "Our questions", |m| m.question_count.map(f64::from), count),
    row("open_question_count", "Our open questions", |m| m.open_question_count.map(f64::from), count),
    row("questions_per_30_min", "Our questions in 30 min", questions_per_30_min, count),
    row("customer_question_count", "Customer's questions", |m| m.customer_question_count.map(f64::from), count),
    row("interactivity_per_min", "Changes of side", |m| m.interactivity_per_min, rate),
    row("patience_ms", "Patience before answering", |m| ms(m.patience_ms), gap),
    row("pause_after_objection_ms", "Pause after an objection", |m| ms(m.pause_after_objection_ms), gap),
    row("overlapped_answer_ratio", "Answers begun too early", |m| m.overlapped_answer_ratio, percent),
    row("words_per_minute", "Our pace", |m| m.words_per_minute, words_per_minute),
    row("filler_per_min", "Our filler words", |m| m.filler_per_min, rate),
    row("interruption_count", "Our interruptions", |m| m.interruption_count.map(f64::from), count),
    row("overtalk_ratio", "Talking at once", |m| m.overtalk_ratio, percent),
    row("non_talk_ms", "Silences above 3 s", |m| ms(m.non_talk_ms), long),
    row("longest_silence_ms", "Longest silence", |m| ms(m.longest_silence_ms), long),
];

/// A band in words; the unit is told once.
fn between(low: Option<f64>, high: Option<f64>, write: fn(f64) -> String) -> String {
    match (low.map(write), high.map(write)) {
        (Some(low), Some(high)) => {
            let unit = high.find(' ').filter(|at| low.ends_with(&high[*at..]));
            format!("{}–{high}", unit.map_or(low.as_str(), |at| &low[..low.len() - (high.len() - at)]))
        }
        (Some(low), None) => format!("{low} or more"),
        (None, Some(high)) => format!("up to {high}"),
        (None, None) => String::new(),
    }
}

/// The rows of a call. Bands of sales calls are left out where `sales` is false.
pub fn figures(metrics: &Metrics, sales: bool) -> Vec<Figure> {
    let duration = metrics.duration_ms.unwrap_or(0);
    ROWS.iter()
        .map(|row| {
            let value = (row.value)(metrics);
            let band = Band::of(row.field, sales, duration);
            let standing = match (value, band.map(|band| (band, value.map(|value| band.standing(value))))) {
                (None, _) => Standing::Missing,
                (Some(_), Some((_, Some(bands::Standing::Flag)))) => Standing::Flag,
                (Some(_), Some((_, Some(bands::Standing::Watch)))) => Standing::Watch,
                (Some(_), None | Some((Band { aim: Some(_), .. }, _))) => Standing::Plain,
                _ => Standing::Ok,
            };
            let aim = band.and_then(|band| band.aim).filter(|_| standing == Standing::Plain);
            Figure {
                label: row.label,
                value: value.map_or_else(|| "–".to_owned(), row.write),
                band: aim
                    .map(|aim| format!("{} {}", aim.of, between(Some(aim.low), Some(aim.high), row.write)))
                    .or(band.map(|band| between(band.low, band.high, row.write)))
                    .unwrap_or_default(),
                standing,
                reason: metrics.unavailable.get(row.field).filter(|_| value.is_none()).cloned(),
            }
        })
        .collect()
}

/// The reasons why rows have no value, each once, with the rows it stands for.
pub fn missing(figures: &[Figure]) -> Vec<(&str, Vec<&'static str>)> {
    let mut reasons: Vec<(&str, Vec<&'static str>)> = Vec::new();
    for figure in figures {
        let Some(reason) = figure.reason.as_deref() else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, labels)) => labels.push(figure.label),
            None => reasons.push((reason, vec![figure.label])),
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use signals::labels::Labeler;

    fn measured(call: &str) -> Metrics {
        let transcript = {
            let mut transcript = transcript::parse(call.as_bytes(), None).unwrap();
            transcript::sides::assign(&mut transcript, &[]).unwrap();
            transcript
        };
        signals::metrics::metrics(&transcript, &Labeler::builtin().label_call(&transcript))
    }

    /// An agent who talks for 160 s and a customer who talks for 40 s after a pause of 2 s.
    const LOPSIDED: &str = r#"[{"speaker":"Agent","start_ms":0,"end_ms":160000,"text":"So let me tell you everything about it."},
        {"speaker":"Customer","start_ms":160100,"end_ms":200100,"text":"All right then."},
        {"speaker":"Agent","start_ms":202100,"end_ms":204100,"text":"What do you say?"}]"#;

    #[test]
    fn every_row_is_a_field_of_the_metrics() {
        let metrics = serde_json::to_value(measured(LOPSIDED)).unwrap();
        for row in ROWS {
            assert!(metrics.get(row.field).is_some(), "{}", row.field);
        }
    }

    #[test]
    fn values_are_held_against_their_bands() {
        let all = figures(&measured(LOPSIDED), true);
        let of = |label: &str| all.iter().find(|f| f.label == label).unwrap_or_else(|| panic!("{label}"));
        assert_eq!(
            (of("Our share of the talk").value.as_str(), of("Our share of the talk").standing),
            ("80 %", Standing::Flag)
        );
        assert_eq!(
            (of("Longest monologue").value.as_str(), of("Longest monologue").standing),
            ("2 min 40 s", Standing::Flag)
        );
        assert_eq!(
            (of("Longest customer story").value.as_str(), of("Longest customer story").standing),
            ("40 s", Standing::Plain),
            "three minutes leave no room for a story of one"
        );
        assert_eq!(
            (of("Patience before answering").value.as_str(), of("Patience before answering").standing),
            ("2.0 s", Standing::Watch)
        );
        assert_eq!(
            of("Our questions in 30 min").standing,
            Standing::Missing,
            "three minutes are no basis for half an hour"
        );
        let service = figures(&measured(LOPSIDED), false);
        assert_eq!((service[0].band.as_str(), service[0].standing), ("", Standing::Plain));
    }

    #[test]
    fn our_share_is_watched_only_above_the_limit_of_every_type_of_call() {
        let mut metrics = measured(LOPSIDED);
        for (ratio, band, standing) in [
            (0.20, "discovery 35–50 %", Standing::Plain),
            (0.42, "discovery 35–50 %", Standing::Plain),
            (0.65, "discovery 35–50 %", Standing::Plain),
            (0.66, "up to 65 %", Standing::Watch),
            (0.75, "up to 65 %", Standing::Watch),
            (0.76, "up to 65 %", Standing::Flag),
        ] {
            metrics.talk_ratio = Some(ratio);
            let share = &figures(&metrics, true)[0];
            assert_eq!((share.band.as_str(), share.standing), (band, standing), "{ratio}");
        }
    }

    #[test]
    fn a_customers_story_is_expected_of_ten_minutes_and_more() {
        let mut metrics = measured(LOPSIDED);
        for (duration, standing) in [(599_999, Standing::Plain), (600_000, Standing::Watch)] {
            metrics.duration_ms = Some(duration);
            let all = figures(&metrics, true);
            let story = all.iter().find(|figure| figure.label == "Longest customer story").unwrap();
            assert_eq!(story.standing, standing, "{duration}");
        }
    }

    #[test]
    fn reasons_are_told_once() {
        let all = figures(&measured("Agent: Hello there.\nCustomer: Hello.\n"), true);
        let reasons = missing(&all);
        assert!(reasons.iter().any(|(_, labels)| labels.len() > 3), "{reasons:?}");
        assert!(reasons.iter().all(|(reason, _)| reasons.iter().filter(|(other, _)| other == reason).count() == 1));
    }
}
