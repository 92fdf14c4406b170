//! The values that show the cause, those of both sides under each other.

use super::super::evidence::{self, Item, Shown};
use super::super::layout::{columns, cut, hang, pad};
use super::super::screen::{Section, Turn};
use super::super::style::Style;
use crate::finding::{Finding, Severity};

/// The most of them where others need the room: two pairs, or one and what stands alone.
const FEW_VALUE_LINES: usize = 4;
/// The most on the smallest screen: what tells the story, from both sides.
const LEAST_VALUE_LINES: usize = 2;

/// All values, or four lines of them, or two, these cut to a line each.
pub(super) fn section(finding: &Finding, style: Style) -> Section {
    Section::always(values(finding, LEAST_VALUE_LINES, true, style))
        .or(Turn::Evidence, values(finding, FEW_VALUE_LINES, true, style))
        .or(Turn::Rest, values(finding, usize::MAX, false, style))
}

/// The values of both sides under each other, what tells first; each on one line where `short`.
fn values(finding: &Finding, most: usize, short: bool, style: Style) -> String {
    let items = evidence::items(finding);
    let lines = |item: &Item| if matches!(item, Item::Differ(..)) { 2 } else { 1 };
    let mut room = most;
    let fits = |item: &&Item| {
        let fits = lines(item) <= room;
        room = room.saturating_sub(lines(item));
        fits
    };
    let shown: Vec<&Item> = items.iter().take_while(fits).collect();
    let width = shown.iter().flat_map(|item| labels(item)).map(|label| columns(&label)).max().unwrap_or(0);
    shown.iter().map(|item| value_lines(item, width, short, style)).collect()
}

fn labels(item: &Item) -> Vec<String> {
    match item {
        Item::One(it) => vec![it.label.clone()],
        Item::Same(one, other) => vec![format!("{} = {}", one.label, other.label)],
        Item::Differ(one, other) => vec![one.label.clone(), format!("≠ {}", other.label)],
    }
}

fn value_lines(item: &Item, width: usize, short: bool, style: Style) -> String {
    let line = |label: &str, value: &str| {
        let indent = " ".repeat(width + 6);
        let first = format!("    {}  ", style.dim(&pad(label, width)));
        if short {
            return format!("{first}{}\n", cut(value, style.width().saturating_sub(width + 6)));
        }
        hang(&first, &indent, value, style.width())
    };
    match (item, &labels(item)[..]) {
        (Item::One(it) | Item::Same(it, _), [label, ..]) => line(label, &it.value),
        (Item::Differ(one, other), [left, right]) => {
            let marks = if short { String::new() } else { carets(one, other, width, style) };
            format!("{}{}{marks}", line(left, &one.value), line(right, &other.value))
        }
        _ => String::new(),
    }
}

/// `^` under what differs, where most is the same and both stand on one line.
fn carets(one: &Shown, other: &Shown, width: usize, style: Style) -> String {
    let fits = |it: &Shown| it.value.is_ascii() && width + 6 + it.value.len() <= style.width();
    match evidence::difference(&one.value, &other.value) {
        Some((_, range)) if fits(one) && fits(other) => {
            let marks = "^".repeat(range.len().max(1));
            format!("{}{}\n", " ".repeat(width + 6 + range.start), style.graded(Severity::Warning, &marks))
        }
        _ => String::new(),
    }
}
