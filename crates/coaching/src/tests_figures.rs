//! Stories of figures, insights and moments, on both databases, with figures computed by hand.

use crate::tests_given::{Given, People, day, people, waiting};
use crate::*;
use calls::Status;
use chrono::Days;
use db::testing::TestDb;
use db::{on_db, on_tx};
use kernel::Actor;
use rubric::FlagKind;
use uuid::Uuid;

fn period(since: &str, until: &str) -> Period {
    Period { since: day(since), until: day(until) }
}

/// Thursday to Tuesday, with the whole week from the 14th between them.
fn september() -> Period {
    period("2026-09-10", "2026-09-22")
}

async fn scope<'a>(db: &TestDb, actor: &'a Actor, team: Option<Uuid>) -> Scope<'a> {
    Scope::new(db, actor, None, team).await.unwrap()
}

/// Dana: 20 to 70 in the period, 10 and 90 at its edges, and 25 four times before. Milo: five times 100. Sam: two calls.
async fn calls_of_september(db: &TestDb, people: &People) {
    let days = [
        "2026-09-09",
        "2026-09-10",
        "2026-09-13",
        "2026-09-14",
        "2026-09-20",
        "2026-09-21",
        "2026-09-22",
        "2026-09-23",
    ];
    for (on, overall) in days.into_iter().zip([10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 90.0]) {
        // Talk is known of four calls of the period.
        let talk_ratio = (overall > 30.0).then_some(0.5);
        let dimensions = vec![("discovery", Some(overall + 5.0), 1.0, vec![])];
        Given { talk_ratio, customer: Some(0.25), dimensions, ..Given::scored(overall) }
            .keep(db, &people.dana, on)
            .await;
    }
    for _ in 0..4 {
        Given::scored(25.0).keep(db, &people.dana, "2026-08-28").await;
        Given::scored(1.0).keep(db, &people.dana, "2026-08-27").await;
    }
    for _ in 0..5 {
        Given::scored(100.0).keep(db, &people.milo, "2026-09-14").await;
    }
    for on in ["2026-09-15", "2026-09-16"] {
        Given::scored(5.0).keep(db, &people.sam, on).await;
    }
    waiting(db, Some(&people.sam), "2026-09-16", Status::Queued).await;
    waiting(db, None, "2026-09-16", Status::NeedsSides).await;
}

async fn figures_of_reps_are_those_of_the_period_to_the_day(db: TestDb) {
    let people = people(&db).await;
    calls_of_september(&db, &people).await;
    assert_eq!(check(&db).await.unwrap(), [], "sums by week and by day are what the calls say");
    let highest = "overall".parse().unwrap();
    let found = agents(&db, &scope(&db, &people.admin, None).await, september(), &highest, true).await.unwrap();
    let overall: Vec<_> =
        found.iter().map(|a| (a.rep.name.as_str(), a.calls, a.judged, a.overall.n, a.overall.mean)).collect();
    // (20 + 30 + 40 + 50 + 60 + 70) / 6
    assert_eq!(overall, [("Milo", 5, 5, 5, Some(100.0)), ("Dana", 6, 6, 6, Some(45.0)), ("Sam", 3, 2, 2, None)]);
    let dana = &found[1];
    assert_eq!((dana.talk_ratio.n, dana.talk_ratio.mean), (4, None), "talk is known of four calls");
    assert_eq!(dana.talk_ratio.note.as_deref(), Some("not enough data: 4 calls, 5 are needed"));
    assert_eq!((dana.sentiment.n, dana.customer_sentiment.mean), (0, Some(0.25)));
    assert_eq!(dana.dimensions["discovery"].mean, Some(50.0));
    assert!(found[0].dimensions.is_empty());

    let lowest = agents(&db, &scope(&db, &people.admin, None).await, september(), &highest, false).await.unwrap();
    let names: Vec<_> = lowest.iter().map(|agent| agent.rep.name.as_str()).collect();
    assert_eq!(names, ["Dana", "Milo", "Sam"], "who has no number comes last, either way");
    let by_calls = "calls".parse().unwrap();
    let most = agents(&db, &scope(&db, &people.admin, None).await, september(), &by_calls, true).await.unwrap();
    assert_eq!(most.iter().map(|agent| agent.calls).collect::<Vec<_>>(), [6, 5, 3]);
    assert!("score".parse::<Order>().is_err() && "dimension:".parse::<Order>().is_err());
}

async fn sums_of_any_period_are_those_of_its_days(db: TestDb) {
    let people = people(&db).await;
    let first = day("2026-09-05");
    let mut kept = Vec::new();
    for number in 0..24 {
        let (on, overall) = (first + Days::new(number), (number * 7 % 10) as f64);
        Given::scored(overall).keep(&db, &people.dana, &on.to_string()).await;
        kept.push((on, overall));
    }
    let scope = scope(&db, &people.dana, None).await;
    for from in 0..24 {
        for length in [1, 2, 5, 7, 8, 13, 24] {
            let period = Period { since: first + Days::new(from), until: first + Days::new(from + length - 1) };
            let expected: Vec<f64> = kept
                .iter()
                .filter(|(on, _)| (period.since..=period.until).contains(on))
                .map(|(_, score)| *score)
                .collect();
            let found = team(&db, &scope, period).await.unwrap();
            assert_eq!((found.judged, found.calls), (expected.len() as i64, expected.len() as i64), "{period:?}");
            assert_eq!(found.overall.now.n, expected.len() as i64, "{period:?}");
            if let Some(mean) = found.overall.now.mean {
                assert!((mean - expected.iter().sum::<f64>() / expected.len() as f64).abs() < 1e-3, "{period:?}");
            }
        }
    }
}

async fn figures_of_a_team_stand_beside_those_of_the_period_before(db: TestDb) {
    let people = people(&db).await;
    calls_of_september(&db, &people).await;
    let north = team(&db, &scope(&db, &people.nora, Some(people.north)).await, september()).await.unwrap();
    assert_eq!(north.before, period("2026-08-28", "2026-09-09"));
    // Dana's six and Sam's two judged ones: (270 + 10) / 8; before (10 + 4 · 25) / 5.
    assert_eq!((north.overall.now.n, north.overall.now.mean), (8, Some(35.0)));
    assert_eq!((north.overall.before.n, north.overall.before.mean, north.overall.change), (5, Some(22.0), Some(13.0)));
    assert_eq!((north.calls, north.calls_before, north.judged, north.reps), (9, 5, 8, 2));
    assert_eq!((north.by_status["analysed"], north.by_status["queued"], north.by_status["needs_sides"]), (8, 1, 0));
    assert_eq!((north.talk_ratio.now.n, north.talk_ratio.change), (4, None));
    assert_eq!((north.dimensions["discovery"].now.mean, north.dimensions["discovery"].before.n), (Some(50.0), 1));

    let all = team(&db, &scope(&db, &people.admin, None).await, september()).await.unwrap();
    // (270 + 10 + 500) / 13
    assert_eq!((all.overall.now.n, all.overall.now.mean), (13, Some(60.0)));
    assert_eq!((all.calls, all.by_status["needs_sides"], all.reps), (15, 1, 3), "an admin sees calls of nobody");
}

async fn calls_are_counted_once_however_far_they_have_come(db: TestDb) {
    let people = people(&db).await;
    let again = Given::scored(50.0).keep(&db, &people.dana, "2026-09-14").await;
    let given_up = Given::scored(50.0).keep(&db, &people.dana, "2026-09-22").await;
    let nobodys = Given::scored(50.0).keep(&db, &people.dana, "2026-09-15").await;
    Given::scored(50.0).keep(&db, &people.dana, "2026-09-16").await;
    waiting(&db, Some(&people.dana), "2026-09-16", Status::Failed).await;
    waiting(&db, Some(&people.dana), "2026-09-17", Status::Queued).await;
    let mut tx = db.begin().await.unwrap();
    for (sql, call) in [
        ("UPDATE calls SET status = 'queued' WHERE id = $1", again),
        ("UPDATE calls SET status = 'failed' WHERE id = $1", given_up),
        ("UPDATE calls SET rep_id = NULL WHERE id = $1", nobodys),
    ] {
        on_tx!(&mut tx, conn => sqlx::query(sql).bind(call).execute(conn).await.unwrap().rows_affected());
    }
    tx.commit().await.unwrap();
    check(&db).await.unwrap();
    let counted = async |actor: &Actor, days: Period| {
        let found = team(&db, &scope(&db, actor, None).await, days).await.unwrap();
        let of = |status: &str| found.by_status[status];
        (found.calls, found.judged, [of("needs_sides"), of("queued"), of("analysed"), of("failed")])
    };
    assert_eq!(counted(&people.dana, september()).await, (5, 3, [0, 2, 1, 2]));
    assert_eq!(counted(&people.admin, september()).await, (6, 3, [0, 2, 2, 2]), "with that of nobody");
    assert_eq!(counted(&people.dana, period("2026-09-14", "2026-09-14")).await, (1, 1, [0, 1, 0, 0]));
    let later = team(&db, &scope(&db, &people.dana, None).await, period("2026-09-23", "2026-10-05")).await.unwrap();
    assert_eq!((later.calls, later.calls_before), (0, 5));
    let found = agents(&db, &scope(&db, &people.admin, None).await, september(), &Order::Calls, true).await.unwrap();
    assert_eq!((found[0].calls, found[0].judged), (5, 3));
}

async fn nobody_finds_out_about_calls_that_are_not_theirs(db: TestDb) {
    let people = people(&db).await;
    calls_of_september(&db, &people).await;
    let name = "name".parse().unwrap();
    for (actor, expected, judged) in [
        (&people.admin, &["Dana", "Milo", "Sam"][..], 13),
        (&people.nora, &["Dana", "Sam"], 8),
        (&people.sue, &["Milo"], 5),
        (&people.coach, &["Dana"], 6),
        (&people.dana, &["Dana"], 6),
        (&people.sam, &["Sam"], 2),
    ] {
        let scope = scope(&db, actor, None).await;
        let found = agents(&db, &scope, september(), &name, false).await.unwrap();
        assert_eq!(found.iter().map(|agent| agent.rep.name.as_str()).collect::<Vec<_>>(), expected, "{actor:?}");
        let figures = team(&db, &scope, september()).await.unwrap();
        assert_eq!((figures.judged, figures.overall.now.n), (judged, judged), "{actor:?}");
        let counts = trend(&db, &scope, september(), "calls", 1).await.unwrap();
        // The week of the 7th has a day before the period, that of the 21st one after it: Dana's 9th and 23rd.
        let more = if found.iter().any(|agent| agent.rep.name == "Dana") { 2 } else { 0 };
        assert_eq!(counts.points.iter().map(|point| point.n).sum::<i64>(), judged + more, "{actor:?}");
    }
    for (actor, rep, team) in [
        (&people.sue, Some(people.dana.id), None),
        (&people.sue, None, Some(people.north)),
        (&people.nora, None, Some(people.south)),
        (&people.coach, Some(people.sam.id), None),
        (&people.coach, None, Some(people.north)),
        (&people.sam, Some(people.dana.id), None),
        (&people.admin, Some(Uuid::nil()), None),
        (&people.admin, None, Some(Uuid::nil())),
    ] {
        let refused = Scope::new(&db, actor, rep, team).await.map(|_| ()).unwrap_err();
        assert!(matches!(refused, CoachingError::Unknown(_)), "{actor:?} {refused}");
    }
    // A member may ask for the team, and sees of it what is theirs.
    let own = team(&db, &scope(&db, &people.sam, Some(people.north)).await, september()).await.unwrap();
    assert_eq!((own.judged, own.calls, own.overall.now.mean), (2, 3, None));
}

async fn a_trend_is_in_whole_weeks(db: TestDb) {
    let people = people(&db).await;
    calls_of_september(&db, &people).await;
    let scope = scope(&db, &people.dana, None).await;
    let found = trend(&db, &scope, september(), "overall", 1).await.unwrap();
    assert_eq!(found.period, period("2026-09-07", "2026-09-27"));
    let points = |trend: Trend| trend.points.into_iter().map(|p| (p.week.to_string(), p.n, p.mean)).collect::<Vec<_>>();
    let week = |week: &str, n, mean| (week.to_owned(), n, mean);
    // 10, 20, 30 | 40, 50 | 60, 70, 90
    assert_eq!(points(found), [week("2026-09-07", 3, None), week("2026-09-14", 2, None), week("2026-09-21", 3, None)]);
    let found = trend(&db, &scope, september(), "overall", 2).await.unwrap();
    let expected = [week("2026-09-07", 3, None), week("2026-09-14", 5, Some(30.0)), week("2026-09-21", 5, Some(62.0))];
    assert_eq!(points(found), expected);
    let found = trend(&db, &scope, september(), "dimension:discovery", 3).await.unwrap();
    // (370 + 8 · 5) / 8
    assert_eq!(found.points[2].mean, Some(51.25));
    let quiet = trend(&db, &scope, period("2026-01-01", "2026-01-01"), "calls", 1).await.unwrap();
    assert_eq!(points(quiet), [week("2025-12-29", 0, Some(0.0))]);
    assert!(trend(&db, &scope, september(), "rating", 1).await.is_err());
}

/// Dana's six calls of the period: `agenda` is met in five, `impact` in two, `proof` was judged in four.
async fn judged_calls(db: &TestDb, people: &People) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for (number, on) in
        ["2026-09-10", "2026-09-13", "2026-09-14", "2026-09-20", "2026-09-21", "2026-09-22"].iter().enumerate()
    {
        let verdict = |met: bool| if met { "met" } else { "unmet" };
        let checks = vec![
            ("agenda", verdict(number > 0), Some((2, 0, 13))),
            // The first words of the latest call are beyond the segment.
            ("impact", verdict(number == 2 || number == 3), Some((1, 7, if number == 5 { 500 } else { 5 }))),
            ("proof", if number < 4 { "met" } else { "cannot_assess" }, None),
            ("rare", "not_applicable", None),
        ];
        let dimensions = vec![("discovery", Some(50.0), 3.0, checks)];
        ids.push(Given { dimensions, ..Given::scored(50.0) }.keep(db, &people.dana, on).await);
    }
    ids
}

async fn insights_tell_what_goes_well_and_what_does_not_with_the_words_that_show_it(db: TestDb) {
    let people = people(&db).await;
    let ids = judged_calls(&db, &people).await;
    for _ in 0..5 {
        Given::scored(20.0).keep(&db, &people.dana, "2026-09-01").await;
    }
    let scope = Scope::new(&db, &people.nora, Some(people.dana.id), None).await.unwrap();
    let found = insights(&db, &scope, people.dana.id, september()).await.unwrap();
    assert_eq!((found.rep.name.as_str(), found.calls, found.note), ("Dana", 6, None));
    let overall = &found.overall.compared;
    assert_eq!((overall.now.mean, overall.before.mean, overall.change), (Some(50.0), Some(20.0), Some(30.0)));
    // Four weeks up to each: the five of 20 and two, four, six of 50.
    let weekly: Vec<_> = found.overall.weekly.iter().map(|point| (point.n, point.mean)).collect();
    assert_eq!(weekly, [(7, Some(28.5714)), (9, Some(33.3333)), (11, Some(36.3636))]);
    let discovery = &found.dimensions[0];
    assert_eq!((discovery.id.as_str(), discovery.name.as_str(), found.dimensions.len()), ("discovery", "DISCOVERY", 1));
    assert_eq!((discovery.course.compared.now.n, discovery.course.compared.change), (6, None));

    let told =
        |checks: &[CheckCount]| checks.iter().map(|c| (c.id.clone(), c.met, c.unmet, c.share)).collect::<Vec<_>>();
    assert_eq!(told(&found.strengths), [("agenda".to_owned(), 5, 1, 0.8333)], "four calls are too few for proof");
    assert_eq!(told(&found.gaps), [("impact".to_owned(), 2, 4, 0.3333)]);
    assert_eq!(found.strengths[0].name, "Name of agenda");
    let moments = &found.strengths[0].moments;
    assert_eq!(
        moments.iter().map(|moment| moment.call_id).collect::<Vec<_>>(),
        [ids[5], ids[4], ids[3]],
        "the latest first"
    );
    let first = &moments[0];
    assert_eq!((first.segment_id, first.start_ms, first.quote.as_str()), (2, Some(1000), "That is fine."));
    assert_eq!((first.verdict, first.reason.as_str(), first.speaker.as_deref()), ("met", "agenda is met", Some("Rep")));
    let moments = &found.gaps[0].moments;
    assert_eq!(
        moments.iter().map(|moment| moment.call_id).collect::<Vec<_>>(),
        [ids[4], ids[1], ids[0]],
        "words that are there"
    );
    assert!(moments.iter().all(|moment| moment.quote == "400 €" && moment.verdict == "unmet"), "{moments:?}");
}

/// Says that nobody knows when a call began; it came in then.
async fn forget_start(db: &TestDb, call: Uuid, came_in: &str) {
    let at: chrono::DateTime<chrono::Utc> = came_in.parse().unwrap();
    let mut tx = db.begin().await.unwrap();
    let sql = "UPDATE calls SET started_at = NULL, imported_at = $1 WHERE id = $2";
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(at).bind(call).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
}

async fn a_call_without_a_start_stands_where_it_came_in(db: TestDb) {
    let people = people(&db).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let dimensions = vec![("discovery", Some(50.0), 1.0, vec![("agenda", "met", Some((2, 0, 13)))])];
        ids.push(Given { dimensions, ..Given::scored(50.0) }.keep(&db, &people.dana, "2026-09-14").await);
    }
    // The others began at ten.
    forget_start(&db, ids[1], "2026-09-14T11:00:00Z").await;
    forget_start(&db, ids[3], "2026-09-14T09:00:00Z").await;
    let scope = Scope::new(&db, &people.dana, Some(people.dana.id), None).await.unwrap();
    let found = insights(&db, &scope, people.dana.id, september()).await.unwrap();
    let shown: Vec<_> = found.strengths[0].moments.iter().map(|moment| moment.call_id).collect();
    assert_eq!(shown, [ids[1], ids[4], ids[2]], "the latest first, of equal ones the one that came in last");
}

async fn too_few_calls_tell_nothing_and_no_calls_as_well(db: TestDb) {
    let people = people(&db).await;
    judged_calls(&db, &people).await;
    let scope = Scope::new(&db, &people.coach, Some(people.dana.id), None).await.unwrap();
    let few = insights(&db, &scope, people.dana.id, period("2026-09-10", "2026-09-20")).await.unwrap();
    assert_eq!((few.calls, few.note.as_deref()), (4, Some("not enough data: 4 calls, 5 are needed")));
    assert_eq!((few.overall.compared.now.mean, few.strengths.len(), few.gaps.len()), (None, 0, 0));
    let none = insights(&db, &scope, people.dana.id, period("2025-01-06", "2025-01-12")).await.unwrap();
    assert_eq!((none.calls, none.overall.compared.now.n, none.dimensions.len()), (0, 0, 0));
    assert_eq!((none.overall.weekly.len(), none.overall.weekly[0].mean), (1, None));
}

async fn the_moments_of_a_week_are_the_heaviest_of_each_rep(db: TestDb) {
    let people = people(&db).await;
    // A check of two costs 50 points where its dimension has all the weight, 25 where it has half of it.
    let lost = |half: bool, words| Given {
        dimensions: vec![
            ("discovery", Some(50.0), 1.0, vec![("open", "unmet", Some(words)), ("agenda", "met", None)]),
            ("engagement", half.then_some(100.0), 1.0, vec![]),
        ],
        ..Given::scored(50.0)
    };
    let light = lost(true, (1, 0, 2)).keep(&db, &people.dana, "2026-09-14").await;
    let heavy = lost(false, (1, 7, 5)).keep(&db, &people.dana, "2026-09-20").await;
    lost(false, (1, 7, 5)).keep(&db, &people.dana, "2026-09-21").await;
    let flagged = Given { flags: vec![(FlagKind::CompliancePhrase, 2)], ..Given::scored(90.0) };
    let flagged = flagged.keep(&db, &people.sam, "2026-09-16").await;
    // The heaviest of all, with words that are beyond their segment.
    let gone = Given { overall: Some(40.0), ..lost(false, (1, 0, 99)) };
    gone.keep(&db, &people.milo, "2026-09-16").await;
    Given::scored(100.0).keep(&db, &people.milo, "2026-09-17").await;
    let unknown =
        async || moments(&db, &scope(&db, &people.admin, None).await, day("2026-09-14"), 3).await.unwrap().items.len();
    assert_eq!(unknown().await, 0, "what it cost is not known yet");
    assert_eq!(moments::fill(&db).await.unwrap(), 6);
    assert_eq!(moments::fill(&db).await.unwrap(), 0);

    let found = moments(&db, &scope(&db, &people.nora, None).await, day("2026-09-14"), 3).await.unwrap();
    let told: Vec<_> =
        found.items.iter().map(|m| (m.rep.name.as_str(), m.call_id, m.points, m.kind, m.id.as_str())).collect();
    assert_eq!(told, [("Dana", heavy, 50.0, "check", "open"), ("Sam", flagged, 30.0, "flag", "compliance_phrase")]);
    let (check, flag) = (&found.items[0], &found.items[1]);
    assert_eq!((check.quote.as_str(), check.segment_id, check.start_ms), ("400 €", 1, Some(0)));
    assert_eq!((check.speaker.as_deref(), check.dimension.as_deref()), (Some("Ravi"), Some("discovery")));
    assert_eq!(
        (check.reason.as_str(), check.overall_score, check.advice.as_str()),
        ("open is unmet", Some(50.0), "do it")
    );
    assert_eq!((flag.quote.as_str(), flag.start_ms), ("It is guaranteed!", Some(1000)));
    assert!(flag.why.contains("promise") && flag.dimension.is_none());

    let limited = moments(&db, &scope(&db, &people.admin, None).await, day("2026-09-14"), 1).await.unwrap();
    assert_eq!(limited.items.iter().map(|m| m.call_id).collect::<Vec<_>>(), [heavy], "the first that can be shown");
    // Nothing is shown in the place of Milo's words.
    let south = moments(&db, &scope(&db, &people.sue, None).await, day("2026-09-14"), 3).await.unwrap();
    assert_eq!(south.items, []);
    let own = moments(&db, &scope(&db, &people.dana, None).await, day("2026-09-14"), 3).await.unwrap();
    assert_eq!(own.items.iter().map(|moment| moment.call_id).collect::<Vec<_>>(), [heavy]);
    let coached = moments(&db, &scope(&db, &people.coach, None).await, day("2026-09-21"), 3).await.unwrap();
    assert_eq!(coached.items.len(), 1);
    assert_ne!(coached.items[0].call_id, light);
    let quiet = moments(&db, &scope(&db, &people.admin, None).await, day("2026-09-07"), 3).await.unwrap();
    assert_eq!(quiet.items, []);
}

async fn of_equal_moments_those_of_lower_scores_come_first_and_those_without_a_score_last(db: TestDb) {
    let people = people(&db).await;
    let flagged = |overall| Given { overall, flags: vec![(FlagKind::CompliancePhrase, 2)], ..Given::default() };
    flagged(None).keep(&db, &people.dana, "2026-09-16").await;
    let dana = flagged(Some(90.0)).keep(&db, &people.dana, "2026-09-14").await;
    let sam = flagged(None).keep(&db, &people.sam, "2026-09-16").await;
    let milo = flagged(Some(50.0)).keep(&db, &people.milo, "2026-09-14").await;
    moments::fill(&db).await.unwrap();
    let found = moments(&db, &scope(&db, &people.admin, None).await, day("2026-09-14"), 3).await.unwrap();
    assert_eq!(found.items.iter().map(|moment| moment.call_id).collect::<Vec<_>>(), [milo, dana, sam]);
}

/// The same by the analyst: what is kept with a call is what its report lost, and why it matters is what the rubric asks for.
async fn a_judged_call_knows_its_heaviest_moment(db: TestDb) {
    let world = tests::World::new(db);
    let id = world.new_call(tests::CALL).await;
    world.work().await;
    let (transcript, report) = stored(&world.db, id).await.unwrap();
    let report = report.unwrap();
    let kept: Option<f64> =
        on_db!(&*world.db, pool => sqlx::query_scalar("SELECT heaviest FROM calls").fetch_one(pool).await.unwrap());
    assert_eq!(kept, Some(moments::heaviest(&report)));
    let mut tx = world.db.begin().await.unwrap();
    let admin = accounts::rep(&mut tx, &world.clock, "Ada", None).await.unwrap();
    // Whatever the analyst found, there is something to show now.
    let forced = "UPDATE calls SET heaviest = 1";
    on_tx!(&mut tx, conn => sqlx::query(forced).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    let admin = Actor { id: admin, role: kernel::Role::Admin, session: Uuid::nil() };
    let found = moments(&world.db, &scope(&world.db, &admin, None).await, day("2026-09-14"), 3).await.unwrap();
    let lost = moments::lost(&report.dimensions, &report.flags, report.overall_score);
    assert_eq!(found.items.len(), usize::from(!lost.is_empty()));
    for moment in found.items {
        let segment = transcript.segment(moment.segment_id).unwrap();
        assert!(segment.text.contains(&moment.quote), "{moment:?}");
        let rubric = rubric::builtin().into_iter().find(|rubric| rubric.id == "default").unwrap();
        let sentences: Vec<_> = rubric.dimensions.iter().flat_map(|d| &d.checks).map(|check| &check.sentence).collect();
        assert!(moment.kind == "flag" || sentences.contains(&&moment.why), "{moment:?}");
    }
}

/// What was kept before there were sums by day gets them when the schema is brought up to date.
async fn older_calls_get_their_day_and_its_sums(db: TestDb) {
    let people = people(&db).await;
    calls_of_september(&db, &people).await;
    judged_calls(&db, &people).await;
    let file = match &*db {
        db::Db::Sqlite(_) => include_str!("../../db/migrations/sqlite/0005_coaching.sql"),
        db::Db::Postgres(_) => include_str!("../../db/migrations/postgres/0005_coaching.sql"),
    };
    let statement = |start: &str| {
        let from = file.find(start).unwrap();
        file[from..].split_inclusive(';').next().unwrap().to_owned()
    };
    let mut tx = db.begin().await.unwrap();
    let older = ["UPDATE calls SET day = ''".to_owned(), "DELETE FROM day_sums".to_owned()];
    for sql in older.into_iter().chain(["UPDATE calls SET day", "INSERT INTO day_sums"].map(statement)) {
        on_tx!(&mut tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql)).execute(conn).await.unwrap().rows_affected());
    }
    tx.commit().await.unwrap();
    assert_eq!(check(&db).await.unwrap(), []);
    let found = team(&db, &scope(&db, &people.milo, None).await, period("2026-09-14", "2026-09-14")).await.unwrap();
    assert_eq!(found.overall.now.mean, Some(100.0));
    let found = team(&db, &scope(&db, &people.dana, None).await, period("2026-08-28", "2026-08-28")).await.unwrap();
    assert_eq!((found.calls, found.judged), (4, 4));
}

db::on_both!(
    older_calls_get_their_day_and_its_sums,
    figures_of_reps_are_those_of_the_period_to_the_day,
    sums_of_any_period_are_those_of_its_days,
    figures_of_a_team_stand_beside_those_of_the_period_before,
    calls_are_counted_once_however_far_they_have_come,
    nobody_finds_out_about_calls_that_are_not_theirs,
    a_trend_is_in_whole_weeks,
    insights_tell_what_goes_well_and_what_does_not_with_the_words_that_show_it,
    too_few_calls_tell_nothing_and_no_calls_as_well,
    the_moments_of_a_week_are_the_heaviest_of_each_rep,
    of_equal_moments_those_of_lower_scores_come_first_and_those_without_a_score_last,
    a_call_without_a_start_stands_where_it_came_in,
    a_judged_call_knows_its_heaviest_moment,
);
