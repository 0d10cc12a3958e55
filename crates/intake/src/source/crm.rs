//! The CRMs, which are asked for deals: their clients, and what their errors mean.

use super::{Cause, Trouble};
use crate::connection::Connection;
use crate::{Intake, IntakeError, Kind};
use ::crm::{Crm, CrmError, Fields, HubSpot, HubSpotAuth, Salesforce, SalesforceAuth, Settings, Which};
use chrono::{DateTime, Utc};
use kernel::Secret;
use std::time::Duration;
use url::Url;

impl Trouble {
    /// What an error of a CRM means for what comes next.
    pub fn of_crm(error: &CrmError, now: DateTime<Utc>) -> Self {
        let cause = match error {
            CrmError::Limited { .. } => Cause::Limit,
            error if error.is_transient() => Cause::Passing,
            _ => Cause::Lasting,
        };
        Self { at: error.retry_at(now), ..Self::new(cause, error.to_string()) }
    }
}

/// The client by which a CRM is asked.
///
/// # Errors
/// A sentence for whoever set the connection up.
pub fn crm(intake: &Intake, connection: &Connection) -> Result<Crm, IntakeError> {
    let secrets = connection.open(&intake.sealer)?.secrets;
    let settings = &connection.settings;
    let address: Url =
        settings.base_url.parse().map_err(|_| IntakeError::Field("base_url", "it is no address".to_owned()))?;
    let secret = |text: Option<String>| Secret::new(text.unwrap_or_default());
    let which = match (connection.kind, &settings.client_id) {
        (Kind::Salesforce, Some(client_id)) => {
            let auth = match secrets.secret {
                Some(token) => SalesforceAuth::RefreshToken(Secret::new(token)),
                None => SalesforceAuth::ClientCredentials,
            };
            let made = Salesforce::new(address, client_id, secret(secrets.client_secret), auth);
            let version = settings.api_version.clone().unwrap_or_else(|| made.version.clone());
            Which::Salesforce(Salesforce { version, ..made })
        }
        (Kind::Hubspot, client_id) => {
            let auth = match client_id {
                None => HubSpotAuth::PrivateApp(secret(secrets.secret)),
                Some(client_id) => HubSpotAuth::OAuth {
                    client_id: client_id.clone(),
                    client_secret: secret(secrets.client_secret),
                    refresh_token: secret(secrets.secret),
                },
            };
            let made = HubSpot::new(auth);
            Which::HubSpot(HubSpot {
                base_url: address,
                searches_per_second: settings.requests_per_second,
                per_second: made.per_second.max(settings.requests_per_second),
                ..made
            })
        }
        _ => return Err(IntakeError::Service("this connection is none to a CRM".to_owned())),
    };
    let fields = Fields {
        product: settings.product_field.clone(),
        segment: settings.segment_field.clone(),
        health: settings.health_field.clone(),
        account_segment: None,
    };
    let timeout = Duration::from_secs(settings.timeout_seconds.into());
    let made = Settings { fields, contacts: false, timeout, clock: intake.clock.clone(), ..Settings::new(which) };
    Crm::new(made).map_err(|error| IntakeError::Service(error.to_string()))
}

/// Whose key it is, in a sentence.
pub(super) async fn test(crm: &Crm) -> Result<String, CrmError> {
    let identity = crm.check().await?;
    let user = identity.user.map_or(String::new(), |user| format!(", as {user}"));
    Ok(format!("{} answers: organisation {}{user}", crm.service(), identity.organisation))
}
