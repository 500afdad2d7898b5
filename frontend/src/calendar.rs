//! A month as a grid of weeks: which days it shows, and where the arrow keys lead in it.

use std::fmt;
use std::str::FromStr;

use domain::Date;

/// A month of the years 0001 to 9999: `YYYY-MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Month {
    first: Date,
}

impl Month {
    pub fn of(day: Date) -> Self {
        // Every month has a first day.
        Self { first: Date::from_ymd(day.year(), day.month(), 1).unwrap_or(day) }
    }

    pub fn first(self) -> Date {
        self.first
    }

    pub fn last(self) -> Date {
        self.day_or_last(31)
    }

    /// The month that is so many later, or earlier.
    pub fn plus(self, months: i32) -> Option<Self> {
        let index = self.first.year() * 12 + i32::from(self.first.month()) - 1 + months;
        let month = u8::try_from(index.rem_euclid(12) + 1).ok()?;
        Some(Self { first: Date::from_ymd(index.div_euclid(12), month, 1)? })
    }

    /// Its days in whole weeks, with those of the months around it; `None` for a day before the
    /// first year or after the last. `week_start` is 1 (Monday) to 7.
    pub fn weeks(self, week_start: u8) -> Vec<[Option<Date>; 7]> {
        let before = days_into_week(self.first, week_start);
        let count = (before + i32::from(self.last().day()) + 6) / 7;
        (0..count)
            .map(|week| {
                let mut day = week * 7 - before;
                [(); 7].map(|()| {
                    day += 1;
                    self.first.plus_days(day - 1)
                })
            })
            .collect()
    }

    /// The first and the last day that [`Self::weeks`] shows.
    pub fn shown(self, week_start: u8) -> (Date, Date) {
        let before = days_into_week(self.first, week_start);
        let after = 6 - days_into_week(self.last(), week_start);
        (
            self.first.plus_days(-before).unwrap_or(self.first),
            self.last().plus_days(after).unwrap_or(self.last()),
        )
    }

    /// The day of this number, or the last one if the month is shorter.
    fn day_or_last(self, day: u8) -> Date {
        (28..=day)
            .rev()
            .chain([day])
            .find_map(|day| Date::from_ymd(self.first.year(), self.first.month(), day))
            .unwrap_or(self.first)
    }
}

impl FromStr for Month {
    type Err = domain::InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self { first: (text.to_owned() + "-01").parse()? })
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.first.to_string()[..7])
    }
}

/// The day that a week begins with in a region (ISO 3166-1), 1 (Monday) to 7: the exceptions from
/// Monday (Unicode CLDR 48, `supplementalData.xml`, `firstDay`).
pub fn week_start(region: &str) -> u8 {
    const FRIDAY: &str = "MV";
    const SATURDAY: &str = "AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY";
    const SUNDAY: &str = "AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN IS JM JP KE \
        KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA \
        ZW";
    let exceptions = [(5, FRIDAY), (6, SATURDAY), (7, SUNDAY)];
    let is_here = |(_, regions): &(u8, &str)| regions.split(' ').any(|one| one == region);
    exceptions.into_iter().find(is_here).map_or(1, |(day, _)| day)
}

/// Of a day in a week that begins on `week_start`: 0 to 6.
fn days_into_week(day: Date, week_start: u8) -> i32 {
    (i32::from(day.weekday()) - i32::from(week_start)).rem_euclid(7)
}

/// The day that a key of the ARIA grid pattern moves to; `None` for any other key. At an end of the
/// calendar it stays where it is.
pub fn day_after_key(day: Date, key: &str, control: bool, week_start: u8) -> Option<Date> {
    let month = Month::of(day);
    let days = |days| day.plus_days(days);
    let into_week = days_into_week(day, week_start);
    let months = |months| month.plus(months).map(|month| month.day_or_last(day.day()));
    let to = match (key, control) {
        ("ArrowLeft", false) => days(-1),
        ("ArrowRight", false) => days(1),
        ("ArrowUp", false) => days(-7),
        ("ArrowDown", false) => days(7),
        ("Home", false) => days(-into_week),
        ("End", false) => days(6 - into_week),
        ("Home", true) => Some(month.first()),
        ("End", true) => Some(month.last()),
        ("PageUp", false) => months(-1),
        ("PageDown", false) => months(1),
        _ => return None,
    };
    Some(to.unwrap_or(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONDAY: u8 = 1;
    const SATURDAY: u8 = 6;
    const SUNDAY: u8 = 7;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    /// `01 02 …`, with `--` for a day that the calendar does not have.
    fn weeks(text: &str, week_start: u8) -> Vec<String> {
        let day =
            |day: Option<Date>| day.map_or("--".to_owned(), |day| day.to_string()[8..].to_owned());
        month(text).weeks(week_start).into_iter().map(|week| week.map(day).join(" ")).collect()
    }

    #[test]
    fn weeks_begin_by_region() {
        for (region, day) in [("US", 7), ("IN", 7), ("DE", 1), ("EG", 6), ("MV", 5), ("", 1)] {
            assert_eq!(week_start(region), day, "{region}");
        }
    }

    #[test]
    fn a_month_is_shown_in_whole_weeks() {
        let june = [
            "01 02 03 04 05 06 07",
            "08 09 10 11 12 13 14",
            "15 16 17 18 19 20 21",
            "22 23 24 25 26 27 28",
            "29 30 01 02 03 04 05",
        ];
        assert_eq!(weeks("2026-06", MONDAY), june);
        assert_eq!(weeks("2026-06", SUNDAY)[0], "31 01 02 03 04 05 06");
        assert_eq!(weeks("2026-06", SATURDAY)[0], "30 31 01 02 03 04 05");
        assert_eq!(weeks("2021-02", MONDAY).len(), 4);
        assert_eq!(weeks("2026-08", MONDAY).len(), 6);
    }

    #[test]
    fn the_calendar_begins_and_ends_inside_a_week() {
        assert_eq!(weeks("0001-01", MONDAY)[0], "01 02 03 04 05 06 07");
        assert_eq!(weeks("0001-01", SUNDAY)[0], "-- 01 02 03 04 05 06");
        assert_eq!(weeks("9999-12", MONDAY)[4], "27 28 29 30 31 -- --");
        assert_eq!(month("9999-12").shown(MONDAY), (date("9999-11-29"), date("9999-12-31")));
        assert_eq!(month("0001-01").shown(SUNDAY), (date("0001-01-01"), date("0001-02-03")));
        assert_eq!(month("0001-01").plus(-1), None);
        assert_eq!(month("9999-12").plus(1), None);
    }

    #[test]
    fn every_grid_has_each_day_of_its_month_once_and_agrees_with_what_it_asks_for() {
        for year in [1, 4, 100, 1900, 2000, 2024, 2026, 9999] {
            for number in 1..=12 {
                let month = Month::of(Date::from_ymd(year, number, 15).unwrap());
                for week_start in 1..=7 {
                    let days: Vec<Date> =
                        month.weeks(week_start).concat().into_iter().flatten().collect();
                    assert!(days.windows(2).all(|two| two[0].plus_days(1) == Some(two[1])));
                    assert_eq!((days[0], days[days.len() - 1]), month.shown(week_start));
                    let own = days.iter().filter(|day| Month::of(**day) == month).count();
                    assert_eq!(own, usize::from(month.last().day()), "{month}");
                }
            }
        }
    }

    #[test]
    fn keys_lead_where_the_grid_pattern_says() {
        for (from, key, control, to) in [
            ("2026-06-30", "ArrowRight", false, "2026-07-01"),
            ("2026-06-01", "ArrowLeft", false, "2026-05-31"),
            ("2026-06-03", "ArrowUp", false, "2026-05-27"),
            ("2026-06-24", "ArrowDown", false, "2026-07-01"),
            ("2026-06-17", "Home", false, "2026-06-15"),
            ("2026-06-17", "End", false, "2026-06-21"),
            ("2026-06-17", "Home", true, "2026-06-01"),
            ("2026-06-17", "End", true, "2026-06-30"),
            ("2026-03-31", "PageUp", false, "2026-02-28"),
            ("2024-01-31", "PageDown", false, "2024-02-29"),
            ("2026-12-31", "PageDown", false, "2027-01-31"),
            ("0001-01-01", "ArrowLeft", false, "0001-01-01"),
            ("0001-01-05", "PageUp", false, "0001-01-05"),
            ("9999-12-31", "ArrowDown", false, "9999-12-31"),
            ("9999-12-31", "End", false, "9999-12-31"),
        ] {
            let reached = day_after_key(date(from), key, control, MONDAY);
            assert_eq!(reached, Some(date(to)), "{from} {key}");
        }
        assert_eq!(
            day_after_key(date("2026-06-17"), "Home", false, SUNDAY),
            Some(date("2026-06-14"))
        );
        for (key, control) in [("Enter", false), ("a", false), ("ArrowLeft", true)] {
            assert_eq!(day_after_key(date("2026-06-17"), key, control, MONDAY), None);
        }
    }
}
