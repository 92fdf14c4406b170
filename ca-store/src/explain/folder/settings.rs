//! What to put into which server's configuration, with the folder's own names.

use serde::Serialize;

use crate::finding::{Role, quote, quote_file};
use crate::program_config::word;

use super::content::Content;
use super::pair::Set;

/// The lines for one program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// The program: `nginx`, `apache`, `haproxy`, `chat`, `curl`.
    pub program: &'static str,
    /// `server` or `client`.
    pub purpose: &'static str,
    /// The name that it is for; empty where there is none.
    pub name: String,
    /// Lines of its configuration, or commands; comments begin with `#`.
    pub lines: Vec<String>,
}

/// The files of a usable set, as commands take them and as configurations do.
struct Files {
    chain: File,
    key: File,
    trust: Option<File>,
    /// Chain and key lie in one file of PEM.
    together: bool,
}

struct File {
    name: String,
    path: String,
}

/// For the best server's set that can be used, and for the best client's.
pub(super) fn settings(contents: &[Content<'_>], sets: &[Set]) -> Vec<Setting> {
    ["server", "client"]
        .into_iter()
        .filter_map(|purpose| sets.iter().find(|set| set.pair.purpose == purpose && set.pair.is_usable()))
        .flat_map(|set| of_set(contents, set))
        .collect()
}

fn of_set(contents: &[Content<'_>], set: &Set) -> Vec<Setting> {
    let Some(files) = files(contents, set) else { return Vec::new() };
    let name = set.pair.names.first().cloned().unwrap_or_default();
    let setting = |program: &'static str, lines: Vec<String>| Setting {
        program,
        purpose: set.pair.purpose,
        name: name.clone(),
        lines: mending(set).into_iter().chain(lines).collect(),
    };
    if set.pair.purpose == "client" {
        return vec![setting("chat", chat_client(&files)), setting("curl", curl_client(&files))];
    }
    vec![
        setting("nginx", nginx(&files)),
        setting("apache", apache(&files)),
        setting("haproxy", haproxy(&files)),
        setting("chat", chat_server(&files)),
        setting("curl", curl(&files, &name)),
    ]
}

/// The set's files; a mended copy where the form is one that not every server reads.
fn files(contents: &[Content<'_>], set: &Set) -> Option<Files> {
    let situation = &set.evidence.situation;
    let path =
        |name: &str| contents.iter().find(|content| content.file.name == name).map(|content| content.file.path.clone());
    let file = |name: &String, role: Role, copy: &str| {
        let mended = format!("{}/{copy}", situation.mend_folder());
        match needs_mending(set, role) {
            true => File { path: mended.clone(), name: mended },
            false => File { path: path(name).unwrap_or_else(|| name.clone()), name: name.clone() },
        }
    };
    let (chain, key) = (situation.chain_file.as_ref()?, situation.key_file.as_ref()?);
    Some(Files {
        chain: file(chain, Role::Chain, "fullchain.pem"),
        key: file(key, Role::Key, "privkey.pem"),
        trust: situation.trust_files.first().map(|trust| file(trust, Role::Trust, "ca.pem")),
        together: chain == key && !needs_mending(set, Role::Chain),
    })
}

/// A warning of the file's form: some program does not read it.
fn needs_mending(set: &Set, role: Role) -> bool {
    set.report.findings.iter().any(|finding| {
        let given = finding.evidence.get("given_as").is_some_and(|given| given == role.flag());
        given && finding.severity != crate::finding::Severity::Note && finding.code.is_of_file()
    })
}

fn mending(set: &Set) -> Option<String> {
    let needed = [Role::Chain, Role::Key, Role::Trust].into_iter().any(|role| needs_mending(set, role));
    needed.then(|| {
        format!(
            "# after `--repair {}` of the same command has written the mended copies:",
            set.evidence.situation.mend_folder()
        )
    })
}

fn nginx(files: &Files) -> Vec<String> {
    let mut lines = vec![
        format!("ssl_certificate {};", word(&files.chain.path)),
        format!("ssl_certificate_key {};", word(&files.key.path)),
    ];
    if let Some(trust) = &files.trust {
        lines.push("# to ask clients of this CA for their certificate:".to_owned());
        lines.push(format!("ssl_client_certificate {};", word(&trust.path)));
        lines.push("ssl_verify_client optional;".to_owned());
    }
    lines
}

fn apache(files: &Files) -> Vec<String> {
    let mut lines = vec![
        "SSLEngine on".to_owned(),
        format!("SSLCertificateFile {}", word(&files.chain.path)),
        format!("SSLCertificateKeyFile {}", word(&files.key.path)),
    ];
    if let Some(trust) = &files.trust {
        lines.push("# to ask clients of this CA for their certificate:".to_owned());
        lines.push(format!("SSLCACertificateFile {}", word(&trust.path)));
        lines.push("SSLVerifyClient optional".to_owned());
    }
    lines
}

/// HAProxy takes chain and key in one file.
fn haproxy(files: &Files) -> Vec<String> {
    let joined = "haproxy.pem";
    let (first, file) = if files.together {
        (None, files.chain.path.as_str())
    } else {
        (
            Some(format!(
                "# (umask 077; cat {} {} > {joined})",
                quote_file(&files.chain.name),
                quote_file(&files.key.name)
            )),
            joined,
        )
    };
    let trust = files.trust.as_ref().map(|trust| format!(" ca-file {} verify optional", word(&trust.path)));
    let bind = format!("bind :443 ssl crt {}{}", word(file), trust.unwrap_or_default());
    first.into_iter().chain([bind]).collect()
}

fn trust_option(files: &Files, option: &str) -> String {
    files.trust.as_ref().map(|trust| format!(" {option} {}", quote_file(&trust.name))).unwrap_or_default()
}

fn chat_server(files: &Files) -> Vec<String> {
    let (chain, key) = (quote_file(&files.chain.name), quote_file(&files.key.name));
    vec![format!("chat serve --cert {chain} --key {key}{}", trust_option(files, "--trust"))]
}

fn chat_client(files: &Files) -> Vec<String> {
    let (chain, key) = (quote_file(&files.chain.name), quote_file(&files.key.name));
    vec![format!("chat connect HOST{} --cert {chain} --key {key}", trust_option(files, "--trust"))]
}

fn curl(files: &Files, name: &str) -> Vec<String> {
    let host = if name.is_empty() { "HOST" } else { name };
    let host = if host.contains(':') { format!("[{host}]") } else { host.replacen("*.", "www.", 1) };
    vec![format!("curl{} {}", trust_option(files, "--cacert"), quote(&format!("https://{host}/")))]
}

fn curl_client(files: &Files) -> Vec<String> {
    let (chain, key) = (quote_file(&files.chain.name), quote_file(&files.key.name));
    vec![format!("curl --cert {chain} --key {key}{} https://HOST/", trust_option(files, "--cacert"))]
}
