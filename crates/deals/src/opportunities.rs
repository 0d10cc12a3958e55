//! The table `opportunities` as people read it: lists, and one deal.

use crate::DealError;
use crate::domain::facts::Status;
use crate::domain::health::Signal;
use crate::domain::warn::{Warning, WarningKind};
use crate::links::How;
use accounts::may_see;
use chrono::{DateTime, NaiveDate, Utc};
use db::{Db, DbError, Statement, Value};
use kernel::Actor;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whose deal it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DealOwner)]
pub struct Owner {
    /// Their id, where it is somebody here.
    pub id: Option<Uuid>,
    /// Their name, or what the source calls them.
    #[schema(example = "Dana Whitlock")]
    pub name: String,
}

/// A deal as it stands in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Opportunity {
    /// Its id.
    pub id: Uuid,
    /// Whose ids it has: `salesforce`, `hubspot`, …, `import`.
    #[schema(example = "salesforce")]
    pub system: String,
    /// Its id there.
    pub external_id: String,
    /// Its id as Gong tells it; null where Gong told of none.
    pub gong_opportunity_id: Option<String>,
    /// What it is called.
    #[schema(example = "Acme: dock doors")]
    pub name: String,
    /// The firm.
    #[schema(example = "Acme")]
    pub account: Option<String>,
    /// Whose it is; null where nobody says.
    pub owner: Option<Owner>,
    /// As its source calls it.
    #[schema(example = "Negotiation")]
    pub stage: String,
    /// Since when it has the stage, as far as that is known.
    pub stage_since: Option<DateTime<Utc>>,
    /// How it stands.
    pub status: Status,
    /// What is sold.
    pub product: Option<String>,
    /// Of what kind the customer is.
    #[schema(example = "enterprise")]
    pub segment: Option<String>,
    /// Cents of what it is worth.
    #[schema(example = 1_250_000)]
    pub amount_cents: Option<i64>,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub currency: Option<String>,
    /// The day on which it is to close, or has closed.
    pub close_date: Option<NaiveDate>,
    /// When it was opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it was won or lost.
    pub closed_at: Option<DateTime<Utc>>,
    /// Health as its source reckons it, 0 to 100.
    pub source_health: Option<f64>,
    /// Health as it is reckoned here, 0 to 100: 50, and the points of its signals. Null where it is closed, or there is neither a call nor an e-mail.
    #[schema(example = 65)]
    pub health: Option<i64>,
    /// What warns of it.
    pub warnings: Vec<Warning>,
    /// Its latest call or e-mail.
    pub last_activity_at: Option<DateTime<Utc>>,
    /// How many calls it has.
    pub calls: i64,
    /// How many e-mails.
    pub emails: i64,
}

/// A deal with what its health rests on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OpportunityDetails {
    /// The deal.
    #[serde(flatten)]
    pub opportunity: Opportunity,
    /// What speaks for it, then what speaks against it, the heaviest first.
    pub signals: Vec<Signal>,
    /// When health and warnings were reckoned; null while something has changed since.
    pub assessed_at: Option<DateTime<Utc>>,
    /// All that its source tells; null where that is not kept any more.
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<serde_json::Value>,
    /// When it was changed there.
    pub source_modified_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    system: String,
    external_id: String,
    gong_opportunity_id: Option<String>,
    name: String,
    name_key: String,
    account: Option<String>,
    owner_id: Option<Uuid>,
    owner_name: Option<String>,
    owner: Option<String>,
    stage: String,
    stage_since: Option<DateTime<Utc>>,
    status: Status,
    product: Option<String>,
    segment: Option<String>,
    amount_cents: Option<i64>,
    currency: Option<String>,
    close_date: Option<String>,
    opened_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    source_health: Option<f64>,
    health: Option<i64>,
    #[sqlx(json)]
    warnings: Vec<Warning>,
    last_activity_at: Option<DateTime<Utc>>,
    calls: i64,
    emails: i64,
}

const COLUMNS: &str = "o.id, o.system, o.external_id, o.gong_opportunity_id, o.name, o.name_key, o.account, o.owner_id, u.name AS owner_name, \
     o.owner, o.stage, o.stage_since, o.status, o.product, o.segment, o.amount_cents, o.currency, o.close_date, o.opened_at, o.closed_at, \
     o.source_health, o.health, o.warnings, o.last_activity_at, o.calls, o.emails";

const FROM: &str = "FROM opportunities o LEFT JOIN users u ON u.id = o.owner_id";

impl From<Row> for Opportunity {
    fn from(row: Row) -> Self {
        let (id, name) = (row.owner_id, row.owner_name.or(row.owner));
        Self {
            id: row.id,
            system: row.system,
            external_id: row.external_id,
            gong_opportunity_id: row.gong_opportunity_id,
            name: row.name,
            account: row.account,
            owner: name.map(|name| Owner { id, name }),
            stage: row.stage,
            stage_since: row.stage_since,
            status: row.status,
            product: row.product,
            segment: row.segment,
            amount_cents: row.amount_cents,
            currency: row.currency,
            close_date: row.close_date.and_then(|day| day.parse().ok()),
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            source_health: row.source_health,
            health: row.health,
            warnings: row.warnings,
            last_activity_at: row.last_activity_at,
            calls: row.calls,
            emails: row.emails,
        }
    }
}

/// In which order deals are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OpportunityOrder)]
pub enum By {
    /// By the day on which they are to close; those without one first.
    #[default]
    CloseDate,
    /// By health; those without one first.
    Health,
    /// By what they are worth, in cents of whatever currency; those without an amount first.
    Amount,
    /// By name.
    Name,
}

/// Signs of a name that order by it, and that the index has.
const NAME: usize = 60;

impl By {
    fn key(self) -> &'static str {
        match self {
            Self::CloseDate => "coalesce(o.close_date, '')",
            Self::Health => "coalesce(o.health, -1)",
            Self::Amount => "coalesce(o.amount_cents, -1)",
            Self::Name => "substr(o.name_key, 1, 60)",
        }
    }

    fn key_of(self, row: &Row) -> Key {
        match self {
            Self::CloseDate => Key::Text(row.close_date.clone().unwrap_or_default()),
            Self::Health => Key::Whole(row.health.unwrap_or(-1)),
            Self::Amount => Key::Whole(row.amount_cents.unwrap_or(-1)),
            Self::Name => Key::Text(row.name_key.chars().take(NAME).collect()),
        }
    }

    /// The key that a cursor tells; `None` where it is one of another order.
    pub fn read(self, text: &str) -> Option<Key> {
        match self {
            Self::CloseDate | Self::Name => Some(Key::Text(text.to_owned())),
            Self::Health | Self::Amount => text.parse().ok().map(Key::Whole),
        }
    }
}

/// Where in an order a deal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// By a text.
    Text(String),
    /// By a number.
    Whole(i64),
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Whole(number) => write!(f, "{number}"),
        }
    }
}

/// Which deals are wanted; what is left out does not matter.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Of this user.
    pub owner: Option<Uuid>,
    /// That stand so.
    pub status: Option<Status>,
    /// In this stage.
    pub stage: Option<String>,
    /// Of this product.
    pub product: Option<String>,
    /// With customers of this kind.
    pub segment: Option<String>,
    /// With at least and at most this health.
    pub health: (Option<i64>, Option<i64>),
    /// That are to close on this day or later, and on that day or sooner.
    pub close: (Option<NaiveDate>, Option<NaiveDate>),
    /// Of which this warns.
    pub warning: Option<WarningKind>,
    /// With this in the name or the firm's, without regard to case.
    pub text: Option<String>,
    /// In which order.
    pub by: By,
    /// The greatest first.
    pub descending: bool,
    /// After the deal with this key and id.
    pub after: Option<(Key, Uuid)>,
    /// Without the first so many.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

impl Search {
    /// Whether deals may have to be looked at one by one, because no index has both what is asked for and the order.
    fn reads_many(&self) -> bool {
        let asks = self.text.is_some()
            || self.product.is_some()
            || self.segment.is_some()
            || self.warning.is_some()
            || self.health != (None, None)
            || self.close != (None, None);
        let narrows = self.owner.is_some() || self.status.is_some() || self.stage.is_some();
        asks || (narrows && self.by != By::CloseDate)
    }
}

/// A statement that begins as given, of the deals `o` that the actor may see.
fn seen(actor: &Actor, begin: &str) -> Statement {
    let mut made = Statement::default();
    // The rule takes it as `$1`.
    made.place(Value::Id(actor.id));
    made.sql = format!("{begin} WHERE {}", may_see(actor.role, "o.owner_id"));
    made
}

/// What a search asks for, each condition after an `AND`.
fn conditions(made: &mut Statement, search: &Search) -> String {
    let mut all: Vec<String> = Vec::new();
    if let Some(owner) = search.owner {
        all.push(format!("o.owner_id = {}", made.place(Value::Id(owner))));
    }
    if let Some(status) = search.status {
        all.push(format!("o.status = {}", made.text(status.as_str())));
    }
    for (column, wanted) in [("stage", &search.stage), ("product", &search.product), ("segment", &search.segment)] {
        all.extend(wanted.as_ref().map(|wanted| format!("o.{column} = {}", made.text(wanted))));
    }
    for (compared, bound) in [(">=", search.health.0), ("<=", search.health.1)] {
        all.extend(bound.map(|bound| format!("o.health {compared} {}", made.place(Value::Whole(bound)))));
    }
    for (compared, day) in [(">=", search.close.0), ("<=", search.close.1)] {
        // A deal without a day has none that is earlier.
        let day = day.map(|day| made.text(&day.to_string()));
        all.extend(day.map(|day| format!("coalesce(o.close_date, '') {compared} {day} AND o.close_date IS NOT NULL")));
    }
    if let Some(kind) = search.warning {
        all.push(format!("o.warned LIKE {}", made.text(&format!("% {} %", kind.as_str()))));
    }
    if let Some(text) = &search.text {
        let part = made.text(&format!("%{}%", accounts::like(&text.to_lowercase())));
        all.push(format!("o.search_key LIKE {part} ESCAPE '!'"));
    }
    all.iter().flat_map(|condition| [" AND ", condition.as_str()]).collect()
}

/// A page of the deals that the actor may see, each with its key, and how many there are on all pages if that is asked for.
///
/// # Errors
/// When the database fails.
pub async fn search(
    db: &Db,
    actor: &Actor,
    search: &Search,
    total: bool,
) -> Result<(Vec<(Opportunity, Key)>, Option<i64>), DbError> {
    let (way, beyond) = if search.descending { ("DESC", "<") } else { ("ASC", ">") };
    let key = search.by.key();
    // Which deals, first, and then all of these.
    let index =
        if matches!(db, Db::Sqlite(_)) && search.reads_many() { " INDEXED BY opportunities_narrow" } else { "" };
    let mut page = seen(actor, &format!("SELECT {COLUMNS} FROM (SELECT o.id FROM opportunities o{index}"));
    let asked = conditions(&mut page, search);
    let after = match &search.after {
        None => String::new(),
        Some((after, id)) => {
            let after = page.place(match after {
                Key::Text(text) => Value::Text(text.clone()),
                Key::Whole(number) => Value::Whole(*number),
            });
            format!(" AND ({key}, o.id) {beyond} ({after}, {})", page.place(Value::Id(*id)))
        }
    };
    // Written out: a planner that does not know how few are wanted sorts all of them.
    let (limit, offset) = (search.limit, search.offset.max(0));
    let order = format!("ORDER BY {key} {way}, o.id {way}");
    page.push(&format!(
        "{asked}{after} {order} LIMIT {limit} OFFSET {offset}) AS found JOIN opportunities o ON o.id = found.id \
         LEFT JOIN users u ON u.id = o.owner_id {order}"
    ));
    let rows: Vec<Row> = page.rows(db).await?;
    let count = if total {
        let mut all = seen(actor, "SELECT count(*) FROM opportunities o");
        let asked = conditions(&mut all, search);
        all.push(&asked);
        Some(all.count(db).await?)
    } else {
        None
    };
    let keyed = rows.into_iter().map(|row| {
        let key = search.by.key_of(&row);
        (Opportunity::from(row), key)
    });
    Ok((keyed.collect(), count))
}

/// Whether the actor may see a deal.
///
/// # Errors
/// When the database fails.
pub async fn sees(db: &Db, actor: &Actor, deal: Uuid) -> Result<bool, DbError> {
    let mut made = seen(actor, "SELECT count(*) FROM opportunities o");
    let deal = made.place(Value::Id(deal));
    made.push(&format!(" AND o.id = {deal}"));
    Ok(made.count(db).await? > 0)
}

#[derive(sqlx::FromRow)]
struct More {
    #[sqlx(flatten)]
    row: Row,
    #[sqlx(json)]
    signals: Vec<Signal>,
    assessed_at: Option<DateTime<Utc>>,
    metadata: Option<Json<serde_json::Value>>,
    source_modified_at: Option<DateTime<Utc>>,
}

/// One deal, if the actor may see it.
///
/// # Errors
/// [`DealError::Unknown`] where they do not.
pub async fn get(db: &Db, actor: &Actor, deal: Uuid) -> Result<OpportunityDetails, DealError> {
    let mut made =
        seen(actor, &format!("SELECT {COLUMNS}, o.signals, o.assessed_at, o.metadata, o.source_modified_at {FROM}"));
    let deal = made.place(Value::Id(deal));
    made.push(&format!(" AND o.id = {deal}"));
    let row: Option<More> = made.rows(db).await?.pop();
    let More { row, signals, assessed_at, metadata, source_modified_at } =
        row.ok_or(DealError::Unknown("opportunity"))?;
    let metadata = metadata.map(|Json(metadata)| metadata);
    Ok(OpportunityDetails { opportunity: row.into(), signals, assessed_at, metadata, source_modified_at })
}

/// The deals to which a call belongs, of those that the actor may see, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn of_call(db: &Db, actor: &Actor, call: Uuid) -> Result<Vec<CallOpportunity>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Linked {
        #[sqlx(flatten)]
        row: Row,
        how: How,
        stage_then: Option<String>,
    }
    let begin = format!(
        "SELECT {COLUMNS}, l.how, l.stage_then {FROM} JOIN call_opportunities l ON l.opportunity_id = o.id AND NOT l.removed"
    );
    let mut made = seen(actor, &begin);
    let call = made.place(Value::Id(call));
    made.push(&format!(" AND l.call_id = {call} ORDER BY o.opened_at DESC, o.id"));
    let rows: Vec<Linked> = made.rows(db).await?;
    let item = |linked: Linked| CallOpportunity {
        opportunity: linked.row.into(),
        how: linked.how,
        stage_then: linked.stage_then,
    };
    Ok(rows.into_iter().map(item).collect())
}

/// A deal to which a call belongs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallOpportunity {
    /// The deal.
    pub opportunity: Opportunity,
    /// How it is known that the call belongs to it.
    pub how: How,
    /// The stage that it had at the time of the call, where its source tells that.
    pub stage_then: Option<String>,
}

/// What deals can be filtered by: what there is among those that the actor may see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpportunityFacets {
    /// Whose deals there are.
    pub owners: Vec<Owner>,
    /// The stages.
    pub stages: Vec<String>,
    /// The products.
    pub products: Vec<String>,
    /// The segments.
    pub segments: Vec<String>,
}

/// What deals can be filtered by; of each at most 200.
///
/// # Errors
/// When the database fails.
pub async fn facets(db: &Db, actor: &Actor) -> Result<OpportunityFacets, DbError> {
    let texts = async |column: &str| -> Result<Vec<String>, DbError> {
        let mut made = seen(actor, &format!("SELECT DISTINCT o.{column} FROM opportunities o"));
        made.push(&format!(" AND o.{column} IS NOT NULL ORDER BY o.{column} LIMIT 200"));
        let rows: Vec<(String,)> = made.rows(db).await?;
        Ok(rows.into_iter().map(|(text,)| text).collect())
    };
    let mut made = seen(actor, "SELECT DISTINCT u.id, u.name FROM opportunities o JOIN users u ON u.id = o.owner_id");
    made.push(" ORDER BY u.name, u.id LIMIT 200");
    let owners: Vec<(Uuid, String)> = made.rows(db).await?;
    Ok(OpportunityFacets {
        owners: owners.into_iter().map(|(id, name)| Owner { id: Some(id), name }).collect(),
        stages: texts("stage").await?,
        products: texts("product").await?,
        segments: texts("segment").await?,
    })
}
