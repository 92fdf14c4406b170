//! A span of time as it is typed: `30d`, `12h`, `4w`.

use std::fmt;
use std::str::FromStr;

use ca_store::validity::MAX_DAYS;
use time::Duration;

/// A whole number of hours, days or weeks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Within {
    typed: String,
    span: Duration,
}

impl Within {
    /// The span itself.
    pub(crate) fn span(&self) -> Duration {
        self.span
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

impl FromStr for Within {
    type Err = String;

    fn from_str(text: &str) -> Result<Within, String> {
        let expected =
            || format!("expected a number of hours, days or weeks up to {MAX_DAYS}d, such as 12h, 30d or 4w");
        let unit = text.chars().last().ok_or_else(expected)?;
        let number = &text[..text.len() - unit.len_utf8()];
        let count = number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse::<u32>().ok()).flatten();
        let hours = match unit {
            'h' => 1,
            'd' => 24,
            'w' => 24 * 7,
            _ => return Err(expected()),
        };
        let hours = count.map(|count| i64::from(count) * hours).filter(|hours| *hours <= i64::from(MAX_DAYS) * 24);
        let span = Duration::hours(hours.ok_or_else(expected)?);
        Ok(Within { typed: text.to_owned(), span })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_days_and_weeks() {
        for (typed, hours) in [("12h", 12), ("30d", 720), ("4w", 672), ("0d", 0)] {
            assert_eq!(typed.parse::<Within>().unwrap().span(), Duration::hours(hours), "{typed}");
        }
        for bad in ["", "d", "30", "30m", "-1d", "+1d", "1.5d", "30 d", "99999999d", "36526d", "3é"] {
            assert!(bad.parse::<Within>().is_err(), "{bad}");
        }
    }
}
