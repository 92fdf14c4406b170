//! The question again, with every flag that was typed: of other files, for another name, or of what was issued anew.

use crate::explain::{Case, PeerName, Question, Situation, rfc3339};

use super::{THIS_HOST, issuable, quote, quote_file};

/// The same question again, with another name in the place of that one.
pub(crate) fn ask_for(case: &Case<'_>, asked: &PeerName, name: &str) -> String {
    let mut question = case.question.clone();
    for own in question.names.iter_mut().filter(|own| *own == asked) {
        *own = PeerName::Dns(name.to_owned());
    }
    ask_again(&Case { question: &question, ..*case }, None, None, None)
}

/// The same question again, without the revocation lists that cannot be used.
pub(crate) fn ask_without_lists(case: &Case<'_>) -> String {
    let situation = Situation { crl_files: Vec::new(), ..case.evidence.situation.clone() };
    ask(&situation, case.question, None, None, None)
}

/// The same question again, with other files.
pub(crate) fn ask_again(case: &Case<'_>, chain: Option<&str>, key: Option<&str>, trust: Option<&str>) -> String {
    ask(&case.evidence.situation, case.question, chain, key, trust)
}

/// The question as it was typed, with those files in place of the typed ones.
pub(crate) fn ask(
    situation: &Situation,
    question: &Question,
    chain: Option<&str>,
    key: Option<&str>,
    trust: Option<&str>,
) -> String {
    let mut command = String::from("pki diagnose");
    let mut option = |flag: &str, value: Option<String>| {
        if let Some(value) = value {
            command.push_str(&format!(" {flag} {value}"));
        }
    };
    let file = |path: Option<&str>| path.map(quote_file);
    let chain = chain.or(situation.chain_file.as_deref());
    option("--chain", file(chain));
    option("--key", file(key.or(situation.key_file.as_deref())));
    match trust {
        Some(trust) => option("--trust", file(Some(trust))),
        None => situation.trust_files.iter().for_each(|trust| option("--trust", file(Some(trust)))),
    }
    let system = if trust.is_none() && situation.system_trust { " --system-trust" } else { "" };
    situation.crl_files.iter().for_each(|crl| option("--crl", file(Some(crl))));
    option("--purpose", question.purpose.flag().map(str::to_owned));
    situation.untrusted_files.iter().for_each(|file| option("--untrusted", Some(quote_file(file))));
    option("--profile", question.profile.flag().map(str::to_owned));
    option("--max-depth", question.max_depth.map(|depth| depth.to_string()));
    question.names.iter().for_each(|name| option("--name", Some(quote(&name.to_string()))));
    option("--at", situation.at.map(rfc3339));
    let locked = chain == situation.chain_file.as_deref() || key.is_none();
    option("--passphrase-file", file(situation.passphrase_file.as_deref().filter(|_| locked)));
    command.push_str(system);
    match (&situation.endpoint, chain) {
        (Some(endpoint), None) => {
            command.replacen("pki diagnose", &format!("pki diagnose {}", quote(endpoint)), 1)
                + &situation.endpoint_flags
        }
        _ => command,
    }
}

/// What is asked of a new server certificate: the names that it can have, and the rules that were typed.
pub(super) fn of_new_server(question: &Question, first: Option<&str>) -> String {
    let Some(first) = first else { return format!("--name {THIS_HOST}{}", rules(question)) };
    let asked = question.names.iter().map(PeerName::to_string).filter(|name| issuable(name));
    let mut names: Vec<String> = asked.map(|name| name.to_ascii_lowercase()).collect();
    if !names.iter().any(|name| name == first) {
        names = vec![first.to_owned()];
    }
    let words: Vec<String> = names.iter().map(|name| format!("--name {}", quote(name))).collect();
    words.join(" ") + &rules(question)
}

/// The same of a client's.
pub(super) fn of_new_client(question: &Question) -> String {
    let mailboxes = super::mailboxes(question).map(|mailbox| format!(" --name {}", quote(mailbox)));
    format!("--purpose client{}{}", mailboxes.collect::<String>(), rules(question))
}

/// By whose rules, and how deep. Not as of when: what is issued now is judged as of now.
fn rules(question: &Question) -> String {
    let profile = question.profile.flag().map(|profile| format!(" --profile {profile}"));
    let depth = question.max_depth.map(|depth| format!(" --max-depth {depth}"));
    profile.into_iter().chain(depth).collect()
}
