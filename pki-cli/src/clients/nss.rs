//! The certificates that NSS trusts: a database of this run's own, which `certutil` makes. `tstclnt` reads it, and Chromium on
//! Linux, which looks for it in the home folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::process;

/// Where Chromium looks below its home.
const PLACE: &str = ".pki/nssdb";

/// Makes it below `home`, with these anchors (DER) trusted for servers; none where `certutil` is not here or does not take them.
pub(super) fn database(home: &Path, anchors: &[Vec<u8>]) -> Option<OsString> {
    let certutil = process::find("certutil")?;
    let folder = home.join(PLACE);
    std::fs::create_dir_all(&folder).ok()?;
    let mut database = OsString::from("sql:");
    database.push(&folder);
    let typed = |words: &[OsString]| {
        let words: Vec<OsString> = words.iter().chain([&"-d".into(), &database]).cloned().collect();
        process::run(&certutil, &words, home).filter(|output| output.succeeded)
    };
    typed(&["-N".into(), "--empty-password".into()])?;
    for (number, der) in anchors.iter().enumerate() {
        let file: PathBuf = folder.join(format!("{number}.der"));
        std::fs::write(&file, der).ok()?;
        let name = OsString::from(format!("anchor {number}"));
        typed(&["-A".into(), "-n".into(), name, "-t".into(), "CT,,".into(), "-i".into(), file.into()])?;
    }
    Some(database)
}
