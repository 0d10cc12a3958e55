//! `sideline label`.

use crate::{command, sideline_with};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

#[test]
fn every_line_has_its_line_with_all_fields() {
    let lines = sideline_with(
        &["label"],
        "I will send it on Tuesday.\n\nWhat happens when a truck arrives?\nGreat, I love it!".as_bytes(),
    )
    .ended(0)
    .json_lines();
    assert_eq!(lines.len(), 4);
    for line in &lines {
        for field in
            ["sentiment", "sentiment_spoken", "objection", "question", "trackers", "commitment", "next_step", "labels"]
        {
            assert!(line.get(field).is_some(), "{field} is not in {line}");
        }
    }
    assert_eq!(lines[2]["question"], "open");
    assert!(lines[3]["sentiment"].as_f64().unwrap() > 0.6);
    assert_eq!(lines[1]["sentiment"], 0.0);
}

#[test]
fn objects_tell_who_speaks_and_what_came_before() {
    let text = "Honestly, that is far too expensive for us.";
    let line = |speaker: &str| {
        format!(
            "{{\"text\":\"{text}\",\"previous\":\"It is ninety euros a seat.\",\"speaker\":\"{speaker}\",\"extra\":1}}\n"
        )
    };
    let input: String = ["customer", "persuadee", "external", "Ravi Menon", "persuader", "rep"].map(line).concat();
    let objections: Vec<_> = sideline_with(&["label"], input.as_bytes())
        .ended(0)
        .json_lines()
        .iter()
        .map(|l| l["objection"].clone())
        .collect();
    assert_eq!(objections[..4], ["price"; 4]);
    assert!(objections[4..].iter().all(serde_json::Value::is_null), "our own side does not object: {objections:?}");
}

#[test]
fn trackers_quote_by_characters() {
    let text = "Größe ünd 🙂 — but the price is too high.";
    let labels = sideline_with(&["label"], text.as_bytes()).ended(0).json();
    let trackers = labels["trackers"].as_array().unwrap();
    assert!(!trackers.is_empty());
    for hit in trackers {
        let (offset, length) = (hit["offset"].as_u64().unwrap() as usize, hit["length"].as_u64().unwrap() as usize);
        let quote: String = text.chars().skip(offset).take(length).collect();
        assert_eq!(hit["quote"], quote, "{hit}");
        assert!(hit["id"].is_string() && hit["name"].is_string());
    }
}

#[test]
fn only_prints_that_field_and_the_same_value() {
    let text = "Why is it so expensive? I hate that.";
    let all = sideline_with(&["label"], text.as_bytes()).ended(0).json();
    for field in ["sentiment", "objection", "question", "trackers"] {
        let only = sideline_with(&["label", "--only", field], text.as_bytes()).ended(0).json();
        assert_eq!(only, serde_json::json!({ field: all[field] }));
    }
}

#[test]
fn a_broken_object_is_told_in_its_place() {
    let run = sideline_with(
        &["label", "--only", "sentiment"],
        b"good\n{\"text\": \"good\"\n{\"speaker\":\"rep\"}\n{\"text\":\"good\"}\n",
    )
    .ended(1);
    let lines = run.json_lines();
    assert_eq!(lines.len(), 4);
    assert!(lines[1]["error"].as_str().unwrap().starts_with("line 2: "), "{}", lines[1]);
    assert!(lines[2]["error"].as_str().unwrap().contains("text"), "{}", lines[2]);
    assert_eq!(lines[0], lines[3]);
}

#[test]
fn bytes_that_are_no_utf8_are_a_line_like_any_other() {
    assert_eq!(sideline_with(&["label"], b"caf\xe9 is good\n\xff\xfe\n").ended(0).json_lines().len(), 2);
}

#[test]
fn a_result_comes_before_the_next_line_is_there() {
    let mut child = command(&["label"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for text in ["first", "second", "third"] {
        writeln!(stdin, "{text}").unwrap();
        // Blocks for ever if the program waits for more input; the test runner's limit ends it then.
        let mut line = String::new();
        assert!(stdout.read_line(&mut line).unwrap() > 0);
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn many_lines_stream_through() {
    let input = "We lose six hours a week over that, and nobody knows why.\n".repeat(10_000);
    let started = Instant::now();
    let run = sideline_with(&["label"], input.as_bytes()).ended(0);
    assert_eq!(run.out.lines().count(), 10_000);
    // A debug build on a busy machine; the bench measures the real rate.
    assert!(started.elapsed() < Duration::from_mins(1));
}
