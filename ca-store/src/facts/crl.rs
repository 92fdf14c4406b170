//! Revocation lists (RFC 5280 section 5) as plain data.

use time::OffsetDateTime;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{CertificateRevocationList, FromDer as _};

use super::{Malformed, Name, PublicKey, SignatureAlgorithm, SignatureCheck, escape, hex, sha256};

/// What a revocation list says.
#[derive(Debug, Clone)]
pub struct Crl {
    tbs: Vec<u8>,
    signature: Vec<u8>,
    /// Whose list it is.
    pub issuer: Name,
    /// How it was signed.
    pub signature_algorithm: SignatureAlgorithm,
    /// From when on it holds.
    pub this_update: OffsetDateTime,
    /// When the next one is due at the latest.
    pub next_update: Option<OffsetDateTime>,
    /// cRLNumber in hexadecimal.
    pub number: Option<String>,
    /// The key identifier of authorityKeyIdentifier.
    pub authority_key_identifier: Option<Vec<u8>>,
    /// The revoked certificates.
    pub revoked: Vec<RevokedEntry>,
    /// SHA-256 of the DER, in hexadecimal.
    pub sha256: String,
}

/// One revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedEntry {
    /// Its serial number.
    pub serial: Vec<u8>,
    /// Since when.
    pub at: OffsetDateTime,
    /// Why (RFC 5280 section 5.3.1), where it is told.
    pub reason: Option<String>,
}

impl Crl {
    /// Reads one list that fills the bytes.
    ///
    /// # Errors
    /// [`Malformed`] where the bytes are not the DER of a CertificateList.
    pub fn from_der(der: &[u8]) -> Result<Crl, Malformed> {
        const EXPECTED: &str = "the DER of a revocation list (RFC 5280 section 5.1)";
        let (_, parsed) = CertificateRevocationList::from_der(der)
            .map_err(|error| Malformed { expected: EXPECTED, found: escape(&error.to_string()) })?;
        Ok(Crl {
            tbs: parsed.tbs_cert_list.as_ref().to_vec(),
            signature: parsed.signature_value.data.to_vec(),
            issuer: Name::read(parsed.issuer()),
            signature_algorithm: SignatureAlgorithm::read(&parsed.signature_algorithm),
            this_update: parsed.last_update().to_datetime(),
            next_update: parsed.next_update().map(|time| time.to_datetime()),
            number: parsed.crl_number().map(|number| format!("{number:x}")),
            authority_key_identifier: key_identifier(&parsed),
            revoked: parsed.iter_revoked_certificates().map(entry).collect(),
            sha256: hex(&sha256(der)),
        })
    }

    /// Whether `issuer`'s key verifies the list's signature.
    pub fn verified_by(&self, issuer: &PublicKey) -> SignatureCheck {
        self.signature_algorithm.check(issuer, &self.tbs, &self.signature)
    }

    /// The entry of a serial number.
    pub fn entry(&self, serial: &[u8]) -> Option<&RevokedEntry> {
        self.revoked.iter().find(|entry| entry.serial == serial)
    }
}

fn entry(revoked: &x509_parser::revocation_list::RevokedCertificate<'_>) -> RevokedEntry {
    RevokedEntry {
        serial: revoked.raw_serial().to_vec(),
        at: revoked.revocation_date.to_datetime(),
        reason: revoked.reason_code().map(|(_, reason)| reason.to_string()),
    }
}

fn key_identifier(list: &CertificateRevocationList<'_>) -> Option<Vec<u8>> {
    list.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(aki) => aki.key_identifier.as_ref().map(|id| id.0.to_vec()),
        _ => None,
    })
}
