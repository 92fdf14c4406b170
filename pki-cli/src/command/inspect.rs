//! `pki inspect`: what a file or a live endpoint holds, what people look for first.

use std::path::{Path, PathBuf};

use anyhow::bail;
use ca_store::container;
use ca_store::explain::{Evidence, PeerName};
use ca_store::facts::{
    Block, BlockKind, Certificate, CertificateRequest, Crl, Input, PrivateKey, PrivateKeyError, escape,
};
use ca_store::finding::{Code, Finding, Role, Severity, quote};
use ca_store::handshake::{self, Asked, ProbeOptions, Survey};
use ca_store::key::Passphrase;
use ca_store::store::named;
use rustls::pki_types::ServerName;
use time::OffsetDateTime;

use crate::endpoint::Endpoint;
use crate::evidence;
use crate::exit::Exit;
use crate::output::Output;
use crate::render::card::{self, Card};

/// Show what is in a certificate, chain, request, revocation list or key, PEM or DER, or what a server sends.
///
/// PKCS#7 bundles, PKCS#12 files and Java key stores are opened, with the empty passphrase or the one that is given.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  pki inspect fullchain.pem\n  pki inspect request.csr privkey.pem --json\n  pki inspect server.p12 --passphrase-file passphrase.txt\n  pki inspect chat.example.test:6697"
)]
pub(crate) struct Args {
    /// Files, or live endpoints
    #[arg(value_name = "FILE|HOST:PORT", required = true)]
    inputs: Vec<String>,
    /// A file whose first line opens PKCS#12 files, Java key stores and encrypted keys
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// Shows each input in turn.
///
/// # Errors
/// Where the passphrase file cannot be read or the result cannot be written. An input that cannot be read is told, and the others are shown all the same.
pub(crate) fn run(args: &Args, store: Option<&Path>, out: Output) -> anyhow::Result<Exit> {
    let now = OffsetDateTime::now_utc();
    let passphrase = args.passphrase_file.as_deref().map(Passphrase::from_file).transpose()?;
    let mut cards = Vec::new();
    let mut exit = Exit::Done;
    for input in &args.inputs {
        match look(input, passphrase.as_ref(), now, out) {
            Ok(found) => cards.extend(found),
            Err(problem) => {
                out.note(&format!("pki: {}", problem.text));
                problem
                    .is_missing
                    .then(|| shown_by_name(input, store))
                    .flatten()
                    .iter()
                    .for_each(|line| out.note(line));
                exit = problem.exit;
            }
        }
    }
    if out.json {
        out.json(&cards)?;
    } else {
        out.text(&card::text(&cards, out.colour()))?;
    }
    Ok(exit)
}

/// Why an input could not be shown.
struct Problem {
    text: String,
    exit: Exit,
    /// There is no file of that name.
    is_missing: bool,
}

impl Problem {
    fn new(text: String, exit: Exit) -> Problem {
        Problem { text, exit, is_missing: false }
    }

    fn of(finding: &Finding, exit: Exit) -> Problem {
        let fix: String = finding.fix.lines().map(|line| format!("\n  {line}")).collect();
        let text = format!("{}: {}{fix}", finding.code, finding.message);
        Problem { text, exit, is_missing: finding.code == Code::FileMissing }
    }

    /// A file that stays locked is opened by the same command with a passphrase.
    fn closed(finding: &Finding, name: &str) -> Problem {
        let fix = match finding.evidence.contains_key("passphrase") {
            true => format!("\n  pki inspect {} --passphrase-file passphrase.txt", quote(name)),
            false => String::new(),
        };
        Problem::new(format!("{}: {}{fix}", finding.code, finding.message), Exit::Input)
    }
}

/// What is no path may be the name of a certificate, which the store shows.
fn shown_by_name(input: &str, store: Option<&Path>) -> Option<String> {
    let is_name = !input.contains(std::path::MAIN_SEPARATOR);
    let command = format!("pki show {}", quote(input));
    let command = store.map_or_else(|| command.clone(), |store| named::command(&command, store));
    is_name.then(|| format!("a certificate of the store is shown by\n  {command}"))
}

/// A file where there is one of that name, else an endpoint.
fn look(input: &str, passphrase: Option<&Passphrase>, now: OffsetDateTime, out: Output) -> Result<Vec<Card>, Problem> {
    match input.parse::<Endpoint>() {
        Ok(endpoint) if !Path::new(input).exists() => from_endpoint(&endpoint, now),
        _ => from_file(&PathBuf::from(input), passphrase, now, out),
    }
}

fn from_endpoint(endpoint: &Endpoint, now: OffsetDateTime) -> Result<Vec<Card>, Problem> {
    let host = ServerName::try_from(endpoint.host.clone())
        .unwrap_or_else(|_| ServerName::IpAddress(std::net::IpAddr::from([127, 0, 0, 1]).into()));
    let observation = handshake::probe(&ProbeOptions::new(&endpoint.host, endpoint.port, host));
    let source = endpoint.to_string();
    if observation.chain.is_empty() {
        let failure = handshake::failure(&Survey::of(observation), Asked { endpoint: &source, name: None, flags: "" });
        return Err(failure.map_or_else(
            || Problem::new(format!("{source} sent no certificate"), Exit::Network),
            |finding| Problem::of(&finding, Exit::Network),
        ));
    }
    let chain = observation.chain.iter().enumerate().map(|(index, der)| {
        let source = format!("{source}, certificate {}", index + 1);
        match Certificate::from_der(der) {
            Ok(certificate) => card::certificate(&certificate, &source, now),
            Err(error) => card::unreadable(&source, &error.to_string()),
        }
    });
    let session = card::session(&observation, &source, &PeerName::to_string(&endpoint.peer_name()));
    Ok([session].into_iter().chain(chain).collect())
}

fn from_file(
    path: &Path,
    passphrase: Option<&Passphrase>,
    now: OffsetDateTime,
    out: Output,
) -> Result<Vec<Card>, Problem> {
    let name = path.to_string_lossy();
    let bytes = match evidence::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return Err(Problem::of(&evidence::unreadable(path, error), Exit::Input)),
    };
    let input = container::open(Input::read(&bytes), passphrase);
    faults(&name, &bytes, &input, passphrase, out)?;
    let shown = escape(&name);
    let cards = input
        .blocks
        .iter()
        .enumerate()
        .map(|(index, block)| of_block(block, &place(&shown, index, block, &input), now));
    Ok(cards.collect())
}

/// Where in the file a block stands.
fn place(file: &str, index: usize, block: &Block, input: &Input) -> String {
    match (input.blocks.len(), block.line) {
        (1, _) => file.to_owned(),
        (_, line) => format!("{file}, block {} (line {line})", index + 1),
    }
}

/// What is wrong with the file's form is told beside what it holds; a file that holds nothing is refused.
fn faults(
    name: &str,
    bytes: &[u8],
    input: &Input,
    passphrase: Option<&Passphrase>,
    out: Output,
) -> Result<(), Problem> {
    let mut evidence = Evidence { passphrase: passphrase.cloned(), ..Evidence::default() };
    evidence.add_file(role(input), name, Ok(bytes));
    let form = evidence.observed.iter().filter(|finding| finding.evidence.contains_key("given_as"));
    for finding in form {
        let closed = input.blocks.is_empty() || input.blocks.iter().all(is_closed);
        if closed && finding.severity == Severity::Error {
            return Err(Problem::closed(finding, name));
        }
        if finding.severity != Severity::Note && !only_another_form(finding.code) {
            out.note(&format!("pki: {}: {}", finding.code, finding.message));
        }
    }
    if input.blocks.is_empty() {
        let text = format!("{} holds nothing that can be shown: expected PEM or DER", escape(name));
        return Err(Problem::new(text, Exit::Input));
    }
    Ok(())
}

/// Whether nothing of it can be shown before it is opened.
fn is_closed(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Pkcs7 | BlockKind::Pkcs12 | BlockKind::JavaKeyStore | BlockKind::EncryptedKey)
}

/// A server may want another form; to look at, all are alike.
fn only_another_form(code: Code) -> bool {
    matches!(
        code,
        Code::FileIsDer
            | Code::FileIsPkcs7
            | Code::FileIsPkcs12
            | Code::FileIsJks
            | Code::KeyMissing
            | Code::KeyEncrypted
            | Code::FileIsPublicKey
            | Code::FileIsCsr
    )
}

/// What the file seems to be for, by its first block.
fn role(input: &Input) -> Role {
    match input.blocks.first().map(|block| block.kind) {
        Some(BlockKind::PrivateKey | BlockKind::EncryptedKey) => Role::Key,
        Some(BlockKind::Crl) => Role::Crl,
        _ => Role::Chain,
    }
}

fn of_block(block: &Block, source: &str, now: OffsetDateTime) -> Card {
    read_block(block, source, now).unwrap_or_else(|error| card::unreadable(source, &error.to_string()))
}

fn read_block(block: &Block, source: &str, now: OffsetDateTime) -> anyhow::Result<Card> {
    Ok(match block.kind {
        BlockKind::Certificate => card::certificate(&Certificate::from_der(&block.der)?, source, now),
        BlockKind::CertificateRequest => card::request(&CertificateRequest::from_der(&block.der)?, source),
        BlockKind::Crl => card::crl(&Crl::from_der(&block.der)?, source, now),
        BlockKind::PrivateKey => {
            card::private_key(PrivateKey::form(&block.der), &PrivateKey::from_der(&block.der)?, source)
        }
        BlockKind::EncryptedKey => bail!("{}", PrivateKeyError::Encrypted),
        BlockKind::PublicKey => card::public_key(&block.der, source),
        BlockKind::Pkcs7 => bail!("a PKCS#7 bundle that cannot be read here"),
        BlockKind::Pkcs12 => bail!("a PKCS#12 file that cannot be opened here"),
        BlockKind::JavaKeyStore => bail!("a Java key store that cannot be opened here"),
        BlockKind::OpenSshKey => bail!("an OpenSSH key, which is no TLS key"),
        BlockKind::Other if block.label.is_empty() => bail!("DER that is nothing of a PKI, or damaged"),
        BlockKind::Other => bail!("a block of {}, which is nothing to look at here", block.label),
    })
}
