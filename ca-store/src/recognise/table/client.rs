//! Who is speaking, told by a manner of speaking that no other program has.

/// A program or library, and how it is known.
#[derive(Debug, Clone, Copy)]
pub(in crate::recognise) struct Client {
    /// Its name in reports.
    pub(in crate::recognise) name: &'static str,
    /// Its mark in the tables.
    pub(in crate::recognise) mark: &'static str,
    /// Any of these phrases.
    pub(in crate::recognise) phrases: &'static [&'static str],
}

const fn client(name: &'static str, mark: &'static str, phrases: &'static [&'static str]) -> Client {
    Client { name, mark, phrases }
}

/// The first one that fits is who speaks: programs stand before the libraries that they repeat.
pub(in crate::recognise) const CLIENTS: &[Client] = &[
    client(
        "nginx",
        "@nginx",
        &["ssl do handshake() failed", "[emerg]", "nginx", "client ssl certificate verify error"],
    ),
    client(
        "apache",
        "@apache",
        &[
            "ah02039",
            "ah02276",
            "ah02561",
            "ah02565",
            "ah02572",
            "ah01909",
            "ah01906",
            "ah02008",
            "[ssl:error]",
            "[ssl:warn]",
            "[ssl:info]",
            "[ssl:emerg]",
        ],
    ),
    client("haproxy", "@haproxy", &["haproxy", "ssl handshake failure"]),
    client("curl", "@curl", &["curl:", "ssl certificate problem", "curl error"]),
    client(
        "wget",
        "@wget",
        &[
            "error: the certificate of",
            "unable to establish ssl connection",
            "the certificate's owner does not match hostname",
            "could not save ssl session data",
        ],
    ),
    client(
        "python",
        "@python",
        &[
            "ssl.sslerror",
            "ssl.sslcertverificationerror",
            "( ssl.c",
            "sslcertverificationerror",
            "ssl.c:",
            "connectionreseterror",
            "sslerror",
        ],
    ),
    client("java", "@java", &["javax.net.ssl", "java.security", "sun.security", "java.io", "java.net"]),
    client(
        "node",
        "@node",
        &[
            "err tls",
            "err ssl",
            "err ossl",
            "deps/openssl",
            "depth zero self signed cert",
            "unable to verify leaf signature",
            "unable to get issuer cert locally",
            "self signed cert in chain",
            "cert has expired",
            "cert not yet valid",
            "econnreset",
        ],
    ),
    client("go", "@go", &["x509:", "tls: failed", "remote error: tls", "tls: private key", "tls: first record"]),
    client(
        "rustls",
        "@rustls",
        &["invalid peer certificate", "invalidcertificate", "othererror", "inconsistentkeys", "noitemsfound"],
    ),
    client(
        "nss",
        "@nss",
        &["tstclnt", "certutil", "sec error", "ssl error", "mozilla pkix error", "pr connect reset error"],
    ),
    client("chromium", "@chromium", &["net::err", "err cert", "err connection"]),
    client(
        "gnutls",
        "@gnutls",
        &["*** fatal error", "status: the certificate", "gnutls", "*** received alert", "processed 1 client"],
    ),
    client(
        "openssl",
        "@openssl",
        &[
            "verify error:num",
            "depth lookup",
            "verify return code",
            "ssl routines",
            "pem routines",
            "x509 certificate routines",
            "verification error",
        ],
    ),
    client("schannel", "@schannel", &["schannel", "sec e", "cert e", "crypt e"]),
    client("apple", "@apple", &["errssl", "errsec", "nsurlerrordomain", "secure transport"]),
];

/// A server speaks: the other side is a client.
pub(super) const SERVER: &[&str] = &[
    "ssl do handshake() failed",
    "while ssl handshaking",
    "tls handshake error from",
    "ah02008",
    "ah02039",
    "ssl accept",
    "sslaccept",
    "ssl handshake failure",
    "haproxy",
    "nginx",
    "could not accept ssl connection",
    "accept tls",
];

/// A client speaks: the other side is a server.
pub(super) const CLIENT: &[&str] = &[
    "curl:",
    "ssl connect()",
    "ssl connect:",
    "ssl connect error",
    "ssl connect returned",
    "ssl connect failed",
    "depth=0",
    "verify return code",
    "ssl read",
    "@after-handshake",
    "net::err",
    "err bad ssl client auth cert",
    "tstclnt",
    "processed 1 client",
    "server has terminated the connection abnormally",
    "pki verification of server certificate",
    "unable to establish ssl connection",
];
