//! rustls's own reader of PEM (`rustls_pki_types::pem`), with every error taken for one, and `RootCertStore::add`.

use super::base64::{Rules, decode};
use super::{Read, Reading, Stop};

const RULES: Rules = Rules { skipped: b"\t\n\x0b\x0c\r ", ends_at_hyphen: false, may_lack_padding: true };
/// What it reads; blocks of other labels it passes over.
const KNOWN: [&[u8]; 8] = [
    b"CERTIFICATE",
    b"PUBLIC KEY",
    b"RSA PRIVATE KEY",
    b"PRIVATE KEY",
    b"EC PRIVATE KEY",
    b"X509 CRL",
    b"CERTIFICATE REQUEST",
    b"ECHCONFIG",
];

pub(super) fn file(text: &[u8]) -> Reading {
    let mut read = Vec::new();
    let (mut label, mut body): (Option<&[u8]>, Vec<u8>) = (None, Vec::new());
    for line in text.split(|octet| matches!(octet, b'\n' | b'\r')) {
        if line.starts_with(b"-----BEGIN ") {
            label = Some(label_of(line).ok_or(Stop::Boundary)?);
            continue;
        }
        let Some(open) = label else { continue };
        if !ends(line, open) {
            body.extend_from_slice(line);
            continue;
        }
        if KNOWN.contains(&open) {
            let der = decode(&body, &RULES).ok_or(Stop::Base64)?;
            if open == b"CERTIFICATE" {
                read.push(Read::whole(&der).ok_or(Stop::Content)?);
            }
        }
        body.clear();
        label = None;
    }
    if label.is_some() { Err(Stop::Cut) } else { Ok(read) }
}

/// Five hyphens end it, with nothing but spaces behind them or among them.
fn label_of(line: &[u8]) -> Option<&[u8]> {
    let begin = line.iter().rposition(|octet| !matches!(octet, b'-' | b' ')).map_or(0, |last| last + 1);
    let hyphens = line[begin..].iter().filter(|octet| **octet == b'-').count();
    let first = begin + line[begin..].iter().position(|octet| *octet == b'-')?;
    (hyphens == 5).then(|| line.get("-----BEGIN ".len()..first).unwrap_or_default())
}

fn ends(line: &[u8], label: &[u8]) -> bool {
    let rest = line.strip_prefix(b"-----END ").and_then(|rest| rest.strip_prefix(label));
    rest.is_some_and(|rest| rest.starts_with(b"-----"))
}
