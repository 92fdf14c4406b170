//! What another process may do while this one waits: here it does so while a passphrase is asked for, before the lock is taken.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use time::OffsetDateTime;

use super::*;
use crate::key::Seal;
use crate::request::{InitCaRequest, RenewRequest};
use crate::rollover::{Generation, RolloverRequest, rollover};

fn passphrase() -> Passphrase {
    Passphrase::new("open sesame".to_owned())
}

/// A store whose issuing CA is replaced the first time that its passphrase is asked for.
fn replaced_while_asked(dir: &Path) -> Store {
    let now = OffsetDateTime::now_utc();
    let ca = InitCaRequest {
        intermediate: Some("Test Issuing CA".to_owned()),
        seal: Some(Seal::new(passphrase())),
        ..InitCaRequest::new("Test Root CA")
    };
    crate::init_ca(dir, ca, now).unwrap();
    let mut store = Store::open(dir).unwrap();
    let (other, is_replaced) = (Store::open(dir).unwrap(), AtomicBool::new(false));
    store.on_encrypted(move |_| {
        if !is_replaced.swap(true, Ordering::Relaxed) {
            let request =
                RolloverRequest { passphrase: Some(passphrase()), ..RolloverRequest::new(Generation::Intermediate) };
            rollover(&other, request, now)?;
        }
        Ok(Some(passphrase()))
    });
    store
}

#[test]
fn what_is_issued_while_the_ca_is_replaced_is_issued_by_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = replaced_while_asked(&dir.path().join("store"));
    let issued = issue(&store, &IssueRequest::client("alice"), OffsetDateTime::now_utc()).unwrap();
    assert_eq!(issued.issuer, "Test Issuing CA 2");
}

#[test]
fn what_is_renewed_while_the_ca_is_replaced_is_renewed_by_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = replaced_while_asked(&dir.path().join("store"));
    let (now, own) = (OffsetDateTime::now_utc(), Store::open(store.dir()).unwrap());
    for name in ["alice", "bob"] {
        issue(&own, &IssueRequest { passphrase: Some(passphrase()), ..IssueRequest::client(name) }, now).unwrap();
    }
    let mut renewer = Renewer::open(&store, None).unwrap();
    for name in ["alice", "bob"] {
        assert_eq!(renewer.renew(&RenewRequest::new(name), now).unwrap().issuer, "Test Issuing CA 2", "{name}");
    }
}
