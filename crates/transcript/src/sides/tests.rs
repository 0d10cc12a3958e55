use super::*;
use crate::parse;

fn read(text: &str) -> Transcript {
    parse(text.as_bytes(), None).unwrap()
}

fn named(names: &[&str]) -> Transcript {
    let lines: Vec<String> =
        names.iter().map(|name| format!("{{\"speaker\": \"{name}\", \"text\": \"one two\"}}")).collect();
    read(&format!("[{}]", lines.join(",")))
}

fn sides(transcript: &Transcript) -> Vec<(&str, Option<Side>)> {
    transcript.participants.iter().map(|p| (p.name.as_str(), p.side)).collect()
}

const INTERNAL: Option<Side> = Some(Side::Internal);
const EXTERNAL: Option<Side> = Some(Side::External);

#[test]
fn role_labels_tell_the_sides() {
    let mut transcript = named(&["Agent 1", "Customer (John)"]);
    let outcome = assign(&mut transcript, &[]).unwrap();
    assert_eq!(sides(&transcript), [("Agent 1", INTERNAL), ("Customer (John)", EXTERNAL)]);
    assert_eq!((outcome.from, outcome.notes.len()), (SidesFrom::Roles, 0));
}

#[test]
fn the_only_other_speaker_is_on_the_other_side_and_a_note_says_so() {
    let mut transcript = named(&["Sales Rep", "Maria Gomez"]);
    let outcome = assign(&mut transcript, &[]).unwrap();
    assert_eq!(sides(&transcript), [("Sales Rep", INTERNAL), ("Maria Gomez", EXTERNAL)]);
    assert_eq!(outcome.from, SidesFrom::Elimination);
    assert_eq!(outcome.notes, ["Maria Gomez is taken to be external, since the only other speaker is Sales Rep"]);
}

#[test]
fn with_three_speakers_nothing_is_eliminated() {
    let mut transcript = named(&["Agent", "Maria", "Jo"]);
    let outcome = assign(&mut transcript, &[]).unwrap();
    assert_eq!(sides(&transcript), [("Agent", INTERNAL), ("Maria", None), ("Jo", None)]);
    assert_eq!((outcome.from, outcome.notes.len()), (SidesFrom::Unknown, 0));
}

#[test]
fn unknown_sides_come_with_shares_of_words() {
    let mut transcript =
        read(r#"[{"speaker":"SPEAKER_00","text":"one two three"},{"speaker":"SPEAKER_01","text":"four"}]"#);
    let outcome = assign(&mut transcript, &[]).unwrap();
    assert_eq!(outcome.from, SidesFrom::Unknown);
    let shares: Vec<(&str, f64)> = outcome.speakers.iter().map(|s| (s.name.as_str(), s.talk_share)).collect();
    assert_eq!(shares, [("SPEAKER_00", 0.75), ("SPEAKER_01", 0.25)]);
}

#[test]
fn shares_are_of_time_where_there_are_times_and_overlaps_count_once() {
    let mut transcript = read(
        r#"[{"speaker":"Ann","start_ms":0,"end_ms":2000,"text":"a"},{"speaker":"Ann","start_ms":1000,"end_ms":3000,"text":"b"},
            {"speaker":"Bo","start_ms":3000,"end_ms":4000,"text":"c d e f g h"}]"#,
    );
    let outcome = assign(&mut transcript, &[]).unwrap();
    assert_eq!(outcome.speakers.iter().map(|s| s.talk_share).collect::<Vec<_>>(), [0.75, 0.25]);
}

#[test]
fn internal_names_override_the_file_and_all_others_are_external() {
    let mut transcript = named(&["Agent", "Maria Gomez", "Doe, Jane [NA]"]);
    let outcome = assign(&mut transcript, &["jane".to_owned(), "MARIA GOMEZ".to_owned()]).unwrap();
    assert_eq!(outcome.from, SidesFrom::User);
    assert_eq!(sides(&transcript), [("Agent", EXTERNAL), ("Maria Gomez", INTERNAL), ("Doe, Jane [NA]", INTERNAL)]);
}

#[test]
fn a_name_that_fits_nobody_or_several_is_an_error_with_the_names() {
    let mut transcript = named(&["Ann Bee", "Ann Dee"]);
    let error = assign(&mut transcript, &["Bob".to_owned()]).unwrap_err();
    assert_eq!(error.to_string(), "no speaker matches `Bob`; the speakers are: Ann Bee, Ann Dee");
    let error = assign(&mut transcript, &["ann".to_owned()]).unwrap_err();
    assert_eq!(error.to_string(), "several speakers match `ann`; the speakers are: Ann Bee, Ann Dee");
}

const MAILS: &str = r#"{"participants":[{"name":"Ann","email":"ann@acme.com","side":"internal"},{"name":"Bo","email":"bo@Acme.com"},
    {"name":"Cy","email":"cy@buyer.org"}],
    "segments":[{"speaker":"Ann","text":"a"},{"speaker":"Bo","text":"b"},{"speaker":"Cy","text":"c"}]}"#;

#[test]
fn the_mail_domain_of_an_internal_participant_makes_internal() {
    let mut transcript = read(MAILS);
    let outcome = assign(&mut transcript, &[]).unwrap();
    assert_eq!(sides(&transcript), [("Ann", INTERNAL), ("Bo", INTERNAL), ("Cy", None)]);
    assert_eq!(outcome.from, SidesFrom::Unknown);
}

#[test]
fn a_public_mail_domain_says_nothing() {
    let mut transcript = read(&MAILS.replace("acme.com", "gmail.com").replace("Acme.com", "gmail.com"));
    assign(&mut transcript, &[]).unwrap();
    assert_eq!(transcript.participants[1].side, None);
}

#[test]
fn a_mail_domain_can_be_named_internal() {
    let mut transcript = read(MAILS);
    let outcome = assign(&mut transcript, &["@ACME.com".to_owned()]).unwrap();
    assert_eq!(sides(&transcript), [("Ann", INTERNAL), ("Bo", INTERNAL), ("Cy", EXTERNAL)]);
    assert_eq!(outcome.from, SidesFrom::User);
    assert!(assign(&mut transcript, &["@nobody.org".to_owned()]).is_err());
}

#[test]
fn speech_without_any_speaker_has_unknown_sides() {
    let mut transcript = read("WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n");
    let outcome = assign(&mut transcript, &[]).unwrap();
    assert_eq!((outcome.from, outcome.speakers.len()), (SidesFrom::Unknown, 0));
}
