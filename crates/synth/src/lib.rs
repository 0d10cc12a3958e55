//! Synthetic calls with known truth: sales and service conversations by stronger and weaker agents.
//!
//! A call is planned first (which beats, and how well each goes) and worded second, from hand-written exchanges in `data/`. The truth
//! follows from the plan; what is measured (questions, monologues, silences) is counted in the finished call. Call `n` depends only on
//! the options and `n`, so calls can be made alone, in any order, or in parallel. No clock and no file is touched.
//!
//! ```
//! let options = synth::SynthOptions { calls: 2, ..Default::default() };
//! let calls: Vec<_> = synth::generate(&options).collect();
//! assert_eq!(calls[1], synth::call(&options, 1));
//! assert!(calls[0].external_id.starts_with("CALL_"));
//! ```

mod bank;
mod cast;
pub mod deals;
mod dice;
mod sales;
mod scene;
mod script;
mod service;
pub mod team;
mod template;
mod truth;
mod voice;
mod when;

pub use truth::{Expected, Mark, Truth, Verdict};

use cast::{Agent, Customer};
use dice::Dice;
use sales::Habits;
use scene::Scene;
use serde::{Deserialize, Serialize};
use team::Rep;
use transcript::Transcript;

/// What the draws of a call's own [`Dice`] are for.
const CALL: u64 = 3;

/// What a call is about, which decides the rubric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// A rep and a prospect; rubric `default`.
    Sales,
    /// An agent and a caller with a request; rubric `service`.
    Service,
}

/// What to make. The same options give the same calls, byte for byte.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthOptions {
    /// How many calls [`generate`] makes.
    pub calls: u32,
    /// Everything is drawn from this.
    pub seed: u64,
    /// Skill of every agent, 0 (weak) to 1 (strong), in place of each agent's own.
    pub skill: Option<f64>,
    /// Share of service calls, 0 to 1; the rest are sales calls.
    pub service_share: f64,
    /// How many agents there are, 1 to 9,000 (that is how many ids of four digits there are).
    pub agents: u32,
    /// How many customers there are, 1 to 900,000.
    pub customers: u32,
    /// First day of the calls, in seconds since 1970 (UTC); calls fall on the working hours of the days from there.
    pub epoch_s: u64,
    /// How many days; at the end calls of a weekend fall on the Monday after.
    pub days: u32,
    /// Who calls, in place of drawn agents; see [`team`].
    pub reps: Vec<Rep>,
}

impl Default for SynthOptions {
    /// A hundred calls, a third of them service, by 12 agents with 200 customers, in the 90 days from 5 January 2026.
    fn default() -> Self {
        Self {
            calls: 100,
            seed: 1,
            skill: None,
            service_share: 1.0 / 3.0,
            agents: 12,
            customers: 200,
            epoch_s: 1_767_571_200,
            days: 90,
            reps: Vec::new(),
        }
    }
}

/// A call and what is true of it.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthCall {
    /// `CALL_12345678`; different for each of the first 90 million calls of a seed.
    pub external_id: String,
    /// `AGENT_1234`.
    pub agent_id: String,
    /// `CUST_123456`.
    pub customer_id: String,
    /// Always `en`.
    pub language: &'static str,
    /// RFC 3339, UTC, whole minutes.
    pub start_time: String,
    /// Seconds from the start of the recording to the last word, rounded up.
    pub duration_seconds: u32,
    /// Sales or service.
    pub kind: CallKind,
    /// The firm that the customer speaks for, in sales calls.
    pub company: Option<String>,
    /// What was said, with measured times and the side of each participant.
    pub transcript: Transcript,
    /// What a careful coach would find.
    pub truth: Truth,
}

/// The calls of these options in order.
pub fn generate(options: &SynthOptions) -> impl Iterator<Item = SynthCall> {
    (0..options.calls).map(move |number| call(options, number))
}

/// Call `number` of these options, counted from 0.
pub fn call(options: &SynthOptions, number: u32) -> SynthCall {
    let mut dice = Dice::new(options.seed, CALL, u64::from(number));
    let kind = if dice.chance(options.service_share) { CallKind::Service } else { CallKind::Sales };
    let (agent, day) = if options.reps.is_empty() {
        (Agent::new(options, dice.below(options.agents.max(1) as usize)), None)
    } else {
        let (rep, passed) = turn(options, number, &mut dice);
        (Agent::known(options, rep, passed), Some(when::workday_within(options.epoch_s, options.days, passed)))
    };
    let (at, scenario) = agent.scenario(kind);
    let customer = Customer::new(options, cast::customer_number(options, kind, at, &mut dice), &agent);
    let day = day.unwrap_or_else(|| when::workday(options.epoch_s, options.days, &mut dice));
    let start_time = when::working_minute(day, &mut dice);

    let slots = cast::slots(&agent, &customer, scenario, &start_time, &mut dice);
    // Calls of known reps are to be shown in lists.
    let company = slots.has("company").then(|| slots.get("company"));
    let title = agent.email.as_ref().and_then(|_| cast::title(scenario, company));
    let external_id = cast::call_id(options.seed, number);
    let scene =
        Scene { external_id, agent: &agent, customer: &customer, guest: None, kind, scenario, start_time, title };
    scene.perform(slots, &Habits::default(), &mut dice)
}

/// Whose turn it is among the known reps, and which share of the days has passed: each rep's calls are spread evenly.
fn turn(options: &SynthOptions, number: u32, dice: &mut Dice) -> (usize, f64) {
    let reps = options.reps.len() as u32;
    let (round, rep) = (number / reps, number % reps);
    let passed = (f64::from(round) + dice.unit()) / f64::from(options.calls.div_ceil(reps));
    (rep as usize, passed.min(1.0))
}

#[cfg(test)]
mod tests;
