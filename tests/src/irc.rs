//! A chat server of a sandbox's CA, and clients that type IRC by hand.

use crate::{Running, Sandbox};

/// A server with mutual TLS required, and certificates for alice and bob.
pub fn served() -> (Sandbox, Running) {
    served_with(&["--mtls", "required"])
}

/// The same, with these flags.
pub fn served_with(flags: &[&str]) -> (Sandbox, Running) {
    let sandbox = with_certificates();
    let server = sandbox.serve(["--name", "localhost"].iter().chain(flags));
    server.address();
    (sandbox, server)
}

/// A CA with certificates for the server, alice and bob.
pub fn with_certificates() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "127.0.0.1"]).exits(0);
    sandbox.pki(["issue", "client", "alice", "--email", "alice@example.test"]).exits(0);
    sandbox.pki(["issue", "client", "bob"]).exits(0);
    sandbox
}

/// A line of IRC typed is a line sent: openssl carries it.
pub fn raw(sandbox: &Sandbox, server: &Running, name: &str) -> Running {
    let address = server.address().to_string();
    let [cert, chain, key, ca] =
        ["cert.pem", "chain.pem", "privkey.pem", "ca.pem"].map(|file| sandbox.issued(name, file).display().to_string());
    let start = ["s_client", "-quiet", "-crlf", "-verify_return_error", "-connect", &address];
    let files = ["-cert", &cert, "-cert_chain", &chain, "-key", &key, "-CAfile", &ca];
    sandbox.start("openssl", start.iter().chain(&files))
}

/// The same, registered under its own name.
pub fn welcomed(sandbox: &Sandbox, server: &Running, name: &str) -> Running {
    let mut client = raw(sandbox, server, name);
    client.types(&format!("NICK {name}"));
    client.types(&format!("USER {name} 0 * :{name}"));
    client.line(&format!(" 001 {name} "));
    client
}
