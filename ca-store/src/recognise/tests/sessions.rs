//! Whole sessions, as programs print them when they are asked to tell more: what they print anyway leads nowhere.

use super::{first, recognise};

/// What `openssl s_client` prints of any session.
const S_CLIENT: &str = "\
CONNECTED(00000003)
---
Certificate chain
 0 s:CN = app.example.test
   i:CN = Example Issuing CA
   a:PKEY: id-ecPublicKey, 256 (bit); sigalg: ecdsa-with-SHA256
   v:NotBefore: Nov  1 00:00:00 2026 GMT; NotAfter: Feb  1 00:00:00 2027 GMT
---
No client certificate CA names sent
Peer signing digest: SHA256
SSL handshake has read 1537 bytes and written 406 bytes";

const CURL: &str = "\
*  CAfile: /srv/name-constraints/ca.pem
*  CApath: /etc/ssl/certs
* TLSv1.3 (OUT), TLS handshake, Client hello (1):
* TLSv1.3 (IN), TLS handshake, Certificate (11):";

const GNUTLS: &str = "\
|<3>| ASSERT: ../../../lib/x509/name_constraints.c[gnutls_x509_crt_get_name_constraints]:1056
|<5>| REC: Sending Alert[1|0] - Close notify";

const JAVA: &str = "\
javax.net.ssl|DEBUG|10|main|2026-11-28 12:30:22.621 UTC|ServerHello.java:993|Negotiated protocol version: TLSv1.3
javax.net.ssl|DEBUG|10|main|2026-11-28 12:30:22.622 UTC|SSLExtensions.java:175|Ignore unsupported extension: server_name
certpath: PolicyChecker.checkPolicy() ---checking certificate policies...
certpath: ---checking name constraints...
certpath: name constraints verified.
  Trust Anchors: [[";

const APACHE: &str = "\
[ssl:debug] ssl_util_ssl.c(451): AH02412: Cert matches for name 'a' [subject: CN=a / issuer: CN=b / serial: 01 / notbefore: Jan  1 00:00:00 2026 GMT / notafter: Jan  1 00:00:00 2046 GMT]
[ssl:info] AH02568: Certificate and private key a:443:0 configured from /srv/chain.pem and /srv/server.key
[ssl:trace3] ssl_engine_kernel.c(2041): OpenSSL: Loop: SSLv3/TLS write certificate request
[http:trace4] http_request.c(435): Headers received from client:";

const WGET: &str = "HTTP request sent, awaiting response... 200 OK";

const PRINTED: &str = "            X509v3 Extended Key Usage: \n                TLS Web Server Authentication";

#[test]
fn a_session_in_which_nothing_fails_says_nothing() {
    for session in [S_CLIENT, CURL, GNUTLS, JAVA, APACHE, WGET, PRINTED] {
        let read = recognise(session, None);
        assert!(read.candidates.is_empty(), "{session}: {:?} {:?}", read.lines, read.candidates);
    }
}

#[test]
fn what_is_said_anyway_does_not_hide_what_failed() {
    let alert = "* TLSv1.3 (OUT), TLS alert, unknown CA (560):\n* SSL certificate problem: permitted subtree violation";
    for (session, failure, cause) in [
        (S_CLIENT, "verify error:num=10:certificate has expired", "expired"),
        (S_CLIENT, "    Verify return code: 47 (permitted subtree violation)", "name-constraint-violated"),
        (CURL, alert, "name-constraint-violated"),
        (
            GNUTLS,
            "- Status: The certificate is NOT trusted. The certificate chain uses expired certificate.",
            "expired",
        ),
        (
            JAVA,
            "Caused by: java.security.cert.CertificateExpiredException: NotAfter: Fri Nov 06 00:00:00 UTC 2026",
            "expired",
        ),
        (JAVA, "Extended key usage does not permit use for TLS server authentication", "wrong-purpose"),
    ] {
        let text = format!("{session}\n{failure}");
        assert_eq!(first(&text).first(), Some(&cause), "{text}: {:?}", first(&text));
    }
}

/// What has nothing to do with certificates, though its words are those of messages elsewhere.
#[test]
fn what_is_of_something_else_is_not_recognised() {
    for text in [
        "%PDF-1.7\n%%EOF",
        "error: EOF",
        "bash: -c: line 2: syntax error: unexpected end of file",
        "Cookie has expired",
        "gpg: Note: This key has expired!",
        "npm error code EACCES\nnpm error syscall mkdir\nnpm error path /usr/lib/node_modules",
    ] {
        let read = recognise(text, None);
        assert!(read.candidates.is_empty(), "{text}: {:?}", read.candidates);
    }
}

#[test]
fn a_trace_of_curl_tells_that_a_certificate_was_asked_for() {
    let asked = "* TLSv1.3 (IN), TLS handshake, Request CERT (13):\n* SSL certificate verify ok.";
    for end in ["curl: (56) Recv failure: Connection reset by peer", "curl: (52) Empty reply from server"] {
        assert_eq!(first(&format!("{asked}\n{end}")).first(), Some(&"client-certificate-missing"), "{end}");
    }
    let page = "< HTTP/1.1 400 Bad Request\n<center>The SSL certificate error</center>";
    assert!(first(page).contains(&"root-not-trusted"), "{:?}", first(page));
}
