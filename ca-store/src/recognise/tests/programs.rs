//! Words of programs that stand around those of a library.

use super::first;

/// As programs of every kind print them around the words of their libraries: databases, proxies, package managers, tools of
/// containers, and the libraries of other platforms.
#[test]
fn the_words_of_programs_around_a_library_lead_to_the_cause() {
    let mut wrong = Vec::new();
    for (text, cause) in [
        (r#"FATAL:  private key file "server.key" has group or world access"#, "key-permissions"),
        // A log of many clients: the one that says why counts most.
        (
            "[SSL: SSLV3_ALERT_BAD_CERTIFICATE] sslv3 alert bad certificate\nSSLZeroReturnError: TLS/SSL connection has been closed (EOF)\n[SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED] sslv3 alert certificate expired\n[SSL: SSLV3_ALERT_CERTIFICATE_UNKNOWN] sslv3 alert certificate unknown",
            "expired",
        ),
        (
            "2026/11/30 10:00:00 [info] 7#7: *8 handshake rejected while SSL handshaking, client: 127.0.0.1",
            "sni-refused",
        ),
        (
            r#"psql: error: connection to server at "db" (10.0.0.5), port 5432 failed: server certificate for "db.example.test" does not match host name "db""#,
            "name-mismatch",
        ),
        (r#"psql: error: root certificate file "/root/.postgresql/root.crt" does not exist"#, "file-missing"),
        (
            r#"psql: error: connection to server at "db", port 5432 failed: server does not support SSL, but SSL was required"#,
            "not-tls",
        ),
        (
            r#"psql: error: connection to server at "db", port 5432 failed: FATAL:  connection requires a valid client certificate"#,
            "client-certificate-missing",
        ),
        (
            r#"psql: error: connection to server at "db", port 5432 failed: SSL error: certificate verify failed"#,
            "root-not-trusted",
        ),
        ("ERROR 2026 (HY000): SSL connection error: self-signed certificate in certificate chain", "root-not-trusted"),
        (
            "ERROR 2026 (HY000): SSL connection error: Unable to get certificate from '/etc/mysql/client-cert.pem'",
            "file-missing",
        ),
        (
            "fatal: unable to access 'https://git.example.test/x.git/': SSL certificate problem: certificate has expired",
            "expired",
        ),
        (
            "fatal: unable to access 'https://git.example.test/x.git/': server certificate verification failed. CAfile: none CRLfile: none",
            "root-not-trusted",
        ),
        (
            r#"Error response from daemon: Get "https://registry.example.test/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
            "root-not-trusted",
        ),
        (
            r#"Error response from daemon: Get "https://registry:5000/v2/": http: server gave HTTP response to HTTPS client"#,
            "not-tls",
        ),
        (
            "Unable to connect to the server: tls: failed to verify certificate: x509: certificate is valid for 10.96.0.1, 10.0.0.1, not 127.0.0.1",
            "ip-not-covered",
        ),
        (
            "Unable to connect to the server: x509: certificate has expired or is not yet valid: current time 2026-11-29T01:00:00Z is after 2026-10-01T00:00:00Z",
            "expired",
        ),
        ("http: TLS handshake error from 192.0.2.3:51000: remote error: tls: bad certificate", "root-not-trusted"),
        (
            "http: TLS handshake error from 192.0.2.3:51000: tls: client didn't provide a certificate",
            "client-certificate-missing",
        ),
        (
            "http: TLS handshake error from 192.0.2.3:51000: tls: first record does not look like a TLS handshake",
            "not-tls",
        ),
        (
            "requests.exceptions.SSLError: HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: / (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1007)')))",
            "missing-intermediate",
        ),
        (
            "ssl.SSLError: [SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2580)",
            "client-certificate-missing",
        ),
        ("npm ERR! code SELF_SIGNED_CERT_IN_CHAIN", "root-not-trusted"),
        (
            "npm ERR! request to https://registry.npmjs.org/x failed, reason: unable to get local issuer certificate",
            "root-not-trusted",
        ),
        (
            "Caused by: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target",
            "root-not-trusted",
        ),
        (
            "java.security.cert.CertPathValidatorException: Trust anchor for certification path not found.",
            "root-not-trusted",
        ),
        (
            "System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of errors in the certificate chain: PartialChain",
            "missing-intermediate",
        ),
        (
            "The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot",
            "root-not-trusted",
        ),
        (
            "SSL_connect returned=1 errno=0 peeraddr=192.0.2.3:443 state=error: certificate verify failed (self-signed certificate in certificate chain) (OpenSSL::SSL::SSLError)",
            "root-not-trusted",
        ),
        (
            "PHP Warning:  file_get_contents(): SSL operation failed with code 1. OpenSSL Error messages: error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed",
            "root-not-trusted",
        ),
        (
            "PHP Warning:  Peer certificate CN=`b.example.test' did not match expected CN=`a.example.test'",
            "name-mismatch",
        ),
        (
            "schannel: SEC_E_UNTRUSTED_ROOT (0x80090325) - The certificate chain was issued by an authority that is not trusted.",
            "root-not-trusted",
        ),
        (
            "curl: (35) schannel: next InitializeSecurityContext failed: CRYPT_E_NO_REVOCATION_CHECK (0x80092012) - The revocation function was unable to check revocation for the certificate.",
            "crl-missing",
        ),
        (
            "schannel: SNI or certificate check failed: SEC_E_WRONG_PRINCIPAL (0x80090322) - The target principal name is incorrect.",
            "name-mismatch",
        ),
        (
            "schannel: next InitializeSecurityContext failed: SEC_E_CERT_EXPIRED (0x80090328) - The received certificate has expired.",
            "expired",
        ),
        (
            r#"NSURLErrorDomain Code=-1202 "The certificate for this server is invalid. You might be connecting to a server that is pretending to be “a.example.test” which could put your confidential information at risk.""#,
            "root-not-trusted",
        ),
        (
            "AH02565: Certificate and private key www.example.test:443:0 from /etc/ssl/a.crt and /etc/ssl/a.key do not match",
            "key-mismatch",
        ),
        (
            "AH01909: www.example.test:443:0 server certificate does NOT include an ID which matches the server name",
            "name-mismatch",
        ),
        ("AH02039: Certificate Verification: Error (20): unable to get local issuer certificate", "root-not-trusted"),
        ("AH02572: Failed to configure at least one certificate and key for www.example.test:443", "key-missing"),
        ("AH01996: SSL handshake failed: HTTP spoken on HTTPS port; trying to send HTML error page", "not-tls"),
        (
            "[ALERT] config : parsing [/etc/haproxy/haproxy.cfg:12] : 'bind *:443' in section 'frontend' : inconsistencies between private key and certificate loaded '/etc/haproxy/a.pem'.",
            "key-mismatch",
        ),
        ("[ALERT] : 'bind *:443' : No Private Key found in '/etc/haproxy/a.pem.key'.", "key-missing"),
        (
            "[ALERT] : 'bind *:443' : unable to stat SSL certificate from file '/etc/haproxy/a.pem' : No such file or directory.",
            "file-missing",
        ),
        ("VERIFY ERROR: depth=0, error=unable to get local issuer certificate: CN=alice", "root-not-trusted"),
        ("VERIFY ERROR: depth=0, error=CRL has expired: CN=alice, serial=3", "crl-expired"),
        ("VERIFY ERROR: depth=0, error=unsupported certificate purpose: CN=alice", "wrong-purpose"),
        (
            "TLS Error: TLS key negotiation failed to occur within 60 seconds (check your network connectivity)",
            "connection-timeout",
        ),
        (
            "certificate verification failed for mx.example.test[192.0.2.3]:25: untrusted issuer /CN=Example Root CA",
            "root-not-trusted",
        ),
        (
            "ERROR :Closing Link: 127.0.0.1 (access-denied: alice is on this server's list of those denied)",
            "access-denied",
        ),
        (
            "[ALERT] (123) : config : parsing [haproxy.cfg:4] : 'bind 127.0.0.1:443' in section 'frontend' : cannot find matching private key for '/etc/haproxy/a.pem'",
            "key-mismatch",
        ),
        (
            "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end",
            "root-not-trusted",
        ),
        (
            "upstream connect error: TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end",
            "not-tls",
        ),
        (
            r#"rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority""#,
            "root-not-trusted",
        ),
        (
            r#"rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: x509: certificate is valid for localhost, not etcd-0""#,
            "name-mismatch",
        ),
        (
            "E: Failed to fetch https://deb.example.test/x  Certificate verification failed: The certificate is NOT trusted. The certificate chain uses expired certificate.  Could not handshake: Error in the certificate verification.",
            "expired",
        ),
        (
            "E: Failed to fetch https://deb.example.test/x  Certificate verification failed: The certificate is NOT trusted. The name in the certificate does not match the expected.  Could not handshake",
            "name-mismatch",
        ),
        (
            "org.postgresql.util.PSQLException: SSL error: PKIX path building failed: unable to find valid certification path to requested target",
            "root-not-trusted",
        ),
        ("ldap_start_tls: Operations error (1)", "starttls-needed"),
        ("TLS Error: certificate is not yet valid. Is your system clock right?", "clock-wrong"),
    ] {
        if !first(text).contains(&cause) {
            wrong.push(format!("{text}: {cause} is not among {:?}", first(text)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// As servers and clients printed them here, each from the mistake that stands beside it.
#[test]
fn the_words_of_servers_that_refuse_files_and_clients_lead_to_the_cause() {
    let mut wrong = Vec::new();
    for (text, cause) in [
        (
            "[ssl:info] [pid 30219:tid 30225] [client 127.0.0.1:38944] AH02276: Certificate Verification: Error (20): unable to get local issuer certificate [subject: CN=mallory / issuer: CN=Other Root CA / serial: 1458093824A55CE5 / notbefore: Nov 30 23:12:24 2026 GMT / notafter: Sep 26 23:12:24 2027 GMT]",
            "root-not-trusted",
        ),
        (
            "[ssl:info] AH02276: Certificate Verification: Error (10): certificate has expired [subject: CN=alice / issuer: CN=A / serial: 12 / notbefore: Nov 30 23:12:24 2024 GMT / notafter: Sep 26 23:12:24 2025 GMT]",
            "expired",
        ),
        ("SSLCertificateFile: file '/etc/apache2/ssl/a.pem' does not exist or is empty", "file-empty"),
        ("LOG:  invalid length of startup packet", "starttls-needed"),
        ("LOG:  could not accept SSL connection: unsupported protocol", "tls-version-mismatch"),
        (
            r#"FATAL:  could not load private key file "/var/lib/postgresql/server.key": processing error"#,
            "key-encrypted",
        ),
        (
            r#"FATAL:  could not load private key file "/var/lib/postgresql/server.key": unsupported"#,
            "file-is-public-key",
        ),
        (r#"FATAL:  could not load server certificate file "server.crt": no start line"#, "files-swapped"),
        ("FATAL:  check of private key failed: no certificate assigned", "key-type-mismatch"),
        ("ssl.SSLError: [SSL: NO_CERTIFICATE_ASSIGNED] no certificate assigned (_ssl.c:3934)", "key-type-mismatch"),
        ("curl: (58) Private key does not match the certificate public key", "key-type-mismatch"),
        (
            "curl: (58) could not load PEM client certificate from empty.pem, OpenSSL error error:0480006C:PEM routines::no start line, (no key found, wrong pass phrase, or wrong file format?)",
            "file-empty",
        ),
        ("# Failed to load certificate: /etc/redis/a.pem: error:0480006C:PEM routines::no start line", "files-swapped"),
        (
            "# Failed to load private key: /etc/redis/a.key: error:1E08010C:DECODER routines::unsupported",
            "file-escaped-newlines",
        ),
        (
            "[ALERT] : config : parsing [/etc/haproxy/haproxy.cfg:7] : 'bind *:443' : unable to load certificate from file '/etc/haproxy/a.pem'.",
            "file-truncated",
        ),
        (
            "[ALERT] : config : Proxy 'f': no SSL certificate specified for bind '127.0.0.1:1' at [haproxy.cfg:7] (use 'crt').",
            "file-is-directory",
        ),
        (
            "fatal: unable to access 'https://git.example.test/x/': error reading X.509 key or certificate file",
            "key-mismatch",
        ),
        ("*** Error loading cert file.", "file-missing"),
        ("Enter password: No PIN given.", "key-encrypted"),
        ("*** Error importing key: The requested data were not available.", "file-is-public-key"),
        (
            r#"upstream SSL certificate does not match "backend" while SSL handshaking to upstream, client: 127.0.0.1"#,
            "name-mismatch",
        ),
        (
            "TLS client: In state certify at ssl_handshake.erl:2113 generated CLIENT ALERT: Fatal - Handshake Failure\n {bad_cert,hostname_check_failed}",
            "name-mismatch",
        ),
        (
            "error: You must be logged in to the server (the server has asked for the client to provide credentials)",
            "client-certificate-refused",
        ),
        ("no SSL certificate provided by peer; connection rejected", "client-certificate-missing"),
        ("ERROR 2026 (HY000): SSL connection error: SSL is required but the server doesn't support it", "not-tls"),
        (
            "VERIFY EKU ERROR\nOpenSSL: error:0A000086:SSL routines::certificate verify failed\nTLS_ERROR: BIO read tls_read_plaintext error",
            "wrong-purpose",
        ),
        ("Error code: MOZILLA_PKIX_ERROR_REQUIRED_TLS_FEATURE_MISSING", "staple-missing"),
        (
            "- Status: The certificate is NOT trusted. The certificate requires the server to include an OCSP status in its response, but the OCSP status is missing.",
            "staple-missing",
        ),
    ] {
        if !first(text).contains(&cause) {
            wrong.push(format!("{text}: {cause} is not among {:?}", first(text)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What tells a narrower cause than the words alone: numbers of characters, subjects beside the error, a name without its message.
#[test]
fn what_stands_beside_the_words_tells_the_narrower_cause() {
    for (text, cause) in [
        ("missing section end marker: [67, 69, 82, 84, 45, 45, 45, 45, 45, 32, 77, 73, 73]", "file-one-line"),
        ("missing section end marker: [67, 69, 82, 84, 45, 45, 45, 45, 45, 92, 110, 77]", "file-escaped-newlines"),
        ("java.lang.IllegalArgumentException: Illegal base64 character 5c", "file-escaped-newlines"),
        ("java.lang.IllegalArgumentException: Illegal base64 character 0", "file-bad-base64"),
        (
            "O = Ltd, CN = Example Issuing CA\nerror 26 at 0 depth lookup: unsuitable certificate purpose",
            "leaf-missing",
        ),
        ("CN = app.example.test\nerror 26 at 0 depth lookup: unsuitable certificate purpose", "wrong-purpose"),
        ("invalid certificate revocation list: BadSignature", "crl-signature-invalid"),
        ("x509: no valid chains built: 1 candidate chains with invalid policies", "policy-violated"),
        ("non-null policy tree required and policy tree is null", "policy-violated"),
        ("javax.net.ssl.SSLHandshakeException: Illegal given domain name: my_app.example.test", "host-underscore"),
        ("curl: (35) OpenSSL/3.0.19: error:0200008A:rsa routines::invalid padding", "certificate-corrupt"),
        ("GNUTLS_E_CERTIFICATE_LIST_UNSORTED", "chain-order"),
        ("The Message Authentication Code verification failed.", "password-wrong"),
        ("GNUTLS_CERT_MISSING_OCSP_STATUS", "staple-missing"),
        ("SSL_ERROR_NO_TRUSTED_SSL_CLIENT_CA", "client-certificate-not-offered"),
        ("X509_V_ERR_SUITE_B_INVALID_CURVE", "key-type-support"),
    ] {
        assert_eq!(first(text).first(), Some(&cause), "{text}: {:?}", first(text));
    }
}
