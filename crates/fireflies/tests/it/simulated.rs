//! The client against the simulator, which knows the schema and nothing of this client.

use crate::{client, now, settings};
use chrono::{DateTime, TimeDelta, Utc};
use fireflies::{Client, FirefliesError, PAGE, Settings, TranscriptView};
use kernel::Clock;
use serde_json::Value;
use sim::fireflies::KEY;
use sim::{Fault, Fireflies, Time};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A simulator whose clock stands, with this many calls behind it and no limit.
fn simulated(backlog: u32, change: impl FnOnce(&mut sim::fireflies::Settings)) -> Fireflies {
    let mut settings = sim::fireflies::Settings {
        time: Time::by(Clock::fixed(now())),
        begin: now(),
        backlog,
        per_minute: u64::MAX,
        ..sim::fireflies::Settings::default()
    };
    change(&mut settings);
    Fireflies::with(settings)
}

fn of(fireflies: &Fireflies) -> Client {
    client(fireflies.url(), KEY)
}

fn ids(transcripts: &[Value]) -> Vec<String> {
    transcripts.iter().map(|transcript| TranscriptView::of(transcript).id.unwrap()).collect()
}

fn started(transcript: &Value) -> DateTime<Utc> {
    TranscriptView::of(transcript).started.unwrap()
}

#[tokio::test]
async fn a_list_is_read_page_by_page_newest_first() {
    let fireflies = simulated(120, |_| {});
    let client = of(&fireflies);
    let mut all = Vec::new();
    for wanted in [50, 50, 20, 0] {
        let page = client.transcripts(None, None, all.len() as u32).await.unwrap();
        assert_eq!(page.len(), wanted);
        all.extend(page);
    }
    assert!(all.iter().all(|transcript| transcript.get("sentences").is_none()), "a list has no words");
    assert!(all.is_sorted_by(|newer, older| started(newer) >= started(older)));
    assert_eq!(ids(&all).into_iter().collect::<BTreeSet<_>>(), fireflies.finished().into_iter().collect());
    assert_eq!((fireflies.served("transcripts"), fireflies.asked().len(), PAGE), (4, 4, 50), "one request a question");

    let (to, from) = (started(&all[30]), started(&all[70]));
    let between = client.transcripts(Some(from), Some(to), 0).await.unwrap();
    assert_eq!(ids(&between), ids(&all[30..=70]), "both ends count");
    assert_eq!(ids(&client.transcripts(Some(from), Some(to), 39).await.unwrap()), ids(&all[69..=70]));
    assert_eq!(client.transcripts(Some(now() + TimeDelta::days(1)), None, 0).await.unwrap(), [] as [Value; 0]);

    fireflies.time().advance(TimeDelta::minutes(20));
    let page = client.transcripts(None, None, 0).await.unwrap();
    let finished = fireflies.finished();
    assert_eq!(finished.len(), 122);
    assert!(finished[120..].iter().all(|id| ids(&page).contains(id)), "a call is listed once it has finished");
}

#[tokio::test]
async fn transcripts_tell_what_is_true_of_the_call_however_it_is_written() {
    let fireflies = simulated(40, |_| {});
    let client = of(&fireflies);
    let (mut dates, mut times, mut organizers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut from_list = client.transcripts(None, None, 0).await.unwrap();
    for listed in &mut from_list {
        let view = TranscriptView::of(listed);
        let id = view.id.clone().unwrap();
        let whole = client.transcript(&id).await.unwrap().unwrap();
        let truth = fireflies.truth(&id).unwrap();
        assert_eq!(
            TranscriptView { has_sentences: false, ..TranscriptView::of(&whole) },
            view,
            "it looks the same from either"
        );
        assert!(TranscriptView::of(&whole).has_sentences);
        assert_eq!(view.started.unwrap().to_rfc3339(), truth.start_time.parse::<DateTime<Utc>>().unwrap().to_rfc3339());
        assert_eq!(view.title, truth.transcript.title);
        let rep = truth.transcript.participants.iter().find_map(|person| person.email.clone());
        assert_eq!(view.organizer, rep);
        assert!(view.people.iter().any(|(_, email)| *email == rep), "{:?}", view.people);
        let said: Vec<_> =
            whole["sentences"].as_array().unwrap().iter().map(|sentence| sentence["text"].as_str().unwrap()).collect();
        assert_eq!(said, truth.transcript.segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>());
        dates.insert(whole["date"].is_string());
        times.insert(whole["sentences"][0]["start_time"].is_string());
        organizers.insert(whole["organizer_email"].is_null());
    }
    for odd in [dates, times, organizers] {
        assert_eq!(odd.len(), 2, "each way of writing is met");
    }
    assert_eq!(fireflies.served("transcript"), 40);
}

#[tokio::test]
async fn no_such_transcript_is_none() {
    for in_ok in [false, true] {
        let fireflies = simulated(3, |settings| settings.in_ok = in_ok);
        let client = of(&fireflies);
        for id in ["", "ASxwZxCstx", &fireflies.id(3).unwrap()] {
            assert_eq!(client.transcript(id).await, Ok(None), "{id}");
        }
        assert!(client.transcript(&fireflies.id(2).unwrap()).await.unwrap().is_some());
        assert_eq!(client.state(), remote::BreakerState::Closed { failures: 0 });
    }
}

#[tokio::test]
async fn sentences_come_later_than_the_call() {
    let fireflies = simulated(0, |settings| settings.transcript_after = Duration::from_mins(30));
    let client = of(&fireflies);
    let id = fireflies.id(0).unwrap();
    assert_eq!(client.transcript(&id).await, Ok(None), "it has not finished");
    fireflies.time().advance(TimeDelta::minutes(10));
    let early = client.transcript(&id).await.unwrap().unwrap();
    assert!(early["sentences"].is_null() && !TranscriptView::of(&early).has_sentences, "{early}");
    assert_eq!(TranscriptView::of(&early).id, Some(id.clone()));
    fireflies.time().advance(TimeDelta::minutes(30));
    assert!(TranscriptView::of(&client.transcript(&id).await.unwrap().unwrap()).has_sentences);
}

#[tokio::test]
async fn the_user_is_whose_key_it_is() {
    let fireflies = simulated(3, |_| {});
    let user = of(&fireflies).user().await.unwrap();
    assert!(user["email"].as_str().unwrap().contains('@') && user["user_id"].is_string() && user["name"].is_string());
    assert_eq!((user["is_admin"].as_bool(), user["num_transcripts"].as_u64()), (Some(true), Some(3)));
    assert_eq!(user.as_object().unwrap().len(), 5, "what was selected");
}

#[tokio::test]
async fn a_wrong_key_is_denied_and_no_failure() {
    for in_ok in [false, true] {
        let fireflies = simulated(3, |settings| settings.in_ok = in_ok);
        let client = client(fireflies.url(), "another");
        for _ in 0..6 {
            let error = client.user().await.unwrap_err();
            let FirefliesError::Denied { status: 401, check } = error else { panic!("{error:?}") };
            assert!(check.contains("check the API key") && !error.is_transient(), "{check}");
        }
        assert_eq!((fireflies.asked().len(), fireflies.served("user")), (6, 0));
    }
}

#[tokio::test]
async fn a_limit_says_when_to_come_back() {
    for in_ok in [false, true] {
        let clock = Clock::fixed(now());
        let fireflies = simulated(3, |settings| {
            settings.time = Time::by(clock.clone());
            (settings.per_minute, settings.per_day, settings.in_ok) = (2, 5, in_ok);
        });
        let client = Client::new(Settings { clock: clock.clone(), ..settings(fireflies.url(), KEY) }).unwrap();
        let limited = async || {
            let error = client.user().await.unwrap_err();
            assert!(matches!(error, FirefliesError::Limited { .. }) && error.is_transient(), "{error:?}");
            error.retry_at(clock.now()).unwrap()
        };
        for minute in 1..=2 {
            client.user().await.unwrap();
            clock.advance(TimeDelta::seconds(20));
            client.user().await.unwrap();
            assert_eq!(limited().await, now() + TimeDelta::minutes(minute), "of the minute");
            clock.advance(TimeDelta::seconds(40));
        }
        client.user().await.unwrap();
        assert_eq!(limited().await, "2026-11-21T00:00:00Z".parse::<DateTime<Utc>>().unwrap(), "of the day");
        clock.advance(TimeDelta::hours(16));
        client.user().await.unwrap();
        assert_eq!(fireflies.served("user"), 6);
    }
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_is_told_after_one_request() {
    let fireflies = simulated(3, |_| {});
    let client = of(&fireflies);
    let table = [
        (Fault::status(500), "server"),
        (Fault::status(503), "server"),
        (Fault::status(408), "server"),
        (Fault::RefuseInOk(500), "server"),
        (Fault::RefuseInOk(429), "limited"),
        (Fault::RefuseInOk(403), "denied"),
        (Fault::status(429), "limited"),
        (Fault::status(403), "denied"),
        (Fault::status(402), "denied"),
        (Fault::status(400), "invalid"),
        (Fault::Cut, "unfinished"),
        (Fault::DropAfter(20), "unfinished"),
        (Fault::Reset, "unreachable"),
        (Fault::TruncateJson, "not_understood"),
        (Fault::WrongContentType, "not_understood"),
    ];
    for (number, (fault, kind)) in table.into_iter().enumerate() {
        fireflies.faults().next(1, &fault);
        let error = client.transcripts(None, None, 0).await.unwrap_err();
        assert_eq!((error.kind(), fireflies.asked().len()), (kind, 2 * number + 1), "{fault:?}: {error}");
        let comes_back = !matches!(kind, "denied" | "invalid");
        assert_eq!(error.is_transient(), comes_back, "{error}");
        assert_eq!(client.transcripts(None, None, 0).await.unwrap().len(), 3, "after {fault:?}");
    }
}

#[tokio::test]
async fn a_silent_fireflies_is_given_up_in_time() {
    let fireflies = simulated(3, |_| {});
    let timeout = Duration::from_millis(400);
    let client = Client::new(Settings { timeout, ..settings(fireflies.url(), KEY) }).unwrap();
    for fault in [Fault::Stall(0), Fault::Stall(30), Fault::Delay(Duration::from_secs(30))] {
        fireflies.faults().next(1, &fault);
        let begun = Instant::now();
        let told = tokio::time::timeout(Duration::from_secs(10), client.user()).await.unwrap();
        assert_eq!(told, Err(FirefliesError::TimedOut { within: timeout }), "{fault:?}");
        assert!(begun.elapsed() >= timeout, "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn fields_that_nobody_asked_for_are_tolerated() {
    let fireflies = simulated(3, |_| {});
    let client = of(&fireflies);
    fireflies.faults().then(Some(Fault::UnknownField));
    let listed = client.transcripts(None, None, 0).await.unwrap();
    let whole = client.transcript(&ids(&listed)[0]).await.unwrap().unwrap();
    assert!(listed.iter().chain([&whole, &client.user().await.unwrap()]).all(|told| told["notInTheSchema"].is_array()));
    assert!(TranscriptView::of(&whole).has_sentences);
}

#[tokio::test]
async fn trouble_by_chance_is_met_by_asking_again() {
    let fireflies = simulated(60, |settings| settings.trouble = 0.4);
    let timeout = Duration::from_millis(800);
    let client = Client::new(Settings { timeout, rest: Duration::ZERO, ..settings(fireflies.url(), KEY) }).unwrap();
    let (mut all, mut kinds) = (Vec::new(), BTreeSet::new());
    for _ in 0..400 {
        match client.transcripts(None, None, all.len() as u32 % 60).await {
            Ok(page) => all.extend(page),
            Err(error) => {
                assert!(error.is_transient(), "{error:?}");
                kinds.insert(error.kind());
            }
        }
        if all.len() >= 60 && kinds.len() >= 5 {
            break;
        }
    }
    assert_eq!(ids(&all[..60]).into_iter().collect::<BTreeSet<_>>().len(), 60);
    let met = ["limited", "server", "timed_out", "unfinished", "unreachable"];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), met);
}
