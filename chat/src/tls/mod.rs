//! From files to rustls, and from a verified certificate to an account. The handshake is decided by rustls alone;
//! what is added here explains a refusal from what the peer showed.

pub mod access;
pub mod asked;
pub mod bundle;
pub mod bus;
pub mod client;
pub mod identity;
pub mod material;
pub mod own_fault;
pub mod refusal;
pub mod server;
