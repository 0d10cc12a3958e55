//! Stories of CRMs that are read, on both databases: the client on a real socket, the simulator behind it.

use crate::tests::{World, admin};
use crate::{How, Status, get, handlers, of_call};
use db::on_db;
use db::testing::TestDb;
use intake::connection::{self, ConnectionChange, ConnectionSettings, NewConnection, Secrets};
use intake::sync::{self, RunState};
use intake::{Connection, Intake, Kind, Sealer};
use queue::Worker;
use serde_json::json;
use sim::{Fault, Time};
use std::sync::OnceLock;
use uuid::Uuid;

fn sealer() -> Sealer {
    static KEY: OnceLock<Sealer> = OnceLock::new();
    KEY.get_or_init(|| Sealer::new(&Sealer::new_key().unwrap()).unwrap()).clone()
}

impl World {
    pub(crate) fn intake(&self) -> Intake {
        Intake::new((*self.db).clone(), self.blobs.clone(), self.deals.clock.clone(), sealer())
    }

    async fn connect(&self, kind: Kind, settings: ConnectionSettings, secrets: Secrets) -> Connection {
        let new = NewConnection { kind, name: "crm".to_owned(), settings, secrets, since: None };
        connection::add(&self.intake(), new, "test").await.unwrap()
    }

    async fn connect_salesforce(&self, salesforce: &sim::Salesforce) -> Connection {
        let settings = ConnectionSettings {
            base_url: salesforce.url(),
            client_id: Some("simulated-consumer-key".to_owned()),
            product_field: Some("Product__c".to_owned()),
            health_field: Some("Health__c".to_owned()),
            ..ConnectionSettings::default()
        };
        let secrets = Secrets { client_secret: Some("simulated-consumer-secret".to_owned()), ..Secrets::default() };
        self.connect(Kind::Salesforce, settings, secrets).await
    }

    /// A round, as far as it goes now.
    async fn round(&self, connection: &Connection) -> sync::SyncRun {
        let intake = self.intake();
        let connection = connection::get(&intake, connection.id).await.unwrap();
        let run = sync::begin(&intake, &connection, None, Some("test")).await.unwrap();
        self.go_on().await;
        sync::get(&self.db, run.id).await.unwrap()
    }

    async fn go_on(&self) {
        let handlers = handlers(&self.deals, &self.intake());
        Worker::new((*self.db).clone(), self.deals.clock.clone(), "test", handlers).drain().await.unwrap();
        self.catch_up().await;
    }

    async fn ids(&self) -> Vec<String> {
        let sql = "SELECT external_id FROM opportunities ORDER BY external_id";
        on_db!(&*self.db, pool => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap())
    }
}

/// A simulator whose clock is the world's.
fn salesforce(world: &World, change: impl FnOnce(&mut sim::salesforce::Settings)) -> sim::Salesforce {
    let time = Time::by(world.deals.clock.clone());
    let mut settings = sim::salesforce::Settings { time, ..sim::salesforce::Settings::default() };
    change(&mut settings);
    sim::Salesforce::with(settings)
}

async fn deals_of_salesforce_come_with_owners_firms_people_mails_and_calls(db: TestDb) {
    let world = World::new(db);
    let dana = world.user("Dana Whitlock", "dana@us.example").await;
    let salesforce = salesforce(&world, |_| {});
    let put = |object: &str, fields| salesforce.put(object, fields).unwrap();
    let owner = put("User", json!({ "Name": "Dana W.", "Email": "Dana@us.example", "IsActive": true }));
    let account = put("Account", json!({ "Name": "Acme", "Website": "https://www.acme.example" }));
    put("Contact", json!({ "Name": "Mara Stone", "Email": "mara@acme.example", "Title": "CFO", "AccountId": account }));
    let deal = put(
        "Opportunity",
        json!({ "Name": "Dock doors", "AccountId": account, "OwnerId": owner, "StageName": "Demo", "Amount": 12500.5,
            "CloseDate": "2026-10-30", "Product__c": "Docks", "Health__c": "61", "IsClosed": false, "IsWon": false,
            "CreatedDate": World::days_ago(60) }),
    );
    let mail = json!({ "RelatedToId": deal, "Subject": "Offer", "FromAddress": "mara@acme.example", "ToAddress": "dana@us.example",
        "MessageDate": World::days_ago(2), "Incoming": true, "TextBody": "Our budget was cut last week." });
    let mail_id = put("EmailMessage", mail);
    // The call tells no title; the CRM does.
    let call = world.call(3, ("Mara Stone", "mara@acme.example", ""), "D: Hello.\nC: Hi.\nD: Fine.\nC: Good.").await;
    world.catch_up().await;
    let connection = world.connect_salesforce(&salesforce).await;
    let run = world.round(&connection).await;
    assert_eq!((run.state, run.error.as_deref()), (RunState::Done, None));
    let found = world.get(&deal).await.opportunity;
    assert_eq!((found.owner.clone().unwrap().id, found.account.as_deref()), (Some(dana), Some("Acme")));
    assert_eq!(
        (found.amount_cents, found.product.as_deref(), found.source_health),
        (Some(1_250_050), Some("Docks"), Some(61.0))
    );
    assert_eq!((found.calls, found.emails), (1, 1));
    let details = world.get(&deal).await;
    assert!(details.signals.iter().any(|signal| signal.kind == "decision_maker_met"), "{:?}", details.signals);
    assert!(details.signals.iter().any(|signal| signal.kind == "red_flag"), "{:?}", details.signals);
    assert_eq!(of_call(&world.db, &admin(), call).await.unwrap()[0].how, How::Inferred);

    // What changes, comes and goes.
    salesforce.time().advance(chrono::TimeDelta::hours(1));
    put("Opportunity", json!({ "Id": deal, "StageName": "Closed Won", "IsClosed": true, "IsWon": true }));
    let second = put(
        "Opportunity",
        json!({ "Name": "Second", "AccountId": account, "StageName": "Demo", "CreatedDate": World::days_ago(1) }),
    );
    put("User", json!({ "Id": owner, "Email": "lena@us.example" }));
    assert!(salesforce.delete(&mail_id));
    let run = world.round(&connection).await;
    assert_eq!(run.state, RunState::Done);
    let found = world.get(&deal).await.opportunity;
    assert_eq!((found.status, found.stage.as_str(), found.emails), (Status::Won, "Closed Won", 0));
    assert_eq!(found.owner.unwrap().name, "lena@us.example", "whose it is follows the CRM");
    assert_eq!(world.ids().await.len(), 2);
    assert!(salesforce.delete(&deal));
    world.round(&connection).await;
    assert_eq!(world.ids().await, [second]);
    assert!(of_call(&world.db, &admin(), call).await.unwrap().len() <= 1);
    let gone = get(&world.db, &admin(), found.id).await;
    assert!(gone.is_err(), "what was deleted there is deleted here");
}

async fn a_round_goes_on_where_it_broke_off_and_misses_nothing(db: TestDb) {
    let world = World::new(db);
    let salesforce = salesforce(&world, |settings| settings.page = 3);
    let mut expected: Vec<String> = (0..20)
        .map(|n| {
            salesforce
                .put(
                    "Opportunity",
                    json!({ "Name": format!("Deal {n}"), "StageName": "Demo", "Product__c": null, "Health__c": "7" }),
                )
                .unwrap()
        })
        .collect();
    expected.sort();
    let connection = world.connect_salesforce(&salesforce).await;
    // The service fails in the midst of it, and goes on failing.
    salesforce.faults().pass(7);
    salesforce.faults().then(Some(Fault::status(500)));
    let run = world.round(&connection).await;
    let got = world.ids().await.len();
    assert!((1..20).contains(&got), "{got} {run:?}");
    assert_eq!(run.state, RunState::Waiting);
    salesforce.faults().clear();
    salesforce.expire_tokens();
    world.deals.clock.advance(chrono::TimeDelta::minutes(20));
    world.go_on().await;
    assert_eq!(sync::get(&world.db, run.id).await.unwrap().state, RunState::Done);
    assert_eq!(world.ids().await, expected);
    // Nothing is read twice that has settled.
    world.deals.clock.advance(chrono::TimeDelta::minutes(20));
    world.round(&connection).await;
    let run = world.round(&connection).await;
    assert_eq!((run.state, run.found), (RunState::Done, 0));
}

async fn a_key_that_does_not_do_ends_the_round_with_what_to_do(db: TestDb) {
    let world = World::new(db);
    let hubspot = sim::HubSpot::with(sim::hubspot::Settings {
        time: Time::by(world.deals.clock.clone()),
        per_second: f64::INFINITY,
        searches_per_second: f64::INFINITY,
        ..sim::hubspot::Settings::default()
    });
    hubspot.put_pipeline(json!({ "id": "default", "label": "Sales", "stages": [
        { "id": "offer", "label": "Offer sent", "metadata": { "isClosed": "false", "probability": "0.4" } },
        { "id": "won", "label": "Won", "metadata": { "isClosed": "true", "probability": "1.0" } }] }));
    let settings =
        ConnectionSettings { base_url: hubspot.url(), requests_per_second: 100.0, ..ConnectionSettings::default() };
    let key = |key: &str| Secrets { secret: Some(key.to_owned()), ..Secrets::default() };
    let connection = world.connect(Kind::Hubspot, settings, key("wrong")).await;
    let company = hubspot.put("companies", json!({ "name": "Acme", "domain": "acme.example" })).unwrap();
    let deal = hubspot
        .put(
            "deals",
            json!({ "dealname": "Dock doors", "amount": "900.10", "dealstage": "offer", "pipeline": "default" }),
        )
        .unwrap();
    hubspot.associate(("deals", &deal), ("companies", &company), 5, None).unwrap();
    let run = world.round(&connection).await;
    assert_eq!(run.state, RunState::Failed);
    assert!(run.error.as_deref().unwrap().contains("HubSpot"), "{run:?}");
    assert!(!run.error.unwrap().contains("wrong"));
    let change = ConnectionChange { secrets: key("simulated-hubspot-token"), ..ConnectionChange::default() };
    connection::change(&world.intake(), connection.id, change, "test").await.unwrap();
    assert_eq!(world.round(&connection).await.state, RunState::Done);
    let found = world.get(&deal).await.opportunity;
    assert_eq!((&*found.stage, found.status, found.amount_cents), ("Offer sent", Status::Open, Some(90_010)));
    assert_eq!(found.account.as_deref(), Some("Acme"));
    let other = NewConnection {
        kind: Kind::Hubspot,
        name: "second".to_owned(),
        settings: ConnectionSettings::default(),
        secrets: key("x"),
        since: None,
    };
    let refused = connection::add(&world.intake(), other, "test").await.unwrap_err();
    assert_eq!(refused.to_string(), "one connection to this CRM is there already: change that one");
    assert!(connection::get(&world.intake(), Uuid::nil()).await.is_err());
}

db::on_both!(
    deals_of_salesforce_come_with_owners_firms_people_mails_and_calls,
    a_round_goes_on_where_it_broke_off_and_misses_nothing,
    a_key_that_does_not_do_ends_the_round_with_what_to_do,
);
