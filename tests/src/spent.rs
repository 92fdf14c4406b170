//! What a process took: CPU time and memory, for the benches.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// CPU time (user and system) and the greatest memory of a process that has ended, as the kernel counts them.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// Seconds of CPU.
    pub seconds: f64,
    /// MiB.
    pub mebibytes: f64,
}

/// Runs a shell line, and asks the kernel through Python what its process took: the standard library does not tell.
///
/// # Errors
/// Where the line fails or cannot be run.
pub fn spent(place: &Path, line: &str) -> io::Result<Spent> {
    const ASK: &str = "import resource,subprocess,sys\n\
        code=subprocess.run(['sh','-c','exec '+sys.argv[1]],stdout=subprocess.DEVNULL).returncode\n\
        used=resource.getrusage(resource.RUSAGE_CHILDREN)\n\
        print(code,used.ru_utime+used.ru_stime,used.ru_maxrss)";
    let output =
        Command::new("python3").args(["-c", ASK, line]).current_dir(place).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = text.split_whitespace();
    let broken = || io::Error::other(format!("{line}: {text:?}"));
    if words.next() != Some("0") {
        return Err(broken());
    }
    let mut number = || words.next().and_then(|word| word.parse::<f64>().ok()).ok_or_else(broken);
    Ok(Spent { seconds: number()?, mebibytes: number()? / 1024.0 })
}

/// The one in the middle, by time.
///
/// # Panics
/// Where there is none.
pub fn median(mut all: Vec<Spent>) -> Spent {
    all.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    all[all.len() / 2]
}
