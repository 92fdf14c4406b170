//! What clients will hold against the certificate that a server shows: told before they come. It is served all the same.

use ca_store::explain::dns_covers;
use ca_store::facts::{Certificate, escape};
use ca_store::finding::{Code, quote, quote_file};
use ca_store::store::{OwnRevocations, named};
use chat::config::{Credentials, ServeSettings};
use chat::tls::material::Credential;
use chat::tls::own_fault::{OwnFault, Revocations};
use chat::tls::server::ClientTrust;
use std::net::IpAddr;
use std::path::Path;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::store;
use chat::limits::settings::TOLD_NAMES;

/// id-kp-serverAuth and anyExtendedKeyUsage (RFC 5280 section 4.2.1.12).
const FOR_SERVERS: [&str; 2] = ["1.3.6.1.5.5.7.3.1", "2.5.29.37.0"];

/// Warns of a certificate that clients who ask for the server's name will refuse, in the log and to who started the server; what is
/// wrong with its chain, for when one does.
pub(super) fn look_at(
    credential: &Credential,
    settings: &ServeSettings,
    trust: &ClientTrust,
    recorded: Option<&OwnRevocations>,
) -> Option<OwnFault> {
    let name = settings.name.as_str();
    let certificate = credential.chain.first().and_then(|leaf| Certificate::from_der(leaf).ok())?;
    let now = OffsetDateTime::now_utc();
    let revoked = revoked(credential, settings, trust, recorded);
    let problems = problems(&certificate, name, now);
    let fault = OwnFault::of(&credential.chain, name, &trust.anchors, &trust.source, now);
    // Of those that are told in other words, once is enough.
    let is_told = |_: &&OwnFault| problems.is_empty() && revoked.is_none();
    if let Some(fault) = fault.as_ref().filter(is_told) {
        tell(fault, &credential.source, &format!(" --trust {}", quoted(&trust.source)), settings);
    }
    problems.iter().for_each(|problem| warn(problem, &credential.source, settings));
    revoked.or(fault).or_else(|| OwnFault::of_lone(&credential.chain, &trust.anchors))
}

/// Clients that look for revocation refuse the server, by the list of its CA or of the CA above; others may take it for years.
fn revoked(
    credential: &Credential,
    settings: &ServeSettings,
    trust: &ClientTrust,
    recorded: Option<&OwnRevocations>,
) -> Option<OwnFault> {
    let lists_source = trust.lists_source.as_deref().unwrap_or(&trust.source);
    let revocations = Revocations { lists: &trust.revocation_lists, lists_source, recorded };
    let anchors = (&trust.anchors[..], trust.source.as_path());
    let fault = OwnFault::of_revocation(&credential.chain, anchors, revocations, OffsetDateTime::now_utc())?;
    let by = [("--trust", trust.source.as_path()), ("--crl", lists_source)].into_iter().map(|(flag, path)| {
        let is_told = !matches!(settings.credentials, Credentials::Store(_)) && !path.as_os_str().is_empty();
        if is_told { format!(" {flag} {}", quoted(path)) } else { String::new() }
    });
    tell(&fault, &credential.source, &by.collect::<String>(), settings);
    Some(fault)
}

fn quoted(path: &Path) -> String {
    quote_file(&path.to_string_lossy())
}

fn tell(OwnFault { code, message, .. }: &OwnFault, chain: &Path, by: &str, settings: &ServeSettings) {
    let command = format!("pki diagnose --chain {}{by} --name {}", quoted(chain), quote(&settings.name));
    let command = match &settings.credentials {
        Credentials::Store(Some(dir)) => named::command(&command, dir),
        _ => command,
    };
    let file = chain.display();
    tracing::warn!(%file, %code, problem = %message, %command, "server-certificate");
    store::said(&format!("warning: {file}: {code}: {message}; who refuses it, and what mends it: {command}"));
}

/// Tells a problem of the certificate itself, with the command that makes one without it.
fn warn((code, problem): &(Code, String), chain: &Path, settings: &ServeSettings) {
    let command = match (&settings.credentials, code) {
        (Credentials::Store(_), Code::Expired) => format!("pki renew {}", quote(&settings.name)),
        _ => store::issue_server(std::slice::from_ref(&settings.name)),
    };
    let command = match &settings.credentials {
        Credentials::Store(Some(dir)) => named::command(&command, dir),
        _ => command,
    };
    let file = chain.display();
    tracing::warn!(%file, %code, %problem, %command, "server-certificate");
    store::said(&format!("warning: {file}: {code}: {problem}; clients will refuse it; one that fits: {command}"));
}

/// What was expected, and what the certificate has.
fn problems(certificate: &Certificate, name: &str, now: OffsetDateTime) -> Vec<(Code, String)> {
    let mut problems = Vec::new();
    let (from, until) = (certificate.validity.not_before, certificate.validity.not_after);
    let told = |time: OffsetDateTime| time.format(&Rfc3339).unwrap_or_default();
    if until < now {
        problems.push((Code::Expired, format!("the server's own certificate expired at {}", told(until))));
    } else if from > now {
        problems.push((Code::NotYetValid, format!("the server's own certificate is valid from {} on", told(from))));
    }
    if !covers(certificate, name) {
        let found = told_names(certificate);
        let problem = format!("expected a certificate for the server's name {}, found one for {found}", escape(name));
        problems.push((Code::NameMismatch, problem));
    }
    let purposes = certificate.extended_key_usage();
    if purposes.is_some_and(|purposes| !purposes.iter().any(|purpose| FOR_SERVERS.contains(&&**purpose))) {
        let problem =
            "expected a certificate for servers, found one whose extendedKeyUsage lacks serverAuth, as a client's does";
        problems.push((Code::WrongPurpose, problem.to_owned()));
    }
    problems
}

fn covers(certificate: &Certificate, name: &str) -> bool {
    match name.parse::<IpAddr>() {
        Ok(address) => certificate.ip_addresses().any(|presented| presented == address),
        Err(_) => certificate.dns_names().any(|presented| dns_covers(presented, name)),
    }
}

fn told_names(certificate: &Certificate) -> String {
    let addresses = certificate.ip_addresses().map(|address| address.to_string());
    let names: Vec<String> = certificate.dns_names().map(escape).chain(addresses).collect();
    let told = names.iter().take(TOLD_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(TOLD_NAMES) {
        None | Some(0) if names.is_empty() => "no host at all".to_owned(),
        None | Some(0) => told,
        Some(more) => format!("{told} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair};

    /// A time at which what is made here is valid.
    const WITHIN: time::Duration = time::Duration::days(365 * 50);

    fn told_of(certificate: &Certificate, name: &str) -> Vec<(Code, String)> {
        problems(certificate, name, OffsetDateTime::UNIX_EPOCH + WITHIN)
    }

    fn certificate(names: &[&str], purposes: &[ExtendedKeyUsagePurpose]) -> Certificate {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.extended_key_usages = purposes.to_vec();
        let key = KeyPair::generate().expect("a key");
        Certificate::from_der(params.self_signed(&key).expect("signed").der()).expect("read")
    }

    #[test]
    fn a_certificate_that_fits_is_not_spoken_of() {
        use ExtendedKeyUsagePurpose::{Any, ClientAuth, ServerAuth};
        for (names, purposes, name) in [
            (&["chat.example.test"][..], &[ServerAuth][..], "Chat.example.test"),
            (&["a.test", "*.example.test"], &[], "chat.example.test"),
            (&["::1"], &[ClientAuth, Any], "::1"),
        ] {
            assert_eq!(told_of(&certificate(names, purposes), name), [], "{name}");
        }
    }

    #[test]
    fn another_name_is_told_with_those_that_are_there() {
        let told = told_of(&certificate(&["old.example.test", "127.0.0.1"], &[]), "chat.example.test");
        let [(Code::NameMismatch, told)] = &told[..] else { panic!("{told:?}") };
        assert!(told.contains("chat.example.test") && told.ends_with("old.example.test, 127.0.0.1"), "{told}");
        let name_told = |names: &[&str]| {
            told_of(&certificate(names, &[]), "localhost").into_iter().map(|(_, told)| told).collect::<String>()
        };
        let told = name_told(&[]);
        assert!(told.ends_with("no host at all"), "{told}");
        let many: Vec<String> = (0..10).map(|number| format!("h{number}.test")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let told = name_told(&many);
        assert!(told.ends_with("h7.test and 2 more"), "{told}");
    }

    #[test]
    fn a_clients_certificate_is_told() {
        let certificate = certificate(&["localhost"], &[ExtendedKeyUsagePurpose::ClientAuth]);
        let told = told_of(&certificate, "localhost");
        assert!(matches!(&told[..], [(Code::WrongPurpose, told)] if told.contains("serverAuth")), "{told:?}");
    }

    #[test]
    fn times_are_told_as_everywhere_else() {
        let certificate = certificate(&["localhost"], &[]);
        let second = time::Duration::SECOND;
        for (now, code, shown) in [
            (certificate.validity.not_after + second, Code::Expired, "expired at 4096-01-01T00:00:00Z"),
            (certificate.validity.not_before - second, Code::NotYetValid, "valid from 1975-01-01T00:00:00Z on"),
        ] {
            let told = problems(&certificate, "localhost", now);
            assert!(matches!(&told[..], [(found, told)] if *found == code && told.ends_with(shown)), "{told:?}");
        }
    }
}
