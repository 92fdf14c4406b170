//! Mode strings such as `+ov-k alice bob *` (RFC 2812, section 3.2.3).

/// What a channel mode's letter stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelMode {
    /// `b`: a list of masks that may neither join nor speak.
    Ban,
    /// `i`: only who is invited may join.
    InviteOnly,
    /// `k`: who joins has to know a key.
    Key,
    /// `l`: at most so many members.
    Limit,
    /// `m`: only operators and voiced members speak.
    Moderated,
    /// `n`: only members speak.
    NoExternal,
    /// `o`: a member runs the channel.
    Operator,
    /// `s`: the channel is hidden from who is not in it.
    Secret,
    /// `t`: only operators change the topic.
    TopicLocked,
    /// `v`: a member may speak in a moderated channel.
    Voice,
}

/// The value of CHANMODES in ISUPPORT: lists, always a parameter, a parameter when set, never.
pub const CHANNEL_MODES: &str = "b,k,l,imnst";

/// The value of PREFIX in ISUPPORT.
pub const PREFIX: &str = "(ov)@+";

/// Every channel mode and its letter.
pub const CHANNEL_LETTERS: &[(char, ChannelMode)] = &[
    ('b', ChannelMode::Ban),
    ('i', ChannelMode::InviteOnly),
    ('k', ChannelMode::Key),
    ('l', ChannelMode::Limit),
    ('m', ChannelMode::Moderated),
    ('n', ChannelMode::NoExternal),
    ('o', ChannelMode::Operator),
    ('s', ChannelMode::Secret),
    ('t', ChannelMode::TopicLocked),
    ('v', ChannelMode::Voice),
];

impl ChannelMode {
    /// The mode of a letter.
    pub fn parse(letter: char) -> Option<ChannelMode> {
        CHANNEL_LETTERS.iter().find(|(l, _)| *l == letter).map(|(_, mode)| *mode)
    }

    /// The letter of a mode.
    pub fn letter(self) -> char {
        CHANNEL_LETTERS.iter().find(|(_, mode)| *mode == self).map_or('?', |(letter, _)| *letter)
    }

    fn takes_parameter(self, adding: bool) -> bool {
        match self {
            ChannelMode::Ban | ChannelMode::Key | ChannelMode::Operator | ChannelMode::Voice => true,
            ChannelMode::Limit => adding,
            _ => false,
        }
    }
}

/// One letter of a mode string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// Whether it is set or taken away.
    pub adding: bool,
    /// The letter.
    pub letter: char,
    /// The mode, if the letter is one.
    pub mode: Option<ChannelMode>,
    /// Its parameter, where it takes one and one is left.
    pub parameter: Option<&'a str>,
}

/// Reads a channel's mode string and its parameters.
pub fn parse_channel<'a>(letters: &'a str, parameters: &'a [&'a str]) -> impl Iterator<Item = Change<'a>> {
    let mut parameters = parameters.iter().copied();
    signed(letters).map(move |(adding, letter)| {
        let mode = ChannelMode::parse(letter);
        let takes = mode.is_some_and(|mode| mode.takes_parameter(adding));
        Change { adding, letter, mode, parameter: if takes { parameters.next() } else { None } }
    })
}

/// The letters of a mode string, each with its sign; a string begins with `+` unless it says otherwise.
pub fn signed(letters: &str) -> impl Iterator<Item = (bool, char)> {
    let mut adding = true;
    letters.chars().filter_map(move |letter| match letter {
        '+' | '-' => {
            adding = letter == '+';
            None
        }
        letter => Some((adding, letter)),
    })
}

/// Collects changes that were made into a mode string: `+o-v`, and the parameters apart.
#[derive(Debug, Clone, Default)]
pub struct Written {
    sign: Option<bool>,
    letters: String,
    parameters: Vec<String>,
}

impl Written {
    /// Adds a change.
    pub fn push(&mut self, adding: bool, letter: char, parameter: Option<&str>) {
        if self.sign != Some(adding) {
            self.sign = Some(adding);
            self.letters.push(if adding { '+' } else { '-' });
        }
        self.letters.push(letter);
        self.parameters.extend(parameter.map(str::to_owned));
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// The letters with their signs.
    pub fn letters(&self) -> &str {
        &self.letters
    }

    /// The parameters, in the order of their letters.
    pub fn parameters(&self) -> &[String] {
        &self.parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_go_to_the_letters_that_take_them() {
        let found: Vec<_> = parse_channel("+oik-l+lz", &["alice", "key", "10"])
            .map(|change| (change.adding, change.letter, change.mode.is_some(), change.parameter))
            .collect();
        let expected = [
            (true, 'o', true, Some("alice")),
            (true, 'i', true, None),
            (true, 'k', true, Some("key")),
            (false, 'l', true, None),
            (true, 'l', true, Some("10")),
            (true, 'z', false, None),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_missing_parameter_is_none() {
        let changes: Vec<_> = parse_channel("b", &[]).collect();
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].mode, changes[0].parameter), (Some(ChannelMode::Ban), None));
    }

    #[test]
    fn changes_are_written_with_one_sign_a_run() {
        let mut written = Written::default();
        written.push(true, 'o', Some("alice"));
        written.push(true, 'v', Some("bob"));
        written.push(false, 'i', None);
        assert_eq!((written.letters(), written.parameters().join(" ")), ("+ov-i", "alice bob".to_owned()));
    }

    #[test]
    fn isupport_and_the_table_agree() {
        for (letter, mode) in CHANNEL_LETTERS {
            assert_eq!((mode.letter(), CHANNEL_MODES.contains(*letter) != PREFIX.contains(*letter)), (*letter, true));
        }
    }
}
