//! The fuzz targets, which are apart from the workspace because they are built with coverage, build against the programs as they are,
//! and their seeds pass. `tests/fuzz/run` does the rest.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

// What the targets take from libFuzzer is a macro, which here, at the end of this file, makes a function of each.
extern crate self as libfuzzer_sys;

// Each is the root of a crate where it is fuzzed.
#[allow(unused_attributes)]
#[path = "../fuzz/fuzz_targets/core.rs"]
mod core_target;
#[allow(unused_attributes)]
#[path = "../fuzz/fuzz_targets/facts.rs"]
mod facts_target;
#[allow(unused_attributes)]
#[path = "../fuzz/fuzz_targets/line.rs"]
mod line_target;
#[allow(unused_attributes)]
#[path = "../fuzz/fuzz_targets/message.rs"]
mod message_target;
#[allow(unused_attributes)]
#[path = "../fuzz/fuzz_targets/path.rs"]
mod path_target;
#[allow(unused_attributes)]
#[path = "../fuzz/fuzz_targets/pem.rs"]
mod pem_target;
#[allow(unused_attributes)]
#[path = "../fuzz/fuzz_targets/text.rs"]
mod text_target;

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 7] = [
    ("core", core_target::run),
    ("facts", facts_target::run),
    ("line", line_target::run),
    ("message", message_target::run),
    ("path", path_target::run),
    ("pem", pem_target::run),
    ("text", text_target::run),
];

#[test]
fn every_seed_passes() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, run) in TARGETS {
        let seeds: Vec<_> = fs::read_dir(corpora.join(name)).expect("a folder of seeds").collect();
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in seeds {
            run(&fs::read(seed.expect("a file").path()).expect("a file that can be read"));
        }
    }
}

#[test]
fn none_is_left_out() {
    let names = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder)).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned())
            .collect()
    };
    let listed: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!((names("fuzz_targets"), names("corpus")), (listed.clone(), listed));
    let script = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/run")).expect("the script");
    let row = script.lines().find(|line| line.contains("targets=(facts")).expect("the row of targets");
    assert!(TARGETS.iter().all(|(name, _)| row.contains(name)), "{row}");
}

macro_rules! fuzz_target {
    (|$data:ident: &[u8]| $body:block) => {
        pub(crate) fn run($data: &[u8]) $body
    };
}
pub(crate) use fuzz_target;
