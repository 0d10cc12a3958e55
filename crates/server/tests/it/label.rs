//! `sideline label`.

use crate::{command, scratch, sideline, sideline_with};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
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
        for field in [
            "sentiment",
            "sentiment_spoken",
            "objection",
            "question",
            "answer",
            "trackers",
            "commitment",
            "next_step",
            "labels",
        ] {
            assert!(line.get(field).is_some(), "{field} is not in {line}");
        }
    }
    assert_eq!(lines[2]["question"], "open");
    let telling = &lines[0];
    assert_eq!(telling["commitment"], true, "{telling}");
    assert_eq!(telling["next_step"], serde_json::json!({ "dated": true, "when": "Tuesday" }), "{telling}");
    assert!(telling["objection"].is_null() && telling["question"].is_null(), "{telling}");
    let labels = telling["labels"].as_array().unwrap();
    assert!(["commitment", "next_step"].iter().all(|label| labels.contains(&(*label).into())), "{telling}");
    let quiet = &lines[1];
    assert!(quiet["next_step"].is_null() && quiet["commitment"] == false && quiet["labels"] == serde_json::json!([]));
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
fn a_line_answers_what_was_asked_before_it() {
    let input = [
        r#"{"text":"About six hours a week.","previous":"How long does that take you?"}"#,
        r#"{"text":"What do you mean by that?","previous":"How long does that take you?"}"#,
        r#"{"text":"About six hours a week.","previous":"That takes long."}"#,
        r#"{"text":"About six hours a week."}"#,
    ];
    let lines = sideline_with(&["label", "--only", "answer"], input.join("\n").as_bytes()).ended(0).json_lines();
    let answers: Vec<_> = lines.iter().map(|line| line["answer"].clone()).collect();
    assert_eq!(answers, [true.into(), false.into(), serde_json::Value::Null, serde_json::Value::Null]);
}

#[test]
fn a_next_step_tells_its_date_in_the_words_of_the_line() {
    let text = "I will send you the contract. Let's meet again on Thursday at ten to sign it.";
    let found = sideline_with(&["label", "--only", "next_step"], text.as_bytes()).ended(0).json();
    assert_eq!(found["next_step"], serde_json::json!({ "dated": true, "when": "Thursday at ten" }));
    let found = sideline_with(&["label", "--only", "next_step"], b"Shall we meet again?").ended(0).json();
    assert_eq!(found["next_step"], serde_json::json!({ "dated": false, "when": null }));
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
    let text = "Why is it so expensive? I hate that. I will send the plan on Tuesday.";
    let all = sideline_with(&["label"], text.as_bytes()).ended(0).json();
    let fields: Vec<&str> = all.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields.len(), 9);
    for field in fields {
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
    let error = |index: usize| lines[index]["error"].as_str().unwrap();
    assert!(error(1).starts_with("line 2: the object breaks off; "), "{}", error(1));
    assert!(error(2).starts_with("line 3: the object does not fit (missing field `text`)"), "{}", error(2));
    assert!([1, 2].iter().all(|index| error(*index).contains("write {\"text\": \"…\"}")));
    assert_eq!(lines[0], lines[3]);
}

#[test]
fn a_line_is_redacted_before_it_is_labelled() {
    let line = serde_json::json!({
        "text": "Größe 🙂: four one two — but the price is too high.",
        "previous": "Can I have the security code?",
    });
    let found = sideline_with(&["label", "--redact"], line.to_string().as_bytes()).ended(0).json();
    let text = found["text"].as_str().unwrap();
    assert_eq!(text, "Größe 🙂: [CVV] — but the price is too high.");
    assert_eq!(found["redacted"], serde_json::json!([{ "kind": "cvv", "offset": 9, "length": 5 }]));
    let trackers = found["trackers"].as_array().unwrap();
    assert!(!trackers.is_empty());
    for hit in trackers {
        let (offset, length) = (hit["offset"].as_u64().unwrap() as usize, hit["length"].as_u64().unwrap() as usize);
        assert_eq!(hit["quote"], text.chars().skip(offset).take(length).collect::<String>(), "{hit}");
    }
}

#[test]
fn kinds_are_chosen_and_without_them_nothing_is_replaced() {
    let text = "Card 4111 1111 1111 1111, mail ann@example.com.";
    let redact = |args: &[&str]| sideline_with(args, text.as_bytes()).ended(0).json();
    assert_eq!(redact(&["label", "--redact"])["text"], "Card [CARD], mail ann@example.com.");
    let only = redact(&["label", "--redact=email", "--only", "commitment"]);
    let places = serde_json::json!([{ "kind": "email", "offset": 31, "length": 7 }]);
    assert_eq!(
        only,
        serde_json::json!({ "text": "Card 4111 1111 1111 1111, mail [EMAIL].", "redacted": places, "commitment": false })
    );
    assert!(redact(&["label"]).get("text").is_none());
    let wrong = sideline(&["label", "--redact=cards"]).ended(2).err;
    assert!(wrong.contains("bank_account"), "{wrong}");
}

/// The objections of the examples are the model's to find.
#[test]
fn the_examples_of_the_help_do_what_they_say() {
    let dir = scratch("label_help");
    std::fs::write(dir.join("lines.txt"), "Great, I love it!\nThat is terrible.\n").unwrap();
    let help = sideline(&["label", "--help"]).ended(0).out;
    let (_, examples) = help.split_once("Examples:\n").unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_sideline")).parent().unwrap().display().to_string();
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap());
    let outputs: Vec<Vec<serde_json::Value>> = examples
        .lines()
        .filter(|line| line.contains("sideline label"))
        .map(|example| {
            let output =
                Command::new("sh").args(["-c", example]).current_dir(&dir).env("PATH", &path).output().unwrap();
            assert!(output.status.success(), "{example}: {}", String::from_utf8_lossy(&output.stderr));
            let text = String::from_utf8(output.stdout).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        })
        .collect();
    assert_eq!(outputs.len(), 4, "{help}");
    assert_eq!(outputs[0][0]["objection"], "price");
    assert_eq!(outputs[1][0]["objection"], "timing");
    let sentiment = |index: usize| outputs[2][index]["sentiment"].as_f64().unwrap();
    assert!(sentiment(0) > 0.0 && sentiment(1) < 0.0);
}

#[test]
fn trackers_of_ones_own_take_the_place_of_the_built_in_ones() {
    let path = scratch("label_trackers").join("mine.yaml");
    std::fs::write(&path, "trackers:\n- {id: dock, name: The dock, phrases: [dock]}\n").unwrap();
    let args = ["label", "--only", "trackers", "--trackers", path.to_str().unwrap()];
    let found = sideline_with(&args, b"The price of the dock is too high.").ended(0).json();
    assert_eq!(
        found["trackers"],
        serde_json::json!([{ "id": "dock", "name": "The dock", "offset": 17, "length": 4, "quote": "dock" }])
    );
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
