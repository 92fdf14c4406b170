//! The look of a request before it is signed.

use std::io::{self, Write};

use ca_store::Review;
use ca_store::facts::escape;
use ca_store::profile::BasicConstraints;
use ca_store::san::San;
use ca_store::settings::usage_name;
use ca_store::validity::rfc3339;
use serde_json::{Value, json};

use super::{field, life};
use crate::outcome::Outcome;

/// What a request asks for, and what would be signed.
pub(crate) struct RequestReviewed {
    pub(crate) review: Review,
}

impl Outcome for RequestReviewed {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let review = &self.review;
        writeln!(out, "Request {}", escape(&review.path.display().to_string()))?;
        let none = |text: &str| if text.is_empty() { "(none)".to_owned() } else { text.to_owned() };
        field(out, "subject", &none(&review.subject))?;
        field(out, "names", &none(&review.names.join(", ")))?;
        field(out, "key", &review.key)?;
        writeln!(out, "What becomes of it")?;
        let receipt = &review.receipt;
        receipt.taken.iter().try_for_each(|part| field(out, "taken", part))?;
        receipt.changed.iter().try_for_each(|part| field(out, "changed", part))?;
        receipt.dropped.iter().try_for_each(|part| field(out, "dropped", part))?;
        writeln!(out, "The {} certificate that would be signed", review.purpose)?;
        let plan = &review.plan;
        field(out, "subject", &none(&self.subject()))?;
        field(out, "names", &none(&self.sans().join(", ")))?;
        field(out, "valid", &life(plan.validity().not_before(), plan.validity().not_after()))?;
        field(out, "issuer", &plan.issuer().to_string())?;
        field(out, "usage", &self.usage().join(", "))?;
        if let Some(serial) = review.replaces {
            field(out, "replaces", &serial.to_string())?;
        }
        plan.notes().iter().try_for_each(|note| field(out, "note", note))
    }

    fn json(&self) -> Value {
        let review = &self.review;
        let plan = &review.plan;
        json!({
            "request": {
                "file": review.path,
                "subject": review.subject,
                "names": review.names,
                "key": review.key,
            },
            "taken": review.receipt.taken,
            "changed": review.receipt.changed,
            "dropped": review.receipt.dropped,
            "certificate": {
                "purpose": review.purpose,
                "subject": self.subject(),
                "common_name": plan.subject().map(ToString::to_string),
                "sans": self.sans(),
                "issuer": plan.issuer().to_string(),
                "not_before": rfc3339(plan.validity().not_before()),
                "not_after": rfc3339(plan.validity().not_after()),
                "usage": self.usage(),
                "replaces": review.replaces.map(|serial| serial.to_string()),
                "notes": plan.notes(),
            },
        })
    }
}

impl RequestReviewed {
    /// Empty where the names alone tell whose it is.
    fn subject(&self) -> String {
        let name = self.review.plan.subject_name();
        if name.is_empty() { String::new() } else { name.to_string() }
    }

    fn sans(&self) -> Vec<String> {
        self.review.plan.sans().iter().map(San::to_string).collect()
    }

    fn usage(&self) -> Vec<String> {
        let profile = self.review.plan.profile();
        let constraints = match profile.basic_constraints {
            BasicConstraints::EndEntity => "CA:FALSE".to_owned(),
            BasicConstraints::Authority { path_length: Some(length) } => format!("CA:TRUE, pathlen:{length}"),
            BasicConstraints::Authority { path_length: None } => "CA:TRUE".to_owned(),
        };
        let usages = profile.key_usage.iter().map(|usage| usage.as_str().to_owned());
        let extended = profile.extended_key_usage.iter().map(|usage| usage.as_str().to_owned());
        let further = self.review.plan.extensions().extended_key_usage.iter().map(usage_name);
        std::iter::once(constraints).chain(usages).chain(extended).chain(further).collect()
    }
}
