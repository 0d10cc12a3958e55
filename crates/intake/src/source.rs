//! The client of a connection.

use crate::connection::Connection;
use crate::keeper::Gate;
use crate::{Intake, IntakeError, Kind};
use gong::{Auth, CallView, Client, Filter, Media, OAuth, Settings};
use kernel::Secret;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// What a client was made of: another setting makes another client, and the same one keeps its breaker.
pub(crate) type Made = (String, Arc<Client>);

/// The client by which a connection is asked.
///
/// # Errors
/// A sentence for whoever set the connection up.
pub(crate) fn client(intake: &Intake, connection: &Connection) -> Result<Arc<Client>, IntakeError> {
    if connection.kind != Kind::Gong {
        return Err(IntakeError::Service("this connection is not asked for anything: calls are sent to it".to_owned()));
    }
    let sealed = connection.open(&intake.sealer)?;
    let settings = &connection.settings;
    let auth = match (&settings.access_key, &settings.client_id) {
        (Some(access_key), _) => Auth::Basic {
            access_key: Secret::new(access_key),
            secret: Secret::new(sealed.secrets.secret.as_deref().unwrap_or_default()),
        },
        (None, Some(client_id)) => {
            let secret = Secret::new(sealed.secrets.client_secret.as_deref().unwrap_or_default());
            Auth::OAuth(oauth(settings.token_url.as_deref(), client_id, secret)?)
        }
        (None, None) => {
            return Err(IntakeError::Service(
                "this connection has no key: enter Gong's access key and its secret".to_owned(),
            ));
        }
    };
    let base_url =
        settings.base_url.parse().map_err(|_| IntakeError::Field("base_url", "it is no address".to_owned()))?;
    // Never told: only to see whether something changed.
    let made_of = format!("{settings:?} {:?} {:?}", sealed.secrets.secret, sealed.secrets.client_secret);
    if let Some((_, client)) = intake.made(connection.id).filter(|(of, _)| *of == made_of) {
        return Ok(client);
    }
    let gate = Gate {
        db: intake.db.clone(),
        clock: intake.clock.clone(),
        sealer: intake.sealer.clone(),
        connection: connection.id,
        per_second: settings.requests_per_second,
        per_day: settings.requests_per_day,
        renewing: Arc::default(),
    };
    let timeout = Duration::from_secs(settings.timeout_seconds.into());
    let settings = Settings { base_url, timeout, ..Settings::new(auth) };
    let client = Client::new(settings, Arc::new(gate), intake.clock.clone())
        .map_err(|error| IntakeError::Service(error.to_string()))?;
    let client = Arc::new(client);
    intake.keep_made(connection.id, (made_of, Arc::clone(&client)));
    Ok(client)
}

/// How this program is known where tokens are given.
pub(crate) fn oauth(token_url: Option<&str>, client_id: &str, client_secret: Secret) -> Result<OAuth, IntakeError> {
    let mut oauth = OAuth::new(client_id, client_secret);
    if let Some(url) = token_url {
        oauth.token_url = url.parse().map_err(|_| IntakeError::Field("token_url", "it is no address".to_owned()))?;
    }
    Ok(oauth)
}

/// Asks whether a service lets this program in: a sentence for people, either way.
pub(crate) async fn test(intake: &Intake, connection: &Connection) -> Result<Result<String, String>, IntakeError> {
    let client = match client(intake, connection) {
        Ok(client) => client,
        Err(IntakeError::Service(why)) => return Ok(Err(why)),
        Err(error) => return Err(error),
    };
    // A page of users: what the key may see least of all that is needed.
    Ok(match client.users(None).await {
        Ok(page) => {
            crate::connection::tried(&intake.db, &intake.clock, connection.id, None).await?;
            let count = page.total.unwrap_or(page.items.len() as u64);
            Ok(format!("Gong answers: {count} user{}", if count == 1 { "" } else { "s" }))
        }
        Err(error) => Err(error.to_string()),
    })
}

/// Where the recording of a call is.
pub(crate) async fn media(intake: &Intake, connection: &Connection, call: &str) -> Result<Media, IntakeError> {
    if connection.paused {
        return Err(IntakeError::Conflict(format!("the connection {} is paused", connection.name)));
    }
    let client = client(intake, connection)?;
    let filter = Filter { calls: vec![call.to_owned()], ..Filter::default() };
    let page = client.calls(&filter, &gong::everything(true), None).await;
    let page = page.map_err(|error| IntakeError::Service(error.to_string()))?;
    Ok(page.items.first().map(|item| CallView::of(item).media).unwrap_or_default())
}

/// Whose call it is: the mail address, else the name, of the user of Gong whose call it is there.
pub(crate) fn rep(call: &CallView) -> Option<String> {
    let id = call.primary_user_id.as_ref()?;
    let party = call.parties.iter().find(|party| party.user_id.as_ref() == Some(id))?;
    party.email.clone().or_else(|| party.name.clone()).map(|rep| rep.replace('\0', ""))
}

/// The customer: the name of the account that the CRM knows the call to be about.
pub(crate) fn customer(details: &Value) -> Option<String> {
    let objects = |context: &Value| context["objects"].as_array().cloned().unwrap_or_default();
    let account =
        details["context"].as_array()?.iter().flat_map(objects).find(|object| object["objectType"] == "Account")?;
    let name = account["fields"].as_array()?.iter().find(|field| field["name"] == "Name")?["value"].as_str()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}
