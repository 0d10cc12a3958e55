//! Databases for tests: every story runs on both.

mod line;

pub use line::Line;

use crate::{Db, Settings};
use kernel::Secret;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// The variable that holds the address of a PostgreSQL server on which databases may be made; `cargo xtask test` sets it, with pgvector where that can
/// be had.
pub const SERVER: &str = "SIDELINE_TEST_POSTGRES";
/// The variable that holds the address of one without pgvector.
pub const SERVER_WITHOUT_PGVECTOR: &str = "SIDELINE_TEST_POSTGRES_PLAIN";
/// The variable that holds the address of one that also takes encrypted connections.
pub const SERVER_WITH_TLS: &str = "SIDELINE_TEST_POSTGRES_TLS";
/// The variable that holds the folder with `ca.crt`, the authority of that server's certificate, and `other.crt`, another one. The server lets
/// the role `tls_only` in over encrypted connections only.
pub const CERTIFICATES: &str = "SIDELINE_TEST_CERTIFICATES";

/// A migrated, empty database of one test.
#[derive(Debug)]
pub struct TestDb {
    db: Db,
    settings: Settings,
    dir: PathBuf,
}

impl TestDb {
    /// On SQLite, in a file of its own.
    pub async fn sqlite() -> Self {
        let dir = folder();
        let url = format!("sqlite:{}", dir.join("test.db").display());
        Self::open(dir, url).await
    }

    /// On PostgreSQL, in a database of its own.
    ///
    /// # Panics
    /// When there is no server: a test that was not run must not look as if it had passed.
    pub async fn postgres() -> Self {
        Self::on_server(&set_by_tests(SERVER)).await
    }

    /// The same on a server that has no pgvector.
    ///
    /// # Panics
    /// When there is no server.
    pub async fn postgres_without_pgvector() -> Self {
        Self::on_server(&set_by_tests(SERVER_WITHOUT_PGVECTOR)).await
    }

    async fn on_server(server: &str) -> Self {
        let name = format!("t{}", kernel::new_id().simple());
        let pool = PgPool::connect(server).await.expect("the server of the tests answers");
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.expect("a new database");
        pool.close().await;
        let (base, query) = server.split_once('?').map_or((server, ""), |(base, query)| (base, query));
        let (base, _) = base.rsplit_once('/').expect("the address names a database");
        Self::open(folder(), format!("{base}/{name}?{query}")).await
    }

    #[expect(clippy::print_stdout, reason = "shown with the output of a test that fails")]
    async fn open(dir: PathBuf, url: String) -> Self {
        let settings = Settings { max_connections: 4, ..Settings::new(Secret::new(url)) };
        let db = Db::open(&settings).await.expect("the database opens");
        db.migrate().await.expect("the schema is made");
        println!("backend: {}", db.backend());
        Self { db, settings, dir }
    }

    /// How it was opened, for a second program.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A folder of this test alone.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// What `cargo xtask test` says in this variable.
///
/// # Panics
/// When it is not set.
pub fn set_by_tests(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set; `cargo xtask test` starts a PostgreSQL and sets it"))
}

fn folder() -> PathBuf {
    let dir = std::env::temp_dir().join(format!("sideline-{}", kernel::new_id()));
    std::fs::create_dir_all(&dir).expect("the temporary folder can be written");
    dir
}

/// Makes two tests of each story, an `async fn(TestDb)`: `story::sqlite` and `story::postgres`.
#[macro_export]
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        $(
            mod $story {
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    super::$story($crate::testing::TestDb::sqlite().await).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn postgres() {
                    super::$story($crate::testing::TestDb::postgres().await).await;
                }
            }
        )+
    };
}
