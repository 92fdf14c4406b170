//! What was typed for `chat connect`, for the commands of its explanations.

use ca_store::facts::Certificate;
use ca_store::finding::quote_file;
use ca_store::profile::Purpose;
use ca_store::store::{Store, named};
use chat::tls::asked::Typed;
use chat::tls::material;
use std::path::Path;

use super::store;
use crate::args::Connect;
use crate::machine;

/// The options, the files and who comes, with what the store has for him.
pub(super) fn of(arguments: &Connect) -> Typed {
    let store = opened(arguments);
    let holder = holder(arguments);
    let is_issued = store.as_ref().is_some_and(|store| has_client(store, &holder));
    Typed {
        options: options(arguments),
        judged_by: arguments.trust.as_deref().or(arguments.bundle.as_deref()).map(trusting).unwrap_or_default(),
        files: files(arguments, store.as_ref()),
        own_cas: store.as_ref().map(cas).unwrap_or_default(),
        holder,
        is_issued,
    }
}

/// None where files are given for all that it would have, and without a home.
fn opened(arguments: &Connect) -> Option<Store> {
    if arguments.bundle.is_some() || arguments.cert.is_some() && arguments.trust.is_some() {
        return None;
    }
    let folder = store::folder(arguments.store.as_deref()).ok().filter(|folder| Store::exists(folder))?;
    Store::open(&folder).ok()
}

fn options(arguments: &Connect) -> String {
    let store = arguments.store.as_deref().and_then(named::option).map(|option| format!(" {option}"));
    store.into_iter().chain(arguments.trust.as_deref().map(trusting)).collect()
}

fn trusting(file: &Path) -> String {
    format!(" --trust {}", quote_file(&file.display().to_string()))
}

fn holder(arguments: &Connect) -> String {
    let named = arguments.identity.clone().or_else(|| arguments.nick.clone());
    named.unwrap_or_else(|| machine::as_nickname(&machine::user_name()))
}

fn has_client(store: &Store, name: &str) -> bool {
    store.show(name).is_ok_and(|entry| entry.purpose == Purpose::Client) && store.issued_files(name).is_ok()
}

fn files(arguments: &Connect, store: Option<&Store>) -> Option<(String, String)> {
    let text = |path: &Path| path.display().to_string();
    match (&arguments.cert, &arguments.key, &arguments.bundle, &arguments.identity) {
        (Some(certificate), Some(key), ..) => Some((text(certificate), text(key))),
        (_, _, Some(bundle), _) => Some((text(bundle), text(bundle))),
        (_, _, _, Some(name)) => {
            let files = store?.issued_files(name).ok()?;
            Some((text(&files.fullchain), text(&files.privkey)))
        }
        _ => None,
    }
}

fn cas(store: &Store) -> Vec<Certificate> {
    let files = store.ca_certificate_paths();
    let read = files.iter().filter_map(|file| material::certificates(file).ok()).flatten();
    read.filter_map(|der| Certificate::from_der(&der).ok()).collect()
}
