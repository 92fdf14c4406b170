//! Any single change of a chain is either found or harmless: where we find nothing, openssl's strict rules and GnuTLS, who are asked
//! as well, accept. A change that the CA itself has made is signed by its key; one on the way is not.

use ca_store::explain::{Evidence, PeerName, Question, Report, diagnose};
use ca_store::facts::{hex, to_pem};
use ca_store::finding::Role;
use rcgen::{KeyPair, SigningKey};
use tests::Sandbox;
use tests::chains::der::{SEQUENCE, children, content, wrapped};
use tests::chains::{GOOD, HOST, OTHER, Scene};
use tests::peers::peer;

/// The certificates of a chain and, last, the list of its issuing CA.
const FILES: [&str; 4] = ["leaf", "issuing", "root", "list"];
/// Who signs each of them.
const SIGNERS: [&str; 4] = ["issuing", "root", "root", "issuing"];
/// The place of the list.
const LIST: usize = 3;

/// The same as DER; what is left away is empty.
type Ders = [Vec<u8>; 4];

/// What a change is called, and what comes of it.
type Changed = (String, Vec<u8>);

/// A chain that openssl has made, with a list, and the keys that signed them.
struct Made {
    sandbox: Sandbox,
    ders: Ders,
    keys: [KeyPair; 4],
    /// The root's own list, which is never changed.
    of_root: String,
}

impl Made {
    fn of(scene: &Scene) -> Made {
        let sandbox = Sandbox::new();
        scene.make(sandbox.path());
        sandbox.shell("openssl ca -batch -config scene.cnf -keyfile issuing.key -cert issuing.pem -gencrl -crldays 30 -out list.pem && openssl ca -batch -config scene.cnf -keyfile root.key -cert root.pem -gencrl -crldays 30 -out root.list && for name in leaf issuing root; do openssl x509 -in $name.pem -outform DER -out $name.der || exit; done && openssl crl -in list.pem -outform DER -out list.der").exits(0);
        let ders =
            FILES.map(|name| std::fs::read(sandbox.file(format!("{name}.der"))).expect("openssl has written it"));
        let keys = SIGNERS.map(|name| {
            let pem = std::fs::read_to_string(sandbox.file(format!("{name}.key"))).expect("openssl has written it");
            KeyPair::from_pem(&pem).expect("a key that openssl has made")
        });
        let of_root = std::fs::read_to_string(sandbox.file("root.list")).expect("openssl has written it");
        Made { sandbox, ders, keys, of_root }
    }

    /// One in which we find nothing.
    fn good() -> Made {
        let made = Made::of(&GOOD);
        let cause = made.report(&made.ders).cause;
        assert!(cause.is_none(), "{cause:?}");
        made
    }

    /// The part of a certificate or list that is signed.
    fn signed(&self, place: usize) -> &[u8] {
        children(content(&self.ders[place]))[0]
    }

    /// All of them with this one in the place of that.
    fn with(&self, place: usize, der: Vec<u8>) -> Ders {
        let mut ders = self.ders.clone();
        ders[place] = der;
        ders
    }

    /// The same with this signed part, signed.
    fn signed_anew(&self, place: usize, signed: &[u8]) -> Ders {
        let algorithm = children(content(&self.ders[place]))[1];
        let signature = self.keys[place].sign(signed).expect("the key signs");
        let bits = wrapped(0x03, &[&[0], &signature[..]].concat());
        self.with(place, wrapped(SEQUENCE, &[signed, algorithm, &bits].concat()))
    }

    /// Writes the files, and reports of them.
    fn report(&self, [leaf, issuing, root, list]: &Ders) -> Report {
        let pem = |label, der: &Vec<u8>| if der.is_empty() { String::new() } else { to_pem(label, der) };
        let certificate = |der| pem("CERTIFICATE", der);
        let files = [
            (Role::Chain, "sent.pem", certificate(leaf) + &certificate(issuing)),
            (Role::Trust, "trust.pem", certificate(root)),
            (Role::Crl, "list.pem", pem("X509 CRL", list) + &self.of_root),
        ];
        let mut evidence = Evidence::default();
        for (role, file, text) in files {
            evidence.add_file(role, file, Ok(text.as_bytes()));
            self.sandbox.write(file, text);
        }
        let name = PeerName::parse(HOST).expect("a name");
        diagnose(&evidence, &Question::server(Some(name), time::OffsetDateTime::now_utc()))
    }

    /// Who refuses what we find nothing in, and in what words.
    fn missed(&self, ders: &Ders) -> Option<String> {
        if self.report(ders).cause.is_some() {
            return None;
        }
        let judged = JUDGES.map(|judge| self.sandbox.shell(&format!("{judge} 2>&1")));
        judged.into_iter().find(|outcome| !outcome.succeeded()).map(|outcome| outcome.stdout)
    }

    /// Those of the changes that are neither found nor harmless.
    fn all_missed(&self, changes: impl Iterator<Item = (String, Ders)>) -> Vec<String> {
        changes.filter_map(|(what, ders)| Some(format!("{what}: {}", self.missed(&ders)?))).collect()
    }
}

/// openssl at its strictest and GnuTLS, which know the server's name, ask the list, and trust nothing that the machine trusts.
const JUDGES: [&str; 2] = [
    "openssl verify -no-CApath -no-CAstore -CAfile trust.pem -x509_strict -purpose sslserver -verify_hostname app.example.test \
     -crl_check -CRLfile list.pem -untrusted sent.pem sent.pem",
    "certtool --verify --infile sent.pem --load-ca-certificate trust.pem --verify-hostname app.example.test \
     --verify-purpose 1.3.6.1.5.5.7.3.1 --load-crl list.pem",
];

/// The octets with one bit of each turned over, another bit from one to the next.
fn bits(octets: &[u8]) -> impl Iterator<Item = Changed> {
    (0..octets.len()).map(|at| {
        let mut changed = octets.to_vec();
        changed[at] ^= 1 << (at % 8);
        let after = hex(&octets[at.saturating_sub(8)..at]);
        (format!("octet {at} is {:02x} and not {:02x}, after {after}", changed[at], octets[at]), changed)
    })
}

fn owned(elements: Vec<&[u8]>) -> Vec<Vec<u8>> {
    elements.into_iter().map(<[u8]>::to_vec).collect()
}

/// A SEQUENCE with each of its elements left out, there twice, before its neighbour, and taken from the other one.
fn elements(own: &[u8], other: &[u8]) -> Vec<Changed> {
    let (own, other) = (owned(children(content(own))), owned(children(content(other))));
    let mut changed = Vec::new();
    for at in 0..own.len() {
        let mut add = |what: &str, change: &dyn Fn(&mut Vec<Vec<u8>>)| {
            let mut list = own.clone();
            change(&mut list);
            changed.push((format!("element {at} {what}"), wrapped(SEQUENCE, &list.concat())));
        };
        add("left out", &|list| drop(list.remove(at)));
        add("twice", &|list| list.insert(at, own[at].clone()));
        if at > 0 {
            add("before its neighbour", &|list| list.swap(at - 1, at));
        }
        if let Some(theirs) = other.get(at) {
            add("of another", &|list| list[at].clone_from(theirs));
        }
    }
    changed
}

/// The criticality of an extension turned over, and its value emptied, cut and with an octet more.
fn of_extension(extension: &[u8]) -> Vec<Changed> {
    let parts = owned(children(content(extension)));
    let (oid, value) = (&parts[0], content(parts.last().expect("a value")));
    let made = |is_critical: bool, value: &[u8]| {
        let critical: &[u8] = if is_critical { &[0x01, 1, 0xff] } else { &[] };
        wrapped(SEQUENCE, &[oid, critical, &wrapped(0x04, value)].concat())
    };
    let is_critical = parts.len() == 3;
    [
        ("with its criticality turned over", made(!is_critical, value)),
        ("empty", made(is_critical, &[])),
        ("cut off", made(is_critical, &value[..value.len() - 1])),
        ("with an octet more", made(is_critical, &[value, &[0]].concat())),
    ]
    .map(|(what, extension)| (what.to_owned(), extension))
    .to_vec()
}

/// An extension that nobody knows, 1.2.3.4.
fn unknown(is_critical: bool) -> Vec<u8> {
    let critical: &[u8] = if is_critical { &[0x01, 1, 0xff] } else { &[] };
    wrapped(SEQUENCE, &[&[0x06, 3, 0x2a, 3, 4], critical, &[0x04, 2, 5, 0]].concat())
}

/// The signed part of a certificate or list with every change of its list of extensions, which comes last.
fn extensions(own: &[u8], other: &[u8]) -> Vec<Changed> {
    let parts = owned(children(content(own)));
    let (before, last) = parts.split_at(parts.len() - 1);
    let list = content(&last[0]);
    let all = owned(children(content(list)));
    let theirs = children(content(other)).pop().map(content).expect("extensions");
    let mut changed = elements(list, theirs);
    for (at, extension) in all.iter().enumerate() {
        changed.extend(of_extension(extension).into_iter().map(|(what, extension)| {
            let mut all = all.clone();
            all[at] = extension;
            (format!("element {at} {what}"), wrapped(SEQUENCE, &all.concat()))
        }));
    }
    for is_critical in [false, true] {
        let more = [all.concat(), unknown(is_critical)].concat();
        changed.push((format!("one more, critical: {is_critical}"), wrapped(SEQUENCE, &more)));
    }
    let tag = last[0][0];
    let whole = |list: &[u8]| wrapped(SEQUENCE, &[before.concat(), wrapped(tag, list)].concat());
    changed.into_iter().map(|(what, list)| (format!("extensions: {what}"), whole(&list))).collect()
}

fn peers() -> Option<()> {
    ["openssl", "certtool"].map(peer).iter().all(Option::is_some).then_some(())
}

#[test]
fn fields_and_extensions_that_a_ca_has_changed() {
    let Some(()) = peers() else { return };
    let (made, other) = (Made::good(), Made::of(&OTHER));
    let changes = FILES.iter().enumerate().flat_map(|(place, name)| {
        let (own, theirs) = (made.signed(place), other.signed(place));
        let all = elements(own, theirs).into_iter().chain(extensions(own, theirs));
        let made = &made;
        all.map(move |(what, signed)| (format!("{name}: {what}"), made.signed_anew(place, &signed)))
    });
    let missed = made.all_missed(changes);
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_bit_that_a_ca_has_changed() {
    let Some(()) = peers() else { return };
    let made = Made::good();
    let changes = FILES.iter().enumerate().flat_map(|(place, name)| {
        let made = &made;
        bits(made.signed(place))
            .map(move |(what, signed)| (format!("{name}: {what}"), made.signed_anew(place, &signed)))
    });
    let missed = made.all_missed(changes);
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_bit_that_changed_on_the_way() {
    let Some(()) = peers() else { return };
    let made = Made::good();
    let changes = FILES.iter().enumerate().flat_map(|(place, name)| {
        let made = &made;
        bits(&made.ders[place]).map(move |(what, der)| (format!("{name}: {what}"), made.with(place, der)))
    });
    let missed = made.all_missed(changes);
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn what_is_left_away_changes_places_or_is_another_chains() {
    let Some(()) = peers() else { return };
    let (made, other) = (Made::good(), Made::of(&OTHER));
    let mut changes = Vec::new();
    for (place, name) in FILES.iter().enumerate() {
        changes.push((format!("no {name}"), made.with(place, Vec::new())));
        changes.push((format!("another's {name}"), made.with(place, other.ders[place].clone())));
        for (before, other) in FILES.iter().enumerate().take(place).filter(|_| place < LIST) {
            let mut ders = made.ders.clone();
            ders.swap(before, place);
            changes.push((format!("{name} and {other}"), ders));
        }
        let parts = [made.signed(place), &children(content(&other.ders[place]))[1..].concat()].concat();
        changes.push((format!("{name} with another's signature"), made.with(place, wrapped(SEQUENCE, &parts))));
    }
    let missed = made.all_missed(changes.into_iter());
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
