//! What is asked again and what is not: retries, pieces, passes, advice. On both databases.

use crate::tests::World;
use crate::tests_model::{CALL, MODEL, by, latest, model_at, patient, questions, service, set, task, world};
use crate::*;
use chrono::TimeDelta;
use db::testing::TestDb;
use db::{on_db, sqlx};
use llm::Provider;
use serde_json::{Value, json};
use sim::anthropic::Settings as Service;
use sim::judge::Prompt;
use sim::{Anthropic, Fault, Judge, ModelFault};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// An answer that says the same of each check, with the first segment that was shown for evidence, and of each advice that it was not followed.
fn says(prompt: &Prompt, verdict: &str) -> Value {
    let task = task(prompt);
    let first = shown(prompt);
    let entries = |list: &str, entry: &dyn Fn(&Value) -> Value| -> Vec<Value> {
        task[list].as_array().into_iter().flatten().map(|one| entry(&one["id"])).collect()
    };
    json!({
        "checks": entries("checks", &|id| json!({ "id": id, "verdict": verdict, "level": null,
            "evidence": [{ "segment": first, "quote": "" }], "reason": "So it is.", "advice": "Ask what it costs.", "sources": [] })),
        "advice": entries("advice", &|id| json!({ "id": id, "done": false, "evidence": [] })),
        "instructions": [],
    })
}

/// The number of the first segment that a prompt shows.
fn shown(prompt: &Prompt) -> u32 {
    let line = prompt.turns[0].text.lines().find_map(|line| line.strip_prefix('#')).unwrap();
    line.split(' ').next().unwrap().parse().unwrap()
}

/// A call that a model with a context of 12,000 tokens reads in several pieces.
fn long_call() -> String {
    (0..600).fold(CALL.to_owned(), |said, n| {
        said + &format!("Ravi: And in hall number {n} the pallets wait on the left.\nDana: I see.\n")
    })
}

fn small(judge: Judge) -> Anthropic {
    Anthropic::with(Service { judge, context: 12_000, ..Service::default() })
}

async fn again(world: &World, call: Uuid, force: bool) -> CoachingSession {
    ask(&world.db, &world.clock, call, None, force, "test").await.unwrap();
    world.work().await;
    latest(&world.db, call).await
}

async fn is_current(world: &World, call: Uuid) -> bool {
    let wish = Wish { rubric: None, usual: "default", force: false };
    let asked = ask_unless_current(&world.db, &world.clock, &world.analyst, call, wish, "test").await.unwrap();
    world.work().await;
    asked == Asked::Current
}

async fn what_was_asked_by_force_is_not_mended_by_old_answers(db: TestDb) {
    let sim = service(Judge::by(|prompt| says(prompt, "met")));
    let world = world(db, patient(&sim));
    let call = world.new_call(CALL).await;
    world.work().await;
    world.clock.advance(TimeDelta::hours(1));
    sim.set_judge(Judge::by(|prompt| says(prompt, "unmet")));
    sim.faults().pass(1);
    sim.faults().next(1, &Fault::status(529));
    let found = again(&world, call, true).await;
    let failed: Vec<_> = found.dimensions.iter().filter(|d| d.model.as_ref().unwrap().failure.is_some()).collect();
    assert_eq!(failed.len(), 1, "{:?}", found.head);
    world.clock.advance(TimeDelta::minutes(2));
    let before = questions(&sim);
    world.work().await;
    let mended = latest(&world.db, call).await;
    let asked = mended.dimensions.iter().find(|d| d.dimension == failed[0].dimension).unwrap();
    assert!(!asked.model.as_ref().unwrap().cached, "the old answer to it said otherwise");
    assert!(asked.checks.iter().filter(|check| check.kind != "metric").all(|check| check.verdict == "unmet"));
    let used = mended.head.model.unwrap();
    assert!(used.cached >= 3 && questions(&sim) - before == used.requests as usize, "{used:?}");
}

async fn a_call_that_is_judged_in_part_is_not_current_by_anybody(db: TestDb) {
    let sim = service(Judge::Scripted);
    let world = world(db, patient(&sim));
    let call = world.new_call(CALL).await;
    sim.faults().pass(1);
    sim.faults().next(1, &ModelFault::Refusal.into());
    world.work().await;
    let found = latest(&world.db, call).await;
    assert_eq!(found.dimensions.iter().filter(|d| d.model.as_ref().unwrap().failure.is_some()).count(), 1);
    assert_eq!(found.head.analyst, MODEL);
    assert!(queue::unfinished(&world.db, &calls::analysis_key(call)).await.unwrap().is_none(), "a refusal stands");
    set(&world.db, "model_judges", json!(false)).await;
    assert!(!is_current(&world, call).await, "three dimensions are the model's");
    assert_eq!(latest(&world.db, call).await.head.analyst, "offline");
    assert!(is_current(&world, call).await);
}

async fn a_dimension_that_failed_in_a_piece_is_not_asked_for_in_the_next(db: TestDb) {
    let asked: Arc<Mutex<Vec<(u32, String)>>> = Arc::default();
    let journal = asked.clone();
    let sim = small(Judge::by(move |prompt| {
        if let Some(dimension) = task(prompt)["dimension"].as_str() {
            journal.lock().unwrap().push((shown(prompt), dimension.to_owned()));
            if dimension == "engagement" && shown(prompt) > 1 {
                return json!("This is no answer of a judge, which the service cannot give.");
            }
        }
        says(prompt, "met")
    }));
    let world = world(db, by(&sim));
    let call = world.new_call(&long_call()).await;
    world.work().await;
    let found = latest(&world.db, call).await;
    assert!(found.head.model.as_ref().unwrap().windows > 3);
    let asked = asked.lock().unwrap().clone();
    let of = |dimension: &str| asked.iter().filter(|(_, one)| one == dimension).count();
    assert_eq!(of("engagement"), 1 + 3, "once well, and in the second piece until the client gave up: {asked:?}");
    assert_eq!(of("discovery"), found.head.model.unwrap().windows as usize);
    let engagement = found.dimensions.iter().find(|d| d.dimension == "engagement").unwrap();
    assert_eq!(engagement.model.as_ref().unwrap().failure.as_ref().unwrap().kind, "server");
}

async fn passes_are_made_of_calls_in_pieces_too(db: TestDb) {
    // Half of the checks that a dimension asks for are met in the usual order, none in another: a score at the border of 50.
    let sim = small(Judge::by(|prompt| {
        let mut answer = says(prompt, "unmet");
        let usual = answer["checks"][0]["id"] == "objection_acknowledged";
        for check in answer["checks"].as_array_mut().into_iter().flatten() {
            let met =
                usual && ["objection_acknowledged", "objection_clarified"].contains(&check["id"].as_str().unwrap());
            match check["id"].as_str().unwrap() {
                "no_premature_concession" => check["verdict"] = json!("not_applicable"),
                _ if met => check["verdict"] = json!("met"),
                _ => {}
            }
        }
        answer
    }));
    let world = world(db, by(&sim));
    set(&world.db, "model_repeats", json!(true)).await;
    let call = world.new_call(&long_call()).await;
    world.work().await;
    let found = latest(&world.db, call).await;
    assert!(found.head.model.as_ref().unwrap().windows > 3);
    let objections = found.dimensions.iter().find(|d| d.dimension == "objection_handling").unwrap();
    assert_eq!((objections.model.as_ref().unwrap().passes, objections.score), (3, Some(0.0)));
    // Whether there are passes is a part of what a judgement rests on.
    assert!(is_current(&world, call).await);
    set(&world.db, "model_repeats", json!(false)).await;
    assert!(!is_current(&world, call).await);
}

async fn advice_that_one_piece_shows_to_be_followed_stays_dropped_and_the_rest_is_looked_at_again(db: TestDb) {
    let advised = Arc::new(AtomicUsize::new(0));
    let (count, is_down) = (advised.clone(), Arc::new(AtomicUsize::new(1)));
    let down = is_down.clone();
    let sim = small(Judge::by(move |prompt| {
        let mut answer = says(prompt, "unmet");
        if task(prompt)["advice"].is_array() {
            if count.fetch_add(1, Ordering::SeqCst) > 0 && down.load(Ordering::SeqCst) == 1 {
                return json!("This is no answer of a judge, which the service cannot give.");
            }
            let first = shown(prompt);
            for one in answer["advice"].as_array_mut().unwrap() {
                if one["id"] == "discovery.agenda_set" && first == 1 {
                    one["done"] = json!(true);
                    one["evidence"] = json!([{ "segment": 1, "quote": "I would like to hear how receiving works" }]);
                }
            }
        }
        answer
    }));
    let world = world(db, by(&sim));
    let call = world.new_call(&long_call()).await;
    world.work().await;
    let found = latest(&world.db, call).await;
    let followed = |found: &CoachingSession| {
        found.dimensions.iter().find(|d| d.dimension == "discovery").unwrap().model.clone().unwrap().followed
    };
    let used = found.head.model.clone().unwrap();
    assert_eq!((used.advice_checked, used.advice_failure.unwrap().kind.as_str()), (false, "server"));
    assert_eq!(followed(&found), ["agenda_set"], "the first piece shows it");
    assert_eq!(used.failure, None);
    // It is looked at again by itself, without asking for a verdict.
    is_down.store(0, Ordering::SeqCst);
    world.clock.advance(TimeDelta::minutes(2));
    assert_eq!(world.work().await, 1);
    let found = latest(&world.db, call).await;
    let used = found.head.model.clone().unwrap();
    assert_eq!((used.advice_checked, used.advice_failure), (true, None));
    assert_eq!(used.requests, used.windows - 1, "the first piece is known");
    assert_eq!(followed(&found), ["agenda_set"]);
}

async fn words_that_are_found_while_advice_is_looked_at_withhold_as_well(db: TestDb) {
    let sim = service(Judge::by(|prompt| {
        let mut answer = says(prompt, "unmet");
        if task(prompt)["advice"].is_array() {
            answer["instructions"] = json!([{ "segment": 6, "quote": "That sounds expensive to me." }]);
        }
        answer
    }));
    let world = world(db, by(&sim));
    let call = world.new_call(CALL).await;
    world.work().await;
    let found = latest(&world.db, call).await;
    assert!(found.head.withheld && found.head.overall_score.is_none());
    assert!(found.flags.iter().any(|flag| flag.evidence.iter().any(|e| e.quote == "That sounds expensive to me")));
}

async fn what_broke_off_is_in_the_books(db: TestDb) {
    let sim = service(Judge::by(|prompt| says(prompt, "met")));
    let world = world(db, by(&sim));
    let call = world.new_call(CALL).await;
    world.work().await;
    let whole = latest(&world.db, call).await.head.model.unwrap();
    sim.faults().next(1, &ModelFault::NoEnd.into());
    let found = again(&world, call, true).await;
    let used = found.head.model.unwrap();
    assert_eq!((used.failure.as_ref(), used.requests), (None, whole.requests), "it was asked again at once");
    let read = |used: &ModelUse| used.input_tokens + used.cache_write_tokens + used.cache_read_tokens;
    assert!(read(&used) > read(&whole) + 400 && used.estimated, "{used:?} {whole:?}");
    let sql = "SELECT CAST(sum(cost_micros) AS BIGINT) FROM model_runs";
    let sum: i64 = on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap());
    assert_eq!(sum as u64, whole.cost_micros.unwrap() + used.cost_micros.unwrap());
}

async fn a_budget_holds_for_prompts_that_have_a_price(db: TestDb) {
    let sim = service(Judge::by(|prompt| says(prompt, "met")));
    let mut world = world(db, by(&sim));
    world.analyst = Analyst::with(model_at(&sim.url(), Provider::Anthropic, "claude-haiku-5-5").holding(1_000_000));
    set(&world.db, "model_budget_day", json!(5)).await;
    let short = world.new_call(CALL).await;
    let long = (0..9_000).fold(CALL.to_owned(), |said, n| {
        said + &format!("Ravi: And in hall number {n} the pallets wait on the left.\n")
    });
    let long = world.new_call(&long).await;
    world.work().await;
    assert_eq!(latest(&world.db, short).await.head.analyst, "claude-haiku-5-5");
    let failure = latest(&world.db, long).await.head.model.unwrap().failure.unwrap();
    assert_eq!(failure.kind, "price", "{}", failure.sentence);
    set(&world.db, "model_budget_day", json!(0)).await;
    let found = again(&world, long, false).await;
    assert_eq!((found.head.analyst.as_str(), found.head.model.unwrap().cost_micros), ("claude-haiku-5-5", None));
}

async fn a_wait_for_the_next_try_is_no_news(db: TestDb) {
    let sim = service(Judge::Scripted);
    let world = world(db, patient(&sim));
    sim.faults().then(Some(Fault::status(529)));
    let call = world.new_call(CALL).await;
    let queued = async || {
        let sql = "SELECT count(*) FROM events WHERE kind = 'call.status' AND call_id = $1";
        on_db!(&*world.db, pool => sqlx::query_scalar::<_, i64>(sql).bind(call).fetch_one(pool).await.unwrap())
    };
    let before = queued().await;
    world.work().await;
    assert!(queue::unfinished(&world.db, &calls::analysis_key(call)).await.unwrap().is_some());
    assert_eq!(queued().await, before);
    // Left alone after many failures, it is not asked, and not counted as asked.
    let model = world.analyst.model().unwrap();
    for _ in 0..3 {
        again(&world, call, true).await;
    }
    let asked = questions(&sim);
    let found = again(&world, call, true).await;
    let used = found.head.model.unwrap();
    assert_eq!((used.failure.unwrap().kind.as_str(), used.requests, questions(&sim)), ("resting", 0, asked));
    let today = world.clock.now().date_naive();
    let period = Period { since: today, until: today };
    let settings = accounts::Settings::default();
    let costs = costs(&world.db, &world.clock, chrono_tz::Tz::UTC, period, Some(model), &settings).await.unwrap();
    assert_eq!(costs.total.requests as usize, asked);
    assert_eq!(latest(&world.db, call).await.head.analyst, "offline");
}

db::on_both!(
    what_was_asked_by_force_is_not_mended_by_old_answers,
    a_call_that_is_judged_in_part_is_not_current_by_anybody,
    a_dimension_that_failed_in_a_piece_is_not_asked_for_in_the_next,
    passes_are_made_of_calls_in_pieces_too,
    advice_that_one_piece_shows_to_be_followed_stays_dropped_and_the_rest_is_looked_at_again,
    words_that_are_found_while_advice_is_looked_at_withhold_as_well,
    what_broke_off_is_in_the_books,
    a_budget_holds_for_prompts_that_have_a_price,
    a_wait_for_the_next_try_is_no_news,
);
