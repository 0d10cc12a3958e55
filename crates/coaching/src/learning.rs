//! Learning points and exercises out of the verdicts of many calls: what recurs, where it shows, what to do. Words come from the rubric and
//! from `rubric::wording`; a model may word them anew ([`crate::model`]).

use crate::figures::{self, MIN_CALLS, Scope};
use crate::insights::{CheckCount, CheckMoment};
use crate::model::texts::{Writing, Written};
use crate::model::wording::{self, About};
use crate::period::Period;
use crate::verdicts::{self, Told};
use crate::{Analyst, CoachingError, Rep};
use chrono::{DateTime, Utc};
use db::{Db, DbError, on_db};
use kernel::{Actor, Clock};
use rubric::Rubric;
use rubric::wording::{Known, Practice, Side};
use serde::Serialize;
use sqlx::types::Json;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Exercises for a rep.
const EXERCISES: usize = 3;
/// Most calls that a point or an exercise names.
const CALLS: usize = 3;

/// What recurs in several calls, where it shows, and what to do.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LearningPoint {
    /// `gap` or `strength`.
    #[schema(example = "gap")]
    pub side: &'static str,
    /// The theme: name of the check as the latest call has it.
    #[schema(example = "Impact quantified")]
    pub theme: String,
    /// Id of the check in the rubric.
    #[schema(example = "impact_quantified")]
    pub check: String,
    /// Id of its dimension.
    #[schema(example = "discovery")]
    pub dimension: String,
    /// Name of the dimension as the latest call has it.
    #[schema(example = "Discovery")]
    pub dimension_name: String,
    /// Id of the rubric.
    #[schema(example = "default")]
    pub rubric: String,
    /// Calls in which the check was met.
    pub met: i64,
    /// Calls in which it was not.
    pub unmet: i64,
    /// Of how many reps the calls are that show it.
    pub reps: i64,
    /// What it is about, in a sentence.
    #[schema(example = "Impact quantified: missing in 4 of 6 calls.")]
    pub about: String,
    /// What to do, in a sentence or two.
    pub recommendation: String,
    /// At most three moments that show it; of several reps one each first.
    pub evidence: Vec<CheckMoment>,
    /// At most three calls that show it, those of the evidence first.
    pub calls: Vec<CallName>,
}

/// Something to practise.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Exercise {
    /// Id of the check that it is for.
    #[schema(example = "impact_quantified")]
    pub check: String,
    /// Its name.
    #[schema(example = "Impact quantified")]
    pub name: String,
    /// Id of its dimension.
    pub dimension: String,
    /// Id of the rubric.
    pub rubric: String,
    /// `gap` where it is missed in half of the calls or more, `strength` where it is to be kept.
    pub side: &'static str,
    /// What to practise.
    pub practise: String,
    /// How to know that it worked: by which check, in how many calls.
    pub sign: String,
    /// At most three moments to listen to.
    pub moments: Vec<CheckMoment>,
    /// At most three calls to listen to, those of the moments first.
    pub calls: Vec<CallName>,
}

/// A call, by its title.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallName {
    /// Its id.
    pub id: Uuid,
    /// Its title, or the file's name.
    pub title: String,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// Whose it is.
    pub rep: Rep,
}

/// What is told in words.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Words {
    pub(crate) points: Vec<LearningPoint>,
    pub(crate) exercises: Vec<Exercise>,
}

impl Words {
    /// The calls that it rests on, each once.
    pub(crate) fn calls(&self) -> Vec<Uuid> {
        let of_points = self.points.iter().flat_map(|point| &point.calls);
        let mut all: Vec<Uuid> =
            of_points.chain(self.exercises.iter().flat_map(|one| &one.calls)).map(|call| call.id).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// What recurs in the calls of several reps.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LearningPoints {
    /// The period.
    pub period: Period,
    /// Judged calls that it rests on: the latest thousand of the period at most.
    pub calls: i64,
    /// Whose calls these are: how many reps.
    pub reps: i64,
    /// Why there is little to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The gaps, then the strengths. Where the calls are of several reps, what shows in those of two at least.
    pub learning_points: Vec<LearningPoint>,
    /// Whether a model worded them; null where they are in the program's own words and always were.
    pub written: Option<Written>,
}

impl LearningPoints {
    /// Puts in the words of the model that judges, where it was asked about exactly these points. They are of what the actor may see, of that
    /// team where one is named.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_in_words(
        &mut self,
        db: &Db,
        analyst: &Analyst,
        actor: &Actor,
        team: Option<Uuid>,
    ) -> Result<(), CoachingError> {
        let mut words = self.words();
        let subject = About::scope(actor, team, self.period);
        self.written = wording::put_in(db, analyst, &subject, &mut words).await?;
        self.learning_points = words.points;
        Ok(())
    }

    /// Has the model that judges word them, and keeps its words.
    ///
    /// # Errors
    /// [`CoachingError::Conflict`] where no model judges or there is nothing to word; otherwise when the database fails.
    pub async fn write(
        &self,
        db: &Db,
        clock: &Clock,
        analyst: &Analyst,
        actor: &Actor,
        team: Option<Uuid>,
    ) -> Result<Writing, CoachingError> {
        let subject = About::scope(actor, team, self.period);
        wording::write(db, clock, analyst, &subject, &self.words(), actor).await
    }

    fn words(&self) -> Words {
        Words { points: self.learning_points.clone(), exercises: Vec::new() }
    }
}

/// What recurs in the calls of a scope.
///
/// # Errors
/// When the database fails.
pub async fn learning_points(db: &Db, scope: &Scope<'_>, period: Period) -> Result<LearningPoints, CoachingError> {
    let judgements = verdicts::judgements(db, scope, period).await?;
    let (calls, reps) = verdicts::extent(&judgements);
    let mut found = Words::default();
    if calls >= MIN_CALLS {
        let counted = verdicts::tally(&judgements);
        let told = verdicts::ranked(&counted, reps.min(2)).concat();
        let counts = verdicts::counts(db, &told).await?;
        found = words(db, &told, &counts, reps > 1).await?;
    }
    Ok(LearningPoints {
        period,
        calls,
        reps,
        note: figures::not_enough(calls),
        learning_points: found.points,
        written: None,
    })
}

/// Learning points about these checks with their counts, and exercises for one rep; `several` where the calls are of several reps.
pub(crate) async fn words(db: &Db, told: &[Told<'_>], counts: &[CheckCount], several: bool) -> Result<Words, DbError> {
    let rubrics = rubrics(db, told).await?;
    let mut words = Words::default();
    for ((_, tally, side), count) in told.iter().zip(counts) {
        let (call, check) = tally.latest;
        let shown = tally.of(*side);
        // What the rubric says now, before what was said of the latest call that shows it.
        let in_rubric = rubrics.get(&call.rubric()).and_then(|rubric| advice(rubric, &count.id, *side));
        let of_call = || shown.first().map_or("", |(_, check)| check.advice());
        let reps = tally.reps(*side);
        let known = Known {
            check: &count.name,
            dimension: &count.dimension,
            kind: check.kind(),
            side: *side,
            met: count.met,
            unmet: count.unmet,
            reps: several.then_some(reps),
            advice: in_rubric.unwrap_or_else(of_call),
        };
        let calls = calls(count, tally, *side);
        if !several && words.exercises.len() < EXERCISES {
            let Practice { practise, sign } = known.practice();
            words.exercises.push(Exercise {
                check: count.id.clone(),
                name: count.name.clone(),
                dimension: count.dimension.clone(),
                rubric: count.rubric.clone(),
                side: side.as_str(),
                practise,
                sign,
                moments: count.moments.clone(),
                calls: calls.clone(),
            });
        }
        words.points.push(LearningPoint {
            side: side.as_str(),
            theme: count.name.clone(),
            check: count.id.clone(),
            dimension: count.dimension.clone(),
            dimension_name: call.title.clone(),
            rubric: count.rubric.clone(),
            met: count.met,
            unmet: count.unmet,
            reps: reps.0,
            about: known.sentence(),
            recommendation: known.recommendation(),
            evidence: count.moments.clone(),
            calls,
        });
    }
    Ok(words)
}

/// Why there are fewer than three exercises, where there are some calls.
pub(crate) fn too_few(exercises: usize) -> Option<String> {
    let checks = if exercises == 1 { "1 check was".to_owned() } else { format!("{exercises} checks were") };
    (exercises < EXERCISES)
        .then(|| format!("only {checks} judged in {MIN_CALLS} calls or more; there is an exercise for each"))
}

/// The calls of the moments, then others that show it.
fn calls(count: &CheckCount, tally: &verdicts::Tally<'_>, side: Side) -> Vec<CallName> {
    let with_words = count.moments.iter().map(|moment| CallName {
        id: moment.call_id,
        title: moment.call_title.clone(),
        started_at: moment.started_at,
        rep: moment.rep.clone(),
    });
    let others = verdicts::calls(tally, side).into_iter().map(|call| CallName {
        id: call.call(),
        title: call.call_title().to_owned(),
        started_at: call.started_at(),
        rep: call.rep(),
    });
    let mut calls: Vec<CallName> = Vec::new();
    for call in with_words.chain(others) {
        if calls.len() < CALLS && !calls.iter().any(|known| known.id == call.id) {
            calls.push(call);
        }
    }
    calls
}

/// What a rubric says of a check for this side; `None` where it has no such check or says nothing.
fn advice<'a>(rubric: &'a Rubric, check: &str, side: Side) -> Option<&'a str> {
    let mut checks = rubric.dimensions.iter().flat_map(|dimension| &dimension.checks);
    let check = checks.find(|known| known.id == check)?;
    let text = if side == Side::Gap { &check.advice } else { &check.keep };
    Some(text.as_str()).filter(|text| !text.trim().is_empty())
}

/// The rubrics that the latest verdicts of these checks rest on.
async fn rubrics<'a>(db: &Db, told: &[Told<'a>]) -> Result<HashMap<(&'a str, i32), Rubric>, DbError> {
    let mut found = HashMap::new();
    for (_, tally, _) in told {
        let (id, version) = tally.latest.0.rubric();
        if found.contains_key(&(id, version)) {
            continue;
        }
        let sql = "SELECT document FROM rubrics WHERE id = $1 AND version = $2";
        let document: Option<Json<Rubric>> =
            on_db!(db, pool => sqlx::query_scalar(sql).bind(id).bind(version).fetch_optional(pool).await?);
        if let Some(Json(document)) = document {
            found.insert((id, version), document);
        }
    }
    Ok(found)
}
