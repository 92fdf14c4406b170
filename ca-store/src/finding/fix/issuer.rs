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
    /// Whether the store's CA has the fault that is to be mended: it takes another one.
    is_at_fault: bool,
}

impl<'a> Issuer<'a> {
    /// One that has not got the fault that is to be mended, and may issue for these names.
    pub(crate) fn for_server(situation: &'a Situation, mends: Option<Code>, names: &[String]) -> Issuer<'a> {
        let held = held(situation, mends).find(|ca| ca.permits(names));
        Issuer { situation, held, is_at_fault: is_at_fault(situation, mends) }
    }

    /// The same for a client, whose name is its subject: a CA of that name is none for it.
    pub(crate) fn for_client(situation: &'a Situation, mends: Option<Code>, name: &str) -> Issuer<'a> {
        let held = held(situation, mends).find(|ca| !ca.is_called(name));
        Issuer { situation, held, is_at_fault: is_at_fault(situation, mends) }
    }

    /// What has to be typed before it can issue: nothing where it is the store's.
    pub(crate) fn prepare(&self) -> String {
        match self.held {
            Some(ca) => self.import(ca),
            None if self.is_at_fault => format!(
                "# the store's CA has this fault itself: another, in a store of its own (step by step: pki rollover --root):\n{}",
                self.new_ca()
            ),
            None if self.situation.store_has_ca => self.unlocked(),
            None => self.unlocked() + &self.new_ca(),
        }
    }

    /// A new CA, of a name that is no host's.
    fn new_ca(&self) -> String {
        format!("{} init-ca --name 'Example Root CA' --intermediate 'Example Issuing CA'\n", self.pki())
    }

    /// What may keep the CA that there is, whose key is locked or may not be read.
    fn unlocked(&self) -> String {
        let remark = |key: &String| {
            format!(
                "# {} is encrypted: if it is the key of a CA of yours, write its passphrase into passphrase.txt, which only you can \
                 read\n# (umask 077), and ask again with --passphrase-file passphrase.txt: that CA issues then. Else:\n",
                quote_file(key)
            )
        };
        self.situation.locked_key.as_ref().map(remark).unwrap_or_default() + &self.opened()
    }

    /// The same, where it is the files that may not be read.
    fn opened(&self) -> String {
        let files: Vec<String> = self.situation.closed_files.iter().map(|file| quote_file(file)).collect();
        match files.is_empty() {
            true => String::new(),
            false => format!(
                "# {} may not be read by this user: if a CA of yours is among them, ask again as who may (sudo): that CA issues then. \
                 Else:\n",
                files.join(" ")
            ),
        }
    }

    fn import(&self, ca: &HeldCa) -> String {
        let more = [("--chain", &ca.chain), ("--crl", &ca.list), ("--passphrase-file", &ca.passphrase_file)];
        let more =
            more.into_iter().filter_map(|(flag, file)| Some(format!(" {flag} {}", quote_file(file.as_deref()?))));
        let (certificate, key) = (quote_file(&ca.certificate), quote_file(&ca.key));
        let whose = match (ca.trusted, self.situation.trust_is_new) {
            (true, false) => "the CA that is trusted already",
            (true, true) => "the CA that is trusted then",
            (false, _) => "the CA whose key lies here",
        };
        if let (Some(_), Some(store)) = (&ca.issued, &ca.store) {
            return format!("# issued by {whose}, which the store {} has taken over\n", quote_file(store));
        }
        let close = if ca.is_open_to_others { format!("chmod 600 {key}\n") } else { String::new() };
        format!(
            "# issued by {whose}{}{key}:\n{close}{} init-ca --import {certificate} {key}{}\n",
            // Whose it is, the key does not say.
            if ca.trusted { ", whose key is " } else { ", " },
            self.pki(),
            more.collect::<String>()
        )
    }

    /// The program, with the store that it is to use.
    pub(crate) fn pki(&self) -> String {
        match self.held.and_then(|ca| ca.store.as_deref()) {
            Some(store) => format!("pki --store {}", quote_file(store)),
            None if self.is_another() => format!("pki --store {}", quote_file(self.situation.store_folder())),
            None => "pki".to_owned(),
        }
    }

    /// Whether a CA is made beside that of the store.
    fn is_another(&self) -> bool {
        self.held.is_none() && self.is_at_fault
    }

    /// The flag that opens the key of the CA, for commands that sign.
    pub(crate) fn unlock(&self) -> String {
        let file = self.held.and_then(|ca| ca.passphrase_file.as_deref());
        file.map(|file| format!(" --passphrase-file {}", quote_file(file))).unwrap_or_default()
    }

    /// What the store has issued under that name and for that purpose, where the store is the one that issues.
    pub(super) fn known(&self, name: &str, client: bool) -> Option<&'a IssuedBefore> {
        let fits = |issued: &&IssuedBefore| issued.name.eq_ignore_ascii_case(name) && issued.client == client;
        let issued = match self.held {
            Some(ca) => ca.issued.as_deref().unwrap_or_default(),
            None => &self.situation.issued,
        };
        issued.iter().find(fits).filter(|_| !self.is_another())
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

    /// Whether it is a CA of the user's outside of the store.
    pub(crate) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Whether it is one, and trusted already.
    pub(crate) fn is_trusted(&self) -> bool {
        self.held.is_some_and(|ca| ca.trusted)
    }

    /// What the other side has to be told: where its trust is enough, nothing.
    pub(super) fn tell(&self, others: &str, folder: &str) -> String {
        let typed: Vec<String> = self.situation.trust_files.iter().map(|file| quote_file(file)).collect();
        match self.is_trusted() {
            true if self.situation.trust_is_new => format!(", and {others} {}", typed.join(" ")),
            true if others.ends_with('s') => format!("; {others} need nothing new"),
            true => format!("; {others} needs nothing new"),
            false => format!(", and {others} {folder}/ca.pem"),
        }
    }
}

fn is_at_fault(situation: &Situation, mends: Option<Code>) -> bool {
    situation.store_has_ca && mends.is_some_and(|code| situation.own_faults.contains(&code))
}

fn held(situation: &Situation, mends: Option<Code>) -> impl Iterator<Item = &HeldCa> {
    situation.held.iter().filter(move |ca| mends.is_none_or(|code| !ca.faults.contains(&code)))
}

/// The look at the files of a new certificate.
fn look_at(folder: &str, trust: &str) -> String {
    format!("pki diagnose --chain {folder}/fullchain.pem --key {folder}/privkey.pem {trust}")
}
