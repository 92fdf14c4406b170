//! What a certificate says besides what its profile asks for.

use crate::facts::Certificate;
use crate::uri::{Oid, Uri};

/// Extensions that no profile needs and a store may be set up to give. None of them is critical, but for those that are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extensions {
    /// cRLDistributionPoints (RFC 5280, 4.2.1.13): where one and the same revocation list is found; empty: left out.
    pub crl: Vec<Uri>,
    /// authorityInfoAccess, caIssuers (RFC 5280, 4.2.2.1): where the issuer's certificate is found.
    pub ca_issuers: Vec<Uri>,
    /// authorityInfoAccess, ocsp: who answers for the certificate's standing.
    pub ocsp: Vec<Uri>,
    /// certificatePolicies (RFC 5280, 4.2.1.4), without qualifiers.
    pub policies: Vec<Oid>,
    /// The TLS feature status_request (RFC 7633), known as must-staple: the server has to send an OCSP answer along.
    pub must_staple: bool,
    /// extendedKeyUsage (RFC 5280, 4.2.1.12): purposes besides the profile's own.
    pub extended_key_usage: Vec<Oid>,
    /// Of a CA that is certified again: what its certificate said before.
    pub kept: Vec<KeptExtension>,
}

/// An extension of a certificate that there is, kept octet by octet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptExtension {
    /// Its type in dotted form.
    pub oid: String,
    /// Whether a verifier that does not know it must refuse the certificate.
    pub critical: bool,
    /// The DER of its value.
    pub value: Vec<u8>,
}

impl KeptExtension {
    /// id-ce-keyUsage.
    pub(crate) const KEY_USAGE: &'static str = "2.5.29.15";
    /// id-ce-cRLDistributionPoints.
    pub(crate) const CRL_POINTS: &'static str = "2.5.29.31";
    /// id-ce-nameConstraints.
    pub(crate) const NAME_CONSTRAINTS: &'static str = "2.5.29.30";
    /// What a plan says by itself: subjectKeyIdentifier, basicConstraints and authorityKeyIdentifier. The last is made anew
    /// because it may name the serial number of a certificate that ends.
    const PLANNED: [&'static str; 3] = ["2.5.29.14", "2.5.29.19", "2.5.29.35"];

    /// All of a CA's certificate but for what a plan says by itself.
    pub(crate) fn of(certificate: &Certificate) -> Vec<KeptExtension> {
        let all = certificate.extension_octets().into_iter();
        let kept = all.filter(|(oid, ..)| !Self::PLANNED.contains(&oid.as_str()) && Oid::parse(oid).is_some());
        kept.map(|(oid, critical, value)| KeptExtension { oid, critical, value }).collect()
    }
}
