//! A folder as text: its files, what belongs together, and what to put into which setting.

use ca_store::explain::Verdict;
use ca_store::explain::folder::{Entry, Folder, Pair, Setting};
use ca_store::facts::escape;
use ca_store::finding::Severity;

/// All of it, beginning with an empty line and ending with a line feed.
pub(crate) fn text(folder: &Folder, left_out: &[String]) -> String {
    let mut text = String::from("\nFiles\n");
    text.extend(folder.files.iter().map(file));
    text.extend(left_out.iter().map(|what| format!("  not read: {what}\n")));
    if !folder.pairs.is_empty() {
        text.push_str("\nWhat belongs together\n");
        text.extend(folder.pairs.iter().map(pair));
        if !folder.chosen.is_empty() {
            text.push_str(&format!("  {}\n", folder.chosen));
        }
    }
    if !folder.settings.is_empty() {
        text.push_str("\nWhat to put where\n");
        text.extend(folder.settings.iter().map(setting));
    }
    text
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
    let until = pair.not_after.split('T').next().unwrap_or_default();
    let verdict = if pair.verdict == Verdict::Valid { "valid" } else { "invalid" };
    let cause = pair.cause.map(|code| format!(": {code}")).unwrap_or_default();
    let mut text = format!("  {}, a {}, until {until}: {verdict}{cause}\n", pair.subject, pair.purpose);
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
