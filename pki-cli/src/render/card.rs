//! One thing that was looked at: named values in the order in which people look for them. Text and JSON are both made
//! of the same rows, so that neither says what the other does not.

use ca_store::facts::{
    Certificate, CertificateRequest, Crl, Extension, ExtensionValue, GeneralName, PrivateKey, PublicKey,
    SignatureCheck, hex, oid_name,
};
use ca_store::handshake::Observation;
use serde::Serialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The most revoked certificates that are listed as text; JSON has them all.
const MAX_LISTED: usize = 20;

/// A card.
#[derive(Debug, Serialize)]
pub(crate) struct Card {
    source: String,
    kind: &'static str,
    #[serde(flatten)]
    rows: Map<String, Value>,
}

impl Card {
    fn new(source: &str, kind: &'static str) -> Card {
        Card { source: source.to_owned(), kind, rows: Map::new() }
    }

    fn row(mut self, name: &str, value: impl Into<Value>) -> Card {
        let value = value.into();
        if !value.is_null() {
            self.rows.insert(name.to_owned(), value);
        }
        self
    }
}

/// A certificate: names, validity, issuer, key, usage, fingerprints, and then the rest.
pub(crate) fn certificate(certificate: &Certificate, source: &str, now: OffsetDateTime) -> Card {
    let validity = certificate.validity;
    Card::new(source, "certificate")
        .row("names", certificate.subject_alt_names().map(names))
        .row("subject", certificate.subject.to_string())
        .row("not_before", rfc3339(validity.not_before))
        .row("not_after", rfc3339(validity.not_after))
        .row("days_left", (validity.not_after - now).whole_days())
        .row("status", status(certificate, now))
        .row("issuer", certificate.issuer.to_string())
        .row("key", certificate.public_key.kind.to_string())
        .row("ca", certificate.is_ca())
        .row("path_length", certificate.basic_constraints().and_then(|constraints| constraints.path_len))
        .row("key_usage", certificate.key_usage().map(ca_store::facts::KeyUsage::names))
        .row(
            "extended_key_usage",
            certificate.extended_key_usage().map(|list| list.iter().map(|oid| oid_name(oid)).collect::<Vec<_>>()),
        )
        .row("sha256", certificate.sha256_hex())
        .row("public_key_sha256", certificate.public_key.sha256_hex())
        .row("serial", certificate.serial_hex())
        .row("signature", certificate.signature_algorithm.to_string())
        .row("self_signed", certificate.is_self_signed())
        .row("subject_key_id", certificate.subject_key_identifier().map(hex))
        .row("authority_key_id", certificate.authority_key_identifier().map(hex))
        .row("name_constraints", constraints(certificate))
        .row("version", certificate.version)
        .row("extensions", certificate.extensions.iter().map(extension).collect::<Vec<_>>())
}

fn status(certificate: &Certificate, now: OffsetDateTime) -> &'static str {
    match certificate.validity {
        validity if now < validity.not_before => "not yet valid",
        validity if now > validity.not_after => "expired",
        _ => "in its time",
    }
}

fn names(names: &[GeneralName]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn constraints(certificate: &Certificate) -> Option<Value> {
    let constraints = certificate.name_constraints()?;
    Some(json!({ "permitted": names(&constraints.permitted), "excluded": names(&constraints.excluded) }))
}

/// An extension by name, with what makes it noteworthy.
fn extension(extension: &Extension) -> String {
    let critical = if extension.critical { " (critical)" } else { "" };
    let note = match &extension.value {
        ExtensionValue::Malformed(_) => ", malformed",
        ExtensionValue::Unknown => ", not understood here",
        _ => "",
    };
    format!("{}{critical}{note}", oid_name(&extension.oid))
}

/// A certificate request.
pub(crate) fn request(request: &CertificateRequest, source: &str) -> Card {
    let proof = match request.proof_of_possession {
        SignatureCheck::Good => "good: whoever made it holds the private key",
        SignatureCheck::Bad => "bad: the request was changed, or its maker does not hold the private key",
        SignatureCheck::Unsupported => "cannot be checked",
    };
    Card::new(source, "certificate request")
        .row("names", names(request.subject_alt_names()))
        .row("subject", request.subject.to_string())
        .row("key", request.public_key.kind.to_string())
        .row("proof_of_possession", proof)
        .row("public_key_sha256", request.public_key.sha256_hex())
        .row("extensions", request.extensions.iter().map(extension).collect::<Vec<_>>())
}

/// The most revoked certificates that are listed; how many there are is told beside them.
const MAX_REVOKED: usize = 1_000;

/// A revocation list.
pub(crate) fn crl(crl: &Crl, source: &str, now: OffsetDateTime) -> Card {
    let revoked = crl
        .entries()
        .take(MAX_REVOKED)
        .map(|entry| json!({ "serial": hex(&entry.serial), "at": rfc3339(entry.at), "reason": entry.reason }));
    Card::new(source, "revocation list")
        .row("issuer", crl.issuer.to_string())
        .row("this_update", rfc3339(crl.this_update))
        .row("next_update", crl.next_update.map(rfc3339))
        .row("status", if crl.next_update.is_some_and(|next| next < now) { "out of date" } else { "current" })
        .row("number", crl.number.clone())
        .row("delta_of", crl.delta_of.clone())
        .row("revoked_count", crl.count())
        .row("sha256", crl.sha256_hex())
        .row("signature", crl.signature_algorithm.to_string())
        .row("authority_key_id", crl.authority_key_identifier.as_deref().map(hex))
        .row("revoked", revoked.collect::<Vec<_>>())
}

/// A private key: its kind and its public half, and nothing of the key itself.
pub(crate) fn private_key(form: Option<&'static str>, key: &PrivateKey, source: &str) -> Card {
    Card::new(source, "private key")
        .row("key", key.kind.to_string())
        .row(
            "form",
            form.map(|label| match label {
                "EC PRIVATE KEY" => "SEC1 (RFC 5915)",
                "RSA PRIVATE KEY" => "PKCS#1 (RFC 8017)",
                _ => "PKCS#8 (RFC 5958)",
            }),
        )
        .row("public_key_sha256", key.public_key.as_ref().map(PublicKey::sha256_hex))
}

/// A public key.
pub(crate) fn public_key(der: &[u8], source: &str) -> Card {
    let key = PublicKey::from_spki(der);
    Card::new(source, "public key")
        .row("key", key.as_ref().map_or("not a subjectPublicKeyInfo".to_owned(), |key| key.kind.to_string()))
        .row("public_key_sha256", key.map(|key| key.sha256_hex()))
}

/// A live connection.
pub(crate) fn session(observation: &Observation, source: &str, asked: &str) -> Card {
    Card::new(source, "connection")
        .row("asked_for", asked)
        .row("address", observation.address.map(|address| address.to_string()))
        .row("tls_version", observation.version.map(|version| format!("{version:?}")))
        .row("client_certificate_wanted", observation.client_certificate_wanted)
        .row("certificates_sent", observation.chain.len())
}

/// Something that could not be read.
pub(crate) fn unreadable(source: &str, error: &str) -> Card {
    Card::new(source, "unreadable").row("error", ca_store::facts::escape(error))
}

/// All cards as text.
pub(crate) fn text(cards: &[Card], colour: bool) -> String {
    cards.iter().map(|card| one(card, colour)).collect::<Vec<_>>().join("\n")
}

fn one(card: &Card, colour: bool) -> String {
    let title = format!("{}: {}", card.source, card.kind);
    let title = if colour { format!("\u{1b}[1m{title}\u{1b}[0m") } else { title };
    let width = card.rows.keys().map(String::len).max().unwrap_or(0);
    let rows = card.rows.iter().map(|(name, value)| row(&format!("  {:width$}  ", name.replace('_', " ")), value));
    format!("{title}\n{}", rows.collect::<String>())
}

fn row(label: &str, value: &Value) -> String {
    match value {
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let list: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            format!("{label}{}\n", if list.is_empty() { "(none)".to_owned() } else { list.join(", ") })
        }
        Value::Array(items) => format!("{label}{}\n", listed(items, " ".repeat(label.len()).as_str())),
        Value::Object(map) => map.iter().map(|(name, value)| row(&format!("{label}{name}: "), value)).collect(),
        Value::String(text) => format!("{label}{text}\n"),
        Value::Bool(yes) => format!("{label}{}\n", if *yes { "yes" } else { "no" }),
        other => format!("{label}{other}\n"),
    }
}

/// Entries of a list, a line each, up to a bound.
fn listed(items: &[Value], indent: &str) -> String {
    let line = |item: &Value| {
        item.as_object()
            .map(|map| map.values().filter_map(Value::as_str).collect::<Vec<_>>().join("  "))
            .unwrap_or_default()
    };
    let mut lines: Vec<String> = items.iter().take(MAX_LISTED).map(line).collect();
    if items.len() > MAX_LISTED {
        lines.push(format!("and {} more (see --json)", items.len() - MAX_LISTED));
    }
    lines.join(&format!("\n{indent}"))
}

/// RFC 3339, as flags take it too.
pub(crate) fn rfc3339(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_else(|_| time.unix_timestamp().to_string())
}
