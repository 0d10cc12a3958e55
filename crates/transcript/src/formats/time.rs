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
