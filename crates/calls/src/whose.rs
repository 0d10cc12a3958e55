//! Whose call it is: what a transcript or a person may say of it, by who brings it.

use crate::store::folded;
use crate::{CallError, NewCall};
use accounts::may_see;
use db::{Db, DbError, Tx, on_tx};
use kernel::{Actor, Clock, Role};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Who brings a call or says something of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Somebody at the machine, or a program there, by the name in the audit trail.
    Machine(String),
    /// A user.
    User(Actor),
}

impl Default for Who {
    fn default() -> Self {
        Self::Machine(String::new())
    }
}

impl From<&str> for Who {
    fn from(name: &str) -> Self {
        Self::Machine(name.to_owned())
    }
}

impl From<String> for Who {
    fn from(name: String) -> Self {
        Self::Machine(name)
    }
}

impl From<&Actor> for Who {
    fn from(actor: &Actor) -> Self {
        Self::User(actor.clone())
    }
}

/// Whose calls somebody may say that a call is one of.
pub(crate) enum Reach<'a> {
    /// Everybody's; whoever is new gets an account.
    All,
    /// Those of the reps whom this manager sees.
    Seen(&'a Actor),
    /// Nobody's: the call is theirs, or stays whose it is.
    Nobody,
}

impl Who {
    /// How the audit trail names them.
    pub fn trail(&self) -> String {
        match self {
            Self::Machine(name) => name.clone(),
            Self::User(actor) => actor.trail(),
        }
    }

    /// Whose call it is while the call itself tells nobody: theirs, unless they may see everything.
    pub(crate) fn uploader(&self) -> Option<Uuid> {
        match self {
            Self::User(actor) if actor.role != Role::Admin => Some(actor.id),
            _ => None,
        }
    }

    pub(crate) fn reach(&self) -> Reach<'_> {
        match self {
            Self::Machine(_) => Reach::All,
            Self::User(actor) => match actor.role {
                Role::Admin => Reach::All,
                Role::Manager => Reach::Seen(actor),
                Role::Rep | Role::Coach => Reach::Nobody,
            },
        }
    }
}

/// Whose a new call is.
#[derive(Debug)]
pub(crate) enum Owner {
    /// This user's, or nobody's.
    Is(Option<Uuid>),
    /// That of the rep with this name and mail address, who may be new.
    Named(String, Option<String>),
}

impl Owner {
    /// By whom the call names, as name and mail address, and who brings it.
    ///
    /// # Errors
    /// [`CallError::Field`] where a manager says that it is somebody's whom they do not see.
    pub(crate) async fn of(db: &Db, new: &NewCall, named: Option<(String, Option<String>)>) -> Result<Self, CallError> {
        let uploader = new.who.uploader();
        let Some((name, email)) = named else { return Ok(Self::Is(uploader)) };
        let actor = match new.who.reach() {
            Reach::All => return Ok(Self::Named(name, email)),
            Reach::Nobody => return Ok(Self::Is(uploader)),
            Reach::Seen(actor) => actor,
        };
        let mut tx = db.begin().await?;
        match seen_rep(&mut tx, actor, &name, email.as_deref()).await? {
            None if new.rep.is_some() => {
                Err(CallError::Field("rep", "there is no such user, or they are not yours to see".to_owned()))
            }
            found => Ok(Self::Is(found.or(uploader))),
        }
    }

    /// Their id.
    pub(crate) async fn id(&self, tx: &mut Tx, clock: &Clock) -> Result<Option<Uuid>, DbError> {
        match self {
            Self::Is(id) => Ok(*id),
            Self::Named(name, email) => accounts::rep(tx, clock, name, email.as_deref()).await.map(Some),
        }
    }
}

/// Who is called so, of those whom the actor sees: by the mail address, else by a name that just one of them has who has no other address.
pub(crate) async fn seen_rep(
    tx: &mut Tx,
    actor: &Actor,
    name: &str,
    email: Option<&str>,
) -> Result<Option<Uuid>, DbError> {
    let seen = may_see(actor.role, "u.id");
    let sql = format!(
        "SELECT u.id, u.email FROM users u WHERE (u.email = $2 OR (u.name_key = $3 AND ($4 OR u.email IS NULL))) AND {seen} \
         ORDER BY u.created_at, u.id"
    );
    let email = email.map(folded);
    let found: Vec<(Uuid, Option<String>)> = on_tx!(tx, conn => sqlx::query_as(AssertSqlSafe(sql))
        .bind(actor.id)
        .bind(&email)
        .bind(accounts::name_key(name))
        .bind(email.is_none())
        .fetch_all(conn)
        .await?);
    if let Some((id, _)) = found.iter().find(|(_, address)| email.is_some() && *address == email) {
        return Ok(Some(*id));
    }
    Ok(match found[..] {
        [(id, _)] => Some(id),
        _ => None,
    })
}
