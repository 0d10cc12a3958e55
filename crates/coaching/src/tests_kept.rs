//! Stories of rubrics and trackers of one's own, on both databases.

use crate::tests::{CALL, World};
use crate::*;
use accounts::audit;
use chrono::TimeDelta;
use db::on_db;
use db::testing::TestDb;
use kernel::{Actor, Role};
use queue::{Filter, State};
use rubric::Rubric;
use uuid::Uuid;

const YAML: &str = "id: renewals
name: Renewal call
version: 1
description: A customer decides whether to stay.
dimensions:
  - id: next_step
    name: Next step
    weight: 1
    description: Whether it is clear what comes next.
    levels: {\"1\": It ends vaguely., \"3\": A step without a date., \"5\": A step with a date.}
    checks:
      - id: next_step_dated
        name: Dated next step
        sentence: A next step has a date.
        kind: presence
        advice: Put a date on it.
";

async fn admin(world: &World) -> Actor {
    let mut tx = world.db.begin().await.unwrap();
    let id = accounts::rep(&mut tx, &world.clock, "Ada", None).await.unwrap();
    tx.commit().await.unwrap();
    Actor { id, role: Role::Admin, session: Uuid::nil() }
}

fn version(number: u32) -> Rubric {
    read_rubric(&YAML.replace("version: 1", &format!("version: {number}")), false).unwrap()
}

fn is_conflict<T>(result: &Result<T, CoachingError>) -> bool {
    matches!(result, Err(CoachingError::Conflict(_)))
}

async fn a_rubric_is_kept_in_versions_that_follow_each_other(db: TestDb) {
    let world = World::new(db);
    let (db, clock, admin) = (&world.db, &world.clock, admin(&world).await);
    let first = add_rubric(db, clock, &admin, version(1)).await.unwrap();
    assert_eq!((first.version, first.source, first.created_by), (1, Source::Own, Some(admin.id)));
    assert_eq!(first.document, version(1));
    assert!(is_conflict(&add_rubric(db, clock, &admin, version(2)).await), "the id is taken");
    for wrong in [1, 3] {
        assert!(is_conflict(&change_rubric(db, clock, &admin, "renewals", version(wrong)).await), "{wrong}");
    }
    change_rubric(db, clock, &admin, "renewals", version(2)).await.unwrap();
    let other = change_rubric(db, clock, &admin, "renewal", version(3)).await;
    assert!(matches!(other, Err(CoachingError::Unknown(_))));

    let listed: Vec<_> =
        rubrics(db, false).await.unwrap().into_iter().map(|kept| (kept.id, kept.version, kept.source)).collect();
    let expected = [("default", 1, Source::Builtin), ("service", 1, Source::Builtin), ("renewals", 2, Source::Own)];
    assert_eq!(listed, expected.map(|(id, version, source)| (id.to_owned(), version, source)));
    let versions = rubric_versions(db, "renewals").await.unwrap();
    assert_eq!(versions.iter().map(|kept| kept.version).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(rubric_version(db, "renewals", None).await.unwrap().version, 2);
    assert_eq!(rubric_version(db, "renewals", Some(1)).await.unwrap().version, 1);
    assert!(rubric_version(db, "renewals", Some(3)).await.is_err());
    assert!(rubric_version(db, "nonsense", None).await.is_err() && rubric_versions(db, "nonsense").await.is_err());

    let trail = audit::list(db, &audit::Wanted::latest(Some("renewals"), 9)).await.unwrap();
    let deeds: Vec<_> = trail.iter().rev().map(|event| (event.action.as_str(), event.actor.clone())).collect();
    assert_eq!(
        deeds,
        [("rubric.add", admin.trail()), ("rubric.change", admin.trail())],
        "and no deed that was refused"
    );
}

async fn what_is_built_in_stays_as_it_is(db: TestDb) {
    let world = World::new(db);
    let (db, clock, admin) = (&world.db, &world.clock, admin(&world).await);
    let mut own = version(1);
    own.id = "default".to_owned();
    assert!(is_conflict(&add_rubric(db, clock, &admin, own.clone()).await));
    assert!(is_conflict(&change_rubric(db, clock, &admin, "default", own).await));
    assert!(is_conflict(&retire_rubric(db, clock, &admin, "default").await));
    // Also when it has judged, and is kept for it.
    world.new_call(CALL).await;
    world.work().await;
    assert!(is_conflict(&retire_rubric(db, clock, &admin, "default").await));
    let versions = rubric_versions(db, "default").await.unwrap();
    assert_eq!(versions.iter().map(|kept| (kept.version, kept.source)).collect::<Vec<_>>(), [(1, Source::Builtin)]);
    assert_eq!(rubrics(db, false).await.unwrap().len(), 2, "listed once");

    let builtin = trackers(db).await.unwrap()[0].clone();
    let NewTracker { id, .. } = tracker_of(&builtin.id, "acme");
    assert!(is_conflict(&add_tracker(db, clock, &admin, tracker_of(&id, "acme")).await));
    assert!(is_conflict(&change_tracker(db, clock, &admin, tracker_of(&id, "acme")).await));
    assert!(is_conflict(&remove_tracker(db, clock, &admin, &id).await));
}

async fn calls_are_judged_by_the_latest_version_and_keep_theirs(db: TestDb) {
    let world = World::new(db);
    let (db, clock, admin) = (&world.db, &world.clock, admin(&world).await);
    add_rubric(db, clock, &admin, version(1)).await.unwrap();
    let id = world.new_call(CALL).await;
    ask(db, clock, id, Some("renewals"), false, "test").await.unwrap();
    // Written down before the second version, done after it.
    change_rubric(db, clock, &admin, "renewals", version(2)).await.unwrap();
    world.work().await;
    let judged = async || {
        let report = stored(db, id).await.unwrap().1.unwrap();
        (report.rubric, report.rubric_version, report.dimensions.len())
    };
    assert_eq!(judged().await, ("renewals".to_owned(), 2, 1));

    retire_rubric(db, clock, &admin, "renewals").await.unwrap();
    assert!(matches!(retire_rubric(db, clock, &admin, "renewals").await, Err(CoachingError::Unknown(_))));
    let gone = change_rubric(db, clock, &admin, "renewals", version(3)).await;
    assert!(matches!(gone, Err(CoachingError::Unknown(_))));
    assert!(is_conflict(&add_rubric(db, clock, &admin, version(1)).await), "calls rest on it");
    assert_eq!(rubrics(db, false).await.unwrap().len(), 2, "not offered any more");
    let retired = rubrics(db, true).await.unwrap();
    assert_eq!(retired.last().map(|kept| (kept.id.as_str(), kept.version)), Some(("renewals", 2)));
    assert_eq!(offered(db, "renewals").await.unwrap(), None);
    let kept = rubric_version(db, "renewals", None).await.unwrap();
    assert_eq!((kept.version, kept.retired_at), (2, Some(clock.now())), "but known");
    assert_eq!(judged().await, ("renewals".to_owned(), 2, 1), "the call keeps it");
    clock.advance(TimeDelta::seconds(1));
    ask(db, clock, id, Some("renewals"), false, "test").await.unwrap();
    world.work().await;
    let dead = Filter { state: Some(State::Dead), limit: 9, ..Filter::default() };
    let error = queue::list(db, &dead).await.unwrap().swap_remove(0).error.unwrap();
    assert!(error.contains("there is no rubric renewals"), "{error}");

    // Taken back into use, it judges as before, with all its versions.
    let again = restore_rubric(db, clock, &admin, "renewals").await.unwrap();
    assert_eq!((again.version, again.retired_at), (2, None));
    assert!(is_conflict(&restore_rubric(db, clock, &admin, "renewals").await), "it is in use");
    assert!(is_conflict(&restore_rubric(db, clock, &admin, "default").await), "it is built in");
    assert!(matches!(restore_rubric(db, clock, &admin, "none").await, Err(CoachingError::Unknown(_))));
    assert_eq!(rubrics(db, false).await.unwrap().len(), 3);
    assert_eq!(rubric_versions(db, "renewals").await.unwrap().len(), 2);
    change_rubric(db, clock, &admin, "renewals", version(3)).await.unwrap();
}

#[test]
fn what_is_wrong_with_a_document_is_told_by_line_and_key() {
    let told = |text: &str, is_json| match read_rubric(text, is_json).unwrap_err() {
        CoachingError::Field("document", why) => why,
        other => panic!("{other}"),
    };
    let wrong = |from: &str, to: &str| {
        assert!(YAML.contains(from), "the test must change something");
        told(&YAML.replacen(from, to, 1), false)
    };
    let weight = wrong("    weight: 1", "    weight: -1");
    assert!(weight.contains("line 8") && weight.contains("`weight: -1`"), "{weight}");
    let unknown = wrong("advice:", "advise:");
    assert!(unknown.contains("advise") && unknown.contains("16") && !unknown.contains('\n'), "{unknown}");
    assert!(wrong("id: renewals", "id: Renewals").contains("`id: Renewals`"));
    assert!(wrong("version: 1", "version: 0").contains("`version: 0`"));
    assert!(wrong("name: Renewal call", "name: ' '").contains("`name`"));

    let json = serde_json::to_value(version(1)).unwrap();
    assert_eq!(read_rubric(&json.to_string(), true).unwrap(), version(1));
    let spread =
        serde_json::to_string_pretty(&json).unwrap().replace("  ", "\t").replace("vaguely", "vag\\u0075\\/ely");
    assert_eq!(read_rubric(&spread, true).unwrap().dimensions[0].levels.low, "It ends vagu/ely.");
    let rule = told(&json.to_string().replace("\"weight\":1.0", "\"weight\":-1.0"), true);
    assert!(rule.starts_with("`weight: -1` of"), "{rule}");
    let missing = told(&spread.replace("advice", "advise"), true);
    assert!(missing.contains("advise") && missing.contains("line"), "{missing}");
}

fn tracker_of(id: &str, phrase: &str) -> NewTracker {
    NewTracker { id: id.to_owned(), name: "Rivals".to_owned(), side: None, phrases: vec![phrase.to_owned()] }
}

async fn trackers_of_ones_own_are_listened_for_and_change_what_an_analysis_rests_on(db: TestDb) {
    let world = World::new(db);
    let (db, clock, admin) = (&world.db, &world.clock, admin(&world).await);
    let id = world.new_call(CALL).await;
    world.work().await;
    let hash = async || {
        let sql = "SELECT s.input_hash FROM calls c JOIN coaching_sessions s ON s.id = c.session_id";
        on_db!(&**db, pool => sqlx::query_scalar::<_, String>(sql).fetch_one(pool).await.unwrap())
    };
    let report = async || stored(db, id).await.unwrap().1.unwrap();
    let (first, before) = (hash().await, report().await);
    let again = async || {
        clock.advance(TimeDelta::seconds(1));
        ask(db, clock, id, None, false, "test").await.unwrap();
        assert_eq!(world.work().await, 1);
    };
    again().await;
    assert_eq!(hash().await, first, "nothing changed");

    add_tracker(db, clock, &admin, tracker_of("rivals", "chase pallet")).await.unwrap();
    again().await;
    let (second, heard) = (hash().await, report().await);
    assert_ne!(second, first);
    let hits: Vec<_> = heard.trackers.iter().filter(|view| view.id == "rivals").flat_map(|view| &view.hits).collect();
    assert_eq!(hits.iter().map(|hit| hit.quote.as_str()).collect::<Vec<_>>(), ["chasing pallets"]);
    assert!(!before.trackers.iter().any(|view| view.id == "rivals"));
    assert_eq!((&heard.dimensions, &heard.metrics), (&before.dimensions, &before.metrics), "nothing else changed");

    let change = NewTracker { side: Some(Whose::Internal), ..tracker_of("rivals", "chase pallet") };
    let changed = change_tracker(db, clock, &admin, change).await.unwrap();
    assert_eq!(changed.side, Some(Whose::Internal));
    again().await;
    assert!(
        hash().await != second && !report().await.trackers.iter().any(|view| view.id == "rivals"),
        "the customer said it"
    );

    remove_tracker(db, clock, &admin, "rivals").await.unwrap();
    again().await;
    assert_eq!(hash().await, first);
    let trail = audit::list(db, &audit::Wanted::latest(Some("rivals"), 9)).await.unwrap();
    let deeds: Vec<_> = trail.iter().rev().map(|event| event.action.as_str()).collect();
    assert_eq!(deeds, ["tracker.add", "tracker.change", "tracker.remove"]);
}

async fn a_tracker_that_cannot_be_used_is_refused(db: TestDb) {
    let world = World::new(db);
    let (db, clock, admin) = (&world.db, &world.clock, admin(&world).await);
    add_tracker(db, clock, &admin, tracker_of("rivals", "acme")).await.unwrap();
    assert!(is_conflict(&add_tracker(db, clock, &admin, tracker_of("rivals", "globex")).await));
    for (new, field) in [
        (tracker_of("others", "(x"), "phrases"),
        (tracker_of("others", "{vendor}"), "phrases"),
        (tracker_of("others", ""), "phrases"),
        (tracker_of("others", &"x".repeat(301)), "phrases"),
        (NewTracker { phrases: Vec::new(), ..tracker_of("others", "x") }, "phrases"),
        (tracker_of("Others", "x"), "id"),
        (tracker_of("", "x"), "id"),
        (tracker_of("objection_price2", "x"), "id"),
        (NewTracker { name: " ".to_owned(), ..tracker_of("others", "x") }, "name"),
    ] {
        let refused = add_tracker(db, clock, &admin, new.clone()).await.unwrap_err();
        assert!(matches!(refused, CoachingError::Field(told, _) if told == field), "{new:?}: {refused}");
    }
    let refused = change_tracker(db, clock, &admin, tracker_of("rivals", "(x")).await.unwrap_err();
    assert!(refused.to_string().contains("rivals") && refused.to_string().contains("(x"), "{refused}");
    assert_eq!(tracker(db, "rivals").await.unwrap().phrases, ["acme"]);
    assert!(matches!(tracker(db, "others").await, Err(CoachingError::Unknown(_))));
    let none = change_tracker(db, clock, &admin, tracker_of("others", "x")).await;
    assert!(matches!(none, Err(CoachingError::Unknown(_))));
    assert!(matches!(remove_tracker(db, clock, &admin, "others").await, Err(CoachingError::Unknown(_))));
}

db::on_both!(
    a_rubric_is_kept_in_versions_that_follow_each_other,
    what_is_built_in_stays_as_it_is,
    calls_are_judged_by_the_latest_version_and_keep_theirs,
    trackers_of_ones_own_are_listened_for_and_change_what_an_analysis_rests_on,
    a_tracker_that_cannot_be_used_is_refused,
);
