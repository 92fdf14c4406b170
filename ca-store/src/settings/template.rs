//! Names that are made from a certificate's own.

use crate::name::NameFault;
use crate::san::{San, UserPrincipalName};
use crate::uri::Uri;

/// A URI or a user principal name with a place for the name that the certificate is known by: `{name}`, or `{user}` for what
/// stands before an `@` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    /// Checks that a URI comes of it.
    ///
    /// # Errors
    /// What is wrong with the URI.
    pub fn uri(text: &str) -> Result<Template, String> {
        let template = Template(text.to_owned());
        template.fill_uri("name").map(|_| template).map_err(|fault| fault.to_string())
    }

    /// Checks that a user principal name comes of it.
    ///
    /// # Errors
    /// What is wrong with the name.
    pub fn upn(text: &str) -> Result<Template, String> {
        let template = Template(text.to_owned());
        if template.fill("name", ToOwned::to_owned).contains(['{', '}']) {
            return Err("only {name} and {user} stand for something else".to_owned());
        }
        template.fill_upn("name").map(|_| template).map_err(|fault| fault.to_string())
    }

    /// The URI for the certificate of this name.
    ///
    /// # Errors
    /// The URI's fault.
    pub(crate) fn fill_uri(&self, name: &str) -> Result<San, NameFault> {
        Uri::parse(&self.fill(name, escaped)).map(San::Uri).map_err(NameFault::NoUri)
    }

    /// The user principal name for the certificate of this name.
    ///
    /// # Errors
    /// The name's fault.
    pub(crate) fn fill_upn(&self, name: &str) -> Result<San, NameFault> {
        UserPrincipalName::parse(&self.fill(name, ToOwned::to_owned)).map(San::Upn)
    }

    fn fill(&self, name: &str, written: impl Fn(&str) -> String) -> String {
        let user = name.split('@').next().unwrap_or(name);
        self.0.replace("{name}", &written(name)).replace("{user}", &written(user))
    }
}

/// Everything but unreserved characters as %XX (RFC 3986, 2.1 and 2.3).
fn escaped(text: &str) -> String {
    let octet = |b: u8| match b {
        b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
        b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(octet).collect()
}
