//! All codes in memory, brought up to date before they are looked at.

use super::ByMeaning;
use crate::allowed::Allowed;
use calls::PASSAGES;
use db::{Db, DbError, SqliteDb};
use retrieval::codes::{Code, cosine};
use std::collections::{BTreeMap, BinaryHeap};
use tokio::sync::RwLock;

/// So many passages that are near by their codes are measured by their vectors. How many of the ten nearest are among them, `cargo xtask bench search` tells.
const MEASURED: usize = 800;

/// The codes of all calls, as far as they are known.
#[derive(Debug, Default)]
pub(crate) struct Codes(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    /// The latest change that is in it.
    changed: i64,
    calls: BTreeMap<i32, Vec<u64>>,
}

impl Codes {
    /// Brings them up to date.
    async fn refresh(&self, db: &SqliteDb) -> Result<(), DbError> {
        let known = {
            let state = self.0.read().await;
            (state.changed, state.calls.len() as i64)
        };
        let sql = "SELECT coalesce(max(changed), 0), count(*) FROM call_codes";
        let now: (i64, i64) = sqlx::query_as(sql).fetch_one(&db.read).await?;
        if now.0 <= known.0 && now.1 == known.1 {
            return Ok(());
        }
        let mut state = self.0.write().await;
        let sql = "SELECT changed, number, codes FROM call_codes WHERE changed > $1 ORDER BY changed";
        let news: Vec<(i64, i32, Vec<u8>)> = sqlx::query_as(sql).bind(state.changed).fetch_all(&db.read).await?;
        for (changed, number, codes) in news {
            state.changed = changed;
            state.calls.insert(number, Code::words(&codes));
        }
        if now.1 != state.calls.len() as i64 {
            // Some are gone: what is not there any more is not kept in memory either.
            let sql = "SELECT number FROM call_codes ORDER BY number";
            let there: Vec<i32> = sqlx::query_scalar(sql).fetch_all(&db.read).await?;
            state.calls.retain(|number, _| there.binary_search(number).is_ok());
        }
        Ok(())
    }
}

/// The passages that are nearest by their codes, with what their vectors say.
pub(super) async fn nearest(
    db: &Db,
    sqlite: &SqliteDb,
    codes: &Codes,
    vector: &[f32],
    allowed: &Allowed,
    most: usize,
) -> Result<Vec<ByMeaning>, DbError> {
    codes.refresh(sqlite).await?;
    let wanted = Code::of(vector);
    let room = MEASURED.max(most * 4);
    // The farthest on top.
    let mut near: BinaryHeap<(u32, i64)> = BinaryHeap::with_capacity(room + 1);
    {
        let state = codes.0.read().await;
        for (number, words) in &state.calls {
            if !allowed.has(*number) {
                continue;
            }
            let first = i64::from(*number) * PASSAGES;
            for (id, code) in (first..).zip(words.chunks_exact(wanted.len().max(1))) {
                if !allowed.has_passage(id) {
                    continue;
                }
                let distance = wanted.distance(code);
                if near.len() < room {
                    near.push((distance, id));
                } else if near.peek().is_some_and(|(farthest, _)| distance < *farthest) {
                    near.pop();
                    near.push((distance, id));
                }
            }
        }
    }
    let ids: Vec<i64> = near.iter().map(|(_, id)| *id).collect();
    let found = super::vectors(db, &ids).await?;
    let measured = found.into_iter().filter(|(_, kept)| kept.len() == vector.len());
    Ok(measured.map(|(id, kept)| ByMeaning { id, cosine: cosine(vector, &kept) }).collect())
}
