//! What to type about keys: those of the CAs, and those of requests.

use crate::error::Error;
use crate::shell::quote_file;

pub(super) fn of(error: &Error) -> Option<String> {
    Some(match error {
        Error::NoCaKey { .. } => {
            "sign on the machine that has the key, from a request:\npki issue server NAME --csr FILE".into()
        }
        Error::ImportRefused { path, .. } | Error::ListRefused { path, .. } => format!("pki inspect {}", quote_file(&path.display().to_string())),
        Error::NoRootKey { .. } => "give its file: --root-key FILE".into(),
        Error::KeyOutNeeded => "say where it goes: --root-key-out FILE".into(),
        Error::RolloverUnfinished { .. } => "renew what is left of the old one, and finish:\n\
             pki list --issued-by old\npki rollover --finish"
            .into(),
        Error::NoRollover { .. } => "pki rollover --root".into(),
        Error::OldRootInUse { .. } => "renew them, give those to clients that know the new root, and come back; or, if \
             they may fail:\npki list --issued-by old\npki rollover --finish --even-in-use"
            .into(),
        Error::KeyOutOfIssuer => {
            "pki init-ca --name 'Example Root CA' --intermediate 'Example Issuing CA' --root-key-out root.key".into()
        }
        Error::KeyOutExists { .. } => {
            "give another file: this one may be the only key of a CA; only what a command that was cut short has just written \
             belongs to none, and can be moved away"
                .into()
        }
        Error::KeyOutInStore { .. } => "give a file on another medium: --root-key-out /media/usb/root.key".into(),
        Error::KeyEncrypted { .. } | Error::PassphraseWrong { .. } | Error::PassphraseEmpty { .. } => {
            "put the passphrase on the first line of a file, and give it with --passphrase-file FILE or \
             PKI_PASSPHRASE_FILE=FILE; from a pipe with --passphrase-fd N; on a terminal it is asked for"
                .into()
        }
        Error::RequestKey { .. } | Error::RequestSignature { .. } => {
            "make a key and a request for it:\n\
             openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout privkey.pem -out request.csr -subj /"
                .into()
        }
        Error::InputMalformed { path, .. } => format!("pki inspect {}", quote_file(&path.display().to_string())),
        Error::Crypto { .. } | Error::CrlRehearsalFailed { .. } => "this is a bug; please report the command and this message".into(),
        _ => return None,
    })
}
