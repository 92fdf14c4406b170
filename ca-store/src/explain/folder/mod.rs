//! A folder of certificates and keys: what each file holds, which belong together, and what to give to which server.
//!
//! ```text
//! FolderFile ─► content ─► pairs: each leaf with its key, chain and root, diagnosed ─► the best ─► settings
//!                  └─► entries: what is in a file and what is to be said of it
//! ```
//!
//! Pure, like everything in [`crate::explain`]: the files' bytes are arguments.

mod content;
mod entry;
mod pair;
mod rank;
mod settings;

use serde::Serialize;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::finding::fix::replace;
use crate::finding::{Code, FileError, Finding, Role, Severity};

use super::{Evidence, KeyFile, PeerName, Presented, Purpose, Question, Report, diagnose, misplaced};
use content::Content;
pub use content::is_named_for_it;
pub use entry::{Entry, Remark};
pub use pair::Pair;
pub use settings::Setting;

/// The most leaves that are judged; a folder of one server has one or two.
pub const MAX_LEAVES: usize = 32;
/// Days before its end at which a certificate is said to end soon: ACME clients renew 30 days ahead.
pub const SOON_DAYS: i64 = 30;

/// A file of the folder.
#[derive(Debug, Clone)]
pub struct FolderFile {
    /// Its name, as it can be typed.
    pub name: String,
    /// Its absolute path, for settings of servers.
    pub path: String,
    /// Its bytes; wiped, as they may hold a key.
    pub content: Result<Zeroizing<Vec<u8>>, FileError>,
    /// Its permissions.
    pub mode: u32,
    /// It is a symbolic link: a name that stays while the file behind it is replaced.
    pub is_link: bool,
}

/// What is asked of a folder.
#[derive(Debug, Clone)]
pub struct FolderQuestion {
    /// The time at which its certificates are judged.
    pub at: OffsetDateTime,
    /// What the machine's own clock says.
    pub machine_now: Option<OffsetDateTime>,
    /// The name that clients ask for; each certificate's own first name where it is not given.
    pub name: Option<PeerName>,
    /// What a set is to be used for; by each certificate's own extended key usage where it is not given.
    pub purpose: Option<Purpose>,
    /// The trust anchors were named: the folder's own roots are not trusted besides.
    pub trust_is_given: bool,
}

/// What is said of the folder besides the report of its best set.
#[derive(Debug, Clone, Serialize)]
pub struct Folder {
    /// Each file, in the order of the names.
    pub files: Vec<Entry>,
    /// Each leaf with what belongs to it, the best first.
    pub pairs: Vec<Pair>,
    /// Why the first of several comes first, and which others cannot be used; empty where there is one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub chosen: String,
    /// What to give to which server or client.
    pub settings: Vec<Setting>,
}

impl Folder {
    /// Whether the set that is reported on can be used by a server or a client as it is: leaf, key and chain without an error.
    pub fn is_usable(&self) -> bool {
        self.pairs.first().is_some_and(Pair::is_usable)
    }
}

/// All that is said of a folder.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The report of the best set.
    pub report: Report,
    /// What that report rests on.
    pub evidence: Evidence,
    /// What is said of the folder.
    pub folder: Folder,
}

/// Looks at all of it. `base` has the trust anchors, the passphrase and what fixes may refer to.
#[must_use]
pub fn survey(files: &[FolderFile], base: &Evidence, question: &FolderQuestion) -> Survey {
    let contents = content::read(files, base.passphrase.as_ref());
    let mut judged = pair::judge(&contents, base, question);
    let pairs: Vec<Pair> = judged.iter().map(|set| set.pair.clone()).collect();
    let chosen = rank::told(&judged);
    let files = entry::entries(&contents, &pairs, question.at);
    let settings = settings::settings(&contents, &judged);
    let (report, evidence) = if judged.is_empty() {
        without_leaf(&contents, base, question)
    } else {
        let best = judged.swap_remove(0);
        (best.report, best.evidence)
    };
    Survey { report, evidence, folder: Folder { files, pairs, chosen, settings } }
}

/// No certificate that a server or client could show: a damaged file may be it, a request stands in its place, or there is none.
fn without_leaf(contents: &[Content<'_>], base: &Evidence, question: &FolderQuestion) -> (Report, Evidence) {
    let asked = match question.purpose {
        Some(Purpose::Client) => Question::client(question.at),
        _ => Question::server(question.name.clone(), question.at),
    };
    let asked = Question { compare: false, machine_now: question.machine_now, ..asked };
    let mut evidence = base.clone();
    if !question.trust_is_given {
        evidence.trust.extend(pair::roots(contents));
    }
    pair::add_neighbours(contents, &mut evidence);
    for content in contents.iter().filter(|content| content.is_damaged()) {
        evidence.add_file(Role::Chain, &content.file.name, content.bytes());
    }
    if !has_error(&evidence) {
        add_request(contents, &mut evidence);
    }
    if !has_error(&evidence) {
        let finding = no_leaf(contents, &evidence, &asked);
        evidence.observed.push(finding);
    }
    (diagnose(&evidence, &asked), evidence)
}

fn has_error(evidence: &Evidence) -> bool {
    evidence.observed.iter().any(|finding| finding.severity == Severity::Error)
}

/// The first request, with its key: it has yet to be signed.
fn add_request(contents: &[Content<'_>], evidence: &mut Evidence) {
    let of_file = |content: &'_ Content<'_>| content.requests.first().map(|request| request.public_key.clone());
    let Some((content, public)) = contents.iter().find_map(|content| Some((content, of_file(content)?))) else {
        return;
    };
    evidence.add_file(Role::Chain, &content.file.name, content.bytes());
    if let Some(key) = contents.iter().find(|content| content.has_key_of(&public)) {
        evidence.add_file(Role::Key, &key.file.name, key.bytes());
    }
}

fn no_leaf(contents: &[Content<'_>], evidence: &Evidence, question: &Question) -> Finding {
    let cas = contents.iter().flat_map(|content| &content.certificates).count();
    let keys = contents.iter().flat_map(|content| &content.keys).count();
    let (code, message) = if cas > 0 {
        (Code::LeafMissing, "the folder holds CAs alone: expected a server's or client's own certificate")
    } else {
        (Code::FileMissing, "the folder holds no certificate: expected a server's or client's own")
    };
    Finding::new(code, message)
        .shown_by("files", contents.len())
        .shown_by("ca_certificates", cas)
        .shown_by("private_keys", keys)
        .mended_by(first_issue(contents, evidence, question))
}

/// A certificate for the one key that waits for it; where there is none or several, one with a key of its own.
fn first_issue(contents: &[Content<'_>], evidence: &Evidence, question: &Question) -> String {
    let is_of_ca = |key: &KeyFile| {
        let public = key.key.public_key.as_ref();
        let known = |it: &Presented| public.is_some_and(|public| public.same_as(&it.certificate.public_key));
        evidence.neighbours.iter().any(known)
    };
    let is_pem = |file: &str| contents.iter().any(|content| content.file.name == file && content.form == "PEM");
    let waiting: Vec<&KeyFile> = evidence.neighbour_keys.iter().filter(|key| !is_of_ca(key)).collect();
    match waiting[..] {
        [key] if is_pem(&key.file) => misplaced::certificate_for(&key.file, evidence, question),
        _ => format!(
            "# put the certificate into the folder; if there is none, issue one:\n{}",
            replace(question, &evidence.situation, None)
        ),
    }
}
