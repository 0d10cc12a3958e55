//! Which calls are found by whom, in which order; on both databases.

use crate::*;
use chrono::{DateTime, TimeDelta, Utc};
use db::testing::TestDb;
use db::{on_db, on_tx};
use kernel::{Actor, Clock, Role, new_id};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) blobs: Blobs,
    pub(crate) clock: Clock,
}

impl World {
    pub(crate) fn new(db: TestDb) -> Self {
        let blobs = Blobs::local(&db.dir().join("blobs")).unwrap();
        let clock = Clock::fixed(at("2026-11-10T12:00:00Z"));
        Self { db, blobs, clock }
    }

    pub(crate) async fn user(&self, name: &str) -> Uuid {
        let mut tx = self.db.begin().await.unwrap();
        let id = accounts::rep(&mut tx, &self.clock, name, None).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A call of this rep, or of nobody; it began so many hours before noon, or nobody knows when. Each comes in a second after the other.
    pub(crate) async fn call(&self, title: &str, rep: Option<Uuid>, hours: Option<i64>) -> Uuid {
        self.clock.advance(TimeDelta::seconds(1));
        let new = NewCall {
            title: Some(title.to_owned()),
            started_at: hours.map(|hours| at("2026-11-10T12:00:00Z") - TimeDelta::hours(hours)),
            ..NewCall::named("call.txt")
        };
        let text =
            format!("Agent: Hello, this is about {title}.\nCustomer: Fine at {}.\n", self.clock.now()).into_bytes();
        let imported = import(&self.db, &self.blobs, &self.clock, text, &[], &new).await.unwrap();
        let Imported::New { id, .. } = imported else { panic!("it is new") };
        self.set(id, "rep_id = $2", rep).await;
        id
    }

    /// Sets a column of a call, bound as `$2`.
    async fn set<T>(&self, call: Uuid, column: &'static str, value: T)
    where
        for<'a> T: sqlx::Encode<'a, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
        for<'a> T: sqlx::Encode<'a, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let mut tx = self.db.begin().await.unwrap();
        let sql = format!("UPDATE calls SET {column} WHERE id = $1");
        on_tx!(&mut tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(call)
            .bind(value)
            .execute(conn)
            .await
            .unwrap()
            .rows_affected());
        tx.commit().await.unwrap();
    }

    async fn titles(&self, actor: &Actor, wanted: Search) -> Vec<String> {
        let (found, total) = search(&self.db, actor, &wanted, true).await.unwrap();
        if wanted.after.is_none() && wanted.offset == 0 && wanted.limit >= 50 {
            assert_eq!(total, Some(found.len() as i64));
            // A short page is found in another way than a long one.
            for limit in 1..=found.len() {
                let short = Search { limit: limit as i64, ..wanted.clone() };
                let (short, none) = search(&self.db, actor, &short, false).await.unwrap();
                assert_eq!((short.as_slice(), none), (&found[..limit], None));
            }
        }
        found.into_iter().map(|(call, _)| call.title).collect()
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn actor(id: Uuid, role: Role) -> Actor {
    Actor { id, role, session: Uuid::nil() }
}

async fn neighbours_are_those_of_the_list(world: &World, actor: &Actor, list: &Search) {
    let (found, _) = search(&world.db, actor, list, false).await.unwrap();
    let found: Vec<Uuid> = found.into_iter().map(|(call, _)| call.id).collect();
    for (at, id) in found.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| found[at]);
        let after = found.get(at + 1).copied();
        let beside = neighbours(&world.db, actor, list, *id).await.unwrap();
        assert_eq!(beside, Neighbours { before, after }, "{actor:?} {list:?}");
    }
}

async fn calls_of_one_moment_have_their_place_beside_each_other(db: TestDb) {
    let world = World::new(db);
    let (ann, admin) = (world.user("Ann").await, actor(new_id(), Role::Admin));
    let mut ids = Vec::new();
    for title in ["a", "b", "c", "d"] {
        ids.push(world.call(title, Some(ann), Some(2)).await);
    }
    for actor in [&actor(ann, Role::Rep), &admin] {
        neighbours_are_those_of_the_list(&world, actor, &Search::default()).await;
    }
    // A call that the filter leaves out still knows what stands around its place.
    let narrow = Search { text: Some("d".to_owned()), by: By::Title, descending: false, ..Search::default() };
    let beside = neighbours(&world.db, &admin, &narrow, ids[1]).await.unwrap();
    assert_eq!(beside, Neighbours { before: None, after: Some(ids[3]) });
    let unknown = neighbours(&world.db, &admin, &narrow, Uuid::nil()).await;
    assert!(matches!(unknown, Err(CallError::Unknown(_))));
}

async fn everybody_finds_the_calls_that_are_theirs_to_see(db: TestDb) {
    let world = World::new(db);
    let (ann, bo, cy) = (world.user("Ann").await, world.user("Bo").await, world.user("Cy").await);
    let (boss, coach) = (world.user("Boss").await, world.user("Coach").await);
    let mut tx = world.db.begin().await.unwrap();
    let team = accounts::team(&mut tx, &world.clock, "North").await.unwrap();
    for member in [ann, bo, boss] {
        accounts::add_member(&mut tx, &world.clock, team, member).await.unwrap();
    }
    let other = accounts::team(&mut tx, &world.clock, "South").await.unwrap();
    accounts::add_member(&mut tx, &world.clock, other, cy).await.unwrap();
    accounts::assign(&mut tx, &world.clock, coach, cy).await.unwrap();
    tx.commit().await.unwrap();
    let mut ids = Vec::new();
    for (title, rep, hours) in [
        ("ann 1", Some(ann), Some(1)),
        ("bo 2", Some(bo), Some(2)),
        ("cy 3", Some(cy), Some(3)),
        ("nobody 4", None, Some(4)),
        ("ann 5", Some(ann), Some(5)),
    ] {
        ids.push(world.call(title, rep, hours).await);
    }
    let cases = [
        (actor(ann, Role::Rep), vec!["ann 1", "ann 5"]),
        (actor(cy, Role::Rep), vec!["cy 3"]),
        (actor(boss, Role::Manager), vec!["ann 1", "bo 2", "ann 5"]),
        (actor(coach, Role::Coach), vec!["cy 3"]),
        (actor(boss, Role::Admin), vec!["ann 1", "bo 2", "cy 3", "nobody 4", "ann 5"]),
        (actor(coach, Role::Rep), vec![]),
        (actor(new_id(), Role::Manager), vec![]),
    ];
    for (actor, expected) in cases {
        assert_eq!(world.titles(&actor, Search::default()).await, expected, "{actor:?}");
        for by in [By::ImportedAt, By::Score, By::Duration, By::Title] {
            let found: BTreeSet<_> =
                world.titles(&actor, Search { by, ..Search::default() }).await.into_iter().collect();
            assert_eq!(found, expected.iter().map(|title| (*title).to_owned()).collect(), "{actor:?} by {by:?}");
        }
        for by in [By::StartedAt, By::ImportedAt, By::Score, By::Duration, By::Title] {
            for descending in [true, false] {
                neighbours_are_those_of_the_list(&world, &actor, &Search { by, descending, ..Search::default() }).await;
            }
        }
        for (id, title) in ids.iter().zip(["ann 1", "bo 2", "cy 3", "nobody 4", "ann 5"]) {
            let found = seen(&world.db, &actor, &id.to_string()).await;
            assert_eq!(found.is_ok(), expected.contains(&title), "{actor:?} {title}");
        }
        // What is not seen is not found by its rep either.
        let of = |agent: &str| Search { agent: Some(agent.to_owned()), ..Search::default() };
        let cys = if expected.contains(&"cy 3") { vec!["cy 3"] } else { vec![] };
        assert_eq!(world.titles(&actor, of("CY")).await, cys, "{actor:?}");
        assert_eq!(world.titles(&actor, of(&cy.to_string())).await, cys, "{actor:?}");
        assert_eq!(world.titles(&actor, of("nobody")).await, Vec::<String>::new());
    }
}

async fn a_call_is_found_by_its_id_in_the_source(db: TestDb) {
    let world = World::new(db);
    let (ann, bo) = (world.user("Ann").await, world.user("Bo").await);
    let mut ids = Vec::new();
    for (title, rep, external) in [("a", ann, "G1"), ("b", bo, "G1"), ("c", ann, "G2"), ("d", ann, "G2")] {
        let id = world.call(title, Some(rep), None).await;
        world.set(id, "external_id = $2", external.to_owned()).await;
        ids.push(id);
    }
    let (ann, admin) = (actor(ann, Role::Rep), actor(ann, Role::Admin));
    assert_eq!(seen(&world.db, &ann, "G1").await.unwrap(), ids[0], "the other one is not hers to see");
    assert_eq!(seen(&world.db, &actor(bo, Role::Rep), "G1").await.unwrap(), ids[1]);
    assert_eq!(seen(&world.db, &admin, "G1").await.unwrap(), ids[0], "of several the one that came in first");
    assert_eq!(seen(&world.db, &ann, "G2").await.unwrap(), ids[2]);
    world.set(ids[2], "imported_at = $2", at("2026-11-11T12:00:00Z")).await;
    assert_eq!(seen(&world.db, &ann, "G2").await.unwrap(), ids[3], "by when they came in, not by their ids");
    assert!(matches!(seen(&world.db, &ann, "G3").await, Err(CallError::Unknown(_))));
    assert!(matches!(seen(&world.db, &ann, &ids[1].to_string()).await, Err(CallError::Unknown(_))));
    assert!(matches!(seen(&world.db, &admin, &ids[1].to_string()[..13]).await, Err(CallError::Unknown(_))), "no parts");
    assert!(matches!(seen(&world.db, &admin, "G\0").await, Err(CallError::Unknown(_))));
    // An id in the source may look like one of ours.
    let like_ours = new_id().to_string();
    world.set(ids[3], "external_id = $2", like_ours.clone()).await;
    assert_eq!(seen(&world.db, &ann, &like_ours).await.unwrap(), ids[3]);
}

async fn a_walk_by_cursor_meets_each_call_once_while_others_come_in(db: TestDb) {
    let world = World::new(db);
    let (ann, bo, boss) = (world.user("Ann").await, world.user("Bo").await, world.user("Boss").await);
    let mut tx = world.db.begin().await.unwrap();
    let team = accounts::team(&mut tx, &world.clock, "North").await.unwrap();
    for member in [ann, bo, boss] {
        accounts::add_member(&mut tx, &world.clock, team, member).await.unwrap();
    }
    tx.commit().await.unwrap();
    // Ties in everything, and nothing known of some.
    let mut all = BTreeSet::new();
    for n in 0..23 {
        let title = format!("{}Call {}", if n % 2 == 0 { "ä" } else { "Ä" }, n / 5);
        let id = world
            .call(&format!("{title} #{n}"), Some(if n % 3 == 0 { ann } else { bo }), (n % 4 != 0).then_some(n % 3))
            .await;
        world.set(id, "title = $2", title.clone()).await;
        world.set(id, "title_key = $2", title.to_lowercase()).await;
        world.set(id, "overall_score = $2", (n % 5 != 0).then_some((n % 3) as f64 * 33.333_333)).await;
        world.set(id, "duration_ms = $2", (n % 6 != 0).then_some(n % 2)).await;
        all.insert(id);
    }
    for who in [actor(boss, Role::Manager), actor(boss, Role::Admin)] {
        // Pages of which some lie within the calls that are looked through first, and some do not.
        for by in [By::StartedAt, By::ImportedAt, By::Score, By::Duration, By::Title] {
            for descending in [true, false] {
                let (mut met, mut after, mut keys) = (Vec::new(), None, Vec::new());
                loop {
                    let wanted = Search { by, descending, after: after.take(), limit: 4, ..Search::default() };
                    let (found, _) = search(&world.db, &who, &wanted, false).await.unwrap();
                    let Some((last, key)) = found.last() else { break };
                    // As it comes back from a client.
                    after = Some((by.read(&key.to_string()).unwrap(), last.id));
                    keys.extend(found.iter().map(|(_, key)| key.clone()));
                    met.extend(found.iter().map(|(call, _)| call.id));
                    if met.len() == 8 {
                        all.insert(world.call("late", Some(ann), None).await);
                    }
                }
                let once: BTreeSet<_> = met.iter().copied().collect();
                assert_eq!(once.len(), met.len(), "{by:?} {descending}: twice");
                // Those that came in on the way may be missed; nothing else may.
                assert!(all.difference(&once).count() <= 1, "{by:?} {descending}: left out");
                let sorted = keys.windows(2).all(|two| {
                    let order = compare(&two[0], &two[1]);
                    order.is_eq() || order.is_gt() == descending
                });
                assert!(sorted, "{by:?} {descending}: {keys:?}");
                // Pages by number are the same walk.
                let whole = Search { by, descending, limit: 100, ..Search::default() };
                let (whole, _) = search(&world.db, &who, &whole, false).await.unwrap();
                let part = Search { by, descending, limit: 5, offset: 7, ..Search::default() };
                let (part, total) = search(&world.db, &who, &part, true).await.unwrap();
                assert_eq!(part, whole[7..12]);
                assert_eq!(total, Some(whole.len() as i64));
            }
        }
    }
}

fn compare(a: &Key, b: &Key) -> std::cmp::Ordering {
    match (a, b) {
        (Key::Time(a), Key::Time(b)) => a.cmp(b),
        (Key::Score(a), Key::Score(b)) => a.total_cmp(b),
        (Key::Duration(a), Key::Duration(b)) => a.cmp(b),
        (Key::Title(a), Key::Title(b)) => a.cmp(b),
        _ => panic!("keys of two orders"),
    }
}

async fn each_condition_finds_what_it_says(db: TestDb) {
    let world = World::new(db);
    let (ann, boss) = (world.user("Ann Ö. Lind").await, world.user("Boss").await);
    let mut tx = world.db.begin().await.unwrap();
    let team = accounts::team(&mut tx, &world.clock, "North").await.unwrap();
    for member in [ann, boss] {
        accounts::add_member(&mut tx, &world.clock, team, member).await.unwrap();
    }
    tx.commit().await.unwrap();
    // title, hours before, customer, language, score, sentiment, status
    for (title, hours, customer, language, score, sentiment, status) in [
        ("Überblick 100%", Some(1), Some("Café Ö"), Some("de-AT"), Some(90.0), Some(0.05), "analysed"),
        ("underscore_x", Some(30), Some("Acme"), Some("de"), Some(40.5), Some(-0.05), "analysed"),
        ("plain", Some(60), None, Some("den"), None, None, "failed"),
        ("late", None, Some("acme"), Some("EN-us"), Some(40.5), Some(0.0), "queued"),
    ] {
        let id = world.call(title, Some(ann), hours).await;
        world.set(id, "customer = $2", customer.map(str::to_owned)).await;
        world.set(id, "customer_key = $2", customer.map(str::to_lowercase)).await;
        world.set(id, "language = $2", language.map(str::to_owned)).await;
        world.set(id, "overall_score = $2", score).await;
        world.set(id, "customer_sentiment = $2", sentiment).await;
        world.set(id, "status = $2", status.to_owned()).await;
    }
    let s = Search::default;
    let some = |text: &str| Some(text.to_owned());
    let cases = [
        (s(), vec!["late", "Überblick 100%", "underscore_x", "plain"]),
        (Search { agent: some(" ann  ö. LIND"), ..s() }, vec!["late", "Überblick 100%", "underscore_x", "plain"]),
        (Search { customer: some("ACME"), ..s() }, vec!["late", "underscore_x"]),
        (Search { customer: some("CAFÉ ö"), ..s() }, vec!["Überblick 100%"]),
        (Search { customer: some("caf"), ..s() }, vec![]),
        (Search { since: Some(at("2026-11-09T06:00:00Z")), ..s() }, vec!["late", "Überblick 100%", "underscore_x"]),
        (Search { since: Some(at("2026-11-09T06:00:00.000001Z")), ..s() }, vec!["late", "Überblick 100%"]),
        (Search { until: Some(at("2026-11-09T06:00:00Z")), ..s() }, vec!["plain"]),
        (Search { language: some("DE"), ..s() }, vec!["Überblick 100%", "underscore_x"]),
        (Search { language: some("en"), ..s() }, vec!["late"]),
        (Search { language: some("d%"), ..s() }, vec![]),
        (Search { score: (Some(40.5), None), ..s() }, vec!["late", "Überblick 100%", "underscore_x"]),
        (Search { score: (Some(41.0), Some(90.0)), ..s() }, vec!["Überblick 100%"]),
        (Search { score: (None, Some(40.5)), ..s() }, vec!["late", "underscore_x"]),
        (Search { mood: Some(Mood::Negative), ..s() }, vec!["underscore_x"]),
        (Search { mood: Some(Mood::Neutral), ..s() }, vec!["late"]),
        (Search { mood: Some(Mood::Positive), ..s() }, vec!["Überblick 100%"]),
        (Search { sentiment: (Some(-0.05), Some(0.0)), ..s() }, vec!["late", "underscore_x"]),
        (Search { status: Some(Status::Failed), ..s() }, vec!["plain"]),
        (Search { text: some("ÜBERBLICK"), ..s() }, vec!["Überblick 100%"]),
        (Search { text: some("%"), ..s() }, vec!["Überblick 100%"]),
        (Search { text: some("E_X"), ..s() }, vec!["underscore_x"]),
        (Search { text: some("!"), ..s() }, vec![]),
        (Search { by: By::Score, descending: false, ..s() }, vec!["plain", "underscore_x", "late", "Überblick 100%"]),
        (
            Search { by: By::ImportedAt, descending: false, ..s() },
            vec!["Überblick 100%", "underscore_x", "plain", "late"],
        ),
    ];
    for who in [actor(ann, Role::Rep), actor(boss, Role::Manager), actor(ann, Role::Admin)] {
        for (wanted, expected) in &cases {
            assert_eq!(world.titles(&who, wanted.clone()).await, *expected, "{:?} {wanted:?}", who.role);
        }
    }
}

async fn a_transcript_is_read_page_by_page_and_by_time(db: TestDb) {
    let world = World::new(db);
    let vtt = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Dana>One.\n\n00:03.000 --> 00:05.000\n<v Ravi>Two.\n\n00:06.000 --> 00:09.000\n<v Dana>Three.\n";
    let new = NewCall { time_zone: chrono_tz::UTC, ..NewCall::named("Köln: 1.vtt") };
    let names = ["Dana".to_owned()];
    let imported = import(&world.db, &world.blobs, &world.clock, vtt.as_bytes().to_vec(), &names, &new).await.unwrap();
    let Imported::New { id, .. } = imported else { panic!("it is new") };
    let stretch = Stretch { limit: 10, ..Stretch::default() };
    let (all, total) = segments(&world.db, id, stretch, true).await.unwrap();
    assert_eq!(total, Some(3));
    assert_eq!(
        all[1].speaker,
        Some(SegmentSpeaker { position: 1, name: "Ravi".to_owned(), side: Some("external".to_owned()) })
    );
    assert_eq!((all[1].start_ms, all[1].end_ms, all[1].text.as_str()), (Some(3000), Some(5000), "Two."));
    for (from_ms, to_ms, expected) in [
        (None, Some(3000), vec![1]),
        (None, Some(3001), vec![1, 2]),
        (Some(3000), None, vec![2, 3]),
        (Some(2999), Some(6001), vec![1, 2, 3]),
        (Some(5000), Some(6000), vec![]),
    ] {
        let (found, total) = segments(&world.db, id, Stretch { from_ms, to_ms, ..stretch }, true).await.unwrap();
        assert_eq!(found.iter().map(|s| s.id).collect::<Vec<_>>(), expected, "{from_ms:?} {to_ms:?}");
        assert_eq!(total, Some(expected.len() as i64));
    }
    let (page, _) = segments(&world.db, id, Stretch { after: 1, limit: 1, ..stretch }, false).await.unwrap();
    assert_eq!(page.iter().map(|s| s.id).collect::<Vec<_>>(), [2]);
    let (page, _) = segments(&world.db, id, Stretch { offset: 2, ..stretch }, false).await.unwrap();
    assert_eq!(page.iter().map(|s| s.id).collect::<Vec<_>>(), [3]);

    let kept = original(&world.db, &world.blobs, id).await.unwrap();
    assert_eq!(
        (kept.file_name.as_str(), kept.media_type, &kept.bytes[..]),
        ("Köln: 1.vtt", "text/vtt", vtt.as_bytes())
    );
    let secret = vtt.replace("Two.", "My card is 4111 1111 1111 1111.");
    let imported = import(&world.db, &world.blobs, &world.clock, secret.into_bytes(), &names, &new).await.unwrap();
    let Imported::New { id, .. } = imported else { panic!("it is new") };
    let kept = original(&world.db, &world.blobs, id).await.unwrap();
    assert_eq!((kept.file_name.as_str(), kept.media_type), ("Köln: 1.vtt.json", "application/json"));
    let shown = details(&world.db, id).await.unwrap();
    assert_eq!(shown.redactions.get("card"), Some(&1), "{:?}", shown.redactions);
    assert_eq!(
        shown.participants.iter().map(|p| p.side.as_deref()).collect::<Vec<_>>(),
        [Some("internal"), Some("external")]
    );
    assert_eq!((shown.call.rep.unwrap().name.as_str(), shown.session_id, shown.rubric), ("Dana", None, None));
}

async fn a_call_that_tells_nobody_is_whose_upload_it_is_until_it_does(db: TestDb) {
    let world = World::new(db);
    let ann = world.user("Ann").await;
    let new = NewCall { who: (&actor(ann, Role::Rep)).into(), ..NewCall::named("x.txt") };
    let text = b"Milo: Hello there, how are you?\nRavi: Fine, thanks.\n".to_vec();
    let imported = import(&world.db, &world.blobs, &world.clock, text, &[], &new).await.unwrap();
    let Imported::New { id, status } = imported else { panic!("it is new") };
    assert_eq!(status, Status::NeedsSides);
    let who = actor(ann, Role::Rep);
    assert_eq!(seen(&world.db, &who, &id.to_string()).await.unwrap(), id);
    let mut tx = world.db.begin().await.unwrap();
    let transcript = load(&world.db, id).await.unwrap();
    set_sides(&mut tx, &world.clock, id, transcript, &["Milo".to_owned()], None, &"test".into()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(seen(&world.db, &who, &id.to_string()).await.is_err(), "it is Milo's");
    assert_eq!(get(&world.db, id).await.unwrap().unwrap().rep.as_deref(), Some("Milo"));
}

async fn sides_move_a_call_as_far_as_who_says_them_may(db: TestDb) {
    let world = World::new(db);
    let (ann, boss, bo, cy) =
        (world.user("Ann").await, world.user("Boss").await, world.user("Bo").await, world.user("Cy").await);
    let mut tx = world.db.begin().await.unwrap();
    let team = accounts::team(&mut tx, &world.clock, "North").await.unwrap();
    for member in [ann, bo, boss] {
        accounts::add_member(&mut tx, &world.clock, team, member).await.unwrap();
    }
    tx.commit().await.unwrap();
    let new = NewCall { who: (&actor(ann, Role::Rep)).into(), ..NewCall::named("x.txt") };
    let text = b"Bo: Hello there, how are you?\nCy: Fine, thanks.\nStranger: So am I.\n".to_vec();
    let imported = import(&world.db, &world.blobs, &world.clock, text, &[], &new).await.unwrap();
    let Imported::New { id, .. } = imported else { panic!("it is new") };
    let (manager, admin) = (actor(boss, Role::Manager), actor(boss, Role::Admin));
    let owner = "SELECT rep_id FROM calls";
    for (who, ours, expected) in [
        (actor(ann, Role::Rep), "Bo", ann),
        (manager.clone(), "Cy", ann),
        (manager.clone(), "Stranger", ann),
        (manager.clone(), "Bo", bo),
        (actor(bo, Role::Rep), "Cy", bo),
        (admin, "Cy", cy),
        (manager, "Bo", bo),
    ] {
        let transcript = load(&world.db, id).await.unwrap();
        let mut tx = world.db.begin().await.unwrap();
        let said = set_sides(&mut tx, &world.clock, id, transcript, &[ours.to_owned()], None, &(&who).into()).await;
        assert_eq!(said.unwrap(), Status::Queued);
        tx.commit().await.unwrap();
        let found: Uuid = on_db!(&*world.db, pool => sqlx::query_scalar(owner).fetch_one(pool).await.unwrap());
        assert_eq!(found, expected, "{:?} says {ours}", who.role);
    }
}

/// What lists look in is written with what they show.
async fn columns_of_lists_follow_what_is_written(db: TestDb) {
    let world = World::new(db);
    let id = world.call("Straße", None, Some(3)).await;
    let mut tx = world.db.begin().await.unwrap();
    let said =
        CallChange { title: Some(" Zweites Ä ".to_owned()), customer: Some(Some("ÄCME".to_owned())), rep: None };
    change(&mut tx, &world.clock, id, &said, "test").await.unwrap();
    for wrong in [String::new(), "x".repeat(301), "a\u{7}b".to_owned()] {
        let said = CallChange { title: Some(wrong), ..CallChange::default() };
        assert!(matches!(change(&mut tx, &world.clock, id, &said, "test").await, Err(CallError::Field("title", _))));
    }
    assert!(matches!(change(&mut tx, &world.clock, new_id(), &said, "test").await, Err(CallError::Unknown(_))));
    tx.commit().await.unwrap();
    let sql = "SELECT title, title_key, customer_key, happened_at FROM calls";
    let row: (String, String, String, DateTime<Utc>) =
        on_db!(&*world.db, pool => sqlx::query_as(sql).fetch_one(pool).await.unwrap());
    assert_eq!(row, ("Zweites Ä".to_owned(), "zweites ä".to_owned(), "äcme".to_owned(), at("2026-11-10T09:00:00Z")));
}

async fn events_of_a_call_that_was_handed_on_are_not_its_former_owners(db: TestDb) {
    use crate::events::{self, Event, Position};
    let world = World::new(db);
    let (ann, bo) = (world.user("Ann").await, world.user("Bo").await);
    let (hers, given) = (world.call("hers", Some(ann), None).await, world.call("given", Some(ann), None).await);
    let tell = async |event, call| {
        let mut tx = world.db.begin().await.unwrap();
        events::tell(&mut tx, world.clock.now(), event, call, serde_json::json!({})).await.unwrap();
        tx.commit().await.unwrap();
    };
    // Also what importing told; on PostgreSQL only what nobody who still writes on this server can overtake.
    let told = async |id, role| {
        let admin = actor(bo, Role::Admin);
        let sql = "SELECT count(*) FROM events";
        let all: i64 = on_db!(&*world.db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap());
        for _ in 0..500 {
            if events::since(&world.db, &admin, Position::default(), 100).await.unwrap().len() as i64 == all {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let told = events::since(&world.db, &actor(id, role), Position::default(), 100).await.unwrap();
        told.into_iter().map(|one| (one.kind, one.call_id)).collect::<BTreeSet<_>>()
    };
    let status = |call| ("call.status".to_owned(), call);
    tell(Event::Status, hers).await;
    tell(Event::Status, given).await;
    assert_eq!(told(ann, Role::Rep).await, [status(hers), status(given)].into());
    world.set(given, "rep_id = $2", bo).await;
    assert_eq!(told(ann, Role::Rep).await, [status(hers)].into());
    assert_eq!(told(bo, Role::Rep).await, [].into(), "what happened before is not theirs either");
    assert_eq!(told(bo, Role::Admin).await, [status(hers), status(given)].into());
    // That it is gone, those are told whose it was then.
    let mut tx = world.db.begin().await.unwrap();
    delete(&mut tx, &world.clock, given, "test").await.unwrap();
    tx.commit().await.unwrap();
    let gone = ("call.deleted".to_owned(), given);
    assert_eq!(told(bo, Role::Rep).await, [gone.clone()].into());
    assert!(!told(ann, Role::Rep).await.contains(&gone));
}

db::on_both!(
    calls_of_one_moment_have_their_place_beside_each_other,
    everybody_finds_the_calls_that_are_theirs_to_see,
    a_call_is_found_by_its_id_in_the_source,
    a_walk_by_cursor_meets_each_call_once_while_others_come_in,
    each_condition_finds_what_it_says,
    a_transcript_is_read_page_by_page_and_by_time,
    a_call_that_tells_nobody_is_whose_upload_it_is_until_it_does,
    sides_move_a_call_as_far_as_who_says_them_may,
    columns_of_lists_follow_what_is_written,
    events_of_a_call_that_was_handed_on_are_not_its_former_owners,
);
