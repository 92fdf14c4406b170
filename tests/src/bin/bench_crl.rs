//! Revoking, and making revocation lists, at a million revoked certificates; beside its peers at fewer:
//! `cargo run --release --bin bench_crl [ROUNDS]`.
//!
//! What is told of lists is CPU time (user and system) and the greatest memory of the process, of revoking the time that
//! passes until it is on the disk. Each figure is the median of several rounds, in which all take turns. Ends with 1 where a
//! bar is missed. The index is filled with made-up rows: issuing a million certificates would take longer than the rest.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer, KeyIdMethod, KeyPair,
    KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber,
};
use tempfile::TempDir;
use tests::filled::{fill, new_store, pki};
use tests::peers::peer;
use tests::spent::{Spent, median, spent};
use tests::{bars, programs};
use time::{Duration, OffsetDateTime};

/// Entries of the large list.
const ENTRIES: usize = 1_000_000;
/// Entries for the peers: `openssl ca` takes minutes for a million.
const PEER_ENTRIES: usize = 100_000;
/// Entries for certtool, which reads the revoked certificates themselves.
const CERTTOOL_ENTRIES: usize = 10_000;
/// Rounds, unless the first argument says otherwise.
const ROUNDS: usize = 5;
/// Revocations that are timed, a round.
const REVOCATIONS: usize = 5;
/// Seconds of CPU for the large list, and MiB of memory.
const LIST_BAR: (f64, f64) = (1.0, 100.0);
/// Milliseconds that revoking may take longer at a million than at none.
const REVOKE_BAR: f64 = 10.0;

/// The argument by which this program makes a list with rcgen, as a process whose CPU time and memory can be asked for.
const RCGEN: &str = "--rcgen";

fn main() -> ExitCode {
    if std::env::args().nth(1).is_some_and(|it| it == RCGEN) {
        return bars::exit("bench_crl", rcgen_list(Path::new("rcgen.der")).map(|()| true));
    }
    let rounds = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(ROUNDS).max(1);
    bars::exit("bench_crl", bench(&mut io::stdout().lock(), rounds))
}

fn bench(out: &mut impl Write, rounds: usize) -> io::Result<bool> {
    let place = TempDir::with_prefix("bench-crl-")?;
    let [large, empty, small] = ["large", "empty", "small"].map(|name| place.path().join(name));
    for store in [&large, &empty, &small] {
        new_store(store)?;
    }
    let octets = fill(&large, ENTRIES, true)?;
    writeln!(out, "{ENTRIES} revoked certificates, {octets} octets of the index each (medians of {rounds} rounds)")?;
    let lists = lists(out, &large, rounds)?;
    let revoking = revoking(out, &large, &empty, rounds)?;
    fill(&small, PEER_ENTRIES, true)?;
    peers(out, place.path(), &small, rounds)?;
    Ok(lists && revoking)
}

/// A complete list, and a delta of a few.
fn lists(out: &mut impl Write, store: &Path, rounds: usize) -> io::Result<bool> {
    let complete = median(times(store, "crl", rounds)?);
    let delta = median(times(store, "crl --delta", rounds)?);
    for (name, spent) in [("pki crl", complete), ("pki crl --delta", delta)] {
        writeln!(out, "  {name:<17} {:>7.3} s  {:>6.1} MiB", spent.seconds, spent.mebibytes)?;
    }
    let kept = complete.seconds <= LIST_BAR.0 && complete.mebibytes <= LIST_BAR.1;
    writeln!(out, "  bar {} s and {} MiB: {}", LIST_BAR.0, LIST_BAR.1, verdict(kept))?;
    Ok(kept)
}

fn times(store: &Path, command: &str, rounds: usize) -> io::Result<Vec<Spent>> {
    let line = format!("{} --store {} {command}", programs::pki().display(), store.display());
    (0..rounds).map(|_| spent(store, &line)).collect()
}

/// Revoking in a store with a million revoked certificates, and in one with none.
fn revoking(out: &mut impl Write, large: &Path, empty: &Path, rounds: usize) -> io::Result<bool> {
    let count = rounds * REVOCATIONS;
    let name = |number: usize| format!("fresh{number}");
    for store in [large, empty] {
        (0..count).try_for_each(|number| pki(store, &["issue", "client", &name(number)]))?;
    }
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..count {
        for (store, times) in [large, empty].into_iter().zip(&mut times) {
            let begun = Instant::now();
            pki(store, &["revoke", &name(number), "--reason", "keyCompromise"])?;
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
    }
    let [large, empty] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    });
    let kept = large - empty <= REVOKE_BAR;
    writeln!(out, "  pki revoke        {large:>7.1} ms, in a store without revoked ones {empty:.1} ms")?;
    writeln!(out, "  bar {REVOKE_BAR} ms more: {}", verdict(kept))?;
    Ok(kept)
}

/// Ours, rcgen's and openssl's on as many entries, and certtool on fewer.
fn peers(out: &mut impl Write, place: &Path, store: &Path, rounds: usize) -> io::Result<()> {
    writeln!(out, "{PEER_ENTRIES} entries")?;
    let ours = median(times(store, "crl", rounds)?);
    openssl_files(place, store)?;
    let openssl = "openssl ca -config openssl.cnf -gencrl -out openssl.pem".to_owned();
    let openssl = median((0..rounds).map(|_| spent(place, &openssl)).collect::<io::Result<_>>()?);
    let rcgen = format!("{} {RCGEN}", std::env::current_exe()?.display());
    let rcgen = median((0..rounds).map(|_| spent(place, &rcgen)).collect::<io::Result<_>>()?);
    for (name, spent) in [("pki crl", ours), ("rcgen", rcgen), ("openssl ca", openssl)] {
        let times = spent.seconds / ours.seconds;
        writeln!(out, "  {name:<17} {:>7.3} s  {:>6.1} MiB  {times:>5.1} times ours", spent.seconds, spent.mebibytes)?;
    }
    let certificate = std::fs::read_to_string(store.join("certs/template/cert.pem"))?;
    std::fs::write(place.join("revoked.pem"), certificate.repeat(CERTTOOL_ENTRIES))?;
    std::fs::write(place.join("certtool.cfg"), "crl_next_update = 7\ncrl_number = 1\n")?;
    let ca = format!("{}/ca/issuing", store.display());
    if peer("certtool").is_none() {
        return Ok(());
    }
    let line = format!(
        "certtool --generate-crl --load-ca-privkey {ca}.key --load-ca-certificate {ca}.pem \
         --load-certificate revoked.pem --template certtool.cfg --outfile certtool.pem 2>/dev/null"
    );
    let certtool = spent(place, &line)?;
    writeln!(
        out,
        "  certtool          {:>7.3} s  {:>6.1} MiB  for {CERTTOOL_ENTRIES} entries, once",
        certtool.seconds, certtool.mebibytes
    )
}

/// A list as the crate rcgen makes it, by a key of its own, into a file: what it takes without a store.
fn rcgen_list(to: &Path) -> io::Result<()> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut ca = CertificateParams::new(Vec::new()).map_err(io::Error::other)?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::CrlSign];
    let now = OffsetDateTime::now_utc();
    let revoked = (0..PEER_ENTRIES).map(|number| RevokedCertParams {
        serial_number: SerialNumber::from_slice(&serial(number).to_be_bytes()),
        revocation_time: now,
        reason_code: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    });
    let list = CertificateRevocationListParams {
        this_update: now,
        next_update: now + Duration::days(7),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let list = list.signed_by(&Issuer::from_params(&ca, &key)).map_err(io::Error::other)?;
    std::fs::write(to, list.der())
}

/// Made-up serial numbers of 16 octets that are spread as random ones are.
fn serial(number: usize) -> u128 {
    (0x40 << 120) | (number as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) >> 8
}

/// What `openssl ca` makes a list of: its database, with as many revoked certificates.
fn openssl_files(place: &Path, store: &Path) -> io::Result<()> {
    let ca = format!("{}/ca/issuing", store.display());
    let settings = format!(
        "[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=crlnumber\ncertificate={ca}.pem\nprivate_key={ca}.key\n\
         default_md=sha256\ndefault_crl_days=7\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n"
    );
    std::fs::write(place.join("openssl.cnf"), settings)?;
    std::fs::write(place.join("crlnumber"), "01\n")?;
    let mut index = String::new();
    for number in 0..PEER_ENTRIES {
        let serial = serial(number);
        writeln!(index, "R\t360101000000Z\t260101000000Z,keyCompromise\t{serial:032X}\tunknown\t/CN=client{number}")
            .map_err(io::Error::other)?;
    }
    std::fs::write(place.join("index.txt"), index)
}

fn verdict(kept: bool) -> &'static str {
    if kept { "kept" } else { "MISSED" }
}
