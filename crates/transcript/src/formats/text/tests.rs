use crate::Format::Text;
use crate::formats::testing::{check, read, said, warnings};

#[test]
fn labels_without_times_and_continuation_lines() {
    check(
        "Ann: Hello.\nHow are you?\n\nBo: Fine.\nNote: it is 10:30 now.\nAnn: Good",
        Text,
        &["Ann - Hello. How are you?", "Bo - Fine. Note: it is 10:30 now.", "Ann - Good"],
    );
}

#[test]
fn times_in_brackets_before_the_label() {
    check(
        "[00:01:02] Ann: Hello.\n[00:01:05] Bo: Hi.\n[00:01:06 - 00:01:09] Ann: So.\n",
        Text,
        &["Ann ~62000-65000 Hello.", "Bo ~65000-66000 Hi.", "Ann 66000-69000 So."],
    );
}

#[test]
fn times_after_the_name() {
    check("Ann (00:01): Hello you.\nBo [1:02]: Hi.\n", Text, &["Ann ~1000-62000 Hello you.", "Bo ~62000-62375 Hi."]);
    check("Ann: [00:01] Hello you.\nBo: [00:03] Hi.\n", Text, &["Ann ~1000-3000 Hello you.", "Bo ~3000-3375 Hi."]);
}

#[test]
fn headers_above_the_words() {
    let expected = &["Ann Bee ~1000-4000 Hello. You there?", "Bo ~4000-4375 Hi."];
    check("Ann Bee [00:00:01]\nHello.\nYou there?\n\nBo [00:00:04]\nHi.\n", Text, expected);
    check(
        "00:01 Ann Bee\nHello.\nYou there?\n\n00:04 Bo\nHi.\n\n00:05 Ann Bee\nOh.\n\n00:09 Bo\nBye.",
        Text,
        &["Ann Bee ~1000-4000 Hello. You there?", "Bo ~4000-5000 Hi.", "Ann Bee ~5000-9000 Oh.", "Bo ~9000-9375 Bye."],
    );
    check("Ann Bee:\nHello.\nYou there?\n\nBo:\nHi.\n", Text, &["Ann Bee - Hello. You there?", "Bo - Hi."]);
}

#[test]
fn teams_document_as_text() {
    let text = "Weekly sync\n15 June 2026, 03:35am\n27m 42s\nJane Doe started transcription\nJane Doe   0:03\nMorning.\nAll here?\n\
        Bo Li   1:00:05\nYes.\nJane Doe stopped transcription\n";
    check(text, Text, &["Jane Doe ~3000-3605000 Morning. All here?", "Bo Li ~3605000-3605375 Yes."]);
    assert_eq!(read(text).title.as_deref(), Some("Weekly sync"));
}

#[test]
fn zoom_chat_and_whisper_console() {
    check(
        "00:05:01\tJo Kim:\thello\n00:05:22\tJo Kim:\thttps://a.b\n",
        Text,
        &["Jo Kim ~301000-322000 hello", "Jo Kim ~322000-322375 https://a.b"],
    );
    check(
        "[00:00:00.000 --> 00:00:04.500]   And so it begins.\n[00:00:04.500 --> 00:00:06.000]   It does.\n",
        Text,
        &["? 0-4500 And so it begins.", "? 4500-6000 It does."],
    );
}

#[test]
fn captions_that_zoom_saves() {
    check(
        "[Sam Zhao] 10:00:01\nShall we start?\n\n[Ann Bee] 10:00:04\nYes.\n",
        Text,
        &["Sam Zhao ~36001000-36004000 Shall we start?", "Ann Bee ~36004000-36004375 Yes."],
    );
}

#[test]
fn bold_labels_on_one_line() {
    let transcript =
        read("**Service Call** **Agent:** Hello! **Customer:** Hi. It is **very** slow. **Agent:** I see.");
    assert_eq!(said(&transcript), ["Agent - Hello!", "Customer - Hi. It is **very** slow.", "Agent - I see."]);
    assert_eq!(transcript.title.as_deref(), Some("Service Call"));
    check("**Agent**: Hello!\n**Customer**: Hi.\n", Text, &["Agent - Hello!", "Customer - Hi."]);
}

#[test]
fn changes_of_an_unnamed_speaker() {
    check(">> Hello. >> Hi.\n>> Ann: Who?\nme\n", Text, &["? - Hello.", "? - Hi.", "Ann - Who? me"]);
}

#[test]
fn speech_without_names_has_an_unknown_speaker_and_a_warning() {
    let transcript = read("so we met last week\nand talked about the price\n");
    assert_eq!(said(&transcript), ["? - so we met last week", "? - and talked about the price"]);
    assert_eq!(
        warnings(&transcript),
        ["1: no speaker names like `Ann: Hello.` were found; all speech has an unknown speaker"]
    );
}

#[test]
fn captions_of_a_video_have_bare_times() {
    check(
        "0:03\nhello everyone\nwelcome\n0:07\ntoday we talk\n",
        Text,
        &["? ~3000-7000 hello everyone welcome", "? ~7000-8125 today we talk"],
    );
    check(
        "0:03 hello everyone\n0:07 today we talk\n",
        Text,
        &["? ~3000-7000 hello everyone", "? ~7000-8125 today we talk"],
    );
}

#[test]
fn hours_of_the_day() {
    check(
        "[11:59 AM] Ann: Hello.\n[12:01 PM] Bo: Hi.\n",
        Text,
        &["Ann ~43140000-43260000 Hello.", "Bo ~43260000-43260375 Hi."],
    );
    check(
        "[12:01 AM] Ann: Hello.\n[1:00 pm] Bo: Hi.\n",
        Text,
        &["Ann ~60000-46800000 Hello.", "Bo ~46800000-46800375 Hi."],
    );
}

#[test]
fn colons_in_speech_are_no_names() {
    let lines = "Ann: A line.\nBo: An answer.\n".repeat(30);
    let traps = "so I told him: no\nQuestion: why?\nthe thing is: it costs too much\nhttps://example.org is it\nat 10:30 we met\n\
        Okay Bo: let us see. And then: nothing\nremember: always ask\nthe thing is: it breaks\n";
    let transcript = read(&format!("{lines}{traps}"));
    let names: Vec<&str> = transcript.participants.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Ann", "Bo"]);
    assert!(transcript.segments[59].text.ends_with("remember: always ask the thing is: it breaks"));
}

#[test]
fn names_of_all_kinds() {
    let text = "Dr. Jane O'Brien-Smith: One.\nludwig van beethoven: x\nJosé da Silva (Acme, Inc.): Two.\nJosé da Silva (Acme, Inc.): Three.\n\
        SPEAKER_00: Four.\nمحمد علي: مرحبا\n李雷：你好\nAgent 7: Six.\nJ. R. Ewing Jr.: Seven.\nbob_1: Eight.\nbob_1: Nine.\n";
    let transcript = read(text);
    let names: Vec<&str> = transcript.participants.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Dr. Jane O'Brien-Smith",
            "José da Silva (Acme, Inc.)",
            "SPEAKER_00",
            "محمد علي",
            "李雷",
            "Agent 7",
            "J. R. Ewing Jr.",
            "bob_1"
        ]
    );
}

#[test]
fn a_name_that_speaks_once_is_accepted_if_it_is_shaped_like_one() {
    let lines = "Ann: A line.\n".repeat(30);
    let transcript = read(&format!("{lines}Maria Gomez: Hello.\nkev: what\nAnn: Who is it?\n"));
    let names: Vec<&str> = transcript.participants.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Ann", "Maria Gomez"]);
    assert!(said(&transcript).contains(&"Maria Gomez - Hello. kev: what".to_owned()));
}

#[test]
fn a_short_file_may_have_lower_case_names() {
    check("kev: hello\nmia: hi there\n", Text, &["kev - hello", "mia - hi there"]);
    check("Speaker 1: one line", Text, &["Speaker 1 - one line"]);
}

#[test]
fn a_form_above_the_dialogue_is_no_speech() {
    let transcript =
        read("Date: 2026-11-02\nTitle: Pricing call\nCall ID: 4411\nParticipants: Ann, Bo\n\nAnn: Hello.\nBo: Hi.\n");
    assert_eq!(said(&transcript), ["Ann - Hello.", "Bo - Hi."]);
    assert_eq!(transcript.title.as_deref(), Some("Pricing call"));
}

#[test]
fn one_remark_with_a_colon_does_not_make_a_long_text_a_dialogue() {
    let transcript = read(&format!("{}Aunt Sarah: she knew.\n{0}", "and then we went home\n".repeat(15)));
    assert!(transcript.participants.is_empty());
}

#[test]
fn what_a_named_speaker_says_about_transcription_is_speech() {
    check(
        "Ann: Bo stopped transcription\nBo: No.\nBo stopped transcription\n",
        Text,
        &["Ann - Bo stopped transcription", "Bo - No."],
    );
}
