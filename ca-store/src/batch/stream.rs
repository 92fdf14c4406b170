//! Certificates in one file or stream: as lines of JSON, or as folders in a tar archive. What is read back after an
//! interruption is read here too.

use std::io::{self, BufRead, BufReader, Read};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::StreamForm;
use crate::facts;
use crate::san::FolderName;
use crate::serial::Serial;
use crate::store::{CERT_FILE, Contents, FOLDER_MODE, KEY_FILE};

/// A certificate that was signed, with everything that goes with it.
pub(super) struct Item {
    pub(super) name: FolderName,
    pub(super) serial: Serial,
    pub(super) contents: Contents,
}

/// A line of a JSON Lines batch.
#[derive(Serialize)]
struct WrittenLine<'a> {
    name: &'a str,
    serial: String,
    certificate: &'a str,
    chain: &'a str,
    key: Option<&'a str>,
}

/// What is read back of it.
#[derive(Deserialize)]
struct ReadLine {
    serial: String,
    certificate: String,
}

/// Octets of a block of tar.
const BLOCK: u64 = 512;
/// The end of an archive: two blocks of zeros (POSIX, ustar).
const END_OF_TAR: [u8; 1024] = [0; 1024];
/// Octets of a line that is read back: the longest certificate with its chain and key takes a tenth of it.
const MAX_LINE_BACK: u64 = 1 << 20;
/// What an item takes in the buffer, so that it rarely grows.
const ITEM: usize = 12 << 10;

/// Encodes items. They hold private keys, so the octets are wiped when dropped.
///
/// # Errors
/// Where an item cannot be encoded.
pub(super) fn encode(form: StreamForm, items: &[Item], now: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(items.len() * ITEM));
    match form {
        StreamForm::Jsonl => items.iter().try_for_each(|item| line(&mut octets, item))?,
        StreamForm::Tar => {
            let mut archive = tar::Builder::new(&mut *octets);
            items.iter().try_for_each(|item| folder(&mut archive, item, now))?;
            archive.into_inner()?;
            let end = octets.len() - END_OF_TAR.len();
            octets.truncate(end);
        }
    }
    Ok(octets)
}

/// What stands behind the last item.
pub(super) fn end(form: StreamForm) -> &'static [u8] {
    match form {
        StreamForm::Jsonl => &[],
        StreamForm::Tar => &END_OF_TAR,
    }
}

fn line(octets: &mut Vec<u8>, item: &Item) -> io::Result<()> {
    let contents = &item.contents;
    let line = WrittenLine {
        name: item.name.as_str(),
        serial: item.serial.to_string(),
        certificate: contents.cert(),
        chain: contents.chain(),
        key: contents.key(),
    };
    serde_json::to_writer(&mut *octets, &line)?;
    octets.push(b'\n');
    Ok(())
}

/// The folder, then its files; the private key last, so that an entry with a key is a whole one.
fn folder(archive: &mut tar::Builder<&mut Vec<u8>>, item: &Item, now: u64) -> io::Result<()> {
    let name = item.name.as_str();
    let mut header = header(FOLDER_MODE, now);
    header.set_entry_type(tar::EntryType::Directory);
    header.set_size(0);
    archive.append_data(&mut header, format!("{name}/"), io::empty())?;
    let mut files = item.contents.files();
    files.sort_by_key(|(file, _)| file.name == KEY_FILE.name);
    for (file, text) in files {
        let mut header = self::header(file.mode, now);
        header.set_size(text.len() as u64);
        archive.append_data(&mut header, format!("{name}/{}", file.name), text.as_bytes())?;
    }
    Ok(())
}

fn header(mode: u32, now: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(mode);
    header.set_mtime(now);
    header
}

/// A certificate that was read back.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) serial: Serial,
    pub(super) der: Vec<u8>,
    /// Where it ends, counted from where the reading began.
    pub(super) end: u64,
}

/// Reads whole items until one is torn, is none, or is refused by `wanted`.
pub(super) fn read_back(form: StreamForm, input: impl Read, wanted: impl Fn(Serial) -> bool) -> Vec<Found> {
    let mut found = Vec::new();
    let keep = |item: Found| {
        let fits = wanted(item.serial);
        if fits {
            found.push(item);
        }
        fits
    };
    match form {
        StreamForm::Jsonl => lines_back(BufReader::new(input), keep),
        // A torn archive ends the reading like the end of the file: what was whole is kept.
        StreamForm::Tar => drop(folders_back(input, keep)),
    }
    found
}

fn lines_back(mut input: impl BufRead, mut keep: impl FnMut(Found) -> bool) {
    let (mut line, mut end) = (Zeroizing::new(Vec::new()), 0);
    loop {
        line.clear();
        let read = input.by_ref().take(MAX_LINE_BACK).read_until(b'\n', &mut line);
        if read.is_err() || line.last() != Some(&b'\n') {
            return;
        }
        end += line.len() as u64;
        let Ok(read) = serde_json::from_slice::<ReadLine>(&line) else { return };
        let serial = Serial::from_hex(&read.serial);
        let Some((serial, der)) = serial.zip(der_of(read.certificate.as_bytes())) else { return };
        if !keep(Found { serial, der, end }) {
            return;
        }
    }
}

fn folders_back(input: impl Read, mut keep: impl FnMut(Found) -> bool) -> io::Result<()> {
    let mut archive = tar::Archive::new(input);
    let mut certificate = None;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let end = (entry.raw_file_position() + entry.size()).next_multiple_of(BLOCK);
        let name = entry.path()?.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut text = Zeroizing::new(Vec::new());
        entry.read_to_end(&mut text)?;
        match name {
            Some(name) if name == CERT_FILE.name => certificate = der_of(&text),
            Some(name) if name == KEY_FILE.name => {
                let Some(der) = certificate.take() else { return Ok(()) };
                let Some(serial) = serial_of(&der) else { return Ok(()) };
                if !keep(Found { serial, der, end }) {
                    return Ok(());
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The certificate in PEM, if there is one and nothing else.
pub(super) fn der_of(pem: &[u8]) -> Option<Vec<u8>> {
    let input = facts::Input::read(pem);
    match input.blocks.as_slice() {
        [block] if block.kind == facts::BlockKind::Certificate => Some(block.der.to_vec()),
        _ => None,
    }
}

pub(super) fn serial_of(der: &[u8]) -> Option<Serial> {
    Serial::from_octets(&facts::Certificate::from_der(der).ok()?.serial)
}
