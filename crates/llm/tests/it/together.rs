//! Many questions at the same time, and a service that fails again and again.

use crate::server::{Asked as _, Piece, Server, answer, good, question};
use llm::{BreakerState, Client, LlmError, Provider, Settings};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[tokio::test]
async fn never_more_questions_at_once_than_set() {
    let server = Server::start(|_, _| {
        let mut slow = vec![Piece::Wait(Duration::from_millis(100))];
        slow.extend(good(Provider::Anthropic, "x"));
        slow
    })
    .await;
    let client = Client::new(Settings { at_once: 2, ..server.settings(Provider::Anthropic) }).unwrap();
    let asked: Vec<_> = (0..5)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.ask(&question(), None).await })
        })
        .collect();
    let mut took = Vec::new();
    for asked in asked {
        took.push(asked.await.unwrap().unwrap().took);
    }
    assert_eq!((server.seen().len(), server.most()), (5, 2));
    // Waiting for a turn is not counted as time of the service.
    assert!(took.iter().all(|took| *took < Duration::from_secs(5)), "{took:?}");
}

#[tokio::test]
async fn a_question_that_is_given_up_gives_its_turn_back() {
    let server = Server::start(|number, _| {
        if number == 0 { vec![Piece::Wait(Duration::from_mins(1))] } else { good(Provider::Anthropic, "x") }
    })
    .await;
    let client = Client::new(Settings { at_once: 1, ..server.settings(Provider::Anthropic) }).unwrap();
    let given_up = tokio::time::timeout(Duration::from_millis(200), client.ask(&question(), None)).await;
    assert!(given_up.is_err());
    assert_eq!(client.ask(&question(), None).await.unwrap().text, "x");
}

#[tokio::test]
async fn a_service_that_fails_five_times_rests_and_is_tried_once() {
    let is_well = Arc::new(AtomicBool::new(false));
    let well = is_well.clone();
    let server = Server::start(move |_, _| {
        if well.load(Ordering::SeqCst) { good(Provider::Anthropic, "back") } else { answer(529, &[], "") }
    })
    .await;
    let rest = Duration::from_millis(700);
    let client = Client::new(Settings { rest, ..server.settings(Provider::Anthropic) }).unwrap();
    let overloaded = Err(LlmError::Overloaded { status: 529 });
    assert_eq!(client.state(), BreakerState::Closed { failures: 0 });
    // Three requests of the first question, two of the second: then it is left alone, which is told the next time.
    assert_eq!(client.ask(&question(), None).await, overloaded);
    assert_eq!(client.state(), BreakerState::Closed { failures: 3 });
    assert_eq!(client.ask(&question(), None).await, overloaded);
    assert_eq!(server.seen().len(), 5);
    assert!(matches!(client.state(), BreakerState::Open { .. }), "{:?}", client.state());
    let resting = client.ask(&question(), None).await.unwrap_err();
    assert!(matches!(resting, LlmError::Resting { rest: left } if left <= rest), "{resting:?}");
    assert!(client.clone().models().await.is_err(), "clones share it");
    assert_eq!(server.seen().len(), 5, "nothing is sent meanwhile");
    tokio::time::sleep(rest).await;
    assert_eq!(client.ask(&question(), None).await, overloaded);
    assert_eq!(server.seen().len(), 6, "one try, and no more");
    assert!(matches!(client.state(), BreakerState::Open { .. }));
    tokio::time::sleep(rest).await;
    is_well.store(true, Ordering::SeqCst);
    assert_eq!(client.ask(&question(), None).await.unwrap().text, "back");
    assert_eq!(client.state(), BreakerState::Closed { failures: 0 });
}

#[tokio::test]
async fn the_fifth_failure_is_told_at_once_though_the_service_asks_to_come_back() {
    let failed = answer(529, &[], "");
    let later = answer(529, &[("retry-after", "15")], "");
    let server = Server::script(vec![failed.clone(), failed.clone(), failed.clone(), failed, later]).await;
    let client = Client::new(Settings { retries: 9, ..server.settings(Provider::Anthropic) }).unwrap();
    let begun = Instant::now();
    assert_eq!(client.ask(&question(), None).await, Err(LlmError::Overloaded { status: 529 }));
    assert_eq!(server.seen().len(), 5);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn refusals_and_limits_are_no_failures_of_the_service() {
    for status in [400, 401, 404, 429] {
        let server = Server::script(vec![answer(status, &[], "")]).await;
        let client = server.client(Provider::Anthropic);
        for _ in 0..6 {
            assert!(client.ask(&question(), None).await.is_err());
        }
        assert_eq!(client.state(), BreakerState::Closed { failures: 0 }, "{status}");
    }
}
