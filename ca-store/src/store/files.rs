//! The files of an issued certificate, under the names that server administrators know.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::authority::Authority;
use crate::error::Error;
use crate::store::atomic;
use crate::store::layout::{CA_FILE, CERT, CHAIN, FULLCHAIN, ISSUED, IssuedFile, PRIVKEY};

/// Where the files of a certificate are.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct IssuedFiles {
    /// Their folder.
    pub folder: PathBuf,
    /// The certificate alone.
    pub cert: PathBuf,
    /// The CAs above it: the intermediate, or the root where the root issues itself.
    pub chain: PathBuf,
    /// The certificate, and the intermediate after it: what a server sends.
    pub fullchain: PathBuf,
    /// The private key; not there where a request was signed.
    pub privkey: PathBuf,
    /// The root: what the other side trusts.
    pub ca: PathBuf,
}

impl IssuedFiles {
    /// The files in `folder`.
    pub(crate) fn in_folder(folder: &Path) -> IssuedFiles {
        let path = |file: IssuedFile| folder.join(file.name);
        IssuedFiles {
            folder: folder.to_owned(),
            cert: path(CERT),
            chain: path(CHAIN),
            fullchain: path(FULLCHAIN),
            privkey: path(PRIVKEY),
            ca: path(CA_FILE),
        }
    }
}

/// The contents of the files.
pub(crate) struct Contents {
    cert: String,
    chain: String,
    ca: String,
    key: Option<Zeroizing<String>>,
}

impl Contents {
    /// Of the certificate `der` below `chain`, with its key where that was made here.
    pub(crate) fn new(der: &[u8], chain: &[Authority], key: Option<Zeroizing<String>>) -> Contents {
        let pems: Vec<String> = chain.iter().map(|ca| certificate_pem(ca.certificate.der())).collect();
        let (root, between) = pems.split_last().expect("a chain has at least its root");
        Contents { cert: certificate_pem(der), chain: between.concat(), ca: root.clone(), key }
    }

    fn files(&self) -> Vec<(IssuedFile, Zeroizing<String>)> {
        let open = |text: &str| Zeroizing::new(text.to_owned());
        // An empty file is read by no program, so chain.pem holds the root where nothing stands between.
        let chain = if self.chain.is_empty() { &self.ca } else { &self.chain };
        let mut files = vec![
            (CHAIN, open(chain)),
            (FULLCHAIN, open(&format!("{}{}", self.cert, self.chain))),
            (CA_FILE, open(&self.ca)),
            (CERT, open(&self.cert)),
        ];
        files.extend(self.key.clone().map(|key| (PRIVKEY, key)));
        files
    }

    /// Makes the folder with the files in it, all at once.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn create_folder(&self, folder: &Path) -> Result<(), Error> {
        let files = self.files();
        let files: Vec<_> = files.iter().map(|(file, text)| (file.name, text.as_bytes(), file.mode)).collect();
        atomic::create_folder(folder, &files)
    }

    /// Puts each file in place of the one that is there, the private key first and the certificate last, so that the
    /// certificate is never there without its key.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn replace_in(&self, folder: &Path) -> Result<(), Error> {
        for (file, text) in self.files().iter().rev().filter(|(file, _)| file.name == PRIVKEY.name) {
            atomic::replace(&folder.join(file.name), text.as_bytes(), file.mode)?;
        }
        for (file, text) in self.files().iter().filter(|(file, _)| file.name != PRIVKEY.name) {
            atomic::replace(&folder.join(file.name), text.as_bytes(), file.mode)?;
        }
        Ok(())
    }
}

/// Refuses a folder that has one of the files already.
///
/// # Errors
/// [`Error::OutputExists`].
pub(crate) fn refuse_existing(folder: &Path) -> Result<(), Error> {
    match ISSUED.iter().map(|file| folder.join(file.name)).find(|path| path.exists()) {
        Some(path) => Err(Error::OutputExists { path }),
        None => Ok(()),
    }
}

/// A certificate in PEM, lines of 64 characters (RFC 7468).
pub fn certificate_pem(der: &[u8]) -> String {
    pkcs8::der::pem::encode_string("CERTIFICATE", pkcs8::LineEnding::LF, der)
        .expect("the label is a valid one and the length has no bound in reach")
}
