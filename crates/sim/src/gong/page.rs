//! Pages of lists, and the cursors that lead from one to the next.
//!
//! A cursor looks like a JWT and is signed. It names the page, the inputs that it belongs to, and as of when the list is, so that calls that
//! finish in between do not shift its pages. No two cursors are the same.

use super::Desk;
use super::errors::Refused;
use crate::Fault;
use crate::signing::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
pub(super) use kernel::hex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::atomic::Ordering;

/// Which page is asked for.
#[derive(Debug)]
pub(super) struct Turn {
    page: usize,
    /// As of when the list is.
    pub(super) as_of: DateTime<Utc>,
    inputs: String,
}

impl Turn {
    /// The page that a request wants by its cursor; the first without one.
    pub(super) fn of(desk: &Desk, inputs: &str, cursor: Option<&str>, faults: &[Fault]) -> Result<Self, Refused> {
        let inputs = hex(&Sha256::digest(inputs));
        let Some(cursor) = cursor else { return Ok(Self { page: 0, as_of: desk.now(), inputs }) };
        let told = read(desk, cursor).ok_or_else(|| Refused::malformed("cursor is invalid"))?;
        if told["inputs"] != *inputs {
            return Err(Refused::malformed("cursor belongs to a request with other parameters"));
        }
        let as_of = told["asOf"].as_i64().and_then(DateTime::from_timestamp_micros).unwrap_or_else(|| desk.now());
        let page = told["page"].as_u64().unwrap_or_default() as usize;
        Ok(Self { page: page - usize::from(page > 0 && faults.contains(&Fault::DuplicatePage)), as_of, inputs })
    }

    /// Its items, and `records`: how many there are and where it goes on.
    pub(super) fn cut<'a, T>(&self, desk: &Desk, items: &'a [T]) -> (&'a [T], Value) {
        let size = desk.settings.page.max(1);
        let begin = (self.page * size).min(items.len());
        let end = (begin + size).min(items.len());
        let mut records = json!({
            "totalRecords": items.len(),
            "currentPageSize": end - begin,
            "currentPageNumber": self.page,
        });
        if end < items.len() {
            records["cursor"] = self.next(desk).into();
        }
        (&items[begin..end], records)
    }

    fn next(&self, desk: &Desk) -> String {
        let serial = desk.serial.fetch_add(1, Ordering::SeqCst);
        let as_of = self.as_of.timestamp_micros();
        let claims = json!({"page": self.page + 1, "inputs": self.inputs, "asOf": as_of, "serial": serial});
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", encode(r#"{"alg":"HS256"}"#), encode(&claims.to_string()));
        let signature = BASE64_URL_SAFE_NO_PAD.encode(desk.signed(&signed));
        format!("{signed}.{signature}")
    }
}

/// What a cursor says, if it is one of ours.
fn read(desk: &Desk, cursor: &str) -> Option<Value> {
    let (signed, signature) = cursor.rsplit_once('.')?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
    if signature != desk.signed(signed) {
        return None;
    }
    let (_, claims) = signed.split_once('.')?;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

impl Desk {
    /// The signature of what the service writes for itself: cursors, addresses of recordings, tokens.
    pub(super) fn signed(&self, text: &str) -> Vec<u8> {
        hmac(self.settings.seed.to_string().as_bytes(), text.as_bytes())
    }
}

/// A value written so that it is the same text whatever the order of its fields.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name:?}:{}", canonical(value))).collect();
            fields.sort();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        value => value.to_string(),
    }
}
