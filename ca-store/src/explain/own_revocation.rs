//! What the store that is trusted says of revocation, beside every list: it knows first.

use time::OffsetDateTime;

/// A revocation that the store which is trusted has recorded.
#[derive(Debug, Clone)]
pub struct OwnRevocation {
    /// The fingerprint of the certificate.
    pub sha256: String,
    /// Since when.
    pub at: OffsetDateTime,
    /// Why, in the word of RFC 5280 section 5.3.1.
    pub reason: String,
    /// What says so.
    pub said_by: Saying,
    /// The command that makes a list which has it, where that of its CA has not: clients are told by nothing else.
    pub to_list: Option<String>,
}

/// What of a store says that a certificate is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saying {
    /// Its index; the folder of the store.
    Index(String),
    /// Its list, as its index cannot be read; the file.
    List(String),
}
