//! A CA of the user's own, whose certificate and private key lie beside the files, so that what it issues anew is trusted already.

use crate::authority::Authority;
use crate::explain::IssuedBefore;
use crate::finding::Code;
use crate::name::CommonName;
use crate::san::San;
use crate::subject::SubjectAttributes;

/// A CA that `pki init-ca --import` takes over, by its files as they are typed.
#[derive(Debug, Clone)]
pub struct HeldCa {
    /// The file that begins with its certificate.
    pub certificate: String,
    /// The file of its private key.
    pub key: String,
    /// The file with its root's certificate, where it is no root itself.
    pub chain: Option<String>,
    /// The file of the last revocation list that it made, where one was given.
    pub list: Option<String>,
    /// The CA, and its root where that is another.
    pub authorities: Vec<Authority>,
    /// Whether its root is among the trust anchors: then nobody has to be told of anything.
    pub trusted: bool,
    /// What is wrong with the CA itself, so that what it issues would have it too.
    pub faults: Vec<Code>,
    /// The folder for its store, where the store that is used anyway has another CA.
    pub store: Option<String>,
    /// Where that store has taken it over already: what it has issued for the names in question. A second store of one CA would
    /// number its lists from 1 again, and so take back what the first has revoked.
    pub issued: Option<Vec<IssuedBefore>>,
    /// Whether others than its owner can read the file of its key: it is not taken over like that.
    pub is_open_to_others: bool,
    /// The file of the passphrase that opens its key, where it is encrypted: the store keeps it so.
    pub passphrase_file: Option<String>,
}

impl HeldCa {
    /// Whether it may issue for these names.
    pub(crate) fn permits(&self, names: &[String]) -> bool {
        let sans = names.iter().filter_map(|name| San::parse_host(name).ok());
        let permit = |san: &San| self.authorities.iter().all(|ca| ca.constraints.permit(san));
        sans.into_iter().all(|san| permit(&san))
    }

    /// Whether a certificate of that common name would carry the name of a CA above it.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let alone = SubjectAttributes::default();
        CommonName::parse(name).is_ok_and(|name| self.authorities.iter().any(|ca| ca.is_called(&alone, &name)))
    }
}
