//! Files of deals, e-mails and links, for everybody whose CRM is not connected.

use crate::domain::link::{Traits, inferred};
use crate::domain::mail;
use crate::domain::record::{self, EmailRecord, FileKind, LinkRecord};
use crate::links::candidates;
use crate::records::{self, Origin};
use crate::{DealError, Deals};
use accounts::audit::{self, Action};
use db::{DbError, Tx, on_tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whose ids the records of files have.
pub const SYSTEM: &str = "import";
/// Most rows of a file.
const MOST: usize = 100_000;
/// Most rows that are told to be wrong.
const TOLD: usize = 20;

/// What a file brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DealFile)]
pub enum What {
    /// Deals.
    Opportunities,
    /// E-mails.
    Emails,
    /// Which calls belong to which deals.
    Links,
}

impl What {
    /// Name as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opportunities => "opportunities",
            Self::Emails => "emails",
            Self::Links => "links",
        }
    }
}

/// What came of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DealFileTaken)]
pub struct Brought {
    /// Rows that it has.
    #[schema(example = 120)]
    pub rows: u64,
    /// Those of them that were not known before.
    #[schema(example = 118)]
    pub new: u64,
}

/// The rows of a file, each read; or what is wrong with the first of them that are.
fn read<T>(
    kind: FileKind,
    bytes: &[u8],
    read: impl Fn(&record::Row) -> Result<T, String>,
) -> Result<Vec<(u64, T)>, DealError> {
    let rows = record::rows(kind, bytes).map_err(|why| DealError::File(vec![why]))?;
    if rows.is_empty() {
        return Err(DealError::File(vec!["the file has no rows, so that there is nothing to take in".to_owned()]));
    }
    if rows.len() > MOST {
        return Err(DealError::File(vec![format!("the file has {} rows; bring at most {MOST} at a time", rows.len())]));
    }
    let name = kind.row();
    let (mut good, mut wrong) = (Vec::new(), Vec::new());
    for (place, row) in rows {
        match read(&row) {
            Ok(row) => good.push((place, row)),
            Err(why) if wrong.len() < TOLD => wrong.push(format!("{name} {place}: {why}")),
            Err(_) => {}
        }
    }
    if wrong.is_empty() { Ok(good) } else { Err(DealError::File(wrong)) }
}

/// Takes a file in: all of it, or nothing. What was brought before under the same id is replaced.
///
/// # Errors
/// [`DealError::File`] with what is wrong in which row.
pub async fn bring(deals: &Deals, by: &str, what: What, kind: FileKind, bytes: &[u8]) -> Result<Brought, DealError> {
    Files { deals, system: SYSTEM, by }.bring(what, kind, bytes).await
}

/// Whose ids the rows of files have, and who brings them.
pub(crate) struct Files<'a> {
    pub(crate) deals: &'a Deals,
    pub(crate) system: &'a str,
    pub(crate) by: &'a str,
}

type DealRow = (record::DealRecord, Option<record::AccountRecord>);

impl Files<'_> {
    pub(crate) async fn bring(&self, what: What, kind: FileKind, bytes: &[u8]) -> Result<Brought, DealError> {
        let (mut tx, brought) = match what {
            What::Opportunities => self.opportunities(kind.row(), read(kind, bytes, record::deal)?).await,
            What::Emails => self.emails(kind.row(), read(kind, bytes, record::email)?).await,
            What::Links => self.links(kind.row(), read(kind, bytes, record::link)?).await,
        }?;
        audit::record(&mut tx, &self.deals.clock, self.by, Action::DealsImport, what.as_str(), json!(brought)).await?;
        tx.commit().await?;
        Ok(brought)
    }

    fn origin(&self) -> Origin<'_> {
        Origin { system: self.system, connection: None, redact: self.deals.redact, now: self.deals.clock.now() }
    }

    async fn opportunities(&self, name: &str, rows: Vec<(u64, DealRow)>) -> Result<(Tx, Brought), DealError> {
        let mut seen = BTreeMap::new();
        let twice = rows.iter().filter_map(|(line, (deal, _))| {
            let first = seen.insert(&deal.external_id, *line)?;
            Some(format!("{name} {line}: id: “{}” stands in {name} {first} already", deal.external_id))
        });
        let twice: Vec<String> = twice.take(TOLD).collect();
        if !twice.is_empty() {
            return Err(DealError::File(twice));
        }
        let mut tx = self.deals.db.begin().await?;
        let mut brought = Brought::default();
        for (_, (deal, account)) in &rows {
            brought.rows += 1;
            brought.new += u64::from(records::deal_of(&mut tx, self.system, &deal.external_id).await?.is_none());
            records::write_deal(&mut tx, self.origin(), deal).await?;
            if let Some(account) = account {
                records::write_account(&mut tx, self.origin(), account).await?;
            }
        }
        Ok((tx, brought))
    }

    async fn emails(&self, name: &str, rows: Vec<(u64, EmailRecord)>) -> Result<(Tx, Brought), DealError> {
        let deals = self.deals;
        let settings = accounts::settings(&deals.db).await?;
        let domains = settings.internal_domains.into_iter().flatten().map(|domain| domain.to_lowercase());
        let ours = Ours { domains: domains.collect() };
        // Found before anything is written: SQLite has one writer, who does not see what is found beside.
        let mut found: BTreeMap<usize, Vec<Uuid>> = BTreeMap::new();
        for (place, (_, email)) in rows.iter().enumerate().filter(|(_, (_, email))| email.deals.is_empty()) {
            found.insert(place, belongs(deals, &ours, email).await?);
        }
        let from = self.origin();
        let mut tx = deals.db.begin().await?;
        let (mut brought, mut wrong) = (Brought::default(), Vec::new());
        for (place, (line, email)) in rows.iter().enumerate() {
            brought.rows += 1;
            let mut targets = found.remove(&place).unwrap_or_default();
            for id in &email.deals {
                match self.deal_named(&mut tx, id).await? {
                    Some(deal) => targets.push(deal),
                    None => {
                        wrong.push(format!(
                            "{name} {line}: opportunity_id: there is no opportunity “{id}”; bring it first"
                        ));
                    }
                }
            }
            if targets.is_empty() && email.deals.is_empty() {
                wrong.push(format!(
                "{name} {line}: it belongs to no opportunity: write its opportunity_id, or bring opportunities whose account_domain is that of \
                 somebody in it"
            ));
            }
            let mut is_new = false;
            let meant = targets.iter().copied().collect();
            records::leave_email_to(&mut tx, self.system, &email.external_id, &meant).await?;
            for deal in targets {
                let incoming = match email.incoming {
                    Some(incoming) => incoming,
                    None => is_incoming(&mut tx, &ours, deal, &email.sender).await?,
                };
                is_new |= records::write_email(&mut tx, from, deal, email, incoming).await?;
            }
            brought.new += u64::from(is_new);
            if wrong.len() >= TOLD {
                break;
            }
        }
        if wrong.is_empty() { Ok((tx, brought)) } else { Err(DealError::File(wrong)) }
    }

    /// The deal with this id: that of such a file, else of the only system that has it.
    async fn deal_named(&self, tx: &mut Tx, id: &str) -> Result<Option<Uuid>, DbError> {
        if let Some(deal) = records::deal_of(tx, self.system, id).await? {
            return Ok(Some(deal));
        }
        let sql = "SELECT id FROM opportunities WHERE external_id = $1 OR gong_opportunity_id = $1 LIMIT 2";
        let found: Vec<Uuid> = on_tx!(tx, conn => sqlx::query_scalar(sql).bind(id).fetch_all(conn).await?);
        Ok(if let [only] = found[..] { Some(only) } else { None })
    }

    async fn links(&self, name: &str, rows: Vec<(u64, LinkRecord)>) -> Result<(Tx, Brought), DealError> {
        let mut tx = self.deals.db.begin().await?;
        let (mut brought, mut wrong) = (Brought::default(), Vec::new());
        for (line, link) in rows {
            brought.rows += 1;
            let sql = "SELECT id FROM calls WHERE id = $1 OR external_id = $2 LIMIT 2";
            let calls: Vec<Uuid> = on_tx!(&mut tx, conn => sqlx::query_scalar(sql)
            .bind(link.call.parse::<Uuid>().ok())
            .bind(&link.call)
            .fetch_all(conn)
            .await
            .map_err(DbError::from)?);
            let deal = self.deal_named(&mut tx, &link.deal).await?;
            let (call, deal) = match (&calls[..], deal) {
                ([call], Some(deal)) => (*call, deal),
                ([], _) => {
                    wrong.push(format!("{name} {line}: call_id: there is no call “{}”", link.call));
                    continue;
                }
                ([_, ..], Some(_)) => {
                    wrong.push(format!(
                        "{name} {line}: call_id: there are several calls “{}”; write the id it has here",
                        link.call
                    ));
                    continue;
                }
                (_, None) => {
                    wrong.push(format!("{name} {line}: opportunity_id: there is no opportunity “{}”", link.deal));
                    continue;
                }
            };
            // What somebody said of it stays.
            let sql = "INSERT INTO call_opportunities (call_id, opportunity_id, how, removed, linked_at, linked_by) VALUES ($1, $2, 'file', FALSE, $3, $4) \
             ON CONFLICT (call_id, opportunity_id) DO UPDATE SET how = 'file', linked_at = excluded.linked_at, linked_by = excluded.linked_by \
             WHERE NOT call_opportunities.removed AND call_opportunities.how NOT IN ('person', 'file')";
            let rows = on_tx!(&mut tx, conn => sqlx::query(sql)
            .bind(call)
            .bind(deal)
            .bind(self.deals.clock.now())
            .bind(self.by)
            .execute(conn)
            .await
            .map_err(DbError::from)?
            .rows_affected());
            brought.new += rows;
            forget_inferred(&mut tx, call).await?;
            records::stale(&mut tx, deal).await?;
        }
        wrong.truncate(TOLD);
        if wrong.is_empty() { Ok((tx, brought)) } else { Err(DealError::File(wrong)) }
    }
}

/// Whose mail domains are ours, and who has an address here.
struct Ours {
    domains: BTreeSet<String>,
}

impl Ours {
    fn has(&self, address: &str) -> bool {
        mail::firm(address).is_some_and(|domain| self.domains.iter().any(|ours| mail::belongs(domain, ours)))
    }
}

/// The deals to which an e-mail belongs by mail domains and dates.
async fn belongs(deals: &Deals, ours: &Ours, email: &EmailRecord) -> Result<Vec<Uuid>, DbError> {
    let everybody = email.recipients.iter().chain([&email.sender]);
    let domains = everybody.filter(|address| !ours.has(address)).filter_map(|address| mail::firm(address));
    let traits = Traits { at: email.sent_at, rep: None, domains: domains.map(str::to_owned).collect() };
    Ok(inferred(&traits, &candidates(&deals.db, &traits.domains).await?))
}

/// Whether the customer sent an e-mail of a deal: whoever has an address of the deal's firm, or has none of ours and no account here.
async fn is_incoming(tx: &mut Tx, ours: &Ours, deal: Uuid, sender: &str) -> Result<bool, DbError> {
    if ours.has(sender) {
        return Ok(false);
    }
    let sql = "SELECT a.domain FROM opportunities o JOIN crm_accounts a ON a.system = o.system AND a.external_id = o.account_external_id \
         WHERE o.id = $1";
    let firm: Option<Option<String>> =
        on_tx!(&mut *tx, conn => sqlx::query_scalar(sql).bind(deal).fetch_optional(conn).await?);
    let domain = mail::firm(sender);
    if let (Some(firm), Some(domain)) = (firm.flatten(), domain)
        && mail::belongs(domain, &firm)
    {
        return Ok(true);
    }
    let sql = "SELECT count(*) FROM users WHERE email = $1";
    let users: i64 = on_tx!(tx, conn => sqlx::query_scalar(sql).bind(sender).fetch_one(conn).await?);
    Ok(users == 0)
}

/// Takes away what was guessed of a call of which it is told where it belongs.
async fn forget_inferred(tx: &mut Tx, call: Uuid) -> Result<(), DbError> {
    let sql = "DELETE FROM call_opportunities WHERE call_id = $1 AND how = 'inferred' AND NOT removed RETURNING opportunity_id";
    let gone: Vec<Uuid> = on_tx!(&mut *tx, conn => sqlx::query_scalar(sql).bind(call).fetch_all(conn).await?);
    for deal in gone {
        records::stale(tx, deal).await?;
    }
    Ok(())
}

/// The kind of file that a body is, by its media type.
pub fn kind_of(media_type: &str) -> Option<FileKind> {
    match media_type.split(';').next().unwrap_or_default().trim() {
        "text/csv" => Some(FileKind::Csv),
        "application/json" => Some(FileKind::Json),
        _ => None,
    }
}
