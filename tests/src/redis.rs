//! A real `redis-server` for one test.

use std::process::Command;
use std::sync::Arc;

use rustls::ClientConfig;

use crate::peers::peer;
use crate::ports::FreePort;
use crate::{Running, Sandbox, tls_client};

/// A server on a free port, with its files in a folder of its own.
pub struct Redis {
    sandbox: Sandbox,
    port: FreePort,
    /// What starts it, before its options.
    program: Vec<String>,
    options: Vec<String>,
    running: Option<Running>,
}

impl Redis {
    /// Starts one with an append-only file; none where this machine has no `redis-server`.
    #[track_caller]
    pub fn start(options: &[&str]) -> Option<Redis> {
        peer("redis-cli")?;
        Redis::started_by(&["redis-server"], options)
    }

    /// The same by these words, as `ip netns exec NAME redis-server`.
    #[track_caller]
    pub fn started_by(program: &[&str], options: &[&str]) -> Option<Redis> {
        peer("redis-server")?;
        let port = FreePort::take();
        let listen = ["--port".to_owned(), port.number().to_string()];
        let owned = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let options = owned(options).into_iter().chain(listen).collect();
        let mut redis = Redis { sandbox: Sandbox::new(), port, program: owned(program), options, running: None };
        redis.start_again();
        Some(redis)
    }

    /// One that only speaks TLS, only with those who have a certificate; and the configurations of one who has, and one
    /// who has none.
    #[track_caller]
    pub fn over_tls() -> Option<(Redis, Arc<ClientConfig>, Arc<ClientConfig>)> {
        peer("redis-server")?;
        let (sandbox, port) = (Sandbox::with_ca(), FreePort::take());
        sandbox.pki(["issue", "server", "localhost"]).exits(0);
        sandbox.pki(["issue", "client", "node"]).exits(0);
        let file = |name: &str| sandbox.issued("localhost", name).display().to_string();
        let ca = sandbox.store().join("ca/root.pem");
        let options = [
            ("--port", "0".to_owned()),
            ("--tls-port", port.number().to_string()),
            ("--tls-cert-file", file("fullchain.pem")),
            ("--tls-key-file", file("privkey.pem")),
            ("--tls-ca-cert-file", ca.display().to_string()),
            ("--tls-auth-clients", "yes".to_owned()),
        ];
        let options = options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect();
        let with = tls_client::config(&ca, Some(&sandbox.store().join("certs/node")));
        let without = tls_client::config(&ca, None);
        let program = vec!["redis-server".to_owned()];
        let mut redis = Redis { sandbox, port, program, options, running: None };
        redis.start_again();
        Some((redis, with, without))
    }

    /// Starts it with the files that it left.
    pub fn start_again(&mut self) {
        let folder = self.sandbox.path().display().to_string();
        let always = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--dir", &folder];
        let words = self.program.iter().skip(1).map(String::as_str);
        let arguments = words.chain(always).chain(self.options.iter().map(String::as_str));
        let running = self.sandbox.start(&self.program[0], arguments);
        running.line("Ready to accept connections");
        self.running = Some(running);
    }

    /// Ends it without a word.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Throws away what it wrote down.
    pub fn forget(&self) {
        std::fs::remove_dir_all(self.sandbox.file("appendonlydir")).expect("the folder of the append-only file");
    }

    /// Sends it a signal by its name.
    pub fn signal(&self, name: &str) {
        self.running.as_ref().expect("it runs").signal(name);
    }

    /// What `redis-cli` prints.
    pub fn cli(&self, arguments: &[&str]) -> String {
        let password = self.options.iter().skip_while(|it| *it != "--requirepass").nth(1);
        let mut command = Command::new("redis-cli");
        command.args(["-p", &self.port.number().to_string()]).args(arguments);
        command.env("REDISCLI_AUTH", password.map_or("", String::as_str));
        let output = command.output().expect("redis-cli can be started");
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(output.status.success() && !text.contains("ERR"), "{arguments:?}: {text}");
        text
    }

    /// `HOST:PORT`
    pub fn place(&self) -> String {
        self.port.address()
    }

    /// The number of its port.
    pub fn port(&self) -> u16 {
        self.port.number()
    }
}
