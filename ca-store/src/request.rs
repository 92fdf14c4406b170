//! What a caller may ask for, as it was typed. The functions that take a request check it.

use std::path::PathBuf;

use crate::key::{KeyKind, Passphrase, Seal};
use crate::profile::{DEFAULT_CA_DAYS, Purpose};
use crate::reason::Reason;
use crate::subject::SubjectAttributes;

/// A new certificate authority.
#[derive(Debug)]
pub struct InitCaRequest {
    /// The root's common name.
    pub name: String,
    /// The common name of a CA below it that does the issuing; none, and the root issues itself.
    pub intermediate: Option<String>,
    /// What both subjects say besides.
    pub attributes: SubjectAttributes,
    /// The kind of both keys.
    pub key: KeyKind,
    /// Days that both live.
    pub days: u32,
    /// DNS suffixes that may be issued for; none: all.
    pub permit_dns: Vec<String>,
    /// Address blocks that may be issued for; none: all.
    pub permit_ip: Vec<String>,
    /// Encrypts both private keys.
    pub seal: Option<Seal>,
    /// Writes the root's private key into this file, and not into the store.
    pub root_key_out: Option<PathBuf>,
    /// Lets a name pass that reads like a host's.
    pub allow_host_like_name: bool,
}

impl InitCaRequest {
    /// A root of this name that issues itself, with a P-256 key, for ten years, without limits or passphrase.
    pub fn new(name: impl Into<String>) -> InitCaRequest {
        InitCaRequest {
            name: name.into(),
            intermediate: None,
            attributes: SubjectAttributes::default(),
            key: KeyKind::default(),
            days: DEFAULT_CA_DAYS,
            permit_dns: Vec::new(),
            permit_ip: Vec::new(),
            seal: None,
            root_key_out: None,
            allow_host_like_name: false,
        }
    }
}

/// A key, and a request for its certificate to a CA that is elsewhere.
#[derive(Debug)]
pub struct CsrRequest {
    /// What the certificate is to be for.
    pub purpose: Purpose,
    /// A server's names; a client's or a CA's one name.
    pub names: Vec<String>,
    /// A client's e-mail address, to stand beside its name.
    pub email: Option<String>,
    /// The common name of a server, one of its names; empty: none.
    pub common_name: Option<String>,
    /// What the subject says besides the common name.
    pub attributes: SubjectAttributes,
    /// The kind of the key; none: P-256.
    pub key: Option<KeyKind>,
    /// The folder for both files; none: one of the first name in the working directory.
    pub out: Option<PathBuf>,
}

/// A new certificate.
#[derive(Debug)]
pub struct IssueRequest {
    /// What it is for.
    pub purpose: Purpose,
    /// A server's names, or a client's one name. With a request file a server's may be left out: its own are taken.
    pub names: Vec<String>,
    /// A client's e-mail address, to stand beside its name.
    pub email: Option<String>,
    /// The common name of a server, one of its names; empty: none.
    pub common_name: Option<String>,
    /// Days that it lives; none: 90.
    pub days: Option<u32>,
    /// The kind of its key; none: P-256. Not with a request file.
    pub key: Option<KeyKind>,
    /// A PKCS#10 request whose key is certified; none: a key is made.
    pub csr: Option<PathBuf>,
    /// What the subject says besides the common name; what is not asked for is as the settings say.
    pub attributes: SubjectAttributes,
    /// The folder for the files; none: the store's own for this name.
    pub out: Option<PathBuf>,
    /// Opens the CA's private key.
    pub passphrase: Option<Passphrase>,
}

impl IssueRequest {
    /// A certificate for a server with these names.
    pub fn server(names: impl IntoIterator<Item = impl Into<String>>) -> IssueRequest {
        IssueRequest::new(Purpose::Server, names.into_iter().map(Into::into).collect())
    }

    /// A certificate for the client of this name.
    pub fn client(name: impl Into<String>) -> IssueRequest {
        IssueRequest::new(Purpose::Client, vec![name.into()])
    }

    fn new(purpose: Purpose, names: Vec<String>) -> IssueRequest {
        IssueRequest {
            purpose,
            names,
            email: None,
            common_name: None,
            days: None,
            key: None,
            csr: None,
            attributes: SubjectAttributes::default(),
            out: None,
            passphrase: None,
        }
    }
}

/// A certificate for somebody's request.
#[derive(Debug)]
pub struct SignRequest {
    /// The PKCS#10 request.
    pub csr: PathBuf,
    /// What the certificate is for.
    pub purpose: Purpose,
    /// A server's names; a client's name, and its e-mail addresses after it; a CA's one name. None: those of the request.
    pub names: Vec<String>,
    /// Days that it lives; none: as the settings say, or 90, a CA's ten years.
    pub days: Option<u32>,
    /// The folder for the files; none: the store's own for this name, or that of the certificate whose place it takes.
    pub out: Option<PathBuf>,
    /// The root's private key, where it is kept apart; it signs CAs alone.
    pub root_key: Option<PathBuf>,
}

/// A new certificate in place of one that there is: same names, same purpose.
#[derive(Debug)]
pub struct RenewRequest {
    /// The certificate's name, or a serial number of it.
    pub name: String,
    /// Names that it shall have besides those that it has.
    pub add: Vec<String>,
    /// Makes a new key; otherwise the key is kept.
    pub rekey: bool,
    /// Days that it lives; none: as many as were asked for the last time.
    pub days: Option<u32>,
    /// A command that the caller runs afterwards, written down so that it is not forgotten; none: the one that the last
    /// renewal left undone, if any.
    pub hook: Option<String>,
    /// Opens the CA's private key.
    pub passphrase: Option<Passphrase>,
}

impl RenewRequest {
    /// Renews `name` with its key, for as long as the last time.
    pub fn new(name: impl Into<String>) -> RenewRequest {
        RenewRequest { name: name.into(), add: Vec::new(), rekey: false, days: None, hook: None, passphrase: None }
    }
}

/// A certificate that is not to be used any more.
#[derive(Debug, Clone)]
pub struct RevokeRequest {
    /// Its name, for the one in use, or its serial number, also of one that was replaced.
    pub name: String,
    /// Why; [`Reason::RemoveFromCrl`] lifts a hold.
    pub reason: Reason,
}

impl RevokeRequest {
    /// Revokes `name` without telling why.
    pub fn new(name: impl Into<String>) -> RevokeRequest {
        RevokeRequest { name: name.into(), reason: Reason::default() }
    }
}

/// New revocation lists.
#[derive(Debug, Default)]
pub struct CrlRequest {
    /// How long they are good for; none: 7 days, of a root with a CA below it 180, and a delta one day.
    pub life: Option<time::Duration>,
    /// Makes lists of what has changed since the last complete ones.
    pub delta: bool,
    /// Into how many partitions certificates are put from now on; none: as before.
    pub partitions: Option<u32>,
    /// The folder from which lists are fetched, for certificates from now on; none: as before.
    pub url: Option<String>,
    /// A file for a copy of what servers read.
    pub out: Option<PathBuf>,
    /// A folder for copies of the lists that were made, as they are fetched.
    pub publish: Option<PathBuf>,
    /// The key of a root that is kept elsewhere; its list is made, and no other.
    pub root_key: Option<PathBuf>,
    /// Opens the private keys.
    pub passphrase: Option<Passphrase>,
}
