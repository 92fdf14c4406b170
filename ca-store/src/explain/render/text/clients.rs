//! Who refuses, in which words, and what those did that were run here.

use super::super::layout::{cut, cut_middle, hang, pad};
use super::super::screen::{Section, Turn};
use super::super::style::Style;
use super::super::view;
use crate::explain::{ClientVerdict, Report};
use crate::facts::escape;

/// The widest list of clients that has its words beside it; a longer one has them below.
const MAX_NAMES: usize = 24;

/// How many refuse, or who, or who with their words.
pub(super) fn section(report: &Report, style: Style) -> Section {
    let full = clients(report, style);
    if full.is_empty() {
        return Section::none();
    }
    Section::at_times(Turn::Counts, counted(report, style))
        .or(Turn::Clients, named(report, style))
        .or(Turn::Words, full)
}

/// Those that were run, or how many did what was not foretold.
pub(super) fn ran_section(report: &Report, style: Style) -> Section {
    let all: Vec<_> = view::ran(report).filter_map(|client| Some((client.client, client.ran.as_ref()?))).collect();
    let others: Vec<&str> = all.iter().filter(|(_, ran)| !ran.agrees).map(|(name, _)| *name).collect();
    let told = match (&all[..], &others[..]) {
        ([], _) => String::new(),
        (_, []) => format!("{}: {} clients, all as foretold", style.bold(RAN), all.len()),
        _ => format!("{}: not as foretold: {}", style.bold(RAN), others.join(", ")),
    };
    let least = if told.is_empty() { told } else { hang("", "  ", &told, style.width()) };
    Section::at_times(Turn::Counts, least).or(Turn::Rest, ran(report, style))
}

const RAN: &str = "Asked on this machine";

/// One line: how many of how many, and as many names as fit.
fn counted(report: &Report, style: Style) -> String {
    let refusing: Vec<&str> = view::refusing(report).into_iter().flat_map(|(names, _)| names).collect();
    let all = refusing.len() + view::accepting(report).len();
    let (title, rest) = match refusing.len() {
        0 => ("Accepted by all", format!(" {all} clients")),
        some => ("Refused by", format!(" {some} of {all} clients: {}", refusing.join(", "))),
    };
    let rest = cut(&rest, style.width().saturating_sub(title.len()));
    format!("{}{rest}\n", style.bold(title))
}

/// Who refuses and who does not.
fn named(report: &Report, style: Style) -> String {
    let refusing: Vec<&str> = view::refusing(report).into_iter().flat_map(|(names, _)| names).collect();
    let line = |title: &str, names: &[&str]| {
        let names = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
        hang("", "  ", &format!("{}: {names}", style.bold(title)), style.width())
    };
    let refused = if refusing.is_empty() { String::new() } else { line("Refused by", &refusing) };
    refused + &line("Accepted by", &view::accepting(report))
}

/// Every client by name: those that refuse with their words, those that say the same together.
fn clients(report: &Report, style: Style) -> String {
    let refusing = view::refusing(report);
    let names = |names: &[&str]| hang("", "  ", &names.join(", "), style.width());
    let accepting = view::accepting(report);
    if refusing.is_empty() {
        let all = format!("{} all: {}", style.bold("Accepted by"), accepting.join(", "));
        return if accepting.is_empty() { String::new() } else { hang("", "  ", &all, style.width()) };
    }
    if accepting.is_empty() && refusing.iter().all(|(_, error)| error.is_empty()) {
        // There is nothing that they could speak of.
        return String::new();
    }
    let width = refusing.iter().map(|(names, _)| names.join(", ").len()).filter(|it| *it <= MAX_NAMES).max();
    let lines: String =
        refusing.iter().map(|(names, error)| refusal(names, error, width.unwrap_or(0), style)).collect();
    let accepted = if accepting.is_empty() { "nobody" } else { &accepting.join(", ") };
    let accepted = names(&[&format!("{}: {accepted}", style.bold("Accepted by"))]);
    format!("{}\n{lines}{accepted}", style.bold("Who refuses, and says"))
}

/// A line; longer words are cut in their middle, for the beginning says who speaks and the end says what is wrong. All of them where all
/// was asked for.
fn refusal(names: &[&str], error: &str, width: usize, style: Style) -> String {
    let names = names.join(", ");
    let words = view::one_line(error);
    let words = if style.is_whole() { words } else { cut_middle(&words, style.width() - width - 4) };
    let indent = " ".repeat(width + 4);
    if names.len() > width {
        return hang("  ", "  ", &names, style.width()) + &hang(&indent, &indent, &words, style.width());
    }
    hang(&format!("  {}  ", pad(&names, width)), &indent, &words, style.width())
}

/// What the clients of this machine did, beside what the table foretold.
fn ran(report: &Report, style: Style) -> String {
    let lines: String = view::ran(report).map(|client| ran_lines(client, style)).collect();
    let not_run = report.not_run.as_ref().map(|why| hang("  ", "  ", &escape(why), style.width()));
    let lines = lines + &not_run.unwrap_or_default();
    if lines.is_empty() { lines } else { format!("{}\n{lines}", style.bold(RAN)) }
}

fn ran_lines(client: &ClientVerdict, style: Style) -> String {
    let Some(ran) = &client.ran else { return String::new() };
    let words = view::other_words(client, ran);
    let beside = match (ran.agrees, words) {
        (true, "") => "as foretold".to_owned(),
        (true, _) => "as foretold, in other words".to_owned(),
        (false, _) => style.bad("✗ not as foretold"),
    };
    let output = if words.is_empty() { String::new() } else { format!(": {}", view::one_line(words)) };
    let text = format!("{}, {beside}{output}", ran.verdict);
    hang(&format!("  {}  ", pad(client.client, 14)), &" ".repeat(18), &text, style.width())
}
