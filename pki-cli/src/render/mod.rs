//! Results as text and as JSON.

pub(crate) mod card;
