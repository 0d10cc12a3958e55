//! A server that listens for one test: journal, faults, an end.

use crate::{Fault, Faults};
use axum::Router;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Bytes of the largest request that is read.
const LARGEST: usize = 256 << 20;

/// How long a broken answer rests after its first half, so that the half goes out on the wire.
const HALF: Duration = Duration::from_millis(50);

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
    /// The status of the answer; `None` where the connection was reset instead.
    pub status: Option<StatusCode>,
}

/// A running server; it ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    faults: Faults,
    journal: Journal,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

type Journal = Arc<Mutex<Vec<Asked>>>;

impl Server {
    /// Answers by `router` on a free port of this machine.
    ///
    /// # Panics
    /// When no port can be had: the test cannot run then.
    pub fn start(router: Router) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let addr = listener.local_addr().expect("its address");
        listener.set_nonblocking(true).expect("a listener that does not block");
        let (faults, journal) = (Faults::default(), Journal::default());
        let desk = Desk { faults: faults.clone(), journal: journal.clone() };
        let service = router.layer(from_fn_with_state(desk, attend)).into_make_service_with_connect_info::<Line>();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let door = Door(TcpListener::from_std(listener).expect("the listener within the runtime"));
                let serve = axum::serve(door, service);
                tokio::select! {
                    ended = serve => ended.expect("a server goes on"),
                    _ = stopped => {}
                }
            });
        });
        Self { addr, faults, journal, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The script of its faults.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Everything it was asked so far, in the order of the answers.
    pub fn asked(&self) -> Vec<Asked> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner).clone()
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

#[derive(Clone)]
struct Desk {
    faults: Faults,
    journal: Journal,
}

/// Reads each request whole, plays its fault, and writes both down.
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
    let mut asked = Asked {
        method: head.method.clone(),
        uri: head.uri.clone(),
        headers: head.headers.clone(),
        bytes: body.len(),
        status: None,
    };
    let usual = next.run(Request::from_parts(head, Body::from(body)));
    let answer = match desk.faults.take() {
        None => usual.await,
        Some(Fault::Answer(status, body)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, body).into_response()
        }
        Some(Fault::Delay(time)) => {
            tokio::time::sleep(time).await;
            usual.await
        }
        Some(Fault::Reset) => {
            line.reset();
            StatusCode::OK.into_response()
        }
        Some(Fault::Cut) => cut(usual.await, &line).await,
    };
    asked.status = (!line.is_reset()).then_some(answer.status());
    desk.journal.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    answer
}

/// The answer with the second half of its body missing; its length is told as if it were there.
async fn cut(answer: Response, line: &Line) -> Response {
    let (mut head, body) = answer.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    if whole.is_empty() {
        line.reset();
        return StatusCode::OK.into_response();
    }
    head.headers.insert(CONTENT_LENGTH, whole.len().into());
    let rest = Box::pin(tokio::time::sleep(HALF));
    Response::from_parts(head, Body::new(Half { first: Some(whole.slice(..whole.len() / 2)), rest }))
}

/// A body that breaks off.
struct Half {
    first: Option<Bytes>,
    rest: Pin<Box<tokio::time::Sleep>>,
}

impl HttpBody for Half {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, io::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(http_body::Frame::data(first))));
        }
        self.rest.as_mut().poll(context).map(|()| Some(Err(io::ErrorKind::ConnectionReset.into())))
    }
}

/// Accepts connections that can be reset from within.
struct Door(TcpListener);

/// One connection, as its requests know it.
#[derive(Debug, Clone)]
struct Line(Arc<AtomicBool>);

impl Line {
    fn reset(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_reset(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// The socket of a connection.
struct Wire {
    stream: TcpStream,
    line: Line,
}

impl Listener for Door {
    type Io = Wire;
    type Addr = Line;

    async fn accept(&mut self) -> (Wire, Line) {
        let (stream, _) = Listener::accept(&mut self.0).await;
        let line = Line(Arc::default());
        (Wire { stream, line: line.clone() }, line)
    }

    fn local_addr(&self) -> io::Result<Line> {
        Ok(Line(Arc::default()))
    }
}

impl Connected<IncomingStream<'_, Door>> for Line {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.remote_addr().clone()
    }
}

impl Wire {
    /// On a line that was reset nothing more is written; without lingering, closing it tells the other end so at once.
    fn check(&self) -> io::Result<()> {
        if self.line.is_reset() {
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
