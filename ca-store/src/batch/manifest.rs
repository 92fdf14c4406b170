//! The manifest: copied once, so that what is issued is what was checked, and then read row by row.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};

use super::line::{Line, Lines, MAX_LINE};
use super::row::{COLUMNS, Form, Row};
use crate::error::{AtPath as _, Error};
use crate::store::fault_point;

/// Octets of a manifest: [`MAX_ROWS`] rows of 200 octets, and an end for a device that has none.
pub const MAX_MANIFEST: u64 = 1 << 30;

/// Rows of a manifest. Of each row 40 octets are kept in memory, to tell names that come twice.
pub const MAX_ROWS: u64 = 5_000_000;

/// Octets that are read at once.
const PIECE: usize = 64 << 10;

/// A manifest that was read whole.
#[derive(Debug)]
pub(super) struct Manifest {
    copy: File,
    form: Form,
    /// SHA-256 of it: by this it is known again.
    pub(super) hash: [u8; 32],
    /// What it is called in messages.
    pub(super) name: String,
}

impl Manifest {
    /// Copies `input` into a file without a name in `folder`, and reads its first line.
    ///
    /// # Errors
    /// [`Error::ManifestRefused`], [`Error::InputUnreadable`] or [`Error::Io`].
    pub(super) fn read(input: &mut dyn Read, name: &str, folder: &Path) -> Result<Manifest, Error> {
        let mut copy = tempfile::tempfile_in(folder).at("make a file in", folder)?;
        let hash = copy_hashed(input, &mut copy, name, folder)?;
        let mut manifest = Manifest { copy, form: Form::Jsonl, hash, name: name.to_owned() };
        manifest.form = manifest.find_form()?;
        Ok(manifest)
    }

    fn find_form(&self) -> Result<Form, Error> {
        let refused = |reason: String| refused(&self.name, reason);
        let mut lines = self.lines()?;
        while let Some((_, line)) = lines.next().map_err(|error| self.unreadable(error))? {
            match line {
                Line::Text(text) if text.trim().is_empty() => {}
                Line::Text(text) => return Form::of(text).map_err(refused),
                Line::TooLong => return Err(refused(too_long())),
                Line::NotText(_) => return Err(refused("its first line is no text in UTF-8".to_owned())),
            }
        }
        Err(refused("it is empty".to_owned()))
    }

    fn lines(&self) -> Result<Lines<BufReader<File>>, Error> {
        let mut copy = self.copy.try_clone().map_err(|error| self.unreadable(error))?;
        copy.seek(SeekFrom::Start(0)).map_err(|error| self.unreadable(error))?;
        Ok(Lines::new(BufReader::with_capacity(PIECE, copy)))
    }

    /// The rows from the first one on. One reader at a time: they share their place in the file.
    ///
    /// # Errors
    /// [`Error::InputUnreadable`].
    pub(super) fn rows(&self) -> Result<Rows<'_>, Error> {
        Ok(Rows { manifest: self, lines: self.lines()?, heading: self.form.has_heading() })
    }

    fn unreadable(&self, source: io::Error) -> Error {
        Error::InputUnreadable { what: "the manifest", path: self.name.clone().into(), source }
    }
}

/// Reads rows.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    manifest: &'a Manifest,
    lines: Lines<BufReader<File>>,
    /// Whether the heading is still to come.
    heading: bool,
}

/// A row, or the line of one that does not read and what is wrong with it.
pub(super) type Reading = Result<Row, (u64, String)>;

impl Rows<'_> {
    /// The next row; empty lines are passed over.
    ///
    /// # Errors
    /// [`Error::InputUnreadable`].
    pub(super) fn next(&mut self) -> Result<Option<Reading>, Error> {
        let form = &self.manifest.form;
        while let Some((number, line)) = self.lines.next().map_err(|error| self.manifest.unreadable(error))? {
            let text = match line {
                Line::Text(text) if text.trim().is_empty() => continue,
                Line::Text(_) if std::mem::take(&mut self.heading) => continue,
                Line::Text(text) => text,
                Line::TooLong => return Ok(Some(Err((number, too_long())))),
                Line::NotText(place) => {
                    return Ok(Some(Err((number, format!("it is no text in UTF-8, from octet {place} on")))));
                }
            };
            return Ok(Some(form.row(text, number).map_err(|reason| (number, reason))));
        }
        Ok(None)
    }
}

fn too_long() -> String {
    format!("it is longer than {MAX_LINE} octets")
}

fn refused(name: &str, reason: String) -> Error {
    Error::ManifestRefused { name: name.to_owned(), reason, columns: COLUMNS.join(",") }
}

fn copy_hashed(input: &mut dyn Read, copy: &mut File, name: &str, folder: &Path) -> Result<[u8; 32], Error> {
    let mut piece = vec![0; PIECE];
    let (mut hash, mut length) = (Context::new(&SHA256), 0);
    loop {
        let read = match input.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => {
                read.map_err(|source| Error::InputUnreadable { what: "the manifest", path: name.into(), source })?
            }
        };
        if read == 0 {
            break;
        }
        if length == 0 && matches!(piece.get(..2), Some(b"\xff\xfe" | b"\xfe\xff")) {
            return Err(refused(name, "it is UTF-16, and UTF-8 is expected".to_owned()));
        }
        length += read as u64;
        if length > MAX_MANIFEST {
            return Err(refused(name, format!("it is longer than {MAX_MANIFEST} octets: split it")));
        }
        hash.update(&piece[..read]);
        fault_point("write a copy of the manifest into", folder)?;
        copy.write_all(&piece[..read]).at("write a copy of the manifest into", folder)?;
    }
    let mut octets = [0; 32];
    octets.copy_from_slice(hash.finish().as_ref());
    Ok(octets)
}
