//! Certificates with one bit turned over and signed anew: the signature holds, and what is wrong must be seen where it stands.

use rcgen::{
    CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, SanType, SigningKey,
};

use super::{Ca, HOST, NOW, params, root};
use crate::explain::{Evidence, PeerName, Question, diagnose};
use crate::facts::{element, hex, sequence, wrapped};

/// The bits of each octet that are turned over, one at a time.
const BITS: [u8; 3] = [0, 5, 7];

/// Of two certificates that a CA has signed, each octet by one bit after the other: rustls takes what comes out, or we find what it is.
#[test]
fn a_bit_that_a_ca_has_signed_is_found_or_harmless() {
    let root = root("Root");
    let mut issuing = root.intermediate("Issuing", None);
    issuing.params.name_constraints = Some(rcgen::NameConstraints {
        permitted_subtrees: vec![rcgen::GeneralSubtree::DnsName("example.test".to_owned())],
        excluded_subtrees: Vec::new(),
    });
    issuing.der = issuing.params.signed_by(&issuing.key, &root.issuer()).unwrap().der().to_vec();
    let leaf = rich_leaf(&issuing);
    let leaves = mutants(&leaf, &issuing.key).map(|(place, changed)| (place, [changed, issuing.der.clone()]));
    let cas = mutants(&issuing.der, &root.key).map(|(place, changed)| (place, [leaf.clone(), changed]));
    let mut missed = Vec::new();
    for (place, chain) in leaves.chain(cas) {
        // What does not even read is found.
        let chain = chain.iter().map(Vec::as_slice);
        let Ok(evidence) = Evidence::from_ders(chain, "peer", [root.der.as_slice()], "trust") else { continue };
        let report = diagnose(&evidence, &Question::server(Some(PeerName::Dns(HOST.to_owned())), NOW));
        // Nor does it read a time before 1970, which other clients do.
        let is_early = evidence.chain.iter().any(|p| p.certificate.validity.not_before.unix_timestamp() < 0);
        let accepts = is_early || report.rustls.as_ref().is_none_or(|rustls| rustls["accepts"] == true);
        if !accepts && report.cause.is_none() {
            missed.push(format!("{place}: {:?}", report.rustls.as_ref().map(|rustls| &rustls["error"])));
        }
    }
    assert!(missed.is_empty(), "{}:\n{}", missed.len(), missed.join("\n"));
}

/// The kinds of extensions that servers' certificates have.
fn rich_leaf(issuing: &Ca) -> Vec<u8> {
    let mut leaf: CertificateParams = params(HOST);
    leaf.subject_alt_names =
        vec![SanType::DnsName(HOST.try_into().unwrap()), SanType::IpAddress([192, 0, 2, 1].into())];
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.is_ca = rcgen::IsCa::ExplicitNoCa;
    let uri = |text: &str| wrapped(0x86, &[text.as_bytes()]);
    let point = wrapped(0x30, &[&wrapped(0xa0, &[&wrapped(0xa0, &[&uri("http://ca.example.test/1.crl")])])]);
    let policy = wrapped(0x30, &[&wrapped(0x06, &[&[0x2a, 3, 4]])]);
    leaf.custom_extensions = vec![
        CustomExtension::from_oid_content(&[2, 5, 29, 31], wrapped(0x30, &[&point])),
        CustomExtension::from_oid_content(&[2, 5, 29, 32], wrapped(0x30, &[&policy])),
    ];
    leaf.signed_by(&KeyPair::generate().unwrap(), &issuing.issuer()).unwrap().der().to_vec()
}

/// The certificate with one bit of its signed part turned over, and signed again by that key.
fn mutants<'a>(der: &'a [u8], key: &'a KeyPair) -> impl Iterator<Item = (String, Vec<u8>)> + 'a {
    // ECDSA with SHA-256.
    let algorithm = wrapped(0x30, &[&wrapped(0x06, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]])]);
    let tbs = sequence(der).and_then(element).unwrap().whole.to_vec();
    let places = (0..tbs.len()).flat_map(|at| BITS.map(|bit| (at, bit)));
    places.map(move |(at, bit)| {
        let mut changed = tbs.clone();
        changed[at] ^= 1 << bit;
        let signature = key.sign(&changed).unwrap();
        let place = format!(
            "octet {at}, {:02x} to {:02x}, after {}",
            tbs[at],
            changed[at],
            hex(&tbs[at.saturating_sub(12)..at])
        );
        (place, wrapped(0x30, &[&changed, &algorithm, &wrapped(0x03, &[&[0], &signature])]))
    })
}
