//! What a service tells of a call, as it is kept: with what is to be redacted replaced, as in the call itself.

use serde_json::Value;
use transcript::redact::{RedactKinds, Redactor};
use transcript::{Format, Participant, Transcript};

mod look;

pub(crate) use look::{Looked, look};

/// Replaces what is to be redacted in every text of a JSON value that tells of a call; `names` are those of the people in it. Ids, addresses of pages
/// and times stay: they are what the value is found by. The character NUL, which PostgreSQL keeps nowhere, goes.
pub(crate) fn hide(value: &mut Value, names: &[(Option<&str>, Option<&str>)], kinds: RedactKinds) {
    walk(value, "", redactor(names, kinds).as_ref());
}

/// What replaces what is to be redacted; `None` where nothing is.
fn redactor(names: &[(Option<&str>, Option<&str>)], kinds: RedactKinds) -> Option<Redactor> {
    if kinds.is_empty() {
        return None;
    }
    let participants = names
        .iter()
        .filter_map(|(name, email)| {
            let name = name.or(*email)?.to_owned();
            Some(Participant { name, email: email.map(str::to_owned), ..Participant::default() })
        })
        .collect();
    let people = Transcript {
        format: Format::GongJson,
        participants,
        segments: Vec::new(),
        warnings: Vec::new(),
        title: None,
        started_at: None,
        external_id: None,
        language: None,
        separate_channels: false,
    };
    Some(Redactor::of(&people, kinds))
}

/// A text of the field `name` as it is kept; `None` where that is as it is.
fn hidden(name: &str, text: &str, redactor: Option<&Redactor>) -> Option<String> {
    let clean = text.contains('\0').then(|| text.replace('\0', ""));
    let read = clean.as_deref().unwrap_or(text);
    // The address of a page holds ids, which one in ten looks like the number of a card.
    let is_address = read.starts_with("http") && !read.contains(char::is_whitespace);
    let redacted = |redactor: &Redactor| if is_address { redactor.id(read) } else { redactor.text(read) };
    match redactor.filter(|_| !is_reference(name, read)).map(redacted) {
        Some(redacted) if redacted != read => Some(redacted),
        _ => clean,
    }
}

fn walk(value: &mut Value, name: &str, redactor: Option<&Redactor>) {
    match value {
        Value::String(text) => {
            if let Some(hidden) = hidden(name, text, redactor) {
                *text = hidden;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, name, redactor)),
        Value::Object(fields) => {
            if fields.keys().any(|key| key.contains('\0')) {
                let kept = std::mem::take(fields);
                fields.extend(kept.into_iter().map(|(key, value)| (key.replace('\0', ""), value)));
            }
            for (key, value) in fields {
                walk(value, key, redactor);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a text is what something is found by: an id, a time.
fn is_reference(name: &str, text: &str) -> bool {
    let is_id = name == "id" || name.ends_with("Id") || name.ends_with("ID") || name.ends_with("Ids");
    is_id && !text.contains('@') && !text.contains(char::is_whitespace)
        || chrono::DateTime::parse_from_rfc3339(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn all_hidden(mut value: Value, kinds: RedactKinds) -> Value {
        hide(&mut value, &[(Some("Dana Whitlock"), Some("dana@acme.com"))], kinds);
        value
    }

    #[test]
    fn texts_are_redacted_and_what_things_are_found_by_stays() {
        let told = json!({
            "metaData": { "id": "4111111111111111", "url": "https://app.gong.io/call?id=4111111111111111", "started": "2026-11-02T09:00:00Z",
                "title": "Dana Whitlock about card 4111 1111 1111 1111", "duration": 61.5 },
            "content": { "keyPoints": [{ "text": "Paid with 4111 1111 1111 1111" }] },
            "calendarEventId": "dana@acme.com",
        });
        let usual = all_hidden(told.clone(), RedactKinds::default());
        assert_eq!(usual["metaData"]["id"], told["metaData"]["id"]);
        assert_eq!(usual["metaData"]["url"], told["metaData"]["url"]);
        assert_eq!(usual["metaData"]["started"], told["metaData"]["started"]);
        assert_eq!(usual["metaData"]["title"], "Dana Whitlock about card [CARD]");
        assert_eq!(usual["content"]["keyPoints"][0]["text"], "Paid with [CARD]");
        let all = all_hidden(told.clone(), RedactKinds::ALL);
        assert_eq!(all["metaData"]["title"], "[NAME] about card [CARD]");
        assert_eq!(all["calendarEventId"], "[EMAIL]");
        assert_eq!(all_hidden(told.clone(), RedactKinds::NONE), told);
    }

    #[test]
    fn nul_goes_from_texts_and_names() {
        assert_eq!(all_hidden(json!({ "a\0b": ["c\0"] }), RedactKinds::NONE), json!({ "ab": ["c"] }));
    }
}
