//! An issued certificate in the forms that other programs take. Pure: what is written was read from the store before
//! ([`crate::store::Store::export`]), and nothing here touches a disk.
//!
//! ```text
//! Store::export ─► Export ─► pkcs12 | pkcs7 | bundle | haproxy | der ─► store::write_out
//! ```

mod der;
mod pkcs12;
mod pkcs7;
mod seal;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use zeroize::Zeroizing;

pub use seal::{Lock, ROUNDS};

use crate::error::Error;
use crate::facts::to_pem;
use crate::key::Passphrase;
use crate::profile::Purpose;
use crate::reason::Reason;
use crate::store::certificate_pem;

/// A certificate with all that belongs to it, in DER.
pub struct Export {
    /// The name that it is known by.
    pub name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Why it is revoked, if it is.
    pub revoked: Option<Reason>,
    /// Whether another has taken its place and is in use.
    pub is_replaced: bool,
    /// The certificate.
    pub certificate: Vec<u8>,
    /// The CAs between it and the roots, its issuer first.
    pub between: Vec<Vec<u8>>,
    /// What the other side trusts: one root, or more while one takes the place of another.
    pub roots: Vec<Vec<u8>>,
    /// The CA's revocation lists, where there are any.
    pub crls: Vec<Vec<u8>>,
    /// The private key, PKCS#8; none where a request was signed.
    pub(crate) key: Option<Zeroizing<Vec<u8>>>,
    /// Whether the key was made here, and where it belongs.
    pub(crate) key_here: Option<bool>,
    pub(crate) key_path: PathBuf,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Export {
    /// The private key, PKCS#8 in DER.
    ///
    /// # Errors
    /// [`Error::KeyElsewhere`] where the store has none, and [`Error::KeyLost`] where it should.
    pub fn key(&self) -> Result<&[u8], Error> {
        let name = || self.name.clone();
        self.key.as_deref().map(Vec::as_slice).ok_or_else(|| match self.key_here {
            Some(true) => Error::KeyLost { name: name(), key: self.key_path.clone() },
            known => Error::KeyElsewhere { name: name(), is_known: known.is_some() },
        })
    }

    /// A PKCS#12 file of certificate, key, the CAs between and the roots.
    ///
    /// # Errors
    /// [`Error::KeyElsewhere`], [`Error::ExportPasswordEmpty`] or [`Error::Crypto`].
    pub fn pkcs12(&self, passphrase: &Passphrase, lock: Lock) -> Result<Zeroizing<Vec<u8>>, Error> {
        if passphrase.expose().is_empty() {
            return Err(Error::ExportPasswordEmpty);
        }
        pkcs12::write(self, passphrase, lock)
    }

    /// A PKCS#7 file of the certificate, the CAs between and the roots, in DER: no key.
    pub fn pkcs7(&self) -> Vec<u8> {
        pkcs7::write(self).to_vec()
    }

    /// The same in PEM (RFC 7468, 8).
    pub fn pkcs7_pem(&self) -> String {
        to_pem("PKCS7", &self.pkcs7())
    }

    /// All that another machine needs, in one PEM: certificate, CAs between, key, roots and revocation lists. Programs
    /// that read only certificate and key from it (HAProxy, curl) find them first.
    ///
    /// # Errors
    /// [`Error::KeyElsewhere`].
    pub fn bundle(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let roots: String = self.roots.iter().map(|der| certificate_pem(der)).collect();
        let crls: String = self.crls.iter().map(|der| to_pem("X509 CRL", der)).collect();
        let own = self.haproxy()?;
        Ok(joined(&[&own, roots.as_bytes(), crls.as_bytes()]))
    }

    /// Certificate, CAs between and key in one PEM, as HAProxy's `crt` takes them.
    ///
    /// # Errors
    /// [`Error::KeyElsewhere`].
    pub fn haproxy(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let key = Zeroizing::new(to_pem("PRIVATE KEY", self.key()?));
        let chain: String =
            std::iter::once(&self.certificate).chain(&self.between).map(|der| certificate_pem(der)).collect();
        Ok(joined(&[chain.as_bytes(), key.as_bytes()]))
    }
}

/// The parts in one buffer of the right size from the start, so that no copy of a key is left behind by a growing one.
fn joined(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(parts.concat())
}
