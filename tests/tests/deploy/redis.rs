//! Redis as the page sets it up: who gets in, what a node may do there, what it keeps, and how a node is put out.

use tests::programs::workspace;

use crate::page::read;
use crate::site::Site;

#[test]
fn only_a_node_with_its_certificate_and_its_password_gets_in() {
    let Some(site) = Site::new() else { return };
    let pong = |outcome: tests::Outcome| outcome.text().contains("PONG");
    site.node("node1", "ping").exits(0).says("PONG");
    site.node("node2", "ping").exits(0).says("PONG");
    site.admin("ping").exits(0).says("PONG");
    let sandbox = &site.sandbox;
    // Somebody who may chat, Redis's own certificate, none at all, and no TLS.
    sandbox.shell("export PKI_STORE=~/chat-ca; pki issue client alice; pki export bundle alice").exits(0);
    sandbox.shell("cat redis/fullchain.pem redis/privkey.pem > server.pem").exits(0);
    for bundle in ["alice.bundle.pem", "server.pem"] {
        assert!(!pong(site.cli(bundle, "node1/redis.password", "node1", "ping")), "{bundle}");
    }
    let none = site.line("", "node1");
    assert!(!pong(sandbox.shell(&format!("REDISCLI_AUTH=$(cat node1/redis.password) {none} ping || true"))));
    assert!(!pong(sandbox.shell(&format!("redis-cli -h localhost -p {} ping || true", site.number()))));
    // Another node's password, a wrong one, and none.
    let certificate = "node1/bus.bundle.pem";
    site.cli(certificate, "node2/redis.password", "node1", "ping").says("WRONGPASS");
    site.cli(certificate, "node1/chat.toml", "admin", "ping").says("WRONGPASS");
    let silent = site.line("--cert node1/bus.bundle.pem --key node1/bus.bundle.pem", "node1");
    sandbox.shell(&silent.replace("--user node1", "ping")).says("NOAUTH");
    // The user that has all rights is nobody's.
    site.cli(certificate, "node1/redis.password", "default", "ping").says("WRONGPASS");
    sandbox.shell(&format!("REDISCLI_AUTH= {}", silent.replace("--user node1", "auth default ''"))).says("WRONGPASS");
}

#[test]
fn a_node_reaches_the_chat_s_keys_and_nothing_else() {
    let Some(site) = Site::new() else { return };
    site.node("node1", "set '{chat:ExampleNet}:x' 1").says("OK");
    site.node("node2", "get '{chat:ExampleNet}:x'").says("1");
    site.admin("set wages 1").says("OK");
    for refused in [
        "get wages",
        "set wages 2",
        "set '{chat}:x' 2",
        "getdel 'chat:x'",
        "xread streams wages 0",
        "keys '*'",
        "scan 0",
        "dbsize",
        "randomkey",
        "config get '*'",
        "config set requirepass x",
        "acl list",
        "acl setuser node1 allkeys",
        "client list",
        "monitor",
        "flushall",
        "flushdb",
        "shutdown nosave",
        "replicaof localhost 1",
        "bgsave",
        "publish x y",
        "subscribe x",
        "function list",
        "eval 'return 1' 0",
        "script flush",
        "module list",
    ] {
        site.node("node1", refused).says("NOPERM");
    }
    // Nor in a script, whatever keys it says that it has.
    let load = r#"script load "return redis.call('get', 'wages')""#;
    let loaded = site.node("node1", load).exits(0);
    let inside = site.node("node1", &format!("evalsha {} 1 '{{chat:ExampleNet}}:x'", loaded.stdout.trim()));
    // Redis 7.0 and later versions say so differently.
    let words = ["can't access at least one of the keys", "ACL failure in script"];
    assert!(words.iter().any(|it| inside.text().contains(it)), "{inside}");
}

/// Of the sources: each command that is sent, and each that the script calls.
#[test]
fn what_a_node_may_do_is_what_the_bus_does() {
    let folder = workspace().join("chat/src/bus");
    let source = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a source");
    let sent = [source("redis.rs"), source("redis/words.rs"), source("script.lua")].concat();
    let quoted = |marks: [&str; 2], text: &str| -> Vec<String> {
        let found = text.split(marks[0]).skip(1).filter_map(|rest| rest.split(marks[1]).next());
        found.map(str::to_lowercase).collect()
    };
    let mut needed = quoted(["cmd(\"", "\""], &sent);
    needed.extend(quoted(["call('", "'"], &sent));
    needed.sort_unstable();
    needed.dedup();
    let mut allowed: Vec<String> = read("redis/node.acl")
        .split_whitespace()
        .filter_map(|word| word.strip_prefix('+'))
        .map(|word| word.split('|').next().unwrap_or(word).to_owned())
        .collect();
    allowed.sort_unstable();
    assert!(needed.len() > 20, "{needed:?}");
    assert_eq!(allowed, needed);
}

#[test]
fn a_full_redis_refuses_what_is_new_and_keeps_what_is_old() {
    let Some(site) = Site::new() else { return };
    site.node("node1", "hset '{chat:ExampleNet}:records' account alice").exits(0);
    site.admin("config get maxmemory-policy").says("noeviction");
    site.admin("config set maxmemory 1").says("OK");
    site.node("node1", "hset '{chat:ExampleNet}:records' account bob").says("OOM");
    site.node("node1", "hget '{chat:ExampleNet}:records' account").says("alice");
}

#[test]
fn what_was_kept_outlives_a_crash() {
    let Some(site) = Site::new() else { return };
    site.node("node1", "hset '{chat:ExampleNet}:records' account alice").exits(0);
    let site = site.crash();
    site.node("node1", "hget '{chat:ExampleNet}:records' account").says("alice");
    site.admin("config get appendfsync").says("everysec");
}

#[test]
fn a_node_that_is_put_out_is_cut_off_at_once_and_the_others_are_not() {
    let Some(site) = Site::new() else { return };
    let [mut stays, mut goes] = ["node1", "node2"].map(|node| site.session(node));
    for session in [&mut stays, &mut goes] {
        session.types("set {chat:ExampleNet}:x before");
        session.line("OK");
    }
    site.types("### Putting a node out");
    let clients = site.admin("client list").exits(0);
    assert!(clients.stdout.contains("user=node1") && !clients.stdout.contains("user=node2"), "{clients}");
    site.node("node2", "ping").says("WRONGPASS");
    stays.types("get {chat:ExampleNet}:x");
    stays.line("before");
    let lists = site.sandbox.run("openssl", ["crl", "-in", "crl.pem", "-noout", "-text"]).exits(0);
    assert!(lists.stdout.contains("Key Compromise"), "{lists}");
}

#[test]
fn renewed_certificates_are_taken_without_a_restart() {
    let Some(site) = Site::new() else { return };
    let shown = || {
        let asked = "openssl s_client -connect localhost:PORT -cert node1/bus.bundle.pem -key node1/bus.bundle.pem \
                     </dev/null 2>/dev/null | openssl x509 -noout -serial";
        site.sandbox.shell(&asked.replace("PORT", &site.number().to_string())).exits(0).stdout
    };
    let mut session = site.session("node1");
    session.types("set {chat:ExampleNet}:x before");
    session.line("OK");
    let before = (shown(), site.sandbox.read("node1/bus.bundle.pem"), site.sandbox.read("node1/chat.bundle.pem"));
    // They are new, and the page renews what ends within 30 days.
    site.types_with("### Renewing certificates", |it| it.replace("--expiring 30d", "--expiring 91d"));
    let after = (shown(), site.sandbox.read("node1/bus.bundle.pem"), site.sandbox.read("node1/chat.bundle.pem"));
    assert!(before.0.starts_with("serial=") && before.0 != after.0, "{before:?} {after:?}");
    assert!(before.1 != after.1 && before.2 != after.2, "the bundles are the old ones");
    site.node("node1", "ping").says("PONG");
    session.types("get {chat:ExampleNet}:x");
    session.line("before");
}

#[test]
fn a_further_node_is_let_in_while_the_others_talk() {
    let Some(site) = Site::new() else { return };
    let mut stays = site.session("node1");
    stays.types("set {chat:ExampleNet}:x before");
    stays.line("OK");
    let connected = |site: &Site| {
        let clients = site.admin("client list").exits(0).stdout;
        let id = clients.lines().find(|it| it.contains("user=node1")).and_then(|it| it.split(' ').next());
        id.map(str::to_owned)
    };
    let before = connected(&site);
    site.adds("node3");
    site.node("node3", "set '{chat:ExampleNet}:x' after").says("OK");
    site.node("node3", "get wages").says("NOPERM");
    assert!(before.is_some() && connected(&site) == before, "{before:?}");
    // It is in the file for the next start as well.
    site.restart().node("node3", "get '{chat:ExampleNet}:x'").says("after");
}

#[test]
fn users_of_before_are_given_what_a_new_version_needs() {
    let Some(site) = Site::new() else { return };
    let as_made = site.sandbox.read("redis/users.acl");
    site.sandbox.write("redis/users.acl", as_made.replace(" +ping", "").replace(" +hget", ""));
    site.types("### Upgrading");
    assert_eq!(site.sandbox.read("redis/users.acl"), as_made);
    site.node("node1", "ping").says("PONG");
    site.node("node2", "hget '{chat:ExampleNet}:records' account").exits(0).does_not_say("NOPERM");
}
