//! Certificate requests (PKCS#10, RFC 2986) as plain data.

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::prelude::FromDer as _;

use super::oid::dotted;
use super::{
    Extension, ExtensionValue, GeneralName, Malformed, Name, PublicKey, SignatureAlgorithm, SignatureCheck, escape,
};

/// What a request asks for.
#[derive(Debug, Clone)]
pub struct CertificateRequest {
    /// The name asked for.
    pub subject: Name,
    /// The key that the certificate is to vouch for.
    pub public_key: PublicKey,
    /// Whether that key verifies the request's own signature, which proves possession of the private key.
    pub proof_of_possession: SignatureCheck,
    /// The extensions asked for.
    pub extensions: Vec<Extension>,
    /// The types of its other attributes, in dotted form.
    pub attributes: Vec<String>,
}

impl CertificateRequest {
    /// Reads one request that fills the bytes.
    ///
    /// # Errors
    /// [`Malformed`] where the bytes are not the DER of a CertificationRequest.
    pub fn from_der(der: &[u8]) -> Result<CertificateRequest, Malformed> {
        const EXPECTED: &str = "the DER of a certificate request (RFC 2986 section 4)";
        let (_, parsed) = X509CertificationRequest::from_der(der)
            .map_err(|error| Malformed { expected: EXPECTED, found: escape(&error.to_string()) })?;
        let info = &parsed.certification_request_info;
        let public_key = PublicKey::read(&info.subject_pki);
        let algorithm = SignatureAlgorithm::read(&parsed.signature_algorithm);
        Ok(CertificateRequest {
            subject: Name::read(&info.subject),
            proof_of_possession: algorithm.check(&public_key, info.raw, &parsed.signature_value.data),
            public_key,
            attributes: info
                .iter_attributes()
                .filter(|a| !asks(a.parsed_attribute()))
                .map(|a| dotted(&a.oid))
                .collect(),
            extensions: info.iter_attributes().flat_map(|a| extensions(a.parsed_attribute())).collect(),
        })
    }

    /// The alternative names asked for: those of the first such extension, where there are several.
    pub fn subject_alt_names(&self) -> &[GeneralName] {
        self.all_alt_names().next().unwrap_or_default()
    }

    /// The alternative names of each such extension. A certificate has one (RFC 5280, 4.2); a request may have several, one in
    /// each extensionRequest.
    pub fn all_alt_names(&self) -> impl Iterator<Item = &[GeneralName]> {
        self.extensions.iter().filter_map(|extension| match &extension.value {
            ExtensionValue::SubjectAltName(names) => Some(names.as_slice()),
            _ => None,
        })
    }
}

fn asks(attribute: &ParsedCriAttribute<'_>) -> bool {
    matches!(attribute, ParsedCriAttribute::ExtensionRequest(_))
}

fn extensions(attribute: &ParsedCriAttribute<'_>) -> Vec<Extension> {
    match attribute {
        ParsedCriAttribute::ExtensionRequest(request) => request.extensions.iter().map(Extension::read).collect(),
        _ => Vec::new(),
    }
}
