//! Against what `SciPy` and statsmodels computed (`vectors.py`).

use serde::Deserialize;
use winners::adjust::benjamini_hochberg;
use winners::clustered::{Cluster, Estimate, Sum, estimate};
use winners::student::{two_sided_p, two_sided_quantile};
use winners::{Deal, compare};

#[derive(Deserialize)]
struct Vectors {
    quantiles: Vec<Tail>,
    tails: Vec<Tail>,
    adjusted: Vec<Adjusted>,
    compared: Vec<Compared>,
    even: Vec<Even>,
    single: Vec<Single>,
    bootstrapped: Vec<Bootstrapped>,
}

#[derive(Deserialize)]
struct Tail {
    df: f64,
    p: f64,
    t: f64,
}

#[derive(Deserialize)]
struct Adjusted {
    p: Vec<f64>,
    q: Vec<f64>,
}

#[derive(Deserialize)]
struct Data {
    rep: Vec<usize>,
    won: Vec<bool>,
    value: Vec<f64>,
}

#[derive(Deserialize)]
struct Compared {
    #[serde(flatten)]
    data: Data,
    won_mean: f64,
    lost_mean: f64,
    standard_error: f64,
    df: f64,
    low: f64,
    high: f64,
    p: f64,
}

#[derive(Deserialize)]
struct Even {
    #[serde(flatten)]
    data: Data,
    cluster_standard_error: f64,
}

#[derive(Deserialize)]
struct Single {
    #[serde(flatten)]
    data: Data,
    hc2_standard_error: f64,
    welch_standard_error: f64,
}

#[derive(Deserialize)]
struct Bootstrapped {
    #[serde(flatten)]
    data: Data,
    low: f64,
    high: f64,
    standard_error: f64,
}

impl Data {
    fn deals(&self) -> impl Iterator<Item = (usize, bool, f64)> + '_ {
        self.rep.iter().zip(&self.won).zip(&self.value).map(|((rep, won), value)| (*rep, *won, *value))
    }

    fn estimate(&self) -> Estimate {
        let mut clusters = vec![
            Cluster { won: Sum::default(), lost: Sum::default() };
            self.rep.iter().max().map_or(0, |last| last + 1)
        ];
        for (rep, won, value) in self.deals() {
            if won { clusters[rep].won.add(value) } else { clusters[rep].lost.add(value) }
        }
        estimate(&clusters).expect("deals of several reps on both sides")
    }
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors.json")).expect("as vectors.py writes it")
}

#[track_caller]
fn near(ours: f64, theirs: f64, relative: f64) {
    assert!((ours - theirs).abs() <= relative * theirs.abs(), "{ours} and not {theirs}");
}

#[test]
fn student_agrees_with_scipy() {
    let vectors = vectors();
    assert!(vectors.quantiles.len() >= 80 && vectors.tails.len() >= 80);
    for case in vectors.quantiles {
        near(two_sided_quantile(case.p, case.df), case.t, 1e-9);
        near(two_sided_p(case.t, case.df), case.p, 1e-9);
    }
    for case in vectors.tails {
        near(two_sided_p(case.t, case.df), case.p, 1e-9);
        near(two_sided_p(-case.t, case.df), case.p, 1e-9);
    }
}

#[test]
fn adjusted_p_agree_with_statsmodels() {
    for case in vectors().adjusted {
        for (ours, theirs) in benjamini_hochberg(&case.p).into_iter().zip(case.q) {
            near(ours, theirs, 1e-12);
        }
    }
}

#[test]
fn standard_error_and_degrees_of_freedom_are_those_of_the_definition() {
    for case in vectors().compared {
        let ours = case.data.estimate();
        near(ours.won, case.won_mean, 1e-10);
        near(ours.lost, case.lost_mean, 1e-10);
        near(ours.standard_error, case.standard_error, 1e-9);
        near(ours.df, case.df, 1e-9);
    }
}

#[test]
fn interval_and_p_are_those_of_scipy() {
    for case in vectors().compared {
        let deals: Vec<Deal> =
            case.data.deals().map(|(rep, won, value)| Deal { rep, won, values: vec![Some(value)] }).collect();
        let ours = compare(&deals)[0].result.unwrap();
        near(ours.low, case.low, 1e-8);
        near(ours.high, case.high, 1e-8);
        near(ours.p, case.p, 1e-8);
    }
}

/// Where all reps have equally many deals a side, CR2 is CR1 without its correction for the number of coefficients.
#[test]
fn with_even_reps_the_standard_error_is_that_of_statsmodels() {
    for case in vectors().even {
        let n = case.data.rep.len() as f64;
        near(case.data.estimate().standard_error, case.cluster_standard_error * ((n - 2.0) / (n - 1.0)).sqrt(), 1e-9);
    }
}

#[test]
fn with_one_deal_a_rep_it_is_that_of_welch() {
    for case in vectors().single {
        near(case.data.estimate().standard_error, case.hc2_standard_error, 1e-9);
        near(case.data.estimate().standard_error, case.welch_standard_error, 1e-9);
    }
}

/// Of 300 reps the bootstrap knows enough; both are estimates, so they agree to some hundredths.
#[test]
fn with_many_reps_the_interval_is_that_of_the_bootstrap() {
    for case in vectors().bootstrapped {
        let ours = case.data.estimate();
        near(ours.standard_error, case.standard_error, 0.03);
        let reach = ours.standard_error * two_sided_quantile(0.05, ours.df);
        let width = case.high - case.low;
        let (low, high) = (ours.won - ours.lost - reach, ours.won - ours.lost + reach);
        assert!((low - case.low).abs() < 0.03 * width && (high - case.high).abs() < 0.03 * width, "{low} {high}");
    }
}
