//! When a call began, as sources write it, and the week it belongs to.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// Forms without a time zone.
const LOCAL: [&str; 8] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%B %d, %Y, %I:%M %p",
    "%B %d, %Y %I:%M %p",
    "%B %d, %Y %H:%M",
    "%d %B %Y %H:%M",
];
/// Forms of days.
const DAYS: [&str; 3] = ["%Y-%m-%d", "%B %d, %Y", "%d %B %Y"];

/// A moment as sources write it. One that names no time zone is of `zone`; a day begins at midnight there. Days written in figures with
/// slashes or dots are not read: they mean different days to different people.
pub fn parse(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)) {
        return Some(at.to_utc());
    }
    let time = LOCAL.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let day = || DAYS.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok());
    let local = time.or_else(|| day().map(|day| day.and_time(NaiveTime::MIN)))?;
    // A time that the clocks skip in spring is read as the hour after.
    let read = |local: NaiveDateTime| local.and_local_timezone(zone).earliest();
    read(local).or_else(|| read(local + TimeDelta::hours(1))).map(|at| at.to_utc())
}

/// The moments at which calls can begin: those whose days sort as text and of which there are figures.
pub fn is_of_calls(at: DateTime<Utc>) -> bool {
    (1970..=2999).contains(&at.year())
}

/// Whether a moment can be compared with those that are kept: SQLite compares them as texts, in which a year has four figures.
pub(crate) fn is_comparable(at: DateTime<Utc>) -> bool {
    (1..=9998).contains(&at.year())
}

/// The nearest moment that can be compared with those that are kept. Nothing of calls is lost by it: they begin later than the first one and
/// earlier than the last.
pub(crate) fn comparable(at: DateTime<Utc>) -> DateTime<Utc> {
    let year = |year| NaiveDate::from_ymd_opt(year, 1, 1).map_or(at, |day| day.and_time(NaiveTime::MIN).and_utc());
    if is_comparable(at) { at } else { year(if at.year() < 1 { 1 } else { 9998 }) }
}

/// What is told of other moments.
pub(crate) const OF_CALLS: &str = "write it like 2026-11-02T10:00:00Z, of the years 1970 to 2999 (UTC)";

/// Its day in `zone`, as `YYYY-MM-DD`.
pub fn day(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).date_naive().to_string()
}

/// The Monday of its week in `zone`, as `YYYY-MM-DD`.
pub fn week(at: DateTime<Utc>, zone: Tz) -> String {
    let day = at.with_timezone(&zone).date_naive();
    (day - TimeDelta::days(day.weekday().num_days_from_monday().into())).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::Los_Angeles;

    #[test]
    fn times_are_read_in_the_zone_they_name_or_in_ours() {
        for (text, expected) in [
            ("2026-11-02T10:00:00Z", Some("2026-11-02T10:00:00Z")),
            ("2026-11-02T10:00:00.25+01:00", Some("2026-11-02T09:00:00.250Z")),
            ("2026-11-02T10:00:00", Some("2026-11-02T18:00:00Z")),
            (" 2026-11-02 10:00 ", Some("2026-11-02T18:00:00Z")),
            ("Nov 2, 2026", Some("2026-11-02T08:00:00Z")),
            ("November 2, 2026, 3:15 PM", Some("2026-11-02T23:15:00Z")),
            ("2026-11-02", Some("2026-11-02T08:00:00Z")),
            // Skipped when the clocks go on.
            ("2026-03-08 02:30", Some("2026-03-08T10:30:00Z")),
            ("02/11/2026", None),
            ("yesterday", None),
        ] {
            let expected = expected.map(|at| at.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(parse(text, Los_Angeles), expected, "{text}");
        }
    }

    #[test]
    fn calls_begin_in_years_of_which_there_are_figures() {
        let is_of_calls = |text: &str| is_of_calls(text.parse().unwrap());
        assert!(is_of_calls("1970-01-01T00:00:00Z") && is_of_calls("2999-12-31T23:59:59Z"));
        for none in
            ["1969-12-31T23:59:59Z", "2999-12-31T23:59:59-01:00", "9999-12-31T23:59:59-01:00", "-5000-01-01T00:00:00Z"]
        {
            assert!(!is_of_calls(none), "{none}");
        }
    }

    #[test]
    fn moments_are_compared_in_years_of_four_figures() {
        for (text, expected) in [
            ("2026-11-02T10:00:00Z", "2026-11-02T10:00:00Z"),
            ("+10000-01-01T00:00:00Z", "9998-01-01T00:00:00Z"),
            ("-5000-06-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ] {
            let [at, expected]: [DateTime<Utc>; 2] = [text, expected].map(|text| text.parse().unwrap());
            assert_eq!(comparable(at), expected);
            assert_eq!(is_comparable(at), at == expected);
        }
    }

    #[test]
    fn a_week_begins_on_monday_where_the_team_is() {
        let at: DateTime<Utc> = "2026-11-09T07:30:00Z".parse().unwrap();
        assert_eq!(week(at, Tz::UTC), "2026-11-09");
        assert_eq!(week(at, Los_Angeles), "2026-11-02", "Sunday night there");
        assert_eq!((day(at, Tz::UTC), day(at, Los_Angeles)), ("2026-11-09".to_owned(), "2026-11-08".to_owned()));
    }
}
