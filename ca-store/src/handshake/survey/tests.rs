//! The survey of several addresses, with servers on loopback.

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::super::wire::{Budget, OVERALL_TIMEOUT, TIMEOUT, reach};
use super::super::{Asked, ProbeOptions, facts, findings, provider};
use super::survey_at;
use crate::explain::PeerName;
use crate::finding::{Code, Severity};

const ASKED: Asked<'_> = Asked { endpoint: "app.example.test:443", name: None, flags: "" };

/// A server with a fresh certificate for that name, and where it listens.
fn server(name: &str) -> SocketAddr {
    let key = KeyPair::generate().unwrap();
    server_with(name, &key, &key)
}

/// A server whose certificate is of the first key, and which signs with the second.
fn server_with(name: &str, certified: &KeyPair, own: &KeyPair) -> SocketAddr {
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(certified).unwrap();
    let own = PrivateKeyDer::try_from(own.serialize_der()).unwrap();
    let own = provider().key_provider.load_private_key(own).unwrap();
    let certified = CertifiedKey::new(vec![certificate.der().clone()], own);
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for tcp in listener.incoming().flatten() {
            let mut tls = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), tcp);
            // A peer that leaves in the middle is what half of the questions are.
            let _ = tls.read(&mut [0; 64]);
        }
    });
    address
}

/// An address at which nothing listens.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).unwrap()
}

fn codes(addresses: &[SocketAddr]) -> (Vec<(Code, Severity)>, usize) {
    let name = ServerName::try_from("app.example.test").unwrap();
    let options = ProbeOptions::new("app.example.test", 443, name);
    let survey = survey_at(addresses, &options, Budget::new(OVERALL_TIMEOUT));
    let found = findings(&survey, ASKED, Some(&PeerName::Dns("app.example.test".to_owned())));
    let answered = facts(&survey).addresses.iter().filter(|at| at.connected).count();
    (found.iter().map(|finding| (finding.code, finding.severity)).collect(), answered)
}

#[test]
fn addresses_of_one_name_that_differ_are_told() {
    let (one, other) = (server("app.example.test"), server("app.example.test"));
    assert_eq!(codes(&[one]), (vec![], 1));
    assert_eq!(codes(&[one, one]), (vec![], 2));
    assert_eq!(codes(&[one, other]), (vec![(Code::AddressMismatch, Severity::Warning)], 2));
}

#[test]
fn an_address_that_does_not_answer_leaves_the_others() {
    let one = server("app.example.test");
    assert_eq!(codes(&[nobody(), one, nobody()]), (vec![], 1));
    assert_eq!(codes(&[nobody(), nobody()]), (vec![(Code::ConnectionRefused, Severity::Error)], 0));
}

/// A listener whose queue is full, and what fills it: the system drops who comes besides.
fn full() -> (TcpListener, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let come = || TcpStream::connect_timeout(&address, Duration::from_millis(100)).ok();
    let waiting = std::iter::from_fn(come).take(MOST_WAITING).collect();
    (listener, waiting)
}

/// More than any system's queue holds for a listener of the standard library.
const MOST_WAITING: usize = 512;

#[test]
fn addresses_that_do_not_answer_are_waited_for_together() {
    let silent = [full(), full(), full()];
    let mut addresses: Vec<SocketAddr> = silent.iter().map(|(it, _)| it.local_addr().unwrap()).collect();
    let limit = Duration::from_secs(1);
    let begun = Instant::now();
    let reached = reach(&addresses, begun + limit);
    assert!(reached.taken.is_none() && begun.elapsed() < 2 * limit, "{:?}: {reached:?}", begun.elapsed());
    let failed: Vec<SocketAddr> = reached.failures.iter().map(|(address, _)| *address).collect();
    assert_eq!(failed, addresses);
    let one = server("app.example.test");
    addresses.push(one);
    let begun = Instant::now();
    let reached = reach(&addresses, begun + TIMEOUT);
    assert_eq!(reached.taken.map(|(address, _)| address), Some(one));
    assert!(begun.elapsed() < TIMEOUT);
}

/// The connection is taken, and never spoken on: the system's queue does that for a listener that nobody serves.
#[test]
fn a_peer_that_says_nothing_is_given_up_on() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = ServerName::try_from("app.example.test").unwrap();
    let options = ProbeOptions::new("app.example.test", 443, name);
    let limit = Duration::from_millis(200);
    let survey = survey_at(&[silent.local_addr().unwrap()], &options, Budget::new(limit));
    let found = findings(&survey, ASKED, None);
    let [finding] = &found[..] else { panic!("{found:?}") };
    assert_eq!(finding.code, Code::ConnectionTimeout);
    assert_eq!((&finding.evidence["connected"], &finding.evidence["octets_received"]), (&true.into(), &0.into()));
}

#[test]
fn a_server_that_signs_with_another_key_is_told_and_one_of_another_type_more_narrowly() {
    let ec = || KeyPair::generate().unwrap();
    let rsa = || KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
    for (certified, own, expected) in [
        (ec(), ec(), Code::KeyMismatch),
        (rsa(), rsa(), Code::KeyMismatch),
        (ec(), rsa(), Code::KeyTypeMismatch),
        (rsa(), ec(), Code::KeyTypeMismatch),
    ] {
        let found = codes(&[server_with("app.example.test", &certified, &own)]).0;
        assert_eq!(found, [(expected, Severity::Error)]);
    }
}

/// What was typed is typed again; a name that was not is put in where the endpoint is another.
#[test]
fn a_question_is_asked_again_with_every_flag() {
    let asked = Asked { endpoint: "app.example.test:25", name: None, flags: " --starttls smtp --min-tls 1.3" };
    assert_eq!(asked.again(), "pki diagnose app.example.test:25 --starttls smtp --min-tls 1.3");
    assert_eq!(
        asked.of("192.0.2.1:25", Some("app.example.test")),
        "pki diagnose 192.0.2.1:25 --name app.example.test --starttls smtp --min-tls 1.3"
    );
    let named = Asked { name: Some("other name"), ..asked };
    assert_eq!(
        named.of("192.0.2.1:25", Some("app.example.test")),
        "pki diagnose 192.0.2.1:25 --name 'other name' --starttls smtp --min-tls 1.3"
    );
    assert_eq!(named.upgraded(None), "pki diagnose app.example.test:25 --name 'other name' --min-tls 1.3");
}

#[test]
fn a_certificate_of_another_domain_is_another_sites() {
    assert_eq!(codes(&[server("shop.other.test")]).0, [(Code::WrongVirtualHost, Severity::Error)]);
    // One of the same domain merely lacks the name, which the chain shows by itself.
    assert_eq!(codes(&[server("shop.example.test")]).0, []);
}
