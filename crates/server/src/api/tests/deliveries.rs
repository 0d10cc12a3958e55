//! What services send, over the whole interface: addresses, headers, and who is let in.

use super::world::World;
use axum::body::Body;
use axum::http::Request;
use db::testing::TestDb;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};

const SECRET: &str = "what only both sides know";

/// Signed in this header, as the service does it.
fn delivery(path: &str, header: &str, secret: &str, body: &str) -> Request<Body> {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", kernel::hex(&mac.finalize().into_bytes()));
    Request::post(path).header(header, signature).body(Body::from(body.to_owned())).unwrap()
}

async fn connect(world: &World, kind: &str, proof: &str, more: Value) -> String {
    let mut secrets = json!({ "webhook_secret": if proof == "hmac" { SECRET } else { "Wk3vXz8QmT5rLp2N" } });
    if let (Some(secrets), Some(more)) = (secrets.as_object_mut(), more.as_object()) {
        secrets.extend(more.clone());
    }
    let new = json!({ "kind": kind, "name": format!("{kind}-{}", proof.replace('_', "-")), "settings": { "proof": proof }, "secrets": secrets });
    let made = world.ask("admin", "POST", "/api/v1/connections", Some(new)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["name"].as_str().unwrap().to_owned()
}

async fn each_service_delivers_to_its_address_and_signs_in_its_header(db: TestDb) {
    let world = World::new(db).await;
    let fireflies = connect(&world, "fireflies", "hmac", json!({ "secret": "KEY" })).await;
    let push = connect(&world, "push", "hmac", json!({})).await;
    let gong = connect(&world, "gong", "hmac", json!({})).await;
    let said = "Dana: What does it cost you?\nRavi: A lot.";
    let pushed = json!({ "id": "D-1", "internal": ["Dana"], "transcript": said }).to_string();
    let rung = json!({ "callData": { "metaData": { "id": "7" }, "parties": [] } }).to_string();
    let written = json!({ "event": "meeting.transcribed", "timestamp": 1, "meeting_id": "ASxwZxCstx" }).to_string();
    for (path, header, body) in [
        (format!("/webhooks/gong/{gong}"), "x-gong-signature", &rung),
        // The only one of its kind needs no name.
        ("/webhooks/fireflies".to_owned(), "x-hub-signature", &written),
        (format!("/webhooks/fireflies/{fireflies}"), "x-hub-signature", &written),
        (format!("/webhooks/push/{push}"), "x-sideline-signature", &pushed),
    ] {
        for (header, secret, status) in
            [("x-other-signature", SECRET, 401), (header, "another secret", 401), (header, SECRET, 200)]
        {
            let answer = world.send(delivery(&path, header, secret, body)).await;
            assert_eq!(answer.status, status, "{path} {header}: {}", answer.text());
        }
    }
    let events = world.get("admin", "/api/v1/webhook-events?limit=50").await.json();
    let of =
        |status: &str| events["items"].as_array().unwrap().iter().filter(|event| event["status"] == status).count();
    assert_eq!((of("received"), of("processed"), of("refused")), (2, 1, 8), "{events}");
    // A name of another kind is not found, and neither is one that nobody has.
    for path in [format!("/webhooks/gong/{push}"), "/webhooks/push/nobody".to_owned()] {
        assert_eq!(world.send(delivery(&path, "x-gong-signature", SECRET, &rung)).await.status, 404, "{path}");
    }
}

async fn a_secret_part_of_the_address_lets_in_as_well(db: TestDb) {
    let world = World::new(db).await;
    let fireflies = connect(&world, "fireflies", "url_key", json!({ "secret": "KEY" })).await;
    let body = json!({ "meetingId": "ASxwZxCstx", "eventType": "Transcription completed" }).to_string();
    let send = async |key: &str| {
        let path = format!("/webhooks/fireflies/{fireflies}/{key}");
        world.send(Request::post(path).body(Body::from(body.clone())).unwrap()).await.status
    };
    assert_eq!(
        (send("guessed").await, send("Wk3vXz8QmT5rLp2N").await),
        (401.try_into().unwrap(), 200.try_into().unwrap())
    );
}

db::on_both!(
    each_service_delivers_to_its_address_and_signs_in_its_header,
    a_secret_part_of_the_address_lets_in_as_well,
);
