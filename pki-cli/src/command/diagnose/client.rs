//! The client's certificate that is shown to an endpoint: what is wrong with it by the server's word and by the trust at hand, and
//! whether the server takes what a fix puts in its place.

use std::path::Path;
use std::sync::Arc;

use ca_store::clients::{CLIENT, USED_BY};
use ca_store::container;
use ca_store::explain::{self, ClientChain, Evidence, Presented, Proposed, Question, Report, Verdict};
use ca_store::facts::{BlockKind, Certificate, Input, Name, SignatureCheck, escape};
use ca_store::finding::{Code, Finding, Role, Severity, issues_anew, quote_file};
use ca_store::handshake::{self, Asked, ClientFiles, ProbeOptions, Survey, Trial};
use ca_store::key::Passphrase;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::endpoint::{certificates, issuers, keep_lists, of_trust, root_file};
use super::{Args, trust};
use crate::evidence::{self, OwnStore};

/// The client's certificate that is shown.
pub(super) struct Client<'a> {
    pub(super) chain: &'a Path,
    pub(super) key: &'a Path,
    /// How the endpoint is asked, with it where its files make a certificate with its key.
    pub(super) options: &'a ProbeOptions,
    /// What opens its key.
    pub(super) passphrase: Option<&'a Passphrase>,
}

impl Client<'_> {
    /// What is wrong with it, by the server's word first, and then by the trust at hand.
    pub(super) fn judge(
        &self,
        args: &Args,
        store: &Path,
        (survey, typed): (&Survey, Asked<'_>),
        question: &Question,
        evidence: &mut Evidence,
    ) {
        let served = issuers(evidence.chain.iter().map(|it| &it.certificate));
        let (own, judged) = self.by_the_trust_at_hand(args, store, question, &served);
        let before = evidence.observed.len();
        let is_in_order = judged.verdict == Verdict::Valid;
        if self.options.client.is_none() {
            self.not_shown(judged.cause.clone(), evidence);
            return keep_chain(&judged, before, evidence);
        }
        let (chain, key) = (self.chain.to_string_lossy(), self.key.to_string_lossy());
        let shown = certificates(self.chain);
        let files = ClientFiles { chain: &chain, key: &key };
        let at_hand: Vec<&Presented> =
            own.neighbours.iter().chain(&evidence.chain).chain(&evidence.untrusted).collect();
        let mut unlisted = unlisted(survey, typed, &shown, files, &at_hand);
        let root = root_file(args, store);
        let by_its_word = handshake::revoked_by_its_word(survey, typed, &shown);
        if let Some(root) = root.as_deref().filter(|_| is_in_order && by_its_word.is_none()) {
            let fix = handshake::let_it_trust(&survey.main, typed, &shown, files, root);
            let refused = evidence.observed.iter_mut().filter(|it| it.code == Code::ClientCertificateRefused);
            refused.chain(&mut unlisted).for_each(|it| it.fix.clone_from(&fix));
        }
        evidence
            .observed
            .extend(judged.findings.iter().find_map(|it| handshake::let_in_though_faulty(survey, typed, it, files)));
        if let Some(mut reason) = handshake::likely_reason(survey, &judged.findings, &shown).or(by_its_word) {
            for refused in evidence.observed.iter_mut().filter(|it| it.code == Code::ClientCertificateRefused) {
                refused.follows_from = Some(reason.code);
            }
            settle(&mut reason, unlisted.as_mut());
            // What is proposed is for the cause by the trust at hand, which need not be the reason here.
            let is_cause = judged.cause.as_ref().is_some_and(|cause| cause.code == reason.code);
            let proposed = is_cause.then(|| explain::proposed(&own, &asked_of_client(question))).flatten();
            reason.fix = match self.of_another_ca(&reason, &own, question, (survey, typed)) {
                Some(fix) => fix,
                None => self.tried(&reason.fix, proposed.as_ref(), (survey, typed), root.as_deref()),
            };
            evidence.observed.push(reason);
        }
        evidence.observed.extend(unlisted);
        evidence.observed.extend(unusual_form(&judged, &evidence.observed[before..]));
        keep_chain(&judged, before, evidence);
    }

    /// Files that make no certificate with its key are not shown, and what the server misses it misses for that.
    fn not_shown(&self, cause: Option<Finding>, evidence: &mut Evidence) {
        let cause = cause.filter(|cause| cause.severity == Severity::Error).unwrap_or_else(|| self.cannot_be_used());
        for missing in evidence.observed.iter_mut().filter(|it| it.code == Code::ClientCertificateMissing) {
            missing.follows_from = Some(cause.code);
        }
        evidence.observed.push(Finding { certificate: None, ..cause }.shown_by(USED_BY, CLIENT));
    }

    /// Its files, and what is wrong with them; then with a look at what lies beside them.
    fn by_the_trust_at_hand(
        &self,
        args: &Args,
        store: &Path,
        question: &Question,
        served: &[Name],
    ) -> (Evidence, Report) {
        let mut own = Evidence { passphrase: self.passphrase.cloned(), ..Evidence::default() };
        own.situation.at = args.at;
        own.situation.passphrase_file = args.passphrase_file.as_ref().map(|file| file.to_string_lossy().into_owned());
        evidence::add(&mut own, Role::Chain, self.chain);
        evidence::add(&mut own, Role::Key, self.key);
        trust(args, store).add_to(&mut own);
        own.recognise_swap();
        args.crl.iter().for_each(|file| evidence::add(&mut own, Role::Crl, file));
        keep_lists(&mut own, &issuers(&certificates(self.chain)), served);
        OwnStore::of(&trust(args, store)).add_to(&mut own);
        let asked = asked_of_client(question);
        let mut judged = explain::diagnose(&own, &asked);
        if judged.verdict == Verdict::Invalid {
            let given: Vec<&Path> =
                [self.chain, self.key].into_iter().chain(args.trust.iter().map(AsRef::as_ref)).collect();
            evidence::add_neighbours(&mut own, &given);
            evidence::look_around(&mut own, &judged, &[], store);
            evidence::situate_client(&mut own);
            judged = explain::diagnose(&own, &asked);
        }
        (own, judged)
    }

    /// The fix, and what the server makes of what it proposes: by the trust at hand that is in order, and the server's is its own.
    fn tried(
        &self,
        fix: &str,
        proposed: Option<&Proposed>,
        (survey, typed): (&Survey, Asked<'_>),
        root: Option<&str>,
    ) -> String {
        let Some(proposed) = proposed else { return to_be_tried(fix, typed) };
        let refused = match self.trial(proposed, survey) {
            Trial::Takes => return format!("{fix}\n# the server was asked with it, and takes it"),
            Trial::Unknown => return format!("{fix}\n# the server did not answer when it was asked with it"),
            Trial::Refuses(how) => how,
        };
        let files = ClientFiles { chain: &proposed.chain_file, key: &proposed.key_file };
        let known = root.map(|root| handshake::let_it_trust(&survey.main, typed, &proposed.chain, files, root));
        let known = known.map(|fix| format!(":\n{fix}")).unwrap_or_default();
        format!("{fix}\n# the server was asked with it, and refuses it as well ({}){known}", escape(&refused))
    }

    /// What to type where it is in order by a root that lies there, and that the server does not know: the server has to be told of it, or
    /// one is issued by a CA that is trusted already, where its key is at hand.
    fn of_another_ca(
        &self,
        reason: &Finding,
        own: &Evidence,
        question: &Question,
        (survey, typed): (&Survey, Asked<'_>),
    ) -> Option<String> {
        let asked = asked_of_client(question);
        let top = own.chain.last().map(|it| &it.certificate).filter(|_| reason.code == Code::RootNotTrusted)?;
        let root = own.neighbours.iter().find(|it| is_root_of(&it.certificate, top))?;
        let trusting = Evidence { trust: vec![root.clone()], ..own.clone() };
        let file = root.file.as_deref().filter(|_| explain::judge(&trusting, &asked).0 == Verdict::Valid)?;
        if own.situation.held.iter().any(|ca| ca.trusted) {
            let mut without = own.clone();
            without.neighbours.retain(|it| !is_root_of(&it.certificate, top));
            let anew = explain::diagnose(&without, &asked).cause?.fix;
            let remark = handshake::either_trust_it(file);
            return Some(format!("{remark}\n{}", to_be_tried(&from_its_issuer(&anew), typed)));
        }
        let (chain, key) = (self.chain.to_string_lossy(), self.key.to_string_lossy());
        let shown: Vec<Certificate> = own.chain.iter().map(|it| it.certificate.clone()).collect();
        Some(handshake::let_it_trust(&survey.main, typed, &shown, ClientFiles { chain: &chain, key: &key }, file))
    }

    fn trial(&self, proposed: &Proposed, survey: &Survey) -> Trial {
        let certificates = proposed.chain.iter().map(|it| CertificateDer::from(it.der().to_vec())).collect();
        let certified = with_key(certificates, Path::new(&proposed.key_file), self.passphrase);
        match survey.main.address.zip(certified) {
            Some((address, client)) => {
                let options = ProbeOptions { client: Some(client), ..self.options.clone() };
                handshake::try_client(address, &options, survey.http.is_some())
            }
            None => Trial::Unknown,
        }
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

/// What was read here in spite of its form, other clients do not read: that is told where the server has nothing against it.
fn unusual_form(judged: &Report, told: &[Finding]) -> Option<Finding> {
    let cause =
        judged.cause.as_ref().filter(|it| it.code.is_of_file() && told.iter().all(|known| known.code != it.code))?;
    Some(Finding { certificate: None, ..cause.clone() }.shown_by(USED_BY, CLIENT))
}

/// The client's chain as it was judged goes into the report beside the server's, with what has been found of it: what was observed since
/// there were so many findings.
fn keep_chain(judged: &Report, before: usize, evidence: &mut Evidence) {
    let mut kept = ClientChain::of(judged);
    for fault in evidence.observed.iter().skip(before) {
        let own = judged.findings.iter().find(|it| it.code == fault.code);
        kept.add_fault(fault, own.and_then(|it| it.certificate));
    }
    if let Some(endpoint) = &mut evidence.endpoint {
        endpoint.client_chain = Some(kept);
    }
}

/// By its list the server says itself that it does not know this CA, and the trust at hand says no more, but where there is no CA at all.
fn settle(reason: &mut Finding, unlisted: Option<&mut Finding>) {
    match unlisted {
        Some(unlisted) if reason.code == Code::SelfSignedLeaf => unlisted.follows_from = Some(reason.code),
        Some(unlisted) if of_trust(reason.code) => reason.follows_from = Some(unlisted.code),
        _ => {}
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

/// The fix from who issues onwards: of the CA that is not known another remark tells.
fn from_its_issuer(fix: &str) -> String {
    let lines: Vec<&str> = fix.lines().collect();
    let first = lines.iter().position(|line| !line.starts_with('#')).unwrap_or_default();
    lines[first.saturating_sub(1)..].join("\n")
}

fn is_root_of(root: &Certificate, child: &Certificate) -> bool {
    root.is_ca()
        && root.is_self_signed()
        && child.issuer.same_as(&root.subject)
        && child.verified_by(&root.public_key) == SignatureCheck::Good
}

/// The same question of a client's certificate.
fn asked_of_client(question: &Question) -> Question {
    Question { compare: false, machine_now: question.machine_now, ..Question::client(question.at) }
}

/// What is issued first cannot be shown yet: the last line asks the server with it.
fn to_be_tried(fix: &str, typed: Asked<'_>) -> String {
    match looked_at(fix).filter(|_| issues_anew(fix)) {
        Some((chain, key)) => format!(
            "{fix}\n# the server has not been asked with it, as it is not there yet; once it is:\n{} --client-chain {chain} --client-key {key}",
            typed.again()
        ),
        None => fix.to_owned(),
    }
}

/// The files that a fix looks at in the end, quoted as they stand there.
fn looked_at(fix: &str) -> Option<(&str, &str)> {
    let look = fix.lines().rfind(|line| line.starts_with("pki diagnose "))?;
    let (chain, rest) = look.split_once(" --chain ")?.1.split_once(" --key ")?;
    Some((chain, rest.split(" --").next()?))
}

/// Certificate and key for rustls; `None` where they cannot be used, which [`Client::judge`] explains.
pub(super) fn certified(chain: &Path, key: &Path, passphrase: Option<&Passphrase>) -> Option<Arc<CertifiedKey>> {
    let chain = container::open(Input::read(&evidence::read(chain).ok()?), passphrase);
    let certificates = chain.blocks.iter().filter(|block| block.kind == BlockKind::Certificate);
    with_key(certificates.map(|block| CertificateDer::from(block.der.to_vec())).collect(), key, passphrase)
}

fn with_key(
    certificates: Vec<CertificateDer<'static>>,
    key: &Path,
    passphrase: Option<&Passphrase>,
) -> Option<Arc<CertifiedKey>> {
    let key = container::open(Input::read(&evidence::read(key).ok()?), passphrase);
    let block = key.blocks.iter().find(|block| block.kind == BlockKind::PrivateKey)?;
    let key = PrivateKeyDer::try_from(block.der.to_vec()).ok()?;
    CertifiedKey::from_der(certificates, key, &handshake::provider()).ok().map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::{Asked, to_be_tried};

    #[test]
    fn what_is_issued_first_is_shown_to_the_server_by_the_last_line() {
        let typed = Asked { endpoint: "h:1", name: None, flags: "" };
        let fix = "pki issue client a --out 'new one'\npki diagnose --chain 'new one/fullchain.pem' --key 'new one/privkey.pem' --trust x --purpose client\n# then show it";
        let last = "pki diagnose h:1 --client-chain 'new one/fullchain.pem' --client-key 'new one/privkey.pem'";
        assert!(to_be_tried(fix, typed).ends_with(last), "{}", to_be_tried(fix, typed));
        for other in ["pki crl", "pki diagnose --chain a.pem --key a.key --purpose client"] {
            assert_eq!(to_be_tried(other, typed), other);
        }
    }
}
