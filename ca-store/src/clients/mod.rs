//! What real TLS clients make of the findings: who refuses, and in what words. All of it is data.
//!
//! A finding of severity error is refused by every client and anything milder by none, unless a row of
//! `exceptions` says otherwise. The words are in a table a client.

mod ca_file;
mod exceptions;
mod kept_out;
mod reader;
mod when;
mod words;

use crate::explain::{ClientVerdict, Question};
use crate::finding::{Code, Finding, Role, Severity};
use crate::key::KeyKind;

pub(crate) use kept_out::KeptOut;
pub use reader::Readings;

/// The clients, by the names that reports use, in the order of the columns of `exceptions`.
pub const CLIENTS: [&str; 14] = [
    "openssl",
    "openssl-strict",
    "curl",
    "wget",
    "gnutls",
    "python-3.11",
    "python-3.13",
    "node",
    "java",
    "rustls",
    "rustls-aws-lc",
    "go",
    "nss",
    "chromium",
];

/// The evidence of a finding that is about what a client itself was to show, in a question about a server; its value is [`CLIENT`].
pub const USED_BY: &str = "used_by";
/// See [`USED_BY`].
pub const CLIENT: &str = "client";

/// The evidence of a finding about a file that is only compared with what an endpoint sends: no client reads it.
pub const COMPARED_WITH: &str = "compared_with";

/// What each client makes of the findings: the first one that it refuses decides its words. `anchor` is the
/// place of the trust anchor in the chain, where the path reaches one. What is wrong with the form of the CA files decides nothing by
/// itself where it is known what each client's reader makes of them.
pub(crate) fn verdicts(
    findings: &[Finding],
    question: &Question,
    anchor: Option<usize>,
    kept_out: Option<&KeptOut>,
) -> Vec<ClientVerdict> {
    let decides = |finding: &&Finding| kept_out.is_none() || !is_of_ca_file(finding);
    let says = |column: usize, client: &str| {
        kept_out.and_then(|kept_out| kept_out.says(column, question)).or_else(|| {
            let finding = seen(findings).filter(decides).find(|finding| refuses(column, finding, anchor))?;
            Some(words::says(client, finding, question, anchor))
        })
    };
    let verdict = |(column, client): (usize, &&'static str)| {
        let error = says(column, client);
        let verdict = if error.is_some() { "rejects" } else { "accepts" };
        ClientVerdict { client, verdict, error: error.unwrap_or_default(), ran: None }
    };
    CLIENTS.iter().enumerate().map(verdict).collect()
}

/// Whether it is about the form of a CA file that was read.
pub(crate) fn is_of_ca_file(finding: &Finding) -> bool {
    let is_read = !matches!(finding.code, Code::FileMissing | Code::FileIsDirectory | Code::FileUnreadable);
    is_read && finding.code.is_of_file() && finding.evidence.get("given_as").is_some_and(|it| it == Role::Trust.flag())
}

/// What a client sees: all but what the server found wrong with the client's own certificate. Of that it sees the alert, and nothing
/// at all where the server lets it pass.
fn seen(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    let refused = findings.iter().find(|finding| finding.code == Code::ClientCertificateRefused);
    let reason = refused.and_then(|refused| refused.follows_from);
    let passes = |finding: &Finding| {
        finding.severity != Severity::Error && finding.evidence.get(USED_BY).is_some_and(|by| by == CLIENT)
    };
    let seen = move |finding: &&Finding| finding.certificate.is_some() || Some(finding.code) != reason;
    let is_read = |finding: &&Finding| !finding.evidence.contains_key(COMPARED_WITH);
    findings.iter().filter(is_read).filter(seen).filter(move |finding| !passes(finding))
}

/// The clients that refuse a chain for a key of this kind alone: a server's own, or that of a CA above it.
pub fn refusing_key(kind: KeyKind, of_ca: bool) -> Vec<&'static str> {
    let KeyKind::Ed25519 = kind else { return Vec::new() };
    let finding = Finding::new(Code::KeyTypeSupport, "")
        .shown_by("kind", crate::facts::KeyKind::Ed25519.to_string())
        .shown_by("place", if of_ca { "CA" } else { "leaf" });
    refusing(&finding, None)
}

/// The clients that refuse a chain for this finding alone.
pub(crate) fn refusing(finding: &Finding, anchor: Option<usize>) -> Vec<&'static str> {
    let refusing = CLIENTS.iter().enumerate().filter(|(column, _)| refuses(*column, finding, anchor));
    refusing.map(|(_, client)| *client).collect()
}

fn refuses(column: usize, finding: &Finding, anchor: Option<usize>) -> bool {
    match exceptions::row_of(finding, anchor) {
        Some(row) => row.as_bytes().get(column) == Some(&b'X'),
        None => finding.severity == Severity::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_clients_own_certificate_is_seen_as_the_servers_alert() {
        let reason = Finding::new(Code::WrongPurpose, "of the client's");
        let mut refused = Finding::new(Code::ClientCertificateRefused, "").shown_by("alert_number", 43);
        refused.follows_from = Some(Code::WrongPurpose);
        let question = Question::server(None, time::OffsetDateTime::UNIX_EPOCH);
        let said = |findings: &[Finding], client: &str| {
            let all = verdicts(findings, &question, None, None);
            all.into_iter().find(|it| it.client == client).map(|it| it.error).unwrap_or_default()
        };
        let live = [reason, refused];
        assert_eq!(
            said(&live, "curl"),
            "curl: (56) OpenSSL SSL_read: OpenSSL/3.0: error:0A000413:SSL routines::sslv3 alert unsupported certificate, errno 0"
        );
        assert_eq!(said(&live, "go"), "remote error: tls: unsupported certificate");
        // The same fault of the server's own certificate is the client's to refuse, and comes first.
        let both = [Finding::new(Code::WrongPurpose, "of the server's").about(0), live[0].clone(), live[1].clone()];
        assert!(said(&both, "go").contains("x509"), "{}", said(&both, "go"));
    }

    /// Measured with each client on a CA with keyCertSign and cRLSign and on one without a key usage, given to a server as its certificate.
    #[test]
    fn of_a_ca_in_the_leafs_place_clients_say_what_it_lacks() {
        let question =
            Question::server(crate::explain::PeerName::parse("localhost").ok(), time::OffsetDateTime::UNIX_EPOCH);
        let missing = Finding::new(Code::LeafMissing, "").about(0);
        let no_san = Finding::new(Code::NoSan, "").about(0).shown_by("common_name_covers", "no");
        let unsigning = Finding::new(Code::DigitalSignatureMissing, "").about(0).graded(Severity::Error);
        let usual = [missing.clone(), unsigning.shown_by("other_use", "none of TLS"), no_san.clone()];
        let without_usage = [missing.shown_by("key_usage", "absent"), no_san];
        for (client, of_usual, of_other) in [
            ("openssl", "num=26:unsuitable certificate purpose", "num=62:hostname mismatch"),
            (
                "openssl-strict",
                "error 26 at 0 depth lookup: unsuitable certificate purpose",
                "error 92 at 0 depth lookup: CA cert does not include key usage",
            ),
            ("curl", "unsuitable certificate purpose", "target host name 'localhost'"),
            ("wget", "does not match hostname ‘localhost’", "does not match hostname ‘localhost’"),
            ("gnutls", "Key usage violation", "The name in the certificate does not match the expected."),
            ("node", "INVALID_PURPOSE", "ERR_TLS_CERT_ALTNAME_INVALID"),
            ("java", "KeyUsage does not allow digital signatures", "No name matching localhost found"),
            ("rustls", "CaUsedAsEndEntity", "CaUsedAsEndEntity"),
            ("go", "x509: certificate is not valid for any names", "x509: certificate is not valid for any names"),
            ("nss", "SEC_ERROR_INADEQUATE_KEY_USAGE", "SSL_ERROR_BAD_CERT_DOMAIN"),
            ("chromium", "ERR_SSL_KEY_USAGE_INCOMPATIBLE", "ERR_CERT_COMMON_NAME_INVALID"),
        ] {
            for (findings, words) in [(&usual[..], of_usual), (&without_usage, of_other)] {
                let all = verdicts(findings, &question, Some(1), None);
                let said = all.into_iter().find(|it| it.client == client).map(|it| it.error).unwrap_or_default();
                assert!(said.contains(words) && !said.is_empty(), "{client}: {said:?}, not {words:?}");
            }
        }
    }

    /// Measured with openssl 3.0 and NSS's tstclnt on the four.
    #[test]
    fn a_leaf_that_is_a_ca_is_refused_by_what_it_says_of_its_uses() {
        let of = |key_usage: &str, extended: &str| {
            let finding = Finding::new(Code::LeafIsCa, "").about(0).shown_by("key_usage", key_usage);
            let refusing = refusing(&finding.shown_by("extended_key_usage", extended), Some(1));
            (refusing.contains(&"openssl-strict"), refusing.contains(&"nss"))
        };
        assert_eq!(of("absent", "absent"), (true, false));
        assert_eq!(of("absent", "present"), (true, true));
        assert_eq!(of("present", "absent"), (false, false));
        assert_eq!(of("present", "present"), (false, true));
    }

    /// A finding as checks make it, where it stands in a path of three, and who refuses it.
    type Measured = (Code, Severity, usize, &'static [(&'static str, &'static str)], &'static [&'static str]);

    /// Measured with each client; they are told by what they do otherwise than the rest.
    const MEASURED: &[Measured] = &[
        (Code::NotYetValid, Severity::Error, 0, &[("begins", "within a day")], &["!nss"]),
        (Code::NotYetValid, Severity::Error, 0, &[("begins", "later")], &["!"]),
        (
            Code::AkiMismatch,
            Severity::Warning,
            2,
            &[("names", "another than itself")],
            &["openssl", "openssl-strict", "python-3.11", "node"],
        ),
        (Code::PathLengthExceeded, Severity::Warning, 1, &[], &["wget", "gnutls", "rustls", "rustls-aws-lc", "go"]),
        (Code::PathLengthExceeded, Severity::Warning, 2, &[], &["wget", "gnutls", "go"]),
        (Code::VerifyDepthExceeded, Severity::Warning, 0, &[("too_many_for", "rustls")], &["rustls", "rustls-aws-lc"]),
        (
            Code::VerifyDepthExceeded,
            Severity::Warning,
            0,
            &[("too_many_for", "rustls and Java")],
            &["java", "rustls", "rustls-aws-lc"],
        ),
        (Code::KeyTypeSupport, Severity::Warning, 0, &[("kind", "ECDSA with SHA-512")], &["rustls"]),
        (
            Code::KeyTypeSupport,
            Severity::Warning,
            0,
            &[("kind", "ECDSA with parameters")],
            &["rustls", "rustls-aws-lc", "chromium"],
        ),
        (Code::KeyTypeSupport, Severity::Warning, 1, &[("kind", "RSA of 2041 to 2047 bits")], &["rustls-aws-lc"]),
        (
            Code::IssuerPurpose,
            Severity::Warning,
            1,
            &[("of_tls", "yes")],
            &["!wget", "!java", "!go", "!nss", "!chromium"],
        ),
        (
            Code::WeakKey,
            Severity::Error,
            1,
            &[("class", "P-192"), ("place", "CA")],
            &["!openssl-strict", "!wget", "!gnutls", "!node"],
        ),
        (
            Code::SignatureInvalid,
            Severity::Warning,
            2,
            &[("signed", "another"), ("differs", "algorithm")],
            &["!openssl", "!curl", "!python-3.11", "!node", "!nss", "!chromium"],
        ),
        (
            Code::SignatureInvalid,
            Severity::Error,
            0,
            &[("signed", "another"), ("differs", "parameters")],
            &["!wget", "!gnutls", "!java"],
        ),
        (
            Code::AkiMismatch,
            Severity::Error,
            0,
            &[("differs", "issuer")],
            &["openssl", "openssl-strict", "curl", "python-3.11", "python-3.13", "node"],
        ),
        (
            Code::NameConstraintViolated,
            Severity::Error,
            0,
            &[("permitted_but_for", "a trailing dot")],
            &["!wget", "!gnutls", "!chromium"],
        ),
        (
            Code::NameConstraintSupport,
            Severity::Warning,
            1,
            &[("kind", "directory"), ("critical", "no")],
            &["rustls", "rustls-aws-lc"],
        ),
        (
            Code::NameConstraintSupport,
            Severity::Warning,
            1,
            &[("kind", "directory"), ("critical", "yes")],
            &["rustls", "rustls-aws-lc", "go"],
        ),
        (
            Code::ExtensionCriticality,
            Severity::Warning,
            1,
            &[("extension", "authorityKeyIdentifier")],
            &["!wget", "!gnutls", "!nss"],
        ),
        (
            Code::ExtensionCriticality,
            Severity::Warning,
            2,
            &[("extension", "authorityKeyIdentifier")],
            &["!wget", "!gnutls", "!java", "!rustls", "!rustls-aws-lc", "!nss"],
        ),
        (
            Code::Version1,
            Severity::Error,
            1,
            &[("extensions", "present")],
            &["!openssl", "!curl", "!python-3.11", "!node", "!nss"],
        ),
        (Code::Version1, Severity::Error, 1, &[("extensions", "absent")], &["!"]),
        (Code::PolicyViolated, Severity::Error, 1, &[("critical", "no")], &["java", "go", "chromium"]),
        (
            Code::UnknownCriticalExtension,
            Severity::Error,
            0,
            &[("oid", "1.3.6.1.5.5.7.1.1")],
            &["!wget", "!gnutls", "!nss"],
        ),
        (
            Code::UnknownCriticalExtension,
            Severity::Error,
            0,
            &[("oid", "1.3.6.1.4.1.11129.2.4.2")],
            &["!rustls", "!rustls-aws-lc"],
        ),
        (
            Code::ExtensionMalformed,
            Severity::Error,
            0,
            &[("fault", "there twice"), ("read_by", "some")],
            &["wget", "gnutls", "java", "go", "chromium"],
        ),
        (
            Code::SameSubjectAsIssuer,
            Severity::Error,
            1,
            &[("missing_from", "both"), ("newest", "the lower")],
            &["openssl", "curl", "wget", "gnutls", "python-3.11", "node"],
        ),
        (
            Code::SameSubjectAsIssuer,
            Severity::Error,
            1,
            &[("missing_from", "both"), ("newest", "the upper")],
            &["openssl", "curl", "wget", "gnutls", "python-3.11", "node", "nss"],
        ),
        (
            Code::ValidityEncoding,
            Severity::Error,
            0,
            &[("fault", "no seconds")],
            &["!wget", "!gnutls", "!java", "!go", "!nss"],
        ),
        (Code::ValidityEncoding, Severity::Error, 1, &[("fault", "an offset from GMT")], &["!java", "!go", "!nss"]),
        (Code::ValidityEncoding, Severity::Error, 1, &[("fault", "a fraction of a second")], &["!java"]),
        (
            Code::ValidityEncoding,
            Severity::Error,
            2,
            &[("fault", "a fraction of a second")],
            &["!java", "!rustls", "!rustls-aws-lc"],
        ),
        (Code::ValidityEncoding, Severity::Warning, 0, &[("fault", "before 1970")], &["rustls", "rustls-aws-lc"]),
        (Code::ValidityEncoding, Severity::Warning, 2, &[("fault", "before 1970")], &[]),
        (
            Code::KeyTypeSupport,
            Severity::Warning,
            1,
            &[("kind", "compressed point")],
            &["wget", "gnutls", "java", "rustls", "go", "nss"],
        ),
        (
            Code::IssuerNameEncoding,
            Severity::Warning,
            1,
            &[("string_types", "older ones")],
            &["wget", "gnutls", "java", "rustls", "rustls-aws-lc", "go", "nss", "chromium"],
        ),
        (
            Code::IssuerNameEncoding,
            Severity::Warning,
            1,
            &[("string_types", "those in use")],
            &["wget", "gnutls", "rustls", "rustls-aws-lc", "go", "nss", "chromium"],
        ),
        (Code::CrlMalformed, Severity::Warning, 0, &[("missing", "nextUpdate")], &["java", "rustls", "rustls-aws-lc"]),
        (Code::SelfSignedLeaf, Severity::Warning, 0, &[("says", "nothing"), ("may_sign", "yes")], &[]),
        (Code::SelfSignedLeaf, Severity::Warning, 0, &[("says", "nothing"), ("may_sign", "no")], &["chromium"]),
        (
            Code::LeafAsTrustAnchor,
            Severity::Error,
            0,
            &[("cas_sent", "a root alone"), ("authority_key_id", "absent")],
            &["!curl", "!wget", "!gnutls", "!java", "!go"],
        ),
        (
            Code::LeafAsTrustAnchor,
            Severity::Error,
            0,
            &[("cas_sent", "no"), ("authority_key_id", "absent")],
            &["!curl", "!wget", "!gnutls", "!python-3.13", "!java", "!go"],
        ),
        (Code::IpNotCovered, Severity::Error, 0, &[("mapped", "yes")], &["!java", "!nss"]),
        (
            Code::CrlMissing,
            Severity::Warning,
            1,
            &[("of", "a CA")],
            &["curl", "gnutls", "node", "java", "rustls", "nss"],
        ),
        (
            Code::CrlSignMissing,
            Severity::Error,
            1,
            &[],
            &["!wget", "!java", "!rustls", "!rustls-aws-lc", "!go", "!chromium"],
        ),
    ];

    #[test]
    fn who_refuses_is_as_measured() {
        for (code, severity, index, evidence, expected) in MEASURED {
            let bare = Finding::new(*code, "").about(*index).graded(*severity);
            let finding = evidence.iter().fold(bare, |finding, (name, value)| finding.shown_by(name, *value));
            let accepts = |client: &&str| expected.contains(&format!("!{client}").as_str());
            let all_but = expected.iter().any(|it| it.starts_with('!'));
            let refusing: Vec<&str> = CLIENTS
                .iter()
                .copied()
                .filter(|client| if all_but { !accepts(client) } else { expected.contains(client) })
                .collect();
            assert_eq!(super::refusing(&finding, Some(2)), refusing, "{code} {evidence:?}");
        }
    }

    /// Measured with a self-signed certificate that is trusted itself: Java looks at its name alone, rustls at its dates and extensions.
    #[test]
    fn a_leaf_that_is_trusted_itself_is_looked_at_less() {
        let of = |code: Code, evidence: (&'static str, &'static str)| {
            let refusing = refusing(&Finding::new(code, "").about(0).shown_by(evidence.0, evidence.1), Some(0));
            ["openssl", "java", "rustls"].map(|client| refusing.contains(&client))
        };
        assert_eq!(of(Code::Expired, ("", "")), [true, false, true]);
        assert_eq!(of(Code::WrongPurpose, ("", "")), [true, false, true]);
        assert_eq!(of(Code::DigitalSignatureMissing, ("other_use", "none of TLS")), [true, false, false]);
        assert_eq!(of(Code::UnknownCriticalExtension, ("", "")), [true, false, true]);
        assert_eq!(of(Code::LeafIsCa, ("extended_key_usage", "present")), [false, false, true]);
    }

    /// Measured with openssl, curl, Python and Node: a list without a name of its key is tried, and its signature fails.
    #[test]
    fn a_list_of_another_key_is_passed_over_where_it_names_it_and_fails_where_it_does_not() {
        let question = Question::server(None, time::OffsetDateTime::UNIX_EPOCH);
        let said = |names: &str, algorithm: &str, client: &str| {
            let finding = Finding::new(Code::CrlSignatureInvalid, "").about(1);
            words::says(client, &finding.shown_by("names_key", names).shown_by("algorithm", algorithm), &question, None)
        };
        assert_eq!(said("another", "EC", "openssl"), "verify error:num=3:unable to get certificate CRL");
        assert_eq!(said("this or none", "EC", "openssl"), "verify error:num=8:CRL signature failure");
        assert_eq!(said("this or none", "EC", "node"), "CRL_SIGNATURE_FAILURE: CRL signature failure");
        assert!(said("this or none", "RSA", "curl").ends_with("0200008A:rsa routines::invalid padding"));
        assert!(said("this or none", "another", "curl").ends_with("wrong public key type"));
        assert!(said("this or none", "EC", "python-3.11").ends_with("failed: CRL signature failure"));
    }

    /// Measured with openssl, curl, Python, Node and gnutls-cli.
    #[test]
    fn a_list_of_a_ca_and_a_delta_alone_are_looked_at_by_some() {
        let of = |finding: &Finding| {
            let refusing = refusing(finding, Some(2));
            ["openssl", "curl", "gnutls", "python-3.11", "node"].map(|client| refusing.contains(&client))
        };
        let expired = Finding::new(Code::CrlExpired, "");
        assert_eq!(of(&expired), [true; 5]);
        assert_eq!(of(&expired.shown_by("asked_about", "a CA")), [false, true, true, false, true]);
        let delta = Finding::new(Code::CrlNotApplicable, "").about(0).shown_by("found", vec!["a delta CRL alone"]);
        assert_eq!(of(&delta), [false, false, true, false, false]);
    }
}
