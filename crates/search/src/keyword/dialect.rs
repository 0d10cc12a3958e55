//! How the two databases are asked for words: FTS5 of SQLite, `tsquery` of PostgreSQL.
//!
//! Forms hold letters and digits alone, so that they can stand in quotes as they are.

use crate::allowed::{Allowed, Few};
use calls::PASSAGES;
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

/// What finds the ids of the passages that fit, of those that are looked at: a `SELECT id` that ends before `ORDER BY`.
pub(super) fn ids(db: &Db, made: &mut Statement, expression: &str, allowed: &Allowed) -> String {
    let wanted = made.text(expression);
    if let Db::Sqlite(_) = db {
        let condition = allowed.condition(db, made, "rowid");
        return format!("SELECT rowid AS id FROM passage_words WHERE passage_words MATCH {wanted}{condition}");
    }
    // How common a word is decides which way is short.
    made.planned_anew = true;
    let (few, which) = match allowed.few() {
        Some(Few::Passages(passages)) => (made.list(db, passages.iter().copied()), "id = i.one".to_owned()),
        Some(Few::Calls(numbers)) => (
            made.list(db, numbers.iter().copied().map(i64::from)),
            format!("id >= i.one * {PASSAGES} AND id < (i.one + 1) * {PASSAGES}"),
        ),
        None => {
            let condition = allowed.condition(db, made, "id");
            return format!("SELECT id FROM passages WHERE terms @@ {wanted}::tsquery{condition}");
        }
    };
    // `OFFSET 0` keeps them apart: asked of the index, all that have the words would be looked for each time.
    format!(
        "SELECT p.id FROM {few} AS i (one) CROSS JOIN LATERAL (SELECT id, terms FROM passages WHERE {which} OFFSET 0) AS p \
         WHERE p.terms @@ {wanted}::tsquery"
    )
}
