//! What is not kept for ever: the words of e-mails, and what a CRM told of deals that were closed long ago. What deals are compared by stays.

use crate::{DealError, Deals};
use accounts::audit::{self, Action};
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Statement, Tx, Value, on_tx};
use kernel::Actor;
use serde::Serialize;
use serde_json::json;
use sqlx::AssertSqlSafe;
use utoipa::ToSchema;

/// Days that are kept where nobody says.
const USUAL_DAYS: i64 = 90;
/// Rows that are changed in one transaction, so that others get their turn between.
const BATCH: i64 = 2_000;

/// How long what is kept, and what goes by that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Retention {
    /// Days that the words of e-mails are kept; 0 for ever.
    #[schema(example = 90)]
    pub email_days: i64,
    /// Days after its end that what its source told of a deal is kept; 0 for ever.
    #[schema(example = 90)]
    pub crm_days: i64,
    /// What goes, by kind.
    pub items: Vec<RetentionItem>,
}

/// What goes of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RetentionItem {
    /// What it is.
    pub kind: RetentionKind,
    /// What is older than this goes; null where it is kept for ever.
    pub before: Option<DateTime<Utc>>,
    /// How many e-mails, deals or people.
    pub count: i64,
    /// Bytes of their text. The file of an SQLite database does not become smaller: the room is used again.
    pub bytes: i64,
}

/// What is not kept for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetentionKind {
    /// The first words of an e-mail. Who wrote to whom, when, and the subject stay.
    EmailSnippets,
    /// All fields that a source told of a closed deal. Those that are shown stay: name, firm, owner, stage, amount, dates, outcome, and its links to calls.
    DealDetails,
    /// Name, address and title of people by a CRM, of firms without an open or younger deal. The domain of the firm stays: calls are found by it.
    Contacts,
    /// What a model worded of a closed deal, with names of people in it. The program's own words stay.
    ModelWords,
}

impl RetentionKind {
    const ALL: [Self; 4] = [Self::EmailSnippets, Self::DealDetails, Self::Contacts, Self::ModelWords];

    fn table(self) -> &'static str {
        match self {
            Self::EmailSnippets => "emails",
            Self::DealDetails => "opportunities",
            Self::Contacts => "crm_contacts",
            Self::ModelWords => "opportunity_texts",
        }
    }

    /// What is counted in bytes of a row `t`.
    fn text(self) -> &'static str {
        match self {
            Self::EmailSnippets => "octet_length(t.snippet)",
            Self::DealDetails => "octet_length(CAST(t.metadata AS TEXT))",
            Self::Contacts => {
                "octet_length(t.name) + coalesce(octet_length(t.email), 0) + coalesce(octet_length(t.title), 0)"
            }
            Self::ModelWords => "octet_length(t.words)",
        }
    }

    /// Which rows `t` go, where `before` is the placeholder of the moment.
    fn condition(self, before: &str) -> String {
        match self {
            Self::EmailSnippets => format!("t.snippet IS NOT NULL AND t.sent_at < {before}"),
            Self::DealDetails => format!("t.metadata IS NOT NULL AND t.status <> 'open' AND t.closed_at < {before}"),
            // Of a firm without any deal it is not known when it was of interest last: what was read lately is kept.
            Self::Contacts => {
                let deals =
                    "FROM opportunities o WHERE o.system = t.system AND o.account_external_id = t.account_external_id";
                format!(
                    "t.name <> '' AND (t.updated_at < {before} OR EXISTS (SELECT 1 {deals})) \
                     AND NOT EXISTS (SELECT 1 {deals} AND (o.status = 'open' OR o.closed_at IS NULL OR o.closed_at >= {before}))"
                )
            }
            // A firm whose people go has no other deals.
            Self::ModelWords => format!(
                "EXISTS (SELECT 1 FROM opportunities o WHERE o.id = t.opportunity_id AND o.status <> 'open' AND o.closed_at < {before})"
            ),
        }
    }

    /// What becomes of rows that go.
    fn taking(self) -> String {
        let table = self.table();
        match self {
            Self::EmailSnippets => format!("UPDATE {table} SET snippet = NULL"),
            Self::DealDetails => format!("UPDATE {table} SET metadata = NULL"),
            Self::Contacts => format!("UPDATE {table} SET name = '', email = NULL, title = NULL"),
            Self::ModelWords => format!("DELETE FROM {table}"),
        }
    }

    /// By what columns a row is known.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::EmailSnippets | Self::DealDetails => &["id"],
            Self::Contacts => &["system", "external_id"],
            Self::ModelWords => &["key"],
        }
    }

    async fn count(self, db: &Db, before: DateTime<Utc>) -> Result<(i64, i64), DbError> {
        let mut made = Statement::default();
        let before = made.place(Value::Time(before));
        made.sql = format!(
            "SELECT count(*), CAST(coalesce(sum({}), 0) AS BIGINT) FROM {} t WHERE {}",
            self.text(),
            self.table(),
            self.condition(&before)
        );
        Ok(made.rows(db).await?.pop().unwrap_or_default())
    }

    /// Takes away what goes of some rows. Returns how many these were.
    async fn take(self, tx: &mut Tx, before: DateTime<Utc>) -> Result<i64, DbError> {
        let (table, condition) = (self.table(), self.condition("$1"));
        let known: Vec<String> = self.keys().iter().map(|column| format!("t.{column}")).collect();
        let sql = format!(
            "{} WHERE ({}) IN (SELECT {} FROM {table} t WHERE {condition} LIMIT {BATCH})",
            self.taking(),
            self.keys().join(", "),
            known.join(", ")
        );
        let rows =
            on_tx!(tx, conn => sqlx::query(AssertSqlSafe(sql)).bind(before).execute(conn).await?.rows_affected());
        Ok(rows as i64)
    }
}

/// What would go now.
///
/// # Errors
/// When the database fails.
pub async fn retention(deals: &Deals) -> Result<Retention, DbError> {
    let settings = accounts::settings(&deals.db).await?;
    let (email_days, crm_days) = (settings.email_days.unwrap_or(USUAL_DAYS), settings.crm_days.unwrap_or(USUAL_DAYS));
    let now = deals.clock.now();
    let mut items = Vec::new();
    for kind in RetentionKind::ALL {
        let days = if kind == RetentionKind::EmailSnippets { email_days } else { crm_days };
        let before = (days > 0).then(|| now - TimeDelta::days(days));
        let (count, bytes) = match before {
            Some(before) => kind.count(&deals.db, before).await?,
            None => (0, 0),
        };
        items.push(RetentionItem { kind, before, count, bytes });
    }
    Ok(Retention { email_days, crm_days, items })
}

/// Takes away what goes now, and says so in the audit trail where somebody asked for it. Returns what went. May be done twice, and by several at a
/// time.
///
/// # Errors
/// When the database fails; what went is gone, and the rest goes the next time.
pub async fn run_retention(deals: &Deals, by: Option<&Actor>) -> Result<Retention, DealError> {
    let mut gone = retention(deals).await?;
    if let Some(actor) = by {
        // Before anything goes: whatever becomes of it, it is known who asked.
        let mut tx = deals.db.begin().await?;
        let detail = json!({ "email_days": gone.email_days, "crm_days": gone.crm_days });
        audit::record(&mut tx, &deals.clock, &actor.trail(), Action::RetentionRun, "retention", detail).await?;
        tx.commit().await?;
    }
    for item in &mut gone.items {
        let Some(before) = item.before else { continue };
        item.count = 0;
        loop {
            let mut tx = deals.db.begin().await?;
            let rows = item.kind.take(&mut tx, before).await?;
            tx.commit().await?;
            item.count += rows;
            if rows < BATCH {
                break;
            }
        }
    }
    Ok(gone)
}
