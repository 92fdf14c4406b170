//! The documentation says what the programs say. What can be generated is generated here, and compared:
//! `UPDATE_DOCS=1 cargo test -p tests --test docs` writes it anew.

use std::collections::BTreeSet;
use std::fmt::Write;

use ca_store::finding::Code;
use chat::wire::capability::Capability;
use tests::programs::workspace;
use tests::sources::{files, named};
use tests::{Sandbox, programs};

/// A page that holds generated text from this line to its end.
const MARK: &str = "<!-- generated: UPDATE_DOCS=1 cargo test -p tests --test docs -->\n";

const COMMANDS: &[(&str, &[&str])] = &[
    ("pki", &[]),
    ("pki", &["init-ca"]),
    ("pki", &["issue", "server"]),
    ("pki", &["issue", "client"]),
    ("pki", &["issue", "batch"]),
    ("pki", &["sign"]),
    ("pki", &["renew"]),
    ("pki", &["revoke"]),
    ("pki", &["crl"]),
    ("pki", &["rollover"]),
    ("pki", &["passphrase"]),
    ("pki", &["list"]),
    ("pki", &["show"]),
    ("pki", &["log"]),
    ("pki", &["log", "verify"]),
    ("pki", &["check"]),
    ("pki", &["backup"]),
    ("pki", &["export", "p12"]),
    ("pki", &["export", "bundle"]),
    ("pki", &["export", "haproxy"]),
    ("pki", &["export", "der"]),
    ("pki", &["export", "ca"]),
    ("pki", &["config"]),
    ("pki", &["trust", "install"]),
    ("pki", &["trust", "uninstall"]),
    ("pki", &["trust", "status"]),
    ("pki", &["inspect"]),
    ("pki", &["verify", "chain"]),
    ("pki", &["diagnose"]),
    ("pki", &["completions"]),
    ("pki", &["man"]),
    ("chat", &[]),
    ("chat", &["quickstart"]),
    ("chat", &["serve"]),
    ("chat", &["connect"]),
    ("chat", &["account", "add"]),
    ("chat", &["account", "list"]),
    ("chat", &["account", "password"]),
    ("chat", &["account", "remove"]),
    ("chat", &["completions"]),
    ("chat", &["man"]),
];

#[test]
fn cli_md_holds_the_programs_own_help() {
    let sandbox = Sandbox::new();
    let mut text = String::new();
    for (program, command) in COMMANDS {
        let path = programs::folder().join(program);
        let help = sandbox.run(path, command.iter().chain(&["--help"])).exits(0).stdout;
        let title = std::iter::once(program).chain(*command).copied().collect::<Vec<_>>().join(" ");
        write!(text, "\n## {title}\n\n```text\n{}\n```\n", trimmed(&help)).expect("a String takes every write");
    }
    compare("docs/cli.md", &text);
}

/// The page is a configuration that the program takes, and no key is missing from it.
#[test]
fn chat_toml_is_taken_and_has_every_key() {
    let page = workspace().join("docs/chat.toml");
    let text = std::fs::read_to_string(&page).expect("the page is there");
    chat::config::ConfigFile::parse(&text, &page).expect("a configuration");
    let sources = ["file", "accounts", "bus", "guests", "sts"].map(|name| {
        std::fs::read_to_string(workspace().join(format!("chat/src/config/{name}.rs"))).expect("a source file")
    });
    let fields = sources.iter().flat_map(|source| source.lines()).filter(|line| line.starts_with("    pub "));
    let keys: Vec<&str> = fields.filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next()).collect();
    let missing: Vec<&&str> = keys
        .iter()
        .filter(|key| {
            !key.starts_with("fn ") && !text.contains(&format!("{key} =")) && !text.contains(&format!("[{key}]"))
        })
        .collect();
    assert!(keys.len() > 40 && missing.is_empty(), "not in docs/chat.toml: {missing:?}");
}

#[test]
fn profiles_md_holds_the_table_of_grades() {
    let mut text = String::from("\n| code | `private` | `rfc5280` | `webpki` | rule |\n|---|---|---|---|---|\n");
    for (code, grades, rule) in ca_store::finding::profile_rows() {
        let [own, rfc5280, webpki] = grades.map(|grade| format!("{grade:?}").to_lowercase());
        writeln!(text, "| `{code}` | {own} | {rfc5280} | {webpki} | {rule} |").expect("a String takes every write");
    }
    compare("docs/profiles.md", &text);
}

#[test]
fn findings_md_has_every_code_of_the_program_and_no_other() {
    let path = workspace().join("docs/findings.md");
    let page = std::fs::read_to_string(&path).expect("docs/findings.md can be read");
    let described: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let missing: Vec<_> = codes.iter().filter(|code| !described.contains(code)).collect();
    let unknown: Vec<_> = described.iter().filter(|code| !codes.contains(code)).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "not described: {missing:?}; described and unknown: {unknown:?}");
}

#[test]
fn every_code_is_found_by_the_programs_and_has_its_severity_in_findings_md() {
    let page = std::fs::read_to_string(workspace().join("docs/findings.md")).expect("docs/findings.md can be read");
    let named = named_in_programs();
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let (_, section) = page.split_once(&format!("### `{code}`\n\n")).expect("every code has a section");
        let section = section.split("\n#").next().unwrap_or_default();
        let severity = format!("{:?}.", code.severity());
        if !section.starts_with(&severity) {
            wrong.push(format!("{code}: expected {severity} in docs/findings.md"));
        }
        if !named.contains(&format!("Code::{code:?}")) {
            wrong.push(format!("{code}: no check finds it"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn irc_support_md_names_every_verb_and_capability() {
    let page =
        std::fs::read_to_string(workspace().join("docs/irc-support.md")).expect("docs/irc-support.md can be read");
    let verbs = std::fs::read_dir(workspace().join("chat/src/core/command")).expect("a file a verb").flatten();
    let verbs = verbs.filter_map(|entry| Some(entry.path().file_stem()?.to_string_lossy().to_uppercase()));
    let capabilities = Capability::ALL.iter().map(|it| it.name().to_owned());
    let expected = verbs.filter(|it| it != "MOD").chain(capabilities);
    let missing: Vec<_> = expected.filter(|it| !page.contains(&format!("`{it}`"))).collect();
    assert!(missing.is_empty(), "docs/irc-support.md does not name {missing:?}");
}

/// Every path that the programs' sources name, but for the tables that list each code.
fn named_in_programs() -> BTreeSet<String> {
    let rooms = ["ca-store/src", "pki-cli/src", "chat/src"].map(|room| workspace().join(room));
    let tables = ["finding/code.rs", "clients", "explain/render", "recognise"];
    let tables = tables.map(|table| workspace().join("ca-store/src").join(table));
    let sources = rooms.iter().flat_map(|room| files(room));
    let sources = sources.filter(|path| !tables.iter().any(|table| path.starts_with(table)));
    sources.flat_map(|path| named(&std::fs::read_to_string(path).expect("a source can be read"))).collect()
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut broken = Vec::new();
    let pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(|it| workspace().join(it));
    let docs = std::fs::read_dir(workspace().join("docs")).expect("docs is a folder").flatten().map(|it| it.path());
    for page in pages.into_iter().chain(docs.filter(|it| it.extension().is_some_and(|it| it == "md"))) {
        let text = std::fs::read_to_string(&page).unwrap_or_else(|why| panic!("{}: {why}", page.display()));
        let folder = page.parent().expect("a page lies in a folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if !link.is_empty() && !link.contains("://") && !folder.join(link).exists() {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Without spaces at the ends of lines, which editors take away.
fn trimmed(text: &str) -> String {
    text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Holds the part of a page after its mark to what is generated, or writes it.
fn compare(page: &str, generated: &str) {
    let path = workspace().join(page);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{page}: {why}"));
    let (start, written) = text.split_once(MARK).unwrap_or_else(|| panic!("{page} has no line {MARK}"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{start}{MARK}{generated}")).expect("the page can be written");
        return;
    }
    assert!(written == generated, "{page} is not what the programs say: UPDATE_DOCS=1 cargo test -p tests --test docs");
}
