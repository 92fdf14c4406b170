//! GnuTLS: it looks for `-----BEGIN CERTIFICATE` anywhere, and for the next END, whatever stands around them.

use super::base64::{Rules, decode};
use super::{Read, Reading, Stop, find};

const LABELS: [&[u8]; 2] = [b"-----BEGIN CERTIFICATE", b"-----BEGIN X509 CERTIFICATE"];
const DASHES: &[u8] = b"-----";
const END: &[u8] = b"-----END ";
const RULES: Rules = Rules { skipped: b"\t\n\x0b\x0c\r ", ends_at_hyphen: true, may_lack_padding: false };

/// The first that it cannot use ends it, and it takes none.
pub(super) fn file(text: &[u8]) -> Reading {
    let next = |from: usize| LABELS.iter().find_map(|label| Some((find(text, label, from)?, label.len())));
    let mut read = Vec::new();
    let mut ends = Ends { text, next: Some(0) };
    let mut found = Some(next(0).ok_or(Stop::Nothing)?);
    while let Some((begin, length)) = found.filter(|_| read.len() < crate::facts::MAX_BLOCKS) {
        let body = find(text, DASHES, begin + length).ok_or(Stop::Base64)? + DASHES.len();
        let end = ends.from(body).ok_or(Stop::Base64)?;
        let der = decode(&text[body..end], &RULES).filter(|der| !der.is_empty()).ok_or(Stop::Base64)?;
        read.push(Read::whole(&der).ok_or(Stop::Content)?);
        found = next(begin + 1);
    }
    Ok(read)
}

/// The END lines, each looked for once: a hostile file has many a BEGIN before one of them.
struct Ends<'a> {
    text: &'a [u8],
    next: Option<usize>,
}

impl Ends<'_> {
    fn from(&mut self, place: usize) -> Option<usize> {
        let is_known = self.next.is_some_and(|next| next >= place && self.text[next..].starts_with(END));
        if !is_known {
            self.next = find(self.text, END, place);
        }
        self.next
    }
}
