//! The short way through PEM that has no fault, which is nearly all PEM: whatever is unusual goes the long way of
//! [`super::Input`], which says what it is.

use super::large::decode_into;

/// A block of a sound file: its base64 with line ends.
pub(crate) struct SoundBlock<'a> {
    pub(crate) text: &'a [u8],
}

impl SoundBlock<'_> {
    /// What it encodes; `None` where a character is no base64, or any are missing.
    pub(crate) fn der(&self) -> Option<Vec<u8>> {
        decode_into(self.text).filter(|der| !der.is_empty())
    }
}

/// The blocks of a file that holds nothing but blocks of this label, each as RFC 7468 section 3 writes it in its strict
/// form; `None` for anything else, an empty file included. Their base64 is not looked at yet.
pub(crate) fn blocks<'a>(bytes: &'a [u8], label: &str) -> Option<Vec<SoundBlock<'a>>> {
    let mut blocks = Vec::with_capacity(4);
    let mut rest = bytes;
    while !rest.is_empty() {
        if blocks.len() >= super::MAX_BLOCKS {
            return None;
        }
        let body = after_boundary(rest, b"-----BEGIN ", label)?;
        let length = length_of_lines(body)?;
        let (text, tail) = body.split_at(length);
        blocks.push(SoundBlock { text });
        rest = after_boundary(tail, b"-----END ", label)?;
    }
    Some(blocks).filter(|blocks| !blocks.is_empty())
}

fn after_boundary<'a>(bytes: &'a [u8], begin: &[u8], label: &str) -> Option<&'a [u8]> {
    bytes.strip_prefix(begin)?.strip_prefix(label.as_bytes())?.strip_prefix(b"-----\n")
}

/// How far whole lines reach, up to the first that begins with a dash. `None` where a line is empty, which is what OpenSSL
/// does not read, or there is no such end.
fn length_of_lines(body: &[u8]) -> Option<usize> {
    let mut length = 0;
    loop {
        let line = &body[length..];
        if line.first() == Some(&b'-') {
            return (length > 0).then_some(length);
        }
        // A dash within a line is no base64, and is found when that is read.
        let end = memchr::memchr(b'\n', line)?;
        if end == 0 {
            return None;
        }
        length += end + 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::blocks;
    use crate::facts::{Input, to_pem};

    proptest! {
        /// The short way finds what the long way finds, and takes nothing in which that sees a fault.
        #[test]
        fn both_ways_agree(ders in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..200), 1..4), at in any::<prop::sample::Index>(), with in any::<u8>()) {
            let sound: String = ders.iter().map(|der| to_pem("CERTIFICATE", der)).collect();
            let found = blocks(sound.as_bytes(), "CERTIFICATE").expect("sound");
            let long = Input::read(sound.as_bytes());
            prop_assert_eq!(found.len(), ders.len());
            for (short, long) in found.iter().zip(&long.blocks) {
                prop_assert_eq!(short.der(), Some(long.der.to_vec()));
            }
            let mut changed = sound.into_bytes();
            let at = at.index(changed.len());
            changed[at] = with;
            let found = blocks(&changed, "CERTIFICATE").unwrap_or_default();
            let ders: Option<Vec<_>> = found.iter().map(super::SoundBlock::der).collect();
            if let Some(ders) = ders.filter(|ders| !ders.is_empty()) {
                let long = Input::read(&changed);
                prop_assert!(long.faults.is_empty(), "{:?}", long.faults);
                prop_assert_eq!(found.len(), long.blocks.len());
                for (der, long) in ders.iter().zip(&long.blocks) {
                    prop_assert_eq!(der, &*long.der);
                }
            }
        }
    }
}
