use std::path::Path;

use super::*;
use crate::error::Error;

fn parse(text: &str) -> Result<Settings, Error> {
    Settings::parse(text, Path::new("ca.toml"))
}

#[test]
fn every_setting_is_read() {
    let text = r#"
        [all]
        crl = "http://ca.example.test/crl.der"
        ca_issuers = ["http://ca.example.test/issuing.der"]
        max_days = 100
        [server]
        days = 30
        key = "ecdsa-p384"
        keys = ["ecdsa-p256", "ecdsa-p384"]
        dns = ["example.test"]
        ip = ["192.0.2.0/24", "2001:db8::/32"]
        ocsp = ["http://ocsp.example.test"]
        policies = ["1.3.6.1.4.1.99999.1", "2.999.3"]
        must_staple = true
        [client]
        max_days = 7
        email = ["example.test"]
        uri = ["spiffe://example.test/user/{name}"]
        upn = ["{user}@EXAMPLE.TEST"]
    "#;
    let settings = parse(text).unwrap();
    let (server, client) = (settings.of(Purpose::Server), settings.of(Purpose::Client));
    let ca = settings.of(Purpose::Intermediate);
    assert_eq!((ca.max_days, &ca.extensions.crl), (None, &server.extensions.crl), "a CA's life is not a leaf's");
    assert_eq!((server.default_days(), server.max_days, server.default_key()), (30, Some(100), KeyKind::EcdsaP384));
    assert_eq!((client.default_days(), client.at_most(3), client.default_key()), (7, 3, KeyKind::EcdsaP256));
    assert_eq!(server.extensions.crl, client.extensions.crl);
    assert_eq!((server.extensions.policies.len(), client.extensions.policies.len()), (2, 0));
    assert!(server.extensions.must_staple && !client.extensions.must_staple);
    for (name, rules, allowed) in [
        ("a.example.test", server, true),
        ("*.example.test", server, true),
        ("a.example.org", server, false),
        ("192.0.2.9", server, true),
        ("192.0.3.1", server, false),
        ("a@anywhere.test", server, true),
        ("a@mail.example.test", client, true),
        ("a@example.org", client, false),
    ] {
        assert_eq!(rules.allow(&San::parse(name).unwrap()).is_ok(), allowed, "{name}");
    }
    let name = "alice ü@example.test";
    assert_eq!(
        client.uri[0].fill_uri(name).unwrap().to_string(),
        "spiffe://example.test/user/alice%20%C3%BC%40example.test"
    );
    assert_eq!(client.upn[0].fill_upn("bob@example.test").unwrap().to_string(), "upn:bob@EXAMPLE.TEST");
    assert!(client.upn[0].fill_upn(name).is_err(), "a blank");
}

#[test]
fn nothing_is_laid_down_where_nothing_is_written() {
    for text in ["", "# a comment\n", "[server]\n"] {
        let settings = parse(text).unwrap();
        let rules = settings.of(Purpose::Server);
        assert_eq!((rules.default_days(), rules.default_key()), (90, KeyKind::EcdsaP256));
        assert!(rules.allow(&San::parse("a.test").unwrap()).is_ok());
        assert_eq!(rules.extensions, Extensions::default());
    }
    assert!(parse("[server]\ndns = []").unwrap().of(Purpose::Server).allow(&San::parse("a.test").unwrap()).is_err());
    assert_eq!(parse("[all]\nkeys = ['ed25519']").unwrap().of(Purpose::Client).default_key(), KeyKind::Ed25519);
}

#[test]
fn errors_name_the_line_and_the_key_and_what_was_expected() {
    for (text, line, key, words) in [
        ("[server]\ndays = \"ninety\"", 2, "server.days", "expected a whole number of days from 1 to 36525"),
        ("[server]\n\ndays = 0", 3, "server.days", "found 0"),
        ("[all]\ndays = 99999999999999999999", 2, "all.days", "expected a whole number"),
        ("[server]\ndays = -5", 2, "server.days", "found -5"),
        ("[server]\ndays = 100\nmax_days = 30", 2, "server.days", "at most the 30 days"),
        ("[server]\nday = 3", 2, "server.day", "expected one of days, max_days"),
        ("[client]\nmust_staple = true", 2, "client.must_staple", "no such setting in [client]"),
        ("[intermediate]\ndns = [\"a.test\"]", 2, "intermediate.dns", "no such setting"),
        ("[servers]\ndays = 3", 1, "servers", "expected one of the sections all, server, client, intermediate"),
        ("server = 3", 1, "server", "expected a section: [server], found 3"),
        ("days = 3", 1, "days", "sections"),
        ("[server]\nkeys = [\"rsa-1024\"]", 2, "server.keys", "ecdsa-p256"),
        ("[server]\nkeys = [\"ed25519\"]\nkey = \"ecdsa-p256\"", 3, "server.key", "one of the kinds in keys"),
        ("[server]\ndns = [\n \"a.test\",\n \"*.test\"]", 4, "server.dns", "domain"),
        ("[server]\nip = [\"192.0.2.7/24\"]", 2, "server.ip", "192.0.2.0/24"),
        ("[server]\nip = [7]", 2, "server.ip", "found 7"),
        ("[server]\ncrl = \"https://a.test/crl\"", 2, "server.crl", "http"),
        ("[server]\npolicies = [\"1.2.x\"]", 2, "server.policies", "object identifier"),
        ("[server]\nmust_staple = \"yes\"", 2, "server.must_staple", "expected true or false, found \"yes\""),
        ("[client]\nuri = \"spiffe://a.test/{user name}\"", 2, "client.uri", "'{'"),
        ("[client]\nupn = \"{nam}@A\"", 2, "client.upn", "{name} and {user}"),
        ("[client]\nupn = \"alice\"", 2, "client.upn", "user@realm"),
        ("[server]\ndays = 3\ndays = 4", 3, "", "duplicate"),
        ("[server]\ndays = ", 2, "", ""),
        ("[server", 1, "", ""),
    ] {
        let error = parse(text).unwrap_err();
        let Error::SettingsMalformed { line: found_line, key: found_key, problem, .. } = &error else {
            panic!("{text}: {error}")
        };
        assert_eq!((*found_line, found_key.as_str()), (line, key), "{text}: {error}");
        assert!(problem.contains(words), "{text}: {error}");
    }
}
