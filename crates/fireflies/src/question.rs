//! What is asked, in GraphQL, and where its answer lies.

use crate::refusal::Refusal;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

/// The fields of a transcript without its words; one list for both questions, so that a transcript looks the same from either.
macro_rules! head {
    () => {
        "id title date duration transcript_url organizer_email host_email participants meeting_attendees { displayName email name } speakers { id name }"
    };
}

const LIST: &str = concat!(
    "query Transcripts($limit: Int, $skip: Int, $fromDate: DateTime, $toDate: DateTime) { ",
    "transcripts(limit: $limit, skip: $skip, fromDate: $fromDate, toDate: $toDate) { ",
    head!(),
    " } }"
);

const ONE: &str = concat!(
    "query Transcript($id: String!) { transcript(id: $id) { ",
    head!(),
    " sentences { index speaker_id speaker_name text raw_text start_time end_time } } }"
);

const USER: &str = "query User { user { user_id name email num_transcripts is_admin } }";

/// A question, which is one request.
#[derive(Debug)]
pub(crate) struct Question {
    query: &'static str,
    variables: Value,
    /// The field of the answer.
    pub field: &'static str,
    /// Whether there can be nothing that it asks for.
    pub may_be_none: bool,
}

impl Question {
    pub fn list(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>, skip: u32, limit: u32) -> Self {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let variables = json!({ "limit": limit, "skip": skip, "fromDate": from.map(time), "toDate": to.map(time) });
        Self { query: LIST, variables, field: "transcripts", may_be_none: false }
    }

    pub fn one(id: &str) -> Self {
        Self { query: ONE, variables: json!({ "id": id }), field: "transcript", may_be_none: true }
    }

    pub fn user() -> Self {
        Self { query: USER, variables: json!({}), field: "user", may_be_none: false }
    }

    pub fn body(&self) -> String {
        json!({ "query": self.query, "variables": self.variables }).to_string()
    }

    /// What the document of an answer says to it; none where it says that there is none, and may.
    pub fn answer(&self, mut document: Value) -> Result<Option<Value>, Refusal> {
        let found = document.get_mut("data").and_then(|data| data.get_mut(self.field)).map(Value::take);
        let refusals = Refusal::all(&document);
        let (parts, whole): (Vec<_>, Vec<_>) = refusals.into_iter().partition(|refusal| self.concerns_a_part(refusal));
        if let Some(refusal) = whole.into_iter().next() {
            return if self.may_be_none && refusal.is_missing() { Ok(None) } else { Err(refusal) };
        }
        match found {
            // What is there holds, as a list in which one call has a flaw would else never be read to its end.
            Some(value) if !value.is_null() => {
                if !parts.is_empty() {
                    tracing::info!(
                        what = self.field,
                        errors = parts.len(),
                        "Fireflies could not tell all of what it was asked"
                    );
                }
                Ok(Some(value))
            }
            _ if !parts.is_empty() => Err(parts.into_iter().next().unwrap_or_default()),
            Some(_) if self.may_be_none => Ok(None),
            _ => Err(Refusal::default()),
        }
    }

    /// Whether an error leaves the answer what it is but for a field. Without its sentences a transcript would look as if they were still to come.
    fn concerns_a_part(&self, refusal: &Refusal) -> bool {
        refusal.path.len() > 1 && refusal.path[0] == self.field && !refusal.path.iter().any(|step| step == "sentences")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_holds_where_only_a_part_failed() {
        let flawed = |path: Value, data: Value| json!({ "errors": [{ "message": "x", "path": path, "extensions": { "code": "forbidden", "status": 403 } }], "data": data });
        let list = Question::list(None, None, 0, 50);
        let there =
            flawed(json!(["transcripts", 1, "organizer_email"]), json!({ "transcripts": [{ "id": "a" }, null] }));
        assert_eq!(list.answer(there).unwrap(), Some(json!([{ "id": "a" }, null])));
        for (path, data) in [
            (json!(["transcripts"]), json!({ "transcripts": [] })),
            (json!(["transcripts", 1, "title"]), json!({ "transcripts": null })),
            (json!(["transcripts", 1, "title"]), json!(null)),
            (json!([]), json!({ "transcripts": [] })),
            (json!(["user", "name"]), json!({ "transcripts": [] })),
        ] {
            assert_eq!(list.answer(flawed(path.clone(), data)).unwrap_err().code, "forbidden", "{path}");
        }
        let one = Question::one("a");
        let wordless =
            flawed(json!(["transcript", "sentences"]), json!({ "transcript": { "id": "a", "sentences": null } }));
        assert_eq!(one.answer(wordless).unwrap_err().code, "forbidden", "else it would be waited for");
    }

    #[test]
    fn only_what_may_be_none_is_none() {
        let missing = json!({ "errors": [{ "message": "x", "code": "object_not_found" }], "data": null });
        let null = |field: &str| json!({ "data": { field: null } });
        assert_eq!(Question::one("a").answer(missing.clone()).unwrap(), None);
        assert_eq!(Question::one("a").answer(null("transcript")).unwrap(), None);
        assert!(Question::user().answer(missing.clone()).unwrap_err().is_missing());
        assert_eq!(Question::user().answer(null("user")).unwrap_err(), Refusal::default());
        assert!(Question::list(None, None, 0, 50).answer(missing).is_err());
        for odd in [json!({}), json!([]), json!({ "data": [] }), json!({ "data": { "other": 1 } }), json!(7)] {
            assert_eq!(Question::one("a").answer(odd.clone()).unwrap_err(), Refusal::default(), "{odd}");
        }
    }
}
