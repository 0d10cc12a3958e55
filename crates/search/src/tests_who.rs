//! Stories of who is told what, of speakers, facets, pages and counts, on both databases.

use crate::tests::{DANA, PRICE, RAVI, SECURITY, World, actor, admin, asked, titles};
use crate::*;
use calls::{Imported, NewCall};
use db::testing::TestDb;
use db::{on_db, on_tx};
use kernel::{Role, new_id};
use serde_json::json;
use transcript::{Format, Participant, Segment, Side, Transcript};
use uuid::Uuid;

const KIM: (&str, &str) = ("Kim Ode", "kim@us.example");

/// Somebody who is neither of the reps, in this role.
async fn other(world: &World, role: Role) -> kernel::Actor {
    actor(world.user(("Jo Lind", "jo@us.example")).await, role)
}

async fn tell(world: &World, sql: &str, ids: [Uuid; 2]) {
    let mut tx = world.db.begin().await.unwrap();
    on_tx!(&mut tx, conn => sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids[0]).bind(ids[1]).bind(world.search.clock.now())
        .execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
}

/// Whatever is told of a search over these calls, as one text: hits, counts, facets, suggestions, what is alike, an answer, what is recommended.
async fn everything(world: &World, who: &kernel::Actor, own: Uuid) -> String {
    let mut told = String::new();
    for query in ["price", "agent:a", "customer:o", ""] {
        let mut found = json!(world.find(who, query).await);
        found["query"] = json!(null);
        told += &found.to_string();
    }
    for begun in ["bud", "Da", "Ra", "Ki", "Ac", "Bo", "Ca", "encr", "pla"] {
        told += &json!(suggest(&world.search, who, begun).await.unwrap()).to_string();
    }
    for segment in [None, Some(2)] {
        told += &json!(similar(&world.search, who, Like { call: own, segment }, false, 10).await.unwrap()).to_string();
    }
    told += &json!(asked(world, who, "What is said of prices?").await).to_string();
    told += &json!(recommendations(&world.search, &world.deals(), who, own).await.unwrap()).to_string();
    told +=
        &json!(read(&world.search, who, "Dana and Ravi and Kim with Acme, Bolt and Cargo").await.unwrap().understood)
            .to_string();
    told
}

async fn managers_are_told_of_their_team_and_coaches_of_their_reps(db: TestDb) {
    let world = World::new(db);
    let acme = world.call(DANA, 3, "Acme", PRICE).await;
    let bolt = world.call(RAVI, 10, "Bolt", SECURITY).await;
    world.call(KIM, 20, "Cargo", "D: Hello.\nC: The prices of planes are encrypted.").await;
    let [dana, ravi] = [world.user(DANA).await, world.user(RAVI).await];
    for (role, sees) in [(Role::Manager, "dana"), (Role::Coach, "ravi")] {
        let who = other(&world, role).await;
        let nothing = everything(&world, &who, acme).await;
        for word in ["Dana", "Ravi", "Kim", "Bolt", "Cargo", "budget", "encrypted", "planes"] {
            assert!(!nothing.contains(word), "{role:?} without anybody is told of {word}: {nothing}");
        }
        let (own, words, hidden) = if sees == "dana" {
            let team = new_id();
            tell(
                &world,
                "INSERT INTO teams (id, name, created_at) VALUES ($1, CAST($2 AS TEXT), $3)",
                [team, new_id()],
            )
            .await;
            for member in [who.id, dana] {
                tell(
                    &world,
                    "INSERT INTO memberships (user_id, team_id, created_at) VALUES ($1, $2, $3)",
                    [member, team],
                )
                .await;
            }
            (acme, ["Acme", "Dana", "budget"], ["Bolt", "Ravi", "encrypted"])
        } else {
            tell(
                &world,
                "INSERT INTO coach_assignments (coach_id, rep_id, created_at) VALUES ($1, $2, $3)",
                [who.id, ravi],
            )
            .await;
            (bolt, ["Bolt", "Ravi", "encrypted"], ["Acme", "Dana", "budget"])
        };
        let told = everything(&world, &who, own).await;
        for word in words {
            assert!(told.contains(word), "{role:?} is told of {word}: {told}");
        }
        for word in hidden.iter().chain(&["Cargo", "Kim", "planes"]) {
            assert!(!told.contains(word), "{role:?} is told of {word}: {told}");
        }
        let found = world.find(&who, "price").await;
        assert_eq!((found.calls.len(), found.total, found.more), (1, 1, false), "{role:?}");
    }
}

async fn won_calls_are_recommended_to_who_sees_them(db: TestDb) {
    let world = World::new(db);
    let won = world.call(DANA, 30, "Acme", PRICE).await;
    let lost = world.call(DANA, 31, "Dock", PRICE).await;
    let own = world.call(RAVI, 3, "Bolt", PRICE).await;
    let ravi = actor(world.user(RAVI).await, Role::Rep);
    let deals = world.deals();
    let deal = |id: &str, stage: &str| json!({ "id": id, "name": id, "account": id, "owner": DANA.1, "stage": stage, "close_date": "2026-11-01" });
    let link = json!([{ "call_id": won, "opportunity_id": "D-1" }, { "call_id": lost, "opportunity_id": "D-2" }]);
    for (what, file) in [
        (deals::What::Opportunities, json!([deal("D-1", "Closed Won"), deal("D-2", "Closed Lost")])),
        (deals::What::Links, link),
    ] {
        deals::bring(&deals, "test", what, deals::FileKind::Json, file.to_string().as_bytes()).await.unwrap();
    }
    let is_won = |told: &[Recommendation]| {
        let of = told.iter().filter(|item| item.kind == RecommendationKind::SimilarWon);
        of.flat_map(|item| item.evidence.iter().map(|evidence| evidence.call_id)).collect::<Vec<_>>()
    };
    let told = recommendations(&world.search, &deals, &admin(), own).await.unwrap();
    assert!(!is_won(&told).is_empty() && is_won(&told).iter().all(|call| *call == won), "{told:?}");
    let told = recommendations(&world.search, &deals, &ravi, own).await.unwrap();
    assert_eq!(is_won(&told), [] as [Uuid; 0]);
    assert!(!json!(told).to_string().contains("Acme"), "{told:?}");
    // What shares a few words with a call is not like it.
    let short = world
        .call(RAVI, 2, "Echo", "D: Hello, this is Ravi.\nC: I am on the train, the time is bad, call tomorrow.")
        .await;
    let told = recommendations(&world.search, &deals, &admin(), short).await.unwrap();
    assert_eq!(is_won(&told), [] as [Uuid; 0], "{told:?}");
}

/// A call of our Lee and these people of theirs: who says what, by their places; 0 is Lee.
pub(crate) fn transcript(theirs: &[&str], said: &[(usize, &str)]) -> Transcript {
    let person = |name: &str, side| Participant { name: name.to_owned(), side: Some(side), ..Participant::default() };
    let segment = |(number, (speaker, text)): (usize, &(usize, &str))| Segment {
        id: number as u32 + 1,
        speaker: Some(*speaker),
        start_ms: Some(number as u64 * 5_000),
        end_ms: Some(number as u64 * 5_000 + 4_000),
        text: (*text).to_owned(),
        estimated: false,
        confidence: None,
        topic: None,
    };
    let theirs = theirs.iter().map(|name| person(name, Side::External));
    Transcript {
        format: Format::Json,
        participants: std::iter::once(person("Lee Park", Side::Internal)).chain(theirs).collect(),
        segments: said.iter().enumerate().map(segment).collect(),
        warnings: Vec::new(),
        title: None,
        started_at: None,
        external_id: None,
        language: None,
        separate_channels: false,
    }
}

pub(crate) async fn put(world: &World, title: &str, transcript: &Transcript) -> Uuid {
    let mut tx = world.db.begin().await.unwrap();
    let passages = retrieval::passages(transcript);
    let (id, _) = lab::put(&mut tx, title, None, world.search.clock.now(), transcript, &passages).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn a_speaker_is_looked_for_before_anything_is_ranked(db: TestDb) {
    let world = World::new(db);
    let long = "word ".repeat(110);
    let said =
        [(1, "We would like to see the docks."), (0, &*long), (2, "The price is what matters to us, I would say.")];
    put(&world, "of old", &transcript(&["Mara Stone", "Zoë Ångström"], &said)).await;
    put(&world, "by another", &transcript(&["Mara Stone", "Zoë Ångström"], &[(1, "The price is high."), (2, "Yes.")]))
        .await;
    // More than are looked at closely, each as good as that of old.
    for number in 0..220 {
        let said = [(1, "The price, the price, the price.")];
        put(&world, &format!("new {number}"), &transcript(&["Mara Stone"], &said)).await;
    }
    let who = admin();
    assert_eq!(world.find(&who, "price").await.total, 222);
    for query in
        ["speaker:zoë price", "speaker:ÅNGSTRÖM price", "speaker:\"Zoë Å\" price side:customer", "speaker:zo prices"]
    {
        let found = world.find(&who, query).await;
        assert_eq!((titles(&found), found.total, found.matched), (vec!["of old"], 1, Matched::All), "{query}");
        let moment = &found.calls[0].moments[0];
        assert_eq!(
            (moment.segment_id, moment.lines.iter().any(|line| line.speaker.as_deref() == Some("Zoë Ångström"))),
            (3, true)
        );
        let facets = found.facets.unwrap();
        assert_eq!(facets.months.iter().map(|facet| facet.calls).sum::<i64>(), 1);
    }
    // Who speaks where others say it, and who says nothing of it, has not said it.
    for query in ["speaker:zoë docks", "speaker:lee price", "speaker:nobody price", "speaker:zoë side:us price"] {
        let found = world.find(&who, query).await;
        assert_eq!((titles(&found), found.total), (vec![], 0), "{query}");
    }
    // Alone it lists the calls, each where they speak first.
    let found = world.find(&who, "speaker:zoë").await;
    assert_eq!((titles(&found), found.total), (vec!["by another", "of old"], 2));
    let shown: Vec<i32> = found.calls.iter().map(FoundIn::calls_first).collect();
    assert_eq!(shown, [2, 3]);
    let found = world.find(&who, "speaker:zoë -high").await;
    assert_eq!(titles(&found), ["of old"], "what is not to be said counts for the call");
}

impl FoundIn {
    fn calls_first(&self) -> i32 {
        self.moments[0].segment_id
    }
}

async fn facets_tell_people_and_months_apart(db: TestDb) {
    let mut world = World::new(db);
    world.search.zone = chrono_tz::America::New_York;
    let clock = world.search.clock.clone();
    // Two of one name, and a call that begins in November in London and in October in New York.
    for (number, (email, began)) in [
        ("sam.a@us.example", "2026-11-01T02:00:00Z"),
        ("sam.b@us.example", "2026-11-10T12:00:00Z"),
        ("sam.b@us.example", "2026-11-11T12:00:00Z"),
    ]
    .iter()
    .enumerate()
    {
        let text = json!({ "title": format!("call {number}"), "started_at": began,
            "participants": [{ "name": "Sam Reed", "side": "internal", "email": email }, { "name": "Pat", "side": "external" }],
            "segments": [{ "speaker": "Sam Reed", "text": "Hello.", "start_ms": 0, "end_ms": 100 }, { "speaker": "Pat", "text": format!("The price is {number} euros."), "start_ms": 200, "end_ms": 900 }] });
        let new = NewCall { who: "importer".into(), time_zone: world.search.zone, ..NewCall::named("call.json") };
        let made =
            calls::import(&world.db, &world.blobs, &clock, text.to_string().into_bytes(), &[], &new).await.unwrap();
        assert!(matches!(made, Imported::New { .. }));
    }
    let found = world.find(&admin(), "price").await;
    let facets = found.facets.unwrap();
    let told = |facets: &[Facet]| facets.iter().map(|facet| (facet.label.clone(), facet.calls)).collect::<Vec<_>>();
    assert_eq!(told(&facets.months), [("2026-11".to_owned(), 2), ("2026-10".to_owned(), 1)]);
    assert_eq!(
        told(&facets.agents),
        [("Sam Reed (sam.b@us.example)".to_owned(), 2), ("Sam Reed (sam.a@us.example)".to_owned(), 1)]
    );
    // What a facet counts is what is found by it.
    for facet in &facets.agents {
        assert_eq!(world.find(&admin(), &format!("agent:{} price", facet.value)).await.total, facet.calls, "{facet:?}");
    }
    assert_eq!(world.find(&admin(), "before:2026-10-31 price").await.total, 1);
    assert_eq!(world.find(&admin(), "after:2026-11-01 price").await.total, 2);
}

async fn pages_follow_each_other_and_many_are_counted_to_an_end(db: TestDb) {
    let world = World::new(db);
    let [dana, ravi, kim] = [world.user(DANA).await, world.user(RAVI).await, world.user(KIM).await];
    for (rep, count) in [(dana, 3_050), (ravi, 1_000)] {
        let texts: Vec<String> = (0..count).map(|number| format!("price number{number}")).collect();
        let said: Vec<(usize, &str)> = texts.iter().map(|text| (1, text.as_str())).collect();
        let many = transcript(&["Mara Stone"], &said);
        let passages = retrieval::passages_each(&many);
        let mut tx = world.db.begin().await.unwrap();
        lab::put(&mut tx, "many", Some(rep), world.search.clock.now(), &many, &passages).await.unwrap();
        tx.commit().await.unwrap();
    }
    for number in 0..7 {
        put(&world, &format!("gate {number}"), &transcript(&["Mara Stone"], &[(1, "A gate is a gate.")])).await;
    }
    let who = admin();
    // Of what is not counted to its end, facets tell of the latest; who sees less has it counted.
    for (who, total, of_latest, calls_of) in [
        (who.clone(), MOST_COUNTED + 1, true, RAVI.0),
        (actor(dana, Role::Rep), 3_050, false, DANA.0),
        (actor(ravi, Role::Rep), 1_000, false, RAVI.0),
    ] {
        let found = world.find(&who, "price").await;
        let facets = found.facets.unwrap();
        assert_eq!((found.total, facets.of_latest), (total, of_latest), "{calls_of}");
        assert_eq!(
            facets.agents.iter().map(|facet| (facet.label.as_str(), facet.calls)).collect::<Vec<_>>(),
            [(calls_of, 1)]
        );
        assert!(found.calls.iter().all(|found| found.call.rep.as_ref().unwrap().name == calls_of));
    }
    // What is common elsewhere may be rare among what somebody sees.
    let mut tx = world.db.begin().await.unwrap();
    for (title, text) in [("balloon", "A zeppelin."), ("sum", "The price is fine.")] {
        let said = transcript(&["Mara Stone"], &[(1, text)]);
        let passages = retrieval::passages(&said);
        lab::put(&mut tx, title, Some(kim), world.search.clock.now(), &said, &passages).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.search.clock.advance(chrono::TimeDelta::minutes(10));
    let found = world.find(&actor(kim, Role::Rep), "zeppelin price").await;
    assert_eq!((found.matched, found.total, titles(&found)), (Matched::Any, 2, vec!["balloon", "sum"]));
    assert!(!world.find(&who, "gate").await.facets.unwrap().of_latest);
    let mut seen = Vec::new();
    for offset in [0, 3, 6] {
        let wanted = Wanted { query: "gate".into(), limit: 3, offset, ..Wanted::default() };
        let found = find(&world.search, &who, &wanted).await.unwrap();
        assert_eq!((found.more, found.total), (offset < 6, 7), "{offset}");
        seen.extend(titles(&found).into_iter().map(str::to_owned));
    }
    seen.sort();
    assert_eq!(seen, (0..7).map(|number| format!("gate {number}")).collect::<Vec<_>>());
    let listed: i64 =
        on_db!(&*world.db, pool => sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(pool).await.unwrap());
    assert_eq!(world.find(&who, "").await.total, listed);
}

async fn an_unwanted_word_leaves_calls_out_whoever_says_it(db: TestDb) {
    let world = World::new(db);
    // Each is a passage of its own, so that nobody else speaks in it.
    let (ours, theirs) =
        ("We plan deliveries for your gate. ".repeat(40), "We look at all of that with care. ".repeat(40));
    world.call(DANA, 1, "Acme", &format!("D: {ours}The price is fine.\nC: {theirs}")).await;
    world.call(DANA, 2, "Bolt", &format!("D: {ours}\nC: {theirs}")).await;
    assert_eq!(titles(&world.find(&admin(), "speaker:mara price").await), Vec::<&str>::new(), "she does not say it");
    assert_eq!(titles(&world.find(&admin(), "speaker:mara -price").await), ["Bolt, 2"]);
    assert_eq!(titles(&world.find(&admin(), "speaker:mara -deliveries").await), Vec::<&str>::new());
}

/// PostgreSQL is asked in one way for few calls or passages, and in another for many.
async fn few_and_many_are_looked_through_alike(db: TestDb) {
    let world = World::new(db);
    for number in 0..6 {
        let said = [(1, "A gate is a gate."), (1, "A gate opens, and a door is shut.")];
        put(&world, &format!("gate {number}"), &transcript(&["Mara Stone"], &said)).await;
    }
    let all = allowed::numbers(&world.db).await.unwrap();
    let few = vec![all[1], all[4]];
    let many: Vec<i32> = few.iter().copied().chain(1_000_000..1_000_500).collect();
    let old: Vec<i32> = (-500..0).chain(few.iter().copied()).collect();
    let of = |number: i32| i64::from(number) * calls::PASSAGES;
    let ids = vec![of(all[1]), of(all[4])];
    let padded: Vec<i64> = ids.iter().copied().chain((1 << 50)..(1 << 50) + 20_000).collect();
    for query in ["gate", "gate door", "\"a gate\" -shut", "nothing gate", "side:customer gate"] {
        let query = retrieval::Query::parse(query);
        let side = query.fields.side;
        let mut told = Vec::new();
        for (numbers, passages) in [
            (few.clone(), None),
            (many.clone(), None),
            (old.clone(), None),
            (few.clone(), Some(ids.clone())),
            (many.clone(), Some(padded.clone())),
        ] {
            let allowed = Allowed::these(numbers, passages);
            let mut found = keyword::keyword(&world.search, &query, &allowed, side).await.unwrap();
            found.counted.sort_unstable();
            assert!(found.found.iter().all(|found| ids.contains(&found.id)), "{query:?}: {found:?}");
            let mut calls = match &found.expression {
                Some(expression) => keyword::calls_with(&world.search, expression, &allowed).await.unwrap(),
                None => Vec::new(),
            };
            calls.sort_unstable();
            assert!(calls.iter().all(|number| few.contains(&(*number as i32))), "{calls:?}");
            let begun = keyword::beginning(&world.search, "gat", &allowed, 9).await.unwrap();
            assert_eq!(begun, [ids[1], ids[0]]);
            assert_eq!(keyword::beginning(&world.search, "gat", &allowed, 1).await.unwrap(), [ids[1]]);
            told.push((found, calls));
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{query:?}: {told:?}");
    }
}

async fn what_was_new_is_told_only_while_it_may_be_seen(db: TestDb) {
    let world = World::new(db);
    let dana = actor(world.user(DANA).await, Role::Rep);
    let ravi = world.user(RAVI).await;
    let saving =
        |query: &str| Saving { name: Some(query.into()), query: Some(query.into()), mode: None, alert: Some(true) };
    for query in ["price", "-zeppelin", "agent:dana -zeppelin", "budget price"] {
        save(&world.search, &dana, &saving(query)).await.unwrap();
    }
    for signs in ["???", "\u{1f642}", "\" \" -", "\"\"\""] {
        let refused = save(&world.search, &dana, &saving(signs)).await;
        assert!(matches!(refused, Err(SearchError::Field("query", _))), "{signs}");
        let found = world.find(&admin(), signs).await;
        assert_eq!((found.total, found.calls.len(), found.query.notes.len()), (0, 0, 1), "{signs}");
    }
    world.search.clock.advance(chrono::TimeDelta::minutes(1));
    let call = world.call(DANA, 0, "Acme", "D: The budget?\nC: No. The price is too high.").await;
    let other = world.call(DANA, 1, "Bolt", "D: The price is fair.\nC: It is.").await;
    world.run("UPDATE calls SET status = 'analysed'").await;
    notice_all(&world.search).await.unwrap();
    let unseen = || async {
        saved(&world.db, &dana)
            .await
            .unwrap()
            .into_iter()
            .map(|search| (search.name, search.unseen))
            .collect::<Vec<_>>()
    };
    let told = |counts: [i64; 4]| {
        ["-zeppelin", "agent:dana -zeppelin", "budget price", "price"]
            .map(str::to_owned)
            .into_iter()
            .zip(counts)
            .collect::<Vec<_>>()
    };
    assert_eq!(unseen().await, told([2, 2, 1, 2]));
    tell(&world, "UPDATE calls SET rep_id = $1 WHERE id = $2 AND $3 IS NOT NULL", [ravi, call]).await;
    assert_eq!(unseen().await, told([1, 1, 0, 1]), "it is another's now");
    let id = saved(&world.db, &dana).await.unwrap()[3].id;
    let hits = hits(&world.search, &dana, id, true).await.unwrap();
    assert_eq!(hits.iter().map(|hit| hit.call.id).collect::<Vec<_>>(), [other]);
}

db::on_both!(
    what_was_new_is_told_only_while_it_may_be_seen,
    managers_are_told_of_their_team_and_coaches_of_their_reps,
    won_calls_are_recommended_to_who_sees_them,
    a_speaker_is_looked_for_before_anything_is_ranked,
    facets_tell_people_and_months_apart,
    pages_follow_each_other_and_many_are_counted_to_an_end,
    few_and_many_are_looked_through_alike,
    an_unwanted_word_leaves_calls_out_whoever_says_it,
);
