//! What programs print of a certificate and key of their own that they cannot use, as clients: before they connect, or where the
//! server looks at the signature. In a text, `{file}` stands for the file.
//!
//! Measured with OpenSSL 3.0, curl 7.88, wget 1.21, gnutls-cli 3.7, Python, Node 20, Go and rustls 0.23. Java, NSS and Chromium
//! take a PKCS#12 file: what keeps OpenSSL from making that is told.

use crate::clients::{CLIENT, USED_BY};
use crate::explain::{Purpose, Question};
use crate::finding::{Code, Finding, Role, Severity};

/// The words of some clients.
struct Words {
    clients: &'static [&'static str],
    /// The key is of another certificate.
    mismatch: &'static str,
    /// The key does not read.
    key: &'static str,
    /// The certificate does not read.
    certificate: &'static str,
    /// Their file is not there.
    missing: &'static str,
}

const WORDS: &[Words] = &[
    Words {
        clients: &["openssl"],
        mismatch: "error setting private key\nerror:05800074:x509 certificate routines:X509_check_private_key:key values mismatch",
        key: "Could not read client certificate private key from {file}",
        certificate: "Could not read client certificate from {file}\nUnable to load client certificate",
        missing: "Could not open file or uri for loading client certificate private key from {file}",
    },
    Words {
        clients: &["openssl-strict"],
        mismatch: "",
        key: "Could not read certificate file from {file}\nUnable to load certificate file",
        certificate: "Could not read certificate file from {file}\nUnable to load certificate file",
        missing: "Could not open file or uri for loading certificate file from {file}\nUnable to load certificate file",
    },
    Words {
        clients: &["curl"],
        mismatch: "curl: (58) unable to set private key file: '{file}' type PEM",
        key: "curl: (58) unable to set private key file: '{file}' type PEM",
        certificate: "curl: (58) could not load PEM client certificate from {file}, OpenSSL error error:0480006C:PEM routines::no start line, (no key found, wrong pass phrase, or wrong file format?)",
        missing: "curl: (58) unable to set private key file: '{file}' type PEM",
    },
    // It goes on without, and the server ends the connection.
    Words {
        clients: &["wget"],
        mismatch: "Failed writing HTTP request: The specified session has been invalidated for some reason..",
        key: "Failed writing HTTP request: The specified session has been invalidated for some reason..",
        certificate: "Failed writing HTTP request: The specified session has been invalidated for some reason..",
        missing: "Failed writing HTTP request: The specified session has been invalidated for some reason..",
    },
    Words {
        clients: &["gnutls"],
        mismatch: "*** Fatal error: A TLS fatal alert has been received.\n*** Received alert [51]: Decrypt error",
        key: "*** Error importing key: The requested data were not available.",
        certificate: "*** Error loading cert file: No certificate was found.",
        missing: "*** Error loading key file.",
    },
    Words {
        clients: &["python-3.11", "python-3.13"],
        mismatch: "ssl.SSLError: [X509: KEY_VALUES_MISMATCH] key values mismatch",
        key: "ssl.SSLError: [SSL] PEM lib",
        certificate: "ssl.SSLError: [SSL] PEM lib",
        missing: "FileNotFoundError: [Errno 2] No such file or directory",
    },
    Words {
        clients: &["node"],
        mismatch: "ERR_OSSL_X509_KEY_VALUES_MISMATCH: error:05800074:x509 certificate routines::key values mismatch",
        key: "ERR_OSSL_UNSUPPORTED: error:1E08010C:DECODER routines::unsupported",
        certificate: "ERR_OSSL_PEM_NO_START_LINE: error:0480006C:PEM routines::no start line",
        missing: "ENOENT: no such file or directory, open '{file}'",
    },
    Words {
        clients: &["java", "nss", "chromium"],
        mismatch: "openssl pkcs12: No cert in -in file matches private key",
        key: "openssl pkcs12: Could not read private key from -inkey file from {file}",
        certificate: "openssl pkcs12: Could not read any certificates from -in file from {file}",
        missing: "openssl pkcs12: Could not open file or uri for loading private key from -inkey file from {file}",
    },
    Words {
        clients: &["rustls", "rustls-aws-lc"],
        mismatch: "keys may not be consistent: KeyMismatch",
        key: "no items found",
        certificate: "no items found",
        missing: "No such file or directory (os error 2)",
    },
    Words {
        clients: &["go"],
        mismatch: "tls: private key does not match public key",
        key: "tls: failed to find any PEM data in key input",
        certificate: "tls: failed to find any PEM data in certificate input",
        missing: "open {file}: no such file or directory",
    },
];

/// The words for a client that cannot use what it is to show; none for other findings.
pub(super) fn says(client: &str, finding: &Finding, question: &Question) -> Option<String> {
    let of_client = question.purpose == Purpose::Client || finding.evidence.get(USED_BY).is_some_and(|by| by == CLIENT);
    if !of_client || finding.severity != Severity::Error {
        return None;
    }
    let words = WORDS.iter().find(|words| words.clients.contains(&client))?;
    let shows = |name: &str| finding.evidence.get(name).and_then(|value| value.as_str());
    let text = match (finding.code, shows("given_as")) {
        (Code::KeyMismatch | Code::KeyTypeMismatch | Code::KeyIsCaKey, _) => words.mismatch,
        (Code::KeyEncrypted | Code::KeyMissing | Code::PasswordWrong | Code::FilesSwapped, _) => words.key,
        (Code::FileMissing, Some(flag)) if flag == Role::Key.flag() => words.missing,
        (code, Some(flag)) if code.is_of_file() && flag == Role::Key.flag() => words.key,
        (code, Some(flag)) if code.is_of_file() && flag == Role::Chain.flag() => words.certificate,
        _ => return None,
    };
    let file = shows("file").or_else(|| shows("key_file")).unwrap_or("FILE");
    Some(text.replace("{file}", file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::CLIENTS;

    #[test]
    fn every_client_has_words_for_what_it_cannot_show() {
        let asked = Question::client(time::OffsetDateTime::UNIX_EPOCH);
        let of_file =
            |code, role: Role| Finding::new(code, "").graded(Severity::Error).shown_by("given_as", role.flag());
        let findings = [
            Finding::new(Code::KeyMismatch, ""),
            of_file(Code::FileMissing, Role::Key),
            of_file(Code::FileIsOther, Role::Key),
            of_file(Code::FileIsOther, Role::Chain),
        ];
        for (client, finding) in CLIENTS.iter().flat_map(|client| findings.iter().map(move |finding| (client, finding)))
        {
            let text = says(client, finding, &asked).expect("words of one kind or another");
            // `openssl verify` has no use for a key.
            let none = *client == "openssl-strict" && finding.code == Code::KeyMismatch;
            assert_eq!(text.is_empty(), none, "{client} {}: {text:?}", finding.code);
            assert!(!text.contains('{'), "{client}: {text}");
        }
        let server = Question::server(None, time::OffsetDateTime::UNIX_EPOCH);
        assert_eq!(says("go", &findings[0], &server), None);
    }
}
