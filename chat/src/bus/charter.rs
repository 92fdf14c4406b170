//! The settings that all nodes of a chat share, compared.

use serde_json::{Map, Value};

/// One JSON object with its keys sorted, so that equal settings are equal texts.
///
/// # Errors
/// Where the text is something else.
pub(super) fn canonical(text: &str) -> Result<String, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(sorted(Value::Object(map)).to_string()),
        Ok(_) => Err("it is JSON, and no object".to_owned()),
        Err(why) => Err(why.to_string()),
    }
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(Map::from_iter(entries))
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// Why this node may not be with those: the first thing in which they differ, on both sides, and what to do.
pub(super) fn refusal(here: (u32, &str), there: (&str, &str), names: &str) -> String {
    let names = shown(names);
    if here.0.to_string() != there.0 {
        return format!(
            "this node speaks version {} of the protocol between nodes, and the chat that {names} make up version {}: \
             run the same version of chat on all of them",
            here.0,
            shown(there.0)
        );
    }
    let (ours, theirs) = (parsed(here.1), parsed(there.1));
    let keys = ours.keys().chain(theirs.keys().filter(|key| !ours.contains_key(*key)));
    let different = keys.filter(|key| ours.get(*key) != theirs.get(*key));
    let told: Vec<String> = different.map(|key| difference(key, ours.get(key), theirs.get(key))).collect();
    format!(
        "all nodes of a chat share some settings, and this one differs from {names}: {}; set them alike and start again",
        told.join("; ")
    )
}

fn difference(key: &str, here: Option<&Value>, there: Option<&Value>) -> String {
    let side = |value: Option<&Value>| value.map_or("not set".to_owned(), |value| shown(&value.to_string()));
    format!("{} is {} here and {} there", shown(key), side(here), side(there))
}

/// Text that another node wrote, without what could play with a terminal.
fn shown(text: &str) -> String {
    const LENGTH: usize = 200;
    text.chars()
        .take(LENGTH)
        .flat_map(|it| if it.is_control() { it.escape_default().collect() } else { vec![it] })
        .collect()
}

fn parsed(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{canonical, refusal};

    #[test]
    fn the_order_of_keys_is_no_difference() {
        let text = r#"{"b":{"y":1,"x":[{"d":1,"c":2}]},"a":"é"}"#;
        assert_eq!(canonical(text).unwrap(), r#"{"a":"é","b":{"x":[{"c":2,"d":1}],"y":1}}"#);
        assert!(canonical("[]").unwrap_err().contains("no object"));
        assert!(canonical("{").is_err());
    }

    #[test]
    fn a_refusal_names_each_difference_with_both_sides() {
        let here = r#"{"nick-length":32,"same":1,"ours":true}"#;
        let there = r#"{"nick-length":16,"same":1,"theirs":"\u001b[2J"}"#;
        let text = refusal((1, here), ("1", there), "one, two");
        assert!(text.contains("nick-length is 32 here and 16 there"), "{text}");
        assert!(text.contains("ours is true here and not set there"), "{text}");
        assert!(text.contains("theirs is not set here") && !text.contains('\u{1b}'), "{text}");
        let text = refusal((2, here), ("1", there), "one");
        assert!(text.contains("version 2") && text.contains("one") && text.contains("version 1"), "{text}");
    }
}
