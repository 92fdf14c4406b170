//! The few bits of DER that are read by hand: tag, length and content, nothing more.

/// One element: its tag byte, its content, and what follows it.
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) whole: &'a [u8],
    pub(crate) rest: &'a [u8],
}

/// Reads one element with a definite length of at most four octets (X.690 sections 8.1.3 and 10.1).
pub(crate) fn element(bytes: &[u8]) -> Option<Element<'_>> {
    let (&tag, after_tag) = bytes.split_first()?;
    let (&first, after_length) = after_tag.split_first()?;
    let (length, header) = match first {
        0..=0x7f => (usize::from(first), 2),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let octets = after_length.get(..count)?;
            (octets.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet)), 2 + count)
        }
        _ => return None,
    };
    let end = header.checked_add(length)?;
    Some(Element { tag, content: bytes.get(header..end)?, whole: &bytes[..end], rest: &bytes[end..] })
}

/// Whether elements of that kind fill the content.
pub(crate) fn are(mut content: &[u8], kind: impl Fn(&Element<'_>) -> bool) -> bool {
    while !content.is_empty() {
        let Some(next) = element(content).filter(&kind) else { return false };
        content = next.rest;
    }
    true
}

/// An OBJECT IDENTIFIER whose last arc ends, and that has one (X.690 section 8.19).
pub(crate) fn is_oid(element: &Element<'_>) -> bool {
    element.tag == 0x06 && element.content.last().is_some_and(|octet| octet & 0x80 == 0)
}

/// The length that a first element announces, header included, even where the bytes end before it.
pub(crate) fn announced_length(bytes: &[u8]) -> Option<usize> {
    let first = *bytes.get(1)?;
    match first {
        0..=0x7f => Some(2 + usize::from(first)),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let octets = bytes.get(2..2 + count)?;
            octets.iter().fold(0usize, |sum, octet| sum << 8 | usize::from(*octet)).checked_add(2 + count)
        }
        _ => None,
    }
}

/// The content of a SEQUENCE that begins the bytes.
pub(crate) fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    element(bytes).filter(|e| e.tag == 0x30).map(|e| e.content)
}

/// One element of these parts, written as short as DER asks for (X.690 section 10.1).
pub(crate) fn wrapped(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let octets: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    let mut out = Vec::with_capacity(length + 2 + octets.len());
    out.push(tag);
    match octets.as_slice() {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        long => {
            // A length has eight octets at most.
            out.push(0x80 | long.len() as u8);
            out.extend_from_slice(long);
        }
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

#[cfg(test)]
mod tests {
    use super::{announced_length, element, sequence, wrapped};

    #[test]
    fn lengths_are_read_in_short_and_long_form() {
        let read = element(&[0x04, 0x02, 1, 2, 9]).expect("short form");
        assert_eq!((read.tag, read.content, read.rest), (4, &[1u8, 2][..], &[9u8][..]));
        let long = [&[0x04, 0x81, 0x80][..], &[7; 128]].concat();
        assert_eq!(element(&long).expect("long form").content.len(), 128);
    }

    #[test]
    fn lengths_are_as_short_as_they_can_be() {
        for (length, header) in [
            (0, &[0x30, 0][..]),
            (127, &[0x30, 127]),
            (128, &[0x30, 0x81, 128]),
            (256, &[0x30, 0x82, 1, 0]),
            (70_000, &[0x30, 0x83, 1, 0x11, 0x70]),
        ] {
            let out = wrapped(0x30, &[&vec![7; length]]);
            assert_eq!(&out[..header.len()], header, "{length}");
            assert_eq!(sequence(&out).map(<[u8]>::len), Some(length));
        }
    }

    #[test]
    fn what_is_cut_off_is_no_element_but_tells_its_length() {
        assert!(element(&[0x30, 0x82, 0x01]).is_none());
        assert!(element(&[0x30, 0x05, 1]).is_none());
        assert!(element(&[0x30, 0x80, 0, 0]).is_none());
        assert_eq!(announced_length(&[0x30, 0x82, 0x01, 0x00, 1, 2]), Some(260));
    }
}
