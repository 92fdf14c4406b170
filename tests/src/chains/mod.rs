//! Good and bad certificate chains, made with the openssl command line alone: what judges our programs must not be
//! made by them.
//!
//! A [`Scene`] is plain data: the certificates, and which of them are handed out as chain and as trust. Making one
//! writes, into a folder, `NAME.pem` and `NAME.key` for every certificate, then `chain.pem`, `trust.pem` and
//! `server.key`, as an administrator would have them. The [`CATALOGUE`] has a bad and a good scene for every code that
//! files can show.

mod catalogue;
pub mod der;
pub mod make;

pub use catalogue::{CATALOGUE, GOOD, MUTUAL, OTHER, STORY};

/// The name that clients ask for in every scene, where it is not an address.
pub const HOST: &str = "app.example.test";

/// A code of the findings, with a chain that has it and one that hasn't.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The code, as reports spell it; rows may share one.
    pub code: &'static str,
    /// What tells this row from another of the same code.
    pub variant: &'static str,
    /// The mistake, made.
    pub bad: Scene,
    /// The same without the mistake.
    pub good: Scene,
    /// What `openssl verify` makes of the bad scene: the number of its error, or none where it is content.
    pub openssl_error: Option<u32>,
    /// Whether the bad scene is invalid, with this code as the cause; otherwise the code is reported, and the scene valid.
    pub refused: bool,
}

/// Certificates, and which of them go where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scene {
    /// Every certificate, an issuer before what it issues.
    pub certificates: &'static [Certificate],
    /// Names of those sent, in the file's order.
    pub chain: &'static [&'static str],
    /// Names of those given as trust.
    pub trust: &'static [&'static str],
    /// The name of the certificate whose key the server is given.
    pub key: &'static str,
    /// The host name or address that clients ask for.
    pub host: &'static str,
    /// The leaf is a client's: no name is asked for.
    pub client: bool,
    /// The revocation list that everybody is given as `crl.pem`, and must ask.
    pub crl: Option<Crl>,
}

/// A revocation list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crl {
    /// The name of the certificate whose list it is.
    pub issuer: &'static str,
    /// Names of the certificates on it.
    pub revoked: &'static [&'static str],
    /// When it was made and when the next is due, in days from now.
    pub days: (i64, i64),
}

/// One certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its name in the scene, and of its files.
    pub name: &'static str,
    /// The subject as `openssl req -subj` reads it.
    pub subject: &'static str,
    /// Whose key it certifies: its own name for a key of its own.
    pub key: &'static str,
    /// Who signs it: its own name where it is self-signed.
    pub issuer: &'static str,
    /// Lines of openssl's extension section; without any, it is of version 1.
    pub extensions: &'static [&'static str],
    /// From and until when it is valid, in days from now.
    pub days: (i64, i64),
    /// The openssl command that makes its key, where it has one of its own; `-out FILE` goes behind the first word.
    pub kind: &'static [&'static str],
    /// The digest that its issuer signs with.
    pub digest: &'static str,
    /// Further words of openssl's command that signs it, such as `-sigopt`.
    pub signing: &'static [&'static str],
    /// Its serial number as `openssl x509 -set_serial` reads it; a random one where none is given.
    pub serial: Option<&'static str>,
    /// How its subject's texts are encoded, as `string_mask` of `openssl req` has it.
    pub strings: &'static str,
    /// What happens to it after it was signed.
    pub change: Change,
}

/// What openssl's command line cannot be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// One bit of its signature is turned over.
    Damaged,
    /// Its validity is written as GeneralizedTime, and it is signed anew.
    GeneralizedTime,
    /// Its notAfter is written as UTCTime, which drops the century, and it is signed anew.
    ShortYear,
    /// Its notAfter is written without seconds, and it is signed anew.
    NoSeconds,
    /// Its notAfter is written as a time of another zone, and it is signed anew.
    Offset,
    /// Its notAfter is written with a fraction of a second, and it is signed anew.
    Fraction,
    /// It says that it is of the version that is written as this number, and is signed anew.
    Version(u8),
    /// Its last extension is there twice, and it is signed anew.
    Twice,
}
