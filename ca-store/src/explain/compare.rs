//! rustls's own verdict on the same evidence, to stand beside ours.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use serde::Serialize;

use super::{Case, PeerName, Purpose};

/// What rustls says, with aws-lc-rs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RustlsVerdict {
    /// Whether it accepts.
    pub accepts: bool,
    /// What it prints where it refuses; empty where it accepts.
    pub error: String,
}

/// Asks rustls. Without a name, a name of the leaf's own is asked for, as rustls always compares one.
pub(super) fn rustls_verdict(case: &Case<'_>) -> RustlsVerdict {
    match verify(case) {
        Ok(()) => RustlsVerdict { accepts: true, error: String::new() },
        Err(error) => RustlsVerdict { accepts: false, error },
    }
}

fn verify(case: &Case<'_>) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    for anchor in &case.evidence.trust {
        // An anchor that rustls cannot use is left out, as its callers do; the chain is then of an unknown issuer.
        let _ = roots.add(CertificateDer::from(anchor.certificate.der()));
    }
    let (leaf, rest) = sent(case);
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(
        case.question.at.unix_timestamp().try_into().unwrap_or(0),
    ));
    let provider = crate::handshake::provider();
    let failed = |error: rustls::Error| error.to_string();
    if case.question.purpose == Purpose::Client {
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|e| e.to_string())?;
        return verifier.verify_client_cert(&leaf, &rest, now).map(drop).map_err(failed);
    }
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().map_err(|e| e.to_string())?;
    for name in server_names(case) {
        verifier.verify_server_cert(&leaf, &rest, &name, &[], now).map_err(failed)?;
    }
    Ok(())
}

/// The leaf, and the others as help.
fn sent<'a>(case: &Case<'a>) -> (CertificateDer<'a>, Vec<CertificateDer<'a>>) {
    let der = |p: &'a super::Presented| CertificateDer::from(p.certificate.der());
    let leaf = case.path.leaf();
    let others = case.evidence.chain.iter().chain(&case.evidence.untrusted);
    (der(leaf), others.filter(|p| p.certificate.der() != leaf.certificate.der()).map(der).collect())
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
