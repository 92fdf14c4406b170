//! irssi on a screen of tmux's: a client that people use, told what to do by its keyboard and read by the log that it writes.

use std::path::{Path, PathBuf};

use crate::Sandbox;
use crate::screen::Screen;

/// Certificate, chain and key in one file, as irssi and WeeChat take them.
pub fn identity(sandbox: &Sandbox, name: &str) -> PathBuf {
    let folder = sandbox.store().join("certs").join(name);
    let folder = folder.display();
    sandbox.shell(&format!("umask 077; cat '{folder}/fullchain.pem' '{folder}/privkey.pem' > {name}.pem")).exits(0);
    sandbox.file(format!("{name}.pem"))
}

/// irssi on a screen of tmux's.
pub struct Irssi<'a> {
    screen: Screen<'a>,
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
        let command = format!("'{}' --home '{}'", irssi.display(), home.display());
        Irssi { screen: Screen::start(sandbox, tmux, "irssi", &command), log: home.join("#lobby.log") }
    }

    /// Types a line.
    pub fn types(&self, line: &str) {
        self.screen.types(line);
    }
}
