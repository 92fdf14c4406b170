//! The names in a certificate's subjectAltName (RFC 5280, 4.2.1.6), and the folder that a certificate is kept in.

use std::fmt;
use std::net::IpAddr;

use crate::error::Error;
use crate::name::{CommonName, DnsName, EmailAddress, NameFault, fold};
use crate::profile::Purpose;
use crate::subject::SubjectAttributes;
use crate::uri::Uri;

/// Names in one certificate: Let's Encrypt's bound, at which a certificate still fits a few TLS records.
pub const MAX_NAMES: usize = 100;

/// One entry of subjectAltName.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum San {
    /// dNSName
    Dns(DnsName),
    /// iPAddress
    Ip(IpAddr),
    /// rfc822Name
    Email(EmailAddress),
    /// uniformResourceIdentifier
    Uri(Uri),
    /// A user principal name, the otherName by which Windows knows an account.
    Upn(UserPrincipalName),
}

/// What `to_string` writes before a user principal name, which looks like a mailbox.
pub(crate) const UPN: &str = "upn:";

impl San {
    /// Parses what a server is reached by: an IP address, a DNS name, or a wildcard.
    ///
    /// # Errors
    /// The name's fault.
    pub fn parse_host(text: &str) -> Result<San, NameFault> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(San::Ip(address));
        }
        DnsName::parse(text).map(San::Dns)
    }

    /// Parses a name of any kind back from what `to_string` writes.
    ///
    /// # Errors
    /// The name's fault.
    pub fn parse(text: &str) -> Result<San, NameFault> {
        if let Some(name) = text.strip_prefix(UPN) {
            return UserPrincipalName::parse(name).map(San::Upn);
        }
        if text.contains(':') && text.parse::<IpAddr>().is_err() {
            return Uri::parse(text).map(San::Uri).map_err(NameFault::NoUri);
        }
        if text.contains('@') {
            return EmailAddress::parse(text).map(San::Email);
        }
        San::parse_host(text)
    }

    /// The kind, as people and OpenSSL write it.
    pub fn kind(&self) -> &'static str {
        match self {
            San::Dns(_) => "DNS",
            San::Ip(_) => "IP",
            San::Email(_) => "email",
            San::Uri(_) => "URI",
            San::Upn(_) => "UPN",
        }
    }
}

impl fmt::Display for San {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            San::Dns(name) => name.fmt(f),
            San::Ip(address) => address.fmt(f),
            San::Email(address) => address.fmt(f),
            San::Uri(uri) => uri.fmt(f),
            San::Upn(name) => write!(f, "{UPN}{}", name.as_str()),
        }
    }
}

/// A user principal name: `user@realm`, in any script.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserPrincipalName(String);

impl UserPrincipalName {
    /// Characters of a user principal name (Active Directory's schema, attribute userPrincipalName).
    const MAX: usize = 1024;

    /// Parses `user@realm`.
    ///
    /// # Errors
    /// [`NameFault::UpnMalformed`] or [`NameFault::TooLong`].
    pub fn parse(text: &str) -> Result<UserPrincipalName, NameFault> {
        let parts = text.split_once('@').filter(|(user, realm)| !user.is_empty() && !realm.is_empty());
        let whole = parts.is_some_and(|(_, realm)| !realm.contains('@'));
        if !whole || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(NameFault::UpnMalformed);
        }
        if text.chars().count() > Self::MAX {
            return Err(NameFault::TooLong { most: Self::MAX });
        }
        Ok(UserPrincipalName(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The names of a certificate to be issued: its folder, its subject, its subjectAltName. Only the functions here make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    folder: FolderName,
    common_name: Option<CommonName>,
    attributes: SubjectAttributes,
    sans: Vec<San>,
}

impl Names {
    /// A server's: every name is a SAN, the first names the folder, and the common name is `common_name`, or else the first
    /// DNS name that fits one. An empty `common_name` leaves it out.
    ///
    /// # Errors
    /// [`Error::NameMissing`], [`Error::NameRefused`], [`Error::TooManyNames`] or [`Error::CommonNameNotInNames`].
    pub fn of_server(names: &[String], common_name: Option<&str>) -> Result<Names, Error> {
        let purpose = Purpose::Server;
        let mut sans = Vec::with_capacity(names.len());
        for name in names {
            let refused = |fault| Error::NameRefused { name: name.clone(), purpose, fault };
            push_new(&mut sans, San::parse_host(name).map_err(refused)?);
        }
        bounded(&sans)?;
        let first = sans.first().ok_or(Error::NameMissing { purpose })?.to_string();
        let common_name = match common_name {
            Some(asked) => chosen_common_name(asked, &sans)?,
            None => default_common_name(&sans),
        };
        let refused = |fault| Error::NameRefused { name: first.clone(), purpose, fault };
        Ok(Names::again(FolderName::parse(&first).map_err(refused)?, common_name, sans))
    }

    /// A client's: the common name is `name`. A SAN is made of what is an e-mail address, an IP address or a DNS name with a
    /// dot, and of each of `emails`. A plain name such as `alice` is no host, so it is none.
    ///
    /// # Errors
    /// [`Error::NameRefused`] or [`Error::TooManyNames`].
    pub fn of_client(name: &str, emails: &[String]) -> Result<Names, Error> {
        let refused = |name: &str| {
            let name = name.to_owned();
            move |fault| Error::NameRefused { name, purpose: Purpose::Client, fault }
        };
        refuse_host_with_more(name).map_err(refused(name))?;
        let folder = FolderName::parse(name).map_err(refused(name))?;
        let common_name = CommonName::parse(name).map_err(refused(name))?;
        let mut sans = Vec::new();
        if let Some(san) = client_san(name).map_err(refused(name))? {
            push_new(&mut sans, san);
        }
        for email in emails {
            push_new(&mut sans, San::Email(EmailAddress::parse(email).map_err(refused(email))?));
        }
        bounded(&sans)?;
        Ok(Names::again(folder, Some(common_name), sans))
    }

    /// Names as they were in a certificate that is renewed.
    pub(crate) fn again(folder: FolderName, common_name: Option<CommonName>, sans: Vec<San>) -> Names {
        Names { folder, common_name, attributes: SubjectAttributes::default(), sans }
    }

    /// The same, with these in the subject beside the common name.
    #[must_use]
    pub fn with_attributes(self, attributes: SubjectAttributes) -> Names {
        Names { attributes, ..self }
    }

    /// The same with further names: a server's hosts, a client's mailboxes.
    ///
    /// # Errors
    /// [`Error::NameRefused`] or [`Error::TooManyNames`].
    pub(crate) fn with_more(mut self, more: &[String], purpose: Purpose) -> Result<Names, Error> {
        for name in more {
            let parsed = match purpose {
                Purpose::Server => San::parse_host(name),
                Purpose::Client => EmailAddress::parse(name).map(San::Email),
                Purpose::Intermediate => Err(NameFault::OfAuthority),
            };
            let refused = |fault| Error::NameRefused { name: name.clone(), purpose, fault };
            push_new(&mut self.sans, parsed.map_err(refused)?);
        }
        bounded(&self.sans)?;
        Ok(self)
    }

    /// The name of the folder, by which the certificate is known.
    pub fn folder(&self) -> &FolderName {
        &self.folder
    }

    /// The subject's common name.
    pub fn common_name(&self) -> Option<&CommonName> {
        self.common_name.as_ref()
    }

    /// What the subject says besides.
    pub fn attributes(&self) -> &SubjectAttributes {
        &self.attributes
    }

    /// The entries of subjectAltName.
    pub fn sans(&self) -> &[San] {
        &self.sans
    }
}

fn push_new(sans: &mut Vec<San>, san: San) {
    if !sans.contains(&san) {
        sans.push(san);
    }
}

fn bounded(sans: &[San]) -> Result<(), Error> {
    if sans.len() > MAX_NAMES {
        return Err(Error::TooManyNames { found: sans.len(), most: MAX_NAMES });
    }
    Ok(())
}

fn default_common_name(sans: &[San]) -> Option<CommonName> {
    let dns = sans.iter().filter(|san| matches!(san, San::Dns(_)));
    dns.filter_map(|san| CommonName::parse(&san.to_string()).ok()).next()
}

fn chosen_common_name(asked: &str, sans: &[San]) -> Result<Option<CommonName>, Error> {
    if asked.is_empty() {
        return Ok(None);
    }
    let refused = |fault| Error::NameRefused { name: asked.to_owned(), purpose: Purpose::Server, fault };
    let wanted = San::parse_host(asked).map_err(refused)?;
    if !sans.contains(&wanted) {
        let names = sans.iter().map(San::to_string).collect::<Vec<_>>().join(", ");
        return Err(Error::CommonNameNotInNames { common_name: asked.to_owned(), names });
    }
    CommonName::parse(&wanted.to_string()).map(Some).map_err(refused)
}

/// A client's name may be any text, but not a URL or a host with a port.
fn refuse_host_with_more(name: &str) -> Result<(), NameFault> {
    if name.contains("://") {
        return Err(NameFault::Url);
    }
    match name.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            Err(NameFault::Port)
        }
        _ => Ok(()),
    }
}

fn client_san(name: &str) -> Result<Option<San>, NameFault> {
    if name.contains('@') {
        return EmailAddress::parse(name).map(San::Email).map(Some);
    }
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(Some(San::Ip(address)));
    }
    let dotted = name.contains('.') && !name.contains(char::is_whitespace);
    if !dotted {
        return Ok(None);
    }
    if name.starts_with("*.") && DnsName::parse(name).is_ok() {
        return Err(NameFault::WildcardClient);
    }
    match DnsName::parse_host(name) {
        Ok(host) => Ok(Some(San::Dns(host))),
        // OpenSSL reads such a common name as a host where there is no SAN, and holds it to the CA's name constraints.
        Err(fault) if name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.*".contains(&b)) => Err(fault),
        Err(_) => Ok(None),
    }
}

/// The name of a certificate's folder below `certs/`: one path component on every common file system.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FolderName(String);

impl FolderName {
    /// Octets of a folder's name on the common file systems.
    const MAX: usize = 255;

    /// Checks that `text` stays in its folder, and shows there.
    ///
    /// # Errors
    /// [`NameFault::NotAFolder`], [`NameFault::Empty`] or [`NameFault::TooLong`].
    pub fn parse(text: &str) -> Result<FolderName, NameFault> {
        let no = |reason| Err(NameFault::NotAFolder { reason });
        if text.is_empty() {
            return Err(NameFault::Empty);
        }
        if text.len() > Self::MAX {
            return Err(NameFault::TooLong { most: Self::MAX });
        }
        if text.contains(['/', '\\']) {
            return no("it has a slash");
        }
        if text.chars().any(char::is_control) {
            return no("it has control characters");
        }
        if crate::facts::escape(text) != text {
            return no("it has characters that cannot be seen, or turn the direction of writing");
        }
        if text.contains([':', '*', '?', '"', '<', '>', '|'])
            && !text.starts_with("*.")
            && text.parse::<IpAddr>().is_err()
        {
            return no("it has one of : * ? \" < > |, which some file systems do not take");
        }
        if text.starts_with('.') {
            return no("it begins with a dot");
        }
        if text.ends_with('.') || text.trim() != text {
            return no("it ends with a dot, or a blank stands at an end");
        }
        if text.starts_with('-') {
            return no("it begins with a hyphen, and would be read as an option");
        }
        Ok(FolderName(text.to_owned()))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which names that a case-blind file system holds for one are equal.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

impl fmt::Display for FolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(names: &[&str], common_name: Option<&str>) -> Result<Names, Error> {
        Names::of_server(&names.iter().map(ToString::to_string).collect::<Vec<_>>(), common_name)
    }

    fn shown(names: &Names) -> (String, Option<String>, Vec<String>) {
        let sans = names.sans.iter().map(|san| format!("{}:{san}", san.kind())).collect();
        (names.folder.0.clone(), names.common_name.as_ref().map(ToString::to_string), sans)
    }

    #[test]
    fn every_server_name_becomes_a_san_of_its_kind() {
        let names = server(&["192.0.2.7", "Bücher.example", "::1", "*.example.test", "::1"], None).unwrap();
        let sans = ["IP:192.0.2.7", "DNS:xn--bcher-kva.example", "IP:::1", "DNS:*.example.test"].map(String::from);
        assert_eq!(shown(&names), ("192.0.2.7".into(), Some("xn--bcher-kva.example".into()), sans.to_vec()));
    }

    #[test]
    fn the_common_name_is_one_of_the_names_or_none() {
        let long = format!("{0}.{0}.test", "a".repeat(40));
        assert_eq!(server(&[&long, "b.test"], None).unwrap().common_name.unwrap().as_str(), "b.test");
        assert_eq!(server(&[&long], None).unwrap().common_name, None);
        assert_eq!(server(&["a.test", "b.test"], Some("B.test")).unwrap().common_name.unwrap().as_str(), "b.test");
        assert_eq!(server(&["a.test"], Some("")).unwrap().common_name, None);
        assert!(matches!(server(&["a.test"], Some("c.test")), Err(Error::CommonNameNotInNames { .. })));
    }

    #[test]
    fn client_names() {
        for (name, emails, sans) in [
            ("alice", vec![], vec![]),
            ("alice@example.test", vec![], vec!["email:alice@example.test"]),
            ("alice", vec!["a@example.test".to_string()], vec!["email:a@example.test"]),
            ("worker.example.test", vec![], vec!["DNS:worker.example.test"]),
            ("192.0.2.7", vec![], vec!["IP:192.0.2.7"]),
            ("Alice B. Example", vec![], vec![]),
        ] {
            let names = Names::of_client(name, &emails).unwrap();
            assert_eq!(shown(&names).2, sans, "{name}");
            assert_eq!(names.common_name.unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_leave_their_folder() {
        for name in
            ["..", ".", ".hidden", "a/b", "../a", "a\\b", "a\u{0}", "a\nb", "-a", "a.", " a", "", "a@b@c", "h:443"]
        {
            assert!(matches!(Names::of_client(name, &[]), Err(Error::NameRefused { .. })), "{name:?}");
        }
    }

    #[test]
    fn names_of_every_kind_are_read_back_as_written() {
        for (text, kind) in [
            ("a.test", "DNS"),
            ("::1", "IP"),
            ("a@b.test", "email"),
            ("spiffe://b.test/a", "URI"),
            ("mailto:a@b.test", "URI"),
            ("upn:alice@EXAMPLE", "UPN"),
        ] {
            let san = San::parse(text).unwrap();
            assert_eq!((san.to_string().as_str(), san.kind()), (text, kind));
        }
        for bad in ["upn:alice", "upn:@a", "upn:a@b@c", "upn:a b@c", "host:x y"] {
            assert!(San::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_name_and_too_many() {
        assert!(matches!(server(&[], None), Err(Error::NameMissing { .. })));
        let many: Vec<String> = (0..=MAX_NAMES).map(|n| format!("h{n}.test")).collect();
        assert!(matches!(Names::of_server(&many, None), Err(Error::TooManyNames { .. })));
    }
}
