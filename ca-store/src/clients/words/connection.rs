//! What clients print where there is no handshake: an alert of the server in each one's spelling, and what stands for the
//! network's own errors. In a text, `{address}` stands for the endpoint, `{host}` and `{port}` for its parts, `{file}` for a file.
//!
//! Measured on servers of OpenSSL, on one of Go that signs with another key, and on ports that are closed, close, are silent, or speak
//! HTTP and SMTP.

use crate::explain::{PeerName, Purpose, Question};
use crate::finding::{Code, Finding, Role, Severity};

use super::super::when::When::{self, Lists, Shows};
use super::super::when::{Row, row};

/// An alert (RFC 8446 section 6) as each library names it. OpenSSL's names of errors end with its number.
struct Alert {
    number: u8,
    openssl: &'static str,
    gnutls: &'static str,
    java: &'static str,
    go: &'static str,
    rustls: &'static str,
    nss: &'static str,
    chromium: &'static str,
}

/// In the order of the fields of [`Alert`].
const fn alert(number: u8, names: [&'static str; 7]) -> Alert {
    let [openssl, gnutls, java, go, rustls, nss, chromium] = names;
    Alert { number, openssl, gnutls, java, go, rustls, nss, chromium }
}

const CLIENT_CERTIFICATE: &str = "ERR_BAD_SSL_CLIENT_AUTH_CERT";
const NO_COMMON: &str = "ERR_SSL_VERSION_OR_CIPHER_MISMATCH";
const OTHER: &str = "ERR_SSL_PROTOCOL_ERROR";

#[rustfmt::skip]
const ALERTS: &[Alert] = &[
    alert(40, ["sslv3 alert handshake failure", "Handshake failed", "handshake_failure", "handshake failure", "HandshakeFailure",
        "SSL_ERROR_HANDSHAKE_FAILURE_ALERT: SSL peer was unable to negotiate an acceptable set of security parameters.", NO_COMMON]),
    alert(42, ["sslv3 alert bad certificate", "Certificate is bad", "bad_certificate", "bad certificate", "BadCertificate",
        "SSL_ERROR_BAD_CERT_ALERT: SSL peer cannot verify your certificate.", CLIENT_CERTIFICATE]),
    alert(43, ["sslv3 alert unsupported certificate", "Certificate is not supported", "unsupported_certificate", "unsupported certificate", "UnsupportedCertificate",
        "SSL_ERROR_UNSUPPORTED_CERT_ALERT: SSL peer does not support certificates of the type it received.", CLIENT_CERTIFICATE]),
    alert(44, ["sslv3 alert certificate revoked", "Certificate was revoked", "certificate_revoked", "revoked certificate", "CertificateRevoked",
        "SSL_ERROR_REVOKED_CERT_ALERT: SSL peer rejected your certificate as revoked.", CLIENT_CERTIFICATE]),
    alert(45, ["sslv3 alert certificate expired", "Certificate is expired", "certificate_expired", "expired certificate", "CertificateExpired",
        "SSL_ERROR_EXPIRED_CERT_ALERT: SSL peer rejected your certificate as expired.", CLIENT_CERTIFICATE]),
    alert(46, ["sslv3 alert certificate unknown", "Unknown certificate", "certificate_unknown", "unknown certificate", "CertificateUnknown",
        "SSL_ERROR_CERTIFICATE_UNKNOWN_ALERT: SSL peer had some unspecified issue with the certificate it received.", CLIENT_CERTIFICATE]),
    alert(48, ["tlsv1 alert unknown ca", "CA is unknown", "unknown_ca", "unknown certificate authority", "UnknownCA",
        "SSL_ERROR_UNKNOWN_CA_ALERT: Peer does not recognize and trust the CA that issued your certificate.", CLIENT_CERTIFICATE]),
    alert(49, ["tlsv1 alert access denied", "Access was denied", "access_denied", "access denied", "AccessDenied",
        "SSL_ERROR_ACCESS_DENIED_ALERT", CLIENT_CERTIFICATE]),
    alert(50, ["tlsv1 alert decode error", "Decode error", "decode_error", "error decoding message", "DecodeError",
        "SSL_ERROR_DECODE_ERROR_ALERT", OTHER]),
    alert(51, ["tlsv1 alert decrypt error", "Decrypt error", "decrypt_error", "error decrypting message", "DecryptError",
        "SSL_ERROR_DECRYPT_ERROR_ALERT: Peer reports failure of signature verification or key exchange.", OTHER]),
    alert(70, ["tlsv1 alert protocol version", "Error in protocol version", "protocol_version", "protocol version not supported", "ProtocolVersion",
        "SSL_ERROR_PROTOCOL_VERSION_ALERT: Peer reports incompatible or unsupported protocol version.", NO_COMMON]),
    alert(71, ["tlsv1 alert insufficient security", "Insufficient security", "insufficient_security", "insufficient security level", "InsufficientSecurity",
        "SSL_ERROR_INSUFFICIENT_SECURITY_ALERT", OTHER]),
    alert(80, ["tlsv1 alert internal error", "Internal error", "internal_error", "internal error", "InternalError",
        "SSL_ERROR_INTERNAL_ERROR_ALERT: Peer reports it experienced an internal error.", OTHER]),
    alert(112, ["tlsv1 unrecognized name", "The server name sent was not recognized", "unrecognized_name", "unrecognized name", "UnrecognisedName",
        "SSL_ERROR_UNRECOGNIZED_NAME_ALERT: SSL peer has no certificate for the requested DNS name.", "ERR_SSL_UNRECOGNIZED_NAME_ALERT"]),
    alert(116, ["tlsv13 alert certificate required", "Certificate is required", "certificate_required", "certificate required", "CertificateRequired",
        "SSL_ERROR_RX_CERTIFICATE_REQUIRED_ALERT: SSL received a certificate_required alert.", CLIENT_CERTIFICATE]),
    alert(120, ["tlsv1 alert no application protocol", "No supported application protocol could be negotiated", "no_application_protocol", "no application protocol", "NoApplicationProtocol",
        "SSL_ERROR_NEXT_PROTOCOL_NO_PROTOCOL: The server supports no protocols that the client advertises in the ALPN extension.", OTHER]),
];

/// The alert behind a code, where the finding does not tell which it was: those of RFC 8446 section 6.2.
const USUAL: &[(Code, u8)] = &[
    (Code::TlsVersionMismatch, 70),
    (Code::CipherSuiteMismatch, 40),
    (Code::SniRefused, 112),
    (Code::AlpnMismatch, 120),
    (Code::ClientCertificateMissing, 116),
    (Code::ClientCertificateRefused, 42),
    (Code::AccessDenied, 49),
];

/// The handshake succeeds, and whatever asks by HTTP is told so by nginx.
const BAD_REQUEST: &str = "HTTP/1.1 400 Bad Request";

/// `openssl verify` connects to nothing, and reads the file itself.
const UNREADABLE: &str = "Could not read certificate file from {file}\nUnable to load certificate file";

/// A client's frame around an alert.
struct Frame {
    clients: &'static [&'static str],
    /// In the handshake.
    early: &'static str,
    /// After it, as TLS 1.3 has servers speak of a client's certificate.
    late: &'static str,
}

const FRAMES: &[Frame] = &[
    Frame {
        clients: &["openssl", "openssl-strict"],
        early: "error:{error}:SSL routines:ssl3_read_bytes:{openssl}:SSL alert number {number}",
        late: "error:{error}:SSL routines:ssl3_read_bytes:{openssl}:SSL alert number {number}",
    },
    Frame {
        clients: &["curl"],
        early: "curl: (35) OpenSSL/3.0: error:{error}:SSL routines::{openssl}",
        late: "curl: (56) OpenSSL SSL_read: OpenSSL/3.0: error:{error}:SSL routines::{openssl}, errno 0",
    },
    Frame {
        clients: &["wget"],
        early: "GnuTLS: A TLS fatal alert has been received.\nGnuTLS: received alert [{number}]: {gnutls}\nUnable to establish SSL connection.",
        late: "Failed writing HTTP request: The specified session has been invalidated for some reason..",
    },
    Frame {
        clients: &["gnutls"],
        early: "*** Received alert [{number}]: {gnutls}\n*** Fatal error: A TLS fatal alert has been received.",
        late: "*** Fatal error: A TLS fatal alert has been received.\n*** Received alert [{number}]: {gnutls}",
    },
    Frame {
        clients: &["python-3.11", "python-3.13"],
        early: "ssl.SSLError: [SSL: {OPENSSL}] {openssl}",
        late: "ssl.SSLError: [SSL: {OPENSSL}] {openssl}",
    },
    Frame {
        clients: &["node"],
        early: "ERR_SSL_{OPENSSL}: error:{error}:SSL routines:ssl3_read_bytes:{openssl}",
        late: "ERR_SSL_{OPENSSL}: error:{error}:SSL routines:ssl3_read_bytes:{openssl}",
    },
    Frame {
        clients: &["java"],
        early: "javax.net.ssl.SSLHandshakeException: Received fatal alert: {java}",
        late: "javax.net.ssl.SSLHandshakeException: Received fatal alert: {java}",
    },
    Frame {
        clients: &["rustls", "rustls-aws-lc"],
        early: "received fatal alert: {rustls}",
        late: "received fatal alert: {rustls}",
    },
    Frame { clients: &["go"], early: "remote error: tls: {go}", late: "remote error: tls: {go}" },
    Frame { clients: &["nss"], early: "{nss}", late: "{nss}" },
    Frame { clients: &["chromium"], early: "{chromium}", late: "{chromium}" },
];

/// A client's words for what is no alert.
struct Words {
    clients: &'static [&'static str],
    rows: &'static [Row],
}

#[rustfmt::skip]
const WORDS: &[Words] = {
    use Code as C;
    const CURRENT: When = Shows("clients_take", "TLS 1.2 or 1.3");
    &[
        Words { clients: &["openssl", "openssl-strict"], rows: &[
            row(C::ConnectionRefused, &[], "error:8000006F:system library:BIO_connect:Connection refused"),
            row(C::ConnectionTimeout, &[], "error:8000006E:system library:BIO_connect:Connection timed out"),
            row(C::HostNotFound, &[], "error:10080002:BIO routines:BIO_lookup_ex:system lib:Name or service not known"),
            row(C::ConnectionClosed, &[], "error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading"),
            row(C::NotTls, &[], "error:0A00010B:SSL routines:ssl3_get_record:wrong version number"),
            // Its level 2 has no signature of TLS 1.1 and below.
            row(C::TlsVersionMismatch, &[CURRENT, Lists("server_takes", "TLS 1.1")], "error:0A00014D:SSL routines:tls_process_key_exchange:legacy sigalg disallowed or unsupported"),
            row(C::TlsVersionMismatch, &[CURRENT, Lists("server_takes", "TLS 1.0")], "error:0A00014D:SSL routines:tls_process_key_exchange:legacy sigalg disallowed or unsupported"),
            row(C::KeyMismatch, &[Shows("family", "RSA")], "error:02000086:rsa routines:RSA_verify_PKCS1_PSS_mgf1:last octet invalid"),
            row(C::KeyMismatch, &[], "error:0A00007B:SSL routines:tls_process_cert_verify:bad signature"),
            row(C::KeyTypeMismatch, &[], "error:0A000172:SSL routines:tls12_check_peer_sigalg:wrong signature type"),
        ] },
        Words { clients: &["curl"], rows: &[
            row(C::ConnectionRefused, &[], "curl: (7) Failed to connect to {host} port {port} after 0 ms: Couldn't connect to server"),
            row(C::ConnectionTimeout, &[], "curl: (28) Connection timed out"),
            row(C::HostNotFound, &[], "curl: (6) Could not resolve host: {host}"),
            row(C::ConnectionClosed, &[], "curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to {address}"),
            row(C::NotTls, &[], "curl: (35) OpenSSL/3.0: error:0A00010B:SSL routines::wrong version number"),
            row(C::TlsVersionMismatch, &[CURRENT, Lists("server_takes", "TLS 1.1")], "curl: (35) OpenSSL/3.0: error:0A00014D:SSL routines::legacy sigalg disallowed or unsupported"),
            row(C::TlsVersionMismatch, &[CURRENT, Lists("server_takes", "TLS 1.0")], "curl: (35) OpenSSL/3.0: error:0A00014D:SSL routines::legacy sigalg disallowed or unsupported"),
            row(C::KeyMismatch, &[Shows("family", "RSA")], "curl: (35) OpenSSL/3.0: error:02000086:rsa routines::last octet invalid"),
            row(C::KeyMismatch, &[], "curl: (35) OpenSSL/3.0: error:0A00007B:SSL routines::bad signature"),
            row(C::KeyTypeMismatch, &[], "curl: (35) OpenSSL/3.0: error:0A000172:SSL routines::wrong signature type"),
        ] },
        Words { clients: &["wget"], rows: &[
            row(C::ConnectionRefused, &[], "failed: Connection refused."),
            row(C::ConnectionTimeout, &[], "failed: Connection timed out."),
            row(C::HostNotFound, &[], "failed: Name or service not known.\nwget: unable to resolve host address ‘{host}’"),
            row(C::ConnectionClosed, &[], "GnuTLS: The TLS connection was non-properly terminated.\nUnable to establish SSL connection."),
            row(C::NotTls, &[], "GnuTLS: An unexpected TLS packet was received.\nUnable to establish SSL connection."),
            row(C::KeyMismatch, &[], "GnuTLS: Public key signature verification has failed.\nUnable to establish SSL connection."),
            row(C::KeyTypeMismatch, &[], "GnuTLS: The signature is incompatible with the public key.\nUnable to establish SSL connection."),
        ] },
        Words { clients: &["gnutls"], rows: &[
            row(C::ConnectionRefused, &[], "Could not connect to {address}: Connection refused"),
            row(C::ConnectionTimeout, &[], "Could not connect to {address}: Connection timed out"),
            row(C::HostNotFound, &[], "Cannot resolve {address}: Name or service not known"),
            row(C::ConnectionClosed, &[], "*** Fatal error: The TLS connection was non-properly terminated."),
            row(C::NotTls, &[], "*** Fatal error: An unexpected TLS packet was received."),
            row(C::KeyMismatch, &[], "*** Fatal error: Public key signature verification has failed."),
            row(C::KeyTypeMismatch, &[], "*** Fatal error: The signature is incompatible with the public key."),
        ] },
        Words { clients: &["python-3.11", "python-3.13"], rows: &[
            row(C::ConnectionRefused, &[], "ConnectionRefusedError: [Errno 111] Connection refused"),
            row(C::ConnectionTimeout, &[], "TimeoutError: [Errno 110] Connection timed out"),
            row(C::HostNotFound, &[], "socket.gaierror: [Errno -2] Name or service not known"),
            row(C::ConnectionClosed, &[], "ssl.SSLEOFError: [SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol"),
            row(C::NotTls, &[], "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number"),
            // Its table of names does not have this one.
            row(C::AlpnMismatch, &[], "ssl.SSLError: [SSL] tlsv1 alert no application protocol"),
            row(C::KeyMismatch, &[], "ssl.SSLError: [SSL: BAD_SIGNATURE] bad signature"),
            row(C::KeyTypeMismatch, &[], "ssl.SSLError: [SSL: WRONG_SIGNATURE_TYPE] wrong signature type"),
        ] },
        Words { clients: &["node"], rows: &[
            row(C::ConnectionRefused, &[], "ECONNREFUSED: connect ECONNREFUSED {address}"),
            row(C::ConnectionTimeout, &[], "ETIMEDOUT: connect ETIMEDOUT {address}"),
            row(C::HostNotFound, &[], "ENOTFOUND: getaddrinfo ENOTFOUND {host}"),
            row(C::ConnectionClosed, &[], "ECONNRESET: Client network socket disconnected before secure TLS connection was established"),
            row(C::NotTls, &[], "ERR_SSL_WRONG_VERSION_NUMBER: error:0A00010B:SSL routines:ssl3_get_record:wrong version number"),
            row(C::KeyMismatch, &[Shows("family", "RSA")], "ERR_SSL_LAST_OCTET_INVALID: error:02000086:rsa routines:RSA_verify_PKCS1_PSS_mgf1:last octet invalid"),
            row(C::KeyMismatch, &[], "ERR_SSL_BAD_SIGNATURE: error:0A00007B:SSL routines:tls_process_cert_verify:bad signature"),
            row(C::KeyTypeMismatch, &[], "ERR_SSL_WRONG_SIGNATURE_TYPE: error:0A000172:SSL routines:tls12_check_peer_sigalg:wrong signature type"),
        ] },
        Words { clients: &["java"], rows: &[
            row(C::ConnectionRefused, &[], "java.net.ConnectException: Connection refused"),
            row(C::ConnectionTimeout, &[], "java.net.SocketTimeoutException: Connect timed out"),
            row(C::HostNotFound, &[], "java.net.UnknownHostException: {host}"),
            row(C::ConnectionClosed, &[], "javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake"),
            row(C::NotTls, &[], "javax.net.ssl.SSLException: Unsupported or unrecognized SSL message"),
            row(C::KeyMismatch, &[], "javax.net.ssl.SSLHandshakeException: Invalid CertificateVerify signature"),
            row(C::KeyTypeMismatch, &[], "javax.net.ssl.SSLHandshakeException: Cannot verify CertificateVerify signature"),
        ] },
        Words { clients: &["rustls", "rustls-aws-lc"], rows: &[
            row(C::ConnectionRefused, &[], "Connection refused (os error 111)"),
            row(C::ConnectionTimeout, &[], "Connection timed out (os error 110)"),
            row(C::HostNotFound, &[], "failed to lookup address information: Name or service not known"),
            row(C::ConnectionClosed, &[], "unexpected end of file"),
            row(C::NotTls, &[], "received corrupt message of type InvalidContentType"),
            row(C::KeyMismatch, &[], "invalid peer certificate: BadSignature"),
            row(C::KeyTypeMismatch, &[], "invalid peer certificate: UnsupportedSignatureAlgorithmForPublicKeyContext"),
        ] },
        Words { clients: &["go"], rows: &[
            row(C::ConnectionRefused, &[], "dial tcp {address}: connect: connection refused"),
            row(C::ConnectionTimeout, &[], "dial tcp {address}: i/o timeout"),
            row(C::HostNotFound, &[], "dial tcp: lookup {host}: no such host"),
            row(C::ConnectionClosed, &[], "EOF"),
            row(C::NotTls, &[], "tls: first record does not look like a TLS handshake"),
            row(C::KeyMismatch, &[Shows("family", "RSA")], "tls: invalid signature by the server certificate: crypto/rsa: verification error"),
            row(C::KeyMismatch, &[], "tls: invalid signature by the server certificate: ECDSA verification failure"),
            row(C::KeyTypeMismatch, &[Shows("private_key", "RSA")], "tls: invalid signature by the server certificate: expected an RSA public key, got *ecdsa.PublicKey"),
            row(C::KeyTypeMismatch, &[], "tls: invalid signature by the server certificate: expected an ECDSA public key, got *rsa.PublicKey"),
        ] },
        Words { clients: &["nss"], rows: &[
            row(C::ConnectionRefused, &[], "PR_CONNECT_REFUSED_ERROR: Connection refused by peer"),
            row(C::ConnectionTimeout, &[], "PR_CONNECT_TIMEOUT_ERROR: Connection attempt timed out"),
            row(C::HostNotFound, &[], "PR_DIRECTORY_LOOKUP_ERROR: A directory lookup on a network address has failed"),
            row(C::ConnectionClosed, &[], "PR_END_OF_FILE_ERROR: Encountered end of file"),
            row(C::NotTls, &[Shows("protocol", "SSH")], "PR_END_OF_FILE_ERROR: Encountered end of file"),
            row(C::NotTls, &[], "SSL_ERROR_RX_RECORD_TOO_LONG: SSL received a record that exceeded the maximum permissible length."),
            // The octets of "220 " and of "SSH-2" that stand for a length are one that it waits for.
            row(C::StarttlsNeeded, &[Shows("protocol", "SMTP")], "PR_END_OF_FILE_ERROR: Encountered end of file"),
            row(C::CipherSuiteMismatch, &[], "SSL_ERROR_NO_CYPHER_OVERLAP: Cannot communicate securely with peer: no common encryption algorithm(s)."),
            row(C::KeyMismatch, &[], "SEC_ERROR_BAD_SIGNATURE: Peer's certificate has an invalid signature."),
            row(C::KeyTypeMismatch, &[], "SSL_ERROR_INCORRECT_SIGNATURE_ALGORITHM: Incorrect signature algorithm specified in a digitally-signed element."),
        ] },
        Words { clients: &["chromium"], rows: &[
            row(C::ConnectionRefused, &[], "ERR_CONNECTION_REFUSED"),
            row(C::ConnectionTimeout, &[], "ERR_CONNECTION_TIMED_OUT"),
            row(C::HostNotFound, &[], "ERR_NAME_NOT_RESOLVED"),
            row(C::ConnectionClosed, &[], "ERR_CONNECTION_CLOSED"),
            row(C::NotTls, &[], OTHER),
            row(C::ClientCertificateMissing, &[], CLIENT_CERTIFICATE),
            row(C::KeyMismatch, &[], OTHER),
            row(C::KeyTypeMismatch, &[], OTHER),
        ] },
    ]
};

/// Clients that send no certificate where the server's list of CAs leaves its issuer out; the others send what they were told to.
const BY_THE_LIST: [&str; 4] = ["wget", "java", "go", "chromium"];

/// What a client sees of a server that names no CA of its certificate: that none was sent, or that it was refused.
fn by_the_list(client: &str, finding: &Finding) -> Finding {
    let evidence = finding.evidence.clone();
    if !BY_THE_LIST.contains(&client) {
        return Finding { evidence, ..Finding::new(Code::ClientCertificateRefused, "") };
    }
    let mut missing = Finding { evidence, ..Finding::new(Code::ClientCertificateMissing, "") };
    let of_tls12 = missing.evidence.get("version").is_some_and(|version| version == "TLSv1_2");
    missing.evidence.remove("ended_by");
    missing.shown_by("alert_number", if of_tls12 { 40 } else { 116 })
}

/// The words for a finding that no certificate is behind, or that keeps the server from coming up; none for others.
pub(super) fn says(client: &str, finding: &Finding, question: &Question) -> Option<String> {
    if finding.code == Code::ClientCertificateNotOffered {
        return says(client, &by_the_list(client, finding), question);
    }
    let number = finding.evidence.get("alert_number").and_then(serde_json::Value::as_u64);
    let by_http = finding.evidence.contains_key("http_status");
    let ended_by_close = finding.evidence.get("ended_by").is_some_and(|how| how == "close");
    let said = finding.evidence.get("said").and_then(serde_json::Value::as_str);
    let reason = finding.evidence.get("http_reason").and_then(serde_json::Value::as_str);
    let text = match finding.code {
        Code::ClientCertificateMissing if reason.is_some() => {
            Some(format!("HTTP/1.1 403 Forbidden: {}", reason.unwrap_or_default()))
        }
        Code::ClientCertificateMissing if by_http => {
            Some(format!("{BAD_REQUEST}: No required SSL certificate was sent"))
        }
        // The handshake is in order, and whoever reads on is told so.
        Code::ClientCertificateMissing if said.is_some() => Some(format!("FATAL:  {}", said.unwrap_or_default())),
        Code::AccessDenied if said.is_some() => Some(format!("ERROR :{}", said.unwrap_or_default())),
        Code::ClientCertificateRefused if by_http => Some(format!("{BAD_REQUEST}: The SSL certificate error")),
        // After a handshake that was complete.
        Code::ClientCertificateMissing | Code::ClientCertificateRefused if ended_by_close && client == "curl" => {
            Some("curl: (52) Empty reply from server".to_owned())
        }
        Code::ClientCertificateMissing | Code::ClientCertificateRefused if ended_by_close => {
            words(client, Code::ConnectionClosed, finding)
        }
        // Without an alert, as Java's HttpsServer ends it.
        Code::TlsVersionMismatch if ended_by_close => {
            words(client, finding.code, finding).or_else(|| words(client, Code::ConnectionClosed, finding))
        }
        // The server runs, and cannot sign as its certificate's key would (RFC 8446 section 4.4.3).
        _ if is_seen_in_handshake(finding) => words(client, finding.code, finding),
        _ if keeps_server_down(finding, question) && client == "openssl-strict" => Some(UNREADABLE.to_owned()),
        _ if keeps_server_down(finding, question) => words(client, Code::ConnectionRefused, finding),
        // Ended by an alert that says nothing of its own.
        Code::ConnectionClosed if number.is_some() => {
            alerted(client, finding, number).or_else(|| words(client, finding.code, finding))
        }
        // Refused for it; else another site answers, which is told by its certificate.
        Code::SniMissing if number.is_some() => alerted(client, finding, number),
        code if code.is_of_connection() => words(client, code, finding).or_else(|| alerted(client, finding, number)),
        _ => return None,
    };
    Some(filled(&text.unwrap_or_default(), finding, question))
}

fn is_seen_in_handshake(finding: &Finding) -> bool {
    finding.evidence.get("seen_in").is_some_and(|place| place == "handshake")
}

/// A server that cannot use its key or its own chain does not start, or leaves the port closed.
fn keeps_server_down(finding: &Finding, question: &Question) -> bool {
    use Code as C;
    let given = |role: Role| finding.evidence.get("given_as").is_some_and(|flag| flag == role.flag());
    let of_key = matches!(
        finding.code,
        C::KeyMismatch | C::KeyTypeMismatch | C::KeyIsCaKey | C::KeyEncrypted | C::KeyMissing | C::PasswordWrong
    );
    let of_file = finding.code.is_of_file() && (given(Role::Chain) || given(Role::Key));
    let swapped = finding.code == C::FilesSwapped && finding.evidence.contains_key("key");
    question.purpose == Purpose::Server && finding.severity == Severity::Error && (of_key || of_file || swapped)
}

fn words(client: &str, code: Code, finding: &Finding) -> Option<String> {
    let rows = || WORDS.iter().filter(|words| words.clients.contains(&client)).flat_map(|words| words.rows);
    let own = rows().find(|row| row.code == code && row.when.iter().all(|when| when.holds(finding, None)));
    // A greeting in plain text is no record of TLS, whatever comes after it.
    let other = || rows().find(|row| code == Code::StarttlsNeeded && row.code == Code::NotTls);
    own.or_else(other).map(|row| row.text.to_owned())
}

fn alerted(client: &str, finding: &Finding, number: Option<u64>) -> Option<String> {
    let usual = USUAL.iter().find(|(code, _)| *code == finding.code).map(|(_, number)| u64::from(*number));
    let number = number.or(usual)?;
    let alert = ALERTS.iter().find(|alert| u64::from(alert.number) == number)?;
    let frame = FRAMES.iter().find(|frame| frame.clients.contains(&client))?;
    // TLS 1.2 has only the handshake, and refuses in it what is missing by this alert.
    let late = matches!(finding.code, Code::ClientCertificateMissing | Code::ClientCertificateRefused) && number != 40;
    let text = if late { frame.late } else { frame.early };
    Some(alert.within(text))
}

impl Alert {
    fn within(&self, frame: &str) -> String {
        /// SSL_AD_REASON_OFFSET and the library's number, 20, in an OpenSSL error.
        const REASONS: u32 = 0x0A00_0000 + 1000;
        [
            ("{number}", self.number.to_string()),
            ("{error}", format!("{:08X}", REASONS + u32::from(self.number))),
            ("{OPENSSL}", self.openssl.to_ascii_uppercase().replace(' ', "_")),
            ("{openssl}", self.openssl.to_owned()),
            ("{gnutls}", self.gnutls.to_owned()),
            ("{java}", self.java.to_owned()),
            ("{go}", self.go.to_owned()),
            ("{rustls}", self.rustls.to_owned()),
            ("{nss}", self.nss.to_owned()),
            ("{chromium}", self.chromium.to_owned()),
        ]
        .iter()
        .fold(frame.to_owned(), |text, (field, name)| text.replace(field, name))
    }
}

fn filled(text: &str, finding: &Finding, question: &Question) -> String {
    let asked = question.names.first().map_or_else(|| "HOST".to_owned(), PeerName::to_string);
    let endpoint = finding.evidence.get("endpoint").and_then(serde_json::Value::as_str);
    let (host, port) = endpoint.and_then(|endpoint| endpoint.rsplit_once(':')).unwrap_or((&asked, "PORT"));
    let named = |name: &str| finding.evidence.get(name).and_then(serde_json::Value::as_str);
    let file = named("file").or_else(|| named("chain")).unwrap_or("FILE");
    let text = text.replace("{address}", &format!("{host}:{port}")).replace("{host}", host);
    text.replace("{port}", port).replace("{file}", file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::CLIENTS;

    fn asked() -> Question {
        Question::server(None, time::OffsetDateTime::UNIX_EPOCH)
    }

    #[test]
    fn every_client_has_words_for_every_fault_of_the_connection() {
        let codes = Code::ALL.iter().filter(|code| code.is_of_connection() && code.severity() == Severity::Error);
        for (code, client) in codes.flat_map(|code| CLIENTS.map(|client| (*code, client))) {
            let text = says(client, &Finding::new(code, ""), &asked()).unwrap_or_default();
            assert!(!text.is_empty() && !text.contains('{'), "{client} {code}: {text:?}");
        }
    }

    #[test]
    fn every_client_has_words_for_a_server_that_signs_with_another_key() {
        for (code, client) in
            [Code::KeyMismatch, Code::KeyTypeMismatch].iter().flat_map(|code| CLIENTS.map(|it| (*code, it)))
        {
            let finding = Finding::new(code, "").shown_by("seen_in", "handshake");
            let text = says(client, &finding, &asked()).unwrap_or_default();
            assert!(!text.is_empty() && !text.to_ascii_lowercase().contains("refused"), "{client} {code}: {text:?}");
        }
        let of_rsa = Finding::new(Code::KeyMismatch, "").shown_by("seen_in", "handshake").shown_by("family", "RSA");
        assert!(says("openssl", &of_rsa, &asked()).unwrap_or_default().ends_with("last octet invalid"));
    }

    #[test]
    fn an_alert_is_told_as_it_was() {
        let of = |client: &str, code: Code, number: u8| {
            says(client, &Finding::new(code, "").shown_by("alert_number", number), &asked()).unwrap_or_default()
        };
        assert_eq!(of("go", Code::ClientCertificateRefused, 48), "remote error: tls: unknown certificate authority");
        assert_eq!(of("rustls", Code::SniRefused, 40), "received fatal alert: HandshakeFailure");
        let curl = of("curl", Code::ClientCertificateMissing, 116);
        assert!(curl.contains("(56)") && curl.contains("0A00045C:SSL routines::tlsv13 alert certificate required"));
        assert!(of("curl", Code::ClientCertificateMissing, 40).starts_with("curl: (35)"));
        let closed = Finding::new(Code::TlsVersionMismatch, "")
            .shown_by("server_takes", ["TLS 1.1"])
            .shown_by("clients_take", "TLS 1.2 or 1.3")
            .shown_by("ended_by", "close");
        assert_eq!(says("go", &closed, &asked()).as_deref(), Some("EOF"));
        assert!(
            says("curl", &closed, &asked()).unwrap_or_default().ends_with("legacy sigalg disallowed or unsupported")
        );
        assert_eq!(
            of("java", Code::ConnectionClosed, 80),
            "javax.net.ssl.SSLHandshakeException: Received fatal alert: internal_error"
        );
    }

    #[test]
    fn a_server_that_does_not_start_is_seen_as_a_closed_port_and_a_client_is_no_server() {
        let file = |role: Role| Finding::new(Code::FileMissing, "").shown_by("given_as", role.flag());
        let of = |finding: &Finding| says("go", finding, &asked());
        for finding in [file(Role::Chain), file(Role::Key), Finding::new(Code::KeyMismatch, "")] {
            assert_eq!(of(&finding).as_deref(), Some("dial tcp HOST:PORT: connect: connection refused"));
        }
        assert_eq!(of(&file(Role::Trust)), None);
        assert_eq!(says("go", &file(Role::Key), &Question::client(time::OffsetDateTime::UNIX_EPOCH)), None);
    }
}
