//! Whose matter an error is.

use super::Error;

/// Whose matter an error is; the programs turn it into an exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// What was asked for cannot be done: ask for something else.
    Usage,
    /// A file that was given cannot be read or understood.
    Input,
    /// The store is missing, locked, damaged, or open to others.
    Store,
    /// The network, or the other side of it.
    Network,
    /// A fault of this program.
    Bug,
}

impl Error {
    /// Whose matter it is.
    pub fn kind(&self) -> ErrorKind {
        use Error::*;
        match self {
            InputUnreadable { .. }
            | InputMalformed { .. }
            | SettingsMalformed { .. }
            | ManifestRefused { .. }
            | RequestSignature { .. }
            | RequestKey { .. }
            | PassphraseEmpty { .. }
            | OutputUnwritable { .. } => ErrorKind::Input,
            PassphrasesDiffer | ImportRefused { .. } | ListRefused { .. } => ErrorKind::Input,
            StoreMissing { .. }
            | IndexLost { .. }
            | CaFileLost { .. }
            | NotAStore { .. }
            | NoStoreFolder
            | StoreHasCa { .. }
            | StrayCaFile { .. }
            | NoCa { .. }
            | NoRootKey { .. } => ErrorKind::Store,
            KeyNotCertificates { .. } | KeyLost { .. } | Leftover { .. } | BatchTargetLost { .. } => ErrorKind::Store,
            NoCaKey { .. } | StoreLocked { .. } | Permissions { .. } | LinkInStore { .. } => ErrorKind::Store,
            Io { .. } | Index { .. } => ErrorKind::Store,
            CaKeyReplaced { .. }
            | IndexDamaged { .. }
            | StoreTooNew { .. }
            | CaDamaged { .. }
            | CaKeyMismatch { .. } => ErrorKind::Store,
            KeyMalformed { .. } | KeyEncrypted { .. } | PassphraseWrong { .. } => ErrorKind::Store,
            IssuerExpired { .. } | IssuerRevoked { .. } | RenewalGainsNothing { .. } | CaReplaced { .. } => {
                ErrorKind::Store
            }
            Crypto { .. } | CrlRehearsalFailed { .. } => ErrorKind::Bug,
            _ => ErrorKind::Usage,
        }
    }
}
