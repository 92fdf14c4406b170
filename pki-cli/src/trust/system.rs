//! The system's store: a folder for roots of one's own, and a program that makes bundles of it.

use std::fs;
use std::path::{Path, PathBuf};

use ca_store::shell::{quote, quote_file};
use ca_store::store::{Readers, write_out};

use super::program::{find, run};
use super::{Anchor, Found, Kind, Place, Places, Printed, Refusal, certificates, io};

/// The bundles that programs read, as the common Linux families keep them, the first that exists.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Where Debian's packages put roots.
const SHIPPED: &str = "/usr/share/ca-certificates";
/// How deep folders of roots are followed; Debian's have one level.
const MAX_DEPTH: usize = 4;

/// How a family of systems takes a root in.
struct Family {
    folder: &'static str,
    extension: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
}

/// The first whose folder is there.
const FAMILIES: [Family; 4] = [
    // Fedora, RHEL and their kin; before Debian's, whose folder some of them have for other programs.
    Family {
        folder: "/etc/pki/ca-trust/source/anchors",
        extension: "pem",
        program: "update-ca-trust",
        arguments: &["extract"],
    },
    // Arch.
    Family {
        folder: "/etc/ca-certificates/trust-source/anchors",
        extension: "pem",
        program: "update-ca-trust",
        arguments: &["extract"],
    },
    // openSUSE and SLE.
    Family { folder: "/etc/pki/trust/anchors", extension: "pem", program: "update-ca-certificates", arguments: &[] },
    // Debian, Ubuntu and Alpine.
    Family {
        folder: "/usr/local/share/ca-certificates",
        extension: "crt",
        program: "update-ca-certificates",
        arguments: &[],
    },
];

/// This machine's bundle of roots.
pub(crate) fn bundle() -> Option<PathBuf> {
    bundle_below(Path::new("/"))
}

fn bundle_below(root: &Path) -> Option<PathBuf> {
    BUNDLES.iter().map(|path| below(root, path)).find(|path| path.exists())
}

fn below(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// All certificates of a folder's files.
fn collect(folder: &Path, depth: usize, into: &mut Vec<Vec<u8>>) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() && depth > 0 {
            collect(&path, depth - 1, into);
        } else if let Ok(bytes) = fs::read(&path) {
            into.extend(certificates(&bytes));
        }
    }
}

fn lost_words(lost: usize, bundle: &Path) -> String {
    format!(
        "{} holds roots ({lost}) that lie in no folder it is made of, and that making it anew would lose: it was left as it was; put them into files of their own first",
        bundle.display()
    )
}

struct System {
    root: PathBuf,
    folder: PathBuf,
    bundle: PathBuf,
    family: &'static Family,
}

pub(super) fn add(root: &Path, found: &mut Places) {
    let family = FAMILIES.iter().find(|family| below(root, family.folder).is_dir());
    let bundle = bundle_below(root);
    match (family, bundle) {
        (Some(family), Some(bundle)) => found.places.push(Box::new(System {
            root: root.to_owned(),
            folder: below(root, family.folder),
            bundle,
            family,
        })),
        _ => found.missed.push(
            "the system's store: it is kept in none of the ways of Debian, Fedora, Arch, openSUSE and Alpine"
                .to_owned(),
        ),
    }
}

impl System {
    fn file(&self, anchor: &Anchor) -> PathBuf {
        self.folder.join(format!("{}.{}", anchor.mark(), self.family.extension))
    }

    fn is_ours(&self, anchor: &Anchor) -> bool {
        fs::read(self.file(anchor)).is_ok_and(|bytes| certificates(&bytes) == [anchor.der()])
    }

    fn is_whole_machine(&self) -> bool {
        self.root == Path::new("/")
    }

    /// The program that makes the bundles; below another root Debian's takes the folders as arguments, the others run there.
    fn update(&self) -> (String, Vec<String>) {
        let arguments = self.family.arguments.iter().map(|it| (*it).to_owned());
        if self.is_whole_machine() {
            return (self.family.program.to_owned(), arguments.collect());
        }
        if self.family.extension != "crt" {
            let root = self.root.display().to_string();
            return (
                "chroot".to_owned(),
                [root, self.family.program.to_owned()].into_iter().chain(arguments).collect(),
            );
        }
        let folders = [
            ("--etccertsdir", "/etc/ssl/certs"),
            ("--localcertsdir", self.family.folder),
            ("--certsdir", "/usr/share/ca-certificates"),
            ("--certsconf", "/etc/ca-certificates.conf"),
            ("--hooksdir", "/etc/ca-certificates/update.d"),
        ];
        let place = |path: &str| below(&self.root, path).display().to_string();
        (
            self.family.program.to_owned(),
            folders.iter().flat_map(|(flag, path)| [(*flag).to_owned(), place(path)]).collect(),
        )
    }

    /// Makes the bundles anew. What stood in the bundle and would be lost by that, since it lies in none of the folders
    /// that it is made of, is seen before where that can be seen (Debian's way), and else put back.
    fn run_update(&self, anchor: &Anchor) -> Result<(), Refusal> {
        let (name, arguments) = self.update();
        let program = find(&name).ok_or_else(|| Refusal::Failed(format!("{name} is not installed")))?;
        let before = fs::read(&self.bundle).map_err(|error| io(&error))?;
        run(&program, &arguments)?;
        let after = certificates(&fs::read(&self.bundle).map_err(|error| io(&error))?);
        let lost = certificates(&before).iter().filter(|der| *der != anchor.der() && !after.contains(der)).count();
        if lost == 0 {
            return Ok(());
        }
        let bundle = self.bundle.canonicalize().map_err(|error| io(&error))?;
        fs::write(&bundle, before).map_err(|error| io(&error))?;
        Err(Refusal::Failed(lost_words(lost, &self.bundle)))
    }

    /// The roots of the bundle that lie in none of the folders that Debian's program makes it of.
    fn check_nothing_is_lost(&self, anchor: &Anchor) -> Result<(), Refusal> {
        if self.family.extension != "crt" {
            return Ok(());
        }
        let sources = [below(&self.root, SHIPPED), self.folder.clone()];
        let mut known = vec![anchor.der().to_vec()];
        sources.iter().for_each(|folder| collect(folder, MAX_DEPTH, &mut known));
        let bundle = certificates(&fs::read(&self.bundle).map_err(|error| io(&error))?);
        match bundle.iter().filter(|der| !known.contains(der)).count() {
            0 => Ok(()),
            lost => Err(Refusal::Failed(lost_words(lost, &self.bundle))),
        }
    }

    /// Debian's program leaves the links to a file that is gone: those by name, and those by hash that point to them.
    fn remove_links(&self, anchor: &Anchor) -> Result<(), Refusal> {
        let Some(folder) = self.bundle.parent().filter(|_| self.family.extension == "crt") else { return Ok(()) };
        let (file, link) = (self.file(anchor), format!("{}.pem", anchor.mark()));
        let entries = fs::read_dir(folder).map_err(|error| io(&error))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if fs::read_link(&path).is_ok_and(|target| target == file || target == Path::new(&link)) {
                fs::remove_file(&path).map_err(|error| io(&error))?;
            }
        }
        Ok(())
    }
}

impl Place for System {
    fn kind(&self) -> Kind {
        Kind::System
    }

    fn path(&self) -> &Path {
        &self.bundle
    }

    fn find(&self, anchor: &Anchor) -> Result<Found, Refusal> {
        let bundle = fs::read(&self.bundle).map_err(|error| io(&error))?;
        let trusted = certificates(&bundle).iter().any(|der| der == anchor.der());
        Ok(match (trusted, self.is_ours(anchor)) {
            (true, true) => Found::Ours,
            (true, false) => Found::Theirs,
            (false, true) => Found::Unfinished,
            (false, false) => Found::Absent,
        })
    }

    fn printed(&self) -> Vec<Printed> {
        let roots = fs::read(&self.bundle).map(|bytes| certificates(&bytes)).unwrap_or_default();
        vec![Printed { roots, command: format!("cat {}", quote_file(&self.bundle.display().to_string())) }]
    }

    fn install(&self, anchor: &Anchor) -> Result<(), Refusal> {
        self.check_nothing_is_lost(anchor)?;
        let file = self.file(anchor);
        write_out(&file, anchor.pem().as_bytes(), Readers::All, true).map_err(|error| match error {
            ca_store::Error::OutputUnwritable { source, .. } => io(&source),
            error => Refusal::Failed(error.to_string()),
        })?;
        let updated = self.run_update(anchor).and_then(|()| match self.find(anchor)? {
            Found::Ours => Ok(()),
            _ => {
                Err(Refusal::Failed(format!("{} did not take it into {}", self.family.program, self.bundle.display())))
            }
        });
        if updated.is_err() {
            // What is half done would be finished by whoever updates next: it is taken back, as well as that goes.
            let _ = self.remove(anchor);
        }
        updated
    }

    fn remove(&self, anchor: &Anchor) -> Result<(), Refusal> {
        self.check_nothing_is_lost(anchor)?;
        fs::remove_file(self.file(anchor)).map_err(|error| io(&error))?;
        self.remove_links(anchor)?;
        self.run_update(anchor)
    }

    fn command(&self, anchor: &Anchor, install: bool) -> String {
        let (file, (program, arguments)) = (quote_file(&self.file(anchor).display().to_string()), self.update());
        let words: Vec<String> = std::iter::once(&program).chain(&arguments).map(|word| quote(word)).collect();
        let change = if install { format!("install -m 0644 ROOT.pem {file}") } else { format!("rm {file}") };
        format!("{change} && {}", words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(folder: &str) -> (tempfile::TempDir, Places) {
        let root = tempfile::tempdir().unwrap();
        for path in [folder, "/etc/ssl/certs"] {
            fs::create_dir_all(below(root.path(), path)).unwrap();
        }
        fs::write(below(root.path(), BUNDLES[0]), "").unwrap();
        let mut found = Places { places: Vec::new(), missed: Vec::new() };
        add(root.path(), &mut found);
        (root, found)
    }

    #[test]
    fn each_family_is_known_by_its_folder() {
        for family in &FAMILIES {
            let (_root, found) = machine(family.folder);
            assert_eq!(found.places.len(), 1, "{}", family.folder);
        }
        let (_root, found) = machine("/nothing/of/the/kind");
        assert!(found.places.is_empty() && found.missed.len() == 1);
    }
}
