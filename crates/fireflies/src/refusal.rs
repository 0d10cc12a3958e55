//! An error as Fireflies tells it.
//!
//! `{"errors": [{"message", "friendly", "code", "path", "extensions": {"code", "status", "helpUrls", "metadata"}}], "data": null}`, where the
//! status of HTTP is 200 or that of the error (docs.fireflies.ai/fundamentals/errors, docs.fireflies.ai/miscellaneous/error-codes).

use crate::FirefliesError;
use chrono::{DateTime, TimeDelta, Utc};
use remote::words::tellable;
use serde_json::Value;

/// A service that names no time is asked again after this one.
const UNNAMED: TimeDelta = TimeDelta::minutes(1);

/// No longer wait is believed: the longest limit of Fireflies is that of a day.
const BELIEVED: TimeDelta = TimeDelta::hours(24);

/// Characters of the longest code.
const CODE: usize = 64;

/// The status of each code, where the error has none. The codes of GraphQL servers are in capitals.
const CODES: [(&str, u16); 16] = [
    ("auth_failed", 401),
    ("require_ai_credits", 402),
    ("forbidden", 403),
    ("account_cancelled", 403),
    ("paid_required", 403),
    ("not_in_team", 403),
    ("require_elevated_privilege", 403),
    ("object_not_found", 404),
    ("request_timeout", 408),
    ("invalid_arguments", 400),
    ("args_required", 400),
    ("too_many_requests", 429),
    ("invariant_violation", 500),
    ("GRAPHQL_PARSE_FAILED", 400),
    ("GRAPHQL_VALIDATION_FAILED", 400),
    ("BAD_USER_INPUT", 400),
];

/// One error; without code, status and words it stands for an answer that has neither data nor errors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// `auth_failed`.
    pub code: String,
    status: Option<u16>,
    message: String,
    /// Which field it concerns.
    pub path: Vec<String>,
    /// When it may be asked again.
    retry_after: Option<DateTime<Utc>>,
}

impl Refusal {
    /// The errors of a document.
    pub fn all(document: &Value) -> Vec<Self> {
        document["errors"].as_array().into_iter().flatten().filter(|error| error.is_object()).map(Self::of).collect()
    }

    fn of(error: &Value) -> Self {
        let extensions = &error["extensions"];
        let code = extensions["code"].as_str().or_else(|| error["code"].as_str()).unwrap_or_default();
        let is_code = (1..=CODE).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let named = CODES.iter().find(|(known, _)| *known == code).map(|(_, status)| *status);
        let told = extensions["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        let step = |step: &Value| step.as_str().map_or_else(|| step.to_string(), str::to_owned);
        Self {
            code: if is_code { code.to_owned() } else { String::new() },
            status: named.or(told.filter(|status| (400..600).contains(status))),
            message: error["message"].as_str().unwrap_or_default().to_owned(),
            path: error["path"].as_array().into_iter().flatten().map(step).collect(),
            retry_after: moment(&extensions["metadata"]["retryAfter"]),
        }
    }

    /// The same with what HTTP tells, where it does not tell that itself.
    pub fn or_by_http(self, status: u16, retry_after: Option<DateTime<Utc>>) -> Self {
        Self { status: self.status.or(Some(status)), retry_after: self.retry_after.or(retry_after), ..self }
    }

    /// Whether there is nothing of what is asked for.
    pub fn is_missing(&self) -> bool {
        self.status == Some(404)
    }

    /// As it is told. Without a status it has that of the error that GraphQL servers have for what they did not expect.
    pub fn error(self, now: DateTime<Utc>, key: &str) -> FirefliesError {
        if self == Self::default() {
            return FirefliesError::NotUnderstood { what: "it has neither data nor errors" };
        }
        match self.status.unwrap_or(500) {
            status @ (401..=403) => FirefliesError::Denied { status, check: self.check(status) },
            429 => {
                let until = self.retry_after.filter(|until| *until > now).unwrap_or(now + UNNAMED);
                FirefliesError::Limited { until: until.min(now + BELIEVED) }
            }
            status @ (408 | 500..) => FirefliesError::Server { status },
            status => FirefliesError::Invalid { status, message: self.words(key) },
        }
    }

    fn check(&self, status: u16) -> &'static str {
        match (self.code.as_str(), status) {
            ("account_cancelled", _) => {
                "the account that the key belongs to is cancelled: renew it, or set the key of another account"
            }
            ("paid_required", _) => {
                "the plan of the account does not include this: take a larger plan of Fireflies, or the key of an account that has one"
            }
            (_, 401) => {
                "check the API key, which Fireflies shows under Integrations, Fireflies API; one that was replaced there holds no longer"
            }
            (_, 402) => "the account has no credits left for this: buy some in Fireflies",
            _ => {
                "the key may not read this: set the key of an administrator of the team; what others keep to themselves only a super admin reads"
            }
        }
    }

    /// Its code and words, as they follow the status.
    fn words(&self, key: &str) -> String {
        let code = tellable(&self.code, &[key]).map(|code| format!(", {code}"));
        let words = tellable(&self.message, &[key]).map(|words| format!(": {words}"));
        code.unwrap_or_default() + &words.unwrap_or_default()
    }
}

/// Milliseconds since 1970, as a number or a text, or a time of ISO 8601.
pub(crate) fn moment(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str().map(str::trim);
    let number = value.as_f64().or_else(|| text?.parse::<f64>().ok());
    let by_number = || DateTime::from_timestamp_millis(number.filter(|ms| ms.abs() < 1e15)? as i64);
    by_number().or_else(|| DateTime::parse_from_rfc3339(text?).ok().map(|at| at.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now() -> DateTime<Utc> {
        "2026-11-20T08:00:00Z".parse().unwrap()
    }

    fn error(error: &Value) -> FirefliesError {
        let document = json!({ "errors": [error], "data": null });
        Refusal::all(&document).remove(0).error(now(), "sesame-0123456789")
    }

    #[test]
    fn codes_tell_what_went_wrong_with_and_without_a_status() {
        let table = [
            ("auth_failed", 401, "denied"),
            ("require_ai_credits", 402, "denied"),
            ("forbidden", 403, "denied"),
            ("account_cancelled", 403, "denied"),
            ("paid_required", 403, "denied"),
            ("not_in_team", 403, "denied"),
            ("require_elevated_privilege", 403, "denied"),
            ("object_not_found", 404, "invalid"),
            ("request_timeout", 408, "server"),
            ("invalid_arguments", 400, "invalid"),
            ("args_required", 400, "invalid"),
            ("too_many_requests", 429, "limited"),
            ("invariant_violation", 500, "server"),
            ("INTERNAL_SERVER_ERROR", 500, "server"),
            ("GRAPHQL_VALIDATION_FAILED", 400, "invalid"),
        ];
        for (code, status, kind) in table {
            let forms = [
                json!({ "message": "x", "code": code }),
                json!({ "message": "x", "extensions": { "code": code } }),
                json!({ "message": "x", "code": code, "extensions": { "code": code, "status": status } }),
            ];
            for form in forms {
                let told = error(&form);
                assert_eq!(told.kind(), kind, "{form}");
                assert!(kind == "limited" || told.to_string().contains(&format!("(status {status})")), "{told}");
            }
        }
        let unheard = |status: u16| error(&json!({ "code": "novel", "extensions": { "status": status } })).kind();
        assert_eq!([409, 410, 503, 200, 999].map(unheard), ["invalid", "invalid", "server", "server", "server"]);
        assert_eq!(error(&json!({})).kind(), "not_understood");
        assert_eq!(error(&json!({ "message": "it broke" })).kind(), "server");
    }

    #[test]
    fn a_limit_names_its_end_or_is_that_of_a_minute() {
        let until = |retry_after: Value| {
            let metadata = json!({ "retryAfter": retry_after });
            let told =
                error(&json!({ "code": "too_many_requests", "extensions": { "status": 429, "metadata": metadata } }));
            let FirefliesError::Limited { until } = told else { panic!("{told:?}") };
            (until - now()).num_milliseconds()
        };
        let ms = now().timestamp_millis();
        assert_eq!(until(json!(ms + 1_234)), 1_234);
        assert_eq!(until(json!((ms + 5_000).to_string())), 5_000);
        assert_eq!(until(json!("2026-11-20T08:00:07Z")), 7_000);
        for none in [json!(null), json!("soon"), json!(ms), json!(ms - 1), json!(30), json!(1e300), json!({})] {
            assert_eq!(until(none.clone()), 60_000, "{none}");
        }
        assert_eq!(until(json!(ms + 400_000_000)), 86_400_000, "no limit is longer than a day");
    }

    #[test]
    fn its_words_are_told_unless_they_give_something_away() {
        let told = |code: &str, message: &str| {
            error(&json!({ "message": message, "extensions": { "code": code, "status": 400 } })).to_string()
        };
        let wrong = "Fireflies refused the request as wrong (status 400)";
        assert_eq!(told("args_required", "id is\nmissing"), format!("{wrong}, args_required: id ismissing"));
        assert_eq!(told("<b>", " "), wrong);
        assert_eq!(told("x", "you sent 23456789"), format!("{wrong}, x"));
        assert_eq!(told("sesame_0123456789", "sesame-0123456789"), wrong);
        assert_eq!(error(&json!({ "message": 7, "extensions": { "status": 400 } })).to_string(), wrong);
    }
}
