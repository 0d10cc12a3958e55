//! Periods in whole days of the installation's time zone.

use crate::CoachingError;
use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Years that a period may be of: those whose days sort as text.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2999;

/// From the first day to the last, both included, in the time zone of the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"since": "2026-10-01", "until": "2026-10-31"}))]
pub struct Period {
    /// The first day.
    pub since: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
}

/// A period by its name. Each ends today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// Today and the 6 days before.
    #[serde(rename = "last_7_days")]
    Week,
    /// Today and the 29 days before.
    #[serde(rename = "last_30_days")]
    Month,
    /// Today and the 89 days before.
    #[serde(rename = "last_90_days")]
    Quarter,
    /// Today and the 364 days before.
    #[serde(rename = "last_365_days")]
    Year,
}

/// The parts of a period of which the sums are kept: the whole weeks in the middle, and days before and after them. Each part ends before the
/// day on which the next one begins; a period without a whole week is days only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) since: String,
    pub(crate) weeks_since: String,
    pub(crate) weeks_until: String,
    pub(crate) until: String,
}

/// Today where the team is.
pub(crate) fn today(now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    now.with_timezone(&zone).date_naive()
}

/// The first moment of a day where the team is; after a gap of the clocks the first that there is.
pub fn begins(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let first = |hours| zone.from_local_datetime(&(midnight + TimeDelta::hours(hours))).earliest();
    (0..24).find_map(first).map_or_else(|| midnight.and_utc(), |at| at.to_utc())
}

/// The Monday of its week.
pub(crate) fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(day.weekday().num_days_from_monday().into())
}

impl Named {
    /// The period, where this is the last day of it.
    pub fn until(self, today: NaiveDate) -> Period {
        let days = match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        };
        Period { since: today - Days::new(days - 1), until: today }
    }
}

impl Period {
    /// From one day to another; what is left out becomes today, and as many days up to it as are usual.
    ///
    /// # Errors
    /// [`CoachingError::Field`] where it is longer than `most` days, ends before it begins, or is of another age.
    pub fn of(
        since: Option<NaiveDate>,
        until: Option<NaiveDate>,
        today: NaiveDate,
        usual: u64,
        most: i64,
    ) -> Result<Self, CoachingError> {
        let wrong = |field, why: &str| Err(CoachingError::Field(field, why.to_owned()));
        for (field, day) in [("since", since), ("until", until)] {
            if day.is_some_and(|day| !YEARS.contains(&day.year())) {
                return wrong(field, "it is a day of the years 1970 to 2999");
            }
        }
        let until = until.unwrap_or(today);
        let since = since.unwrap_or(until - Days::new(usual - 1));
        if since > until {
            return wrong("until", "it is before `since`");
        }
        let period = Self { since, until };
        if period.days() > most {
            return wrong("since", &format!("a period has at most {most} days"));
        }
        Ok(period)
    }

    /// How many days it has.
    pub fn days(self) -> i64 {
        (self.until - self.since).num_days() + 1
    }

    /// The period of equal length that ends the day before.
    #[must_use]
    pub fn before(self) -> Self {
        let length = Days::new(self.days() as u64);
        Self { since: self.since - length, until: self.until - length }
    }

    /// The whole weeks that have a day in it.
    #[must_use]
    pub fn whole_weeks(self) -> Self {
        Self { since: monday(self.since), until: monday(self.until) + Days::new(6) }
    }

    /// The Mondays of its whole weeks.
    pub(crate) fn mondays(self) -> impl Iterator<Item = NaiveDate> {
        let Self { since, until } = self.whole_weeks();
        since.iter_weeks().take_while(move |monday| *monday < until)
    }

    pub(crate) fn parts(self) -> Parts {
        let end = self.until + Days::new(1);
        let first = if monday(self.since) == self.since { self.since } else { monday(self.since) + Days::new(7) };
        let (first, last) = if first < monday(end) { (first, monday(end)) } else { (end, end) };
        Parts {
            since: self.since.to_string(),
            weeks_since: first.to_string(),
            weeks_until: last.to_string(),
            until: end.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(since: &str, until: &str) -> Period {
        Period { since: day(since), until: day(until) }
    }

    #[test]
    fn a_period_is_whole_weeks_and_the_days_around_them() {
        let parts = |since, until| {
            let Parts { since, weeks_since, weeks_until, until } = period(since, until).parts();
            [since, weeks_since, weeks_until, until]
        };
        // 2026-09-14 is a Monday.
        assert_eq!(parts("2026-09-14", "2026-09-20"), ["2026-09-14", "2026-09-14", "2026-09-21", "2026-09-21"]);
        assert_eq!(parts("2026-09-12", "2026-09-22"), ["2026-09-12", "2026-09-14", "2026-09-21", "2026-09-23"]);
        assert_eq!(parts("2026-09-15", "2026-09-20"), ["2026-09-15", "2026-09-21", "2026-09-21", "2026-09-21"]);
        assert_eq!(parts("2026-09-14", "2026-09-19"), ["2026-09-14", "2026-09-20", "2026-09-20", "2026-09-20"]);
        assert_eq!(parts("2026-09-16", "2026-09-16"), ["2026-09-16", "2026-09-17", "2026-09-17", "2026-09-17"]);
    }

    #[test]
    fn the_period_before_is_as_long_and_touches() {
        let august = period("2026-08-01", "2026-08-31");
        assert_eq!((august.days(), august.before()), (31, period("2026-07-01", "2026-07-31")));
        assert_eq!(Named::Month.until(day("2026-09-16")), period("2026-08-18", "2026-09-16"));
        let weeks: Vec<String> = period("2026-09-13", "2026-09-14").mondays().map(|day| day.to_string()).collect();
        assert_eq!(weeks, ["2026-09-07", "2026-09-14"]);
    }

    #[test]
    fn what_is_left_out_is_today_and_what_is_no_period_is_told() {
        let of = |since: Option<&str>, until: Option<&str>| {
            Period::of(since.map(day), until.map(day), day("2026-09-16"), 30, 366)
        };
        assert_eq!(of(None, None).unwrap(), period("2026-08-18", "2026-09-16"));
        assert_eq!(of(None, Some("2026-03-30")).unwrap(), period("2026-03-01", "2026-03-30"));
        assert!(of(Some("2026-09-17"), None).unwrap_err().to_string().starts_with("until: "));
        assert!(of(Some("2025-09-15"), None).unwrap_err().to_string().starts_with("since: "));
        assert!(of(Some("0020-09-15"), None).unwrap_err().to_string().contains("1970"));
        let farthest = Some(NaiveDate::MAX);
        assert!(Period::of(None, farthest, day("2026-09-16"), 30, 366).is_err(), "and nothing overflows");
    }

    #[test]
    fn today_is_where_the_team_is() {
        let at = "2026-11-09T07:30:00Z".parse().unwrap();
        assert_eq!(today(at, chrono_tz::America::Los_Angeles), day("2026-11-08"));
    }

    #[test]
    fn a_day_begins_where_the_team_is() {
        let begin = |text: &str, zone| begins(day(text), zone).to_rfc3339();
        assert_eq!(begin("2026-11-09", chrono_tz::America::Los_Angeles), "2026-11-09T08:00:00+00:00");
        // Clocks went from midnight to one there.
        assert_eq!(begin("2018-11-04", chrono_tz::America::Sao_Paulo), "2018-11-04T03:00:00+00:00");
    }
}
