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
use crate::{nameserver, process};

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
    /// Ours without a history, as all its peers are.
    OursForgetful,
    Ngircd,
    Inspircd,
    Hybrid,
    /// Ours as the only node of a network, over Redis.
    OneNode,
    /// Ours as three nodes, the clients spread over them.
    ThreeNodes,
}

impl Kind {
    /// Ours and its peers.
    pub(crate) const ALL: [Kind; 5] = [Kind::Ours, Kind::OursForgetful, Kind::Ngircd, Kind::Inspircd, Kind::Hybrid];
    /// Ours by itself and as nodes.
    pub(crate) const NODES: [Kind; 3] = [Kind::Ours, Kind::OneNode, Kind::ThreeNodes];

    /// How many nodes it is; none for a server by itself.
    fn nodes(self) -> usize {
        match self {
            Kind::OneNode => 1,
            Kind::ThreeNodes => 3,
            _ => 0,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Ours => "ours",
            Kind::OursForgetful => "no-history",
            Kind::Ngircd => "ngircd",
            Kind::Inspircd => "inspircd",
            Kind::Hybrid => "ircd-hybrid",
            Kind::OneNode => "one-node",
            Kind::ThreeNodes => "three-nodes",
        }
    }

    /// Whether it speaks first. What comes with the end of a handshake it does not see until more comes.
    pub(crate) fn greets(self) -> bool {
        self == Kind::Hybrid
    }

    /// Clients that it lets connect at the same time. InspIRCd takes a second for each, however many they are; of more than a
    /// few dozen ngIRCd leaves some waiting until it closes them.
    pub(crate) fn connects_at_once(self) -> usize {
        if self == Kind::Inspircd { 256 } else { 32 }
    }

    /// Whether it is there; a peer that is not is told as skipped.
    pub(crate) fn is_there(self) -> bool {
        match self {
            Kind::Ours | Kind::OursForgetful => true,
            Kind::Hybrid if std::env::var_os(HYBRID).is_some() => true,
            Kind::OneNode | Kind::ThreeNodes => peers::peer("redis-server").is_some(),
            peer => peers::peer(peer.name()).is_some(),
        }
    }
}

/// A server that runs. Dropping it ends it.
pub(crate) struct Server {
    /// One, or each of its nodes.
    children: Vec<Child>,
    redis: Option<Child>,
    pub(crate) kind: Kind,
    /// Where clients connect: in turn, where there are several.
    pub(crate) addresses: Vec<SocketAddr>,
    folder: TempDir,
    _ports: Vec<FreePort>,
}

impl Server {
    /// Starts one and waits until it takes connections.
    pub(crate) fn start(kind: Kind, material: &Material) -> io::Result<Server> {
        let folder = TempDir::with_prefix("bench-chat-")?;
        // The peers give up root, and read their files as somebody else.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777))?;
        let other = FreePort::take();
        let (children, addresses) = (Vec::new(), Vec::new());
        let mut server = Server { children, redis: None, kind, addresses, folder, _ports: Vec::new() };
        if kind.nodes() > 0 {
            server.redis = Some(server.spawn(redis(server.folder.path(), other.number()))?);
            wait(other.number())?;
        }
        for node in 0..kind.nodes().max(1) {
            let tls = FreePort::take();
            let place =
                Place { folder: server.folder.path(), material, tls: tls.number(), other: other.number(), node };
            let child = server.spawn(place.command(kind)?)?;
            server.children.push(child);
            server.addresses.push(SocketAddr::from(([127, 0, 0, 1], tls.number())));
            server._ports.push(tls);
            server.wait_until_it_listens()?;
        }
        server._ports.push(other);
        Ok(server)
    }

    fn spawn(&self, mut command: Command) -> io::Result<Child> {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log"))?;
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.spawn().map_err(|why| io::Error::new(why.kind(), format!("{command:?}: {why}")))
    }

    /// CPU time of all its processes, Redis left out.
    pub(crate) fn cpu(&self) -> io::Result<Duration> {
        self.children.iter().map(|child| process::cpu(&child.id().to_string())).sum()
    }

    /// That of Redis.
    pub(crate) fn redis_cpu(&self) -> io::Result<Duration> {
        self.redis.as_ref().map_or(Ok(Duration::ZERO), |redis| process::cpu(&redis.id().to_string()))
    }

    /// Resident memory of all its processes in KiB.
    pub(crate) fn resident(&self) -> io::Result<u64> {
        self.children.iter().map(|child| process::resident(&child.id().to_string())).sum()
    }

    /// The last one that was started.
    fn wait_until_it_listens(&mut self) -> io::Result<()> {
        let end = Instant::now() + START;
        let (Some(address), Some(child)) = (self.addresses.last(), self.children.last_mut()) else { return Ok(()) };
        while TcpStream::connect(address).is_err() {
            let ended = child.try_wait()?;
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
        for child in self.children.iter_mut().chain(&mut self.redis) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What a configuration needs to know.
struct Place<'a> {
    folder: &'a Path,
    material: &'a Material,
    tls: u16,
    /// For a server that insists on a port of plain text, and for Redis.
    other: u16,
    /// Which node of its network it is.
    node: usize,
}

/// Redis as docs/deploy.md has it: what was taken survives its end.
fn redis(folder: &Path, port: u16) -> Command {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--dir"]);
    command.arg(folder);
    command
}

fn wait(port: u16) -> io::Result<()> {
    let end = Instant::now() + START;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if Instant::now() > end {
            return Err(io::Error::other("Redis does not listen"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

impl Place<'_> {
    fn command(&self, kind: Kind) -> io::Result<Command> {
        match kind {
            Kind::Ours => Ok(self.ours()),
            Kind::OursForgetful => self.forgetful(),
            Kind::Ngircd => self.ngircd(),
            Kind::Inspircd => self.inspircd(),
            Kind::Hybrid => self.hybrid(),
            Kind::OneNode | Kind::ThreeNodes => Ok(self.node()),
        }
    }

    fn node(&self) -> Command {
        let mut command = self.ours();
        command.args(["--bus", &format!("redis://127.0.0.1:{}", self.other)]);
        command
    }

    fn ours(&self) -> Command {
        let mut command = Command::new(programs::chat());
        command.env("HOME", self.folder);
        command.args(["serve", "--name", HOST, "--mtls", "optional", "--listen", &format!("127.0.0.1:{}", self.tls)]);
        command.arg("--cert").arg(&self.material.certificate).arg("--key").arg(&self.material.key);
        command.arg("--trust").arg(&self.material.ca).arg("--data").arg(self.folder.join(format!("data{}", self.node)));
        command
    }

    fn forgetful(&self) -> io::Result<Command> {
        let file = self.write("chat.toml", "[history]\nstore = \"off\"\n")?;
        let mut command = self.ours();
        command.arg("--config").arg(file);
        Ok(command)
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
        nameserver::start()?;
        self.write("resolv.conf", &format!("nameserver {}\n", nameserver::ADDRESS))?;
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
mount --bind \"$2/resolv.conf\" /etc/resolv.conf || exit
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
