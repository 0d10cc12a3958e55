//! Coming in: register, log in, stay logged in, log out, another password.

use crate::attempts::Attempt;
use crate::audit::{self, Action};
use crate::sessions::{self, Refreshed, Seen};
use crate::tokens::{ACCESS, Bearer, Keys};
use crate::{AccountError, Settings, User, password, settings, store, teams};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Actor, Clock, Role, Secret, new_id};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who may register, beside the first user of an empty installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// Nobody: admins make users.
    Closed,
    /// Whoever was invited.
    Invited,
    /// Whoever has an address at this domain, as a rep; and whoever was invited.
    Domain(String),
}

impl std::str::FromStr for Registration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "closed" => Ok(Self::Closed),
            "invited" => Ok(Self::Invited),
            other => match other.strip_prefix('@') {
                Some(domain) if domain.contains('.') && !domain.contains(['@', ' ']) => {
                    Ok(Self::Domain(domain.to_lowercase()))
                }
                _ => Err(format!("`{other}` is none of closed, invited and a mail domain such as @acme.com")),
            },
        }
    }
}

/// What somebody registers with.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What they log in with: letters, digits, dots, hyphens, underscores.
    pub username: String,
    /// Their mail address.
    pub email: String,
    /// Their password.
    pub password: Secret,
    /// The token of their invitation.
    pub invitation: Option<String>,
}

/// What a client shows from now on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Tokens {
    /// Shown with each request.
    pub access_token: String,
    /// Shown once, for the next pair.
    pub refresh_token: String,
    /// `bearer`.
    #[schema(example = "bearer")]
    pub token_type: &'static str,
    /// Seconds that the access token is good for.
    pub expires_in: i64,
}

/// A row if there is an account.
const ACCOUNT: &str = "SELECT 1 FROM users WHERE password_hash IS NOT NULL LIMIT 1";

/// Coming in, with all it needs. Clones share it.
#[derive(Clone)]
pub struct Auth {
    db: Db,
    clock: Clock,
    keys: Keys,
    registration: Registration,
}

impl Auth {
    /// With the keys of this installation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn new(db: Db, clock: Clock, registration: Registration) -> Result<Self, DbError> {
        let keys = Keys::of(&db, &clock).await?;
        Ok(Self { db, clock, keys, registration })
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Who may register; none where there is no account yet, so that whoever comes first may.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn registration(&self, settings: &Settings) -> Result<Option<Registration>, DbError> {
        let account: Option<i32> = on_db!(&self.db, pool => sqlx::query_scalar(ACCOUNT).fetch_optional(pool).await?);
        Ok(account.map(|_| self.set(settings)))
    }

    /// What an admin has set while the program runs wins over what it was started with.
    fn set(&self, settings: &Settings) -> Registration {
        let set = settings.registration.as_ref().and_then(|text| text.parse().ok());
        set.unwrap_or_else(|| self.registration.clone())
    }

    /// Makes an account. The first one of an empty installation is an admin's.
    ///
    /// # Errors
    /// [`AccountError::Closed`] where registering is not open to them, [`AccountError::Field`] where a value is refused.
    pub async fn register(&self, new: NewUser) -> Result<User, AccountError> {
        let username = username(&new.username)?;
        let email = email(&new.email)?;
        let hash = password::chosen("password", &new.password, &[&username, &email]).await?;
        let mut tx = self.db.begin().await?;
        // Two who register first at once must not both become admin.
        if let Tx::Postgres(tx) = &mut tx {
            let lock = "SELECT pg_advisory_xact_lock(hashtext('sideline: a new account'))";
            sqlx::query(lock).execute(&mut **tx).await.map_err(DbError::from)?;
        }
        let (role, team, invited) = self.admission(&mut tx, &email, new.invitation.as_deref()).await?;
        let taken = "SELECT id FROM users WHERE username = $1";
        let taken: Option<Uuid> = on_tx!(&mut tx, conn => sqlx::query_scalar(taken)
            .bind(&username)
            .fetch_optional(conn)
            .await
            .map_err(DbError::from)?);
        if taken.is_some() {
            return Err(AccountError::Field("username", "somebody has this name".to_owned()));
        }
        let id = match store::holder(&mut tx, &email).await? {
            Some((_, true)) => {
                return Err(AccountError::Field("email", "there is an account with this address".to_owned()));
            }
            // Calls have named them: the calls become theirs. Only an invitation, or being the first, shows that the address is.
            Some((id, false)) if invited => id,
            Some(_) => {
                return Err(AccountError::Closed("calls of this address are kept already; an admin can invite you"));
            }
            None => self.new_row(&mut tx, &username, &email, invited).await?,
        };
        let sql = "UPDATE users SET username = $1, password_hash = $2, role = $3, active = TRUE WHERE id = $4";
        on_tx!(&mut tx, conn => sqlx::query(sql)
            .bind(&username)
            .bind(hash.as_str())
            .bind(role.as_str())
            .bind(id)
            .execute(conn)
            .await
            .map_err(DbError::from)?
            .rows_affected());
        if let Some(team) = team {
            teams::add_member(&mut tx, &self.clock, team, id).await?;
        }
        let who = format!("user:{id}");
        audit::record(&mut tx, &self.clock, &who, Action::UserAdd, id, json!({ "role": role, "registered": true }))
            .await?;
        tx.commit().await?;
        store::user(&self.db, id).await?.ok_or(AccountError::Unknown("user"))
    }

    /// A new person, by a name that they gave themselves. An address that nobody has confirmed is kept beside: calls are not theirs by it.
    async fn new_row(&self, tx: &mut Tx, name: &str, email: &str, confirmed: bool) -> Result<Uuid, DbError> {
        let id = new_id();
        let sql = "INSERT INTO users (id, name, name_key, name_confirmed, email, unconfirmed_email, role, active, created_at) \
             VALUES ($1, $2, $3, FALSE, $4, $5, $6, TRUE, $7)";
        on_tx!(tx, conn => sqlx::query(sql)
            .bind(id)
            .bind(name)
            .bind(store::name_key(name))
            .bind(confirmed.then_some(email))
            .bind((!confirmed).then_some(email))
            .bind(Role::Rep.as_str())
            .bind(self.clock.now())
            .execute(conn)
            .await?
            .rows_affected());
        Ok(id)
    }

    /// As what somebody comes in, to which team, and whether it is certain that the address is theirs.
    async fn admission(
        &self,
        tx: &mut Tx,
        email: &str,
        invitation: Option<&str>,
    ) -> Result<(Role, Option<Uuid>, bool), AccountError> {
        let account: Option<i32> =
            on_tx!(tx, conn => sqlx::query_scalar(ACCOUNT).fetch_optional(conn).await.map_err(DbError::from)?);
        if account.is_none() {
            return Ok((Role::Admin, None, true));
        }
        let registration = self.set(&settings::read(tx).await?);
        if let Some(token) = invitation
            && registration != Registration::Closed
        {
            let (role, team) = teams::use_invitation(tx, &self.clock, token, email).await?;
            return Ok((role, team, true));
        }
        match &registration {
            Registration::Closed => {
                Err(AccountError::Closed("registering is closed; an admin can make an account for you"))
            }
            Registration::Invited => {
                Err(AccountError::Closed("registering needs an invitation; an admin can send one"))
            }
            Registration::Domain(domain) if email.rsplit('@').next() == Some(domain.as_str()) => {
                Ok((Role::Rep, None, false))
            }
            Registration::Domain(_) => Err(AccountError::Closed("registering is open to another mail domain only")),
        }
    }

    /// Logs somebody in by user name or mail address.
    ///
    /// # Errors
    /// [`AccountError::Credentials`], after five of them [`AccountError::Locked`], whoever asks.
    pub async fn login(&self, who: &str, secret: &Secret, seen: &Seen) -> Result<Tokens, AccountError> {
        let found = self.find(who).await?;
        // By the account where there is one, so that name and address are not tried each.
        let key = found.as_ref().map_or_else(|| who.trim().to_lowercase(), |found| found.id.to_string());
        let known = match (&found, &seen.address) {
            (Some(found), Some(address)) => sessions::known_from(&self.db, &self.clock, found.id, address).await?,
            _ => false,
        };
        let attempt = Attempt::begin(&self.db, &self.clock, &key, seen.address.as_deref(), known).await?;
        let kept = found.as_ref().and_then(|found| found.password_hash.clone());
        let right = password::verified(secret, kept.clone()).await?;
        let Some(found) = found.filter(|found| right && found.active) else { return Err(AccountError::Credentials) };
        let mut tx = self.db.begin().await?;
        // It may have been changed while this one waited; whoever changes it afterwards ends the login that begins here.
        let lock = if matches!(tx, Tx::Postgres(_)) { " FOR UPDATE" } else { "" };
        let sql = format!("SELECT 1 FROM users WHERE id = $1 AND password_hash = $2 AND active{lock}");
        let still: Option<i32> = on_tx!(&mut tx, conn => sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(found.id)
            .bind(kept)
            .fetch_optional(conn)
            .await
            .map_err(DbError::from)?);
        if still.is_none() {
            return Err(AccountError::Credentials);
        }
        attempt.right(&mut tx).await?;
        let (session, refresh) = sessions::begin(&mut tx, &self.clock, found.id, seen).await?;
        tx.commit().await?;
        Ok(self.tokens(found.id, session, refresh))
    }

    /// Begins a login of somebody who is known otherwise than by a password.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn grant(&self, user: Uuid) -> Result<Tokens, AccountError> {
        let mut tx = self.db.begin().await?;
        let (session, refresh) = sessions::begin(&mut tx, &self.clock, user, &Seen::default()).await?;
        tx.commit().await?;
        Ok(self.tokens(user, session, refresh))
    }

    async fn find(&self, who: &str) -> Result<Option<Login>, DbError> {
        // Who registered by an open mail domain has an address that is not confirmed: theirs is the login where no other account has it.
        let sql = format!(
            "SELECT id, password_hash, active FROM users \
             WHERE username = $1 OR (password_hash IS NOT NULL AND (email = $1 OR unconfirmed_email = $1)) {} LIMIT 1",
            store::CONFIRMED_FIRST
        );
        let who = who.trim().to_lowercase();
        Ok(on_db!(&self.db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(who).fetch_optional(pool).await?))
    }

    fn tokens(&self, user: Uuid, session: Uuid, refresh_token: String) -> Tokens {
        let access_token = self.keys.issue(&self.clock, Bearer { user, session });
        Tokens { access_token, refresh_token, token_type: "bearer", expires_in: ACCESS.num_seconds() }
    }

    /// The next pair of tokens. A refresh token that is shown twice ends its login: one of the two who have it has stolen it.
    ///
    /// # Errors
    /// [`AccountError::Token`].
    pub async fn refresh(&self, token: &str) -> Result<Tokens, AccountError> {
        let mut tx = self.db.begin().await?;
        let refreshed = sessions::refresh(&mut tx, &self.clock, token).await?;
        tx.commit().await?;
        match refreshed {
            Refreshed::Next(user, session, next) => Ok(self.tokens(user, session, next)),
            Refreshed::Reused => {
                tracing::warn!("a refresh token was shown twice; its login is ended");
                Err(AccountError::Token)
            }
            Refreshed::Bad => Err(AccountError::Token),
        }
    }

    /// Who shows this access token.
    ///
    /// # Errors
    /// [`AccountError::Token`] where it is no good, or the login has ended.
    pub async fn actor(&self, token: &str) -> Result<Actor, AccountError> {
        let bearer = self.keys.read(&self.clock, token).ok_or(AccountError::Token)?;
        sessions::actor(&self.db, &self.clock, bearer).await?.ok_or(AccountError::Token)
    }

    /// Who has the actor's login now; `None` where it has ended. For what lasts longer than a request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn still(&self, actor: &Actor) -> Result<Option<Actor>, DbError> {
        sessions::actor(&self.db, &self.clock, Bearer { user: actor.id, session: actor.session }).await
    }

    /// Ends a login of the actor: this one, another one, or all.
    ///
    /// # Errors
    /// [`AccountError::Unknown`] where there is no such login of theirs.
    pub async fn logout(&self, actor: &Actor, session: Option<Uuid>) -> Result<(), AccountError> {
        let mut tx = self.db.begin().await?;
        let ended = sessions::revoke(&mut tx, &self.clock, actor.id, session).await?;
        tx.commit().await?;
        if ended == 0 { Err(AccountError::Unknown("login")) } else { Ok(()) }
    }

    /// Gives the actor another password, and ends all their other logins.
    ///
    /// # Errors
    /// [`AccountError::Field`] where the old one is wrong or the new one is refused.
    pub async fn change_password(&self, actor: &Actor, old: &Secret, new: Secret) -> Result<(), AccountError> {
        let user = store::user(&self.db, actor.id).await?.ok_or(AccountError::Token)?;
        let sql = "SELECT password_hash FROM users WHERE id = $1";
        let kept: Option<String> = on_db!(&self.db, pool => sqlx::query_scalar(sql)
            .bind(actor.id)
            .fetch_one(pool)
            .await
            .map_err(DbError::from)?);
        // As slow as logging in: whoever has found an open session is not to find the password by it.
        let who = actor.id.to_string();
        let attempt = Attempt::begin(&self.db, &self.clock, &who, Some("change of password"), true).await?;
        let wrong = || AccountError::Field("old_password", "it is wrong".to_owned());
        if !password::verified(old, kept.clone()).await? {
            return Err(wrong());
        }
        // At once: a new one that is refused is no wrong old one.
        let mut tx = self.db.begin().await?;
        attempt.right(&mut tx).await?;
        tx.commit().await?;
        let hash = password::chosen("new_password", &new, &user.about()).await?;
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3";
        let changed = on_tx!(&mut tx, conn => sqlx::query(sql)
            .bind(hash.as_str())
            .bind(actor.id)
            .bind(kept)
            .execute(conn)
            .await
            .map_err(DbError::from)?
            .rows_affected());
        if changed == 0 {
            // Somebody else has changed it meanwhile.
            return Err(wrong());
        }
        sessions::revoke_others(&mut tx, &self.clock, actor.id, actor.session).await?;
        audit::record(&mut tx, &self.clock, &actor.trail(), Action::UserPassword, actor.id, json!({})).await?;
        tx.commit().await?;
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct Login {
    id: Uuid,
    password_hash: Option<String>,
    active: bool,
}

pub(crate) fn username(text: &str) -> Result<String, AccountError> {
    let name = text.trim().to_lowercase();
    let plain = name.chars().all(|c| c.is_alphanumeric() || ".-_".contains(c));
    if (2..=64).contains(&name.chars().count()) && plain {
        return Ok(name);
    }
    Err(AccountError::Field("username", "take 2 to 64 letters, digits, dots, hyphens and underscores".to_owned()))
}

/// Not what a mail address may be by its grammar, but what people have.
pub(crate) fn email(text: &str) -> Result<String, AccountError> {
    let email = text.trim().to_lowercase();
    let fits = email.split_once('@').is_some_and(|(who, host)| {
        !who.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !host.contains('@')
            && !email.contains(char::is_whitespace)
    });
    if fits && email.len() <= 254 {
        return Ok(email);
    }
    Err(AccountError::Field("email", "it is no mail address".to_owned()))
}
