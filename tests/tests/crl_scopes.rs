//! Revocation lists of a part of what a CA has issued: what the table says of rustls is what rustls does.

use tests::Sandbox;
use tests::chains::{GOOD, HOST};
use tests::peers::peer;

/// A list's issuingDistributionPoint, the leaf's cRLDistributionPoints, and the verdict with its cause and why.
const SCOPES: &[(&str, &str, &str, &str)] = &[
    ("onlyuser=TRUE", "", "valid", "no full name"),
    ("relativename=part", "relativename=part", "valid", "no full name"),
    ("fullname=dirName:part", "fullname=dirName:part", "valid", "no URI"),
    ("fullname=dirName:part", "", "invalid", "scope"),
    ("fullname=URI:http://x.test/1.crl", "fullname=URI:http://x.test/1.crl", "valid", ""),
    ("fullname=URI:http://x.test/1.crl", "", "invalid", "scope"),
    ("fullname=URI:http://x.test/1.crl", "fullname=URI:http://x.test/2.crl", "invalid", "scope"),
];

#[test]
fn rustls_is_foretold_for_every_scope() {
    let Some(_) = peer("openssl") else { return };
    for scope @ (list, point, verdict, because) in SCOPES {
        let sandbox = made(list, point);
        let words = ["diagnose", "--chain", "served.pem", "--trust", "trust.pem", "--name", HOST, "--crl", "list.pem"];
        let report = sandbox.pki(words.iter().chain(&["--json"])).json();
        assert_eq!(report["verdict"], *verdict, "{scope:?} {report:#}");
        match because.is_empty() {
            true => assert_ne!(report["cause"]["code"], "crl-not-applicable", "{scope:?} {report:#}"),
            false => assert_eq!(report["cause"]["evidence"]["because"], *because, "{scope:?} {report:#}"),
        }
        let clients = report["clients"].as_array().expect("a list of clients");
        let foretold = clients.iter().find(|client| client["client"] == "rustls-aws-lc").expect("rustls is known");
        let accepts = foretold["verdict"] == "accepts";
        assert_eq!(report["rustls"]["accepts"], accepts, "{scope:?} {report:#}");
    }
}

/// A leaf of the scene's issuing CA with that distribution point, and lists of both CAs, the issuing one's of that scope.
fn made(list: &str, point: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    let part = "[part]\nCN = Part 1\n";
    let points = if point.is_empty() { "" } else { "crlDistributionPoints = point\n" };
    sandbox.write(
        "leaf.ext",
        format!(
            "basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = serverAuth\n\
             subjectAltName = DNS:{HOST}\nauthorityKeyIdentifier = keyid\n{points}[point]\n{point}\n{part}"
        ),
    );
    let scoped = format!(
        "\n[scoped]\nauthorityKeyIdentifier = keyid\nissuingDistributionPoint = critical, @scope\n[scope]\n{list}\n{part}"
    );
    sandbox.write("scene.cnf", sandbox.read("scene.cnf") + &scoped);
    sandbox
        .shell(
            "openssl req -new -key leaf.key -subj /CN=served -out served.csr
openssl x509 -req -in served.csr -CA issuing.pem -CAkey issuing.key -extfile leaf.ext -days 30 -out own.pem
cat own.pem issuing.pem > served.pem
list() { openssl ca -config scene.cnf -gencrl -cert $1.pem -keyfile $1.key -crldays 30 $2; }
list issuing '-crlexts scoped' > list.pem
list root '' >> list.pem",
        )
        .exits(0);
    sandbox
}
