//! A new certificate authority: a root, and below it perhaps the CA that issues.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::constraint::NameConstraints;
use crate::error::Error;
use crate::facts;
use crate::key::{self, KeyKind, PrivateKey};
use crate::name::CaName;
use crate::plan::{CaDraft, CertificatePlan};
use crate::profile;
use crate::rehearse::{CheckedPlan, rehearse_authorities};
use crate::request::InitCaRequest;
use crate::serial::Serial;
use crate::sign::{Signed, sign};
use crate::store::log::{Kind, Operation};
use crate::store::writer::Writer;
use crate::store::{Above, MadeAuthority, PlannedAuthority, Role, Store, check_key_out, host_name, write_key_out};
use crate::subject::SubjectAttributes;
use crate::validity::Validity;

/// What was made.
#[derive(Debug)]
pub struct CreatedCa {
    /// The store.
    pub dir: PathBuf,
    /// The root, and below it the issuing CA where there is one.
    pub authorities: Vec<CreatedAuthority>,
    /// What the CA may issue; empty: everything.
    pub constraints: NameConstraints,
    /// Whether the private keys are encrypted.
    pub encrypted: bool,
    /// The file that clients and servers trust.
    pub root_pem: PathBuf,
    /// Where the root's private key is, if not in the store.
    pub root_key_out: Option<PathBuf>,
}

/// One CA that was made.
#[derive(Debug)]
pub struct CreatedAuthority {
    /// Its common name.
    pub name: String,
    /// The kind of its key.
    pub key: KeyKind,
    /// Its serial number, in hexadecimal.
    pub serial: String,
    /// Its life.
    pub validity: Validity,
    /// SHA-256 of its certificate, in hexadecimal.
    pub sha256: String,
}

/// Makes a CA in `dir`.
///
/// # Errors
/// Names and limits that will not do, as [`Error::CaNameRefused`], [`Error::CaNamesEqual`] and
/// [`Error::ConstraintRefused`] say; [`Error::StoreHasCa`] where there is one, which stays as it is; what the disk says.
pub fn init_ca(dir: &Path, request: InitCaRequest, now: OffsetDateTime) -> Result<CreatedCa, Error> {
    init_ca_waiting(dir, request, now, &|_| ())
}

/// As [`init_ca`], calling `on_wait` with the lock's path when another process holds it.
///
/// # Errors
/// As [`init_ca`].
pub fn init_ca_waiting(
    dir: &Path,
    request: InitCaRequest,
    now: OffsetDateTime,
    on_wait: &dyn Fn(&Path),
) -> Result<CreatedCa, Error> {
    let names = names(&request)?;
    if let Some(path) = &request.root_key_out
        && let Err(refused) = refuse_key_out(dir, path, names.len())
    {
        // Whoever is told that the file is in the way may remove it: it can be the only copy of this store's root key.
        if Store::exists(dir) {
            Writer::found(dir, on_wait)?.refuse_ca()?;
        }
        return Err(refused);
    }
    let constraints = NameConstraints::parse(&request.permit_dns, &request.permit_ip)?;
    let validity = Validity::new(now, request.days, None)?;
    let writer = Writer::found(dir, on_wait)?;
    writer.refuse_ca()?;
    let seal = request.seal;
    let keys = names.iter().map(|_| PrivateKey::generate(request.key)).collect::<Result<Vec<_>, _>>()?;
    let checked = checked_plans(&names, &request.attributes, &keys, (&constraints, validity), now)?;
    writer.remove_beginnings()?;
    let ids = writer.plan_authorities(&planned(&checked), now)?;
    for (role, key) in ROLES.into_iter().zip(&keys) {
        match &request.root_key_out {
            // On disk before there is a root that it could be missed for.
            Some(path) if role == Role::Root => write_key_out(path, &key.to_pem(seal.as_ref())?)?,
            _ => writer.write_first_key(role, key, seal.as_ref())?,
        }
    }
    // Both are signed by the root's key: the first is its own.
    let signed = checked.into_iter().map(|plan| sign(plan, &keys[0])).collect::<Result<Vec<_>, _>>()?;
    let made: Vec<_> =
        ids.iter().zip(ROLES).zip(&signed).map(|((id, role), ca)| MadeAuthority::new(*id, role, ca.der())).collect();
    let operation = Operation::authorities(Kind::InitCa, signed.iter().map(Signed::der));
    let (last, key) = (ids.last(), keys.last());
    let signer = last.copied().zip(key).expect("there is a name for the root at least");
    writer.finish_first(&made, None, operation, signer)?;
    Ok(CreatedCa {
        root_key_out: request.root_key_out,
        dir: dir.to_owned(),
        authorities: signed.iter().map(|ca| created(ca, request.key)).collect(),
        constraints,
        encrypted: seal.is_some(),
        root_pem: Store::open(dir)?.root_pem_path(),
    })
}

/// The roles of what is made, in its order.
const ROLES: [Role; 2] = [Role::Root, Role::Issuing];

fn planned(checked: &[CheckedPlan]) -> Vec<PlannedAuthority<'_>> {
    let above = [Above::Nobody, Above::Planned(0)];
    let plans = checked.iter().zip(ROLES).zip(above);
    plans.map(|((plan, role), above)| PlannedAuthority::of(plan.plan(), role, above, None)).collect()
}

/// Looks at where the root's key is to go before anything is made.
fn refuse_key_out(dir: &Path, path: &Path, names: usize) -> Result<(), Error> {
    if names < 2 {
        return Err(Error::KeyOutOfIssuer);
    }
    check_key_out(dir, path)
}

/// The root's name, and the intermediate's after it.
fn names(request: &InitCaRequest) -> Result<Vec<CaName>, Error> {
    let host = host_name();
    let parse = |text: &String| CaName::parse(text, host.as_deref(), request.allow_host_like_name);
    let root = parse(&request.name)?;
    let Some(intermediate) = request.intermediate.as_ref().map(parse).transpose()? else { return Ok(vec![root]) };
    if root.common_name().is_alike(intermediate.common_name()) {
        return Err(Error::CaNamesEqual { root: root.to_string(), intermediate: intermediate.to_string() });
    }
    Ok(vec![root, intermediate])
}

/// The plans, root first, after their rehearsal.
fn checked_plans(
    names: &[CaName],
    attributes: &SubjectAttributes,
    keys: &[PrivateKey],
    (constraints, validity): (&NameConstraints, Validity),
    now: OffsetDateTime,
) -> Result<Vec<CheckedPlan>, Error> {
    let mut plans: Vec<CertificatePlan> = Vec::with_capacity(names.len());
    for (name, key) in names.iter().zip(keys) {
        let public_key = key.public_key()?;
        let serial = Serial::from_random(key::random()?);
        let draft = |profile| CaDraft {
            name: name.common_name(),
            attributes,
            public_key: &public_key,
            serial,
            validity,
            profile,
            constraints,
        };
        let plan = match plans.first() {
            None => CertificatePlan::root(draft(profile::root(u8::from(names.len() > 1)))),
            Some(root) => CertificatePlan::intermediate(draft(profile::intermediate()), root),
        };
        plans.push(plan);
    }
    plans.reverse();
    let mut checked = rehearse_authorities(plans, now)?;
    checked.reverse();
    Ok(checked)
}

pub(crate) fn created(ca: &Signed, key: KeyKind) -> CreatedAuthority {
    let plan = ca.plan();
    CreatedAuthority {
        name: plan.subject().map(ToString::to_string).unwrap_or_default(),
        key,
        serial: plan.serial().to_string(),
        validity: plan.validity(),
        sha256: facts::hex(&facts::sha256(ca.der())),
    }
}
