//! A mutual-TLS chat that speaks IRC.
//!
//! ```text
//! socket ─► TLS ─► line ─► message ─► Event ─► core ─► Action ─► outbox ─► socket
//! server/   tls/   wire/    wire/      core/ : no I/O, no clock    server/
//! ```

pub mod core;
pub mod wire;
