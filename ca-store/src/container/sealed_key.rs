//! Encrypted private keys: PKCS#8 (RFC 5958 section 3), and the traditional form with a `DEK-Info` header (RFC 1421
//! section 4.6.1.3), which OpenSSL wrote before version 3.

use aws_lc_rs::cipher::{AES_128, AES_256, Algorithm, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use md5::{Digest as _, Md5};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use zeroize::Zeroizing;

use super::{MAX_ROUNDS, Opened, passphrases, private_key, refused};
use crate::facts::{Block, BlockKind, Fault, Lock, element, escape, sequence};
use crate::key::Passphrase;

/// The most memory that scrypt may ask for: OpenSSL reads up to 32 MiB, and this leaves room for others.
const MAX_SCRYPT_BYTES: u64 = 256 << 20;
/// The most parallel passes of scrypt.
const MAX_SCRYPT_PASSES: u16 = 16;

/// EncryptedPrivateKeyInfo: a SEQUENCE of an AlgorithmIdentifier and an OCTET STRING, and nothing else.
pub(super) fn is_sealed(der: &[u8]) -> bool {
    let Some(first) = sequence(der).and_then(element) else { return false };
    first.tag == 0x30 && element(first.rest).is_some_and(|second| second.tag == 0x04 && second.rest.is_empty())
}

/// Opens the key; where it stays locked, so does the block.
pub(super) fn open(block: &Block, passphrase: Option<&Passphrase>) -> Opened {
    let opened = match &block.cipher {
        Some(cipher) => traditional(block, cipher, passphrase),
        None => pkcs8(&block.der, passphrase),
    };
    let fault = |lock| Fault::EncryptedKey { line: block.line, lock };
    match opened {
        Ok(der) => Opened { blocks: vec![private_key(der, block)], faults: vec![fault(Lock::Open)] },
        Err(lock) => {
            let sealed = Block { kind: BlockKind::EncryptedKey, ..block.clone() };
            Opened { blocks: vec![sealed], faults: vec![fault(lock)] }
        }
    }
}

fn unreadable(why: impl std::fmt::Display) -> Lock {
    Lock::Unreadable(escape(&why.to_string()))
}

fn pkcs8(der: &[u8], passphrase: Option<&Passphrase>) -> Result<Zeroizing<Vec<u8>>, Lock> {
    let of_pkcs12 =
        |error| if is_of_pkcs12(der) { unreadable("it is encrypted in the way of PKCS#12") } else { unreadable(error) };
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(of_pkcs12)?;
    let EncryptionScheme::Pbes2(parameters) = &info.encryption_algorithm else {
        return Err(unreadable("it is encrypted with DES or RC2, which are given up"));
    };
    let bounded = match &parameters.kdf {
        Kdf::Pbkdf2(pbkdf2) => u64::from(pbkdf2.iteration_count) <= MAX_ROUNDS,
        Kdf::Scrypt(scrypt) => {
            let bytes = scrypt.cost_parameter.saturating_mul(u64::from(scrypt.block_size)).saturating_mul(128);
            bytes <= MAX_SCRYPT_BYTES && scrypt.parallelization <= MAX_SCRYPT_PASSES
        }
        _ => false,
    };
    if !bounded {
        return Err(unreadable("its key derivation asks for more work than is done here"));
    }
    let open = |passphrase: &str| info.decrypt(passphrase.as_bytes()).ok();
    let found = passphrases(passphrase).find_map(open).ok_or_else(|| refused(passphrase))?;
    Ok(Zeroizing::new(found.as_bytes().to_vec()))
}

/// One of the algorithms of RFC 7292 appendix C, such as `openssl pkcs8 -v1 PBE-SHA1-3DES` takes.
fn is_of_pkcs12(der: &[u8]) -> bool {
    const PBE: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01";
    let algorithm = sequence(der).and_then(element).and_then(|first| element(first.content));
    algorithm.is_some_and(|oid| oid.content.starts_with(PBE))
}

/// `DEK-Info: AES-256-CBC,IV`; the key is made by OpenSSL's EVP_BytesToKey with one round of MD5, the salt being the
/// first eight octets of the IV.
fn traditional(block: &Block, cipher: &str, passphrase: Option<&Passphrase>) -> Result<Zeroizing<Vec<u8>>, Lock> {
    let (name, iv) = cipher.split_once(',').ok_or_else(|| unreadable("its DEK-Info has no IV"))?;
    let iv = unhex(iv.trim()).ok_or_else(|| unreadable("the IV in its DEK-Info is not hexadecimal"))?;
    let (decrypt, length): (Decrypt, usize) = match name.trim() {
        "AES-128-CBC" => (|key, iv, octets| aes(&AES_128, key, iv, octets), 16),
        "AES-256-CBC" => (|key, iv, octets| aes(&AES_256, key, iv, octets), 32),
        "DES-EDE3-CBC" => (triple_des, 24),
        other => return Err(unreadable(format!("it is encrypted with {other}, which is not read here"))),
    };
    let salt = iv.get(..8).ok_or_else(|| unreadable("the IV in its DEK-Info is too short"))?;
    let open = |passphrase: &str| {
        let mut octets = Zeroizing::new(block.der.to_vec());
        let plain = decrypt(&derive(passphrase, salt, length), &iv, &mut octets)?;
        // A wrong passphrase passes the padding once in 256 times; what comes out is then no SEQUENCE that fills it.
        element(plain).filter(|e| e.tag == 0x30 && e.rest.is_empty()).map(|e| Zeroizing::new(e.whole.to_vec()))
    };
    passphrases(passphrase).find_map(open).ok_or_else(|| refused(passphrase))
}

/// Key, IV and octets in; the octets without their padding out.
type Decrypt = for<'a> fn(&[u8], &[u8], &'a mut [u8]) -> Option<&'a [u8]>;

fn aes<'a>(algorithm: &'static Algorithm, key: &[u8], iv: &[u8], octets: &'a mut [u8]) -> Option<&'a [u8]> {
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
    let iv: [u8; 16] = iv.try_into().ok()?;
    key.decrypt(octets, DecryptionContext::Iv128(iv.into())).ok().map(|plain| &*plain)
}

fn triple_des<'a>(key: &[u8], iv: &[u8], octets: &'a mut [u8]) -> Option<&'a [u8]> {
    let cipher = cbc::Decryptor::<des::TdesEde3>::new_from_slices(key, iv).ok()?;
    cipher.decrypt_padded::<Pkcs7>(octets).ok()
}

fn derive(passphrase: &str, salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(length + 16));
    let mut last = Zeroizing::new(Vec::new());
    while key.len() < length {
        let mut hash = Md5::new();
        hash.update(&last[..]);
        hash.update(passphrase.as_bytes());
        hash.update(salt);
        last = Zeroizing::new(hash.finalize().to_vec());
        key.extend_from_slice(&last);
    }
    key.truncate(length);
    key
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    pairs.map(|pair| pair.filter(|pair| pair.len() == 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}
