//! The extensions that rcgen has no words for, in DER.

use rcgen::CustomExtension;

use crate::plan::{Extensions, KeptExtension};
use crate::uri::{Oid, Uri};

/// id-pe-authorityInfoAccess (RFC 5280, 4.2.2.1).
const AUTHORITY_INFO_ACCESS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];
/// id-ad-ocsp and id-ad-caIssuers, whole with tag and length.
const AD_OCSP: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01];
const AD_CA_ISSUERS: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];
/// id-ce-certificatePolicies (RFC 5280, 4.2.1.4).
const CERTIFICATE_POLICIES: &[u64] = &[2, 5, 29, 32];
/// id-pe-tlsfeature (RFC 7633, 4).
const TLS_FEATURE: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 24];
/// SEQUENCE OF INTEGER with status_request, extension 5 of TLS.
const STATUS_REQUEST: &[u8] = &[0x30, 0x03, 0x02, 0x01, 0x05];

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
/// uniformResourceIdentifier of a GeneralName: context tag 6, an IA5String without its own tag.
const URI: u8 = 0x86;
/// Context tag 0, constructed.
const CONTEXT_0: u8 = 0xa0;

/// All of `extensions` that are asked for, but for the distribution points, which rcgen writes.
pub(super) fn custom(extensions: &Extensions) -> Vec<CustomExtension> {
    let mut custom = Vec::new();
    if !extensions.ocsp.is_empty() || !extensions.ca_issuers.is_empty() {
        custom.push(CustomExtension::from_oid_content(AUTHORITY_INFO_ACCESS, access(extensions)));
    }
    if !extensions.policies.is_empty() {
        custom.push(CustomExtension::from_oid_content(CERTIFICATE_POLICIES, policies(&extensions.policies)));
    }
    if extensions.must_staple {
        custom.push(CustomExtension::from_oid_content(TLS_FEATURE, STATUS_REQUEST.to_vec()));
    }
    custom.extend(extensions.kept.iter().filter_map(kept));
    custom
}

fn kept(kept: &KeptExtension) -> Option<CustomExtension> {
    let mut extension = CustomExtension::from_oid_content(Oid::parse(&kept.oid)?.arcs(), kept.value.clone());
    extension.set_criticality(kept.critical);
    Some(extension)
}

fn access(extensions: &Extensions) -> Vec<u8> {
    let described = |method: &[u8], uri: &Uri| {
        let location = element(URI, uri.as_str().as_bytes());
        element(SEQUENCE, &[method, &location].concat())
    };
    let ocsp = extensions.ocsp.iter().flat_map(|uri| described(AD_OCSP, uri));
    let ca_issuers = extensions.ca_issuers.iter().flat_map(|uri| described(AD_CA_ISSUERS, uri));
    element(SEQUENCE, &ocsp.chain(ca_issuers).collect::<Vec<u8>>())
}

fn policies(policies: &[Oid]) -> Vec<u8> {
    let content = policies.iter().flat_map(|policy| element(SEQUENCE, &object_identifier(policy)));
    element(SEQUENCE, &content.collect::<Vec<u8>>())
}

/// Arcs in base 128, the first two as one (X.690, 8.19).
fn object_identifier(oid: &Oid) -> Vec<u8> {
    let [first, second, more @ ..] = oid.arcs() else { return element(OBJECT_IDENTIFIER, &[]) };
    let content = std::iter::once(first * 40 + second).chain(more.iter().copied()).flat_map(base_128);
    element(OBJECT_IDENTIFIER, &content.collect::<Vec<u8>>())
}

fn base_128(mut arc: u64) -> Vec<u8> {
    let mut octets = vec![(arc & 0x7f) as u8];
    while arc > 0x7f {
        arc >>= 7;
        octets.push((arc & 0x7f) as u8 | 0x80);
    }
    octets.reverse();
    octets
}

/// DistributionPointName by fullName, with its tag in a distribution point (RFC 5280, 4.2.1.13 and 5.2.5).
pub(crate) fn full_name(uris: &[Uri]) -> Vec<u8> {
    let names: Vec<u8> = uris.iter().flat_map(|uri| element(URI, uri.as_str().as_bytes())).collect();
    element(CONTEXT_0, &element(CONTEXT_0, &names))
}

/// Tag, length, content (X.690, 8.1).
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = header(tag, content.len());
    bytes.extend_from_slice(content);
    bytes
}

/// Tag and length.
pub(crate) fn header(tag: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![tag];
    if length < 0x80 {
        bytes.push(length as u8);
    } else {
        let length = length.to_be_bytes();
        let length = &length[length.iter().take_while(|octet| **octet == 0).count()..];
        bytes.push(0x80 | length.len() as u8);
        bytes.extend_from_slice(length);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        use crate::facts::{Certificate, ExtensionValue};
        let uri = |text: &str| Uri::parse(text).unwrap();
        let oids = ["1.3.6.1.4.1.99999.1", "2.999.300", "2.5.29.32.0"];
        let extensions = Extensions {
            ca_issuers: vec![uri(&format!("http://ca.example.test/{}", "a".repeat(200)))],
            ocsp: vec![uri("http://ocsp.example.test")],
            policies: oids.iter().map(|oid| Oid::parse(oid).unwrap()).collect(),
            must_staple: true,
            crl: vec![],
            extended_key_usage: vec![],
            kept: vec![],
        };
        let mut params = rcgen::CertificateParams::default();
        params.custom_extensions = custom(&extensions);
        let signed = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
        let read = Certificate::from_der(signed.der()).unwrap();
        let value = |oid| &read.extension(oid).unwrap().value;
        assert!(matches!(value("2.5.29.32"), ExtensionValue::CertificatePolicies(found) if *found == oids));
        assert!(matches!(value("1.3.6.1.5.5.7.1.1"), ExtensionValue::Known));
        assert!(!matches!(value("1.3.6.1.5.5.7.1.24"), ExtensionValue::Malformed(_)));
    }
}
