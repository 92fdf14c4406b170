//! Keys and signatures: strength, support, and whether certificate and private key belong together.

use crate::explain::{Case, End, KeyFile, Presented, Purpose};
use crate::facts::{Certificate, KeyKind, PublicKey, SignatureCheck};
use crate::finding::fix::{ask_again, quote_file, reissue};
use crate::finding::{Code, Finding, Severity};

/// The shortest RSA key that OpenSSL's security level 2 and rustls accept (NIST SP 800-131A section 3); a modulus whose first bits are
/// zero is as long as its octets to both.
const MIN_RSA_BITS: usize = 2048;

/// P-192 and the other curves of 160 and 192 bits that OpenSSL and GnuTLS make keys on.
const SHORT_CURVES: [&str; 7] = [
    "1.2.840.10045.3.1.1",
    "1.3.132.0.8",
    "1.3.132.0.9",
    "1.3.132.0.30",
    "1.3.132.0.31",
    "1.3.36.3.3.2.8.1.1.1",
    "1.3.36.3.3.2.8.1.1.3",
];

/// NIST P-192, the one of these that GnuTLS knows.
const P192: &str = SHORT_CURVES[0];

/// NIST P-224, which Go and GnuTLS know in certificates.
const P224: &str = "1.3.132.0.33";

/// The keys that clients treat alike: the libraries' own floor for RSA is 1024 bits (Go since 1.24, NSS, BoringSSL).
fn class(kind: &KeyKind) -> &'static str {
    match kind {
        KeyKind::Rsa(bits) if *bits >= 1024 => "RSA of 1024 bits or more",
        KeyKind::Rsa(_) => "RSA below 1024 bits",
        KeyKind::Dsa(_) => "DSA",
        KeyKind::OtherCurve(curve) if curve == P192 => "P-192",
        _ => "curve",
    }
}

/// Clients look at a leaf's key in the handshake, and at a CA's in signatures.
fn place(index: usize) -> &'static str {
    if index == 0 { "leaf" } else { "CA" }
}

/// A key too short, or of a broken kind (NIST SP 800-57 part 1, table 2: under 112 bits of strength; RFC 5480 section 2.1.1 on curves).
pub(super) fn weak_key(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter_map(|(index, p)| {
            let kind = &p.certificate.public_key.kind;
            let (code, expected) = match kind {
                KeyKind::Rsa(bits) if bits.next_multiple_of(8) < MIN_RSA_BITS => (Code::WeakKey, "at least RSA 2048"),
                KeyKind::Dsa(_) => (Code::WeakKey, "RSA, ECDSA or Ed25519: DSA is gone from TLS"),
                // The curve below P-224 that has a name of its own in use (NIST SP 800-57 part 1, table 2: under 112 bits).
                KeyKind::OtherCurve(oid) if SHORT_CURVES.contains(&oid.as_str()) => (Code::WeakKey, "at least P-256"),
                KeyKind::ExplicitCurve => (Code::EcExplicitParameters, "a named curve"),
                _ => return None,
            };
            let message = format!("`{}` has a key of {kind}: expected {expected}", p.certificate.subject);
            let finding = Finding::new(code, message).about(index).shown_by("key", kind.to_string());
            Some(
                finding
                    .shown_by("expected", expected)
                    .shown_by("place", place(index))
                    .shown_by("class", class(kind))
                    .reissued(case),
            )
        })
        .collect()
}

/// A signature that can be forged (RFC 9155, NIST SP 800-131A section 9). The anchor's own is not looked at: it is trusted by hand.
pub(super) fn weak_signature(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter(|(_, p)| {
            !is_trusted_by_hand(case, p) && matches!(p.certificate.signature_algorithm.digest, "MD2" | "MD5" | "SHA-1")
        })
        .map(|(index, p)| {
            let algorithm = &p.certificate.signature_algorithm;
            let message = format!(
                "`{}` is signed by {algorithm}, which can be forged: expected SHA-256 or longer",
                p.certificate.subject
            );
            Finding::new(Code::WeakSignature, message)
                .about(index)
                .shown_by("signature", algorithm.to_string())
                .shown_by("digest", algorithm.digest)
                .shown_by("place", place(index))
                .shown_by("expected", "SHA-256 or longer")
                .reissued(case)
        })
        .collect()
}

/// A root, or what is self-signed and itself the trust anchor.
fn is_trusted_by_hand(case: &Case<'_>, presented: &Presented) -> bool {
    let certificate = &presented.certificate;
    let anchor = || case.path.end == End::Anchored && case.path.top().certificate.der() == certificate.der();
    certificate.is_self_issued() && (certificate.is_ca() || anchor())
}

/// RSASSA-PSS that TLS has no signature scheme for.
const PSS_OF_ITS_OWN: &str = "RSA-PSS parameters";

/// As long as RSA 2048 by its octets, and not by its bits.
fn is_just_short(bits: usize) -> bool {
    bits < MIN_RSA_BITS && bits.next_multiple_of(8) == MIN_RSA_BITS
}

/// The algorithms that others check: Ed448, and ECDSA with a digest of their own on curves that are not at hand.
fn kind_of(child: &Certificate, issuer: &KeyKind) -> &'static str {
    match issuer {
        _ if child.signature_algorithm.digest == "SHA-224" => "SHA-224",
        KeyKind::Rsa(bits) if *bits < MIN_RSA_BITS => "short RSA",
        KeyKind::OtherCurve(curve) if SHORT_CURVES.contains(&curve.as_str()) => "short curve",
        _ if child.signature_algorithm.digest.starts_with("SHA3-") => "SHA-3",
        _ if child.signature_algorithm.pss.is_some_and(|pss| !pss.is_of_tls()) => PSS_OF_ITS_OWN,
        KeyKind::Ed448 => "Ed448",
        KeyKind::OtherCurve(curve) if curve == P224 => "P-224",
        KeyKind::OtherCurve(_) if child.signature_algorithm.digest == "SHA-256" => "other curve",
        _ => "other",
    }
}

/// A link whose signature was not verified, since its algorithm is not one that can be (RFC 5280 section 6.1.3 (a)(1)).
/// Algorithms that are known to be broken are told as such.
pub(super) fn unverifiable(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .links()
        .filter(|(_, child, issuer)| {
            let algorithm = &child.certificate.signature_algorithm;
            let broken = matches!(algorithm.digest, "MD2" | "MD5" | "SHA-1");
            let key = &issuer.certificate.public_key;
            !broken && child.certificate.verified_by(key) == SignatureCheck::Unsupported && key.fault().is_none()
        })
        .map(|(index, child, issuer)| {
            let algorithm = child.certificate.signature_algorithm.to_string();
            let key = issuer.certificate.public_key.kind.to_string();
            let message = format!(
                "the signature of `{}` is by {algorithm} with a key of {key}, which is not checked here: nothing shows that \
                 `{}` made it",
                child.certificate.subject, issuer.certificate.subject
            );
            Finding::new(Code::SignatureUnsupported, message)
                .about(index)
                .shown_by("signature", algorithm)
                .shown_by("issuer_key", key)
                .shown_by("kind", kind_of(&child.certificate, &issuer.certificate.public_key.kind))
                .reissued(case)
        })
        .collect()
}

/// RFC 5280 section 4.1.1.2: the algorithm stands in the certificate twice, and both must be the same.
pub(super) fn two_algorithms(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter(|(_, p)| !p.certificate.names_one_algorithm)
        .map(|(index, p)| {
            let part = if p.certificate.differs_in_parameters_alone { "parameters" } else { "algorithm" };
            let message = format!(
                "`{}` names one signature {part} in its signed part and another outside of it: OpenSSL and others refuse it",
                p.certificate.subject
            );
            // Of an anchor name and key count; those who read no such certificate have none.
            let severity = if is_trusted_by_hand(case, p) { Severity::Warning } else { Severity::Error };
            Finding::new(Code::SignatureInvalid, message)
                .about(index)
                .graded(severity)
                .shown_by("differs", part)
                .shown_by("outside", p.certificate.signature_algorithm.to_string())
                .shown_by("signed", "another")
                .reissued(case)
        })
        .collect()
}

/// How ECDSA with parameters is told.
const ECDSA_WITH_PARAMETERS: &str = "ECDSA with parameters";

/// RFC 5758 section 3.2: the parameters of ECDSA are absent. Most clients pass over a NULL; webpki and Chromium know no such algorithm.
pub(super) fn parameters_of_ecdsa(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .links()
        .filter(|(_, child, _)| {
            child.certificate.signature_algorithm.family == "EC" && child.certificate.signature_has_parameters
        })
        .map(|(index, child, _)| {
            let message = format!(
                "the signature algorithm of `{}` is ECDSA with parameters, which it has not: rustls and Chromium refuse it",
                child.certificate.subject
            );
            Finding::new(Code::KeyTypeSupport, message)
                .about(index)
                .graded(Severity::Warning)
                .shown_by("signature", child.certificate.signature_algorithm.to_string())
                .shown_by("kind", ECDSA_WITH_PARAMETERS)
                .shown_by("place", place(index))
                .reissued(case)
        })
        .collect()
}

/// Kinds that are sound, and that some current client lacks (RFC 8446 section 4.2.3 leaves the choice of schemes to each).
pub(super) fn support(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .certificates()
        .filter_map(|(index, p)| {
            let kind = &p.certificate.public_key.kind;
            let lacking = match kind {
                _ if p.certificate.public_key.is_compressed() => {
                    "a point without its second coordinate, which RFC 5480 section 2.2 leaves to each: GnuTLS, Java, ring, Go and NSS read none"
                }
                KeyKind::Rsa(bits) if is_just_short(*bits) => {
                    "its modulus begins with a zero bit, and rustls with aws-lc takes 2048 whole bits"
                }
                KeyKind::Ed25519 => "browsers (NSS and Chromium) lack it",
                KeyKind::Ed448 => "only OpenSSL and GnuTLS know it",
                KeyKind::EcdsaP521 => "rustls with ring lacks it, and Chromium does in a server's certificate",
                KeyKind::OtherCurve(oid) if SHORT_CURVES.contains(&oid.as_str()) => return None,
                KeyKind::OtherCurve(_) if index == 0 => {
                    "TLS clients offer P-256, P-384 and P-521 (RFC 8422 section 5.1.1)"
                }
                KeyKind::OtherCurve(_) => "most clients know P-256, P-384 and P-521 alone",
                KeyKind::Rsa(_) if p.certificate.public_key.is_pss_only() => match index {
                    0 => "for RSASSA-PSS alone, which only OpenSSL, GnuTLS and Java know",
                    _ => "for RSASSA-PSS alone, which rustls, Go and Chromium do not know",
                },
                KeyKind::Other(_) => "most clients do not know it",
                _ => return None,
            };
            let unusable = index == 0 && matches!(kind, KeyKind::OtherCurve(_));
            // Nothing shows what such a key signed: that is told beside, and is mended with the key.
            let severity = if unusable || signed_unseen(case, index) { Severity::Error } else { Severity::Warning };
            let family = family_of(&p.certificate.public_key, index);
            let message = format!("`{}` has a key of {kind}: {lacking}", p.certificate.subject);
            Some(
                Finding::new(Code::KeyTypeSupport, message)
                    .about(index)
                    .graded(severity)
                    .shown_by("key", kind.to_string())
                    .shown_by("kind", family)
                    .shown_by("place", place(index))
                    .reissued(case),
            )
        })
        .collect()
}

/// The kinds of keys that clients treat alike where some lack one.
fn family_of(key: &PublicKey, index: usize) -> String {
    match &key.kind {
        _ if key.is_compressed() => "compressed point".to_owned(),
        KeyKind::Rsa(bits) if is_just_short(*bits) => "RSA of 2041 to 2047 bits".to_owned(),
        KeyKind::Rsa(_) => "RSA-PSS".to_owned(),
        KeyKind::OtherCurve(curve) if curve == P224 && index > 0 => "P-224".to_owned(),
        KeyKind::OtherCurve(_) => "other curve".to_owned(),
        other => other.to_string(),
    }
}

/// Whether a link's signature below that certificate is by an algorithm that is not checked here.
fn signed_unseen(case: &Case<'_>, index: usize) -> bool {
    case.path.links().any(|(at, child, issuer)| {
        at + 1 == index && child.certificate.verified_by(&issuer.certificate.public_key) == SignatureCheck::Unsupported
    })
}

/// ECDSA on the shorter curves with the longest digest.
const ECDSA_SHA_512: &str = "ECDSA with SHA-512";

/// Digests that are sound, and that TLS has no signature scheme for (RFC 8446 section 4.2.3): a common key does not help.
pub(super) fn digest_support(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .links()
        .filter_map(|(index, child, issuer)| {
            let algorithm = &child.certificate.signature_algorithm;
            let family = match algorithm.digest {
                "SHA-224" => "SHA-224",
                // ring has the digests up to the curve's own length and P-384's for P-256 (RFC 5758 section 3.2 allows each).
                "SHA-512" if matches!(issuer.certificate.public_key.kind, KeyKind::EcdsaP256 | KeyKind::EcdsaP384) => {
                    ECDSA_SHA_512
                }
                digest if digest.starts_with("SHA3-") => "SHA-3",
                _ => return None,
            };
            let unseen = child.certificate.verified_by(&issuer.certificate.public_key) == SignatureCheck::Unsupported;
            let message = format!(
                "`{}` is signed by {algorithm}, which some clients do not know: expected SHA-256{}",
                child.certificate.subject,
                if family == ECDSA_SHA_512 { " or SHA-384" } else { ", SHA-384 or SHA-512" }
            );
            Some(
                Finding::new(Code::KeyTypeSupport, message)
                    .about(index)
                    .graded(if unseen { Severity::Error } else { Severity::Warning })
                    .shown_by("signature", algorithm.to_string())
                    .shown_by("kind", family)
                    .shown_by("place", place(index))
                    .reissued(case),
            )
        })
        .collect()
}

/// RSASSA-PSS with a salt or a mask that is not the digest's own: RFC 4055 section 3.1 allows every one and recommends the
/// digest's length, RFC 8446 section 4.2.3 has schemes for that alone. openssl's command line takes the longest salt where
/// it is not told, so such certificates are made by mistake.
pub(super) fn pss_support(case: &Case<'_>) -> Vec<Finding> {
    case.path
        .links()
        .filter_map(|(index, child, issuer)| {
            let algorithm = &child.certificate.signature_algorithm;
            let pss = algorithm.pss.filter(|pss| !pss.is_of_tls())?;
            if matches!(pss.digest, "SHA-1" | "SHA-224") {
                return None;
            }
            let unseen = child.certificate.verified_by(&issuer.certificate.public_key) == SignatureCheck::Unsupported;
            let (issuer_key, strict) = match issuer.certificate.public_key.is_pss_only() {
                true => ("RSASSA-PSS", "rustls, Go and Chromium"),
                false => ("rsaEncryption", "GnuTLS, rustls, Go and Chromium"),
            };
            let message = format!(
                "`{}` is signed by {algorithm}: expected the salt as long as {1} and the mask by {1}, as {strict} take no other",
                child.certificate.subject, pss.digest
            );
            Some(
                Finding::new(Code::KeyTypeSupport, message)
                    .about(index)
                    .graded(if unseen { Severity::Error } else { Severity::Warning })
                    .shown_by("signature", algorithm.to_string())
                    .shown_by("kind", PSS_OF_ITS_OWN)
                    .shown_by("issuer_key", issuer_key)
                    .shown_by("salt", pss.salt)
                    .shown_by("mask", pss.mask_digest)
                    .shown_by("place", place(index))
                    .mended_by(format!(
                        "# where openssl signs: -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest; or\n{}",
                        reissue(case, Code::KeyTypeSupport)
                    )),
            )
        })
        .collect()
}

/// The private key that goes with the leaf (RFC 8446 section 4.4.3: the handshake is signed with it); if it is not, the narrowest reason.
pub(super) fn private_key(case: &Case<'_>) -> Vec<Finding> {
    let Some(file) = &case.evidence.key else { return Vec::new() };
    let leaf = case.path.leaf();
    let Some(key) = &file.key.public_key else { return other_kind(case, file, leaf) };
    if key.same_as(&leaf.certificate.public_key) {
        return Vec::new();
    }
    if let Some(damaged) = damaged(case, key, leaf) {
        return vec![damaged];
    }
    let (code, why) = mismatch(case, key, leaf);
    let message =
        format!("`{}` is not the key of `{}`: {why}", crate::facts::escape(&file.file), leaf.certificate.subject);
    vec![
        Finding::new(code, message)
            .about(0)
            .shown_by("certificate_key", leaf.certificate.public_key.kind.to_string())
            .shown_by("private_key", file.key.kind.to_string())
            .shown_by("certificate_key_sha256", leaf.certificate.public_key.sha256_hex())
            .shown_by("private_key_sha256", key.sha256_hex())
            .shown_by("file", crate::facts::escape(&file.file))
            .mended_by(right_key(case, leaf, code)),
    ]
}

/// Octets in which a damaged public key differs from what it was. Two keys that were made apart differ in nearly all of theirs:
/// by chance as few as these would be the same in less than one of 2^200 pairs.
const MOST_DAMAGE: usize = 4;

/// A certificate whose public key is the private key's but for a few octets: changed after it was signed.
fn damaged(case: &Case<'_>, key: &PublicKey, leaf: &Presented) -> Option<Finding> {
    let (ours, theirs) = (&key.bits, &leaf.certificate.public_key.bits);
    let changed = ours.iter().zip(theirs).filter(|(one, other)| one != other).count();
    if ours.len() != theirs.len() || changed == 0 || changed > MOST_DAMAGE {
        return None;
    }
    let message = format!(
        "`{}` is damaged: its public key differs from the private key's own in {changed} of {} octets",
        leaf.certificate.subject,
        ours.len()
    );
    let finding = Finding::new(Code::CertificateCorrupt, message).about(0).graded(Severity::Error);
    Some(finding.shown_by("changed_octets", changed).shown_by("octets", ours.len()).reissued(case))
}

/// A key whose public half cannot be computed here is of the wrong kind, or taken to be the right one.
fn other_kind(case: &Case<'_>, file: &KeyFile, leaf: &Presented) -> Vec<Finding> {
    let kind = &leaf.certificate.public_key.kind;
    if file.key.kind.family() == kind.family() {
        return Vec::new();
    }
    let message = format!(
        "`{}` is not the key of `{}`: the key is {}, the certificate's {kind}",
        crate::facts::escape(&file.file),
        leaf.certificate.subject,
        file.key.kind.family()
    );
    vec![
        Finding::new(Code::KeyTypeMismatch, message)
            .about(0)
            .shown_by("certificate_key", kind.to_string())
            .shown_by("private_key", file.key.kind.family())
            .shown_by("file", crate::facts::escape(&file.file))
            .mended_by(right_key(case, leaf, Code::KeyTypeMismatch)),
    ]
}

fn mismatch(case: &Case<'_>, key: &PublicKey, leaf: &Presented) -> (Code, String) {
    let owner = case.evidence.pool().find(|(p, _)| p.certificate.is_ca() && key.same_as(&p.certificate.public_key));
    if let Some((owner, _)) = owner {
        return (
            Code::KeyIsCaKey,
            format!("it is the key of the CA `{}`, which belongs on no server", owner.certificate.subject),
        );
    }
    if key.kind.family() != leaf.certificate.public_key.kind.family() {
        return (
            Code::KeyTypeMismatch,
            format!("the key is {}, the certificate's {}", key.kind, leaf.certificate.public_key.kind),
        );
    }
    (Code::KeyMismatch, format!("both are {}, of different pairs", key.kind.family()))
}

/// The key beside the files that fits, else a new issue.
fn right_key(case: &Case<'_>, leaf: &Presented, code: Code) -> String {
    let fits =
        |file: &&KeyFile| file.key.public_key.as_ref().is_some_and(|key| key.same_as(&leaf.certificate.public_key));
    match case.evidence.neighbour_keys.iter().find(fits) {
        Some(found) => format!(
            "{}\n# the key that fits is {}: {} that one",
            ask_again(case, None, Some(&found.file), None),
            quote_file(&found.file),
            if case.question.purpose == Purpose::Client { "show the certificate with" } else { "give the server" }
        ),
        None => reissue(case, code),
    }
}
