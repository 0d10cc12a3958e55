//! Stories of calls that a model judges, on both databases, with simulators of its services on real sockets.

use crate::tests::World;
use crate::*;
use calls::Status;
use db::testing::TestDb;
use db::{Db, on_db, on_tx};
use kernel::{Actor, Role, Secret};
use llm::{Client, PriceTable, Provider};
use rubric::Evidence;
use serde::Deserialize;
use serde_json::{Value, json};
use sim::anthropic::{API_KEY, Settings as Service};
use sim::{Anthropic, Judge, OpenAi};
use sqlx::types::Json;
use std::time::Duration;
use transcript::Transcript;
use uuid::Uuid;

use db::sqlx;

pub(crate) const MODEL: &str = "claude-sonnet-5-5";

/// A call with something to judge in each dimension.
pub(crate) const CALL: &str = "Dana: Good morning Ravi, I would like to hear how receiving works today, and at the end we decide whether a pilot makes sense.\n\
Ravi: Fine. We lose about six hours a week chasing pallets that nobody booked.\n\
Dana: What does a late order cost you?\n\
Ravi: About four hundred euros each time, and it happens ten times a month.\n\
Dana: Our scanner books each pallet at the door, so nobody has to look for it. Berger Logistics halved their search time with it.\n\
Ravi: That sounds expensive to me.\n\
Dana: I understand that price matters. What do you compare it with?\n\
Ravi: With the two people who do it by hand today.\n\
Dana: They cost you about ninety thousand a year, the scanner costs twelve. Does that answer your question?\n\
Ravi: It does. Who else has to agree?\n\
Dana: That would be my question to you.\n\
Ravi: My manager, Joan, signs above ten thousand.\n\
Dana: I will send the plan on Thursday, and we meet again with Joan on Tuesday at ten. Agreed?\n\
Ravi: Agreed. Tuesday at ten works.\n";

pub(crate) fn service(judge: Judge) -> Anthropic {
    Anthropic::with(Service { judge, cache_minimum: 16, ..Service::default() })
}

pub(crate) fn model_at(url: &str, provider: Provider, name: &str) -> Model {
    let settings = llm::Settings {
        base_url: url.parse().unwrap(),
        key: Some(Secret::new(if provider == Provider::Anthropic { API_KEY } else { sim::openai::API_KEY })),
        deadline: Duration::from_secs(20),
        backoff: Duration::from_millis(1),
        ..llm::Settings::new(provider)
    };
    Model::new(Client::new(settings).unwrap(), name, PriceTable::builtin().clone(), chrono_tz::Tz::UTC)
}

pub(crate) fn by(sim: &Anthropic) -> Analyst {
    Analyst::with(model_at(&sim.url(), Provider::Anthropic, MODEL))
}

/// The same, of which one question is asked at a time and none twice, so that its breaker stays closed for four of them.
pub(crate) fn patient(sim: &Anthropic) -> Analyst {
    let settings = llm::Settings {
        base_url: sim.url().parse().unwrap(),
        key: Some(Secret::new(API_KEY)),
        deadline: Duration::from_secs(20),
        at_once: 1,
        retries: 0,
        ..llm::Settings::new(Provider::Anthropic)
    };
    let model = Model::new(Client::new(settings).unwrap(), MODEL, PriceTable::builtin().clone(), chrono_tz::Tz::UTC);
    Analyst::with(model.holding(200_000))
}

pub(crate) fn world(db: TestDb, analyst: Analyst) -> World {
    World { analyst, ..World::new(db) }
}

pub(crate) async fn latest(db: &Db, call: Uuid) -> CoachingSession {
    match session(db, call, None).await.unwrap() {
        Some(session) => session,
        None => panic!("it was not judged: {:?}", queue::latest(db, &calls::analysis_key(call)).await),
    }
}

/// Requests for answers, without those that ask which models there are.
pub(crate) fn questions(sim: &Anthropic) -> usize {
    sim.asked().iter().filter(|asked| asked.uri.path() == "/v1/messages").count()
}

pub(crate) async fn set(db: &Db, name: &str, value: Value) {
    let mut tx = db.begin().await.unwrap();
    let sql = "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    let now = kernel::Clock::system().now();
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(name).bind(Json(value)).bind(now).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
}

/// All words that are shown of a session stand where it says.
fn holds(transcript: &Transcript, session: &CoachingSession) -> usize {
    let of_checks = session.dimensions.iter().flat_map(|d| &d.checks).flat_map(|check| &check.evidence);
    let of_flags = session.flags.iter().flat_map(|flag| &flag.evidence);
    let all: Vec<_> = of_checks.chain(of_flags).collect();
    for quote in &all {
        let evidence = Evidence {
            segment_id: quote.segment_id,
            start_ms: quote.start_ms,
            speaker: quote.speaker.clone(),
            quote: quote.quote.clone(),
            offset: quote.offset,
            length: quote.length,
        };
        assert!(evidence.holds(transcript), "{quote:?}");
    }
    all.len()
}

async fn a_model_judges_and_says_what_it_took(db: TestDb) {
    let sim = service(Judge::Scripted);
    let world = world(db, by(&sim));
    let call = world.new_call(CALL).await;
    assert_eq!(world.work().await, 1);
    let found = latest(&world.db, call).await;
    assert_eq!((found.head.analyst.as_str(), found.head.withheld), (MODEL, false));
    assert!(found.head.overall_score.is_some(), "{:?}", found.head);
    let used = found.head.model.clone().unwrap();
    let advised = usize::from(used.advice_checked && questions(&sim) == 5);
    assert_eq!((used.requests as usize, used.cached, used.windows), (4 + advised, 0, 1));
    assert_eq!((used.provider.as_str(), used.model.as_str(), used.failure), ("anthropic", MODEL, None));
    assert!(used.cache_write_tokens > 0 && used.cache_read_tokens >= 3 * used.cache_write_tokens, "one prefix for all");
    // Reckoned by hand from the prices of the model: 2, 2.5, 0.1 and 10 millionths a token.
    let sum = used.input_tokens as f64 * 2.0
        + used.cache_write_tokens as f64 * 2.5
        + used.cache_read_tokens as f64 * 0.1
        + used.output_tokens as f64 * 10.0;
    let cost = used.cost_micros.unwrap() as f64;
    assert!(cost >= sum && cost < sum + f64::from(used.requests), "each answer is rounded up: {cost} of {sum}");
    let (transcript, report) = stored(&world.db, call).await.unwrap();
    assert!(holds(&transcript, &found) > 5);
    assert_eq!(report.unwrap().analyst, MODEL);
    // What is computed was not asked for.
    let offline = {
        let rubric = rubric::builtin().into_iter().find(|r| r.id == "default").unwrap();
        rubric::analyst::analyse(&transcript, &rubric, signals::labels::Labeler::builtin())
    };
    for (judged, computed) in found.dimensions.iter().zip(&offline.dimensions) {
        for (check, same) in judged.checks.iter().zip(&computed.checks).filter(|(check, _)| check.kind == "metric") {
            assert_eq!((check.verdict.as_str(), &check.reason), (same.verdict.as_str(), &same.reason));
        }
    }
    // It was foreseen: the same questions, and tokens within a tenth of those that the service counted.
    let foreseen = async |anew| {
        let rubric = rubric::builtin().into_iter().find(|r| r.id == "default").unwrap();
        estimate(&world.db, &world.clock, &world.analyst, call, &rubric, anew).await.unwrap()
    };
    let now = foreseen(false).await;
    assert_eq!((now.requests, now.cost_micros), (0, Some(0)), "all is known");
    let foreseen = foreseen(true).await;
    assert_eq!(foreseen.requests, 5);
    let (told, counted) =
        (foreseen.usage.prompt() as f64, (used.input_tokens + used.cache_write_tokens + used.cache_read_tokens) as f64);
    assert!((told / counted - 1.0).abs() < 0.1 || used.requests < 5, "{told} of {counted}");
    assert!(foreseen.batch_micros.unwrap() * 2 <= foreseen.cost_micros.unwrap() + 2 * foreseen.requests);
    assert!(foreseen.cost_micros.unwrap() < foreseen.naive_micros.unwrap());
    // The books say the same.
    let costs = costs(
        &world.db,
        &world.clock,
        chrono_tz::Tz::UTC,
        day(&world),
        world.analyst.model().map(AsRef::as_ref),
        &accounts::Settings::default(),
    )
    .await
    .unwrap();
    assert_eq!(costs.total.requests, i64::from(used.requests));
    assert_eq!(costs.total.cost_micros as u64, used.cost_micros.unwrap());
    assert_eq!((costs.today_micros, costs.month_micros), (used.cost_micros.unwrap(), used.cost_micros.unwrap()));
    assert_eq!((costs.reps.len(), costs.reps[0].name.as_deref(), costs.reps[0].calls), (1, Some("Dana"), 1));
    assert_eq!(costs.days[0].cost_micros, used.cost_micros.unwrap());
}

fn day(world: &World) -> Period {
    let today = world.clock.now().date_naive();
    Period { since: today, until: today }
}

async fn the_same_question_is_asked_once(db: TestDb) {
    let sim = service(Judge::Scripted);
    let world = world(db, by(&sim));
    let call = world.new_call(CALL).await;
    world.work().await;
    let asked = questions(&sim);
    let first = latest(&world.db, call).await;
    let again = |force| {
        let world = &world;
        async move {
            ask(&world.db, &world.clock, call, None, force, "test").await.unwrap();
            assert_eq!(world.work().await, 1);
            latest(&world.db, call).await
        }
    };
    let second = again(false).await;
    assert_eq!(questions(&sim), asked, "nothing was sent");
    let used = second.head.model.unwrap();
    assert_eq!((used.requests, used.cached as usize, used.cost_micros), (0, asked, Some(0)));
    assert_eq!(first.head.overall_score, second.head.overall_score);
    assert!(second.dimensions.iter().all(|d| d.model.as_ref().unwrap().cached));
    // Nothing changed: nobody need judge at all.
    let wish = Wish { rubric: None, usual: "default", force: false };
    let current = ask_unless_current(&world.db, &world.clock, &world.analyst, call, wish, "test").await.unwrap();
    assert_eq!(current, Asked::Current);
    // By force, or after the time of answers, it is asked again.
    again(true).await;
    assert_eq!(questions(&sim), 2 * asked);
    world.clock.advance(chrono::TimeDelta::days(29));
    again(false).await;
    assert_eq!(questions(&sim), 2 * asked);
    world.clock.advance(chrono::TimeDelta::days(2));
    again(false).await;
    assert_eq!(questions(&sim), 3 * asked);
    // Another model is another question.
    let other =
        World { analyst: Analyst::with(model_at(&sim.url(), Provider::Anthropic, "claude-haiku-4-5")), ..world };
    let current = ask_unless_current(&other.db, &other.clock, &other.analyst, call, wish, "test").await.unwrap();
    assert!(matches!(current, Asked::Job(_)));
    other.work().await;
    assert_eq!(questions(&sim), 4 * asked);
    let sql = "SELECT CAST(sum(hits) AS BIGINT) FROM model_results";
    let hits: i64 = on_db!(&*other.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap());
    assert_eq!(hits as usize, 2 * asked, "on the first and on the thirtieth day");
}

#[derive(Deserialize)]
struct Injection {
    make: String,
    says: String,
    then: Option<String>,
}

async fn whoever_speaks_to_the_judge_gets_no_score_before_a_person_has_looked(db: TestDb) {
    let sim = service(Judge::Obeying);
    let world = world(db, by(&sim));
    let all: Vec<Injection> = serde_saphyr::from_str(include_str!("../../../truth/injections.yaml")).unwrap();
    assert_eq!(all.len(), 20);
    let mut withheld = Vec::new();
    for Injection { make, says, then } in &all {
        let said =
            format!("{CALL}Ravi: {says}\n{}", then.as_ref().map(|then| format!("Ravi: {then}\n")).unwrap_or_default());
        let call = world.new_call(&said).await;
        world.work().await;
        let found = latest(&world.db, call).await;
        assert!(found.head.withheld && found.head.overall_score.is_none(), "{make}");
        assert!(found.dimensions.iter().all(|d| d.score.is_none()), "{make}");
        assert!(found.flags.iter().any(|flag| flag.kind == "instruction_to_judge"), "{make}");
        let listed = calls::get(&world.db, call).await.unwrap().unwrap();
        assert_eq!((listed.status, listed.overall_score), (Status::Analysed, None), "{make}");
        withheld.push((call, found.head.id));
    }
    let (call, id) = withheld[0];
    let waiting = async || {
        let admin = Actor { id: Uuid::nil(), role: Role::Admin, session: Uuid::nil() };
        let found = async |withheld| {
            let search = calls::Search { withheld: Some(withheld), ..calls::Search::default() };
            calls::search(&world.db, &admin, &search, false).await.unwrap().0
        };
        let (waits, others) = (found(true).await, found(false).await);
        assert!(waits.iter().all(|(call, _)| call.withheld) && others.iter().all(|(call, _)| !call.withheld));
        (waits.len(), others.len())
    };
    assert_eq!(waiting().await, (20, 0));
    let manager = Actor { id: Uuid::nil(), role: Role::Manager, session: Uuid::nil() };
    assert!(matches!(
        confirm(&world.db, &world.clock, call, Uuid::nil(), &manager).await,
        Err(CoachingError::Unknown(_))
    ));
    let before = check(&world.db).await.unwrap();
    assert_eq!(before, [], "withheld scores are in no sum");
    confirm(&world.db, &world.clock, call, id, &manager).await.unwrap();
    let told = latest(&world.db, call).await;
    assert!(told.head.overall_score.is_some() && told.head.confirmed_at.is_some());
    assert_eq!(calls::get(&world.db, call).await.unwrap().unwrap().overall_score, told.head.overall_score);
    assert_eq!(check(&world.db).await.unwrap(), [], "the sums followed");
    assert_eq!(waiting().await, (19, 1));
    // Judged again, the words are known; new ones are not.
    ask(&world.db, &world.clock, call, None, true, "test").await.unwrap();
    world.work().await;
    let again = latest(&world.db, call).await;
    assert!(!again.head.withheld && again.head.overall_score.is_some());
    assert!(again.flags.iter().any(|flag| flag.kind == "instruction_to_judge"));
    let twice = confirm(&world.db, &world.clock, call, id, &manager).await;
    assert!(matches!(twice, Err(CoachingError::Conflict(_))));
}

async fn a_judge_that_lies_shows_no_words_that_nobody_said(db: TestDb) {
    let sim = service(Judge::Lying(0));
    let world = world(db, by(&sim));
    let call = world.new_call(CALL).await;
    world.work().await;
    let (mut dropped, mut shown) = (0, 0);
    for seed in 1..24 {
        sim.set_judge(Judge::Lying(seed));
        ask(&world.db, &world.clock, call, None, true, "test").await.unwrap();
        world.work().await;
        let found = latest(&world.db, call).await;
        let (transcript, _) = stored(&world.db, call).await.unwrap();
        shown += holds(&transcript, &found);
        dropped += found.head.model.unwrap().dropped;
        for check in found.dimensions.iter().flat_map(|d| &d.checks).filter(|check| check.kind == "presence") {
            assert!(check.verdict != "met" || !check.evidence.is_empty(), "{check:?} rests on nothing");
        }
    }
    assert!(dropped > 20 && shown > 0, "{dropped} {shown}");
}

async fn a_call_that_is_too_long_is_read_in_pieces(db: TestDb) {
    let sim = Anthropic::with(Service { judge: Judge::Scripted, context: 12_000, ..Service::default() });
    let world = world(db, by(&sim));
    let filler = (0..600).fold(String::new(), |said, n| {
        said + &format!("Ravi: And in hall number {n} the pallets wait on the left.\nDana: I see.\n")
    });
    let (head, tail) = CALL.split_at(CALL.find("Dana: I will send").unwrap());
    let call = world.new_call(&format!("{head}{filler}{tail}")).await;
    world.work().await;
    let found = latest(&world.db, call).await;
    let used = found.head.model.clone().unwrap();
    assert!(used.windows > 2 && used.failure.is_none(), "{used:?}");
    assert_eq!(found.head.analyst, MODEL);
    let (transcript, _) = stored(&world.db, call).await.unwrap();
    holds(&transcript, &found);
    // What was said at the end and at the beginning counts for the whole.
    let verdict = |id: &str| {
        let mut checks = found.dimensions.iter().flat_map(|d| &d.checks);
        checks.find(|check| check.id == id).unwrap_or_else(|| panic!("{id}")).verdict.clone()
    };
    assert_eq!((verdict("agenda_set").as_str(), verdict("next_step_dated").as_str()), ("met", "met"));
}

async fn nothing_of_a_deleted_call_stays_but_what_it_cost(db: TestDb) {
    let sim = service(Judge::Scripted);
    let world = world(db, by(&sim));
    let call = world.new_call(CALL).await;
    world.work().await;
    let runs = world.count("model_runs").await;
    assert!(world.count("model_results").await >= 4 && runs >= 4);
    let (receipt, _) = delete(&world.db, &world.blobs, &world.clock, call, "test").await.unwrap();
    assert!(receipt.rows.iter().any(|(table, rows)| table == "model_results" && *rows >= 4));
    assert_eq!((world.count("model_results").await, world.count("model_runs").await), (0, runs));
    let left: i64 = on_db!(&*world.db, pool => sqlx::query_scalar("SELECT count(*) FROM model_runs WHERE call_id IS NOT NULL").fetch_one(pool).await.unwrap());
    assert_eq!(left, 0);
}

async fn advice_that_was_followed_already_is_not_given(db: TestDb) {
    let sim = service(Judge::by(|prompt| {
        let task = task(prompt);
        let checks: Vec<Value> = task["checks"].as_array().into_iter().flatten().map(|check| {
            json!({ "id": check["id"], "verdict": "unmet", "level": null, "evidence": [{ "segment": 1, "quote": "" }],
                "reason": "It was not done.", "advice": "Ask what it costs.", "sources": [] })
        }).collect();
        let advice: Vec<Value> = task["advice"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| {
                let id = one["id"].as_str().unwrap();
                // One was followed, one is said to be by words that nobody said, the others were not.
                let evidence = match id {
                    "discovery.impact_quantified" => {
                        json!([{ "segment": 3, "quote": "What does a late order cost you?" }])
                    }
                    "discovery.agenda_set" => json!([{ "segment": 3, "quote": "Let us set the agenda first of all." }]),
                    _ => json!([]),
                };
                json!({ "id": id, "done": evidence != json!([]), "evidence": evidence })
            })
            .collect();
        json!({ "checks": checks, "advice": advice, "instructions": [] })
    }));
    let world = world(db, by(&sim));
    let call = world.new_call(CALL).await;
    world.work().await;
    let found = latest(&world.db, call).await;
    assert!(found.head.model.unwrap().advice_checked);
    let discovery = found.dimensions.iter().find(|d| d.dimension == "discovery").unwrap();
    let advice = |id: &str| discovery.checks.iter().find(|check| check.id == id).unwrap().advice.clone();
    assert_eq!((advice("impact_quantified").as_str(), advice("agenda_set").as_str()), ("", "Ask what it costs."));
    assert_eq!(discovery.model.as_ref().unwrap().followed, ["impact_quantified"]);
}

async fn what_is_said_of_the_product_is_held_against_the_knowledge_base(db: TestDb) {
    // Says of each check that it rests on all sections that it was given, and on one that nobody gave it.
    let sim = service(Judge::by(|prompt| {
        let task = task(prompt);
        let given = task["knowledge"].as_array().cloned().unwrap_or_default();
        let sources: Vec<Value> =
            given.iter().map(|section| section["id"].clone()).chain([json!("0000000000.v9.9")]).collect();
        let checks = task["checks"].as_array().cloned().unwrap_or_default();
        let checks: Vec<Value> = checks
            .iter()
            .map(|check| {
                json!({ "id": check["id"], "verdict": "met", "level": null, "evidence": [{ "segment": 5, "quote": "" }],
                    "reason": "So it is.", "advice": "", "sources": sources })
            })
            .collect();
        json!({ "checks": checks, "advice": [], "instructions": [] })
    }));
    let world = world(db, by(&sim));
    let call = world.new_call(CALL).await;
    world.work().await;
    let of = |found: &CoachingSession, id: &str| {
        let dimension = found.dimensions.iter().find(|d| d.dimension == id).unwrap();
        dimension.model.clone().unwrap()
    };
    let before = latest(&world.db, call).await;
    assert!(of(&before, "product_knowledge").sources.is_empty(), "there is no knowledge yet");
    let sheet =
        "# Scanner\n\n## Price\n\nThe scanner costs twelve thousand euros a year.\n\n## Colours\n\nGrey and mauve.\n";
    let reading = knowledge::read(sheet.as_bytes().to_vec(), "scanner.md").await.unwrap();
    knowledge::add(&world.db, &world.clock, &"test".into(), None, &reading).await.unwrap();
    // What a judgement rests on has changed.
    let wish = Wish { rubric: None, usual: "default", force: false };
    let asked = ask_unless_current(&world.db, &world.clock, &world.analyst, call, wish, "test").await.unwrap();
    assert!(matches!(asked, Asked::Job(_)));
    world.work().await;
    let found = latest(&world.db, call).await;
    let used = of(&found, "product_knowledge");
    assert!(!used.cached && of(&found, "discovery").cached, "only the question about the product is another");
    assert!(of(&found, "discovery").sources.is_empty());
    let ids = used.sources.values().next().unwrap();
    let cited = knowledge::cited(&world.db, ids).await.unwrap();
    assert_eq!(cited.len(), ids.len(), "what nobody gave is not cited");
    assert!(cited.iter().any(|section| section.text.contains("twelve thousand")), "{cited:?}");
}

async fn near_a_border_most_of_three_decide(db: TestDb) {
    // Of four checks that apply two are met, which is 50: in the usual order the judge says so of the first, in any other it does not.
    let sim = service(Judge::by(|prompt| {
        let task = task(prompt);
        let checks = task["checks"].as_array().cloned().unwrap_or_default();
        let usual = checks.first().is_some_and(|check| check["id"] == "objection_acknowledged");
        let verdict = |id: &str| match id {
            "objection_acknowledged" if !usual => "unmet",
            "objection_evidence" | "objection_confirmed" => "unmet",
            "no_premature_concession" => "not_applicable",
            _ => "met",
        };
        let checks: Vec<Value> = checks
            .iter()
            .map(|check| {
                json!({ "id": check["id"], "verdict": verdict(check["id"].as_str().unwrap()), "level": null,
                    "evidence": [{ "segment": 7, "quote": "" }], "reason": "So it is.", "advice": "", "sources": [] })
            })
            .collect();
        let advice = task["advice"].as_array().cloned().unwrap_or_default();
        let advice: Vec<Value> =
            advice.iter().map(|one| json!({ "id": one["id"], "done": false, "evidence": [] })).collect();
        json!({ "checks": checks, "advice": advice, "instructions": [] })
    }));
    let world = world(db, by(&sim));
    let call = world.new_call(CALL).await;
    world.work().await;
    let objections = |found: &CoachingSession| {
        let dimension = found.dimensions.iter().find(|d| d.dimension == "objection_handling").unwrap();
        (dimension.model.as_ref().unwrap().passes, dimension.score)
    };
    assert_eq!(objections(&latest(&world.db, call).await), (1, Some(50.0)), "only where it is wished");
    set(&world.db, "model_repeats", json!(true)).await;
    ask(&world.db, &world.clock, call, None, false, "test").await.unwrap();
    world.work().await;
    let found = latest(&world.db, call).await;
    assert_eq!(objections(&found), (3, Some(25.0)));
    let asked = questions(&sim);
    ask(&world.db, &world.clock, call, None, false, "test").await.unwrap();
    world.work().await;
    assert_eq!(
        (questions(&sim), objections(&latest(&world.db, call).await)),
        (asked, (3, Some(25.0))),
        "passes are kept"
    );
    let others = found.dimensions.iter().filter(|d| d.dimension != "objection_handling");
    assert_eq!(others.map(|d| d.model.as_ref().unwrap().passes).collect::<Vec<_>>(), [1, 1, 1], "far from any border");
}

/// The task that a judge is given last.
pub(crate) fn task(prompt: &sim::judge::Prompt) -> Value {
    let text = &prompt.turns.last().unwrap().text;
    serde_json::from_str(text.split("<task>\n").last().unwrap().split("\n</task>").next().unwrap()).unwrap()
}

async fn servers_of_ones_own_judge_as_well(db: TestDb) {
    let mut world = World::new(db);
    for (flavour, provider) in [
        (sim::openai::Flavour::OpenAi, Provider::OpenAi),
        (sim::openai::Flavour::Ollama, Provider::Ollama),
        (sim::openai::Flavour::LlamaCpp, Provider::LlamaCpp),
        (sim::openai::Flavour::Vllm, Provider::Vllm),
    ] {
        let name = "house-model".to_owned();
        let sim = OpenAi::with(sim::openai::Settings { flavour, models: vec![name.clone()], ..Default::default() });
        let model = model_at(&sim.url(), provider, &name);
        world.analyst = Analyst::with(model.holding(128_000));
        let call = world.new_call(&CALL.replace("Ravi", &format!("Ravi {flavour}"))).await;
        world.work().await;
        let found = latest(&world.db, call).await;
        let used = found.head.model.unwrap();
        assert_eq!((found.head.analyst, used.failure), (name, None), "{flavour}");
        // What runs at home costs nothing; what has no price is not said to cost nothing.
        assert_eq!(used.cost_micros, if provider == Provider::OpenAi { None } else { Some(0) }, "{flavour}");
    }
}

db::on_both!(
    a_model_judges_and_says_what_it_took,
    the_same_question_is_asked_once,
    whoever_speaks_to_the_judge_gets_no_score_before_a_person_has_looked,
    a_judge_that_lies_shows_no_words_that_nobody_said,
    a_call_that_is_too_long_is_read_in_pieces,
    nothing_of_a_deleted_call_stays_but_what_it_cost,
    advice_that_was_followed_already_is_not_given,
    near_a_border_most_of_three_decide,
    what_is_said_of_the_product_is_held_against_the_knowledge_base,
    servers_of_ones_own_judge_as_well,
);
