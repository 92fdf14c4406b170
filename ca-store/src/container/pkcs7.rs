//! PKCS#7 bundles of certificates (RFC 2315 section 9; RFC 5652 section 5): signedData that nobody signed.

use zeroize::Zeroizing;

use super::{Opened, certificate};
use crate::facts::{Block, BlockKind, Fault, Lock, element, sequence};

/// Tags of the optional fields of SignedData.
const CERTIFICATES: u8 = 0xa0;
const CRLS: u8 = 0xa1;

/// Takes the certificates and CRLs out.
pub(super) fn open(container: &Block) -> Opened {
    let Some(Contents { certificates, crls }) = contents(&container.der) else {
        let why = "it is not DER, or holds no signed data".to_owned();
        return Opened::closed(container, vec![Fault::Pkcs7(Lock::Unreadable(why))]);
    };
    let mut blocks: Vec<Block> = certificates.into_iter().map(|der| certificate(der, container)).collect();
    blocks.extend(crls.into_iter().map(|der| Block {
        label: "X509 CRL".to_owned(),
        kind: BlockKind::Crl,
        der: Zeroizing::new(der.to_vec()),
        line: container.line,
        cipher: None,
        has_settings: false,
    }));
    Opened { blocks, faults: vec![Fault::Pkcs7(Lock::Open)] }
}

/// What lies in it, each as DER.
#[derive(Default)]
struct Contents<'a> {
    certificates: Vec<&'a [u8]>,
    crls: Vec<&'a [u8]>,
}

/// ContentInfo, then SignedData: version, digestAlgorithms, contentInfo, [0] certificates, [1] crls.
fn contents(der: &[u8]) -> Option<Contents<'_>> {
    let content_type = element(sequence(der)?)?;
    let signed_data = sequence(element(content_type.rest).filter(|content| content.tag == 0xa0)?.content)?;
    let mut contents = Contents::default();
    let mut rest = signed_data;
    while let Some(field) = element(rest) {
        match field.tag {
            CERTIFICATES => contents.certificates = sequences(field.content),
            CRLS => contents.crls = sequences(field.content),
            _ => {}
        }
        rest = field.rest;
    }
    Some(contents)
}

fn sequences(mut rest: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while let Some(item) = element(rest) {
        if item.tag == 0x30 {
            found.push(item.whole);
        }
        rest = item.rest;
    }
    found
}
