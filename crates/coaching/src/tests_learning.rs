//! Stories of learning points and exercises without a model, on both databases.

use crate::tests_given::{Check, Given, People, day, people};
use crate::*;
use db::on_tx;
use db::testing::TestDb;
use kernel::Actor;
use sqlx::types::Json;
use uuid::Uuid;

use db::sqlx;

pub(crate) fn september() -> Period {
    Period { since: day("2026-09-01"), until: day("2026-09-30") }
}

pub(crate) const AGENDA: (i64, usize, usize) = (2, 0, 13);
pub(crate) const PRICE: (i64, usize, usize) = (1, 7, 5);

/// A call of that day in which these checks of discovery had these verdicts.
pub(crate) async fn call(db: &TestDb, rep: &Actor, on: &str, checks: Vec<Check>) -> Uuid {
    Given { dimensions: vec![("discovery", Some(50.0), 1.0, checks)], ..Given::scored(50.0) }.keep(db, rep, on).await
}

/// Six calls of a rep: the agenda is set in five, the impact is quantified in one, no proof in any, and the last check is seldom judged.
pub(crate) async fn six_calls(db: &TestDb, rep: &Actor) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for number in 0..6 {
        let checks = vec![
            ("agenda_set", if number > 0 { "met" } else { "unmet" }, Some(AGENDA)),
            ("impact_quantified", if number == 2 { "met" } else { "unmet" }, Some(PRICE)),
            ("proof_given", "unmet", None),
            ("rare", if number < 4 { "unmet" } else { "not_applicable" }, Some(PRICE)),
        ];
        ids.push(call(db, rep, &format!("2026-09-{}", 10 + number), checks).await);
    }
    ids
}

/// The rubric that the calls rest on.
pub(crate) async fn keep_rubric(db: &TestDb) {
    let rubric = rubric::builtin().into_iter().find(|rubric| rubric.id == "default").unwrap();
    let mut tx = db.begin().await.unwrap();
    let sql = "INSERT INTO rubrics (id, version, name, document, created_at) VALUES ('default', 1, $1, $2, $3)";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(&rubric.name)
        .bind(Json(&rubric))
        .bind(kernel::Clock::system().now())
        .execute(conn)
        .await
        .unwrap()
        .rows_affected());
    tx.commit().await.unwrap();
}

pub(crate) async fn withhold(db: &TestDb, call: Uuid, confirmed: bool) {
    let mut tx = db.begin().await.unwrap();
    let sql = "UPDATE coaching_sessions SET withheld = TRUE, confirmed_at = $1 WHERE call_id = $2";
    let at = confirmed.then(|| kernel::Clock::system().now());
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(at).bind(call).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
}

pub(crate) async fn of_rep(db: &TestDb, rep: &Actor) -> Insights {
    let scope = Scope::new(db, rep, Some(rep.id), None).await.unwrap();
    insights(db, &scope, rep.id, september()).await.unwrap()
}

async fn points_and_exercises_come_from_verdicts_and_the_rubric(db: TestDb) {
    let People { dana, .. } = people(&db).await;
    keep_rubric(&db).await;
    let ids = six_calls(&db, &dana).await;
    let found = of_rep(&db, &dana).await;
    let told: Vec<_> =
        found.learning_points.iter().map(|one| (one.side, one.check.as_str(), one.met, one.unmet)).collect();
    let expected = [("gap", "proof_given", 0, 6), ("gap", "impact_quantified", 1, 5), ("strength", "agenda_set", 5, 1)];
    assert_eq!(told, expected);
    let impact = &found.learning_points[1];
    assert_eq!(impact.about, "Name of impact_quantified: missing in 5 of 6 calls.");
    assert_eq!(impact.dimension_name, "DISCOVERY");
    assert!(impact.recommendation.starts_with("Ask what the problem costs"), "{}", impact.recommendation);
    let shown: Vec<_> = impact.evidence.iter().map(|one| (one.call_id, one.quote.as_str(), one.start_ms)).collect();
    assert_eq!(shown, [(ids[5], "400 €", Some(0)), (ids[4], "400 €", Some(0)), (ids[3], "400 €", Some(0))]);
    // Nobody said anything that shows it, but it is known in which calls.
    let proof = &found.learning_points[0];
    assert_eq!((proof.evidence.len(), proof.calls.len(), proof.calls[0].id), (0, 3, ids[5]));
    // What the rubric says of a strength is what to keep, not what to do.
    assert!(found.learning_points[2].recommendation.starts_with("Keep opening with a plan"));

    let exercises: Vec<_> = found.exercises.iter().map(|one| (one.check.as_str(), one.side)).collect();
    assert_eq!(exercises, [("proof_given", "gap"), ("impact_quantified", "gap"), ("agenda_set", "strength")]);
    assert!(found.exercises.iter().all(|one| one.calls.len() == 3 && !one.practise.is_empty()));
    assert!(found.exercises[1].practise.contains("Write the question down"), "the words of discovery");
    assert!(found.exercises[1].sign.contains("at least 1 of these five calls"), "{}", found.exercises[1].sign);
    assert_eq!((found.exercises[1].moments.len(), found.exercises_note), (3, None));
    assert!(found.trend.contains("cannot be told: 6 scored calls now and 0"), "{}", found.trend);
}

async fn a_check_without_advice_in_the_rubric_says_what_was_said_of_a_call(db: TestDb) {
    let People { dana, .. } = people(&db).await;
    for on in 10..15 {
        call(&db, &dana, &format!("2026-09-{on}"), vec![("own", "unmet", Some(PRICE))]).await;
    }
    let found = of_rep(&db, &dana).await;
    assert_eq!(found.learning_points[0].recommendation, "do it.");
    assert_eq!((found.exercises.len(), found.learning_points.len()), (1, 1));
    assert_eq!(
        found.exercises_note.as_deref(),
        Some("only 1 check was judged in 5 calls or more; there is an exercise for each")
    );
}

async fn what_is_withheld_is_in_no_insight(db: TestDb) {
    let People { dana, .. } = people(&db).await;
    let ids = six_calls(&db, &dana).await;
    withhold(&db, ids[5], false).await;
    let found = of_rep(&db, &dana).await;
    let impact = found.gaps.iter().find(|gap| gap.id == "impact_quantified").unwrap();
    assert_eq!((impact.met, impact.unmet, impact.moments[0].call_id), (1, 4, ids[4]));
    let named = |found: &Insights| {
        let of_points = found.learning_points.iter().flat_map(|one| one.calls.iter().map(|call| call.id));
        let of_exercises = found.exercises.iter().flat_map(|one| one.calls.iter().map(|call| call.id));
        of_points.chain(of_exercises).any(|call| call == ids[5])
    };
    assert!(!named(&found), "{found:?}");
    // A person has looked.
    withhold(&db, ids[5], true).await;
    let found = of_rep(&db, &dana).await;
    assert!(named(&found) && found.gaps[0].unmet == 6);
}

async fn themes_of_a_team_recur_over_reps_and_show_each(db: TestDb) {
    let People { north, dana, sam, milo, nora, admin, coach, .. } = people(&db).await;
    keep_rubric(&db).await;
    let of_dana = six_calls(&db, &dana).await;
    let of_sam = call(&db, &sam, "2026-09-02", vec![("impact_quantified", "unmet", Some(PRICE))]).await;
    for on in 10..15 {
        call(&db, &milo, &format!("2026-09-{on}"), vec![("impact_quantified", "met", Some(PRICE))]).await;
    }
    let of = async |actor: &Actor, team: Option<Uuid>| {
        let scope = Scope::new(&db, actor, None, team).await.unwrap();
        learning_points(&db, &scope, september()).await.unwrap()
    };
    let found = of(&nora, Some(north)).await;
    assert_eq!((found.calls, found.reps, found.note.clone()), (7, 2, None));
    // Proof and agenda were judged with one of the two only.
    let [impact] = &found.learning_points[..] else { panic!("{found:?}") };
    assert_eq!(impact.about, "Name of impact_quantified: missing in 6 of 7 calls, with 2 of 2 reps.");
    let shown: Vec<_> = impact.evidence.iter().map(|one| (one.call_id, one.rep.name.as_str())).collect();
    assert_eq!(shown, [(of_dana[5], "Dana"), (of_sam, "Sam"), (of_dana[4], "Dana")]);
    // Everybody sees what is theirs to see: a rep of the team their own, a coach who is assigned, an admin all.
    let own = of(&dana, Some(north)).await;
    assert_eq!((own.calls, own.reps), (6, 1));
    assert!(own.learning_points.len() == 3 && own.learning_points[0].about.ends_with("6 of 6 calls."));
    assert_eq!(of(&coach, None).await.calls, 6);
    let all = of(&admin, None).await;
    assert_eq!((all.calls, all.reps), (12, 3));
    let few = of(&sam, None).await;
    assert_eq!((few.learning_points.len(), few.note.as_deref()), (0, Some("not enough data: 1 call, 5 are needed")));
}

db::on_both!(
    points_and_exercises_come_from_verdicts_and_the_rubric,
    a_check_without_advice_in_the_rubric_says_what_was_said_of_a_call,
    what_is_withheld_is_in_no_insight,
    themes_of_a_team_recur_over_reps_and_show_each,
);
