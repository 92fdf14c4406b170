//! What to type about files that are given, and those that are to be written.

use crate::error::{Error, InTheWayOf};
use crate::shell::quote_file;

pub(super) fn of(error: &Error) -> Option<String> {
    Some(match error {
        Error::KeyElsewhere { .. } => "where the key is, openssl puts both into one file:\n\
             openssl pkcs12 -export -in fullchain.pem -inkey privkey.pem -certfile ca.pem -out certificate.p12"
            .into(),
        Error::NotForServers { program, .. } => {
            format!(
                "give the name of a server's certificate:\npki issue server www.example.test\npki config {program} www.example.test"
            )
        }
        Error::NotForClients { program, .. } => {
            format!("give the name of a client's certificate:\npki issue client alice\npki config {program} alice")
        }
        Error::ExportPasswordEmpty => {
            "write a password into the first line of a file that only you can read, and give it with\n\
             pki export p12 NAME --password-file FILE"
                .into()
        }
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
            format!("give another place, or see what is there:\nls -ld {}", quote_file(&there.display().to_string()))
        }
        _ => return None,
    })
}
