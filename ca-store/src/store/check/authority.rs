//! The CAs of the index beside their files.

use std::fs;
use std::path::{Path, PathBuf};

use super::Findings;
use super::files::key_fits;
use super::remedy::Remedy;
use crate::error::Error;
use crate::facts;
use crate::shell::quote_file;
use crate::store::Store;
use crate::store::ca_files::first_certificate;
use crate::store::index::Index;
use crate::store::layout::{self, CA};
use crate::store::trouble::{Trouble, TroubleCode};

/// A CA of the index.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: i64,
    role: String,
    state: String,
    name: String,
    certificate: Vec<u8>,
}

/// Looks at every CA: whether its making was finished, its certificate is in its file, and its key is its own.
///
/// # Errors
/// [`Error::Index`].
pub(super) fn check(store: &Store, index: &Index, findings: &mut Findings) -> Result<(), Error> {
    let rows: Vec<Row> = index.run(|connection| {
        let query = "SELECT id, role, state, name, certificate FROM authority ORDER BY id";
        let mut query = connection.prepare(query)?;
        let read = |row: &rusqlite::Row<'_>| {
            let certificate = row.get::<_, Option<Vec<u8>>>(4)?.unwrap_or_default();
            Ok(Row { id: row.get(0)?, role: row.get(1)?, state: row.get(2)?, name: row.get(3)?, certificate })
        };
        query.query_map([], read)?.collect()
    })?;
    let files = certificates(&store.dir().join(CA));
    for row in &rows {
        match row.state.as_str() {
            "planned" => row.unfinished(findings),
            _ => row.beside_files(store, &files, findings),
        }
    }
    let again = index.recertified()?;
    again.iter().filter(|it| it.is_planned()).for_each(|it| it.unfinished(findings));
    let is_known = |der: &Vec<u8>| {
        rows.iter().any(|row| row.certificate == *der || row.state == "planned")
            || again.iter().any(|it| it.is_planned() || it.certificate.as_ref() == Some(der))
    };
    for (path, der) in &files {
        if !is_known(der) {
            row_missing(path, findings);
        }
        check_key(path, der, findings);
    }
    if let Some(issuing) = index.issuing_authority()?.and_then(|id| rows.iter().find(|row| row.id == id)) {
        issuing.check_issuing_key(&files, findings);
    }
    Ok(())
}

/// The files of CA certificates, each with its own: a root's holds all roots that are trusted, its own first.
fn certificates(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_pem = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "pem");
    let mut paths: Vec<PathBuf> = entries.filter(is_pem).collect();
    paths.sort();
    paths.into_iter().filter_map(|path| first_certificate(&path).map(|der| (path, der))).collect()
}

fn key_of(certificate: &Path) -> PathBuf {
    certificate.with_extension("key")
}

fn row_missing(path: &Path, findings: &mut Findings) {
    let message = "the index knows of no CA with this certificate";
    let place = path.display().to_string();
    let next = format!("see what it is:\npki inspect {}", quote_file(&place));
    findings.push(Trouble::new(TroubleCode::AuthorityUnknown, place, message).next(next), None);
}

fn check_key(certificate: &Path, der: &[u8], findings: &mut Findings) {
    let key = key_of(certificate);
    if key.exists() && key_fits(&key, der) == Some(false) {
        let message = format!("it is not the key of {}", certificate.display());
        let next = "a roll-over that was cut short is finished with\npki check --repair\n\
                    otherwise bring the right one back from a backup of the store";
        findings.push(Trouble::new(TroubleCode::KeyDiffers, key.display().to_string(), message).next(next), None);
    }
}

impl Row {
    fn place(&self) -> String {
        format!("the CA {:?}", self.name)
    }

    fn unfinished(&self, findings: &mut Findings) {
        let message = "its making was cut short: it has issued nothing";
        let trouble = Trouble::new(TroubleCode::AuthorityUnfinished, self.place(), message);
        findings.push(trouble, Some(Remedy::WithdrawAuthority(self.id)));
    }

    fn beside_files(&self, store: &Store, files: &[(PathBuf, Vec<u8>)], findings: &mut Findings) {
        if files.iter().any(|(_, der)| *der == self.certificate) || self.state == "retired" || self.role == "cross" {
            return;
        }
        let known = if self.role == "root" { layout::ROOT } else { layout::ISSUING };
        let path = store.dir().join(known.certificate);
        let message = format!("no file of ca/ holds its certificate; {} should", known.certificate);
        let trouble = Trouble::new(TroubleCode::FilesDiffer, self.place(), message);
        let readable = facts::Certificate::from_der(&self.certificate).is_ok();
        if readable && !files.iter().any(|(file, _)| *file == path) {
            findings.push(trouble, Some(Remedy::WriteAuthority(path, self.certificate.clone())));
        } else {
            let next =
                "see which of the two the clients have, and bring that back from a backup:\npki inspect ca/root.pem";
            findings.push(trouble.next(next), None);
        }
    }

    /// A root above an issuing CA may have its key elsewhere; who issues needs it here.
    fn check_issuing_key(&self, files: &[(PathBuf, Vec<u8>)], findings: &mut Findings) {
        let file = files.iter().find(|(_, der)| *der == self.certificate);
        let Some(key) = file.map(|(path, _)| key_of(path)).filter(|key| !key.exists()) else { return };
        let message = "the key of the CA that issues is not there: nothing can be issued, nor any list signed";
        let next = "bring it back from a backup of the store";
        findings.push(Trouble::new(TroubleCode::KeyMissing, key.display().to_string(), message).next(next), None);
    }
}
