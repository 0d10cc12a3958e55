//! Which deals a call belongs to: by what its source says, else by mail domains and dates.

use super::mail::belongs;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use uuid::Uuid;

/// How long after a call a deal may have been opened, and how long before it may have been closed, to have it.
const SLACK: TimeDelta = TimeDelta::days(14);

/// A deal that a call may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The deal.
    pub id: Uuid,
    /// Mail domains of its firm.
    pub domains: BTreeSet<String>,
    /// Whose it is.
    pub owner: Option<Uuid>,
    /// When it was opened; not known for some.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it was won or lost; `None` while it is open.
    pub closed_at: Option<DateTime<Utc>>,
}

/// What tells of a call which deals it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    /// When it was.
    pub at: DateTime<Utc>,
    /// Whose it is.
    pub rep: Option<Uuid>,
    /// Mail domains of those who are not ours.
    pub domains: BTreeSet<String>,
}

impl Candidate {
    /// Whether something of this time can belong to it: it was open then, opened up to 14 days after, or closed up to 14 days before.
    pub fn has(&self, at: DateTime<Utc>) -> bool {
        self.opened_at.is_none_or(|opened| opened - SLACK <= at)
            && self.closed_at.is_none_or(|closed| at <= closed + SLACK)
    }

    fn knows(&self, domains: &BTreeSet<String>) -> bool {
        domains.iter().any(|domain| self.domains.iter().any(|firm| belongs(domain, firm)))
    }
}

/// The deals to which a call belongs by mail domains and dates. Where its rep owns some of them these are meant; of those that were open when it was, and
/// others, those that were.
pub fn inferred(call: &Traits, candidates: &[Candidate]) -> Vec<Uuid> {
    let mut found: Vec<&Candidate> =
        candidates.iter().filter(|deal| deal.has(call.at) && deal.knows(&call.domains)).collect();
    let narrow = |found: &mut Vec<&Candidate>, better: &dyn Fn(&Candidate) -> bool| {
        if found.iter().any(|deal| better(deal)) {
            found.retain(|deal| better(deal));
        }
    };
    narrow(&mut found, &|deal| call.rep.is_some() && deal.owner == call.rep);
    narrow(&mut found, &|deal| {
        deal.opened_at.is_none_or(|opened| opened <= call.at) && deal.closed_at.is_none_or(|closed| call.at <= closed)
    });
    found.into_iter().map(|deal| deal.id).collect()
}

/// An id of Salesforce in its long form, which does not depend on case: the 15 signs of the short one and three that say which of them are capitals. What is no
/// short id stays as it is. Source: the description of Salesforce's ids.
pub fn salesforce_id(id: &str) -> String {
    let is_short = id.len() == 15 && id.bytes().all(|sign| sign.is_ascii_alphanumeric());
    if !is_short {
        return id.to_owned();
    }
    let sign = |five: &[u8]| {
        let bits = five.iter().enumerate().filter(|(_, sign)| sign.is_ascii_uppercase());
        let value: u8 = bits.map(|(place, _)| 1 << place).sum();
        char::from(if value < 26 { b'A' + value } else { b'0' + value - 26 })
    };
    let suffix: String = id.as_bytes().chunks(5).map(sign).collect();
    format!("{id}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn deal(id: u128, domain: &str, opened: i64, closed: Option<i64>) -> Candidate {
        Candidate {
            id: Uuid::from_u128(id),
            domains: BTreeSet::from([domain.to_owned()]),
            owner: None,
            opened_at: Some(at(opened)),
            closed_at: closed.map(at),
        }
    }

    fn call(day: i64) -> Traits {
        Traits { at: at(day), rep: None, domains: BTreeSet::from(["acme.example".to_owned()]) }
    }

    fn ids(call: &Traits, candidates: &[Candidate]) -> Vec<u128> {
        inferred(call, candidates).iter().map(Uuid::as_u128).collect()
    }

    #[test]
    fn a_call_belongs_to_a_deal_of_its_firm_fourteen_days_around_its_life() {
        let deals = [deal(1, "acme.example", 100, Some(150)), deal(2, "other.example", 100, None)];
        for (day, expected) in
            [(85, vec![]), (86, vec![1]), (100, vec![1]), (150, vec![1]), (164, vec![1]), (165, vec![])]
        {
            assert_eq!(ids(&call(day), &deals), expected, "day {day}");
        }
        let open = [deal(3, "acme.example", 100, None)];
        assert_eq!(ids(&call(9000), &open), [3]);
        let mail = Traits { domains: BTreeSet::from(["mail.acme.example".to_owned()]), ..call(120) };
        assert_eq!(ids(&mail, &deals), [1]);
        assert_eq!(ids(&Traits { domains: BTreeSet::new(), ..call(120) }, &deals), [] as [u128; 0]);
    }

    #[test]
    fn of_several_the_deal_of_the_rep_and_that_which_was_open_is_meant() {
        let dana = Uuid::from_u128(9);
        let own = Candidate { owner: Some(dana), ..deal(1, "acme.example", 100, None) };
        let other = Candidate { owner: Some(Uuid::from_u128(8)), ..deal(2, "acme.example", 100, None) };
        let over = deal(3, "acme.example", 50, Some(110));
        let with = |rep| Traits { rep, ..call(115) };
        assert_eq!(ids(&with(Some(dana)), &[own.clone(), other.clone(), over.clone()]), [1]);
        assert_eq!(ids(&with(None), &[own, other, over.clone()]), [1, 2], "both are open, the third is over");
        assert_eq!(ids(&with(Some(dana)), &[over]), [3], "what alone is there is meant");
    }

    #[test]
    fn a_short_id_of_salesforce_is_the_long_one() {
        // By the rule: the capitals of each five signs are the bits of a sign out of A–Z, 0–5.
        assert_eq!(salesforce_id("001A0000006Vm9u"), "001A0000006Vm9uIAC");
        assert_eq!(salesforce_id("006000000000001"), "006000000000001AAA");
        assert_eq!(salesforce_id("001A0000006Vm9uIAC"), "001A0000006Vm9uIAC");
        assert_eq!(salesforce_id("12345"), "12345");
    }
}
