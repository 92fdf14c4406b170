//! A mutual-TLS chat that speaks IRC.
//!
//! ```text
//! socket ─► TLS ─► line ─► message ─► Event ─► core ─► Action ─► outbox ─► socket
//! server/   tls/   wire/    wire/      core/ : no I/O, no clock    server/
//! ```
//!
//! [`core`] is the chat as a function of state, time and event. [`wire`] is its language. [`server`] and [`client`]
//! are the edges that own sockets and clocks, [`tls`] is how they are protected and who their peers are, and
//! [`config`] what they are told to do; [`archive`] keeps what outlives a server's process, and [`bus`] makes one
//! chat of several. [`limits`] has what bounds them all.

pub mod archive;
pub mod bus;
pub mod client;
pub mod config;
pub mod core;
pub mod limits;
pub mod server;
pub mod tls;
pub mod wire;
