//! HubSpot: what a record becomes, and that searches miss nothing.

use crate::{apply, begin, count, deal, hubspot, round, settings_for};
use chrono::TimeDelta;
use crm::{Change, Crm, CrmError, Fields, Object, Service, Settings, Usage, Which};
use serde_json::json;
use sim::Fault;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

fn put(hubspot: &sim::HubSpot, count: usize) -> Vec<String> {
    (0..count).map(|number| hubspot.put("deals", json!({ "dealname": format!("Deal {number}") })).unwrap()).collect()
}

#[tokio::test]
async fn a_record_becomes_what_it_says() {
    let hubspot = hubspot(|_| {});
    let ids = ["1", "2"].map(|id| hubspot.put("companies", json!({"id": id, "name": "Acme", "domain": "acme.example.com", "website": "x.example.com", "industry": "RETAIL", "tier": "big"})).unwrap());
    let person = hubspot.put("contacts", json!({"firstname": "Ann", "lastname": "Lee", "email": "Ann@acme.example.com", "jobtitle": "CFO", "associatedcompanyid": ids[1]})).unwrap();
    let other = hubspot.put("contacts", json!({"firstname": null})).unwrap();
    let won = hubspot
        .put("deals", json!({
            "dealname": "Big one", "amount": "1234.56", "deal_currency_code": "USD", "pipeline": "default", "dealstage": "won",
            "closedate": "2026-12-24T00:00:00Z", "hubspot_owner_id": "71", "dealtype": "newbusiness", "product_line": "Rocket",
            "hs_merged_object_ids": "900;901",
        }))
        .unwrap();
    let bare = hubspot.put("deals", json!({"amount": null, "dealstage": "novel", "pipeline": "other", "hs_is_closed": true, "hs_deal_stage_probability": "0.25"})).unwrap();
    let tie = |from: (&str, &str), to: (&str, &str), kind, label| hubspot.associate(from, to, kind, label).unwrap();
    tie(("deals", &won), ("companies", &ids[0]), 341, None);
    tie(("deals", &won), ("companies", &ids[1]), 5, None);
    tie(("deals", &won), ("contacts", &person), 36, Some("Decision maker"));
    tie(("deals", &won), ("contacts", &other), 3, None);
    let mail = hubspot
        .put("emails", json!({
            "hs_timestamp": "2026-11-01T10:00:00Z", "hs_email_subject": "Offer", "hs_email_html": "<div>Hello</div>", "hs_email_direction": "INCOMING_EMAIL",
            "hs_email_from_email": "ann@acme.example.com", "hs_email_to_email": "rita@example.com;x@example.com", "hs_email_cc_email": "y@example.com",
        }))
        .unwrap();
    hubspot.put("emails", json!({"hs_email_text": "alone", "hs_email_direction": "EMAIL"})).unwrap();
    tie(("emails", &mail), ("deals", &won), 210, None);
    tie(("emails", &mail), ("deals", &bare), 210, None);
    hubspot.put_owner(
        json!({"id": "71", "email": "Rita@example.com", "firstName": "Rita", "lastName": "Roe", "archived": false}),
    );
    hubspot.put_owner(json!({"id": "72", "email": null, "archived": true}));

    let mut settings = settings_for(&hubspot);
    settings.fields = Fields {
        product: Some("product_line".into()),
        segment: None,
        health: Some("novel".into()),
        account_segment: Some("tier".into()),
    };
    let crm = Crm::new(settings.clone()).unwrap();
    let deals = round(&crm, Object::Deal, &mut None).await;
    let mut state = BTreeMap::new();
    apply(&mut state, &deals);
    let first = deal(&state[&won]);
    assert_eq!(
        (first.name.as_str(), first.account_id.as_ref(), first.owner_id.as_deref()),
        ("Big one", Some(&ids[1]), Some("71"))
    );
    assert_eq!(
        (first.stage.as_deref(), first.stage_name.as_deref(), first.is_closed, first.is_won, first.probability),
        (Some("won"), Some("Closed won"), true, true, Some(1.0))
    );
    assert_eq!(
        (
            first.amount_cents,
            first.currency.as_deref(),
            first.kind.as_deref(),
            first.product.as_deref(),
            first.health.as_deref()
        ),
        (Some(123_456), Some("USD"), Some("newbusiness"), Some("Rocket"), None)
    );
    assert_eq!(
        (first.created_at, first.modified_at, first.close_date.unwrap().to_string()),
        (Some(begin()), begin(), "2026-12-24".to_owned())
    );
    let roles: BTreeMap<&str, Option<&str>> =
        first.contacts.iter().map(|role| (role.contact_id.as_str(), role.role.as_deref())).collect();
    assert_eq!(roles, BTreeMap::from([(person.as_str(), Some("Decision maker")), (other.as_str(), None)]));
    let second = deal(&state[&bare]);
    assert_eq!(
        (
            second.amount_cents,
            second.stage.as_deref(),
            second.stage_name.as_ref(),
            second.is_closed,
            second.is_won,
            second.probability
        ),
        (None, Some("novel"), None, true, false, Some(0.25))
    );
    let gone: Vec<&str> =
        deals[0].items.iter().filter(|change| matches!(change, Change::Gone { .. })).map(Change::id).collect();
    assert_eq!(gone, ["900", "901"], "what was merged is gone");

    let mut state = BTreeMap::new();
    for object in [Object::Account, Object::Contact, Object::Owner] {
        apply(&mut state, &round(&crm, object, &mut None).await);
        let mut taken = std::mem::take(&mut state).into_values();
        match (object, taken.next().unwrap(), taken.next().unwrap()) {
            (_, Change::Account(account), _) => assert_eq!(
                (account.name.as_str(), account.domain.as_deref(), account.segment.as_deref()),
                ("Acme", Some("acme.example.com"), Some("big"))
            ),
            (_, Change::Contact(ann), Change::Contact(nobody)) => {
                assert_eq!(
                    (ann.name.as_str(), ann.email.as_deref(), ann.title.as_deref(), ann.account_id.as_ref()),
                    ("Ann Lee", Some("ann@acme.example.com"), Some("CFO"), Some(&ids[1]))
                );
                assert_eq!((nobody.name.as_str(), nobody.email), ("", None));
            }
            (_, Change::Owner(rita), Change::Owner(former)) => {
                assert_eq!(
                    (rita.name.as_str(), rita.email.as_deref(), rita.is_active),
                    ("Rita Roe", Some("rita@example.com"), true)
                );
                assert_eq!((former.name.as_str(), former.is_active), ("", false));
            }
            other => panic!("{other:?}"),
        }
    }
    apply(&mut state, &round(&crm, Object::Email, &mut None).await);
    let Change::Email(email) = &state[&mail] else { panic!() };
    assert_eq!(
        (email.deal_ids.iter().collect::<BTreeSet<_>>(), email.is_incoming, email.text.as_str()),
        (BTreeSet::from([&won, &bare]), true, "Hello")
    );
    assert_eq!(
        (email.to.join(" "), email.sent_at.unwrap().to_rfc3339()),
        ("rita@example.com x@example.com y@example.com".to_owned(), "2026-11-01T10:00:00+00:00".to_owned())
    );
    assert_eq!(crm.emails_of(&[&won]).await.unwrap(), std::slice::from_ref(email), "with all its deals");
    assert_eq!(state.len(), 2);

    let error = crm.check().await.unwrap_err();
    assert!(
        matches!(error, CrmError::NoField { what: "deals", .. }) && error.to_string().ends_with(": novel"),
        "{error}"
    );
    settings.fields.health = None;
    let crm = Crm::new(settings).unwrap();
    let identity = crm.check().await.unwrap();
    assert_eq!((identity.organisation.as_str(), identity.currency.as_deref()), ("12345678", Some("EUR")));
    let used = hubspot.asked().len() as u64;
    assert_eq!(crm.usage(), Some(Usage { used, allowed: 250_000 }));
}

#[tokio::test]
async fn more_equal_times_than_a_search_tells_are_all_read() {
    let hubspot = hubspot(|_| {});
    let before = put(&hubspot, 150);
    hubspot.time().advance(TimeDelta::milliseconds(1));
    let equal = put(&hubspot, 10_300);
    hubspot.time().advance(TimeDelta::milliseconds(1));
    let after = put(&hubspot, 90);
    // Answers tell their time in whole seconds.
    hubspot.time().advance(TimeDelta::seconds(1));
    let crm = Crm::new(Settings { contacts: false, ..settings_for(&hubspot) }).unwrap();
    let mut mark = None;
    let pages = round(&crm, Object::Deal, &mut mark).await;
    let mut state = BTreeMap::new();
    apply(&mut state, &pages);
    let wanted: BTreeSet<&String> = before.iter().chain(&equal).chain(&after).collect();
    assert_eq!(state.keys().collect::<BTreeSet<_>>(), wanted);
    assert!(count(&pages) < wanted.len() + 600, "{} for {}", count(&pages), wanted.len());
    assert!(hubspot.asked().iter().all(|asked| asked.status.unwrap().is_success()));
    assert_eq!(count(&round(&crm, Object::Deal, &mut mark).await), 0, "then nothing is new");
}

#[tokio::test]
async fn pages_of_every_size_tell_the_same() {
    let hubspot = hubspot(|_| {});
    let mut wanted = BTreeSet::new();
    for group in [1, 4, 1, 9, 2, 1] {
        wanted.extend(put(&hubspot, group));
        hubspot.time().advance(TimeDelta::milliseconds(1));
    }
    hubspot.time().advance(TimeDelta::milliseconds(1));
    for page in 1..=20 {
        let crm = Crm::new(Settings { page, ..settings_for(&hubspot) }).unwrap();
        let mut state = BTreeMap::new();
        apply(&mut state, &round(&crm, Object::Deal, &mut None).await);
        assert_eq!(state.into_keys().collect::<BTreeSet<_>>(), wanted, "{page}");
    }
}

#[tokio::test]
async fn what_changes_while_it_is_read_is_read_as_it_becomes() {
    let hubspot = hubspot(|_| {});
    let tick = || hubspot.time().advance(TimeDelta::milliseconds(1));
    let ids: Vec<String> = (0..30)
        .map(|_| {
            tick();
            put(&hubspot, 1).remove(0)
        })
        .collect();
    tick();
    let crm = Crm::new(Settings { page: 10, ..settings_for(&hubspot) }).unwrap();
    let first = crm.changes(Object::Deal, None).await.unwrap();
    // Those that were read change, so that the rest moves up in a list by time.
    for id in &ids[..8] {
        hubspot.put("deals", json!({"id": id, "dealname": "changed"})).unwrap();
    }
    hubspot.archive("deals", &ids[9]);
    hubspot.archive("deals", &ids[20]);
    tick();
    let mut mark = Some(first.mark.clone());
    let mut state = BTreeMap::new();
    apply(&mut state, &[first]);
    apply(&mut state, &round(&crm, Object::Deal, &mut mark).await);
    let there: BTreeSet<&String> = ids.iter().filter(|id| ![&ids[9], &ids[20]].contains(id)).collect();
    assert_eq!(state.keys().collect::<BTreeSet<_>>(), there);
    assert!(ids[..8].iter().all(|id| deal(&state[id]).name == "changed"));
    hubspot.restore("deals", &ids[9]);
    tick();
    apply(&mut state, &round(&crm, Object::Deal, &mut mark).await);
    assert!(state.contains_key(&ids[9]), "it is back");
}

#[tokio::test]
async fn what_the_search_does_not_know_yet_is_not_missed() {
    let hubspot = hubspot(|settings| settings.search_lag = Duration::from_secs(30));
    let crm = Crm::new(Settings { overlap: Duration::from_mins(1), ..settings_for(&hubspot) }).unwrap();
    let (mut mark, mut state) = (None, BTreeMap::new());
    let mut ids = put(&hubspot, 5);
    for _ in 0..6 {
        hubspot.time().advance(TimeDelta::seconds(20));
        ids.extend(put(&hubspot, 1));
        hubspot.put("deals", json!({"id": ids[0], "dealname": format!("at {}", hubspot.time().now())})).unwrap();
        apply(&mut state, &round(&crm, Object::Deal, &mut mark).await);
    }
    hubspot.time().advance(TimeDelta::seconds(31));
    let newest = hubspot.records("deals")[0]["properties"]["dealname"].clone();
    apply(&mut state, &round(&crm, Object::Deal, &mut mark).await);
    assert_eq!((state.len(), deal(&state[&ids[0]]).name.as_str()), (11, newest.as_str().unwrap()));
}

#[tokio::test]
async fn archived_records_are_told_as_often_as_is_set() {
    let hubspot = hubspot(|_| {});
    let ids = put(&hubspot, 250);
    let mut settings = settings_for(&hubspot);
    let Which::HubSpot(own) = &mut settings.which else { panic!() };
    own.archived_every = Duration::from_mins(15);
    let crm = Crm::new(settings).unwrap();
    let lists = || hubspot.asked().iter().filter(|asked| asked.uri.to_string().contains("archived=true")).count();
    let (mut mark, mut state) = (None, BTreeMap::new());
    apply(&mut state, &round(&crm, Object::Deal, &mut mark).await);
    ids[..220].iter().for_each(|id| assert!(hubspot.archive("deals", id)));
    hubspot.time().advance(TimeDelta::minutes(5));
    apply(&mut state, &round(&crm, Object::Deal, &mut mark).await);
    assert_eq!((state.len(), lists()), (250, 0));
    hubspot.time().advance(TimeDelta::minutes(10));
    apply(&mut state, &round(&crm, Object::Deal, &mut mark).await);
    assert_eq!((state.len(), lists()), (30, 3));
    hubspot.time().advance(TimeDelta::minutes(20));
    assert_eq!(count(&round(&crm, Object::Deal, &mut mark).await), 0, "what was told is told no more");
}

#[tokio::test]
async fn deals_are_followed_to_their_emails_in_few_requests() {
    // A record has more associations than are told at once.
    let hubspot = hubspot(|settings| settings.ties = 40);
    let deals = put(&hubspot, 3);
    let mut wanted = BTreeSet::new();
    for number in 0..250 {
        let email = hubspot.put("emails", json!({})).unwrap();
        hubspot.associate(("deals", &deals[0]), ("emails", &email), 209, None).unwrap();
        if number % 2 == 0 {
            hubspot.associate(("deals", &deals[1]), ("emails", &email), 209, None).unwrap();
        }
        wanted.insert(email);
    }
    let crm = Crm::new(settings_for(&hubspot)).unwrap();
    let emails = crm.emails_of(&deals).await.unwrap();
    assert_eq!((emails.len(), emails.iter().map(|email| email.id.clone()).collect::<BTreeSet<_>>()), (250, wanted));
    assert_eq!(emails.iter().filter(|email| email.deal_ids.len() == 2).count(), 125);
    assert_eq!(
        hubspot.asked().len(),
        7 + 3 + 1,
        "seven pages of associations, three batches, one for the deals of all"
    );
    assert_eq!(crm.contacts_of(&deals).await.unwrap().len(), 0);
    for bad in ["", "12x", "1/../2"] {
        assert_eq!(crm.emails_of(&[bad]).await, Err(CrmError::NotAnId { service: Service::HubSpot }), "{bad}");
    }
}

#[tokio::test]
async fn a_new_stage_is_looked_for_and_the_others_are_remembered() {
    let hubspot = hubspot(|_| {});
    let crm = Crm::new(settings_for(&hubspot)).unwrap();
    let looked = || hubspot.asked().iter().filter(|asked| asked.uri.path().contains("pipelines")).count();
    let mut mark = None;
    for _ in 0..3 {
        hubspot.put("deals", json!({"pipeline": "default", "dealstage": "qualified"})).unwrap();
        hubspot.time().advance(TimeDelta::seconds(1));
        let pages = round(&crm, Object::Deal, &mut mark).await;
        assert_eq!(deal(&pages[0].items[0]).stage_name.as_deref(), Some("Qualified to buy"));
    }
    assert_eq!(looked(), 1);
}

#[tokio::test]
async fn fields_that_nobody_asked_for_are_tolerated() {
    let hubspot = hubspot(|_| {});
    put(&hubspot, 2);
    hubspot.faults().then(Some(Fault::UnknownField));
    hubspot.time().advance(TimeDelta::seconds(1));
    assert_eq!(count(&round(&Crm::new(settings_for(&hubspot)).unwrap(), Object::Deal, &mut None).await), 2);
}
