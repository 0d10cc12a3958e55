//! Stories of deals, on both databases.

use crate::domain::coach::NextStepOutcome;
use crate::links::Saying;
use crate::opportunities::Search;
use crate::*;
use calls::{Blobs, Imported, NewCall};
use chrono::{DateTime, TimeDelta};
use coaching::Analyst;
use db::testing::TestDb;
use db::{Db, on_db, on_tx};
use kernel::{Actor, Clock, Role};
use queue::Worker;
use serde_json::{Value, json};
use std::time::Duration;
use transcript::redact::RedactKinds;
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) blobs: Blobs,
    pub(crate) deals: Deals,
}

/// A Wednesday, 2026-09-16 12:00 UTC.
const NOW: i64 = 1_789_560_000;

impl World {
    pub(crate) fn new(db: TestDb) -> Self {
        let blobs = Blobs::local(&db.dir().join("blobs")).unwrap();
        let clock = Clock::fixed(DateTime::from_timestamp(NOW, 0).unwrap());
        let deals = Deals {
            db: (*db).clone(),
            clock,
            redact: RedactKinds::default(),
            zone: Tz::UTC,
            rubric: "default".to_owned(),
            analyst: Analyst::default(),
        };
        Self { db, blobs, deals }
    }

    pub(crate) fn days_ago(days: i64) -> String {
        (DateTime::from_timestamp(NOW, 0).unwrap() - TimeDelta::days(days)).to_rfc3339()
    }

    /// A call between Dana and somebody of a customer, as many days ago, in which this is said: lines `D: …` and `C: …`.
    pub(crate) async fn call(&self, days: i64, customer: (&str, &str, &str), said: &str) -> Uuid {
        self.call_of(("Dana Whitlock", "dana@us.example"), days, customer, said).await
    }

    /// The same of another rep.
    pub(crate) async fn call_of(&self, rep: (&str, &str), days: i64, customer: (&str, &str, &str), said: &str) -> Uuid {
        let (name, email, title) = customer;
        let segments: Vec<Value> = said
            .lines()
            .enumerate()
            .map(|(place, line)| {
                let (who, text) = line.split_once(": ").unwrap();
                let speaker = if who == "D" { rep.0 } else { name };
                let start = place as u64 * 6000;
                json!({ "speaker": speaker, "start_ms": start, "end_ms": start + 5000, "text": text })
            })
            .collect();
        let participants = json!([{ "name": rep.0, "side": "internal", "email": rep.1 },
            { "name": name, "side": "external", "email": email, "title": title }]);
        let text = json!({ "title": format!("{name}, {days}"), "started_at": Self::days_ago(days), "segments": segments,
            "participants": participants });
        let new = NewCall { who: "importer".into(), ..NewCall::named("call.json") };
        let clock = &self.deals.clock;
        match calls::import(&self.db, &self.blobs, clock, text.to_string().into_bytes(), &[], &new).await.unwrap() {
            Imported::New { id, .. } => id,
            Imported::Known { .. } => panic!("it is new"),
        }
    }

    pub(crate) async fn work(&self) {
        let handlers = coaching::handlers(&self.db, &self.blobs, &self.deals.clock, "default", &Analyst::default());
        Worker::new((*self.db).clone(), self.deals.clock.clone(), "test", handlers).drain().await.unwrap();
    }

    /// Judges what waits, and brings deals up to date.
    pub(crate) async fn catch_up(&self) {
        self.work().await;
        self.settle().await;
        catch_up(&self.deals).await.unwrap();
    }

    /// Waits until all that is told of calls can be read: PostgreSQL holds it back as long as any transaction on the server is older, also one of another test.
    async fn settle(&self) {
        let Db::Postgres(pool) = &*self.db else { return };
        let sql = "SELECT count(*) FROM events WHERE tx >= pg_snapshot_xmin(pg_current_snapshot())";
        for _ in 0..3_000 {
            let held_back: i64 = sqlx::query_scalar(sql).fetch_one(pool).await.unwrap();
            if held_back == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("a transaction on the server has been open for half a minute");
    }

    pub(crate) async fn bring(&self, what: What, items: &Value) -> Result<Brought, DealError> {
        bring(&self.deals, "test", what, FileKind::Json, items.to_string().as_bytes()).await
    }

    /// The deal with this id in its source.
    pub(crate) async fn deal(&self, id: &str) -> Uuid {
        let sql = "SELECT id FROM opportunities WHERE external_id = $1";
        on_db!(&*self.db, pool => sqlx::query_scalar(sql).bind(id).fetch_one(pool).await.unwrap())
    }

    pub(crate) async fn get(&self, id: &str) -> OpportunityDetails {
        get(&self.db, &admin(), self.deal(id).await).await.unwrap()
    }

    pub(crate) async fn user(&self, name: &str, email: &str) -> Uuid {
        let mut tx = self.db.begin().await.unwrap();
        let id = accounts::rep(&mut tx, &self.deals.clock, name, Some(email)).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn run(&self, sql: &'static str) {
        let mut tx = self.db.begin().await.unwrap();
        on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.unwrap().rows_affected());
        tx.commit().await.unwrap();
    }
}

pub(crate) fn actor(id: Uuid, role: Role) -> Actor {
    Actor { id, role, session: Uuid::nil() }
}

pub(crate) fn admin() -> Actor {
    actor(Uuid::from_u128(1), Role::Admin)
}

/// A call that ends with a dated next step, and in which prices are told.
pub(crate) const GOOD: &str = "D: Thanks for the time. Today I would like to see how receiving works, and at the end we agree on what comes next.\n\
C: Fine. We lose about six hours a week chasing pallets.\n\
D: What does a late order cost you?\n\
C: About four hundred euros each time. What would the price be for forty docks?\n\
D: It is nine hundred a month. I will send the plan, and we meet again on Tuesday at ten. Does that work?\n\
C: Agreed. Tuesday at ten works.";

/// One in which little is said.
pub(crate) const BARE: &str =
    "D: Hello, how are you today?\nC: Fine, thank you. Let us look at the plan.\nD: Here it is.\nC: All right.";

pub(crate) fn deal(id: &str, name: &str, domain: &str, more: &Value) -> Value {
    let mut deal = json!({ "id": id, "name": name, "account": name, "account_domain": domain, "owner": "dana@us.example",
        "stage": "Demo", "opened_at": World::days_ago(60), "close_date": "2026-10-30" });
    deal.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    deal
}

pub(crate) fn mail(id: &str, days: i64, sender: &str, body: &str) -> Value {
    json!({ "id": id, "opportunity_id": "D-1", "subject": "Docks", "sender": sender, "recipients": ["mara@acme.example"],
        "sent_at": World::days_ago(days), "body": body })
}

fn kinds(deal: &OpportunityDetails) -> Vec<&'static str> {
    deal.opportunity.warnings.iter().map(|warning| warning.kind.as_str()).collect()
}

async fn a_call_finds_its_deal_whichever_comes_first(db: TestDb) {
    let world = World::new(db);
    let mara = ("Mara Stone", "mara@mail.acme.example", "Head of Logistics");
    let early = world.call(20, mara, BARE).await;
    world.catch_up().await;
    world
        .bring(
            What::Opportunities,
            &json!([
                deal("D-1", "Acme", "acme.example", &json!({})),
                deal("D-2", "Other", "other.example", &json!({}))
            ]),
        )
        .await
        .unwrap();
    let late = world.call(3, mara, GOOD).await;
    let never = world.call(90, mara, &BARE.replace("today", "then")).await;
    world.catch_up().await;
    let of = async |call| of_call(&world.db, &admin(), call).await.unwrap();
    for call in [early, late] {
        let found = of(call).await;
        assert_eq!(found.len(), 1);
        assert_eq!((&*found[0].opportunity.external_id, found[0].how), ("D-1", How::Inferred));
    }
    assert!(of(never).await.is_empty(), "the deal was opened a month after it");
    let found = world.get("D-1").await;
    assert_eq!((found.opportunity.calls, found.opportunity.owner.unwrap().name), (2, "Dana Whitlock".to_owned()));
    // What somebody said stays, whatever is brought.
    say(&world.deals, &admin(), early, found.opportunity.id, Saying::DoesNot).await.unwrap();
    say(&world.deals, &admin(), never, found.opportunity.id, Saying::Belongs).await.unwrap();
    world
        .bring(What::Opportunities, &json!([deal("D-1", "Acme", "acme.example", &json!({ "stage": "Offer" }))]))
        .await
        .unwrap();
    world.catch_up().await;
    assert!(of(early).await.is_empty());
    assert_eq!(of(never).await[0].how, How::Person);
    assert_eq!(world.get("D-1").await.opportunity.calls, 2);
    // A firm that turns out to have another domain takes its calls along, but for those that somebody linked.
    world.bring(What::Opportunities, &json!([deal("D-1", "Acme", "acme-group.example", &json!({}))])).await.unwrap();
    world.catch_up().await;
    assert!(of(late).await.is_empty());
    assert_eq!(world.get("D-1").await.opportunity.calls, 1);
    calls_deleted(&world, never).await;
    assert_eq!(world.get("D-1").await.opportunity.calls, 0, "a call that is deleted is counted no more");
}

async fn calls_deleted(world: &World, call: Uuid) {
    coaching::delete(&world.db, &world.blobs, &world.deals.clock, call, "test").await.unwrap().1.unwrap();
    world.catch_up().await;
}

async fn health_and_warnings_follow_calls_mails_rules_and_time(db: TestDb) {
    let world = World::new(db);
    let mara = ("Mara Stone", "mara@acme.example", "Head of Logistics");
    world
        .bring(
            What::Opportunities,
            &json!([deal("D-1", "Acme", "acme.example", &json!({ "stage_since": World::days_ago(5) }))]),
        )
        .await
        .unwrap();
    world.catch_up().await;
    let found = world.get("D-1").await;
    assert_eq!((found.opportunity.health, kinds(&found)), (None, vec!["no_activity"]));
    let call = world.call(3, mara, GOOD).await;
    world.catch_up().await;
    let found = world.get("D-1").await;
    assert_eq!(kinds(&found), ["not_enough_contacts"]);
    let told: Vec<(&str, i64)> = found.signals.iter().map(|signal| (&*signal.kind, signal.points)).collect();
    assert_eq!(
        told,
        [
            ("customer_answered", 15),
            ("next_step_agreed", 15),
            ("decision_maker_met", 10),
            ("pricing_discussed", 5),
            ("not_enough_contacts", -10)
        ]
    );
    assert_eq!(found.opportunity.health, Some(85));
    let price = found.signals.iter().find(|signal| signal.kind == "pricing_discussed").unwrap();
    assert_eq!(price.links, [Link::Call { call_id: call, segment_id: Some(4), start_ms: Some(18_000) }]);
    // Somebody writes that the money is gone.
    world
        .bring(
            What::Emails,
            &json!([mail("M-1", 1, "mara@acme.example", "Hi Dana,\nour budget was cut last week.\nMara")]),
        )
        .await
        .unwrap();
    world.catch_up().await;
    let found = world.get("D-1").await;
    assert_eq!(kinds(&found), ["not_enough_contacts", "red_flag"]);
    let [Link::Email { .. }] = found.opportunity.warnings[1].links[..] else {
        panic!("{:?}", found.opportunity.warnings)
    };
    // A rule is changed, and time passes.
    let boss = actor(world.user("Ines Hall", "ines@us.example").await, Role::Admin);
    change_rules(&world.deals, &boss, &[(WarningKind::NotEnoughContacts, true, 1), (WarningKind::RedFlag, false, 30)])
        .await
        .unwrap();
    let set = rules(&world.db).await.unwrap().into_iter().find(|rule| rule.kind == WarningKind::NotEnoughContacts);
    assert_eq!(set.map(|rule| (rule.threshold, rule.usual)), Some((1, 2)), "the way back is told");
    world.catch_up().await;
    assert!(kinds(&world.get("D-1").await).is_empty());
    world.deals.clock.advance(TimeDelta::days(26));
    world.catch_up().await;
    assert_eq!(kinds(&world.get("D-1").await), ["no_activity", "stalled"]);
    let wrong = change_rules(&world.deals, &boss, &[(WarningKind::Stalled, true, 0)]).await.unwrap_err();
    assert_eq!(wrong.to_string(), "threshold: stalled: from 1 to 365 days");
    // It is over.
    world
        .bring(What::Opportunities, &json!([deal("D-1", "Acme", "acme.example", &json!({ "stage": "Closed Won" }))]))
        .await
        .unwrap();
    world.catch_up().await;
    let found = world.get("D-1").await;
    assert_eq!((found.opportunity.status, found.opportunity.health, kinds(&found)), (Status::Won, None, vec![]));
    assert_eq!(found.opportunity.closed_at.unwrap().to_rfc3339(), "2026-10-12T12:00:00+00:00");
}

async fn a_timeline_is_one_order_of_calls_and_mails_that_one_may_see(db: TestDb) {
    let world = World::new(db);
    let dana = world.user("Dana Whitlock", "dana@us.example").await;
    let mara = ("Mara Stone", "mara@acme.example", "Buyer");
    world.bring(What::Opportunities, &json!([deal("D-1", "Acme", "acme.example", &json!({}))])).await.unwrap();
    for day in [9, 7, 5] {
        world.call(day, mara, &BARE.replace("today", &format!("on day {day}"))).await;
    }
    let mails: Vec<Value> = [8, 6, 4]
        .map(|day| mail(&format!("M-{day}"), day, "Dana <dana@us.example>", &"card 4111 1111 1111 1111. ".repeat(40)))
        .into();
    world.bring(What::Emails, &json!(mails)).await.unwrap();
    world.catch_up().await;
    let id = world.deal("D-1").await;
    let page = async |who: &Actor, filter: &Filter| timeline(&world.db, who, id, filter).await.unwrap();
    let days = |entries: &[Entry]| -> Vec<i64> {
        entries.iter().map(|entry| (NOW - entry.key().0.timestamp()) / 86_400).collect()
    };
    let all = page(&admin(), &Filter { limit: 20, ..Filter::default() }).await;
    assert_eq!(days(&all), [4, 5, 6, 7, 8, 9]);
    let mut walked = Vec::new();
    let mut after = None;
    loop {
        let part = page(&admin(), &Filter { limit: 2, after, ..Filter::default() }).await;
        let Some(last) = part.last() else { break };
        after = Some(last.key());
        walked.extend(part);
    }
    assert_eq!(walked, all, "page by page nothing is missing and nothing twice");
    let with = |kind, person: &str| Filter {
        kind,
        person: (!person.is_empty()).then(|| person.to_owned()),
        limit: 20,
        ..Filter::default()
    };
    assert_eq!(days(&page(&admin(), &with(Some(Kind::Call), "")).await), [5, 7, 9]);
    assert_eq!(days(&page(&admin(), &with(Some(Kind::Email), "")).await), [4, 6, 8]);
    assert_eq!(days(&page(&admin(), &with(None, "mara stone")).await), [5, 7, 9]);
    assert_eq!(days(&page(&admin(), &with(None, "Mara@acme.example")).await), [4, 5, 6, 7, 8, 9]);
    assert!(page(&admin(), &with(None, "nobody")).await.is_empty());
    let Entry::Email { snippet: Some(snippet), incoming, sender, .. } = &all[0] else { panic!("{:?}", all[0]) };
    assert_eq!((snippet.chars().count(), *incoming, &**sender), (500, false, "dana@us.example"));
    assert!(snippet.starts_with("card [CARD]. card [CARD].") && !snippet.contains("4111"), "{snippet}");
    let Entry::Call { people, how, .. } = &all[1] else { panic!("{:?}", all[1]) };
    assert_eq!((people.len(), people[1].internal, *how), (2, Some(false), How::Inferred));
    // Of a deal that one sees, one sees the calls that are one's to see.
    let rep = actor(dana, Role::Rep);
    assert_eq!(days(&page(&rep, &Filter { limit: 20, ..Filter::default() }).await), [4, 5, 6, 7, 8, 9]);
    world.run("UPDATE calls SET rep_id = NULL").await;
    assert_eq!(days(&page(&rep, &Filter { limit: 20, ..Filter::default() }).await), [4, 6, 8]);
    let other = actor(Uuid::from_u128(77), Role::Rep);
    assert!(matches!(get(&world.db, &other, id).await, Err(DealError::Unknown(_))));
    assert!(say(&world.deals, &other, Uuid::nil(), id, Saying::Belongs).await.is_err());
}

async fn lists_are_filtered_ordered_and_walked_without_a_gap(db: TestDb) {
    let world = World::new(db);
    let dana = world.user("Dana Whitlock", "dana@us.example").await;
    let all: Vec<Value> = (0..25)
        .map(|n| {
            let (stage, product) = (["Demo", "Offer", "Closed Won"][n % 3], ["Docks", "Yard"][n % 2]);
            let owner = ["dana@us.example", "ravi@us.example"][n % 2];
            let more = json!({ "amount": 100 * (n % 5), "stage": stage, "product": product, "owner": owner,
                "close_date": format!("2026-10-{:02}", 1 + n % 7) });
            deal(&format!("D-{n}"), &format!("Firm {n:02} Ärzte"), &format!("firm{n}.example"), &more)
        })
        .collect();
    assert_eq!(world.bring(What::Opportunities, &json!(all)).await.unwrap(), Brought { rows: 25, new: 25 });
    assert_eq!(world.bring(What::Opportunities, &json!(all)).await.unwrap(), Brought { rows: 25, new: 0 });
    let list = async |who: &Actor, asked: &Search| -> Vec<String> {
        let mut found = Vec::new();
        let mut asked = Search { limit: 4, ..asked.clone() };
        loop {
            let (page, _) = search(&world.db, who, &asked, false).await.unwrap();
            let Some((deal, key)) = page.last() else { return found };
            asked.after = Some((key.clone(), deal.id));
            found.extend(page.into_iter().map(|(deal, _)| deal.external_id));
        }
    };
    for by in [By::CloseDate, By::Amount, By::Name, By::Health] {
        for descending in [false, true] {
            let found = list(&admin(), &Search { by, descending, ..Search::default() }).await;
            let mut once = found.clone();
            once.sort();
            once.dedup();
            assert_eq!((found.len(), once.len()), (25, 25), "{by:?}");
        }
    }
    let names = list(&admin(), &Search { by: By::Name, ..Search::default() }).await;
    assert_eq!((&*names[0], &*names[24]), ("D-0", "D-24"));
    let amounts = list(&admin(), &Search { by: By::Amount, descending: true, ..Search::default() }).await;
    assert!(["D-4", "D-9", "D-14", "D-19", "D-24"].contains(&&*amounts[0]), "{amounts:?}");
    let count = async |who: &Actor, asked: Search| {
        let asked = Search { limit: 100, ..asked };
        let (page, total) = search(&world.db, who, &asked, true).await.unwrap();
        assert_eq!(total, Some(page.len() as i64));
        page.len()
    };
    assert_eq!(count(&admin(), Search { stage: Some("Offer".into()), ..Search::default() }).await, 8);
    assert_eq!(count(&admin(), Search { status: Some(Status::Won), ..Search::default() }).await, 8);
    assert_eq!(count(&admin(), Search { product: Some("Yard".into()), ..Search::default() }).await, 12);
    assert_eq!(count(&admin(), Search { owner: Some(dana), ..Search::default() }).await, 13);
    assert_eq!(count(&admin(), Search { text: Some("11 ÄRZ".into()), ..Search::default() }).await, 1);
    assert_eq!(count(&admin(), Search { text: Some("%".into()), ..Search::default() }).await, 0);
    let first = chrono::NaiveDate::from_ymd_opt(2026, 10, 1);
    assert_eq!(count(&admin(), Search { close: (None, first), ..Search::default() }).await, 4);
    world.catch_up().await;
    let warned = Search { warning: Some(WarningKind::NoActivity), ..Search::default() };
    assert_eq!(count(&admin(), warned).await, 17, "those that are open");
    // A rep sees their own, and finds only those among what there is to filter by.
    let rep = actor(dana, Role::Rep);
    assert_eq!(count(&rep, Search::default()).await, 13);
    let found = facets(&world.db, &rep).await.unwrap();
    assert_eq!((found.products, found.owners.len()), (vec!["Docks".to_owned()], 1));
    assert_eq!(facets(&world.db, &admin()).await.unwrap().stages, ["Closed Won", "Demo", "Offer"]);
}

async fn a_file_is_taken_in_whole_or_not_at_all(db: TestDb) {
    let world = World::new(db);
    let call = world.call(3, ("Mara Stone", "mara@acme.example", ""), BARE).await;
    let told = |error: DealError| match error {
        DealError::File(rows) => rows,
        error => panic!("{error}"),
    };
    let rows = json!([
        deal("D-1", "Acme", "acme.example", &json!({})),
        deal("D-2", "B", "b.example", &json!({ "amount": "x" }))
    ]);
    let wrong = world.bring(What::Opportunities, &rows).await.unwrap_err();
    assert_eq!(told(wrong), ["item 2: amount: “x” is no amount such as 12500.00"]);
    let nothing = "the file has no rows, so that there is nothing to take in";
    for what in [What::Opportunities, What::Emails, What::Links] {
        assert_eq!(told(world.bring(what, &json!([])).await.unwrap_err()), [nothing]);
    }
    let head = bring(&world.deals, "test", What::Opportunities, FileKind::Csv, b"id,name,stage\n").await;
    assert_eq!(told(head.unwrap_err()), [nothing], "a head alone is no row");
    assert_eq!(search(&world.db, &admin(), &Search { limit: 5, ..Search::default() }, true).await.unwrap().1, Some(0));
    world.bring(What::Opportunities, &json!([deal("D-1", "Acme", "acme.example", &json!({}))])).await.unwrap();
    let mut lost = mail("M-2", 2, "mara@acme.example", "Hello");
    lost["opportunity_id"] = json!("D-9");
    let wrong =
        world.bring(What::Emails, &json!([mail("M-1", 2, "mara@acme.example", "Hello"), lost])).await.unwrap_err();
    assert_eq!(told(wrong), ["item 2: opportunity_id: there is no opportunity “D-9”; bring it first"]);
    world.catch_up().await;
    assert_eq!(world.get("D-1").await.opportunity.emails, 0, "the first of them neither");
    // Without an opportunity it goes where its addresses lead.
    let mut found = mail("M-3", 2, "mara@acme.example", "Hello");
    found.as_object_mut().unwrap().remove("opportunity_id");
    let mut nobodys = found.clone();
    nobodys["sender"] = json!("x@nobody.example");
    nobodys["recipients"] = json!([]);
    assert!(
        told(world.bring(What::Emails, &json!([nobodys])).await.unwrap_err())[0]
            .contains("it belongs to no opportunity")
    );
    assert_eq!(world.bring(What::Emails, &json!([found])).await.unwrap().new, 1);
    assert_eq!(world.bring(What::Emails, &json!([found])).await.unwrap(), Brought { rows: 1, new: 0 });
    let link = |call: &str, deal: &str| json!([{ "call_id": call, "opportunity_id": deal }]);
    let wrong = world.bring(What::Links, &link("C-1", "D-1")).await.unwrap_err();
    assert_eq!(told(wrong), ["item 1: call_id: there is no call “C-1”"]);
    assert_eq!(world.bring(What::Links, &link(&call.to_string(), "D-1")).await.unwrap().new, 1);
    world.catch_up().await;
    assert_eq!(of_call(&world.db, &admin(), call).await.unwrap()[0].how, How::File);
    let opportunity = world.get("D-1").await.opportunity;
    assert_eq!((opportunity.calls, opportunity.emails), (1, 1));
}

async fn what_a_file_says_of_a_call_is_not_guessed_beside(db: TestDb) {
    let world = World::new(db);
    let call = world.call(3, ("Mara Stone", "mara@acme.example", ""), BARE).await;
    let two = json!([deal("D-1", "Acme", "acme.example", &json!({})), deal("D-2", "More", "acme.example", &json!({}))]);
    world.bring(What::Opportunities, &two).await.unwrap();
    world.catch_up().await;
    let of = async || {
        let found = of_call(&world.db, &admin(), call).await.unwrap();
        let mut told: Vec<_> = found.into_iter().map(|deal| (deal.opportunity.external_id, deal.how)).collect();
        told.sort_by(|a, b| a.0.cmp(&b.0));
        told
    };
    let inferred = |id: &str| (id.to_owned(), How::Inferred);
    assert_eq!(of().await, [inferred("D-1"), inferred("D-2")]);
    let links = json!([{ "call_id": call, "opportunity_id": "D-2" }]);
    assert_eq!(world.bring(What::Links, &links).await.unwrap().new, 1);
    world.catch_up().await;
    assert_eq!(of().await, [("D-2".to_owned(), How::File)]);
    assert_eq!(world.get("D-1").await.opportunity.calls, 0);
    // Also when all is looked at again.
    let again = deal("D-1", "Acme", "acme.example", &json!({ "stage": "Offer" }));
    world.bring(What::Opportunities, &json!([again])).await.unwrap();
    world.catch_up().await;
    assert_eq!(of().await, [("D-2".to_owned(), How::File)]);
    // What somebody said holds against a file.
    say(&world.deals, &admin(), call, world.get("D-2").await.opportunity.id, Saying::DoesNot).await.unwrap();
    assert_eq!(world.bring(What::Links, &links).await.unwrap().new, 0);
    world.catch_up().await;
    assert!(of().await.iter().all(|(id, _)| id != "D-2"), "{:?}", of().await);
}

async fn the_calls_of_a_deal_are_coached_as_one(db: TestDb) {
    let world = World::new(db);
    let mara = ("Mara Stone", "mara@acme.example", "Head of Logistics");
    let contact =
        json!({ "id": "D-1", "name": "Acme", "account": "Acme", "account_domain": "acme.example", "stage": "Demo" });
    world.bring(What::Opportunities, &json!([contact])).await.unwrap();
    let first = world.call(40, mara, GOOD).await;
    world.call(38, mara, &format!("{BARE}\nC: We close early.")).await;
    world.call(4, mara, &format!("{BARE}\nC: It is late.")).await;
    let mut other = mail("M-1", 39, "ana@acme.example", "Hello");
    other["recipients"] = json!(["dana@us.example"]);
    world.bring(What::Emails, &json!([other])).await.unwrap();
    world.catch_up().await;
    let found = coaching(&world.deals, &admin(), world.deal("D-1").await).await.unwrap();
    assert_eq!(found.calls, 3);
    let themes: Vec<_> = found.themes.iter().map(|theme| (&*theme.check, theme.met, theme.unmet)).collect();
    assert_eq!(themes.len(), 5);
    assert!(themes.contains(&("decision_process", 0, 3)), "nobody asked in any of the three: {themes:?}");
    assert_eq!((found.next_steps.len(), found.next_steps[0].outcome), (1, NextStepOutcome::Kept));
    assert_eq!(found.next_steps[0].moment.call_id, first);
    assert!(GOOD.contains(&found.next_steps[0].moment.quote), "{:?}", found.next_steps[0].moment);
    assert_eq!((found.met.len(), &*found.met[0].name, found.met[0].calls), (1, "Mara Stone", 3));
    assert_eq!((found.missing.len(), found.missing[0].email.as_deref()), (1, Some("ana@acme.example")));
    assert!(!found.trend.is_empty());
    let told = |topic| found.points.iter().filter(move |point| point.topic == topic).count();
    assert_eq!((told(DealTopic::Theme), told(DealTopic::NextSteps), told(DealTopic::People)), (5, 1, 1));
    // Whoever sees the deal and not its calls is told nothing of them.
    let owner = world.user("Lena Marsh", "lena@us.example").await;
    let mut handed = contact.clone();
    handed["owner"] = json!("lena@us.example");
    world.bring(What::Opportunities, &json!([handed])).await.unwrap();
    let found = coaching(&world.deals, &actor(owner, Role::Rep), world.deal("D-1").await).await.unwrap();
    assert_eq!((found.calls, found.themes.len(), found.next_steps.len()), (0, 0, 0));
}

db::on_both!(
    the_calls_of_a_deal_are_coached_as_one,
    a_call_finds_its_deal_whichever_comes_first,
    health_and_warnings_follow_calls_mails_rules_and_time,
    a_timeline_is_one_order_of_calls_and_mails_that_one_may_see,
    lists_are_filtered_ordered_and_walked_without_a_gap,
    a_file_is_taken_in_whole_or_not_at_all,
    what_a_file_says_of_a_call_is_not_guessed_beside,
);
