//! Every file of a store, its name beside its permissions. Nothing else in the crate spells a path or a mode.

use std::path::{Path, PathBuf};

use crate::san::FolderName;

/// Mode of every folder: the owner's alone.
pub(crate) const FOLDER_MODE: u32 = 0o700;
/// Mode of private keys, and of what tells about them: the owner's alone, from the moment they exist.
pub(crate) const SECRET_MODE: u32 = 0o600;
/// Mode of certificates, which are made to be shown.
pub(crate) const PUBLIC_MODE: u32 = 0o644;

/// The lock that writers hold.
pub(crate) const LOCK: &str = "lock";
/// The lock that a batch holds beside it, from its beginning to its end.
pub(crate) const BATCH_LOCK: &str = "batch.lock";
/// The index.
pub(crate) const INDEX: &str = "index.sqlite";
/// What the owner has laid down, where he has.
pub(crate) const SETTINGS: &str = "ca.toml";
/// The folder of the CA's own files.
pub(crate) const CA: &str = "ca";
/// The folder of issued certificates.
pub(crate) const CERTS: &str = "certs";
/// The current complete lists of all CAs in PEM, once there are any: what servers read.
pub(crate) const CRL: &str = "ca/crl.pem";

/// How the names of files with private keys of CAs end.
pub(crate) const KEY_EXTENSION: &str = "key";

/// The folder of the lists as they are published: DER, a file each.
pub(crate) const CRLS: &str = "ca/crl";

/// The file of a list: of a CA's files, of a partition or of all, complete or a delta.
pub(crate) fn list_file(stem: &str, partition: u32, delta: bool) -> String {
    let partition = if partition == 0 { String::new() } else { format!("-p{partition}") };
    let delta = if delta { "-delta" } else { "" };
    format!("{stem}{partition}{delta}.crl")
}
/// There while the files of a new generation of CAs are put into their places.
pub(crate) const MOVING: &str = "ca/moving";

/// The files of one CA.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuthorityFiles {
    pub(crate) certificate: &'static str,
    pub(crate) key: &'static str,
}

/// The root's files; the certificate's holds all roots that are trusted, the current one first.
pub(crate) const ROOT: AuthorityFiles = AuthorityFiles { certificate: "ca/root.pem", key: "ca/root.key" };
/// The files of the issuing CA below the root, where there is one.
pub(crate) const ISSUING: AuthorityFiles = AuthorityFiles { certificate: "ca/issuing.pem", key: "ca/issuing.key" };

/// Whether `dir` has what only a store has that has issued: it is one whose index is gone.
pub(crate) fn is_left_of_store(dir: &Path) -> bool {
    [ROOT.certificate, ROOT.key, ISSUING.key, CERTS].iter().any(|name| dir.join(name).exists())
}

/// Where the files of a CA are that is not the current one of its role, without ending.
pub(crate) fn other_authority(dir: &Path, role: &str, id: i64) -> PathBuf {
    dir.join(CA).join(format!("{role}-{id}"))
}

/// A file of an issued certificate, and its mode.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IssuedFile {
    pub(crate) name: &'static str,
    pub(crate) mode: u32,
}

/// The certificate alone.
pub(crate) const CERT: IssuedFile = IssuedFile { name: "cert.pem", mode: PUBLIC_MODE };
/// The CAs above it that a server sends; where the root issues itself, the root.
pub(crate) const CHAIN: IssuedFile = IssuedFile { name: "chain.pem", mode: PUBLIC_MODE };
/// The certificate, and the intermediate after it: what a server sends.
pub(crate) const FULLCHAIN: IssuedFile = IssuedFile { name: "fullchain.pem", mode: PUBLIC_MODE };
/// The private key.
pub(crate) const PRIVKEY: IssuedFile = IssuedFile { name: "privkey.pem", mode: SECRET_MODE };
/// The root: what the other side trusts.
pub(crate) const CA_FILE: IssuedFile = IssuedFile { name: "ca.pem", mode: PUBLIC_MODE };

/// All files of an issued certificate.
pub(crate) const ISSUED: [IssuedFile; 5] = [CERT, CHAIN, FULLCHAIN, PRIVKEY, CA_FILE];

/// The mode of a file by its name, in the store or in a folder of a certificate; none of one that is not the store's.
pub(crate) fn mode_of(name: &str) -> Option<u32> {
    let bare = bare(name);
    let is_secret =
        bare == PRIVKEY.name || [LOCK, BATCH_LOCK].contains(&bare) || bare.starts_with(INDEX) || bare.ends_with(".key");
    let is_public = bare.ends_with(".pem") || bare.ends_with(".crl");
    if is_secret { Some(SECRET_MODE) } else { is_public.then_some(PUBLIC_MODE) }
}

/// Whether a file or folder of this name is one that is being written, or was.
pub(crate) fn is_draft(name: &str) -> bool {
    bare(name) != name
}

/// Where what is written at `draft` is to be.
pub(crate) fn place_of(draft: &Path) -> PathBuf {
    let name = draft.file_name().unwrap_or_default().to_string_lossy();
    draft.with_file_name(bare(&name))
}

fn bare(name: &str) -> &str {
    name.strip_prefix('.').and_then(|rest| rest.strip_suffix(".new")).unwrap_or(name)
}

/// Whether a copy of a store has this entry of its folder as it is: not the locks, and not the index, which is open.
pub(crate) fn is_kept(name: &str) -> bool {
    !name.ends_with(LOCK) && !name.starts_with(INDEX)
}

/// Whether a store has an entry of that name in its own folder; drafts and SQLite's side files count.
pub(crate) fn is_own(name: &str) -> bool {
    let bare = bare(name);
    [LOCK, BATCH_LOCK, INDEX, SETTINGS, CA, CERTS].contains(&bare)
        || bare.strip_prefix(INDEX).is_some_and(|rest| rest.starts_with('-'))
}

/// The folder of an issued certificate in the store `dir`.
pub(crate) fn folder(dir: &Path, name: &FolderName) -> PathBuf {
    dir.join(CERTS).join(name.as_str())
}
