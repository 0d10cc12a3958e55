//! Gong: the response of `/v2/calls/transcript`, alone or with what `/v2/calls/extensive` says about the call and its parties.
//!
//! Accepted: `{callTranscripts: […]}`, the same with `calls: […]`, a bundle `{metaData, parties, transcript}`, or the bare list of
//! monologues. Sentences are in milliseconds, everything else of Gong's in seconds.

use super::scalar::{Scalar, or_default};
use super::{Builder, Found, ParseError, from_json};
use crate::sides::{FREE_MAIL, mail_domain};
use crate::{Participant, Side, SpeakerIx};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Document<'a> {
    #[serde(deserialize_with = "or_default")]
    calls: Vec<ExtensiveCall<'a>>,
    #[serde(deserialize_with = "or_default")]
    call_transcripts: Vec<CallTranscript<'a>>,
    call_id: Scalar<'a>,
    meta_data: Option<MetaData<'a>>,
    #[serde(deserialize_with = "or_default")]
    parties: Vec<Party<'a>>,
    #[serde(deserialize_with = "or_default")]
    transcript: Monologues<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct ExtensiveCall<'a> {
    #[serde(deserialize_with = "or_default")]
    meta_data: MetaData<'a>,
    #[serde(deserialize_with = "or_default")]
    parties: Vec<Party<'a>>,
    #[serde(deserialize_with = "or_default")]
    transcript: Monologues<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct MetaData<'a> {
    id: Scalar<'a>,
    title: Scalar<'a>,
    started: Scalar<'a>,
    language: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Party<'a> {
    name: Scalar<'a>,
    email_address: Scalar<'a>,
    phone_number: Scalar<'a>,
    title: Scalar<'a>,
    speaker_id: Scalar<'a>,
    /// Only users of Gong have one.
    user_id: Scalar<'a>,
    affiliation: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct CallTranscript<'a> {
    call_id: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    transcript: Vec<Monologue<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Monologue<'a> {
    speaker_id: Scalar<'a>,
    topic: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    sentences: Vec<Sentence<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Sentence<'a> {
    start: Scalar<'a>,
    end: Scalar<'a>,
    text: Scalar<'a>,
}

/// The `transcript` of a bundle: a list of monologues, or a whole response pasted in.
#[derive(Default)]
struct Monologues<'a>(Vec<CallTranscript<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Monologues<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListOrResponse;

        impl<'de> Visitor<'de> for ListOrResponse {
            type Value = Monologues<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of monologues")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Monologues::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut transcript = Vec::new();
                while let Some(monologue) = seq.next_element()? {
                    transcript.push(monologue);
                }
                Ok(Monologues(vec![CallTranscript { call_id: Scalar::Absent, transcript }]))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                #[derive(Deserialize)]
                #[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
                struct Response<'a> {
                    call_transcripts: Vec<CallTranscript<'a>>,
                }
                let response = Response::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Monologues(response.call_transcripts))
            }
        }

        deserializer.deserialize_any(ListOrResponse)
    }
}

/// What the file knows about one call.
#[derive(Default)]
struct Call<'a> {
    id: Option<Cow<'a, str>>,
    about: Option<(MetaData<'a>, Vec<Party<'a>>)>,
    monologues: Vec<Monologue<'a>>,
}

/// Reads Gong's JSON. A file with several calls is an error that names them.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    let document = if text.trim_start().starts_with('[') {
        let monologues = CallTranscript { transcript: from_json(text)?, ..CallTranscript::default() };
        Document { transcript: Monologues(vec![monologues]), ..Document::default() }
    } else {
        from_json(text)?
    };
    let mut calls = calls(document);
    if calls.len() > 1 {
        return Err(several(&calls));
    }
    let Some(call) = calls.pop().filter(|call| !call.monologues.is_empty()) else {
        let message = "Gong's parties without a transcript: add the response of /v2/calls/transcript as `transcript` or `callTranscripts`";
        return Err(ParseError { line: 0, message: message.into() });
    };
    let mut by_id = FxHashMap::default();
    if let Some((meta_data, parties)) = call.about {
        let transcript = builder.call();
        transcript.title = meta_data.title.into_string();
        transcript.started_at = meta_data.started.into_string();
        transcript.language = meta_data.language.into_string();
        add_parties(parties, &mut by_id, builder);
    }
    builder.call().external_id = call.id.map(Cow::into_owned);
    let found = sentences(call.monologues, &mut by_id, builder);
    builder.push_unordered(found);
    Ok(())
}

/// Joins transcripts with what is known about their calls.
fn calls(document: Document<'_>) -> Vec<Call<'_>> {
    let mut calls: Vec<Call<'_>> = Vec::new();
    let mut loose = document.call_transcripts;
    for call in document.calls {
        let Monologues(own) = call.transcript;
        loose.extend(own.into_iter().map(|own| with_id(own, &call.meta_data.id)));
        calls.push(Call {
            id: call.meta_data.id.clone().text(),
            about: Some((call.meta_data, call.parties)),
            monologues: Vec::new(),
        });
    }
    let bundle_id = document.meta_data.as_ref().map_or(&document.call_id, |meta_data| &meta_data.id);
    let Monologues(own) = document.transcript;
    loose.extend(own.into_iter().map(|own| with_id(own, bundle_id)));
    if document.meta_data.is_some() || !document.parties.is_empty() {
        let id = bundle_id.clone().text();
        calls.push(Call {
            id,
            about: Some((document.meta_data.unwrap_or_default(), document.parties)),
            monologues: Vec::new(),
        });
    }
    if let ([call], [transcript]) = (calls.as_mut_slice(), loose.as_mut_slice())
        && (call.id.is_none() || transcript.call_id == Scalar::Absent)
    {
        // Nothing else they could belong to.
        call.id = call.id.take().or(std::mem::take(&mut transcript.call_id).text());
        call.monologues = std::mem::take(&mut transcript.transcript);
        return calls;
    }
    let mut by_id: FxHashMap<_, _> = calls.iter().enumerate().map(|(ix, call)| (call.id.clone(), ix)).collect();
    for transcript in loose {
        let id = transcript.call_id.text();
        let ix = *by_id.entry(id).or_insert_with_key(|id| {
            calls.push(Call { id: id.clone(), ..Call::default() });
            calls.len() - 1
        });
        calls[ix].monologues.extend(transcript.transcript);
    }
    calls
}

fn with_id<'a>(transcript: CallTranscript<'a>, id: &Scalar<'a>) -> CallTranscript<'a> {
    match transcript.call_id {
        Scalar::Absent => CallTranscript { call_id: id.clone(), ..transcript },
        _ => transcript,
    }
}

fn several(calls: &[Call<'_>]) -> ParseError {
    let names = calls.iter().take(10).map(|call| {
        let id = call.id.as_deref().unwrap_or("without id");
        match call.about.as_ref().and_then(|(meta_data, _)| meta_data.title.clone().text()) {
            Some(title) => format!("{id} ({title})"),
            None => id.to_owned(),
        }
    });
    let names: Vec<String> = names.collect();
    let more = if calls.len() > names.len() { ", …" } else { "" };
    let message = format!("{} calls in one file: {}{more}; expected one call a file", calls.len(), names.join(", "));
    ParseError { line: 0, message }
}

/// Adds the parties. Who is of unknown affiliation but has the mail domain of an internal party is internal.
fn add_parties<'a>(parties: Vec<Party<'a>>, by_id: &mut FxHashMap<Cow<'a, str>, SpeakerIx>, builder: &mut Builder) {
    let is = |party: &Party<'_>, side: &str| matches!(&party.affiliation, Scalar::Text(text) if text.eq_ignore_ascii_case(side));
    let domain = |party: &Party<'a>| party.email_address.clone().text().and_then(|mail| mail_domain(&mail));
    let internal_domains: FxHashSet<String> = parties
        .iter()
        .filter(|party| is(party, "internal"))
        .filter_map(domain)
        .filter(|domain| !FREE_MAIL.contains(&domain.as_str()))
        .collect();
    for party in parties {
        let side = match () {
            () if is(&party, "internal") => Some(Side::Internal),
            () if is(&party, "external") => Some(Side::External),
            () if party.user_id != Scalar::Absent => Some(Side::Internal),
            () if domain(&party).is_some_and(|domain| internal_domains.contains(&domain)) => Some(Side::Internal),
            () => None,
        };
        let email = party.email_address.into_string();
        let name = party.name.into_string().or_else(|| email.clone()).or_else(|| party.phone_number.into_string());
        let id = party.speaker_id.text();
        let ix = builder.participant(Participant {
            name: name.unwrap_or_default(),
            side,
            email,
            title: party.title.into_string(),
            external_id: id.as_deref().map(str::to_owned),
        });
        by_id.extend(id.map(|id| (id, ix)));
    }
}

/// The sentences of all monologues; a speaker whom no party has becomes an unknown speaker.
fn sentences<'a>(
    monologues: Vec<Monologue<'a>>,
    by_id: &mut FxHashMap<Cow<'a, str>, SpeakerIx>,
    builder: &mut Builder,
) -> Vec<Found> {
    let mut found = Vec::new();
    for monologue in monologues {
        let speaker = monologue.speaker_id.text().map(|id| {
            *by_id.entry(id).or_insert_with_key(|id| {
                builder.participant(Participant { external_id: Some(id.to_string()), ..Participant::default() })
            })
        });
        let topic = monologue.topic.text().map(Arc::from);
        found.extend(monologue.sentences.into_iter().map(|sentence| Found {
            speaker,
            start_ms: sentence.start.ms(),
            end_ms: sentence.end.ms(),
            text: sentence.text.into_string().unwrap_or_default(),
            topic: topic.clone(),
            ..Found::default()
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::Format::GongJson;
    use crate::formats::testing::{check, read, said};
    use crate::{Side, parse};

    const MONOLOGUES: &str = r#"[
        {"speakerId":"901","topic":"Pricing","sentences":[{"start":1000,"end":2000,"text":"What does it cost?"},{"start":2100,"end":2600,"text":"Well?"}]},
        {"speakerId":"902","topic":null,"sentences":[{"start":2400,"end":3000,"text":"It depends."}]},
        {"speakerId":"777","sentences":[{"start":3100,"end":3200,"text":"Hi."}]}]"#;
    const PARTIES: &str = r#"[
        {"id":"1","speakerId":"902","name":"Ann","emailAddress":"ann@acme.com","title":"AE","affiliation":"Internal","methods":["Attendee"]},
        {"id":"2","speakerId":"901","name":"Bo","emailAddress":"bo@buyer.org","affiliation":"External"},
        {"id":"3","speakerId":null,"name":"Cy","emailAddress":"cy@ACME.com","affiliation":"Unknown"},
        {"id":"4","speakerId":null,"name":"Ann","affiliation":"Unknown"}]"#;

    fn bundle() -> String {
        let about = r#"{"id":"77","title":"Pricing call","started":"2026-11-02T10:00:00Z","language":"eng","duration":3,"unknown":[1]}"#;
        format!(r#"{{"metaData":{about},"parties":{PARTIES},"transcript":{MONOLOGUES}}}"#)
    }

    fn response(ids: &[&str]) -> String {
        let calls: Vec<String> =
            ids.iter().map(|id| format!(r#"{{"callId":"{id}","transcript":{MONOLOGUES}}}"#)).collect();
        format!(r#"{{"requestId":"r","records":{{"totalRecords":1}},"callTranscripts":[{}]}}"#, calls.join(","))
    }

    #[test]
    fn a_bundle_joins_names_sides_and_topics() {
        let transcript = read(&bundle());
        assert_eq!(
            said(&transcript),
            [
                "Bo 1000-2000 What does it cost?",
                "Bo 2100-2600 Well?",
                "Ann 2400-3000 It depends.",
                "Unknown speaker 3100-3200 Hi."
            ]
        );
        let people: Vec<_> = transcript.participants.iter().map(|p| (p.name.as_str(), p.side)).collect();
        assert_eq!(
            people,
            [
                ("Bo", Some(Side::External)),
                ("Ann", Some(Side::Internal)),
                ("Unknown speaker", None),
                ("Cy", Some(Side::Internal)),
                ("Ann (2)", None)
            ]
        );
        assert_eq!(transcript.segments[0].topic.as_deref(), Some("Pricing"));
        assert_eq!(
            (transcript.title.as_deref(), transcript.external_id.as_deref()),
            (Some("Pricing call"), Some("77"))
        );
        assert_eq!(
            (transcript.started_at.as_deref(), transcript.language.as_deref()),
            (Some("2026-11-02T10:00:00Z"), Some("eng"))
        );
        assert_eq!(transcript.participants[1].title.as_deref(), Some("AE"));
        assert!(transcript.warnings.is_empty(), "{:?}", transcript.warnings);
    }

    #[test]
    fn a_response_alone_has_unknown_speakers() {
        let expected = [
            "Unknown speaker 1000-2000 What does it cost?",
            "Unknown speaker 2100-2600 Well?",
            "Unknown speaker (2) 2400-3000 It depends.",
            "Unknown speaker (3) 3100-3200 Hi.",
        ];
        check(&response(&["77"]), GongJson, &expected);
        check(MONOLOGUES, GongJson, &expected);
        check(&format!(r#"{{"transcript":{}}}"#, response(&["77"])), GongJson, &expected);
    }

    #[test]
    fn an_extensive_response_is_joined_by_call_id() {
        let calls =
            format!(r#""calls":[{{"metaData":{{"id":"77","title":"One"}},"parties":{PARTIES}}}],"callTranscripts""#);
        let transcript = read(&response(&["77"]).replace("\"callTranscripts\"", &calls));
        assert_eq!(transcript.speaker_name(&transcript.segments[0]), Some("Bo"));
        assert_eq!(transcript.title.as_deref(), Some("One"));
    }

    #[test]
    fn several_calls_in_one_file_are_named() {
        let error = parse(response(&["77", "78"]).as_bytes(), None).unwrap_err();
        assert_eq!(error.to_string(), "2 calls in one file: 77, 78; expected one call a file");
        let calls =
            format!(r#""calls":[{{"metaData":{{"id":"99","title":"Other"}},"parties":{PARTIES}}}],"callTranscripts""#);
        let error = parse(response(&["77"]).replace("\"callTranscripts\"", &calls).as_bytes(), None).unwrap_err();
        assert_eq!(error.to_string(), "2 calls in one file: 99 (Other), 77; expected one call a file");
    }

    #[test]
    fn parties_alone_are_no_transcript() {
        let error = parse(format!(r#"{{"metaData":{{"id":"7"}},"parties":{PARTIES}}}"#).as_bytes(), None).unwrap_err();
        assert!(error.message.contains("without a transcript"), "{error}");
    }
}
