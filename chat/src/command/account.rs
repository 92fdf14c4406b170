//! `chat account`: accounts with a password, for those who have no certificate. A password is never an argument, since arguments
//! are seen by everybody on the machine.

use ca_store::facts::escape;
use chat::archive::Archive;
use chat::core::keep::{Answer, Derive, Keep, Record, RecordKind};
use chat::core::{Account, AccountRecord, ITERATIONS, Now, Origin, Verifier, check_password, founder_of};
use std::io::{self, Write};
use std::path::Path;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use super::{data, password_file, store};
use crate::args::account::{self, Action, Given};
use crate::failure::{Exit, Failure};

pub(crate) fn run(arguments: account::Account) -> Result<(), Failure> {
    match arguments.action {
        Action::Add(given) => add(&given),
        Action::Password(given) => change(&given),
        Action::List { json, data } => list(data.folder.as_deref(), json),
        Action::Remove { name, data } => remove(&name, data.folder.as_deref()),
    }
}

fn add(given: &Given) -> Result<(), Failure> {
    let mut archive = data::open_beside(given.data.folder.as_deref())?;
    let account = parse(&given.name)?;
    if let Some(record) = find(&archive, &given.name)? {
        return Err(Failure::new(Exit::Usage, format!("there is an account {} already", record.account))
            .hint(format!("another password for it: chat account password {}", record.account)));
    }
    let verifier = verifier(&account, given.password_file.as_deref())?;
    let record = AccountRecord { account, verifier, created: now(), origin: Origin::Administrator, email: None };
    keep(&mut archive, &[record.put()])?;
    store::said(&format!("{} can log in with its password (SASL SCRAM-SHA-256 or PLAIN, over TLS)", record.account));
    store::said(&format!("it is kept in {}, for the server that has this folder (--data)", archive.file().display()));
    Ok(())
}

fn change(given: &Given) -> Result<(), Failure> {
    let mut archive = data::open_kept(given.data.folder.as_deref())?;
    let record = find(&archive, &given.name)?.ok_or_else(|| no_account(&given.name))?;
    let verifier = verifier(&record.account, given.password_file.as_deref())?;
    keep(&mut archive, &[AccountRecord { verifier, ..record }.put()])?;
    store::said("the new password is the one that counts; who is logged in stays so");
    Ok(())
}

fn remove(name: &str, folder: Option<&Path>) -> Result<(), Failure> {
    let mut archive = data::open_kept(folder)?;
    let record = find(&archive, name)?.ok_or_else(|| no_account(name))?;
    let founded = |kept: &Record| founder_of(kept).is_some_and(|founder| founder == record.account.as_str());
    let channels: Vec<Record> = archive.records()?.into_iter().filter(founded).collect();
    let forget = |kind, key: &str| Keep::Forget { kind, key: key.to_owned() };
    let mut changes = vec![forget(RecordKind::Account, &AccountRecord::key(name))];
    changes.extend(channels.iter().map(|channel| forget(RecordKind::Channel, &channel.key)));
    keep(&mut archive, &changes)?;
    if !channels.is_empty() {
        let names: Vec<String> = channels.iter().map(|channel| escape(&channel.key).to_string()).collect();
        store::said(&format!("its channels are nobody's: {}", names.join(" ")));
    }
    store::said(&format!("nobody can log in as {} any more; a server that runs logs out who is", record.account));
    Ok(())
}

fn list(folder: Option<&Path>, json: bool) -> Result<(), Failure> {
    let archive = data::open_kept(folder)?;
    let accounts: Vec<AccountRecord> = archive.records()?.iter().filter_map(as_account).collect();
    let text = if json { as_json(&accounts) } else { accounts.iter().map(as_line).collect() };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Bug, format!("standard output can't be written: {error}")))
        }
        _ => Ok(()),
    }
}

fn as_account(record: &Record) -> Option<AccountRecord> {
    (record.kind == RecordKind::Account).then(|| AccountRecord::parse(&record.value)).flatten()
}

fn as_line(record: &AccountRecord) -> String {
    let email = record.email.as_deref().map(|email| format!("  {}", escape(email))).unwrap_or_default();
    format!("{}  made {} by its {}{email}\n", record.account, date(record.created), record.origin.name())
}

fn as_json(accounts: &[AccountRecord]) -> String {
    let row = |record: &AccountRecord| {
        serde_json::json!({
            "account": record.account.as_str(),
            "created": date(record.created),
            "made_by": record.origin.name(),
            "email": record.email,
        })
    };
    let rows: Vec<_> = accounts.iter().map(row).collect();
    format!("{}\n", serde_json::json!({ "accounts": rows }))
}

fn date(at: Now) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(&Rfc3339).unwrap_or_default()
}

fn now() -> Now {
    Now { unix_ms: OffsetDateTime::now_utc().unix_timestamp() * 1000 }
}

fn parse(name: &str) -> Result<Account, Failure> {
    Account::parse(name).map_err(|error| Failure::new(Exit::Usage, format!("\"{}\": {error}", name.escape_debug())))
}

fn no_account(name: &str) -> Failure {
    Failure::new(Exit::Usage, format!("there is no account \"{}\" with a password", name.escape_debug()))
        .hint("those that there are: chat account list")
}

fn find(archive: &Archive, name: &str) -> Result<Option<AccountRecord>, Failure> {
    let key = AccountRecord::key(name);
    Ok(archive.records()?.iter().filter(|record| record.key == key).find_map(as_account))
}

fn keep(archive: &mut Archive, changes: &[Keep]) -> Result<(), Failure> {
    changes.iter().try_for_each(|change| archive.keep(change)).and_then(|()| archive.commit()).map_err(Failure::from)
}

fn verifier(account: &Account, file: Option<&Path>) -> Result<Verifier, Failure> {
    let password = match file {
        Some(path) => password_file::read(path)?,
        None => from_terminal(account)?,
    };
    check_password(account, &password).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    match chat::server::derive(Derive { password, salt: None, iterations: ITERATIONS }) {
        Answer::Derived(derived) => Ok(Verifier::of(&derived)),
        _ => Err(Failure::new(Exit::Bug, "the system gave no random salt")),
    }
}

/// Asked for twice, since nobody sees what is typed.
fn from_terminal(account: &Account) -> Result<Zeroizing<String>, Failure> {
    let ask = |question: &str| password_file::ask(question, "--password-file");
    let password = ask(&format!("Password for {account}: "))?;
    if ask("Once more: ")? == password {
        return Ok(password);
    }
    Err(Failure::new(Exit::Usage, "the two passwords differ; nothing was changed"))
}
