//! What a server is told to do: the configuration file, and the flags that win over it.

pub mod accounts;
pub mod bus;
pub mod credentials;
pub mod endpoint;
pub mod file;
pub mod guests;
mod place;
pub mod settings;
pub mod sts;
mod words;

pub use credentials::Credentials;
pub use file::{ConfigError, ConfigFile, HistoryStore};
pub use place::line_of_error;
pub use settings::{Flags, MutualTls, ServeSettings, SettingsError};
