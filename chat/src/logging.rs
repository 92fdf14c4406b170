//! Logs for the operator: lines on standard error, a fact a field, never the text of a message.

use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

use crate::machine;

/// The variable that chooses what is logged, as in `CHAT_LOG=warn`.
const VARIABLE: &str = "CHAT_LOG";

/// Logs from here on, `level` and graver, unless the environment says otherwise.
pub(crate) fn start(level: &str) {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(level));
    let colour = io::stderr().is_terminal() && machine::takes_colour();
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(colour);
    // Fails only where logs were started before, which then go on.
    let _ = logs.with_target(false).try_init();
}
