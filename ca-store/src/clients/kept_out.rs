//! Which clients a CA file keeps out by its form, and how.

use crate::explain::{Case, End, Evidence, Path, Purpose, Question};
use crate::finding::{Code, Finding};

use super::reader::{Read, Stop};
use super::{CLIENTS, ca_file, words};

/// What takes a CA for an anchor that is no root (X509_V_FLAG_PARTIAL_CHAIN, RFC 5280 section 6.1.1 (d)); OpenSSL's other users ask for the
/// root.
const WANT_ROOT: [&str; 4] = ["openssl", "openssl-strict", "python-3.11", "node"];
/// DER of id-kp-serverAuth and id-kp-clientAuth, as the content of an OBJECT IDENTIFIER.
const SERVER: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";
const CLIENT: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";

/// How a CA file keeps a client out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// The client stops at it.
    Stops(Stop),
    /// It reads the file, and does not see the anchor in it.
    Misses,
    /// OpenSSL's settings behind the certificate refuse this use.
    Rejects,
}

/// The clients that the CA files keep out, of all whose readers are known.
#[derive(Debug)]
pub(crate) struct KeptOut {
    /// In the order of [`CLIENTS`].
    by_client: Vec<Option<How>>,
    file: String,
}

impl KeptOut {
    /// None where the CA files are as they should be, or nobody reads them alone. Without a path to an anchor only what clients stop at is
    /// known.
    pub(crate) fn of(evidence: &Evidence, question: &Question, path: Option<&Path<'_>>) -> Option<KeptOut> {
        let (files, situation) = (&evidence.ca_files, &evidence.situation);
        let is_typed = files.iter().map(|it| &it.name).eq(&situation.trust_files);
        let faulty = files.iter().find(|it| it.readings.is_some());
        let file = faulty.filter(|_| is_typed)?.name.clone();
        let path = path.filter(|path| path.end == End::Anchored);
        let usage = if question.purpose == Purpose::Client { CLIENT } else { SERVER };
        let by_client = CLIENTS.iter().map(|client| how(client, evidence, usage, path)).collect();
        Some(KeptOut { by_client, file: crate::facts::escape(&file) })
    }

    /// As [`KeptOut::of`], of a case.
    pub(crate) fn of_case(case: &Case<'_>) -> Option<KeptOut> {
        KeptOut::of(case.evidence, case.question, Some(case.path))
    }

    /// How many of the clients are kept out, and of how many.
    pub(crate) fn count(&self) -> (usize, usize) {
        (self.by_client.iter().flatten().count(), self.by_client.len())
    }

    /// Whether OpenSSL's settings behind a certificate refuse its use.
    pub(crate) fn by_settings(&self) -> bool {
        self.by_client.contains(&Some(How::Rejects))
    }

    /// What the client in this column prints, where it is kept out.
    pub(super) fn says(&self, column: usize, question: &Question) -> Option<String> {
        let client = CLIENTS.get(column)?;
        let unknown = || words::says(client, &Finding::new(Code::RootNotTrusted, ""), question, None);
        Some(match (*self.by_client.get(column)?)? {
            How::Stops(stop) => ca_file::stopped(client, stop, &self.file).unwrap_or_else(unknown),
            How::Misses => unknown(),
            How::Rejects => ca_file::rejected(client).unwrap_or_else(unknown),
        })
    }
}

fn how(client: &str, evidence: &Evidence, usage: &[u8], path: Option<&Path<'_>>) -> Option<How> {
    let mut read: Vec<&Read> = Vec::new();
    for readings in evidence.ca_files.iter().filter_map(|file| file.readings.as_ref()) {
        match readings.by(client)? {
            Ok(certificates) => read.extend(certificates),
            Err(stop) => return Some(How::Stops(*stop)),
        }
    }
    path.and_then(|path| misses(path, &read, evidence, usage, !WANT_ROOT.contains(&client)))
}

/// From the leaf's issuer up to the anchor: the first that decides.
fn misses(path: &Path<'_>, read: &[&Read], evidence: &Evidence, usage: &[u8], any_ca: bool) -> Option<How> {
    let top = path.steps.len() - 1;
    for (index, presented) in path.certificates().filter(|(index, _)| *index > 0 || top == 0) {
        let der = presented.certificate.der();
        let found = read.iter().find(|it| it.der == der);
        match found.and_then(|it| it.settings.as_ref()?.decide(usage)) {
            Some(true) => return None,
            Some(false) => return Some(How::Rejects),
            None if index < top && !any_ca => {}
            None if found.is_some() || is_sound(der, evidence) => return None,
            None => {}
        }
    }
    Some(How::Misses)
}

/// Whether a CA file that everybody reads has it, or the system's store.
fn is_sound(der: &[u8], evidence: &Evidence) -> bool {
    let faulty =
        |name: Option<&str>| evidence.ca_files.iter().any(|it| Some(&*it.name) == name && it.readings.is_some());
    evidence.trust.iter().any(|it| it.certificate.der() == der && !faulty(it.file.as_deref()))
}
