//! `pki trust`: what it puts into the stores of a machine is seen by the programs that read them, and what it takes out
//! leaves them as they were.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tests::peers::{peer, skipped};
use tests::ports::FreePort;
use tests::{Outcome, Running, Sandbox};

/// The machine of a made-up image: Debian's way of keeping roots, with two roots of a distribution, and a Java.
fn image() -> Option<Sandbox> {
    let (_, keytool) = (update_program()?, peer("keytool")?);
    let sandbox = issued();
    sandbox.pki(["init-ca", "--store", "other", "--name", "Other Root CA"]).exits(0);
    sandbox.pki(["init-ca", "--store", "another", "--name", "Another Root CA"]).exits(0);
    sandbox
        .shell(
            "mkdir -p img/etc/ssl/certs img/etc/ca-certificates/update.d img/usr/share/ca-certificates/some \
         img/usr/local/share/ca-certificates img/usr/lib/jvm/java-17/lib/security
         cp other/ca/root.pem img/usr/share/ca-certificates/some/other.crt
         cp another/ca/root.pem img/usr/share/ca-certificates/some/another.crt
         printf 'some/other.crt\\nsome/another.crt\\n' > img/etc/ca-certificates.conf",
        )
        .exits(0);
    let file = sandbox.file("img/usr/lib/jvm/java-17/lib/security/cacerts").display().to_string();
    let other = ["-importcert", "-noprompt", "-alias", "other", "-file", "other/ca/root.pem", "-storepass", "changeit"];
    sandbox.run(keytool, other.iter().copied().chain(["-keystore", &file])).exits(0);
    update(&sandbox);
    Some(sandbox)
}

fn update_program() -> Option<PathBuf> {
    let path = Path::new("/usr/sbin/update-ca-certificates");
    if !path.exists() {
        skipped("this system keeps its roots in another way than Debian's");
    }
    path.exists().then(|| path.to_owned())
}

fn update(sandbox: &Sandbox) {
    sandbox.shell(
        "/usr/sbin/update-ca-certificates --etccertsdir $PWD/img/etc/ssl/certs --localcertsdir $PWD/img/usr/local/share/ca-certificates \
         --certsdir $PWD/img/usr/share/ca-certificates --certsconf $PWD/img/etc/ca-certificates.conf --hooksdir $PWD/img/etc/ca-certificates/update.d",
    ).exits(0);
}

fn issued() -> Sandbox {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "localhost", "127.0.0.1"]).exits(0);
    sandbox
}

fn trust(sandbox: &Sandbox, arguments: &str) -> Outcome {
    sandbox.shell(&format!("pki trust {arguments}"))
}

/// What each store says, by its kind.
fn results(sandbox: &Sandbox, arguments: &str) -> BTreeMap<String, String> {
    let told = trust(sandbox, &format!("{arguments} --json")).json();
    let stores = told["roots"][0]["stores"].as_array().expect("an array of stores").clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    stores.iter().map(|it| (text(&it["store"]), text(&it["result"]))).collect()
}

fn are(pairs: [(&str, &str); 2]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(kind, result)| (kind.to_owned(), result.to_owned())).collect()
}

/// Every file and link of the image; Java's store by its entries, since keytool writes it anew.
fn snapshot(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let list = "find img -type l -printf '%p -> %l\\n' -o -type f ! -name cacerts -exec sha256sum {} + | sort";
    let java = "keytool -J-Duser.language=en -list -storepass changeit -keystore img/usr/lib/jvm/java-17/lib/security/cacerts | sort";
    [("files", list), ("java", java)]
        .map(|(name, command)| (name.to_owned(), sandbox.shell(command).exits(0).stdout))
        .into()
}

#[test]
fn what_is_installed_is_trusted_and_what_is_taken_out_leaves_no_trace() {
    let (Some(sandbox), Some(_)) = (image(), peer("openssl")) else { return };
    let before = snapshot(&sandbox);
    let verify = |option: &str| {
        sandbox.shell(&format!("openssl verify -no-CAfile -no-CApath {option} -untrusted store/certs/localhost/chain.pem store/certs/localhost/cert.pem 2>&1 || true"))
    };
    let options = ["-CAfile img/etc/ssl/certs/ca-certificates.crt", "-CApath img/etc/ssl/certs"];
    trust(&sandbox, "status --root img").exits(1).says("does not trust it");
    trust(&sandbox, "install --root img --dry-run").exits(0).says("update-ca-certificates").says("keytool -importcert");
    assert_eq!(snapshot(&sandbox), before);
    assert_eq!(results(&sandbox, "install --root img"), are([("system", "installed"), ("java", "installed")]));
    trust(&sandbox, "status --root img").exits(0).says("installed by pki");
    for option in options {
        verify(option).says(": OK");
    }
    let after = snapshot(&sandbox);
    assert_ne!(after, before);
    assert_eq!(after["java"].matches("trustedCertEntry").count(), 2, "{}", after["java"]);
    assert_eq!(results(&sandbox, "install --root img"), are([("system", "trusted"), ("java", "trusted")]));
    assert_eq!(snapshot(&sandbox), after, "installing twice is no change");
    assert_eq!(results(&sandbox, "uninstall --root img"), are([("system", "removed"), ("java", "removed")]));
    assert_eq!(snapshot(&sandbox), before);
    for option in options {
        verify(option).does_not_say(": OK");
    }
    assert_eq!(results(&sandbox, "uninstall --root img"), are([("system", "absent"), ("java", "absent")]));
}

/// Debian's hook writes what the system's store got into Java's as well, and is not told when a root goes.
#[test]
fn what_the_systems_hook_puts_into_javas_store_is_taken_out_with_it() {
    let Some(sandbox) = image() else { return };
    let store = "img/usr/lib/jvm/java-17/lib/security/cacerts";
    let place = "img/etc/ssl/certs/java";
    sandbox.shell(&format!("mkdir {place}; mv {store} {place}/; ln -s $PWD/{place}/cacerts {store}")).exits(0);
    let hook = "img/etc/ca-certificates/update.d/jks-keystore";
    let import = format!(
        "#!/bin/sh\nsed -n 's/^+//p' | while read -r file; do keytool -importcert -noprompt -storepass changeit -file \"$file\" \
         -alias \"debian:$(basename \"$file\")\" -keystore '{}/{place}/cacerts'; done\n",
        sandbox.path().display()
    );
    sandbox.write(hook, import);
    sandbox.shell(&format!("chmod 755 {hook}")).exits(0);
    let before = snapshot(&sandbox);
    assert_eq!(results(&sandbox, "install --root img"), are([("system", "installed"), ("java", "installed")]));
    let after = snapshot(&sandbox);
    assert!(after["java"].contains("debian:pki-"), "the hook was run: {}", after["java"]);
    assert_eq!(after["java"].matches("trustedCertEntry").count(), 2, "once is enough: {}", after["java"]);
    // As a version before this one left it: by both names.
    let name =
        after["java"].lines().find_map(|line| line.strip_prefix("debian:")?.split('.').next()).expect("its name");
    let twice = format!(
        "keytool -importcert -noprompt -alias {name} -file store/ca/root.pem -storepass changeit -keystore {place}/cacerts"
    );
    sandbox.shell(&twice).exits(0);
    assert_eq!(results(&sandbox, "uninstall --root img"), are([("system", "removed"), ("java", "removed")]));
    assert_eq!(snapshot(&sandbox), before);
    assert_eq!(results(&sandbox, "status --root img"), are([("system", "not-trusted"), ("java", "not-trusted")]));
}

/// A file of a root is no store's, and where nothing is changed there is nothing to tell.
#[test]
fn changes_of_trust_are_in_the_stores_log() {
    let Some(_) = peer("certutil") else { return };
    let sandbox = issued();
    sandbox.shell("mkdir -p home/.pki/nssdb && certutil -N -d sql:home/.pki/nssdb --empty-password").exits(0);
    let entries = || {
        let log = sandbox.pki(["log", "--json"]).exits(0).json();
        let entries = log.as_array().expect("an array").iter().filter(|entry| entry["operation"] == "trust");
        entries.map(|entry| entry["detail"].clone()).collect::<Vec<_>>()
    };
    for arguments in
        ["status", "install --dry-run", "uninstall", "install store/ca/root.pem", "uninstall store/ca/root.pem"]
    {
        trust(&sandbox, &format!("{arguments} --only nss"));
        assert_eq!(entries(), Vec::<Value>::new(), "{arguments}");
    }
    let root =
        sandbox.shell("openssl x509 -in store/ca/root.pem -outform DER | sha256sum").exits(0).stdout[..64].to_owned();
    let profile = sandbox.file("home/.pki/nssdb").display().to_string();
    for action in ["install", "uninstall"] {
        for _ in ["changes it", "changes nothing any more"] {
            trust(&sandbox, &format!("{action} --only nss")).exits(0);
        }
        let told = trust(&sandbox, &format!("{action} --only nss --json")).json();
        assert_eq!(told["logged"], Value::Null, "nothing was changed any more: {told}");
        let found = entries();
        let due = serde_json::json!({"action": action, "roots": [root], "stores": [profile]});
        assert_eq!(found.last(), Some(&due), "{found:?}");
    }
    assert_eq!(entries().len(), 2);
    sandbox.pki(["log", "verify"]).exits(0);
}

/// Both roots of a roll-over, and the old one alone out again once it has gone.
#[test]
fn both_roots_of_a_roll_over_are_installed() {
    let Some(sandbox) = image() else { return };
    let before = snapshot(&sandbox);
    sandbox.shell("cp store/ca/root.pem old.pem && pki rollover --root").exits(0);
    let told = trust(&sandbox, "install --root img --json").exits(0).json();
    let roots = told["roots"].as_array().expect("an array of roots");
    assert_eq!(roots.len(), 2, "{told}");
    assert!(roots.iter().all(|root| root["stores"][0]["result"] == "installed"), "{told}");
    assert_eq!(results(&sandbox, "uninstall old.pem --root img"), are([("system", "removed"), ("java", "removed")]));
    trust(&sandbox, "status old.pem --root img").exits(1);
    trust(&sandbox, "uninstall --root img").exits(0).says("removed").says("not there");
    assert_eq!(snapshot(&sandbox), before);
}

/// A copy of the file that this machine's Java has, with the hundred and more roots of its distribution.
#[test]
fn a_distributions_own_cacerts_takes_the_root_and_loses_none_of_its_own() {
    let Some(sandbox) = image() else { return };
    let own = Path::new("/etc/ssl/certs/java/cacerts");
    if !own.exists() {
        return skipped("this system keeps no /etc/ssl/certs/java/cacerts");
    }
    let place = sandbox.file("img/usr/lib/jvm/java-17/lib/security/cacerts");
    std::fs::copy(own, &place).expect("a copy");
    let roots = || {
        let keystore = place.display().to_string();
        let list = ["-J-Duser.language=en", "-list", "-rfc", "-storepass", "changeit", "-keystore", &keystore];
        let listed = sandbox.run("keytool", list).exits(0).stdout;
        let names = listed.lines().filter(|line| line.starts_with("Alias name: ")).map(str::to_owned);
        (names.collect::<std::collections::BTreeSet<_>>(), listed.matches("BEGIN CERTIFICATE").count())
    };
    let (names, count) = roots();
    assert!(count > 50, "the roots of a distribution: {count}");
    assert_eq!(results(&sandbox, "install --root img --only java")["java"], "installed");
    let (more, counted) = roots();
    assert_eq!((more.len(), counted), (names.len() + 1, count + 1));
    assert!(more.is_superset(&names));
    trust(&sandbox, "status --root img --only java").exits(0);
    assert_eq!(results(&sandbox, "uninstall --root img --only java")["java"], "removed");
    assert_eq!(roots(), (names, count));
}

/// The same root under names of others: trusted, and not ours to take out.
#[test]
fn what_others_put_there_stays() {
    let Some(sandbox) = image() else { return };
    sandbox.shell("cp store/ca/root.pem img/usr/local/share/ca-certificates/ours.crt").exits(0);
    update(&sandbox);
    let java = "keytool -importcert -noprompt -alias ours -file store/ca/root.pem -storepass changeit -keystore img/usr/lib/jvm/java-17/lib/security/cacerts";
    sandbox.shell(java).exits(0);
    let before = snapshot(&sandbox);
    assert_eq!(results(&sandbox, "install --root img"), are([("system", "trusted"), ("java", "trusted")]));
    trust(&sandbox, "status --root img").exits(0).says("not installed by pki");
    assert_eq!(results(&sandbox, "uninstall --root img"), are([("system", "left"), ("java", "left")]));
    assert_eq!(snapshot(&sandbox), before);
}

/// A root that was appended to the bundle by hand would be gone with the next update: that is not ours to do.
#[test]
fn a_bundle_that_would_lose_a_root_is_left_as_it_is() {
    let Some(sandbox) = image() else { return };
    sandbox.pki(["init-ca", "--store", "third", "--name", "Third Root CA"]).exits(0);
    sandbox.shell("cat third/ca/root.pem >> img/etc/ssl/certs/ca-certificates.crt").exits(0);
    let before = snapshot(&sandbox);
    trust(&sandbox, "install --root img --only system").exits(1).says("holds roots (1)").says("left as it was");
    sandbox.pki(["log"]).exits(0).says("not_changed=").says("img/");
    assert_eq!(snapshot(&sandbox), before);
}

#[test]
fn every_profile_of_the_user_is_reached_through_certutil() {
    let Some(_) = peer("certutil") else { return };
    let sandbox = issued();
    let profiles = [".pki/nssdb", ".mozilla/firefox/x.default", "snap/firefox/common/.mozilla/firefox/y.default"];
    for profile in profiles {
        sandbox
            .shell(&format!("mkdir -p home/{profile} && certutil -N -d sql:home/{profile} --empty-password"))
            .exits(0);
        let certificates = [("leaf", "cert.pem"), ("issuing", "chain.pem")];
        for (name, file) in certificates {
            sandbox
                .shell(&format!("certutil -A -d sql:home/{profile} -n {name} -t ,, -i store/certs/localhost/{file}"))
                .exits(0);
        }
    }
    let listed =
        || profiles.map(|profile| sandbox.shell(&format!("certutil -L -d sql:home/{profile}")).exits(0).stdout);
    let valid =
        |profile: &str| sandbox.shell(&format!("certutil -V -d sql:home/{profile} -n leaf -u V 2>&1 || true")).stdout;
    let before = listed();
    let told = trust(&sandbox, "install --only nss --json").exits(0).json();
    assert_eq!(told["roots"][0]["stores"].as_array().map(Vec::len), Some(profiles.len()), "{told}");
    for profile in profiles {
        assert!(valid(profile).contains("certificate is valid"), "{}", valid(profile));
    }
    trust(&sandbox, "install --only nss").exits(0).says("trusts it, installed by pki");
    trust(&sandbox, "uninstall --only nss").exits(0).says("removed");
    assert_eq!(listed(), before);
    for profile in profiles {
        assert!(!valid(profile).contains("certificate is valid"), "{}", valid(profile));
    }
}

#[test]
fn what_a_user_imported_into_a_profile_is_not_touched() {
    let Some(_) = peer("certutil") else { return };
    let sandbox = issued();
    sandbox.shell("mkdir -p home/.pki/nssdb && certutil -N -d sql:home/.pki/nssdb --empty-password").exits(0);
    let list = || sandbox.shell("certutil -L -d sql:home/.pki/nssdb").exits(0).stdout;
    sandbox.shell("certutil -A -d sql:home/.pki/nssdb -n 'my own root' -t CT,, -i store/ca/root.pem").exits(0);
    let before = list();
    trust(&sandbox, "install --only nss").exits(0).says("not installed by pki");
    trust(&sandbox, "uninstall --only nss").exits(0).says("left");
    assert_eq!(list(), before);
    sandbox.shell("certutil -M -d sql:home/.pki/nssdb -n 'my own root' -t ,,").exits(0);
    let before = list();
    trust(&sandbox, "install --only nss").exits(1).says("without trust");
    assert_eq!(list(), before);
}

#[test]
fn what_is_no_root_is_refused_and_where_nothing_is_there_that_is_said() {
    let sandbox = issued();
    trust(&sandbox, "install store/certs/localhost/cert.pem --only nss").exits(3).says("no CA's");
    trust(&sandbox, "install none.pem --only nss").exits(3).says("none.pem");
    trust(&sandbox, "status --only nss").exits(1).says("no profile");
    sandbox.shell("mkdir -p empty && pki trust status --root empty").exits(1).says("Debian, Fedora, Arch");
}

/// Without root's rights the system's store stays as it is, and the command that changes it is printed.
#[test]
fn what_needs_root_is_said_with_its_command() {
    let (Some(sandbox), Some(setpriv)) = (image(), peer("setpriv")) else { return };
    if sandbox.shell("id -u").exits(0).stdout.trim() != "0" {
        return skipped("it takes root's rights to give them up");
    }
    sandbox.shell("chmod -R go+rX . && cp store/ca/root.pem root.pem && chmod 644 root.pem").exits(0);
    let program = tests::programs::pki().display().to_string();
    let reachable = sandbox.run(&setpriv, ["--reuid=65534", "--regid=65534", "--clear-groups", &program, "--version"]);
    if !reachable.succeeded() {
        // A program below a folder of root's alone cannot be started by anybody else: a copy can.
        std::fs::copy(&program, sandbox.file("pki-copy")).expect("the sandbox can be written");
    }
    let program = if reachable.succeeded() { program } else { sandbox.file("pki-copy").display().to_string() };
    let before = snapshot(&sandbox);
    let arguments =
        ["--reuid=65534", "--regid=65534", "--clear-groups", &program, "trust", "install", "root.pem", "--root", "img"];
    let outcome = sandbox.run(setpriv, arguments).exits(1);
    outcome.says("needs root's rights").says("sudo ").says("--only system,java");
    assert_eq!(snapshot(&sandbox), before);
}

/// The machine's own store, in a mount namespace of its own: the paths are the real ones, and whatever happens, the end of
/// the process undoes it.
#[test]
fn programs_that_know_nothing_of_us_trust_what_the_systems_store_trusts() {
    let (Some(_), Some(openssl), Some(_), Some(python)) =
        (update_program(), peer("openssl"), peer("curl"), peer("python3"))
    else {
        return;
    };
    let sandbox = issued();
    if !sandbox.shell("unshare --mount true").succeeded() {
        return skipped("this user may not make a mount namespace");
    }
    let (server, port) = web_server(&sandbox, &openssl);
    let ask = format!("curl -q -s --max-time 30 -o /dev/null https://localhost:{port}/");
    sandbox.write(
        "ask.py",
        format!("import urllib.request\nurllib.request.urlopen('https://localhost:{port}/', timeout=30).read()\n"),
    );
    let ask_python = format!("SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt {} ask.py", python.display());
    let script = format!(
        "cp -a /etc/ssl ssl && mount --bind ssl /etc/ssl
         cp -a /usr/local/share/ca-certificates local && mount --bind local /usr/local/share/ca-certificates
         mkdir hooks && mount --bind hooks /etc/ca-certificates/update.d
         update-ca-certificates >/dev/null
         state() {{ find /etc/ssl /usr/local/share/ca-certificates -type l -printf '%p -> %l\\n' -o -type f -exec sha256sum {{}} + | sort; }}
         state > before
         ! {ask}
         pki trust install --only system
         {ask}
         {ask_python}
         pki trust status --only system
         pki trust uninstall --only system
         state > after
         cmp before after
         ! {ask}
         echo undone"
    );
    sandbox.run("unshare", ["--mount", "--propagation", "private", "sh", "-e", "-c", &script]).exits(0).says("undone");
    drop(server);
}

fn web_server(sandbox: &Sandbox, openssl: &Path) -> (Running, u16) {
    let port = FreePort::take();
    let files = "-cert store/certs/localhost/cert.pem -cert_chain store/certs/localhost/chain.pem -key store/certs/localhost/privkey.pem";
    let arguments = format!("s_server -www -naccept 100 -accept {} {files}", port.address());
    let server = sandbox.start(openssl, arguments.split_whitespace());
    server.line("ACCEPT");
    (server, port.number())
}
