//! One row of a manifest: from its text to what it asks for.

use serde::Deserialize;
use serde_json::error::Category;

use super::csv;
use crate::error::Error;
use crate::key::KeyKind;
use crate::profile::Purpose;
use crate::san::Names;
use crate::settings::Rules;
use crate::store::BatchRow;

/// The columns of a CSV manifest, and the keys of a JSON Lines one.
pub(super) const COLUMNS: [&str; 4] = ["purpose", "names", "key", "days"];

/// What a row asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Its line in the manifest.
    pub(super) line: u64,
    pub(super) purpose: Purpose,
    /// The first names the certificate.
    pub(super) names: Vec<String>,
    pub(super) key: Option<KeyKind>,
    pub(super) days: Option<u32>,
}

impl Row {
    /// Its days and the kind of its key: its own, else the batch's, else what the store's owner has laid down.
    pub(super) fn terms(&self, batch: &BatchRow, rules: &Rules) -> (u32, KeyKind) {
        let days = self.days.or(batch.days).unwrap_or_else(|| rules.default_days());
        (days, self.key.or(batch.key).unwrap_or_else(|| rules.default_key()))
    }

    /// The certificate's names, checked as those of `pki issue`. Behind a client's name stand its e-mail addresses.
    ///
    /// # Errors
    /// As [`Names::of_server`] and [`Names::of_client`].
    pub(super) fn names(&self) -> Result<Names, Error> {
        match (self.purpose, self.names.split_first()) {
            (Purpose::Server, _) => Names::of_server(&self.names, None),
            (Purpose::Client, Some((name, emails))) => Names::of_client(name, emails),
            (purpose, _) => Err(Error::NameMissing { purpose }),
        }
    }
}

/// How the rows are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// Comma-separated values; which of [`COLUMNS`] stands in each place.
    Csv(Vec<usize>),
    /// A JSON object on each line.
    Jsonl,
}

impl Form {
    /// From the first line that holds anything: a JSON object, or the heading of comma-separated values.
    ///
    /// # Errors
    /// What is wrong with the heading.
    pub(super) fn of(first: &str) -> Result<Form, String> {
        if first.trim_start().starts_with('{') {
            return Ok(Form::Jsonl);
        }
        let mut places = Vec::new();
        for name in csv::fields(first)? {
            let known = COLUMNS.iter().position(|column| *column == name);
            let place =
                known.ok_or_else(|| format!("its first line names the column {name:?}, which is none of ours"))?;
            if places.contains(&place) {
                return Err(format!("its first line names the column {name:?} twice"));
            }
            places.push(place);
        }
        match (0..2).find(|place| !places.contains(place)) {
            Some(missing) => Err(format!("its first line has no column {:?}", COLUMNS[missing])),
            None => Ok(Form::Csv(places)),
        }
    }

    /// Whether the first line is a heading, and no row.
    pub(super) fn has_heading(&self) -> bool {
        matches!(self, Form::Csv(_))
    }

    /// Reads a row.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub(super) fn row(&self, text: &str, line: u64) -> Result<Row, String> {
        match self {
            Form::Csv(places) => of_csv(places, text, line),
            Form::Jsonl => of_json(text, line),
        }
    }
}

fn of_csv(places: &[usize], text: &str, line: u64) -> Result<Row, String> {
    let found = csv::fields(text)?;
    if found.len() > places.len() {
        return Err(format!("expected {} fields, as in the first line, found {}", places.len(), found.len()));
    }
    let mut values = [""; COLUMNS.len()];
    for (place, value) in places.iter().zip(&found) {
        values[*place] = value;
    }
    let [purpose, names, key, days] = values;
    let optional = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Ok(Row {
        line,
        purpose: self::purpose(purpose)?,
        names: names.split_whitespace().map(str::to_owned).collect(),
        key: optional(key).map(|key| self::key(&key)).transpose()?,
        days: optional(days).map(|days| self::days(&days)).transpose()?,
    })
}

fn purpose(text: &str) -> Result<Purpose, String> {
    match text.parse() {
        Ok(purpose @ (Purpose::Server | Purpose::Client)) => Ok(purpose),
        _ => Err(format!("its purpose is {text:?}: expected server or client")),
    }
}

fn key(text: &str) -> Result<KeyKind, String> {
    text.parse().map_err(|expected| format!("its key kind is {text:?}: {expected}"))
}

fn days(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("its days are {text:?}: expected a whole number, such as 90"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    purpose: String,
    names: Words,
    key: Option<String>,
    days: Option<u32>,
}

/// Names in one text, separated by spaces, or each a text of its own: then a client's may hold spaces.
#[derive(Deserialize)]
#[serde(untagged, expecting = "names are a text, or a list of texts")]
enum Words {
    One(String),
    Each(Vec<String>),
}

fn of_json(text: &str, line: u64) -> Result<Row, String> {
    let written: Written = serde_json::from_str(text).map_err(|error| told(&error))?;
    Ok(Row {
        line,
        purpose: purpose(&written.purpose)?,
        names: match written.names {
            Words::One(names) => names.split_whitespace().map(str::to_owned).collect(),
            Words::Each(names) => names,
        },
        key: written.key.as_deref().map(key).transpose()?,
        days: written.days,
    })
}

/// serde's own words of what a field holds, the line left out: to it every row is line 1. Of what is no JSON, and of numbers, it
/// speaks as programmers do.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = match error.classify() {
        Category::Data => {
            text.split(" at line ").next().unwrap_or(&text).replace("expected u32", "expected a whole number")
        }
        Category::Syntax | Category::Eof | Category::Io => "it is no JSON from there on".to_owned(),
    };
    format!("expected a JSON object with {}: {what}, at column {}", COLUMNS.join(", "), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(form: &Form, text: &str) -> Result<Row, String> {
        form.row(text, 7)
    }

    #[test]
    fn both_forms_say_the_same() {
        let csv = Form::of("names, purpose,days,key").unwrap();
        let jsonl = Form::of(r#" {"purpose""#).unwrap();
        let expected = Row {
            line: 7,
            purpose: Purpose::Server,
            names: vec!["a.test".into(), "192.0.2.7".into()],
            key: Some(KeyKind::Ed25519),
            days: Some(30),
        };
        assert_eq!(row(&csv, r#""a.test 192.0.2.7",server,30,ed25519"#), Ok(expected.clone()));
        let text = r#"{"purpose":"server","names":"a.test 192.0.2.7","days":30,"key":"ed25519"}"#;
        assert_eq!(row(&jsonl, text), Ok(expected.clone()));
        let text = r#"{"purpose":"client","names":["Alice B. Example","a@b.test"]}"#;
        assert_eq!(row(&jsonl, text).unwrap().names, ["Alice B. Example", "a@b.test"]);
        let bare = Row { key: None, days: None, ..expected };
        assert_eq!(row(&csv, "a.test 192.0.2.7,server"), Ok(bare));
    }

    #[test]
    fn what_is_wrong_is_told_with_what_is_right() {
        for (heading, told) in [
            ("server,a.test", "\"server\", which is none"),
            ("purpose,names,names", "twice"),
            ("purpose", "no column \"names\""),
            ("names,key", "no column \"purpose\""),
        ] {
            let fault = Form::of(heading).unwrap_err();
            assert!(fault.contains(told), "{heading}: {fault}");
        }
        let csv = Form::of("purpose,names,key,days").unwrap();
        for (text, told) in [
            ("Server,a.test", "expected server or client"),
            ("server,a.test,rsa", "ecdsa-p256, "),
            ("server,a.test,,-1", "whole number"),
            ("server,a.test,,1,x", "expected 4 fields"),
            ("server,\"a.test", "not closed"),
        ] {
            let fault = row(&csv, text).unwrap_err();
            assert!(fault.contains(told), "{text}: {fault}");
        }
        for (text, told) in [
            ("hello", "it is no JSON"),
            ("{", "it is no JSON"),
            (r#"{"purpose":"server","names":"a","days":"x"}"#, "expected a whole number"),
            (r#"{"purpose":"server","names":3}"#, "names are a text, or a list of texts"),
            (r#"{"purpose":"server"}"#, "missing field `names`"),
        ] {
            let fault = row(&Form::Jsonl, text).unwrap_err();
            assert!(fault.contains(told), "{text}: {fault}");
        }
        for text in [r#"{"purpose":"server"}"#, r#"{"purpose":"server","names":"a","x":1}"#, "{", r#"{"names":3}"#] {
            let fault = row(&Form::Jsonl, text).unwrap_err();
            assert!(fault.starts_with("expected a JSON object") && !fault.contains(" line "), "{text}: {fault}");
        }
    }
}
