//! Everything that can be wrong with a file gets a sentence, and the other files go on.

use crate::{command, scratch, sideline};
use std::io::Read;

#[test]
fn a_broken_file_names_its_line_and_does_not_stop_the_others() {
    for words in [&["parse"][..], &["metrics", "--json"], &["report", "--json"]] {
        let run = sideline(&[words, &["broken.json", "captions.srt", "notes.txt"]].concat()).ended(1);
        assert!(run.err.starts_with("sideline: broken.json: line "), "{}", run.err);
        let lines = run.json_lines();
        assert_eq!([&lines[0]["file"], &lines[1]["file"]], ["captions.srt", "notes.txt"], "{words:?}");
    }
}

#[test]
fn missing_empty_and_directory_say_what_to_do() {
    let dir = scratch("bad_input");
    let empty = dir.join("empty.vtt");
    std::fs::write(&empty, "").unwrap();
    for (file, expected) in
        [("nowhere.vtt", "no such file"), (empty.to_str().unwrap(), "empty"), (dir.to_str().unwrap(), "directory")]
    {
        let run = sideline(&["parse", file]).ended(1);
        assert!(
            run.out.is_empty() && run.err.starts_with(&format!("sideline: {file}: ")) && run.err.contains(expected),
            "{}",
            run.err
        );
    }
}

#[test]
fn a_file_above_the_limit_is_refused_in_an_instant() {
    let path = scratch("huge").join("huge.vtt");
    // Sparse: takes no room on the disk.
    std::fs::File::create(&path).unwrap().set_len((512 << 20) + 1).unwrap();
    let run = sideline(&["parse", path.to_str().unwrap()]).ended(1);
    assert!(run.err.contains("larger than 512 MB"), "{}", run.err);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn bytes_that_are_no_text_end_in_a_sentence() {
    let dir = scratch("binary");
    let mut noise = Vec::with_capacity(4096);
    let mut state = 7_u32;
    for _ in 0..4096 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.push((state >> 24) as u8);
    }
    let path = dir.join("noise.vtt");
    std::fs::write(&path, noise).unwrap();
    let run = sideline(&["report", path.to_str().unwrap()]).ended(1);
    assert!(run.out.is_empty());
    assert!(run.err.starts_with(&format!("sideline: {}: ", path.display())), "{}", run.err);
    assert!(run.err.contains("no text file") && run.err.contains("a transcript is text"), "{}", run.err);
}

#[test]
fn a_transcript_cannot_drive_the_terminal() {
    let path = scratch("escape").join("escape.txt");
    std::fs::write(
        &path,
        "Agent: How \u{1b}[2Jdo you do that today?\nCustomer \u{1b}]0;x\u{7}: It costs us \u{202e}ten hours a week.\n",
    )
    .unwrap();
    let path = path.to_str().unwrap();
    for args in [
        &["report", path, "--internal", "Agent"][..],
        &["metrics", path],
        &["report", path, "--internal", "\u{1b}[31mX"],
    ] {
        let run = sideline(args);
        assert!(
            !run.out.contains(['\u{1b}', '\u{7}', '\u{202e}']) && !run.err.contains(['\u{1b}', '\u{7}']),
            "{args:?}: {:?} {:?}",
            run.out,
            run.err
        );
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    // More than a pipe holds, so that the program writes into the closed pipe.
    let many = vec!["captions.srt"; 300];
    for words in [&["parse"][..], &["metrics"], &["metrics", "--json"], &["report"], &["report", "--json"]] {
        let mut child = command(&[words, &many].concat()).spawn().unwrap();
        let mut first = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()),
            (Some(0), ""),
            "{words:?}"
        );
    }
    for words in [
        &["rubric", "schema"][..],
        &["rubric", "list"],
        &["completions", "bash"],
        &["report", "sales.vtt", "--internal", "Dana", "--format", "html"],
    ] {
        let mut child = command(words).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()),
            (Some(0), ""),
            "{words:?}"
        );
    }
}
