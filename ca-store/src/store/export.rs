//! What leaves the store: a certificate with its key, read for export, and the file that it is written to.

use std::fs;
use std::path::Path;

use zeroize::Zeroizing;

use super::atomic;
use super::layout::{PUBLIC_MODE, SECRET_MODE};
use super::permission::check_target;
use super::{IndexEntry, IssuedFiles, Store};
use crate::error::{AtPath as _, Error, InTheWayOf};
use crate::export::Export;
use crate::facts::{BlockKind, Certificate, Input, PrivateKey};

/// Who may read a file that is written for the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// The owner alone, from the moment it exists: it holds a key.
    Owner,
    /// Everybody: certificates are made to be shown.
    All,
}

impl Store {
    /// The certificate of this name or serial number, with its key where the store has it.
    ///
    /// # Errors
    /// [`Error::NotIssued`], [`Error::KeyNotCertificates`], [`Error::Permissions`], [`Error::LinkInStore`], or
    /// [`Error::Io`].
    pub fn export(&self, name: &str) -> Result<Export, Error> {
        let entry = self.show(name)?;
        let files = self.own_files(&entry)?;
        let roots = blocks(&files.ca, BlockKind::Certificate)?;
        // Where the root issues itself, it stands in chain.pem as well.
        let mut between = blocks(&files.chain, BlockKind::Certificate)?;
        between.retain(|der| !roots.contains(der));
        let crls = self.crl_path().map(|path| blocks(&path, BlockKind::Crl)).transpose()?.unwrap_or_default();
        let key = if files.privkey.exists() { Some(key(&files, &entry)?) } else { None };
        let is_replaced = entry.replaced_by.is_some() && self.show(&entry.name)?.revoked.is_none();
        Ok(Export {
            is_replaced,
            name: entry.name,
            purpose: entry.purpose,
            revoked: entry.revoked.map(|_| entry.reason.unwrap_or_default()),
            certificate: entry.der,
            between,
            roots,
            crls,
            key,
            key_here: entry.key_here,
            key_path: files.privkey,
        })
    }

    /// The roots that clients and servers trust, in DER.
    ///
    /// # Errors
    /// [`Error::NoCa`] or [`Error::Io`].
    pub fn roots(&self) -> Result<Vec<Vec<u8>>, Error> {
        let path = self.root_pem_path();
        if !path.exists() {
            return Err(Error::NoCa { dir: self.dir().to_owned() });
        }
        blocks(&path, BlockKind::Certificate)
    }
}

fn blocks(path: &Path, kind: BlockKind) -> Result<Vec<Vec<u8>>, Error> {
    let input = Input::read(&fs::read(path).at("read", path)?);
    let wanted = input.blocks.into_iter().filter(|block| block.kind == kind);
    Ok(wanted.map(|block| block.der.to_vec()).collect())
}

/// The key, if it is the certificate's: a file that was put there later is not handed out as one.
fn key(files: &IssuedFiles, entry: &IndexEntry) -> Result<Zeroizing<Vec<u8>>, Error> {
    let path = &files.privkey;
    let input = Input::read(&Store::read_private_key(path)?);
    let block = input.blocks.into_iter().find(|block| block.kind == BlockKind::PrivateKey);
    let block = block.ok_or_else(|| Error::KeyMalformed { path: path.clone(), found: "no such block".to_owned() })?;
    let of_key = PrivateKey::from_der(&block.der).ok().and_then(|key| key.public_key);
    let of_certificate = Certificate::from_der(&entry.der).map(|certificate| certificate.public_key.clone());
    match (of_key, of_certificate) {
        (Some(key), Ok(certificate)) if key.same_as(&certificate) => Ok(block.der),
        _ => Err(Error::KeyNotCertificates { key: path.clone(), name: entry.name.clone() }),
    }
}

/// Whether there is no private key in a file, not even one that is encrypted.
pub(crate) fn holds_no_key(input: &Input) -> bool {
    !input.blocks.iter().any(|block| match block.kind {
        BlockKind::PrivateKey => PrivateKey::from_der(&block.der).is_ok(),
        BlockKind::EncryptedKey | BlockKind::OpenSshKey => true,
        _ => false,
    })
}

/// Refuses a file that is there, before anything is said of it; or a folder that it cannot be written into.
///
/// # Errors
/// [`Error::OutputExists`] or [`Error::OutputUnwritable`].
pub fn check_new(path: &Path, replace: bool) -> Result<(), Error> {
    if !replace && path.symlink_metadata().is_ok() {
        return Err(Error::OutputExists { path: path.to_owned(), of: InTheWayOf::Export });
    }
    let folder = atomic::parent_of(path);
    match folder.is_dir() {
        true => check_target(folder),
        false => Err(Error::OutputUnwritable { path: path.to_owned(), source: std::io::ErrorKind::NotFound.into() }),
    }
}

/// Writes a file for the user; over one that is there only where `replace` says so.
///
/// # Errors
/// [`Error::OutputExists`] or [`Error::OutputUnwritable`].
pub fn write_out(path: &Path, bytes: &[u8], readers: Readers, replace: bool) -> Result<(), Error> {
    let mode = match readers {
        Readers::Owner => SECRET_MODE,
        Readers::All => PUBLIC_MODE,
    };
    let written = if replace { atomic::replace(path, bytes, mode) } else { create_whole(path, bytes, mode) };
    written.map_err(|error| match error {
        Error::Io { source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists => {
            Error::OutputExists { path: path.to_owned(), of: InTheWayOf::Export }
        }
        Error::Io { source, .. } => Error::OutputUnwritable { path: path.to_owned(), source },
        error => error,
    })
}

/// A file that could not be written whole is taken away again.
fn create_whole(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    atomic::create(path, bytes, mode).inspect_err(|error| {
        // What was there before is not ours; of the others the first error is the one to report.
        if !matches!(error, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists) {
            let _ = fs::remove_file(path);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn nothing_is_written_over_unless_it_is_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alice.p12");
        write_out(&path, b"first", Readers::Owner, false).unwrap();
        assert!(matches!(write_out(&path, b"x", Readers::Owner, false), Err(Error::OutputExists { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"first");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write_out(&path, b"second", Readers::Owner, true).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&path).unwrap(), b"second");
        let nowhere = dir.path().join("none/alice.p12");
        assert!(matches!(write_out(&nowhere, b"x", Readers::All, false), Err(Error::OutputUnwritable { .. })));
    }
}
