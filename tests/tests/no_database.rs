//! What needs no database opens none: files and servers are looked at where the store's index is damaged, in use or huge, and
//! as fast as without it. The kernel is asked who opened the index.

#![cfg(target_os = "linux")]

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use tests::irc::with_certificates;
use tests::{Sandbox, programs};

/// A watch on the store's folder: told of each file in it that is opened.
struct Watch(OwnedFd);

impl Watch {
    fn on(sandbox: &Sandbox) -> Watch {
        let watch = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).expect("inotify");
        inotify::add_watch(&watch, sandbox.store(), WatchFlags::OPEN | WatchFlags::CREATE).expect("a watch");
        Watch(watch)
    }

    /// The index's files that were opened since the last time.
    fn opened(&self) -> Vec<String> {
        let mut room = [MaybeUninit::uninit(); 4096];
        let mut reader = Reader::new(&self.0, &mut room);
        let mut found = Vec::new();
        while let Ok(event) = reader.next() {
            assert!(!event.events().contains(ReadFlags::QUEUE_OVERFLOW), "the kernel tells all");
            found.extend(event.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
        found.retain(|name| name.starts_with("index.sqlite"));
        found
    }
}

/// Commands that need no index, with the exit status that they have.
const WITHOUT: &[(i32, &str)] = &[
    (0, "--version"),
    (0, "help issue"),
    (0, "completions bash"),
    (0, "man"),
    (0, "inspect store/certs/localhost/fullchain.pem store/certs/localhost/privkey.pem"),
    (0, "verify chain store/certs/localhost/fullchain.pem --trust store/ca/root.pem --dns localhost"),
    (
        0,
        "diagnose --chain store/certs/localhost/fullchain.pem --key store/certs/localhost/privkey.pem --trust store/ca/root.pem",
    ),
    (0, "diagnose --chain store/certs/alice/fullchain.pem --trust store/ca/root.pem --purpose client"),
    (0, "diagnose store/certs/alice --trust store/ca/root.pem"),
    (1, "diagnose --error unknown_ca"),
    (1, "diagnose localhost:1"),
    (0, "request server www.example.test --out requested"),
    (0, "config irssi --bundle alice.bundle.pem"),
];

#[test]
fn commands_that_need_no_index_open_none() {
    let sandbox = with_certificates();
    sandbox.pki(["export", "bundle", "alice"]).exits(0);
    let watch = Watch::on(&sandbox);
    for (exit, command) in WITHOUT {
        sandbox.shell("rm -rf requested").exits(0);
        watch.opened();
        sandbox.pki(command.split(' ')).exits(*exit);
        assert_eq!(watch.opened(), [""; 0], "pki {command}");
    }
    sandbox.pki(["list"]).exits(0);
    assert!(!watch.opened().is_empty(), "who needs the index is seen");
}

#[test]
fn a_chat_on_files_opens_no_store() {
    let sandbox = with_certificates();
    sandbox.pki(["export", "bundle", "localhost"]).exits(0);
    sandbox.pki(["export", "bundle", "alice"]).exits(0);
    let watch = Watch::on(&sandbox);
    let serve = ["--name", "localhost", "--bundle", "localhost.bundle.pem", "--mtls", "required", "--data", "data"];
    let server = sandbox.serve(serve);
    let address = format!("localhost:{}", server.address().port());
    let connect = ["connect", &address, "--bundle", "alice.bundle.pem", "--join", "lobby"];
    sandbox.run_with_input(programs::chat(), connect, "hello\n").exits(0).says("hello");
    assert_eq!(watch.opened(), [""; 0]);
}

/// The same with an index that is no database, which also holds what a bad answer looks up for its fix.
#[test]
fn what_needs_no_index_works_beside_a_damaged_one() {
    let sandbox = with_certificates();
    sandbox.pki(["export", "bundle", "alice"]).exits(0);
    sandbox
        .shell("rm -f store/index.sqlite-wal store/index.sqlite-shm && head -c 20000 /dev/urandom > store/index.sqlite")
        .exits(0);
    sandbox.pki(["list"]).exits(4);
    for (exit, command) in WITHOUT {
        sandbox.pki(command.split(' ')).exits(*exit);
    }
    let lone = ["diagnose", "--chain", "store/certs/localhost/cert.pem", "--name", "other.example.test"];
    sandbox.pki(lone).exits(1).says("name-mismatch");
}

/// As a service runs, or a container: nothing says where a store would be, and none is asked for.
#[test]
fn what_needs_no_index_works_without_a_home() {
    let sandbox = with_certificates();
    sandbox.pki(["export", "bundle", "alice"]).exits(0);
    let homeless = |command: &str| {
        let mut run = sandbox.command(programs::pki());
        run.env_remove("HOME").env_remove("PKI_STORE").args(command.split(' '));
        tests::sandbox::complete(run, "")
    };
    for (exit, command) in WITHOUT {
        homeless(command).exits(*exit);
    }
    homeless("list").exits(4).says("--store DIR");
    // A fix that needs a store names one that can be made here, and a later look does not take it for the user's own.
    let refused =
        "diagnose --chain store/certs/localhost/fullchain.pem --trust store/ca/root.pem --name other.example.test";
    homeless(refused).exits(1).says("pki --store pki-store init-ca");
    sandbox.shell("pki --store pki-store init-ca --name 'Another Root CA'").exits(0);
    homeless("verify chain store/certs/localhost/fullchain.pem").exits(1).says("no trust anchor at all");
}
