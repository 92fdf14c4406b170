//! Who is here by a certificate, so that a change of what is believed reaches them too.

use rustls::pki_types::{CertificateDer, UnixTime};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::admission::{Admission, Refused};
use crate::core::{ClientId, Identity};

/// The certificates of all connections that showed one.
#[derive(Debug, Default)]
pub(super) struct Live(Mutex<HashMap<ClientId, Arc<Shown>>>);

/// What one of them showed.
#[derive(Debug)]
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    identity: Identity,
}

/// A connection's place in the list; it goes with the connection.
#[derive(Debug)]
pub(super) struct Place {
    live: Arc<Live>,
    client: ClientId,
}

impl Live {
    /// Enters a connection.
    pub(super) fn enter(
        self: &Arc<Self>,
        client: ClientId,
        chain: Vec<CertificateDer<'static>>,
        identity: Identity,
    ) -> Place {
        self.lock().insert(client, Arc::new(Shown { chain, identity }));
        Place { live: self.clone(), client }
    }

    /// Who of those who are here may not stay; each is told once, since the connection takes a while to go. Others come and go
    /// meanwhile: no lock is held while certificates are verified.
    pub(super) fn unwelcome(&self, admission: &Admission, now: UnixTime) -> Vec<(ClientId, Refused)> {
        let here: Vec<_> = self.lock().iter().map(|(client, shown)| (*client, shown.clone())).collect();
        let judge = |(client, shown): &(ClientId, Arc<Shown>)| {
            let refused = admission.still_admits(&shown.chain, &shown.identity, now).err()?;
            Some((*client, refused))
        };
        let unwelcome: Vec<_> = here.iter().filter_map(judge).collect();
        let mut here = self.lock();
        unwelcome.into_iter().filter(|(client, _)| here.remove(client).is_some()).collect()
    }

    /// Takes a connection off the list. False: it was found unwelcome meanwhile, and that has been told.
    fn leave(&self, client: ClientId) -> bool {
        self.lock().remove(&client).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientId, Arc<Shown>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Whether nobody has been told to put this connection out.
    pub(super) fn is_held(&self) -> bool {
        self.live.lock().contains_key(&self.client)
    }

    /// Gives the place up. False: the connection was found unwelcome meanwhile, and that has been told.
    pub(super) fn give_up(self) -> bool {
        self.live.leave(self.client)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.live.leave(self.client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Account;
    use crate::tls::access::Access;

    fn identity(name: &str) -> Identity {
        let account = Some(Account::parse(name).expect("an account"));
        Identity { account, refusal: None, fingerprint: "ab".repeat(32), not_after_unix: 0 }
    }

    #[test]
    fn who_is_on_the_list_of_those_denied_may_not_stay_and_who_has_left_is_forgotten() {
        let live = Arc::new(Live::default());
        let certificate = vec![CertificateDer::from(vec![0x30])];
        let _alice = live.enter(ClientId(1), certificate.clone(), identity("alice"));
        let _bob = live.enter(ClientId(2), certificate.clone(), identity("bob"));
        let carol = live.enter(ClientId(3), certificate, identity("carol"));
        drop(carol);
        let access = Access::parse(&[], &["bob".to_owned(), "carol".to_owned()]).expect("lists");
        let admission = Admission { access, ..Admission::default() };
        let unwelcome = live.unwelcome(&admission, UnixTime::now());
        let codes: Vec<_> = unwelcome.iter().map(|(client, refused)| (client.0, refused.code)).collect();
        assert_eq!(codes, [(2, "access-denied")]);
        assert!(live.unwelcome(&admission, UnixTime::now()).is_empty(), "nobody is put out twice");
    }

    #[test]
    fn who_is_refused_at_the_door_or_put_out_is_told_of_once() {
        let live = Arc::new(Live::default());
        let certificate = vec![CertificateDer::from(vec![0x30])];
        let access = Access::parse(&[], &["bob".to_owned()]).expect("lists");
        let admission = Admission { access, ..Admission::default() };
        let refused = live.enter(ClientId(1), certificate.clone(), identity("bob"));
        assert!(refused.is_held() && refused.give_up(), "the door tells of it");
        assert!(live.unwelcome(&admission, UnixTime::now()).is_empty(), "and nobody else does");
        let put_out = live.enter(ClientId(2), certificate, identity("bob"));
        assert_eq!(live.unwelcome(&admission, UnixTime::now()).len(), 1);
        assert!(!put_out.is_held() && !put_out.give_up(), "the door has nothing to add");
    }
}
