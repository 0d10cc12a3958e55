//! Stories of what reps learn from winners, on both databases.

use crate::tests::{BARE, GOOD, World, actor, admin, deal};
use crate::{DealError, Wanted, What, learning_insights};
use db::testing::TestDb;
use kernel::{Actor, Role};
use serde_json::{Value, json};
use uuid::Uuid;

const REPS: usize = 7;

fn rep(number: usize) -> (String, String) {
    (format!("Rep {number} Marsh"), format!("rep{number}@us.example"))
}

/// Whether a deal is unlike most of its kind; of each rep another share is, so that chance can be measured.
fn is_odd(number: usize, k: usize) -> bool {
    (k * k + 3 * number).is_multiple_of(7)
}

/// Seven reps with ten closed deals each, five of them won, a call each: in won deals a dated next step is agreed mostly, in lost ones seldom. The first rep
/// wins all deals of the earlier half of the year.
async fn team(world: &World, of_each: usize, early: usize) {
    let mut deals: Vec<Value> = Vec::new();
    for number in 0..REPS {
        let (name, email) = rep(number);
        for k in 0..of_each {
            let won = k % 2 == 0;
            let firm = format!("firm{number}x{k}");
            let more = json!({ "owner": email, "stage": if won { "Closed Won" } else { "Closed Lost" }, "opened_at": World::days_ago(60),
                "closed_at": World::days_ago(10), "product": "Docks", "segment": "smb" });
            deals.push(deal(&format!("D-{firm}"), &firm, &format!("{firm}.example"), &more));
            let said = if won == is_odd(number, k) { BARE } else { GOOD };
            let said = format!("{said}\nC: This is number {number} {k}.");
            world.call_of((&name, &email), 20, ("Mara Stone", &format!("mara@{firm}.example"), ""), &said).await;
        }
        for k in 0..early {
            let stage = if number == 0 || k % 3 == 0 { "Closed Won" } else { "Closed Lost" };
            let more = json!({ "owner": email, "stage": stage, "opened_at": World::days_ago(330), "closed_at": World::days_ago(300) });
            deals.push(deal(&format!("E-{number}-{k}"), "Early", "early.example", &more));
        }
    }
    // Before anything is told of their outcomes somebody has to have met those firms, so that the early deals have a call as well.
    for number in 0..REPS {
        let (name, email) = rep(number);
        let said = format!("{BARE}\nC: It is early, {number}.");
        world.call_of((&name, &email), 310, ("Jon Hale", "jon@early.example", ""), &said).await;
    }
    world.bring(What::Opportunities, &json!(deals)).await.unwrap();
    world.catch_up().await;
}

fn of(rep_id: Uuid, focus: Option<&str>) -> Wanted {
    Wanted { rep_id, focus_area: focus.map(str::to_owned), top_performers: Vec::new() }
}

async fn what_differs_is_found_with_its_interval_and_shown_side_by_side(db: TestDb) {
    let world = World::new(db);
    team(&world, 10, 12).await;
    let (_, email) = rep(3);
    let me = world.user("Rep 3 Marsh", &email).await;
    let found = learning_insights(&world.deals, &actor(me, Role::Rep), &of(me, None)).await.unwrap();
    assert_eq!((found.won_deals >= 35, found.lost_deals >= 35, found.is_enough), (true, true, true), "{found:?}");
    assert_eq!((found.product.as_deref(), found.segment.as_deref()), (Some("Docks"), Some("smb")));
    let top: Vec<&str> = found.top_performers.iter().map(|rep| &*rep.name).collect();
    assert_eq!(top, ["Rep 0 Marsh"], "who won most before");
    let step = found.features.iter().find(|feature| feature.id == "next_step_dated").unwrap();
    let team = step.team.as_ref().unwrap();
    assert_eq!((step.won_n, step.lost_n, step.kind, step.dimension.as_deref()), (35, 35, "check", Some("engagement")));
    let odd = |won: bool| (0..REPS * 10).filter(|n| (n % 10 % 2 == 0) == won && is_odd(n / 10, n % 10)).count() as f64;
    assert!(
        (team.won - (1.0 - odd(true) / 35.0)).abs() < 1e-9 && (team.lost - odd(false) / 35.0).abs() < 1e-9,
        "{team:?}"
    );
    assert!((team.difference - (team.won - team.lost)).abs() < 1e-9);
    assert!(team.is_found && 0.0 < team.low && team.low < team.difference && team.difference < team.high, "{team:?}");
    assert!(found.features.iter().any(|feature| feature.kind == "metric" && feature.team.is_some()));
    assert_eq!((step.beside.own_n, step.beside.top_n, step.beside.low), (10, 5, None), "too few for an interval");
    assert!(!found.moments.is_empty());
    for pair in &found.moments {
        assert_eq!((pair.winner.rep.name.as_str(), pair.winner.may_open), ("Rep 0 Marsh", false));
        assert!(GOOD.contains(&pair.winner.moment.quote), "{pair:?}");
        let id = i32::try_from(pair.winner.moment.segment_id).unwrap();
        let line = pair.winner.around.iter().find(|line| line.id == id).unwrap();
        let words = pair.winner.moment.quote.split(" … ").next().unwrap();
        assert!(line.text.contains(words), "{line:?} {words}");
        assert!(pair.winner.around.iter().all(|line| (id - 3..=id + 4).contains(&line.id)), "{pair:?}");
        assert!(pair.own.as_ref().is_none_or(|own| own.rep.id == me && own.may_open));
    }
    // An admin says how much of it reps are shown; what they may open anyway is the same.
    let shown = async |what: &str, who: &Actor| {
        let mut tx = world.db.begin().await.unwrap();
        let change = [("shown_of_others".to_owned(), json!(what))].into();
        accounts::change_settings(&mut tx, &world.deals.clock, &actor(me, Role::Admin), change).await.unwrap();
        tx.commit().await.unwrap();
        let found = learning_insights(&world.deals, who, &of(me, None)).await.unwrap();
        found.moments.iter().map(|pair| pair.winner.around.len()).collect::<Vec<_>>()
    };
    let mine = actor(me, Role::Rep);
    assert_eq!(shown("quotes", &mine).await, vec![0; found.moments.len()]);
    assert_eq!(shown("nothing", &mine).await, [] as [usize; 0]);
    let open = shown("nothing", &admin()).await;
    assert!(open.len() == found.moments.len() && open.iter().all(|lines| *lines > 0), "{open:?}");
    assert_eq!(shown("passages", &mine).await, open);
    // A dimension alone.
    let found = learning_insights(&world.deals, &admin(), &of(me, Some("engagement"))).await.unwrap();
    assert!(found.features.iter().all(|feature| feature.dimension.as_deref() == Some("engagement")));
    assert!(found.features[0].id == "next_step_dated" && found.moments[0].winner.may_open, "{found:?}");
    // Named by a manager; nobody learns from themself.
    let other = world.user("Rep 5 Marsh", &rep(5).1).await;
    let named = Wanted { top_performers: vec![other, me], ..of(me, None) };
    let found = learning_insights(&world.deals, &admin(), &named).await.unwrap();
    assert_eq!(found.top_performers.iter().map(|rep| rep.id).collect::<Vec<_>>(), [other]);
    // A rep names nobody, and nobody names whom they do not see: it is their words that would be shown.
    let refused = learning_insights(&world.deals, &actor(me, Role::Rep), &named).await.unwrap_err();
    assert!(refused.to_string().starts_with("top_performers: "), "{refused}");
    let coach = actor(world.user("Cleo Marsh", "cleo@us.example").await, Role::Coach);
    assert!(matches!(learning_insights(&world.deals, &coach, &named).await, Err(DealError::Unknown("rep"))));
    // Whom one does not see one does not ask about.
    let refused = learning_insights(&world.deals, &actor(other, Role::Rep), &of(me, None)).await.unwrap_err();
    assert!(matches!(refused, DealError::Unknown("rep")));
    let refused = learning_insights(&world.deals, &admin(), &of(me, Some("charm"))).await.unwrap_err();
    assert!(refused.to_string().starts_with("focus_area: it is one of discovery, "), "{refused}");
}

/// A call that is engaging in all that the rubric looks at.
const EXEMPLARY: &str = "D: Thanks for the time. Today I would like to see how receiving works, and at the end we agree on what comes next. Is that all right?\n\
C: Fine. We lose about six hours a week chasing pallets. How do others deal with that?\n\
D: Most of them plan the docks. What does a late order cost you?\n\
C: About four hundred euros each time. What would the price be for forty docks? And how long does it take to set up?\n\
D: It is nine hundred a month, and two weeks. Let me sum up: you lose six hours a week chasing pallets, and a late order costs you four hundred euros.\n\
C: Yes, that is right. What do you need from us to begin?\n\
D: A list of your docks. I will send the plan, and we meet again on Tuesday at ten. Does that work?\n\
C: Agreed. Tuesday at ten works.";

async fn below_thirty_closed_deals_a_side_no_number_is_told(db: TestDb) {
    let world = World::new(db);
    team(&world, 2, 0).await;
    let (name, email) = rep(0);
    world.call_of((&name, &email), 15, ("Mara Stone", "mara@firm0x0.example", ""), EXEMPLARY).await;
    world.catch_up().await;
    let me = world.user("Rep 3 Marsh", &rep(3).1).await;
    let found = learning_insights(&world.deals, &admin(), &of(me, Some("engagement"))).await.unwrap();
    assert!(!found.is_enough && found.features.is_empty(), "{found:?}");
    // Examples are out of calls whose dimension is above 80.
    assert!(!found.moments.is_empty());
    for pair in &found.moments {
        let call = coaching::session(&world.db, pair.winner.moment.call_id, None).await.unwrap().unwrap();
        let score = call.dimensions.iter().find(|dimension| dimension.dimension == "engagement").unwrap().score;
        assert!(score.is_some_and(|score| score > 80.0), "{score:?}");
    }
}

db::on_both!(
    what_differs_is_found_with_its_interval_and_shown_side_by_side,
    below_thirty_closed_deals_a_side_no_number_is_told,
);
