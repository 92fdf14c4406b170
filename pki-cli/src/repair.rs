//! Mended copies: what could be read in spite of a fault, written anew in the right order and form.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ca_store::explain::{Evidence, Presented, Report};
use ca_store::facts::{BlockKind, Input, PrivateKey, to_pem};
use zeroize::Zeroizing;

use crate::evidence::read;

/// Writes `fullchain.pem`, `privkey.pem` and `ca.pem`, as far as there is something to write, into the folder; files
/// that are there already are left alone.
///
/// # Errors
/// Where the folder cannot be made, or a file of that name is there already.
pub(crate) fn write(evidence: &Evidence, report: &Report, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut written = Vec::new();
    let mut put = |name: &str, text: &str, mode: u32| -> anyhow::Result<()> {
        if !text.is_empty() {
            written.push(create(&folder.join(name), text, mode)?);
        }
        Ok(())
    };
    put("fullchain.pem", &chain(evidence, report), 0o644)?;
    put("privkey.pem", &key(evidence), 0o600)?;
    put("ca.pem", &certificates(&evidence.trust.iter().collect::<Vec<_>>()), 0o644)?;
    Ok(written)
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

/// The path without its root, or what the file held where there is no path.
fn chain(evidence: &Evidence, report: &Report) -> String {
    let by_path: Vec<&Presented> = report
        .chain
        .iter()
        .filter(|entry| entry.role != "root")
        .filter_map(|entry| evidence.chain.iter().find(|p| p.certificate.sha256_hex() == entry.sha256))
        .collect();
    certificates(&by_path)
}

fn certificates(list: &[&Presented]) -> String {
    list.iter().map(|p| to_pem("CERTIFICATE", p.certificate.der())).collect()
}

/// The key again under the label that its form asks for.
fn key(evidence: &Evidence) -> Zeroizing<String> {
    let file = evidence.situation.key_file.as_deref().filter(|_| evidence.key.is_some());
    let text = file.and_then(|file| {
        let bytes = read(Path::new(file)).ok()?;
        let input = Input::read(&bytes);
        let block = input.blocks.iter().find(|block| block.kind == BlockKind::PrivateKey)?;
        Some(to_pem(PrivateKey::form(&block.der)?, &block.der))
    });
    Zeroizing::new(text.unwrap_or_default())
}
