//! What is shown of the metrics of a call: names, order, units and definitions for people. The list is `figures.json`, which the
//! pages read as well, so that a figure is called and written the same on every face.

use crate::metrics::Metrics;
use serde::Deserialize;
use serde_json::Value;
use std::sync::LazyLock;

/// The unit a figure is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 0 to 1, written as a percentage.
    Share,
    /// Milliseconds, written as a clock.
    Time,
    /// Milliseconds, written as seconds below a minute.
    Pause,
    /// A number of things.
    Count,
    /// A rate.
    #[serde(rename = "per_min")]
    PerMin,
    /// A rate of half an hour, which the name tells.
    #[serde(rename = "per_30_min")]
    Per30Min,
    /// Words a minute.
    Words,
    /// −1 to 1.
    Mood,
    /// A difference of moods.
    Change,
}

/// A figure as people see it.
#[derive(Debug, Clone, Deserialize)]
pub struct Figure {
    /// The field of the metrics; figures of mood have none.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// It is reckoned for half an hour, which says nothing of a shorter call than ten minutes.
    #[serde(default)]
    pub long: bool,
}

/// Figures that stand together.
#[derive(Debug, Clone, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// They are read by quarter of the call, too: the group of moods.
    #[serde(default)]
    pub quarters: bool,
    /// What it holds, in the order of showing.
    pub figures: Vec<Figure>,
}

#[derive(Deserialize)]
struct Catalogue {
    groups: Vec<Group>,
    #[cfg(test)]
    written: Vec<(Unit, f64, String)>,
    #[cfg(test)]
    written_finely: Vec<(Unit, f64, String)>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| match serde_json::from_str(include_str!("figures.json")) {
    Ok(catalogue) => catalogue,
    Err(error) => unreachable!("figures.json is read by the tests: {error}"),
});

/// A call shorter than this, in milliseconds, says nothing about half an hour.
const LONG_MS: u64 = 600_000;

/// All groups, in the order of showing.
#[must_use]
pub fn groups() -> &'static [Group] {
    &CATALOGUE.groups
}

/// The figures of a call that have a field, each with its value where there is one.
pub fn read(metrics: &Metrics) -> impl Iterator<Item = (&'static Figure, Option<f64>)> {
    let fields = serde_json::to_value(metrics).unwrap_or(Value::Null);
    let short = metrics.duration_ms.is_some_and(|ms| ms < LONG_MS);
    groups().iter().filter(|group| !group.quarters).flat_map(|group| &group.figures).map(move |figure| {
        let value = fields.get(&figure.id).and_then(Value::as_f64);
        (figure, value.filter(|_| !(figure.long && short)))
    })
}

impl Unit {
    /// A value with its unit; `fine` writes one digit more.
    #[must_use]
    pub fn written(self, value: f64, fine: bool) -> String {
        let more = usize::from(fine);
        match self {
            Self::Share => format!("{:.more$} %", if fine { value * 100.0 } else { (value * 100.0).round() }),
            Self::Time if fine => format!("{}.{}", clock(value), (value / 100.0) as u64 % 10),
            Self::Pause if value < 60_000.0 => format!("{:.*} s", 1 + more, value / 1000.0),
            Self::Time | Self::Pause => clock(value),
            Self::Count => format!("{value:.0}"),
            Self::PerMin => format!("{value:.*} a min", 1 + more),
            Self::Per30Min => format!("{value:.*}", 1 + more),
            Self::Words => format!("{value:.more$} a min"),
            Self::Mood => signed(value, "0"),
            Self::Change => signed(value, "±0"),
        }
    }

    /// A stretch in words, the unit once; empty where it has no end.
    #[must_use]
    pub fn range(self, low: Option<f64>, high: Option<f64>) -> String {
        match (low.map(|low| self.written(low, false)), high.map(|high| self.written(high, false))) {
            (Some(low), Some(high)) => {
                let unit = high.find(' ').map_or("", |at| &high[at..]);
                format!("{}–{high}", low.strip_suffix(unit).unwrap_or(&low))
            }
            (Some(low), None) => format!("from {low}"),
            (None, Some(high)) => format!("up to {high}"),
            (None, None) => String::new(),
        }
    }
}

fn clock(ms: f64) -> String {
    let seconds = (ms / 1000.0).max(0.0) as u64;
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

fn signed(value: f64, nothing: &str) -> String {
    let text = format!("{:.2}", value.abs());
    if text == "0.00" {
        return nothing.to_owned();
    }
    format!("{}{text}", if value > 0.0 { "+" } else { "−" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bands::BANDS;
    use crate::labels::Labeler;

    fn measured(call: &str) -> Metrics {
        let mut transcript = transcript::parse(call.as_bytes(), None).unwrap();
        transcript::sides::assign(&mut transcript, &[]).unwrap();
        crate::metrics::metrics(&transcript, &Labeler::builtin().label_call(&transcript))
    }

    #[test]
    fn every_figure_is_a_field_of_the_metrics_and_every_band_that_of_a_figure() {
        let metrics = measured("Agent: Hello there.\nCustomer: Hello.\n");
        let fields = serde_json::to_value(&metrics).unwrap();
        let ids: Vec<&str> = read(&metrics).map(|(figure, _)| figure.id.as_str()).collect();
        assert!(ids.len() > 15, "{ids:?}");
        for id in &ids {
            assert!(fields.get(id).is_some(), "{id}");
        }
        for band in BANDS {
            assert!(ids.contains(&band.metric), "{}", band.metric);
        }
        // What the pages read of the metrics besides.
        for pointer in ["/moments/longest_monologue", "/moments/longest_customer_story", "/moments/longest_silence"] {
            assert!(fields.pointer(pointer).is_some(), "{pointer}");
        }
        for pointer in ["/turns", "/questions", "/objections", "/unavailable", "/duration_ms"] {
            assert!(fields.pointer(pointer).is_some(), "{pointer}");
        }
        for side in ["internal", "external"] {
            for field in ["sentiment", "sentiment_quarters"] {
                assert!(fields["sides"][side].get(field).is_some(), "{side} {field}");
            }
        }
    }

    #[test]
    fn figures_are_written_as_the_list_says() {
        for (finely, all) in [(false, &CATALOGUE.written), (true, &CATALOGUE.written_finely)] {
            for (unit, value, text) in all {
                assert_eq!(&unit.written(*value, finely), text, "{unit:?} {value}");
            }
        }
    }

    #[test]
    fn a_stretch_tells_its_unit_once() {
        for (unit, low, high, text) in [
            (Unit::Share, Some(0.35), Some(0.5), "35–50 %"),
            (Unit::Pause, Some(500.0), Some(1500.0), "0.5–1.5 s"),
            (Unit::Count, Some(4.0), None, "from 4"),
            (Unit::Time, None, Some(90_000.0), "up to 1:30"),
            (Unit::Words, Some(130.0), Some(180.0), "130–180 a min"),
        ] {
            assert_eq!(unit.range(low, high), text);
        }
    }

    #[test]
    fn half_an_hour_is_not_reckoned_from_a_short_call() {
        let mut metrics = measured("Agent: Hello there.\nCustomer: Hello.\n");
        metrics.questions_per_30_min = Some(21.0);
        for (duration, value) in [(599_999, None), (600_000, Some(21.0))] {
            metrics.duration_ms = Some(duration);
            assert_eq!(read(&metrics).find(|(figure, _)| figure.id == "questions_per_30_min").unwrap().1, value);
        }
    }
}
