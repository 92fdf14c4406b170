//! A CA that was made elsewhere, taken over: its certificate stays as it is, octet by octet, and its name is in what it
//! issues from then on as it is in its certificate. What issuing here would not heed, is refused here.

mod checks;
mod files;
mod held;
mod list;

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::authority::{Authority, Chain};
use crate::error::Error;
use crate::init_ca::{CreatedAuthority, CreatedCa};
use crate::key::{Kdf, Passphrase, Seal};
use crate::rehearse::{is_key_of, rehearse_chain};
use crate::store::log::{Kind, Operation};
use crate::store::writer::Writer;
use crate::store::{Above, MadeAuthority, PlannedAuthority, Progress, Role, Store};

use files::Found;
pub(crate) use files::pkcs8_of;
pub use held::{faults_of, held_cas};
use list::LastList;

/// A CA to be taken over.
#[derive(Debug)]
pub struct ImportRequest {
    /// Its certificate, PEM or DER.
    pub certificate: PathBuf,
    /// Its private key: PKCS#8, SEC1 or PKCS#1, encrypted or not.
    pub key: PathBuf,
    /// The root above it, where it is no root itself.
    pub chain: Option<PathBuf>,
    /// The last complete revocation list that it made; none: it never made one, or nothing is gone on from.
    pub crl: Option<PathBuf>,
    /// Opens the key, and encrypts the store's copy of it.
    pub passphrase: Option<Passphrase>,
    /// How the store's copy is encrypted.
    pub kdf: Kdf,
}

/// A CA that was taken over.
#[derive(Debug)]
pub struct ImportedCa {
    /// As a CA that was made.
    pub ca: CreatedCa,
    /// Where its revocation lists go on; none where none was given.
    pub lists: Option<ListsGoOn>,
    /// What should be known of it.
    pub notes: Vec<String>,
}

/// From where the revocation lists of a CA that was taken over go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListsGoOn {
    /// The number of its last list; 0: that had none.
    pub number: i64,
    /// How many serial numbers that names.
    pub entries: u64,
}

/// Asks for the passphrase of a key, as [`Store::on_encrypted`] does.
pub type AskPassphrase<'a> = &'a dyn Fn(&Path) -> Result<Option<Passphrase>, Error>;

/// Takes a CA over into a store in `dir`. `progress` is told how much of its last list was taken over, and how much there is.
///
/// # Errors
/// [`Error::ImportRefused`] or [`Error::ListRefused`] with the reason, [`Error::CaKeyMismatch`], what keeps the files from being read, and those of
/// [`crate::init_ca`]. Nothing is written before all is known to fit.
pub fn import_ca(
    dir: &Path,
    request: &ImportRequest,
    now: OffsetDateTime,
    ask: AskPassphrase<'_>,
    on_wait: &dyn Fn(&Path),
    progress: &dyn Fn(u64, u64),
) -> Result<ImportedCa, Error> {
    let found = files::certificates(&request.certificate, request.chain.as_deref(), request.passphrase.as_ref())?;
    let authorities = checks::chain(&request.certificate, &found, now)?;
    let (key, passphrase) = files::key(&request.key, request.passphrase.as_ref(), ask)?;
    if !is_key_of(&key.public_key()?, &authorities[0]) {
        return Err(Error::CaKeyMismatch { key: request.key.clone(), certificate: request.certificate.clone() });
    }
    rehearse_chain(&authorities, now)?;
    let mut notes = checks::notes(&authorities, now)?;
    let last = request.crl.as_deref().map(|path| list::read(path, &authorities[0])).transpose()?;
    notes.extend(last.iter().flat_map(LastList::notes));
    let seal = passphrase.map(|passphrase| Seal { passphrase, kdf: request.kdf });
    let writer = Writer::found(dir, on_wait)?;
    writer.refuse_ca()?;
    writer.remove_beginnings()?;
    let ids = writer.plan_authorities(&planned(&authorities), now)?;
    let made = made(&ids, &authorities, found);
    let issuing = made.last().expect("a chain has at least its root");
    writer.write_first_key(issuing.role, &key, seal.as_ref())?;
    let revoked = last.as_ref().map(|list| list.revoked_before(issuing.id, &authorities[0], Progress(progress)));
    if revoked.is_some() {
        writer.index().expect_many()?;
    }
    let signer = (issuing.id, &key);
    writer.finish_first(&made, revoked.as_ref(), operation(&authorities, last.as_ref()), signer)?;
    let lists = last.map(|list| ListsGoOn { number: list.number.unwrap_or(0), entries: list.entries });
    Ok(ImportedCa { ca: report(dir, &Chain::new(authorities, None, None), seal.is_some())?, lists, notes })
}

fn operation(authorities: &[Authority], last: Option<&LastList>) -> Operation {
    let operation = Operation::authorities(Kind::Import, authorities.iter().map(|ca| ca.certificate.der()));
    let Some(list) = last else { return operation };
    let operation = operation.with("crl_number", list.number).with("crl_sha256", list.sha256());
    operation.with("crl_entries", list.entries)
}

/// The root first, as the index has them.
fn planned(authorities: &[Authority]) -> Vec<PlannedAuthority<'_>> {
    let roles = [(Role::Root, Above::Nobody), (Role::Issuing, Above::Planned(0))];
    let planned = authorities.iter().rev().zip(roles).map(|(ca, (role, issuer))| PlannedAuthority {
        role,
        name: ca.name.clone(),
        serial: ca.certificate.serial.clone(),
        not_after: ca.validity.not_after(),
        key_id: &ca.key_id,
        issuer,
        replaces: None,
    });
    planned.collect()
}

fn made(ids: &[i64], authorities: &[Authority], found: Found) -> Vec<MadeAuthority> {
    let mut made: Vec<MadeAuthority> = ids
        .iter()
        .zip([Role::Root, Role::Issuing])
        .zip(authorities.iter().rev())
        .map(|((id, role), ca)| MadeAuthority::new(*id, role, ca.certificate.der()))
        .collect();
    // A file that holds the certificate alone is kept with all that is written around it.
    if let (Some(last), Some(pem)) = (made.last_mut(), found.own_file) {
        last.pem = pem;
    }
    made
}

fn report(dir: &Path, chain: &Chain, encrypted: bool) -> Result<CreatedCa, Error> {
    let created = |ca: &Authority| CreatedAuthority {
        name: ca.name.clone(),
        key: ca.key_kind,
        serial: ca.certificate.serial_hex(),
        validity: ca.validity,
        sha256: ca.certificate.sha256_hex(),
    };
    Ok(CreatedCa {
        dir: dir.to_owned(),
        authorities: chain.iter().rev().map(created).collect(),
        constraints: chain[0].constraints.clone(),
        encrypted,
        root_pem: Store::open(dir)?.root_pem_path(),
        root_key_out: None,
    })
}
