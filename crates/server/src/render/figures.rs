//! The key metrics with their default bands (DOMAIN §1), as rows for people.

use serde::Serialize;
use signals::bands::{self, Band};
use signals::figures::{self, Unit};
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

/// The rows of a call. Bands of sales calls are left out where `sales` is false.
pub fn figures(metrics: &Metrics, sales: bool) -> Vec<Figure> {
    let duration = metrics.duration_ms.unwrap_or(0);
    figures::read(metrics)
        .map(|(figure, value)| {
            let band = Band::of(&figure.id, sales, duration);
            let standing = match (value, band.map(|band| (band, value.map(|value| band.standing(value))))) {
                (None, _) => Standing::Missing,
                (Some(_), Some((_, Some(bands::Standing::Flag)))) => Standing::Flag,
                (Some(_), Some((_, Some(bands::Standing::Watch)))) => Standing::Watch,
                (Some(_), None | Some((Band { aim: Some(_), .. }, _))) => Standing::Plain,
                _ => Standing::Ok,
            };
            let aim = band.and_then(|band| band.aim).filter(|_| standing == Standing::Plain);
            Figure {
                label: &figure.name,
                value: value.map_or_else(|| "–".to_owned(), |value| beside(value, figure.unit, band)),
                band: aim
                    .map(|aim| format!("{} {}", aim.of, figure.unit.range(Some(aim.low), aim.high)))
                    .or(band.map(|band| figure.unit.range(band.low, band.high)))
                    .unwrap_or_default(),
                standing,
                reason: metrics.unavailable.get(figure.id.as_str()).filter(|_| value.is_none()).cloned(),
            }
        })
        .collect()
}

fn beside(value: f64, unit: Unit, band: Option<Band>) -> String {
    let ends: Vec<f64> =
        band.map(|band| [band.low, band.high, band.flag_above]).into_iter().flatten().flatten().collect();
    unit.beside(value, &ends)
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
    fn values_are_held_against_their_bands() {
        let all = figures(&measured(LOPSIDED), true);
        let of = |label: &str| all.iter().find(|f| f.label == label).unwrap_or_else(|| panic!("{label}"));
        assert_eq!((of("Talk ratio").value.as_str(), of("Talk ratio").standing), ("80 %", Standing::Flag));
        assert_eq!((of("Our longest turn").value.as_str(), of("Our longest turn").standing), ("2:40", Standing::Flag));
        assert_eq!(
            (of("Customer’s longest turn").value.as_str(), of("Customer’s longest turn").standing),
            ("0:40", Standing::Plain),
            "three minutes leave no room for a story of one"
        );
        assert_eq!(
            (of("Pause before we answer").value.as_str(), of("Pause before we answer").standing),
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
    fn a_customers_story_is_an_aim_of_discovery_and_judges_no_call() {
        let mut metrics = measured(LOPSIDED);
        for (duration, band) in [(599_999, ""), (600_000, "discovery from 1:00")] {
            metrics.duration_ms = Some(duration);
            let all = figures(&metrics, true);
            let story = all.iter().find(|figure| figure.label == "Customer’s longest turn").unwrap();
            assert_eq!((story.band.as_str(), story.standing), (band, Standing::Plain), "{duration}");
        }
    }

    #[test]
    fn a_value_that_lies_outside_does_not_read_as_the_end_of_the_band() {
        let mut metrics = measured(LOPSIDED);
        for (ratio, written) in [(0.652, "65.2 %"), (0.6502, "65.02 %")] {
            metrics.talk_ratio = Some(ratio);
            let share = &figures(&metrics, true)[0];
            assert_eq!((share.value.as_str(), share.band.as_str()), (written, "up to 65 %"));
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
