//! What is asked, and what there is to answer it from.

use std::net::IpAddr;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::clients::Readings;
use crate::facts::{Certificate, Crl, Malformed, PrivateKey, SoundBlock, escape};
use crate::finding::{Code, Finding};
use crate::handshake::EndpointFacts;
use crate::key::Passphrase;

use super::{HeldCa, OwnRevocation};

/// What a certificate is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A TLS server.
    Server,
    /// A TLS client.
    Client,
    /// Whatever it is for.
    Any,
}

impl Purpose {
    /// The word of `--purpose`; none for the one that is asked about anyway.
    pub fn flag(self) -> Option<&'static str> {
        match self {
            Purpose::Server => None,
            Purpose::Client => Some("client"),
            Purpose::Any => Some("any"),
        }
    }
}

/// Whose rules decide the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// RFC 5280 and what mainstream clients ask of a private CA: a SAN, a sound key and signature, the right purpose.
    #[default]
    Private,
    /// RFC 5280 alone, every MUST of it.
    Rfc5280,
    /// RFC 5280 and the CA/Browser Forum's Baseline Requirements on top.
    Webpki,
}

impl Profile {
    /// The word of `--profile`; none for the one that is used anyway.
    pub fn flag(self) -> Option<&'static str> {
        match self {
            Profile::Private => None,
            Profile::Rfc5280 => Some("rfc5280"),
            Profile::Webpki => Some("webpki"),
        }
    }
}

/// The name that the other side was asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerName {
    /// A DNS name, as typed.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// A mailbox.
    Email(String),
}

/// A name that nothing can be asked for by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerNameError {
    /// A URL, a name with a space, and the like.
    #[error("expected a DNS name, an IP address or an e-mail address, found `{found}`")]
    Other {
        /// What was typed, escaped.
        found: String,
    },
    /// A label of a DNS name begins or ends with a hyphen, which no host's does (RFC 1123 section 2.1).
    #[error(
        "expected a DNS name whose labels begin and end with a letter or a digit (RFC 1123 section 2.1), found `{label}` in `{found}`"
    )]
    Hyphen {
        /// The label, escaped.
        label: String,
        /// What was typed, escaped.
        found: String,
    },
}

impl PeerName {
    /// Tells the kind from the text: an address (IPv6 also in brackets), a mailbox, or a DNS name.
    ///
    /// # Errors
    /// [`PeerNameError`] where it is none of them, such as a URL, a name with a space or one that begins with a hyphen.
    pub fn parse(text: &str) -> Result<PeerName, PeerNameError> {
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = bare.parse() {
            return Ok(PeerName::Ip(address));
        }
        let refused =
            text.is_empty() || text.contains(|c: char| c.is_control() || c.is_whitespace() || "/:[]\\".contains(c));
        match text.contains('@') {
            _ if refused => Err(PeerNameError::Other { found: escape(text) }),
            true => Ok(PeerName::Email(text.to_owned())),
            false => host(text),
        }
    }
}

fn host(text: &str) -> Result<PeerName, PeerNameError> {
    match text.split('.').find(|label| label.starts_with('-') || label.ends_with('-')) {
        Some(label) => Err(PeerNameError::Hyphen { label: escape(label), found: escape(text) }),
        None => Ok(PeerName::Dns(a_labels(text))),
    }
}

/// A name of letters beyond ASCII is compared as its A-labels (RFC 9525 section 6.3); one that has none stays as it is, and fits nothing.
fn a_labels(name: &str) -> String {
    match name.is_ascii() {
        true => name.to_owned(),
        false => idna::domain_to_ascii(name).unwrap_or_else(|_| name.to_owned()),
    }
}

impl std::fmt::Display for PeerName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PeerName::Dns(text) | PeerName::Email(text) => f.write_str(&escape(text)),
            PeerName::Ip(address) => write!(f, "{address}"),
        }
    }
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The time at which the chain is judged.
    pub at: OffsetDateTime,
    /// What the machine's own clock says, where it may differ from `at`: it can show that another clock is wrong.
    pub machine_now: Option<OffsetDateTime>,
    /// What the leaf is to be used for.
    pub purpose: Purpose,
    /// Whom the client wants to talk to; each must be covered. Empty: names are not compared.
    pub names: Vec<PeerName>,
    /// Whose rules decide.
    pub profile: Profile,
    /// How many intermediates the verifier follows, where it has a limit of its own (nginx's `ssl_verify_depth`).
    pub max_depth: Option<usize>,
    /// Whether rustls is asked as well.
    pub compare: bool,
}

impl Question {
    /// Whether a chain is good for a server of that name (or any), at that time.
    pub fn server(name: Option<PeerName>, at: OffsetDateTime) -> Question {
        Question { names: name.into_iter().collect(), ..Question::of(Purpose::Server, at) }
    }

    /// Whether a chain is good for a client, at that time.
    pub fn client(at: OffsetDateTime) -> Question {
        Question::of(Purpose::Client, at)
    }

    fn of(purpose: Purpose, at: OffsetDateTime) -> Question {
        Question {
            at,
            machine_now: None,
            purpose,
            names: Vec::new(),
            profile: Profile::Private,
            max_depth: None,
            compare: true,
        }
    }
}

/// A certificate and where it came from.
#[derive(Debug, Clone)]
pub struct Presented {
    /// What it says.
    pub certificate: Certificate,
    /// The file or peer, with the position: `chain.pem, certificate 2`.
    pub source: String,
    /// The file alone, where it is one: fixes name it.
    pub file: Option<String>,
}

/// In which part of the evidence a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Sent by the peer, or in the chain file, at this position.
    Chain(usize),
    /// Given as help.
    Untrusted,
    /// A trust anchor.
    Trust,
}

/// The trust anchors of a store that was not asked.
#[derive(Debug, Clone)]
pub struct OtherStore {
    /// Which one, for a sentence.
    pub name: String,
    /// What it trusts.
    pub anchors: Vec<Presented>,
    /// The command that writes these into [`OtherStore::EXPORTED`], where they are in no file that can be given as it is.
    pub export: Option<String>,
}

impl OtherStore {
    /// The file that an export goes into.
    pub const EXPORTED: &str = "exported.pem";
}

/// What a peer takes for the time.
#[derive(Debug, Clone)]
pub struct PeerTime {
    /// The time it told, when it was asked.
    pub time: OffsetDateTime,
    /// How it told it.
    pub source: String,
}

/// A CA file, for what each client makes of it.
#[derive(Debug, Clone)]
pub struct CaFile {
    /// Its name as typed.
    pub name: String,
    /// What each client's reader makes of it, where it holds more than blocks of certificates, each as it should be.
    pub readings: Option<Arc<Readings>>,
}

/// A private key and where it came from.
#[derive(Debug, Clone)]
pub struct KeyFile {
    /// What is known of it.
    pub key: PrivateKey,
    /// The file.
    pub file: String,
}

/// What a fix may refer to: what the user typed, and what the store has. Empty where nothing is known.
#[derive(Debug, Clone, Default)]
pub struct Situation {
    /// The chain file as typed.
    pub chain_file: Option<String>,
    /// The key file as typed.
    pub key_file: Option<String>,
    /// The trust files as typed.
    pub trust_files: Vec<String>,
    /// The trust files are what a fix gives to the clients, who have not got them yet.
    pub trust_is_new: bool,
    /// The system's anchors were asked for as well.
    pub system_trust: bool,
    /// The files of further certificates as typed.
    pub untrusted_files: Vec<String>,
    /// The revocation lists as typed.
    pub crl_files: Vec<String>,
    /// The time of the judgement, where one was typed.
    pub at: Option<OffsetDateTime>,
    /// The file of the passphrase as typed.
    pub passphrase_file: Option<String>,
    /// `HOST:PORT` as typed.
    pub endpoint: Option<String>,
    /// The flags that say how the endpoint was asked, quoted, each with a space before it.
    pub endpoint_flags: String,
    /// The store holds a CA that can issue.
    pub store_has_ca: bool,
    /// The certificate that the store issued for the name that is asked for.
    pub issued_certificate: Option<Certificate>,
    /// The store's own CAs, of now and before.
    pub own_cas: Vec<Certificate>,
    /// Where the store puts its revocation lists.
    pub own_lists: String,
    /// What the store has issued for the names in question.
    pub issued: Vec<IssuedBefore>,
    /// The user's own CAs whose keys are at hand, the best first.
    pub held: Vec<HeldCa>,
    /// What is wrong with the store's own CA, so that what it issues has it too.
    pub own_faults: Vec<Code>,
    /// An encrypted key beside the files that may be a CA's, where no passphrase was given.
    pub locked_key: Option<String>,
    /// Files beside these that have a name as of a key or a certificate and that this user may not read, where no CA was found whose
    /// key is at hand.
    pub closed_files: Vec<String>,
    /// A folder for a store that is not there yet; empty: `own-ca`.
    pub store_folder: String,
    /// A folder for new certificates that is not there yet; empty: `reissued`.
    pub reissue_folder: String,
    /// A folder for mended copies that is not there yet; empty: `mended`.
    pub mend_folder: String,
    /// A file for a joined chain that is not there yet, as a shell empties it before it reads; empty: `fullchain-mended.pem`.
    pub mend_file: String,
}

impl Situation {
    /// The folder for another store.
    pub(crate) fn store_folder(&self) -> &str {
        if self.store_folder.is_empty() { "own-ca" } else { &self.store_folder }
    }

    /// The folder for new certificates.
    pub(crate) fn reissue_folder(&self) -> &str {
        if self.reissue_folder.is_empty() { "reissued" } else { &self.reissue_folder }
    }

    /// The folder for mended copies.
    pub(crate) fn mend_folder(&self) -> &str {
        if self.mend_folder.is_empty() { "mended" } else { &self.mend_folder }
    }

    /// The file for a joined chain.
    pub(crate) fn mend_file(&self) -> &str {
        if self.mend_file.is_empty() { "fullchain-mended.pem" } else { &self.mend_file }
    }
}

/// A certificate that the store has issued: it is renewed, not issued again.
#[derive(Debug, Clone, Default)]
pub struct IssuedBefore {
    /// The name that it is known by.
    pub name: String,
    /// Its names.
    pub names: Vec<String>,
    /// Whether it is for a client.
    pub client: bool,
    /// The folder of its files.
    pub folder: String,
    /// Whether its private key is there.
    pub has_key: bool,
    /// Whether it is revoked: its key may be in other hands, and is not certified again.
    pub revoked: bool,
}

/// All there is to answer from.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// What the peer sent, or what the chain file holds, in its order.
    pub chain: Vec<Presented>,
    /// Further certificates that may help to build a path.
    pub untrusted: Vec<Presented>,
    /// The trust anchors.
    pub trust: Vec<Presented>,
    /// The CA files as typed, in their order.
    pub ca_files: Vec<CaFile>,
    /// Certificates that lie beside the files: never used to accept, only to tell what is missing and where it is.
    pub neighbours: Vec<Presented>,
    /// The private key that is to go with the leaf.
    pub key: Option<KeyFile>,
    /// Private keys that lie beside the files.
    pub neighbour_keys: Vec<KeyFile>,
    /// Revocation lists, with their files.
    pub crls: Vec<(Crl, String)>,
    /// What the store whose root is trusted has revoked of these certificates.
    pub own_revocations: Vec<OwnRevocation>,
    /// Trust anchors of other stores: never used to accept, only to tell where the root is known.
    pub elsewhere: Vec<OtherStore>,
    /// What was seen of a live endpoint.
    pub endpoint: Option<EndpointFacts>,
    /// What the peer's clock says.
    pub peer_time: Option<PeerTime>,
    /// What was found on the way to the evidence: faults of files and of the connection.
    pub observed: Vec<Finding>,
    /// What fixes may refer to.
    pub situation: Situation,
    /// What opens the files that are locked; to be set before they are added.
    pub passphrase: Option<Passphrase>,
    /// CAs that were read before: one that comes again is taken from here, with what was found of its signature.
    pub acquainted: Acquainted,
}

/// CAs that were read before, each with the text that it was read from.
#[derive(Debug, Clone, Default)]
pub struct Acquainted(Vec<(Vec<u8>, Certificate)>);

/// The most CAs that are kept from one chain to the next; an organisation has a handful.
const MAX_ACQUAINTED: usize = 64;

impl Acquainted {
    /// The certificate in a sound block, from those that were read before where it is a CA's.
    pub(super) fn certificate(&mut self, block: &SoundBlock<'_>) -> Option<Certificate> {
        if let Some((_, known)) = self.0.iter().find(|(text, _)| text == block.text) {
            return Some(known.clone());
        }
        let certificate = Certificate::from_der(&block.der()?).ok()?;
        if certificate.is_ca() && self.0.len() < MAX_ACQUAINTED {
            self.0.push((block.text.to_vec(), certificate.clone()));
        }
        Some(certificate)
    }
}

impl Evidence {
    /// Makes room for the next chain under the same trust; `observed` is how many findings belong to all chains.
    pub fn next_chain(&mut self, observed: usize) {
        self.chain.clear();
        self.own_revocations.clear();
        self.observed.truncate(observed);
    }

    /// Evidence from a handshake: what was sent, and what is trusted.
    ///
    /// # Errors
    /// [`Malformed`] where one of them is not a certificate.
    pub fn from_ders<'a>(
        chain: impl IntoIterator<Item = &'a [u8]>,
        chain_source: &str,
        trust: impl IntoIterator<Item = &'a [u8]>,
        trust_source: &str,
    ) -> Result<Evidence, Malformed> {
        Ok(Evidence {
            chain: presented(chain, chain_source)?,
            trust: presented(trust, trust_source)?,
            ..Evidence::default()
        })
    }

    /// Everything that a path may be built from, trust anchors first.
    pub(crate) fn pool(&self) -> impl Iterator<Item = (&Presented, Origin)> {
        let trust = self.trust.iter().map(|presented| (presented, Origin::Trust));
        let chain = self.chain.iter().enumerate().map(|(index, presented)| (presented, Origin::Chain(index)));
        let untrusted = self.untrusted.iter().map(|presented| (presented, Origin::Untrusted));
        trust.chain(chain).chain(untrusted)
    }
}

fn presented<'a>(ders: impl IntoIterator<Item = &'a [u8]>, source: &str) -> Result<Vec<Presented>, Malformed> {
    (1..)
        .zip(ders)
        .map(|(position, der)| {
            let certificate = Certificate::from_der(der)?;
            Ok(Presented { certificate, source: format!("{source}, certificate {position}"), file: None })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{PeerName, PeerNameError};

    #[test]
    fn a_name_is_asked_for_by_its_a_labels() {
        for (typed, expected) in [
            ("b\u{fc}cher.example.test", "xn--bcher-kva.example.test"),
            ("B\u{dc}CHER.example.test", "xn--bcher-kva.example.test"),
            ("chat.Example.test", "chat.Example.test"),
        ] {
            assert_eq!(PeerName::parse(typed).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn no_host_has_a_label_that_begins_or_ends_with_a_hyphen() {
        for (typed, label) in [("-x", "-x"), ("--help", "--help"), ("a.b-.test", "b-"), ("-.test", "-")] {
            let found = typed.to_owned();
            let error = PeerNameError::Hyphen { label: label.to_owned(), found };
            assert_eq!(PeerName::parse(typed), Err(error));
        }
        for typed in ["a-b.example.test", "xn--bcher-kva.test", "alice@-x", "*.a.test"] {
            assert!(PeerName::parse(typed).is_ok(), "{typed}");
        }
    }
}
