//! From files to rustls, and from a verified certificate to an account. The handshake is decided by rustls alone;
//! what is added here records what a peer showed, so that a refusal can be explained.

pub mod access;
pub mod identity;
pub mod material;
