//! What Redis refuses, in words for an administrator: what was found, where, what to type.

use ca_store::shell::{quote, quote_file};

use super::Address;

/// What becomes of a request that Redis refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// This one is refused; others may not be.
    Request(String),
    /// Nothing can be asked over this connection.
    Connection(String),
}

/// What an error that Redis answered means.
pub(super) fn refusal(address: &Address, code: &str, detail: &str) -> Refusal {
    let (place, cli) = (address.place(), admin_cli(address));
    let text = match code {
        "OOM" => format!(
            "Redis at {place} has no memory left (OOM) and takes nothing: give it more, as in `{cli} config set \
             maxmemory 2gb`, with the policy noeviction"
        ),
        "MISCONF" => format!(
            "Redis at {place} takes nothing because it cannot save to its disk (MISCONF): make room, or mend the \
             permissions, in the folder that `{cli} config get dir` names"
        ),
        "NOREPLICAS" => format!(
            "Redis at {place} takes nothing because it has too few replicas (NOREPLICAS): `{cli} info replication` \
             shows them"
        ),
        "NOPERM" => format!(
            "Redis at {place} does not let the user {:?} do what the bus needs (NOPERM, {}): docs/redis/node.acl has what it \
             needs, and `{cli} acl list` shows what it may",
            address.user.as_deref().unwrap_or("default"),
            shown(detail)
        ),
        _ => return connection(address, code, detail),
    };
    Refusal::Request(text)
}

fn connection(address: &Address, code: &str, detail: &str) -> Refusal {
    let (place, cli) = (address.place(), admin_cli(address));
    Refusal::Connection(match code {
        "READONLY" => format!(
            "Redis at {place} is a replica that only reads (READONLY): name its master, which `{cli} info replication` \
             shows"
        ),
        "NOAUTH" => format!(
            "Redis at {place} wants a password (NOAUTH) and was given none: `--bus-password-file FILE`, or `password_file` in `[bus]`"
        ),
        "WRONGPASS" => format!(
            "Redis at {place} does not know this user or password (WRONGPASS): the user is {:?}, and another goes into the \
             address, redis://USER@{place}; `{cli} acl list` shows who is known",
            address.user.as_deref().unwrap_or("default")
        ),
        "LOADING" => format!("Redis at {place} is still loading its data (LOADING)"),
        "MASTERDOWN" => format!("Redis at {place} is a replica without its master (MASTERDOWN): name the master"),
        "MOVED" | "ASK" => format!(
            "Redis at {place} is part of a cluster and says that another has this chat's keys ({code} {}): name that one",
            shown(detail)
        ),
        "CLUSTERDOWN" => format!("Redis at {place} is part of a cluster that is down: `{cli} cluster info` says why"),
        "BUSY" => format!("Redis at {place} is held up by somebody's script (BUSY): `{cli} script kill` ends it"),
        "NOSCRIPT" => format!("Redis at {place} was told to forget its scripts; it is given the bus's again"),
        "ERR" if detail.contains("without any password") => format!(
            "Redis at {place} was given a password and has none: leave it out of the bus's settings, or set it there with \
             `{cli} config set requirepass …`"
        ),
        "ERR" if detail.contains("script") => return script(address, detail),
        _ => format!("Redis at {place} answered {} {}", shown(code), shown(detail)),
    })
}

fn script(address: &Address, detail: &str) -> Refusal {
    let place = address.place();
    let may_not =
        ["can't run this command", "NOPERM", "No permissions", "can't access"].iter().any(|it| detail.contains(it));
    let hint = if may_not {
        let user = address.user.as_deref().unwrap_or("default");
        format!(
            "; the user {user:?} may not do all that the bus does: docs/redis/node.acl has what it needs, and \
             `{} acl setuser {user} …` gives it",
            admin_cli(address)
        )
    } else {
        String::new()
    };
    Refusal::Request(format!("Redis at {place} could not run the bus's script: {}{hint}", shown(detail)))
}

/// What a connection that could not be made, or broke, means.
pub(super) fn broken(address: &Address, why: &dyn std::fmt::Display) -> String {
    let place = address.place();
    let why = shown(&why.to_string());
    let is_tls = ["alert", "certificate", "InvalidContentType", "corrupt message"].iter().any(|it| why.contains(it));
    if is_tls && address.tls {
        return format!(
            "Redis at {place} and this node do not agree on TLS: {why}; both need certificates of an authority that the \
             other trusts, and Redis a name among them that is {:?}",
            address.host
        );
    }
    let scheme = if address.tls { "rediss" } else { "redis" };
    // The system's words begin with a capital, rustls's and the client's do not.
    let words = why.to_ascii_lowercase();
    let ended = ["closed", "reset", "eof", "broken pipe", "dropped"].iter().any(|it| words.contains(it));
    if ended && address.tls {
        return format!(
            "Redis at {place} ended the TLS connection: {why}; if it was not stopped, its log says why: it may not take this \
             node's certificate (tls-ca-cert-file, tls-auth-clients)"
        );
    }
    let hint = if why.contains("refused") {
        format!("start it, or mend the address {scheme}://{place}")
    } else if ended {
        "if it was not stopped, its log says why; if it only speaks TLS, the address is to begin with rediss://"
            .to_owned()
    } else {
        format!("`{} ping` shows whether it answers", cli(address))
    };
    format!("Redis at {place} cannot be reached: {why}; {hint}")
}

/// That Redis does not answer.
pub(super) fn silent(address: &Address) -> String {
    let place = address.place();
    let or_plain =
        if address.tls { format!("; if it speaks no TLS, the address is redis://{place}") } else { String::new() };
    format!("Redis at {place} does not answer: `{} ping` shows whether it does to others{or_plain}", cli(address))
}

/// That Redis is too old.
pub(super) fn too_old(address: &Address, version: &str) -> String {
    format!("Redis at {} is version {}, and the bus needs 7.0 or later", address.place(), shown(version))
}

/// The way to Redis as this node goes it.
fn cli(address: &Address) -> String {
    let user = address.user.as_deref().map(|user| format!(" --user {}", quote(user)));
    let password = address.password.as_ref().map(|_| " --askpass");
    format!("{}{}{}", anybody(address), user.unwrap_or_default(), password.unwrap_or_default())
}

/// The same for whoever looks after Redis, where that is another user than this node's.
fn admin_cli(address: &Address) -> String {
    let login = if address.user.is_some() || address.password.is_some() { " --user ADMIN --askpass" } else { "" };
    format!("{}{login}", anybody(address))
}

fn anybody(address: &Address) -> String {
    let bundle = address.bundle.as_ref().map(|file| quote_file(&file.to_string_lossy()));
    let tls = match (address.tls, bundle) {
        (false, _) => String::new(),
        (true, None) => " --tls".to_owned(),
        // One file is all three.
        (true, Some(file)) => format!(" --tls --cacert {file} --cert {file} --key {file}"),
    };
    format!("redis-cli -h {} -p {}{tls}", address.host, address.port)
}

/// Text of a stranger, without what could play with a terminal.
fn shown(text: &str) -> String {
    const LENGTH: usize = 300;
    text.chars().take(LENGTH).map(|it| if it.is_control() { ' ' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_says_where_what_and_what_to_type_and_no_password() {
        let address = Address::parse("rediss://chat:secret@redis.example.org:7000").unwrap();
        for code in ["OOM", "MISCONF", "NOREPLICAS", "NOPERM"] {
            let Refusal::Request(text) = refusal(&address, code, "x") else { panic!("{code} is one request's") };
            assert!(text.contains("redis.example.org:7000") && text.contains(code) && text.contains('`'), "{text}");
        }
        for code in ["READONLY", "NOAUTH", "WRONGPASS", "LOADING", "MOVED", "BUSY", "NOSCRIPT", "\u{1b}[2J"] {
            let Refusal::Connection(text) = refusal(&address, code, "\u{7}") else { panic!("{code} is the whole's") };
            assert!(text.contains("redis.example.org:7000") && !text.contains("secret"), "{text}");
            assert!(!text.contains(char::is_control), "{text}");
        }
        let address = Address { bundle: Some("node 1.pem".into()), ..address };
        let text = silent(&address);
        assert!(
            text.contains("--cacert 'node 1.pem' --cert 'node 1.pem' --key 'node 1.pem' --user chat --askpass ping"),
            "{text}"
        );
        assert!(broken(&address, &"received fatal alert: CertificateRequired").contains("TLS"));
        assert!(broken(&address, &"Connection refused").contains("rediss://redis.example.org:7000"));
    }
}
