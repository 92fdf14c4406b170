//! The look of `pki log`.

use std::io::{self, Write};

use ca_store::facts::escape;
use ca_store::store::{LogEntry, LogReport};
use serde_json::{Value, json};

use super::{minute, trouble};
use crate::outcome::Outcome;

/// Entries of the log.
pub(crate) struct Logged {
    pub(crate) entries: Vec<LogEntry>,
}

/// Digits of a hash that tell one from another: the whole is in the JSON.
const HASH_SHOWN: usize = 16;

impl Outcome for Logged {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.entries.is_empty() {
            return writeln!(out, "the log has no such entry");
        }
        self.entries.iter().try_for_each(|entry| write_entry(out, entry))
    }

    fn json(&self) -> Value {
        json!(self.entries)
    }
}

fn write_entry(out: &mut dyn Write, entry: &LogEntry) -> io::Result<()> {
    let time = entry.time().map_or_else(|| "?".to_owned(), minute);
    let who = escape(&format!("{}@{}", entry.user, entry.host));
    writeln!(out, "{:>6}  {time}  {who}  {}  {}", entry.id, escape(&entry.operation), detail(&entry.detail))
}

/// `name=alice serial=4f…`: what a person looks for, without the brackets.
fn detail(text: &str) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_str(text) else { return escape(text) };
    let words = fields.iter().map(|(key, value)| format!("{}={}", escape(key), word(key, value)));
    words.collect::<Vec<_>>().join(" ")
}

fn word(key: &str, value: &Value) -> String {
    match value {
        Value::String(hash) if ["sha256", "authorities", "roots"].contains(&key) => {
            format!("{}…", hash.chars().take(HASH_SHOWN).collect::<String>())
        }
        Value::String(text) => escape(text),
        Value::Array(values) => values.iter().map(|value| word(key, value)).collect::<Vec<_>>().join(","),
        other => escape(&other.to_string()),
    }
}

/// What came of `pki log verify`.
pub(crate) struct LogVerified {
    pub(crate) report: LogReport,
}

impl Outcome for LogVerified {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = &self.report;
        trouble::write_all(out, &report.troubles, report.more)?;
        let verdict = if report.troubles.is_empty() { "the log is whole" } else { "the log is NOT whole" };
        writeln!(out, "{verdict}: {} entries, {} certificates", report.entries, report.certificates)?;
        writeln!(out, "  last       {}:{}", report.entries, report.hash)?;
        match &report.head {
            Some(head) => {
                writeln!(out, "  signed     entry {}, {} by {}", head.entry, head.signed, escape(&head.authority))?;
                writeln!(out, "  signer     {} (SHA-256 of its certificate)", head.authority_sha256)?;
            }
            None => writeln!(out, "  signed     nothing yet: the next certificate that is issued signs it")?,
        }
        match report.unsigned {
            0 => Ok(()),
            count => {
                writeln!(out, "  unsigned   the last {count}: chained, and signed with the next use of a CA's key")
            }
        }
    }

    fn json(&self) -> Value {
        let mut value = json!({"verdict": if self.report.troubles.is_empty() { "whole" } else { "damaged" }});
        if let (Some(fields), Value::Object(report)) = (value.as_object_mut(), json!(self.report)) {
            fields.extend(report);
        }
        value
    }
}
