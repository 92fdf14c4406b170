//! Mode strings such as `+ov-k alice bob *` (RFC 2812, section 3.2.3).

/// What a channel mode's letter stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelMode {
    /// `b`: a list of masks that may neither join nor speak.
    Ban,
    /// `e`: a list of masks that no ban concerns.
    Exception,
    /// `I`: a list of masks that need no invitation.
    InviteException,
    /// `k`: who joins has to know a key.
    Key,
    /// `f`: who may not join is taken to another channel.
    Forward,
    /// `l`: at most so many members.
    Limit,
    /// `C`: no CTCP but actions.
    NoCtcp,
    /// `M`: only who is logged in speaks.
    RegisteredSpeak,
    /// `R`: only who is logged in may join.
    RegisteredOnly,
    /// `i`: only who is invited may join.
    InviteOnly,
    /// `m`: only operators and voiced members speak.
    Moderated,
    /// `n`: only members speak.
    NoExternal,
    /// `s`: the channel is hidden from who is not in it.
    Secret,
    /// `t`: only operators change the topic.
    TopicLocked,
    /// `o`: a member runs the channel.
    Operator,
    /// `h`: a member helps to run the channel.
    HalfOperator,
    /// `v`: a member may speak in a moderated channel.
    Voice,
}

/// When a mode takes a parameter: the types A, B, C and D of CHANMODES, and the ranks of PREFIX.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Type A: adds to a list, takes from it, or shows it.
    List,
    /// Type B: always has a parameter.
    Always,
    /// Type C: has a parameter when it is set.
    WhenSet,
    /// Type D: never has one.
    Never,
    /// A member's rank; the parameter is the nickname.
    Rank,
}

/// The value of CHANMODES in ISUPPORT: lists, always a parameter, a parameter when set, never.
pub const CHANNEL_MODES: &str = "beI,k,fl,CMRimnst";

/// The value of PREFIX in ISUPPORT, the highest rank first.
pub const PREFIX: &str = "(ohv)@%+";

/// The signs of the ranks, the highest first, as in STATUSMSG of ISUPPORT.
pub const RANK_SIGNS: &str = "@%+";

/// The channel modes that take a parameter, for 004.
pub const WITH_PARAMETER: &str = "Ibefhklov";

/// Every channel mode, its letter and its kind.
pub const CHANNEL_LETTERS: &[(char, ChannelMode, Kind)] = &[
    ('C', ChannelMode::NoCtcp, Kind::Never),
    ('I', ChannelMode::InviteException, Kind::List),
    ('M', ChannelMode::RegisteredSpeak, Kind::Never),
    ('R', ChannelMode::RegisteredOnly, Kind::Never),
    ('b', ChannelMode::Ban, Kind::List),
    ('e', ChannelMode::Exception, Kind::List),
    ('f', ChannelMode::Forward, Kind::WhenSet),
    ('h', ChannelMode::HalfOperator, Kind::Rank),
    ('i', ChannelMode::InviteOnly, Kind::Never),
    ('k', ChannelMode::Key, Kind::Always),
    ('l', ChannelMode::Limit, Kind::WhenSet),
    ('m', ChannelMode::Moderated, Kind::Never),
    ('n', ChannelMode::NoExternal, Kind::Never),
    ('o', ChannelMode::Operator, Kind::Rank),
    ('s', ChannelMode::Secret, Kind::Never),
    ('t', ChannelMode::TopicLocked, Kind::Never),
    ('v', ChannelMode::Voice, Kind::Rank),
];

impl ChannelMode {
    /// The mode of a letter.
    pub fn parse(letter: char) -> Option<ChannelMode> {
        CHANNEL_LETTERS.iter().find(|(l, ..)| *l == letter).map(|(_, mode, _)| *mode)
    }

    /// The letter of a mode.
    pub fn letter(self) -> char {
        CHANNEL_LETTERS.iter().find(|(_, mode, _)| *mode == self).map_or('?', |(letter, ..)| *letter)
    }

    /// When it takes a parameter.
    pub fn kind(self) -> Kind {
        CHANNEL_LETTERS.iter().find(|(_, mode, _)| *mode == self).map_or(Kind::Never, |(.., kind)| *kind)
    }

    fn takes_parameter(self, adding: bool) -> bool {
        match self.kind() {
            Kind::List | Kind::Always | Kind::Rank => true,
            Kind::WhenSet => adding,
            Kind::Never => false,
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

/// Collects changes that were made, and writes them as mode strings: `+o-v`, and the parameters apart.
#[derive(Debug, Clone, Default)]
pub struct Written {
    changes: Vec<(bool, char, Option<String>)>,
}

impl Written {
    /// Adds a change.
    pub fn push(&mut self, adding: bool, letter: char, parameter: Option<&str>) {
        self.changes.push((adding, letter, parameter.map(str::to_owned)));
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many of the changes have a parameter.
    pub fn parameters(&self) -> usize {
        self.changes.iter().filter(|(.., parameter)| parameter.is_some()).count()
    }

    /// The letters with their signs, and after them the parameters in the letters' order, in as many pieces as it takes to
    /// keep each within `room` bytes.
    pub fn pieces(&self, room: usize) -> Vec<Vec<String>> {
        let mut pieces: Vec<Vec<String>> = Vec::new();
        let (mut sign, mut length) = (None, 0);
        for (adding, letter, parameter) in &self.changes {
            let cost = 2 + parameter.as_ref().map_or(0, |parameter| parameter.len() + 1);
            if pieces.is_empty() || length + cost > room {
                pieces.push(vec![String::new()]);
                (sign, length) = (None, 1);
            }
            let Some(piece) = pieces.last_mut() else { continue };
            if sign.replace(*adding) != Some(*adding) {
                piece[0].push(if *adding { '+' } else { '-' });
            }
            piece[0].push(*letter);
            piece.extend(parameter.clone());
            length += cost;
        }
        pieces
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
        assert_eq!(written.pieces(400), [["+ov-i", "alice", "bob"]]);
        assert_eq!(written.pieces(12), [vec!["+o", "alice"], vec!["+v-i", "bob"]]);
        assert_eq!((written.parameters(), Written::default().pieces(400).len()), (2, 0));
    }

    #[test]
    fn isupport_and_the_table_agree() {
        let types: Vec<&str> = CHANNEL_MODES.split(',').collect();
        for (letter, mode, kind) in CHANNEL_LETTERS {
            assert_eq!((mode.letter(), ChannelMode::parse(*letter), mode.kind()), (*letter, Some(*mode), *kind));
            let listed = match kind {
                Kind::List => types[0],
                Kind::Always => types[1],
                Kind::WhenSet => types[2],
                Kind::Never => types[3],
                Kind::Rank => PREFIX,
            };
            assert!(listed.contains(*letter), "{letter}");
            assert_eq!(WITH_PARAMETER.contains(*letter), *kind != Kind::Never, "{letter}");
        }
        let letters = types.iter().map(|letters| letters.len()).sum::<usize>() + RANK_SIGNS.len();
        assert_eq!((letters, PREFIX.ends_with(RANK_SIGNS)), (CHANNEL_LETTERS.len(), true));
    }
}
