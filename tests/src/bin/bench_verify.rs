//! `pki verify chain` on many chains and on a large revocation list, beside its peers:
//! `cargo run --release --bin bench_verify [ROUNDS]`.
//!
//! What is told is CPU time (user and system) and the greatest memory of the process, as the kernel counts them for a
//! child that has ended; the chains lie in memory (`/dev/shm`). Each figure is the median of several rounds, in which all
//! take turns. Ends with 1 where a bar is missed.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
};
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use tempfile::TempDir;
use tests::spent::{Spent, median, spent};
use tests::{bars, programs};
use time::{Duration, OffsetDateTime};

/// Chains of leaf, intermediate and root: two signatures each.
const CHAINS: usize = 10_000;
/// Entries of the large revocation list.
const ENTRIES: u64 = 1_000_000;
/// Rounds, unless the first argument says otherwise.
const ROUNDS: usize = 5;
/// Chains that must be verified per second of CPU.
const CHAINS_BAR: f64 = 12_000.0;
/// Seconds of CPU for the large list, and MiB of memory.
const LIST_BAR: (f64, f64) = (0.2, 100.0);
/// A file system in memory.
const MEMORY: &str = "/dev/shm";
/// The argument under which this program plays webpki.
const AS_WEBPKI: &str = "as-webpki";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    let result = match first.as_deref() {
        Some(AS_WEBPKI) => webpki_alone(Path::new(".")).map(|()| true),
        other => bench(&mut io::stdout().lock(), other.and_then(|it| it.parse().ok()).unwrap_or(ROUNDS).max(1)),
    };
    bars::exit("bench_verify", result)
}

fn bench(out: &mut impl Write, rounds: usize) -> io::Result<bool> {
    let place = TempDir::with_prefix_in("bench-", MEMORY)?;
    let authority = Authority::make(place.path())?;
    authority.leaves(place.path())?;
    let chains = chains(out, place.path(), rounds)?;
    authority.list(place.path())?;
    Ok(list(out, place.path(), rounds)? && chains)
}

/// Ours, webpki and openssl on the same chains.
fn chains(out: &mut impl Write, place: &Path, rounds: usize) -> io::Result<bool> {
    let pki = format!("{} verify chain --no-compare --trust root.pem *.chain", programs::pki().display());
    let webpki = format!("{} {AS_WEBPKI}", std::env::current_exe()?.display());
    let openssl = "openssl verify -CAfile root.pem -untrusted issuing.pem *.chain".to_owned();
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (command, times) in [&pki, &webpki, &openssl].into_iter().zip(&mut times) {
            times.push(spent(place, command)?);
        }
    }
    let [ours, webpki, openssl] = times.map(median);
    let rate = |spent: Spent| CHAINS as f64 / spent.seconds;
    writeln!(out, "{CHAINS} chains of two signatures, per second of CPU (medians of {rounds} rounds)")?;
    for (name, spent) in [("pki verify chain", ours), ("webpki alone", webpki), ("openssl verify", openssl)] {
        writeln!(out, "  {name:<17} {:>9.0}  {:>6.1} MiB", rate(spent), spent.mebibytes)?;
    }
    let kept = rate(ours) >= CHAINS_BAR;
    let ratio = rate(ours) / rate(webpki);
    writeln!(out, "  {ratio:.2} times webpki; bar {CHAINS_BAR:.0}: {}", if kept { "kept" } else { "MISSED" })?;
    Ok(kept)
}

/// Ours and openssl on one chain with a list of a million entries.
fn list(out: &mut impl Write, place: &Path, rounds: usize) -> io::Result<bool> {
    let pki = programs::pki();
    let der = format!("{} verify chain --no-compare --trust root.pem --crl list.der 0.chain", pki.display());
    let pem = format!("{} verify chain --no-compare --trust root.pem --crl list.pem 0.chain", pki.display());
    let openssl =
        "openssl verify -crl_check -CAfile root.pem -untrusted issuing.pem -CRLfile list.pem 0.chain".to_owned();
    writeln!(out, "a revocation list of {ENTRIES} entries (medians of {rounds} rounds)")?;
    let mut kept = true;
    for (name, command, ours) in [("pki, DER", der, true), ("pki, PEM", pem, true), ("openssl, PEM", openssl, false)] {
        let times: io::Result<Vec<Spent>> = (0..rounds).map(|_| spent(place, &command)).collect();
        let spent = median(times?);
        let good = !ours || (spent.seconds <= LIST_BAR.0 && spent.mebibytes <= LIST_BAR.1);
        kept &= good;
        let verdict = if good { "" } else { "  MISSED" };
        writeln!(out, "  {name:<17} {:>7.3} s  {:>6.1} MiB{verdict}", spent.seconds, spent.mebibytes)?;
    }
    writeln!(out, "  bar {} s and {} MiB", LIST_BAR.0, LIST_BAR.1)?;
    Ok(kept)
}

/// A root, and the CA below it that issues.
struct Authority {
    issuing: CertificateParams,
    key: KeyPair,
    pem: String,
}

impl Authority {
    fn make(place: &Path) -> io::Result<Authority> {
        let (root_key, key) = (new_key()?, new_key()?);
        let root = ca("Bench Root CA");
        let root_pem = root.self_signed(&root_key).map_err(io::Error::other)?.pem();
        let issuing = ca("Bench Issuing CA");
        let issuer = Issuer::from_params(&root, &root_key);
        let pem = issuing.signed_by(&key, &issuer).map_err(io::Error::other)?.pem();
        std::fs::write(place.join("root.pem"), root_pem)?;
        std::fs::write(place.join("issuing.pem"), &pem)?;
        Ok(Authority { issuing, key, pem })
    }

    fn leaves(&self, place: &Path) -> io::Result<()> {
        let key = new_key()?;
        let issuer = Issuer::from_params(&self.issuing, &self.key);
        for number in 0..CHAINS {
            let mut leaf =
                CertificateParams::new(vec![format!("host{number}.example.test")]).map_err(io::Error::other)?;
            dated(&mut leaf);
            leaf.serial_number = Some(SerialNumber::from(ENTRIES * 4 + number as u64));
            leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            leaf.use_authority_key_identifier_extension = true;
            let pem = leaf.signed_by(&key, &issuer).map_err(io::Error::other)?.pem();
            std::fs::write(place.join(format!("{number}.chain")), pem + &self.pem)?;
        }
        Ok(())
    }

    fn list(&self, place: &Path) -> io::Result<()> {
        let now = OffsetDateTime::now_utc();
        let entry = |number| RevokedCertParams {
            serial_number: SerialNumber::from(ENTRIES + number),
            revocation_time: now - Duration::hours(1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: now - Duration::hours(1),
            next_update: now + Duration::days(30),
            crl_number: SerialNumber::from(1u64),
            issuing_distribution_point: None,
            revoked_certs: (0..ENTRIES).map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let signed = list.signed_by(&Issuer::from_params(&self.issuing, &self.key)).map_err(io::Error::other)?;
        std::fs::write(place.join("list.der"), signed.der())?;
        std::fs::write(place.join("list.pem"), signed.pem().map_err(io::Error::other)?)
    }
}

fn new_key() -> io::Result<KeyPair> {
    KeyPair::generate().map_err(io::Error::other)
}

fn dated(params: &mut CertificateParams) {
    params.not_before = OffsetDateTime::now_utc() - Duration::days(1);
    params.not_after = OffsetDateTime::now_utc() + Duration::days(90);
}

fn ca(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    dated(&mut params);
    params
}

/// webpki on the same files: it reads them, builds each path and checks both signatures.
fn webpki_alone(place: &Path) -> io::Result<()> {
    use rustls::pki_types::pem::PemObject as _;
    let root = CertificateDer::from_pem_file(place.join("root.pem")).map_err(io::Error::other)?;
    let anchors: [TrustAnchor<'_>; 1] = [webpki::anchor_from_trusted_cert(&root).map_err(io::Error::other)?];
    let now = UnixTime::now();
    for number in 0..CHAINS {
        let pem = std::fs::read(place.join(format!("{number}.chain")))?;
        let chain: Vec<CertificateDer<'_>> =
            CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(io::Error::other)?;
        let leaf = webpki::EndEntityCert::try_from(&chain[0]).map_err(io::Error::other)?;
        let algorithms = webpki::ALL_VERIFICATION_ALGS;
        let usage = webpki::KeyUsage::server_auth();
        leaf.verify_for_usage(algorithms, &anchors, &chain[1..], now, usage, None, None).map_err(io::Error::other)?;
    }
    Ok(())
}
