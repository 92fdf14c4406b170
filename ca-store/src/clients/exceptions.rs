//! Where clients differ: a row a finding, a column a client.
//!
//! Measured with OpenSSL 3.0, curl 7.88, wget with GnuTLS, gnutls-cli 3.7, Python 3.11 and 3.13, Node 20, Java 17,
//! rustls 0.23, Go, NSS 3.87 and Chromium 156, on the same chains. A row that rests on more than the measurement
//! says on what. What holds for many rows:
//!
//! - OpenSSL, curl and Python run at Debian's security level 2 (SSL_CTX_set_security_level(3)): 112 bits, no SHA-1.
//!   `openssl verify` applies no level, and Node level 1 (RSA 1024 passes, SHA-1 does not).
//! - `openssl verify -x509_strict` and Python 3.13 (VERIFY_X509_STRICT, on by default there) hold a chain to RFC 5280's
//!   rules for CAs; Python 3.13 and curl take an intermediate as anchor (X509_V_FLAG_PARTIAL_CHAIN).
//! - Java, rustls and webpki take a trust anchor as a name and a key (RFC 5280 section 6.1.1 (d)), and look at none of
//!   its dates and extensions, but for Java's "is not a CA certificate".
//! - rustls does not look at keyUsage, wget's GnuTLS not at purposes, Go and Chromium have no CRLs to look at.

mod connection;
mod constraints;
mod extensions;
mod files;
mod host_names;
mod issuer_names;
mod revocation;
mod time;
mod trust;
mod usage_and_keys;

use crate::finding::{Code, Finding};

use super::when::{Row, row};

/// The first row that fits a finding holds.
const ROWS: &[&[Row]] = &[
    issuer_names::ISSUER_NAMES,
    host_names::HOST_NAMES,
    UNKNOWN_TO_CLIENTS,
    time::TIME,
    trust::TRUST,
    constraints::CONSTRAINTS,
    extensions::MALFORMED,
    usage_and_keys::USAGE_AND_KEYS,
    revocation::REVOCATION,
    connection::CONNECTION,
    files::FILES,
];

/// What no client knows: what it refuses is told in a finding beside.
const UNKNOWN_TO_CLIENTS: &[Row] = {
    use Code as C;
    &[
        // That its own clock is wrong: it refuses the date.
        row(C::ClockWrong, &[], ".............."),
        // That a better certificate lies on the server's disk.
        row(C::StaleCertificateServed, &[], ".............."),
        row(C::AddressMismatch, &[], ".............."),
    ]
};

/// The row for a finding, if clients differ on it: `X` refuses, `.` accepts, a column for each of [`super::CLIENTS`].
pub(super) fn row_of(finding: &Finding, anchor: Option<usize>) -> Option<&'static str> {
    ROWS.iter().copied().flatten().find(|row| row.fits(finding, anchor)).map(|row| row.text)
}

#[cfg(test)]
mod tests {
    use super::ROWS;

    #[test]
    fn every_row_has_a_column_for_every_client() {
        for row in ROWS.iter().copied().flatten() {
            assert_eq!(row.text.len(), super::super::CLIENTS.len(), "{}", row.code);
            assert!(row.text.chars().all(|c| c == 'X' || c == '.'), "{}", row.code);
        }
    }

    #[test]
    fn no_row_is_hidden_by_one_above() {
        let rows: Vec<_> = ROWS.iter().copied().flatten().collect();
        assert_eq!(super::super::when::hidden(&rows), Vec::<String>::new());
    }
}
