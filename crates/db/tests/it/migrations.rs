//! The files of the schema: what they may say, and that both databases get the same.

use db::sqlx;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Columns that say by their name what they hold, in every table.
const OBVIOUS: [&str; 20] = [
    "active",
    "attempts",
    "created_at",
    "customer",
    "duration_ms",
    "email",
    "end_ms",
    "error",
    "finished_at",
    "id",
    "imported_at",
    "language",
    "max_attempts",
    "name",
    "overall_score",
    "start_ms",
    "started_at",
    "text",
    "title",
    "time_zone",
];

/// Where each database looks for words and meaning in its own way: SQLite in a table of its full-text search, codes and vectors that are made by us;
/// PostgreSQL in a column, and in a table that is made where pgvector is there.
const OWN: [&str; 3] = ["passages.terms", "passage_vectors.", "call_codes."];

/// A table or column with whether a comment says what it is.
type Columns = BTreeMap<String, bool>;

#[derive(Debug, Default)]
struct Schema {
    tables: BTreeMap<String, (bool, Columns)>,
    findings: Vec<String>,
}

impl Schema {
    /// Reads the files of one database, in their order. They hold one statement after the other, with each column on a line of its own.
    fn read(files: &[(String, String)]) -> Self {
        let mut schema = Self::default();
        for (name, text) in files {
            schema.file(name, text);
        }
        schema
    }

    fn file(&mut self, name: &str, text: &str) {
        let mut made = BTreeSet::new();
        let mut table: Option<String> = None;
        let mut comment = false;
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.starts_with("--") {
                comment = true;
                continue;
            }
            let words: Vec<&str> = line.split([' ', '(', ',', ';']).filter(|word| !word.is_empty()).collect();
            match (words.as_slice(), &table) {
                (["CREATE", "TABLE", new, ..], _) if !words.contains(&"PARTITION") => {
                    made.insert((*new).to_owned());
                    self.tables.insert((*new).to_owned(), (comment, Columns::new()));
                    table = Some((*new).to_owned());
                }
                (["ALTER", "TABLE", old, "ADD", "COLUMN", column, rest @ ..], _) => {
                    let filled = !made.contains(*old);
                    let rest = rest.join(" ");
                    if filled && rest.contains("NOT NULL") && !rest.contains("DEFAULT") {
                        self.findings.push(format!(
                            "{name}:{}: {old}.{column} is NOT NULL without a DEFAULT, which fails where there are rows",
                            number + 1
                        ));
                    }
                    self.column(old, column, comment);
                }
                (["ALTER", "TABLE", ..], _) if line.contains("ADD COLUMN") || !line.ends_with(';') => {
                    self.findings.push(format!(
                        "{name}:{}: write `ALTER TABLE name ADD COLUMN name …;` on one line",
                        number + 1
                    ));
                }
                (["ALTER", "TABLE", old, "DROP", "COLUMN", column, ..], _) => {
                    if let Some((_, columns)) = self.tables.get_mut(*old) {
                        columns.remove(*column);
                    }
                }
                (["DROP", "TABLE", old, ..], _) => {
                    self.tables.remove(*old);
                }
                ([")", ..] | [], Some(_)) if line.starts_with(')') => table = None,
                (["PRIMARY" | "UNIQUE" | "FOREIGN" | "CHECK" | "CONSTRAINT", ..], Some(_)) => {}
                ([column, _, ..], Some(of)) => {
                    let of = of.clone();
                    let refers = line.contains(" REFERENCES ");
                    self.column(&of, column, comment || refers);
                }
                _ => {}
            }
            comment = false;
        }
    }

    fn column(&mut self, table: &str, column: &str, comment: bool) {
        let told = comment || OBVIOUS.contains(&column);
        match self.tables.get_mut(table) {
            Some((_, columns)) => {
                columns.insert(column.to_owned(), told);
            }
            None => self.findings.push(format!("{table}.{column}: there is no such table before it")),
        }
    }

    /// What no comment tells.
    fn untold(&self) -> Vec<String> {
        let tables = self.tables.iter().filter(|(_, (told, _))| !told).map(|(name, _)| name.clone());
        let columns = self.tables.iter().flat_map(|(table, (_, columns))| {
            columns.iter().filter(|(_, told)| !**told).map(move |(column, _)| format!("{table}.{column}"))
        });
        tables.chain(columns).collect()
    }

    fn names(&self) -> BTreeSet<String> {
        let all = self.tables.iter();
        all.flat_map(|(table, (_, columns))| columns.keys().map(move |column| format!("{table}.{column}"))).collect()
    }
}

/// The files of a database, by name and content.
fn files(backend: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(backend);
    let mut paths: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn both_databases_get_the_same_tables_and_columns() {
    let (sqlite, postgres) = (files("sqlite"), files("postgres"));
    let names = |files: &[(String, String)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&sqlite), names(&postgres));
    let (sqlite, postgres) = (Schema::read(&sqlite).names(), Schema::read(&postgres).names());
    assert!(sqlite.len() > 100, "{sqlite:?}");
    let other = sqlite.symmetric_difference(&postgres).filter(|name| !OWN.iter().any(|own| name.starts_with(own)));
    assert_eq!(other.collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn tables_and_columns_are_told_and_filled_tables_can_take_new_ones() {
    for backend in ["sqlite", "postgres"] {
        let schema = Schema::read(&files(backend));
        assert_eq!(schema.findings, Vec::<String>::new(), "{backend}");
        assert_eq!(schema.untold(), Vec::<String>::new(), "{backend}: say in a comment above what these hold");
    }
}

/// What was read from the files is what the database has.
#[tokio::test]
async fn the_files_are_read_as_sqlite_reads_them() {
    let db = db::testing::TestDb::sqlite().await;
    let sql = "SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_xinfo(t.name) c WHERE t.type = 'table' AND t.name NOT IN ('_sqlx_migrations', 'sqlite_sequence') \
         AND t.name NOT LIKE 'passage_words%'";
    let found: Vec<String> = db::on_db!(&*db, pool => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap());
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), Schema::read(&files("sqlite")).names());
}

/// A file that nobody lists is never applied.
#[tokio::test]
async fn every_file_is_applied() {
    let db = db::testing::TestDb::sqlite().await;
    let sql = "SELECT version FROM _sqlx_migrations ORDER BY version";
    let applied: Vec<i64> = db::on_db!(&*db, pool => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap());
    let written: Vec<i64> = files("sqlite").iter().map(|(name, _)| name[..4].parse().unwrap()).collect();
    assert_eq!(applied, written);
}

#[test]
fn what_breaks_the_rules_is_found() {
    let first = "-- People.\nCREATE TABLE people (\n    id BLOB PRIMARY KEY,\n    -- In metres.\n    height REAL\n);\n";
    let read =
        |second: &str| Schema::read(&[("1.sql".to_owned(), first.to_owned()), ("2.sql".to_owned(), second.to_owned())]);
    assert!(read("").findings.is_empty() && read("").untold().is_empty());
    let bad = read("-- In grammes.\nALTER TABLE people ADD COLUMN weight REAL NOT NULL;\n");
    assert_eq!(
        bad.findings,
        ["2.sql:2: people.weight is NOT NULL without a DEFAULT, which fails where there are rows"]
    );
    let good = "-- In grammes.\nALTER TABLE people ADD COLUMN weight REAL NOT NULL DEFAULT 0;\n";
    assert!(read(good).findings.is_empty() && read(good).names().contains("people.weight"));
    assert_eq!(read("ALTER TABLE people ADD COLUMN weight REAL;").untold(), ["people.weight"]);
    assert_eq!(read("CREATE TABLE pets (\n    id BLOB\n);").untold(), ["pets"]);
    assert_eq!(read("ALTER TABLE people\n  ADD COLUMN weight REAL NOT NULL;").findings.len(), 1);
    assert!(!read("ALTER TABLE people DROP COLUMN height;").names().contains("people.height"));
    // A table that the same file makes is empty.
    let new = "-- Pets.\nCREATE TABLE pets (\n    id BLOB\n);\nALTER TABLE pets ADD COLUMN name TEXT NOT NULL;";
    assert!(read(new).findings.is_empty());
}
