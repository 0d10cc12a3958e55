//! When calls take place: computed from a fixed first day, never from a clock.

use crate::dice::Dice;

pub(crate) const DAY_S: u64 = 86_400;

/// A weekday of the `days` days from `epoch_s`, counted from 1 January 1970; a day of a weekend gives the Monday after.
pub(crate) fn workday(epoch_s: u64, days: u32, dice: &mut Dice) -> u64 {
    let day = epoch_s / DAY_S + dice.below(days as usize) as u64;
    let weekday = weekday(day);
    if weekday >= 5 { day + 7 - weekday } else { day }
}

/// The weekday on which a share of the `days` days from `epoch_s` has passed; a day of a weekend gives the Friday before.
pub(crate) fn workday_within(epoch_s: u64, days: u32, passed: f64) -> u64 {
    let day = epoch_s / DAY_S + ((f64::from(days) * passed) as u64).min(u64::from(days.max(1)) - 1);
    day - weekday(day).saturating_sub(4)
}

/// A whole minute between 08:00 and 17:59 UTC of a day, as RFC 3339.
pub(crate) fn working_minute(day: u64, dice: &mut Dice) -> String {
    let (year, month, date) = civil(day);
    let minute = 8 * 60 + dice.below(10 * 60);
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:00Z", minute / 60, minute % 60)
}

/// Days since Monday; 1 January 1970 was a Thursday.
pub(crate) fn weekday(day: u64) -> u64 {
    (day + 3) % 7
}

/// Year, month and day of a day counted from 1 January 1970, by Howard Hinnant's `civil_from_days`.
pub(crate) fn civil(day: u64) -> (u64, u64, u64) {
    let z = day + 719_468;
    let era = z / 146_097;
    let day_of_era = z % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months count from March, so that the leap day is the last of the year.
    let month = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year_of_era + era * 400 + u64::from(month >= 10);
    (year, if month < 10 { month + 3 } else { month - 9 }, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(20_458), (2026, 1, 5));
        assert_eq!(civil(19_782), (2024, 2, 29));
    }

    #[test]
    fn never_at_the_weekend() {
        let mut dice = Dice::new(1, 0, 0);
        for _ in 0..500 {
            let time = working_minute(workday(1_767_571_200, 90, &mut dice), &mut dice);
            let (month, date): (u64, u64) = (time[5..7].parse().unwrap(), time[8..10].parse().unwrap());
            // 5 January 2026 is a Monday.
            let day = [0, 31, 59, 90][month as usize - 1] + date;
            assert!((day + 2) % 7 < 5, "{time}");
        }
    }

    #[test]
    fn a_share_of_the_days_never_leads_beyond_the_last() {
        // A Sunday and six days before it: Monday to Friday, then Friday twice.
        let monday = 1_767_571_200;
        let days: Vec<u64> =
            (0..=7).map(|day| workday_within(monday, 7, f64::from(day) / 7.0) - monday / DAY_S).collect();
        assert_eq!(days, [0, 1, 2, 3, 4, 4, 4, 4]);
    }
}
