//! Values of JSON files whose writers disagree about types: Fireflies and AWS write numbers as strings, some write ids as numbers.

use super::time::seconds_to_ms;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A string or number read leniently; anything else counts as absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Scalar<'a> {
    #[default]
    Absent,
    /// Whole numbers are kept apart since ids above 2^53 would not survive as `f64`.
    Whole(u64),
    Real(f64),
    Text(Cow<'a, str>),
}

impl<'a> Scalar<'a> {
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Absent => None,
            Self::Whole(n) => Some(*n as f64),
            Self::Real(n) => Some(*n),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }

    /// Milliseconds, if this is a number of milliseconds.
    pub(crate) fn ms(&self) -> Option<u64> {
        match self {
            Self::Whole(n) => Some(*n),
            other => other.number().and_then(|ms| seconds_to_ms(ms / 1000.0)),
        }
    }

    /// Milliseconds, if this is a number of seconds.
    pub(crate) fn seconds_as_ms(&self) -> Option<u64> {
        self.number().and_then(seconds_to_ms)
    }

    /// Parts of a thousand, if this is a probability from 0 to 1.
    pub(crate) fn per_mille(&self) -> Option<u16> {
        self.number().filter(|p| (0.0..=1.0).contains(p)).map(|p| (p * 1000.0).round() as u16)
    }

    /// The text, numbers written out; `None` if blank.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Absent => None,
            Self::Whole(n) => Some(Cow::Owned(n.to_string())),
            Self::Real(n) => Some(Cow::Owned(n.to_string())),
            Self::Text(text) => Some(text).filter(|text| !text.trim().is_empty()),
        }
    }

    /// The name of a speaker: text as it is, a number as "Speaker 0".
    pub(crate) fn speaker_name(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Whole(n) => Some(Cow::Owned(format!("Speaker {n}"))),
            other => other.text(),
        }
    }

    pub(crate) fn into_string(self) -> Option<String> {
        self.text().map(Cow::into_owned)
    }
}

/// For fields that some writers fill with `null` where others leave them out.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Running mean of probabilities.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    /// Counts a probability from 0 to 1; anything else is passed over.
    pub(crate) fn add(&mut self, probability: &Scalar<'_>) {
        if let Some(p) = probability.number().filter(|p| (0.0..=1.0).contains(p)) {
            self.sum += p;
            self.count += 1;
        }
    }

    /// The mean in parts of a thousand, if anything was counted.
    pub(crate) fn per_mille(self) -> Option<u16> {
        (self.count > 0).then(|| (self.sum / f64::from(self.count) * 1000.0).round() as u16)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a number")
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Absent)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Absent)
    }

    fn visit_u64<E>(self, n: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Whole(n))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Real(n as f64))
    }

    fn visit_f64<E>(self, n: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Real(n))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Absent)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Absent)
    }
}
