//! What a person types, and what becomes of it.

use super::words::{line, parts};
use super::{Client, Step, same_channel};
use crate::client::help;
use crate::client::input::{Input, is_channel};
use crate::client::view::{Entry, Kind, shown};
use crate::limits::client::{LINE_BYTES, LOOKED_FOR};

impl Client {
    /// Takes a line that was typed.
    pub fn typed(&mut self, line: &str) -> Vec<Step> {
        let mut steps = Vec::new();
        self.obey(Input::parse(line), &mut steps);
        steps
    }

    fn obey(&mut self, input: Input, steps: &mut Vec<Step>) {
        match input {
            Input::Empty => {}
            Input::Say(text) => self.say(&text, steps),
            Input::Act(text) => self.act(&text, steps),
            Input::Message { to, text } => self.message(&to, &text, steps),
            Input::Talk { to, text } => self.talk(to, text, steps),
            Input::Switch(to) => self.switch(to.as_deref(), steps),
            Input::Join { channel, key } => self.enter(channel, key, steps),
            Input::Command("", parameters) => steps.extend(parameters.into_iter().map(Step::Send)),
            Input::Command(verb, parameters) => steps.push(command(verb, &parameters)),
            Input::About { verb, channel, rest } => self.about(verb, channel, rest, steps),
            Input::Owned { subcommand, channel, words } => self.owned(subcommand, channel, words, steps),
            // WHOX, which says accounts; the token tells servers that know it apart.
            Input::Accounts(of) => steps.push(Step::Send(format!("WHO {} %tna,1", of.as_deref().unwrap_or("*")))),
            Input::History { of, lines } => steps.push(self.ask_history(of, lines)),
            Input::Users => steps.push(Step::Send("WHO *".to_owned())),
            Input::Quit(reason) => self.leave(reason, steps),
            Input::Welcome => steps.extend(answers(self.welcome())),
            Input::Help(None) => steps.extend(answers(help::overview())),
            Input::Help(Some(command)) => steps.extend(help_of(&command)),
            Input::Wrong(text) => steps.push(Step::Show(Entry::new(Kind::Error, text))),
        }
    }

    fn say(&mut self, text: &str, steps: &mut Vec<Step>) {
        match self.current.clone() {
            Some(channel) => self.message(&channel, text, steps),
            None => steps.push(self.no_channel()),
        }
    }

    fn ask_history(&self, of: Option<String>, lines: usize) -> Step {
        match of.or_else(|| self.current.clone()) {
            None => self.no_channel(),
            Some(_) if !self.keeps_history() => {
                Step::Show(Entry::new(Kind::Error, "this server keeps no history that could be asked for"))
            }
            Some(of) => Step::Send(format!("CHATHISTORY LATEST {of} * {lines}")),
        }
    }

    fn act(&mut self, text: &str, steps: &mut Vec<Step>) {
        let Some(channel) = self.current.clone() else { return steps.push(self.no_channel()) };
        for part in parts(text) {
            steps.push(Step::Send(format!("PRIVMSG {channel} :\x01ACTION {part}\x01")));
            let kind = Kind::Action { from: self.nick().to_owned() };
            self.show_own(&channel, kind, part, steps);
        }
    }

    fn message(&mut self, to: &str, text: &str, steps: &mut Vec<Step>) {
        for part in parts(text) {
            steps.push(Step::Send(format!("PRIVMSG {to} :{part}")));
            let kind = Kind::Message { from: self.nick().to_owned() };
            self.show_own(to, kind, part, steps);
        }
    }

    /// With echo-message the server says it back once it was taken; that is shown instead.
    fn show_own(&self, place: &str, kind: Kind, text: &str, steps: &mut Vec<Step>) {
        if !self.registration.has("echo-message") {
            steps.push(Step::Show(Entry::at(place, kind, text)));
        }
    }

    fn enter(&mut self, channel: String, key: Option<String>, steps: &mut Vec<Step>) {
        let parameters: Vec<String> = std::iter::once(channel.clone()).chain(key).collect();
        steps.push(Step::Send(line("JOIN", &parameters)));
        // The server takes lines in their order, so what is typed next can be meant for it already.
        self.current = Some(channel);
    }

    /// What is typed goes to one person from here on.
    fn talk(&mut self, to: String, text: Option<String>, steps: &mut Vec<Step>) {
        let told = format!("what you type goes to {}; /switch goes back", shown(&to));
        steps.push(Step::Show(Entry::new(Kind::Event, told)));
        match text {
            Some(text) => self.message(&to, &text, steps),
            // A text that is sent is answered where nobody is there to read it.
            None if !is_channel(&to) && self.looked_for.len() < LOOKED_FOR => {
                steps.push(Step::Send(line("ISON", std::slice::from_ref(&to))));
                self.looked_for.push_back(to.clone());
            }
            None => {}
        }
        self.current = Some(to);
    }

    /// To the channel that is named, else to the one after the current one.
    fn switch(&mut self, to: Option<&str>, steps: &mut Vec<Step>) {
        let position = |name: &str| self.channels.iter().position(|channel| same_channel(channel, name));
        let wanted = match to {
            Some(name) => position(name).or_else(|| position(&format!("#{name}"))),
            None => {
                let here = self.current.as_deref().and_then(position);
                here.map_or(0, |at| at + 1).checked_rem(self.channels.len())
            }
        };
        match wanted.and_then(|at| self.channels.get(at)).cloned() {
            Some(channel) => {
                steps.push(Step::Show(Entry::new(Kind::Event, format!("what you type goes to {}", shown(&channel)))));
                self.current = Some(channel);
            }
            None => steps.push(Step::Show(Entry::new(Kind::Error, self.not_there(to)))),
        }
    }

    fn not_there(&self, name: Option<&str>) -> String {
        match name {
            Some(name) => {
                format!("you are not in {0}: /join {0}, or /query {0} for a person", shown(name))
            }
            None => "you are in no channel: /join #CHANNEL".to_owned(),
        }
    }

    fn welcome(&self) -> Vec<String> {
        if self.welcome.is_empty() {
            let nick = shown(self.nick());
            return vec![format!(
                "you are {nick}; /list shows who is online, /channels where they talk, /help the commands"
            )];
        }
        self.welcome.clone()
    }

    /// The channel that one types into, where it is one.
    fn current_channel(&self) -> Option<String> {
        self.current.clone().filter(|place| is_channel(place))
    }

    fn no_channel(&self) -> Step {
        let text = match (&self.current, self.channels.last()) {
            (Some(person), Some(channel)) => format!(
                "what you type goes to {}, who is no channel: name one, such as {1}, or /switch {1}",
                shown(person),
                shown(channel)
            ),
            _ => "you are in no channel: /join #CHANNEL, or /msg NICK TEXT".to_owned(),
        };
        Step::Show(Entry::new(Kind::Error, text))
    }

    fn about(&mut self, verb: &str, channel: Option<String>, rest: Option<String>, steps: &mut Vec<Step>) {
        let Some(channel) = channel.or_else(|| self.current_channel()) else { return steps.push(self.no_channel()) };
        let parameters = match (verb, rest) {
            ("INVITE", Some(nick)) => vec![nick, channel],
            ("KICK", Some(rest)) => {
                let (nick, reason) = rest.split_once(' ').unwrap_or((&rest, "no reason given"));
                vec![channel, nick.to_owned(), reason.trim_start().to_owned()]
            }
            ("MODE", Some(rest)) => {
                std::iter::once(channel).chain(rest.split_whitespace().map(str::to_owned)).collect()
            }
            (_, rest) => std::iter::once(channel).chain(rest).collect(),
        };
        steps.push(command(verb, &parameters));
    }

    fn owned(&mut self, subcommand: &str, channel: Option<String>, words: Vec<String>, steps: &mut Vec<Step>) {
        let Some(channel) = channel.or_else(|| self.current_channel()) else { return steps.push(self.no_channel()) };
        let parameters: Vec<String> = [subcommand.to_owned(), channel].into_iter().chain(words).collect();
        steps.push(Step::Send(line("CHANNEL", &parameters)));
    }
}

/// A command is one line. What does not fit is not sent: half of a topic is not what was meant.
fn command(verb: &str, parameters: &[String]) -> Step {
    let line = line(verb, parameters);
    let over = line.len().saturating_sub(LINE_BYTES);
    if over == 0 {
        return Step::Send(line);
    }
    let text = format!("not sent: {verb} is one line of at most {LINE_BYTES} bytes, and this is {over} too long");
    Step::Show(Entry::new(Kind::Error, text))
}

fn answers(rows: Vec<String>) -> impl Iterator<Item = Step> {
    rows.into_iter().map(|row| Step::Show(Entry::new(Kind::Answer, row)))
}

fn help_of(command: &str) -> Vec<Step> {
    let rows = help::of(command);
    if rows.is_empty() {
        let text = format!("no command {}; /help lists them", shown(command));
        return vec![Step::Show(Entry::new(Kind::Error, text))];
    }
    answers(rows).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{profile, ready, sent, started, text};
    use super::*;
    use crate::client::core::Profile;

    #[test]
    fn what_is_typed_goes_to_the_current_channel() {
        let mut client = ready();
        let steps = client.typed("hello");
        assert_eq!(sent(&steps), ["PRIVMSG #lobby :hello"]);
        assert_eq!(text(&steps), ["[#lobby] <alice> hello"]);
        client.typed("/join other");
        assert_eq!(sent(&client.typed("x")), ["PRIVMSG #other :x"]);
        client.received(b":alice!a@h PART #other");
        assert!(text(&client.typed("x"))[0].contains("no channel"));
    }

    #[test]
    fn what_is_typed_goes_where_one_switched_to() {
        let mut client = ready();
        client.received(b":alice!a@h JOIN #tea");
        for (typed, place) in [
            ("/switch", "#lobby"),
            ("/switch", "#tea"),
            ("/query bob", "bob"),
            ("/switch", "#lobby"),
            ("/switch tea", "#tea"),
            ("/switch #Lobby", "#lobby"),
        ] {
            client.typed(typed);
            assert_eq!(sent(&client.typed("x")), [format!("PRIVMSG {place} :x")], "{typed}");
        }
        assert_eq!(sent(&client.typed("/query bob hi")), ["PRIVMSG bob :hi"]);
        assert!(text(&client.typed("/topic"))[0].contains("no channel"), "a person has no topic");
        assert!(text(&client.typed("/names"))[0].contains("goes to bob, who is no channel"));
        assert!(text(&client.typed("/switch #cake"))[0].contains("/join #cake"));
        assert_eq!(sent(&client.typed("x")), ["PRIVMSG bob :x"]);
    }

    #[test]
    fn who_is_not_here_is_told_before_anything_is_typed() {
        let mut client = ready();
        for (answer, told) in [
            (":s 303 alice :Bob ", &[""; 0][..]),
            (":s 303 alice :", &["-- bob is not online, and gets nothing of it; /list shows who is"][..]),
        ] {
            assert_eq!(sent(&client.typed("/query bob")), ["ISON bob"]);
            assert_eq!(text(&client.received(answer.as_bytes())), told);
        }
        // Answers come in the order of the questions, and may come late.
        client.typed("/query bob");
        client.typed("/query carol");
        assert!(text(&client.received(b":s 303 alice :"))[0].contains("bob is not online"));
        assert!(text(&client.received(b":s 303 alice :carol")).is_empty());
        assert_eq!(text(&client.received(b":s 303 alice :dave")), ["dave"], "nobody asked that");
    }

    #[test]
    fn what_was_told_at_the_start_and_the_help_of_a_command_can_be_read_again() {
        let mut client = ready();
        assert!(text(&client.typed("/welcome"))[0].contains("you are alice"));
        let (mut told, _) = started(Profile { welcome: vec!["others join so".into()], ..profile(false) });
        assert_eq!(text(&told.typed("/welcome")), ["others join so"]);
        assert!(text(&client.typed("/help join"))[0].starts_with("/join #CHANNEL"));
        assert!(text(&client.typed("/help nosuch"))[0].contains("no command nosuch"));
    }

    #[test]
    fn a_long_text_goes_out_in_parts_between_words_or_characters() {
        let mut client = ready();
        let steps = client.typed(&"ü".repeat(400));
        assert_eq!(sent(&steps).len(), 3);
        assert!(sent(&steps).iter().all(|line| line.len() < 400));
        let words = "a word ".repeat(120);
        let said = client.typed(&words);
        let parts: Vec<&str> = sent(&said).iter().filter_map(|line| line.strip_prefix("PRIVMSG #lobby :")).collect();
        assert_eq!(parts.join(" "), words);
        assert!(parts.len() == 3 && parts.iter().all(|part| part.starts_with("a word") || part.starts_with("word")));
        let wide = "a   word   ".repeat(80);
        let said = client.typed(&wide);
        let parts: Vec<&str> = sent(&said).iter().filter_map(|line| line.strip_prefix("PRIVMSG #lobby :")).collect();
        assert_eq!(parts.join(" "), wide, "of several spaces one is cut at");
    }

    #[test]
    fn a_command_longer_than_a_line_is_told_and_not_sent() {
        let mut client = ready();
        let long = "ü".repeat(300);
        for typed in ["/topic", "/part", "/away", "/kick bob"] {
            let steps = client.typed(&format!("{typed} {long}"));
            assert!(sent(&steps).is_empty(), "{typed}");
            assert!(text(&steps)[0].contains("one line of at most 510 bytes"), "{typed}: {steps:?}");
        }
        let steps = client.typed(&format!("/quit {long}"));
        let quit = sent(&steps)[0];
        assert!(quit.starts_with("QUIT ü") && quit.len() <= 510, "{quit}");
        assert!(text(&steps)[0].contains("cut"), "{steps:?}");
    }

    #[test]
    fn commands_about_a_channel_mean_the_current_one() {
        let mut client = ready();
        for (typed, line) in [
            ("/topic", "TOPIC #lobby"),
            ("/topic new topic", "TOPIC #lobby :new topic"),
            ("/invite bob", "INVITE bob #lobby"),
            ("/kick bob be nice", "KICK #lobby bob :be nice"),
            ("/names", "NAMES #lobby"),
            ("/part", "PART #lobby"),
            ("/mode", "MODE #lobby"),
            ("/mode +b bob!*@*", "MODE #lobby +b bob!*@*"),
            ("/mode #tea -o bob", "MODE #tea -o bob"),
            ("/mode alice +i", "MODE alice +i"),
            ("/raw VERSION", "VERSION"),
            ("/register", "CHANNEL REGISTER #lobby"),
            ("/register #tea", "CHANNEL REGISTER #tea"),
            ("/owner", "CHANNEL INFO #lobby"),
            ("/drop #tea", "CHANNEL DROP #tea"),
            ("/transfer #tea carol", "CHANNEL TRANSFER #tea carol"),
            ("/access", "CHANNEL ACCESS #lobby"),
            ("/access add carol op", "CHANNEL ACCESS #lobby ADD carol op"),
            ("/access #tea del carol", "CHANNEL ACCESS #tea DEL carol"),
            ("/accounts", "WHO * %tna,1"),
            ("/accounts #tea", "WHO #tea %tna,1"),
        ] {
            assert_eq!(sent(&client.typed(typed)), [line]);
        }
    }

    #[test]
    fn every_command_of_the_help_is_one() {
        for verb in help::verbs() {
            let unknown = format!("no command {verb};");
            assert!(!matches!(Input::parse(verb), Input::Wrong(told) if told.starts_with(&unknown)), "{verb}");
        }
    }
}
