//! `pki verify chain`: valid or not, a line a file.

use std::path::{Path, PathBuf};

use ca_store::explain::{self, Evidence, PeerName, Question, Report, Verdict};
use ca_store::facts::escape;
use ca_store::finding::{Code, Finding, Role, quote_file};
use serde::Serialize;
use time::OffsetDateTime;

use super::flags::{AskedProfile, AskedPurpose};
use crate::evidence::{self, OwnStore, Trust};
use crate::exit::Exit;
use crate::output::Output;
use crate::render::named;
use crate::report_file;

/// Verify a chain of certificates: valid or not, and why
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Build and validate the path of each file (RFC 5280), with rustls's own verdict beside ours
    #[command(
        after_help = "Examples:\n  pki verify chain fullchain.pem --dns chat.example.test\n  pki verify chain leaf.pem --untrusted intermediate.pem --trust root.pem --purpose client --json"
    )]
    Chain(Box<ChainArgs>),
}

/// The chains and the question.
#[derive(Debug, clap::Args)]
pub(crate) struct ChainArgs {
    /// A leaf, or a whole chain with the leaf first
    #[arg(value_name = "LEAF_OR_CHAIN", required = true)]
    files: Vec<PathBuf>,
    /// A CA file; repeatable [default: the store's root]
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// Certificates that may help to build the path; repeatable
    #[arg(long, value_name = "FILE")]
    untrusted: Vec<PathBuf>,
    /// A file of revocation lists; repeatable
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// A DNS name that the leaf must cover; repeatable
    #[arg(long, value_name = "NAME")]
    dns: Vec<String>,
    /// An address that the leaf must cover; repeatable
    #[arg(long, value_name = "ADDRESS")]
    ip: Vec<std::net::IpAddr>,
    /// A mailbox that the leaf must cover; repeatable
    #[arg(long, value_name = "MAILBOX")]
    email: Vec<String>,
    /// What the leaf is to be used for
    #[arg(long, value_name = "PURPOSE", default_value = "server")]
    purpose: AskedPurpose,
    /// Judges as of this time (RFC 3339) [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = super::rfc3339)]
    at: Option<OffsetDateTime>,
    /// The most intermediates that are followed, self-issued ones not counted [default: no bound but that of a path, 102 certificates]
    #[arg(long, value_name = "N")]
    max_depth: Option<usize>,
    /// Whose rules decide
    #[arg(long, value_name = "PROFILE", default_value = "private")]
    profile: AskedProfile,
    /// Leaves rustls's verdict out
    #[arg(long)]
    no_compare: bool,
    #[command(flatten)]
    report: report_file::ReportFiles,
}

/// Answers for each file in turn, a line each.
///
/// # Errors
/// Where the answer cannot be written. A file that cannot be read is a finding, and an exit status of its own.
pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    let What::Chain(args) = &args.what;
    if let Err(message) = args.report.check_for(args.files.len(), out) {
        return Ok(super::misused(&message, out));
    }
    let question = question(args, OffsetDateTime::now_utc());
    let evidence = common(args, store);
    match &args.files[..] {
        [file] => one(file, &judged(file, args, store, evidence, &question), args, out),
        _ => several(args, store, evidence, &question, out),
    }
}

/// The report on the only file; where there is something to mend, with a look at what lies around.
fn judged(file: &Path, args: &ChainArgs, store: &Path, mut evidence: Evidence, question: &Question) -> Report {
    evidence::add(&mut evidence, Role::Chain, file);
    OwnStore::of(&trust(args, store)).add_to(&mut evidence);
    let report = explain::diagnose(&evidence, question);
    if evidence::is_in_order(&report) {
        return report;
    }
    let given: Vec<&Path> = args.files.iter().chain(&args.trust).chain(&args.untrusted).map(PathBuf::as_path).collect();
    evidence::add_neighbours(&mut evidence, &given);
    evidence::look_around(&mut evidence, &report, &question.names, store);
    let mut report = explain::diagnose(&evidence, question);
    as_typed(&mut report, file);
    named::report(&mut report, store);
    report
}

/// A line a file, and the worst exit status.
fn several(
    args: &ChainArgs,
    store: &Path,
    mut evidence: Evidence,
    question: &Question,
    out: Output,
) -> anyhow::Result<Exit> {
    let own = OwnStore::of(&trust(args, store));
    let shared = evidence.observed.len();
    let mut exit = Exit::Done;
    let mut lines = out.buffered();
    for file in &args.files {
        evidence::add(&mut evidence, Role::Chain, file);
        own.add_to(&mut evidence);
        let name = escape(&file.to_string_lossy());
        exit = exit.max(if out.json {
            let mut report = explain::diagnose(&evidence, question);
            as_typed(&mut report, file);
            named::report(&mut report, store);
            let exit = exit_of(report.verdict, report.has_unreadable_input());
            lines.json(&OfFile { file: name, report: &report })?;
            exit
        } else {
            let (verdict, cause) = explain::judge(&evidence, question);
            let unreadable = evidence.observed.iter().any(Finding::is_unreadable_input);
            lines.line(&summary(&name, verdict, cause.as_ref()))?;
            exit_of(verdict, unreadable)
        });
        evidence.next_chain(shared);
    }
    lines.end()?;
    Ok(exit)
}

/// The file is no option's here, and one that is not there has most likely another name.
fn as_typed(report: &mut Report, file: &Path) {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for finding in report.cause.iter_mut().chain(&mut report.findings) {
        let given_as = finding.evidence.get_mut("given_as").filter(|it| **it == Role::Chain.flag());
        let Some(given_as) = given_as else { continue };
        *given_as = "LEAF_OR_CHAIN".into();
        if finding.code == Code::FileMissing {
            finding.fix = format!(
                "# see which files are there, and give the right one:\nls -l {}\npki verify chain FILE",
                quote_file(&folder.to_string_lossy())
            );
        }
    }
}

/// One file gets the whole report.
fn one(file: &Path, report: &Report, args: &ChainArgs, out: Output) -> anyhow::Result<Exit> {
    if out.json {
        args.report.write(report, out)?;
        out.json(&OfFile { file: escape(&file.to_string_lossy()), report })?;
    } else {
        super::show(report, &args.report, out)?;
    }
    Ok(exit_of(report.verdict, report.has_unreadable_input()))
}

fn exit_of(verdict: Verdict, unreadable: bool) -> Exit {
    match verdict {
        Verdict::Valid => Exit::Done,
        Verdict::Invalid if unreadable => Exit::Input,
        Verdict::Invalid => Exit::Bad,
    }
}

/// A line of several.
fn summary(name: &str, verdict: Verdict, cause: Option<&Finding>) -> String {
    let verdict = if verdict == Verdict::Valid { "valid" } else { "invalid" };
    match cause {
        Some(cause) => format!("{name}: {verdict}: {}: {}", cause.code, cause.message),
        None => format!("{name}: {verdict}"),
    }
}

/// A report with the file that it is about.
#[derive(Serialize)]
struct OfFile<'a> {
    file: String,
    #[serde(flatten)]
    report: &'a Report,
}

fn trust<'a>(args: &'a ChainArgs, store: &'a Path) -> Trust<'a> {
    Trust { files: &args.trust, system: false, store, at: args.at }
}

/// What all chains share is read once.
fn common(args: &ChainArgs, store: &Path) -> Evidence {
    let mut evidence = Evidence::default();
    evidence.situation.at = args.at;
    trust(args, store).add_to(&mut evidence);
    for (role, files) in [(Role::Untrusted, &args.untrusted), (Role::Crl, &args.crl)] {
        files.iter().for_each(|file| evidence::add(&mut evidence, role, file));
    }
    evidence
}

fn question(args: &ChainArgs, now: OffsetDateTime) -> Question {
    let names = args.dns.iter().cloned().map(PeerName::Dns);
    let names =
        names.chain(args.ip.iter().copied().map(PeerName::Ip)).chain(args.email.iter().cloned().map(PeerName::Email));
    Question {
        at: args.at.unwrap_or(now),
        purpose: args.purpose.into(),
        names: names.collect(),
        profile: args.profile.into(),
        machine_now: None,
        max_depth: args.max_depth,
        compare: !args.no_compare,
    }
}
