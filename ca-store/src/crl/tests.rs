//! Lists over time: what they name, what they number, and when they let go of a certificate.

use time::macros::datetime;

use super::*;
use crate::reason::Reason;
use crate::request::{InitCaRequest, IssueRequest, RevokeRequest};
use crate::store::{CheckRequest, TroubleCode};
use crate::{init_ca, issue, revoke};

const START: OffsetDateTime = datetime!(2026-01-01 0:00 UTC);

/// A store with certificates of these names, which live ten days.
fn store(dir: &std::path::Path, names: &[&str]) -> Store {
    init_ca(dir, InitCaRequest::new("Test Root CA"), START).unwrap();
    let store = Store::open(dir).unwrap();
    for name in names {
        issue(&store, &IssueRequest { days: Some(10), ..IssueRequest::client(*name) }, START).unwrap();
    }
    store
}

fn make(store: &Store, request: &CrlRequest, days: i64) -> Vec<CrlMade> {
    make_crls(store, request, START + Duration::days(days)).unwrap().lists
}

fn complete(store: &Store, days: i64) -> CrlMade {
    make(store, &CrlRequest::default(), days).remove(0)
}

fn revoke_on(store: &Store, name: &str, reason: Reason, days: i64) {
    let request = RevokeRequest { name: name.into(), reason };
    revoke(store, &request, START + Duration::days(days)).unwrap();
}

fn read(list: &CrlMade) -> Crl {
    Crl::from_der(&std::fs::read(&list.file).unwrap()).unwrap()
}

/// RFC 5280, 3.3: not removed before it appears on one list issued beyond its validity.
#[test]
fn the_expired_are_named_once_more_and_then_no_longer() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path(), &["alice", "bob"]);
    revoke_on(&store, "alice", Reason::KeyCompromise, 1);
    assert_eq!([2, 9, 11, 12].map(|days| complete(&store, days).entries), [1, 1, 1, 0]);
    // Revoked after its end, and after the list that was made then: the next one names it all the same.
    revoke_on(&store, "bob", Reason::Unspecified, 13);
    assert_eq!([14, 15].map(|days| complete(&store, days).entries), [1, 0]);
}

#[test]
fn a_delta_says_what_changed_since_the_last_complete_list_whatever_the_clock_says() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path(), &["alice", "bob", "carol"]);
    let delta = CrlRequest { delta: true, ..CrlRequest::default() };
    let none = make_crls(&store, &delta, START);
    assert!(matches!(none, Err(Error::CrlBaseMissing { .. })));
    revoke_on(&store, "alice", Reason::CertificateHold, 5);
    let base = complete(&store, 5);
    // The clock went back.
    revoke_on(&store, "alice", Reason::RemoveFromCrl, 1);
    revoke_on(&store, "bob", Reason::Superseded, 1);
    let made = make(&store, &delta, 2).remove(0);
    assert_eq!((made.base, made.entries), (Some(base.number), 2));
    let list = read(&made);
    let mut reasons: Vec<_> = list.entries().filter_map(|entry| entry.reason).collect();
    reasons.sort();
    assert_eq!(reasons, ["removeFromCRL", "superseded"]);
    assert_eq!(complete(&store, 6).entries, 1);
    assert_eq!(make(&store, &delta, 6)[0].entries, 0);
}

#[test]
fn numbers_are_never_used_again_after_a_list_that_could_not_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path(), &[]);
    assert_eq!(complete(&store, 1).number, 1);
    let folder = dir.path().join("ca/crl");
    std::fs::rename(&folder, dir.path().join("ca/elsewhere")).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    assert!(make_crls(&store, &CrlRequest::default(), START).is_err());
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(dir.path().join("ca/elsewhere"), &folder).unwrap();
    assert_eq!(troubles(&store, true), [(TroubleCode::ListUnfinished, true)]);
    assert_eq!(troubles(&store, false), []);
    assert_eq!(complete(&store, 2).number, 3);
}

#[test]
fn a_check_finds_lists_that_are_not_what_they_should_be() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path(), &["alice"]);
    revoke_on(&store, "alice", Reason::CertificateHold, 1);
    let old = std::fs::read(complete(&store, 1).file).unwrap();
    revoke_on(&store, "alice", Reason::RemoveFromCrl, 1);
    let current = complete(&store, 1).file;
    assert_eq!(troubles(&store, false), []);
    // As a crash before the last step leaves it.
    std::fs::write(dir.path().join("ca/crl.pem"), "").unwrap();
    assert_eq!(troubles(&store, false), [(TroubleCode::ListDiffers, false)]);
    assert_eq!(troubles(&store, true), [(TroubleCode::ListDiffers, true)]);
    assert_eq!(troubles(&store, false), []);
    // An old list in place of the current one, where alice is on hold yet.
    std::fs::write(current, old).unwrap();
    assert!(troubles(&store, false).contains(&(TroubleCode::ListDiffers, false)));
    complete(&store, 1);
    assert_eq!(troubles(&store, false), []);
}

/// What a check finds, and whether it was mended.
fn troubles(store: &Store, repair: bool) -> Vec<(TroubleCode, bool)> {
    let request = CheckRequest { repair, ..CheckRequest::default() };
    let report = store.check(Vec::new(), &request, START).unwrap();
    report.troubles.iter().map(|trouble| (trouble.code, trouble.repaired.is_some())).collect()
}

#[test]
fn partitions_name_their_own_and_the_complete_list_names_all() {
    let dir = tempfile::tempdir().unwrap();
    let store = store(dir.path(), &["before"]);
    let url = |url: &str| Some(url.to_owned());
    let missing = make_crls(&store, &CrlRequest { partitions: Some(2), ..CrlRequest::default() }, START);
    assert!(matches!(missing, Err(Error::CrlUrlMissing)));
    for bad in ["https://crl.example.test", "crl.example.test", "http://crl.example.test/?list=1", "ldap://x/"] {
        let refused = make_crls(&store, &CrlRequest { url: url(bad), ..CrlRequest::default() }, START);
        assert!(matches!(refused, Err(Error::CrlUrlRefused { .. })), "{bad}");
    }
    let request = CrlRequest { partitions: Some(2), url: url("http://old.example.test/"), ..CrlRequest::default() };
    assert_eq!(make(&store, &request, 1).len(), 3);
    let names: Vec<String> = (0..12).map(|n| format!("client{n}")).collect();
    for name in &names {
        issue(&store, &IssueRequest::client(name), START).unwrap();
        revoke_on(&store, name, Reason::KeyCompromise, 1);
    }
    revoke_on(&store, "before", Reason::KeyCompromise, 1);
    // Fewer partitions from now on, elsewhere: the lists of before are made all the same, under both addresses.
    let request = CrlRequest { partitions: Some(1), url: url("http://new.example.test"), ..CrlRequest::default() };
    let lists = make(&store, &request, 2);
    assert_eq!(lists.iter().map(|list| list.partition).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!((lists[0].entries, lists[1].entries + lists[2].entries), (13, 12));
    let scope = read(&lists[2]).distribution.unwrap();
    assert_eq!(
        texts(scope.names.as_deref().unwrap_or_default()),
        ["http://new.example.test/root-1-p2.crl", "http://old.example.test/root-1-p2.crl"]
    );
    assert!(read(&lists[0]).distribution.is_none());
    for name in &names {
        let entry = store.show(name).unwrap();
        let certificate = facts::Certificate::from_der(&entry.der).unwrap();
        let points = certificate.extensions.iter().find_map(|extension| match &extension.value {
            facts::ExtensionValue::CrlDistributionPoints(names) => Some(texts(names)),
            _ => None,
        });
        let list = lists[1..].iter().find(|list| read(list).entry(entry.serial.octets()).unwrap().is_some());
        assert_eq!(points, Some(vec![format!("http://old.example.test/root-1-p{}.crl", list.unwrap().partition)]));
    }
}

fn texts(names: &[facts::PointName]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}
