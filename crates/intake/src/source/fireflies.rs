//! Fireflies.

use super::{Cause, Listed, Origin, Sheet, Span, Trouble, Words};
use crate::connection::Connection;
use crate::hide::hide;
use crate::keeper::Gate;
use crate::ledger::Open;
use crate::{Intake, IntakeError};
use ::fireflies::{Client, FirefliesError, PAGE, Settings, TranscriptView};
use gong::{Keeper as _, Refusal};
use kernel::Secret;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;
use transcript::redact::RedactKinds;

/// Fireflies as one connection asks it.
#[derive(Debug, Clone)]
pub(crate) struct Fireflies {
    client: Client,
    gate: Gate,
}

fn trouble(error: &FirefliesError, intake: &Intake) -> Trouble {
    let cause = match error {
        FirefliesError::Invalid { .. } | FirefliesError::TooLarge { .. } => Cause::Question,
        FirefliesError::Limited { .. } => Cause::Limit,
        error if error.is_transient() => Cause::Passing,
        _ => Cause::Lasting,
    };
    Trouble { at: error.retry_at(intake.clock.now()), ..Trouble::new(cause, error.to_string()) }
}

fn refused(refusal: &Refusal, intake: &Intake) -> Trouble {
    match refusal {
        Refusal::Until(at) => {
            let why = "the requests that may be sent to Fireflies in a day are used up";
            Trouble { at: Some(*at), ..Trouble::new(Cause::Limit, why) }
        }
        Refusal::Held(wait) => Trouble {
            at: Some(intake.clock.now() + *wait),
            ..Trouble::new(Cause::Limit, "Fireflies takes no more requests for now")
        },
        Refusal::Failed(why) => Trouble::new(Cause::Passing, why),
    }
}

impl Fireflies {
    /// # Errors
    /// A sentence for whoever set the connection up.
    pub fn origin(intake: &Intake, connection: &Connection) -> Result<Origin, IntakeError> {
        let sealed = connection.open(&intake.sealer)?;
        let settings = &connection.settings;
        let key = Secret::new(sealed.secrets.secret.as_deref().unwrap_or_default());
        let url =
            settings.base_url.parse().map_err(|_| IntakeError::Field("base_url", "it is no address".to_owned()))?;
        // Never told: only to see whether something changed.
        let made_of = format!("{settings:?} {:?}", sealed.secrets.secret);
        intake.origin(connection.id, &made_of, || {
            let timeout = Duration::from_secs(settings.timeout_seconds.into());
            let made = Settings { url, timeout, clock: intake.clock.clone(), ..Settings::new(key) };
            let client = Client::new(made).map_err(|error| IntakeError::Service(error.to_string()))?;
            Ok(Origin::Fireflies(Self { client, gate: Gate::of(intake, connection) }))
        })
    }

    /// Sends a request when one may be sent.
    async fn ask<T>(
        &self,
        intake: &Intake,
        request: impl Future<Output = Result<T, FirefliesError>>,
    ) -> Result<T, Trouble> {
        self.gate.admit().await.map_err(|refusal| refused(&refusal, intake))?;
        let answer = request.await;
        if let Err(FirefliesError::Limited { until }) = &answer {
            // The others need not find out by themselves.
            let wait = (*until - intake.clock.now()).to_std().unwrap_or_default();
            self.gate.hold(wait).await.map_err(|refusal| refused(&refusal, intake))?;
        }
        answer.map_err(|error| trouble(&error, intake))
    }

    pub async fn test(&self, intake: &Intake) -> Result<String, Trouble> {
        let user = self.ask(intake, self.client.user()).await?;
        let of = user["email"].as_str().or(user["name"].as_str()).unwrap_or("somebody");
        let sees = if user["is_admin"] == true { ", an admin of the team" } else { "" };
        Ok(format!("Fireflies answers: the key is that of {of}{sees}"))
    }

    /// The newest first; `mark` tells how many were read before.
    pub async fn list(&self, intake: &Intake, span: Span, mark: Option<&str>) -> Result<Sheet, Trouble> {
        let skip: u32 = mark.and_then(|mark| mark.parse().ok()).unwrap_or_default();
        let request = self.client.transcripts(Some(span.since), Some(span.until), skip);
        let page = self.ask(intake, request).await?;
        let is_full = page.len() >= PAGE as usize;
        let calls = page.into_iter().filter_map(|told| listed(told, intake)).collect();
        Ok(Sheet { calls, next: is_full.then(|| skip.saturating_add(PAGE).to_string()), lost: false })
    }

    pub async fn details(&self, intake: &Intake, rows: &[Open]) -> Result<Vec<Listed>, Trouble> {
        let found = self.transcripts(intake, rows).await?;
        Ok(found.into_iter().filter_map(|(_, told)| listed(told, intake)).collect())
    }

    pub async fn words(&self, intake: &Intake, rows: &[Open]) -> Result<Vec<(String, Words)>, Trouble> {
        let found = self.transcripts(intake, rows).await?;
        let written = found.into_iter().filter(|(_, told)| TranscriptView::of(told).has_sentences);
        let file = |(id, told): (String, Value)| {
            let name = format!("fireflies-{}.json", id.replace('/', "-"));
            (id, Words::File { name, bytes: told.to_string().into() })
        };
        Ok(written.map(file).collect())
    }

    async fn transcripts(&self, intake: &Intake, rows: &[Open]) -> Result<Vec<(String, Value)>, Trouble> {
        let mut found = Vec::new();
        for row in rows {
            let id = row.external_id.clone();
            found.extend(self.ask(intake, self.client.transcript(&id)).await?.map(|told| (id, told)));
        }
        Ok(found)
    }
}

/// A call as it is told, without a word of it; `None` where it has no id.
fn listed(told: Value, intake: &Intake) -> Option<Listed> {
    hidden(told, intake.redact)
}

fn hidden(mut told: Value, kinds: RedactKinds) -> Option<Listed> {
    let view = TranscriptView::of(&told);
    let mut people = view.people.clone();
    // Who speaks may be in no calendar.
    let speakers = told["speakers"].as_array().into_iter().flatten().map(|speaker| &speaker["name"]);
    let sentences = told["sentences"].as_array().into_iter().flatten().map(|sentence| &sentence["speaker_name"]);
    let said_by: BTreeSet<&str> = speakers.chain(sentences).filter_map(Value::as_str).collect();
    people.extend(said_by.into_iter().map(|name| (Some(name.to_owned()), None)));
    if let Value::Object(fields) = &mut told {
        fields.remove("sentences");
    }
    hide(&mut told, &people.iter().map(|(name, email)| (name.as_deref(), email.as_deref())).collect::<Vec<_>>(), kinds);
    // Who organized a call need not have been in it: it is theirs of our side who says most.
    Some(Listed { id: view.id?, began_at: view.started, rep: None, details: told, skip: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whoever_speaks_is_hidden_also_where_no_calendar_names_them() {
        let told = json!({
            "id": "A1", "title": "Dana Whitlock about terms", "meeting_attendees": null, "participants": ["dw@acme.com"],
            "speakers": [{ "id": 0, "name": "Dana Whitlock" }],
            "sentences": [{ "speaker_name": "Ravi Menon", "text": "Hello" }],
            "organizer_email": "dw@acme.com",
        });
        let open = hidden(told.clone(), RedactKinds::default()).unwrap();
        assert_eq!(open.details["title"], "Dana Whitlock about terms");
        let kept = hidden(told, RedactKinds::ALL).unwrap().details.to_string();
        for word in ["Dana", "Whitlock", "Ravi", "Hello", "dw@acme.com"] {
            assert!(!kept.contains(word), "{word}: {kept}");
        }
    }
}
