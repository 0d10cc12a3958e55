//! Who is in the call: agents with a stable skill and way of speaking, customers with a stable name and firm.

use crate::bank::{BANKS, Bank};
use crate::dice::{Dice, mix};
use crate::team::Skills;
use crate::template::Slots;
use crate::voice::Voice;
use crate::{CallKind, SynthOptions};

/// What the draws of a [`Dice`] are for.
const AGENT: u64 = 1;
const CUSTOMER: u64 = 2;

/// Steps coprime to the sizes of the id ranges, so that different numbers never share an id.
pub(crate) const CALL_STEP: u64 = 48_271;
const AGENT_STEP: u64 = 7;
pub(crate) const CUSTOMER_STEP: u64 = 7_919;

/// Somebody on our side.
pub(crate) struct Agent {
    pub(crate) external_id: String,
    pub(crate) first: &'static str,
    pub(crate) full_name: String,
    /// The mail address of a known rep.
    pub(crate) email: Option<String>,
    /// On the day of the call.
    pub(crate) skills: Skills,
    pub(crate) voice: Voice,
    /// Which scenario the agent works in, as an index to be taken modulo the number of scenarios.
    desk: usize,
}

/// Somebody on the other side.
pub(crate) struct Customer {
    pub(crate) external_id: String,
    pub(crate) first: &'static str,
    pub(crate) full_name: String,
    /// The mail address of a known contact.
    pub(crate) email: Option<String>,
    pub(crate) voice: Voice,
    /// Picks the customer's firm among those of a scenario.
    pub(crate) firm: usize,
}

/// An id of fixed width that differs for all numbers below `span`.
pub(crate) fn external_id(prefix: &str, low: u64, span: u64, step: u64, seed: u64, number: u64) -> String {
    format!("{prefix}_{}", low + (mix(seed) % span + number % span * step) % span)
}

pub(crate) fn call_id(seed: u64, number: u32) -> String {
    external_id("CALL", 10_000_000, 90_000_000, CALL_STEP, seed, u64::from(number))
}

impl Agent {
    pub(crate) fn new(options: &SynthOptions, number: usize) -> Self {
        let mut dice = Dice::new(options.seed, AGENT, number as u64);
        let first = dice.pick(&BANKS.first_names);
        let last = dice.pick(&BANKS.last_names);
        let own_skill = dice.between(0.1, 0.98);
        Self {
            external_id: external_id("AGENT", 1000, 9000, AGENT_STEP, options.seed, number as u64),
            first,
            full_name: format!("{first} {last}"),
            email: None,
            skills: Skills::all(options.skill.map_or(own_skill, |skill| skill.clamp(0.0, 1.0))),
            voice: Voice::draw(&mut dice),
            desk: dice.below(usize::MAX),
        }
    }

    /// The rep of this number when a share of the days has passed; each has a line of business of their own, as far as there are enough.
    pub(crate) fn known(options: &SynthOptions, number: usize, passed: f64) -> Self {
        let rep = &options.reps[number];
        Self {
            first: rep.person.first,
            full_name: rep.person.name(),
            email: Some(rep.person.email()),
            skills: rep.skills(passed),
            desk: number,
            ..Self::new(options, number)
        }
    }

    /// The scenario in which the agent works.
    pub(crate) fn scenario(&self, kind: CallKind) -> (usize, &'static Bank) {
        let banks = match kind {
            CallKind::Sales => &BANKS.sales,
            CallKind::Service => &BANKS.service,
        };
        let at = self.desk % banks.len();
        (at, &banks[at])
    }
}

impl Customer {
    pub(crate) fn new(options: &SynthOptions, number: usize, agent: &Agent) -> Self {
        let mut dice = Dice::new(options.seed, CUSTOMER, number as u64);
        let mut first = dice.pick(&BANKS.first_names);
        if first == agent.first {
            // Two people of one name in a call would be hard to tell apart; the middle name it is.
            let at = BANKS.first_names.iter().position(|name| *name == first).unwrap_or(0);
            first = BANKS.first_names[(at + 1) % BANKS.first_names.len()];
        }
        let last = dice.pick(&BANKS.last_names);
        Self {
            external_id: external_id("CUST", 100_000, 900_000, CUSTOMER_STEP, options.seed, number as u64),
            first,
            full_name: format!("{first} {last}"),
            email: None,
            voice: Voice::draw(&mut dice),
            firm: dice.below(usize::MAX),
        }
    }
}

/// The number of a customer in the agent's line of business: every firm has one trade, so a trade's customers are those whose
/// number leaves the same remainder.
pub(crate) fn customer_number(options: &SynthOptions, kind: CallKind, scenario: usize, dice: &mut Dice) -> usize {
    let customers = options.customers.max(1) as usize;
    let trades = BANKS.sales.len();
    if kind == CallKind::Service || customers < trades {
        return dice.below(customers);
    }
    let of_this_trade = (customers - scenario).div_ceil(trades);
    scenario + trades * dice.below(of_this_trade)
}

/// The firm and what is talked about with it, such as "Copper Kettle Kitchens: staff planning".
pub(crate) fn title(scenario: &Bank, company: Option<&str>) -> Option<String> {
    let (_, topics) = scenario.slots.iter().find(|(name, _)| *name == "topic")?;
    Some(format!("{}: {}", company?, topics.first()?))
}

/// The slots that name people and firms.
pub(crate) fn slots(
    agent: &Agent,
    customer: &Customer,
    scenario: &'static Bank,
    start_time: &str,
    dice: &mut Dice,
) -> Slots {
    let mut slots = Slots::default();
    // The hour stands at a fixed place in RFC 3339.
    slots.set("greeting", if start_time[11..13] < *"12" { "Good morning" } else { "Good afternoon" });
    slots.set("rep", agent.first);
    slots.set("cust", customer.first);
    slots.set("cust_full", customer.full_name.as_str());
    if let Some((name, firms)) = scenario.slots.iter().find(|(name, _)| *name == "company") {
        slots.set(name, firms[customer.firm % firms.len()]);
    }
    let mut others = BANKS.first_names.iter().filter(|name| **name != agent.first && **name != customer.first);
    let at = dice.below(BANKS.first_names.len() - 4);
    slots.set("colleague", *others.nth(at).expect("there are more names than people"));
    let surname = dice.pick(&BANKS.last_names);
    let first = *others.next().expect("two names are left behind the colleague's");
    slots.set("colleague2", format!("{first} {surname}"));
    slots
}
