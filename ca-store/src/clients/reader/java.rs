//! Java's CertificateFactory: any label, and every block has to be a certificate; a bundle of PKCS#7 where it comes first.

use super::base64::{Rules, decode};
use super::nss::of_bundle;
use super::{Read, Reading, Stop, find};
use crate::facts::{BlockKind, announced_length, kind_of_der};

const RULES: Rules = Rules { skipped: b"\t\n\x0b\x0c\r ", ends_at_hyphen: false, may_lack_padding: true };

pub(super) fn file(text: &[u8]) -> Reading {
    if text.is_empty() {
        return Err(Stop::Empty);
    }
    let mut rest = text;
    let first = block(&mut rest)?.ok_or(Stop::Nothing)?;
    if kind_of_der(&first) == BlockKind::Pkcs7 {
        return Ok(of_bundle(&first));
    }
    let mut read = vec![Read::whole(&first).ok_or(Stop::Content)?];
    while let Some(der) = block(&mut rest)? {
        read.push(Read::whole(&der).ok_or(Stop::Content)?);
    }
    Ok(read)
}

/// The next block, DER or PEM; none at the end.
fn block(rest: &mut &[u8]) -> Result<Option<Vec<u8>>, Stop> {
    let text = *rest;
    if text.first() == Some(&0x30) {
        let (der, behind) = announced_length(text).and_then(|length| text.split_at_checked(length)).ok_or(Stop::Cut)?;
        *rest = behind;
        return Ok(Some(der.to_vec()));
    }
    let Some(begin) = begin(text) else { return Ok(None) };
    let label = begin + text[begin..].iter().position(|octet| matches!(octet, b'\n' | b'\r')).ok_or(Stop::Cut)?;
    let feed = text[label..].starts_with(b"\r\n");
    let line_end = if text[label] == b'\r' && !feed { b'\r' } else { b'\n' };
    let body = label + 1 + usize::from(feed);
    let data = find(text, b"-", body).ok_or(Stop::Cut)?;
    let is_end = |octet: &u8| *octet == line_end || *octet == b'\n';
    let end = text[data..].iter().position(is_end).map_or(text.len(), |length| data + length);
    *rest = text.get(end + 1..).unwrap_or_default();
    let footer: Vec<u8> = text[data..end].iter().copied().filter(|octet| *octet != b'\r').collect();
    let begun = between(&text[begin - 5..label], b"-----BEGIN ").ok_or(Stop::Boundary)?;
    if between(&footer, b"-----END ") != Some(begun) {
        return Err(Stop::Boundary);
    }
    decode(&text[body..data], &RULES).map(Some).ok_or(Stop::Base64)
}

/// Behind the first five hyphens that begin a line.
fn begin(text: &[u8]) -> Option<usize> {
    let (mut hyphens, mut last) = (0, None);
    for (at, octet) in text.iter().enumerate() {
        if *octet == b'-' {
            hyphens += 1;
        } else {
            (hyphens, last) = (0, Some(*octet));
        }
        if hyphens == 5 && matches!(last, None | Some(b'\r' | b'\n')) {
            return Some(at + 1);
        }
    }
    None
}

/// The label between the word and the five hyphens at the end.
fn between<'a>(line: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    line.trim_ascii_end().strip_prefix(word)?.strip_suffix(b"-----")
}
