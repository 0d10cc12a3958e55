//! A server that listens for one test: journal, faults, an end.

mod admin;
mod body;
mod line;

use crate::{Fault, Faults, Refuse, Time};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, DATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use line::{Door, Line};
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Bytes of the largest request that is read.
const LARGEST: usize = 300 << 20;

/// A request that came, and what it was answered.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its method.
    pub method: Method,
    /// Its path and query.
    pub uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// Bytes of its body.
    pub bytes: usize,
    /// Its body.
    pub body: Bytes,
    /// The status of the answer; `None` where the connection was reset instead.
    pub status: Option<StatusCode>,
    /// When it had been read, since the server started.
    pub arrived: Duration,
    /// When the head of the answer went out, since the server started.
    pub answered: Duration,
}

/// How a service refuses what the script wants refused.
type Refusing = Arc<dyn Fn(&Refuse) -> Response + Send + Sync>;

/// What a server needs to know of its service.
#[derive(Clone)]
pub struct Plan {
    /// Where it listens; 0 is a free port.
    pub port: u16,
    /// The time of day that it goes by.
    pub time: Time,
    /// How a service refuses what the script wants refused.
    pub refusing: Refusing,
}

impl Default for Plan {
    fn default() -> Self {
        let refusing = |refuse: &Refuse| status(refuse.status).into_response();
        Self { port: 0, time: Time::default(), refusing: Arc::new(refusing) }
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("port", &self.port).field("time", &self.time).finish_non_exhaustive()
    }
}

/// What is scripted for the request at hand; a service finds it in the request's extensions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scripted(pub Arc<[Fault]>);

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    desk: Desk,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers by `router` on a free port of this machine.
    ///
    /// # Panics
    /// When no port can be had: the test cannot run then.
    pub fn start(router: Router) -> Self {
        Self::open(router, Plan::default())
    }

    /// Answers by `router` as planned.
    ///
    /// # Panics
    /// When the port cannot be had: the test cannot run then.
    pub fn open(router: Router, plan: Plan) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", plan.port)).expect("a free port");
        let addr = listener.local_addr().expect("its address");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let desk = Desk { plan, began: Instant::now(), ..Desk::default() };
        let service =
            router.layer(from_fn_with_state(desk.clone(), attend)).into_make_service_with_connect_info::<Line>();
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let handle = runtime.handle().clone();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                let door = Door(TcpListener::from_std(listener).expect("the listener within the runtime"));
                let serve = axum::serve(door, service);
                tokio::select! {
                    ended = serve => ended.expect("a server goes on"),
                    _ = stopped => {}
                }
            });
            // What is still being judged has nobody to hear it.
            runtime.shutdown_background();
        });
        Self { addr, desk, runtime: handle, stop: Some(stop), thread: Some(thread) }
    }

    /// Does this beside answering; it ends with the server.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        // Whoever is waited for nowhere need not be held.
        drop(self.runtime.spawn(work));
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The script of its faults.
    pub fn faults(&self) -> &Faults {
        &self.desk.faults
    }

    /// Its time of day.
    pub fn time(&self) -> &Time {
        &self.desk.plan.time
    }

    /// Everything it was asked so far, in the order of the answers.
    pub fn asked(&self) -> Vec<Asked> {
        self.desk.asked()
    }

    /// The most requests that were being answered at a time, each until the last byte of its answer.
    pub fn most_at_once(&self) -> usize {
        self.desk.most.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has failed requests, which the test has seen.
            let _ = thread.join();
        }
    }
}

#[derive(Debug, Clone)]
struct Desk {
    plan: Plan,
    faults: Faults,
    journal: Arc<Mutex<Vec<Asked>>>,
    began: Instant,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            plan: Plan::default(),
            faults: Faults::default(),
            journal: Arc::default(),
            began: Instant::now(),
            now: Arc::default(),
            most: Arc::default(),
        }
    }
}

impl Desk {
    fn asked(&self) -> Vec<Asked> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn busy(&self) -> Busy {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        Busy(self.now.clone())
    }
}

/// A request is being answered as long as this lives.
struct Busy(Arc<AtomicUsize>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// What is scripted for a request: by its header, else by the list.
fn script(desk: &Desk, headers: &HeaderMap, path: &str) -> Result<Vec<Fault>, String> {
    let fault = match headers.get("x-sim-fault") {
        Some(text) => Some(text.to_str().map_err(|error| error.to_string())?.parse::<Fault>()?),
        None => desk.faults.take(path),
    };
    Ok(fault.map(Fault::parts).unwrap_or_default())
}

/// Reads each request whole, plays its faults, and writes both down.
async fn attend(
    State(desk): State<Desk>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return (StatusCode::BAD_REQUEST, "the request broke off").into_response();
    };
    if let Some(what) = head.uri.path().strip_prefix("/__sim/") {
        return desk.admin(&head.method, what, &body);
    }
    let (busy, arrived) = (desk.busy(), desk.began.elapsed());
    let faults = match script(&desk, &head.headers, head.uri.path()) {
        Ok(faults) => faults,
        Err(wrong) => return (StatusCode::BAD_REQUEST, format!("x-sim-fault: {wrong}")).into_response(),
    };
    let mut asked = Asked {
        method: head.method.clone(),
        uri: head.uri.clone(),
        headers: head.headers.clone(),
        bytes: body.len(),
        body: body.clone(),
        status: None,
        arrived,
        answered: arrived,
    };
    let mut request = Request::from_parts(head, Body::from(body));
    request.extensions_mut().insert(Scripted(faults.clone().into()));
    let mut instead = None;
    for fault in &faults {
        match fault {
            Fault::Delay(time) => tokio::time::sleep(*time).await,
            Fault::Answer(code, body) => instead = Some((status(*code), body.clone()).into_response()),
            Fault::Refuse(refuse) => {
                let mut answer = (desk.plan.refusing)(refuse);
                for (name, value) in &refuse.headers {
                    if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                        answer.headers_mut().insert(name, value);
                    }
                }
                instead = Some(answer);
            }
            Fault::Reset => {
                line.reset();
                instead = Some(StatusCode::OK.into_response());
            }
            _ => {}
        }
    }
    let mut answer = match instead {
        Some(answer) => answer,
        None => next.run(request).await,
    };
    for fault in &faults {
        answer = match fault {
            Fault::Cut => body::cut(answer, &line).await,
            Fault::DropAfter(bytes) => body::end(answer, *bytes, body::End::Reset),
            Fault::Stall(bytes) => body::end(answer, *bytes, body::End::Silence),
            // A stream halves one of its events by itself.
            Fault::TruncateJson if !is_stream(&answer) => body::halve(answer).await,
            Fault::WrongContentType => {
                answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
                answer
            }
            _ => answer,
        };
    }
    asked.answered = desk.began.elapsed();
    asked.status = (!line.is_reset()).then_some(answer.status());
    desk.journal.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    body::watch(answer, busy)
}

/// Has an answer say that it was given at this time, as the simulated clock has it.
pub(crate) fn set_date(answer: &mut Response, now: DateTime<Utc>) {
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    answer.headers_mut().insert(DATE, HeaderValue::try_from(date).expect("a date"));
}

fn is_stream(answer: &Response) -> bool {
    answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}
