//! What a server is told to do: the configuration file, and the flags that win over it.

pub mod file;
pub mod settings;

pub use file::{ConfigError, ConfigFile};
pub use settings::{Credentials, Flags, MutualTls, ServeSettings, SettingsError};
