//! The servers of the bench: ours and its peers, each with a configuration that lets a flood through.

use std::fs::{self, File};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::ports::FreePort;
use tests::{peers, programs};

use crate::material::{HOST, Material};

/// Where the Debian package ircd-hybrid was unpacked (`dpkg -x`): it can't be installed beside ngircd.
const HYBRID: &str = "IRCD_HYBRID";

/// Who runs a server that refuses to be root.
const NOBODY: u32 = 65_534;

/// How long a server may take to listen.
const START: Duration = Duration::from_secs(10);

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ours,
    Ngircd,
    Inspircd,
    Hybrid,
}

impl Kind {
    pub(crate) const ALL: [Kind; 4] = [Kind::Ours, Kind::Ngircd, Kind::Inspircd, Kind::Hybrid];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Ours => "ours",
            Kind::Ngircd => "ngircd",
            Kind::Inspircd => "inspircd",
            Kind::Hybrid => "ircd-hybrid",
        }
    }

    /// Whether it speaks first. What comes with the end of a handshake it does not see until more comes.
    pub(crate) fn greets(self) -> bool {
        self == Kind::Hybrid
    }

    /// Whether it is there; a peer that is not is told as skipped.
    pub(crate) fn is_there(self) -> bool {
        match self {
            Kind::Ours => true,
            Kind::Hybrid if std::env::var_os(HYBRID).is_some() => true,
            peer => peers::peer(peer.name()).is_some(),
        }
    }
}

/// A server that runs. Dropping it ends it.
pub(crate) struct Server {
    child: Child,
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    folder: TempDir,
    _ports: [FreePort; 2],
}

impl Server {
    /// Starts one and waits until it takes connections.
    pub(crate) fn start(kind: Kind, material: &Material) -> io::Result<Server> {
        let folder = TempDir::with_prefix("bench-chat-")?;
        // The peers give up root, and read their files as somebody else.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777))?;
        let ports = [FreePort::take(), FreePort::take()];
        let place = Place { folder: folder.path(), material, tls: ports[0].number(), other: ports[1].number() };
        let mut command = place.command(kind)?;
        let log = File::create(folder.path().join("log"))?;
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().map_err(|why| io::Error::new(why.kind(), format!("{command:?}: {why}")))?;
        let address = SocketAddr::from(([127, 0, 0, 1], ports[0].number()));
        let mut server = Server { child, kind, address, folder, _ports: ports };
        server.wait_until_it_listens()?;
        Ok(server)
    }

    /// Its number in `/proc`.
    pub(crate) fn process(&self) -> String {
        self.child.id().to_string()
    }

    fn wait_until_it_listens(&mut self) -> io::Result<()> {
        let end = Instant::now() + START;
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait()?;
            if ended.is_some() || Instant::now() > end {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                return Err(io::Error::other(format!("the server does not listen ({ended:?}):\n{log}")));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a configuration needs to know.
struct Place<'a> {
    folder: &'a Path,
    material: &'a Material,
    tls: u16,
    /// For a server that insists on a port of plain text.
    other: u16,
}

impl Place<'_> {
    fn command(&self, kind: Kind) -> io::Result<Command> {
        match kind {
            Kind::Ours => Ok(self.ours()),
            Kind::Ngircd => self.ngircd(),
            Kind::Inspircd => self.inspircd(),
            Kind::Hybrid => self.hybrid(),
        }
    }

    fn ours(&self) -> Command {
        let mut command = Command::new(programs::chat());
        command.env("HOME", self.folder);
        command.args(["serve", "--name", HOST, "--mtls", "optional", "--listen", &format!("127.0.0.1:{}", self.tls)]);
        command.arg("--cert").arg(&self.material.certificate).arg("--key").arg(&self.material.key);
        command.arg("--trust").arg(&self.material.ca).arg("--data").arg(self.folder.join("data"));
        command
    }

    fn ngircd(&self) -> io::Result<Command> {
        let file = self.write("ngircd.conf", &self.fill(NGIRCD))?;
        let mut command = Command::new("ngircd");
        command.arg("--nodaemon").arg("--config").arg(file);
        Ok(command)
    }

    fn inspircd(&self) -> io::Result<Command> {
        let file = self.write("inspircd.conf", &self.fill(INSPIRCD))?;
        let mut command = Command::new("inspircd");
        command.arg("--nofork").arg("--runasroot").arg("--config").arg(file);
        Ok(command)
    }

    /// It will not run as root, so it runs as nobody. Its modules' path is built in: an unpacked package is laid over
    /// `/usr`, for this one process.
    fn hybrid(&self) -> io::Result<Command> {
        let key = self.folder.join("hybrid.key");
        fs::copy(&self.material.key, &key)?;
        chown(&key, Some(NOBODY), Some(NOBODY))?;
        let file = self.write("hybrid.conf", &self.fill(HYBRID_CONF))?;
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", OVERLAID, "sh"]).arg(&file).arg(self.folder).arg(NOBODY.to_string());
        Ok(command)
    }

    fn fill(&self, template: &str) -> String {
        [
            ("HOST", HOST.to_owned()),
            ("CERTIFICATE", self.material.certificate.display().to_string()),
            ("KEY", self.material.key.display().to_string()),
            ("CA", self.material.ca.display().to_string()),
            ("FOLDER", self.folder.display().to_string()),
            ("TLS", self.tls.to_string()),
            ("OTHER", self.other.to_string()),
        ]
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.folder.join(name);
        fs::write(&path, text)?;
        Ok(path)
    }
}

/// Starts ircd-hybrid with a configuration, a folder and a user's number.
const OVERLAID: &str = "\
if [ -n \"$IRCD_HYBRID\" ]; then mount -t overlay overlay -o \"lowerdir=$IRCD_HYBRID/usr:/usr\" /usr || exit; fi
exec setpriv --reuid \"$3\" --regid \"$3\" --clear-groups ircd-hybrid -foreground -configfile \"$1\" \\
  -pidfile \"$2/pid\" -logfile \"$2/hybrid.log\"
";

const NGIRCD: &str = "\
[Global]
Name = {HOST}
Info = bench
AdminInfo1 = bench
AdminEMail = bench@bench.test
Listen = 127.0.0.1
Ports = {OTHER}
MotdPhrase = bench
ServerUID = nobody
ServerGID = nogroup
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 600
PongTimeout = 600
[Options]
DNS = no
Ident = no
PAM = no
[SSL]
CertFile = {CERTIFICATE}
KeyFile = {KEY}
CAFile = {CA}
Ports = {TLS}
";

const INSPIRCD: &str = "\
<server name=\"{HOST}\" description=\"bench\" network=\"Bench\" id=\"1BN\">
<admin name=\"bench\" nick=\"bench\" email=\"bench@bench.test\">
<module name=\"ssl_gnutls\">
<module name=\"sslinfo\">
<sslprofile name=\"Clients\" provider=\"gnutls\" certfile=\"{CERTIFICATE}\" keyfile=\"{KEY}\" cafile=\"{CA}\" hash=\"sha256\" requestclientcert=\"yes\">
<bind address=\"127.0.0.1\" port=\"{TLS}\" type=\"clients\" sslprofile=\"Clients\">
<connect name=\"main\" allow=\"*\" timeout=\"60\" pingfreq=\"600\" hardsendq=\"16777216\" softsendq=\"16777216\" recvq=\"65536\" threshold=\"100000000\" commandrate=\"100000000\" fakelag=\"no\" localmax=\"30000\" globalmax=\"30000\" limit=\"30000\" maxconnwarn=\"no\" resolvehostnames=\"no\" useident=\"no\" usednsbl=\"no\">
<performance netbuffersize=\"10240\" somaxconn=\"1024\" softlimit=\"30000\" quietbursts=\"yes\" nouserdns=\"yes\" clonesonconnect=\"no\">
<log method=\"file\" type=\"* -USERINPUT -USEROUTPUT\" level=\"default\" target=\"{FOLDER}/inspircd.log\">
<path datadir=\"{FOLDER}\" logdir=\"{FOLDER}\" runtimedir=\"{FOLDER}\">
<pid file=\"{FOLDER}/inspircd.pid\">
";

const HYBRID_CONF: &str = "\
serverinfo { name = \"{HOST}\"; sid = \"1BH\"; description = \"bench\"; network_name = \"Bench\"; network_description = \"Bench\"; default_max_clients = 15000; tls_certificate_file = \"{CERTIFICATE}\"; rsa_private_key_file = \"{FOLDER}/hybrid.key\"; };
admin { name = \"bench\"; description = \"bench\"; email = \"bench@bench.test\"; };
class { name = \"users\"; ping_time = 10 minutes; number_per_ip_local = 30000; number_per_ip_global = 30000; max_number = 30000; max_channels = 100; sendq = 16 megabytes; recvq = 8000 bytes; };
listen { host = \"127.0.0.1\"; flags = tls; port = {TLS}; };
auth { user = \"*@*\"; class = \"users\"; flags = can_flood, exceed_limit, no_tilde; };
general { throttle_count = 100000; throttle_time = 1 second; disable_auth = yes; ping_cookie = no; max_accept = 100; default_floodcount = 0; stats_e_disabled = yes; };
channel { max_channels = 100; default_join_flood_count = 0; };
log { use_logging = yes; };
";
