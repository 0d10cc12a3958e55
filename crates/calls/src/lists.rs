//! Lists of calls as people ask for them: those that they may see, filtered, in an order, page by page.

use crate::order::TITLE;
use crate::store::folded;
use crate::{By, CallError, Key, Status};
use accounts::may_see;
use chrono::{DateTime, Utc};
use db::{Db, DbError, Statement, Value, on_db};
use kernel::{Actor, Role};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use utoipa::ToSchema;
use uuid::Uuid;

/// The customer's sentiment is negative up to minus this, and positive from this on: the bounds of VADER.
const NEUTRAL_BELOW: f64 = 0.05;

/// So many reps at most are each asked for their latest calls; more of them have a good part of all calls, which are walked from the top then.
const FEW: usize = 40;

/// So many calls at the top of an order are looked through for those of a team, before its reps are asked one by one.
const TOP: usize = if cfg!(test) { 4 } else { 500 };

/// Somebody of our side, as calls name them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallRep {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    #[schema(example = "Dana Whitlock")]
    pub name: String,
}

/// A call as it stands in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallItem {
    /// Its id.
    pub id: Uuid,
    /// Its id in the source.
    pub external_id: Option<String>,
    /// Title, or the file's name where there is none.
    #[schema(example = "Dockline and Acme: discovery")]
    pub title: String,
    /// The customer, where somebody said so.
    pub customer: Option<String>,
    /// Whose call it is, where that is known.
    pub rep: Option<CallRep>,
    /// Language tag as the source writes it.
    #[schema(example = "en-US")]
    pub language: Option<String>,
    /// How far it has come.
    pub status: Status,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it came in.
    pub imported_at: DateTime<Utc>,
    /// From the first word to the last.
    pub duration_ms: Option<i64>,
    /// 0 to 100.
    pub overall_score: Option<f64>,
    /// Its scores are withheld until a coach, manager or admin has looked, because words in it speak to whoever judges it.
    pub withheld: bool,
    /// The customer's mean sentiment, -1 to 1.
    pub customer_sentiment: Option<f64>,
    /// When it was judged last.
    pub analysed_at: Option<DateTime<Utc>>,
}

/// The customer's sentiment in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// -0.05 or less.
    Negative,
    /// Between -0.05 and 0.05.
    Neutral,
    /// 0.05 or more.
    Positive,
}

/// Which calls are wanted; what is left out does not matter.
#[derive(Debug, Clone)]
pub struct Search {
    /// Of this rep: an id, a mail address or a name.
    pub agent: Option<String>,
    /// Of this customer, without regard to case.
    pub customer: Option<String>,
    /// That began (or came in, where that is not known) at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// That began before this time.
    pub until: Option<DateTime<Utc>>,
    /// In this language; `en` is also `en-GB`.
    pub language: Option<String>,
    /// With at least and at most this score.
    pub score: (Option<f64>, Option<f64>),
    /// With at least and at most this sentiment of the customer.
    pub sentiment: (Option<f64>, Option<f64>),
    /// With this sentiment of the customer.
    pub mood: Option<Mood>,
    /// That have come so far.
    pub status: Option<Status>,
    /// Whose scores are withheld, or are not.
    pub withheld: Option<bool>,
    /// With this in the title, without regard to case.
    pub text: Option<String>,
    /// In which order.
    pub by: By,
    /// The greatest first.
    pub descending: bool,
    /// After the call with this key and id.
    pub after: Option<(Key, Uuid)>,
    /// Without the first so many.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            agent: None,
            customer: None,
            since: None,
            until: None,
            language: None,
            score: (None, None),
            sentiment: (None, None),
            mood: None,
            status: None,
            withheld: None,
            text: None,
            by: By::StartedAt,
            descending: true,
            after: None,
            offset: 0,
            limit: 50,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: Uuid,
    external_id: Option<String>,
    title: String,
    title_key: String,
    customer: Option<String>,
    rep_id: Option<Uuid>,
    rep_name: Option<String>,
    language: Option<String>,
    status: Status,
    started_at: Option<DateTime<Utc>>,
    imported_at: DateTime<Utc>,
    duration_ms: Option<i64>,
    overall_score: Option<f64>,
    withheld: bool,
    customer_sentiment: Option<f64>,
    analysed_at: Option<DateTime<Utc>>,
}

// Titles that were kept before they had a limit are cut here: a list is no place for more.
const COLUMNS: &str = "c.id, c.external_id, substr(coalesce(c.title, c.file_name), 1, 300) AS title, c.title_key, c.customer, c.rep_id, \
     u.name AS rep_name, c.language, c.status, c.started_at, c.imported_at, c.duration_ms, c.overall_score, c.withheld, c.customer_sentiment, \
     c.analysed_at";

impl From<Row> for CallItem {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            external_id: row.external_id,
            title: row.title,
            customer: row.customer,
            rep: row.rep_id.zip(row.rep_name).map(|(id, name)| CallRep { id, name }),
            language: row.language,
            status: row.status,
            started_at: row.started_at,
            imported_at: row.imported_at,
            duration_ms: row.duration_ms,
            overall_score: row.overall_score,
            withheld: row.withheld,
            customer_sentiment: row.customer_sentiment,
            analysed_at: row.analysed_at,
        }
    }
}

/// Where in an order a call stands.
fn key_of(by: By, row: &Row) -> Key {
    match by {
        By::StartedAt => Key::Time(row.started_at.unwrap_or(row.imported_at)),
        By::ImportedAt => Key::Time(row.imported_at),
        By::Score => Key::Score(row.overall_score.unwrap_or(-1.0)),
        By::Duration => Key::Duration(row.duration_ms.unwrap_or(-1)),
        By::Title => Key::Title(row.title_key.chars().take(TITLE).collect()),
    }
}

async fn row(db: &Db, id: Uuid) -> Result<Option<Row>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM calls c LEFT JOIN users u ON u.id = c.rep_id WHERE c.id = $1");
    Ok(on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(pool).await?))
}

/// The item of one call.
pub(crate) async fn item(db: &Db, id: Uuid) -> Result<Option<CallItem>, DbError> {
    Ok(row(db, id).await?.map(CallItem::from))
}

/// The calls beside one in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Neighbours {
    /// The one above it; null where it is the first.
    pub before: Option<Uuid>,
    /// The one below it; null where it is the last.
    pub after: Option<Uuid>,
}

/// The calls beside one in a list of those that the actor may see, found from where the call stands in the list's order: it need not be in the
/// list itself. Where a page of the list begins does not matter.
///
/// # Errors
/// [`CallError::Unknown`] where there is no such call, or when the database fails.
pub async fn neighbours(db: &Db, actor: &Actor, list: &Search, id: Uuid) -> Result<Neighbours, CallError> {
    let row = row(db, id).await?.ok_or_else(|| CallError::Unknown(id.to_string()))?;
    let from = Search { after: Some((key_of(list.by, &row), id)), offset: 0, limit: 1, ..list.clone() };
    let back = Search { descending: !from.descending, ..from.clone() };
    let first = |(found, _): (Vec<(CallItem, Key)>, _)| found.first().map(|(call, _)| call.id);
    Ok(Neighbours {
        before: first(search(db, actor, &back, false).await?),
        after: first(search(db, actor, &from, false).await?),
    })
}

/// Whose calls are looked through.
#[derive(Debug)]
enum Scope {
    /// Everybody's, and nobody's.
    All,
    /// Those of these reps.
    Of(Vec<Uuid>),
}

/// The reps whose calls the actor may see, of them those who are meant by `agent`.
async fn scope(db: &Db, actor: &Actor, agent: Option<&str>) -> Result<Scope, DbError> {
    let seen = may_see(actor.role, "u.id");
    let reps: Vec<Uuid> = match agent {
        None if actor.role == Role::Admin => return Ok(Scope::All),
        None if actor.role == Role::Rep => vec![actor.id],
        None => {
            let sql = format!("SELECT u.id FROM users u WHERE {seen}");
            on_db!(db, pool => sqlx::query_scalar(AssertSqlSafe(sql)).bind(actor.id).fetch_all(pool).await?)
        }
        Some(agent) => {
            let name = accounts::name_key(agent);
            let sql =
                format!("SELECT u.id FROM users u WHERE (u.id = $2 OR u.name_key = $3 OR u.email = $3) AND {seen}");
            on_db!(db, pool => sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(actor.id)
                .bind(agent.trim().parse::<Uuid>().ok())
                .bind(name)
                .fetch_all(pool)
                .await?)
        }
    };
    Ok(Scope::Of(reps))
}

/// A page of the calls that the actor may see, each with the key by which a cursor goes on after it, and how many there are on all pages if that
/// is asked for.
///
/// # Errors
/// When the database fails.
pub async fn search(
    db: &Db,
    actor: &Actor,
    search: &Search,
    total: bool,
) -> Result<(Vec<(CallItem, Key)>, Option<i64>), DbError> {
    let keyed = |rows: Vec<Row>| {
        let items = rows.into_iter().map(|row| {
            let key = key_of(search.by, &row);
            (CallItem::from(row), key)
        });
        items.collect()
    };
    let some = matches!(actor.role, Role::Manager | Role::Coach) && search.agent.is_none();
    let top = if some { top(db, search, actor).rows(db).await? } else { Vec::new() };
    let full = top.len() as i64 == search.limit;
    if full && !total {
        return Ok((keyed(top), None));
    }
    let scope = scope(db, actor, search.agent.as_deref()).await?;
    if matches!(&scope, Scope::Of(reps) if reps.is_empty()) {
        return Ok((Vec::new(), total.then_some(0)));
    }
    let found = if full { top } else { page(db, search, &scope).rows(db).await? };
    let count = if total { Some(count(db, search, &scope).count(db).await?) } else { None };
    Ok((keyed(found), count))
}

/// The statement of a page that lies among the first calls of its order. Who sees a good part of all calls has it there, for less than it
/// costs to ask each of their reps; where fewer come back than are wanted, the page is not known yet.
fn top(db: &Db, search: &Search, actor: &Actor) -> Statement {
    let mut made = Statement::default();
    // The rule takes it as `$1`.
    made.place(Value::Id(actor.id));
    let seen = may_see(actor.role, rep_not_indexed(db));
    let range = times(&mut made, search) + &after(&mut made, search);
    let conditions = conditions(&mut made, search);
    let key = search.by.key();
    let (way, compared) = if search.descending { ("DESC", ">=") } else { ("ASC", "<=") };
    let (limit, offset) = (search.limit, made.place(Value::Whole(search.offset.max(0))));
    let order = format!("ORDER BY {key} {way}, c.id {way}");
    let last = format!("SELECT {key} FROM calls c WHERE TRUE{range} {order} LIMIT 1 OFFSET {}", TOP - 1);
    made.sql = format!(
        "SELECT {COLUMNS} FROM calls c LEFT JOIN users u ON u.id = c.rep_id \
         WHERE {key} {compared} ({last}){range}{conditions} AND {seen} {order} LIMIT {limit} OFFSET {offset}"
    );
    made
}

/// The statement of a page. A few reps have few of all calls, so that walking down all of them would take long: each of these reps gives as many
/// as the page has at most, by an index, and the first of these are the page.
fn page(db: &Db, search: &Search, scope: &Scope) -> Statement {
    let mut made = Statement::default();
    let conditions = times(&mut made, search) + &conditions(&mut made, search) + &after(&mut made, search);
    let key = search.by.key();
    let way = if search.descending { "DESC" } else { "ASC" };
    // Written out: a planner that does not know how few are wanted sorts all of them.
    let (limit, offset) = (search.limit, search.offset.max(0));
    let skip = if offset > 0 { format!(" OFFSET {}", made.place(Value::Whole(offset))) } else { String::new() };
    let order = format!("ORDER BY {key} {way}, c.id {way}");
    made.sql = match scope {
        Scope::Of(reps) if (2..=FEW).contains(&reps.len()) && search.by == By::StartedAt => {
            let most = limit.saturating_add(offset);
            let of_each: Vec<String> = reps
                .iter()
                .map(|rep| {
                    let rep = made.place(Value::Id(*rep));
                    format!(
                        "SELECT * FROM (SELECT c.id, {key} AS at FROM calls c WHERE c.rep_id = {rep}{conditions} {order} LIMIT {most}) AS one"
                    )
                })
                .collect();
            let of_each = of_each.join(" UNION ALL ");
            format!(
                "SELECT {COLUMNS} FROM (SELECT id FROM ({of_each}) AS each ORDER BY at {way}, id {way} LIMIT {limit}{skip}) AS found \
                 JOIN calls c ON c.id = found.id LEFT JOIN users u ON u.id = c.rep_id {order}"
            )
        }
        scope => {
            let whose = whose(&mut made, db, scope);
            format!(
                "SELECT {COLUMNS} FROM calls c LEFT JOIN users u ON u.id = c.rep_id WHERE {whose}{conditions} {order} LIMIT {limit}{skip}"
            )
        }
    };
    made
}

fn count(db: &Db, search: &Search, scope: &Scope) -> Statement {
    let mut made = Statement::default();
    let whose = whose(&mut made, db, scope);
    let conditions = times(&mut made, search) + &conditions(&mut made, search);
    made.sql = format!("SELECT count(*) FROM calls c WHERE {whose}{conditions}");
    made
}

/// SQLite, which does not know how many calls a rep has, would fetch all of theirs and sort them; the plus forbids that index.
fn rep_not_indexed(db: &Db) -> &'static str {
    match db {
        Db::Sqlite(_) => "+c.rep_id",
        Db::Postgres(_) => "c.rep_id",
    }
}

fn whose(made: &mut Statement, db: &Db, scope: &Scope) -> String {
    match scope {
        Scope::All => "TRUE".to_owned(),
        Scope::Of(reps) => {
            let reps: Vec<String> = reps.iter().map(|rep| made.place(Value::Id(*rep))).collect();
            let column = if reps.len() > FEW { rep_not_indexed(db) } else { "c.rep_id" };
            format!("{column} IN ({})", reps.join(", "))
        }
    }
}

/// When the calls are to have begun, each condition after an `AND`.
fn times(made: &mut Statement, search: &Search) -> String {
    let bounds = [(search.since, ">="), (search.until, "<")];
    let bound = |(at, compared): (Option<DateTime<Utc>>, &str)| {
        at.map(|at| format!(" AND c.happened_at {compared} {}", made.place(Value::Time(at))))
    };
    bounds.into_iter().filter_map(bound).collect()
}

/// What else the search asks for, each condition after an `AND`.
fn conditions(made: &mut Statement, search: &Search) -> String {
    let mut all: Vec<String> = Vec::new();
    if let Some(customer) = &search.customer {
        all.push(format!("c.customer_key = {}", made.text(&folded(customer))));
    }
    if let Some(status) = search.status {
        all.push(format!("c.status = {}", made.text(status.as_str())));
    }
    if let Some(withheld) = search.withheld {
        all.push(if withheld { "c.withheld" } else { "NOT c.withheld" }.to_owned());
    }
    if let Some(language) = &search.language {
        let (tag, region) =
            (made.text(&folded(language)), made.text(&format!("{}-%", accounts::like(&folded(language)))));
        all.push(format!("(lower(c.language) = {tag} OR lower(c.language) LIKE {region} ESCAPE '!')"));
    }
    let (least, most) = match search.mood {
        None => (None, None),
        Some(Mood::Negative) => (None, Some(("<=", -NEUTRAL_BELOW))),
        Some(Mood::Neutral) => (Some((">", -NEUTRAL_BELOW)), Some(("<", NEUTRAL_BELOW))),
        Some(Mood::Positive) => (Some((">=", NEUTRAL_BELOW)), None),
    };
    let ranges = [
        ("overall_score", search.score.0.map(|least| (">=", least))),
        ("overall_score", search.score.1.map(|most| ("<=", most))),
        ("customer_sentiment", search.sentiment.0.map(|least| (">=", least))),
        ("customer_sentiment", search.sentiment.1.map(|most| ("<=", most))),
        ("customer_sentiment", least),
        ("customer_sentiment", most),
    ];
    for (column, bound) in ranges {
        all.extend(
            bound.map(|(compared, value)| format!("c.{column} {compared} {}", made.place(Value::Number(value)))),
        );
    }
    if let Some(text) = &search.text {
        let part = made.text(&format!("%{}%", accounts::like(&folded(text))));
        all.push(format!("c.title_key LIKE {part} ESCAPE '!'"));
    }
    all.iter().flat_map(|condition| [" AND ", condition.as_str()]).collect()
}

/// Only what comes after the cursor.
fn after(made: &mut Statement, search: &Search) -> String {
    let Some((key, id)) = &search.after else { return String::new() };
    let key = made.place(match key {
        Key::Time(at) => Value::Time(*at),
        Key::Score(score) => Value::Number(*score),
        Key::Duration(ms) => Value::Whole(*ms),
        Key::Title(text) => Value::Text(text.clone()),
    });
    let id = made.place(Value::Id(*id));
    let compared = if search.descending { "<" } else { ">" };
    format!(" AND ({}, c.id) {compared} ({key}, {id})", search.by.key())
}

#[cfg(test)]
mod tests {
    use super::*;
    use db::testing::TestDb;
    use kernel::new_id;
    use sqlx::Row as _;

    /// How the database would find the page: the whole plan in lines.
    async fn plan(db: &Db, Statement { sql, values, .. }: Statement) -> String {
        let lines: Vec<String> = match db {
            Db::Sqlite(sqlite) => {
                let query = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
                let query = db::bound!(query, values);
                query.fetch_all(&sqlite.read).await.unwrap().iter().map(|row| row.get(3)).collect()
            }
            Db::Postgres(pool) => {
                let mut tx = pool.begin().await.unwrap();
                // The table is empty: without this, to read all of it and sort it costs nothing.
                for off in ["enable_seqscan", "enable_sort", "enable_bitmapscan"] {
                    sqlx::query(AssertSqlSafe(format!("SET LOCAL {off} = off"))).execute(&mut *tx).await.unwrap();
                }
                let query = sqlx::query(AssertSqlSafe(format!("EXPLAIN {sql}")));
                let query = db::bound!(query, values);
                query.fetch_all(&mut *tx).await.unwrap().iter().map(|row| row.get(0)).collect()
            }
        };
        lines.join("\n")
    }

    async fn each_order_is_that_of_an_index(db: TestDb) {
        let some = new_id();
        let many: Vec<Uuid> = (0..=FEW).map(|_| new_id()).collect();
        let at = DateTime::from_timestamp_nanos(0);
        for (by, key, index) in [
            (By::StartedAt, Key::Time(at), "calls_happened"),
            (By::ImportedAt, Key::Time(at), "calls_imported"),
            (By::Score, Key::Score(1.0), "calls_score"),
            (By::Duration, Key::Duration(1), "calls_duration"),
            (By::Title, Key::Title(String::new()), "calls_title"),
        ] {
            for (descending, after) in
                [(true, None), (false, None), (true, Some((key.clone(), some))), (false, Some((key, some)))]
            {
                let search = Search { by, descending, after, ..Search::default() };
                let boss = Actor { id: some, role: Role::Manager, session: some };
                for statement in [page(&db, &search, &Scope::All), top(&db, &search, &boss)] {
                    let plan = plan(&db, statement).await;
                    assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{search:?}\n{plan}");
                }
            }
        }
        let usual = Search::default();
        let one = plan(&db, page(&db, &usual, &Scope::Of(vec![some]))).await;
        assert!(one.contains("calls_rep") && !one.contains("TEMP B-TREE"), "{one}");
        let few = plan(&db, page(&db, &usual, &Scope::Of(many[..3].to_vec()))).await;
        assert_eq!(few.matches("calls_rep").count(), 3, "{few}");
        if let Db::Sqlite(_) = &*db {
            let many = plan(&db, page(&db, &usual, &Scope::Of(many))).await;
            assert!(many.contains("calls_happened") && !many.contains("TEMP B-TREE"), "{many}");
        }
    }

    db::on_both!(each_order_is_that_of_an_index);
}
