//! What the chat takes from the CA's store: certificates by name, the root, and new ones where the CA's key is there.

use ca_store::Issued;
use ca_store::facts::escape;
use ca_store::finding::quote;
use ca_store::profile::Purpose;
use ca_store::request::IssueRequest;
use ca_store::store::{IssuedFiles, Store, named};
use std::io::Write;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

use crate::failure::{Exit, Failure};

/// Opens the store asked for, or the platform's.
pub(crate) fn open(dir: Option<&Path>) -> Result<Store, Failure> {
    let folder = folder(dir)?;
    Store::open(&folder).map_err(|error| Failure::from(error).for_store(&folder))
}

/// The folder asked for, or the platform's.
pub(crate) fn folder(dir: Option<&Path>) -> Result<PathBuf, Failure> {
    match dir {
        Some(dir) => Ok(dir.to_owned()),
        None => Ok(Store::default_dir()?),
    }
}

/// A certificate's files, and what was done to have them.
pub(crate) struct Found {
    pub(crate) files: IssuedFiles,
    /// What is to be told of it, where one was issued.
    pub(crate) note: Option<String>,
}

impl Found {
    /// The files, after what was done was said.
    pub(crate) fn told(self) -> IssuedFiles {
        self.note.iter().for_each(|note| said(note));
        self.files
    }
}

/// The files of the server's certificate. Where there is none, one is issued if the store can.
pub(crate) fn server_files(store: &Store, name: &str, names: &[String]) -> Result<Found, Failure> {
    if let Some(files) = issued_server_files(store, name, names)? {
        return Ok(Found { files, note: None });
    }
    let is_new = issued(ca_store::issue(store, &IssueRequest::server(names), OffsetDateTime::now_utc()))?;
    let command = named::command(&issue_server(names), store.dir());
    let note = is_new.then(|| format!("issued a server certificate for {} ({command})", names.join(", ")));
    Ok(Found { files: files(store, name)?, note })
}

/// The files of the server's certificate; none where there is none, and the store can issue one.
pub(crate) fn issued_server_files(store: &Store, name: &str, names: &[String]) -> Result<Option<IssuedFiles>, Failure> {
    match store.show(name) {
        Err(ca_store::Error::NotIssued { .. }) => {}
        Ok(entry) if entry.purpose == Purpose::Client => return Err(for_a_client(store, name)),
        _ => return files(store, name).map(Some),
    }
    let command = issue_server(names);
    if !store.can_sign() {
        let missing = store.issued_files(name).err().map(|error| Failure::from(error).for_store(store.dir()));
        let missing = missing.unwrap_or_else(|| Failure::new(Exit::Store, format!("no certificate for {name}")));
        if store.can_sign_with_passphrase() {
            let command = named::command(&command, store.dir());
            return Err(missing
                .hint(format!("the CA's key asks for its passphrase, so the server can't do it alone: {command}")));
        }
        return Err(missing
            .hint(format!("this store has no CA key that could be used here; where it is: {command} --out DIR"))
            .hint(format!(
                "then here: chat serve --name {} --cert DIR/fullchain.pem --key DIR/privkey.pem --trust DIR/ca.pem",
                quote(name)
            )));
    }
    Ok(None)
}

/// Whether it was this program that issued it: of two that are started at once, one is faster, and the other takes what is there.
fn issued(issued: Result<Issued, ca_store::Error>) -> Result<bool, Failure> {
    match issued {
        Ok(_) => Ok(true),
        Err(ca_store::Error::AlreadyIssued { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Clients refuse a server that shows a client's certificate (RFC 5280 section 4.2.1.12).
fn for_a_client(store: &Store, name: &str) -> Failure {
    let shown = escape(name);
    let option = named::option(store.dir()).map(|option| format!(" {option}")).unwrap_or_default();
    Failure::new(Exit::Usage, format!("\"{shown}\" has a client certificate, and a server needs one for servers"))
        .hint(format!("name the server as clients reach it: chat serve --name chat.example.test{option}"))
}

/// The files of a certificate that the store has issued.
pub(crate) fn files(store: &Store, name: &str) -> Result<IssuedFiles, Failure> {
    store.issued_files(name).map_err(|error| match error {
        ca_store::Error::NotIssued { .. } => {
            Failure::new(Exit::Store, error.to_string()).hint(issue_client(store, name))
        }
        error => Failure::from(error).for_store(store.dir()),
    })
}

/// The command that makes a client's certificate.
fn issue_client(store: &Store, name: &str) -> String {
    named::pki(store.dir(), &format!("issue client {}", quote(name)))
}

/// The command that makes the server's certificate.
pub(crate) fn issue_server(names: &[String]) -> String {
    let typed: Vec<String> = names.iter().map(|name| quote(name)).collect();
    format!("pki issue server {}", typed.join(" "))
}

/// The files of a client's certificate; one is issued where there is none.
pub(crate) fn client_files(store: &Store, name: &str) -> Result<Found, Failure> {
    match store.issued_files(name) {
        Err(ca_store::Error::NotIssued { .. }) => {}
        found => return Ok(Found { files: found?, note: None }),
    }
    let is_new = issued(ca_store::issue(store, &IssueRequest::client(name), OffsetDateTime::now_utc()))?;
    let note = is_new.then(|| format!("issued a client certificate for {name} ({})", issue_client(store, name)));
    Ok(Found { files: files(store, name)?, note })
}

/// Tells the user something beside the result; a closed standard error is no reason to stop.
pub(crate) fn said(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}
