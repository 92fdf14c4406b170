//! What to type next, for each error. Kept apart from [`Error`] so that causes and cures can each be read as a list.

use crate::error::{Error, InTheWayOf};
use crate::profile::Purpose;
use crate::reason::Reason;
use crate::shell::quote;

/// The hint of `error`: sentences, and commands each on a line of its own that begins with the program's name.
pub(crate) fn of(error: &Error) -> Option<String> {
    of_names(error).or_else(|| of_store(error)).or_else(|| of_keys(error))
}

fn of_names(error: &Error) -> Option<String> {
    Some(match error {
        Error::NameMissing { purpose: Purpose::Server } => "pki issue server chat.example.test 192.0.2.7".into(),
        Error::NameMissing { purpose: Purpose::Client } => "pki issue client alice".into(),
        Error::NameMissing { purpose: Purpose::Intermediate } | Error::AuthorityNameRefused { .. } => {
            "give it a name of its own:\npki sign FILE --profile intermediate --name 'Example Department CA'".into()
        }
        Error::RenewedFromRequest { .. } => {
            "its owner makes a request with the same key, and it takes the place of the old one:\n\
             pki sign FILE --profile intermediate"
                .into()
        }
        Error::NameRefused { name, purpose, fault } => return fault.hint(name, *purpose),
        Error::CaNameRefused { name, fault } => return fault.hint(name),
        Error::CaNamesEqual { root, .. } => {
            format!(
                "pki init-ca --name {} --intermediate {}",
                quote(&format!("{root} Root")),
                quote(&format!("{root} Issuing"))
            )
        }
        Error::CaNameTaken { suggestion, .. } => format!("choose another, such as: --name {}", quote(suggestion)),
        Error::ConstraintRefused { fault, .. } => fault.hint()?,
        Error::SubjectIsIssuers { subject, names, purpose, .. } => subject_is_issuers(subject, names, *purpose),
        Error::NameNotPermitted { .. } => "ask for a name within those limits, or make an authority without them in a \
             store of its own:\npki --store DIR init-ca --name 'Another Root CA'"
            .into(),
        Error::NotAllowed { .. } => "ask for what it allows, or change it there".into(),
        Error::CommonNameNotInNames { common_name, .. } => {
            format!("add {common_name} to the names, or leave --common-name out")
        }
        Error::AlreadyIssued { name, .. } => {
            format!(
                "to issue it again, with more names if need be, or to see it:\npki renew {0}\n\
                 pki renew {0} --add ANOTHER.NAME\npki show {0}",
                quote(name)
            )
        }
        Error::NameFallsTogether { existing, .. } => format!("choose another name, or\npki renew {}", quote(existing)),
        Error::NotIssued { .. } => "pki list".into(),
        Error::RevokedBefore { name, .. } | Error::KeyRevoked { name, .. } => {
            format!("issue it again, with a new key:\npki renew {} --rekey", quote(name))
        }
        Error::CrlUrlRefused { .. } | Error::CrlUrlMissing => {
            "pki crl --partitions 16 --url http://crl.example.test".into()
        }
        Error::CrlBaseMissing { .. } => "pki crl".into(),
        Error::OnHold { name, .. } => format!(
            "lift the hold, or revoke it for good:\npki revoke {0} --reason removeFromCRL\n\
             pki revoke {0} --reason privilegeWithdrawn",
            quote(name)
        ),
        Error::ReasonRefused { reason: Reason::RemoveFromCrl, name, .. } => format!("pki show {}", quote(name)),
        Error::ReasonRefused { name, reason: Reason::KeyCompromise, .. } => {
            format!("pki revoke {} --reason cACompromise", quote(name))
        }
        Error::ReasonRefused { name, reason: Reason::CaCompromise, .. } => {
            format!("pki revoke {} --reason keyCompromise", quote(name))
        }
        Error::ReasonRefused { name, .. } => format!("pki revoke {} --reason privilegeWithdrawn", quote(name)),
        Error::RehearsalFailed { fix, .. } => fix.clone(),
        Error::KeyElsewhere { .. } => "where the key is, openssl puts both into one file:\n\
             openssl pkcs12 -export -in fullchain.pem -inkey privkey.pem -certfile ca.pem -out certificate.p12"
            .into(),
        Error::NotForServers { program, .. } => {
            format!(
                "give the name of a server's certificate:\npki issue server www.example.test\npki config {program} www.example.test"
            )
        }
        Error::ExportPasswordEmpty => "write a password into a file that only you can read, and give it with\n\
             pki export p12 NAME --password-file FILE"
            .into(),
        Error::ManifestRefused { columns, .. } => format!(
            "the first line names the columns, and each line after it is a certificate; key and days may be left out:\n\
             {columns}\nserver,chat.example.test 192.0.2.7,ecdsa-p256,90\nclient,alice alice@example.test"
        ),
        Error::BatchDiffers { finished: true, .. } => {
            "its certificates are where that batch put them: copy them from there; a new \
             one for a name, with a new key:\npki renew NAME --rekey"
                .into()
        }
        Error::BatchDiffers { begun, .. } => {
            format!("go on as it was begun, {begun}; or take the rows that were issued out of the manifest")
        }
        Error::OutputNotText { .. } => "give a folder whose name is text: --out DIR".into(),
        Error::BackupInside { .. } => "give a folder elsewhere, best on another disk".into(),
        Error::OutputExists { of, .. } => match of {
            InTheWayOf::Certificate => "give another place, or move what is there away; a certificate of the store is \
                 replaced with\npki renew NAME"
                .into(),
            InTheWayOf::Export => "give another place, or write over it with --force".into(),
            InTheWayOf::Whole => "give another place, or move what is there away".into(),
        },
        Error::OutputUnwritable { path, .. } => {
            let there = path.ancestors().find(|path| path.exists()).unwrap_or(path);
            format!("give another place, or see what is there:\nls -ld {}", quote(&there.display().to_string()))
        }
        _ => return None,
    })
}

fn subject_is_issuers(subject: &str, names: &[String], purpose: Purpose) -> String {
    if purpose == Purpose::Client {
        return format!("pki issue client {}", quote(&format!("{subject} client")));
    }
    let words: Vec<_> = names.iter().map(|name| quote(name)).collect();
    format!(
        "leave the common name out, which no client needs, or better make the CA anew under a name that is no host's:\n\
         pki issue server {} --common-name ''",
        words.join(" ")
    )
}

/// Without its index a store cannot be told from a forgery of it: it is not made anew from the files.
const BRING_INDEX_BACK: &str = "bring it back from a backup of the store, and see what that lacks:\npki check";

/// By SQLite's own code.
fn of_index(source: &rusqlite::Error) -> Option<String> {
    use rusqlite::ErrorCode::{CannotOpen, DatabaseCorrupt, DiskFull, NotADatabase, ReadOnly};
    Some(match source.sqlite_error_code()? {
        DiskFull => "make room on the file system and repeat the command; nothing was lost".into(),
        NotADatabase | DatabaseCorrupt => BRING_INDEX_BACK.into(),
        ReadOnly | CannotOpen => {
            "the store cannot be written to; where changes wait in index.sqlite-wal, not even reading can do \
             without. Copy it to where you can write, and use the copy:\ncp -a STORE DIR\npki --store DIR check"
                .into()
        }
        _ => return None,
    })
}

fn of_store(error: &Error) -> Option<String> {
    Some(match error {
        Error::StoreMissing { .. } | Error::NoCa { .. } => "pki init-ca --name 'Example Root CA'".into(),
        Error::CaFileLost { .. } => "the index has the certificate, and writes it again:\npki check --repair".into(),
        Error::IndexLost { .. } => BRING_INDEX_BACK.into(),
        Error::Index { source, .. } => return of_index(source),
        Error::KeyNotCertificates { name, .. } => format!("make a new key for it:\npki renew {} --rekey", quote(name)),
        Error::KeyLost { name, .. } => {
            format!("bring it back from a backup, or make a new one:\npki renew {} --rekey", quote(name))
        }
        Error::Leftover { path } => {
            let path = quote(&path.display().to_string());
            format!("move it away, and repeat the command:\nmv {path} {path}.cut-short")
        }
        Error::BatchTargetLost { .. } => "bring the file back from where it was moved or copied to, and repeat the \
             command; or make new keys for its certificates, one by one:\npki renew NAME --rekey"
            .into(),
        Error::NotAStore { dir, .. } => format!(
            "give a folder that is new, or empty:\npki --store {} init-ca --name 'Example Root CA'",
            quote(&dir.join("pki").display().to_string())
        ),
        Error::NoStoreFolder => "give the folder with --store DIR or PKI_STORE=DIR".into(),
        Error::StoreHasCa { .. } => "issue from it, or make another CA in a folder of its own:\n\
             pki issue server chat.example.test\n\
             pki --store DIR init-ca --name 'Another Root CA'"
            .into(),
        Error::StrayCaFile { path, .. } => format!(
            "if the index was lost, bring it back from a backup; if the file is not wanted, move it away:\nmv {0} {0}.old",
            quote(&path.display().to_string())
        ),
        Error::StoreLocked { path, .. } => {
            format!("see which process it is:\nfuser -v {}", quote(&path.display().to_string()))
        }
        Error::Permissions { path, expected, .. } => {
            format!("chmod {expected:o} {}", quote(&path.display().to_string()))
        }
        Error::LinkInStore { path } => link_replaced(path),
        Error::CaReplaced { .. } => "repeat the command".into(),
        Error::StoreTooNew { .. } => "use the program that made the store, or a later one".into(),
        Error::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            "make room on the file system and repeat the command; nothing was lost".into()
        }
        Error::Io { source, path, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
            // What does not exist yet belongs to nobody: its folder does.
            let there = path.ancestors().find(|path| path.exists()).unwrap_or(path);
            format!("see whose it is:\nls -ld {}", quote(&there.display().to_string()))
        }
        Error::RenewalGainsNothing { .. } => "a new CA has to take over first:\npki rollover".into(),
        Error::IssuerRevoked { .. } => "make a new CA below the same root:\npki rollover --intermediate".into(),
        Error::IssuerExpired { .. } => "make a new CA in a folder of its own, and give its root to the clients:\n\
             pki --store DIR init-ca --name 'Another Root CA'"
            .into(),
        _ => return None,
    })
}

fn of_keys(error: &Error) -> Option<String> {
    Some(match error {
        Error::NoCaKey { .. } => {
            "sign on the machine that has the key, from a request:\npki issue server NAME --csr FILE".into()
        }
        Error::ImportRefused { path, .. } => format!("pki inspect {}", quote(&path.display().to_string())),
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
        Error::InputMalformed { path, .. } => format!("pki inspect {}", quote(&path.display().to_string())),
        Error::Crypto { .. } | Error::CrlRehearsalFailed { .. } => "this is a bug; please report the command and this message".into(),
        _ => return None,
    })
}

/// What puts a copy of what a link leads to in its place.
pub(crate) fn link_replaced(path: &std::path::Path) -> String {
    let link = quote(&path.display().to_string());
    format!(
        "put a copy of what it leads to in its place:\ncp -aL {link} {link}.copy && rm {link} && mv {link}.copy {link}"
    )
}
