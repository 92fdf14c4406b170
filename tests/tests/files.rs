//! Files of every form, and every fault that a file can have: made by hand or by openssl and keytool, named with its
//! place, and mended by what the report says to type.

use std::path::Path;

use serde_json::Value;
use tests::Sandbox;
use tests::chains::{GOOD, HOST};
use tests::peers::peer;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// What is done to the text of one of the scene's files.
type Damage = fn(&str) -> Vec<u8>;

struct Fault {
    /// The option that takes the file.
    flag: &'static str,
    /// What tells this row from another.
    what: &'static str,
    damage: Damage,
    /// The cause of the report.
    code: &'static str,
    verdict: &'static str,
    /// The evidence that gives the place, and its value.
    place: &'static [(&'static str, u64)],
}

const fn fault(
    flag: &'static str,
    what: &'static str,
    damage: Damage,
    code: &'static str,
    verdict: &'static str,
    place: &'static [(&'static str, u64)],
) -> Fault {
    Fault { flag, what, damage, code, verdict, place }
}

fn text(text: impl Into<String>) -> Vec<u8> {
    text.into().into_bytes()
}

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{}", text.replace('\n', "\r\n")).encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn indented(pem: &str) -> Vec<u8> {
    text(pem.lines().map(|line| format!("    {line}\n")).collect::<String>())
}

/// The line of that number, from 1, changed.
fn line(pem: &str, number: usize, change: fn(&str) -> String) -> Vec<u8> {
    let changed = (1..).zip(pem.lines()).map(|(at, line)| if at == number { change(line) } else { line.to_owned() });
    text(changed.map(|line| line + "\n").collect::<String>())
}

fn joined(pem: &str) -> Vec<u8> {
    text(format!("{}{pem}", pem.trim_end()))
}

/// Line ends of a Mac of old.
fn old(pem: &str) -> Vec<u8> {
    text(pem.replace('\n', "\r"))
}

fn escaped(pem: &str) -> Vec<u8> {
    text(pem.replace('\n', "\\n"))
}

/// The base64 alone.
fn without_boundaries(pem: &str) -> Vec<u8> {
    text(pem.lines().filter(|line| !line.starts_with('-')).map(|line| format!("{line}\n")).collect::<String>())
}

/// The same around each line.
fn around(pem: &str, before: &str, behind: &str) -> Vec<u8> {
    text(pem.lines().map(|line| format!("{before}{line}{behind}\n")).collect::<String>())
}

fn base64(octets: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = octets.chunks(3).map(|group| {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(*group.get(at).unwrap_or(&0)));
        let digit = |at: usize| if at <= group.len() { char::from(DIGITS[bits >> (18 - 6 * at) & 63]) } else { '=' };
        (0..4).map(digit).collect::<String>()
    });
    groups.collect()
}

/// Only the first half of the lines.
fn cut(pem: &str) -> Vec<u8> {
    let lines: Vec<&str> = pem.lines().collect();
    text(lines[..lines.len() / 2].join("\n"))
}

/// A line of base64 is lost, and the END is there.
fn shortened(pem: &str) -> Vec<u8> {
    text(pem.lines().enumerate().filter(|(at, _)| *at != 3).map(|(_, line)| format!("{line}\n")).collect::<String>())
}

const FAULTS: &[Fault] = &[
    fault("--trust", "empty", |_| Vec::new(), "file-empty", "invalid", &[]),
    fault(
        "--trust",
        "a web page",
        |_| text("<html><body>404 Not Found</body></html>\n"),
        "file-is-other",
        "invalid",
        &[],
    ),
    fault("--chain", "text", |_| text("see the wiki\n"), "file-is-other", "invalid", &[]),
    fault("--key", "text", |_| text("see the wiki\n"), "file-is-other", "invalid", &[]),
    fault("--trust", "zeros", |_| vec![0; 512], "file-is-other", "invalid", &[]),
    fault(
        "--trust",
        "a prompt behind the END",
        |pem| text(format!("{}me@host:~$ ", pem.trim_end())),
        "file-bad-boundary",
        "invalid",
        &[("line", 11)],
    ),
    fault(
        "--trust",
        "cut off in its END",
        |pem| text(&pem[..pem.len() - 10]),
        "file-truncated",
        "invalid",
        &[("line", 1)],
    ),
    fault("--trust", "gzip data", |_| b"\x1f\x8b\x08\0\0\0".to_vec(), "file-is-other", "invalid", &[]),
    fault(
        "--trust",
        "an OpenSSH public key",
        |_| text("ssh-ed25519 AAAA me@host\n"),
        "file-is-ssh-key",
        "invalid",
        &[],
    ),
    fault("--trust", "no boundaries", without_boundaries, "file-bad-boundary", "invalid", &[("line", 1)]),
    fault("--key", "no boundaries", without_boundaries, "file-bad-boundary", "invalid", &[("line", 1)]),
    fault("--trust", "byte order mark", |pem| text(format!("\u{feff}{pem}")), "file-has-bom", "valid", &[]),
    fault("--chain", "byte order mark", |pem| text(format!("\u{feff}{pem}")), "file-has-bom", "valid", &[]),
    fault("--trust", "UTF-16", utf16, "file-is-utf16", "invalid", &[]),
    fault("--key", "UTF-16", utf16, "file-is-utf16", "invalid", &[]),
    fault("--chain", "UTF-16", utf16, "file-is-utf16", "invalid", &[]),
    fault("--trust", "indented", indented, "file-indented", "valid", &[("line", 1)]),
    fault("--key", "indented", indented, "file-indented", "invalid", &[("line", 1)]),
    fault(
        "--trust",
        "a block that is commented out",
        |pem| [around(pem, "# ", ""), text(pem)].concat(),
        "file-has-text",
        "valid",
        &[("line", 1)],
    ),
    fault(
        "--trust",
        "a header before the base64",
        |pem| line(pem, 1, |line| format!("{line}\nSubject: CN=Example\n")),
        "file-bad-base64",
        "invalid",
        &[("line", 2), ("column", 8)],
    ),
    fault("--chain", "on one line", |pem| text(pem.replace('\n', " ")), "file-one-line", "invalid", &[("line", 1)]),
    fault("--trust", "on one line", |pem| text(pem.replace('\n', "")), "file-one-line", "valid", &[("line", 1)]),
    fault("--trust", "carriage returns", old, "file-one-line", "valid", &[("line", 1), ("column", 28)]),
    fault("--chain", "escaped", escaped, "file-escaped-newlines", "invalid", &[("line", 1), ("column", 28)]),
    fault("--key", "escaped", escaped, "file-escaped-newlines", "invalid", &[("line", 1), ("column", 28)]),
    fault("--trust", "joined", joined, "file-joined-blocks", "invalid", &[("line", 11)]),
    fault("--trust", "cut off", cut, "file-truncated", "invalid", &[("line", 1)]),
    fault("--key", "cut off", cut, "file-truncated", "invalid", &[("line", 1)]),
    fault("--trust", "a line lost", shortened, "file-truncated", "invalid", &[("line", 1)]),
    fault(
        "--trust",
        "a character lost",
        |pem| line(pem, 3, |line| line[1..].to_owned()),
        "file-truncated",
        "invalid",
        &[("line", 1)],
    ),
    fault(
        "--chain",
        "no base64",
        |pem| line(pem, 3, |line| format!("{}!{}", &line[..11], &line[12..])),
        "file-bad-base64",
        "invalid",
        &[("line", 3)],
    ),
    fault(
        "--chain",
        "an empty line between all lines",
        |pem| text(pem.replace('\n', "\n\n")),
        "file-bad-base64",
        "valid",
        &[("line", 4)],
    ),
    fault(
        "--trust",
        "an empty line",
        |pem| line(pem, 3, |line| format!("\n{line}")),
        "file-bad-base64",
        "valid",
        &[("line", 3)],
    ),
    fault(
        "--trust",
        "four dashes",
        |pem| text(pem.replace("-----BEGIN", "----BEGIN")),
        "file-bad-boundary",
        "invalid",
        &[("line", 1)],
    ),
    fault(
        "--key",
        "no dashes",
        |pem| text(pem.replace("-----BEGIN PRIVATE KEY-----", "BEGIN PRIVATE KEY")),
        "file-bad-boundary",
        "invalid",
        &[("line", 1)],
    ),
    fault(
        "--trust",
        "long dashes",
        |pem| text(pem.replace("-----", "—–")),
        "file-bad-boundary",
        "invalid",
        &[("line", 1)],
    ),
    fault(
        "--chain",
        "base64 beside the BEGIN",
        |pem| text(pem.replacen("-----\n", "-----", 1)),
        "file-bad-boundary",
        "invalid",
        &[("line", 1)],
    ),
    fault(
        "--trust",
        "a no-break space behind a line",
        |pem| line(pem, 3, |line| format!("{line}\u{a0}")),
        "file-bad-base64",
        "valid",
        &[("line", 3), ("column", 65)],
    ),
    fault(
        "--trust",
        "no-break spaces of Latin-1",
        |pem| pem.bytes().flat_map(|octet| if octet == b'\n' { vec![0xa0, b'\n'] } else { vec![octet] }).collect(),
        "file-bad-base64",
        "valid",
        &[("line", 1), ("column", 28)],
    ),
    fault(
        "--key",
        "a zero-width space in a line",
        |pem| line(pem, 2, |line| format!("{}\u{200b}{}", &line[..9], &line[9..])),
        "file-bad-base64",
        "invalid",
        &[("line", 2), ("column", 10)],
    ),
    fault(
        "--trust",
        "a zero-width space before the BEGIN",
        |pem| text(format!("\u{200b}{pem}")),
        "file-bad-boundary",
        "valid",
        &[("line", 1), ("column", 1)],
    ),
    fault(
        "--trust",
        "a later mark",
        |pem| text(format!("{pem}\u{feff}{pem}")),
        "file-has-bom",
        "valid",
        &[("line", 12)],
    ),
    fault(
        "--trust",
        "quoted mail",
        |pem| around(pem, "> ", ""),
        "file-bad-boundary",
        "invalid",
        &[("line", 1), ("column", 1)],
    ),
    fault(
        "--key",
        "quoted mail",
        |pem| around(pem, "> ", ""),
        "file-bad-boundary",
        "invalid",
        &[("line", 1), ("column", 1)],
    ),
    fault(
        "--chain",
        "lines of HTML",
        |pem| around(pem, "", "<br>"),
        "file-bad-boundary",
        "invalid",
        &[("line", 1), ("column", 28)],
    ),
    fault(
        "--trust",
        "HTML",
        |pem| text(format!("<pre>{}</pre>", pem.trim_end().replace('\n', "<br/>"))),
        "file-bad-base64",
        "invalid",
        &[("line", 1), ("column", 33)],
    ),
    fault(
        "--trust",
        "a string of JSON",
        |pem| text(format!("{{\"ca\": \"{}\"}}\n", pem.replace('\n', "\\n"))),
        "file-escaped-newlines",
        "invalid",
        &[("line", 1), ("column", 36)],
    ),
    fault(
        "--trust",
        "a block of YAML",
        |pem| text(format!("ca: |\n{}", String::from_utf8_lossy(&indented(pem)))),
        "file-indented",
        "valid",
        &[("line", 2)],
    ),
    fault(
        "--trust",
        "an array of JSON",
        |pem| around(pem, "  \"", "\","),
        "file-bad-boundary",
        "invalid",
        &[("line", 1), ("column", 1)],
    ),
    fault(
        "--key",
        "base64 twice, as a secret has it",
        |pem| text(format!("data:\n  tls.key: {}\n", base64(pem.as_bytes()))),
        "file-bad-boundary",
        "invalid",
        &[("line", 2), ("column", 12)],
    ),
    fault(
        "--trust",
        "a URL",
        |pem| text(pem.replace('\n', "%0A").replace(' ', "%20").replace('+', "%2B")),
        "file-bad-boundary",
        "invalid",
        &[("line", 1), ("column", 11)],
    ),
    fault(
        "--trust",
        "labels that differ",
        |pem| text(pem.replace("END CERTIFICATE", "END X509 CRL")),
        "file-wrong-label",
        "invalid",
        &[("line", 11)],
    ),
    fault(
        "--trust",
        "label of a key",
        |pem| text(pem.replace("CERTIFICATE", "PRIVATE KEY")),
        "file-wrong-label",
        "invalid",
        &[("line", 1)],
    ),
    fault(
        "--trust",
        "an old label",
        |pem| text(pem.replace("CERTIFICATE", "X509 CERTIFICATE")),
        "file-wrong-label",
        "valid",
        &[("line", 1)],
    ),
    fault(
        "--key",
        "label of a certificate",
        |pem| text(pem.replace("PRIVATE KEY", "CERTIFICATE")),
        "key-wrong-label",
        "invalid",
        &[("line", 1)],
    ),
    fault(
        "--key",
        "the label of an encrypted one",
        |pem| text(pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")),
        "key-wrong-label",
        "valid",
        &[("line", 1)],
    ),
    fault(
        "--key",
        "label of another form",
        |pem| text(pem.replace("PRIVATE KEY", "RSA PRIVATE KEY")),
        "key-wrong-label",
        "valid",
        &[("line", 1)],
    ),
];

#[test]
fn every_fault_of_form_is_named_with_its_place_and_mended_by_what_is_typed() {
    let Some(_) = peer("openssl") else { return };
    let scene = made();
    let wrong: Vec<String> = FAULTS.iter().filter_map(|fault| check(&scene, fault).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is made of the CA file, from root.pem and another.pem; the cause, the verdict, and how many of the fourteen clients refuse.
const CA_FILES: &[(&str, &str, &str, usize)] = &[
    // The settings of OpenSSL behind a certificate: what they do not name, and what they name to refuse.
    ("openssl x509 -in root.pem -trustout -addtrust serverAuth -out trust.pem", "file-wrong-label", "valid", 8),
    ("openssl x509 -in root.pem -trustout -addtrust clientAuth -out trust.pem", "file-wrong-label", "invalid", 14),
    ("openssl x509 -in root.pem -trustout -addreject serverAuth -out trust.pem", "file-wrong-label", "invalid", 14),
    ("openssl x509 -in root.pem -trustout -addreject emailProtection -out trust.pem", "file-wrong-label", "valid", 8),
    // What one block has is no matter to those that find the root in another.
    ("sed 's/^/> /' another.pem | cat - root.pem > trust.pem", "file-bad-boundary", "valid", 4),
    ("{ cat root.pem; sed 's/^/> /' another.pem; } > trust.pem", "file-bad-boundary", "valid", 2),
    ("sed 's/^/  /' another.pem | cat - root.pem > trust.pem", "file-indented", "valid", 2),
    ("sed 1d another.pem | cat root.pem - > trust.pem", "file-bad-boundary", "valid", 1),
    ("sed 's/CERTIFICATE/CA CERTIFICATE/' another.pem | cat root.pem - > trust.pem", "", "valid", 0),
    ("sed '$d' another.pem | cat - root.pem > trust.pem", "file-truncated", "invalid", 11),
    ("{ cat root.pem; openssl pkey -in root.key -pubout; } > trust.pem", "file-is-public-key", "valid", 1),
    // What some client reads out of it, though it is no whole file.
    ("{ openssl x509 -in root.pem -outform DER; echo; } > trust.pem", "file-is-der", "valid", 13),
    ("sed '$d' root.pem | cat - another.pem > trust.pem", "file-truncated", "valid", 6),
    // What it is, told by more than the first octets.
    (
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -outform PEM | openssl ec 2>/dev/null > k; { openssl ecparam -name prime256v1; cat k; } > trust.pem",
        "file-is-private-key",
        "invalid",
        14,
    ),
    ("{ cat another.pem; sed 's/$/\\r/' root.pem | iconv -t UTF-16LE; } > trust.pem", "file-is-utf16", "invalid", 14),
    ("printf '\\357\\273\\277\\n' > trust.pem", "file-empty", "invalid", 14),
    ("sed 's/CERTIFICATE/PKCS7/' root.pem > trust.pem", "file-wrong-label", "invalid", 11),
    ("sed 's/-----/=====/g' root.pem > trust.pem", "file-bad-boundary", "invalid", 14),
    ("{ printf CA=; tr '\\n' ' ' < root.pem; echo; } > trust.pem", "file-one-line", "valid", 12),
];

#[test]
fn a_ca_file_weighs_as_much_as_the_clients_that_it_keeps_out() {
    let Some(_) = peer("openssl") else { return };
    let scene = made();
    scene.shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout k -subj /CN=Another -out another.pem").exits(0);
    let mut wrong = Vec::new();
    for (command, code, verdict, refusing) in CA_FILES {
        let sandbox = copy(&scene);
        sandbox.shell(command).exits(0);
        let report = ask(&sandbox, &[]);
        let clients = report["clients"].as_array().expect("there are clients");
        let refused = clients.iter().filter(|client| client["verdict"] == "rejects").count();
        let cause = report["cause"]["code"].as_str().unwrap_or_default();
        if (cause, report["verdict"].as_str(), refused) != (*code, Some(*verdict), *refusing) {
            wrong.push(format!(
                "{command}: {cause}, {}, {refused} refuse: {}",
                report["verdict"], report["cause"]["message"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_harmless_is_a_note_at_most() {
    let Some(_) = peer("openssl") else { return };
    let scene = made();
    let harmless: [(&str, Damage); 4] = [
        ("CRLF", |pem| text(pem.replace('\n', "\r\n"))),
        ("text", |pem| text(format!("Subject: CN=x\n{pem}and more\n"))),
        ("indented base64", |pem| line(pem, 3, |line| format!("  {line}"))),
        ("no last line feed", |pem| text(pem.trim_end())),
    ];
    for (what, damage) in harmless {
        let sandbox = copy(&scene);
        sandbox.write("trust.pem", damage(&sandbox.read("trust.pem")));
        let report = ask(&sandbox, &[]);
        assert_eq!((&report["verdict"], &report["cause"]), (&"valid".into(), &Value::Null), "{what}: {report:#}");
    }
}

#[test]
fn a_certificate_whose_key_was_damaged_is_told_from_one_of_another_key() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = copy(&made());
    let damage = "openssl x509 -in chain.pem -outform DER -out d
        at=$(openssl asn1parse -in chain.pem | sed -n '/BIT STRING/{s/:.*//p;q}')
        printf 'xyz' | dd of=d bs=1 seek=$((at + 20)) conv=notrunc 2>/dev/null
        openssl asn1parse -inform DER -in d -noout
        { echo '-----BEGIN CERTIFICATE-----'; base64 -w 64 d; echo '-----END CERTIFICATE-----'; } > chain.pem";
    sandbox.shell(damage).exits(0);
    let report = ask(&sandbox, &[]);
    assert_eq!(report["cause"]["code"], "certificate-corrupt", "{report:#}");
    mend(&sandbox, &report).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn files_that_hold_something_else_are_named() {
    let Some(_) = peer("openssl") else { return };
    let scene = made();
    let rows = [
        ("trust.pem", "openssl req -new -key leaf.key -subj /CN=x -out trust.pem", "file-is-csr"),
        ("trust.pem", "openssl x509 -in root.pem -noout -pubkey > trust.pem", "file-is-public-key"),
        ("trust.pem", "cp root.key trust.pem", "file-is-private-key"),
        ("trust.pem", "rm trust.pem", "file-missing"),
        ("trust.pem", "rm trust.pem && mkdir trust.pem", "file-is-directory"),
        ("trust.pem", "cat root.pem root.key > trust.pem", "file-has-key"),
        ("trust.pem", "openssl x509 -in root.pem -outform DER -out trust.pem", "file-is-der"),
        ("trust.pem", "openssl crl2pkcs7 -nocrl -certfile root.pem -out trust.pem", "file-is-pkcs7"),
        (
            "chain.pem",
            "openssl crl2pkcs7 -nocrl -certfile chain.pem -outform DER -out c && mv c chain.pem",
            "file-is-pkcs7",
        ),
        (
            "chain.pem",
            "cp chain.pem c && cp server.key chain.pem && cp c server.key && chmod 600 server.key",
            "files-swapped",
        ),
        ("server.key", "openssl pkey -in leaf.key -outform DER -out server.key", "file-is-der"),
        ("server.key", "openssl pkey -in leaf.key -pubout -out server.key", "file-is-public-key"),
        ("server.key", "rm server.key", "file-missing"),
        ("server.key", "cp chain.pem server.key && chmod 600 server.key", "file-is-certificate"),
        ("trust.pem", "openssl dhparam -dsaparam -out trust.pem 512", "file-is-other"),
        ("trust.pem", "openssl x509 -in root.pem -outform DER | head -c 200 > trust.pem", "file-truncated"),
    ];
    for (file, command, code) in rows {
        let sandbox = copy(&scene);
        sandbox.shell(command).exits(0);
        let report = ask(&sandbox, &[]);
        assert_eq!(report["cause"]["code"], code, "{file}: {command}: {report:#}");
        mend(&sandbox, &report).unwrap_or_else(|why| panic!("{command}: {why}"));
    }
}

#[test]
fn pkcs12_in_every_encryption_is_opened_judged_and_mended() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made();
    let export = "openssl pkcs12 -export -in chain.pem -inkey server.key";
    sandbox.write("pass", "correct horse\n");
    sandbox.write("wrong", "battery staple\n");
    for (flags, file, code) in [
        ("-passout file:pass", "modern.p12", "file-is-pkcs12"),
        ("-passout file:pass -legacy", "legacy.p12", "pkcs12-legacy-encryption"),
        ("-passout pass:", "open.p12", "file-is-pkcs12"),
        ("-passout file:pass -keypbe AES-128-CBC -certpbe NONE", "half.p12", "file-is-pkcs12"),
    ] {
        sandbox.shell(&format!("{export} {flags} -out {file} && chmod 600 {file}")).exits(0);
        let question = ["--chain", file, "--key", file, "--passphrase-file", "pass"];
        let report = sandbox.pki(diagnose(&question)).exits(1).json();
        assert_eq!(report["cause"]["code"], code, "{report:#}");
        assert_eq!(report["chain"].as_array().map(Vec::len), Some(3), "what is in it is judged: {report:#}");
        if code.contains("legacy") {
            assert!(fix_of(&report).contains("-legacy"), "{report:#}");
        }
        mend(&sandbox, &report).unwrap_or_else(|why| panic!("{file}: {why}"));
        mode_is_0600(&sandbox, &report);
    }
    let report = sandbox.pki(diagnose(&["--chain", "modern.p12", "--passphrase-file", "wrong"])).exits(1).json();
    assert_eq!(report["cause"]["code"], "password-wrong", "{report:#}");
    let report = sandbox.pki(diagnose(&["--chain", "modern.p12"])).exits(1).json();
    assert_eq!(report["cause"]["code"], "file-is-pkcs12", "{report:#}");
    assert!(fix_of(&report).contains("--passphrase-file"), "{report:#}");
    sandbox.shell("openssl pkcs12 -export -nokeys -in chain.pem -passout pass: -out bare.p12").exits(0);
    let report = sandbox.pki(diagnose(&["--chain", "chain.pem", "--key", "bare.p12"])).exits(1).json();
    assert_eq!(report["cause"]["code"], "key-missing", "{report:#}");
    mend(&sandbox, &report).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn a_java_key_store_is_opened_judged_and_mended() {
    let (Some(_), Some(_)) = (peer("openssl"), peer("keytool")) else { return };
    let sandbox = made();
    sandbox.write("pass", "changeit\n");
    sandbox
        .shell(
            "openssl pkcs12 -export -in chain.pem -inkey server.key -passout file:pass -out s.p12
             keytool -importkeystore -srckeystore s.p12 -srcstorepass changeit -destkeystore s.jks -deststoretype jks -deststorepass changeit
             chmod 600 s.jks",
        )
        .exits(0);
    let question = ["--chain", "s.jks", "--key", "s.jks", "--passphrase-file", "pass"];
    let report = sandbox.pki(diagnose(&question)).exits(1).json();
    assert_eq!(report["cause"]["code"], "file-is-jks", "{report:#}");
    mend(&sandbox, &report).unwrap_or_else(|why| panic!("{why}"));
    sandbox.write("wrong", "changed\n");
    let report = sandbox.pki(diagnose(&["--key", "s.jks", "--passphrase-file", "wrong"])).exits(1).json();
    assert_eq!(report["cause"]["code"], "password-wrong", "{report:#}");
}

#[test]
fn an_encrypted_key_of_every_form_is_opened() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made();
    sandbox.write("pass", "correct horse\n");
    sandbox.write("wrong", "battery staple\n");
    for command in [
        "openssl pkey -in leaf.key -aes256 -passout file:pass -out e.key",
        "openssl pkcs8 -topk8 -in leaf.key -scrypt -passout file:pass -out e.key",
        "openssl pkcs8 -topk8 -in leaf.key -v2 des3 -passout file:pass -out e.key",
        "openssl ec -in leaf.key -aes128 -passout file:pass -out e.key",
        "openssl ec -in leaf.key -des3 -passout file:pass -out e.key",
        "openssl pkcs8 -topk8 -in leaf.key -passout file:pass -outform DER -out e.key",
    ] {
        sandbox.shell(&format!("{command} && chmod 600 e.key")).exits(0);
        let key = ["--chain", "chain.pem", "--key", "e.key"];
        let report = sandbox.pki(diagnose(&key)).exits(1).json();
        assert_eq!(report["cause"]["code"], "key-encrypted", "{command}: {report:#}");
        let message = "e.key needs a passphrase, which no program that starts by itself can type";
        assert_eq!(report["cause"]["message"], message, "{command}");
        let report = sandbox.pki(diagnose(&[&key[..], &["--passphrase-file", "wrong"]].concat())).exits(1).json();
        assert_eq!(report["cause"]["code"], "password-wrong", "{command}: {report:#}");
        let report = sandbox.pki(diagnose(&[&key[..], &["--passphrase-file", "pass"]].concat())).exits(0).json();
        assert_eq!(report["cause"]["code"], "key-encrypted", "{command}: {report:#}");
        mend(&sandbox, &report).unwrap_or_else(|why| panic!("{command}: {why}"));
    }
}

#[test]
fn what_is_not_opened_here_is_opened_by_the_program_that_made_it() {
    let (Some(_), Some(_)) = (peer("openssl"), peer("keytool")) else { return };
    let sandbox = made();
    sandbox.write("pass", "changeit\n");
    // A key encrypted in the way of PKCS#12, and one in a Java key store that has a passphrase of its own.
    let own = "openssl pkcs8 -topk8 -in server.key -v1 PBE-SHA1-3DES -passout file:pass -out sealed.key
        openssl pkcs12 -export -in chain.pem -inkey server.key -name mine -passout file:pass -out s.p12
        keytool -importkeystore -srckeystore s.p12 -srcstorepass changeit -destkeystore s.jks -deststoretype jks -deststorepass changeit
        keytool -keypasswd -alias mine -keystore s.jks -storepass changeit -new changed-it
        chmod 600 sealed.key s.jks";
    sandbox.shell(own).exits(0);
    let key = sandbox.pki(diagnose(&["--chain", "chain.pem", "--key", "sealed.key"])).exits(1).json();
    assert_eq!(key["cause"]["code"], "key-encrypted", "{key:#}");
    let typed = fix_of(&key).replace("-in sealed.key", "-in sealed.key -passin file:pass");
    sandbox.shell(&typed).exits(0);
    let store = ["--chain", "s.jks", "--key", "s.jks", "--passphrase-file", "pass"];
    let store = sandbox.pki(diagnose(&store)).exits(1).json();
    assert_eq!(store["cause"]["code"], "file-is-jks", "{store:#}");
    let passphrases = "-srcstorepass changeit -srcalias mine -srckeypass changed-it -deststorepass changeit";
    let typed = fix_of(&store)
        .replace("keytool -importkeystore", &format!("keytool -importkeystore {passphrases}"))
        .replace("-in opened.p12", "-in opened.p12 -passin file:pass");
    sandbox.shell(&typed).exits(0);
}

#[test]
fn inspect_shows_what_is_packed() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made();
    sandbox.write("pass", "correct horse\n");
    sandbox.shell("openssl crl2pkcs7 -nocrl -certfile chain.pem -out c.p7b").exits(0);
    sandbox.shell("openssl pkcs12 -export -in chain.pem -inkey server.key -passout file:pass -out s.p12").exits(0);
    sandbox.pki(["inspect", "c.p7b"]).exits(0).says("Example Issuing CA").says(HOST);
    sandbox.pki(["inspect", "s.p12", "--passphrase-file", "pass"]).exits(0).says("private key").says(HOST);
    sandbox.pki(["inspect", "s.p12"]).exits(3).says("--passphrase-file");
    sandbox.write("wrong", "battery staple\n");
    sandbox.pki(["inspect", "s.p12", "--passphrase-file", "wrong"]).exits(3).says("password-wrong");
}

#[test]
fn of_several_files_that_have_what_is_missing_the_one_that_all_programs_read_is_named() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made();
    sandbox.shell("openssl x509 -in trust.pem -outform DER -out a.der && tr '\\n' ' ' <trust.pem >b.pem").exits(0);
    sandbox.shell("cat server.key trust.pem chain.pem >c.pem").exits(0);
    for given in ["server.key", "nowhere.pem"] {
        let question = ["diagnose", "--chain", "chain.pem", "--trust", given, "--name", HOST, "--json"];
        let report = sandbox.pki(question).exits(1).json();
        assert!(fix_of(&report).contains("lies in root.pem:"), "{given}: {report:#}");
    }
    let question = ["diagnose", "--chain", "chain.pem", "--system-trust", "--name", HOST, "--json"];
    let report = sandbox.pki(question).exits(1).json();
    assert!(fix_of(&report).contains("--trust root.pem"), "a whole store of roots is at hand: {report:#}");
}

/// Of several that would fit, the one that is current.
#[test]
fn what_was_meant_is_not_what_has_expired() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made();
    sandbox
        .shell(
            "openssl x509 -in root.pem -signkey root.key -days 1 -out a-root.pem 2>/dev/null
             openssl x509 -x509toreq -in leaf.pem -signkey leaf.key -out a.csr 2>/dev/null
             openssl x509 -req -in a.csr -CA issuing.pem -CAkey issuing.key -CAcreateserial -days 1 -out a-leaf.pem 2>/dev/null
             rm root.pem; mv trust.pem z-root.pem; sed '1,/END/d' chain.pem >cas.pem; mv leaf.pem z-leaf.pem; rm chain.pem",
        )
        .exits(0);
    // Two days on both of the first ones have ended.
    let later = (OffsetDateTime::now_utc() + Duration::days(3)).format(&Rfc3339).expect("a time");
    let question = ["diagnose", "--name", HOST, "--json", "--at", &later, "--key", "leaf.key"];
    let asked = |files: [&str; 4]| fix_of(&sandbox.pki(question.iter().chain(&files)).exits(1).json());
    assert!(asked(["--chain", "cas.pem", "--trust", "z-root.pem"]).starts_with("cat z-leaf.pem cas.pem > "));
    sandbox.shell("cat z-leaf.pem cas.pem >whole.pem").exits(0);
    assert!(asked(["--chain", "whole.pem", "--trust", "nowhere.pem"]).contains("lies in z-root.pem:"));
}

/// No certificate is made for a list that does not read.
#[test]
fn a_list_that_cannot_be_read_is_got_again() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made();
    sandbox.write("empty.crl", "");
    for list in ["empty.crl", "nowhere.crl"] {
        let question =
            ["diagnose", "--chain", "chain.pem", "--trust", "trust.pem", "--name", HOST, "--json", "--crl", list];
        let fix = fix_of(&sandbox.pki(question).exits(1).json());
        assert!(fix.contains("get the CA's list of now") && !fix.contains(" issue "), "{fix}");
        sandbox.shell(&fix).exits(0).says("nothing to mend");
    }
}

#[test]
fn repair_writes_over_nothing() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = made();
    let chain = sandbox.read("chain.pem");
    sandbox.write("chain.pem", indented(&chain));
    let before = sandbox.read("chain.pem");
    let question = ["--chain", "chain.pem", "--repair", "out"];
    sandbox.pki(diagnose(&question)).exits(1).says("out/fullchain.pem");
    assert_eq!((sandbox.read("chain.pem"), sandbox.read("out/fullchain.pem")), (before, chain));
    sandbox.write("out/ca.pem", "mine");
    sandbox.pki(diagnose(&question)).exits(3).says("not written over");
    assert_eq!(sandbox.read("out/ca.pem"), "mine");
}

#[test]
fn a_folder_tells_what_belongs_together_and_what_to_put_where() {
    let Some(_) = peer("openssl") else { return };
    let scene = made();
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.file("tls")).expect("a fresh folder can be written");
    for (from, to) in [
        ("chain.pem", "fullchain.pem"),
        ("server.key", "server.key"),
        ("root.pem", "ca.crt"),
        ("root.key", "other.crt"),
        ("chain.pem", "copy.pem"),
    ] {
        restricted(&sandbox.write(format!("tls/{to}"), scene.read(from)));
    }
    sandbox.write("tls/README", "what is here\n");
    let outcome = sandbox.pki(["diagnose", "tls", "--json"]).exits(0);
    let report = outcome.json();
    assert_eq!(report["verdict"], "valid", "{report:#}");
    let pair = &report["folder"]["pairs"][0];
    for (field, value) in [("key_file", "tls/server.key"), ("trust_file", "tls/ca.crt"), ("purpose", "server")] {
        assert_eq!(pair[field], value, "{report:#}");
    }
    assert_eq!(pair["whole"], true, "{report:#}");
    let kinds = |file: &str| kinds(&report, file);
    assert!(kinds("tls/other.crt").contains(&"misnamed".to_owned()), "{report:#}");
    assert!(kinds("tls/fullchain.pem").contains(&"duplicate".to_owned()), "{report:#}");
    assert_eq!(kinds("tls/README"), Vec::<String>::new());
    let lines = report["folder"]["settings"].to_string();
    for expected in
        ["ssl_certificate ", "ssl_certificate_key ", "SSLCertificateFile", "crt ", "chat serve --cert", "tls/ca.crt"]
    {
        assert!(lines.contains(expected), "{expected}: {lines}");
    }
}

#[test]
fn a_folder_without_a_usable_set_says_what_is_missing() {
    let Some(_) = peer("openssl") else { return };
    let scene = made();
    let rows: [(&[&str], &str); 4] = [
        (&["chain.pem", "root.pem"], "file-missing"),
        (&["chain.pem", "root.pem", "issuing.key"], "key-mismatch"),
        (&["root.pem", "root.key"], "leaf-missing"),
        (&["leaf.pem", "leaf.key", "root.pem"], "missing-intermediate"),
    ];
    for (files, code) in rows {
        let sandbox = Sandbox::new();
        std::fs::create_dir(sandbox.file("tls")).expect("a fresh folder can be written");
        for file in files {
            restricted(&sandbox.write(format!("tls/{file}"), scene.read(file)));
        }
        let report = sandbox.pki(["diagnose", "tls", "--json"]).exits(1).json();
        assert_eq!(report["cause"]["code"], code, "{files:?}: {report:#}");
    }
}

/// A folder `tls` with those files of the scene.
fn folder_of(scene: &Sandbox, files: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.file("tls")).expect("a fresh folder can be written");
    for file in files {
        restricted(&sandbox.write(format!("tls/{file}"), scene.read(file)));
    }
    sandbox
}

/// Two certificates and the key of one of them, as in /etc/ssl: the other's key is elsewhere, unless a key is named for it.
#[test]
fn a_key_is_no_mismatch_for_a_certificate_that_it_was_not_put_there_for() {
    let Some(_) = peer("openssl") else { return };
    let pair = "sign app 5 extendedKeyUsage=serverAuth subjectAltName=DNS:app.example.test
                sign web 5 extendedKeyUsage=serverAuth subjectAltName=DNS:web.example.test";
    let stranger = "openssl ecparam -name prime256v1 -genkey -noout -out";
    for (lines, code) in [
        ("rm tls/web.key".to_owned(), "file-missing"),
        ("cp -p tls/app.key tls/web.key".to_owned(), "key-mismatch"),
        (format!("rm tls/web.key; {stranger} tls/old.key; chmod 600 tls/old.key"), "key-mismatch"),
    ] {
        let report = signed(&format!("{pair}\n{lines}"), &[]);
        let pairs = report["folder"]["pairs"].as_array().expect("an array of pairs");
        let cause = |name: &str| {
            let pair = pairs.iter().find(|pair| pair["names"][0] == name).expect("both are told of");
            pair["cause"].clone()
        };
        assert_eq!(
            (cause("app.example.test"), cause("web.example.test")),
            (Value::Null, code.into()),
            "{lines}: {report:#}"
        );
        // What has no key here is used elsewhere; what has a wrong one was to be used.
        let verdict = if code == "file-missing" { "valid" } else { "invalid" };
        assert_eq!(report["verdict"], verdict, "{lines}: {report:#}");
    }
}

/// Each certificate in a file of its own, as Certbot has leaf and chain: the root is known all the same, and in the fix.
#[test]
fn a_folder_knows_its_root_where_the_ca_in_between_has_a_file_of_its_own() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = folder_of(&made(), &["leaf.pem", "leaf.key", "issuing.pem", "root.pem"]);
    let report = sandbox.pki(["diagnose", "tls", "--json"]).exits(1).json();
    assert_eq!(report["cause"]["code"], "missing-intermediate", "{report:#}");
    let pair = &report["folder"]["pairs"][0];
    assert_eq!((&pair["trust_file"], &pair["whole"]), (&"tls/root.pem".into(), &false.into()), "{report:#}");
    if let Err(why) = mend(&sandbox, &report) {
        panic!("{why}");
    }
    // Of a root that was named instead, the folder's own is none.
    let report = sandbox.pki(["diagnose", "tls", "--trust", "tls/issuing.pem", "--json"]).json();
    assert_eq!(report["folder"]["pairs"][0]["trust_file"], "tls/issuing.pem", "{report:#}");
}

/// What signs `NAME.pem` with a new key below the scene's issuing CA: `sign NAME DAYS EXTENSIONS…`.
const SIGN: &str = r#"
sign() {
    name="$1" days="$2"; shift 2
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "tls/$name.key" -subj "/CN=$name.example.test" -out tls.csr
    { printf 'keyUsage=critical,digitalSignature
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
'; printf '%s
' "$@"; } > tls.ext
    openssl x509 -req -in tls.csr -CA issuing.pem -CAkey issuing.key -extfile tls.ext -days "$days" -out "$name.pem"
    cat "$name.pem" issuing.pem > "tls/$name.pem"; chmod 600 "tls/$name.key"
}
mkdir tls; cp root.pem tls/
"#;

/// The report on the folder `tls` that those lines have filled.
fn signed(lines: &str, more: &[&str]) -> Value {
    let sandbox = made();
    sandbox.shell(&format!("{SIGN}{lines}")).exits(0);
    let report = sandbox.pki([&["diagnose", "tls", "--json"], more].concat());
    let report = if report.json()["verdict"] == "valid" { report.exits(0) } else { report.exits(1) };
    report.json()
}

/// Another's certificate is in order or lasts longer, and is not the one that was asked about.
#[test]
fn of_several_certificates_in_a_folder_the_one_of_the_name_is_reported_on() {
    let Some(_) = peer("openssl") else { return };
    let of = |usage: &str| format!("sign app 2 extendedKeyUsage={usage} subjectAltName=DNS:{HOST}");
    let web = "sign web 5 extendedKeyUsage=serverAuth subjectAltName=DNS:web.example.test";
    let alice = "sign alice 5 extendedKeyUsage=clientAuth";
    let rows = [
        of("emailProtection") + "; " + web,
        of("clientAuth"),
        of("clientAuth") + "; " + web + "; " + alice,
        of("emailProtection") + "; sign web 5",
    ];
    for lines in rows {
        let report = signed(&lines, &["--name", HOST]);
        assert_eq!(report["verdict"], "invalid", "{lines}: {report:#}");
        let pair = &report["folder"]["pairs"][0];
        assert_eq!((&pair["names"][0], &pair["purpose"]), (&HOST.into(), &"server".into()), "{lines}: {report:#}");
        let several = report["folder"]["pairs"].as_array().is_some_and(|pairs| pairs.len() > 1);
        let why = report["folder"]["chosen"].as_str().unwrap_or_default();
        assert_eq!(why.ends_with("it is for the name that is asked for"), several, "{lines}: {why}");
    }
}

/// What lies there without its other half is answered with what to type, and that leads to a certificate in order.
#[test]
fn a_folder_with_half_of_a_pair_is_mended_from_the_ca_that_lies_there() {
    let Some(_) = peer("openssl") else { return };
    let scene = made();
    let alone = "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls/own.key -subj / -out tls/own.csr; chmod 600 tls/own.key";
    let rows: [(&[&str], &str, &str, &str); 5] = [
        (&["chain.pem"], &format!("{alone}; rm tls/own.csr"), "key-mismatch", "issue server"),
        (&[], &format!("{alone}; rm tls/own.csr"), "leaf-missing", "-key tls/own.key"),
        (&[], &format!("{alone}; mv tls/own.csr tls/own.crt"), "file-is-csr", "sign tls/own.crt"),
        (&[], "", "leaf-missing", "issue server"),
        (&[], "head -c 300 chain.pem > tls/own.crt", "file-truncated", "issue server"),
    ];
    for (files, lines, code, typed) in rows {
        let sandbox = folder_of(&scene, &[files, &["root.pem", "root.key"]].concat());
        sandbox.write("chain.pem", scene.read("chain.pem"));
        sandbox.shell(lines).exits(0);
        let report = sandbox.pki(["diagnose", "tls", "--name", HOST, "--json"]).exits(1).json();
        assert_eq!(report["cause"]["code"], code, "{lines}: {report:#}");
        let fix = fix_of(&report);
        assert!(fix.contains(typed) && fix.contains("init-ca --import tls/root.pem tls/root.key"), "{lines}: {fix}");
        if let Err(why) = mend(&sandbox, &report) {
            panic!("{lines}: {why}");
        }
    }
}

/// A key in OpenSSH's form is told as what it is, and not as another's.
#[test]
fn a_folder_tells_an_openssh_key_of_the_same_name() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = folder_of(&made(), &["chain.pem", "root.pem", "root.key"]);
    let ssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
    restricted(&sandbox.write("tls/chain.key", ssh));
    let report = sandbox.pki(["diagnose", "tls", "--json"]).exits(1).json();
    assert_eq!(report["cause"]["code"], "file-is-ssh-key", "{report:#}");
    assert!(fix_of(&report).contains("issue server"), "{report:#}");
}

/// A server's certificate is asked for by its common name where it has no host's name besides, and is refused for it.
#[test]
fn a_folders_certificate_whose_host_is_in_its_common_name_alone_is_refused() {
    let Some(_) = peer("openssl") else { return };
    let report = signed("sign app 5 extendedKeyUsage=serverAuth subjectAltName=email:app@example.test", &[]);
    assert_eq!(
        (&report["verdict"], &report["cause"]["code"]),
        (&"invalid".into(), &"name-mismatch".into()),
        "{report:#}"
    );
    assert!(fix_of(&report).contains(&format!("issue server {HOST}")), "{report:#}");
}

/// `openssl x509 -set_serial 1`, typed twice. Another CA of the same name may give the same number.
#[test]
fn a_folder_tells_of_two_certificates_with_one_number() {
    let Some(_) = peer("openssl") else { return };
    let again = "openssl x509 -req -in tls.csr -CA issuing.pem -CAkey issuing.key -extfile tls.ext -set_serial 1 -out";
    let app = format!("sign app 5 extendedKeyUsage=serverAuth subjectAltName=DNS:{HOST}; {again} tls/one.pem");
    let web = "sign web 5 extendedKeyUsage=serverAuth subjectAltName=DNS:web.example.test";
    let other = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout issuing.key -out issuing.pem \\
                 -subj \"/$(openssl x509 -in issuing.pem -noout -subject -nameopt compat | cut -d/ -f2-)\"";
    for (between, expected) in [("", true), (other, false)] {
        let report = signed(&format!("{app}\n{between}\n{web}; {again} tls/two.pem"), &["--name", HOST]);
        for file in ["tls/one.pem", "tls/two.pem"] {
            let told = kinds(&report, file).contains(&"serial-reused".to_owned());
            assert_eq!(told, expected, "{file}: {report:#}");
        }
        assert!(!kinds(&report, "tls/app.pem").contains(&"serial-reused".to_owned()), "{report:#}");
    }
}

/// More files than are read: those that are named as certificates and keys are among those that are, wherever they stand.
#[test]
fn a_folders_certificates_are_read_before_what_lies_there_besides() {
    let Some(_) = peer("openssl") else { return };
    let (scene, sandbox) = (made(), folder_of(&made(), &[]));
    std::fs::create_dir(sandbox.file("tls/site")).expect("a fresh folder can be written");
    for (from, to) in [("chain.pem", "fullchain.pem"), ("server.key", "privkey.pem"), ("root.pem", "ca.crt")] {
        restricted(&sandbox.write(format!("tls/site/{to}"), scene.read(from)));
    }
    for number in 0..600 {
        sandbox.write(format!("tls/a{number}.txt"), "what is here\n");
    }
    let report = sandbox.pki(["diagnose", "tls", "--name", HOST, "--json"]).exits(0).json();
    assert_eq!(report["verdict"], "valid", "{report:#}");
    let files = report["folder"]["files"].as_array().expect("an array of files");
    let names: Vec<_> = files.iter().filter_map(|file| file["file"].as_str()).collect();
    assert!(names.is_sorted() && names.len() == 512, "{names:?}");
    assert!(report["folder"]["left_out"][0].as_str().is_some_and(|what| what.contains("more than 512 files")));
}

/// The remarks of a file of the folder, and what it holds.
fn told(report: &Value, file: &str) -> String {
    let files = report["folder"]["files"].as_array().expect("a list");
    let entry = files.iter().find(|it| it["file"].as_str().is_some_and(|name| name.ends_with(file)));
    entry.map(|it| format!("{} {}", it["holds"], it["remarks"])).unwrap_or_default()
}

#[test]
fn a_folder_tells_what_is_damaged_or_closed_in_words() {
    let Some(_) = peer("openssl") else { return };
    let scene = made();
    let sandbox = folder_of(&scene, &["chain.pem", "root.pem"]);
    sandbox.write("pass", "correct horse\n");
    let make = "openssl x509 -in tls/chain.pem -outform DER -out tls/damaged.der && printf x | dd of=tls/damaged.der bs=1 seek=14 conv=notrunc 2>/dev/null
        openssl pkey -in server.key -aes256 -passout file:pass -out tls/locked.key && chmod 600 tls/locked.key";
    sandbox.write("server.key", scene.read("server.key"));
    sandbox.shell(make).exits(0);
    let report = sandbox.pki(["diagnose", "--json", "tls", "--name", HOST]).json();
    let damaged = told(&report, "damaged.der");
    assert!(damaged.contains("damaged DER") && damaged.contains("certificate-corrupt"), "{damaged}");
    let locked = told(&report, "locked.key");
    assert!(locked.contains("encrypted private key") && locked.contains("needs a passphrase"), "{locked}");
    assert_eq!(report["cause"]["code"], "key-encrypted", "{report:#}");
    // The same key within what is closed as a whole.
    let close = "rm tls/locked.key && openssl pkcs12 -export -in tls/chain.pem -inkey server.key -passout file:pass -out tls/server.p12";
    sandbox.shell(close).exits(0);
    let report = sandbox.pki(["diagnose", "--json", "tls", "--name", HOST]).json();
    assert_eq!(report["cause"]["code"], "file-is-pkcs12", "{report:#}");
    assert!(fix_of(&report).contains("--passphrase-file"), "{report:#}");
    assert!(told(&report, "server.p12").contains("what only its passphrase shows"), "{report:#}");
}

#[test]
fn a_folder_is_mended_as_files_are() {
    let Some(_) = peer("openssl") else { return };
    let scene = made();
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.file("tls")).expect("a fresh folder can be written");
    sandbox.write("tls/chain.pem", utf16(&scene.read("chain.pem")));
    restricted(&sandbox.write("tls/server.key", indented(&scene.read("server.key"))));
    sandbox.write("tls/root.pem", scene.read("root.pem"));
    let report = sandbox.pki(["diagnose", "tls", "--json"]).exits(1).json();
    assert_eq!(report["cause"]["code"], "file-is-utf16", "{report:#}");
    sandbox.pki(["diagnose", "tls", "--repair", "out"]).exits(1);
    sandbox.pki(["diagnose", "out"]).exits(0).says("nothing to mend");
}

fn kinds(report: &Value, file: &str) -> Vec<String> {
    let files = report["folder"]["files"].as_array().expect("an array of files");
    let entry =
        files.iter().find(|it| it["file"] == file).unwrap_or_else(|| panic!("{file} is not listed: {report:#}"));
    let remarks = entry["remarks"].as_array().expect("an array of remarks");
    remarks.iter().map(|it| it["kind"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The cause with its place, and what follows when the fix is typed.
fn check(scene: &Sandbox, fault: &Fault) -> Result<(), String> {
    let sandbox = copy(scene);
    let file = match fault.flag {
        "--chain" => "chain.pem",
        "--key" => "server.key",
        _ => "trust.pem",
    };
    sandbox.write(file, (fault.damage)(&sandbox.read(file)));
    let report = ask(&sandbox, &[]);
    let context = |what: String| format!("{} {}: {what}", fault.flag, fault.what);
    if report["cause"]["code"] != fault.code || report["verdict"] != fault.verdict {
        return Err(context(format!("{report:#}")));
    }
    let evidence = &report["cause"]["evidence"];
    if let Some((name, value)) = fault.place.iter().find(|(name, value)| evidence[name] != *value) {
        return Err(context(format!("expected {name} {value}: {evidence:#}")));
    }
    mend(&sandbox, &report).map_err(context)
}

/// Types the cause's fix; its last question must be answered with nothing to mend.
fn mend(sandbox: &Sandbox, report: &Value) -> Result<(), String> {
    let fix = fix_of(report);
    let typed = sandbox.shell(&fix);
    if !typed.succeeded() {
        return Err(format!("the fix fails: {typed}"));
    }
    let last = fix.lines().rfind(|line| line.starts_with("pki diagnose")).ok_or("no question at the end")?;
    let report = sandbox.shell(&format!("{last} --json")).json();
    match (report["verdict"].as_str(), &report["cause"]) {
        (Some("valid"), Value::Null) => Ok(()),
        _ => Err(format!("$ {fix}\n{report:#}")),
    }
}

fn fix_of(report: &Value) -> String {
    report["cause"]["fix"].as_str().unwrap_or_default().to_owned()
}

/// The mended private key, whose name the fix has, can be read by its owner alone.
fn mode_is_0600(sandbox: &Sandbox, report: &Value) {
    use std::os::unix::fs::PermissionsExt;
    let fix = fix_of(report);
    let key = fix.split_whitespace().find(|word| word.ends_with("/privkey.pem")).expect("the fix names the key");
    let mode = sandbox.file(key).metadata().expect("it was written").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{key}");
}

fn ask(sandbox: &Sandbox, more: &[&str]) -> Value {
    let files = ["--chain", "chain.pem", "--key", "server.key"];
    sandbox.pki(diagnose(&[&files[..], more].concat())).json()
}

fn diagnose(files: &[&str]) -> Vec<String> {
    let common = ["--trust", "trust.pem", "--name", HOST, "--json"];
    ["diagnose"].iter().chain(files).chain(&common).map(ToString::to_string).collect()
}

fn made() -> Sandbox {
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    sandbox
}

/// A sandbox of its own with the scene's files: making them anew for each row takes openssl a second.
fn copy(scene: &Sandbox) -> Sandbox {
    let sandbox = Sandbox::new();
    for entry in std::fs::read_dir(scene.path()).expect("the scene's folder can be read").flatten() {
        if entry.path().is_file() {
            std::fs::copy(entry.path(), sandbox.file(entry.file_name())).expect("a file can be copied");
        }
    }
    sandbox
}

fn restricted(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("its owner may");
}

/// What is whole and in a wrong place is not to be copied again: it is said what it is, and what is typed leads to an answer.
#[test]
fn a_key_or_a_request_in_the_place_of_a_certificate_is_told_with_what_comes_of_it() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "app.example.test", "--out", "out"]).exits(0);
    let request = "mkdir alone; openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout alone/server.key \
                   -out alone/server.csr -subj /CN=b.example.test 2>/dev/null; chmod 600 alone/server.key; \
                   mkdir key; cp -p alone/server.key key/; mkdir list; pki crl; cp store/ca/crl.pem list/";
    sandbox.shell(request).exits(0);
    for (arguments, code, says) in [
        (&["--chain", "out/privkey.pem"][..], "file-is-private-key", "its certificate is in out/fullchain.pem"),
        (
            &["--chain", "key/server.key", "--name", "c.example.test"],
            "file-is-private-key",
            "openssl req -new -key key/server.key",
        ),
        (&["--chain", "alone/server.csr", "--key", "alone/server.key"], "file-is-csr", "pki sign alone/server.csr"),
        (&["--chain", "alone/server.csr", "--name", "d.example.test"], "file-is-csr", "--name d.example.test"),
        (&["--chain", "list/crl.pem", "--name", "e.example.test"], "file-is-crl", "is a revocation list (for --crl)"),
        (&["--chain", "out/fullchain.pem", "--crl", "key/server.key"], "file-is-private-key", "go without"),
        (&["--chain", "out/fullchain.pem", "--key", "list/crl.pem"], "file-is-crl", "lies in out/privkey.pem"),
    ] {
        let report = sandbox.pki(["diagnose", "--json"].iter().chain(arguments)).exits(1).json();
        assert_eq!(report["cause"]["code"], code, "{arguments:?}: {report:#}");
        let fix = fix_of(&report);
        assert!(fix.contains(says) && !fix.contains("copy "), "{arguments:?}: {fix}");
        mend(&sandbox, &report).unwrap_or_else(|why| panic!("{arguments:?}: {why}"));
        sandbox.shell("rm -rf reissued").exits(0);
    }
    // What everybody may read is not told to be open to others.
    let asked = ["diagnose", "--chain", "out/fullchain.pem", "--key", "alone/server.csr", "--json"];
    let report = sandbox.pki(asked).exits(1).json();
    assert!(!report["findings"].to_string().contains("key-permissions"), "{report:#}");
}

/// Certificate and key changed places, and the certificate lacks its CA: the file that has it lies there.
#[test]
fn a_certificate_that_changed_places_with_its_key_is_given_with_its_ca() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    for (certificate, expected) in [("leaf.pem", "chain.pem"), ("chain.pem", "chain.pem")] {
        let files = ["--chain", "leaf.key", "--key", certificate, "--trust", "root.pem", "--name", HOST];
        let report = sandbox.pki(["diagnose", "--json"].iter().chain(&files)).exits(1).json();
        assert_eq!(report["cause"]["code"], "files-swapped", "{report:#}");
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        assert!(fix.contains(&format!("--chain {expected} --key leaf.key")), "{fix}");
        sandbox.shell(fix).exits(0);
    }
}

/// No name is known, and none is made up; and of what is no file there is no other copy.
#[test]
fn a_fix_without_a_name_is_for_this_machine() {
    let sandbox = Sandbox::with_ca();
    sandbox.shell("mkdir folder").exits(0);
    for asked in [&["--chain", "/dev/null"][..], &["folder"]] {
        let report = sandbox.pki(["diagnose", "--json"].iter().chain(asked)).exits(1).json();
        let fix = fix_of(&report);
        let issues = "pki issue server \"$(uname -n)\" --out reissued\n";
        assert!(fix.contains(issues) && fix.contains(" --name \"$(uname -n)\""), "{fix}");
        assert!(!fix.contains("copy ") && !fix.contains("example.test"), "{fix}");
    }
}

/// The CA file as chain and the chain as CA file.
#[test]
fn chain_and_ca_file_that_changed_places_are_told_as_that() {
    let sandbox = Sandbox::with_ca();
    sandbox.pki(["issue", "server", "app.example.test", "--out", "out"]).exits(0);
    let files = ["--chain", "out/ca.pem", "--trust", "out/fullchain.pem", "--key", "out/privkey.pem"];
    let asked = ["diagnose", "--name", "app.example.test", "--json"];
    let report = sandbox.pki(asked.iter().chain(&files).copied()).exits(1).json();
    assert_eq!(report["cause"]["code"], "files-swapped", "{report:#}");
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    sandbox.shell(fix).exits(0);
}

#[test]
fn a_root_with_its_own_key_is_no_servers_certificate() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    let made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj '/CN=Example Root' -keyout root.key -out root.pem";
    sandbox.shell(made).exits(0);
    let files =
        ["diagnose", "--chain", "root.pem", "--key", "root.key", "--trust", "root.pem", "--name", HOST, "--json"];
    let report = sandbox.pki(files).exits(1).json();
    assert_eq!(report["cause"]["code"], "leaf-missing", "{report:#}");
}

/// Chain and CA file changed places, and what stands between them is in neither: the key tells whose the leaf is.
#[test]
fn a_swap_of_chain_and_ca_file_is_seen_by_the_key() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    let files = ["--chain", "root.pem", "--trust", "leaf.pem", "--key", "leaf.key", "--name", HOST];
    let report = sandbox.pki(["diagnose", "--json"].iter().chain(&files)).exits(1).json();
    assert_eq!(report["cause"]["code"], "files-swapped", "{report:#}");
    let fix = report["cause"]["fix"].as_str().expect("a fix");
    assert!(fix.contains(" --key leaf.key --trust root.pem"), "{fix}");
    sandbox.shell(fix).exits(0);
}

/// Of two mistakes in the files the second is seen with the first, and one paste mends both.
#[test]
fn what_is_wanting_once_a_files_fault_is_mended_is_told_at_once() {
    let Some(_) = peer("openssl") else { return };
    let sandbox = Sandbox::new();
    GOOD.make(sandbox.path());
    sandbox.shell("openssl x509 -in leaf.pem -outform DER -out leaf.der; sed 's/^/  /' leaf.pem > indented.pem; mkdir alone; mv chain.pem root.key alone").exits(0);
    for (code, files) in [
        ("files-swapped", "--chain leaf.key --key leaf.pem --trust root.pem"),
        ("files-swapped", "--chain root.pem --key leaf.key --trust leaf.pem"),
        ("file-is-der", "--chain leaf.der --key leaf.key --trust root.pem"),
        ("file-indented", "--chain indented.pem --key leaf.key --trust root.pem"),
        ("file-is-der", "--chain leaf.der --key leaf.key"),
    ] {
        let asked = format!("pki diagnose --json --name {HOST} {files}");
        let report = sandbox.shell(&asked).exits(1).json();
        assert_eq!(report["cause"]["code"], code, "{report:#}");
        let fix = report["cause"]["fix"].as_str().expect("a fix");
        assert!(fix.contains(", it is refused still: missing-intermediate: ") && fix.contains("cat "), "{fix}");
        sandbox.shell(fix).exits(0).says("nothing to mend");
        sandbox.shell("rm -rf mended fullchain-mended.pem").exits(0);
    }
}
