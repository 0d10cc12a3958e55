//! Calls as the API tells them: in brief, at length, in words.

use super::content::Content;
use super::errors::Refused;
use super::page::{Turn, hex};
use super::people;
use super::request::{Context, Filter, Selector, window};
use super::{Asking, Desk, crm};
use crate::Fault;
use crate::world::{For, Head};
use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use synth::SynthCall;

/// How long the address of a recording lives.
const MEDIA: TimeDelta = TimeDelta::hours(8);

/// `GET /v2/calls`
pub(super) fn list(desk: &Desk, asking: &Asking<'_>) -> Result<Value, Refused> {
    let (from, to) = window(asking.parameter("fromDateTime"), asking.parameter("toDateTime"))?;
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Refused::malformed("fromDateTime and toDateTime are required"));
    };
    let workspace = asking.parameter("workspaceId").map(str::to_owned);
    let filter = Filter { from: Some(from), to: Some(to), workspace, ..Filter::default() };
    let turn = asking.turn(desk)?;
    let (mut answer, numbers) = page(desk, &filter, &turn, u32::MAX)?;
    answer["calls"] = numbers.iter().map(|number| brief(desk, *number, asking.faults)).collect();
    Ok(answer)
}

/// `GET /v2/calls/{id}`
pub(super) fn get(desk: &Desk, id: &str, asking: &Asking<'_>) -> Result<Value, Refused> {
    let there = desk.world.finished(desk.now());
    let number = desk.world.number(id).filter(|number| *number < there).ok_or_else(|| Refused::not_found("Call"))?;
    Ok(json!({"call": brief(desk, number, asking.faults)}))
}

/// `POST /v2/calls/extensive`
pub(super) fn extensive(desk: &Desk, asking: &Asking<'_>) -> Result<Value, Refused> {
    let (filter, mut selector) = (Filter::read(&asking.body)?, Selector::read(&asking.body)?);
    selector.media = selector.media && asking.who.may_see_media();
    let turn = asking.turn(desk)?;
    let (mut answer, numbers) = page(desk, &filter, &turn, u32::MAX)?;
    answer["calls"] = numbers.iter().map(|number| at_length(desk, *number, &selector, asking.faults)).collect();
    Ok(answer)
}

/// `POST /v2/calls/transcript`
pub(super) fn transcript(desk: &Desk, asking: &Asking<'_>) -> Result<Value, Refused> {
    let filter = Filter::read(&asking.body)?;
    let turn = asking.turn(desk)?;
    let after = TimeDelta::from_std(desk.settings.transcript_after).unwrap_or(TimeDelta::MAX);
    let written = turn.as_of.checked_sub_signed(after).map_or(0, |by| desk.world.finished(by));
    let (mut answer, numbers) = page(desk, &filter, &turn, written)?;
    let told = |number: &u32| {
        let call = desk.world.call(*number);
        let speakers = people::speakers(&desk.world, *number, &call);
        let mut told =
            json!({"callId": desk.world.id(*number), "transcript": Content::of(&call, &speakers).transcript()});
        unheard(desk, *number, asking.faults, &mut told);
        told
    };
    answer["callTranscripts"] = numbers.iter().map(told).collect();
    Ok(answer)
}

/// `records` of the page of the calls that a filter means, and their numbers, of which only those `below` this are meant.
fn page(desk: &Desk, filter: &Filter, turn: &Turn, below: u32) -> Result<(Value, Vec<u32>), Refused> {
    let mut numbers = filter.matching(&desk.world, turn.as_of);
    numbers.retain(|number| *number < below);
    if numbers.is_empty() {
        return Err(Refused::no_calls());
    }
    let (numbers, records) = turn.cut(desk, &numbers);
    Ok((json!({"records": records}), numbers.to_vec()))
}

/// Adds a field that nobody has heard of, to one call of six and wherever the script wants it.
fn unheard(desk: &Desk, number: u32, faults: &[Fault], told: &mut Value) {
    if faults.contains(&Fault::UnknownField) || desk.world.dice(For::Odds, number.into()).chance(1.0 / 6.0) {
        told["notInTheReference"] = json!({"since": 2027, "values": ["x", null]});
    }
}

fn brief(desk: &Desk, number: u32, faults: &[Fault]) -> Value {
    meta(desk, number, &desk.world.head(number), &desk.world.call(number), faults)
}

/// A time in one of the ways in which the service writes them.
fn time(at: DateTime<Utc>, way: usize) -> String {
    let away = |hours: i32| FixedOffset::east_opt(hours * 3600).map(|offset| at.with_timezone(&offset));
    match (way % 4, away(-5), away(2)) {
        (0, _, _) => at.to_rfc3339_opts(SecondsFormat::Micros, true),
        (1, Some(at), _) => at.to_rfc3339_opts(SecondsFormat::AutoSi, false),
        (2, _, Some(at)) => at.to_rfc3339_opts(SecondsFormat::Micros, false),
        _ => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
    }
}

fn meta(desk: &Desk, number: u32, head: &Head, call: &SynthCall, faults: &[Fault]) -> Value {
    let (id, mut dice) = (desk.world.id(number), desk.world.dice(For::Details, number.into()));
    let conference = head.scheduled.is_some();
    let way = dice.below(4);
    let mut meta = json!({
        "id": id,
        "url": format!("https://us-55616.app.gong.io/call?id={id}"),
        "title": call.transcript.title.as_deref().unwrap_or("Call"),
        "started": time(head.started, way),
        "duration": head.duration_s,
        "primaryUserId": desk.world.user_id(head.user),
        "direction": if conference { "Conference" } else { dice.pick(&["Outbound", "Inbound"]) },
        "system": if conference { dice.pick(&["Zoom", "Microsoft Teams", "Google Meet"]) } else { "Aircall" },
        "scope": "External",
        "media": if conference { "Video" } else { "Audio" },
        "language": "eng",
        "workspaceId": desk.world.workspace_id(),
        "sdrDisposition": null,
        "clientUniqueId": null,
        "customData": null,
        "purpose": null,
        "isPrivate": false,
    });
    if let Some(scheduled) = head.scheduled {
        meta["scheduled"] = time(scheduled, way + 1).into();
        meta["meetingUrl"] = format!("https://meet.example/j/{number}").into();
        meta["calendarEventId"] = format!("event-{number}@calendar.example").into();
    } else if dice.chance(0.5) {
        // What is absent is absent, or null.
        meta["scheduled"] = Value::Null;
    }
    unheard(desk, number, faults, &mut meta);
    meta
}

/// A call with all that is wanted of it; what is not is absent.
pub(super) fn at_length(desk: &Desk, number: u32, selector: &Selector, faults: &[Fault]) -> Value {
    let (head, call) = (desk.world.head(number), desk.world.call(number));
    let speakers = people::speakers(&desk.world, number, &call);
    let (found, user) = (Content::of(&call, &speakers), desk.world.user_id(head.user));
    let video = head.scheduled.is_some();
    let mut told = Map::new();
    let mut put = |name: &str, value: Value| told.insert(name.to_owned(), value);
    put("metaData", meta(desk, number, &head, &call, faults));
    if selector.context != Context::None {
        put("context", crm::context(desk, number, &call, selector));
    }
    if selector.wants("/parties") {
        put("parties", people::parties(&desk.world, number, &call, selector).into());
    }
    let content = found.content(selector);
    if !content.is_empty() {
        put("content", content.into());
    }
    let interaction = found.interaction(&user, video, selector);
    if !interaction.is_empty() {
        put("interaction", interaction.into());
    }
    if selector.wants("/collaboration/publicComments") {
        put("collaboration", json!({"publicComments": comments(desk, number, &head)}));
    }
    if selector.media {
        let mut media = json!({"audioUrl": desk.media_url(number, "audio")});
        if video {
            media["videoUrl"] = desk.media_url(number, "video").into();
        }
        put("media", media);
    }
    let mut told = Value::from(told);
    unheard(desk, number, faults, &mut told);
    told
}

/// What somebody wrote beside one call of five.
fn comments(desk: &Desk, number: u32, head: &Head) -> Value {
    let mut dice = desk.world.dice(For::Odds, u64::from(number) + (1 << 40));
    if !dice.chance(0.2) {
        return json!([]);
    }
    let at = dice.below(head.duration_s as usize / 2) as f64;
    json!([{
        "id": desk.world.speaker_id(number, 6),
        "audioStartTime": at,
        "audioEndTime": at + 10.0,
        "commenterUserId": desk.world.user_id(8),
        "comment": dice.pick(&["Well asked.", "Let us talk about this on Thursday.", "Why not a date here?"]),
        "posted": time(desk.world.finish(number), 3),
        "duringCall": false,
    }])
}

impl Desk {
    /// Where a recording can be heard or seen for eight hours.
    fn media_url(&self, number: u32, kind: &str) -> String {
        let (id, until) = (self.world.id(number), (self.now() + MEDIA).timestamp());
        let signature = hex(&self.signed(&format!("{id} {kind} {until}")));
        format!("{}/media/{id}?kind={kind}&until={until}&signature={signature}", self.url())
    }
}

/// `GET /media/{id}`: some bytes that stand for the recording, the same each time.
pub(super) fn media(desk: &Desk, id: &str, asking: &Asking<'_>) -> Result<Vec<u8>, Refused> {
    let gone = || Refused::not_found("Recording");
    let number = desk.world.number(id).ok_or_else(gone)?;
    let named = |name| asking.parameter(name).unwrap_or_default();
    let (kind, until) = (named("kind"), named("until"));
    let fits = named("signature") == hex(&desk.signed(&format!("{id} {kind} {until}")));
    if !fits || until.parse().map_or(true, |until: i64| until < desk.now().timestamp()) {
        return Err(gone());
    }
    let mut dice = desk.world.dice(For::Details, u64::from(number) + (1 << 40));
    Ok((0..4096).map(|_| dice.below(256) as u8).collect())
}
