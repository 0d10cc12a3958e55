//! One valid file of each format.

use std::io::{Cursor, Write};
use transcript::{Format, parse};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The files with the format that detection must find.
pub const SAMPLES: &[(Format, &str)] = &[
    (
        Format::Vtt,
        "WEBVTT\n\nSTYLE\n::cue {}\n\nNOTE x\n\nintro\n00:01.000 --> 00:02.500 align:start\n<v Ann>R&amp;D &lt; <i>5</i></v>\n\n\
         00:02.000 --> 00:03.000\n<v.loud Bo>Yes <v Ann>No\n",
    ),
    (
        Format::ZoomVtt,
        "WEBVTT\r\n\r\n1\r\n00:00:01.000 --> 00:00:02.000\r\nSam Zhao: Hello?\r\n\r\n2\r\n00:00:03.000 --> 00:00:05.000\r\nkev: Yes, at 10:30.\r\n\r\n\
         3\r\n00:00:04.000 --> 00:00:06.000\r\nkev: Note: fine.\r\n",
    ),
    (
        Format::TeamsVtt,
        "WEBVTT\n\n8c1f-51/12-0\n0:0:3.1 --> 0:0:6.4\n<v Doe, Jane [NA]>Good morning\neveryone.</v>\n\n8c1f-51/12-1\n00:00:06.500 --> 00:00:07.000\n\
         <v Doe, Jane [NA]>Hi.</v>\n\n8c1f-51/13-0\n00:00:07.000 --> 00:00:08.000\n<v Bo>Hi.</v>\n",
    ),
    (
        Format::Srt,
        "1\n00:00:01,000 --> 00:00:02,500\nAnn: Hello <b>you</b>.\n\n2\n00:00:03,000 --> 00:00:04,000\n- Who?\n- Me.\n\n3\n0:0:5 -> 0:0:6\n[Bo] Oh.\n",
    ),
    (
        Format::GongJson,
        r#"{"metaData":{"id":"77","title":"Call","started":"2026-11-02T10:00:00Z"},"parties":[{"speakerId":"1","name":"Ann","affiliation":"Internal",
           "emailAddress":"ann@acme.com"},{"speakerId":null,"name":"Bo","affiliation":"External"}],"transcript":[{"speakerId":"1","topic":"Price",
           "sentences":[{"start":10,"end":20,"text":"Hello."}]},{"speakerId":"2","sentences":[{"start":15,"end":30,"text":"Hi."}]}]}"#,
    ),
    (
        Format::DeepgramJson,
        r#"{"metadata":{"request_id":"r","channels":2},"results":{"channels":[{"alternatives":[{"words":[{"word":"hello","start":0.5,"end":0.75,
           "confidence":0.9}]}]},{"alternatives":[{"words":[{"word":"hi","start":0.25,"end":0.5}]}]}]}}"#,
    ),
    (
        Format::WhisperJson,
        r#"{"language":"en","segments":[{"start":0.0,"end":2.5,"text":" Hello you","avg_logprob":-0.25,"words":[{"word":"Hello","start":0.0,"end":0.5,
           "speaker":"SPEAKER_00"},{"word":"you","speaker":"SPEAKER_01"}]},{"start":2.5,"end":3.0,"text":"Bye","speaker":"SPEAKER_01"}]}"#,
    ),
    (
        Format::WhisperCppJson,
        r#"{"result":{"language":"en"},"transcription":[{"timestamps":{"from":"00:00:00,000","to":"00:00:01,500"},"offsets":{"from":0,"to":1500},
           "text":" Hello."},{"timestamps":{"from":"00:00:01,500","to":"00:00:02,000"},"text":" Bye."}]}"#,
    ),
    (
        Format::AwsTranscribeJson,
        r#"{"jobName":"call-7","status":"COMPLETED","results":{"transcripts":[{"transcript":"Hello, you. Hi."}],"speaker_labels":{"speakers":2,
           "segments":[{"start_time":"0.5","end_time":"1.0","speaker_label":"spk_0","items":[{"start_time":"0.5","speaker_label":"spk_0"}]}]},
           "items":[{"type":"pronunciation","start_time":"0.5","end_time":"0.75","alternatives":[{"confidence":"0.9","content":"Hello"}]},
           {"type":"punctuation","alternatives":[{"confidence":"0.0","content":","}]},
           {"type":"pronunciation","speaker_label":"spk_0","start_time":"0.75","end_time":"1.0","alternatives":[{"content":"you"}]},
           {"type":"pronunciation","speaker_label":"spk_1","start_time":"2.25","end_time":"2.5","alternatives":[{"content":"Hi"}]}]}}"#,
    ),
    (
        Format::FirefliesJson,
        r#"{"data":{"transcript":{"id":"ff-1","title":"Pricing","date":1793613600500,"meeting_attendees":[{"displayName":"Bo","email":"bo@example.com"},
           {"name":"Cy"}],"speakers":[{"id":0,"name":"Ann Bee"}],"sentences":[{"index":0,"speaker_id":0,"text":"Hello.","start_time":"0.5",
           "end_time":"1.25"},{"index":1,"speaker_id":1,"speaker_name":"Bo","raw_text":"Hi.","start_time":1.5,"end_time":2}]}}}"#,
    ),
    (
        Format::Json,
        r#"{"title":"Demo","participants":[{"name":"Ann","side":"internal"}],"segments":[{"speaker":"Ann","start_ms":0,"end_ms":900,"text":"Hello."},
           {"speaker":"Bo","start_ms":1000,"text":"Hi.","confidence":900,"topic":"x"},{"text":"No times"}],"warnings":[{"line":3,"message":"m"}]}"#,
    ),
    (
        Format::OtterText,
        "Pricing\n\nAnn Bee  0:03  \nHello everyone.\nNote: fine.\n\nUnknown Speaker  1:02:11  \nYes.\n\n1:02:20  \nNo.\n\n\
         Transcribed by https://otter.ai\n",
    ),
    (
        Format::MeetText,
        "Weekly - 2026/11/02 10:00 CET - Transcript\nAttendees\nAnn Bee, Carl Dee, Sue\nTranscript\n00:00:00\nAnn Bee: Hello.\nCarl Dee: Hi Ann.\n\
         00:01:04\nAnn Bee: So.\nTranscription ended after 00:32:10\n",
    ),
    (
        Format::Csv,
        "timestamp;end_time;name;content\n2026-11-02T10:00:00Z;2026-11-02 10:00:01.5 UTC;Ann;Hello.\n2026-11-02T11:00:02+01:00;;Bo;Hi; you.\n",
    ),
    (
        Format::Csv,
        "Speaker,Start (s),End (s),Text\nAnn Bee,0.5,1.25,\"Hello, \"\"Bo\"\".\"\n1,1.5,2,\"Two\nlines.\"\n\nAnn Bee,2,3,Well, bye.\n",
    ),
    (
        Format::Text,
        "Weekly\n\n[00:01:02] Ann: Hello.\nHow are you?\nBo (00:01:10): Fine. >> And you?\n\nCy  1:05\nOh.\n00:02:00\n**Ann:** Hm. **Bo:** So: bye.\n",
    ),
];

/// The document of an office file, as Teams writes it.
pub const DOCUMENT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>\
    <w:p><w:r><w:t>Weekly sync</w:t></w:r></w:p>\n<w:p/><w:p><w:r><w:t>Jane Doe started transcription</w:t></w:r></w:p>\n\
    <w:p><w:pPr><w:tabs><w:tab w:pos=\"90\"/></w:tabs></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">Jane Doe   0:03</w:t></w:r>\
    <w:r><w:br/><w:t>R&amp;D, isn&#8217;t it?</w:t></w:r></w:p>\n<w:p><w:r><w:t xml:space=\"preserve\">Bo Li   1:00:05</w:t><w:cr/><w:t>Yes: all.</w:t></w:r></w:p>\
    <w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:sectPr/></w:body></w:document>";

/// An office file with this document.
pub fn docx(document: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [("[Content_Types].xml", &b"<Types/>"[..]), ("word/document.xml", document)] {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(name, options).expect("a file can be begun in memory");
        writer.write_all(content).expect("memory can be written to");
    }
    writer.finish().expect("memory can be written to").into_inner()
}

#[test]
fn an_office_document_is_detected_and_read() {
    let bytes = docx(DOCUMENT.as_bytes());
    let transcript = parse(&bytes, None).unwrap();
    crate::assert_invariants(&transcript);
    let names: Vec<&str> = transcript.participants.iter().map(|p| p.name.as_str()).collect();
    assert_eq!((transcript.format, names), (Format::Docx, vec!["Jane Doe", "Bo Li"]));
    assert_eq!(parse(&bytes, Some(Format::Docx)).unwrap(), transcript);
}

#[test]
fn each_sample_is_detected_and_read() {
    for (format, text) in SAMPLES {
        let transcript = parse(text.as_bytes(), None).unwrap_or_else(|error| panic!("{format:?}: {error}"));
        assert_eq!(transcript.format, *format);
        crate::assert_invariants(&transcript);
        let hinted = parse(text.as_bytes(), Some(*format)).unwrap();
        assert_eq!(hinted, transcript);
        let with_mark = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        assert_eq!(parse(&with_mark, None).unwrap(), transcript, "a byte-order mark changes nothing");
        let crlf = text.replace("\r\n", "\n").replace('\n', "\r\n");
        assert_eq!(parse(crlf.as_bytes(), None).unwrap().segments, transcript.segments, "line ends change nothing");
    }
}

/// Writers disagree about leaving a field out or setting it to null.
#[test]
fn nulls_are_like_absent_fields() {
    for text in [
        r#"{"title":null,"separate_channels":null,"participants":null,"warnings":null,"segments":[{"speaker":null,"start_ms":null,
            "end_ms":null,"text":"a","estimated":null,"confidence":null,"topic":null}]}"#,
        r#"{"calls":null,"metaData":null,"parties":[{"name":null,"speakerId":"1","affiliation":null}],
            "transcript":[{"speakerId":"1","sentences":null},{"speakerId":null,"topic":null,"sentences":[{"start":null,"end":null,"text":"a"}]}]}"#,
        r#"{"metadata":null,"results":{"utterances":null,"channels":[{"alternatives":null},{"alternatives":[{"paragraphs":null,
            "words":[{"word":"a","start":null,"end":null,"speaker":null}]}]}]}}"#,
        r#"{"language":null,"segments":[{"start":null,"end":null,"text":"a","words":null,"speaker":null}]}"#,
        r#"{"jobName":null,"status":null,"results":{"transcripts":null,"language_code":null,"speaker_labels":null,"channel_labels":null,
            "audio_segments":null,"items":[{"type":null,"speaker_label":null,"start_time":null,"end_time":null,"alternatives":[{"content":"a",
            "confidence":null}]},{"alternatives":null}]}}"#,
        r#"{"data":{"transcript":{"id":null,"title":null,"date":null,"speakers":null,"meeting_attendees":null,"sentences":[{"speaker_id":null,
            "speaker_name":null,"text":"a","raw_text":null,"start_time":null,"end_time":null}]}}}"#,
        r#"{"result":null,"transcription":[{"offsets":null,"timestamps":null,"text":"a","speaker":null}]}"#,
    ] {
        let transcript = parse(text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}: {text}"));
        crate::assert_invariants(&transcript);
        assert_eq!((transcript.segments[0].text.as_str(), transcript.segments[0].start_ms), ("a", None), "{text}");
    }
}
