//! REGISTER (IRCv3 draft/account-registration): makes an account with a password, named as the nickname.

use zeroize::Zeroizing;

use super::{Message, Numeric, Outcome, Refusal, Turn, Verb, When};
use crate::core::accounts::{log_in, look_up};
use crate::core::keep::{Answer, Derive, Question};
use crate::core::limits::EMAIL_LENGTH;
use crate::core::network::{Change, NotMade, propose};
use crate::core::{Account, AccountRecord, Origin, PasswordError, Verifier, check_password, registration, waiting};
use crate::wire::casemap;

pub(super) const VERB: Verb = Verb {
    name: "REGISTER",
    when: When::Always,
    parameters: 3,
    usage: "REGISTER * <email or *> <password> - makes an account of your nickname, with a password",
    run,
};

/// Why there is no account: code and text of a FAIL.
type Wrong = (&'static str, String);

fn wrong<T>(code: &'static str, text: impl Into<String>) -> Result<T, Wrong> {
    Err((code, text.into()))
}

fn run(turn: &mut Turn<'_>, message: &Message<'_>) -> Outcome {
    if !turn.settings.accounts.registration {
        return Err(Refusal::new(Numeric::UnknownCommand).with("REGISTER"));
    }
    if let Err(problem) = register(turn, message) {
        let shown = if problem.0 == "NEED_NICK" || message.params()[0] == "*" {
            turn.me().name().to_owned()
        } else {
            message.params()[0].to_owned()
        };
        fail(turn, &shown, &problem);
    }
    Ok(())
}

fn fail(turn: &mut Turn<'_>, account: &str, (code, text): &Wrong) {
    let line = turn.server_line("FAIL").params(["REGISTER", code, account]).text(text);
    turn.answer(&line);
}

fn register(turn: &mut Turn<'_>, message: &Message<'_>) -> Result<(), Wrong> {
    let [name, email, password] = message.params()[..3] else { return Ok(()) };
    may_register(turn)?;
    let account = account(turn, name)?;
    let email = address(turn, email)?;
    check_password(&account, password).map_err(|error| {
        let code = if error == PasswordError::Weak { "WEAK_PASSWORD" } else { "UNACCEPTABLE_PASSWORD" };
        (code, format!("Another password is needed: {error}"))
    })?;
    let host = turn.me().host.clone();
    let now = turn.now;
    if turn.state.registered.count(&host, now).is_err() {
        return wrong("TEMPORARILY_UNAVAILABLE", "Too many accounts were registered: try again in an hour");
    }
    let password = Zeroizing::new(password.to_owned());
    look_up(turn, &account.to_string(), move |turn, found| match found {
        Ok(None) => derive(turn, account, email, password),
        Ok(Some(_)) => fail(turn, account.as_str(), &taken()),
        Err(reason) => fail(turn, account.as_str(), &("TEMPORARILY_UNAVAILABLE", reason.to_owned())),
    });
    Ok(())
}

fn taken() -> Wrong {
    ("ACCOUNT_EXISTS", "There is an account of that name: take another nickname".to_owned())
}

/// Whether this client may register anything now.
fn may_register(turn: &Turn<'_>) -> Result<(), Wrong> {
    let me = turn.me();
    if !me.is_registered() && !turn.settings.accounts.before_connect {
        return wrong("COMPLETE_CONNECTION_REQUIRED", "Finish connecting first, then register an account");
    }
    if registration::lacks_password(turn) {
        // Who may not come in makes no accounts, and the code that says "connect first" is not for a server that says it
        // takes REGISTER before (IRCv3 account-registration, "Server considerations").
        return wrong("TEMPORARILY_UNAVAILABLE", "Send the server's password with PASS first");
    }
    if me.nickname().is_none() {
        return wrong("NEED_NICK", "Take a nickname first: the account will have its name");
    }
    match me.account() {
        Some(account) => wrong("ALREADY_AUTHENTICATED", format!("You are logged in as {account} already")),
        None => Ok(()),
    }
}

/// The account is named as the nickname, which nobody else can have meanwhile.
fn account(turn: &Turn<'_>, name: &str) -> Result<Account, Wrong> {
    let nickname = turn.me().name();
    if name != "*" && !casemap::same(name, nickname) {
        return wrong("ACCOUNT_NAME_MUST_BE_NICK", "The account has to be named as your nickname");
    }
    if turn.state.known_accounts.owner_other_than(nickname, None).is_some() {
        return Err(taken());
    }
    let named = Account::parse(nickname);
    let account = named.or_else(|error| wrong("BAD_ACCOUNT_NAME", format!("Take another nickname: {error}")))?;
    match turn.settings.admitted.admits(&account) {
        true => Ok(account),
        false => wrong("BAD_ACCOUNT_NAME", "An account of that name may not be used here"),
    }
}

fn address(turn: &Turn<'_>, text: &str) -> Result<Option<String>, Wrong> {
    match text {
        "*" if turn.settings.accounts.email_required => wrong("INVALID_EMAIL", "An e-mail address is required"),
        "*" => Ok(None),
        _ if is_address(text) => Ok(Some(text.to_owned())),
        _ => wrong("INVALID_EMAIL", "That is not an e-mail address"),
    }
}

/// `local@domain`, as loosely as one may that never refuses a good one.
fn is_address(text: &str) -> bool {
    let parts = text.rsplit_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
    parts.is_some() && text.len() <= EMAIL_LENGTH && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn derive(turn: &mut Turn<'_>, account: Account, email: Option<String>, password: Zeroizing<String>) {
    let derive = Derive { password, salt: None, iterations: turn.settings.accounts.iterations };
    waiting::ask(turn, Question::Derive(derive), move |turn, answer| {
        let Answer::Derived(derived) = answer else {
            return fail(turn, account.as_str(), &("TEMPORARILY_UNAVAILABLE", "Try again later".to_owned()));
        };
        // The owner of the nickname may have come meanwhile.
        if !casemap::same(turn.me().name(), account.as_str()) {
            return fail(turn, account.as_str(), &taken());
        }
        let (verifier, created) = (Verifier::of(&derived), turn.now);
        succeed(turn, &AccountRecord { account, verifier, created, origin: Origin::Holder, email });
    });
}

fn succeed(turn: &mut Turn<'_>, record: &AccountRecord) {
    let account = record.account.clone();
    propose(turn, Change::AccountMade { record: record.to_value() }, move |turn, made| match made {
        Ok(()) => {
            let line = turn.server_line("REGISTER").params(["SUCCESS", account.as_str()]);
            turn.answer(&line.text("The account is registered, and you are logged in"));
            log_in(turn, Some(account), |_| {});
        }
        Err(NotMade::Overtaken(_)) => fail(turn, account.as_str(), &taken()),
        Err(NotMade::Unordered(why)) => fail(turn, account.as_str(), &("TEMPORARILY_UNAVAILABLE", why)),
    });
}

/// There is an account from now on, if nobody else has made one of its name.
pub(in crate::core) fn make(turn: &mut Turn<'_>, record: &AccountRecord) -> Result<(), NotMade> {
    if turn.state.known_accounts.owner_other_than(record.account.as_str(), None).is_some() {
        return Err(NotMade::Overtaken(Refusal::new(Numeric::UnknownError).with("REGISTER")));
    }
    turn.keep(record.put());
    turn.state.registered.learn(record);
    if turn.state.network.is_applying() {
        turn.state.known_accounts.learn(&record.account);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn addresses_have_two_sides() {
        for (text, expected) in
            [("a@b", true), ("\"a@b\"@c.test", true), ("ä@b", true), ("a", false), ("@b", false), ("a@", false)]
        {
            assert_eq!(is_address(text), expected, "{text}");
        }
    }
}
