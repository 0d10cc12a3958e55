//! Users, and who takes part in a call.

use super::request::{Context, Selector, text, texts, window};
use super::{Desk, errors::Refused};
use crate::world::{For, World, address, users};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use synth::SynthCall;
use transcript::Side;

/// When a user was added.
fn created(desk: &Desk, user: usize) -> DateTime<Utc> {
    desk.settings.begin - TimeDelta::days(400 - 30 * user as i64)
}

/// A user, by the index in [`users`].
pub(super) fn user(desk: &Desk, user: usize) -> Option<Value> {
    let all = users();
    let (person, manager) = all.get(user)?;
    let manager = manager.and_then(|manager| all.iter().position(|(person, _)| *person == manager));
    let mut told = json!({
        "id": desk.world.user_id(user),
        "emailAddress": person.email(),
        "created": created(desk, user).to_rfc3339_opts(SecondsFormat::Millis, true),
        "active": true,
        "emailAliases": [],
        "firstName": person.first,
        "lastName": person.last,
        "title": if manager.is_some() { "Account Executive" } else { "Sales Manager" },
        "phoneNumber": null,
        "extension": null,
        "personalMeetingUrls": [],
        "settings": {
            "webConferencesRecorded": true,
            "preventWebConferenceRecording": false,
            "telephonyCallsImported": true,
            "emailsImported": true,
            "preventEmailImport": false,
            "nonRecordedMeetingsImported": true,
            "gongConnectEnabled": false,
        },
        "managerId": manager.map(|manager| desk.world.user_id(manager)),
        "meetingConsentPageUrl": null,
        "spokenLanguages": [{"language": "en", "primary": true}],
    });
    if user % 3 == 1 {
        told["trustedEmailAddress"] = Value::Null;
        told["emailAliases"] =
            json!([format!("{}.{}@{}", person.first, person.last, synth::team::DOMAIN).to_lowercase()]);
    }
    Some(told)
}

/// The users that a filter means, by their index in [`users`].
pub(super) fn matching(desk: &Desk, body: &Value) -> Result<Vec<usize>, Refused> {
    let filter = body.get("filter").filter(|filter| filter.is_object());
    let filter = filter.ok_or_else(|| Refused::malformed("filter: a JSON object is required"))?;
    let (from, to) = window(text(filter, "createdFromDateTime")?, text(filter, "createdToDateTime")?)?;
    let ids = texts(filter, "userIds")?;
    let fits = |user: &usize| {
        let created = created(desk, *user);
        from.is_none_or(|from| from <= created)
            && to.is_none_or(|to| created < to)
            && ids.as_ref().is_none_or(|ids| ids.contains(&desk.world.user_id(*user)))
    };
    Ok((0..users().len()).filter(fits).collect())
}

/// Somebody in a call, by the index of the transcript.
#[derive(Debug)]
pub(super) struct Speaker {
    /// What monologues name.
    pub(super) id: String,
    /// The party; the customers of some calls have none.
    pub(super) party: Option<String>,
    pub(super) side: Option<Side>,
}

/// Who speaks in a call.
pub(super) fn speakers(world: &World, number: u32, call: &SynthCall) -> Vec<Speaker> {
    let stranger = world.dice(For::Parties, number.into()).chance(0.1);
    let speaker = |(of, participant): (usize, &transcript::Participant)| Speaker {
        id: world.speaker_id(number, of),
        party: (!stranger || participant.side == Some(Side::Internal)).then(|| world.speaker_id(number, of + 4)),
        side: participant.side,
    };
    call.transcript.participants.iter().enumerate().map(speaker).collect()
}

/// Who takes part in a call: those who speak, some of them without a party, and some who never do.
pub(super) fn parties(world: &World, number: u32, call: &SynthCall, selector: &Selector) -> Vec<Value> {
    let user = world.head(number).user;
    let mut dice = world.dice(For::Parties, u64::from(number) + (1 << 40));
    let company = call.company.as_deref().unwrap_or("Nowhere");
    let mut parties = Vec::new();
    for (speaker, participant) in speakers(world, number, call).into_iter().zip(&call.transcript.participants) {
        let Some(party) = speaker.party else { continue };
        let internal = speaker.side == Some(Side::Internal);
        let mail = participant.email.clone().or_else(|| dice.chance(0.8).then(|| address(&participant.name, company)));
        let mut told = json!({
            "id": party,
            "emailAddress": mail,
            "name": participant.name,
            "title": if internal { Value::from("Account Executive") } else { Value::Null },
            "speakerId": speaker.id,
            "affiliation": if internal { "Internal" } else if mail.is_some() { "External" } else { "Unknown" },
            "methods": if dice.chance(0.8) { json!(["Invitee", "Attendee"]) } else { json!(["Attendee"]) },
            "context": contact(call, internal, selector),
        });
        if internal {
            told["userId"] = world.user_id(user).into();
        } else if dice.chance(0.3) {
            told["phoneNumber"] = format!("+44 20 7946 0{:03}", number % 1_000).into();
        }
        parties.push(told);
    }
    if dice.chance(0.35) {
        parties.push(silent(world, number, user, company, dice.chance(0.5)));
    }
    parties
}

/// Somebody who was asked to come and said nothing: who leads the rep, or a colleague of the customer.
fn silent(world: &World, number: u32, user: usize, company: &str, internal: bool) -> Value {
    let all = users();
    let manager = all.get(user).and_then(|(_, manager)| *manager);
    let at = all.iter().position(|(person, _)| Some(*person) == manager);
    let mut party = json!({"id": world.speaker_id(number, 7), "methods": ["Invitee"], "context": []});
    if let (true, Some(at)) = (internal, at) {
        party["name"] = all[at].0.name().into();
        party["emailAddress"] = all[at].0.email().into();
        party["userId"] = world.user_id(at).into();
        party["affiliation"] = "Internal".into();
        // What is absent is absent, or null.
        party["speakerId"] = Value::Null;
    } else {
        party["emailAddress"] = address("Front Desk", company).into();
        party["affiliation"] = "External".into();
    }
    party
}

/// What the CRM knows of somebody.
fn contact(call: &SynthCall, internal: bool, selector: &Selector) -> Value {
    if selector.context == Context::None || internal {
        return json!([]);
    }
    let id = call.customer_id.trim_start_matches("CUST_");
    let mut contact = json!({"objectType": "Contact", "objectId": format!("0035{id:0>11}"), "fields": []});
    if let (Context::Extended, Some(timing)) = (selector.context, selector.timings.first()) {
        contact["fields"] = json!([{"name": "Title", "value": "Head of Operations"}]);
        contact["timing"] = timing.as_str().into();
    }
    json!([{"system": "Salesforce", "objects": [contact]}])
}
