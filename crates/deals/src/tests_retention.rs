//! Stories of what is not kept for ever, and of how much room the rest takes, on both databases.

use crate::domain::record::{ContactRecord, SNIPPET};
use crate::records::{self, Origin};
use crate::tests::{World, actor, admin};
use crate::*;
use chrono::TimeDelta;
use db::testing::TestDb;
use db::{Db, on_db};
use kernel::Role;
use queue::Worker;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use uuid::Uuid;

const CALL: &str =
    "D: Hello, how are you today?\nC: Fine, thank you. Let us look at the plan.\nD: Here it is.\nC: All right.";

fn deal(id: &str, firm: &str, stage: &str, closed: Option<i64>) -> Value {
    json!({ "id": id, "name": format!("Deal {id}"), "account": firm, "owner": "dana@us.example", "stage": stage,
        "opened_at": World::days_ago(200), "closed_at": closed.map(World::days_ago), "amount": 1250, "currency": "USD", "region": "Nord" })
}

fn mail(id: &str, days: i64, body: &str) -> Value {
    json!({ "id": id, "opportunity_id": "old", "subject": "Docks", "sender": "mara@acme.example", "recipients": ["dana@us.example"],
        "sent_at": World::days_ago(days), "body": body })
}

/// Somebody of a firm, read at this moment.
async fn contact(world: &World, firm: &str, name: &str) {
    let from = Origin { system: "import", connection: None, redact: world.deals.redact, now: world.deals.clock.now() };
    let email = format!("{}@{}.example", name.to_lowercase(), firm.to_lowercase());
    let (external_id, firm) = (format!("{firm}-{name}"), Some(firm.to_lowercase()));
    let record = ContactRecord {
        external_id,
        account_external_id: firm,
        name: name.to_owned(),
        email: Some(email),
        title: Some("Buyer".to_owned()),
    };
    let mut tx = world.db.begin().await.unwrap();
    records::write_contact(&mut tx, from, &record).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn set(world: &World, changes: Value) {
    let boss = actor(world.user("Ines Hall", "ines@us.example").await, Role::Admin);
    let mut tx = world.db.begin().await.unwrap();
    let changes = serde_json::from_value(changes).unwrap();
    accounts::change_settings(&mut tx, &world.deals.clock, &boss, changes).await.unwrap();
    tx.commit().await.unwrap();
}

/// How many and how many bytes, by kind.
fn sizes(found: &Retention) -> [(i64, i64); 3] {
    let size = |kind| {
        let item = found.items.iter().find(|item| item.kind == kind).unwrap();
        (item.count, item.bytes)
    };
    [RetentionKind::EmailSnippets, RetentionKind::DealDetails, RetentionKind::Contacts].map(size)
}

/// Names of people that are kept.
async fn people(world: &World) -> Vec<String> {
    let sql = "SELECT name FROM crm_contacts WHERE name <> '' AND email IS NOT NULL ORDER BY name";
    on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap())
}

async fn scene(db: TestDb) -> World {
    let world = World::new(db);
    // Somebody of a firm that has no deal, read long ago, and somebody read now.
    world.deals.clock.advance(TimeDelta::days(-100));
    contact(&world, "Nobodys", "Nils").await;
    world.deals.clock.advance(TimeDelta::days(100));
    contact(&world, "Someones", "Sara").await;
    let deals = [
        deal("old", "Acme", "Closed Won", Some(100)),
        deal("young", "Acme", "Closed Lost", Some(89)),
        deal("gone", "Bolt", "Closed Lost", Some(91)),
        deal("open", "Crux", "Demo", None),
        deal("before", "Crux", "Closed Won", Some(150)),
    ];
    world.bring(What::Opportunities, &json!(deals)).await.unwrap();
    for (firm, name) in [("Acme", "Ana"), ("Bolt", "Bea"), ("Crux", "Cem")] {
        contact(&world, firm, name).await;
    }
    let mails = json!([mail("M-1", 100, "Grüße"), mail("M-2", 91, "abc"), mail("M-3", 89, "We keep this.")]);
    world.bring(What::Emails, &mails).await.unwrap();
    world.call(95, ("Bea", "bea@bolt.example", "Buyer"), CALL).await;
    world.catch_up().await;
    world
}

async fn what_is_kept_long_enough_goes_and_what_deals_are_compared_by_stays(db: TestDb) {
    let world = scene(db).await;
    let of_bolt = world.get("gone").await.opportunity;
    assert_eq!(of_bolt.calls, 1, "found by the address of somebody of the firm");
    // First it is only told: Grüße has seven bytes, and `{"region":"Nord"}` as the database writes it.
    let told = retention(&world.deals).await.unwrap();
    let details = match &*world.db {
        Db::Sqlite(_) => r#"{"region":"Nord"}"#.len(),
        Db::Postgres(_) => r#"{"region": "Nord"}"#.len(),
    } as i64;
    let (bea, nils) = ("Beabea@bolt.exampleBuyer", "Nilsnils@nobodys.exampleBuyer");
    let expected = [(2, 7 + 3), (3, 3 * details), (2, (bea.len() + nils.len()) as i64)];
    assert_eq!(sizes(&told), expected);
    assert_eq!((told.email_days, told.crm_days), (90, 90));
    assert_eq!(retention(&world.deals).await.unwrap(), told, "telling it takes nothing");
    // For ever is for ever.
    set(&world, json!({ "email_days": 0, "crm_days": 0 })).await;
    assert_eq!(sizes(&retention(&world.deals).await.unwrap()), [(0, 0); 3]);
    assert_eq!(sizes(&run_retention(&world.deals, None).await.unwrap()), [(0, 0); 3]);
    assert_eq!(people(&world).await, ["Ana", "Bea", "Cem", "Nils", "Sara"]);
    set(&world, json!({ "email_days": 95, "crm_days": null })).await;
    assert_eq!(sizes(&retention(&world.deals).await.unwrap()), [(1, 7), expected[1], expected[2]]);
    set(&world, json!({ "email_days": null })).await;

    let gone = run_retention(&world.deals, Some(&admin())).await.unwrap();
    assert_eq!(sizes(&gone), expected, "what was told is what went");
    assert_eq!(sizes(&retention(&world.deals).await.unwrap()), [(0, 0); 3]);
    assert_eq!(sizes(&run_retention(&world.deals, None).await.unwrap()), [(0, 0); 3]);
    assert_eq!(people(&world).await, ["Ana", "Cem", "Sara"]);
    let sql = "SELECT count(*) FROM audit_events WHERE action = 'retention.run' AND actor = $1";
    let audited: i64 =
        on_db!(&*world.db, pool => sqlx::query_scalar(sql).bind(admin().trail()).fetch_one(pool).await.unwrap());
    assert_eq!(audited, 1);
    let entries = timeline(&world.db, &admin(), world.deal("old").await, &Filter { limit: 9, ..Filter::default() })
        .await
        .unwrap();
    let words: Vec<_> = entries
        .iter()
        .map(|entry| match entry {
            Entry::Email { subject, snippet, sender, .. } => (&**subject, snippet.as_deref(), &**sender),
            Entry::Call { .. } => panic!("{entry:?}"),
        })
        .collect();
    assert_eq!(
        words,
        [("Docks", Some("We keep this.")), ("Docks", None), ("Docks", None)].map(|(a, b)| (a, b, "mara@acme.example"))
    );
    for (id, metadata) in
        [("old", None), ("young", Some("Nord")), ("gone", None), ("open", Some("Nord")), ("before", None)]
    {
        let found = world.get(id).await;
        assert_eq!(found.metadata.as_ref().and_then(|all| all["region"].as_str()), metadata, "{id}");
        assert_eq!((found.opportunity.amount_cents, &*found.opportunity.name), (Some(125_000), &*format!("Deal {id}")));
    }
    let after = world.get("gone").await.opportunity;
    assert_eq!((after.status, &after.stage, after.closed_at), (of_bolt.status, &of_bolt.stage, of_bolt.closed_at));
}

async fn what_went_does_not_come_back_and_links_stay(db: TestDb) {
    let world = scene(db).await;
    run_retention(&world.deals, None).await.unwrap();
    // The source tells the same again, and something else with it.
    let mut again = deal("gone", "Bolt", "Closed Lost", Some(91));
    again["product"] = json!("Docks");
    world.bring(What::Opportunities, &json!([again])).await.unwrap();
    world
        .bring(What::Emails, &json!([mail("M-1", 100, "Grüße"), mail("M-3", 89, &"x".repeat(SNIPPET + 1))]))
        .await
        .unwrap();
    world.catch_up().await;
    let found = world.get("gone").await;
    assert_eq!((found.opportunity.product.as_deref(), found.metadata), (Some("Docks"), None));
    assert_eq!(
        found.opportunity.calls, 1,
        "its call is found by the domain of the firm, though nobody of it is known any more"
    );
    assert_eq!(sizes(&retention(&world.deals).await.unwrap())[0], (0, 0));
    let sql = "SELECT count(*) FROM emails WHERE snippet IS NOT NULL";
    let kept: i64 = on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap());
    assert_eq!(kept, 1);
    // One that is worked on again is told of again.
    world.bring(What::Opportunities, &json!([deal("gone", "Bolt", "Demo", None)])).await.unwrap();
    assert!(world.get("gone").await.metadata.is_some());
    let found = coaching(&world.deals, &admin(), world.deal("gone").await).await.unwrap();
    assert!(found.missing.iter().all(|person| !person.name.is_empty()), "nobody without a name: {:?}", found.missing);
}

/// Bytes of all files in a folder.
fn bytes_of(folder: &Path) -> i64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(
            |entry| {
                if entry.path().is_dir() { bytes_of(&entry.path()) } else { entry.metadata().unwrap().len() as i64 }
            },
        )
        .sum()
}

async fn room_is_measured_by_kind_and_adds_up(db: TestDb) {
    let world = scene(db).await;
    let before = storage(&world.db).await.unwrap();
    assert_eq!((before.measured_at, before.total_bytes, before.kinds.len()), (None, 0, 0));
    // Asked for once, however often, since it was never measured.
    for _ in 0..3 {
        measure_soon(&world.deals, false).await.unwrap();
    }
    let clock = &world.deals.clock;
    let worker = Worker::new((*world.db).clone(), clock.clone(), "test", handlers(&world.deals, &world.intake()));
    assert_eq!(worker.drain().await.unwrap(), 1);
    measure_soon(&world.deals, false).await.unwrap();
    assert_eq!(worker.drain().await.unwrap(), 0, "it is known");
    let found = storage(&world.db).await.unwrap();
    assert_eq!((found.measured_at, found.exact), (Some(clock.now()), true));
    let kinds: BTreeMap<&str, i64> = found.kinds.iter().map(|of| (&*of.kind, of.bytes)).collect();
    assert_eq!(kinds.values().sum::<i64>(), found.total_bytes);
    assert_eq!(kinds["originals"], bytes_of(&world.db.dir().join("blobs")));
    for kind in ["transcripts", "judgements", "deals", "emails", "sources", "jobs", "knowledge", "other"] {
        assert!(kinds[kind] >= 4096, "{kind}: {kinds:?}");
    }
    // As the database counts all of it at once. What was measured is written in the place of what was before.
    measure_storage(&world.deals).await.unwrap();
    let found = storage(&world.db).await.unwrap();
    let (whole, off): (i64, i64) = match &*world.db {
        Db::Sqlite(sqlite) => {
            assert!(kinds.contains_key("free"));
            let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
            (sqlx::query_scalar(sql).fetch_one(&sqlite.read).await.unwrap(), 0)
        }
        Db::Postgres(pool) => {
            assert!(!kinds.contains_key("free"));
            let sql = "SELECT CAST(sum(pg_total_relation_size(oid)) AS BIGINT) FROM pg_class WHERE relkind = 'r' \
                 AND relnamespace = current_schema()::regnamespace";
            // Rows that are replaced there leave room behind.
            (sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(), 64 * 1024)
        }
    };
    let measured = found.total_bytes - kinds["originals"];
    assert!((whole - measured).abs() <= off, "{whole} and {measured}");
    // What grows is what was put there.
    let mails: Vec<Value> = (0..400).map(|n| mail(&format!("N-{n}"), 3, &format!("{n} ").repeat(200))).collect();
    world.bring(What::Emails, &json!(mails)).await.unwrap();
    measure_storage(&world.deals).await.unwrap();
    let after = storage(&world.db).await.unwrap();
    let of = |storage: &Storage, kind: &str| storage.kinds.iter().find(|of| of.kind == kind).unwrap().bytes;
    assert!(of(&after, "emails") - of(&found, "emails") >= 400 * SNIPPET as i64);
    assert_eq!(of(&after, "knowledge"), of(&found, "knowledge"));
}

async fn every_table_has_its_kind(db: TestDb) {
    let sql = match &*db {
        Db::Sqlite(_) => "SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type = 'table'",
        Db::Postgres(_) => {
            "SELECT CAST(relname AS TEXT) FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition \
             AND relnamespace = current_schema()::regnamespace"
        }
    };
    let tables: Vec<String> = on_db!(&*db, pool => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap());
    let mut other: Vec<&str> = tables.iter().map(|table| &**table).filter(|table| storage::is_other(table)).collect();
    other.retain(|table| !table.starts_with("sqlite_"));
    other.sort_unstable();
    assert_eq!(
        other,
        [
            "_sqlx_migrations",
            "audit_events",
            "coach_assignments",
            "idempotency_keys",
            "invitations",
            "login_attempts",
            "memberships",
            "refresh_tokens",
            "secrets",
            "sessions",
            "settings",
            "storage_sizes",
            "teams",
            "users",
        ],
        "a new table is named in storage.rs, or here"
    );
}

/// A night: what is due goes, and what is left is measured.
async fn it_happens_every_night(db: TestDb) {
    let world = scene(db).await;
    let clock = &world.deals.clock;
    let all = schedules(("0 6 * * 1", "America/Los_Angeles"), "Europe/Berlin");
    for schedule in all.iter().filter(|schedule| schedule.kind == RETENTION) {
        queue::set_schedule(&world.db, clock, schedule).await.unwrap();
    }
    let worker = Worker::new((*world.db).clone(), clock.clone(), "test", handlers(&world.deals, &world.intake()));
    // 4:15 in Berlin is 2:15 in UTC; it is 12:00 now.
    clock.advance(TimeDelta::minutes(14 * 60 + 14));
    assert_eq!(queue::tick(&world.db, clock).await.unwrap(), 0);
    clock.advance(TimeDelta::minutes(1));
    assert_eq!(queue::tick(&world.db, clock).await.unwrap(), 1);
    assert_eq!(worker.drain().await.unwrap(), 1);
    // Those of the 89th day are of the 90th by then, and no older.
    assert_eq!(people(&world).await, ["Ana", "Cem", "Sara"]);
    assert_eq!(storage(&world.db).await.unwrap().measured_at, Some(clock.now()));
    let sql = "SELECT count(*) FROM audit_events WHERE action = 'retention.run'";
    let audited: i64 = on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap());
    assert_eq!(audited, 0, "nobody asked");
    assert_ne!(world.deal("old").await, Uuid::nil());
}

db::on_both!(
    what_is_kept_long_enough_goes_and_what_deals_are_compared_by_stays,
    what_went_does_not_come_back_and_links_stay,
    room_is_measured_by_kind_and_adds_up,
    every_table_has_its_kind,
    it_happens_every_night,
);
