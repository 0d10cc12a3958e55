//! What is asked for, and the page that comes of it.

use crate::error::not_understood;
use crate::send::Failed;
use crate::{GongError, Page};
use remote::retry::Outcome;
use reqwest::Method;
use serde_json::Value;
use url::Url;

/// A question, the same with each request it takes.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub method: Method,
    /// The path below the version.
    pub path: &'a [&'a str],
    /// What is asked for, as errors name it.
    pub what: &'static str,
    /// The field of the answer that lists it.
    pub list: &'static str,
    /// What is sent with a POST, without the mark of the page.
    pub body: Value,
    /// The mark of the page.
    pub cursor: Option<&'a str>,
}

impl<'a> Ask<'a> {
    pub fn get(path: &'a [&'a str], what: &'static str, cursor: Option<&'a str>) -> Self {
        Self { method: Method::GET, path, what, list: what, body: Value::Null, cursor }
    }

    /// Where it is asked below this base. The mark of the page stands in the address of a GET and never in that of a POST, where it would be ignored.
    pub fn address(&self, base: &Url) -> Url {
        let mut url = base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v2").extend(self.path);
        }
        if let (true, Some(cursor)) = (self.method == Method::GET, self.cursor) {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        url
    }

    /// What is sent with a POST.
    pub fn sent(&self) -> Option<String> {
        let mut body = self.body.clone();
        if let (Some(fields), Some(cursor)) = (body.as_object_mut(), self.cursor) {
            fields.insert("cursor".to_owned(), cursor.into());
        }
        (self.method == Method::POST).then(|| body.to_string())
    }

    /// The page in a document.
    pub fn page(&self, mut document: Value) -> Result<Page, Failed> {
        let Some(Value::Array(items)) = document.get_mut(self.list).map(Value::take) else {
            return Err(Failed::new(not_understood(format!("it has no list of {}", self.what)), Outcome::Midst));
        };
        let records = &document["records"];
        let cursor = records["cursor"].as_str().filter(|cursor| !cursor.is_empty()).map(str::to_owned);
        if cursor.is_some() && cursor.as_deref() == self.cursor {
            return Err(Failed::new(GongError::Circle { what: self.what }, Outcome::Final));
        }
        Ok(Page { items, cursor, total: records["totalRecords"].as_u64(), none: false })
    }
}
