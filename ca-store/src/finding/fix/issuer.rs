//! Which CA a new certificate comes from: the store's where that issued the old one, the user's own where its key is at hand, the store's
//! otherwise, and where there is none at all one that is made first.

use crate::explain::{HeldCa, IssuedBefore, Situation};
use crate::finding::Code;

use super::quote_file;

/// The CA that issues anew, as far as commands have to know.
pub(crate) struct Issuer<'a> {
    pub(super) situation: &'a Situation,
    /// The user's own, where it is the one.
    held: Option<&'a HeldCa>,
}

impl<'a> Issuer<'a> {
    /// One that has not got the fault that is to be mended, and may issue for these names.
    pub(crate) fn for_server(situation: &'a Situation, mends: Option<Code>, names: &[String]) -> Issuer<'a> {
        let held = held(situation, mends).find(|ca| ca.permits(names));
        Issuer { situation, held }
    }

    /// The same for a client, whose name is its subject: a CA of that name is none for it.
    pub(crate) fn for_client(situation: &'a Situation, mends: Option<Code>, name: &str) -> Issuer<'a> {
        let held = held(situation, mends).find(|ca| !ca.is_called(name));
        Issuer { situation, held }
    }

    /// What has to be typed before it can issue: nothing where it is the store's.
    pub(crate) fn prepare(&self) -> String {
        match self.held {
            Some(ca) => self.import(ca),
            None if self.situation.store_has_ca => String::new(),
            // A name that is no host's.
            None => "pki init-ca --name 'Example Root CA' --intermediate 'Example Issuing CA'\n".to_owned(),
        }
    }

    fn import(&self, ca: &HeldCa) -> String {
        let more = [("--chain", &ca.chain), ("--crl", &ca.list)];
        let more =
            more.into_iter().filter_map(|(flag, file)| Some(format!(" {flag} {}", quote_file(file.as_deref()?))));
        let (certificate, key) = (quote_file(&ca.certificate), quote_file(&ca.key));
        let whose = if ca.trusted { "the CA that is trusted already" } else { "your own CA" };
        if let (Some(_), Some(store)) = (&ca.issued, &ca.store) {
            return format!("# issued by {whose}, which the store {} has taken over\n", quote_file(store));
        }
        format!(
            "# issued by {whose}, whose key is {key}:\n{} init-ca --import {certificate} {key}{}\n",
            self.pki(),
            more.collect::<String>()
        )
    }

    /// The program, with the store that it is to use.
    pub(crate) fn pki(&self) -> String {
        match self.held.and_then(|ca| ca.store.as_deref()) {
            Some(store) => format!("pki --store {}", quote_file(store)),
            None => "pki".to_owned(),
        }
    }

    /// What the store has issued under that name and for that purpose, where the store is the one that issues.
    pub(super) fn known(&self, name: &str, client: bool) -> Option<&'a IssuedBefore> {
        let fits = |issued: &&IssuedBefore| issued.name.eq_ignore_ascii_case(name) && issued.client == client;
        let issued = match self.held {
            Some(ca) => ca.issued.as_deref().unwrap_or_default(),
            None => &self.situation.issued,
        };
        issued.iter().find(fits)
    }

    /// Whether a server's certificate of these names is renewed, with all the names that it has.
    pub(super) fn renews(&self, names: &[String]) -> bool {
        names.first().is_some_and(|name| self.known(name, false).is_some())
    }

    /// Whether a certificate of this common name would carry its name.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.held.is_some_and(|ca| ca.is_called(name))
    }

    /// The look at the files of a new certificate, by the trust that there is already where that is enough.
    pub(super) fn check(&self, folder: &str) -> String {
        look_at(folder, &self.trust(folder))
    }

    /// The flags of the trust that a new certificate is judged by.
    pub(crate) fn trust(&self, folder: &str) -> String {
        let typed = &self.situation.trust_files;
        match (self.is_trusted(), typed.is_empty()) {
            (true, false) => {
                let flags: Vec<String> = typed.iter().map(|file| format!("--trust {}", quote_file(file))).collect();
                flags.join(" ")
            }
            (true, true) if self.situation.system_trust => "--system-trust".to_owned(),
            _ => format!("--trust {folder}/ca.pem"),
        }
    }

    fn is_trusted(&self) -> bool {
        self.held.is_some_and(|ca| ca.trusted)
    }

    /// What the other side has to be told: where its trust is enough, nothing.
    pub(super) fn tell(&self, others: &str, folder: &str) -> String {
        match self.is_trusted() {
            true => format!("; {others} need nothing new"),
            false => format!(", and {others} {folder}/ca.pem"),
        }
    }
}

fn held(situation: &Situation, mends: Option<Code>) -> impl Iterator<Item = &HeldCa> {
    situation.held.iter().filter(move |ca| mends.is_none_or(|code| !ca.faults.contains(&code)))
}

/// The look at the files of a new certificate.
fn look_at(folder: &str, trust: &str) -> String {
    format!("pki diagnose --chain {folder}/fullchain.pem --key {folder}/privkey.pem {trust}")
}
