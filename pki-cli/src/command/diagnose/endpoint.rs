//! A live endpoint as evidence: what the survey saw, and what is judged of it.

use std::path::Path;
use std::sync::Arc;

use ca_store::explain::{self, Evidence, PeerName, PeerTime, Presented, Purpose, Question, Verdict};
use ca_store::facts::{BlockKind, Certificate, Crl, Input, Name};
use ca_store::finding::{Code, Finding, Role, Severity, quote, quote_file};
use ca_store::handshake::{self, Asked, ProbeOptions, Survey};
use ca_store::key::Passphrase;
use ca_store::store::Store;
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;

use super::client::{Client, certified};
use super::stale::stale;
use super::{Args, trust};
use crate::endpoint::Endpoint;
use crate::evidence;
use crate::render::card;

/// Asks the endpoint, and gathers what there is to judge it by.
pub(super) fn evidence(
    args: &Args,
    endpoint: &Endpoint,
    store: &Path,
    question: &Question,
    passphrase: Option<Passphrase>,
) -> Evidence {
    let mut evidence = Evidence { passphrase, ..Evidence::default() };
    let client = args.client_chain.as_deref().zip(args.client_key.as_deref());
    let certified = client.and_then(|(chain, key)| certified(chain, key, evidence.passphrase.as_ref()));
    let options = options(args, endpoint, question, certified);
    let survey = handshake::survey(&options);
    let (typed, flags) = (endpoint.to_string(), flags(args));
    let name = args.name.first().map(PeerName::to_string);
    let asked = Asked { endpoint: &typed, name: name.as_deref(), flags: &flags };
    evidence.situation.endpoint_flags = way(args) + &client_files(args);
    evidence.situation.at = args.at;
    take_in(&mut evidence, &survey, asked, question);
    trust(args, store).add_to(&mut evidence);
    for (role, files) in [(Role::Untrusted, &args.untrusted), (Role::Crl, &args.crl)] {
        files.iter().for_each(|file| evidence::add(&mut evidence, role, file));
    }
    if let Some((chain, _)) = client {
        let served = issuers(evidence.chain.iter().map(|it| &it.certificate));
        keep_lists(&mut evidence, &served, &issuers(&certificates(chain)));
    }
    if let Some(PeerName::Dns(host)) = question.names.first() {
        evidence.situation.issued_certificate = issued(store, host);
    }
    judge_addresses(&mut evidence, &survey, question, asked);
    if let Some(root) = root_file(args, store) {
        of_other_cas(&mut evidence, asked, &root);
    }
    if let Some((chain, key)) = client {
        let passphrase = evidence.passphrase.clone();
        let shown = Client { chain, key, options: &options, passphrase: passphrase.as_ref() };
        shown.judge(args, store, (&survey, asked), question, &mut evidence);
    }
    if let Some(file) = &args.chain {
        let stale = stale(file, &evidence, question, asked);
        evidence.observed.extend(stale);
    }
    evidence
}

/// Who issued these.
pub(super) fn issuers<'a>(certificates: impl IntoIterator<Item = &'a Certificate>) -> Vec<Name> {
    certificates.into_iter().map(|it| it.issuer.clone()).collect()
}

/// Of the lists that were given for both sides, those of a CA that issued for the other side alone say nothing of this one.
pub(super) fn keep_lists(evidence: &mut Evidence, own: &[Name], other: &[Name]) {
    let is_of = |crl: &Crl, issuers: &[Name]| issuers.iter().any(|it| it.same_as(&crl.issuer));
    evidence.crls.retain(|(crl, _)| is_of(crl, own) || !is_of(crl, other));
}

/// Of addresses that answer differently, each is judged: whose certificate is refused is told with its reason, and gets that of one
/// whose is not. Where that is the one that the report is about, nothing else is to be mended there.
fn judge_addresses(evidence: &mut Evidence, survey: &Survey, question: &Question, asked: Asked<'_>) {
    if evidence.observed.iter().all(|it| it.code != Code::AddressMismatch) {
        return;
    }
    let question = Question { compare: false, ..question.clone() };
    let answering = survey.addresses.iter().filter(|at| !at.chain.is_empty());
    let judged: Vec<(String, Option<Code>)> = answering
        .map(|at| {
            let address = at.address.to_string();
            let alone = Evidence { chain: sent(&at.chain, &address), observed: Vec::new(), ..evidence.clone() };
            let (verdict, cause) = explain::judge(&alone, &question);
            (address, cause.filter(|_| verdict == Verdict::Invalid).map(|cause| cause.code))
        })
        .collect();
    let refused: Vec<String> =
        judged.iter().filter_map(|(address, code)| Some(format!("{address} is refused ({})", (*code)?))).collect();
    let bad = judged.iter().find(|(_, code)| code.is_some());
    let good = judged.iter().find(|(_, code)| code.is_none());
    let Some((bad, _)) = bad else { return };
    let host = question.names.first().map(PeerName::to_string);
    let again = |address: &str| Asked { endpoint: address, name: asked.name.or(host.as_deref()), ..asked }.again();
    for finding in evidence.observed.iter_mut().filter(|it| it.code == Code::AddressMismatch) {
        finding.message = format!("{}; {}", finding.message, refused.join(", "));
        finding.evidence.insert("refused".into(), refused.clone().into());
        if let Some((good, _)) = good {
            if judged.first().is_some_and(|(first, _)| first == bad) {
                finding.severity = Severity::Error;
            }
            finding.fix = format!(
                "# the certificate at {bad} is refused: give the server there that of {good}, reload it, and look at each\n{}\n{}",
                again(bad),
                again(good)
            );
        }
    }
}

fn sent(chain: &[Vec<u8>], source: &str) -> Vec<Presented> {
    let certificates = chain.iter().filter_map(|der| Certificate::from_der(der).ok());
    certificates.map(|certificate| Presented { certificate, source: source.to_owned(), file: None }).collect()
}

/// The file of the trust at hand; none where it is the system's.
pub(super) fn root_file(args: &Args, store: &Path) -> Option<String> {
    let of_store = || Store::open(store).ok().filter(|_| !args.system_trust).map(|store| store.root_pem_path());
    let file = args.trust.first().cloned().or_else(of_store)?;
    Some(file.to_string_lossy().into_owned())
}

/// A server that names its CAs takes no certificate of another: the one at hand then issues in vain.
fn of_other_cas(evidence: &mut Evidence, asked: Asked<'_>, root: &str) {
    let own: Vec<String> = evidence.trust.iter().map(|it| it.certificate.subject.to_string()).collect();
    for finding in evidence.observed.iter_mut().filter(|it| it.code == Code::ClientCertificateMissing) {
        let listed = finding.evidence.get("server_takes").and_then(|list| list.as_array());
        let is_own = |name: &serde_json::Value| own.iter().any(|own| name.as_str() == Some(own));
        if listed.is_some_and(|list| !list.is_empty() && !list.iter().any(is_own)) {
            finding.fix = handshake::of_another_ca(finding, asked, root);
        }
    }
}

fn options(args: &Args, endpoint: &Endpoint, question: &Question, client: Option<Arc<CertifiedKey>>) -> ProbeOptions {
    ProbeOptions {
        client,
        starttls: args.starttls,
        alpn: args.alpn.clone(),
        only_tls13: args.min_tls.as_deref() == Some("1.3"),
        judged_at: Some(question.at),
        ..ProbeOptions::new(&endpoint.host, endpoint.port, server_name(question, endpoint))
    }
}

/// How the endpoint was asked: what no evidence of files has.
fn way(args: &Args) -> String {
    let mut flags = String::new();
    let mut add = |flag: &str, value: &str| flags.push_str(&format!(" {flag} {}", quote(value)));
    if let Some(protocol) = args.starttls {
        add("--starttls", protocol.as_str());
    }
    args.alpn.iter().for_each(|name| add("--alpn", name));
    if let Some(version) = &args.min_tls {
        add("--min-tls", version);
    }
    flags
}

/// How to ask the same again: every flag that decides, but for the client's own files.
fn flags(args: &Args) -> String {
    let mut flags = way(args);
    let files = [("--trust", &args.trust), ("--untrusted", &args.untrusted), ("--crl", &args.crl)];
    for (flag, file) in files.into_iter().flat_map(|(flag, files)| files.iter().map(move |file| (flag, file))) {
        flags.push_str(&format!(" {flag} {}", quote_file(&file.to_string_lossy())));
    }
    if let Some(at) = args.at {
        flags.push_str(&format!(" --at {}", card::rfc3339(at)));
    }
    for name in args.name.iter().skip(1) {
        flags.push_str(&format!(" --name {}", quote(&name.to_string())));
    }
    if let Some(purpose) = args.purpose.and_then(|purpose| Purpose::from(purpose).flag()) {
        flags.push_str(&format!(" --purpose {purpose}"));
    }
    if let Some(depth) = args.max_depth {
        flags.push_str(&format!(" --max-depth {depth}"));
    }
    if let Some(profile) = args.profile.flag() {
        flags.push_str(&format!(" --profile {profile}"));
    }
    if args.system_trust {
        flags.push_str(" --system-trust");
    }
    flags
}

/// The client's own files, which a question about the server's chain is asked with again.
fn client_files(args: &Args) -> String {
    let files = [
        ("--client-chain", &args.client_chain),
        ("--client-key", &args.client_key),
        ("--passphrase-file", &args.passphrase_file),
    ];
    let typed = files.iter().filter_map(|(flag, file)| Some((flag, file.as_ref()?)));
    typed.map(|(flag, file)| format!(" {flag} {}", quote_file(&file.to_string_lossy()))).collect()
}

fn take_in(evidence: &mut Evidence, survey: &Survey, asked: Asked<'_>, question: &Question) {
    let endpoint = asked.endpoint;
    evidence.situation.endpoint = Some(endpoint.to_owned());
    evidence.endpoint = Some(handshake::facts(survey));
    evidence.observed.extend(handshake::findings(survey, asked, question.names.first()));
    let date = survey.http.as_ref().and_then(|answer| answer.date);
    evidence.peer_time = date.map(|time| PeerTime { time, source: format!("the Date header of {endpoint}") });
    for (position, der) in (1..).zip(&survey.main.chain) {
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

/// What the store issued for that name.
fn issued(store: &Path, host: &str) -> Option<Certificate> {
    // A host has no slash, so this stays within the store.
    let file = store.join("certs").join(host).join("cert.pem");
    certificates(&file).into_iter().next()
}

pub(super) fn certificates(file: &Path) -> Vec<Certificate> {
    let Ok(bytes) = evidence::read(file) else { return Vec::new() };
    let blocks = Input::read(&bytes).blocks;
    let certificates = blocks.iter().filter(|block| block.kind == BlockKind::Certificate);
    certificates.filter_map(|block| Certificate::from_der(&block.der).ok()).collect()
}

/// Whether a code speaks of who issued the certificate.
pub(super) fn of_trust(code: Code) -> bool {
    use Code as C;
    matches!(
        code,
        C::RootNotTrusted | C::MissingIntermediate | C::SelfSignedLeaf | C::LeafMissing | C::RootInOtherStore
    )
}
