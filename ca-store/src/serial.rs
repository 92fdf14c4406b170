//! Serial numbers (RFC 5280, 4.1.2.2): ours, and any as they are typed.

use std::fmt;

/// A serial number of 16 octets, the first between 0x40 and 0x7f: positive, never zero, never shortened in DER, well under
/// the 20 octets that RFC 5280 allows, and with 126 random bits beyond guessing or meeting twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Serial([u8; Serial::OCTETS]);

impl Serial {
    /// Octets of a serial number.
    pub const OCTETS: usize = 16;

    /// Makes a serial number of random octets.
    pub fn from_random(mut octets: [u8; Self::OCTETS]) -> Serial {
        octets[0] = octets[0] & 0x3f | 0x40;
        Serial(octets)
    }

    /// A serial number as the store keeps it; none if these are not its octets.
    pub fn from_octets(octets: &[u8]) -> Option<Serial> {
        let octets: [u8; Self::OCTETS] = octets.try_into().ok()?;
        (octets[0] & 0xc0 == 0x40).then_some(Serial(octets))
    }

    /// Reads hexadecimal, in either case and with or without colons.
    pub fn from_hex(text: &str) -> Option<Serial> {
        let digits: String = text.chars().filter(|c| *c != ':').collect();
        if digits.len() != 2 * Self::OCTETS || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let value = u128::from_str_radix(&digits, 16).ok()?;
        Serial::from_octets(&value.to_be_bytes())
    }

    /// The octets, most significant first.
    pub fn octets(&self) -> &[u8; Self::OCTETS] {
        &self.0
    }
}

/// Lower-case hexadecimal without separators.
impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// Octets of the longest serial number (RFC 5280, 4.1.2.2).
pub(crate) const MAX_SERIAL: usize = 20;
/// Decimal digits that the number of [`Serial::OCTETS`] has at least: what has fewer is hexadecimal, as OpenSSL prints it, and no
/// number of a few digits is taken for another than the one that is meant.
const DECIMAL_DIGITS: std::ops::RangeInclusive<usize> = 38..=49;

/// A serial number in the fewest octets, as the index has it: DER puts a zero before a high bit.
pub(crate) fn without_zeros(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|octet| **octet == 0).count().min(serial.len().saturating_sub(1));
    &serial[zeros..]
}

/// The serial numbers that a text may mean, of any CA and in the fewest octets: in hexadecimal as programs print it and people
/// paste it (OpenSSL's `serial=4F0C`, colons, the spaces of Windows, `0x`), or else in decimal, as Go and Java have it.
pub(crate) fn typed(text: &str) -> Vec<Vec<u8>> {
    let text = text.trim();
    let value = text.get(..7).filter(|label| label.eq_ignore_ascii_case("serial=")).map_or(text, |_| &text[7..]);
    let digits = value.strip_prefix("0x").or(value.strip_prefix("0X")).unwrap_or(value);
    let bare: String = digits.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    let octets = [hexadecimal(&bare), decimal(value)];
    octets.into_iter().flatten().map(|octets| without_zeros(&octets).to_vec()).collect()
}

fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    let digits = format!("{}{digits}", if digits.len().is_multiple_of(2) { "" } else { "0" });
    if digits.is_empty() || digits.len() > 2 * (MAX_SERIAL + 1) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

fn decimal(digits: &str) -> Option<Vec<u8>> {
    if !DECIMAL_DIGITS.contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // As many octets as the longest takes, so that nothing is carried out of the first.
    let mut octets = vec![0; MAX_SERIAL + 1];
    for digit in digits.bytes() {
        let mut carried = u16::from(digit - b'0');
        for octet in octets.iter_mut().rev() {
            let sum = u16::from(*octet) * 10 + carried;
            (*octet, carried) = ((sum & 0xff) as u8, sum >> 8);
        }
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::{Serial, typed, without_zeros};

    #[test]
    fn typed_as_programs_print_it() {
        let own = "5bb364b015986c4be61fe982eb76a48d";
        let octets = Serial::from_hex(own).unwrap().octets().to_vec();
        for text in [
            own,
            "0x5bb364b015986c4be61fe982eb76a48d",
            "0X5BB364B015986C4BE61FE982EB76A48D",
            "serial=5BB364B015986C4BE61FE982EB76A48D",
            "5b:b3:64:b0:15:98:6c:4b:e6:1f:e9:82:eb:76:a4:8d",
            "5b b3 64 b0 15 98 6c 4b e6 1f e9 82 eb 76 a4 8d",
            " 005bb364b015986c4be61fe982eb76a48d\n",
            "121891210945905499603817067146487702669",
        ] {
            assert_eq!(typed(text).last(), Some(&octets), "{text}");
        }
        for (text, octets) in [("1", &[1][..]), ("00:90", &[0x90]), ("010F", &[1, 15]), ("0", &[0]), ("12", &[0x12])] {
            assert_eq!(typed(text), [octets], "{text}");
        }
        let largest = "1461501637330902918203684832716283019655932542975";
        assert_eq!(typed(largest), [vec![0xff; 20]]);
        for bad in ["", ":", "alice", "1g", "+1", "serial=", "0x", "sériál=1", &"1".repeat(50)] {
            assert!(typed(bad).is_empty(), "{bad}");
        }
        assert_eq!(without_zeros(&[0, 0, 7]), [7]);
        assert_eq!(without_zeros(&[]), [0u8; 0]);
    }

    #[test]
    fn always_positive_and_sixteen_octets() {
        for (random, hex) in [
            ([0; 16], "40000000000000000000000000000000"),
            ([0xff; 16], "7fffffffffffffffffffffffffffffff"),
            ([0x80; 16], "40808080808080808080808080808080"),
        ] {
            let serial = Serial::from_random(random);
            assert_eq!(serial.to_string(), hex);
            assert_eq!(Serial::from_hex(hex), Some(serial));
            assert_eq!(Serial::from_octets(serial.octets()), Some(serial));
        }
    }

    #[test]
    fn read_as_people_paste_it() {
        let serial = Serial::from_hex("40ABcdef000000000000000000000001").unwrap();
        assert_eq!(Serial::from_hex("40:ab:cd:ef:00:00:00:00:00:00:00:00:00:00:00:01"), Some(serial));
        for bad in ["", "40", "80000000000000000000000000000000", "alice", "4000000000000000000000000000000+"] {
            assert_eq!(Serial::from_hex(bad), None, "{bad}");
        }
    }
}
