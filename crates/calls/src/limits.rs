//! How long texts may be that are kept beside the words: what stands in lists and indexes is short, whatever a file says.

use crate::{CallError, NewCall, when};
use std::collections::HashSet;
use transcript::{Transcript, Warning};

/// Characters of a title of a call, of a job title, and of what a stretch is about.
pub const TITLE: usize = 300;
/// Characters of the name of a customer.
pub const CUSTOMER: usize = 300;
/// Characters of an id in a source.
pub const EXTERNAL_ID: usize = 200;
/// Characters of a language tag: the longest that anybody registers (RFC 5646).
pub const LANGUAGE: usize = 35;
/// Characters of the name of a person.
pub const NAME: usize = 200;
/// Bytes of a mail address (RFC 5321).
pub const EMAIL: usize = 254;
/// Characters of the name of a file.
pub const FILE_NAME: usize = 255;
/// Characters of the id of a rubric.
pub const RUBRIC: usize = 200;
/// Participants of a call that is sent as our JSON.
pub const PEOPLE: usize = 500;

/// Whether a text has at most so many characters.
pub(crate) fn fits(text: &str, most: usize) -> bool {
    text.len() <= most || text.chars().count() <= most
}

/// The first so many characters.
pub(crate) fn cut(text: &mut String, most: usize) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
    }
}

/// Refuses a text that is too long.
///
/// # Errors
/// [`CallError::Field`] with this field.
pub(crate) fn check(field: &'static str, text: Option<&str>, most: usize) -> Result<(), CallError> {
    match text {
        Some(text) if !fits(text, most) => Err(CallError::Field(field, format!("it has more than {most} characters"))),
        _ => Ok(()),
    }
}

/// Refuses what somebody tells of a call beside its file, where it cannot be kept. The name of the file is cut instead.
///
/// # Errors
/// [`CallError::Field`] with the first field that is wrong.
pub(crate) fn check_told(new: &NewCall) -> Result<(), CallError> {
    check("title", new.title.as_deref(), TITLE)?;
    check("customer", new.customer.as_deref(), CUSTOMER)?;
    check("rep", new.rep.as_deref(), EMAIL)?;
    check("rubric", new.rubric.as_deref(), RUBRIC)?;
    match new.started_at {
        Some(at) if !when::is_of_calls(at) => Err(CallError::Field("started_at", when::OF_CALLS.to_owned())),
        _ => Ok(()),
    }
}

/// Makes what a file tells beside the words as short as it is kept: titles and names are cut, ids, tags and addresses left out, since half of one
/// is another one. Names stay unique.
pub(crate) fn shorten(transcript: &mut Transcript) {
    let mut dropped: Vec<(&str, usize)> = Vec::new();
    let mut drop_long = |what: &'static str, text: &mut Option<String>, most: usize| {
        if text.as_deref().is_some_and(|text| !fits(text, most)) {
            *text = None;
            dropped.push((what, most));
        }
    };
    drop_long("the id of the call in its source", &mut transcript.external_id, EXTERNAL_ID);
    drop_long("the language", &mut transcript.language, LANGUAGE);
    for person in &mut transcript.participants {
        drop_long("the id of somebody in the source", &mut person.external_id, EXTERNAL_ID);
        drop_long("a mail address", &mut person.email, EMAIL);
        if let Some(title) = &mut person.title {
            cut(title, TITLE);
        }
    }
    for (what, most) in dropped {
        let message = format!("{what} has more than {most} characters and is left out");
        transcript.warnings.push(Warning { line: 0, message });
    }
    if let Some(title) = &mut transcript.title {
        cut(title, TITLE);
    }
    cut_names(transcript);
}

fn cut_names(transcript: &mut Transcript) {
    if transcript.participants.iter().all(|person| fits(&person.name, NAME)) {
        return;
    }
    let mut taken: HashSet<String> = transcript.participants.iter().map(|person| person.name.clone()).collect();
    for person in &mut transcript.participants {
        if fits(&person.name, NAME) {
            continue;
        }
        let (mut name, mut n) = (person.name.clone(), 1);
        cut(&mut name, NAME);
        while taken.contains(&name) {
            n += 1;
            let end = format!(" ({n})");
            cut(&mut name, NAME - end.len());
            name += &end;
        }
        taken.insert(name.clone());
        person.name = name;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_not_cut_in_two() {
        let mut text = "äöü€".to_owned();
        assert!(fits(&text, 4) && !fits(&text, 3));
        cut(&mut text, 3);
        assert_eq!(text, "äöü");
        cut(&mut text, 3);
        assert_eq!(text, "äöü");
    }

    #[test]
    fn what_a_file_tells_is_short_and_names_stay_unique() {
        let long = |end: &str| format!("{}{end}", "x".repeat(9_000));
        let text = "Bo: One.\nCy: Two.\nAnn: Three.\n";
        let mut transcript = transcript::parse(text.as_bytes(), None).unwrap();
        transcript.external_id = Some(long(""));
        transcript.language = Some(long(""));
        transcript.title = Some(long(""));
        for (person, end) in transcript.participants.iter_mut().zip(["1", "2"]) {
            person.name = long(end);
            person.email = Some(long("@x"));
            person.external_id = Some(long(end));
            person.title = Some(long(end));
        }
        shorten(&mut transcript);
        assert_eq!((&transcript.external_id, &transcript.language), (&None, &None));
        assert_eq!(transcript.title.as_deref().map(str::len), Some(TITLE));
        let names: Vec<&str> = transcript.participants.iter().map(|person| person.name.as_str()).collect();
        let numbered = format!("{} (2)", "x".repeat(NAME - 4));
        assert_eq!(names, ["x".repeat(NAME).as_str(), &numbered, "Ann"]);
        for person in &transcript.participants[..2] {
            assert_eq!((&person.email, &person.external_id), (&None, &None));
            assert_eq!(person.title.as_deref().map(str::len), Some(TITLE));
        }
        assert_eq!(transcript.warnings.len(), 6);
        assert!(transcript.warnings.iter().all(|warning| !warning.message.contains("xx")));
        let before = transcript.clone();
        shorten(&mut transcript);
        assert_eq!(transcript, before);
    }
}
