//! One form for the many spellings of one message.

/// The text as the tables of phrases have it: lower case, `-` and `_` as spaces, plain quotes, one space between words,
/// without escape sequences. So `SELF_SIGNED_CERT`, `self-signed` and OpenSSL 1.1's `self signed` read alike. In the name of a
/// file both stay: `lib/x509/name_constraints.c` and `self-signed-certificate.pem` are no messages.
pub(super) fn folded(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for word in text.split_inclusive(ends_word) {
        if is_file_name(word.trim_end_matches(ends_word)) {
            words.push_str(word);
        } else {
            words.extend(word.chars().map(unjoined));
        }
    }
    squeezed(&words)
}

fn unjoined(c: char) -> char {
    match c {
        '-' | '_' | '\u{2010}'..='\u{2015}' => ' ',
        other => other,
    }
}

fn ends_word(c: char) -> bool {
    c.is_whitespace()
        || matches!(unquoted(c), '\'' | ',' | ';' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '=' | '|')
}

/// What files of certificates, keys and their programs' sources are called.
const EXTENSIONS: &[&str] =
    &[".pem", ".crt", ".cer", ".key", ".der", ".csr", ".crl", ".p12", ".pfx", ".p7b", ".jks", ".cnf", ".conf", ".java"];

/// A path, or a file's name without one.
fn is_file_name(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    let is_path = word.contains('/') && (word.starts_with(['/', '.', '~']) || word.contains('.'));
    is_path || EXTENSIONS.iter().any(|extension| word.ends_with(extension))
}

/// The same with `-` and `_` kept, as host names have them.
pub(super) fn plain(text: &str) -> String {
    squeezed(text)
}

fn squeezed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            skip_escape(&mut chars);
            continue;
        }
        let c = unquoted(c);
        if c.is_whitespace() || c.is_control() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if c.is_ascii() {
            // Nearly all of a log; the tables of Unicode are for the rest.
            out.push(c.to_ascii_lowercase());
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The rest of a terminal's control sequence (ECMA-48, 5.4: up to a final byte from `@` to `~`); of another escape, nothing.
fn skip_escape(chars: &mut std::str::Chars<'_>) {
    if chars.as_str().starts_with('[') {
        chars.next();
        let _ = chars.find(|c| ('@'..='~').contains(c));
    }
}

/// Quotation marks of every kind: wget and GNU programs print ‘…’ where the locale has them.
fn unquoted(c: char) -> char {
    match c {
        '"' | '`' | '´' | '\u{2018}'..='\u{201f}' | '«' | '»' => '\'',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{folded, plain};

    #[test]
    fn spellings_of_one_message_become_one() {
        for (raw, expected) in [
            ("self-signed certificate", "self signed certificate"),
            ("Self  Signed\tcertificate\r\n", "self signed certificate"),
            ("DEPTH_ZERO_SELF_SIGNED_CERT", "depth zero self signed cert"),
            ("\u{1b}[31mself\u{1b}[0m signed", "self signed"),
            ("‘app’ “x” \"y\"", "'app' 'x' 'y'"),
            ("ÜBER", "über"),
            ("a\u{7}\u{0}b", "a b"),
            ("failed:../ssl/statem_clnt.c:1889: SELF_SIGNED", "failed:../ssl/statem_clnt.c:1889: self signed"),
            ("{\"error\":\"self-signed\",\"url\":\"https://a/x\"}", "{'error':'self signed','url':'https://a/x'}"),
            ("loading self-signed-cert.pem: TLS/SSL-handshake.", "loading self-signed-cert.pem: tls/ssl handshake."),
            ("BasicReason.NOT_YET_VALID (_ssl.c:1006)", "basicreason.not yet valid ( ssl.c:1006)"),
            ("\u{1b}[", ""),
            ("", ""),
        ] {
            assert_eq!(folded(raw), expected, "{raw:?}");
        }
        assert_eq!(plain("Host: My_App-1.Example.TEST"), "host: my_app-1.example.test");
    }
}
