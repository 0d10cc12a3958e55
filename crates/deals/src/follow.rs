//! Follows what is told of calls: links new ones to their deals, keeps what was found in those that were judged, and reckons deals of which something has changed.

use crate::{DealError, Deals, assess, findings, links};
use calls::events::{self, Event, Position};
use chrono::{DateTime, TimeDelta, Utc};
use db::{DbError, on_db, on_tx};
use kernel::{Actor, Role};
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

/// How often it is looked whether there is something new.
const EVERY: Duration = Duration::from_secs(2);
/// Events, and deals, that are taken at once.
const BATCH: i64 = 200;
/// After how long an open deal is reckoned anew though nothing has changed.
const AGE: TimeDelta = TimeDelta::hours(6);
/// Under which name its position is kept.
const NAME: &str = "deals";

/// Follows the calls until this is dropped.
pub async fn follow(deals: &Deals) {
    loop {
        if let Err(error) = catch_up(deals).await {
            tracing::error!(%error, "deals are not brought up to date");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Brings deals up to date with all that was told until now. Two programs may do it at a time: each step gives the same when it is done twice.
///
/// # Errors
/// When the database fails; what was done stays, and is gone on with.
pub async fn catch_up(deals: &Deals) -> Result<(), DealError> {
    while read_events(deals).await? {}
    while link_deals(deals).await? {}
    assess::age(deals, deals.clock.now() - AGE).await?;
    while assess::assess_changed(deals, BATCH).await? > 0 {}
    Ok(())
}

/// Reads the next events. Whether there were some.
async fn read_events(deals: &Deals) -> Result<bool, DealError> {
    let db = &deals.db;
    let sql = "SELECT position FROM followers WHERE name = $1";
    let kept: Option<String> =
        on_db!(db, pool => sqlx::query_scalar(sql).bind(NAME).fetch_optional(pool).await.map_err(DbError::from)?);
    let from: Position = kept.as_deref().and_then(|position| position.parse().ok()).unwrap_or_default();
    if kept.is_none() || events::forgotten(db, from).await? {
        return begin(deals).await;
    }
    // Nobody is kept from seeing what a deal is made of.
    let all = Actor { id: Uuid::nil(), role: Role::Admin, session: Uuid::nil() };
    let told = events::since(db, &all, from, BATCH).await?;
    let Some(last) = told.last() else { return Ok(false) };
    let mut seen = BTreeSet::new();
    for event in &told {
        let is_gone = event.kind == Event::Deleted.as_str();
        if is_gone {
            let mut tx = db.begin().await?;
            findings::recount(&mut tx).await?;
            tx.commit().await?;
        } else if seen.insert(event.call_id) {
            look(deals, event.call_id).await?;
        }
    }
    go_on(deals, last.position).await?;
    Ok(told.len() as i64 == BATCH)
}

/// Looks at all calls there are, as nothing is known of what was told before.
async fn begin(deals: &Deals) -> Result<bool, DealError> {
    let db = &deals.db;
    let position = events::latest(db).await?;
    let mut after = Uuid::nil();
    loop {
        let sql = "SELECT id FROM calls WHERE id > $1 ORDER BY id LIMIT $2";
        let calls: Vec<Uuid> = on_db!(db, pool => sqlx::query_scalar(sql).bind(after).bind(BATCH).fetch_all(pool).await
            .map_err(DbError::from)?);
        let Some(last) = calls.last() else { break };
        after = *last;
        for call in calls {
            look(deals, call).await?;
        }
    }
    go_on(deals, position).await?;
    Ok(true)
}

/// Links a call and keeps what was found in it.
async fn look(deals: &Deals, call: Uuid) -> Result<(), DealError> {
    if !links::link(deals, call).await? {
        return Ok(());
    }
    let found = findings::find(&deals.db, call).await?;
    let mut tx = deals.db.begin().await?;
    if let Some(found) = found {
        findings::keep(&mut tx, call, &found).await?;
    }
    findings::stale(&mut tx, call).await?;
    tx.commit().await?;
    Ok(())
}

async fn go_on(deals: &Deals, position: Position) -> Result<(), DbError> {
    let sql = "INSERT INTO followers (name, position, updated_at) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at";
    let mut tx = deals.db.begin().await?;
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(NAME)
        .bind(position.to_string())
        .bind(deals.clock.now())
        .execute(conn)
        .await?
        .rows_affected());
    tx.commit().await
}

type Changed = (Uuid, DateTime<Utc>, Option<String>);

/// Looks for the calls of deals that are new or have changed. Whether there may be more.
async fn link_deals(deals: &Deals) -> Result<bool, DealError> {
    let db = &deals.db;
    let sql = "SELECT o.id, o.updated_at, a.domain FROM opportunities o LEFT JOIN crm_accounts a ON a.system = o.system \
         AND a.external_id = o.account_external_id WHERE o.unlinked ORDER BY o.id LIMIT $1";
    let changed: Vec<Changed> =
        on_db!(db, pool => sqlx::query_as(sql).bind(BATCH).fetch_all(pool).await.map_err(DbError::from)?);
    for (deal, updated_at, domain) in &changed {
        let mut domains: BTreeSet<String> = domain.iter().cloned().collect();
        let sql = "SELECT DISTINCT k.domain FROM opportunities o JOIN crm_contacts k ON k.system = o.system \
             AND k.account_external_id = o.account_external_id WHERE o.id = $1 AND k.domain IS NOT NULL";
        let more: Vec<String> =
            on_db!(db, pool => sqlx::query_scalar(sql).bind(deal).fetch_all(pool).await.map_err(DbError::from)?);
        domains.extend(more);
        // Those that were linked as well: the deal may have become another firm's.
        let sql = "SELECT call_id FROM call_opportunities WHERE opportunity_id = $1";
        let linked: Vec<Uuid> =
            on_db!(db, pool => sqlx::query_scalar(sql).bind(deal).fetch_all(pool).await.map_err(DbError::from)?);
        let found = links::calls_of(db, &domains).await?;
        let all: BTreeSet<Uuid> = found.into_iter().chain(linked).collect();
        for call in all {
            links::link(deals, call).await?;
        }
        // Unless it has changed again meanwhile.
        let sql = "UPDATE opportunities SET unlinked = FALSE WHERE id = $1 AND updated_at = $2";
        let mut tx = db.begin().await?;
        on_tx!(&mut tx, conn => sqlx::query(sql).bind(deal).bind(updated_at).execute(conn).await.map_err(DbError::from)?
            .rows_affected());
        tx.commit().await?;
    }
    Ok(changed.len() as i64 == BATCH)
}
