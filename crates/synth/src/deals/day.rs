//! Moments and days as text.

use crate::when::{self, DAY_S};

/// A moment as RFC 3339 in whole minutes, UTC.
pub(crate) fn moment(at_s: u64) -> String {
    let minute = at_s % DAY_S / 60;
    format!("{}T{:02}:{:02}:00Z", date(at_s / DAY_S), minute / 60, minute % 60)
}

/// A day, counted from 1 January 1970, as `2026-05-04`.
pub(crate) fn date(day: u64) -> String {
    let (year, month, date) = when::civil(day);
    format!("{year:04}-{month:02}-{date:02}")
}

/// The day itself, or the Monday after a weekend.
pub(crate) fn workday(day: u64) -> u64 {
    match when::weekday(day) {
        late @ 5.. => day + 7 - late,
        _ => day,
    }
}

/// The day itself, or the Friday before a weekend.
pub(crate) fn workday_before(day: u64) -> u64 {
    day - when::weekday(day).saturating_sub(4)
}

/// `Monday` to `Sunday`.
pub(crate) fn name(day: u64) -> &'static str {
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][when::weekday(day) as usize]
}

/// The moment itself where somebody is at the desk, from 8 to 18 o'clock on a working day, or else a moment of the next such morning.
pub(crate) fn office_hours(at_s: u64) -> u64 {
    let (day, second) = (at_s / DAY_S, at_s % DAY_S);
    let late = u64::from(second >= 18 * 3600);
    let morning = workday(day + late);
    if morning == day && second >= 8 * 3600 { at_s } else { morning * DAY_S + 8 * 3600 + second / 8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday, 5 January 2026.
    const MONDAY: u64 = 20_458;

    #[test]
    fn days_of_a_weekend_give_the_nearest_working_day() {
        let after: Vec<u64> = (0..8).map(|day| workday(MONDAY + day) - MONDAY).collect();
        let before: Vec<u64> = (0..8).map(|day| workday_before(MONDAY + day) - MONDAY).collect();
        assert_eq!((after, before), (vec![0, 1, 2, 3, 4, 7, 7, 7], vec![0, 1, 2, 3, 4, 4, 4, 7]));
        assert_eq!((name(MONDAY), date(MONDAY)), ("Monday", "2026-01-05".to_owned()));
    }

    #[test]
    fn nobody_writes_at_night() {
        let at = |day: u64, hour: u64| (MONDAY + day) * DAY_S + hour * 3600;
        assert_eq!(office_hours(at(0, 9)), at(0, 9));
        // In the night to Tuesday, on Friday evening, on Sunday.
        for (moment, day) in [(at(1, 3), 1), (at(4, 19), 7), (at(6, 12), 7)] {
            assert_eq!(office_hours(moment) / DAY_S, MONDAY + day);
            assert!((8..12).contains(&(office_hours(moment) % DAY_S / 3600)));
        }
        assert_eq!(moment(office_hours(at(0, 0))), "2026-01-05T08:00:00Z");
    }
}
