//! The look of `pki issue` and `pki renew`.

use std::io::{self, Write};
use std::path::PathBuf;

use ca_store::Issued;
use ca_store::facts::escape;
use ca_store::profile::Purpose;
use ca_store::san::San;
use ca_store::shell::quote;
use ca_store::store::Store;
use ca_store::validity::rfc3339;
use serde_json::{Value, json};

use super::{field, life, pki, typed};
use crate::outcome::Outcome;

/// Columns of a file's name before what it is.
const FILE: usize = 19;

/// A certificate was issued.
pub(crate) struct CertificateIssued {
    pub(crate) issued: Issued,
    pub(crate) store: PathBuf,
}

impl Outcome for CertificateIssued {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let issued = &self.issued;
        let what = if issued.replaces.is_some() { "renewed" } else { "issued" };
        writeln!(out, "{} certificate {what}: {}", capital(issued.purpose), escape(&issued.name))?;
        field(out, "names", &self.names())?;
        field(out, "valid", &life(issued.validity.not_before(), issued.validity.not_after()))?;
        field(out, "issuer", &issued.issuer)?;
        field(out, "serial", &issued.serial.to_string())?;
        field(out, "sha256", &issued.sha256)?;
        self.write_receipt(out)?;
        self.write_files(out)?;
        writeln!(out, "Next")?;
        self.next().iter().try_for_each(|command| writeln!(out, "  {}", escape(command)))
    }

    fn json(&self) -> Value {
        let issued = &self.issued;
        json!({
            "name": issued.name,
            "purpose": issued.purpose,
            "serial": issued.serial.to_string(),
            "common_name": issued.common_name,
            "sans": issued.sans.iter().map(San::to_string).collect::<Vec<_>>(),
            "issuer": issued.issuer_name,
            "not_before": rfc3339(issued.validity.not_before()),
            "not_after": rfc3339(issued.validity.not_after()),
            "sha256": issued.sha256,
            "files": {
                "folder": issued.files.folder,
                "cert": issued.files.cert,
                "chain": issued.files.chain,
                "fullchain": issued.files.fullchain,
                "privkey": issued.files.privkey.exists().then_some(&issued.files.privkey),
                "ca": issued.files.ca,
            },
            "replaces": issued.replaces.map(|serial| serial.to_string()),
            "csr": issued.receipt,
            "notes": issued.notes,
        })
    }

    fn warnings(&self) -> Vec<String> {
        self.issued.notes.clone()
    }
}

impl CertificateIssued {
    fn names(&self) -> String {
        let issued = &self.issued;
        if issued.sans.is_empty() {
            return issued.common_name.clone().unwrap_or_default();
        }
        let sans = issued.sans.iter().map(San::to_string).collect::<Vec<_>>().join(", ");
        match &issued.common_name {
            Some(name) if !issued.sans.iter().any(|san| san.to_string() == *name) => format!("{name}, {sans}"),
            _ => sans,
        }
    }

    fn write_receipt(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(receipt) = &self.issued.receipt else { return Ok(()) };
        receipt.taken.iter().try_for_each(|part| field(out, "taken", part))?;
        receipt.changed.iter().try_for_each(|part| field(out, "changed", part))?;
        receipt.dropped.iter().try_for_each(|part| field(out, "dropped", part))
    }

    fn write_files(&self, out: &mut dyn Write) -> io::Result<()> {
        let files = &self.issued.files;
        writeln!(out, "Files in {}", escape(&typed(&files.folder)))?;
        let mut file = |name: &str, what: &str| writeln!(out, "  {name:FILE$} {what}");
        file("fullchain.pem", "the certificate and what stands between it and the root: what is sent")?;
        if self.issued.key_written {
            file("privkey.pem", "its private key, readable by you alone")?;
        }
        file("ca.pem", "the root: what the other side trusts")?;
        file("cert.pem, chain.pem", "the same in parts")
    }

    fn next(&self) -> Vec<String> {
        let (issued, files) = (&self.issued, &self.issued.files);
        let purpose = if issued.purpose == Purpose::Intermediate { "any" } else { issued.purpose.as_str() };
        let verify = format!("verify chain {} --purpose {purpose}", typed(&files.fullchain));
        let verify = pki(&self.store, &verify);
        if !files.privkey.exists() {
            return vec![verify];
        }
        let source = self.source();
        match issued.purpose {
            // A wildcard is no server's name.
            Purpose::Intermediate => vec![verify],
            Purpose::Server if issued.name.starts_with('*') => vec![verify, self.config("nginx")],
            Purpose::Server => {
                vec![verify, format!("chat serve --name {}{source}", quote(&issued.name)), self.config("nginx")]
            }
            Purpose::Client => vec![verify, format!("chat connect HOST{source}"), self.bundle(), self.config("irssi")],
        }
    }

    /// For who sits at another machine.
    fn bundle(&self) -> String {
        let export = pki(&self.store, &format!("export bundle {}", quote(&self.issued.name)));
        format!("{export}   # one file for another machine")
    }

    /// The lines for programs that are not ours, of which one is named.
    fn config(&self, program: &str) -> String {
        let lines = pki(&self.store, &format!("config {program} {}", quote(&self.issued.name)));
        format!("{lines}   # or another program: pki config --help")
    }

    /// Where `chat` finds the certificate: by its name in the store, or in the files that were written elsewhere.
    fn source(&self) -> String {
        let (issued, files) = (&self.issued, &self.issued.files);
        if !files.folder.starts_with(&self.store) {
            let (cert, key, ca) = (typed(&files.fullchain), typed(&files.privkey), typed(&files.ca));
            return format!(" --cert {cert} --key {key} --trust {ca}");
        }
        let name = match issued.purpose {
            Purpose::Server | Purpose::Intermediate => String::new(),
            Purpose::Client => format!(" --as {}", quote(&issued.name)),
        };
        let default = Store::default_dir().is_ok_and(|default| default == self.store);
        if default { name } else { format!("{name} --store {}", typed(&self.store)) }
    }
}

fn capital(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Server => "Server",
        Purpose::Client => "Client",
        Purpose::Intermediate => "Intermediate",
    }
}
