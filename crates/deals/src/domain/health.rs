//! Our own health of a deal: a sum that can be read. It begins at [`BASE`]; each signal adds or takes its points and says what it rests on.

use super::facts::{Facts, Link, Sign, Status};
use super::warn::{Warning, WarningKind};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the sum begins: nothing speaks for the deal, nothing against it.
pub const BASE: i64 = 50;
/// For how long a customer's answer counts as a fresh one.
const FRESH: TimeDelta = TimeDelta::days(7);
/// Change of the customer's mood from the first half of the calls to the second from which on it counts.
const MOOD: f64 = 0.15;

/// Something that speaks for a deal or against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DealSignal)]
pub struct Signal {
    /// What it is: the kind of a warning, or `customer_answered`, `next_step_agreed`, `decision_maker_met`, `many_contacts`, `pricing_discussed`,
    /// `mood_rising`, `mood_falling`, `objection_open`.
    #[schema(example = "next_step_agreed")]
    pub kind: String,
    /// What it adds to the health, or takes from it.
    #[schema(example = 15)]
    pub points: i64,
    /// In a sentence.
    pub text: String,
    /// What it rests on.
    pub links: Vec<Link>,
}

/// Points of a warning.
fn points(kind: WarningKind) -> i64 {
    match kind {
        WarningKind::Ghosted => -20,
        WarningKind::NoActivity | WarningKind::Overdue | WarningKind::RedFlag => -15,
        WarningKind::NotEnoughContacts | WarningKind::NoPower | WarningKind::Stalled => -10,
        WarningKind::PricingNotMentioned => -5,
    }
}

fn whole(call_id: uuid::Uuid) -> Link {
    Link::Call { call_id, segment_id: None, start_ms: None }
}

/// What speaks for an open deal, then what speaks against it, the heaviest first. Nothing is said of a deal that is closed, or of which nothing is known.
pub fn signals(facts: &Facts, warnings: &[Warning], now: DateTime<Utc>) -> Vec<Signal> {
    if facts.status != Status::Open {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut tell = |kind: &str, points: i64, text: String, links: Vec<Link>| {
        found.push(Signal { kind: kind.to_owned(), points, text, links });
    };
    let answered = facts.emails.iter().rev().find(|email| email.incoming && now - email.at <= FRESH);
    let spoke = facts.calls.iter().rev().find(|call| !call.people.is_empty() && now - call.at <= FRESH);
    if answered.is_some() || spoke.is_some() {
        let email = answered.map(|email| Link::Email { email_id: email.id });
        let links = email.into_iter().chain(spoke.map(|call| whole(call.id))).collect();
        tell("customer_answered", 15, "The customer spoke or wrote in the last 7 days.".to_owned(), links);
    }
    if let Some(last) = facts.calls.last() {
        let places = Facts { calls: vec![last.clone()], emails: Vec::new(), ..facts.clone() }.places(Sign::NextStep);
        if !places.is_empty() {
            tell("next_step_agreed", 15, "The last call ended with a next step that has a date.".to_owned(), places);
        }
        let open = Facts { calls: vec![last.clone()], emails: Vec::new(), ..facts.clone() }.places(Sign::OpenObjection);
        if !open.is_empty() {
            tell("objection_open", -10, "An objection of the last call was not closed.".to_owned(), open);
        }
    }
    let met = facts.met();
    let deciders: Vec<_> = met.iter().filter(|(person, _)| person.has_power()).collect();
    if let Some((person, call)) = deciders.first() {
        let title = person.title.as_deref().unwrap_or_default();
        tell(
            "decision_maker_met",
            10,
            format!("Somebody who decides took part in a call: {title}."),
            vec![whole(call.id)],
        );
    }
    if met.len() >= 3 {
        let links = met.iter().map(|(_, call)| whole(call.id)).collect();
        tell("many_contacts", 10, format!("{} people of the customer took part in calls.", met.len()), links);
    }
    let prices = facts.places(Sign::Pricing);
    if let Some(latest) = prices.last() {
        tell("pricing_discussed", 5, "Prices were talked about.".to_owned(), vec![latest.clone()]);
    }
    let moods: Vec<(f64, &super::facts::CallFact)> =
        facts.calls.iter().filter_map(|call| Some((call.sentiment?, call))).collect();
    if moods.len() >= 2 {
        let (early, late) = moods.split_at(moods.len() / 2);
        let mean = |part: &[(f64, &super::facts::CallFact)]| {
            part.iter().map(|(mood, _)| mood).sum::<f64>() / part.len() as f64
        };
        let change = mean(late) - mean(early);
        let links = || late.iter().map(|(_, call)| whole(call.id)).collect();
        if change >= MOOD {
            tell("mood_rising", 5, "The customer's words became friendlier from call to call.".to_owned(), links());
        } else if change <= -MOOD {
            tell(
                "mood_falling",
                -5,
                "The customer's words became less friendly from call to call.".to_owned(),
                links(),
            );
        }
    }
    for warning in warnings {
        tell(warning.kind.as_str(), points(warning.kind), warning.text.clone(), warning.links.clone());
    }
    found.sort_by_key(|signal| (signal.points < 0, -signal.points.abs()));
    found
}

/// Health, 0 to 100: [`BASE`] and all points. `None` where there is neither a call nor an e-mail: of such a deal nothing is known here.
pub fn health(facts: &Facts, signals: &[Signal]) -> Option<i64> {
    let is_known = facts.status == Status::Open && facts.last_activity().is_some();
    is_known.then(|| (BASE + signals.iter().map(|signal| signal.points).sum::<i64>()).clamp(0, 100))
}

#[cfg(test)]
mod tests {
    use super::super::facts::{CallFact, EmailFact, Mention, Person};
    use super::super::warn::{usual, warnings};
    use super::*;
    use uuid::Uuid;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn call(id: u128, day: i64, people: &[(&str, &str)], signs: &[Sign], sentiment: f64) -> CallFact {
        let person = |(name, title): &(&str, &str)| Person {
            name: (*name).to_owned(),
            email: None,
            title: Some((*title).to_owned()),
        };
        let mention = |sign: &Sign| Mention { sign: *sign, segment_id: 4, start_ms: Some(1000) };
        CallFact {
            id: Uuid::from_u128(id),
            at: at(day),
            people: people.iter().map(person).collect(),
            mentions: Some(signs.iter().map(mention).collect()),
            sentiment: Some(sentiment),
            is_seen: true,
        }
    }

    fn of(facts: &Facts) -> (Option<i64>, Vec<(String, i64)>) {
        let now = at(100);
        let warned = warnings(facts, &usual(), now, now.date_naive());
        let found = signals(facts, &warned, now);
        (health(facts, &found), found.into_iter().map(|signal| (signal.kind, signal.points)).collect())
    }

    fn told(list: &[(&str, i64)]) -> Vec<(String, i64)> {
        list.iter().map(|(kind, points)| ((*kind).to_owned(), *points)).collect()
    }

    fn facts(calls: Vec<CallFact>) -> Facts {
        Facts {
            status: Status::Open,
            stage: "Demo".to_owned(),
            stage_since: Some(at(90)),
            opened_at: Some(at(50)),
            close_date: Some(at(130).date_naive()),
            calls,
            emails: vec![EmailFact { id: Uuid::from_u128(9), at: at(99), incoming: true, signs: Vec::new() }],
        }
    }

    #[test]
    fn health_is_a_sum_that_can_be_read() {
        let good = facts(vec![
            call(1, 80, &[("Mara", "CFO"), ("Jon", "Buyer")], &[], -0.1),
            call(2, 98, &[("Ana", "Planner")], &[Sign::Pricing, Sign::NextStep], 0.3),
        ]);
        let expected = told(&[
            ("customer_answered", 15),
            ("next_step_agreed", 15),
            ("decision_maker_met", 10),
            ("many_contacts", 10),
            ("pricing_discussed", 5),
            ("mood_rising", 5),
        ]);
        assert_eq!(of(&good), (Some(100), expected), "50 and 60, at most 100");
        let bad = Facts {
            emails: vec![EmailFact { id: Uuid::from_u128(9), at: at(60), incoming: false, signs: Vec::new() }],
            close_date: Some(at(99).date_naive()),
            ..facts(vec![call(1, 55, &[("Jon", "Buyer")], &[], 0.0), call(2, 56, &[], &[Sign::OpenObjection], 0.0)])
        };
        let expected = told(&[
            ("ghosted", -20),
            ("no_activity", -15),
            ("overdue", -15),
            ("objection_open", -10),
            ("not_enough_contacts", -10),
            ("no_power", -10),
        ]);
        assert_eq!(of(&bad), (Some(0), expected));
    }

    #[test]
    fn of_a_deal_that_is_closed_or_unknown_there_is_no_health() {
        let closed = Facts { status: Status::Won, ..facts(vec![call(1, 98, &[("Jon", "Buyer")], &[], 0.0)]) };
        assert_eq!(of(&closed), (None, Vec::new()));
        let silent = Facts { emails: Vec::new(), opened_at: Some(at(99)), ..facts(Vec::new()) };
        assert_eq!(of(&silent), (None, Vec::new()));
    }
}
