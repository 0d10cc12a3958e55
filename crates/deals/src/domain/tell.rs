//! What was found over the calls of a deal, told in sentences: one point each for what recurs, what stayed open, who was met, what came of next steps and
//! how the dimensions went.

use super::coach::{
    DealCoaching, DealMoment, DealTrend, DealTrendPoint, JudgedCall, NextStepOutcome, OPEN_OBJECTION, Stakeholder,
    checks,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Points of change from which on it is told.
const MOVED: f64 = 5.0;
/// Most dimensions whose change is told.
const MOVERS: usize = 3;
/// Most moments of a point.
const MOMENTS: usize = 3;
/// Most people who are named.
const NAMED: usize = 5;

/// What a point of deal coaching is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DealTopic {
    /// What came of next steps.
    NextSteps,
    /// Objections, closed or not.
    Objections,
    /// A check that several calls missed.
    Theme,
    /// Who of the customer's took part, and who did not.
    People,
    /// How the scores of a dimension went.
    Trend,
}

/// What was found, in sentences.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DealPoint {
    /// What it is about.
    pub topic: DealTopic,
    /// `gap` where there is something to do, `strength` where there is something to keep.
    #[schema(example = "gap")]
    pub side: &'static str,
    /// What it is called: the name of the check or of the dimension, where it is about one.
    #[schema(example = "Impact quantified")]
    pub name: String,
    /// Id of the check, where it is about one.
    #[schema(example = "impact_quantified")]
    pub check: Option<String>,
    /// Id of the dimension, where it is about one.
    #[schema(example = "discovery")]
    pub dimension: Option<String>,
    /// Calls in which the check was met, or next steps that something followed; null where nothing is counted.
    pub met: Option<i64>,
    /// Calls in which it was not, or next steps that nothing followed.
    pub unmet: Option<i64>,
    /// By how many points the scores changed from the earlier half of the calls to the later one; null where it is not about scores.
    pub change: Option<f64>,
    /// What is so.
    #[schema(example = "Impact quantified: missed in 3 of 4 calls.")]
    pub about: String,
    /// What to do, or to keep.
    #[schema(example = "Ask what the problem costs, in money or hours, before you show anything.")]
    pub recommendation: String,
    /// Moments that show it, the latest call first.
    pub moments: Vec<DealMoment>,
}

impl DealPoint {
    fn new(topic: DealTopic, is_gap: bool, name: &str) -> Self {
        Self {
            topic,
            side: if is_gap { "gap" } else { "strength" },
            name: name.to_owned(),
            check: None,
            dimension: None,
            met: None,
            unmet: None,
            change: None,
            about: String::new(),
            recommendation: String::new(),
            moments: Vec::new(),
        }
    }
}

/// What was found in sentences; `calls` the earliest first.
pub fn points(found: &DealCoaching, calls: &[JudgedCall]) -> Vec<DealPoint> {
    let themes = found.themes.iter().map(|theme| DealPoint {
        check: Some(theme.check.clone()),
        dimension: Some(theme.dimension.clone()),
        met: Some(theme.met),
        unmet: Some(theme.unmet),
        about: format!("{}: missed in {} of {} calls.", theme.name, theme.unmet, theme.met + theme.unmet),
        recommendation: theme.advice.clone(),
        moments: theme.moments.clone(),
        ..DealPoint::new(DealTopic::Theme, true, &theme.name)
    });
    let first = next_steps(found).into_iter().chain(objections(found, calls)).chain(themes);
    first.chain(people(&found.met, &found.missing)).chain(trend(&found.trend, calls)).collect()
}

fn next_steps(found: &DealCoaching) -> Option<DealPoint> {
    let of = |outcome| found.next_steps.iter().filter(move |step| step.outcome == outcome);
    let count = |outcome| of(outcome).count() as i64;
    let [kept, missed, pending] = [NextStepOutcome::Kept, NextStepOutcome::Missed, NextStepOutcome::Pending].map(count);
    let all = kept + missed;
    if all + pending == 0 {
        return None;
    }
    let (shown, about) = match (missed, all) {
        (0, 0) => {
            let steps = if pending == 1 { "the one that was agreed has" } else { "those that were agreed have" };
            (NextStepOutcome::Pending, format!("Next steps: {steps} time left."))
        }
        (0, _) => {
            let about = format!("Next steps: after {kept} of {all} a call or an e-mail followed within 14 days.");
            (NextStepOutcome::Kept, about)
        }
        _ => {
            let about = format!("Next steps: after {missed} of {all} nothing followed within 14 days.");
            (NextStepOutcome::Missed, about)
        }
    };
    let recommendation = if missed > 0 {
        "Name the next step again, with a date and who does what, and let a call or an e-mail follow."
    } else {
        "Keep ending calls with a next step that has a date, and let something follow soon."
    };
    Some(DealPoint {
        met: (all > 0).then_some(kept),
        unmet: (all > 0).then_some(missed),
        about,
        recommendation: recommendation.to_owned(),
        moments: of(shown).map(|step| step.moment.clone()).take(MOMENTS).collect(),
        ..DealPoint::new(DealTopic::NextSteps, missed > 0, "Next steps")
    })
}

fn objections(found: &DealCoaching, calls: &[JudgedCall]) -> Option<DealPoint> {
    let judged: Vec<_> = checks(calls).map(|(_, _, check)| check).filter(|check| check.id == OPEN_OBJECTION).collect();
    let open = judged.iter().filter(|check| !check.is_met).count() as i64;
    let (all, closed) = (judged.len() as i64, judged.len() as i64 - open);
    if all == 0 {
        return None;
    }
    let said = judged.iter().rev().find(|check| !check.is_met && !check.advice.is_empty());
    let (about, recommendation) = if open > 0 {
        let usual = || "Take the latest of them up again, answer it, and ask whether that settles it.".to_owned();
        let recommendation = said.map_or_else(usual, |check| check.advice.clone());
        (format!("Objections: not closed in {open} of {all} calls."), recommendation)
    } else {
        let recommendation = "Keep asking whether the answer settles it.".to_owned();
        (format!("Objections: closed in {closed} of {all} calls."), recommendation)
    };
    let met = || judged.iter().rev().filter_map(|check| check.moments.first().cloned());
    let moments: Vec<DealMoment> = if open > 0 { found.open_objections.clone() } else { met().collect() };
    Some(DealPoint {
        check: Some(OPEN_OBJECTION.to_owned()),
        met: Some(closed),
        unmet: Some(open),
        about,
        recommendation,
        moments: moments.into_iter().take(MOMENTS).collect(),
        ..DealPoint::new(DealTopic::Objections, open > 0, "Objections")
    })
}

/// Names with titles. Who is known by an address alone is counted.
fn named(people: &[Stakeholder]) -> String {
    let known = |person: &&Stakeholder| !person.name.contains('@');
    let name = |person: &Stakeholder| match &person.title {
        Some(title) if !title.trim().is_empty() => format!("{} ({title})", person.name),
        _ => person.name.clone(),
    };
    let mut names: Vec<String> = people.iter().filter(known).take(NAMED).map(name).collect();
    let others = people.len() - names.len();
    match (names.is_empty(), others) {
        (_, 0) => {}
        (true, 1) => names.push("one whose name is not known".to_owned()),
        (true, _) => names.push(format!("{others} whose names are not known")),
        (false, 1) => names.push("and one more".to_owned()),
        (false, _) => names.push(format!("and {others} more")),
    }
    names.join(", ")
}

fn people(met: &[Stakeholder], missing: &[Stakeholder]) -> Option<DealPoint> {
    let power = |people: &[Stakeholder]| people.iter().any(|person| person.has_power);
    let about = match (met, missing) {
        ([], []) => return None,
        (met, []) => format!("In calls: {}.", named(met)),
        ([], missing) => format!("Never in a call: {}.", named(missing)),
        (met, missing) => format!("In calls: {}. Never in a call: {}.", named(met), named(missing)),
    };
    let recommendation = match (missing, power(met)) {
        ([person, ..], false) if person.has_power && !person.name.contains('@') => {
            format!("Ask for a call with {}, who decides by their title.", person.name)
        }
        ([_, ..], _) => "Ask who of those who are missing should be in the next call.".to_owned(),
        ([], false) => "Ask who else has to agree.".to_owned(),
        ([], true) => "Keep those who decide in the next calls.".to_owned(),
    };
    let is_gap = !missing.is_empty() || !power(met);
    Some(DealPoint { about, recommendation, ..DealPoint::new(DealTopic::People, is_gap, "The customer’s people") })
}

/// Means of the earlier and of the later half of points, to a tenth, and how many each half has. Of an odd number the middle counts for neither.
pub fn halves(points: &[DealTrendPoint]) -> (f64, f64, usize) {
    let half = points.len() / 2;
    let mean = |points: &[DealTrendPoint]| {
        let sum: f64 = points.iter().map(|point| point.score).sum();
        (sum / points.len().max(1) as f64 * 10.0).round() / 10.0
    };
    (mean(&points[..half]), mean(&points[points.len() - half..]), half)
}

fn trend(trend: &[DealTrend], calls: &[JudgedCall]) -> Vec<DealPoint> {
    let mut movers: Vec<(&DealTrend, f64)> =
        trend.iter().filter_map(|of| Some((of, of.change.filter(|change| change.abs() >= MOVED)?))).collect();
    movers.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.dimension.cmp(&b.0.dimension)));
    movers.truncate(MOVERS);
    movers.into_iter().map(|(of, change)| mover(of, change, calls)).collect()
}

fn mover(of: &DealTrend, change: f64, calls: &[JudgedCall]) -> DealPoint {
    let (early, late, half) = halves(&of.points);
    let (rose, by) = (change > 0.0, change.abs());
    let way = if rose { "up" } else { "down" };
    // What the later calls met where it went up, and missed where it went down.
    let later: Vec<_> = of.points[of.points.len() - half..].iter().map(|point| point.call_id).collect();
    let shown: Vec<_> = checks(calls)
        .filter(|(call, dimension, check)| {
            later.contains(&call.id) && dimension.id == of.dimension && check.is_met == rose
        })
        .map(|(_, _, check)| check)
        .collect();
    let advice = shown.iter().rev().find(|check| !check.advice.is_empty());
    let recommendation = match advice {
        Some(check) if !rose => check.advice.clone(),
        None if !rose => "Listen to the earlier calls, and take up again what they had.".to_owned(),
        _ => "Keep what the later calls had.".to_owned(),
    };
    let moments = shown.iter().rev().filter_map(|check| check.moments.first().cloned());
    DealPoint {
        dimension: Some(of.dimension.clone()),
        change: Some(change),
        about: format!(
            "{}: {way} by {by} points, from {early} over the earlier {half} calls to {late} over the later {half}.",
            of.title
        ),
        recommendation,
        moments: moments.take(MOMENTS).collect(),
        ..DealPoint::new(DealTopic::Trend, !rose, &of.title)
    }
}

#[cfg(test)]
mod tests {
    use super::super::coach::{Dimension, Judged, KnownFrom, NextStep};
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use uuid::Uuid;

    fn moment(call: u128) -> DealMoment {
        DealMoment {
            call_id: Uuid::from_u128(call),
            call_title: format!("call {call}"),
            at: DateTime::UNIX_EPOCH + TimeDelta::days(call as i64),
            segment_id: 3,
            start_ms: None,
            speaker: None,
            quote: "so".to_owned(),
        }
    }

    fn call(number: u128, score: f64, checks: &[(&str, bool)]) -> JudgedCall {
        let check = |(id, is_met): &(&str, bool)| Judged {
            id: (*id).to_owned(),
            name: (*id).to_owned(),
            is_met: *is_met,
            advice: if *is_met { String::new() } else { format!("do it, {number}") },
            moments: vec![moment(number)],
        };
        let checks = checks.iter().map(check).collect();
        let (id, title) = ("d".to_owned(), "Discovery".to_owned());
        let dimension = Dimension { id, title, score: Some(score), checks };
        JudgedCall { id: Uuid::from_u128(number), at: moment(number).at, dimensions: vec![dimension] }
    }

    fn person(name: &str, title: Option<&str>, has_power: bool) -> Stakeholder {
        Stakeholder {
            name: name.to_owned(),
            email: None,
            title: title.map(str::to_owned),
            has_power,
            calls: 1,
            last_call: None,
            known_from: KnownFrom::Calls,
        }
    }

    fn found(calls: &[JudgedCall]) -> DealCoaching {
        let facts = crate::domain::facts::Facts {
            status: crate::Status::Open,
            stage: String::new(),
            stage_since: None,
            opened_at: None,
            close_date: None,
            calls: Vec::new(),
            emails: Vec::new(),
        };
        super::super::coach::coach(&facts, calls, &[], DateTime::UNIX_EPOCH + TimeDelta::days(60))
    }

    fn told(points: &[DealPoint], topic: DealTopic) -> Vec<(&str, &str, &str)> {
        let of = points.iter().filter(|point| point.topic == topic);
        of.map(|point| (point.side, &*point.about, &*point.recommendation)).collect()
    }

    #[test]
    fn a_change_is_told_with_both_means_and_the_later_calls_that_show_it() {
        let calls: Vec<_> = [(1, 80.0, true), (2, 75.0, true), (3, 10.0, true), (4, 60.0, false), (5, 64.5, false)]
            .map(|(number, score, met)| call(number, score, &[("a", met), ("b", !met)]))
            .into();
        let points = found(&calls).points;
        assert_eq!(
            told(&points, DealTopic::Trend),
            [(
                "gap",
                "Discovery: down by 15.2 points, from 77.5 over the earlier 2 calls to 62.3 over the later 2.",
                "do it, 5"
            )]
        );
        let trend = points.iter().find(|point| point.topic == DealTopic::Trend).unwrap();
        let shown: Vec<_> = trend.moments.iter().map(|moment| moment.call_id.as_u128()).collect();
        assert_eq!((trend.change, shown), (Some(-15.2), vec![5, 4]), "missed in the later ones");
        let up: Vec<_> = [(1, 50.0), (2, 50.0), (3, 60.0), (4, 60.0)].map(|(n, score)| call(n, score, &[])).into();
        assert_eq!(
            told(&found(&up).points, DealTopic::Trend),
            [(
                "strength",
                "Discovery: up by 10 points, from 50 over the earlier 2 calls to 60 over the later 2.",
                "Keep what the later calls had."
            )]
        );
        let still: Vec<_> = [(1, 50.0), (2, 50.0), (3, 54.0), (4, 54.0)].map(|(n, score)| call(n, score, &[])).into();
        assert!(found(&still).points.is_empty(), "four points are not told");
    }

    #[test]
    fn objections_are_open_as_long_as_one_call_left_one_open() {
        let calls = [call(1, 0.0, &[(OPEN_OBJECTION, false)]), call(2, 0.0, &[(OPEN_OBJECTION, true)])];
        let points = found(&calls).points;
        assert_eq!(
            told(&points, DealTopic::Objections),
            [("gap", "Objections: not closed in 1 of 2 calls.", "do it, 1")]
        );
        assert_eq!(points[0].moments, [moment(1)]);
        let points = found(&calls[1..]).points;
        assert_eq!(
            told(&points, DealTopic::Objections),
            [("strength", "Objections: closed in 1 of 1 calls.", "Keep asking whether the answer settles it.")]
        );
        assert_eq!((points[0].moments.len(), points[0].met, points[0].unmet), (1, Some(1), Some(0)));
    }

    #[test]
    fn next_steps_are_counted_without_those_that_have_time() {
        use NextStepOutcome::{Kept, Missed, Pending};
        let of = |outcomes: &[NextStepOutcome]| {
            let step = |(at, outcome): (usize, &NextStepOutcome)| NextStep {
                moment: moment(at as u128),
                outcome: *outcome,
                followed_by: None,
            };
            let all = outcomes.iter().enumerate().map(step).collect();
            let point = next_steps(&DealCoaching { next_steps: all, ..found(&[]) });
            point.map(|point| (point.side, point.about, point.met.zip(point.unmet), point.moments))
        };
        assert_eq!(of(&[]), None);
        let about = |text: &str| text.to_owned();
        let missed = about("Next steps: after 1 of 3 nothing followed within 14 days.");
        assert_eq!(of(&[Pending, Kept, Missed, Kept]), Some(("gap", missed, Some((2, 1)), vec![moment(2)])));
        let kept = about("Next steps: after 1 of 1 a call or an e-mail followed within 14 days.");
        assert_eq!(of(&[Pending, Kept]), Some(("strength", kept, Some((1, 0)), vec![moment(1)])));
        let left = about("Next steps: the one that was agreed has time left.");
        assert_eq!(of(&[Pending]), Some(("strength", left, None, vec![moment(0)])));
    }

    #[test]
    fn people_are_named_and_who_is_an_address_is_counted() {
        let mara = || person("Mara Stone", None, false);
        let ida = || person("Ida Voss", Some("Director"), true);
        let of = |met: &[Stakeholder], missing: &[Stakeholder]| {
            people(met, missing).map(|point| (point.side, point.about, point.recommendation))
        };
        assert_eq!(of(&[], &[]), None);
        let (side, about, recommendation) = of(&[mara()], &[ida(), person("x@acme.example", None, false)]).unwrap();
        assert_eq!(
            (side, about.as_str()),
            ("gap", "In calls: Mara Stone. Never in a call: Ida Voss (Director), and one more.")
        );
        assert_eq!(recommendation, "Ask for a call with Ida Voss, who decides by their title.");
        let (side, about, _) = of(&[ida()], &[]).unwrap();
        assert_eq!((side, about.as_str()), ("strength", "In calls: Ida Voss (Director)."));
        let (_, about, _) = of(&[], &[person("x@acme.example", None, true)]).unwrap();
        assert_eq!(about, "Never in a call: one whose name is not known.");
    }
}
