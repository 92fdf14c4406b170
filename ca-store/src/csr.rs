//! Certificate requests (PKCS#10): what of one is taken, and what is dropped. Only its key is trusted to be the sender's,
//! and only after its signature has shown so; everything else is the profile's and the caller's to say.

pub(crate) mod make;
mod receipt;

use std::path::Path;

use crate::error::Error;
use crate::facts::{self, GeneralName, SignatureCheck};
use crate::key::PublicKey;

pub use make::MadeRequest;
pub use receipt::Receipt;

/// Bits of the shortest RSA key that is certified (NIST SP 800-131A, table 2; browsers and rustls agree).
pub const MIN_RSA_BITS: usize = 2048;

/// A request whose sender has shown possession of its key.
#[derive(Debug, Clone)]
pub struct SigningRequest {
    facts: facts::CertificateRequest,
    public_key: PublicKey,
}

impl SigningRequest {
    /// Reads a request, PEM or DER; `path` is for messages.
    ///
    /// # Errors
    /// [`Error::InputMalformed`], [`Error::RequestSignature`] or [`Error::RequestKey`].
    pub fn parse(bytes: &[u8], path: &Path) -> Result<SigningRequest, Error> {
        let der = request_block(bytes, path)?;
        let facts = facts::CertificateRequest::from_der(&der).map_err(|error| malformed(path, &error.found))?;
        // The key first: of one that is not accepted it does not matter what it has signed.
        let public_key = accepted_key(&facts.public_key, path)?;
        let unsigned = |reason| Error::RequestSignature { path: path.to_owned(), reason };
        match facts.proof_of_possession {
            SignatureCheck::Good => {}
            SignatureCheck::Bad => return Err(unsigned("the key does not verify it")),
            SignatureCheck::Unsupported => return Err(unsigned("its algorithm is not one that is checked here")),
        }
        Ok(SigningRequest { facts, public_key })
    }

    /// The key to be certified.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The hosts that it names: its alternative names, or the common name where there are none.
    pub fn hosts(&self) -> Vec<String> {
        let named = self.facts.subject_alt_names().iter().filter_map(|name| match name {
            GeneralName::Dns(text) => Some(text.clone()),
            GeneralName::Ip(address) => Some(address.to_string()),
            _ => None,
        });
        let hosts: Vec<String> = named.collect();
        match self.facts.subject.common_name() {
            Some(common_name) if hosts.is_empty() => vec![common_name.to_owned()],
            _ => hosts,
        }
    }

    /// All that it says.
    pub fn facts(&self) -> &facts::CertificateRequest {
        &self.facts
    }
}

fn request_block(bytes: &[u8], path: &Path) -> Result<Vec<u8>, Error> {
    use facts::BlockKind;
    let input = facts::Input::read(bytes);
    let requests = input.blocks.iter().filter(|block| block.kind == BlockKind::CertificateRequest).count();
    // Which of them is meant is nobody's to guess.
    if requests > 1 {
        return Err(malformed(path, &format!("{requests} of them: each needs a file of its own")));
    }
    // A DER file has no label to tell its kind by; then whatever it holds is tried.
    let request = input.blocks.iter().find(|block| block.kind == BlockKind::CertificateRequest);
    if let Some(block) = request.or(input.blocks.iter().find(|block| block.line == 0)) {
        return Ok(block.der.to_vec());
    }
    match (input.blocks.first(), input.faults.first()) {
        (Some(block), _) => Err(malformed(path, &format!("a {} in line {}", block.label, block.line))),
        (None, Some(fault)) => Err(malformed(path, &without_block(fault))),
        (None, None) => Err(malformed(path, "nothing")),
    }
}

/// Why a file has no block that can be read.
fn without_block(fault: &facts::Fault) -> String {
    match fault {
        facts::Fault::Empty => "an empty file".to_owned(),
        facts::Fault::TruncatedDer { expected, found } => format!("DER that is cut off: {found} octets of {expected}"),
        facts::Fault::MissingEnd { line, label } => format!("a {label} that begins in line {line} and has no end"),
        facts::Fault::NothingFound(what) => what.clone(),
        _ => "nothing that can be read as one".to_owned(),
    }
}

fn malformed(path: &Path, found: &str) -> Error {
    Error::InputMalformed {
        path: path.to_owned(),
        expected: "certificate request (PKCS#10, PEM or DER)",
        found: format!("found {found}"),
    }
}

fn accepted_key(key: &facts::PublicKey, path: &Path) -> Result<PublicKey, Error> {
    let refused = |reason: String| Error::RequestKey { path: path.to_owned(), reason };
    if let facts::KeyKind::Rsa(bits) = key.kind
        && bits < MIN_RSA_BITS
    {
        return Err(refused(format!("an RSA key must have at least {MIN_RSA_BITS} bits, and this one has {bits}")));
    }
    if key.is_pss_only() {
        return Err(refused("it is an RSA key for RSASSA-PSS alone, which most TLS clients do not take".to_owned()));
    }
    // A compressed point (RFC 5480 section 2.2) is another spelling of a key that a CA may have: clients do not read it.
    let named = matches!(key.kind, facts::KeyKind::EcdsaP256 | facts::KeyKind::EcdsaP384 | facts::KeyKind::EcdsaP521);
    if named && key.bits.first() != Some(&4) {
        return Err(refused("its point is compressed, which most TLS clients do not read".to_owned()));
    }
    PublicKey::from_spki(&key.spki)
        .ok_or_else(|| refused(format!("expected RSA, Ed25519 or ECDSA on P-256, P-384 or P-521, found {}", key.kind)))
}
