//! Transcripts as the API tells them, with the oddities of the real thing.

use super::Desk;
use super::errors::Refused;
use super::graphql::Field;
use super::schema::Arguments;
use crate::world::{For, address, users};
use chrono::SecondsFormat;
use serde_json::{Value, json};
use std::cmp::Reverse;
use synth::SynthCall;

/// The most that are listed at a time.
const MOST: i64 = 50;

/// `transcripts(limit, skip, fromDate, toDate)`: those of calls that began between the dates, newest first.
pub(super) fn list(desk: &Desk, arguments: &Arguments, field: &Field) -> Result<Value, Refused> {
    let (limit, skip) = (arguments.number("limit").unwrap_or(MOST), arguments.number("skip").unwrap_or(0));
    if !(1..=MOST).contains(&limit) {
        return Err(Refused::argument("limit", "limit must not be less than 1 nor greater than 50"));
    }
    let skip = usize::try_from(skip).map_err(|_| Refused::argument("skip", "skip must not be less than 0"))?;
    let (from, to) = (arguments.moment("fromDate")?, arguments.moment("toDate")?);
    let started = |number: u32| desk.world.head(number).started;
    let mut numbers: Vec<u32> = desk
        .world
        .around(from, to, desk.world.finished(desk.now()))
        .filter(|number| from.is_none_or(|from| from <= started(*number)) && to.is_none_or(|to| started(*number) <= to))
        .collect();
    numbers.sort_by_key(|number| Reverse((started(*number), *number)));
    Ok(numbers.into_iter().skip(skip).take(limit as usize).map(|number| tell(desk, number, field)).collect())
}

/// `transcript(id)`
pub(super) fn get(desk: &Desk, arguments: &Arguments, field: &Field) -> Result<Value, Refused> {
    let there = desk.world.finished(desk.now());
    let number = arguments.text("id").and_then(|id| desk.number(id)).filter(|number| *number < there);
    number.map(|number| tell(desk, number, field)).ok_or_else(|| Refused::not_found("Transcript"))
}

/// `user`: who leads the first team, to whom the key belongs.
pub(super) fn user(desk: &Desk, arguments: &Arguments) -> Result<Value, Refused> {
    let (index, person) = users()
        .iter()
        .enumerate()
        .find_map(|(index, (_, manager))| Some((index, (*manager)?)))
        .expect("somebody leads the team");
    let id = desk.world.user_id(index);
    if arguments.text("id").is_some_and(|asked| asked != id) {
        return Err(Refused::not_found("User"));
    }
    Ok(json!({
        "user_id": id,
        "name": person.name(),
        "email": person.email(),
        "num_transcripts": desk.written(),
        "minutes_consumed": 1_200.5,
        "is_admin": true,
        "integrations": ["zoom"],
    }))
}

fn tell(desk: &Desk, number: u32, field: &Field) -> Value {
    let (id, call, head) = (desk.id(number), desk.world.call(number), desk.world.head(number));
    let mut dice = desk.world.dice(For::Details, number.into());
    let iso = head.started.to_rfc3339_opts(SecondsFormat::Millis, true);
    let date = if dice.chance(0.25) { iso.clone().into() } else { Value::from(head.started.timestamp_millis()) };
    let rep = users()[head.user].0.email();
    let (organized, listed, joined, as_text) =
        (dice.chance(0.9), dice.chance(0.85), dice.chance(0.2), dice.chance(0.5));
    let company = call.company.as_deref().unwrap_or("Nowhere");
    let people: Vec<(&str, Option<String>)> = call
        .transcript
        .participants
        .iter()
        .map(|participant| {
            let invented = || dice.chance(0.8).then(|| address(&participant.name, company));
            (participant.name.as_str(), participant.email.clone().or_else(invented))
        })
        .collect();
    let emails: Vec<&str> = people.iter().filter_map(|(_, email)| email.as_deref()).collect();
    let attendee = |(name, email): &(&str, Option<String>)| {
        // Whose calendar has no name for somebody has it as `name`, or not at all.
        let display = email.is_some().then_some(*name);
        json!({"displayName": display, "email": email, "phoneNumber": null, "name": display.is_none().then_some(*name), "location": null})
    };
    let mut told = json!({
        "id": id,
        "title": call.transcript.title.as_deref().unwrap_or("Call"),
        "date": date,
        "dateString": iso,
        "duration": f64::from(head.duration_s) / 60.0,
        "organizer_email": organized.then_some(&rep),
        "host_email": rep,
        "participants": if joined { json!([emails.join(",")]) } else { json!(emails) },
        "privacy": "teammates",
        "transcript_url": format!("https://app.fireflies.ai/view/{id}"),
        "meeting_link": format!("https://meet.example/j/{number}"),
        "meeting_attendees": if listed { people.iter().map(attendee).collect() } else { Value::Null },
        "speakers": people.iter().enumerate().map(|(id, (name, _))| json!({"id": id, "name": name})).collect::<Value>(),
    });
    // A list without its words is made without them.
    if field.fields.iter().any(|field| field.name == "sentences") {
        told["sentences"] = if number < desk.written() { sentences(&call, as_text) } else { Value::Null };
    }
    told
}

/// Who says what when, in seconds: as numbers, or as texts, as the schema has it.
fn sentences(call: &SynthCall, as_text: bool) -> Value {
    let seconds = |ms: Option<u64>| {
        let seconds = ms.unwrap_or_default() as f64 / 1000.0;
        if as_text { Value::from(seconds.to_string()) } else { Value::from(seconds) }
    };
    let sentence = |(index, segment): (usize, &transcript::Segment)| {
        let name =
            segment.speaker.and_then(|speaker| call.transcript.participants.get(speaker)).map(|person| &person.name);
        json!({
            "index": index, "speaker_id": segment.speaker, "speaker_name": name, "text": segment.text, "raw_text": segment.text,
            "start_time": seconds(segment.start_ms), "end_time": seconds(segment.end_ms),
        })
    };
    call.transcript.segments.iter().enumerate().map(sentence).collect()
}
