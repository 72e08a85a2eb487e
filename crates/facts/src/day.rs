//! Days as `YYYY-MM-DD`: their order is that of the text, their distance is computed.

use jiff::ToSpan as _;
use jiff::civil::Date;

fn date(day: &str) -> Option<Date> {
    day.get(..10)?.parse().ok()
}

/// Days from one day to another; negative when the second is earlier, nothing when one of them is none.
#[must_use]
pub fn days_between(from: &str, to: &str) -> Option<i64> {
    let (from, to) = (date(from)?, date(to)?);
    from.until(to).ok().map(|span| i64::from(span.get_days()))
}

/// The day so many days later, or earlier when negative.
#[must_use]
pub fn days_later(day: &str, days: i64) -> Option<String> {
    date(day)?.checked_add(days.days()).ok().map(|d| d.to_string())
}

#[cfg(test)]
mod tests {
    use super::{days_between, days_later};

    #[test]
    fn days_are_counted_over_years() {
        assert_eq!(days_between("2026-08-22", "2026-11-23"), Some(93));
        assert_eq!(days_between("2027-01-01", "2026-12-31"), Some(-1));
        assert_eq!(days_between("soon", "2026-12-31"), None);
        assert_eq!(days_later("2028-02-28", 2).as_deref(), Some("2028-03-01"));
        assert_eq!(days_later("2026-01-01", -1).as_deref(), Some("2025-12-31"));
    }
}
