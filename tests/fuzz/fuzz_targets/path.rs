//! Path building and every check on it: certificates in any number and order end in a report within the budget.
//!
//! The input is a row of certificates, each behind its length in two octets; the first octet says how many are trusted.
#![no_main]

use ca_store::explain::{Evidence, PeerName, Profile, Question, diagnose, judge};
use libfuzzer_sys::fuzz_target;
use time::macros::datetime;

fuzz_target!(|data: &[u8]| {
    let Some((&trusted, mut rest)) = data.split_first() else { return };
    let mut ders = Vec::new();
    while let [high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(tail.len());
        ders.push(&tail[..length]);
        rest = &tail[length..];
    }
    ders.retain(|der| ca_store::facts::Certificate::from_der(der).is_ok());
    let (trust, chain) = ders.split_at(usize::from(trusted).min(ders.len()));
    let read = Evidence::from_ders(chain.iter().copied(), "chain", trust.iter().copied(), "trust");
    let evidence = read.expect("only what reads was kept");
    let name = PeerName::Dns("app.example.test".to_owned());
    for profile in [Profile::Private, Profile::Rfc5280, Profile::Webpki] {
        let question = Question::server(Some(name.clone()), datetime!(2026-06-01 0:00 UTC));
        let question = Question { profile, compare: false, ..question };
        let report = diagnose(&evidence, &question);
        assert_eq!(judge(&evidence, &question).0, report.verdict);
    }
});
