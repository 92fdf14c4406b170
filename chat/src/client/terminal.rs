//! The full-screen terminal: messages above, a status line, and the line being typed.

use ratatui::DefaultTerminal;
use ratatui::Frame;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use std::collections::VecDeque;
use std::io;
use tokio::sync::mpsc;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::interface::{Interface, Status, Typed};
use super::view::{Entry, Kind};
use crate::limits::client::{EVENTS, LONGEST_INPUT, SCROLLBACK};

/// The terminal. Dropping it gives the screen back as it was; so does a panic.
#[derive(Debug)]
pub struct Terminal {
    screen: DefaultTerminal,
    events: mpsc::Receiver<io::Result<Event>>,
    room: Room,
}

/// What is on the screen: plain data, so that drawing can be tested.
#[derive(Debug, Default)]
struct Room {
    entries: VecDeque<Entry>,
    status: Status,
    input: Input,
    /// Rows scrolled back from the newest.
    scrolled: usize,
    history: Vec<String>,
    recalled: Option<usize>,
}

impl Terminal {
    /// Takes the screen.
    ///
    /// # Errors
    /// Fails where standard output is no terminal that can be drawn on.
    pub fn open() -> io::Result<Self> {
        let screen = ratatui::try_init()?;
        let (sender, events) = mpsc::channel(EVENTS);
        // Reading keys blocks; the thread ends with the process or when nobody listens any more.
        std::thread::spawn(move || while sender.blocking_send(event::read()).is_ok() {});
        Ok(Self { screen, events, room: Room::default() })
    }

    fn draw(&mut self) -> io::Result<()> {
        let room = &mut self.room;
        self.screen.draw(|frame| room.draw(frame)).map(|_| ())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

impl Interface for Terminal {
    fn show(&mut self, entries: Vec<Entry>, status: &Status) -> io::Result<()> {
        self.room.status.clone_from(status);
        for entry in entries {
            self.room.add(entry);
        }
        self.draw()
    }

    async fn typed(&mut self) -> io::Result<Typed> {
        loop {
            let Some(event) = self.events.recv().await else { return Ok(Typed::End) };
            if let Some(typed) = self.room.handle(&event?) {
                self.draw()?;
                return Ok(typed);
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

impl Room {
    fn add(&mut self, entry: Entry) {
        if self.entries.len() == SCROLLBACK {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    fn handle(&mut self, event: &Event) -> Option<Typed> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.key(*key, event),
            _ => None,
        }
    }

    fn key(&mut self, key: KeyEvent, event: &Event) -> Option<Typed> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => return Some(Typed::Line("/quit".to_owned())),
            KeyCode::Char('d') if control && self.input.value().is_empty() => return Some(Typed::End),
            KeyCode::Enter => return Some(self.enter()),
            KeyCode::PageUp => self.scrolled = self.scrolled.saturating_add(10),
            KeyCode::PageDown => self.scrolled = self.scrolled.saturating_sub(10),
            KeyCode::Up => self.recall(true),
            KeyCode::Down => self.recall(false),
            KeyCode::Char(_) if !control && self.input.value().chars().count() >= LONGEST_INPUT => {}
            _ => {
                self.input.handle_event(event);
            }
        }
        None
    }

    fn enter(&mut self) -> Typed {
        let line = self.input.value_and_reset();
        self.scrolled = 0;
        self.recalled = None;
        if !line.trim().is_empty() && self.history.last() != Some(&line) {
            if self.history.len() == SCROLLBACK {
                self.history.remove(0);
            }
            self.history.push(line.clone());
        }
        Typed::Line(line)
    }

    /// Brings back what was typed before.
    fn recall(&mut self, older: bool) {
        let last = self.history.len();
        let at = self.recalled.unwrap_or(last);
        let next = if older { at.saturating_sub(1) } else { (at + 1).min(last) };
        self.recalled = Some(next);
        self.input = Input::new(self.history.get(next).cloned().unwrap_or_default());
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        let areas: [Rect; 3] =
            Layout::vertical([Constraint::Min(0), Constraint::Length(1), Constraint::Length(1)]).areas(frame.area());
        self.draw_entries(frame, areas[0]);
        frame.render_widget(self.status_line(), areas[1]);
        self.draw_input(frame, areas[2]);
    }

    /// Wraps only as many entries, from the newest back, as fill the area and what is scrolled past.
    fn draw_entries(&mut self, frame: &mut Frame<'_>, area: Rect) {
        let (width, height) = (usize::from(area.width.max(1)), usize::from(area.height));
        let mut rows: VecDeque<Line<'_>> = VecDeque::new();
        for entry in self.entries.iter().rev() {
            if rows.len() >= height + self.scrolled {
                break;
            }
            let style = style_of(&entry.kind);
            for row in wrap(&entry.to_string(), width).into_iter().rev() {
                rows.push_front(Line::styled(row, style));
            }
        }
        self.scrolled = self.scrolled.min(rows.len().saturating_sub(height));
        let end = rows.len() - self.scrolled;
        let begin = end.saturating_sub(height);
        let visible: Vec<Line<'_>> = rows.drain(begin..end).collect();
        frame.render_widget(Paragraph::new(visible), area);
    }

    fn status_line(&self) -> Paragraph<'static> {
        let Status { server, nick, current } = &self.status;
        let place = current.as_deref().unwrap_or("no channel");
        let scrolled = if self.scrolled > 0 { "  (scrolled back; PageDown for the newest)" } else { "" };
        let text = super::view::shown(&format!(" {nick} on {server}  {place}  /help{scrolled}"));
        Paragraph::new(text).style(Style::new().add_modifier(Modifier::REVERSED))
    }

    fn draw_input(&self, frame: &mut Frame<'_>, area: Rect) {
        const PROMPT: &str = "> ";
        let room = usize::from(area.width).saturating_sub(PROMPT.len() + 1);
        let scroll = self.input.visual_scroll(room);
        let typed =
            Paragraph::new(self.input.value().to_owned()).scroll((0, u16::try_from(scroll).unwrap_or(u16::MAX)));
        let [prompt, line] = Layout::horizontal([Constraint::Length(2), Constraint::Min(0)]).areas(area);
        frame.render_widget(Paragraph::new(PROMPT), prompt);
        frame.render_widget(typed, line);
        let column = self.input.visual_cursor().saturating_sub(scroll);
        let column = line.x.saturating_add(u16::try_from(column).unwrap_or(u16::MAX));
        frame.set_cursor_position((column.min(area.right().saturating_sub(1)), area.y));
    }
}

/// Meaning never rests on the style alone: each kind has its mark in the text too.
fn style_of(kind: &Kind) -> Style {
    match kind {
        Kind::Message { .. } | Kind::Answer => Style::new(),
        Kind::Action { .. } => Style::new().add_modifier(Modifier::ITALIC),
        Kind::Notice { .. } | Kind::Error => Style::new().add_modifier(Modifier::BOLD),
        Kind::Event => Style::new().add_modifier(Modifier::DIM),
    }
}

/// Breaks a text into rows of at most `width` columns, between words where there is one to break at.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut rows = Vec::new();
    let mut row = String::new();
    let mut columns = 0;
    for character in text.chars() {
        let wide = Span::raw(character.to_string()).width();
        if columns + wide > width && !row.is_empty() {
            let rest = row.rfind(' ').filter(|at| *at > 0).map(|at| row.split_off(at + 1)).unwrap_or_default();
            rows.push(std::mem::replace(&mut row, rest));
            columns = Span::raw(row.as_str()).width();
        }
        row.push(character);
        columns += wide;
    }
    rows.push(row);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::backend::TestBackend;

    fn room() -> Room {
        let status = Status { server: "localhost".into(), nick: "alice".into(), current: Some("#lobby".into()) };
        let mut room = Room { status, ..Room::default() };
        for number in 0..20 {
            room.add(Entry::at("#lobby", Kind::Message { from: "bob".into() }, format!("message {number}")));
        }
        room
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
        room.handle(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
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
    fn the_scrollback_has_a_bound() {
        let mut room = Room::default();
        for number in 0..SCROLLBACK + 10 {
            room.add(Entry::new(Kind::Answer, number.to_string()));
        }
        assert_eq!(room.entries.len(), SCROLLBACK);
        assert_eq!(room.entries.back().map(|entry| entry.text.as_str()), Some("5009"));
    }

    #[test]
    fn rows_break_between_words() {
        assert_eq!(wrap("one two three", 8), ["one two ", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
    }
}
