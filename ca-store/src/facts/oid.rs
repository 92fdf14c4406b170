//! Object identifiers in dotted form.

use std::fmt::Write as _;

use x509_parser::der_parser::Oid;

/// Dotted form (X.660), as `1.2.840.10045.2.1`. Written by hand, since a certificate has a dozen of them, and many
/// certificates are read in one run.
pub(super) fn dotted(oid: &Oid<'_>) -> String {
    let mut text = String::with_capacity(oid.as_bytes().len() * 4);
    let mut arc = 0u128;
    for byte in oid.as_bytes() {
        // An arc that no table has room for is cut: it names nothing that is known here.
        arc = arc.wrapping_shl(7) | u128::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            push(&mut text, arc);
            arc = 0;
        }
    }
    text
}

/// The first subidentifier holds two arcs (X.690 section 8.19.4).
fn push(text: &mut String, arc: u128) {
    let written = match (text.is_empty(), arc) {
        (true, 0..40) => write!(text, "0.{arc}"),
        (true, 40..80) => write!(text, "1.{}", arc - 40),
        (true, _) => write!(text, "2.{}", arc - 80),
        (false, 0..10) => {
            text.push('.');
            text.push(char::from(b'0' + arc as u8));
            Ok(())
        }
        (false, _) => write!(text, ".{arc}"),
    };
    // A String takes every write.
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use super::{Oid, dotted};

    #[test]
    fn identifiers_are_written_as_the_parser_writes_them() {
        for arcs in [
            &[0u64, 9, 2342, 19200300, 100, 1, 25][..],
            &[1, 2, 840, 113549, 1, 1, 11],
            &[2, 5, 29, 17],
            &[2, 16, 840, 1, 101, 3, 4, 2, 1],
            &[1, 3, 6, 1, 4, 1, u64::MAX >> 1],
        ] {
            let oid = Oid::from(arcs).expect("arcs in range");
            let expected: Vec<String> = arcs.iter().map(ToString::to_string).collect();
            assert_eq!(dotted(&oid), expected.join("."));
        }
    }
}
