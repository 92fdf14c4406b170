//! `chat`.
fn main() {}
