//! Errors of the system get their place.

use std::io;

use super::Error;

/// Gives an [`io::Error`] its place: what was being done, to which path.
pub(crate) trait AtPath<T> {
    fn at(self, action: &'static str, path: &std::path::Path) -> Result<T, Error>;
}

impl<T> AtPath<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &std::path::Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io { action, path: path.to_owned(), source })
    }
}
