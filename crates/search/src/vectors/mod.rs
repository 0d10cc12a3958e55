//! What is found by its meaning: passages whose vectors are near that of a query.
//!
//! SQLite has no index of vectors that would be fast enough here (sqlite-vec 0.1.9 takes 49 ms for the nearest 200 of 200,000 codes, as it chooses them by
//! looking through each block once for each of them), so codes of one bit a number are kept in memory, 48 bytes a passage, and what is near by them is
//! measured by the vectors themselves. PostgreSQL has pgvector.

mod postgres;
mod recent;
mod sqlite;

pub(crate) use postgres::{look, prepare};
pub(crate) use recent::Recent;
pub(crate) use sqlite::Codes;

use crate::allowed::Allowed;
use crate::{Search, SearchError};
use db::{Db, DbError, Statement, Tx, on_tx};
use half::f16;
use retrieval::codes::Code;
use sqlx::QueryBuilder;

/// A passage that was found by its meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ByMeaning {
    /// The passage.
    pub id: i64,
    /// Cosine with what is looked for, -1 to 1.
    pub cosine: f32,
}

/// The nearest passages, the nearest first.
///
/// # Errors
/// When the database fails.
pub async fn nearest(
    search: &Search,
    vector: &[f32],
    allowed: &Allowed,
    most: usize,
) -> Result<Vec<ByMeaning>, SearchError> {
    if allowed.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = match &search.db {
        Db::Sqlite(sqlite) => sqlite::nearest(&search.db, sqlite, &search.codes, vector, allowed, most).await?,
        Db::Postgres(pool) => postgres::nearest(pool, vector, allowed, most).await?,
    };
    found.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(b.id.cmp(&a.id)));
    found.truncate(most);
    Ok(found)
}

/// The vectors of these passages; those that have none are left out.
///
/// # Errors
/// When the database fails.
pub async fn vectors(db: &Db, ids: &[i64]) -> Result<Vec<(i64, Vec<f32>)>, DbError> {
    let mut made = Statement::default();
    let listed = made.list(db, ids.iter().copied());
    match db {
        Db::Sqlite(_) => {
            made.sql = format!("SELECT id, embedding FROM passage_vectors WHERE id IN {listed}");
            let rows: Vec<(i64, Vec<u8>)> = made.rows(db).await?;
            Ok(rows.into_iter().map(|(id, bytes)| (id, whole(&bytes))).collect())
        }
        Db::Postgres(_) => {
            made.sql = format!("SELECT id, embedding::text FROM passage_vectors WHERE id IN {listed}");
            let rows: Vec<(i64, String)> = made.rows(db).await?;
            Ok(rows.into_iter().map(|(id, text)| (id, postgres::read(&text))).collect())
        }
    }
}

/// Keeps the vectors of a call's passages, whose ids begin with `first`.
pub(crate) async fn keep(tx: &mut Tx, number: i32, first: i64, vectors: &[Vec<f32>]) -> Result<(), DbError> {
    let numbered: Vec<(i64, &Vec<f32>)> = (first..).zip(vectors).collect();
    match tx {
        Tx::Sqlite(tx) => {
            for rows in numbered.chunks(500) {
                let mut insert = QueryBuilder::new("INSERT INTO passage_vectors (id, embedding) ");
                insert.push_values(rows, |mut row, (id, vector)| {
                    row.push_bind(*id).push_bind(half(vector));
                });
                insert.push(" ON CONFLICT (id) DO UPDATE SET embedding = excluded.embedding");
                insert.build().execute(&mut **tx).await?;
            }
            let codes: Vec<u8> = vectors.iter().flat_map(|vector| Code::of(vector).bytes()).collect();
            let gone = "DELETE FROM call_codes WHERE number = $1";
            sqlx::query(gone).bind(number).execute(&mut **tx).await?;
            let kept = "INSERT INTO call_codes (number, codes) VALUES ($1, $2)";
            sqlx::query(kept).bind(number).bind(codes).execute(&mut **tx).await?;
        }
        Tx::Postgres(tx) => {
            for rows in numbered.chunks(500) {
                let mut insert = QueryBuilder::new("INSERT INTO passage_vectors (id, number, embedding) ");
                insert.push_values(rows, |mut row, (id, vector)| {
                    row.push_bind(*id).push_bind(number);
                    row.push_bind(postgres::text(vector)).push_unseparated("::halfvec");
                });
                insert.push(" ON CONFLICT (id) DO UPDATE SET embedding = excluded.embedding");
                insert.build().execute(&mut **tx).await?;
            }
        }
    }
    Ok(())
}

/// Takes all vectors away; calls are to get new ones.
pub(crate) async fn forget(tx: &mut Tx) -> Result<(), DbError> {
    // In the order in which whoever computes vectors takes them.
    for sql in ["DELETE FROM search_model", "UPDATE indexed_calls SET model = NULL WHERE model IS NOT NULL"] {
        on_tx!(&mut *tx, conn => sqlx::query(sql).execute(conn).await?.rows_affected());
    }
    match tx {
        Tx::Sqlite(tx) => {
            for gone in ["DELETE FROM passage_vectors", "DELETE FROM call_codes"] {
                sqlx::query(gone).execute(&mut **tx).await?;
            }
        }
        Tx::Postgres(tx) => {
            let there: bool =
                sqlx::query_scalar("SELECT to_regclass('passage_vectors') IS NOT NULL").fetch_one(&mut **tx).await?;
            if there {
                sqlx::query("TRUNCATE passage_vectors").execute(&mut **tx).await?;
            }
        }
    }
    Ok(())
}

/// A vector as it is kept: two bytes a number.
fn half(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| f16::from_f32(*number).to_le_bytes()).collect()
}

fn whole(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<2>().0.iter().map(|number| f16::from_le_bytes(*number).to_f32()).collect()
}
