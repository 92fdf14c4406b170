//! A login with AUTHENTICATE, step by step: EXTERNAL (RFC 4422, appendix A), PLAIN (RFC 4616), SCRAM-SHA-256 (RFC 7677).

use zeroize::Zeroizing;

use super::scram::{Challenge, ClientFirst};
use super::{AccountRecord, Verifier, WRONG_PASSWORD, log_in, look_up};
use crate::core::keep::{Answer, Derive, Question};
use crate::core::limits::{SASL_ATTEMPTS, SASL_RESPONSE};
use crate::core::refusal::{Outcome, Refusal};
use crate::core::session::Session;
use crate::core::turn::Turn;
use crate::core::{Account, LogEntry, Settings, waiting};
use crate::wire::message::Line;
use crate::wire::numeric::Numeric;
use crate::wire::{base64, casemap};

/// Bytes of one AUTHENTICATE parameter; a longer message comes in pieces (IRCv3 SASL 3.1).
pub(in crate::core) const CHUNK: usize = 400;

/// Octets of the server's part of a SCRAM nonce: as many as a client usually takes.
const NONCE: usize = 18;

/// Octets of the secret from which decoys are made.
const SECRET: usize = 32;

/// A way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::core) enum Mechanism {
    /// By the certificate that TLS verified.
    External,
    /// By proving that one knows the password.
    ScramSha256,
    /// By telling it.
    Plain,
}

impl Mechanism {
    /// Every one, the best first.
    pub(in crate::core) const ALL: [Mechanism; 3] = [Mechanism::External, Mechanism::ScramSha256, Mechanism::Plain];

    /// As it is registered with IANA.
    pub(in crate::core) fn name(self) -> &'static str {
        match self {
            Mechanism::External => "EXTERNAL",
            Mechanism::ScramSha256 => "SCRAM-SHA-256",
            Mechanism::Plain => "PLAIN",
        }
    }

    /// Passwords go over TLS, or where the configuration says that plain text will do.
    fn is_for(self, session: &Session, settings: &Settings) -> bool {
        match self {
            Mechanism::External => session.identity.is_some(),
            Mechanism::ScramSha256 | Mechanism::Plain => session.secure || settings.accounts.sasl_over_plaintext,
        }
    }
}

/// What a connection can use.
pub(in crate::core) fn mechanisms(session: &Session, settings: &Settings) -> impl Iterator<Item = Mechanism> {
    Mechanism::ALL.into_iter().filter(move |mechanism| mechanism.is_for(session, settings))
}

/// Its names, as `CAP LS` and 908 list them; empty if there is none.
pub(in crate::core) fn offer(session: &Session, settings: &Settings) -> String {
    mechanisms(session, settings).map(Mechanism::name).collect::<Vec<_>>().join(",")
}

/// A login that goes on.
#[derive(Debug)]
pub(in crate::core) struct Exchange {
    step: Step,
    /// The pieces of the client's message so far. It may hold a password.
    message: Zeroizing<String>,
}

/// What the client says next.
#[derive(Debug)]
enum Step {
    /// Its first message of a mechanism.
    First(Mechanism),
    /// The proof that it knows the password of an account, if there is one.
    Proof(Box<Challenge>, Option<Account>),
    /// Nothing: it has seen the server's own proof.
    End(Account),
}

impl Exchange {
    pub(in crate::core) fn new(mechanism: Mechanism) -> Box<Exchange> {
        Box::new(Exchange { step: Step::First(mechanism), message: Zeroizing::new(String::new()) })
    }

    /// Adds a piece; the whole message once it is there.
    pub(in crate::core) fn take(&mut self, piece: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
        if piece.len() > CHUNK || self.message.len() + piece.len() > SASL_RESPONSE {
            return Err(Refusal::new(Numeric::SaslTooLong));
        }
        if piece != "+" {
            self.message.push_str(piece);
        }
        if piece.len() == CHUNK {
            return Ok(None);
        }
        let message = std::mem::take(&mut self.message);
        let message = base64::decode(&message).map(Zeroizing::new);
        message.map(Some).ok_or_else(|| failed("the response is not base64"))
    }
}

/// Goes on with a message that is whole.
pub(in crate::core) fn go_on(turn: &mut Turn<'_>, exchange: Exchange, message: &[u8]) -> Outcome {
    may_try(turn, &exchange)?;
    match exchange.step {
        Step::First(Mechanism::External) => external(turn, message),
        Step::First(Mechanism::Plain) => plain(turn, message),
        Step::First(Mechanism::ScramSha256) => scram(turn, message),
        Step::Proof(challenge, account) => prove(turn, &challenge, account, message),
        Step::End(account) if message.is_empty() => {
            succeed_if_admitted(turn, account);
            Ok(())
        }
        Step::End(_) => Err(failed("the last message of SCRAM-SHA-256 is empty")),
    }
}

/// Whoever guesses from many connections is not listened to for a while; a certificate is no guess.
fn may_try(turn: &mut Turn<'_>, exchange: &Exchange) -> Outcome {
    if matches!(exchange.step, Step::First(Mechanism::External)) {
        return Ok(());
    }
    let (host, now) = (turn.me().host.clone(), turn.now);
    let tried = turn.state.registered.may_try(&host, now);
    tried.map_err(|_| failed("too many logins from your address failed; try again in an hour"))
}

/// 900 and 903.
fn succeed(turn: &mut Turn<'_>, login: Option<Account>) {
    log_in(turn, login, |turn| turn.reply(Numeric::SaslSuccess, []));
}

/// The password was right; whether the account may be used is another question (902).
fn succeed_if_admitted(turn: &mut Turn<'_>, account: Account) {
    if turn.settings.admitted.admits(&account) {
        return succeed(turn, Some(account));
    }
    let reason = format!("The account {account} may not be used here");
    log_failure(turn, Some(account.to_string()), &reason);
    turn.refuse(&Refusal::new(Numeric::NickLocked).because(reason));
}

/// 904 with the reason.
pub(in crate::core) fn failed(reason: &str) -> Refusal {
    Refusal::new(Numeric::SaslFail).because(format!("SASL authentication failed: {reason}"))
}

/// Tells why there is no login; who fails too often is closed.
pub(in crate::core) fn fail(turn: &mut Turn<'_>, refusal: &Refusal) {
    turn.refuse(refusal);
    if refusal.numeric != Numeric::SaslFail {
        return;
    }
    let account = turn.me_mut().tried_account.take().map(|account| account.to_string());
    if account.is_some() {
        // A client that is set up wrongly guesses no password, and is not to keep out all who come from the same address.
        let host = turn.me().host.clone();
        turn.state.registered.failed(&host);
    }
    log_failure(turn, account, refusal.text());
    turn.me_mut().failed_logins += 1;
    if turn.me().failed_logins >= SASL_ATTEMPTS {
        turn.close("Too many SASL authentication failures");
    }
}

fn log_failure(turn: &mut Turn<'_>, account: Option<String>, reason: &str) {
    let (host, reason) = (turn.my_address(), reason.to_owned());
    turn.log(LogEntry::LoginFailed { client: turn.client, host, account, reason });
}

/// For the log. What can't be an account is left out: it may be a password in the wrong place.
fn remember_tried(turn: &mut Turn<'_>, name: &str) {
    turn.me_mut().tried_account = Account::parse(name).ok().map(Box::new);
}

/// The authorization identity is the certificate's account, or left out.
fn external(turn: &mut Turn<'_>, authzid: &[u8]) -> Outcome {
    let Some(identity) = &turn.me().identity else { return Err(failed("no client certificate was shown")) };
    let Some(account) = &identity.account else {
        return Err(failed(identity.refusal.as_deref().unwrap_or("the certificate's name is no account")));
    };
    if !authzid.is_empty() && authzid != account.as_str().as_bytes() {
        return Err(failed(&format!("the certificate is {account}'s, and nobody else's")));
    }
    succeed(turn, None);
    Ok(())
}

/// `authzid NUL authcid NUL password`.
fn plain(turn: &mut Turn<'_>, message: &[u8]) -> Outcome {
    let text = std::str::from_utf8(message).map_err(|_| failed("the message is not UTF-8"))?;
    let parts: Vec<&str> = text.split('\0').collect();
    let [authzid, authcid, password] = parts[..] else { return Err(failed("the message is not one of PLAIN")) };
    if authcid.is_empty() || password.is_empty() {
        return Err(failed("the message is not one of PLAIN"));
    }
    remember_tried(turn, authcid);
    only_as_oneself(authzid, authcid)?;
    let (name, password) = (authcid.to_owned(), Zeroizing::new(password.to_owned()));
    look_up(turn, authcid, move |turn, found| match found {
        Ok(record) => compare(turn, &name, record, password),
        Err(reason) => fail(turn, &failed(reason)),
    });
    Ok(())
}

fn only_as_oneself(authzid: &str, authcid: &str) -> Outcome {
    let oneself = authzid.is_empty() || casemap::same(authzid, authcid);
    if oneself { Ok(()) } else { Err(failed("one account can't log in as another")) }
}

/// The same work is done for an account that is not there, so that the time does not tell.
fn compare(turn: &mut Turn<'_>, name: &str, record: Option<AccountRecord>, password: Zeroizing<String>) {
    let (verifier, account) = split(turn, name, record);
    let derive = Derive { password, salt: Some(verifier.salt.clone()), iterations: verifier.iterations };
    waiting::ask(turn, Question::Derive(derive), move |turn, answer| {
        let Answer::Derived(derived) = answer else { return fail(turn, &failed("passwords can't be checked now")) };
        match account.filter(|_| verifier.fits(&derived)) {
            Some(account) => succeed_if_admitted(turn, account),
            None => fail(turn, &failed(WRONG_PASSWORD)),
        }
    });
}

fn split(turn: &Turn<'_>, name: &str, record: Option<AccountRecord>) -> (Verifier, Option<Account>) {
    match record {
        Some(record) => (record.verifier, Some(record.account)),
        None => {
            let secret = turn.state.registered.secret.as_deref().unwrap_or_default();
            (Verifier::decoy(secret, &casemap::fold(name), turn.settings.accounts.iterations), None)
        }
    }
}

fn scram(turn: &mut Turn<'_>, message: &[u8]) -> Outcome {
    let first = ClientFirst::parse(message).map_err(failed)?;
    remember_tried(turn, &first.username);
    only_as_oneself(first.authzid.as_deref().unwrap_or_default(), &first.username)?;
    waiting::ask(turn, Question::Random { length: NONCE + SECRET }, move |turn, answer| {
        let Answer::Random(octets) = answer else { return fail(turn, &failed("no nonce can be drawn now")) };
        let (nonce, secret) = octets.split_at(NONCE.min(octets.len()));
        turn.state.registered.secret.get_or_insert_with(|| secret.to_vec());
        let nonce = base64::encode(nonce);
        let name = first.username.clone();
        look_up(turn, &name, move |turn, found| match found {
            Ok(record) => challenge(turn, first, record, &nonce),
            Err(reason) => fail(turn, &failed(reason)),
        });
    });
    Ok(())
}

fn challenge(turn: &mut Turn<'_>, first: ClientFirst, record: Option<AccountRecord>, nonce: &str) {
    let (verifier, account) = split(turn, &first.username, record);
    let challenge = first.challenge(verifier, nonce);
    say(turn, &challenge.server_first);
    wait_for(turn, Step::Proof(Box::new(challenge), account));
}

fn prove(turn: &mut Turn<'_>, challenge: &Challenge, account: Option<Account>, message: &[u8]) -> Outcome {
    let proof = challenge.finish(message).map_err(failed)?;
    let account = account.ok_or_else(|| failed(WRONG_PASSWORD))?;
    say(turn, &proof);
    wait_for(turn, Step::End(account));
    Ok(())
}

fn wait_for(turn: &mut Turn<'_>, step: Step) {
    turn.me_mut().sasl = Some(Box::new(Exchange { step, message: Zeroizing::new(String::new()) }));
}

/// A message of the server, in as many pieces as it takes.
fn say(turn: &mut Turn<'_>, message: &str) {
    let text = base64::encode(message.as_bytes());
    let pieces = text.as_bytes().chunks(CHUNK).map(|piece| std::str::from_utf8(piece).unwrap_or_default());
    let last = text.len().is_multiple_of(CHUNK).then_some("+");
    for piece in pieces.chain(last) {
        turn.answer(&Line::command("AUTHENTICATE").param(piece));
    }
}
