//! PostgreSQL over TLS: what the `sslmode` of the address says is done.

use db::testing::{CERTIFICATES, SERVER_WITH_TLS, set_by_tests};
use db::{Db, DbError, Settings, on_db, sqlx};
use kernel::Secret;
use std::time::Duration;

/// Opens the server's first database at another host, as another user, with these parameters.
async fn open(host: &str, user: &str, parameters: &str) -> Result<Db, DbError> {
    let server = set_by_tests(SERVER_WITH_TLS);
    let (_, rest) = server.split_once('@').expect("the address names a user");
    let (address, _) = rest.split_once('?').unwrap_or((rest, ""));
    let (_, port) = address.split_once(':').expect("the address names a port");
    let url = Secret::new(format!("postgres://{user}@{host}:{port}?{parameters}"));
    Db::open(&Settings { acquire_timeout: Duration::from_secs(5), ..Settings::new(url) }).await
}

fn authority(name: &str) -> String {
    format!("sslmode=verify-full&sslrootcert={}/{name}.crt", set_by_tests(CERTIFICATES))
}

async fn encrypted(db: &Db) -> bool {
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    on_db!(db, pool => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
}

async fn refused(host: &str, user: &str, parameters: &str) -> String {
    let error = open(host, user, parameters).await.unwrap_err();
    assert!(matches!(error, DbError::Tls(_)), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn a_connection_is_encrypted_where_it_is_asked_for() {
    assert!(encrypted(&open("127.0.0.1", "sideline", "sslmode=require").await.unwrap()).await);
    assert!(encrypted(&open("127.0.0.1", "sideline", &authority("ca")).await.unwrap()).await);
    assert!(!encrypted(&open("127.0.0.1", "sideline", "sslmode=disable").await.unwrap()).await);
}

#[tokio::test]
async fn a_server_that_is_not_who_it_should_be_is_refused() {
    let stranger = refused("127.0.0.1", "sideline", &authority("other")).await;
    assert!(stranger.contains("name the file of the right authority with sslrootcert=FILE"), "{stranger}");
    // Its certificate names the address only.
    let name = refused("localhost", "sideline", &authority("ca")).await;
    assert!(name.contains("write the host in DATABASE_URL as the certificate names it"), "{name}");
    let missing = open("127.0.0.1", "sideline", &authority("nobody")).await.unwrap_err().to_string();
    assert!(missing.contains("a file that it names is not there"), "{missing}");
}

#[tokio::test]
async fn a_server_that_takes_encrypted_connections_only_says_so() {
    let db = open("127.0.0.1", "sideline", "sslmode=require").await.unwrap();
    let role =
        "DO $$ BEGIN CREATE ROLE tls_only LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    on_db!(&db, pool => sqlx::query(role).execute(pool).await.unwrap().rows_affected());
    assert!(encrypted(&open("127.0.0.1", "tls_only", &authority("ca")).await.unwrap()).await);
    let told = refused("127.0.0.1", "tls_only", "sslmode=disable").await;
    assert!(told.contains("add sslmode=verify-full or sslmode=require to DATABASE_URL"), "{told}");
}
