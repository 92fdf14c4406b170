//! Latencies by the million in a few kilobytes: buckets of three per cent.

/// Buckets of each power of two.
const STEPS: u64 = 32;

/// How often each latency was seen.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    pub(crate) fn new() -> Histogram {
        Histogram { counts: vec![0; 60 * STEPS as usize], total: 0 }
    }

    /// Counts a latency in nanoseconds.
    pub(crate) fn add(&mut self, nanoseconds: u64) {
        self.counts[bucket(nanoseconds)] += 1;
        self.total += 1;
    }

    /// The latency, in milliseconds, that this share of all stayed below.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let wanted = (self.total as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                return upper_edge(bucket as u64) as f64 / 1e6;
            }
        }
        f64::NAN
    }
}

fn bucket(value: u64) -> usize {
    let value = value.max(STEPS);
    let exponent = value.ilog2() - STEPS.ilog2();
    (u64::from(exponent) * STEPS + (value >> exponent) - STEPS) as usize
}

fn upper_edge(bucket: u64) -> u64 {
    (bucket % STEPS + STEPS + 1) << (bucket / STEPS)
}
