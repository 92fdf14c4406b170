//! What a certificate says besides what its profile asks for.

use crate::uri::{Oid, Uri};

/// Extensions that no profile needs and a store may be set up to give. None of them is critical.
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
}
