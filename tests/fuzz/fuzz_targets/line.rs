//! Lines out of a stream of bytes: in whatever pieces they arrive, they are the same, and none is longer than allowed.
//!
//! The first octet says how long the pieces are: as long as the octets that were read before say.
#![no_main]

use chat::wire::line::{BODY_LENGTH, CLIENT_TAGS_LENGTH, LineSplitter, SERVER_TAGS_LENGTH, TooLong};
use libfuzzer_sys::fuzz_target;

type Found = Vec<Result<Vec<u8>, TooLong>>;

fn take(splitter: &mut LineSplitter, found: &mut Found) {
    found.extend(std::iter::from_fn(|| splitter.next_line()));
}

fn whole(mut splitter: LineSplitter, bytes: &[u8]) -> Found {
    let mut found = Vec::new();
    splitter.push(bytes);
    take(&mut splitter, &mut found);
    found
}

fn in_pieces(mut splitter: LineSplitter, first: u8, bytes: &[u8]) -> Found {
    let (mut found, mut rest, mut size) = (Vec::new(), bytes, usize::from(first));
    while !rest.is_empty() {
        let (piece, later) = rest.split_at((size % 700 + 1).min(rest.len()));
        splitter.push(piece);
        take(&mut splitter, &mut found);
        size = size * 31 + usize::from(piece[0]);
        rest = later;
        size %= 1 << 20;
    }
    found
}

/// CRs at both ends are empty messages.
fn without_crs(mut line: &[u8]) -> &[u8] {
    while let Some(rest) = line.strip_prefix(b"\r").or_else(|| line.strip_suffix(b"\r")) {
        line = rest;
    }
    line
}

/// What the rules say, without a thought of pieces: one answer for each line that is not empty.
fn by_the_rules(tags: usize, bytes: &[u8]) -> Found {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let unfinished = lines.pop().unwrap_or_default();
    let judge = |line: &[u8]| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let space = line.iter().position(|byte| *byte == b' ');
        let tagged = if line.first() == Some(&b'@') { space.map_or(line.len() + 1, |space| space + 1) } else { 0 };
        let tags_fit = tagged <= tags;
        let fits = tags_fit && line.len().saturating_sub(tagged) <= BODY_LENGTH - 2;
        let kept = if tags_fit { &line[..tagged.saturating_sub(1)] } else { b"" };
        let result = if fits { Ok(without_crs(line).to_vec()) } else { Err(TooLong { tags: kept.to_vec() }) };
        Some(result).filter(|result| result.as_ref().map_or(true, |line| !line.is_empty()))
    };
    let mut found: Found = lines.into_iter().filter_map(judge).collect();
    // What is there of the last line may already be too much.
    found.extend(judge(unfinished).filter(Result::is_err));
    found
}

fuzz_target!(|data: &[u8]| {
    let Some((&first, bytes)) = data.split_first() else { return };
    let kinds: [(fn() -> LineSplitter, usize); 2] =
        [(LineSplitter::for_clients, CLIENT_TAGS_LENGTH), (LineSplitter::for_servers, SERVER_TAGS_LENGTH)];
    for (splitter, tags) in kinds {
        let found = in_pieces(splitter(), first, bytes);
        assert_eq!(found, whole(splitter(), bytes));
        assert_eq!(found, by_the_rules(tags, bytes));
    }
});
