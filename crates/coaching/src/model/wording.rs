//! Insights that a model words, where a person asks for it. What it is given is what is stored of the calls; what it says is shown where its numbers,
//! quotes and moments were given, and only as long as what it was given is as it was.

use super::kept::ModelFailure;
use super::room::COUNTED_MORE;
use super::runs::{self, Purpose, Run};
use super::{Analyst, Model, budget, results, usual_context};
use crate::learning::{Exercise, LearningPoint, Words};
use crate::{CheckMoment, CoachingError, Period, store};
use accounts::audit::{self, Action};
use calls::CallError;
use chrono::{DateTime, TimeDelta, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use kernel::{Actor, Clock};
use llm::{LlmError, Message, Part, Reply, Request, Schema, Stop, Usage};
use rubric::model::insights::{self, Material, Moment, Point, Worded};
use serde::Serialize;
use serde_json::json;
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

/// Tokens of everything that is sent, whatever the number of calls.
const MOST_TOKENS: usize = 6_000;
/// Tokens of the longest answer.
const MOST_ANSWER: u32 = 2_048;
/// How long an answer is waited for: somebody looks at the page.
const PATIENCE: Duration = Duration::from_secs(90);

/// That insights were worded by a model.
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
    /// Sentences that are shown as the program says them, because its own held numbers or quotes that it was not given, or there were none.
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

/// What insights are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    name: String,
    period: Period,
    /// The rep, or who looks at the calls of several.
    about: Uuid,
    team: Option<Uuid>,
    /// The rep, where it is about one.
    rep: Option<Uuid>,
}

impl Subject {
    /// The calls of a rep in a period.
    pub(crate) fn rep(rep: Uuid, period: Period) -> Self {
        Self { name: format!("rep:{rep}"), period, about: rep, team: None, rep: Some(rep) }
    }

    /// The calls of a team, or all, that the actor may see.
    pub(crate) fn scope(actor: &Actor, team: Option<Uuid>, period: Period) -> Self {
        let what = team.map_or_else(|| "all".to_owned(), |team| format!("team:{team}"));
        Self { name: format!("{what} {}", actor.id), period, about: actor.id, team, rep: None }
    }

    /// First days of periods as long as this one that overlap it: between these two. As days go on, a period of the last days moves on.
    fn beside(&self) -> (String, String) {
        let days = TimeDelta::days(self.period.days());
        ((self.period.since - days).to_string(), (self.period.since + days).to_string())
    }
}

/// A question, and what its answer depends on.
#[derive(Debug)]
struct Question {
    material: Material,
    request: Request,
    key: String,
    /// The calls whose words are in it, or that these rest on.
    calls: Vec<Uuid>,
}

/// Puts in the words of the model that judges now, where it was asked about exactly this. Says what was written, also where it rests on something
/// else by now.
pub(crate) async fn put_in(
    db: &Db,
    analyst: &Analyst,
    subject: &Subject,
    words: &mut Words,
) -> Result<Option<Written>, DbError> {
    let Some((model, _)) = analyst.judging(db).await? else { return Ok(None) };
    let Some(question) = question(model, words).await else { return Ok(None) };
    if let Some((worded, written)) = find(db, &question.key).await? {
        apply(&worded, words);
        return Ok(Some(written));
    }
    let sql = "SELECT model, words, cost_micros, created_at FROM insight_texts WHERE subject = $1 AND days = $2 AND since > $3 AND since < $4 \
         ORDER BY created_at DESC LIMIT 1";
    let (after, before) = subject.beside();
    let row: Option<Row> = on_db!(db, pool => sqlx::query_as(sql)
        .bind(&subject.name)
        .bind(subject.period.days())
        .bind(after)
        .bind(before)
        .fetch_optional(pool)
        .await?);
    Ok(row.and_then(Row::read).map(|(_, written)| Written { stale: true, ..written }))
}

/// Has the model that judges word these insights, and keeps it.
///
/// # Errors
/// [`CoachingError::Conflict`] where no model judges or there is nothing to word, or when the database fails. What the model does wrong is none: it
/// is told in the answer.
pub(crate) async fn write(
    db: &Db,
    clock: &Clock,
    analyst: &Analyst,
    subject: &Subject,
    words: &Words,
    actor: &Actor,
) -> Result<Writing, CoachingError> {
    let Some((model, settings)) = analyst.judging(db).await? else {
        return Err(CoachingError::Conflict("no model judges here, so that nothing can be worded by one".to_owned()));
    };
    let Some(question) = question(model, words).await else {
        return Err(CoachingError::Conflict(
            "there are no learning points to word: more judged calls are needed".to_owned(),
        ));
    };
    if find(db, &question.key).await?.is_some() {
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

/// What is asked about these insights; `None` where there is nothing to ask.
async fn question(model: &Model, words: &Words) -> Option<Question> {
    // What the settings say or is usual: nobody waits for a service to look at a page.
    let context =
        model.context.unwrap_or_else(|| usual_context(model.client.provider())).saturating_sub(u64::from(MOST_ANSWER));
    let room = MOST_TOKENS.min((context as f64 / COUNTED_MORE) as usize);
    let whole = material(words);
    // Counting takes a while: not on a thread that others wait for.
    let material = tokio::task::spawn_blocking(move || whole.fitted(room, llm::tokens)).await.ok()?;
    if material.points.is_empty() {
        return None;
    }
    let request = Request {
        model: model.name.clone(),
        system: vec![Part::new(insights::SYSTEM)],
        messages: vec![Message::user(vec![Part::new(material.prompt())])],
        schema: Some(Schema { name: "insights".to_owned(), document: insights::schema() }),
        max_tokens: MOST_ANSWER,
    };
    let key = results::key(model.client.provider(), &request, &insights::version(), 0, 0);
    Some(Question { material, request, key, calls: words.calls() })
}

/// What a model is given of insights: moments by the numbers that they have among all, without those that would speak to it.
fn material(words: &Words) -> Material {
    let mut number = 0;
    let mut points = Vec::new();
    for (at, point) in words.points.iter().enumerate() {
        let mut moments = Vec::new();
        for moment in &point.evidence {
            number += 1;
            let (quote, reason) = (insights::given(&moment.quote), insights::given(&moment.reason));
            let speaker = moment.speaker.as_deref().map(insights::given);
            if !insights::speaks_to_model(&[&quote, &reason, speaker.as_deref().unwrap_or_default()]) {
                let time = moment.start_ms.map(|ms| format!("{}:{:02}", ms / 60_000, ms / 1000 % 60));
                moments.push(Moment { id: format!("m{number}"), time, speaker, words: quote, reason });
            }
        }
        points.push(Point {
            id: format!("p{}", at + 1),
            check: insights::given(&point.theme),
            dimension: insights::given(&point.dimension_name),
            side: point.side,
            met: point.met,
            judged: point.met + point.unmet,
            about: insights::given(&point.about),
            recommendation: insights::given(&point.recommendation),
            moments,
        });
    }
    let exercises = words.exercises.iter().enumerate().filter_map(|(at, exercise)| {
        let point = words.points.iter().position(|point| same(point, exercise))?;
        Some(insights::Exercise {
            id: format!("e{}", at + 1),
            point: format!("p{}", point + 1),
            practise: insights::given(&exercise.practise),
            sign: insights::given(&exercise.sign),
        })
    });
    Material { exercises: exercises.collect(), points }
}

fn same(point: &LearningPoint, exercise: &Exercise) -> bool {
    (&point.check, &point.dimension, &point.rubric, point.side)
        == (&exercise.check, &exercise.dimension, &exercise.rubric, exercise.side)
}

/// Puts the sentences of a model in the place of the program's, and of the moments leaves those that it names.
fn apply(worded: &Worded, words: &mut Words) {
    let mut numbered: Vec<Vec<(String, CheckMoment)>> = Vec::new();
    let mut number = 0;
    for point in &words.points {
        let moments = point.evidence.iter().map(|moment| {
            number += 1;
            (format!("m{number}"), moment.clone())
        });
        numbered.push(moments.collect());
    }
    let named = |moments: &mut Vec<CheckMoment>, known: &[(String, CheckMoment)], ids: &[String]| {
        let chosen = ids.iter().filter_map(|id| known.iter().find(|(known, _)| known == id));
        let chosen: Vec<CheckMoment> = chosen.map(|(_, moment)| moment.clone()).collect();
        if !chosen.is_empty() {
            *moments = chosen;
        }
    };
    let put = |place: &mut String, sentence: &Option<String>| {
        if let Some(sentence) = sentence {
            place.clone_from(sentence);
        }
    };
    for (at, exercise) in words.exercises.iter_mut().enumerate() {
        let Some(item) = worded.of(&format!("e{}", at + 1)) else { continue };
        put(&mut exercise.practise, &item.first);
        put(&mut exercise.sign, &item.second);
        if let Some(point) = words.points.iter().position(|point| same(point, exercise)) {
            named(&mut exercise.moments, &numbered[point], &item.moments);
        }
    }
    for ((at, point), known) in words.points.iter_mut().enumerate().zip(&numbered) {
        let Some(item) = worded.of(&format!("p{}", at + 1)) else { continue };
        put(&mut point.about, &item.first);
        put(&mut point.recommendation, &item.second);
        named(&mut point.evidence, known, &item.moments);
    }
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

async fn find(db: &Db, key: &str) -> Result<Option<(Worded, Written)>, DbError> {
    let sql = "SELECT model, words, cost_micros, created_at FROM insight_texts WHERE key = $1";
    let row: Option<Row> = on_db!(db, pool => sqlx::query_as(sql).bind(key).fetch_optional(pool).await?);
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
                "the insights are too long for the model: one with a larger context helps",
            ));
        }
        // What the service says about its reasons may repeat the calls, and is left to its console.
        Stop::Refused { .. } => {
            return Err(failure("refused", "the model refused to word these insights: another model may not"));
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
        "nothing of the model's answer can be shown: every sentence has numbers or quotes that it was not given; try again, or another model",
    ))
}

/// Writes a reply into the books, and keeps what of it can be shown. Returns why nothing can.
async fn keep(
    db: &Db,
    clock: &Clock,
    model: &Model,
    subject: &Subject,
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
        rep: subject.rep,
        purpose: Purpose::Insights,
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
        Ok(worded) if are_there(&mut tx, &question.calls).await? => {
            let text = json!(worded).to_string();
            insert(&mut tx, clock, model, subject, question, &text, cost).await?;
            None
        }
        Ok(_) => Some(ModelFailure::new(
            "changed",
            "a call that these insights rest on was deleted meanwhile: look at them anew",
            false,
        )),
        Err(failure) => Some(failure),
    };
    let mut detail = json!({ "model": model.name, "days": subject.period.days(), "outcome": outcome });
    if let Some(team) = subject.team {
        detail["team_id"] = json!(team);
    }
    audit::record(&mut tx, clock, &actor.trail(), Action::InsightsWrite, subject.about, detail).await?;
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

/// Keeps a text in the place of older ones about the same.
async fn insert(
    tx: &mut Tx,
    clock: &Clock,
    model: &Model,
    subject: &Subject,
    question: &Question,
    text: &str,
    cost: Option<u64>,
) -> Result<(), DbError> {
    let sql = "DELETE FROM insight_texts WHERE key = $1 OR (subject = $2 AND days = $3 AND since > $4 AND since < $5)";
    let (after, before) = subject.beside();
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(&question.key)
        .bind(&subject.name)
        .bind(subject.period.days())
        .bind(after)
        .bind(before)
        .execute(conn)
        .await?
        .rows_affected());
    let sql = "INSERT INTO insight_texts (key, subject, days, since, model, words, cost_micros, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    on_tx!(tx, conn => sqlx::query(sql)
        .bind(&question.key)
        .bind(&subject.name)
        .bind(subject.period.days())
        .bind(subject.period.since.to_string())
        .bind(&model.name)
        .bind(text)
        .bind(cost.map(|micros| micros as i64))
        .bind(clock.now())
        .execute(conn)
        .await?
        .rows_affected());
    for call in &question.calls {
        let sql = "INSERT INTO insight_text_calls (text_key, call_id) VALUES ($1, $2)";
        on_tx!(tx, conn => sqlx::query(sql).bind(&question.key).bind(call).execute(conn).await?.rows_affected());
    }
    Ok(())
}
