//! Our programs beside their peers, one process each: `cargo run --release --bin bench_peers [RUNS] [ROUNDS]`.
//!
//! Both take turns, so that a busy moment of the machine falls on both; the median of many runs is compared, and
//! several rounds show how steady it is. The contest is held in memory (`/dev/shm`), because the peers do not flush
//! what they write and ours does: what that costs on a disk is reported apart. Ends with 1 where a bar is missed.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::chains::GOOD;
use tests::{bars, peers, programs};

/// Runs of each program in a round, unless the first argument says otherwise.
const RUNS: usize = 61;
/// Rounds, unless the second argument says otherwise.
const ROUNDS: usize = 3;
/// Never measured: they fill the page cache.
const WARM_UP: usize = 5;
/// A file system in memory.
const MEMORY: &str = "/dev/shm";

/// One of our commands beside a peer's.
struct Contest {
    title: &'static str,
    ours: fn(&Place, usize) -> Command,
    peer: &'static str,
    theirs: fn(&Place, usize) -> Command,
    /// Our median may be at most this many times the peer's.
    bar: f64,
    /// Whether ours writes to the store, and flushes.
    writes: bool,
}

const CONTESTS: &[Contest] = &[
    Contest { title: "pki issue server", ours: issue, peer: "mkcert", theirs: mkcert, bar: 1.0, writes: true },
    Contest {
        title: "pki init-ca",
        ours: init_ca,
        peer: "openssl",
        theirs: openssl_root,
        bar: 1.0 / 3.0,
        writes: true,
    },
    Contest {
        title: "pki init-ca, two",
        ours: init_two,
        peer: "openssl",
        theirs: openssl_two,
        bar: 1.0 / 3.0,
        writes: false,
    },
    Contest { title: "pki inspect", ours: inspect, peer: "certtool", theirs: certtool_info, bar: 1.0, writes: false },
    Contest {
        title: "pki verify chain",
        ours: verify,
        peer: "certtool",
        theirs: certtool_verify,
        bar: 1.0,
        writes: false,
    },
    Contest {
        title: "pki diagnose",
        ours: diagnose,
        peer: "certtool",
        theirs: certtool_verify,
        bar: 1.0,
        writes: false,
    },
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|it| it.parse::<usize>().ok());
    let runs = arguments.next().flatten().unwrap_or(RUNS).max(3);
    let rounds = arguments.next().flatten().unwrap_or(ROUNDS).max(1);
    bars::exit("bench_peers", bench(&mut io::stdout().lock(), runs, rounds))
}

/// Holds every contest; whether all bars were kept.
fn bench(out: &mut impl Write, runs: usize, rounds: usize) -> io::Result<bool> {
    let memory = Place::new(Path::new(MEMORY))?;
    let disk = Place::new(&std::env::temp_dir())?;
    let start = median(measure(runs, |_| Command::new("true"))?);
    writeln!(out, "medians of {runs} runs, {rounds} rounds; starting and ending a process alone: {}", shown(start))?;
    let mut kept = true;
    for contest in CONTESTS {
        kept &= contest.hold(out, &memory, &disk, runs, rounds)?;
    }
    Ok(kept)
}

impl Contest {
    fn hold(&self, out: &mut impl Write, memory: &Place, disk: &Place, runs: usize, rounds: usize) -> io::Result<bool> {
        if peers::peer(self.peer).is_none() {
            return Ok(true);
        }
        let mut ratios = Vec::new();
        for _ in 0..rounds {
            let (ours, theirs) = self.round(memory, runs)?;
            ratios.push(ours.as_secs_f64() / theirs.as_secs_f64());
            self.print(out, ours, theirs)?;
        }
        let kept = self.judge(out, ratios)?;
        if self.writes {
            let in_memory = median(measure(runs, |run| (self.ours)(memory, run))?);
            let on_disk = median(measure(runs, |run| (self.ours)(disk, run))?);
            let flushing = on_disk.saturating_sub(in_memory);
            writeln!(out, "  on disk {}: flushing costs {}", shown(on_disk), shown(flushing))?;
        }
        Ok(kept)
    }

    /// The medians of one round, run in turns.
    fn round(&self, place: &Place, runs: usize) -> io::Result<(Duration, Duration)> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for run in 0..runs + WARM_UP {
            let pair = (timed((self.ours)(place, run))?, timed((self.theirs)(place, run))?);
            if run >= WARM_UP {
                ours.push(pair.0);
                theirs.push(pair.1);
            }
        }
        Ok((median(ours), median(theirs)))
    }

    fn print(&self, out: &mut impl Write, ours: Duration, theirs: Duration) -> io::Result<()> {
        let longest = ours.max(theirs).as_secs_f64();
        let bar = |time: Duration| "#".repeat((time.as_secs_f64() / longest * 40.0).ceil() as usize);
        writeln!(out, "\n  {:<17} {:>9}  {}", self.title, shown(ours), bar(ours))?;
        writeln!(out, "  {:<17} {:>9}  {}", self.peer, shown(theirs), bar(theirs))
    }

    fn judge(&self, out: &mut impl Write, mut ratios: Vec<f64>) -> io::Result<bool> {
        ratios.sort_by(f64::total_cmp);
        let middle = ratios[ratios.len() / 2];
        let verdict = if middle <= self.bar { "kept" } else { "MISSED" };
        let each: Vec<String> = ratios.iter().map(|it| format!("{it:.2}")).collect();
        writeln!(out, "  ratio {middle:.2} (rounds {}), bar {:.2}: {verdict}", each.join(", "), self.bar)?;
        Ok(middle <= self.bar)
    }
}

/// A folder with a store, a CA of mkcert's, and the chain that is read and verified.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new(parent: &Path) -> io::Result<Place> {
        let place = Place { folder: TempDir::with_prefix_in("bench-", parent)? };
        GOOD.make(place.folder.path());
        timed(place.pki(&["init-ca", "--name", "Bench Root CA", "--intermediate", "Bench Issuing CA"]))?;
        Ok(place)
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = self.folder.path();
        command.current_dir(path).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", path).env("PKI_STORE", path.join("store")).env("CAROOT", path.join("caroot"));
        command
    }

    fn pki(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(programs::pki());
        command.args(arguments);
        command
    }

    fn peer(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(program);
        command.args(arguments);
        command
    }

    /// A path that no run has used before: a second issue of a name, or a second CA in a store, is refused.
    fn fresh(&self, what: &str) -> PathBuf {
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.folder.path().join(format!("{what}{number}"))
    }
}

fn issue(place: &Place, _: usize) -> Command {
    let fresh = place.fresh("host");
    let name = fresh.file_name().unwrap_or_default().to_string_lossy().into_owned();
    place.pki(&["issue", "server", &format!("{name}.example.test")])
}

fn mkcert(place: &Place, run: usize) -> Command {
    place.peer("mkcert", &["-ecdsa", "-cert-file", "m.pem", "-key-file", "m.key", &format!("host{run}.example.test")])
}

fn init_ca(place: &Place, _: usize) -> Command {
    let store = place.fresh("ca").display().to_string();
    place.pki(&["init-ca", "--store", &store, "--name", "Bench Root CA"])
}

fn openssl_root(place: &Place, _: usize) -> Command {
    let start = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "3650"];
    let files = ["-subj", "/CN=Bench Root CA", "-keyout", "o.key", "-out", "o.pem"];
    place.peer("openssl", &[&start[..], &files].concat())
}

/// A root and the CA below it that issues.
fn init_two(place: &Place, _: usize) -> Command {
    let store = place.fresh("ca").display().to_string();
    place.pki(&["init-ca", "--store", &store, "--name", "Bench Root CA", "--intermediate", "Bench Issuing CA"])
}

/// The same in the three processes that it takes openssl.
fn openssl_two(place: &Place, _: usize) -> Command {
    const LINES: &str = "\
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 3650 -subj '/CN=Bench Root CA' \
          -keyout o.key -out o.pem && \
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj '/CN=Bench Issuing CA' -keyout p.key \
          -out p.csr && \
        printf 'basicConstraints=critical,CA:TRUE,pathlen:0\\nkeyUsage=critical,keyCertSign,cRLSign\\n' > p.ext && \
        openssl x509 -req -in p.csr -CA o.pem -CAkey o.key -days 3650 -extfile p.ext -out p.pem";
    place.peer("sh", &["-c", LINES])
}

fn diagnose(place: &Place, _: usize) -> Command {
    place.pki(&["diagnose", "--chain", "chain.pem", "--key", "server.key", "--trust", "trust.pem", "--name", GOOD.host])
}

fn inspect(place: &Place, _: usize) -> Command {
    place.pki(&["inspect", "leaf.pem"])
}

fn certtool_info(place: &Place, _: usize) -> Command {
    place.peer("certtool", &["--certificate-info", "--infile", "leaf.pem"])
}

fn verify(place: &Place, _: usize) -> Command {
    place.pki(&["verify", "chain", "chain.pem", "--trust", "trust.pem"])
}

fn certtool_verify(place: &Place, _: usize) -> Command {
    place.peer("certtool", &["--verify", "--load-ca-certificate", "trust.pem", "--infile", "chain.pem"])
}

fn measure(runs: usize, command: impl Fn(usize) -> Command) -> io::Result<Vec<Duration>> {
    (0..runs).map(|run| timed(command(run))).collect()
}

/// The wall time of one process, which must succeed: a fast failure is no result.
fn timed(mut command: Command) -> io::Result<Duration> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().map_err(|why| io::Error::new(why.kind(), format!("{command:?}: {why}")))?;
    let time = start.elapsed();
    if status.success() { Ok(time) } else { Err(io::Error::other(format!("{command:?}: {status}"))) }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn shown(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}
