//! Stories of coming in and of what people may see, on both databases.

use crate::*;
use chrono::TimeDelta;
use db::testing::TestDb;
use kernel::{Actor, Clock, Role, Secret};
use uuid::Uuid;

const PASSWORD: &str = "seven-pallets-over-oslo";

fn clock() -> Clock {
    Clock::fixed("2026-11-02T10:00:00Z".parse().unwrap())
}

async fn auth(db: &TestDb, clock: &Clock, registration: Registration) -> Auth {
    Auth::new((**db).clone(), clock.clone(), registration).await.unwrap()
}

fn new(name: &str) -> NewUser {
    NewUser {
        username: name.to_owned(),
        email: format!("{name}@dockline.example"),
        password: Secret::new(PASSWORD),
        invitation: None,
    }
}

async fn login(auth: &Auth, who: &str) -> Tokens {
    auth.login(who, &Secret::new(PASSWORD), &Seen::default()).await.unwrap()
}

async fn actor(auth: &Auth, who: &str) -> Actor {
    auth.actor(&login(auth, who).await.access_token).await.unwrap()
}

async fn the_first_is_admin_and_others_come_in_as_the_setting_has_it(db: TestDb) {
    let clock = clock();
    let closed = auth(&db, &clock, Registration::Closed).await;
    let first = closed.register(new("dana")).await.unwrap();
    assert_eq!((first.role, first.username.as_deref()), (Role::Admin, Some("dana")));
    assert!(matches!(closed.register(new("milo")).await, Err(AccountError::Closed(_))));

    let open = auth(&db, &clock, Registration::Domain("dockline.example".to_owned())).await;
    assert_eq!(open.register(new("milo")).await.unwrap().role, Role::Rep);
    let foreign = NewUser { email: "eve@other.example".to_owned(), ..new("eve") };
    assert!(matches!(open.register(foreign).await, Err(AccountError::Closed(_))));
    let field = |error: Result<User, AccountError>| match error {
        Err(AccountError::Field(name, _)) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(open.register(new("milo")).await), "username");
    assert_eq!(field(open.register(NewUser { username: "mi".to_owned(), ..new("milo") }).await), "email");
    assert_eq!(field(open.register(NewUser { username: "a b".to_owned(), ..new("x") }).await), "username");
    assert_eq!(field(open.register(NewUser { email: "no address".to_owned(), ..new("xx") }).await), "email");
    let weak = NewUser { password: Secret::new("password123"), ..new("xx") };
    assert_eq!(field(open.register(weak).await), "password");

    // Whom calls have named is not anybody's who says so.
    let mut tx = db.begin().await.unwrap();
    let known = rep(&mut tx, &clock, "Ravi Rao", Some("ravi@dockline.example")).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(open.register(new("ravi")).await, Err(AccountError::Closed(_))));
    let admin = actor(&open, "dana").await;
    let mut tx = db.begin().await.unwrap();
    let team = make_team(&mut tx, &clock, "North").await.unwrap();
    let invited = invite(&mut tx, &clock, &admin, "Ravi@dockline.example", Role::Manager, Some(team)).await.unwrap();
    tx.commit().await.unwrap();
    let by = |name: &str| NewUser { invitation: Some(invited.token.clone()), ..new(name) };
    assert_eq!(field(open.register(by("eve")).await), "invitation");
    let ravi = open.register(by("ravi")).await.unwrap();
    assert_eq!((ravi.id, ravi.role), (known, Role::Manager), "the calls become theirs");
    assert_eq!(members(&db, team).await.unwrap().iter().map(|user| user.id).collect::<Vec<_>>(), [known]);
    assert_eq!(field(open.register(NewUser { username: "ravi2".to_owned(), ..by("ravi") }).await), "invitation");
}

async fn two_who_are_first_at_once_do_not_both_become_admin(db: TestDb) {
    let auth = auth(&db, &clock(), Registration::Domain("dockline.example".to_owned())).await;
    let (one, other) = tokio::join!(auth.register(new("dana")), auth.register(new("milo")));
    let mut roles = [one.unwrap().role, other.unwrap().role];
    roles.sort_by_key(|role| role.as_str());
    assert_eq!(roles, [Role::Admin, Role::Rep]);
}

async fn wrong_passwords_are_slowed_and_tell_nothing(db: TestDb) {
    let clock = clock();
    let auth = auth(&db, &clock, Registration::Closed).await;
    auth.register(new("dana")).await.unwrap();
    let try_with = async |who: &str, password: &str| {
        let told = auth.login(who, &Secret::new(password), &Seen::default()).await;
        told.map_or_else(|error| error.to_string(), |_| String::new())
    };
    assert_eq!(try_with("nobody", PASSWORD).await, try_with("dana", "wrong").await);
    for _ in 0..3 {
        assert_eq!(try_with("dana", "wrong").await, "name or password is wrong");
    }
    assert_eq!(
        try_with("DANA@dockline.example", PASSWORD).await,
        "",
        "the fifth is right, so that counting begins anew"
    );
    for _ in 0..5 {
        assert_eq!(try_with("dana", "wrong").await, "name or password is wrong");
    }
    assert_eq!(try_with("dana", PASSWORD).await, "too many wrong passwords; try again in 1 s");
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(try_with("dana", "wrong").await, "name or password is wrong");
    assert_eq!(try_with("dana", "wrong").await, "too many wrong passwords; try again in 2 s");
    clock.advance(TimeDelta::seconds(2));
    assert_eq!(try_with("dana", PASSWORD).await, "");
}

async fn of_many_who_try_at_once_none_slips_through(db: TestDb) {
    let auth = auth(&db, &clock(), Registration::Closed).await;
    auth.register(new("dana")).await.unwrap();
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let auth = auth.clone();
        tries.spawn(async move { auth.login("dana", &Secret::new("wrong"), &Seen::default()).await.err() });
    }
    let (mut wrong, mut locked) = (0, 0);
    while let Some(told) = tries.join_next().await {
        match told.unwrap() {
            Some(AccountError::Credentials) => wrong += 1,
            Some(AccountError::Locked(_)) => locked += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((wrong, locked), (5, 15), "counted before they are looked at");
    assert!(auth.login("dana", &Secret::new(PASSWORD), &Seen::default()).await.is_err());
}

async fn of_many_who_are_right_at_once_all_come_in(db: TestDb) {
    let auth = auth(&db, &clock(), Registration::Closed).await;
    auth.register(new("dana")).await.unwrap();
    for round in 0..2 {
        // One more wrong one would lock.
        for _ in 0..4 {
            assert!(auth.login("dana", &Secret::new("wrong"), &Seen::default()).await.is_err());
        }
        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let auth = auth.clone();
            tries.spawn(async move { auth.login("dana", &Secret::new(PASSWORD), &Seen::default()).await.err() });
        }
        for told in tries.join_all().await {
            assert!(told.is_none(), "{round}: {told:?}");
        }
    }
}

async fn names_that_nobody_has_are_slowed_alike_and_a_stranger_keeps_nobody_out(db: TestDb) {
    let clock = clock();
    let auth = auth(&db, &clock, Registration::Closed).await;
    auth.register(new("dana")).await.unwrap();
    let from = |address: &str| Seen { address: Some(address.to_owned()), ..Seen::default() };
    let try_from = async |who: &str, address: &str, password: &str| {
        let told = auth.login(who, &Secret::new(password), &from(address)).await;
        told.map_or_else(|error| error.to_string(), |_| String::new())
    };
    for who in ["dana", "nobody"] {
        let mut told = Vec::new();
        for _ in 0..7 {
            told.push(try_from(who, "192.0.2.1", "wrong").await);
        }
        let (first, last) = told.split_at(5);
        assert!(first.iter().all(|told| told == "name or password is wrong"), "{who}: {told:?}");
        assert!(last.iter().all(|told| told.starts_with("too many wrong passwords")), "{who}: {told:?}");
    }
    assert_eq!(try_from("dana", "192.0.2.2", PASSWORD).await, "", "from where nobody tried");
    // By her address as well it is the same account.
    assert!(try_from("dana@dockline.example", "192.0.2.1", PASSWORD).await.starts_with("too many"));
    // A whole net of strangers slows her by half a minute at most.
    for n in 0..50 {
        try_from("dana", &format!("198.51.100.{n}"), "wrong").await;
    }
    assert!(try_from("dana", "192.0.2.3", PASSWORD).await.starts_with("too many"));
    assert_eq!(try_from("dana", "192.0.2.2", PASSWORD).await, "", "from where she has logged in before");
    clock.advance(TimeDelta::seconds(31));
    assert_eq!(try_from("dana", "192.0.2.3", PASSWORD).await, "");
    // And a day later everything is forgotten.
    clock.advance(TimeDelta::hours(25));
    assert_eq!(try_from("dana", "192.0.2.1", "wrong").await, "name or password is wrong");
    // Another address of the same network of IPv6 is the same stranger.
    let mut told = Vec::new();
    for n in 0..7 {
        told.push(try_from("dana", &format!("2001:db8::{n}"), "wrong").await);
    }
    assert!(told[4] == "name or password is wrong" && told[6].starts_with("too many"), "{told:?}");
}

async fn who_logs_in_while_the_password_is_changed_does_not_stay(db: TestDb) {
    let auth = auth(&db, &clock(), Registration::Closed).await;
    auth.register(new("dana")).await.unwrap();
    let me = actor(&auth, "dana").await;
    let fresh = Secret::new("plover marble evening 9");
    // They have their turns one after another, all with what they read before the change.
    let logins: Vec<_> = (0..6)
        .map(|_| {
            let auth = auth.clone();
            tokio::spawn(async move { auth.login("dana", &Secret::new(PASSWORD), &Seen::default()).await })
        })
        .collect();
    auth.change_password(&me, &Secret::new(PASSWORD), fresh.clone()).await.unwrap();
    for login in logins {
        match login.await.unwrap() {
            Ok(tokens) => assert!(auth.actor(&tokens.access_token).await.is_err(), "it has ended"),
            Err(error) => assert!(matches!(error, AccountError::Credentials | AccountError::Locked(_)), "{error}"),
        }
    }
    let seen = Seen { address: Some("192.0.2.9".to_owned()), ..Seen::default() };
    assert!(auth.login("dana", &fresh, &seen).await.is_ok());
}

async fn nobody_gets_calls_by_what_they_say_of_themselves(db: TestDb) {
    let clock = clock();
    let auth = auth(&db, &clock, Registration::Domain("dockline.example".to_owned())).await;
    auth.register(new("dana")).await.unwrap();
    let mallory = auth.register(NewUser { username: "zora".to_owned(), ..new("ceo") }).await.unwrap();
    assert_eq!((mallory.email.as_deref(), mallory.unconfirmed_email.as_deref()), (None, Some("ceo@dockline.example")));
    let again = auth.register(NewUser { username: "other".to_owned(), ..new("ceo") }).await;
    assert!(matches!(again, Err(AccountError::Field("email", _))));
    let named = async |name: &str, email: Option<&str>| {
        let mut tx = db.begin().await.unwrap();
        let id = rep(&mut tx, &clock, name, email).await.unwrap();
        tx.commit().await.unwrap();
        id
    };
    assert_ne!(named("Ceo", Some("ceo@dockline.example")).await, mallory.id, "by the address they wrote");
    let zora = named("Zora", None).await;
    assert_ne!(zora, mallory.id, "by the name they chose");
    // An admin says who it is: then calls are theirs.
    let mut tx = db.begin().await.unwrap();
    let name = AccountChange { name: Some("Mallory Quist".to_owned()), ..AccountChange::default() };
    change_user(&mut tx, &clock, mallory.id, name).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(named("mallory quist", None).await, mallory.id);
    // Whom calls name already gets the account, and the calls with it.
    assert_eq!(named_by_calls(&db, "ZORA").await.unwrap(), [zora]);
    let mut tx = db.begin().await.unwrap();
    let account = Account {
        name: "Zora Neale".to_owned(),
        username: Some("zneale".to_owned()),
        email: "zora@dockline.example".to_owned(),
        role: Role::Rep,
        teams: vec![],
        password: None,
        person: Some(zora),
    };
    assert_eq!(add_user(&mut tx, &clock, account.clone()).await.unwrap(), zora);
    let twice = Account { username: Some("zn".to_owned()), email: "z@dockline.example".to_owned(), ..account };
    assert!(matches!(add_user(&mut tx, &clock, twice).await, Err(AccountError::Field("person_id", _))));
}

async fn whom_calls_name_has_an_account_as_soon_as_an_admin_gives_them_a_password(db: TestDb) {
    let clock = clock();
    let auth = auth(&db, &clock, Registration::Closed).await;
    auth.register(new("dana")).await.unwrap();
    let admin = actor(&auth, "dana").await;
    let mut tx = db.begin().await.unwrap();
    let milo = rep(&mut tx, &clock, "Milo Banks", Some("milo@dockline.example")).await.unwrap();
    let password = chosen("password", &Secret::new(PASSWORD), &[]).await.unwrap();
    let change = AccountChange { password: Some(password), ..AccountChange::default() };
    change_user(&mut tx, &clock, milo, change).await.unwrap();
    let invited = invite(&mut tx, &clock, &admin, "milo@dockline.example", Role::Rep, None).await;
    assert!(matches!(invited, Err(AccountError::Field("email", _))), "they have one");
    tx.commit().await.unwrap();
    assert_eq!(actor(&auth, "milo@dockline.example").await.id, milo);
}

async fn who_registered_by_an_open_domain_is_known_by_their_address(db: TestDb) {
    let clock = clock();
    let auth = auth(&db, &clock, Registration::Domain("dockline.example".to_owned())).await;
    let dana = auth.register(new("dana")).await.unwrap();
    let milo = auth.register(NewUser { username: "banks".to_owned(), ..new("milo") }).await.unwrap();
    assert_eq!((milo.email.as_deref(), milo.unconfirmed_email.as_deref()), (None, Some("milo@dockline.example")));
    let admin = actor(&auth, "dana").await;
    assert_eq!(actor(&auth, "Milo@dockline.example").await.id, milo.id);
    assert_eq!(find_user(&db, "milo@dockline.example").await.unwrap().unwrap().id, milo.id);
    let filter = UserFilter { text: Some("milo@".to_owned()), limit: 50, ..UserFilter::default() };
    let (found, _) = list_users(&db, &admin, &filter, false).await.unwrap();
    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [milo.id]);
    let mut tx = db.begin().await.unwrap();
    for email in ["milo@dockline.example", "dana@dockline.example"] {
        let invited = invite(&mut tx, &clock, &admin, email, Role::Rep, None).await;
        assert!(matches!(invited, Err(AccountError::Field("email", _))), "{email}");
    }
    // Whom calls name so is another person until an admin says that they are not; who logs in by the address is still the one with an account.
    let named = rep(&mut tx, &clock, "Milo Banks", Some("milo@dockline.example")).await.unwrap();
    tx.commit().await.unwrap();
    assert_ne!(named, milo.id);
    assert_eq!(actor(&auth, "milo@dockline.example").await.id, milo.id);
    // Who is invited has shown that the address is theirs, and goes before who only wrote it.
    let mut tx = db.begin().await.unwrap();
    let invited = invite(&mut tx, &clock, &admin, "milo@dockline.example", Role::Rep, None).await.unwrap();
    tx.commit().await.unwrap();
    let by = NewUser { username: "milo".to_owned(), invitation: Some(invited.token), ..new("milo") };
    assert_eq!(auth.register(by).await.unwrap().id, named);
    assert_eq!(actor(&auth, "milo@dockline.example").await.id, named);
    assert_eq!(actor(&auth, "banks").await.id, milo.id);
    assert_eq!(actor(&auth, "dana@dockline.example").await.id, dana.id);
}

async fn a_refresh_token_is_good_once(db: TestDb) {
    let clock = clock();
    let auth = auth(&db, &clock, Registration::Closed).await;
    auth.register(new("dana")).await.unwrap();
    let first = login(&auth, "dana").await;
    let other = login(&auth, "dana").await;
    let second = auth.refresh(&first.refresh_token).await.unwrap();
    assert_ne!(second.refresh_token, first.refresh_token);
    clock.advance(TimeDelta::minutes(16));
    assert!(auth.actor(&first.access_token).await.is_err(), "out of date");
    let third = auth.refresh(&second.refresh_token).await.unwrap();
    // The answer with the third may have got lost; once what it brought is used, it has not.
    clock.advance(TimeDelta::seconds(9));
    let again = auth.refresh(&second.refresh_token).await.unwrap();
    assert!(auth.actor(&again.access_token).await.is_ok() && again.refresh_token != third.refresh_token);
    assert!(auth.actor(&third.access_token).await.is_ok());
    assert!(auth.refresh(&first.refresh_token).await.is_err(), "shown twice");
    assert!(auth.actor(&third.access_token).await.is_err(), "which ends the login");
    assert!(auth.refresh(&third.refresh_token).await.is_err());
    assert!(auth.refresh(&other.refresh_token).await.is_ok(), "but not another one");
    assert!(auth.refresh("none").await.is_err());
    let late = login(&auth, "dana").await;
    clock.advance(TimeDelta::days(31));
    assert!(auth.refresh(&late.refresh_token).await.is_err(), "out of date");
}

async fn a_used_refresh_token_is_taken_once_more_only_at_once_and_before_the_next_one_is_used(db: TestDb) {
    let clock = clock();
    let auth = auth(&db, &clock, Registration::Closed).await;
    auth.register(new("dana")).await.unwrap();
    // Two windows at once go on both.
    let tokens = login(&auth, "dana").await;
    let (one, other) = tokio::join!(auth.refresh(&tokens.refresh_token), auth.refresh(&tokens.refresh_token));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(auth.actor(&one.access_token).await.is_ok() && auth.actor(&other.access_token).await.is_ok());
    // Who was slower shows what came to nobody else any more.
    assert!(auth.refresh(&one.refresh_token).await.is_ok());
    assert!(auth.refresh(&tokens.refresh_token).await.is_err(), "the next one was used");
    assert!(auth.actor(&other.access_token).await.is_err(), "which ends the login");
    let tokens = login(&auth, "dana").await;
    assert!(auth.refresh(&tokens.refresh_token).await.is_ok());
    clock.advance(TimeDelta::seconds(11));
    assert!(auth.refresh(&tokens.refresh_token).await.is_err(), "too late");
}

async fn a_login_that_has_ended_is_no_good_at_once(db: TestDb) {
    let clock = clock();
    let auth = auth(&db, &clock, Registration::Closed).await;
    let id = auth.register(new("dana")).await.unwrap().id;
    let (one, two, three) = (login(&auth, "dana").await, login(&auth, "dana").await, login(&auth, "dana").await);
    let me = auth.actor(&one.access_token).await.unwrap();
    assert_eq!(sessions(&db, &clock, id).await.unwrap().len(), 3);
    auth.logout(&me, Some(me.session)).await.unwrap();
    assert!(auth.actor(&one.access_token).await.is_err() && auth.refresh(&one.refresh_token).await.is_err());
    let me = auth.actor(&two.access_token).await.unwrap();
    assert!(matches!(auth.logout(&me, Some(Uuid::from_u128(7))).await, Err(AccountError::Unknown(_))));

    let (old, fresh) = (Secret::new(PASSWORD), Secret::new("plover marble evening 9"));
    let wrong = auth.change_password(&me, &Secret::new("wrong"), fresh.clone()).await;
    assert!(matches!(wrong, Err(AccountError::Field("old_password", _))));
    let weak = auth.change_password(&me, &old, Secret::new("1234567890")).await;
    assert!(matches!(weak, Err(AccountError::Field("new_password", _))));
    auth.change_password(&me, &old, fresh.clone()).await.unwrap();
    assert!(auth.actor(&two.access_token).await.is_ok(), "who changed it stays");
    assert!(auth.actor(&three.access_token).await.is_err(), "others go");
    assert!(auth.login("dana", &old, &Seen::default()).await.is_err());
    assert!(auth.login("dana", &fresh, &Seen::default()).await.is_ok());
}

async fn whoever_is_removed_does_not_come_back_by_another_invitation(db: TestDb) {
    let clock = clock();
    let auth = auth(&db, &clock, Registration::Domain("dockline.example".to_owned())).await;
    auth.register(new("dana")).await.unwrap();
    let admin = actor(&auth, "dana").await;
    let invited = async |name: &str| {
        let mut tx = db.begin().await.unwrap();
        let email = format!("{name}@dockline.example");
        let token = invite(&mut tx, &clock, &admin, &email, Role::Admin, None).await.unwrap().token;
        tx.commit().await.unwrap();
        NewUser { invitation: Some(token), ..new(name) }
    };
    let removed = async |user: Uuid| {
        let mut tx = db.begin().await.unwrap();
        remove_user(&mut tx, user).await.unwrap();
        tx.commit().await.unwrap();
    };
    let (first, second, other) = (invited("milo").await, invited("milo").await, invited("ravi").await);
    let milo = auth.register(first).await.unwrap();
    let open = async || invitations(&db, &clock).await.unwrap().into_iter().map(|one| one.email).collect::<Vec<_>>();
    assert_eq!(open().await, ["ravi@dockline.example"], "there is an account now");
    removed(milo.id).await;
    assert!(matches!(auth.register(second).await, Err(AccountError::Field("invitation", _))));
    // Nor where they came in otherwise than by an invitation that is open still.
    let ravi = auth.register(NewUser { invitation: None, ..new("ravi") }).await.unwrap();
    removed(ravi.id).await;
    assert!(matches!(auth.register(other).await, Err(AccountError::Field("invitation", _))));
    // Another one lets them in again.
    assert_eq!(auth.register(invited("milo").await).await.unwrap().id, milo.id);
}

async fn a_new_password_that_is_refused_is_no_wrong_old_one(db: TestDb) {
    let auth = auth(&db, &clock(), Registration::Domain("dockline.example".to_owned())).await;
    auth.register(new("dana")).await.unwrap();
    let zora = NewUser { email: "ferrisquillon@dockline.example".to_owned(), ..new("wexleybrandt") };
    auth.register(zora).await.unwrap();
    let me = actor(&auth, "wexleybrandt").await;
    let change = async |old: &str, new: &str| match auth.change_password(&me, &Secret::new(old), Secret::new(new)).await
    {
        Ok(()) => "changed",
        Err(AccountError::Field(field, _)) => field,
        Err(other) => panic!("{other}"),
    };
    // With one more wrong one it would have to wait.
    for _ in 0..4 {
        assert_eq!(change("wrong", "plover marble evening 9").await, "old_password");
    }
    for about_them in ["ferrisquillon", "wexleybrandt", "ferrisquillon@dockline.example", "Wexleybrandt7!"] {
        assert_eq!(change(PASSWORD, about_them).await, "new_password", "{about_them}");
    }
    for _ in 0..4 {
        assert_eq!(change("wrong", "plover marble evening 9").await, "old_password");
    }
    assert_eq!(change(PASSWORD, "plover marble evening 9").await, "changed");
}

async fn another_installation_has_other_keys(db: TestDb) {
    let auth = auth(&db, &clock(), Registration::Closed).await;
    auth.register(new("dana")).await.unwrap();
    let token = login(&auth, "dana").await.access_token;
    let again = Auth::new((*db).clone(), clock(), Registration::Closed).await.unwrap();
    assert!(again.actor(&token).await.is_ok(), "a program that starts again knows it");
    let mut tx = db.begin().await.unwrap();
    let sql = "UPDATE secrets SET value = 'another'";
    db::on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.unwrap().rows_affected());
    tx.commit().await.unwrap();
    let other = Auth::new((*db).clone(), clock(), Registration::Closed).await.unwrap();
    assert!(other.actor(&token).await.is_err());
}

struct People {
    admin: Actor,
    manager: Actor,
    coach: Actor,
    rep: Actor,
    mate: Actor,
    foreign: Actor,
    team: Uuid,
}

async fn people(db: &TestDb, clock: &Clock) -> People {
    let mut tx = db.begin().await.unwrap();
    let team = make_team(&mut tx, clock, "North").await.unwrap();
    let south = make_team(&mut tx, clock, "South").await.unwrap();
    let mut made = Vec::new();
    for (name, role, teams) in [
        ("admin", Role::Admin, vec![]),
        ("manager", Role::Manager, vec![team]),
        ("coach", Role::Coach, vec![]),
        ("rep", Role::Rep, vec![team]),
        ("mate", Role::Rep, vec![team]),
        ("foreign", Role::Rep, vec![south]),
    ] {
        let account = Account {
            name: name.to_owned(),
            username: None,
            email: format!("{name}@dockline.example"),
            role,
            teams,
            password: None,
            person: None,
        };
        let id = add_user(&mut tx, clock, account).await.unwrap();
        made.push(Actor { id, role, session: id });
    }
    assign(&mut tx, clock, made[2].id, made[3].id).await.unwrap();
    tx.commit().await.unwrap();
    let [admin, manager, coach, rep, mate, foreign] = made.try_into().unwrap();
    People { admin, manager, coach, rep, mate, foreign, team }
}

async fn who_sees_whom(db: TestDb) {
    let clock = clock();
    let all = people(&db, &clock).await;
    let names = async |actor: &Actor| {
        let filter = UserFilter { limit: 50, ..UserFilter::default() };
        let (users, total) = list_users(&db, actor, &filter, true).await.unwrap();
        assert_eq!(total, Some(users.len() as i64), "counting tells no more");
        users.into_iter().map(|user| user.name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&all.admin).await, "admin coach foreign manager mate rep");
    assert_eq!(names(&all.manager).await, "manager mate rep");
    assert_eq!(names(&all.coach).await, "coach rep");
    assert_eq!(names(&all.rep).await, "rep");
    for (actor, other, seen) in [
        (&all.manager, &all.mate, true),
        (&all.manager, &all.foreign, false),
        (&all.coach, &all.rep, true),
        (&all.coach, &all.mate, false),
        (&all.rep, &all.mate, false),
        (&all.rep, &all.manager, false),
        (&all.admin, &all.foreign, true),
    ] {
        assert_eq!(sees(&db, actor, other.id).await.unwrap(), seen, "{actor:?} {other:?}");
    }
    let mut tx = db.begin().await.unwrap();
    assert!(remove_member(&mut tx, all.team, all.mate.id).await.unwrap());
    assert!(!remove_member(&mut tx, all.team, all.mate.id).await.unwrap());
    assert!(unassign(&mut tx, all.coach.id, all.rep.id).await.unwrap());
    tx.commit().await.unwrap();
    assert!(!sees(&db, &all.manager, all.mate.id).await.unwrap() && !sees(&db, &all.coach, all.rep.id).await.unwrap());
    let teams_of =
        async |actor: &Actor| teams(&db, actor).await.unwrap().into_iter().map(|team| team.name).collect::<Vec<_>>();
    assert_eq!(teams_of(&all.admin).await, ["North", "South"]);
    assert_eq!(teams_of(&all.foreign).await, ["South"]);
}

async fn users_are_found_and_paged(db: TestDb) {
    let all = people(&db, &clock()).await;
    let names = async |filter: UserFilter| {
        let (users, _) = list_users(&db, &all.admin, &filter, false).await.unwrap();
        users.into_iter().map(|user| user.name).collect::<Vec<_>>().join(" ")
    };
    let filter = || UserFilter { limit: 50, ..UserFilter::default() };
    assert_eq!(names(UserFilter { role: Some(Role::Rep), ..filter() }).await, "foreign mate rep");
    assert_eq!(names(UserFilter { team: Some(all.team), ..filter() }).await, "manager mate rep");
    assert_eq!(names(UserFilter { text: Some("MA".to_owned()), ..filter() }).await, "manager mate");
    assert_eq!(names(UserFilter { text: Some("%".to_owned()), ..filter() }).await, "");
    assert_eq!(names(UserFilter { limit: 2, offset: 1, ..filter() }).await, "coach foreign");
    let after = Some(("coach".to_owned(), all.coach.id));
    assert_eq!(names(UserFilter { limit: 2, after, ..filter() }).await, "foreign manager");
}

async fn there_is_always_an_admin(db: TestDb) {
    let clock = clock();
    let auth = auth(&db, &clock, Registration::Closed).await;
    let only = auth.register(new("dana")).await.unwrap().id;
    let demote = || AccountChange { role: Some(Role::Rep), ..AccountChange::default() };
    let change = async |user: Uuid, change: AccountChange| {
        let mut tx = db.begin().await.unwrap();
        change_user(&mut tx, &clock, user, change).await?;
        tx.commit().await.map_err(AccountError::from)
    };
    assert!(matches!(change(only, demote()).await, Err(AccountError::Conflict(_))));
    let off = AccountChange { active: Some(false), ..AccountChange::default() };
    assert!(matches!(change(only, off.clone()).await, Err(AccountError::Conflict(_))));
    let mut tx = db.begin().await.unwrap();
    assert!(matches!(remove_user(&mut tx, only).await, Err(AccountError::Conflict(_))));
    drop(tx);
    let mut tx = db.begin().await.unwrap();
    let account = Account {
        name: "Milo Banks".to_owned(),
        username: Some("milo".to_owned()),
        email: "milo@dockline.example".to_owned(),
        role: Role::Admin,
        teams: vec![],
        password: Some(chosen("password", &Secret::new(PASSWORD), &[]).await.unwrap()),
        person: None,
    };
    let milo = add_user(&mut tx, &clock, account).await.unwrap();
    tx.commit().await.unwrap();
    let (me, them) = (login(&auth, "dana").await, login(&auth, "milo").await);
    change(only, demote()).await.unwrap();
    assert_eq!(auth.actor(&me.access_token).await.unwrap().role, Role::Rep, "at once");
    assert!(matches!(change(milo, demote()).await, Err(AccountError::Conflict(_))));
    change(only, off).await.unwrap();
    assert!(auth.actor(&me.access_token).await.is_err());
    assert!(auth.login("dana", &Secret::new(PASSWORD), &Seen::default()).await.is_err());
    let fresh = AccountChange {
        password: Some(chosen("password", &Secret::new("plover marble evening 9"), &[]).await.unwrap()),
        ..AccountChange::default()
    };
    change(milo, fresh).await.unwrap();
    assert!(auth.actor(&them.access_token).await.is_err(), "a password that was set ends the logins");
    let unknown = change(Uuid::from_u128(9), AccountChange::default()).await;
    assert!(matches!(unknown, Err(AccountError::Unknown(_))));
}

db::on_both!(
    the_first_is_admin_and_others_come_in_as_the_setting_has_it,
    two_who_are_first_at_once_do_not_both_become_admin,
    wrong_passwords_are_slowed_and_tell_nothing,
    of_many_who_try_at_once_none_slips_through,
    of_many_who_are_right_at_once_all_come_in,
    names_that_nobody_has_are_slowed_alike_and_a_stranger_keeps_nobody_out,
    nobody_gets_calls_by_what_they_say_of_themselves,
    who_registered_by_an_open_domain_is_known_by_their_address,
    whom_calls_name_has_an_account_as_soon_as_an_admin_gives_them_a_password,
    a_refresh_token_is_good_once,
    a_used_refresh_token_is_taken_once_more_only_at_once_and_before_the_next_one_is_used,
    who_logs_in_while_the_password_is_changed_does_not_stay,
    a_login_that_has_ended_is_no_good_at_once,
    whoever_is_removed_does_not_come_back_by_another_invitation,
    a_new_password_that_is_refused_is_no_wrong_old_one,
    another_installation_has_other_keys,
    who_sees_whom,
    users_are_found_and_paged,
    there_is_always_an_admin,
);
