//! Times of day and offsets as transcripts write them, and how a stretch of time is shared out.

/// The longest offset believed, about 139 years: longer ones are misread numbers, and sums over a million segments stay in `u64`.
pub(crate) const MAX_MS: u64 = 1 << 42;

/// Reads `[h:]m:s[.fff]` at the start of `input`; digits need not be padded, the fraction may follow `.`, `,` or, after hours,
/// minutes and seconds, `:`. Returns milliseconds, saturated at the end of `u64`, and what follows.
pub(crate) fn take_clock(input: &str) -> Option<(u64, &str)> {
    let (first, rest) = take_number(input)?;
    let (second, mut rest) = take_number(rest.strip_prefix(':')?)?;
    let mut seconds = first.saturating_mul(60).saturating_add(second);
    let mut last_separator = &['.', ','][..];
    if let Some((third, after)) = rest.strip_prefix(':').and_then(take_number) {
        seconds = seconds.saturating_mul(60).saturating_add(third);
        rest = after;
        last_separator = &['.', ',', ':'];
    }
    let mut ms = seconds.saturating_mul(1000);
    if let Some(after) = rest.strip_prefix(last_separator)
        && after.starts_with(|c: char| c.is_ascii_digit())
    {
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        ms = ms.saturating_add(fraction_ms(&after[..digits]));
        rest = &after[digits..];
    }
    Some((ms, rest))
}

/// The first three digits after the point, as milliseconds.
fn fraction_ms(digits: &str) -> u64 {
    let padded = digits.bytes().map(|b| u64::from(b - b'0')).chain(std::iter::repeat(0));
    padded.take(3).fold(0, |ms, digit| ms * 10 + digit)
}

/// Reads a whole number at the start of `input`, saturating.
pub(crate) fn take_number(input: &str) -> Option<(u64, &str)> {
    let digits = input.bytes().take_while(u8::is_ascii_digit).count();
    let value = input[..digits].bytes().fold(0_u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0')));
    (digits > 0).then(|| (value, &input[digits..]))
}

/// Seconds as a file writes them, in whole milliseconds; saturates, and is `None` for NaN. Negative values become 0: some
/// transcribers start a hair before the recording.
pub(crate) fn seconds_to_ms(seconds: f64) -> Option<u64> {
    (!seconds.is_nan()).then(|| (seconds * 1000.0).round() as u64)
}

/// Shares `start_ms..end_ms` among consecutive stretches of speech by their number of words.
pub(crate) fn spread(start_ms: u64, end_ms: u64, words: &[usize]) -> Vec<(u64, u64)> {
    let total: usize = words.iter().map(|n| (*n).max(1)).sum();
    let length = end_ms.saturating_sub(start_ms) as f64;
    let at = |done: usize| start_ms.saturating_add((length * done as f64 / total as f64).round() as u64);
    let mut done = 0;
    let mut share = |n: &usize| {
        let from = at(done);
        done += (*n).max(1);
        (from, at(done))
    };
    words.iter().map(&mut share).collect()
}

/// Days from 1970-01-01 to a date of the Gregorian calendar (the algorithm of Howard Hinnant's `days_from_civil`).
pub(crate) fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Reads `2026-11-02T10:00:02.5Z`, also with a space for the `T`, with slashes, without seconds, and with `UTC`, `+01:00` or nothing
/// behind it, which counts as UTC. Returns milliseconds since 1970 and what follows.
pub(crate) fn take_moment(input: &str) -> Option<(i64, &str)> {
    let (year, rest) = take_number(input).filter(|(_, rest)| input.len() - rest.len() == 4)?;
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/'))?;
    let (month, rest) = take_number(&rest[1..]).filter(|(month, _)| (1..=12).contains(month))?;
    let (day, rest) = take_number(rest.strip_prefix(separator)?).filter(|(day, _)| (1..=31).contains(day))?;
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let (ms, rest) = take_clock(clock)?;
    let colons = clock[..clock.len() - rest.len()].matches(':').count();
    let ms = if colons == 1 { ms.saturating_mul(60) } else { ms };
    let ms = i64::try_from(ms).ok().filter(|ms| *ms <= 86_400_000)?;
    let (offset_minutes, rest) = take_offset(rest.trim_start()).unwrap_or((0, rest));
    let whole = |number: u64| i64::try_from(number).ok();
    let days = days_from_date(whole(year)?, whole(month)?, whole(day)?);
    Some((days * 86_400_000 + ms - offset_minutes * 60_000, rest))
}

/// Reads `Z`, `UTC`, `+01:00` or `-0130` as minutes.
fn take_offset(text: &str) -> Option<(i64, &str)> {
    if let Some(rest) = text.strip_prefix("UTC").or_else(|| text.strip_prefix(['Z', 'z'])) {
        return Some((0, rest));
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.strip_prefix(['+', '-'])?;
    let two = |text: &str| text.get(..2)?.parse::<u8>().ok().map(i64::from);
    let (hours, rest) = (two(digits)?, &digits[2..]);
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = two(rest).map_or((0, rest), |minutes| (minutes, &rest[2..]));
    Some((sign * (hours * 60 + minutes), rest))
}

/// Milliseconds since 1970 as RFC 3339 in UTC; `None` for years that do not have four digits.
pub(crate) fn rfc3339(ms: f64) -> Option<String> {
    const YEAR_10000: f64 = 253_402_300_800_000.0;
    if !(0.0..YEAR_10000).contains(&ms) {
        return None;
    }
    let ms = ms as i64;
    let (days, of_day) = (ms / 86_400_000, ms % 86_400_000);
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60);
    let fraction = if of_day % 1000 == 0 { String::new() } else { format!(".{:03}", of_day % 1000) };
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_since_1970_are_written_in_utc() {
        let written = |ms: f64| rfc3339(ms).unwrap();
        assert_eq!(written(0.0), "1970-01-01T00:00:00Z");
        assert_eq!(written(951_782_400_000.0), "2000-02-29T00:00:00Z");
        assert_eq!(written(1_793_613_600_500.0), "2026-11-02T10:00:00.500Z");
        assert_eq!(written(253_402_300_799_999.0), "9999-12-31T23:59:59.999Z");
        let read = |text: &str| take_moment(text).map(|(ms, rest)| (written(ms as f64), rest.to_owned()));
        for (text, moment) in [
            ("2000-02-29 23:59", "2000-02-29T23:59:00Z"),
            ("2026/03/01T00:00:00.25-01:30", "2026-03-01T01:30:00.250Z"),
            ("2026-03-01t00:00:00 +0100", "2026-02-28T23:00:00Z"),
        ] {
            assert_eq!(read(text), Some((moment.to_owned(), String::new())), "{text}");
        }
        for text in ["2026-13-01 10:00", "2026-03-01", "26-03-01 10:00", "2026-03-01 99:00:00", "2026-03/01 10:00"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!((rfc3339(-1.0), rfc3339(f64::NAN), rfc3339(1e300)), (None, None, None));
    }
}
