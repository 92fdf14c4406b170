//! The tables: a family of clients each. A row is a message's stable core and its causes, the most frequent first; how often a
//! cause is behind a message is a judgement: what private PKIs break by daily (a root that is not installed, an intermediate
//! that is not sent, a CA made anew under its old name) stands before what takes a broken tool to make.

mod alert;
mod browser;
mod client;
mod file;
mod gnutls;
mod go;
mod identifiers;
mod java;
mod names;
mod nss;
mod openssl;
mod platform;
mod rustls;
mod server;
mod session;
mod user;
mod x509;

pub(super) use client::CLIENTS;
pub(super) use session::{SAID_ANYWAY, SENDS_ALERT};

use super::rule::Rule;

/// All rows.
pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    const TABLES: [&[Rule]; 15] = [
        x509::RULES,
        alert::RULES,
        names::RULES,
        openssl::RULES,
        file::RULES,
        user::RULES,
        gnutls::RULES,
        nss::RULES,
        java::RULES,
        go::RULES,
        rustls::RULES,
        browser::RULES,
        server::RULES,
        platform::RULES,
        identifiers::RULES,
    ];
    TABLES.into_iter().flatten()
}

/// Marks that stand for any of several phrases.
pub(super) fn groups() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    [
        ("@mismatch", names::MISMATCH),
        ("@loads-key", file::LOADS_KEY),
        ("@loads-ca", file::LOADS_CA),
        ("@loads-certificate", file::LOADS_CERTIFICATE),
        ("@der-damaged", file::DER_DAMAGED),
        ("@weak-digest", &["sha1withrsa", "md5withrsa", "sha1", "md5", "md2", "disabledalgorithm: sha1"]),
        ("@key-size", &["keysize", "key size", "1024bit", "rsa 1024", "512bit"]),
        ("@handshake", &["handshake", "client certificate", "peer"]),
        ("@server", client::SERVER),
        ("@client", client::CLIENT),
    ]
    .into_iter()
    .chain(CLIENTS.iter().map(|client| (client.mark, client.phrases)))
}
