//! What people type who know other servers and clients of IRC.

use crate::mistyped::Habit;

const fn habit(command: &'static str, word: &'static str, instead: &'static str) -> Habit {
    Habit { command, word, instead }
}

/// The first row that fits is taken.
pub(crate) const HABITS: &[Habit] = &[
    habit("chat connect", "--chan", "--join"),
    habit("chat connect", "--channel", "--join"),
    habit("chat connect", "--ca", "--trust"),
    habit("chat connect", "--cafile", "--trust"),
    habit("chat serve", "--ca", "--trust"),
    habit("chat serve", "--cafile", "--trust"),
    habit("chat serve", "--certificate", "--cert"),
    habit("chat serve", "--host", "--name"),
    habit("chat serve", "--hostname", "--name"),
    habit("chat serve", "--tls", "--listen"),
    habit("chat serve", "--tls-cert", "--cert"),
    habit("chat serve", "--tls-key", "--key"),
    habit("chat", "client", "connect"),
    habit("chat", "demo", "quickstart"),
    habit("chat", "try", "quickstart"),
    habit("chat", "listen", "serve"),
    habit("chat", "run", "serve"),
    habit("chat", "server", "serve"),
    habit("chat", "start", "serve"),
    habit("chat", "version", "--version"),
];
