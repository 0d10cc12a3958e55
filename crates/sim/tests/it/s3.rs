//! S3, asked by the client of `object_store` and over a bare socket.

use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, RetryConfig};
use sim::s3::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY};
use sim::{Fault, S3};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

fn client(s3: &S3, bucket: &str, secret: &str) -> impl ObjectStore {
    AmazonS3Builder::new()
        .with_endpoint(s3.url())
        .with_allow_http(true)
        .with_bucket_name(bucket)
        .with_region(REGION)
        .with_access_key_id(ACCESS_KEY_ID)
        .with_secret_access_key(secret)
        .with_disable_bulk_delete(true)
        .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
        .build()
        .unwrap()
}

#[tokio::test]
async fn objects_are_put_read_in_parts_and_deleted() {
    let s3 = S3::start("calls");
    let client = client(&s3, "calls", SECRET_ACCESS_KEY);
    // Everything that has to be written otherwise in an address.
    let key = Path::from("a folder/ü+1 & 50=%.txt");
    client.put(&key, "0123456789".into()).await.unwrap();
    assert_eq!(s3.objects().keys().collect::<Vec<_>>(), [key.as_ref()]);
    let meta = client.head(&key).await.unwrap();
    let got = client.get(&key).await.unwrap();
    assert_eq!((meta.size, &meta.e_tag), (10, &got.meta.e_tag));
    assert_eq!(got.bytes().await.unwrap(), "0123456789");
    assert_eq!(client.get_range(&key, 3..6).await.unwrap(), "345");
    assert!(client.get_range(&key, 10..12).await.is_err());
    client.put(&key, "other".into()).await.unwrap();
    assert_ne!(client.head(&key).await.unwrap().e_tag, meta.e_tag);
    client.delete(&key).await.unwrap();
    assert!(matches!(client.get(&key).await, Err(Error::NotFound { .. })));
    client.delete(&key).await.unwrap();
}

#[tokio::test]
async fn a_list_has_folders_and_comes_in_pages() {
    let s3 = S3::start("calls");
    let client = client(&s3, "calls", SECRET_ACCESS_KEY);
    for number in 0..1_500 {
        s3.set(&format!("in/{number:04} & <{number}>"), vec![b'x'; number]);
        s3.set(&format!("in/{}/deep", number % 700), Vec::new());
    }
    s3.set("out", Vec::new());
    let list = client.list_with_delimiter(Some(&Path::from("in"))).await.unwrap();
    assert_eq!((list.objects.len(), list.common_prefixes.len()), (1_500, 700));
    let last = list.objects.iter().find(|object| object.location.as_ref() == "in/1499 & <1499>");
    assert!(last.is_some_and(|object| object.size == 1_499), "{last:?}");
    assert_eq!(s3.asked().len(), 3, "2200 entries, a thousand a page");
}

#[tokio::test]
async fn strangers_are_refused_as_s3_does() {
    let s3 = S3::start("calls");
    let key = Path::from("x");
    let told = |error: Error| error.to_string();
    let wrong = told(client(&s3, "calls", "wrong").put(&key, "x".into()).await.unwrap_err());
    assert!(wrong.contains("403 Forbidden") && wrong.contains("<Code>SignatureDoesNotMatch</Code>"), "{wrong}");
    let nowhere = told(client(&s3, "coils", SECRET_ACCESS_KEY).put(&key, "x".into()).await.unwrap_err());
    assert!(nowhere.contains("404 Not Found") && nowhere.contains("<Code>NoSuchBucket</Code>"), "{nowhere}");
    assert!(s3.objects().is_empty());
    let bare = ask(&s3, "PUT /calls/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
    assert!(bare.starts_with("HTTP/1.1 403 ") && bare.contains("<Code>AccessDenied</Code>"), "{bare}");
    assert!(s3.objects().is_empty());
}

/// What comes back on a socket until it ends; an error as what there was, and its kind.
fn ask(s3: &S3, request: &str) -> String {
    let mut socket = TcpStream::connect(s3.url().trim_start_matches("http://")).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let end = socket.read_to_end(&mut answer);
    let end = end.err().map(|error| format!("[{:?}]", error.kind())).unwrap_or_default();
    String::from_utf8(answer).unwrap() + &end
}

#[test]
fn faults_are_what_they_are_called_on_the_wire() {
    let s3 = S3::start("calls");
    let get = "GET /calls/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let whole = ask(&s3, get);
    let (head, body) = whole.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
    s3.faults().next(1, &Fault::Cut);
    let cut = ask(&s3, get);
    let (head, half) = cut.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
    assert_eq!(half, &body[..body.len() / 2]);
    s3.faults().next(1, &Fault::Reset);
    assert_eq!(ask(&s3, get), "[ConnectionReset]");
    s3.faults().next(1, &Fault::Answer(418, "short and stout".to_owned()));
    let odd = ask(&s3, get);
    assert!(odd.starts_with("HTTP/1.1 418 ") && odd.ends_with("\r\n\r\nshort and stout"), "{odd}");
    let statuses: Vec<_> = s3.asked().iter().map(|asked| asked.status.map(|status| status.as_u16())).collect();
    assert_eq!(statuses, [Some(403), Some(403), None, Some(418)]);
}
