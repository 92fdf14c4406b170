//! Lists put in their place: DER for those who fetch, one PEM file for servers that read.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use super::{CrlMade, Wanted};
use crate::error::{AtPath as _, Error};
use crate::request::CrlRequest;
use crate::store::lists::ListPoints;
use crate::store::writer::Writer;
use crate::store::{Index, atomic, fault_point, layout};

/// Octets of a line of PEM (RFC 7468, 2: 64 characters).
const LINE: usize = 48;
/// Octets that are read at a time: whole lines.
const PIECE: usize = 1024 * LINE;

/// Writes a list beside those that are published.
pub(super) fn list(writer: &Writer, points: &ListPoints, wanted: Wanted, der: &[u8]) -> Result<PathBuf, Error> {
    let folder = writer.dir().join(layout::CRLS);
    atomic::ensure_folder(&folder)?;
    let path = folder.join(layout::list_file(&points.stem, wanted.partition, wanted.delta));
    atomic::replace(&path, der, layout::PUBLIC_MODE)?;
    Ok(path)
}

/// Writes the complete lists of all CAs into the one file that servers read. Lists of partitions and deltas are left out: a
/// complete one says all that they say, and many servers read no others.
pub(crate) fn bundle(writer: &Writer) -> Result<PathBuf, Error> {
    let files = complete(writer.dir(), writer.index())?;
    let path = writer.dir().join(layout::CRL);
    let write = |out: &mut BufWriter<File>| files.iter().try_for_each(|file| append_pem(file, out, &path));
    atomic::replace_with(&path, layout::PUBLIC_MODE, write)?;
    Ok(path)
}

/// The complete lists that there are.
fn complete(dir: &Path, index: &Index) -> Result<Vec<PathBuf>, Error> {
    let folder = dir.join(layout::CRLS);
    let authorities = index.list_authorities()?;
    let files = authorities.iter().map(|row| folder.join(layout::list_file(&row.points.stem, 0, false)));
    Ok(files.filter(|file| file.exists()).collect())
}

/// Whether the file that servers read holds what [`bundle`] would write; also where there is nothing to write.
pub(crate) fn bundle_is_current(dir: &Path, index: &Index) -> Result<bool, Error> {
    let (files, path) = (complete(dir, index)?, dir.join(layout::CRL));
    if files.is_empty() {
        return Ok(true);
    }
    let Ok(file) = File::open(&path) else { return Ok(false) };
    let mut comparison = Comparison { file: BufReader::new(file), same: true };
    files.iter().try_for_each(|file| append_pem(file, &mut comparison, &path))?;
    let ended = comparison.file.fill_buf().at("read", &path)?.is_empty();
    Ok(comparison.same && ended)
}

/// Compares what is written with a file.
struct Comparison {
    file: BufReader<File>,
    same: bool,
}

impl Write for Comparison {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut there = vec![0; octets.len()];
        self.same &= self.file.read_exact(&mut there).is_ok() && there == octets;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes copies to where they were asked for: what is wrong there is not the store's, whose lists are made.
pub(super) fn copies(bundle: &Path, lists: &[CrlMade], request: &CrlRequest) -> Result<Vec<PathBuf>, Error> {
    let mut copies = Vec::new();
    if let Some(out) = &request.out {
        copy(bundle, out).map_err(|error| outside(error, out))?;
        copies.push(out.clone());
    }
    for (folder, list) in request.publish.iter().flat_map(|folder| lists.iter().map(move |list| (folder, list))) {
        // Not the owner's alone, as the store's folders are: others are to read it.
        fault_point("make the folder", folder)?;
        fs::create_dir_all(folder).at("make the folder", folder).map_err(|error| outside(error, folder))?;
        let path = folder.join(list.file.file_name().unwrap_or_default());
        copy(&list.file, &path).map_err(|error| outside(error, &path))?;
        copies.push(path);
    }
    Ok(copies)
}

fn outside(error: Error, to: &Path) -> Error {
    match error {
        Error::Io { source, .. } => Error::OutputUnwritable { path: to.to_owned(), source },
        other => other,
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    atomic::replace_with(to, layout::PUBLIC_MODE, |out| {
        let mut file = File::open(from).at("read", from)?;
        fault_point("write", to)?;
        io::copy(&mut file, out).at("write", to).map(drop)
    })
}

/// The DER in `file` as a block of PEM.
fn append_pem(file: &Path, out: &mut impl Write, path: &Path) -> Result<(), Error> {
    let mut source = File::open(file).at("read", file)?;
    let mut piece = vec![0; PIECE];
    let mut text = Vec::with_capacity(PIECE / LINE * 65);
    out.write_all(b"-----BEGIN X509 CRL-----\n").at("write", path)?;
    loop {
        let length = fill(&mut source, &mut piece).at("read", file)?;
        text.clear();
        piece[..length].chunks(LINE).for_each(|line| push_line(&mut text, line));
        out.write_all(&text).at("write", path)?;
        if length < PIECE {
            break;
        }
    }
    out.write_all(b"-----END X509 CRL-----\n").at("write", path)
}

/// Reads as much as there is room for, or is left.
fn fill(source: &mut File, piece: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < piece.len() {
        match source.read(&mut piece[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}

/// A line of base64 (RFC 4648, 4). These octets are public, so that speed counts, and not that it takes the same time always.
fn push_line(text: &mut Vec<u8>, octets: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |value: u32| DIGITS[value as usize & 63];
    for three in octets.chunks(3) {
        let at = |position: usize| u32::from(three.get(position).copied().unwrap_or(0));
        let value = at(0) << 16 | at(1) << 8 | at(2);
        let mut four = [digit(value >> 18), digit(value >> 12), digit(value >> 6), digit(value)];
        four[three.len() + 1..].fill(b'=');
        text.extend_from_slice(&four);
    }
    text.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_is_what_others_write() {
        let dir = tempfile::tempdir().unwrap();
        for length in [1, 2, 3, 47, 48, 49, PIECE - 1, PIECE, PIECE + 1] {
            let bytes: Vec<u8> = (0..length).map(|n| (n * 7 % 251) as u8).collect();
            let file = dir.path().join("list");
            fs::write(&file, &bytes).unwrap();
            let mut ours = Vec::new();
            append_pem(&file, &mut ours, &file).unwrap();
            let theirs = pkcs8::der::pem::encode_string("X509 CRL", pkcs8::LineEnding::LF, &bytes).unwrap();
            assert_eq!(String::from_utf8(ours).unwrap(), theirs, "{length}");
        }
    }
}
