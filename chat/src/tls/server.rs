//! The server's side of TLS: one configuration a connection, so that what each client showed is recorded apart.

use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, ServerSessionMemoryCache, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::identity::AccountField;
use super::material::{Credential, MaterialError};
use super::own_fault::OwnFault;
use super::refusal::{Refusal, Trouble};
use crate::config::MutualTls;
use crate::limits::tls::SESSIONS_KEPT;
use ca_store::facts::{Certificate, hex};
use ca_store::handshake::{ClientRecorder, few_enough};

/// Whom the server believes.
#[derive(Debug)]
pub struct ClientTrust {
    /// The CA certificates.
    pub anchors: Vec<CertificateDer<'static>>,
    /// Intermediates of the same CA, for clients that send their leaf alone.
    pub at_hand: Vec<CertificateDer<'static>>,
    /// Their revocation lists; empty: revocation is not looked at.
    pub revocation_lists: Vec<CertificateRevocationListDer<'static>>,
    /// Where the anchors were read, for messages.
    pub source: PathBuf,
    /// Where the lists were read.
    pub lists_source: Option<PathBuf>,
}

/// What every connection shares.
#[derive(Debug)]
pub struct ServerTls {
    provider: Arc<CryptoProvider>,
    certificate: Arc<SingleCertAndKey>,
    certificate_source: PathBuf,
    own: Option<Own>,
    fault: Option<OwnFault>,
    clients: Clients,
    account: Vec<AccountField>,
}

/// The server's own certificate, as a log tells it from the one before.
#[derive(Debug)]
pub struct Own {
    /// Its serial number in hex, as `pki list` has it.
    pub serial: String,
    /// Its last moment (RFC 3339).
    pub not_after: String,
}

impl Own {
    fn of(credential: &Credential) -> Option<Self> {
        let certificate = Certificate::from_der(credential.chain.first()?).ok()?;
        let not_after = certificate.validity.not_after.format(&Rfc3339).ok()?;
        Some(Self { serial: hex(&certificate.serial), not_after })
    }
}

#[derive(Debug)]
enum Clients {
    /// No certificate is asked for: one configuration does for all.
    Anonymous(Arc<ServerConfig>),
    Known {
        verifier: Arc<dyn ClientCertVerifier>,
        anchors: Vec<CertificateDer<'static>>,
        at_hand: Arc<[CertificateDer<'static>]>,
        source: PathBuf,
    },
}

/// The configuration of one connection, and what its client showed.
#[derive(Debug)]
pub struct ConnectionTls {
    /// For the acceptor.
    pub config: Arc<ServerConfig>,
    /// Filled while the handshake runs; none where no certificate is asked for.
    recorder: Option<Arc<ClientRecorder>>,
}

impl ConnectionTls {
    /// What the client showed, leaf first; empty where it showed nothing.
    pub fn presented(&self) -> Vec<CertificateDer<'static>> {
        self.recorder.as_ref().map(|recorder| recorder.presented()).unwrap_or_default()
    }
}

impl ServerTls {
    /// Checks that key and certificate fit and that the trust can be used.
    ///
    /// # Errors
    /// Fails where they don't, naming the file.
    pub fn new(
        credential: Credential,
        key_file: &Path,
        mtls: MutualTls,
        trust: ClientTrust,
    ) -> Result<Self, MaterialError> {
        let provider = ca_store::handshake::provider();
        let certificate_source = credential.source.clone();
        let own = Own::of(&credential);
        let certificate = Arc::new(certified(credential, key_file, &provider)?.into());
        let clients = match mtls {
            MutualTls::Off => Clients::Anonymous(Arc::new(anonymous(&provider, &certificate))),
            MutualTls::Optional | MutualTls::Required => Clients::Known {
                verifier: verifier(&provider, mtls, &trust)?,
                anchors: trust.anchors,
                at_hand: trust.at_hand.into(),
                source: trust.source,
            },
        };
        let account = AccountField::USUAL.to_vec();
        Ok(Self { provider, certificate, certificate_source, own, fault: None, clients, account })
    }

    /// The certificate that it shows; none where that can't be read.
    pub fn own(&self) -> Option<&Own> {
        self.own.as_ref()
    }

    /// With what is wrong with the chain that it shows, for when a client refuses it.
    #[must_use]
    pub fn with_fault(self, fault: Option<OwnFault>) -> Self {
        Self { fault, ..self }
    }

    /// What is wrong with the chain that it shows.
    pub fn fault(&self) -> Option<&OwnFault> {
        self.fault.as_ref()
    }

    /// With other fields of a client's certificate as its account.
    #[must_use]
    pub fn with_account_of(mut self, fields: &[AccountField]) -> Self {
        self.account = fields.to_vec();
        self
    }

    /// Which fields of a client's certificate are its account: the first of them that it has.
    pub fn account_fields(&self) -> &[AccountField] {
        &self.account
    }

    /// The configuration of a new connection.
    pub fn connection(&self) -> ConnectionTls {
        match &self.clients {
            Clients::Anonymous(config) => ConnectionTls { config: config.clone(), recorder: None },
            Clients::Known { verifier, at_hand, .. } => {
                let recorder = ClientRecorder::new(verifier.clone(), at_hand.clone());
                let config = mutual(&self.provider, &self.certificate, recorder.clone());
                ConnectionTls { config: Arc::new(config), recorder: Some(recorder) }
            }
        }
    }

    /// Whether a client's certificate is accepted at this time; otherwise a finding's code and the reason. Always, where none is asked for.
    ///
    /// # Errors
    /// As rustls's verifier decides.
    pub fn verify_client(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), (&'static str, String)> {
        let Clients::Known { verifier, anchors, at_hand, source } = &self.clients else { return Ok(()) };
        let path: Vec<_> = intermediates.iter().chain(at_hand.iter()).cloned().collect();
        let verified = few_enough(intermediates).and_then(|()| verifier.verify_client_cert(leaf, &path, now));
        let Err(error) = verified else { return Ok(()) };
        let shown: Vec<_> = std::iter::once(leaf).chain(intermediates).map(|it| it.clone().into_owned()).collect();
        let at = i64::try_from(now.as_secs()).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
        let at = at.unwrap_or_else(OffsetDateTime::now_utc);
        let refusal = Refusal::explain(Trouble::Tls(error), &shown, anchors, source, at);
        Err((refusal.code.as_str(), refusal.reason))
    }

    /// The first of these CAs without which a client's certificate would be accepted no more; none where there is a way beside
    /// them, or where it is not accepted as it is. A CA may have several certificates, and a client may have sent any of them.
    pub fn rests_on(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        cas: &HashSet<CertificateDer<'static>>,
        now: UnixTime,
    ) -> Option<CertificateDer<'static>> {
        let Clients::Known { verifier, at_hand, .. } = &self.clients else { return None };
        if cas.is_empty() {
            return None;
        }
        let path = intermediates.iter().chain(at_hand.iter());
        let (without, beside): (Vec<_>, Vec<_>) = path.cloned().partition(|ca| !cas.contains(ca));
        let first = beside.first()?.clone().into_owned();
        let is_accepted = |path: &[CertificateDer<'_>]| verifier.verify_client_cert(leaf, path, now).is_ok();
        let with: Vec<_> = without.iter().chain(&beside).cloned().collect();
        (!is_accepted(&without) && is_accepted(&with)).then_some(first)
    }

    /// Where the server's own certificate was read.
    pub fn certificate_source(&self) -> &Path {
        &self.certificate_source
    }

    /// Whom the server believes, for explanations: the certificates, and where they were read.
    pub fn anchors(&self) -> (&[CertificateDer<'static>], &Path) {
        match &self.clients {
            Clients::Anonymous(_) => (&[], Path::new("")),
            Clients::Known { anchors, source, .. } => (anchors, source),
        }
    }
}

fn certified(
    credential: Credential,
    key_file: &Path,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, MaterialError> {
    let path = credential.source;
    CertifiedKey::from_der(credential.chain, credential.key, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            MaterialError::KeyMismatch { certificate: path, key: key_file.to_owned() }
        }
        error => MaterialError::Unusable { path, problem: error.to_string().escape_debug().to_string() },
    })
}

/// The verifier of rustls, which decides.
///
/// Every certificate of the path is looked up in its issuer's list, the issuing CA too. An issuer that publishes none
/// still works. A stale list refuses, since it can't say who was revoked since.
fn verifier(
    provider: &Arc<CryptoProvider>,
    mtls: MutualTls,
    trust: &ClientTrust,
) -> Result<Arc<dyn ClientCertVerifier>, MaterialError> {
    let roots = Arc::new(roots(&trust.anchors, &trust.source)?);
    let mut builder = WebPkiClientVerifier::builder_with_provider(roots, provider.clone());
    if mtls == MutualTls::Optional {
        builder = builder.allow_unauthenticated();
    }
    if !trust.revocation_lists.is_empty() {
        builder = builder
            .with_crls(trust.revocation_lists.iter().cloned())
            .allow_unknown_revocation_status()
            .enforce_revocation_expiration();
    }
    let path = trust.lists_source.clone().unwrap_or_else(|| trust.source.clone());
    builder
        .build()
        .map_err(|error| MaterialError::Unusable { path, problem: error.to_string().escape_debug().to_string() })
}

/// Trust anchors for rustls, from certificates.
///
/// # Errors
/// Fails on the first that can't be one, naming its file.
pub(crate) fn roots(anchors: &[CertificateDer<'static>], source: &Path) -> Result<RootCertStore, MaterialError> {
    let mut store = RootCertStore::empty();
    for anchor in anchors {
        store.add(anchor.clone()).map_err(|error| MaterialError::Unusable {
            path: source.to_owned(),
            problem: format!("not usable as a trust anchor: {}", error.to_string().escape_debug()),
        })?;
    }
    Ok(store)
}

fn anonymous(provider: &Arc<CryptoProvider>, certificate: &Arc<SingleCertAndKey>) -> ServerConfig {
    let verifier = WebPkiClientVerifier::no_client_auth();
    let mut config = mutual(provider, certificate, verifier);
    config.session_storage = ServerSessionMemoryCache::new(SESSIONS_KEPT);
    config.send_tls13_tickets = 1;
    config
}

/// With client certificates nothing is resumed: a resumed session skips the verifier, and would let a certificate in
/// that was revoked or has expired since.
fn mutual(
    provider: &Arc<CryptoProvider>,
    certificate: &Arc<SingleCertAndKey>,
    verifier: Arc<dyn ClientCertVerifier>,
) -> ServerConfig {
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .expect("the provider has suites for TLS 1.3 and 1.2, which a test holds it to")
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(certificate.clone());
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config
}
