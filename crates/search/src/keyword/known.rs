//! What is known of all passages: how many there are, and how many have a word. It changes slowly and costs time, so it is kept for a while.

use super::dialect;
use crate::Search;
use crate::allowed::Allowed;
use db::{Db, DbError, Statement};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long what was counted is believed.
const BELIEVED: Duration = Duration::from_mins(5);
/// The same of how many passages there are: while calls come in, it grows.
const BELIEVED_SIZE: Duration = Duration::from_secs(10);
/// So many words are remembered.
const MOST: usize = 10_000;
/// PostgreSQL counts what is less than this; of more it tells what its planner expects.
const COUNTED: f64 = 20_000.0;

/// How much there is; at least one each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Calls whose words can be found.
    pub(crate) calls: f64,
    /// Their passages.
    pub(crate) passages: f64,
    /// How many words a passage has in the mean.
    pub(crate) words: f64,
}

/// What was counted, and when.
#[derive(Debug, Default)]
pub(crate) struct Known {
    size: Mutex<Option<(Instant, Size)>>,
    words: Mutex<HashMap<String, (Instant, i64)>>,
}

impl Known {
    /// How much there is.
    pub(crate) async fn size(&self, search: &Search) -> Result<Size, DbError> {
        if let Some((at, size)) = *self.size.lock().unwrap_or_else(PoisonError::into_inner)
            && at.elapsed() < BELIEVED_SIZE
        {
            return Ok(size);
        }
        let sql = "SELECT count(*), CAST(coalesce(sum(passages), 0) AS BIGINT), CAST(coalesce(sum(words), 0) AS BIGINT) FROM indexed_calls";
        let made = Statement { sql: sql.to_owned(), ..Statement::default() };
        let rows: Vec<(i64, i64, i64)> = made.rows(&search.db).await?;
        let (calls, passages, words) = rows.first().copied().unwrap_or_default();
        let passages = passages.max(1) as f64;
        let size = Size { calls: calls.max(1) as f64, passages, words: (words.max(1) as f64 / passages).max(1.0) };
        *self.size.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), size));
        Ok(size)
    }

    /// How many passages, of all there are, have something, as far as that is worth knowing.
    pub(crate) async fn count(&self, search: &Search, expression: &str) -> Result<i64, DbError> {
        let all = self.size(search).await?.passages;
        // While there are few, each one that comes changes much.
        let believed = if all < COUNTED { Duration::ZERO } else { BELIEVED };
        if let Some((at, count)) = self.words.lock().unwrap_or_else(PoisonError::into_inner).get(expression)
            && at.elapsed() < believed
        {
            return Ok(*count);
        }
        let count = match &search.db {
            Db::Postgres(_) if all >= COUNTED => expected(&search.db, expression).await?,
            db => {
                let mut made = Statement::default();
                let ids = dialect::ids(db, &mut made, expression, &Allowed::everything());
                made.sql = format!("SELECT count(*) FROM ({ids}) AS hit");
                made.count(db).await?
            }
        };
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        if words.len() >= MOST {
            words.clear();
        }
        words.insert(expression.to_owned(), (Instant::now(), count));
        Ok(count)
    }
}

/// How many rows PostgreSQL's planner expects: it knows how common the common words are.
async fn expected(db: &Db, expression: &str) -> Result<i64, DbError> {
    let Db::Postgres(pool) = db else { return Ok(0) };
    let plan: serde_json::Value =
        sqlx::query_scalar("EXPLAIN (FORMAT JSON) SELECT id FROM passages WHERE terms @@ $1::tsquery")
            .bind(expression)
            // Not prepared: a plan that holds for all words knows none.
            .persistent(false)
            .fetch_one(pool)
            .await?;
    Ok(plan[0]["Plan"]["Plan Rows"].as_f64().unwrap_or_default() as i64)
}
