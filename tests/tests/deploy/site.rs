//! The machines of the page in one folder: what is typed on each is run there, with the folder in place of `/`.

use tests::peers::peer;
use tests::ports::FreePort;
use tests::programs::chat;
use tests::{Outcome, Running, Sandbox};

use crate::page::{document, read, typed};

const CAS: &str = "### 1. The CAs";
const FOLDER: &str = "### 2. A folder for each node";
const REDIS: &str = "### 3. Redis";
const NODE: &str = "### 4. A node";
const PEOPLE: &str = "### 6. People";

/// The CA's machine, and Redis's.
pub(crate) struct Site {
    pub(crate) sandbox: Sandbox,
    port: FreePort,
    pub(crate) redis: Running,
}

impl Site {
    /// Everything up to a Redis that runs and knows two nodes; none where this machine has no Redis.
    pub(crate) fn new() -> Option<Site> {
        let present = ["redis-server", "redis-cli", "openssl"].map(peer);
        if present.iter().any(Option::is_none) {
            return None;
        }
        let (sandbox, port) = (on_the_cas_machine(&["node1", "node2"]), FreePort::take());
        for folder in ["root", "units", "run", "data"] {
            std::fs::create_dir(sandbox.file(folder)).expect("a folder");
        }
        std::fs::copy(document("systemd/redis-chat.service"), sandbox.file("redis-chat.service")).expect("a copy");
        let commands = typed(REDIS, "redis#");
        // What is deleted there is still needed here, where both machines are one folder.
        let files = commands.iter().filter(|it| it.starts_with("install "));
        sandbox.shell(&here(&sandbox, files)).exits(0);
        let redis = start(&sandbox, &port);
        ["node1", "node2"].iter().for_each(|node| put_into_place(&sandbox, node));
        Some(Site { sandbox, port, redis })
    }

    /// Ends Redis as its service does, and starts it again.
    pub(crate) fn restart(self) -> Site {
        let Site { sandbox, port, redis } = self;
        redis.signal("TERM");
        redis.ends();
        let redis = start(&sandbox, &port);
        Site { sandbox, port, redis }
    }

    /// Ends Redis as a crash would, and starts it again.
    pub(crate) fn crash(self) -> Site {
        let Site { sandbox, port, redis } = self;
        // Dropping it kills it.
        drop(redis);
        let redis = start(&sandbox, &port);
        Site { sandbox, port, redis }
    }

    /// Types what the page has under a heading for the CA's machine, then for Redis's. Copying from one to the other is
    /// copying here.
    #[track_caller]
    pub(crate) fn types(&self, heading: &str) -> Outcome {
        self.types_with(heading, |command| command)
    }

    /// The same, after a change of each command.
    #[track_caller]
    pub(crate) fn types_with(&self, heading: &str, change: impl Fn(String) -> String) -> Outcome {
        let own = self.stores().chain(typed(heading, "ca$")).chain(typed(heading, "redis#"));
        let all: Vec<String> = own.map(change).collect();
        assert!(all.len() > 1, "nothing is typed under {heading:?}");
        self.sandbox.shell(&here(&self.sandbox, all.iter())).exits(0)
    }

    /// Makes a node's folder, and has Redis let it in.
    #[track_caller]
    pub(crate) fn adds(&self, node: &str) {
        let own: Vec<String> = self.stores().chain(folder_of(node)).collect();
        self.sandbox.shell(&here(&self.sandbox, own.iter())).exits(0);
        self.types("### 5. A further node");
    }

    /// Starts a node with what lies in its folder, on a port of loopback.
    pub(crate) fn serve(&self, node: &str) -> Running {
        self.serve_with(node, "")
    }

    /// The same, with more in its configuration.
    pub(crate) fn serve_with(&self, node: &str, more: &str) -> Running {
        let (folder, file) = (self.sandbox.path().display(), format!("etc-{node}"));
        let told = self.sandbox.read(format!("{node}/chat.toml"));
        let told = told
            .replace("/etc/chat/", &format!("{folder}/{file}/"))
            .replace("redis.example.test:6379", &format!("localhost:{}", self.number()));
        let told = format!("{told}[listen]\ntls = [\"127.0.0.1:0\"]\n{more}");
        let config = self.sandbox.write(format!("{file}/chat.toml"), told);
        let arguments = ["serve".into(), "--config".into(), config, "--data".into(), format!("data-{node}").into()];
        self.sandbox.start(chat(), arguments)
    }

    /// Somebody with a file of his own, as the page has it, in a channel of a node.
    pub(crate) fn person(&self, name: &str, node: &Running) -> Running {
        let bundle = format!("{name}.bundle.pem");
        if !self.sandbox.file(&bundle).exists() {
            let made = typed(PEOPLE, "ca$");
            let made: Vec<String> = self.stores().chain(made.into_iter().map(|it| it.replace("alice", name))).collect();
            self.sandbox.shell(&here(&self.sandbox, made.iter())).exits(0);
        }
        let server = format!("localhost:{}", node.address().port());
        let arguments = ["connect", &server, "--bundle", &bundle, "--plain", "--join", "#lobby"];
        let person = self.sandbox.start(chat(), arguments);
        person.line(&format!("{name} joined"));
        person
    }

    fn stores(&self) -> impl Iterator<Item = String> + use<> {
        typed(CAS, "ca$").into_iter().filter(|it| it.starts_with("export "))
    }

    /// What `redis-cli` makes of this for whoever looks after Redis, with the page's own command for it.
    #[track_caller]
    pub(crate) fn admin(&self, arguments: &str) -> Outcome {
        let commands = typed(REDIS, "redis#");
        let looked = commands.iter().filter(|it| it.starts_with("export ") || it.starts_with("redis-cli "));
        let line = here(&self.sandbox, looked);
        let line = line.trim_end().strip_suffix("ping").unwrap_or_else(|| panic!("{line:?} ends otherwise"));
        self.sandbox.shell(&format!("{line}{arguments}"))
    }

    /// A node's `redis-cli`, with its certificate and its password.
    pub(crate) fn node(&self, node: &str, arguments: &str) -> Outcome {
        self.cli(&format!("{node}/bus.bundle.pem"), &format!("{node}/redis.password"), node, arguments)
    }

    /// One with somebody's certificate, somebody's password and a name.
    pub(crate) fn cli(&self, bundle: &str, password: &str, user: &str, arguments: &str) -> Outcome {
        let line = self.line(&format!("--cert {bundle} --key {bundle}"), user);
        self.sandbox.shell(&format!("REDISCLI_AUTH=$(cat {password}) {line} {arguments}"))
    }

    /// One that goes on.
    pub(crate) fn session(&self, node: &str) -> Running {
        let line = self.line(&format!("--cert {node}/bus.bundle.pem --key {node}/bus.bundle.pem"), node);
        let line = format!("REDISCLI_AUTH=$(cat {node}/redis.password) exec {line}");
        self.sandbox.start("sh", ["-c", &line])
    }

    /// `redis-cli` over TLS, with what it shows.
    pub(crate) fn line(&self, shown: &str, user: &str) -> String {
        format!("redis-cli -h localhost -p {} --tls --cacert redis/ca.pem {shown} --user {user}", self.number())
    }

    pub(crate) fn number(&self) -> u16 {
        self.port.number()
    }
}

/// A sandbox in which was typed what the page has for the CA's machine, with these nodes.
pub(crate) fn on_the_cas_machine(nodes: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    std::os::unix::fs::symlink(document(""), sandbox.file("docs")).expect("a link");
    let mut commands = typed(CAS, "ca$");
    for node in nodes {
        commands.extend(folder_of(node));
    }
    sandbox.shell(&here(&sandbox, commands.iter())).exits(0);
    sandbox
}

/// What is typed on a node with its folder.
fn put_into_place(sandbox: &Sandbox, node: &str) {
    let commands: Vec<String> = typed(NODE, "node1#")
        .into_iter()
        .filter(|it| it.starts_with("install ") && it.contains("/etc/chat"))
        .map(|it| it.replace("-g chat ", "").replace("node1/", &format!("{node}/")))
        .map(|it| it.replace("/etc/chat", &format!("{}/etc-{node}", sandbox.path().display())))
        .collect();
    sandbox.shell(&here(sandbox, commands.iter())).exits(0);
    assert!(sandbox.file(format!("etc-{node}/chat.toml")).is_file(), "{commands:?}");
}

fn folder_of(node: &str) -> impl Iterator<Item = String> {
    let named = format!("NODE={node}");
    typed(FOLDER, "ca$").into_iter().map(move |it| if it == "NODE=node1" { named.clone() } else { it })
}

/// Commands of several machines as commands of this folder.
fn here<'a>(sandbox: &Sandbox, commands: impl Iterator<Item = &'a String>) -> String {
    let folder = sandbox.path().display();
    let text: String = commands.flat_map(|it| [it, "\n"]).collect();
    text.replace("root@redis.example.test:", "")
        .replace("root@$NODE.example.test:/etc/chat/", &format!("{folder}/etc-$NODE/"))
        .replace("chat.example.test", "localhost")
        .replace("scp ", "cp ")
        .replace("redis.example.test", "localhost")
        .replace("-g redis ", "")
        .replace("/etc/redis-chat", &format!("{folder}/etc"))
        .replace("/root/", &format!("{folder}/root/"))
        .replace("/run/redis-chat", &format!("{folder}/run"))
        .replace("/etc/systemd/system/", &format!("{folder}/units/"))
}

fn start(sandbox: &Sandbox, port: &FreePort) -> Running {
    let folder = sandbox.path().display();
    let configured = sandbox.read("etc/redis.conf");
    let own = configured
        .replace("/etc/redis-chat", &format!("{folder}/etc"))
        .replace("/run/redis-chat", &format!("{folder}/run"))
        .replace("/var/lib/redis-chat", &format!("{folder}/data"))
        .replace("tls-port 6379", &format!("tls-port {}", port.number()))
        .replace("bind * -::*", "bind 127.0.0.1");
    assert_eq!(read("redis/redis.conf"), configured);
    let running = sandbox.start("redis-server", [sandbox.write("own.conf", own)]);
    running.line("Ready to accept connections");
    running
}
