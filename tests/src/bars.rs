//! How a bench ends.

use std::io::{self, Write};
use std::process::ExitCode;

/// 0 where every bar was kept, 1 where one was missed, 3 where it could not be measured, and then why.
pub fn exit(bench: &str, kept: io::Result<bool>) -> ExitCode {
    match kept {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            let _ = writeln!(io::stderr(), "{bench}: {why}");
            ExitCode::from(3)
        }
    }
}
