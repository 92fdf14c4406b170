//! What a file's fault means in the whole of a question, and what to type: the same question again with mended copies,
//! with the file that lies beside, or with files issued anew.

use std::collections::HashSet;

use crate::clients::{KeptOut, is_of_ca_file};
use crate::facts::{Certificate, PublicKey, SignatureCheck, escape};
use crate::finding::file::BEYOND;
use crate::finding::fix::{Issuer, ask, issuable, reissue_for, replace};
use crate::finding::{Code, Finding, Role, Severity, quote_file};
use crate::handshake::NEW_SITE;

use super::{CaFile, End, Evidence, MAX_DEPTH, Path, PeerName, Question, Situation, Verdict, client_beside, misplaced};

/// The findings of the way to the evidence, each with what to type.
pub(super) fn completed(evidence: &Evidence, question: &Question) -> Vec<Finding> {
    let mut told = HashSet::new();
    let observed = evidence.observed.iter().filter(|finding| applies(finding, evidence));
    let once = observed.filter(|finding| told.insert((finding.code, finding.message.as_str())));
    once.map(|finding| mended(graded(finding.clone(), evidence), evidence, question)).collect()
}

/// Where no CA file can be read, nothing is trusted: that is mended with the file.
pub(super) fn hang_from_ca_file(findings: &mut [Finding], evidence: &Evidence) {
    let of_ca_file = |it: &&Finding| it.severity == Severity::Error && given_as(it, Role::Trust.flag());
    let Some(source) = findings.iter().find(of_ca_file).filter(|_| evidence.trust.is_empty()) else { return };
    let (code, fix) = (source.code, source.fix.clone());
    for finding in findings.iter_mut().filter(|it| it.code == Code::RootNotTrusted) {
        finding.follows_from = Some(code);
        finding.fix.clone_from(&fix);
    }
}

/// A fault of a CA file weighs as much as the clients that it keeps out: an error where all are, a warning at most where few are, and a
/// note where each gets the anchor out of it all the same. That a key lies in it is wrong for another reason.
pub(super) fn weigh_ca_files(
    findings: &mut [Finding],
    evidence: &Evidence,
    question: &Question,
    path: Option<&Path<'_>>,
) {
    let anchored = path.filter(|path| path.end == End::Anchored);
    let Some(kept_out) = anchored.and_then(|path| KeptOut::of(evidence, question, Some(path))) else { return };
    let grade = |known: Severity| match kept_out.count() {
        (0, _) => Severity::Note,
        (kept_out, all) if kept_out == all => Severity::Error,
        (kept_out, all) if 2 * kept_out <= all => Severity::Warning,
        _ => known.min(Severity::Warning),
    };
    let by_settings = |it: &&mut Finding| kept_out.by_settings() && it.evidence.contains_key("settings");
    for finding in findings.iter_mut().filter(by_settings) {
        finding
            .message
            .push_str("; the settings behind the certificate refuse it for this use, so that OpenSSL does too");
    }
    let weighed = |it: &&mut Finding| it.code != Code::FileHasKey && is_of_ca_file(it);
    let is_told = findings.iter_mut().any(|it| weighed(&&mut *it) && it.severity != Severity::Note);
    for (at, finding) in findings.iter_mut().filter(weighed).enumerate() {
        // Where nothing graver is known of the file, it is this.
        if finding.severity != Severity::Note || !is_told && at == 0 {
            finding.severity = grade(finding.severity);
        }
    }
}

pub(super) fn given_as(finding: &Finding, flag: &str) -> bool {
    finding.evidence.get("given_as").is_some_and(|given| given == flag)
}

/// Whether it is about a file of the client's certificate: of an endpoint's own no file was given.
fn is_of_client(finding: &Finding, evidence: &Evidence) -> bool {
    evidence.endpoint.is_some() && [Role::Chain, Role::Key].iter().any(|role| given_as(finding, role.flag()))
}

/// Names the flags that an endpoint is asked with for the client's files. They are judged by themselves, as any chain and key.
pub(super) fn name_flags_of_client(finding: &mut Finding, evidence: &Evidence) {
    let is_of_client = is_of_client(finding, evidence);
    if let Some(flag) = finding.evidence.get_mut("given_as").filter(|_| is_of_client) {
        *flag = format!("--client-{}", flag.as_str().unwrap_or_default().trim_start_matches("--")).into();
    }
}

/// The file that a finding is about, as it was typed, for commands: what the finding shows is escaped.
pub(super) fn typed_file<'a>(finding: &'a Finding, evidence: &'a Evidence) -> Option<&'a str> {
    let shown = finding.evidence.get("file")?.as_str()?;
    let situation = &evidence.situation;
    let typed = situation.chain_file.iter().chain(&situation.key_file);
    let typed = typed.chain(&situation.trust_files).chain(&situation.crl_files);
    Some(typed.map(String::as_str).find(|file| escape(file) == shown).unwrap_or(shown))
}

/// A PKCS#12 file of certificates alone is in order where the key has a file of its own.
fn applies(finding: &Finding, evidence: &Evidence) -> bool {
    finding.code != Code::KeyMissing || !given_as(finding, "--chain") || !has_key_of_its_own(evidence)
}

fn has_key_of_its_own(evidence: &Evidence) -> bool {
    let situation = &evidence.situation;
    situation.key_file.is_some() && situation.key_file != situation.chain_file
}

/// A key beside its own certificates is what some servers want; where the key has another file, it was forgotten there.
fn graded(finding: Finding, evidence: &Evidence) -> Finding {
    let together = finding.code == Code::FileHasKey && given_as(&finding, "--chain") && !has_key_of_its_own(evidence);
    if together { finding.graded(Severity::Note) } else { without_need(finding, evidence) }
}

/// A CA that some clients do not see, and that issued nothing of this chain, is not missed.
fn without_need(finding: Finding, evidence: &Evidence) -> Finding {
    let Some(hidden) = finding.evidence.get("hides").and_then(|source| source.as_str()) else { return finding };
    let hidden = evidence.trust.iter().find(|it| it.source == hidden).map(|it| &it.certificate);
    let issued = |ca: &Certificate| evidence.chain.iter().any(|it| it.certificate.issuer.same_as(&ca.subject));
    if hidden.is_some_and(|ca| !issued(ca)) { finding.shown_by("needed", "no") } else { finding }
}

fn mended(finding: Finding, evidence: &Evidence, question: &Question) -> Finding {
    if matches!(finding.code, Code::ClientCertificateMissing | Code::ClientCertificateRefused) {
        let finding = if finding.fix.is_empty() { finding.mended_by(for_client(evidence, question)) } else { finding };
        let beside = Some(&finding).filter(|it| it.code == Code::ClientCertificateMissing);
        return match beside.and_then(|it| client_beside::fix(it, evidence, question)) {
            Some(fix) => finding.mended_by(fix),
            None => by_own_ca(finding, &evidence.situation),
        };
    }
    if matches!(finding.code, Code::WrongVirtualHost | Code::SniRefused) {
        return with_certificate(finding, evidence, question);
    }
    let of_file = finding.code.is_of_file() || finding.code == Code::KeyEncrypted;
    if finding.code == Code::FileUnreadable && !finding.fix.is_empty() {
        let again = ask(&evidence.situation, question, None, None, None);
        return Finding { fix: format!("{}\n{again}", finding.fix), ..finding };
    }
    if !finding.fix.is_empty() || !of_file {
        return finding;
    }
    let fix = match finding.code {
        Code::FilesSwapped if finding.evidence.contains_key("trust") => {
            let situation = &evidence.situation;
            let trust = situation.trust_files.first().map(String::as_str);
            ask(situation, question, trust, None, situation.chain_file.as_deref())
        }
        Code::FilesSwapped => {
            let situation = &evidence.situation;
            let (chain, key) = (situation.key_file.as_deref(), situation.chain_file.as_deref());
            let public = key.and_then(|file| misplaced::public_key(file, evidence));
            let whole = public.and_then(|public| chain_of(public, evidence, question));
            ask(situation, question, whole.or(chain), key, None)
        }
        Code::KeyEncrypted | Code::FileIsPkcs12 | Code::FileIsJks if waits(&finding) => unlock(evidence, question),
        Code::KeyEncrypted | Code::FileIsPkcs12 | Code::FileIsJks if is_beyond(&finding) => {
            by_its_own_program(&finding, evidence, question)
        }
        Code::PasswordWrong => {
            format!("# ask whoever made the file for its passphrase; then:\n{}", unlock(evidence, question))
        }
        Code::Pkcs12LegacyEncryption => legacy(&finding, evidence, question),
        code if can_be_repaired(code, &finding) && is_read(&finding, evidence) => repair(evidence, question),
        _ => beside(&finding, evidence, question)
            .or_else(|| misplaced::fix(&finding, evidence, question))
            .unwrap_or_else(|| again(&finding, evidence, question)),
    };
    finding.mended_by(fix)
}

/// A client's certificate, and the same question of it: by the trust that was typed, where that knows the CA.
fn for_client(evidence: &Evidence, question: &Question) -> String {
    let situation = &evidence.situation;
    let is_own = |anchor: &Certificate| situation.own_cas.iter().any(|own| own.der() == anchor.der());
    let known = Issuer::for_client(situation, None, "").is_trusted()
        || evidence.trust.iter().any(|anchor| is_own(&anchor.certificate));
    let typed = !situation.trust_files.is_empty() || situation.system_trust;
    let (remark, trust) = match known || !typed {
        true => ("", None),
        false => (
            "# of the CA that is trusted, ask whoever runs it; one of the store's own CA is taken where its root is trusted:\n",
            Some("client/ca.pem"),
        ),
    };
    format!(
        "{remark}pki issue client \"$(id -un)\" --out client\n{}",
        ask(situation, question, Some("client/fullchain.pem"), Some("client/privkey.pem"), trust)
    )
}

/// The client's certificate comes from the user's own CA, where its key is at hand; where there is none at all, from one that is made
/// first, and that the server has to be told of.
fn by_own_ca(mut finding: Finding, situation: &Situation) -> Finding {
    let issuer = Issuer::for_client(situation, None, "");
    let told = match issuer.is_held() {
        true => "",
        false => "\n# this CA is new: let the server trust client/ca.pem, and read it, before it is asked:",
    };
    let line = |line: &str| match line.strip_prefix("pki issue client ") {
        Some(rest) => format!("{}{} issue client {rest}{}{told}", issuer.prepare(), issuer.pki(), issuer.unlock()),
        None => line.to_owned(),
    };
    if issuer.is_held() || !situation.store_has_ca {
        finding.fix = finding.fix.lines().map(line).collect::<Vec<_>>().join("\n");
    }
    finding
}

/// The certificate of a site that the server has not got: the one that there is already, else one that is issued.
fn with_certificate(finding: Finding, evidence: &Evidence, question: &Question) -> Finding {
    let situation = &evidence.situation;
    let again = ask(situation, question, None, None, None);
    let names: Vec<String> = question.names.iter().map(PeerName::to_string).filter(|name| issuable(name)).collect();
    let is_there = situation.issued_certificate.as_ref().is_some_and(|it| is_current(it, question));
    let known = situation.issued.iter().find(|it| {
        let is_it = names.first().is_some_and(|name| it.name.eq_ignore_ascii_case(name));
        is_it && is_there && it.has_key && !it.revoked && !it.client
    });
    let with = match known {
        Some(it) => {
            let folder = quote_file(&it.folder);
            format!(", which the store has issued: {folder}/fullchain.pem with {folder}/privkey.pem")
        }
        None => format!(":\n{}", reissue_for(&names, question, situation)),
    };
    finding.mended_by(format!("{NEW_SITE}{with}\n# and when the server has read its settings again:\n{again}"))
}

fn waits(finding: &Finding) -> bool {
    finding.evidence.get("passphrase").is_some_and(|state| state == "not given")
}

fn is_beyond(finding: &Finding) -> bool {
    finding.evidence.get("passphrase").is_some_and(|state| state == BEYOND)
}

/// What cannot be opened here is opened by the program that made it, which asks for the passphrase; then it is asked about again.
fn by_its_own_program(finding: &Finding, evidence: &Evidence, question: &Question) -> String {
    let situation = &evidence.situation;
    let file = quote_file(typed_file(finding, evidence).unwrap_or_default());
    let (opened, command) = match finding.code {
        Code::KeyEncrypted => {
            ("opened.key", format!("openssl pkey -provider legacy -provider default -in {file} -out opened.key"))
        }
        Code::FileIsJks => (
            "opened.pem",
            format!(
                "keytool -importkeystore -srckeystore {file} -destkeystore opened.p12 -deststoretype PKCS12 && \
                 openssl pkcs12 -in opened.p12 -noenc -out opened.pem"
            ),
        ),
        _ => ("opened.pem", format!("openssl pkcs12 -legacy -in {file} -noenc -out opened.pem")),
    };
    let same = |typed: &Option<String>| typed.as_deref() == typed_file(finding, evidence);
    let of_chain = same(&situation.chain_file).then_some(opened);
    let of_key = same(&situation.key_file).then_some(opened);
    let of_trust = given_as(finding, Role::Trust.flag()).then_some(opened);
    format!(
        "# it is asked for the passphrase:\n(umask 077; {command})\n{}",
        ask(situation, question, of_chain, of_key, of_trust)
    )
}

/// Whether something of what the file was given for could be read, so that there is something to write.
fn is_read(finding: &Finding, evidence: &Evidence) -> bool {
    match finding.evidence.get("given_as").and_then(|flag| flag.as_str()) {
        Some("--trust") => !evidence.trust.is_empty(),
        Some("--chain") => !evidence.chain.is_empty() || evidence.key.is_some(),
        Some("--key") => evidence.key.is_some(),
        _ => true,
    }
}

/// What `--repair` writes anew in the right form.
fn can_be_repaired(code: Code, finding: &Finding) -> bool {
    use Code as C;
    match code {
        C::FileIsDer | C::FileHasBom | C::FileIsUtf16 | C::FileJoinedBlocks | C::FileEscapedNewlines => true,
        C::FileOneLine | C::FileIndented | C::FileCrlf | C::FileHasText | C::FileHasKey | C::KeyEncrypted => true,
        C::FileIsPkcs12 | C::FileIsPkcs7 | C::FileIsJks => true,
        C::FileBadBoundary => finding.evidence.get("boundary").is_none_or(|kind| kind != "no BEGIN"),
        C::FileBadBase64 => {
            let known = finding.evidence.get("character");
            known.is_some_and(|found| ["empty line", "no padding", "header"].iter().any(|kind| found == kind))
                || ["unseen", "wrapped"].iter().any(|how| finding.evidence.contains_key(*how))
        }
        C::FileWrongLabel | C::KeyWrongLabel => {
            let content = finding.evidence.get("content").and_then(|content| content.as_str()).unwrap_or_default();
            finding.evidence.contains_key("begin")
                || content == "a certificate"
                || content.ends_with("PRIVATE KEY")
                || content == "a private key" && given_as(finding, "--key")
        }
        // Among a CA's certificates.
        C::FileIsCsr => finding.severity == Severity::Warning,
        _ => false,
    }
}

/// Writes the mended copies, and asks the same of them.
fn repair(evidence: &Evidence, question: &Question) -> String {
    let (situation, copies) = (&evidence.situation, copies(evidence));
    format!(
        "{} --repair {} || true\n{}",
        ask(situation, question, None, None, None),
        situation.mend_folder(),
        ask(situation, question, copies.chain.as_deref(), copies.key.as_deref(), copies.trust.as_deref())
    )
}

/// The mended copies that take the place of what was given.
struct Copies {
    chain: Option<String>,
    key: Option<String>,
    trust: Option<String>,
}

fn copies(evidence: &Evidence) -> Copies {
    let situation = &evidence.situation;
    let folder = situation.mend_folder();
    // What is in order stays where it is, and so does what lies beside it.
    let is_faulty = |role: Role| evidence.observed.iter().any(|it| given_as(it, role.flag()));
    let copy = |name: &str, there: bool| there.then(|| format!("{folder}/{name}"));
    let of_chain = situation.key_file.is_none() || situation.key_file == situation.chain_file;
    let typed = !situation.trust_files.is_empty();
    Copies {
        chain: copy("fullchain.pem", !evidence.chain.is_empty() && is_faulty(Role::Chain)),
        key: copy("privkey.pem", evidence.key.is_some() && (is_faulty(Role::Key) || of_chain)),
        trust: copy("ca.pem", !evidence.trust.is_empty() && typed && is_faulty(Role::Trust)),
    }
}

/// What there is once the fix of a file's fault was typed, where it is the form of the files or their places that it mends.
pub(super) fn once_mended(evidence: &Evidence, question: &Question, cause: &Finding) -> Option<Evidence> {
    match cause.code {
        // The other form of a client's file changes nothing of what the server sends, nor of what it said.
        _ if is_of_client(cause, evidence) => None,
        Code::FilesSwapped if cause.evidence.contains_key("trust") => with_trust_in_place(evidence),
        Code::FilesSwapped => once_in_place(evidence, question),
        code if can_be_repaired(code, cause) && is_read(cause, evidence) && !waits(cause) && !is_beyond(cause) => {
            let (mut mended, copies) = (evidence.clone(), copies(evidence));
            mended.observed.retain(|it| !(can_be_repaired(it.code, it) && is_read(it, evidence)));
            let situation = &mut mended.situation;
            situation.chain_file = copies.chain.or(situation.chain_file.take());
            if let Some((key, copy)) = mended.key.as_mut().zip(copies.key.as_ref()) {
                key.file.clone_from(copy);
            }
            situation.key_file = copies.key.or(situation.key_file.take());
            if let Some(trust) = copies.trust {
                situation.trust_files = vec![trust];
            }
            Some(mended)
        }
        _ => None,
    }
}

/// The leaf that was given as the CA file, by the CAs that were given as the chain.
fn with_trust_in_place(evidence: &Evidence) -> Option<Evidence> {
    let mut mended = evidence.clone();
    std::mem::swap(&mut mended.chain, &mut mended.trust);
    mended.observed.retain(|it| it.code != Code::FilesSwapped);
    let situation = &mut mended.situation;
    let chain = situation.chain_file.take()?;
    situation.chain_file = situation.trust_files.pop();
    mended.ca_files = vec![CaFile { name: chain.clone(), readings: None }];
    situation.trust_files = vec![chain];
    Some(mended)
}

/// The certificate that was given as the key, or the whole chain of that key beside it, and the key that was given as the chain.
fn once_in_place(evidence: &Evidence, question: &Question) -> Option<Evidence> {
    let (given, key) = (evidence.situation.key_file.as_deref()?, evidence.situation.chain_file.as_deref()?);
    let whole = misplaced::public_key(key, evidence).and_then(|public| chain_of(public, evidence, question));
    let chain = whole.unwrap_or(given);
    let mut mended = evidence.clone();
    mended.chain = evidence.neighbours.iter().filter(|it| it.file.as_deref() == Some(chain)).cloned().collect();
    mended.key = evidence.neighbour_keys.iter().find(|it| it.file == key).cloned();
    mended.observed.retain(|it| it.code != Code::FilesSwapped);
    mended.situation.chain_file = Some(chain.to_owned());
    mended.situation.key_file = Some(key.to_owned());
    Some(mended)
}

fn unlock(evidence: &Evidence, question: &Question) -> String {
    let situation = &Situation { passphrase_file: None, ..evidence.situation.clone() };
    format!(
        "# write the file's passphrase into passphrase.txt, which only you can read (umask 077); then:\n{} --passphrase-file passphrase.txt --repair {} || true",
        ask(situation, question, None, None, None),
        situation.mend_folder()
    )
}

/// OpenSSL's own way is named too: without `-legacy` it says `unsupported`.
fn legacy(finding: &Finding, evidence: &Evidence, question: &Question) -> String {
    let file = typed_file(finding, evidence).unwrap_or_default();
    let passphrase = evidence.situation.passphrase_file.as_deref().unwrap_or("passphrase.txt");
    let is_closed =
        evidence.observed.iter().any(|it| waits(it) && it.evidence.get("file") == finding.evidence.get("file"));
    format!(
        "# with OpenSSL 3:  openssl pkcs12 -legacy -in {} -passin file:{} -noenc -out all.pem\n{}",
        quote_file(file),
        quote_file(passphrase),
        if is_closed { unlock(evidence, question) } else { repair(evidence, question) }
    )
}

/// The file that was meant lies beside.
fn beside(finding: &Finding, evidence: &Evidence, question: &Question) -> Option<String> {
    let (file, (chain, key, trust)) = match finding.evidence.get("given_as")?.as_str()? {
        _ if finding.code == Code::KeyMissing => key_beside(evidence).map(|file| (file, (None, Some(file), None))),
        "--chain" => chain_beside(evidence, question).map(|file| (file, (Some(file), None, None))),
        "--key" => key_beside(evidence).map(|file| (file, (None, Some(file), None))),
        "--trust" => trust_beside(evidence, question).map(|file| (file, (None, None, Some(file)))),
        _ => None,
    }?;
    Some(format!(
        "# what was meant lies in {}:\n{}",
        quote_file(file),
        ask(&evidence.situation, question, chain, key, trust)
    ))
}

/// A file that begins with the key's certificate, and is a whole chain.
fn chain_beside<'a>(evidence: &'a Evidence, question: &Question) -> Option<&'a str> {
    chain_of(evidence.key.as_ref()?.key.public_key.as_ref()?, evidence, question)
}

/// The same of any key.
fn chain_of<'a>(key: &PublicKey, evidence: &'a Evidence, question: &Question) -> Option<&'a str> {
    let leaves = evidence.neighbours.iter().filter(|p| key.same_as(&p.certificate.public_key));
    leaves.filter_map(|leaf| leaf.file.as_deref()).find(|file| {
        let of_file = evidence.neighbours.iter().filter(|p| p.file.as_deref() == Some(*file));
        let chain = of_file.cloned().collect();
        let candidate = Evidence { chain, observed: Vec::new(), ..evidence.clone() };
        super::judge(&candidate, question).0 == Verdict::Valid
    })
}

fn key_beside(evidence: &Evidence) -> Option<&str> {
    let index = super::path::leaf_index(evidence)?;
    let leaf = &evidence.chain[index].certificate.public_key;
    let found =
        evidence.neighbour_keys.iter().find(|f| f.key.public_key.as_ref().is_some_and(|key| key.same_as(leaf)))?;
    Some(&found.file)
}

/// The most CAs of one rank that are followed upwards.
const MAX_FOLLOWED: usize = 8;

fn without_lists(situation: &Situation) -> Situation {
    Situation { crl_files: Vec::new(), ..situation.clone() }
}

fn is_current(certificate: &Certificate, question: &Question) -> bool {
    (certificate.validity.not_before..=certificate.validity.not_after).contains(&question.at)
}

/// The root above what was sent, by way of the CAs that lie there too; of several the one that is current.
fn trust_beside<'a>(evidence: &'a Evidence, question: &Question) -> Option<&'a str> {
    let issued = |issuer: &Certificate, child: &Certificate| {
        child.issuer.same_as(&issuer.subject) && child.verified_by(&issuer.public_key) == SignatureCheck::Good
    };
    let cas = || evidence.neighbours.iter().filter(|it| it.certificate.is_ca());
    let mut below: Vec<&Certificate> = evidence.chain.iter().map(|it| &it.certificate).collect();
    for _ in 0..MAX_DEPTH {
        let above: Vec<_> = cas().filter(|ca| below.iter().any(|child| issued(&ca.certificate, child))).collect();
        let mut roots: Vec<_> = above.iter().filter(|it| it.certificate.is_self_signed()).collect();
        roots.sort_by_key(|it| !is_current(&it.certificate, question));
        if let Some(root) = roots.first() {
            return root.file.as_deref();
        }
        below = above.into_iter().map(|it| &it.certificate).take(MAX_FOLLOWED).collect();
    }
    None
}

/// Nothing can be made of the file: it has to be copied again, or made anew.
fn again(finding: &Finding, evidence: &Evidence, question: &Question) -> String {
    let file = finding.evidence.get("file").and_then(|file| file.as_str()).unwrap_or("the file");
    let leaf = super::path::leaf_index(evidence).map(|index| &evidence.chain[index].certificate);
    let instead = match file.starts_with("/dev/") {
        true => format!("{file} is a device, of which there is no other copy: name the file that was meant"),
        false => format!("copy {file} again from where it came, whole"),
    };
    if finding.evidence.get("given_as").is_some_and(|flag| flag == Role::Crl.flag()) {
        return format!(
            "# {instead}, or get the CA's list of now (of a store: pki crl); whether all else is in order:\n{}",
            ask(&without_lists(&evidence.situation), question, None, None, None)
        );
    }
    format!("# {instead}; if it is gone, issue anew:\n{}", replace(question, &evidence.situation, leaf))
}
