//! Files that changed places: one finding in place of those that each of them gives.

use crate::facts::{Certificate, SignatureCheck, escape};
use crate::finding::{Code, Finding};

use super::{Evidence, Presented};

impl Evidence {
    /// Certificate and key file, or chain and CA file, changed places.
    pub fn recognise_swap(&mut self) {
        self.key_swapped();
        self.trust_swapped();
    }

    fn key_swapped(&mut self) {
        let is = |code: Code, flag: &str| {
            self.observed
                .iter()
                .any(|f| f.code == code && f.evidence.get("given_as").is_some_and(|given| given == flag))
        };
        if !is(Code::FileIsPrivateKey, "--chain") || !is(Code::FileIsCertificate, "--key") {
            return;
        }
        let situation = &self.situation;
        let (chain, key) =
            (situation.chain_file.clone().unwrap_or_default(), situation.key_file.clone().unwrap_or_default());
        let message = format!(
            "{} holds the private key and {} the certificate: they changed places",
            escape(&chain),
            escape(&key)
        );
        self.observed.retain(|f| !matches!(f.code, Code::FileIsPrivateKey | Code::FileIsCertificate));
        self.observed.push(
            Finding::new(Code::FilesSwapped, message).shown_by("chain", escape(&chain)).shown_by("key", escape(&key)),
        );
    }

    /// CAs alone in the chain file, and in the one CA file a leaf that they issued, straight or by what stands beside it.
    fn trust_swapped(&mut self) {
        let ([trust], Some(chain)) = (&self.situation.trust_files[..], &self.situation.chain_file) else { return };
        let roots = !self.chain.is_empty() && self.chain.iter().all(|it| it.certificate.is_ca());
        let leaf = self.trust.iter().find(|it| !it.certificate.is_ca() && !it.certificate.is_self_issued());
        if !roots
            || !leaf.is_some_and(|leaf| self.has_key_of(&leaf.certificate) || self.leads_to_chain(&leaf.certificate))
        {
            return;
        }
        let message = format!(
            "{} holds the CA and {} the server's certificate: they changed places",
            escape(chain),
            escape(trust)
        );
        let finding =
            Finding::new(Code::FilesSwapped, message).shown_by("chain", escape(chain)).shown_by("trust", escape(trust));
        self.observed.push(finding);
    }

    /// Whether the key that was given is its own.
    fn has_key_of(&self, leaf: &Certificate) -> bool {
        let key = self.key.as_ref().and_then(|file| file.key.public_key.as_ref());
        key.is_some_and(|key| key.same_as(&leaf.public_key))
    }

    /// Whether a certificate of the chain file issued it, or a CA beside it.
    fn leads_to_chain(&self, leaf: &Certificate) -> bool {
        let issued = |issuer: &Presented, child: &Certificate| {
            child.issuer.same_as(&issuer.certificate.subject)
                && child.verified_by(&issuer.certificate.public_key) == SignatureCheck::Good
        };
        let by_chain = |child: &Certificate| self.chain.iter().any(|it| issued(it, child));
        let beside = self.trust.iter().filter(|it| it.certificate.is_ca());
        by_chain(leaf) || beside.into_iter().any(|it| issued(it, leaf) && by_chain(&it.certificate))
    }
}
