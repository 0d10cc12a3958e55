//! Stories of the watched folder, on both databases.

use crate::connection::{self, ConnectionChange};
use crate::ledger::{self, Backlog, State};
use crate::tests::World;
use crate::watch::{self, Known};
use crate::{IntakeError, Kind, SourceCall, Watch, sync};
use calls::Status;
use chrono::TimeDelta;
use db::testing::TestDb;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

const WORDS: &str = "Dana: What does a late order cost you?\nRavi: About four hundred euros a week.\n";

/// A folder that is watched, in a world.
struct Watched {
    world: World,
    folder: PathBuf,
    known: Known,
}

impl Watched {
    fn new(db: TestDb, settled: Duration) -> Self {
        let mut world = World::new(db, 0, |_| {});
        let folder = world.db.dir().join("inbox");
        fs::create_dir_all(&folder).unwrap();
        world.intake.watch = Some(Watch { settled, ..Watch::new(folder.clone(), 1_000) });
        Self { world, folder, known: Known::default() }
    }

    fn put(&self, name: &str, words: &str) {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, words).unwrap();
    }

    /// Looks, and does all that is due.
    async fn look(&mut self) -> Backlog {
        self.known.look(&self.world.intake).await.unwrap();
        self.world.work().await;
        let connection = watch::connection(&self.world.intake).await.unwrap();
        ledger::backlog(&self.world.db, connection.id).await.unwrap()
    }

    async fn failed(&self) -> Vec<SourceCall> {
        let connection = watch::connection(&self.world.intake).await.unwrap();
        ledger::list(&self.world.db, connection.id, Some(State::Failed), 10).await.unwrap()
    }
}

async fn a_file_that_is_put_there_is_a_call_once(db: TestDb) {
    let mut watched = Watched::new(db, Duration::ZERO);
    watched.put("kickoff.txt", WORDS);
    watched.put("dana@acme.com/2026/second.txt", &WORDS.replace("four", "five"));
    for other in [".hidden.txt", "recording.mp4", "half.vtt.part"] {
        watched.put(other, &WORDS.replace("four", "six"));
    }
    let secret = watched.world.db.dir().join("secret.txt");
    fs::write(&secret, WORDS.replace("four", "seven")).unwrap();
    std::os::unix::fs::symlink(&secret, watched.folder.join("link.txt")).unwrap();
    assert_eq!(watched.look().await, Backlog { kept: 2, unjudged: 2, ..Backlog::default() });
    let calls = watched.world.calls().await;
    let of = |name: &str| calls.iter().find(|call| call.file_name == name).unwrap();
    assert_eq!(of("second.txt").rep.as_deref(), Some("dana@acme.com"), "by the folder that it lies in");
    assert_eq!(
        (of("kickoff.txt").rep.as_deref(), of("kickoff.txt").status),
        (None, Status::NeedsSides),
        "a person is asked"
    );
    assert_eq!(watched.world.count("SELECT count(*) FROM source_steps WHERE state = 'done'").await, 12);

    // Moved, it is the same; written over, it is another; and another program does not know what this one has seen.
    fs::rename(watched.folder.join("kickoff.txt"), watched.folder.join("moved.txt")).unwrap();
    watched.put("dana@acme.com/2026/second.txt", &WORDS.replace("four", "eight"));
    assert_eq!(watched.look().await.kept, 3);
    watched.known = Known::default();
    assert_eq!(watched.look().await.kept, 3);
    assert_eq!(watched.world.calls().await.len(), 3);
    // What somebody brought before is the same call too.
    let known = watched.world.count("SELECT count(*) FROM jobs WHERE kind = 'process_new_call'").await;
    assert_eq!(known, 3, "each has one job, and what is known gets none");
    let connection = watch::connection(&watched.world.intake).await.unwrap();
    let run = watched.world.sync(&connection).await;
    assert_eq!((run.state, run.found, run.new_calls), (sync::RunState::Done, 2, 0), "{run:?}");
}

async fn a_file_that_is_being_written_is_left_until_it_is_whole(db: TestDb) {
    let mut watched = Watched::new(db, Duration::from_secs(2));
    watched.put("growing.txt", "Dana: What does");
    assert_eq!(watched.look().await, Backlog::default());
    watched.put("growing.txt", WORDS);
    // As copying does that keeps times: when the words were written says nothing.
    let long_ago = std::time::SystemTime::now() - Duration::from_hours(1);
    fs::File::options().append(true).open(watched.folder.join("growing.txt")).unwrap().set_modified(long_ago).unwrap();
    assert_eq!(watched.look().await, Backlog::default());
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(watched.look().await.kept, 1);
    let said = watched.world.texts("SELECT text FROM segments").await;
    // Who asks for it now need not ask again.
    watched.put("late.txt", &WORDS.replace("four", "five"));
    let connection = watch::connection(&watched.world.intake).await.unwrap();
    assert_eq!(watched.world.sync(&connection).await.new_calls, 1);
    assert!(said.iter().any(|text| text.contains("four hundred")), "{said:?}");
}

async fn what_cannot_be_taken_is_told_and_keeps_nothing_else_out(db: TestDb) {
    let mut watched = Watched::new(db, Duration::ZERO);
    watched.put("4111 1111 1111 1111.json", "{\"some\": \"other JSON\"}");
    watched.put("large.txt", &WORDS.repeat(100));
    watched.put("good.txt", WORDS);
    let backlog = watched.look().await;
    assert_eq!((backlog.kept, backlog.failed, backlog.skipped, backlog.open), (1, 1, 1, 0), "{backlog:?}");
    let failed = watched.failed().await;
    let why = failed[0].why.as_deref().unwrap();
    assert!(why.starts_with("[CARD].json: ") && !why.contains("4111"), "{why}");
    let told = watched.world.texts("SELECT details FROM source_calls WHERE state = 'failed'").await;
    assert!(told[0].contains("[CARD].json"), "{told:?}");

    // Gone before it was read: it is waited for, and given up after its time; back again, it comes in.
    watched.put("gone.txt", &WORDS.replace("four", "nine"));
    watched.known.look(&watched.world.intake).await.unwrap();
    fs::remove_file(watched.folder.join("gone.txt")).unwrap();
    assert_eq!(watched.look().await.open, 1);
    watched.put("back.txt", &WORDS.replace("four", "nine"));
    watched.world.clock.advance(TimeDelta::hours(5));
    assert_eq!(watched.look().await.kept, 2);
}

async fn a_folder_that_is_away_is_told_of_and_taken_up_again(db: TestDb) {
    let mut watched = Watched::new(db, Duration::ZERO);
    let intake = watched.world.intake.clone();
    let connection = watch::connection(&intake).await.unwrap();
    assert_eq!((connection.kind, connection.name.as_str()), (Kind::Folder, "folder"));
    fs::remove_dir(&watched.folder).unwrap();
    watched.look().await;
    watched.look().await;
    let told = connection::get(&intake, connection.id).await.unwrap();
    assert!(told.error.as_deref().unwrap().contains("inbox cannot be read"), "{told:?}");
    assert_eq!(told.failures, 1, "it is told of once, not at each look");
    fs::create_dir(&watched.folder).unwrap();
    watched.put("kickoff.txt", WORDS);
    assert_eq!(watched.look().await.kept, 1);
    assert_eq!(connection::get(&intake, connection.id).await.unwrap().error, None);

    // Whoever may change connections does not decide what is read on this machine.
    let refused = connection::remove(&intake, connection.id, "tester").await;
    assert!(matches!(refused, Err(IntakeError::Conflict(_))), "{refused:?}");
    let new = connection::NewConnection {
        kind: Kind::Folder,
        name: "etc".to_owned(),
        settings: connection::ConnectionSettings::default(),
        secrets: connection::Secrets::default(),
        since: None,
    };
    assert!(matches!(connection::add(&intake, new, "tester").await, Err(IntakeError::Field("kind", _))));
    let paused = ConnectionChange { paused: Some(true), ..ConnectionChange::default() };
    connection::change(&intake, connection.id, paused, "tester").await.unwrap();
    watched.put("later.txt", &WORDS.replace("four", "ten"));
    assert_eq!(watched.look().await.kept, 1);
    let unset = crate::Intake { watch: None, ..intake };
    connection::remove(&unset, connection.id, "tester").await.unwrap();
    assert_eq!(watched.world.calls().await.len(), 1, "calls that came in stay");
}

db::on_both!(
    a_file_that_is_put_there_is_a_call_once,
    a_file_that_is_being_written_is_left_until_it_is_whole,
    what_cannot_be_taken_is_told_and_keeps_nothing_else_out,
    a_folder_that_is_away_is_told_of_and_taken_up_again,
);
