//! Many certificates from one command, beside the peers, and a store of a million of them:
//! `cargo run --release --bin bench_issue [ROUNDS]`.
//!
//! A batch is timed from its start to its end: the manifest checked, keys made, every row rehearsed and signed, certificate, key
//! and index on the disk. The peers do less: `openssl ca` signs a request that is there, and flushes nothing; cfssl keeps nothing.
//! Ends with 1 where a bar is missed.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use tempfile::TempDir;
use tests::filled::{fill, new_store, pki, run};
use tests::peers::peer;
use tests::spent::spent;
use tests::{bars, cfssl, programs};

/// Rounds, unless the first argument says otherwise.
const ROUNDS: usize = 3;
/// Rows of a batch.
const ROWS: usize = 20_000;
/// Requests that `openssl ca` signs in one run.
const REQUESTS: usize = 2_000;
/// Certificates that mkcert and cfssl make, each in a process of its own, for they make one at a time.
const SINGLE: usize = 50;
/// Certificates of the large store.
const MILLION: usize = 1_000_000;
/// Runs of each command in a store, each round.
const LOOKS: usize = 7;
/// Milliseconds that a command may take longer at a million certificates than at none.
const LOOK_BAR: f64 = 10.0;

/// Rows of a group in the bare run, as `pki issue batch` has them.
const GROUP: usize = 500;
/// The files of a certificate and their sizes, P-256 below an intermediate.
const FILES: [(&str, usize); 5] =
    [("chain.pem", 810), ("ca.pem", 790), ("privkey.pem", 241), ("fullchain.pem", 1_720), ("cert.pem", 910)];
/// What is measured, as certificates a second; 0 where it is not there.
type Measure = fn(&Path) -> io::Result<f64>;

/// What ours stand beside, openssl first.
const PEERS: [(&str, Measure); 5] = [
    ("openssl ca", openssl),
    ("cfssl serve", cfssl::server),
    ("cfssl gencert", |place| cfssl::single(place, SINGLE)),
    ("mkcert", mkcert),
    ("the same folders bare", |place| bare(&place.join("bare"))),
];

/// Where a batch goes, and how many certificates a second are wanted of it.
const TARGETS: [(&str, f64); 3] = [("out.jsonl", 5_000.0), ("out.tar", 5_000.0), ("out", 2_000.0)];

fn main() -> ExitCode {
    let rounds = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(ROUNDS).max(1);
    bars::exit("bench_issue", bench(&mut io::stdout().lock(), rounds))
}

fn bench(out: &mut impl Write, rounds: usize) -> io::Result<bool> {
    let batches = batches(out, rounds)?;
    Ok(looks(out, rounds)? && batches)
}

/// Batches to every kind of target, and the peers, in turns.
fn batches(out: &mut impl Write, rounds: usize) -> io::Result<bool> {
    let place = TempDir::with_prefix("bench-issue-")?;
    let mut rates = vec![Vec::new(); TARGETS.len() + PEERS.len()];
    requests(place.path())?;
    for round in 0..rounds {
        for ((target, _), rates) in TARGETS.iter().zip(&mut rates) {
            rates.push(batch(place.path(), target, round)?);
        }
        for ((_, measure), rates) in PEERS.iter().zip(&mut rates[TARGETS.len()..]) {
            rates.push(measure(place.path())?);
        }
    }
    let medians: Vec<f64> = rates.into_iter().map(median).collect();
    writeln!(out, "certificates a second, from start to end (medians of {rounds} rounds)")?;
    let mut kept = true;
    for ((target, bar), rate) in TARGETS.iter().zip(&medians) {
        kept &= rate >= bar;
        let times = rate / medians[TARGETS.len()];
        writeln!(
            out,
            "  pki issue batch --to {target:<10} {rate:>7.0}  {times:>4.1} times openssl's, bar {bar}: {}",
            verdict(rate >= bar)
        )?;
    }
    for ((name, _), rate) in PEERS.iter().zip(&medians[TARGETS.len()..]) {
        writeln!(out, "  {name:<31} {rate:>7.0}")?;
    }
    Ok(kept)
}

/// A batch into a new store, in certificates a second.
fn batch(place: &Path, target: &str, round: usize) -> io::Result<f64> {
    let folder = place.join(format!("{target}-{round}"));
    std::fs::create_dir(&folder)?;
    let (store, manifest) = (folder.join("store"), folder.join("hosts.csv"));
    new_store(&store)?;
    let mut rows = String::from("purpose,names\n");
    for number in 0..ROWS {
        writeln!(rows, "server,host{number}.example.test").map_err(io::Error::other)?;
    }
    std::fs::write(&manifest, rows)?;
    let (manifest, to) = (manifest.display().to_string(), folder.join(target).display().to_string());
    let begun = Instant::now();
    pki(&store, &["issue", "batch", &manifest, "--to", &to])?;
    let rate = ROWS as f64 / begun.elapsed().as_secs_f64();
    std::fs::remove_dir_all(folder)?;
    Ok(rate)
}

/// The folders of a batch with as many octets in each file and nothing else done: what the file system allows. Two threads write,
/// each group is flushed once and then renamed.
fn bare(place: &Path) -> io::Result<f64> {
    std::fs::create_dir(place)?;
    let begun = Instant::now();
    for group in 0..ROWS / GROUP {
        let rows: Vec<usize> = (group * GROUP..(group + 1) * GROUP).collect();
        std::thread::scope(|scope| {
            let halves: Vec<_> = rows.chunks(GROUP / 2).map(|half| scope.spawn(|| bare_folders(place, half))).collect();
            halves.into_iter().try_for_each(|half| half.join().expect("it only writes"))
        })?;
        run(Command::new("sync").arg("-f").arg(place))?;
        for row in rows {
            std::fs::rename(place.join(format!(".{row}.new")), place.join(row.to_string()))?;
        }
        std::fs::File::open(place)?.sync_all()?;
    }
    let rate = ROWS as f64 / begun.elapsed().as_secs_f64();
    std::fs::remove_dir_all(place)?;
    Ok(rate)
}

fn bare_folders(place: &Path, rows: &[usize]) -> io::Result<()> {
    for row in rows {
        let folder = place.join(format!(".{row}.new"));
        std::fs::create_dir(&folder)?;
        for (file, octets) in FILES {
            std::fs::write(folder.join(file), vec![b'x'; octets])?;
        }
    }
    Ok(())
}

/// A CA for `openssl ca`, and a request.
fn requests(place: &Path) -> io::Result<()> {
    const LINES: &str = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj '/CN=Bench Root CA' -keyout \
        o.key -out o.pem 2>/dev/null; openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=host -keyout \
        h.key -out h.csr 2>/dev/null; mkdir -p issued; printf '[ca]\\ndefault_ca=x\\n[x]\\ndatabase=index.txt\\nserial=serial\\n\
        new_certs_dir=issued\\ncertificate=o.pem\\nprivate_key=o.key\\ndefault_md=sha256\\ndefault_days=90\\npolicy=p\\n\
        unique_subject=no\\n[p]\\ncommonName=supplied\\n' > o.cnf";
    run(Command::new("sh").current_dir(place).args(["-c", LINES]))
}

/// `openssl ca` on requests that are there.
fn openssl(place: &Path) -> io::Result<f64> {
    std::fs::write(place.join("index.txt"), "")?;
    std::fs::write(place.join("serial"), "1000\n")?;
    let begun = Instant::now();
    let mut command = Command::new("openssl");
    command.current_dir(place).args(["ca", "-batch", "-notext", "-config", "o.cnf", "-out", "o.out", "-infiles"]);
    command.args(std::iter::repeat_n("h.csr", REQUESTS)).stderr(std::process::Stdio::null());
    run(&mut command)?;
    Ok(REQUESTS as f64 / begun.elapsed().as_secs_f64())
}

/// mkcert, a process a certificate.
fn mkcert(place: &Path) -> io::Result<f64> {
    if peer("mkcert").is_none() {
        return Ok(0.0);
    }
    let begun = Instant::now();
    for number in 0..SINGLE {
        let mut command = Command::new("mkcert");
        command.current_dir(place).env("CAROOT", place).stderr(std::process::Stdio::null());
        run(command.args([
            "-ecdsa",
            "-cert-file",
            "m.pem",
            "-key-file",
            "m.key",
            &format!("host{number}.example.test"),
        ]))?;
    }
    Ok(SINGLE as f64 / begun.elapsed().as_secs_f64())
}

/// Commands in a store of a million certificates, and in one with next to none.
fn looks(out: &mut impl Write, rounds: usize) -> io::Result<bool> {
    let place = TempDir::with_prefix("bench-issue-")?;
    let [large, empty] = ["large", "empty"].map(|name| place.path().join(name));
    new_store(&large)?;
    new_store(&empty)?;
    let octets = fill(&large, MILLION, false)?;
    fill(&empty, 10, false)?;
    writeln!(out, "{MILLION} certificates, {octets} octets of the index each; milliseconds, and in a store of ten")?;
    let commands: [&[&str]; 4] = [
        &["show", "client7"],
        &["list", "--name", "client7"],
        &["list", "--name", "client7*", "--limit", "10"],
        &["list", "--expiring", "90d", "--limit", "10"],
    ];
    let mut kept = true;
    for command in commands {
        let (mut there, mut here) = (Vec::new(), Vec::new());
        for _ in 0..rounds * LOOKS {
            there.push(milliseconds(&large, command)?);
            here.push(milliseconds(&empty, command)?);
        }
        let (there, here) = (median(there), median(here));
        kept &= there - here <= LOOK_BAR;
        writeln!(
            out,
            "  pki {:<36} {there:>6.1} {here:>6.1}  {}",
            command.join(" "),
            verdict(there - here <= LOOK_BAR)
        )?;
    }
    let line = format!("{} --store {} list > list.txt", programs::pki().display(), large.display());
    let whole = spent(place.path(), &line)?;
    writeln!(out, "  pki list, all of it: {:.1} s, {:.0} MiB", whole.seconds, whole.mebibytes)?;
    Ok(kept)
}

fn milliseconds(store: &Path, arguments: &[&str]) -> io::Result<f64> {
    let begun = Instant::now();
    pki(store, arguments)?;
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn verdict(kept: bool) -> &'static str {
    if kept { "kept" } else { "MISSED" }
}
