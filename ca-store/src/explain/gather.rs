//! From the bytes of files to evidence: what can be read is kept, what is wrong with a file becomes a finding.

mod told;

use std::collections::HashMap;
use std::sync::Arc;

use crate::clients::Readings;
use crate::container;
use crate::facts::{
    Block, BlockKind, Certificate, Crl, Fault, Input, MAX_FAULTS_OF_A_KIND, PrivateKey, PrivateKeyError,
    announced_length, escape, kind_of_der,
};
use crate::facts::{der_in_place, sound_blocks};
use crate::finding::file::{fault, unreadable};
use crate::finding::{Code, FileError, Finding, Role, Severity, quote_file};

use super::evidence::CaFile;
use super::{Evidence, KeyFile, Presented};
use told::{among_certificates, corrupt, has_key, other_content, unusual_label, wrong_key_label, wrong_label};

/// The most findings of one kind about the blocks of a file: whoever mends that many by hand looks again.
const MAX_TOLD: usize = MAX_FAULTS_OF_A_KIND;
/// The most files beside the given ones that are looked at for what is missing.
pub const MAX_NEIGHBOURS: usize = 64;
/// The most that is read of each of them; certificates, keys and chains are a few KiB.
pub const MAX_NEIGHBOUR_BYTES: u64 = 64 << 10;

impl Evidence {
    /// Takes a file in, under its name as typed. What is locked in it is opened with [`Evidence::passphrase`].
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
            if role == Role::Trust {
                self.ca_files.push(CaFile { name: file.to_owned(), readings: None });
            }
            return;
        }
        let readings = self.keep_ca_file(role, file, bytes);
        let mut input = container::open(Input::read(bytes), self.passphrase.as_ref());
        input.blocks.iter_mut().for_each(without_trust_settings);
        let fits = input.blocks.iter().any(|block| belongs(role, block) || mislabelled(role, block).is_some());
        let told = input.faults.iter().filter(|f| tells(role, f, fits));
        let form = told.map(|f| beside_others(fault(role, file, f, fits), role, file, &input.blocks));
        self.observed.extend(form);
        let packed = input.faults.iter().any(|f| matches!(f, Fault::Pkcs12(_) | Fault::Jks(_)));
        if !fits && !packed {
            self.observed.extend(other_content(role, file, &input));
        }
        let before = self.observed.len();
        for (position, block) in (1..).zip(&input.blocks) {
            self.add_block(&Place { role, file, position, packed, fits }, block);
        }
        shorten(&mut self.observed, before);
        if let Some(readings) = readings {
            self.add_read_elsewhere(file, &readings, input.blocks.len());
        }
    }

    /// What a client's reader gets out of a CA file, and ours does not: the path may lead there, for that client.
    fn add_read_elsewhere(&mut self, file: &str, readings: &Readings, read: usize) {
        for (position, der) in (read + 1..).zip(readings.certificates()) {
            if self.trust.iter().all(|known| known.certificate.der() != der) {
                let certificate = Certificate::from_der(der).ok();
                certificate.into_iter().for_each(|it| self.present(Role::Trust, file, position, it));
            }
        }
    }

    /// Takes a revocation list in; the bytes are kept, since there may be many.
    pub fn add_crl_file(&mut self, file: &str, content: Vec<u8>) {
        let is_der = content.first() == Some(&0x30);
        match der_in_place(content, "X509 CRL") {
            Ok(der) => self.add_large_crl(file, der, is_der),
            Err(content) => self.add_file(Role::Crl, file, Ok(&content)),
        }
    }

    /// DER is the form in which lists are published (RFC 5280 section 4.2.1.13); servers want PEM.
    fn add_large_crl(&mut self, file: &str, der: Vec<u8>, is_der: bool) {
        match Crl::from_vec(der) {
            Ok(crl) => {
                self.situate(Role::Crl, file);
                if is_der {
                    self.observed.push(fault(Role::Crl, file, &Fault::Der, true).graded(Severity::Note));
                }
                self.crls.push((crl, file.to_owned()));
            }
            // A list by its label, as long as it says, and nothing else by its content.
            Err(der)
                if !is_der && announced_length(&der) == Some(der.len()) && kind_of_der(&der) == BlockKind::Other =>
            {
                self.situate(Role::Crl, file);
                self.take_crl(file, 1, &der);
            }
            Err(der) => self.add_file(Role::Crl, file, Ok(&der)),
        }
    }

    fn situate(&mut self, role: Role, file: &str) {
        let situation = &mut self.situation;
        match role {
            Role::Chain => situation.chain_file = Some(file.to_owned()),
            Role::Key => {
                situation.key_file = Some(file.to_owned());
                // A key that lay in the chain file gives way to the one that is named.
                self.key = None;
            }
            Role::Trust => situation.trust_files.push(file.to_owned()),
            Role::Crl => situation.crl_files.push(file.to_owned()),
            Role::Untrusted => situation.untrusted_files.push(file.to_owned()),
        }
    }

    /// What clients make of a CA file that is not as it should be; one too long for that is taken for none.
    fn keep_ca_file(&mut self, role: Role, file: &str, bytes: &[u8]) -> Option<Arc<Readings>> {
        let readings = Arc::new((role == Role::Trust).then(|| Readings::of(bytes)).flatten()?);
        self.ca_files.push(CaFile { name: file.to_owned(), readings: Some(Arc::clone(&readings)) });
        Some(readings)
    }

    fn add_block(&mut self, place: &Place<'_>, block: &Block) {
        if let Some(kind) = mislabelled(place.role, block) {
            self.observed.push(wrong_label(place, block));
            return self.add_content(place, &Block { kind, ..block.clone() });
        }
        if place.role == Role::Trust && place.fits && !place.packed {
            self.observed.extend(among_certificates(place, block));
        }
        self.add_content(place, block);
    }

    fn add_content(&mut self, place: &Place<'_>, block: &Block) {
        match (place.role, block.kind) {
            (Role::Chain | Role::Trust | Role::Untrusted, BlockKind::Certificate) => self.add_certificate(place, block),
            (Role::Trust, BlockKind::PrivateKey | BlockKind::EncryptedKey) if place.fits => {
                self.observed.push(has_key(place, block));
            }
            (Role::Chain, BlockKind::PrivateKey) if place.fits => {
                if !place.packed {
                    self.observed.push(has_key(place, block));
                }
                self.add_key(place, block);
            }
            (Role::Key, BlockKind::PrivateKey) if self.key.is_none() => self.add_key(place, block),
            // In the place of something else it only tells which certificate is its own.
            (Role::Chain, BlockKind::PrivateKey) => {
                let key = PrivateKey::from_der(&block.der).ok();
                self.neighbour_keys.extend(key.map(|key| KeyFile { key, file: place.file.to_owned() }));
            }
            (Role::Key, BlockKind::Certificate) => {
                let certificate = Certificate::from_der(&block.der).ok();
                let found = certificate.map(|it| presented(place.file, place.position, it));
                self.neighbours.extend(found);
            }
            (Role::Crl, BlockKind::Crl) => self.take_crl(place.file, block.line, &block.der),
            _ => {}
        }
    }

    fn add_certificate(&mut self, place: &Place<'_>, block: &Block) {
        match Certificate::from_der(&block.der) {
            Ok(certificate) => {
                self.observed.extend(unusual_label(place, block));
                self.present(place.role, place.file, place.position, certificate);
            }
            Err(error) => self.observed.push(corrupt(place, block, &error.to_string())),
        }
    }

    fn present(&mut self, role: Role, file: &str, position: usize, certificate: Certificate) {
        let presented = presented(file, position, certificate);
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

    fn add_key(&mut self, place: &Place<'_>, block: &Block) {
        let file = place.file;
        match PrivateKey::from_der(&block.der) {
            Ok(key) => {
                self.observed.extend(wrong_key_label(file, block));
                self.key = Some(KeyFile { key, file: file.to_owned() });
            }
            Err(PrivateKeyError::Encrypted) => {}
            Err(error) => {
                let cut = announced_length(&block.der).filter(|length| *length > block.der.len());
                let message = match cut {
                    Some(whole) => format!(
                        "the key in line {} of {} is cut off: expected {whole} octets, found {}",
                        block.line,
                        escape(file),
                        block.der.len()
                    ),
                    None => format!("the block in line {} of {} is {error}", block.line, escape(file)),
                };
                let code = if cut.is_some() { Code::FileTruncated } else { Code::KeyWrongLabel };
                self.observed.push(
                    given_as(Finding::new(code, message), place)
                        .graded(Severity::Error)
                        .shown_by("line", block.line)
                        .shown_by("label", block.label.clone()),
                );
            }
        }
    }

    fn take_crl(&mut self, file: &str, line: usize, der: &[u8]) {
        match Crl::from_der(der) {
            Ok(crl) => self.crls.push((crl, file.to_owned())),
            Err(error) => {
                let message = format!("the block in line {line} of {}: {error}", escape(file));
                self.observed.push(
                    Finding::new(Code::CrlMalformed, message)
                        .shown_by("line", line)
                        .mended_by(format!("# fetch the CRL again, whole; then:\npki inspect {}", quote_file(file))),
                );
            }
        }
    }

    /// Takes in a file that lies beside the given ones. It never decides a verdict; it only tells where something is.
    pub fn add_neighbour(&mut self, file: &str, bytes: &[u8]) {
        let mut input = Input::read(bytes);
        let is_locked = input.blocks.iter().any(|block| block.kind == BlockKind::EncryptedKey);
        if self.passphrase.is_some() && is_locked {
            input = container::open(input, self.passphrase.as_ref());
        }
        for (position, block) in (1..).zip(&input.blocks) {
            match block.kind {
                BlockKind::Certificate => {
                    let certificate = Certificate::from_der(&block.der).ok();
                    self.neighbours.extend(certificate.map(|it| presented(file, position, it)));
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
}

/// Of what is told of each block of a file, from `start` on, [`MAX_TOLD`] of a kind are kept; the last of them tells how many more
/// there are.
fn shorten(observed: &mut Vec<Finding>, start: usize) {
    let mut counts: HashMap<Code, usize> = HashMap::new();
    let mut kept = observed.split_off(start);
    kept.retain(|finding| {
        let count = counts.entry(finding.code).or_default();
        *count += 1;
        *count <= MAX_TOLD
    });
    for finding in kept.iter_mut().rev() {
        // Taken out with the last of its kind.
        let more = counts.remove(&finding.code).map_or(0, |count| count.saturating_sub(MAX_TOLD));
        if more > 0 {
            finding.message.push_str(&format!(", and {more} more of these"));
            finding.evidence.insert("more".to_owned(), more.into());
        }
    }
    observed.append(&mut kept);
}

/// Where a block stands.
struct Place<'a> {
    role: Role,
    file: &'a str,
    /// From 1.
    position: usize,
    /// It came out of a PKCS#12 file or a Java key store, where keys and certificates lie together.
    packed: bool,
    /// Something in the file is what it was given for.
    fits: bool,
}

fn given_as(finding: Finding, place: &Place<'_>) -> Finding {
    finding.shown_by("file", escape(place.file)).shown_by("given_as", place.role.flag())
}

/// Whether a block is of the kind that the file was given for.
fn belongs(role: Role, block: &Block) -> bool {
    match role {
        Role::Chain | Role::Trust | Role::Untrusted => block.kind == BlockKind::Certificate,
        Role::Key => matches!(block.kind, BlockKind::PrivateKey | BlockKind::EncryptedKey),
        Role::Crl => block.kind == BlockKind::Crl,
    }
}

/// A block whose label says otherwise, and whose content is what the file was given for (RFC 7468 section 3).
fn mislabelled(role: Role, block: &Block) -> Option<BlockKind> {
    if belongs(role, block) || block.line == 0 {
        return None;
    }
    let kind = kind_of_der(&block.der);
    let unmasked = Block { kind, ..block.clone() };
    (kind != block.kind && belongs(role, &unmasked)).then_some(kind)
}

const TRUSTED: &str = "TRUSTED CERTIFICATE";

/// OpenSSL's `TRUSTED CERTIFICATE` may have settings behind the certificate; the certificate alone is taken.
fn without_trust_settings(block: &mut Block) {
    let whole = announced_length(&block.der).filter(|length| *length <= block.der.len());
    if let Some(length) = whole.filter(|length| block.label == TRUSTED && *length < block.der.len()) {
        block.der.truncate(length);
        block.has_settings = true;
    }
}

/// Which faults concern the role: what a DER file is matters where it is the right thing; text around blocks where
/// there is a block at all; a missing or locked key where one was asked for.
fn tells(role: Role, fault: &Fault, fits: bool) -> bool {
    match fault {
        Fault::Der => fits,
        Fault::SurroundingText { .. } | Fault::CommentedOut { .. } => fits,
        Fault::NoPrivateKey => matches!(role, Role::Key | Role::Chain),
        Fault::EncryptedKey { .. } => role == Role::Key,
        _ => true,
    }
}

/// Of a fault of one block that can be read in spite of it: whether there are others, and what a program does not see that passes
/// over it.
fn beside_others(finding: Finding, role: Role, file: &str, blocks: &[Block]) -> Finding {
    let place = finding.evidence.get("place").and_then(|place| place.as_str());
    let Some(place) = place.filter(|_| finding.code.is_of_file()).map(str::to_owned) else { return finding };
    let line = finding.evidence.get("line").and_then(serde_json::Value::as_u64);
    let several = blocks.iter().filter(|block| belongs(role, block)).count() > 1;
    let hidden = (1..).zip(blocks).find(|(_, block)| u64::try_from(block.line).ok() == line);
    let finding = if several { finding.shown_by("others", "readable") } else { finding };
    match hidden.filter(|_| place == "before BEGIN" || place == "later") {
        Some((position, _)) => finding.shown_by("hides", source(file, position)),
        None => finding,
    }
}

fn presented(file: &str, position: usize, certificate: Certificate) -> Presented {
    Presented { certificate, source: source(file, position), file: Some(file.to_owned()) }
}

/// Where a certificate was found, as a report names it.
fn source(file: &str, position: usize) -> String {
    format!("{}, certificate {position}", escape(file))
}
