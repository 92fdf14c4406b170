//! Pieces of conversations, as clients ask for them (IRCv3 draft/chathistory).

use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};

use crate::core::Now;
use crate::core::keep::{
    Buffer, ConversationsQuery, HistoryQuery, Page, PageQuery, Place, Point, Position as At, Said, place_of,
};

/// Where an entry lies: its time, and its number among those of the same time.
type Position = (i64, i64);

/// A position before and one after everything.
const FIRST: Position = (i64::MIN, i64::MIN);
const LAST: Position = (i64::MAX, i64::MAX);

/// Which end of a range is wanted if it is longer than the limit.
#[derive(Clone, Copy)]
enum End {
    Oldest,
    Newest,
}

/// The entries that were asked for, oldest first. A point that is not there gives nothing.
pub(super) fn history(connection: &Connection, asked: &HistoryQuery) -> rusqlite::Result<Vec<Said>> {
    let at = |point: &Point, after: bool| position(connection, &asked.buffer, point, after);
    let between = |from, to, end, limit| range(connection, asked, (from, to), end, limit);
    match &asked.place {
        Place::Latest(None) => between(FIRST, LAST, End::Newest, asked.limit),
        Place::Latest(Some(point)) => match at(point, true)? {
            Some(from) => between(from, LAST, End::Newest, asked.limit),
            None => Ok(Vec::new()),
        },
        Place::Before(point) => match at(point, false)? {
            Some(to) => between(FIRST, to, End::Newest, asked.limit),
            None => Ok(Vec::new()),
        },
        Place::After(point) => match at(point, true)? {
            Some(from) => between(from, LAST, End::Oldest, asked.limit),
            None => Ok(Vec::new()),
        },
        Place::Around(point) => match at(point, false)? {
            Some(middle) => {
                let mut entries = between(FIRST, middle, End::Newest, asked.limit / 2)?;
                let just_before = (middle.0, middle.1.saturating_sub(1));
                let rest = asked.limit - entries.len().min(asked.limit / 2);
                entries.extend(between(just_before, LAST, End::Oldest, rest)?);
                Ok(entries)
            }
            None => Ok(Vec::new()),
        },
        Place::Between(one, other) => match (at(one, true)?, at(other, true)?) {
            (Some(from), Some(to)) if from <= to => {
                let to = at(other, false)?.unwrap_or(to);
                between(from, to, End::Oldest, asked.limit)
            }
            (Some(from), Some(to)) => {
                let from = at(one, false)?.unwrap_or(from);
                between(to, from, End::Newest, asked.limit)
            }
            _ => Ok(Vec::new()),
        },
    }
}

/// Where a point lies. A time lies before all of its entries, or with `after` behind them.
fn position(
    connection: &Connection,
    buffer: &Buffer,
    point: &Point,
    after: bool,
) -> rusqlite::Result<Option<Position>> {
    match point {
        Point::At(now) => Ok(Some((now.unix_ms, if after { i64::MAX } else { i64::MIN }))),
        Point::Msgid(msgid) => connection
            .prepare_cached("SELECT at, seq FROM message WHERE msgid = ?1 AND buffer = ?2")?
            .query_row(params![msgid, buffer.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map(|found| found.or_else(|| elsewhere(msgid, after))),
    }
}

/// Where an entry lies that another node has: what has its very time may be told or not, and is told.
fn elsewhere(msgid: &str, after: bool) -> Option<Position> {
    place_of(msgid).map(|(_, _, at)| (at, if after { i64::MIN } else { i64::MAX }))
}

/// Entries strictly between two positions, oldest first.
fn range(
    connection: &Connection,
    asked: &HistoryQuery,
    (from, to): (Position, Position),
    end: End,
    limit: usize,
) -> rusqlite::Result<Vec<Said>> {
    let order = match end {
        End::Oldest => "at, seq",
        End::Newest => "at DESC, seq DESC",
    };
    let sql = format!(
        "SELECT msgid, at, buffer, account, bot, tags, line, event FROM message \
         WHERE buffer = ?1 AND (at, seq) > (?2, ?3) AND (at, seq) < (?4, ?5) AND event <= ?6 ORDER BY {order} LIMIT ?7"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(&sql)?;
    let parameters = params![asked.buffer.as_str(), from.0, from.1, to.0, to.1, asked.events, limit];
    let mut entries = statement.query_map(parameters, said)?.collect::<rusqlite::Result<Vec<_>>>()?;
    if matches!(end, End::Newest) {
        entries.reverse();
    }
    Ok(entries)
}

/// A page of a conversation. Rows are read as far as the page reaches.
pub(super) fn page(connection: &Connection, asked: &PageQuery) -> rusqlite::Result<Page> {
    let left_out = before_the_newest(connection, asked)?.filter(|it| *it > asked.after);
    let after = left_out.unwrap_or(asked.after);
    let mut statement = connection.prepare_cached(
        "SELECT msgid, at, buffer, account, bot, tags, line, event FROM message \
         WHERE buffer = ?1 AND at >= ?2 AND event = 0 ORDER BY at, seq",
    )?;
    let rows = statement.query_map(params![asked.buffer.as_str(), after.at.unix_ms], said)?;
    Ok(Page { left_out, ..Page::of(rows, after)? })
}

/// The last message that is none of the newest that count, if there is one.
fn before_the_newest(connection: &Connection, asked: &PageQuery) -> rusqlite::Result<Option<At>> {
    let newest = i64::try_from(asked.newest).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "SELECT msgid, at FROM message WHERE buffer = ?1 AND event = 0 ORDER BY at DESC, seq DESC LIMIT 1 OFFSET ?2",
        )?
        .query_row(params![asked.buffer.as_str(), newest], |row| {
            let (msgid, unix_ms): (String, i64) = (row.get(0)?, row.get(1)?);
            Ok(At::named(&msgid, Now { unix_ms }))
        })
        .optional()
}

fn said(row: &Row<'_>) -> rusqlite::Result<Said> {
    Ok(Said {
        msgid: row.get(0)?,
        at: Now { unix_ms: row.get(1)? },
        buffer: Buffer::from_text(row.get(2)?),
        account: row.get(3)?,
        bot: row.get(4)?,
        tags: row.get(5)?,
        line: row.get(6)?,
        event: row.get(7)?,
    })
}

/// The conversations whose last message lies in the range, the earliest first; where there are too many, those at the end
/// from which they are counted.
pub(super) fn conversations(
    connection: &Connection,
    asked: &ConversationsQuery,
) -> rusqlite::Result<Vec<(Buffer, Now)>> {
    let mut found = Vec::new();
    if let Some(person) = &asked.person {
        for column in ["one", "other"] {
            let sql = format!("SELECT buffer, last FROM conversation WHERE {column} = ?1 AND last > ?2 AND last < ?3");
            gather(connection, &sql, &[person, &asked.after.unix_ms, &asked.before.unix_ms], &mut found)?;
        }
    }
    for channel in &asked.channels {
        let sql = "SELECT buffer, last FROM conversation WHERE buffer = ?1 AND last > ?2 AND last < ?3";
        gather(connection, sql, &[&channel.as_str(), &asked.after.unix_ms, &asked.before.unix_ms], &mut found)?;
    }
    found.sort_unstable_by(|(one, at), (other, other_at)| (at, one).cmp(&(other_at, other)));
    // Who talks to himself is both people of one conversation.
    found.dedup();
    let beyond = found.len().saturating_sub(asked.limit);
    if asked.newest {
        found.drain(..beyond);
    }
    found.truncate(asked.limit);
    Ok(found)
}

fn gather(
    connection: &Connection,
    sql: &str,
    parameters: &[&dyn ToSql],
    found: &mut Vec<(Buffer, Now)>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map(parameters, |row| Ok((Buffer::from_text(row.get(0)?), Now { unix_ms: row.get(1)? })))?;
    for row in rows {
        found.push(row?);
    }
    Ok(())
}
