//! A call is performed: planned, worded, spoken, written down and judged.

use crate::bank::{BANKS, Bank};
use crate::cast::{Agent, Customer};
use crate::dice::Dice;
use crate::sales::{self, Habits};
use crate::script::Script;
use crate::template::Slots;
use crate::voice::{self, Spoken};
use crate::{CallKind, SynthCall, service, truth};
use transcript::formats::{Builder, Found};
use transcript::{Format, Participant, Side, Transcript};

/// Who meets whom, when and about what.
pub(crate) struct Scene<'a> {
    pub(crate) external_id: String,
    pub(crate) agent: &'a Agent,
    pub(crate) customer: &'a Customer,
    /// Somebody with the customer, who speaks with a voice much like it.
    pub(crate) guest: Option<&'a Customer>,
    pub(crate) kind: CallKind,
    pub(crate) scenario: &'static Bank,
    pub(crate) start_time: String,
    pub(crate) title: Option<String>,
}

impl Scene<'_> {
    /// The call; `slots` hold the cast, `habits` what the plan of a sales call must not decide itself.
    pub(crate) fn perform(self, slots: Slots, habits: &Habits, dice: &mut Dice) -> SynthCall {
        let company = slots.has("company").then(|| slots.get("company").to_owned());
        let common = match self.kind {
            CallKind::Sales => &BANKS.sales_common,
            CallKind::Service => &BANKS.service_common,
        };
        let skills = self.agent.skills;
        let mut script = Script::new(dice, slots, self.scenario, common);
        match self.kind {
            CallKind::Sales => sales::plan(&mut script, skills, habits),
            CallKind::Service => service::plan(&mut script, skills.mean()),
        }
        let utterances = script.utterances;
        let reflection = habits.reflection().unwrap_or(skills.objection_handling);
        let spoken = voice::speak(utterances, self.agent.voice, self.customer.voice, reflection, dice);

        let (mut transcript, tags) = self.write_down(spoken);
        transcript.title = self.title;
        let header = truth::Header {
            external_id: self.external_id.clone(),
            agent_id: self.agent.external_id.clone(),
            customer_id: self.customer.external_id.clone(),
            kind: self.kind,
            agent_skill: skills.mean(),
        };
        let truth = truth::judge(header, &transcript, &tags);
        let end_ms = transcript.span_ms().map_or(0, |(_, end)| end);
        SynthCall {
            external_id: self.external_id,
            agent_id: self.agent.external_id.clone(),
            customer_id: self.customer.external_id.clone(),
            language: "en",
            start_time: self.start_time,
            duration_seconds: end_ms.div_ceil(1000) as u32,
            kind: self.kind,
            company,
            transcript,
            truth,
        }
    }

    /// The transcript of what was spoken, and the tags of each of its segments.
    fn write_down(&self, spoken: Vec<Spoken>) -> (Transcript, Vec<Vec<&'static str>>) {
        let mut builder = Builder::new(Format::Json);
        let mut participant = |name: &str, side, id: &str, email: &Option<String>| {
            builder.participant(Participant {
                name: name.to_owned(),
                side: Some(side),
                email: email.clone(),
                external_id: Some(id.to_owned()),
                ..Participant::default()
            })
        };
        let Agent { full_name, external_id, email, .. } = self.agent;
        let internal = participant(full_name, Side::Internal, external_id, email);
        let mut of = |customer: &Customer| {
            participant(&customer.full_name, Side::External, &customer.external_id, &customer.email)
        };
        let external = of(self.customer);
        let guest = self.guest.map_or(external, of);
        let mut all_tags = Vec::with_capacity(spoken.len());
        for Spoken { side, is_guests, start_ms, end_ms, text, tags } in spoken {
            let speaker = Some(match side {
                Side::Internal => internal,
                Side::External if is_guests => guest,
                Side::External => external,
            });
            builder
                .push(0, Found { speaker, start_ms: Some(start_ms), end_ms: Some(end_ms), text, ..Found::default() });
            all_tags.push(tags);
        }
        let call = builder.call();
        call.external_id = Some(self.external_id.clone());
        call.started_at = Some(self.start_time.clone());
        call.language = Some("en".to_owned());
        call.separate_channels = true;
        let transcript = builder.finish().expect("every plan begins with a greeting");
        (transcript, all_tags)
    }
}
