//! NSS databases: a folder a profile, with `cert9.db` in it, changed through certutil.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ca_store::shell::quote;

use super::program::{find, run};
use super::{Anchor, Found, Kind, Place, Places, Printed, Refusal, certificates};

/// Databases themselves, below the user's folder: Chromium's, also of snap, and its newer place.
const DATABASES: [&str; 3] = [".pki/nssdb", ".local/share/pki/nssdb", "snap/chromium/current/.pki/nssdb"];
/// Folders with a profile each: Firefox's and Thunderbird's, also of snap.
const PROFILES: [&str; 5] = [
    ".mozilla/firefox",
    ".config/mozilla/firefox",
    ".thunderbird",
    "snap/firefox/common/.mozilla/firefox",
    "snap/thunderbird/common/.thunderbird",
];
/// Below each application's folder of flatpak.
const FLATPAK: &str = ".var/app";
const FLATPAK_DATABASES: [&str; 2] = [".pki/nssdb", "data/pki/nssdb"];
const FLATPAK_PROFILES: [&str; 3] = [".mozilla/firefox", "config/mozilla/firefox", ".thunderbird"];
/// What makes a folder a database.
const FILE: &str = "cert9.db";
/// Trusted to issue certificates of servers, as a root that a user imports is.
const TRUST: &str = "C,,";
/// Certificates of one database that are looked at: browsers keep the intermediates that they meet, some hundreds.
const MOST: usize = 5_000;

/// Roots of one database that its user trusts besides the built-in ones, and that are looked at; each is a run of a program.
const MOST_OWN: usize = 20;

struct Nss {
    certutil: PathBuf,
    folder: PathBuf,
}

pub(super) fn add(home: &Path, found: &mut Places) {
    let folders = databases(home);
    match (find("certutil"), folders.is_empty()) {
        (_, true) => {
            found.missed.push(
                "Firefox and Chromium: this user has no profile of theirs (it is made when they first start)"
                    .to_owned(),
            );
        }
        (None, false) => found.missed.push(format!(
            "{} profiles of Firefox or Chromium: certutil is not installed (Debian: libnss3-tools, Fedora: nss-tools)",
            folders.len()
        )),
        (Some(certutil), false) => {
            for folder in folders {
                found.places.push(Box::new(Nss { certutil: certutil.clone(), folder }));
            }
        }
    }
}

/// Each once, however many links lead to it.
fn databases(home: &Path) -> BTreeSet<PathBuf> {
    let apps = children(&home.join(FLATPAK));
    let direct = DATABASES.iter().map(|it| home.join(it));
    let of_apps = apps.iter().flat_map(|app| FLATPAK_DATABASES.iter().map(move |it| app.join(it)));
    let profiles = PROFILES.iter().map(|it| home.join(it));
    let of_apps_profiles = apps.iter().flat_map(|app| FLATPAK_PROFILES.iter().map(move |it| app.join(it)));
    let profiles: Vec<PathBuf> = profiles.chain(of_apps_profiles).flat_map(|folder| children(&folder)).collect();
    let all = direct.chain(of_apps).chain(profiles);
    all.filter(|folder| folder.join(FILE).is_file()).filter_map(|folder| folder.canonicalize().ok()).collect()
}

fn children(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect()
}

/// A nickname, and the flags of its trust.
struct Listed {
    nickname: String,
    trust: String,
}

impl Listed {
    /// To issue certificates of servers.
    fn is_trusted(&self) -> bool {
        self.trust.split(',').next().is_some_and(|ssl| ssl.contains('C'))
    }
}

/// Lines of `certutil -L`: a nickname, spaces, and three sets of flags.
fn listed(text: &str) -> Vec<Listed> {
    let lines = text.lines().filter_map(|line| line.trim_end().rsplit_once(' '));
    let entries = lines.filter(|(_, trust)| {
        trust.split(',').count() == 3 && trust.chars().all(|c| c == ',' || c.is_ascii_alphabetic())
    });
    let entries = entries.filter(|(_, trust)| !trust.starts_with("SSL"));
    entries
        .map(|(name, trust)| Listed { nickname: name.trim_end().to_owned(), trust: trust.to_owned() })
        .take(MOST)
        .collect()
}

impl Nss {
    fn database(&self) -> String {
        format!("sql:{}", self.folder.display())
    }

    fn run(&self, arguments: &[&str]) -> Result<String, Refusal> {
        let database = self.database();
        let all: Vec<&str> = arguments.iter().copied().chain(["-d", &database]).collect();
        run(&self.certutil, &all)
    }

    fn of_nickname(&self, nickname: &str) -> Vec<Vec<u8>> {
        self.run(&["-L", "-n", nickname, "-a"]).map(|text| certificates(text.as_bytes())).unwrap_or_default()
    }
}

impl Place for Nss {
    fn kind(&self) -> Kind {
        Kind::Nss
    }

    fn path(&self) -> &Path {
        &self.folder
    }

    fn find(&self, anchor: &Anchor) -> Result<Found, Refusal> {
        let all = listed(&self.run(&["-L"])?);
        let mark = anchor.mark();
        let holds = |entry: &&Listed| self.of_nickname(&entry.nickname).iter().any(|der| der == anchor.der());
        let (ours, others): (Vec<&Listed>, Vec<&Listed>) = all.iter().partition(|entry| entry.nickname == mark);
        let found = ours.into_iter().chain(others).find(holds);
        Ok(match found {
            None => Found::Absent,
            Some(entry) => match (entry.is_trusted(), entry.nickname == mark) {
                (true, true) => Found::Ours,
                (false, true) => Found::Unfinished,
                (true, false) => Found::Theirs,
                (false, false) => Found::Untrusted,
            },
        })
    }

    fn printed(&self) -> Vec<Printed> {
        let all = self.run(&["-L"]).map(|text| listed(&text)).unwrap_or_default();
        let trusted = all.iter().filter(|entry| entry.is_trusted()).take(MOST_OWN);
        let printed = trusted.map(|Listed { nickname, .. }| Printed {
            roots: self.of_nickname(nickname),
            command: format!("certutil -L -d {} -n {} -a", quote(&self.database()), quote(nickname)),
        });
        printed.collect()
    }

    fn install(&self, anchor: &Anchor) -> Result<(), Refusal> {
        let file = tempfile::NamedTempFile::new().map_err(|error| super::io(&error))?;
        fs::write(file.path(), anchor.pem()).map_err(|error| super::io(&error))?;
        let path = file.path().display().to_string();
        self.run(&["-A", "-n", &anchor.mark(), "-t", TRUST, "-i", &path]).map(|_| ())
    }

    fn remove(&self, anchor: &Anchor) -> Result<(), Refusal> {
        self.run(&["-D", "-n", &anchor.mark()]).map(|_| ())
    }

    fn command(&self, anchor: &Anchor, install: bool) -> String {
        let (database, mark) = (quote(&self.database()), anchor.mark());
        match install {
            true => format!("certutil -A -d {database} -n {mark} -t {TRUST} -i ROOT.pem"),
            false => format!("certutil -D -d {database} -n {mark}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nicknames_may_hold_spaces_and_headings_are_none() {
        let text = "\nCertificate Nickname                                         Trust Attributes\n                                                             SSL,S/MIME,JAR/XPI\n\nTest Root CA                                                 CT,C,C\npki-0123456789abcdef                                         C,,  \nan intermediate                                              ,,   \n";
        let found: Vec<_> = listed(text).into_iter().map(|it| (it.nickname, it.trust)).collect();
        let expected = [("Test Root CA", "CT,C,C"), ("pki-0123456789abcdef", "C,,"), ("an intermediate", ",,")];
        assert_eq!(found, expected.map(|(name, trust)| (name.to_owned(), trust.to_owned())));
    }

    #[test]
    fn profiles_are_found_where_each_way_of_packing_keeps_them() {
        let home = tempfile::tempdir().unwrap();
        let all = [
            ".pki/nssdb",
            "snap/chromium/current/.pki/nssdb",
            ".mozilla/firefox/abc.default",
            "snap/firefox/common/.mozilla/firefox/def.default",
            ".var/app/org.mozilla.firefox/.mozilla/firefox/ghi.default",
            ".var/app/org.chromium.Chromium/.pki/nssdb",
        ];
        for folder in all {
            fs::create_dir_all(home.path().join(folder)).unwrap();
            fs::write(home.path().join(folder).join(FILE), "").unwrap();
        }
        fs::create_dir_all(home.path().join(".mozilla/firefox/Crash Reports")).unwrap();
        std::os::unix::fs::symlink("abc.default", home.path().join(".mozilla/firefox/link")).unwrap();
        assert_eq!(databases(home.path()).len(), all.len());
    }
}
