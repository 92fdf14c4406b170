//! The password of a file that is handed out: read from where no other user of the machine can look, never from an
//! argument, which every user can see.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use ca_store::Error;
use ca_store::key::Passphrase;

use crate::passphrase::ask_twice;

/// Where the password comes from.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct Password {
    /// A file whose first line is the password that the file gets
    #[arg(long, value_name = "F", alias = "passphrase-file")]
    pub(crate) password_file: Option<PathBuf>,
    /// An open file descriptor whose first line is the password
    #[arg(long, value_name = "N", alias = "passphrase-fd")]
    pub(crate) password_fd: Option<u32>,
    /// An environment variable that holds the password
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) password_env: Option<String>,
}

impl Password {
    /// The password, where a source of it was given.
    ///
    /// # Errors
    /// Where the source cannot be read or holds nothing.
    pub(crate) fn read(&self) -> Result<Option<Passphrase>, Error> {
        if let Some(file) = &self.password_file {
            return from_file(file).map(Some);
        }
        if let Some(number) = self.password_fd {
            return from_file(&Path::new("/dev/fd").join(number.to_string())).map(Some);
        }
        let Some(variable) = &self.password_env else { return Ok(None) };
        match std::env::var(variable) {
            Ok(text) if !text.is_empty() => Ok(Some(Passphrase::new(text))),
            Ok(_) => Err(Error::ExportPasswordEmpty),
            Err(_) => Err(Error::InputUnreadable {
                what: "the password",
                path: PathBuf::from(format!("${variable}")),
                source: io::Error::new(
                    io::ErrorKind::NotFound,
                    "expected an environment variable of that name, with the password in UTF-8, and it is not set so",
                ),
            }),
        }
    }

    /// As [`Password::read`]; asked for where nothing was given and somebody sits at a terminal.
    ///
    /// # Errors
    /// As [`Password::read`], or where what is typed twice differs.
    pub(crate) fn read_or_ask(&self) -> Result<Option<Passphrase>, Error> {
        match self.read()? {
            None if io::stdin().is_terminal() => ask_twice("Password that the file gets").map(Some),
            given => Ok(given),
        }
    }
}

/// Where it is empty, what is said of passphrases of the CA's keys would mislead.
fn from_file(file: &Path) -> Result<Passphrase, Error> {
    Passphrase::from_file(file).map_err(|error| match error {
        Error::PassphraseEmpty { .. } => Error::InputUnreadable {
            what: "the password file",
            path: file.to_owned(),
            source: io::Error::new(
                io::ErrorKind::InvalidData,
                "expected the password on the first line, found it empty",
            ),
        },
        error => error,
    })
}
