//! What `/help` prints: the commands of every day on one screen, and each command's own page.

/// A way to type a command.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// What is typed.
    pub typed: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// Whether it is among those of every day.
    pub everyday: bool,
}

const fn everyday(typed: &'static str, meaning: &'static str) -> Usage {
    Usage { typed, meaning, everyday: true }
}

const fn rare(typed: &'static str, meaning: &'static str) -> Usage {
    Usage { typed, meaning, everyday: false }
}

/// All of them, each command's ways in a row.
pub const HELP: &[Usage] = &[
    everyday("/list", "the users online"),
    everyday("/channels", "the channels, with their topics"),
    everyday("/join #CHANNEL [KEY]", "enter a channel; what you type goes there"),
    everyday("/part [#CHANNEL] [REASON]", "leave it"),
    everyday("/switch [#CHANNEL]", "what you type goes there, or to the next one"),
    everyday("/msg NICK TEXT", "a private message"),
    everyday("/query NICK [TEXT]", "what you type goes to that person"),
    everyday("/me TEXT", "say what you do"),
    everyday("/nick NICK", "change your nickname"),
    everyday("/names [#CHANNEL]", "who is in a channel"),
    everyday("/whois NICK", "whose certificate, account and channels"),
    everyday("/topic [#CHANNEL] [TEXT]", "read or set the topic"),
    everyday("/away [REASON]", "be away; without a reason, be back"),
    everyday("/welcome", "what was told at the start"),
    everyday("/quit [REASON]", "leave the server"),
    everyday("/help [COMMAND]", "this, or all about one command"),
    everyday("//TEXT", "say a text that begins with a slash"),
    rare("/who [#CHANNEL or NICK]", "who is there"),
    rare("/invite NICK [#CHANNEL]", "invite into a channel"),
    rare("/kick NICK [REASON]", "throw out of the current channel"),
    rare("/mode [TARGET] [MODES]", "read or change modes, of the current channel where no target is named"),
    rare("/history [#CHANNEL or NICK] [LINES]", "what was said before"),
    rare("/register [#CHANNEL]", "make it your account's: it stays, with its modes and topic"),
    rare("/drop [#CHANNEL]", "make it nobody's"),
    rare("/owner [#CHANNEL]", "whose it is, and since when"),
    rare("/transfer [#CHANNEL] ACCOUNT", "make it another account's"),
    rare("/access [#CHANNEL]", "which accounts have a rank there when they come in"),
    rare("/access [#CHANNEL] add ACCOUNT RANK", "give an account op, halfop or voice"),
    rare("/access [#CHANNEL] del ACCOUNT", "take it back"),
    rare("/accounts [#CHANNEL]", "who is logged in as what"),
    rare("/raw LINE", "send a line of IRC as it is"),
    rare("/raw REGISTER * EMAIL WORD", "an account of your nickname with that password, where it may be"),
];

/// Of the full screen; a pipe has none of these.
const KEYS: &str = "keys: Tab completes, Up brings back, PageUp scrolls, Ctrl-N switches";

/// Columns of what is typed, before what it does.
const TYPED: usize = 26;

/// The words of all commands, each once.
pub fn verbs() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    HELP.iter().map(verb).filter(move |verb| std::mem::replace(&mut last, verb) != *verb && *verb != "//TEXT")
}

fn verb(usage: &Usage) -> &'static str {
    usage.typed.split(' ').next().unwrap_or_default()
}

/// The commands of every day, and the names of the others.
pub fn overview() -> Vec<String> {
    let is_rare = |verb: &&str| HELP.iter().filter(|usage| self::verb(usage) == *verb).all(|usage| !usage.everyday);
    let others: Vec<&str> = verbs().filter(is_rare).collect();
    let everyday = HELP.iter().filter(|usage| usage.everyday).map(|usage| row(usage, TYPED));
    everyday.chain([format!("and {}", others.join(" ")), KEYS.to_owned()]).collect()
}

/// All ways to type one command, named with or without its slash; none where there is no such command.
pub fn of(command: &str) -> Vec<String> {
    let wanted = format!("/{}", command.trim_start_matches('/').to_ascii_lowercase());
    let usages: Vec<&Usage> = HELP.iter().filter(|usage| verb(usage) == wanted).collect();
    let typed = usages.iter().map(|usage| usage.typed.len()).max().unwrap_or_default();
    usages.into_iter().map(|usage| row(usage, typed)).collect()
}

fn row(usage: &Usage, typed: usize) -> String {
    format!("{:<typed$} {}", usage.typed, usage.meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overview_fits_a_small_screen_and_names_every_command() {
        let rows = overview();
        assert!(
            rows.len() <= 20 && rows.iter().all(|row| row.chars().count() <= 74 || row.starts_with("and ")),
            "{rows:#?}"
        );
        let text = rows.join("\n");
        for verb in verbs() {
            assert!(text.contains(verb), "{verb}");
        }
        assert_eq!(text.matches("/access").count(), 1);
    }

    #[test]
    fn a_command_has_its_own_page() {
        assert_eq!(of("join").len(), 1);
        assert_eq!(of("/ACCESS").len(), 3);
        let access = of("/access");
        assert!(access[1].contains("op, halfop or voice"));
        let columns: Vec<_> = ["which", "give", "take"].iter().zip(&access).map(|(word, row)| row.find(word)).collect();
        assert!(columns[0].is_some() && columns.iter().all(|column| *column == columns[0]), "{access:#?}");
        assert!(of("nosuch").is_empty() && of("").is_empty());
    }
}
