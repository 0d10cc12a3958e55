//! What somebody who searches means. Every text is a query: what is not understood as something else is looked for as words.

use crate::words::{Word, fold, is_common, words};
use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;
use transcript::Side;

/// More words, phrases and beginnings than this are not looked for.
const MOST: usize = 32;
/// What lies between a score and one that is more: scores have one decimal at most where they are shown.
const STEP: f64 = 0.001;
/// The fewest letters of a beginning: shorter ones begin half of all words.
const SHORTEST: usize = 2;

/// A word, a phrase, or the beginning of a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// The forms of its words, one after the other.
    pub forms: Vec<String>,
    /// The last of them, in lower case and as written, is the beginning of a word.
    pub is_prefix: bool,
    /// It stands in quotes: a passage without it is not found, whatever it means.
    pub is_quoted: bool,
    /// It says nothing by itself: the, of. Such words are looked for where there is nothing else.
    pub is_common: bool,
}

/// Where is looked, beside the words.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Fields {
    /// Who says it: part of a name.
    pub speaker: Option<String>,
    /// Which side says it.
    pub side: Option<Side>,
    /// Whose call it is: name, mail address or id.
    pub agent: Option<String>,
    /// With which customer: part of a name.
    pub customer: Option<String>,
    /// Of which deal: part of its name, or an id.
    pub opportunity: Option<String>,
    /// On this day or later, where the team is.
    pub since: Option<NaiveDate>,
    /// On this day or earlier.
    pub until: Option<NaiveDate>,
    /// With at least this overall score, 0 to 100.
    pub min_score: Option<f64>,
    /// With at most this overall score.
    pub max_score: Option<f64>,
    /// Calls in which this tracker was heard: its id.
    pub tracker: Option<String>,
    /// In this language; `en` is also `en-GB`.
    pub language: Option<String>,
}

/// A query that was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Query {
    /// What is meant, in the words of whoever asks: without fields and what is unwanted. It is compared by meaning.
    pub text: String,
    /// What a passage is to have.
    pub wanted: Vec<Clause>,
    /// What it is not to have.
    pub unwanted: Vec<Clause>,
    /// Where is looked.
    pub fields: Fields,
    /// What was not taken as it may have been meant, in sentences.
    pub notes: Vec<String>,
}

/// A piece of a query between white space; what is in quotes holds together.
struct Piece<'a> {
    minus: bool,
    /// `side` of `side:customer`.
    field: Option<(&'a str, &'a str)>,
    value: &'a str,
    quoted: bool,
    whole: &'a str,
}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let mut meant: Vec<&str> = Vec::new();
        let mut signs: Vec<&str> = Vec::new();
        for piece in pieces(text) {
            if let Some((name, compared)) = piece.field {
                let read = if piece.minus {
                    // Read to know whether it is one.
                    Fields::default().read(name, compared, piece.value).and_then(|is_field| {
                        if is_field { Err("a field says where is looked, not where not".to_owned()) } else { Ok(false) }
                    })
                } else {
                    query.fields.read(name, compared, piece.value)
                };
                match read {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(why) => query.notes.push(format!("`{}` is taken as words: {why}.", piece.whole)),
                }
            }
            let what = if piece.field.is_some() { piece.whole.trim_start_matches('-') } else { piece.value };
            let clauses = clauses(what, piece.quoted && piece.field.is_none());
            if clauses.is_empty() {
                signs.push(piece.whole);
            } else if !piece.minus {
                meant.push(what);
            }
            let to = if piece.minus { &mut query.unwanted } else { &mut query.wanted };
            for clause in clauses {
                if !to.contains(&clause) {
                    to.push(clause);
                }
            }
        }
        // Signs alone, quotes as well, are something that was asked for; beside words they mean nothing.
        query.text = if meant.is_empty() { signs } else { meant }.join(" ");
        query.shorten();
        query
    }

    /// Reads a text in which everything is words: nothing is a field, a phrase or unwanted.
    pub fn words(text: &str) -> Self {
        let mut query = Self { text: text.trim().to_owned(), ..Self::default() };
        for word in words(text) {
            let clause = clause(&[word], false, false);
            if !query.wanted.contains(&clause) {
                query.wanted.push(clause);
            }
        }
        query.shorten();
        query
    }

    /// Whether it says something in which there is no word.
    pub fn is_wordless(&self) -> bool {
        self.wanted.is_empty() && !self.text.trim().is_empty()
    }

    fn shorten(&mut self) {
        if self.is_wordless() {
            self.notes.push(format!("`{}` has no word that could be looked for.", self.text.trim()));
        }
        if self.wanted.len() > MOST {
            // Those that say something first.
            self.wanted.sort_by_key(|clause| clause.is_common);
            self.notes.push(format!("Only {MOST} of its words are looked for."));
        }
        self.wanted.truncate(MOST);
        self.unwanted.truncate(MOST);
    }

    /// What is looked for: what says something, or else all there is.
    pub fn telling(&self) -> Vec<&Clause> {
        let telling: Vec<&Clause> = self.wanted.iter().filter(|clause| !clause.is_common).collect();
        if telling.is_empty() { self.wanted.iter().collect() } else { telling }
    }
}

/// The pieces of a text. A quote that is never closed closes at the end.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let minus = rest.starts_with('-') && rest[1..].starts_with(|c: char| c.is_alphanumeric() || is_quote(c));
        let start = usize::from(minus);
        let mut field = None;
        let mut at = start;
        // A name, then a colon or a comparison.
        let name = rest[start..].find(|c: char| !c.is_ascii_alphabetic() && c != '_').map_or(rest.len(), |n| n + start);
        if name > start {
            for compared in [":>=", ":<=", ":>", ":<", ":", ">=", "<=", ">", "<"] {
                if rest[name..].starts_with(compared) {
                    field = Some((&rest[start..name], compared.trim_start_matches(':')));
                    at = name + compared.len();
                    break;
                }
            }
        }
        let opening = rest[at..].chars().next().filter(|c| is_quote(*c));
        let (value, end) = if let Some(quote) = opening {
            let from = at + quote.len_utf8();
            let to = rest[from..].find(is_quote).map_or(rest.len(), |to| from + to);
            let after = rest[to..].chars().next().map_or(to, |c| to + c.len_utf8());
            (&rest[from..to], after)
        } else {
            let to = rest[at..].find(char::is_whitespace).map_or(rest.len(), |to| at + to);
            (&rest[at..to], to)
        };
        found.push(Piece { minus, field, value, quoted: opening.is_some(), whole: &rest[..end] });
        rest = rest[end..].trim_start();
    }
    found
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}')
}

/// What is looked for in a piece: a phrase where it is quoted; else each run of letters, and what is written together one after the other.
fn clauses(text: &str, quoted: bool) -> Vec<Clause> {
    let all = words(text);
    let Some(last) = all.last() else { return Vec::new() };
    let is_prefix = text[last.at.end..].starts_with('*') && last.folded.chars().count() >= SHORTEST;
    if quoted {
        return vec![clause(&all, is_prefix, true)];
    }
    let mut found = Vec::new();
    for part in text.split_whitespace() {
        let words = words(part);
        let Some(last) = words.last() else { continue };
        let is_prefix = part[last.at.end..].starts_with('*') && last.folded.chars().count() >= SHORTEST;
        if words.len() > 2 && words.iter().all(Word::is_ideograph) {
            // Without spaces nobody says where words end: each two letters that follow one another.
            found.extend(words.windows(2).map(|pair| clause(pair, false, false)));
            continue;
        }
        found.push(clause(&words, is_prefix, false));
    }
    found
}

fn clause(words: &[Word], is_prefix: bool, is_quoted: bool) -> Clause {
    let last = words.len() - 1;
    let form = |(at, word): (usize, &Word)| if is_prefix && at == last { word.folded.clone() } else { word.stem() };
    Clause {
        forms: words.iter().enumerate().map(form).collect(),
        is_prefix,
        is_quoted,
        is_common: !is_quoted && !is_prefix && words.iter().all(|word| is_common(&word.folded)),
    }
}

impl Fields {
    /// Reads a field; `false` where there is none of this name.
    fn read(&mut self, name: &str, compared: &str, value: &str) -> Result<bool, String> {
        let text = || Some(value.trim().to_owned()).filter(|value| !value.is_empty()).ok_or("nothing stands behind it");
        let name = name.to_ascii_lowercase();
        if compared != ":" && !compared.is_empty() && name != "score" {
            return Ok(false);
        }
        match &*name {
            "speaker" => self.speaker = Some(text()?),
            "side" => self.side = Some(side(value).ok_or("a side is `us` or `customer`")?),
            "agent" | "rep" => self.agent = Some(text()?),
            "customer" | "account" => self.customer = Some(text()?),
            "opportunity" | "deal" => self.opportunity = Some(text()?),
            "tracker" => self.tracker = Some(text()?.to_lowercase()),
            "language" | "lang" => self.language = Some(text()?),
            "after" | "since" => self.since = Some(day(value)?),
            "before" | "until" => self.until = Some(day(value)?),
            "score" => self.score(compared, value)?,
            // What is written so by somebody who knows of fields; an address or a time is none.
            _ if compared.is_empty() && value.starts_with(char::is_alphabetic) => {
                return Err(format!("there is no field `{name}`"));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn score(&mut self, compared: &str, value: &str) -> Result<(), String> {
        let number = |text: &str| {
            let number = text.trim().parse::<f64>().ok().filter(|number| (0.0..=100.0).contains(number));
            number.ok_or("write `score>60`, `score<80` or `score:60..80`, from 0 to 100".to_owned())
        };
        match compared {
            ">" => self.min_score = Some(number(value)? + STEP),
            ">=" => self.min_score = Some(number(value)?),
            "<" => self.max_score = Some(number(value)? - STEP),
            "<=" => self.max_score = Some(number(value)?),
            _ => {
                let (least, most) = value.split_once("..").unwrap_or((value, value));
                (self.min_score, self.max_score) = (Some(number(least)?), Some(number(most)?));
            }
        }
        Ok(())
    }
}

fn side(value: &str) -> Option<Side> {
    match &*fold(value) {
        "us" | "our" | "ours" | "internal" | "rep" | "seller" | "agent" => Some(Side::Internal),
        "them" | "their" | "theirs" | "external" | "customer" | "buyer" | "prospect" => Some(Side::External),
        _ => None,
    }
}

fn day(value: &str) -> Result<NaiveDate, String> {
    let day = value.trim().parse::<NaiveDate>().ok().filter(|day| (1..=9999).contains(&day.year()));
    day.ok_or_else(|| "write a day like 2026-11-02".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn forms(clauses: &[Clause]) -> Vec<String> {
        let shown = |clause: &Clause| clause.forms.join("+") + if clause.is_prefix { "*" } else { "" };
        clauses.iter().map(shown).collect()
    }

    #[test]
    fn words_phrases_beginnings_and_what_is_unwanted() {
        let query =
            Query::parse("the prices \"budget is gone\" integra* -discounts -\"next year\" e-mail 1,000 “à la carte”");
        assert_eq!(forms(&query.wanted), ["the", "pric", "budget+is+gon", "integra*", "e+mail", "1+000", "a+la+cart"]);
        assert_eq!(forms(&query.unwanted), ["discount", "next+year"]);
        assert_eq!(query.text, "the prices budget is gone integra* e-mail 1,000 à la carte");
        assert_eq!(forms(&query.telling().into_iter().cloned().collect::<Vec<_>>())[0], "pric");
        // Where there is nothing else, words that say nothing are looked for.
        assert_eq!(
            forms(&Query::parse("to be or").telling().into_iter().cloned().collect::<Vec<_>>()),
            ["to", "be", "or"]
        );
        assert!(query.notes.is_empty());
    }

    #[test]
    fn fields_say_where() {
        let query = Query::parse(
            "speaker:Mara side:customer agent:\"Dana Whitlock\" customer:acme deal:\"Acme: roll-out\" after:2026-01-02 before:2026-02-03 \
             score>=60 score<80 tracker:Pricing lang:en price",
        );
        let fields = &query.fields;
        assert_eq!(fields.speaker.as_deref(), Some("Mara"));
        assert_eq!(fields.side, Some(Side::External));
        assert_eq!(fields.agent.as_deref(), Some("Dana Whitlock"));
        assert_eq!(fields.customer.as_deref(), Some("acme"));
        assert_eq!(fields.opportunity.as_deref(), Some("Acme: roll-out"));
        assert_eq!(fields.since, NaiveDate::from_ymd_opt(2026, 1, 2));
        assert_eq!(fields.until, NaiveDate::from_ymd_opt(2026, 2, 3));
        assert_eq!(fields.min_score, Some(60.0));
        assert!(fields.max_score.is_some_and(|most| most < 80.0 && most > 79.9));
        assert_eq!(fields.tracker.as_deref(), Some("pricing"));
        assert_eq!(fields.language.as_deref(), Some("en"));
        assert_eq!((query.text.as_str(), forms(&query.wanted)), ("price", vec!["pric".to_owned()]));
        assert_eq!(Query::parse("score:60..80").fields.max_score, Some(80.0));
    }

    #[test]
    fn what_is_no_field_is_words_and_told() {
        let query = Query::parse(
            "after:yesterday side:left score>high note:this http://example.com 10:30 -side:us speaker: -x:y",
        );
        assert_eq!(query.fields, Fields::default());
        let notes = [
            "`after:yesterday` is taken as words: write a day like 2026-11-02.",
            "`side:left` is taken as words: a side is `us` or `customer`.",
            "`score>high` is taken as words: write `score>60`, `score<80` or `score:60..80`, from 0 to 100.",
            "`note:this` is taken as words: there is no field `note`.",
            "`-side:us` is taken as words: a field says where is looked, not where not.",
            "`speaker:` is taken as words: nothing stands behind it.",
            "`-x:y` is taken as words: there is no field `x`.",
        ];
        assert_eq!(query.notes, notes);
        assert_eq!(
            forms(&query.wanted),
            ["after+yesterday", "sid+left", "scor+high", "not+this", "http+exampl+com", "10+30", "speaker"]
        );
        assert_eq!(forms(&query.unwanted), ["sid+us", "x+y"]);
    }

    #[test]
    fn a_quote_that_is_left_open_ends_with_the_text() {
        assert_eq!(forms(&Query::parse("\"what about").wanted), ["what+about"]);
        for nothing in ["", "  ", "\"", "-", "*", "\"\"", "\"\"\"", "-\"\"", "--", "…"] {
            let query = Query::parse(nothing);
            assert!(query.wanted.is_empty() && query.unwanted.is_empty(), "{nothing:?}: {query:?}");
            // Who writes a sign asks for something, and not for all there is.
            assert_eq!(query.is_wordless(), !nothing.trim().is_empty(), "{nothing:?}");
        }
        let many: Vec<String> = (0..100).map(|n| format!("w{n}")).collect();
        assert_eq!(Query::parse(&many.join(" ")).wanted.len(), MOST);
    }

    proptest! {
        #[test]
        fn any_text_is_a_query(text in "(\\PC|\"|-|:|\\*| |score>|side:){0,40}") {
            let query = Query::parse(&text);
            for clause in query.wanted.iter().chain(&query.unwanted) {
                prop_assert!(!clause.forms.is_empty());
                prop_assert!(clause.forms.iter().all(|form| !form.is_empty() && form.chars().all(char::is_alphanumeric)));
            }
        }
    }
}
