//! The language on the wire: lines, messages, numerics and names, as the RFCs 1459 and 2812 and the IRCv3 specifications
//! define them.
//!
//! Nothing here knows a session, a socket or a clock: bytes go in, values come out, and the other way round.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod base64;
pub mod capability;
pub mod casemap;
pub mod channel_name;
pub mod extban;
pub mod line;
pub mod mask;
pub mod message;
pub mod mode;
pub mod nickname;
pub mod numeric;
pub mod saslprep;
pub mod time;
