//! Originals in a bucket, on a simulated service: what is kept there, and what its faults leave.

use crate::*;
use db::testing::TestDb;
use kernel::{Clock, Secret};
use sim::{Fault, S3, s3};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

const TEXT: &str = "Dana: Hello there, how are you?\nRavi: Fine, thanks.\n";

/// A bucket, as somebody with this key at this endpoint sees it, under a prefix; a request takes a second at most.
fn bucket(endpoint: &str, name: &str, secret: &str) -> Blobs {
    at(endpoint, &format!("s3://{name}/team/north"), secret)
}

fn at(endpoint: &str, address: &str, secret: &str) -> Blobs {
    let second = Duration::from_secs(1);
    let bucket = Bucket::new(address, endpoint, s3::REGION, s3::ACCESS_KEY_ID, Secret::new(secret), second);
    Blobs::open(&Originals::Bucket(bucket.unwrap())).unwrap()
}

fn ours(s3: &S3) -> Blobs {
    bucket(&s3.url(), "calls", s3::SECRET_ACCESS_KEY)
}

async fn take_in(db: &TestDb, blobs: &Blobs, text: &str) -> Result<Imported, CallError> {
    let names = ["Dana".to_owned()];
    import(db, blobs, &Clock::system(), text.as_bytes().to_vec(), &names, &NewCall::named("x.txt")).await
}

async fn take_out(db: &TestDb, blobs: &Blobs, call: Uuid) -> Result<(), CallError> {
    let mut tx = db.begin().await.unwrap();
    let deleted = delete(&mut tx, &Clock::system(), call, "test").await.unwrap();
    tx.commit().await.unwrap();
    forget_originals(db, blobs, &Clock::system(), &[deleted]).await
}

fn new_id(imported: Result<Imported, CallError>) -> Uuid {
    match imported {
        Ok(Imported::New { id, .. }) => id,
        other => panic!("{other:?}"),
    }
}

async fn calls(db: &TestDb) -> usize {
    list(db, &Filter { limit: 9, ..Filter::default() }).await.unwrap().len()
}

async fn an_original_is_kept_in_the_bucket_once_and_deleted_with_its_call(db: TestDb) {
    let s3 = S3::start("calls");
    let blobs = ours(&s3);
    let id = new_id(take_in(&db, &blobs, TEXT).await);
    let key = Blobs::key_of(id);
    let place = format!("team/north/{key}");
    assert_eq!(s3.objects().into_iter().collect::<Vec<_>>(), [(place, TEXT.into())]);
    assert_eq!(blobs.get(&key).await.unwrap(), TEXT.as_bytes());

    assert!(matches!(take_in(&db, &blobs, TEXT).await, Ok(Imported::Known { id: known }) if known == id));
    assert_eq!(s3.asked().iter().filter(|asked| asked.method == "PUT").count(), 1);

    take_out(&db, &blobs, id).await.unwrap();
    assert!(s3.objects().is_empty());
    blobs.delete(&key).await.unwrap();
    let gone = blobs.get(&key).await.unwrap_err().to_string();
    assert!(gone.contains("it is not in s3://calls/team/north at http://127.0.0.1:"), "{gone}");
}

async fn what_passes_is_tried_again(db: TestDb) {
    let s3 = S3::start("calls");
    s3.faults().next(1, &s3::slow_down());
    s3.faults().next(1, &Fault::Reset);
    new_id(take_in(&db, &ours(&s3), TEXT).await);
    let statuses: Vec<_> = s3.asked().iter().map(|asked| asked.status.map(|status| status.as_u16())).collect();
    assert_eq!(statuses, [Some(503), None, Some(200)]);
    assert_eq!((calls(&db).await, s3.objects().len()), (1, 1));
}

/// Each fault is told with what to do, and soon; nothing of the file is in the database then, and no secret in what is told.
async fn what_stays_is_told_and_leaves_no_call(db: TestDb) {
    let s3 = S3::start("calls");
    let nobody = {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", closed.local_addr().unwrap())
    };
    let url = s3.url();
    let other_secret = "hunter2/hunter2";
    for (fault, blobs, told) in [
        (None, bucket(&nobody, "calls", other_secret), "cannot be reached (Connection refused"),
        (
            None,
            bucket(&url, "calls", other_secret),
            "does not accept the key (SignatureDoesNotMatch); check s3_access_key_id",
        ),
        (None, bucket(&url, "coils", s3::SECRET_ACCESS_KEY), "there is no bucket coils at http://127.0.0.1:"),
        (
            Some(s3::access_denied()),
            ours(&s3),
            "(AccessDenied); it needs s3:PutObject, s3:GetObject and s3:DeleteObject",
        ),
        (Some(s3::slow_down()), ours(&s3), "is too busy or out of order (SlowDown); try again later"),
        (
            Some(Fault::Answer(404, "<html>Not here</html>".to_owned())),
            ours(&s3),
            "did not answer as S3 does (404 Not Found)",
        ),
        (Some(Fault::Delay(Duration::from_secs(9))), ours(&s3), "did not answer in time (1 s, s3_timeout)"),
        (Some(Fault::Reset), ours(&s3), "broke off ("),
        (Some(Fault::Cut), ours(&s3), "broke off ("),
    ] {
        s3.faults().then(fault.clone());
        let begun = Instant::now();
        let error = take_in(&db, &blobs, TEXT).await.unwrap_err();
        assert!(matches!(error, CallError::Blob(_)), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(shown.starts_with("the store of originals failed: ") && shown.contains(told), "{fault:?}: {shown}");
        assert!(
            !shown.contains("hunter2") && !shown.contains(s3::SECRET_ACCESS_KEY) && !shown.contains('<'),
            "{shown}"
        );
        assert!(begun.elapsed() < Duration::from_secs(4), "{fault:?}: {:?}", begun.elapsed());
        assert_eq!(calls(&db).await, 0, "{fault:?}");
        let jobs = queue::list(&db, &queue::Filter { limit: 99, ..queue::Filter::default() }).await.unwrap();
        assert!(jobs.iter().all(|job| job.kind == DELETE_ORIGINAL), "{jobs:?}");
    }
    // The last one had written it; the answer was lost, and a job deletes it.
    assert_eq!(s3.objects().len(), 1);
    s3.faults().clear();
    let id = new_id(take_in(&db, &ours(&s3), TEXT).await);
    assert_eq!(calls(&db).await, 1);
    assert_eq!(ours(&s3).get(&Blobs::key_of(id)).await.unwrap(), TEXT.as_bytes());
}

async fn an_original_that_cannot_be_deleted_waits_for_a_job(db: TestDb) {
    let s3 = S3::start("calls");
    let blobs = ours(&s3);
    let id = new_id(take_in(&db, &blobs, TEXT).await);
    // A 404 that is not S3's is no sign that it is gone, and neither is a bucket that is not there.
    s3.faults().next(1, &Fault::Answer(404, String::new()));
    assert!(matches!(take_out(&db, &blobs, id).await, Err(CallError::OriginalLeft(_))));
    assert!(bucket(&s3.url(), "coils", s3::SECRET_ACCESS_KEY).delete(&Blobs::key_of(id)).await.is_err());
    assert_eq!((calls(&db).await, s3.objects().len()), (0, 1));
    let jobs = queue::list(&db, &queue::Filter { limit: 9, ..queue::Filter::default() }).await.unwrap();
    let kinds: Vec<_> = jobs.iter().map(|job| (job.kind.as_str(), job.state)).collect();
    assert_eq!(kinds, [(DELETE_ORIGINAL, queue::State::Queued)]);
}

db::on_both!(
    an_original_is_kept_in_the_bucket_once_and_deleted_with_its_call,
    what_passes_is_tried_again,
    what_stays_is_told_and_leaves_no_call,
    an_original_that_cannot_be_deleted_waits_for_a_job,
);

#[tokio::test]
async fn an_answer_that_breaks_off_is_read_on_where_it_broke() {
    let s3 = S3::start("calls");
    let blobs = ours(&s3);
    let text: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    blobs.put("originals/00/text", text.clone()).await.unwrap();
    s3.faults().next(1, &Fault::Cut);
    assert_eq!(blobs.get("originals/00/text").await.unwrap(), text);
    assert!(s3.asked().last().unwrap().headers["range"].to_str().unwrap().starts_with("bytes="));
    s3.faults().then(Some(Fault::Cut));
    let error = blobs.get("originals/00/text").await.unwrap_err().to_string();
    assert!(error.contains("broke off ("), "{error}");
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_has_the_key_or_the_text() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let s3 = S3::start("calls");
    let blobs = ours(&s3);
    s3.faults().next(1, &s3::slow_down());
    blobs.put("originals/00/text", TEXT).await.unwrap();
    blobs.get("originals/00/text").await.unwrap();
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("backing off"), "{logged}");
    assert!(!logged.contains(s3::SECRET_ACCESS_KEY) && !logged.contains("how are you"), "{logged}");
}
