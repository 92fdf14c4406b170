//! What to type where names will not do.

use super::Asking;
use crate::error::Error;
use crate::profile::Purpose;
use crate::shell::quote;

pub(super) fn of(error: &Error, asking: Asking) -> Option<String> {
    Some(match error {
        Error::NameMissing { purpose: Purpose::Server } => {
            asking.line(Purpose::Server, &["chat.example.test", "192.0.2.7"])
        }
        Error::NameMissing { purpose: Purpose::Client } => asking.line(Purpose::Client, &["alice"]),
        Error::NameMissing { purpose: Purpose::Intermediate } | Error::AuthorityNameRefused { .. } => {
            "give it a name of its own, in the request or where it is signed:\n\
             pki request intermediate 'Example Department CA'\n\
             pki sign FILE --profile intermediate --name 'Example Department CA'"
                .into()
        }
        Error::NameRefused { name, purpose, fault } => return fault.hint(name, *purpose, asking),
        Error::CaNameRefused { name, fault } => return fault.hint(name),
        Error::CaNamesEqual { root, .. } => {
            format!(
                "pki init-ca --name {} --intermediate {}",
                quote(&format!("{root} Root")),
                quote(&format!("{root} Issuing"))
            )
        }
        Error::CaNameTaken { suggestion, .. } => format!("choose another, such as: --name {}", quote(suggestion)),
        Error::ConstraintRefused { value, fault } => format!("in its place {}", fault.hint(value)),
        Error::SubjectIsIssuers { subject, names, purpose, .. } => subject_is_issuers(subject, names, *purpose),
        Error::NameNotPermitted { nearest, purpose, .. } => not_permitted(nearest.as_deref(), *purpose),
        // A client has one.
        Error::TooManyNames { most: 2.., .. } => {
            "spread them over several certificates, or let a wildcard stand for the names of a domain".into()
        }
        Error::NotAllowed { .. } => "ask for what it allows, or change it there".into(),
        Error::CommonNameNotInNames { common_name, .. } => {
            format!("add {common_name} to the names, or leave --common-name out")
        }
        _ => return None,
    })
}

fn not_permitted(nearest: Option<&str>, purpose: Purpose) -> String {
    let anew =
        "make an authority without them in a store of its own:\npki --store DIR init-ca --name 'Another Root CA'";
    match nearest {
        Some(name) => format!("ask for a name within those limits:\npki issue {purpose} {}\nor {anew}", quote(name)),
        None => format!("ask for a name within those limits, or {anew}"),
    }
}

fn subject_is_issuers(subject: &str, names: &[String], purpose: Purpose) -> String {
    if purpose == Purpose::Client {
        return format!("pki issue client {}", quote(&format!("{subject} client")));
    }
    let words: Vec<_> = names.iter().map(|name| quote(name)).collect();
    format!(
        "leave the common name out, which no client needs, or better make the CA anew under a name that is no host's:\n\
         pki issue server {} --common-name ''",
        words.join(" ")
    )
}
