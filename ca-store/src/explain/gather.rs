//! From the bytes of files to evidence: what can be read is kept, what is wrong with a file becomes a finding.

use crate::facts::{
    Block, BlockKind, Certificate, CertificateRequest, Crl, Fault, Input, PrivateKey, PrivateKeyError,
    announced_length, escape,
};
use crate::facts::{der_in_place, sound_blocks};
use crate::finding::file::{fault, unreadable};
use crate::finding::{Code, FileError, Finding, Role, quote};

use super::{Evidence, KeyFile, Presented};

/// The most files beside the given ones that are looked at for what is missing.
pub const MAX_NEIGHBOURS: usize = 64;
/// The most that is read of each of them; certificates, keys and chains are a few KiB.
pub const MAX_NEIGHBOUR_BYTES: u64 = 64 << 10;

impl Evidence {
    /// Takes a file in, under its name as typed.
    pub fn add_file(&mut self, role: Role, file: &str, content: Result<&[u8], FileError>) {
        self.situate(role, file);
        let bytes = match content {
            Ok(bytes) => bytes,
            Err(error) => return self.observed.push(unreadable(role, file, &error)),
        };
        if let Some(certificates) = self.sound_certificates(role, bytes) {
            for (position, certificate) in (1..).zip(certificates) {
                self.present(role, file, position, certificate);
            }
            return;
        }
        let input = Input::read(bytes);
        let fits = input.blocks.iter().any(|block| belongs(role, block));
        let form = input.faults.iter().filter(|f| tells(f, fits, &input)).map(|f| fault(role, file, f, fits));
        self.observed.extend(form);
        if !fits {
            self.observed.extend(other_content(role, file, &input));
        }
        for (position, block) in (1..).zip(&input.blocks) {
            self.add_block(role, file, position, block);
        }
    }

    /// Takes a revocation list in; the bytes are kept, since there may be many.
    pub fn add_crl_file(&mut self, file: &str, content: Vec<u8>) {
        match der_in_place(content, "X509 CRL") {
            Ok(der) => self.add_large_crl(file, der),
            Err(content) => self.add_file(Role::Crl, file, Ok(&content)),
        }
    }

    fn add_large_crl(&mut self, file: &str, der: Vec<u8>) {
        match Crl::from_vec(der) {
            Ok(crl) => self.crls.push((crl, file.to_owned())),
            Err(der) => self.add_file(Role::Crl, file, Ok(&der)),
        }
    }

    fn situate(&mut self, role: Role, file: &str) {
        let situation = &mut self.situation;
        match role {
            Role::Chain => situation.chain_file = Some(file.to_owned()),
            Role::Key => situation.key_file = Some(file.to_owned()),
            Role::Trust => situation.trust_files.push(file.to_owned()),
            Role::Untrusted | Role::Crl => {}
        }
    }

    fn add_block(&mut self, role: Role, file: &str, position: usize, block: &Block) {
        match (role, block.kind) {
            (Role::Chain | Role::Trust | Role::Untrusted, BlockKind::Certificate) => {
                self.add_certificate(role, file, position, block);
            }
            (Role::Trust, BlockKind::PrivateKey | BlockKind::EncryptedKey) => {
                let message =
                    format!("{} holds a private key (line {}), and a CA file is handed out", escape(file), block.line);
                let fix = format!("openssl x509 -in {} -out ca-without-key.pem", quote(file));
                self.observed.push(Finding::new(Code::FileHasKey, message).shown_by("line", block.line).mended_by(fix));
            }
            (Role::Key, BlockKind::PrivateKey) if self.key.is_none() => self.add_key(file, block),
            (Role::Key, BlockKind::EncryptedKey) => self.observed.push(encrypted(file)),
            (Role::Crl, BlockKind::Crl) => self.add_crl(file, block),
            _ => {}
        }
    }

    fn add_certificate(&mut self, role: Role, file: &str, position: usize, block: &Block) {
        match Certificate::from_der(&block.der) {
            Ok(certificate) => self.present(role, file, position, certificate),
            Err(error) => self.observed.push(corrupt(&escape(file), position, block, &error.to_string())),
        }
    }

    fn present(&mut self, role: Role, file: &str, position: usize, certificate: Certificate) {
        let source = format!("{}, certificate {position}", escape(file));
        let presented = Presented { certificate, source, file: Some(file.to_owned()) };
        match role {
            Role::Trust => self.trust.push(presented),
            Role::Untrusted => self.untrusted.push(presented),
            _ => self.chain.push(presented),
        }
    }

    /// The certificates of a file that holds nothing else and has no fault of any kind. A CA that was read before is taken
    /// from there.
    fn sound_certificates(&mut self, role: Role, bytes: &[u8]) -> Option<Vec<Certificate>> {
        if !matches!(role, Role::Chain | Role::Trust | Role::Untrusted) {
            return None;
        }
        sound_blocks(bytes, "CERTIFICATE")?.iter().map(|block| self.acquainted.certificate(block)).collect()
    }

    fn add_key(&mut self, file: &str, block: &Block) {
        match PrivateKey::from_der(&block.der) {
            Ok(key) => {
                self.observed.extend(wrong_key_label(file, block));
                self.key = Some(KeyFile { key, file: file.to_owned() });
            }
            Err(PrivateKeyError::Encrypted) => self.observed.push(encrypted(file)),
            Err(error) => {
                let message = format!("the block in line {} of {} is {error}", block.line, escape(file));
                self.observed.push(
                    Finding::new(Code::KeyWrongLabel, message)
                        .graded(crate::finding::Severity::Error)
                        .shown_by("label", block.label.clone())
                        .mended_by(format!("openssl pkey -in {} -noout -text", quote(file))),
                );
            }
        }
    }

    fn add_crl(&mut self, file: &str, block: &Block) {
        match Crl::from_der(&block.der) {
            Ok(crl) => self.crls.push((crl, file.to_owned())),
            Err(error) => {
                let message = format!("the block in line {} of {}: {error}", block.line, escape(file));
                self.observed.push(
                    Finding::new(Code::CrlMalformed, message)
                        .shown_by("line", block.line)
                        .mended_by(format!("# fetch the CRL again, whole; then:\npki inspect {}", quote(file))),
                );
            }
        }
    }

    /// Takes in a file that lies beside the given ones. It never decides a verdict; it only tells where something is.
    pub fn add_neighbour(&mut self, file: &str, bytes: &[u8]) {
        for (position, block) in (1..).zip(&Input::read(bytes).blocks) {
            match block.kind {
                BlockKind::Certificate => {
                    let source = format!("{}, certificate {position}", escape(file));
                    self.neighbours.extend(Certificate::from_der(&block.der).ok().map(|certificate| Presented {
                        certificate,
                        source,
                        file: Some(file.to_owned()),
                    }));
                }
                BlockKind::PrivateKey => {
                    self.neighbour_keys.extend(
                        PrivateKey::from_der(&block.der).ok().map(|key| KeyFile { key, file: file.to_owned() }),
                    );
                }
                _ => {}
            }
        }
    }

    /// Certificate and key file changed places: one finding in place of the two that each file gives.
    pub fn recognise_swap(&mut self) {
        let is = |code: Code, flag: &str| {
            self.observed
                .iter()
                .any(|f| f.code == code && f.evidence.get("given_as").is_some_and(|given| given == flag))
        };
        if !is(Code::FileIsPrivateKey, "--chain") || !is(Code::FileWrongLabel, "--key") {
            return;
        }
        let situation = &self.situation;
        let (chain, key) =
            (situation.chain_file.clone().unwrap_or_default(), situation.key_file.clone().unwrap_or_default());
        let message = format!(
            "{} holds the private key and {} the certificate: they changed places",
            escape(&chain),
            escape(&key)
        );
        let trust: String = situation.trust_files.iter().map(|file| format!(" --trust {}", quote(file))).collect();
        let fix = format!("pki diagnose --chain {} --key {}{trust}", quote(&key), quote(&chain));
        self.observed.retain(|f| !matches!(f.code, Code::FileIsPrivateKey | Code::FileWrongLabel));
        self.observed.push(
            Finding::new(Code::FilesSwapped, message)
                .shown_by("chain", escape(&chain))
                .shown_by("key", escape(&key))
                .mended_by(fix),
        );
    }
}

/// Whether a block is of the kind that the file was given for.
fn belongs(role: Role, block: &Block) -> bool {
    match role {
        Role::Chain | Role::Trust | Role::Untrusted => block.kind == BlockKind::Certificate,
        Role::Key => matches!(block.kind, BlockKind::PrivateKey | BlockKind::EncryptedKey),
        Role::Crl => block.kind == BlockKind::Crl,
    }
}

/// What a DER file is matters where it is the right thing; text around blocks where there is a block at all.
fn tells(fault: &Fault, fits: bool, input: &Input) -> bool {
    match fault {
        Fault::Der => fits,
        Fault::SurroundingText { .. } => fits || input.blocks.is_empty(),
        _ => true,
    }
}

/// The file is whole and holds something else than it was given for.
fn other_content(role: Role, file: &str, input: &Input) -> Option<Finding> {
    let block = input.blocks.first()?;
    let word = quote(file);
    let (code, what, fix) = match block.kind {
        BlockKind::PrivateKey | BlockKind::EncryptedKey => (
            Code::FileIsPrivateKey,
            "a private key",
            format!("# give the certificate with {}, and the key with --key", role.flag()),
        ),
        BlockKind::PublicKey => {
            (Code::FileIsPublicKey, "a public key", format!("# give {} with {}", role.expected(), role.flag()))
        }
        BlockKind::CertificateRequest => {
            (Code::FileIsCsr, "a certificate request", format!("pki issue server NAME --csr {word} --out issued"))
        }
        BlockKind::Pkcs7 => (
            Code::FileIsPkcs7,
            "a PKCS#7 bundle",
            format!(
                "openssl pkcs7 -inform {} -in {word} -print_certs -out certificates.pem",
                if block.line == 0 { "DER" } else { "PEM" }
            ),
        ),
        BlockKind::OpenSshKey => (
            Code::FileIsSshKey,
            "an OpenSSH key",
            format!("# give {} with {}: an SSH key is no TLS key", role.expected(), role.flag()),
        ),
        BlockKind::Certificate | BlockKind::Crl | BlockKind::Other => {
            (Code::FileWrongLabel, "something else", format!("pki inspect {word}"))
        }
    };
    let label = if block.line == 0 { "DER" } else { block.label.as_str() };
    let message = format!("{} holds {what} ({label}): expected {}", escape(file), role.expected());
    Some(
        Finding::new(code, message)
            .graded(crate::finding::Severity::Error)
            .shown_by("found", label)
            .shown_by("given_as", role.flag())
            .mended_by(fix),
    )
}

/// A certificate that does not parse; if it is something else under the wrong label, that is said.
fn corrupt(file: &str, position: usize, block: &Block, error: &str) -> Finding {
    let request = CertificateRequest::from_der(&block.der).is_ok();
    let place = format!("{position} of {file} (line {})", block.line);
    let (code, message) = match announced_length(&block.der) {
        _ if request => {
            (Code::FileWrongLabel, format!("block {place} is labelled {} and holds a certificate request", block.label))
        }
        Some(expected) if expected > block.der.len() => (
            Code::FileTruncated,
            format!("certificate {place} is cut off: expected {expected} octets, found {}", block.der.len()),
        ),
        _ => (Code::CertificateCorrupt, format!("certificate {place} is damaged: {error}")),
    };
    Finding::new(code, message)
        .graded(crate::finding::Severity::Error)
        .shown_by("line", block.line)
        .shown_by("octets", block.der.len())
        .mended_by(format!("# copy the file again from where it came; then:\npki inspect {}", quote(file)))
}

fn encrypted(file: &str) -> Finding {
    let word = quote(file);
    Finding::new(
        Code::KeyEncrypted,
        format!("the private key in {} needs a passphrase, which a server cannot type", escape(file)),
    )
    .shown_by("file", escape(file))
    .mended_by(format!("(umask 077; openssl pkey -in {word} -out key-decrypted.pem)"))
}

/// RFC 7468 section 10 and RFC 5915 section 4: the label says which form the DER has.
fn wrong_key_label(file: &str, block: &Block) -> Option<Finding> {
    let form = PrivateKey::form(&block.der)?;
    let fits = block.line == 0 || block.label == form;
    let message = || {
        format!(
            "the key in line {} of {} is labelled {}, and its content is a {form}",
            block.line,
            escape(file),
            block.label
        )
    };
    (!fits).then(|| {
        Finding::new(Code::KeyWrongLabel, message())
            .shown_by("label", block.label.clone())
            .shown_by("content", form)
            .mended_by(format!("pki diagnose --key {} --repair mended", quote(file)))
    })
}
