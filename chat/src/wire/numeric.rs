//! Numeric replies: one table of names, codes and texts (RFC 2812, section 5; Modern IRC, "Numerics").

macro_rules! numerics {
    ($($variant:ident $code:literal $text:literal;)*) => {
        /// A numeric reply, named as in the RFCs without `RPL_` and `ERR_`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the table's texts say what each one is")]
        pub enum Numeric { $($variant,)* }

        impl Numeric {
            /// Three digits.
            pub fn code(self) -> &'static str {
                match self { $(Numeric::$variant => $code,)* }
            }

            /// The text that always goes with it; empty where the text depends on the case.
            pub fn text(self) -> &'static str {
                match self { $(Numeric::$variant => $text,)* }
            }

            /// Every one.
            pub const ALL: &'static [Numeric] = &[$(Numeric::$variant,)*];
        }
    };
}

numerics! {
    Welcome "001" "";
    YourHost "002" "";
    Created "003" "";
    MyInfo "004" "";
    ISupport "005" "are supported by this server";
    Map "006" "";
    MapEnd "007" "End of MAP";
    Bounce "010" "";
    StatsCommands "212" "";
    EndOfStats "219" "End of STATS report";
    UModeIs "221" "";
    ServListEnd "235" "End of service listing";
    StatsUptime "242" "";
    StatsOLine "243" "";
    LUserClient "251" "";
    LUserOp "252" "operator(s) online";
    LUserUnknown "253" "unknown connection(s)";
    LUserChannels "254" "channels formed";
    LUserMe "255" "";
    AdminMe "256" "Administrative info";
    AdminLoc1 "257" "";
    AdminLoc2 "258" "";
    AdminEmail "259" "";
    LocalUsers "265" "";
    GlobalUsers "266" "";
    WhoisCertFp "276" "";
    Away "301" "";
    UserHost "302" "";
    IsOn "303" "";
    UnAway "305" "You are no longer marked as being away";
    NowAway "306" "You have been marked as being away";
    WhoisUser "311" "";
    WhoisServer "312" "";
    WhoisOperator "313" "is an IRC operator";
    WhowasUser "314" "";
    EndOfWho "315" "End of WHO list";
    WhoisIdle "317" "seconds idle, signon time";
    EndOfWhois "318" "End of WHOIS list";
    WhoisChannels "319" "";
    ListStart "321" "Users  Name";
    List "322" "";
    ListEnd "323" "End of LIST";
    ChannelModeIs "324" "";
    CreationTime "329" "";
    WhoisAccount "330" "is logged in as";
    NoTopic "331" "No topic is set";
    Topic "332" "";
    TopicWhoTime "333" "";
    WhoisBot "335" "is a bot";
    InviteList "336" "";
    EndOfInviteList "337" "End of INVITE list";
    WhoisActually "338" "is actually using host";
    Inviting "341" "";
    InvexList "346" "";
    EndOfInvexList "347" "End of channel invite exception list";
    ExceptList "348" "";
    EndOfExceptList "349" "End of channel exception list";
    Version "351" "";
    WhoReply "352" "";
    NamReply "353" "";
    WhoSpecialReply "354" "";
    Links "364" "";
    EndOfLinks "365" "End of LINKS list";
    EndOfNames "366" "End of NAMES list";
    BanList "367" "";
    EndOfBanList "368" "End of channel ban list";
    EndOfWhowas "369" "End of WHOWAS";
    Info "371" "";
    Motd "372" "";
    EndOfInfo "374" "End of INFO list";
    MotdStart "375" "";
    EndOfMotd "376" "End of MOTD command";
    WhoisHost "378" "";
    WhoisModes "379" "";
    YoureOper "381" "You are now an IRC operator";
    Rehashing "382" "Rehashing";
    Time "391" "";
    HostHidden "396" "is now your displayed host";
    UnknownError "400" "";
    NoSuchNick "401" "No such nick/channel";
    NoSuchServer "402" "No such server";
    NoSuchChannel "403" "No such channel";
    CannotSendToChan "404" "Cannot send to channel";
    TooManyChannels "405" "You have joined too many channels";
    WasNoSuchNick "406" "There was no such nickname";
    TooManyTargets "407" "Too many targets";
    NoSuchService "408" "No such service";
    InvalidCapCmd "410" "Invalid CAP command";
    NoRecipient "411" "No recipient given";
    NoTextToSend "412" "No text to send";
    TooManyMatches "416" "Too many matches: not all are shown; use a narrower mask";
    InputTooLong "417" "Input line was too long";
    UnknownCommand "421" "Unknown command";
    NoMotd "422" "There is no message of the day";
    NoNicknameGiven "431" "No nickname given";
    ErroneousNickname "432" "Erroneous nickname";
    NicknameInUse "433" "Nickname is already in use";
    BanOnChan "435" "Cannot change nickname while banned in a channel";
    UserNotInChannel "441" "They aren't on that channel";
    NotOnChannel "442" "You're not on that channel";
    UserOnChannel "443" "is already on channel";
    SummonDisabled "445" "SUMMON has been disabled";
    UsersDisabled "446" "USERS has been disabled";
    NotRegistered "451" "You have not registered";
    NeedMoreParams "461" "Not enough parameters";
    AlreadyRegistered "462" "You may not reregister";
    PasswdMismatch "464" "Password incorrect";
    LinkChannel "470" "Forwarding to another channel";
    ChannelIsFull "471" "Cannot join channel (+l)";
    UnknownMode "472" "is unknown mode char to me";
    InviteOnlyChan "473" "Cannot join channel (+i)";
    BannedFromChan "474" "Cannot join channel (+b)";
    BadChannelKey "475" "Cannot join channel (+k)";
    BadChanMask "476" "Bad channel mask";
    NeedReggedNick "477" "Cannot join channel (+R): log in first";
    BanListFull "478" "Channel ban list is full";
    NoPrivileges "481" "Permission denied: you're not an IRC operator";
    ChanOPrivsNeeded "482" "You're not channel operator";
    CantKillServer "483" "You cant kill a server!";
    NoOperHost "491" "No O-lines for your host";
    UModeUnknownFlag "501" "Unknown MODE flag";
    UsersDontMatch "502" "Cannot change mode for other users";
    HelpNotFound "524" "No help available on this topic";
    InvalidKey "525" "Key is not well-formed";
    CannotSendToUser "531" "Cannot send to user";
    WhoisSecure "671" "is using a secure connection";
    InvalidModeParam "696" "";
    HelpStart "704" "";
    HelpTxt "705" "";
    EndOfHelp "706" "";
    NoPrivs "723" "Insufficient oper privileges.";
    MonOnline "730" "";
    MonOffline "731" "";
    MonList "732" "";
    EndOfMonList "733" "End of MONITOR list";
    MonListFull "734" "Monitor list is full.";
    KeyValue "761" "";
    KeyNotSet "766" "key not set";
    MetadataSubOk "770" "";
    MetadataUnsubOk "771" "";
    MetadataSubs "772" "";
    MetadataSyncLater "774" "";
    LoggedIn "900" "";
    LoggedOut "901" "";
    NickLocked "902" "You must use a nick assigned to you";
    SaslSuccess "903" "SASL authentication successful";
    SaslFail "904" "SASL authentication failed";
    SaslTooLong "905" "SASL message too long";
    SaslAborted "906" "SASL authentication aborted";
    SaslAlready "907" "You have already authenticated using SASL";
    SaslMechs "908" "are available SASL mechanisms";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_three_digits_and_ascend() {
        let codes: Vec<&str> = Numeric::ALL.iter().map(|numeric| numeric.code()).collect();
        assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit())));
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
