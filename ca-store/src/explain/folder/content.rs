//! What a folder's files hold.

use crate::container;
use crate::facts::{
    Block, BlockKind, Certificate, CertificateRequest, Crl, Fault, Input, Lock, PrivateKey, PublicKey,
    begins_as_certificate, escape, hex, sha256,
};
use crate::finding::FileError;
use crate::key::Passphrase;

use super::FolderFile;

/// A file and what could be made out in it.
pub(super) struct Content<'a> {
    pub(super) file: &'a FolderFile,
    /// Its name, escaped.
    pub(super) shown: String,
    pub(super) faults: Vec<Fault>,
    pub(super) certificates: Vec<Certificate>,
    pub(super) keys: Vec<PrivateKey>,
    pub(super) requests: Vec<CertificateRequest>,
    pub(super) crls: Vec<Crl>,
    /// Blocks of other kinds, and blocks that could not be parsed, each with its line and what it is.
    pub(super) others: Vec<Other>,
    /// PEM, DER, or the name of the container.
    pub(super) form: &'static str,
    /// What tells two files of the same content: a hash of all blocks.
    pub(super) digest: Option<String>,
}

/// A block that is none of those.
pub(super) enum Other {
    EncryptedKey,
    PublicKey,
    SshKey,
    /// Parameters and the like, by label.
    Unknown(String),
    /// The label promised it, and it does not parse.
    Corrupt {
        line: usize,
        label: String,
        error: String,
    },
}

/// Reads all of them.
pub(super) fn read<'a>(files: &'a [FolderFile], passphrase: Option<&Passphrase>) -> Vec<Content<'a>> {
    files.iter().map(|file| Content::read(file, passphrase)).collect()
}

impl<'a> Content<'a> {
    fn read(file: &'a FolderFile, passphrase: Option<&Passphrase>) -> Content<'a> {
        let mut content = Content {
            file,
            shown: escape(&file.name),
            faults: Vec::new(),
            certificates: Vec::new(),
            keys: Vec::new(),
            requests: Vec::new(),
            crls: Vec::new(),
            others: Vec::new(),
            form: "",
            digest: None,
        };
        if let Ok(bytes) = &file.content {
            let input = container::open(Input::read(bytes), passphrase);
            content.form = form(&input);
            content.digest = digest(&input.blocks);
            input.blocks.iter().for_each(|block| content.take(block));
            content.faults = input.faults;
        }
        content
    }

    fn take(&mut self, block: &Block) {
        let corrupt = |error: String| Other::Corrupt { line: block.line, label: block.label.clone(), error };
        match block.kind {
            BlockKind::Certificate => match Certificate::from_der(&block.der) {
                Ok(certificate) => self.certificates.push(certificate),
                Err(error) => self.others.push(corrupt(error.to_string())),
            },
            BlockKind::PrivateKey => match PrivateKey::from_der(&block.der) {
                Ok(key) => self.keys.push(key),
                Err(error) => self.others.push(corrupt(error.to_string())),
            },
            BlockKind::CertificateRequest => match CertificateRequest::from_der(&block.der) {
                Ok(request) => self.requests.push(request),
                Err(error) => self.others.push(corrupt(error.to_string())),
            },
            BlockKind::Crl => match Crl::from_der(&block.der) {
                Ok(crl) => self.crls.push(crl),
                Err(error) => self.others.push(corrupt(error.to_string())),
            },
            BlockKind::EncryptedKey => self.others.push(Other::EncryptedKey),
            BlockKind::PublicKey => self.others.push(Other::PublicKey),
            BlockKind::OpenSshKey => self.others.push(Other::SshKey),
            BlockKind::Pkcs7 | BlockKind::Pkcs12 | BlockKind::JavaKeyStore => {}
            BlockKind::Other if block.label.is_empty() && begins_as_certificate(&block.der) => {
                let error = Certificate::from_der(&block.der).err().map(|error| error.to_string());
                self.others.push(corrupt(error.unwrap_or_default()));
            }
            BlockKind::Other => self.others.push(Other::Unknown(block.label.clone())),
        }
    }

    /// The file's bytes, as evidence takes them.
    pub(super) fn bytes(&self) -> Result<&[u8], FileError> {
        self.file.content.as_ref().map(|bytes| bytes.as_slice()).map_err(Clone::clone)
    }

    /// Certificates were meant to be in it, or may have been, and cannot be read.
    pub(super) fn is_damaged(&self) -> bool {
        let empty = self.certificates.is_empty() && self.keys.is_empty() && self.requests.is_empty();
        let locked = self.is_closed();
        let corrupt = self.others.iter().any(|other| matches!(other, Other::Corrupt { .. }));
        locked || corrupt || (empty && self.crls.is_empty() && self.others.is_empty() && self.is_ours())
    }

    /// It speaks of certificates, by its content or its name; a `README` does not.
    pub(super) fn is_ours(&self) -> bool {
        let something = |fault: &Fault| {
            !matches!(
                fault,
                Fault::SurroundingText { .. } | Fault::CommentedOut { .. } | Fault::NothingFound(_) | Fault::Empty
            )
        };
        let held = !(self.certificates.is_empty() && self.keys.is_empty() && self.requests.is_empty());
        held || !self.crls.is_empty()
            || !self.others.is_empty()
            || self.faults.iter().any(something)
            || is_named_for_it(&self.file.name)
    }

    /// The letters behind the last dot of the name, in lower case.
    pub(super) fn extension(&self) -> String {
        extension(&self.file.name)
    }

    /// The name without its extension: `server.crt` lies beside `server.key`.
    pub(super) fn stem(&self) -> Option<&str> {
        self.file.name.rsplit_once('.').map(|(stem, _)| stem)
    }

    /// The same without the folder.
    pub(super) fn base_stem(&self) -> Option<&str> {
        self.stem().and_then(|stem| stem.rsplit('/').next())
    }

    /// Whether it has revocation lists, and each is in one of those files as well.
    pub(super) fn has_lists_of(&self, others: &[&Content<'_>]) -> bool {
        let known = |crl: &Crl| others.iter().flat_map(|other| &other.crls).any(|it| it.der() == crl.der());
        !self.crls.is_empty() && self.crls.iter().all(known)
    }

    /// Whether the file has the private key of that public key.
    pub(super) fn has_key_of(&self, public: &PublicKey) -> bool {
        self.keys.iter().any(|key| key.public_key.as_ref().is_some_and(|own| own.same_as(public)))
    }

    /// Whether it is a container that could not be opened, so that a key may be in it.
    pub(super) fn is_closed(&self) -> bool {
        let mut locks = self.faults.iter();
        locks.any(|fault| matches!(fault, Fault::Pkcs12(lock) | Fault::Jks(lock) if *lock != Lock::Open))
    }

    /// Whether there is a key in it that is locked.
    pub(super) fn has_locked_key(&self) -> bool {
        self.others.iter().any(|other| matches!(other, Other::EncryptedKey))
    }
}

/// Extensions that files of this kind have.
const EXTENSIONS: [&str; 15] =
    ["pem", "crt", "cer", "cert", "key", "csr", "req", "crl", "der", "p7b", "p7c", "p12", "pfx", "jks", "keystore"];

fn extension(name: &str) -> String {
    let base = name.rsplit('/').next().unwrap_or_default();
    base.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Whether a file has an extension that files of certificates and keys have.
#[must_use]
pub fn is_named_for_it(name: &str) -> bool {
    EXTENSIONS.contains(&extension(name).as_str())
}

fn form(input: &Input) -> &'static str {
    let of = |fault: &Fault| match fault {
        Fault::Pkcs12(_) => Some("PKCS#12"),
        Fault::Pkcs7(_) => Some("PKCS#7"),
        Fault::Jks(_) => Some("Java key store"),
        Fault::Der | Fault::TruncatedDer { .. } => Some("DER"),
        Fault::Utf16 => Some("PEM in UTF-16"),
        _ => None,
    };
    let named = input.faults.iter().find_map(of);
    named.unwrap_or(if input.blocks.is_empty() { "" } else { "PEM" })
}

fn digest(blocks: &[Block]) -> Option<String> {
    let all: Vec<u8> = blocks.iter().flat_map(|block| sha256(&block.der)).collect();
    (!all.is_empty()).then(|| hex(&sha256(&all)))
}
