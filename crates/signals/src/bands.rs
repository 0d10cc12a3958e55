//! Where metrics should lie: the default bands of DOMAIN §1. They are where to begin, not verdicts.

use serde::Serialize;

/// Where a metric of a call should lie, in the metric's own unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Band {
    /// The field of the metrics.
    pub metric: &'static str,
    /// It should not be less.
    pub low: Option<f64>,
    /// It should not be more.
    pub high: Option<f64>,
    /// Above this it is far outside.
    pub flag_above: Option<f64>,
    /// What to aim for in one type of call. It is shown and not judged by: of which type a call is, is not known.
    pub aim: Option<Aim>,
    /// Made for sales calls; says nothing about a service call.
    #[serde(skip)]
    sales_only: bool,
    /// Shortest call it says something about, in milliseconds.
    #[serde(skip)]
    least_ms: u64,
}

/// What to aim for in one type of call.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Aim {
    /// The type of call.
    pub of: &'static str,
    /// From here.
    pub low: f64,
    /// To here.
    pub high: Option<f64>,
}

/// How a value stands to its band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Neither too little nor too much.
    Inside,
    /// Outside: worth a look.
    Watch,
    /// Far outside.
    Flag,
}

const fn band(metric: &'static str, low: Option<f64>, high: Option<f64>) -> Band {
    Band { metric, low, high, flag_above: None, aim: None, sales_only: false, least_ms: 0 }
}

const TEN_MINUTES: u64 = 600_000;
const TWENTY_MINUTES: u64 = 1_200_000;

/// All of them, a metric each.
pub const BANDS: &[Band] = &[
    // Above 65 % is too much in discovery, where 35–50 % is the aim, above 75 % in a demo as well.
    Band {
        sales_only: true,
        flag_above: Some(0.75),
        aim: Some(Aim { of: "discovery", low: 0.35, high: Some(0.50) }),
        ..band("talk_ratio", None, Some(0.65))
    },
    Band { flag_above: Some(150_000.0), ..band("longest_monologue_ms", None, Some(90_000.0)) },
    // A story of a minute is asked of discovery alone; in a short call nobody has the time for one.
    Band {
        sales_only: true,
        least_ms: TEN_MINUTES,
        aim: Some(Aim { of: "discovery", low: 60_000.0, high: None }),
        ..band("longest_customer_story_ms", None, None)
    },
    // As the checks of the default rubric ask it of calls that are not short.
    Band { sales_only: true, least_ms: TWENTY_MINUTES, ..band("open_question_count", Some(4.0), None) },
    Band { sales_only: true, least_ms: TWENTY_MINUTES, ..band("customer_question_count", Some(3.0), None) },
    band("patience_ms", Some(500.0), Some(1500.0)),
    band("words_per_minute", Some(130.0), Some(180.0)),
    Band { flag_above: Some(0.10), ..band("overtalk_ratio", None, Some(0.10)) },
];

impl Band {
    /// The band of a metric in a call of this length; those of sales calls only where `sales`.
    #[must_use]
    pub fn of(metric: &str, sales: bool, duration_ms: u64) -> Option<Self> {
        let band = BANDS.iter().find(|band| band.metric == metric)?;
        ((sales || !band.sales_only) && duration_ms >= band.least_ms).then_some(*band)
    }

    /// How a value stands to it.
    #[must_use]
    pub fn standing(&self, value: f64) -> Standing {
        if self.flag_above.is_some_and(|most| value > most) {
            Standing::Flag
        } else if self.low.is_some_and(|low| value < low) || self.high.is_some_and(|high| value > high) {
            Standing::Watch
        } else {
            Standing::Inside
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_band_lie_inside() {
        let pace = Band::of("words_per_minute", false, 0).unwrap();
        let monologue = Band::of("longest_monologue_ms", false, 0).unwrap();
        for (band, value, standing) in [
            (pace, 129.9, Standing::Watch),
            (pace, 130.0, Standing::Inside),
            (pace, 180.0, Standing::Inside),
            (pace, 180.1, Standing::Watch),
            (monologue, 90_000.0, Standing::Inside),
            (monologue, 90_001.0, Standing::Watch),
            (monologue, 150_000.0, Standing::Watch),
            (monologue, 150_001.0, Standing::Flag),
        ] {
            assert_eq!(band.standing(value), standing, "{} {value}", band.metric);
        }
    }

    #[test]
    fn a_band_says_nothing_about_calls_that_it_was_not_made_for() {
        assert!(Band::of("talk_ratio", true, 0).is_some());
        assert_eq!(Band::of("talk_ratio", false, TWENTY_MINUTES), None, "a service call");
        assert_eq!(Band::of("longest_customer_story_ms", true, TEN_MINUTES - 1), None, "a short call");
        let story = Band::of("longest_customer_story_ms", true, TEN_MINUTES).unwrap();
        assert_eq!(
            story.standing(1.0),
            Standing::Inside,
            "only discovery asks for a story, and no call is known to be that"
        );
        assert_eq!(Band::of("open_question_count", true, TWENTY_MINUTES - 1), None, "a short call");
        assert_eq!(Band::of("filler_per_min", true, TWENTY_MINUTES), None, "none is known");
    }
}
