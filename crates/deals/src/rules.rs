//! The table `deal_warnings`: what warns of a deal, as admins set it.

use crate::domain::warn::{self, Rule, WarningKind};
use crate::{DealError, Deals};
use accounts::audit::{self, Action};
use db::{Db, DbError, on_db, on_tx};
use kernel::Actor;
use serde_json::json;

/// The rules by which deals are warned of.
///
/// # Errors
/// When the database fails.
pub async fn rules(db: &Db) -> Result<Vec<Rule>, DbError> {
    let sql = "SELECT kind, enabled, threshold FROM deal_warnings";
    let set: Vec<(String, bool, i64)> = on_db!(db, pool => sqlx::query_as(sql).fetch_all(pool).await?);
    let of = |rule: Rule| match set.iter().find(|(kind, ..)| kind == rule.kind.as_str()) {
        Some((_, enabled, threshold)) => Rule { enabled: *enabled, threshold: *threshold, ..rule },
        None => rule,
    };
    Ok(warn::usual().into_iter().map(of).collect())
}

/// Changes rules; all open deals are reckoned anew by them.
///
/// # Errors
/// [`DealError::Field`] where a threshold cannot be.
pub async fn change_rules(deals: &Deals, actor: &Actor, changes: &[(WarningKind, bool, i64)]) -> Result<(), DealError> {
    for (kind, _, threshold) in changes {
        let Rule { bounds: (least, most), unit, .. } = kind.usual();
        if !(least..=most).contains(threshold) {
            return Err(DealError::Field("threshold", format!("{}: from {least} to {most} {unit}", kind.as_str())));
        }
    }
    let now = deals.clock.now();
    let mut tx = deals.db.begin().await?;
    for (kind, enabled, threshold) in changes {
        let sql = "INSERT INTO deal_warnings (kind, enabled, threshold, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (kind) DO UPDATE SET enabled = excluded.enabled, threshold = excluded.threshold, updated_at = excluded.updated_at, \
             updated_by = excluded.updated_by";
        on_tx!(&mut tx, conn => sqlx::query(sql)
            .bind(kind)
            .bind(enabled)
            .bind(threshold)
            .bind(now)
            .bind(actor.id)
            .execute(conn)
            .await
            .map_err(DbError::from)?
            .rows_affected());
    }
    let sql = "UPDATE opportunities SET assessed_at = NULL WHERE status = 'open'";
    on_tx!(&mut tx, conn => sqlx::query(sql).execute(conn).await.map_err(DbError::from)?.rows_affected());
    let told: Vec<_> = changes
        .iter()
        .map(|(kind, enabled, threshold)| json!({ "kind": kind, "enabled": enabled, "threshold": threshold }))
        .collect();
    audit::record(&mut tx, &deals.clock, &actor.trail(), Action::DealWarningsChange, "deal_warnings", told).await?;
    tx.commit().await?;
    Ok(())
}
