//! What is to be said of each file.

use std::collections::HashMap;

use serde::Serialize;
use time::OffsetDateTime;

use crate::explain::rfc3339;
use crate::facts::{Certificate, Fault, SignatureCheck, escape};
use crate::finding::file::{fault, unreadable};
use crate::finding::{Code, Finding, Role, Severity, quote_file};

use super::SOON_DAYS;
use super::content::{Content, Other};
use super::pair::Pair;

/// The most certificates of one number that are compared, and CAs of one name that are tried: a slip makes two.
const MAX_ALIKE: usize = 16;

/// A file.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Its name, escaped.
    pub file: String,
    /// `PEM`, `DER`, `PKCS#12`, … or empty.
    pub form: &'static str,
    /// What it holds, in its order.
    pub holds: Vec<String>,
    /// What is to be said of it.
    pub remarks: Vec<Remark>,
}

/// One thing that is to be said of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remark {
    /// A code of the findings; or `misnamed`, `duplicate`, `stray`, `expires-soon`, which concern a folder alone.
    pub kind: String,
    /// How grave it is.
    pub severity: Severity,
    /// What was expected and what was found.
    pub message: String,
    /// What to type; empty where nothing has to be.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fix: String,
}

impl Remark {
    fn new(kind: &str, severity: Severity, message: impl Into<String>) -> Remark {
        Remark { kind: kind.to_owned(), severity, message: message.into(), fix: String::new() }
    }

    fn of(finding: Finding) -> Remark {
        let kind = finding.code.as_str().to_owned();
        Remark { kind, severity: finding.severity, message: finding.message, fix: finding.fix }
    }
}

/// An entry for each file.
pub(super) fn entries(contents: &[Content<'_>], pairs: &[Pair], now: OffsetDateTime) -> Vec<Entry> {
    let numbered = Numbered::of(contents);
    let entry = |(index, content): (usize, &Content<'_>)| {
        let mut remarks = remarks(content, &contents[..index], contents, pairs, now);
        remarks.extend(content.certificates.iter().filter_map(|certificate| numbered.reused(content, certificate)));
        Entry { file: content.shown.clone(), form: content.form, holds: holds(content), remarks }
    };
    contents.iter().enumerate().map(entry).collect()
}

fn holds(content: &Content<'_>) -> Vec<String> {
    let keys = content.keys.iter().map(|key| format!("private key, {}", key.kind));
    let certificates = content.certificates.iter().map(certificate);
    let requests = content.requests.iter().map(|request| format!("certificate request of `{}`", request.subject));
    let crls = content.crls.iter().map(|crl| format!("revocation list of `{}`", crl.issuer));
    let others = content.others.iter().map(|other| match other {
        Other::EncryptedKey => "encrypted private key".to_owned(),
        Other::PublicKey => "public key".to_owned(),
        Other::SshKey => "OpenSSH key".to_owned(),
        // DER has no label.
        Other::Unknown(label) if label.is_empty() => "DER that is nothing of a PKI, or damaged".to_owned(),
        Other::Unknown(label) => format!("{label} block"),
        Other::Corrupt { label, .. } if label.is_empty() => "damaged DER".to_owned(),
        Other::Corrupt { label, line, .. } => format!("damaged {label} block (line {line})"),
    });
    let closed = content.is_closed().then(|| "what only its passphrase shows".to_owned());
    keys.chain(certificates).chain(requests).chain(crls).chain(others).chain(closed).collect()
}

fn certificate(certificate: &Certificate) -> String {
    let kind = match (certificate.is_ca(), certificate.is_self_issued()) {
        (true, true) => "root",
        (true, false) => "intermediate",
        (false, _) => "certificate",
    };
    let until = rfc3339(certificate.validity.not_after);
    format!("{kind} `{}`, until {}", certificate.subject, until.split('T').next().unwrap_or_default())
}

fn remarks(
    content: &Content<'_>,
    before: &[Content<'_>],
    all: &[Content<'_>],
    pairs: &[Pair],
    now: OffsetDateTime,
) -> Vec<Remark> {
    let file = content.file;
    if let Err(error) = &file.content {
        return vec![Remark::of(unreadable(Role::Chain, &file.name, error))];
    }
    if !content.is_ours() {
        return Vec::new();
    }
    let mut remarks: Vec<Remark> = form(content, all, pairs).collect();
    remarks.extend(corrupt(content));
    remarks.extend(open_key(content));
    remarks.extend(content.certificates.iter().filter_map(|certificate| dates(content, certificate, now)));
    remarks.extend(misnamed(content));
    remarks.extend(duplicate(content, before));
    remarks.extend(stray(content, all, pairs));
    remarks
}

/// What is wrong with the file's form. A container is only another form here, where it lies for itself.
fn form<'a>(content: &'a Content<'_>, all: &[Content<'_>], pairs: &[Pair]) -> impl Iterator<Item = Remark> + 'a {
    let role = if content.certificates.is_empty() { Role::Key } else { Role::Chain };
    let told = content.faults.iter().filter(|fault| !matches!(fault, Fault::NoPrivateKey | Fault::TooMany));
    let (is_of_ca, is_copy) = (has_key_of_ca(content, all, pairs), is_copy_of_lists(content, all));
    told.map(move |it| {
        let finding = fault(role, &content.file.name, it, true);
        let packed = matches!(it, Fault::Pkcs12(_) | Fault::Pkcs7(_) | Fault::Jks(_));
        match finding.code {
            Code::KeyEncrypted if is_of_ca => locked_ca(content),
            Code::FileIsDer if is_copy => Remark::of(finding.graded(Severity::Note)),
            // It is what its name says, for those who ask for that form.
            _ if packed && misnamed(content).is_none() && content.extension() != "pem" => {
                Remark::of(finding.graded(Severity::Note))
            }
            _ if packed => Remark::of(finding.graded(Severity::Warning)),
            _ => Remark::of(finding),
        }
    })
}

/// An encrypted key of which nothing tells whose it is: a CA's, where every certificate of a server or client has its own and some CA
/// has none.
fn has_key_of_ca(content: &Content<'_>, all: &[Content<'_>], pairs: &[Pair]) -> bool {
    let mut cas = all.iter().flat_map(|it| &it.certificates).filter(|it| it.is_ca());
    let has_key = |ca: &Certificate| all.iter().any(|it| it.has_key_of(&ca.public_key));
    content.has_locked_key() && pairs.iter().all(|pair| pair.key_file.is_some()) && cas.any(|ca| !has_key(ca))
}

fn locked_ca(content: &Content<'_>) -> Remark {
    let message = format!("the private key in {} needs a passphrase, as a CA's should", content.shown);
    Remark::new(Code::KeyEncrypted.as_str(), Severity::Note, message)
}

/// Lists in DER are what clients fetch (RFC 5280 section 4.2.1.13); what programs read lies beside them.
fn is_copy_of_lists(content: &Content<'_>, all: &[Content<'_>]) -> bool {
    let pem: Vec<&Content<'_>> = all.iter().filter(|other| other.form == "PEM").collect();
    content.has_lists_of(&pem)
}

fn corrupt<'a>(content: &'a Content<'_>) -> impl Iterator<Item = Remark> + 'a {
    content.others.iter().filter_map(|other| match other {
        Other::Corrupt { line, label, error } => {
            let message = if label.is_empty() {
                format!("the DER of {} is damaged: {error}", content.shown)
            } else {
                format!("the {label} block in line {line} of {} is damaged: {error}", content.shown)
            };
            let code = if label.contains("KEY") { Code::KeyWrongLabel } else { Code::CertificateCorrupt };
            Some(Remark::new(code.as_str(), Severity::Error, message))
        }
        _ => None,
    })
}

fn open_key(content: &Content<'_>) -> Option<Remark> {
    let mode = content.file.mode & 0o777;
    let has_key = !content.keys.is_empty() || content.has_locked_key();
    let message =
        format!("the private key in {} can be read by others: expected mode 0600, found {mode:04o}", content.shown);
    let fix = format!("chmod 600 {}", quote_file(&content.file.name));
    (has_key && mode & 0o077 != 0)
        .then(|| Remark { fix, ..Remark::new(Code::KeyPermissions.as_str(), Severity::Warning, message) })
}

fn dates(content: &Content<'_>, certificate: &Certificate, now: OffsetDateTime) -> Option<Remark> {
    let (from, until) = (certificate.validity.not_before, certificate.validity.not_after);
    let days = (until - now).whole_days();
    let shown = format!("`{}` in {}", certificate.subject, content.shown);
    if until < now {
        let message = format!("{shown} ended {} days ago, on {}", -days, rfc3339(until));
        return Some(Remark::new(Code::Expired.as_str(), Severity::Error, message));
    }
    if now < from {
        let message = format!("{shown} begins only on {}", rfc3339(from));
        return Some(Remark::new(Code::NotYetValid.as_str(), Severity::Error, message));
    }
    (days < SOON_DAYS).then(|| Remark::new("expires-soon", Severity::Warning, format!("{shown} ends in {days} days")))
}

/// The folder's certificates by their serial numbers, each once with the first file that holds it.
struct Numbered<'a> {
    of_serial: HashMap<&'a [u8], Vec<(&'a Content<'a>, &'a Certificate)>>,
    authorities: Vec<&'a Certificate>,
}

impl<'a> Numbered<'a> {
    fn of(contents: &'a [Content<'a>]) -> Numbered<'a> {
        let mut of_serial: HashMap<&[u8], Vec<(&Content<'_>, &Certificate)>> = HashMap::new();
        let all = || contents.iter().flat_map(|content| content.certificates.iter().map(move |it| (content, it)));
        for (content, certificate) in all() {
            let alike = of_serial.entry(certificate.serial.as_slice()).or_default();
            if alike.len() < MAX_ALIKE && alike.iter().all(|(_, known)| known.der() != certificate.der()) {
                alike.push((content, certificate));
            }
        }
        of_serial.retain(|_, alike| alike.len() > 1);
        Numbered { of_serial, authorities: all().map(|(_, it)| it).filter(|it| it.is_ca()).collect() }
    }

    /// RFC 5280 section 4.1.2.2: a CA gives each certificate a number of its own, by which it revokes it.
    fn reused(&self, content: &Content<'_>, certificate: &Certificate) -> Option<Remark> {
        let alike = self.of_serial.get(certificate.serial.as_slice())?;
        let is_twin = |it: &Certificate| it.der() != certificate.der() && it.issuer.same_as(&certificate.issuer);
        let (file, twin) = alike.iter().find(|(_, it)| is_twin(it) && self.have_one_issuer(certificate, it))?;
        let message = format!(
            "`{}` in {} and `{}` in {} carry one serial number of one issuer, {}: expected one each, as who revokes one \
             revokes both (RFC 5280 section 4.1.2.2); have one of them issued again",
            certificate.subject,
            content.shown,
            twin.subject,
            file.shown,
            certificate.serial_hex()
        );
        Some(Remark::new(Code::SerialReused.as_str(), Severity::Warning, message))
    }

    /// CAs that were made anew under an old name begin to count anew: that is no fault.
    fn have_one_issuer(&self, one: &Certificate, other: &Certificate) -> bool {
        let named = self.authorities.iter().filter(|ca| ca.subject.same_as(&one.issuer)).take(MAX_ALIKE);
        let signed = |it: &Certificate, ca: &Certificate| it.verified_by(&ca.public_key) == SignatureCheck::Good;
        named.into_iter().any(|ca| signed(one, ca) && signed(other, ca))
    }
}

/// The extension says one thing and the content is another. `pem` says nothing.
fn misnamed(content: &Content<'_>) -> Option<Remark> {
    let extension = content.extension();
    let has = |what: &str| match what {
        "a certificate" => !content.certificates.is_empty(),
        "a private key" => !content.keys.is_empty() || content.has_locked_key(),
        "a certificate request" => !content.requests.is_empty(),
        "a revocation list" => !content.crls.is_empty(),
        form => content.form == form,
    };
    let expected = match extension.as_str() {
        "crt" | "cer" | "cert" => "a certificate",
        "key" => "a private key",
        "csr" | "req" => "a certificate request",
        "crl" => "a revocation list",
        "p12" | "pfx" => "PKCS#12",
        "p7b" | "p7c" => "PKCS#7",
        "der" => "DER",
        "pem" if content.form != "PEM" && !content.form.is_empty() => "PEM",
        _ => return None,
    };
    // Parameters, or a key of another protocol, such as OpenVPN's `ta.key`.
    if content.others.iter().any(|other| matches!(other, Other::Unknown(_))) {
        return None;
    }
    let found = holds(content).into_iter().next().unwrap_or_else(|| "nothing of this kind".to_owned());
    let found =
        if content.form == "PEM" || content.form.is_empty() { found } else { format!("{} ({found})", content.form) };
    (!has(expected)).then(|| {
        let message =
            format!("{} is named `.{}`: expected {expected}, found {found}", content.shown, escape(&extension));
        Remark::new("misnamed", Severity::Warning, message)
    })
}

fn duplicate(content: &Content<'_>, before: &[Content<'_>]) -> Option<Remark> {
    let digest = content.digest.as_ref()?;
    let first = before.iter().find(|other| other.digest.as_ref() == Some(digest))?;
    Some(Remark::new("duplicate", Severity::Note, format!("{} holds the same as {}", content.shown, first.shown)))
}

/// What belongs to nothing else here: a key without its certificate, a CA that nothing hangs from.
fn stray(content: &Content<'_>, all: &[Content<'_>], pairs: &[Pair]) -> Option<Remark> {
    let certified = |public: &crate::facts::PublicKey| {
        all.iter().flat_map(|other| &other.certificates).any(|certificate| certificate.public_key.same_as(public))
            || all.iter().flat_map(|other| &other.requests).any(|request| request.public_key.same_as(public))
    };
    let mut keys = content.keys.iter().filter_map(|key| key.public_key.as_ref());
    let message = if keys.any(|key| !certified(key)) {
        format!("the private key in {} belongs to no certificate or request of the folder", content.shown)
    } else if !content.certificates.is_empty()
        && !pairs.is_empty()
        && !content.certificates.iter().any(|it| belongs(it, all, pairs))
    {
        format!("the certificates in {} belong to no chain of the folder", content.shown)
    } else {
        return None;
    };
    Some(Remark::new("stray", Severity::Note, message))
}

/// A leaf of a pair, or a CA that issued something here.
fn belongs(certificate: &Certificate, all: &[Content<'_>], pairs: &[Pair]) -> bool {
    let sha256 = certificate.sha256_hex();
    let issued = || {
        let children = all.iter().flat_map(|content| &content.certificates);
        children
            .filter(|child| child.der() != certificate.der())
            .any(|child| child.issuer.same_as(&certificate.subject))
    };
    pairs.iter().any(|pair| pair.sha256 == sha256) || issued()
}
