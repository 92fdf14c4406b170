//! Which messages were taken back, where several things were done to histories one after the other.

use super::{Buffer, Keep};

/// What was taken back, with the conversations as they are called after all of this. What lies in one that is no more is gone with it.
pub fn taken_back(done: &[Keep]) -> Vec<(Buffer, String)> {
    let mut taken_back: Vec<(Buffer, String)> = Vec::new();
    for keep in done {
        match keep {
            Keep::Redacted { buffer, msgid } => taken_back.push((buffer.clone(), msgid.clone())),
            Keep::Moved { from, to } => {
                let moved = taken_back.iter_mut().filter(|(buffer, _)| buffer == from);
                moved.for_each(|(buffer, _)| buffer.clone_from(to));
            }
            Keep::Dropped { buffer } => taken_back.retain(|(of, _)| of != buffer),
            _ => {}
        }
    }
    taken_back
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_back_is_found_where_its_channel_is_now() {
        let buffer = |name: &str| Buffer::channel(name);
        let redacted = |name: &str, msgid: &str| Keep::Redacted { buffer: buffer(name), msgid: msgid.to_owned() };
        let moved = |from: &str, to: &str| Keep::Moved { from: buffer(from), to: buffer(to) };
        let done = [
            redacted("#a", "of-a"),
            moved("#a", "#t"),
            redacted("#b", "of-b"),
            moved("#b", "#a"),
            moved("#t", "#b"),
            redacted("#a", "of-b-later"),
            redacted("#gone", "lost"),
            Keep::Dropped { buffer: buffer("#gone") },
        ];
        let found = taken_back(&done);
        let found: Vec<_> = found.iter().map(|(buffer, msgid)| (buffer.as_str(), msgid.as_str())).collect();
        assert_eq!(found, [("#b", "of-a"), ("#a", "of-b"), ("#a", "of-b-later")]);
    }
}
