//! What becomes of a call where the model does not judge it: faults of its service, budgets, switches. On both databases.

use crate::tests::World;
use crate::tests_model::{CALL, MODEL, by, latest, patient, questions, service, set, world};
use crate::*;
use calls::Status;
use db::testing::TestDb;
use serde_json::{Value, json};
use sim::anthropic::API_KEY;
use sim::{Fault, Judge, ModelFault};

/// Faults, and as what they are kept. A model that cannot judge anything leaves the verdicts of the offline analyst, and says why.
async fn what_goes_wrong_is_told_and_leaves_a_judged_call(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, by(&sim));
    let expected = {
        let offline = World::new(TestDb::sqlite().await);
        let call = offline.new_call(CALL).await;
        offline.work().await;
        calls::get(&offline.db, call).await.unwrap().unwrap().overall_score
    };
    let call = world.new_call(CALL).await;
    for (fault, kind, again) in [
        (Fault::status(401), "key", false),
        (Fault::status(529), "overloaded", true),
        (Fault::status(500), "server", true),
        (Fault::status_with(429, &[("retry-after-ms", "1")]), "limited", true),
        ("spend-cap".parse().unwrap(), "billing", false),
        (Fault::status(404), "model", false),
        (ModelFault::Refusal.into(), "refused", false),
        (ModelFault::MaxTokens.into(), "cut", false),
        (ModelFault::NotJson.into(), "invalid_answer", true),
        (ModelFault::OffSchema.into(), "invalid_answer", true),
        (ModelFault::Empty.into(), "invalid_answer", true),
        (ModelFault::NoEnd.into(), "unfinished", true),
        (Fault::Reset, "unreachable", true),
    ] {
        sim.faults().clear();
        sim.faults().then(Some(fault.clone()));
        // A service that failed often is left alone: each fault meets a client of its own.
        world.analyst = patient(&sim);
        ask(&world.db, &world.clock, call, None, true, "test").await.unwrap();
        world.work().await;
        let found = latest(&world.db, call).await;
        let used = found.head.model.unwrap();
        let failure = used.failure.unwrap_or_else(|| panic!("{fault:?}"));
        assert_eq!((failure.kind.as_str(), failure.again), (kind, again), "{fault:?}: {}", failure.sentence);
        assert!(failure.sentence.len() > 30 && !failure.sentence.contains(API_KEY), "{}", failure.sentence);
        assert_eq!((found.head.analyst.as_str(), found.head.overall_score), ("offline", expected), "{fault:?}");
        assert_eq!(calls::get(&world.db, call).await.unwrap().unwrap().status, Status::Analysed);
        let job = queue::unfinished(&world.db, &calls::analysis_key(call)).await.unwrap();
        assert_eq!(job.is_some(), again, "{fault:?}");
    }
}

async fn one_dimension_that_fails_leaves_the_others_and_is_asked_for_again(db: TestDb) {
    let sim = service(Judge::Scripted);
    // One at a time, so that it is known which question meets the fault.
    let world = world(db, patient(&sim));
    let call = world.new_call(CALL).await;
    sim.faults().pass(1);
    sim.faults().next(1, &Fault::status(529));
    world.work().await;
    let found = latest(&world.db, call).await;
    let failed: Vec<_> = found.dimensions.iter().filter(|d| d.model.as_ref().unwrap().failure.is_some()).collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0].score.is_none() && failed[0].note.as_ref().unwrap().contains("It is tried again."), "{failed:?}");
    assert!(found.dimensions.iter().filter(|d| d.score.is_some()).count() >= 2, "the others stand");
    assert_eq!(found.head.analyst, MODEL);
    assert!(found.head.model.as_ref().unwrap().failure.is_none());
    // The retry waits for its time, and asks for nothing that is known.
    assert_eq!(world.work().await, 0);
    let before = questions(&sim);
    world.clock.advance(chrono::TimeDelta::minutes(2));
    assert_eq!(world.work().await, 1);
    let mended = latest(&world.db, call).await;
    assert!(mended.dimensions.iter().all(|d| d.model.as_ref().unwrap().failure.is_none()));
    let used = mended.head.model.unwrap();
    assert_eq!(questions(&sim) - before, used.requests as usize);
    assert!(used.requests <= 2 && used.cached >= 3, "{used:?}");
    assert!(queue::unfinished(&world.db, &calls::analysis_key(call)).await.unwrap().is_none());
}

async fn an_answer_that_is_not_understood_is_mended_once(db: TestDb) {
    let sim = service(Judge::Scripted);
    let world = world(db, by(&sim));
    let call = world.new_call(CALL).await;
    sim.faults().pass(1); // Which model it is.
    sim.faults().next(1, &ModelFault::NotJson.into());
    world.work().await;
    let found = latest(&world.db, call).await;
    let repaired = found.dimensions.iter().filter(|d| d.model.as_ref().unwrap().repaired).count();
    assert_eq!((repaired, found.head.model.unwrap().failure), (1, None));
    let mend = sim.asked().into_iter().filter(|asked| asked.uri.path() == "/v1/messages").find_map(|asked| {
        let body: Value = serde_json::from_slice(&asked.body).ok()?;
        (body["messages"].as_array()?.len() == 3).then_some(body)
    });
    let told = mend.unwrap()["messages"][2].to_string();
    assert!(told.contains("not JSON") && told.contains("Answer once more"), "{told}");
}

async fn what_is_not_tried_again_is_not_promised(db: TestDb) {
    let sim = service(Judge::Scripted);
    let mut world = world(db, patient(&sim));
    let call = world.new_call(CALL).await;
    sim.faults().then(Some(Fault::status(529)));
    world.work().await;
    for minutes in [1, 5, 30, 120, 720] {
        let failure = latest(&world.db, call).await.head.model.unwrap().failure.unwrap();
        assert!(failure.again, "{minutes}");
        world.analyst = patient(&sim);
        world.clock.advance(chrono::TimeDelta::minutes(minutes + 1));
        assert_eq!(world.work().await, 1, "{minutes}");
    }
    // That was the last time.
    let failure = latest(&world.db, call).await.head.model.unwrap().failure.unwrap();
    assert!(!failure.again && !failure.sentence.contains("again"), "{}", failure.sentence);
    world.clock.advance(chrono::TimeDelta::days(9));
    assert_eq!(world.work().await, 0);
}

async fn where_the_first_fails_the_next_goes_first_and_nobody_asks_in_vain(db: TestDb) {
    let sim = service(Judge::Scripted);
    let world = world(db, by(&sim));
    let call = world.new_call(CALL).await;
    sim.faults().pass(1); // Which model it is.
    sim.faults().next(1, &Fault::status(401));
    world.work().await;
    let found = latest(&world.db, call).await;
    assert_eq!((found.head.model.unwrap().failure.unwrap().kind.as_str(), questions(&sim)), ("key", 1));
    assert!(found.dimensions.iter().all(|d| d.model.as_ref().unwrap().failure.as_ref().unwrap().kind == "key"));
    // A fault that passes: the second goes first, and the others read what it had remembered.
    sim.faults().next(1, &ModelFault::Refusal.into());
    let asked = questions(&sim);
    ask(&world.db, &world.clock, call, None, false, "test").await.unwrap();
    world.work().await;
    let found = latest(&world.db, call).await;
    assert_eq!(found.dimensions.iter().filter(|d| d.model.as_ref().unwrap().failure.is_some()).count(), 1);
    let sent: Vec<_> =
        sim.asked().into_iter().filter(|one| one.uri.path() == "/v1/messages").skip(asked).take(4).collect();
    assert!(sent[1].arrived >= sent[0].answered && sent[2].arrived >= sent[1].answered, "one, then one, then the rest");
    assert_eq!(found.head.analyst, MODEL);
}

async fn budgets_stop_and_switches_hold(db: TestDb) {
    let sim = service(Judge::Scripted);
    let world = world(db, by(&sim));
    set(&world.db, "model_budget_day", json!(0.000_001)).await;
    let first = world.new_call(CALL).await;
    world.work().await;
    assert_eq!(latest(&world.db, first).await.head.analyst, MODEL, "nothing was spent before");
    let asked = questions(&sim);
    let second = world.new_call(&CALL.replace("ninety", "eighty")).await;
    world.work().await;
    let found = latest(&world.db, second).await;
    let failure = found.head.model.unwrap().failure.unwrap();
    assert_eq!((failure.kind.as_str(), found.head.analyst.as_str()), ("budget_day", "offline"));
    assert!(found.head.overall_score.is_some() && failure.sentence.contains("today"), "{}", failure.sentence);
    assert_eq!(questions(&sim), asked);
    // What is kept costs nothing.
    ask(&world.db, &world.clock, first, None, false, "test").await.unwrap();
    world.work().await;
    assert_eq!(latest(&world.db, first).await.head.analyst, MODEL);
    // The next day has a budget of its own, the month may have none.
    world.clock.advance(chrono::TimeDelta::days(1));
    ask(&world.db, &world.clock, second, None, false, "test").await.unwrap();
    world.work().await;
    assert_eq!(latest(&world.db, second).await.head.analyst, MODEL);
    set(&world.db, "model_budget_day", json!(0)).await;
    set(&world.db, "model_budget_month", json!(0.000_001)).await;
    ask(&world.db, &world.clock, second, None, true, "test").await.unwrap();
    world.work().await;
    assert_eq!(latest(&world.db, second).await.head.model.unwrap().failure.unwrap().kind, "budget_month");
    // Off is off.
    set(&world.db, "model_judges", json!(false)).await;
    ask(&world.db, &world.clock, second, None, true, "test").await.unwrap();
    world.work().await;
    let found = latest(&world.db, second).await;
    assert_eq!((found.head.analyst.as_str(), found.head.model), ("offline", None));
}

db::on_both!(
    what_goes_wrong_is_told_and_leaves_a_judged_call,
    one_dimension_that_fails_leaves_the_others_and_is_asked_for_again,
    an_answer_that_is_not_understood_is_mended_once,
    what_is_not_tried_again_is_not_promised,
    where_the_first_fails_the_next_goes_first_and_nobody_asks_in_vain,
    budgets_stop_and_switches_hold,
);
