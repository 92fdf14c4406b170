//! The empty index, as a file. To make its tables SQLite compiles some forty statements, which takes longer than all else
//! that a new CA needs; to read tables that are there takes a fraction of it.
//!
//! The format is one that SQLite promises to keep (<https://www.sqlite.org/fileformat2.html>, whose sections are cited
//! here). A test has SQLite check the file, and compares its tables with those that SQLite makes of the same schema. A
//! schema that this module cannot lay out is left to SQLite.

/// Octets of a page: SQLite's default.
const PAGE: usize = 4096;
/// Octets of the database's header, before the first page's own (section 1.3).
const HEADER: usize = 100;
/// Octets of the header of a leaf (section 1.6).
const LEAF_HEADER: usize = 8;
/// The first octet of a page above a table's leaves.
const INTERIOR: u8 = 0x05;

/// What a leaf is of; the number is its first octet (section 1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaf {
    Index = 0x0a,
    Table = 0x0d,
}

/// A row of `sqlite_schema` (section 2.6). Each has one page, which is empty.
#[derive(Debug)]
struct Object<'a> {
    leaf: Leaf,
    name: String,
    table: &'a str,
    /// The statement that makes it. What a constraint makes has none.
    sql: Option<&'a str>,
}

/// The file of an index with the tables of `schema` and no rows, in WAL mode and with that `user_version`. `None` where a
/// statement is of a kind that is not known here, or does not fit on a page.
pub(crate) fn image(schema: &str, format: i64) -> Option<Vec<u8>> {
    let mut objects = Vec::new();
    for statement in without_comment(schema).split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
        add_objects(&mut objects, statement)?;
    }
    let leaves = leaves_of(&objects)?;
    let below = if leaves.len() > 1 { leaves.len() } else { 0 };
    let mut file = header(u32::try_from(1 + objects.len() + below).ok()?, u32::try_from(format).ok()?);
    match &leaves[..] {
        [all] => add_leaf(&mut file, Leaf::Table, &all.cells)?,
        leaves => top_page(&mut file, leaves, 2 + objects.len())?,
    }
    for object in &objects {
        add_page(&mut file, object.leaf, &[])?;
    }
    for rows in leaves.iter().take(below) {
        add_page(&mut file, Leaf::Table, &rows.cells)?;
    }
    Some(file)
}

/// The schema without the lines of comment before it.
fn without_comment(schema: &str) -> &str {
    let mut rest = schema.trim_start();
    while let Some(comment) = rest.strip_prefix("--") {
        rest = comment.split_once('\n').map_or("", |(_, after)| after.trim_start());
    }
    rest
}

/// What a statement makes: a table and the index of each constraint that needs one, or an index.
fn add_objects<'a>(objects: &mut Vec<Object<'a>>, sql: &'a str) -> Option<()> {
    if let Some(rest) = sql.strip_prefix("CREATE TABLE ") {
        let table = rest.split([' ', '(']).next()?;
        if sql.contains("WITHOUT ROWID") || sql.contains("AUTOINCREMENT") {
            return None;
        }
        objects.push(Object { leaf: Leaf::Table, name: table.to_owned(), table, sql: Some(sql) });
        let count = |words: &str| sql.matches(words).count();
        // A whole number as the primary key is the number of the row, and needs no index.
        for number in 1..=count("UNIQUE") + count("PRIMARY KEY") - count("INTEGER PRIMARY KEY") {
            let name = format!("sqlite_autoindex_{table}_{number}");
            objects.push(Object { leaf: Leaf::Index, name, table, sql: None });
        }
        return Some(());
    }
    let rest = sql.strip_prefix("CREATE INDEX ").or_else(|| sql.strip_prefix("CREATE UNIQUE INDEX "))?;
    let (name, on) = rest.split_once(" ON ")?;
    let table = on.split([' ', '(']).next()?;
    objects.push(Object { leaf: Leaf::Index, name: name.to_owned(), table, sql: Some(sql) });
    Some(())
}

/// The database's header (section 1.3).
fn header(pages: u32, format: u32) -> Vec<u8> {
    /// The fractions of a page that a record may take; fixed.
    const FRACTIONS: [u8; 4] = [0, 64, 32, 32];
    /// The format of `sqlite_schema`, and UTF-8.
    const SCHEMA_FORMAT: u32 = 4;
    const UTF_8: u32 = 1;
    /// Both versions, of who may read and who may write: WAL.
    const WAL: [u8; 2] = [2, 2];
    const CHANGES: u32 = 1;
    let library = rusqlite::version_number().cast_unsigned();
    let mut header = b"SQLite format 3\0".to_vec();
    header.extend((PAGE as u16).to_be_bytes());
    header.extend(WAL);
    header.extend(FRACTIONS);
    let free_pages = [0, 0];
    let (cookie, cache, vacuum, application) = (1, 0, 0, 0);
    let fields = [[CHANGES, pages], free_pages, [cookie, SCHEMA_FORMAT], [cache, vacuum], [UTF_8, format]];
    header.extend(fields.concat().into_iter().flat_map(u32::to_be_bytes));
    header.extend([0, application].into_iter().flat_map(u32::to_be_bytes));
    header.resize(HEADER - 8, 0);
    header.extend([CHANGES, library].into_iter().flat_map(u32::to_be_bytes));
    header
}

/// The cells of one leaf of `sqlite_schema`, and the number of the last row among them.
struct SchemaLeaf {
    cells: Vec<Vec<u8>>,
    last: u8,
}

/// `sqlite_schema`, as many rows on a leaf as the first page has room for.
fn leaves_of(objects: &[Object<'_>]) -> Option<Vec<SchemaLeaf>> {
    let mut leaves: Vec<SchemaLeaf> = Vec::new();
    let mut room = 0;
    for (row, object) in (1..).zip(objects) {
        let cell = cell(row, object)?;
        // Two octets more say where it begins.
        let size = cell.len() + 2;
        if size > room {
            leaves.push(SchemaLeaf { cells: Vec::new(), last: 0 });
            room = PAGE - HEADER - LEAF_HEADER;
        }
        room = room.checked_sub(size)?;
        let leaf = leaves.last_mut()?;
        leaf.cells.push(cell);
        leaf.last = row;
    }
    Some(leaves)
}

/// The rest of the first page, which stands above the leaves of `sqlite_schema`; the first of them is page `first`. Each
/// cell has a leaf and its last row; the last leaf stands in the header (section 1.6).
fn top_page(file: &mut Vec<u8>, leaves: &[SchemaLeaf], first: usize) -> Option<()> {
    let page = |index: usize| u32::try_from(first + index).ok().map(u32::to_be_bytes);
    let (_, before) = leaves.split_last()?;
    let mut cells = Vec::new();
    for (index, leaf) in before.iter().enumerate() {
        cells.push([&page(index)?[..], &varint(leaf.last.into())?].concat());
    }
    let start = PAGE - cells.iter().map(Vec::len).sum::<usize>();
    file.extend(page_header(INTERIOR, cells.len(), start)?);
    file.extend(page(before.len())?);
    fill(file, &cells)
}

/// A leaf with these cells, as a page of its own.
fn add_page(file: &mut Vec<u8>, kind: Leaf, cells: &[Vec<u8>]) -> Option<()> {
    let mut page = Vec::with_capacity(PAGE);
    add_leaf(&mut page, kind, cells)?;
    file.extend(page);
    Some(())
}

/// A leaf with these cells, up to the end of a page that may have begun.
fn add_leaf(page: &mut Vec<u8>, kind: Leaf, cells: &[Vec<u8>]) -> Option<()> {
    let start = PAGE - cells.iter().map(Vec::len).sum::<usize>();
    page.extend(page_header(kind as u8, cells.len(), start)?);
    fill(page, cells)
}

/// Puts behind a page's header where each cell begins, and the cells at the page's end.
fn fill(page: &mut Vec<u8>, cells: &[Vec<u8>]) -> Option<()> {
    let mut at = PAGE;
    for cell in cells {
        at -= cell.len();
        page.extend(u16::try_from(at).ok()?.to_be_bytes());
    }
    page.resize(at, 0);
    page.extend(cells.iter().rev().flatten());
    Some(())
}

/// Kind, no free block, the number of cells, where they begin, no fragments (section 1.6).
fn page_header(kind: u8, cells: usize, start: usize) -> Option<[u8; LEAF_HEADER]> {
    let [cells, start] = [u16::try_from(cells).ok()?, u16::try_from(start).ok()?].map(u16::to_be_bytes);
    Some([kind, 0, 0, cells[0], cells[1], start[0], start[1], 0])
}

/// A row of `sqlite_schema` in its cell: its length, its number, and the record (sections 1.6 and 2.1).
fn cell(row: u8, object: &Object<'_>) -> Option<Vec<u8>> {
    let kind = if object.leaf == Leaf::Table { "table" } else { "index" };
    let sql = object.sql.unwrap_or_default();
    // The first page is the schema's own.
    let page = row + 1;
    let mut types = Vec::new();
    for text in [kind, &object.name, object.table] {
        types.extend(varint(text_type(text))?);
    }
    types.push(ONE_OCTET);
    types.extend(varint(if object.sql.is_some() { text_type(sql) } else { NULL })?);
    let mut record = varint(types.len() + 1)?;
    record.extend(types);
    record.extend([kind.as_bytes(), object.name.as_bytes(), object.table.as_bytes(), &[page], sql.as_bytes()].concat());
    let mut cell = varint(record.len())?;
    cell.push(row);
    cell.extend(record);
    Some(cell)
}

/// Serial types of a record (section 2.1).
const NULL: usize = 0;
const ONE_OCTET: u8 = 1;

fn text_type(text: &str) -> usize {
    13 + 2 * text.len()
}

/// Seven bits an octet, the high ones first (section 1.6). Two octets reach far beyond a page.
fn varint(value: usize) -> Option<Vec<u8>> {
    match value {
        0..0x80 => Some(vec![value as u8]),
        0x80..0x4000 => Some(vec![0x80 | (value >> 7) as u8, (value & 0x7f) as u8]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::image;
    use crate::store::index::FORMAT;
    use crate::store::migrate::SCHEMA;

    type Row = (String, String, String, Option<String>);

    fn tables(connection: &Connection) -> Vec<Row> {
        let mut query = connection.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema").unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn it_is_the_database_that_sqlite_makes_of_the_schema() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index");
        std::fs::write(&path, image(SCHEMA, FORMAT).expect("the schema fits")).unwrap();
        let ours = Connection::open(&path).unwrap();
        let asked = |pragma: &str| ours.pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0));
        assert_eq!(asked("integrity_check"), Ok("ok".to_owned().into()));
        assert_eq!(asked("journal_mode"), Ok("wal".to_owned().into()));
        assert_eq!(asked("user_version"), Ok(FORMAT.into()));
        assert_eq!(asked("encoding"), Ok("UTF-8".to_owned().into()));
        let theirs = Connection::open_in_memory().unwrap();
        theirs.execute_batch(SCHEMA).unwrap();
        assert_eq!(tables(&ours), tables(&theirs));
        for (_, name, table, _) in tables(&theirs).iter().filter(|(kind, ..)| kind == "table") {
            assert_eq!(name, table);
            let rows: i64 = ours.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0)).unwrap();
            assert_eq!(rows, 0, "{name}");
        }
    }

    #[test]
    fn a_schema_of_many_pages_is_laid_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index");
        let schema: String =
            (0..60).map(|n| format!("CREATE TABLE t{n} (a TEXT DEFAULT '{}');\n", "x".repeat(200))).collect();
        std::fs::write(&path, image(&schema, 1).expect("each fits")).unwrap();
        let ours = Connection::open(&path).unwrap();
        let check: String = ours.pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
        assert_eq!((check.as_str(), tables(&ours).len()), ("ok", 60));
        ours.execute_batch("INSERT INTO t59 (a) VALUES ('y')").unwrap();
    }

    #[test]
    fn what_it_cannot_lay_out_is_left_to_sqlite() {
        for schema in [
            "CREATE TABLE a (b INTEGER PRIMARY KEY AUTOINCREMENT);",
            "CREATE VIEW a AS SELECT 1;",
            &format!("CREATE TABLE a (b TEXT DEFAULT '{}');", "x".repeat(super::PAGE)),
        ] {
            assert_eq!(image(schema, 1), None, "{schema}");
        }
    }
}
