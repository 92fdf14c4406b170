//! Usage, keys, signatures and serial numbers.

use crate::clients::when::{Row, When, row};
use crate::finding::{Code, Severity};

//                                                          openssl, strict, curl, wget, gnutls, Python 3.11 and 3.13,
//                                                   node, java, rustls with ring and with aws-lc, go, nss, chromium
pub(super) const USAGE_AND_KEYS: &[Row] = {
    use Code as C;
    use When::{Anchor, Leaf, Severity as Graded, Shows};
    &[
        // OpenSSL and Java ask Netscape's type whatever extendedKeyUsage says; NSS where there is none.
        row(
            C::WrongPurpose,
            &[Shows("extension", "nsCertType"), Shows("extended_key_usage", "absent")],
            "XXX..XXXX...X.",
        ),
        row(C::WrongPurpose, &[Shows("extension", "nsCertType")], "XXX..XXXX....."),
        // Of a leaf that is trusted itself Java looks at the name alone.
        row(C::WrongPurpose, &[Leaf, Anchor, Graded(Severity::Error)], "XXX.XXXX.XXXXX"),
        row(C::DigitalSignatureMissing, &[Leaf, Anchor, Shows("other_use", "none of TLS")], "XXX.XXXX....XX"),
        row(C::DigitalSignatureMissing, &[Leaf, Anchor], "....X.......XX"),
        row(C::WrongPurpose, &[Shows("stands_for_it", "msSGC")], "....X....XXXXX"),
        row(C::WrongPurpose, &[Shows("stands_for_it", "nsSGC")], "....X....XXX.X"),
        row(C::WrongPurpose, &[Graded(Severity::Warning)], "XXX..XXX.XX.X."),
        row(C::WrongPurpose, &[], "XXX.XXXXXXXXXX"),
        // OpenSSL wants one use of TLS, whichever; NSS the one that the key exchange of its kind of key once had.
        row(C::DigitalSignatureMissing, &[Shows("key_usage", "")], "XXX..XXXX...XX"),
        row(C::DigitalSignatureMissing, &[Shows("other_use", "none of TLS")], "XXX.XXXXX...XX"),
        row(C::DigitalSignatureMissing, &[Shows("other_use", "not of this kind of key")], "....X...X...XX"),
        row(C::DigitalSignatureMissing, &[], "....X...X....X"),
        row(C::KeyEnciphermentMissing, &[], "............X."),
        // Java's jdk.certpath.disabledAlgorithms bars SHA-1 below the JDK's own CAs alone (SHA1 jdkCA), MD5 always.
        row(C::WeakSignature, &[Shows("in", "CRL")], ".........XX..."),
        row(C::WeakSignature, &[Shows("digest", "SHA-1")], "X.XXXXXX.XXX.X"),
        row(C::WeakSignature, &[], "X.XXXXXXXXXXXX"),
        // X.509 names the algorithm twice: OpenSSL's strict checks, GnuTLS, Java, webpki and Go compare the two of an anchor as well. GnuTLS
        // and Java take a NULL for no parameters.
        row(C::SignatureInvalid, &[Graded(Severity::Warning), Shows("signed", "another")], ".X.XX.X.XXXX.."),
        row(C::SignatureInvalid, &[Shows("differs", "parameters")], "XXX..XXX.XXXXX"),
        // `openssl verify` reads no key, and everybody else sees no server come up.
        row(C::KeyMismatch, &[], "X.XXXXXXXXXXXX"),
        row(C::KeyTypeMismatch, &[], "X.XXXXXXXXXXXX"),
        row(C::KeyIsCaKey, &[], "X.XXXXXXXXXXXX"),
        // In a CA's signature node's security level 1 takes 80 bits, and GnuTLS P-192 of these curves.
        row(C::WeakKey, &[Shows("class", "P-192"), Shows("place", "CA")], "X.X..XX.XXXXXX"),
        row(C::WeakKey, &[Shows("class", "curve"), Shows("place", "CA")], "X.XXXXX.XXXXXX"),
        row(C::WeakKey, &[Shows("class", "RSA of 1024 bits or more")], "X.X..XX..XX..."),
        row(C::WeakKey, &[], "X.XXXXXXXXXXXX"),
        // What cannot be checked here, others can check.
        // The weak key beside it says who refuses it.
        row(C::SignatureUnsupported, &[Shows("kind", "short RSA")], ".............."),
        row(C::SignatureUnsupported, &[Shows("kind", "short curve")], ".............."),
        row(C::SignatureUnsupported, &[Shows("kind", "Ed448")], ".........XXXXX"),
        row(C::SignatureUnsupported, &[Shows("kind", "other curve")], "...XX...XXXXXX"),
        row(C::SignatureUnsupported, &[Shows("kind", "P-224")], "........XXX.XX"),
        row(C::SignatureUnsupported, &[Shows("kind", "SHA-3")], "XXX..XXXXXXXXX"),
        row(C::SignatureUnsupported, &[Shows("kind", "SHA-224")], ".........XXX.X"),
        // Measured with salts of 0, 20 and 222 octets, and with a mask by SHA-512; a root's own signature nobody looks at.
        row(C::SignatureUnsupported, &[Shows("kind", "RSA-PSS parameters")], "...XX....XXX.X"),
        // GnuTLS takes the salt that the signature names where the key is for RSASSA-PSS alone, and its own for rsaEncryption.
        // Measured with salts of 0, 20, 32 and 222 octets of SHA-256, SHA-384 and SHA-512, for the root, the intermediate and the leaf.
        row(
            C::KeyTypeSupport,
            &[Shows("kind", "RSA-PSS parameters"), Shows("issuer_key", "RSASSA-PSS")],
            ".........XXX.X",
        ),
        row(C::KeyTypeSupport, &[Shows("kind", "RSA-PSS parameters")], "...XX....XXX.X"),
        row(C::KeyTypeSupport, &[Shows("kind", "RSA of 2041 to 2047 bits")], "..........X..."),
        row(C::KeyTypeSupport, &[Shows("kind", "P-224")], "........XXX.XX"),
        row(C::KeyTypeSupport, &[Shows("kind", "SHA-3")], "XXX..XXXXXXXXX"),
        row(C::KeyTypeSupport, &[Shows("kind", "SHA-224")], ".........XXX.X"),
        row(C::KeyTypeSupport, &[Shows("kind", "ECDSA with SHA-512")], ".........X...."),
        row(C::KeyTypeSupport, &[Shows("kind", "ECDSA with parameters")], ".........XX..X"),
        row(C::KeyTypeSupport, &[Shows("kind", "compressed point")], "...XX...XX.XX."),
        row(C::KeyTypeSupport, &[Shows("kind", "Ed25519")], "............XX"),
        row(C::KeyTypeSupport, &[Shows("kind", "Ed448")], ".........XXXXX"),
        // ring has no P-521; Chromium offers no ecdsa_secp521r1_sha512 in a handshake.
        row(C::KeyTypeSupport, &[Shows("kind", "ECDSA P-521"), Shows("place", "leaf")], ".........X...X"),
        row(C::KeyTypeSupport, &[Shows("kind", "ECDSA P-521")], ".........X...."),
        row(C::KeyTypeSupport, &[Shows("kind", "other curve"), Shows("place", "leaf")], "X.XXXXXXXXXXXX"),
        row(C::KeyTypeSupport, &[Shows("kind", "other curve")], "...XX...XXXXXX"),
        // NSS checks what such a key of a CA signed, and has no signature scheme of a handshake for a leaf's (rsa_pss_pss_*).
        row(C::KeyTypeSupport, &[Shows("kind", "RSA-PSS"), Shows("place", "CA")], ".........XXX.X"),
        row(C::KeyTypeSupport, &[Shows("kind", "RSA-PSS")], ".........XXXXX"),
        row(C::KeyTypeSupport, &[], "XXXXXXXXXXXXXX"),
        // "x509: negative serial number", since Go 1.23.
        row(C::SerialNegative, &[], "...........X.."),
        // jdk.tls.maxCertificateChainLength is 10, GnuTLS's DEFAULT_MAX_VERIFY_DEPTH 16.
        row(C::ChainExtra, &[Shows("too_many_for", "Java")], "........X....."),
        row(C::ChainExtra, &[Shows("too_many_for", "Java and GnuTLS")], "...XX...X....."),
        row(C::ChainDuplicate, &[Shows("too_many_for", "Java")], "........X....."),
        row(C::ChainDuplicate, &[Shows("too_many_for", "Java and GnuTLS")], "...XX...X....."),
        // Of a CA that was installed by hand nobody asks the limits of public ones.
        row(C::ValidityLong, &[], ".............."),
        // NSS names certificates by issuer and serial number.
        row(C::SerialReused, &[], "............X."),
    ]
};
