//! OpenSSL's reader of PEM: `PEM_read_bio`, and upon it `X509_load_cert_crl_file` and Node's own loop.

use super::base64::{Rules, decode};
use super::{Read, Reading, Stop};
use crate::facts::{Crl, PrivateKey, PrivateKeyError, announced_length, element, sequence};

/// How much of a line it takes at once; what is behind that is the next line to it.
const LINE: usize = 254;
/// The longest line of base64 behind an empty one.
const BASE64_LINE: usize = 64;
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
const MARK: &[u8] = "\u{feff}".as_bytes();
const RULES: Rules = Rules { skipped: b"\t\n\r ", ends_at_hyphen: true, may_lack_padding: false };

/// What stands behind a certificate under the label `TRUSTED CERTIFICATE` (CERT_AUX): object identifiers, as DER has them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::clients) struct Settings {
    /// What it is trusted for; none where nothing is said of that.
    trusted: Option<Vec<Vec<u8>>>,
    rejected: Vec<Vec<u8>>,
}

impl Settings {
    /// Whether the certificate is an anchor for the use (true), or is refused for it (false); none where nothing is said.
    pub(in crate::clients) fn decide(&self, usage: &[u8]) -> Option<bool> {
        const ANY: &[u8] = b"\x55\x1d\x25\x00";
        let names = |list: &[Vec<u8>]| list.iter().any(|it| it == usage || it == ANY);
        if names(&self.rejected) { Some(false) } else { self.trusted.as_deref().map(names) }
    }

    fn read(der: &[u8]) -> Option<Settings> {
        let mut settings = Settings::default();
        let mut rest = sequence(der)?;
        while let Some(item) = element(rest) {
            match item.tag {
                0x30 => settings.trusted = Some(identifiers(item.content)).filter(|list| !list.is_empty()),
                0xa0 => settings.rejected = identifiers(item.content),
                0x04 | 0x0c | 0xa1 => {}
                _ => return None,
            }
            rest = item.rest;
        }
        rest.is_empty().then_some(settings)
    }
}

fn identifiers(mut rest: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while let Some(item) = element(rest) {
        found.push(item.content.to_vec());
        rest = item.rest;
    }
    found
}

/// `X509_load_cert_crl_file`: certificates, lists and keys have to be what their labels say; one that is not, and none is taken.
pub(super) fn file(text: &[u8]) -> Reading {
    let mut lines = Lines { rest: text };
    let mut read = Vec::new();
    let mut lists = 0;
    while let Some(block) = next(&mut lines) {
        let block = block?;
        match block.label.as_slice() {
            b"CERTIFICATE" | b"X509 CERTIFICATE" => {
                let der = block.plain()?;
                let (certificate, _) = Read::beginning(&der).ok_or(Stop::Content)?;
                read.push(certificate);
            }
            b"TRUSTED CERTIFICATE" => read.push(with_settings(&block.plain()?).ok_or(Stop::Content)?),
            b"X509 CRL" => {
                Crl::from_der(&block.plain()?).map_err(|_| Stop::Content)?;
                lists += 1;
            }
            label if label.ends_with(b"PRIVATE KEY") && label != b"ENCRYPTED PRIVATE KEY" && !block.has_header => {
                let sound = !matches!(PrivateKey::from_der(&block.der), Err(PrivateKeyError::Malformed));
                sound.then_some(()).ok_or(Stop::Content)?;
            }
            _ => {}
        }
    }
    if read.is_empty() && lists == 0 { Err(Stop::Nothing) } else { Ok(read) }
}

/// Node's `addCACert`: each certificate up to the first that cannot be read; why, it does not say.
pub(super) fn one_by_one(text: &[u8]) -> Reading {
    const LABELS: [&[u8]; 3] = [b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"];
    let mut lines = Lines { rest: text };
    let mut read = Vec::new();
    while let Some(Ok(block)) = next(&mut lines) {
        if !LABELS.contains(&block.label.as_slice()) {
            continue;
        }
        let Some(certificate) = block.plain().ok().and_then(|der| with_settings(&der)) else { break };
        read.push(certificate);
    }
    Ok(read)
}

fn with_settings(der: &[u8]) -> Option<Read> {
    let (read, behind) = Read::beginning(der)?;
    if behind.is_empty() {
        return Some(read);
    }
    let (settings, _) = behind.split_at_checked(announced_length(behind)?)?;
    Some(Read { settings: Some(Settings::read(settings)?), ..read })
}

struct Block {
    label: Vec<u8>,
    has_header: bool,
    der: Vec<u8>,
}

impl Block {
    /// What is encrypted cannot be read, and another header is an error.
    fn plain(&self) -> Result<Vec<u8>, Stop> {
        if self.has_header { Err(Stop::Base64) } else { Ok(self.der.clone()) }
    }
}

/// The next block; none where no BEGIN is left.
fn next(lines: &mut Lines<'_>) -> Option<Result<Block, Stop>> {
    let mut is_first = true;
    loop {
        let line = lines.next()?.without_end(is_first);
        is_first = false;
        if let Some(label) = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(DASHES)) {
            return Some(block(label, lines));
        }
    }
}

/// Where a block's header may be: an empty line ends it.
#[derive(PartialEq)]
enum Header {
    Maybe,
    Within,
    Over,
}

fn block(label: &[u8], lines: &mut Lines<'_>) -> Result<Block, Stop> {
    let (mut header, mut body) = (Vec::new(), Vec::new());
    let (mut state, mut was_partial, mut is_last) = (Header::Maybe, false, false);
    loop {
        let line = lines.next().ok_or(Stop::Cut)?;
        if state == Header::Maybe && line.text.contains(&b':') {
            state = Header::Within;
        }
        let text = line.without_end(false);
        if text.is_empty() {
            if !std::mem::replace(&mut was_partial, line.is_partial) {
                if state == Header::Over {
                    return Err(Stop::Boundary);
                }
                state = Header::Over;
            }
            continue;
        }
        was_partial = line.is_partial;
        if let Some(end) = text.strip_prefix(END) {
            let fits = end.strip_prefix(label) == Some(DASHES);
            let (header, body) = if state == Header::Maybe { (body, header) } else { (header, body) };
            return if fits { held(label, &header, &body) } else { Err(Stop::Boundary) };
        }
        if is_last || state == Header::Over && text.len() > BASE64_LINE {
            return Err(Stop::Boundary);
        }
        is_last = state == Header::Over && text.len() < BASE64_LINE;
        let part = if state == Header::Over { &mut body } else { &mut header };
        part.extend_from_slice(text);
        part.push(b'\n');
    }
}

fn held(label: &[u8], header: &[u8], body: &[u8]) -> Result<Block, Stop> {
    let der = decode(body, &RULES).filter(|der| !der.is_empty()).ok_or(Stop::Base64)?;
    Ok(Block { label: label.to_vec(), has_header: !header.is_empty(), der })
}

/// The lines as `BIO_gets` gives them.
struct Lines<'a> {
    rest: &'a [u8],
}

struct Line<'a> {
    text: &'a [u8],
    /// It goes on, as it is longer than what is taken at once.
    is_partial: bool,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<Line<'a>> {
        let room = &self.rest[..self.rest.len().min(LINE)];
        let feed = room.iter().position(|octet| *octet == b'\n');
        let (text, rest) = self.rest.split_at(feed.map_or(room.len(), |at| at + 1));
        self.rest = rest;
        // A zero ends a string of C, and a line that is none ends the file.
        let text = text.split(|octet| *octet == 0).next().unwrap_or_default();
        (!text.is_empty()).then_some(Line { text, is_partial: feed.is_none() && text.len() == LINE })
    }
}

impl<'a> Line<'a> {
    /// Without all that is no printable ASCII at its end; the first may begin with a byte order mark.
    fn without_end(&self, is_first: bool) -> &'a [u8] {
        let text = self.text.strip_prefix(MARK).filter(|_| is_first).unwrap_or(self.text);
        let length = text.iter().rposition(|octet| (b'!'..0x80).contains(octet)).map_or(0, |last| last + 1);
        &text[..length]
    }
}
