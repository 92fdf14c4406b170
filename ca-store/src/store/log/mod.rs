//! The log: every operation, who, when and what, each entry with the hash of the one before. An entry is appended in the
//! transaction that makes the change, by [`Index::change`](crate::store::index::Index::change), so neither is ever there alone.
//!
//! ```text
//! Operation ─► append ─► Entry, hash ─► head, signed with a CA's key where one is at hand
//! ```

mod authorities;
mod chain;
mod expected;
mod gaps;
mod head;
mod placed;
mod query;
mod restore;
mod rows;
mod traces;
mod verify;

use std::str::FromStr;

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::facts;
use crate::reason::Reason;
use crate::serial::Serial;
use crate::store::entry::Record;
use crate::validity::rfc3339;

pub(crate) use chain::append;
pub(crate) use head::{Fault, Signer, record};
pub use query::LogQuery;
pub(crate) use restore::restore;
pub(crate) use verify::verify;
pub use verify::{HeadReport, LogMark, LogReport};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A CA was made.
    InitCa,
    /// A CA that was made elsewhere was taken over.
    Import,
    /// A new generation of a CA was made.
    Rollover,
    /// A certificate was issued.
    Issue,
    /// A certificate was issued in place of another.
    Renew,
    /// A certificate that the index held before there was a log.
    Adopt,
    /// A certificate was revoked.
    Revoke,
    /// A revocation that was a hold has ended.
    Release,
    /// A revocation list was signed.
    Crl,
    /// Where certificates say that revocation lists are found, was changed.
    CrlPoints,
    /// The passphrase of a CA's key was changed.
    Passphrase,
    /// A reserved serial number was given up.
    Withdraw,
    /// What was half done or damaged was mended.
    Repair,
    /// The store was copied.
    Backup,
    /// A root was added to, or taken out of, this machine's stores of trusted certificates.
    Trust,
    /// A private key or certificate was given out.
    Export,
    /// A batch was begun, gone on with, or came to its end.
    Batch,
    /// The index was brought up to date from an earlier format.
    Migrate,
    /// The log did not reach its last signed head when the next one was to be signed.
    Alarm,
}

impl Kind {
    /// All of them, beside their names in the log.
    const NAMES: [(Kind, &'static str); 19] = [
        (Kind::InitCa, "init-ca"),
        (Kind::Import, "import"),
        (Kind::Rollover, "rollover"),
        (Kind::Issue, "issue"),
        (Kind::Renew, "renew"),
        (Kind::Adopt, "adopt"),
        (Kind::Revoke, "revoke"),
        (Kind::Release, "release"),
        (Kind::Crl, "crl"),
        (Kind::CrlPoints, "crl-points"),
        (Kind::Passphrase, "passphrase"),
        (Kind::Withdraw, "withdraw"),
        (Kind::Repair, "repair"),
        (Kind::Backup, "backup"),
        (Kind::Trust, "trust"),
        (Kind::Export, "export"),
        (Kind::Batch, "batch"),
        (Kind::Migrate, "migrate"),
        (Kind::Alarm, "alarm"),
    ];

    /// Its name in the log.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Whether its entry is of a certificate that it made. Others only name one.
    fn makes_certificate(self) -> bool {
        matches!(self, Kind::Issue | Kind::Renew | Kind::Adopt)
    }

    /// Whether it cannot be done without a CA's key, so that a signed head follows it.
    fn needs_key(self) -> bool {
        matches!(self, Kind::InitCa | Kind::Import | Kind::Rollover | Kind::Issue | Kind::Renew | Kind::Crl)
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Kind, ()> {
        Self::NAMES.iter().find(|(_, name)| *name == text).map(|(kind, _)| *kind).ok_or(())
    }
}

/// An operation that is about to be recorded: what was done, to what. Who and when is added as it is appended.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    kind: Kind,
    detail: Map<String, Value>,
}

impl Operation {
    /// An operation of which nothing more is said yet.
    pub(crate) fn new(kind: Kind) -> Operation {
        Operation { kind, detail: Map::new() }
    }

    /// Says one thing more of it. Never a secret: the log is shown.
    pub(crate) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Operation {
        self.detail.insert(key.to_owned(), value.into());
        self
    }

    /// The operation that made this certificate, known by `name`: issued, or renewed where it `replaces` another.
    pub(crate) fn issued(name: &str, record: &Record, replaces: Option<Serial>) -> Operation {
        let kind = if replaces.is_some() { Kind::Renew } else { Kind::Issue };
        let operation = Operation::new(kind).certificate(name, &record.serial, &record.sha256);
        match replaces {
            Some(replaced) => operation.with("replaces", replaced.to_string()),
            None => operation,
        }
    }

    /// Names a certificate: what it is known by, its serial number and its SHA-256.
    pub(crate) fn certificate(self, name: &str, serial: &Serial, sha256: &[u8]) -> Operation {
        self.with("name", name).with("serial", serial.to_string()).with("sha256", facts::hex(sha256))
    }

    /// The revocation of a certificate, or with none the end of its hold; `serial` is its serial number in hexadecimal.
    pub(crate) fn revoked(name: &str, serial: String, revoked: Option<(OffsetDateTime, Reason)>) -> Operation {
        let operation = |kind| Operation::new(kind).with("name", name).with("serial", serial);
        match revoked {
            Some((at, reason)) => operation(Kind::Revoke).with("revoked", rfc3339(at)).with("reason", reason.as_str()),
            None => operation(Kind::Release),
        }
    }

    /// What made these CAs, each by its certificate in DER: `InitCa`, `Import` or `Rollover`.
    pub(crate) fn authorities<'a>(kind: Kind, certificates: impl IntoIterator<Item = &'a [u8]>) -> Operation {
        let hashes: Vec<Value> = certificates.into_iter().map(|der| facts::hex(&facts::sha256(der)).into()).collect();
        Operation::new(kind).with("authorities", hashes)
    }
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number; the first is 1, and none is left out.
    pub id: i64,
    /// When, in seconds since 1970.
    pub time: i64,
    /// The user.
    pub user: String,
    /// The machine.
    pub host: String,
    /// What was done: one of [`Kind`]'s names.
    pub operation: String,
    /// To what: a JSON object, as it was written.
    pub detail: String,
    /// The hash of the entry before; zeros in the first.
    pub previous: Vec<u8>,
    /// Its own hash.
    pub hash: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for (kind, name) in Kind::NAMES {
            assert_eq!(kind.as_str(), name);
            assert_eq!(name.parse(), Ok(kind));
        }
        assert_eq!("".parse::<Kind>(), Err(()));
    }
}
