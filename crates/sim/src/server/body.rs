//! Bodies that go wrong on the wire.

use super::Busy;
use super::line::Line;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::{IntoResponse as _, Response};
use http_body::{Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// How long a broken answer rests after what came of it, so that this goes out on the wire.
const REST: Duration = Duration::from_millis(50);

/// How a body ends before its time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The connection is reset.
    Reset,
    /// Nothing more comes.
    Silence,
}

/// The answer with the second half of its body missing; its length is told as if it were there.
pub(super) async fn cut(answer: Response, line: &Line) -> Response {
    let (mut head, body) = answer.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    if whole.is_empty() {
        line.reset();
        return StatusCode::OK.into_response();
    }
    head.headers.insert(CONTENT_LENGTH, whole.len().into());
    let body = Played { end: Some((whole.len() / 2, End::Reset)), ..Played::new(Body::from(whole)) };
    Response::from_parts(head, Body::new(body))
}

/// The answer with half of its body, as if this were all.
pub(super) async fn halve(answer: Response) -> Response {
    let (mut head, body) = answer.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, Body::from(whole.slice(..whole.len() / 2)))
}

/// The answer with a body that ends after so many bytes.
pub(super) fn end(answer: Response, after: usize, end: End) -> Response {
    let (mut head, body) = answer.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, Body::new(Played { end: Some((after, end)), ..Played::new(body) }))
}

/// The answer, which is being given until its body has gone out.
pub(super) fn watch(answer: Response, busy: Busy) -> Response {
    answer.map(|body| Body::new(Played { busy: Some(busy), ..Played::new(body) }))
}

/// A body as it goes out.
struct Played {
    body: Body,
    /// Bytes that still go out, and what comes then.
    end: Option<(usize, End)>,
    rest: Option<Pin<Box<tokio::time::Sleep>>>,
    busy: Option<Busy>,
}

impl Played {
    fn new(body: Body) -> Self {
        Self { body, end: None, rest: None, busy: None }
    }
}

impl HttpBody for Played {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(rest) = &mut self.rest {
            ready!(rest.as_mut().poll(context));
            return Poll::Ready(Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::ConnectionReset)))));
        }
        match self.end {
            Some((0, End::Silence)) => return Poll::Pending,
            Some((0, End::Reset)) => {
                self.rest = Some(Box::pin(tokio::time::sleep(REST)));
                return self.poll_frame(context);
            }
            _ => {}
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() {
            self.busy = None;
        }
        let (Some((left, _)), Some(Ok(frame))) = (&mut self.end, &frame) else { return Poll::Ready(frame) };
        let Some(data) = frame.data_ref() else { return Poll::Ready(None) };
        let data = data.slice(..data.len().min(*left));
        *left -= data.len();
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.end.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.end.is_some() { SizeHint::default() } else { self.body.size_hint() }
    }
}
