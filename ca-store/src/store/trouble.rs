//! What is not as it should be in a store: half done, damaged, or changed behind its back.

use serde::Serialize;

/// What kind of trouble it is. A code never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TroubleCode {
    /// An entry of the log is not what was hashed.
    EntryChanged,
    /// Entries of the log are missing.
    EntryMissing,
    /// An entry of the log does not hold the hash of the one before it.
    LinkBroken,
    /// The log ends before its signed head, or has another entry in its place.
    TailMissing,
    /// There is no signed head, and there has to be one.
    HeadMissing,
    /// The signature of the head is not by the CA that it names.
    HeadForged,
    /// The log did not reach its signed head when the next one was signed.
    Alarm,
    /// The log is not the one that was expected.
    HeadUnexpected,
    /// A certificate is not the one in the log.
    CertificateDiffers,
    /// A certificate is not in the log.
    CertificateUnlogged,
    /// A certificate of the log is not in the index.
    CertificateMissing,
    /// A serial number that was reserved is not in the index.
    SerialMissing,
    /// A revocation of the log is not in the index.
    RevocationTakenBack,
    /// A revocation of the index is not in the log.
    RevocationUnlogged,
    /// A revocation was lifted in the index, and the log has neither.
    ReleaseUnlogged,
    /// A serial number was given up in the index, and not in the log.
    WithdrawalUnlogged,
    /// A revocation list of the index is not in the log.
    ListUnlogged,
    /// A revocation list of the log is not in the index.
    ListMissing,
    /// The index would give a number again that a list of the log has.
    ListNumberLowered,
    /// The last number of a CA's lists is above all that were reserved.
    ListNumberRaised,
    /// Where lists are found was changed in the index, and not in the log.
    PointsUnlogged,
    /// A column of the index does not say what the certificate says.
    ColumnDiffers,
    /// A CA's certificate is not in the log.
    AuthorityUnlogged,
    /// A CA of the log is not in the index.
    AuthorityMissing,
    /// SQLite finds its file damaged.
    IndexDamaged,
    /// Others than its owner can use a file or folder.
    WrongMode,
    /// A file or folder belongs to another user than the store.
    WrongOwner,
    /// A serial number was reserved and nothing was signed with it.
    SerialUnused,
    /// A certificate was planned and perhaps signed, and is in no file.
    PlanUnfinished,
    /// A certificate was written and is not in the index.
    NotIndexed,
    /// A batch was cut short, and certificates of it were signed perhaps and not recorded.
    BatchUnfinished,
    /// A file that a crash left beside its place.
    Leftover,
    /// Files of a certificate are not there.
    FilesMissing,
    /// A file does not hold what the index has.
    FilesDiffer,
    /// A private key is not that of the certificate beside it.
    KeyDiffers,
    /// The private key of the CA that issues, or one that was made here for a certificate, is not there.
    KeyMissing,
    /// The making of a CA was cut short.
    AuthorityUnfinished,
    /// A CA certificate among the files that the index does not know.
    AuthorityUnknown,
    /// A certificate among the files that a CA of this store has signed, and that the index does not know.
    CertificateUnknown,
    /// A folder among those of the certificates that the index does not know.
    FolderUnknown,
    /// A link stands where a folder or file of the store's own should be.
    LinkFound,
    /// The number of a revocation list was reserved, and the list is not recorded.
    ListUnfinished,
    /// The file of a revocation list is not there, or is another list.
    ListDiffers,
}

impl TroubleCode {
    /// As JSON has it.
    pub fn as_str(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// What kind of trouble it is.
    pub code: TroubleCode,
    /// Where: an entry of the log, a certificate, a file.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What should be there, where that can be said in a word.
    pub expected: Option<String>,
    /// What is there.
    pub found: Option<String>,
    /// What to type next: sentences, and commands each on a line of its own. Nothing where it was mended.
    pub next: String,
    /// How it was mended.
    pub repaired: Option<String>,
}

impl Trouble {
    /// Trouble that has no more to it yet than what and where.
    pub(crate) fn new(code: TroubleCode, place: impl Into<String>, message: impl Into<String>) -> Trouble {
        let (place, message, next) = (place.into(), message.into(), String::new());
        Trouble { code, place, message, expected: None, found: None, next, repaired: None }
    }

    /// What should be there, and what is.
    pub(crate) fn between(mut self, expected: impl Into<String>, found: impl Into<String>) -> Trouble {
        (self.expected, self.found) = (Some(expected.into()), Some(found.into()));
        self
    }

    /// What to type next.
    pub(crate) fn next(mut self, next: impl Into<String>) -> Trouble {
        self.next = next.into();
        self
    }
}

/// Troubles that are told one by one: a person reads the first few, and a million more must not fill the memory.
pub const MAX_TROUBLES: usize = 1000;

/// Troubles as they are found, up to [`MAX_TROUBLES`]; of the others the number is kept.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    pub(crate) told: Vec<Trouble>,
    pub(crate) untold: u64,
}

impl Extend<Trouble> for Troubles {
    fn extend<I: IntoIterator<Item = Trouble>>(&mut self, troubles: I) {
        troubles.into_iter().for_each(|trouble| self.push(trouble));
    }
}

impl Troubles {
    pub(crate) fn push(&mut self, trouble: Trouble) {
        if self.told.len() < MAX_TROUBLES {
            self.told.push(trouble);
        } else {
            self.untold += 1;
        }
    }
}
