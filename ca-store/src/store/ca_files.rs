//! The files of CAs: which key is whose, and how those of a new generation come into their places.
//!
//! `root` and `issuing` are the current ones; what is not current, or not yet, is called by its role and its place in the
//! index: `issuing-2`. A key lies beside its certificate, and is found by it. So a CA's key is found at every instant of a
//! change: its pair under the other name is there before the current name is given to another, and until it has it.

use std::fs;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::authority::{Authority, Chain};
use crate::error::{AtPath as _, Error};
use crate::facts;
use crate::key::{Passphrase, PrivateKey, Seal};
use crate::rehearse::is_key_of;
use crate::store::authorities::{Authorities, AuthorityRow, Generation, PlannedAuthority, Role};
use crate::store::files::certificate_pem;
use crate::store::layout::{self, AuthorityFiles, PUBLIC_MODE, SECRET_MODE};
use crate::store::log::Operation;
use crate::store::revoked_before::RevokedBefore;
use crate::store::writer::Writer;
use crate::store::{Store, atomic, permission};

/// The issuing CA with its key: what signing takes.
#[derive(Debug)]
pub(crate) struct OpenAuthority {
    /// The CAs, the issuing one first and the root last.
    pub(crate) chain: Chain,
    /// The issuing one's key.
    pub(crate) key: PrivateKey,
}

/// A private key that was opened, and the passphrase that it took.
#[derive(Debug)]
pub(crate) struct OpenedKey {
    pub(crate) key: PrivateKey,
    pub(crate) passphrase: Option<Passphrase>,
    /// Its file, and the SHA-256 of what was in it.
    file: (PathBuf, [u8; 32]),
}

/// A CA that was made or taken over, with its place in the index.
#[derive(Debug)]
pub(crate) struct MadeAuthority {
    pub(crate) id: i64,
    pub(crate) role: Role,
    pub(crate) der: Vec<u8>,
    /// Its certificate's file.
    pub(crate) pem: Vec<u8>,
}

impl MadeAuthority {
    pub(crate) fn new(id: i64, role: Role, der: &[u8]) -> MadeAuthority {
        MadeAuthority { id, role, der: der.to_vec(), pem: certificate_pem(der).into_bytes() }
    }
}

impl Store {
    /// Reads the CA's key, and checks that it is the CA's.
    pub(crate) fn open_authority(&self, passphrase: Option<&Passphrase>) -> Result<OpenAuthority, Error> {
        let chain = self.chain()?;
        let key = self.ca_key(&chain[0], passphrase)?.ok_or_else(|| self.no_ca_key(&chain))?;
        Ok(OpenAuthority { chain, key })
    }

    /// That the key of the CA that issues is not here, or lies there without the certificate that tells whose it is.
    pub(crate) fn no_ca_key(&self, chain: &[Authority]) -> Error {
        let files = if chain.len() > 1 { layout::ISSUING } else { layout::ROOT };
        let (certificate, key) = (self.dir.join(files.certificate), self.dir.join(files.key));
        match key.exists() {
            true => Error::CaFileLost { certificate, key },
            false => Error::NoCaKey { dir: self.dir.clone(), key },
        }
    }

    /// The key of this CA, of whatever generation; none where it is kept elsewhere.
    ///
    /// # Errors
    /// [`Error::CaKeyMismatch`] where another lies in its place, and what keeps it from being read.
    pub(crate) fn ca_key(
        &self,
        authority: &Authority,
        passphrase: Option<&Passphrase>,
    ) -> Result<Option<PrivateKey>, Error> {
        Ok(self.opened_ca_key(authority, passphrase)?.map(|opened| opened.key))
    }

    /// As [`Store::ca_key`], with the passphrase that it took.
    pub(crate) fn opened_ca_key(
        &self,
        authority: &Authority,
        passphrase: Option<&Passphrase>,
    ) -> Result<Option<OpenedKey>, Error> {
        let mut foreign = None;
        for path in self.keys_beside(authority)? {
            let opened = self.open_key(&path, passphrase)?;
            if is_key_of(&opened.key.public_key()?, authority) {
                return Ok(Some(opened));
            }
            foreign = Some(path);
        }
        match foreign {
            Some(key) => Err(Error::CaKeyMismatch { certificate: key.with_extension("pem"), key }),
            None => Ok(None),
        }
    }

    /// A key of a CA that the user gave, if it is this one's.
    ///
    /// # Errors
    /// [`Error::Permissions`], and what keeps it from being read.
    pub(crate) fn given_ca_key(
        &self,
        path: &Path,
        authority: &Authority,
        passphrase: Option<&Passphrase>,
    ) -> Result<Option<OpenedKey>, Error> {
        let opened = self.open_key(path, passphrase)?;
        Ok(is_key_of(&opened.key.public_key()?, authority).then_some(opened))
    }

    /// Reads a key, asking for its passphrase where it needs one and none is given.
    fn open_key(&self, path: &Path, passphrase: Option<&Passphrase>) -> Result<OpenedKey, Error> {
        let pem = Store::read_private_key(path)?;
        let file = (path.to_owned(), facts::sha256(&pem));
        let passphrase = match PrivateKey::from_pem(&pem, None, path) {
            Ok(key) => return Ok(OpenedKey { key, passphrase: None, file }),
            Err(Error::KeyEncrypted { .. }) if passphrase.is_none() => (self.on_encrypted)(path)?,
            Err(Error::KeyEncrypted { .. }) => passphrase.cloned(),
            Err(error) => return Err(error),
        };
        let key = PrivateKey::from_pem(&pem, passphrase.as_ref(), path)?;
        Ok(OpenedKey { key, passphrase, file })
    }

    /// The keys that lie beside this CA's certificate, or beside one that it had before with the same key.
    pub(crate) fn keys_beside(&self, authority: &Authority) -> Result<Vec<PathBuf>, Error> {
        let own = &authority.certificate;
        let is_beside = |path: &PathBuf| {
            let certificate = first_certificate(&path.with_extension("pem"));
            certificate.is_some_and(|der| der == own.der() || is_of_same_ca(&der, own))
        };
        Ok(key_files(&self.dir)?.into_iter().filter(is_beside).collect())
    }

    /// The private keys of CAs that it holds.
    ///
    /// # Errors
    /// [`Error::NoCaKey`] where there is none, [`Error::Permissions`] or [`Error::Io`].
    pub(crate) fn ca_key_paths(&self) -> Result<Vec<PathBuf>, Error> {
        let paths = key_files(&self.dir)?;
        if paths.is_empty() {
            return Err(self.no_ca_key(&self.chain()?));
        }
        Ok(paths)
    }

    /// A private key of a CA that is encrypted, where there is one; or `root_key`, which is kept apart, if that is.
    ///
    /// # Errors
    /// [`Error::NoCaKey`], [`Error::Permissions`] or [`Error::Io`].
    pub fn encrypted_key(&self, root_key: Option<&Path>) -> Result<Option<PathBuf>, Error> {
        let paths = root_key.map_or_else(|| self.ca_key_paths(), |path| Ok(vec![path.to_owned()]))?;
        for path in paths {
            if Self::read_private_key(&path)?.starts_with(b"-----BEGIN ENCRYPTED") {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }
}

impl Writer {
    /// Records the CAs that are about to be made, gives their places, and makes room for their files.
    pub(crate) fn plan_authorities(
        &self,
        planned: &[PlannedAuthority<'_>],
        now: OffsetDateTime,
    ) -> Result<Vec<i64>, Error> {
        let ids = self.index.plan_authorities(planned, now)?;
        atomic::ensure_folder(&self.dir.join(layout::CA))?;
        Ok(ids)
    }

    /// All CAs.
    pub(crate) fn authorities(&self) -> Result<Authorities, Error> {
        self.index.authorities()
    }

    /// Whether this is a CA below a root.
    pub(crate) fn is_below_root(&self, id: i64) -> Result<bool, Error> {
        Ok(self.index.authorities()?.0.iter().any(|row| row.id == id && row.role == Role::Issuing))
    }

    /// The names of certificates in use that these CAs issued.
    pub(crate) fn in_use_of(&self, authorities: &[i64], now: OffsetDateTime) -> Result<Vec<String>, Error> {
        self.index.in_use_of(authorities, now)
    }

    /// Takes away what an interrupted beginning left: a CA that never became ready has issued nothing, and its files beside
    /// those of the next one would be taken for them.
    pub(crate) fn remove_beginnings(&self) -> Result<(), Error> {
        for files in [layout::ROOT, layout::ISSUING] {
            for name in [files.certificate, files.key] {
                atomic::remove(&self.dir.join(name))?;
            }
        }
        Ok(())
    }

    /// Writes the key of a first CA of its role into its place.
    pub(crate) fn write_first_key(&self, role: Role, key: &PrivateKey, seal: Option<&Seal>) -> Result<(), Error> {
        self.replace_ca_key(&self.dir.join(place(role).key), key, seal)
    }

    /// Refuses a key that was opened before another process took the lock, and changed its passphrase: what is made with it would be
    /// under the old one, or under none. A file that has only come into its place meanwhile is the same.
    pub(crate) fn refuse_stale_key(&self, opened: &OpenedKey) -> Result<(), Error> {
        let (path, read) = &opened.file;
        let is_same = |path: &Path| Store::read_private_key(path).is_ok_and(|pem| facts::sha256(&pem) == *read);
        match is_same(path) || key_files(&self.dir)?.iter().any(|path| is_same(path)) {
            true => Ok(()),
            false => Err(Error::CaKeyReplaced { path: path.clone() }),
        }
    }

    /// Writes a CA's key over its file.
    pub(crate) fn replace_ca_key(&self, path: &Path, key: &PrivateKey, seal: Option<&Seal>) -> Result<(), Error> {
        atomic::replace(path, key.to_pem(seal)?.as_bytes(), SECRET_MODE)
    }

    /// Writes the certificates of the first CAs, and records that they are made, with what one that was taken over had revoked; `signer` is one of them with its key.
    pub(crate) fn finish_first(
        &self,
        made: &[MadeAuthority],
        revoked: Option<&RevokedBefore<'_>>,
        operation: Operation,
        signer: (i64, &PrivateKey),
    ) -> Result<(), Error> {
        for ca in made {
            atomic::replace(&self.dir.join(place(ca.role).certificate), &ca.pem, PUBLIC_MODE)?;
        }
        let ready: Vec<_> = made.iter().map(|ca| (ca.id, ca.der.as_slice())).collect();
        self.index.change_generation(&Generation { ready: &ready, retired: &[], revoked }, operation, Some(signer))
    }

    /// Writes the key of a CA that will be the current one of its role.
    pub(crate) fn write_next_key(
        &self,
        (id, role): (i64, Role),
        key: &PrivateKey,
        seal: Option<&Seal>,
    ) -> Result<(), Error> {
        self.replace_ca_key(&self.other(role, id).with_extension("key"), key, seal)
    }

    /// Takes away the files of a generation that was cut short before it became one.
    pub(crate) fn remove_abandoned(&self) -> Result<(), Error> {
        for row in self.index.authorities()?.0.iter().filter(|row| row.certificate.is_none()) {
            let path = self.other(row.role, row.id);
            atomic::remove(&path.with_extension("key"))?;
            atomic::remove(&path.with_extension("pem"))?;
        }
        self.give_up_recertified()
    }

    /// Writes the certificates of a new generation, records it in one step, and puts its files into their places.
    pub(crate) fn finish_generation(
        &self,
        made: &[MadeAuthority],
        retired: &[i64],
        operation: Operation,
        signer: (i64, &PrivateKey),
    ) -> Result<(), Error> {
        for ca in made {
            atomic::replace(&self.other(ca.role, ca.id).with_extension("pem"), &ca.pem, PUBLIC_MODE)?;
        }
        let ready: Vec<_> = made.iter().map(|ca| (ca.id, ca.der.as_slice())).collect();
        self.change_generation(&Generation { ready: &ready, retired, revoked: None }, operation, Some(signer))
    }

    /// Records what becomes of CAs, and moves their files. A crash after the first leaves the second to the next writer.
    pub(crate) fn change_generation(
        &self,
        generation: &Generation<'_>,
        operation: Operation,
        signer: Option<(i64, &PrivateKey)>,
    ) -> Result<(), Error> {
        atomic::replace(&self.dir.join(layout::MOVING), &[], PUBLIC_MODE)?;
        self.index.change_generation(generation, operation, signer)?;
        self.settle()
    }

    /// Whether a change of generation has not been seen to its end.
    pub(super) fn is_moving(&self) -> bool {
        self.dir.join(layout::MOVING).exists()
    }

    /// Puts the files of CAs where the index says they belong. Can be interrupted at any point, and begun again.
    pub(crate) fn settle(&self) -> Result<(), Error> {
        let all = self.index.authorities()?;
        let chain = all.chain().map_err(|reason| self.index.damaged(&reason))?;
        if let (Some(chain), Some(root), Some(issuing)) = (chain, all.root(), all.issuing()) {
            let current = [root.id, issuing.id];
            for row in all.0.iter().filter(|row| !current.contains(&row.id)) {
                self.keep_certificate(row)?;
            }
            let trusted: String = chain.trusted().map(certificate_pem).collect();
            self.keep_former()?;
            self.seat(root, trusted.as_bytes(), &all.0)?;
            if issuing.id != root.id {
                self.seat(issuing, certificate_pem(chain[0].certificate.der()).as_bytes(), &all.0)?;
            }
        }
        atomic::remove(&self.dir.join(layout::MOVING))
    }

    /// Where the certificate of the current CA of a row's role is.
    pub(crate) fn place_of(&self, row: &AuthorityRow) -> PathBuf {
        self.dir.join(place(row.role).certificate)
    }

    /// Writes the certificate of a CA that is not current under its other name.
    fn keep_certificate(&self, row: &AuthorityRow) -> Result<(), Error> {
        let path = self.other(row.role, row.id).with_extension("pem");
        match &row.certificate {
            Some(der) if !path.exists() => atomic::replace(&path, certificate_pem(der).as_bytes(), PUBLIC_MODE),
            _ => Ok(()),
        }
    }

    /// Gives a CA the place of its role, after the key of the one that has it is safe under its other name.
    fn seat(&self, row: &AuthorityRow, pem: &[u8], all: &[AuthorityRow]) -> Result<(), Error> {
        let files = place(row.role);
        let (certificate, key) = (self.dir.join(files.certificate), self.dir.join(files.key));
        let other = self.other(row.role, row.id);
        let (other_certificate, other_key) = (other.with_extension("pem"), other.with_extension("key"));
        let seated = first_certificate(&certificate);
        let before = all.iter().find(|it| it.id != row.id && it.certificate.is_some() && it.certificate == seated);
        if let Some(before) = before {
            let safe = self.other(before.role, before.id).with_extension("key");
            if key.exists() && !safe.exists() {
                copy_key(&key, &safe)?;
            }
            if !other_key.exists() {
                // The new one's key is kept elsewhere, and the old one's must not be taken for it.
                atomic::remove(&key)?;
            }
        }
        if seated != row.certificate || fs::read(&certificate).at("read", &certificate)? != pem {
            atomic::replace(&certificate, pem, PUBLIC_MODE)?;
        }
        if other_key.exists() {
            copy_key(&other_key, &key)?;
            atomic::remove(&other_key)?;
        }
        atomic::remove(&other_certificate)
    }

    pub(super) fn other(&self, role: Role, id: i64) -> PathBuf {
        layout::other_authority(&self.dir, role.as_str(), id)
    }
}

/// Whether this is another certificate of the CA: of its name, octet by octet, and its key.
fn is_of_same_ca(der: &[u8], own: &facts::Certificate) -> bool {
    let other = facts::Certificate::from_der(der);
    other.is_ok_and(|other| other.subject.der() == own.subject.der() && other.public_key.same_as(&own.public_key))
}

/// The private keys in the folder of the CAs.
fn key_files(store: &Path) -> Result<Vec<PathBuf>, Error> {
    let folder = store.join(layout::CA);
    permission::check_folder(&folder)?;
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).at("look into", &folder)? {
        let path = entry.at("look into", &folder)?.path();
        paths.extend(Some(path).filter(|path| path.extension().is_some_and(|it| it == layout::KEY_EXTENSION)));
    }
    paths.sort();
    Ok(paths)
}

/// The place of the current CA of a role. A cross certificate has none: it is a root's second one.
fn place(role: Role) -> AuthorityFiles {
    match role {
        Role::Root | Role::Cross => layout::ROOT,
        Role::Issuing => layout::ISSUING,
    }
}

fn copy_key(from: &Path, to: &Path) -> Result<(), Error> {
    atomic::replace(to, &Store::read_private_key(from)?, SECRET_MODE)
}

/// The first certificate of a PEM file; none where there is no such file, or nothing in it that reads.
pub(super) fn first_certificate(path: &Path) -> Option<Vec<u8>> {
    let input = facts::Input::read(&fs::read(path).ok()?);
    let block = input.blocks.into_iter().find(|block| block.kind == facts::BlockKind::Certificate)?;
    Some(block.der.to_vec())
}
