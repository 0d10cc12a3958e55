//! Pages of lists: by cursor, which stays right while the list grows, or by offset.

use chrono::{DateTime, Datelike as _, Utc};
use kernel::Problem;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Most items of a page.
const MOST: i64 = 200;
/// Items of a page where nobody says.
const USUAL: i64 = 50;

/// Which page is wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// At most so many items, 1 to 200; 50 where it is left out.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The page after this one: `next_cursor` of the answer before.
    pub cursor: Option<String>,
    /// Leave out so many items instead.
    #[param(minimum = 0)]
    pub offset: Option<i64>,
    /// Whether to count all items as well.
    #[serde(default)]
    #[param(default = false)]
    pub total: bool,
}

/// A page.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to ask for as `cursor` to get the next page; left out at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// How many items there are on all pages, if `total` was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    /// After the item with these keys, as the area wrote them.
    After(Vec<String>),
    /// After so many items.
    Offset(i64),
}

impl PageParams {
    /// How many items, and from where on.
    ///
    /// # Errors
    /// 422 with the field that is wrong.
    pub fn read(&self) -> Result<(i64, Cursor), Problem> {
        let wrong = |field: &str, why: &str| Problem::invalid(format!("{field}: {why}")).field(field, why);
        let limit = limit(self.limit)?;
        match (&self.cursor, self.offset) {
            (Some(_), Some(_)) => Err(wrong("offset", "give a cursor or an offset, not both")),
            (Some(cursor), None) => decode(cursor)
                .map(|keys| (limit, Cursor::After(keys)))
                .ok_or_else(|| wrong("cursor", "it is none of ours")),
            (None, offset) => {
                let offset = offset.unwrap_or_default();
                if offset < 0 { Err(wrong("offset", "it is 0 or more")) } else { Ok((limit, Cursor::Offset(offset))) }
            }
        }
    }
}

/// How many items, where a list has one page.
///
/// # Errors
/// 422 where it is not from 1 to 200.
pub fn limit(wanted: Option<i64>) -> Result<i64, Problem> {
    let limit = wanted.unwrap_or(USUAL);
    if (1..=MOST).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::invalid("limit: it is 1 to 200").field("limit", "it is 1 to 200"))
}

/// The two keys of a cursor of ours, a text and an id.
///
/// # Errors
/// 422 where the cursor is of another list.
pub fn two_keys(keys: &[String]) -> Result<(String, Uuid), Problem> {
    if let [text, id] = keys
        && let Ok(id) = id.parse()
    {
        return Ok((text.clone(), id));
    }
    Err(Problem::invalid("cursor: it is none of ours").field("cursor", "it is none of ours"))
}

/// The two keys of a cursor of ours, a time and an id.
///
/// # Errors
/// 422 where the cursor is of another list.
pub fn time_and_id(keys: &[String]) -> Result<(DateTime<Utc>, Uuid), Problem> {
    let (time, id) = two_keys(keys)?;
    let time = DateTime::parse_from_rfc3339(&time).ok().map(|time| time.to_utc());
    // What a database cannot hold, none of ours has.
    let time = time.filter(|time| (1..=9_998).contains(&time.year()));
    let wrong = || Problem::invalid("cursor: it is none of ours").field("cursor", "it is none of ours");
    Ok((time.ok_or_else(wrong)?, id))
}

impl<T> Page<T> {
    /// A page of `limit` items out of what was found, which is one item more where there is another page. `keys` are those of an item.
    pub fn of(mut found: Vec<T>, limit: i64, total: Option<i64>, keys: impl Fn(&T) -> Vec<String>) -> Self {
        let more = found.len() as i64 > limit;
        found.truncate(limit as usize);
        let next_cursor = found.last().filter(|_| more).map(|last| Cursor::encode(&keys(last)));
        Self { items: found, next_cursor, total }
    }
}

impl Cursor {
    /// A cursor as clients see it: opaque, safe in addresses.
    pub fn encode(keys: &[String]) -> String {
        let json = serde_json::to_vec(keys).unwrap_or_default();
        kernel::hex(&json)
    }
}

fn decode(text: &str) -> Option<Vec<String>> {
    if !text.len().is_multiple_of(2) || text.len() > 1000 || !text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect();
    let keys: Vec<String> = serde_json::from_slice(&bytes?).ok()?;
    // The character NUL is in no text here, and PostgreSQL takes none.
    (!keys.iter().any(|key| key.contains('\0'))).then_some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went_and_others_are_told() {
        let keys = vec!["2026-11-02T10:00:00Z".to_owned(), "é\"x".to_owned()];
        let of = |cursor: &str| PageParams { cursor: Some(cursor.to_owned()), ..PageParams::default() }.read();
        assert_eq!(of(&Cursor::encode(&keys)).unwrap(), (50, Cursor::After(keys)));
        for bad in ["", "zz", "5b", "é", "7b7d"] {
            assert_eq!(of(bad).unwrap_err().errors["cursor"], ["it is none of ours"], "{bad}");
        }
        let limit = |limit| PageParams { limit: Some(limit), ..PageParams::default() }.read();
        assert!(limit(0).is_err() && limit(201).is_err() && limit(200).is_ok());
        let both = PageParams { cursor: Some("5b5d".to_owned()), offset: Some(1), ..PageParams::default() };
        assert!(both.read().unwrap_err().errors.contains_key("offset"));
    }
}
