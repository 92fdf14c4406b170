//! What can go wrong, one variant a cause. The wording says what was expected, what was found and where; [`Error::hint`]
//! says what to type next, [`Error::kind`] whose matter it is.

mod at_path;
mod kind;

use std::io;
use std::path::PathBuf;

use crate::constraint::ConstraintFault;
use crate::hint::Asking;
use crate::name::{CaNameFault, NameFault};
use crate::profile::Purpose;
use crate::reason::Reason;
use crate::uri::UriFault;

pub(crate) use at_path::AtPath;
pub use kind::ErrorKind;

/// What something is in the way of, which is not written over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTheWayOf {
    /// The files of a certificate.
    Certificate,
    /// The file of an export, which can be written over.
    Export,
    /// What a batch issues, or a copy of the store.
    Whole,
}

/// Why nothing was issued, or why the store could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No name was given to issue a certificate for.
    #[error("every {purpose} certificate needs at least one name, and none was given")]
    NameMissing {
        /// What the certificate was to be for.
        purpose: Purpose,
    },
    /// A name that no client could match, or that names nothing.
    #[error("{name:?} cannot be in {purpose} certificates: {fault}")]
    NameRefused {
        /// The name as it was typed.
        name: String,
        /// What the certificate was to be for.
        purpose: Purpose,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// More names than [`crate::san::MAX_NAMES`].
    #[error("a certificate holds at most {most} names here, and {found} were given")]
    TooManyNames {
        /// How many were given.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// A name that a certificate authority should not carry.
    #[error("{name:?} is no name for a certificate authority: {fault}")]
    CaNameRefused {
        /// The name as it was typed.
        name: String,
        /// What is wrong with it.
        fault: CaNameFault,
    },
    /// A name that a request asks for, and a CA below this store's must not carry.
    #[error("{name:?} is no name for a CA below this one: {reason}")]
    AuthorityNameRefused {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No further CA may stand below this one.
    #[error("the CA {ca:?} may have no CA below it: its path length is 0")]
    PathLengthSpent {
        /// The CA.
        ca: String,
    },
    /// A CA below this one, whose key is elsewhere.
    #[error("{name:?} is a CA, and is signed anew from a request alone")]
    RenewedFromRequest {
        /// Its name.
        name: String,
    },
    /// Root and intermediate were to have the same name.
    #[error(
        "the root {root:?} and the intermediate {intermediate:?} must have different names, and these are the same name \
         (compared without letter case, as OpenSSL does): each would look like its own issuer"
    )]
    CaNamesEqual {
        /// The root's name.
        root: String,
        /// The intermediate's.
        intermediate: String,
    },
    /// A CA of this store has the name.
    #[error(
        "{name:?} is the name of a CA of this store (compared without letter case): with another key under the same name \
         clients would find signatures that do not fit, so each generation has a name of its own"
    )]
    CaNameTaken {
        /// The name.
        name: String,
        /// One that is free.
        suggestion: String,
    },
    /// The old root is still trusted beside the new one.
    #[error(
        "the roll-over from {old:?} to {new:?} is not finished: both are trusted, and a third root would leave clients of the first behind"
    )]
    RolloverUnfinished {
        /// The old root.
        old: String,
        /// The new one.
        new: String,
    },
    /// The root issues by itself.
    #[error("there is no CA below the root {root:?}, which issues by itself")]
    NothingBelowRoot {
        /// The root.
        root: String,
    },
    /// A CA's certificate names a certificate that is to have a successor.
    #[error(
        "the certificate of {below:?} names that of {ca:?} by its serial number (authorityKeyIdentifier; RFC 5280, 4.2.1.1): \
         to who knows only a new one it would lead nowhere"
    )]
    IssuerSerialNamed {
        /// The CA that was to be certified again.
        ca: String,
        /// The CA below it.
        below: String,
    },
    /// No CA of that name or hash.
    #[error("no CA of this store is called {ca:?}, or has a certificate of that SHA-256: there are {}", known.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", "))]
    NoSuchCa {
        /// What was asked for.
        ca: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// There is nothing to finish.
    #[error("no roll-over of a root is under way in {dir}", dir = dir.display())]
    NoRollover {
        /// The store.
        dir: PathBuf,
    },
    /// Certificates below the old root are in use.
    #[error("{count} certificates in use lead to the old root {old:?} alone, and would be trusted no more: {}{}", names.join(", "), if *count > names.len() { ", …" } else { "" })]
    OldRootInUse {
        /// The old root.
        old: String,
        /// How many.
        count: usize,
        /// The first of them.
        names: Vec<String>,
    },
    /// The old root's key was kept apart, and the new one's is to go into the store.
    #[error("the old root's key is kept apart from the store, and the new one's would not be")]
    KeyOutNeeded,
    /// A limit on names that is no DNS suffix or address block.
    #[error("{value:?} cannot limit what the authority may issue: {fault}")]
    ConstraintRefused {
        /// The value as it was typed.
        value: String,
        /// What is wrong with it.
        fault: ConstraintFault,
    },
    /// The subject is that of a CA in the certificate's own chain.
    #[error(
        "the certificate would have the same subject, CN={subject}, as {ca:?}, a CA in its chain (compared without \
         letter case): OpenSSL would then take the certificate for a self-signed one"
    )]
    SubjectIsIssuers {
        /// The common name that was asked for.
        subject: String,
        /// The CA's.
        ca: String,
        /// The names asked for, for the command that does it right.
        names: Vec<String>,
        /// What the certificate was to be for.
        purpose: Purpose,
    },
    /// The public key is that of a CA in the certificate's own chain.
    #[error("the request's key is the key of {ca:?} itself: a certificate must have a key of its own")]
    KeyIsIssuers {
        /// The CA whose key it is.
        ca: String,
    },
    /// A name outside what the CA may issue.
    #[error("{name} is outside the name constraints of {ca:?}, which may issue for: {permitted}")]
    NameNotPermitted {
        /// The name asked for.
        name: String,
        /// The CA whose limit it is.
        ca: String,
        /// What it may issue.
        permitted: String,
        /// A name like the one asked for that it may issue for, where there is one.
        nearest: Option<String>,
        /// What the certificate was to be for.
        purpose: Purpose,
    },
    /// Something that the store's settings do not allow.
    #[error("{place} does not allow it: {reason} ({key})")]
    NotAllowed {
        /// The file and its section.
        place: String,
        /// The key.
        key: &'static str,
        /// What it says, and what was asked for.
        reason: String,
    },
    /// A common name that is none of the certificate's names.
    #[error(
        "the common name {common_name:?} is none of the certificate's names ({names}): clients look only at the names, \
         so one that stands in the common name alone is never matched"
    )]
    CommonNameNotInNames {
        /// The common name asked for.
        common_name: String,
        /// The names, separated by commas.
        names: String,
    },
    /// A life that is too short or too long.
    #[error("a certificate lives from 1 to {most} days, and {days} were asked for")]
    DaysOutOfRange {
        /// The days asked for.
        days: u32,
        /// The bound.
        most: u32,
    },
    /// There is a certificate of this name.
    #[error("{name:?} already has a {purpose} certificate, valid until {not_after}")]
    AlreadyIssued {
        /// The name of the certificate there is.
        name: String,
        /// What it is for.
        purpose: Purpose,
        /// Its end, RFC 3339.
        not_after: String,
    },
    /// A certificate's name differs from this one in letter case only.
    #[error("{name:?} and {existing:?}, which has a certificate, would be one folder where letter case does not count")]
    NameFallsTogether {
        /// The name asked for.
        name: String,
        /// The one there is.
        existing: String,
    },
    /// No certificate of that name or serial.
    #[error("the store {dir} holds no certificate with the name or serial number {name:?}", dir = dir.display())]
    NotIssued {
        /// What was asked for.
        name: String,
        /// The store.
        dir: PathBuf,
    },
    /// A reason that says nothing true of the certificate.
    #[error("{name:?} cannot be revoked with the reason {reason}: {why}")]
    ReasonRefused {
        /// The certificate's name.
        name: String,
        /// The reason asked for.
        reason: Reason,
        /// What speaks against it.
        why: &'static str,
    },
    /// The name's certificate is revoked: it is not issued a second time beside it.
    #[error("{name:?} has a certificate that was revoked at {at} ({reason})")]
    RevokedBefore {
        /// The certificate's name.
        name: String,
        /// Since when, RFC 3339.
        at: String,
        /// Why.
        reason: Reason,
    },
    /// A renewal would certify again the key of a revoked certificate.
    #[error("{name:?} was revoked at {at} ({reason}): its key is not certified again, since it may be in other hands")]
    KeyRevoked {
        /// The certificate's name.
        name: String,
        /// Since when, RFC 3339.
        at: String,
        /// Why.
        reason: Reason,
    },
    /// Another certificate for a name on hold would go round the hold.
    #[error("{name:?} is on hold since {at}, and gets no other certificate until that is decided")]
    OnHold {
        /// The certificate's name.
        name: String,
        /// Since when, RFC 3339.
        at: String,
    },
    /// An address that clients cannot fetch a list from.
    #[error("{url:?} is no place for revocation lists: {fault}")]
    CrlUrlRefused {
        /// The address as it was typed.
        url: String,
        /// What is wrong with it.
        fault: UriFault,
    },
    /// Partitions that no certificate could point to.
    #[error("a certificate has to say where the list of its partition is, and no address is known")]
    CrlUrlMissing,
    /// More partitions than [`crate::crl::MAX_PARTITIONS`].
    #[error("there are at most {most} partitions, and {found} were asked for")]
    TooManyPartitions {
        /// How many were asked for.
        found: u32,
        /// The bound.
        most: u32,
    },
    /// A list that is good for too long, or not at all.
    #[error("a revocation list is good for 1 hour to {most} days, and {hours} hours were asked for")]
    CrlLifeOutOfRange {
        /// The hours asked for.
        hours: u64,
        /// The bound, in days.
        most: u64,
    },
    /// A delta changes a complete list, and there is none.
    #[error("there is no complete list of {ca:?} yet that a delta could change")]
    CrlBaseMissing {
        /// The CA.
        ca: String,
    },
    /// A list that, read back, is not what was meant.
    #[error("the new revocation list of {ca:?} was not put in its place: read back, {fault}")]
    CrlRehearsalFailed {
        /// The CA.
        ca: String,
        /// What it is instead.
        fault: String,
    },
    /// The rehearsal, a signature by a throwaway key, shows an error that users would meet.
    #[error("nothing was signed, since the certificate would not work: {message} ({code})")]
    RehearsalFailed {
        /// The finding's code.
        code: String,
        /// What it says.
        message: String,
        /// How it is mended.
        fix: String,
    },
    /// The folder for the files holds files of these names.
    #[error("{path} is there already, and is not written over", path = path.display())]
    OutputExists {
        /// The first file that is in the way.
        path: PathBuf,
        /// What it is in the way of.
        of: InTheWayOf,
    },

    /// A copy of the store that would be part of itself.
    #[error("{path} is in the store {dir} itself, which is to be copied", path = path.display(), dir = dir.display())]
    BackupInside {
        /// Where the copy was to be.
        path: PathBuf,
        /// The store.
        dir: PathBuf,
    },
    /// A file for the user cannot be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    OutputUnwritable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The certificate was made from a request, or went out with a batch: whoever sent that or got it has the key.
    #[error("the private key of {name:?} is not in the store: {}", match is_known {
        true => "the certificate was issued from a request, or in a batch that took the key along",
        false => "the certificate was issued from a request, or in a batch that took the key along, or the key was lost; \
                  an earlier release did not record which",
    })]
    KeyElsewhere {
        /// The certificate's name.
        name: String,
        /// Whether the index says so; it does not of what was issued before it was recorded.
        is_known: bool,
    },
    /// A private key that was made here is gone.
    #[error("the private key of {name:?} was made here and is lost: {key} does not hold it", key = key.display())]
    KeyLost {
        /// The certificate's name.
        name: String,
        /// Where the key was.
        key: PathBuf,
    },
    /// A server cannot show a client's certificate.
    #[error("{name:?} has another certificate than {program} needs")]
    NotForServers {
        /// The certificate's name.
        name: String,
        /// The program.
        program: &'static str,
    },
    /// A server knows nobody by a server's certificate.
    #[error("{name:?} has a certificate for servers, and {program} logs in with one for clients")]
    NotForClients {
        /// The certificate's name.
        name: String,
        /// The program.
        program: &'static str,
    },
    /// A PKCS#12 file with the empty password.
    #[error("an empty password protects nothing: whoever has the file would have the key (and Java would not open it)")]
    ExportPasswordEmpty,

    /// A folder whose name is not text: the index could not find it again.
    #[error("{path} is not UTF-8, and the store has to remember where the files are", path = path.display())]
    OutputNotText {
        /// The folder.
        path: PathBuf,
    },
    /// The private key beside a certificate is not its own.
    #[error("the key {key} is not that of {name:?}'s certificate: a renewal may have been cut short", key = key.display())]
    KeyNotCertificates {
        /// The key's file.
        key: PathBuf,
        /// The certificate's name.
        name: String,
    },
    /// A folder of the store that no certificate in the index belongs to.
    #[error("{path} is there, and the index knows of no certificate in it: a command was cut short before its last step", path = path.display())]
    Leftover {
        /// The folder.
        path: PathBuf,
    },

    /// A file that was given cannot be read.
    #[error("cannot read {what} {path}: {source}", path = path.display())]
    InputUnreadable {
        /// What the file is for.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file that was given holds something else than it should.
    #[error("{path} is no {expected}: {found}", path = path.display())]
    InputMalformed {
        /// The file.
        path: PathBuf,
        /// What was expected.
        expected: &'static str,
        /// What was found, and at which position.
        found: String,
    },
    /// A store's settings that do not read.
    #[error("{path}:{line}: {}{problem}", if key.is_empty() { String::new() } else { format!("{key}: ") }, path = path.display())]
    SettingsMalformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key, with its section; empty where the text is no TOML.
        key: String,
        /// What was expected, and what is there.
        problem: String,
    },
    /// A manifest of which nothing can be issued.
    #[error("{name} is no manifest of a batch: {reason}")]
    ManifestRefused {
        /// What it is called.
        name: String,
        /// What is wrong.
        reason: String,
        /// The columns that there are.
        columns: String,
    },
    /// The manifest was begun otherwise.
    #[error("{}; what is asked for is one {asked}", match finished {
        true => format!("every row of this manifest was issued already, by a batch {begun}"),
        false => format!("a batch of this manifest was begun {begun}"),
    })]
    BatchDiffers {
        /// Whether it was finished.
        finished: bool,
        /// How it was begun: with which flag.
        begun: String,
        /// What is asked for now.
        asked: String,
    },
    /// The target of a batch has less in it than was acknowledged.
    #[error("{path} was {expected} octets long when the batch was interrupted, and is {found} now: certificates and keys that were issued into it are gone", path = path.display())]
    BatchTargetLost {
        /// The file.
        path: PathBuf,
        /// Octets that were acknowledged.
        expected: u64,
        /// Octets that are there.
        found: u64,
    },
    /// A request whose signature is not by the key in it.
    #[error("the signature on the request {path} does not fit the key in it, so nothing shows that its sender has the private key: {reason}", path = path.display())]
    RequestSignature {
        /// The file.
        path: PathBuf,
        /// How it failed.
        reason: &'static str,
    },
    /// A request with a key that is not signed here.
    #[error("the key in the request {path} is not accepted: {reason}", path = path.display())]
    RequestKey {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A CA that was made elsewhere cannot issue here.
    #[error("{ca} of {path} is not taken over: {reason}", path = path.display())]
    ImportRefused {
        /// The file of the CA that was to issue.
        path: PathBuf,
        /// The subject of the certificate that does not do.
        ca: String,
        /// Why.
        reason: String,
    },
    /// The last revocation list of a CA that was made elsewhere does not do.
    #[error("{path} is not taken for the last revocation list of {ca}: {reason}", path = path.display())]
    ListRefused {
        /// The list's file.
        path: PathBuf,
        /// The CA.
        ca: String,
        /// Why.
        reason: String,
    },
    /// An empty passphrase protects nothing.
    #[error("{place} holds no passphrase: its first line is empty")]
    PassphraseEmpty {
        /// Where it was looked for.
        place: String,
    },

    /// The key that issues was to be kept out of the store.
    #[error(
        "the root's key can be kept out of the store only where another CA issues: without an intermediate the root itself \
         signs every certificate, and would have nothing to sign with"
    )]
    KeyOutOfIssuer,
    /// The file for a private key is there.
    #[error("{path} is there already, and is not written over: it may be the only copy of another key", path = path.display())]
    KeyOutExists {
        /// The file.
        path: PathBuf,
    },
    /// A key that is to be kept apart from the store would lie in it.
    #[error("{path} lies in the store, and the root's key is to be kept apart from it", path = path.display())]
    KeyOutInStore {
        /// The file.
        path: PathBuf,
    },
    /// A new passphrase was not typed twice alike.
    #[error("the two passphrases that were typed differ, and nothing was changed")]
    PassphrasesDiffer,

    /// There is no store in the folder.
    #[error("there is no store in {dir}", dir = dir.display())]
    StoreMissing {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder holds the files of a store, and no index of them.
    #[error("the index of the store {dir} is lost: the files of its certificates are there, and index.sqlite is not", dir = dir.display())]
    IndexLost {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder for a new store holds other things.
    #[error("{dir} is not empty and holds no store: it has {found:?}, for one, and is not taken over", dir = dir.display())]
    NotAStore {
        /// The folder.
        dir: PathBuf,
        /// Something that is there.
        found: String,
    },
    /// Nothing says where the store is.
    #[error("nothing says where the store is: neither --store nor PKI_STORE is given, and HOME is not set")]
    NoStoreFolder,
    /// The store has a CA.
    #[error("the store {dir} already has a certificate authority, {name:?}, valid until {not_after}; it was left as it is", dir = dir.display())]
    StoreHasCa {
        /// The store.
        dir: PathBuf,
        /// The root's name.
        name: String,
        /// The root's end, RFC 3339.
        not_after: String,
    },
    /// CA files that the index does not know.
    #[error("{path} is there, but the index {index} knows of no authority: it was left as it is", path = path.display(), index = index.display())]
    StrayCaFile {
        /// The file.
        path: PathBuf,
        /// The index.
        index: PathBuf,
    },
    /// The store has no CA yet.
    #[error("the store {dir} has no certificate authority yet", dir = dir.display())]
    NoCa {
        /// The store.
        dir: PathBuf,
    },
    /// The CA's private key is not in this store.
    #[error("the store {dir} does not hold the CA's private key, expected at {key}", dir = dir.display(), key = key.display())]
    NoCaKey {
        /// The store.
        dir: PathBuf,
        /// Where it was looked for.
        key: PathBuf,
    },
    /// The CA's certificate is not beside its private key.
    #[error("{certificate} is missing, or is not the certificate of the CA that issues; its private key {key} is there", certificate = certificate.display(), key = key.display())]
    CaFileLost {
        /// Where the certificate belongs.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// The root's private key is needed, and not in this store.
    #[error("the private key of the root {name:?} is not in the store {dir}, and only it can sign another CA", dir = dir.display())]
    NoRootKey {
        /// The root.
        name: String,
        /// The store.
        dir: PathBuf,
    },
    /// Another process holds the lock for longer than [`crate::store::LOCK_PATIENCE`].
    #[error("another process has held {path} for {seconds} seconds, and still does", path = path.display())]
    StoreLocked {
        /// The lock file.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// A file or folder that others than its owner can use.
    #[error("{path} has the permissions {found:04o}, and must have {expected:04o}: {reason}", path = path.display())]
    Permissions {
        /// The file or folder.
        path: PathBuf,
        /// Its mode.
        found: u32,
        /// What it should be.
        expected: u32,
        /// Why that matters.
        reason: &'static str,
    },
    /// A link stands where a folder or file of the store's own should be.
    #[error("{path} is a link, and nothing of the store is read or written through one", path = path.display())]
    LinkInStore {
        /// The link.
        path: PathBuf,
    },
    /// A file operation in the store failed.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Io {
        /// What was to be done: "write", "rename" and so on.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The index cannot be read or written.
    #[error("the index {path} cannot be used: {source}", path = path.display())]
    Index {
        /// The index.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// The index holds something that it should not.
    #[error("the index {path} is damaged: {reason}", path = path.display())]
    IndexDamaged {
        /// The index.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The store is of a later format.
    #[error("the store {dir} has format {found}, and this program knows formats up to {known}", dir = dir.display())]
    StoreTooNew {
        /// The store.
        dir: PathBuf,
        /// Its format.
        found: i64,
        /// The latest known.
        known: i64,
    },
    /// A CA certificate of the store does not read.
    #[error("{path} is no certificate of this store's CA: {reason}", path = path.display())]
    CaDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The CA's private key does not fit its certificate.
    #[error("the key {key} is not the key of the certificate {certificate}", key = key.display(), certificate = certificate.display())]
    CaKeyMismatch {
        /// The private key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
    },
    /// The private key cannot be read as one.
    #[error("{path} is no private key: expected a PKCS#8 PEM block, found {found}", path = path.display())]
    KeyMalformed {
        /// The file.
        path: PathBuf,
        /// What is there.
        found: String,
    },
    /// The private key needs a passphrase.
    #[error("the private key {path} is encrypted, and no passphrase was given", path = path.display())]
    KeyEncrypted {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase does not open the key.
    #[error("the passphrase does not open {path}", path = path.display())]
    PassphraseWrong {
        /// The key's file.
        path: PathBuf,
    },
    /// The certificate ends with its CA, and so would another.
    #[error(
        "{name:?} ends when its CA {ca:?} ends, at {not_after}: another certificate of this CA would live no longer"
    )]
    RenewalGainsNothing {
        /// The certificate's name.
        name: String,
        /// The CA.
        ca: String,
        /// The CA's end, RFC 3339.
        not_after: String,
    },
    /// The CA was rolled over between the reading of its key and its use.
    #[error("the CA {ca:?} was replaced by another process while this command began: nothing was signed")]
    CaReplaced {
        /// The CA.
        ca: String,
    },
    /// A CA's key file was written anew by another process, which has changed its passphrase.
    #[error(
        "the private key {path} was changed by another process while this command began, as for another passphrase: nothing was signed",
        path = path.display()
    )]
    CaKeyReplaced {
        /// The key.
        path: PathBuf,
    },
    /// The CA has expired.
    #[error("the CA {ca:?} expired at {not_after}: what it signs now is valid nowhere")]
    IssuerExpired {
        /// The CA.
        ca: String,
        /// Its end, RFC 3339.
        not_after: String,
    },

    /// The CA was revoked by the one above it.
    #[error("the CA {ca:?} was revoked at {at} ({reason}): what it signs now is valid nowhere")]
    IssuerRevoked {
        /// The CA.
        ca: String,
        /// Since when, RFC 3339.
        at: String,
        /// Why.
        reason: Reason,
    },

    /// The crypto library refused what should always work.
    #[error("{what} failed: {reason}")]
    Crypto {
        /// What was being done.
        what: &'static str,
        /// The library's reason.
        reason: String,
    },
}

impl Error {
    /// What to do next: explanation, and on lines of their own the commands to type.
    pub fn hint(&self) -> Option<String> {
        self.hint_to(Asking::Issue)
    }

    /// As [`Error::hint`], for names that were given to this command.
    pub fn hint_to(&self, asking: Asking) -> Option<String> {
        crate::hint::of(self, asking)
    }
}
