//! Commands for the store that was named with `--store`: pasted as they stand, they must not find another.

use std::path::Path;

use ca_store::explain::Report;
use ca_store::store::Trouble;
pub(crate) use ca_store::store::named::{command, lines};

/// The fixes of a report.
pub(crate) fn report(report: &mut Report, dir: &Path) {
    for finding in report.cause.iter_mut().chain(&mut report.findings) {
        finding.fix = lines(&finding.fix, dir);
    }
}

/// What to do about each trouble.
pub(crate) fn troubles(troubles: &mut [Trouble], dir: &Path) {
    for trouble in troubles {
        trouble.next = lines(&trouble.next, dir);
    }
}
