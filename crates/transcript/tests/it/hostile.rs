//! Files made to hurt: they must be refused or read, in linear time and memory.

use crate::assert_invariants;
use transcript::{Format, parse};

const MEBIBYTE: usize = 1 << 20;

/// Repeats a pattern up to about this many bytes.
fn fill(pattern: &str, bytes: usize) -> String {
    pattern.repeat(bytes / pattern.len())
}

#[test]
fn deeply_nested_json_is_refused_or_skipped() {
    for open in ["[", "{\"a\":", "{\"segments\":[", "{\"segments\":[{\"speaker\":["] {
        let text = fill(open, MEBIBYTE);
        for format in [None, Some(Format::Json), Some(Format::GongJson), Some(Format::WhisperJson)] {
            assert!(parse(text.as_bytes(), format).is_err());
        }
    }
    let nested =
        format!("{{\"extra\":{}{},\"segments\":[{{\"text\":\"a\"}}]}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(parse(nested.as_bytes(), None).unwrap().segments.len(), 1);
}

#[test]
fn absurd_numbers_are_left_out() {
    for time in ["1e308", "-1e308", "99999999999999999999999999", "\"1e400\"", "\"NaN\"", "\"soon\"", "true", "{}"] {
        for key in ["start_ms", "start"] {
            let text =
                format!("{{\"segments\":[{{\"{key}\":{time},\"end_ms\":{time},\"end\":{time},\"text\":\"a\"}}]}}");
            assert_invariants(&parse(text.as_bytes(), None).unwrap());
        }
    }
    let digits = "9".repeat(1000);
    for text in [format!("WEBVTT\n\n{digits}:00:00.000 --> {digits}:00:01.000\na\n"), format!("[{digits}:00] Ann: a\n")]
    {
        assert_invariants(&parse(text.as_bytes(), None).unwrap());
    }
}

/// Patterns that make careless parsers quadratic, each as one long line and as many lines.
#[test]
fn repeated_marks_take_linear_time() {
    for mark in [
        "<",
        "<a",
        "<v ",
        "&",
        "&#",
        "{\\",
        "[",
        "(",
        "(0:",
        "**",
        " **a",
        "**A:** ",
        ">>",
        ">> a ",
        "- ",
        ":",
        "a: ",
        "Ann: ",
        "-->",
        "0:0 --> ",
        "A ",
        "a b ",
        "é",
        "__",
        "# ",
        "\"",
        ",",
        "\",",
        "Ann  0:03\n\n",
    ] {
        let line = fill(mark, MEBIBYTE / 32);
        let many = fill(&format!("{mark}\n"), MEBIBYTE / 32);
        for text in [line, many] {
            for (format, head) in [
                (Format::Text, ""),
                (Format::OtterText, "Ann  0:03\n"),
                (Format::MeetText, "Transcript\n0:00\nAnn: a\n"),
                (Format::Csv, "speaker,start,text\nAnn,1,"),
                (Format::Vtt, "WEBVTT\n\n00:01.000 --> 00:02.000\n"),
                (Format::Srt, "1\n00:00:01,000 --> 00:00:02,000\n"),
            ] {
                if let Ok(transcript) = parse(format!("{head}{text}").as_bytes(), Some(format)) {
                    assert_invariants(&transcript);
                }
            }
        }
    }
}

#[test]
fn many_participants_of_one_name() {
    let participants = vec!["{\"name\":\"X\"}"; 50_000].join(",");
    let text = format!("{{\"participants\":[{participants}],\"segments\":[{{\"speaker\":\"X\",\"text\":\"a\"}}]}}");
    let transcript = parse(text.as_bytes(), None).unwrap();
    assert_eq!((transcript.participants.len(), transcript.participants[49_999].name.as_str()), (50_000, "X (50000)"));
}

#[test]
fn many_calls_and_transcripts() {
    let transcripts: Vec<String> = (0..30_000).map(|i| format!("{{\"callId\":\"{i}\",\"transcript\":[]}}")).collect();
    let calls: Vec<String> = (0..30_000).map(|i| format!("{{\"metaData\":{{\"id\":\"c{i}\"}}}}")).collect();
    let text = format!("{{\"calls\":[{}],\"callTranscripts\":[{}]}}", calls.join(","), transcripts.join(","));
    assert!(parse(text.as_bytes(), None).unwrap_err().message.starts_with("60000 calls in one file: c0, c1,"));
}

#[test]
fn a_file_made_to_fill_the_memory_is_stopped() {
    let text = format!("[{{}}{}]", fill(",{}", 7 * MEBIBYTE));
    let error = parse(text.as_bytes(), None).unwrap_err();
    assert_eq!(error.message, "more than 2097152 segments; expected one call a file");
}

#[test]
fn five_mebibytes_are_read() {
    let size = 5 * MEBIBYTE;
    let words = "and so we talked about the price of it for a while";
    let vtt = fill(&format!("00:00:01.000 --> 00:00:02.000\nAnn Bee: {words}\n\n"), size);
    let json =
        fill(&format!("{{\"speaker\":\"Ann Bee\",\"start_ms\":1000,\"end_ms\":2000,\"text\":\"{words}\"}},"), size);
    let text = fill(&format!("Ann Bee: {words}\n"), size);
    for (file, format) in [
        (format!("WEBVTT\n\n{vtt}"), Format::Vtt),
        (format!("[{}]", json.trim_end_matches(',')), Format::Json),
        (format!("speaker,text\n{}", fill(&format!("Ann Bee,{words}\n"), size)), Format::Csv),
        (fill(&format!("Ann Bee  0:03\n{words}\n\n"), size), Format::OtterText),
        (format!("Sync - Transcript\nTranscript\n0:00\n{text}"), Format::MeetText),
        (text.clone(), Format::Text),
        (format!("Ann Bee: {}", text.replace('\n', " ")), Format::Text),
    ] {
        let transcript = parse(file.as_bytes(), None).unwrap();
        assert_eq!((transcript.format, transcript.participants[0].name.as_str()), (format, "Ann Bee"));
        let spoken: usize = transcript.segments.iter().map(|segment| segment.text.len()).sum();
        assert!(spoken * 4 > size, "most words are there");
    }
}
