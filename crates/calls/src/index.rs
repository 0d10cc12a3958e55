//! Where the words of calls are looked for: passages and their words, kept in the transaction of the call.

use crate::store;
use db::{Db, DbError, Tx, on_tx};
use retrieval::Passage;
use sqlx::QueryBuilder;
use transcript::Transcript;
use uuid::Uuid;

/// Ids of passages go up by so many from call to call: a call has fewer.
pub const PASSAGES: i64 = 1 << 16;

/// The sign of the number is left free.
const LAST_SPEAKER: usize = 62;

/// Rows written by one statement: SQLite takes at most 32,766 values, and a passage of words is about a kilobyte.
const ROWS: usize = 500;

/// Makes the passages of a call, in the place of those that it had, and keeps where their words are. Vectors are left to whoever makes them.
///
/// # Errors
/// When the database fails.
pub async fn index(tx: &mut Tx, call: Uuid, transcript: &Transcript) -> Result<(), DbError> {
    index_as(tx, call, transcript, &retrieval::passages(transcript)).await?;
    Ok(())
}

/// The same with passages that were made elsewhere: of collections that search is measured by. Returns the id of the first.
///
/// # Errors
/// When the database fails.
pub async fn index_as(tx: &mut Tx, call: Uuid, transcript: &Transcript, passages: &[Passage]) -> Result<i64, DbError> {
    // A call of more than eight million words is found by its first eight million.
    let passages = &passages[..passages.len().min(PASSAGES as usize)];
    let words: usize = passages.iter().map(|passage| passage.words).sum();
    lock(tx, call).await?;
    let gone = "DELETE FROM passages WHERE call_id = $1";
    on_tx!(&mut *tx, conn => sqlx::query(gone).bind(call).execute(conn).await?.rows_affected());
    let kept = "INSERT INTO indexed_calls (call_id, version, passages, words) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (call_id) DO UPDATE SET version = excluded.version, passages = excluded.passages, words = excluded.words, model = NULL \
         RETURNING number";
    let number: i32 = on_tx!(&mut *tx, conn => sqlx::query_scalar(kept)
        .bind(call)
        .bind(retrieval::VERSION)
        .bind(passages.len() as i32)
        .bind(words as i64)
        .fetch_one(conn)
        .await?);
    if let Tx::Sqlite(tx) = tx {
        let codes = "DELETE FROM call_codes WHERE number = $1";
        sqlx::query(codes).bind(number).execute(&mut **tx).await?;
    }
    let first = i64::from(number) * PASSAGES;
    let numbered: Vec<(i64, &Passage)> = (first..).zip(passages).collect();
    for rows in numbered.chunks(ROWS) {
        insert(tx, call, transcript, rows).await?;
    }
    Ok(first)
}

/// Where a passage begins and ends: segment and byte each.
fn bounds(passage: &Passage, transcript: &Transcript) -> [i32; 4] {
    let (first, last) = (&passage.parts[0], &passage.parts[passage.parts.len() - 1]);
    let id = |segment: usize| transcript.segments[segment].id as i32;
    [id(first.segment), first.bytes.start as i32, id(last.segment), last.bytes.end as i32]
}

/// Has whoever computes vectors of a call wait, before its passages are touched: they take the same rows in the same order.
pub(crate) async fn lock(tx: &mut Tx, call: Uuid) -> Result<(), DbError> {
    if let Tx::Postgres(tx) = tx {
        let sql = "SELECT 1 FROM indexed_calls WHERE call_id = $1 FOR UPDATE";
        sqlx::query(sql).bind(call).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Who speaks in a passage, as it is kept: a bit each; all from [`LAST_SPEAKER`] on share one.
fn speakers(passage: &Passage, transcript: &Transcript) -> i64 {
    let speakers = passage.parts.iter().filter_map(|part| transcript.segments[part.segment].speaker);
    speakers.fold(0, |mask, speaker| mask | speaker_bit(speaker))
}

/// The bit of a participant, by their place in the call, in what is kept of who speaks in a passage.
pub fn speaker_bit(position: usize) -> i64 {
    1 << position.min(LAST_SPEAKER)
}

const COLUMNS: &str =
    "INSERT INTO passages (id, call_id, first_segment, first_byte, last_segment, last_byte, speakers, words";

async fn insert(tx: &mut Tx, call: Uuid, transcript: &Transcript, rows: &[(i64, &Passage)]) -> Result<(), DbError> {
    match tx {
        Tx::Sqlite(tx) => {
            let mut insert = QueryBuilder::new(format!("{COLUMNS}) "));
            insert.push_values(rows, |mut row, (id, passage)| {
                row.push_bind(*id).push_bind(call);
                for bound in bounds(passage, transcript) {
                    row.push_bind(bound);
                }
                row.push_bind(speakers(passage, transcript)).push_bind(passage.words as i32);
            });
            insert.build().execute(&mut **tx).await?;
            let mut insert = QueryBuilder::new("INSERT INTO passage_words (rowid, internal, external, unknown) ");
            insert.push_values(rows, |mut row, (id, passage)| {
                row.push_bind(*id);
                for words in passage.words_of_sides(transcript) {
                    row.push_bind(words);
                }
            });
            insert.build().execute(&mut **tx).await?;
        }
        Tx::Postgres(tx) => {
            let mut insert = QueryBuilder::new(format!("{COLUMNS}, terms) "));
            insert.push_values(rows, |mut row, (id, passage)| {
                row.push_bind(*id).push_bind(call);
                for bound in bounds(passage, transcript) {
                    row.push_bind(bound);
                }
                row.push_bind(speakers(passage, transcript)).push_bind(passage.words as i32);
                row.push_bind(tsvector(&passage.words_of_sides(transcript))).push_unseparated("::tsvector");
            });
            insert.build().execute(&mut **tx).await?;
        }
    }
    Ok(())
}

/// The words of each side as PostgreSQL reads a `tsvector`: with places and weights. What is a border leaves a gap.
fn tsvector(sides: &[String; 3]) -> String {
    let mut text = String::new();
    let mut place = 0;
    for (words, weight) in sides.iter().zip(["A", "B", "C"]) {
        place += 1;
        for word in words.split_whitespace() {
            place += 1;
            if word != retrieval::BORDER {
                text.extend(["'", word, "':", &place.to_string(), weight, " "]);
            }
        }
    }
    text
}

/// The next calls that have no passages yet, or such as older rules made, the oldest first: what came in later has the greater numbers.
///
/// # Errors
/// When the database fails.
pub async fn unindexed(db: &Db, most: i64) -> Result<Vec<Uuid>, DbError> {
    let sql = "SELECT c.id FROM calls c LEFT JOIN indexed_calls i ON i.call_id = c.id \
         WHERE i.version IS NULL OR i.version <> $1 ORDER BY c.id LIMIT $2";
    Ok(db::on_db!(db, pool => sqlx::query_scalar(sql).bind(retrieval::VERSION).bind(most).fetch_all(pool).await?))
}

/// Makes the passages of a call that is kept and has none yet, or such as older rules made. Whether there is such a call.
///
/// # Errors
/// When the database fails.
pub async fn index_kept(db: &Db, call: Uuid) -> Result<bool, DbError> {
    // Locked before it is read: sides that somebody says meanwhile are not lost.
    let mut tx = db.begin().await?;
    if let Tx::Postgres(conn) = &mut tx {
        let lock = "SELECT 1 FROM calls WHERE id = $1 FOR UPDATE";
        sqlx::query(lock).bind(call).execute(&mut **conn).await?;
    }
    // Somebody else may have made them meanwhile.
    let sql = "SELECT EXISTS (SELECT 1 FROM indexed_calls WHERE call_id = $1 AND version = $2)";
    let made: bool =
        on_tx!(&mut tx, conn => sqlx::query_scalar(sql).bind(call).bind(retrieval::VERSION).fetch_one(conn).await?);
    if made {
        return Ok(true);
    }
    let transcript = match store::load(db, call).await {
        Ok(transcript) => transcript,
        Err(crate::CallError::Db(error)) => return Err(error),
        Err(_) => return Ok(false),
    };
    index(&mut tx, call, &transcript).await?;
    tx.commit().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_places_and_weights() {
        let sides = ["pric \u{2016} fix".to_owned(), "too high".to_owned(), String::new()];
        assert_eq!(tsvector(&sides), "'pric':2A 'fix':4A 'too':6B 'high':7B ");
    }
}
