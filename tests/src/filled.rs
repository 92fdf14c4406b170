//! Stores with very many certificates, for benches: issuing a million of them would take longer than all that is measured.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::programs;

/// A store with a CA and the certificate `template`.
///
/// # Errors
/// Where `pki` fails.
pub fn new_store(store: &Path) -> io::Result<()> {
    pki(store, &["init-ca", "--name", "Bench Root CA", "--intermediate", "Bench Issuing CA"])?;
    pki(store, &["issue", "client", "template"])
}

/// Fills an index with that many rows like that of `template`, `client0` and so on, each revoked or none; gives the octets that
/// one takes.
///
/// # Errors
/// Where Python or its `sqlite3` is missing.
pub fn fill(store: &Path, entries: usize, revoked: bool) -> io::Result<u64> {
    const FILL: &str = "import os,sqlite3,sys,time\n\
        index=sqlite3.connect(sys.argv[1]+'/index.sqlite')\n\
        index.execute('PRAGMA cache_size=-1000000')\n\
        names=[column[1] for column in index.execute('PRAGMA table_info(certificate)')][1:]\n\
        row=dict(zip(names,index.execute('SELECT '+','.join(names)+' FROM certificate').fetchone()))\n\
        if sys.argv[3]=='revoked':row.update(revoked=int(time.time()),reason='keyCompromise',crl_before=0)\n\
        ends=row['not_after']\n\
        def rows():\n\
        \x20for number in range(int(sys.argv[2])):\n\
        \x20 name='client%d'%number\n\
        \x20 row.update(serial=b'\\x41'+os.urandom(15),name=name,folded=name,common_name=name,not_after=ends+number)\n\
        \x20 yield tuple(row.values())\n\
        index.executemany('INSERT INTO certificate ('+','.join(names)+') VALUES ('+','.join('?'*len(names))+')',rows())\n\
        index.commit()\n\
        index.execute('PRAGMA wal_checkpoint(TRUNCATE)')";
    let size = || Ok::<_, io::Error>(std::fs::metadata(store.join("index.sqlite"))?.len());
    let before = size()?;
    let state = if revoked { "revoked" } else { "valid" };
    run(Command::new("python3").args(["-c", FILL]).arg(store).args([&entries.to_string(), state]))?;
    Ok((size()? - before) / entries as u64)
}

/// Runs `pki` on a store, without its output.
///
/// # Errors
/// Where it cannot be started, or fails.
pub fn pki(store: &Path, arguments: &[&str]) -> io::Result<()> {
    static PKI: OnceLock<PathBuf> = OnceLock::new();
    run(Command::new(PKI.get_or_init(programs::pki)).arg("--store").arg(store).args(arguments))
}

/// Runs a command that has to succeed, without its output.
///
/// # Errors
/// Where it cannot be started, or fails.
pub fn run(command: &mut Command) -> io::Result<()> {
    let shown = format!("{command:?}");
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(shown)) }
}
