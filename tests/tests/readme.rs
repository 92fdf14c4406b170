//! The two commands that the README asks a newcomer to type, typed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use tests::peers::peer;
use tests::programs::{cargo, folder, workspace};
use tests::sandbox::complete;
use tests::{Outcome, Sandbox};

const QUICKSTART: &str = "cargo run --release --bin chat -- quickstart";
const TESTS: &str = "cargo test --workspace";

#[test]
fn the_readme_names_both_commands() {
    let commands = commands();
    for expected in [QUICKSTART, TESTS] {
        assert!(commands.iter().any(|it| it == expected), "{expected:?} is not among {commands:?}");
    }
}

/// The command as it stands, but for the profile: the one that runs this test is built already.
#[test]
fn the_first_command_leads_into_a_running_chat() {
    let sandbox = Sandbox::new();
    let outcome = typed(QUICKSTART, &sandbox, "hello from the README\n/list\n/quit\n").exits(0);
    let user = "alice";
    outcome.says("#lobby").says("hello from the README").says(user);
    let store = sandbox.file("home/.local/share/pki");
    assert!(store.join("certs/localhost/fullchain.pem").exists(), "a server certificate is in {}", store.display());

    let again = typed(QUICKSTART, &sandbox, "and once more\n/quit\n").exits(0);
    again.says("#lobby").says("and once more");
}

/// The other blocks, as a reader would type them one after another: each command prints what the page shows.
#[test]
fn every_other_command_prints_what_the_page_shows() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    // The reader has typed the first command, whose store is there from then on.
    typed(QUICKSTART, &sandbox, "/quit\n").exits(0);
    let (mut wrong, mut exports) = (Vec::new(), String::from("unset PKI_STORE\n"));
    for (command, shown) in console().into_iter().filter(|(command, _)| !command.contains("cargo ")) {
        // The store is the platform's, as it is for a reader, until another one is named.
        if command.starts_with("export ") {
            exports.push_str(&format!("{command}\n"));
            continue;
        }
        let printed = sandbox.shell(&format!("{exports}{command}")).text();
        let printed: Vec<String> = printed.lines().map(steady).collect();
        let missing = shown.iter().map(|line| steady(line)).filter(|line| !printed.contains(line));
        wrong.extend(missing.map(|line| format!("$ {command}\n{line}\nis not in\n{}", printed.join("\n"))));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A line without the words that differ from run to run: dates, times, serial numbers.
fn steady(line: &str) -> String {
    let passing = |word: &&str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        digits >= 6 && word.chars().all(|c| c.is_ascii_hexdigit() || "-:;,()Z".contains(c))
            || word.contains(':') && word.chars().all(|c| c.is_ascii_digit() || c == ':')
    };
    line.split_whitespace()
        .filter(|word| !passing(word) && *word != "(89" && *word != "(90")
        .collect::<Vec<_>>()
        .join(" ")
}

/// Listed rather than run: this test is one of those that it runs.
#[test]
fn the_second_command_runs_the_tests_that_ci_runs() {
    let script = std::fs::read_to_string(workspace().join(".ci/run")).expect(".ci/run can be read");
    assert!(script.lines().any(|line| line.trim() == TESTS), "{TESTS:?} is not what .ci/run runs");
    let listed = typed(&format!("{TESTS} -- --list"), &Sandbox::new(), "").exits(0);
    listed.says("the_second_command_runs_the_tests_that_ci_runs: test");
}

/// Every `$ …` line of the README's console blocks.
fn commands() -> Vec<String> {
    console().into_iter().map(|(command, _)| command).collect()
}

/// The same, each with the lines that it is said to print; `…` stands for what is left out.
fn console() -> Vec<(String, Vec<String>)> {
    let text = std::fs::read_to_string(workspace().join("README.md")).expect("README.md can be read");
    let mut inside = false;
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = !inside && line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            found.push((command.split(" #").next().unwrap_or(command).trim().to_owned(), Vec::new()));
        } else if let Some((_, shown)) = found.last_mut().filter(|_| inside && line.trim() != "…") {
            shown.push(line.to_owned());
        }
    }
    found
}

/// Runs a cargo command of the README in the workspace, with a fresh home for what it runs. Cargo itself keeps its own
/// environment: with another one it would build everything again.
fn typed(line: &str, sandbox: &Sandbox, input: &str) -> Outcome {
    // One at a time: while one builds, another would wait for cargo's lock, and its time would run.
    static CARGO: Mutex<()> = Mutex::new(());
    let _alone = CARGO.lock().unwrap_or_else(PoisonError::into_inner);
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let release = folder().ends_with("release");
    let words: Vec<&str> = line.split(' ').skip(1).filter(|word| release || *word != "--release").collect();
    // What the command has to compile first is no part of the time that it may take.
    let built: Vec<&str> = words.iter().skip(1).copied().take_while(|word| *word != "--").collect();
    let build: &[&str] = if words[0] == "run" { &["build", "--quiet"] } else { &["test", "--quiet", "--no-run"] };
    let status = cargo_command(&home).args(build).args(built).status().expect("cargo can be started");
    assert!(status.success(), "{line:?} can not be built: {status}");
    let mut command = cargo_command(&home);
    command.args(words);
    command.env("HOME", sandbox.file("home")).env("USER", "alice");
    for variable in ["PKI_STORE", "XDG_DATA_HOME", "LOGNAME"] {
        command.env_remove(variable);
    }
    complete(command, input)
}

/// Cargo with the user's own registry and toolchain, whatever `HOME` the command gets, and the running target folder.
fn cargo_command(home: &Path) -> Command {
    let mut command = Command::new(cargo());
    command.current_dir(workspace());
    for (variable, default) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let value = std::env::var_os(variable).unwrap_or_else(|| home.join(default).into());
        command.env(variable, value);
    }
    command.env("CARGO_TARGET_DIR", folder().parent().expect("a profile's folder lies in the target folder"));
    command
}
