//! What a rep's calls of a period have in common: averages and how they changed, what goes well and what does not, each with moments to look at.

use crate::figures::{self, Compared, MIN_CALLS, Point, Scope, Totals, of};
use crate::learning::{self, Exercise, LearningPoint, Words};
use crate::model::texts::{Writing, Written};
use crate::model::wording::{self, About};
use crate::period::Period;
use crate::verdicts::{self, Judgement};
use crate::{Analyst, CoachingError, Rep};
use chrono::{DateTime, Utc};
use db::Db;
use kernel::{Actor, Clock};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Weeks that a point of the series is an average over: few reps have five judged calls each week.
const SPAN: u64 = 4;

/// What a rep's calls of a period have in common.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Insights {
    /// Whose.
    pub rep: Rep,
    /// The period.
    pub period: Period,
    /// The one before, as long.
    pub before: Period,
    /// How many calls of the period were judged.
    pub calls: i64,
    /// Why there is little to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Overall scores.
    pub overall: Course,
    /// Scores of the dimensions.
    pub dimensions: Vec<DimensionCourse>,
    /// Our side's share of the talk.
    pub talk_ratio: Compared,
    /// Sentiment of the rep's side.
    pub sentiment: Compared,
    /// Sentiment of the customer's side.
    pub customer_sentiment: Compared,
    /// Checks that were met most often, in more than half of the calls.
    pub strengths: Vec<CheckCount>,
    /// Checks that were met least often, in no more than half of the calls.
    pub gaps: Vec<CheckCount>,
    /// How the overall score stands to that of the period before, in a sentence.
    #[schema(
        example = "The average overall score is 4 points higher than in the period before: 62 over 12 calls, 58 over 9."
    )]
    pub trend: String,
    /// What recurs in the calls, where it shows and what to do: the gaps, then the strengths.
    pub learning_points: Vec<LearningPoint>,
    /// Three things to practise, for the gaps first; none where there is not enough data.
    pub exercises: Vec<Exercise>,
    /// Why there are fewer than three.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exercises_note: Option<String>,
    /// Whether a model worded learning points and exercises; null where they are in the program's own words and always were.
    pub written: Option<Written>,
}

impl Insights {
    /// Puts in the words of the model that judges, where it was asked about exactly these insights.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_in_words(&mut self, db: &Db, analyst: &Analyst) -> Result<(), CoachingError> {
        let mut words = self.words();
        self.written = wording::put_in(db, analyst, &self.subject(), &mut words).await?;
        (self.learning_points, self.exercises) = (words.points, words.exercises);
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
    ) -> Result<Writing, CoachingError> {
        wording::write(db, clock, analyst, &self.subject(), &self.words(), actor).await
    }

    fn subject(&self) -> About {
        About::rep(self.rep.id, self.period)
    }

    fn words(&self) -> Words {
        Words { points: self.learning_points.clone(), exercises: self.exercises.clone() }
    }
}

/// An average, how it changed and how it went.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Course {
    /// Now and before.
    #[serde(flatten)]
    pub compared: Compared,
    /// Points for the whole weeks that have a day in the period, each an average over four weeks up to its own.
    pub weekly: Vec<Point>,
}

/// A dimension's averages.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DimensionCourse {
    /// Its id in the rubric.
    pub id: String,
    /// Its name as the latest call has it; its id where no call of the period was judged by it.
    pub name: String,
    /// Its course.
    #[serde(flatten)]
    pub course: Course,
}

/// How often a check was met.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CheckCount {
    /// Its id in the rubric.
    pub id: String,
    /// Its name as the latest call has it.
    pub name: String,
    /// Id of its dimension.
    pub dimension: String,
    /// Id of the rubric.
    pub rubric: String,
    /// Calls in which it was met.
    pub met: i64,
    /// Calls in which it was not.
    pub unmet: i64,
    /// Share in which it was met, 0 to 1.
    pub share: f64,
    /// Calls that show it, the latest first: met ones of a strength, unmet ones of a gap.
    pub moments: Vec<CheckMoment>,
}

/// A call that shows how a check was met or not.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CheckMoment {
    /// The call.
    pub call_id: Uuid,
    /// Its title, or the file's name.
    pub call_title: String,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// Whose it is.
    pub rep: Rep,
    /// `met` or `unmet`.
    pub verdict: &'static str,
    /// Why, in a sentence.
    pub reason: String,
    /// The segment in which the words stand.
    pub segment_id: u32,
    /// When they are said.
    pub start_ms: Option<i64>,
    /// Who says them.
    pub speaker: Option<String>,
    /// The words, verbatim.
    pub quote: String,
    /// Where they begin in the segment, in characters.
    pub offset: usize,
    /// How many characters they are.
    pub length: usize,
}

/// What a rep's calls of a period have in common.
///
/// # Errors
/// [`CoachingError::Unknown`] where there is no such rep, or the actor of the scope may not see them.
pub async fn insights(db: &Db, scope: &Scope<'_>, rep: Uuid, period: Period) -> Result<Insights, CoachingError> {
    let before = period.before();
    let user = accounts::user(db, rep).await?.ok_or(CoachingError::Unknown("rep"))?;
    let (now, then, weeks) = tokio::try_join!(
        figures::by_rep(db, scope, period),
        figures::by_rep(db, scope, before),
        figures::by_week(db, scope, period, SPAN - 1, None),
    )?;
    let (now, then) = (figures::together(now.values()), figures::together(then.values()));
    let calls = of(&now, "calls").n;
    let judgements = verdicts::judgements(db, scope, period).await?;
    let compared = |measure: &str| of(&now, measure).compared(of(&then, measure));
    let none = BTreeMap::new();
    let course = |measure: &str| Course {
        compared: compared(measure),
        weekly: figures::series(weeks.get(measure).unwrap_or(&none), period, SPAN),
    };
    let dimension = |id: String| DimensionCourse {
        name: judgements.iter().find(|found| found.dimension == id).map_or(&id, |found| &found.title).clone(),
        course: course(&format!("dimension:{id}")),
        id,
    };
    let (mut strengths, mut gaps, mut words) = (Vec::new(), Vec::new(), Words::default());
    if calls >= MIN_CALLS {
        let counted = verdicts::tally(&judgements);
        let [least, most] = verdicts::ranked(&counted, 1);
        let told = [&least[..], &most[..]].concat();
        gaps = verdicts::counts(db, &told).await?;
        words = learning::words(db, &told, &gaps, false).await?;
        strengths = gaps.split_off(least.len());
    }
    let mean = |totals: &Totals| {
        let average = of(totals, "overall").average();
        (average.n, average.mean)
    };
    Ok(Insights {
        rep: Rep { id: user.id, name: user.name },
        period,
        before,
        calls,
        note: figures::not_enough(calls),
        overall: course("overall"),
        dimensions: named(&now, &then, &judgements).into_iter().map(dimension).collect(),
        talk_ratio: compared("talk_ratio"),
        sentiment: compared("sentiment"),
        customer_sentiment: compared("customer_sentiment"),
        strengths,
        gaps,
        trend: rubric::wording::trend(mean(&now), mean(&then), MIN_CALLS),
        exercises_note: if calls < MIN_CALLS { None } else { learning::too_few(words.exercises.len()) },
        learning_points: words.points,
        exercises: words.exercises,
        written: None,
    })
}

/// The ids of the dimensions, in the order of the latest report and then by id.
fn named(now: &Totals, then: &Totals, judgements: &[Judgement]) -> Vec<String> {
    let known: Vec<&str> = figures::dimensions(now).chain(figures::dimensions(then)).map(|(id, _)| id).collect();
    let reported = judgements.iter().map(|found| found.dimension.as_str()).filter(|id| known.contains(id));
    let mut ids: Vec<String> = Vec::new();
    for id in reported.chain(known.iter().copied()) {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}
