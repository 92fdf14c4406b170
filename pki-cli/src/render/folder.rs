//! A folder as text: its files, what belongs together, and what to put into which setting.

use ca_store::explain::Verdict;
use ca_store::explain::folder::{Entry, Folder, Pair, Remark, Setting};
use ca_store::explain::render::{Appendix, Section, Style, Turn, cut, hang};
use ca_store::facts::escape;
use ca_store::finding::{Code, Severity};

/// The most certificates that have a line each where there is not room for all that is said of them.
const MAX_PAIR_LINES: usize = 6;
/// The most remarks that have one.
const MAX_REMARK_LINES: usize = 6;

/// Which of several certificates the report is of, to be shown below its heading.
pub(crate) fn which(folder: &Folder, style: Style) -> Section {
    if folder.chosen.is_empty() {
        return Section::none();
    }
    let short = cut(&format!("  {}", folder.chosen), style.width()) + "\n";
    Section::always(short).or(Turn::Counts, hang("  ", "  ", &folder.chosen, style.width())).close()
}

/// Its files, what belongs together and what to put where, to be shown below the report.
pub(crate) fn sections(folder: &Folder, left_out: &[String], style: Style) -> [Section; 3] {
    [files(folder, left_out, style), pairs(folder, style), settings(folder, style)]
}

/// The same for a page.
pub(crate) fn appendices(folder: &Folder, left_out: &[String]) -> Vec<Appendix> {
    let unread = left_out.iter().map(|what| vec![("not read".to_owned(), what.clone())]);
    let listing =
        |it: &Setting| (format!("{} ({})", it.program, it.purpose), it.lines.iter().map(|line| escape(line)).collect());
    let all = [
        Appendix {
            title: "Files",
            tables: folder.files.iter().map(file_table).chain(unread).collect(),
            ..Appendix::default()
        },
        Appendix {
            title: "What belongs together",
            lead: folder.chosen.clone(),
            tables: folder.pairs.iter().map(pair_table).collect(),
            ..Appendix::default()
        },
        Appendix {
            title: "What to put where",
            listings: folder.settings.iter().map(listing).collect(),
            ..Appendix::default()
        },
    ];
    all.into_iter().filter(|it| !(it.tables.is_empty() && it.listings.is_empty())).collect()
}

fn file_table(entry: &Entry) -> Vec<(String, String)> {
    let file = ("file".to_owned(), entry.file.clone());
    let remarks = entry.remarks.iter().flat_map(|remark| {
        let said = (format!("{} {}", severity(remark.severity), remark.kind), remark.message.clone());
        let fix = remark.fix.lines().map(|line| ("what to type".to_owned(), escape(line)));
        std::iter::once(said).chain(fix)
    });
    [file, ("holds".to_owned(), holds(entry))].into_iter().chain(remarks).collect()
}

/// What is in it, and in which form.
fn holds(entry: &Entry) -> String {
    let holds = if entry.holds.is_empty() { "nothing of this kind".to_owned() } else { entry.holds.join("; ") };
    if entry.form.is_empty() { holds } else { format!("{holds} ({})", entry.form) }
}

fn pair_table(pair: &Pair) -> Vec<(String, String)> {
    let missing = || "(none in this folder)".to_owned();
    let rows = [
        ("certificate", format!("{}, {}", pair.subject, kind(pair))),
        ("verdict", verdict(pair)),
        ("names", pair.names.join(", ")),
        ("chain", format!("{}{}", pair.chain_file, if pair.whole { ", whole" } else { ", not whole" })),
        ("order", pair.order.join(" → ")),
        ("key", pair.key_file.clone().unwrap_or_else(missing)),
        ("root", pair.trust_file.clone().unwrap_or_else(missing)),
    ];
    rows.into_iter().filter(|(_, value)| !value.is_empty()).map(|(label, value)| (label.to_owned(), value)).collect()
}

/// How many files and how much is to be said of them; or the gravest of that, a line each; or every file.
fn files(folder: &Folder, left_out: &[String], style: Style) -> Section {
    let told = |severity| remarks(folder).filter(|it| it.severity == severity).count();
    let grades = [Severity::Error, Severity::Warning, Severity::Note].map(|it| (told(it), severity(it)));
    let counts: Vec<String> = std::iter::once((folder.files.len(), "file"))
        .chain(grades)
        .chain([(left_out.len(), "file or folder not read")])
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| counted(count, what))
        .collect();
    let title = style.bold("Files");
    let short = format!("{title}: {}\n", counts.join(", "));
    let mut graded: Vec<&Remark> = remarks(folder).filter(|it| it.severity != Severity::Note).collect();
    graded.sort_by_key(|it| it.severity != Severity::Error);
    let lines = few(&graded, MAX_REMARK_LINES, |it| {
        cut(&format!("  {} {}: {}", severity(it.severity), it.kind, it.message), style.width())
    });
    let all: String = folder.files.iter().map(file).collect();
    let unread: String = left_out.iter().map(|what| format!("  not read: {what}\n")).collect();
    Section::at_times(Turn::Counts, short.clone())
        .or(Turn::Remarks, format!("{short}{lines}"))
        .or(Turn::Rest, format!("{title}\n{all}{unread}"))
}

fn remarks(folder: &Folder) -> impl Iterator<Item = &Remark> {
    folder.files.iter().flat_map(|entry| &entry.remarks)
}

fn counted(count: usize, what: &str) -> String {
    match (count, what.split_once(' ')) {
        (1, _) => format!("1 {what}"),
        (_, Some(_)) => format!("{count} files or folders not read"),
        _ => format!("{count} {what}s"),
    }
}

/// A line for each of the first ones, and how many there are besides.
fn few<T>(all: &[T], most: usize, line: impl Fn(&T) -> String) -> String {
    let shown: String = all.iter().take(most).map(|it| line(it) + "\n").collect();
    match all.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown}  … and {more} more\n"),
    }
}

/// How many, a line each, or all that belongs to each.
fn pairs(folder: &Folder, style: Style) -> Section {
    const TITLE: &str = "What belongs together";
    let title = style.bold(TITLE);
    let full: String = folder.pairs.iter().map(pair).collect();
    let lines = few(&folder.pairs, MAX_PAIR_LINES, |it| cut(&pair_line(it), style.width()));
    if folder.pairs.is_empty() {
        return Section::none();
    }
    let valid = folder.pairs.iter().filter(|pair| pair.verdict == Verdict::Valid).count();
    let count = counted(folder.pairs.len(), "certificate");
    let others: Vec<String> =
        folder.pairs.iter().skip(1).filter(|pair| pair.verdict != Verdict::Valid).map(short).collect();
    let others = if others.is_empty() { String::new() } else { format!("; besides, {}", others.join(", ")) };
    let counts = cut(&format!(": {count}, {valid} valid{others}"), style.width().saturating_sub(TITLE.len()));
    Section::at_times(Turn::Counts, format!("{title}{counts}\n"))
        .or(Turn::Pairs, format!("{title}\n{lines}"))
        .or(Turn::Rest, format!("{title}\n{full}"))
}

/// What it is first, as the rest may not fit.
fn pair_line(pair: &Pair) -> String {
    let key = pair.key_file.as_deref().unwrap_or("no key");
    format!("  {}, {}: {} ({} + {key})", pair.subject, kind(pair), verdict(pair), pair.chain_file)
}

fn short(pair: &Pair) -> String {
    format!("{}: {}", pair.subject, pair.cause.map_or("invalid", Code::as_str))
}

fn verdict(pair: &Pair) -> String {
    let verdict = if pair.verdict == Verdict::Valid { "valid" } else { "invalid" };
    format!("{verdict}{}", pair.cause.map(|code| format!(": {code}")).unwrap_or_default())
}

fn kind(pair: &Pair) -> String {
    format!("a {}, until {}", pair.purpose, pair.not_after.split('T').next().unwrap_or_default())
}

/// The programs, or the first one's lines, or all.
fn settings(folder: &Folder, style: Style) -> Section {
    let Some(first) = folder.settings.first() else { return Section::none() };
    const TITLE: &str = "What to put where";
    let title = style.bold(TITLE);
    let mut programs: Vec<&str> = Vec::new();
    for setting in &folder.settings {
        if !programs.contains(&setting.program) {
            programs.push(setting.program);
        }
    }
    let others = match programs.len() - 1 {
        0 => String::new(),
        _ => cut(&format!("  … and for {}", programs[1..].join(", ")), style.width()) + "\n",
    };
    let all: String = folder.settings.iter().map(setting).collect();
    let names = cut(&format!(": {}", programs.join(", ")), style.width().saturating_sub(TITLE.len()));
    Section::at_times(Turn::Counts, format!("{title}{names}\n"))
        .or(Turn::Settings, format!("{title}\n{}{others}", setting(first)))
        .or(Turn::Rest, format!("{title}\n{all}"))
}

fn file(entry: &Entry) -> String {
    let form = if entry.form.is_empty() { String::new() } else { format!(" ({})", entry.form) };
    let holds = if entry.holds.is_empty() { "nothing of this kind".to_owned() } else { entry.holds.join("; ") };
    let remarks = entry.remarks.iter().map(|remark| {
        let fix = remark.fix.lines().map(|line| format!("      {}\n", escape(line))).collect::<String>();
        format!("    {} {}: {}\n{fix}", severity(remark.severity), remark.kind, remark.message)
    });
    format!("  {}{form}: {holds}\n{}", entry.file, remarks.collect::<String>())
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn pair(pair: &Pair) -> String {
    let mut text = format!("  {}, {}: {}\n", pair.subject, kind(pair), verdict(pair));
    if !pair.names.is_empty() {
        text.push_str(&format!("    names  {}\n", pair.names.join(", ")));
    }
    let missing = || "(none in this folder)".to_owned();
    text.push_str(&format!("    chain  {}{}\n", pair.chain_file, if pair.whole { ", whole" } else { ", not whole" }));
    text.push_str(&format!("    order  {}\n", pair.order.join(" → ")));
    text.push_str(&format!("    key    {}\n", pair.key_file.clone().unwrap_or_else(missing)));
    text.push_str(&format!("    root   {}\n", pair.trust_file.clone().unwrap_or_else(missing)));
    text
}

fn setting(setting: &Setting) -> String {
    let lines: String = setting.lines.iter().map(|line| format!("    {}\n", escape(line))).collect();
    format!("  {} ({})\n{lines}", setting.program, setting.purpose)
}
