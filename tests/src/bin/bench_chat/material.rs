//! The CA of a bench, the server's certificate, and the one certificate that all clients show: all of them P-256.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// The name in the server's certificate.
pub(crate) const HOST: &str = "irc.bench.test";

/// Files for the servers, and configurations for the generator.
pub(crate) struct Material {
    pub(crate) ca: PathBuf,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    /// For clients without a certificate.
    pub(crate) anonymous: Arc<ClientConfig>,
    /// For clients with one.
    pub(crate) known: Arc<ClientConfig>,
}

impl Material {
    /// Makes everything in a folder.
    pub(crate) fn make(folder: &Path) -> io::Result<Material> {
        let ca = ca().map_err(io::Error::other)?;
        let (server, server_key) = leaf(&ca, &server_params().map_err(io::Error::other)?).map_err(io::Error::other)?;
        let (client, client_key) = leaf(&ca, &client_params().map_err(io::Error::other)?).map_err(io::Error::other)?;
        let mut roots = RootCertStore::empty();
        roots.add(ca.der().clone()).map_err(io::Error::other)?;
        let shown = (client.der().clone(), client_key.serialize_der());
        let material = Material {
            ca: folder.join("ca.pem"),
            certificate: folder.join("server.pem"),
            key: folder.join("server.key"),
            anonymous: Arc::new(config(roots.clone(), None)?),
            known: Arc::new(config(roots, Some(shown))?),
        };
        fs::write(&material.ca, ca.pem())?;
        fs::write(&material.certificate, server.pem())?;
        fs::write(&material.key, server_key.serialize_pem())?;
        // Ours refuses a key that others can read.
        fs::set_permissions(&material.key, fs::Permissions::from_mode(0o600))?;
        Ok(material)
    }
}

fn key() -> Result<KeyPair, rcgen::Error> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)
}

fn ca() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Bench CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, key()?)
}

fn server_params() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new([HOST.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, HOST);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn client_params() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "bench");
    params.subject_alt_names = vec![SanType::Rfc822Name("bench@bench.test".try_into()?)];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

fn leaf(
    ca: &CertifiedIssuer<'_, KeyPair>,
    params: &CertificateParams,
) -> Result<(rcgen::Certificate, KeyPair), rcgen::Error> {
    let mut params = params.clone();
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let key = key()?;
    Ok((params.signed_by(&key, ca)?, key))
}

/// TLS 1.3 with P-256 throughout, and nothing resumed: every handshake is a full one, of the same work for all servers.
fn config(roots: RootCertStore, shown: Option<(CertificateDer<'static>, Vec<u8>)>) -> io::Result<ClientConfig> {
    let provider = CryptoProvider { kx_groups: vec![aws_lc_rs::kx_group::SECP256R1], ..aws_lc_rs::default_provider() };
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(io::Error::other)?
        .with_root_certificates(roots);
    let mut config = match shown {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = PrivateKeyDer::Pkcs8(key.into());
            builder.with_client_auth_cert(vec![certificate], key).map_err(io::Error::other)?
        }
    };
    config.resumption = Resumption::disabled();
    Ok(config)
}
