//! TLS to the Redis of the bus: its certificate is that of a CA of ours, and this node shows one as well.

use rustls::client::WebPkiServerVerifier;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

use super::bundle::Bundle;
use super::material::MaterialError;

/// What a bundle makes of it: rustls's own verifier, with the bundle's roots and revocation lists.
///
/// # Errors
/// Where a root or a list can't be used, or certificate and key do not fit.
pub fn config(bundle: Bundle) -> Result<ClientConfig, MaterialError> {
    let source = bundle.credential.source.clone();
    let unusable = |problem: String| MaterialError::Unusable { path: source.clone(), problem };
    let provider = ca_store::handshake::provider();
    let mut roots = RootCertStore::empty();
    for anchor in bundle.anchors {
        roots.add(anchor).map_err(|error| unusable(error.to_string()))?;
    }
    let mut verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    if !bundle.revocation_lists.is_empty() {
        verifier = verifier
            .with_crls(bundle.revocation_lists)
            .only_check_end_entity_revocation()
            .allow_unknown_revocation_status();
    }
    let verifier = verifier.build().map_err(|error| unusable(error.to_string()))?;
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?
        .with_webpki_verifier(verifier)
        .with_client_auth_cert(bundle.credential.chain, bundle.credential.key)
        .map_err(|error| unusable(error.to_string()))
}
