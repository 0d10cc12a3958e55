//! The JSON that AWS Transcribe writes: its audio segments if there are any, else its items, cut where the speaker changes or
//! pauses. All numbers are strings, and punctuation has no times.

use super::scalar::{Mean, Scalar, or_default};
use super::{Builder, Found, ParseError, from_json};
use crate::SpeakerIx;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::borrow::Cow;

/// A silence longer than this begins a new segment where only items are given.
const PAUSE_MS: u64 = 800;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct Document<'a> {
    job_name: Scalar<'a>,
    status: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    results: Results<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Results<'a> {
    language_code: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    transcripts: Vec<Whole<'a>>,
    #[serde(deserialize_with = "or_default")]
    items: Vec<Item<'a>>,
    #[serde(deserialize_with = "or_default")]
    speaker_labels: SpeakerLabels<'a>,
    #[serde(deserialize_with = "or_default")]
    channel_labels: ChannelLabels<'a>,
    #[serde(deserialize_with = "or_default")]
    audio_segments: Vec<AudioSegment<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Whole<'a> {
    transcript: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Item<'a> {
    #[serde(rename = "type")]
    kind: Scalar<'a>,
    start_time: Scalar<'a>,
    end_time: Scalar<'a>,
    speaker_label: Scalar<'a>,
    channel_label: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    alternatives: Vec<Alternative<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Alternative<'a> {
    confidence: Scalar<'a>,
    content: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct SpeakerLabels<'a> {
    #[serde(deserialize_with = "or_default")]
    segments: Vec<Labelled<'a>>,
}

/// Who spoke from when to when. Older files name speakers here only.
#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Labelled<'a> {
    start_time: Scalar<'a>,
    speaker_label: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    items: Vec<LabelledItem<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct LabelledItem<'a> {
    start_time: Scalar<'a>,
    speaker_label: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ChannelLabels<'a> {
    #[serde(deserialize_with = "or_default")]
    channels: Vec<Channel<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Channel<'a> {
    channel_label: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    items: Vec<Item<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct AudioSegment<'a> {
    transcript: Scalar<'a>,
    start_time: Scalar<'a>,
    end_time: Scalar<'a>,
    speaker_label: Scalar<'a>,
    channel_label: Scalar<'a>,
}

/// Reads the result of a job. With several channels the channel is the speaker, otherwise the label of the diarization.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    let Document { job_name, status, results } = from_json(text)?;
    let status = status.text().unwrap_or_default();
    if ["FAILED", "IN_PROGRESS", "QUEUED"].contains(&&*status) {
        let message = format!("the job of AWS Transcribe is {status}; expected the result of one that is COMPLETED");
        return Err(ParseError { line: 0, message });
    }
    let Results { language_code, transcripts, items, speaker_labels, channel_labels, audio_segments } = results;
    let channels = channel_labels.channels;
    let call = builder.call();
    call.external_id = job_name.into_string();
    call.language = language_code.into_string();
    call.separate_channels = channels.len() > 1;
    let by_channel = channels.len() > 1;
    let mut speaker = |channel: &Scalar<'_>, label: &Scalar<'_>| {
        let label = if by_channel { channel } else { label };
        builder.speaker(&name(&label.clone().text()?))
    };
    let mut found: Vec<Found> = Vec::new();
    for segment in audio_segments {
        found.push(Found {
            speaker: speaker(&segment.channel_label, &segment.speaker_label),
            start_ms: segment.start_time.seconds_as_ms(),
            end_ms: segment.end_time.seconds_as_ms(),
            text: segment.transcript.into_string().unwrap_or_default(),
            ..Found::default()
        });
    }
    if found.iter().all(|found| found.text.trim().is_empty()) {
        found.clear();
        if by_channel {
            for Channel { channel_label, items } in channels {
                let channel = speaker(&channel_label, &Scalar::Absent);
                found.extend(runs(items, |_| channel));
            }
        } else {
            let labels = labels_by_start(speaker_labels);
            found = runs(items, |item| {
                let start_ms = item.start_time.seconds_as_ms();
                let listed = || start_ms.and_then(|start| labels.get(&start)).unwrap_or(&Scalar::Absent);
                let label = if item.speaker_label == Scalar::Absent { listed() } else { &item.speaker_label };
                speaker(&item.channel_label, label)
            });
        }
    }
    if found.is_empty() {
        // The text without items, as some people keep it: words without times.
        let text =
            |whole: Whole<'_>| Found { text: whole.transcript.into_string().unwrap_or_default(), ..Found::default() };
        found.extend(transcripts.into_iter().map(text));
    }
    builder.push_unordered(found);
    Ok(())
}

/// `spk_0` as "Speaker 0" and `ch_0` as "Channel 0", as for other services; `AGENT` and the like as they are.
fn name(label: &str) -> Cow<'_, str> {
    let number = |prefix: &str| label.strip_prefix(prefix).filter(|n| n.bytes().all(|b| b.is_ascii_digit()));
    match (number("spk_"), number("ch_")) {
        (Some(n), _) => Cow::Owned(format!("Speaker {n}")),
        (_, Some(n)) => Cow::Owned(format!("Channel {n}")),
        _ => Cow::Borrowed(label),
    }
}

/// The labels of the diarization by the start of the item; the start of a segment holds where it lists no items.
fn labels_by_start(labels: SpeakerLabels<'_>) -> FxHashMap<u64, Scalar<'_>> {
    let mut by_start = FxHashMap::default();
    for Labelled { start_time, speaker_label, items } in labels.segments {
        by_start.extend(start_time.seconds_as_ms().map(|start| (start, speaker_label.clone())));
        for item in items {
            let label = if item.speaker_label == Scalar::Absent { &speaker_label } else { &item.speaker_label };
            by_start.extend(item.start_time.seconds_as_ms().map(|start| (start, label.clone())));
        }
    }
    by_start
}

/// Runs of items by one speaker without a long pause. Punctuation is glued to the word before it.
fn runs<'a>(items: Vec<Item<'a>>, mut speaker: impl FnMut(&Item<'a>) -> Option<SpeakerIx>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut confidence = Mean::default();
    for item in items {
        let is_punctuation = matches!(&item.kind, Scalar::Text(kind) if kind == "punctuation");
        let speaker = if is_punctuation { None } else { speaker(&item) };
        let (start_ms, end_ms) = (item.start_time.seconds_as_ms(), item.end_time.seconds_as_ms());
        let Some(best) = item.alternatives.into_iter().next() else { continue };
        let Some(text) = best.content.text() else { continue };
        let goes_on = found.last().is_some_and(|run| {
            let pause = start_ms.zip(run.end_ms).map_or(0, |(start, end)| start.saturating_sub(end));
            is_punctuation || run.speaker == speaker && pause <= PAUSE_MS
        });
        if goes_on && let Some(run) = found.last_mut() {
            if !is_punctuation {
                run.text.push(' ');
            }
            run.text.push_str(&text);
            run.end_ms = end_ms.or(run.end_ms);
        } else {
            found.push(Found { speaker, start_ms, end_ms, text: text.into_owned(), ..Found::default() });
            confidence = Mean::default();
        }
        if !is_punctuation {
            confidence.add(&best.confidence);
        }
        if let Some(run) = found.last_mut() {
            run.confidence = confidence.per_mille();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::Format::AwsTranscribeJson;
    use crate::formats::testing::{check, read, said};
    use crate::parse;

    /// A spoken item; `more` are further fields, each followed by a comma.
    fn word(word: &str, start: &str, end: &str, more: &str) -> String {
        format!(
            r#"{{"type":"pronunciation",{more}"start_time":"{start}","end_time":"{end}","alternatives":[{{"confidence":"0.5","content":"{word}"}}]}}"#
        )
    }

    fn mark(mark: &str) -> String {
        format!(r#"{{"type":"punctuation","alternatives":[{{"confidence":"0.0","content":"{mark}"}}]}}"#)
    }

    fn result(results: &str) -> String {
        format!(r#"{{"jobName":"call-7","accountId":"1","status":"COMPLETED","results":{{{results}}}}}"#)
    }

    #[test]
    fn items_are_cut_at_speakers_and_pauses_and_punctuation_is_glued() {
        let items = [
            word("Hello", "0.5", "0.7", r#""speaker_label":"spk_0","#),
            mark(","),
            word("Bo", "0.8", "1.0", r#""speaker_label":"spk_0","#),
            mark("."),
            word("Later", "1.81", "2.4", r#""speaker_label":"spk_0","#),
            word("Hi", "2.5", "2.7", r#""speaker_label":"spk_1","#),
            mark("!"),
        ];
        let text = result(&format!(
            r#""language_code":"en-US","transcripts":[{{"transcript":"…"}}],"items":[{}]"#,
            items.join(",")
        ));
        check(
            &text,
            AwsTranscribeJson,
            &["Speaker 0 500-1000 Hello, Bo.", "Speaker 0 1810-2400 Later", "Speaker 1 2500-2700 Hi!"],
        );
        let transcript = read(&text);
        assert_eq!(transcript.segments[0].confidence, Some(500), "punctuation has no confidence");
        assert_eq!(
            (transcript.external_id.as_deref(), transcript.language.as_deref()),
            (Some("call-7"), Some("en-US"))
        );
        assert!(!transcript.separate_channels && transcript.warnings.is_empty());
    }

    #[test]
    fn older_files_name_speakers_in_their_own_list() {
        let items =
            [word("Hello", "0.5", "0.7", ""), mark("."), word("Hi", "0.9", "1.1", ""), word("there", "1.2", "1.4", "")];
        let text = result(&format!(
            r#""items":[{}],"speaker_labels":{{"speakers":2,"segments":[
               {{"start_time":"0.5","end_time":"0.7","speaker_label":"spk_1","items":[{{"start_time":"0.5","end_time":"0.7","speaker_label":"spk_1"}}]}},
               {{"start_time":"0.9","end_time":"1.4","speaker_label":"spk_0","items":[{{"start_time":"0.9","end_time":"1.1"}},
                 {{"start_time":"1.2","end_time":"1.4"}}]}}]}}"#,
            items.join(",")
        ));
        check(&text, AwsTranscribeJson, &["Speaker 1 500-700 Hello.", "Speaker 0 900-1400 Hi there"]);
    }

    #[test]
    fn audio_segments_come_first() {
        let text = result(&format!(
            r#""items":[{}],"audio_segments":[{{"id":0,"transcript":"Hello, Bo.","start_time":"0.0","end_time":"1.25","speaker_label":"spk_0","items":[0]}},
               {{"id":1,"transcript":"Hi.","start_time":"1.0","end_time":"1.5","speaker_label":"spk_1","items":[1]}}]"#,
            word("other", "0.5", "0.7", "")
        ));
        check(&text, AwsTranscribeJson, &["Speaker 0 0-1250 Hello, Bo.", "Speaker 1 1000-1500 Hi."]);
    }

    #[test]
    fn each_of_several_channels_is_a_speaker() {
        let items = [
            word("first", "1.0", "1.5", r#""channel_label":"ch_1","#),
            word("later", "1.25", "2", r#""channel_label":"ch_0","#),
        ];
        let text = result(&format!(
            r#""items":[{},{}],"channel_labels":{{"number_of_channels":2,"channels":[{{"channel_label":"ch_0","items":[{1},{}]}},
               {{"channel_label":"ch_1","items":[{0}]}}]}}"#,
            items[0],
            items[1],
            mark("?")
        ));
        check(&text, AwsTranscribeJson, &["Channel 1 1000-1500 first", "Channel 0 1250-2000 later?"]);
        let transcript = read(&text);
        assert!(transcript.separate_channels && transcript.warnings.is_empty());
        let segments = text.replace(
            r#""channel_labels""#,
            r#""audio_segments":[{"transcript":"One.","start_time":"0","end_time":"1","channel_label":"ch_1"}],"channel_labels""#,
        );
        assert_eq!(said(&read(&segments)), ["Channel 1 0-1000 One."]);
    }

    #[test]
    fn words_without_items_have_no_times() {
        check(
            &result(r#""transcripts":[{"transcript":"All in one."}],"items":[]"#),
            AwsTranscribeJson,
            &["? - All in one."],
        );
    }

    #[test]
    fn a_job_that_is_not_done_is_no_transcript() {
        let text = r#"{"jobName":"a","status":"FAILED","results":{"items":[]}}"#;
        let error = parse(text.as_bytes(), None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the job of AWS Transcribe is FAILED; expected the result of one that is COMPLETED"
        );
    }
}
