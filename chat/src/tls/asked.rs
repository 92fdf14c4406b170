//! What a server asks of the client's certificate, why it refuses it, and what to type where it wants another one.

use ca_store::explain::{self, Question, Report};
use ca_store::facts::{Certificate, Name};
use ca_store::finding::{Code, Finding, quote, quote_file};
use ca_store::handshake::{self, Asked, ClientFiles, Observation, ProbeError, Survey, may_mean};
use rustls::client::ResolvesClientCert;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{AlertDescription, SignatureScheme};
use std::sync::{Arc, OnceLock};
use time::OffsetDateTime;

use crate::limits::client::CAS_NAMED;

use super::client::{ConnectError, Target};
use super::refusal;

/// What was typed, for commands that ask again. Pasted as they stand, they must go to the same server by the same trust.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The options of store and trust, quoted, each with a space before it.
    pub options: String,
    /// The same for `pki diagnose`.
    pub judged_by: String,
    /// The files of the certificate that is shown and of its key, if any.
    pub files: Option<(String, String)>,
    /// What a certificate for whoever connects is called.
    pub holder: String,
    /// Whether the store has a client's certificate of that name.
    pub is_issued: bool,
    /// The CAs of the store.
    pub own_cas: Vec<Certificate>,
}

/// Our certificate, if there is one, and what the server said when it asked for one.
#[derive(Debug)]
pub(super) struct Own {
    certificate: Option<SingleCertAndKey>,
    asked: OnceLock<Vec<Vec<u8>>>,
}

impl Own {
    pub(super) fn of(certificate: Option<CertifiedKey>) -> Own {
        Own { certificate: certificate.map(Into::into), asked: OnceLock::new() }
    }

    /// The subjects of the CAs that the server named, as DER; `None` where it asked for no certificate.
    pub(super) fn asked(&self) -> Option<&[Vec<u8>]> {
        self.asked.get().map(Vec::as_slice)
    }
}

impl ResolvesClientCert for Own {
    fn resolve(&self, issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        // One connection is asked once.
        let _ = self.asked.set(issuers.iter().map(|issuer| issuer.to_vec()).collect());
        self.certificate.as_ref()?.resolve(issuers, schemes)
    }

    fn has_certs(&self) -> bool {
        self.certificate.is_some()
    }
}

impl Target {
    /// The CAs that the server named, as far as they can be read.
    fn taken_names(&self) -> Vec<Name> {
        self.taken.iter().filter_map(|der| Name::from_der(der)).collect()
    }

    fn shown_certificates(&self) -> Vec<Certificate> {
        self.shown.iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
    }

    /// Whether the server says itself that it knows the CA of what was shown: then the trust at hand is not its own.
    pub(super) fn is_taken(&self) -> bool {
        let taken = self.taken_names();
        self.shown_certificates().last().is_some_and(|top| taken.iter().any(|name| top.issuer.same_as(name)))
    }

    /// The finding that the server's list of CAs leaves out those of what was shown; none where it has one of them.
    pub(super) fn not_offered(&self, alert: AlertDescription) -> Option<Finding> {
        let shown = self.shown_certificates();
        let survey = Survey::of(Observation {
            wanted_issuers: self.taken.clone(),
            client_certificate_shown: true,
            failure: Some(ProbeError::Alert(alert)),
            ..Observation::default()
        });
        let endpoint = self.endpoint();
        let asked = Asked { endpoint: &endpoint, name: None, flags: &self.typed.judged_by };
        let (chain, key) = self.typed.files.clone().unwrap_or_default();
        let finding = handshake::not_offered(&survey, asked, &shown, ClientFiles { chain: &chain, key: &key })?;
        // The chain of the report is what was shown.
        Some(finding.about(0).mended_by(self.another_certificate()))
    }

    /// What is wrong with our own certificate, where that is what the alert may mean. The trust at hand may be for servers alone: of
    /// our CA, the server's own list says more.
    pub(super) fn own_fault(&self, alert: AlertDescription, refused: Finding) -> Option<ConnectError> {
        let source = self.anchors_source.display().to_string();
        let mut evidence = refusal::evidence(&self.shown, "shown", &self.anchors, &source).ok()?;
        evidence.situation.store_has_ca = true;
        let files = self.typed.files.clone();
        (evidence.situation.chain_file, evidence.situation.key_file) = files.unzip();
        let mut unlisted = self.not_offered(alert);
        let question = Question { compare: false, ..Question::client(OffsetDateTime::now_utc()) };
        let findings = explain::diagnose(&evidence, &question).findings;
        let is_of_ours = |code| {
            let is_answered = match code {
                Code::MissingIntermediate => self.is_taken(),
                code => handshake::hangs_on_trust(code) && (self.is_taken() || unlisted.is_some()),
            };
            !is_answered && may_mean(alert, code)
        };
        let reason = handshake::reason(&findings, is_of_ours).cloned();
        if let (Some(reason), Some(unlisted)) = (&reason, &mut unlisted) {
            unlisted.follows_from = Some(reason.code);
        }
        let reason = reason.or_else(|| unlisted.clone())?;
        evidence.observed.extend([refused].into_iter().chain(unlisted));
        let mut report = explain::diagnose(&evidence, &question);
        let cause = report.cause.take().filter(|cause| cause.code == reason.code);
        if cause.is_none() || !handshake::hangs_on_trust(reason.code) {
            report.findings.retain(|it| !handshake::hangs_on_trust(it.code));
        }
        if cause.is_none() {
            report.findings.retain(|it| it.code != reason.code);
            report.findings.insert(0, reason.clone());
        }
        let mut cause = cause.unwrap_or(reason);
        if cause.code == Code::MissingIntermediate && self.typed.files.is_some() {
            let own = report.findings.iter_mut().filter(|it| **it == cause).collect::<Vec<_>>();
            let fix = format!(
                "# this finds the CA that is missing where it lies beside these files, and shows what is joined to the server:\n{}",
                self.diagnose()
            );
            own.into_iter().chain([&mut cause]).for_each(|it| it.fix.clone_from(&fix));
        }
        let cause = Some(cause);
        Some(ConnectError::Explained(Box::new(Report { clients: Vec::new(), cause, ..report })))
    }

    /// With the CAs that the server takes certificates of, where it is one that it misses.
    pub(super) fn with_taken(&self, finding: Finding) -> Finding {
        let names: Vec<String> = self.taken_names().iter().map(ToString::to_string).collect();
        let is_of_client = finding.code == Code::ClientCertificateMissing && !names.is_empty();
        if is_of_client { finding.shown_by("server_takes", names) } else { finding }
    }

    /// What to type where the server takes another certificate than what was shown: from the store's CA where it takes that one's.
    pub(super) fn another_certificate(&self) -> String {
        let taken = self.taken_names();
        let is_own = |name: &Name| self.typed.own_cas.iter().any(|ca| ca.subject.same_as(name));
        let from_store = self.store_has_ca && (taken.is_empty() || taken.iter().any(is_own));
        let (takes, holder) = (told(&taken), quote(&self.typed.holder));
        if !from_store {
            return format!(
                "# the server takes certificates of {takes}: ask whoever runs it for one, as `pki export bundle {holder}` writes it, \
                 and come with --bundle FILE; or, where the server is yours, let it trust your CA as well (chat serve --trust FILE)\n\
                 # what is at hand, and what the server makes of it:\n{}",
                self.diagnose()
            );
        }
        let issue = if self.typed.is_issued { String::new() } else { format!("pki issue client {holder}\n") };
        format!("# the server takes certificates of {takes}; from the store's CA:\n{issue}{}", self.again_as(&holder))
    }

    /// The same connection with the store's certificate of a name, which is quoted.
    pub(super) fn again_as(&self, holder: &str) -> String {
        format!("chat connect {}{} --as {holder}", quote(&self.endpoint()), self.typed.options)
    }

    /// The command that looks at the server as it was met, from outside.
    pub fn diagnose(&self) -> String {
        let client = self.typed.files.as_ref().map(|(chain, key)| {
            let (chain, key) = (quote_file(chain), quote_file(key));
            format!(" --client-chain {chain} --client-key {key}")
        });
        format!("pki diagnose {}{}{}", quote(&self.endpoint()), self.typed.judged_by, client.unwrap_or_default())
    }
}

/// Which CAs they are, the first of them.
fn told(taken: &[Name]) -> String {
    let first: Vec<String> = taken.iter().take(CAS_NAMED).map(|name| format!("`{name}`")).collect();
    match taken.len().checked_sub(CAS_NAMED) {
        _ if taken.is_empty() => "a CA that it does not name".to_owned(),
        None | Some(0) => first.join(", "),
        Some(more) => format!("{} and {more} more", first.join(", ")),
    }
}
