//! The README's example is what the program really prints.

use crate::{command, finish};
use std::path::Path;

#[test]
fn the_example_is_the_beginning_of_the_real_report() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let example = readme.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next()).unwrap();
    let file = "crates/server/tests/fixtures/sales.vtt";
    assert!(readme.contains(&format!("`sideline report {file} --internal Dana`")), "the README names the command");
    let printed =
        finish(command(&["report", file, "--internal", "Dana"]).current_dir(root).spawn().unwrap()).ended(0).out;
    let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert!(example.lines().count() > 20);
    assert!(trimmed(&printed).starts_with(&trimmed(example)), "write the example anew:\n{printed}");
}

/// Whoever copies the first five minutes has the files that they name.
#[test]
fn the_examples_of_the_api_name_files_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/api.md")).unwrap();
    let files: Vec<&str> = page.split("=@").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
    assert!(!files.is_empty());
    for file in files {
        assert!(root.join(file).is_file(), "{file}");
    }
}
