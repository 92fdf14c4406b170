//! A PKCS#7 file of certificates alone: SignedData without a signer (RFC 2315, 9; RFC 5652, 5), as Windows, Java and mail
//! programs take a chain.

use super::Export;
use super::der::{Octets, explicit, implicit_set, integer, oid, sequence, set};

const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";

/// The certificate, the CAs between, and the roots. A set has no order, but many programs take the first for the
/// certificate's own, so it is not sorted: BER allows that, and OpenSSL writes it so too.
pub(super) fn write(export: &Export) -> Octets {
    let above = export.between.iter().chain(&export.roots).map(Vec::as_slice);
    let certificates: Vec<&[u8]> = std::iter::once(export.certificate.as_slice()).chain(above).collect();
    let (nothing, content) = (set(&[]), sequence(&[&oid(DATA)]));
    let signed = sequence(&[&integer(1), &nothing, &content, &implicit_set(&certificates), &nothing]);
    sequence(&[&oid(SIGNED_DATA), &explicit(&signed)])
}
