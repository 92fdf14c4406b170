//! A mutual-TLS chat that speaks IRC.
