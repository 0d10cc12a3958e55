//! The service against the simulator, which knows the protocol and nothing of this client.

use crate::product;
use embed::{BreakerState, EmbedError, Embedder, Settings};
use kernel::Secret;
use sim::openai::{API_KEY, Flavour};
use sim::{Cause, Fault, Judge, ModelFault, OpenAi, Refuse};
use std::time::{Duration, Instant};

fn settings(sim: &OpenAi) -> Settings {
    Settings {
        base_url: sim.url().parse().unwrap(),
        key: Some(Secret::new(API_KEY)),
        backoff: Duration::from_millis(10),
        deadline: Duration::from_secs(20),
        ..Settings::new("text-embedding-3-small")
    }
}

fn simulated() -> (OpenAi, Embedder) {
    let sim = OpenAi::start(Flavour::OpenAi, Judge::Scripted);
    let embedder = Embedder::remote(settings(&sim)).unwrap();
    (sim, embedder)
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("passage {number} on price {}", number * 7)).collect()
}

async fn error_of(embedder: &Embedder) -> EmbedError {
    embedder.embed(texts(3)).await.unwrap_err()
}

#[tokio::test]
async fn many_texts_come_back_in_their_order() {
    let (sim, embedder) = simulated();
    assert_eq!((embedder.model(), embedder.dimensions()), ("openai:text-embedding-3-small", 1_536));
    let texts = texts(300);
    let vectors = embedder.embed(texts.clone()).await.unwrap();
    assert_eq!(sim.asked().len(), 5, "64 texts a request");
    assert!(sim.most_at_once() <= 4);
    assert_eq!(vectors.len(), 300);
    for at in [0, 1, 63, 64, 200, 299] {
        let alone = embedder.embed(vec![texts[at].clone()]).await.unwrap();
        assert!(product(&alone[0], &vectors[at]) > 0.999_99, "{at}");
        assert!(product(&alone[0], &vectors[(at + 1) % 300]) < 0.99, "{at}");
        assert!((product(&alone[0], &alone[0]) - 1.0).abs() < 1e-5);
    }
    let asked = &sim.asked()[0];
    assert!(String::from_utf8_lossy(&asked.body).contains(r#""encoding_format":"base64""#));
    assert!(!String::from_utf8_lossy(&asked.body).contains("dimensions"), "its own need not be asked for");
    assert_eq!(embedder.embed(Vec::new()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn an_empty_text_has_a_vector_too() {
    let (_sim, embedder) = simulated();
    let vectors = embedder.embed(vec![String::new(), "price".to_owned()]).await.unwrap();
    assert_eq!(vectors.len(), 2);
}

#[tokio::test]
async fn fewer_dimensions_are_asked_for_and_are_another_model() {
    let (sim, _) = simulated();
    let embedder = Embedder::remote(Settings { dimensions: Some(256), ..settings(&sim) }).unwrap();
    assert_eq!((embedder.model(), embedder.dimensions()), ("openai:text-embedding-3-small@256", 256));
    assert_eq!(embedder.embed(texts(2)).await.unwrap()[1].len(), 256);
}

#[tokio::test]
async fn local_servers_are_asked_without_a_key() {
    let local = [(Flavour::Ollama, "nomic-embed-text:latest", 768), (Flavour::LlamaCpp, "any.gguf", 384)];
    for (flavour, model, dimensions) in local {
        let sim = OpenAi::start(flavour, Judge::Scripted);
        let of = |dimensions| {
            let settings =
                Settings { key: None, model: model.to_owned(), dimensions: Some(dimensions), ..settings(&sim) };
            Embedder::remote(settings).unwrap()
        };
        assert_eq!(of(dimensions).embed(texts(5)).await.unwrap().len(), 5);
        let error = error_of(&of(512)).await;
        assert_eq!(error, EmbedError::Dimensions { wanted: 512, found: dimensions });
    }
}

#[tokio::test]
async fn what_passes_is_asked_again() {
    let (sim, embedder) = simulated();
    let passing = [
        Fault::status_with(429, &[("retry-after", "1")]),
        Fault::status(500),
        Fault::Cut,
        Fault::TruncateJson,
        Fault::Reset,
        Fault::DropAfter(900),
    ];
    for fault in passing {
        let (before, begun) = (sim.asked().len(), Instant::now());
        sim.faults().next(1, &fault);
        let vectors = embedder.embed(texts(3)).await;
        if fault == Fault::TruncateJson {
            // It came whole as far as HTTP knows: it would be the same again.
            assert_eq!(vectors.unwrap_err().kind(), "not_understood");
            continue;
        }
        assert_eq!(vectors.unwrap().len(), 3, "{fault:?}");
        assert_eq!(sim.asked().len() - before, 2, "{fault:?}");
        if matches!(fault, Fault::Refuse(Refuse { status: 429, .. })) {
            assert!(begun.elapsed() >= Duration::from_secs(1), "it waits as long as it is asked to");
        }
    }
}

#[tokio::test]
async fn what_does_not_pass_is_told_at_once() {
    let (sim, embedder) = simulated();
    let quota = Fault::Refuse(Refuse { status: 429, headers: Vec::new(), cause: Cause::Quota });
    let table = [
        (quota, EmbedError::Billing),
        (Fault::status(401), EmbedError::Key { status: 401 }),
        (Fault::status(404), EmbedError::Model { model: "text-embedding-3-small".to_owned() }),
        (Fault::status(413), EmbedError::TooLarge),
        (Fault::status(400), EmbedError::Invalid { status: 400, message: "Invalid request.".to_owned() }),
        (Fault::from(ModelFault::MissingEmbedding), EmbedError::Count { wanted: 3, found: 2 }),
        (Fault::from(ModelFault::ShortEmbedding), EmbedError::Dimensions { wanted: 1_536, found: 768 }),
        (Fault::WrongContentType, EmbedError::NotUnderstood { what: "it is a page (`text/html`)" }),
    ];
    for (fault, expected) in table {
        let before = sim.asked().len();
        sim.faults().next(1, &fault);
        let error = error_of(&embedder).await;
        assert_eq!(error, expected);
        assert!(!error.is_transient());
        assert_eq!(sim.asked().len() - before, 1, "{fault:?} is not asked again");
    }
    let long = embedder.embed(vec!["price ".repeat(9_000)]).await.unwrap_err();
    assert_eq!(long, EmbedError::TooLarge);
    let wrong = Embedder::remote(Settings { key: Some(Secret::new("sk-wrong")), ..settings(&sim) }).unwrap();
    assert_eq!(error_of(&wrong).await, EmbedError::Key { status: 401 });
}

#[tokio::test]
async fn a_service_that_goes_on_failing_is_left_alone() {
    let (sim, _) = simulated();
    let embedder = Embedder::remote(Settings { retries: 0, ..settings(&sim) }).unwrap();
    sim.faults().then(Some(Fault::status(500)));
    for _ in 0..5 {
        assert_eq!(error_of(&embedder).await, EmbedError::Server { status: 500 });
    }
    assert!(matches!(embedder.state(), Some(BreakerState::Open { .. })));
    let error = error_of(&embedder).await;
    assert!(matches!(error, EmbedError::Resting { .. }) && error.is_transient() && error.wait().is_some(), "{error}");
    assert_eq!(sim.asked().len(), 5);
}

#[tokio::test]
async fn a_limit_that_lasts_is_told_with_its_wait() {
    let (sim, embedder) = simulated();
    sim.faults().then(Some(Fault::status_with(429, &[("retry-after", "600")])));
    let error = error_of(&embedder).await;
    assert_eq!(error.wait(), Some(Duration::from_mins(10)));
    assert!(error.is_transient() && error.to_string().contains("for another 600 s"), "{error}");
    assert_eq!(sim.asked().len(), 1);
}

#[tokio::test]
async fn a_slow_service_is_given_up_at_the_deadline() {
    let (sim, _) = simulated();
    let embedder = Embedder::remote(Settings { deadline: Duration::from_millis(300), ..settings(&sim) }).unwrap();
    sim.faults().then(Some(Fault::Stall(900)));
    let begun = Instant::now();
    assert_eq!(error_of(&embedder).await, EmbedError::TimedOut { within: Duration::from_millis(300) });
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_service_cannot_be_asked_without_waiting() {
    let (_sim, embedder) = simulated();
    assert_eq!(embedder.embed_now(&["price"]).unwrap_err().kind(), "settings");
}
