//! `sideline rubric`.

use crate::{scratch, sideline};

#[test]
fn the_built_in_rubrics_are_listed_and_shown() {
    let list = sideline(&["rubric", "list"]).ended(0).out;
    assert!(list.contains("default") && list.contains("service"), "{list}");
    let list = sideline(&["rubric", "list", "--json"]).ended(0).json();
    assert_eq!(list[0]["id"], "default");
    let shown = sideline(&["rubric", "show", "default"]).ended(0).out;
    assert!(shown.contains("Discovery") && shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let run = sideline(&["rubric", "show", "nonesuch"]).ended(2);
    assert!(run.err.contains("default, service"), "{}", run.err);
}

#[test]
fn a_copy_can_be_edited_checked_and_used() {
    let path = scratch("rubric_copy").join("mine.yaml");
    let copy = sideline(&["rubric", "show", "default", "--json"]).ended(0).out.replacen(
        "\"id\": \"default\"",
        "\"id\": \"mine\"",
        1,
    );
    std::fs::write(&path, copy).unwrap();
    let path = path.to_str().unwrap();
    assert!(sideline(&["rubric", "check", path]).ended(0).out.contains("mine version"));
    let report = sideline(&["report", "sales.vtt", "--internal", "Dana", "--rubric", path, "--json"]).ended(0).json();
    assert_eq!(report["rubric"], "mine");
}

#[test]
fn mistakes_name_file_line_and_key_and_the_other_files_go_on() {
    let dir = scratch("rubric_check");
    let good = sideline(&["rubric", "show", "service", "--json"]).ended(0).out;
    let line = 1 + good.lines().position(|line| line.contains("\"weight\"")).unwrap();
    let files: Vec<String> = [
        ("good.yaml", good.clone()),
        ("key.yaml", good.replacen("\"weight\"", "\"wieght\"", 1)),
        ("yaml.yaml", "id: [".to_owned()),
    ]
    .into_iter()
    .map(|(name, text)| {
        std::fs::write(dir.join(name), text).unwrap();
        dir.join(name).to_str().unwrap().to_owned()
    })
    .collect();
    let run = sideline(&["rubric", "check", &files[1], &files[2], &files[0]]).ended(1);
    assert!(run.out.contains("good.yaml"), "{}", run.out);
    assert!(run.err.contains(&format!("{}:{line}:", files[1])) && run.err.contains("wieght"), "{}", run.err);
    assert!(run.err.contains(&format!("{}:1:", files[2])), "{}", run.err);
    let rows = sideline(&["rubric", "check", &files[0], &files[1], "--json"]).ended(1).json_lines();
    assert_eq!([&rows[0]["ok"], &rows[1]["ok"]], [true, false]);
    let run = sideline(&["report", "sales.vtt", "--internal", "Dana", "--rubric", &files[1]]).ended(1);
    assert!(run.err.contains("wieght"), "{}", run.err);
}

#[test]
fn the_schema_describes_what_a_rubric_has() {
    let schema = sideline(&["rubric", "schema"]).ended(0).json();
    assert!(schema["properties"]["dimensions"].is_object());
}
