//! The chat as a service: what it tells systemd, and what systemd keeps it from.
#![cfg(unix)]

use std::ffi::OsString;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use tests::Sandbox;
use tests::irc::with_certificates;
use tests::peers::peer;
use tests::programs::{chat, workspace};

#[test]
fn the_service_manager_is_told_when_it_listens_and_when_it_stops() {
    let sandbox = with_certificates();
    let path = sandbox.file("notify.sock");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
    let told = || {
        let mut buffer = [0; 256];
        let length = socket.recv(&mut buffer).expect("the service manager is told");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    let mut variable = OsString::from("NOTIFY_SOCKET=");
    variable.push(&path);
    let serve = [variable, chat().into(), "serve".into(), "--listen".into(), "127.0.0.1:0".into()];
    let server = sandbox.start("env", serve.into_iter().chain(["--name", "localhost"].map(OsString::from)));
    assert!(told().contains("READY=1"));
    server.address();
    server.signal("TERM");
    assert!(told().contains("STOPPING=1"));
    assert_eq!(server.ends().0, 0);
}

#[test]
fn the_unit_leaves_little_to_whoever_breaks_in() {
    let Some(analyze) = peer("systemd-analyze") else { return };
    let unit = workspace().join("docs/systemd/chat.service");
    // In tenths: 1.5 of 10.
    let asked = ["security", "--offline=true", "--threshold=15", "--no-pager"].map(OsString::from);
    Sandbox::new().run(&analyze, asked.into_iter().chain([unit.clone().into_os_string()])).exits(0);
    let verified =
        Sandbox::new().run(&analyze, ["verify".into(), "--recursive-errors=no".into(), unit.into_os_string()]);
    let complaints: Vec<&str> = verified
        .stderr
        .lines()
        // The program is not installed where the tests run.
        .filter(|line| line.contains("chat.service") && !line.contains("is not executable"))
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}
