//! How Salesforce refuses (its REST guide, "Status Codes and Error Responses").

use crate::wire::Refusal;
use crate::{CrmError, Service};
use std::time::Duration;

const SERVICE: Service = Service::Salesforce;

/// How long to leave it alone whose requests of 24 hours are used up; it counts them by the hour.
const DAY: Duration = Duration::from_hours(1);

/// How long to leave it alone where too many long requests are under way.
const AT_ONCE: Duration = Duration::from_mins(1);

const CHECK_APP: &str = "check the consumer key, the consumer secret and the flows of the connected app, which Salesforce shows in Setup under App Manager";
const CHECK_USER: &str = "the user that the app runs as has been locked out, or its session ends at once: check the user and the policies of the connected app";
const CHECK_RIGHTS: &str = "the user that the app runs as needs the permission API Enabled, and may read opportunities, accounts, contacts, users and e-mail messages";

/// What an answer that is no success means.
pub(crate) fn refused(refusal: &Refusal<'_>, for_token: bool) -> CrmError {
    let (service, status, what) = (SERVICE, refusal.status, refusal.what);
    if for_token {
        return match refusal.words["error"].as_str().unwrap_or_default() {
            "invalid_grant" => CrmError::Disconnected { service },
            _ if matches!(status, 400..=403) => CrmError::Denied { service, status, check: CHECK_APP },
            _ => other(refusal, None),
        };
    }
    let first = &refusal.words[0];
    let (code, message) = (first["errorCode"].as_str().unwrap_or_default(), first["message"].as_str());
    match (status, code) {
        (_, "REQUEST_LIMIT_EXCEEDED") | (429, _) => {
            let is_many = message.is_some_and(|message| message.contains("Concurrent"));
            let (usual, policy) = if is_many { (AT_ONCE, "of requests at once") } else { (DAY, "of a day") };
            CrmError::Limited { service, until: refusal.until(usual), policy }
        }
        (401, _) => CrmError::Denied { service, status, check: CHECK_USER },
        (403, _) => CrmError::Denied { service, status, check: CHECK_RIGHTS },
        (400, "INVALID_FIELD" | "INVALID_TYPE") => CrmError::NoField { service, what, message: refusal.told(message) },
        _ => other(refusal, message),
    }
}

fn other(refusal: &Refusal<'_>, message: Option<&str>) -> CrmError {
    let (service, status, what) = (SERVICE, refusal.status, refusal.what);
    match status {
        404 => CrmError::NotThere { service, host: refusal.host.clone(), what },
        429 => CrmError::Limited { service, until: refusal.until(AT_ONCE), policy: "of requests at once" },
        _ => CrmError::Invalid { service, status, message: refusal.told(message) },
    }
}
