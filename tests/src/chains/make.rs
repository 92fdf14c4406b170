//! From a scene to files, by the openssl command line.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::{Certificate, Change, Crl, Scene, der};

/// How `openssl ca` reads a date.
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day][hour][minute][second]Z");

/// The least that `openssl ca` asks for; it is used, rather than `openssl x509 -req`, because it takes both dates.
const CONFIGURATION: &str = "\
[ca]
default_ca = scene
[scene]
database = scene.index
new_certs_dir = issued-by-serial
rand_serial = yes
default_md = sha256
policy = anything
unique_subject = no
preserve = yes
crl_extensions = list
crlnumber = scene.crlnumber
[list]
authorityKeyIdentifier = keyid:always
[anything]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
";

/// What was made already in this run: the PEM of a certificate and of its key, by all that it depends on. Most scenes
/// begin with the same root and issuing CA, and nearly all good ones are the same.
static MADE: Mutex<Option<HashMap<String, [String; 2]>>> = Mutex::new(None);

impl Scene {
    /// Makes every certificate and the files that are handed out, in this folder.
    ///
    /// # Panics
    /// With openssl's own words, where it refuses.
    pub fn make(&self, folder: &Path) {
        for (file, content) in [("scene.cnf", CONFIGURATION), ("scene.index", ""), ("scene.crlnumber", "01\n")] {
            write(folder, file, content);
        }
        // openssl keeps a copy of each under its serial number; beside the others it would be taken for one of them.
        std::fs::create_dir_all(folder.join("issued-by-serial")).expect("the folder can be written");
        for (place, certificate) in self.certificates.iter().enumerate() {
            let made = remembered(&self.certificates[..=place], || certificate.make(folder));
            for (end, text) in ["pem", "key"].iter().zip(made) {
                write(folder, &format!("{}.{end}", certificate.name), &text);
            }
            restrict(&folder.join(format!("{}.key", certificate.name)));
        }
        join(folder, self.chain, "chain.pem");
        join(folder, self.trust, "trust.pem");
        write(folder, "server.key", read(folder, &format!("{}.key", self.key)));
        restrict(&folder.join("server.key"));
        if let Some(crl) = self.crl {
            crl.make(folder);
        }
    }

    /// `openssl verify` on the chain, as whoever is shown it does it.
    pub fn verify_command(&self, folder: &Path) -> Command {
        let host = (!self.client).then_some(self.host);
        let list: &[&str] = if self.crl.is_some() { &["-crl_check", "-CRLfile", "crl.pem"] } else { &[] };
        judge(folder, "chain.pem", "trust.pem", host, list)
    }
}

/// `openssl verify` on a server's chain file, leaf first, with this trust and for this host name or address.
pub fn verify(folder: &Path, chain: &str, trust: &str, host: &str) -> Command {
    judge(folder, chain, trust, Some(host), &[])
}

/// `openssl verify` on a client's chain file, leaf first, with this trust.
pub fn verify_client(folder: &Path, chain: &str, trust: &str) -> Command {
    judge(folder, chain, trust, None, &[])
}

fn judge(folder: &Path, chain: &str, trust: &str, host: Option<&str>, more: &[&str]) -> Command {
    let mut command = openssl(folder);
    // Without -no-CApath and its like, what the machine trusts would be trusted here too.
    command.args(["verify", "-no-CApath", "-no-CAstore", "-CAfile", trust]);
    match host {
        Some(host) => command.args(["-purpose", "sslserver", asked(host), host]),
        None => command.args(["-purpose", "sslclient"]),
    };
    command.args(more).args(["-untrusted", chain, chain]);
    command
}

fn asked(host: &str) -> &'static str {
    if host.parse::<std::net::IpAddr>().is_ok() { "-verify_ip" } else { "-verify_hostname" }
}

fn remembered(prefix: &[Certificate], make: impl FnOnce() -> [String; 2]) -> [String; 2] {
    let depends_on = format!("{prefix:?}");
    let known = |made: &Option<HashMap<String, [String; 2]>>| made.as_ref()?.get(&depends_on).cloned();
    if let Some(made) = known(&lock()) {
        return made;
    }
    // Made without the lock, so that the tests of one run do not wait for each other; who comes second is forgotten.
    let made = make();
    lock().get_or_insert_default().entry(depends_on).or_insert(made).clone()
}

fn lock() -> std::sync::MutexGuard<'static, Option<HashMap<String, [String; 2]>>> {
    MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Certificate {
    /// The PEM of the certificate and of its key.
    fn make(&self, folder: &Path) -> [String; 2] {
        let own = format!("{}.key", self.name);
        if self.key == self.name {
            let (command, arguments) = self.kind.split_first().expect("a command");
            run(openssl(folder).args([command, "-out", &own]).args(arguments));
        } else {
            write(folder, &own, read(folder, &format!("{}.key", self.key)));
        }
        restrict(&folder.join(&own));
        self.request(folder, &own);
        self.sign(folder);
        self.changed(folder);
        [read(folder, &format!("{}.pem", self.name)), read(folder, &own)]
    }

    fn request(&self, folder: &Path, key: &str) {
        let subject = format!("[req]\ndistinguished_name = subject\nstring_mask = {}\n[subject]\n", self.strings);
        write(folder, "scene.req.cnf", subject);
        let mut command = openssl(folder);
        command.args(["req", "-new", "-config", "scene.req.cnf", "-utf8", "-sha256"]);
        command.args(["-subj", self.subject, "-key", key, "-out", "scene.csr"]);
        run(&mut command);
    }

    fn sign(&self, folder: &Path) {
        let mut section = String::from("[extensions]\n");
        for line in self.extensions {
            writeln!(section, "{line}").expect("a String takes every write");
        }
        write(folder, "scene.ext", &section);
        let mut command =
            if self.serial.is_some() { self.sign_with_serial(folder) } else { self.sign_by_dates(folder) };
        if !self.extensions.is_empty() {
            command.args(["-extfile", "scene.ext", "-extensions", "extensions"]);
        }
        run(command.args(self.signing).args(["-in", "scene.csr", "-out", &format!("{}.pem", self.name)]));
    }

    fn sign_by_dates(&self, folder: &Path) -> Command {
        let [from, until] = [self.days.0, self.days.1].map(date);
        let mut command = openssl(folder);
        command.args(["ca", "-batch", "-notext", "-config", "scene.cnf", "-md", self.digest]);
        command.args(["-startdate", &from, "-enddate", &until, "-keyfile", &format!("{}.key", self.issuer)]);
        if self.issuer == self.name {
            command.arg("-selfsign");
        } else {
            command.args(["-cert", &format!("{}.pem", self.issuer)]);
        }
        command
    }

    /// `openssl x509 -req` knows no first day, and `openssl ca` no serial number of one's own.
    fn sign_with_serial(&self, folder: &Path) -> Command {
        let days = self.days.1.to_string();
        let mut command = openssl(folder);
        command.args(["x509", "-req", "-days", &days, &format!("-{}", self.digest)]);
        command.args(["-set_serial", self.serial.unwrap_or("1")]);
        let key = format!("{}.key", self.issuer);
        if self.issuer == self.name {
            command.args(["-key", &key]);
        } else {
            command.args(["-CA", &format!("{}.pem", self.issuer), "-CAkey", &key]);
        }
        command
    }

    fn changed(&self, folder: &Path) {
        let pem = format!("{}.pem", self.name);
        if self.change == Change::None {
            return;
        }
        run(openssl(folder).args(["x509", "-in", &pem, "-outform", "DER", "-out", "scene.der"]));
        let certificate = bytes(folder, "scene.der");
        let changed = if self.change == Change::Damaged {
            der::damaged(&certificate)
        } else {
            let signed = der::rewritten(&certificate, self.change);
            write(folder, "scene.tbs", &signed);
            let (digest, key) = (format!("-{}", self.digest), format!("{}.key", self.issuer));
            run(openssl(folder).args(["dgst", &digest, "-sign", &key, "-out", "scene.signature", "scene.tbs"]));
            der::assembled(&signed, &certificate, &bytes(folder, "scene.signature"))
        };
        write(folder, "scene.der", &changed);
        // What it would not read as a certificate, it still encodes.
        run(openssl(folder).args(["base64", "-in", "scene.der", "-out", "scene.base64"]));
        let body = read(folder, "scene.base64");
        write(folder, &pem, format!("-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"));
    }
}

impl Crl {
    fn make(&self, folder: &Path) {
        for name in self.revoked {
            run(self.ca(folder).args(["-revoke", &format!("{name}.pem"), "-crl_reason", "keyCompromise"]));
        }
        let [from, until] = [self.days.0, self.days.1].map(date);
        run(self.ca(folder).args(["-gencrl", "-crl_lastupdate", &from, "-crl_nextupdate", &until, "-out", "crl.pem"]));
    }

    fn ca(&self, folder: &Path) -> Command {
        let mut command = openssl(folder);
        command.args(["ca", "-batch", "-config", "scene.cnf", "-keyfile", &format!("{}.key", self.issuer)]);
        command.args(["-cert", &format!("{}.pem", self.issuer)]);
        command
    }
}

fn date(days: i64) -> String {
    (OffsetDateTime::now_utc() + Duration::days(days)).format(DATE).expect("a date of this era fits the format")
}

/// Openssl in this folder, which reads no configuration of the machine's.
pub(super) fn openssl(folder: &Path) -> Command {
    let mut command = Command::new("openssl");
    command.current_dir(folder).env("OPENSSL_CONF", "/dev/null").env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn join(folder: &Path, names: &[&str], file: &str) {
    let text: String = names.iter().map(|name| read(folder, &format!("{name}.pem"))).collect();
    write(folder, file, text);
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_else(|why| panic!("{file}: {why}"))
}

fn bytes(folder: &Path, file: &str) -> Vec<u8> {
    std::fs::read(folder.join(file)).unwrap_or_else(|why| panic!("{file}: {why}"))
}

fn write(folder: &Path, file: &str, content: impl AsRef<[u8]>) {
    std::fs::write(folder.join(file), content).unwrap_or_else(|why| panic!("{file}: {why}"));
}

fn restrict(key: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(key, mode).unwrap_or_else(|why| panic!("{}: {why}", key.display()));
}
