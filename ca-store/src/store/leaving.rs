//! What leaves the store, or is done with it to the machine: the log has it first. An entry without a deed says too much, a deed
//! without an entry too little.
//!
//! ```text
//! Leaving ─► Store::log_export ─► Noted ─► write_export
//! ```
//!
//! Whoever can read a store and not change it (a backup on a medium that nobody can write) could copy the key by other means,
//! so that is no reason to refuse; it is told.

use std::path::Path;

use serde_json::Value;

use super::export::{Readers, write_out};
use super::log::{Kind, Operation};
use super::{Store, permission};
use crate::error::{AtPath as _, Error};
use crate::export::Export;
use crate::facts;

/// What is about to be given out.
#[derive(Debug)]
pub struct Leaving<'a> {
    /// The certificate; none: the roots alone.
    pub export: Option<&'a Export>,
    /// In which form: `p12`, `bundle`, `haproxy`, `der` or `ca`.
    pub form: &'static str,
    /// Whether its private key goes along.
    pub key: bool,
    /// Whether that is under a password.
    pub sealed: bool,
    /// To which file; none: standard output.
    pub to: Option<&'a Path>,
}

/// What is about to be done to this machine's stores of trusted certificates.
#[derive(Debug)]
pub struct TrustChange<'a> {
    /// `install` or `uninstall`.
    pub action: &'static str,
    /// SHA-256 of each root, in hexadecimal.
    pub roots: Vec<&'a str>,
    /// The stores, by their files or folders.
    pub stores: Vec<&'a Path>,
}

/// That something was put into the log before it is done, or that it could not be.
#[derive(Debug)]
#[must_use = "what was put into the log is to be done"]
pub struct Noted {
    logged: bool,
}

impl Noted {
    /// Whether the log has it; not where the store cannot be written.
    pub fn is_logged(&self) -> bool {
        self.logged
    }
}

impl Store {
    /// Puts an export into the log, before it exists.
    ///
    /// # Errors
    /// [`Error::StoreLocked`], [`Error::Index`] and its kin: nothing may be given out then.
    pub fn log_export(&self, leaving: &Leaving<'_>) -> Result<Noted, Error> {
        self.note(leaving.operation()?)
    }

    /// Puts a change of trust into the log, before it is made.
    ///
    /// # Errors
    /// As [`Store::log_export`].
    pub fn log_trust(&self, change: &TrustChange<'_>) -> Result<Noted, Error> {
        self.note(change.operation().with("stores", change.stores()))
    }

    /// Adds which of these stores were left as they were after all.
    ///
    /// # Errors
    /// As [`Store::log_export`].
    pub fn log_untouched(&self, change: &TrustChange<'_>) -> Result<Noted, Error> {
        self.note(change.operation().with("not_changed", change.stores()))
    }

    fn note(&self, operation: Operation) -> Result<Noted, Error> {
        if !permission::is_writable(self.dir()) {
            return Ok(Noted { logged: false });
        }
        self.write()?.index().change(&[operation], None, |_| Ok(()))?;
        Ok(Noted { logged: true })
    }
}

impl Leaving<'_> {
    fn operation(&self) -> Result<Operation, Error> {
        // The log outlives the working directory.
        let to = self.to.map(|path| std::path::absolute(path).at("find", path)).transpose()?;
        let to = to.map_or_else(|| "-".to_owned(), |path| path.display().to_string());
        let operation = Operation::new(Kind::Export).with("form", self.form).with("key", self.key);
        let operation = operation.with("sealed", self.sealed).with("to", to);
        let Some(export) = self.export else { return Ok(operation) };
        let certificate = facts::Certificate::from_der(&export.certificate);
        let serial = certificate.map(|certificate| certificate.serial_hex()).unwrap_or_default();
        let sha256 = facts::hex(&facts::sha256(&export.certificate));
        Ok(operation.with("name", export.name.as_str()).with("serial", serial).with("sha256", sha256))
    }
}

impl TrustChange<'_> {
    fn operation(&self) -> Operation {
        let roots: Vec<Value> = self.roots.iter().map(|sha256| (*sha256).into()).collect();
        Operation::new(Kind::Trust).with("action", self.action).with("roots", roots)
    }

    fn stores(&self) -> Vec<Value> {
        self.stores.iter().map(|path| path.display().to_string().into()).collect()
    }
}

/// Writes a file that leaves the store; over one that is there only where `replace` says so.
///
/// # Errors
/// As [`write_out`].
pub fn write_export(_: &Noted, path: &Path, bytes: &[u8], readers: Readers, replace: bool) -> Result<(), Error> {
    write_out(path, bytes, readers, replace)
}
