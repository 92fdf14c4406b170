//! Commands for a store that was named: pasted as they stand, they must not find another.

use std::path::Path;

use super::Store;
use crate::shell::quote_file;

/// `text` with each command line in it going to the store `dir`, unless it names another or needs none.
pub fn lines(text: &str, dir: &Path) -> String {
    text.lines().map(|line| command(line, dir)).collect::<Vec<_>>().join("\n")
}

/// A line that may be a command.
pub fn command(line: &str, dir: &Path) -> String {
    match line.strip_prefix("pki ") {
        Some(rest) if needs_store(rest) => pki(dir, rest),
        _ => line.to_owned(),
    }
}

/// `pki ARGUMENTS` for the store `dir`, which is named unless it is the one that is used anyway.
pub fn pki(dir: &Path, arguments: &str) -> String {
    match option(dir) {
        Some(option) => format!("pki {option} {arguments}"),
        None => format!("pki {arguments}"),
    }
}

/// `--store DIR` as it is typed; none for the store that is used anyway.
pub fn option(dir: &Path) -> Option<String> {
    let is_default = Store::default_dir().is_ok_and(|default| default == dir);
    (!is_default).then(|| format!("--store {}", quote_file(&dir.display().to_string())))
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
