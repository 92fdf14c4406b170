//! Clients that are on this machine, run on the same files, beside what the table of clients foretells.
//!
//! ```text
//! Scene (files, host) ─► server, on loopback ◄─ table: a client each, in a process of its own ─► Ran, in the report
//! ```

mod left_out;
mod nss;
pub(crate) mod process;
mod server;
mod table;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::Context as _;
use ca_store::explain::{Evidence, PeerName, Purpose, Question, Ran, Report};
use ca_store::facts::{Crl, escape, to_pem};
use ca_store::finding::{Code, Finding, Role};
use tempfile::TempDir;

use left_out::Reason;
use server::Server;
use table::{CLIENTS, Client, Needs};

/// The most of a client's line that is kept: the longest that is known, Java's, has some 200.
const MAX_LINE: usize = 400;

/// What clients are run on.
#[derive(Debug)]
pub(crate) struct Scene {
    /// Whom they ask for.
    pub(super) name: Option<PeerName>,
    /// What the leaf is for, as `openssl verify` names it.
    pub(super) purpose: &'static str,
    /// The file with the leaf first.
    pub(super) chain: PathBuf,
    /// Their CA file.
    pub(super) trust: PathBuf,
    /// Their revocation lists, in one file.
    pub(super) crl: Option<PathBuf>,
    /// How many CAs may stand between leaf and root, where a limit is set.
    pub(super) max_depth: Option<usize>,
    /// A folder of this run: their home.
    pub(super) folder: TempDir,
    /// The certificates of the CA file, as DER.
    anchors: Vec<Vec<u8>>,
    /// NSS's database of them, made when the first client asks for it.
    nss: OnceLock<Option<OsString>>,
}

/// Runs what is here, each within its time, all side by side, and puts what they did into the report.
///
/// # Errors
/// Where no temporary file can be written. That a client or the server cannot be run is told in the report.
pub(crate) fn run(evidence: &Evidence, question: &Question, report: &mut Report) -> anyhow::Result<()> {
    let Some(chain) = &evidence.situation.chain_file else {
        report.not_run = Some("no client was run: give --chain, and --key for those that need a server".to_owned());
        return Ok(());
    };
    let scene = scene(evidence, question, Path::new(chain))?;
    let (server, why) = match server(evidence, question) {
        Ok(server) => server,
        Err(why) => {
            report.not_run = Some(format!("no client was run: {why}"));
            return Ok(());
        }
    };
    let mut left_out = Vec::new();
    for (name, outcome) in outcomes(&scene, server.as_ref()) {
        let Some(client) = report.clients.iter_mut().find(|client| client.client == name) else { continue };
        match outcome {
            Ok((verdict, output)) => client.ran = Some(Ran { verdict, output, agrees: verdict == client.verdict }),
            Err(reason) => left_out.push((name, reason)),
        }
    }
    report.not_run = left_out::told(&report.clients, &left_out, why);
    Ok(())
}

/// The server, or why only clients that read files are run.
type Started = (Option<Server>, Option<String>);

/// The error says why the files are of use to no server; what a client makes of them is then never seen.
fn server(evidence: &Evidence, question: &Question) -> Result<Started, String> {
    let files_alone = |why: &str| Ok((None, Some(format!("{why}: only what reads files was run"))));
    if question.purpose == Purpose::Client {
        return files_alone("a client's certificate is judged by servers");
    }
    if let Some(file) = unread_by_servers(evidence) {
        return Err(format!("a server does not start with {file} as it is"));
    }
    match &evidence.situation.key_file {
        Some(key) => Ok((Some(Server::start(evidence, Path::new(key))?), None)),
        None => files_alone("a server needs its private key (--key)"),
    }
}

/// The chain or key file, where its form is one that what stands for the server reads and others do not: it would show what no server
/// shows.
fn unread_by_servers(evidence: &Evidence) -> Option<String> {
    let shows = |finding: &Finding, value: &str| finding.evidence.get("given_as").is_some_and(|given| given == value);
    let of_server = |finding: &&Finding| shows(finding, Role::Chain.flag()) || shows(finding, Role::Key.flag());
    // A server's program that takes DER is among those that are known.
    let is_unread = |finding: &&Finding| finding.is_unreadable_input() && finding.code != Code::FileIsDer;
    let found = evidence.observed.iter().filter(of_server).find(is_unread)?;
    let file = found.evidence.get("file").and_then(|file| file.as_str()).unwrap_or("its file");
    Some(format!("{file} ({})", found.code))
}

/// The verdict and the telling line of a client, or why there is none.
type Outcome = Result<(&'static str, String), Reason>;

fn outcomes(scene: &Scene, server: Option<&Server>) -> Vec<(&'static str, Outcome)> {
    let port = server.map(Server::port);
    std::thread::scope(|scope| {
        let running: Vec<_> =
            CLIENTS.iter().map(|client| scope.spawn(move || (client.name, one(client, scene, port)))).collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    })
}

fn one(client: &Client, scene: &Scene, port: Option<u16>) -> Outcome {
    let port = match client.needs {
        Needs::Server => port.ok_or(Reason::NoServer)?,
        Needs::Files => 0,
    };
    let arguments = (client.arguments)(scene, port).ok_or(Reason::NoSuchQuestion)?;
    let program = client.programs.iter().find_map(|name| here(client, name, scene)).ok_or(Reason::NotHere)?;
    let output = process::run(&program, &arguments, scene.folder.path()).ok_or(Reason::NoAnswer)?;
    let accepted = output.succeeded && !client.refusing.iter().any(|word| output.text.contains(word));
    let verdict = if accepted { "accepts" } else { "rejects" };
    let line = if accepted { String::new() } else { telling(&output.text, client.telling) };
    Ok((verdict, line))
}

/// The first program of that name that is what the table means.
fn here(client: &Client, name: &str, scene: &Scene) -> Option<PathBuf> {
    let (arguments, expected) = client.probe;
    let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
    let is_meant = |program: &PathBuf| {
        let output = process::run(program, &arguments, scene.folder.path());
        output.is_some_and(|output| output.text.contains(expected))
    };
    process::find_all(name).find(is_meant)
}

/// The first line with the first of the words that tell which is there, else the last line.
fn telling(text: &str, words: &[&str]) -> String {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let with = |word: &&str| lines().find(|line| line.contains(word));
    let line = words.iter().find_map(with).or_else(|| lines().next_back()).unwrap_or_default();
    escape(&without_log_prefix(line).chars().take(MAX_LINE).collect::<String>())
}

/// `[123:456:1130/120000.000000:ERROR:file.cc(1)] ` of Chromium's log says nothing of the error.
fn without_log_prefix(line: &str) -> &str {
    let is_log = |prefix: &str| [":ERROR:", ":WARNING:", ":INFO:"].iter().any(|level| prefix.contains(level));
    match line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
        Some((prefix, message)) if is_log(prefix) => message,
        _ => line,
    }
}

fn scene(evidence: &Evidence, question: &Question, chain: &Path) -> anyhow::Result<Scene> {
    let folder = TempDir::with_prefix("pki-clients-").context("cannot make a temporary folder")?;
    let typed = &evidence.situation.trust_files;
    let trust = match &typed[..] {
        [one] => PathBuf::from(one),
        [] => {
            let pem: String = evidence.trust.iter().map(|it| to_pem("CERTIFICATE", it.certificate.der())).collect();
            put(&folder, "ca.pem", &pem)?
        }
        several => put(&folder, "ca.pem", &joined(several.iter().map(Path::new)))?,
    };
    let crl = match &evidence.situation.crl_files[..] {
        [] if evidence.crls.is_empty() => None,
        [] => Some(put(&folder, "crl.pem", &pem_of(evidence.crls.iter().map(|(crl, _)| crl)))?),
        [one] if !is_der(one) => Some(PathBuf::from(one)),
        files => Some(put_octets(&folder, "crl.pem", &lists(evidence, files))?),
    };
    let purpose = if question.purpose == Purpose::Client { "sslclient" } else { "sslserver" };
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (chain, trust, crl) = (absolute(chain), absolute(&trust), crl.as_deref().map(absolute));
    let anchors = evidence.trust.iter().map(|it| it.certificate.der().to_vec()).collect();
    let name = question.names.first().cloned();
    let max_depth = question.max_depth;
    Ok(Scene { name, purpose, chain, trust, crl, max_depth, folder, anchors, nss: OnceLock::new() })
}

/// The files as they are, damaged ones as well, but for DER: that is the form in which lists are published, and not the one in
/// which these clients take them.
fn lists(evidence: &Evidence, files: &[String]) -> Vec<u8> {
    let of_file = |file: &String| {
        let mine = evidence.crls.iter().filter(|(_, source)| source == file).map(|(crl, _)| crl);
        match crate::evidence::read(Path::new(file)) {
            Ok(octets) if !is_der(file) => octets.to_vec(),
            _ => pem_of(mine).into_bytes(),
        }
    };
    files.iter().flat_map(|file| of_file(file).into_iter().chain(*b"\n")).collect()
}

fn pem_of<'a>(lists: impl Iterator<Item = &'a Crl>) -> String {
    lists.map(|crl| to_pem("X509 CRL", crl.der())).collect()
}

fn is_der(file: &str) -> bool {
    crate::evidence::read(Path::new(file)).is_ok_and(|octets| octets.first() == Some(&0x30))
}

impl Scene {
    /// The database in which NSS finds the anchors; none where it cannot be made here.
    pub(super) fn nss(&self) -> Option<&OsString> {
        self.nss.get_or_init(|| nss::database(self.folder.path(), &self.anchors)).as_ref()
    }

    /// A file of this run with the text of these.
    pub(super) fn joined(&self, name: &str, files: [&Path; 2]) -> Option<PathBuf> {
        put(&self.folder, name, &joined(files.into_iter())).ok()
    }
}

fn joined<'a>(files: impl Iterator<Item = &'a Path>) -> String {
    let read =
        |file: &Path| crate::evidence::read(file).ok().map(|it| String::from_utf8_lossy(&it).into_owned() + "\n");
    files.filter_map(read).collect()
}

fn put(folder: &TempDir, name: &str, text: &str) -> anyhow::Result<PathBuf> {
    put_octets(folder, name, text.as_bytes())
}

fn put_octets(folder: &TempDir, name: &str, octets: &[u8]) -> anyhow::Result<PathBuf> {
    let path = folder.path().join(name);
    std::fs::write(&path, octets).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::telling;

    #[test]
    fn the_line_that_tells_is_found_bounded_and_escaped() {
        assert_eq!(telling("a\nverify error:num=18:x\nb\n", &["verify error"]), "verify error:num=18:x");
        assert_eq!(telling("a\n  last \n\n", &["none"]), "last");
        let gnutls = "*** Fatal error: Error in the certificate.\nProcessed 1 CA certificate(s).\n";
        assert_eq!(telling(gnutls, &["- Status:", "Fatal error:"]), "*** Fatal error: Error in the certificate.");
        assert_eq!(
            telling("[1:2:1130/1.2:ERROR:a.cc:3] Page load failed: net::ERR_X", &["net::"]),
            "Page load failed: net::ERR_X"
        );
        assert_eq!(telling("\u{1b}[2Jx", &[]), "\\u{1b}[2Jx");
        assert_eq!(telling(&"x".repeat(9000), &[]).len(), super::MAX_LINE);
    }
}
