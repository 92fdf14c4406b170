//! Further purposes that certificates are given, by the names that OpenSSL and RFC 5280 have for them, or by number.

use crate::uri::Oid;

/// The purposes that have a name here.
const NAMED: &[(&str, &str)] = &[
    ("serverAuth", "1.3.6.1.5.5.7.3.1"),
    ("clientAuth", "1.3.6.1.5.5.7.3.2"),
    ("codeSigning", "1.3.6.1.5.5.7.3.3"),
    (EMAIL_PROTECTION_NAME, EMAIL_PROTECTION),
    ("ipsecEndSystem", "1.3.6.1.5.5.7.3.5"),
    ("ipsecTunnel", "1.3.6.1.5.5.7.3.6"),
    ("ipsecUser", "1.3.6.1.5.5.7.3.7"),
    ("ipsecIKE", "1.3.6.1.5.5.7.3.17"),
    ("documentSigning", "1.3.6.1.5.5.7.3.36"),
    ("msSmartcardLogin", "1.3.6.1.4.1.311.20.2.2"),
];

const EMAIL_PROTECTION_NAME: &str = "emailProtection";
/// id-kp-emailProtection (RFC 5280, 4.2.1.12).
pub(crate) const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";

/// Those that a certificate for TLS must not have, and why.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "timeStamping",
        "1.3.6.1.5.5.7.3.8",
        "it must stand alone in a certificate (RFC 3161, 2.3), and this one is for TLS",
    ),
    ("OCSPSigning", "1.3.6.1.5.5.7.3.9", "whoever has it can answer for the standing of every certificate of the CA"),
    ("anyExtendedKeyUsage", "2.5.29.37.0", "it stands for every purpose: name those that are meant"),
];

/// The purpose of this name or number.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(text: &str) -> Result<Oid, String> {
    let named = NAMED.iter().find(|(name, _)| *name == text).map_or(text, |(_, oid)| oid);
    if let Some((name, _, why)) = REFUSED.iter().find(|(name, oid, _)| *name == text || *oid == text) {
        return Err(format!("{name} is not given: {why}"));
    }
    Oid::parse(named).ok_or_else(|| {
        let names: Vec<_> = NAMED.iter().map(|(name, _)| *name).collect();
        format!("expected one of {}, or an object identifier such as 1.3.6.1.4.1.99999.7", names.join(", "))
    })
}

/// Its name, or its number where it has none.
pub fn usage_name(oid: &Oid) -> String {
    let dotted = oid.to_string();
    NAMED.iter().find(|(_, known)| *known == dotted).map_or(dotted, |(name, _)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_by_name_and_by_number() {
        for (name, oid) in NAMED {
            let parsed = parse(name).unwrap();
            assert_eq!(parsed.to_string(), *oid);
            assert_eq!(parse(oid).unwrap(), parsed);
            assert_eq!(usage_name(&parsed), *name);
        }
        let own = parse("1.3.6.1.4.1.99999.7").unwrap();
        assert_eq!(usage_name(&own), "1.3.6.1.4.1.99999.7");
        assert!(parse("emailprotection").unwrap_err().contains("emailProtection"));
    }

    #[test]
    fn purposes_that_would_be_a_trap_are_refused_by_either() {
        for (name, oid, why) in REFUSED {
            for text in [name, oid] {
                assert!(parse(text).unwrap_err().contains(why), "{text}");
            }
        }
    }
}
