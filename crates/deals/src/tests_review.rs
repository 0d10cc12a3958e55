//! Stories of weekly reviews, on both databases.

use crate::tests::{World, actor, admin};
use crate::*;
use calls::{Imported, NewCall};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use db::testing::TestDb;
use db::{on_db, on_tx};
use kernel::{Actor, Role};
use queue::{Schedule, Worker};
use serde_json::{Value, json};
use uuid::Uuid;

const DANA: (&str, &str) = ("Dana Whitlock", "dana@us.example");
const RAVI: (&str, &str) = ("Ravi Moss", "ravi@us.example");

fn monday() -> NaiveDate {
    "2026-09-07".parse().unwrap()
}

/// A call of a rep, as many days ago, in which little or much is asked.
async fn call(world: &World, rep: (&str, &str), days: i64, n: i64, is_good: bool) -> Uuid {
    let asked = if is_good {
        [
            "What does a late order cost you?",
            "Who else decides about that?",
            "I will send the plan, and we meet on Tuesday at ten. Does that work?",
        ]
    } else {
        [
            "Here is our list of features.",
            "It guarantees you a hundred percent return, I promise.",
            "Well, that is all.",
        ]
    };
    let mut segments = Vec::new();
    for (place, line) in asked.iter().enumerate() {
        let start = place as u64 * 20_000;
        segments.push(json!({ "speaker": rep.0, "start_ms": start, "end_ms": start + 9_000, "text": line }));
        let answer = format!("We lose {} hours a week on dock {place}.", n + 2);
        segments.push(
            json!({ "speaker": "Mara Stone", "start_ms": start + 10_000, "end_ms": start + 19_000, "text": answer }),
        );
    }
    let text = json!({ "title": format!("Call {n} of {}", rep.0), "started_at": World::days_ago(days), "segments": segments,
        "participants": [{ "name": rep.0, "side": "internal", "email": rep.1 }, { "name": "Mara Stone", "side": "external" }] });
    let new = NewCall { who: "importer".into(), ..NewCall::named("call.json") };
    let clock = &world.deals.clock;
    match calls::import(&world.db, &world.blobs, clock, text.to_string().into_bytes(), &[], &new).await.unwrap() {
        Imported::New { id, .. } => id,
        Imported::Known { .. } => panic!("it is new"),
    }
}

async fn team(world: &World, name: &str, members: &[Uuid]) -> Uuid {
    let (mut tx, clock) = (world.db.begin().await.unwrap(), &world.deals.clock);
    let team = accounts::make_team(&mut tx, clock, name).await.unwrap();
    for member in members {
        accounts::add_member(&mut tx, clock, team, *member).await.unwrap();
    }
    tx.commit().await.unwrap();
    team
}

async fn run(world: &World, sql: &'static str, id: Uuid) {
    let mut tx = world.db.begin().await.unwrap();
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(id).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
}

fn deal(id: &str, owner: &str, more: &Value) -> Value {
    let mut deal = json!({ "id": id, "name": format!("Deal {id}"), "owner": owner, "stage": "Demo", "opened_at": World::days_ago(60),
        "close_date": "2026-10-30", "amount": 1000, "currency": "USD" });
    deal.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    deal
}

struct Scene {
    world: World,
    /// Dana's of the week.
    calls: Vec<Uuid>,
    dana: Uuid,
    ravi: Uuid,
    ines: Actor,
    north: Uuid,
}

/// Dana of team North, led by Ines, had six calls in the week and five better ones before; Ravi of South had two.
async fn scene(db: TestDb) -> Scene {
    let world = World::new(db);
    let (dana, ravi) = (world.user(DANA.0, DANA.1).await, world.user(RAVI.0, RAVI.1).await);
    let ines = world.user("Ines Hall", "ines@us.example").await;
    let north = team(&world, "North", &[dana, ines]).await;
    team(&world, "South", &[ravi]).await;
    let mut calls = Vec::new();
    for n in 0..6 {
        calls.push(call(&world, DANA, 3 + n, n, false).await);
    }
    for n in 10..15 {
        call(&world, DANA, n, n, true).await;
    }
    for n in 20..22 {
        call(&world, RAVI, 4, n, true).await;
    }
    let deals = json!([
        deal("won", DANA.1, &json!({ "stage": "Closed Won", "closed_at": "2026-09-07", "amount": 500 })),
        deal(
            "won large",
            DANA.1,
            &json!({ "stage": "Closed Won", "closed_at": "2026-09-13T20:00:00Z", "amount": 9000 })
        ),
        deal("won later", DANA.1, &json!({ "stage": "Closed Won", "closed_at": "2026-09-14" })),
        deal("won before", DANA.1, &json!({ "stage": "Closed Won", "closed_at": "2026-09-06T23:00:00Z" })),
        deal("lost", RAVI.1, &json!({ "stage": "Closed Lost", "closed_at": "2026-09-10T09:00:00Z" })),
        deal("new", DANA.1, &json!({ "opened_at": "2026-09-08" })),
        deal("quiet", RAVI.1, &json!({ "amount": 70 })),
    ]);
    world.bring(What::Opportunities, &deals).await.unwrap();
    world.catch_up().await;
    Scene { world, calls, dana, ravi, ines: actor(ines, Role::Manager), north }
}

async fn head(world: &World, who: &Actor) -> Vec<(Option<String>, Uuid)> {
    let all = Reviews { limit: 50, total: true, ..Reviews::default() };
    let (found, total) = reviews(&world.db, who, &all).await.unwrap();
    assert_eq!(total, Some(found.len() as i64));
    found.into_iter().map(|head| (head.team.map(|team| team.name), head.id)).collect()
}

fn names(list: &ReviewDealList) -> Vec<&str> {
    list.items.iter().map(|deal| deal.name.trim_start_matches("Deal ")).collect()
}

async fn a_review_tells_the_week_and_is_written_once(db: TestDb) {
    let Scene { world, calls, dana, .. } = scene(db).await;
    assert_eq!(last_week(&world.deals), monday());
    assert_eq!(write_reviews(&world.deals, monday()).await.unwrap(), 3, "everybody's, and that of two teams");
    let listed = head(&world, &admin()).await;
    assert_eq!(write_reviews(&world.deals, monday()).await.unwrap(), 0);
    assert_eq!(head(&world, &admin()).await, listed, "the same rows");
    let all = listed.iter().find(|(team, _)| team.is_none()).unwrap().1;
    let found = review(&world.db, &admin(), all).await.unwrap();
    assert_eq!((found.calls.count, found.calls.before, found.calls.judged, found.calls.withheld), (8, 5, 8, 0));
    assert_eq!((found.week.to_string(), found.until.to_string()), ("2026-09-07".into(), "2026-09-13".into()));
    // The figures are those of the calls.
    let sql = "SELECT overall_score FROM calls WHERE week = '2026-09-07'";
    let scores: Vec<f64> = on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap());
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    let overall = &found.metrics.overall;
    assert_eq!((overall.now.n, overall.before.n), (8, 5));
    assert!((overall.now.mean.unwrap() - mean).abs() < 1e-3, "{overall:?} {mean}");
    assert!(overall.change.unwrap() < 0.0);
    assert!(
        found.metrics.dimensions.iter().any(|dimension| dimension.id == "discovery" && dimension.name == "Discovery")
    );
    // Of each rep: no number below five calls.
    let [first, none, second] = &found.reps[..] else { panic!("{:?}", found.reps) };
    assert_eq!((&*first.rep.name, first.calls, first.before), (DANA.0, 6, 5));
    assert_eq!((&*none.rep.name, none.calls, none.moments.len()), ("Ines Hall", 0, 0));
    assert_eq!((&*second.rep.name, second.calls, second.overall.now.mean), (RAVI.0, 2, None));
    assert_eq!(second.overall.now.note.as_deref(), Some("not enough data: 2 calls, 5 are needed"));
    // What changed most is Dana's, since nobody else has calls enough.
    assert!(!found.movers.is_empty() && found.movers.len() <= 6);
    assert!(found.movers.iter().all(|mover| mover.rep.id == dana && mover.score.change.unwrap().abs() >= 5.0));
    // Deals by their day: that of a source that knows days only is that day.
    assert_eq!(names(&found.deals.won), ["won large", "won"]);
    assert_eq!((found.deals.won.amounts[0].cents, names(&found.deals.lost)), (950_000, vec!["lost"]));
    assert_eq!((found.deals.new.count, names(&found.deals.new)), (1, vec!["new"]));
    assert_eq!((found.deals.at_risk.count, names(&found.deals.at_risk)), (1, vec!["quiet"]));
    assert!(found.deals.at_risk.items.iter().all(|deal| !deal.warnings.is_empty()), "{:?}", found.deals.at_risk);
    // Three moments, each of another call, with words that stand there.
    assert_eq!(first.moments.len(), 3);
    let mut of: Vec<Uuid> = first.moments.iter().map(|moment| moment.call_id).collect();
    of.dedup();
    assert_eq!(of.len(), 3);
    for moment in &first.moments {
        assert!(calls.contains(&moment.call_id) && moment.start_ms.is_some() && !moment.quote.is_empty());
        let sql = "SELECT text FROM segments WHERE call_id = $1 AND id = $2";
        let text: String = on_db!(&*world.db, pool => sqlx::query_scalar(sql)
            .bind(moment.call_id).bind(moment.segment_id as i32).fetch_one(pool).await.unwrap());
        let words: String = text.chars().skip(moment.offset).take(moment.length).collect();
        assert_eq!(words, moment.quote);
    }
}

async fn a_review_is_for_admins_and_the_managers_of_its_team(db: TestDb) {
    let Scene { world, dana, ravi, ines, north, .. } = scene(db).await;
    write_reviews(&world.deals, monday()).await.unwrap();
    let listed = head(&world, &admin()).await;
    assert_eq!(listed.len(), 3);
    let theirs = head(&world, &ines).await;
    assert_eq!((theirs.len(), theirs[0].0.as_deref()), (1, Some("North")));
    for (team, id) in &listed {
        let found = review(&world.db, &ines, *id).await;
        assert_eq!(found.is_ok(), team.as_deref() == Some("North"), "{team:?}");
    }
    for role in [Role::Rep, Role::Coach] {
        assert!(head(&world, &actor(dana, role)).await.is_empty());
        assert!(matches!(review(&world.db, &actor(dana, role), theirs[0].1).await, Err(DealError::Unknown(_))));
    }
    let own = review(&world.db, &ines, theirs[0].1).await.unwrap();
    assert_eq!((own.calls.count, own.deals.won.count, own.deals.lost.count), (6, 2, 0));
    assert!(!serde_json::to_string(&own).unwrap().contains("Ravi"), "nothing of another team");
    // A rep who leaves takes along what is theirs; a manager does not see it any more, an admin does.
    run(&world, "DELETE FROM memberships WHERE user_id = $1", dana).await;
    let own = review(&world.db, &ines, theirs[0].1).await.unwrap();
    assert!(!serde_json::to_string(&own).unwrap().contains("Dana"), "{own:?}");
    assert!(!review(&world.db, &admin(), theirs[0].1).await.unwrap().reps.is_empty());
    // Who may have one written.
    let wish = |team| Review { team, week: monday(), replace: true };
    assert!(matches!(
        write_review(&world.deals, &ines, &ines.trail(), wish(None)).await,
        Err(DealError::Field("team_id", _))
    ));
    let south = listed.iter().find(|(team, _)| team.as_deref() == Some("South")).unwrap().1;
    let south = review(&world.db, &admin(), south).await.unwrap().team.unwrap().id;
    assert!(matches!(
        write_review(&world.deals, &ines, &ines.trail(), wish(Some(south))).await,
        Err(DealError::Unknown("team"))
    ));
    assert_eq!(write_review(&world.deals, &ines, &ines.trail(), wish(Some(north))).await.unwrap(), theirs[0].1);
    let sql = "SELECT count(*) FROM audit_events WHERE action = 'review.write' AND actor = $1";
    let audited: i64 =
        on_db!(&*world.db, pool => sqlx::query_scalar(sql).bind(ines.trail()).fetch_one(pool).await.unwrap());
    assert_eq!(audited, 1);
    let early = Review { team: None, week: "2026-09-20".parse().unwrap(), replace: false };
    assert_eq!(
        write_review(&world.deals, &admin(), "test", early).await.unwrap_err().to_string(),
        "week: that week is not over yet"
    );
    assert!(!head(&world, &actor(ravi, Role::Manager)).await.is_empty(), "a manager of South has that of South");
}

async fn a_review_is_replaced_when_asked_and_forgets_calls_that_are_gone_or_withheld(db: TestDb) {
    let Scene { world, dana, .. } = scene(db).await;
    let wish = |replace| Review { team: None, week: monday(), replace };
    let id = write_review(&world.deals, &admin(), "test", wish(false)).await.unwrap();
    call(&world, DANA, 5, 40, false).await;
    world.catch_up().await;
    assert_eq!(write_review(&world.deals, &admin(), "test", wish(false)).await.unwrap(), id);
    let moments = async || {
        let found = review(&world.db, &admin(), id).await.unwrap();
        let of_dana = found.reps.into_iter().find(|rep| rep.rep.id == dana).unwrap().moments;
        (found.calls, of_dana.into_iter().map(|moment| moment.call_id).collect::<Vec<_>>())
    };
    let (counted, shown) = moments().await;
    assert_eq!((counted.count, shown.len()), (8, 3), "it stays as it was");
    world.deals.clock.advance(TimeDelta::hours(1));
    assert_eq!(write_review(&world.deals, &admin(), "test", wish(true)).await.unwrap(), id);
    let (counted, shown) = moments().await;
    assert_eq!((counted.count, shown.len()), (9, 3));
    // A call that is deleted takes its words along, out of the table as well.
    let gone = shown[0];
    coaching::delete(&world.db, &world.blobs, &world.deals.clock, gone, "test").await.unwrap().1.unwrap();
    let (_, left) = moments().await;
    assert_eq!(left, shown[1..]);
    let sql = "SELECT CAST(document AS TEXT) FROM weekly_reviews";
    let kept: String = on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap());
    assert!(!kept.contains(&gone.to_string()) && !kept.contains("guarantees"), "{kept}");
    let sql = "SELECT count(*) FROM review_moments WHERE call_id = $1";
    let rows: i64 = on_db!(&*world.db, pool => sqlx::query_scalar(sql).bind(gone).fetch_one(pool).await.unwrap());
    assert_eq!(rows, 0);
    // One that is withheld since shows nothing, and neither does it in a review that is written then.
    let withheld = shown[1];
    run(&world, "UPDATE calls SET withheld = TRUE WHERE id = $1", withheld).await;
    assert_eq!(moments().await.1, shown[2..]);
    write_review(&world.deals, &admin(), "test", wish(true)).await.unwrap();
    let (counted, shown) = moments().await;
    assert_eq!((counted.count, counted.withheld, shown.len()), (8, 1, 3));
    assert!(!shown.contains(&withheld));
}

async fn reviews_come_on_monday_at_six_by_the_clocks_of_their_place(db: TestDb) {
    let Scene { world, .. } = scene(db).await;
    let clock = &world.deals.clock;
    let schedules = schedules(("0 6 * * 1", "America/Los_Angeles"), "UTC");
    let weekly: Vec<Schedule> = schedules.into_iter().filter(|schedule| schedule.kind == REVIEW).collect();
    queue::set_schedule(&world.db, clock, &weekly[0]).await.unwrap();
    let worker = Worker::new((*world.db).clone(), clock.clone(), "test", handlers(&world.deals, &world.intake()));
    let to = |at: &str| clock.advance(at.parse::<DateTime<Utc>>().unwrap() - clock.now());
    // Summer time there ends on November 1.
    for (friday, early, due, week) in [
        ("2026-09-18T12:00:00Z", "2026-09-21T12:59:59Z", "2026-09-21T13:00:00Z", "2026-09-14"),
        ("2026-10-30T12:00:00Z", "2026-11-02T13:59:59Z", "2026-11-02T14:00:00Z", "2026-10-26"),
    ] {
        to(friday);
        // Those of the Mondays before are one job, however many they were.
        queue::tick(&world.db, clock).await.unwrap();
        worker.drain().await.unwrap();
        to(early);
        let before = head(&world, &admin()).await.len();
        assert_eq!(queue::tick(&world.db, clock).await.unwrap(), 0);
        to(due);
        assert_eq!(queue::tick(&world.db, clock).await.unwrap(), 1);
        worker.drain().await.unwrap();
        let found = head(&world, &admin()).await;
        assert_eq!(found.len(), before + 3);
        let latest = review(&world.db, &admin(), found[0].1).await.unwrap();
        assert_eq!(latest.week.to_string(), week);
    }
}

db::on_both!(
    a_review_tells_the_week_and_is_written_once,
    a_review_is_for_admins_and_the_managers_of_its_team,
    a_review_is_replaced_when_asked_and_forgets_calls_that_are_gone_or_withheld,
    reviews_come_on_monday_at_six_by_the_clocks_of_their_place,
);
