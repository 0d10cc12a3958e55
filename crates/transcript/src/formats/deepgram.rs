//! Deepgram's pre-recorded response: its utterances if there are any, else the sentences of its paragraphs, else its words.

use super::scalar::{Mean, Scalar, or_default};
use super::{Builder, Found, ParseError, from_json};
use crate::SpeakerIx;
use serde::Deserialize;

/// A silence longer than this begins a new segment where only words are given: Deepgram's own default of `utt_split`.
const UTTERANCE_GAP_MS: u64 = 800;

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Response<'a> {
    #[serde(deserialize_with = "or_default")]
    metadata: Metadata<'a>,
    #[serde(deserialize_with = "or_default")]
    results: Results<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Metadata<'a> {
    request_id: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Results<'a> {
    #[serde(deserialize_with = "or_default")]
    channels: Vec<Channel<'a>>,
    #[serde(deserialize_with = "or_default")]
    utterances: Vec<Utterance<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Channel<'a> {
    detected_language: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    alternatives: Vec<Alternative<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Alternative<'a> {
    paragraphs: Option<Paragraphs<'a>>,
    #[serde(deserialize_with = "or_default")]
    words: Vec<Word<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Paragraphs<'a> {
    #[serde(deserialize_with = "or_default")]
    paragraphs: Vec<Paragraph<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Paragraph<'a> {
    speaker: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    sentences: Vec<Sentence<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Sentence<'a> {
    text: Scalar<'a>,
    start: Scalar<'a>,
    end: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Utterance<'a> {
    start: Scalar<'a>,
    end: Scalar<'a>,
    confidence: Scalar<'a>,
    channel: Scalar<'a>,
    speaker: Scalar<'a>,
    transcript: Scalar<'a>,
}

#[expect(clippy::struct_field_names, reason = "the names are the service's")]
#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Word<'a> {
    word: Scalar<'a>,
    punctuated_word: Scalar<'a>,
    start: Scalar<'a>,
    end: Scalar<'a>,
    confidence: Scalar<'a>,
    speaker: Scalar<'a>,
}

/// Reads Deepgram's JSON. With several channels the channel is the speaker, otherwise the number that diarization gave.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    let Response { metadata, results } = from_json(text)?;
    let separate = results.channels.len() > 1;
    let call = builder.call();
    call.separate_channels = separate;
    call.external_id = metadata.request_id.into_string();
    call.language = results.channels.iter().find_map(|channel| channel.detected_language.clone().into_string());
    let mut speaker = |channel: &Scalar<'_>, number: &Scalar<'_>| {
        let (kind, number) = if separate { ("Channel", channel) } else { ("Speaker", number) };
        let number = number.clone().text()?;
        builder.speaker(&format!("{kind} {number}"))
    };
    let mut found = Vec::new();
    for utterance in results.utterances {
        found.push(Found {
            speaker: speaker(&utterance.channel, &utterance.speaker),
            start_ms: utterance.start.seconds_as_ms(),
            end_ms: utterance.end.seconds_as_ms(),
            confidence: utterance.confidence.per_mille(),
            text: utterance.transcript.into_string().unwrap_or_default(),
            ..Found::default()
        });
    }
    if found.is_empty() {
        for (channel, content) in (0..).zip(results.channels) {
            let channel = Scalar::Whole(channel);
            let Some(alternative) = content.alternatives.into_iter().next() else { continue };
            let mut speaker = |number: &Scalar<'_>| speaker(&channel, number);
            let paragraphs = alternative.paragraphs.map(|p| p.paragraphs).filter(|paragraphs| !paragraphs.is_empty());
            match paragraphs {
                Some(paragraphs) => found.extend(sentences(paragraphs, &mut speaker)),
                None => found.extend(runs(alternative.words, &mut speaker)),
            }
        }
    }
    builder.push_unordered(found);
    Ok(())
}

fn sentences(paragraphs: Vec<Paragraph<'_>>, speaker: &mut impl FnMut(&Scalar<'_>) -> Option<SpeakerIx>) -> Vec<Found> {
    let mut found = Vec::new();
    for paragraph in paragraphs {
        let speaker = speaker(&paragraph.speaker);
        found.extend(paragraph.sentences.into_iter().map(|sentence| Found {
            speaker,
            start_ms: sentence.start.seconds_as_ms(),
            end_ms: sentence.end.seconds_as_ms(),
            text: sentence.text.into_string().unwrap_or_default(),
            ..Found::default()
        }));
    }
    found
}

/// Runs of words by one speaker without a long silence.
fn runs(words: Vec<Word<'_>>, speaker: &mut impl FnMut(&Scalar<'_>) -> Option<SpeakerIx>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut confidence = Mean::default();
    for word in words {
        let Some(text) = word.punctuated_word.text().or(word.word.text()) else { continue };
        let (start_ms, end_ms) = (word.start.seconds_as_ms(), word.end.seconds_as_ms());
        let speaker = speaker(&word.speaker);
        let goes_on = found.last().is_some_and(|run| {
            let gap = start_ms.zip(run.end_ms).map_or(0, |(start, end)| start.saturating_sub(end));
            run.speaker == speaker && gap <= UTTERANCE_GAP_MS
        });
        if goes_on && let Some(run) = found.last_mut() {
            run.text.push(' ');
            run.text.push_str(&text);
            run.end_ms = end_ms.or(run.end_ms);
        } else {
            found.push(Found { speaker, start_ms, end_ms, text: text.into_owned(), ..Found::default() });
            confidence = Mean::default();
        }
        confidence.add(&word.confidence);
        if let Some(run) = found.last_mut() {
            run.confidence = confidence.per_mille();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::Format::DeepgramJson;
    use crate::formats::testing::{check, read};

    const WORDS: &str = r#"[{"word":"hello","punctuated_word":"Hello,","start":0.5,"end":0.7,"confidence":0.5,"speaker":0},
        {"word":"bo","punctuated_word":"Bo.","start":0.8,"end":1.0,"confidence":1,"speaker":0},
        {"word":"later","start":2.0,"end":2.4,"speaker":0},{"word":"hi","start":2.5,"end":2.7,"speaker":1}]"#;

    fn response(results: &str) -> String {
        format!(r#"{{"metadata":{{"request_id":"r-1","channels":1}},"results":{{{results}}}}}"#)
    }

    #[test]
    fn utterances_come_first() {
        let text = response(&format!(
            r#""utterances":[{{"start":0.5,"end":1.25,"confidence":0.987,"channel":0,"speaker":0,"transcript":"Hello, Bo."}},
               {{"start":1,"end":1.5,"channel":0,"speaker":1,"transcript":"Hi."}}],
               "channels":[{{"detected_language":"en","alternatives":[{{"words":{WORDS}}}]}}]"#
        ));
        check(&text, DeepgramJson, &["Speaker 0 500-1250 Hello, Bo.", "Speaker 1 1000-1500 Hi."]);
        let transcript = read(&text);
        assert_eq!(transcript.segments[0].confidence, Some(987));
        assert_eq!((transcript.external_id.as_deref(), transcript.language.as_deref()), (Some("r-1"), Some("en")));
        assert!(!transcript.separate_channels);
    }

    #[test]
    fn then_paragraphs() {
        let text = response(&format!(
            r#""channels":[{{"alternatives":[{{"words":{WORDS},"paragraphs":{{"transcript":"…","paragraphs":[
               {{"speaker":1,"sentences":[{{"text":"Hello, Bo.","start":0.5,"end":1.0}},{{"text":"Later.","start":2.0,"end":2.4}}]}}]}}}}]}}]"#
        ));
        check(&text, DeepgramJson, &["Speaker 1 500-1000 Hello, Bo.", "Speaker 1 2000-2400 Later."]);
    }

    #[test]
    fn then_words_cut_at_speakers_and_silences() {
        let text = response(&format!(r#""channels":[{{"alternatives":[{{"transcript":"…","words":{WORDS}}}]}}]"#));
        check(
            &text,
            DeepgramJson,
            &["Speaker 0 500-1000 Hello, Bo.", "Speaker 0 2000-2400 later", "Speaker 1 2500-2700 hi"],
        );
        assert_eq!(read(&text).segments[0].confidence, Some(750));
    }

    #[test]
    fn each_of_several_channels_is_a_speaker() {
        let channel = |word: &str, start: f64| {
            format!(r#"{{"alternatives":[{{"words":[{{"word":"{word}","start":{start},"end":{}}}]}}]}}"#, start + 1.0)
        };
        let text = response(&format!(r#""channels":[{},{}]"#, channel("later", 1.5), channel("first", 1.0)));
        check(&text, DeepgramJson, &["Channel 1 1000-2000 first", "Channel 0 1500-2500 later"]);
        let transcript = read(&text);
        assert!(transcript.separate_channels && transcript.warnings.is_empty());
    }
}
