//! What hostile or damaged containers come to: an answer, soon, and never a crash.

use proptest::prelude::*;

use super::open;
use crate::facts::{Fault, Input, Lock};
use crate::key::Passphrase;

/// A SEQUENCE, or another constructed element, of up to 65,535 octets.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).expect("short").to_be_bytes();
    [&[tag, 0x82], &length[..], &content].concat()
}

/// A PKCS#12 file whose MAC asks for that many rounds.
fn pkcs12(rounds: u32) -> Vec<u8> {
    let data =
        der(0x30, &[b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", &der(0xa0, &[&der(0x04, &[&der(0x30, &[])])])]);
    let sha1 = der(0x30, &[b"\x06\x05\x2b\x0e\x03\x02\x1a", b"\x05\x00"]);
    let digest = der(0x30, &[&sha1, &der(0x04, &[&[0; 20]])]);
    let count = [&[0x02, 0x05, 0x00][..], &rounds.to_be_bytes()].concat();
    der(0x30, &[&[2, 1, 3], &data, &der(0x30, &[&digest, &der(0x04, &[&[7; 8]]), &count])])
}

fn lock(bytes: &[u8], passphrase: Option<&Passphrase>) -> Option<Lock> {
    open(Input::read(bytes), passphrase).lock().cloned()
}

#[test]
fn a_key_derivation_without_end_is_refused_before_it_begins() {
    let lock = lock(&pkcs12(4_000_000_000), None);
    assert!(matches!(&lock, Some(Lock::Unreadable(why)) if why.contains("rounds")), "{lock:?}");
}

#[test]
fn a_wrong_passphrase_is_told_from_a_missing_one() {
    let passphrase = Passphrase::new("correct horse".into());
    assert_eq!(lock(&pkcs12(1), None), Some(Lock::NeedsPassphrase));
    assert_eq!(lock(&pkcs12(1), Some(&passphrase)), Some(Lock::WrongPassphrase));
}

#[test]
fn a_key_store_that_is_cut_off_says_so() {
    let bytes = [&0xfeed_feed_u32.to_be_bytes()[..], &2u32.to_be_bytes(), &9u32.to_be_bytes(), &[0; 20]].concat();
    assert!(matches!(lock(&bytes, None), Some(Lock::Unreadable(_))));
}

#[test]
fn a_bundle_that_is_no_der_says_so() {
    let bytes = [&b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"[..], &[0xa0, 0x80, 0, 0, 0, 0]].concat();
    let input = open(Input::read(&bytes), None);
    assert!(matches!(&input.faults[..], [Fault::Pkcs7(Lock::Unreadable(_))]), "{:?}", input.faults);
}

proptest! {
    /// Whatever follows the first octets of a container, there is an answer.
    #[test]
    fn nothing_crashes(kind in 0usize..4, rest in prop::collection::vec(any::<u8>(), 0..200)) {
        let starts: [&[u8]; 4] = [
            &[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1],
            &[0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
            b"\x30\x81\xc0\x02\x01\x03\x30",
            b"\x30\x81\xc0\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0",
        ];
        let bytes = [starts[kind], &rest].concat();
        let input = open(Input::read(&bytes), None);
        prop_assert!(!input.blocks.is_empty() || !input.faults.is_empty());
    }
}
