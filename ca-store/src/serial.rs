//! Serial numbers (RFC 5280, 4.1.2.2).

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

#[cfg(test)]
mod tests {
    use super::Serial;

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
