//! What is asked of the system besides the store's own files.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::error::{AtPath as _, Error};
use crate::settings::{MAX_SETTINGS, Settings};

/// Octets that are read of a file which holds one request: a hundred names and the largest keys take a tenth of it.
pub const MAX_REQUEST_FILE: u64 = 1 << 20;

/// This machine's name, where the system tells it.
pub fn host_name() -> Option<String> {
    let files = ["/proc/sys/kernel/hostname", "/etc/hostname"].iter().filter_map(|path| fs::read_to_string(path).ok());
    let names = files.chain(std::env::var("HOSTNAME"));
    names.map(|name| name.trim().to_owned()).find(|name| !name.is_empty())
}

/// The name of the user that this process acts for, by the user's number where the system tells it: the environment may say
/// anything.
pub(crate) fn user_name() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    match fs::metadata("/proc/self") {
        Ok(process) => Some(name_of(process.uid())),
        Err(_) => ["LOGNAME", "USER"].iter().find_map(|name| std::env::var(name).ok()),
    }
}

/// The name beside the number in the list of users, else the number.
fn name_of(user: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(user)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {user}"))
}

/// The folder of the store unless told otherwise: `$PKI_STORE`, or `pki` in the platform's data folder (XDG Base Directory).
///
/// # Errors
/// [`Error::NoStoreFolder`] where not even `HOME` is set.
pub(crate) fn default_dir() -> Result<PathBuf, Error> {
    let folder = |variable| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(store) = folder("PKI_STORE") {
        return Ok(store);
    }
    let data = folder("XDG_DATA_HOME").filter(|data| data.is_absolute());
    let data = data.or_else(|| folder("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("pki")).ok_or(Error::NoStoreFolder)
}

/// Reads a file that the user gave.
///
/// # Errors
/// [`Error::InputUnreadable`], or [`Error::InputMalformed`] over [`MAX_REQUEST_FILE`].
pub(crate) fn read_request(path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |source| Error::InputUnreadable { what: "the request", path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    let read = file.take(MAX_REQUEST_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if read as u64 > MAX_REQUEST_FILE {
        return Err(Error::InputMalformed {
            path: path.to_owned(),
            expected: "certificate request",
            found: format!("it is longer than {MAX_REQUEST_FILE} octets"),
        });
    }
    Ok(bytes)
}

/// Reads what the store's owner has laid down in `path`; without a file it is nothing.
///
/// # Errors
/// [`Error::SettingsMalformed`], or [`Error::Io`] where there is a file that cannot be read.
pub(crate) fn read_settings(path: &Path) -> Result<Settings, Error> {
    let mut bytes = Vec::new();
    match fs::File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Settings::default()),
        opened => opened.at("read", path)?.take(MAX_SETTINGS + 1).read_to_end(&mut bytes).at("read", path)?,
    };
    let malformed = |problem: &str| {
        let (key, problem) = (String::new(), problem.to_owned());
        Error::SettingsMalformed { path: path.to_owned(), line: 1, key, problem }
    };
    if bytes.len() as u64 > MAX_SETTINGS {
        return Err(malformed("it is longer than a file of settings can be"));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed("it is no UTF-8, which TOML is written in"))?;
    Settings::parse(text, path)
}
