//! A checked plan and the CA's key become a certificate. The only place where a CA's key signs one.

pub(crate) mod extensions;
mod names;

use rcgen::{
    BasicConstraints as RcgenBasicConstraints, CertificateParams, CidrSubnet, CrlDistributionPoint, DistinguishedName,
    DnType, DnValue, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose,
    NameConstraints, SanType, SerialNumber, SigningKey,
};

use crate::error::Error;
use crate::key::{PrivateKey, crypto};
use crate::name::CommonName;
use crate::plan::{CertificatePlan, KeptExtension};
use crate::profile::{BasicConstraints, ExtendedKeyUsage, KeyUsage};
use crate::rehearse::CheckedPlan;
use crate::san::San;
use crate::subject::{SubjectAttribute, SubjectAttributes};
use crate::uri::Uri;
use names::NamingKey;

/// The type of a user principal name, an otherName of Microsoft's (MS-WCCE, 2.2.2.7.7.4 and KB 258605).
const MS_UPN: [u64; 10] = [1, 3, 6, 1, 4, 1, 311, 20, 2, 3];

/// A certificate that was signed; made by [`sign`] alone.
#[derive(Debug, Clone)]
pub struct Signed {
    der: Vec<u8>,
    plan: CertificatePlan,
}

impl Signed {
    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What it says.
    pub fn plan(&self) -> &CertificatePlan {
        &self.plan
    }
}

/// Signs what a rehearsal let pass. `issuer_key` must be the key of the plan's issuer; the callers compare it with the
/// issuer's certificate when they read it.
///
/// # Errors
/// [`Error::Crypto`].
pub fn sign(checked: CheckedPlan, issuer_key: &PrivateKey) -> Result<Signed, Error> {
    let plan = checked.into_plan();
    let der = encode(&plan, plan.public_key().info(), issuer_key.pair())?;
    Ok(Signed { der, plan })
}

/// Encodes and signs `plan` for `subject_key`. Shared with the rehearsal, so that it is true to the performance.
pub(crate) fn encode(
    plan: &CertificatePlan,
    subject_key: &impl rcgen::PublicKeyData,
    issuer_key: &impl SigningKey,
) -> Result<Vec<u8>, Error> {
    const WHAT: &str = "encoding a certificate";
    let mut issuer = CertificateParams::default();
    issuer.key_identifier_method = KeyIdMethod::PreSpecified(plan.authority_key_id().to_vec());
    let params = params(plan).map_err(crypto(WHAT))?;
    let key = NamingKey::new(issuer_key, plan.issuer(), plan.taken_subject());
    let certificate = params.signed_by(subject_key, &Issuer::from_params(&issuer, &key)).map_err(crypto(WHAT))?;
    key.rename(certificate.der()).ok_or_else(|| Error::Crypto { what: WHAT, reason: "it has no names".to_owned() })
}

/// Every field is set: rcgen's defaults (a serial from the key, validity from 1975 to 4096, no AKI) are not wanted.
fn params(plan: &CertificatePlan) -> Result<CertificateParams, rcgen::Error> {
    let profile = plan.profile();
    let mut params = CertificateParams::default();
    params.not_before = plan.validity().not_before();
    params.not_after = plan.validity().not_after();
    params.serial_number = Some(SerialNumber::from_slice(plan.serial().octets()));
    params.subject_alt_names = plan.sans().iter().map(san_type).collect::<Result<_, _>>()?;
    params.distinguished_name = distinguished_name(plan.attributes(), plan.subject())?;
    params.is_ca = is_ca(profile.basic_constraints);
    params.key_usages = profile.key_usage.iter().map(|usage| key_usage(*usage)).collect();
    params.extended_key_usages = profile.extended_key_usage.iter().map(|usage| extended_key_usage(*usage)).collect();
    let further = plan.extensions().extended_key_usage.iter();
    params.extended_key_usages.extend(further.map(|usage| ExtendedKeyUsagePurpose::Other(usage.arcs().to_vec())));
    params.name_constraints = name_constraints(plan);
    params.crl_distribution_points = distribution_point(&plan.extensions().crl);
    params.custom_extensions = extensions::custom(plan.extensions());
    params.use_authority_key_identifier_extension = true;
    params.key_identifier_method = KeyIdMethod::PreSpecified(plan.subject_key_id().to_vec());
    Ok(params)
}

/// A name of UTF8Strings, the encoding that RFC 5280, 4.1.2.4 asks for, and a country as the PrintableString that it has to
/// be; the same as [`SubjectAttributes::name`], so that issuer and subject are equal octet by octet.
pub(crate) fn distinguished_name(
    attributes: &SubjectAttributes,
    common_name: Option<&CommonName>,
) -> Result<DistinguishedName, rcgen::Error> {
    let mut name = DistinguishedName::new();
    for (kind, text) in attributes.iter() {
        let value = match kind {
            SubjectAttribute::Country => DnValue::PrintableString(text.try_into()?),
            _ => DnValue::Utf8String(text.to_owned()),
        };
        name.push(attribute_type(kind), value);
    }
    if let Some(common_name) = common_name {
        name.push(DnType::CommonName, common_name.as_str());
    }
    Ok(name)
}

fn attribute_type(kind: SubjectAttribute) -> DnType {
    match kind {
        SubjectAttribute::Country => DnType::CountryName,
        SubjectAttribute::State => DnType::StateOrProvinceName,
        SubjectAttribute::Locality => DnType::LocalityName,
        SubjectAttribute::Organization => DnType::OrganizationName,
        SubjectAttribute::OrganizationalUnit => DnType::OrganizationalUnitName,
    }
}

pub(crate) fn san_type(san: &San) -> Result<SanType, rcgen::Error> {
    Ok(match san {
        San::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
        San::Ip(address) => SanType::IpAddress(*address),
        San::Email(address) => SanType::Rfc822Name(address.as_str().try_into()?),
        San::Uri(uri) => SanType::URI(uri.as_str().try_into()?),
        San::Upn(name) => SanType::OtherName((MS_UPN.to_vec(), name.as_str().into())),
    })
}

/// One point, whose names all lead to the same list (RFC 5280, 4.2.1.13).
fn distribution_point(uris: &[Uri]) -> Vec<CrlDistributionPoint> {
    let uris: Vec<String> = uris.iter().map(ToString::to_string).collect();
    if uris.is_empty() { Vec::new() } else { vec![CrlDistributionPoint { uris }] }
}

fn is_ca(constraints: BasicConstraints) -> IsCa {
    match constraints {
        BasicConstraints::EndEntity => IsCa::ExplicitNoCa,
        BasicConstraints::Authority { path_length } => {
            IsCa::Ca(path_length.map_or(RcgenBasicConstraints::Unconstrained, RcgenBasicConstraints::Constrained))
        }
    }
}

fn key_usage(usage: KeyUsage) -> KeyUsagePurpose {
    match usage {
        KeyUsage::DigitalSignature => KeyUsagePurpose::DigitalSignature,
        KeyUsage::KeyEncipherment => KeyUsagePurpose::KeyEncipherment,
        KeyUsage::KeyCertSign => KeyUsagePurpose::KeyCertSign,
        KeyUsage::CrlSign => KeyUsagePurpose::CrlSign,
    }
}

fn extended_key_usage(usage: ExtendedKeyUsage) -> ExtendedKeyUsagePurpose {
    match usage {
        ExtendedKeyUsage::ServerAuth => ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsage::ClientAuth => ExtendedKeyUsagePurpose::ClientAuth,
    }
}

fn name_constraints(plan: &CertificatePlan) -> Option<NameConstraints> {
    let constraints = plan.constraints();
    let is_kept = plan.extensions().kept.iter().any(|kept| kept.oid == KeptExtension::NAME_CONSTRAINTS);
    if constraints.is_empty() || is_kept {
        return None;
    }
    let dns = constraints.dns.iter().map(|name| GeneralSubtree::DnsName(name.to_string()));
    let ip = constraints
        .ip
        .iter()
        .map(|block| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(block.address, block.prefix)));
    Some(NameConstraints { permitted_subtrees: dns.chain(ip).collect(), excluded_subtrees: Vec::new() })
}
