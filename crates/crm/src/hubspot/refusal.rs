//! How HubSpot refuses (developers.hubspot.com, "Error handling", "Usage guidelines").

use crate::wire::Refusal;
use crate::{CrmError, Service};
use std::time::Duration;

const SERVICE: Service = Service::HubSpot;

const CHECK_TOKEN: &str = "check the access token of the private app, which HubSpot shows under Settings, Integrations, Private Apps; one that was rotated there is copied anew";
const CHECK_APP: &str = "check the client id and the client secret of the app, which HubSpot shows in the settings of the developer account";
const CHECK_SCOPES: &str = "the app needs the scopes crm.objects.deals.read, crm.objects.companies.read, crm.objects.contacts.read, crm.objects.owners.read and sales-email-read: add them, and copy the new token or connect again";

/// What an answer that is no success means.
pub(crate) fn refused(refusal: &Refusal<'_>, for_token: bool) -> CrmError {
    let (service, status, what) = (SERVICE, refusal.status, refusal.what);
    let message = refusal.words["message"].as_str();
    match status {
        429 => {
            let (usual, policy) = match refusal.words["policyName"].as_str().unwrap_or_default() {
                "SECONDLY" => (Duration::from_secs(1), "of a second"),
                "TEN_SECONDLY_ROLLING" => (Duration::from_secs(10), "of ten seconds"),
                // It ends with the day of the account's own time zone.
                "DAILY" => (Duration::from_hours(1), "of a day"),
                _ => (Duration::from_mins(1), "of requests"),
            };
            CrmError::Limited { service, until: refusal.until(usual), policy }
        }
        _ if for_token => match refusal.words["status"].as_str().unwrap_or_default() {
            "BAD_REFRESH_TOKEN" => CrmError::Disconnected { service },
            _ if matches!(status, 400..=403) => CrmError::Denied { service, status, check: CHECK_APP },
            _ => CrmError::Invalid { service, status, message: refusal.told(message) },
        },
        401 => CrmError::Denied { service, status, check: CHECK_TOKEN },
        403 => CrmError::Denied { service, status, check: CHECK_SCOPES },
        404 => CrmError::NotThere { service, host: refusal.host.clone(), what },
        _ => CrmError::Invalid { service, status, message: refusal.told(message) },
    }
}
