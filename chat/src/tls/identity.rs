//! From a verified certificate to the account that it stands for.

use ca_store::facts::{Certificate, escape, hex, sha256};
use rustls::pki_types::CertificateDer;
use serde::Deserialize;

use crate::core::{Account, Identity};

/// A part of a certificate that can be its holder's account.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum AccountField {
    /// The first e-mail address of the subjectAltName.
    Email,
    /// The subject's common name.
    Cn,
    /// The first URI of the subjectAltName; of an `acct:` URI (RFC 7565) what comes after the scheme.
    Uri,
}

impl AccountField {
    /// Where nothing else is asked for.
    pub const USUAL: [AccountField; 2] = [AccountField::Email, AccountField::Cn];

    fn name(self) -> &'static str {
        match self {
            AccountField::Email => "e-mail address",
            AccountField::Cn => "common name",
            AccountField::Uri => "URI",
        }
    }

    fn of(self, certificate: &Certificate) -> Option<&str> {
        match self {
            AccountField::Email => certificate.email_addresses().next(),
            AccountField::Cn => certificate.subject.common_name(),
            AccountField::Uri => certificate.uris().next().map(|uri| uri.strip_prefix("acct:").unwrap_or(uri)),
        }
    }
}

/// Who a certificate says its holder is. The certificate has been verified: this reads it and judges nothing.
///
/// The account is the first of these fields that it has, as it stands there: nothing is mapped, so no two certificates
/// of different names are one account. A name that does not fit is no account, and the identity says why.
pub fn of_certificate(der: &CertificateDer<'_>, fields: &[AccountField]) -> Identity {
    match Certificate::from_der(der) {
        Ok(certificate) => of_facts(&certificate, fields),
        // rustls reads less of a certificate than is read here.
        Err(malformed) => Identity {
            account: None,
            refusal: Some(format!("your certificate can't be read in full: {malformed}")),
            fingerprint: hex(&sha256(der)),
            not_after_unix: i64::MAX,
        },
    }
}

/// The serial number of a certificate, without leading zeros; `None` where it can't be read.
pub fn serial(der: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let certificate = Certificate::from_der(der).ok()?;
    Some(without_zeros(&certificate.serial).to_vec())
}

/// Whom a certificate is for, to be shown; what can't be read has its hash for a name.
pub fn subject(der: &CertificateDer<'_>) -> String {
    match Certificate::from_der(der) {
        Ok(certificate) => certificate.subject.to_string(),
        Err(_) => format!("the one of SHA-256 {}", hex(&sha256(der))),
    }
}

/// A serial number as it is compared: as a number, whatever stands before it.
pub fn without_zeros(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|octet| **octet == 0).count();
    &serial[zeros..]
}

fn of_facts(certificate: &Certificate, fields: &[AccountField]) -> Identity {
    let (account, refusal) = match account(certificate, fields) {
        Ok(account) => (Some(account), None),
        Err(refusal) => (None, Some(refusal)),
    };
    Identity {
        account,
        refusal,
        fingerprint: certificate.sha256_hex(),
        not_after_unix: certificate.validity.not_after.unix_timestamp(),
    }
}

fn account(certificate: &Certificate, fields: &[AccountField]) -> Result<Account, String> {
    let found = fields.iter().find_map(|field| Some((*field, field.of(certificate)?)));
    let Some((field, name)) = found else {
        let wanted: Vec<&str> = fields.iter().map(|field| field.name()).collect();
        return Err(format!(
            "your certificate is valid, but has no {} to be an account; with one: pki issue client NAME --email \
             NAME@example.test",
            wanted.join(" and no ")
        ));
    };
    let parsed = match field {
        AccountField::Uri => Account::parse(name),
        AccountField::Email | AccountField::Cn => Account::of_person(name),
    };
    parsed.map_err(|error| {
        let (kind, name) = (field.name(), escape(name));
        format!(
            "your certificate is valid, but its {kind} \"{name}\" is no account: {error}; with a name that fits: \
             pki issue client NAME --email NAME@example.test"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    fn identity(common_name: Option<&str>, emails: &[&str]) -> Identity {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        if let Some(name) = common_name {
            params.distinguished_name.push(DnType::CommonName, name);
        }
        let emails = emails.iter().map(|email| SanType::Rfc822Name((*email).try_into().expect("ASCII")));
        params.subject_alt_names = emails.collect();
        let key = KeyPair::generate().expect("a key");
        of_certificate(params.self_signed(&key).expect("a certificate").der(), &AccountField::USUAL)
    }

    #[test]
    fn the_account_is_the_mail_address_or_else_the_common_name() {
        for (common_name, emails, expected) in [
            (Some("Alice"), vec!["alice@example.test"], Some("alice@example.test")),
            (Some("alice"), vec![], Some("alice")),
            (Some("Alice Smith"), vec![], None),
            (Some("zoë"), vec![], None),
            (None, vec![], None),
            (Some("alice"), vec!["a!b@example.test"], None),
        ] {
            let found = identity(common_name, &emails);
            assert_eq!(found.account.map(|account| account.to_string()).as_deref(), expected, "{common_name:?}");
            assert_eq!(found.refusal.is_none(), expected.is_some());
        }
    }

    #[test]
    fn the_configuration_chooses_the_field() {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "alice");
        let uri = |text: &str| SanType::URI(text.try_into().expect("ASCII"));
        for (text, account) in [("acct:alice@example.test", "alice@example.test"), ("spiffe://a/b", "spiffe://a/b")] {
            params.subject_alt_names = vec![uri(text)];
            let key = KeyPair::generate().expect("a key");
            let certificate = params.clone().self_signed(&key).expect("a certificate");
            let by =
                |fields: &[AccountField]| of_certificate(certificate.der(), fields).account.map(|it| it.to_string());
            assert_eq!(by(&[AccountField::Uri, AccountField::Cn]).as_deref(), Some(account));
            assert_eq!(by(&AccountField::USUAL).as_deref(), Some("alice"));
            assert_eq!(by(&[AccountField::Email]), None);
        }
    }

    #[test]
    fn a_name_that_does_not_fit_is_told_what_would() {
        let refusal = identity(Some("Alice Smith"), &[]).refusal.expect("refused");
        assert!(refusal.contains("Alice Smith") && refusal.contains("pki issue client"), "{refusal}");
    }

    #[test]
    fn no_control_character_of_a_certificate_is_repeated() {
        let refusal = identity(Some("a\u{1b}[2J\r\nQUIT"), &[]).refusal.expect("refused");
        assert!(!refusal.chars().any(char::is_control), "{refusal:?}");
    }
}
