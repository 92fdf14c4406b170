//! `chat connect`.

use ca_store::facts::escape;
use ca_store::finding::quote;
use ca_store::key::Passphrase;
use ca_store::store::{Store, named};
use chat::client::core::Profile;
use chat::client::secret::Secret;
use chat::client::session::Login;
use chat::client::view::{Entry, Kind};
use chat::config::settings::DEFAULT_TLS_PORT;
use chat::tls::asked::Typed;
use chat::tls::bundle;
use chat::tls::client::Target;
use chat::tls::identity;
use chat::tls::material::{self, Credential, MaterialError};
use rustls::pki_types::CertificateDer;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use super::conversation::{Look, enter};
use super::{password_file, store, typed};
use crate::args::Connect;
use crate::failure::{Exit, Failure};
use crate::machine;
use chat::limits::settings::LONGEST_PASS;

/// Enters a chat.
pub(crate) fn run(arguments: Connect) -> Result<(), Failure> {
    let (host, port) = split_endpoint(&arguments.server)?;
    let typed = typed::of(&arguments);
    let (credential, (anchors, anchors_source)) = match &arguments.bundle {
        Some(file) => of_bundle(file, &arguments)?,
        None => (credential(&arguments, &typed)?, trust(&arguments, &typed)?),
    };
    let (login, password) = passwords(&arguments)?;
    let nick = arguments.nick.or_else(|| arguments.account.as_deref().map(machine::as_nickname));
    let profile = Profile { login, password, ..profile(nick, arguments.join, credential.as_ref())? };
    // Without a home there is no store, and none is needed where all files are given.
    let store_has_ca = store::folder(arguments.store.as_deref()).is_ok_and(|folder| Store::exists(&folder));
    let (shown, taken) = (Vec::new(), Vec::new());
    let target = Target { host, port, anchors, anchors_source, credential, shown, store_has_ca, typed, taken };
    let (look, greeting) = (Look::new(arguments.plain), invitation(&target, &profile, arguments.store.as_deref()));
    let ended = super::block_on(tokio::runtime::Builder::new_current_thread(), enter(target, profile, look, greeting));
    ended.map_err(|failure| match &arguments.store {
        Some(dir) => failure.for_store(dir),
        None => failure,
    })
}

/// How a guest comes back as somebody, told once.
fn invitation(target: &Target, profile: &Profile, store: Option<&Path>) -> Vec<Entry> {
    if profile.certificate || profile.login.is_some() {
        return Vec::new();
    }
    let connect = format!("chat connect {}", quote(&target.endpoint()));
    let issue = "issue client NAME";
    let issue = store.map_or_else(|| format!("pki {issue}"), |dir| named::pki(dir, issue));
    let options = &target.typed.options;
    let text = format!(
        "you come as a guest; with a certificate: {connect}{options} --as NAME ({issue} makes one), with a password: \
         {connect}{options} --account NAME"
    );
    vec![Entry::new(Kind::Event, text)]
}

/// Whether there is a full screen to draw on.
pub(super) fn is_screen(plain: bool) -> bool {
    !plain && io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// What is proven or told beside the certificate. Nothing is asked for once the conversation has begun.
fn passwords(arguments: &Connect) -> Result<(Option<Login>, Option<Secret>), Failure> {
    let from_input = |file: &Option<PathBuf>| file.as_deref() == Some(Path::new("-"));
    if from_input(&arguments.password_file) && from_input(&arguments.server_password_file) {
        let text = "expected one password from standard input, found --password-file - and --server-password-file -";
        return Err(Failure::new(Exit::Usage, text).hint("put one of them on the first line of a file"));
    }
    let server = arguments.server_password_file.as_deref().map(sendable).transpose()?;
    let login = match &arguments.account {
        Some(account) => {
            Some(Login { account: one_word(account)?.to_owned(), password: of_account(account, arguments)? })
        }
        None => None,
    };
    Ok((login, server))
}

fn of_account(account: &str, arguments: &Connect) -> Result<Secret, Failure> {
    let password = match &arguments.password_file {
        Some(file) => password_file::read(file)?,
        None => password_file::ask(&format!("Password for {}: ", escape(account)), "--password-file")?,
    };
    Ok(Secret::new(password))
}

/// A password that goes into a line of the protocol as it is.
fn sendable(file: &Path) -> Result<Secret, Failure> {
    let password = password_file::read(file)?;
    if password.contains(char::is_control) || password.len() > LONGEST_PASS {
        let shown = escape(&file.display().to_string());
        let text = format!("{shown}: expected at most {LONGEST_PASS} bytes without control characters, found others");
        return Err(Failure::new(Exit::Input, text));
    }
    Ok(Secret::new(password))
}

type Trust = (Vec<CertificateDer<'static>>, PathBuf);

/// All of it from one file; another trust wins over the bundle's.
fn of_bundle(file: &Path, arguments: &Connect) -> Result<(Option<Credential>, Trust), Failure> {
    let passphrase = arguments.passphrase_file.as_deref().map(Passphrase::from_file).transpose()?;
    let bundle = match bundle::read(file, passphrase.as_ref()) {
        Err(MaterialError::BundleLocked { .. }) if passphrase.is_none() && io::stdin().is_terminal() => {
            bundle::read(file, Some(&asked(file)?))?
        }
        read => read?,
    };
    let trust = match &arguments.trust {
        Some(path) => (material::certificates(path)?, path.clone()),
        None => (bundle.anchors, file.to_owned()),
    };
    Ok((Some(bundle.credential), trust))
}

/// The password, from whoever sits at the terminal.
fn asked(file: &Path) -> Result<Passphrase, Failure> {
    let question = format!("Password of {}: ", escape(&file.display().to_string()));
    let typed = rpassword::prompt_password(question);
    let failed = |error| Failure::new(Exit::Input, format!("the password can't be read from the terminal: {error}"));
    typed.map(Passphrase::new).map_err(failed)
}

/// The client certificate to show, if any.
fn credential(arguments: &Connect, typed: &Typed) -> Result<Option<Credential>, Failure> {
    let of_client = |error: MaterialError| {
        let failure = Failure::from(error).asked(&format!("{} --purpose client", typed.judged_by));
        match &arguments.store {
            Some(dir) => failure.for_store(dir),
            None => failure,
        }
    };
    match (&arguments.cert, &arguments.key, &arguments.identity) {
        (Some(certificate), Some(key), _) => Ok(Some(material::credential(certificate, key).map_err(of_client)?)),
        (_, _, Some(name)) => {
            let files = store::files(&store::open(arguments.store.as_deref())?, name)?;
            Ok(Some(material::credential(&files.fullchain, &files.privkey).map_err(of_client)?))
        }
        _ => Ok(None),
    }
}

fn trust(arguments: &Connect, typed: &Typed) -> Result<Trust, Failure> {
    let path = match &arguments.trust {
        Some(path) => path.clone(),
        None => match store::open(arguments.store.as_deref()) {
            Ok(store) => store.root_pem_path(),
            Err(failure) => return Err(untrusting(failure, arguments.store.as_deref())),
        },
    };
    // What lies beside it may be what was meant: that is looked for there.
    let look = || format!("pki diagnose {}{}", quote(&arguments.server), typed.judged_by);
    let missing = |error| Failure::from(error).hint(format!("{} tells what was meant", look()));
    Ok((material::certificates(&path).map_err(missing)?, path))
}

/// Who has no store of his own is a guest of somebody else's CA: another CA would not help him.
fn untrusting(failure: Failure, store: Option<&Path>) -> Failure {
    let has_store = store::folder(store).is_ok_and(|folder| Store::exists(&folder));
    let failure = if has_store { failure } else { failure.hinted_only(BY_BUNDLE) };
    failure.hint("without a store, name the CA to believe: --trust ca.pem")
}

const BY_BUNDLE: &str =
    "with the one file that whoever runs the CA makes for you (pki export bundle NAME): --bundle NAME.bundle.pem";

/// Who enters: the nickname asked for, else the certificate's account, else who is logged in.
pub(super) fn profile(
    nick: Option<String>,
    join: Vec<String>,
    credential: Option<&Credential>,
) -> Result<Profile, Failure> {
    nick.iter().chain(&join).try_for_each(|word| one_word(word).map(|_| ()))?;
    let account = credential
        .and_then(|credential| credential.chain.first())
        .and_then(|leaf| identity::of_certificate(leaf, &identity::AccountField::USUAL).account);
    let user = machine::user_name();
    let nick = nick
        .unwrap_or_else(|| machine::as_nickname(account.as_ref().map_or(user.as_str(), |account| account.as_str())));
    let join =
        join.into_iter().map(|name| if name.starts_with(['#', '&']) { name } else { format!("#{name}") }).collect();
    Ok(Profile {
        user: machine::as_nickname(&user),
        real_name: nick.clone(),
        nick,
        join,
        certificate: credential.is_some(),
        login: None,
        password: None,
        ticket: None,
        stays: false,
        catches_up: false,
        seen: Vec::new(),
        welcome: Vec::new(),
    })
}

fn one_word(word: &str) -> Result<&str, Failure> {
    if word.is_empty() || word.contains(|c: char| c.is_control() || c.is_whitespace()) {
        let found = word.escape_debug();
        let text = format!("expected a nickname, an account or a channel without spaces, found \"{found}\"");
        return Err(Failure::new(Exit::Usage, text));
    }
    Ok(word)
}

/// What to type for an address as browsers have it: `irc://` and `ircs://`, with a channel perhaps. The port of the first is one
/// without TLS, which is not spoken here.
fn of_url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let (authority, channel) = rest.split_once('/').unwrap_or((rest, ""));
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let (host, port) = split_endpoint(place).ok()?;
    let port = if scheme.eq_ignore_ascii_case("ircs") { port } else { DEFAULT_TLS_PORT };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let channel = channel.split([',', '?']).next().filter(|channel| one_word(channel).is_ok()).map(|channel| {
        let channel = channel.replace("%23", "#");
        let channel = if channel.starts_with(['#', '&']) { channel } else { format!("#{channel}") };
        format!(" --join {}", quote(&channel))
    });
    Some(format!("chat connect {}{}", quote(&format!("{host}:{port}")), channel.unwrap_or_default()))
}

/// `HOST`, `HOST:PORT`, `[V6]:PORT` or a bare address of IPv6.
fn split_endpoint(text: &str) -> Result<(String, u16), Failure> {
    let wrong = || {
        let found = text.escape_debug();
        let failure = Failure::new(Exit::Usage, format!("expected HOST or HOST:PORT, found \"{found}\""));
        failure.hint(of_url(text).unwrap_or_else(|| "chat connect chat.example.test:6697".to_owned()))
    };
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':').or_else(|| rest.is_empty().then_some(""))),
        None if text.parse::<std::net::Ipv6Addr>().is_ok() => (text, Some("")),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, Some("")),
        },
    };
    let port = match port.ok_or_else(wrong)? {
        "" if text.ends_with(':') && !text.ends_with("::") => return Err(wrong()),
        "" => DEFAULT_TLS_PORT,
        port => port.parse().ok().filter(|port| *port > 0).ok_or_else(wrong)?,
    };
    if host.is_empty() { Err(wrong()) } else { Ok((host.to_owned(), port)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_host_and_port() {
        for (text, expected) in [
            ("localhost", Some(("localhost", 6697))),
            ("chat.example.test:7000", Some(("chat.example.test", 7000))),
            ("127.0.0.1:1", Some(("127.0.0.1", 1))),
            ("[::1]:7000", Some(("::1", 7000))),
            ("[::1]", Some(("::1", 6697))),
            ("::1", Some(("::1", 6697))),
            ("::", Some(("::", 6697))),
            ("", None),
            (":7000", None),
            ("host:", None),
            ("host:0", None),
            ("host:99999", None),
            ("host:x", None),
        ] {
            let found = split_endpoint(text).ok();
            assert_eq!(found, expected.map(|(host, port)| (host.to_owned(), port)), "{text:?}");
        }
    }

    #[test]
    fn an_address_of_a_browser_is_answered_with_the_line_to_type() {
        for (text, expected) in [
            ("irc://chat.example.test/lobby", Some("chat connect chat.example.test:6697 --join '#lobby'")),
            ("irc://chat.example.test:6667/#lobby", Some("chat connect chat.example.test:6697 --join '#lobby'")),
            ("ircs://al@[::1]:7000/%23a,isnick?key", Some("chat connect '[::1]:7000' --join '#a'")),
            ("ircs://chat.example.test", Some("chat connect chat.example.test:6697")),
            ("https://x:y:z/", None),
            ("chat.example.test:0", None),
        ] {
            assert_eq!(of_url(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn channels_need_no_number_sign_and_hold_no_spaces() {
        let profile_of = |nick: &str, channel: &str| profile(Some(nick.to_owned()), vec![channel.to_owned()], None);
        assert_eq!(profile_of("alice", "lobby").expect("fits").join, ["#lobby"]);
        assert!(profile_of("alice", "two words").is_err());
        assert!(profile_of("a\r\nQUIT", "lobby").is_err());
    }
}
