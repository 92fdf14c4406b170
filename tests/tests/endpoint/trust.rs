//! Who vouches for a server: roots of other stores, proxies, and clocks.

use tests::peers::peer;

use super::plain::PLAIN;
use super::{OWN, ask, expect, openssl, prepared};

#[test]
fn a_root_that_another_store_trusts_is_found_there() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout x.key -out x.pem -subj '/CN=Unrelated CA' -days 9").exits(0);
    let (_server, address) = openssl(&sandbox, OWN);
    let report = ask(&sandbox, &address, "--name localhost --trust x.pem");
    expect(&report, Some("root-in-other-store"));
    let again = report["cause"]["fix"].as_str().and_then(|fix| fix.lines().next()).expect("a line").to_owned();
    sandbox.shell(&again).exits(0);
}

#[test]
fn a_root_that_only_a_variable_java_or_a_browser_knows_is_found_there() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox.pki(["init-ca", "--store", "else", "--name", "Unrelated CA"]).exits(0);
    sandbox.shell("cp store/ca/root.pem mine.pem && cp store/certs/localhost/fullchain.pem .").exits(0);
    let ask = "pki --store none diagnose --json --chain fullchain.pem --name localhost --trust else/ca/root.pem";
    for name in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO"] {
        let report = sandbox.shell(&format!("{name}=mine.pem {ask}")).json();
        expect(&report, Some("root-in-other-store"));
        assert!(report["cause"]["message"].as_str().is_some_and(|it| it.contains(name)), "{report:#}");
    }
    sandbox.shell("mkdir cas && cp mine.pem cas/").exits(0);
    expect(&sandbox.shell(&format!("SSL_CERT_DIR=cas {ask}")).json(), Some("root-in-other-store"));
    expect(&sandbox.shell(ask).json(), Some("root-not-trusted"));
    if peer("keytool").is_some() {
        let made = "mkdir -p jdk/lib/security && keytool -importcert -noprompt -alias mine -file mine.pem -storepass changeit \\
                    -keystore jdk/lib/security/cacerts";
        sandbox.shell(made).exits(0);
        let report = sandbox.shell(&format!("JAVA_HOME=$PWD/jdk {ask}")).json();
        assert!(report["cause"]["message"].as_str().is_some_and(|it| it.contains("Java")), "{report:#}");
        let fix = report["cause"]["fix"].as_str().expect("a fix").replace("pki ", "pki --store none ");
        sandbox.shell(&fix).exits(0);
    }
    let Some(_) = peer("certutil") else { return };
    let made = "mkdir -p home/.pki/nssdb && certutil -N -d sql:home/.pki/nssdb --empty-password && \
                certutil -A -d sql:home/.pki/nssdb -n 'my root' -t C,, -i mine.pem";
    sandbox.shell(made).exits(0);
    let report = sandbox.shell(ask).json();
    expect(&report, Some("root-in-other-store"));
    assert!(report["cause"]["message"].as_str().is_some_and(|it| it.contains("nssdb")), "{report:#}");
    // The fix takes it out of there, and asks by it.
    let fix = report["cause"]["fix"].as_str().expect("a fix").replace("pki ", "pki --store none ");
    sandbox.shell(&fix).exits(0);
}

/// Nobody who asks an endpoint types where the root lies that he has just made.
#[test]
fn a_root_in_the_folder_where_an_endpoint_is_asked_is_offered() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    for store in ["else", "unrelated"] {
        sandbox.pki(["init-ca", "--store", store, "--name", "Home Root", "--intermediate", "Home Issuing"]).exits(0);
        sandbox.pki(["issue", "server", "localhost", "127.0.0.1", "--store", store]).exits(0);
    }
    sandbox
        .shell("cp unrelated/ca/root.pem a.pem; cp else/ca/root.pem home.pem; cp else/ca/issuing.pem between.pem")
        .exits(0);
    let (_server, address) = openssl(&sandbox, &OWN.replace("store/certs", "else/certs"));
    // Also where the own store has issued for this name: whose root lies here is no stranger who looks into the traffic.
    for store in ["none", "store"] {
        let report = ask(&sandbox, &address, &format!("--name localhost --store {store}"));
        expect(&report, Some("root-not-trusted"));
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        assert!(fix.contains(&format!("pki diagnose {address} --trust home.pem --name localhost")), "{fix}");
        sandbox.shell(fix).exits(0).says("nothing to mend");
    }
    // What is missing lies there as well: both are joined and trusted.
    let alone = "-cert else/certs/localhost/cert.pem -key else/certs/localhost/privkey.pem";
    let (_server, address) = openssl(&sandbox, alone);
    let report = ask(&sandbox, &address, "--name localhost --store none");
    expect(&report, Some("missing-intermediate"));
    sandbox.shell(report["cause"]["fix"].as_str().expect("a fix")).exits(0).says("nothing to mend");
}

#[test]
fn traffic_that_a_proxy_signs_again_is_told() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    // A proxy copies the names, signs by its own CA, and the store knows what it issued for them.
    for (store, ca) in [("proxy", "Example TLS Inspection CA"), ("plain", "Some Other CA")] {
        sandbox.pki(["init-ca", "--store", store, "--name", ca]).exits(0);
        sandbox.pki(["issue", "server", "localhost", "127.0.0.1", "--store", store]).exits(0);
        let words = OWN.replace("store/certs", &format!("{store}/certs"));
        let (_server, address) = openssl(&sandbox, &words);
        expect(&ask(&sandbox, &address, "--name localhost"), Some("intercepted"));
    }
}

#[test]
fn the_clock_is_named_where_the_real_time_makes_everything_valid() {
    let sandbox = prepared();
    for at in ["2015-06-01T00:00:00Z", "2090-01-01T00:00:00Z"] {
        let files = "--chain store/certs/localhost/fullchain.pem --name localhost";
        let words = ["diagnose", "--json", "--at", at].into_iter().chain(files.split_whitespace());
        let report = sandbox.pki(words).exits(1).json();
        expect(&report, Some("clock-wrong"));
        assert!(
            report["cause"]["evidence"]["true_time"].is_string()
                && report["cause"]["evidence"]["judged_at"].is_string()
        );
        let rejects = report["clients"].as_array().expect("clients").iter().all(|it| it["verdict"] == "rejects");
        assert!(rejects, "{report:#}");
    }
}

#[test]
fn a_web_servers_clock_shows_that_ours_is_wrong() {
    let (Some(_), Some(python)) = (peer("openssl"), peer("python3")) else { return };
    let sandbox = prepared();
    sandbox.write("plain.py", PLAIN);
    // One names HTTP in the handshake, the other is asked all the same where something is out of date.
    for words in [&["plain.py", "http"][..], &["plain.py", "http", "mute"]] {
        let server = sandbox.start(&python, words);
        let address = server.address().to_string();
        let report = ask(&sandbox, &address, "--name localhost --at 2015-06-01T00:00:00Z");
        expect(&report, Some("clock-wrong"));
        assert!(report["endpoint"]["time"].is_string(), "{words:?}: {report:#}");
        let current = ask(&sandbox, &address, "--name localhost");
        expect(&current, None);
        assert_eq!(current["endpoint"]["time"].is_string(), !words.contains(&"mute"), "{words:?}: {current:#}");
    }
}

/// The store that issued a server's certificate has the whole chain for it.
#[test]
fn a_server_that_sends_its_certificate_alone_is_given_the_stores_chain() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    let (_server, address) =
        openssl(&sandbox, "-cert store/certs/localhost/cert.pem -key store/certs/localhost/privkey.pem");
    let report = ask(&sandbox, &address, "--name localhost");
    expect(&report, Some("missing-intermediate"));
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("store/certs/localhost/fullchain.pem"), "{fix}");
    sandbox.shell(fix).exits(0);
}

/// The CA between is sent, and the root lies beside what was taken for it: nothing has to be issued.
#[test]
fn a_servers_certificate_that_is_trusted_gives_way_to_the_root_that_lies_beside_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = prepared();
    sandbox
        .shell("mkdir own && cp store/certs/localhost/cert.pem own/ca.pem && cp store/ca/root.pem own/home.pem")
        .exits(0);
    let (_server, address) = openssl(&sandbox, OWN);
    let report = ask(&sandbox, &address, "--store none --name localhost --trust own/ca.pem");
    expect(&report, Some("leaf-as-trust-anchor"));
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("--trust own/home.pem") && !fix.contains("pki issue"), "{fix}");
    sandbox.shell(&fix.replace("pki diagnose", "pki --store none diagnose")).exits(0);
    // The root beside the one that is trusted in vain.
    sandbox.shell("pki --store else init-ca --name 'Unrelated CA' >/dev/null; cp else/ca/root.pem own/ca.pem").exits(0);
    let report = ask(&sandbox, &address, "--store none --name localhost --trust own/ca.pem");
    expect(&report, Some("root-not-trusted"));
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains("--trust own/home.pem") && !fix.contains("pki issue"), "{fix}");
    sandbox.shell(&fix.replace("pki diagnose", "pki --store none diagnose")).exits(0);
}
