//! rustls's own verdict on the same evidence, to stand beside ours.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use serde::Serialize;

use super::{Case, PeerName};
use crate::finding::Code;
use crate::finding::fix::is_client;

/// The largest revocation list that rustls is given: it reads every entry into memory, and a list of a million is 40 MiB.
const MAX_LIST: usize = 1 << 20;

/// The most certificates beside the leaf that rustls is given as they are. Until a path reaches an anchor, webpki follows every order
/// of CAs that have each other's names and parses each certificate at each step: with eight that is some 20,000 steps,
/// with sixteen it is the 200,000 at which it gives up, after seconds.
pub(super) const MAX_SENT: usize = 8;

/// The most of our path's that it is given beside the leaf where there are more: it follows six, and says so at the seventh.
pub(super) const MAX_OF_PATH: usize = 7;

/// What rustls says, with aws-lc-rs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RustlsVerdict {
    /// Whether it accepts.
    pub accepts: bool,
    /// What it prints where it refuses; empty where it accepts.
    pub error: String,
    /// How many revocation lists it was not given: deltas, which it does not take, and large ones.
    pub lists_left_out: usize,
    /// How many certificates it was not given: those beside our path, where there are more than rustls can go through.
    pub certificates_left_out: usize,
}

impl RustlsVerdict {
    /// Why it accepts what we refuse for that code.
    pub(super) fn why_it_accepts(&self, code: Option<Code>) -> String {
        let name = code.map_or("nothing", Code::as_str);
        match code {
            Some(Code::CrlExpired | Code::CrlNotYetValid) => {
                format!("rustls holds no revocation list to its dates unless it is told to: {name}")
            }
            Some(code) if is_of_lists(code) && self.lists_left_out > 0 => format!(
                "rustls was not given {} of the revocation lists, deltas or of more than {MAX_LIST} octets: {name}",
                self.lists_left_out
            ),
            Some(Code::Revoked) => {
                format!("rustls was asked about the leaf's revocation alone, as not every CA has a list here: {name}")
            }
            _ => format!("rustls does not look at what makes it invalid here: {name}"),
        }
    }
}

fn is_of_lists(code: Code) -> bool {
    (Code::Revoked..=Code::CrlMalformed).contains(&code)
}

/// Asks rustls. Without a name, a name of the leaf's own is asked for, as rustls always compares one.
pub(super) fn rustls_verdict(case: &Case<'_>) -> RustlsVerdict {
    let lists = Lists::of(case);
    let lists_left_out = case.evidence.crls.len() - lists.given.len();
    let sent = Sent::of(case);
    let certificates_left_out = sent.left_out;
    let error = verify(case, lists, &sent).err();
    RustlsVerdict { accepts: error.is_none(), error: error.unwrap_or_default(), lists_left_out, certificates_left_out }
}

/// The revocation lists that rustls can take.
struct Lists {
    given: Vec<CertificateRevocationListDer<'static>>,
    /// Not every CA of the path has a list of its issuer: rustls would refuse the others as of unknown status.
    leaf_alone: bool,
}

impl Lists {
    fn of(case: &Case<'_>) -> Lists {
        let usable = || case.evidence.crls.iter().map(|(crl, _)| crl);
        let usable = || usable().filter(|crl| crl.delta_of.is_none() && crl.der().len() <= MAX_LIST);
        let covered = |issuer: &crate::facts::Name| usable().any(|crl| crl.issuer.same_as(issuer));
        Lists {
            given: usable().map(|crl| CertificateRevocationListDer::from(crl.der().to_vec())).collect(),
            leaf_alone: !case.path.links().skip(1).all(|(_, child, _)| covered(&child.certificate.issuer)),
        }
    }
}

/// In its own words, without the octets of algorithms that it lists behind some of them.
fn words(error: &impl ToString) -> String {
    let text = error.to_string();
    text.split_once(" { ").map_or(text.clone(), |(words, _)| words.to_owned())
}

fn verify(case: &Case<'_>, lists: Lists, sent: &Sent<'_>) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    for anchor in &case.evidence.trust {
        // An anchor that rustls cannot use is left out, as its callers do; the chain is then of an unknown issuer.
        let _ = roots.add(CertificateDer::from(anchor.certificate.der()));
    }
    let (leaf, rest) = (&sent.leaf, &sent.others);
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(
        case.question.at.unix_timestamp().try_into().unwrap_or(0),
    ));
    let provider = crate::handshake::provider();
    if is_client(case) {
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).with_crls(lists.given);
        let builder = if lists.leaf_alone { builder.only_check_end_entity_revocation() } else { builder };
        let verifier = builder.build().map_err(|e| words(&e))?;
        return verifier.verify_client_cert(leaf, rest, now).map(drop).map_err(|e| words(&e));
    }
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).with_crls(lists.given);
    let builder = if lists.leaf_alone { builder.only_check_end_entity_revocation() } else { builder };
    let verifier = builder.build().map_err(|e| words(&e))?;
    for name in server_names(case) {
        verifier.verify_server_cert(leaf, rest, &name, &[], now).map_err(|e| words(&e))?;
    }
    Ok(())
}

/// The leaf, and the others as help.
struct Sent<'a> {
    leaf: CertificateDer<'a>,
    others: Vec<CertificateDer<'a>>,
    left_out: usize,
}

impl<'a> Sent<'a> {
    fn of(case: &Case<'a>) -> Sent<'a> {
        let der = |p: &'a super::Presented| p.certificate.der();
        let leaf = der(case.path.leaf());
        let pool = case.evidence.chain.iter().chain(&case.evidence.untrusted).map(der);
        let at_hand: Vec<&[u8]> = pool.filter(|der| *der != leaf).collect();
        let count = at_hand.len();
        let steps = || case.path.steps.iter().skip(1).take(MAX_OF_PATH);
        let on_path = |other: &&[u8]| steps().any(|step| step.presented.certificate.der() == *other);
        let others: Vec<&[u8]> = if count > MAX_SENT { at_hand.into_iter().filter(on_path).collect() } else { at_hand };
        Sent {
            left_out: count - others.len(),
            leaf: CertificateDer::from(leaf),
            others: others.into_iter().map(CertificateDer::from).collect(),
        }
    }
}

fn server_names(case: &Case<'_>) -> Vec<ServerName<'static>> {
    let asked = case.question.names.iter().filter_map(|name| match name {
        PeerName::Dns(host) => ServerName::try_from(host.clone()).ok(),
        PeerName::Ip(address) => Some(ServerName::IpAddress((*address).into())),
        PeerName::Email(_) => None,
    });
    let mut names: Vec<_> = asked.collect();
    if names.is_empty() {
        names.push(own_name(case));
    }
    names
}

fn own_name(case: &Case<'_>) -> ServerName<'static> {
    let leaf = &case.path.leaf().certificate;
    let dns = leaf.dns_names().find_map(|name| ServerName::try_from(name.replacen('*', "any", 1)).ok());
    let address = || leaf.ip_addresses().next().map(|address| ServerName::IpAddress(address.into()));
    let nobody = || ServerName::IpAddress(std::net::IpAddr::from([192, 0, 2, 1]).into());
    dns.or_else(address).unwrap_or_else(nobody)
}
