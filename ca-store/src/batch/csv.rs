//! One line of comma-separated values (RFC 4180). A row is a line here, so a quoted field ends on its line: no name has a line
//! feed, and line numbers then mean the same to an editor and to us.

/// The fields of a line.
///
/// # Errors
/// What does not fit.
pub(super) fn fields(line: &str) -> Result<Vec<String>, &'static str> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = field(rest)?;
        fields.push(field.trim().to_owned());
        match after {
            Some(after) => rest = after,
            None => return Ok(fields),
        }
    }
}

/// The first field, and what follows its comma.
fn field(text: &str) -> Result<(String, Option<&str>), &'static str> {
    match text.trim_start().strip_prefix('"') {
        Some(quoted) => quoted_field(quoted),
        None => match text.split_once(',') {
            Some((field, after)) => plain(field).map(|field| (field, Some(after))),
            None => plain(text).map(|field| (field, None)),
        },
    }
}

fn plain(field: &str) -> Result<String, &'static str> {
    match field.contains('"') {
        true => Err("a quotation mark stands inside a field that does not begin with one"),
        false => Ok(field.to_owned()),
    }
}

/// `quoted` is what follows the opening mark; a mark inside is written twice.
fn quoted_field(quoted: &str) -> Result<(String, Option<&str>), &'static str> {
    let mut field = String::new();
    let mut rest = quoted;
    loop {
        let (part, after) = rest.split_once('"').ok_or("a quoted field is not closed on its line")?;
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => return end_of_quoted(after).map(|after| (field, after)),
        }
    }
}

fn end_of_quoted(after: &str) -> Result<Option<&str>, &'static str> {
    let after = after.trim_start();
    match after.strip_prefix(',') {
        Some(next) => Ok(Some(next)),
        None if after.is_empty() => Ok(None),
        None => Err("after the closing quotation mark of a field something else than a comma follows"),
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn fields_are_split_as_rfc_4180_says() {
        for (line, expected) in [
            ("a,b c,,d", vec!["a", "b c", "", "d"]),
            ("", vec![""]),
            ("a,", vec!["a", ""]),
            (r#""a","b,c" , "d""e""#, vec!["a", "b,c", "d\"e"]),
            (r#" a , "" "#, vec!["a", ""]),
        ] {
            assert_eq!(fields(line).unwrap(), expected, "{line}");
        }
        for bad in [r#""a"#, r#"a"b"#, r#""a"b,c"#] {
            assert!(fields(bad).is_err(), "{bad}");
        }
    }
}
