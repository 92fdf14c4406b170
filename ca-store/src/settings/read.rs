//! `ca.toml`, checked key by key: what is no setting is an error with its line, never a silence.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Rules, Settings, Template, usage};
use crate::constraint::IpBlock;
use crate::error::Error;
use crate::facts::escape;
use crate::key::KeyKind;
use crate::name::DnsName;
use crate::subject::{SubjectAttribute, SubjectAttributes};
use crate::uri::{Oid, Uri};
use crate::validity::MAX_DAYS;

/// Characters of a value that are shown of one that does not fit.
const SHOWN: usize = 40;

/// The sections; what `all` says counts where the others say nothing.
const ALL: &str = "all";
const SERVER: &str = "server";
const CLIENT: &str = "client";
const INTERMEDIATE: &str = "intermediate";

/// Every key, and the sections that it has a meaning in.
const KEYS: &[(&str, &[&str])] = &[
    ("days", &[SERVER, CLIENT, INTERMEDIATE]),
    ("max_days", &[SERVER, CLIENT, INTERMEDIATE]),
    ("key", &[SERVER, CLIENT]),
    ("keys", &[SERVER, CLIENT, INTERMEDIATE]),
    ("dns", &[SERVER, CLIENT]),
    ("ip", &[SERVER, CLIENT]),
    ("email", &[SERVER, CLIENT]),
    ("uri", &[SERVER, CLIENT]),
    ("upn", &[SERVER, CLIENT]),
    ("crl", &[SERVER, CLIENT, INTERMEDIATE]),
    ("ca_issuers", &[SERVER, CLIENT, INTERMEDIATE]),
    ("ocsp", &[SERVER, CLIENT, INTERMEDIATE]),
    ("policies", &[SERVER, CLIENT, INTERMEDIATE]),
    ("must_staple", &[SERVER]),
    ("extended_key_usage", &[SERVER, CLIENT]),
    ("country", &[SERVER, CLIENT, INTERMEDIATE]),
    ("state", &[SERVER, CLIENT, INTERMEDIATE]),
    ("locality", &[SERVER, CLIENT, INTERMEDIATE]),
    ("organization", &[SERVER, CLIENT, INTERMEDIATE]),
    ("organizational_unit", &[SERVER, CLIENT, INTERMEDIATE]),
];

/// What `all` lays down for a CA too; its life and key are its own matter.
const ALL_OF_AUTHORITIES: &[&str] =
    &["crl", "ca_issuers", "ocsp", "policies", "country", "state", "locality", "organization", "organizational_unit"];

type Value<'a> = Spanned<DeValue<'a>>;

impl Settings {
    /// Reads the text of the file at `path`.
    ///
    /// # Errors
    /// [`Error::SettingsMalformed`] with the line and key, what was expected, and what is there.
    pub fn parse(text: &str, path: &Path) -> Result<Settings, Error> {
        let file = File { text, path };
        let parsed = DeTable::parse(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            file.fault(&span, "", error.message().replace('\n', " "))
        })?;
        let sections = parsed.get_ref();
        for (name, value) in sections.iter() {
            file.check_section(name.get_ref(), name.span(), value)?;
        }
        Ok(Settings {
            server: file.rules(sections, SERVER)?,
            client: file.rules(sections, CLIENT)?,
            intermediate: file.rules(sections, INTERMEDIATE)?,
        })
    }
}

/// The text that is read, and where it is from.
struct File<'a> {
    text: &'a str,
    path: &'a Path,
}

/// A value and the key that it stands at.
struct Found<'a> {
    key: String,
    value: &'a Value<'a>,
}

impl File<'_> {
    fn fault(&self, span: &Range<usize>, key: &str, problem: String) -> Error {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Error::SettingsMalformed { path: self.path.to_owned(), line, key: key.to_owned(), problem }
    }

    fn expected(&self, found: &Found<'_>, expected: &str) -> Error {
        let span = found.value.span();
        let text: String = self.text.get(span.clone()).unwrap_or_default().chars().take(SHOWN).collect();
        self.fault(&span, &found.key, format!("expected {expected}, found {}", escape(&text)))
    }

    fn check_section(&self, name: &str, span: Range<usize>, value: &Value<'_>) -> Result<(), Error> {
        let sections = [ALL, SERVER, CLIENT, INTERMEDIATE];
        if !sections.contains(&name) {
            let problem = format!("expected one of the sections {}", sections.join(", "));
            return Err(self.fault(&span, name, problem));
        }
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.expected(&Found { key: name.to_owned(), value }, &format!("a section: [{name}]")));
        };
        for key in table.keys() {
            let known = KEYS.iter().find(|(known, _)| known == key.get_ref());
            let fits = |(_, sections): &&(&str, &[&str])| name == ALL || sections.contains(&name);
            if known.filter(fits).is_none() {
                let keys = KEYS.iter().filter(fits).map(|(key, _)| *key).collect::<Vec<_>>().join(", ");
                let problem = format!("no such setting in [{name}]: expected one of {keys}");
                return Err(self.fault(&key.span(), &format!("{name}.{}", key.get_ref()), problem));
            }
        }
        Ok(())
    }

    fn rules<'a>(&self, sections: &'a DeTable<'a>, section: &'static str) -> Result<Rules, Error> {
        let table = |name: &str| sections.get(name).and_then(|value| value.get_ref().as_table());
        let find = |key: &str| {
            let for_all = section != INTERMEDIATE || ALL_OF_AUTHORITIES.contains(&key);
            let places = if for_all { &[section, ALL][..] } else { &[section] };
            places.iter().find_map(|name| {
                let value = table(name)?.get(key)?;
                Some(Found { key: format!("{name}.{key}"), value })
            })
        };
        let staples = KEYS.iter().any(|(key, sections)| *key == "must_staple" && sections.contains(&section));
        let mut rules = Rules {
            place: format!("{}, [{section}]", self.path.display()),
            days: find("days").map(|found| self.days(&found)).transpose()?,
            max_days: find("max_days").map(|found| self.days(&found)).transpose()?,
            key: find("key").map(|found| self.text(&found, "a kind of key", parse_key)).transpose()?,
            keys: find("keys").map(|found| self.list(&found, "a list of kinds of keys", parse_key)).transpose()?,
            dns: find("dns").map(|found| self.list(&found, DOMAINS, parse_domain)).transpose()?,
            ip: find("ip").map(|found| self.list(&found, BLOCKS, parse_block)).transpose()?,
            email: find("email").map(|found| self.list(&found, DOMAINS, parse_domain)).transpose()?,
            uri: self.optional(find("uri"), "a list of URIs", Template::uri)?,
            upn: self.optional(find("upn"), "a list of user principal names", Template::upn)?,
            attributes: self.attributes(&find)?,
            ..Rules::default()
        };
        let extensions = &mut rules.extensions;
        extensions.crl = self.optional(find("crl"), LOCATIONS, parse_location)?;
        extensions.ca_issuers = self.optional(find("ca_issuers"), LOCATIONS, parse_location)?;
        extensions.ocsp = self.optional(find("ocsp"), LOCATIONS, parse_location)?;
        extensions.policies = self.optional(find("policies"), POLICIES, parse_policy)?;
        extensions.extended_key_usage = self.optional(find("extended_key_usage"), USAGES, usage::parse)?;
        if let Some(found) = find("must_staple").filter(|_| staples) {
            extensions.must_staple =
                found.value.get_ref().as_bool().ok_or_else(|| self.expected(&found, "true or false"))?;
        }
        self.agree(&rules, find("days").or(find("max_days")), find("key").or(find("keys")))?;
        Ok(rules)
    }

    fn attributes<'f>(&self, find: &impl Fn(&str) -> Option<Found<'f>>) -> Result<SubjectAttributes, Error> {
        let values = SubjectAttribute::ALL.into_iter().filter_map(|kind| {
            let found = find(kind.as_str())?;
            Some(self.text(&found, "a text", |text| kind.parse(text).map_err(|fault| fault.to_string())))
        });
        values.collect()
    }

    /// What is laid down twice must not contradict itself.
    fn agree(&self, rules: &Rules, days: Option<Found<'_>>, key: Option<Found<'_>>) -> Result<(), Error> {
        if let (Some(days), Some(most), Some(found)) = (rules.days, rules.max_days, days)
            && days > most
        {
            return Err(self.expected(&found, &format!("at most the {most} days of max_days")));
        }
        if let (Some(kind), Some(found)) = (rules.key, key)
            && !rules.allows_key(kind)
        {
            return Err(self.expected(&found, "one of the kinds in keys"));
        }
        Ok(())
    }

    fn days(&self, found: &Found<'_>) -> Result<u32, Error> {
        let number = found.value.get_ref().as_integer();
        let days = number.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
        days.filter(|days| (1..=MAX_DAYS).contains(days))
            .ok_or_else(|| self.expected(found, &format!("a whole number of days from 1 to {MAX_DAYS}")))
    }

    fn text<T>(
        &self,
        found: &Found<'_>,
        expected: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Error> {
        let text = found.value.get_ref().as_str().ok_or_else(|| self.expected(found, expected))?;
        parse(text).map_err(|problem| self.fault(&found.value.span(), &found.key, format!("{text:?}: {problem}")))
    }

    /// A list of texts; one alone may stand without brackets.
    fn list<T>(
        &self,
        found: &Found<'_>,
        expected: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, Error> {
        match found.value.get_ref() {
            DeValue::Array(items) => {
                let item = |value| self.text(&Found { key: found.key.clone(), value }, expected, &parse);
                items.iter().map(item).collect()
            }
            _ => self.text(found, expected, parse).map(|one| vec![one]),
        }
    }

    fn optional<T>(
        &self,
        found: Option<Found<'_>>,
        expected: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, Error> {
        found.map_or(Ok(Vec::new()), |found| self.list(&found, expected, parse))
    }
}

const DOMAINS: &str = "a list of domains such as [\"example.test\"]";
const BLOCKS: &str = "a list of address blocks such as [\"192.0.2.0/24\"]";
const LOCATIONS: &str = "a list of addresses such as [\"http://ca.example.test/root.der\"]";
const POLICIES: &str = "a list of object identifiers such as [\"1.3.6.1.4.1.99999.1\"]";

const USAGES: &str = "a list of purposes such as [\"emailProtection\"]";

fn parse_key(text: &str) -> Result<KeyKind, String> {
    text.parse()
}

fn parse_domain(text: &str) -> Result<DnsName, String> {
    DnsName::parse_host(text).map_err(|fault| format!("expected a domain, which counts with all below it: {fault}"))
}

fn parse_block(text: &str) -> Result<IpBlock, String> {
    IpBlock::parse(text).map_err(|fault| fault.to_string())
}

fn parse_location(text: &str) -> Result<Uri, String> {
    Uri::parse_location(text).map_err(|fault| fault.to_string())
}

fn parse_policy(text: &str) -> Result<Oid, String> {
    Oid::parse(text).ok_or_else(|| "it is no object identifier in dotted form, such as 1.3.6.1.4.1.99999.1".to_owned())
}
