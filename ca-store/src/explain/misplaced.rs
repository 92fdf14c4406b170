//! A whole file that holds something else than it was given for: what it is, where it belongs, and where what was meant comes from.
//! Copying it again would bring the same file.

use crate::facts::PublicKey;
use crate::finding::fix::{Issuer, ask, quote_file, replace, server_name};
use crate::finding::{Code, Finding};

use super::files::{given_as, typed_file};
use super::{Evidence, Purpose, Question, Situation};

/// What to type; none where the file's content is not the matter.
pub(super) fn fix(finding: &Finding, evidence: &Evidence, question: &Question) -> Option<String> {
    let text = |name: &str| finding.evidence.get(name).and_then(|value| value.as_str());
    let file = typed_file(finding, evidence)?;
    let asked = Asked { file, expected: text("expected")?, evidence, question };
    if given_as(finding, "--crl") {
        let situation = Situation { crl_files: Vec::new(), ..evidence.situation.clone() };
        let again = ask(&situation, question, None, None, None);
        return Some(format!(
            "# {} is no revocation list: ask its CA for one, or go without:\n{again}",
            quote_file(file)
        ));
    }
    Some(match finding.code {
        Code::FileIsPrivateKey if given_as(finding, "--chain") => asked.certificate_for_key(),
        Code::FileIsCsr if given_as(finding, "--chain") => asked.sign(text("names")),
        Code::FileIsPrivateKey | Code::FileIsSshKey => asked.elsewhere("a private key", "--key"),
        Code::FileIsCertificate => asked.elsewhere("a certificate", "--chain or --trust"),
        Code::FileIsCrl => asked.elsewhere("a revocation list", "--crl"),
        Code::FileIsCsr => asked.elsewhere("a request, which a CA has yet to sign", "pki sign"),
        Code::FileIsPublicKey => asked.elsewhere("a public key, which no server or client asks for", ""),
        _ => return None,
    })
}

/// What to type for a private key that has no certificate.
pub(super) fn certificate_for(key: &str, evidence: &Evidence, question: &Question) -> String {
    Asked { file: key, expected: "", evidence, question }.certificate_for_key()
}

/// The public half of a private key that stands in the place of something else.
pub(super) fn public_key<'a>(file: &str, evidence: &'a Evidence) -> Option<&'a PublicKey> {
    evidence.neighbour_keys.iter().find(|found| found.file == file)?.key.public_key.as_ref()
}

struct Asked<'a> {
    file: &'a str,
    expected: &'a str,
    evidence: &'a Evidence,
    question: &'a Question,
}

impl Asked<'_> {
    /// The key stays as it is: a certificate that lies beside it is its own, or one is issued for it.
    fn certificate_for_key(&self) -> String {
        let (situation, key) = (&self.evidence.situation, quote_file(self.file));
        if let Some(chain) = self.certificate_beside() {
            return format!(
                "# {key} is a private key; its certificate is in {}:\n{}",
                quote_file(chain),
                ask(situation, self.question, Some(chain), Some(self.file), None)
            );
        }
        let request = "openssl req -new -key";
        let issue = match self.question.purpose {
            Purpose::Client => "sign request.csr --profile client --name alice --yes".to_owned(),
            _ => format!("sign request.csr --profile server --name {} --yes", server_name(self.question)),
        };
        format!(
            "# {key} is a private key, for --key; the certificate is another file. If there is none, have one issued for this \
             key:\n{request} {key} -subj / -out request.csr\n{}",
            self.signed(&issue, Some(self.file))
        )
    }

    /// A certificate of the key in the file.
    fn certificate_beside(&self) -> Option<&str> {
        let public = public_key(self.file, self.evidence)?;
        let found = self.evidence.neighbours.iter().filter(|it| public.same_as(&it.certificate.public_key));
        // A chain says more than a certificate alone.
        let length = |file: &str| self.evidence.neighbours.iter().filter(|it| it.file.as_deref() == Some(file)).count();
        found.filter_map(|it| it.file.as_deref()).max_by_key(|file| length(file))
    }

    /// A request is answered by a certificate.
    fn sign(&self, names: Option<&str>) -> String {
        let file = quote_file(self.file);
        let profile = if self.question.purpose == Purpose::Client { "client" } else { "server" };
        // Names of the question come first; a request without names would be refused.
        let asked = match (self.question.names.is_empty(), names.unwrap_or_default().is_empty()) {
            (true, false) => String::new(),
            _ if profile == "client" => " --name alice".to_owned(),
            _ => format!(" --name {}", server_name(self.question)),
        };
        let sign = format!("sign {file} --profile {profile}{asked} --yes");
        format!(
            "# {file} is a request: the CA that it goes to sends a certificate back, which belongs here. To sign it with a CA of \
             your own:\n{}",
            self.signed(&sign, self.evidence.situation.key_file.as_deref())
        )
    }

    /// Signs, and looks at the result.
    fn signed(&self, sign: &str, key: Option<&str>) -> String {
        // What is issued now is judged as of now.
        let situation = &Situation { at: None, ..self.evidence.situation.clone() };
        let out = quote_file(situation.reissue_folder());
        let (chain, trust) = (format!("{out}/fullchain.pem"), format!("{out}/ca.pem"));
        let issuer = Issuer::for_server(situation, None, &[]);
        format!(
            "{}{} {sign} --out {out}{}\n{}",
            issuer.prepare(),
            issuer.pki(),
            issuer.unlock(),
            ask(situation, self.question, Some(&chain), key, Some(&trust))
        )
    }

    /// The file has a place of its own, and what belongs here is another.
    fn elsewhere(&self, what: &str, place: &str) -> String {
        let (file, situation) = (quote_file(self.file), &self.evidence.situation);
        let place = if place.is_empty() { String::new() } else { format!(" (for {place})") };
        let leaf = super::path::leaf_index(self.evidence).map(|index| &self.evidence.chain[index].certificate);
        format!(
            "# {file} is {what}{place}; here belongs another file: {}. If that is gone, issue anew:\n{}",
            self.expected,
            replace(self.question, situation, leaf)
        )
    }
}
