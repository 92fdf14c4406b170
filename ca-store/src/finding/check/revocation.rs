//! Revocation lists (RFC 5280 section 6.3.3), where any were given.

mod form;

use time::OffsetDateTime;

use crate::explain::{Case, End, Presented, Saying, Situation, rfc3339};
use crate::facts::{Certificate, Crl, ExtensionValue, Name, PointName, RevokedEntry, SignatureCheck, escape};
use crate::finding::fix::{ask, ask_without_lists};
use crate::finding::{Code, Finding, Severity};

/// A certificate, its issuer, and a list that may be about it.
struct Matter<'a> {
    case: &'a Case<'a>,
    index: usize,
    subject: &'a Certificate,
    issuer: &'a Certificate,
}

/// RFC 5280 section 6.3.3: each certificate against the lists of its issuer. The leaf must be covered by one; a CA is looked up where a list of its
/// issuer is at hand.
pub(super) fn revoked(case: &Case<'_>) -> Vec<Finding> {
    let given = !case.evidence.crls.is_empty();
    let of_links = case.path.links().filter(|_| given);
    let of_links = of_links.flat_map(|(index, subject, issuer)| judge(case, index, subject, issuer));
    let mut found: Vec<Finding> = of_links.chain(of_anchor(case)).chain(unread_by_webpki(case)).collect();
    for finding in case.path.certificates().filter_map(|(index, subject)| recorded(case, index, subject)) {
        // A list that was given says it too.
        if found.iter().all(|known| known.code != Code::Revoked || known.certificate != finding.certificate) {
            found.push(finding);
        }
    }
    found
}

/// webpki takes no list whose issuingDistributionPoint has no fullName, and by a fullName it compares URIs alone (`authoritative_for` in
/// its `crl/types.rs`). RFC 5280 section 5.2.5 asks for neither: a list for CAs or for others alone needs no name, and a partition
/// may be named by a directory name.
fn unread_by_webpki(case: &Case<'_>) -> Option<Finding> {
    let leaf = &case.path.leaf().certificate;
    let scope = |crl: &Crl| crl.distribution.as_ref().map(|scope| scope.names.clone().unwrap_or_default());
    let lists = || case.evidence.crls.iter().filter(|(crl, _)| crl.delta_of.is_none());
    let full = |name: &PointName| !matches!(name, PointName::BelowIssuer(_));
    let unread = lists().find(|(crl, _)| scope(crl).is_some_and(|names| !names.iter().any(full)));
    let own = || lists().filter(|(crl, _)| crl.issuer.same_as(&leaf.issuer));
    let is_uri = |name: &PointName| matches!(name, PointName::Uri(_));
    let by_uri = |crl: &Crl| scope(crl).is_none_or(|names| names.iter().any(is_uri));
    let points = !distribution_points(leaf).is_empty();
    let unmatched = own().next().filter(|_| points && !own().any(|(crl, _)| by_uri(crl)));
    let (why, because, (crl, file)) = match (unread, unmatched) {
        (Some(list), _) => ("without a full name: rustls takes no such list", "no full name", list),
        (None, Some(list)) => ("without a URI: rustls finds no list for the certificate", "no URI", list),
        (None, None) => return None,
    };
    let message = format!("the CRL {} is of a distribution point {why}", escape(file));
    let finding = Finding::new(Code::CrlNotApplicable, message)
        .about(0)
        .graded(Severity::Warning)
        .shown_by("expected", "a fullName that is a URI, or no issuingDistributionPoint")
        .shown_by("found", crl.distribution.as_ref().and_then(|it| it.names.as_deref()).map(list).unwrap_or_default())
        .shown_by("because", because)
        .mended_by(format!(
            "# let the CA make a list without an issuingDistributionPoint, and give that; whether all else is in order:\n{}",
            ask_without_lists(case)
        ));
    Some(finding)
}

/// What the store that issued it has recorded. Of its lists no more is asked: one that is missing or out of date says nothing of
/// a certificate that the store has not revoked.
fn recorded(case: &Case<'_>, index: usize, subject: &Presented) -> Option<Finding> {
    let certificate = &subject.certificate;
    let known = &case.evidence.own_revocations;
    let own = known.iter().find(|it| it.sha256 == certificate.sha256_hex())?;
    if is_after(case, own.at) {
        return None;
    }
    let (at, reason) = (rfc3339(own.at), &own.reason);
    let said_by = match &own.said_by {
        Saying::Index(dir) => format!("the store {}", escape(dir)),
        Saying::List(file) => format!("the store's list {}", escape(file)),
    };
    let until = |crl: &String| format!("; no list of its CA says so yet, so that clients take it until `{crl}`");
    let unheard = own.to_list.as_ref().map(until).unwrap_or_default();
    let message = format!("`{}` was revoked on {at} ({reason}), says {said_by}{unheard}", certificate.subject);
    let finding = Finding::new(Code::Revoked, message)
        .about(index)
        .shown_by("serial", certificate.serial_hex())
        .shown_by("revoked_at", at)
        .shown_by("reason", reason.as_str())
        .shown_by("said_by", said_by)
        .shown_by("listed", if own.to_list.is_none() { "yes" } else { "no" });
    Some(if index == 0 { finding.reissued(case) } else { finding.mended_by(NEW_ISSUING_CA) })
}

/// Whether that is later than the time that was asked for. Where none was, what is revoked is revoked, by whatever clock.
fn is_after(case: &Case<'_>, time: OffsetDateTime) -> bool {
    case.evidence.situation.at.is_some_and(|asked| time > asked)
}

/// What a CA that is revoked has issued is issued again by its successor.
const NEW_ISSUING_CA: &str = "# a new CA below the same root, which then issues everything again, each name by `pki renew NAME`:\npki rollover --intermediate";

/// RFC 5280 section 6.1 asks nothing of a trust anchor. OpenSSL with X509_V_FLAG_CRL_CHECK_ALL, as curl and Node set it, looks up a
/// root as well, and its own lists may all be partitions of others.
fn of_anchor(case: &Case<'_>) -> Option<Finding> {
    let (top, anchor) = (case.path.steps.len() - 1, &case.path.top().certificate);
    let matter = Matter { case, index: top, subject: anchor, issuer: anchor };
    let mut own = case.evidence.crls.iter().filter(|(crl, _)| crl.issuer.same_as(&anchor.subject)).peekable();
    own.peek().filter(|_| top > 0 && case.path.end == End::Anchored && anchor.is_self_issued())?;
    own.all(|(crl, _)| crl.delta_of.is_some() || matter.out_of_scope(crl).is_some()).then(|| matter.root_not_covered())
}

fn judge(case: &Case<'_>, index: usize, subject: &Presented, issuer: &Presented) -> Vec<Finding> {
    let matter = Matter { case, index, subject: &subject.certificate, issuer: &issuer.certificate };
    let own = case.evidence.crls.iter().filter(|(crl, _)| crl.issuer.same_as(&matter.subject.issuer));
    if index > 0 && own.clone().next().is_none() && !subject.certificate.is_self_issued() {
        return vec![matter.not_asked()];
    }
    let verdicts: Vec<(&Crl, &str, Vec<Finding>)> =
        own.map(|(crl, file)| (crl, file.as_str(), matter.faults(crl, file))).collect();
    let usable = |findings: &[Finding]| findings.iter().all(|finding| finding.severity != Severity::Error);
    let good: Vec<(&Crl, &str)> =
        verdicts.iter().filter(|(_, _, faults)| usable(faults)).map(|(crl, file, _)| (*crl, *file)).collect();
    if good.iter().any(|(crl, _)| crl.delta_of.is_none()) {
        let foreign = good.first().and_then(|(crl, file)| matter.not_of_anchor(crl, file));
        let notes = verdicts.into_iter().filter(|(_, _, faults)| usable(faults)).flat_map(|(_, _, faults)| faults);
        return notes.chain(matter.status(&good)).chain(foreign).chain(matter.of_another_key(&good)).collect();
    }
    // What a stale or misplaced list says of the certificate is told all the same: a revocation is not taken back.
    let known: Vec<(&Crl, &str)> = verdicts.iter().map(|(crl, file, _)| (*crl, *file)).collect();
    let faults: Vec<Finding> = verdicts.into_iter().flat_map(|(_, _, faults)| faults).collect();
    let foreign = known.first().and_then(|(crl, file)| matter.not_of_anchor(crl, file));
    match (faults.is_empty(), index) {
        (true, 0) => vec![matter.not_covered(!known.is_empty())],
        (true, _) => Vec::new(),
        (false, _) if faults.iter().any(|finding| finding.code == Code::CrlSignatureInvalid) => faults,
        (false, _) => faults.into_iter().chain(matter.status(&known)).chain(foreign).collect(),
    }
}

impl Matter<'_> {
    /// Why the list cannot be used for the certificate; the first reason, as the others hang on it.
    fn faults(&self, crl: &Crl, file: &str) -> Vec<Finding> {
        let not_understood = self.not_understood(crl, file);
        let out_of_scope = || self.out_of_scope(crl).map(|why| self.not_applicable(crl, file, &why));
        let reasons = not_understood
            .or_else(out_of_scope)
            .or_else(|| self.signature(crl, file))
            .or_else(|| self.may_not_sign(file))
            .or_else(|| self.stale(crl, file))
            .or_else(|| self.early(crl, file))
            .map(|reason| self.of_whom(reason));
        reasons
            .into_iter()
            .chain(self.incomplete(crl, file))
            .chain(self.misgraded(crl, file))
            .chain(self.weakly_signed(crl, file))
            .chain(self.removed(crl, file))
            .chain(self.forbidden(crl, file))
            .collect()
    }

    /// Many clients look the leaf up alone.
    fn of_whom(&self, reason: Finding) -> Finding {
        if self.index == 0 { reason } else { reason.shown_by("asked_about", "a CA") }
    }

    /// Section 6.3.3 (b): the list must be about certificates of this kind, from this distribution point.
    fn out_of_scope(&self, crl: &Crl) -> Option<String> {
        let scope = crl.distribution.as_ref()?;
        let ca = self.subject.is_ca();
        if scope.indirect {
            return Some(
                "it is an indirect list, which may speak of other issuers' certificates and is not followed".to_owned(),
            );
        }
        if scope.only_attributes || (scope.only_leaves && ca) || (scope.only_cas && !ca) {
            let about = if scope.only_attributes {
                "attribute certificates"
            } else if scope.only_cas {
                "CAs"
            } else {
                "certificates that are no CA's"
            };
            return Some(format!("it is about {about} only"));
        }
        if scope.some_reasons {
            return Some("it is about some reasons of revocation only".to_owned());
        }
        let own = scope.names.as_ref()?;
        let named = distribution_points(self.subject);
        let same = own.iter().any(|name| named.iter().any(|other| name.same_as(other, &crl.issuer)));
        (!same).then(|| format!("it is the partition {}, and the certificate is of {}", list(own), list(named)))
    }

    /// Sections 5.2 and 5.3: a list with a critical extension that is not understood, its own or an entry's, MUST NOT be used to
    /// determine the status of any certificate.
    fn not_understood(&self, crl: &Crl, file: &str) -> Option<Finding> {
        let own = crl.unknown_critical.first().map(|oid| (oid.clone(), "itself"));
        let (oid, whose) = own.or_else(|| Some((crl.unknown_critical_of_entry()?, "an entry")))?;
        let (of, file) = (if whose == "itself" { "" } else { "an entry of " }, escape(file));
        let message = format!(
            "{of}the CRL {file} has the critical extension {oid}, which is not understood: the list cannot be used"
        );
        Some(
            Finding::new(Code::UnknownCriticalExtension, message)
                .about(self.index)
                .shown_by("extension", oid)
                .shown_by("in", "CRL")
                .shown_by("whose", whose)
                .shown_by("file", file)
                .mended_by(fresh(self.case, &crl.issuer)),
        )
    }

    /// Section 6.3.3 (f) and (g).
    fn signature(&self, crl: &Crl, file: &str) -> Option<Finding> {
        match crl.verified_by(&self.issuer.public_key) {
            SignatureCheck::Good => return None,
            SignatureCheck::Unsupported => return Some(self.unverifiable(crl, file)),
            SignatureCheck::Bad => {}
        }
        let message = format!("the CRL {} is not signed by the key of `{}`", escape(file), self.issuer.subject);
        let id = |id: Option<&[u8]>| id.map_or_else(|| "absent".to_owned(), crate::facts::hex);
        let (named, own) = (crl.authority_key_identifier.as_deref(), self.issuer.subject_key_identifier());
        let differs = named.zip(own).is_some_and(|(named, own)| named != own);
        let fits = crl.signature_algorithm.family == self.issuer.public_key.kind.family();
        Some(
            Finding::new(Code::CrlSignatureInvalid, message)
                .about(self.index + 1)
                .shown_by("crl_authority_key_id", id(crl.authority_key_identifier.as_deref()))
                .shown_by("issuer_key_id", id(own))
                .shown_by("names_key", if differs { "another" } else { "this or none" })
                .shown_by("algorithm", if fits { crl.signature_algorithm.family } else { "another" })
                .mended_by(fresh(self.case, &crl.issuer)),
        )
    }

    /// A list whose signature could not be checked is not used (section 6.3.3 (g)), and is not said to be another's.
    fn unverifiable(&self, crl: &Crl, file: &str) -> Finding {
        let (algorithm, key) = (crl.signature_algorithm.to_string(), self.issuer.public_key.kind.to_string());
        let message = format!(
            "the signature of the CRL {} is by {algorithm} with a key of {key}, which is not checked here: nothing shows that \
             `{}` made it",
            escape(file),
            self.issuer.subject
        );
        Finding::new(Code::SignatureUnsupported, message)
            .about(self.index + 1)
            .shown_by("signature", algorithm)
            .shown_by("issuer_key", key)
            .shown_by("kind", "CRL")
            .mended_by(fresh(self.case, &crl.issuer))
    }

    /// Section 4.2.1.3: where there is a keyUsage, cRLSign must be set in it.
    fn may_not_sign(&self, file: &str) -> Option<Finding> {
        let usage = self.issuer.key_usage().filter(|usage| !usage.crl_sign())?;
        let message =
            format!("`{}` signed the CRL {}, and its keyUsage lacks cRLSign", self.issuer.subject, escape(file));
        Some(
            Finding::new(Code::CrlSignMissing, message)
                .about(self.index + 1)
                .shown_by("expected", "cRLSign")
                .shown_by("key_usage", usage.names().join(", "))
                .reissued(self.case),
        )
    }

    fn stale(&self, crl: &Crl, file: &str) -> Option<Finding> {
        let now = self.case.question.at;
        let next = crl.next_update.filter(|next| *next < now)?;
        let message = format!("the CRL {} is out of date: the next one was due on {}", escape(file), rfc3339(next));
        Some(
            Finding::new(Code::CrlExpired, message)
                .shown_by("next_update", rfc3339(next))
                .shown_by("judged_at", rfc3339(now))
                .mended_by(fresh(self.case, &crl.issuer)),
        )
    }

    fn early(&self, crl: &Crl, file: &str) -> Option<Finding> {
        let now = self.case.question.at;
        let this = Some(crl.this_update).filter(|this| *this > now)?;
        let message = format!("the CRL {} holds from {} only", escape(file), rfc3339(this));
        Some(
            Finding::new(Code::CrlNotYetValid, message)
                .shown_by("this_update", rfc3339(this))
                .shown_by("judged_at", rfc3339(now))
                .mended_by(fresh(self.case, &crl.issuer)),
        )
    }

    fn not_applicable(&self, crl: &Crl, file: &str, why: &str) -> Finding {
        let message = format!("the CRL {} says nothing of `{}`: {why}", escape(file), self.subject.subject);
        Finding::new(Code::CrlNotApplicable, message)
            .about(self.index)
            .shown_by("expected", list(distribution_points(self.subject)))
            .shown_by(
                "found",
                crl.distribution.as_ref().and_then(|scope| scope.names.as_deref()).map(list).unwrap_or_default(),
            )
            .shown_by("because", "scope")
            .shown_by("names", self.unnamed(crl))
            .mended_by(fresh(self.case, &crl.issuer))
    }

    /// Whether it is out of scope for its partition's name alone, and the certificate names none.
    fn unnamed(&self, crl: &Crl) -> &'static str {
        let partition =
            crl.distribution.as_ref().is_some_and(|it| it.names.is_some() && !it.indirect && !it.some_reasons);
        match partition && distribution_points(self.subject).is_empty() && self.is_of_kind(crl) {
            true => "no distribution point",
            false => "another",
        }
    }

    /// Whether the list is about certificates of this kind.
    fn is_of_kind(&self, crl: &Crl) -> bool {
        let ca = self.subject.is_ca();
        crl.distribution.as_ref().is_none_or(|it| !(it.only_attributes || it.only_leaves && ca || it.only_cas && !ca))
    }

    /// Lists were given, and none is about the leaf: of other CAs, or a delta without the list that it changes.
    fn not_covered(&self, delta_only: bool) -> Finding {
        let owners: Vec<String> = self.case.evidence.crls.iter().map(|(crl, _)| crl.issuer.to_string()).collect();
        let (issuer, subject) = (&self.issuer.subject, &self.subject.subject);
        let message = if delta_only {
            format!("only a delta CRL of `{issuer}` was given: expected the complete list that it changes")
        } else {
            format!(
                "no CRL that was given is of `{issuer}`, which issued `{subject}`: found those of {}",
                owners.join(", ")
            )
        };
        Finding::new(Code::CrlNotApplicable, message)
            .about(self.index)
            .shown_by("expected", issuer.to_string())
            .shown_by("found", if delta_only { vec!["a delta CRL alone".to_owned()] } else { owners })
            .shown_by("list_of", if self.is_of_anchor() { "a trust anchor" } else { "a stranger" })
            .mended_by(fresh(self.case, issuer))
    }

    /// A CA of the path of whose issuer no list is at hand (section 6.3.3 is asked for each certificate, and clients differ
    /// on how far they go).
    fn not_asked(&self) -> Finding {
        let (issuer, subject) = (&self.issuer.subject, &self.subject.subject);
        let message = format!(
            "no CRL of `{issuer}` is at hand, which issued `{subject}`: clients that ask about every CA of the path refuse"
        );
        Finding::new(Code::CrlMissing, message)
            .about(self.index)
            .graded(Severity::Warning)
            .shown_by("expected", issuer.to_string())
            .shown_by("lists", self.case.evidence.crls.len())
            .mended_by(fresh(self.case, issuer))
    }

    /// The lists of a root speak of others alone.
    fn root_not_covered(&self) -> Finding {
        let root = &self.subject.subject;
        let message = format!(
            "the CRLs of `{root}` that are at hand are about parts of what it issued, and not about itself: clients that look up the \
             root as well refuse"
        );
        Finding::new(Code::CrlMissing, message)
            .about(self.index)
            .graded(Severity::Warning)
            .shown_by("expected", "a complete list of the root")
            .shown_by("of", "the root itself")
            .mended_by(fresh(self.case, root))
    }

    /// GnuTLS holds a list to the trust anchors alone as it loads it (gnutls_x509_trust_list_add_crls with
    /// GNUTLS_TL_VERIFY_CRL), so it takes none of a CA below one. Every other client does.
    fn not_of_anchor(&self, crl: &Crl, file: &str) -> Option<Finding> {
        let is_anchor = self.case.evidence.trust.iter().any(|anchor| crl.issuer.same_as(&anchor.certificate.subject));
        let message = format!(
            "gnutls-cli refuses the CRL {} before it connects, as it takes no list but a trust anchor's, and `{}` is none: give it a CA file with that CA beside the root",
            escape(file),
            crl.issuer
        );
        (!is_anchor).then(|| {
            Finding::new(Code::CrlNotApplicable, message)
                .about(self.index)
                .graded(Severity::Note)
                .shown_by("expected", "a list of a trust anchor")
                .shown_by("found", crl.issuer.to_string())
                .shown_by("because", "no anchor's")
        })
    }

    /// Whether a list is one of a trust anchor's, which clients take in even where it says nothing of the leaf.
    fn is_of_anchor(&self) -> bool {
        let evidence = self.case.evidence;
        let anchors = || evidence.trust.iter().map(|anchor| &anchor.certificate);
        evidence.crls.iter().any(|(crl, _)| anchors().any(|anchor| crl.issuer.same_as(&anchor.subject)))
    }

    /// Section 6.3.3 (i) to (l): the complete lists, as the deltas change them that follow the latest of these.
    fn status(&self, lists: &[(&Crl, &str)]) -> Vec<Finding> {
        let mut found: Option<(RevokedEntry, &str)> = None;
        let complete = || lists.iter().filter(|(crl, _)| crl.delta_of.is_none());
        let latest = |crl: &Crl| !complete().any(|(other, _)| other.replaces(crl));
        let follows = |delta: &Crl| complete().any(|(crl, _)| latest(crl) && delta.changes(crl));
        let deltas =
            lists.iter().filter(|(crl, _)| crl.delta_of.is_some() && (follows(crl) || complete().next().is_none()));
        for (crl, file) in complete().chain(deltas) {
            match crl.entry(&self.subject.serial) {
                Err(error) => return vec![self.unreadable(crl, file, &error.to_string())],
                Ok(Some(entry)) if entry.is_removal() => found = None,
                // Section 6.3.3 (j) asks no more than whether a certificate is on the list. One that was made after the time that was
                // asked for tells by its dates how it was then.
                Ok(Some(entry)) if is_after(self.case, crl.this_update) && is_after(self.case, entry.since()) => {}
                Ok(Some(entry)) => found = found.or(Some((entry, file))),
                Ok(None) => {}
            }
        }
        found.map(|(entry, file)| self.revocation(&entry, file)).into_iter().collect()
    }

    fn unreadable(&self, crl: &Crl, file: &str, error: &str) -> Finding {
        let message = format!("the CRL {} does not read to its end: {error}", escape(file));
        Finding::new(Code::CrlMalformed, message)
            .shown_by("file", escape(file))
            .mended_by(fresh(self.case, &crl.issuer))
    }

    fn revocation(&self, entry: &RevokedEntry, file: &str) -> Finding {
        let reason = entry.reason.as_deref().unwrap_or("no reason given");
        let at = rfc3339(entry.at);
        let message =
            format!("`{}` was revoked on {at} ({reason}), says the CRL {}", self.subject.subject, escape(file));
        Finding::new(Code::Revoked, message)
            .about(self.index)
            .shown_by("serial", self.subject.serial_hex())
            .shown_by("revoked_at", at)
            .shown_by("reason", reason)
            .reissued(self.case)
    }
}

fn distribution_points(certificate: &Certificate) -> &[PointName] {
    let found = certificate.extensions.iter().find_map(|e| match &e.value {
        ExtensionValue::CrlDistributionPoints(names) => Some(names.as_slice()),
        _ => None,
    });
    found.unwrap_or_default()
}

fn list(names: &[PointName]) -> String {
    if names.is_empty() {
        return "no distribution point".to_owned();
    }
    names.iter().map(PointName::to_string).collect::<Vec<_>>().join(", ")
}

/// The CA alone can give a current list; whether all else is in order can be seen without it.
fn fresh(case: &Case<'_>, issuer: &Name) -> String {
    let situation = &case.evidence.situation;
    if situation.own_cas.iter().any(|ca| ca.subject.same_as(issuer)) {
        let with_own = Situation { crl_files: vec![situation.own_lists.clone()], ..situation.clone() };
        let again = ask(&with_own, case.question, None, None, None);
        return format!("pki crl\n{again}\n# where the root's key is kept apart: pki crl --root-key FILE");
    }
    format!(
        "# get the current CRL of {issuer} and give it with --crl; whether all else is in order:\n{}",
        ask_without_lists(case)
    )
}
