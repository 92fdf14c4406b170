//! irssi on a screen of tmux's: a client that people use, told what to do by its keyboard and read by the log that it writes.

use std::path::{Path, PathBuf};

use crate::Sandbox;

/// Certificate, chain and key in one file, as irssi and WeeChat take them.
pub fn identity(sandbox: &Sandbox, name: &str) -> PathBuf {
    let folder = sandbox.store().join("certs").join(name);
    let folder = folder.display();
    sandbox.shell(&format!("umask 077; cat '{folder}/fullchain.pem' '{folder}/privkey.pem' > {name}.pem")).exits(0);
    sandbox.file(format!("{name}.pem"))
}

/// irssi on a screen of tmux's.
pub struct Irssi<'a> {
    sandbox: &'a Sandbox,
    tmux: PathBuf,
    /// The log of `#lobby`.
    pub log: PathBuf,
}

impl Irssi<'_> {
    /// Enters `#lobby` of a server on this port as alice, by her certificate.
    ///
    /// # Panics
    /// Where it can't be started.
    pub fn join<'a>(sandbox: &'a Sandbox, port: u16, irssi: &Path, tmux: PathBuf) -> Irssi<'a> {
        let certificate = identity(sandbox, "alice");
        let (certificate, ca) = (certificate.display(), sandbox.store().join("ca/root.pem"));
        let home = sandbox.file("irssi");
        std::fs::create_dir(&home).expect("a folder for irssi");
        let config = format!(
            r##"servers = ( {{ address = "localhost"; port = "{port}"; chatnet = "test"; use_tls = "yes"; tls_cert = "{certificate}";
  tls_verify = "yes"; tls_cafile = "{ca}"; autoconnect = "yes"; }} );
chatnets = {{ test = {{ type = "IRC"; nick = "alice"; sasl_mechanism = "external"; }}; }};
channels = ( {{ name = "#lobby"; chatnet = "test"; autojoin = "yes"; }} );
settings = {{ core = {{ real_name = "Alice"; user_name = "alice"; nick = "alice"; }};
  "fe-common/core" = {{ autolog = "yes"; autolog_path = "{home}/$0.log"; autolog_level = "all"; }}; }};
"##,
            ca = ca.display(),
            home = home.display(),
        );
        sandbox.write("irssi/config", config);
        let started = Irssi { sandbox, tmux, log: home.join("#lobby.log") };
        let command = format!("'{}' --home '{}'", irssi.display(), home.display());
        started.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "180", "-y", "40", &command]);
        started
    }

    /// Types a line.
    pub fn types(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]);
        self.tmux(&["send-keys", "Enter"]);
    }

    fn tmux(&self, arguments: &[&str]) {
        let socket = self.sandbox.file("tmux.sock").display().to_string();
        let tmux = self.tmux.display().to_string();
        let all = ["TERM=xterm", tmux.as_str(), "-S", socket.as_str()].into_iter().chain(arguments.iter().copied());
        self.sandbox.run("env", all).exits(0);
    }
}

impl Drop for Irssi<'_> {
    fn drop(&mut self) {
        let socket = self.sandbox.file("tmux.sock");
        // Where it has ended by itself there is nothing to end.
        let _ = std::process::Command::new(&self.tmux).arg("-S").arg(socket).arg("kill-server").output();
    }
}
