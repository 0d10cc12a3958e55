//! What warns of a deal, by thresholds that an admin can change.

use super::facts::{Facts, Link, Sign, Status};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What warns of a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[schema(as = DealWarningKind)]
pub enum WarningKind {
    /// Neither call nor e-mail for days.
    NoActivity,
    /// The customer has not answered for days, though somebody wrote or called.
    Ghosted,
    /// The day on which it was to close has passed.
    Overdue,
    /// Too few of the customer's people took part in calls.
    NotEnoughContacts,
    /// Nobody who decides took part in a call.
    NoPower,
    /// Prices were not mentioned in so many calls.
    PricingNotMentioned,
    /// Words that deals end with.
    RedFlag,
    /// The same stage for days.
    Stalled,
}

/// When a kind warns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DealWarningRule)]
pub struct Rule {
    /// What warns.
    pub kind: WarningKind,
    /// Whether it does.
    pub enabled: bool,
    /// From how many on; see `unit`.
    #[schema(example = 14)]
    pub threshold: i64,
    /// The threshold as the program is shipped.
    #[schema(example = 14)]
    pub usual: i64,
    /// What is counted: `days`, `contacts` or `calls`.
    #[schema(example = "days")]
    pub unit: &'static str,
    /// The smallest and greatest threshold.
    pub bounds: (i64, i64),
}

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DealWarning)]
pub struct Warning {
    /// What warns.
    pub kind: WarningKind,
    /// In a sentence.
    #[schema(example = "No answer from the customer for 18 days.")]
    pub text: String,
    /// What it rests on; empty where it rests on there being nothing.
    pub links: Vec<Link>,
}

impl WarningKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::NoActivity,
        Self::Ghosted,
        Self::Overdue,
        Self::NotEnoughContacts,
        Self::NoPower,
        Self::PricingNotMentioned,
        Self::RedFlag,
        Self::Stalled,
    ];

    /// Name as in JSON and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoActivity => "no_activity",
            Self::Ghosted => "ghosted",
            Self::Overdue => "overdue",
            Self::NotEnoughContacts => "not_enough_contacts",
            Self::NoPower => "no_power",
            Self::PricingNotMentioned => "pricing_not_mentioned",
            Self::RedFlag => "red_flag",
            Self::Stalled => "stalled",
        }
    }

    /// Threshold, unit and bounds as the program has them.
    pub fn usual(self) -> Rule {
        let (threshold, unit, bounds) = match self {
            Self::NoActivity => (14, "days", (1, 365)),
            Self::Ghosted => (10, "days", (1, 365)),
            Self::Overdue => (1, "days", (1, 365)),
            Self::NotEnoughContacts => (2, "contacts", (1, 20)),
            Self::NoPower => (2, "calls", (1, 50)),
            Self::PricingNotMentioned => (3, "calls", (1, 50)),
            Self::RedFlag | Self::Stalled => (30, "days", (1, 365)),
        };
        Rule { kind: self, enabled: true, threshold, usual: threshold, unit, bounds }
    }
}

/// The rules as the program has them.
pub fn usual() -> Vec<Rule> {
    WarningKind::ALL.iter().map(|kind| kind.usual()).collect()
}

/// What warns of an open deal; nothing warns of one that is closed.
pub fn warnings(facts: &Facts, rules: &[Rule], now: DateTime<Utc>, today: NaiveDate) -> Vec<Warning> {
    if facts.status != Status::Open {
        return Vec::new();
    }
    let active = rules.iter().filter(|rule| rule.enabled);
    active.filter_map(|rule| warning(facts, rule, now, today)).collect()
}

fn days(since: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    (now - since).num_days()
}

fn s(count: i64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn warning(facts: &Facts, rule: &Rule, now: DateTime<Utc>, today: NaiveDate) -> Option<Warning> {
    let warn = |text: String, links: Vec<Link>| Some(Warning { kind: rule.kind, text, links });
    let limit = rule.threshold;
    match rule.kind {
        WarningKind::NoActivity => {
            let last = facts.last_activity().or(facts.opened_at)?;
            let count = days(last, now);
            let what = if facts.last_activity().is_some() { "since the last one" } else { "since it was opened" };
            (count >= limit)
                .then(|| warn(format!("No call and no e-mail for {count} day{}, {what}.", s(count)), Vec::new()))?
        }
        WarningKind::Ghosted => {
            let answer = facts.last_answer();
            let from = answer.or(facts.opened_at)?;
            let tried: Vec<Link> = facts
                .emails
                .iter()
                .filter(|email| !email.incoming && email.at > from)
                .map(|email| Link::Email { email_id: email.id })
                .collect();
            let count = days(from, now);
            let times = tried.len() as i64;
            (count >= limit && times > 0).then(|| {
                let text = format!(
                    "No answer from the customer for {count} day{}, while we wrote {times} time{}.",
                    s(count),
                    s(times)
                );
                warn(text, tried)
            })?
        }
        WarningKind::Overdue => {
            let count = (today - facts.close_date?).num_days();
            (count >= limit).then(|| warn(format!("It was to close {count} day{} ago.", s(count)), Vec::new()))?
        }
        WarningKind::NotEnoughContacts => {
            let met = facts.met();
            let count = met.len() as i64;
            let links = met.iter().map(|(_, call)| Link::Call { call_id: call.id, segment_id: None, start_ms: None });
            (!facts.calls.is_empty() && count < limit).then(|| {
                let who = if count == 1 { "Only 1 person" } else { &*format!("Only {count} people") };
                warn(format!("{who} of the customer took part in calls; {limit} are wanted."), links.collect())
            })?
        }
        WarningKind::NoPower => {
            let met = facts.met();
            // Where nobody's title is known, nothing is known of power.
            let known = met.iter().any(|(person, _)| person.title.is_some());
            let count = facts.calls.len() as i64;
            (known && count >= limit && !met.iter().any(|(person, _)| person.has_power())).then(|| {
                warn(format!("Nobody who decides by their title took part in the {count} calls."), Vec::new())
            })?
        }
        WarningKind::PricingNotMentioned => {
            let judged = facts.calls.iter().filter(|call| call.mentions.is_some()).count() as i64;
            let is_told = !facts.places(Sign::Pricing).is_empty();
            (judged >= limit && judged == facts.calls.len() as i64 && !is_told).then(|| {
                warn(format!("Prices were not mentioned in {judged} call{} and the e-mails.", s(judged)), Vec::new())
            })?
        }
        WarningKind::RedFlag => {
            let since = now - TimeDelta::days(limit);
            let fresh = Facts {
                calls: facts.calls.iter().filter(|call| call.at >= since).cloned().collect(),
                emails: facts.emails.iter().filter(|email| email.at >= since).cloned().collect(),
                ..facts.clone()
            };
            let places = fresh.places(Sign::RedFlag);
            let count = places.len() as i64;
            (count > 0).then(|| {
                warn(format!("{count} sign{} in the last {limit} days that the deal may end.", s(count)), places)
            })?
        }
        WarningKind::Stalled => {
            let count = days(facts.stage_since?, now);
            (count >= limit).then(|| warn(format!("In the stage “{}” for {count} days.", facts.stage), Vec::new()))?
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{CallFact, EmailFact, Mention, Person};
    use super::*;
    use uuid::Uuid;

    const NOW: i64 = 200;

    type Change<'a> = &'a dyn Fn(&mut Facts);

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn person(name: &str, title: &str) -> Person {
        Person { name: name.to_owned(), email: None, title: (!title.is_empty()).then(|| title.to_owned()) }
    }

    fn call(id: u128, day: i64, people: Vec<Person>, signs: &[Sign]) -> CallFact {
        let mentions = signs.iter().map(|sign| Mention { sign: *sign, segment_id: 7, start_ms: Some(9000) }).collect();
        CallFact {
            id: Uuid::from_u128(id),
            at: at(day),
            people,
            mentions: Some(mentions),
            sentiment: None,
            is_seen: true,
        }
    }

    fn email(id: u128, day: i64, incoming: bool) -> EmailFact {
        EmailFact { id: Uuid::from_u128(id), at: at(day), incoming, signs: Vec::new() }
    }

    /// Nothing warns of it.
    fn healthy() -> Facts {
        let people = vec![person("Mara", "Head of Logistics"), person("Jon", "Buyer")];
        Facts {
            status: Status::Open,
            stage: "Negotiation".to_owned(),
            stage_since: Some(at(NOW - 5)),
            opened_at: Some(at(NOW - 60)),
            close_date: Some(at(NOW + 10).date_naive()),
            calls: vec![call(1, NOW - 20, people.clone(), &[]), call(2, NOW - 4, people, &[Sign::Pricing])],
            emails: vec![email(3, NOW - 3, false)],
        }
    }

    fn kinds(facts: &Facts) -> Vec<WarningKind> {
        kinds_by(facts, &usual())
    }

    fn kinds_by(facts: &Facts, rules: &[Rule]) -> Vec<WarningKind> {
        warnings(facts, rules, at(NOW), at(NOW).date_naive()).iter().map(|warning| warning.kind).collect()
    }

    #[test]
    fn each_kind_warns_from_its_threshold_on_and_of_open_deals_alone() {
        use WarningKind::{
            Ghosted, NoActivity, NoPower, NotEnoughContacts, Overdue, PricingNotMentioned, RedFlag, Stalled,
        };
        let cases: [(WarningKind, Change<'_>, Change<'_>); 8] = [
            (
                NoActivity,
                &|f| {
                    f.calls.iter_mut().for_each(|call| call.at = at(NOW - 14));
                    f.emails.clear();
                },
                &|f| {
                    f.calls.iter_mut().for_each(|call| call.at = at(NOW - 13));
                    f.emails.clear();
                },
            ),
            (Ghosted, &|f| f.calls.iter_mut().for_each(|call| call.at = at(NOW - 10)), &|f| {
                f.calls.iter_mut().for_each(|call| call.at = at(NOW - 9));
            }),
            (Overdue, &|f| f.close_date = Some(at(NOW - 1).date_naive()), &|f| {
                f.close_date = Some(at(NOW).date_naive());
            }),
            (NotEnoughContacts, &|f| f.calls.iter_mut().for_each(|call| call.people.truncate(1)), &|f| {
                f.calls.truncate(0);
            }),
            (
                NoPower,
                &|f| f.calls.iter_mut().flat_map(|call| &mut call.people).for_each(|p| p.title = Some("Buyer".into())),
                &|f| f.calls.iter_mut().flat_map(|call| &mut call.people).for_each(|p| p.title = None),
            ),
            (
                PricingNotMentioned,
                &|f| {
                    f.calls[1].mentions = Some(Vec::new());
                    f.calls.push(call(4, NOW - 2, vec![person("Jon", "")], &[]));
                },
                // One that was not judged may have had it.
                &|f| {
                    f.calls[1].mentions = None;
                    f.calls.push(call(4, NOW - 2, vec![person("Jon", "")], &[]));
                    f.calls.push(call(5, NOW - 2, vec![person("Jon", "")], &[]));
                },
            ),
            (RedFlag, &|f| f.calls.push(call(4, NOW - 30, vec![person("Jon", "")], &[Sign::RedFlag])), &|f| {
                f.calls.push(call(4, NOW - 31, vec![person("Jon", "")], &[Sign::RedFlag]));
            }),
            (Stalled, &|f| f.stage_since = Some(at(NOW - 30)), &|f| f.stage_since = Some(at(NOW - 29))),
        ];
        assert_eq!(kinds(&healthy()), []);
        for (kind, warns, does_not) in cases {
            let changed = |change: &dyn Fn(&mut Facts)| {
                let mut facts = healthy();
                change(&mut facts);
                facts
            };
            assert!(kinds(&changed(warns)).contains(&kind), "{kind:?} {:?}", kinds(&changed(warns)));
            assert!(!kinds(&changed(does_not)).contains(&kind), "{kind:?} {:?}", kinds(&changed(does_not)));
            let closed = Facts { status: Status::Lost, ..changed(warns) };
            assert_eq!(kinds(&closed), []);
            let off: Vec<Rule> = usual().into_iter().map(|rule| Rule { enabled: rule.kind != kind, ..rule }).collect();
            assert!(!kinds_by(&changed(warns), &off).contains(&kind), "{kind:?} is off");
        }
    }

    #[test]
    fn a_threshold_moves_the_warning_and_links_lead_to_what_it_rests_on() {
        let facts = healthy();
        let stricter: Vec<Rule> = usual()
            .into_iter()
            .map(|rule| if rule.kind == WarningKind::Stalled { Rule { threshold: 5, ..rule } } else { rule })
            .collect();
        assert_eq!(kinds_by(&facts, &stricter), [WarningKind::Stalled]);
        let mut facts = healthy();
        facts.calls.iter_mut().for_each(|call| call.at = at(NOW - 12));
        let found = warnings(&facts, &usual(), at(NOW), at(NOW).date_naive());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "No answer from the customer for 12 days, while we wrote 1 time.");
        assert_eq!(found[0].links, [Link::Email { email_id: Uuid::from_u128(3) }]);
    }
}
