//! Amounts of money and other values as files and services write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// Cents of an amount such as `12,500.5`, `12500` or `1.25E4`; never by way of a fraction that is not exact. `None` where it is none, or has more than two
/// places.
pub fn cents(text: &str) -> Option<i64> {
    let text: String = text.trim().chars().filter(|sign| !matches!(sign, ',' | ' ' | '_' | '\u{a0}')).collect();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        None => (&*text, 0),
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
    };
    let (is_less, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && part.is_empty() || !(-20..=20).contains(&exponent) {
        return None;
    }
    let all: String = [whole, part].concat();
    let mut value: i128 =
        all.parse().ok().filter(|_| all.bytes().all(|digit| digit.is_ascii_digit()) && all.len() <= 25)?;
    // Places to move the point by until cents are whole.
    let mut shift = exponent + 2 - i32::try_from(part.len()).ok()?;
    while shift > 0 {
        value = value.checked_mul(10)?;
        shift -= 1;
    }
    while shift < 0 {
        if value % 10 != 0 {
            return None;
        }
        value /= 10;
        shift += 1;
    }
    let value = if is_less { -value } else { value };
    // More than this no column holds, and no deal is.
    i64::try_from(value).ok().filter(|cents| cents.abs() < 1_000_000_000_000_000)
}

/// A moment: RFC 3339, with a space in place of the `T`, or a day, which begins at midnight UTC.
pub fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let rfc = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).ok();
    // Salesforce writes the zone without a colon.
    let zoned = || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z").map(|at| at.to_utc()).ok();
    let bare = || {
        let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
        forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|at| at.and_utc())
    };
    rfc.or_else(zoned)
        .or_else(bare)
        .or_else(|| day(text).and_then(|day| day.and_hms_opt(0, 0, 0)).map(|at| at.and_utc()))
}

/// A day `YYYY-MM-DD`, alone or before a time.
pub fn day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let found = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    matches!(text.as_bytes().get(10), None | Some(b'T' | b' ')).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (text, expected) in [
            ("12,500.5", Some(1_250_050)),
            ("0.1", Some(10)),
            ("1.25E4", Some(1_250_000)),
            ("-3", Some(-300)),
            ("1 000", Some(100_000)),
            (".5", Some(50)),
            ("100.000", Some(10_000)),
            ("0.005", None),
            ("", None),
            (".", None),
            ("12a", None),
            ("1e99", None),
            ("99999999999999", None),
        ] {
            assert_eq!(cents(text), expected, "{text}");
        }
    }

    #[test]
    fn moments_are_read_as_people_and_services_write_them() {
        let noon = "2026-11-02T12:00:00Z";
        for text in [
            noon,
            "2026-11-02T12:00:00.000+0000",
            "2026-11-02 12:00:00",
            "2026-11-02T13:00:00+01:00",
            "2026-11-02 12:00",
        ] {
            assert_eq!(moment(text), noon.parse().ok(), "{text}");
        }
        assert_eq!(moment("2026-11-02"), "2026-11-02T00:00:00Z".parse().ok());
        for none in ["", "2026-13-01", "02.11.2026", "2026-11-02x"] {
            assert_eq!(moment(none), None, "{none}");
        }
    }
}
