//! How far a long command came: a line on the terminal that is written over and over; nothing where nobody watches.

use std::io::{self, IsTerminal as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::terminal::Overwritten;

/// How often the line is written: often enough to look alive.
const EVERY: Duration = Duration::from_millis(100);
/// Characters of the bar.
const BAR: u64 = 24;

/// A line on the terminal.
pub(crate) struct Progress {
    begun: Instant,
    /// When it was written last and what was done at the first report; none: standard error is no terminal.
    state: Option<Mutex<State>>,
}

struct State {
    line: Overwritten,
    written: Option<Instant>,
    first: Option<(Instant, u64)>,
}

impl Progress {
    pub(crate) fn start() -> Progress {
        let state = io::stderr()
            .is_terminal()
            .then(|| Mutex::new(State { line: Overwritten::new(), written: None, first: None }));
        Progress { begun: Instant::now(), state }
    }

    /// `done` of `all` are done.
    pub(crate) fn tell(&self, done: u64, all: u64) {
        let Some(Ok(mut state)) = self.state.as_ref().map(Mutex::lock) else { return };
        let now = Instant::now();
        let (since, before) = *state.first.get_or_insert((self.begun, 0));
        if done < all && state.written.is_some_and(|written| now - written < EVERY) {
            return;
        }
        state.written = Some(now);
        state.line.write(&line(done, all, rate(done - before, now - since)));
    }

    /// Leaves the line to what comes next.
    pub(crate) fn end(&self) {
        if let Some(Ok(mut state)) = self.state.as_ref().map(Mutex::lock) {
            state.line.write("");
        }
    }
}

fn rate(done: u64, time: Duration) -> f64 {
    done as f64 / time.as_secs_f64().max(0.001)
}

fn line(done: u64, all: u64, rate: f64) -> String {
    let filled = (done * BAR).checked_div(all).unwrap_or(0);
    let bar: String = (0..BAR).map(|place| if place < filled { '#' } else { '.' }).collect();
    let left = ((all - done) as f64 / rate.max(0.001)).ceil();
    format!("[{bar}] {done} of {all}, {rate:.0} a second, {left:.0} s left")
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_line_says_how_far_and_how_long() {
        assert_eq!(line(0, 10, 0.0), "[........................] 0 of 10, 0 a second, 10000 s left");
        assert_eq!(line(5, 10, 2.5), "[############............] 5 of 10, 2 a second, 2 s left");
        assert_eq!(line(10, 10, 4.0), "[########################] 10 of 10, 4 a second, 0 s left");
    }
}
