//! A private certificate authority as a library: issue certificates, keep every one of them, and explain why a
//! chain is refused.
pub mod clients;
pub mod explain;
pub mod facts;
pub mod finding;
pub mod handshake;
