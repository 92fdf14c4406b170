//! `pki diagnose`: what is wrong with files or a live endpoint, why, what mends it, and who refuses.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ca_store::explain::{self, Evidence, PeerName, Presented, Question};
use ca_store::facts::{BlockKind, Certificate, Input};
use ca_store::finding::{Code, Finding, Role};
use ca_store::handshake::{self, Observation, ProbeOptions};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;

use crate::endpoint::Endpoint;
use crate::evidence::{self, Trust};
use crate::exit::Exit;
use crate::output::Output;
use crate::repair;

/// Say why a chain, a key or a server is refused, and what mends it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  pki diagnose chat.example.test:6697\n  pki diagnose --chain fullchain.pem --key privkey.pem --trust ca.pem --name chat.example.test\n  pki diagnose chat.example.test:6697 --client-chain client/fullchain.pem --client-key client/privkey.pem"
)]
pub(crate) struct Args {
    /// A live endpoint
    #[arg(value_name = "HOST:PORT", required_unless_present_any = ["chain", "key", "trust", "crl", "purpose"])]
    endpoint: Option<Endpoint>,
    /// What the server sends: the leaf first, then its intermediates
    #[arg(long, value_name = "FILE", conflicts_with = "endpoint")]
    chain: Option<PathBuf>,
    /// The leaf's private key
    #[arg(long, value_name = "FILE", conflicts_with = "endpoint")]
    key: Option<PathBuf>,
    /// A CA file; the store's root where neither this nor --system-trust is given
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// Trust what this machine's system store trusts
    #[arg(long)]
    system_trust: bool,
    /// A revocation list
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// The name that clients ask for; the endpoint's host where it is not given
    #[arg(long, value_name = "HOST_OR_IP", value_parser = peer_name)]
    name: Option<PeerName>,
    /// What the certificate is to be used for
    #[arg(long, value_name = "PURPOSE")]
    purpose: Option<AskedPurpose>,
    /// The client certificate to show to the endpoint, with its intermediates
    #[arg(long, value_name = "FILE", requires = "endpoint", requires = "client_key")]
    client_chain: Option<PathBuf>,
    /// Its private key
    #[arg(long, value_name = "FILE", requires = "endpoint", requires = "client_chain")]
    client_key: Option<PathBuf>,
    /// Judge as of this time (RFC 3339); now where it is not given
    #[arg(long, value_name = "RFC3339", value_parser = super::rfc3339)]
    at: Option<OffsetDateTime>,
    /// Write a mended copy of what can be mended into this folder
    #[arg(long, value_name = "DIR")]
    repair: Option<PathBuf>,
}

/// What the leaf is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum AskedPurpose {
    Server,
    Client,
}

fn peer_name(text: &str) -> Result<PeerName, String> {
    PeerName::parse(text).map_err(|error| error.to_string())
}

/// Gathers the evidence, answers, and writes mended copies where that was asked for.
///
/// # Errors
/// Where a mended copy or the report cannot be written. Everything else that is wrong is a finding.
pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let question = question(args, OffsetDateTime::now_utc());
    let mut evidence = match &args.endpoint {
        Some(endpoint) => from_endpoint(args, endpoint, store, &question),
        None => from_files(args, store),
    };
    evidence::look_up_issued(&mut evidence, &question.names, store);
    let report = explain::diagnose(&evidence, &question);
    if let Some(folder) = &args.repair {
        for file in repair::write(&evidence, &report, folder)? {
            out.note(&format!("wrote {}", file.display()));
        }
    }
    super::show(&report, out)
}

fn question(args: &Args, now: OffsetDateTime) -> Question {
    let at = args.at.unwrap_or(now);
    match args.purpose {
        Some(AskedPurpose::Client) => Question { names: args.name.iter().cloned().collect(), ..Question::client(at) },
        _ => Question::server(args.name.clone().or_else(|| args.endpoint.as_ref().map(Endpoint::peer_name)), at),
    }
}

fn trust<'a>(args: &'a Args, store: &'a Path) -> Trust<'a> {
    Trust { files: &args.trust, system: args.system_trust, store }
}

fn from_files(args: &Args, store: &Path) -> Evidence {
    let mut evidence = Evidence::default();
    let typed = [(Role::Chain, &args.chain), (Role::Key, &args.key)];
    for (role, path) in typed.iter().filter_map(|(role, path)| path.as_ref().map(|path| (*role, path))) {
        evidence::add(&mut evidence, role, path);
    }
    trust(args, store).add_to(&mut evidence);
    for crl in &args.crl {
        evidence::add(&mut evidence, Role::Crl, crl);
    }
    evidence.recognise_swap();
    let given: Vec<&Path> = args.chain.iter().chain(&args.key).chain(&args.trust).map(PathBuf::as_path).collect();
    evidence::add_neighbours(&mut evidence, &given);
    if args.chain.is_none() && args.purpose == Some(AskedPurpose::Client) {
        evidence.observed.push(no_client_certificate());
    }
    evidence
}

fn no_client_certificate() -> Finding {
    Finding::new(Code::ClientCertificateMissing, "no client certificate is shown: expected one with --chain")
        .shown_by("given_as", "--chain")
        .mended_by("pki issue client \"$(id -un)\" --out client\npki diagnose --purpose client --chain client/fullchain.pem --key client/privkey.pem")
}

fn from_endpoint(args: &Args, endpoint: &Endpoint, store: &Path, question: &Question) -> Evidence {
    let mut evidence = Evidence::default();
    let client = args.client_chain.as_deref().zip(args.client_key.as_deref());
    let shown = client.and_then(|(chain, key)| certified(chain, key));
    let observation = handshake::probe(&ProbeOptions {
        host: endpoint.host.clone(),
        port: endpoint.port,
        server_name: server_name(question, endpoint),
        client: shown,
    });
    take_in(&mut evidence, &observation, &endpoint.to_string());
    trust(args, store).add_to(&mut evidence);
    for crl in &args.crl {
        evidence::add(&mut evidence, Role::Crl, crl);
    }
    if let Some((chain, key)) = client {
        let judged = judge_client(args, chain, key, store, question.at);
        let refused = evidence.observed.iter().any(|finding| finding.code == Code::ClientCertificateRefused);
        evidence
            .observed
            .extend(judged.filter(|finding| refused || finding.severity == ca_store::finding::Severity::Error));
    }
    evidence
}

fn take_in(evidence: &mut Evidence, observation: &Observation, endpoint: &str) {
    evidence.situation.endpoint = Some(endpoint.to_owned());
    evidence.observed.extend(handshake::findings(observation, endpoint));
    for (position, der) in (1..).zip(&observation.chain) {
        match Certificate::from_der(der) {
            Ok(certificate) => evidence.chain.push(Presented {
                certificate,
                source: format!("{endpoint}, certificate {position}"),
                file: None,
            }),
            Err(error) => evidence
                .observed
                .push(Finding::new(Code::CertificateCorrupt, format!("certificate {position} of {endpoint}: {error}"))),
        }
    }
}

/// The name that TLS is asked with; an address where there is no DNS name.
fn server_name(question: &Question, endpoint: &Endpoint) -> ServerName<'static> {
    let names = question.names.iter().map(ToString::to_string).chain([endpoint.host.clone()]);
    let first = names.filter_map(|name| ServerName::try_from(name.trim_end_matches('.').to_owned()).ok()).next();
    first.unwrap_or_else(|| ServerName::IpAddress(std::net::IpAddr::from([127, 0, 0, 1]).into()))
}

/// What is wrong with our own certificate, by the trust at hand: the likely reason of a refusal.
fn judge_client(
    args: &Args,
    chain: &Path,
    key: &Path,
    store: &Path,
    at: OffsetDateTime,
) -> impl Iterator<Item = Finding> + use<> {
    let mut evidence = Evidence::default();
    evidence::add(&mut evidence, Role::Chain, chain);
    evidence::add(&mut evidence, Role::Key, key);
    trust(args, store).add_to(&mut evidence);
    let report = explain::diagnose(&evidence, &Question { compare: false, ..Question::client(at) });
    report.cause.into_iter().map(|cause| Finding {
        certificate: None,
        message: format!("the client certificate that was shown: {}", cause.message),
        ..cause
    })
}

/// Certificate and key for rustls; `None` where they cannot be used, which [`judge_client`] explains.
fn certified(chain: &Path, key: &Path) -> Option<Arc<CertifiedKey>> {
    let chain = Input::read(&evidence::read(chain).ok()?);
    let certificates: Vec<CertificateDer<'static>> = chain
        .blocks
        .iter()
        .filter(|block| block.kind == BlockKind::Certificate)
        .map(|block| CertificateDer::from(block.der.to_vec()))
        .collect();
    let key = Input::read(&evidence::read(key).ok()?);
    let block = key.blocks.iter().find(|block| block.kind == BlockKind::PrivateKey)?;
    let key = PrivateKeyDer::try_from(block.der.to_vec()).ok()?;
    CertifiedKey::from_der(certificates, key, &handshake::provider()).ok().map(Arc::new)
}
