//! What to type. Every fix is a few shell lines that can be pasted as they stand, in the words the user typed.

use crate::explain::{Case, IssuedBefore, PeerName, Presented, Proposed, Purpose, Question, Situation, dns_covers};
use crate::facts::Certificate;

use super::check::{is_public_suffix, joined_file, missing};
use super::{Code, Finding, Severity};

mod ask;
mod beside;
mod issuer;

pub(crate) use ask::{ask, ask_again, ask_for, ask_without_lists};
pub(crate) use beside::{files_of, hold_just, holding_just, is_below_anchor, missing_above};

pub use crate::shell::{quote, quote_file};
pub(crate) use issuer::Issuer;

/// id-kp-clientAuth, id-kp-serverAuth and anyExtendedKeyUsage (RFC 5280 section 4.2.1.12).
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
const ANY_PURPOSE: &str = "2.5.29.37.0";

/// The name of a server where none is known, as a word of a command (POSIX uname), and what is said of it.
const THIS_HOST: &str = "\"$(uname -n)\"";
const OF_THIS_HOST: &str =
    "# for this machine's name; where the server is asked for by another, type that one in both lines:\n";

/// Use what lies beside the files and would do; else issue the certificate anew, from a CA that has not got the fault `code` itself.
/// Then look at the result.
pub(crate) fn reissue(case: &Case<'_>, code: Code) -> String {
    // Nothing has to be put in the place of what is harmless.
    let is_harmless = code.severity() == Severity::Note;
    let unused = if is_harmless { None } else { beside::unused(case) };
    unused.unwrap_or_else(|| anew(case, code))
}

/// What the fix of this cause takes in the place of what was given, where all of it is at hand.
pub(crate) fn proposed(case: &Case<'_>, cause: &Finding) -> Option<Proposed> {
    if cause.code != Code::MissingIntermediate {
        return beside::used_by(case, &cause.fix);
    }
    let missing = missing(case)?;
    let chain_file = joined_file(case, &missing);
    let chain = case.evidence.chain.iter().chain(missing).map(|it| it.certificate.clone()).collect();
    Some(Proposed { chain, chain_file, key_file: case.evidence.key.as_ref()?.file.clone() })
}

fn anew(case: &Case<'_>, code: Code) -> String {
    let (leaf, situation) = (&case.path.leaf().certificate, &case.evidence.situation);
    if is_client(case) {
        reissue_client(leaf, case.question, &Issuer::for_client(situation, Some(code), client_name(leaf)))
    } else {
        // Who asks for a name that is not there may have found a slip; otherwise each name is meant.
        let asked = &case.question.names;
        let slips = if code == Code::NameMismatch { slips(leaf, asked) } else { Vec::new() };
        let names = server_names(leaf, asked, &slips);
        let issuer = Issuer::for_server(situation, Some(code), &names);
        let remarks = if issuer.renews(&names) { String::new() } else { remarks(&slips) };
        remarks + &reissue_server(&names, case.question, &issuer)
    }
}

/// Whether it is a client's certificate that is asked about: a mailbox is a person's, and for any purpose the certificate's own
/// extendedKeyUsage tells.
pub(crate) fn is_client(case: &Case<'_>) -> bool {
    let usage = || case.path.leaf().certificate.extended_key_usage();
    let of_person = || matches!(case.question.names[..], [PeerName::Email(_), ..]);
    match case.question.purpose {
        Purpose::Client => true,
        _ if of_person() => true,
        Purpose::Server => false,
        Purpose::Any => usage().is_some_and(|usage| {
            let has = |purpose: &str| usage.iter().any(|oid| oid == purpose);
            has(CLIENT_AUTH) && !has(SERVER_AUTH) && !has(ANY_PURPOSE)
        }),
    }
}

/// A server certificate for those names.
pub(crate) fn reissue_for(names: &[String], question: &Question, situation: &Situation) -> String {
    reissue_server(names, question, &Issuer::for_server(situation, None, names))
}

fn reissue_server(names: &[String], question: &Question, issuer: &Issuer<'_>) -> String {
    let name = names.first().map(String::as_str);
    let asked = ask::of_new_server(question, name);
    if let Some(known) = name.and_then(|name| issuer.known(name, false)) {
        return renew(known, issuer, names, &asked, ("give the server", "its clients"));
    }
    let words: Vec<String> = names.iter().map(|name| quote(name)).collect();
    let (whose, list) = if words.is_empty() { (OF_THIS_HOST, THIS_HOST.to_owned()) } else { ("", words.join(" ")) };
    // A common name that is the CA's own would make it seem self-signed; a server needs none (RFC 9525 section 2).
    let nameless = if name.is_some_and(|name| issuer.is_called(name)) { " --common-name ''" } else { "" };
    let out = quote_file(issuer.situation.reissue_folder());
    format!(
        "{}{whose}{} issue server {list}{nameless} --out {out}{}\n{} {asked}\n# then give the server {out}/fullchain.pem and {out}/privkey.pem{}",
        issuer.prepare(),
        issuer.pki(),
        issuer.unlock(),
        issuer.check(&out),
        issuer.tell("its clients", &out)
    )
}

/// Whether a fix brings a new certificate, with the CAs above it.
pub fn issues_anew(fix: &str) -> bool {
    let issues = |line: &str| [" issue server ", " issue client ", " renew "].iter().any(|verb| line.contains(verb));
    fix.lines().filter(|line| !line.starts_with('#')).any(issues)
}

/// The name of the server that is asked for, as a word of a command.
pub(crate) fn server_name(question: &Question) -> String {
    let mut names = question.names.iter().map(PeerName::to_string);
    names.find(|name| issuable(name)).map_or_else(|| THIS_HOST.to_owned(), |name| quote(&name))
}

fn client_name(leaf: &Certificate) -> &str {
    leaf.subject.common_name().filter(|cn| sound_client_name(cn)).unwrap_or("alice")
}

fn reissue_client(leaf: &Certificate, question: &Question, issuer: &Issuer<'_>) -> String {
    let name = client_name(leaf);
    let asked: Vec<String> = mailboxes(question).map(str::to_owned).collect();
    if let Some(known) = issuer.known(name, true) {
        return renew(known, issuer, &asked, &ask::of_new_client(question), ("show", "the server"));
    }
    let own = leaf.email_addresses().map(str::to_owned);
    client(name, asked.first().cloned().or_else(|| own.into_iter().next()).as_deref(), question, issuer)
}

/// The mailboxes that are asked for.
fn mailboxes(question: &Question) -> impl Iterator<Item = &str> {
    question.names.iter().filter_map(|name| match name {
        PeerName::Email(mailbox) => Some(mailbox.as_str()),
        PeerName::Dns(_) | PeerName::Ip(_) => None,
    })
}

fn client(name: &str, mailbox: Option<&str>, question: &Question, issuer: &Issuer<'_>) -> String {
    let email = mailbox.map(|mailbox| format!(" --email {}", quote(mailbox))).unwrap_or_default();
    let out = quote_file(issuer.situation.reissue_folder());
    format!(
        "{}{} issue client {}{email} --out {out}{}\n{} {}\n# then show {out}/fullchain.pem with {out}/privkey.pem{}",
        issuer.prepare(),
        issuer.pki(),
        quote(name),
        issuer.unlock(),
        issuer.check(&out),
        ask::of_new_client(question),
        issuer.tell("the server", &out)
    )
}

/// A certificate of the store is renewed where it lies, with the names that it lacks.
fn renew(
    known: &IssuedBefore,
    issuer: &Issuer<'_>,
    names: &[String],
    question: &str,
    (who, others): (&str, &str),
) -> String {
    let lacks = names.iter().filter(|name| !known.names.iter().any(|had| had.eq_ignore_ascii_case(name)));
    let add: String = lacks.map(|name| format!(" --add {}", quote(name))).collect();
    let folder = quote_file(&known.folder);
    let (name, rekey) = (quote(&known.name), if known.revoked { " --rekey" } else { "" });
    let check = if known.has_key || known.revoked {
        issuer.check(&folder)
    } else {
        format!("pki diagnose --chain {folder}/fullchain.pem {}", issuer.trust(&folder))
    };
    format!(
        "{} renew {name}{add}{rekey}{}\n{check} {question}\n# then {who} {folder}/fullchain.pem with its private key{}",
        issuer.pki(),
        issuer.unlock(),
        issuer.tell(others, &folder)
    )
}

fn sound_client_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.chars().all(|c| c.is_ascii_alphanumeric() || "._@- ".contains(c))
}

/// A name of a certificate that reads like another with a slip in it.
struct Slip<'a> {
    own: &'a str,
    meant: String,
}

/// The leaf's names that read like a slip of one that is asked for.
fn slips<'a>(leaf: &'a Certificate, asked: &[PeerName]) -> Vec<Slip<'a>> {
    let asked: Vec<String> = asked.iter().map(PeerName::to_string).collect();
    let own = leaf.dns_names().chain(leaf.subject.common_name()).take(crate::san::MAX_NAMES);
    let slip = |own| asked.iter().find(|name| is_slip(own, name)).map(|meant| Slip { own, meant: meant.clone() });
    let mut slips: Vec<Slip<'_>> = Vec::new();
    for slip in own.filter_map(slip) {
        if slips.iter().all(|known| !known.own.eq_ignore_ascii_case(slip.own)) {
            slips.push(slip);
        }
    }
    slips
}

/// What is said of each name that is left out.
fn remarks(slips: &[Slip<'_>]) -> String {
    let remark = |slip: &Slip<'_>| {
        let (own, meant) = (quote(slip.own), &slip.meant);
        format!("# {own} is left out, as a slip of {meant}; if it is a host of its own, name it behind\n")
    };
    slips.iter().map(remark).collect()
}

/// Whether a name is another with a slip in it: one label of five letters or more differs, by one letter, or two changed places.
/// Of hosts that are told apart by a number or by one letter, such as `www1` and `www2` or `node-a` and `node-b`, each is meant.
fn is_slip(own: &str, asked: &str) -> bool {
    let (own, asked) = (own.to_ascii_lowercase(), asked.to_ascii_lowercase());
    let labels = || own.split('.').zip(asked.split('.')).filter(|(one, other)| one != other);
    let same_shape = own.split('.').count() == asked.split('.').count() && labels().count() == 1;
    let letters = |label: &str| label.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    same_shape
        && labels().all(|(one, other)| {
            one.len().min(other.len()) >= 5
                && letters(one) != letters(other)
                && !is_enumerated(one, other)
                && is_one_step(one.as_bytes(), other.as_bytes())
        })
}

/// Whether what differs stands for itself between hyphens, and is a single letter.
fn is_enumerated(one: &str, other: &str) -> bool {
    let parts = |label: &str| label.split('-').count();
    parts(one) != parts(other) || one.split('-').zip(other.split('-')).any(|(a, b)| a != b && a.len().min(b.len()) < 2)
}

/// Whether one text is the other with an octet put in, left out or changed, or with two neighbours that changed places.
fn is_one_step(one: &[u8], other: &[u8]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let start = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let (short, long) = (&short[start..], &long[start..]);
    match long.len() - short.len() {
        1 => *short == long[1..],
        0 if short.is_empty() => false,
        0 => {
            let swapped = short.len() >= 2 && short[0] == long[1] && short[1] == long[0] && short[2..] == long[2..];
            short[1..] == long[1..] || swapped
        }
        _ => false,
    }
}

/// The names to issue for: what was asked for first, then what the leaf has, as far as a certificate may carry it.
fn server_names(leaf: &Certificate, asked: &[PeerName], slips: &[Slip<'_>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let is_meant = |name: &&str| slips.iter().all(|slip| !slip.own.eq_ignore_ascii_case(name));
    let asked = asked.iter().map(PeerName::to_string);
    let own = leaf.dns_names().filter(is_meant).map(str::to_owned);
    let own = own.chain(leaf.ip_addresses().map(|address| address.to_string()));
    let common = leaf.subject.common_name().filter(is_meant).filter(|cn| cn.contains('.')).map(str::to_owned);
    for name in asked.chain(own).chain(common).take(crate::san::MAX_NAMES) {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let broad = name.strip_prefix("*.").is_some_and(is_public_suffix);
        if issuable(&name) && !broad && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether `pki issue server` takes it: an address, or a DNS name of letters, digits and hyphens with at most a whole
/// leftmost wildcard.
pub(crate) fn issuable(name: &str) -> bool {
    if name.parse::<std::net::IpAddr>().is_ok() {
        return true;
    }
    let bare = name.strip_prefix("*.").unwrap_or(name);
    let label = |label: &str| {
        let inner = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        inner && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    let all_digits = bare.rsplit('.').next().is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()));
    bare.len() <= 253 && bare.split('.').all(label) && !all_digits
}

/// Files in place of those that are lost: issued anew for what the question asks of, or for the names of the leaf.
pub(crate) fn replace(question: &Question, situation: &Situation, leaf: Option<&Certificate>) -> String {
    match (question.purpose, leaf) {
        (Purpose::Client, Some(leaf)) => {
            reissue_client(leaf, question, &Issuer::for_client(situation, None, client_name(leaf)))
        }
        (Purpose::Client, None) => {
            client("alice", mailboxes(question).next(), question, &Issuer::for_client(situation, None, "alice"))
        }
        (_, Some(leaf)) => reissue_for(&server_names(leaf, &question.names, &[]), question, situation),
        (_, None) => {
            let names = question.names.iter().map(PeerName::to_string);
            reissue_for(&names.filter(|name| issuable(name)).collect::<Vec<_>>(), question, situation)
        }
    }
}

/// The chain as it should be sent: written by the program itself, beside the old file.
pub(crate) fn rewrite(case: &Case<'_>) -> String {
    if case.evidence.situation.chain_file.is_none() {
        return "# put the leaf first in the server's certificate file, then each CA above the one before it"
            .to_owned();
    }
    let mend = ask_again(case, None, None, None);
    let folder = case.evidence.situation.mend_folder();
    let again = ask_again(case, Some(&format!("{folder}/fullchain.pem")), None, None);
    // The first command reports the disorder once more and ends with 1.
    format!("{mend} --repair {folder} || true\n{again}\n{}", in_place(case, &format!("{folder}/fullchain.pem")))
}

/// Who is to have the chain: what the other side shows is its own.
pub(crate) fn in_place(case: &Case<'_>, file: &str) -> String {
    let (file, key) = (quote_file(file), case.evidence.key.as_ref());
    match (is_client(case), key) {
        (true, Some(key)) => format!("# then show {file} with {}", quote_file(&key.file)),
        (true, None) => format!("# then show {file} in place of the client's certificate file"),
        (false, _) => format!("# then give the server {file} in place of its certificate file"),
    }
}

/// A certificate that lies beside the files and issued `child`, if there is one.
pub(crate) fn neighbour_issuer<'a>(case: &Case<'a>, child: &Certificate) -> Option<&'a Presented> {
    neighbour_issuers(case, child).next()
}

/// All that lie beside the files and issued `child`: a root, and what other CAs have certified of it.
pub(crate) fn neighbour_issuers<'a, 'b>(
    case: &'b Case<'a>,
    child: &'b Certificate,
) -> impl Iterator<Item = &'a Presented> + use<'a, 'b> {
    use crate::facts::SignatureCheck::Good;
    case.evidence.neighbours.iter().filter(move |neighbour| {
        let issuer = &neighbour.certificate;
        child.issuer.same_as(&issuer.subject)
            && issuer.der() != child.der()
            && case.budget.verify_beside(child, &issuer.public_key) == Some(Good)
    })
}

/// Whether the leaf covers the host by any of its DNS names.
pub(crate) fn leaf_covers(leaf: &Certificate, host: &str) -> bool {
    leaf.dns_names().any(|name| dns_covers(name, host))
}

#[cfg(test)]
mod tests {
    use super::{is_slip, issuable, quote};

    #[test]
    fn words_survive_a_shell() {
        for (word, quoted) in [
            ("chain.pem", "chain.pem"),
            ("my chain.pem", "'my chain.pem'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("$(x)", "'$(x)'"),
        ] {
            assert_eq!(quote(word), quoted);
        }
    }

    #[test]
    fn a_slip_is_told_from_a_host_of_its_own() {
        for (own, asked, slip) in [
            ("chat.exmaple.test", "chat.example.test", true),
            ("chat.exampel.test", "chat.example.test", true),
            ("chat.exanple.test", "Chat.Example.test", true),
            ("chat.exmple.test", "chat.example.test", true),
            ("chat.example.test", "chat.example.test", false),
            ("main.example.test", "mail.example.test", false),
            ("web-a.example.test", "web-b.example.test", false),
            ("node-a.example.test", "node-b.example.test", false),
            ("node-a.example.test", "node-ab.example.test", false),
            ("node-a.example.test", "nodea.example.test", false),
            ("node-a.exmaple.test", "node-a.example.test", true),
            ("web-frnot.example.test", "web-front.example.test", true),
            ("server1.example.test", "server2.example.test", false),
            ("server1.example.test", "server.example.test", false),
            ("chat.exmaple.test", "mail.example.test", false),
            ("example.test", "chat.example.test", false),
        ] {
            assert_eq!(is_slip(own, asked), slip, "{own} for {asked}");
        }
    }

    #[test]
    fn only_names_that_issue_takes_are_proposed() {
        for (name, fits) in [
            ("a.example.test", true),
            ("*.example.test", true),
            ("192.0.2.1", true),
            ("::1", true),
            ("a_b.test", false),
            ("a..b", false),
            ("https://a.test", false),
            ("192.0.2.999", false),
        ] {
            assert_eq!(issuable(name), fits, "{name}");
        }
    }
}
