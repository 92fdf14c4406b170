//! From a scene to files, by the openssl command line.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::{Certificate, Scene};

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
[anything]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
[req]
distinguished_name = subject
[subject]
";

impl Scene {
    /// Makes every certificate and the files that are handed out, in this folder.
    ///
    /// # Panics
    /// With openssl's own words, where it refuses.
    pub fn make(&self, folder: &Path) {
        write(folder, "scene.cnf", CONFIGURATION);
        write(folder, "scene.index", "");
        // openssl keeps a copy of each under its serial number; beside the others it would be taken for one of them.
        std::fs::create_dir_all(folder.join("issued-by-serial")).expect("the folder can be written");
        for certificate in self.certificates {
            certificate.make(folder);
        }
        join(folder, self.chain, "chain.pem");
        join(folder, self.trust, "trust.pem");
        write(folder, "server.key", &read(folder, &format!("{}.key", self.key)));
        restrict(&folder.join("server.key"));
    }

    /// `openssl verify` on the chain, as a client that asks for the host does it.
    pub fn verify_command(&self, folder: &Path) -> Command {
        verify(folder, "chain.pem", "trust.pem", self.host)
    }
}

/// `openssl verify` on a chain file, leaf first, with this trust and for this host name or address.
pub fn verify(folder: &Path, chain: &str, trust: &str, host: &str) -> Command {
    let asked = if host.parse::<std::net::IpAddr>().is_ok() { "-verify_ip" } else { "-verify_hostname" };
    let mut command = openssl(folder);
    // Without -no-CApath and its like, what the machine trusts would be trusted here too.
    command.args(["verify", "-no-CApath", "-no-CAstore", "-purpose", "sslserver", asked, host, "-CAfile", trust]);
    command.args(["-untrusted", chain, chain]);
    command
}

impl Certificate {
    fn make(&self, folder: &Path) {
        let own = format!("{}.key", self.name);
        if self.key == self.name {
            run(openssl(folder).args([
                "genpkey",
                "-algorithm",
                "EC",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-out",
                &own,
            ]));
        } else {
            write(folder, &own, &read(folder, &format!("{}.key", self.key)));
        }
        restrict(&folder.join(&own));
        self.request(folder, &own);
        self.sign(folder);
    }

    fn request(&self, folder: &Path, key: &str) {
        let mut command = openssl(folder);
        command.args(["req", "-new", "-config", "scene.cnf", "-utf8", "-sha256", "-subj", self.subject, "-key", key]);
        run(command.args(["-out", "scene.csr"]));
    }

    fn sign(&self, folder: &Path) {
        let mut section = String::from("[extensions]\n");
        for line in self.extensions {
            writeln!(section, "{line}").expect("a String takes every write");
        }
        write(folder, "scene.ext", &section);
        let [from, until] = [self.days.0, self.days.1].map(date);
        let mut command = openssl(folder);
        command.args(["ca", "-batch", "-notext", "-config", "scene.cnf", "-in", "scene.csr"]);
        command.args(["-extfile", "scene.ext", "-extensions", "extensions", "-startdate", &from, "-enddate", &until]);
        command.args(["-keyfile", &format!("{}.key", self.issuer)]);
        if self.issuer == self.name {
            command.arg("-selfsign");
        } else {
            command.args(["-cert", &format!("{}.pem", self.issuer)]);
        }
        run(command.args(["-out", &format!("{}.pem", self.name)]));
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
    write(folder, file, &text);
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_else(|why| panic!("{file}: {why}"))
}

fn write(folder: &Path, file: &str, text: &str) {
    std::fs::write(folder.join(file), text).unwrap_or_else(|why| panic!("{file}: {why}"));
}

fn restrict(key: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(key, mode).unwrap_or_else(|why| panic!("{}: {why}", key.display()));
}
