//! Access tokens: signed, short-lived, checked without asking anybody. Refresh tokens: random, long-lived, known to the database by hash.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use db::{Db, DbError, on_tx};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use kernel::{Clock, Secret};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use uuid::Uuid;

/// How long an access token is good.
pub const ACCESS: TimeDelta = TimeDelta::minutes(15);
/// How long a login lasts that is not refreshed.
pub const REFRESH: TimeDelta = TimeDelta::days(30);

const ISSUER: &str = "sideline";
const NAME: &str = "access_tokens";

/// What signs access tokens. Clones share it.
#[derive(Clone)]
pub struct Keys(Arc<(EncodingKey, DecodingKey)>);

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    /// The user.
    sub: Uuid,
    /// The login.
    sid: Uuid,
    iat: i64,
    exp: i64,
}

/// What an access token says of who shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    /// The user.
    pub user: Uuid,
    /// The login.
    pub session: Uuid,
}

impl Keys {
    /// Of a secret of at least 32 bytes.
    pub fn new(secret: &Secret) -> Self {
        let bytes = secret.expose().as_bytes();
        Self(Arc::new((EncodingKey::from_secret(bytes), DecodingKey::from_secret(bytes))))
    }

    /// The keys of this installation: made at its first start, the same for all its programs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(db: &Db, clock: &Clock) -> Result<Self, DbError> {
        let mut tx = db.begin().await?;
        // Changes nothing where there is one, so that it comes back either way.
        let sql = "INSERT INTO secrets (name, value, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING value";
        let secret: String = on_tx!(&mut tx, conn => sqlx::query_scalar(sql)
            .bind(NAME)
            .bind(random())
            .bind(clock.now())
            .fetch_one(conn)
            .await?);
        tx.commit().await?;
        Ok(Self::new(&Secret::new(secret)))
    }

    /// A token for a login.
    pub(crate) fn issue(&self, clock: &Clock, bearer: Bearer) -> String {
        let now = clock.now();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            sub: bearer.user,
            sid: bearer.session,
            iat: now.timestamp(),
            exp: (now + ACCESS).timestamp(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.0.0).expect("claims are plain JSON")
    }

    /// Who shows the token; `None` where it is forged, of another installation or out of date.
    pub fn read(&self, clock: &Clock, token: &str) -> Option<Bearer> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // By our clock, which tests set.
        validation.validate_exp = false;
        let claims = decode::<Claims>(token, &self.0.1, &validation).ok()?.claims;
        let (user, session) = (claims.sub, claims.sid);
        (claims.exp > clock.now().timestamp()).then_some(Bearer { user, session })
    }
}

/// 256 random bits.
pub(crate) fn random() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system gives random numbers");
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// What is kept of a random token.
pub(crate) fn hash(token: &str) -> String {
    kernel::hex(&Sha256::digest(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_time_and_under_its_key() {
        let clock = Clock::fixed("2026-11-02T10:00:00Z".parse().unwrap());
        let key = |text: &str| Keys::new(&Secret::new(text.repeat(32)));
        let (ours, theirs) = (key("a"), key("b"));
        let bearer = Bearer { user: Uuid::from_u128(1), session: Uuid::from_u128(2) };
        let token = ours.issue(&clock, bearer);
        assert_eq!(ours.read(&clock, &token), Some(bearer));
        assert_eq!(theirs.read(&clock, &token), None);
        let (head, rest) = token.split_once('.').unwrap();
        let (claims, signature) = rest.split_once('.').unwrap();
        let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let json = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        let other = BASE64_URL_SAFE_NO_PAD.encode(json.replace("0001", "0003"));
        for forged in [
            format!("{none}.{claims}."),
            format!("{none}.{claims}.{signature}"),
            format!("{head}.{other}.{signature}"),
            format!("{head}.{claims}"),
            String::new(),
        ] {
            assert_eq!(ours.read(&clock, &forged), None, "{forged}");
        }
        clock.advance(ACCESS - TimeDelta::seconds(1));
        assert_eq!(ours.read(&clock, &token), Some(bearer));
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(ours.read(&clock, &token), None);
    }
}
