//! A statement that comes about bit by bit, with its values, for both databases.

use crate::{Db, Result, on_db};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::types::Uuid;
use sqlx::types::chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow};

/// A statement, and the values that stand in it as `$1`, `$2`, …
#[derive(Debug, Default, Clone)]
pub struct Statement {
    /// The words.
    pub sql: String,
    /// The values, `$1` first.
    pub values: Vec<Value>,
    /// Whether PostgreSQL is to plan it for these values, and not once for any: where how common a word is, or how long a list, decides which way is short.
    pub planned_anew: bool,
}

/// A value of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// An id.
    Id(Uuid),
    /// A moment.
    Time(DateTime<Utc>),
    /// A fraction.
    Number(f64),
    /// A whole number.
    Whole(i64),
    /// A text.
    Text(String),
    /// Yes or no.
    Flag(bool),
}

/// Binds the values of a [`Statement`] to a query of either database.
#[macro_export]
macro_rules! bound {
    ($query:expr, $values:expr) => {
        $values.into_iter().fold($query, |query, value| match value {
            $crate::Value::Id(id) => query.bind(id),
            $crate::Value::Time(at) => query.bind(at),
            $crate::Value::Number(number) => query.bind(number),
            $crate::Value::Whole(number) => query.bind(number),
            $crate::Value::Text(text) => query.bind(text),
            $crate::Value::Flag(flag) => query.bind(flag),
        })
    };
}

impl Statement {
    /// The placeholder of a value, which can stand in several places.
    pub fn place(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// The placeholder of a text.
    pub fn text(&mut self, text: &str) -> String {
        self.place(Value::Text(text.to_owned()))
    }

    /// A list of whole numbers, as it stands behind `IN`, whatever its length.
    pub fn list(&mut self, db: &Db, numbers: impl IntoIterator<Item = i64>) -> String {
        let listed: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
        let listed = listed.join(",");
        match db {
            Db::Sqlite(_) => format!("(SELECT value FROM json_each({}))", self.text(&format!("[{listed}]"))),
            // Not `= ANY`: a list that is cast from text would be read anew for each row.
            Db::Postgres(_) => {
                self.planned_anew = true;
                format!("(SELECT unnest({}::bigint[]))", self.text(&format!("{{{listed}}}")))
            }
        }
    }

    /// Adds words.
    pub fn push(&mut self, words: &str) {
        self.sql.push_str(words);
    }

    /// The rows that it finds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rows<T>(self, db: &Db) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let Self { sql, values, planned_anew } = self;
        // A statement without a name is planned for its values; one that is kept, soon for any.
        Ok(
            on_db!(db, pool => bound!(sqlx::query_as(AssertSqlSafe(sql)).persistent(!planned_anew), values).fetch_all(pool).await?),
        )
    }

    /// The number that it counts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(self, db: &Db) -> Result<i64> {
        let Self { sql, values, planned_anew } = self;
        Ok(
            on_db!(db, pool => bound!(sqlx::query_scalar(AssertSqlSafe(sql)).persistent(!planned_anew), values).fetch_one(pool).await?),
        )
    }
}
