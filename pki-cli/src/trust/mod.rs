//! The trust stores of this machine: the system's, NSS's (Firefox and Chromium), Java's. Whether a root is in them, putting
//! it there, and taking out again what was put there.
//!
//! What is ours is known by its name in each store, which holds the root's fingerprint, and by its octets, so that nothing
//! has to be remembered and nothing that others put there is ever taken out.

mod java;
mod nss;
mod program;
mod system;

use std::path::{Path, PathBuf};

use ca_store::facts::{BlockKind, Certificate, Input};
use ca_store::store::certificate_pem;

pub(crate) use system::bundle as system_bundle;

/// A root that is to be trusted.
#[derive(Debug, Clone)]
pub(crate) struct Anchor {
    pub(crate) certificate: Certificate,
    pub(crate) sha256: String,
}

/// The hexadecimal digits of a fingerprint that a name holds: 64 bits, which no two roots of a machine share.
const MARK_DIGITS: usize = 16;

impl Anchor {
    pub(crate) fn new(certificate: Certificate) -> Anchor {
        Anchor { sha256: certificate.sha256_hex(), certificate }
    }

    /// What it is called in a store: ours by this name.
    fn mark(&self) -> String {
        format!("pki-{}", &self.sha256[..MARK_DIGITS])
    }

    fn der(&self) -> &[u8] {
        self.certificate.der()
    }

    fn pem(&self) -> String {
        certificate_pem(self.der())
    }
}

/// The kinds of stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// The system's store: OpenSSL, curl, GnuTLS, wget, Go, Python's ssl module
    System,
    /// NSS databases: Firefox, Thunderbird, Chromium and its kin
    Nss,
    /// Java's cacerts
    Java,
}

/// What a store makes of a root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Absent,
    /// Trusted, and put there by us.
    Ours,
    /// Put there by us, and not trusted: somebody has changed it, or it was cut short.
    Unfinished,
    /// Trusted, and put there by somebody else.
    Theirs,
    /// There, not trusted, and not ours to change.
    Untrusted,
}

/// Why a store was not changed.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is the root user's.
    NeedsRoot,
    /// What the program or the system said.
    Failed(String),
}

/// One store.
pub(crate) trait Place {
    fn kind(&self) -> Kind;
    /// Its file or folder.
    fn path(&self) -> &Path;
    /// Whether the root is in it.
    fn find(&self, anchor: &Anchor) -> Result<Found, Refusal>;
    /// Puts it there.
    fn install(&self, anchor: &Anchor) -> Result<(), Refusal>;
    /// Takes out what [`Place::install`] put there.
    fn remove(&self, anchor: &Anchor) -> Result<(), Refusal>;
    /// Sets of roots that it trusts, with the command that prints each as PEM.
    fn printed(&self) -> Vec<Printed>;
    /// What [`Place::install`] and [`Place::remove`] do, as a command.
    fn command(&self, anchor: &Anchor, install: bool) -> String;
}

/// Roots of a store, and how to get them out of it.
#[derive(Debug)]
pub(crate) struct Printed {
    /// In DER.
    pub(crate) roots: Vec<Vec<u8>>,
    /// Prints them.
    pub(crate) command: String,
}

/// Where stores are looked for.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The folder that is `/`.
    pub(crate) root: PathBuf,
    /// The user's folder, below which browsers keep their profiles.
    pub(crate) home: Option<PathBuf>,
    /// Only stores of this kind.
    pub(crate) only: Vec<Kind>,
}

/// The stores of a machine, and what is there and cannot be reached.
pub(crate) struct Places {
    pub(crate) places: Vec<Box<dyn Place>>,
    pub(crate) missed: Vec<String>,
}

impl Scope {
    fn wants(&self, kind: Kind) -> bool {
        self.only.is_empty() || self.only.contains(&kind)
    }

    /// All stores within it.
    pub(crate) fn places(&self) -> Places {
        let mut found = Places { places: Vec::new(), missed: Vec::new() };
        if self.wants(Kind::System) {
            system::add(&self.root, &mut found);
        }
        if self.wants(Kind::Nss)
            && let Some(home) = &self.home
        {
            nss::add(home, &mut found);
        }
        if self.wants(Kind::Java) {
            java::add(&self.root, &mut found);
        }
        found
    }
}

/// The certificates of a file or of a program's words.
fn certificates(bytes: &[u8]) -> Vec<Vec<u8>> {
    let blocks = Input::read(bytes).blocks.into_iter();
    blocks.filter(|block| block.kind == BlockKind::Certificate).map(|block| block.der.to_vec()).collect()
}

fn io(error: &std::io::Error) -> Refusal {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Refusal::NeedsRoot,
        _ => Refusal::Failed(error.to_string()),
    }
}
