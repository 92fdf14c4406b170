//! NSS's `certutil -A -a`, from whose database Chromium reads too: the first block alone, whatever its label; in base64 it passes over what
//! is none.

use super::base64::{Rules, decode};
use super::{Read, Reading, Stop, find};
use crate::container;
use crate::facts::{BlockKind, Input, kind_of_der};

const RULES: Rules = Rules { skipped: b"", ends_at_hyphen: false, may_lack_padding: false };

pub(super) fn file(text: &[u8]) -> Reading {
    let body = match find(text, b"-----BEGIN", 0) {
        Some(begin) => {
            let body = find(text, b"\n", begin).ok_or(Stop::Boundary)?;
            &text[body..find(text, b"-----END", body).ok_or(Stop::Boundary)?]
        }
        None => text,
    };
    let is_digit = |octet: &u8| octet.is_ascii_alphanumeric() || b"+/=".contains(octet);
    let digits: Vec<u8> = body.iter().copied().filter(is_digit).collect();
    let der = decode(&digits, &RULES).ok_or(Stop::Base64)?;
    match Read::whole(&der) {
        Some(read) => Ok(vec![read]),
        None if kind_of_der(&der) == BlockKind::Pkcs7 => Ok(of_bundle(&der)),
        None => Err(Stop::Content),
    }
}

/// The certificates of a bundle of PKCS#7.
pub(super) fn of_bundle(der: &[u8]) -> Vec<Read> {
    let blocks = container::open(Input::read(der), None).blocks;
    blocks.iter().filter_map(|block| Read::whole(&block.der)).collect()
}
