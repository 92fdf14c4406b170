//! The survey of several addresses, with servers on loopback.

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::super::wire::{Budget, OVERALL_TIMEOUT};
use super::super::{Asked, ProbeOptions, facts, findings, provider};
use super::survey_at;
use crate::explain::PeerName;
use crate::finding::{Code, Severity};

const ASKED: Asked<'_> = Asked { endpoint: "app.example.test:443", flags: "" };

/// A server with a fresh certificate for that name, and where it listens.
fn server(name: &str) -> SocketAddr {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
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

#[test]
fn a_certificate_of_another_domain_is_another_sites() {
    assert_eq!(codes(&[server("shop.other.test")]).0, [(Code::WrongVirtualHost, Severity::Error)]);
    // One of the same domain merely lacks the name, which the chain shows by itself.
    assert_eq!(codes(&[server("shop.example.test")]).0, []);
}
