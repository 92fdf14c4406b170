//! Passphrases: read from where no other user can look, and wiped from memory.

use std::fmt;
use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::Error;

/// A passphrase; wiped when dropped.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

impl Passphrase {
    /// Octets that are read of a passphrase file: more than anyone types, and little enough for a device that never ends.
    pub const MAX_FILE: usize = 4096;

    /// Reads the first line of a file.
    ///
    /// # Errors
    /// [`Error::InputUnreadable`] or [`Error::PassphraseEmpty`].
    pub fn from_file(path: &Path) -> Result<Passphrase, Error> {
        let unreadable = |source| Error::InputUnreadable { what: "the passphrase file", path: path.to_owned(), source };
        // Room for all of it at once: a text that grows would leave copies of itself behind.
        let mut text = Zeroizing::new(String::with_capacity(Self::MAX_FILE));
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(Self::MAX_FILE as u64).read_to_string(&mut text).map_err(unreadable)?;
        Passphrase::given(text.lines().next().unwrap_or_default(), format!("the passphrase file {}", path.display()))
    }

    /// Reads the first line of what an open file descriptor gives.
    ///
    /// # Errors
    /// As [`Passphrase::from_file`].
    pub fn from_descriptor(number: u32) -> Result<Passphrase, Error> {
        Passphrase::from_file(&Path::new("/dev/fd").join(number.to_string()))
    }

    /// What was given in a place, which is named if nothing was.
    ///
    /// # Errors
    /// [`Error::PassphraseEmpty`].
    pub fn given(text: &str, place: String) -> Result<Passphrase, Error> {
        if text.is_empty() {
            return Err(Error::PassphraseEmpty { place });
        }
        Ok(Passphrase(Zeroizing::new(text.to_owned())))
    }

    /// A passphrase that is known already.
    pub fn new(text: String) -> Passphrase {
        Passphrase(Zeroizing::new(text))
    }

    /// Whether both are the same.
    pub fn is(&self, other: &Passphrase) -> bool {
        self.0 == other.0
    }

    /// The text itself, for what it opens.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}
