//! Words of kept calls, cut out of their segments anew wherever they are shown.

use db::{Db, DbError, on_db};
use rubric::Evidence;
use sqlx::QueryBuilder;
use std::collections::HashMap;
use uuid::Uuid;

/// Where words stand in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) call: Uuid,
    pub(crate) segment: u32,
    /// From which character of the segment on.
    pub(crate) offset: usize,
    /// How many characters.
    pub(crate) length: usize,
}

/// Words that stand in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quote {
    pub(crate) text: String,
    pub(crate) start_ms: Option<i64>,
    pub(crate) speaker: Option<String>,
}

impl Place {
    pub(crate) fn of(call: Uuid, evidence: &Evidence) -> Self {
        Self { call, segment: evidence.segment_id, offset: evidence.offset, length: evidence.length }
    }

    fn cut(self, text: &str) -> Option<String> {
        let quote: String = text.chars().skip(self.offset).take(self.length).collect();
        (self.length > 0 && quote.chars().count() == self.length).then_some(quote)
    }
}

/// Call, segment, start, text, speaker.
type Row = (Uuid, i32, Option<i64>, String, Option<String>);

/// The words at these places, in their order; `None` where the segment has no such words (any more).
pub(crate) async fn cut(db: &Db, places: &[Place]) -> Result<Vec<Option<Quote>>, DbError> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = on_db!(db, pool => {
        let mut select = QueryBuilder::new("WITH wanted (call_id, id) AS (");
        select.push_values(places, |mut row, place| {
            row.push_bind(place.call).push_bind(place.segment as i32);
        });
        // CROSS JOIN keeps SQLite to this order: a few places first, each looked up. Otherwise it may read all segments there are.
        select.push(
            ") SELECT s.call_id, s.id, s.start_ms, s.text, p.name FROM wanted w CROSS JOIN segments s \
             LEFT JOIN participants p ON p.call_id = s.call_id AND p.position = s.speaker WHERE s.call_id = w.call_id AND s.id = w.id",
        );
        select.build_query_as().fetch_all(pool).await?
    });
    let segments: HashMap<(Uuid, u32), &Row> = rows.iter().map(|row| ((row.0, row.1 as u32), row)).collect();
    let quote = |place: &Place| {
        let (_, _, start_ms, text, speaker) = segments.get(&(place.call, place.segment))?;
        Some(Quote { text: place.cut(text)?, start_ms: *start_ms, speaker: speaker.clone() })
    };
    Ok(places.iter().map(quote).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_by_characters_or_not_at_all() {
        let cut = |offset, length| Place { call: Uuid::nil(), segment: 1, offset, length }.cut("Für 400 € mehr");
        assert_eq!(cut(4, 5).as_deref(), Some("400 €"));
        assert_eq!(cut(10, 9), None, "the segment is shorter");
        assert_eq!(cut(4, 0), None);
    }
}
