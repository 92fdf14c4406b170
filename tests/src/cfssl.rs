//! cfssl as a peer of the benches: a process a certificate, and its server.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::filled::run;
use crate::peers::peer;
use crate::ports::FreePort;

/// Certificates that are asked of the server in one run.
const ASKED: usize = 1_000;
/// Connections that ask at a time: as many as keep a machine of two cores at work.
const CLIENTS: usize = 4;
/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer that is read: a certificate, its key and its request, in JSON.
const MAX_ANSWER: u64 = 64 * 1024;

/// The profile of what is issued.
const CONFIG: &str =
    r#"{"signing":{"default":{"expiry":"2160h","usages":["digital signature","key encipherment","server auth"]}}}"#;

/// Certificates a second, a process each that makes key and certificate; 0 where cfssl is not there. The CA is `o.pem` and `o.key`.
///
/// # Errors
/// Where it fails.
pub fn single(place: &Path, count: usize) -> io::Result<f64> {
    if peer("cfssl").is_none() {
        return Ok(0.0);
    }
    std::fs::write(place.join("cfssl.json"), CONFIG)?;
    let begun = Instant::now();
    for number in 0..count {
        std::fs::write(place.join("request.json"), request(number))?;
        let mut command = Command::new("cfssl");
        command.current_dir(place).stderr(Stdio::null()).args(["gencert", "-ca", "o.pem", "-ca-key", "o.key"]);
        run(command.args(["-config", "cfssl.json", "request.json"]))?;
    }
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}

/// The same of `cfssl serve`, which is asked by several at a time and keeps nothing.
///
/// # Errors
/// Where it fails, or does not answer with a certificate.
pub fn server(place: &Path) -> io::Result<f64> {
    if peer("cfssl").is_none() {
        return Ok(0.0);
    }
    std::fs::write(place.join("cfssl.json"), CONFIG)?;
    let server = Server::start(place)?;
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let server = &server;
                scope.spawn(move || (0..ASKED / CLIENTS).try_for_each(|number| server.ask(client * ASKED + number)))
            })
            .collect();
        clients.into_iter().try_for_each(|client| client.join().expect("it only asks"))
    })?;
    Ok(ASKED as f64 / begun.elapsed().as_secs_f64())
}

fn request(number: usize) -> String {
    let host = format!("host{number}.example.test");
    format!(r#"{{"CN":"{host}","hosts":["{host}"],"key":{{"algo":"ecdsa","size":256}}}}"#)
}

/// A server that runs, and is ended with the value.
struct Server {
    process: Child,
    port: FreePort,
}

impl Server {
    fn start(place: &Path) -> io::Result<Server> {
        let port = FreePort::take();
        let mut command = Command::new("cfssl");
        command.current_dir(place).args(["serve", "-address", "127.0.0.1", "-port", &port.number().to_string()]);
        command.args(["-ca", "o.pem", "-ca-key", "o.key", "-config", "cfssl.json"]);
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let server = Server { process, port };
        let begun = Instant::now();
        // It says nothing when it is ready: a connection is what tells.
        while TcpStream::connect(server.port.address()).is_err() {
            if begun.elapsed() > PATIENCE {
                return Err(io::Error::other("cfssl serve does not listen"));
            }
            std::thread::yield_now();
        }
        Ok(server)
    }

    /// A key and a certificate. A connection each, by HTTP/1.0, so that the answer ends with it.
    fn ask(&self, number: usize) -> io::Result<()> {
        let body = format!(r#"{{"request":{}}}"#, request(number));
        let mut stream = TcpStream::connect(self.port.address())?;
        let length = body.len();
        write!(stream, "POST /api/v1/cfssl/newcert HTTP/1.0\r\nContent-Length: {length}\r\n\r\n{body}")?;
        let mut answer = String::new();
        stream.take(MAX_ANSWER).read_to_string(&mut answer)?;
        let is_one = answer.contains("BEGIN CERTIFICATE-----") && answer.contains("PRIVATE KEY-----");
        is_one.then_some(()).ok_or_else(|| io::Error::other(format!("cfssl serve: {answer}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
