//! What Gong tells a webhook.

use super::request::Selector;
use super::{Desk, calls};
use crate::judge::Dice;
use crate::ring::{Bell, Board, Ring};
use crate::signing::{Delivery, Forgery, How, Signing, by_hmac, by_jwt};
use crate::world::For;
use axum::body::Bytes;
use chrono::TimeDelta;
use kernel::hex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// How long a signed token is good, and how far an expired one is past it: receivers may allow a minute or so.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);
const LONG_AGO: TimeDelta = TimeDelta::hours(-1);

impl Bell for Desk {
    fn board(&self) -> &Board {
        &self.board
    }

    fn due(&self) -> u32 {
        self.world.finished(self.now())
    }

    fn dice(&self, number: u32) -> Dice {
        self.world.dice(For::Ring, number.into())
    }

    fn delivery(&self, ring: &Ring, number: u32, how: How) -> Delivery {
        let mut said = json!({
            "callData": calls::at_length(self, number, &Selector::everything(), &[]),
            "isTest": ring.is_test || how == How::Test,
        });
        if ring.ids {
            said["gong_webhook_id"] = format!("wh-{}", self.world.id(number)).into();
        }
        let mut delivery = Delivery {
            call: self.world.id(number),
            url: ring.url.clone(),
            headers: Vec::new(),
            body: Bytes::from(said.to_string()),
            genuine: true,
        };
        let mut signed = delivery.body.clone();
        if let How::Forged(forgery) = how {
            delivery.genuine = false;
            delivery.call = self.world.speaker_id(number, 5);
            delivery.body = forged(said, &delivery.call);
            if forgery != Forgery::Changed {
                signed = delivery.body.clone();
            }
            if ring.signing == Signing::Key {
                let last = delivery.url.pop();
                delivery.url.push(if last == Some('x') { 'y' } else { 'x' });
            }
        }
        delivery.headers = self.headers(ring, number, &signed, how);
        delivery
    }

    fn headers(&self, ring: &Ring, number: u32, body: &[u8], how: How) -> Vec<(String, String)> {
        // By the machine's time: a receiver does not hurry as the simulator may.
        let now = self.settings.time.clock().now();
        let signature = match &ring.signing {
            Signing::Key => None,
            Signing::Hmac(secret) => {
                let prefixed = self.world.dice(For::Ring, u64::from(number) + (1 << 40)).chance(0.5);
                by_hmac(secret, body, how).map(|signature| {
                    let prefix = if prefixed { "sha256=" } else { "" };
                    ("x-gong-signature".to_owned(), format!("{prefix}{signature}"))
                })
            }
            Signing::Jwt { key, webhook_url } => {
                let lifetime = if how == How::Forged(Forgery::Expired) { LONG_AGO } else { LIFETIME };
                let other = how == How::Forged(Forgery::OtherUrl);
                let claims = json!({
                    "webhook_url": if other { "https://elsewhere.example/hook" } else { webhook_url },
                    "body_sha256": hex(&Sha256::digest(body)),
                    "exp": (now + lifetime).timestamp(),
                });
                by_jwt(key, &claims, how).map(|token| ("authorization".to_owned(), token))
            }
        };
        let kind = ("content-type".to_owned(), "application/json".to_owned());
        std::iter::once(kind).chain(signature).collect()
    }
}

/// The body of a delivery that somebody made up from another.
fn forged(mut said: Value, call: &str) -> Bytes {
    said["callData"]["metaData"]["id"] = call.into();
    said["callData"]["metaData"]["title"] = "A call that never was".into();
    said["isTest"] = false.into();
    if said.get("gong_webhook_id").is_some() {
        said["gong_webhook_id"] = format!("wh-{call}").into();
    }
    Bytes::from(said.to_string())
}
