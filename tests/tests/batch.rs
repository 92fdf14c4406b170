//! `pki issue batch`: every row is checked first, everything arrives, and what was interrupted goes on where it was.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tests::peers::peer;
use tests::{Outcome, Sandbox, programs};

const MANIFEST: &str = "purpose,names,key,days\n\
    server,app.example.test 192.0.2.7,,30\n\
    client,alice alice@example.test,ed25519,\n\
    server,*.shop.example.test,ecdsa-p384,7\n";
const NAMES: [&str; 3] = ["app.example.test", "alice", "*.shop.example.test"];

/// A manifest of that many hosts.
fn hosts(count: usize) -> String {
    let mut text = String::from("purpose,names\n");
    for number in 0..count {
        writeln!(text, "server,host{number}.example.test").expect("a String takes every write");
    }
    text
}

#[test]
fn a_folder_each_in_the_store_as_issue_makes_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.write("hosts.csv", MANIFEST);
    sandbox.pki(["issue", "batch", "hosts.csv"]).exits(0).says("3 certificates");
    for name in NAMES {
        assert_usable(&sandbox, &sandbox.store().join("certs").join(name));
        sandbox.pki(["show", name]).exits(0).says(name);
    }
    let text =
        sandbox.run("openssl", ["x509", "-noout", "-ext", "subjectAltName", "-in", "store/certs/alice/cert.pem"]);
    text.exits(0).says("email:alice@example.test");
    let ends = sandbox.pki(["show", NAMES[2], "--json"]).exits(0).stdout;
    let shown: Value = serde_json::from_str(&ends).expect("JSON");
    assert_eq!(shown["sans"], serde_json::json!(["*.shop.example.test"]));
}

#[test]
fn a_revoked_ca_issues_no_batch() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.write("hosts.csv", MANIFEST);
    let ca = sandbox.run("openssl", ["x509", "-noout", "-serial", "-in", "store/ca/issuing.pem"]);
    let serial = ca.stdout.trim().trim_start_matches("serial=").to_lowercase();
    sandbox.pki(["revoke", &serial]).exits(0);
    sandbox.pki(["issue", "batch", "hosts.csv"]).exits(4).says("revoked");
    assert_eq!(sandbox.pki(["list", "--json"]).exits(0).json(), serde_json::json!([]));
}

#[test]
fn a_folder_each_in_another_folder_where_renew_finds_them() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.write("hosts.csv", MANIFEST);
    sandbox.pki(["issue", "batch", "hosts.csv", "--to", "out", "--json"]).exits(0).says("\"issued\": 3");
    for name in NAMES {
        assert_usable(&sandbox, &sandbox.file("out").join(name));
    }
    let before = sandbox.read("out/alice/cert.pem");
    sandbox.pki(["renew", "alice"]).exits(0);
    assert_ne!(before, sandbox.read("out/alice/cert.pem"));
    assert_eq!(drafts(&sandbox.file("out")), 0);
}

#[test]
fn a_line_of_json_each() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.write("hosts.csv", MANIFEST);
    sandbox.pki(["issue", "batch", "hosts.csv", "--to", "out.jsonl"]).exits(0);
    assert_eq!(mode(&sandbox.file("out.jsonl")), 0o600);
    let lines = sandbox.read("out.jsonl");
    assert_eq!(lines.lines().count(), 3);
    for (line, name) in lines.lines().zip(NAMES) {
        assert_line(&sandbox, line, name);
    }
}

#[test]
fn a_folder_each_in_an_archive() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    // A name for which the classic header of an archive has no room.
    let long = format!("{0}.{0}.{0}.example.test", "a".repeat(60));
    sandbox.write("hosts.csv", format!("{MANIFEST}server,{long},,\n"));
    sandbox.pki(["issue", "batch", "hosts.csv", "--to", "out.tar"]).exits(0);
    assert_eq!(mode(&sandbox.file("out.tar")), 0o600);
    sandbox.shell("mkdir unpacked; tar -xf out.tar -C unpacked").exits(0).does_not_say("tar:");
    for name in NAMES.into_iter().chain([long.as_str()]) {
        assert_usable(&sandbox, &sandbox.file("unpacked").join(name));
    }
}

#[test]
fn standard_input_to_standard_output() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    let rows = "{\"purpose\":\"client\",\"names\":[\"Alice B. Example\"]}\n{\"purpose\":\"server\",\"names\":\"a.test b.test\",\"days\":3}\n";
    let batch = ["issue", "batch", "-", "--to", "-", "--format", "jsonl"];
    let outcome = sandbox.run_with_input(programs::pki(), batch, rows).exits(0);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_line(&sandbox, lines[0], "Alice B. Example");
    assert_line(&sandbox, lines[1], "a.test");
    // What went out is known to the store, and not issued twice.
    sandbox.run_with_input(programs::pki(), batch, rows).exits(3).says("line 2").says("pki renew a.test");

    let tar = ["issue", "batch", "-", "--to", "-", "--format", "tar", "--days", "5"];
    sandbox
        .run_with_input("sh", ["-c", &format!("pki {} | tar -t", tar.join(" "))], "purpose,names\nclient,bob\n")
        .exits(0)
        .says("bob/privkey.pem");
}

#[test]
fn every_bad_row_is_told_by_its_line_and_nothing_is_issued() {
    let sandbox = Sandbox::new();
    sandbox.pki(["init-ca", "--name", "Test Root CA", "--permit-dns", "example.test"]).exits(0);
    sandbox.pki(["issue", "client", "carol"]).exits(0);
    sandbox.pki(["issue", "client", "dave"]).exits(0);
    let rows = [
        ("server,good.example.test,,", None),
        ("server,bad_name.example.test,,", Some("bad-name.example.test")),
        ("server,https://a.example.test/,,", Some("URL")),
        ("server,GOOD.example.test,,", Some("line 2")),
        ("client,carol,,", Some("already has")),
        ("client,DAVE,,", Some("one folder")),
        ("server,app.example.org,,", Some("outside the name constraints")),
        ("server,c.example.test,,0", Some("1 to 36525")),
        ("server,d.example.test,,4000000000", Some("1 to 36525")),
        ("server,e.example.test,rsa-1024,", Some("ecdsa-p256")),
        ("machine,f.example.test,,", Some("server or client")),
        ("client,../../etc,,", Some("slash")),
        ("client,..,,", Some("dot")),
        ("server,,,", Some("at least one name")),
        ("server,\"g.example.test,,", Some("not closed")),
        ("server,h.example.test,,1,1", Some("expected 4 fields")),
        ("client,\"a\u{7}b\",,", Some("control")),
    ];
    let mut manifest = String::from("purpose,names,key,days\n");
    rows.iter().for_each(|(row, _)| writeln!(manifest, "{row}").expect("a String takes every write"));
    sandbox.write("bad.csv", manifest);
    let outcome = sandbox.pki(["issue", "batch", "bad.csv", "--json"]).exits(3);
    let told: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!((&told["rows"], &told["issued"]), (&17.into(), &0.into()));
    let faults = told["faults"]["shown"].as_array().expect("a list");
    let bad = rows.iter().enumerate().filter_map(|(row, (_, told))| Some((row + 2, (*told)?)));
    for (fault, (line, expected)) in faults.iter().zip(bad) {
        assert_eq!(fault["line"], line, "{fault}");
        let text = format!("{} {}", fault["reason"], fault["fix"]);
        assert!(text.contains(expected), "line {line}: expected {expected:?} in {text}");
    }
    assert_eq!(faults.len(), 16);
    sandbox.pki(["issue", "batch", "bad.csv"]).exits(3).says("line 3: ").says("16 of 17 rows").does_not_say("\u{7}");
    let listed = sandbox.pki(["list", "--json"]).exits(0).stdout;
    assert_eq!(listed.matches("\"name\"").count(), 2, "carol and dave alone: {listed}");
}

/// Also of more than are kept in memory.
#[test]
fn every_bad_row_is_told_by_its_line() {
    let sandbox = Sandbox::with_ca();
    sandbox.write("bad.csv", hosts(2500).replace("host", "bad_host"));
    let outcome = sandbox.pki(["issue", "batch", "bad.csv"]).exits(3).says("2500 of 2500").does_not_say("more");
    let lines: Vec<u64> =
        outcome.stderr.lines().filter_map(|it| it.strip_prefix("  line ")?.split(':').next()?.parse().ok()).collect();
    assert!(lines.iter().copied().eq(2..=2501), "{lines:?}");
    let told = sandbox.pki(["issue", "batch", "bad.csv", "--json"]).exits(3).json();
    let shown = told["faults"]["shown"].as_array().expect("a list");
    assert_eq!((&told["faults"]["count"], shown.len()), (&2500.into(), 2500));
    assert!(shown.iter().zip(2..).all(|(fault, line)| fault["line"] == line));
    assert_eq!(sandbox.shell("ls store/certs 2>/dev/null | wc -l").stdout.trim(), "0");
}

#[test]
fn what_is_no_manifest_is_told_with_what_is_right() {
    let sandbox = Sandbox::with_ca();
    let utf16: Vec<u8> = "\u{feff}purpose,names\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (manifest, told) in [
        (b"".to_vec(), "empty"),
        (b"\n\n".to_vec(), "empty"),
        (b"purpose,names\n".to_vec(), "no rows"),
        (b"server,a.example.test\n".to_vec(), "none of ours"),
        (b"purpose;names\n".to_vec(), "none of ours"),
        (b"purpose,days\n".to_vec(), "no column \"names\""),
        (utf16, "UTF-16"),
        (vec![b'x'; 10 << 20], "longer than 65536"),
    ] {
        sandbox.write("m.csv", &manifest);
        sandbox.pki(["issue", "batch", "m.csv"]).exits(3).says(told).says("purpose,names,key,days");
    }
    sandbox.pki(["issue", "batch", "missing.csv"]).exits(3).says("missing.csv");
    let long = format!("purpose,names\nserver,{}\nclient,\u{e9}\n", "x".repeat(10 << 20));
    sandbox.write("m.csv", long);
    sandbox.pki(["issue", "batch", "m.csv"]).exits(3).says("line 2: it is longer").says("1 of 2 rows");
    sandbox.write("m.csv", b"purpose,names\nclient,caf\xe9\n");
    sandbox.pki(["issue", "batch", "m.csv"]).exits(3).says("line 2: it is no text in UTF-8, from octet 11");
    let many: Vec<String> = (0..1000).map(|number| format!("h{number}.test")).collect();
    sandbox.write("m.csv", format!("purpose,names\nserver,{}\n", many.join(" ")));
    sandbox.pki(["issue", "batch", "m.csv"]).exits(3).says("line 2").says("at most 100 names");
}

#[test]
fn a_manifest_as_spreadsheets_and_editors_leave_it() {
    let sandbox = Sandbox::with_ca();
    sandbox
        .write("m.csv", "\u{feff}\"days\",\"names\",\"purpose\"\r\n\r\n30,\"a.test  b.test\",server\r\n,bob , client");
    sandbox.pki(["issue", "batch", "m.csv"]).exits(0).says("2 certificates");
    assert!(sandbox.issued("a.test", "privkey.pem").exists() && sandbox.issued("bob", "cert.pem").exists());
}

#[test]
fn targets_that_will_not_do() {
    let sandbox = Sandbox::with_ca();
    sandbox.write("m.csv", hosts(1));
    for (arguments, told) in [
        (&["--to", "-"][..], "--format jsonl"),
        (&["--format", "tar"], "--to -"),
        (&["--to", "o.tar.gz"], "gzip"),
        (&["--to", "-", "--format", "tar", "--json"], "--json"),
    ] {
        sandbox.pki(["issue", "batch", "m.csv"].iter().chain(arguments)).exits(2).says(told);
    }
    sandbox.write("o.jsonl", "something\n");
    sandbox.pki(["issue", "batch", "m.csv", "--to", "o.jsonl"]).exits(2).says("not written over");
    assert_eq!(sandbox.read("o.jsonl"), "something\n");
    std::os::unix::fs::symlink("elsewhere", sandbox.file("link.tar")).expect("a fresh name");
    sandbox.pki(["issue", "batch", "m.csv", "--to", "link.tar"]).exits(2).says("not written over");
    assert!(!sandbox.file("elsewhere").exists());
    for target in ["/dev/null/o", "/dev/null/o.tar", "/dev/null"] {
        let code = sandbox.pki(["issue", "batch", "m.csv", "--to", target]).says("/dev/null").code();
        assert!([2, 3].contains(&code), "{target}: {code}");
    }
    // None of these has kept the batch from being begun.
    sandbox.pki(["issue", "batch", "m.csv"]).exits(0);
}

#[test]
fn a_finished_batch_says_so_and_what_is_missing() {
    let sandbox = Sandbox::with_ca();
    sandbox.write("m.csv", MANIFEST);
    sandbox.pki(["issue", "batch", "m.csv"]).exits(0);
    let again = sandbox.pki(["issue", "batch", "m.csv"]).exits(0).says("finished");
    again.does_not_say("issued:");
    let elsewhere = sandbox.pki(["issue", "batch", "m.csv", "--to", "out"]).exits(2);
    elsewhere
        .says("every row of this manifest was issued already, by a batch without --to")
        .says("copy them from there");
    sandbox.pki(["issue", "batch", "m.csv", "--days", "3"]).exits(2).says("without --days");
    std::fs::remove_file(sandbox.issued("alice", "privkey.pem")).expect("it is there");
    sandbox
        .pki(["issue", "batch", "m.csv"])
        .exits(1)
        .says("line 3")
        .says("privkey.pem")
        .says("pki renew alice --rekey");
    sandbox.pki(["renew", "alice", "--rekey"]).exits(0);
    sandbox.pki(["issue", "batch", "m.csv"]).exits(0).says("finished");

    sandbox.write("n.csv", hosts(3));
    sandbox.pki(["issue", "batch", "n.csv", "--to", "n.jsonl"]).exits(0);
    sandbox.pki(["issue", "batch", "n.csv", "--to", "n.jsonl"]).exits(0).says("finished");
    let text = sandbox.read("n.jsonl");
    sandbox.write("n.jsonl", &text[..text.len() - 1]);
    sandbox.pki(["issue", "batch", "n.csv", "--to", "n.jsonl"]).exits(4).says("n.jsonl").says("bring the file back");
}

#[test]
fn a_killed_batch_goes_on_where_it_was() {
    for target in ["out.jsonl", "out.tar", "out", "store"] {
        let sandbox = Sandbox::with_ca();
        sandbox.write("m.csv", hosts(1200));
        let mut arguments = vec!["issue", "batch", "m.csv"];
        if target != "store" {
            arguments.extend(["--to", target]);
        }
        kill_once_begun(&sandbox, &arguments, target);
        let before = issued(&sandbox);
        assert!(before < 1200, "{target}: it was to be killed before its end");
        let outcome = sandbox.pki(&arguments).exits(0);
        outcome.says("rows       1200");
        assert_eq!(issued(&sandbox), 1200, "{target}");
        assert_each_once(&sandbox, target, 1200);
        sandbox.pki(&arguments).exits(0).says("finished");
        sandbox.pki(["check"]).exits(0);
        sandbox.pki(["log", "verify"]).exits(0);
    }
}

#[test]
fn a_killed_batch_is_named_and_settled_by_check_and_goes_on() {
    for target in ["out.jsonl", "out"] {
        let sandbox = Sandbox::with_ca();
        sandbox.write("m.csv", hosts(1200));
        let mut arguments = vec!["issue", "batch", "m.csv"];
        if target != "store" {
            arguments.extend(["--to", target]);
        }
        kill_once_begun(&sandbox, &arguments, target);
        let found = sandbox.pki(["check", "--json"]);
        let batches = found.json()["batches"].clone();
        assert_eq!((batches.as_array().map(Vec::len), &batches[0]["rows"]), (Some(1), &1200.into()), "{target}");
        assert_eq!(batches[0]["done"], issued(&sandbox), "{target}");
        assert_eq!(batches[0]["manifest"].as_str().map(str::len), Some(64), "{target}");
        let repaired = sandbox.pki(["check", "--repair", "--json"]).exits(0).json();
        let codes = repaired["troubles"].as_array().expect("an array").iter().map(|trouble| &trouble["code"]);
        let strange: Vec<_> = codes.filter(|code| *code != "batch-unfinished" && *code != "leftover").collect();
        assert!(strange.is_empty(), "{target}: {strange:?}");
        sandbox.pki(["check"]).exits(0).says("sound").says("go on with: pki issue batch MANIFEST");
        sandbox.pki(&arguments).exits(0).says("rows       1200");
        assert_eq!(issued(&sandbox), 1200, "{target}");
        assert_each_once(&sandbox, target, 1200);
        sandbox.pki(["check"]).exits(0).does_not_say("a batch is not finished");
        sandbox.pki(["log", "verify"]).exits(0);
    }
}

#[test]
fn a_repair_records_what_reached_the_file_and_gives_nothing_up_where_it_cannot_read() {
    for target in ["out.jsonl", "out.tar"] {
        let sandbox = Sandbox::with_ca();
        let Some(python) = peer("python3") else { return };
        sandbox.write("m.csv", hosts(700));
        sandbox.pki(["issue", "batch", "m.csv", "--to", target]).exits(0);
        let whole = std::fs::read(sandbox.file(target)).expect("the target");
        let torn = if target == "out.tar" { whole.len() - 1024 - 700 } else { whole.len() - 700 };
        sandbox.run(&python, ["-c", UNDO, "store/index.sqlite"]).exits(0);
        std::fs::remove_file(sandbox.file(target)).expect("the target");
        let left = sandbox.pki(["check", "--repair", "--json"]).exits(1).json();
        let batch = |trouble: &&Value| trouble["code"] == "batch-unfinished" && trouble["repaired"].is_null();
        let trouble = left["troubles"].as_array().and_then(|troubles| troubles.iter().find(batch));
        let next = trouble.and_then(|trouble| trouble["next"].as_str()).unwrap_or_default();
        assert!(next.contains(target) && next.contains("pki issue batch MANIFEST --to"), "{left}");

        // The log of this test has them issued already, so what is asked is what the index says.
        std::fs::write(sandbox.file(target), &whole[..torn]).expect("the target");
        sandbox.pki(["check", "--repair"]);
        assert_eq!(issued(&sandbox), 699, "{target}: all but the torn one are recorded");
        let file = std::fs::metadata(sandbox.file(target)).expect("the target");
        assert_eq!(file.len(), torn as u64, "the file is as it was");
    }
}

#[test]
fn a_torn_end_is_mended() {
    for target in ["out.jsonl", "out.tar"] {
        let sandbox = Sandbox::with_ca();
        let Some(python) = peer("python3") else { return };
        sandbox.write("m.csv", hosts(700));
        sandbox.pki(["issue", "batch", "m.csv", "--to", target]).exits(0);
        let whole = std::fs::read(sandbox.file(target)).expect("the target");
        // As after a crash between writing the second group and recording it, the last item written in part.
        let torn = if target == "out.tar" { whole.len() - 1024 - 700 } else { whole.len() - 700 };
        sandbox.run(&python, ["-c", UNDO, "store/index.sqlite"]).exits(0);
        std::fs::write(sandbox.file(target), &whole[..torn]).expect("the target");
        sandbox.pki(["issue", "batch", "m.csv", "--to", target]).exits(0).says("1 certificate\n");
        assert_each_once(&sandbox, target, 700);
        let mended = std::fs::read(sandbox.file(target)).expect("the target");
        assert!(mended.starts_with(&whole[..torn - 9000]), "what was whole has stayed");
    }
}

/// The second group is as it was before it was recorded: the first one's rows and length are what is acknowledged.
const UNDO: &str = "import sqlite3, sys, json
c = sqlite3.connect(sys.argv[1])
form, target = c.execute('SELECT form, target FROM batch').fetchone()
data = open(target, 'rb').read()
if form == 'jsonl':
    length = sum(len(line) + 1 for line in data.split(b'\\n')[:500])
else:
    import tarfile
    names = {name for name, in c.execute('SELECT name FROM certificate ORDER BY id LIMIT 500')}
    members = tarfile.open(target).getmembers()
    length = next(m.offset for m in members if m.name.split('/')[0] not in names)
c.execute(\"UPDATE batch SET state='begun', length=?\", [length])
c.execute(\"UPDATE certificate SET state='planned', certificate=NULL, sha256=NULL WHERE id > 500\")
c.commit()";

#[test]
fn what_the_store_s_owner_has_laid_down_holds_for_rows() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.write(
        "store/ca.toml",
        "[server]\ndays = 20\nmax_days = 30\nkey = \"ecdsa-p384\"\nkeys = [\"ecdsa-p384\", \"ecdsa-p256\"]\n",
    );
    sandbox.pki(["crl", "--url", "http://crl.example.test", "--partitions", "4"]).exits(0);
    sandbox.write("m.csv", "purpose,names,key,days\nserver,a.test,,40\nserver,b.test,ed25519,\nserver,c.test,,\n");
    sandbox
        .pki(["issue", "batch", "m.csv"])
        .exits(3)
        .says("2 of 3 rows")
        .says("line 2: ")
        .says("30 days")
        .says("line 3: ");
    sandbox.write("m.csv", hosts(8));
    sandbox.pki(["issue", "batch", "m.csv"]).exits(0);
    let text = sandbox.run("openssl", ["x509", "-noout", "-text", "-in", "store/certs/host7.example.test/cert.pem"]);
    text.exits(0).says("http://crl.example.test/").says("secp384r1");
    for number in 0..8 {
        sandbox.pki(["revoke", &format!("host{number}.example.test")]).exits(0);
    }
    sandbox.pki(["crl"]).exits(0);
    sandbox.pki(["check"]).exits(0);
}

#[test]
fn two_batches_at_once_and_others_beside_them() {
    let sandbox = Sandbox::with_ca();
    sandbox.write("a.csv", hosts(400));
    sandbox.write("b.csv", hosts(400).replace("host", "other"));
    let first = sandbox.start(programs::pki(), ["issue", "batch", "a.csv", "--to", "a.jsonl"]);
    let second = sandbox.start(programs::pki(), ["issue", "batch", "b.csv", "--to", "b.jsonl"]);
    for number in 0..3 {
        sandbox.pki(["issue", "client", &format!("guest{number}")]).exits(0);
    }
    assert_eq!((first.ends().0, second.ends().0), (0, 0));
    assert_eq!(issued(&sandbox), 803);
    sandbox.pki(["log", "verify"]).exits(0);
    sandbox.pki(["check"]).exits(0);
}

#[test]
fn a_full_disk_is_told_and_the_batch_goes_on_when_there_is_room() {
    let sandbox = Sandbox::with_ca();
    let small = sandbox.file("small").display().to_string();
    if sandbox.shell(&format!("mkdir small; mount -t tmpfs -o size=256k tmpfs {small}")).code() != 0 {
        tests::peers::skipped("a small file system needs the right to mount one");
        return;
    }
    sandbox.write("m.csv", hosts(600));
    let batch = ["issue", "batch", "m.csv", "--to", "small/out.jsonl"];
    let outcome = sandbox.pki(batch);
    let more = sandbox.shell(&format!("mount -o remount,size=64m {small}"));
    let again = sandbox.pki(batch);
    let count = std::fs::read_to_string(sandbox.file("small/out.jsonl")).map(|text| text.lines().count());
    sandbox.shell(&format!("umount {small}"));
    outcome.exits(4).says("No space left");
    more.exits(0);
    again.exits(0);
    assert_eq!(count.ok(), Some(600));
    assert_eq!(issued(&sandbox), 600);
}

/// Starts a batch, waits until a group of it has arrived, and kills it.
fn kill_once_begun(sandbox: &Sandbox, arguments: &[&str], target: &str) {
    let mut command = sandbox.command(programs::pki());
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("pki is built");
    let place = if target == "store" { sandbox.file("store/certs") } else { sandbox.file(target) };
    while !has_arrived(&place) {
        assert!(child.try_wait().expect("a child").is_none(), "{target}: it ended by itself");
        std::thread::yield_now();
    }
    child.kill().expect("a child can be killed");
    child.wait().expect("a child can be waited for");
}

fn has_arrived(place: &Path) -> bool {
    match std::fs::read_dir(place) {
        Ok(entries) => entries.flatten().any(|entry| !entry.file_name().to_string_lossy().starts_with('.')),
        Err(_) => place.metadata().is_ok_and(|file| file.len() > 0),
    }
}

fn issued(sandbox: &Sandbox) -> usize {
    sandbox.pki(["list", "--json"]).exits(0).stdout.matches("\"serial\"").count()
}

/// Every row is in the target once, with its key, as the index has it, and nothing else is there.
fn assert_each_once(sandbox: &Sandbox, target: &str, count: usize) {
    let names: BTreeSet<String> = (0..count).map(|number| format!("host{number}.example.test")).collect();
    let folder = match target {
        "out.jsonl" => {
            let text = sandbox.read(target);
            let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("whole lines")).collect();
            let found: BTreeSet<String> = lines.iter().map(|line| line["name"].as_str().unwrap_or("").into()).collect();
            assert_eq!((lines.len(), found), (count, names));
            let serials: BTreeSet<&str> = lines.iter().filter_map(|line| line["serial"].as_str()).collect();
            assert_eq!(serials.len(), count);
            let listed = sandbox.pki(["list", "--json"]).exits(0).stdout;
            let listed: Value = serde_json::from_str(&listed).expect("JSON");
            let known: BTreeSet<&str> =
                listed.as_array().expect("a list").iter().filter_map(|entry| entry["serial"].as_str()).collect();
            assert_eq!(serials, known);
            return;
        }
        "out.tar" => {
            let twice = sandbox.shell("tar -tf out.tar | sort | uniq -d").exits(0).stdout;
            assert_eq!(twice, "");
            sandbox.shell("rm -rf unpacked; mkdir unpacked; tar -xf out.tar -C unpacked").exits(0);
            sandbox.file("unpacked")
        }
        "store" => sandbox.file("store/certs"),
        other => sandbox.file(other),
    };
    let found = std::fs::read_dir(&folder).expect("a folder").flatten();
    let found: BTreeSet<String> = found.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(found, names);
    for name in ["host0.example.test", &format!("host{}.example.test", count - 1)] {
        assert_eq!(mode(&folder.join(name).join("privkey.pem")), 0o600);
    }
}

fn assert_line(sandbox: &Sandbox, line: &str, name: &str) {
    let line: Value = serde_json::from_str(line).expect("a line of JSON");
    assert_eq!(line["name"], name);
    for (key, file) in [("certificate", "cert.pem"), ("chain", "chain.pem"), ("key", "privkey.pem")] {
        sandbox.write(file, line[key].as_str().expect("PEM"));
    }
    sandbox.shell("cat store/ca/root.pem > ca.pem").exits(0);
    judged(sandbox, sandbox.path()).exits(0);
    let serial = sandbox.run("openssl", ["x509", "-noout", "-serial", "-in", "cert.pem"]).exits(0).stdout;
    let expected = format!("serial={}\n", line["serial"].as_str().unwrap_or("").to_uppercase());
    assert_eq!(serial, expected);
}

fn assert_usable(sandbox: &Sandbox, folder: &Path) {
    judged(sandbox, folder).exits(0);
    let full = std::fs::read_to_string(folder.join("fullchain.pem")).expect("fullchain.pem");
    assert!(full.starts_with(&std::fs::read_to_string(folder.join("cert.pem")).expect("cert.pem")));
    assert_eq!(mode(folder), 0o700);
    assert_eq!(mode(&folder.join("privkey.pem")), 0o600);
}

/// What openssl says of a certificate, its chain, and its key.
fn judged(sandbox: &Sandbox, folder: &Path) -> Outcome {
    let script = "cd \"$1\"; openssl verify -x509_strict -CAfile ca.pem -untrusted chain.pem cert.pem; \
                  test \"$(openssl x509 -pubkey -noout -in cert.pem)\" = \"$(openssl pkey -pubout -in privkey.pem)\"";
    let folder = folder.display().to_string();
    sandbox.run("sh", ["-e", "-c", script, "sh", &folder])
}

fn mode(path: &Path) -> u32 {
    let found = path.metadata().unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    found.permissions().mode() & 0o777
}

/// Folders that are not in their place yet.
fn drafts(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with('.')).count()
}
