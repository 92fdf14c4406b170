//! The look of what is wrong with a store.

use std::io::{self, Write};

use ca_store::facts::escape;
use ca_store::store::Trouble;

use super::message::is_command;

/// All of them, an empty line after each, and how many more there are.
pub(crate) fn write_all(out: &mut dyn Write, troubles: &[Trouble], more: u64) -> io::Result<()> {
    for trouble in troubles {
        write_one(out, trouble)?;
        writeln!(out)?;
    }
    if more > 0 {
        writeln!(out, "… and {more} more\n")?;
    }
    Ok(())
}

fn write_one(out: &mut dyn Write, trouble: &Trouble) -> io::Result<()> {
    writeln!(out, "{}: {}", trouble.code.as_str(), escape(&trouble.place))?;
    writeln!(out, "  {}", escape(&trouble.message))?;
    if let Some(expected) = &trouble.expected {
        writeln!(out, "  expected   {}", escape(expected))?;
    }
    if let Some(found) = &trouble.found {
        writeln!(out, "  found      {}", escape(found))?;
    }
    if let Some(repaired) = &trouble.repaired {
        writeln!(out, "  repaired   {}", escape(repaired))?;
    }
    for line in trouble.next.lines() {
        let indent = if is_command(line) { "    " } else { "  " };
        writeln!(out, "{indent}{}", escape(line))?;
    }
    Ok(())
}
