//! The lines that `pki config` prints, pasted into the programs that they are for: each server runs on them, lets in who
//! has a certificate of the CA, and nobody else.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tests::peers::{peer, skipped};
use tests::ports::FreePort;
use tests::sandbox::complete;
use tests::screen::Screen;
use tests::{Outcome, Running, Sandbox, programs};

/// A CA with its lists, a server's certificate and two clients', one of them revoked, and a folder that servers of other users can read.
fn issued() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "127.0.0.1"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.pki(["issue", "client", "bob"]).exits(0);
    sandbox.pki(["revoke", "bob"]).exits(0);
    sandbox.pki(["crl"]).exits(0);
    sandbox
        .shell("mkdir -m 755 www && echo hello > www/index.html && chmod 644 www/index.html && chmod 711 .")
        .exits(0);
    sandbox
}

fn printed(sandbox: &Sandbox, options: &str) -> String {
    sandbox.shell(&format!("pki config {options}")).exits(0).stdout
}

/// curl on the lines that are printed for the client's certificate, on those for the server's alone, and with a certificate
/// that the revocation list names.
fn assert_mutual(sandbox: &Sandbox, port: u16) {
    assert_eq!(asked(sandbox, port, "alice").exits(0).stdout, "200");
    for name in ["localhost", "bob"] {
        let refused = asked(sandbox, port, name);
        assert_ne!(refused.stdout, "200", "{refused}");
    }
}

/// The status that curl gets: 000 where the handshake is refused.
fn asked(sandbox: &Sandbox, port: u16, name: &str) -> Outcome {
    sandbox.write(format!("{name}.curl"), printed(sandbox, &format!("curl {name}")));
    let ask = format!(
        "curl -q --config {name}.curl -s --max-time 30 -o answer -w '%{{http_code}}' https://localhost:{port}/ || true"
    );
    sandbox.shell(&ask)
}

#[test]
fn nginx_runs_on_its_lines() {
    let (Some(nginx), Some(_)) = (peer("nginx"), peer("curl")) else { return };
    let (sandbox, port) = (issued(), FreePort::take());
    let lines = printed(&sandbox, &format!("nginx localhost --mtls --listen {}", port.address()));
    let folder = sandbox.path().display().to_string();
    sandbox.write(
        "nginx.conf",
        format!(
            "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log stderr notice;\nevents {{}}\nhttp {{\n\
             access_log off;\nroot {folder}/www;\nclient_body_temp_path {folder}/t1;\nproxy_temp_path {folder}/t2;\n\
             fastcgi_temp_path {folder}/t3;\nuwsgi_temp_path {folder}/t4;\nscgi_temp_path {folder}/t5;\n{lines}}}\n"
        ),
    );
    let server = sandbox.start(nginx, ["-c", &format!("{folder}/nginx.conf"), "-e", "stderr"]);
    server.line("OS: ");
    assert_mutual(&sandbox, port.number());
}

#[test]
fn apache_runs_on_its_lines() {
    let (Some(apache), Some(_)) = (peer("apache2"), peer("curl")) else { return };
    let (sandbox, port) = (issued(), FreePort::take());
    let lines = printed(&sandbox, &format!("apache localhost --mtls --listen {}", port.address()));
    let modules = ["mpm_event", "authz_core", "socache_shmcb", "dir", "ssl"];
    let load: String =
        modules.iter().map(|it| format!("LoadModule {it}_module /usr/lib/apache2/modules/mod_{it}.so\n")).collect();
    let folder = sandbox.path().display();
    sandbox.write(
        "apache.conf",
        format!(
            "{load}ServerRoot {folder}\nDefaultRuntimeDir {folder}\nPidFile {folder}/apache.pid\nErrorLog /dev/stderr\nLogLevel notice\n\
             User nobody\nGroup nogroup\nServerName localhost\nDocumentRoot {folder}/www\nListen {}\n{lines}",
            port.address()
        ),
    );
    let server = sandbox.start(apache, ["-DFOREGROUND", "-f", &format!("{folder}/apache.conf")]);
    server.line("resuming normal operations");
    assert_mutual(&sandbox, port.number());
    server.signal("TERM");
    server.ends();
}

#[test]
fn haproxy_runs_on_its_lines() {
    let (Some(haproxy), Some(_)) = (peer("haproxy"), peer("curl")) else { return };
    let (sandbox, port) = (issued(), FreePort::take());
    let lines = printed(&sandbox, &format!("haproxy localhost --mtls --listen {}", port.address()));
    // The command that makes its one file stands in the first line.
    let command = lines.lines().next().and_then(|line| line.split_once(": ")).expect("a command").1;
    sandbox.shell(command).exits(0);
    let answer = "http-request return status 200 content-type text/plain string hello";
    sandbox.write(
        "haproxy.cfg",
        format!("defaults\n    mode http\n    timeout client 30s\n    timeout server 30s\n    timeout connect 30s\nfrontend tls\n{lines}    {answer}\n"),
    );
    let server = sandbox.start(haproxy, ["-W", "-db", "-f", "haproxy.cfg"]);
    server.line("Loading success");
    assert_mutual(&sandbox, port.number());
    server.signal("TERM");
    server.ends();
}

#[test]
fn redis_runs_on_its_lines() {
    let (Some(redis), Some(client)) = (peer("redis-server"), peer("redis-cli")) else { return };
    let (sandbox, port) = (issued(), FreePort::take());
    let lines = printed(&sandbox, &format!("redis localhost --mtls --listen {}", port.address()));
    sandbox.write("redis.conf", format!("{lines}save \"\"\ndir {}\n", sandbox.path().display()));
    let server = sandbox.start(redis, ["redis.conf"]);
    server.line("Ready to accept connections");
    let files = "--cert store/certs/alice/fullchain.pem --key store/certs/alice/privkey.pem";
    for (files, answer) in [(files, true), ("", false)] {
        let ask = format!(
            "{} -h localhost -p {} --tls --cacert store/ca/root.pem {files} ping 2>&1 || true",
            client.display(),
            port.number()
        );
        let outcome = sandbox.shell(&ask);
        assert_eq!(outcome.stdout.contains("PONG"), answer, "{outcome}");
    }
}

/// PostgreSQL refuses to run as root, and to read a key that is not its own user's.
#[test]
fn postgres_runs_on_its_lines() {
    let Some(programs) = postgres_programs() else { return };
    let (sandbox, port) = (issued(), FreePort::take());
    let (folder, as_root) = (sandbox.path().display().to_string(), user_id(&sandbox) == "0");
    let user = if as_root { "setpriv --reuid=postgres --regid=postgres --clear-groups" } else { "" };
    sandbox.shell(&format!("mkdir -m 755 run && if {as_root}; then chown postgres run; fi")).exits(0);
    let programs = programs.display();
    sandbox
        .shell(&format!("{user} {programs}/initdb -D {folder}/run/data -U alice -A reject --no-sync >/dev/null"))
        .exits(0);
    let tls = format!("{folder}/run/tls");
    let lines = printed(&sandbox, &format!("postgres localhost --mtls --listen {} --dir {tls}", port.address()));
    copy_as_told(&sandbox, &lines, as_root);
    let (settings, rules) = lines.split_once("# pg_hba.conf").expect("two files");
    let more = format!("{settings}\nunix_socket_directories = ''\nfsync = off\n");
    sandbox.write("more.conf", more);
    sandbox.write("pg_hba.conf", format!("#{rules}"));
    sandbox.shell("cat more.conf >> run/data/postgresql.conf && cat pg_hba.conf > run/data/pg_hba.conf").exits(0);
    let server = sandbox.start("sh", ["-c", &format!("exec {user} {programs}/postgres -D {folder}/run/data")]);
    server.line("database system is ready to accept connections");
    let files = "sslcert=store/certs/alice/fullchain.pem sslkey=store/certs/alice/privkey.pem";
    for (files, accepted) in [(files, true), ("sslcert=none sslkey=none", false)] {
        let ask = format!(
            "{programs}/psql -XAt 'host=localhost port={} user=alice dbname=postgres sslmode=verify-full sslrootcert=store/ca/root.pem {files}' -c 'select 6 * 7'",
            port.number()
        );
        let outcome = sandbox.shell(&format!("{ask} 2>&1 || true"));
        assert_eq!(outcome.stdout.trim() == "42", accepted, "{outcome}");
    }
    server.signal("INT");
    server.ends();
}

/// Runs the commands that stand in the comments; without root's rights all files are of one user anyway.
fn copy_as_told(sandbox: &Sandbox, lines: &str, as_root: bool) {
    let commands = lines.lines().filter_map(|line| line.strip_prefix("#   "));
    for command in commands {
        let command = if as_root { command.to_owned() } else { command.replace("-o postgres ", "") };
        sandbox.shell(&command).exits(0);
    }
    let key = sandbox.file("run/tls/privkey.pem").metadata().expect("copied");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

fn user_id(sandbox: &Sandbox) -> String {
    sandbox.shell("id -u").exits(0).stdout.trim().to_owned()
}

/// Debian keeps them by version, off the path.
fn postgres_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> =
        versions.map(|it| it.path().join("bin")).filter(|it| it.join("initdb").exists()).collect();
    folders.sort();
    let newest = folders.pop();
    if newest.is_none() {
        assert!(std::env::var_os("CI").is_none_or(|it| it != "true"), "postgres is missing, and CI needs every peer");
        skipped("postgres is not installed");
    }
    newest
}

/// A server and a client of Python's own, both on the lines alone.
#[test]
fn python_serves_and_connects_on_its_lines() {
    let (Some(python), Some(_)) = (peer("python3"), peer("curl")) else { return };
    let sandbox = issued();
    let lines = printed(&sandbox, "python localhost --mtls");
    let serve = "\nimport http.server\nserver = http.server.HTTPServer((\"127.0.0.1\", 0), http.server.SimpleHTTPRequestHandler)\nserver.socket = context.wrap_socket(server.socket, server_side=True)\nprint(\"listening on 127.0.0.1:%d\" % server.server_port, flush=True)\nserver.serve_forever()\n";
    sandbox.write("www/server.py", format!("{lines}{serve}"));
    let server = sandbox.start("sh", ["-c", &format!("cd www && exec {} server.py", python.display())]);
    let port = server.address().port();
    assert_mutual(&sandbox, port);
    for (name, code) in [("alice", 0), ("localhost", 1)] {
        let lines = match name {
            "alice" => printed(&sandbox, "python alice"),
            _ => format!(
                "import ssl\ncontext = ssl.create_default_context(cafile=\"{}\")\n",
                sandbox.file("store/ca/root.pem").display()
            ),
        };
        let ask = format!(
            "\nimport urllib.request\nprint(urllib.request.urlopen(\"https://localhost:{port}/\", context=context, timeout=30).status)\n"
        );
        sandbox.write("client.py", format!("{lines}{ask}"));
        sandbox.run(&python, ["client.py"]).exits(code);
    }
}

#[test]
fn node_serves_and_connects_on_its_lines() {
    let (Some(node), Some(_)) = (peer("node"), peer("curl")) else { return };
    let sandbox = issued();
    let lines = printed(&sandbox, "node localhost --mtls");
    let serve = "const server = require('node:https').createServer(options, (request, response) => response.end('hello'));\nserver.listen(0, '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));\n";
    sandbox.write("server.js", format!("{lines}{serve}"));
    let server: Running = sandbox.start(&node, ["server.js"]);
    let port = server.address().port();
    assert_mutual(&sandbox, port);
    let lines = printed(&sandbox, "node alice");
    let ask = format!(
        "require('node:https').get('https://localhost:{port}/', options, (response) => console.log(response.statusCode));\n"
    );
    sandbox.write("client.js", format!("{lines}{ask}"));
    sandbox.run(&node, ["client.js"]).exits(0).says("200");
}

/// WeeChat on these lines, in the words of the version that is here: `tls` was `ssl` before 4.
fn weechat_on(sandbox: &Sandbox, weechat: &Path, lines: &str) -> Running {
    let version = sandbox.run(weechat, ["--version"]).exits(0).stdout;
    let old = version.trim().split('.').next().and_then(|major| major.parse().ok()).is_some_and(|major: u32| major < 4);
    let lines = if old { lines.replace("-tls", "-ssl").replace(".tls_cert", ".ssl_cert") } else { lines.to_owned() };
    let commands = lines.lines().filter(|line| line.starts_with('/'));
    let mut arguments = vec!["-d".to_owned(), sandbox.file("weechat").display().to_string()];
    arguments.extend(commands.flat_map(|command| ["-r".to_owned(), command.to_owned()]));
    sandbox.start(weechat, &arguments)
}

#[test]
fn weechat_comes_in_on_its_lines() {
    let Some(weechat) = peer("weechat-headless") else { return };
    let sandbox = issued();
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required", "--data", "data"]);
    let lines = printed(&sandbox, &format!("weechat alice --host {}", server.address()));
    let command = lines.lines().next().and_then(|line| line.split_once(": ")).expect("a command").1;
    sandbox.shell(command).exits(0);
    let _running = weechat_on(&sandbox, &weechat, &lines);
    server.line_with(&["registered", "account=\"alice\""]);
}

/// irssi runs the commands of `startup` as if they were typed.
fn irssi_on<'a>(sandbox: &'a Sandbox, irssi: &Path, tmux: PathBuf, lines: &str) -> Screen<'a> {
    let commands: String = lines.lines().filter(|line| line.starts_with('/')).map(|line| format!("{line}\n")).collect();
    let home = sandbox.file("irssi");
    std::fs::create_dir(&home).expect("a folder for irssi");
    sandbox.write("irssi/startup", commands);
    Screen::start(sandbox, tmux, "irssi", &format!("'{}' --home '{}'", irssi.display(), home.display()))
}

#[test]
fn irssi_comes_in_on_its_lines() {
    let (Some(irssi), Some(tmux)) = (peer("irssi"), peer("tmux")) else { return };
    let sandbox = issued();
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required", "--data", "data"]);
    let lines = printed(&sandbox, &format!("irssi alice --host localhost:{}", server.address().port()));
    let _screen = irssi_on(&sandbox, &irssi, tmux, &lines);
    server.line_with(&["registered", "account=\"alice\""]);
}

/// Who was given a bundle has no store, and may have a folder with a space in its name.
#[test]
fn irssi_and_weechat_come_in_with_a_bundle_alone() {
    let (Some(irssi), Some(tmux), Some(weechat)) = (peer("irssi"), peer("tmux"), peer("weechat-headless")) else {
        return;
    };
    let sandbox = issued();
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required", "--data", "data"]);
    sandbox.pki(["issue", "client", "carol"]).exits(0);
    for name in ["alice", "carol"] {
        sandbox.shell(&format!("mkdir -p 'my files' && pki export bundle {name} --out 'my files/{name}.pem'")).exits(0);
    }
    let on = |program: &str, name: &str| {
        let port = server.address().port();
        let asked = format!("{program} --bundle 'my files/{name}.pem' --host localhost:{port} --store nowhere");
        printed(&sandbox, &asked)
    };
    let _screen = irssi_on(&sandbox, &irssi, tmux, &on("irssi", "alice"));
    server.line_with(&["registered", "account=\"alice\""]);
    let _running = weechat_on(&sandbox, &weechat, &on("weechat", "carol"));
    server.line_with(&["registered", "account=\"carol\""]);
}

/// What is printed for a shell is typed, and all of it is put at the end of the list. HexChat runs as nobody in particular, since it
/// asks root whether that was meant, and among processes of its own, so that its screen ends with it.
#[test]
fn hexchat_comes_in_on_its_lines() {
    let (Some(hexchat), Some(xvfb), Some(_)) = (peer("hexchat"), peer("xvfb-run"), peer("unshare")) else { return };
    let sandbox = issued();
    let server = sandbox.serve(["--name", "localhost", "--mtls", "required", "--data", "data"]);
    let lines = printed(&sandbox, &format!("hexchat alice --host localhost:{}", server.address().port()));
    let (start, others): (Vec<&str>, Vec<&str>) =
        lines.lines().filter_map(|line| line.strip_prefix("#   ")).partition(|line| line.ends_with(" hexchat"));
    others.iter().for_each(|command| drop(sandbox.shell(command).exits(0)));
    // With the flag 8 it connects by itself.
    sandbox.write("home/.config/hexchat/servlist.conf", lines.replace("F=22", "F=30"));
    sandbox.write("home/.config/hexchat/hexchat.conf", "gui_slist_skip = 1\n");
    let trust = start.concat().replace(" hexchat", "");
    let (xvfb, hexchat) = (xvfb.display().to_string(), hexchat.display().to_string());
    // Xvfb says to its parent when it is ready, but not to the first process of all.
    let child = ["sh", "-c", "\"$@\"; true", "sh", "env", &trust, &xvfb, "-a", &hexchat];
    let apart = ["--map-user=1000", "--map-group=1000", "--pid", "--fork", "--kill-child", "--"];
    let _running = sandbox.start("unshare", apart.iter().chain(&child));
    server.line_with(&["registered", "account=\"alice\""]);
}

#[test]
fn a_bundle_that_no_irc_client_can_read_is_told_with_the_command_that_makes_one() {
    let sandbox = issued();
    sandbox.write("password.txt", "secret\n");
    sandbox.pki(["export", "bundle", "alice", "--password-file", "password.txt", "--out", "alice.p12"]).exits(0);
    let ask = |file: &str| sandbox.pki(["config", "irssi", "--bundle", file]);
    ask("alice.p12").exits(3).says("no private key that lies open").says("pki export bundle NAME");
    ask(".").exits(3).says("is a folder: expected the PEM file");
    ask("store/certs/alice/privkey.pem").exits(3).says("no certificate of its key");
    let missing = ask("nowhere.pem").exits(3).says("nowhere.pem does not exist: expected the PEM file");
    missing.says("pki export bundle NAME");
    sandbox.pki(["config", "nginx", "--bundle", "alice.p12"]).exits(2).says("irssi, weechat and hexchat");
    sandbox.pki(["config", "curl", "alice", "--host", "chat.example.test"]).exits(2).says("irssi, weechat and hexchat");
    sandbox.pki(["config", "irssi"]).exits(2).says("NAME");
}

/// What would change nothing is not taken in silence, nor is a host that is more than one.
#[test]
fn a_flag_that_means_nothing_there_is_refused_with_the_reason() {
    let sandbox = issued();
    for (line, reason) in [
        (&["curl", "alice", "--mtls"][..], "curl connects"),
        (&["weechat", "alice", "--dir", "/srv/tls"], "where they are"),
        (&["irssi", "alice", "--listen", "7000"], "--host HOST[:PORT]"),
        (&["python", "alice", "--mtls"], "\"alice\" is a client's"),
        (&["node", "localhost", "--listen", "8443"], "says that itself"),
        (&["irssi", "alice", "--host", "chat.example.test;quit"], "expected a host"),
        (&["irssi", "alice", "--host", "bob@example.test"], "expected a host"),
        (&["irssi", "alice", "--host", "*.example.test"], "wildcard"),
    ] {
        sandbox.pki(["config"].iter().chain(line)).exits(2).says(reason);
    }
    sandbox.pki(["config", "irssi", "alice", "--host", "::1"]).exits(0).says(" ::1 6697");
    sandbox.pki(["config", "python", "localhost", "--mtls", "--dir", "/srv/tls"]).exits(0).says("/srv/tls/privkey.pem");
    sandbox.write("store/ca.toml", "[server]\nuri = [\"spiffe://example.test/web\"]\n");
    sandbox.pki(["issue", "server", "web.example.test"]).exits(0);
    sandbox.pki(["config", "nginx", "web.example.test"]).exits(0).says("server_name web.example.test;");
}

/// What is pasted from a configuration must not find another store.
#[test]
fn commands_in_the_lines_go_to_the_store_that_was_named() {
    let sandbox = Sandbox::new();
    let pki = |line: &str| {
        let mut command = sandbox.command(programs::pki());
        command.args(["--store", "my store"]).args(line.split(' ')).env_remove("PKI_STORE");
        complete(command, "").exits(0)
    };
    pki("init-ca --name Root --intermediate Issuing");
    pki("issue server localhost");
    pki("issue client alice");
    for program in ["nginx", "apache", "haproxy", "postgres"] {
        pki(&format!("config {program} localhost --mtls")).says("make a list with pki --store 'my store' crl,");
    }
    pki("config redis localhost").says("pki --store 'my store' config redis localhost --dir DIR");
    pki("config weechat alice").says("pki --store 'my store' export haproxy alice --force");
    pki("config hexchat alice").says("pki --store 'my store' trust install");
}

#[test]
fn an_irc_client_logs_in_with_a_clients_certificate_and_its_name() {
    let sandbox = issued();
    for program in ["irssi", "weechat", "hexchat"] {
        let told = sandbox.pki(["config", program, "localhost"]).exits(2).says("logs in with one for clients");
        told.says("pki issue client alice").says(&format!("pki config {program} alice"));
    }
    sandbox.pki(["export", "bundle", "localhost"]).exits(0);
    let told = sandbox.pki(["config", "irssi", "--bundle", "localhost.bundle.pem"]).exits(3);
    told.says("a certificate for servers");
    assert!(printed(&sandbox, "irssi alice").contains("/network add -nick alice -sasl_mechanism external chat\n"));
    assert!(printed(&sandbox, "weechat alice").contains("/set irc.server.chat.nicks alice\n"));
    // What is no nickname is not typed as one.
    sandbox.pki(["issue", "client", "Alice Doe"]).exits(0);
    assert!(!printed(&sandbox, "irssi 'Alice Doe'").contains("-nick"));
}

#[test]
fn what_cannot_be_set_up_is_said() {
    let sandbox = issued();
    sandbox.pki(["config", "nginx", "alice"]).exits(2).says("another certificate").says("pki issue server");
    sandbox.pki(["config", "lighttpd", "localhost"]).exits(2).says("postgres");
    sandbox.pki(["config", "nginx", "nobody"]).exits(2).says("nobody");
    sandbox.pki(["config", "nginx", "localhost", "--listen", "all"]).exits(2).says("--listen");
    let told = sandbox.pki(["config", "nginx", "localhost", "--json"]).exits(0).json();
    assert_eq!(told["program"], "nginx");
    assert!(told["lines"].as_array().is_some_and(|lines| lines.len() > 5), "{told}");
}
