//! Faults of files, as findings.

mod wrapped;

use crate::facts::{Damage, Fault, Indent, Lock, escape};

use super::fix::quote_file;
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

/// A file that could not be read at all. What to type depends on the whole question: [`crate::explain`] adds it.
pub(crate) fn unreadable(role: Role, file: &str, error: &FileError) -> Finding {
    let (shown, expected) = (escape(file), role.expected());
    let (code, message) = match error {
        FileError::Missing => (Code::FileMissing, format!("{shown} does not exist: expected {expected} there")),
        FileError::Directory => (
            Code::FileIsDirectory,
            format!(
                "{shown} is a folder: expected a file with {expected} (a container makes a folder where a mounted file is missing)"
            ),
        ),
        FileError::Denied => {
            (Code::FileUnreadable, format!("{shown} may not be read by this user: expected {expected}"))
        }
        FileError::TooLarge => (
            Code::FileUnreadable,
            format!("{shown} is larger than {} MiB: expected {expected}", crate::facts::MAX_INPUT_BYTES >> 20),
        ),
        FileError::Other(why) => (Code::FileUnreadable, format!("{shown} cannot be read: {}", escape(why))),
    };
    let finding = Finding::new(code, message).shown_by("file", shown).shown_by("given_as", role.flag());
    match error {
        FileError::Denied => {
            finding.mended_by(format!("sudo chown \"$(id -un)\" {0} && chmod u+r {0}", quote_file(file)))
        }
        _ => finding,
    }
}

/// One fault of a file's form. `readable`: something of the right kind could be made out in spite of it.
pub(crate) fn fault(role: Role, file: &str, fault: &Fault, readable: bool) -> Finding {
    let told = describe(fault);
    let shown = escape(file);
    let mut finding = Finding::new(told.code, format!("{shown} {}", told.what))
        .shown_by("file", shown)
        .shown_by("given_as", role.flag());
    if let Some(line) = line_of(fault) {
        finding = finding.shown_by("line", line);
    }
    if let Some(column) = column_of(fault) {
        finding = finding.shown_by("column", column);
    }
    for (name, value) in told.evidence {
        finding = finding.shown_by(name, value);
    }
    // How many it stands for besides its own.
    if let Fault::More { count: count @ 2.., .. } = fault {
        finding = finding.shown_by("more", count - 1);
    }
    // Some clients pass over a damaged block behind a good one.
    if readable && of_one_block(fault) {
        finding = finding.shown_by("others", "readable");
    }
    match (readable, told.severity) {
        (false, _) => finding.graded(Severity::Error),
        (true, _) if stops_a_server(role, fault) => finding.graded(Severity::Error),
        // Of the clients' readers GnuTLS's alone minds it, and of servers' none.
        (true, _) if role != Role::Trust && matches!(fault, Fault::CommentedOut { .. }) => {
            finding.graded(Severity::Note)
        }
        (true, Some(severity)) => finding.graded(severity),
        (true, None) => finding,
    }
}

/// No server's reader of PEM (OpenSSL, Go, rustls) takes these forms, in whatever way clients read their CA files; of a key, some
/// take DER.
fn stops_a_server(role: Role, fault: &Fault) -> bool {
    match fault {
        Fault::Der => role == Role::Chain,
        Fault::Indented { what: Indent::Base64, .. } => false,
        Fault::OneLine { .. } | Fault::OldLineEnds { .. } | Fault::Indented { .. } => {
            matches!(role, Role::Chain | Role::Key)
        }
        _ => false,
    }
}

fn of_one_block(fault: &Fault) -> bool {
    match fault {
        Fault::MissingEnd { .. } | Fault::BadBase64 { .. } | Fault::CutBase64 { .. } => true,
        Fault::More { like, .. } => of_one_block(like),
        _ => false,
    }
}

/// How a fault is told.
struct Told {
    code: Code,
    what: String,
    /// Another severity than the code's own.
    severity: Option<Severity>,
    evidence: Vec<(&'static str, String)>,
}

impl Told {
    fn new(code: Code, what: impl Into<String>) -> Told {
        Told { code, what: what.into(), severity: None, evidence: Vec::new() }
    }

    fn graded(self, severity: Severity) -> Told {
        Told { severity: Some(severity), ..self }
    }

    fn shown_by(mut self, name: &'static str, value: impl Into<String>) -> Told {
        self.evidence.push((name, value.into()));
        self
    }
}

fn describe(fault: &Fault) -> Told {
    if let Some(told) = wrapped::describe(fault) {
        return told;
    }
    match fault {
        Fault::More { like, count } => {
            let told = describe(like);
            let what = format!("has {count} more of these: the next one {}", told.what);
            Told { what, ..told }
        }
        Fault::Empty => Told::new(Code::FileEmpty, "is empty"),
        Fault::NothingFound(what) => {
            Told::new(Code::FileIsOther, format!("is neither PEM nor DER: it holds {what}")).shown_by("found", what)
        }
        Fault::NoBoundaries { line } => Told::new(
            Code::FileBadBoundary,
            format!("holds base64 with neither BEGIN nor END around it, from line {line} on"),
        )
        .shown_by("boundary", "none"),
        Fault::TooMany => {
            Told::new(Code::PathBudgetExceeded, format!("holds more than {} blocks", crate::facts::MAX_BLOCKS))
        }
        Fault::Pkcs12(_)
        | Fault::Pkcs7(_)
        | Fault::Jks(_)
        | Fault::LegacyEncryption { .. }
        | Fault::NoPrivateKey
        | Fault::EncryptedKey { .. } => describe_container(fault),
        Fault::MissingEnd { .. }
        | Fault::LabelsDiffer { .. }
        | Fault::BadBoundary { .. }
        | Fault::BadBase64 { .. }
        | Fault::BlankLine { .. }
        | Fault::Unpadded { .. }
        | Fault::Header { .. }
        | Fault::CutBase64 { .. } => describe_block(fault),
        _ => describe_form(fault),
    }
}

/// What concerns the whole file.
fn describe_form(fault: &Fault) -> Told {
    match fault {
        Fault::Utf16 => Told::new(Code::FileIsUtf16, "is UTF-16 text: expected ASCII"),
        Fault::TruncatedDer { expected, found } => {
            Told::new(Code::FileTruncated, format!("is cut off: expected {expected} octets, found {found}"))
                .shown_by("octets", format!("{found} of {expected}"))
        }
        Fault::JoinedBlocks { line } => Told::new(
            Code::FileJoinedBlocks,
            format!("has two blocks run together in line {line}: expected a line feed between them"),
        ),
        Fault::EscapedNewlines { line, column } => Told::new(
            Code::FileEscapedNewlines,
            format!("has `\\n` written out in place of line feeds, from line {line}, column {column} on"),
        ),
        Fault::OneLine { line } => {
            Told::new(Code::FileOneLine, format!("has a whole block in line {line}: expected lines of 64 characters"))
        }
        Fault::OldLineEnds { column } => Told::new(
            Code::FileOneLine,
            format!("is one line: it has carriage returns alone in place of line feeds, from column {column} on"),
        )
        .shown_by("line_ends", "CR"),
        Fault::Indented { line, what: what @ (Indent::Begin | Indent::End) } => {
            Told::new(Code::FileIndented, format!("has indented lines, from line {line} on"))
                .shown_by("indented", if *what == Indent::End { "END" } else { "boundaries" })
        }
        Fault::Indented { line, .. } => Told::new(
            Code::FileIndented,
            format!(
                "has indented base64, from line {line} on; its BEGIN and END lines are not, and so all programs read it"
            ),
        )
        .graded(Severity::Note)
        .shown_by("indented", "base64"),
        Fault::CarriageReturns => Told::new(Code::FileCrlf, "has line ends of CR LF"),
        Fault::SurroundingText { line } => {
            Told::new(Code::FileHasText, format!("has text around its blocks, from line {line} on"))
        }
        Fault::CommentedOut { line } => Told::new(
            Code::FileHasText,
            format!(
                "has a BEGIN in a comment, in line {line}: GnuTLS looks for that word anywhere, and reads nothing of the file; all \
                 others pass over it"
            ),
        )
        .graded(Severity::Warning)
        .shown_by("text", "commented out"),
        _ => Told::new(Code::FileIsDer, "is DER: most programs expect PEM"),
    }
}

/// What concerns one block.
fn describe_block(fault: &Fault) -> Told {
    match fault {
        Fault::MissingEnd { line, label } => {
            Told::new(Code::FileTruncated, format!("is cut off: `BEGIN {label}` in line {line} has no END"))
        }
        Fault::LabelsDiffer { line, begin, end } => {
            let code = if begin.contains("KEY") { Code::KeyWrongLabel } else { Code::FileWrongLabel };
            let what = format!("ends the block of `BEGIN {begin}` with `END {end}` in line {line}");
            Told::new(code, what)
                .graded(Severity::Error)
                .shown_by("begin", begin)
                .shown_by("end", end)
                .shown_by("label_ends", "otherwise")
        }
        Fault::BadBoundary { line, text, damage } => {
            let (expected, shown) = match damage {
                Damage::Dashes => ("expected five dashes on each side", "dashes"),
                Damage::MoreDashes => ("expected five dashes on each side, found more", "too many dashes"),
                Damage::NotAlone => ("expected it alone on its line", "not alone"),
                Damage::TextBehind => ("expected nothing behind it on its line", "text behind"),
                Damage::NoBegin => ("expected a BEGIN line before it", "no BEGIN"),
            };
            Told::new(Code::FileBadBoundary, format!("has a damaged boundary in line {line}: `{text}` ({expected})"))
                .shown_by("boundary", shown)
        }
        Fault::BadBase64 { line, column, character } => {
            let what = format!("has `{character}` in line {line}, column {column}, which is not base64");
            Told::new(Code::FileBadBase64, what).shown_by("character", character)
        }
        Fault::BlankLine { line } => Told::new(
            Code::FileBadBase64,
            format!(
                "has an empty line within the base64, line {line}, where OpenSSL and all that build on it stop: nginx, Python and \
                 Node read nothing from it"
            ),
        )
        .graded(Severity::Warning)
        .shown_by("character", "empty line"),
        Fault::Unpadded { line } => Told::new(
            Code::FileBadBase64,
            format!(
                "lacks the `=` that ends the base64 above line {line}: Java and rustls read it, and hardly anybody else"
            ),
        )
        .shown_by("character", "no padding"),
        Fault::Header { line, column, name } => Told::new(
            Code::FileBadBase64,
            format!(
                "has a header (`{name}:`) in front of the base64, line {line}, column {column}: only encrypted keys have such, and hardly \
                 any program reads the block"
            ),
        )
        .shown_by("character", "header"),
        Fault::CutBase64 { line, end } => {
            let what = format!("has a block from line {line} to line {end} whose base64 lacks characters at its end");
            Told::new(Code::FileTruncated, what)
        }
        _ => Told::new(Code::FileBadBoundary, "has a damaged block"),
    }
}

/// What is evidence of a lock that others open, and nothing here.
pub(crate) const BEYOND: &str = "not tried";

/// What is packed or locked.
fn describe_container(fault: &Fault) -> Told {
    let (code, kind, lock) = match fault {
        Fault::Pkcs7(lock) => (Code::FileIsPkcs7, "a PKCS#7 bundle", lock),
        Fault::Jks(lock) => (Code::FileIsJks, "a Java key store", lock),
        Fault::EncryptedKey { lock, .. } => return describe_key(lock),
        Fault::LegacyEncryption { algorithm, still_read } => return describe_legacy(algorithm, *still_read),
        Fault::Pkcs12(lock) => (Code::FileIsPkcs12, "a PKCS#12 file", lock),
        _ => {
            return Told::new(Code::KeyMissing, "has no private key in it: expected one beside its certificates")
                .shown_by("private_keys", "0");
        }
    };
    match lock {
        Lock::Open => Told::new(code, format!("is {kind}: expected PEM")),
        Lock::NeedsPassphrase => Told::new(code, format!("is {kind}, and needs a passphrase: expected PEM"))
            .shown_by("passphrase", "not given"),
        Lock::WrongPassphrase => {
            Told::new(Code::PasswordWrong, format!("is {kind}, and the passphrase that was given does not open it"))
                .shown_by("passphrase", "does not fit")
        }
        Lock::Unreadable(why) => {
            Told::new(code, format!("is {kind}, and cannot be opened here: {why}")).shown_by("passphrase", BEYOND)
        }
    }
}

fn describe_legacy(algorithm: &str, still_read: bool) -> Told {
    let (what, severity) = if still_read {
        (format!("is encrypted with {algorithm}, which OpenSSL 3 still opens and others give up"), Severity::Note)
    } else {
        (
            format!("is encrypted with {algorithm}, which OpenSSL 3 opens only with its legacy provider (`-legacy`)"),
            Severity::Error,
        )
    };
    Told::new(Code::Pkcs12LegacyEncryption, what).graded(severity).shown_by("algorithm", algorithm)
}

fn describe_key(lock: &Lock) -> Told {
    let told = |what: String| Told::new(Code::KeyEncrypted, what);
    match lock {
        Lock::Open => told(
            "needs a passphrase, and the one that was given opens it: whatever uses it has to be given it too".into(),
        )
        .graded(Severity::Warning)
        .shown_by("passphrase", "fits"),
        Lock::NeedsPassphrase => told("needs a passphrase, which no program that starts by itself can type".into())
            .shown_by("passphrase", "not given"),
        Lock::WrongPassphrase => {
            Told::new(Code::PasswordWrong, "holds a private key that the passphrase does not open")
                .shown_by("passphrase", "does not fit")
        }
        Lock::Unreadable(why) => told(format!("holds an encrypted private key that cannot be opened here: {why}"))
            .shown_by("passphrase", BEYOND),
    }
}

fn column_of(fault: &Fault) -> Option<usize> {
    match fault {
        Fault::BadBase64 { column, .. }
        | Fault::Header { column, .. }
        | Fault::EscapedNewlines { column, .. }
        | Fault::Unseen { column, .. }
        | Fault::Wrapped { column, .. }
        | Fault::OldLineEnds { column } => Some(*column),
        Fault::More { like, .. } => column_of(like),
        _ => None,
    }
}

fn line_of(fault: &Fault) -> Option<usize> {
    match fault {
        Fault::MissingEnd { line, .. }
        | Fault::LabelsDiffer { line, .. }
        | Fault::BadBoundary { line, .. }
        | Fault::BadBase64 { line, .. }
        | Fault::Header { line, .. }
        | Fault::CommentedOut { line }
        | Fault::BlankLine { line }
        | Fault::Unpadded { line }
        | Fault::CutBase64 { line, .. }
        | Fault::JoinedBlocks { line }
        | Fault::OneLine { line }
        | Fault::Indented { line, .. }
        | Fault::EncryptedKey { line, .. }
        | Fault::NoBoundaries { line }
        | Fault::EscapedNewlines { line, .. }
        | Fault::Unseen { line, .. }
        | Fault::Wrapped { line, .. }
        | Fault::ByteOrderMark { line, .. }
        | Fault::SurroundingText { line } => Some(*line),
        Fault::OldLineEnds { .. } => Some(1),
        Fault::More { like, .. } => line_of(like),
        _ => None,
    }
}
