//! What a model is asked where somebody asks a question over calls, and what of its answer is shown: sentences that cite lines that it was given, and whose
//! quotes, numbers and names stand there.

use super::insights::{given, speaks_to_model};
use super::{claim, numbers, words};
use signals::inflect::is_function_word;
use std::collections::BTreeMap;
use transcript::Side;

/// The rules as the model is given them.
pub const RULES: &str = include_str!("../../../../prompts/ask.md");

/// Lines that a sentence may cite.
const CITED: usize = 3;
/// Characters of a sentence.
const LONGEST: usize = 600;

/// A line that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: u32,
    /// What its call is called, with day, rep and customer as far as they are known.
    pub call: String,
    /// When it was said, as it is shown.
    pub time: Option<String>,
    /// Who says it, with the side.
    pub speaker: Option<String>,
    /// The side, where it is known.
    pub side: Option<Side>,
    /// The words.
    pub text: String,
}

impl Line {
    /// Whether the line can be put before a model: its words do not speak to it.
    pub fn is_fit(&self) -> bool {
        !speaks_to_model(&[&self.text, &self.call, self.speaker.as_deref().unwrap_or_default()])
    }
}

/// The prompt of a question over these lines. `mark` is what nobody who speaks in a call can know.
pub fn prompt(lines: &[Line], question: &str, mark: &str) -> String {
    let mut text = format!("<lines {mark}>\n");
    let mut call = None;
    for line in lines {
        if call != Some(&line.call) {
            text.extend(["\n## ", &given(&line.call), "\n"]);
            call = Some(&line.call);
        }
        let time = line.time.as_deref().unwrap_or("-");
        let speaker = line.speaker.as_deref().map_or_else(|| "?".to_owned(), given);
        text.extend(["[", &line.number.to_string(), "] ", time, " ", &speaker, ": ", &given(&line.text), "\n"]);
    }
    text.extend(["</lines ", mark, ">\n<question>", &given(question), "</question>"]);
    text
}

/// A sentence of an answer with the numbers that it cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Without the numbers.
    pub text: String,
    /// In the order in which they stand, each once.
    pub cites: Vec<u32>,
}

/// The sentences of an answer as far as it is there; the last only once it is known to be whole: when something follows it, or the answer is over.
pub fn sentences(answer: &str, is_over: bool) -> Vec<Sentence> {
    let mut found = Vec::new();
    let mut text = String::new();
    let mut cites: Vec<u32> = Vec::new();
    let mut rest = answer;
    while let Some(c) = rest.chars().next() {
        if let Some((numbers, length)) = citation(rest) {
            for number in numbers {
                if !cites.contains(&number) {
                    cites.push(number);
                }
            }
            rest = &rest[length..];
            continue;
        }
        // Numbers of which more is to come.
        if c == '[' && !is_over && !rest.contains(']') {
            break;
        }
        // What stands behind the numbers and ends the sentence belongs to it.
        if !cites.is_empty() && matches!(c, '.' | '!' | '?') {
            text = text.trim_end().to_owned();
            text.push(c);
        } else if !cites.is_empty() && !c.is_whitespace() {
            end(&mut found, &mut text, &mut cites);
            text.push(c);
        } else if c == '\n' {
            end(&mut found, &mut text, &mut cites);
        } else {
            // A sentence before this one that cites nothing.
            if c.is_whitespace()
                && cites.is_empty()
                && text.trim_end().ends_with(['.', '!', '?'])
                && !is_short(&text)
                && begins_sentence(rest)
            {
                end(&mut found, &mut text, &mut cites);
            }
            text.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    if is_over {
        end(&mut found, &mut text, &mut cites);
    }
    found
}

/// Whether the next thing that is no space can begin a sentence: no citation, and no small letter.
fn begins_sentence(rest: &str) -> bool {
    rest.trim_start().chars().next().is_some_and(|c| c != '[' && !c.is_lowercase())
}

/// Whether what ends with a full stop ends with an abbreviation: one letter, or Mr. and the like.
fn is_short(text: &str) -> bool {
    let last = text.trim_end().trim_end_matches('.').rsplit([' ', '.']).next().unwrap_or_default();
    last.chars().count() <= 1 || matches!(last, "Mr" | "Mrs" | "Ms" | "Dr" | "vs" | "etc" | "approx" | "No")
}

fn end(found: &mut Vec<Sentence>, text: &mut String, cites: &mut Vec<u32>) {
    let said = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = said.trim_start_matches(['-', '*', '•']).trim();
    if said.chars().any(char::is_alphanumeric) {
        found.push(Sentence { text: said.to_owned(), cites: std::mem::take(cites) });
    }
    text.clear();
    cites.clear();
}

/// Numbers in brackets at the beginning of a text, and how long that is.
fn citation(text: &str) -> Option<(Vec<u32>, usize)> {
    let inner = text.strip_prefix('[')?;
    let close = inner.find(']')?;
    let numbers = inner[..close].split([',', ';']).map(|number| number.trim().parse::<u32>().ok());
    let numbers: Option<Vec<u32>> = numbers.collect();
    numbers.filter(|numbers| !numbers.is_empty()).map(|numbers| (numbers, close + 2))
}

/// Whether a sentence is shown: it cites lines that were given, at most three, and what it quotes, counts and names stands there, in their headings, or in
/// the question.
pub fn holds(sentence: &Sentence, lines: &BTreeMap<u32, Line>, question: &str) -> bool {
    let cited: Option<Vec<&Line>> = sentence.cites.iter().map(|number| lines.get(number)).collect();
    let Some(cited) = cited.filter(|cited| !cited.is_empty() && cited.len() <= CITED) else { return false };
    if sentence.text.chars().count() > LONGEST {
        return false;
    }
    let said: Vec<&str> = cited.iter().map(|line| line.text.as_str()).collect();
    let headings = cited.iter().map(|line| line.call.as_str());
    let times = cited.iter().filter_map(|line| line.time.as_deref());
    let speakers = cited.iter().filter_map(|line| line.speaker.as_deref());
    let given: Vec<&str> =
        said.iter().copied().chain(headings).chain(times).chain(speakers).chain([question]).collect();
    claim::quotes_hold(&super::insights::spoken(&said), &(0..said.len()), &sentence.text)
        && numbers::hold(&sentence.text, given.iter().copied())
        && words::names_hold(&sentence.text, given.iter().copied())
        && beginning_holds(&sentence.text, &given)
        && side_holds(&sentence.text, &cited)
}

/// Who says something, as answers name them where they give no name, and how answers begin.
const THEIRS: [&str; 12] = [
    "customer",
    "customers",
    "prospect",
    "prospects",
    "client",
    "clients",
    "buyer",
    "buyers",
    "caller",
    "callers",
    "lead",
    "leads",
];
const OURS: [&str; 8] = ["rep", "reps", "seller", "sellers", "agent", "agents", "salesperson", "salespeople"];
const BEGINNINGS: [&str; 20] = [
    "people",
    "person",
    "call",
    "calls",
    "team",
    "teams",
    "company",
    "companies",
    "concerns",
    "objections",
    "feedback",
    "overall",
    "according",
    "however",
    "another",
    "others",
    "yes",
    "no",
    "price",
    "pricing",
];
/// What somebody does who says something.
const SAYING: [&str; 30] = [
    "say",
    "says",
    "said",
    "ask",
    "asks",
    "asked",
    "mention",
    "mentions",
    "mentioned",
    "complain",
    "complains",
    "complained",
    "object",
    "objects",
    "objected",
    "tell",
    "tells",
    "told",
    "think",
    "thinks",
    "thought",
    "state",
    "states",
    "stated",
    "explain",
    "explains",
    "explained",
    "confirm",
    "confirms",
    "confirmed",
];

/// Whether a sentence begins with a word that says nothing, or that stands in what was given: it may be a name, whose capital letter tells nothing there.
fn beginning_holds(sentence: &str, given: &[&str]) -> bool {
    let first: String = sentence.chars().skip_while(|c| !c.is_alphabetic()).take_while(|c| c.is_alphabetic()).collect();
    let first = first.to_lowercase();
    if first.is_empty() || is_function_word(&first) || [&THEIRS[..], &OURS, &BEGINNINGS].concat().contains(&&*first) {
        return true;
    }
    // Another form of a word has its beginning.
    let stem: String = first.chars().take(first.chars().count().saturating_sub(3).max(3)).collect();
    let mut words = given.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    words.any(|word| word.to_lowercase().starts_with(&stem))
}

/// Whether, where a sentence begins with the customer or the rep who says something, a line that it cites is of their side, or nobody knows whose it is.
fn side_holds(sentence: &str, cited: &[&Line]) -> bool {
    let words: Vec<String> = sentence
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(6)
        .map(str::to_lowercase)
        .collect();
    let who = words.iter().take(3).position(|word| THEIRS.contains(&&**word) || OURS.contains(&&**word));
    let Some(who) = who else { return true };
    if !words[who + 1..].iter().take(2).any(|word| SAYING.contains(&&**word)) {
        return true;
    }
    let side = if THEIRS.contains(&&*words[who]) { Side::External } else { Side::Internal };
    cited.iter().any(|line| line.side.is_none_or(|of| of == side))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u32, text: &str) -> Line {
        let (call, speaker) = ("Acme: discovery (2026-11-02)".to_owned(), Some("Mara Lind, customer".to_owned()));
        Line { number, call, time: Some("1:04".to_owned()), speaker, side: Some(Side::External), text: text.to_owned() }
    }

    fn read(answer: &str) -> Vec<(String, Vec<u32>)> {
        sentences(answer, true).into_iter().map(|sentence| (sentence.text, sentence.cites)).collect()
    }

    #[test]
    fn sentences_end_with_what_they_cite() {
        let one = |text: &str, cites: &[u32]| (text.to_owned(), cites.to_vec());
        assert_eq!(
            read(
                "They find it too expensive [3]. Mara says \"twice what we budgeted\" [4][5, 6]! It is great. Dana agreed. [7]\n- Nothing else"
            ),
            [
                one("They find it too expensive.", &[3]),
                one("Mara says \"twice what we budgeted\"!", &[4, 5, 6]),
                one("It is great.", &[]),
                one("Dana agreed.", &[7]),
                one("Nothing else", &[]),
            ]
        );
        assert_eq!(
            read("Mr. Lind paid 3.5 k to Acme Inc. last year [2]"),
            [one("Mr. Lind paid 3.5 k to Acme Inc. last year", &[2])]
        );
        assert_eq!(read("[1] [2]"), []);
        assert_eq!(read("a [x] b [1]"), [one("a [x] b", &[1])]);
    }

    #[test]
    fn a_sentence_is_told_only_when_it_is_whole() {
        let answer = "One thing [1][2]. Another [3]. NOTHING";
        let mut told: Vec<Sentence> = Vec::new();
        for (at, _) in answer.char_indices() {
            let now = sentences(&answer[..at], false);
            assert!(now.starts_with(&told), "{now:?} after {told:?} at {at}");
            told = now;
        }
        assert_eq!(told, sentences(answer, true)[..2]);
    }

    #[test]
    fn a_sentence_holds_by_the_lines_that_it_cites() {
        let lines: BTreeMap<u32, Line> =
            [line(1, "The price is twice what we budgeted, 40 thousand."), line(2, "We like the demo.")]
                .map(|line| (line.number, line))
                .into();
        let holds = |text: &str, cites: &[u32]| {
            holds(&Sentence { text: text.to_owned(), cites: cites.to_vec() }, &lines, "What did Acme say of GDPR?")
        };
        assert!(holds("The customer says the price is \"twice what we budgeted\".", &[1]));
        assert!(holds("Mara Lind named 40 thousand.", &[1]));
        assert!(!holds("The customer likes the demo.", &[]));
        assert!(!holds("The customer likes the demo.", &[9]));
        assert!(!holds("The customer named 50 thousand.", &[1]));
        assert!(!holds("The customer named 40 thousand.", &[2]), "it stands in another line");
        assert!(!holds("The customer said \"far too much\".", &[1]));
        assert!(!holds("They compare it with Salesforce.", &[1]));
        assert!(!holds("Salesforce is what they like.", &[2]), "nobody named it");
        assert!(holds("Liking the demo is what they say.", &[2]), "a form of what was said");
        assert!(!holds("The rep says the demo is liked.", &[2]), "the other side said it");
        assert!(holds("Customers often say they like the demo.", &[2]));
        assert!(holds("The rep's demo was liked.", &[2]), "nobody is said to say it");
    }
}
