use crate::Format::{self, Csv};
use crate::formats::testing::{check, read, said, warnings};
use crate::parse;

#[test]
fn clocks_and_quoted_words() {
    check(
        "Speaker,Start,End,Text\nAnn Bee,0:01,0:02.5,\"Hello, \"\"Bo\"\".\"\n1,00:00:03,,\"Two\nlines.\"\n\nAnn Bee,0:05,0:06,Bye.\n",
        Csv,
        &["Ann Bee 1000-2500 Hello, \"Bo\".", "Speaker 1 ~3000-5000 Two lines.", "Ann Bee 5000-6000 Bye."],
    );
}

#[test]
fn units_stand_in_the_header() {
    let expected = &["Ann 1000-2500 Hello.", "Bo 3000-4000 Hi."];
    check("start_ms,end_ms,speaker,text\n1000,2500,Ann,Hello.\n3000,4000,Bo,Hi.\n", Csv, expected);
    check("Start (s),End (s),Speaker,Text\n1,2.5,Ann,Hello.\n3,4,Bo,Hi.\n", Csv, expected);
    check("startTimeMs,duration_s,name,content\n1000,1.5,Ann,Hello.\n3000,1,Bo,Hi.\n", Csv, expected);
    check("start,end,speaker,text\n1000ms,2.5s,Ann,Hello.\n3s,4s,Bo,Hi.\n", Csv, expected);
}

#[test]
fn numbers_without_unit_are_told_by_their_size() {
    let table = |start: &str, end: &str| {
        format!("start,end,speaker,text\n0,{start},Ann,Hello to all of you.\n{start},{end},Bo,Hi.\n")
    };
    let seconds = read(&table("2", "4"));
    assert_eq!(said(&seconds)[1], "Bo 2000-4000 Hi.");
    let ms = read(&table("2000", "4000"));
    assert_eq!(said(&ms)[1], "Bo 2000-4000 Hi.");
    assert_eq!(
        warnings(&ms),
        ["1: times without a unit were read as milliseconds; if that is wrong, call the column `start_s`"]
    );
    assert!(warnings(&seconds)[0].contains("read as seconds"));
    // A fraction leaves no doubt.
    let fraction = read(&table("2000.5", "4000"));
    assert_eq!((said(&fraction)[1].as_str(), fraction.warnings.len()), ("Bo 2000500-4000000 Hi.", 0));
}

#[test]
fn moments_count_from_the_first() {
    let expected = &["Ann ~0-2500 Hello.", "Bo ~2500-2875 Hi."];
    for (first, second) in [
        ("2026-11-02T10:00:00Z", "2026-11-02T10:00:02.5Z"),
        ("2026-11-02 11:00:00+01:00", "2026-11-02 10:00:02.500 UTC"),
        ("1793613600", "1793613602.5"),
        ("1793613600000", "1793613602500"),
    ] {
        let text = format!("timestamp,speaker,text\n{first},Ann,Hello.\n{second},Bo,Hi.\n");
        check(&text, Csv, expected);
        assert_eq!(read(&text).started_at.as_deref(), Some("2026-11-02T10:00:00Z"), "{first}");
    }
}

#[test]
fn other_delimiters() {
    let expected = &["Ann 1500-2500 Hello, you.", "Bo 3000-4000 Hi."];
    for text in [
        "speaker;start;end;text\nAnn;1,5;2,5;Hello, you.\nBo;3;4;Hi.\n",
        "sep=;\nspeaker;start;end;text\nAnn;1,5;2,5;Hello, you.\nBo;3;4;Hi.\n",
        "speaker\tstart\tend\ttext\nAnn\t1.5\t2.5\tHello, you.\nBo\t3\t4\tHi.\n",
        "speaker|start|end|text\nAnn|1.5|2.5|Hello, you.\nBo|3|4|Hi.\n",
    ] {
        check(text, Csv, expected);
    }
}

#[test]
fn without_times_or_without_names() {
    check("speaker,text\nagent,Hello.\ncustomer,Hi.\n", Csv, &["agent - Hello.", "customer - Hi."]);
    check(
        "start,end,text\n0:01,0:02,Ann: Hello.\n0:03,0:04,Bo: Hi.\n0:04,0:05,No.\n",
        Csv,
        &["Ann 1000-2000 Hello.", "Bo 3000-4000 Hi.", "? 4000-5000 No."],
    );
}

#[test]
fn rows_with_faults_are_mended_or_left_out_aloud() {
    let transcript = read("speaker,start,text\nAnn,0:01,Well, yes, and no.\nBo\nBo,soon,Hi.\n");
    assert_eq!(said(&transcript), ["Ann ~1000-2500 Well, yes, and no.", "Bo - Hi."]);
    assert_eq!(
        warnings(&transcript),
        [
            "3: 1 row too short to have words left out",
            "4: 1 row with a time that is no number, clock or date; the time was left out"
        ]
    );
    let cut = read("speaker,text,start\n\nAnn,Well, yes,0:01\n");
    assert_eq!(
        warnings(&cut)[0],
        "3: 1 row with more fields than the header has columns; the words may be cut at a delimiter"
    );
    let open = read("speaker,text\nAnn,Hello.\nBo,\"Hi.\nAnn,Bye.\n");
    assert_eq!(said(&open), ["Ann - Hello.", "Bo - Hi. Ann,Bye."]);
    assert!(warnings(&open)[0].starts_with("3: a quotation mark is opened here and never closed"));
}

#[test]
fn tables_that_are_no_transcript_are_refused() {
    let refused = |text: &str, hint: Option<Format>, line: usize, what: &str| {
        let error = parse(text.as_bytes(), hint).expect_err(text);
        assert!(error.line == line && error.message.starts_with(what) && error.message.contains("expected"), "{error}");
    };
    refused("city,country\nBern,CH\nOslo,NO\n", None, 1, "this looks like a table");
    refused("\ncity,country\nBern,CH\n", Some(Csv), 2, "the first line names no such columns");
    refused("", Some(Csv), 1, "the file is empty");
    refused("speaker,text\n", None, 1, "a header and no rows");
    refused("speaker,text\n\nAnn\nBo\n", None, 3, "2 rows too short to have words");
    refused("call_id,speaker,text\n7,Ann,Hello.\n8,Bo,Hi.\n7,Ann,So.\n", None, 0, "2 calls in one table: 7, 8;");
}
