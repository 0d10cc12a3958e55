//! A team with names, whose reps differ in what they are good at and change as the months go by: something true for insights and trends to show.
//!
//! | Rep | What is true of them |
//! |---|---|
//! | Amara Okoro | strong in everything, and stays so |
//! | Callum Keane | knows the product, asks little and lets nobody speak |
//! | Deepa Iyer | new: weak in everything at first, good at the end |
//! | Felix Lindgren | learns to handle objections; asks well all the time |
//! | Rosalind Vasquez | the best at first, loses ground in everything |
//! | Hugo Banerjee | people like to talk to him; knows the product badly |
//! | Noor Haddad | middling, learns to agree a next step |
//! | Theo Naylor | handles objections well, asks less and less |
//!
//! Calls of a team are sales calls. The reps take turns, and the calls of each are spread evenly over the days, so that every month has some.

use crate::SynthOptions;

/// The domain of the team's mail addresses; `example` belongs to nobody (RFC 2606).
pub const DOMAIN: &str = "brightlane.example";

/// What somebody can do in each dimension of the rubric `default`, from 0 (weak) to 1 (strong).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skills {
    /// Finds out what the customer struggles with, and how it is decided.
    pub discovery: f64,
    /// Ties the offer to it, proves what is claimed, answers what is asked.
    pub product_knowledge: f64,
    /// Takes objections up and settles them.
    pub objection_handling: f64,
    /// Lets the customer speak, sums up and agrees a next step.
    pub engagement: f64,
}

/// A name, from which everything else that names the person follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Unique in the team.
    pub first: &'static str,
    /// The family's.
    pub last: &'static str,
}

/// Somebody who calls customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rep {
    /// Who it is.
    pub person: Person,
    /// What they can do on the first day.
    pub from: Skills,
    /// What they can do on the last; in between they change evenly.
    pub to: Skills,
}

/// Reps and who leads them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Team {
    /// What it is called.
    pub name: &'static str,
    /// Who leads it; calls nobody.
    pub manager: Person,
    /// Who calls.
    pub reps: [Rep; 4],
}

/// The teams.
pub const TEAMS: [Team; 2] = [
    Team {
        name: "North",
        manager: Person { first: "Ingrid", last: "Halloran" },
        reps: [
            rep("Amara", "Okoro", [0.86, 0.88, 0.85, 0.87], [0.86, 0.88, 0.85, 0.87]),
            rep("Callum", "Keane", [0.15, 0.9, 0.6, 0.15], [0.15, 0.9, 0.6, 0.15]),
            rep("Deepa", "Iyer", [0.12, 0.1, 0.08, 0.1], [0.8, 0.75, 0.7, 0.8]),
            rep("Felix", "Lindgren", [0.8, 0.6, 0.05, 0.6], [0.8, 0.6, 0.9, 0.6]),
        ],
    },
    Team {
        name: "South",
        manager: Person { first: "Magnus", last: "Quigley" },
        reps: [
            rep("Rosalind", "Vasquez", [0.95, 0.95, 0.95, 0.95], [0.3, 0.35, 0.3, 0.3]),
            rep("Hugo", "Banerjee", [0.7, 0.08, 0.45, 0.95], [0.7, 0.08, 0.45, 0.95]),
            rep("Noor", "Haddad", [0.5, 0.5, 0.5, 0.1], [0.5, 0.5, 0.5, 0.9]),
            rep("Theo", "Naylor", [0.9, 0.6, 0.9, 0.5], [0.1, 0.6, 0.9, 0.5]),
        ],
    },
];

/// Skills in the order of the fields of [`Skills`].
const fn rep(first: &'static str, last: &'static str, from: [f64; 4], to: [f64; 4]) -> Rep {
    Rep { person: Person { first, last }, from: Skills::of(from), to: Skills::of(to) }
}

/// What makes `calls` calls of all reps of [`TEAMS`] from the day of `epoch_s` on, over `days` days. Where a day falls on a weekend the call
/// is on the Friday before, so that none is later than the last day.
pub fn options(seed: u64, calls: u32, epoch_s: u64, days: u32) -> SynthOptions {
    let reps: Vec<Rep> = TEAMS.iter().flat_map(|team| team.reps).collect();
    SynthOptions {
        calls,
        seed,
        service_share: 0.0,
        agents: reps.len() as u32,
        customers: 120,
        epoch_s,
        days,
        reps,
        ..SynthOptions::default()
    }
}

impl Skills {
    /// The same in everything.
    pub const fn all(skill: f64) -> Self {
        Self::of([skill; 4])
    }

    const fn of([discovery, product_knowledge, objection_handling, engagement]: [f64; 4]) -> Self {
        Self { discovery, product_knowledge, objection_handling, engagement }
    }

    /// Each of them changed.
    pub(crate) fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self::of([self.discovery, self.product_knowledge, self.objection_handling, self.engagement].map(change))
    }

    /// The mean; exactly the skill where all are the same.
    pub(crate) fn mean(self) -> f64 {
        ((self.discovery + self.product_knowledge) + (self.objection_handling + self.engagement)) / 4.0
    }
}

impl Rep {
    /// What they can do when this share of the days, 0 to 1, has passed.
    pub fn skills(&self, passed: f64) -> Skills {
        let between = |from: f64, to: f64| from + (to - from) * passed;
        Skills {
            discovery: between(self.from.discovery, self.to.discovery),
            product_knowledge: between(self.from.product_knowledge, self.to.product_knowledge),
            objection_handling: between(self.from.objection_handling, self.to.objection_handling),
            engagement: between(self.from.engagement, self.to.engagement),
        }
    }
}

impl Person {
    /// As transcripts show them.
    pub fn name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    /// Their mail address: the first name, in lower case.
    pub fn email(&self) -> String {
        format!("{}@{DOMAIN}", self.first.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::BANKS;
    use crate::{Expected, SynthCall, generate};
    use std::collections::{BTreeMap, BTreeSet};
    use transcript::{Participant, Side};

    /// Monday, 4 May 2026, and half a year.
    const EPOCH_S: u64 = 1_777_852_800;
    const DAYS: u32 = 182;
    /// Checks that show a dimension, of those that [`Skills`] decides alone.
    const SHOWING: [(&str, &[&str]); 4] = [
        ("discovery", &["agenda_set", "pain_followed_up", "decision_process"]),
        ("product_knowledge", &["proof_given", "answered_directly"]),
        ("objection_handling", &["objection_acknowledged", "objection_clarified", "objection_evidence"]),
        ("engagement", &["recap_given", "next_step_dated", "customer_agreed"]),
    ];

    fn calls(calls: u32) -> Vec<SynthCall> {
        generate(&options(1, calls, EPOCH_S, DAYS)).collect()
    }

    fn rep_of(call: &SynthCall) -> &Participant {
        let internal = call.transcript.participants.iter().find(|person| person.side == Some(Side::Internal));
        internal.expect("a rep is in every call")
    }

    /// Share of the checks of a dimension that are met, by rep and dimension.
    fn met(calls: &[SynthCall]) -> BTreeMap<(String, &'static str), f64> {
        let mut counts: BTreeMap<_, (f64, f64)> = BTreeMap::new();
        for call in calls {
            let rep = rep_of(call).name.clone();
            for (dimension, checks) in SHOWING {
                for verdict in call.truth.verdicts.iter().filter(|verdict| checks.contains(&verdict.check.as_str())) {
                    let entry = counts.entry((rep.clone(), dimension)).or_default();
                    entry.0 += f64::from(u8::from(verdict.verdict == Expected::Met));
                    entry.1 += f64::from(u8::from(matches!(verdict.verdict, Expected::Met | Expected::Unmet)));
                }
            }
        }
        counts.into_iter().map(|(key, (met, all))| (key, met / all)).collect()
    }

    #[test]
    fn every_rep_calls_as_often_and_in_every_month() {
        let mut months: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for call in calls(400) {
            let rep = rep_of(&call);
            assert!(rep.email.as_deref().is_some_and(|email| email.ends_with(&format!("@{DOMAIN}"))), "{rep:?}");
            assert!(call.company.is_some() && call.transcript.title.is_some(), "{}", call.external_id);
            months.entry(rep.name.clone()).or_default().push(call.start_time[..7].to_owned());
        }
        let names: BTreeSet<String> = TEAMS.iter().flat_map(|team| team.reps).map(|rep| rep.person.name()).collect();
        assert_eq!(months.keys().cloned().collect::<BTreeSet<_>>(), names);
        for (rep, months) in months {
            assert_eq!(months.len(), 50, "{rep}");
            let all: BTreeSet<&str> = months.iter().map(String::as_str).collect();
            let half_a_year = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"];
            assert!(half_a_year.iter().all(|month| all.contains(month)), "{rep}: {all:?}");
            assert!(months.is_sorted(), "{rep}");
        }
    }

    #[test]
    fn what_is_said_of_the_reps_shows_in_their_calls() {
        let thirds: Vec<_> = calls(1200).chunks(400).map(met).collect();
        for rep in TEAMS.iter().flat_map(|team| team.reps) {
            let dimension = |skills: Skills| {
                [skills.discovery, skills.product_knowledge, skills.objection_handling, skills.engagement]
            };
            for (at, (name, _)) in SHOWING.iter().enumerate() {
                let key = (rep.person.name(), *name);
                let change = dimension(rep.to)[at] - dimension(rep.from)[at];
                let seen = thirds[2][&key] - thirds[0][&key];
                match change {
                    up if up > 0.3 => assert!(seen > 0.15, "{key:?}: {seen}"),
                    down if down < -0.3 => assert!(seen < -0.15, "{key:?}: {seen}"),
                    _ => assert!(seen.abs() < 0.2, "{key:?}: {seen}"),
                }
                let at_first = dimension(rep.from)[at];
                assert!((thirds[0][&key] - at_first).abs() < 0.35, "{key:?}: {} for {at_first}", thirds[0][&key]);
            }
        }
    }

    #[test]
    fn names_are_those_that_the_banks_know() {
        let people = TEAMS.iter().flat_map(|team| team.reps.map(|rep| rep.person).into_iter().chain([team.manager]));
        let (mut firsts, mut count) = (BTreeSet::new(), 0);
        for person in people {
            // So that no customer of theirs is called the same.
            assert!(BANKS.first_names.contains(&person.first), "{}", person.first);
            firsts.insert(person.first);
            count += 1;
        }
        assert_eq!(firsts.len(), count);
    }
}
