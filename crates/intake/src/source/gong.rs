//! Gong.

use super::{Cause, Listed, Origin, Sheet, Span, Trouble, Words};
use crate::connection::Connection;
use crate::events;
use crate::keeper::Gate;
use crate::ledger::Open;
use crate::{Intake, IntakeError};
use ::gong::{Auth, CallView, Client, Filter, GongError, Media, OAuth, Page, Settings, TranscriptView, everything};
use bytes::Bytes;
use calls::{NewCall, Sides, Source};
use chrono::{DateTime, Utc};
use kernel::Secret;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What an error means for what comes next.
pub(super) fn trouble(error: &GongError, now: DateTime<Utc>) -> Trouble {
    let cause = match error {
        GongError::Invalid { .. } | GongError::TooLarge { .. } => Cause::Question,
        GongError::NotThere { .. } => Cause::Place,
        GongError::Exhausted { .. } | GongError::Limited { .. } => Cause::Limit,
        error if error.is_transient() => Cause::Passing,
        _ => Cause::Lasting,
    };
    Trouble { at: error.retry_at(now), ..Trouble::new(cause, error.to_string()) }
}

/// The client by which a connection is asked.
///
/// # Errors
/// A sentence for whoever set the connection up.
pub(super) fn origin(intake: &Intake, connection: &Connection) -> Result<Origin, IntakeError> {
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
    intake.origin(connection.id, &made_of, || {
        let timeout = Duration::from_secs(settings.timeout_seconds.into());
        let made = Settings { base_url, timeout, ..Settings::new(auth) };
        let gate = Arc::new(Gate::of(intake, connection));
        let client = Client::new(made, gate, intake.clock.clone());
        client.map(Origin::Gong).map_err(|error| IntakeError::Service(error.to_string()))
    })
}

/// How this program is known where tokens are given.
pub(crate) fn oauth(token_url: Option<&str>, client_id: &str, client_secret: Secret) -> Result<OAuth, IntakeError> {
    let mut oauth = OAuth::new(client_id, client_secret);
    if let Some(url) = token_url {
        oauth.token_url = url.parse().map_err(|_| IntakeError::Field("token_url", "it is no address".to_owned()))?;
    }
    Ok(oauth)
}

pub(super) async fn test(client: &Client) -> Result<String, GongError> {
    // A page of users: what the key may see least of all that is needed.
    let page = client.users(None).await?;
    let count = page.total.unwrap_or(page.items.len() as u64);
    Ok(format!("Gong answers: {count} user{}", if count == 1 { "" } else { "s" }))
}

/// Where the recording of a call is.
///
/// # Errors
/// A sentence for whoever asked.
pub(crate) async fn media(intake: &Intake, connection: &Connection, call: &str) -> Result<Media, IntakeError> {
    if connection.paused {
        return Err(IntakeError::Conflict(format!("the connection {} is paused", connection.name)));
    }
    let Origin::Gong(client) = Origin::of(intake, connection)? else { return Ok(Media::default()) };
    let filter = Filter { calls: vec![call.to_owned()], ..Filter::default() };
    let page = client.calls(&filter, &everything(true), None).await;
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
fn customer(details: &Value) -> Option<String> {
    let objects = |context: &Value| context["objects"].as_array().cloned().unwrap_or_default();
    let account =
        details["context"].as_array()?.iter().flat_map(objects).find(|object| object["objectType"] == "Account")?;
    let name = account["fields"].as_array()?.iter().find(|field| field["name"] == "Name")?["value"].as_str()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// A call as it is told; `None` where it has no id.
pub(super) fn listed(mut details: Value, intake: &Intake, connection: &Connection) -> Option<Listed> {
    let call = CallView::of(&details);
    events::hide_call(&mut details, &call, intake.redact);
    let skip = events::skip(&call, connection.settings.include_private);
    Some(Listed { rep: rep(&call), began_at: call.started, id: call.id?, details, skip })
}

pub(super) async fn list(
    client: &Client,
    intake: &Intake,
    connection: &Connection,
    span: Span,
    mark: Option<&str>,
) -> Result<Sheet, GongError> {
    let filter = Filter {
        from: Some(span.since),
        to: Some(span.until),
        workspace: connection.settings.workspace.clone(),
        ..Filter::default()
    };
    let page = client.calls(&filter, &everything(false), mark).await?;
    let lost = page.none;
    let next = page.cursor.clone();
    let calls = page.items.into_iter().filter_map(|told| listed(told, intake, connection)).collect();
    Ok(Sheet { calls, next, lost })
}

/// All that a list has, page by page.
async fn all<F: Future<Output = Result<Page, GongError>>>(
    what: &'static str,
    page: impl Fn(Option<String>) -> F,
) -> Result<Vec<Value>, GongError> {
    let (mut all, mut cursor, mut trail) = (Vec::new(), None, ::gong::Trail::default());
    loop {
        let page = page(cursor).await?;
        cursor = trail.next(&page, what)?;
        all.extend(page.items);
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

fn these(connection: &Connection, rows: &[Open]) -> Filter {
    let calls = rows.iter().map(|row| row.external_id.clone()).collect();
    Filter { calls, workspace: connection.settings.workspace.clone(), ..Filter::default() }
}

pub(super) async fn details(client: &Client, connection: &Connection, rows: &[Open]) -> Result<Vec<Value>, GongError> {
    let (filter, selector) = (&these(connection, rows), &everything(false));
    all("calls", |cursor| async move { client.calls(filter, selector, cursor.as_deref()).await }).await
}

pub(super) async fn words(
    client: &Client,
    connection: &Connection,
    rows: &[Open],
) -> Result<Vec<(String, Words)>, GongError> {
    let filter = &these(connection, rows);
    let found = all("transcripts", |cursor| async move { client.transcripts(filter, cursor.as_deref()).await }).await?;
    let of = |item: Value| {
        let view = TranscriptView::of(&item);
        if view.is_empty() { None } else { Some((view.call_id?, Words::Gong(item))) }
    };
    Ok(found.into_iter().filter_map(of).collect())
}

/// A call as Gong's file, with who is in it.
pub(super) fn file(connection: &Connection, row: &Open, told: &Value, mut words: Value) -> (Bytes, NewCall) {
    let new = NewCall {
        source: Source::Gong,
        source_id: Some(row.external_id.clone()),
        // As Gong counts them: whoever it does not know to be of the company is not.
        sides: Sides::OfSource { strangers_are_customers: connection.settings.strangers_are_customers },
        customer: customer(told),
        ..NewCall::named(format!("gong-{}.json", row.external_id))
    };
    let bundle = json!({
        "metaData": told["metaData"],
        "parties": told["parties"],
        "transcript": words["transcript"].take(),
    });
    (bundle.to_string().into(), new)
}
