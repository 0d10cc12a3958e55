//! Random histories, read with random interruptions: in the end the reader has what the CRM has.

use crate::{apply, hubspot, kept, salesforce, settings_at, settings_of};
use chrono::TimeDelta;
use crm::{Change, Crm, HubSpotAuth, Mark, Object, Settings};
use kernel::Secret;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;
use serde_json::{Value, json};
use sim::{Fault, Faults};
use std::collections::BTreeMap;
use std::time::Duration;

/// How late a change may show up in these histories, in seconds.
const LATE_S: i64 = 4;

/// A CRM whose records a history changes.
trait World {
    fn put(&self, id: Option<&str>, name: &str) -> String;
    /// The change was saved so many seconds ago and shows up now; whether the CRM can do that.
    fn put_late(&self, id: &str, name: &str, ago: TimeDelta) -> bool;
    fn delete(&self, id: &str) -> bool;
    fn undelete(&self, id: &str) -> bool;
    fn pass(&self, time: TimeDelta);
    fn faults(&self) -> &Faults;
    fn expire(&self);
    /// Names by id.
    fn there(&self) -> BTreeMap<String, String>;
}

impl World for sim::Salesforce {
    fn put(&self, id: Option<&str>, name: &str) -> String {
        let mut fields = json!({ "Name": name });
        if let Some(id) = id {
            fields["Id"] = id.into();
        }
        self.put("Opportunity", fields).unwrap()
    }

    fn put_late(&self, id: &str, name: &str, ago: TimeDelta) -> bool {
        let at = (self.time().now() - ago).to_rfc3339();
        self.put("Opportunity", json!({"Id": id, "Name": name, "SystemModstamp": at})).unwrap();
        true
    }

    fn delete(&self, id: &str) -> bool {
        self.delete(id)
    }

    fn undelete(&self, id: &str) -> bool {
        self.undelete(id)
    }

    fn pass(&self, time: TimeDelta) {
        self.time().advance(time);
    }

    fn faults(&self) -> &Faults {
        self.faults()
    }

    fn expire(&self) {
        self.expire_tokens();
    }

    fn there(&self) -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        self.records("Opportunity").iter().map(|record| (text(&record["Id"]), text(&record["Name"]))).collect()
    }
}

impl World for sim::HubSpot {
    fn put(&self, id: Option<&str>, name: &str) -> String {
        let mut properties = json!({ "dealname": name });
        if let Some(id) = id {
            properties["id"] = id.into();
        }
        self.put("deals", properties).unwrap()
    }

    /// Its search is late by itself.
    fn put_late(&self, _id: &str, _name: &str, _ago: TimeDelta) -> bool {
        false
    }

    fn delete(&self, id: &str) -> bool {
        self.archive("deals", id)
    }

    fn undelete(&self, id: &str) -> bool {
        self.restore("deals", id)
    }

    fn pass(&self, time: TimeDelta) {
        self.time().advance(time);
    }

    fn faults(&self) -> &Faults {
        self.faults()
    }

    fn expire(&self) {
        self.expire_tokens();
    }

    fn there(&self) -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let records = self.records("deals");
        records.iter().map(|record| (text(&record["id"]), text(&record["properties"]["dealname"]))).collect()
    }
}

/// A moment of the history: something is changed, archived, restored, or time passes.
fn live(world: &impl World, ids: &mut Vec<(String, bool)>, dice: &mut Pcg64, step: usize) {
    for _ in 0..dice.random_range(0..6) {
        let one = if ids.is_empty() { 0 } else { dice.random_range(0..ids.len()) };
        match dice.random_range(0..12) {
            // A load: many of the same moment.
            0 => ids.extend((0..dice.random_range(1..25)).map(|_| (world.put(None, &format!("loaded {step}")), true))),
            1..5 => ids.push((world.put(None, &format!("new {step}")), true)),
            _ if ids.is_empty() => {}
            // What lies in the bin is not changed there.
            5..8 if ids[one].1 => drop(world.put(Some(&ids[one].0), &format!("changed {step}"))),
            8 if ids[one].1 => {
                let ago = TimeDelta::milliseconds(dice.random_range(0..LATE_S * 1000));
                world.put_late(&ids[one].0, &format!("late {step}"), ago);
            }
            9 | 10 if ids[one].1 => ids[one].1 = !world.delete(&ids[one].0),
            11 if !ids[one].1 => ids[one].1 = world.undelete(&ids[one].0),
            _ => {}
        }
        if dice.random_ratio(1, 3) {
            world.pass(TimeDelta::milliseconds(dice.random_range(1..2_500)));
        }
    }
}

/// Lives a history and reads along, then reads to the end.
async fn follow(world: &impl World, settings: Settings, seed: u64) {
    let mut dice = Pcg64::seed_from_u64(seed);
    let settings = Settings {
        page: dice.random_range(1..12),
        overlap: Duration::from_secs(LATE_S as u64 + 2),
        rest: Duration::ZERO,
        ..settings
    };
    let mut crm = Crm::new(settings.clone()).unwrap();
    let (mut ids, mut mark, mut state): (Vec<_>, Option<Mark>, BTreeMap<String, Change>) = Default::default();
    let (mut failed, mut killed) = (0, 0);
    for step in 0..120 {
        live(world, &mut ids, &mut dice, step);
        match dice.random_range(0..12) {
            0 => world.expire(),
            1 => world.faults().next(1, &Fault::status(500)),
            2 => world.faults().next(1, &Fault::Cut),
            3 => {
                // A fault in the midst of the requests of a page.
                world.faults().pass(1);
                world.faults().next(1, &Fault::Reset);
            }
            // The program is killed between two pages.
            4 => crm = Crm::new(settings.clone()).unwrap(),
            _ => {}
        }
        match crm.changes(Object::Deal, mark.as_ref()).await {
            Ok(page) => {
                apply(&mut state, std::slice::from_ref(&page));
                // Or after it did its work, and before it kept the mark: it comes again.
                if dice.random_ratio(1, 12) {
                    killed += 1;
                    crm = Crm::new(settings.clone()).unwrap();
                } else {
                    mark = Some(kept(&page.mark));
                }
            }
            Err(error) => {
                assert!(error.is_transient(), "{error:?}");
                failed += 1;
            }
        }
    }
    world.faults().clear();
    // Nothing is changed any more: once all has settled and shows up, a round ends with what is there. One is under way; the next is whole.
    world.pass(TimeDelta::seconds(LATE_S + 10));
    for _ in 0..2 {
        for pages in 0.. {
            let page = crm.changes(Object::Deal, mark.as_ref()).await.unwrap();
            apply(&mut state, std::slice::from_ref(&page));
            mark = Some(kept(&page.mark));
            if page.is_last {
                break;
            }
            assert!(pages < 2_000, "seed {seed}: no end");
        }
    }
    let there = world.there();
    let name = |change: &Change| if let Change::Deal(deal) = change { deal.name.clone() } else { panic!() };
    let read: BTreeMap<String, String> = state.iter().map(|(id, change)| (id.clone(), name(change))).collect();
    assert_eq!(read, there, "seed {seed}");
    assert!(there.len() > 20 && failed > 2 && killed > 1, "seed {seed}: {} {failed} {killed}", there.len());
}

/// How many histories are lived.
const HISTORIES: u64 = 8;

#[tokio::test]
async fn salesforce_is_followed_whatever_happens() {
    for seed in 0..HISTORIES {
        let world = salesforce(|settings| {
            settings.page = 9;
            settings.token_requests = 17;
        });
        follow(&world, settings_of(&world), seed).await;
    }
}

#[tokio::test]
async fn hubspot_is_followed_whatever_happens() {
    for seed in 0..HISTORIES {
        let world = hubspot(|settings| {
            settings.search_lag = Duration::from_secs(LATE_S as u64);
            settings.token_requests = 17;
        });
        let auth = HubSpotAuth::OAuth {
            client_id: "simulated-client-id".to_owned(),
            client_secret: Secret::new("simulated-client-secret"),
            refresh_token: Secret::new("simulated-refresh-token"),
        };
        follow(&world, settings_at(&world.url(), auth), seed).await;
    }
}
