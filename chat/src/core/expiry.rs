//! The end of a client's certificate: told a day and an hour before, and then the connection ends with it.

use super::Now;
use super::session::Session;
use super::turn::Turn;

/// Seconds before the end at which its holder is told: time to renew it tomorrow, and time to do it now.
const WARNINGS: [i64; 2] = [24 * 60 * 60, 60 * 60];

/// When something is due for a session's certificate; never for one without.
pub(super) fn deadline_ms(session: &Session) -> i64 {
    let Some(identity) = &session.identity else { return i64::MAX };
    let before = WARNINGS.get(session.expiry_warnings).copied();
    // A certificate is valid through the whole of its last second (RFC 5280, section 4.1.2.5).
    let seconds = before.map_or(identity.not_after_unix.saturating_add(1), |before| identity.not_after_unix - before);
    seconds.saturating_mul(1000)
}

/// Tells the holder, or ends the connection, if it is time. True: its turn is over.
pub(super) fn look(turn: &mut Turn<'_>) -> bool {
    let Some(not_after) = turn.me().identity.as_ref().map(|identity| identity.not_after_unix) else { return false };
    if deadline_ms(turn.me()) > turn.now.unix_ms {
        return false;
    }
    let left = not_after - turn.now.seconds();
    if left < 0 {
        turn.close("Your certificate has expired: renew it (pki renew NAME) and connect again");
        return true;
    }
    if turn.me().is_registered() {
        let end = super::fanout::rfc3339(Now { unix_ms: not_after.saturating_mul(1000) });
        turn.notice(&format!(
            "Your certificate ends in {}, at {end}; the connection ends with it. Renew it (pki renew NAME) and connect again.",
            in_words(left)
        ));
        turn.me_mut().expiry_warnings = WARNINGS.iter().filter(|before| left <= **before).count();
    }
    false
}

fn in_words(seconds: i64) -> String {
    match (seconds / 3600, seconds / 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, _) => format!("{hours} h"),
    }
}
