//! Names of new CAs. No two CAs of a store are called alike: a root of the old one's name with another key is what clients
//! meet as a signature that does not fit, and a name stands for one key and one revocation list.

use super::RolloverRequest;
use crate::error::Error;
use crate::name::{CaName, fold};
use crate::store::{Authorities, host_name};

/// The name that was asked for, or the old one's with the next number.
pub(super) fn of_new(
    asked: Option<&str>,
    old: &str,
    request: &RolloverRequest,
    all: &Authorities,
) -> Result<CaName, Error> {
    let name = asked.map_or_else(|| next(old, all), str::to_owned);
    if is_taken(&name, all) {
        return Err(Error::CaNameTaken { suggestion: next(&name, all), name });
    }
    CaName::parse(&name, host_name().as_deref(), request.allow_host_like_name)
}

/// Refuses a root and a CA below it that are called alike.
pub(super) fn refuse_same(root: &CaName, issuing: &CaName) -> Result<(), Error> {
    match root.common_name().is_alike(issuing.common_name()) {
        true => Err(Error::CaNamesEqual { root: root.to_string(), intermediate: issuing.to_string() }),
        false => Ok(()),
    }
}

fn is_taken(name: &str, all: &Authorities) -> bool {
    all.0.iter().any(|row| fold(&row.name) == fold(name))
}

/// `Example Root CA 2` after `Example Root CA`, and 3 after that.
fn next(name: &str, all: &Authorities) -> String {
    let numbered = name.rsplit_once(' ').and_then(|(stem, number)| Some((stem, number.parse::<u32>().ok()?)));
    let (stem, first) = numbered.map_or((name, 2), |(stem, number)| (stem, number.saturating_add(1)));
    let names = (first..=u32::MAX).map(|number| format!("{stem} {number}"));
    // There are more numbers than CAs.
    names.into_iter().find(|name| !is_taken(name, all)).unwrap_or_default()
}
