//! A private certificate authority as a library: issue certificates, keep every one of them, and explain why a
//! chain is refused.
//!
//! ```text
//! ISSUE    request ─► plan ─► rehearse ─► sign ───► commit
//!                     pure    no real key  the key   the disk
//!
//! EXPLAIN  bytes ─► facts ─► paths ─► findings ─► clients ─► report ─► render
//!                   pure: the evaluation time is an argument
//! ```
//!
//! Each step takes what only the step before can make: [`sign::sign`] takes a [`rehearse::CheckedPlan`], which only a clean
//! rehearsal yields. Time enters as an argument; randomness comes from [`key`], everything on disk from [`store`].
mod authority;
pub mod batch;
mod ca_name;
pub mod clients;
pub mod constraint;
pub mod container;
pub mod crl;
pub mod csr;
mod error;
pub mod explain;
pub mod export;
pub mod facts;
pub mod finding;
pub mod handshake;
mod hint;
mod import;
mod init_ca;
mod issue;
pub mod key;
pub mod name;
mod name_fault;
mod passphrase;
pub mod plan;
pub mod profile;
pub mod program_config;
pub mod reason;
pub mod recognise;
pub mod rehearse;
pub mod request;
mod revoke;
mod rollover;
pub mod san;
pub mod serial;
pub mod settings;
pub mod shell;
pub mod sign;
pub mod store;
pub mod subject;
pub mod uri;
pub mod validity;

pub use authority::{Authority, Chain};
pub use batch::issue_batch;
pub use csr::make::make_request;
pub use error::{Error, ErrorKind, InTheWayOf};
pub use hint::Asking;
pub use import::{AskPassphrase, ImportRequest, ImportedCa, ListsGoOn, faults_of, held_cas, import_ca};
pub use init_ca::{CreatedAuthority, CreatedCa, init_ca, init_ca_waiting};
pub use issue::{Issued, Renewer, Review, Reviewed, issue, renew, review};
pub use passphrase::{ChangedKey, PassphraseChange, change_passphrase};
pub use revoke::{Change, MAX_TOLD, Revoked, RevokedCa, revoke};
pub use rollover::{
    Finished, Generation, Recertified, RecertifyRequest, RolledOver, RolloverRequest, finish_rollover, recertify,
    rollover,
};
