//! Netscape's certificate type: what a certificate was for before extendedKeyUsage said it. OpenSSL and Java still ask.

use super::der;

/// netscape-cert-type, a BIT STRING.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertType(u8);

impl CertType {
    /// `2.16.840.1.113730.1.1`
    pub const OID: &'static str = "2.16.840.1.113730.1.1";
    /// Bit 4 is reserved.
    const NAMES: [(u8, &'static str); 7] = [
        (0, "SSL client"),
        (1, "SSL server"),
        (2, "S/MIME"),
        (3, "object signing"),
        (5, "SSL CA"),
        (6, "S/MIME CA"),
        (7, "object signing CA"),
    ];

    /// The octets of the extension; `None` where they are no BIT STRING.
    pub(crate) fn read(octets: &[u8]) -> Option<CertType> {
        let bits = der::element(octets).filter(|e| e.tag == 0x03 && e.rest.is_empty())?;
        let (unused, bits) = bits.content.split_first()?;
        (*unused < 8).then(|| CertType(bits.first().copied().unwrap_or_default()))
    }

    fn has(self, bit: u8) -> bool {
        // X.680 section 22.7 counts from the most significant bit.
        self.0 & 0x80 >> bit != 0
    }

    /// Whether a client of TLS may show it.
    pub fn ssl_client(self) -> bool {
        self.has(0)
    }

    /// Whether a server of TLS may show it.
    pub fn ssl_server(self) -> bool {
        self.has(1)
    }

    /// Whether a CA may issue for TLS.
    pub fn ssl_ca(self) -> bool {
        self.has(5)
    }

    /// Whether it says anything at all.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What its bits are called.
    pub fn names(self) -> Vec<&'static str> {
        Self::NAMES.into_iter().filter(|(bit, _)| self.has(*bit)).map(|(_, name)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::CertType;

    #[test]
    fn bits_are_counted_from_the_left() {
        let of = |octets: &[u8]| CertType::read(octets).map(CertType::names);
        assert_eq!(of(&[3, 2, 7, 0x80]), Some(vec!["SSL client"]));
        assert_eq!(of(&[3, 2, 0, 0x47]), Some(vec!["SSL server", "SSL CA", "S/MIME CA", "object signing CA"]));
        assert_eq!(of(&[3, 1, 0]), Some(Vec::new()));
        assert_eq!(of(&[0x30, 0]), None);
        assert_eq!(of(&[3, 0]), None);
    }
}
