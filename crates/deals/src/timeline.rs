//! The timeline of a deal: its calls and e-mails in one order, the latest first.

use crate::links::How;
use accounts::may_see;
use chrono::{DateTime, Utc};
use db::{Db, DbError, Statement, Value, on_db};
use kernel::Actor;
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;
use sqlx::types::Json;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What stands in a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TimelineKind)]
pub enum Kind {
    /// A call.
    Call,
    /// An e-mail.
    Email,
}

/// Somebody in a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimelinePerson)]
pub struct Person {
    /// What they are called.
    pub name: String,
    /// Whether they are ours; null where that is not known.
    pub internal: Option<bool>,
    /// Their mail address.
    pub email: Option<String>,
    /// What they are at their firm.
    pub title: Option<String>,
}

/// A call or an e-mail of a deal. A call has no words here: `GET /calls/{id}/transcript` tells them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = TimelineEntry)]
pub enum Entry {
    /// A call.
    Call {
        /// Its id.
        id: Uuid,
        /// When it began.
        at: DateTime<Utc>,
        /// What it is called.
        title: String,
        /// From the first word to the last.
        duration_ms: Option<i64>,
        /// 0 to 100; null where it was not judged, or its score is withheld.
        overall_score: Option<f64>,
        /// Who took part.
        people: Vec<Person>,
        /// How it is known that it belongs to the deal.
        how: How,
        /// The stage that the deal had then, where its source tells that.
        stage_then: Option<String>,
    },
    /// An e-mail.
    Email {
        /// Its id.
        id: Uuid,
        /// When it was sent.
        at: DateTime<Utc>,
        /// What it is about.
        subject: String,
        /// Who sent it.
        sender: String,
        /// To whom.
        recipients: Vec<String>,
        /// Whether the customer sent it.
        incoming: bool,
        /// Its first 500 characters, redacted; null where they are not kept any more.
        snippet: Option<String>,
    },
}

/// What of a timeline is wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Calls or e-mails alone.
    pub kind: Option<Kind>,
    /// With this person: a name or mail address, without regard to case.
    pub person: Option<String>,
    /// Before the entry of this time and id.
    pub after: Option<(DateTime<Utc>, Uuid)>,
    /// At most so many.
    pub limit: i64,
}

impl Entry {
    /// Where it stands.
    pub fn key(&self) -> (DateTime<Utc>, Uuid) {
        match self {
            Self::Call { id, at, .. } | Self::Email { id, at, .. } => (*at, *id),
        }
    }
}

/// A part of the timeline of a deal that the actor sees, the latest first; of its calls those that they see.
///
/// # Errors
/// When the database fails.
pub async fn timeline(db: &Db, actor: &Actor, deal: Uuid, filter: &Filter) -> Result<Vec<Entry>, DbError> {
    let mut made = Statement::default();
    let me = made.place(Value::Id(actor.id));
    let of_deal = made.place(Value::Id(deal));
    let after = filter.after.map(|(at, id)| (made.place(Value::Time(at)), made.place(Value::Id(id))));
    let before = |at: &str, id: &str| {
        after.as_ref().map_or(String::new(), |(time, other)| format!(" AND ({at}, {id}) < ({time}, {other})"))
    };
    let person = filter.person.as_ref().map(|person| {
        let person = person.trim().to_lowercase();
        (made.text(&person), made.text(&format!("%{}%", accounts::like(&person))))
    });
    let limit = filter.limit;
    let mut parts = Vec::new();
    if filter.kind != Some(Kind::Email) {
        let with = person.as_ref().map_or(String::new(), |(person, _)| {
            format!(
                " AND EXISTS (SELECT 1 FROM participants p WHERE p.call_id = c.id AND (lower(p.email) = {person} OR lower(p.name) = {person}))"
            )
        });
        parts.push(format!(
            "SELECT * FROM (SELECT 'call' AS kind, c.id, c.happened_at AS at FROM call_opportunities l JOIN calls c ON c.id = l.call_id \
             WHERE l.opportunity_id = {of_deal} AND NOT l.removed AND {}{with}{} ORDER BY c.happened_at DESC, c.id DESC LIMIT {limit}) AS of_calls",
            may_see(actor.role, "c.rep_id"),
            before("c.happened_at", "c.id"),
        ));
    }
    if filter.kind != Some(Kind::Call) {
        let with = person.as_ref().map_or(String::new(), |(person, part)| {
            format!(" AND (e.sender = {person} OR lower(CAST(e.recipients AS TEXT)) LIKE {part} ESCAPE '!')")
        });
        parts.push(format!(
            "SELECT * FROM (SELECT 'email' AS kind, e.id, e.sent_at AS at FROM emails e WHERE e.opportunity_id = {of_deal}{with}{} \
             ORDER BY e.sent_at DESC, e.id DESC LIMIT {limit}) AS of_emails",
            before("e.sent_at", "e.id"),
        ));
    }
    // PostgreSQL wants to be told what a parameter is that stands nowhere.
    made.sql = format!(
        "SELECT kind, id FROM ({}) AS both_kinds WHERE {me} = {me} ORDER BY at DESC, id DESC LIMIT {limit}",
        parts.join(" UNION ALL ")
    );
    let found: Vec<(String, Uuid)> = made.rows(db).await?;
    let of = |kind: &str| found.iter().filter(|(of, _)| of == kind).map(|(_, id)| *id).collect::<Vec<_>>();
    let entries = emails(db, &of("email")).await?.into_iter().chain(calls(db, deal, &of("call")).await?);
    let mut entries: BTreeMap<Uuid, Entry> = entries.map(|entry| (entry.key().1, entry)).collect();
    Ok(found.iter().filter_map(|(_, id)| entries.remove(id)).collect())
}

type EmailRow = (Uuid, DateTime<Utc>, String, String, Json<Vec<String>>, bool, Option<String>);

async fn emails(db: &Db, ids: &[Uuid]) -> Result<Vec<Entry>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<EmailRow> = on_db!(db, pool => {
        let mut select =
            QueryBuilder::new("SELECT id, sent_at, subject, sender, recipients, incoming, snippet FROM emails WHERE id IN (");
        let mut list = select.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        select.push(")");
        select.build_query_as().fetch_all(pool).await?
    });
    let entry = |(id, at, subject, sender, Json(recipients), incoming, snippet)| Entry::Email {
        id,
        at,
        subject,
        sender,
        recipients,
        incoming,
        snippet,
    };
    Ok(rows.into_iter().map(entry).collect())
}

#[derive(sqlx::FromRow)]
struct CallRow {
    id: Uuid,
    happened_at: DateTime<Utc>,
    title: String,
    duration_ms: Option<i64>,
    overall_score: Option<f64>,
    how: How,
    stage_then: Option<String>,
}

type PersonRow = (Uuid, String, Option<String>, Option<String>, Option<String>);

async fn calls(db: &Db, deal: Uuid, ids: &[Uuid]) -> Result<Vec<Entry>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (rows, people): (Vec<CallRow>, Vec<PersonRow>) = on_db!(db, pool => {
        let mut select = QueryBuilder::new(
            "SELECT c.id, c.happened_at, substr(coalesce(c.title, c.file_name), 1, 300) AS title, c.duration_ms, \
             CASE WHEN c.withheld AND s.confirmed_at IS NULL THEN NULL ELSE c.overall_score END AS overall_score, l.how, l.stage_then \
             FROM calls c JOIN call_opportunities l ON l.call_id = c.id LEFT JOIN coaching_sessions s ON s.id = c.session_id AND s.call_id = c.id \
             WHERE l.opportunity_id = ",
        );
        select.push_bind(deal).push(" AND c.id IN (");
        let mut list = select.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        select.push(")");
        let rows = select.build_query_as().fetch_all(pool).await?;
        let mut select = QueryBuilder::new("SELECT call_id, name, side, email, title FROM participants WHERE call_id IN (");
        let mut list = select.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        select.push(") ORDER BY call_id, position");
        (rows, select.build_query_as().fetch_all(pool).await?)
    });
    let mut by_call: BTreeMap<Uuid, Vec<Person>> = BTreeMap::new();
    for (call, name, side, email, title) in people {
        let internal = match side.as_deref() {
            Some("internal") => Some(true),
            Some("external") => Some(false),
            _ => None,
        };
        by_call.entry(call).or_default().push(Person { name, internal, email, title });
    }
    let entry = |row: CallRow| Entry::Call {
        id: row.id,
        at: row.happened_at,
        title: row.title,
        duration_ms: row.duration_ms,
        overall_score: row.overall_score,
        people: by_call.remove(&row.id).unwrap_or_default(),
        how: row.how,
        stage_then: row.stage_then,
    };
    Ok(rows.into_iter().map(entry).collect())
}
