//! Reads a CRM: what has changed since the mark of each kind of record, page by page. A page and its mark are kept in one transaction, so that a program that
//! is killed goes on where it was.

use crate::Deals;
use crate::domain::facts::Status;
use crate::domain::record::{AccountRecord, ContactRecord, DealRecord, EmailRecord, short};
use crate::records::{self, Origin, Table};
use crm::{Change, Crm, Object, Page};
use db::{Db, DbError, Tx, on_db, on_tx};
use intake::connection;
use intake::sync::{self, SyncRun};
use intake::{Connection, Intake, IntakeError, SYNC_CRM, Trouble};
use queue::{Failure, Handler, Lease, Outcome};
use serde::Deserialize;
use serde_json::Value;
use sqlx::types::Json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The kind of the job that begins a round of each CRM.
pub const ROUNDS: &str = "sync_crms";
/// How long a round waits whose connection is paused.
const PAUSED: chrono::TimeDelta = chrono::TimeDelta::minutes(10);
/// Characters of a name or title.
const TEXT: usize = 300;

#[derive(Deserialize)]
struct OfRun {
    run_id: Uuid,
}

/// What is done for the jobs that read a CRM.
pub(crate) fn handlers(deals: &Deals, intake: &Intake) -> Vec<Handler> {
    let of = (deals.clone(), intake.clone());
    let read = Handler::new(SYNC_CRM, move |lease| {
        let (deals, intake) = of.clone();
        async move {
            let OfRun { run_id } = OfRun::deserialize(&lease.job.payload)
                .map_err(|error| Failure::Fail(format!("the job is not understood: {error}")))?;
            run(&deals, &intake, run_id, &lease).await
        }
    })
    .when_dead({
        let clock = deals.clock.clone();
        move |tx, job| {
            let clock = clock.clone();
            Box::pin(async move {
                let Ok(OfRun { run_id }) = OfRun::deserialize(&job.payload) else { return Ok(()) };
                sync::end_badly(tx, &clock, run_id, "it failed several times; the job tells why").await
            })
        }
    });
    let of = intake.clone();
    let begin = Handler::new(ROUNDS, move |lease| {
        let intake = of.clone();
        async move { begin_all(&intake, &lease).await }
    });
    vec![read, begin]
}

async fn begin_all(intake: &Intake, lease: &Lease) -> Outcome {
    for connection in connection::list(intake).await?.into_iter().filter(|known| known.kind.is_crm() && !known.paused) {
        match sync::begin(intake, &connection, None, None).await {
            Ok(_) | Err(IntakeError::Conflict(_)) => {}
            Err(IntakeError::Db(error)) => return Err(error.into()),
            Err(error) => tracing::warn!(connection = connection.name, %error, "no round of it began"),
        }
    }
    let mut tx = intake.db.begin().await?;
    lease.complete(&mut tx, &intake.clock).await??;
    Ok(tx.commit().await?)
}

/// Reads all that has changed, or until the service wants to be left alone.
async fn run(deals: &Deals, intake: &Intake, id: Uuid, lease: &Lease) -> Outcome {
    let Some((run, connection)) = sync::of_job(intake, id, lease).await? else { return Ok(()) };
    let client = match intake::crm(intake, &connection) {
        Ok(client) => client,
        Err(IntakeError::Db(error)) => return Err(error.into()),
        Err(error) => return sync::fail(intake, &run, &error.to_string(), lease).await,
    };
    for object in Object::ALL {
        loop {
            if connection::get(intake, connection.id).await.is_ok_and(|now| now.paused) {
                let at = intake.clock.now() + PAUSED;
                return sync::rest(intake, &run, at, "its connection is paused", lease).await;
            }
            let mark = mark(&deals.db, connection.id, object).await?;
            let page = client.changes(object, mark.as_ref()).await;
            // It may be worth nothing any more, whatever came of the request.
            if let Some(secret) = client.rotated() {
                connection::rotate(intake, connection.id, &secret)
                    .await
                    .map_err(|error| Failure::Retry(error.to_string()))?;
            }
            let read = match page {
                Ok(page) => take(deals, &client, &connection, &run, object, page).await,
                Err(error) => Err(Stop::Service(error)),
            };
            match read {
                Ok(true) => break,
                Ok(false) => {}
                Err(Stop::Db(error)) => return Err(error.into()),
                Err(Stop::Service(error)) => {
                    let trouble = Trouble::of_crm(&error, intake.clock.now());
                    return sync::troubled(intake, &run, &connection, &trouble, lease).await;
                }
            }
        }
    }
    let mut tx = deals.db.begin().await?;
    sync::finish(intake, &mut tx, &run).await?;
    lease.complete(&mut tx, &deals.clock).await??;
    Ok(tx.commit().await?)
}

/// Why a page is not taken in.
enum Stop {
    Db(DbError),
    Service(crm::CrmError),
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

async fn mark(db: &Db, connection: Uuid, object: Object) -> Result<Option<crm::Mark>, DbError> {
    let sql = "SELECT mark FROM crm_marks WHERE connection_id = $1 AND object = $2";
    let kept: Option<Json<Value>> =
        on_db!(db, pool => sqlx::query_scalar(sql).bind(connection).bind(name(object)).fetch_optional(pool).await?);
    // One that another version wrote is not understood: then all is read anew, which loses nothing.
    Ok(kept.and_then(|Json(mark)| serde_json::from_value(mark).ok()))
}

fn name(object: Object) -> &'static str {
    match object {
        Object::Deal => "deal",
        Object::Account => "account",
        Object::Contact => "contact",
        Object::Email => "email",
        Object::Owner => "owner",
    }
}

/// Keeps a page with its mark. Whether it was the last.
async fn take(
    deals: &Deals,
    client: &Crm,
    connection: &Connection,
    run: &SyncRun,
    object: Object,
    page: Page,
) -> Result<bool, Stop> {
    let system = connection.kind.as_str();
    // Of deals that were not known the e-mails were passed over: they are asked for with them. In the first round all e-mails come by themselves.
    let mut more = Vec::new();
    if object == Object::Deal && mark(&deals.db, connection.id, Object::Email).await?.is_some() {
        let unknown = unknown(&deals.db, system, &page).await?;
        if !unknown.is_empty() {
            more = client.emails_of(&unknown).await.map_err(Stop::Service)?;
        }
    }
    let from = Origin { system, connection: Some(connection.id), redact: deals.redact, now: deals.clock.now() };
    let ours = ours(&deals.db).await?;
    let mut tx = deals.db.begin().await?;
    let (mut found, mut gone) = (0, 0);
    for change in &page.items {
        found += 1;
        gone += i64::from(write(&mut tx, from, change, &ours).await?);
    }
    for email in &more {
        write(&mut tx, from, &Change::Email(email.clone()), &ours).await?;
    }
    let sql = "INSERT INTO crm_marks (connection_id, object, mark, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (connection_id, object) DO UPDATE SET mark = excluded.mark, updated_at = excluded.updated_at";
    let mark = serde_json::to_value(&page.mark).map_err(|error| DbError::from(sqlx::Error::Encode(Box::new(error))))?;
    on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(connection.id)
        .bind(name(object))
        .bind(Json(mark))
        .bind(from.now)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    sync::turned(&mut tx, &deals.clock, run, found, found - gone).await?;
    tx.commit().await?;
    Ok(page.is_last)
}

/// The deals of a page that are not known here.
async fn unknown(db: &Db, system: &str, page: &Page) -> Result<Vec<String>, DbError> {
    let mut unknown = Vec::new();
    for change in &page.items {
        if let Change::Deal(deal) = change {
            let sql = "SELECT count(*) FROM opportunities WHERE system = $1 AND external_id = $2";
            let count: i64 =
                on_db!(db, pool => sqlx::query_scalar(sql).bind(system).bind(&deal.id).fetch_one(pool).await?);
            if count == 0 {
                unknown.push(deal.id.clone());
            }
        }
    }
    Ok(unknown)
}

/// Mail addresses and domains of our side.
struct Ours {
    domains: BTreeSet<String>,
}

async fn ours(db: &Db) -> Result<Ours, DbError> {
    let domains = accounts::settings(db).await?.internal_domains.into_iter().flatten();
    Ok(Ours { domains: domains.map(|domain| domain.to_lowercase()).collect() })
}

/// Writes a change. Whether something is gone by it.
async fn write(tx: &mut Tx, from: Origin<'_>, change: &Change, ours: &Ours) -> Result<bool, DbError> {
    match change {
        Change::Deal(deal) => {
            let stage = deal.stage_name.clone().or_else(|| deal.stage.clone()).unwrap_or_default();
            let status = match (deal.is_closed, deal.is_won) {
                (_, true) => Status::Won,
                (true, false) => Status::Lost,
                (false, false) => Status::Open,
            };
            let health = deal.health.as_deref().and_then(|text| text.trim().parse::<f64>().ok());
            let record = DealRecord {
                external_id: deal.id.clone(),
                name: short(if deal.name.is_empty() { &deal.id } else { &deal.name }, TEXT),
                account_external_id: deal.account_id.clone(),
                account: records::account_name(tx, from.system, deal.account_id.as_deref()).await?,
                owner: None,
                owner_external_id: deal.owner_id.clone(),
                owner_here: None,
                stage: short(&stage, TEXT),
                stage_since: None,
                status,
                product: deal.product.clone(),
                segment: deal.segment.clone(),
                amount_cents: deal.amount_cents,
                currency: deal.currency.clone(),
                close_date: deal.close_date,
                opened_at: deal.created_at,
                closed_at: None,
                source_health: health.filter(|health| (0.0..=100.0).contains(health)),
                gong_opportunity_id: None,
                metadata: Some(deal.fields.clone()),
                modified_at: Some(deal.modified_at),
            };
            records::write_deal(tx, from, &record).await?;
        }
        Change::Account(account) => {
            let record = AccountRecord {
                external_id: account.id.clone(),
                name: short(if account.name.is_empty() { &account.id } else { &account.name }, TEXT),
                domain: account.domain.clone(),
                industry: account.industry.clone(),
                segment: account.segment.clone(),
            };
            records::write_account(tx, from, &record).await?;
        }
        Change::Contact(contact) => {
            let record = ContactRecord {
                external_id: contact.id.clone(),
                account_external_id: contact.account_id.clone(),
                name: short(&contact.name, TEXT),
                email: contact.email.clone(),
                title: contact.title.clone(),
            };
            records::write_contact(tx, from, &record).await?;
        }
        Change::Owner(owner) => {
            let name = owner.email.clone().unwrap_or_else(|| owner.name.clone());
            records::write_owner(tx, from, &owner.id, &name).await?;
        }
        Change::Email(email) => write_email(tx, from, email, ours).await?,
        Change::Gone { object, id } => {
            let table = match object {
                Object::Deal => Table::Opportunities,
                Object::Account => Table::Accounts,
                Object::Contact => Table::Contacts,
                Object::Email => Table::Emails,
                Object::Owner => Table::Owners,
            };
            return records::delete(tx, from.system, table, id).await;
        }
        // Of a kind that a later client may tell.
        _ => {}
    }
    Ok(false)
}

/// Writes an e-mail to each of its deals, and takes it from those to which it does not belong any more.
async fn write_email(tx: &mut Tx, from: Origin<'_>, email: &crm::Email, ours: &Ours) -> Result<(), DbError> {
    let (Some(sender), Some(sent_at)) = (&email.from, email.sent_at) else { return Ok(()) };
    let record = EmailRecord {
        external_id: email.id.clone(),
        deals: Vec::new(),
        subject: email.subject.clone().unwrap_or_default(),
        sender: sender.clone(),
        recipients: email.to.clone(),
        sent_at,
        incoming: Some(email.is_incoming),
        body: email.text.clone(),
    };
    let is_ours = crate::domain::mail::firm(sender)
        .is_some_and(|domain| ours.domains.iter().any(|own| crate::domain::mail::belongs(domain, own)));
    let mut meant = BTreeSet::new();
    for id in &email.deal_ids {
        if let Some(deal) = records::deal_of(tx, from.system, id).await? {
            records::write_email(tx, from, deal, &record, email.is_incoming && !is_ours).await?;
            meant.insert(deal);
        }
    }
    records::leave_email_to(tx, from.system, &email.id, &meant).await
}
