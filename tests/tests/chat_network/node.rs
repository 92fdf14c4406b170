//! Nodes of one chat: servers with a configuration, a data folder and ports that stay theirs over a restart.

use tests::ports::FreePort;
use tests::redis::Redis;
use tests::{Running, Sandbox, programs};

use crate::client::Client;

/// A server that is a node, or was one until it ended.
pub(crate) struct Node {
    name: String,
    plain: FreePort,
    tls: FreePort,
    running: Option<Running>,
}

/// How a node differs from the others.
#[derive(Clone, Copy, Default)]
pub(crate) struct Difference<'a> {
    /// Further sections.
    pub(crate) sections: &'a str,
    /// Keys of `[limits]`.
    pub(crate) limits: &'a str,
    /// Another name than its own; its own where this is empty.
    pub(crate) named: &'a str,
    /// Whether it speaks TLS, by the bundle of the certificate of its name.
    pub(crate) tls: bool,
}

impl Node {
    /// Starts `NAME.test`, which finds Redis there; in vain it waits for it.
    pub(crate) fn start(sandbox: &Sandbox, name: &str, redis: &str, difference: Difference<'_>) -> Node {
        let mut node = Node { name: name.to_owned(), plain: FreePort::take(), tls: FreePort::take(), running: None };
        sandbox.write(format!("{name}.toml"), node.configuration(redis, difference));
        node.start_again(sandbox);
        node
    }

    /// Nodes of one Redis, each once it has joined.
    pub(crate) fn all(sandbox: &Sandbox, redis: &Redis, names: &[&str], difference: Difference<'_>) -> Vec<Node> {
        let url = format!("redis://{}", redis.place());
        let start = |name: &&str| {
            let node = Node::start(sandbox, name, &url, difference);
            node.log().line(" joined node=");
            node
        };
        names.iter().map(start).collect()
    }

    fn configuration(&self, redis: &str, Difference { sections, limits, named, tls }: Difference<'_>) -> String {
        let Node { name, plain, tls: port, .. } = self;
        let (listen, bundle) = if tls {
            (format!("{:?}", port.address()), format!("[tls]\nbundle = \"{name}.test.bundle.pem\"\n"))
        } else {
            (String::new(), String::new())
        };
        let named = if named.is_empty() { format!("{name}.test") } else { named.to_owned() };
        format!(
            "name = {named:?}\nnetwork = \"net\"\n\
             [listen]\ntls = [{listen}]\nplaintext = [{plain:?}]\n{bundle}\
             [accounts]\nregistration = true\nsasl_over_plaintext = true\npassword_cost = \"lowest\"\n\
             [[operator]]\nname = \"root\"\npassword = \"let me\"\nrights = [\"kill\", \"auspex\"]\n\
             [limits]\n{limits}\n[bus]\nurl = {redis:?}\n{sections}",
            plain = plain.address(),
        )
    }

    /// Starts it with what it has kept.
    pub(crate) fn start_again(&mut self, sandbox: &Sandbox) {
        let (config, data) = (format!("{}.toml", self.name), self.data());
        let arguments = ["serve", "--config", &config, "--data", &data, "--metrics", "127.0.0.1:0"];
        let running = sandbox.start(programs::chat(), arguments);
        self.running = Some(running);
    }

    /// The name of its data folder.
    pub(crate) fn data(&self) -> String {
        format!("{}.data", self.name)
    }

    /// What it says.
    pub(crate) fn log(&self) -> &Running {
        self.running.as_ref().expect("it runs")
    }

    /// What it counts under a name.
    pub(crate) fn counted(&self, name: &str) -> u64 {
        self.log().counted(name)
    }

    /// `HOST:PORT` of its plaintext listener.
    pub(crate) fn address(&self) -> String {
        self.plain.address()
    }

    /// The port on which it speaks TLS.
    pub(crate) fn tls_port(&self) -> u16 {
        self.tls.number()
    }

    pub(crate) fn signal(&self, name: &str) {
        self.log().signal(name);
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        self.running = None;
    }

    /// Waits for its end: its exit code, and all that it said.
    pub(crate) fn ends(&mut self) -> (i32, Vec<String>) {
        self.running.take().expect("it runs").ends()
    }

    /// A user of it, in a channel.
    pub(crate) fn user(&self, nickname: &str, channel: &str) -> Client {
        self.log().line("listening on");
        Client::join(&self.address(), nickname, channel)
    }
}

impl Drop for Node {
    #[expect(clippy::print_stderr, reason = "what a node said belongs to a broken expectation")]
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(running) = &self.running
        {
            eprintln!("--- {}\n{}", self.name, running.printed().join("\n"));
        }
    }
}
