//! The tables hold together, and each family's words lead to their causes.

mod programs;
mod sessions;

use std::collections::BTreeSet;

use super::normalise::folded;
use super::{MAX_CANDIDATES, Standing, alone, names, recognise, record, render, table, weigh};
use crate::explain::render::Style;
use crate::explain::{Evidence, PeerName, Question, Verdict};
use crate::finding::{Code, Finding};

/// The first three candidates.
fn first(text: &str) -> Vec<&'static str> {
    recognise(text, None).candidates.iter().take(3).map(|candidate| candidate.code.as_str()).collect()
}

#[test]
fn phrases_are_written_as_texts_are_read() {
    let rules = table::rules().flat_map(|rule| rule.any.iter().chain(rule.when));
    let groups = table::groups().flat_map(|(_, phrases)| phrases).chain(table::SAID_ANYWAY);
    let wrong: Vec<_> = rules.chain(groups).filter(|it| !it.starts_with('@') && folded(it) != **it).collect();
    assert!(wrong.is_empty(), "not in the folded form: {wrong:?}");
}

#[test]
fn every_phrase_of_every_row_leads_to_its_first_cause() {
    let mut wrong = Vec::new();
    for rule in table::rules().filter(|rule| rule.when.iter().all(|it| !it.starts_with('@'))) {
        for phrase in rule.any.iter().filter(|it| !it.starts_with('@')) {
            let text = [phrase].into_iter().chain(rule.when).copied().collect::<Vec<_>>().join(" | ");
            if recognise(&text, None).candidates.iter().all(|it| it.code != rule.causes[0]) {
                wrong.push(text);
            }
        }
    }
    assert!(wrong.is_empty(), "never read: {wrong:#?}");
}

#[test]
fn every_code_that_a_client_can_trip_over_is_in_a_table() {
    // Nobody refuses for these: there is no text of them.
    let silent = [
        Code::RootNamedLikeHost,
        Code::ChainHasRoot,
        Code::ChainDuplicate,
        Code::FileCrlf,
        Code::CommonNameNotInSan,
        Code::KeyNotAllowed,
    ];
    let named: BTreeSet<Code> = table::rules().flat_map(|rule| rule.causes).copied().collect();
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !named.contains(code) && !silent.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn vague_words_beside_exact_ones_add_nothing() {
    let text = "PKIX path validation failed: java.security.cert.CertPathValidatorException: unrecognized critical extension(s)";
    assert_eq!(first(text), ["unknown-critical-extension"]);
    assert_eq!(first("java.security.cert.CertPathValidatorException").first(), Some(&"root-not-trusted"));
}

#[test]
fn no_row_names_a_cause_twice() {
    for rule in table::rules() {
        let once: BTreeSet<_> = rule.causes.iter().collect();
        assert_eq!(once.len(), rule.causes.len(), "{:?}", rule.any);
    }
}

#[test]
fn words_of_each_family_lead_to_their_causes() {
    let mut wrong = Vec::new();
    for (text, cause) in [
        // OpenSSL, by text, by name, by number, and in 1.1's words
        ("verify error:num=20:unable to get local issuer certificate", "missing-intermediate"),
        ("error 20 at 1 depth lookup: unable to get local issuer certificate", "root-not-trusted"),
        ("error 24 at 1 depth lookup:invalid CA certificate", "issuer-not-ca"),
        ("depth lookup:self signed certificate", "self-signed-leaf"),
        ("X509_V_ERR_CRL_HAS_EXPIRED", "crl-expired"),
        (
            "verify error:num=20:unable to get local issuer certificate\n40:error:1100009E:X509 V3 routines:ossl_x509v3_cache_extensions:invalid certificate:",
            "extension-malformed",
        ),
        ("ssl.SSLError: [X509V3: INVALID_CERTIFICATE] invalid certificate (_ssl.c:3874)", "extension-malformed"),
        ("CN = Example Issuing CA\nerror 62 at 0 depth lookup: hostname mismatch", "leaf-missing"),
        (
            "40:error:16000071:STORE routines:try_pkcs12:error verifying pkcs12 mac:store_result.c:581:empty password",
            "file-is-pkcs12",
        ),
        ("x509: malformed GeneralizedTime", "validity-encoding"),
        ("x509: invalid ECDSA parameters", "ec-explicit-parameters"),
        ("x509: authority key identifier incorrectly marked critical", "extension-criticality"),
        ("x509: failed to parse dnsName constraint \".example.test.\"", "extension-malformed"),
        ("CertPathValidatorException: java.io.IOException: Duplicate extensions not allowed", "extension-malformed"),
        (
            "TrustAnchor with subject \"CN=Example Root CA\" does not have keyCertSign bit set in KeyUsage extension",
            "key-cert-sign-missing",
        ),
        ("SSLHandshakeException: Netscape cert type does not permit use for SSL server", "wrong-purpose"),
        ("unexpected end of file", "connection-closed"),
        ("curl: (35) OpenSSL/3.0.11: error:0A000460:SSL routines::reason(1120)", "alpn-mismatch"),
        ("Error: Unsupported PKCS12 PFX data", "pkcs12-legacy-encryption"),
        ("keytool error: java.lang.Exception: Public keys in reply and keystore don't match", "key-mismatch"),
        ("keytool error: java.lang.Exception: Failed to establish chain from reply", "missing-intermediate"),
        ("AH02562: Failed to configure certificate app:443:0 (with chain), check /etc/a.pem", "key-mismatch"),
        ("rejected connection: \"10.0.0.2\" does not match any of DNSNames [\"n1\"]", "name-mismatch"),
        (
            "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the following types: [X509 CRL]",
            "file-is-crl",
        ),
        (
            "CertificateException: java.io.IOException: Header and footer do not match: -----BEGIN CERTIFICATE------ -----END CERTIFICATE-----",
            "file-bad-boundary",
        ),
        ("CertificateException: Unable to initialize, java.io.IOException: Too short", "file-is-private-key"),
        ("ERROR: Failed to open cert ca.pem: (-207).", "file-truncated"),
        ("Verify return code: 26", "wrong-purpose"),
        ("CN = Example Root CA\nerror 18 at 0 depth lookup: self-signed certificate", "leaf-missing"),
        ("error:0A00010B:SSL routines::wrong version number", "not-tls"),
        ("error:0A000086:SSL routines::certificate verify failed: certificate has expired", "expired"),
        ("error:05800074:x509 certificate routines::key values mismatch", "key-mismatch"),
        ("SSL_CTX_use_certificate: ca md too weak", "weak-signature"),
        ("error:04800066:PEM routines::bad end line", "file-bad-boundary"),
        ("PKCS12 routines::mac verify failure", "password-wrong"),
        (
            "inner_evp_generic_fetch:unsupported:Global default library context, Algorithm (RC2-40-CBC : 0)",
            "pkcs12-legacy-encryption",
        ),
        // curl, Python, Node
        ("curl: (35) OpenSSL/3.0.19: error:1100009E:X509 V3 routines::invalid certificate", "extension-malformed"),
        ("curl: (35) OpenSSL/3.0.19: error:06880006:asn1 encoding routines::EVP lib", "crl-signature-invalid"),
        (
            "curl: (60) SSL: no alternative certificate subject name matches target host name '192.0.2.7'",
            "ip-not-covered",
        ),
        ("curl: (60) SSL: certificate subject name 'x' does not match target host name 'app.example.test'", "no-san"),
        ("curl: (7) Failed to connect to localhost port 1: Connection refused", "connection-refused"),
        ("[SSL: HTTP_REQUEST] http request (_ssl.c:1006)", "not-tls"),
        ("[SSL: SSLV3_ALERT_BAD_CERTIFICATE] sslv3 alert bad certificate (_ssl.c:1006)", "name-mismatch"),
        ("ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED", "key-encrypted"),
        ("Host: foo.example.test. is not in the cert's altnames: DNS:f*.example.test", "wildcard-malformed"),
        // Java
        ("java.security.cert.CertPathValidatorException: incorrect KeyUsage extension", "digital-signature-missing"),
        (
            "CertificateParsingException: java.io.IOException: Only named ECParameters supported",
            "ec-explicit-parameters",
        ),
        // GnuTLS, NSS, browsers
        ("- Status: The certificate is NOT trusted. The certificate chain is revoked.", "revoked"),
        ("ERROR: Failed to open cert ca.pem: (-64).", "file-missing"),
        ("*** Received alert [116]: Certificate is required", "client-certificate-missing"),
        ("SEC_ERROR_PATH_LEN_CONSTRAINT_INVALID", "path-length-exceeded"),
        ("SSL_ERROR_RX_RECORD_TOO_LONG", "not-tls"),
        ("MOZILLA_PKIX_ERROR_V1_CERT_USED_AS_CA", "version-1"),
        ("net::ERR_CERT_WEAK_SIGNATURE_ALGORITHM", "weak-signature"),
        ("net::ERR_CERT_VALIDITY_TOO_LONG", "validity-long"),
        // Java, Go, rustls
        ("CertPathValidatorException: Could not determine revocation status", "crl-missing"),
        ("java.security.cert.CertificateException: No name matching app.example.test found", "no-san"),
        ("x509: certificate is valid for *.example.test, not a.b.example.test", "wildcard-scope"),
        (
            "current time 2026-11-23T20:08:47Z is before 2044-01-01: certificate has expired or is not yet valid",
            "not-yet-valid",
        ),
        ("tls: found a certificate rather than a key in the PEM for the private key", "files-swapped"),
        ("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))", "leaf-is-ca"),
        (r#"not valid for name "192.0.2.7"; certificate is only valid for DnsName("192.0.2.7")"#, "ip-as-dns-name"),
        ("received fatal alert: NoApplicationProtocol", "alpn-mismatch"),
        // Servers
        ("client sent no required SSL certificate while reading client request headers", "client-certificate-missing"),
        ("client SSL certificate verify error: (22:certificate chain too long)", "verify-depth-exceeded"),
        ("AH02572: Failed to configure at least one certificate and key for x:443", "file-missing"),
        ("http: TLS handshake error from 127.0.0.1:5: remote error: tls: bad certificate", "root-not-trusted"),
        // Windows, Apple, sockets
        ("SEC_E_UNTRUSTED_ROOT (0x80090325)", "root-not-trusted"),
        ("TRUST_E_BASIC_CONSTRAINTS", "issuer-not-ca"),
        ("CFNetwork SSLHandshake failed (-9814)", "expired"),
        ("getaddrinfo ENOTFOUND app.example.test", "host-not-found"),
        // Alerts by number alone
        ("SSL alert number 112", "sni-refused"),
        ("The TLS protocol defined fatal alert code is 70", "tls-version-mismatch"),
        ("* TLSv1.3 (IN), TLS alert, access denied (561):", "access-denied"),
    ] {
        if first(text).first() != Some(&cause) {
            wrong.push((text, cause, first(text)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_client_is_told_by_its_manner() {
    for (text, client) in [
        ("curl: (60) SSL certificate problem: x", Some("curl")),
        ("ssl.SSLError: [SSL: X] certificate verify failed (_ssl.c:1006)", Some("python")),
        ("javax.net.ssl.SSLHandshakeException: Received fatal alert: unknown_ca", Some("java")),
        ("invalid peer certificate: UnknownIssuer", Some("rustls")),
        ("x509: certificate signed by unknown authority", Some("go")),
        ("SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca)", Some("nginx")),
        ("certificate has expired", None),
    ] {
        assert_eq!(recognise(text, None).client, client, "{text}");
    }
}

#[test]
fn a_text_that_says_nothing_known_has_no_candidates() {
    for text in ["", "hello", "\n\n\n", "the certificate of attendance was signed", "error", "@x509-18", "\u{0}\u{1b}["]
    {
        let recognised = recognise(text, None);
        assert!(recognised.candidates.is_empty() && recognised.lines.is_empty(), "{text:?}: {recognised:?}");
    }
}

#[test]
fn in_a_log_the_telling_lines_are_found_and_counted() {
    let mut log: String =
        (0..200).map(|n| format!("Nov 23 20:08:{:02} host app: request {n} done\n", n % 60)).collect();
    for _ in 0..3 {
        log.push_str(
            "Nov 23 20:09:00 host app: \u{1b}[31mx509: certificate signed by unknown authority\u{1b}[0m\u{7}\n",
        );
    }
    let recognised = recognise(&log, None);
    assert_eq!(recognised.candidates[0].code, Code::RootNotTrusted);
    let line = &recognised.lines[0];
    assert_eq!((line.line, line.times), (201, 3));
    assert!(line.text.contains("\\u{1b}[31mx509") && !line.text.contains(char::is_control), "{}", line.text);
}

#[test]
fn a_telling_line_outweighs_many_vague_ones() {
    let mut log = "2026-11-23T20:08:47Z tls handshake failed\n".repeat(500);
    log.push_str("2026-11-23T20:08:48Z tls: private key does not match public key\n");
    assert_eq!(first(&log)[0], "key-mismatch");
}

#[test]
fn what_lies_beyond_the_bounds_is_left_and_said_so() {
    let long = "x\n".repeat(record::MAX_TEXT_LINES) + "self-signed certificate";
    let recognised = recognise(&long, None);
    assert!(recognised.cut && recognised.candidates.is_empty());
    assert!(!recognise("self-signed certificate", None).cut);
    assert!(
        recognise(&"expired self-signed certificate revoked\n".repeat(1000), None).candidates.len() <= MAX_CANDIDATES
    );
}

#[test]
fn the_name_asked_for_is_used_and_filled_in() {
    let asked = PeerName::parse("192.0.2.7").expect("an address");
    let recognised = recognise("hostname mismatch", Some(&asked));
    assert_eq!(recognised.candidates[0].code, Code::IpNotCovered);
    assert!(recognised.candidates[0].decide.contains("--name 192.0.2.7"), "{:?}", recognised.candidates[0]);
    let hostile = recognise("x509: certificate is valid for a.test, not $(reboot)", None);
    assert!(hostile.candidates.iter().all(|it| !it.decide.contains("reboot")), "{hostile:?}");
    assert_eq!(names::asked("x509: certificate is valid for a.test, not b.test"), Some("b.test"));
}

#[test]
fn evidence_decides_between_candidates() {
    let recognised = recognise("self-signed certificate", None);
    let at = time::OffsetDateTime::UNIX_EPOCH;
    let mut report = alone(&recognised, &Question::server(None, at));
    assert_eq!((report.verdict, report.cause.clone()), (Verdict::Invalid, None));
    report.cause = Some(Finding::new(Code::SameSubjectAsIssuer, "as found"));
    report.findings = vec![Finding::new(Code::SameSubjectAsIssuer, "as found"), Finding::new(Code::LeafIsCa, "too")];
    weigh(&mut report, &recognised, &Evidence::default());
    let standings: Vec<_> = report.candidates.iter().map(|it| (it.code.as_str(), it.standing)).collect();
    assert_eq!(standings[0], ("same-subject-as-issuer", Standing::Cause));
    assert_eq!(standings[1], ("leaf-is-ca", Standing::Found));
    assert_eq!(standings[2], ("self-signed-leaf", Standing::Open));
    // A cause that the text does not hint at stands first all the same.
    report.cause = Some(Finding::new(Code::Expired, "as found"));
    weigh(&mut report, &recognised, &Evidence::default());
    assert_eq!((report.candidates[0].code, report.candidates[0].standing), (Code::Expired, Standing::Cause));
}

#[test]
fn the_text_says_that_nothing_was_judged() {
    let shown = render::alone(&recognise("self-signed certificate", None), Style::plain());
    assert!(shown.contains("no chain was judged") && shown.contains("  1. self-signed-leaf"), "{shown}");
    let shown = render::alone(&recognise("hello", None), Style::plain());
    assert!(shown.starts_with("not recognised"), "{shown}");
}

#[test]
fn the_name_of_an_error_is_enough() {
    for (name, cause) in [
        ("x509.NotAuthorizedToSign", "issuer-not-ca"),
        ("x509.HostnameError", "name-mismatch"),
        ("x509.Expired", "expired"),
        ("tls.RecordHeaderError", "not-tls"),
        ("PKIXReason.NAME_CHAINING", "issuer-renamed"),
        ("PKIXReason.NO_TRUST_ANCHOR", "root-not-trusted"),
        ("BasicReason.NOT_YET_VALID", "not-yet-valid"),
        ("SEC_ERROR_KRL_EXPIRED", "crl-expired"),
        ("SSL_ERROR_RX_MALFORMED_CERTIFICATE", "certificate-corrupt"),
        ("GNUTLS_CERT_UNEXPECTED_OWNER", "name-mismatch"),
        ("GNUTLS_E_CERTIFICATE_LIST_UNSORTED", "chain-order"),
        ("X509_V_ERR_EMAIL_MISMATCH", "name-mismatch"),
        ("access_denied", "access-denied"),
        ("SSL_ERROR_ACCESS_DENIED_ALERT", "access-denied"),
        ("illegal_parameter", "tls-version-mismatch"),
        ("unknown_ca", "root-not-trusted"),
    ] {
        assert_eq!(first(name).first(), Some(&cause), "{name}");
    }
    // Within a sentence the same words may be anybody's.
    assert!(first("open /srv/data: access denied by policy").is_empty());
}
