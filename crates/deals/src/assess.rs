//! Health and warnings of deals, reckoned from what is kept of them.

use crate::domain::facts::{CallFact, EmailFact, Facts, Mention, Person, Sign, Status};
use crate::domain::health::{health, signals};
use crate::domain::warn::{Warning, warnings};
use crate::{DealError, Deals, rules};
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use sqlx::types::Json;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Head {
    status: Status,
    stage: String,
    stage_since: Option<DateTime<Utc>>,
    opened_at: Option<DateTime<Utc>>,
    close_date: Option<String>,
}

type EmailRow = (Uuid, DateTime<Utc>, bool, Json<Vec<Sign>>);
type CallRow = (Uuid, DateTime<Utc>, Option<f64>, Option<Json<Vec<Mention>>>);

/// What is known of a deal; `None` where it is not there any more.
pub async fn facts(db: &Db, deal: Uuid) -> Result<Option<Facts>, DbError> {
    let sql = "SELECT status, stage, stage_since, opened_at, close_date FROM opportunities WHERE id = $1";
    let head: Option<Head> = on_db!(db, pool => sqlx::query_as(sql).bind(deal).fetch_optional(pool).await?);
    let Some(head) = head else { return Ok(None) };
    let sql = "SELECT c.id, c.happened_at, c.customer_sentiment, v.mentions FROM call_opportunities l JOIN calls c ON c.id = l.call_id \
         LEFT JOIN call_values v ON v.call_id = c.id WHERE l.opportunity_id = $1 AND NOT l.removed ORDER BY c.happened_at, c.id";
    let calls: Vec<CallRow> = on_db!(db, pool => sqlx::query_as(sql).bind(deal).fetch_all(pool).await?);
    let mut people = people(db, deal).await?;
    let sql = "SELECT id, sent_at, incoming, mentions FROM emails WHERE opportunity_id = $1 ORDER BY sent_at, id";
    let emails: Vec<EmailRow> = on_db!(db, pool => sqlx::query_as(sql).bind(deal).fetch_all(pool).await?);
    let call = |(id, at, sentiment, mentions): CallRow| CallFact {
        id,
        at,
        people: people.remove(&id).unwrap_or_default(),
        mentions: mentions.map(|Json(mentions)| mentions),
        sentiment,
        is_seen: true,
    };
    let email = |(id, at, incoming, Json(signs))| EmailFact { id, at, incoming, signs };
    Ok(Some(Facts {
        status: head.status,
        stage: head.stage,
        stage_since: head.stage_since,
        opened_at: head.opened_at,
        close_date: head.close_date.and_then(|day| day.parse().ok()),
        calls: calls.into_iter().map(call).collect(),
        emails: emails.into_iter().map(email).collect(),
    }))
}

/// Who of the customer's took part in the calls of a deal. A title that the call does not tell is that of the CRM.
async fn people(db: &Db, deal: Uuid) -> Result<BTreeMap<Uuid, Vec<Person>>, DbError> {
    let sql = "SELECT p.call_id, p.name, lower(p.email), coalesce(nullif(p.title, ''), (SELECT max(k.title) FROM crm_contacts k WHERE k.email = lower(p.email))) \
         FROM call_opportunities l JOIN participants p ON p.call_id = l.call_id \
         WHERE l.opportunity_id = $1 AND NOT l.removed AND p.side = 'external' ORDER BY p.call_id, p.position";
    let rows: Vec<(Uuid, String, Option<String>, Option<String>)> =
        on_db!(db, pool => sqlx::query_as(sql).bind(deal).fetch_all(pool).await?);
    let mut found: BTreeMap<Uuid, Vec<Person>> = BTreeMap::new();
    for (call, name, email, title) in rows {
        found.entry(call).or_default().push(Person { name, email, title });
    }
    Ok(found)
}

/// Reckons health and warnings of a deal and keeps them.
async fn assess(deals: &Deals, deal: Uuid) -> Result<(), DealError> {
    // Held from before anything is read: whatever changes meanwhile says so afterwards, and is not taken for reckoned with.
    let mut tx = deals.db.begin().await?;
    if let Tx::Postgres(conn) = &mut tx {
        // SQLite has one writer.
        let sql = "SELECT id FROM opportunities WHERE id = $1 FOR UPDATE";
        sqlx::query(sql).bind(deal).fetch_optional(&mut **conn).await.map_err(DbError::from)?;
    }
    let Some(facts) = facts(&deals.db, deal).await? else { return Ok(()) };
    let rules = rules(&deals.db).await?;
    let now = deals.clock.now();
    let warned = warnings(&facts, &rules, now, now.with_timezone(&deals.zone).date_naive());
    let spoken = signals(&facts, &warned, now);
    let sql = "UPDATE opportunities SET health = $2, signals = $3, warnings = $4, last_activity_at = $5, calls = $6, emails = $7, \
         assessed_at = $8, warned = $9 WHERE id = $1";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(deal)
        .bind(health(&facts, &spoken))
        .bind(Json(&spoken))
        .bind(Json(&warned))
        .bind(facts.last_activity())
        .bind(facts.calls.len() as i64)
        .bind(facts.emails.len() as i64)
        .bind(now)
        .bind(kinds(&warned))
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    tx.commit().await?;
    Ok(())
}

/// The kinds of warnings, each between spaces: what lists look for.
fn kinds(warned: &[Warning]) -> String {
    let kinds: Vec<&str> = warned.iter().map(|warning| warning.kind.as_str()).collect();
    if kinds.is_empty() { String::new() } else { format!(" {} ", kinds.join(" ")) }
}

/// Reckons the deals of which something has changed, at most `limit`. How many they were.
pub async fn assess_changed(deals: &Deals, limit: i64) -> Result<usize, DealError> {
    let sql = "SELECT id FROM opportunities WHERE assessed_at IS NULL ORDER BY id LIMIT $1";
    let changed: Vec<Uuid> = on_db!(&deals.db, pool => sqlx::query_scalar(sql).bind(limit).fetch_all(pool).await
        .map_err(DbError::from)?);
    if changed.is_empty() {
        return Ok(0);
    }
    for deal in &changed {
        assess(deals, *deal).await?;
    }
    Ok(changed.len())
}

/// Time passes: open deals that were reckoned before `before` are to be reckoned anew. An owner who has come since is found.
pub async fn age(deals: &Deals, before: DateTime<Utc>) -> Result<u64, DealError> {
    let mut tx = deals.db.begin().await?;
    let sql = "UPDATE opportunities SET owner_id = (SELECT u.id FROM users u WHERE u.email = lower(opportunities.owner)) \
         WHERE owner_id IS NULL AND owner IS NOT NULL AND lower(owner) IN (SELECT u.email FROM users u WHERE u.email IS NOT NULL)";
    on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.map_err(DbError::from)?.rows_affected());
    let sql = "UPDATE opportunities SET assessed_at = NULL WHERE status = 'open' AND assessed_at < $1";
    let count = on_tx!(&mut tx, conn => sqlx::query(sql).bind(before).execute(conn).await.map_err(DbError::from)?
        .rows_affected());
    tx.commit().await?;
    Ok(count)
}
