//! Faults of files, as findings.

use crate::facts::{Fault, escape};

use super::fix::quote;
use super::{Code, Finding, Severity};

/// What a file was given as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// What the server sends, leaf first.
    Chain,
    /// The CA file.
    Trust,
    /// Intermediates that may help.
    Untrusted,
    /// The leaf's private key.
    Key,
    /// A revocation list.
    Crl,
}

impl Role {
    /// The option of `pki diagnose` that takes it.
    pub fn flag(self) -> &'static str {
        match self {
            Role::Chain => "--chain",
            Role::Trust => "--trust",
            Role::Untrusted => "--untrusted",
            Role::Key => "--key",
            Role::Crl => "--crl",
        }
    }

    /// What belongs into it.
    pub fn expected(self) -> &'static str {
        match self {
            Role::Chain => "a certificate, and the CAs above it",
            Role::Trust => "the root's certificate",
            Role::Untrusted => "certificates",
            Role::Key => "a private key",
            Role::Crl => "a revocation list",
        }
    }
}

/// Why a file's bytes could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileError {
    /// No such file.
    Missing,
    /// A folder.
    Directory,
    /// No permission.
    Denied,
    /// Longer than [`crate::facts::MAX_INPUT_BYTES`].
    TooLarge,
    /// Something else, in the system's words.
    Other(String),
}

/// A file that could not be read at all.
pub(crate) fn unreadable(role: Role, file: &str, error: &FileError) -> Finding {
    let (shown, expected) = (escape(file), role.expected());
    let list = format!("ls -la {}", quote(parent(file)));
    let (code, message, fix) = match error {
        FileError::Missing => (Code::FileMissing, format!("{shown} does not exist: expected {expected} there"), list),
        FileError::Directory => (
            Code::FileIsDirectory,
            format!(
                "{shown} is a folder: expected a file with {expected} (a container makes a folder where a mounted file is missing)"
            ),
            format!("ls -la {}", quote(file)),
        ),
        FileError::Denied => (
            Code::FileUnreadable,
            format!("{shown} may not be read by this user: expected {expected}"),
            format!("ls -la {0}\nsudo chown \"$(id -un)\" {0}", quote(file)),
        ),
        FileError::TooLarge => (
            Code::FileUnreadable,
            format!("{shown} is larger than {} MiB: expected {expected}", crate::facts::MAX_INPUT_BYTES >> 20),
            format!("ls -la {}", quote(file)),
        ),
        FileError::Other(why) => (Code::FileUnreadable, format!("{shown} cannot be read: {}", escape(why)), list),
    };
    Finding::new(code, message).shown_by("file", shown).shown_by("given_as", role.flag()).mended_by(fix)
}

fn parent(file: &str) -> &str {
    match file.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => ".",
    }
}

/// One fault of a file's form. `readable`: something could be made out in spite of it.
pub(crate) fn fault(role: Role, file: &str, fault: &Fault, readable: bool) -> Finding {
    let (code, what) = describe(fault);
    let shown = escape(file);
    let finding =
        Finding::new(code, format!("{shown} {what}")).shown_by("file", shown).shown_by("given_as", role.flag());
    let finding = match line_of(fault) {
        Some(line) => finding.shown_by("line", line),
        None => finding,
    };
    let finding = if readable { finding } else { finding.graded(Severity::Error) };
    finding.mended_by(mend(role, file, fault))
}

fn describe(fault: &Fault) -> (Code, String) {
    match fault {
        Fault::Empty => (Code::FileEmpty, "is empty".into()),
        Fault::NothingFound(start) => {
            (Code::FileBadBoundary, format!("holds no PEM block and no DER: it begins with `{start}`"))
        }
        Fault::ByteOrderMark => {
            (Code::FileHasBom, "begins with a byte order mark, so that OpenSSL does not see its first line".into())
        }
        Fault::Utf16 => (Code::FileIsUtf16, "is UTF-16 text: expected ASCII".into()),
        Fault::Der => (Code::FileIsDer, "is DER: most programs expect PEM".into()),
        Fault::TruncatedDer { expected, found } => {
            (Code::FileTruncated, format!("is cut off: expected {expected} octets, found {found}"))
        }
        Fault::Pkcs12 => (Code::FileIsPkcs12, "is a PKCS#12 file: expected PEM".into()),
        Fault::Jks => (Code::FileIsJks, "is a Java key store: expected PEM".into()),
        Fault::MissingEnd { line, label } => {
            (Code::FileTruncated, format!("is cut off: `BEGIN {label}` in line {line} has no END"))
        }
        Fault::BadBoundary { line, text } => (
            Code::FileBadBoundary,
            format!("has a damaged boundary in line {line}: `{text}` (expected five dashes on each side)"),
        ),
        Fault::BadBase64 { line, column, character } => {
            (Code::FileBadBase64, format!("has `{character}` in line {line}, column {column}, which is not base64"))
        }
        Fault::CutBase64 { line } => {
            (Code::FileTruncated, format!("has a block in line {line} whose base64 lacks characters"))
        }
        Fault::JoinedBlocks { line } => (
            Code::FileJoinedBlocks,
            format!("has two blocks run together in line {line}: expected a line feed between them"),
        ),
        Fault::EscapedNewlines => (Code::FileEscapedNewlines, "has `\\n` written out in place of line feeds".into()),
        Fault::OneLine { line } => {
            (Code::FileOneLine, format!("has a whole block in line {line}: expected lines of 64 characters"))
        }
        Fault::Indented { line } => (Code::FileIndented, format!("has indented lines, from line {line} on")),
        Fault::CarriageReturns => (Code::FileCrlf, "has line ends of CR LF".into()),
        Fault::SurroundingText { line } => {
            (Code::FileHasText, format!("has text around its blocks, from line {line} on"))
        }
        Fault::TooMany => (Code::PathBudgetExceeded, format!("holds more than {} blocks", crate::facts::MAX_BLOCKS)),
    }
}

fn line_of(fault: &Fault) -> Option<usize> {
    match fault {
        Fault::MissingEnd { line, .. }
        | Fault::BadBoundary { line, .. }
        | Fault::BadBase64 { line, .. }
        | Fault::CutBase64 { line }
        | Fault::JoinedBlocks { line }
        | Fault::OneLine { line }
        | Fault::Indented { line }
        | Fault::SurroundingText { line } => Some(*line),
        _ => None,
    }
}

/// What can be read is written anew by `--repair`; the rest has to be fetched again from where it came.
fn mend(role: Role, file: &str, fault: &Fault) -> String {
    let word = quote(file);
    match fault {
        Fault::Pkcs12 => format!(
            "openssl pkcs12 -in {word} -nokeys -out certificates.pem\nopenssl pkcs12 -in {word} -nocerts -noenc -out key.pem"
        ),
        Fault::Jks => {
            format!("keytool -importkeystore -srckeystore {word} -destkeystore store.p12 -deststoretype pkcs12")
        }
        Fault::Empty
        | Fault::NothingFound(_)
        | Fault::TruncatedDer { .. }
        | Fault::MissingEnd { .. }
        | Fault::BadBase64 { .. }
        | Fault::CutBase64 { .. } => {
            format!("# copy the file again from where it came, whole; then:\npki inspect {word}")
        }
        Fault::BadBoundary { line, .. } => {
            format!(
                "sed -i -E '{line}s/^-*(BEGIN|END) ?([A-Z0-9 ]*[A-Z0-9]) ?-*$/-----\\1 \\2-----/' {word}\npki inspect {word}"
            )
        }
        _ => format!("pki diagnose {} {word} --repair mended", role.flag()),
    }
}
