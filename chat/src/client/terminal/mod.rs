//! The full-screen terminal: messages above, a status line, and the line being typed.

mod editor;
mod paste;
mod scrollback;

use ratatui::DefaultTerminal;
use ratatui::Frame;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use ratatui::crossterm::execute;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::widgets::Paragraph;
use std::collections::VecDeque;
use std::io;
use time::{OffsetDateTime, UtcOffset};
use tokio::sync::mpsc;

use self::editor::Editor;
use self::scrollback::Scrollback;
use super::interface::{Interface, Status, Typed};
use super::view::Entry;
use crate::limits::client::{EVENTS, LONGEST_INPUT};

/// The terminal. Dropping it gives the screen back as it was; so does a panic.
#[derive(Debug)]
pub struct Terminal {
    screen: DefaultTerminal,
    events: mpsc::Receiver<io::Result<Event>>,
    room: Room,
    /// What the clock on the wall is ahead of UTC; without it no times are shown.
    offset: Option<UtcOffset>,
}

/// What is on the screen: plain data, so that drawing can be tested.
#[derive(Debug, Default)]
struct Room {
    scrollback: Scrollback,
    status: Status,
    editor: Editor,
    /// What was typed at once and goes out line by line.
    waiting: VecDeque<Typed>,
}

impl Terminal {
    /// Takes the screen. Times are shown by the clock on the wall, which is so much ahead of UTC.
    ///
    /// # Errors
    /// Fails where standard output is no terminal that can be drawn on.
    pub fn open(offset: Option<UtcOffset>) -> io::Result<Self> {
        let screen = ratatui::try_init()?;
        // A terminal that does not know it sends a paste as keys.
        let _ = execute!(io::stdout(), EnableBracketedPaste);
        let (sender, events) = mpsc::channel(EVENTS);
        // Reading keys blocks; the thread ends with the process or when nobody listens any more.
        std::thread::spawn(move || while sender.blocking_send(event::read()).is_ok() {});
        Ok(Self { screen, events, room: Room::default(), offset })
    }

    fn draw(&mut self) -> io::Result<()> {
        let room = &mut self.room;
        self.screen.draw(|frame| room.draw(frame)).map(|_| ())
    }

    /// When it was said, by the clock on the wall. What is of another day keeps its date in the text.
    fn timed(&self, entry: Entry, now: OffsetDateTime) -> (String, Entry) {
        let Some(offset) = self.offset else { return (String::new(), entry) };
        let (at, now) = (entry.said.unwrap_or(now).to_offset(offset), now.to_offset(offset));
        let said = entry.said.filter(|_| at.date() != now.date());
        (format!("{:02}:{:02}", at.hour(), at.minute()), Entry { said, ..entry })
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = execute!(io::stdout(), DisableBracketedPaste);
        ratatui::restore();
    }
}

impl Interface for Terminal {
    fn show(&mut self, entries: Vec<Entry>, status: &Status) -> io::Result<()> {
        self.room.status.clone_from(status);
        for entry in entries {
            let (time, entry) = self.timed(entry, OffsetDateTime::now_utc());
            self.room.scrollback.add(entry, time, &status.nick);
        }
        self.draw()
    }

    fn complete(&mut self, candidates: Vec<String>) -> io::Result<()> {
        self.room.editor.offer(candidates);
        self.draw()
    }

    async fn typed(&mut self) -> io::Result<Typed> {
        loop {
            if let Some(typed) = self.room.waiting.pop_front() {
                return Ok(typed);
            }
            let Some(event) = self.events.recv().await else { return Ok(Typed::End) };
            if self.room.handle_all(&event?, &mut self.events)? {
                self.screen.clear()?;
            }
            self.draw()?;
        }
    }

    fn waits_for_ready(&self) -> bool {
        false
    }

    fn outlives_connection(&self) -> bool {
        true
    }
}

fn is_control(event: &Event, letter: char) -> bool {
    let Event::Key(key) = event else { return false };
    key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char(letter)
}

impl Room {
    /// Takes an event and those that wait behind it, before the screen is drawn once for all of them: a paste that comes as keys is
    /// thousands. Whether something else has written on the screen.
    fn handle_all(&mut self, first: &Event, events: &mut mpsc::Receiver<io::Result<Event>>) -> io::Result<bool> {
        let mut is_overwritten = is_control(first, 'l');
        self.handle(first);
        for _ in 1..EVENTS {
            let Ok(event) = events.try_recv() else { break };
            let event = event?;
            is_overwritten |= is_control(&event, 'l');
            self.handle(&event);
        }
        Ok(is_overwritten)
    }

    fn handle(&mut self, event: &Event) {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                let typed = self.key(*key, event);
                self.waiting.extend(typed);
            }
            Event::Paste(text) => self.editor.paste(text),
            _ => {}
        }
    }

    fn key(&mut self, key: KeyEvent, event: &Event) -> Option<Typed> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => return Some(Typed::Line("/quit".to_owned())),
            KeyCode::Char('d') if control && self.editor.is_empty() => return Some(Typed::End),
            KeyCode::Char('n') if control => return Some(Typed::Line("/switch".to_owned())),
            KeyCode::Char('l') if control => {}
            KeyCode::Enter => self.enter(),
            KeyCode::Esc if self.editor.escape() => {}
            // Nothing else is typed while it is asked what becomes of a paste.
            _ if self.editor.is_asking() => {}
            KeyCode::Tab => return self.editor.complete(),
            KeyCode::PageUp => self.scrollback.page(true),
            KeyCode::PageDown => self.scrollback.page(false),
            KeyCode::End if control => self.scrollback.newest(),
            KeyCode::Up => self.editor.recall(true),
            KeyCode::Down => self.editor.recall(false),
            KeyCode::Char(_) if !control => self.editor.edit(event, true),
            _ => self.editor.edit(event, false),
        }
        None
    }

    fn enter(&mut self) {
        self.scrollback.newest();
        self.waiting.extend(self.editor.enter());
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        let areas: [Rect; 3] =
            Layout::vertical([Constraint::Min(0), Constraint::Length(1), Constraint::Length(1)]).areas(frame.area());
        let rows = self.scrollback.visible(usize::from(areas[0].width), usize::from(areas[0].height));
        frame.render_widget(Paragraph::new(rows), areas[0]);
        frame.render_widget(self.status_line(), areas[1]);
        let place = self.status.current.as_deref().map(super::view::shown);
        match self.editor.question(place.as_deref()) {
            Some(question) => frame.render_widget(Paragraph::new(question), areas[2]),
            None => self.draw_input(frame, areas[2]),
        }
    }

    fn status_line(&self) -> Paragraph<'static> {
        let Status { server, nick, current } = &self.status;
        let place = current.as_deref().unwrap_or("no channel");
        let more = match self.scrollback.below() {
            Some(0) => "scrolled back: PageDown".to_owned(),
            Some(below) => format!("scrolled back, {below} new: PageDown"),
            None if self.editor.is_full() => format!("the line is full at {LONGEST_INPUT} characters: Enter sends it"),
            None => "/help".to_owned(),
        };
        let text = super::view::shown(&format!(" {nick} on {server}  {place}  {more}"));
        Paragraph::new(text).style(Style::new().add_modifier(Modifier::REVERSED))
    }

    fn draw_input(&self, frame: &mut Frame<'_>, area: Rect) {
        const PROMPT: &str = "> ";
        let input = &self.editor.input;
        let room = usize::from(area.width).saturating_sub(PROMPT.len() + 1);
        let scroll = input.visual_scroll(room);
        let typed = Paragraph::new(input.value().to_owned()).scroll((0, u16::try_from(scroll).unwrap_or(u16::MAX)));
        let [prompt, line] = Layout::horizontal([Constraint::Length(2), Constraint::Min(0)]).areas(area);
        frame.render_widget(Paragraph::new(PROMPT), prompt);
        frame.render_widget(typed, line);
        let column = input.visual_cursor().saturating_sub(scroll);
        let column = line.x.saturating_add(u16::try_from(column).unwrap_or(u16::MAX));
        frame.set_cursor_position((column.min(area.right().saturating_sub(1)), area.y));
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::Kind;
    use super::*;
    use ratatui::backend::TestBackend;

    fn room() -> Room {
        let status = Status { server: "localhost".into(), nick: "alice".into(), current: Some("#lobby".into()) };
        let mut room = Room { status, ..Room::default() };
        for number in 0..20 {
            let entry = Entry::at("#lobby", Kind::Message { from: "bob".into() }, format!("message {number}"));
            room.scrollback.add(entry, String::new(), "alice");
        }
        room
    }

    #[test]
    fn keys_that_came_together_are_taken_before_the_screen_is_drawn_again() {
        let key = |character| Ok(Event::Key(KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE)));
        let mut room = room();
        let (sender, mut events) = mpsc::channel(EVENTS);
        let pasted = "word ".repeat(LONGEST_INPUT / "word ".len());
        pasted.chars().for_each(|character| sender.try_send(key(character)).expect("room"));
        sender.try_send(Ok(Event::Key(KeyEvent::new(KeyCode::Char('l'), KeyModifiers::CONTROL)))).expect("room");
        let mut draws = 0;
        let mut is_overwritten = false;
        while let Ok(event) = events.try_recv() {
            is_overwritten |= room.handle_all(&event.expect("a key"), &mut events).expect("keys");
            draws += 1;
        }
        assert_eq!((room.editor.input.value(), draws, is_overwritten), (&*pasted, 1, true));
    }

    fn drawn(room: &mut Room, width: u16, height: u16) -> Vec<String> {
        let mut terminal = ratatui::Terminal::new(TestBackend::new(width, height)).expect("a test screen");
        terminal.draw(|frame| room.draw(frame)).expect("drawn");
        let buffer = terminal.backend().buffer().clone();
        (0..height)
            .map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned())
            .collect()
    }

    fn press(room: &mut Room, code: KeyCode) -> Option<Typed> {
        room.handle(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        room.waiting.pop_front()
    }

    #[test]
    fn the_newest_stand_above_the_status_and_the_input() {
        let rows = drawn(&mut room(), 40, 5);
        assert_eq!(rows[2], "[#lobby] <bob> message 19");
        assert_eq!(rows[3], " alice on localhost  #lobby  /help");
        assert_eq!(rows[4], ">");
    }

    #[test]
    fn every_size_can_be_drawn() {
        let mut room = room();
        press(&mut room, KeyCode::PageUp);
        for (width, height) in [(1, 1), (2, 2), (3, 3), (200, 60), (80, 1)] {
            assert_eq!(drawn(&mut room, width, height).len(), usize::from(height));
        }
    }

    #[test]
    fn scrolling_back_ends_at_the_oldest() {
        let mut room = room();
        for _ in 0..50 {
            press(&mut room, KeyCode::PageUp);
        }
        assert_eq!(drawn(&mut room, 40, 5)[0], "[#lobby] <bob> message 0");
        for _ in 0..50 {
            press(&mut room, KeyCode::PageDown);
        }
        assert_eq!(drawn(&mut room, 40, 5)[2], "[#lobby] <bob> message 19");
    }

    #[test]
    fn what_is_typed_is_given_on_enter_and_can_be_recalled() {
        let mut room = room();
        for character in "hi".chars() {
            assert_eq!(press(&mut room, KeyCode::Char(character)), None);
        }
        assert_eq!(press(&mut room, KeyCode::Enter), Some(Typed::Line("hi".into())));
        assert_eq!(press(&mut room, KeyCode::Up), None);
        assert_eq!(press(&mut room, KeyCode::Enter), Some(Typed::Line("hi".into())));
    }

    #[test]
    fn a_paste_of_lines_is_asked_about_and_goes_out_line_by_line() {
        let mut room = room();
        room.handle(&Event::Paste("one\ntwo".into()));
        assert_eq!(drawn(&mut room, 60, 5)[4], "2 lines for #lobby: Enter sends them, Escape drops them");
        assert_eq!(press(&mut room, KeyCode::Char('x')), None);
        assert_eq!(press(&mut room, KeyCode::Enter), Some(Typed::Line("one".into())));
        assert_eq!(room.waiting, [Typed::Line("two".into())]);
        assert_eq!(drawn(&mut room, 60, 5)[4], ">");
    }

    #[test]
    fn a_line_that_takes_no_more_says_so() {
        let mut room = room();
        room.handle(&Event::Paste("x".repeat(LONGEST_INPUT - 1)));
        assert!(drawn(&mut room, 80, 5)[3].ends_with("/help"));
        press(&mut room, KeyCode::Char('x'));
        assert!(drawn(&mut room, 80, 5)[3].ends_with("the line is full at 4000 characters: Enter sends it"));
    }

    #[test]
    fn what_came_below_is_told_in_the_status_line() {
        let mut room = room();
        drawn(&mut room, 60, 5);
        press(&mut room, KeyCode::PageUp);
        assert!(drawn(&mut room, 60, 5)[3].ends_with("scrolled back: PageDown"));
        room.scrollback.add(Entry::new(Kind::Answer, "new"), String::new(), "alice");
        assert!(drawn(&mut room, 60, 5)[3].ends_with("scrolled back, 1 new: PageDown"));
    }
}
