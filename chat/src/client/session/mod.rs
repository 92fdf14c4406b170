//! The parts of the client's core: reading what the server says, registering, and wording replies.

mod incoming;
mod login;
mod registration;
pub(super) mod replies;

pub(super) use incoming::Incoming;
pub use login::Login;
pub(super) use registration::Registration;
