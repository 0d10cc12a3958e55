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
        assert_eq!((rfc3339(-1.0), rfc3339(f64::NAN), rfc3339(1e300)), (None, None, None));
    }
}
