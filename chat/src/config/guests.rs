//! `[guests]`: what is allowed without an account.

use serde::Deserialize;

use crate::core::GuestSettings;

/// `[guests]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GuestsSection {
    /// Masks of the channels that they may join; all, unless it is said.
    pub join: Option<Vec<String>>,
    /// Whether they may begin channels; true unless it is said, as for the others here.
    pub create: Option<bool>,
    /// Whether they may write to users.
    pub write_to_users: Option<bool>,
    /// Whether they may list channels and users.
    pub list: Option<bool>,
}

impl From<GuestsSection> for GuestSettings {
    fn from(section: GuestsSection) -> GuestSettings {
        let usual = GuestSettings::default();
        GuestSettings {
            join: section.join.unwrap_or(usual.join),
            create: section.create.unwrap_or(usual.create),
            write_to_users: section.write_to_users.unwrap_or(usual.write_to_users),
            list: section.list.unwrap_or(usual.list),
        }
    }
}
