//! Collections that search is measured by: texts that belong to no call that is kept, put where those of calls are.

use crate::vectors;
use chrono::{DateTime, Utc};
use db::{DbError, Tx, on_tx};
use kernel::new_id;
use retrieval::Passage;
use sqlx::QueryBuilder;
use transcript::{Side, Transcript};
use uuid::Uuid;

/// Writes a call of this transcript, with its words, as if it had come in. Returns the call and the id of its first passage.
///
/// # Errors
/// When the database fails.
pub async fn put(
    tx: &mut Tx,
    title: &str,
    rep: Option<Uuid>,
    at: DateTime<Utc>,
    transcript: &Transcript,
    passages: &[Passage],
) -> Result<(Uuid, i64), DbError> {
    let id = new_id();
    let sql = "INSERT INTO calls (id, source, source_hash, file_name, format, title, title_key, language, rep_id, imported_at, week, day, \
         separate_channels, status, warnings, redactions, original_key, original_bytes) \
         VALUES ($1, 'file', $2, $3, 'text', $3, $4, $5, $6, $7, $8, $8, FALSE, 'analysed', $9, $10, $2, 0)";
    on_tx!(&mut *tx, conn => sqlx::query(sql)
        .bind(id)
        .bind(id.to_string())
        .bind(title)
        .bind(title.to_lowercase())
        .bind(&transcript.language)
        .bind(rep)
        .bind(at)
        .bind(at.date_naive())
        .bind(sqlx::types::Json(serde_json::json!([])))
        .bind(sqlx::types::Json(serde_json::json!({})))
        .execute(conn)
        .await?
        .rows_affected());
    on_tx!(&mut *tx, conn => {
        for (position, person) in transcript.participants.iter().enumerate() {
            let sql = "INSERT INTO participants (call_id, position, name, side) VALUES ($1, $2, $3, $4)";
            sqlx::query(sql)
                .bind(id)
                .bind(position as i32)
                .bind(&person.name)
                .bind(person.side.map(Side::as_str))
                .execute(&mut *conn)
                .await?;
        }
        for rows in transcript.segments.chunks(2_000) {
            let mut insert = QueryBuilder::new("INSERT INTO segments (call_id, id, speaker, start_ms, end_ms, text, estimated) ");
            insert.push_values(rows, |mut row, segment| {
                row.push_bind(id)
                    .push_bind(segment.id as i32)
                    .push_bind(segment.speaker.map(|speaker| speaker as i32))
                    .push_bind(segment.start_ms.map(|ms| ms as i64))
                    .push_bind(segment.end_ms.map(|ms| ms as i64))
                    .push_bind(&segment.text)
                    .push_bind(segment.estimated);
            });
            insert.build().execute(&mut *conn).await?;
        }
    });
    let first = calls::index_as(tx, id, transcript, passages).await?;
    Ok((id, first))
}

/// Keeps vectors of the passages of a call, made by this model.
///
/// # Errors
/// When the database fails.
pub async fn put_vectors(tx: &mut Tx, first: i64, vectors: &[Vec<f32>], model: &str) -> Result<(), DbError> {
    let number = (first / calls::PASSAGES) as i32;
    let sql = "INSERT INTO search_model (one, model, dimensions) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING";
    let dimensions = vectors.first().map_or(0, Vec::len) as i32;
    on_tx!(&mut *tx, conn => sqlx::query(sql).bind(model).bind(dimensions).execute(conn).await?.rows_affected());
    let sql = "UPDATE indexed_calls SET model = $1 WHERE number = $2";
    on_tx!(&mut *tx, conn => sqlx::query(sql).bind(model).bind(number).execute(conn).await?.rows_affected());
    vectors::keep(tx, number, first, vectors).await?;
    Ok(())
}
