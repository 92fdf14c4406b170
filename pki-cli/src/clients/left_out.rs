//! Why clients were not run: a report that says nothing of one leaves open whether it would have agreed.

use ca_store::explain::ClientVerdict;

use super::table::CLIENTS;

/// Why one was not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// It needs a server, and there is none: why is told once for all.
    NoServer,
    /// It cannot be asked this.
    NoSuchQuestion,
    /// None of its programs is here, or none is what the table means.
    NotHere,
    /// It did not start, or did not end in its time.
    NoAnswer,
}

/// How each reason reads before the names, in the order in which they are told.
const WORDS: [(Reason, &str); 3] = [
    (Reason::NotHere, "not on this machine"),
    (Reason::NoSuchQuestion, "cannot be asked this on a command line"),
    (Reason::NoAnswer, "did not end in time"),
];

/// What is no command at all.
const LIBRARIES: &str = "a library, which no command runs";

/// What is to be said of the clients of the report that were left out; none where all were run.
pub(super) fn told(clients: &[ClientVerdict], reasons: &[(&str, Reason)], why: Option<String>) -> Option<String> {
    let of = |reason: Reason| {
        let names = clients.iter().map(|it| it.client).filter(|name| reasons.contains(&(name, reason)));
        names.collect::<Vec<_>>()
    };
    let is_library = |name: &&str| CLIENTS.iter().all(|known| known.name != *name);
    let libraries: Vec<&str> = clients.iter().map(|it| it.client).filter(is_library).collect();
    let groups = WORDS.map(|(reason, words)| (words, of(reason))).into_iter().chain([(LIBRARIES, libraries)]);
    let told =
        groups.filter(|(_, names)| !names.is_empty()).map(|(words, names)| format!("{words}: {}", names.join(", ")));
    let told: Vec<String> = why.into_iter().chain(told).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

#[cfg(test)]
mod tests {
    use super::{Reason, told};
    use ca_store::explain::ClientVerdict;

    fn verdicts(names: &[&'static str]) -> Vec<ClientVerdict> {
        let verdict =
            |client: &&'static str| ClientVerdict { client, verdict: "accepts", error: String::new(), ran: None };
        names.iter().map(verdict).collect()
    }

    #[test]
    fn each_client_that_is_left_out_has_its_reason() {
        let clients = verdicts(&["openssl", "python-3.13", "java", "go", "rustls"]);
        let reasons =
            [("python-3.13", Reason::NotHere), ("java", Reason::NoSuchQuestion), ("go", Reason::NoSuchQuestion)];
        assert_eq!(
            told(&clients, &reasons, None).as_deref(),
            Some(
                "not on this machine: python-3.13; cannot be asked this on a command line: java, go; a library, which no \
                 command runs: rustls"
            )
        );
        let without = [("java", Reason::NoServer)];
        assert_eq!(told(&verdicts(&["java"]), &without, Some("no key".to_owned())).as_deref(), Some("no key"));
        assert_eq!(told(&verdicts(&["openssl"]), &[], None), None);
    }
}
