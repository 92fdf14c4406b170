//! `[sts]`: clients are told to come over TLS only (IRCv3 strict transport security). Off unless the section is there.

use serde::Deserialize;
use std::num::NonZeroU16;

use super::settings::DEFAULT_TLS_PORT;
use crate::core::Sts;

/// `[sts]`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StsSection {
    /// The port that speaks TLS, as clients reach it; 6697 unless it is said.
    pub port: Option<NonZeroU16>,
    /// Seconds for which a client keeps to it; 0 takes an earlier promise back.
    pub duration: u32,
}

impl From<StsSection> for Sts {
    fn from(section: StsSection) -> Sts {
        Sts { port: section.port.map_or(DEFAULT_TLS_PORT, NonZeroU16::get), duration: section.duration }
    }
}
