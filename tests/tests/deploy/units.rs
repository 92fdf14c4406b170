//! Units of systemd and quadlets of podman: what they leave to whoever breaks in, and that they agree with the page.

use std::ffi::OsString;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use tests::peers::{peer, skipped};
use tests::programs::{self, workspace};
use tests::sandbox::DEADLINE;
use tests::{Running, Sandbox};

use crate::page::{blocks, document, read, section};

/// In tenths: 1.5 of 10.
const EXPOSURE: &str = "--threshold=15";

/// Each unit that serves, under the name that systemd knows it by.
const SERVICES: [(&str, &str); 3] = [
    ("chat.service", "chat.service"),
    ("chat@.service", "chat@node1.service"),
    ("redis-chat.service", "redis-chat.service"),
];

#[test]
fn the_units_leave_little_to_whoever_breaks_in() {
    let Some(analyze) = peer("systemd-analyze") else { return };
    for (file, name) in SERVICES {
        let sandbox = Sandbox::new();
        let unit = sandbox.write(name, read(&format!("systemd/{file}")));
        let asked = ["security", "--offline=true", EXPOSURE, "--no-pager"].map(OsString::from);
        sandbox.run(&analyze, asked.into_iter().chain([unit.into_os_string()])).exits(0);
    }
}

#[test]
fn systemd_has_nothing_against_the_units() {
    let Some(analyze) = peer("systemd-analyze") else { return };
    let timers = ["pki-renew.service", "pki-renew.timer"].map(|it| (it, it));
    for (file, name) in SERVICES.into_iter().chain(timers) {
        let sandbox = Sandbox::new();
        let unit = sandbox.write(name, read(&format!("systemd/{file}")));
        let verified = sandbox.run(&analyze, ["verify".into(), "--recursive-errors=no".into(), unit.into_os_string()]);
        // The programs are not installed where the tests run.
        let theirs = |line: &&str| line.contains(name) && !line.contains("is not executable");
        let complaints: Vec<&str> = verified.stderr.lines().filter(theirs).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

#[test]
fn the_units_of_one_chat_and_of_several_are_the_same_but_for_the_names() {
    let (one, several) = (read("systemd/chat.service"), read("systemd/chat@.service"));
    let settings = |text: &str| -> Vec<String> {
        let named = text.replace("-%i", "");
        let lines = named.lines().filter(|line| line.contains('=') && !line.starts_with('#'));
        lines
            .filter(|line| !["Description=", "SocketBindAllow="].iter().any(|it| line.starts_with(it)))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(settings(&one), settings(&several));
}

/// The values of a key, in the order of the file.
fn values(unit: &str, key: &str) -> Vec<String> {
    unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned).collect()
}

/// What systemd does before the unit's own command line, as far as a test can: folders where the unit has them and nothing of the
/// machine's, no network but loopback, another user, a mask and a limit.
const AS_SYSTEMD_DOES: &str = r#"
ip link set lo up
mount --bind etc /etc
mount --bind run /run
mount -t tmpfs none /var/lib
mount -t tmpfs none /usr/local/bin
install -m 0755 "$CHAT" /usr/local/bin/chat
install -d -m "$STATE_MODE" -o 65532 -g 65532 "/var/lib/$STATE"
umask "$MASK"
ulimit -n "$OPEN" 2>/dev/null || echo "the limit stays at $(ulimit -n)"
echo $$ > pid
exec setpriv --reuid 65532 --regid 65532 --clear-groups --no-new-privs --bounding-set=-all $EXEC
"#;

/// The folders of [`AS_SYSTEMD_DOES`], with the configuration and the bundle as the page installs them.
fn installed(sandbox: &Sandbox) {
    sandbox.pki(["issue", "server", "chat.example.test", "localhost"]).exits(0);
    sandbox.pki(["export", "bundle", "chat.example.test"]).exits(0);
    sandbox.pki(["issue", "client", "alice"]).exits(0);
    sandbox.pki(["export", "bundle", "alice"]).exits(0);
    let told = blocks(&section("### As a service of systemd"), "toml");
    sandbox.write("chat.toml", &told[0]);
    sandbox
        .shell(
            "mkdir etc; install -d run; cp /etc/passwd /etc/group /etc/hosts etc/
             install -d -m 0750 -g 65532 etc/chat
             install -m 0640 -g 65532 chat.toml etc/chat/
             install -m 0640 -g 65532 chat.example.test.bundle.pem etc/chat/chat.bundle.pem",
        )
        .exits(0);
}

/// Whether this machine lets the test have a network and mounts of its own.
fn may_have_namespaces(sandbox: &Sandbox) -> bool {
    let peers = ["unshare", "nsenter", "setpriv", "ip"].map(peer);
    let tried =
        "unshare --mount --net sh -ec 'ip link set lo up; mount -t tmpfs none /var/lib; chown 65532 .; chown 0 .'";
    let may = peers.iter().all(Option::is_some) && sandbox.run("sh", ["-c", tried]).code() == 0;
    if !may {
        skipped("no namespaces can be made here: that takes root");
    }
    may
}

#[test]
fn the_unit_s_own_command_line_serves_tells_systemd_so_reads_again_and_ends() {
    let sandbox = Sandbox::with_ca();
    if !may_have_namespaces(&sandbox) {
        return;
    }
    installed(&sandbox);
    let unit = read("systemd/chat.service");
    let one = |key: &str| values(&unit, key).swap_remove(0);
    let told = UnixDatagram::bind(sandbox.file("run/notify")).expect("a socket");
    told.set_read_timeout(Some(DEADLINE)).expect("an option of every socket");
    sandbox.shell("chmod 0777 run/notify; chmod 0755 run").exits(0);
    let mut command = sandbox.command("unshare");
    command.args(["--mount", "--net", "sh", "-ec", AS_SYSTEMD_DOES]).env("CHAT", programs::chat());
    command.env("NOTIFY_SOCKET", "/run/notify").env("EXEC", one("ExecStart")).env("STATE", one("StateDirectory"));
    command.env("STATE_MODE", one("StateDirectoryMode")).env("MASK", one("UMask")).env("OPEN", one("LimitNOFILE"));
    let chat = Running::start(command);
    chat.line("listening on ");
    hears(&told, "READY=1");
    let process = sandbox.read("pid").trim().to_owned();
    let inside = ["--target", &process, "--net", "chat", "connect", "localhost:6697"];
    let alice = ["--bundle", "alice.bundle.pem", "--plain", "--join", "#lobby"];
    let alice = sandbox.start("nsenter", inside.into_iter().chain(alice));
    alice.line("alice joined");
    let reload = one("ExecReload").replace("$MAINPID", &process);
    sandbox.shell(&reload).exits(0);
    chat.line("configuration-read");
    chat.signal("TERM");
    alice.line("closed");
    assert_eq!(chat.ends().0, 0);
}

/// Waits until systemd is told this.
fn hears(told: &UnixDatagram, word: &str) {
    let mut heard = [0; 4096];
    loop {
        let count = told.recv(&mut heard).unwrap_or_else(|why| panic!("{word} was never told: {why}"));
        if String::from_utf8_lossy(&heard[..count]).lines().any(|line| line == word) {
            return;
        }
    }
}

#[test]
fn redis_may_do_what_its_configuration_says() {
    let (unit, told) = (read("systemd/redis-chat.service"), read("redis/redis.conf"));
    let of = |key: &str| {
        let found = told.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("no {key}")).to_owned()
    };
    assert_eq!(values(&unit, "SocketBindAllow"), [format!("tcp:{}", of("tls-port"))]);
    assert_eq!(of("dir"), format!("/var/lib/{}", values(&unit, "StateDirectory")[0]));
    assert_eq!(
        Path::new(&of("unixsocket")).parent(),
        Some(Path::new("/run").join(&values(&unit, "RuntimeDirectory")[0]).as_path())
    );
    assert!(values(&unit, "ExecStart")[0].starts_with("/usr/bin/redis-server /etc/redis-chat/redis.conf "));
    let (open, clients) = (values(&unit, "LimitNOFILE")[0].parse::<u32>(), of("maxclients").parse::<u32>());
    // Redis wants 32 more for itself.
    assert!(open.expect("a number") >= clients.expect("a number") + 32);
}

#[test]
fn the_containers_agree_with_the_image_the_configuration_and_the_page() {
    let [chat, redis] = ["chat", "redis-chat"].map(|it| read(&format!("containers/{it}.container")));
    let image = std::fs::read_to_string(workspace().join("Containerfile")).expect("it is there");
    let page = read("deploy.md");
    let user = |unit: &str| format!("{}:{}", values(unit, "User")[0], values(unit, "Group")[0]);
    assert!(image.contains(&format!("USER {}", user(&chat))));
    assert!(image.contains("\"/etc/chat/chat.toml\"") && image.contains("VOLUME /data"));
    assert_eq!(values(&chat, "Volume"), ["chat-data:/data", "/etc/chat:/etc/chat:ro"]);
    assert_eq!(values(&chat, "Image"), ["localhost/chat"]);
    assert!(page.contains("buildah bud --tag chat ."));
    assert_ne!(user(&chat), user(&redis));
    for (unit, folder) in [(&chat, "/etc/chat"), (&redis, "/etc/redis-chat")] {
        let (user, group) = (&values(unit, "User")[0], &values(unit, "Group")[0]);
        assert!(page.contains(&format!("install -d -m 0700 -o {user} -g {group} {folder}")));
        let safe = ["ReadOnly=true", "DropCapability=all", "NoNewPrivileges=true"];
        assert!(safe.iter().all(|it| unit.lines().any(|line| line == *it)), "{unit}");
    }
    let told = read("redis/redis.conf");
    for path in told.split_whitespace().filter(|it| it.starts_with('/') && !it.ends_with("users.acl.")) {
        let mounted = values(&redis, "Volume").into_iter().chain(values(&redis, "Tmpfs"));
        let targets: Vec<String> =
            mounted.filter_map(|it| it.split(':').find(|it| it.starts_with('/')).map(str::to_owned)).collect();
        assert!(targets.iter().any(|it| path.starts_with(it)), "{path} is nowhere in the container: {targets:?}");
    }
    assert_eq!(values(&redis, "Exec"), ["redis-server /etc/redis-chat/redis.conf"]);
}

/// podman's own generator of units, where there is one.
#[test]
fn podman_makes_units_of_the_containers() {
    let places = ["/usr/libexec/podman/quadlet", "/usr/lib/podman/quadlet"];
    let Some(quadlet) = places.into_iter().find(|it| Path::new(it).is_file()) else {
        return skipped("no podman with quadlets is installed");
    };
    let mut command = Sandbox::new().command(quadlet);
    command.arg("-dryrun").env("QUADLET_UNIT_DIRS", document("containers"));
    let outcome = tests::sandbox::complete(command, "").exits(0);
    for made in ["chat.service", "redis-chat.service"] {
        assert!(outcome.text().contains(made), "{outcome}");
    }
}
