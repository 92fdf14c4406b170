//! The server's IRC as any program sees it: over the plain-text port, with operators from the configuration.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};

use tests::{Running, Sandbox, programs};

const CONFIG: &str = r#"
name = "My.Little.Server"
network = "TestNet"
password = "sesame"
[listen]
tls = []
plaintext = ["127.0.0.1:0"]
[history]
store = "memory"
[[operator]]
name = "root"
password = "open-root"
rights = ["kill", "rehash"]
"#;

#[test]
fn an_operator_of_the_configuration_closes_a_connection() {
    let (_sandbox, server) = served(CONFIG);
    let mut alice = Client::welcomed(server.address(), "alice");
    let mut bob = Client::welcomed(server.address(), "bob");
    alice.types("OPER root open-other");
    alice.line(" 464 alice ");
    alice.types("OPER root open-root");
    alice.line(" 381 alice ");
    alice.line(":alice!a@127.0.0.1 MODE alice :+o");
    alice.types("WALLOPS :not allowed to");
    alice.line(" 723 alice wallops ");
    bob.types("KILL alice :because");
    bob.line(" 481 bob ");
    alice.types("KILL bob :because");
    bob.line(":alice!a@127.0.0.1 KILL bob :because");
    bob.line("ERROR :");
    assert_eq!(bob.rest(), "", "the connection is closed");
    server.line("killed");
    assert!(!server.printed().iter().any(|line| line.contains("open-")), "no password is logged");
}

#[test]
fn a_wrong_password_gets_nobody_in() {
    let (_sandbox, server) = served(CONFIG);
    let mut mallory = Client::connect(server.address());
    for line in ["PASS open", "NICK mallory", "USER m 0 * :m"] {
        mallory.types(line);
    }
    mallory.line(" 464 mallory ");
    mallory.line("ERROR :");
    assert_eq!(mallory.rest(), "");
}

#[test]
fn answers_come_in_the_order_of_the_commands() {
    let (_sandbox, server) = served(CONFIG);
    let mut alice = Client::welcomed(server.address(), "alice");
    alice.types(
        "JOIN #a\r\nMODE #a +b x\r\nMODE #a b\r\nWHO #a %n\r\nTIME my.little.SERVER\r\nMOTD *\r\nSTATS u\r\nPING end",
    );
    for wanted in [
        " JOIN #a",
        " 353 ",
        " 366 ",
        " MODE #a +b x!*@*",
        " 367 ",
        " 368 ",
        " 354 alice alice",
        " 315 ",
        " 391 ",
        " 422 ",
        " 242 ",
        " 219 ",
        " PONG My.Little.Server :end",
    ] {
        let line = alice.next_line();
        assert!(line.contains(wanted), "expected {wanted}, got {line}");
    }
}

#[test]
fn what_the_rfc_has_besides_has_its_numeric() {
    let (_sandbox, server) = served(CONFIG);
    let mut alice = Client::welcomed(server.address(), "alice");
    let table = [
        ("JOIN #a", " JOIN #a"),
        ("NAMES", " 353 alice = #a :@alice"),
        ("", " 366 alice * :"),
        ("LINKS", " 364 alice My.Little.Server My.Little.Server :0 "),
        ("", " 365 alice * :"),
        ("SUMMON bob", " 445 alice :"),
        ("USERS", " 446 alice :"),
        ("SERVLIST", " 235 alice * * :"),
        ("SQUERY NickServ :help", " 408 alice NickServ :"),
        ("DIE", " 481 alice :"),
        ("RESTART", " 481 alice :"),
        ("TRACE", " 421 alice TRACE :"),
        ("WHOIS 1,2,3,4,5", " 401 alice 1 :"),
        ("", " 407 alice 5 :"),
        ("", " 318 alice 1,2,3,4,5 :"),
        ("WHOWAS 1,2,3,4,5", " 406 alice 1 :"),
        ("", " 407 alice 5 :"),
        ("", " 369 alice 1,2,3,4,5 :"),
        ("REDACT #a x", " 421 alice REDACT :"),
        ("  PING behind-spaces", " PONG My.Little.Server :behind-spaces"),
    ];
    for (command, answer) in table {
        if !command.is_empty() {
            alice.types(command);
        }
        alice.line(answer);
    }
}

#[test]
fn who_knows_no_chghost_sees_somebody_leave_and_come_back() {
    let (_sandbox, server) = served(&CONFIG.replace("\"rehash\"", "\"rehash\", \"chghost\""));
    let mut alice = Client::welcomed(server.address(), "alice");
    let mut bob = Client::welcomed(server.address(), "bob");
    alice.types("JOIN #a\r\nOPER root open-root");
    alice.line(" 381 ");
    bob.types("JOIN #a");
    bob.line(" 366 ");
    alice.types("CHGHOST alice a staff.test");
    for expected in
        [":alice!a@127.0.0.1 QUIT :Changing host", ":alice!a@staff.test JOIN #a", ":My.Little.Server MODE #a +o alice"]
    {
        assert_eq!(bob.next_line(), expected);
    }
    alice.line(" 396 alice staff.test :");
}

#[test]
fn an_operator_nobody_could_become_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "chat.toml",
        "[listen]\ntls = []\nplaintext = [\"127.0.0.1:0\"]\n[[operator]]\nname = \"root\"\nrights = []\n",
    );
    let outcome = sandbox.run(programs::chat(), ["serve", "--config", "chat.toml"]);
    assert!(outcome.stderr.contains("password") && outcome.stderr.contains("fingerprint"), "{}", outcome.stderr);
}

fn served(config: &str) -> (Sandbox, Running) {
    let sandbox = Sandbox::new();
    sandbox.write("chat.toml", config);
    let server = sandbox.start(programs::chat(), ["serve", "--config", "chat.toml"]);
    server.address();
    (sandbox, server)
}

/// A client that is a socket and nothing more.
struct Client {
    writer: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Client {
    fn connect(address: SocketAddr) -> Client {
        let writer = TcpStream::connect(address).expect("the server listens");
        writer.set_read_timeout(Some(tests::sandbox::DEADLINE)).expect("not zero");
        let reader = BufReader::new(writer.try_clone().expect("a second handle"));
        Client { writer, reader }
    }

    fn welcomed(address: SocketAddr, name: &str) -> Client {
        let mut client = Client::connect(address);
        client.types(&format!("PASS sesame\r\nNICK {name}\r\nUSER a 0 * :{name}"));
        client.line(&format!(" 422 {name} "));
        client
    }

    fn types(&mut self, line: &str) {
        self.writer.write_all(format!("{line}\r\n").as_bytes()).expect("the server reads");
    }

    fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).expect("the server answers");
        line.trim_end().to_owned()
    }

    /// Reads up to a line with this text.
    fn line(&mut self, text: &str) {
        let mut seen = Vec::new();
        loop {
            let line = self.next_line();
            assert!(!line.is_empty(), "closed before a line with {text:?}: {seen:#?}");
            if line.contains(text) {
                return;
            }
            seen.push(line);
        }
    }

    fn rest(mut self) -> String {
        let mut rest = String::new();
        while let Ok(1..) = self.reader.read_line(&mut rest) {}
        rest
    }
}
