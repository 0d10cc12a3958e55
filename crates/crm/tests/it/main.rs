//! The clients against servers on real sockets.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod answers;
mod histories;
mod hubspot;
mod limits;
mod salesforce;
mod secrets;
mod tokens;

use chrono::{DateTime, Utc};
use crm::{Change, Crm, Deal, HubSpot, HubSpotAuth, Mark, Object, Page, Salesforce, SalesforceAuth, Settings, Which};
use kernel::{Clock, Secret};
use std::collections::BTreeMap;
use std::time::Duration;

/// Monday, 2 November 2026, 8 o'clock, at which the simulators begin.
fn begin() -> DateTime<Utc> {
    "2026-11-02T08:00:00Z".parse().unwrap()
}

/// A simulator of Salesforce whose clock stands.
fn salesforce(change: impl FnOnce(&mut sim::salesforce::Settings)) -> sim::Salesforce {
    let time = sim::Time::by(Clock::fixed(begin()));
    let mut settings = sim::salesforce::Settings { time, ..sim::salesforce::Settings::default() };
    change(&mut settings);
    sim::Salesforce::with(settings)
}

/// A simulator of HubSpot whose clock stands, without limits of a second.
fn hubspot(change: impl FnOnce(&mut sim::hubspot::Settings)) -> sim::HubSpot {
    let mut settings = sim::hubspot::Settings {
        time: sim::Time::by(Clock::fixed(begin())),
        per_second: f64::INFINITY,
        searches_per_second: f64::INFINITY,
        ..sim::hubspot::Settings::default()
    };
    change(&mut settings);
    let hubspot = sim::HubSpot::with(settings);
    hubspot.put_pipeline(serde_json::json!({
        "id": "default", "label": "Sales",
        "stages": [
            {"id": "qualified", "label": "Qualified to buy", "metadata": {"isClosed": "false", "probability": "0.4"}},
            {"id": "won", "label": "Closed won", "metadata": {"isClosed": "true", "probability": "1.0"}},
        ],
    }));
    hubspot
}

/// Settings for tests: nothing is waited for, and all is settled at once.
fn patient(which: Which) -> Settings {
    Settings {
        overlap: Duration::ZERO,
        retries: 0,
        backoff: Duration::ZERO,
        timeout: Duration::from_secs(20),
        clock: Clock::fixed(begin()),
        ..Settings::new(which)
    }
}

fn settings_of(salesforce: &sim::Salesforce) -> Settings {
    let url = salesforce.url().parse().unwrap();
    let secret = Secret::new("simulated-consumer-secret");
    patient(Which::Salesforce(Salesforce::new(
        url,
        "simulated-consumer-key",
        secret,
        SalesforceAuth::ClientCredentials,
    )))
}

fn settings_for(hubspot: &sim::HubSpot) -> Settings {
    settings_at(&hubspot.url(), HubSpotAuth::PrivateApp(Secret::new("simulated-hubspot-token")))
}

fn settings_at(url: &str, auth: HubSpotAuth) -> Settings {
    patient(Which::HubSpot(HubSpot {
        base_url: url.parse().unwrap(),
        searches_per_second: 1e9,
        per_second: 1e9,
        archived_every: Duration::ZERO,
        ..HubSpot::new(auth)
    }))
}

/// The same through a pipe and back, as a database keeps it.
fn kept(mark: &Mark) -> Mark {
    serde_json::from_str(&serde_json::to_string(mark).unwrap()).unwrap()
}

/// All pages up to the last.
async fn round(crm: &Crm, object: Object, mark: &mut Option<Mark>) -> Vec<Page> {
    let mut pages = Vec::new();
    for _ in 0..2_000 {
        let page = crm.changes(object, mark.as_ref()).await.unwrap();
        *mark = Some(kept(&page.mark));
        let is_last = page.is_last;
        pages.push(page);
        if is_last {
            return pages;
        }
    }
    panic!("no end")
}

/// What there is after these changes, by id.
fn apply(state: &mut BTreeMap<String, Change>, pages: &[Page]) {
    for change in pages.iter().flat_map(|page| &page.items) {
        match change {
            Change::Gone { id, .. } => drop(state.remove(id)),
            there => drop(state.insert(there.id().to_owned(), there.clone())),
        }
    }
}

/// How many changes pages have.
fn count(pages: &[Page]) -> usize {
    pages.iter().map(|page| page.items.len()).sum()
}

fn deal(change: &Change) -> &Deal {
    let Change::Deal(deal) = change else { panic!("{change:?}") };
    deal
}
