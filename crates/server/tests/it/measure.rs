//! `sideline metrics`.

use crate::sideline;

#[test]
fn the_fields_of_the_domain_are_there() {
    let metrics = sideline(&["metrics", "sales.vtt", "--internal", "Dana Whitlock", "--json"]).ended(0).json();
    for field in [
        "talk_ms",
        "talk_ratio",
        "longest_monologue_ms",
        "longest_customer_story_ms",
        "interactivity_per_min",
        "patience_ms",
        "overlapped_answer_ratio",
        "pause_after_objection_ms",
        "question_count",
        "open_question_count",
        "factual_question_count",
        "words_per_minute",
        "filler_per_min",
        "interruption_count",
        "interruption_ms",
        "overtalk_ratio",
        "non_talk_ms",
        "sentiment",
    ] {
        let value = &metrics[field];
        let reason = metrics["unavailable"].get(field).and_then(|r| r.as_str()).unwrap_or_default();
        assert!(
            metrics.get(field).is_some() && (!value.is_null() || reason.ends_with('.')),
            "{field}: {value} {reason:?}"
        );
    }
    // Start and end of the first and the last cue, and the longest cue of either side.
    assert_eq!(metrics["duration_ms"], 116_200);
    assert_eq!(metrics["longest_customer_story_ms"], 15_400);
    let ratio = metrics["talk_ratio"].as_f64().unwrap();
    // By hand: Dana 7.7 + 3.9 + 5.6 + 14.3 + 7.5 + 8.4 + 11.4 s, Ravi 2.7 + 15.4 + 8.6 + 6.8 + 5.1 + 5.4 + 3.8 s.
    assert!((ratio - 58.8 / (58.8 + 47.8)).abs() < 0.001, "{ratio}");
}

#[test]
fn without_sides_the_rest_is_printed_and_the_way_to_the_others_told() {
    let run = sideline(&["metrics", "zoom.vtt", "--json"]).ended(0);
    let metrics = run.json();
    assert!(metrics["talk_ratio"].is_null() && metrics["unavailable"]["talk_ratio"].is_string());
    assert!(metrics["duration_ms"].is_u64());
    assert!(run.err.contains("--internal \"Marta Okafor\""), "{}", run.err);
    assert!(sideline(&["metrics", "zoom.vtt", "--json", "--quiet"]).ended(0).err.is_empty());
}

#[test]
fn the_table_shows_values_with_their_bands_and_reasons() {
    let table = sideline(&["metrics", "sales.vtt", "--internal", "Dana"]).ended(0).out;
    let row = |name: &str| {
        table.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name} is not in {table}"))
    };
    assert!(row("Talk ratio").contains("55 %") && row("Talk ratio").ends_with("discovery 35–50 %"));
    assert!(row("Our longest turn").ends_with("ok"));
    assert!(table.contains("Not known: "), "interruptions cannot be known without overlaps");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[test]
fn trackers_are_in_the_json_and_in_the_table() {
    let args = ["metrics", "sales.vtt", "--internal", "Dana"];
    let metrics = sideline(&[&args[..], &["--json"]].concat()).ended(0).json();
    let trackers = metrics["trackers"].as_array().unwrap();
    let table = sideline(&args).ended(0).out;
    let (_, heard) = table.split_once("Heard ").unwrap();
    assert!(!trackers.is_empty());
    for tracker in trackers {
        assert_eq!(tracker["count"], tracker["hits"].as_array().unwrap().len());
        assert!(heard.contains(tracker["name"].as_str().unwrap()), "{tracker} is not in {heard}");
    }
}

#[test]
fn several_files_are_json_lines_with_their_names() {
    let lines = sideline(&["metrics", "gong.json", "captions.srt", "--json"]).ended(0).json_lines();
    assert_eq!([&lines[0]["file"], &lines[1]["file"]], ["gong.json", "captions.srt"]);
    assert!(lines.iter().all(|line| line["talk_ratio"].is_f64()), "roles and affiliations give the sides");
}

#[test]
fn colour_follows_the_wish() {
    let args = ["metrics", "sales.vtt", "--internal", "Dana"];
    assert!(!sideline(&args).out.contains('\u{1b}'));
    assert!(sideline(&[&args[..], &["--color", "always"]].concat()).out.contains("\u{1b}["));
    assert!(!sideline(&[&args[..], &["--color", "never"]].concat()).out.contains('\u{1b}'));
}
