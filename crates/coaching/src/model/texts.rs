//! Texts that a model words where a person asks for it, whatever they are about: what it is asked, what that costs, and where its words are kept. It
//! is given what is stored; its words are shown where its numbers, quotes and moments were given, and only as long as all of that is as it was.

use super::kept::ModelFailure;
use super::room::COUNTED_MORE;
use super::runs::{self, Purpose, Run};
use super::{Analyst, Model, budget, results, usual_context};
use crate::{CoachingError, store};
use accounts::audit::{self, Action};
use calls::CallError;
use chrono::{DateTime, Utc};
use db::{Db, DbError, Statement, Tx, Value, bound, on_db, on_tx, sqlx};
use kernel::{Actor, Clock};
use llm::{LlmError, Message, Part, Reply, Request, Schema, Stop, Usage};
use rubric::model::insights::{self, Material, Worded};
use serde::Serialize;
use serde_json::json;
use sqlx::AssertSqlSafe;
use std::fmt::Debug;
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

/// Tokens of everything that is sent, whatever the number of calls.
const MOST_TOKENS: usize = 6_000;
/// How long an answer is waited for: somebody looks at the page.
const PATIENCE: Duration = Duration::from_secs(90);

/// That something was worded by a model.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Written {
    /// The model, as its service names it.
    #[schema(example = "claude-sonnet-5-5")]
    pub model: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What it cost, in millionths of a US dollar; null where the price is not known.
    #[schema(example = 9_120)]
    pub cost_micros: Option<u64>,
    /// Ids in its answer that it was not given.
    pub dropped: u32,
    /// Sentences that are shown as the program says them, because its own held numbers, names or quotes that it was not given, or there
    /// were none.
    pub replaced: u32,
    /// What it rests on has changed since: the words shown are the program's.
    pub stale: bool,
}

/// What became of asking a model for words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Writing {
    /// Whether something was asked; not where the words are there already.
    pub asked: bool,
    /// Why there are no words of the model; null where there are.
    pub failure: Option<ModelFailure>,
}

/// What a text is about, and where those of its kind are kept: a table of texts and one of the calls that they rest on.
pub trait Subject: Debug + Send + Sync {
    /// The table of texts, with the columns `key`, `model`, `words`, `cost_micros` and `created_at`.
    const TEXTS: &'static str;
    /// The table that names by `text_key` and `call_id` what a text rests on.
    const CALLS: &'static str;
    /// What it is for, in the books.
    const PURPOSE: Purpose;
    /// Why nothing can be asked where there is nothing to word.
    const NOTHING: &'static str;
    /// Tokens of the longest answer.
    const MOST_ANSWER: u32;

    /// What stands in columns of its own.
    fn columns(&self) -> Vec<(&'static str, Value)>;
    /// In SQL, which texts `t` a new one takes the place of.
    fn replaced(&self, made: &mut Statement) -> String;
    /// Adds the condition under which an older text `t` is told of. What is bound as `$1` is its first value.
    fn told(&self, made: &mut Statement) -> String {
        self.replaced(made)
    }
    /// In SQL, whether what it is about is still there.
    fn stands(&self, _made: &mut Statement) -> String {
        "1 = 1".to_owned()
    }
    /// The rep whose calls it is about, where these are one rep's.
    fn rep(&self) -> Option<Uuid> {
        None
    }
    /// How it stands in the audit trail: what was done, to what, and what else is told of it.
    fn trail(&self) -> (Action, Uuid, serde_json::Value);
}

/// What is to be worded, and all that it rests on.
#[derive(Debug, Clone)]
pub struct Matter {
    /// What the model is given.
    pub material: Material,
    /// The calls that it rests on: when one of them is deleted, so is the text.
    pub calls: Vec<Uuid>,
    /// What else the words hold for: with another text here they are others.
    pub basis: String,
}

/// A question, and what its answer depends on.
#[derive(Debug)]
struct Question {
    material: Material,
    request: Request,
    key: String,
    calls: Vec<Uuid>,
}

/// The words of the model that judges now, where it was asked about exactly this, and what was written. Where it was asked about what this was before,
/// that alone, as stale; `None` where it never was, or no model judges.
///
/// # Errors
/// When the database fails.
pub async fn find<S: Subject>(
    db: &Db,
    analyst: &Analyst,
    subject: &S,
    matter: Matter,
) -> Result<Option<(Option<Worded>, Written)>, DbError> {
    let Some((model, _)) = analyst.judging(db).await? else { return Ok(None) };
    let Some(question) = question::<S>(model, matter).await else { return Ok(None) };
    if let Some((worded, written)) = kept::<S>(db, &question.key).await? {
        return Ok(Some((Some(worded), written)));
    }
    let mut made = Statement::default();
    let told = subject.told(&mut made);
    made.sql = format!(
        "SELECT t.model, t.words, t.cost_micros, t.created_at FROM {} t WHERE {told} ORDER BY t.created_at DESC LIMIT 1",
        S::TEXTS
    );
    let row: Option<Row> = made.rows(db).await?.pop();
    Ok(row.and_then(Row::read).map(|(_, written)| (None, Written { stale: true, ..written })))
}

/// Has the model that judges word this, and keeps it. Waits at most 90 seconds.
///
/// # Errors
/// [`CoachingError::Conflict`] where no model judges or there is nothing to word, or when the database fails. What the model does wrong is none: it
/// is told in the answer.
pub async fn write<S: Subject>(
    db: &Db,
    clock: &Clock,
    analyst: &Analyst,
    subject: &S,
    matter: Matter,
    actor: &Actor,
) -> Result<Writing, CoachingError> {
    let Some((model, settings)) = analyst.judging(db).await? else {
        return Err(CoachingError::Conflict("no model judges here, so that nothing can be worded by one".to_owned()));
    };
    let Some(question) = question::<S>(model, matter).await else {
        return Err(CoachingError::Conflict(S::NOTHING.to_owned()));
    };
    if kept::<S>(db, &question.key).await?.is_some() {
        return Ok(Writing { asked: false, failure: None });
    }
    let prompt = (MOST_TOKENS as f64 * COUNTED_MORE) as u64;
    if let Err(failure) = budget::check(db, clock, model, &settings, prompt).await? {
        return Ok(Writing { asked: false, failure: Some(failure) });
    }
    let mut lost = Usage::default();
    let asked = model.client.ask_and_count(&question.request, None, &mut lost);
    let reply = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(reply) => reply,
        Err(_) => Err(LlmError::TimedOut { within: PATIENCE }),
    };
    let failure = keep(db, clock, model, subject, &question, (reply, lost), actor).await?;
    Ok(Writing { asked: true, failure })
}

/// A moment as a model is given it, the `number`th; `None` where its words would speak to the model.
#[must_use]
pub fn moment(
    number: usize,
    quote: &str,
    reason: &str,
    speaker: Option<&str>,
    start_ms: Option<i64>,
) -> Option<insights::Moment> {
    let (words, reason) = (insights::given(quote), insights::given(reason));
    let speaker = speaker.map(insights::given);
    if insights::speaks_to_model(&[&words, &reason, speaker.as_deref().unwrap_or_default()]) {
        return None;
    }
    let time = start_ms.map(|ms| format!("{}:{:02}", ms / 60_000, ms / 1000 % 60));
    Some(insights::Moment { id: moment_id(number), time, speaker, words, reason })
}

/// What the `number`th moment of a matter is called.
fn moment_id(number: usize) -> String {
    format!("m{number}")
}

/// Leaves of moments those that the model names, as it orders them; all where it names none. The first of those that are `known` by numbers is the
/// `first`th of the matter.
pub fn leave_named<T: Clone>(moments: &mut Vec<T>, known: &[T], first: usize, named: &[String]) {
    let chosen = named.iter().filter_map(|id| (0..known.len()).find(|at| moment_id(first + at) == *id));
    let chosen: Vec<T> = chosen.map(|at| known[at].clone()).collect();
    if !chosen.is_empty() {
        *moments = chosen;
    }
}

/// What is asked; `None` where there is nothing to ask.
async fn question<S: Subject>(model: &Model, matter: Matter) -> Option<Question> {
    // What the settings say or is usual: nobody waits for a service to look at a page.
    let context = model
        .context
        .unwrap_or_else(|| usual_context(model.client.provider()))
        .saturating_sub(u64::from(S::MOST_ANSWER));
    let room = MOST_TOKENS.min((context as f64 / COUNTED_MORE) as usize);
    let Matter { material, calls, basis } = matter;
    // Counting takes a while: not on a thread that others wait for.
    let material = tokio::task::spawn_blocking(move || material.fitted(room, llm::tokens)).await.ok()?;
    if material.points.is_empty() {
        return None;
    }
    let request = Request {
        model: model.name.clone(),
        system: vec![Part::new(material.rules.text())],
        messages: vec![Message::user(vec![Part::new(material.prompt())])],
        schema: Some(Schema { name: "insights".to_owned(), document: insights::schema() }),
        max_tokens: S::MOST_ANSWER,
    };
    let rules = format!("{}{basis}", material.rules.version());
    let key = results::key(model.client.provider(), &request, &rules, 0, 0);
    Some(Question { material, request, key, calls })
}

#[derive(sqlx::FromRow)]
struct Row {
    model: String,
    words: String,
    cost_micros: Option<i64>,
    created_at: DateTime<Utc>,
}

impl Row {
    /// `None` where another version of the program wrote it in a way that is not understood here.
    fn read(self) -> Option<(Worded, Written)> {
        let worded: Worded = serde_json::from_str(&self.words).ok()?;
        let written = Written {
            model: self.model,
            at: self.created_at,
            cost_micros: self.cost_micros.map(|micros| micros as u64),
            dropped: worded.dropped,
            replaced: worded.replaced,
            stale: false,
        };
        Some((worded, written))
    }
}

/// The text with this key.
async fn kept<S: Subject>(db: &Db, key: &str) -> Result<Option<(Worded, Written)>, DbError> {
    let sql = format!("SELECT model, words, cost_micros, created_at FROM {} WHERE key = $1", S::TEXTS);
    let row: Option<Row> = on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql)).bind(key).fetch_optional(pool).await?);
    Ok(row.and_then(Row::read))
}

/// What of a reply can be shown, or why nothing can; and how it stands in the books.
fn understood(material: &Material, reply: &Reply) -> Result<Worded, (&'static str, ModelFailure)> {
    let failure = |kind: &'static str, sentence: &str| (kind, ModelFailure::new(kind, sentence, false));
    match &reply.stop {
        Stop::End => {}
        Stop::Cut => {
            return Err(failure(
                "cut",
                "the model's answer was longer than it may be and was cut: another model may be briefer",
            ));
        }
        Stop::ContextFull => {
            return Err(failure(
                "too_large",
                "what there is to word is too long for the model: one with a larger context helps",
            ));
        }
        // What the service says about its reasons may repeat the calls, and is left to its console.
        Stop::Refused { .. } => {
            return Err(failure("refused", "the model refused to word this: another model may not"));
        }
        Stop::Other(_) => {
            return Err(failure(
                "stopped",
                "the model stopped before its answer was whole, for a reason that is not known here: try again",
            ));
        }
    }
    let answer = insights::read(&reply.text).map_err(|wrong| {
        failure(
            "invalid_answer",
            &format!("the model's answer was not understood: {wrong}; try again, or another model"),
        )
    })?;
    let worded = material.verify(&answer);
    if worded.says_something() {
        return Ok(worded);
    }
    Err(failure(
        "invalid_answer",
        "nothing of the model's answer can be shown: every sentence has numbers, names or quotes that it was not given; try again, or another model",
    ))
}

/// Writes a reply into the books, and keeps what of it can be shown. Returns why nothing can.
async fn keep<S: Subject>(
    db: &Db,
    clock: &Clock,
    model: &Model,
    subject: &S,
    question: &Question,
    (reply, lost): (Result<Reply, LlmError>, Usage),
    actor: &Actor,
) -> Result<Option<ModelFailure>, CoachingError> {
    let (usage, took) = reply.as_ref().map(|reply| (reply.usage, reply.took)).unwrap_or_default();
    let cost = model.cost(&usage, false).zip(model.cost(&lost, false)).map(|(cost, lost)| cost + lost);
    let (outcome, result) = match &reply {
        Ok(reply) => match understood(&question.material, reply) {
            Ok(worded) => ("ok", Ok(worded)),
            Err((kind, failure)) => (kind, Err(failure)),
        },
        // Nobody asks again but a person.
        Err(error) => (error.kind(), Err(ModelFailure { again: false, ..ModelFailure::from(error) })),
    };
    let run = Run {
        at: clock.now(),
        call: None,
        rep: subject.rep(),
        purpose: S::PURPOSE,
        dimension: None,
        provider: model.client.provider().as_str(),
        model: &model.name,
        outcome,
        usage: usage + lost,
        cost,
        took,
    };
    let mut tx = db.begin().await?;
    runs::write(&mut tx, &run).await?;
    let failure = match result {
        Ok(worded) => {
            let text = json!(worded).to_string();
            let kept = are_there(&mut tx, &question.calls).await?
                && insert(&mut tx, subject, question, common(clock, model, question, text, cost)).await?;
            (!kept).then(|| {
                ModelFailure::new("changed", "what this rests on was deleted meanwhile: look at it anew", false)
            })
        }
        Err(failure) => Some(failure),
    };
    let (action, what, mut detail) = subject.trail();
    detail["model"] = json!(model.name);
    detail["outcome"] = json!(outcome);
    audit::record(&mut tx, clock, &actor.trail(), action, what, detail).await?;
    tx.commit().await?;
    Ok(failure)
}

/// Whether these calls are still there. They stay so until the transaction ends: who deletes one of them waits, and then finds the text.
async fn are_there(tx: &mut Tx, calls: &[Uuid]) -> Result<bool, CoachingError> {
    for call in calls {
        match store::lock_call(tx, *call).await {
            Ok(()) => {}
            Err(CallError::Db(error)) => return Err(error.into()),
            Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// The columns that all texts have.
fn common(
    clock: &Clock,
    model: &Model,
    question: &Question,
    words: String,
    cost: Option<u64>,
) -> Vec<(&'static str, Value)> {
    let cost = cost.map(|micros| ("cost_micros", Value::Whole(micros as i64)));
    let all = [
        ("key", Value::Text(question.key.clone())),
        ("model", Value::Text(model.name.clone())),
        ("words", Value::Text(words)),
        ("created_at", Value::Time(clock.now())),
    ];
    all.into_iter().chain(cost).collect()
}

/// Keeps a text in the place of older ones about the same. Returns whether what it is about is still there.
async fn insert<S: Subject>(
    tx: &mut Tx,
    subject: &S,
    question: &Question,
    columns: Vec<(&'static str, Value)>,
) -> Result<bool, DbError> {
    let mut made = Statement::default();
    let replaced = subject.replaced(&mut made);
    let key = made.text(&question.key);
    made.sql = format!("DELETE FROM {} AS t WHERE t.key = {key} OR ({replaced})", S::TEXTS);
    run(tx, made).await?;
    let mut made = Statement::default();
    let (names, places): (Vec<&str>, Vec<String>) =
        columns.into_iter().chain(subject.columns()).map(|(name, value)| (name, made.place(value))).unzip();
    let stands = subject.stands(&mut made);
    made.sql = format!("INSERT INTO {} ({}) SELECT {} WHERE {stands}", S::TEXTS, names.join(", "), places.join(", "));
    if run(tx, made).await? == 0 {
        return Ok(false);
    }
    for call in &question.calls {
        let mut made = Statement::default();
        let (key, call) = (made.text(&question.key), made.place(Value::Id(*call)));
        made.sql = format!("INSERT INTO {} (text_key, call_id) VALUES ({key}, {call})", S::CALLS);
        run(tx, made).await?;
    }
    Ok(true)
}

/// Returns how many rows it changed.
async fn run(tx: &mut Tx, made: Statement) -> Result<u64, DbError> {
    let Statement { sql, values, .. } = made;
    Ok(on_tx!(tx, conn => bound!(sqlx::query(AssertSqlSafe(sql)), values).execute(conn).await?.rows_affected()))
}
