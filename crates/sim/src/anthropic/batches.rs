//! Batches of messages. A batch is worked through as soon as it is created, and has ended for who asks often enough.

use super::errors::Refused;
use super::{Desk, LARGEST, json, message, models};
use crate::{Fault, ModelFault};
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json as value};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::sync::{Arc, MutexGuard, PoisonError};

/// Most requests of a batch.
const MOST: usize = 100_000;
/// How long a batch may take, and how long its results are kept.
const LIFE: (TimeDelta, TimeDelta) = (TimeDelta::hours(24), TimeDelta::days(29));

#[derive(Debug)]
pub(super) struct Batch {
    id: String,
    created: DateTime<Utc>,
    canceled: Option<DateTime<Utc>>,
    ended: Option<DateTime<Utc>>,
    polls: usize,
    custom_ids: Vec<String>,
    /// In the order in which they are told; there when all is worked through.
    results: Option<Vec<(String, Value)>>,
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

impl Batch {
    fn count(&self, kind: &str) -> usize {
        let results = self.results.iter().flatten().filter(|(_, result)| result["type"] == kind);
        if self.ended.is_some() { results.count() } else { 0 }
    }

    fn json(&self, host: &str, now: DateTime<Utc>) -> Value {
        let status = match (self.ended, self.canceled) {
            (Some(_), _) => "ended",
            (None, Some(_)) => "canceling",
            (None, None) => "in_progress",
        };
        let archived = now > self.created + LIFE.1;
        value!({
            "id": self.id,
            "type": "message_batch",
            "processing_status": status,
            "request_counts": {
                "processing": if self.ended.is_some() { 0 } else { self.custom_ids.len() },
                "succeeded": self.count("succeeded"),
                "errored": self.count("errored"),
                "canceled": self.count("canceled"),
                "expired": self.count("expired"),
            },
            "created_at": stamp(self.created),
            "expires_at": stamp(self.created + LIFE.0),
            "ended_at": self.ended.map(stamp),
            "archived_at": archived.then(|| stamp(self.created + LIFE.1)),
            "cancel_initiated_at": self.canceled.map(stamp),
            "results_url": self.ended.filter(|_| !archived).map(|_| {
                format!("http://{host}/v1/messages/batches/{}/results", self.id)
            }),
        })
    }

    /// Every request comes to the same end.
    fn end_all(&mut self, kind: &str, now: DateTime<Utc>) {
        self.results = Some(self.custom_ids.iter().map(|id| (id.clone(), value!({ "type": kind }))).collect());
        self.ended = Some(now);
    }

    /// Looks after it because somebody asks: it ends at the last of so many times.
    fn poll(&mut self, polls: usize, now: DateTime<Utc>) {
        if self.ended.is_some() {
            return;
        }
        self.polls += 1;
        if now >= self.created + LIFE.0 {
            self.end_all("expired", self.created + LIFE.0);
        } else if self.canceled.is_some() {
            self.end_all("canceled", now);
        } else if self.polls > polls && self.results.is_some() {
            self.ended = Some(now);
        }
    }
}

fn batches(desk: &Desk) -> MutexGuard<'_, Vec<Batch>> {
    desk.batches.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers a request whose path goes on like this behind `/v1/messages/batches/`.
pub(super) async fn route(
    desk: &Arc<Desk>,
    head: &Parts,
    rest: &str,
    body: &Bytes,
    version: &str,
    faults: &[Fault],
) -> Result<Response, Refused> {
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let now = desk.settings.time.now();
    let (id, action) = rest.split_once('/').unwrap_or((rest, ""));
    if id.is_empty() {
        return match head.method {
            Method::POST => create(desk, body, version, faults, host),
            Method::GET => {
                let kept = batches(desk);
                let listed: Vec<_> = kept.iter().rev().map(|batch| (batch.id.clone(), batch.json(host, now))).collect();
                Ok(json(&models::page(&listed, head.uri.query().unwrap_or_default())?))
            }
            _ => Err(Refused::new(405, "invalid_request_error", "Method Not Allowed")),
        };
    }
    // What is being worked through has its time.
    tokio::task::yield_now().await;
    let mut kept = batches(desk);
    let place = kept.iter().position(|batch| batch.id == id);
    let place = place.ok_or_else(|| Refused::not_found(format!("Batch {id} not found")))?;
    let batch = &mut kept[place];
    match (&head.method, action) {
        (&Method::GET, "") => {
            batch.poll(desk.settings.batch_polls, now);
            Ok(json(&batch.json(host, now)))
        }
        (&Method::GET, "results") => results(batch, now),
        (&Method::POST, "cancel") => {
            if batch.ended.is_none() {
                batch.canceled.get_or_insert(now);
            }
            Ok(json(&batch.json(host, now)))
        }
        (&Method::DELETE, "") if batch.ended.is_none() => {
            Err(Refused::invalid(format!("Batch {id} cannot be deleted while it is being processed. Cancel it first.")))
        }
        (&Method::DELETE, "") => {
            kept.remove(place);
            Ok(json(&value!({"id": id, "type": "message_batch_deleted"})))
        }
        _ => Err(Refused::not_found("Not Found")),
    }
}

fn results(batch: &Batch, now: DateTime<Utc>) -> Result<Response, Refused> {
    let Some(results) = batch.results.as_ref().filter(|_| batch.ended.is_some()) else {
        return Err(Refused::not_found(format!("Batch {} has no results yet", batch.id)));
    };
    if now > batch.created + LIFE.1 {
        return Err(Refused::not_found(format!("The results of batch {} are no longer available", batch.id)));
    }
    let lines = results.iter().map(|(id, result)| format!("{}\n", value!({"custom_id": id, "result": result})));
    Ok(([("content-type", "application/x-jsonl")], lines.collect::<String>()).into_response())
}

fn create(desk: &Arc<Desk>, body: &Bytes, version: &str, faults: &[Fault], host: &str) -> Result<Response, Refused> {
    if body.len() > LARGEST.1 {
        return Err(Refused::too_large());
    }
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| Refused::invalid(format!("The request body is not valid JSON: {error}")))?;
    let requests = body["requests"].as_array().ok_or_else(|| Refused::invalid("requests: Field required"))?;
    if requests.is_empty() || requests.len() > MOST {
        return Err(Refused::invalid(format!("requests: List should have 1 to {MOST} items")));
    }
    let mut seen = HashSet::new();
    for (index, request) in requests.iter().enumerate() {
        let id = request["custom_id"].as_str().unwrap_or_default();
        let sound = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        if id.is_empty() || id.len() > 64 || !id.chars().all(sound) {
            return Err(Refused::invalid(format!(
                "requests.{index}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{{1,64}}$'"
            )));
        }
        if !seen.insert(id) {
            return Err(Refused::invalid(format!("requests.{index}.custom_id: Duplicate custom_id `{id}`")));
        }
        if !request["params"].is_object() {
            return Err(Refused::invalid(format!("requests.{index}.params: Field required")));
        }
        if request["params"].get("stream").is_some() {
            return Err(Refused::invalid(format!("requests.{index}.params.stream: Extra inputs are not permitted")));
        }
    }
    let now = desk.settings.time.now();
    let batch = Batch {
        id: desk.id("msgbatch"),
        created: now,
        canceled: None,
        ended: None,
        polls: 0,
        custom_ids: seen.iter().map(|id| (*id).to_owned()).collect(),
        results: None,
    };
    let answer = json(&batch.json(host, now));
    let (id, desk, version, faults) = (batch.id.clone(), desk.clone(), version.to_owned(), faults.to_vec());
    batches(&desk).push(batch);
    let requests = requests.clone();
    tokio::task::spawn_blocking(move || {
        let results = work(&desk, &requests, &version, &faults);
        if let Some(batch) = batches(&desk).iter_mut().find(|batch| batch.id == id) {
            batch.results.get_or_insert(results);
        }
    });
    Ok(answer)
}

/// Works through the requests, one after the other, and shuffles the results.
fn work(desk: &Desk, requests: &[Value], version: &str, faults: &[Fault]) -> Vec<(String, Value)> {
    let mut results: Vec<(String, Value)> = requests
        .iter()
        .map(|request| {
            let id = request["custom_id"].as_str().unwrap_or_default().to_owned();
            let said = |wanted: fn(&ModelFault) -> Option<&String>| {
                faults.iter().any(|fault| matches!(fault, Fault::Model(model) if wanted(model) == Some(&id)))
            };
            let errored = said(|fault| if let ModelFault::Errored(id) = fault { Some(id) } else { None });
            let expired = said(|fault| if let ModelFault::Expired(id) = fault { Some(id) } else { None });
            let failed = |refused: &Refused| value!({"type": "errored", "error": refused.json()});
            let result = if errored {
                failed(&Refused::of_kind("api_error"))
            } else if expired {
                value!({"type": "expired"})
            } else {
                match message::batched(desk, &request["params"], version) {
                    Ok(message) => value!({"type": "succeeded", "message": message}),
                    Err(refused) => failed(&refused),
                }
            };
            (id, result)
        })
        .collect();
    let asked: Vec<String> = results.iter().map(|(id, _)| id.clone()).collect();
    results.sort_by_cached_key(|(id, _)| Sha256::digest(id.as_bytes()));
    if results.iter().map(|(id, _)| id).eq(&asked) {
        results.rotate_left(1);
    }
    results
}
