//! The audit trail: what people did with the data, in the table `audit_events`. Rows are only added.
//!
//! No event holds what was said in a call, nor a name out of it: the trail outlives the call.

use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Clock, new_id, part_of_id};
use serde::Serialize;
use sqlx::types::Json;
use std::fmt::Display;
use utoipa::ToSchema;
use uuid::Uuid;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A call came in.
    CallImport,
    /// Somebody said who is on our side in a call.
    CallSides,
    /// Somebody asked for a call to be judged.
    CallAnalyse,
    /// Somebody let scores be told that were withheld.
    ScoresConfirm,
    /// Somebody had a model word insights.
    InsightsWrite,
    /// Somebody had a model word what the calls of a deal come to.
    DealWrite,
    /// Somebody asked a model a question over calls.
    SearchAsk,
    /// A call was deleted with everything of it.
    CallDelete,
    /// Somebody queued a job again.
    JobRetry,
    /// Somebody took a job back.
    JobCancel,
    /// Everything was copied.
    DataBackup,
    /// This installation was made from a copy.
    DataRestore,
    /// Somebody got an account.
    UserAdd,
    /// Somebody's account was changed.
    UserChange,
    /// Somebody's account was removed.
    UserRemove,
    /// Somebody changed their password, or had it set.
    UserPassword,
    /// Somebody was invited.
    UserInvite,
    /// A team was made.
    TeamAdd,
    /// A team was renamed.
    TeamChange,
    /// A team was deleted.
    TeamRemove,
    /// Somebody was put into a team.
    MemberAdd,
    /// Somebody was taken out of a team.
    MemberRemove,
    /// A coach may see a rep's calls.
    AssignmentAdd,
    /// A coach may no longer.
    AssignmentRemove,
    /// Settings were changed.
    SettingsChange,
    /// A rubric was written.
    RubricAdd,
    /// A rubric got another version.
    RubricChange,
    /// A rubric is not offered any more.
    RubricRemove,
    /// A rubric is offered again.
    RubricRestore,
    /// A tracker was written.
    TrackerAdd,
    /// A tracker was changed.
    TrackerChange,
    /// A tracker was deleted.
    TrackerRemove,
    /// A document came into the knowledge base.
    KnowledgeAdd,
    /// A document of the knowledge base got another version.
    KnowledgeChange,
    /// Nothing is held against a document of the knowledge base any more.
    KnowledgeRemove,
    /// A document of the knowledge base is in use again.
    KnowledgeRestore,
    /// Somebody wished for many calls to be judged in batches.
    BackfillBegin,
    /// Somebody ended that.
    BackfillCancel,
    /// A connection was made, through which calls come in.
    ConnectionAdd,
    /// A connection was changed.
    ConnectionChange,
    /// A connection was removed.
    ConnectionRemove,
    /// Somebody asked for the calls of a connection.
    ConnectionSync,
    /// Somebody had a call tried again that did not come in.
    ConnectionRetry,
    /// Somebody said what a call is called, who the customer is or whose it is.
    CallChange,
    /// Deals, e-mails or links came in out of a file.
    DealsImport,
    /// Somebody said that a call belongs to a deal.
    DealLink,
    /// Somebody said that it does not.
    DealUnlink,
    /// Somebody changed what warns of deals.
    DealWarningsChange,
    /// Somebody had the review of a week written.
    ReviewWrite,
    /// Somebody had what is older than it is kept taken away.
    RetentionRun,
}

impl Action {
    /// Name as in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionAdd => "connection.add",
            Self::ConnectionChange => "connection.change",
            Self::ConnectionRemove => "connection.remove",
            Self::ConnectionSync => "connection.sync",
            Self::ConnectionRetry => "connection.retry",
            Self::DealsImport => "deals.import",
            Self::DealLink => "deal.link",
            Self::DealUnlink => "deal.unlink",
            Self::DealWarningsChange => "deal_warnings.change",
            Self::ReviewWrite => "review.write",
            Self::RetentionRun => "retention.run",
            Self::CallImport => "call.import",
            Self::CallSides => "call.sides",
            Self::CallAnalyse => "call.analyse",
            Self::ScoresConfirm => "scores.confirm",
            Self::InsightsWrite => "insights.write",
            Self::DealWrite => "deal.write",
            Self::SearchAsk => "search.ask",
            Self::CallDelete => "call.delete",
            Self::JobRetry => "job.retry",
            Self::JobCancel => "job.cancel",
            Self::DataBackup => "data.backup",
            Self::DataRestore => "data.restore",
            Self::UserAdd => "user.add",
            Self::UserChange => "user.change",
            Self::UserRemove => "user.remove",
            Self::UserPassword => "user.password",
            Self::UserInvite => "user.invite",
            Self::TeamAdd => "team.add",
            Self::TeamChange => "team.change",
            Self::TeamRemove => "team.remove",
            Self::MemberAdd => "member.add",
            Self::MemberRemove => "member.remove",
            Self::AssignmentAdd => "assignment.add",
            Self::AssignmentRemove => "assignment.remove",
            Self::SettingsChange => "settings.change",
            Self::RubricAdd => "rubric.add",
            Self::RubricChange => "rubric.change",
            Self::RubricRemove => "rubric.remove",
            Self::RubricRestore => "rubric.restore",
            Self::TrackerAdd => "tracker.add",
            Self::TrackerChange => "tracker.change",
            Self::TrackerRemove => "tracker.remove",
            Self::BackfillBegin => "backfill.begin",
            Self::BackfillCancel => "backfill.cancel",
            Self::KnowledgeAdd => "knowledge.add",
            Self::KnowledgeChange => "knowledge.change",
            Self::KnowledgeRemove => "knowledge.remove",
            Self::KnowledgeRestore => "knowledge.restore",
            Self::CallChange => "call.change",
        }
    }
}

/// One line of the trail.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, sqlx::FromRow)]
pub struct AuditEvent {
    /// Its id.
    pub id: Uuid,
    /// When it was done.
    pub at: DateTime<Utc>,
    /// Who did it, such as `cli:dana`.
    pub actor: String,
    /// What was done, such as `call.delete`.
    pub action: String,
    /// What it was done to: the id of a call or job, or a folder.
    pub subject: String,
    /// More about it, as JSON.
    #[sqlx(json)]
    pub detail: serde_json::Value,
}

/// Writes down what `actor` does to `subject`, in the transaction that does it.
///
/// # Errors
/// When the database fails.
pub async fn record(
    tx: &mut Tx,
    clock: &Clock,
    actor: &str,
    action: Action,
    subject: impl Display,
    detail: impl Serialize + Sync,
) -> Result<(), DbError> {
    let sql = "INSERT INTO audit_events (id, at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(new_id())
        .bind(clock.now())
        .bind(actor)
        .bind(action.as_str())
        .bind(subject.to_string())
        .bind(Json(&detail))
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

/// Which events are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Those of one call or job: its id, or the last six digits of it, or more.
    pub subject: Option<String>,
    /// Those of one actor.
    pub actor: Option<String>,
    /// Behind the event of this time and id.
    pub after: Option<(DateTime<Utc>, Uuid)>,
    /// Without the first so many.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

const WHERE: &str = "($1 IS NULL OR subject = $1 OR replace(subject, '-', '') LIKE $2) AND ($3 IS NULL OR actor = $3)";

impl Wanted {
    /// The latest ones, of one call or job where it is named.
    pub fn latest(subject: Option<&str>, limit: i64) -> Self {
        Self { subject: subject.map(str::to_owned), limit, ..Self::default() }
    }

    fn end(&self) -> Option<String> {
        self.subject.as_deref().and_then(part_of_id).map(|end| format!("%{end}"))
    }
}

/// The events, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn list(db: &Db, wanted: &Wanted) -> Result<Vec<AuditEvent>, DbError> {
    let sql = format!(
        "SELECT id, at, actor, action, subject, detail FROM audit_events WHERE {WHERE} AND ($4 IS NULL OR (at, id) < ($4, $5)) \
         ORDER BY at DESC, id DESC LIMIT $6 OFFSET $7"
    );
    let (at, id) = wanted.after.unzip();
    Ok(on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(&wanted.subject)
        .bind(wanted.end())
        .bind(&wanted.actor)
        .bind(at)
        .bind(id)
        .bind(wanted.limit)
        .bind(wanted.offset)
        .fetch_all(pool)
        .await?))
}

/// How many there are on all pages.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &Db, wanted: &Wanted) -> Result<i64, DbError> {
    let sql = format!("SELECT count(*) FROM audit_events WHERE {WHERE}");
    Ok(on_db!(db, pool => sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(&wanted.subject)
        .bind(wanted.end())
        .bind(&wanted.actor)
        .fetch_one(pool)
        .await?))
}
