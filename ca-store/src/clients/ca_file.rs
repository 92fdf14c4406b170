//! What clients print of a CA file, or a file of revocation lists, that they cannot use. `{file}` stands for its name.

use crate::finding::{Code, Finding, Role};

use super::reader::Stop;

/// Three ways in which a file fails: there is none, nothing in it is seen as what it should be, or what is seen is damaged.
struct Words {
    clients: &'static [&'static str],
    missing: &'static str,
    unseen: &'static str,
    damaged: &'static str,
}

const WORDS: &[Words] = &[
    Words {
        clients: &["openssl"],
        missing: "Could not open file or uri for loading CA certificates from {file}: No such file or directory",
        unseen: "error:05800088:x509 certificate routines:X509_load_cert_crl_file_ex:no certificate or crl found",
        damaged: "error:05880009:x509 certificate routines:X509_load_cert_crl_file_ex:PEM lib",
    },
    Words {
        clients: &["openssl-strict"],
        missing: "Error loading file {file}: No such file or directory",
        unseen: "Error loading file {file}: no certificate or crl found",
        damaged: "Error loading file {file}: PEM lib",
    },
    Words {
        clients: &["curl"],
        missing: "curl: (77) error setting certificate file: {file}",
        unseen: "curl: (77) error setting certificate file: {file}",
        damaged: "curl: (77) error setting certificate file: {file}",
    },
    Words {
        clients: &["wget"],
        missing: "ERROR: Failed to open cert {file}: (-64).",
        unseen: "ERROR: Failed to open cert {file}: (0).",
        damaged: "ERROR: Failed to open cert {file}: (-73).",
    },
    Words {
        clients: &["gnutls"],
        missing: "Error setting the x509 trust file: Error while reading file.",
        unseen: "Error setting the x509 trust file: No certificate was found.",
        damaged: "Error setting the x509 trust file: ASN1 parser: Error in TAG.",
    },
    Words {
        clients: &["python-3.11", "python-3.13"],
        missing: "FileNotFoundError: [Errno 2] No such file or directory",
        unseen: "ssl.SSLError: [X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found",
        damaged: "ssl.SSLError: [X509] PEM lib",
    },
    // These three pass over what they cannot use, and then miss the issuer.
    Words {
        clients: &["node"],
        missing: "ENOENT: no such file or directory, open '{file}'",
        unseen: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unable to get local issuer certificate",
        damaged: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unable to get local issuer certificate",
    },
    Words {
        clients: &["rustls", "rustls-aws-lc"],
        missing: "I/O error: No such file or directory (os error 2)",
        unseen: "invalid peer certificate: UnknownIssuer",
        damaged: "invalid peer certificate: UnknownIssuer",
    },
    Words {
        clients: &["go"],
        missing: "open {file}: no such file or directory",
        unseen: "tls: failed to verify certificate: x509: certificate signed by unknown authority",
        damaged: "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    },
    Words {
        clients: &["java"],
        missing: "java.io.FileNotFoundException: {file} (No such file or directory)",
        unseen: "java.security.cert.CertificateException: No certificate data found",
        damaged: "java.security.cert.CertificateException: java.io.IOException: Incomplete data",
    },
    Words {
        clients: &["nss"],
        missing: "certutil: unable to open \"{file}\" for reading",
        unseen: "certutil: could not decode certificate: SEC_ERROR_BAD_DER: security library: improperly formatted DER-encoded message.",
        damaged: "certutil: could not decode certificate: SEC_ERROR_LIBRARY_FAILURE: security library failure.",
    },
];

/// Of the file that a server sends, which `openssl verify` alone reads itself.
const OF_CHAINS: &[Words] = &[Words {
    clients: &["openssl-strict"],
    missing: "Could not open file or uri for loading certificate file from {file}: No such file or directory",
    unseen: "Unable to load certificate file",
    damaged: "Unable to load certificate file",
}];

/// Of revocation lists. Go and Chromium read none.
const OF_LISTS: &[Words] = &[
    Words {
        clients: &["openssl"],
        missing: "Could not open file or uri for loading CRL from {file}",
        unseen: "Could not read CRL from {file}",
        damaged: "Could not read CRL from {file}",
    },
    Words {
        clients: &["openssl-strict"],
        missing: "Could not open file or uri for loading other CRLs from {file}",
        unseen: "Could not read any other CRLs from {file}",
        damaged: "Could not read any other CRLs from {file}",
    },
    Words {
        clients: &["curl"],
        missing: "curl: (82) error loading CRL file: {file}",
        unseen: "curl: (82) error loading CRL file: {file}",
        damaged: "curl: (82) error loading CRL file: {file}",
    },
    Words {
        clients: &["wget"],
        missing: "ERROR: Failed to load CRL file '{file}': (-64)",
        unseen: "ERROR: Failed to load CRL file '{file}': (-34)",
        damaged: "ERROR: Failed to load CRL file '{file}': (-34)",
    },
    Words {
        clients: &["gnutls"],
        missing: "Error setting the x509 CRL file: Error while reading file.",
        unseen: "Error setting the x509 CRL file: Base64 decoding error.",
        damaged: "Error setting the x509 CRL file: Base64 decoding error.",
    },
    Words {
        clients: &["python-3.11", "python-3.13"],
        missing: "FileNotFoundError: [Errno 2] No such file or directory",
        unseen: "ssl.SSLError: [X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found",
        damaged: "ssl.SSLError: [X509] PEM lib",
    },
    Words {
        clients: &["node"],
        missing: "ENOENT: no such file or directory, open '{file}'",
        unseen: "ERR_CRYPTO_OPERATION_FAILED: Failed to parse CRL",
        damaged: "ERR_CRYPTO_OPERATION_FAILED: Failed to parse CRL",
    },
    Words {
        clients: &["rustls", "rustls-aws-lc"],
        missing: "I/O error: No such file or directory (os error 2)",
        unseen: "invalid peer certificate: UnknownRevocationStatus",
        damaged: "invalid peer certificate: UnknownRevocationStatus",
    },
    Words {
        clients: &["java"],
        missing: "java.io.FileNotFoundException: {file} (No such file or directory)",
        unseen: "java.security.cert.CRLException",
        damaged: "java.security.cert.CRLException",
    },
    Words {
        clients: &["nss"],
        missing: "crlutil: unable to open \"{file}\" for reading",
        unseen: "crlutil: unable to import CRL: SEC_ERROR_CRL_INVALID: New CRL has an invalid format.",
        damaged: "crlutil: unable to import CRL: SEC_ERROR_CRL_INVALID: New CRL has an invalid format.",
    },
];

/// The words of a client that stops at a CA file; none where it says nothing, and then misses the issuer.
pub(super) fn stopped(client: &str, stop: Stop, file: &str) -> Option<String> {
    const JAVA: &str = "java.security.cert.CertificateException: java.io.IOException:";
    let own = match (client, stop) {
        ("wget", Stop::Boundary | Stop::Cut | Stop::Base64) => "ERROR: Failed to open cert {file}: (-207).",
        ("gnutls", Stop::Boundary | Stop::Cut | Stop::Base64) => {
            "Error setting the x509 trust file: Base64 unexpected header error."
        }
        ("java", Stop::Empty) => {
            "java.security.InvalidAlgorithmParameterException: the trustAnchors parameter must be non-empty"
        }
        ("java", Stop::Boundary) => &format!("{JAVA} Header and footer do not match"),
        ("java", Stop::Base64) => &format!("{JAVA} java.lang.IllegalArgumentException: Illegal base64 character"),
        ("java", Stop::Content) => "java.security.cert.CertificateParsingException",
        ("rustls" | "rustls-aws-lc", Stop::Boundary) => "illegal section start",
        ("rustls" | "rustls-aws-lc", Stop::Cut) => "missing section end marker",
        ("rustls" | "rustls-aws-lc", Stop::Base64) => "base64 decode error",
        ("rustls" | "rustls-aws-lc", Stop::Content) => "invalid peer certificate: BadEncoding",
        _ => {
            let words = WORDS.iter().find(|words| words.clients.contains(&client))?;
            if matches!(stop, Stop::Nothing | Stop::Empty) { words.unseen } else { words.damaged }
        }
    };
    Some(own.replace("{file}", file))
}

/// The words where OpenSSL's settings behind a certificate refuse its use (X509_V_ERR_CERT_REJECTED).
pub(super) fn rejected(client: &str) -> Option<String> {
    let text = match client {
        "openssl" => "verify error:num=28:certificate rejected",
        "openssl-strict" => "error 28 at 1 depth lookup: certificate rejected",
        "curl" => "curl: (60) SSL certificate problem: certificate rejected",
        "node" => "INVALID_PURPOSE: unsuitable certificate purpose",
        "python-3.11" | "python-3.13" => {
            "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate rejected"
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// The words for a finding about the form of such a file; none for any other finding.
pub(super) fn says(client: &str, finding: &Finding) -> Option<String> {
    let value = |name: &str| finding.evidence.get(name).and_then(|value| value.as_str());
    let table = match value("given_as") {
        _ if !finding.code.is_of_file() => return None,
        Some(flag) if flag == Role::Trust.flag() => WORDS,
        Some(flag) if flag == Role::Chain.flag() => OF_CHAINS,
        Some(flag) if flag == Role::Crl.flag() => OF_LISTS,
        _ => return None,
    };
    let words = table.iter().find(|words| words.clients.contains(&client))?;
    let gnutls_header = matches!(value("text").or(value("character")), Some("commented out" | "header"));
    let text = match finding.code {
        // GNUTLS_E_BASE64_UNEXPECTED_HEADER_ERROR
        _ if gnutls_header && client == "wget" => "ERROR: Failed to open cert {file}: (-207).",
        _ if gnutls_header && client == "gnutls" => {
            "Error setting the x509 trust file: Base64 unexpected header error."
        }
        Code::FileIndented if value("indented") == Some("END") => words.damaged,
        Code::FileMissing | Code::FileIsDirectory | Code::FileUnreadable => words.missing,
        Code::FileTruncated | Code::FileBadBase64 | Code::CertificateCorrupt | Code::FileJoinedBlocks => words.damaged,
        _ => words.unseen,
    };
    Some(text.replace("{file}", value("file").unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::{Code, Finding, WORDS, says};

    #[test]
    fn every_client_but_the_browser_has_words_of_its_own() {
        let missing: Vec<_> = super::super::CLIENTS
            .iter()
            .filter(|client| **client != "chromium" && !WORDS.iter().any(|words| words.clients.contains(client)))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn only_files_of_the_client_are_spoken_of() {
        let of = |flag: &str| Finding::new(Code::FileMissing, "").shown_by("given_as", flag).shown_by("file", "ca.pem");
        assert_eq!(says("curl", &of("--trust")).as_deref(), Some("curl: (77) error setting certificate file: ca.pem"));
        assert_eq!(says("curl", &of("--crl")).as_deref(), Some("curl: (82) error loading CRL file: ca.pem"));
        assert_eq!(says("curl", &of("--chain")), None);
        assert!(says("openssl-strict", &of("--chain")).is_some_and(|text| text.contains("certificate file")));
        assert_eq!(says("chromium", &of("--trust")), None);
    }
}
