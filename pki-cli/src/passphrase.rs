//! Where a passphrase comes from: a file, a file descriptor, the environment, or whoever sits at the terminal. Never an
//! argument.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use ca_store::Error;
use ca_store::key::Passphrase;
use zeroize::Zeroizing;

use crate::command::flags::CaPassphrase;

/// The variable that names the passphrase's file.
pub(crate) const FILE_VARIABLE: &str = "PKI_PASSPHRASE_FILE";
/// The variable that holds the passphrase. The owner's other processes, and root, can read it while `pki` runs.
pub(crate) const VARIABLE: &str = "PKI_PASSPHRASE";

/// The passphrase that was given without a question asked: a flag wins over the environment.
///
/// # Errors
/// [`Error::InputUnreadable`] or [`Error::PassphraseEmpty`].
pub(crate) fn given(args: &CaPassphrase) -> Result<Option<Passphrase>, Error> {
    if let Some(file) = &args.passphrase_file {
        return Passphrase::from_file(file).map(Some);
    }
    if let Some(number) = args.passphrase_fd {
        return Passphrase::from_descriptor(number).map(Some);
    }
    if let Some(file) = std::env::var_os(FILE_VARIABLE).filter(|file| !file.is_empty()) {
        return Passphrase::from_file(Path::new(&file)).map(Some);
    }
    from_environment()
}

fn from_environment() -> Result<Option<Passphrase>, Error> {
    match std::env::var(VARIABLE).map(Zeroizing::new) {
        Ok(text) => Passphrase::given(&text, format!("the variable {VARIABLE}")).map(Some),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(error) => Err(unreadable(VARIABLE, io::Error::new(io::ErrorKind::InvalidData, error.to_string()))),
    }
}

/// Asks for the passphrase of the key at `path`; none where nobody sits at a terminal.
///
/// # Errors
/// [`Error::InputUnreadable`] or [`Error::PassphraseEmpty`].
pub(crate) fn ask(path: &Path) -> Result<Option<Passphrase>, Error> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    prompt(&format!("Passphrase of {}: ", ca_store::facts::escape(&path.display().to_string()))).map(Some)
}

/// Asks for a new passphrase, twice.
///
/// # Errors
/// [`Error::PassphrasesDiffer`], [`Error::PassphraseEmpty`], or [`Error::InputUnreadable`] without a terminal.
pub(crate) fn ask_twice(what: &str) -> Result<Passphrase, Error> {
    if !io::stdin().is_terminal() {
        let none = io::Error::new(io::ErrorKind::NotConnected, "standard input is no terminal");
        return Err(unreadable("/dev/tty", none));
    }
    let passphrase = prompt(&format!("{what}: "))?;
    if !passphrase.is(&prompt("The same again: ")?) {
        return Err(Error::PassphrasesDiffer);
    }
    Ok(passphrase)
}

fn prompt(question: &str) -> Result<Passphrase, Error> {
    let text = rpassword::prompt_password(question).map(Zeroizing::new);
    Passphrase::given(&text.map_err(|source| unreadable("/dev/tty", source))?, "what was typed".to_owned())
}

fn unreadable(place: &str, source: io::Error) -> Error {
    Error::InputUnreadable { what: "the passphrase from", path: PathBuf::from(place), source }
}
