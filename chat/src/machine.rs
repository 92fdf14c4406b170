//! What the machine says of itself and of who is using it.

use chat::limits::settings::LONGEST_NICKNAME;
/// This machine's host name.
pub(crate) fn host_name() -> String {
    ca_store::store::host_name().unwrap_or_else(|| "localhost".to_owned())
}

/// Who is logged in; `guest` where nothing says.
pub(crate) fn user_name() -> String {
    let names = ["USER", "LOGNAME", "USERNAME"].into_iter().filter_map(|variable| std::env::var(variable).ok());
    names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "guest".to_owned())
}

/// A text as a nickname (RFC 2812, section 2.3.1): what can't stand in one becomes `_`.
pub(crate) fn as_nickname(text: &str) -> String {
    let local = text.split('@').next().unwrap_or(text);
    let fits = |c: char| c.is_ascii_alphanumeric() || "[]\\`_^{|}-".contains(c);
    let mut nick: String = local.chars().take(LONGEST_NICKNAME).map(|c| if fits(c) { c } else { '_' }).collect();
    if nick.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        nick.insert(0, '_');
    }
    if nick.is_empty() { "guest".to_owned() } else { nick }
}

/// Whether colours are obeyed by the terminal, and wanted: not by a dumb one, and never with `NO_COLOR` (no-color.org).
pub(crate) fn takes_colour() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !is_dumb && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nicknames_begin_with_a_letter_and_hold_what_may_stand_there() {
        for (text, nick) in [
            ("alice@example.test", "alice"),
            ("Alice Smith", "Alice_Smith"),
            ("9lives", "_9lives"),
            ("", "guest"),
            ("zoë", "zo_"),
        ] {
            assert_eq!(as_nickname(text), nick);
        }
    }
}
