//! The files of a question, read from the disk: what a user typed becomes [`Evidence`].

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use ca_store::explain::folder::is_named_for_it;
use ca_store::explain::{
    ChainEntry, Evidence, HeldCa, MAX_NEIGHBOUR_BYTES, MAX_NEIGHBOURS, OtherStore, PeerName, Presented, Report,
};
use ca_store::facts::{BlockKind, Certificate, Input, MAX_INPUT_BYTES};
use ca_store::finding::{Code, FileError, Finding, Role, quote_file};
use ca_store::key::Passphrase;
use ca_store::store::{OwnRevocations, Store};
use ca_store::{faults_of, held_cas};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::trust::{Kind, Scope, system_bundle};

/// A file's bytes, within the bound; wiped when dropped, as it may hold a key.
///
/// # Errors
/// [`FileError`] in the terms that findings use.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    use std::os::unix::fs::FileTypeExt as _;
    let is_pipe = fs::metadata(path).is_ok_and(|it| it.file_type().is_fifo());
    if is_pipe { read_pipe(path.to_owned(), PIPE_PATIENCE) } else { read_whole(path) }
}

/// How long a pipe is waited for, all of it: `<(command)` of a shell has a command at its other end, and a pipe with a name may
/// have nobody.
const PIPE_PATIENCE: Duration = Duration::from_secs(30);

/// The thread that waits for a pipe ends with the program at the latest.
fn read_pipe(path: PathBuf, patience: Duration) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        // Nobody waits where the receiver is gone.
        let _ = send.send(read_whole(&path));
    });
    let silent = |_| FileError::Other(format!("a pipe into which nobody wrote for {} seconds", patience.as_secs()));
    receive.recv_timeout(patience).map_err(silent)?
}

fn read_whole(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => FileError::Missing,
        ErrorKind::PermissionDenied => FileError::Denied,
        ErrorKind::IsADirectory => FileError::Directory,
        _ => FileError::Other(error.to_string()),
    };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(FileError::Directory);
    }
    // Room for all of it at once, so that no copy of a key is left behind by a growing buffer.
    let size = metadata.len().min(MAX_INPUT_BYTES) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0)));
    file.take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_INPUT_BYTES { Err(FileError::TooLarge) } else { Ok(bytes) }
}

/// Why a file could not be read, in the words of a report.
pub(crate) fn unreadable(path: &Path, error: FileError) -> Finding {
    let mut evidence = Evidence::default();
    evidence.add_file(Role::Chain, &path.to_string_lossy(), Err(error));
    evidence.observed.swap_remove(0)
}

/// Takes a file in.
pub(crate) fn add(evidence: &mut Evidence, role: Role, path: &Path) {
    let name = path.to_string_lossy();
    match read(path) {
        Ok(mut bytes) if role == Role::Crl => evidence.add_crl_file(&name, std::mem::take(&mut *bytes)),
        Ok(bytes) => evidence.add_file(role, &name, Ok(&bytes)),
        Err(error) => evidence.add_file(role, &name, Err(error)),
    }
    // A certificate or a request in a key's place is for everybody to read.
    let is_in_order = [Code::FileIsCertificate, Code::FileIsCsr, Code::FileIsCrl, Code::FileIsPublicKey];
    let is_other = evidence.observed.iter().any(|finding| is_in_order.contains(&finding.code));
    if role == Role::Key && !is_other {
        evidence.observed.extend(open_to_others(path));
    }
}

/// The passphrase that opens what is locked, before any file is taken in.
///
/// # Errors
/// Where the passphrase file cannot be read, or is empty.
pub(crate) fn set_passphrase(evidence: &mut Evidence, file: Option<&Path>) -> anyhow::Result<()> {
    if let Some(file) = file {
        evidence.passphrase = Some(Passphrase::from_file(file)?);
        evidence.situation.passphrase_file = Some(file.to_string_lossy().into_owned());
    }
    Ok(())
}

/// A private key that others than its owner can read.
fn open_to_others(path: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let shown = ca_store::facts::escape(&path.to_string_lossy());
    let message = format!("the private key {shown} can be read by others: expected mode 0600, found {mode:04o}");
    let fix = format!("chmod 600 {}", quote_file(&path.to_string_lossy()));
    (mode & 0o077 != 0)
        .then(|| Finding::new(Code::KeyPermissions, message).shown_by("mode", format!("{mode:04o}")).mended_by(fix))
}

/// Where the trust anchors come from.
#[derive(Debug)]
pub(crate) struct Trust<'a> {
    /// Files as typed.
    pub(crate) files: &'a [PathBuf],
    /// The system's store as well.
    pub(crate) system: bool,
    /// The store's root, where neither is given.
    pub(crate) store: &'a Path,
    /// The time that is asked about, where that is not now: what the store trusted then counts too.
    pub(crate) at: Option<OffsetDateTime>,
}

impl Trust<'_> {
    /// Takes the anchors in.
    pub(crate) fn add_to(&self, evidence: &mut Evidence) {
        for file in self.files {
            add(evidence, Role::Trust, file);
        }
        evidence.situation.system_trust = self.system;
        if self.system {
            self.add_silently(evidence, system_bundle().as_deref());
        }
        if self.files.is_empty() && !self.system && Store::exists(self.store) {
            let root = Store::open(self.store).ok().map(|store| store.root_pem_path());
            self.add_silently(evidence, root.as_deref());
            if self.at.is_some() {
                add_former_roots(evidence, self.store);
            }
        }
        situate(evidence, self.store);
    }

    /// The stores of this machine that were not asked.
    pub(crate) fn elsewhere(&self) -> Vec<OtherStore> {
        let mut others = Vec::new();
        if !self.system
            && let Some(bundle) = system_bundle()
        {
            others.push(other("this machine's system store", &bundle));
        }
        if (self.system || !self.files.is_empty())
            && let Ok(store) = Store::open(self.store)
        {
            others.push(other("the store of pki", &store.root_pem_path()));
        }
        others.extend(of_variables());
        others.extend(of_programs());
        others
    }

    /// Anchors that were not typed are not named in fixes either: the same command finds them again.
    fn add_silently(&self, evidence: &mut Evidence, path: Option<&Path>) {
        if let Some(path) = path {
            add(evidence, Role::Trust, path);
            evidence.situation.trust_files.pop();
        }
    }
}

/// The root before it was renewed with its key, as clients had it.
fn add_former_roots(evidence: &mut Evidence, store: &Path) {
    let Ok(store) = Store::open(store) else { return };
    let mut read = Evidence::default();
    for path in store.ca_certificate_paths().into_iter().take(MAX_NEIGHBOURS) {
        add(&mut read, Role::Trust, &path);
    }
    let roots = evidence.trust.clone();
    let is_former = |it: &Presented| {
        let same = |root: &Presented| root.certificate.public_key.same_as(&it.certificate.public_key);
        let known = |root: &Presented| root.certificate.der() == it.certificate.der();
        it.certificate.is_self_signed() && roots.iter().any(same) && !roots.iter().any(known)
    };
    evidence.trust.extend(read.trust.into_iter().filter(is_former));
}

fn other(name: &str, file: &Path) -> OtherStore {
    let mut read = Evidence::default();
    for file in files_of(file) {
        add(&mut read, Role::Trust, &file);
    }
    OtherStore { name: name.to_owned(), anchors: read.trust, export: None }
}

/// Files that programs are sent to by the environment; of `SSL_CERT_DIR` it is a folder.
const VARIABLES: [(&str, &str); 11] = [
    ("SSL_CERT_FILE", "OpenSSL and what is built on it"),
    ("NODE_EXTRA_CA_CERTS", "Node"),
    ("REQUESTS_CA_BUNDLE", "Python's requests"),
    ("CURL_CA_BUNDLE", "curl"),
    ("SSL_CERT_DIR", "OpenSSL and what is built on it"),
    ("GIT_SSL_CAINFO", "git"),
    ("PIP_CERT", "pip"),
    ("AWS_CA_BUNDLE", "AWS's tools"),
    ("CARGO_HTTP_CAINFO", "cargo"),
    ("DENO_CERT", "Deno"),
    ("NPM_CONFIG_CAFILE", "npm"),
];

fn of_variables() -> impl Iterator<Item = OtherStore> {
    VARIABLES.into_iter().filter_map(|(name, readers)| {
        let file = std::env::var_os(name).filter(|file| !file.is_empty()).map(PathBuf::from)?;
        let kind = if file.is_dir() { "folder" } else { "file" };
        Some(other(&format!("the {kind} that {name} names ({readers})"), &file))
    })
}

/// The files of a folder of CAs, in their order, or the file itself.
fn files_of(path: &Path) -> Vec<PathBuf> {
    let Ok(listed) = fs::read_dir(path) else { return vec![path.to_owned()] };
    let mut files: Vec<PathBuf> = listed.flatten().take(MAX_NEIGHBOURS).map(|entry| entry.path()).collect();
    files.retain(|file| file.is_file());
    files.sort();
    files
}

/// Java's stores, and the databases of this user's browsers.
fn of_programs() -> Vec<OtherStore> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let scope = Scope { root: PathBuf::from("/"), home, only: vec![Kind::Nss, Kind::Java] };
    let mut others = Vec::new();
    for place in scope.places().places {
        let reader = if place.kind() == Kind::Java { "Java" } else { "NSS (Firefox, Chromium)" };
        let path = place.path().display().to_string();
        let name = format!("{reader}, in {}", ca_store::facts::escape(&path));
        others.extend(place.printed().into_iter().map(|printed| OtherStore {
            name: name.clone(),
            anchors: printed.roots.iter().filter_map(|der| anchor(der, &path)).collect(),
            export: Some(format!("{} > {}", printed.command, OtherStore::EXPORTED)),
        }));
    }
    others
}

fn anchor(der: &[u8], source: &str) -> Option<Presented> {
    let certificate = Certificate::from_der(der).ok()?;
    Some(Presented { certificate, source: source.to_owned(), file: None })
}

/// What the store has: fixes are worded by it.
fn situate(evidence: &mut Evidence, store: &Path) {
    evidence.situation.store_has_ca = Store::exists(store);
    evidence.situation.reissue_folder = free_folder("reissued");
    evidence.situation.mend_folder = free_folder("mended");
    evidence.situation.store_folder = free_folder(OWN_CA);
    evidence.situation.mend_file = free_name("fullchain-mended", ".pem");
}

/// What a fix writes for a client lies beside what another writes for its server.
pub(crate) fn situate_client(evidence: &mut Evidence) {
    evidence.situation.mend_folder = free_folder("mended-client");
    evidence.situation.mend_file = free_name("client-mended", ".pem");
}

/// What the store has revoked of the certificates at hand, where it is its root that is trusted.
#[derive(Debug)]
pub(crate) struct OwnStore(Option<OwnRevocations>);

impl OwnStore {
    /// Of the store, where neither files nor the system's store are the trust.
    pub(crate) fn of(trust: &Trust<'_>) -> OwnStore {
        let is_trusted = trust.files.is_empty() && !trust.system;
        let store = Some(trust.store).filter(|dir| is_trusted && Store::exists(dir));
        OwnStore(store.and_then(|dir| Store::open(dir).ok()).map(OwnRevocations::of))
    }

    /// Takes in what it says of what is sent, and of the certificates that help.
    pub(crate) fn add_to(&self, evidence: &mut Evidence) {
        let Some(revocations) = &self.0 else { return };
        let at_hand = evidence.chain.iter().chain(&evidence.untrusted).take(MAX_NEIGHBOURS);
        evidence.own_revocations =
            at_hand.filter_map(|presented| revocations.of_certificate(&presented.certificate)).collect();
    }
}

/// Looks around for what fixes are worded by: the store's CAs and what they have issued for these names, and the user's own CA
/// where its key is at hand.
pub(crate) fn look_around(evidence: &mut Evidence, report: &Report, names: &[PeerName], store: &Path) {
    add_own_cas(evidence, store);
    if !is_unreachable(report) {
        look_up_issued(evidence, names, store);
    }
    find_held_cas(evidence, report, names, store);
}

/// Whether nobody answered, which no certificate of the store mends.
fn is_unreachable(report: &Report) -> bool {
    let code = report.cause.as_ref().map(|cause| cause.code);
    matches!(code, Some(Code::ConnectionRefused | Code::ConnectionTimeout | Code::HostNotFound))
}

/// The user's own CAs. Where the store has another one, they get a store of their own, and keep the one that they have.
pub(crate) fn find_held_cas(evidence: &mut Evidence, report: &Report, names: &[PeerName], store: &Path) {
    let of_store = |entry: &ChainEntry| evidence.situation.own_cas.iter().any(|ca| ca.sha256_hex() == entry.sha256);
    if report.chain.iter().any(of_store) {
        let own = Store::open(store);
        evidence.situation.own_faults = own.map(|own| faults_of(&own, OffsetDateTime::now_utc())).unwrap_or_default();
        return;
    }
    let mut held = held_cas(evidence, report, OffsetDateTime::now_utc());
    if evidence.situation.store_has_ca {
        let (stores, asked) = (taken_over(), names_in_question(evidence, names));
        held.iter_mut().for_each(|ca| give_store(ca, &stores, &asked));
    }
    for ca in &mut held {
        ca.is_open_to_others = open_to_others(Path::new(&ca.key)).is_some();
        let passphrase = &evidence.situation.passphrase_file;
        ca.passphrase_file = passphrase.clone().filter(|_| is_locked(Path::new(&ca.key)));
    }
    if held.is_empty() {
        evidence.situation.closed_files = closed_files(evidence);
    }
    if held.is_empty() && evidence.passphrase.is_none() {
        evidence.situation.locked_key = locked_key(evidence);
    }
    evidence.situation.held = held;
}

/// An encrypted key in one of the folders of the files at hand, but for the one that was given as the leaf's.
fn locked_key(evidence: &Evidence) -> Option<String> {
    let is_given = |path: &PathBuf| evidence.situation.key_file.as_deref().is_some_and(|key| path == Path::new(key));
    let found = files_around(evidence).filter(|path| !is_given(path)).find(|path| is_locked(path))?;
    Some(found.to_string_lossy().into_owned())
}

/// How many files that may not be read are named.
const MAX_CLOSED: usize = 4;

/// Files in those folders that are named as keys and certificates are, and that this user may not read.
fn closed_files(evidence: &Evidence) -> Vec<String> {
    let names = files_around(evidence).map(|path| path.to_string_lossy().into_owned());
    let closed = |name: &String| File::open(name).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied);
    names.filter(|name| is_named_for_it(name)).filter(closed).take(MAX_CLOSED).collect()
}

/// The files in the folders of what was typed, and of what was read.
fn files_around(evidence: &Evidence) -> impl Iterator<Item = PathBuf> {
    let situation = &evidence.situation;
    let typed = situation.chain_file.iter().chain(&situation.key_file).chain(&situation.trust_files);
    let read = evidence.trust.iter().chain(&evidence.chain).chain(&evidence.neighbours);
    let files = typed.map(String::as_str).chain(read.filter_map(|it| it.file.as_deref()));
    let mut folders: Vec<PathBuf> = files.map(|file| folder(Path::new(file)).to_owned()).collect();
    folders.sort_unstable();
    folders.dedup();
    folders.into_iter().take(MAX_NEIGHBOURS).flat_map(|folder| files_in(&folder)).take(MAX_NEIGHBOURS)
}

fn is_locked(path: &Path) -> bool {
    let is_key = |bytes: &[u8]| Input::read(bytes).blocks.iter().any(|block| block.kind == BlockKind::EncryptedKey);
    is_small_file(path) && read(path).is_ok_and(|bytes| is_key(&bytes))
}

/// What the stores of own CAs are called.
const OWN_CA: &str = "own-ca";
/// The most of them that are looked into.
const MAX_OWN_CAS: u32 = 16;

/// A store that an earlier fix has made here.
struct TakenOver {
    folder: String,
    store: Store,
    /// The CA that issues in it, in DER.
    issuing: Vec<u8>,
}

fn taken_over() -> Vec<TakenOver> {
    let open = |folder: String| {
        let store = Store::open(Path::new(&folder)).ok()?;
        let issuing = store.ca_certificates().ok()?.swap_remove(0);
        Some(TakenOver { folder, store, issuing })
    };
    let found = (1..=MAX_OWN_CAS).map(|number| numbered(OWN_CA, number, "")).filter_map(open);
    found.filter(|it| it.store.can_sign() || it.store.can_sign_with_passphrase()).collect()
}

/// The store that has taken the CA over, else a new one.
fn give_store(ca: &mut HeldCa, stores: &[TakenOver], asked: &[String]) {
    let own = ca.authorities.first().map(|authority| authority.certificate.der());
    match stores.iter().find(|it| own == Some(&it.issuing)) {
        Some(it) => {
            ca.store = Some(it.folder.clone());
            ca.issued = Some(it.store.issued_before(asked).unwrap_or_default());
        }
        None => ca.store = Some(free_folder(OWN_CA)),
    }
}

/// Whether there is nothing to mend, so that nothing has to be found out for the words of a fix.
pub(crate) fn is_in_order(report: &Report) -> bool {
    report.cause.is_none() && report.findings.iter().all(|finding| finding.fix.is_empty())
}

/// What the store has issued for the names in question, so that a fix renews where it cannot issue.
fn look_up_issued(evidence: &mut Evidence, names: &[PeerName], store: &Path) {
    if !evidence.situation.store_has_ca {
        return;
    }
    let asked = names_in_question(evidence, names);
    // A store that cannot be read is told by the commands that the fix names.
    let found = Store::open(store).and_then(|store| store.issued_before(&asked));
    evidence.situation.issued = found.unwrap_or_default();
}

/// The names that are asked for, and those of the leaf.
fn names_in_question(evidence: &Evidence, names: &[PeerName]) -> Vec<String> {
    let leaf = evidence.chain.first().map(|presented| &presented.certificate);
    let own = leaf.into_iter().flat_map(|leaf| leaf.dns_names().chain(leaf.subject.common_name()));
    names.iter().map(PeerName::to_string).chain(own.map(str::to_owned)).collect()
}

/// A name for a folder that is not there yet.
pub(crate) fn free_folder(name: &str) -> String {
    free_name(name, "")
}

/// The name, or the first numbered one that is not there yet.
fn free_name(stem: &str, ending: &str) -> String {
    const MOST: u32 = 1_000;
    (1..MOST).map(|number| numbered(stem, number, ending)).find(|name| !Path::new(name).exists()).unwrap_or_default()
}

fn numbered(stem: &str, number: u32, ending: &str) -> String {
    if number == 1 { format!("{stem}{ending}") } else { format!("{stem}-{number}{ending}") }
}

/// Looks at the files beside the given ones, for what is missing, and at those of the folder in which all of it is typed: a mended copy
/// has a folder of its own, and what belongs to it lies where the first one was. Who asks an endpoint and types no file has the root there.
pub(crate) fn add_neighbours(evidence: &mut Evidence, given: &[&Path]) {
    let mut folders: Vec<&Path> = given.iter().map(|path| folder(path)).collect();
    folders.sort_unstable();
    folders.dedup();
    if !folders.contains(&Path::new(".")) {
        folders.push(Path::new("."));
    }
    let entries = folders.into_iter().flat_map(files_in);
    let mut files: Vec<PathBuf> =
        entries.filter(|path| !given.contains(&path.as_path())).take(MAX_NEIGHBOURS).collect();
    files.sort();
    let mut files: Vec<(PathBuf, _)> =
        files.into_iter().filter_map(|path| read(&path).ok().map(|it| (path, it))).collect();
    files.sort_by_cached_key(|(_, bytes)| how_odd(bytes));
    for (path, bytes) in files {
        evidence.add_neighbour(&path.to_string_lossy(), &bytes);
    }
}

/// The small files of a folder, as they can be typed.
fn files_in(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let here = folder == Path::new(".");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(move |entry| if here { PathBuf::from(entry.file_name()) } else { entry.path() });
    paths.filter(|path| is_small_file(path))
}

/// Where several files have what is missing, the one that every program reads comes first, and of those the one with the
/// least besides.
fn how_odd(bytes: &[u8]) -> (bool, usize) {
    let input = Input::read(bytes);
    (!input.faults.is_empty(), input.blocks.len())
}

/// The certificates of the store's own CAs, of now and before: what is missing of a chain may be one of them.
fn add_own_cas(evidence: &mut Evidence, store: &Path) {
    let Ok(store) = Store::open(store) else { return };
    for path in store.ca_certificate_paths().into_iter().take(MAX_NEIGHBOURS) {
        if let Ok(bytes) = read(&path) {
            evidence.add_neighbour(&path.to_string_lossy(), &bytes);
        }
    }
    let of_store = |file: &Option<String>| file.as_deref().is_some_and(|file| Path::new(file).starts_with(store.dir()));
    let own = evidence.neighbours.iter().filter(|it| of_store(&it.file)).map(|it| it.certificate.clone());
    evidence.situation.own_cas = own.collect();
    evidence.situation.own_lists = store.crl_place().to_string_lossy().into_owned();
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn is_small_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_NEIGHBOUR_BYTES)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Duration, FileError, read_pipe};

    #[test]
    fn a_pipe_is_not_waited_for_without_end() {
        let folder = tempfile::TempDir::new().expect("a folder for temporary files");
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("coreutils").success());
        let silent = read_pipe(pipe.clone(), Duration::ZERO).expect_err("nobody writes");
        assert!(matches!(silent, FileError::Other(why) if why.contains("pipe")));
        // The reader that is left waits for this one, which ends it.
        std::fs::write(pipe, "").expect("a pipe can be written");
    }
}
