//! Lines whose answer has to be found out first: the client's next lines wait, so that answers keep the order of questions.

use std::collections::VecDeque;
use std::sync::Arc;

use super::keep::{Answer, Question};
use super::label::{self, Label};
use super::limits::{WAITING_BYTES, WAITING_LINES};
use super::turn::Turn;
use super::{Action, connection};

/// What goes on when the answer is there.
pub(super) type Resume = Box<dyn FnOnce(&mut Turn<'_>, Answer) + Send + Sync>;

/// A command that waits for an answer.
pub(super) struct Waiting {
    resume: Option<Resume>,
    label: Option<Label>,
    /// What the command had to say before it had to wait.
    said: Vec<Arc<[u8]>>,
    lines: VecDeque<Held>,
    bytes: usize,
}

/// What waits behind a command.
pub(super) enum Held {
    /// A line.
    Line(Vec<u8>),
    /// The tags of one that was too long.
    TooLong(Vec<u8>),
}

impl Held {
    fn length(&self) -> usize {
        let (Held::Line(bytes) | Held::TooLong(bytes)) = self;
        bytes.len()
    }
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Waiting({} lines)", self.lines.len())
    }
}

/// Asks, and goes on with `resume` when the answer is there. The command that asks has to end with this.
pub(super) fn ask(
    turn: &mut Turn<'_>,
    question: Question,
    resume: impl FnOnce(&mut Turn<'_>, Answer) + Send + Sync + 'static,
) {
    let client = turn.client;
    let waiting =
        Waiting { resume: Some(Box::new(resume)), label: None, said: Vec::new(), lines: VecDeque::new(), bytes: 0 };
    turn.me_mut().waiting = Some(Box::new(waiting));
    turn.actions.push(Action::Ask { client, question: Box::new(question) });
}

/// Puts a line behind the one that waits. False: nothing waits, and the line can be carried out.
pub(super) fn queue(turn: &mut Turn<'_>, held: impl FnOnce() -> Held) -> bool {
    let Some(waiting) = turn.me_mut().waiting.as_mut() else { return false };
    let held = held();
    waiting.bytes += held.length();
    waiting.lines.push_back(held);
    if waiting.lines.len() > WAITING_LINES || waiting.bytes > WAITING_BYTES {
        turn.close("Excess flood: too many lines behind one that waits");
    }
    true
}

/// Carries out one command with its label, if it has one.
pub(super) fn labelled(turn: &mut Turn<'_>, label: Option<Label>, run: impl FnOnce(&mut Turn<'_>)) {
    let Some(label) = label else { return run(turn) };
    label::begin(turn, Vec::new());
    run(turn);
    finish(turn, label);
}

/// The command has ended, or waits: then its label and what it has said wait with it.
fn finish(turn: &mut Turn<'_>, label: Label) {
    if !turn.is_known() {
        return;
    }
    let begins = turn.me().batch.as_ref().is_some_and(|open| open.label.as_ref() == Some(&label));
    if begins {
        // The end of the batch is answered with the label of its beginning.
        turn.actions.release(turn.client);
        return;
    }
    if turn.me().waiting.is_none() {
        return label::end(turn, &label);
    }
    let said = turn.actions.release(turn.client).unwrap_or_default();
    if let Some(waiting) = turn.me_mut().waiting.as_mut() {
        (waiting.label, waiting.said) = (Some(label), said);
    }
}

/// The answer is there: the command goes on, then the lines behind it.
pub(super) fn answered(turn: &mut Turn<'_>, answer: Answer) {
    let Some(mut waiting) = turn.me_mut().waiting.take() else { return };
    let Some(resume) = waiting.resume.take() else { return };
    let label = waiting.label.take();
    if label.is_some() {
        label::begin(turn, std::mem::take(&mut waiting.said));
    }
    resume(turn, answer);
    if let Some(label) = label {
        finish(turn, label);
    }
    let mut lines = waiting.lines;
    while let Some(line) = lines.pop_front() {
        if !turn.is_known() {
            return;
        }
        // A line may itself have to wait; then this puts it, and those after it, behind the new one.
        match line {
            Held::Line(line) => connection::carry_out(turn, &line),
            Held::TooLong(tags) => connection::refuse_too_long(turn, tags),
        }
    }
}
