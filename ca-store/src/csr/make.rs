//! A request of our own (PKCS#10, RFC 2986), with its key: for a certificate of a CA that is elsewhere. The key is born where
//! it is used, and only the request travels. No store has a part in it.

use std::path::{Path, PathBuf};

use rcgen::CertificateParams;

use crate::ca_name::CaName;
use crate::error::{Error, InTheWayOf};
use crate::facts;
use crate::key::{KeyKind, PrivateKey, crypto};
use crate::profile::Purpose;
use crate::request::CsrRequest;
use crate::san::{FolderName, Names, San};
use crate::sign;
use crate::store::layout::{PRIVKEY, PUBLIC_MODE};
use crate::store::{atomic, host_name};

/// The request's file; the key's has the name that it has beside an issued certificate.
const REQUEST: &str = "request.csr";

/// A request that was written, and its key.
#[derive(Debug)]
pub struct MadeRequest {
    /// What it asks a certificate for.
    pub purpose: Purpose,
    /// The whole subject.
    pub subject: facts::Name,
    /// The common name.
    pub common_name: Option<String>,
    /// The alternative names.
    pub sans: Vec<San>,
    /// The kind of the key.
    pub key: KeyKind,
    /// The folder that both files are in.
    pub folder: PathBuf,
    /// The request: PEM.
    pub request_file: PathBuf,
    /// The private key: PEM, its owner's alone.
    pub key_file: PathBuf,
}

/// Makes a key and a request for it, and writes both into a new folder, or none of them.
///
/// # Errors
/// Names are refused as where certificates are issued; [`Error::OutputExists`] where the folder is there;
/// [`Error::OutputUnwritable`]; [`Error::Crypto`].
pub fn make_request(asked: &CsrRequest) -> Result<MadeRequest, Error> {
    let names = names(asked)?.with_attributes(asked.attributes.clone());
    let folder = asked.out.clone().unwrap_or_else(|| PathBuf::from(names.folder().as_str()));
    if folder.symlink_metadata().is_ok() {
        return Err(Error::OutputExists { path: folder, of: InTheWayOf::Whole });
    }
    let kind = asked.key.unwrap_or_default();
    let key = PrivateKey::generate(kind)?;
    write(&folder, &encode(&names, &key)?, &key)?;
    Ok(MadeRequest {
        purpose: asked.purpose,
        subject: names.attributes().name(names.common_name()),
        common_name: names.common_name().map(ToString::to_string),
        sans: names.sans().to_vec(),
        key: kind,
        request_file: folder.join(REQUEST),
        key_file: folder.join(PRIVKEY.name),
        folder,
    })
}

fn names(asked: &CsrRequest) -> Result<Names, Error> {
    match (asked.purpose, asked.names.as_slice()) {
        (purpose, []) => Err(Error::NameMissing { purpose }),
        (Purpose::Server, names) => Names::of_server(names, asked.common_name.as_deref()),
        (Purpose::Client, [name]) => Names::of_client(name, asked.email.as_slice()),
        (Purpose::Intermediate, [name]) => of_authority(name),
        (_, names) => Err(Error::TooManyNames { found: names.len(), most: 1 }),
    }
}

/// A CA's name, held to what a CA's is held to at birth.
pub(crate) fn of_authority(text: &str) -> Result<Names, Error> {
    let refused = |reason: String| Error::AuthorityNameRefused { name: text.to_owned(), reason };
    let name = CaName::parse(text, host_name().as_deref(), false).map_err(|error| match error {
        Error::CaNameRefused { fault, .. } => refused(fault.to_string()),
        error => error,
    })?;
    let folder = FolderName::parse(text).map_err(|fault| refused(fault.to_string()))?;
    Ok(Names::again(folder, Some(name.common_name().clone()), Vec::new()))
}

/// The names and the key, and the key's signature over both; what else a certificate says is its CA's to decide.
fn encode(names: &Names, key: &PrivateKey) -> Result<String, Error> {
    const WHAT: &str = "encoding a request";
    let mut params = CertificateParams::default();
    params.distinguished_name =
        sign::distinguished_name(names.attributes(), names.common_name()).map_err(crypto(WHAT))?;
    params.subject_alt_names =
        names.sans().iter().map(sign::san_type).collect::<Result<_, _>>().map_err(crypto(WHAT))?;
    let request = params.serialize_request(key.pair()).map_err(crypto(WHAT))?;
    Ok(facts::to_pem("CERTIFICATE REQUEST", request.der()))
}

fn write(folder: &Path, request: &str, key: &PrivateKey) -> Result<(), Error> {
    let pem = key.to_pem(None)?;
    let files = [(REQUEST, request.as_bytes(), PUBLIC_MODE), (PRIVKEY.name, pem.as_bytes(), PRIVKEY.mode)];
    atomic::create_folder(folder, &files).map_err(|error| match error {
        Error::Io { source, .. } => Error::OutputUnwritable { path: folder.to_owned(), source },
        error => error,
    })
}
