//! How often something came from an address lately.

use std::collections::HashMap;

use super::Now;
use super::limits::TALLIED_ADDRESSES;

/// Too often for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooOften;

/// Counts by address, begun anew after each span of time.
#[derive(Debug)]
pub(super) struct Tally {
    span_ms: i64,
    per_address: u32,
    in_all: u32,
    counts: HashMap<Box<str>, u32>,
    count: u32,
    since: Option<Now>,
}

impl Tally {
    /// At most so often from one address, and in all, within a span.
    pub(super) fn new(span_ms: i64, per_address: u32, in_all: u32) -> Tally {
        Tally { span_ms, per_address, in_all, counts: HashMap::new(), count: 0, since: None }
    }

    /// Whether it came from this address not too often.
    pub(super) fn allows(&mut self, host: &str, now: Now) -> Result<(), TooOften> {
        if self.since.is_none_or(|since| now.unix_ms - since.unix_ms >= self.span_ms) {
            (self.since, self.count) = (Some(now), 0);
            self.counts.clear();
        }
        let here = self.counts.get(host).copied().unwrap_or(0);
        if here >= self.per_address || self.count >= self.in_all { Err(TooOften) } else { Ok(()) }
    }

    /// It came once more.
    pub(super) fn count(&mut self, host: &str) {
        self.count = self.count.saturating_add(1);
        if self.counts.len() < TALLIED_ADDRESSES || self.counts.contains_key(host) {
            *self.counts.entry(host.into()).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_so_often_within_a_span() {
        let mut tally = Tally::new(1000, 2, 3);
        let mut come = |host: &str, unix_ms| {
            let allowed = tally.allows(host, Now { unix_ms }).is_ok();
            if allowed {
                tally.count(host);
            }
            allowed
        };
        assert!(come("a", 0) && come("a", 0));
        assert!(!come("a", 999) && come("b", 999));
        assert!(!come("c", 999), "three in all");
        assert!(come("a", 1000));
    }
}
