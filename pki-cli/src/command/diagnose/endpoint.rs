//! A live endpoint as evidence: what the survey saw, what it makes of the client's certificate, and whether it sends
//! what lies on the disk.

use std::path::Path;
use std::sync::Arc;

use ca_store::clients::{CLIENT, USED_BY};
use ca_store::container;
use ca_store::explain::{self, Evidence, PeerName, PeerTime, Presented, Purpose, Question, Report, Verdict};
use ca_store::facts::{BlockKind, Certificate, Input, SignatureCheck, escape};
use ca_store::finding::{Code, Finding, Role, Severity, quote, quote_file};
use ca_store::handshake::{self, Asked, ClientFiles, ProbeOptions, Survey};
use ca_store::key::Passphrase;
use ca_store::store::Store;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;

use super::{Args, trust};
use crate::endpoint::Endpoint;
use crate::evidence::{self, OwnStore};
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
    let unusable = client.is_some() && certified.is_none();
    let survey = handshake::survey(&options(args, endpoint, question, certified));
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
    if let Some(PeerName::Dns(host)) = question.names.first() {
        evidence.situation.issued_certificate = issued(store, host);
    }
    judge_addresses(&mut evidence, &survey, question, asked);
    if let Some(root) = root_file(args, store) {
        of_other_cas(&mut evidence, asked, &root);
    }
    if let Some((chain, key)) = client {
        let judged = Client { chain, key, unusable };
        judged.judge(args, store, (&survey, asked), question, &mut evidence);
    }
    if let Some(file) = &args.chain {
        let stale = stale(file, &evidence, question, asked);
        evidence.observed.extend(stale);
    }
    evidence
}

/// Of addresses that answer differently, each is judged: whose certificate is refused is told with its reason, and gets that of one
/// whose is not.
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
fn root_file(args: &Args, store: &Path) -> Option<String> {
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

fn certificates(file: &Path) -> Vec<Certificate> {
    let Ok(bytes) = evidence::read(file) else { return Vec::new() };
    let blocks = Input::read(&bytes).blocks;
    let certificates = blocks.iter().filter(|block| block.kind == BlockKind::Certificate);
    certificates.filter_map(|block| Certificate::from_der(&block.der).ok()).collect()
}

/// The client's certificate that is shown.
struct Client<'a> {
    chain: &'a Path,
    key: &'a Path,
    /// Its files do not make a certificate with its key.
    unusable: bool,
}

impl Client<'_> {
    /// What is wrong with it, by the server's word first, and then by the trust at hand.
    fn judge(
        &self,
        args: &Args,
        store: &Path,
        (survey, typed): (&Survey, Asked<'_>),
        question: &Question,
        evidence: &mut Evidence,
    ) {
        let (own, judged) = self.by_the_trust_at_hand(args, store, question, evidence.passphrase.clone());
        let (is_in_order, cause) = (judged.verdict == Verdict::Valid, judged.cause);
        if self.unusable {
            let cause =
                cause.filter(|cause| cause.severity == Severity::Error).unwrap_or_else(|| self.cannot_be_used());
            return evidence.observed.push(Finding { certificate: None, ..cause }.shown_by(USED_BY, CLIENT));
        }
        let (chain, key) = (self.chain.to_string_lossy(), self.key.to_string_lossy());
        let shown = certificates(self.chain);
        let files = ClientFiles { chain: &chain, key: &key };
        let at_hand: Vec<&Presented> =
            own.neighbours.iter().chain(&evidence.chain).chain(&evidence.untrusted).collect();
        let mut unlisted = unlisted(survey, typed, &shown, files, &at_hand);
        if let Some(root) = root_file(args, store).filter(|_| is_in_order) {
            let fix = handshake::let_it_trust(&survey.main, typed, &shown, files, &root);
            let refused = evidence.observed.iter_mut().filter(|it| it.code == Code::ClientCertificateRefused);
            refused.chain(&mut unlisted).for_each(|it| it.fix.clone_from(&fix));
        }
        evidence
            .observed
            .extend(cause.as_ref().and_then(|cause| handshake::let_in_though_revoked(survey, typed, cause, files)));
        if let Some(mut reason) = cause.and_then(|cause| handshake::likely_reason(survey, cause, &shown)) {
            for refused in evidence.observed.iter_mut().filter(|it| it.code == Code::ClientCertificateRefused) {
                refused.follows_from = Some(reason.code);
            }
            // By its list the server says itself that it does not know this CA; the trust at hand says no more.
            let of_list = unlisted.as_ref().filter(|_| of_trust(reason.code));
            reason.follows_from = of_list.map(|unlisted| unlisted.code);
            evidence.observed.push(reason);
        }
        evidence.observed.extend(unlisted);
    }

    /// Its files, and what is wrong with them; then with a look at what lies beside them.
    fn by_the_trust_at_hand(
        &self,
        args: &Args,
        store: &Path,
        question: &Question,
        passphrase: Option<Passphrase>,
    ) -> (Evidence, Report) {
        let mut own = Evidence { passphrase, ..Evidence::default() };
        own.situation.at = args.at;
        evidence::add(&mut own, Role::Chain, self.chain);
        evidence::add(&mut own, Role::Key, self.key);
        trust(args, store).add_to(&mut own);
        args.crl.iter().for_each(|file| evidence::add(&mut own, Role::Crl, file));
        OwnStore::of(&trust(args, store)).add_to(&mut own);
        let asked = Question { compare: false, machine_now: question.machine_now, ..Question::client(question.at) };
        let mut judged = explain::diagnose(&own, &asked);
        if judged.verdict == Verdict::Invalid {
            let given: Vec<&Path> =
                [self.chain, self.key].into_iter().chain(args.trust.iter().map(AsRef::as_ref)).collect();
            evidence::add_neighbours(&mut own, &given);
            evidence::look_around(&mut own, &judged, &[], store);
            judged = explain::diagnose(&own, &asked);
        }
        (own, judged)
    }

    fn cannot_be_used(&self) -> Finding {
        let (chain, key) = (self.chain.to_string_lossy(), self.key.to_string_lossy());
        Finding::new(
            Code::KeyMismatch,
            format!("{} and {} make no usable client certificate", escape(&chain), escape(&key)),
        )
        .shown_by("client_chain", escape(&chain))
        .shown_by("client_key", escape(&key))
        .mended_by(format!(
            "pki diagnose --purpose client --chain {} --key {}",
            quote_file(&chain),
            quote_file(&key)
        ))
    }
}

/// The finding that the server's list leaves the client's CA out; none where it refuses a chain that leads to what it names once the
/// CA between is sent.
fn unlisted(
    survey: &Survey,
    typed: Asked<'_>,
    shown: &[Certificate],
    files: ClientFiles<'_>,
    at_hand: &[&Presented],
) -> Option<Finding> {
    let left_out = |chain: &[Certificate]| handshake::not_offered(survey, typed, chain, files);
    let finding = left_out(shown)?;
    (finding.severity != Severity::Error || left_out(&completed(shown, at_hand)).is_some()).then_some(finding)
}

/// The chain with the CAs above it that are at hand.
fn completed(shown: &[Certificate], at_hand: &[&Presented]) -> Vec<Certificate> {
    let mut chain = shown.to_vec();
    while let Some(last) = chain.last().filter(|last| !last.is_self_issued() && chain.len() < explain::MAX_DEPTH) {
        let issued = |it: &&&Presented| {
            let it = &it.certificate;
            it.is_ca() && last.issuer.same_as(&it.subject) && last.verified_by(&it.public_key) == SignatureCheck::Good
        };
        let Some(above) = at_hand.iter().find(issued) else { break };
        let above = above.certificate.clone();
        chain.push(above);
    }
    chain
}

/// Whether a code speaks of who issued the certificate.
pub(super) fn of_trust(code: Code) -> bool {
    use Code as C;
    matches!(
        code,
        C::RootNotTrusted | C::MissingIntermediate | C::SelfSignedLeaf | C::LeafMissing | C::RootInOtherStore
    )
}

/// The file is in order and newer than what is sent, or in order where that is not: the server has not read it.
fn stale(file: &Path, served: &Evidence, question: &Question, asked: Asked<'_>) -> Option<Finding> {
    let mut on_disk = Evidence { trust: served.trust.clone(), crls: served.crls.clone(), ..Evidence::default() };
    evidence::add(&mut on_disk, Role::Chain, file);
    let question = Question { compare: false, ..question.clone() };
    let name = file.to_string_lossy();
    let (Some(new), Some(old)) = (on_disk.chain.first(), served.chain.first()) else {
        return on_disk.observed.into_iter().next();
    };
    let (new, old) = (&new.certificate, &old.certificate);
    let valid = |evidence: &Evidence| explain::diagnose(evidence, &question).verdict == Verdict::Valid;
    if new.der() == old.der() || !valid(&on_disk) {
        return None;
    }
    let alone = Evidence { observed: Vec::new(), ..served.clone() };
    let severity = match (valid(&alone), new.validity.not_before > old.validity.not_before) {
        (false, _) => Severity::Error,
        (true, true) => Severity::Warning,
        // The server has a newer one than the file: nothing is stale but the file.
        (true, false) => return None,
    };
    let until = |certificate: &Certificate| certificate.validity.not_after.date().to_string();
    let message = format!(
        "{} does not send the certificate of {}: expected one until {} (serial {}), found one until {} (serial {})",
        escape(asked.endpoint),
        escape(&name),
        until(new),
        new.serial_hex(),
        until(old),
        old.serial_hex()
    );
    let finding = Finding::new(Code::StaleCertificateServed, message)
        .about(0)
        .graded(severity)
        .shown_by("served_sha256", old.sha256_hex())
        .shown_by("file_sha256", new.sha256_hex())
        .shown_by("file", escape(&name));
    Some(finding.mended_by(format!(
        "# on the server: let it read its files again (systemctl reload nginx, apachectl graceful, a restart where there is no reload), and see that its settings name this file; then\n{} --chain {}",
        asked.again(),
        quote(&name)
    )))
}

/// Certificate and key for rustls; `None` where they cannot be used, which [`Client::judge`] explains.
fn certified(chain: &Path, key: &Path, passphrase: Option<&Passphrase>) -> Option<Arc<CertifiedKey>> {
    let chain = container::open(Input::read(&evidence::read(chain).ok()?), passphrase);
    let certificates: Vec<CertificateDer<'static>> = chain
        .blocks
        .iter()
        .filter(|block| block.kind == BlockKind::Certificate)
        .map(|block| CertificateDer::from(block.der.to_vec()))
        .collect();
    let key = container::open(Input::read(&evidence::read(key).ok()?), passphrase);
    let block = key.blocks.iter().find(|block| block.kind == BlockKind::PrivateKey)?;
    let key = PrivateKeyDer::try_from(block.der.to_vec()).ok()?;
    CertifiedKey::from_der(certificates, key, &handshake::provider()).ok().map(Arc::new)
}
