//! The words of passages, as they are kept for being looked for.

use db::{Db, DbError, Statement};
use retrieval::BORDER;
use transcript::Side;

/// The forms of the words of a passage, by who says them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forms([Vec<String>; 3]);

impl Forms {
    /// Those of one side, or of all with borders between them.
    pub fn of(&self, side: Option<Side>) -> Vec<&str> {
        let [ours, theirs, nobodys] = &self.0;
        match side {
            Some(Side::Internal) => ours.iter().map(String::as_str).collect(),
            Some(Side::External) => theirs.iter().map(String::as_str).collect(),
            None => {
                let mut all: Vec<&str> = Vec::with_capacity(ours.len() + theirs.len() + nobodys.len() + 2);
                for words in [ours, theirs, nobodys] {
                    if !all.is_empty() && !words.is_empty() {
                        all.push(BORDER);
                    }
                    all.extend(words.iter().map(String::as_str));
                }
                all
            }
        }
    }
}

/// The words of these passages; those that are gone are left out.
///
/// # Errors
/// When the database fails.
pub async fn forms(db: &Db, ids: &[i64]) -> Result<Vec<(i64, Forms)>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut made = Statement::default();
    let listed = made.list(db, ids.iter().copied());
    match db {
        Db::Sqlite(_) => {
            made.sql = format!("SELECT rowid, internal, external, unknown FROM passage_words WHERE rowid IN {listed}");
            let rows: Vec<(i64, String, String, String)> = made.rows(db).await?;
            let split = |words: String| words.split_whitespace().map(str::to_owned).collect();
            Ok(rows.into_iter().map(|(id, a, b, c)| (id, Forms([split(a), split(b), split(c)]))).collect())
        }
        Db::Postgres(_) => {
            made.sql = format!("SELECT id, terms::text FROM passages WHERE id IN {listed}");
            let rows: Vec<(i64, String)> = made.rows(db).await?;
            Ok(rows.into_iter().map(|(id, terms)| (id, of_tsvector(&terms))).collect())
        }
    }
}

/// Reads what PostgreSQL shows of a `tsvector`: `'high':7B 'pric':2A,4A`. Where places are missing stands a border.
fn of_tsvector(terms: &str) -> Forms {
    let mut placed: [Vec<(u32, &str)>; 3] = Default::default();
    for entry in terms.split(' ') {
        let Some((word, places)) = entry.rsplit_once(':') else { continue };
        let word = word.trim_matches('\'');
        for place in places.split(',') {
            let (number, side) = match place.as_bytes().last() {
                Some(b'A') => (&place[..place.len() - 1], 0),
                Some(b'B') => (&place[..place.len() - 1], 1),
                Some(b'C') => (&place[..place.len() - 1], 2),
                _ => (place, 2),
            };
            if let Ok(number) = number.parse() {
                placed[side].push((number, word));
            }
        }
    }
    Forms(placed.map(|mut words| {
        words.sort_unstable();
        let mut spoken: Vec<String> = Vec::with_capacity(words.len());
        let mut before = None;
        for (place, word) in words {
            if before.is_some_and(|before| place > before + 1) {
                spoken.push(BORDER.to_owned());
            }
            before = Some(place);
            spoken.push(word.to_owned());
        }
        spoken
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tsvector_is_read_in_order() {
        let forms = of_tsvector("'fix':4A 'high':7B 'pric':2A,5A 'too':6B 'x':9");
        assert_eq!(forms.of(Some(Side::Internal)), ["pric", BORDER, "fix", "pric"]);
        assert_eq!(forms.of(Some(Side::External)), ["too", "high"]);
        assert_eq!(forms.of(None), ["pric", BORDER, "fix", "pric", BORDER, "too", "high", BORDER, "x"]);
        assert_eq!(of_tsvector(""), Forms::default());
    }
}
