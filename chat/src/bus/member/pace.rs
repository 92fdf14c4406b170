//! How fast Redis answers.

use super::Member;
use crate::bus::Happened;
use crate::bus::limits::{CALM_MS, SLOW_MS};

/// A time in which Redis is slow.
#[derive(Debug)]
pub(super) struct Spell {
    worst_ms: i64,
    /// When it is over, if Redis answers at once until then.
    until: i64,
}

impl Member {
    /// Redis has answered the call that was on its way.
    pub(super) fn note_delay(&mut self, now: i64) {
        let delay_ms = now - self.asked_at;
        if delay_ms >= SLOW_MS {
            if self.spell.is_none() {
                self.happened.push(Happened::Slow { delay_ms });
            }
            let worst_ms = self.spell.as_ref().map_or(delay_ms, |spell| spell.worst_ms.max(delay_ms));
            self.spell = Some(Spell { worst_ms, until: now + CALM_MS });
        } else if let Some(Spell { worst_ms, .. }) = self.spell.take_if(|spell| spell.until <= now) {
            self.happened.push(Happened::Quick { worst_ms });
        }
    }
}
