//! A new generation of CAs: another issuing CA below the same root, or another root. Nobody is shut out on the way: what is
//! issued below a new root is sent with a certificate of it from the old one, so that who knows either root accepts it.
//!
//! ```text
//! old root ──► cross ─┐ the new root's name and key, signed by the old one
//!                     ├─► issuing CA ──► certificates
//! new root ───────────┘
//! ```

mod finish;
mod lists;
mod names;
mod same_key;

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::authority::{Authority, Chain};
use crate::error::Error;
use crate::init_ca::{CreatedAuthority, created};
use crate::key::{self, KeyKind, Passphrase, PrivateKey, PublicKey, Seal};
use crate::name::CaName;
use crate::plan::{CaDraft, CertificatePlan};
use crate::profile::{self, DEFAULT_CA_DAYS, Profile};
use crate::rehearse::{CheckedPlan, rehearse_authorities};
use crate::serial::Serial;
use crate::sign::{Signed, sign};
use crate::store::log::{Kind, Operation};
use crate::store::writer::Writer;
use crate::store::{
    Above, Authorities, MadeAuthority, OpenedKey, PlannedAuthority, Role, Store, check_key_out, write_key_out,
};
use crate::validity::{Validity, rfc3339};
use lists::Points;

pub use finish::{Finished, finish_rollover};
pub use same_key::{Recertified, RecertifyRequest, recertify};

/// Which CA gets a successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// The root, and with it the CA that issues below it.
    Root,
    /// The CA that issues; where the root does, it gets one below it.
    Intermediate,
}

/// A new generation, as it was asked for.
#[derive(Debug)]
pub struct RolloverRequest {
    /// Of which CA.
    pub generation: Generation,
    /// The new CA's common name; none: the old one's with a number.
    pub name: Option<String>,
    /// With a new root: the common name of the CA that issues below it; none: the old one's with a number.
    pub issuing: Option<String>,
    /// The kind of the new keys; none: the old ones'.
    pub key: Option<KeyKind>,
    /// Days that the new CAs live.
    pub days: u32,
    /// The current root's private key, where it is not in the store.
    pub root_key: Option<PathBuf>,
    /// Writes a new root's private key into this file, and not into the store.
    pub root_key_out: Option<PathBuf>,
    /// Opens the current root's key. New keys have the passphrase that it has.
    pub passphrase: Option<Passphrase>,
    /// Lets a name pass that reads like a host's.
    pub allow_host_like_name: bool,
}

impl RolloverRequest {
    /// With names and kinds of keys after the old ones, for ten years.
    pub fn new(generation: Generation) -> RolloverRequest {
        RolloverRequest {
            generation,
            name: None,
            issuing: None,
            key: None,
            days: DEFAULT_CA_DAYS,
            root_key: None,
            root_key_out: None,
            passphrase: None,
            allow_host_like_name: false,
        }
    }
}

/// What a roll-over has made.
#[derive(Debug)]
pub struct RolledOver {
    /// The new root.
    pub root: Option<CreatedAuthority>,
    /// The new CA that issues.
    pub issuing: Option<CreatedAuthority>,
    /// The new root's certificate from the old one.
    pub cross: Option<CreatedAuthority>,
    /// The name of the CA that issued until now.
    pub old_issuer: String,
    /// With a new root, the name of the old one, which is trusted until the roll-over is finished.
    pub old_root: Option<String>,
    /// Certificates in use that were issued before.
    pub in_use: usize,
    /// The file with every root that is trusted.
    pub root_pem: PathBuf,
    /// Where the new root's private key is, if not in the store.
    pub root_key_out: Option<PathBuf>,
    /// What servers read of the revocation lists, where it was made anew.
    pub crl_pem: Option<PathBuf>,
    /// What the user should know besides.
    pub notes: Vec<String>,
}

/// One CA of the new generation.
struct Drafted {
    role: Role,
    plan: CertificatePlan,
    /// Its own key; a cross certificate certifies the root's.
    key: Option<PrivateKey>,
    issuer: Above,
    replaces: Option<i64>,
}

/// Makes a new generation of CAs, which issues from then on.
///
/// # Errors
/// [`Error::NoRootKey`], [`Error::CaNameTaken`] and its kin, [`Error::RolloverUnfinished`], [`Error::RehearsalFailed`] where
/// the old root allows no CA more below it, and what the store and the disk say.
pub fn rollover(store: &Store, request: RolloverRequest, now: OffsetDateTime) -> Result<RolledOver, Error> {
    let chain = store.chain()?;
    let opened = root_key(store, &chain, request.root_key.as_deref(), request.passphrase.as_ref())?;
    refuse_expired(chain.root(), now)?;
    let writer = store.write()?;
    writer.refuse_stale(&chain)?;
    writer.refuse_stale_key(&opened)?;
    let all = writer.authorities()?;
    refuse_unfinished(&all, request.generation)?;
    if let Some(path) = &request.root_key_out {
        check_key_out(store.dir(), path)?;
    } else if request.generation == Generation::Root && store.keys_beside(chain.root())?.is_empty() {
        return Err(Error::KeyOutNeeded);
    }
    let points = Points::read(&writer, all.root().map_or(0, |row| row.id))?;
    let rolling = Rolling { chain, all, points, now };
    let drafts = match request.generation {
        Generation::Root => rolling.root(&request)?,
        Generation::Intermediate => vec![rolling.intermediate(&request)?],
    };
    let checked = rolling.rehearse(&drafts)?;
    let signed = carry_out(&writer, &drafts, checked, &opened, &request, now)?;
    let root_key = request.root_key_out.clone();
    let mut rolled = report(store, &writer, &rolling, &drafts, &signed, request)?;
    // The new generation is in force: what is wrong from here on is told, and no error. A copy that is taken before the lists are
    // made has the old ones in their order.
    let unordered = lists::put_in_order(store, &writer).err().map(|error| lists::not_in_order(store, &error));
    drop(writer);
    let renewed = lists::renew(store, root_key.as_deref(), opened.passphrase, now);
    rolled.crl_pem = renewed.bundle;
    rolled.notes = unordered.into_iter().chain(renewed.notes).collect();
    Ok(rolled)
}

/// The current root's key: of the store, or the one that is given.
fn root_key(
    store: &Store,
    chain: &Chain,
    given: Option<&Path>,
    passphrase: Option<&Passphrase>,
) -> Result<OpenedKey, Error> {
    let root = chain.root();
    match given {
        None => store
            .opened_ca_key(root, passphrase)?
            .ok_or_else(|| Error::NoRootKey { name: root.name.clone(), dir: store.dir().to_owned() }),
        Some(path) => store
            .given_ca_key(path, root, passphrase)?
            .ok_or_else(|| Error::CaKeyMismatch { key: path.to_owned(), certificate: store.root_pem_path() }),
    }
}

fn refuse_expired(root: &Authority, now: OffsetDateTime) -> Result<(), Error> {
    match root.validity.not_after() < now {
        true => Err(Error::IssuerExpired { ca: root.name.clone(), not_after: rfc3339(root.validity.not_after()) }),
        false => Ok(()),
    }
}

fn refuse_unfinished(all: &Authorities, generation: Generation) -> Result<(), Error> {
    match (all.old_root(), all.root()) {
        (Some(old), Some(new)) if generation == Generation::Root => {
            Err(Error::RolloverUnfinished { old: old.name.clone(), new: new.name.clone() })
        }
        _ => Ok(()),
    }
}

/// What a generation is drafted from: nothing here can sign, or write.
struct Rolling {
    chain: Chain,
    all: Authorities,
    points: Points,
    now: OffsetDateTime,
}

impl Rolling {
    /// A root, its certificate from the old one, and a CA below it where there is one now.
    fn root(&self, request: &RolloverRequest) -> Result<Vec<Drafted>, Error> {
        let (old, below) = (self.chain.root(), u8::from(self.chain.len() > 1));
        let name = names::of_new(request.name.as_deref(), &old.name, request, &self.all)?;
        let key = PrivateKey::generate(request.key.unwrap_or(old.key_kind))?;
        let public = key.public_key()?;
        let life = Validity::new(self.now, request.days, None)?;
        let plan = CertificatePlan::root(draft(&name, &public, old, life, profile::root(below))?);
        let within = Validity::new(self.now, request.days, Some(old.validity))?;
        let cross = CertificatePlan::below(draft(&name, &public, old, within, profile::cross(below))?, old);
        let cross = cross.with_crl_points(self.points.of_root());
        let issuing = match below {
            0 => None,
            _ => Some(self.below_new_root(request, &name, &plan, life)?),
        };
        let replaces = self.all.root().map(|row| row.id);
        let mut drafts = vec![
            Drafted { role: Role::Root, plan, key: Some(key), issuer: Above::Nobody, replaces },
            Drafted { role: Role::Cross, plan: cross, key: None, issuer: above(replaces), replaces: None },
        ];
        drafts.extend(issuing);
        Ok(drafts)
    }

    fn below_new_root(
        &self,
        request: &RolloverRequest,
        root: &CaName,
        plan: &CertificatePlan,
        life: Validity,
    ) -> Result<Drafted, Error> {
        let old = &self.chain[0];
        let name = names::of_new(request.issuing.as_deref(), &old.name, request, &self.all)?;
        names::refuse_same(root, &name)?;
        let key = PrivateKey::generate(request.key.unwrap_or(old.key_kind))?;
        let public = key.public_key()?;
        let plan = CertificatePlan::intermediate(draft(&name, &public, old, life, profile::intermediate())?, plan);
        let plan = plan.with_crl_points(self.points.of_new_root());
        let replaces = self.all.issuing().map(|row| row.id);
        Ok(Drafted { role: Role::Issuing, plan, key: Some(key), issuer: Above::Planned(0), replaces })
    }

    /// A CA below the root that there is.
    fn intermediate(&self, request: &RolloverRequest) -> Result<Drafted, Error> {
        let (old, root) = (&self.chain[0], self.chain.root());
        let name = names::of_new(request.name.as_deref(), &old.name, request, &self.all)?;
        let key = PrivateKey::generate(request.key.unwrap_or(old.key_kind))?;
        let public = key.public_key()?;
        let life = Validity::new(self.now, request.days, Some(root.validity))?;
        let plan = CertificatePlan::below(draft(&name, &public, old, life, profile::intermediate())?, root);
        let plan = plan.with_crl_points(self.points.of_root());
        let replaces = self.all.issuing().map(|row| row.id);
        Ok(Drafted {
            role: Role::Issuing,
            plan,
            key: Some(key),
            issuer: above(self.all.root().map(|row| row.id)),
            replaces,
        })
    }

    /// Looks at the new generation as those do who know only the new root, and as those who know only the old one.
    fn rehearse(&self, drafts: &[Drafted]) -> Result<Vec<CheckedPlan>, Error> {
        let plan = |role| drafts.iter().find(|draft| draft.role == role).map(|draft| draft.plan.clone());
        let old_root = CertificatePlan::again(self.chain.root(), self.chain.root());
        let line = |top: Vec<Option<CertificatePlan>>| -> Result<Vec<CheckedPlan>, Error> {
            let plans = std::iter::once(plan(Role::Issuing)).chain(top).flatten().collect();
            rehearse_authorities(plans, self.now)
        };
        let Some(root) = plan(Role::Root) else {
            // While two roots are trusted, what is issued must lead to both.
            if let Some([cross, before]) = self.chain.line_to_old_root(self.now) {
                let (cross, before) =
                    (CertificatePlan::again(&cross, &before), CertificatePlan::again(&before, &before));
                line(vec![Some(cross), Some(before)])?;
            }
            let mut checked = line(vec![Some(old_root)])?;
            checked.truncate(1);
            return Ok(checked);
        };
        let mut by_new = line(vec![Some(root)])?;
        let mut by_old = line(vec![plan(Role::Cross), Some(old_root)])?;
        by_old.truncate(drafts.len() - 1);
        let cross = by_old.pop();
        let root = by_new.pop();
        Ok(root.into_iter().chain(cross).chain(by_new).collect())
    }
}

fn above(row: Option<i64>) -> Above {
    row.map_or(Above::Nobody, Above::Row)
}

/// A CA with the limits of the one that it takes the place of.
fn draft<'a>(
    name: &'a CaName,
    public_key: &'a PublicKey,
    old: &'a Authority,
    validity: Validity,
    profile: Profile,
) -> Result<CaDraft<'a>, Error> {
    let serial = Serial::from_random(key::random()?);
    let (name, attributes, constraints) = (name.common_name(), &old.attributes, &old.constraints);
    Ok(CaDraft { name, attributes, public_key, serial, validity, profile, constraints })
}

/// Recorded, then the keys, then the signatures, then the files, and last the index.
fn carry_out(
    writer: &Writer,
    drafts: &[Drafted],
    checked: Vec<CheckedPlan>,
    opened: &OpenedKey,
    request: &RolloverRequest,
    now: OffsetDateTime,
) -> Result<Vec<Signed>, Error> {
    let planned: Vec<_> = drafts
        .iter()
        .map(|draft| PlannedAuthority::of(&draft.plan, draft.role, draft.issuer, draft.replaces))
        .collect();
    let ids = writer.plan_authorities(&planned, now)?;
    writer.remove_abandoned()?;
    // New keys have the passphrase that the root's has.
    let seal = opened.passphrase.clone().map(Seal::new);
    for (id, draft) in ids.iter().zip(drafts) {
        match (&draft.key, &request.root_key_out) {
            (Some(key), Some(path)) if draft.role == Role::Root => write_key_out(path, &key.to_pem(seal.as_ref())?)?,
            (Some(key), _) => writer.write_next_key((*id, draft.role), key, seal.as_ref())?,
            (None, _) => {}
        }
    }
    let root_key = drafts.iter().find(|draft| draft.role == Role::Root).and_then(|draft| draft.key.as_ref());
    let signed = drafts.iter().zip(checked).map(|(draft, plan)| match (draft.issuer, root_key) {
        (Above::Nobody | Above::Planned(_), Some(key)) => sign(plan, key),
        _ => sign(plan, &opened.key),
    });
    let signed = signed.collect::<Result<Vec<_>, _>>()?;
    finish(writer, drafts, &ids, &signed)?;
    Ok(signed)
}

/// The certificates into their files, and the generation into the index; the CA that now issues signs the log.
fn finish(writer: &Writer, drafts: &[Drafted], ids: &[i64], signed: &[Signed]) -> Result<(), Error> {
    let made: Vec<_> = ids
        .iter()
        .zip(drafts)
        .zip(signed)
        .map(|((id, draft), ca)| MadeAuthority::new(*id, draft.role, ca.der()))
        .collect();
    let operation = Operation::authorities(Kind::Rollover, signed.iter().map(Signed::der));
    // The last with a key is the CA that issues.
    let signer = ids.iter().zip(drafts).rev().find_map(|(id, draft)| Some((*id, draft.key.as_ref()?)));
    let signer = signer.expect("a generation has a CA with a key of its own");
    // An old root goes on being trusted; only who issued below one issues no more.
    let retired = drafts.iter().filter(|draft| draft.role == Role::Issuing).filter_map(|draft| draft.replaces);
    let retired: Vec<i64> = retired.filter(|id| writer.is_below_root(*id).unwrap_or(false)).collect();
    writer.finish_generation(&made, &retired, operation, signer)
}

fn report(
    store: &Store,
    writer: &Writer,
    rolling: &Rolling,
    drafts: &[Drafted],
    signed: &[Signed],
    request: RolloverRequest,
) -> Result<RolledOver, Error> {
    let made = |role| {
        let position = drafts.iter().position(|draft| draft.role == role)?;
        let kind = KeyKind::of(&Authority::from_der(signed[position].der()).ok()?.certificate.public_key.kind)?;
        Some(created(&signed[position], kind))
    };
    let old: Vec<i64> = rolling.all.0.iter().map(|row| row.id).collect();
    let root = made(Role::Root);
    Ok(RolledOver {
        issuing: made(Role::Issuing),
        cross: made(Role::Cross),
        old_issuer: rolling.chain[0].name.clone(),
        old_root: root.is_some().then(|| rolling.chain.root().name.clone()),
        root,
        in_use: writer.in_use_of(&old, rolling.now)?.len(),
        root_pem: store.root_pem_path(),
        root_key_out: request.root_key_out,
        crl_pem: None,
        notes: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::init_ca::init_ca;
    use crate::request::InitCaRequest;
    use crate::{PassphraseChange, change_passphrase};

    /// While one is asked for the passphrase, another changes it: what is made would be under the old one.
    #[test]
    fn a_passphrase_that_is_changed_meanwhile_is_not_given_to_new_keys() {
        let word = |text: &str| Passphrase::given(text, "test".to_owned()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let now = datetime!(2026-01-01 00:00 UTC);
        let seal = Some(Seal::new(word("one")));
        init_ca(dir.path(), InitCaRequest { seal, ..InitCaRequest::new("Root CA") }, now).unwrap();
        let mut store = Store::open(dir.path()).unwrap();
        let folder = dir.path().to_owned();
        store.on_encrypted(move |_| {
            let [old, new] = ["one", "two"].map(word);
            let change = PassphraseChange { old: Some(old.clone()), new: Some(Seal::new(new)), root_key: None };
            change_passphrase(&Store::open(&folder)?, &change)?;
            Ok(Some(old))
        });
        let again = |store: &Store| rollover(store, RolloverRequest::new(Generation::Root), now);
        assert!(matches!(again(&store), Err(Error::CaKeyReplaced { .. })));
        store.on_encrypted(move |_| Ok(Some(word("two"))));
        again(&store).unwrap();
    }
}
