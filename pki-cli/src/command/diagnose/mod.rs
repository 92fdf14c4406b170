//! `pki diagnose`: what is wrong with files or a live endpoint, why, what mends it, and who refuses.

mod client;
mod endpoint;
mod stale;

use std::path::{Path, PathBuf};

use ca_store::explain::folder::FolderQuestion;
use ca_store::explain::{self, Evidence, PeerName, Purpose, Question, Report, Verdict};
use ca_store::facts::escape;
use ca_store::finding::{Code, Finding, Role};
use ca_store::handshake::Starttls;
use time::OffsetDateTime;

use super::flags::{AskedProfile, AskedPurpose};
use crate::clients;
use crate::endpoint::{Endpoint, Target};
use crate::error_text;
use crate::evidence::{self, OwnStore, Trust};
use crate::exit::Exit;
use crate::output::Output;
use crate::render::named;
use crate::repair;
use crate::report_file;

/// Say why a chain, a key or a server is refused, and what mends it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  pki diagnose chat.example.test:6697\n  pki diagnose --chain fullchain.pem --key privkey.pem --trust ca.pem --name chat.example.test\n  pki diagnose /etc/ssl/chat --name chat.example.test\n  pki diagnose mail.example.test:25 --starttls smtp --system-trust\n  pki diagnose chat.example.test:6697 --client-chain client/fullchain.pem --client-key client/privkey.pem\n  pki diagnose --error 'unable to get local issuer certificate'\n  pki diagnose --error - < error.log"
)]
pub(crate) struct Args {
    /// A live endpoint, or a folder of certificates and keys
    #[arg(value_name = "HOST:PORT|FOLDER", required_unless_present_any = ["chain", "key", "trust", "crl", "purpose", "error"])]
    endpoint: Option<Target>,
    /// What the server sends: the leaf first, then its intermediates; with an endpoint, what it should send
    #[arg(long, value_name = "FILE")]
    chain: Option<PathBuf>,
    /// The leaf's private key
    #[arg(long, value_name = "FILE", conflicts_with = "endpoint")]
    key: Option<PathBuf>,
    /// A CA file; repeatable [default: the store's root, unless --system-trust is given]
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// Trusts what this machine's system store trusts
    #[arg(long)]
    system_trust: bool,
    /// Certificates that may help to build the path; repeatable
    #[arg(long, value_name = "FILE")]
    untrusted: Vec<PathBuf>,
    /// A file of revocation lists; repeatable
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// The name that clients ask for, or a client's mailbox; repeatable [default: the endpoint's host]
    #[arg(long, value_name = "HOST_OR_IP", value_parser = peer_name)]
    name: Vec<PeerName>,
    /// What the certificate is to be used for [default: server; in a folder what each is made for]
    #[arg(long, value_name = "PURPOSE")]
    purpose: Option<AskedPurpose>,
    /// The most intermediates that are followed, self-issued ones not counted (nginx: ssl_verify_depth)
    #[arg(long, value_name = "N")]
    max_depth: Option<usize>,
    /// Whose rules decide
    #[arg(long, value_name = "PROFILE", default_value = "private")]
    profile: AskedProfile,
    /// The client certificate to show to the endpoint, with its intermediates
    #[arg(long, value_name = "FILE", requires = "endpoint", requires = "client_key")]
    client_chain: Option<PathBuf>,
    /// Its private key
    #[arg(long, value_name = "FILE", requires = "endpoint", requires = "client_chain")]
    client_key: Option<PathBuf>,
    /// Upgrades the connection to the endpoint from plain text, as this protocol does
    #[arg(long, value_name = "PROTO", requires = "endpoint", value_parser = starttls())]
    starttls: Option<Starttls>,
    /// An application protocol that the client offers to the endpoint (ALPN), such as irc or h2; repeatable
    #[arg(long, value_name = "NAME", requires = "endpoint", value_parser = alpn)]
    alpn: Vec<String>,
    /// The lowest version of TLS that the client speaks [default: 1.2]
    #[arg(long, value_name = "VERSION", requires = "endpoint", value_parser = ["1.2", "1.3"])]
    min_tls: Option<String>,
    /// Judges as of this time (RFC 3339) [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = super::rfc3339)]
    at: Option<OffsetDateTime>,
    /// A file whose first line opens PKCS#12 files, Java key stores and encrypted keys
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The text of an error, or - for a log on standard input: what may be behind it
    #[arg(long, value_name = "TEXT|-", allow_hyphen_values = true)]
    error: Option<String>,
    /// Writes a mended copy of what can be mended into this folder
    #[arg(long, value_name = "DIR")]
    repair: Option<PathBuf>,
    /// Runs the clients that are on this machine on the same files, and compares
    #[arg(long, conflicts_with_all = ["endpoint", "at"])]
    run_clients: bool,
    #[command(flatten)]
    files: report_file::ReportFiles,
}

impl Args {
    fn endpoint(&self) -> Option<&Endpoint> {
        match &self.endpoint {
            Some(Target::Endpoint(endpoint)) => Some(endpoint),
            _ => None,
        }
    }

    /// What asks a live endpoint, or brings evidence of its own, has nothing to say of a folder.
    fn check_folder(&self) -> Result<(), String> {
        let Some(Target::Folder(folder)) = &self.endpoint else { return Ok(()) };
        let given = [
            ("--chain", self.chain.is_some()),
            ("--untrusted", !self.untrusted.is_empty()),
            ("--max-depth", self.max_depth.is_some()),
            ("--profile", self.profile != AskedProfile::Private),
            ("--client-chain", self.client_chain.is_some()),
            ("--starttls", self.starttls.is_some()),
            ("--alpn", !self.alpn.is_empty()),
            ("--min-tls", self.min_tls.is_some()),
            ("--error", self.error.is_some()),
            ("a second --name", self.name.len() > 1),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(format!(
                "{flag} does not go with a folder ({}): leave one of them out",
                escape(&folder.to_string_lossy())
            )),
            None => Ok(()),
        }
    }
}

fn peer_name(text: &str) -> Result<PeerName, String> {
    PeerName::parse(text).map_err(|error| error.to_string())
}

/// The protocols that upgrade, by their names.
fn starttls() -> impl clap::builder::TypedValueParser<Value = Starttls> {
    use clap::builder::TypedValueParser as _;
    let names = clap::builder::PossibleValuesParser::new(Starttls::ALL.map(|(_, name, _)| name));
    names.map(|typed| Starttls::ALL.iter().find(|(_, name, _)| *name == typed).map_or(Starttls::Smtp, |found| found.0))
}

/// RFC 7301 section 3.1: a name has 1 to 255 octets.
fn alpn(text: &str) -> Result<String, String> {
    let fits = (1..=255).contains(&text.len());
    fits.then(|| text.to_owned()).ok_or_else(|| "expected a name of 1 to 255 octets, such as irc".to_owned())
}

/// Gathers the evidence, answers, and writes mended copies where that was asked for.
///
/// # Errors
/// Where standard input cannot be read for `--error -`, or a mended copy or the report cannot be written. Everything else that is wrong is a finding.
pub(crate) fn run(args: &Args, store: &Path, out: Output) -> anyhow::Result<Exit> {
    if let Err(message) = args.files.check(out).and_then(|()| args.check_folder()) {
        return Ok(super::misused(&message, out));
    }
    let question = question(args, OffsetDateTime::now_utc());
    let recognised =
        args.error.as_deref().map(|text| error_text::recognised(text, question.names.first(), out)).transpose()?;
    if let Some(recognised) = recognised.as_ref().filter(|_| !args.has_evidence()) {
        return error_text::show_alone(recognised, &question, &args.files, out);
    }
    let evidence = match &args.endpoint {
        Some(Target::Folder(folder)) => return of_folder(args, folder, store, &question, out),
        Some(Target::Endpoint(endpoint)) => {
            let mut opened = Evidence::default();
            evidence::set_passphrase(&mut opened, args.passphrase_file.as_deref())?;
            let _waits = out.waits_for(&format!("asking {}, for 30 seconds at most …", escape(&endpoint.to_string())));
            endpoint::evidence(args, endpoint, store, &question, opened.passphrase)
        }
        None => from_files(args, store)?,
    };
    let (evidence, mut report) = judge(args, store, evidence, &question);
    if report.chain.is_empty() && report.verdict == Verdict::Valid {
        // Nothing is wrong with what was given, and nothing was judged by it either.
        let message = "expected --chain FILE or HOST:PORT, found neither: what was given can be read, and there is nothing to hold it against";
        return Ok(super::misused(message, out));
    }
    if args.run_clients {
        clients::run(&evidence, &question, &mut report)?;
    }
    if let Some(folder) = &args.repair {
        for file in repair::write(&evidence, &report, folder)? {
            out.note(&format!("wrote {}", file.display()));
        }
    }
    match &recognised {
        Some(recognised) => error_text::show_beside(recognised, report, &evidence, &args.files, out),
        None => super::show(&report, &args.files, out),
    }
}

impl Args {
    /// Whether anything is given that can be judged.
    fn has_evidence(&self) -> bool {
        let files = self.chain.is_some() || self.key.is_some() || !self.trust.is_empty() || !self.crl.is_empty();
        files || self.endpoint.is_some() || self.purpose.is_some()
    }
}

/// The report; where there is something to mend, with a look at the files beside the given ones, at what the store has issued
/// and, where the path leads to no trust anchor, at the stores that were not asked. A good chain needs none of these.
fn judge(args: &Args, store: &Path, mut evidence: Evidence, question: &Question) -> (Evidence, Report) {
    OwnStore::of(&trust(args, store)).add_to(&mut evidence);
    let report = explain::diagnose(&evidence, question);
    if evidence::is_in_order(&report) {
        return (evidence, report);
    }
    let given: Vec<&Path> = args.chain.iter().chain(&args.key).chain(&args.trust).map(PathBuf::as_path).collect();
    // What lies beside them says nothing of what an endpoint has; of what would do in its place, and of what was meant, it does.
    evidence::add_neighbours(&mut evidence, &given);
    evidence::look_around(&mut evidence, &report, &question.names, store);
    if !report.chain.is_empty() && report.path_end != "anchored" {
        evidence.elsewhere = trust(args, store).elsewhere();
    }
    let mut report = explain::diagnose(&evidence, question);
    named::report(&mut report, store);
    (evidence, report)
}

fn question(args: &Args, now: OffsetDateTime) -> Question {
    let at = args.at.unwrap_or(now);
    let purpose = args.purpose.map_or(Purpose::Server, Purpose::from);
    let host = args.endpoint().filter(|_| args.name.is_empty() && purpose != Purpose::Client).map(Endpoint::peer_name);
    Question {
        purpose,
        names: args.name.iter().cloned().chain(host).collect(),
        machine_now: Some(now),
        max_depth: args.max_depth,
        profile: args.profile.into(),
        ..Question::server(None, at)
    }
}

/// A folder is asked with the same options.
fn of_folder(args: &Args, folder: &Path, store: &Path, asked: &Question, out: Output) -> anyhow::Result<Exit> {
    let mut base = Evidence::default();
    base.situation.at = args.at;
    evidence::set_passphrase(&mut base, args.passphrase_file.as_deref())?;
    trust(args, store).add_to(&mut base);
    for crl in &args.crl {
        evidence::add(&mut base, Role::Crl, crl);
    }
    let question = FolderQuestion {
        at: asked.at,
        machine_now: asked.machine_now,
        name: args.name.first().cloned(),
        // For any purpose, each is judged by what it is made for.
        purpose: args.purpose.map(Purpose::from).filter(|purpose| *purpose != Purpose::Any),
        trust_is_given: !args.trust.is_empty() || args.system_trust,
    };
    let wanted = crate::folder::Wanted {
        mended: args.repair.as_deref(),
        files: &args.files,
        own: OwnStore::of(&trust(args, store)),
        store,
    };
    crate::folder::run(folder, &base, &question, &wanted, out)
}

fn trust<'a>(args: &'a Args, store: &'a Path) -> Trust<'a> {
    Trust { files: &args.trust, system: args.system_trust, store, at: args.at }
}

fn from_files(args: &Args, store: &Path) -> anyhow::Result<Evidence> {
    let mut evidence = Evidence::default();
    evidence::set_passphrase(&mut evidence, args.passphrase_file.as_deref())?;
    let typed = [(Role::Chain, &args.chain), (Role::Key, &args.key)];
    for (role, path) in typed.iter().filter_map(|(role, path)| path.as_ref().map(|path| (*role, path))) {
        evidence::add(&mut evidence, role, path);
    }
    trust(args, store).add_to(&mut evidence);
    for (role, files) in [(Role::Untrusted, &args.untrusted), (Role::Crl, &args.crl)] {
        files.iter().for_each(|file| evidence::add(&mut evidence, role, file));
    }
    evidence.situation.at = args.at;
    evidence.recognise_swap();
    if args.chain.is_none() && args.purpose == Some(AskedPurpose::Client) {
        evidence.observed.push(no_client_certificate());
    }
    Ok(evidence)
}

/// What to type is known when the trust is.
fn no_client_certificate() -> Finding {
    Finding::new(Code::ClientCertificateMissing, "no client certificate is shown: expected one with --chain")
        .shown_by("given_as", "--chain")
}
