//! Path building and judging on chains that are made here, hostile ones among them.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::{Evidence, MAX_SIGNATURE_CHECKS, PeerName, PeerTime, Question, Report, Verdict, diagnose};
use crate::finding::{Code, Role};

mod mutations;
mod policies;
mod profiles;
mod revocation;

const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);
const HOST: &str = "chat.example.test";

/// A CA to issue with: what it says, and its key.
struct Ca {
    params: CertificateParams,
    key: KeyPair,
    der: Vec<u8>,
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = NOW - Duration::days(1);
    params.not_after = NOW + Duration::days(1);
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn root(name: &str) -> Ca {
    let (params, key) = (ca_params(name), KeyPair::generate().unwrap());
    let der = params.self_signed(&key).unwrap().der().to_vec();
    Ca { params, key, der }
}

impl Ca {
    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }

    /// Another CA below this one; with a key of its own, or with that of a CA that it cross-signs.
    fn intermediate(&self, name: &str, key: Option<&Ca>) -> Ca {
        let key =
            key.map_or_else(|| KeyPair::generate().unwrap(), |ca| KeyPair::try_from(ca.key.serialize_der()).unwrap());
        let params = ca_params(name);
        let der = params.signed_by(&key, &self.issuer()).unwrap().der().to_vec();
        Ca { params, key, der }
    }

    fn leaf(&self, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = params(HOST);
        params.subject_alt_names = vec![SanType::DnsName(HOST.try_into().unwrap())];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        change(&mut params);
        params.signed_by(&KeyPair::generate().unwrap(), &self.issuer()).unwrap().der().to_vec()
    }
}

fn judge(chain: &[&[u8]], trust: &[&[u8]], at: OffsetDateTime) -> Report {
    let evidence = Evidence::from_ders(chain.iter().copied(), "peer", trust.iter().copied(), "trust").unwrap();
    diagnose(&evidence, &Question::server(Some(PeerName::Dns(HOST.to_owned())), at))
}

fn cause(report: &Report) -> Option<Code> {
    report.cause.as_ref().map(|finding| finding.code)
}

#[test]
fn a_sound_chain_is_valid_in_any_order_of_the_intermediates_and_rustls_agrees() {
    let root = root("Root");
    let upper = root.intermediate("Upper", None);
    let lower = upper.intermediate("Lower", None);
    let leaf = lower.leaf(|_| ());
    let report = judge(&[&leaf, &lower.der, &upper.der], &[&root.der], NOW);
    assert_eq!((report.verdict, cause(&report)), (Verdict::Valid, None), "{:?}", report.findings);
    let roles: Vec<_> = report.chain.iter().map(|entry| entry.role).collect();
    assert_eq!(roles, ["leaf", "intermediate", "intermediate", "root"]);
    assert_eq!(report.rustls.as_ref().unwrap()["accepts"], true);
    let report = judge(&[&leaf, &upper.der, &lower.der], &[&root.der], NOW);
    assert_eq!((report.verdict, cause(&report)), (Verdict::Valid, Some(Code::ChainOrder)));
}

#[test]
fn both_bounds_of_the_validity_belong_to_it() {
    let root = root("Root");
    let leaf = root.leaf(|_| ());
    let (first, last) = (NOW - Duration::days(1), NOW + Duration::days(1));
    for (at, expected) in [
        (first - Duration::SECOND, Some(Code::NotYetValid)),
        (first, None),
        (last, None),
        (last + Duration::milliseconds(999), None),
        (last + Duration::SECOND, Some(Code::Expired)),
    ] {
        assert_eq!(cause(&judge(&[&leaf], &[&root.der], at)), expected, "{at}");
    }
}

/// X.690 section 8.3.2. What OpenSSL and Go do not read, others do.
#[test]
fn a_serial_number_that_is_no_der_is_told() {
    let root = root("Root");
    let leaf = root.leaf(|leaf| leaf.serial_number = Some(vec![0x11, 0x22, 0x33].into()));
    let at = leaf.windows(5).position(|octets| octets == [0x02, 3, 0x11, 0x22, 0x33]).unwrap();
    let fault = |first: [u8; 2]| {
        let mut leaf = leaf.clone();
        leaf[at + 2..at + 4].copy_from_slice(&first);
        let report = judge(&[&leaf], &[&root.der], NOW);
        report.findings.iter().any(|finding| {
            finding.code == Code::CertificateCorrupt
                && finding.evidence.get("fault").is_some_and(|it| it == "serial number")
        })
    };
    for (first, is_padded) in
        [([0, 0x7f], true), ([0xff, 0x80], true), ([0, 0x80], false), ([0xff, 0x7f], false), ([0x11, 0x22], false)]
    {
        assert_eq!(fault(first), is_padded, "{first:?}");
    }
}

/// A public key as it is written, whether or not it is one.
struct Written(Vec<u8>);

impl rcgen::PublicKeyData for Written {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl Written {
    /// The key, with its last octet changed.
    fn off(key: &KeyPair) -> Written {
        let mut point = key.public_key_raw().to_vec();
        point[64] ^= 1;
        Written(point)
    }
}

/// Measured with each client: a CA's is passed over or not read, and with a leaf's no server comes up.
#[test]
fn a_key_that_is_no_point_of_its_curve_is_told() {
    let root = root("Root");
    let of_leaf = params(HOST).signed_by(&Written::off(&root.key), &root.issuer()).unwrap();
    let (params, key) = (ca_params("Issuing"), KeyPair::generate().unwrap());
    let der = params.signed_by(&Written::off(&key), &root.issuer()).unwrap().der().to_vec();
    let issuing = Ca { params, key, der };
    let below = issuing.leaf(|_| ());
    for (chain, place) in [(&[of_leaf.der().as_ref()][..], 0), (&[&below, &issuing.der], 1)] {
        let report = judge(chain, &[&root.der], NOW);
        let cause = report.cause.as_ref().unwrap();
        assert_eq!((cause.code, cause.certificate), (Code::CertificateCorrupt, Some(place)), "{:?}", report.findings);
        assert!(report.clients.iter().all(|client| client.verdict == "rejects"), "{:?}", report.clients);
        assert!(report.findings.iter().all(|it| it.code != Code::SignatureUnsupported), "{:?}", report.findings);
        let said = |client: &str| report.clients.iter().find(|it| it.client == client).unwrap().error.as_str();
        if place == 1 {
            assert_eq!(said("openssl-strict"), "error 20 at 0 depth lookup: unable to get local issuer certificate");
            assert!(said("node").starts_with("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "{}", said("node"));
            assert!(said("go").ends_with("failed to unmarshal elliptic curve point"), "{}", said("go"));
        }
    }
}

/// Measured with each client: Chromium alone refuses half of a pair, and OpenSSL's family compares the issuer's issuer.
#[test]
fn an_authority_key_identifier_with_an_issuer_is_looked_into() {
    let root = root("Root");
    let id = |parts: &[&[u8]]| {
        let content: Vec<u8> = crate::facts::der::wrapped(0x30, parts);
        rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 35], content)
    };
    let own = crate::facts::Certificate::from_der(&root.der).unwrap();
    let key = crate::facts::der::wrapped(0x80, &[own.subject_key_identifier().unwrap()]);
    let common_name = |name: &str| {
        let attribute = crate::facts::der::wrapped(0x0c, &[name.as_bytes()]);
        let pair = crate::facts::der::wrapped(0x30, &[&[0x06, 3, 0x55, 4, 3], &attribute]);
        let name = crate::facts::der::wrapped(0x30, &[&crate::facts::der::wrapped(0x31, &[&pair])]);
        crate::facts::der::wrapped(0xa1, &[&crate::facts::der::wrapped(0xa4, &[&name])])
    };
    let serial = crate::facts::der::wrapped(0x82, &[&own.serial]);
    for (parts, cause_is, refusing) in [
        (&[&key, &common_name("Root"), &serial][..], None, 0),
        (&[&key, &common_name("Root")], Some(Code::ExtensionMalformed), 1),
        (&[&key, &serial], Some(Code::ExtensionMalformed), 1),
        (&[&key, &common_name("Other"), &serial], Some(Code::AkiMismatch), 6),
    ] {
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_slice()).collect();
        let leaf = root.leaf(|leaf| {
            leaf.use_authority_key_identifier_extension = false;
            leaf.custom_extensions.push(id(&parts));
        });
        let report = judge(&[&leaf], &[&root.der], NOW);
        let count = report.clients.iter().filter(|it| it.verdict == "rejects").count();
        assert_eq!((cause(&report), count), (cause_is, refusing), "{:?}", report.findings);
    }
}

/// Measured with each client: GnuTLS and Chromium read the name without the dot, Go and webpki none at all.
#[test]
fn a_constraint_with_a_trailing_dot_is_told() {
    let below = |constraint: rcgen::NameConstraints| {
        let mut params = ca_params("Root");
        params.name_constraints = Some(constraint);
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        let top = Ca { params, key, der };
        judge(&[&top.leaf(|_| ())], &[&top.der], NOW)
    };
    let tree = |name: &str| vec![rcgen::GeneralSubtree::DnsName(name.to_owned())];
    let none = Vec::new;
    let refusing = |report: &Report| report.clients.iter().filter(|it| it.verdict == "rejects").count();
    let permitted =
        below(rcgen::NameConstraints { permitted_subtrees: tree(&format!("{HOST}.")), excluded_subtrees: none() });
    // All but GnuTLS, wget and Chromium, and Java, which looks at no anchor's.
    assert_eq!((cause(&permitted), refusing(&permitted)), (Some(Code::NameConstraintViolated), 10));
    let excluded =
        below(rcgen::NameConstraints { permitted_subtrees: none(), excluded_subtrees: tree(&format!("{HOST}.")) });
    assert_eq!((cause(&excluded), refusing(&excluded)), (Some(Code::ExtensionMalformed), 6));
    let elsewhere =
        below(rcgen::NameConstraints { permitted_subtrees: none(), excluded_subtrees: tree("other.test.") });
    assert_eq!((cause(&elsewhere), refusing(&elsewhere)), (Some(Code::ExtensionMalformed), 3));
}

/// What a client makes of the report, by its words.
fn said<'a>(report: &'a Report, client: &str) -> &'a str {
    &report.clients.iter().find(|it| it.client == client).unwrap().error
}

/// Measured with curl, Go and Java: they look at the common name where the SAN has no host.
#[test]
fn without_a_host_in_the_san_the_common_name_is_told() {
    let root = root("Root");
    let mailbox = || SanType::Rfc822Name("a@example.test".try_into().unwrap());
    let address = || SanType::IpAddress([192, 0, 2, 1].into());
    let of = |common_name: &str, sans: Vec<SanType>| {
        let leaf = root.leaf(|leaf| {
            leaf.subject_alt_names = sans;
            leaf.distinguished_name = rcgen::DistinguishedName::new();
            leaf.distinguished_name.push(DnType::OrganizationName, "Example");
            if !common_name.is_empty() {
                leaf.distinguished_name.push(DnType::CommonName, common_name);
            }
        });
        judge(&[&leaf], &[&root.der], NOW)
    };
    let other = format!("certificate subject name 'other.example.test' does not match target host name '{HOST}'");
    for (report, words) in [
        (of("other.example.test", vec![]), other.as_str()),
        (of("other.example.test", vec![mailbox()]), &other),
        (of("", vec![]), "unable to obtain common name from peer certificate"),
        (of("other.example.test", vec![address()]), "no alternative certificate subject name matches"),
    ] {
        assert!(said(&report, "curl").contains(words), "{}", said(&report, "curl"));
        assert!(said(&report, "go").contains("not valid for any names"), "{}", said(&report, "go"));
        assert!(said(&report, "java").contains("No name matching"), "{}", said(&report, "java"));
    }
    let named = of("", vec![address(), SanType::DnsName("other.example.test".try_into().unwrap())]);
    assert!(
        said(&named, "go").ends_with(&format!("valid for other.example.test, not {HOST}")),
        "{}",
        said(&named, "go")
    );
}

#[test]
fn of_two_paths_the_good_one_counts() {
    let (old, new) = (root("Old Root"), root("New Root"));
    let issuing = new.intermediate("Issuing", None);
    let cross = old.intermediate("Issuing", Some(&issuing));
    let leaf = issuing.leaf(|_| ());
    for trust in [&old, &new] {
        let report = judge(&[&leaf, &cross.der, &issuing.der], &[&trust.der], NOW);
        assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.findings);
    }
}

#[test]
fn of_what_is_wrong_in_each_block_of_a_file_some_is_told_and_the_rest_counted() {
    let text = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n";
    for (file, code, more) in [
        (text.repeat(1000), Code::CertificateCorrupt, 968),
        ("-----BEGIN CERTIFICATE-----\n".repeat(1000), Code::FileTruncated, 968),
    ] {
        let mut evidence = Evidence::default();
        evidence.add_file(Role::Chain, "chain.pem", Ok(file.as_bytes()));
        let report = diagnose(&evidence, &Question::server(None, NOW));
        let told = report.findings.iter().filter(|finding| finding.code == code);
        assert!((32..=33).contains(&told.clone().count()), "{:?}", report.findings);
        let counted = told.filter(|finding| finding.message.contains(&format!("{more} more of these"))).count();
        assert_eq!(counted, 1, "{:?}", report.findings);
        // All but the cause and the six that are shown.
        let shown = super::render::text(&report, super::render::Style::plain());
        assert!(shown.contains("… and 993 more\n"), "{shown}");
    }
}

#[test]
fn of_cas_that_all_sign_each_other_rustls_is_given_one_path() {
    let cas: Vec<Ca> = (0..8).map(|number| root(&format!("Mesh {number}"))).collect();
    let leaf = cas[0].leaf(|_| ());
    let crossed = |issuer: &Ca| cas.iter().map(|ca| cross(issuer, ca)).collect::<Vec<_>>();
    let mesh: Vec<Vec<u8>> = cas.iter().flat_map(crossed).collect();
    let chain: Vec<&[u8]> = [&leaf].into_iter().chain(&mesh).map(Vec::as_slice).collect();
    let report = judge(&chain, &[&root("Another").der], NOW);
    assert_eq!(report.verdict, Verdict::Invalid);
    let rustls = report.rustls.as_ref().unwrap();
    let given = mesh.len() as u64 - rustls["certificates_left_out"].as_u64().unwrap();
    let most = super::compare::MAX_OF_PATH as u64;
    assert_eq!((given, &rustls["accepts"]), (most.min(report.chain.len() as u64 - 1), &false.into()));
    let shown = super::render::text(&report, super::render::Style::plain().wide(1000));
    assert!(shown.contains("about this path alone"), "{shown}");
    // The anchor's own mesh is found on a path that is sent whole.
    let report = judge(&chain, &[&cas[3].der], NOW);
    assert_eq!((report.verdict, &report.rustls.as_ref().unwrap()["accepts"]), (Verdict::Valid, &true.into()));
}

/// A CA's name and key, signed by another.
fn cross(issuer: &Ca, ca: &Ca) -> Vec<u8> {
    ca.params.clone().signed_by(&ca.key, &issuer.issuer()).unwrap().der().to_vec()
}

/// CAs one below the other, from the root down.
fn line(root: &Ca, length: usize) -> Vec<Ca> {
    let mut cas: Vec<Ca> = Vec::new();
    for number in 1..=length {
        let lower = cas.last().unwrap_or(root).intermediate(&format!("CA {number}"), None);
        cas.push(lower);
    }
    cas
}

/// Measured with each client, with so many CAs between leaf and root, and with the root sent as well.
#[test]
fn a_chain_that_is_longer_than_some_clients_follow_is_told() {
    let root = root("Root");
    let cas = line(&root, 100);
    // GnuTLS is two clients, and so is rustls.
    for (between, with_root, expected, refusing) in [
        (6, false, None, 0),
        (7, false, Some("rustls"), 2),
        (9, false, Some("rustls"), 2),
        (9, true, Some("rustls and Java"), 3),
        (10, false, Some("rustls and Java"), 3),
        (15, true, Some("rustls, Java and GnuTLS"), 5),
        (16, false, Some("rustls, Java and GnuTLS"), 5),
        (19, false, Some("rustls, Java and GnuTLS"), 5),
        (20, false, Some("rustls, Java, GnuTLS, NSS and Chromium"), 7),
        (99, false, Some("rustls, Java, GnuTLS, NSS and Chromium"), 7),
        (100, false, Some("rustls, Java, GnuTLS, NSS, Chromium and Go"), 8),
    ] {
        let leaf = cas[between - 1].leaf(|_| ());
        let above = cas[..between].iter().rev().map(|ca| ca.der.as_slice());
        let chain: Vec<&[u8]> =
            [leaf.as_slice()].into_iter().chain(above).chain(with_root.then_some(root.der.as_slice())).collect();
        let report = judge(&chain, &[&root.der], NOW);
        let found = report.findings.iter().find(|finding| finding.code == Code::VerifyDepthExceeded);
        let told = found.map(|finding| finding.evidence["too_many_for"].as_str().unwrap().to_owned());
        assert_eq!((report.verdict, told.as_deref()), (Verdict::Valid, expected), "{between}: {:?}", report.findings);
        assert_eq!(report.rustls.as_ref().unwrap()["accepts"], expected.is_none(), "{between}");
        let count = report.clients.iter().filter(|it| it.verdict == "rejects").count();
        assert_eq!(count, refusing, "{between}: {:?}", report.clients);
    }
}

#[test]
fn a_signature_that_can_not_be_checked_is_none() {
    let root = root("Root");
    let leaf = root.leaf(|_| ());
    // ecdsa-with-SHA256 becomes an algorithm that is none, inside and outside, and the signature is of no account then.
    let [from, to] =
        [[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02], [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x09]];
    let mut forged = leaf.clone();
    let places: Vec<usize> = leaf.windows(8).enumerate().filter(|(_, w)| *w == from).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2);
    for at in places {
        forged[at..at + 8].copy_from_slice(&to);
    }
    let report = judge(&[&forged], &[&root.der], NOW);
    assert_eq!((report.verdict, cause(&report)), (Verdict::Invalid, Some(Code::SignatureUnsupported)));
    assert!(report.clients.iter().all(|client| client.verdict == "rejects"), "{:?}", report.clients);
}

#[test]
fn a_crowd_of_namesakes_does_not_hide_the_issuer() {
    let real = root("Root");
    let issuing = real.intermediate("Issuing", None);
    let crowd: Vec<Ca> = (0..MAX_SIGNATURE_CHECKS * 2).map(|_| real.intermediate("Issuing", None)).collect();
    let leaf = issuing.leaf(|_| ());
    let mut chain: Vec<&[u8]> = vec![&leaf, &issuing.der];
    chain.extend(crowd.iter().map(|ca| ca.der.as_slice()));
    let report = judge(&chain, &[&real.der], NOW);
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.findings);
}

/// Measured with OpenSSL, curl, Python, Node, GnuTLS and NSS, which look no further than the CA that they take first.
#[test]
fn a_namesake_before_the_issuer_is_told_where_no_key_identifier_tells_them_apart() {
    let root = root("Root");
    let (issuing, other) = (root.intermediate("Issuing", None), root.intermediate("Issuing", None));
    let nameless = issuing.leaf(|params| params.use_authority_key_identifier_extension = false);
    let named = issuing.leaf(|_| ());
    let of = |chain: [&[u8]; 3]| {
        let report = judge(&chain, &[&root.der], NOW);
        assert_eq!(report.verdict, Verdict::Valid);
        report.findings.iter().any(|it| it.code == Code::IntermediateRegenerated)
    };
    assert!(of([&nameless, &other.der, &issuing.der]));
    // NSS takes the later one of two that began at once, and else the newest.
    assert!(of([&nameless, &issuing.der, &other.der]));
    let mut older = ca_params("Issuing");
    older.not_before -= Duration::DAY;
    let older = older.signed_by(&KeyPair::generate().unwrap(), &root.issuer()).unwrap();
    assert!(!of([&nameless, &issuing.der, older.der()]));
    assert!(!of([&named, &other.der, &issuing.der]));
}

/// What is issued now is not valid then.
#[test]
fn of_a_time_before_the_chain_was_made_a_later_one_is_proposed() {
    let root = root("Root");
    let mut evidence =
        Evidence::from_ders([root.leaf(|_| ()).as_slice()], "peer", [root.der.as_slice()], "trust").unwrap();
    let (asked, now) = (NOW - Duration::days(9), NOW + Duration::days(9));
    evidence.situation.at = Some(asked);
    let question = Question { machine_now: Some(now), ..Question::server(Some(PeerName::Dns(HOST.to_owned())), asked) };
    let cause = diagnose(&evidence, &question).cause.unwrap();
    assert_eq!(cause.code, Code::NotYetValid);
    assert!(cause.fix.contains("--at 2026-05-31T12:00:00Z") && !cause.fix.contains("issue server"), "{}", cause.fix);
}

#[test]
fn a_loop_of_cross_signatures_ends() {
    let (a, b) = (root("A"), root("B"));
    let a_by_b = b.intermediate("A", Some(&a));
    let b_by_a = a.intermediate("B", Some(&b));
    let report = judge(&[&a.leaf(|_| ()), &a_by_b.der, &b_by_a.der], &[&root("Elsewhere").der], NOW);
    assert_eq!(cause(&report), Some(Code::RootNotTrusted));
}

#[test]
fn many_cas_of_one_name_end_in_a_finding_within_the_budget() {
    let real = root("Root");
    let decoys: Vec<Ca> = (0..MAX_SIGNATURE_CHECKS + 20).map(|_| root("Root")).collect();
    let leaf = real.leaf(|_| ());
    let chain: Vec<&[u8]> = std::iter::once(leaf.as_slice()).chain(decoys.iter().map(|ca| ca.der.as_slice())).collect();
    let report = judge(&chain, &[&root("Elsewhere").der], NOW);
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(budget_of(&report), ("signatures", MAX_SIGNATURE_CHECKS));
    assert_eq!(report.cause.as_ref().unwrap().evidence["candidates_for_its_issuer"], MAX_SIGNATURE_CHECKS + 20);
}

/// The search has looked at each and at no more, so nothing was cut short.
#[test]
fn as_many_cas_of_one_name_as_the_budget_allows_are_said_to_have_other_keys() {
    let (real, other) = (root("Root"), root("Elsewhere"));
    let namesakes: Vec<Ca> = (0..MAX_SIGNATURE_CHECKS).map(|_| other.intermediate("Root", None)).collect();
    let leaf = real.leaf(|params| params.use_authority_key_identifier_extension = false);
    let chain: Vec<&[u8]> =
        std::iter::once(leaf.as_slice()).chain(namesakes.iter().map(|ca| ca.der.as_slice())).collect();
    let report = judge(&chain, &[&root("Third").der], NOW);
    assert_eq!(cause(&report), Some(Code::IntermediateRegenerated), "{:?}", report.findings);
}

/// What the cause says of the bound that was reached.
fn budget_of(report: &Report) -> (&str, usize) {
    let cause = report.cause.as_ref().unwrap();
    assert_eq!(cause.code, Code::PathBudgetExceeded, "{:?}", report.findings);
    let limit = cause.evidence["limit"].as_u64().unwrap();
    (cause.evidence["budget"].as_str().unwrap(), usize::try_from(limit).unwrap())
}

#[test]
fn more_paths_than_are_judged_are_told() {
    let (ours, strangers) = (root("Issuing"), (0..super::MAX_PATHS + 1).map(|_| root("Stranger")).collect::<Vec<_>>());
    let crossed: Vec<Ca> = strangers.iter().map(|ca| ca.intermediate("Issuing", Some(&ours))).collect();
    let leaf = ours.leaf(|_| ());
    let chain: Vec<&[u8]> =
        std::iter::once(leaf.as_slice()).chain(crossed.iter().map(|ca| ca.der.as_slice())).collect();
    let report = judge(&chain, &[&root("Elsewhere").der], NOW);
    assert_eq!(budget_of(&report), ("paths", super::MAX_PATHS));
}

/// Strangers in such numbers use up what is left for explanations: what the key identifier names is looked at first, and of those
/// that belong to no path a few are named.
#[test]
fn a_renamed_ca_is_found_in_a_crowd_of_strangers() {
    let old = root("Old name");
    let renamed = {
        let params = ca_params("New name");
        params.self_signed(&old.key).unwrap().der().to_vec()
    };
    let crowd = root("Crowd");
    let strangers: Vec<Ca> =
        (0..MAX_SIGNATURE_CHECKS * 3).map(|number| crowd.intermediate(&format!("Stranger {number}"), None)).collect();
    let leaf = old.leaf(|_| ());
    let chain: Vec<&[u8]> = std::iter::once(leaf.as_slice())
        .chain(strangers.iter().map(|ca| ca.der.as_slice()))
        .chain([renamed.as_slice()])
        .collect();
    let report = judge(&chain, &[&root("Elsewhere").der], NOW);
    assert_eq!(cause(&report), Some(Code::IssuerRenamed), "{:?}", report.findings);
    let extra: Vec<_> = report.findings.iter().filter(|finding| finding.code == Code::ChainExtra).collect();
    let more = extra.iter().filter_map(|finding| finding.evidence.get("more")).collect::<Vec<_>>();
    assert_eq!((extra.len(), more), (8, vec![&serde_json::json!(MAX_SIGNATURE_CHECKS * 3 + 1 - 8)]));
}

#[test]
fn two_cas_that_certify_each_other_beside_the_files_end_in_a_fix() {
    let (a, b) = (root("A"), root("B"));
    let (a_by_b, b_by_a) = (b.intermediate("A", Some(&a)), a.intermediate("B", Some(&b)));
    let leaf = a.leaf(|_| ());
    let mut evidence = Evidence::from_ders([leaf.as_slice()], "peer", [leaf.as_slice()], "trust").unwrap();
    let beside = Evidence::from_ders([a_by_b.der.as_slice(), b_by_a.der.as_slice()], "beside", [], "trust").unwrap();
    evidence.neighbours = beside.chain;
    let report = diagnose(&evidence, &Question::server(Some(PeerName::Dns(HOST.to_owned())), NOW));
    assert_eq!(cause(&report), Some(Code::LeafAsTrustAnchor), "{:?}", report.findings);
}

#[test]
fn a_chain_deeper_than_the_bound_is_refused_and_not_followed() {
    let top = root("CA 0");
    let cas = line(&top, super::MAX_DEPTH);
    let leaf = cas[cas.len() - 1].leaf(|_| ());
    let chain: Vec<&[u8]> =
        std::iter::once(leaf.as_slice()).chain(cas.iter().rev().map(|ca| ca.der.as_slice())).collect();
    let report = judge(&chain, &[&top.der], NOW);
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!((report.chain.len(), report.path_end), (super::MAX_DEPTH, "cut-short"));
    assert_eq!(budget_of(&report), ("depth", super::MAX_DEPTH));
    let said = |client: &str| report.clients.iter().find(|it| it.client == client).unwrap().error.as_str();
    assert_eq!(said("openssl"), "verify error:num=22:certificate chain too long");
    assert_eq!(said("openssl-strict"), "error 22 at 101 depth lookup: certificate chain too long");
    assert!(said("node").ends_with("LOCALLY: unable to get local issuer certificate"), "{}", said("node"));
}

#[test]
fn self_issued_cas_do_not_count_for_the_path_length() {
    let mut limited = ca_params("Root");
    limited.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let key = KeyPair::generate().unwrap();
    let der = limited.self_signed(&key).unwrap().der().to_vec();
    let root = Ca { params: limited, key, der };
    let new_key_old_name = root.intermediate("Root", None);
    let report = judge(&[&new_key_old_name.leaf(|_| ()), &new_key_old_name.der], &[&root.der], NOW);
    assert_eq!(report.verdict, Verdict::Valid, "{:?}", report.findings);
    let lower = root.intermediate("Lower", None);
    let report = judge(&[&lower.leaf(|_| ()), &lower.der], &[&root.der], NOW);
    assert_eq!(cause(&report), Some(Code::PathLengthExceeded));
}

#[test]
fn a_leaf_with_its_cas_name_is_refused_only_where_nothing_tells_the_two_apart() {
    let root = root(HOST);
    let bare = root.leaf(|params| params.use_authority_key_identifier_extension = false);
    let report = judge(&[&bare], &[&root.der], NOW);
    assert_eq!((report.verdict, cause(&report)), (Verdict::Invalid, Some(Code::SameSubjectAsIssuer)));
    let refusing: Vec<_> = report.clients.iter().filter(|c| c.verdict == "rejects").map(|c| c.client).collect();
    assert_eq!(refusing, ["openssl", "openssl-strict", "curl", "python-3.11", "python-3.13", "node", "nss"]);
    assert!(report.clients[0].error.contains("18:self-signed certificate"));
    let told_apart = root.leaf(|params| params.is_ca = IsCa::ExplicitNoCa);
    let report = judge(&[&told_apart], &[&root.der], NOW);
    assert_eq!((report.verdict, cause(&report)), (Verdict::Valid, Some(Code::SameSubjectAsIssuer)));
    assert!(report.clients.iter().all(|client| client.verdict == "accepts"));
}

#[test]
fn text_from_a_certificate_cannot_steer_the_terminal() {
    let root = root("Root\u{1b}[2J");
    let leaf =
        root.leaf(|params| params.distinguished_name.push(DnType::OrganizationName, "x\r\ninjected: line\u{202e}"));
    let report = judge(&[&leaf], &[], NOW);
    let text = super::render::text(&report, super::render::Style::plain().wide(1000));
    assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']), "{text:?}");
    assert!(!text.lines().any(|line| line.starts_with("injected")));
}

#[test]
fn the_clock_is_the_cause_where_another_time_makes_everything_valid() {
    let root = root("Test Root CA");
    let chain = [root.leaf(|_| {})];
    let year = Duration::days(365);
    let report = |at: OffsetDateTime, machine: Option<OffsetDateTime>, peer: Option<OffsetDateTime>| {
        let evidence = Evidence {
            peer_time: peer.map(|time| PeerTime { time, source: "the Date header".to_owned() }),
            ..Evidence::from_ders(chain.iter().map(Vec::as_slice), "peer", [&root.der[..]], "trust").unwrap()
        };
        let question = Question { machine_now: machine, ..Question::server(Some(PeerName::parse(HOST).unwrap()), at) };
        let report = diagnose(&evidence, &question);
        (report.cause.map(|cause| cause.code), report.verdict)
    };
    let (wrong, early, late) = (Some(Code::ClockWrong), Some(Code::NotYetValid), Some(Code::Expired));
    for (at, machine, peer, cause) in [
        (NOW, Some(NOW), None, None),
        (NOW - year, Some(NOW), None, wrong),
        (NOW + year, Some(NOW), None, wrong),
        // Nobody says that another time is the true one.
        (NOW - year, None, None, early),
        (NOW + year, Some(NOW + year), None, late),
        // The peer does.
        (NOW + year, Some(NOW + year), Some(NOW), wrong),
        (NOW + year, Some(NOW + year), Some(NOW + year), late),
        // Files that are years ahead of this machine's clock, root and all.
        (NOW - year * 3, Some(NOW - year * 3), None, wrong),
        (NOW - Duration::days(9), Some(NOW - Duration::days(9)), None, early),
        // Neither time is right for the chain: that is the chain's fault.
        (NOW - year, Some(NOW + year), None, early),
    ] {
        let verdict = if cause.is_none() { Verdict::Valid } else { Verdict::Invalid };
        assert_eq!(report(at, machine, peer), (cause, verdict), "{at} {machine:?} {peer:?}");
    }
}
