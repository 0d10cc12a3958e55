//! When calls take place: computed from a fixed first day, never from a clock.

use crate::dice::Dice;

const DAY_S: u64 = 86_400;
/// Calls are spread over this many days.
const DAYS: usize = 90;

/// A whole minute between 08:00 and 17:59 UTC on a weekday of the 90 days from `epoch_s`, as RFC 3339.
pub(crate) fn working_minute(epoch_s: u64, dice: &mut Dice) -> String {
    let mut day = epoch_s / DAY_S + dice.below(DAYS) as u64;
    // 1 January 1970 was a Thursday; with Monday as 0 the weekend is 5 and 6.
    let weekday = (day + 3) % 7;
    if weekday >= 5 {
        day += 7 - weekday;
    }
    let (year, month, date) = civil(day);
    let minute = 8 * 60 + dice.below(10 * 60);
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:00Z", minute / 60, minute % 60)
}

/// Year, month and day of a day counted from 1 January 1970, by Howard Hinnant's `civil_from_days`.
fn civil(day: u64) -> (u64, u64, u64) {
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
            let time = working_minute(1_767_571_200, &mut dice);
            let (month, date): (u64, u64) = (time[5..7].parse().unwrap(), time[8..10].parse().unwrap());
            // 5 January 2026 is a Monday.
            let day = [0, 31, 59, 90][month as usize - 1] + date;
            assert!((day + 2) % 7 < 5, "{time}");
        }
    }
}
