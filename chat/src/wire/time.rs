//! Times on the wire: `2026-01-31T12:34:56.789Z` (IRCv3 server-time).

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds since 1970 of a time as RFC 3339, section 5.6, writes it.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_to_the_millisecond() {
        assert_eq!(parse_rfc3339("2026-01-31T12:34:56.789Z"), Some(1_769_862_896_789));
        assert_eq!(parse_rfc3339("2026-01-31T13:34:56+01:00"), Some(1_769_862_896_000));
        for bad in ["", "yesterday", "2026-13-01T00:00:00Z", "1769862896"] {
            assert_eq!(parse_rfc3339(bad), None, "{bad:?}");
        }
    }
}
