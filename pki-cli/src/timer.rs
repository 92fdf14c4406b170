//! The systemd units that renew certificates and revocation lists on time.

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ca_store::shell::quote_file;
use ca_store::store::Store;

use crate::render::TimerInstalled;

/// Mode of a unit: for everyone to read, as systemd's own are. What it says can be seen by `systemctl cat` anyway.
const UNIT_MODE: u32 = 0o644;

/// What is done daily, and how its units are called.
pub(crate) struct Task {
    /// The units' name.
    pub(crate) name: &'static str,
    /// The command that writes them.
    command: &'static str,
    /// What it does, for who lists units.
    description: &'static str,
    /// Lines of the service besides what it runs.
    service: &'static str,
    /// When it is done, and by how much that may be put off, so that not all machines do it at once (systemd.timer(5)).
    when: (&'static str, &'static str),
}

impl Task {
    /// So often that what holds for so many hours is made again before the half of them is over.
    pub(crate) fn before(self, hours: Option<u32>) -> Task {
        let when = match hours {
            Some(..3) => ("*:0/15", "1min"),
            Some(3..12) => ("hourly", "5min"),
            Some(12..72) => ("0/4:00", "10min"),
            _ => DAILY,
        };
        Task { when, ..self }
    }
}

const DAILY: (&str, &str) = ("daily", "1h");

/// Certificates that end soon.
pub(crate) const RENEWAL: Task = Task {
    name: "pki-renew",
    command: "pki renew",
    description: "Renew the certificates of a private CA that end soon",
    service: "# 1: nothing was due. All else that is not 0 is a failure.\nSuccessExitStatus=1\n",
    when: DAILY,
};

/// Revocation lists, which end whether anything was revoked or not.
pub(crate) const LISTS: Task = Task {
    name: "pki-crl",
    command: "pki crl",
    description: "Make the revocation lists of a private CA again before they end",
    service: "",
    when: DAILY,
};

/// What the units run.
pub(crate) struct Timer {
    /// What for.
    pub(crate) task: Task,
    /// This program.
    pub(crate) program: PathBuf,
    /// The store, absolute.
    pub(crate) store: PathBuf,
    /// The arguments after the store's.
    pub(crate) arguments: Vec<String>,
    /// For the system's own manager, not the user's.
    pub(crate) system: bool,
}

impl Timer {
    /// Where the manager looks for units.
    ///
    /// # Errors
    /// Where there is no home.
    pub(crate) fn default_dir(system: bool) -> anyhow::Result<PathBuf> {
        if system {
            return Ok("/etc/systemd/system".into());
        }
        let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let config = folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")));
        Ok(config.context("HOME is not set: give the folder with --timer-dir DIR")?.join("systemd/user"))
    }

    /// Whether this process is the system administrator's.
    pub(crate) fn is_root() -> bool {
        std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
    }

    /// Writes both units into `dir`, in place of those for the same store.
    ///
    /// # Errors
    /// Where a unit of this name is somebody else's, or cannot be written.
    pub(crate) fn install(&self, dir: &Path) -> anyhow::Result<[PathBuf; 2]> {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let name = |kind: &str| format!("{}.{kind}", self.task.name);
        let units = [(name("service"), self.service()), (name("timer"), self.timer())];
        for (name, _) in &units {
            self.refuse_strange(&dir.join(name))?;
        }
        for (name, text) in &units {
            replace(&dir.join(name), text).with_context(|| format!("cannot write {}", dir.join(name).display()))?;
        }
        Ok(units.map(|(name, _)| dir.join(name)))
    }

    fn refuse_strange(&self, path: &Path) -> anyhow::Result<()> {
        match std::fs::read_to_string(path) {
            Ok(text) if text.lines().next() != Some(&self.mark()) => {
                anyhow::bail!(
                    "{} is there already, and not for this store: give another folder with --timer-dir DIR, and there \
                     another name to the units",
                    path.display()
                )
            }
            _ => Ok(()),
        }
    }

    fn mark(&self) -> String {
        format!("# Written by {} --install-timer for {}", self.task.command, line(&self.store))
    }

    fn service(&self) -> String {
        let words = [line(&self.program), "--store".into(), line(&self.store)].into_iter();
        let command: Vec<String> = words.chain(self.arguments.iter().cloned()).map(|word| unit_word(&word)).collect();
        format!(
            "{}

[Unit]
Description={}

[Service]
Type=oneshot
ExecStart={}
{}UMask=0077
",
            self.mark(),
            self.task.description,
            command.join(" "),
            self.task.service
        )
    }

    fn timer(&self) -> String {
        let (often, within) = self.task.when;
        format!(
            "{}

[Unit]
Description={}

[Timer]
OnCalendar={often}
# Not all machines at once; and as soon as it is on again where it was off.
RandomizedDelaySec={within}
Persistent=true

[Install]
WantedBy=timers.target
",
            self.mark(),
            self.task.description
        )
    }

    /// Writes the units where they are wanted, and says what to type next.
    ///
    /// # Errors
    /// As [`Timer::install`], and where a unit cannot hold what it would have to.
    pub(crate) fn put(
        task: Task,
        store: &Store,
        arguments: Vec<String>,
        dir: Option<&Path>,
    ) -> anyhow::Result<Result<TimerInstalled, &'static str>> {
        if !store.can_sign()
            && store.can_sign_with_passphrase()
            && !arguments.iter().any(|it| it == "--passphrase-file")
        {
            return Ok(Err("the CA's key is encrypted, and a unit has nobody to ask: name --passphrase-file FILE"));
        }
        let store = std::path::absolute(store.dir())?;
        if arguments.iter().any(|argument| argument.contains(char::is_control))
            || store.to_string_lossy().contains('\n')
        {
            return Ok(Err("a unit holds no line feeds or other control characters: put them into a script"));
        }
        let timer = Timer { task, program: std::env::current_exe()?, store, arguments, system: Timer::is_root() };
        let wanted = dir.map(std::path::absolute).transpose()?;
        let own_dir = wanted.is_some();
        let dir = wanted.map_or_else(|| Timer::default_dir(timer.system), Ok)?;
        let files = timer.install(&dir)?;
        Ok(Ok(TimerInstalled { next: timer.next(&files, own_dir), files, notes: Vec::new() }))
    }

    /// What to type next.
    pub(crate) fn next(&self, files: &[PathBuf; 2], own_dir: bool) -> Vec<String> {
        let user = if self.system { "" } else { " --user" };
        let mut next = Vec::new();
        if own_dir {
            let [service, timer] = files.each_ref().map(|path| quote_file(&line(path)));
            next.push(format!("systemctl{user} link {service} {timer}"));
        }
        next.push(format!("systemctl{user} daemon-reload"));
        next.push(format!("systemctl{user} enable --now {}.timer", self.task.name));
        if !self.system {
            next.push("loginctl enable-linger".to_owned());
        }
        next
    }
}

/// A path in a line of a unit; control characters, a line feed above all, would end or change it.
fn line(path: &Path) -> String {
    path.display().to_string()
}

/// One word of ExecStart (systemd.service(5), "Command lines"; systemd.syntax(7), "Quoting").
fn unit_word(word: &str) -> String {
    let doubled = word.replace('\\', r"\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("\"{doubled}\"") }
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.new"));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(UNIT_MODE).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use super::unit_word;

    #[test]
    fn words_of_a_unit_are_quoted_and_not_expanded() {
        for (word, written) in [
            ("/usr/bin/pki", "/usr/bin/pki"),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("echo \"$PKI_NAME\" 100%", "\"echo \\\"$$PKI_NAME\\\" 100%%\""),
            ("a\\b", "\"a\\\\b\""),
            (";", "\";\""),
        ] {
            assert_eq!(unit_word(word), written);
        }
    }
}
