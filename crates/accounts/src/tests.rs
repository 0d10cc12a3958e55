//! Stories of reps and of what is forgotten, on both databases.

use crate::*;
use chrono::TimeDelta;
use db::testing::TestDb;
use kernel::{Clock, Role, Secret};

async fn a_rep_is_made_once_and_known_by_mail_or_name(db: TestDb) {
    let clock = Clock::system();
    let mut ids = Vec::new();
    for (name, email) in [
        ("Dana Whitlock", Some("Dana@Dockline.example")),
        ("D. Whitlock", Some("dana@dockline.example")),
        ("dana whitlock", None),
        ("Dana Whitlock", Some("other@dockline.example")),
        ("Sam Ode", None),
        ("SAM ODE", None),
    ] {
        let mut tx = db.begin().await.unwrap();
        ids.push(rep(&mut tx, &clock, name, email).await.unwrap());
        tx.commit().await.unwrap();
    }
    assert!(ids[0] == ids[1] && ids[1] == ids[2], "the same address, or the name alone");
    assert!(ids[3] != ids[0], "a namesake with an address of their own");
    assert!(ids[4] == ids[5] && ids[4] != ids[0]);
    let found = find_rep(&db, "DANA@dockline.example").await.unwrap().unwrap();
    assert_eq!((found.id, found.name.as_str(), found.role), (ids[0], "Dana Whitlock", Role::Rep));
    assert!(find_rep(&db, "nobody").await.unwrap().is_none());
}

async fn namesakes_are_told_apart_and_an_address_is_learnt(db: TestDb) {
    let clock = Clock::system();
    let mut tx = db.begin().await.unwrap();
    let mut of = async |name: &str, email: Option<&str>| rep(&mut tx, &clock, name, email).await.unwrap();
    let jorg = of("Jörg  Weiß", None).await;
    assert_eq!(of("JÖRG WEIß", None).await, jorg);
    assert_eq!(of("Jörg Weiß", Some("jw@acme.example")).await, jorg, "the address is learnt");
    assert_eq!(of("J. Weiß", Some("JW@acme.example")).await, jorg);
    let other = of("Jörg Weiß", Some("joerg@other.example")).await;
    assert_ne!(other, jorg, "another address is another person");
    let nobody = of("Jörg Weiß", None).await;
    assert!(nobody != jorg && nobody != other, "which of the two is not known");
    assert_eq!(of("jörg weiß", None).await, nobody);
}

async fn imports_at_once_make_a_new_rep_once(db: TestDb) {
    let one = |name: &'static str| {
        let db = (*db).clone();
        tokio::spawn(async move {
            let mut tx = db.begin().await.unwrap();
            let id = rep(&mut tx, &Clock::system(), name, Some("dana@acme.example")).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            tx.commit().await.unwrap();
            id
        })
    };
    let mut ids = Vec::new();
    for task in [one("Dana"), one("D. Whitlock"), one("dana w"), one("Dana")] {
        ids.push(task.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "whatever they call themselves");
}

async fn used_refresh_tokens_of_a_living_login_are_forgotten_and_let_nobody_in(db: TestDb) {
    let clock = Clock::fixed("2026-11-02T10:00:00Z".parse().unwrap());
    let auth = Auth::new((*db).clone(), clock.clone(), Registration::Closed).await.unwrap();
    let (username, email) = ("dana".to_owned(), "dana@dockline.example".to_owned());
    let password = Secret::new("seven-pallets-over-oslo");
    let dana = auth.register(NewUser { username, email, password, invitation: None }).await.unwrap();
    let mut shown = vec![auth.grant(dana.id).await.unwrap().refresh_token];
    for _ in 0..5 {
        shown.push(auth.refresh(shown.last().unwrap()).await.unwrap().refresh_token);
        clock.advance(TimeDelta::days(10));
    }
    let purged = async || {
        let mut tx = db.begin().await.unwrap();
        let gone = answers::purge(&mut tx, &clock).await.unwrap();
        tx.commit().await.unwrap();
        gone
    };
    assert_eq!((purged().await, purged().await), (2, 0), "used 50 and 40 days ago");
    assert!(matches!(auth.refresh(&shown[0]).await, Err(AccountError::Token)));
    let last = auth.refresh(&shown[5]).await.unwrap();
    assert!(auth.actor(&last.access_token).await.is_ok(), "the login lives");
    // One that is known still tells of a theft.
    assert!(matches!(auth.refresh(&shown[4]).await, Err(AccountError::Token)));
    assert!(auth.actor(&last.access_token).await.is_err());
}

db::on_both!(used_refresh_tokens_of_a_living_login_are_forgotten_and_let_nobody_in);
db::on_both!(namesakes_are_told_apart_and_an_address_is_learnt, imports_at_once_make_a_new_rep_once);
db::on_both!(a_rep_is_made_once_and_known_by_mail_or_name);
