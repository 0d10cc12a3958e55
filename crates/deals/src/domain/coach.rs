//! What the calls of a whole deal have in common: recurring themes, objections that stayed open, how the dimensions went, who was met, which next steps came.

use super::facts::{Facts, Link, Person};
use super::tell::{self, DealPoint};
use chrono::{DateTime, TimeDelta, Utc};
use coaching::Written;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// How long after a next step was agreed it has to come to count as kept.
const KEPT: TimeDelta = TimeDelta::days(14);
/// Calls with a score from which on a change is told: two of each half.
const CALLS_FOR_CHANGE: usize = 4;
/// Times that a check is missed from which on it is a theme.
const THEME: usize = 2;
/// Most themes, and most moments of one.
const THEMES: usize = 5;
/// See [`THEMES`].
const MOMENTS: usize = 3;
/// The check by which an objection is known to be open.
pub const OPEN_OBJECTION: &str = "objection_confirmed";
/// The check by which a next step is known to be agreed.
const NEXT_STEP: &str = "next_step_dated";

/// Words of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DealMoment {
    /// The call.
    pub call_id: Uuid,
    /// What it is called.
    pub call_title: String,
    /// When it was.
    pub at: DateTime<Utc>,
    /// The segment in which the words stand.
    pub segment_id: u32,
    /// Where the segment begins, from the start of the recording.
    pub start_ms: Option<i64>,
    /// Who says it.
    pub speaker: Option<String>,
    /// The words, cut out of the segment.
    #[schema(example = "About four hundred euros each time.")]
    pub quote: String,
}

/// A check that several calls of a deal missed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DealTheme {
    /// Its id in the rubric.
    #[schema(example = "impact_quantified")]
    pub check: String,
    /// Its name.
    pub name: String,
    /// Id of its dimension.
    pub dimension: String,
    /// Calls in which it was met.
    pub met: i64,
    /// Calls in which it was not.
    pub unmet: i64,
    /// What to do, as the latest of these calls has it.
    pub advice: String,
    /// Moments that show it, the latest call first.
    pub moments: Vec<DealMoment>,
}

/// How a dimension went over the calls of a deal.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DealTrend {
    /// Its id.
    pub dimension: String,
    /// Its name.
    pub title: String,
    /// Its score in each call that has one, the earliest first.
    pub points: Vec<DealTrendPoint>,
    /// Mean of the later half of these calls without that of the earlier one; null below four calls.
    pub change: Option<f64>,
}

/// A dimension's score in a call.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DealTrendPoint {
    /// The call.
    pub call_id: Uuid,
    /// When it was.
    pub at: DateTime<Utc>,
    /// 0 to 100.
    pub score: f64,
}

/// Somebody of the customer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stakeholder {
    /// What they are called.
    pub name: String,
    /// Their mail address.
    pub email: Option<String>,
    /// What they are there.
    pub title: Option<String>,
    /// Whether they decide, by their title.
    pub has_power: bool,
    /// In how many calls they took part; 0 for those who are missing.
    pub calls: i64,
    /// The last of these.
    pub last_call: Option<Uuid>,
    /// From where they are known.
    pub known_from: KnownFrom,
}

/// From where somebody is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StakeholderKnownFrom)]
pub enum KnownFrom {
    /// They took part in a call.
    Calls,
    /// The CRM names them among the people of the firm.
    Crm,
    /// They wrote, or somebody wrote to them.
    Emails,
}

/// What became of a next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NextStepOutcome {
    /// A call or an e-mail followed within 14 days.
    Kept,
    /// None did.
    Missed,
    /// The 14 days are not over.
    Pending,
}

/// A next step that was agreed with a date.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NextStep {
    /// Where it was agreed.
    pub moment: DealMoment,
    /// What became of it: whether a call or an e-mail followed. What was to be done is not looked at.
    pub outcome: NextStepOutcome,
    /// What followed.
    pub followed_by: Option<Link>,
}

/// What the calls of a deal come to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DealCoaching {
    /// Calls of the deal that were judged and that I may see.
    pub calls: i64,
    /// Checks that several calls missed, the one missed most often first.
    pub themes: Vec<DealTheme>,
    /// Objections that nobody closed, the latest first.
    pub open_objections: Vec<DealMoment>,
    /// How the dimensions went.
    pub trend: Vec<DealTrend>,
    /// Who took part, those who decide first.
    pub met: Vec<Stakeholder>,
    /// Who is known and took part in no call, those who decide first.
    pub missing: Vec<Stakeholder>,
    /// Next steps that were agreed, the latest first.
    pub next_steps: Vec<NextStep>,
    /// All of it in sentences, each with the words that show it; as the program says it, or a model.
    pub points: Vec<DealPoint>,
    /// Whether a model worded the points; null where they are in the program's own words and always were.
    pub written: Option<Written>,
}

/// A check of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whether it was met.
    pub is_met: bool,
    /// What to do.
    pub advice: String,
    /// Where it shows.
    pub moments: Vec<DealMoment>,
}

/// A dimension of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// Id.
    pub id: String,
    /// Name.
    pub title: String,
    /// 0 to 100.
    pub score: Option<f64>,
    /// Its checks that were judged.
    pub checks: Vec<Judged>,
}

/// A call that was judged.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedCall {
    /// The call.
    pub id: Uuid,
    /// When it was.
    pub at: DateTime<Utc>,
    /// What was judged.
    pub dimensions: Vec<Dimension>,
}

/// Who is known beside those in calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// Who.
    pub person: Person,
    /// From where.
    pub from: KnownFrom,
}

/// What the calls of a deal come to; `calls` the earliest first.
pub fn coach(facts: &Facts, calls: &[JudgedCall], beside: &[Beside], now: DateTime<Utc>) -> DealCoaching {
    let met = met(facts);
    let missing = missing(facts, beside);
    let found = DealCoaching {
        calls: calls.len() as i64,
        themes: themes(calls),
        open_objections: moments(calls, OPEN_OBJECTION, false),
        trend: trend(calls),
        met,
        missing,
        next_steps: moments(calls, NEXT_STEP, true).into_iter().map(|moment| next_step(facts, moment, now)).collect(),
        points: Vec::new(),
        written: None,
    };
    DealCoaching { points: tell::points(&found, calls), ..found }
}

/// All checks of calls, in their order.
pub fn checks(calls: &[JudgedCall]) -> impl Iterator<Item = (&JudgedCall, &Dimension, &Judged)> {
    calls.iter().flat_map(|call| {
        call.dimensions
            .iter()
            .flat_map(move |dimension| dimension.checks.iter().map(move |check| (call, dimension, check)))
    })
}

/// Where a check was met, or was not, the latest call first; of each call the first moment.
fn moments(calls: &[JudgedCall], id: &str, is_met: bool) -> Vec<DealMoment> {
    let found = checks(calls).filter(|(_, _, check)| check.id == id && check.is_met == is_met);
    let mut all: Vec<DealMoment> = found.filter_map(|(_, _, check)| check.moments.first().cloned()).collect();
    all.reverse();
    all
}

fn themes(calls: &[JudgedCall]) -> Vec<DealTheme> {
    let mut by_check: BTreeMap<(&str, &str), Vec<&Judged>> = BTreeMap::new();
    for (_, dimension, check) in checks(calls) {
        by_check.entry((&dimension.id, &check.id)).or_default().push(check);
    }
    let mut found: Vec<DealTheme> = by_check
        .into_iter()
        .filter_map(|((dimension, id), judged)| {
            let missed: Vec<&&Judged> = judged.iter().rev().filter(|check| !check.is_met).collect();
            let (unmet, met) = (missed.len(), judged.len() - missed.len());
            let latest = missed.first().filter(|_| unmet >= THEME && unmet >= met)?;
            Some(DealTheme {
                check: id.to_owned(),
                name: latest.name.clone(),
                dimension: dimension.to_owned(),
                met: met as i64,
                unmet: unmet as i64,
                advice: missed
                    .iter()
                    .find(|check| !check.advice.is_empty())
                    .map(|check| check.advice.clone())
                    .unwrap_or_default(),
                moments: missed.iter().filter_map(|check| check.moments.first().cloned()).take(MOMENTS).collect(),
            })
        })
        .collect();
    found.sort_by(|a, b| b.unmet.cmp(&a.unmet).then(a.met.cmp(&b.met)).then(a.check.cmp(&b.check)));
    found.truncate(THEMES);
    found
}

fn trend(calls: &[JudgedCall]) -> Vec<DealTrend> {
    let mut found: Vec<DealTrend> = Vec::new();
    for call in calls {
        for dimension in &call.dimensions {
            let Some(score) = dimension.score else { continue };
            let point = DealTrendPoint { call_id: call.id, at: call.at, score };
            match found.iter_mut().find(|known| known.dimension == dimension.id) {
                Some(known) => known.points.push(point),
                None => found.push(DealTrend {
                    dimension: dimension.id.clone(),
                    title: dimension.title.clone(),
                    points: vec![point],
                    change: None,
                }),
            }
        }
    }
    for dimension in &mut found {
        if dimension.points.len() >= CALLS_FOR_CHANGE {
            let (early, late, _) = tell::halves(&dimension.points);
            dimension.change = Some(((late - early) * 10.0).round() / 10.0);
        }
    }
    found
}

fn met(facts: &Facts) -> Vec<Stakeholder> {
    let mut found: BTreeMap<String, Stakeholder> = BTreeMap::new();
    for call in facts.calls.iter().filter(|call| call.is_seen) {
        for person in &call.people {
            let known = found.entry(person.key()).or_insert_with(|| stakeholder(person, KnownFrom::Calls));
            known.calls += 1;
            known.last_call = Some(call.id);
            known.has_power |= person.has_power();
            if known.title.is_none() {
                known.title.clone_from(&person.title);
            }
        }
    }
    ordered(found.into_values())
}

fn missing(facts: &Facts, beside: &[Beside]) -> Vec<Stakeholder> {
    let met = facts.met();
    let mut known: BTreeSet<String> = met.iter().map(|(person, _)| person.key()).collect();
    // Who has another address in calls than in the CRM is one by their name.
    known.extend(met.iter().map(|(person, _)| person.name.to_lowercase()));
    let fresh = beside.iter().filter(|other| {
        let name = other.person.name.to_lowercase();
        !known.contains(&name) && known.insert(other.person.key())
    });
    let found: Vec<Stakeholder> = fresh.map(|other| stakeholder(&other.person, other.from)).collect();
    ordered(found.into_iter())
}

fn stakeholder(person: &Person, known_from: KnownFrom) -> Stakeholder {
    Stakeholder {
        name: person.name.clone(),
        email: person.email.clone(),
        title: person.title.clone(),
        has_power: person.has_power(),
        calls: 0,
        last_call: None,
        known_from,
    }
}

fn ordered(people: impl Iterator<Item = Stakeholder>) -> Vec<Stakeholder> {
    let mut all: Vec<Stakeholder> = people.collect();
    all.sort_by(|a, b| b.has_power.cmp(&a.has_power).then(b.calls.cmp(&a.calls)).then(a.name.cmp(&b.name)));
    all
}

fn next_step(facts: &Facts, moment: DealMoment, now: DateTime<Utc>) -> NextStep {
    // That it was followed is so whoever asks; by which call, only for whoever sees it.
    let calls = facts.calls.iter().filter(|call| call.id != moment.call_id).map(|call| {
        (call.at, call.is_seen.then_some(Link::Call { call_id: call.id, segment_id: None, start_ms: None }))
    });
    let emails = facts.emails.iter().map(|email| (email.at, Some(Link::Email { email_id: email.id })));
    let after = calls.chain(emails).filter(|(at, _)| *at > moment.at && *at <= moment.at + KEPT);
    let followed = after.min_by_key(|(at, _)| *at);
    let outcome = match &followed {
        Some(_) => NextStepOutcome::Kept,
        None if now > moment.at + KEPT => NextStepOutcome::Missed,
        None => NextStepOutcome::Pending,
    };
    NextStep { moment, outcome, followed_by: followed.and_then(|(_, link)| link) }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{CallFact, EmailFact, Status};
    use super::*;
    use NextStepOutcome::{Kept, Missed, Pending};

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn check(call: u128, name: &str, is_met: bool) -> Judged {
        let moment = DealMoment {
            call_id: id(call),
            call_title: format!("call {call}"),
            at: at(call as i64),
            segment_id: 3,
            start_ms: Some(1000),
            speaker: None,
            quote: "so".to_owned(),
        };
        let advice = if is_met { String::new() } else { format!("do it, {call}") };
        Judged { id: name.to_owned(), name: name.to_owned(), is_met, advice, moments: vec![moment] }
    }

    fn call(number: u128, score: Option<f64>, checks: &[(&str, bool)]) -> JudgedCall {
        let checks = checks.iter().map(|(name, is_met)| check(number, name, *is_met)).collect();
        let dimension = Dimension { id: "d".to_owned(), title: "D".to_owned(), score, checks };
        JudgedCall { id: id(number), at: at(number as i64), dimensions: vec![dimension] }
    }

    fn person(name: &str, email: Option<&str>, title: Option<&str>) -> Person {
        Person { name: name.to_owned(), email: email.map(str::to_owned), title: title.map(str::to_owned) }
    }

    fn facts(calls: Vec<(u128, Vec<Person>)>, emails: &[(u128, i64)]) -> Facts {
        let call = |(number, people)| CallFact {
            id: id(number),
            at: at(number as i64),
            people,
            mentions: None,
            sentiment: None,
            is_seen: true,
        };
        let email = |(number, day): &(u128, i64)| EmailFact {
            id: id(*number),
            at: at(*day),
            incoming: false,
            signs: Vec::new(),
        };
        Facts {
            status: Status::Open,
            stage: String::new(),
            stage_since: None,
            opened_at: None,
            close_date: None,
            calls: calls.into_iter().map(call).collect(),
            emails: emails.iter().map(email).collect(),
        }
    }

    #[test]
    fn a_theme_is_missed_at_least_twice_and_as_often_as_not() {
        let calls = [
            call(1, None, &[("often", false), ("half", true), ("once", false), ("seldom", false)]),
            call(2, None, &[("often", false), ("half", false), ("once", true), ("seldom", true)]),
            call(3, None, &[("often", false), ("half", false), ("seldom", true)]),
            call(4, None, &[("half", true), ("seldom", false), ("seldom", true)]),
        ];
        let found = coach(&facts(Vec::new(), &[]), &calls, &[], at(9));
        let told: Vec<_> = found.themes.iter().map(|theme| (&*theme.check, theme.unmet, theme.met)).collect();
        assert_eq!(told, [("often", 3, 0), ("half", 2, 2)]);
        assert_eq!(found.themes[0].advice, "do it, 3", "of the latest");
        let calls: Vec<Uuid> = found.themes[0].moments.iter().map(|moment| moment.call_id).collect();
        assert_eq!(calls, [id(3), id(2), id(1)]);
    }

    #[test]
    fn a_trend_has_a_change_from_four_calls_on() {
        let of = |scores: &[Option<f64>]| {
            let calls: Vec<_> = scores.iter().enumerate().map(|(n, score)| call(n as u128, *score, &[])).collect();
            let trend = coach(&facts(Vec::new(), &[]), &calls, &[], at(9)).trend;
            trend.first().map(|trend| (trend.points.len(), trend.change))
        };
        assert_eq!(of(&[Some(50.0), Some(60.0), Some(80.0)]), Some((3, None)));
        assert_eq!(of(&[Some(50.0), Some(60.0), None, Some(80.0), Some(70.0)]), Some((4, Some(20.0))));
        assert_eq!(
            of(&[Some(50.0), Some(60.0), Some(0.0), Some(80.0), Some(70.0)]),
            Some((5, Some(20.0))),
            "the middle counts for neither"
        );
        assert_eq!(of(&[None]), None);
    }

    #[test]
    fn who_was_met_is_not_missing_and_who_decides_comes_first() {
        let mara = || person("Mara Stone", Some("mara@acme.example"), None);
        let calls = vec![(1, vec![mara(), person("Jon Hale", None, Some("CFO"))]), (2, vec![mara()])];
        let beside = [
            Beside { person: person("Mara Stone", Some("m.stone@acme.example"), Some("Buyer")), from: KnownFrom::Crm },
            Beside { person: person("Ana Reyes", Some("ana@acme.example"), Some("Planner")), from: KnownFrom::Crm },
            Beside { person: person("ana@acme.example", Some("ana@acme.example"), None), from: KnownFrom::Emails },
            Beside { person: person("Ida Voss", Some("ida@acme.example"), Some("Director")), from: KnownFrom::Crm },
        ];
        let found = coach(&facts(calls, &[]), &[], &beside, at(9));
        let names = |people: &[Stakeholder]| -> Vec<(String, i64)> {
            people.iter().map(|p| (p.name.clone(), p.calls)).collect()
        };
        assert_eq!(names(&found.met), [("Jon Hale".to_owned(), 1), ("Mara Stone".to_owned(), 2)]);
        assert_eq!(names(&found.missing), [("Ida Voss".to_owned(), 0), ("Ana Reyes".to_owned(), 0)]);
    }

    #[test]
    fn a_next_step_is_kept_by_what_follows_within_fourteen_days() {
        let calls = [
            call(1, None, &[(NEXT_STEP, true)]),
            call(20, None, &[(NEXT_STEP, true)]),
            call(50, None, &[(NEXT_STEP, true)]),
        ];
        let there = vec![(1, Vec::new()), (20, Vec::new()), (50, Vec::new())];
        let of = |emails: &[(u128, i64)], now: i64| -> Vec<NextStepOutcome> {
            let found = coach(&facts(there.clone(), emails), &calls, &[], at(now));
            found.next_steps.iter().map(|step| step.outcome).collect()
        };
        assert_eq!(of(&[], 60), [Pending, Missed, Missed], "the latest first");
        assert_eq!(of(&[], 65), [Missed, Missed, Missed]);
        assert_eq!(of(&[(9, 15), (10, 34)], 65), [Missed, Kept, Kept]);
        let found = coach(&facts(there.clone(), &[(9, 15)]), &calls, &[], at(65));
        assert_eq!(found.next_steps[2].followed_by, Some(Link::Email { email_id: id(9) }));
    }
}
