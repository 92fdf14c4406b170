//! Windows (Schannel, CryptoAPI, .NET), Apple (Secure Transport, Security), and the network below all of them.

use crate::finding::Code::{self, *};
use crate::recognise::rule::{Rule, says};

/// A server that asked for a certificate in the handshake and then closed.
const ASKED_AND_CLOSED: &[Code] = &[ClientCertificateMissing, ClientCertificateRefused, ClientCertificateNotOffered];

pub(super) const RULES: &[Rule] = &[
    // Windows: WinError.h.
    says(
        &[
            "sec e untrusted root",
            "cert e untrustedroot",
            "0x80090325",
            "0x800b0109",
            "certificate chain was issued by an authority that is not trusted",
            "root certificate which is not trusted by the trust provider",
            "untrustedroot",
        ],
        &[RootNotTrusted, SelfSignedLeaf, RootRegenerated, RootInOtherStore],
    )
    .exact(),
    says(
        &[
            "cert e chaining",
            "0x800b010a",
            "partialchain",
            "a certificate chain could not be built to a trusted root authority",
            "remotecertificatechainerrors",
        ],
        &[MissingIntermediate, RootNotTrusted, IntermediateAsTrustAnchor],
    ),
    says(
        &[
            "sec e cert expired",
            "cert e expired",
            "0x80090328",
            "0x800b0101",
            "nottimevalid",
            "not within its validity period",
        ],
        &[Expired, ClockWrong, NotYetValid],
    )
    .exact(),
    says(&["cert e revoked", "crypt e revoked", "0x80092010", "0x800b010c"], &[Revoked]).exact(),
    says(
        &[
            "crypt e no revocation check",
            "crypt e revocation offline",
            "0x80092012",
            "0x80092013",
            "the revocation function was unable to check revocation",
            "revocationstatusunknown",
            "offlinerevocation",
        ],
        &[CrlMissing, CrlExpired, CrlNotApplicable],
    )
    .exact(),
    says(
        &["cert e wrong usage", "0x800b0110", "notvalidforusage", "sec e cert wrong usage"],
        &[WrongPurpose, IssuerPurpose, DigitalSignatureMissing],
    )
    .exact(),
    says(
        &["cert e untrustedca", "trust e basic constraints", "0x80096019", "invalidbasicconstraints"],
        &[IssuerNotCa, BasicConstraintsMissing, PathLengthExceeded],
    )
    .exact(),
    says(
        &["cert e invalid name", "invalidnameconstraints", "hasnotpermittednameconstraint", "0x800b0114"],
        &[NameConstraintViolated],
    )
    .exact(),
    says(
        &["trust e cert signature", "notsignaturevalid", "0x80096004", "nte bad signature", "0x80090006"],
        &[SignatureInvalid, CertificateCorrupt, RootRegenerated],
    )
    .exact(),
    says(
        &["sec e algorithm mismatch", "0x80090331", "do not possess a common algorithm"],
        &[TlsVersionMismatch, CipherSuiteMismatch, KeyTypeSupport],
    )
    .exact(),
    says(
        &[
            "sec e invalid token",
            "0x80090308",
            "the token supplied to the function is invalid",
            "sec e illegal message",
            "0x80090326",
            "the message received was unexpected or badly formatted",
        ],
        &[NotTls, TlsVersionMismatch, ClientCertificateMissing, StarttlsNeeded],
    ),
    says(
        &[
            "sec e no credentials",
            "0x8009030e",
            "no credentials are available in the security package",
            "sec i incomplete credentials",
        ],
        &[ClientCertificateMissing, KeyMissing, FileUnreadable],
    ),
    says(&["sec e cert unknown", "0x80090327"], &[RootNotTrusted, WrongPurpose, MissingIntermediate]),
    says(
        &["crypt e bad encode", "0x80092002", "cannot find the requested object", "0x80092009"],
        &[FileIsDer, CertificateCorrupt, FileTruncated, FileIsPrivateKey],
    ),
    says(&["the specified network password is not correct", "0x80070056"], &[PasswordWrong, Pkcs12LegacyEncryption])
        .exact(),
    says(
        &[
            "could not create ssl/tls secure channel",
            "an existing connection was forcibly closed by the remote host",
            "the underlying connection was closed",
        ],
        &[TlsVersionMismatch, ConnectionClosed, CipherSuiteMismatch, ClientCertificateMissing],
    ),
    says(
        &[
            "the remote certificate is invalid according to the validation procedure",
            "the remote certificate was rejected",
        ],
        &[RootNotTrusted, NameMismatch, Expired, MissingIntermediate],
    )
    .vague(),
    // Apple: SecureTransport.h, SecBase.h, SecTrust's result names.
    says(
        &[
            "errsslxcertchaininvalid",
            "( 9807",
            "certificate is not trusted",
            "errsecnottrusted",
            "errsslnorootcert",
            "( 9813",
            "errsslunknownrootcert",
            "( 9812",
        ],
        &[RootNotTrusted, MissingIntermediate, SelfSignedLeaf, ValidityLong],
    ),
    says(
        &["errsslcertexpired", "( 9814", "errseccertificateexpired", "certificate is expired"],
        &[Expired, ClockWrong, ValidityLong],
    )
    .exact(),
    says(&["errsslcertnotyetvalid", "( 9815", "errseccertificatenotvalidyet"], &[NotYetValid, ClockWrong]).exact(),
    says(&["errsslhostnamemismatch", "( 9843", "errsechostnamemismatch"], &[NameMismatch, NoSan, WildcardScope]),
    says(
        &[
            "errseccertificatevalidityperiodtoolong",
            "certificate is not standards compliant",
            "not standards compliant",
            "errseccertificateisnotstandardscompliant",
        ],
        &[ValidityLong, NoSan, EkuMissing, WeakKey],
    )
    .exact(),
    says(
        &["errsslpeerhandshakefail", "( 9824", "errsslnegotiation", "( 9801"],
        &[CipherSuiteMismatch, TlsVersionMismatch, ClientCertificateMissing],
    ),
    says(&["errsslprotocol", "( 9800", "errsslpeerprotocolversion", "( 9836"], &[TlsVersionMismatch, NotTls]),
    says(&["errsslclosedabort", "( 9806", "errsslclosednonotify", "( 9816"], &[ConnectionClosed, NotTls]),
    says(
        &["errsslpeercertunknown", "( 9829", "errsslpeerunknownca", "( 9831", "errsslpeerbadcert", "( 9825"],
        &[RootNotTrusted, MissingIntermediate, ClientCertificateMissing, ClientCertificateRefused],
    ),
    says(&["errsecinvalidextendedkeyusage", "errsecextendedkeyusagenotcritical"], &[WrongPurpose, EkuMissing]).exact(),
    says(
        &["mac verification failed during pkcs12 import", "errsecpkcs12verifyfailure"],
        &[PasswordWrong, Pkcs12LegacyEncryption],
    )
    .exact(),
    says(
        &[
            "an ssl error has occurred and a secure connection to the server cannot be made",
            "nsurlerrorservercertificateuntrusted",
            "the certificate for this server is invalid",
        ],
        &[RootNotTrusted, NameMismatch, Expired],
    ),
    // Sockets: errno names, POSIX texts, Java's and Go's words for them, WinSock, NSPR, Chromium.
    says(
        &[
            "connection refused",
            "econnrefused",
            "connectionrefusederror",
            "err connection refused",
            "pr connect refused error",
            "actively refused it",
            "wsaeconnrefused",
            "failed to connect to",
            "os error 111",
        ],
        &[ConnectionRefused],
    )
    .exact(),
    says(
        &[
            "connection timed out",
            "etimedout",
            "err connection timed out",
            "err timed out",
            "connect timed out",
            "i/o timeout",
            "operation timed out",
            "pr connect timeout error",
            "pr io timeout error",
            "context deadline exceeded",
            "timed out",
            "timeouterror",
            "sockettimeoutexception",
            "no route to host",
            "ehostunreach",
            "network is unreachable",
            "tls key negotiation failed to occur",
        ],
        &[ConnectionTimeout, ConnectionRefused, NotTls],
    ),
    says(
        &[
            "connection reset by peer",
            "econnreset",
            "connectionreseterror",
            "err connection reset",
            "err connection closed",
            "pr connect reset error",
            "tcp connection reset by peer",
            "connection reset",
            "broken pipe",
            "epipe",
            "connection was closed",
            "wsaeconnreset",
            "connection aborted",
            "connection closed by peer",
            "closed by remote host",
        ],
        &[ConnectionClosed, NotTls, ClientCertificateMissing, SniRefused, TlsVersionMismatch],
    ),
    says(
        &[
            "could not resolve host",
            "name or service not known",
            "nodename nor servname provided",
            "enotfound",
            "eai again",
            "getaddrinfo",
            "no such host",
            "unknownhostexception",
            "unknown host",
            "err name not resolved",
            "temporary failure in name resolution",
            "pr directory lookup error",
            "unable to resolve host",
            "server misbehaving",
            "failed to lookup address information",
            "no address associated with hostname",
            "bio lookup ex",
        ],
        &[HostNotFound],
    )
    .exact(),
    says(&["received http/0.9 when not allowed", "server sent an http response"], &[NotTls]).exact(),
    // A server of plain HTTP says so of a handshake, and one of TLS of a missing certificate.
    says(&["http/1.1 400 bad request", "http/1.0 400"], &[NotTls, ClientCertificateMissing]).vague(),
    says(&["250 starttls", "ehlo", "esmtp"], &[StarttlsNeeded, NotTls]).vague(),
    // A clock that no certificate agrees with.
    says(
        &[
            "1970 01 01",
            "system clock",
            "your clock is behind",
            "your clock is ahead",
            "check your system date and time",
            "check that your computer's date",
        ],
        &[ClockWrong],
    ),
    says(&["err cert date invalid", "certificate is not yet valid", "certificate has expired"], &[ClockWrong])
        .when(&["clock"]),
    // Erlang's `ssl`, as RabbitMQ, CouchDB and Elixir print it, beside an alert that hides it.
    says(&["bad cert,hostname check failed", "hostname check failed"], &[NameMismatch, NoSan, IpNotCovered]).exact(),
    says(&["bad cert,cert expired"], &[Expired, ClockWrong, NotYetValid]).exact(),
    says(&["bad cert,selfsigned peer"], &[SelfSignedLeaf, SameSubjectAsIssuer]).exact(),
    says(&["bad cert,invalid ext key usage", "bad cert,invalid key usage"], &[WrongPurpose, DigitalSignatureMissing])
        .exact(),
    says(&["bad cert,name not permitted"], &[NameConstraintViolated]).exact(),
    says(&["bad cert,max path length reached"], &[PathLengthExceeded]).exact(),
    says(&["bad cert,missing basic constraint"], &[BasicConstraintsMissing, IssuerNotCa]).exact(),
    // Kubernetes, of a client's certificate that its API server does not take.
    says(
        &["you must be logged in to the server", "the server has asked for the client to provide credentials"],
        &[ClientCertificateRefused, Expired, RootRegenerated, ClientCertificateMissing, AccessDenied],
    ),
    says(&["transport endpoint is not connected"], &[ConnectionClosed, ClientCertificateMissing, NotTls]),
    // Go and others hand on what a read told.
    says(&[": eof"], &[ConnectionClosed, NotTls, ClientCertificateMissing]).when(&["get 'https:"]),
    says(&[": eof"], &[ConnectionClosed, NotTls, ClientCertificateMissing]).when(&["tls handshake error from"]),
    // curl -v shows that the server asked for a certificate; what it says after it had none is that the connection is gone.
    says(&["request cert (13)"], ASKED_AND_CLOSED).when(&["connection reset by peer"]).exact(),
    says(&["request cert (13)"], ASKED_AND_CLOSED).when(&["unexpected eof while reading"]).exact(),
    says(&["request cert (13)"], ASKED_AND_CLOSED).when(&["empty reply from server"]).exact(),
    // What Windows found of a chain (CERT_TRUST_STATUS).
    says(&["cert trust is untrusted root"], &[RootNotTrusted, SelfSignedLeaf, RootInOtherStore]).exact(),
    says(&["cert trust is partial chain"], &[MissingIntermediate, RootNotTrusted]).exact(),
    says(&["cert trust is not time valid"], &[Expired, NotYetValid, ClockWrong]).exact(),
    says(&["cert trust is revoked"], &[Revoked]).exact(),
    says(&["cert trust is not signature valid"], &[SignatureInvalid, RootRegenerated, CertificateCorrupt]).exact(),
    says(&["cert trust is not valid for usage"], &[WrongPurpose, IssuerPurpose]).exact(),
    says(&["cert trust revocation status unknown", "cert trust is offline revocation"], &[CrlMissing, CrlExpired])
        .exact(),
    says(&["cert trust invalid basic constraints"], &[IssuerNotCa, BasicConstraintsMissing]).exact(),
    says(&["cert trust has not permitted name constraint"], &[NameConstraintViolated]).exact(),
    says(&["notadirectoryerror", "not a directory", "enotdir"], &[FileMissing]),
];
