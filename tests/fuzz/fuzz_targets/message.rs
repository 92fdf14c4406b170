//! Messages: any line is read or refused; what was read and is written again is read back the same. So with its parts: tags,
//! mode strings, masks, names.
#![no_main]

use chat::wire::line::BODY_LENGTH;
use chat::wire::message::{Line, Message, PARAMETERS, ParseError, join_to_fit, pack, tagged, with_tag};
use chat::wire::mode::{Change, Written, parse_channel};
use chat::wire::{base64, casemap, channel_name::ChannelName, extban, mask, nickname::Nickname, time};
use libfuzzer_sys::fuzz_target;

/// Bytes for mode changes in one line of the server.
const ROOM: usize = 60;

fuzz_target!(|data: &[u8]| {
    let message = match Message::parse(data) {
        Ok(message) => message,
        Err(error) => return check_refusal(data, error),
    };
    assert!(message.params().len() <= PARAMETERS && !message.command.is_empty());
    check_written(&message);
    check_tags(&message);
    check_any_text(&message);
    if let Some((letters, parameters)) = message.params().split_first() {
        check_modes(letters, parameters);
    }
    check_masks(message.params());
    message.params().iter().for_each(|text| check_names(text));
});

fn check_refusal(data: &[u8], error: ParseError) {
    let text = std::str::from_utf8(data);
    assert_eq!(error == ParseError::NotUtf8, text.is_err());
    let control = text.is_ok_and(|text| text.contains(['\0', '\r', '\n']));
    assert_eq!(error == ParseError::ControlCharacter, control);
}

/// Written again as far as it fits a line, it says the same.
fn check_written(message: &Message<'_>) {
    let line = match message.source {
        Some(source) => Line::new(source, message.command),
        None => Line::command(message.command),
    };
    let line = match message.params().split_last() {
        Some((last, before)) => line.params(before).text(last),
        None => line,
    };
    let bytes = finished(&line);
    let source = message.source.map_or(0, |source| source.len() + 2);
    let parameters: usize = message.params().iter().map(|text| text.len() + 1).sum();
    if source + message.command.len() + parameters + ":\r\n".len() > BODY_LENGTH {
        return;
    }
    let again = read(&bytes);
    assert_eq!((again.source, again.command, again.params()), (message.source, message.command, message.params()));
    let tags: Vec<_> = message.tags.iter().map(|(key, value)| format!("{key}={}", escaped(&value))).collect();
    let bytes = tagged(&tags.join(";"), &bytes);
    let again = read(&bytes);
    assert_eq!((again.source, again.command, again.params()), (message.source, message.command, message.params()));
    assert!(again.tags.iter().eq(message.tags.iter()), "escaped and read again, tags are the same");
    let more = with_tag("label=x", &bytes);
    assert_eq!(read(&more).tags.iter().count(), tags.len() + 1);
}

fn check_tags(message: &Message<'_>) {
    let relayed = message.tags.client_only();
    assert!(relayed.is_empty() || relayed.split(';').all(|tag| tag.len() > 1 && tag.starts_with('+')));
    if !relayed.is_empty() {
        let bytes = tagged(&relayed, b"TAGMSG #a\r\n");
        assert_eq!(read(&bytes).tags.client_only(), relayed);
    }
    for (key, _) in message.tags.iter() {
        assert!(message.tags.written(key).is_some_and(|value| !value.contains([' ', ';'])));
    }
}

/// Whatever stands in a parameter or a text, the line is one message of at most 512 octets.
fn check_any_text(message: &Message<'_>) {
    for text in message.params() {
        let line = Line::new("irc.test", "001").param(text).params(message.params()).text(text);
        let bytes = finished(&line);
        assert!(read(&bytes).params()[0].len() <= text.len().max(1) + 1);
        for packed in pack(&Line::new("irc.test", "353").param("nick"), message.params()) {
            read(&finished(&packed));
        }
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        let joined = join_to_fit(&words, ROOM);
        assert!(joined.iter().all(|text| text.len() <= ROOM || !text.contains(' ')));
        assert_eq!(joined.join(" "), words.join(" "));
    }
}

/// Changes that are collected and written say the same when they are read, in however many pieces.
fn check_modes(letters: &str, parameters: &[&str]) {
    let changes: Vec<Change<'_>> = parse_channel(letters, parameters).collect();
    assert_eq!(changes.len(), letters.chars().filter(|letter| !matches!(letter, '+' | '-')).count());
    let used: Vec<&str> = changes.iter().filter_map(|change| change.parameter).collect();
    assert_eq!(used, parameters[..used.len()]);
    let mut written = Written::default();
    // What is written is what was carried out: letters of modes only.
    let known: Vec<&Change<'_>> = changes.iter().filter(|change| change.mode.is_some()).collect();
    known.iter().for_each(|change| written.push(change.adding, change.letter, change.parameter));
    assert_eq!((written.parameters(), written.is_empty()), (used.len(), known.is_empty()));
    let pieces = written.pieces(ROOM);
    let mut again = known.into_iter();
    for piece in &pieces {
        assert!(piece.len() == 1 || piece.join(" ").len() <= ROOM.max(piece[0].len() + 1 + piece[1].len()));
        let parameters: Vec<&str> = piece[1..].iter().map(String::as_str).collect();
        for change in parse_channel(&piece[0], &parameters) {
            assert_eq!(Some(&change), again.next());
        }
    }
    assert_eq!(again.next(), None);
}

fn check_masks(texts: &[&str]) {
    for text in texts {
        assert!(mask::matches("*", text) && mask::matches(text, text));
        let completed = mask::complete(text);
        assert_eq!(mask::complete(&completed), completed, "what is complete stays as it is");
        if let Ok(completed) = extban::complete(text) {
            assert_eq!(extban::complete(&completed).as_deref(), Ok(&*completed));
            let subject = extban::Subject { source: "nick!user@host", address: Some("::1"), account: Some(text) };
            assert!(!(extban::mute(&completed).is_some() && extban::matches(&completed, subject)));
        }
        for other in texts {
            let (text, other) = (casemap::fold(text), casemap::fold(other));
            assert_eq!(mask::matches(&text, &other), mask::matches(&text.to_ascii_uppercase(), &other));
        }
    }
}

fn check_names(text: &str) {
    let one_word = |name: &str| assert!(!name.is_empty() && !name.contains([' ', ',', '\r', '\n', '\0']), "{name:?}");
    if let Ok(nickname) = Nickname::parse(text, 32) {
        one_word(nickname.as_str());
        assert!(nickname.as_str().len() <= 32 && !nickname.as_str().starts_with([':', '#']));
    }
    if let Ok(channel) = ChannelName::parse(text, 64) {
        one_word(channel.as_str());
        assert!(channel.as_str().len() <= 64 && channel.as_str().starts_with('#'));
        assert!(casemap::same(channel.folded().as_str(), channel.as_str()));
    }
    assert_eq!(base64::decode(&base64::encode(text.as_bytes())).as_deref(), Some(text.as_bytes()));
    if let Some(bytes) = base64::decode(text) {
        assert_eq!(base64::encode(&bytes), text, "no bytes have two spellings");
    }
    let _ = time::parse_rfc3339(text);
}

fn finished(line: &Line) -> Vec<u8> {
    let bytes = line.finish().to_vec();
    assert!(bytes.len() <= BODY_LENGTH && bytes.ends_with(b"\r\n"));
    assert_eq!(&bytes[..bytes.len() - 2], line.as_text().as_bytes());
    bytes
}

fn read(bytes: &[u8]) -> Message<'_> {
    Message::parse(bytes.strip_suffix(b"\r\n").expect("a finished line")).expect("what we write is a message")
}

/// IRCv3 message tags, "Escaping values".
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for c in value.chars() {
        match c {
            ';' => text.push_str(r"\:"),
            ' ' => text.push_str(r"\s"),
            '\\' => text.push_str(r"\\"),
            '\r' => text.push_str(r"\r"),
            '\n' => text.push_str(r"\n"),
            other => text.push(other),
        }
    }
    text
}
