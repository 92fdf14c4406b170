//! When a certificate is valid (RFC 5280, 4.1.2.5).

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::error::Error;

/// How far notBefore lies in the past: a peer whose clock is a little slow must not refuse a new certificate as not yet
/// valid. Five minutes is what Kerberos and most clock monitors tolerate.
pub const BACK_DATE: Duration = Duration::minutes(5);

/// The longest life that may be asked for, in days: a hundred years, which GeneralizedTime and 64-bit clocks hold.
pub const MAX_DAYS: u32 = 36_525;

/// Days beyond which browsers refuse a server certificate of a public CA (CA/Browser Forum), and beyond which Apple's
/// systems do so for certificates of private ones that a profile did not install.
pub const BROWSER_DAYS: u32 = 397;

/// Days beyond which Apple's systems refuse any server certificate (macOS 10.15, iOS 13).
pub const APPLE_DAYS: u32 = 825;

/// The first and the last second of a certificate's life, both in it; whole seconds in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl Validity {
    /// `days` whole days, the first second [`BACK_DATE`] before `now` and counted among them; within `issuer`'s own life,
    /// which nothing outlives.
    ///
    /// # Errors
    /// [`Error::DaysOutOfRange`] unless `days` is between 1 and [`MAX_DAYS`].
    pub fn new(now: OffsetDateTime, days: u32, issuer: Option<Validity>) -> Result<Validity, Error> {
        if days == 0 || days > MAX_DAYS {
            return Err(Error::DaysOutOfRange { days, most: MAX_DAYS });
        }
        let not_before = whole_second(now) - BACK_DATE;
        let not_after = not_before + Duration::days(days.into()) - Duration::SECOND;
        Ok(match issuer {
            None => Validity { not_before, not_after },
            Some(issuer) => {
                Validity { not_before: not_before.max(issuer.not_before), not_after: not_after.min(issuer.not_after) }
            }
        })
    }

    /// As read from a certificate.
    pub(crate) fn from_bounds(not_before: OffsetDateTime, not_after: OffsetDateTime) -> Validity {
        Validity { not_before, not_after }
    }

    /// The first second.
    pub fn not_before(&self) -> OffsetDateTime {
        self.not_before
    }

    /// The last second.
    pub fn not_after(&self) -> OffsetDateTime {
        self.not_after
    }

    /// Whole days from the first second to the last.
    pub fn days(&self) -> i64 {
        (self.not_after - self.not_before + Duration::SECOND).whole_days()
    }
}

fn whole_second(time: OffsetDateTime) -> OffsetDateTime {
    time - Duration::nanoseconds(time.nanosecond().into())
}

/// `time` as RFC 3339 in UTC, to the second.
pub fn rfc3339(time: OffsetDateTime) -> String {
    let time = whole_second(time.to_offset(time::UtcOffset::UTC));
    // Years outside 0..=9999 cannot be written so; certificates have none, and the number of seconds still says when.
    time.format(&Rfc3339).unwrap_or_else(|_| time.unix_timestamp().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2030-01-01 12:00:00.5 UTC);

    #[test]
    fn days_are_whole_and_begin_a_little_earlier() {
        let validity = Validity::new(NOW, 90, None).unwrap();
        assert_eq!(validity.not_before(), datetime!(2030-01-01 11:55:00 UTC));
        assert_eq!(validity.not_after(), datetime!(2030-04-01 11:54:59 UTC));
        assert_eq!(validity.days(), 90);
    }

    #[test]
    fn nothing_outlives_its_issuer() {
        let issuer = Validity::new(NOW, 30, None).unwrap();
        let leaf = Validity::new(NOW + Duration::days(10), 90, Some(issuer)).unwrap();
        assert_eq!(leaf.not_after(), issuer.not_after());
        let newborn = Validity::new(NOW - Duration::minutes(2), 1, Some(issuer)).unwrap();
        assert_eq!(newborn.not_before(), issuer.not_before());
    }

    #[test]
    fn days_have_bounds() {
        for days in [0, MAX_DAYS + 1, u32::MAX] {
            assert!(matches!(Validity::new(NOW, days, None), Err(Error::DaysOutOfRange { .. })));
        }
        assert!(Validity::new(NOW, MAX_DAYS, None).is_ok());
    }

    #[test]
    fn times_as_rfc_3339() {
        assert_eq!(rfc3339(NOW), "2030-01-01T12:00:00Z");
        assert_eq!(rfc3339(datetime!(2030-01-01 14:00 +02:00)), "2030-01-01T12:00:00Z");
    }
}
