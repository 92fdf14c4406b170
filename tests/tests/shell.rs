//! Completions and man pages come out of the programs, and the shells and formatters read them.

use tests::peers::{peer, skipped};
use tests::{Sandbox, programs};

const PROGRAMS: [&str; 2] = ["pki", "chat"];

#[test]
fn shells_read_their_completions() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish"] {
        for program in PROGRAMS {
            let script = sandbox.run(programs::folder().join(program), ["completions", shell]).exits(0).stdout;
            assert!(script.contains("completions") && script.contains("store"), "{program} for {shell}:\n{script}");
            sandbox.write(format!("{program}.{shell}"), script);
        }
        let Some(path) = peer(shell) else { continue };
        for program in PROGRAMS {
            sandbox.run(&path, ["-n", &format!("{program}.{shell}")]).exits(0);
        }
    }
}

#[test]
fn bash_completes_a_command_and_a_kind_of_key() {
    let Some(bash) = peer("bash") else { return };
    let sandbox = Sandbox::new();
    let complete = "set -- pki init-ca --key ecdsa; source <(pki completions bash); COMP_WORDS=(\"$@\"); \
                    COMP_CWORD=3; _pki pki ecdsa --key; echo \"${COMPREPLY[@]}\"";
    sandbox.run(bash, ["-c", complete]).exits(0).says("ecdsa-p256 ecdsa-p384");
}

#[test]
fn man_pages_are_whole_and_formatters_have_no_complaint() {
    let sandbox = Sandbox::new();
    for (program, pages) in [("pki", ["pki.1", "pki-init-ca.1"]), ("chat", ["chat.1", "chat-serve.1"])] {
        let path = programs::folder().join(program);
        let page = sandbox.run(&path, ["man"]).exits(0).stdout;
        assert!(page.contains(".TH") && page.contains("completions"), "{page}");
        sandbox.run(&path, ["man", "man1"]).exits(0);
        for page in pages {
            format(&sandbox, &format!("man1/{page}"));
        }
    }
}

/// With whichever formatter is there: some systems have the one, some the other.
fn format(sandbox: &Sandbox, page: &str) {
    let formatted = sandbox.shell(&format!(
        "if command -v groff >/dev/null; then groff -man -Tutf8 -ww {page} >/dev/null; \
         elif command -v mandoc >/dev/null; then mandoc -Tlint -Werror {page} >/dev/null; \
         elif command -v man && man -l {page} >/dev/null 2>&1; then true; else echo no formatter; fi"
    ));
    if formatted.stdout.contains("no formatter") {
        return skipped("neither groff, mandoc nor man is installed");
    }
    assert!(formatted.succeeded() && formatted.stderr.is_empty(), "{formatted}");
}

#[test]
fn what_is_no_shell_and_no_folder_is_told() {
    let sandbox = Sandbox::new();
    sandbox.pki(["completions", "cmd.exe"]).exits(2).says("bash");
    sandbox.write("taken", "a file");
    sandbox.pki(["man", "taken"]).exits(3).says("taken");
    sandbox.chat(["man", "taken"]).exits(3).says("taken");
}
