//! What sources tell, written into the tables `opportunities`, `crm_accounts`, `crm_contacts` and `emails`.

use crate::domain::facts::Status;
use crate::domain::mail;
use crate::domain::record::{AccountRecord, ContactRecord, DealRecord, EmailRecord, SNIPPET, short};
use crate::listen;
use chrono::{DateTime, NaiveTime, Utc};
use db::{DbError, Tx, on_tx};
use kernel::new_id;
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use std::collections::BTreeSet;
use transcript::redact::{RedactKind, RedactKinds, redact_text};
use uuid::Uuid;

/// Whose ids the records have, and how they are kept.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// salesforce, hubspot, …, import
    pub system: &'a str,
    /// The connection that reads it.
    pub connection: Option<Uuid>,
    /// What is replaced in what is kept.
    pub redact: RedactKinds,
    /// When it is written.
    pub now: DateTime<Utc>,
}

/// Who is meant by a mail address or a name that just one user has.
pub async fn owner_of(tx: &mut Tx, owner: &str) -> Result<Option<Uuid>, DbError> {
    let sql = "SELECT id, email FROM users WHERE email = $1 OR name_key = $2 LIMIT 3";
    let found: Vec<(Uuid, Option<String>)> = on_tx!(tx, conn => sqlx::query_as(sql)
        .bind(owner.to_lowercase())
        .bind(accounts::name_key(owner))
        .fetch_all(conn)
        .await?);
    let by_address = found.iter().find(|(_, email)| email.as_deref() == Some(&owner.to_lowercase()));
    Ok(match (by_address, &found[..]) {
        (Some((id, _)), _) | (None, [(id, _)]) => Some(*id),
        _ => None,
    })
}

/// What a CRM calls somebody of ours: their mail address, else their name.
async fn owner_named(tx: &mut Tx, system: &str, id: &str) -> Result<Option<String>, DbError> {
    let sql = "SELECT name FROM crm_owners WHERE system = $1 AND external_id = $2";
    Ok(on_tx!(tx, conn => sqlx::query_scalar(sql).bind(system).bind(id).fetch_optional(conn).await?))
}

/// Writes what a CRM calls somebody of ours; their deals become theirs.
pub async fn write_owner(tx: &mut Tx, from: Origin<'_>, id: &str, name: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO crm_owners (system, external_id, name, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (system, external_id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at";
    on_tx!(&mut *tx, conn => sqlx::query(sql)
        .bind(from.system)
        .bind(id)
        .bind(name)
        .bind(from.now)
        .execute(conn)
        .await?
        .rows_affected());
    let owner = owner_of(tx, name).await?;
    let sql = "UPDATE opportunities SET owner = $3, owner_id = $4, unlinked = TRUE, updated_at = $5 WHERE system = $1 AND owner_external_id = $2 \
         AND (owner IS DISTINCT FROM $3 OR owner_id IS DISTINCT FROM $4)";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(from.system)
        .bind(id)
        .bind(name)
        .bind(owner)
        .bind(from.now)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// Writes a deal as its source tells it. What is kept of it elsewhere (links, warnings) stays, and is reckoned anew.
pub async fn write_deal(tx: &mut Tx, from: Origin<'_>, deal: &DealRecord) -> Result<Uuid, DbError> {
    let told = match (&deal.owner, &deal.owner_external_id) {
        (Some(owner), _) => Some(owner.clone()),
        (None, Some(id)) => owner_named(tx, from.system, id).await?,
        (None, None) => None,
    };
    let owner = match &told {
        Some(owner) => owner_of(tx, owner).await?,
        None => deal.owner_here,
    };
    let closed_at = match deal.status {
        Status::Open => None,
        // A day that is yet to come is not when it was closed.
        Status::Won | Status::Lost => deal
            .closed_at
            .or_else(|| deal.close_date.map(|day| day.and_time(NaiveTime::MIN).and_utc()))
            .filter(|at| *at <= from.now)
            .or(deal.modified_at)
            .or(Some(from.now)),
    };
    let sql = "INSERT INTO opportunities (id, system, external_id, gong_opportunity_id, connection_id, name, name_key, search_key, account_external_id, \
         account, owner_id, owner, owner_external_id, stage, stage_since, status, product, segment, amount_cents, currency, close_date, opened_at, closed_at, \
         source_health, metadata, source_modified_at, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $27) \
         ON CONFLICT (system, external_id) DO UPDATE SET \
         gong_opportunity_id = coalesce(excluded.gong_opportunity_id, opportunities.gong_opportunity_id), \
         connection_id = coalesce(excluded.connection_id, opportunities.connection_id), name = excluded.name, name_key = excluded.name_key, search_key = excluded.search_key, \
         account_external_id = excluded.account_external_id, account = coalesce(excluded.account, opportunities.account), \
         owner_id = excluded.owner_id, owner = excluded.owner, owner_external_id = excluded.owner_external_id, stage = excluded.stage, \
         stage_since = coalesce(excluded.stage_since, CASE WHEN opportunities.stage <> excluded.stage THEN $28 \
         ELSE opportunities.stage_since END), status = excluded.status, product = excluded.product, segment = excluded.segment, \
         amount_cents = excluded.amount_cents, currency = excluded.currency, close_date = excluded.close_date, \
         opened_at = coalesce(excluded.opened_at, opportunities.opened_at), closed_at = excluded.closed_at, \
         source_health = excluded.source_health, metadata = KEPT, source_modified_at = excluded.source_modified_at, \
         updated_at = excluded.updated_at, assessed_at = NULL, unlinked = TRUE WHERE ";
    // What is as it was is not written: nothing would be reckoned but the same.
    let same = [
        "connection_id",
        "name",
        "account_external_id",
        "owner_id",
        "owner",
        "stage",
        "owner_external_id",
        "status",
        "product",
        "segment",
        "amount_cents",
        "currency",
        "close_date",
        "opened_at",
        "closed_at",
        "source_health",
        "gong_opportunity_id",
    ]
    .map(|column| format!("opportunities.{column} IS DISTINCT FROM excluded.{column}"))
    .join(" OR ");
    // What is not told leaves what is known of it.
    let same = format!(
        "{same} OR (excluded.stage_since IS NOT NULL AND opportunities.stage_since IS DISTINCT FROM excluded.stage_since)"
    );
    let sql =
        format!("{sql}{same} OR opportunities.metadata IS DISTINCT FROM KEPT RETURNING id").replace("KEPT", METADATA);
    let written: Option<Uuid> = on_tx!(&mut *tx, conn => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(new_id())
        .bind(from.system)
        .bind(&deal.external_id)
        .bind(&deal.gong_opportunity_id)
        .bind(from.connection)
        .bind(&deal.name)
        .bind(deal.name.to_lowercase())
        .bind(search_key(&deal.name, deal.account.as_deref()))
        .bind(&deal.account_external_id)
        .bind(&deal.account)
        .bind(owner)
        .bind(&told)
        .bind(&deal.owner_external_id)
        .bind(&deal.stage)
        .bind(deal.stage_since)
        .bind(deal.status)
        .bind(&deal.product)
        .bind(&deal.segment)
        .bind(deal.amount_cents)
        .bind(&deal.currency)
        .bind(deal.close_date.map(|day| day.to_string()))
        .bind(deal.opened_at)
        .bind(closed_at)
        .bind(deal.source_health)
        .bind(deal.metadata.as_ref().map(Json))
        .bind(deal.modified_at)
        .bind(from.now)
        .bind(deal.modified_at.unwrap_or(from.now))
        .fetch_optional(conn)
        .await?);
    // Where it was deleted it was restored.
    let sql = "DELETE FROM crm_gone WHERE system = $1 AND external_id = $2";
    on_tx!(&mut *tx, conn => sqlx::query(sql).bind(from.system).bind(&deal.external_id).execute(conn).await?.rows_affected());
    match written {
        Some(id) => Ok(id),
        None => deal_of(tx, from.system, &deal.external_id).await?.ok_or_else(|| sqlx::Error::RowNotFound.into()),
    }
}

/// What is kept of all that a source tells of a deal: of one that was closed and is, nothing if it is not kept any more.
const METADATA: &str = "CASE WHEN opportunities.metadata IS NULL AND opportunities.status <> 'open' AND excluded.status <> 'open' THEN NULL \
     ELSE excluded.metadata END";

fn search_key(name: &str, account: Option<&str>) -> String {
    format!("{} {}", name.to_lowercase(), account.unwrap_or_default().to_lowercase())
}

/// What a firm is called, where it is known.
pub async fn account_name(tx: &mut Tx, system: &str, id: Option<&str>) -> Result<Option<String>, DbError> {
    let sql = "SELECT name FROM crm_accounts WHERE system = $1 AND external_id = $2";
    Ok(on_tx!(tx, conn => sqlx::query_scalar(sql).bind(system).bind(id).fetch_optional(conn).await?))
}

/// Writes a firm; its deals are called after it, and their calls are looked for anew where something has changed.
pub async fn write_account(tx: &mut Tx, from: Origin<'_>, account: &AccountRecord) -> Result<(), DbError> {
    let sql = "INSERT INTO crm_accounts (system, external_id, name, domain, industry, segment, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (system, external_id) DO UPDATE SET name = excluded.name, domain = coalesce(excluded.domain, crm_accounts.domain), \
         industry = coalesce(excluded.industry, crm_accounts.industry), segment = coalesce(excluded.segment, crm_accounts.segment), \
         updated_at = excluded.updated_at WHERE crm_accounts.name <> excluded.name \
         OR crm_accounts.domain IS DISTINCT FROM coalesce(excluded.domain, crm_accounts.domain) \
         OR crm_accounts.industry IS DISTINCT FROM coalesce(excluded.industry, crm_accounts.industry) \
         OR crm_accounts.segment IS DISTINCT FROM coalesce(excluded.segment, crm_accounts.segment)";
    let rows = on_tx!(&mut *tx, conn => sqlx::query(sql)
        .bind(from.system)
        .bind(&account.external_id)
        .bind(&account.name)
        .bind(&account.domain)
        .bind(&account.industry)
        .bind(&account.segment)
        .bind(from.now)
        .execute(conn)
        .await?
        .rows_affected());
    // A deal that came after its firm has no name of it yet.
    let sql = "UPDATE opportunities SET account = $1, segment = coalesce(segment, $2), search_key = name_key || ' ' || $5, \
         unlinked = TRUE, updated_at = $6 WHERE system = $3 AND account_external_id = $4 AND ($7 OR account IS DISTINCT FROM $1)";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(&account.name)
        .bind(&account.segment)
        .bind(from.system)
        .bind(&account.external_id)
        .bind(account.name.to_lowercase())
        .bind(from.now)
        .bind(rows > 0)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// Writes somebody of a firm.
pub async fn write_contact(tx: &mut Tx, from: Origin<'_>, contact: &ContactRecord) -> Result<(), DbError> {
    let name = if from.redact.has(RedactKind::Name) { RedactKind::Name.placeholder() } else { &*contact.name };
    let address = contact.email.as_deref().and_then(mail::address);
    let domain = address.as_deref().and_then(mail::firm).map(str::to_owned);
    let sql = "INSERT INTO crm_contacts (system, external_id, account_external_id, name, email, domain, title, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (system, external_id) DO UPDATE SET \
         account_external_id = excluded.account_external_id, name = excluded.name, email = excluded.email, domain = excluded.domain, \
         title = excluded.title, updated_at = excluded.updated_at WHERE crm_contacts.name <> excluded.name \
         OR crm_contacts.account_external_id IS DISTINCT FROM excluded.account_external_id \
         OR crm_contacts.email IS DISTINCT FROM excluded.email OR crm_contacts.title IS DISTINCT FROM excluded.title";
    let rows = on_tx!(&mut *tx, conn => sqlx::query(sql)
        .bind(from.system)
        .bind(&contact.external_id)
        .bind(&contact.account_external_id)
        .bind(name)
        .bind(address.map(|address| kept_address(&address, from.redact)))
        .bind(domain)
        .bind(&contact.title)
        .bind(from.now)
        .execute(conn)
        .await?
        .rows_affected());
    if rows == 0 {
        return Ok(());
    }
    // Calls may be found by the address, and the title tells who decides.
    let sql = "UPDATE opportunities SET unlinked = TRUE, assessed_at = NULL, updated_at = $3 WHERE system = $1 AND account_external_id = $2";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(from.system)
        .bind(&contact.account_external_id)
        .bind(from.now)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// An address as it is kept: without the person where addresses are redacted, since the firm is what deals are found by.
fn kept_address(address: &str, redact: RedactKinds) -> String {
    match address.rsplit_once('@') {
        Some((_, domain)) if redact.has(RedactKind::Email) => format!("{}@{domain}", RedactKind::Email.placeholder()),
        _ => address.to_owned(),
    }
}

/// Writes an e-mail of a deal, redacted and cut. Whether it was not there.
pub async fn write_email(
    tx: &mut Tx,
    from: Origin<'_>,
    deal: Uuid,
    email: &EmailRecord,
    incoming: bool,
) -> Result<bool, DbError> {
    let subject = redact_text(&email.subject, None, from.redact).text;
    // Cut after it was redacted: half a number is not recognised.
    let body = redact_text(&email.body, Some(&subject), from.redact).text;
    let signs = listen::in_email(&subject, &body);
    let recipients: Vec<String> = email.recipients.iter().map(|to| kept_address(to, from.redact)).collect();
    let sql = "INSERT INTO emails (id, opportunity_id, system, external_id, subject, sender, recipients, sent_at, incoming, snippet, mentions, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (system, external_id, opportunity_id) DO UPDATE SET subject = excluded.subject, sender = excluded.sender, \
         recipients = excluded.recipients, sent_at = excluded.sent_at, incoming = excluded.incoming, \
         snippet = CASE WHEN emails.snippet IS NULL THEN NULL ELSE excluded.snippet END, \
         mentions = excluded.mentions RETURNING id";
    let id = new_id();
    let written: Uuid = on_tx!(tx, conn => sqlx::query_scalar(sql)
        .bind(id)
        .bind(deal)
        .bind(from.system)
        .bind(&email.external_id)
        .bind(short(&subject, 300))
        .bind(kept_address(&email.sender, from.redact))
        .bind(Json(recipients))
        .bind(email.sent_at)
        .bind(incoming)
        .bind(short(&body, SNIPPET))
        .bind(Json(signs))
        .bind(from.now)
        .fetch_one(conn)
        .await?);
    stale(tx, deal).await?;
    Ok(written == id)
}

/// Takes an e-mail from the deals that are not meant any more.
pub async fn leave_email_to(tx: &mut Tx, system: &str, email: &str, meant: &BTreeSet<Uuid>) -> Result<(), DbError> {
    let sql = "SELECT opportunity_id FROM emails WHERE system = $1 AND external_id = $2";
    let there: Vec<Uuid> =
        on_tx!(&mut *tx, conn => sqlx::query_scalar(sql).bind(system).bind(email).fetch_all(conn).await?);
    for deal in there.into_iter().filter(|deal| !meant.contains(deal)) {
        let sql = "DELETE FROM emails WHERE system = $1 AND external_id = $2 AND opportunity_id = $3";
        on_tx!(&mut *tx, conn => sqlx::query(sql).bind(system).bind(email).bind(deal).execute(conn).await?.rows_affected());
        stale(tx, deal).await?;
    }
    Ok(())
}

/// Whether a deal was deleted in its CRM, so that what others tell of it does not bring it back.
pub async fn is_gone(tx: &mut Tx, system: &str, external_id: &str) -> Result<bool, DbError> {
    let sql = "SELECT count(*) FROM crm_gone WHERE system = $1 AND external_id = $2";
    let count: i64 = on_tx!(tx, conn => sqlx::query_scalar(sql).bind(system).bind(external_id).fetch_one(conn).await?);
    Ok(count > 0)
}

/// What is reckoned of a deal does not hold any more.
pub async fn stale(tx: &mut Tx, deal: Uuid) -> Result<(), DbError> {
    let sql = "UPDATE opportunities SET assessed_at = NULL WHERE id = $1 AND assessed_at IS NOT NULL";
    on_tx!(tx, conn => sqlx::query(sql).bind(deal).execute(conn).await?.rows_affected());
    Ok(())
}

/// The deal with this id in its source.
pub async fn deal_of(tx: &mut Tx, system: &str, external_id: &str) -> Result<Option<Uuid>, DbError> {
    let sql = "SELECT id FROM opportunities WHERE system = $1 AND external_id = $2";
    Ok(on_tx!(tx, conn => sqlx::query_scalar(sql).bind(system).bind(external_id).fetch_optional(conn).await?))
}

/// Deletes what is gone in its source, and remembers it of a deal. Whether there was something.
pub async fn delete(tx: &mut Tx, system: &str, table: Table, external_id: &str) -> Result<bool, DbError> {
    if table == Table::Opportunities {
        let sql = "INSERT INTO crm_gone (system, external_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        on_tx!(&mut *tx, conn => sqlx::query(sql).bind(system).bind(external_id).execute(conn).await?.rows_affected());
    }
    if table == Table::Emails {
        let sql = "UPDATE opportunities SET assessed_at = NULL WHERE id IN \
             (SELECT opportunity_id FROM emails WHERE system = $1 AND external_id = $2)";
        on_tx!(tx, conn => sqlx::query(sql).bind(system).bind(external_id).execute(conn).await?.rows_affected());
    }
    let sql = match table {
        Table::Opportunities => "DELETE FROM opportunities WHERE system = $1 AND external_id = $2",
        Table::Accounts => "DELETE FROM crm_accounts WHERE system = $1 AND external_id = $2",
        Table::Contacts => "DELETE FROM crm_contacts WHERE system = $1 AND external_id = $2",
        Table::Emails => "DELETE FROM emails WHERE system = $1 AND external_id = $2",
        Table::Owners => "DELETE FROM crm_owners WHERE system = $1 AND external_id = $2",
    };
    Ok(on_tx!(tx, conn => sqlx::query(sql).bind(system).bind(external_id).execute(conn).await?.rows_affected()) > 0)
}

/// Where records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Deals.
    Opportunities,
    /// Firms.
    Accounts,
    /// People.
    Contacts,
    /// E-mails.
    Emails,
    /// People of ours.
    Owners,
}
