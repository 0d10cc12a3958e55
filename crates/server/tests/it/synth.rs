//! `sideline synth`.

use crate::{scratch, sideline};
use std::collections::BTreeMap;
use std::path::Path;

fn files(dir: &Path) -> BTreeMap<String, String> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_calls_on_however_many_cores() {
    let (a, b, c) = (scratch("synth_a"), scratch("synth_b"), scratch("synth_c"));
    for (dir, seed) in [(&a, "5"), (&b, "5"), (&c, "6")] {
        let summary = sideline(&["synth", "--calls", "12", "--seed", seed, "--out", dir.to_str().unwrap(), "--json"])
            .ended(0)
            .json();
        assert_eq!(summary["calls"], 12);
        assert_eq!(summary["sales"].as_u64().unwrap() + summary["service"].as_u64().unwrap(), 12);
    }
    assert_eq!(files(&a), files(&b));
    assert_ne!(files(&a), files(&c));
    assert_eq!(files(&a).len(), 24, "a call and its truth each");
}

#[test]
fn a_call_has_its_ids_and_reads_as_a_transcript_with_sides() {
    let dir = scratch("synth_one");
    sideline(&[
        "synth",
        "--calls",
        "1",
        "--seed",
        "9",
        "--kind",
        "sales",
        "--skill",
        "0.8",
        "--out",
        dir.to_str().unwrap(),
    ])
    .ended(0);
    let name = files(&dir).into_keys().find(|name| !name.contains(".truth.")).unwrap();
    let id = name.strip_suffix(".json").unwrap();
    assert!(id.len() == 13 && id.starts_with("CALL_") && id[5..].bytes().all(|b| b.is_ascii_digit()), "{id}");
    let call: serde_json::Value = serde_json::from_str(&files(&dir)[&name]).unwrap();
    for field in ["agent_id", "customer_id", "language", "start_time", "duration_seconds", "external_id"] {
        assert!(!call[field].is_null(), "{field}");
    }
    assert_eq!(call["kind"], "sales");
    let path = dir.join(&name);
    let report = sideline(&["report", path.to_str().unwrap(), "--json"]).ended(0).json();
    assert_eq!(report["call"]["external_id"], id);
}

#[test]
fn a_directory_with_something_in_it_is_left_alone() {
    let dir = scratch("synth_full");
    std::fs::write(dir.join("mine.txt"), "x").unwrap();
    let args = ["synth", "--calls", "1", "--out", dir.to_str().unwrap()];
    let run = sideline(&args).ended(1);
    assert!(run.err.contains("--force"), "{}", run.err);
    assert_eq!(files(&dir).len(), 1);
    sideline(&[&args[..], &["--force"]].concat()).ended(0);
    assert_eq!(files(&dir).len(), 3);
}

#[test]
fn wrong_numbers_are_told_at_once() {
    let dir = scratch("synth_wrong");
    for wrong in [["--skill", "1.5"], ["--skill", "NaN"], ["--agents", "0"], ["--kind", "party"]] {
        sideline(&[&["synth", "--calls", "1", "--out", dir.to_str().unwrap()], &wrong[..]].concat()).ended(2);
    }
}
