//! The end of a certificate: its holder is gone on all nodes.

use std::path::Path;

use tests::Sandbox;
use tests::peers::peer;
use tests::redis::Redis;
use tests::tls_client::{TlsClient, config};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use crate::node::{Difference, Node};
use crate::people::with_bundles;

/// For how long the certificate is good: enough to come in with it on a busy machine.
const LIFE: Duration = Duration::seconds(15);

/// How `openssl ca` reads a date.
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day][hour][minute][second]Z");

/// What `openssl ca` asks for; `pki` issues for days only.
const CONFIGURATION: &str = "\
[ca]
default_ca = brief
[brief]
database = brief.index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = anything
x509_extensions = client
[anything]
commonName = supplied
[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
";

/// A certificate of the store's CA for `dora` that ends soon, in the folder `brief`.
fn issue_briefly(sandbox: &Sandbox) {
    sandbox.write("brief.cnf", CONFIGURATION);
    sandbox.write("brief.index", "");
    let end = (OffsetDateTime::now_utc() + LIFE).format(DATE).expect("a date");
    let ca = sandbox.store().join("ca");
    let issuing = |end: &str| file_with(&ca, end);
    let (certificate, key) = (issuing("pem"), issuing("key"));
    let made = sandbox.shell(&format!(
        "mkdir brief\n\
         openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout brief/privkey.pem -out brief.csr -subj /CN=dora\n\
         openssl ca -batch -notext -config brief.cnf -cert {certificate} -keyfile {key} -in brief.csr -out brief/cert.pem -enddate {end}\n\
         cat brief/cert.pem {certificate} > brief/fullchain.pem"
    ));
    made.exits(0);
}

/// The issuing CA's file of this kind.
fn file_with(ca: &Path, end: &str) -> String {
    let files = std::fs::read_dir(ca).expect("the CA's folder").map_while(Result::ok);
    let names = files.map(|file| file.path().display().to_string());
    let mut issuing = names.filter(|name| name.contains("issuing") && name.ends_with(&format!(".{end}")));
    issuing.next().expect("the issuing CA's file")
}

#[test]
fn who_has_a_certificate_that_ends_is_gone_on_all_nodes_when_it_does() {
    let (Some(redis), Some(_)) = (Redis::start(&[]), peer("openssl")) else { return };
    let sandbox = with_bundles();
    let tls = Difference { tls: true, ..Difference::default() };
    let nodes = Node::all(&sandbox, &redis, &["n1", "n2"], tls);
    let mut al = nodes[0].user("al", "#a");
    issue_briefly(&sandbox);
    let shown = config(&sandbox.store().join("ca/root.pem"), Some(&sandbox.file("brief")));
    let mut dora = TlsClient::connect(&shown, ([127, 0, 0, 1], nodes[1].tls_port()).into()).expect("the node listens");
    dora.types(&["NICK dora", "USER dora 0 * :Dora", "JOIN #a"]).expect("the server reads");
    al.hears_with(&[":dora!", " JOIN #a"]);
    al.answer_with("WHOIS dora", &[" 330 al dora dora "]);
    let told = dora.line_with("ERROR ").expect("the server answers").expect("a last word");
    assert!(told.contains("certificate has expired"), "{told}");
    al.hears_with(&[":dora!", " QUIT :Your certificate has expired"]);
    // Nobody of any node is called so.
    al.answer_with("WHOIS dora", &[" 401 al dora "]);
    nodes[1].log().line_with(&["closed", "certificate has expired"]);
}
