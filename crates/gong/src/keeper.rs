//! What the clients of one connection share, behind a trait: the limits of the company, and the tokens of OAuth.

use chrono::{DateTime, Utc};
use kernel::Secret;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;
use url::Url;

/// The time within which a renewal of tokens is ended once it was begun, unless the program ends before. Who keeps the right to renew for one client
/// must not give it to another sooner.
pub const RENEWAL: Duration = Duration::from_secs(90);

/// What a keeper answers, later.
pub type Kept<'a, T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + Send + 'a>>;

/// What a client shares with all others of the same connection, kept by whoever owns the connection.
///
/// No request to the API is sent without [`Self::admit`]; requests for tokens go to another host, and are not counted.
pub trait Keeper: fmt::Debug + Send + Sync + 'static {
    /// Takes the right to send one request: waits until it may be sent, where that is soon, or says from when on there are requests again.
    fn admit(&self) -> Kept<'_, ()>;

    /// Gong wants to be left alone for so long (at most a day): all clients of the connection keep to it.
    fn hold(&self, wait: Duration) -> Kept<'_, ()>;

    /// The tokens as they are kept now; none where there is no connection, or none any more. Asked with OAuth alone.
    fn tokens(&self) -> Kept<'_, Option<Tokens>>;

    /// Asks to be the one who renews the tokens whose access token is `spent`. Where it is, [`Self::keep`] or [`Self::unrenewed`] follows within
    /// [`RENEWAL`].
    fn begin_renewal<'a>(&'a self, spent: &'a Secret) -> Kept<'a, Renewal>;

    /// Keeps new tokens in place of the old, and ends the renewal. The client uses them only after this returned. As the old ones are worth nothing
    /// any more, a client keeps what could not be kept and offers it again with its next renewal.
    fn keep<'a>(&'a self, tokens: &'a Tokens) -> Kept<'a, ()>;

    /// The renewal that was begun brought no tokens.
    fn unrenewed(&self, why: Unrenewed) -> Kept<'_, ()>;
}

/// A keeper does not give what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not before this time: the requests of the day are used up.
    #[error("not before {0}")]
    Until(DateTime<Utc>),
    /// Not before this time has passed: Gong wants to be left alone, or many wait.
    #[error("not for another {} s", .0.as_secs_f32().ceil())]
    Held(Duration),
    /// It cannot, as a database that is away: a sentence.
    #[error("{0}")]
    Failed(String),
}

/// Who renews tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renewal {
    /// You do, with these.
    Yours(Tokens),
    /// It is done: here are the new ones.
    Renewed(Tokens),
    /// Another does it: ask again after this time.
    Wait(Duration),
    /// Nobody can: there is no connection any more.
    Gone,
}

/// Why a renewal brought no tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unrenewed {
    /// For a passing reason, or one that lies with the settings: anybody may try again.
    Failed,
    /// Gong refused the refresh token: nobody needs to try again before somebody connects Gong anew.
    Refused,
}

/// What lets this program in. `Debug` shows no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Sent with each request.
    pub access: Secret,
    /// Brings new tokens, once.
    pub refresh: Secret,
    /// Until when the access token holds, by our clock.
    pub expires_at: DateTime<Utc>,
    /// Where Gong answers for this company, if it said so.
    pub base_url: Option<Url>,
    /// What the tokens allow, separated by spaces.
    pub scope: String,
}
