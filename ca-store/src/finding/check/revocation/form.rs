//! What is wrong with a list itself, whatever certificate it is asked about, and keeps no client from using it, or not every one.

use crate::facts::{Crl, IssuingDistributionPoint, escape, hex};
use crate::finding::{Code, Finding, Severity};

use super::{Matter, fresh};

impl Matter<'_> {
    /// Sections 5.2.1, 5.2.3 and 5.1.2.5: conforming CRL issuers MUST name their key, include a number, and say when the next list is
    /// due. Clients do without.
    pub(super) fn incomplete(&self, crl: &Crl, file: &str) -> Vec<Finding> {
        if crl.is_bare {
            let what = "has no extensions, as one of version 1 (where openssl makes it: crl_extensions is not set): rustls reads none such";
            return vec![self.malformed(crl, file, "missing", "every extension", what).graded(Severity::Warning)];
        }
        let parts = [
            ("authorityKeyIdentifier", crl.authority_key_identifier.is_none()),
            ("cRLNumber", crl.number.is_none()),
            ("nextUpdate", crl.next_update.is_none()),
        ];
        let missing = parts.into_iter().filter(|(_, is_missing)| *is_missing);
        let told = missing.map(|(part, _)| {
            let finding = self.malformed(crl, file, "missing", part, &format!("has no {part}"));
            // Java and rustls use no list that does not say when the next is due.
            if part == "nextUpdate" { finding.graded(Severity::Warning) } else { finding }
        });
        told.collect()
    }

    /// What sections 5.2.3 and 5.2.5 forbid a list to say, and what X.509 does: an extension twice.
    pub(super) fn forbidden(&self, crl: &Crl, file: &str) -> Option<Finding> {
        let number = crl.number.as_ref().is_some_and(|hex| hex.len() > 40);
        let scope = crl.distribution.as_ref().is_some_and(IssuingDistributionPoint::says_nothing);
        let what = match (number, scope, crl.twice.as_deref()) {
            (true, ..) => "has a cRLNumber of more than 20 octets (RFC 5280 section 5.2.3)".to_owned(),
            (_, true, _) => "has an issuingDistributionPoint that says nothing (RFC 5280 section 5.2.5)".to_owned(),
            (_, _, Some(oid)) => format!("has the extension {} twice", crate::facts::oid_name(oid)),
            _ => return None,
        };
        Some(self.malformed(crl, file, "extensions", "forbidden", &what))
    }

    /// Section 5.2: a list's extensions are each critical or not, by their own sections.
    pub(super) fn misgraded(&self, crl: &Crl, file: &str) -> Option<Finding> {
        let names = Some(crl.misgraded.join(", ")).filter(|names| !names.is_empty())?;
        let what = format!("has {names} critical, or not, against RFC 5280 section 5.2");
        let finding = self.malformed(crl, file, "extensions", &names, &what);
        // OpenSSL and Java know of no number that is critical: a list that says so has an extension that they do not understand.
        let refused = crl.misgraded.contains(&"cRLNumber");
        Some(if refused { finding.graded(Severity::Warning).shown_by("number", "critical") } else { finding })
    }

    /// A list of RSA or ECDSA with SHA-1 (RFC 9155 is about handshakes, and these clients check it in lists); webpki has no SHA-1.
    pub(super) fn weakly_signed(&self, crl: &Crl, file: &str) -> Option<Finding> {
        let algorithm = Some(&crl.signature_algorithm).filter(|algorithm| algorithm.digest == "SHA-1")?;
        let message = format!(
            "the CRL {} is signed by {algorithm}, which can be forged: rustls takes no such list",
            escape(file)
        );
        let finding = Finding::new(Code::WeakSignature, message).about(self.index + 1).graded(Severity::Warning);
        let told = finding.shown_by("signature", algorithm.to_string()).shown_by("in", "CRL");
        Some(told.shown_by("expected", "SHA-256 or longer").mended_by(fresh(self.case, &crl.issuer)))
    }

    /// Section 5.3.1: removeFromCRL is for deltas. In a complete list the certificate is none of the revoked ones to OpenSSL, and one of
    /// them to those who read no reasons.
    pub(super) fn removed(&self, crl: &Crl, file: &str) -> Option<Finding> {
        let entry = || crl.entry(&self.subject.serial).ok().flatten();
        let is_removal = crl.delta_of.is_none() && entry().is_some_and(|entry| entry.is_removal());
        let what = "lists the certificate with the reason removeFromCRL, which is for delta CRLs: GnuTLS, rustls and NSS take it for revoked";
        is_removal.then(|| {
            let finding = self.malformed(crl, file, "entry", "removeFromCRL", what);
            finding.about(self.index).graded(Severity::Warning)
        })
    }

    /// A fault of a list that keeps no client from using it.
    fn malformed(&self, crl: &Crl, file: &str, shown: &'static str, value: &str, what: &str) -> Finding {
        Finding::new(Code::CrlMalformed, format!("the CRL {} {what}", escape(file)))
            .graded(Severity::Note)
            .shown_by(shown, value)
            .shown_by("file", escape(file))
            .mended_by(fresh(self.case, &crl.issuer))
    }

    /// RFC 5280 section 6.3.3 (f) has the key by its name and its signature alone. OpenSSL (crl_akid_check()) and Java pass over a list
    /// that names another key identifier than its issuer has, and find none where all of them do.
    pub(super) fn of_another_key(&self, lists: &[(&Crl, &str)]) -> Option<Finding> {
        let own = self.issuer.subject_key_identifier()?;
        let named = |crl: &Crl| crl.authority_key_identifier.clone().filter(|named| named != own);
        let (crl, file) = lists.first().filter(|_| lists.iter().all(|(crl, _)| named(crl).is_some()))?;
        let message = format!(
            "the CRL {} names another key identifier than `{}` has, though its key has signed it: OpenSSL and Java look for another list",
            escape(file),
            self.issuer.subject
        );
        let finding = Finding::new(Code::CrlNotApplicable, message).about(self.index).graded(Severity::Warning);
        Some(
            finding
                .shown_by("crl_authority_key_id", hex(&named(crl)?))
                .shown_by("issuer_key_id", hex(own))
                .shown_by("because", "key identifier")
                .mended_by(fresh(self.case, &crl.issuer)),
        )
    }
}
