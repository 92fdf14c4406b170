//! The command that a user has run after a renewal: a shell's, with the certificate in its environment, within a time.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ca_store::store::{IndexEntry, IssuedFiles, Store};
use ca_store::validity::rfc3339;
use rustix::process::{Pid, Signal, kill_process_group};

use crate::passphrase;

/// How long a hook may take. `systemctl reload` waits 90 seconds for a service by default; a hook that copies files to a
/// few machines and reloads there needs as much again. One that hangs must not keep the others from being renewed.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often the end of a hook is looked for.
const PAUSE: Duration = Duration::from_millis(20);

/// A hook that was run.
#[derive(Debug)]
pub(crate) struct Hook {
    /// The certificate that it was run for.
    pub(crate) name: String,
    /// The command.
    pub(crate) command: String,
    /// Why it failed, if it did.
    pub(crate) failure: Option<String>,
}

impl Hook {
    /// Runs `command` for the certificate of `entry`, and remembers in the store what came of it.
    ///
    /// # Errors
    /// What keeps the store from remembering.
    pub(crate) fn run(store: &Store, entry: &IndexEntry, command: &str) -> Result<Hook, ca_store::Error> {
        let failure = run(&mut shell(store.dir(), entry, &store.files_of(entry), command), PATIENCE).err();
        match &failure {
            None => store.hook_done(entry.serial)?,
            Some(message) => store.hook_failed(entry.serial, command, message)?,
        }
        Ok(Hook { name: entry.name.clone(), command: command.to_owned(), failure })
    }
}

/// Runs `command` after revocation lists were made, of which `bundle` holds all.
///
/// # Errors
/// Says how it failed.
pub(crate) fn after_lists(store: &Path, bundle: &Path, command: &str) -> Result<(), String> {
    run(bare_shell(store, command).env("PKI_CRL", bundle), PATIENCE)
}

/// Its output is for people: our own standard output has the result. The store's passphrase is not its business.
fn bare_shell(store: &Path, command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(Stdio::null()).stdout(Stdio::from(std::io::stderr())).process_group(0);
    shell.env_remove(passphrase::VARIABLE).env_remove(passphrase::FILE_VARIABLE).env("PKI_STORE", store);
    shell
}

fn shell(store: &Path, entry: &IndexEntry, files: &IssuedFiles, command: &str) -> Command {
    let mut shell = bare_shell(store, command);
    shell
        .env("PKI_NAME", &entry.name)
        .env("PKI_NAMES", entry.sans.join(" "))
        .env("PKI_PURPOSE", entry.purpose.as_str())
        .env("PKI_SERIAL", entry.serial.to_string())
        .env("PKI_NOT_AFTER", rfc3339(entry.not_after))
        .env("PKI_FOLDER", &files.folder)
        .env("PKI_CERT", &files.cert)
        .env("PKI_CHAIN", &files.chain)
        .env("PKI_FULLCHAIN", &files.fullchain)
        .env("PKI_CA", &files.ca);
    // Where the key is elsewhere, a hook should fail rather than copy something else.
    match files.privkey.exists() {
        true => shell.env("PKI_KEY", &files.privkey),
        false => shell.env_remove("PKI_KEY"),
    };
    shell
}

fn run(command: &mut Command, patience: Duration) -> Result<(), String> {
    let mut child = command.spawn().map_err(|error| format!("it cannot be started: {error}"))?;
    let end = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("it ended with {status}")),
            Ok(None) if Instant::now() < end => std::thread::sleep(PAUSE),
            Ok(None) => {
                stop(&mut child);
                return Err(format!("it was still running after {} seconds, and was stopped", patience.as_secs()));
            }
            Err(error) => return Err(format!("its end cannot be seen: {error}")),
        }
    }
}

/// With all that it started: a shell's children would go on without it.
fn stop(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // It may have ended by itself in between, and then there is nothing to kill.
    if group.is_none_or(|group| kill_process_group(group, Signal::KILL).is_err()) {
        let _ = child.kill();
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(command: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(command).stdin(Stdio::null()).process_group(0);
        shell
    }

    #[test]
    fn a_hook_ends_well_badly_or_by_force() {
        assert_eq!(run(&mut sh("true"), PATIENCE), Ok(()));
        assert!(run(&mut sh("exit 3"), PATIENCE).unwrap_err().contains('3'));
        let begun = Instant::now();
        let failure = run(&mut sh("sleep 60 & wait"), Duration::from_millis(50)).unwrap_err();
        assert!(failure.contains("still running") && begun.elapsed() < Duration::from_secs(30), "{failure}");
    }
}
