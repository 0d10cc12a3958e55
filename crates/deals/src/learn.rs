//! Learning from winners: what won deals have more or less of than lost ones, how a rep stands beside top performers, and moments of both.

mod moments;

use crate::domain::coach::DealMoment;
use crate::domain::learn::{Alike, Closed, Known, alike, for_moments, ordered};
use crate::{DealError, Deals};
use calls::SegmentItem;
use chrono::{DateTime, TimeDelta, Utc};
use coaching::Rep;
use db::{Db, DbError, on_db};
use kernel::{Actor, Role};
use moments::Moments;
use rubric::Rubric;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use uuid::Uuid;
use winners::features::{Feature, Kind, average, features};
use winners::top::{Record, performers};
use winners::{Beside, Comparison, Deal, Group, MIN_DEALS, NotEnough, Side, beside, compare};

/// Days of the period whose closed deals are compared.
const DAYS: i64 = 365;
/// Most deals that are compared, those closed last.
const MOST_DEALS: i64 = 2000;
/// Most reps that are named to learn from.
const MOST_TOP: usize = 20;

/// What is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LearningInsightsOf, example = json!({"rep_id": "0199c0ff-ee00-7000-8000-000000000001", "focus_area": "discovery"}))]
pub struct Wanted {
    /// The rep who is to learn.
    pub rep_id: Uuid,
    /// Id of a dimension of the rubric: its checks alone. All checks and metrics where it is left out.
    #[serde(default)]
    #[schema(max_length = 100, example = "discovery")]
    pub focus_area: Option<String>,
    /// Whom to learn from, in place of those with the best win rate in the earlier half of the period: reps whom I see. Reps name nobody.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub top_performers: Vec<Uuid>,
}

/// Won beside lost deals.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WonAndLost {
    /// Mean of the won deals, each counting once.
    pub won: f64,
    /// Mean of the lost ones.
    pub lost: f64,
    /// `won` less `lost`.
    pub difference: f64,
    /// Lower bound of the 95 % interval of the difference, clustered by rep.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
    /// How often chance alone would show as large a difference, with regard to how many were compared (Benjamini–Hochberg).
    pub q: f64,
    /// Whether it may be called a finding: `q` at most 0.025.
    pub is_found: bool,
}

/// A rep beside top performers.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RepAndTop {
    /// Deals of the rep that have a value, in the later half of the period; a call without a deal counts as one.
    pub own_n: usize,
    /// Their mean; null below five.
    pub own: Option<f64>,
    /// Won deals of top performers that have a value, in the same time.
    pub top_n: usize,
    /// Their mean; null below five.
    pub top: Option<f64>,
    /// `own` less `top`.
    pub difference: Option<f64>,
    /// Lower bound of its 95 % interval; null below thirty on either side.
    pub low: Option<f64>,
    /// Upper bound.
    pub high: Option<f64>,
}

/// A check or a metric.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WinnerFeature {
    /// Id of the check, or field of the metrics.
    #[schema(example = "impact_quantified")]
    pub id: String,
    /// `check` or `metric`.
    #[schema(example = "check")]
    pub kind: &'static str,
    /// What its values count: `share`, `ms`, `count`, `per_min`, `per_30_min`.
    #[schema(example = "share")]
    pub unit: &'static str,
    /// Its name.
    pub label: String,
    /// Id of its dimension; null for metrics.
    pub dimension: Option<String>,
    /// Won deals that have a value.
    pub won_n: usize,
    /// Lost ones.
    pub lost_n: usize,
    /// Won beside lost deals; null where there are not enough.
    pub team: Option<WonAndLost>,
    /// Why there is nothing to tell of won and lost deals.
    pub why: Option<String>,
    /// The rep beside top performers.
    pub beside: RepAndTop,
}

/// A moment, with what was said around it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WinnerMoment {
    /// Whose call it is.
    pub rep: Rep,
    /// Where it is, and its words.
    #[serde(flatten)]
    pub moment: DealMoment,
    /// Whether I may open the call.
    pub may_open: bool,
    /// What was said around it, in order, with the line itself; empty where I may not open the call and the setting `shown_of_others` shows no more
    /// than sentences.
    pub around: Vec<SegmentItem>,
    /// What the check found.
    pub reason: String,
}

/// A moment of a top performer beside one of the rep's.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MomentPair {
    /// The check that both show.
    pub check: String,
    /// Its name.
    pub name: String,
    /// A call of a won deal in which it was met.
    pub winner: WinnerMoment,
    /// The latest call of the rep in which it was not, where there are words that show it.
    pub own: Option<WinnerMoment>,
    /// What to do, as the rep's call has it; empty where there is none.
    pub advice: String,
}

/// What a rep can learn from winners.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LearningInsights {
    /// Who is to learn.
    pub rep: Rep,
    /// The dimension that was asked for.
    pub focus_area: Option<String>,
    /// Deals that closed from this time on: a year ago, or the first of them.
    pub since: DateTime<Utc>,
    /// The middle. Top performers are those with the best win rate before it; the rep and they are compared after it.
    pub split: DateTime<Utc>,
    /// Until now.
    pub until: DateTime<Utc>,
    /// Deals of this product alone; null where there are not enough of one.
    pub product: Option<String>,
    /// Deals with customers of this kind alone; null where there are not enough.
    pub segment: Option<String>,
    /// Won deals of these with a judged call.
    pub won_deals: usize,
    /// Lost ones.
    pub lost_deals: usize,
    /// Whether there are enough to say something of won and lost deals; if not there are examples alone.
    pub is_enough: bool,
    /// From whom to learn.
    pub top_performers: Vec<Rep>,
    /// The checks and metrics: what was found first, then the least chance first. Empty where there is not enough.
    pub features: Vec<WinnerFeature>,
    /// Moments of top performers beside the rep's own.
    pub moments: Vec<MomentPair>,
}

#[derive(sqlx::FromRow)]
struct Row {
    deal: Uuid,
    rep: Uuid,
    won: bool,
    closed_at: DateTime<Utc>,
    product: Option<String>,
    segment: Option<String>,
    #[sqlx(json)]
    features: BTreeMap<String, f64>,
}

/// A closed deal with the values of its calls.
struct ClosedDeal {
    rep: Uuid,
    won: bool,
    closed_at: DateTime<Utc>,
    product: Option<String>,
    segment: Option<String>,
    calls: Vec<Vec<Option<f64>>>,
}

fn values(of: &[Feature], kept: &BTreeMap<String, f64>) -> Vec<Option<f64>> {
    of.iter().map(|feature| kept.get(&format!("{}.{}", feature.kind.as_str(), feature.id)).copied()).collect()
}

/// The deals that closed since a time, with a judged call each.
async fn closed(db: &Db, rubric: &Rubric, of: &[Feature], since: DateTime<Utc>) -> Result<Vec<ClosedDeal>, DbError> {
    let sql = "SELECT d.id AS deal, d.owner_id AS rep, d.status = 'won' AS won, d.closed_at, d.product, d.segment, v.features FROM (\
         SELECT * FROM opportunities o WHERE o.status <> 'open' AND o.closed_at >= $1 AND o.owner_id IS NOT NULL \
         ORDER BY o.closed_at DESC LIMIT $3) AS d JOIN call_opportunities l ON l.opportunity_id = d.id AND NOT l.removed \
         JOIN call_values v ON v.call_id = l.call_id WHERE v.rubric_id = $2 ORDER BY d.id";
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(sql)
        .bind(since)
        .bind(&rubric.id)
        .bind(MOST_DEALS)
        .fetch_all(pool)
        .await?);
    let mut deals: Vec<(Uuid, ClosedDeal)> = Vec::new();
    for row in rows {
        let call = values(of, &row.features);
        match deals.last_mut() {
            Some((id, deal)) if *id == row.deal => deal.calls.push(call),
            _ => {
                let Row { rep, won, closed_at, product, segment, .. } = row;
                deals.push((row.deal, ClosedDeal { rep, won, closed_at, product, segment, calls: vec![call] }));
            }
        }
    }
    Ok(deals.into_iter().map(|(_, deal)| deal).collect())
}

type OwnRow = (Uuid, Option<String>, Json<BTreeMap<String, f64>>);

/// The rep's deals of a kind with calls since a time, as values; where deals of all kinds are meant a call without one stands for itself.
async fn own(
    db: &Db,
    rubric: &Rubric,
    of: &[Feature],
    rep: Uuid,
    since: DateTime<Utc>,
    kind: &Alike,
) -> Result<Vec<Vec<Option<f64>>>, DbError> {
    let sql = "SELECT c.id, (SELECT min(CAST(l.opportunity_id AS TEXT)) FROM call_opportunities l WHERE l.call_id = c.id AND NOT l.removed), v.features \
         FROM calls c JOIN call_values v ON v.call_id = c.id WHERE c.rep_id = $1 AND c.happened_at >= $2 AND v.rubric_id = $3 \
         AND (($4 IS NULL AND $5 IS NULL) OR EXISTS (SELECT 1 FROM call_opportunities l JOIN opportunities o ON o.id = l.opportunity_id \
         WHERE l.call_id = c.id AND NOT l.removed AND ($4 IS NULL OR o.product = $4) AND ($5 IS NULL OR o.segment = $5)))";
    let sql = match db {
        // An id is bytes there; which text they give does not matter.
        Db::Sqlite(_) => sql.replace("CAST(l.opportunity_id AS TEXT)", "hex(l.opportunity_id)"),
        Db::Postgres(_) => sql.to_owned(),
    };
    let rows: Vec<OwnRow> = on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(rep)
            .bind(since)
            .bind(&rubric.id)
            .bind(&kind.product)
            .bind(&kind.segment)
            .fetch_all(pool)
            .await?);
    let mut by_deal: BTreeMap<String, Vec<Vec<Option<f64>>>> = BTreeMap::new();
    for (call, deal, Json(kept)) in rows {
        by_deal.entry(deal.unwrap_or_else(|| call.to_string())).or_default().push(values(of, &kept));
    }
    Ok(by_deal.values().map(|calls| average(calls)).collect())
}

async fn reps(db: &Db, ids: &[Uuid]) -> Result<Vec<Rep>, DbError> {
    let mut found = Vec::new();
    for id in ids {
        let sql = "SELECT name FROM users WHERE id = $1";
        let name: Option<String> = on_db!(db, pool => sqlx::query_scalar(sql).bind(id).fetch_optional(pool).await?);
        found.extend(name.map(|name| Rep { id: *id, name }));
    }
    Ok(found)
}

/// What a rep whom the actor sees can learn from winners.
///
/// # Errors
/// [`DealError::Unknown`] where the actor does not see the rep, or one of those who are named to learn from; [`DealError::Field`] where there is no
/// such dimension, or a rep names somebody.
pub async fn learning_insights(deals: &Deals, actor: &Actor, wanted: &Wanted) -> Result<LearningInsights, DealError> {
    let db = &deals.db;
    if wanted.top_performers.len() > MOST_TOP {
        return Err(DealError::Field("top_performers", format!("name at most {MOST_TOP}")));
    }
    if actor.role == Role::Rep && !wanted.top_performers.is_empty() {
        let why = "whom to learn from is named by who leads or coaches you; leave it out".to_owned();
        return Err(DealError::Field("top_performers", why));
    }
    // Whom one does not see one does not name either: their words would be shown.
    for rep in wanted.top_performers.iter().chain([&wanted.rep_id]) {
        if !accounts::sees(db, actor, *rep).await? {
            return Err(DealError::Unknown("rep"));
        }
    }
    let rep = reps(db, &[wanted.rep_id]).await?.pop().ok_or(DealError::Unknown("rep"))?;
    let rubric = coaching::usual(db, &deals.rubric).await?.ok_or(DealError::Unknown("rubric"))?;
    if let Some(focus) = &wanted.focus_area
        && !rubric.dimensions.iter().any(|dimension| dimension.id == *focus)
    {
        let ids: Vec<&str> = rubric.dimensions.iter().map(|dimension| &*dimension.id).collect();
        return Err(DealError::Field("focus_area", format!("it is one of {}", ids.join(", "))));
    }
    let of = features(&rubric);
    let until = deals.clock.now();
    let all = closed(db, &rubric, &of, until - TimeDelta::days(DAYS)).await?;
    // Of a team that began lately there is nothing before.
    let since = all.iter().map(|deal| deal.closed_at).min().unwrap_or_else(|| until - TimeDelta::days(DAYS));
    let split = since + (until - since) / 2;
    let top = chosen(&all, wanted, split);
    let kind = alike(&all.iter().map(|deal| kind_of(deal, rep.id)).collect::<Vec<_>>(), MIN_DEALS);
    let same: Vec<&ClosedDeal> =
        all.iter().filter(|deal| kind.has(deal.product.as_deref(), deal.segment.as_deref())).collect();
    let own = own(db, &rubric, &of, rep.id, split, &kind).await?;
    let (known, is_enough) = compared(&of, &same, &own, &top, split);
    let dimension_of = |id: &str| {
        let has = |dimension: &&rubric::Dimension| dimension.checks.iter().any(|check| check.id == id);
        rubric.dimensions.iter().find(has).map(|dimension| dimension.id.clone())
    };
    let is_wanted = |place: usize| {
        let feature = &of[place];
        match &wanted.focus_area {
            None => true,
            Some(focus) => feature.kind == Kind::Check && dimension_of(&feature.id).as_ref() == Some(focus),
        }
    };
    let checks = for_moments(&known, |place| of[place].kind == Kind::Check && is_wanted(place));
    let shown = accounts::settings(db).await?.shown_of_others.unwrap_or_default();
    let (focus, named) = (wanted.focus_area.as_deref(), !wanted.top_performers.is_empty());
    let moments = Moments { deals, actor, rep: &rep, top: &top, named, kind: &kind, since, focus, shown };
    let moments = moments.find(&checks.iter().map(|place| &*of[*place].id).collect::<Vec<_>>(), is_enough).await?;
    let told = known.into_iter().filter(|known| is_wanted(known.place) && is_enough);
    let count = |won: bool| same.iter().filter(|deal| deal.won == won).count();
    Ok(LearningInsights {
        rep,
        focus_area: wanted.focus_area.clone(),
        since,
        split,
        until,
        product: kind.product,
        segment: kind.segment,
        won_deals: count(true),
        lost_deals: count(false),
        is_enough,
        top_performers: reps(db, &top).await?,
        features: told.map(|known| tell(&of[known.place], dimension_of(&of[known.place].id), &known)).collect(),
        moments,
    })
}

fn kind_of(deal: &ClosedDeal, rep: Uuid) -> Closed {
    Closed { product: deal.product.clone(), segment: deal.segment.clone(), won: deal.won, own: deal.rep == rep }
}

/// From whom to learn: those who are named, else those with the best win rate before `split`.
fn chosen(all: &[ClosedDeal], wanted: &Wanted, split: DateTime<Utc>) -> Vec<Uuid> {
    if !wanted.top_performers.is_empty() {
        let named: BTreeSet<Uuid> = wanted.top_performers.iter().copied().filter(|id| *id != wanted.rep_id).collect();
        return named.into_iter().collect();
    }
    let ids: Vec<Uuid> = all.iter().map(|deal| deal.rep).collect::<BTreeSet<_>>().into_iter().collect();
    let place = |rep: Uuid| ids.binary_search(&rep).ok();
    let mut records: Vec<Record> = (0..ids.len()).map(|rep| Record { rep, won: 0, closed: 0 }).collect();
    for deal in all.iter().filter(|deal| deal.closed_at < split) {
        if let Some(rep) = place(deal.rep) {
            records[rep].closed += 1;
            records[rep].won += usize::from(deal.won);
        }
    }
    performers(&records, place(wanted.rep_id)).into_iter().map(|rep| ids[rep]).collect()
}

/// All features, compared; and whether won and lost deals can be compared at all.
fn compared(
    of: &[Feature],
    same: &[&ClosedDeal],
    own: &[Vec<Option<f64>>],
    top: &[Uuid],
    split: DateTime<Utc>,
) -> (Vec<Known>, bool) {
    let ids: Vec<Uuid> = same.iter().map(|deal| deal.rep).collect::<BTreeSet<_>>().into_iter().collect();
    let unit = |deal: &&ClosedDeal| Deal {
        rep: ids.binary_search(&deal.rep).unwrap_or_default(),
        won: deal.won,
        values: average(&deal.calls),
    };
    let team = compare(&same.iter().map(unit).collect::<Vec<_>>());
    let is_top = |deal: &&&ClosedDeal| deal.won && deal.closed_at >= split && top.contains(&deal.rep);
    let others: Vec<Vec<Option<f64>>> = same.iter().filter(is_top).map(|deal| average(&deal.calls)).collect();
    let beside = beside(own, &others);
    // Where there is no deal on a side, nothing is told of its features.
    let nobody = Group { n: 0, mean: None };
    let nothing = Beside { own: nobody, others: nobody, difference: None, interval: None };
    let none = Side { deals: 0, reps: 0 };
    let unknown = Comparison { won: none, lost: none, result: Err(NotEnough::Deals { won: 0, lost: 0 }) };
    let known = (0..of.len()).map(|place| Known {
        place,
        team: team.get(place).copied().unwrap_or(unknown),
        beside: beside.get(place).copied().unwrap_or(nothing),
    });
    let known = ordered(known.collect());
    let is_enough = known.iter().any(|known| known.team.result.is_ok());
    (known, is_enough)
}

fn tell(feature: &Feature, dimension: Option<String>, known: &Known) -> WinnerFeature {
    let (team, why) = match &known.team.result {
        Ok(found) => {
            let told = WonAndLost {
                won: found.won,
                lost: found.lost,
                difference: found.difference,
                low: found.low,
                high: found.high,
                q: found.q,
                is_found: found.is_found,
            };
            (Some(told), None)
        }
        Err(why) => (None, Some(why.why())),
    };
    let interval = known.beside.interval;
    WinnerFeature {
        id: feature.id.clone(),
        kind: feature.kind.as_str(),
        unit: feature.unit.as_str(),
        label: feature.label.clone(),
        dimension: dimension.filter(|_| feature.kind == Kind::Check),
        won_n: known.team.won.deals,
        lost_n: known.team.lost.deals,
        team,
        why,
        beside: RepAndTop {
            own_n: known.beside.own.n,
            own: known.beside.own.mean,
            top_n: known.beside.others.n,
            top: known.beside.others.mean,
            difference: known.beside.difference,
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
        },
    }
}
