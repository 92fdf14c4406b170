//! Writes every scene of the catalogue into a folder, so that clients which no test runs can be tried on them by hand.

use std::io::Write;
use std::path::Path;

use tests::chains::{CATALOGUE, HOST, Scene};

fn main() {
    let Some(folder) = std::env::args().nth(1) else {
        let _ = writeln!(std::io::stderr(), "expected a folder, found nothing: make_scenes FOLDER");
        std::process::exit(2);
    };
    let folder = Path::new(&folder);
    for (number, case) in CATALOGUE.iter().enumerate() {
        let variant = case.variant.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let bad = folder.join(format!("{number:03}-{}--{variant}", case.code));
        write(&case.bad, &bad);
        let verdict = if case.refused { "invalid" } else { "valid" };
        std::fs::write(bad.join("expected"), format!("{verdict} {}\n", case.code)).expect("the folder can be written");
        write(&case.good, &folder.join(format!("{number:03}-{}--{variant}--good", case.code)));
    }
    let _ = writeln!(
        std::io::stdout(),
        "{} codes and variants in {}, asked for by `host` (mostly {HOST})",
        CATALOGUE.len(),
        folder.display()
    );
}

fn write(scene: &Scene, folder: &Path) {
    std::fs::create_dir_all(folder).expect("the folder can be written");
    scene.make(folder);
    std::fs::write(folder.join("host"), if scene.client { "" } else { scene.host }).expect("the folder can be written");
}
