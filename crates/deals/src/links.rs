//! Which deals a call belongs to: the table `call_opportunities`.

use crate::domain::context;
use crate::domain::link::{Candidate, Traits, inferred};
use crate::domain::mail;
use crate::domain::record::DealRecord;
use crate::records::{self, Origin};
use crate::{DealError, Deals};
use accounts::audit::{self, Action};
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::Actor;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::QueryBuilder;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// How it is known that a call belongs to a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
#[schema(as = DealLinkHow)]
pub enum How {
    /// Its source says so.
    Crm,
    /// Mail domains and dates say so; it may be wrong.
    Inferred,
    /// A file that was brought in says so.
    File,
    /// Somebody said so.
    Person,
}

/// What tells of a call which deals it belongs to, and when it came in; `None` where it is not there any more.
async fn traits(db: &Db, call: Uuid) -> Result<Option<(Traits, DateTime<Utc>)>, DbError> {
    let sql = "SELECT happened_at, rep_id, imported_at FROM calls WHERE id = $1";
    let head: Option<(DateTime<Utc>, Option<Uuid>, DateTime<Utc>)> =
        on_db!(db, pool => sqlx::query_as(sql).bind(call).fetch_optional(pool).await?);
    let Some((at, rep, came_in_at)) = head else { return Ok(None) };
    let sql = "SELECT email FROM participants WHERE call_id = $1 AND email IS NOT NULL AND (side IS NULL OR side <> 'internal')";
    let emails: Vec<String> = on_db!(db, pool => sqlx::query_scalar(sql).bind(call).fetch_all(pool).await?);
    let ours: BTreeSet<String> = accounts::settings(db)
        .await?
        .internal_domains
        .into_iter()
        .flatten()
        .map(|domain| domain.to_lowercase())
        .collect();
    let emails: Vec<String> = emails.iter().filter_map(|email| mail::address(email)).collect();
    let domains = emails.iter().filter_map(|email| mail::firm(email)).filter(|domain| !ours.contains(*domain));
    Ok(Some((Traits { at, rep, domains: domains.map(str::to_owned).collect() }, came_in_at)))
}

/// A domain and those above it, as far as they can be a firm's: `mail.acme.example` is below `acme.example`.
fn with_parents(domains: &BTreeSet<String>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for domain in domains {
        let mut rest: &str = domain;
        while rest.contains('.') {
            all.insert(rest.to_owned());
            rest = rest.split_once('.').map_or("", |(_, rest)| rest);
        }
    }
    all
}

type CandidateRow = (Uuid, Option<Uuid>, Option<DateTime<Utc>>, Option<DateTime<Utc>>, String);

/// The deals of firms with one of these mail domains.
pub async fn candidates(db: &Db, domains: &BTreeSet<String>) -> Result<Vec<Candidate>, DbError> {
    let domains = with_parents(domains);
    if domains.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<CandidateRow> = on_db!(db, pool => {
        let mut select = QueryBuilder::new("SELECT o.id, o.owner_id, o.opened_at, o.closed_at, f.domain FROM (");
        for (place, table) in ["SELECT system, external_id AS firm, domain FROM crm_accounts",
            "SELECT system, account_external_id AS firm, domain FROM crm_contacts"].into_iter().enumerate() {
            select.push(if place == 0 { "" } else { " UNION " });
            select.push(table).push(" WHERE domain IN (");
            let mut list = select.separated(", ");
            for domain in &domains {
                list.push_bind(domain);
            }
            select.push(")");
        }
        select.push(") AS f JOIN opportunities o ON o.system = f.system AND o.account_external_id = f.firm");
        select.build_query_as().fetch_all(pool).await?
    });
    let mut found: BTreeMap<Uuid, Candidate> = BTreeMap::new();
    for (id, owner, opened_at, closed_at, domain) in rows {
        let deal =
            found.entry(id).or_insert_with(|| Candidate { id, domains: BTreeSet::new(), owner, opened_at, closed_at });
        deal.domains.insert(domain);
    }
    Ok(found.into_values().collect())
}

/// Finds out which deals a call belongs to, and keeps that: what its source says, else what mail domains and dates say. What somebody said stays. Whether the
/// call is there.
pub async fn link(deals: &Deals, call: Uuid) -> Result<bool, DealError> {
    let db = &deals.db;
    let Some((traits, came_in_at)) = traits(db, call).await? else { return Ok(false) };
    let told = intake::told_of(db, call).await?.map(|details| context::told(&details)).unwrap_or_default();
    let found = candidates(db, &traits.domains).await?;
    let now = deals.clock.now();
    let mut tx = db.begin().await?;
    let mut meant: BTreeMap<Uuid, (How, Option<String>)> = BTreeMap::new();
    // The context of a call is as old as the call is here: what came in with a later one holds.
    for (system, account) in &told.accounts {
        let from = Origin { system, connection: None, redact: deals.redact, now: came_in_at };
        if !is_read(&mut tx, system).await?
            && is_news_of_account(&mut tx, system, &account.external_id, came_in_at).await?
        {
            records::write_account(&mut tx, from, account).await?;
        }
    }
    for (system, deal, then) in &told.deals {
        let from = Origin { system, connection: None, redact: deals.redact, now };
        let known = known_deal(&mut tx, system, &deal.external_id).await?;
        let id = match known {
            // Its CRM tells more of it, and sooner.
            Some((id, ..)) if is_read(&mut tx, system).await? => {
                name_by_gong(&mut tx, id, &deal.external_id).await?;
                id
            }
            Some((id, told_at, _)) if told_at.is_some_and(|told_at| told_at >= came_in_at) => id,
            // It was deleted there.
            None if records::is_gone(&mut tx, system, &deal.external_id).await? => continue,
            _ => {
                // Gong seldom tells whose it is: then it is whose call is the first of it.
                let owner_here = known.and_then(|(_, _, owner)| owner).or(traits.rep);
                let account = records::account_name(&mut tx, system, deal.account_external_id.as_deref()).await?;
                let record = DealRecord { account, modified_at: Some(came_in_at), owner_here, ..deal.clone() };
                records::write_deal(&mut tx, from, &record).await?
            }
        };
        meant.insert(id, (How::Crm, then.clone()));
    }
    // What is told need not be guessed.
    if meant.is_empty() && !in_file(&mut tx, call).await? {
        meant.extend(inferred(&traits, &found).into_iter().map(|id| (id, (How::Inferred, None))));
    }
    keep_domains(&mut tx, call, &traits.domains).await?;
    set(&mut tx, call, &meant, now).await?;
    tx.commit().await?;
    Ok(true)
}

type KnownDeal = (Uuid, Option<DateTime<Utc>>, Option<Uuid>);

/// A deal that is here: its id, as of when it was told, and whose it is.
async fn known_deal(tx: &mut Tx, system: &str, id: &str) -> Result<Option<KnownDeal>, DbError> {
    let sql = "SELECT id, source_modified_at, owner_id FROM opportunities WHERE system = $1 AND external_id = $2";
    Ok(on_tx!(tx, conn => sqlx::query_as(sql).bind(system).bind(id).fetch_optional(conn).await?))
}

/// Whether a firm is not known, or was told of before this time.
async fn is_news_of_account(tx: &mut Tx, system: &str, id: &str, at: DateTime<Utc>) -> Result<bool, DbError> {
    let sql = "SELECT count(*) FROM crm_accounts WHERE system = $1 AND external_id = $2 AND updated_at >= $3";
    let count: i64 = on_tx!(tx, conn => sqlx::query_scalar(sql).bind(system).bind(id).bind(at).fetch_one(conn).await?);
    Ok(count == 0)
}

/// Whether a file says of a call where it belongs.
async fn in_file(tx: &mut Tx, call: Uuid) -> Result<bool, DbError> {
    let sql = "SELECT count(*) FROM call_opportunities WHERE call_id = $1 AND how = 'file' AND NOT removed";
    let count: i64 = on_tx!(tx, conn => sqlx::query_scalar(sql).bind(call).fetch_one(conn).await?);
    Ok(count > 0)
}

/// Whether a connection reads the deals of this system.
async fn is_read(tx: &mut Tx, system: &str) -> Result<bool, DbError> {
    let sql = "SELECT count(*) FROM connections WHERE kind = $1";
    let count: i64 = on_tx!(tx, conn => sqlx::query_scalar(sql).bind(system).fetch_one(conn).await?);
    Ok(count > 0)
}

async fn name_by_gong(tx: &mut Tx, deal: Uuid, id: &str) -> Result<(), DbError> {
    let sql =
        "UPDATE opportunities SET gong_opportunity_id = $2 WHERE id = $1 AND gong_opportunity_id IS DISTINCT FROM $2";
    on_tx!(tx, conn => sqlx::query(sql).bind(deal).bind(id).execute(conn).await?.rows_affected());
    Ok(())
}

/// The calls in which somebody of one of these domains took part.
pub async fn calls_of(db: &Db, domains: &BTreeSet<String>) -> Result<Vec<Uuid>, DbError> {
    if domains.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on_db!(db, pool => {
        let mut select = QueryBuilder::new("SELECT DISTINCT call_id FROM call_domains WHERE domain IN (");
        let mut list = select.separated(", ");
        for domain in domains {
            list.push_bind(domain);
        }
        select.push(")");
        select.build_query_scalar().fetch_all(pool).await?
    }))
}

/// Keeps by which domains a call is found.
async fn keep_domains(tx: &mut Tx, call: Uuid, domains: &BTreeSet<String>) -> Result<(), DbError> {
    let sql = "DELETE FROM call_domains WHERE call_id = $1";
    on_tx!(&mut *tx, conn => sqlx::query(sql).bind(call).execute(conn).await?.rows_affected());
    for domain in with_parents(domains) {
        let sql = "INSERT INTO call_domains (domain, call_id) SELECT $1, c.id FROM calls c WHERE c.id = $2";
        on_tx!(&mut *tx, conn => sqlx::query(sql).bind(domain).bind(call).execute(conn).await?.rows_affected());
    }
    Ok(())
}

/// Makes the links of a call those that are meant, but for what somebody said.
async fn set(
    tx: &mut Tx,
    call: Uuid,
    meant: &BTreeMap<Uuid, (How, Option<String>)>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let sql = "SELECT opportunity_id, how, removed FROM call_opportunities WHERE call_id = $1";
    let there: Vec<(Uuid, How, bool)> = on_tx!(tx, conn => sqlx::query_as(sql).bind(call).fetch_all(conn).await?);
    for (deal, how, removed) in &there {
        if !matches!(how, How::Person | How::File) && !removed && !meant.contains_key(deal) {
            let sql = "DELETE FROM call_opportunities WHERE call_id = $1 AND opportunity_id = $2";
            on_tx!(tx, conn => sqlx::query(sql).bind(call).bind(deal).execute(conn).await?.rows_affected());
            records::stale(tx, *deal).await?;
        }
    }
    for (deal, (how, then)) in meant {
        // A call may be deleted while it is linked.
        let sql = "INSERT INTO call_opportunities (call_id, opportunity_id, how, linked_at, stage_then) \
             SELECT c.id, $2, $3, $4, $5 FROM calls c WHERE c.id = $1 ON CONFLICT (call_id, opportunity_id) DO UPDATE SET \
             how = CASE WHEN call_opportunities.how IN ('person', 'file') OR call_opportunities.removed THEN call_opportunities.how ELSE excluded.how END, \
             stage_then = coalesce(excluded.stage_then, call_opportunities.stage_then)";
        on_tx!(&mut *tx, conn => sqlx::query(sql)
            .bind(call)
            .bind(deal)
            .bind(how)
            .bind(now)
            .bind(then)
            .execute(conn)
            .await?
            .rows_affected());
        records::stale(tx, *deal).await?;
    }
    Ok(())
}

/// What somebody says of a call and a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saying {
    /// The call belongs to the deal.
    Belongs,
    /// It does not; it is not linked again by itself.
    DoesNot,
}

/// Writes down what somebody says of a call and a deal, both of which they see.
///
/// # Errors
/// [`DealError::Unknown`] where they do not see one of the two.
pub async fn say(deals: &Deals, actor: &Actor, call: Uuid, deal: Uuid, saying: Saying) -> Result<(), DealError> {
    let db = &deals.db;
    if !calls::events::sees(db, actor, call).await? {
        return Err(DealError::Unknown("call"));
    }
    if !crate::opportunities::sees(db, actor, deal).await? {
        return Err(DealError::Unknown("opportunity"));
    }
    let removed = saying == Saying::DoesNot;
    let mut tx = db.begin().await?;
    let sql = "INSERT INTO call_opportunities (call_id, opportunity_id, how, removed, linked_at, linked_by) VALUES ($1, $2, 'person', $3, $4, $5) \
         ON CONFLICT (call_id, opportunity_id) DO UPDATE SET how = 'person', removed = excluded.removed, linked_at = excluded.linked_at, \
         linked_by = excluded.linked_by";
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(call)
        .bind(deal)
        .bind(removed)
        .bind(deals.clock.now())
        .bind(actor.trail())
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    records::stale(&mut tx, deal).await?;
    let action = if removed { Action::DealUnlink } else { Action::DealLink };
    let subject = deal.to_string();
    audit::record(&mut tx, &deals.clock, &actor.trail(), action, &subject, json!({ "call_id": call })).await?;
    tx.commit().await?;
    Ok(())
}
