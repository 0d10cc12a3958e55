//! Sides are told or asked, never guessed.

use crate::{fixtures, scratch, sideline, sideline_with};
use std::process::{Command, Stdio};

#[test]
fn on_a_pipe_the_speakers_their_shares_and_the_command_are_told() {
    let run = sideline(&["report", "zoom.vtt"]).ended(2);
    assert!(run.out.is_empty());
    for part in ["Marta Okafor", "Ben", " 51 %", " 49 %", "sideline report zoom.vtt --internal \"Marta Okafor\""] {
        assert!(run.err.contains(part), "{part} is not in {}", run.err);
    }
    // What is told works.
    sideline(&["report", "zoom.vtt", "--internal", "Marta Okafor"]).ended(0);
}

#[test]
fn the_command_survives_a_shell() {
    let dir = scratch("quoting");
    let file = dir.join("it's a $(call).json");
    let call =
        r#"[{"speaker":"O'Neil \"$HOME\"","text":"Hello there, how are you today?"},{"speaker":"Ann","text":"Fine."}]"#;
    std::fs::write(&file, call).unwrap();
    let run = sideline(&["report", file.to_str().unwrap(), "--json"]).ended(2);
    let told = run.err.lines().last().unwrap().trim();
    let script = told.replacen("sideline", env!("CARGO_BIN_EXE_sideline"), 1);
    let output = Command::new("sh").args(["-c", &script]).current_dir(fixtures()).output().unwrap();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["call"]["participants"][0]["side"], "internal", "{told}");
}

#[test]
fn names_come_by_commas_by_repetition_and_by_mail_domain() {
    let side = |report: &serde_json::Value, index: usize| {
        report["call"]["participants"][index]["side"].as_str().unwrap().to_owned()
    };
    let report = sideline(&["report", "gong.json", "--internal", "@kestrel.example", "--json"]).ended(0).json();
    assert_eq!([side(&report, 0), side(&report, 1)], ["external", "internal"], "what the user says overrides the file");
    let three = "Ines Aldana: Shall we start?\nTom Brandvold: I am ready.\nRavi Menon: So am I.\n";
    for args in [&["--internal", "Ines Aldana,Tom Brandvold"][..], &["--internal", "Ines", "--internal", "tom"]] {
        let run = sideline_with(&[&["report", "-", "--json"], args].concat(), three.as_bytes());
        let report = run.ended(0).json();
        assert_eq!([0, 1, 2].map(|ix| side(&report, ix)), ["internal", "internal", "external"], "{args:?}");
    }
}

#[test]
fn a_call_with_nobody_on_the_customers_side_is_not_scored() {
    for args in [&["--internal", "Dana Whitlock,Ravi Menon"][..], &["--internal", "Dana", "--internal", "Ravi"]] {
        let run = sideline(&[&["report", "sales.vtt"], args].concat()).ended(2);
        assert!(run.out.is_empty());
        assert!(run.err.contains("everybody in the call is on our side; name only yours"), "{}", run.err);
        assert!(run.err.contains("Dana Whitlock, Ravi Menon"), "{}", run.err);
    }
}

#[test]
fn one_speaker_alone_is_no_call_to_score() {
    let alone = br#"[{"speaker":"Ann","text":"Hello there."},{"speaker":"Ann","text":"Anybody?"}]"#;
    let run = sideline_with(&["report", "-"], alone).ended(2);
    assert!(run.out.is_empty() && run.err.contains("only Ann speaks in it"), "{}", run.err);
    sideline_with(&["report", "-", "--internal", "Ann"], alone).ended(2);
    // Words that nobody is named for may be a customer's.
    let half = br#"[{"speaker":"Ann","text":"Hello there."},{"text":"Hello."}]"#;
    sideline_with(&["report", "-", "--internal", "Ann"], half).ended(0);
}

#[test]
fn an_empty_name_is_told() {
    for command in ["report", "metrics"] {
        for empty in ["", " , "] {
            let run = sideline(&[command, "sales.vtt", "--internal", empty]).ended(2);
            assert!(run.out.is_empty() && run.err.contains("--internal is empty"), "{}", run.err);
        }
    }
}

#[test]
fn a_name_with_a_comma_is_one_name() {
    let report = sideline_with(
        &["report", "-", "--json", "--internal", "Park, Jihoon"],
        br#"[{"speaker":"Park, Jihoon","start_ms":0,"end_ms":900,"text":"Hello."},{"speaker":"Kev","start_ms":1000,"end_ms":2000,"text":"Hi."}]"#,
    );
    assert_eq!(report.ended(0).json()["call"]["participants"][0]["side"], "internal");
}

#[test]
fn a_name_that_nobody_has_is_an_error_that_lists_the_speakers() {
    let run = sideline(&["report", "sales.vtt", "--internal", "Dona"]).ended(2);
    assert!(
        run.err.contains("Dona") && run.err.contains("Dana Whitlock") && run.err.contains("Ravi Menon"),
        "{}",
        run.err
    );
}

#[test]
fn several_files_may_have_different_people_of_ours() {
    let lines = sideline(&["report", "sales.vtt", "zoom.vtt", "--internal", "Dana Whitlock,Marta Okafor", "--json"])
        .ended(0)
        .json_lines();
    assert_eq!(lines[0]["call"]["participants"][0]["side"], "internal");
    assert_eq!(lines[1]["call"]["participants"][0]["side"], "internal");
}

#[test]
fn a_file_without_speakers_gives_a_report_of_what_can_be_said() {
    let run = sideline_with(&["report", "-", "--json"], b"1\n00:00:00,000 --> 00:00:02,000\nhello and welcome\n\n2\n00:00:03,000 --> 00:00:05,000\nthank you very much\n").ended(0);
    assert!(run.err.contains("does not say who speaks"), "{}", run.err);
    let report = run.json();
    assert!(report["metrics"]["talk_ratio"].is_null());
}

#[test]
fn a_terminal_is_asked() {
    // `script` gives the program a terminal.
    let here = Command::new("script").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !here.is_ok_and(|status| status.success()) {
        println!("SKIPPED: there is no `script` to make a terminal with");
        return;
    }
    let program = format!("{} report zoom.vtt --color never", env!("CARGO_BIN_EXE_sideline"));
    let mut script = Command::new("script");
    script.args(["-qec", &program, "/dev/null"]).current_dir(fixtures());
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"7\n2\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("who is on our side?") && shown.contains("numbers from 1 to 2"), "{shown}");
    let row = |name: &str| {
        shown
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_else(|| panic!("{name} is not in {shown}"))
            .to_owned()
    };
    assert!(row("Ben").contains("us") && row("Marta Okafor").contains("customer"), "{shown}");
}
