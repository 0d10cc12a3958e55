//! How the two databases are asked for words: FTS5 of SQLite, `tsquery` of PostgreSQL.
//!
//! Forms hold letters and digits alone, so that they can stand in quotes as they are.

use db::{Db, Statement};
use retrieval::Clause;
use retrieval::words::shorter_forms;
use transcript::Side;

/// A word, phrase or beginning, said by this side where one is named.
pub(super) fn clause(db: &Db, clause: &Clause, side: Option<Side>) -> String {
    let last = clause.forms.len() - 1;
    let shorter = if clause.is_prefix { shorter_forms(&clause.forms[last]) } else { Vec::new() };
    let before = &clause.forms[..last];
    match db {
        Db::Sqlite(_) => {
            let phrase = format!("\"{}\"{}", clause.forms.join(" "), if clause.is_prefix { " *" } else { "" });
            let all: Vec<String> = std::iter::once(phrase)
                .chain(
                    shorter
                        .iter()
                        .map(|form| format!("\"{}\"", [before, std::slice::from_ref(form)].concat().join(" "))),
                )
                .collect();
            let column = match side {
                None => "",
                Some(Side::Internal) => "internal : ",
                Some(Side::External) => "external : ",
            };
            format!("{column}({})", all.join(" OR "))
        }
        Db::Postgres(_) => {
            let weight = match side {
                None => "",
                Some(Side::Internal) => "A",
                Some(Side::External) => "B",
            };
            let label = |prefix: bool| match (prefix, weight) {
                (false, "") => String::new(),
                (true, _) => format!(":*{weight}"),
                (false, _) => format!(":{weight}"),
            };
            let phrase = |form: &str, prefix: bool| {
                let before = before.iter().map(|form| format!("'{form}'{}", label(false)));
                let words: Vec<String> = before.chain([format!("'{form}'{}", label(prefix))]).collect();
                format!("({})", words.join(" <-> "))
            };
            let all: Vec<String> = std::iter::once(phrase(&clause.forms[last], clause.is_prefix))
                .chain(shorter.iter().map(|form| phrase(form, false)))
                .collect();
            format!("({})", all.join(" | "))
        }
    }
}

fn joined(all: &[&str], between: &str) -> String {
    if let [one] = all { (*one).to_owned() } else { format!("({})", all.join(between)) }
}

/// All of these.
pub(super) fn all(db: &Db, all: &[&str]) -> String {
    joined(all, if matches!(db, Db::Sqlite(_)) { " AND " } else { " & " })
}

/// Any of these.
pub(super) fn any(db: &Db, all: &[&str]) -> String {
    joined(all, if matches!(db, Db::Sqlite(_)) { " OR " } else { " | " })
}

/// The same without any of these.
pub(super) fn without(db: &Db, expression: &str, unwanted: &[String]) -> String {
    if unwanted.is_empty() {
        return expression.to_owned();
    }
    let unwanted: Vec<&str> = unwanted.iter().map(|text| &**text).collect();
    match db {
        Db::Sqlite(_) => format!("({expression} NOT {})", any(db, &unwanted)),
        Db::Postgres(_) => format!("({expression} & !({}))", unwanted.join(" | ")),
    }
}

/// `FROM` and `WHERE` for what fits, and what a passage's id is called there. The expression becomes `$1`.
pub(crate) fn from(db: &Db, made: &mut Statement, expression: &str) -> (&'static str, &'static str) {
    made.text(expression);
    match db {
        Db::Sqlite(_) => ("FROM passage_words WHERE passage_words MATCH $1", "rowid"),
        Db::Postgres(_) => ("FROM passages WHERE terms @@ $1::tsquery", "id"),
    }
}

/// In `ORDER BY`: the best first.
pub(super) fn best(db: &Db) -> &'static str {
    match db {
        Db::Sqlite(_) => "rank, ",
        // All sides count alike.
        Db::Postgres(_) => "ts_rank('{1, 1, 1, 1}', terms, $1::tsquery) DESC, ",
    }
}
