//! Messages of several lines (IRCv3 draft/multiline): collected from a client's batch, and written for each kind of reader.

use serde::{Deserialize, Serialize};

use super::Now;
use super::fanout::Fanout;
use super::label::Label;
use super::limits::{BATCH_SECONDS, MULTILINE_BYTES, MULTILINE_LINES};
use super::relay::Kind;
use super::session::Session;
use super::turn::Turn;
use crate::wire::capability::Capability;
use crate::wire::casemap;
use crate::wire::message::{Line, Message};

/// The type of the batch.
pub(super) const TYPE: &str = "draft/multiline";

/// The tag of a line that belongs to the one before it.
const CONCAT: &str = "draft/multiline-concat";

/// One line of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) text: Box<str>,
    /// Follows the line before it without a line break.
    joined: bool,
}

/// A batch that a client has opened.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) reference: Box<str>,
    pub(super) target: Box<str>,
    /// The client-only tags of the whole message.
    pub(super) tags: String,
    /// How the client calls the whole message.
    pub(super) label: Option<Label>,
    pub(super) pieces: Vec<Piece>,
    /// PRIVMSG or NOTICE, as its first line is.
    pub(super) kind: Option<Kind>,
    bytes: usize,
    opened: Now,
    /// What was wrong was told; the rest is dropped.
    pub(super) failed: bool,
    /// Lines that count against no rate: a message is sent all at once.
    free: usize,
}

/// What is wrong with a batch: what follows `FAIL BATCH`, and a text.
pub(super) struct Wrong(pub(super) Vec<String>, pub(super) String);

/// Something that has no code of its own.
pub(super) fn invalid(text: &str) -> Wrong {
    Wrong(vec!["MULTILINE_INVALID".to_owned()], format!("Invalid multiline batch: {text}"))
}

fn too_much(code: &str, limit: usize, what: &str) -> Wrong {
    Wrong(vec![code.to_owned(), limit.to_string()], format!("Multiline batch {what} exceeded"))
}

impl Open {
    pub(super) fn new(reference: &str, target: &str, tags: String, label: Option<Label>, now: Now) -> Open {
        Open {
            reference: reference.into(),
            target: target.into(),
            tags,
            label,
            pieces: Vec::new(),
            kind: None,
            bytes: 0,
            opened: now,
            failed: false,
            free: MULTILINE_LINES,
        }
    }

    /// Whether a line is one of its own that need not be counted.
    pub(super) fn takes_for_free(&mut self, line: &[u8]) -> bool {
        let mine = Message::parse(line).is_ok_and(|message| message.tags.written("batch") == Some(&self.reference));
        let free = mine && self.free > 0;
        self.free -= usize::from(free);
        free
    }

    /// Whether more is to come of it.
    pub(super) fn goes_on(&self, now: Now) -> bool {
        !self.failed && self.in_time(now).is_ok()
    }

    /// Adds a line.
    fn add(&mut self, message: &Message<'_>, now: Now) -> Result<(), Wrong> {
        self.in_time(now)?;
        let kind = Kind::of(message.command).filter(|kind| *kind != Kind::Tagmsg);
        let kind = kind.filter(|kind| self.kind.is_none_or(|first| first == *kind));
        let kind = kind.ok_or_else(|| invalid("it holds PRIVMSG only, or NOTICE only"))?;
        let target = message.params().first().copied().unwrap_or("*");
        if !casemap::same(target, &self.target) {
            let about = vec!["MULTILINE_INVALID_TARGET".to_owned(), self.target.to_string(), target.to_owned()];
            return Err(Wrong(about, "Invalid multiline target".to_owned()));
        }
        let text = *message.params().get(1).ok_or_else(|| invalid("a line has no text"))?;
        let joined = message.tags.written(CONCAT).is_some();
        if joined && text.is_empty() {
            return Err(invalid("a blank line is joined to another"));
        }
        let line_break = usize::from(!joined && !self.pieces.is_empty());
        if self.bytes + line_break + text.len() > MULTILINE_BYTES {
            return Err(too_much("MULTILINE_MAX_BYTES", MULTILINE_BYTES, "max-bytes"));
        }
        if self.pieces.len() >= MULTILINE_LINES {
            return Err(too_much("MULTILINE_MAX_LINES", MULTILINE_LINES, "max-lines"));
        }
        self.bytes += line_break + text.len();
        self.kind = Some(kind);
        self.pieces.push(Piece { text: text.into(), joined: joined && !self.pieces.is_empty() });
        Ok(())
    }

    /// A batch that is left open is given up.
    pub(super) fn in_time(&self, now: Now) -> Result<(), Wrong> {
        if now.unix_ms - self.opened.unix_ms <= BATCH_SECONDS * 1000 {
            return Ok(());
        }
        let about = vec!["TIMEOUT".to_owned(), self.reference.to_string()];
        Err(Wrong(about, format!("The batch was open for more than {BATCH_SECONDS} s")))
    }
}

/// Puts a line into the batch that it names. False: it is a command by itself.
pub(super) fn collect(turn: &mut Turn<'_>, message: &Message<'_>) -> bool {
    let now = turn.now;
    let Some(open) = turn.me_mut().batch.as_mut() else { return false };
    if message.tags.written("batch") != Some(&open.reference) {
        return false;
    }
    if open.failed {
        return true;
    }
    if let Err(wrong) = open.add(message, now) {
        let label = open.give_up();
        super::waiting::labelled(turn, label, |turn| fail(turn, &wrong));
    }
    true
}

/// Refuses a line that cannot be read, under its label. A message that would lack one of its lines is given up, and the refusal
/// is the answer to the whole.
pub(super) fn refuse_line(turn: &mut Turn<'_>, line: Option<&Message<'_>>, refuse: impl FnOnce(&mut Turn<'_>)) {
    let batch = line.and_then(|line| line.tags.written("batch"));
    let label = match turn.me_mut().batch.as_mut().filter(|open| batch == Some(&open.reference)) {
        Some(open) if open.failed => return,
        Some(open) => open.give_up(),
        None => line.and_then(|line| Label::of(turn, line)),
    };
    super::waiting::labelled(turn, label, refuse);
}

impl Open {
    /// Drops what there is, and what is still to come.
    pub(super) fn give_up(&mut self) -> Option<Label> {
        self.failed = true;
        self.pieces = Vec::new();
        self.label.take()
    }
}

/// Tells what is wrong with a batch.
pub(super) fn fail(turn: &mut Turn<'_>, Wrong(about, text): &Wrong) {
    let line = turn.server_line("FAIL").param("BATCH").params(about);
    turn.answer(&line.text(text));
}

/// Whether somebody is given the whole message as a batch.
pub(super) fn reads(session: &Session) -> bool {
    session.has(Capability::Multiline) && session.has(Capability::Batch)
}

/// The whole message as a batch. `start` is `:source PRIVMSG target`, and `message` has the tags.
pub(super) fn whole(message: &Fanout, start: &Line, pieces: &[Piece], reference: &str) -> Vec<Fanout> {
    let mut words = start.as_text().split(' ');
    let (source, target) = (words.next().unwrap_or_default(), words.nth(1).unwrap_or_default());
    let batch = |sign: char| Line::new(source.trim_start_matches(':'), "BATCH").param(&format!("{sign}{reference}"));
    let mut lines = vec![message.with_line(&batch('+').param(TYPE).param(target))];
    lines.extend(pieces.iter().map(|piece| {
        let concat = if piece.joined { format!(";{CONCAT}") } else { String::new() };
        message.further(&start.clone().text(&piece.text)).inside(Some(&format!("batch={reference}{concat}")))
    }));
    lines.push(message.further(&batch('-')));
    lines
}

/// The message as lines of their own; blank ones are left out.
pub(super) fn separate(message: &Fanout, start: &Line, pieces: &[Piece]) -> Vec<Fanout> {
    let lines = pieces.iter().filter(|piece| !piece.text.is_empty()).map(|piece| start.clone().text(&piece.text));
    lines
        .enumerate()
        .map(|(at, line)| if at == 0 { message.with_line(&line) } else { message.further(&line) })
        .collect()
}

/// The message as this client is to see it.
pub(super) fn for_reader(turn: &mut Turn<'_>, message: &Fanout, start: &Line, pieces: &[Piece]) -> Vec<Fanout> {
    if reads(turn.me()) {
        let reference = turn.state.messages.batch();
        return whole(message, start, pieces, &reference);
    }
    separate(message, start, pieces)
}

/// As it is kept: the beginning that all lines share, then a row for each, with a space or `+` before its text.
pub(super) fn write(start: &Line, pieces: &[Piece]) -> String {
    let rows = pieces.iter().map(|piece| format!("\n{}{}", if piece.joined { '+' } else { ' ' }, piece.text));
    std::iter::once(start.as_text().to_owned()).chain(rows).collect()
}

/// Reads back what [`write`] wrote; `None` for a message of one line.
pub(super) fn read(kept: &str) -> Option<(Line, Vec<Piece>)> {
    let (start, rows) = kept.split_once('\n')?;
    let piece = |row: &str| Piece { text: row.get(1..).unwrap_or_default().into(), joined: row.starts_with('+') };
    Some((Line::command(start), rows.split('\n').map(piece).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back() {
        let piece = |text: &str, joined| Piece { text: text.into(), joined };
        let pieces = [piece("one", false), piece("", false), piece(" +two", true)];
        let start = Line::new("n!u@h", "PRIVMSG").param("#a");
        let kept = write(&start, &pieces);
        assert_eq!(kept, ":n!u@h PRIVMSG #a\n one\n \n+ +two");
        let (read_start, read_pieces) = read(&kept).unwrap();
        assert_eq!((read_start.as_text(), &read_pieces[..]), (start.as_text(), &pieces[..]));
        assert!(read(":n!u@h PRIVMSG #a :one").is_none());
    }
}
