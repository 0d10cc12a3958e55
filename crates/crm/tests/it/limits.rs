//! Limits: what is not sent too fast, and when to go on where too much was.

use crate::{begin, hubspot, round, salesforce, settings_for, settings_of};
use chrono::TimeDelta;
use crm::{Crm, CrmError, Object, Service, Settings, Usage, Which};
use serde_json::json;
use sim::Fault;
use std::time::{Duration, Instant};

#[tokio::test]
async fn searches_and_other_requests_keep_to_their_pace() {
    let hubspot = hubspot(|settings| (settings.searches_per_second, settings.per_second) = (4.0, 10.0));
    for _ in 0..12 {
        hubspot.put("companies", json!({})).unwrap();
        hubspot.time().advance(TimeDelta::seconds(1));
    }
    let mut settings = Settings { page: 1, ..settings_for(&hubspot) };
    let Which::HubSpot(own) = &mut settings.which else { panic!() };
    (own.searches_per_second, own.per_second) = (4.0, 10.0);
    let crm = Crm::new(settings).unwrap();
    let begun = Instant::now();
    let (mut mark, mut searches) = (None, 0);
    while searches < 9 {
        mark = Some(crm.changes(Object::Account, mark.as_ref()).await.unwrap().mark);
        searches += 1;
    }
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    let begun = Instant::now();
    for _ in 0..20 {
        crm.changes(Object::Owner, None).await.unwrap();
    }
    assert!(
        (Duration::from_millis(1_800)..Duration::from_millis(4_500)).contains(&begun.elapsed()),
        "{:?}",
        begun.elapsed()
    );
    assert!(hubspot.asked().iter().all(|asked| asked.status.unwrap() == 200));
}

#[tokio::test]
async fn a_limit_of_hubspot_says_when_to_come_back() {
    let hubspot = hubspot(|settings| settings.per_day = 3);
    let crm = Crm::new(settings_for(&hubspot)).unwrap();
    let limited = async || {
        let error = crm.changes(Object::Owner, None).await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
        let CrmError::Limited { service: Service::HubSpot, until, policy } = error else { panic!("{error:?}") };
        (until - begin(), policy)
    };
    round(&crm, Object::Owner, &mut None).await;
    hubspot.faults().next(1, &Fault::status(429));
    assert_eq!(limited().await, (TimeDelta::seconds(10), "of ten seconds"));
    hubspot.faults().next(1, &Fault::status_with(429, &[("retry-after", "7")]));
    assert_eq!(limited().await, (TimeDelta::seconds(7), "of ten seconds"));
    crm.changes(Object::Owner, None).await.unwrap();
    assert_eq!(limited().await, (TimeDelta::hours(1), "of a day"));
    assert_eq!(crm.usage(), Some(Usage { used: 3, allowed: 3 }));
    hubspot.time().advance(TimeDelta::days(1));
    round(&crm, Object::Owner, &mut None).await;
}

#[tokio::test]
async fn a_short_wait_is_waited_for() {
    let hubspot = hubspot(|settings| settings.searches_per_second = 2.0);
    let crm = Crm::new(Settings { retries: 2, ..settings_for(&hubspot) }).unwrap();
    for _ in 0..4 {
        crm.changes(Object::Account, None).await.unwrap();
    }
    let asked = hubspot.asked();
    assert!(asked.iter().any(|asked| asked.status.unwrap() == 429), "{asked:?}");
}

#[tokio::test]
async fn a_limit_of_salesforce_says_when_to_come_back() {
    let salesforce = salesforce(|settings| settings.per_day = 2);
    let crm = Crm::new(settings_of(&salesforce)).unwrap();
    for _ in 0..2 {
        crm.changes(Object::Account, None).await.unwrap();
    }
    let error = crm.changes(Object::Account, None).await.unwrap_err();
    let CrmError::Limited { service: Service::Salesforce, until, policy: "of a day" } = error else {
        panic!("{error:?}")
    };
    assert_eq!((until, error.retry_at(begin())), (begin() + TimeDelta::hours(1), Some(until)));
    assert_eq!(crm.usage(), Some(Usage { used: 2, allowed: 2 }));
    salesforce.time().advance(TimeDelta::days(1));
    // The simulator's token has ended meanwhile, which is another story.
    crm.changes(Object::Account, None).await.unwrap();
}
