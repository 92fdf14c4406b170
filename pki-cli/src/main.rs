//! `pki`.
fn main() {}
