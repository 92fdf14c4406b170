//! `docs/deploy.md` holds: what it has people type is typed here, and the files that it hands out are used as they are.
#![cfg(unix)]

mod nodes;
mod page;
mod redis;
mod site;
mod units;

use std::os::unix::fs::PermissionsExt;

use page::{blocks, document, read, section};
use tests::Sandbox;

/// Columns of a drawing: what a terminal and a printed page hold.
const WIDEST_DRAWING: usize = 90;

#[test]
fn drawings_and_commands_fit_on_a_page() {
    let page = read("deploy.md");
    let drawings = blocks(&page, "text").into_iter().chain(blocks(&page, "console"));
    let lines: Vec<String> = drawings.flat_map(|it| it.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let wide: Vec<&String> = lines.iter().filter(|it| it.chars().count() > 120).collect();
    assert!(lines.len() > 100 && wide.is_empty(), "{wide:#?}");
    let drawn = blocks(&page, "text").into_iter().filter(|it| it.contains('┌'));
    let wide: Vec<String> = drawn
        .flat_map(|it| it.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|it| it.chars().count() > WIDEST_DRAWING)
        .collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

/// Every piece of a configuration on the page is one that the program takes.
#[test]
fn the_page_s_configurations_are_taken() {
    let pieces = blocks(&read("deploy.md"), "toml");
    assert!(pieces.len() >= 4, "{pieces:#?}");
    for piece in pieces {
        chat::config::ConfigFile::parse(&piece, &document("deploy.md")).unwrap_or_else(|why| panic!("{piece}{why}"));
    }
}

/// What the CA's machine makes for a node is what its configuration names, readable by nobody else, and without the CA's key.
#[test]
fn a_node_s_folder_has_what_its_configuration_names() {
    if tests::peers::peer("openssl").is_none() {
        return;
    }
    let sandbox = site::on_the_cas_machine(&["node1", "node2"]);
    for node in ["node1", "node2"] {
        let written = sandbox.read(format!("{node}/chat.toml"));
        chat::config::ConfigFile::parse(&written, &sandbox.file(node)).expect("a configuration");
        let told: toml::Table = written.parse().expect("TOML");
        let text = |section: &str, key: &str| told[section][key].as_str().expect("a text").to_owned();
        assert_eq!(told["name"].as_str(), Some(format!("{node}.example.test").as_str()));
        assert_eq!(text("bus", "url"), format!("rediss://{node}@redis.example.test:6379"));
        for (section, key) in [("tls", "bundle"), ("tls", "crl"), ("bus", "password_file"), ("bus", "bundle")] {
            let path = text(section, key);
            let file = path.strip_prefix("/etc/chat/").unwrap_or_else(|| panic!("{path} lies elsewhere"));
            assert!(sandbox.file(node).join(file).is_file(), "{node} has no {file}");
        }
        let mode = sandbox.file(node).metadata().expect("a folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        has_no_key_of_a_ca(&sandbox, node);
    }
}

/// Each line of the log that the page explains is one that the chat writes.
#[test]
fn the_page_s_lines_of_the_log_are_those_of_the_chat() {
    let table = section("### What to watch");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let words: Vec<&str> =
        rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split('`').skip(1).step_by(2)).collect();
    let sources = tests::sources::files(&tests::programs::workspace().join("chat/src"));
    let text: String = sources.iter().map(|it| std::fs::read_to_string(it).expect("a source")).collect();
    let missing: Vec<&&str> =
        words.iter().filter(|it| !text.contains(&format!("\"{it}\"")) && !text.contains(&format!("\"{it}:"))).collect();
    assert!(words.len() > 8 && missing.is_empty(), "{missing:?}");
}

fn has_no_key_of_a_ca(sandbox: &Sandbox, node: &str) {
    for store in ["chat-ca", "bus-ca"] {
        let keys = std::fs::read_dir(sandbox.file("home").join(store).join("ca")).expect("a store").flatten();
        let keys: Vec<_> = keys.map(|it| it.path()).filter(|it| it.extension().is_some_and(|it| it == "key")).collect();
        assert!(!keys.is_empty(), "where are the keys of {store}?");
        for key in keys {
            let secret = std::fs::read_to_string(&key).expect("the owner reads it");
            let body = secret.lines().nth(1).expect("PEM has a body");
            for file in std::fs::read_dir(sandbox.file(node)).expect("the folder").flatten() {
                let held = std::fs::read_to_string(file.path()).expect("text");
                assert!(!held.contains(body), "{} holds {}", file.path().display(), key.display());
            }
        }
    }
}
