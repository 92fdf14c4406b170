//! What several handshakes with one endpoint show together: other names, other addresses, other protocols.

use std::net::SocketAddr;

use rustls::AlertDescription;

use crate::explain::{PeerName, dns_covers, rfc3339};
use crate::facts::{Certificate, KeyKind, PublicKey, escape, hex, sha256};
use crate::finding::{Code, Finding, Severity, quote};

use super::client::with_cas;
use super::closed::closed_on_client;
use super::observed::{Asked, NEW_SITE, client_certificate, failure};
use super::{AtAddress, Observation, ProbeError, Survey, UnprovenKey};

/// How many names of a certificate are listed.
const MAX_NAMES: usize = 8;

/// Everything that the survey shows, but for what the chain itself does. `name` is the one that was
/// asked for.
pub fn findings(survey: &Survey, asked: Asked<'_>, name: Option<&PeerName>) -> Vec<Finding> {
    let endpoint = asked.endpoint;
    let host = match name {
        Some(PeerName::Dns(host)) => Some(host.trim_end_matches('.')),
        _ => None,
    };
    let several = [
        failure(survey, asked),
        host.and_then(|host| by_name(survey, asked, host)),
        addresses(survey, asked, host),
        applications(survey, asked),
        unproven_key(survey, endpoint),
        staple(survey, asked),
        client_by_http(survey, asked),
        client_by_postgres(survey, asked),
    ];
    several.into_iter().flatten().collect()
}

fn leaf(seen: &Observation) -> Option<Certificate> {
    seen.chain.first().and_then(|der| Certificate::from_der(der).ok())
}

fn names(certificate: &Certificate) -> Vec<String> {
    certificate.dns_names().take(MAX_NAMES).map(escape).collect()
}

fn described(certificate: &Certificate) -> String {
    let names = names(certificate);
    if names.is_empty() { certificate.subject.to_string() } else { names.join(", ") }
}

/// What the name that is sent changes (RFC 6066 section 3).
fn by_name(survey: &Survey, asked: Asked<'_>, host: &str) -> Option<Finding> {
    let got = leaf(&survey.main)?;
    if got.dns_names().any(|name| dns_covers(name, host)) {
        without_name(survey, asked.endpoint, host, &got)
    } else {
        other_site(survey, asked, host, &got)
    }
}

/// The certificate is another site's: the server is seen to have several, or this one is of another domain altogether.
/// A server with one certificate that merely lacks the name is `name-mismatch`, which the chain shows by itself.
fn other_site(survey: &Survey, asked: Asked<'_>, host: &str, got: &Certificate) -> Option<Finding> {
    got.dns_names().next()?;
    let differs = |seen: &Observation| leaf(seen).filter(|other| other.der() != got.der());
    let other = survey.siblings.iter().map(|(_, seen)| seen).chain(&survey.without_name).find_map(differs);
    let foreign = got.dns_names().all(|name| !same_site(name, host));
    if other.is_none() && !foreign {
        return None;
    }
    let message = format!(
        "asked for `{}`, {} answers with the certificate of another site: {}",
        escape(host),
        escape(asked.endpoint),
        described(got)
    );
    let finding = Finding::new(Code::WrongVirtualHost, message)
        .about(0)
        .shown_by("asked_for", escape(host))
        .shown_by("certificate_names", names(got))
        .shown_by("other_certificate", other.map_or_else(|| "none seen".to_owned(), |other| described(&other)));
    // The certificate of the site comes from the CA that is at hand, which is known later.
    Some(finding.mended_by(format!("{NEW_SITE}\n{}", asked.of(&quote(asked.endpoint), Some(host)))))
}

/// Whether two names belong to one registrable domain, such as `example.test`.
fn same_site(name: &str, host: &str) -> bool {
    let (name, host) = (name.trim_start_matches("*.").to_ascii_lowercase(), host.to_ascii_lowercase());
    let domain = |name: &str| psl::domain_str(name).map(str::to_owned);
    match (domain(&name), domain(&host)) {
        (Some(one), Some(other)) => one == other,
        // Bare names such as `localhost`: nothing tells that they are of different sites.
        _ => true,
    }
}

/// The name leads to the right site, and without it another one answers: harmless for all current clients, which send
/// it.
fn without_name(survey: &Survey, endpoint: &str, host: &str, got: &Certificate) -> Option<Finding> {
    let other = survey.without_name.as_ref()?;
    let what = match (leaf(other), &other.failure) {
        (Some(default), _) if default.der() != got.der() => {
            if default.dns_names().any(|name| dns_covers(name, host)) {
                return None;
            }
            format!("get the certificate of {}", described(&default))
        }
        (None, Some(ProbeError::Alert(alert))) => format!("are refused with the alert {alert:?}"),
        _ => return None,
    };
    let message = format!("clients that send no name (SNI) to {} {what}", escape(endpoint));
    let finding = Finding::new(Code::SniMissing, message)
        .graded(Severity::Note)
        .shown_by("with_name", described(got))
        .shown_by("without_name", leaf(other).map_or_else(|| "refused".to_owned(), |it| described(&it)));
    Some(finding.mended_by(format!(
        "# connect by name, never by address; by hand:\nopenssl s_client -connect {} -servername {} </dev/null",
        quote(endpoint),
        quote(host)
    )))
}

/// The addresses of one name answer with different certificates: only some clients see the mistake.
fn addresses(survey: &Survey, asked: Asked<'_>, host: Option<&str>) -> Option<Finding> {
    let answered: Vec<(SocketAddr, Certificate)> = survey
        .addresses
        .iter()
        .filter_map(|at| Some((at.address, Certificate::from_der(at.chain.first()?).ok()?)))
        .collect();
    let (first, certificate) = answered.first()?;
    let Some((other, differing)) = answered.iter().find(|(_, it)| it.der() != certificate.der()) else {
        return in_part(survey, asked, host);
    };
    let list: Vec<String> = answered
        .iter()
        .map(|(address, it)| {
            format!("{address}: {} until {}", hex(&sha256(it.der())[..8]), rfc3339(it.validity.not_after))
        })
        .collect();
    let (stale, fresh) =
        if differing.validity.not_before < certificate.validity.not_before { (other, first) } else { (first, other) };
    let message = format!(
        "the addresses of {} answer with different certificates: {first} with one until {}, {other} with one until {}",
        escape(asked.endpoint),
        rfc3339(certificate.validity.not_after),
        rfc3339(differing.validity.not_after)
    );
    let again = |address: &SocketAddr| asked.of(&quote(&address.to_string()), host);
    Some(Finding::new(Code::AddressMismatch, message).shown_by("addresses", list).mended_by(format!(
        "# {stale} has the older certificate: give it that of {fresh}, reload the server there, and look at each\n{}\n{}",
        again(stale),
        again(fresh)
    )))
}

/// The leaf is the same wherever there is one, and one of the addresses sends fewer of the CAs above it, or nothing of TLS at all.
fn in_part(survey: &Survey, asked: Asked<'_>, host: Option<&str>) -> Option<Finding> {
    let most = survey.addresses.iter().max_by_key(|at| at.chain.len())?;
    let is_behind = |at: &&AtAddress| at.refused || (!at.chain.is_empty() && at.chain.len() < most.chain.len());
    let behind = survey.addresses.iter().find(is_behind).filter(|_| !most.chain.is_empty())?;
    let list: Vec<String> =
        survey.addresses.iter().map(|at| format!("{}: {} certificates", at.address, at.chain.len())).collect();
    let what = match behind.chain.len() {
        0 => format!("does not shake hands in TLS, as {} does", most.address),
        sent => format!("sends {sent} of the {} certificates that {} sends", most.chain.len(), most.address),
    };
    let (good, bad) = (most.address, behind.address);
    let message = format!(
        "the addresses of {} answer differently: {bad} {what}, so that only some clients get through",
        escape(asked.endpoint)
    );
    Some(Finding::new(Code::AddressMismatch, message).shown_by("addresses", list).mended_by(format!(
        "# give the server at {bad} the settings and the certificate file of the one at {good}, reload it, and look at each\n{}\n{}",
        asked.of(&quote(&bad.to_string()), host),
        asked.of(&quote(&good.to_string()), host)
    )))
}

/// RFC 7301 section 3.2: a server that has none of the offered protocols refuses.
fn applications(survey: &Survey, asked: Asked<'_>) -> Option<Finding> {
    let taken = survey.refuses_http.as_ref()?;
    let shown = taken.as_deref().map_or_else(|| "none that is known here".to_owned(), escape);
    let whom = match taken.as_deref() {
        Some("h2") => "http/1.1 alone by ALPN, as Python and Node do; browsers and curl offer both",
        _ => "HTTP by ALPN, as browsers and curl do",
    };
    let message = format!("{} refuses clients that offer {whom}: found {shown}", escape(asked.endpoint));
    // A server of another protocol is right to do so, and so is one of gRPC.
    let severity =
        if taken.as_deref().is_some_and(|name| name != "http/1.0") { Severity::Note } else { Severity::Warning };
    let finding = Finding::new(Code::AlpnMismatch, message)
        .graded(severity)
        .shown_by("offered", "http/1.1")
        .shown_by("alert", format!("{:?}", AlertDescription::NoApplicationProtocol))
        .shown_by("server_takes", shown);
    Some(finding.mended_by(format!(
        "# let the server offer http/1.1 (and h2) where it serves HTTP; clients of another protocol offer its name, or none:\n{} --alpn {}",
        asked.again(),
        quote(taken.as_deref().unwrap_or("http/1.1"))
    )))
}

/// The server did not prove that it has the certificate's key (RFC 8446 section 4.4.3).
fn unproven_key(survey: &Survey, endpoint: &str) -> Option<Finding> {
    let unproven = survey.main.unproven_key.as_ref()?;
    let key = leaf(&survey.main)?.public_key.clone();
    if unproven.family != key.kind.family() {
        return Some(other_type(&key, unproven, endpoint));
    }
    // The library refuses short keys in the same words; that is `weak-key`, which the chain shows by itself.
    let judged = matches!(key.kind, KeyKind::EcdsaP256 | KeyKind::EcdsaP384 | KeyKind::Ed25519)
        || matches!(key.kind, KeyKind::Rsa(bits) if bits >= 2048);
    let message = format!(
        "{} has another private key than the one of the certificate that it sends: its signature in the handshake does not verify",
        escape(endpoint)
    );
    judged.then(|| {
        Finding::new(Code::KeyMismatch, message)
            .about(0)
            .shown_by("seen_in", IN_HANDSHAKE)
            .shown_by("family", key.kind.family())
            .shown_by("certificate_key_sha256", key.sha256_hex())
            .shown_by("error", escape(&unproven.error))
            .mended_by(WITH_ITS_FILES)
    })
}

/// Where it was seen: the server runs, and clients refuse what it signed.
const IN_HANDSHAKE: &str = "handshake";

/// To be asked where the server's files are.
pub(super) const WITH_ITS_FILES: &str =
    "# on the server, with its own files:\npki diagnose --chain fullchain.pem --key privkey.pem";

/// It signed by an algorithm that is not even for keys of the certificate's type (RFC 8446 section 4.4.3: the algorithm must fit
/// the end-entity certificate's key).
fn other_type(key: &PublicKey, unproven: &UnprovenKey, endpoint: &str) -> Finding {
    let message = format!(
        "{} has a private key of another type than its certificate's: expected one of {}, and it signs the handshake with one of {}",
        escape(endpoint),
        key.kind,
        unproven.family
    );
    Finding::new(Code::KeyTypeMismatch, message)
        .about(0)
        .shown_by("seen_in", IN_HANDSHAKE)
        .shown_by("certificate_key", key.kind.to_string())
        .shown_by("private_key", unproven.family)
        .shown_by("error", escape(&unproven.error))
        .mended_by(WITH_ITS_FILES)
}

/// The certificate says that it never comes without an answer of OCSP (RFC 7633 section 4.2.3), and it came without, though we had asked
/// for one (RFC 6066 section 8).
fn staple(survey: &Survey, asked: Asked<'_>) -> Option<Finding> {
    let leaf = leaf(&survey.main).filter(|_| !survey.main.stapled)?;
    let message = format!(
        "`{}` demands that its server staples an answer of OCSP (must-staple): expected one in the handshake with {}, found none",
        leaf.subject,
        escape(asked.endpoint)
    );
    let finding = Finding::new(Code::StapleMissing, message).about(0).shown_by("tls_feature", "status_request");
    leaf.must_staple().then(|| {
        finding.shown_by("stapled", "nothing").mended_by(format!(
            "# let the server staple (nginx: ssl_stapling on, or ssl_stapling_file FILE; Apache: SSLUseStapling on; HAProxy: ocsp-update on, or FILE.ocsp beside the certificate), or issue the certificate without must-staple where its CA answers no OCSP; then\n{}",
            asked.again()
        ))
    })
}

/// The handshake went well, and HTTP says that the client certificate did not (nginx's `ssl_verify_client on`).
fn client_by_http(survey: &Survey, asked: Asked<'_>) -> Option<Finding> {
    if survey.closed_on_http && survey.main.client_certificate_shown {
        return Some(closed_on_client(survey, asked));
    }
    let answer = survey.http.as_ref()?;
    if answer.asks_afterwards {
        return Some(asked_afterwards(answer.status, asked));
    }
    let (code, what) = match (answer.certificate_missing, answer.certificate_refused) {
        (true, _) => (Code::ClientCertificateMissing, "it requires a client certificate, and got none"),
        (_, true) => (Code::ClientCertificateRefused, "it refuses the client certificate"),
        _ => return None,
    };
    let message =
        format!("{} takes the handshake and answers {} by HTTP: {what}", escape(asked.endpoint), answer.status);
    let finding = Finding::new(code, message)
        .shown_by("http_status", answer.status)
        .shown_by("client_certificate_shown", survey.main.client_certificate_shown)
        .mended_by(client_certificate(asked));
    Some(with_cas(finding, &survey.main))
}

/// It asks for the client's certificate when it has read the request, which in TLS 1.3 only a client can answer that said so before
/// (RFC 8446 section 4.2.6): curl with a certificate does, and hardly another.
fn asked_afterwards(status: u16, asked: Asked<'_>) -> Finding {
    let message = format!(
        "{} takes the handshake and answers {status} by HTTP: it requires a client certificate for this folder alone and asks for it after the handshake, which browsers and most other clients cannot answer in TLS 1.3",
        escape(asked.endpoint)
    );
    Finding::new(Code::ClientCertificateMissing, message)
        .shown_by("http_status", status)
        .shown_by("http_reason", "Cannot perform Post-Handshake Authentication")
        .mended_by(format!(
            "# in Apache's settings: put SSLVerifyClient into the <VirtualHost> in the place of the <Location> or <Directory> (`optional` there, and `Require ssl-verify-client` here), or leave TLS 1.3 out (SSLProtocol TLSv1.2); reload it, and show a certificate:\n{}",
            client_certificate(asked)
        ))
}

/// The handshake went well, and the rules of the accounts ask for a certificate (PostgreSQL's `clientcert`, and its method `cert`).
fn client_by_postgres(survey: &Survey, asked: Asked<'_>) -> Option<Finding> {
    let said = survey.postgres_says.as_deref().filter(|said| said.contains("requires a valid client certificate"))?;
    let message = format!("{} takes the handshake and says then: {}", escape(asked.endpoint), escape(said));
    let finding = Finding::new(Code::ClientCertificateMissing, message)
        .shown_by("said", escape(said))
        .shown_by("client_certificate_shown", false)
        .mended_by(client_certificate(asked));
    Some(with_cas(finding, &survey.main))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::HttpAnswer;

    #[test]
    fn a_certificate_that_is_asked_for_after_the_handshake_is_missing() {
        let answer = |asks_afterwards| HttpAnswer {
            status: 403,
            date: None,
            certificate_missing: false,
            certificate_refused: false,
            asks_afterwards,
        };
        let asked = Asked { endpoint: "h:1", name: None, flags: "" };
        for (asks_afterwards, code) in [(true, Some(Code::ClientCertificateMissing)), (false, None)] {
            let survey = Survey { http: Some(answer(asks_afterwards)), ..Survey::default() };
            assert_eq!(client_by_http(&survey, asked).map(|it| it.code), code);
        }
    }

    #[test]
    fn names_of_one_registrable_domain_are_one_site() {
        for (name, host, same) in [
            ("mail.example.test", "app.example.test", true),
            ("*.example.test", "app.example.test", true),
            ("shop.other.test", "app.example.test", false),
            ("a.co.uk", "b.co.uk", false),
            ("localhost", "app.example.test", true),
        ] {
            assert_eq!(same_site(name, host), same, "{name} {host}");
        }
    }
}
