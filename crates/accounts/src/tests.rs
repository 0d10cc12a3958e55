//! Stories of reps, on both databases.

use crate::*;
use db::testing::TestDb;
use kernel::Clock;

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

db::on_both!(a_rep_is_made_once_and_known_by_mail_or_name);
