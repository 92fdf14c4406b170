//! The generator of good and bad chains is itself held to account: openssl judges every scene as its row says.

use std::process::Command;

use tests::Sandbox;
use tests::chains::{CATALOGUE, Case, Scene};
use tests::peers::peer;

#[test]
fn every_good_scene_satisfies_openssl() {
    let Some(_) = peer("openssl") else { return };
    for case in CATALOGUE.iter() {
        let text = verify(&case.good);
        assert!(text.contains(": OK"), "{} {}: {text}", case.code, case.variant);
    }
}

#[test]
fn every_bad_scene_is_judged_by_openssl_as_its_row_says() {
    let Some(_) = peer("openssl") else { return };
    let wrong: Vec<String> = CATALOGUE.iter().filter_map(differs).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differs(case: &Case) -> Option<String> {
    let text = verify(&case.bad);
    let expected = match case.openssl_error {
        Some(number) => format!("error {number} at"),
        None => ": OK".to_owned(),
    };
    (!text.contains(&expected)).then(|| format!("{} {}: expected {expected:?}, got {text}", case.code, case.variant))
}

fn verify(scene: &Scene) -> String {
    let sandbox = Sandbox::new();
    scene.make(sandbox.path());
    said(scene.verify_command(sandbox.path()))
}

fn said(mut command: Command) -> String {
    let output = command.output().expect("openssl can be started");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}
