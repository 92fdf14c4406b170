//! How many sockets the system lets this process have.

use super::limits::{CONNECTIONS, ENOUGH_CONNECTIONS, OTHER_DESCRIPTORS};

/// Raises the limit as far as the system allows; how many connections there may be.
pub(super) fn connections() -> usize {
    let Some(limit) = raise() else { return CONNECTIONS };
    let room = room(limit);
    if room < ENOUGH_CONNECTIONS {
        tracing::warn!(
            limit,
            connections = room,
            "few-descriptors: more clients than that have to wait; raise the limit with LimitNOFILE= in the service, or ulimit -Hn"
        );
    }
    room
}

/// Connections for which there is room below a limit of descriptors.
fn room(limit: u64) -> usize {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    limit.saturating_sub(OTHER_DESCRIPTORS).clamp(1, CONNECTIONS)
}

/// The limit after it was raised; `None` where there is none.
#[cfg(unix)]
fn raise() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(_) => current,
    }
}

#[cfg(not(unix))]
fn raise() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_itself_needs_is_left() {
        assert_eq!(room(1_024), 1_024 - OTHER_DESCRIPTORS);
        assert_eq!((room(0), room(u64::MAX)), (1, CONNECTIONS));
    }

    #[cfg(unix)]
    #[test]
    fn the_limit_is_raised_to_what_is_allowed() {
        let raised = raise();
        assert_eq!(raised, rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum);
    }
}
