//! PEM that lies in a text of another kind, taken out: a mail that quotes it, a web page, a string of a program, base64 once more.

use zeroize::Zeroizing;

use super::{Fault, base64, escape, unseen};

/// What a text lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// The same characters stand on every line, in front of it or behind it.
    Lines,
    /// Tags or entities of HTML or XML.
    Markup,
    /// Characters are written as `%2B` (RFC 3986 section 2.1).
    Percent,
    /// Characters are written as `=3D` (RFC 2045 section 6.7).
    QuotedPrintable,
    /// Base64, once more.
    Base64,
    /// `-` and `_` in place of `+` and `/` (RFC 4648 section 5).
    UrlSafe,
    /// Spaces in place of `+`, as a web form decodes it.
    PlusAsSpace,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
/// `-----BEGIN ` in base64, once, twice and three times: its first octets, of which three are a group of four each.
const BEGIN_IN_BASE64: [&str; 3] = ["LS0tLS1CRUdJ", "TFMwdExTMUNSVWRK", "VEZNd2RFeFRNVU5TVldS"];
/// The most characters that are taken for the wrapping of a line, on each side.
const MAX_AROUND: usize = 40;
/// The most of a wrapping that is shown.
const SHOWN: usize = 20;

/// What stands between the strings of a list or a sum, and not behind the last.
const JOINING: [char; 6] = [' ', ',', '+', '.', ';', '\\'];

/// A text taken out, and what it lay in.
type Opened = (Fault, Zeroizing<String>);

/// The ways in which the text may lie in another one, each tried when it is asked for.
pub(super) fn opened(text: &str) -> impl Iterator<Item = Opened> + '_ {
    let ways: [fn(&str) -> Option<Opened>; 7] =
        [encoded_again, lines, percent, quoted_printable, markup, url_safe, plus_as_space];
    ways.into_iter().filter_map(move |way| way(text))
}

fn wrapped(text: &str, at: usize, wrapping: Wrapping, shown: &str) -> Fault {
    let before = &text[..at];
    let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
    let shown: String = shown.chars().take(SHOWN).collect();
    Fault::Wrapped { line: 1 + before.matches('\n').count(), column, wrapping, shown: escape(&shown) }
}

/// From behind the first BEGIN to the last END.
fn body(text: &str) -> Option<(usize, &str)> {
    let start = text.find(BEGIN)?;
    let end = text.rfind(END)?;
    text.get(start..end).map(|body| (start, body))
}

/// Each run of base64 that begins as PEM does, as a secret of Kubernetes has it, decoded.
fn encoded_again(text: &str) -> Option<Opened> {
    let (begin, first) = BEGIN_IN_BASE64.iter().find_map(|begin| Some((*begin, text.find(begin)?)))?;
    if text.contains(BEGIN) {
        return None;
    }
    let mut inner = Zeroizing::new(String::with_capacity(text.len()));
    let mut at = first;
    while let Some(found) = text[at..].find(begin) {
        let run = run_of_base64(&text[at + found..]);
        at += found + run.len();
        let digits: Zeroizing<String> = Zeroizing::new(run.split_whitespace().collect());
        if let Some(decoded) = base64::decode(&digits) {
            inner.extend(decoded.iter().copied().map(char::from));
            inner.push('\n');
        }
    }
    Some((wrapped(text, first, Wrapping::Base64, &text[first..]), inner))
}

/// The base64 at the beginning of the text, with the lines after it that hold nothing else.
fn run_of_base64(text: &str) -> &str {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    let mut length = 0;
    for line in text.split_inclusive('\n') {
        let digits = line.trim_start_matches([' ', '\t']).trim_end();
        let whole = !digits.is_empty() && digits.chars().all(is_digit);
        if length == 0 || whole {
            let ends = line.find(|c: char| !is_digit(c) && !c.is_whitespace());
            length += ends.unwrap_or(line.len());
            if ends.is_none() {
                continue;
            }
        }
        break;
    }
    &text[..length]
}

/// What stands around each line of a block: `> `, `<br>`, `"…\n",`, the lines' numbers.
fn lines(text: &str) -> Option<Opened> {
    let mut inner = Zeroizing::new(String::with_capacity(text.len()));
    let mut fault = None;
    let (mut at, mut rest) = (0, text);
    while let Some(line) = rest.split_inclusive('\n').next() {
        let around = Around::of(line);
        let length = match around.as_ref().and_then(|around| Some((around, around.block(rest)?))) {
            Some((around, (length, mended))) => {
                let (column, shown) = around.shown(line);
                fault = fault.or_else(|| Some(wrapped(text, at + column, Wrapping::Lines, shown)));
                inner.push_str(&mended);
                length
            }
            None => {
                inner.push_str(line);
                line.len()
            }
        };
        at += length;
        rest = &rest[length..];
    }
    fault.map(|fault| (fault, inner))
}

/// What begins a comment, in the files that PEM is pasted into.
const COMMENTS: [&str; 3] = ["#", ";", "//"];

/// The text without the blocks that are commented out, where it has others beside them: hardly anybody reads them any more. Each of their
/// lines stays as an empty comment, so that all others keep their numbers. With the line of the first; `None` where there is nothing to
/// leave out.
pub(super) fn without_comments(text: &str) -> Option<(usize, Zeroizing<String>)> {
    if !text.lines().any(|line| line.trim().starts_with(BEGIN)) {
        return None;
    }
    let mut kept = Zeroizing::new(String::with_capacity(text.len()));
    let (mut first, mut rest) = (None, text);
    while let Some(line) = rest.split_inclusive('\n').next() {
        let commented = Around::of(line).filter(|around| COMMENTS.contains(&around.before.trim()));
        let block = commented.and_then(|around| around.block(rest)).map(|(length, _)| length);
        // A comment may speak of a BEGIN, and a block may have been cut down to it.
        let spoken_of = COMMENTS.iter().any(|sign| line.trim_start().starts_with(sign)) && line.contains(BEGIN);
        let length = match block.or(spoken_of.then_some(line.len())) {
            Some(length) => {
                first = first.or(Some(1 + kept.matches('\n').count()));
                rest[..length].lines().for_each(|_| kept.push_str("#\n"));
                length
            }
            None => {
                kept.push_str(line);
                line.len()
            }
        };
        rest = &rest[length..];
    }
    first.map(|line| (line, kept))
}

/// What stands around a BEGIN on its line.
struct Around<'a> {
    before: &'a str,
    behind: &'a str,
}

impl<'a> Around<'a> {
    fn of(line: &'a str) -> Option<Around<'a>> {
        let line = line.trim_end();
        let begin = line.find(BEGIN)?;
        let label = begin + BEGIN.len();
        let end = label + line[label..].find("-----")? + "-----".len();
        let around = Around { before: &line[..begin], behind: line[end..].trim() };
        let is_seen = |text: &str| text.chars().any(|c| !c.is_whitespace() && c != '-' && !unseen::is_unseen(c));
        let is_short = around.before.len() <= MAX_AROUND && around.behind.len() <= MAX_AROUND;
        (is_short && (is_seen(around.before) || is_seen(around.behind))).then_some(around)
    }

    /// What is shown of it, and where on the line that begins.
    fn shown(&self, line: &str) -> (usize, &'a str) {
        if self.before.trim().is_empty() {
            (line.trim_end().len() - self.behind.len(), self.behind)
        } else {
            (0, self.before)
        }
    }

    /// The block that begins the text without what is around its lines, and its length in the text; `None` where a line has it not.
    fn block(&self, text: &str) -> Option<(usize, Zeroizing<String>)> {
        let (mut length, mut inner) = (0, Vec::new());
        for line in text.split_inclusive('\n') {
            let content = self.without(line)?;
            if !inner.is_empty() && content.contains(BEGIN) {
                return None;
            }
            inner.push(content);
            length += line.len();
            if content.contains(END) {
                let mut mended = Zeroizing::new(String::with_capacity(length + 1));
                inner.into_iter().for_each(|line| mended.extend([line, "\n"]));
                return Some((length, mended));
            }
        }
        None
    }

    fn without<'b>(&self, line: &'b str) -> Option<&'b str> {
        let line = line.trim_end();
        let rest = match behind_digits(self.before) {
            Some(mark) if mark.trim().chars().count() <= 1 && !mark.is_empty() => {
                behind_digits(line)?.strip_prefix(mark)?
            }
            _ => line.strip_prefix(self.before.trim_end())?,
        };
        if self.behind.is_empty() {
            return Some(rest.trim());
        }
        // The last one of a list has no comma behind it, and that of a sum no sign.
        let least = self.behind.trim_end_matches(JOINING);
        let whole = rest.strip_suffix(self.behind);
        let last = || rest.trim_end_matches(JOINING).strip_suffix(least).filter(|_| !least.is_empty());
        whole.or_else(last).map(str::trim)
    }
}

/// What stands behind a number at the beginning, such as a line's.
fn behind_digits(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

/// `%0A` and `%20`, as a URL or a proxy's header has them.
fn percent(text: &str) -> Option<Opened> {
    let line_end = || ["-----%0A", "-----%0a", "-----%0D", "-----%0d"].iter().find_map(|word| text.find(word));
    let at = ["BEGIN%20", "BEGIN+"].iter().filter_map(|word| text.find(word)).min().or_else(line_end)?;
    let of_form = text[at..].starts_with("BEGIN+");
    let mut inner = Zeroizing::new(String::with_capacity(text.len()));
    let mut parts = text.split('%');
    let plain = |text: &str| if of_form { text.replace('+', " ") } else { text.to_owned() };
    inner.push_str(&Zeroizing::new(plain(parts.next().unwrap_or_default())));
    for part in parts {
        let octet = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match octet {
            Some(octet) => inner.push(char::from(octet)),
            None => inner.push('%'),
        }
        inner.push_str(&Zeroizing::new(plain(if octet.is_some() { &part[2..] } else { part })));
    }
    let at = at + "BEGIN".len();
    let shown = if of_form { "+" } else { &text[at..(at + "%20".len()).min(text.len())] };
    Some((wrapped(text, at, Wrapping::Percent, shown), inner))
}

/// `=3D` for each `=`; a line that ends with `=` goes on in the next.
fn quoted_printable(text: &str) -> Option<Opened> {
    let (start, body) = body(text)?;
    let at = start + body.find("=3D")?;
    let inner = Zeroizing::new(text.replace("=\r\n", "").replace("=\n", ""));
    let inner = Zeroizing::new(inner.replace("=3D", "="));
    Some((wrapped(text, at, Wrapping::QuotedPrintable, "=3D"), inner))
}

/// What stands for a character in HTML; the others have their number.
const ENTITIES: &[(&str, &str)] = &[
    ("&nbsp;", " "),
    ("&quot;", "\""),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&sol;", "/"),
    ("&plus;", "+"),
    ("&equals;", "="),
];

/// Tags are dropped, each end of a line among them with a line feed in its place; entities become their characters.
fn markup(text: &str) -> Option<Opened> {
    let (start, body) = body(text).or_else(|| is_begun_by_entities(text).then_some((0, text)))?;
    let at = start + body.find(['<', '&'])?;
    let mut inner = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(found) = rest.find(['<', '&']) {
        inner.push_str(&rest[..found]);
        rest = &rest[found..];
        let (shown, length) = tag(rest, &inner).or_else(|| entity(rest)).unwrap_or((Some('\0'), 1));
        inner.extend(shown);
        rest = &rest[length..];
    }
    inner.push_str(rest);
    let shown = text[at..]
        .split_inclusive(['>', ';'])
        .next()
        .filter(|shown| shown.len() <= SHOWN && shown.ends_with(['>', ';']));
    let shown = shown.unwrap_or(&text[at..=at]);
    Some((wrapped(text, at, Wrapping::Markup, shown), inner))
}

/// Whether a BEGIN has entities in it, so that it is none as the text stands.
fn is_begun_by_entities(text: &str) -> bool {
    ["&#45;BEGIN", "&#x2d;BEGIN", "&#x2D;BEGIN", "-BEGIN&nbsp;", "-BEGIN&#160;"]
        .iter()
        .any(|begin| text.contains(begin))
}

/// The tag that begins the text: what it stands for, and its length.
fn tag(text: &str, before: &str) -> Option<(Option<char>, usize)> {
    let length = text.strip_prefix('<')?.bytes().take(2 * MAX_AROUND).position(|octet| octet == b'>')? + 2;
    let ends_line = !before.ends_with('\n') && !text[length..].starts_with(['\r', '\n']);
    Some((ends_line.then_some('\n'), length))
}

/// The entity that begins the text: its character, and its length.
fn entity(text: &str) -> Option<(Option<char>, usize)> {
    if let Some((name, shown)) = ENTITIES.iter().find(|(name, _)| text.starts_with(name)) {
        return Some((shown.chars().next(), name.len()));
    }
    let number = text.strip_prefix("&#")?;
    let end = number.bytes().take(7).position(|octet| octet == b';')?;
    let code = match number[..end].strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number[..end].parse().ok()?,
    };
    Some((Some(char::from_u32(code)?), "&#;".len() + end))
}

fn url_safe(text: &str) -> Option<Opened> {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || "-_=".contains(c);
    digits_mended(
        text,
        Wrapping::UrlSafe,
        |line| line.trim().chars().all(is_digit),
        |c| match c {
            '-' => Some('+'),
            '_' => Some('/'),
            _ => None,
        },
    )
}

fn plus_as_space(text: &str) -> Option<Opened> {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || "/= ".contains(c);
    let fits = |line: &str| !line.starts_with("  ") && line.trim_end_matches('\r').chars().all(is_digit);
    digits_mended(text, Wrapping::PlusAsSpace, fits, |c| (c == ' ').then_some('+'))
}

/// The text with the base64 of its blocks in the usual digits, where every line of them fits.
fn digits_mended(
    text: &str,
    wrapping: Wrapping,
    fits: impl Fn(&str) -> bool,
    mended: impl Fn(char) -> Option<char>,
) -> Option<Opened> {
    let mut inner = Zeroizing::new(String::with_capacity(text.len()));
    let (mut at, mut first, mut inside) = (0, None, false);
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']);
        if content.contains(BEGIN) || content.contains(END) {
            inside = content.contains(BEGIN);
            inner.push_str(line);
        } else if inside && !fits(content) {
            return None;
        } else if inside {
            first = first.or_else(|| content.find(|c| mended(c).is_some()).map(|column| at + column));
            inner.extend(line.chars().map(|c| mended(c).unwrap_or(c)));
        } else {
            inner.push_str(line);
        }
        at += line.len();
    }
    let shown = first.and_then(|first| text[first..].get(..1)).unwrap_or_default();
    first.map(|first| (wrapped(text, first, wrapping, shown), inner))
}

/// The text with its line feeds, which were written `\n` or `\r\n`, and without the quotes around it and the signs between
/// strings; each BEGIN begins a line. In one copy, as it may be a key.
pub(super) fn unescaped(text: &str) -> Zeroizing<String> {
    // Dashes first, as a BEGIN may be made of them.
    let text = Zeroizing::new(text.replace("\\u002d", "-"));
    let text = Zeroizing::new(text.replace("\\u002D", "-"));
    let mut mended = Zeroizing::new(String::with_capacity(text.len() + text.matches(BEGIN).count()));
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['\\', '"', '\'']) {
        push(&mut mended, &rest[..at]);
        let (shown, length) = match &rest.as_bytes()[at..] {
            [b'\\', b'n', ..] => ("\n", 2 + between_strings(&rest[at + 2..]).max(line_end(&rest[at + 2..]))),
            [b'\\', b'r', ..] => ("", 2),
            // Escaped twice, as a string within a string.
            [b'\\', b'\\', b'n', ..] => ("\n", 3),
            [b'\\', b'\\', b'r', ..] => ("", 3),
            // As JSON may write them (RFC 8259 section 7).
            [b'\\', b'/', ..] => ("/", 2),
            [b'\\', b'u', ..] => match character(&rest[at + 2..]) {
                Some(character) => {
                    mended.push(character);
                    rest = &rest[at + "\\u002B".len()..];
                    continue;
                }
                None => ("\\", 1),
            },
            [b'\\', ..] => ("\\", 1),
            _ => ("", 1),
        };
        mended.push_str(shown);
        rest = &rest[at + length..];
    }
    push(&mut mended, rest);
    mended
}

/// The character whose number begins the text, in four hexadecimal digits.
fn character(text: &str) -> Option<char> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

/// What stands in front of a BEGIN on its line, such as the name of a setting, gets a line of its own; the END of another block
/// does not.
fn push(mended: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(BEGIN) {
        mended.push_str(&rest[..at]);
        if !mended.is_empty() && !mended.ends_with(['\n', '-']) {
            mended.push('\n');
        }
        mended.push_str(BEGIN);
        rest = &rest[at + BEGIN.len()..];
    }
    mended.push_str(rest);
}

/// How long the line's end is that the text begins with: written out and there, it is one.
fn line_end(rest: &str) -> usize {
    ["\n", "\r\n"].into_iter().find(|end| rest.starts_with(end)).map_or(0, str::len)
}

/// How long the end of a string and the sign that joins the next are, up to the line's end: `" +`.
fn between_strings(rest: &str) -> usize {
    let Some(behind) = rest.strip_prefix(['"', '\'']) else { return 0 };
    let line = behind.trim_start_matches([' ', '+', ',', '.', ';', '\\', ')', '\r']);
    match line.strip_prefix('\n') {
        Some(next) => rest.len() - next.len(),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::{Fault, Input, Wrapping};

    const DER: [u8; 62] = {
        let mut der = [0xfb; 62];
        (der[0], der[1]) = (0x30, 60);
        der
    };

    fn pem() -> String {
        crate::facts::to_pem("CERTIFICATE", &DER)
    }

    fn each_line(around: impl Fn(usize, &str) -> String) -> String {
        pem().lines().enumerate().map(|(at, line)| around(at, line) + "\n").collect()
    }

    fn encoded(text: &str) -> String {
        let pem = crate::facts::to_pem("CERTIFICATE", text.as_bytes());
        pem.lines().filter(|line| !line.starts_with('-')).collect()
    }

    #[test]
    fn a_block_that_is_commented_out_goes_where_others_stand_beside_it() {
        const BLOCK: &str = "-----BEGIN X-----\nAAAA\n-----END X-----\n";
        let commented = |sign: &str| BLOCK.lines().map(|line| format!("{sign}{line}\n")).collect::<String>();
        for sign in ["# ", "#", "// ", ";"] {
            let left_out = super::without_comments(&format!("{BLOCK}{}", commented(sign)));
            let (line, kept) = left_out.expect("one is left out");
            assert_eq!((line, kept.as_str()), (4, format!("{BLOCK}#\n#\n#\n").as_str()), "{sign}");
            assert!(super::without_comments(&commented(sign)).is_none(), "{sign}: it is all that there is");
        }
        assert!(super::without_comments(&format!("{}{BLOCK}", commented("> "))).is_none(), "a quotation is no comment");
        let spoken_of = format!("# a -----BEGIN X----- of old\n{BLOCK}");
        let (line, kept) = super::without_comments(&spoken_of).expect("it is left out");
        assert_eq!((line, kept.as_str()), (1, format!("#\n{BLOCK}").as_str()));
    }

    #[test]
    fn what_lies_in_another_text_is_taken_out_and_named_with_its_place() {
        use Wrapping::{Base64, Lines, Markup, Percent, PlusAsSpace, QuotedPrintable, UrlSafe};
        for (text, wrapping, (line, column)) in [
            (each_line(|_, line| format!("> {line}")), Lines, (1, 1)),
            (format!("Hello,\n{}", each_line(|_, line| format!(">>{line}"))), Lines, (2, 1)),
            (each_line(|_, line| format!("{line}<br>")), Lines, (1, 28)),
            (each_line(|_, line| format!("<p>{line}</p>")), Lines, (1, 1)),
            (each_line(|at, line| format!("{:>4}: {line}", at + 1)), Lines, (1, 1)),
            (each_line(|at, line| format!("  \"{line}\"{}", if at < 3 { "," } else { "" })), Lines, (1, 1)),
            (pem().replace('\n', "<br/>"), Markup, (1, 28)),
            (pem().replace('+', "&#43;").replace('/', "&#x2F;"), Markup, (2, 5)),
            (pem().replace('\n', "%0A").replace(' ', "%20").replace('+', "%2B"), Percent, (1, 11)),
            (pem().replace('-', "&#45;"), Markup, (1, 1)),
            (pem().replace(' ', "&nbsp;").replace('\n', "<br>"), Markup, (1, 11)),
            (pem().replace('\n', "%0A"), Percent, (1, 28)),
            (encoded(&encoded(&encoded(&pem()))), Base64, (1, 1)),
            (pem().replace('=', "=3D"), QuotedPrintable, (3, 20)),
            (encoded(&pem()), Base64, (1, 1)),
            (format!("data:\n  tls.crt: {}\n  tls.key: x\n", encoded(&pem())), Base64, (2, 12)),
            (pem().replace('+', "-").replace('/', "_"), UrlSafe, (2, 5)),
        ] {
            let input = Input::read(text.as_bytes());
            let found: Vec<_> = input.blocks.iter().map(|block| block.der.to_vec()).collect();
            assert_eq!(found, [DER.to_vec()], "{text}\n{:?}", input.faults);
            let named = input.faults.iter().any(|fault| match fault {
                Fault::Wrapped { wrapping: found, line: at, column: along, .. } => {
                    (*found, *at, *along) == (wrapping, line, column)
                }
                _ => false,
            });
            assert!(named, "{text}\n{:?}", input.faults);
        }
        let lost = crate::facts::to_pem("CERTIFICATE", &[&[0x30, 60][..], &[0xf8; 60]].concat()).replace('+', " ");
        let input = Input::read(lost.as_bytes());
        assert!(
            matches!(input.faults[..], [Fault::Wrapped { wrapping: PlusAsSpace, .. }]),
            "{lost}: {:?}",
            input.faults
        );
    }

    #[test]
    fn strings_of_programs_are_read_with_what_joins_them() {
        for text in [
            each_line(|_, line| format!("\"{line}\\n\"")),
            each_line(|_, line| format!("  \"{line}\\n\" +")),
            format!("{{\"ca\": \"{}\"}}", pem().replace('\n', "\\n").replace('/', "\\/")),
            format!("CA={}", pem().replace('\n', "\\n")),
            pem().replace('\n', "\\\\n"),
            format!("{{\"ca\": \"{}\"}}", pem().replace('\n', "\\n").replace('+', "\\u002B").replace('/', "\\/")),
            format!("{{\"ca\": \"{}\"}}", pem().replace('\n', "\\u000a").replace('=', "\\u003d")),
            format!("{{\"ca\": \"{}\"}}", pem().replace('-', "\\u002d").replace('\n', "\\n")),
        ] {
            let input = Input::read(text.as_bytes());
            assert_eq!(input.blocks.len(), 1, "{text}\n{:?}", input.faults);
            assert!(matches!(input.faults[0], Fault::EscapedNewlines { line: 1, .. }), "{text}\n{:?}", input.faults);
            assert!(!input.faults.iter().any(Fault::is_of_wrapping), "{text}\n{:?}", input.faults);
        }
    }

    #[test]
    fn what_is_whole_is_never_taken_apart() {
        for text in [format!("<pre>\n{}</pre>\n", pem()), format!("# > %20 =3D\n{}", pem()), pem()] {
            let input = Input::read(text.as_bytes());
            assert_eq!(input.blocks.len(), 1);
            assert!(!input.faults.iter().any(|fault| matches!(fault, Fault::Wrapped { .. })), "{:?}", input.faults);
        }
    }
}
