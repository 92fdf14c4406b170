//! Object identifiers in dotted form.

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
    if !text.is_empty() {
        text.push('.');
        return push_number(text, arc);
    }
    let (first, second) = match arc {
        0..40 => ('0', arc),
        40..80 => ('1', arc - 40),
        _ => ('2', arc - 80),
    };
    text.push(first);
    text.push('.');
    push_number(text, second);
}

/// Nearly all arcs are short, and formatting one takes longer than reading it.
fn push_number(text: &mut String, number: u128) {
    let Ok(mut short) = u32::try_from(number) else { return text.push_str(&number.to_string()) };
    /// The most digits of such a number.
    const DIGITS: usize = 10;
    let (mut digits, mut at) = ([b'0'; DIGITS], DIGITS);
    loop {
        at -= 1;
        digits[at] += (short % 10) as u8;
        short /= 10;
        if short == 0 {
            break;
        }
    }
    text.extend(digits[at..].iter().copied().map(char::from));
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
