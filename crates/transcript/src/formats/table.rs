//! Tables (CSV, TSV and the like) with a header: one row for each stretch of speech.

use super::labels::{Labels, candidate};
use super::table_columns::{Columns, Unit};
use super::text_line::take_time_of_day;
use super::time::{rfc3339, seconds_to_ms, take_moment};
use super::{Builder, Found, ParseError, check_count, counted};
use rustc_hash::FxHashSet;

/// Whole numbers without a unit are milliseconds if they amount to more than this for each word: speech takes 0.4 seconds or 400
/// milliseconds a word.
const MOST_SECONDS_A_WORD: f64 = 150.0;
/// Numbers from here on are no offsets but seconds since 1970 (this is 2001), from the next on milliseconds since 1970.
const EPOCH_SECONDS: f64 = 1e9;
const EPOCH_MS: f64 = 1e11;

/// A time as a cell has it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Time {
    /// An offset in milliseconds.
    Offset(u64),
    /// A number whose unit the column or all numbers together tell.
    Number(f64),
    /// Milliseconds since 1970.
    Moment(i64),
}

/// A row, before it is known what its numbers mean.
struct Row {
    line: usize,
    speaker: String,
    start: Option<Time>,
    end: Option<Time>,
    duration: Option<Time>,
    text: String,
}

/// Rows with a fault of one kind.
#[derive(Default)]
struct Faults {
    first_line: usize,
    count: usize,
}

impl Faults {
    fn note(&mut self, line: usize) {
        if self.count == 0 {
            self.first_line = line;
        }
        self.count += 1;
    }

    fn tell(&self, what: &str, builder: &mut Builder) {
        if self.count > 0 {
            builder.warn(self.first_line, format!("{} {what}", counted(self.count, "row")));
        }
    }
}

/// Whether a text begins with a header of the usual names.
pub(super) fn is_table(text: &str) -> bool {
    Columns::find(text).is_ok()
}

/// Reads a table whose header names a column of words and one of speakers or times.
pub(crate) fn parse(text: &str, builder: &mut Builder) -> Result<(), ParseError> {
    let columns = Columns::find(text)?;
    let mut rows = rows(text, &columns, builder)?;
    if columns.speaker.is_none() {
        let labels = Labels::learn(rows.iter().filter_map(|row| candidate(&row.text)), rows.len());
        let names: Vec<Option<(String, String)>> = rows
            .iter()
            .map(|row| labels.split(&row.text).map(|(name, words)| (name.to_owned(), words.to_owned())))
            .collect();
        for (row, (name, words)) in rows.iter_mut().zip(names).filter_map(|(row, split)| Some((row, split?))) {
            (row.speaker, row.text) = (name, words);
        }
    }
    let unit = unit(&rows, &columns, builder);
    let settle = |time: Option<Time>, named: Unit| {
        time.and_then(|time| match time {
            Time::Number(number) => settled(number, if named == Unit::Unknown { unit } else { named }),
            other => Some(other),
        })
    };
    let start_unit = columns.start.map_or(Unit::Unknown, |(_, unit)| unit);
    let end_unit = columns.end.map_or(Unit::Unknown, |(_, unit)| unit);
    let duration_unit = columns.duration.map_or(Unit::Unknown, |(_, unit)| unit);
    let moments = rows.iter().filter_map(|row| match settle(row.start, start_unit) {
        Some(Time::Moment(ms)) => Some(ms),
        _ => None,
    });
    let first_moment = moments.min();
    builder.call().started_at = first_moment.and_then(|ms| rfc3339(ms as f64));
    let offset = |time: Time| match time {
        Time::Offset(ms) => ms,
        Time::Moment(ms) => ms.saturating_sub(first_moment.unwrap_or(ms)).max(0) as u64,
        Time::Number(_) => 0,
    };
    for row in rows {
        let start_ms = settle(row.start, start_unit).map(offset);
        let lasts = || match settle(row.duration, duration_unit)? {
            Time::Offset(ms) => Some(ms),
            _ => None,
        };
        let end_ms = settle(row.end, end_unit).map(offset).or_else(|| Some(start_ms?.saturating_add(lasts()?)));
        let speaker = builder.speaker(&row.speaker);
        builder.push(row.line, Found { speaker, start_ms, end_ms, text: row.text, ..Found::default() });
    }
    Ok(())
}

/// The rows below the header. What cannot be a row is left out aloud.
fn rows(text: &str, columns: &Columns, builder: &mut Builder) -> Result<Vec<Row>, ParseError> {
    let body = &text[columns.body..];
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(columns.delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(body.as_bytes());
    let lines_above = memchr::memchr_iter(b'\n', &text.as_bytes()[..columns.body]).count();
    let (mut short, mut long, mut no_time) = (Faults::default(), Faults::default(), Faults::default());
    let mut rows = Vec::new();
    let mut calls: Vec<String> = Vec::new();
    let mut known_calls: FxHashSet<String> = FxHashSet::default();
    let mut record = ::csv::StringRecord::new();
    loop {
        let before = reader.position().clone();
        // The reader counts the blank lines above a row to it.
        let skipped = body.as_bytes()[before.byte() as usize..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let blank_lines = skipped.filter(|byte| **byte == b'\n').count();
        let line = lines_above + before.line() as usize + blank_lines;
        let more = reader.read_record(&mut record).map_err(|error| {
            let message = format!("this row cannot be read ({error}); expected {} columns", columns.count);
            ParseError { line, message }
        })?;
        if !more {
            break;
        }
        check_count(rows.len())?;
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        let (from, to) = (before.byte() as usize, reader.position().byte() as usize);
        let is_open = reader.is_done() || to >= body.len();
        if is_open && reader.position().line() > before.line() + 1 && body[from..to].matches('"').count() % 2 == 1 {
            builder.warn(
                line,
                "a quotation mark is opened here and never closed, so that all below was read as one field",
            );
        }
        let Some(words) = record.get(columns.text) else {
            short.note(line);
            continue;
        };
        let mut words = words.to_owned();
        if record.len() > columns.count {
            // Words with delimiters that nobody quoted.
            if columns.text + 1 == columns.count {
                for field in record.iter().skip(columns.count) {
                    words.push(char::from(columns.delimiter));
                    words.push_str(field);
                }
            } else {
                long.note(line);
            }
        }
        let cell = |column: Option<usize>| column.and_then(|column| record.get(column)).map_or("", str::trim);
        let call = cell(columns.call);
        if !call.is_empty() && !known_calls.contains(call) {
            known_calls.insert(call.to_owned());
            calls.push(call.to_owned());
        }
        let mut time = |column: Option<(usize, Unit)>| {
            let cell = cell(column.map(|(column, _)| column));
            let time = time(cell, columns.delimiter);
            if time.is_none() && !cell.is_empty() {
                no_time.note(line);
            }
            time
        };
        let (start, end, duration) = (time(columns.start), time(columns.end), time(columns.duration));
        rows.push(Row { line, speaker: speaker(cell(columns.speaker)), start, end, duration, text: words });
    }
    if calls.len() > 1 {
        let names = calls.iter().take(10).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if calls.len() > 10 { ", …" } else { "" };
        let message = format!("{} calls in one table: {names}{more}; expected one call a file", calls.len());
        return Err(ParseError { line: 0, message });
    }
    if rows.is_empty() {
        let message = match short.count {
            0 => "a header and no rows; expected one row for each stretch of speech".to_owned(),
            n => format!("{} too short to have words; expected {} columns", counted(n, "row"), columns.count),
        };
        return Err(ParseError { line: short.first_line.max(1), message });
    }
    short.tell("too short to have words left out", builder);
    long.tell("with more fields than the header has columns; the words may be cut at a delimiter", builder);
    no_time.tell("with a time that is no number, clock or date; the time was left out", builder);
    Ok(rows)
}

/// The name in a cell; a number as "Speaker 0".
fn speaker(cell: &str) -> String {
    let name = cell.trim_end_matches([':', ' ']);
    let is_number = !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
    if is_number { format!("Speaker {name}") } else { name.to_owned() }
}

/// The time in a cell: `12.5`, `12.5s`, `900ms`, `0:12`, `10:02 AM`, `2026-11-02T10:00:12Z`.
fn time(cell: &str, delimiter: u8) -> Option<Time> {
    // Where the comma does not separate fields it may separate decimals.
    let number = |text: &str| {
        let parsed = text.trim().parse().or_else(|error| match delimiter {
            b',' => Err(error),
            _ => text.trim().replacen(',', ".", 1).parse::<f64>(),
        });
        parsed.ok().filter(|number: &f64| number.is_finite())
    };
    if let Some(number) = number(cell) {
        return Some(Time::Number(number));
    }
    if let Some(ms) = cell.strip_suffix("ms").and_then(number) {
        return seconds_to_ms(ms / 1000.0).map(Time::Offset);
    }
    if let Some(seconds) = cell.strip_suffix('s').and_then(number) {
        return seconds_to_ms(seconds).map(Time::Offset);
    }
    if let Some((ms, _)) = take_time_of_day(cell).filter(|(_, rest)| rest.trim().is_empty()) {
        return Some(Time::Offset(ms));
    }
    take_moment(cell).filter(|(_, rest)| rest.trim().is_empty()).map(|(ms, _)| Time::Moment(ms))
}

/// What the numbers without a unit mean, by all of them together.
fn unit(rows: &[Row], columns: &Columns, builder: &mut Builder) -> Unit {
    let unknown = |column: Option<(usize, Unit)>| column.is_some_and(|(_, unit)| unit == Unit::Unknown);
    let (starts, ends) = (unknown(columns.start), unknown(columns.end));
    let times = rows.iter().flat_map(|row| [row.start.filter(|_| starts), row.end.filter(|_| ends)]);
    let numbers: Vec<f64> = times
        .filter_map(|time| match time {
            Some(Time::Number(number)) => Some(number),
            _ => None,
        })
        .collect();
    let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let most = numbers.iter().copied().fold(0.0, f64::max);
    match () {
        () if numbers.is_empty() => return Unit::Seconds,
        () if least >= EPOCH_MS => return Unit::EpochMs,
        () if least >= EPOCH_SECONDS => return Unit::EpochSeconds,
        () if numbers.iter().any(|number| number.fract() != 0.0) || most == 0.0 => return Unit::Seconds,
        () => {}
    }
    let words: usize = rows.iter().map(|row| row.text.split_whitespace().count()).sum();
    let (unit, name, suffix) = if most / words.max(1) as f64 > MOST_SECONDS_A_WORD {
        (Unit::Ms, "milliseconds", "s")
    } else {
        (Unit::Seconds, "seconds", "ms")
    };
    let message =
        format!("times without a unit were read as {name}; if that is wrong, call the column `start_{suffix}`");
    builder.warn(1, message);
    unit
}

/// A number in this unit.
fn settled(number: f64, unit: Unit) -> Option<Time> {
    match unit {
        Unit::Ms => seconds_to_ms(number / 1000.0).map(Time::Offset),
        Unit::Seconds | Unit::Unknown => seconds_to_ms(number).map(Time::Offset),
        Unit::EpochMs => Some(Time::Moment(number as i64)),
        Unit::EpochSeconds => Some(Time::Moment((number * 1000.0) as i64)),
    }
}

#[cfg(test)]
mod tests;
