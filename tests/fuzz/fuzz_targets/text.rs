//! The recogniser of error texts: any log is read without a panic, and says no more than its bounds allow.
#![no_main]

use ca_store::recognise::{MAX_CANDIDATES, recognise};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let recognised = recognise(&String::from_utf8_lossy(bytes), None);
    assert!(recognised.candidates.len() <= MAX_CANDIDATES);
});
