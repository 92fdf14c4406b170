//! Units of systemd and quadlets of podman: what they leave to whoever breaks in, and that they agree with the page.

use std::ffi::OsString;
use std::path::Path;

use tests::Sandbox;
use tests::peers::{peer, skipped};
use tests::programs::workspace;

use crate::page::{document, read};

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
