//! The arrows of `docs/architecture.md`: which crate may depend on which, and what a room must not know.
//!
//! What is deliberately absent cannot be seen in code. Here it is written down, and held.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use tests::programs::{cargo, workspace};
use tests::sources::{files, lies_below, named};

/// A part of the sources, and what it must not name.
struct Room {
    /// Files and folders, from the workspace's root.
    paths: &'static [&'static str],
    /// Paths that must not appear.
    banned: &'static [&'static str],
    /// Why.
    because: &'static str,
}

const IO: &[&str] = &[
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::UdpSocket",
    "std::net::ToSocketAddrs",
    "net::TcpStream",
    "net::TcpListener",
    "net::UdpSocket",
    "std::fs",
    "std::io",
    "std::env",
    "std::process",
    "std::thread",
    "std::os",
    "std::time::Instant",
    "std::time::SystemTime",
    "Instant::now",
    "SystemTime::now",
    "OffsetDateTime::now_utc",
    "OffsetDateTime::now_local",
    "tokio",
    "rustls",
    "tokio_rustls",
    "rusqlite",
    "ca_store",
];

const ROOMS: &[Room] = &[
    Room {
        paths: &["chat/src/core", "chat/src/wire"],
        banned: IO,
        because: "the protocol is a function of state, time and event: its driver has the sockets and the clock",
    },
    Room {
        paths: &["chat/src/core", "chat/src/wire"],
        banned: &["crate::server", "crate::client", "crate::tls", "crate::config", "crate::bus", "crate::archive"],
        because: "the edge knows the core, never the other way round",
    },
    Room {
        paths: &[
            "chat/src/bus/member.rs",
            "chat/src/bus/member",
            "chat/src/bus/open.rs",
            "chat/src/bus/entry.rs",
            "chat/src/bus/request.rs",
            "chat/src/bus/charter.rs",
            "chat/src/bus/model.rs",
            "chat/src/bus/simulation.rs",
        ],
        banned: IO,
        because: "a node's part in the bus is a function of what it asked and was told: simulations run it in virtual time",
    },
    Room {
        paths: &["chat/src/bus"],
        banned: &["crate::core", "crate::server", "crate::client", "crate::wire"],
        because: "a change is a text that means nothing to the bus",
    },
    Room {
        paths: &["chat/src/wire"],
        banned: &["crate::core"],
        because: "a line is parsed without knowing who sent it",
    },
    Room {
        paths: &["ca-store/src/facts", "ca-store/src/path", "ca-store/src/path.rs", "ca-store/src/finding"],
        banned: &["crate::store", "crate::issue", "crate::key", "crate::sign"],
        because: "an explanation needs bytes, not a store and never a key of it",
    },
    Room {
        paths: &["ca-store/src/facts", "ca-store/src/path", "ca-store/src/path.rs", "ca-store/src/finding"],
        banned: &[
            "std::fs",
            "std::net::TcpStream",
            "std::env",
            "std::process",
            "OffsetDateTime::now_utc",
            "SystemTime::now",
        ],
        because: "file contents and the evaluation time are arguments",
    },
    Room {
        paths: &["ca-store/src/facts"],
        banned: &["crate::finding", "crate::explain", "crate::path", "crate::clients"],
        because: "facts are what the bytes say; what it means comes after",
    },
    Room {
        paths: &["ca-store/src/clients", "ca-store/src/clients.rs"],
        banned: &["crate::store", "crate::issue", "std::fs", "std::net::TcpStream", "std::process"],
        because: "what clients do differently is data",
    },
    Room {
        paths: &["ca-store/src/recognise"],
        banned: &[
            "crate::store",
            "crate::key",
            "std::fs",
            "std::io",
            "std::env",
            "std::process",
            "OffsetDateTime::now_utc",
        ],
        because: "what a text may stand for is a function of the text and of tables",
    },
    Room {
        paths: &["ca-store/src/plan.rs", "ca-store/src/plan"],
        banned: &["crate::store", "crate::sign", "std::fs", "OffsetDateTime::now_utc", "crate::key::random"],
        because: "a plan cannot see a disk, a clock or chance, so it can be printed, tested and refused",
    },
    Room {
        paths: &["ca-store/src/plan.rs", "ca-store/src/plan", "ca-store/src/profile", "ca-store/src/san.rs"],
        banned: &["crate::key::PrivateKey", "crate::key::Passphrase", "PrivateKey", "rcgen::KeyPair"],
        because: "of a key a plan sees the public half alone",
    },
    Room {
        paths: &["ca-store/src/profile", "ca-store/src/profile.rs", "ca-store/src/name.rs", "ca-store/src/san.rs"],
        banned: &["crate::store", "crate::sign", "std::fs", "OffsetDateTime::now_utc"],
        because: "profiles and names are data and narrow types",
    },
];

/// Which crates of this workspace a crate builds on, and what it must never be built with.
const CRATES: &[(&str, &[&str], &[&str])] = &[
    (
        "ca-store",
        &[],
        &[
            "clap",
            "tokio",
            "tokio-rustls",
            "ratatui",
            "crossterm",
            "anstream",
            "anstyle",
            "anyhow",
            "tracing-subscriber",
        ],
    ),
    ("pki-cli", &["ca-store"], &["tokio", "tokio-rustls", "ratatui", "rusqlite", "rcgen"]),
    ("chat", &["ca-store"], &["rcgen", "x509-parser"]),
    ("tests", &[], &[]),
];

#[test]
fn rooms_name_nothing_that_they_must_not_know() {
    let broken: Vec<String> = ROOMS.iter().flat_map(violations).collect();
    assert!(broken.is_empty(), "arrows turned round:\n{}", broken.join("\n"));
}

#[test]
fn every_room_is_there() {
    for room in ROOMS {
        let sources = room.paths.iter().flat_map(|path| files(&workspace().join(path))).count();
        assert!(sources > 0, "no source under {:?}: the rule holds nothing", room.paths);
    }
}

#[test]
fn a_turned_arrow_is_seen() {
    for bad in [
        "use std::net::TcpStream;",
        "use std::{collections::BTreeMap, fs};",
        "use std::io::{self, Write};",
        "use std::fs as disk;",
        "use tokio::*;",
        "fn f() { let now = std::time::Instant::now(); }",
        "use std::net; mod inner { fn f(_: net::TcpStream) {} }",
        "fn f() { assert!(std::fs::exists(PATH)) }",
        "fn f() { let it = vec![(1, tokio::spawn(x))]; }",
        "impl X { fn f(&self) -> ca_store::Error { todo!() } }",
    ] {
        assert!(!broken(bad, IO).is_empty(), "not seen: {bad}");
    }
}

#[test]
fn what_is_allowed_is_not_taken_for_a_turned_arrow() {
    for good in [
        "use std::{collections::BTreeMap, sync::Arc}; // std::net is not for us",
        "#[cfg(test)] mod tests { use std::fs; }",
        "const A: &str = \"std::fs\"; fn f(tokio_like: u8) { assert!(a::b == 1, \"std::fs\") }",
        "use std::time::Duration;",
        "use std::net::IpAddr; // an address is plain data, a socket is not",
    ] {
        assert_eq!(broken(good, IO), Vec::<String>::new(), "{good}");
    }
}

#[test]
fn crates_depend_only_in_the_direction_of_the_arrows() {
    let manifests = manifests();
    for (name, ours, never) in CRATES {
        let dependencies = &manifests[*name];
        for other in CRATES.iter().map(|it| it.0).filter(|other| !ours.contains(other)) {
            assert!(!dependencies.contains(other), "{name} must not depend on {other}");
        }
        for banned in *never {
            assert!(!dependencies.contains(*banned), "{name} must not depend on {banned}");
        }
    }
    assert_eq!(manifests.len(), CRATES.len(), "a crate without a rule: {:?}", manifests.keys());
}

fn violations(room: &Room) -> Vec<String> {
    let sources = room.paths.iter().flat_map(|path| files(&workspace().join(path)));
    let mut found = Vec::new();
    // A file that holds tests alone is named so; its `mod` line, not its content, carries the `cfg(test)`.
    for path in sources.filter(|path| !path.ends_with("tests.rs") && !path.iter().any(|it| it == "tests")) {
        let source = std::fs::read_to_string(&path).expect("a source file can be read");
        let shown = path.strip_prefix(workspace()).unwrap_or(&path).display().to_string();
        found.extend(broken(&source, room.banned).into_iter().map(|it| format!("{shown} {it}: {}", room.because)));
    }
    found
}

/// What of a source is banned.
fn broken(source: &str, banned: &[&str]) -> Vec<String> {
    named(source)
        .into_iter()
        .filter(|it| banned.iter().any(|above| lies_below(it, above)))
        .map(|it| format!("names {it}"))
        .collect()
}

/// The names of each member crate's ordinary and build dependencies; those of its tests are free.
fn manifests() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(cargo())
        .current_dir(workspace())
        .args(["metadata", "--no-deps", "--offline", "--locked", "--format-version", "1"])
        .output()
        .expect("cargo can be started");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    packages.iter().map(|package| (text(&package["name"]), dependencies(package))).collect()
}

fn dependencies(package: &serde_json::Value) -> BTreeSet<String> {
    let all = package["dependencies"].as_array().expect("a list of dependencies");
    all.iter().filter(|it| it["kind"] != "dev").map(|it| text(&it["name"])).collect()
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().expect("a string").to_owned()
}
