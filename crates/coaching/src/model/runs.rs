//! The table `model_runs`: a row for each question and for each answer that was had without one. No word of either is in it.

use chrono::{DateTime, Utc};
use db::{DbError, Tx, on_tx};
use kernel::new_id;
use llm::Usage;
use metrics::counter;
use std::time::Duration;
use uuid::Uuid;

/// What a question was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To judge a dimension.
    Dimension,
    /// To look whether advice was followed already.
    Advice,
    /// To word insights over several calls.
    Insights,
    /// To word what the calls of a deal have in common.
    Deal,
    /// To answer a question over calls.
    Question,
    /// To see whether the service answers.
    Test,
}

impl Purpose {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Dimension => "dimension",
            Self::Advice => "advice",
            Self::Insights => "insights",
            Self::Deal => "deal",
            Self::Question => "question",
            Self::Test => "test",
        }
    }

    /// The one with this name; what is not known is about a dimension.
    pub(super) fn of(name: &str) -> Self {
        [Self::Advice, Self::Test].into_iter().find(|purpose| purpose.as_str() == name).unwrap_or(Self::Dimension)
    }
}

/// One of them.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) at: DateTime<Utc>,
    pub(super) call: Option<Uuid>,
    /// Whose calls it was about, where it was about no single one.
    pub(super) rep: Option<Uuid>,
    pub(super) purpose: Purpose,
    pub(super) dimension: Option<&'a str>,
    pub(super) provider: &'a str,
    pub(super) model: &'a str,
    /// `ok`, `cached` or the kind of what went wrong.
    pub(super) outcome: &'a str,
    pub(super) usage: Usage,
    /// Millionths of a US dollar; `None` where the price is not known.
    pub(super) cost: Option<u64>,
    pub(super) took: Duration,
}

/// Writes one down, and counts it for `/metrics`. A call that is gone meanwhile is left out.
pub(super) async fn write(tx: &mut Tx, run: &Run<'_>) -> Result<(), DbError> {
    count(run);
    let sql = "INSERT INTO model_runs (id, at, call_id, rep_id, purpose, dimension, provider, model, outcome, input_tokens, \
         cache_write_tokens, cache_read_tokens, output_tokens, estimated, cost_micros, took_ms) \
         VALUES ($1, $2, (SELECT id FROM calls WHERE id = $3), coalesce((SELECT rep_id FROM calls WHERE id = $3), $16), $4, $5, $6, $7, $8, $9, $10, \
         $11, $12, $13, $14, $15)";
    let usage = &run.usage;
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(new_id())
        .bind(run.at)
        .bind(run.call)
        .bind(run.purpose.as_str())
        .bind(run.dimension)
        .bind(run.provider)
        .bind(run.model)
        .bind(run.outcome)
        .bind(usage.input as i64)
        .bind((usage.cache_write_5m + usage.cache_write_1h) as i64)
        .bind(usage.cache_read as i64)
        .bind(usage.output as i64)
        .bind(usage.estimated)
        .bind(run.cost.map(|micros| micros as i64))
        .bind(run.took.as_millis() as i64)
        .bind(run.rep)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

fn count(run: &Run<'_>) {
    let (purpose, outcome) = (run.purpose.as_str(), run.outcome.to_owned());
    counter!("sideline_model_questions_total", "purpose" => purpose, "outcome" => outcome).increment(1);
    for (kind, tokens) in [
        ("input", run.usage.input),
        ("cache_write", run.usage.cache_write_5m + run.usage.cache_write_1h),
        ("cache_read", run.usage.cache_read),
        ("output", run.usage.output),
    ] {
        counter!("sideline_model_tokens_total", "kind" => kind).increment(tokens);
    }
    counter!("sideline_model_cost_micros_total").increment(run.cost.unwrap_or_default());
}
