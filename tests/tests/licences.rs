//! What is built in keeps to `deny.toml`: its licences, its one version of each crate, its bans.
//!
//! `cargo deny` asks the same and more (advisories), but needs a tool and a database from the network. This asks what
//! the lock file alone can answer, everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use tests::programs::{cargo, workspace};

/// A dependency that is built on this platform, tests' included.
struct Dependency {
    name: String,
    version: String,
    licence: String,
}

#[test]
fn every_dependency_has_an_allowed_licence() {
    let allowed = strings(&deny()["licenses"]["allow"]);
    let refused: Vec<String> = dependencies()
        .iter()
        .filter(|it| !may_be_used(&it.licence, &allowed))
        .map(|it| format!("{} {}: {}", it.name, it.version, it.licence))
        .collect();
    assert!(refused.is_empty(), "no allowed licence in deny.toml:\n{}", refused.join("\n"));
}

#[test]
fn a_licence_expression_is_read_as_spdx_means_it() {
    let allowed = BTreeSet::from(["MIT".to_owned(), "ISC".to_owned()]);
    for good in ["MIT", "MIT OR GPL-3.0-only", "GPL-3.0-only/MIT", "MIT AND (ISC OR Apache-2.0)"] {
        assert!(may_be_used(good, &allowed), "{good}");
    }
    for bad in ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "not a licence"] {
        assert!(!may_be_used(bad, &allowed), "{bad}");
    }
}

#[test]
fn a_crate_is_there_in_two_versions_only_for_a_reason() {
    let skipped = reasons("skip");
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for it in dependencies() {
        versions.entry(it.name).or_default().insert(it.version);
    }
    for (name, versions) in versions {
        let left = versions.iter().filter(|version| !skipped.iter().any(|skip| covers(skip, &name, version))).count();
        assert!(
            left <= 1,
            "{name} is built in {} versions, and deny.toml argues for none: {versions:?}",
            versions.len()
        );
    }
}

#[test]
fn nothing_is_skipped_that_is_not_there() {
    let dependencies = dependencies();
    for skip in reasons("skip") {
        let used = dependencies.iter().any(|it| covers(&skip, &it.name, &it.version));
        assert!(used, "deny.toml still skips {skip}, which is no dependency any more");
    }
}

#[test]
fn no_banned_crate_is_built_in() {
    let banned = reasons("deny");
    let found: Vec<_> = dependencies().into_iter().map(|it| it.name).filter(|name| banned.contains(name)).collect();
    assert!(found.is_empty(), "banned in deny.toml: {found:?}");
}

/// Whether these licences are enough for what the expression asks.
fn may_be_used(expression: &str, allowed: &BTreeSet<String>) -> bool {
    spdx::Expression::parse_mode(expression, spdx::ParseMode::LAX)
        .is_ok_and(|it| it.evaluate(|asked| asked.license.id().is_some_and(|id| allowed.contains(id.name))))
}

/// Whether `NAME@VERSION`, the version perhaps cut short, means this crate.
fn covers(skip: &str, name: &str, version: &str) -> bool {
    skip.split_once('@').is_some_and(|(skipped, prefix)| {
        skipped == name && version.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// The crates of a list under `[bans]`, each of which must say why it is there.
fn reasons(list: &str) -> Vec<String> {
    let deny = deny();
    let entries = deny["bans"][list].as_array().expect("a list");
    let text = |entry: &toml::Value, key: &str| entry.get(key).and_then(toml::Value::as_str).unwrap_or("").to_owned();
    for entry in entries {
        assert!(!text(entry, "reason").is_empty(), "no reason in deny.toml: {entry}");
    }
    entries.iter().map(|entry| text(entry, "crate")).collect()
}

fn deny() -> toml::Table {
    let path = workspace().join("deny.toml");
    std::fs::read_to_string(path).expect("deny.toml can be read").parse().expect("deny.toml is TOML")
}

fn strings(list: &toml::Value) -> BTreeSet<String> {
    list.as_array().expect("a list").iter().map(|it| it.as_str().expect("of strings").to_owned()).collect()
}

/// What Cargo builds here. `cargo tree` and not `cargo metadata`: the latter also names crates that no feature turns on.
fn dependencies() -> Vec<Dependency> {
    let output = Command::new(cargo())
        .current_dir(workspace())
        .args(["tree", "--workspace", "--locked", "--offline", "--prefix", "none", "--no-dedupe"])
        .args(["--edges", "normal,build,dev", "--format", "{p}\t{l}"])
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    let lines: BTreeSet<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    lines.into_iter().map(dependency).collect()
}

/// From `NAME vVERSION …<tab>LICENCE`.
fn dependency(line: &str) -> Dependency {
    let (package, licence) = line.split_once('\t').expect("the format asked for");
    let mut words = package.split(' ');
    let name = words.next().unwrap_or_default().to_owned();
    let version = words.next().unwrap_or_default().trim_start_matches('v').to_owned();
    Dependency { name, version, licence: licence.to_owned() }
}
