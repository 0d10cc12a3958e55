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
    #[cfg(test)]
    beside: Vec<(Unit, f64, Vec<f64>, String)>,
    #[cfg(test)]
    scores: Vec<(f64, String)>,
    #[cfg(test)]
    mood_changes: Vec<([Option<f64>; 4], Option<String>)>,
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

/// Digits that may be added to a value so that it can be told from the end of its band.
const DIGITS_MORE: usize = 4;

impl Unit {
    /// A value with its unit, with so many digits more than usual.
    #[must_use]
    pub fn written(self, value: f64, more: usize) -> String {
        match self {
            Self::Share => format!("{} %", fixed(value * 100.0, more)),
            Self::Pause if value < 60_000.0 => format!("{} s", fixed(value / 1000.0, 1 + more)),
            Self::Time | Self::Pause => finer_clock(value, more),
            Self::Count => grouped(value),
            Self::PerMin => format!("{} a min", fixed(value, 1 + more)),
            Self::Per30Min => fixed(value, 1 + more),
            Self::Words => format!("{} a min", fixed(value, more)),
            Self::Mood => signed(value, "0"),
            Self::Change => signed(value, "±0"),
        }
    }

    /// A value beside the ends of its band, with as many digits as it takes not to read like one of them: "65.2 %" where "65 %" would
    /// look as if it were still inside.
    #[must_use]
    pub fn beside(self, value: f64, ends: &[f64]) -> String {
        let like = |more: usize| ends.iter().map(move |end| self.written(*end, more));
        let near = ends.iter().zip(like(0)).filter(|(_, text)| *text == self.written(value, 0));
        let near: Vec<f64> = near.map(|(end, _)| *end).collect();
        // What no digit tells apart is the same.
        let more = (0..=DIGITS_MORE)
            .find(|more| near.iter().all(|end| self.written(*end, *more) != self.written(value, *more)));
        self.written(value, more.unwrap_or(0))
    }

    /// A stretch in words, the unit once; empty where it has no end.
    #[must_use]
    pub fn range(self, low: Option<f64>, high: Option<f64>) -> String {
        match (low.map(|low| self.written(low, 0)), high.map(|high| self.written(high, 0))) {
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

/// A score of 0 to 100 as it is written everywhere.
#[must_use]
pub fn score(score: f64) -> String {
    fixed(score, 0)
}

/// A share of 0 to 1 as a percentage.
#[must_use]
pub fn percent(share: f64) -> String {
    Unit::Share.written(share, 0)
}

/// A moment of a call: `4:07`, from an hour on `1:04:07`.
#[must_use]
pub fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// The last quarter of a call less the first; none where nothing is said in one of them.
#[must_use]
pub fn mood_change(quarters: &[Option<f64>; 4]) -> Option<f64> {
    let [first, .., last] = quarters;
    first.zip(*last).map(|(first, last)| last - first)
}

/// A number with so many digits, what lies in the middle rounded away from zero: as the pages do it. Formatting alone would round it to
/// the even digit.
fn fixed(value: f64, digits: usize) -> String {
    let scale = 10_f64.powi(i32::try_from(digits).unwrap_or(i32::MAX));
    // Adding zero makes an ordinary zero of a negative one.
    format!("{:.digits$}", (value * scale).round() / scale + 0.0)
}

/// A whole number with a comma between thousands.
fn grouped(value: f64) -> String {
    let digits = fixed(value, 0);
    let mut text = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A clock with parts of a second, none of them begun: a clock shows what has passed.
fn finer_clock(ms: f64, digits: usize) -> String {
    let ms = ms.max(0.0) as u64;
    if digits == 0 { clock(ms) } else { format!("{}.{}", clock(ms), &format!("{:03}", ms % 1000)[..digits.min(3)]) }
}

fn signed(value: f64, nothing: &str) -> String {
    let text = fixed(value.abs(), 2);
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
        for (more, all) in [(0, &CATALOGUE.written), (1, &CATALOGUE.written_finely)] {
            for (unit, value, text) in all {
                assert_eq!(&unit.written(*value, more), text, "{unit:?} {value}");
            }
        }
        for (value, text) in &CATALOGUE.scores {
            assert_eq!(&score(*value), text, "{value}");
        }
    }

    #[test]
    fn a_value_beside_its_band_is_written_as_the_list_says() {
        for (unit, value, ends, text) in &CATALOGUE.beside {
            assert_eq!(&unit.beside(*value, ends), text, "{unit:?} {value} {ends:?}");
        }
    }

    #[test]
    fn a_mood_changes_from_the_first_quarter_to_the_last_or_not_at_all() {
        for (quarters, text) in &CATALOGUE.mood_changes {
            assert_eq!(&mood_change(quarters).map(|change| Unit::Change.written(change, 0)), text, "{quarters:?}");
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
