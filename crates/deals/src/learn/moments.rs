//! Moments of winners beside a rep's own.

use super::{MomentPair, WinnerMoment};
use crate::domain::learn::Alike;
use crate::{DealError, Deals, coach};
use accounts::ShownOfOthers;
use calls::Stretch;
use chrono::{DateTime, Utc};
use coaching::{CheckView, QuoteView, Rep};
use db::{DbError, on_db};
use kernel::Actor;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Calls that are looked through for moments, the latest.
const MOST_CALLS: i64 = 150;
/// Most moments.
const MOMENTS: usize = 3;
/// Score of a dimension from which on a call of a won deal is an example.
const EXAMPLE: f64 = 80.0;
/// Lines that are shown before that of a moment, and after it.
const AROUND: (i32, i32) = (3, 4);
/// The dimension whose examples are shown where nobody names one.
const USUAL_FOCUS: &str = "product_knowledge";

/// Looks for moments.
pub(super) struct Moments<'a> {
    pub(super) deals: &'a Deals,
    pub(super) actor: &'a Actor,
    pub(super) rep: &'a Rep,
    pub(super) top: &'a [Uuid],
    /// Whether somebody said who these are.
    pub(super) named: bool,
    pub(super) kind: &'a Alike,
    pub(super) since: DateTime<Utc>,
    pub(super) focus: Option<&'a str>,
    pub(super) shown: ShownOfOthers,
}

#[derive(sqlx::FromRow)]
struct Judged {
    call_id: Uuid,
    at: DateTime<Utc>,
    call_title: String,
    rep_id: Uuid,
    rep_name: String,
    dimension: String,
    score: Option<f64>,
    #[sqlx(json)]
    checks: Vec<CheckView>,
}

const JUDGED: &str = "SELECT c.id AS call_id, c.happened_at AS at, substr(coalesce(c.title, c.file_name), 1, 300) AS call_title, c.rep_id, \
     u.name AS rep_name, a.dimension, a.score, a.checks FROM (SELECT c.* FROM calls c JOIN coaching_sessions s ON s.id = c.session_id \
     AND s.call_id = c.id WHERE NOT (s.withheld AND s.confirmed_at IS NULL)";

impl Moments<'_> {
    /// The latest calls of won deals of these reps, or of anybody but the rep where nobody is named and there are none.
    async fn of_winners(&self) -> Result<Vec<Judged>, DbError> {
        let won = "EXISTS (SELECT 1 FROM call_opportunities l JOIN opportunities o ON o.id = l.opportunity_id WHERE l.call_id = c.id \
             AND NOT l.removed AND o.status = 'won' AND o.closed_at >= $2 AND ($4 IS NULL OR o.product = $4) AND ($5 IS NULL OR o.segment = $5))";
        let mut found = Vec::new();
        let sql = format!(
            "{JUDGED} AND c.rep_id = $1 AND {won} ORDER BY c.happened_at DESC LIMIT $3) AS c JOIN users u ON u.id = c.rep_id \
             JOIN analyses a ON a.session_id = c.session_id ORDER BY c.happened_at DESC, c.id, a.position"
        );
        for rep in self.top {
            let rows: Vec<Judged> = on_db!(&self.deals.db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql.clone()))
                .bind(rep)
                .bind(self.since)
                .bind(MOST_CALLS / self.top.len() as i64)
                .bind(&self.kind.product)
                .bind(&self.kind.segment)
                .fetch_all(pool)
                .await?);
            found.extend(rows);
        }
        if !found.is_empty() || self.named {
            return Ok(found);
        }
        let sql = format!(
            "{JUDGED} AND c.rep_id <> $1 AND {won} ORDER BY c.happened_at DESC LIMIT $3) AS c JOIN users u ON u.id = c.rep_id \
             JOIN analyses a ON a.session_id = c.session_id ORDER BY c.happened_at DESC, c.id, a.position"
        );
        Ok(on_db!(&self.deals.db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(self.rep.id)
            .bind(self.since)
            .bind(MOST_CALLS)
            .bind(&self.kind.product)
            .bind(&self.kind.segment)
            .fetch_all(pool)
            .await?))
    }

    /// The latest calls of the rep.
    async fn of_rep(&self) -> Result<Vec<Judged>, DbError> {
        let sql = format!(
            "{JUDGED} AND c.rep_id = $1 ORDER BY c.happened_at DESC LIMIT $2) AS c JOIN users u ON u.id = c.rep_id \
             JOIN analyses a ON a.session_id = c.session_id ORDER BY c.happened_at DESC, c.id, a.position"
        );
        Ok(on_db!(&self.deals.db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(self.rep.id)
            .bind(MOST_CALLS / 3)
            .fetch_all(pool)
            .await?))
    }

    /// Moments for the first of these checks that have some. Where there is not enough to compare, examples alone: out of calls whose dimension is good.
    pub(super) async fn find(&self, checks: &[&str], is_enough: bool) -> Result<Vec<MomentPair>, DealError> {
        let (mut winners, own) = (self.of_winners().await?, self.of_rep().await?);
        if self.shown == ShownOfOthers::Nothing {
            let mut seen = BTreeSet::new();
            for call in winners.iter().map(|row| row.call_id).collect::<BTreeSet<_>>() {
                if calls::events::sees(&self.deals.db, self.actor, call).await? {
                    seen.insert(call);
                }
            }
            winners.retain(|row| seen.contains(&row.call_id));
        }
        if !is_enough {
            let focus = self.focus.unwrap_or(USUAL_FOCUS);
            let good: BTreeSet<Uuid> = winners
                .iter()
                .filter(|row| row.dimension == focus && row.score.is_some_and(|score| score > EXAMPLE))
                .map(|row| row.call_id)
                .collect();
            winners.retain(|row| good.contains(&row.call_id));
        }
        let mut found = Vec::new();
        let mut used = BTreeSet::new();
        for check in checks {
            let shows =
                |rows: &'_ [Judged], verdict: &str, used: &BTreeSet<Uuid>| -> Option<(usize, CheckView, QuoteView)> {
                    let fresh = rows.iter().enumerate().filter(|(_, row)| !used.contains(&row.call_id));
                    fresh.into_iter().find_map(|(place, row)| {
                        let found = row.checks.iter().find(|known| known.id == *check && known.verdict == verdict)?;
                        Some((place, found.clone(), found.evidence.first()?.clone()))
                    })
                };
            let Some((place, view, quote)) = shows(&winners, "met", &used) else { continue };
            // Each moment out of another call, as far as there are some.
            used.insert(winners[place].call_id);
            let winner = self.moment(&winners[place], &view, &quote).await?;
            let (own, advice) = match shows(&own, "unmet", &BTreeSet::new()) {
                Some((place, view, quote)) => {
                    (Some(self.moment(&own[place], &view, &quote).await?), view.advice.clone())
                }
                None => (None, String::new()),
            };
            found.push(MomentPair { check: (*check).to_owned(), name: view.name.clone(), winner, own, advice });
            if found.len() == MOMENTS {
                break;
            }
        }
        Ok(found)
    }

    async fn moment(&self, row: &Judged, check: &CheckView, quote: &QuoteView) -> Result<WinnerMoment, DbError> {
        let may_open = calls::events::sees(&self.deals.db, self.actor, row.call_id).await?;
        let around = if may_open || self.shown == ShownOfOthers::Passages {
            let line = quote.segment_id as i32;
            let after = (line - AROUND.0 - 1).max(0);
            let wanted = Stretch { after, limit: i64::from(line + AROUND.1 - after), ..Stretch::default() };
            calls::segments(&self.deals.db, row.call_id, wanted, false).await?.0
        } else {
            Vec::new()
        };
        Ok(WinnerMoment {
            rep: Rep { id: row.rep_id, name: row.rep_name.clone() },
            moment: coach::moment(row.call_id, &row.call_title, row.at, quote),
            may_open,
            around,
            reason: check.reason.clone(),
        })
    }
}
