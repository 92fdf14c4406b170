//! The settings by which shared state changes: all nodes have to have the same, or what they know would part.

use serde::{Deserialize, Serialize};

use crate::core::{GuestSettings, Settings};

/// Such settings of one server. Written as JSON with a key for each, so that a difference can be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charter {
    /// The network's name.
    network: String,
    nick_length: usize,
    channels_per_client: usize,
    history: bool,
    /// What guests may do.
    guests_join: Vec<String>,
    guests_create: bool,
    guests_write_to_users: bool,
    guests_list: bool,
}

impl Charter {
    /// Those of a server.
    pub fn of(settings: &Settings) -> Charter {
        let (limits, guests) = (&settings.limits, &settings.guests);
        Charter {
            network: settings.network.clone(),
            nick_length: limits.nick_length,
            channels_per_client: limits.channels_per_client,
            history: settings.history,
            guests_join: guests.join.clone(),
            guests_create: guests.create,
            guests_write_to_users: guests.write_to_users,
            guests_list: guests.list,
        }
    }

    /// Other settings, with these in them.
    pub(in crate::core) fn hold(self, mut settings: Settings) -> Settings {
        settings.network = self.network;
        settings.limits.nick_length = self.nick_length;
        settings.limits.channels_per_client = self.channels_per_client;
        settings.history = self.history;
        settings.guests = GuestSettings {
            join: self.guests_join,
            create: self.guests_create,
            write_to_users: self.guests_write_to_users,
            list: self.guests_list,
        };
        settings
    }
}
