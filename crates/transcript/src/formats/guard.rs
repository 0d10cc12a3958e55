//! What is surely no transcript. Any text could be read as speech by somebody unknown; nonsense should not.

use super::ParseError;
use super::lines::{Line, Lines};
use rustc_hash::FxHashSet;

/// Lines with something on them that are looked at.
const SAMPLE: usize = 200;
const EXPECTED: &str = "expected WebVTT, SRT, JSON or lines like `Ann: Hello.`";

/// Refuses a text that looks like something else; names the first line that does.
pub(super) fn check(text: &str) -> Result<(), ParseError> {
    let lines: Vec<Line<'_>> = Lines::new(text).filter(|line| !line.text.trim().is_empty()).take(SAMPLE).collect();
    let Some(first) = lines.first() else {
        return Err(refusal(1, "the file is empty"));
    };
    if is_markup(first.text) {
        return Err(refusal(first.number, "this looks like HTML or XML"));
    }
    if let Some(line) = mostly(&lines, 0.3, is_code) {
        return Err(refusal(line, "this looks like source code"));
    }
    if is_table(&lines) {
        let what = "this looks like a table (CSV), but its header names no column `text` beside `speaker` or `start`";
        return Err(refusal(first.number, what));
    }
    if is_settings(&lines) {
        return Err(refusal(first.number, "this looks like settings (YAML, INI)"));
    }
    if let Some(line) = mostly(&lines, 0.5, |line| !is_language(line)) {
        return Err(refusal(line, "this does not look like anything that people say"));
    }
    Ok(())
}

fn refusal(line: usize, what: &str) -> ParseError {
    ParseError { line, message: format!("{what}; {EXPECTED}") }
}

/// The first line of which `is` holds, if it holds of more than this share of lines.
fn mostly(lines: &[Line<'_>], share: f64, is: impl Fn(&str) -> bool) -> Option<usize> {
    let such: Vec<usize> = lines.iter().filter(|line| is(line.text.trim())).map(|line| line.number).collect();
    if such.len() as f64 > share * lines.len() as f64 { such.first().copied() } else { None }
}

fn is_markup(line: &str) -> bool {
    let line = line.trim_start();
    let tag = line
        .strip_prefix('<')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?'));
    // `<v Ann>Hello` is somebody's idea of a transcript, though not ours.
    tag && !line.starts_with("<v ")
}

fn is_code(line: &str) -> bool {
    // Longer lines are speech about code.
    const MAX_LENGTH: usize = 160;
    const ENDS: &[&str] =
        &["{", "}", "};", ");", "})", "(", "):", "*/", "=>", "->", "],", "[]", "()", "\\", "&&", "||"];
    const STARTS: &[&str] = &[
        "//", "/*", "#include", "#!", "import ", "def ", "fn ", "</", "@", "};", "});", "return ", "else:", "try:",
        "elif ",
    ];
    const CONTAINS: &[&str] = &[" == ", " != ", " => ", " := ", " += ", "();", "::", " = ", "self."];
    let starts_like = |tag: &&str| line.starts_with(*tag) && !line.ends_with(['.', '?', '!']);
    line.len() <= MAX_LENGTH
        && (ENDS.iter().any(|tag| line.ends_with(tag))
            || STARTS.iter().any(starts_like)
            || CONTAINS.iter().any(|tag| line.contains(tag)))
}

/// A header of column names, and as many delimiters on nearly every line below it.
fn is_table(lines: &[Line<'_>]) -> bool {
    let (header, rows) = (lines[0].text, &lines[1..]);
    let is_column = |name: &str| {
        let name = name.trim_end().trim_matches('"');
        let words = name.split([' ', '_']).count();
        name.starts_with(char::is_alphabetic) && words <= 3 && !name.contains([':', '.', '?', '!', '\''])
    };
    let delimits = |delimiter: char| {
        let columns = header.matches(delimiter).count();
        let full = rows.iter().filter(|row| row.text.matches(delimiter).count() >= columns).count();
        columns > 0 && !rows.is_empty() && full * 10 >= rows.len() * 9 && header.split(delimiter).all(is_column)
    };
    [',', ';', '\t', '|'].into_iter().any(delimits)
}

/// Lower-case keys before `:` or `=` on most lines, most of them different.
fn is_settings(lines: &[Line<'_>]) -> bool {
    let key = |line: &Line<'_>| {
        let line = line.text.trim_start_matches(['-', ' ', '\t']);
        let length = line
            .bytes()
            .take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.'))
            .count();
        let (key, rest) = line.split_at(length);
        (length > 1 && rest.trim_start().starts_with([':', '='])).then(|| key.to_owned())
    };
    let keys: Vec<String> = lines.iter().filter_map(key).collect();
    let different: FxHashSet<&String> = keys.iter().collect();
    keys.len() * 10 > lines.len() * 6 && different.len() >= 4 && different.len() * 2 > keys.len()
}

/// Whether at least half of the words of a line could be spoken; numbers and times say nothing either way.
fn is_language(line: &str) -> bool {
    let (mut spoken, mut odd) = (0, 0);
    for word in line.split_whitespace().take(200) {
        match () {
            () if is_odd(word) => odd += 1,
            () if word.chars().any(char::is_alphabetic) => spoken += 1,
            () => {}
        }
    }
    odd <= spoken
}

/// Whether a word is a rule of punctuation, letters mixed with digits or signs, or longer than any word.
fn is_odd(word: &str) -> bool {
    const LONGEST: usize = 60;
    let length = word.chars().count();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let pairs = word.bytes().zip(word.bytes().skip(1));
    let switches = pairs.filter(|(a, b)| {
        a.is_ascii_alphabetic() && b.is_ascii_digit() || a.is_ascii_digit() && b.is_ascii_alphabetic()
    });
    let is_signs = letters == 0 && digits == 0 || letters > 0 && letters + digits < length / 2;
    let is_too_long = word.is_ascii() && length > LONGEST && !word.contains("//");
    length > 2 && (is_signs || switches.count() > 3 || is_too_long)
}

#[cfg(test)]
mod tests {
    use crate::parse;

    #[track_caller]
    fn refused(text: &str, line: usize, what: &str) {
        let error = parse(text.as_bytes(), None).expect_err(text);
        assert_eq!(error.line, line, "{error}");
        assert!(error.message.starts_with(what) && error.message.contains("expected"), "{error}");
    }

    #[test]
    fn what_is_no_transcript_is_refused_with_line_and_expectation() {
        refused("", 1, "the file is empty");
        refused(" \n\t\n", 1, "the file is empty");
        refused("<!DOCTYPE html>\n<html><body>Hello</body></html>\n", 1, "this looks like HTML or XML");
        refused("fn main() {\n    let x = 1;\n    println!(\"{x}\");\n}\n", 1, "this looks like source code");
        refused(
            "import os\n\ndef main():\n    for name in os.listdir():\n        print(name)\n",
            1,
            "this looks like source code",
        );
        refused("dialogue,text,objection\n1,\"Hello, you\",0\n2,Bye,1\n", 1, "this looks like a table (CSV)");
        refused("name: sideline\nversion: 3\nlicense: free\nedition: new\n", 1, "this looks like settings");
        refused("8f3a9c01b2d4 7781 99 1002 --- ### 17\n", 1, "this does not look like anything that people say");
        refused(&"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlq".repeat(4), 1, "this does not look like anything");
    }

    #[test]
    fn speech_that_mentions_code_or_commas_is_no_code_and_no_table() {
        for text in [
            "Ann: Set x = 1; then call main().\nBo: And what about y?\nAnn: Leave it. It works.\nBo: Good.\n",
            "Well, I think so\nYes, that is right\nNo, not at all\n",
            "agent: hello\ncustomer: hi\nagent: how can I help\ncustomer: my card is lost\n",
            "https://example.org/a/very/long/link/that/somebody/pasted/into/the/chat/of/the/meeting\nThanks for the link\n",
            "你好，我是安娜。\n很高兴认识你。\n",
        ] {
            parse(text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}: {text}"));
        }
    }
}
