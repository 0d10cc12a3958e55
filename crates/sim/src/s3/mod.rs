//! Object storage as Amazon S3 offers it, from its API reference: one bucket, addressed by path, objects in memory.
//!
//! It knows `PutObject`, `GetObject` (also a range), `HeadObject`, `DeleteObject`, `ListObjectsV2` and `HeadBucket`, checks the signature of each
//! request, and answers what is wrong with the codes of S3. An `ETag` is opaque here (S3's is often an MD5).

mod objects;
mod signature;

use crate::{Asked, Fault, Faults, Server};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use kernel::Clock;
use signature::Signer;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The region of the simulated bucket.
pub const REGION: &str = "eu-central-1";
/// The id of the only key that may use it.
pub const ACCESS_KEY_ID: &str = "SIMULATEDKEY";
/// The secret of that key.
pub const SECRET_ACCESS_KEY: &str = "simulated/secret+of=the:key";

/// A running S3 with one bucket.
#[derive(Debug)]
pub struct S3 {
    server: Server,
    bucket: Arc<Bucket>,
}

/// The bucket and what is in it.
#[derive(Debug)]
struct Bucket {
    name: String,
    clock: Clock,
    objects: Mutex<BTreeMap<String, objects::Object>>,
}

impl S3 {
    /// Starts with an empty bucket of this name.
    pub fn start(bucket: &str) -> Self {
        let bucket = Arc::new(Bucket { name: bucket.to_owned(), clock: Clock::system(), objects: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(bucket.clone());
        Self { server: Server::start(router), bucket }
    }

    /// Its endpoint.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The script of its faults.
    pub fn faults(&self) -> &Faults {
        self.server.faults()
    }

    /// Everything it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.server.asked()
    }

    /// What is in the bucket, by key.
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        self.bucket.objects().iter().map(|(key, object)| (key.clone(), object.bytes.clone())).collect()
    }

    /// Puts something into the bucket, whatever is there.
    pub fn set(&self, key: &str, bytes: Vec<u8>) {
        let object = objects::Object::new(bytes.into(), self.bucket.clock.now());
        self.bucket.objects().insert(key.to_owned(), object);
    }
}

impl Bucket {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, objects::Object>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error of S3: status, code, sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Refusal(StatusCode, &'static str, &'static str);

const ACCESS_DENIED: Refusal = Refusal(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied");
const SLOW_DOWN: Refusal = Refusal(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate.");

impl Refusal {
    /// As S3 sends it.
    fn xml(self) -> String {
        let Self(_, code, sentence) = self;
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{sentence}</Message>\
             <RequestId>0000000000000000</RequestId><HostId>simulated</HostId></Error>"
        )
    }

    fn response(self) -> Response {
        (self.0, [("content-type", "application/xml")], self.xml()).into_response()
    }

    fn fault(self) -> Fault {
        Fault::Answer(self.0.as_u16(), self.xml())
    }
}

/// The key may not do this.
pub fn access_denied() -> Fault {
    ACCESS_DENIED.fault()
}

/// Too many requests.
pub fn slow_down() -> Fault {
    SLOW_DOWN.fault()
}

async fn answer(State(bucket): State<Arc<Bucket>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let signer = Signer { key: ACCESS_KEY_ID, secret: SECRET_ACCESS_KEY, region: REGION };
    let answered = match signer.check(&head, &body, bucket.clock.now()) {
        Ok(()) => bucket.answer(&head, body),
        Err(refusal) => Err(refusal),
    };
    answered.unwrap_or_else(Refusal::response)
}
