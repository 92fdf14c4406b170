//! Clients that we did not write, as judges of a chain: what each makes of what a server sends, with the roots that it knows.

use crate::Sandbox;
use crate::peers::peer;

/// Holds openssl, GnuTLS, Python and `pki verify chain` to accepting what the server `name` sends from `folder`, knowing only
/// `roots`, or to refusing it.
///
/// # Panics
/// Where one of them does otherwise.
#[track_caller]
pub fn accepts(sandbox: &Sandbox, name: &str, (folder, roots): (&str, &str), expected: bool) {
    let sent = format!("{folder}/fullchain.pem");
    if let Some(openssl) = peer("openssl") {
        let verify = ["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name, "-CAfile", roots];
        let outcome = sandbox.run(openssl, verify.iter().chain(&["-untrusted", &sent, &sent]));
        assert_eq!(outcome.succeeded(), expected, "openssl, {folder} with {roots}\n{outcome}");
    }
    if let Some(certtool) = peer("certtool") {
        let verify = ["--verify", "--infile", &sent, "--load-ca-certificate", roots, "--verify-hostname", name];
        let outcome = sandbox.run(certtool, verify);
        assert_eq!(outcome.succeeded(), expected, "certtool, {folder} with {roots}\n{outcome}");
    }
    if let Some(python) = peer("python3") {
        let outcome = sandbox.run(python, ["-c", HANDSHAKE, folder, roots, name]);
        assert_eq!(outcome.succeeded(), expected, "python3, {folder} with {roots}\n{outcome}");
    }
    let ours = sandbox.pki(["verify", "chain", &sent, "--trust", roots, "--dns", name]);
    assert_eq!(ours.code(), i32::from(!expected), "pki verify chain, {folder} with {roots}\n{ours}");
}

/// A handshake in memory: the server has the folder's files, the client the roots.
const HANDSHAKE: &str = r#"
import ssl, sys
folder, roots, name = sys.argv[1:]
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(f"{folder}/fullchain.pem", f"{folder}/privkey.pem")
client = ssl.create_default_context(cafile=roots)
a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
one = client.wrap_bio(a, b, server_hostname=name)
two = server.wrap_bio(b, a, server_side=True)
done = set()
for _ in range(10):
    for side in (one, two):
        if side in done:
            continue
        try:
            side.do_handshake()
            done.add(side)
        except ssl.SSLWantReadError:
            pass
sys.exit(0 if len(done) == 2 else 1)
"#;
