//! What a terminal may be sent besides text.

use std::env::var_os;
use std::ffi::OsStr;
use std::io::{self, Write};

/// To the beginning of the line, which is erased (ECMA-48, EL).
const ERASE_LINE: &str = "\r\x1b[2K";

/// Whether colours and other control sequences are obeyed, and wanted: not by a dumb terminal, and never with `NO_COLOR`
/// (no-color.org).
pub(crate) fn takes_sequences() -> bool {
    takes(var_os("TERM").as_deref(), var_os("NO_COLOR").as_deref())
}

fn takes(term: Option<&OsStr>, no_color: Option<&OsStr>) -> bool {
    term.is_none_or(|term| term != "dumb") && no_color.is_none_or(OsStr::is_empty)
}

/// A line of standard error that is written over and over.
pub(crate) struct Overwritten {
    sequences: bool,
    /// Characters that stand there.
    width: usize,
}

impl Overwritten {
    /// Nothing is written yet.
    pub(crate) fn new() -> Overwritten {
        Overwritten { sequences: takes_sequences(), width: 0 }
    }

    /// Has this text stand there in place of the last. A terminal that went away is no reason to stop.
    pub(crate) fn write(&mut self, text: &str) {
        let mut stderr = io::stderr().lock();
        let _ = write!(stderr, "{}{text}", self.erasing()).and_then(|()| stderr.flush());
        self.width = text.chars().count();
    }

    fn erasing(&self) -> String {
        if self.sequences { ERASE_LINE.to_owned() } else { format!("\r{}\r", " ".repeat(self.width)) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Overwritten, takes};
    use std::ffi::OsStr;

    #[test]
    fn sequences_go_to_terminals_that_obey_them_and_where_they_are_wanted() {
        for (term, no_color, expected) in [
            (None, None, true),
            (Some("xterm"), Some(""), true),
            (Some("xterm"), Some("1"), false),
            (Some("dumb"), None, false),
        ] {
            assert_eq!(takes(term.map(OsStr::new), no_color.map(OsStr::new)), expected, "{term:?} {no_color:?}");
        }
    }

    #[test]
    fn a_line_is_blanked_where_it_cannot_be_erased() {
        assert_eq!(Overwritten { sequences: false, width: 3 }.erasing(), "\r   \r");
        assert_eq!(Overwritten { sequences: true, width: 3 }.erasing(), super::ERASE_LINE);
    }
}
