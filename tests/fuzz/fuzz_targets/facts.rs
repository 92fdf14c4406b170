//! DER of every kind: whatever the bytes are, reading them ends, and what is shown holds no control character.
#![no_main]

use ca_store::facts::{Certificate, CertificateRequest, Crl, PrivateKey, PublicKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(certificate) = Certificate::from_der(data) {
        let shown = format!("{} {}", certificate.subject, certificate.issuer);
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        for name in certificate.subject_alt_names().unwrap_or_default() {
            assert!(!name.to_string().chars().any(char::is_control));
        }
        let _ = (certificate.is_self_signed(), certificate.is_ca(), certificate.sha256_hex());
    }
    if let Ok(crl) = Crl::from_der(data) {
        let _ = (crl.count(), crl.entries().count(), crl.entry(&[1]));
    }
    let _ = CertificateRequest::from_der(data);
    let _ = PrivateKey::from_der(data);
    let _ = PublicKey::from_spki(data);
});
