//! A delivery in one pass, without a tree of all that is in it: most hold nothing that is replaced, and are kept as they came.

use super::{hidden, redactor};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use transcript::redact::{RedactKind, RedactKinds, Redactor};

/// What was seen of a delivery.
#[derive(Debug)]
pub(crate) struct Looked {
    /// What is in it on the first level and, in `callData`, on the second, without lists and objects but `metaData` and `parties`.
    pub(crate) value: Value,
    /// Whether [`super::hide`] would leave all of it as it is.
    pub(crate) stays: bool,
}

/// Looks through a delivery.
///
/// # Errors
/// When it is no JSON.
pub(crate) fn look(body: &[u8], kinds: RedactKinds) -> serde_json::Result<Looked> {
    let redactor = redactor(&[], kinds);
    // Names are known when all of it was read.
    let stays = Cell::new(!kinds.has(RedactKind::Name));
    let all = Look { part: Part::Whole, name: "", stays: &stays, redactor: redactor.as_ref() };
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = all.deserialize(&mut json)?;
    json.end()?;
    Ok(Looked { value, stays: stays.get() })
}

/// Where something stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Call,
    /// All of it is of interest.
    Kept,
    /// Of interest where it is neither list nor object.
    Scalar,
    Passed,
}

impl Part {
    fn of(self, name: &str) -> Self {
        match (self, name) {
            (Self::Whole, "callData") => Self::Call,
            (Self::Call, "metaData" | "parties") | (Self::Kept, _) => Self::Kept,
            (Self::Whole | Self::Call, _) => Self::Scalar,
            (Self::Scalar | Self::Passed, _) => Self::Passed,
        }
    }
}

#[derive(Clone, Copy)]
struct Look<'a> {
    part: Part,
    /// Of the field that it is, or is in.
    name: &'a str,
    stays: &'a Cell<bool>,
    redactor: Option<&'a Redactor>,
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        if self.stays.get() && hidden(self.name, text, self.redactor).is_some() {
            self.stays.set(false);
        }
        Ok(if self.part == Part::Passed { Value::Null } else { text.into() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let within = Self { part: self.part.of(""), ..self };
        let mut kept = Vec::new();
        while let Some(item) = items.next_element_seed(within)? {
            if self.part == Part::Kept {
                kept.push(item);
            }
        }
        Ok(if self.part == Part::Kept { kept.into() } else { Value::Null })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        while let Some(name) = fields.next_key_seed(Name)? {
            if name.contains('\0') {
                self.stays.set(false);
            }
            let value = fields.next_value_seed(Look { part: self.part.of(&name), name: &name, ..self })?;
            if matches!(self.part, Part::Whole | Part::Call | Part::Kept) {
                kept.insert(name.into_owned(), value);
            }
        }
        Ok(kept.into())
    }
}

/// The name of a field, copied only where it has to be.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(name.into())
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(name.to_owned().into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::hide;
    use super::*;
    use gong::CallView;
    use serde_json::json;
    use sim::Gong;
    use sim::gong::{How, Ring, Settings, Signing};

    /// What is said to stay is what hiding leaves as it is, and the call looks as it does in the whole.
    fn compare(body: &[u8], kinds: RedactKinds) -> bool {
        let looked = look(body, kinds).unwrap();
        let whole: Value = serde_json::from_slice(body).unwrap();
        let mut after = whole.clone();
        hide(&mut after, &[], kinds);
        assert_eq!(looked.stays, after == whole && !kinds.has(RedactKind::Name), "{whole}");
        let call = CallView::of(&whole["callData"]);
        assert!(
            CallView { media: gong::Media::default(), ..call } == CallView::of(&looked.value["callData"]),
            "{whole}"
        );
        for name in ["isTest", "gong_webhook_id"] {
            assert_eq!(looked.value[name], whole[name]);
        }
        looked.stays
    }

    #[test]
    fn deliveries_of_the_simulator_are_seen_as_they_are() {
        let ring = Ring { by_itself: false, ids: true, ..Ring::new("http://127.0.0.1:9/", Signing::Key) };
        let gong = Gong::with(Settings { webhook: Some(ring), ..Settings::default() });
        let bodies: Vec<_> = (0..60).map(|number| gong.delivery(number, How::Genuine).unwrap().body).collect();
        let stay = bodies.iter().filter(|body| compare(body, RedactKinds::DEFAULT)).count();
        assert!(stay > 50, "{stay}");
        assert!(!bodies.iter().any(|body| compare(body, RedactKinds::ALL)));
        assert!(bodies.iter().all(|body| compare(body, RedactKinds::NONE)));
    }

    #[test]
    fn what_would_be_replaced_does_not_stay_wherever_it_stands() {
        let card = "card 4111 1111 1111 1111";
        for (body, stays) in [
            (json!({ "callData": { "metaData": { "id": "4111111111111111", "title": card } } }), false),
            (json!({ "callData": { "content": { "keyPoints": [{ "text": card }] } } }), false),
            (json!({ "callData": [[card]] }), false),
            (json!([card]), false),
            (json!(card), false),
            (json!({ "more": "a\0b" }), false),
            (json!({ "a\0b": 1 }), false),
            (json!({ "callData": { "metaData": { "id": "4111111111111111" }, "parties": [{ "name": "Bo" }] } }), true),
            // As a list of calls shows one.
            (json!({ "callData": { "id": "77", "isPrivate": true }, "isTest": true }), true),
            (
                json!({ "callData": { "metaData": 1, "parties": {}, "id": "77" }, "isTest": [1], "gong_webhook_id": 5.5 }),
                true,
            ),
        ] {
            if body["isTest"].is_array() {
                assert!(look(body.to_string().as_bytes(), RedactKinds::DEFAULT).unwrap().stays);
            } else {
                assert_eq!(compare(body.to_string().as_bytes(), RedactKinds::DEFAULT), stays, "{body}");
            }
        }
    }

    #[test]
    fn what_is_no_json_is_refused_where_the_whole_is() {
        for body in ["", "{", "{\"a\":1} x", "{\"a\":1e999}", "\"\\ud800\"", "{1:2}", "[1,]"] {
            let whole = serde_json::from_str::<Value>(body).unwrap_err();
            let looked = look(body.as_bytes(), RedactKinds::DEFAULT).unwrap_err();
            assert_eq!((looked.line(), looked.column()), (whole.line(), whole.column()), "{body}");
        }
    }
}
