//! What an extension has to be, and what was found in its place.

use super::der;

/// What is expected of the extension, and what its octets begin with.
pub(super) fn broken(oid: &str, octets: &[u8]) -> String {
    let expected = EXPECTED.iter().find(|(known, _)| *known == oid).map_or("other octets", |(_, expected)| expected);
    format!("expected {expected}, found {}", found(octets))
}

/// Whether the extension's octets are of the type that it has, as far as that is known here.
pub(super) fn has_its_type(oid: &str, octets: &[u8]) -> bool {
    let Some((_, expected)) = EXPECTED.iter().find(|(known, _)| *known == oid) else { return true };
    let of_type = |(kind, tag): &(&str, u8)| {
        !expected.starts_with(kind) || der::element(octets).is_some_and(|value| value.tag == *tag)
    };
    TYPES.iter().all(of_type)
}

const TYPES: [(&str, u8); 5] = [
    ("a SEQUENCE", 0x30),
    ("an OCTET STRING", 0x04),
    ("a BIT STRING", 0x03),
    ("an INTEGER", 0x02),
    ("an IA5String", 0x16),
];

/// By the sections of RFC 5280, but for the last five: RFC 6962, RFC 7633, RFC 3820 and Netscape's own.
const EXPECTED: &[(&str, &str)] = &[
    ("2.5.29.9", "a SEQUENCE of attributes"),
    ("2.5.29.14", "an OCTET STRING"),
    ("2.5.29.15", "a BIT STRING of uses"),
    ("2.5.29.16", "a SEQUENCE of two dates"),
    ("2.5.29.17", "a SEQUENCE of names"),
    ("2.5.29.18", "a SEQUENCE of names"),
    ("2.5.29.19", "a SEQUENCE of cA and a path length"),
    ("2.5.29.30", "a SEQUENCE of permitted and excluded names"),
    ("2.5.29.31", "a SEQUENCE of distribution points"),
    ("2.5.29.32", "a SEQUENCE of policies"),
    ("2.5.29.33", "a SEQUENCE of pairs of policies"),
    ("2.5.29.35", "a SEQUENCE of a key identifier, an issuer and a serial number"),
    ("2.5.29.36", "a SEQUENCE of requireExplicitPolicy and inhibitPolicyMapping"),
    ("2.5.29.37", "a SEQUENCE of purposes"),
    ("2.5.29.46", "a SEQUENCE of distribution points"),
    ("2.5.29.54", "an INTEGER of zero or more"),
    ("1.3.6.1.5.5.7.1.1", "a SEQUENCE of access descriptions"),
    ("1.3.6.1.5.5.7.1.11", "a SEQUENCE of access descriptions"),
    ("1.3.6.1.4.1.11129.2.4.2", "an OCTET STRING with a list of timestamps"),
    ("1.3.6.1.5.5.7.1.24", "a SEQUENCE of TLS extensions"),
    ("1.3.6.1.5.5.7.1.14", "a SEQUENCE of a path length and a policy"),
    ("2.16.840.1.113730.1.1", "a BIT STRING of types"),
    ("2.16.840.1.113730.1.13", "an IA5String"),
];

/// The most octets of a value that are shown: as many as tell what it is.
const MOST_SHOWN: usize = 8;

fn found(octets: &[u8]) -> String {
    let Some(element) = der::element(octets) else {
        return if octets.is_empty() { "nothing".to_owned() } else { "octets that are no DER".to_owned() };
    };
    let kind = match element.tag {
        0x01 => "a BOOLEAN",
        0x02 => "an INTEGER",
        0x03 => "a BIT STRING",
        0x04 => "an OCTET STRING",
        0x05 => "a NULL",
        0x06 => "an OBJECT IDENTIFIER",
        0x0c => "a UTF8String",
        0x13 => "a PrintableString",
        0x16 => "an IA5String",
        0x30 => "a SEQUENCE",
        0x31 => "a SET",
        tag => return format!("an element with the tag 0x{tag:02x}"),
    };
    let content = element.content;
    let shown = super::hex(&content[..content.len().min(MOST_SHOWN)]);
    match content.len() {
        0 => format!("{kind} with nothing in it"),
        length if length > MOST_SHOWN => format!("{kind} of {length} octets, {shown}\u{2026}"),
        _ => format!("{kind} of the octets {shown}"),
    }
}

#[cfg(test)]
mod tests {
    use super::broken;

    #[test]
    fn what_was_expected_is_told_with_what_was_found() {
        assert_eq!(
            broken("2.5.29.35", &[0x04, 2, 1, 2]),
            "expected a SEQUENCE of a key identifier, an issuer and a serial number, found an OCTET STRING of the octets 0102"
        );
        assert_eq!(
            broken("2.5.29.54", &[2, 1, 0xff]),
            "expected an INTEGER of zero or more, found an INTEGER of the octets ff"
        );
        assert_eq!(
            broken("2.5.29.31", &[0x30, 0x82]),
            "expected a SEQUENCE of distribution points, found octets that are no DER"
        );
        assert_eq!(broken("1.2.3", &[]), "expected other octets, found nothing");
    }
}
