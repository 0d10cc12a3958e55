//! The database as the other rooms see it, on both backends.
#![expect(clippy::unwrap_used, reason = "tests fail by it")]

mod faults;
mod migrations;
mod tls;

use db::sqlx::{self, AssertSqlSafe};
use db::testing::TestDb;
use db::{Db, DbError, Settings, on_db, on_tx};
use kernel::Secret;
use std::time::Duration;

async fn run(db: &Db, sql: String) -> Result<u64, DbError> {
    let mut tx = db.begin().await?;
    let rows = on_tx!(&mut tx, conn => sqlx::query(AssertSqlSafe(sql)).execute(conn).await?.rows_affected());
    tx.commit().await?;
    Ok(rows)
}

async fn teams(db: &Db) -> i64 {
    on_db!(db, pool => sqlx::query_scalar("SELECT count(*) FROM teams").fetch_one(pool).await.unwrap())
}

fn a_team(db: &Db, name: &str) -> String {
    let id = match db {
        Db::Sqlite(_) => "randomblob(16)",
        Db::Postgres(_) => "gen_random_uuid()",
    };
    format!("INSERT INTO teams (id, name, created_at) VALUES ({id}, '{name}', CURRENT_TIMESTAMP)")
}

async fn what_is_not_committed_is_not_there(db: TestDb) {
    let mut tx = db.begin().await.unwrap();
    let sql = a_team(&db, "Sales");
    on_tx!(&mut tx, conn => sqlx::query(AssertSqlSafe(sql)).execute(conn).await.unwrap().rows_affected());
    drop(tx);
    assert_eq!(teams(&db).await, 0);
    run(&db, a_team(&db, "Sales")).await.unwrap();
    assert_eq!(teams(&db).await, 1);
    assert!(matches!(run(&db, a_team(&db, "Sales")).await, Err(DbError::Duplicate)));
}

async fn the_schema_is_made_once_and_a_newer_one_is_refused(db: TestDb) {
    let before = db.migrate().await.unwrap();
    assert!(before.found == before.known && before.known > 0);
    db.check_schema().await.unwrap();
    run(&db, "UPDATE _sqlx_migrations SET version = 9000 WHERE version = 1".to_owned()).await.unwrap();
    let refused = db.migrate().await.unwrap_err();
    assert!(matches!(refused, DbError::Newer { found: 9000, .. }), "{refused}");
    assert!(refused.to_string().contains("install the newer program"));
    assert!(matches!(db.check_schema().await, Err(DbError::Newer { .. })));
}

async fn programs_that_start_together_make_the_schema_once(db: TestDb) {
    let tables = match &*db {
        Db::Sqlite(_) => vec!["DROP TABLE _sqlx_migrations".to_owned()],
        Db::Postgres(_) => vec!["DROP SCHEMA public CASCADE".to_owned(), "CREATE SCHEMA public".to_owned()],
    };
    let settings = match &*db {
        // A new file: with SQLite the tables themselves would be in the way.
        Db::Sqlite(_) => Settings::new(Secret::new(format!("sqlite:{}", db.dir().join("new.db").display()))),
        Db::Postgres(_) => db.settings().clone(),
    };
    for sql in tables {
        run(&db, sql).await.unwrap();
    }
    let open = || async {
        let db = Db::open(&settings).await.unwrap();
        db.migrate().await.unwrap();
        db.check_schema().await.unwrap();
        db.close().await;
    };
    tokio::join!(open(), open(), open(), open());
}

async fn writers_wait_for_each_other(db: TestDb) {
    run(&db, a_team(&db, "0")).await.unwrap();
    let rename = |n: usize| {
        let db = (*db).clone();
        async move { run(&db, format!("UPDATE teams SET name = '{n}'")).await.unwrap() }
    };
    let all: Vec<_> = (0..20).map(|n| tokio::spawn(rename(n))).collect();
    for one in all {
        assert_eq!(one.await.unwrap(), 1);
    }
    assert_eq!(teams(&db).await, 1);
}

async fn a_slow_statement_is_stopped_or_answers(db: TestDb) {
    if let Db::Postgres(_) = &*db {
        let settings = Settings { statement_timeout: Duration::from_millis(50), ..db.settings().clone() };
        let impatient = Db::open(&settings).await.unwrap();
        let stopped = run(&impatient, "SELECT pg_sleep(5)".to_owned()).await;
        assert!(matches!(stopped, Err(DbError::TooSlow)), "{stopped:?}");
    }
    db.ping().await.unwrap();
}

#[tokio::test]
async fn of_connections_that_broke_together_one_is_used() {
    let db = TestDb::postgres().await;
    // All four are open and were used just now.
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(db.begin().await.unwrap());
    }
    drop(held);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let other = Db::open(db.settings()).await.unwrap();
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let Db::Postgres(pool) = &other else { panic!("it is PostgreSQL") };
    let ended: i64 = sqlx::query_scalar(end).fetch_one(pool).await.unwrap();
    assert!(ended >= 4, "{ended}");
    let mut failed = 0;
    for _ in 0..8 {
        failed += u32::from(run(&db, "SELECT 1".to_owned()).await.is_err());
    }
    assert!(failed <= 1, "{failed} of 8");
}

async fn a_reader_does_not_write(db: TestDb) {
    if let Db::Sqlite(sqlite) = &*db {
        let sql = a_team(&db, "x");
        let refused = sqlx::query(AssertSqlSafe(sql)).execute(&sqlite.read).await.map_err(DbError::from);
        assert!(matches!(refused, Err(DbError::ReadOnly(_))), "{refused:?}");
        let mode: (String,) = sqlx::query_as("PRAGMA journal_mode").fetch_one(&sqlite.write).await.unwrap();
        let sync: (i64,) = sqlx::query_as("PRAGMA synchronous").fetch_one(&sqlite.write).await.unwrap();
        // 2 is FULL: each commit is on the disk before it is acknowledged.
        assert_eq!((mode.0.as_str(), sync.0), ("wal", 2));
    }
}

async fn a_copy_is_complete_while_others_write(db: TestDb) {
    for n in 0..50 {
        run(&db, a_team(&db, &n.to_string())).await.unwrap();
    }
    let target = db.dir().join("copy.db");
    match &*db {
        Db::Postgres(_) => assert!(matches!(db.copy_to(&target).await, Err(DbError::Unsupported(_)))),
        Db::Sqlite(_) => {
            let writer = {
                let db = (*db).clone();
                tokio::spawn(async move {
                    for n in 50..80 {
                        run(&db, a_team(&db, &n.to_string())).await.unwrap();
                    }
                })
            };
            db.copy_to(&target).await.unwrap();
            writer.await.unwrap();
            let copy = Db::open(&Settings::new(Secret::new(format!("sqlite:{}", target.display())))).await.unwrap();
            assert!((50..=80).contains(&teams(&copy).await));
            copy.check_schema().await.unwrap();
        }
    }
}

db::on_both!(
    what_is_not_committed_is_not_there,
    the_schema_is_made_once_and_a_newer_one_is_refused,
    programs_that_start_together_make_the_schema_once,
    writers_wait_for_each_other,
    a_slow_statement_is_stopped_or_answers,
    a_reader_does_not_write,
    a_copy_is_complete_while_others_write,
);
