//! Go's `AppendCertsFromPEM`: what it cannot read it passes over, and says nothing.

use super::base64::{Rules, decode};
use super::{Read, Reading, find};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const RULES: Rules = Rules { skipped: b"\t\n\r ", ends_at_hyphen: false, may_lack_padding: false };

pub(super) fn file(text: &[u8]) -> Reading {
    let mut read = Vec::new();
    let (mut from, mut at) = (0, 0);
    // Each END with the last BEGIN before it, so that a file of many BEGIN lines takes no longer.
    while let Some(end) = find(text, END, at) {
        // Where two END lines follow each other, there is nothing between them.
        let block = text.get(from..end).unwrap_or_default();
        at = end + END.len();
        let begin = memchr::memmem::rfind(block, BEGIN).filter(|begin| *begin == 0 || block[begin - 1] == b'\n');
        if let Some(certificate) = begin.and_then(|begin| certificate(&block[begin + BEGIN.len()..], &text[at..])) {
            read.push(certificate);
        }
        // The END's own line is no part of what follows.
        from = text[at..].iter().position(|octet| *octet == b'\n').map_or(text.len(), |length| at + length + 1);
        at = from.saturating_sub(1).max(at);
    }
    Ok(read)
}

/// From behind `BEGIN ` up to the END, and what is behind that.
fn certificate(block: &[u8], behind: &[u8]) -> Option<Read> {
    let (label, body) = match block.iter().position(|octet| *octet == b'\n') {
        Some(at) => (&block[..at], &block[at + 1..]),
        None => (block, &[][..]),
    };
    let label = line(label).strip_suffix(b"-----")?;
    let rest = behind.strip_prefix(label)?.strip_prefix(b"-----")?;
    let rest = rest.split(|octet| *octet == b'\n').next().unwrap_or_default();
    // Of a header it makes another kind of block.
    let has_header = body.split(|octet| *octet == b'\n').next().is_some_and(|first| first.contains(&b':'));
    if label != b"CERTIFICATE" || has_header || !line(rest).is_empty() {
        return None;
    }
    Read::whole(&decode(body, &RULES)?)
}

/// A line without its end, and without the spaces and tabs before that.
fn line(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let length = text.iter().rposition(|octet| !matches!(octet, b' ' | b'\t')).map_or(0, |last| last + 1);
    &text[..length]
}
