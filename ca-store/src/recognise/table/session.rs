//! What programs print of every session, whether it fails or not: traces, and what they show of certificates. Each is a longer
//! phrase around words that would be a message if they stood alone, and covers them.

/// The phrases, in the form of [`normalise::folded`](crate::recognise::normalise::folded).
pub(in crate::recognise) const SAID_ANYWAY: &[&str] = &[
    // openssl s_client, of each certificate of the chain.
    "v:notbefore:",
    "gmt; notafter:",
    "no client certificate ca names sent",
    // openssl x509 -text, certtool, keytool and Java's traces, of each certificate.
    "x509v3 extended key usage",
    "extended key usage: critical",
    "extended key usage (not critical)",
    "extended key usage (critical)",
    "extended key usage serverauth",
    "extended key usage clientauth",
    "x509v3 name constraints",
    "name constraints (critical)",
    "name constraints (not critical)",
    // curl -v, of the files that it was given.
    "* cafile:",
    "info: cafile:",
    // Apache, of each certificate that it looks at, and what it loaded.
    "/ notbefore:",
    "/ notafter:",
    "ah02568: certificate and private key",
    // OpenSSL's states, as s_client -state and servers trace them.
    "read server certificate request",
    "read certificate request",
    "write certificate request",
    // wget.
    "http request sent, awaiting response",
    // GnuTLS from -d 3 on, of every certificate without such an extension.
    "gnutls x509 crt get name constraints",
    // GnuTLS from -d 5 on and s_client -msg, of the end of a session.
    "alert[1|0] close notify",
    "warning close notify",
    // Java's javax.net.debug and java.security.debug.
    "negotiated protocol version: tlsv1",
    "certificate request context",
    "consuming certificaterequest handshake message",
    "ignore unsupported extension:",
    "ignore impact of unsupported extension:",
    "checking name constraints",
    "name constraints verified",
    "checking certificate policies",
    "certificate policies verified",
    "trust anchors: [[",
    "found matching trust anchor",
];

/// Before the name of an alert that the program sent itself, which follows from what it says besides: curl -v, s_client -state.
pub(in crate::recognise) const SENDS_ALERT: &[&str] =
    &["(out), tls alert, ", "alert write:fatal:", "alert write:warning:"];
