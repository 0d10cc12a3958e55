//! Who is on our side: told by the file, by `--internal`, or asked on a terminal; never guessed.

use super::console::Console;
use super::{Failure, input};
use crate::render::words::{percent, plain};
use std::fmt::Write as _;
use std::io::{self, BufRead, IsTerminal, Write as _};
use std::path::Path;
use transcript::sides::{self, SidesFrom, SidesOutcome, Speaker};
use transcript::{Format, Participant, Side, Transcript};

/// Most characters shown of what a speaker says first.
const FIRST_WORDS: usize = 48;

#[derive(Debug, clap::Args)]
pub struct SidesArgs {
    /// Who is on our side: a name, or a mail domain such as @acme.com; several with commas or by repeating it
    #[arg(long, value_name = "NAME")]
    internal: Vec<String>,
}

/// Somebody who speaks, and how much of the call is theirs.
struct Row {
    name: String,
    share: f64,
    first_words: String,
}

impl SidesArgs {
    /// What was named, as on the command line; `None` where nothing was.
    pub fn given(&self) -> Option<String> {
        (!self.internal.is_empty()).then(|| self.internal.join(","))
    }

    /// Sets the sides by what the file and `--internal` say. Where `several` files share the names, a file need not have them all.
    ///
    /// # Errors
    /// [`Failure::Usage`] when `--internal` names nobody in this call, or cannot be told apart.
    pub fn assign(
        &self,
        transcript: &mut Transcript,
        path: &Path,
        several: bool,
        console: &Console,
    ) -> Result<SidesOutcome, Failure> {
        let mut names = self.names(transcript);
        if names.is_empty() && !self.internal.is_empty() {
            return Err(Failure::Usage("--internal is empty; give a name or a mail domain".to_owned()));
        }
        loop {
            match sides::assign(transcript, &names) {
                Ok(outcome) => {
                    for note in &outcome.notes {
                        console.note(&format!("{}: {note}", input::name(path)));
                    }
                    return Ok(outcome);
                }
                Err(error) if several && !error.ambiguous && names.len() > 1 => {
                    names.retain(|name| *name != error.wanted);
                }
                Err(error) => return Err(Failure::Usage(format!("{}: --internal: {error}", input::name(path)))),
            }
        }
    }

    /// The same, but no speaker may stay without a side: a terminal is asked.
    ///
    /// # Errors
    /// [`Failure::Usage`] with the speakers and the command to run, where there is no terminal to ask, and where all who speak are ours.
    pub fn require(
        &self,
        transcript: &mut Transcript,
        path: &Path,
        several: bool,
        console: &Console,
    ) -> Result<(), Failure> {
        let outcome = self.assign(transcript, path, several, console)?;
        if outcome.from != SidesFrom::Unknown {
            return somebody_else(&outcome, transcript, path);
        }
        let rows = rows(&outcome.speakers, transcript);
        if rows.is_empty() {
            console.note(&format!(
                "{}: the file does not say who speaks; what depends on it stays without a verdict",
                input::name(path)
            ));
            return Ok(());
        }
        if let [only] = &rows[..]
            && transcript.segments.iter().all(|segment| segment.speaker.is_some())
        {
            let (file, name) = (input::name(path), &only.name);
            return Err(Failure::Usage(format!(
                "{file}: only {name} speaks in it; a report needs somebody of our side and a customer"
            )));
        }
        if io::stdin().is_terminal() && io::stderr().is_terminal() && !input::is_stdin(path) {
            let ours = ask(&rows, path)?;
            let outcome = sides::assign(transcript, &ours)
                .map_err(|error| Failure::Usage(format!("{}: {error}", input::name(path))))?;
            return somebody_else(&outcome, transcript, path);
        }
        Err(Failure::Usage(explain(&rows, path)))
    }

    /// The names asked for. A comma separates, unless somebody in the call is called so.
    fn names(&self, transcript: &Transcript) -> Vec<String> {
        let is_name = |value: &str| transcript.participants.iter().any(|p| p.name.eq_ignore_ascii_case(value));
        let parts = |value: &str| -> Vec<String> {
            if is_name(value) {
                vec![value.to_owned()]
            } else {
                value.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
            }
        };
        self.internal.iter().flat_map(|value| parts(value)).collect()
    }
}

/// Refuses a call in which nobody speaks for the customer: there is nobody to score our side against.
fn somebody_else(outcome: &SidesOutcome, transcript: &Transcript, path: &Path) -> Result<(), Failure> {
    let all_ours = outcome.speakers.iter().all(|speaker| speaker.side == Some(Side::Internal));
    if !all_ours || transcript.segments.iter().any(|segment| segment.speaker.is_none()) {
        return Ok(());
    }
    let names: Vec<&str> = outcome.speakers.iter().map(|speaker| speaker.name.as_str()).collect();
    Err(Failure::Usage(format!(
        "{}: everybody in the call is on our side; name only yours with --internal. The speakers are: {}",
        input::name(path),
        names.join(", ")
    )))
}

/// Says on standard error how the numbers that need sides can be had.
pub fn hint(outcome: &SidesOutcome, transcript: &Transcript, path: &Path, console: &Console) {
    if outcome.from != SidesFrom::Unknown {
        return;
    }
    let name = input::name(path);
    match rows(&outcome.speakers, transcript).first() {
        Some(row) => {
            let example = quote_name(&row.name);
            console.note(&format!("{name}: it is not known who is on our side; for the other numbers say so, for example --internal {example}"));
        }
        None => console
            .note(&format!("{name}: the file does not say who speaks; the numbers that depend on it are left out")),
    }
}

/// The side that a speaker label speaks of, for lines without a call around them.
pub fn side_of_label(label: &str) -> Option<Side> {
    match label.trim().to_ascii_lowercase().as_str() {
        "persuader" | "vendor" | "fundraiser" => return Some(Side::Internal),
        "persuadee" | "donor" => return Some(Side::External),
        _ => {}
    }
    let mut lone = Transcript {
        format: Format::Json,
        participants: vec![Participant { name: label.to_owned(), ..Participant::default() }],
        segments: Vec::new(),
        warnings: Vec::new(),
        title: None,
        started_at: None,
        external_id: None,
        language: None,
        separate_channels: false,
    };
    sides::assign(&mut lone, &[]).ok()?;
    lone.participants[0].side
}

/// The speakers, those who speak most first.
fn rows(speakers: &[Speaker], transcript: &Transcript) -> Vec<Row> {
    let first_words = |name: &str| {
        let first = transcript
            .segments
            .iter()
            .find(|segment| transcript.speaker_name(segment) == Some(name))
            .map_or("", |segment| segment.text.as_str());
        let cut: String = first.chars().take(FIRST_WORDS).collect();
        format!("“{}{}”", cut.trim_end(), if cut.len() < first.len() { "…" } else { "" })
    };
    let mut rows: Vec<Row> = speakers
        .iter()
        .map(|s| Row { name: s.name.clone(), share: s.talk_share, first_words: first_words(&s.name) })
        .collect();
    rows.sort_by(|a, b| b.share.total_cmp(&a.share));
    rows
}

fn table(speakers: &[Row]) -> String {
    let width = speakers.iter().map(|s| s.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (number, speaker) in speakers.iter().enumerate() {
        let Row { name, share, first_words } = speaker;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {:>2}  {name:width$}  {:>5}  {first_words}", number + 1, percent(*share));
    }
    text
}

fn explain(speakers: &[Row], path: &Path) -> String {
    let mut command: Vec<String> = vec!["sideline".to_owned()];
    command.extend(std::env::args().skip(1).map(|argument| quote_argument(&argument)));
    let example = speakers.first().map(|s| quote_name(&s.name)).unwrap_or_default();
    format!(
        "{}: it is not known who is on our side, and it is not guessed. The speakers, with their share of the talk:\n{}\
         Name those of our side and run, for example:\n  {} --internal {example}",
        input::name(path),
        table(speakers),
        command.join(" "),
    )
}

fn ask(speakers: &[Row], path: &Path) -> Result<Vec<String>, Failure> {
    let mut stderr = io::stderr().lock();
    let listing: Vec<_> = table(speakers).lines().map(plain).map(|line| format!("{line}\n")).collect();
    write!(stderr, "{}: who is on our side?\n{}", plain(&input::name(path)), listing.concat())?;
    loop {
        write!(stderr, "Numbers, for example 1 or 1,3: ")?;
        stderr.flush()?;
        let mut answer = String::new();
        if io::stdin().lock().read_line(&mut answer)? == 0 {
            return Err(Failure::Usage(format!("{}: nobody was chosen", input::name(path))));
        }
        match chosen(&answer, speakers.len()) {
            Some(numbers) => return Ok(numbers.into_iter().map(|number| speakers[number - 1].name.clone()).collect()),
            None => writeln!(stderr, "Please answer with numbers from 1 to {}.", speakers.len())?,
        }
    }
}

/// The numbers of an answer such as `1, 3`; `None` when it is not made of numbers from 1 to `count`.
fn chosen(answer: &str, count: usize) -> Option<Vec<usize>> {
    let numbers: Option<Vec<usize>> = answer
        .split([',', ' '])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok().filter(|number| (1..=count).contains(number)))
        .collect();
    numbers.filter(|numbers| !numbers.is_empty())
}

/// A name as a POSIX shell reads it, always in quotes.
fn quote_name(name: &str) -> String {
    let name = if name.contains(',') { name } else { name.trim() };
    if name.contains(['"', '$', '`', '\\', '!', '\'']) {
        format!("'{}'", name.replace('\'', r"'\''"))
    } else {
        format!("\"{name}\"")
    }
}

/// An argument as a POSIX shell reads it, in quotes only where it needs them.
fn quote_argument(argument: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=@,:+%".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) { argument.to_owned() } else { quote_name(argument) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_numbers_of_the_list() {
        assert_eq!(chosen("1,3\n", 3), Some(vec![1, 3]));
        assert_eq!(chosen(" 2 \n", 3), Some(vec![2]));
        for wrong in ["", "\n", "4", "0", "ann", "1,x", "-1"] {
            assert_eq!(chosen(wrong, 3), None, "{wrong:?}");
        }
    }

    #[test]
    fn names_and_paths_are_quoted_for_the_shell() {
        assert_eq!(quote_name("Jihoon"), "\"Jihoon\"");
        assert_eq!(quote_name("$(rm) `x` \"y\""), "'$(rm) `x` \"y\"'");
        assert_eq!(quote_name("O'Neil"), r"'O'\''Neil'");
        assert_eq!(quote_argument("a/call-1.vtt"), "a/call-1.vtt");
        assert_eq!(quote_argument("my call;rm.vtt"), "\"my call;rm.vtt\"");
        assert_eq!(quote_argument(""), "\"\"");
    }

    #[test]
    fn labels_of_lines_name_their_side() {
        for (label, side) in [
            ("persuader", Side::Internal),
            ("Persuadee", Side::External),
            ("rep", Side::Internal),
            ("AGENT", Side::Internal),
            ("customer", Side::External),
            ("internal", Side::Internal),
        ] {
            assert_eq!(side_of_label(label), Some(side), "{label}");
        }
        assert_eq!(side_of_label("Maria"), None);
    }
}
