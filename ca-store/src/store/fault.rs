//! Faults on purpose, for the tests that end the program, or fail a write, at each step of a change.
//!
//! `PKI_FAULT=POINT:N:kill` ends the program with SIGKILL where it comes to that point for the Nth time; `fail` lets the
//! operation there fail instead, as on a full disk. `any` counts every point. Builds for use do not look: there this is nothing.

use std::path::Path;

use crate::error::{AtPath as _, Error};

/// Comes to a point where a fault may be.
///
/// # Errors
/// [`Error::Io`] where a fault was asked for.
pub(crate) fn point(point: &'static str, path: &Path) -> Result<(), Error> {
    pass(point).at(point, path)
}

#[cfg(not(debug_assertions))]
fn pass(_: &str) -> std::io::Result<()> {
    Ok(())
}

#[cfg(debug_assertions)]
use armed::pass;

#[cfg(debug_assertions)]
mod armed {
    use std::io::{self, Write as _};
    use std::process::{Command, id};
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// ENOSPC.
    const NO_SPACE: i32 = 28;

    struct Fault {
        point: String,
        number: u64,
        kill: bool,
    }

    pub(super) fn pass(point: &str) -> io::Result<()> {
        static ASKED: OnceLock<Option<Fault>> = OnceLock::new();
        static MET: AtomicU64 = AtomicU64::new(0);
        let asked = ASKED.get_or_init(|| read(&std::env::var("PKI_FAULT").ok()?));
        let Some(fault) = asked.as_ref().filter(|fault| fault.point == point || fault.point == "any") else {
            return Ok(());
        };
        if MET.fetch_add(1, Ordering::SeqCst) + 1 != fault.number {
            return Ok(());
        }
        let _ = writeln!(io::stderr().lock(), "a fault on purpose: {point}, {}", fault.number);
        if fault.kill {
            kill();
        }
        Err(io::Error::from_raw_os_error(NO_SPACE))
    }

    fn read(text: &str) -> Option<Fault> {
        let mut parts = text.split(':');
        let (point, number, how) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        Some(Fault { point: point.to_owned(), number, kill: how == "kill" })
    }

    /// As whoever pulls the plug: nothing is flushed, dropped or unlocked by us.
    fn kill() {
        let _ = Command::new("kill").args(["-KILL", &id().to_string()]).status();
        loop {
            std::thread::park();
        }
    }
}
