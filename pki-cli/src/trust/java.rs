//! Java's cacerts, read here and changed through keytool.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ca_store::container;
use ca_store::facts::{BlockKind, Input};
use ca_store::key::Passphrase;
use ca_store::shell::quote_file;

use super::program::{find, run};
use super::{Anchor, Found, Kind, Place, Places, Printed, Refusal, certificates, io};

/// The password that every Java ships its cacerts with; what it protects is public.
const PASSWORD: &str = "changeit";
/// Where a Java keeps its roots, below its folder: since version 9, and before.
const FILES: [&str; 2] = ["lib/security/cacerts", "jre/lib/security/cacerts"];
/// Where systems put their Javas.
const JAVAS: &str = "usr/lib/jvm";

struct Java {
    keytool: PathBuf,
    file: PathBuf,
    /// Debian's hook of the system's store writes into this one as well.
    by_system: bool,
}

pub(super) fn add(root: &Path, found: &mut Places) {
    let files = stores(root);
    match find("keytool").or_else(|| of_home("bin/keytool")) {
        None if !files.is_empty() => {
            found.missed.push(format!("{} stores of Java: keytool is not on the path", files.len()));
        }
        None => {}
        Some(keytool) => {
            for file in files {
                let by_system = file.ends_with("etc/ssl/certs/java/cacerts");
                found.places.push(Box::new(Java { keytool: keytool.clone(), file, by_system }));
            }
        }
    }
}

fn of_home(file: &str) -> Option<PathBuf> {
    let home = std::env::var_os("JAVA_HOME").filter(|home| !home.is_empty())?;
    Some(PathBuf::from(home).join(file)).filter(|path| path.exists())
}

/// Of JAVA_HOME, of the `java` on the path, and of the Javas that the system has; each file once.
fn stores(root: &Path) -> BTreeSet<PathBuf> {
    let whole = root == Path::new("/");
    let home = std::env::var_os("JAVA_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let on_path = find("java").and_then(|java| java.canonicalize().ok());
    let on_path = on_path.and_then(|java| Some(java.parent()?.parent()?.to_owned()));
    let own = home.into_iter().chain(on_path).filter(|_| whole);
    let installed = fs::read_dir(root.join(JAVAS)).into_iter().flatten().flatten().map(|entry| entry.path());
    let files = own.chain(installed).flat_map(|java| FILES.map(|file| java.join(file)));
    files.filter_map(|file| file.canonicalize().ok()).filter(|file| file.is_file()).collect()
}

impl Java {
    fn run(&self, arguments: &[&str]) -> Result<String, Refusal> {
        let file = self.file.display().to_string();
        let fixed = ["-J-Duser.language=en", "-keystore", &file, "-storepass", PASSWORD];
        let all: Vec<&str> = arguments.iter().copied().chain(fixed).collect();
        run(&self.keytool, &all)
    }

    fn roots(&self) -> Result<Vec<Vec<u8>>, Refusal> {
        let bytes = fs::read(&self.file).map_err(|error| io(&error))?;
        let opened = container::open(Input::read(&bytes), Some(&Passphrase::new(PASSWORD.to_owned())));
        let roots = opened.blocks.iter().filter(|block| block.kind == BlockKind::Certificate);
        Ok(roots.map(|block| block.der.to_vec()).collect())
    }

    /// The names that it may have by our doing.
    fn aliases(&self, anchor: &Anchor) -> Vec<String> {
        let by_hook = self.by_system.then(|| format!("debian:{}.pem", anchor.mark()));
        std::iter::once(anchor.mark()).chain(by_hook).collect()
    }

    /// Those that it has: the system's hook may have come between a look and a change.
    fn own_aliases(&self, anchor: &Anchor) -> Vec<String> {
        let is_it = |alias: &String| {
            let text = self.run(&["-exportcert", "-rfc", "-alias", alias]).unwrap_or_default();
            certificates(text.as_bytes()).iter().any(|der| der == anchor.der())
        };
        self.aliases(anchor).into_iter().filter(is_it).collect()
    }

    /// keytool writes a new file in the old one's place, so the folder has to be ours as well; it says nothing that tells
    /// missing rights from other trouble.
    fn check_writable(&self) -> Result<(), Refusal> {
        fs::OpenOptions::new().append(true).open(&self.file).map(|_| ()).map_err(|error| io(&error))
    }
}

impl Place for Java {
    fn kind(&self) -> Kind {
        Kind::Java
    }

    fn path(&self) -> &Path {
        &self.file
    }

    fn find(&self, anchor: &Anchor) -> Result<Found, Refusal> {
        if !self.roots()?.iter().any(|der| der == anchor.der()) {
            return Ok(Found::Absent);
        }
        Ok(if self.own_aliases(anchor).is_empty() { Found::Theirs } else { Found::Ours })
    }

    fn printed(&self) -> Vec<Printed> {
        let Ok(roots) = self.roots() else { return Vec::new() };
        let file = quote_file(&self.file.display().to_string());
        vec![Printed { roots, command: format!("keytool -list -rfc -keystore {file} -storepass {PASSWORD}") }]
    }

    fn install(&self, anchor: &Anchor) -> Result<(), Refusal> {
        self.check_writable()?;
        if !self.own_aliases(anchor).is_empty() {
            return Ok(());
        }
        let file = tempfile::NamedTempFile::new().map_err(|error| io(&error))?;
        fs::write(file.path(), anchor.pem()).map_err(|error| io(&error))?;
        let path = file.path().display().to_string();
        self.run(&["-importcert", "-noprompt", "-alias", &anchor.mark(), "-file", &path]).map(|_| ())
    }

    fn remove(&self, anchor: &Anchor) -> Result<(), Refusal> {
        self.check_writable()?;
        let aliases = self.own_aliases(anchor);
        aliases.iter().try_for_each(|alias| self.run(&["-delete", "-noprompt", "-alias", alias]).map(drop))
    }

    fn command(&self, anchor: &Anchor, install: bool) -> String {
        let (file, mark) = (quote_file(&self.file.display().to_string()), anchor.mark());
        let what = if install { "-importcert -noprompt -file ROOT.pem" } else { "-delete -noprompt" };
        format!("keytool {what} -alias {mark} -keystore {file} -storepass {PASSWORD}")
    }
}
