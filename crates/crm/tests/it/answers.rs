//! What goes wrong on the way, and answers that are odd.

use crate::{begin, hubspot, salesforce, settings_at, settings_for, settings_of};
use crm::{Change, Crm, CrmError, HubSpotAuth, Object, Service, Settings, Which};
use kernel::Secret;
use remote::BreakerState;
use remote::testing::{Answer, Server, answer, json};
use serde_json::{Value, json};
use sim::{Fault, Faults};
use std::time::Duration;

const FAULTS: [(&str, &str); 9] = [
    ("status=500", "server"),
    ("status=503", "server"),
    ("status=404", "not_there"),
    ("status=403", "denied"),
    ("cut", "unfinished"),
    ("drop-after-bytes=20", "unfinished"),
    ("reset", "unreachable"),
    ("truncate-json", "not_understood"),
    ("wrong-content-type", "not_understood"),
];

async fn meets(crm: &Crm, faults: &Faults) {
    crm.changes(Object::Account, None).await.unwrap();
    for (fault, kind) in FAULTS {
        faults.next(1, &fault.parse().unwrap());
        let error = crm.changes(Object::Account, None).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault}: {error}");
        assert_eq!(error.is_transient(), !matches!(kind, "denied" | "not_there"), "{error}");
        crm.changes(Object::Account, None).await.unwrap();
    }
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_is_told() {
    let (salesforce, hubspot) = (salesforce(|_| {}), hubspot(|_| {}));
    meets(&Crm::new(settings_of(&salesforce)).unwrap(), salesforce.faults()).await;
    meets(&Crm::new(settings_for(&hubspot)).unwrap(), hubspot.faults()).await;
}

#[tokio::test]
async fn what_fails_for_a_passing_reason_is_sent_again() {
    let hubspot = hubspot(|_| {});
    let crm = Crm::new(Settings { retries: 2, ..settings_for(&hubspot) }).unwrap();
    hubspot.faults().next(1, &Fault::status(502));
    hubspot.faults().next(1, &Fault::Cut);
    crm.changes(Object::Account, None).await.unwrap();
    assert_eq!(hubspot.asked().len(), 3, "two failed, and one did not");
}

#[tokio::test]
async fn a_service_that_fails_is_left_alone() {
    let hubspot = hubspot(|_| {});
    let crm = Crm::new(settings_for(&hubspot)).unwrap();
    hubspot.faults().then(Some(Fault::status(500)));
    for _ in 0..5 {
        crm.changes(Object::Account, None).await.unwrap_err();
    }
    let error = crm.changes(Object::Account, None).await.unwrap_err();
    assert!(
        matches!(error, CrmError::Resting { service: Service::HubSpot, .. }) && error.retry_at(begin()).is_some(),
        "{error:?}"
    );
    assert!(matches!(crm.state(), BreakerState::Open { .. }) && hubspot.asked().len() == 5);
}

#[tokio::test]
async fn a_silent_service_is_given_up_in_time() {
    let hubspot = hubspot(|_| {});
    let within = Duration::from_millis(300);
    let crm = Crm::new(Settings { timeout: within, ..settings_for(&hubspot) }).unwrap();
    hubspot.faults().next(1, &Fault::Stall(0));
    let error = crm.changes(Object::Account, None).await.unwrap_err();
    assert_eq!(error, CrmError::TimedOut { service: Service::HubSpot, within });
}

async fn odd(object: Object, answers: Vec<Answer>) -> Result<crm::Page, CrmError> {
    let server = Server::script(answers).await;
    let auth = HubSpotAuth::PrivateApp(Secret::new("a key"));
    let settings = Settings { contacts: false, ..settings_at(server.url().as_str(), auth) };
    Crm::new(settings).unwrap().changes(object, None).await
}

#[tokio::test]
async fn odd_records_are_read_as_far_as_they_go() {
    let page = |results: Value| json(200, &json!({ "results": results, "total": 1 }));
    let record = json!({
        "id": "7", "updatedAt": "2026-11-02T08:00:00Z", "novel": [{}],
        "properties": {"firstname": 7, "lastname": null, "email": "none", "jobtitle": {}, "hs_merged_object_ids": "7;x;;8"},
    });
    let read = odd(Object::Contact, vec![page(json!([record]))]).await.unwrap();
    let [Change::Gone { id, .. }, Change::Contact(contact)] = &read.items[..] else { panic!("{read:?}") };
    assert_eq!(
        (id.as_str(), contact.name.as_str(), contact.email.as_ref(), contact.modified_at),
        ("8", "7", None, begin())
    );
    for wrong in [
        json!({}),
        json!({"results": {}}),
        json!([]),
        json!({"results": [{"properties": {}}]}),
        json!({"results": [{"id": "7"}]}),
    ] {
        let error = odd(Object::Contact, vec![json(200, &wrong)]).await.unwrap_err();
        assert_eq!(error.kind(), "not_understood", "{wrong}");
    }
    assert_eq!(
        odd(Object::Contact, vec![answer(302, &[("location", "http://127.0.0.1:1/")], "")]).await.unwrap_err().kind(),
        "elsewhere"
    );
}

#[tokio::test]
async fn a_list_that_goes_in_circles_ends() {
    let owners = json(200, &json!({"results": [{"id": "1"}], "paging": {"next": {"after": "1"}}}));
    let server = Server::script(vec![owners]).await;
    let crm = Crm::new(settings_at(server.url().as_str(), HubSpotAuth::PrivateApp(Secret::new("a key")))).unwrap();
    let page = crm.changes(Object::Owner, None).await.unwrap();
    assert_eq!(crm.changes(Object::Owner, Some(&page.mark)).await.unwrap_err().kind(), "not_understood");

    let rows =
        json!({"done": false, "nextRecordsUrl": "/services/data/v67.0/query/01g-1", "records": [], "totalSize": 9});
    let (token, rows) = (json(200, &json!({"access_token": "x"})), json(200, &rows));
    let server = Server::script(vec![token.clone(), rows]).await;
    let mut settings = settings_of(&salesforce(|_| {}));
    let Which::Salesforce(own) = &mut settings.which else { panic!() };
    own.my_domain = server.url();
    let crm = Crm::new(settings.clone()).unwrap();
    let error = crm.emails_of(&["006000000000001AAA"]).await.unwrap_err();
    assert_eq!((error.kind(), server.seen().len()), ("not_understood", 3));

    for elsewhere in [
        "https://example.com/x",
        "/services/data/v67.0/query/../../../x",
        "/services/data/v67.0/query/01g?x=1",
        "/other",
    ] {
        let rows = json!({"done": false, "nextRecordsUrl": elsewhere, "records": []});
        let server = Server::script(vec![token.clone(), json(200, &rows)]).await;
        let mut settings = settings.clone();
        let Which::Salesforce(own) = &mut settings.which else { panic!() };
        own.my_domain = server.url();
        let error = Crm::new(settings).unwrap().emails_of(&["006000000000001AAA"]).await.unwrap_err();
        assert_eq!((error.kind(), server.seen().len()), ("not_understood", 2), "{elsewhere}");
    }
}

#[tokio::test]
async fn an_instance_that_cannot_be_asked_safely_is_not_asked() {
    for instance in ["http://example.com", "https://me:pass@localhost", "https://example.com", "no address"] {
        let server = Server::script(vec![json(200, &json!({"access_token": "x", "instance_url": instance}))]).await;
        let mut settings = settings_of(&salesforce(|_| {}));
        let Which::Salesforce(own) = &mut settings.which else { panic!() };
        own.my_domain = server.url();
        let error = Crm::new(settings).unwrap().check().await.unwrap_err();
        assert_eq!((error.kind(), server.seen().len()), ("not_understood", 1), "{instance}");
    }
}
