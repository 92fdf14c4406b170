//! What the server makes of the client's certificate.

use rustls::AlertDescription;

use crate::clients::{CLIENT, USED_BY};
use crate::facts::{Certificate, Name, escape};
use crate::finding::{Code, Finding, Severity, quote_file};

use super::observed::{Asked, client_certificate};
use super::{Observation, ProbeError, Survey};

/// The most CAs of a server's list that are shown; public servers name a hundred and more.
pub(super) const MAX_LISTED: usize = 20;

/// The client's files, as typed.
#[derive(Debug, Clone, Copy)]
pub struct ClientFiles<'a> {
    /// Its chain.
    pub chain: &'a str,
    /// Its key.
    pub key: &'a str,
}

/// The names on the server's list of CAs (RFC 8446 section 4.2.4, RFC 5246 section 7.4.4), as far as they can be read.
pub(super) fn accepted(seen: &Observation) -> Vec<Name> {
    seen.wanted_issuers.iter().filter_map(|der| Name::from_der(der)).collect()
}

/// The most CAs that a fix names; evidence has more of them.
const MAX_NAMED: usize = 3;

/// The finding of a client that is to show a certificate, with the CAs that the server takes one of, where it names any: what the user's
/// own CA issues is of no use where it is not among them.
pub(super) fn with_cas(finding: Finding, seen: &Observation) -> Finding {
    let names: Vec<String> = accepted(seen).iter().take(MAX_LISTED).map(ToString::to_string).collect();
    let is_of_client = matches!(finding.code, Code::ClientCertificateMissing | Code::ClientCertificateRefused);
    if names.is_empty() || !is_of_client {
        return finding;
    }
    let first: Vec<String> = names.iter().take(MAX_NAMED).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > MAX_NAMED { " and others" } else { "" };
    let fix = format!("# the server says that it takes certificates of {}{more}\n{}", first.join(", "), finding.fix);
    finding.shown_by("server_takes", names).mended_by(fix)
}

/// Whether the server refused after it had been shown a certificate.
fn refused(survey: &Survey) -> bool {
    let ended = matches!(survey.main.failure, Some(ProbeError::Alert(_) | ProbeError::Closed)) || survey.closed_on_http;
    survey.main.client_certificate_shown && (ended || survey.http.as_ref().is_some_and(|it| it.certificate_refused))
}

/// How it refused, as [`crate::clients`] reads it.
fn with_refusal(finding: Finding, survey: &Survey) -> Finding {
    let finding = match survey.main.version {
        Some(version) => finding.shown_by("version", format!("{version:?}")),
        None => finding,
    };
    match (&survey.main.failure, &survey.http) {
        (Some(ProbeError::Alert(alert)), _) => finding.shown_by("alert_number", u8::from(*alert)),
        (None, Some(answer)) if answer.certificate_refused => finding.shown_by("http_status", answer.status),
        _ if refused(survey) => finding.shown_by("ended_by", "close"),
        _ => finding,
    }
}

/// The server's list of CAs leaves out every issuer of the client's chain. Clients that go by the list (Java, Go, wget
/// and browsers) then send nothing; OpenSSL, curl, gnutls-cli and rustls send what they were told to.
pub fn not_offered(
    survey: &Survey,
    asked: Asked<'_>,
    shown: &[Certificate],
    files: ClientFiles<'_>,
) -> Option<Finding> {
    let list = accepted(&survey.main);
    let leaf = shown.first()?;
    let listed = shown.iter().any(|certificate| list.iter().any(|name| certificate.issuer.same_as(name)));
    if list.is_empty() || listed {
        return None;
    }
    let severity = if refused(survey) { Severity::Error } else { Severity::Warning };
    let then = match severity {
        Severity::Error => "and the server refuses it where it is sent all the same",
        _ => "though the server takes it where it is sent all the same",
    };
    let names: Vec<String> = list.iter().take(MAX_LISTED).map(ToString::to_string).collect();
    let message = format!(
        "the server names the CAs that it takes client certificates from, and `{}`, which issued `{}`, is not among them: Java, Go and browsers do not offer it then, {then}",
        leaf.issuer, leaf.subject
    );
    let finding = Finding::new(Code::ClientCertificateNotOffered, message)
        .graded(severity)
        .shown_by("client_issuer", leaf.issuer.to_string())
        .shown_by("server_takes", names)
        .shown_by("client_chain", escape(files.chain));
    Some(with_refusal(finding, survey).mended_by(format!(
        "# either let the server trust the client's CA ({CA_SETTINGS}), or get a certificate from one of those that it names; from the store's CA:\n{}\n# what was shown: {} with {}",
        client_certificate(asked),
        quote_file(files.chain),
        quote_file(files.key)
    )))
}

/// What to type where a certificate is in order by the trust at hand and the server refuses it: another one of the same CA would be
/// refused as well, so it is the server that has to be told of the CA. `root` is the file of that trust.
pub fn let_it_trust(
    seen: &Observation,
    asked: Asked<'_>,
    shown: &[Certificate],
    files: ClientFiles<'_>,
    root: &str,
) -> String {
    let list = accepted(seen);
    let top = shown.iter().find(|it| shown.iter().all(|other| !it.issuer.same_as(&other.subject)));
    let is_listed = |name: &Name| list.iter().any(|it| it.same_as(name));
    let knows_root = top.is_some_and(|top| is_listed(&top.issuer));
    let knows_between = shown.iter().any(|it| it.is_ca() && !it.is_self_issued() && is_listed(&it.subject));
    let root = quote_file(root);
    let what = match (knows_root, knows_between) {
        (true, _) => format!(
            "# the server names this CA as one that it takes; what it has may be an older one of that name, another limit (nginx: ssl_verify_depth, Apache: SSLVerifyDepth) or a revocation list of its own: its log has the reason; the CA file that is right is {root}"
        ),
        (false, true) => format!(
            "# the server has the CA between and not its root, which OpenSSL's servers want as well: give it {root} ({CA_SETTINGS})"
        ),
        (false, false) => format!(
            "# the certificate is in order, and another one of this CA would be refused as well: let the server trust the CA, by the file {root} ({CA_SETTINGS}), or ask whoever runs the server for a certificate of a CA that it takes"
        ),
    };
    format!(
        "{what}\n# and when it has read its settings again:\n{} --client-chain {} --client-key {}",
        asked.again(),
        quote_file(files.chain),
        quote_file(files.key)
    )
}

/// Where servers are told of the CAs that clients may come from.
pub(crate) const CA_SETTINGS: &str = "nginx: ssl_client_certificate, Apache: SSLCACertificateFile, HAProxy: ca-file, PostgreSQL: ssl_ca_file, Redis: tls-ca-cert-file, chat serve: --trust";

/// What is said where a certificate's own CA is not known to the server, before one of a CA that it takes is issued.
pub fn either_trust_it(root: &str) -> String {
    format!(
        "# either let the server trust the CA of what was shown, by the file {} ({CA_SETTINGS}), or show one of a CA that it takes:",
        quote_file(root)
    )
}

/// What to type where a server names the CAs that it takes, and none of those at hand is among them: what they issue is of no use to it.
pub fn of_another_ca(finding: &Finding, asked: Asked<'_>, root: &str) -> String {
    let remarks: Vec<&str> = finding.fix.lines().filter(|line| line.starts_with("# the server says")).collect();
    format!(
        "{}\n# none of them is the CA at hand: ask whoever runs the server for a certificate of one of them, and show it:\n{} --client-chain CHAIN.pem --client-key KEY.pem\n# or, where the server is yours, let it trust {} ({CA_SETTINGS}), and issue one: pki issue client NAME",
        remarks.join("\n"),
        asked.again(),
        quote_file(root)
    )
}

/// What hangs on the trust at hand, which may be another than the server's.
pub fn hangs_on_trust(code: Code) -> bool {
    matches!(code, Code::RootNotTrusted | Code::MissingIntermediate | Code::RootInOtherStore)
}

/// Of what is wrong with a client's chain by the trust at hand, in order, that which a refusal most likely means: what it may mean at all,
/// and what the trust has no part in before the rest.
pub fn reason(findings: &[Finding], may_be: impl Fn(Code) -> bool) -> Option<&Finding> {
    let is_one = |it: &&Finding| it.severity == Severity::Error && it.follows_from.is_none() && may_be(it.code);
    let mut own = findings.iter().filter(is_one).filter(|it| !hangs_on_trust(it.code));
    own.next().or_else(|| findings.iter().find(is_one))
}

/// What is wrong with the client's own chain, where the server refused it and its alert may mean that. The findings come
/// from a judgement by the trust at hand, which may be another than the server's.
pub fn likely_reason(survey: &Survey, findings: &[Finding], shown: &[Certificate]) -> Option<Finding> {
    // The server itself may say that it knows the CA: then the trust at hand is not its own.
    let list = accepted(&survey.main);
    let known = shown.last().is_some_and(|top| list.iter().any(|name| top.issuer.same_as(name)));
    let is_not_known = |code| !(known && matches!(code, Code::RootNotTrusted | Code::MissingIntermediate));
    let of_client = |code| !matches!(code, Code::ClientCertificateRefused | Code::ClientCertificateMissing);
    let may_be = |code| of_client(code) && is_not_known(code) && fits_alert(survey, code);
    let cause = reason(findings, may_be).filter(|_| refused(survey))?;
    let message = format!("the client certificate that was shown: {}", cause.message);
    Some(Finding { certificate: None, message, ..cause.clone() })
}

/// The server itself says that the client's certificate is revoked, of which nothing at hand tells (RFC 8446 section 6.2).
pub fn revoked_by_its_word(survey: &Survey, asked: Asked<'_>, shown: &[Certificate]) -> Option<Finding> {
    let says_so = matches!(survey.main.failure, Some(ProbeError::Alert(AlertDescription::CertificateRevoked)));
    let leaf = shown.first().filter(|_| says_so && survey.main.client_certificate_shown)?;
    let message = format!(
        "the client certificate that was shown: `{}` (serial {}) is revoked, as {} says by its alert; no list at hand tells since when and why",
        leaf.subject,
        leaf.serial_hex(),
        escape(asked.endpoint)
    );
    let finding = Finding::new(Code::Revoked, message)
        .shown_by("serial", leaf.serial_hex())
        .shown_by("alert", format!("{:?}", AlertDescription::CertificateRevoked));
    Some(finding.mended_by(client_certificate(asked)))
}

/// The client's certificate is revoked, out of date or for something else, and the server takes it: it does not look at it (OpenSSL's
/// `-Verify` alone, nginx's `optional_no_ca`), or goes by a list that does not say so (RFC 5280 section 6.3). Others, that look, will not.
pub fn let_in_though_faulty(
    survey: &Survey,
    asked: Asked<'_>,
    cause: &Finding,
    files: ClientFiles<'_>,
) -> Option<Finding> {
    let is_in = survey.main.client_certificate_shown && survey.main.failure.is_none() && !refused(survey);
    match cause.code {
        _ if !is_in => None,
        Code::Revoked => Some(let_in_though_revoked(asked, cause, files)),
        Code::Expired | Code::NotYetValid | Code::ValidityInverted | Code::WrongPurpose | Code::IssuerPurpose => {
            let message = format!("the server takes the client certificate without a look at it: {}", cause.message);
            Some(
                Finding { message, certificate: None, ..cause.clone() }
                    .graded(Severity::Warning)
                    .shown_by(USED_BY, CLIENT),
            )
        }
        _ => None,
    }
}

fn let_in_though_revoked(asked: Asked<'_>, cause: &Finding, files: ClientFiles<'_>) -> Finding {
    let message = format!(
        "the server takes the client certificate though it is revoked: it reads no revocation list, or one of before ({})",
        cause.message
    );
    let fix = format!(
        "# the list of now, which the server has to read (nginx: ssl_crl, Apache: SSLCARevocationFile, HAProxy: crl-file, PostgreSQL: ssl_crl_file, chat serve: --crl), and to read again:\npki crl\n# and when it has:\n{} --client-chain {} --client-key {}",
        asked.again(),
        quote_file(files.chain),
        quote_file(files.key)
    );
    let mut finding = Finding::new(Code::Revoked, message).graded(Severity::Warning).mended_by(fix);
    finding.evidence = cause.evidence.clone();
    finding.shown_by(USED_BY, CLIENT)
}

fn fits_alert(survey: &Survey, code: Code) -> bool {
    match survey.main.failure {
        Some(ProbeError::Alert(alert)) => may_mean(alert, code),
        _ => true,
    }
}

/// Whether a server that found this wrong with the client's certificate may send that alert (RFC 8446 section 6.2).
pub fn may_mean(alert: AlertDescription, code: Code) -> bool {
    use AlertDescription as A;
    match alert {
        A::CertificateExpired => {
            matches!(code, Code::Expired | Code::NotYetValid | Code::ValidityInverted | Code::ClockWrong)
        }
        A::UnsupportedCertificate => {
            use Code as C;
            // A CA in the leaf's place is not made for it either.
            let of_ca = matches!(code, C::LeafMissing | C::LeafIsCa);
            of_ca || matches!(code, C::WrongPurpose | C::IssuerPurpose | C::DigitalSignatureMissing)
        }
        A::CertificateRevoked => code == Code::Revoked,
        // The trust at hand may be another than the server's: what it says of our issuer fits no narrower alert.
        A::UnknownCA => !matches!(code, Code::Expired | Code::NotYetValid | Code::WrongPurpose),
        A::AccessDenied | A::CertificateRequired => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_rules_out_what_it_cannot_mean() {
        use AlertDescription as A;
        for (alert, code, may) in [
            (A::CertificateExpired, Code::Expired, true),
            (A::CertificateExpired, Code::RootNotTrusted, false),
            (A::UnknownCA, Code::RootNotTrusted, true),
            (A::UnknownCA, Code::Expired, false),
            (A::UnsupportedCertificate, Code::WrongPurpose, true),
            (A::UnsupportedCertificate, Code::LeafMissing, true),
            (A::BadCertificate, Code::Expired, true),
            (A::AccessDenied, Code::Expired, false),
        ] {
            assert_eq!(may_mean(alert, code), may, "{alert:?} {code}");
        }
    }
}
