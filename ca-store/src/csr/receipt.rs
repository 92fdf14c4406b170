//! What becomes of each part of a request, and why.

use super::SigningRequest;
use crate::facts::{self, Extension, ExtensionValue, GeneralName};
use crate::profile::{BasicConstraints, Profile, Purpose};
use crate::san::{Names, San};

/// What became of a request's parts, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Receipt {
    /// What the certificate has from the request.
    pub taken: Vec<String>,
    /// What it has otherwise than the request has it, and why.
    pub changed: Vec<String>,
    /// What it has not, and why.
    pub dropped: Vec<String>,
}

impl SigningRequest {
    /// What a certificate of these names and this purpose has of it.
    pub fn receipt(&self, names: &Names, purpose: Purpose) -> Receipt {
        let mut receipt = Receipt::default();
        receipt.taken.push(format!("the public key, {}", self.facts.public_key.kind));
        receipt.subject(&self.facts.subject, names);
        let asked = self.facts.subject_alt_names();
        asked.iter().for_each(|name| receipt.name(name, names.sans()));
        self.facts.all_alt_names().skip(1).flatten().for_each(|name| receipt.repeated(name));
        receipt.added(asked, names.sans());
        let profile = Profile::of(purpose, self.public_key.is_rsa());
        let extensions = self.facts.extensions.iter().filter(|extension| extension.oid != SUBJECT_ALT_NAME);
        extensions.for_each(|extension| receipt.extension(extension, &profile, purpose));
        for attribute in &self.facts.attributes {
            let name = facts::oid_name(attribute);
            receipt.dropped.push(format!("the attribute {name}: {}", why_dropped(attribute)));
        }
        receipt
    }
}

/// id-ce-subjectAltName.
const SUBJECT_ALT_NAME: &str = "2.5.29.17";

impl Receipt {
    fn subject(&mut self, asked: &facts::Name, names: &Names) {
        let granted = names.attributes().name(names.common_name()).to_string();
        let why = match names.attributes().is_empty() {
            true => "it is made of the name alone",
            false => "it is made of the name, and of what the CA lays down",
        };
        match names.common_name() {
            _ if asked.is_empty() => {}
            Some(_) if asked.to_string() == granted => self.taken.push(format!("the subject {asked}")),
            Some(_) => self.changed.push(format!("the subject {asked} becomes {granted}: {why}")),
            None => self.dropped.push(format!("the subject {asked}: the names are in subjectAltName")),
        }
    }

    /// A name of another subjectAltName than the first.
    fn repeated(&mut self, name: &GeneralName) {
        let (kind, text) = described(name);
        self.dropped.push(format!("the {kind} {text}: it is in another subjectAltName than the first"));
    }

    fn name(&mut self, name: &GeneralName, sans: &[San]) {
        let (kind, text) = described(name);
        // Written as an alternative name is: a Windows account looks like a mailbox.
        let written = if kind == "UPN" { format!("upn:{text}") } else { text.clone() };
        if San::parse(&written).is_ok_and(|san| sans.contains(&san)) {
            self.taken.push(format!("the {kind} {text}"));
        } else {
            self.dropped.push(format!("the {kind} {text}: it is not among the names asked for"));
        }
    }

    fn added(&mut self, asked: &[GeneralName], sans: &[San]) {
        let of = |name: &GeneralName| match name {
            GeneralName::Dns(text) | GeneralName::Email(text) => San::parse(text).ok(),
            GeneralName::Ip(address) => Some(San::Ip(*address)),
            _ => None,
        };
        let there: Vec<San> = asked.iter().filter_map(of).collect();
        for san in sans.iter().filter(|san| !there.contains(san)) {
            self.changed
                .push(format!("the {} name {san} is added: the request has it in no alternative name", san.kind()));
        }
    }

    fn extension(&mut self, extension: &Extension, profile: &Profile, purpose: Purpose) {
        let name = facts::oid_name(&extension.oid);
        let granted = granted(extension, profile);
        match (asked(&extension.value), granted) {
            (Some(asked), Some(granted)) if asked == granted => self.taken.push(format!("{name} {asked}")),
            (Some(asked), Some(granted)) => {
                self.changed.push(format!("{name} {asked} becomes {granted}: {purpose} certificates have that"));
            }
            (Some(asked), None) => {
                self.dropped.push(format!("{name} {asked}: {purpose} certificates have none"));
            }
            _ => self.other(name, extension),
        }
    }

    fn other(&mut self, name: &str, extension: &Extension) {
        let critical = if extension.critical { ", critical," } else { "" };
        let why = match (&extension.value, name) {
            (ExtensionValue::SubjectKeyIdentifier(_), _) => {
                return self.changed.push(format!("{name} is made anew: it is computed from the key"));
            }
            (ExtensionValue::Malformed(_), _) => "it breaks its own definition",
            (ExtensionValue::Unknown, name) if name == extension.oid => {
                "it is not known here, and nobody vouches for what it says"
            }
            (ExtensionValue::NameConstraints(_), _) => "the CA says what may be issued below it",
            _ => "the CA says that, in ca.toml, and not who asks",
        };
        self.dropped.push(format!("the extension {name}{critical}: {why}").replace(",:", ":"));
    }
}

/// What kind of name it is, and its text.
fn described(name: &GeneralName) -> (&'static str, String) {
    match name {
        GeneralName::Dns(text) => ("DNS name", text.clone()),
        GeneralName::Ip(address) => ("IP address", address.to_string()),
        GeneralName::Email(text) => ("e-mail address", text.clone()),
        GeneralName::Uri(text) => ("URI", text.clone()),
        GeneralName::Other(kind, text) => (kind, text.clone()),
        GeneralName::IpOctets(_) | GeneralName::Directory(_) => {
            ("alternative name", "of a kind not issued here".into())
        }
    }
}

/// Extensions asked for in Microsoft's own attribute (MS-WCCE, 2.2.2.7.7.1), which came before extensionRequest.
const MS_CERT_EXTENSIONS: &str = "1.3.6.1.4.1.311.2.1.14";

fn why_dropped(attribute: &str) -> &'static str {
    match attribute {
        MS_CERT_EXTENSIONS => {
            "what is asked for in it is not read, but what is in an extensionRequest (RFC 2985, 5.4.2)"
        }
        _ => "certificates have none",
    }
}

/// What an extension asks for, of those that a profile decides about.
fn asked(value: &ExtensionValue) -> Option<String> {
    match value {
        ExtensionValue::BasicConstraints(asked) => Some(constraints(asked.ca, asked.path_len)),
        ExtensionValue::KeyUsage(usage) => Some(usage.names().join(", ")),
        ExtensionValue::ExtendedKeyUsage(purposes) => {
            Some(purposes.iter().map(|oid| facts::oid_name(oid)).collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

/// What the profile gives in its place.
fn granted(extension: &Extension, profile: &Profile) -> Option<String> {
    let list = |names: Vec<&'static str>| Some(names.join(", ")).filter(|names| !names.is_empty());
    match &extension.value {
        ExtensionValue::BasicConstraints(_) => Some(match profile.basic_constraints {
            BasicConstraints::EndEntity => constraints(false, None),
            BasicConstraints::Authority { path_length } => constraints(true, path_length.map(u32::from)),
        }),
        ExtensionValue::KeyUsage(_) => list(profile.key_usage.iter().map(|usage| usage.as_str()).collect()),
        ExtensionValue::ExtendedKeyUsage(_) => {
            list(profile.extended_key_usage.iter().map(|usage| usage.as_str()).collect())
        }
        _ => None,
    }
}

fn constraints(ca: bool, path_len: Option<u32>) -> String {
    let ca = if ca { "CA:TRUE" } else { "CA:FALSE" };
    path_len.map_or_else(|| ca.to_owned(), |length| format!("{ca}, pathlen:{length}"))
}
