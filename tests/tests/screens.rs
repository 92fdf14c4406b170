//! Reports on a terminal: the cause, what shows it, the chain and what to type are on the first screen, however small it is, and
//! what is left out is counted.

use std::path::Path;

use tests::chains::{CATALOGUE, Case, GOOD, Scene};
use tests::peers::peer;
use tests::screen::{lines_of, rows_of, shown_on};
use tests::{Outcome, Sandbox};

/// The size that terminals had when they were machines, and that windows still have.
const SMALL: (usize, usize) = (24, 80);
/// What tells that there is more.
const MORE: &str = "more: --all";
/// What comes before the lines that are to be typed.
const FIX: &str = "What to type";

#[test]
fn every_report_of_the_catalogue_fits_a_small_terminal_with_its_fix() {
    let (Some(_), Some(python)) = (peer("openssl"), peer("python3")) else { return };
    let wrong: Vec<String> = CATALOGUE.iter().filter_map(|case| unfit(case, &python).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn unfit(case: &Case, python: &Path) -> Result<(), String> {
    let sandbox = made(&case.bad);
    let arguments = arguments(&case.bad);
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let lines = on(&sandbox, python, SMALL, &words);
    let whole = sandbox.pki(&arguments).text();
    let wrong = |what: &str| Err(format!("{} {}: {what}\n{}", case.code, case.variant, lines.join("\n")));
    if rows_of(&lines, SMALL.1) >= SMALL.0 {
        return wrong("does not fit");
    }
    if !lines[0].contains(case.code) && case.refused {
        return wrong("does not begin with the cause");
    }
    // The two are asked one after the other, and some lines tell the time to the second.
    let timeless = |line: &String| line.replace(|c: char| c.is_ascii_digit(), "0");
    let shown: Vec<String> = lines.iter().map(timeless).collect();
    match fix_of(&whole).iter().find(|line| !shown.contains(&timeless(line))) {
        Some(line) => wrong(&format!("leaves out `{line}`")),
        None => Ok(()),
    }
}

#[test]
fn a_report_in_a_pipe_is_whole_and_all_shows_the_rest_on_a_terminal() {
    let (Some(_), Some(python)) = (peer("openssl"), peer("python3")) else { return };
    let case = CATALOGUE.iter().find(|it| it.code == "name-mismatch" && it.refused).expect("a row of this code");
    let sandbox = made(&case.bad);
    let arguments = arguments(&case.bad);
    let all: Vec<&str> = arguments.iter().map(String::as_str).chain(["--all"]).collect();
    let piped = sandbox.pki(&arguments).text();
    assert!(piped.contains("Who refuses, and says") && !piped.contains(MORE), "{piped}");
    let lines = on(&sandbox, &python, SMALL, &all);
    assert!(rows_of(&lines, SMALL.1) > SMALL.0 && !lines.join("\n").contains(MORE), "{}", lines.join("\n"));
    let small = on(&sandbox, &python, SMALL, &all[..all.len() - 1]);
    assert!(small.last().is_some_and(|it| it.contains(MORE)), "{}", small.join("\n"));
    let large = on(&sandbox, &python, (120, 100), &all[..all.len() - 1]);
    assert_eq!(large.join("\n"), piped.trim_end());
}

/// Its words are all the same, and what is waited for is taken away by blanks.
#[test]
fn a_dumb_terminal_and_one_without_colour_get_no_control_sequences() {
    let Some(python) = peer("python3") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost"]).exits(0);
    let server = sandbox.serve(["--name", "localhost", "--mtls", "off", "--data", "data"]);
    let endpoint = format!("localhost:{}", server.address().port());
    let shown = |setting: &str, words: &[&str]| {
        let command = ["env", setting].into_iter().chain(words.iter().copied());
        shown_on(&sandbox, &python, SMALL, command).stdout
    };
    sandbox.pki(["init-ca", "--name", "Other Root CA", "--store", "other"]).exits(0);
    let refused = ["chat", "connect", &endpoint, "--plain", "--trust", "other/ca/root.pem"];
    for words in [&["pki", "diagnose", &endpoint][..], &refused] {
        assert!(shown("TERM=xterm", words).contains('\u{1b}'), "{words:?}");
        for setting in ["TERM=dumb", "NO_COLOR=1"] {
            let plain = shown(setting, words);
            assert!(plain.contains("localhost") && !plain.contains('\u{1b}'), "{setting} {words:?}: {plain:?}");
        }
    }
}

#[test]
fn a_folder_fits_a_small_terminal() {
    let (Some(_), Some(python)) = (peer("openssl"), peer("python3")) else { return };
    let sandbox = Sandbox::with_ca();
    for name in 0..8 {
        sandbox.pki(["issue", "server", &format!("host{name}.example.test")]).exits(0);
    }
    let lines = fits(&sandbox, &python, &["diagnose", "store"]);
    assert!(lines[0].starts_with("valid"), "{}", lines.join("\n"));
    let broken = CATALOGUE.iter().find(|it| it.code == "missing-intermediate" && it.refused);
    let sandbox = made(&broken.expect("a row of this code").bad);
    let lines = fits(&sandbox, &python, &["diagnose", "."]);
    let whole = sandbox.pki(["diagnose", "."]).text();
    assert!(fix_of(&whole).iter().all(|line| lines.contains(line)), "{}", lines.join("\n"));
    for title in ["Files", "What belongs together"] {
        assert!(lines.iter().any(|line| line.starts_with(title)), "{title}: {}", lines.join("\n"));
    }
}

#[test]
fn an_endpoint_fits_a_small_terminal() {
    let Some(python) = peer("python3") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "127.0.0.1"]).exits(0);
    for (mode, begins) in [("off", "valid"), ("required", "invalid: client-certificate-missing")] {
        let server = sandbox.serve(["--name", "localhost", "--mtls", mode]);
        let address = server.address().to_string();
        let lines = fits(&sandbox, &python, &["diagnose", &address, "--name", "localhost"]);
        assert!(lines[0].starts_with(begins), "{}", lines.join("\n"));
    }
}

#[test]
fn an_errors_candidates_fit_a_small_terminal() {
    let Some(python) = peer("python3") else { return };
    let sandbox = Sandbox::new();
    let text = "unable to get local issuer certificate";
    let lines = fits(&sandbox, &python, &["diagnose", "--error", text]);
    assert!(lines[0].contains("likely causes") && lines.iter().any(|line| line.contains("missing-intermediate")));
}

/// What is shown on a small terminal, which it fits with the prompt below it.
#[track_caller]
fn fits(sandbox: &Sandbox, python: &Path, arguments: &[&str]) -> Vec<String> {
    let lines = on(sandbox, python, SMALL, arguments);
    assert!(rows_of(&lines, SMALL.1) < SMALL.0, "{} rows:\n{}", rows_of(&lines, SMALL.1), lines.join("\n"));
    lines
}

#[track_caller]
fn on(sandbox: &Sandbox, python: &Path, size: (usize, usize), arguments: &[&str]) -> Vec<String> {
    let shown: Outcome = shown_on(sandbox, python, size, ["pki"].iter().chain(arguments));
    lines_of(&shown.stdout)
}

fn fix_of(text: &str) -> Vec<String> {
    let from = text.lines().skip_while(|line| *line != FIX);
    from.take_while(|line| !line.is_empty()).map(ToOwned::to_owned).collect()
}

fn made(scene: &Scene) -> Sandbox {
    let sandbox = Sandbox::new();
    scene.make(sandbox.path());
    sandbox
}

fn arguments(scene: &Scene) -> Vec<String> {
    let files = ["diagnose", "--chain", "chain.pem", "--trust", "trust.pem", "--key", "server.key"];
    let asked = if scene.client { ["--purpose", "client"] } else { ["--name", scene.host] };
    let list = scene.crl.iter().flat_map(|_| ["--crl", "crl.pem"]);
    files.into_iter().chain(asked).chain(list).map(ToOwned::to_owned).collect()
}

#[test]
fn a_good_chain_is_whole_on_a_small_terminal() {
    let (Some(_), Some(python)) = (peer("openssl"), peer("python3")) else { return };
    let arguments = arguments(&GOOD);
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let lines = fits(&made(&GOOD), &python, &words);
    assert!(!lines.join("\n").contains(MORE), "{}", lines.join("\n"));
}
