//! A file whose first line is a password.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};

/// Octets that are read of a password file: more than a password may have.
const LONGEST_FILE: u64 = 4096;

/// Reads it; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Zeroizing<String>, Failure> {
    // Room for all of it at once: a text that grows would leave copies of itself behind.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST_FILE as usize));
    let read = if path == Path::new("-") {
        io::stdin().lock().take(LONGEST_FILE).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(LONGEST_FILE).read_to_string(&mut text))
    };
    read.map_err(|error| Failure::new(Exit::Input, format!("{}: can't be read: {error}", path.display())))?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}
