//! A stream of server-sent events with a time for each.

use axum::body::{Body, Bytes, HttpBody};
use axum::response::{IntoResponse as _, Response};
use http_body::Frame;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

/// The text of events, each with its time from the first token.
#[derive(Debug, Default)]
pub(crate) struct Reel(Vec<(Duration, String)>);

impl Reel {
    /// Adds an event; it comes no earlier than the one before.
    pub(crate) fn push(&mut self, at: Duration, text: String) {
        self.0.push((at, text));
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Drops the events from this one on, and says when it would have come.
    pub(crate) fn cut(&mut self, from: usize) -> Duration {
        let at = self.0.get(from).or(self.0.last()).map_or(Duration::ZERO, |(at, _)| *at);
        self.0.truncate(from);
        at
    }

    /// Puts an event before this one.
    pub(crate) fn insert(&mut self, before: usize, text: String) {
        let at = self.0.get(before).map_or(Duration::ZERO, |(at, _)| *at);
        self.0.insert(before, (at, text));
    }

    /// Leaves half of an event's data; the event is ended as if it were whole.
    pub(crate) fn halve(&mut self, index: usize) {
        if let Some((_, text)) = self.0.get_mut(index) {
            let start = text.find("data: ").map_or(0, |at| at + "data: ".len());
            let mut half = start + (text.trim_end().len() - start) / 2;
            while !text.is_char_boundary(half) {
                half -= 1;
            }
            text.truncate(half);
            text.push_str("\n\n");
        }
    }

    /// The answer, whose first token comes now.
    pub(crate) fn response(self) -> Response {
        let begun = Instant::now();
        let frames = self.0.into_iter().map(|(at, text)| (begun + at, Bytes::from(text))).collect();
        let headers = [("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache")];
        (headers, Body::new(Paced { frames, sleep: None })).into_response()
    }
}

struct Paced {
    frames: VecDeque<(Instant, Bytes)>,
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some((at, _)) = self.frames.front() else { return Poll::Ready(None) };
        let at = *at;
        if at > Instant::now() {
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at.into())));
            ready!(sleep.as_mut().poll(context));
        }
        self.sleep = None;
        Poll::Ready(self.frames.pop_front().map(|(_, bytes)| Ok(Frame::data(bytes))))
    }
}
