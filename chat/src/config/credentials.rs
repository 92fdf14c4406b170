//! Which certificate, key and trust are meant, of all that flags and file may name.

use std::path::PathBuf;

use super::file::TlsSection;
use super::settings::{Flags, SettingsError};

/// Where the server's certificate, key and trust come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A store; `None` is the platform's.
    Store(Option<PathBuf>),
    /// Files, on a machine that has no CA.
    Files {
        /// The certificate chain, leaf first.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
        /// The CA certificates that clients must lead to.
        trust: Option<PathBuf>,
        /// Their revocation list.
        crl: Option<PathBuf>,
    },
    /// All of them in one file.
    Bundle {
        /// PEM or PKCS#12.
        file: PathBuf,
        /// What opens it.
        passphrase_file: Option<PathBuf>,
        /// A later revocation list than the one in it.
        crl: Option<PathBuf>,
    },
}

/// A flag for a file also sets aside the file's store, and the other way round: what is typed wins as a whole.
pub(super) fn credentials(flags: &Flags, file: TlsSection) -> Result<Credentials, SettingsError> {
    let typed_files = flags.certificate.is_some() || flags.key.is_some();
    if typed_files && flags.store.is_some() {
        return Err(SettingsError::StoreAndFiles);
    }
    if let Some(credentials) = bundle(flags, &file, typed_files)? {
        return Ok(credentials);
    }
    if let Some(store) = &flags.store {
        beside_store(flags.trust.is_some(), flags.crl.is_some())?;
        return Ok(Credentials::Store(Some(store.clone())));
    }
    let (certificate, key, trust, crl) = if typed_files {
        (flags.certificate.clone(), flags.key.clone(), flags.trust.clone(), flags.crl.clone())
    } else {
        let trust = flags.trust.clone().or(file.trust);
        (file.certificate, file.key, trust, flags.crl.clone().or(file.crl))
    };
    match (certificate, key) {
        (Some(_), Some(_)) if !typed_files && file.store.is_some() => Err(SettingsError::StoreAndFiles),
        (Some(certificate), Some(key)) => Ok(Credentials::Files { certificate, key, trust, crl }),
        (Some(_), None) => {
            Err(SettingsError::HalfACredential { given: "a certificate", missing: "its key (--key FILE)" })
        }
        (None, Some(_)) => {
            Err(SettingsError::HalfACredential { given: "a key", missing: "its certificate (--cert FILE)" })
        }
        (None, None) => {
            beside_store(trust.is_some(), crl.is_some())?;
            Ok(Credentials::Store(file.store))
        }
    }
}

/// What a store has itself is not taken from elsewhere, nor left out in silence.
fn beside_store(trust: bool, crl: bool) -> Result<(), SettingsError> {
    match (trust, crl) {
        (true, _) => Err(SettingsError::BesideStore { given: "another trust (--trust FILE)" }),
        (_, true) => Err(SettingsError::BesideStore { given: "another revocation list (--crl FILE)" }),
        _ => Ok(()),
    }
}

/// The bundle, typed or of the file; a typed store or certificate sets the file's aside.
fn bundle(flags: &Flags, file: &TlsSection, typed_files: bool) -> Result<Option<Credentials>, SettingsError> {
    let (path, passphrase_file, more) = if flags.bundle.is_some() {
        (&flags.bundle, &flags.passphrase_file, typed_files || flags.store.is_some() || flags.trust.is_some())
    } else if typed_files || flags.store.is_some() {
        return Ok(None);
    } else {
        let more = file.store.is_some() || file.certificate.is_some() || file.key.is_some() || file.trust.is_some();
        (&file.bundle, &file.passphrase_file, more || flags.trust.is_some())
    };
    let Some(path) = path else { return Ok(None) };
    if more {
        return Err(SettingsError::BundleAndMore);
    }
    // A list that is refreshed beside the node goes on to hold: to leave it out in silence would let in whom it refuses.
    let crl = flags.crl.clone().or_else(|| file.crl.clone());
    Ok(Some(Credentials::Bundle { file: path.clone(), passphrase_file: passphrase_file.clone(), crl }))
}
