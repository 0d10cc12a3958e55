//! Whisper's `segments` and everything that copies them (WhisperX, `verbose_json`, `diarized_json`), and whisper.cpp's `transcription`.

use super::scalar::{Mean, Scalar, or_default};
use super::time::take_clock;
use super::{Builder, Found, ParseError, from_json};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Document<'a> {
    language: Scalar<'a>,
    #[serde(deserialize_with = "or_default")]
    segments: Vec<Segment<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Segment<'a> {
    start: Scalar<'a>,
    end: Scalar<'a>,
    text: Scalar<'a>,
    speaker: Scalar<'a>,
    avg_logprob: Scalar<'a>,
    words: Option<Vec<Word<'a>>>,
}

/// A word; Whisper gives its `probability`, WhisperX its `score` and perhaps no times.
#[expect(clippy::struct_field_names, reason = "the names are the service's")]
#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Word<'a> {
    word: Scalar<'a>,
    start: Scalar<'a>,
    end: Scalar<'a>,
    #[serde(alias = "score")]
    probability: Scalar<'a>,
    speaker: Scalar<'a>,
}

/// Reads segments in seconds. A segment whose words have different speakers is cut where the speaker changes.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    let document = if text.trim_start().starts_with('[') {
        Document { segments: from_json(text)?, ..Document::default() }
    } else {
        from_json::<Document<'_>>(text)?
    };
    builder.call().language = document.language.into_string();
    for segment in document.segments {
        let runs = runs(&segment);
        if runs.len() < 2 {
            let only = runs.into_iter().next();
            let speaker = segment.speaker.speaker_name().or_else(|| only.as_ref().and_then(|run| run.speaker.clone()));
            let start_ms = segment.start.seconds_as_ms().or_else(|| only.as_ref()?.start_ms);
            let end_ms = segment.end.seconds_as_ms().or_else(|| only.as_ref()?.end_ms);
            let from_words = only.as_ref().and_then(|run| run.confidence.per_mille());
            let text = segment.text.into_string().or_else(|| only.map(|run| run.text));
            let found = Found {
                speaker: speaker.and_then(|name| builder.speaker(&name)),
                start_ms,
                end_ms,
                text: text.unwrap_or_default(),
                confidence: from_words.or_else(|| Some((segment.avg_logprob.number()?.exp() * 1000.0).round() as u16)),
                ..Found::default()
            };
            builder.push(0, found);
        } else {
            push_runs(&segment, runs, builder);
        }
    }
    Ok(())
}

/// Consecutive words of one speaker.
struct Run<'a> {
    speaker: Option<Cow<'a, str>>,
    start_ms: Option<u64>,
    end_ms: Option<u64>,
    text: String,
    confidence: Mean,
}

/// The words of a segment by speaker; a word without speaker belongs to the one before it.
fn runs<'a>(segment: &Segment<'a>) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for word in segment.words.iter().flatten() {
        let speaker = word.speaker.clone().speaker_name();
        let changes =
            runs.last().is_none_or(|run| speaker.is_some() && run.speaker.is_some() && speaker != run.speaker);
        if changes {
            let (start_ms, end_ms) = (None, None);
            runs.push(Run { speaker: None, start_ms, end_ms, text: String::new(), confidence: Mean::default() });
        }
        let Some(run) = runs.last_mut() else { continue };
        run.speaker = run.speaker.take().or(speaker);
        run.start_ms = run.start_ms.or(word.start.seconds_as_ms());
        run.end_ms = word.end.seconds_as_ms().or(run.end_ms);
        // Whisper's words bring their leading space; a script without spaces has none.
        run.text.push_str(word.word.clone().text().as_deref().unwrap_or_default());
        if !joined_by_word(segment) {
            run.text.push(' ');
        }
        run.confidence.add(&word.probability);
    }
    runs
}

/// Whether the words carry the white space between them, as Whisper's do and WhisperX's do not.
fn joined_by_word(segment: &Segment<'_>) -> bool {
    let second = segment.words.iter().flatten().nth(1);
    second.is_some_and(|word| matches!(&word.word, Scalar::Text(text) if text.starts_with(' ')))
}

/// Adds the runs of a segment; a missing time is taken from the neighbouring run or the segment, and marked as estimated.
fn push_runs(segment: &Segment<'_>, runs: Vec<Run<'_>>, builder: &mut Builder) {
    let ends = (segment.start.seconds_as_ms(), segment.end.seconds_as_ms());
    let starts: Vec<Option<u64>> = runs.iter().map(|run| run.start_ms).collect();
    let mut last_end = ends.0;
    for (i, run) in runs.into_iter().enumerate() {
        let start_ms = run.start_ms.or(last_end);
        let next_start = starts.get(i + 1).copied().flatten();
        let end_ms = run.end_ms.or(next_start).or(ends.1);
        let found = Found {
            speaker: run.speaker.and_then(|name| builder.speaker(&name)),
            start_ms,
            end_ms,
            text: run.text,
            estimated: run.start_ms.is_none() || run.end_ms.is_none(),
            confidence: run.confidence.per_mille(),
            ..Found::default()
        };
        builder.push(0, found);
        last_end = end_ms;
    }
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct CppDocument<'a> {
    #[serde(deserialize_with = "or_default")]
    result: CppResult<'a>,
    #[serde(deserialize_with = "or_default")]
    transcription: Vec<CppSegment<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct CppResult<'a> {
    language: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct CppSegment<'a> {
    /// Milliseconds.
    #[serde(deserialize_with = "or_default")]
    offsets: FromTo<'a>,
    /// `00:00:01,000`.
    #[serde(deserialize_with = "or_default")]
    timestamps: FromTo<'a>,
    text: Scalar<'a>,
    /// Number of the channel with `--diarize`, or "?".
    speaker: Scalar<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct FromTo<'a> {
    from: Scalar<'a>,
    to: Scalar<'a>,
}

/// Reads the JSON of whisper.cpp.
pub(crate) fn parse_cpp(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    let document: CppDocument<'_> = from_json(text)?;
    builder.call().language = document.result.language.into_string();
    let clock = |time: Scalar<'_>| time.text().and_then(|text| take_clock(text.trim()).map(|(ms, _)| ms));
    for segment in document.transcription {
        let speaker = segment.speaker.text().filter(|number| number != "?");
        let found = Found {
            speaker: speaker.and_then(|number| builder.speaker(&format!("Speaker {number}"))),
            start_ms: segment.offsets.from.ms().or_else(|| clock(segment.timestamps.from)),
            end_ms: segment.offsets.to.ms().or_else(|| clock(segment.timestamps.to)),
            text: segment.text.into_string().unwrap_or_default(),
            ..Found::default()
        };
        builder.push(0, found);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::Format::{WhisperCppJson, WhisperJson};
    use crate::formats::testing::{check, read};

    #[test]
    fn whisper_segments() {
        let text = r#"{"text":" Hello there. Bye.","language":"en","segments":[
            {"id":0,"seek":0,"start":0.0,"end":1.5,"text":" Hello there.","tokens":[1,2],"avg_logprob":-0.1,
             "words":[{"word":" Hello","start":0.0,"end":0.5,"probability":0.5},{"word":" there.","start":0.5,"end":1.5,"probability":0.9}]},
            {"id":1,"start":1.5,"end":2.0,"text":" Bye.","avg_logprob":-0.1}]}"#;
        check(text, WhisperJson, &["? 0-1500 Hello there.", "? 1500-2000 Bye."]);
        let transcript = read(text);
        assert_eq!(transcript.segments.iter().map(|s| s.confidence).collect::<Vec<_>>(), [Some(700), Some(905)]);
        assert_eq!(transcript.language.as_deref(), Some("en"));
    }

    #[test]
    fn whisperx_speakers_on_segments() {
        let text = r#"{"segments":[{"start":0,"end":1,"text":"Hello.","speaker":"SPEAKER_00","words":[{"word":"Hello."}]},
            {"start":1,"end":2,"text":"Hi.","speaker":"SPEAKER_01"}],"word_segments":[]}"#;
        check(text, WhisperJson, &["SPEAKER_00 0-1000 Hello.", "SPEAKER_01 1000-2000 Hi."]);
        let list = r#"[{"start":"0.5","end":"1","text":"Hello.","speaker":"A"}]"#;
        check(list, WhisperJson, &["A 500-1000 Hello."]);
    }

    #[test]
    fn whisperx_speakers_on_words_cut_the_segment() {
        let text = r#"{"segments":[{"start":0,"end":4,"text":"You there? Yes in 2026 okay","words":[
            {"word":"You","start":0.1,"end":0.3,"speaker":"A"},{"word":"there?","start":0.4,"end":0.8,"speaker":"A"},
            {"word":"Yes","start":1.0,"end":1.4,"score":0.8,"speaker":"B"},{"word":"in","speaker":"B"},{"word":"2026"},
            {"word":"okay","speaker":"A"}]}]}"#;
        check(text, WhisperJson, &["A 100-800 You there?", "B 1000-1400 Yes in 2026", "A ~1400-4000 okay"]);
    }

    #[test]
    fn whisper_cpp_offsets_and_timestamps() {
        let text = r#"{"systeminfo":"…","model":{},"params":{},"result":{"language":"en"},"transcription":[
            {"timestamps":{"from":"00:00:00,000","to":"00:00:01,500"},"offsets":{"from":0,"to":1500},"text":" Hello.","speaker":"0"},
            {"timestamps":{"from":"00:00:01,500","to":"00:01:02,250"},"text":" Bye.","speaker":"?"}]}"#;
        check(text, WhisperCppJson, &["Speaker 0 0-1500 Hello.", "? 1500-62250 Bye."]);
    }
}
