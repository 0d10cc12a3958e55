//! Figures of reps and teams over a period.

use crate::CoachingError;
use crate::figures::{self, Average, Compared, Point, Scope, Total, Totals, of};
use crate::period::Period;
use db::{Db, DbError, on_db};
use kernel::Role;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// A rep, by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct Rep {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
}

/// A rep's figures over a period.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AgentFigures {
    /// Whose.
    pub rep: Rep,
    /// How many calls they have in the period, judged or not.
    pub calls: i64,
    /// How many of them were judged.
    pub judged: i64,
    /// Overall scores.
    pub overall: Average,
    /// Our side's share of the talk.
    pub talk_ratio: Average,
    /// Sentiment of our side.
    pub sentiment: Average,
    /// Sentiment of the customer's side.
    pub customer_sentiment: Average,
    /// Scores by the id of the dimension.
    pub dimensions: BTreeMap<String, Average>,
}

/// By what reps are put in order. Who has no number comes last, either way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// By name.
    Name,
    /// By how many calls they have.
    Calls,
    /// By an average, named as the sums name it: `overall`, `talk_ratio`, `sentiment`, `customer_sentiment`, `dimension:ID`.
    Measure(String),
}

impl FromStr for Order {
    type Err = CoachingError;

    fn from_str(text: &str) -> Result<Self, CoachingError> {
        match text {
            "name" => Ok(Self::Name),
            "calls" => Ok(Self::Calls),
            _ => measure("sort", text).map(Self::Measure),
        }
    }
}

/// A measure as the sums name it, if it is one.
fn measure(field: &'static str, text: &str) -> Result<String, CoachingError> {
    let known = ["overall", "talk_ratio", "sentiment", "customer_sentiment"].contains(&text)
        || text.strip_prefix("dimension:").is_some_and(|id| !id.is_empty());
    if known {
        return Ok(text.to_owned());
    }
    let others = if field == "sort" { "name, calls" } else { "calls" };
    let why = format!("take {others}, overall, talk_ratio, sentiment, customer_sentiment or dimension:ID");
    Err(CoachingError::Field(field, why))
}

/// The figures of each rep: of those who may be seen, everybody who has calls in the period, and the reps who have none. Turned round where
/// `descending`.
///
/// # Errors
/// When the database fails.
pub async fn agents(
    db: &Db,
    scope: &Scope<'_>,
    period: Period,
    order: &Order,
    descending: bool,
) -> Result<Vec<AgentFigures>, CoachingError> {
    let (sums, beside, reps) =
        tokio::try_join!(figures::by_rep(db, scope, period), beside(db, scope, period), reps(db, scope))?;
    let mut waiting: BTreeMap<Uuid, i64> = BTreeMap::new();
    for calls in beside.iter().filter(|calls| !calls.is_in_sums()) {
        if let Some(rep) = calls.rep_id {
            *waiting.entry(rep).or_default() += calls.n;
        }
    }
    let none = Totals::new();
    let mut found = Vec::new();
    for (rep, expected) in reps {
        let totals = sums.get(&rep.id).unwrap_or(&none);
        let calls = of(totals, "calls").n + waiting.get(&rep.id).copied().unwrap_or_default();
        if expected || calls > 0 {
            found.push(agent(rep, calls, totals));
        }
    }
    sort(&mut found, order, descending);
    Ok(found)
}

fn agent(rep: Rep, calls: i64, totals: &Totals) -> AgentFigures {
    let average = |measure| of(totals, measure).average();
    AgentFigures {
        rep,
        calls,
        judged: of(totals, "calls").n,
        overall: average("overall"),
        talk_ratio: average("talk_ratio"),
        sentiment: average("sentiment"),
        customer_sentiment: average("customer_sentiment"),
        dimensions: figures::dimensions(totals).map(|(id, total)| (id.to_owned(), total.average())).collect(),
    }
}

fn sort(found: &mut [AgentFigures], order: &Order, descending: bool) {
    let turn = |order: Ordering| if descending { order.reverse() } else { order };
    let value = |agent: &AgentFigures, measure: &str| match measure {
        "overall" => agent.overall.mean,
        "talk_ratio" => agent.talk_ratio.mean,
        "sentiment" => agent.sentiment.mean,
        "customer_sentiment" => agent.customer_sentiment.mean,
        other => agent.dimensions.get(other.strip_prefix("dimension:")?)?.mean,
    };
    found.sort_by(|a, b| {
        let first = match order {
            Order::Name => turn(a.rep.name.to_lowercase().cmp(&b.rep.name.to_lowercase())),
            Order::Calls => turn(a.calls.cmp(&b.calls)),
            Order::Measure(measure) => match (value(a, measure), value(b, measure)) {
                (Some(a), Some(b)) => turn(a.total_cmp(&b)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            },
        };
        first.then_with(|| (&a.rep.name, a.rep.id).cmp(&(&b.rep.name, b.rep.id)))
    });
}

/// Who is in the scope, and whether they are shown without calls: reps who are active.
async fn reps(db: &Db, scope: &Scope<'_>) -> Result<Vec<(Rep, bool)>, DbError> {
    let condition = scope.condition("u.id");
    let sql = format!("SELECT u.id, u.name, u.role = $4 AND u.active FROM users u WHERE {condition}");
    let (actor, rep, team) = scope.values();
    let rows: Vec<(Uuid, String, bool)> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql))
        .bind(actor)
        .bind(rep)
        .bind(team)
        .bind(Role::Rep.as_str())
        .fetch_all(pool)
        .await?);
    Ok(rows.into_iter().map(|(id, name, expected)| (Rep { id, name }, expected)).collect())
}

/// Calls that are counted one by one: those that are not judged, are to be judged again, or are nobody's. The others are in the sums.
#[derive(sqlx::FromRow)]
struct Beside {
    rep_id: Option<Uuid>,
    status: String,
    /// Whether they were judged, so that the sums have them where they are somebody's.
    judged: bool,
    n: i64,
}

impl Beside {
    fn is_in_sums(&self) -> bool {
        self.judged && self.rep_id.is_some()
    }
}

/// How many calls there are that the sums do not tell. Admins have those of nobody as well.
async fn beside(db: &Db, scope: &Scope<'_>, period: Period) -> Result<Vec<Beside>, DbError> {
    // The condition is word for word that of the index.
    let sql = format!(
        "SELECT c.rep_id, c.status, c.session_id IS NOT NULL AS judged, count(*) AS n FROM calls c \
         WHERE (c.status <> 'analysed' OR c.rep_id IS NULL) AND c.day >= $4 AND c.day <= $5 AND {} \
         GROUP BY c.rep_id, c.status, c.session_id IS NOT NULL",
        scope.condition("c.rep_id")
    );
    let (actor, rep, team) = scope.values();
    Ok(on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql))
        .bind(actor)
        .bind(rep)
        .bind(team)
        .bind(period.since.to_string())
        .bind(period.until.to_string())
        .fetch_all(pool)
        .await?))
}

/// All calls by how far they have come.
fn by_status(judged: i64, beside: &[Beside]) -> BTreeMap<String, i64> {
    let mut found: BTreeMap<String, i64> =
        calls::Status::ALL.iter().map(|status| (status.as_str().to_owned(), 0)).collect();
    let again: i64 = beside.iter().filter(|calls| calls.is_in_sums()).map(|calls| calls.n).sum();
    found.insert(calls::Status::Analysed.as_str().to_owned(), judged - again);
    for calls in beside {
        *found.entry(calls.status.clone()).or_default() += calls.n;
    }
    found
}

/// The figures of a team, or of everybody who may be seen, over a period and compared with the period before.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TeamFigures {
    /// The period.
    pub period: Period,
    /// The one before, as long.
    pub before: Period,
    /// How many calls there are in the period.
    pub calls: i64,
    /// How many there were in the period before.
    pub calls_before: i64,
    /// The calls of the period by how far they have come: `needs_sides`, `queued`, `analysed`, `failed`.
    pub by_status: BTreeMap<String, i64>,
    /// How many reps have calls in the period.
    pub reps: usize,
    /// How many calls of the period were judged.
    pub judged: i64,
    /// Overall scores.
    pub overall: Compared,
    /// Our side's share of the talk.
    pub talk_ratio: Compared,
    /// Sentiment of our side.
    pub sentiment: Compared,
    /// Sentiment of the customer's side.
    pub customer_sentiment: Compared,
    /// Scores by the id of the dimension.
    pub dimensions: BTreeMap<String, Compared>,
}

/// The figures of everybody in the scope together. Each call weighs the same, whosever it is.
///
/// # Errors
/// When the database fails.
pub async fn team(db: &Db, scope: &Scope<'_>, period: Period) -> Result<TeamFigures, CoachingError> {
    let before = period.before();
    let (now, then, beside_now, beside_then) = tokio::try_join!(
        figures::by_rep(db, scope, period),
        figures::by_rep(db, scope, before),
        beside(db, scope, period),
        beside(db, scope, before),
    )?;
    let mut reps: Vec<Uuid> = now.keys().copied().chain(beside_now.iter().filter_map(|calls| calls.rep_id)).collect();
    reps.sort_unstable();
    reps.dedup();
    let (now, then) = (figures::together(now.values()), figures::together(then.values()));
    let compared = |measure: &str| of(&now, measure).compared(of(&then, measure));
    let judged = of(&now, "calls").n;
    let by_status = by_status(judged, &beside_now);
    let waiting_then: i64 = beside_then.iter().filter(|calls| !calls.is_in_sums()).map(|calls| calls.n).sum();
    let mut dimensions: BTreeMap<String, Compared> = BTreeMap::new();
    for (id, _) in figures::dimensions(&now).chain(figures::dimensions(&then)) {
        dimensions.entry(id.to_owned()).or_insert_with(|| compared(&format!("dimension:{id}")));
    }
    Ok(TeamFigures {
        period,
        before,
        calls: by_status.values().sum(),
        calls_before: of(&then, "calls").n + waiting_then,
        by_status,
        reps: reps.len(),
        judged,
        overall: compared("overall"),
        talk_ratio: compared("talk_ratio"),
        sentiment: compared("sentiment"),
        customer_sentiment: compared("customer_sentiment"),
        dimensions,
    })
}

/// How a measure went, week by week.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Trend {
    /// The measure.
    pub measure: String,
    /// The whole weeks that were looked at: those that have a day in the period asked for.
    pub period: Period,
    /// Over how many weeks each point is an average: its own and those before.
    pub span: u64,
    /// One a week, also for weeks without calls.
    pub points: Vec<Point>,
}

/// How a measure of everybody in the scope went: `calls` (how many were judged), `overall`, `talk_ratio`, `sentiment`, `customer_sentiment`, or
/// `dimension:ID`.
///
/// # Errors
/// [`CoachingError::Field`] where it is no measure.
pub async fn trend(
    db: &Db,
    scope: &Scope<'_>,
    period: Period,
    wanted: &str,
    span: u64,
) -> Result<Trend, CoachingError> {
    let counted = wanted == "calls";
    let name = if counted { wanted.to_owned() } else { measure("measure", wanted)? };
    let mut found = figures::by_week(db, scope, period, span - 1, Some(&name)).await?;
    let by_week: BTreeMap<_, Total> = found.remove(&name).unwrap_or_default();
    let mut points = figures::series(&by_week, period, span);
    if counted {
        // A count is certain, however small.
        for point in &mut points {
            point.mean = Some(figures::round(point.n as f64 / span as f64));
        }
    }
    Ok(Trend { measure: name, period: period.whole_weeks(), span, points })
}
