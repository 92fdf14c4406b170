//! The files of an issued certificate, under the names that server administrators know.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::authority::Chain;
use crate::error::{Error, InTheWayOf};
use crate::facts;
use crate::serial::Serial;
use crate::store::atomic;
use crate::store::layout::{CA_FILE, CERT, CHAIN, FULLCHAIN, ISSUED, IssuedFile, PRIVKEY};

/// Where the files of a certificate are.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct IssuedFiles {
    /// Their folder.
    pub folder: PathBuf,
    /// The certificate alone.
    pub cert: PathBuf,
    /// The CAs above it: the intermediate, and what leads to an old root; or the root where nothing is between.
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

/// The CAs above a certificate in PEM; encoded once for many certificates.
#[derive(Debug, Clone)]
pub(crate) struct ChainPem {
    sent: String,
    trusted: String,
}

impl ChainPem {
    /// Of this chain.
    pub(crate) fn new(chain: &Chain) -> ChainPem {
        ChainPem {
            sent: chain.sent().map(certificate_pem).collect(),
            trusted: chain.trusted().map(certificate_pem).collect(),
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
    pub(crate) fn new(der: &[u8], chain: &Chain, key: Option<Zeroizing<String>>) -> Contents {
        Contents::below(der, &ChainPem::new(chain), key)
    }

    /// The same below a chain that is in PEM already.
    pub(crate) fn below(der: &[u8], chain: &ChainPem, key: Option<Zeroizing<String>>) -> Contents {
        Contents { cert: certificate_pem(der), chain: chain.sent.clone(), ca: chain.trusted.clone(), key }
    }

    /// The certificate.
    pub(crate) fn cert(&self) -> &str {
        &self.cert
    }

    /// What is sent along, or the root where nothing stands between: an empty file is read by no program.
    pub(crate) fn chain(&self) -> &str {
        if self.chain.is_empty() { &self.ca } else { &self.chain }
    }

    /// The private key, where it was made here.
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.as_str())
    }

    /// In the order in which they are put in place: the private key right before the certificate that a server reads, and
    /// last the certificate alone, by which [`resume`] tells how far it went.
    pub(crate) fn files(&self) -> Vec<(IssuedFile, Zeroizing<String>)> {
        let open = |text: &str| Zeroizing::new(text.to_owned());
        let mut files = vec![(CHAIN, open(self.chain())), (CA_FILE, open(&self.ca))];
        files.extend(self.key.clone().map(|key| (PRIVKEY, key)));
        files.push((FULLCHAIN, open(&format!("{}{}", self.cert, self.chain))));
        files.push((CERT, open(&self.cert)));
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

    /// Puts each file in place of the one that is there. All of them are written beside their places first, the certificate
    /// last: until it is there nothing has changed, and from then on [`resume`] finishes what a crash cuts short. So no key is
    /// left beside a certificate that is not its own.
    ///
    /// # Errors
    /// [`Error::Io`]; where it is of the writing, the folder is as it was.
    pub(crate) fn replace_in(&self, folder: &Path) -> Result<(), Error> {
        discard(folder)?;
        if let Err(error) = self.stage_in(folder) {
            // The first error is the one to report; drafts that stay are removed by the next writer.
            let _ = discard(folder);
            return Err(error);
        }
        put_in_place(folder)
    }

    fn stage_in(&self, folder: &Path) -> Result<(), Error> {
        for (file, text) in &self.files() {
            if file.name == CERT.name {
                atomic::sync_folder(folder)?;
            }
            atomic::stage(&folder.join(file.name), text.as_bytes(), file.mode)?;
        }
        atomic::sync_folder(folder)
    }
}

/// The order of [`Contents::files`].
const PLACED: [IssuedFile; 5] = [CHAIN, CA_FILE, PRIVKEY, FULLCHAIN, CERT];

fn put_in_place(folder: &Path) -> Result<(), Error> {
    PLACED.iter().try_for_each(|file| atomic::place(&folder.join(file.name)))?;
    atomic::sync_folder(folder)
}

fn discard(folder: &Path) -> Result<(), Error> {
    PLACED.iter().try_for_each(|file| atomic::unstage(&folder.join(file.name)))
}

/// Finishes a writing into `folder` that was cut short, and gives the certificate, if it is the one with this serial number
/// and was written whole; otherwise takes the drafts away, and the folder is as it was before. The caller holds the lock.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn resume(folder: &Path, serial: Serial) -> Result<Option<Vec<u8>>, Error> {
    let place = folder.join(CERT.name);
    let of_serial = |path: &Path| certificate_of(path).filter(|certificate| certificate.serial == serial.octets());
    let Some(found) = of_serial(&atomic::draft_of(&place)).or_else(|| of_serial(&place)) else {
        return discard(folder).map(|()| None);
    };
    put_in_place(folder)?;
    Ok(Some(found.der().to_vec()))
}

/// The certificate of a file that holds one whole, and nothing else.
fn certificate_of(path: &Path) -> Option<facts::Certificate> {
    let input = facts::Input::read(&std::fs::read(path).ok()?);
    let [block] = input.blocks.as_slice() else { return None };
    facts::Certificate::from_der(&block.der).ok()
}

/// Refuses a folder that has one of the files already.
///
/// # Errors
/// [`Error::OutputExists`].
pub(crate) fn refuse_existing(folder: &Path) -> Result<(), Error> {
    match ISSUED.iter().map(|file| folder.join(file.name)).find(|path| path.exists()) {
        Some(path) => Err(Error::OutputExists { path, of: InTheWayOf::Certificate }),
        None => Ok(()),
    }
}

/// The first file of a certificate with a key that is not in `folder`.
pub(crate) fn missing_file(folder: &Path) -> Option<PathBuf> {
    ISSUED.iter().map(|file| folder.join(file.name)).find(|path| !path.exists())
}

/// A certificate in PEM, lines of 64 characters (RFC 7468).
pub fn certificate_pem(der: &[u8]) -> String {
    pkcs8::der::pem::encode_string("CERTIFICATE", pkcs8::LineEnding::LF, der)
        .expect("the label is a valid one and the length has no bound in reach")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// The folder of a certificate that is being renewed with a new key: its old files, and drafts of the new ones.
    struct Renewal {
        folder: tempfile::TempDir,
        new: Contents,
        serial: Serial,
    }

    impl Renewal {
        fn begin() -> Renewal {
            let folder = tempfile::tempdir().unwrap();
            contents("old", 1).0.replace_in(folder.path()).unwrap();
            let (new, serial) = contents("new", 2);
            Renewal { folder, new, serial }
        }

        fn stage(&self, files: usize) {
            for (file, text) in self.new.files().iter().take(files) {
                atomic::stage(&self.folder.path().join(file.name), text.as_bytes(), file.mode).unwrap();
            }
        }

        fn key(&self) -> String {
            fs::read_to_string(self.folder.path().join(PRIVKEY.name)).unwrap()
        }

        fn is_whole(&self, contents: &Contents) -> bool {
            let path = |file: &IssuedFile| self.folder.path().join(file.name);
            let files = contents.files();
            fs::read_dir(self.folder.path()).unwrap().count() == files.len()
                && files.iter().all(|(file, text)| fs::read_to_string(path(file)).unwrap() == **text)
        }
    }

    fn contents(key: &str, octet: u8) -> (Contents, Serial) {
        let serial = Serial::from_random([octet; Serial::OCTETS]);
        let mut params = rcgen::CertificateParams::default();
        params.serial_number = Some(rcgen::SerialNumber::from_slice(serial.octets()));
        let signed = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
        let cert = certificate_pem(signed.der());
        let key = Some(Zeroizing::new(key.to_owned()));
        (Contents { cert, chain: "between\n".into(), ca: "root\n".into(), key }, serial)
    }

    #[test]
    fn what_is_cut_short_before_the_certificate_changes_nothing() {
        for files in 0..5 {
            let renewal = Renewal::begin();
            renewal.stage(files);
            assert_eq!(resume(renewal.folder.path(), renewal.serial).unwrap(), None, "{files}");
            assert_eq!(renewal.key(), "old");
            assert_eq!(fs::read_dir(renewal.folder.path()).unwrap().count(), 5, "no draft stays");
        }
    }

    #[test]
    fn what_is_cut_short_after_the_certificate_is_finished() {
        for placed in 0..=5 {
            let renewal = Renewal::begin();
            renewal.stage(5);
            for file in PLACED.iter().take(placed) {
                atomic::place(&renewal.folder.path().join(file.name)).unwrap();
            }
            assert!(resume(renewal.folder.path(), renewal.serial).unwrap().is_some(), "{placed}");
            assert!(renewal.is_whole(&renewal.new), "{placed}");
        }
    }

    #[test]
    fn a_draft_of_another_renewal_is_not_taken_for_this_ones() {
        let renewal = Renewal::begin();
        renewal.stage(5);
        let another = Serial::from_random([3; Serial::OCTETS]);
        assert_eq!(resume(renewal.folder.path(), another).unwrap(), None);
        assert_eq!(renewal.key(), "old");
        renewal.stage(3);
        let kept = Contents { key: None, ..contents("", 4).0 };
        kept.replace_in(renewal.folder.path()).unwrap();
        assert_eq!(renewal.key(), "old", "a key that was staged for another certificate is not put in place");
    }
}
