//! Deal coaching: what is kept of the calls of a deal, for the rules in `domain::coach`.

use crate::domain::coach::{self, Beside, DealCoaching, DealMoment, Dimension, Judged, JudgedCall, KnownFrom};
use crate::domain::facts::Person;
use crate::domain::mail;
use crate::words::{self, OfDeal};
use crate::{DealError, Deals, assess};
use accounts::may_see;
use chrono::{DateTime, Utc};
use coaching::{CheckView, QuoteView, Writing, texts};
use db::{Db, DbError, Statement, Value, on_db};
use kernel::Actor;
use sqlx::types::Json;
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    call_id: Uuid,
    at: DateTime<Utc>,
    call_title: String,
    dimension: String,
    title: String,
    score: Option<f64>,
    #[sqlx(json)]
    checks: Vec<CheckView>,
}

/// The calls of a deal that were judged and that the actor may see, the earliest first. Withheld verdicts are left out.
async fn judged(db: &Db, actor: &Actor, deal: Uuid) -> Result<Vec<JudgedCall>, DbError> {
    let mut made = Statement::default();
    made.place(Value::Id(actor.id));
    let deal = made.place(Value::Id(deal));
    made.sql = format!(
        "SELECT c.id AS call_id, c.happened_at AS at, substr(coalesce(c.title, c.file_name), 1, 300) AS call_title, a.dimension, a.title, \
         a.score, a.checks FROM call_opportunities l JOIN calls c ON c.id = l.call_id \
         JOIN coaching_sessions s ON s.id = c.session_id AND s.call_id = c.id JOIN analyses a ON a.session_id = s.id \
         WHERE {} AND l.opportunity_id = {deal} AND NOT l.removed AND NOT (s.withheld AND s.confirmed_at IS NULL) \
         ORDER BY c.happened_at, c.id, a.position",
        may_see(actor.role, "c.rep_id")
    );
    let rows: Vec<Row> = made.rows(db).await?;
    let mut calls: Vec<JudgedCall> = Vec::new();
    for row in rows {
        let checks = row.checks.iter().filter_map(|check| judgement(&row, check)).collect();
        let dimension = Dimension { id: row.dimension.clone(), title: row.title.clone(), score: row.score, checks };
        match calls.last_mut() {
            Some(call) if call.id == row.call_id => call.dimensions.push(dimension),
            _ => calls.push(JudgedCall { id: row.call_id, at: row.at, dimensions: vec![dimension] }),
        }
    }
    Ok(calls)
}

/// A quote of a call as a moment of its deal.
pub(crate) fn moment(call_id: Uuid, title: &str, at: DateTime<Utc>, quote: &QuoteView) -> DealMoment {
    DealMoment {
        call_id,
        call_title: title.to_owned(),
        at,
        segment_id: quote.segment_id,
        start_ms: quote.start_ms.map(|ms| ms as i64),
        speaker: quote.speaker.clone(),
        quote: quote.quote.clone(),
    }
}

fn judgement(row: &Row, check: &CheckView) -> Option<Judged> {
    let is_met = match &*check.verdict {
        "met" => true,
        "unmet" => false,
        _ => return None,
    };
    Some(Judged {
        id: check.id.clone(),
        name: check.name.clone(),
        is_met,
        advice: check.advice.clone(),
        moments: check.evidence.iter().map(|quote| moment(row.call_id, &row.call_title, row.at, quote)).collect(),
    })
}

/// Who is known of the customer's beside those in calls: the people of the firm by the CRM, and who is in the e-mails.
async fn beside(db: &Db, deal: Uuid) -> Result<Vec<Beside>, DbError> {
    let sql = "SELECT k.name, k.email, k.title FROM opportunities o JOIN crm_contacts k ON k.system = o.system \
         AND k.account_external_id = o.account_external_id WHERE o.id = $1 AND k.name <> '' ORDER BY k.name LIMIT 200";
    let contacts: Vec<(String, Option<String>, Option<String>)> =
        on_db!(db, pool => sqlx::query_as(sql).bind(deal).fetch_all(pool).await?);
    let sql = "SELECT a.domain FROM opportunities o JOIN crm_accounts a ON a.system = o.system AND a.external_id = o.account_external_id \
         WHERE o.id = $1 AND a.domain IS NOT NULL";
    let domain: Option<String> = on_db!(db, pool => sqlx::query_scalar(sql).bind(deal).fetch_optional(pool).await?);
    let sql = "SELECT sender, recipients FROM emails WHERE opportunity_id = $1 ORDER BY sent_at DESC LIMIT 500";
    let emails: Vec<(String, Json<Vec<String>>)> =
        on_db!(db, pool => sqlx::query_as(sql).bind(deal).fetch_all(pool).await?);
    let theirs = |address: &String| match (&domain, mail::firm(address)) {
        (Some(firm), Some(domain)) => mail::belongs(domain, firm),
        _ => false,
    };
    let addresses: BTreeSet<String> =
        emails.into_iter().flat_map(|(sender, Json(to))| std::iter::once(sender).chain(to)).filter(theirs).collect();
    let contact = |(name, email, title)| Beside { person: Person { name, email, title }, from: KnownFrom::Crm };
    let address = |address: String| Beside {
        person: Person { name: address.clone(), email: Some(address), title: None },
        from: KnownFrom::Emails,
    };
    Ok(contacts.into_iter().map(contact).chain(addresses.into_iter().map(address)).collect())
}

/// Which of the calls of a deal the actor may see.
async fn seen(db: &Db, actor: &Actor, deal: Uuid) -> Result<BTreeSet<Uuid>, DbError> {
    let mut made = Statement::default();
    made.place(Value::Id(actor.id));
    let deal = made.place(Value::Id(deal));
    made.sql = format!(
        "SELECT c.id FROM call_opportunities l JOIN calls c ON c.id = l.call_id WHERE {} AND l.opportunity_id = {deal} AND NOT l.removed",
        may_see(actor.role, "c.rep_id")
    );
    let rows: Vec<(Uuid,)> = made.rows(db).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// What the calls of a deal that the actor sees come to, in the program's own words, and which calls these are.
pub(crate) async fn found(deals: &Deals, actor: &Actor, deal: Uuid) -> Result<(DealCoaching, Vec<Uuid>), DealError> {
    let db = &deals.db;
    if !crate::opportunities::sees(db, actor, deal).await? {
        return Err(DealError::Unknown("opportunity"));
    }
    let mut facts = assess::facts(db, deal).await?.ok_or(DealError::Unknown("opportunity"))?;
    let seen = seen(db, actor, deal).await?;
    for call in &mut facts.calls {
        call.is_seen = seen.contains(&call.id);
    }
    let (calls, beside) = (judged(db, actor, deal).await?, beside(db, deal).await?);
    let found = coach::coach(&facts, &calls, &beside, deals.clock.now());
    Ok((found, seen.into_iter().collect()))
}

/// What the calls of a deal come to, in the words of the model that judges where it was asked about exactly this.
///
/// # Errors
/// [`DealError::Unknown`] where the actor does not see the deal.
pub async fn coaching(deals: &Deals, actor: &Actor, deal: Uuid) -> Result<DealCoaching, DealError> {
    let (mut found, calls) = found(deals, actor, deal).await?;
    let matter = words::matter(&found, calls);
    if let Some((worded, written)) = texts::find(&deals.db, &deals.analyst, &OfDeal { actor, deal }, matter).await? {
        if let Some(worded) = worded {
            words::apply(&worded, &mut found.points);
        }
        found.written = Some(written);
    }
    Ok(found)
}

/// Has the model that judges word what the calls of a deal come to, as far as the actor sees them, and keeps its words. Waits at most 90 seconds.
///
/// # Errors
/// [`DealError::Unknown`] where the actor does not see the deal; [`DealError::Conflict`] where no model judges or there is nothing to word. What the
/// model does wrong is none: it is told in the answer.
pub async fn write_coaching(deals: &Deals, actor: &Actor, deal: Uuid) -> Result<Writing, DealError> {
    let (found, calls) = found(deals, actor, deal).await?;
    let (matter, subject) = (words::matter(&found, calls), OfDeal { actor, deal });
    Ok(texts::write(&deals.db, &deals.clock, &deals.analyst, &subject, matter, actor).await?)
}
