//! The webhooks of Gong, received by a server that writes down what comes, and verified without the simulator's help.

use crate::gong::{post, settings, text};
use axum::Router;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sim::gong::{Delivery, Forgery, How, KeyPair, Ring, Rung, Settings, Signing};
use sim::{Asked, Fault, Gong, Server};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const SECRET: &str = "a secret of the test";

fn receiver() -> Server {
    Server::start(Router::new().fallback(|| async { "" }))
}

fn signings() -> [Signing; 3] {
    let webhook_url = "https://sideline.example/hooks/gong".to_owned();
    [Signing::Hmac(SECRET.to_owned()), Signing::Jwt { key: KeyPair::default(), webhook_url }, Signing::Key]
}

/// A simulator that stands still and rings this receiver.
fn rings(receiver: &Server, signing: Signing, change: impl FnOnce(&mut Ring)) -> Gong {
    let mut ring = Ring::new(format!("{}/hooks/gong/a-secret-part", receiver.url()), signing);
    ring.pause = Duration::from_millis(20);
    ring.later = Duration::from_millis(20);
    change(&mut ring);
    Gong::with(Settings { webhook: Some(ring), ..settings() })
}

/// Waits until so many deliveries were answered, and a little longer: there are no more.
fn rung(gong: &Gong, count: usize) -> Vec<Rung> {
    let begun = Instant::now();
    while gong.rung().len() < count && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(150));
    let rung = gong.rung();
    assert_eq!(rung.len(), count, "{rung:?}");
    rung
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Why a delivery is not Gong's, as somebody finds out who is careful.
fn verify(
    signing: &Signing,
    header: impl Fn(&str) -> Option<String>,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), String> {
    match signing {
        Signing::Key => Ok(()),
        Signing::Hmac(secret) => {
            let told = header("x-gong-signature").ok_or("no signature")?;
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
            mac.update(body);
            let right = hex(&mac.finalize().into_bytes());
            (told.strip_prefix("sha256=").unwrap_or(&told) == right).then_some(()).ok_or("another signature".to_owned())
        }
        Signing::Jwt { key, webhook_url } => {
            let token = header("authorization").ok_or("no token")?;
            // SPKI is PKCS#1 behind 24 bytes that say that it is RSA.
            let der = BASE64_STANDARD.decode(&key.public).unwrap();
            let mut validation = Validation::new(Algorithm::RS256);
            validation.validate_exp = false;
            let claims = decode::<Value>(&token, &DecodingKey::from_rsa_der(&der[24..]), &validation);
            let claims = claims.map_err(|error| error.to_string())?.claims;
            if claims["exp"].as_i64().unwrap() < now.timestamp() {
                return Err("expired".to_owned());
            }
            let right = json!([webhook_url, hex(&Sha256::digest(body))]);
            (json!([claims["webhook_url"], claims["body_sha256"]]) == right).then_some(()).ok_or(format!("{claims}"))
        }
    }
}

fn verify_asked(signing: &Signing, asked: &Asked, now: DateTime<Utc>) -> Result<(), String> {
    let header = |name: &str| asked.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    verify(signing, header, &asked.body, now)
}

fn verify_delivery(signing: &Signing, delivery: &Delivery, now: DateTime<Utc>) -> Result<(), String> {
    let header = |name: &str| delivery.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    verify(signing, header, &delivery.body, now)
}

fn said(asked: &Asked) -> Value {
    serde_json::from_slice(&asked.body).unwrap()
}

fn call_of(said: &Value) -> String {
    text(&said["callData"]["metaData"], "id")
}

#[test]
fn calls_ring_as_they_finish_signed_in_each_way() {
    for signing in signings() {
        let receiver = receiver();
        let gong = rings(&receiver, signing.clone(), |_| {});
        rung(&gong, 0);
        gong.time().advance(TimeDelta::minutes(60));
        let calls: BTreeSet<String> = gong.finished().split_off(300).into_iter().collect();
        let rung = rung(&gong, 6);
        assert_eq!(rung.iter().map(|rung| rung.call.clone()).collect::<BTreeSet<_>>(), calls);
        assert!(rung.iter().all(|rung| rung.is_taken() && rung.attempt == 1 && !rung.forged && !rung.duplicate));
        let asked = receiver.asked();
        for asked in &asked {
            assert_eq!((asked.method.as_str(), asked.uri.path()), ("POST", "/hooks/gong/a-secret-part"));
            verify_asked(&signing, asked, gong.time().clock().now()).unwrap();
        }
        assert_eq!(asked.iter().map(|asked| call_of(&said(asked))).collect::<BTreeSet<_>>(), calls);
        // Nobody rings twice when the clock is set back.
        gong.time().advance(TimeDelta::minutes(-60));
        std::thread::sleep(Duration::from_millis(60));
        gong.time().advance(TimeDelta::minutes(60));
        self::rung(&gong, 6);
    }
}

#[test]
fn a_delivery_tells_a_call_as_the_api_does() {
    let receiver = receiver();
    let gong = rings(&receiver, Signing::Key, |_| {});
    let delivery = gong.delivery(299, How::Genuine).unwrap();
    let told: Value = serde_json::from_slice(&delivery.body).unwrap();
    assert_eq!((told["isTest"].clone(), told.as_object().unwrap().len()), (json!(false), 2));
    let all = json!({"structure": true, "topics": true, "trackers": true, "trackerOccurrences": true, "pointsOfInterest": true,
        "brief": true, "outline": true, "highlights": true, "callOutcome": true, "keyPoints": true});
    let body = json!({"filter": {"callIds": [delivery.call]}, "contentSelector": {
        "context": "Extended", "contextTiming": ["Now", "TimeOfCall"], "exposedFields": {
            "parties": true, "content": all, "collaboration": {"publicComments": true}, "media": true,
            "interaction": {"speakers": true, "video": true, "personInteractionStats": true, "questions": true}}}});
    assert_eq!(told["callData"], post(&gong, "/v2/calls/extensive", &body).json()["calls"][0]);
    assert!(gong.delivery(299, How::Test).is_some_and(|test| {
        serde_json::from_slice::<Value>(&test.body).unwrap()["isTest"] == true && test.genuine
    }));
    assert_eq!(gong.delivery(1_300, How::Genuine), None, "there are 1300 calls");
    gong.set_ring(None);
    assert_eq!(gong.delivery(0, How::Genuine), None);
}

#[test]
fn what_is_forged_does_not_pass() {
    let gong = Gong::with(settings());
    let now = gong.time().now();
    for signing in signings() {
        gong.set_ring(Some(Ring::new("http://127.0.0.1:9/hook", signing.clone())));
        let ids = gong.finished();
        for number in 0..20 {
            let genuine = gong.delivery(number, How::Genuine).unwrap();
            assert!(genuine.genuine && ids.contains(&genuine.call));
            verify_delivery(&signing, &genuine, now).unwrap();
        }
        for forgery in signing.forgeries() {
            let forged = gong.delivery(1, How::Forged(*forgery)).unwrap();
            assert!(!forged.genuine && gong.truth(&forged.call).is_none(), "{forgery:?}");
            assert_eq!(call_of(&serde_json::from_slice(&forged.body).unwrap()), forged.call);
            if signing == Signing::Key {
                assert_ne!(forged.url, "http://127.0.0.1:9/hook");
            } else {
                assert!(verify_delivery(&signing, &forged, now).is_err(), "{signing:?} {forgery:?}");
            }
        }
    }
    // What is expired, or of another address, is signed all the same: only its claims tell.
    let [_, jwt, _] = signings();
    gong.set_ring(Some(Ring::new("http://127.0.0.1:9/hook", jwt.clone())));
    let why = |forgery| verify_delivery(&jwt, &gong.delivery(1, How::Forged(forgery)).unwrap(), now).unwrap_err();
    assert_eq!(why(Forgery::Expired), "expired");
    assert!(why(Forgery::OtherUrl).contains("elsewhere.example"));
    assert_eq!((why(Forgery::WrongKey).as_str(), why(Forgery::Unsigned).as_str()), ("InvalidSignature", "no token"));
    assert_eq!(gong.public_key(), KeyPair::default().public);
}

#[test]
fn half_of_the_signatures_have_a_prefix() {
    let gong = Gong::with(settings());
    gong.set_ring(Some(Ring::new("http://127.0.0.1:9/hook", Signing::Hmac(SECRET.to_owned()))));
    let prefixed = |number: &u32| gong.delivery(*number, How::Genuine).unwrap().headers[1].1.starts_with("sha256=");
    let count = (0..100).filter(prefixed).count();
    assert!((30..70).contains(&count), "{count}");
}

#[test]
fn a_delivery_is_sent_until_it_is_taken() {
    let receiver = receiver();
    receiver.faults().next(2, &Fault::status(503));
    receiver.faults().next(1, &Fault::Reset);
    let [hmac, ..] = signings();
    let gong = rings(&receiver, hmac.clone(), |ring| {
        ring.ids = true;
        ring.by_itself = false;
    });
    gong.time().advance(TimeDelta::minutes(60));
    rung(&gong, 0);
    gong.ring(301);
    let statuses: Vec<_> = rung(&gong, 4).iter().map(|rung| (rung.attempt, rung.status)).collect();
    assert_eq!(statuses, [(1, Some(503)), (2, Some(503)), (3, None), (4, Some(200))]);
    let asked = receiver.asked();
    let id = gong.id(301).unwrap();
    for one in &asked {
        assert_eq!((&one.body, call_of(&said(one))), (&asked[0].body, id.clone()));
        assert_eq!(said(one)["gong_webhook_id"], format!("wh-{id}"));
        verify_asked(&hmac, one, gong.time().clock().now()).unwrap();
    }
    // Nobody there: it is tried as often as is said, and no more.
    let url = receiver.url();
    drop(receiver);
    let mut ring = Ring::new(url, hmac);
    (ring.retries, ring.pause) = (2, Duration::from_millis(5));
    gong.set_ring(Some(ring));
    gong.ring(302);
    assert!(rung(&gong, 7)[4..].iter().all(|rung| rung.status.is_none()));
}

#[test]
fn deliveries_come_twice_and_strangers_send_some() {
    let receiver = receiver();
    let [_, jwt, _] = signings();
    let gong = rings(&receiver, jwt.clone(), |ring| (ring.duplicates, ring.forged, ring.is_test) = (1.0, 1.0, true));
    gong.time().advance(TimeDelta::minutes(200));
    let rung = rung(&gong, 60);
    let count = |wanted: &dyn Fn(&Rung) -> bool| rung.iter().filter(|rung| wanted(rung)).count();
    assert_eq!((count(&|rung| rung.forged), count(&|rung| rung.duplicate)), (20, 20));
    let calls: BTreeSet<String> = gong.finished().split_off(300).into_iter().collect();
    let (mut bodies, mut forged) = (BTreeSet::new(), 0);
    for asked in receiver.asked() {
        let told = said(&asked);
        if calls.contains(&call_of(&told)) {
            verify_asked(&jwt, &asked, gong.time().clock().now()).unwrap();
            assert_eq!(told["isTest"], true);
            bodies.insert(asked.body.to_vec());
        } else {
            assert!(verify_asked(&jwt, &asked, gong.time().clock().now()).is_err(), "{told}");
            forged += 1;
        }
    }
    assert_eq!((bodies.len(), forged), (20, 20), "the same twice");
}
