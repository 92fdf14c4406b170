//! Where a certificate belongs, by what it says itself: the CA that issued it, the partition of that CA's lists that names it
//! once it is revoked, and its purpose.

use super::authorities::{Own, Owns};
use super::expected::Expected;
use crate::facts::{Certificate, ExtensionValue, PointName};
use crate::profile::Purpose;
use crate::serial::Serial;
use crate::store::layout;
use crate::store::lists::ListPoints;

/// id-kp-serverAuth (RFC 5280, 4.2.1.12).
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";

/// The columns of a certificate that decide which list names it, and for what it is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) authority: i64,
    pub(crate) partition: i64,
    pub(crate) purpose: Purpose,
}

/// As it has to be; `authority` and `partition` are what the index says, and count where the certificate does not tell.
pub(super) fn due(
    certificate: &Certificate,
    (authority, partition): (i64, i64),
    owns: &Owns,
    expected: &Expected,
) -> Placed {
    let issuer = owns.issuer_of(certificate, authority);
    let said = issuer.and_then(|issuer| partition_said(certificate, issuer));
    Placed {
        authority: issuer.map_or(authority, |issuer| issuer.id),
        partition: said.unwrap_or_else(|| partition_drawn(certificate, partition, expected)),
        purpose: purpose(certificate),
    }
}

fn purpose(certificate: &Certificate) -> Purpose {
    let serves = certificate.extended_key_usage().is_some_and(|all| all.iter().any(|oid| oid == SERVER_AUTH));
    match certificate.is_ca() {
        true => Purpose::Intermediate,
        false if serves => Purpose::Server,
        false => Purpose::Client,
    }
}

/// The partition whose file a distribution point names. The list of all certificates names those of each partition too, so
/// that file tells nothing.
fn partition_said(certificate: &Certificate, issuer: &Own) -> Option<i64> {
    certificate.extensions.iter().find_map(|extension| match &extension.value {
        ExtensionValue::CrlDistributionPoints(points) => points.iter().find_map(|point| in_file(point, &issuer.stem())),
        _ => None,
    })
}

fn in_file(point: &PointName, stem: &str) -> Option<i64> {
    let PointName::Uri(uri) = point else { return None };
    let file = uri.rsplit('/').next()?;
    let number = file.strip_prefix(stem)?.strip_prefix("-p")?.strip_suffix(".crl")?.parse::<u32>().ok()?;
    (number > 0 && layout::list_file(stem, number, false) == file).then_some(i64::from(number))
}

/// The partition that its serial number fell into when there were partitions; else none, whose list names it in any case.
fn partition_drawn(certificate: &Certificate, found: i64, expected: &Expected) -> i64 {
    let Some(serial) = Serial::from_octets(&certificate.serial) else { return 0 };
    let drawn = |count: i64| ListPoints::partition_among(u32::try_from(count).unwrap_or(0), serial);
    let is_drawn = expected.points.iter().any(|(count, _)| i64::from(drawn(*count)) == found);
    if is_drawn { found } else { 0 }
}
