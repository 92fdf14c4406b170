//! What a process has used, as `/proc` says it.

use std::fs;
use std::io;
use std::time::Duration;

/// The unit of CPU times in `/proc`; 100 on every Linux of today.
const TICKS_A_SECOND: u64 = 100;

/// CPU time of a process, in its own code and in the kernel for it, of all its threads.
pub(crate) fn cpu(process: &str) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The program's name stands in parentheses and may hold spaces: fields are counted from behind it.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1000 / TICKS_A_SECOND))
}

/// Resident memory of a process in KiB.
pub(crate) fn resident(process: &str) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|it| it.parse().ok()).ok_or_else(|| io::Error::other("no VmRSS"))
}
