//! Commands for the store that was named with `--store`: pasted as they stand, they must not find another.

use std::path::Path;

use ca_store::explain::Report;
use ca_store::store::Trouble;

use super::pki;

/// `text` with each command line in it going to the store `dir`, unless it names another or needs none.
pub(crate) fn lines(text: &str, dir: &Path) -> String {
    text.lines().map(|line| command(line, dir)).collect::<Vec<_>>().join("\n")
}

/// The fixes of a report.
pub(crate) fn report(report: &mut Report, dir: &Path) {
    for finding in report.cause.iter_mut().chain(&mut report.findings) {
        finding.fix = lines(&finding.fix, dir);
    }
}

/// What to do about each trouble.
pub(crate) fn troubles(troubles: &mut [Trouble], dir: &Path) {
    for trouble in troubles {
        trouble.next = lines(&trouble.next, dir);
    }
}

/// A line that may be a command.
pub(crate) fn command(line: &str, dir: &Path) -> String {
    match line.strip_prefix("pki ") {
        Some(rest) if needs_store(rest) => pki(dir, rest),
        _ => line.to_owned(),
    }
}

/// Files are looked at without a store, except that its root is trusted where no other is given.
fn needs_store(arguments: &str) -> bool {
    let mut words = arguments.split(' ');
    let named = words.clone().any(|word| word == "--store" || word.starts_with("--store="));
    let of_files = match words.next() {
        Some("inspect" | "completions" | "man") => true,
        Some("diagnose" | "verify") => words.any(|word| word == "--trust"),
        _ => false,
    };
    !named && !of_files
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::lines;

    #[test]
    fn commands_go_to_the_store_and_the_rest_stays() {
        let told = "first:\npki renew alice --rekey\npki inspect a.pem\npki diagnose --chain a.pem\n\
                    pki verify chain a.pem --trust b.pem\n# pki list\npki --store other list";
        let expected = "first:\npki --store 'my store' renew alice --rekey\npki inspect a.pem\n\
                        pki --store 'my store' diagnose --chain a.pem\n\
                        pki verify chain a.pem --trust b.pem\n# pki list\npki --store other list";
        assert_eq!(lines(told, Path::new("my store")), expected);
    }
}
