//! Lines whose answer has to be found out first: the client's next lines wait, so that answers keep the order of questions.

use std::collections::VecDeque;
use std::sync::Arc;

use super::keep::{Answer, Question};
use super::label::{self, Label};
use super::limits::{HELD_BYTES, HELD_LINES, WAITING_BYTES, WAITING_LINES};
use super::network::NotMade;
use super::turn::Turn;
use super::{Action, connection};

/// What goes on when the answer is there.
type Resume = Box<dyn FnOnce(&mut Turn<'_>, Answer) + Send + Sync>;

/// What goes on when a change was made everywhere, or can't be.
type Then = Box<dyn FnOnce(&mut Turn<'_>, Result<(), NotMade>) + Send + Sync>;

/// What a command waits for.
enum For {
    /// An answer of the edge.
    Answer(Resume),
    /// A change to be put in order, by the number of its proposal.
    Change(u64, Then),
    /// What it has missed in its channels.
    Missed,
}

/// A command that waits.
pub(super) struct Waiting {
    for_what: For,
    label: Option<Label>,
    /// What the command had to say before it had to wait.
    said: Vec<Arc<[u8]>>,
    behind: Behind,
}

/// The lines behind a command that waits.
#[derive(Default)]
struct Behind {
    lines: VecDeque<Held>,
    bytes: usize,
    /// So many that no more of this client's are read.
    is_held: bool,
}

/// What waits behind a command.
pub(super) enum Held {
    /// A line.
    Line(Vec<u8>),
    /// The tags of one that was too long.
    TooLong(Vec<u8>),
    /// The end of the connection, and why.
    Gone(String),
}

impl Held {
    fn length(&self) -> usize {
        match self {
            Held::Line(bytes) | Held::TooLong(bytes) => bytes.len(),
            Held::Gone(reason) => reason.len(),
        }
    }
}

impl Behind {
    fn push(&mut self, held: Held) {
        self.bytes += held.length();
        self.lines.push_back(held);
    }

    fn pop(&mut self) -> Option<Held> {
        let first = self.lines.pop_front()?;
        self.bytes -= first.length();
        Some(first)
    }

    /// Puts these behind.
    fn append(&mut self, mut later: Behind) {
        self.lines.append(&mut later.lines);
        self.bytes += later.bytes;
        self.is_held |= later.is_held;
    }

    fn is_flood(&self) -> bool {
        self.lines.len() > WAITING_LINES || self.bytes > WAITING_BYTES
    }

    /// Whether there are so many by now that no more are to be read.
    fn begins_to_hold(&mut self) -> bool {
        let begins = !self.is_held && (self.lines.len() > HELD_LINES || self.bytes > HELD_BYTES);
        self.is_held |= begins;
        begins
    }

    /// Whether there are so few by now that the next can be read.
    fn ends_to_hold(&mut self) -> bool {
        let ends = self.is_held && self.lines.len() <= HELD_LINES / 2 && self.bytes <= HELD_BYTES / 2;
        self.is_held &= !ends;
        ends
    }
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Waiting({} lines)", self.behind.lines.len())
    }
}

/// Asks, and goes on with `resume` when the answer is there. The command that asks has to end with this.
pub(super) fn ask(
    turn: &mut Turn<'_>,
    question: Question,
    resume: impl FnOnce(&mut Turn<'_>, Answer) + Send + Sync + 'static,
) {
    let client = turn.client;
    turn.me_mut().waiting = Some(Box::new(Waiting::new(For::Answer(Box::new(resume)))));
    turn.actions.push(Action::Ask { client, question: Box::new(question) });
}

/// Waits for a change, and goes on with `then` when it was made. The command has to end with this.
pub(super) fn until_made(turn: &mut Turn<'_>, number: u64, then: Then) {
    wait(turn, For::Change(number, then));
}

/// Waits for what it has missed, which nothing may overtake.
pub(super) fn until_caught_up(turn: &mut Turn<'_>) {
    wait(turn, For::Missed);
}

/// Who comes back to the network may still wait for an answer: that is given up, and the lines behind it are not.
fn wait(turn: &mut Turn<'_>, for_what: For) {
    let mut waiting = Waiting::new(for_what);
    if let Some(given_up) = turn.me_mut().waiting.take() {
        waiting.behind = given_up.behind;
    }
    turn.me_mut().waiting = Some(Box::new(waiting));
}

/// The same change was proposed again.
pub(super) fn waits_anew(turn: &mut Turn<'_>, number: u64) {
    if let Some(For::Change(waits_for, _)) = turn.me_mut().waiting.as_mut().map(|waiting| &mut waiting.for_what) {
        *waits_for = number;
    }
}

impl Waiting {
    fn new(for_what: For) -> Waiting {
        Waiting { for_what, label: None, said: Vec::new(), behind: Behind::default() }
    }

    /// The number of the proposal that it waits for.
    pub(super) fn number(&self) -> Option<u64> {
        match self.for_what {
            For::Answer(_) | For::Missed => None,
            For::Change(number, _) => Some(number),
        }
    }

    /// Whether it waits for the others, and not for an answer that nobody is left to read.
    pub(super) fn is_for_others(&self) -> bool {
        !matches!(self.for_what, For::Answer(_))
    }

    /// Whether no more lines of this client are read.
    pub(super) fn is_held(&self) -> bool {
        self.behind.is_held
    }
}

/// Puts a line behind the one that waits. False: nothing waits, and the line can be carried out.
pub(super) fn queue(turn: &mut Turn<'_>, held: impl FnOnce() -> Held) -> bool {
    let Some(waiting) = turn.me_mut().waiting.as_mut() else { return false };
    waiting.behind.push(held());
    let (is_flood, begins_to_hold) = (waiting.behind.is_flood(), waiting.behind.begins_to_hold());
    if is_flood {
        turn.close("Excess flood: too many lines behind one that waits");
    } else if begins_to_hold {
        turn.actions.push(Action::Listen { client: turn.client, listens: false });
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
    // Nothing is held back for it any more: it was answered, and what waits has another label.
    let Some(said) = turn.actions.release(turn.client) else { return };
    if let Some(waiting) = turn.me_mut().waiting.as_mut() {
        (waiting.label, waiting.said) = (Some(label), said);
    }
}

/// The answer is there: the command goes on, then the lines behind it.
pub(super) fn answered(turn: &mut Turn<'_>, answer: Answer) {
    let Some(waiting) = turn.me_mut().waiting.take_if(|waiting| matches!(waiting.for_what, For::Answer(_))) else {
        return;
    };
    let Waiting { for_what: For::Answer(resume), label, said, behind } = *waiting else { return };
    go_on(turn, label, said, |turn| {
        let answer = told_if_incomplete(turn, answer);
        resume(turn, answer);
    });
    carry_out(turn, behind);
}

/// What others know is no less for what is missing, and is not taken for all there is.
fn told_if_incomplete(turn: &mut Turn<'_>, answer: Answer) -> Answer {
    let Answer::Incomplete(answer) = answer else { return answer };
    turn.notice("Not all servers have answered: what only they know is missing here. Ask again later.");
    *answer
}

/// The change is made, or can't be: the command goes on, then the lines behind it.
pub(super) fn made(turn: &mut Turn<'_>, make: impl FnOnce(&mut Turn<'_>) -> Result<(), NotMade>) {
    let Some(waiting) = turn.me_mut().waiting.take_if(|waiting| waiting.number().is_some()) else { return };
    let Waiting { for_what: For::Change(_, then), label, said, behind } = *waiting else { return };
    go_on(turn, label, said, |turn| {
        let made = make(turn);
        if turn.is_known() {
            then(turn, made);
        }
    });
    carry_out(turn, behind);
}

/// It has heard what it missed: the lines behind are carried out.
pub(super) fn caught_up(turn: &mut Turn<'_>) {
    let waited = turn.me_mut().waiting.take_if(|waiting| matches!(waiting.for_what, For::Missed));
    if let Some(waiting) = waited {
        carry_out(turn, waiting.behind);
    }
}

/// Goes on with a command under its label.
fn go_on(turn: &mut Turn<'_>, label: Option<Label>, said: Vec<Arc<[u8]>>, act: impl FnOnce(&mut Turn<'_>)) {
    if label.is_some() {
        label::begin(turn, said);
    }
    act(turn);
    if let Some(label) = label {
        finish(turn, label);
    }
}

/// Carries out the lines behind a command that has ended, up to one that has to wait itself: the others wait behind that one.
fn carry_out(turn: &mut Turn<'_>, mut behind: Behind) {
    while turn.is_known() && turn.me().waiting.is_none() {
        match behind.pop() {
            Some(Held::Line(line)) => connection::carry_out(turn, &line),
            Some(Held::TooLong(tags)) => connection::refuse_too_long(turn, tags),
            Some(Held::Gone(reason)) => turn.depart(&reason),
            None => break,
        }
    }
    if !turn.is_known() {
        return;
    }
    if behind.ends_to_hold() {
        listen_again(turn);
    }
    if let Some(waiting) = turn.me_mut().waiting.as_mut() {
        behind.append(std::mem::take(&mut waiting.behind));
        waiting.behind = behind;
    }
}

/// A client that was not read is read again. That nothing was heard of it meanwhile was not its doing.
fn listen_again(turn: &mut Turn<'_>) {
    let (client, now) = (turn.client, turn.now);
    turn.me_mut().heard(now);
    turn.state.alarm.set(turn.me().deadline_ms(&turn.settings.limits));
    turn.actions.push(Action::Listen { client, listens: true });
}
