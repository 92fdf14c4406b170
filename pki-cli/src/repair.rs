//! Mended copies: what could be read in spite of a fault, written anew in the right order and form.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ca_store::container;
use ca_store::explain::{Evidence, Presented, Report};
use ca_store::facts::{BlockKind, Input, PrivateKey, to_pem};
use zeroize::Zeroizing;

use crate::evidence::read;

/// Writes `fullchain.pem`, `privkey.pem`, `ca.pem` and `crl.pem`, as far as there is something to write, into the folder.
/// Nothing that is there is written over.
///
/// # Errors
/// Where the folder cannot be made, or a file of that name is there already: then nothing is written.
pub(crate) fn write(evidence: &Evidence, report: &Report, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let files = [
        ("fullchain.pem", Zeroizing::new(chain(evidence, report)), 0o644),
        ("privkey.pem", key(evidence), 0o600),
        ("ca.pem", Zeroizing::new(certificates(evidence.trust.iter())), 0o644),
        ("crl.pem", Zeroizing::new(crls(evidence)), 0o644),
    ];
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let files = files.iter().filter(|(_, text, _)| !text.is_empty());
    if let Some((name, ..)) = files.clone().find(|(name, ..)| folder.join(name).symlink_metadata().is_ok()) {
        let there = folder.join(name);
        anyhow::bail!(
            "{} is there already, and is not written over: give --repair a folder that is new",
            there.display()
        );
    }
    files.map(|(name, text, mode)| create(&folder.join(name), text, *mode)).collect()
}

/// Never over a file that is there: the mended copy is for comparing.
fn create(path: &Path, text: &str, mode: u32) -> anyhow::Result<PathBuf> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path).with_context(|| {
        format!("cannot write the mended copy {}: give --repair a folder that is new", path.display())
    })?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path.to_owned())
}

/// The path without its root; all that the file held, in its order, where there is no path.
fn chain(evidence: &Evidence, report: &Report) -> String {
    let on_path = report.chain.iter().filter(|entry| entry.role != "root");
    let find = |sha256: &str| evidence.chain.iter().find(|p| p.certificate.sha256_hex() == sha256);
    let by_path: Vec<&Presented> = on_path.filter_map(|entry| find(&entry.sha256)).collect();
    if by_path.is_empty() { certificates(evidence.chain.iter()) } else { certificates(by_path.into_iter()) }
}

fn certificates<'a>(list: impl Iterator<Item = &'a Presented>) -> String {
    list.map(|p| to_pem("CERTIFICATE", p.certificate.der())).collect()
}

/// What a file holds, opened.
fn input(evidence: &Evidence, file: &str) -> Option<Input> {
    let bytes = read(Path::new(file)).ok()?;
    Some(container::open(Input::read(&bytes), evidence.passphrase.as_ref()))
}

/// The key again, opened, under the label that its form asks for.
fn key(evidence: &Evidence) -> Zeroizing<String> {
    let text = evidence.key.as_ref().and_then(|key| {
        let input = input(evidence, &key.file)?;
        input.blocks.iter().find_map(|block| {
            let read = PrivateKey::from_der(&block.der).ok()?;
            let same = match (&read.public_key, &key.key.public_key) {
                (Some(read), Some(known)) => read.same_as(known),
                _ => true,
            };
            same.then(|| to_pem(PrivateKey::form(&block.der).unwrap_or("PRIVATE KEY"), &block.der))
        })
    });
    Zeroizing::new(text.unwrap_or_default())
}

fn crls(evidence: &Evidence) -> String {
    let files = evidence.crls.iter().filter_map(|(_, file)| input(evidence, file));
    let blocks = files.flat_map(|input| input.blocks);
    blocks.filter(|block| block.kind == BlockKind::Crl).map(|block| to_pem("X509 CRL", &block.der)).collect()
}
