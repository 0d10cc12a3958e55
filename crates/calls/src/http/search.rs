//! `GET /calls`.

use super::Door;
use crate::{By, CallError, CallItem, Key, Mood, Neighbours, Search, Status, when};
use axum::extract::State;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use uuid::Uuid;
use web::{Answer, At, Cursor, Json, Page, PageParams, Params, Signed};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only calls of this rep: an id, a mail address or a name.
    agent: Option<String>,
    /// Only calls with this customer, without regard to case.
    customer: Option<String>,
    /// Only calls of this day and later (`2026-11-02`, where the team is), or of this moment and later (RFC 3339). When a call was is when it
    /// began, or when it came in where that is not known.
    #[param(example = "2026-11-02")]
    since: Option<String>,
    /// Only calls of this day and earlier, or before this moment.
    #[param(example = "2026-11-08T18:00:00Z")]
    until: Option<String>,
    /// Only calls in this language; `en` is also `en-GB`.
    #[param(example = "en")]
    language: Option<String>,
    /// Only calls with at least this overall score, 0 to 100.
    min_score: Option<f64>,
    /// Only calls with at most this overall score.
    max_score: Option<f64>,
    /// Only calls in which the customer's mean sentiment is -0.05 or less (`negative`), 0.05 or more (`positive`), or between (`neutral`).
    #[param(inline)]
    sentiment: Option<Mood>,
    /// Only calls in which the customer's mean sentiment is at least this, -1 to 1.
    min_sentiment: Option<f64>,
    /// Only calls in which it is at most this.
    max_sentiment: Option<f64>,
    /// Only calls that have come so far.
    #[param(inline)]
    status: Option<Status>,
    /// Only calls whose scores are withheld until somebody has looked (`true`), or only others.
    withheld: Option<bool>,
    /// Only calls with this in the title, without regard to case.
    q: Option<String>,
    /// The order; with `-` before it the greatest first. `started_at` is when a call began, or came in where that is not known; calls without
    /// score or duration have less than any; titles are compared by their first 60 characters in lower case.
    #[param(pattern = "^-?(started_at|imported_at|score|duration|title)$", default = "-started_at")]
    sort: Option<String>,
}

/// The order of lists where nobody says.
const USUAL: &str = "-started_at";

impl Wanted {
    fn read(self, zone: Tz) -> Result<Search, CallError> {
        let texts =
            [("agent", &self.agent), ("customer", &self.customer), ("language", &self.language), ("q", &self.q)];
        for (field, text) in texts {
            if text.as_deref().is_some_and(|text| text.contains('\0')) {
                return Err(wrong(field, "it holds the character NUL, which no text here can"));
            }
        }
        let numbers = [
            ("min_score", self.min_score),
            ("max_score", self.max_score),
            ("min_sentiment", self.min_sentiment),
            ("max_sentiment", self.max_sentiment),
        ];
        for (field, number) in numbers {
            if number.is_some_and(|number| !number.is_finite()) {
                return Err(wrong(field, "it is no number"));
            }
        }
        let sort = self.sort.as_deref().unwrap_or(USUAL);
        let (by, descending) = order(sort).ok_or_else(|| {
            wrong(
                "sort",
                "it is started_at, imported_at, score, duration or title, with - before it for the greatest first",
            )
        })?;
        let moment = |field, text: Option<String>, days| {
            text.map(|text| {
                moment(&text, zone, days)
                    .map(when::comparable)
                    .ok_or_else(|| wrong(field, "write a day like 2026-11-02 or a time like 2026-11-02T10:00:00Z"))
            })
            .transpose()
        };
        Ok(Search {
            since: moment("since", self.since, 0)?,
            until: moment("until", self.until, 1)?,
            agent: self.agent,
            customer: self.customer,
            language: self.language,
            score: (self.min_score, self.max_score),
            sentiment: (self.min_sentiment, self.max_sentiment),
            mood: self.sentiment,
            status: self.status,
            withheld: self.withheld,
            text: self.q,
            by,
            descending,
            ..Search::default()
        })
    }
}

fn wrong(field: &'static str, why: &str) -> CallError {
    CallError::Field(field, why.to_owned())
}

fn order(sort: &str) -> Option<(By, bool)> {
    let (name, descending) = sort.strip_prefix('-').map_or((sort, false), |name| (name, true));
    let by = match name {
        "started_at" => By::StartedAt,
        "imported_at" => By::ImportedAt,
        "score" => By::Score,
        "duration" => By::Duration,
        "title" => By::Title,
        _ => return None,
    };
    Some((by, descending))
}

/// A moment, or midnight where the team is on a day, so many days later.
fn moment(text: &str, zone: Tz, later: u64) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    if text.len() != "2026-11-02".len() || !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.checked_add_days(Days::new(later))?;
    let midnight = day.and_time(NaiveTime::MIN);
    // Where the clocks skip midnight, the day begins an hour later.
    let read = |hours| (midnight + chrono::TimeDelta::hours(hours)).and_local_timezone(zone).earliest();
    read(0).or_else(|| read(1)).map(|at| at.to_utc())
}

/// Where the page begins, by a cursor of this list in this order.
fn after(by: By, sort: &str, keys: &[String]) -> Result<(Key, Uuid), CallError> {
    let [order, key, id] = keys else { return Err(wrong("cursor", "it is none of ours")) };
    if order != sort {
        return Err(wrong("cursor", "it belongs to another order; begin again without it"));
    }
    by.read(key).zip(id.parse().ok()).ok_or_else(|| wrong("cursor", "it is none of ours"))
}

/// The calls that I may see, page by page: my own; a manager's teams'; those of the reps assigned to a coach; all for an admin.
///
/// A cursor stays right while calls come in. Calls of which it is not known whose they are, are seen by admins only.
#[utoipa::path(get, path = "/calls", tag = "calls", params(Wanted, PageParams),
    responses((status = 200, description = "A page of calls", body = Page<CallItem>)))]
pub(super) async fn list(
    State(door): State<Door>,
    Signed(actor): Signed,
    Params(wanted): Params<Wanted>,
    Params(page): Params<PageParams>,
) -> Answer<Json<Page<CallItem>>> {
    let (limit, from) = page.read()?;
    let sort = wanted.sort.clone().unwrap_or_else(|| USUAL.to_owned());
    let mut search = wanted.read(door.zone)?;
    // One more, to know whether there is another page.
    search.limit = limit + 1;
    match from {
        Cursor::Offset(offset) => search.offset = offset,
        Cursor::After(keys) => search.after = Some(after(search.by, &sort, &keys)?),
    }
    let (found, total) = crate::search(&door.db, &actor, &search, page.total).await?;
    let last = |(call, key): &(CallItem, Key)| vec![sort.clone(), key.to_string(), call.id.to_string()];
    let Page { items, next_cursor, total } = Page::of(found, limit, total, last);
    Ok(Json(Page { items: items.into_iter().map(|(call, _)| call).collect(), next_cursor, total }))
}

/// The calls above and below a call in a list with these filters in this order, as it is now.
///
/// They are found from where the call stands in the order: it need not be in the list itself.
#[utoipa::path(get, path = "/calls/{id}/neighbours", tag = "calls",
    params(("id" = String, Path, description = "The call: our id, or the one in its source"), Wanted),
    responses((status = 200, description = "The calls beside it", body = Neighbours)))]
pub(super) async fn neighbours(
    State(door): State<Door>,
    Signed(actor): Signed,
    At(id): At<String>,
    Params(wanted): Params<Wanted>,
) -> Answer<Json<Neighbours>> {
    let list = wanted.read(door.zone)?;
    let id = crate::seen(&door.db, &actor, &id).await?;
    Ok(Json(crate::neighbours(&door.db, &actor, &list, id).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Europe::Berlin;

    #[test]
    fn a_day_is_one_where_the_team_is_and_a_moment_is_a_moment() {
        let of = |text, later| moment(text, Berlin, later).map(|at| at.to_rfc3339());
        assert_eq!(of("2026-11-02", 0).as_deref(), Some("2026-11-01T23:00:00+00:00"));
        assert_eq!(of("2026-10-24", 1).as_deref(), Some("2026-10-24T22:00:00+00:00"));
        assert_eq!(of("2026-10-25", 1).as_deref(), Some("2026-10-25T23:00:00+00:00"), "a day of 25 hours");
        assert_eq!(of("2026-11-02T10:00:00+01:00", 1).as_deref(), Some("2026-11-02T09:00:00+00:00"));
        for none in ["", "2026-13-01", "+2026-11-1", "02.11.2026", "2026-11-02T10:00:00"] {
            assert_eq!(of(none, 0), None, "{none}");
        }
    }

    #[test]
    fn a_cursor_goes_with_its_order_only() {
        let id = Uuid::nil();
        for (sort, key) in [
            ("-started_at", Key::Time(DateTime::from_timestamp_micros(1_789_560_000_123_456).unwrap())),
            ("score", Key::Score(66.666_666_666_666_67)),
            ("-duration", Key::Duration(-1)),
            ("title", Key::Title("köln \"x\"".to_owned())),
        ] {
            let (by, _) = order(sort).unwrap();
            let keys = [sort.to_owned(), key.to_string(), id.to_string()];
            assert_eq!(after(by, sort, &keys).unwrap(), (key, id), "{sort}");
            assert!(matches!(after(by, "-title", &keys), Err(CallError::Field("cursor", _))));
            assert!(after(by, sort, &keys[..2]).is_err());
        }
        for none in ["-5000-01-01T00:00:00Z", "+10000-01-01T00:00:00Z", "+262142-01-01T00:00:00Z", "now"] {
            let keys = ["-started_at".to_owned(), none.to_owned(), id.to_string()];
            assert!(matches!(after(By::StartedAt, "-started_at", &keys), Err(CallError::Field("cursor", _))), "{none}");
        }
        assert!(after(By::Score, "score", &["score".into(), "NaN".into(), id.to_string()]).is_err());
        assert!(order("--score").is_none() && order("").is_none());
    }
}
