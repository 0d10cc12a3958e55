//! Databases that are full, locked, gone, or no databases.

use crate::{a_team, run, teams};
use db::sqlx::{self, AssertSqlSafe};
use db::testing::TestDb;
use db::{Db, DbError, Settings, on_db};
use kernel::Secret;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Has PostgreSQL fail every change of the teams with this SQLSTATE, as it would where it meets the fault itself.
async fn break_postgres(db: &Db, code: &str) {
    let function = format!(
        "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fault' USING ERRCODE = '{code}'; END $$"
    );
    run(db, function).await.unwrap();
    run(db, "CREATE TRIGGER fault BEFORE INSERT ON teams FOR EACH ROW EXECUTE FUNCTION fault()".to_owned())
        .await
        .unwrap();
}

async fn mend_postgres(db: &Db) {
    run(db, "DROP FUNCTION fault CASCADE".to_owned()).await.unwrap();
}

async fn a_full_disk_is_told_and_work_goes_on_when_there_is_room(db: TestDb) {
    run(&db, a_team(&db, "first")).await.unwrap();
    // SQLite meets its own limit of pages as it meets the end of the disk: SQLITE_FULL.
    match &*db {
        Db::Sqlite(sqlite) => {
            sqlx::query("PRAGMA max_page_count = 1").execute(&sqlite.write).await.unwrap();
        }
        Db::Postgres(_) => break_postgres(&db, "53100").await,
    }
    let long = "x".repeat(1 << 20);
    let full = run(&db, a_team(&db, &long)).await.unwrap_err();
    assert!(matches!(full, DbError::Full) && full.to_string().contains("free some space"), "{full:?}");
    assert!(!full.is_transient(), "somebody has to do something");
    assert_eq!(teams(&db).await, 1, "it can be read, and nothing is half-written");
    match &*db {
        Db::Sqlite(sqlite) => {
            sqlx::query("PRAGMA max_page_count = 1000000").execute(&sqlite.write).await.unwrap();
        }
        Db::Postgres(_) => mend_postgres(&db).await,
    }
    run(&db, a_team(&db, "second")).await.unwrap();
    assert_eq!(teams(&db).await, 2);
}

async fn a_writer_waits_for_a_lock_and_then_says_that_it_is_locked(db: TestDb) {
    run(&db, a_team(&db, "first")).await.unwrap();
    let hasty = Settings { acquire_timeout: Duration::from_secs(1), ..db.settings().clone() };
    let hasty = Db::open(&hasty).await.unwrap();
    let patience = match &*db {
        Db::Sqlite(_) => "",
        Db::Postgres(_) => "SET LOCAL lock_timeout = '1s'; ",
    };
    let rename = |db: &Db, name: &str| {
        let (db, update) = (db.clone(), format!("{patience}UPDATE teams SET name = '{name}'"));
        async move {
            let mut tx = db.begin().await?;
            db::on_tx!(&mut tx, conn => sqlx::raw_sql(AssertSqlSafe(update)).execute(conn).await?.rows_affected());
            tx.commit().await
        }
    };
    let mut holder = db.begin().await.unwrap();
    let sql = "UPDATE teams SET name = 'held'";
    db::on_tx!(&mut holder, conn => sqlx::query(sql).execute(conn).await.unwrap().rows_affected());

    let locked = rename(&hasty, "too early").await.unwrap_err();
    assert!(matches!(locked, DbError::Locked) && locked.is_transient(), "{locked:?}");
    assert_eq!(teams(&hasty).await, 1, "reading goes on");

    let (waiting, ()) = tokio::join!(rename(&hasty, "in time"), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        holder.commit().await.unwrap();
    });
    waiting.unwrap();
    let name: String =
        on_db!(&*db, pool => sqlx::query_scalar("SELECT name FROM teams").fetch_one(pool).await.unwrap());
    assert_eq!(name, "in time");
}

async fn a_long_write_of_the_same_program_is_a_lock(db: TestDb) {
    if let Db::Sqlite(_) = &*db {
        let settings = Settings { acquire_timeout: Duration::from_millis(300), ..db.settings().clone() };
        let db = Db::open(&settings).await.unwrap();
        let _held = db.begin().await.unwrap();
        assert!(matches!(db.begin().await, Err(DbError::Locked)));
    } else {
        // As many connections as wanted: they wait for rows only.
        let _held = db.begin().await.unwrap();
        db.begin().await.unwrap();
    }
}

/// What other faults of PostgreSQL are, by the SQLSTATE that it tells them with; SQLite has its own below.
async fn faults_are_told_apart(db: TestDb) {
    let Db::Postgres(_) = &*db else {
        let path = db.file().unwrap().to_owned();
        run(&db, a_team(&db, "first")).await.unwrap();
        // Nothing that is acknowledged goes into a file that nobody finds again.
        std::fs::rename(&path, path.with_extension("old")).unwrap();
        let moved = run(&db, a_team(&db, "second")).await.unwrap_err();
        assert!(matches!(moved, DbError::Moved(_)), "{moved:?}");
        return;
    };
    for (code, begins, transient) in [
        ("53300", "the database takes no more connections", true),
        ("57P01", "the database cannot be reached", true),
        ("08006", "the database cannot be reached", true),
        ("40P01", "the database is locked", true),
        ("58030", "the disk of the database reports an error", false),
        ("25006", "the database cannot be written", false),
        ("42501", "the database refuses us", false),
        ("XX000", "the database refused: ", false),
    ] {
        break_postgres(&db, code).await;
        let error = run(&db, a_team(&db, "x")).await.unwrap_err();
        assert!(error.to_string().starts_with(begins), "{code}: {error}");
        assert_eq!(error.is_transient(), transient, "{code}");
        mend_postgres(&db).await;
    }
    assert_eq!(teams(&db).await, 0);
    let (address, _) = db.settings().url.expose().rsplit_once('/').unwrap();
    let none = refusal(&format!("{address}/no_such_database?sslmode=disable")).await;
    assert!(none.starts_with("the database refuses us: ") && none.contains("no_such_database"), "{none}");
}

db::on_both!(
    a_full_disk_is_told_and_work_goes_on_when_there_is_room,
    a_writer_waits_for_a_lock_and_then_says_that_it_is_locked,
    a_long_write_of_the_same_program_is_a_lock,
    faults_are_told_apart,
);

async fn refusal(url: &str) -> String {
    let settings = Settings { acquire_timeout: Duration::from_millis(500), ..Settings::new(Secret::new(url)) };
    Db::open(&settings).await.map(|_| ()).unwrap_err().to_string()
}

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let dir = std::env::temp_dir().join(format!("sideline-{}", kernel::new_id()));
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn sqlite(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_with_its_place() {
    let folder = Folder::new();
    assert!(refusal("mysql://x").await.contains("must begin with sqlite: or postgres://"));

    let nowhere = folder.0.join("not there/all.db");
    let missing = refusal(&sqlite(&nowhere)).await;
    let told = format!("the folder of the database is not there: {}", nowhere.parent().unwrap().display());
    assert!(missing.starts_with(&told) && missing.contains("make it"), "{missing}");

    let text = folder.file("notes.db", &"These are notes and no database. ".repeat(40));
    let corrupt = refusal(&sqlite(&text)).await;
    let told = format!("the file is no intact SQLite database: {}", text.display());
    assert!(corrupt.starts_with(&told) && corrupt.contains("restore a backup"), "{corrupt}");

    let a_folder = refusal(&sqlite(&folder.0)).await;
    let told = format!("the database cannot be written: {}", folder.0.display());
    assert!(a_folder.starts_with(&told), "{a_folder}");

    let unreachable = refusal("postgres://somebody:hunter2@127.0.0.1:1/none").await;
    assert!(unreachable.starts_with("the database cannot be reached"), "{unreachable}");
    assert!(!unreachable.contains("hunter2"), "{unreachable}");
}

#[tokio::test]
async fn a_database_that_is_opened_for_reading_is_read_only() {
    let db = TestDb::sqlite().await;
    run(&db, a_team(&db, "first")).await.unwrap();
    let reader = Settings::new(Secret::new(format!("{}?mode=ro", db.settings().url.expose())));
    let reader = Db::open(&reader).await.unwrap();
    assert_eq!(teams(&reader).await, 1);
    let refused = run(&reader, a_team(&db, "second")).await.unwrap_err();
    assert!(matches!(refused, DbError::ReadOnly(_)) && !refused.is_transient(), "{refused:?}");
}

/// Nobody can make a file here, not even those whom permissions do not bind.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_takes_no_file_is_named() {
    let told = refusal("sqlite:/sys/kernel/sideline.db").await;
    assert!(told.starts_with("the database cannot be written: /sys/kernel"), "{told}");
    assert!(told.contains("check owner and permissions"), "{told}");
}
