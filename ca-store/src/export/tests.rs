//! What is exported is read back by the reader of foreign files, which shares no code with the writer.

use super::*;
use crate::container;
use crate::facts::{BlockKind, Input};

fn made() -> Export {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let now = time::OffsetDateTime::now_utc();
    let mut ca = crate::request::InitCaRequest::new("Test Root CA");
    ca.intermediate = Some("Test Issuing CA".to_owned());
    crate::init_ca(&store, ca, now).unwrap();
    let store = crate::store::Store::open(&store).unwrap();
    crate::issue(&store, &crate::request::IssueRequest::client("alice"), now).unwrap();
    store.export("alice").unwrap()
}

fn opened(bytes: &[u8], passphrase: Option<&str>) -> Input {
    let passphrase = passphrase.map(|text| Passphrase::new(text.to_owned()));
    container::open(Input::read(bytes), passphrase.as_ref())
}

fn of_kind(input: &Input, kind: BlockKind) -> Vec<Vec<u8>> {
    input.blocks.iter().filter(|block| block.kind == kind).map(|block| block.der.to_vec()).collect()
}

#[test]
fn a_pkcs12_file_holds_everything_and_opens_with_its_passphrase_alone() {
    let export = made();
    let all = [std::slice::from_ref(&export.certificate), &export.between, &export.roots].concat();
    for (lock, passphrase) in
        [(Lock::Modern, "correct horse"), (Lock::Legacy, "correct horse"), (Lock::Modern, "pässwörd")]
    {
        let file = export.pkcs12(&Passphrase::new(passphrase.to_owned()), lock).unwrap();
        let read = opened(&file, Some(passphrase));
        assert_eq!(of_kind(&read, BlockKind::Certificate), all, "{lock:?}");
        assert_eq!(of_kind(&read, BlockKind::PrivateKey), [export.key().unwrap()], "{lock:?}");
        assert_eq!(of_kind(&opened(&file, Some("wrong")), BlockKind::PrivateKey), Vec::<Vec<u8>>::new());
        assert_eq!(of_kind(&opened(&file, None), BlockKind::PrivateKey), Vec::<Vec<u8>>::new());
    }
}

#[test]
fn no_passphrase_is_no_protection() {
    let refused = made().pkcs12(&Passphrase::new(String::new()), Lock::Modern);
    assert!(matches!(refused, Err(Error::ExportPasswordEmpty)));
}

#[test]
fn a_bundle_has_the_certificate_first_and_the_root_last() {
    let export = made();
    let read = opened(&export.bundle().unwrap(), None);
    let kinds: Vec<BlockKind> = read.blocks.iter().map(|block| block.kind).collect();
    let certificate = BlockKind::Certificate;
    assert_eq!(kinds, [certificate, certificate, BlockKind::PrivateKey, certificate]);
    assert_eq!(read.faults.len(), 0, "{:?}", read.faults);
    assert_eq!(*read.blocks[0].der, export.certificate);
    assert_eq!(*read.blocks[3].der, export.roots[0]);
}

#[test]
fn without_a_key_there_is_nothing_to_hand_over() {
    let lost = Export { key: None, ..made() };
    assert!(matches!(lost.haproxy(), Err(Error::KeyLost { .. })));
    let export = Export { key: None, key_here: Some(false), ..made() };
    assert!(matches!(export.haproxy(), Err(Error::KeyElsewhere { .. })));
    assert!(matches!(export.bundle(), Err(Error::KeyElsewhere { .. })));
    assert!(!format!("{export:?}").contains("key"));
}
