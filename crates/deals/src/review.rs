//! Reviews of a week: made out of the sums, moments and deals that are kept, and kept themselves, so that they tell later what was told then.

use crate::domain::review::{
    self, MOMENTS, Mover, POOR, RISKS, ReviewCalls, ReviewDeal, ReviewDealList, ReviewDeals, ReviewDimension,
    ReviewMetrics, ReviewMoment, ReviewRep, ReviewTeam, WeeklyReview,
};
use crate::domain::warn::Warning;
use crate::{DealError, Deals};
use accounts::audit::{self, Action};
use accounts::may_see;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use coaching::{AgentFigures, Average, Compared, MIN_CALLS, Moment, Order, Period, Rep, Scope, TeamFigures};
use db::{Db, DbError, Statement, Value, on_db, on_tx};
use kernel::{Actor, Role, new_id};
use serde::Serialize;
use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// The scope of reviews of everybody.
const ALL: &str = "all";

/// Nobody is kept from seeing what a review is made of; who reads it is asked for what they may see.
const MAKER: Actor = Actor { id: Uuid::nil(), role: Role::Admin, session: Uuid::nil() };

/// A review as it stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WeeklyReviewHead {
    /// Its id.
    pub id: Uuid,
    /// Whose; null for everybody's.
    pub team: Option<ReviewTeam>,
    /// The Monday of the week.
    pub week: NaiveDate,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

/// Which review is wanted of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Review {
    /// Of this team; `None` for everybody's.
    pub team: Option<Uuid>,
    /// Its Monday.
    pub week: NaiveDate,
    /// Whether it is written anew where there is one.
    pub replace: bool,
}

/// The Monday of the last week that is over where the team is.
pub fn last_week(deals: &Deals) -> NaiveDate {
    let today = deals.clock.now().with_timezone(&deals.zone).date_naive();
    review::monday(today).unwrap_or(today) - Days::new(7)
}

/// Writes the reviews of a week that are not there: everybody's, and that of each team. Returns how many were written.
///
/// # Errors
/// When the database fails; what was written stays.
pub async fn write_reviews(deals: &Deals, week: NaiveDate) -> Result<usize, DealError> {
    let teams = accounts::teams(&deals.db, &MAKER).await?;
    let mut written = 0;
    for team in std::iter::once(None).chain(teams.iter().map(|team| Some(team.id))) {
        let (_, is_new) = write(deals, Review { team, week, replace: false }, None).await?;
        written += usize::from(is_new);
    }
    Ok(written)
}

/// Writes the review that somebody wants, and says so in the audit trail under the name `by`. Returns its id; one that is there stays unless it is to be replaced.
///
/// # Errors
/// [`DealError::Field`] where the week is not over, and [`DealError::Unknown`] where the team is not there or not the actor's to see.
pub async fn write_review(deals: &Deals, actor: &Actor, by: &str, wanted: Review) -> Result<Uuid, DealError> {
    let refused = |field, why: &str| Err(DealError::Field(field, why.to_owned()));
    let Some(week) = review::monday(wanted.week) else {
        return refused("week", "it is a day of the years 1970 to 2999");
    };
    if week > last_week(deals) {
        return refused("week", "that week is not over yet");
    }
    match wanted.team {
        None if actor.role != Role::Admin => {
            return refused("team_id", "name a team of yours; everybody's is for admins");
        }
        Some(team) if accounts::team_of(&deals.db, actor, team).await?.is_none() => {
            return Err(DealError::Unknown("team"));
        }
        _ => {}
    }
    Ok(write(deals, Review { week, ..wanted }, Some(by)).await?.0)
}

/// Writes a review, by the way of `write_review` or of the schedule. Its id, and whether it was written.
async fn write(deals: &Deals, wanted: Review, by: Option<&str>) -> Result<(Uuid, bool), DealError> {
    let scope = wanted.team.map_or_else(|| ALL.to_owned(), |team| team.to_string());
    let week = wanted.week.to_string();
    let kept = kept(&deals.db, &scope, &week).await?;
    if let Some(id) = kept.filter(|_| !wanted.replace) {
        return Ok((id, false));
    }
    let (made, moments) = make(deals, wanted, kept.unwrap_or_else(new_id)).await?;
    let mut tx = deals.db.begin().await?;
    let otherwise = if wanted.replace {
        "UPDATE SET document = excluded.document, created_at = excluded.created_at"
    } else {
        // Another program has written it meanwhile: that one holds.
        "UPDATE SET scope = excluded.scope"
    };
    let sql = format!(
        "INSERT INTO weekly_reviews (id, scope, week, document, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (scope, week) DO {otherwise} RETURNING id"
    );
    let id: Uuid = on_tx!(&mut tx, conn => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(made.id)
        .bind(&scope)
        .bind(&week)
        .bind(Json(&made))
        .bind(made.written_at)
        .fetch_one(conn)
        .await
        .map_err(DbError::from)?);
    if id != made.id && !wanted.replace {
        return Ok((id, false));
    }
    let sql = "DELETE FROM review_moments WHERE review_id = $1";
    on_tx!(&mut tx, conn => sqlx::query(sql).bind(id).execute(conn).await.map_err(DbError::from)?.rows_affected());
    for (position, moment) in moments.iter().enumerate() {
        // A call may have been deleted meanwhile, with its words.
        let sql = "INSERT INTO review_moments (review_id, call_id, position, moment) SELECT $1, c.id, $3, $4 FROM calls c WHERE c.id = $2";
        on_tx!(&mut tx, conn => sqlx::query(sql)
            .bind(id)
            .bind(moment.call_id)
            .bind(position as i64)
            .bind(Json(moment))
            .execute(conn)
            .await
            .map_err(DbError::from)?
            .rows_affected());
    }
    if let Some(by) = by {
        let detail = json!({ "team": wanted.team, "week": wanted.week, "replaced": kept.is_some() });
        audit::record(&mut tx, &deals.clock, by, Action::ReviewWrite, id, detail).await?;
    }
    tx.commit().await?;
    Ok((id, true))
}

async fn kept(db: &Db, scope: &str, week: &str) -> Result<Option<Uuid>, DbError> {
    let sql = "SELECT id FROM weekly_reviews WHERE scope = $1 AND week = $2";
    Ok(on_db!(db, pool => sqlx::query_scalar(sql).bind(scope).bind(week).fetch_optional(pool).await?))
}

/// What the review tells, and the moments of its reps.
async fn make(deals: &Deals, wanted: Review, id: Uuid) -> Result<(WeeklyReview, Vec<ReviewMoment>), DealError> {
    let db = &deals.db;
    let team = match wanted.team {
        None => None,
        Some(team) => Some(accounts::team_of(db, &MAKER, team).await?.ok_or(DealError::Unknown("team"))?),
    };
    let scope = Scope::new(db, &MAKER, None, wanted.team).await?;
    let period = Period { since: wanted.week, until: wanted.week + Days::new(6) };
    let figures = coaching::team(db, &scope, period).await?;
    let reps = coaching::agents(db, &scope, period, &Order::Name, false).await?;
    let then = coaching::agents(db, &scope, period.before(), &Order::Name, false).await?;
    let then: BTreeMap<Uuid, AgentFigures> = then.into_iter().map(|agent| (agent.rep.id, agent)).collect();
    let moments = coaching::moments_of_reps(db, &scope, wanted.week, MOMENTS).await?;
    let names = names(db, period).await?;
    let made = WeeklyReview {
        id,
        team: team.map(|team| ReviewTeam { id: team.id, name: team.name }),
        week: period.since,
        until: period.until,
        written_at: deals.clock.now(),
        calls: ReviewCalls {
            count: figures.calls,
            before: figures.calls_before,
            judged: figures.judged,
            withheld: withheld(db, wanted).await?,
        },
        movers: review::movers(reps.iter().flat_map(|rep| changes(rep, then.get(&rep.rep.id), &names)).collect()),
        metrics: metrics(figures, &names),
        deals: review_deals(deals, wanted).await?,
        reps: reps.into_iter().map(|rep| rep_of(then.get(&rep.rep.id), rep)).collect(),
    };
    Ok((made, moments.into_iter().map(moment).collect()))
}

fn moment(moment: Moment) -> ReviewMoment {
    ReviewMoment {
        rep_id: moment.rep.id,
        call_id: moment.call_id,
        call_title: moment.call_title,
        started_at: moment.started_at,
        kind: moment.kind.to_owned(),
        name: moment.name,
        segment_id: moment.segment_id,
        start_ms: moment.start_ms,
        speaker: moment.speaker,
        quote: moment.quote,
        offset: moment.offset,
        length: moment.length,
        reason: moment.reason,
        advice: moment.advice,
    }
}

/// What is said of a rep who had no calls in a week.
fn nothing() -> Average {
    Average { n: 0, mean: None, note: Some(format!("not enough data: 0 calls, {MIN_CALLS} are needed")) }
}

fn rep_of(then: Option<&AgentFigures>, now: AgentFigures) -> ReviewRep {
    let before = then.map_or_else(nothing, |then| then.overall.clone());
    ReviewRep {
        calls: now.calls,
        before: then.map_or(0, |then| then.calls),
        overall: Compared::of(now.overall, before),
        rep: now.rep,
        moments: Vec::new(),
    }
}

/// The scores of a rep beside those of the week before.
fn changes(now: &AgentFigures, then: Option<&AgentFigures>, names: &BTreeMap<String, String>) -> Vec<Mover> {
    let Some(then) = then else { return Vec::new() };
    let rep = || Rep { id: now.rep.id, name: now.rep.name.clone() };
    let overall = Mover {
        rep: rep(),
        measure: "overall".to_owned(),
        name: "Overall".to_owned(),
        score: Compared::of(now.overall.clone(), then.overall.clone()),
    };
    let dimension = |(id, average): (&String, &Average)| {
        let before = then.dimensions.get(id)?;
        Some(Mover {
            rep: rep(),
            measure: id.clone(),
            name: names.get(id).unwrap_or(id).clone(),
            score: Compared::of(average.clone(), before.clone()),
        })
    };
    std::iter::once(overall).chain(now.dimensions.iter().filter_map(dimension)).collect()
}

fn metrics(figures: TeamFigures, names: &BTreeMap<String, String>) -> ReviewMetrics {
    let dimension =
        |(id, score): (String, Compared)| ReviewDimension { name: names.get(&id).unwrap_or(&id).clone(), id, score };
    ReviewMetrics {
        overall: figures.overall,
        dimensions: figures.dimensions.into_iter().map(dimension).collect(),
        talk_ratio: figures.talk_ratio,
        sentiment: figures.sentiment,
        customer_sentiment: figures.customer_sentiment,
    }
}

/// What dimensions are called, as the calls of these two weeks have it.
async fn names(db: &Db, period: Period) -> Result<BTreeMap<String, String>, DbError> {
    let sql = "SELECT a.dimension, max(a.title) FROM calls c JOIN analyses a ON a.session_id = c.session_id \
         WHERE c.week IN ($1, $2) GROUP BY a.dimension";
    let rows: Vec<(String, String)> = on_db!(db, pool => sqlx::query_as(sql)
        .bind(period.since.to_string())
        .bind(period.before().since.to_string())
        .fetch_all(pool)
        .await?);
    Ok(rows.into_iter().collect())
}

/// A statement that begins as given, of what belongs to a rep in this column: of a team, or all.
fn of_team(begin: &str, team: Option<Uuid>, column: &str) -> Statement {
    let mut made = Statement::default();
    let whose = match team {
        None => "TRUE".to_owned(),
        Some(team) => {
            let team = made.place(Value::Id(team));
            format!("{column} IN (SELECT user_id FROM memberships WHERE team_id = {team})")
        }
    };
    made.sql = format!("{begin} WHERE {whose}");
    made
}

async fn withheld(db: &Db, wanted: Review) -> Result<i64, DbError> {
    let mut made = of_team("SELECT count(*) FROM calls c", wanted.team, "c.rep_id");
    let week = made.text(&wanted.week.to_string());
    made.push(&format!(" AND c.week = {week} AND c.withheld"));
    made.count(db).await
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    account: Option<String>,
    owner_id: Option<Uuid>,
    owner_name: Option<String>,
    stage: String,
    status: crate::Status,
    amount_cents: Option<i64>,
    currency: Option<String>,
    close_date: Option<String>,
    opened_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    health: Option<i64>,
    #[sqlx(json)]
    warnings: Vec<Warning>,
}

const DEAL: &str = "SELECT o.id, o.name, o.account, o.owner_id, coalesce(u.name, o.owner) AS owner_name, o.stage, o.status, o.amount_cents, \
     o.currency, o.close_date, o.opened_at, o.closed_at, o.health, o.warnings FROM opportunities o LEFT JOIN users u ON u.id = o.owner_id";

impl Row {
    fn deal(self, day: Option<NaiveDate>) -> ReviewDeal {
        ReviewDeal {
            id: self.id,
            name: self.name,
            account: self.account,
            owner_id: self.owner_id,
            owner: self.owner_name,
            stage: self.stage,
            amount_cents: self.amount_cents,
            currency: self.currency,
            day,
            health: self.health,
            warnings: self.warnings.into_iter().map(|warning| warning.text).collect(),
        }
    }
}

async fn review_deals(deals: &Deals, wanted: Review) -> Result<ReviewDeals, DbError> {
    let (db, zone, end) = (&deals.db, deals.zone, wanted.week + Days::new(7));
    // A day more on either side: which day a moment is of is decided below.
    let since = coaching::day_begins(wanted.week, zone) - TimeDelta::days(1);
    let until = coaching::day_begins(end, zone) + TimeDelta::days(1);
    let within = |at: Option<DateTime<Utc>>| {
        at.map(|at| review::day_of(at, zone)).filter(|day| (wanted.week..end).contains(day))
    };
    let between = async |column: &str, and: &str| -> Result<Vec<Row>, DbError> {
        let mut made = of_team(DEAL, wanted.team, "o.owner_id");
        let (since, until) = (made.place(Value::Time(since)), made.place(Value::Time(until)));
        made.push(&format!(" AND o.{column} >= {since} AND o.{column} < {until}{and}"));
        made.rows(db).await
    };
    let closed = between("closed_at", " AND o.status <> 'open'").await?;
    let (won, lost): (Vec<Row>, Vec<Row>) = closed.into_iter().partition(|row| row.status == crate::Status::Won);
    let in_week = |rows: Vec<Row>, at: fn(&Row) -> Option<DateTime<Utc>>| {
        review::largest(rows.into_iter().filter_map(|row| within(at(&row)).map(|day| row.deal(Some(day)))).collect())
    };
    let mut risky = of_team(DEAL, wanted.team, "o.owner_id");
    let poor = risky.place(Value::Whole(POOR));
    risky.push(&format!(" AND o.status = 'open' AND (o.health < {poor} OR CAST(o.warnings AS TEXT) <> '[]')"));
    let mut risky: Vec<Row> = risky.rows(db).await?;
    // Of those that nothing is reckoned of it is not known how bad it is.
    risky.sort_by_key(|row| (row.health.unwrap_or(101), std::cmp::Reverse(row.amount_cents), row.id));
    let day = |row: Row| {
        let day = row.close_date.as_deref().and_then(|day| day.parse().ok());
        row.deal(day)
    };
    let risky: Vec<ReviewDeal> = risky.into_iter().map(day).collect();
    let at_risk = ReviewDealList { items: risky.iter().take(RISKS).cloned().collect(), ..review::largest(risky) };
    Ok(ReviewDeals {
        won: in_week(won, |row| row.closed_at),
        lost: in_week(lost, |row| row.closed_at),
        new: in_week(between("opened_at", "").await?, |row| row.opened_at),
        at_risk,
    })
}

/// A statement that begins as given, of the reviews `r` that the actor may see: admins all, managers those of their teams, others none, since a review
/// shows moments of several reps.
async fn readable(db: &Db, actor: &Actor, begin: &str) -> Result<Statement, DbError> {
    let mut made = Statement::default();
    let whose = match actor.role {
        Role::Admin => "TRUE".to_owned(),
        Role::Manager => {
            let teams = accounts::teams(db, actor).await?;
            let all: Vec<String> = teams.iter().map(|team| made.text(&team.id.to_string())).collect();
            if all.is_empty() { "FALSE".to_owned() } else { format!("r.scope IN ({})", all.join(", ")) }
        }
        Role::Coach | Role::Rep => "FALSE".to_owned(),
    };
    made.sql = format!("{begin} WHERE {whose}");
    Ok(made)
}

/// Which reviews are wanted.
#[derive(Debug, Clone, Default)]
pub struct Reviews {
    /// After the one of this week and id.
    pub after: Option<(String, Uuid)>,
    /// Without the first so many.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
    /// Whether all are counted as well.
    pub total: bool,
}

type HeadRow = (Uuid, String, String, DateTime<Utc>, Option<String>);

/// The reviews that the actor may see, the latest week first; and how many there are on all pages if that is asked for.
///
/// # Errors
/// When the database fails.
pub async fn reviews(
    db: &Db,
    actor: &Actor,
    wanted: &Reviews,
) -> Result<(Vec<WeeklyReviewHead>, Option<i64>), DbError> {
    let total = if wanted.total {
        Some(readable(db, actor, "SELECT count(*) FROM weekly_reviews r").await?.count(db).await?)
    } else {
        None
    };
    let team = match db {
        Db::Sqlite(_) => "json_extract(r.document, '$.team.name')",
        Db::Postgres(_) => "r.document #>> '{team,name}'",
    };
    let begin = format!("SELECT r.id, r.scope, r.week, r.created_at, {team} AS team FROM weekly_reviews r");
    let mut made = readable(db, actor, &begin).await?;
    if let Some((week, id)) = &wanted.after {
        let (week, id) = (made.text(week), made.place(Value::Id(*id)));
        made.push(&format!(" AND (r.week, r.id) < ({week}, {id})"));
    }
    made.push(&format!(" ORDER BY r.week DESC, r.id DESC LIMIT {} OFFSET {}", wanted.limit, wanted.offset.max(0)));
    let rows: Vec<HeadRow> = made.rows(db).await?;
    let head = |(id, scope, week, written_at, team): (Uuid, String, String, DateTime<Utc>, Option<String>)| {
        let team = scope.parse().ok().map(|id| ReviewTeam { id, name: team.unwrap_or_default() });
        Some(WeeklyReviewHead { id, team, week: week.parse().ok()?, written_at })
    };
    Ok((rows.into_iter().filter_map(head).collect(), total))
}

/// A review, if the actor may see it: without reps, deals and moments that are not theirs to see by now, and without the moments of calls that were
/// deleted or are withheld.
///
/// # Errors
/// [`DealError::Unknown`] where they may not.
pub async fn review(db: &Db, actor: &Actor, id: Uuid) -> Result<WeeklyReview, DealError> {
    let mut made = readable(db, actor, "SELECT r.document FROM weekly_reviews r").await?;
    let wanted = made.place(Value::Id(id));
    made.push(&format!(" AND r.id = {wanted}"));
    let found: Option<(Json<WeeklyReview>,)> = made.rows(db).await?.pop();
    let (Json(mut review),) = found.ok_or(DealError::Unknown("weekly review"))?;
    let sql = format!("SELECT u.id FROM users u WHERE {}", may_see(actor.role, "u.id"));
    let seen: Vec<Uuid> = on_db!(db, pool => sqlx::query_scalar(AssertSqlSafe(sql)).bind(actor.id).fetch_all(pool).await.map_err(DbError::from)?);
    let seen: BTreeSet<Uuid> = seen.into_iter().collect();
    let everything = actor.role == Role::Admin;
    review.keep(|rep| everything || rep.is_some_and(|rep| seen.contains(&rep)));
    let sql = format!(
        "SELECT m.moment FROM review_moments m JOIN calls c ON c.id = m.call_id WHERE m.review_id = $2 AND NOT c.withheld AND {} \
         ORDER BY m.position",
        may_see(actor.role, "c.rep_id")
    );
    let moments: Vec<Json<ReviewMoment>> = on_db!(db, pool => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(actor.id)
        .bind(id)
        .fetch_all(pool)
        .await
        .map_err(DbError::from)?);
    review.show(moments.into_iter().map(|Json(moment)| moment).collect());
    Ok(review)
}
