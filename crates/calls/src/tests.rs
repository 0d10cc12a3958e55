//! What calls alone can show; the stories of whole calls are those of `coaching`.

use crate::blobs::hash;
use crate::*;
use db::testing::TestDb;
use kernel::Clock;

async fn what_is_no_transcript_leaves_nothing(db: TestDb) {
    let blobs = Blobs::local(&db.dir().join("blobs")).unwrap();
    let import = |text: &'static str, names: &'static [&'static str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let (db, blobs) = ((*db).clone(), blobs.clone());
        async move {
            let new = NewCall::named("x");
            import(&db, &blobs, &Clock::system(), text.as_bytes().to_vec(), &names, &new).await
        }
    };
    assert!(matches!(import("{\"what\": 1}", &[]).await, Err(CallError::Parse(_))));
    assert!(list(&db, &Filter { limit: 9, ..Filter::default() }).await.unwrap().is_empty());
    assert!(matches!(find(&db, "CALL_1").await, Err(CallError::Unknown(_))));
}

async fn the_names_of_a_team_are_for_all_its_calls(db: TestDb) {
    let blobs = Blobs::local(&db.dir().join("blobs")).unwrap();
    let names = ["Dana".to_owned(), "Jihoon".to_owned()];
    for (who, expected) in [("Dana", Status::Queued), ("Jihoon", Status::Queued), ("Lou", Status::NeedsSides)] {
        let text = format!("{who}: Hello there, how are you?\nRavi: Fine, thanks.\n").into_bytes();
        let taken = import(&db, &blobs, &Clock::system(), text, &names, &NewCall::named(who)).await.unwrap();
        let Imported::New { id, status } = taken else { panic!("it is new") };
        assert_eq!(status, expected, "{who}");
        let rep = get(&db, id).await.unwrap().unwrap().rep;
        assert_eq!(rep.as_deref(), (expected == Status::Queued).then_some(who));
    }
}

async fn programs_that_take_the_same_file_in_make_one_call(db: TestDb) {
    let blobs = Blobs::local(&db.dir().join("blobs")).unwrap();
    let text = "Dana: Hello there, how are you?\nRavi: Fine, thanks.\n";
    let one = || {
        let (db, blobs) = ((*db).clone(), blobs.clone());
        tokio::spawn(async move {
            let new = NewCall::named("x.txt");
            let names = ["Dana".to_owned()];
            import(&db, &blobs, &Clock::system(), text.as_bytes().to_vec(), &names, &new).await.unwrap()
        })
    };
    let all = [one(), one(), one(), one(), one(), one()];
    let mut new = 0;
    for one in all {
        new += usize::from(matches!(one.await.unwrap(), Imported::New { .. }));
    }
    assert_eq!(new, 1);
    assert_eq!(list(&db, &Filter { limit: 9, ..Filter::default() }).await.unwrap().len(), 1);
    assert_eq!(queue::counts(&db).await.unwrap(), [(queue::State::Queued, 1)]);
}

db::on_both!(
    the_names_of_a_team_are_for_all_its_calls,
    what_is_no_transcript_leaves_nothing,
    programs_that_take_the_same_file_in_make_one_call
);

#[test]
fn hashes_are_those_of_everybody() {
    assert_eq!(hash(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
