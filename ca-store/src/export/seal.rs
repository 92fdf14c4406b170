//! How a PKCS#12 file is locked: with what readers of today expect, or with what readers of before 2019 know.

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{hmac, pbkdf2};
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

use super::der::{Octets, integer, null, octet_string, oid, sequence};
use crate::error::Error;
use crate::key::{Passphrase, crypto, random};

/// How a PKCS#12 file is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// PBES2 of PBKDF2-HMAC-SHA-256 and AES-256-CBC, and an HMAC-SHA-256 over all: OpenSSL 3, Java 8u301, NSS 3.31,
    /// Windows 10 1809, and later.
    Modern,
    /// 3DES and SHA-1 (RFC 7292 appendix C): what Windows 7, Java 7 and macOS 10 read.
    Legacy,
}

/// Rounds of each of the three key derivations of a file. .NET reads at most 300,000 a derivation, and 600,000 in all on
/// Windows (`Pkcs12LoaderLimits`); three times this many stay within both.
pub const ROUNDS: u32 = 200_000;

/// Octets of salt (NIST SP 800-132, 5.1 asks for at least 128 bits).
const SALT: usize = 16;
const WHAT: &str = "sealing a PKCS#12 file";

const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
const HMAC_SHA256: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x09";
const AES_256_CBC: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a";
const SHA_AND_3DES: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03";
const SHA256_ID: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";
const SHA1_ID: &[u8] = b"\x2b\x0e\x03\x02\x1a";

/// What is encrypted, with the identifier of how.
pub(super) struct Sealed {
    pub(super) algorithm: Octets,
    pub(super) octets: Vec<u8>,
}

impl Lock {
    /// Encrypts.
    pub(super) fn encrypt(self, plain: &[u8], passphrase: &Passphrase) -> Result<Sealed, Error> {
        match self {
            Lock::Modern => pbes2(plain, passphrase),
            Lock::Legacy => triple_des(plain, passphrase),
        }
    }

    /// MacData over the content (RFC 7292 section 4).
    pub(super) fn mac(self, content: &[u8], passphrase: &Passphrase) -> Result<Octets, Error> {
        let (hash, id, keyed) = match self {
            Lock::Modern => (&SHA256, SHA256_ID, hmac::HMAC_SHA256),
            Lock::Legacy => (&SHA1_FOR_LEGACY_USE_ONLY, SHA1_ID, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        };
        let salt = random::<SALT>()?;
        let key = derive(hash, Use::Mac, passphrase, &salt, hash.output_len());
        let tag = hmac::sign(&hmac::Key::new(keyed, &key), content);
        let digest = sequence(&[&sequence(&[&oid(id), &null()]), &octet_string(tag.as_ref())]);
        Ok(sequence(&[&digest, &octet_string(&salt), &integer(ROUNDS)]))
    }
}

/// RFC 8018 section 6.2.
fn pbes2(plain: &[u8], passphrase: &Passphrase) -> Result<Sealed, Error> {
    const KEY: usize = 32;
    let (salt, iv) = (random::<SALT>()?, random::<16>()?);
    let mut key = Zeroizing::new([0; KEY]);
    let rounds = NonZeroU32::new(ROUNDS).expect("ROUNDS is not zero");
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, passphrase.expose().as_bytes(), &mut key[..]);
    let key = UnboundCipherKey::new(&AES_256, &key[..]).map_err(crypto(WHAT))?;
    let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(crypto(WHAT))?;
    let mut octets = plain.to_vec();
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    cipher.less_safe_encrypt(&mut octets, context).map_err(crypto(WHAT))?;
    let derivation = sequence(&[
        &oid(PBKDF2),
        &sequence(&[&octet_string(&salt), &integer(ROUNDS), &sequence(&[&oid(HMAC_SHA256), &null()])]),
    ]);
    let scheme = sequence(&[&oid(AES_256_CBC), &octet_string(&iv)]);
    Ok(Sealed { algorithm: sequence(&[&oid(PBES2), &sequence(&[&derivation, &scheme])]), octets })
}

/// pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292 appendix C).
fn triple_des(plain: &[u8], passphrase: &Passphrase) -> Result<Sealed, Error> {
    let salt = random::<SALT>()?;
    let key = derive(&SHA1_FOR_LEGACY_USE_ONLY, Use::Key, passphrase, &salt, 24);
    let iv = derive(&SHA1_FOR_LEGACY_USE_ONLY, Use::Iv, passphrase, &salt, 8);
    let cipher = cbc::Encryptor::<des::TdesEde3>::new_from_slices(&key, &iv).map_err(crypto(WHAT))?;
    let octets = cipher.encrypt_padded_vec::<Pkcs7>(plain);
    let parameters = sequence(&[&octet_string(&salt), &integer(ROUNDS)]);
    Ok(Sealed { algorithm: sequence(&[&oid(SHA_AND_3DES), &parameters]), octets })
}

/// What a derived key is for, as RFC 7292 appendix B.3 numbers it.
#[derive(Clone, Copy)]
enum Use {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// Key derivation of RFC 7292 appendix B.2, over the passphrase as a BMPString that ends in a zero.
fn derive(
    hash: &'static digest::Algorithm,
    wanted: Use,
    passphrase: &Passphrase,
    salt: &[u8],
    length: usize,
) -> Octets {
    let block = hash.block_len();
    let filled = |octets: &[u8]| octets.iter().copied().cycle().take(octets.len().div_ceil(block) * block).collect();
    let text: Octets =
        Zeroizing::new(passphrase.expose().encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect());
    let (salt, password): (Vec<u8>, Octets) = (filled(salt), Zeroizing::new(filled(&text)));
    let mut input = Zeroizing::new([&salt[..], &password].concat());
    let mut out = Zeroizing::new(Vec::with_capacity(length + hash.output_len()));
    while out.len() < length {
        let mut first = digest::Context::new(hash);
        first.update(&vec![wanted as u8; block]);
        first.update(&input);
        let first = first.finish();
        let last = (1..ROUNDS).fold(first, |previous, _| digest::digest(hash, previous.as_ref()));
        out.extend_from_slice(last.as_ref());
        add_to_blocks(&mut input, last.as_ref(), block);
    }
    out.truncate(length);
    out
}

/// Each block of `input` plus the digest, repeated to a block's length, plus one (step 6.C).
fn add_to_blocks(input: &mut [u8], digest: &[u8], block: usize) {
    for part in input.chunks_mut(block) {
        let mut carry = 1;
        for (at, octet) in part.iter_mut().enumerate().rev() {
            let sum = u16::from(*octet) + u16::from(digest[at % digest.len()]) + carry;
            let [high, low] = sum.to_be_bytes();
            *octet = low;
            carry = u16::from(high);
        }
    }
}
