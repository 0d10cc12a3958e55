//! pgvector: an HNSW index over numbers of two bytes.

use super::ByMeaning;
use crate::allowed::Allowed;
use db::{DbError, sqlx::PgPool};
use sqlx::AssertSqlSafe;

/// How many neighbours the index looks at, at least: more find more, and take longer.
const LOOKED_AT: usize = 600;
/// Links of a passage in the index, and how many neighbours are looked at to choose them. Of 200,000 vectors with noise 0.97 of the ten nearest are found with
/// these (0.90 with the extension's own 16 and 64), of 20,000 of real passages 0.997 (0.98); to build it takes twice as long.
const LINKS: &str = "m = 24, ef_construction = 128";
/// How many are passed by at most, where few of many are asked for.
const PASSED_BY: usize = 100_000;
/// The version that goes on looking where much is passed by (`hnsw.iterative_scan`).
const LEAST: (u32, u32) = (0, 8);
/// The index takes vectors with at most so many numbers.
const MOST_DIMENSIONS: usize = 4_000;

/// Whether vectors of so many numbers can be kept; if not why, in a sentence.
///
/// # Errors
/// When the database cannot be asked.
pub(crate) async fn look(pool: &PgPool, dimensions: usize) -> Result<Result<(), String>, DbError> {
    if dimensions > MOST_DIMENSIONS {
        return Ok(Err(format!(
            "pgvector's index takes vectors of at most {MOST_DIMENSIONS} numbers, the model makes {dimensions}"
        )));
    }
    let sql = "SELECT coalesce((SELECT extversion FROM pg_extension WHERE extname = 'vector'), \
         (SELECT default_version FROM pg_available_extensions WHERE name = 'vector'))";
    let version: Option<String> = sqlx::query_scalar(sql).fetch_one(pool).await?;
    Ok(usable(version.as_deref()))
}

/// Makes the table of vectors, where there is none. Why it cannot be, in a sentence.
///
/// # Errors
/// When the database cannot be asked.
pub(crate) async fn prepare(pool: &PgPool, dimensions: usize) -> Result<Result<(), String>, DbError> {
    if let Err(why) = look(pool, dimensions).await? {
        return Ok(Err(why));
    }
    Ok(make(pool, dimensions).await.map_err(|error| {
        let why = error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
        format!(
            "pgvector is not set up in this database ({why}): have its administrator run `CREATE EXTENSION vector`, and start Sideline anew"
        )
    }))
}

/// Whether this version of pgvector, if there is one, has what is needed.
fn usable(version: Option<&str>) -> Result<(), String> {
    let Some(version) = version else {
        return Err(
            "PostgreSQL has no pgvector: install its package (Debian: postgresql-NN-pgvector) and start Sideline anew"
                .to_owned(),
        );
    };
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    if (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) >= LEAST {
        return Ok(());
    }
    Err(format!(
        "pgvector here is {version}, and {}.{} or newer is needed: install it, run `ALTER EXTENSION vector UPDATE`, and start Sideline anew",
        LEAST.0, LEAST.1
    ))
}

async fn make(pool: &PgPool, dimensions: usize) -> Result<(), sqlx::Error> {
    let table = format!(
        "CREATE TABLE IF NOT EXISTS passage_vectors (id BIGINT PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE, \
         number INTEGER NOT NULL, embedding halfvec({dimensions}) NOT NULL)"
    );
    let mut tx = pool.begin().await?;
    // One program at a time: two that make the same extension get in each other's way.
    sqlx::query("SELECT pg_advisory_xact_lock(7346312)").execute(&mut *tx).await?;
    sqlx::query("CREATE EXTENSION IF NOT EXISTS vector").execute(&mut *tx).await?;
    sqlx::query(AssertSqlSafe(table.clone())).execute(&mut *tx).await?;
    let sql =
        "SELECT atttypmod FROM pg_attribute WHERE attrelid = 'passage_vectors'::regclass AND attname = 'embedding'";
    let found: i32 = sqlx::query_scalar(sql).fetch_one(&mut *tx).await?;
    let in_use: i64 = sqlx::query_scalar("SELECT count(*) FROM search_model").fetch_one(&mut *tx).await?;
    // Made for another model, whose vectors were taken away; those that are in use stay, and whoever looks is told.
    if found as usize != dimensions && in_use == 0 {
        sqlx::query("DROP TABLE passage_vectors").execute(&mut *tx).await?;
        sqlx::query(AssertSqlSafe(table)).execute(&mut *tx).await?;
    }
    let near = format!(
        "CREATE INDEX IF NOT EXISTS passage_vectors_near ON passage_vectors USING hnsw (embedding halfvec_cosine_ops) WITH ({LINKS})"
    );
    sqlx::query(AssertSqlSafe(near)).execute(&mut *tx).await?;
    let of_calls = "CREATE INDEX IF NOT EXISTS passage_vectors_number ON passage_vectors (number)";
    sqlx::query(of_calls).execute(&mut *tx).await?;
    tx.commit().await
}

/// A vector as pgvector reads it.
pub(super) fn text(vector: &[f32]) -> String {
    let numbers: Vec<String> = vector.iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(","))
}

/// The nearest passages.
pub(super) async fn nearest(
    pool: &PgPool,
    vector: &[f32],
    allowed: &Allowed,
    most: usize,
) -> Result<Vec<ByMeaning>, DbError> {
    let near = "SELECT id, 1 - (embedding <=> $1::halfvec) AS cosine FROM passage_vectors";
    // Each of the type of its column.
    let of = match (allowed.passages(), allowed.numbers()) {
        (Some(_), _) => Some("id = ANY($2::bigint[])"),
        (None, Some(_)) => Some("number = ANY($2::bigint[]::int[])"),
        (None, None) => None,
    };
    let listed: Vec<i64> = match (allowed.passages(), allowed.numbers()) {
        (Some(passages), _) => passages.to_vec(),
        (None, numbers) => numbers.unwrap_or_default().iter().copied().map(i64::from).collect(),
    };
    let rows: Vec<(i64, f64)> = match of {
        Some(which) if allowed.few().is_some() => {
            // Those alone, each measured; the wanted one is read once, and not for each of them, as a plan for any vector would.
            let sql = format!(
                "WITH of AS MATERIALIZED (SELECT id, embedding FROM passage_vectors WHERE {which}) \
                 SELECT id, 1 - (embedding <=> (SELECT $1::halfvec)) AS cosine FROM of ORDER BY embedding <=> (SELECT $1::halfvec) LIMIT {most}"
            );
            sqlx::query_as(AssertSqlSafe(sql)).bind(text(vector)).bind(listed).fetch_all(pool).await?
        }
        of => {
            let mut tx = pool.begin().await?;
            // What is passed by, since it is not asked for, does not count: the index goes on until there are enough.
            let set = format!(
                "SELECT set_config('hnsw.ef_search', '{}', TRUE), set_config('hnsw.iterative_scan', 'strict_order', TRUE), \
                 set_config('hnsw.max_scan_tuples', '{PASSED_BY}', TRUE)",
                LOOKED_AT.max(most).min(1_000)
            );
            sqlx::query(AssertSqlSafe(set)).execute(&mut *tx).await?;
            let filter = of.map(|which| format!(" WHERE {which}")).unwrap_or_default();
            let sql = format!("{near}{filter} ORDER BY embedding <=> $1::halfvec LIMIT {most}");
            // Planned for this list, in which it can be looked up then.
            let query = sqlx::query_as(AssertSqlSafe(sql)).persistent(false).bind(text(vector));
            let query = match of {
                Some(_) => query.bind(listed),
                None => query,
            };
            query.fetch_all(&mut *tx).await?
        }
    };
    Ok(rows.into_iter().map(|(id, cosine)| ByMeaning { id, cosine: cosine as f32 }).collect())
}

/// A vector as pgvector tells it.
pub(super) fn read(text: &str) -> Vec<f32> {
    text.trim_matches(['[', ']']).split(',').filter_map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_are_told_of() {
        assert!(usable(None).is_err_and(|why| why.contains("install its package")));
        for old in ["0.4.4", "0.7.4", "0.7", "?"] {
            assert!(usable(Some(old)).is_err_and(|why| why.contains("0.8 or newer")), "{old}");
        }
        for new in ["0.8.0", "0.8.5", "0.10.1", "1.0"] {
            assert_eq!(usable(Some(new)), Ok(()), "{new}");
        }
    }
}
