//! Whether personal data stands anywhere in a file as it came, also where no parser reads it.

use super::lexicon::Cue;
use super::names::Names;
use super::redactor::QUIET;
use super::tokens::Stream;
use super::{RedactKind, RedactKinds, find_all};
use crate::formats::table_head;
use rustc_hash::FxHashMap;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Pieces and bytes that are read at once.
const PIECES: usize = 512;
const BYTES: usize = 1 << 18;
/// A piece that is longer is cut at a space, or anywhere where none is near.
const LONGEST: usize = 1 << 12;
/// Digits that a number without a word about it has at least to be looked at.
const DIGITS: usize = 7;

/// Last words of keys whose numbers are ids, times and scores.
const ID_WORDS: &str = "id ids uid uuid guid hash key token start end begin offset offsets time times timestamp timestamps duration date at \
                        ts ms sec secs seconds from to confidence score probability index version size bytes length url uri";

/// Whether anything of these kinds stands in the text of a file, whatever its format: in notes, columns and fields that no parser
/// reads as well. Generous: what only may be one counts. Times and ids do not raise it. Linear in the length of the text.
///
/// ```
/// use transcript::redact::{RedactKinds, found_in_raw};
///
/// let file = "WEBVTT\n\nNOTE paid with 4111 1111 1111 1111\n\n00:01.000 --> 00:02.000\nHello.\n";
/// assert!(found_in_raw(file, RedactKinds::default()));
/// assert!(found_in_raw(r#"[{"text": "Hello.", "start": 0, "end": 1, "pin": 1234}]"#, RedactKinds::default()));
/// assert!(!found_in_raw(r#"[{"text": "Hello.", "start": 1234, "end": 4111}]"#, RedactKinds::default()));
/// ```
pub fn found_in_raw(raw: &str, kinds: RedactKinds) -> bool {
    found(raw, kinds, &Names::default())
}

pub(super) fn found(raw: &str, kinds: RedactKinds, names: &Names) -> bool {
    let raw = raw.strip_prefix('\u{FEFF}').unwrap_or(raw);
    if kinds.is_empty() {
        return false;
    }
    let mut reader = Reader::new(kinds, names);
    if raw.trim_start().starts_with(['{', '[']) {
        let mut values = serde_json::Deserializer::from_str(raw);
        let mut whole = Ok(());
        while whole.is_ok() && values.end().is_err() {
            whole = Value { reader: &mut reader, parent: "", key: "" }.deserialize(&mut values);
        }
        if whole.is_ok() || reader.found {
            return reader.finish();
        }
        reader = Reader::new(kinds, names);
    }
    match table_head(raw) {
        Some((delimiter, body)) => reader.table(raw, delimiter, body),
        None => reader.lines(raw),
    }
    reader.finish()
}

/// What the key of a value says of it.
#[derive(Clone)]
struct Key {
    /// The key as words: "card number" for `cardNumber`.
    words: String,
    /// Whether it names a number of some kind.
    cued: bool,
    /// Whether it names ids or times.
    id: bool,
}

impl Key {
    fn of(parent: &str, key: &str) -> Self {
        let mut words = String::new();
        let mut lower = false;
        for c in [parent, " ", key].concat().chars() {
            if lower && c.is_uppercase() {
                words.push(' ');
            }
            lower = c.is_lowercase();
            words.push(if c == '_' || c == '-' { ' ' } else { c });
        }
        let mut stream = Stream::default();
        stream.push(&words, None);
        let named = |cue: Cue| matches!(cue, Cue::Card | Cue::Code) || cue.kind().is_some();
        let last = words.split_whitespace().next_back().unwrap_or_default().to_lowercase();
        let id = ID_WORDS.split_ascii_whitespace().any(|word| word == last);
        // "accountId" is no bank account, but "taxId" is a number for taxes.
        let cued = match stream.tokens.split_last() {
            Some((last, _)) if id => named(last.cue),
            _ => stream.tokens.iter().any(|token| named(token.cue)),
        };
        Self { words, cued, id: id && !cued }
    }
}

struct Reader<'n> {
    kinds: RedactKinds,
    names: &'n Names,
    /// Stretches of text that are still to be read, the first of them for their context only.
    pieces: Vec<String>,
    bytes: usize,
    keys: FxHashMap<(String, String), Key>,
    found: bool,
}

impl<'n> Reader<'n> {
    fn new(kinds: RedactKinds, names: &'n Names) -> Self {
        Self { kinds, names, pieces: Vec::new(), bytes: 0, keys: FxHashMap::default(), found: false }
    }

    fn finish(mut self) -> bool {
        self.read();
        self.found
    }

    /// Takes in a stretch of text.
    fn piece(&mut self, text: &str) {
        let mut rest = text.trim();
        while !rest.is_empty() && !self.found {
            let cut = if rest.len() > LONGEST { cut(rest) } else { rest.len() };
            self.bytes += cut;
            self.pieces.push(rest[..cut].to_owned());
            rest = &rest[cut..];
            if self.pieces.len() >= PIECES || self.bytes >= BYTES {
                self.read();
                self.pieces.drain(..self.pieces.len().saturating_sub(QUIET));
                self.bytes = 0;
            }
        }
    }

    fn read(&mut self) {
        self.found = self.found || self.holds(self.pieces.iter().map(String::as_str), self.kinds);
    }

    fn holds<'a>(&self, pieces: impl Iterator<Item = &'a str>, kinds: RedactKinds) -> bool {
        let folded: Vec<_> = pieces.map(|piece| (super::fold::Folded::of(piece), piece)).collect();
        let mut stream = Stream::default();
        for (folded, piece) in &folded {
            stream.push(folded.as_ref().map_or(*piece, |folded| &folded.text), None);
        }
        !find_all(stream, kinds, self.names).is_empty()
    }

    /// Takes in the value of a field. Numbers and ids are read alone with their key, so that a time after "your account number?" is none.
    fn value(&mut self, parent: &str, key: &str, value: &str) {
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        if self.found || value.is_empty() {
            return;
        }
        let names = (parent.to_owned(), key.to_owned());
        let key = self.keys.entry(names).or_insert_with(|| Key::of(parent, key)).clone();
        let is_number = digits > 0 && !value.as_bytes().windows(2).any(|pair| pair.iter().all(u8::is_ascii_alphabetic));
        if key.id && !value.contains(' ') {
            let plain = [RedactKind::Email, RedactKind::Phone, RedactKind::Name];
            let kinds = self.kinds.iter().filter(|kind| plain.contains(kind)).collect();
            self.found = !is_number && self.holds([value].into_iter(), kinds);
        } else if is_number && value.is_ascii() {
            let text = format!("{} {value}", key.words);
            self.found =
                (key.cued && digits > 2 || digits >= DIGITS) && self.holds([text.as_str()].into_iter(), self.kinds);
        } else if key.cued {
            self.piece(&format!("{}: {value}", key.words));
        } else {
            self.piece(value);
        }
    }

    /// Reads line by line; lines of times and the numbers of subtitles are left out.
    fn lines(&mut self, raw: &str) {
        let mut lines = raw.lines().peekable();
        while let Some(line) = lines.next() {
            let counter = line.trim().bytes().all(|b| b.is_ascii_digit());
            let timed = lines.peek().is_some_and(|next| next.contains("-->"));
            if !(line.contains("-->") || counter && timed) {
                self.piece(without_time(line));
            }
        }
    }

    /// Reads a table whose rows begin at `body`; the header is the line before.
    fn table(&mut self, raw: &str, delimiter: u8, body: usize) {
        let head = raw[..body].trim_end();
        let (before, header) = head.rsplit_once('\n').unwrap_or(("", head));
        self.lines(before);
        let names: Vec<String> = records(header, delimiter)
            .flatten()
            .flat_map(|row| row.iter().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        for row in records(&raw[body..], delimiter).flatten() {
            for (at, cell) in row.iter().enumerate() {
                self.value("", names.get(at).map_or("", String::as_str), cell.trim());
            }
        }
    }
}

/// A line without the time before it: "[123.456] Ann: …", "00:01:02 Ann".
fn without_time(line: &str) -> &str {
    let line = line.trim_start();
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let time = first.trim_matches(['[', ']', '(', ')', '-', ',', 's']);
    let digits = time.bytes().filter(u8::is_ascii_digit).count();
    let marks = time.bytes().filter(|b| b".,:".contains(b)).count();
    let is_time = digits + marks == time.len() && digits < 13 && (marks == 1 || marks > 0 && time.contains(':'));
    if is_time { rest } else { line }
}

fn records(text: &str, delimiter: u8) -> csv::StringRecordsIntoIter<&[u8]> {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).flexible(true).has_headers(false).from_reader(text.as_bytes()).into_records()
}

/// Where a long text is cut: after a space near the end if there is one.
fn cut(text: &str) -> usize {
    let end = text.floor_char_boundary(LONGEST);
    text[..end].rfind([' ', ',', '"']).filter(|at| *at > LONGEST / 2).map_or(end, |at| at + 1)
}

/// A value of JSON with the keys above it.
struct Value<'r, 'n, 'k> {
    reader: &'r mut Reader<'n>,
    parent: &'k str,
    key: &'k str,
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.reader.value(self.parent, self.key, text.trim());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        if number >= 100 {
            self.reader.value(self.parent, self.key, &number.to_string());
        }
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Value { reader: self.reader, parent: self.parent, key: self.key })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            // Some files have data where keys should be.
            if key.0.contains('@') || key.0.bytes().filter(u8::is_ascii_digit).count() >= DIGITS {
                self.reader.piece(&key.0);
            }
            map.next_value_seed(Value { reader: self.reader, parent: self.key, key: &key.0 })?;
        }
        Ok(())
    }
}

/// A key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn raises(expected: bool, files: &[&str]) {
        for file in files {
            assert_eq!(found_in_raw(file, RedactKinds::DEFAULT), expected, "{file}");
        }
    }

    const VTT: &str = "WEBVTT\n\n";
    const CUES: &str = "412\n00:00:01.234 --> 00:00:04.111\nAnn: And the account number?\n\n413\n00:00:05.000 --> 00:00:06.000\nBo: Later.\n";

    #[test]
    fn what_no_parser_reads_is_found() {
        raises(
            true,
            &[
                &format!("{VTT}NOTE my card is 4111 1111\n1111 1111\n\n{CUES}"),
                &format!("{VTT}NOTE PIN: 1234\n\n{CUES}"),
                "speaker,text,card_number\nAnn,Hi.,4111 1111 1111 1112\n",
                "speaker;text;PIN\nAnn;Hi.;\nBo;Hello.;1234\n",
                r#"[{"speaker": "Ann", "text": "Hi.", "start": 1, "end": 2, "note": "4111\u0020 1111\n1111 1111"}]"#,
                r#"{"crm": {"card": {"number": 4111111111111112}}, "segments": [{"text": "Hi."}]}"#,
                r#"{"customer": {"cvv": 412, "taxId": "98-7654321"}}"#,
                r#"{"a": 1} {"socialSecurityNumber": "123456789"}"#,
                r#"{"4111111111111111": "key"}"#,
                "[00:01] Ann: Hi.\n{\"cvv\": 412}",
                "[12.345] Ann: Your account number?\n[14.5] Bo: 1234567\n",
                "Ann: Hi.\n4111.1111.1111.1111 is the card\n",
            ],
        );
        let long =
            format!("{{\"audio\": \"{}, {}\"}}", "lorem ipsum ".repeat(20_000), "IBAN GB29 NWBK 6016 1331 9268 19");
        raises(true, &[&long]);
        assert!(found_in_raw(r#"{"id": "ann@example.com"}"#, RedactKinds::NONE.with(RedactKind::Email)));
    }

    #[test]
    fn times_and_ids_raise_nothing() {
        raises(
            false,
            &[
                &format!("{VTT}{CUES}"),
                CUES,
                r#"{"id": "4111111111111111", "callId": 4111111111111111, "accountId": 5555555555554444, "start_time": "1234.567"}"#,
                r#"[{"text": "Your account number?", "startTime": 1234567, "end": 1240.5, "at": "2024-11-05T10:00:00Z"}, {"text": "No."}]"#,
                "start,end,speaker,text\n12.345,15678,Ann,Your security code?\n412,1234567,Bo,No.\n",
                "[00:01:02] Ann: And the PIN?\n[00:01:05] Bo: No.\n",
                "Recorded 20241105143008\nAnn: Hi.\n",
                "[12.345] Ann: Your account number?\n[1234.567] Bo: Later.\n1240.5s Ann: Fine.\n",
                "",
                "{",
            ],
        );
        assert!(!found_in_raw("PIN 1234", RedactKinds::NONE));
    }
}
