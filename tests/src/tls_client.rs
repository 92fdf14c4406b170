//! A TLS client that types IRC, in the test's own process: for thousands of connections, where a program each would take minutes.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// How long a read may take before a test has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection, read by the line.
pub struct TlsClient(BufReader<StreamOwned<ClientConnection, TcpStream>>);

/// A configuration that trusts `ca`, and shows the certificate and key of `folder` if there is one.
///
/// # Panics
/// Where the files can't be used.
pub fn config(ca: &Path, folder: Option<&Path>) -> Arc<ClientConfig> {
    config_of(rustls::crypto::aws_lc_rs::default_provider(), ca, folder)
}

/// The same with this group of the key exchange alone.
///
/// # Panics
/// As [`config`].
pub fn config_in(group: &'static dyn SupportedKxGroup, ca: &Path, folder: Option<&Path>) -> Arc<ClientConfig> {
    let provider = CryptoProvider { kx_groups: vec![group], ..rustls::crypto::aws_lc_rs::default_provider() };
    config_of(provider, ca, folder)
}

fn config_of(provider: CryptoProvider, ca: &Path, folder: Option<&Path>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).expect("a CA file") {
        roots.add(certificate.expect("a certificate")).expect("a root");
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    Arc::new(match folder {
        None => builder.with_no_client_auth(),
        Some(folder) => {
            let chain = CertificateDer::pem_file_iter(folder.join("fullchain.pem")).expect("a chain");
            let chain = chain.collect::<Result<Vec<_>, _>>().expect("certificates");
            let key = PrivateKeyDer::from_pem_file(folder.join("privkey.pem")).expect("a key");
            builder.with_client_auth_cert(chain, key).expect("certificate and key fit")
        }
    })
}

impl TlsClient {
    /// Connects to a server named `localhost`; the handshake is done by the first line.
    ///
    /// # Errors
    /// As the network says.
    pub fn connect(config: &Arc<ClientConfig>, address: SocketAddr) -> io::Result<TlsClient> {
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let connection = ClientConnection::new(config.clone(), name).map_err(io::Error::other)?;
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(TlsClient(BufReader::new(StreamOwned::new(connection, stream))))
    }

    /// Sends lines.
    ///
    /// # Errors
    /// As the network says.
    pub fn types(&mut self, lines: &[&str]) -> io::Result<()> {
        let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        self.0.get_mut().write_all(text.as_bytes())?;
        self.0.get_mut().flush()
    }

    /// The next line, or `None` where the server has closed.
    ///
    /// # Errors
    /// As the network says; a server that closes without the TLS notice has closed as well.
    pub fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(line.trim_end().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The next line that contains a text, or `None` where the server closes before.
    ///
    /// # Errors
    /// As [`TlsClient::line`].
    pub fn line_with(&mut self, text: &str) -> io::Result<Option<String>> {
        loop {
            match self.line()? {
                Some(line) if !line.contains(text) => {}
                found => return Ok(found),
            }
        }
    }

    /// Everything until the server closes.
    pub fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        // What was read before an error is what counts.
        let _ = self.0.read_to_end(&mut rest);
        String::from_utf8_lossy(&rest).into_owned()
    }
}
