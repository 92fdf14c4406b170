//! PEM and whatever is taken for it: every file is read to its end, as evidence of every role.
#![no_main]

use ca_store::explain::Evidence;
use ca_store::facts::Input;
use ca_store::finding::Role;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let input = Input::read(data);
    assert!(!input.blocks.is_empty() || !input.faults.is_empty(), "a file is something, or something is wrong with it");
    for role in [Role::Chain, Role::Trust, Role::Untrusted, Role::Key, Role::Crl] {
        let mut evidence = Evidence::default();
        evidence.add_file(role, "file.pem", Ok(data));
        for finding in &evidence.observed {
            assert!(!finding.message.chars().any(char::is_control), "{:?}", finding.message);
        }
    }
});
