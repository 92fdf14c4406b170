//! The look of `pki renew --expiring`.

use std::io::{self, Write};
use std::path::PathBuf;

use ca_store::Issued;
use ca_store::facts::escape;
use ca_store::store::{IndexEntry, PendingHook};
use ca_store::validity::rfc3339;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::minute;
use crate::hook::Hook;
use crate::outcome::Outcome;

/// What is due, and was not renewed.
pub(crate) struct Due {
    pub(crate) due: Vec<IndexEntry>,
    pub(crate) within: String,
    pub(crate) hooks: Vec<PendingHook>,
    pub(crate) now: OffsetDateTime,
}

impl Outcome for Due {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.due.is_empty() {
            writeln!(out, "nothing is due within {}", self.within)?;
        }
        for entry in &self.due {
            writeln!(out, "due      {}: {}", escape(&entry.name), ends(entry, self.now))?;
        }
        let pending = |hook: &PendingHook| format!("{}: {}", hook.entry.name, hook.command);
        self.hooks.iter().try_for_each(|hook| writeln!(out, "hook     {}", escape(&pending(hook))))
    }

    fn json(&self) -> Value {
        json!({
            "due": self.due.len(),
            "certificates": self.due.iter().map(|entry| json!({
                "name": entry.name,
                "serial": entry.serial.to_string(),
                "not_after": rfc3339(entry.not_after),
            })).collect::<Vec<_>>(),
            "hooks": self.hooks.iter().map(|hook| json!({
                "name": hook.entry.name,
                "command": hook.command,
                "failures": hook.failures,
            })).collect::<Vec<_>>(),
        })
    }
}

fn ends(entry: &IndexEntry, now: OffsetDateTime) -> String {
    let verb = if entry.not_after < now { "ended" } else { "ends" };
    format!("{verb} {}", minute(entry.not_after))
}

/// A certificate that could not be renewed.
pub(crate) struct FailedRenewal {
    pub(crate) name: String,
    pub(crate) error: String,
    pub(crate) hint: Option<String>,
}

/// What was renewed, what could not be, and the hooks that were run.
pub(crate) struct Round {
    pub(crate) within: String,
    pub(crate) renewed: Vec<Issued>,
    /// Those that were due, and had been renewed when it was their turn.
    pub(crate) settled: Vec<String>,
    pub(crate) failed: Vec<FailedRenewal>,
    pub(crate) hooks: Vec<Hook>,
}

impl Round {
    pub(crate) fn new(within: String) -> Round {
        Round { within, renewed: Vec::new(), settled: Vec::new(), failed: Vec::new(), hooks: Vec::new() }
    }

    fn due(&self) -> usize {
        self.renewed.len() + self.settled.len() + self.failed.len()
    }
}

impl Outcome for Round {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.due() == 0 {
            writeln!(out, "nothing is due within {}", self.within)?;
        }
        for issued in &self.renewed {
            writeln!(out, "renewed  {}: ends {}", escape(&issued.name), minute(issued.validity.not_after()))?;
        }
        for name in &self.settled {
            writeln!(out, "settled  {}: another process has renewed it, or had begun to", escape(name))?;
        }
        for failed in &self.failed {
            writeln!(out, "failed   {}: {}", escape(&failed.name), escape(&failed.error))?;
        }
        for hook in &self.hooks {
            let what = if hook.failure.is_some() { "failed" } else { "done" };
            writeln!(out, "hook     {}: {what}: {}", escape(&hook.name), escape(&hook.command))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        json!({
            "due": self.due(),
            "renewed": self.renewed.iter().map(|issued| json!({
                "name": issued.name,
                "serial": issued.serial.to_string(),
                "replaces": issued.replaces.map(|serial| serial.to_string()),
                "not_after": rfc3339(issued.validity.not_after()),
                "sha256": issued.sha256,
                "folder": issued.files.folder,
                "notes": issued.notes,
            })).collect::<Vec<_>>(),
            "settled": self.settled,
            "failed": self.failed.iter().map(|failed| json!({
                "name": failed.name,
                "error": failed.error,
                "hint": failed.hint,
            })).collect::<Vec<_>>(),
            "hooks": self.hooks.iter().map(|hook| json!({
                "name": hook.name,
                "command": hook.command,
                "failure": hook.failure,
            })).collect::<Vec<_>>(),
        })
    }

    fn warnings(&self) -> Vec<String> {
        let hooks = self.hooks.iter().filter_map(|hook| {
            let failure = hook.failure.as_ref()?;
            Some(format!(
                "the hook of {}, {:?}, failed: {failure}. It is run again the next time",
                hook.name, hook.command
            ))
        });
        let hints = self.failed.iter().filter_map(|failed| Some(format!("{}: {}", failed.name, failed.hint.as_ref()?)));
        let notes =
            self.renewed.iter().flat_map(|issued| issued.notes.iter().map(|note| format!("{}: {note}", issued.name)));
        notes.chain(hints.map(|hint| hint.replace('\n', " "))).chain(hooks).collect()
    }
}

/// The units that were written.
pub(crate) struct TimerInstalled {
    pub(crate) files: [PathBuf; 2],
    pub(crate) next: Vec<String>,
    /// What the timer does not do.
    pub(crate) notes: Vec<String>,
}

impl Outcome for TimerInstalled {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        for file in &self.files {
            writeln!(out, "wrote    {}", escape(&file.display().to_string()))?;
        }
        writeln!(out, "Next")?;
        self.next.iter().try_for_each(|command| writeln!(out, "  {}", escape(command)))
    }

    fn json(&self) -> Value {
        json!({"files": self.files, "next": self.next, "notes": self.notes})
    }

    fn warnings(&self) -> Vec<String> {
        self.notes.clone()
    }
}
