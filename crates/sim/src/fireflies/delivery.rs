//! What Fireflies tells a webhook, version 2 (docs.fireflies.ai/graphql-api/webhooks-v2).

use super::Desk;
use crate::judge::Dice;
use crate::ring::{Bell, Board, Ring};
use crate::signing::{Delivery, Forgery, How, Signing, by_hmac};
use crate::world::For;
use axum::body::Bytes;
use serde_json::json;

impl Bell for Desk {
    fn board(&self) -> &Board {
        &self.board
    }

    fn due(&self) -> u32 {
        self.written()
    }

    fn dice(&self, number: u32) -> Dice {
        self.world.dice(For::Ring, number.into())
    }

    fn delivery(&self, ring: &Ring, number: u32, how: How) -> Delivery {
        let body = |id: &str| {
            let said =
                json!({"event": "meeting.transcribed", "timestamp": self.now().timestamp_millis(), "meeting_id": id});
            Bytes::from(said.to_string())
        };
        let mut delivery = Delivery {
            call: self.id(number),
            url: ring.url.clone(),
            headers: Vec::new(),
            body: body(&self.id(number)),
            genuine: true,
        };
        let mut signed = delivery.body.clone();
        if let How::Forged(forgery) = how {
            delivery.genuine = false;
            "ACallThatNeverWas".clone_into(&mut delivery.call);
            delivery.body = body(&delivery.call);
            if forgery != Forgery::Changed {
                signed = delivery.body.clone();
            }
        }
        delivery.headers = self.headers(ring, number, &signed, how);
        delivery
    }

    fn headers(&self, ring: &Ring, _number: u32, body: &[u8], how: How) -> Vec<(String, String)> {
        let signature = match &ring.signing {
            Signing::Hmac(secret) => by_hmac(secret, body, how),
            Signing::Jwt { .. } | Signing::Key => None,
        };
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("user-agent".to_owned(), "Fireflies-Webhook/1.0".to_owned()),
        ];
        headers.extend(signature.map(|signature| ("x-hub-signature".to_owned(), format!("sha256={signature}"))));
        headers
    }
}
