//! Stories of what sources tell of deals one after the other, on both databases.

use crate::domain::coach::NextStepOutcome;
use crate::records::{self, Table};
use crate::tests::{BARE, GOOD, World, actor, admin, deal, mail};
use crate::{DealError, How, Saying, Status, WarningKind, What, change_rules, coaching, links, of_call, say};
use chrono::TimeDelta;
use db::testing::TestDb;
use db::{on_db, on_tx};
use kernel::Role;
use serde_json::json;
use uuid::Uuid;

const DEAL: &str = "006A0000006Vm9uIAC";

/// What Gong tells of a call, as the ledger keeps it.
async fn told_by_gong(world: &World, call: Uuid, stage: &str) {
    let object = |timing: &str, stage: &str| {
        json!({ "objectType": "Opportunity", "objectId": "006A0000006Vm9u", "timing": timing, "fields": [
            { "name": "Name", "value": "Dock doors" }, { "name": "StageName", "value": stage }, { "name": "CreatedDate", "value": World::days_ago(50) }] })
    };
    let account = json!({ "objectType": "Account", "objectId": "001A0000006Vm9uIAC",
        "fields": [{ "name": "Name", "value": "Acme" }, { "name": "Website", "value": "acme.example" }] });
    let details = json!({ "context": [{ "system": "Salesforce", "objects": [object("Now", stage), object("TimeOfCall", "Demo"), account] }] });
    let (connection, now) = (Uuid::from_u128(5), world.deals.clock.now());
    let mut tx = world.db.begin().await.unwrap();
    let sql = "INSERT INTO connections (id, kind, name, settings, created_at, created_by, since) VALUES ($1, 'gong', 'g', '{}', $2, 'test', $2) \
         ON CONFLICT DO NOTHING";
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(connection).bind(now).execute(conn).await.unwrap().rows_affected());
    let sql = "INSERT INTO source_calls (id, connection_id, external_id, state, known_by, known_at, waits_from, next_try_at, call_id, details) \
         VALUES ($1, $2, $3, 'kept', 'sync', $4, $4, $4, $5, $6)";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(kernel::new_id())
        .bind(connection)
        .bind(call.to_string())
        .bind(now)
        .bind(call)
        .bind(sqlx::types::Json(details))
        .execute(conn)
        .await
        .unwrap()
        .rows_affected());
    tx.commit().await.unwrap();
}

async fn gong_names_the_deal_of_a_call_and_its_stage_then(db: TestDb) {
    let world = World::new(db);
    let strangers = ("Mara Stone", "mara@gmail.com", "Buyer");
    let call = world.call(9, strangers, BARE).await;
    told_by_gong(&world, call, "Negotiation").await;
    world.catch_up().await;
    let found = of_call(&world.db, &admin(), call).await.unwrap();
    let (deal, linked) = (&found[0].opportunity, &found[0]);
    assert_eq!((&*deal.system, &*deal.external_id, &*deal.stage), ("salesforce", "006A0000006Vm9uIAC", "Negotiation"));
    assert_eq!(deal.gong_opportunity_id.as_deref(), Some("006A0000006Vm9uIAC"));
    assert_eq!(
        (linked.how, linked.stage_then.as_deref(), deal.account.as_deref()),
        (How::Crm, Some("Demo"), Some("Acme"))
    );
    // By now it is brought up to date, and stays so: nothing is looked for again and again.
    let waiting = async || -> i64 {
        let sql = "SELECT count(*) FROM opportunities WHERE unlinked OR assessed_at IS NULL";
        on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
    };
    assert_eq!(waiting().await, 0);
    // A call that says nothing is found by the domain that Gong told.
    let other = world.call(8, ("Jon Hale", "jon@acme.example", ""), BARE).await;
    world.catch_up().await;
    assert_eq!(of_call(&world.db, &admin(), other).await.unwrap()[0].how, How::Inferred);
    world.deals.clock.advance(TimeDelta::hours(1));
    let later = world.call(2, strangers, &format!("{BARE}\nC: Later.")).await;
    told_by_gong(&world, later, "Closed Won").await;
    world.catch_up().await;
    assert_eq!((world.get("006A0000006Vm9uIAC").await.opportunity.status, waiting().await), (Status::Won, 0));
}

/// How many deals wait to be linked or reckoned.
async fn waiting(world: &World) -> i64 {
    let sql = "SELECT count(*) FROM opportunities WHERE unlinked OR assessed_at IS NULL";
    on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
}

async fn calls_that_tell_of_a_deal_differently_come_to_rest_at_the_latest(db: TestDb) {
    let world = World::new(db);
    let strangers = ("Mara Stone", "mara@gmail.com", "Buyer");
    // Neither the order of their ids nor when they were counts, but which came in last.
    let first = world.call(2, strangers, BARE).await;
    told_by_gong(&world, first, "Negotiation").await;
    world.deals.clock.advance(TimeDelta::hours(1));
    let second = world.call(9, strangers, &format!("{BARE}\nC: Again.")).await;
    told_by_gong(&world, second, "Closed Won").await;
    world.catch_up().await;
    let told = world.get(DEAL).await;
    assert_eq!((&*told.opportunity.stage, told.opportunity.calls), ("Closed Won", 2));
    // Gong did not say whose it is.
    assert_eq!(told.opportunity.owner.as_ref().unwrap().name, "Dana Whitlock");
    for _ in 0..3 {
        world.deals.clock.advance(TimeDelta::minutes(1));
        links::link(&world.deals, first).await.unwrap();
        world.catch_up().await;
        let again = world.get(DEAL).await;
        assert_eq!((again.opportunity.stage_since, waiting(&world).await), (told.opportunity.stage_since, 0));
        assert_eq!((&*again.opportunity.stage, &again.opportunity.account), ("Closed Won", &told.opportunity.account));
    }
}

async fn a_deal_that_its_crm_deleted_is_not_brought_back_by_a_call(db: TestDb) {
    let world = World::new(db);
    let call = world.call(9, ("Mara Stone", "mara@gmail.com", "Buyer"), BARE).await;
    told_by_gong(&world, call, "Demo").await;
    world.catch_up().await;
    assert_eq!(world.get(DEAL).await.opportunity.status, Status::Open);
    let mut tx = world.db.begin().await.unwrap();
    assert!(records::delete(&mut tx, "salesforce", Table::Opportunities, DEAL).await.unwrap());
    tx.commit().await.unwrap();
    links::link(&world.deals, call).await.unwrap();
    world.catch_up().await;
    let here = async || of_call(&world.db, &admin(), call).await.unwrap().len();
    assert_eq!(here().await, 0);
    // Until it is restored there.
    let mut tx = world.db.begin().await.unwrap();
    let from = records::Origin {
        system: "salesforce",
        connection: None,
        redact: world.deals.redact,
        now: world.deals.clock.now(),
    };
    let row = json!({ "id": DEAL, "name": "Docks", "stage": "Demo" });
    let (restored, _) = crate::domain::record::deal(row.as_object().unwrap()).unwrap();
    records::write_deal(&mut tx, from, &restored).await.unwrap();
    tx.commit().await.unwrap();
    links::link(&world.deals, call).await.unwrap();
    assert_eq!(here().await, 1);
}

async fn a_file_replaces_what_it_brings_again(db: TestDb) {
    let world = World::new(db);
    let two = json!([deal("D-1", "Acme", "acme.example", &json!({})), deal("D-2", "Bolt", "bolt.example", &json!({}))]);
    world.bring(What::Opportunities, &two).await.unwrap();
    world.bring(What::Emails, &json!([mail("M-1", 2, "mara@acme.example", "Hello")])).await.unwrap();
    let mut moved = mail("M-1", 2, "mara@acme.example", "Hello");
    moved["opportunity_id"] = json!("D-2");
    world.bring(What::Emails, &json!([moved])).await.unwrap();
    world.catch_up().await;
    let emails = async |id: &str| world.get(id).await.opportunity.emails;
    assert_eq!((emails("D-1").await, emails("D-2").await), (0, 1));
    let since = json!({ "stage_since": "2026-08-01T00:00:00Z" });
    world.bring(What::Opportunities, &json!([deal("D-1", "Acme", "acme.example", &since)])).await.unwrap();
    let told = world.get("D-1").await.opportunity.stage_since.unwrap();
    assert_eq!(told.to_rfc3339(), "2026-08-01T00:00:00+00:00");
    // What is won is not won on a day that is yet to come.
    let won = json!({ "stage": "Closed Won", "close_date": "2031-01-01" });
    world.bring(What::Opportunities, &json!([deal("D-1", "Acme", "acme.example", &won)])).await.unwrap();
    let closed_at = world.get("D-1").await.opportunity.closed_at.unwrap();
    assert!(closed_at <= world.deals.clock.now(), "{closed_at}");
    let twice = json!([two[0], two[1], two[0]]);
    match world.bring(What::Opportunities, &twice).await.unwrap_err() {
        DealError::File(wrong) => assert_eq!(wrong, ["item 3: id: “D-1” stands in item 1 already"]),
        error => panic!("{error}"),
    }
}

async fn coaching_tells_nothing_of_calls_that_one_may_not_see(db: TestDb) {
    let world = World::new(db);
    let (mara, jon) = (("Mara Stone", "mara@acme.example", ""), ("Jon Hale", "jon@acme.example", ""));
    world.bring(What::Opportunities, &json!([deal("D-1", "Acme", "acme.example", &json!({}))])).await.unwrap();
    world.call(20, mara, GOOD).await;
    let others = world.call_of(("Lena Marsh", "lena@us.example"), 15, jon, BARE).await;
    world.catch_up().await;
    let id = world.deal("D-1").await;
    // By mail domain it would be the owner's deal alone: somebody says that her call belongs to it as well.
    say(&world.deals, &admin(), others, id, Saying::Belongs).await.unwrap();
    world.catch_up().await;
    let names = |found: &crate::DealCoaching| found.met.iter().map(|person| person.name.clone()).collect::<Vec<_>>();
    let all = coaching(&world.deals, &admin(), id).await.unwrap();
    assert_eq!(
        (names(&all), all.next_steps[0].outcome),
        (vec!["Jon Hale".into(), "Mara Stone".into()], NextStepOutcome::Kept)
    );
    assert!(all.next_steps[0].followed_by.is_some());
    let dana = actor(world.user("Dana Whitlock", "dana@us.example").await, Role::Rep);
    let own = coaching(&world.deals, &dana, id).await.unwrap();
    assert_eq!((names(&own), own.next_steps[0].outcome), (vec!["Mara Stone".to_owned()], NextStepOutcome::Kept));
    assert_eq!(own.next_steps[0].followed_by, None, "that it was followed, not by what");
    let told = serde_json::to_string(&own).unwrap();
    assert!(!told.contains("Jon") && !told.contains(&others.to_string()), "{told}");
}

async fn a_rule_that_changes_while_deals_are_reckoned_is_not_missed(db: TestDb) {
    let world = World::new(db);
    let since = json!({ "stage_since": World::days_ago(12), "close_date": "2026-12-01" });
    let many: Vec<_> = (0..40).map(|n| deal(&format!("D-{n}"), "Acme", &format!("f{n}.example"), &since)).collect();
    world.bring(What::Opportunities, &json!(many)).await.unwrap();
    world.catch_up().await;
    let admin = actor(world.user("Ada Marsh", "ada@us.example").await, Role::Admin);
    let warned = async || -> i64 {
        let sql = "SELECT count(*) FROM opportunities WHERE warned LIKE '% stalled %'";
        on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
    };
    for round in 0..20 {
        // 12 days are too long for the one and not for the other.
        let days = if round % 2 == 0 { 10 } else { 30 };
        let change = [(WarningKind::Stalled, true, days)];
        change_rules(&world.deals, &admin, &[(WarningKind::Stalled, true, 40 - days)]).await.unwrap();
        let (reckoned, changed) = tokio::join!(crate::catch_up(&world.deals), async {
            tokio::time::sleep(std::time::Duration::from_millis(3 * round)).await;
            change_rules(&world.deals, &admin, &change).await
        });
        reckoned.and(changed).unwrap();
        crate::catch_up(&world.deals).await.unwrap();
        assert_eq!(warned().await, if days == 10 { 40 } else { 0 }, "round {round}");
    }
}

db::on_both!(
    a_rule_that_changes_while_deals_are_reckoned_is_not_missed,
    gong_names_the_deal_of_a_call_and_its_stage_then,
    calls_that_tell_of_a_deal_differently_come_to_rest_at_the_latest,
    a_deal_that_its_crm_deleted_is_not_brought_back_by_a_call,
    a_file_replaces_what_it_brings_again,
    coaching_tells_nothing_of_calls_that_one_may_not_see,
);
