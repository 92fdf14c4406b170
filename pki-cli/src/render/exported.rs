//! The look of `pki export`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ca_store::export::{Export, Lock, ROUNDS};
use ca_store::facts::{Certificate, escape};
use ca_store::profile::Purpose;
use ca_store::reason::Reason;
use ca_store::shell::quote;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{field, pki, typed};
use crate::outcome::Outcome;

/// The form of an exported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Pkcs12(Lock),
    Pkcs7 { der: bool },
    Bundle { sealed: bool },
    Haproxy,
    Der,
    DerKey,
    Root,
    DerRoot,
}

/// A file was written.
pub(crate) struct Exported<'a> {
    pub(crate) form: Form,
    /// None: it went to standard output.
    pub(crate) file: Option<PathBuf>,
    /// The certificate; none where the root alone was written.
    pub(crate) export: Option<&'a Export>,
    /// When it ended, if it has.
    pub(crate) expired: Option<OffsetDateTime>,
    /// Whether the store's log has it.
    pub(crate) is_logged: bool,
    pub(crate) store: &'a Path,
}

impl Form {
    /// What the file's name ends in unless another name is given.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Form::Pkcs12(_) | Form::Bundle { sealed: true } => "p12",
            Form::Pkcs7 { .. } => "p7b",
            Form::Bundle { sealed: false } => "bundle.pem",
            Form::Haproxy => "haproxy.pem",
            Form::Der | Form::DerRoot => "der",
            Form::DerKey => "key.der",
            Form::Root => "pem",
        }
    }

    /// Whether a private key is in it.
    pub(crate) fn has_key(self) -> bool {
        !matches!(self, Form::Pkcs7 { .. } | Form::Der | Form::DerRoot | Form::Root)
    }

    /// The command that makes it, as the log has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Form::Pkcs12(_) => "p12",
            Form::Pkcs7 { .. } => "p7b",
            Form::Bundle { .. } => "bundle",
            Form::Haproxy => "haproxy",
            Form::Der | Form::DerKey => "der",
            Form::Root | Form::DerRoot => "ca",
        }
    }

    /// Whether it is under a password.
    pub(crate) fn is_sealed(self) -> bool {
        self.lock().is_some()
    }

    fn as_str(self) -> &'static str {
        match self {
            Form::Pkcs12(_) | Form::Bundle { sealed: true } => "pkcs12",
            Form::Pkcs7 { .. } => "pkcs7",
            Form::Bundle { sealed: false } | Form::Haproxy | Form::Root => "pem",
            Form::Der | Form::DerKey | Form::DerRoot => "der",
        }
    }

    fn lock(self) -> Option<String> {
        match self {
            Form::Pkcs12(Lock::Legacy) => Some(format!("3DES and SHA-1, {ROUNDS} rounds: for old readers alone")),
            Form::Pkcs12(Lock::Modern) | Form::Bundle { sealed: true } => {
                Some(format!("AES-256 and HMAC-SHA-256, {ROUNDS} rounds"))
            }
            _ => None,
        }
    }

    fn has_chain(self) -> bool {
        !matches!(self, Form::Der | Form::DerKey)
    }

    fn has_roots(self) -> bool {
        matches!(self, Form::Pkcs12(_) | Form::Pkcs7 { .. } | Form::Bundle { .. } | Form::Root | Form::DerRoot)
    }

    fn has_crls(self) -> bool {
        self == Form::Bundle { sealed: false }
    }
}

impl Outcome for Exported<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "Wrote {}", escape(&self.typed_file()))?;
        field(out, "holds", &self.holds().join(", "))?;
        if let Some(lock) = self.form.lock() {
            field(out, "sealed", &lock)?;
        }
        let readers = if self.form.has_key() { "you alone: it holds the private key" } else { "everybody" };
        field(out, "readable", &format!("by {readers}"))?;
        let next = self.next();
        if next.is_empty() {
            return Ok(());
        }
        writeln!(out, "Next")?;
        next.iter().try_for_each(|line| writeln!(out, "  {}", escape(line)))
    }

    fn json(&self) -> Value {
        json!({
            "file": self.file,
            "format": self.form.as_str(),
            "name": self.export.map(|export| &export.name),
            "holds": self.holds(),
            "private_key": self.form.has_key(),
            "sealed": self.form.lock(),
            "logged": self.is_logged,
        })
    }

    fn warnings(&self) -> Vec<String> {
        let name = self.export.map(|export| export.name.as_str()).unwrap_or_default();
        if let Some(older) = self.older(name) {
            return std::iter::once(older).chain(self.unlogged()).collect();
        }
        let renew = pki(self.store, &format!("renew {}", quote(name)));
        let expired = self.expired.map(|end| {
            format!("the certificate of {name} expired on {}: renew it, and export it again ({renew})", end.date())
        });
        let revoked = self.export.and_then(|export| export.revoked).map(|reason| match reason {
            // It is not renewed before that is decided.
            Reason::CertificateHold => {
                let lift = pki(self.store, &format!("revoke {} --reason removeFromCRL", quote(name)));
                format!(
                    "the certificate of {name} is on hold, and no use to whoever gets it until that is lifted: {lift}"
                )
            }
            _ => format!("the certificate of {name} is revoked, and no use to whoever gets it: {renew} --rekey"),
        });
        expired.into_iter().chain(revoked).chain(self.unlogged()).collect()
    }
}

impl Exported<'_> {
    /// That clients refuse it, where it is an older one of a name that has another in use.
    fn older(&self, name: &str) -> Option<String> {
        let export = self.export.filter(|export| export.is_replaced)?;
        let why = match export.revoked {
            Some(_) => "is revoked".to_owned(),
            None => format!("expired on {}", self.expired?.date()),
        };
        let current = pki(self.store, &format!("export {} {}", self.form.word(), quote(name)));
        Some(format!("this older certificate of {name} {why}; the one in use has taken its place: {current}"))
    }

    /// That the log lacks it.
    pub(crate) fn unlogged(&self) -> Option<String> {
        let why = "the store cannot be written, so its log does not have this export";
        (!self.is_logged).then(|| why.to_owned())
    }

    fn typed_file(&self) -> String {
        self.file.as_deref().map_or_else(|| "-".to_owned(), typed)
    }

    fn holds(&self) -> Vec<String> {
        let Some(export) = self.export else { return vec!["the root".to_owned()] };
        let own = match self.form {
            Form::DerKey => format!("the private key of {}", export.name),
            _ => format!("the certificate of {}", export.name),
        };
        let between = export.between.iter().filter(|_| self.form.has_chain()).map(|der| common_name(der));
        let key = (self.form.has_key() && self.form != Form::DerKey).then(|| "its private key".to_owned());
        let roots = export.roots.iter().filter(|_| self.form.has_roots());
        let roots = roots.map(|der| format!("the root {}", common_name(der)));
        let crls = match export.crls.len() {
            0 => None,
            _ if !self.form.has_crls() => None,
            1 => Some("a revocation list".to_owned()),
            many => Some(format!("{many} revocation lists")),
        };
        std::iter::once(own).chain(between).chain(key).chain(roots).chain(crls).collect()
    }

    fn next(&self) -> Vec<String> {
        let (file, Some(export)) = (self.typed_file(), self.export) else { return Vec::new() };
        let password = match self.form {
            Form::Bundle { sealed: true } => " --passphrase-file FILE",
            _ => "",
        };
        match (self.form, export.purpose) {
            (Form::Bundle { .. }, Purpose::Server) => {
                vec![format!("chat serve --name {} --bundle {file}{password}", quote(&export.name))]
            }
            (Form::Bundle { .. }, Purpose::Client) => vec![format!("chat connect HOST --bundle {file}{password}")],
            (Form::Pkcs12(_), _) => {
                vec![format!("keytool -list -keystore {file}"), format!("pk12util -i {file} -d sql:$HOME/.pki/nssdb")]
            }
            (Form::Haproxy, _) => vec![format!("bind :443 ssl crt {file}")],
            _ => Vec::new(),
        }
    }
}

fn common_name(der: &[u8]) -> String {
    let certificate = Certificate::from_der(der).ok();
    let name = certificate.as_ref().and_then(|certificate| certificate.subject.common_name());
    name.unwrap_or("a certificate authority").to_owned()
}
