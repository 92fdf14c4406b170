//! Measured with openssl 3.0, Node 20, gnutls-cli 3.7, Java 17, rustls-pki-types 1.16, Go 1.19 and certutil 3.87, each on the same files.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};

use super::{Reading, Stop, gnutls, go, java, nss, openssl, rustls};
use crate::facts::to_pem;

/// The columns of the table below.
const READERS: [fn(&[u8]) -> Reading; 7] =
    [openssl::file, openssl::one_by_one, gnutls::file, java::file, rustls::file, go::file, nss::file];

fn root(name: &str) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

/// `A`: the certificate is among what was read; `.`: it is not, without a word; else why the program stopped.
fn outcome(reading: &Reading, der: &[u8]) -> char {
    match reading {
        Ok(read) if read.iter().any(|it| it.der == der) => 'A',
        Ok(_) => '.',
        Err(Stop::Nothing) => 'N',
        Err(Stop::Empty) => 'E',
        Err(Stop::Boundary) => 'B',
        Err(Stop::Cut) => 'C',
        Err(Stop::Base64) => '6',
        Err(Stop::Content) => 'D',
    }
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// What a file is made of: a root's PEM, and another's.
type Make = fn(&str, &str) -> String;

//                        openssl, Node, GnuTLS, Java, rustls, Go, NSS
const FILES: &[(&str, Make, &str)] = &[
    ("as it should be", |root, _| root.to_owned(), "AAAAAAA"),
    ("behind another", |root, other| format!("{other}{root}"), "AAAAAA."),
    ("empty", |_, _| String::new(), "N.NE..D"),
    ("indented", |root, _| each(root, "  ", ""), "N.AN..A"),
    ("quoted", |root, _| each(root, "> ", ""), "N.6N..A"),
    ("behind a quoted one", |root, other| format!("{}{root}", each(other, "> ", "")), "AA6AAA."),
    ("behind a comment with a BEGIN", |root, _| format!("# {BEGIN}\n{root}"), "AA6AAAD"),
    ("CR LF", |root, _| root.replace('\n', "\r\n"), "AAAAAAA"),
    ("CR alone", |root, _| root.replace('\n', "\r"), "N.AAA.B"),
    ("CR CR LF", |root, _| root.replace('\n', "\r\r\n"), "AAAAA.A"),
    ("one line", |root, _| root.replace('\n', " "), "N.ACC.B"),
    ("joined", |root, other| format!("{}{root}", other.trim_end()), "B.AB..."),
    ("a mark", |root, _| format!("\u{feff}{root}"), "AAAC..A"),
    ("a dash lost in BEGIN", |root, _| root.replace(BEGIN, &BEGIN[1..]), "N.NC..6"),
    ("a dash lost in END", |root, _| root.replace(END, &END[..END.len() - 1]), "B.ABC.A"),
    ("another damaged behind", |root, other| format!("{root}{}", other.replace(END, "")), "CA6CCAA"),
    ("another damaged before", |root, other| format!("{}{root}", other.replace(END, &END[..END.len() - 1])), "B.AB6A."),
    ("text behind END", |root, _| root.replace(END, "-----END CERTIFICATE----- root"), "B.ABA.A"),
    ("labels that differ", |root, _| root.replace(END, "-----END X509 CRL-----"), "B.ABC.A"),
    ("an old label", |root, _| root.replace("CERTIFICATE", "X509 CERTIFICATE"), "AAAA..A"),
    ("OpenSSL's own label", |root, _| root.replace("CERTIFICATE", "TRUSTED CERTIFICATE"), "AANA..A"),
    ("the label of a list", |root, _| root.replace("CERTIFICATE", "X509 CRL"), "D.NA..A"),
    ("behind a list's label", |root, other| format!("{}{root}", other.replace("CERTIFICATE", "X509 CRL")), "DAAAAA."),
    ("an empty line", |root, _| root.replacen('\n', "\n\n", 3).replacen("\n\n", "\n", 1), "B.AAAAA"),
    ("a header", |root, _| root.replace(BEGIN, &format!("{BEGIN}\nx: y\n")), "6.666.6"),
    ("a star", |root, _| root.replacen("\nM", "\n*M", 1), "6.666.A"),
    ("an octet of zero behind a line", |root, _| root.replacen("\nM", "\0\nM", 1), "AA6BB.A"),
];

fn each(pem: &str, before: &str, behind: &str) -> String {
    pem.lines().map(|line| format!("{before}{line}{behind}\n")).collect()
}

#[test]
fn each_reader_takes_a_file_as_the_program_does() {
    let (root, other) = (root("A Root"), root("Another Root"));
    let (pem, other) = (to_pem("CERTIFICATE", &root), to_pem("CERTIFICATE", &other));
    let mut wrong = Vec::new();
    for (name, make, expected) in FILES {
        let file = make(&pem, &other);
        let found: String = READERS.iter().map(|reader| outcome(&reader(file.as_bytes()), &root)).collect();
        if found != *expected {
            wrong.push(format!("{name}: expected {expected}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
