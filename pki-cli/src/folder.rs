//! `pki diagnose FOLDER`: the disk read within bounds, and the answer shown. It changes nothing but what `--repair` writes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use ca_store::explain::Evidence;
use ca_store::explain::Report;
use ca_store::explain::folder::{self, Folder, FolderFile, FolderQuestion, Survey};
use ca_store::facts::{BlockKind, Input, escape};
use ca_store::finding::{FileError, quote, quote_file};
use serde::Serialize;

use crate::command::text_with;
use crate::evidence::{OwnStore, Trust};
use crate::exit::Exit;
use crate::output::Output;
use crate::render::named;
use crate::report_file::ReportFiles;
use crate::{evidence, render as screen, repair};

/// The most files that are read: a folder of a server has a dozen, all of `/etc/letsencrypt` for many names some hundreds.
const MAX_FILES: usize = 512;
/// The most entries that are looked at, files or not.
const MAX_ENTRIES: usize = 10_000;
/// The most that is read of one file: chains and keys are a few KiB, bundles of roots a few hundred.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// The most that is read of all files.
const MAX_TOTAL_BYTES: u64 = 32 << 20;
/// How deep folders are followed: `/etc/letsencrypt/live/NAME` has two levels below it.
const MAX_DEPTH: usize = 3;

/// The report of the best set, and the folder besides.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    folder: Listed<'a>,
}

#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    folder: &'a Folder,
    /// What the bounds kept from being read.
    left_out: &'a [String],
}

/// What is to be written besides the answer.
pub(crate) struct Wanted<'a> {
    /// Where to put mended copies.
    pub(crate) mended: Option<&'a Path>,
    /// The page and the picture.
    pub(crate) files: &'a ReportFiles,
    /// What the store has revoked, where its root is trusted.
    pub(crate) own: OwnStore,
    /// The store that fixes go to.
    pub(crate) store: &'a Path,
}

/// Reads the folder and answers.
///
/// # Errors
/// Where a mended copy or the answer cannot be written. Everything else that is wrong is told in the answer.
pub(crate) fn run(
    path: &Path,
    base: &Evidence,
    question: &FolderQuestion,
    wanted: &Wanted<'_>,
    out: Output,
) -> anyhow::Result<Exit> {
    let mut reader = Reader { found: Vec::new(), files: Vec::new(), left_out: Vec::new(), entries: 0, bytes: 0 };
    reader.folder(path, 0);
    reader.read();
    let mut survey = folder::survey(&reader.files, base, question);
    let mut base = base.clone();
    if let Some((trusting, anchored)) = by_system(&reader.files, &base, &survey, question, wanted) {
        (base, survey) = (trusting, anchored);
    }
    if let Some(informed) = informed(&base, &survey, question, wanted) {
        survey = folder::survey(&reader.files, &informed, question);
    }
    if base.passphrase.is_none() {
        open_first(&mut survey.report, path, &reader.files, question);
    }
    named::report(&mut survey.report, wanted.store);
    for remark in survey.folder.files.iter_mut().flat_map(|entry| &mut entry.remarks) {
        remark.fix = named::lines(&remark.fix, wanted.store);
    }
    if let Some(mended) = wanted.mended {
        for file in repair::write(&survey.evidence, &survey.report, mended)? {
            out.note(&format!("wrote {}", file.display()));
        }
    }
    let besides = screen::folder::appendices(&survey.folder, &reader.left_out);
    let printed = wanted.files.write_with(&survey.report, &besides, out)?;
    if out.json {
        let folder = Listed { folder: &survey.folder, left_out: &reader.left_out };
        out.json(&Answer { report: &survey.report, folder })?;
    } else if !printed {
        let style = wanted.files.style(out);
        let folder = screen::folder::sections(&survey.folder, &reader.left_out, style);
        let of = screen::folder::which(&survey.folder, style);
        out.text(&text_with(&survey.report, of, folder, style))?;
    }
    Ok(if survey.folder.is_usable() { Exit::Done } else { Exit::Bad })
}

/// A CA's key that is locked is opened before another CA is made: whoever pastes a fix keeps the CA that there is.
fn open_first(report: &mut Report, path: &Path, files: &[FolderFile], question: &FolderQuestion) {
    let makes_ca = |fix: &str| fix.lines().any(|line| !line.starts_with('#') && line.contains(" init-ca --name "));
    let Some(key) = files.iter().find(|file| is_locked(file)).map(|file| quote_file(&file.name)) else { return };
    let folder = quote_file(&path.to_string_lossy());
    let name = question.name.as_ref().map(|name| format!(" --name {}", quote(&name.to_string()))).unwrap_or_default();
    let first = format!(
        "# {key} is encrypted: if it is the key of a CA of yours, whose certificate lies beside it, that CA issues. Write its passphrase into \
         passphrase.txt,\n# which only you can read (umask 077), and ask again; only if it is none of yours, what follows makes a new CA:\n\
         pki diagnose {folder}{name} --passphrase-file passphrase.txt"
    );
    for finding in report.cause.iter_mut().chain(&mut report.findings).filter(|it| makes_ca(&it.fix)) {
        let lines = finding
            .fix
            .lines()
            .filter(|line| !line.contains("is encrypted: if it is") && !line.starts_with("# (umask 077)"));
        let rest: Vec<String> =
            lines.map(|line| if line.starts_with('#') { line.to_owned() } else { format!("# {line}") }).collect();
        finding.fix = format!("{first}\n{}", rest.join("\n"));
    }
}

fn is_locked(file: &FolderFile) -> bool {
    let blocks = file.content.as_ref().map(|bytes| Input::read(bytes).blocks).unwrap_or_default();
    blocks.iter().any(|block| block.kind == BlockKind::EncryptedKey)
}

/// The same by what this machine trusts, where the folder has no root of its own and that leads to one: what a public CA has issued
/// comes without its root.
fn by_system(
    files: &[FolderFile],
    base: &Evidence,
    first: &Survey,
    question: &FolderQuestion,
    wanted: &Wanted<'_>,
) -> Option<(Evidence, Survey)> {
    let is_open = matches!(first.report.path_end, "no-issuer") && !question.trust_is_given;
    let has_root = first.folder.pairs.iter().any(|pair| pair.trust_file.is_some());
    if !is_open || has_root {
        return None;
    }
    let mut trusting = base.clone();
    Trust { files: &[], system: true, store: wanted.store, at: base.situation.at }.add_to(&mut trusting);
    let survey = folder::survey(files, &trusting, question);
    (survey.report.path_end == "anchored").then_some((trusting, survey))
}

/// What makes a second look worth while: certificates that the store has revoked, what it has issued, and the user's own CA.
fn informed(base: &Evidence, first: &Survey, question: &FolderQuestion, wanted: &Wanted<'_>) -> Option<Evidence> {
    let mut seen = first.evidence.clone();
    seen.untrusted.extend(seen.neighbours.iter().filter(|it| !it.certificate.is_ca()).cloned());
    wanted.own.add_to(&mut seen);
    if !evidence::is_in_order(&first.report) {
        evidence::look_around(&mut seen, &first.report, question.name.as_slice(), wanted.store);
    }
    let mut informed = base.clone();
    informed.own_revocations = seen.own_revocations;
    informed.situation.held = seen.situation.held;
    informed.situation.issued = seen.situation.issued;
    informed.situation.own_faults = seen.situation.own_faults;
    informed.situation.locked_key = seen.situation.locked_key;
    informed.situation.closed_files = seen.situation.closed_files;
    let situation = &informed.situation;
    let tells = !informed.own_revocations.is_empty() || !situation.held.is_empty() || !situation.issued.is_empty();
    let closed = situation.locked_key.is_some() || !situation.closed_files.is_empty();
    let asks = closed || !situation.own_faults.is_empty();
    (tells || asks).then_some(informed)
}

struct Reader {
    /// Files that are there, and not read yet.
    found: Vec<(PathBuf, fs::Metadata)>,
    files: Vec<FolderFile>,
    left_out: Vec<String>,
    entries: usize,
    bytes: u64,
}

impl Reader {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let listed = match fs::read_dir(folder) {
            Ok(listed) => listed,
            Err(error) => return self.leave_out(folder, &error.to_string()),
        };
        let room = MAX_ENTRIES - self.entries;
        let mut paths: Vec<PathBuf> = listed.flatten().take(room).map(|entry| entry.path()).collect();
        self.entries += paths.len();
        if self.entries >= MAX_ENTRIES {
            self.leave_out(folder, &format!("more than {MAX_ENTRIES} entries in all"));
        }
        paths.sort();
        for path in paths {
            self.entry(&path, depth);
        }
    }

    /// Links to files are followed, as Certbot's are; links to folders are not, so that there is no loop.
    fn entry(&mut self, path: &Path, depth: usize) {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        match (path.symlink_metadata(), path.metadata()) {
            (Ok(own), _) if own.is_dir() => match depth {
                _ if hidden => {}
                MAX_DEPTH => self.leave_out(path, &format!("more than {MAX_DEPTH} folders deep")),
                _ => self.folder(path, depth + 1),
            },
            (Ok(_), Ok(target)) if target.is_file() => self.found.push((path.to_owned(), target)),
            (Ok(own), Err(_)) if own.is_symlink() => self.add(path, Err(FileError::Missing), 0),
            _ => {}
        }
    }

    /// What is named as certificates and keys are comes first: the bounds are for what lies there besides.
    fn read(&mut self) {
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_cached_key(|(path, _)| !folder::is_named_for_it(&path.to_string_lossy()));
        for (path, metadata) in &found {
            self.file(path, metadata);
        }
        self.files.sort_by(|one, other| Path::new(&one.name).cmp(Path::new(&other.name)));
    }

    fn file(&mut self, path: &Path, metadata: &fs::Metadata) {
        if self.files.len() >= MAX_FILES {
            return self.leave_out(path, &format!("more than {MAX_FILES} files"));
        }
        if metadata.len() > MAX_FILE_BYTES {
            return self.leave_out(path, &format!("larger than {} KiB", MAX_FILE_BYTES >> 10));
        }
        if self.bytes + metadata.len() > MAX_TOTAL_BYTES {
            return self.leave_out(path, &format!("more than {} MiB in all", MAX_TOTAL_BYTES >> 20));
        }
        self.bytes += metadata.len();
        self.add(path, evidence::read(path), metadata.permissions().mode());
    }

    fn add(&mut self, path: &Path, content: Result<zeroize::Zeroizing<Vec<u8>>, FileError>, mode: u32) {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.files.push(FolderFile {
            name: path.to_string_lossy().into_owned(),
            path: absolute.to_string_lossy().into_owned(),
            content,
            mode,
            is_link: path.is_symlink(),
        });
    }

    /// The first few are named; what is beyond is counted by nobody.
    fn leave_out(&mut self, path: &Path, why: &str) {
        const MOST: usize = 20;
        if self.left_out.len() < MOST {
            self.left_out.push(format!("{}: {why}", escape(&path.to_string_lossy())));
        }
    }
}
