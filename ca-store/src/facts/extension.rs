//! Certificate extensions as plain data.

use x509_parser::extensions::{ParsedExtension, X509Extension};

use super::distribution::{self, PointName};
use super::netscape::CertType;
use super::oid::dotted;
use super::syntax;
use super::{GeneralName, der};

/// An extension with its criticality (RFC 5280 section 4.2).
#[derive(Debug, Clone)]
pub struct Extension {
    /// Its type in dotted form, such as `2.5.29.19`.
    pub oid: String,
    /// Whether a verifier that does not know it must refuse the certificate.
    pub critical: bool,
    /// What it says.
    pub value: ExtensionValue,
    /// How many octets follow the value, where section 4.2 has its DER and nothing else: the parser passes over them.
    pub octets_behind: usize,
}

/// What an extension says.
#[derive(Debug, Clone)]
pub enum ExtensionValue {
    /// Section 4.2.1.9.
    BasicConstraints(BasicConstraints),
    /// Section 4.2.1.3.
    KeyUsage(KeyUsage),
    /// Section 4.2.1.12: purposes in dotted form.
    ExtendedKeyUsage(Vec<String>),
    /// Section 4.2.1.6.
    SubjectAltName(Vec<GeneralName>),
    /// Section 4.2.1.2.
    SubjectKeyIdentifier(Vec<u8>),
    /// Section 4.2.1.1: the key identifier, and the issuer's own issuer and serial number, each where it is given.
    AuthorityKeyIdentifier {
        /// keyIdentifier
        key_identifier: Option<Vec<u8>>,
        /// authorityCertIssuer
        issuer: Option<Vec<GeneralName>>,
        /// authorityCertSerialNumber
        serial: Option<Vec<u8>>,
    },
    /// Section 4.2.1.10.
    NameConstraints(NameConstraints),
    /// Section 4.2.1.4: policies in dotted form.
    CertificatePolicies(Vec<String>),
    /// Section 4.2.1.5.
    PolicyMappings(Vec<PolicyMapping>),
    /// Section 4.2.1.11: after how many more certificates.
    PolicyConstraints {
        /// requireExplicitPolicy
        require_explicit: Option<u32>,
        /// inhibitPolicyMapping
        inhibit_mapping: Option<u32>,
    },
    /// Section 4.2.1.14: after how many more certificates anyPolicy counts no more.
    InhibitAnyPolicy(u32),
    /// Section 4.2.1.13: the names of all distribution points.
    CrlDistributionPoints(Vec<PointName>),
    /// What a client may expect of the server's handshake (RFC 7633).
    TlsFeature {
        /// status_request (RFC 6066 section 8): the certificate's state, stapled to it.
        staple: bool,
    },
    /// Netscape's certificate type, which came before extendedKeyUsage and that clients still heed.
    NetscapeCertType(CertType),
    /// Understood by verifiers and not needed here, such as access to information.
    Known,
    /// Not understood.
    Unknown,
    /// An extension whose octets break its own definition.
    Malformed(String),
}

/// basicConstraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// cA
    pub ca: bool,
    /// pathLenConstraint: how many CAs may stand below, self-issued ones not counted.
    pub path_len: Option<u32>,
}

/// The bits of keyUsage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    const NAMES: [&'static str; 9] = [
        "digitalSignature",
        "contentCommitment",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];

    /// digitalSignature: TLS 1.3 and every (EC)DHE handshake.
    pub fn digital_signature(self) -> bool {
        self.0 & 1 != 0
    }

    /// keyEncipherment: RSA key transport of TLS 1.2 and before.
    pub fn key_encipherment(self) -> bool {
        self.0 & 1 << 2 != 0
    }

    /// keyAgreement: static Diffie-Hellman.
    pub fn key_agreement(self) -> bool {
        self.0 & 1 << 4 != 0
    }

    /// keyCertSign: signs certificates.
    pub fn key_cert_sign(self) -> bool {
        self.0 & 1 << 5 != 0
    }

    /// cRLSign: signs revocation lists.
    pub fn crl_sign(self) -> bool {
        self.0 & 1 << 6 != 0
    }

    /// The names of the bits that are set, as RFC 5280 section 4.2.1.3 spells them.
    pub fn names(self) -> Vec<&'static str> {
        (0..).zip(Self::NAMES).filter(|(bit, _)| self.0 & 1 << bit != 0).map(|(_, name)| name).collect()
    }
}

/// A policy that stands for another below the CA that says so, both in dotted form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyMapping {
    /// issuerDomainPolicy
    pub issuer: String,
    /// subjectDomainPolicy
    pub subject: String,
}

/// nameConstraints.
#[derive(Debug, Clone, Default)]
pub struct NameConstraints {
    /// permittedSubtrees
    pub permitted: Vec<GeneralName>,
    /// excludedSubtrees
    pub excluded: Vec<GeneralName>,
    /// Those of both that have a minimum other than zero, or a maximum.
    pub bounded: Vec<GeneralName>,
}

impl Extension {
    pub(crate) fn read(extension: &X509Extension<'_>) -> Extension {
        let oid = dotted(&extension.oid);
        let value = match broken(&oid, extension.value) {
            Some(why) => ExtensionValue::Malformed(why.to_owned()),
            // The parser does not look at the tags of what is in a SEQUENCE, nor at those of some values themselves.
            None if !syntax::has_its_type(&oid, extension.value) || misshapen(&oid, extension.value) => {
                ExtensionValue::Malformed(syntax::broken(&oid, extension.value))
            }
            None => value(&oid, extension.parsed_extension(), extension.value),
        };
        let octets_behind = der::element(extension.value).map_or(0, |value| value.rest.len());
        Extension { oid, critical: extension.critical, value, octets_behind }
    }
}

/// What the parser lets pass: lists that must not be empty (sections 4.2.1.6 and 4.2.1.12, SIZE (1..MAX)), a purpose that is
/// no object identifier, and a name that is of none of the nine kinds.
fn broken(oid: &str, octets: &[u8]) -> Option<&'static str> {
    let (fits, why): (fn(&der::Element<'_>) -> bool, _) = match oid {
        "2.5.29.17" => (|name| is_name(name.tag), "expected names alone"),
        "2.5.29.37" => (der::is_oid, "expected object identifiers alone"),
        _ => return None,
    };
    let list = der::sequence(octets)?;
    let mut rest = list;
    while let Some(item) = der::element(rest) {
        if !fits(&item) {
            return Some(why);
        }
        rest = item.rest;
    }
    list.is_empty().then_some("expected at least one entry, found none")
}

/// Fields that no such extension has (sections 4.2.1.1, 4.2.1.9, 4.2.1.10 and 4.2.1.13).
fn misshapen(oid: &str, octets: &[u8]) -> bool {
    let Some(fields) = der::sequence(octets) else { return false };
    let is_sound = match oid {
        // TRUE is FF, and a number has an octet (X.690 sections 11.1 and 8.3.1).
        "2.5.29.19" => der::are(fields, |field| match field.tag {
            0x01 => matches!(field.content, [0 | 0xff]),
            tag => tag == 0x02 && !field.content.is_empty(),
        }),
        "2.5.29.30" => der::are(fields, |trees| [0xa0, 0xa1].contains(&trees.tag) && der::are(trees.content, is_tree)),
        "2.5.29.31" | "2.5.29.46" => distribution::are_points(fields),
        "2.5.29.35" => der::are(fields, |field| [0x80, 0xa1, 0x82].contains(&field.tag)),
        _ => true,
    };
    !is_sound
}

fn is_tree(tree: &der::Element<'_>) -> bool {
    tree.tag == 0x30 && der::element(tree.content).is_some_and(|base| is_name(base.tag))
}

/// `[0]` to `[8]`, those of several parts constructed (section 4.2.1.6).
pub(super) fn is_name(tag: u8) -> bool {
    matches!(tag, 0xa0 | 0x81 | 0x82 | 0xa3..=0xa5 | 0x86..=0x88)
}

fn value(oid: &str, parsed: &ParsedExtension<'_>, octets: &[u8]) -> ExtensionValue {
    use ParsedExtension as P;
    let malformed = || ExtensionValue::Malformed(syntax::broken(oid, octets));
    match parsed {
        P::BasicConstraints(b) => {
            ExtensionValue::BasicConstraints(BasicConstraints { ca: b.ca, path_len: b.path_len_constraint })
        }
        P::KeyUsage(usage) => ExtensionValue::KeyUsage(KeyUsage(usage.flags)),
        P::ExtendedKeyUsage(usage) => ExtensionValue::ExtendedKeyUsage(purposes(usage)),
        P::SubjectAlternativeName(san) => {
            ExtensionValue::SubjectAltName(san.general_names.iter().map(GeneralName::read).collect())
        }
        P::SubjectKeyIdentifier(id) => ExtensionValue::SubjectKeyIdentifier(id.0.to_vec()),
        P::AuthorityKeyIdentifier(aki) => ExtensionValue::AuthorityKeyIdentifier {
            key_identifier: aki.key_identifier.as_ref().map(|id| id.0.to_vec()),
            issuer: aki.authority_cert_issuer.as_ref().map(|names| names.iter().map(GeneralName::read).collect()),
            serial: aki.authority_cert_serial.map(<[u8]>::to_vec),
        },
        P::NameConstraints(constraints) => {
            let permitted = subtrees(constraints.permitted_subtrees.as_deref());
            let excluded = subtrees(constraints.excluded_subtrees.as_deref());
            let bounds = permitted.iter().chain(&excluded).zip(bounds(octets));
            let bounded = bounds.filter(|(_, is_bounded)| *is_bounded).map(|(tree, _)| tree.clone()).collect();
            ExtensionValue::NameConstraints(NameConstraints { permitted, excluded, bounded })
        }
        P::CertificatePolicies(list) => {
            ExtensionValue::CertificatePolicies(list.iter().map(|policy| dotted(&policy.policy_id)).collect())
        }
        P::PolicyMappings(list) => ExtensionValue::PolicyMappings(list.mappings.iter().map(mapping).collect()),
        P::PolicyConstraints(constraints) => ExtensionValue::PolicyConstraints {
            require_explicit: constraints.require_explicit_policy,
            inhibit_mapping: constraints.inhibit_policy_mapping,
        },
        P::InhibitAnyPolicy(inhibit) => ExtensionValue::InhibitAnyPolicy(inhibit.skip_certs),
        P::CRLDistributionPoints(_) => ExtensionValue::CrlDistributionPoints(distribution::names_of_points(octets)),
        // Read by hand: the parser takes no BIT STRING without a bit, and no list without an entry.
        _ if oid == CertType::OID => {
            let whole = der::element(octets).map_or(octets, |value| value.whole);
            CertType::read(whole).map_or_else(malformed, ExtensionValue::NetscapeCertType)
        }
        P::UnsupportedExtension { .. } | P::Unparsed if oid == TLS_FEATURE => tls_feature(octets),
        P::ParseError { .. } if oid == TIMESTAMPS && octets == NO_TIMESTAMPS => ExtensionValue::Known,
        P::ParseError { .. } => malformed(),
        P::UnsupportedExtension { .. } | P::Unparsed => ExtensionValue::Unknown,
        _ => ExtensionValue::Known,
    }
}

const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";
/// status_request, and version 2 of it (RFC 6961), as INTEGERs.
const STAPLING: [&[u8]; 2] = [&[5], &[17]];

fn tls_feature(octets: &[u8]) -> ExtensionValue {
    let Some(list) = der::element(octets).filter(|list| list.tag == 0x30 && list.rest.is_empty()) else {
        return ExtensionValue::Unknown;
    };
    let (mut rest, mut staple) = (list.content, false);
    while let Some(feature) = der::element(rest) {
        staple |= feature.tag == 0x02 && STAPLING.contains(&feature.content);
        rest = feature.rest;
    }
    ExtensionValue::TlsFeature { staple }
}

/// signedCertificateTimestamps (RFC 6962 section 3.3), and an OCTET STRING with a list of length zero in it: whoever asks for
/// timestamps finds none, and nobody else looks.
const TIMESTAMPS: &str = "1.3.6.1.4.1.11129.2.4.2";
const NO_TIMESTAMPS: [u8; 4] = [0x04, 0x02, 0x00, 0x00];

fn mapping(mapping: &x509_parser::extensions::PolicyMapping<'_>) -> PolicyMapping {
    PolicyMapping { issuer: dotted(&mapping.issuer_domain_policy), subject: dotted(&mapping.subject_domain_policy) }
}

/// Of each subtree, in its order, whether it has a minimum other than zero, or a maximum: the parser passes over both.
fn bounds(octets: &[u8]) -> Vec<bool> {
    let (mut found, mut lists) = (Vec::new(), der::sequence(octets).unwrap_or_default());
    while let Some(list) = der::element(lists) {
        let mut trees = list.content;
        while let Some(tree) = der::element(trees) {
            let behind_base = der::element(tree.content).map_or(&[][..], |base| base.rest);
            // `[0]` is the minimum.
            found.push(der::element(behind_base).is_some_and(|bound| bound.tag != 0x80 || bound.content != [0]));
            trees = tree.rest;
        }
        lists = list.rest;
    }
    found
}

fn subtrees(subtrees: Option<&[x509_parser::extensions::GeneralSubtree<'_>]>) -> Vec<GeneralName> {
    subtrees.unwrap_or_default().iter().map(|subtree| GeneralName::read(&subtree.base)).collect()
}

fn purposes(usage: &x509_parser::extensions::ExtendedKeyUsage<'_>) -> Vec<String> {
    let named = [
        (usage.any, "2.5.29.37.0"),
        (usage.server_auth, "1.3.6.1.5.5.7.3.1"),
        (usage.client_auth, "1.3.6.1.5.5.7.3.2"),
        (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
    ];
    let known = named.into_iter().filter(|(set, _)| *set).map(|(_, oid)| oid.to_owned());
    known.chain(usage.other.iter().map(dotted)).collect()
}

/// The short name of an object identifier, or its dotted form where it has none here.
pub fn oid_name(oid: &str) -> &str {
    OIDS.iter().find(|(dotted, _)| *dotted == oid).map_or(oid, |(_, name)| name)
}

const OIDS: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.4", "SN"),
    ("2.5.4.42", "GN"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.132.0.33", "P-224"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
    ("1.2.840.113549.1.9.7", "challengePassword"),
    ("1.2.840.113549.1.9.2", "unstructuredName"),
    // Microsoft's, of requests (MS-WCCE, 2.2.2.7): named as there.
    ("1.3.6.1.4.1.311.2.1.14", "certExtensions"),
    ("1.3.6.1.4.1.311.13.2.1", "enrollmentNameValuePair"),
    ("1.3.6.1.4.1.311.13.2.2", "enrollmentCSP"),
    ("1.3.6.1.4.1.311.13.2.3", "osVersion"),
    ("1.3.6.1.4.1.311.20.2", "certificateTemplateName"),
    ("1.3.6.1.4.1.311.21.7", "certificateTemplate"),
    ("1.3.6.1.4.1.311.21.20", "requestClientInfo"),
    ("2.5.29.32.0", "anyPolicy"),
    ("2.5.29.37.0", "anyExtendedKeyUsage"),
    ("1.3.6.1.5.5.7.3.1", "serverAuth"),
    ("1.3.6.1.5.5.7.3.2", "clientAuth"),
    ("1.3.6.1.5.5.7.3.3", "codeSigning"),
    ("1.3.6.1.5.5.7.3.4", "emailProtection"),
    ("1.3.6.1.5.5.7.3.8", "timeStamping"),
    ("1.3.6.1.5.5.7.3.9", "OCSPSigning"),
    ("2.5.29.9", "subjectDirectoryAttributes"),
    ("2.5.29.14", "subjectKeyIdentifier"),
    ("2.5.29.15", "keyUsage"),
    ("2.5.29.17", "subjectAltName"),
    ("2.5.29.18", "issuerAltName"),
    ("2.5.29.19", "basicConstraints"),
    ("2.5.29.20", "cRLNumber"),
    ("2.5.29.30", "nameConstraints"),
    ("2.5.29.31", "cRLDistributionPoints"),
    ("2.5.29.32", "certificatePolicies"),
    ("2.5.29.33", "policyMappings"),
    ("2.5.29.35", "authorityKeyIdentifier"),
    ("2.5.29.36", "policyConstraints"),
    ("2.5.29.37", "extendedKeyUsage"),
    ("2.5.29.46", "freshestCRL"),
    ("2.5.29.54", "inhibitAnyPolicy"),
    ("1.3.6.1.5.5.7.1.1", "authorityInfoAccess"),
    ("1.3.6.1.5.5.7.1.11", "subjectInfoAccess"),
    ("1.3.6.1.5.5.7.1.14", "proxyCertInfo"),
    ("1.3.6.1.5.5.7.1.24", "tlsFeature"),
    ("2.16.840.1.113730.1.1", "nsCertType"),
    ("1.3.6.1.4.1.311.10.3.3", "msSGC"),
    ("2.16.840.1.113730.4.1", "nsSGC"),
    ("1.3.6.1.4.1.11129.2.4.2", "signedCertificateTimestamps"),
];
