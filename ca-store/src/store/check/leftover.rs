//! What a crash left beside the files, and folders that nobody knows of.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::Findings;
use super::remedy::Remedy;
use super::unfinished::certificate_of;
use crate::error::{AtPath as _, Error};
use crate::facts;
use crate::hint::link_replaced;
use crate::shell::quote_file;
use crate::store::index::Index;
use crate::store::layout::{CA, CERT, CERTS, CRLS, is_draft};
use crate::store::permission::is_link;
use crate::store::trouble::{Trouble, TroubleCode};
use crate::store::{Store, layout};

/// Looks for drafts in every folder of the store, and for folders in `certs/` that no row speaks of.
///
/// # Errors
/// [`Error::Index`] or [`Error::Io`].
pub(super) fn check(store: &Store, index: &Index, findings: &mut Findings) -> Result<(), Error> {
    drafts(store.dir(), findings)?;
    drafts(&store.dir().join(CA), findings)?;
    drafts(&store.dir().join(CRLS), findings)?;
    let folders = elsewhere(index)?;
    // A batch has put thousands beside each other.
    let beside: BTreeSet<&Path> = folders.iter().map(|folder| folder.parent().unwrap_or(folder)).collect();
    for folder in folders.iter().map(PathBuf::as_path).chain(beside) {
        drafts(folder, findings)?;
    }
    let certs = store.dir().join(CERTS);
    drafts(&certs, findings)?;
    let known = known_folders(index)?;
    for path in entries(&certs)? {
        if is_link(&path) {
            findings.push(link(&path), None);
            continue;
        }
        if !path.is_dir() {
            continue;
        }
        entries(&path)?.iter().filter(|file| is_link(file)).for_each(|file| findings.push(link(file), None));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        drafts(&path, findings)?;
        if !is_draft(&name) && !known.contains(&name) {
            stranger(index, &path, findings)?;
        }
    }
    Ok(())
}

/// Where unfinished certificates were to be written, if not in the store.
fn elsewhere(index: &Index) -> Result<Vec<PathBuf>, Error> {
    let folders: Vec<String> = index.run(|connection| {
        let query = "SELECT DISTINCT folder FROM certificate WHERE folder IS NOT NULL AND (state IN ('reserved', 'planned') \
                     OR state = 'issued' AND replaced_by IS NULL)";
        connection.prepare(query)?.query_map([], |row| row.get(0))?.collect()
    })?;
    Ok(folders.into_iter().map(PathBuf::from).collect())
}

fn known_folders(index: &Index) -> Result<HashSet<String>, Error> {
    index.run(|connection| {
        let query = "SELECT name FROM certificate WHERE folder IS NULL AND state != 'withdrawn'";
        connection.prepare(query)?.query_map([], |row| row.get(0))?.collect()
    })
}

/// The entries of a folder; none where it is not there.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).at("look into", folder)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).at("look into", folder));
    let mut paths = paths.collect::<Result<Vec<_>, Error>>()?;
    paths.sort();
    Ok(paths)
}

fn drafts(folder: &Path, findings: &mut Findings) -> Result<(), Error> {
    for path in entries(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let told = |found: &super::Found| matches!(&found.remedy, Some(Remedy::RemoveDraft(known)) if *known == path);
        if !is_draft(&name) {
            continue;
        }
        let place = layout::place_of(&path);
        let explained = findings.unfinished.contains(folder) || findings.unfinished.contains(&place);
        if !explained && !findings.found.iter().any(told) {
            let message = "a writing was cut short and left it";
            let trouble = Trouble::new(TroubleCode::Leftover, path.display().to_string(), message);
            findings.push(trouble, Some(Remedy::RemoveDraft(path)));
        }
    }
    Ok(())
}

/// What a link leads to is read and written by others, so it is not the store's.
fn link(path: &Path) -> Trouble {
    let message = "it is a link: nothing of the store is read or written through it";
    Trouble::new(TroubleCode::LinkFound, path.display().to_string(), message).next(link_replaced(path))
}

/// A folder whose name the index does not know.
fn stranger(index: &Index, path: &Path, findings: &mut Findings) -> Result<(), Error> {
    let place = path.display().to_string();
    let aside = format!("if it is not wanted, move it away:\nmv {0} {0}.old", quote_file(&place));
    let certificate = certificate_of(&path.join(CERT.name));
    let ours = match &certificate {
        Some(certificate) => super::certificate::issuer(index, certificate)?,
        None => None,
    };
    let trouble = match (certificate, ours) {
        (Some(certificate), Some(ca)) => {
            let message = format!(
                "its certificate {} was signed by {ca:?}, and the index has none of it: signed behind the store's back, or of \
                 another copy of it",
                facts::hex(&certificate.serial)
            );
            Trouble::new(TroubleCode::CertificateUnknown, place, message).next(aside)
        }
        _ => Trouble::new(TroubleCode::FolderUnknown, place, "the index knows of no certificate with that name")
            .next(aside),
    };
    findings.push(trouble, None);
    Ok(())
}
