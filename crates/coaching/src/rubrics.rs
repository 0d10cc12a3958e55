//! Rubrics of this installation: those that are built in, and those that people write here, in versions.

use crate::CoachingError;
use accounts::audit::{self, Action};
use chrono::{DateTime, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Actor, Clock};
use rubric::{Rubric, RubricError, builtin};
use serde::Serialize;
use serde_json::json;
use sqlx::types::Json;
use std::sync::LazyLock;
use utoipa::ToSchema;
use uuid::Uuid;

/// Read once: a file of YAML takes as long as a short call.
static BUILTIN: LazyLock<Vec<Rubric>> = LazyLock::new(builtin);

/// Longest id.
const ID: usize = 64;
/// What [`is_id`] asks for, in words.
pub(crate) const ID_RULE: &str = "1 to 64 lower-case letters, digits and underscores";

/// Whether a rubric or a tracker can have this id.
pub(crate) fn is_id(id: &str) -> bool {
    let may_stand = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (1..=ID).contains(&id.len()) && id.chars().all(may_stand)
}

/// Highest version; the column takes more, people do not.
const VERSIONS: u32 = 1_000_000;

/// Who wrote a rubric or a tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// It is built in, and cannot be changed.
    Builtin,
    /// People of this installation.
    Own,
}

/// A version of a rubric.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct KeptRubric {
    /// Its id.
    pub id: String,
    /// The version.
    pub version: u32,
    /// Its name.
    pub name: String,
    /// What kind of call it is for.
    pub description: String,
    /// Who wrote it.
    pub source: Source,
    /// When this version was written; of a built-in one, when it first judged a call.
    pub created_at: Option<DateTime<Utc>>,
    /// Who wrote this version.
    pub created_by: Option<Uuid>,
    /// Since when it is not offered any more. Calls that it has judged keep it.
    pub retired_at: Option<DateTime<Utc>>,
    /// Dimensions and checks, as in a rubric file.
    #[schema(value_type = Object)]
    pub document: Rubric,
}

#[derive(sqlx::FromRow)]
struct Row {
    source: String,
    created_at: DateTime<Utc>,
    created_by: Option<Uuid>,
    retired_at: Option<DateTime<Utc>>,
    #[sqlx(json)]
    document: Rubric,
}

const COLUMNS: &str = "source, created_at, created_by, retired_at, document";

impl From<Row> for KeptRubric {
    fn from(row: Row) -> Self {
        let source = if row.source == "own" { Source::Own } else { Source::Builtin };
        Self {
            created_at: Some(row.created_at),
            created_by: row.created_by,
            retired_at: row.retired_at,
            ..Self::of(row.document, source)
        }
    }
}

impl KeptRubric {
    fn of(document: Rubric, source: Source) -> Self {
        let (created_at, created_by, retired_at) = (None, None, None);
        Self {
            id: document.id.clone(),
            version: document.version,
            name: document.name.clone(),
            description: document.description.clone(),
            source,
            created_at,
            created_by,
            retired_at,
            document,
        }
    }
}

/// The built-in rubric with this id.
fn built_in(id: &str) -> Option<&'static Rubric> {
    BUILTIN.iter().find(|rubric| rubric.id == id)
}

/// The latest version of each rubric that is offered: the built-in ones, then the others by id, with `retired` also those that were retired.
///
/// # Errors
/// When the database fails.
pub async fn rubrics(db: &Db, retired: bool) -> Result<Vec<KeptRubric>, CoachingError> {
    let offered = if retired { "" } else { "AND retired_at IS NULL" };
    let sql = format!(
        "SELECT {COLUMNS} FROM rubrics r WHERE source = 'own' {offered} \
         AND version = (SELECT max(version) FROM rubrics n WHERE n.id = r.id) ORDER BY id"
    );
    let own: Vec<Row> =
        on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await.map_err(DbError::from)?);
    let known = BUILTIN.iter().map(|rubric| KeptRubric::of(rubric.clone(), Source::Builtin));
    Ok(known.chain(own.into_iter().map(KeptRubric::from)).collect())
}

/// A version of a rubric, retired ones as well; the latest where none is named.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is none.
pub async fn rubric_version(db: &Db, id: &str, version: Option<u32>) -> Result<KeptRubric, CoachingError> {
    if let Some(known) = built_in(id).filter(|known| version.is_none_or(|version| version == known.version)) {
        return Ok(KeptRubric::of(known.clone(), Source::Builtin));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM rubrics WHERE id = $1 AND (CAST($2 AS BIGINT) IS NULL OR version = $2) ORDER BY version DESC LIMIT 1"
    );
    let row: Option<Row> = on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .bind(version.map(i64::from))
        .fetch_optional(pool)
        .await
        .map_err(DbError::from)?);
    row.map(KeptRubric::from).ok_or(CoachingError::Unknown("rubric"))
}

/// All versions of a rubric, the latest first.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is none.
pub async fn rubric_versions(db: &Db, id: &str) -> Result<Vec<KeptRubric>, CoachingError> {
    let sql = format!("SELECT {COLUMNS} FROM rubrics WHERE id = $1 ORDER BY version DESC");
    let rows: Vec<Row> = on_db!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .fetch_all(pool)
        .await
        .map_err(DbError::from)?);
    let mut found: Vec<KeptRubric> = rows.into_iter().map(KeptRubric::from).collect();
    if let Some(known) = built_in(id)
        && !found.iter().any(|kept| kept.version == known.version)
    {
        found.push(KeptRubric::of(known.clone(), Source::Builtin));
        found.sort_by_key(|kept| std::cmp::Reverse(kept.version));
    }
    if found.is_empty() { Err(CoachingError::Unknown("rubric")) } else { Ok(found) }
}

/// The rubric with this id by which calls are judged now: the built-in one, or the latest version of one that is not retired.
///
/// # Errors
/// When the database fails.
pub async fn offered(db: &Db, id: &str) -> Result<Option<Rubric>, DbError> {
    if let Some(known) = built_in(id) {
        return Ok(Some(known.clone()));
    }
    let sql = "SELECT document FROM rubrics WHERE id = $1 AND source = 'own' AND retired_at IS NULL ORDER BY version DESC LIMIT 1";
    let found: Option<Json<Rubric>> = on_db!(db, pool => sqlx::query_scalar(sql).bind(id).fetch_optional(pool).await?);
    Ok(found.map(|Json(rubric)| rubric))
}

/// The rubric by which a call is judged where nobody names one: what the settings say, else `usual`, with which the program was started.
///
/// # Errors
/// When the database fails.
pub async fn usual(db: &Db, usual: &str) -> Result<Option<Rubric>, DbError> {
    // One that was retired after it was set is as good as not set.
    if let Some(set) = accounts::settings(db).await?.rubric
        && let Some(rubric) = offered(db, &set).await?
    {
        return Ok(Some(rubric));
    }
    offered(db, usual).await
}

/// Reads a rubric document, JSON or YAML.
///
/// # Errors
/// [`CoachingError::Field`] with the line and the key that is wrong.
pub fn read_rubric(text: &str, is_json: bool) -> Result<Rubric, CoachingError> {
    let wrong = |why: String| CoachingError::Field("document", why);
    let rubric = if is_json {
        let rubric: Rubric = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        // The rules are those of the file. The lines of this text are not the client's, so that only what is wrong is told: it names the key.
        let text = serde_json::to_string_pretty(&rubric).map_err(|error| wrong(error.to_string()))?;
        Rubric::from_yaml(&text).map_err(|error| match error {
            RubricError::Rule { message, .. } => wrong(message),
            RubricError::Yaml(message) => wrong(first_line(&message)),
        })?
    } else {
        Rubric::from_yaml(text).map_err(|error| wrong(first_line(&error.to_string())))?
    };
    if !is_id(&rubric.id) {
        return Err(wrong(format!("`id: {}` must be {ID_RULE}", rubric.id)));
    }
    if !(1..=VERSIONS).contains(&rubric.version) {
        return Err(wrong(format!("`version: {}` must be 1 to {VERSIONS}", rubric.version)));
    }
    if rubric.name.trim().is_empty() {
        return Err(wrong("`name` is empty".to_owned()));
    }
    Ok(rubric)
}

/// What says everything; the reader of YAML shows the place in further lines.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// Keeps a new rubric.
///
/// # Errors
/// [`CoachingError::Conflict`] where the id is taken, also by one that was removed: calls may rest on it.
pub async fn add_rubric(db: &Db, clock: &Clock, actor: &Actor, rubric: Rubric) -> Result<KeptRubric, CoachingError> {
    if built_in(&rubric.id).is_some() {
        return Err(CoachingError::Conflict(format!("`{}` is built in; take another id", rubric.id)));
    }
    let mut tx = db.begin().await?;
    if latest(&mut tx, &rubric.id).await?.is_some() {
        let why = format!("there is a rubric `{}`, or was one; take another id, or PUT its next version", rubric.id);
        return Err(CoachingError::Conflict(why));
    }
    insert(&mut tx, clock, actor, &rubric).await?;
    done(db, clock, tx, actor, Action::RubricAdd, rubric).await
}

/// Keeps the next version of a rubric. Later analyses are by it; calls that were judged keep the version that judged them.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is no such rubric (any more), [`CoachingError::Conflict`] where it is built in or the version is not the
/// next one, [`CoachingError::Field`] where the document has another id.
pub async fn change_rubric(
    db: &Db,
    clock: &Clock,
    actor: &Actor,
    id: &str,
    rubric: Rubric,
) -> Result<KeptRubric, CoachingError> {
    refuse_built_in(id)?;
    let mut tx = db.begin().await?;
    let Some((version, false)) = latest(&mut tx, id).await? else { return Err(CoachingError::Unknown("rubric")) };
    if rubric.id != id {
        return Err(CoachingError::Field("document", format!("`id: {}` is not `{id}`", rubric.id)));
    }
    let next = version + 1;
    if i64::from(rubric.version) != next {
        let why =
            format!("the next version is {next}, not {}; somebody may have written one meanwhile", rubric.version);
        return Err(CoachingError::Conflict(why));
    }
    insert(&mut tx, clock, actor, &rubric).await?;
    done(db, clock, tx, actor, Action::RubricChange, rubric).await
}

/// Retires a rubric: it is not offered any more and judges no more calls. Those that it has judged keep it.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is no such rubric (any more), [`CoachingError::Conflict`] where it is built in.
pub async fn retire_rubric(db: &Db, clock: &Clock, actor: &Actor, id: &str) -> Result<(), CoachingError> {
    refuse_built_in(id)?;
    let mut tx = db.begin().await?;
    let sql = "UPDATE rubrics SET retired_at = $1 WHERE id = $2 AND source = 'own' AND retired_at IS NULL";
    let rows = on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(clock.now())
        .bind(id)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows == 0 {
        return Err(CoachingError::Unknown("rubric"));
    }
    audit::record(&mut tx, clock, &actor.trail(), Action::RubricRemove, id, json!({})).await?;
    Ok(tx.commit().await?)
}

/// Takes a retired rubric back into use, with all its versions.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is no such rubric, [`CoachingError::Conflict`] where it is built in or not retired.
pub async fn restore_rubric(db: &Db, clock: &Clock, actor: &Actor, id: &str) -> Result<KeptRubric, CoachingError> {
    refuse_built_in(id)?;
    let mut tx = db.begin().await?;
    let sql = "UPDATE rubrics SET retired_at = NULL WHERE id = $1 AND source = 'own' AND retired_at IS NOT NULL";
    let rows = on_tx!(&mut tx, conn => sqlx::query(sql)
        .bind(id)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows == 0 {
        return Err(match latest(&mut tx, id).await? {
            Some((_, false)) => CoachingError::Conflict(format!("`{id}` is in use")),
            _ => CoachingError::Unknown("rubric"),
        });
    }
    audit::record(&mut tx, clock, &actor.trail(), Action::RubricRestore, id, json!({})).await?;
    tx.commit().await?;
    rubric_version(db, id, None).await
}

fn refuse_built_in(id: &str) -> Result<(), CoachingError> {
    match built_in(id) {
        None => Ok(()),
        Some(_) => {
            Err(CoachingError::Conflict(format!("`{id}` is built in; keep a copy under another id and change that")))
        }
    }
}

/// The latest version, and whether it is retired. A row that a built-in rubric of another age left is taken as retired.
async fn latest(tx: &mut Tx, id: &str) -> Result<Option<(i64, bool)>, DbError> {
    let sql = "SELECT CAST(version AS BIGINT), source <> 'own' OR retired_at IS NOT NULL FROM rubrics WHERE id = $1 \
         ORDER BY version DESC LIMIT 1";
    Ok(on_tx!(tx, conn => sqlx::query_as(sql).bind(id).fetch_optional(conn).await?))
}

async fn insert(tx: &mut Tx, clock: &Clock, actor: &Actor, rubric: &Rubric) -> Result<(), CoachingError> {
    let sql = "INSERT INTO rubrics (id, version, name, document, created_at, source, created_by) \
         VALUES ($1, $2, $3, $4, $5, 'own', $6) ON CONFLICT DO NOTHING";
    let rows = on_tx!(tx, conn => sqlx::query(sql)
        .bind(&rubric.id)
        .bind(rubric.version as i32)
        .bind(&rubric.name)
        .bind(Json(rubric))
        .bind(clock.now())
        .bind(actor.id)
        .execute(conn)
        .await
        .map_err(DbError::from)?
        .rows_affected());
    if rows == 0 {
        return Err(CoachingError::Conflict("somebody else wrote this version meanwhile".to_owned()));
    }
    Ok(())
}

async fn done(
    db: &Db,
    clock: &Clock,
    mut tx: Tx,
    actor: &Actor,
    action: Action,
    rubric: Rubric,
) -> Result<KeptRubric, CoachingError> {
    let detail = json!({ "version": rubric.version });
    audit::record(&mut tx, clock, &actor.trail(), action, &rubric.id, detail).await?;
    tx.commit().await?;
    rubric_version(db, &rubric.id, Some(rubric.version)).await
}
