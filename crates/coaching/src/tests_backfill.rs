//! Stories of backfills: many calls judged in batches, on both databases, with a simulator of the service on a real socket.

use crate::model::{Rounds, backfill_step};
use crate::tests::World;
use crate::tests_model::{CALL, MODEL, by, latest, model_at, patient, questions, service, set, world};
use crate::*;
use calls::Status;
use chrono::TimeDelta;
use db::testing::TestDb;
use db::{on_db, on_tx, sqlx};
use llm::Provider;
use serde_json::{Value, json};
use sim::{Anthropic, Fault, Judge, ModelFault};
use uuid::Uuid;

const OTHERS: [(&str, &str); 3] = [("ninety", "eighty"), ("ninety", "seventy"), ("six hours", "nine hours")];

async fn some_calls(world: &World) -> Vec<Uuid> {
    let mut calls = Vec::new();
    for (word, other) in OTHERS {
        calls.push(world.new_call(&CALL.replace(word, other)).await);
    }
    world.work().await;
    calls
}

/// Calls that the offline analyst has judged, and then a model comes.
async fn before_the_model(world: &mut World, analyst: Analyst) -> Vec<Uuid> {
    let calls = some_calls(world).await;
    world.analyst = analyst;
    calls
}

async fn begin(world: &World) -> Result<Backfill, CoachingError> {
    let wish = BackfillWish { usual: "default", ..BackfillWish::default() };
    begin_backfill(&world.db, &world.clock, &world.analyst, wish, "test").await
}

/// Lets time pass until a backfill is over, and all that came of it is done.
async fn to_the_end(world: &World, id: Uuid) -> Backfill {
    for _ in 0..60 {
        world.work().await;
        let found = backfill(&world.db, id).await.unwrap();
        if found.finished_at.is_some() {
            world.work().await;
            return found;
        }
        world.clock.advance(TimeDelta::minutes(5));
    }
    let job = queue::latest(&world.db, &backfill_job_key(id)).await.unwrap();
    panic!("it has no end: {:?} {job:?}", backfill(&world.db, id).await);
}

/// The bodies of the batches that were sent.
fn batches(sim: &Anthropic) -> Vec<Value> {
    let made = |asked: &&sim::Asked| asked.uri.path() == "/v1/messages/batches" && asked.method == "POST";
    sim.asked().iter().filter(made).map(|asked| serde_json::from_slice(&asked.body).unwrap()).collect()
}

fn names(batch: &Value) -> Vec<String> {
    let requests = batch["requests"].as_array().unwrap();
    requests.iter().map(|request| request["custom_id"].as_str().unwrap().to_owned()).collect()
}

async fn total(world: &World, what: &str) -> i64 {
    let sql = format!("SELECT CAST(coalesce(sum({what}), 0) AS BIGINT) FROM model_runs");
    on_db!(&*world.db, pool => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.unwrap())
}

async fn many_calls_are_judged_in_batches_at_half_the_price(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, Analyst::default());
    let calls = before_the_model(&mut world, by(&sim)).await;
    let begun = begin(&world).await.unwrap();
    assert_eq!((begun.state, begun.calls, begun.waiting), (BackfillState::Open, 3, 3));
    assert!(matches!(begin(&world).await, Err(CoachingError::Conflict(why)) if why.contains("another backfill")));
    let over = to_the_end(&world, begun.id).await;
    assert_eq!((over.state, over.waiting, over.why), (BackfillState::Done, 0, None));
    // First the verdicts of all calls, then what they advise.
    let sent = batches(&sim);
    assert_eq!(sent.len() as i64, over.batches);
    assert_eq!(names(&sent[0]).len(), 3 * 4);
    assert!(sent[1..].iter().all(|batch| names(batch).len() <= 3), "{:?}", sent.len());
    assert_eq!(questions(&sim), 0, "nothing was asked outside of a batch");
    assert_eq!((over.answered, over.failed), (over.questions, 0));
    for call in &calls {
        let found = latest(&world.db, *call).await;
        let used = found.head.model.unwrap();
        assert_eq!((found.head.analyst.as_str(), used.failure, used.requests), (MODEL, None, 0));
        assert!(used.advice_checked && used.cached >= 4);
        let sql = "SELECT CAST(sum(cost_micros) AS BIGINT) FROM model_runs WHERE call_id = $1 AND outcome = 'batched'";
        let paid: i64 = on_db!(&*world.db, pool => sqlx::query_scalar(sql).bind(*call).fetch_one(pool).await.unwrap());
        assert_eq!((used.cost_micros, found.call_cost_micros), (Some(0), Some(paid)), "the batch was paid");
        assert!(paid > 0);
    }
    // Half of what the tokens cost: 2, 2.5, 0.1 and 10 millionths of a dollar.
    let tokens = [
        (total(&world, "input_tokens").await, 2.0),
        (total(&world, "cache_write_tokens").await, 2.5),
        (total(&world, "cache_read_tokens").await, 0.1),
        (total(&world, "output_tokens").await, 10.0),
    ];
    let half = tokens.iter().map(|(tokens, price)| *tokens as f64 * price).sum::<f64>() / 2.0;
    let cost = over.cost_micros.unwrap() as f64;
    assert!(cost >= half && cost < half + over.questions as f64, "each answer is rounded up: {cost} of {half}");
    assert_eq!(total(&world, "cost_micros").await, over.cost_micros.unwrap());
    // Nothing of the words is left at the service or in the tables of questions, and another one finds all done.
    assert_eq!((world.count("backfill_questions").await, world.count("backfill_calls").await), (0, 0));
    let model = world.analyst.model().unwrap();
    assert!(model.client.batches().await.unwrap().is_empty());
    let again = begin(&world).await.unwrap();
    let over = to_the_end(&world, again.id).await;
    assert_eq!((over.state, over.questions, batches(&sim).len()), (BackfillState::Done, 0, sent.len()));
    let current = calls::list(&world.db, &calls::Filter { limit: 9, ..calls::Filter::default() }).await.unwrap();
    assert!(current.iter().all(|call| call.status == Status::Analysed && call.overall_score.is_some()));
}

async fn a_crash_sends_no_batch_twice_and_forgets_none(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, Analyst::default());
    before_the_model(&mut world, by(&sim)).await;
    sim.time().set(world.clock.now());
    let id = begin(&world).await.unwrap().id;
    world.work().await;
    assert_eq!(batches(&sim).len(), 1);
    // As if it had ended after the service made the batch, and before we knew of it.
    let mut tx = world.db.begin().await.unwrap();
    for sql in ["UPDATE backfills SET batch_id = NULL, batches = 0, questions = 0", "DELETE FROM backfill_batches"] {
        on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.unwrap().rows_affected());
    }
    tx.commit().await.unwrap();
    let over = to_the_end(&world, id).await;
    let sent = batches(&sim);
    assert_eq!((over.state, over.batches as usize), (BackfillState::Done, sent.len()));
    let firsts = sent.iter().filter(|batch| names(batch) == names(&sent[0])).count();
    assert_eq!((firsts, over.answered), (1, over.questions));

    // As if it had ended before anything was sent; and what lies there is somebody else's.
    let part = |text: &str| llm::Part::new(text);
    let request = llm::Request {
        model: MODEL.to_owned(),
        system: Vec::new(),
        messages: vec![llm::Message::user(vec![part("Who is there?")])],
        schema: None,
        max_tokens: 64,
    };
    let strangers: Vec<_> =
        (0..12).map(|n| llm::Question { custom_id: format!("q{n}"), request: request.clone() }).collect();
    sim.time().set(world.clock.now());
    world.analyst.model().unwrap().client.batch_create(&strangers).await.unwrap();
    let mut other = world;
    other.analyst = Analyst::with(model_at(&sim.url(), Provider::Anthropic, "claude-haiku-4-5"));
    let before = batches(&sim).len();
    sim.faults().pass(1); // Which model it is.
    sim.faults().next(1, &Fault::Reset);
    let id = begin(&other).await.unwrap().id;
    other.work().await;
    let waits = backfill(&other.db, id).await.unwrap();
    assert!(waits.sending_at.is_some() && waits.why.unwrap().contains("tried again"));
    let over = to_the_end(&other, id).await;
    assert_eq!(over.state, BackfillState::Done, "{:?}", over.why);
    assert!(batches(&sim).len() > before);
    let left = other.analyst.model().unwrap().client.batches().await.unwrap();
    assert_eq!(left.len(), 1, "the stranger's is still there");
}

async fn what_a_batch_does_not_answer_is_asked_when_the_call_is_judged(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, Analyst::default());
    let calls = before_the_model(&mut world, by(&sim)).await;
    // The questions have the same names each time.
    let first = begin(&world).await.unwrap().id;
    world.work().await;
    let named = names(&batches(&sim)[0]);
    cancel_backfill(&world.db, &world.clock, first, "test").await.unwrap();
    let over = to_the_end(&world, first).await;
    assert_eq!((over.state, over.answered), (BackfillState::Cancelled, 0));
    assert!(matches!(cancel_backfill(&world.db, &world.clock, first, "test").await, Err(CoachingError::Conflict(_))));
    for call in &calls {
        assert_eq!(latest(&world.db, *call).await.head.analyst, "offline", "what was cancelled judged nothing");
    }
    let second = begin(&world).await.unwrap().id;
    sim.faults().next(1, &ModelFault::Errored(named[0].clone()).into());
    // The second batch of all meets it, not what asks for the model.
    let over = to_the_end(&world, second).await;
    assert_eq!((over.state, over.failed), (BackfillState::Done, 1), "{over:?}");
    assert_eq!(questions(&sim), 1 + calls_with_direct_advice(&sim), "what failed");
    for call in &calls {
        let found = latest(&world.db, *call).await;
        assert_eq!(found.head.analyst, MODEL);
        assert!(found.dimensions.iter().all(|d| d.model.as_ref().unwrap().failure.is_none()));
    }
}

/// Advice is asked for alone where the verdicts were not whole before.
fn calls_with_direct_advice(sim: &Anthropic) -> usize {
    let direct = sim.asked().into_iter().filter(|asked| asked.uri.path() == "/v1/messages");
    direct.filter(|asked| String::from_utf8_lossy(&asked.body).contains("\\\"advice\\\":[{\\\"advice\\\"")).count()
}

async fn what_is_not_answered_in_time_is_asked_anew(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, Analyst::default());
    before_the_model(&mut world, by(&sim)).await;
    let first = begin(&world).await.unwrap().id;
    world.work().await;
    let named = names(&batches(&sim)[0]);
    cancel_backfill(&world.db, &world.clock, first, "test").await.unwrap();
    to_the_end(&world, first).await;
    let second = begin(&world).await.unwrap().id;
    sim.faults().next(1, &ModelFault::Expired(named[3].clone()).into());
    let over = to_the_end(&world, second).await;
    assert_eq!((over.state, over.failed, questions(&sim)), (BackfillState::Done, 0, 0), "{over:?}");
    let asked = batches(&sim).iter().skip(1).filter(|batch| names(batch).contains(&named[3])).count();
    assert_eq!(asked, 2);
}

async fn answers_are_kept_once_however_often_they_are_read(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, Analyst::default());
    for n in 0..9 {
        world.new_call(&CALL.replace("ninety", &format!("{n}0"))).await;
    }
    world.work().await;
    world.analyst = patient(&sim);
    let id = begin(&world).await.unwrap().id;
    world.work().await;
    // When it is answered its results break off in the midst, again and again.
    let client = &world.analyst.model().unwrap().client;
    let made = client.batches().await.unwrap().remove(0);
    while client.batch(&made.id).await.unwrap().processing_status != llm::BatchStatus::Ended {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    world.clock.advance(TimeDelta::minutes(5));
    let booked = async || {
        let sql = "SELECT count(*) FROM model_runs WHERE outcome = 'batched'";
        on_db!(&*world.db, pool => sqlx::query_scalar::<_, i64>(sql).fetch_one(pool).await.unwrap())
    };
    for _ in 0..3 {
        sim.faults().pass(1);
        sim.faults().next(1, &Fault::Cut);
        world.work().await;
        assert!([0, 20].contains(&booked().await), "what came before it broke off is less than is kept together");
        sim.faults().pass(1);
        sim.faults().next(1, &Fault::DropAfter(40_000));
        world.clock.advance(TimeDelta::minutes(5));
        world.work().await;
        assert_eq!(booked().await, 20, "the first twenty are kept, and no time again");
        world.clock.advance(TimeDelta::minutes(5));
    }
    let over = to_the_end(&world, id).await;
    assert_eq!((over.state, over.answered), (BackfillState::Done, over.questions), "{over:?}");
    assert_eq!(booked().await, over.questions);
}

/// As where the lease of one worker ran out while it still reads, and another took the job.
async fn two_who_read_the_same_results_book_them_once(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, Analyst::default());
    before_the_model(&mut world, by(&sim)).await;
    let id = begin(&world).await.unwrap().id;
    world.work().await;
    let client = &world.analyst.model().unwrap().client;
    let made = client.batches().await.unwrap().remove(0);
    while client.batch(&made.id).await.unwrap().processing_status != llm::BatchStatus::Ended {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let rounds = Rounds { db: &world.db, clock: &world.clock, usual: "default", analyst: &world.analyst };
    let (one, other) = tokio::join!(backfill_step(&rounds, id), backfill_step(&rounds, id));
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    let sql = "SELECT count(*) FROM model_runs WHERE outcome = 'batched'";
    let booked: i64 = on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap());
    assert_eq!((booked, backfill(&world.db, id).await.unwrap().answered), (12, 12));
    assert_eq!(to_the_end(&world, id).await.state, BackfillState::Done);
}

async fn budgets_hold_for_batches(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, Analyst::default());
    let calls = before_the_model(&mut world, by(&sim)).await;
    // Less than one call may cost.
    set(&world.db, "model_budget_day", json!(0.001)).await;
    let id = begin(&world).await.unwrap().id;
    let over = to_the_end(&world, id).await;
    assert_eq!((over.state, over.questions, batches(&sim).len()), (BackfillState::Stopped, 0, 0));
    assert!(over.why.as_ref().unwrap().contains("budget"), "{:?}", over.why);
    // Enough for one call at a time, and not for all: what is answered is used all the same.
    let rubric = rubric::builtin().into_iter().find(|r| r.id == "default").unwrap();
    let one = estimate(&world.db, &world.clock, &world.analyst, calls[0], &rubric, true).await.unwrap();
    let most = one.most_in_batch_micros.unwrap();
    assert!(most > one.batch_micros.unwrap() * 2, "{one:?}");
    set(&world.db, "model_budget_day", json!(most as f64 / 1e6)).await;
    let id = begin(&world).await.unwrap().id;
    world.work().await;
    // What a batch may cost is as good as spent while it is answered.
    let live = world.new_call(&CALL.replace("Tuesday", "Friday")).await;
    world.work().await;
    let failure = latest(&world.db, live).await.head.model.unwrap().failure.unwrap();
    assert_eq!((failure.kind.as_str(), questions(&sim)), ("budget_day", 0), "{}", failure.sentence);
    assert!(failure.sentence.contains("a batch"), "{}", failure.sentence);
    let over = to_the_end(&world, id).await;
    assert!(names(&batches(&sim)[0]).len() < 12, "one after the other");
    assert_eq!(over.state, BackfillState::Stopped, "{over:?}");
    assert!(total(&world, "cost_micros").await as u64 <= most + most / 20, "{over:?}");
    let mut judged = 0;
    for call in &calls {
        judged += usize::from(latest(&world.db, *call).await.head.analyst == MODEL);
    }
    assert!((1..3).contains(&judged), "{judged} {over:?}");
}

async fn what_is_up_to_date_is_not_asked_for_again(db: TestDb) {
    let sim = service(Judge::Scripted);
    let world = world(db, by(&sim));
    some_calls(&world).await;
    let asked = questions(&sim);
    // Longer than answers are kept.
    world.clock.advance(TimeDelta::days(40));
    let id = begin(&world).await.unwrap().id;
    let over = to_the_end(&world, id).await;
    assert_eq!((over.state, over.questions, batches(&sim).len()), (BackfillState::Done, 0, 0));
    assert_eq!(questions(&sim), asked);
    let rubric = rubric::builtin().into_iter().find(|r| r.id == "default").unwrap();
    let call = calls::list(&world.db, &calls::Filter { limit: 1, ..calls::Filter::default() }).await.unwrap()[0].id;
    let costs = |anew| estimate(&world.db, &world.clock, &world.analyst, call, &rubric, anew);
    assert_eq!((costs(false).await.unwrap().requests, costs(true).await.unwrap().requests), (0, 5));
}

async fn what_is_paid_for_is_taken_in_whatever_happens_meanwhile(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, Analyst::default());
    before_the_model(&mut world, patient(&sim)).await;
    let id = begin(&world).await.unwrap().id;
    world.work().await;
    // The key is wrong for a while, and the program was started without a model.
    sim.faults().next(1, &Fault::status(401));
    world.clock.advance(TimeDelta::minutes(5));
    world.work().await;
    let found = backfill(&world.db, id).await.unwrap();
    assert!(found.finished_at.is_none() && found.why.unwrap().contains("key"), "it waits for somebody to mend it");
    let analyst = std::mem::take(&mut world.analyst);
    world.clock.advance(TimeDelta::minutes(10));
    world.work().await;
    let found = backfill(&world.db, id).await.unwrap();
    assert!(found.finished_at.is_none() && found.why.unwrap().contains(MODEL));
    // Its job was cancelled by somebody.
    let job = queue::unfinished(&world.db, &backfill_job_key(id)).await.unwrap().unwrap();
    let mut tx = world.db.begin().await.unwrap();
    assert!(queue::cancel(&mut tx, &world.clock, job.id).await.unwrap());
    tx.commit().await.unwrap();
    world.analyst = analyst;
    revive_backfills(&world.db, &world.clock).await.unwrap();
    // Another model judges now: what the old one has answered is booked as its own.
    world.analyst = Analyst::with(model_at(&sim.url(), Provider::Anthropic, "claude-opus-5-5"));
    let over = to_the_end(&world, id).await;
    assert_eq!((over.state, over.answered), (BackfillState::Stopped, 12), "{over:?}");
    let sql = "SELECT count(*) FROM model_runs WHERE outcome = 'batched' AND model <> $1";
    let other: i64 = on_db!(&*world.db, pool => sqlx::query_scalar(sql).bind(MODEL).fetch_one(pool).await.unwrap());
    assert_eq!((other, total(&world, "cost_micros").await), (0, over.cost_micros.unwrap()));

    // Switched off, a batch is cancelled, and what it has is kept.
    let id = begin(&world).await.unwrap().id;
    world.work().await;
    set(&world.db, "model_judges", json!(false)).await;
    let over = to_the_end(&world, id).await;
    assert_eq!(over.state, BackfillState::Stopped, "{over:?}");
    let left = world.analyst.model().unwrap().client.batches().await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

async fn a_step_that_fails_for_good_ends_it_with_a_reason(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, Analyst::default());
    before_the_model(&mut world, by(&sim)).await;
    let id = begin(&world).await.unwrap().id;
    // As after a program that could not read what this one wrote.
    let mut tx = world.db.begin().await.unwrap();
    let sql = "UPDATE jobs SET attempts = max_attempts - 1 WHERE kind = 'model_backfill'";
    on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.unwrap().rows_affected());
    let sql = "DROP TABLE backfill_batches";
    on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    let over = to_the_end(&world, id).await;
    assert_eq!(over.state, BackfillState::Stopped);
    assert!(over.why.unwrap().contains("jobs list"), "it says where to look");
}

async fn a_call_that_is_deleted_meanwhile_leaves_nothing(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, Analyst::default());
    let calls = before_the_model(&mut world, by(&sim)).await;
    let id = begin(&world).await.unwrap().id;
    world.work().await;
    delete(&world.db, &world.blobs, &world.clock, calls[0], "test").await.unwrap().1.unwrap();
    let over = to_the_end(&world, id).await;
    assert_eq!((over.state, over.answered), (BackfillState::Done, over.questions - 4));
    let sql = "SELECT count(*) FROM model_results WHERE call_id NOT IN (SELECT id FROM calls)";
    let left: i64 = on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap());
    assert_eq!(left, 0);
    assert_eq!(latest(&world.db, calls[1]).await.head.analyst, MODEL);
}

async fn who_has_no_batches_is_told_so(db: TestDb) {
    let mut world = world(db, Analyst::default());
    let why = |found: Result<Backfill, CoachingError>| match found {
        Err(CoachingError::Conflict(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(why(begin(&world).await).contains("no model"));
    world.analyst = Analyst::with(model_at("http://127.0.0.1:9/v1", Provider::Ollama, "llama"));
    assert!(why(begin(&world).await).contains("one by one"));
    let sim = service(Judge::Scripted);
    world.analyst = by(&sim);
    assert!(why(begin(&world).await).contains("no call"));
    some_calls(&world).await;
    let wish = BackfillWish { rubric: Some("nobody's"), usual: "default", ..BackfillWish::default() };
    let refused = begin_backfill(&world.db, &world.clock, &world.analyst, wish, "test").await;
    assert!(matches!(refused, Err(CoachingError::Field("rubric", _))), "{refused:?}");
    assert!(backfills(&world.db).await.unwrap().is_empty());
    assert!(matches!(backfill(&world.db, Uuid::nil()).await, Err(CoachingError::Unknown(_))));
}

db::on_both!(
    many_calls_are_judged_in_batches_at_half_the_price,
    a_crash_sends_no_batch_twice_and_forgets_none,
    what_a_batch_does_not_answer_is_asked_when_the_call_is_judged,
    what_is_not_answered_in_time_is_asked_anew,
    answers_are_kept_once_however_often_they_are_read,
    two_who_read_the_same_results_book_them_once,
    budgets_hold_for_batches,
    what_is_up_to_date_is_not_asked_for_again,
    what_is_paid_for_is_taken_in_whatever_happens_meanwhile,
    a_step_that_fails_for_good_ends_it_with_a_reason,
    a_call_that_is_deleted_meanwhile_leaves_nothing,
    who_has_no_batches_is_told_so,
);
