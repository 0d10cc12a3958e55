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
mod dice;
mod sales;
mod script;
mod service;
pub mod team;
mod template;
mod truth;
mod voice;
mod when;

pub use truth::{Expected, Mark, Truth, Verdict};

use bank::BANKS;
use cast::{Agent, Customer};
use dice::Dice;
use script::Script;
use serde::{Deserialize, Serialize};
use team::Rep;
use transcript::formats::{Builder, Found};
use transcript::{Format, Participant, Side, Transcript};

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
    let company = slots.has("company").then(|| slots.get("company").to_owned());
    let common = match kind {
        CallKind::Sales => &BANKS.sales_common,
        CallKind::Service => &BANKS.service_common,
    };
    let mut script = Script::new(&mut dice, slots, scenario, common);
    match kind {
        CallKind::Sales => sales::plan(&mut script, agent.skills),
        CallKind::Service => service::plan(&mut script, agent.skills.mean()),
    }
    let utterances = script.utterances;
    let spoken = voice::speak(utterances, agent.voice, customer.voice, agent.skills.objection_handling, &mut dice);

    let external_id = cast::call_id(options.seed, number);
    let (mut transcript, tags) = write_down(spoken, &agent, &customer, &external_id, &start_time);
    if agent.email.is_some() {
        // Calls of known reps are to be shown in lists.
        transcript.title = cast::title(scenario, company.as_deref());
    }
    let header = truth::Header {
        external_id: external_id.clone(),
        agent_id: agent.external_id.clone(),
        customer_id: customer.external_id.clone(),
        kind,
        agent_skill: agent.skills.mean(),
    };
    let truth = truth::judge(header, &transcript, &tags);
    let end_ms = transcript.span_ms().map_or(0, |(_, end)| end);
    SynthCall {
        external_id,
        agent_id: agent.external_id,
        customer_id: customer.external_id,
        language: "en",
        start_time,
        duration_seconds: end_ms.div_ceil(1000) as u32,
        kind,
        company,
        transcript,
        truth,
    }
}

/// Whose turn it is among the known reps, and which share of the days has passed: each rep's calls are spread evenly.
fn turn(options: &SynthOptions, number: u32, dice: &mut Dice) -> (usize, f64) {
    let reps = options.reps.len() as u32;
    let (round, rep) = (number / reps, number % reps);
    let passed = (f64::from(round) + dice.unit()) / f64::from(options.calls.div_ceil(reps));
    (rep as usize, passed.min(1.0))
}

/// The transcript of what was spoken, and the tags of each of its segments.
fn write_down(
    spoken: Vec<voice::Spoken>,
    agent: &Agent,
    customer: &Customer,
    external_id: &str,
    start_time: &str,
) -> (Transcript, Vec<Vec<&'static str>>) {
    let mut builder = Builder::new(Format::Json);
    let mut participant = |name: &str, side, id: &str, email: Option<String>| {
        builder.participant(Participant {
            name: name.to_owned(),
            side: Some(side),
            email,
            external_id: Some(id.to_owned()),
            ..Participant::default()
        })
    };
    let internal = participant(&agent.full_name, Side::Internal, &agent.external_id, agent.email.clone());
    let external = participant(&customer.full_name, Side::External, &customer.external_id, None);
    let mut all_tags = Vec::with_capacity(spoken.len());
    for voice::Spoken { side, start_ms, end_ms, text, tags } in spoken {
        let speaker = Some(if side == Side::Internal { internal } else { external });
        builder.push(0, Found { speaker, start_ms: Some(start_ms), end_ms: Some(end_ms), text, ..Found::default() });
        all_tags.push(tags);
    }
    let call = builder.call();
    call.external_id = Some(external_id.to_owned());
    call.started_at = Some(start_time.to_owned());
    call.language = Some("en".to_owned());
    call.separate_channels = true;
    let transcript = builder.finish().expect("every plan begins with a greeting");
    (transcript, all_tags)
}

#[cfg(test)]
mod tests;
