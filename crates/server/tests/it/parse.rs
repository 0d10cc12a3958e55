//! `sideline parse`.

use crate::{fixtures, scratch, sideline, sideline_with};
use serde_json::json;

#[test]
fn one_file_is_one_object_of_the_promised_shape() {
    let parsed = sideline(&["parse", "captions.srt"]).ended(0).json();
    assert_eq!(parsed["format"], "srt");
    assert_eq!(
        parsed["segments"][1],
        json!({"id": 2, "speaker": "Customer", "start_ms": 4000, "end_ms": 9000, "text": "My meter reading was booked to the wrong flat.", "estimated": false})
    );
    assert_eq!(parsed["participants"].as_array().unwrap().len(), 2);
    assert_eq!(parsed["warnings"], json!([]));
    assert!(parsed.get("file").is_none());
}

#[test]
fn every_fixture_is_recognised_by_its_content() {
    for (file, format) in [
        ("sales.vtt", "vtt"),
        ("zoom.vtt", "zoom_vtt"),
        ("captions.srt", "srt"),
        ("gong.json", "gong_json"),
        ("notes.txt", "text"),
        ("service.json", "json"),
    ] {
        assert_eq!(sideline(&["parse", file]).ended(0).json()["format"], format, "{file}");
        let bytes = std::fs::read(fixtures().join(file)).unwrap();
        assert_eq!(sideline_with(&["parse", "-"], &bytes).ended(0).json()["format"], format, "{file} without a name");
    }
}

#[test]
fn several_files_are_json_lines_with_their_names() {
    let lines = sideline(&["parse", "zoom.vtt", "notes.txt"]).ended(0).json_lines();
    assert_eq!([&lines[0]["file"], &lines[1]["file"]], ["zoom.vtt", "notes.txt"]);
}

#[test]
fn what_is_written_reads_back_the_same() {
    let words = |value: &serde_json::Value| -> Vec<String> {
        value["segments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| format!("{} {} {}", s["speaker"], s["start_ms"], s["text"]))
            .collect()
    };
    for target in ["vtt", "srt", "json"] {
        let written = sideline(&["parse", "sales.vtt", "--to", target]).ended(0).out;
        let again = sideline_with(&["parse", "-"], written.as_bytes()).ended(0).json();
        assert_eq!(words(&again), words(&sideline(&["parse", "sales.vtt"]).json()), "{target}");
    }
}

#[test]
fn several_files_are_written_into_a_directory() {
    let dir = scratch("parse_out");
    let out = dir.join("made");
    sideline(&["parse", "sales.vtt", "service.json", "--to", "srt", "--out", out.to_str().unwrap()]).ended(0);
    for file in ["sales.srt", "service.srt"] {
        assert!(std::fs::read_to_string(out.join(file)).unwrap().starts_with("1\n"), "{file}");
    }
    assert!(sideline(&["parse", "sales.vtt", "zoom.vtt", "--to", "vtt"]).ended(2).err.contains("--out DIR"));
}

#[test]
fn a_source_is_never_overwritten() {
    let dir = scratch("parse_overwrite");
    let source = dir.join("a.vtt");
    std::fs::copy(fixtures().join("sales.vtt"), &source).unwrap();
    let run = sideline(&["parse", source.to_str().unwrap(), "--to", "vtt", "--out", dir.to_str().unwrap()]).ended(1);
    assert!(run.err.contains("overwrite"), "{}", run.err);
    assert_eq!(std::fs::read(&source).unwrap(), std::fs::read(fixtures().join("sales.vtt")).unwrap());
}

#[test]
fn two_sources_never_share_an_output() {
    let dir = scratch("parse_same_name");
    std::fs::write(dir.join("sales.txt"), "Agent: hello\nCustomer: hi\n").unwrap();
    let other = dir.join("sales.txt");
    let out = dir.join("out");
    let run = sideline(&["parse", "sales.vtt", other.to_str().unwrap(), "--to", "srt", "--out", out.to_str().unwrap()])
        .ended(1);
    assert!(run.err.contains("already"), "{}", run.err);
}
