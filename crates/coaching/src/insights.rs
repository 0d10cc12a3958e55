//! What a rep's calls of a period have in common: averages and how they changed, what goes well and what does not, each with moments to look at.

use crate::figures::{self, Compared, MIN_CALLS, Point, Scope, Totals, of};
use crate::period::Period;
use crate::quotes::{self, Place};
use crate::{CoachingError, Rep};
use chrono::{DateTime, Utc};
use db::{Db, DbError, on_db};
use rubric::{Evidence, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Weeks that a point of the series is an average over: few reps have five judged calls each week.
const SPAN: u64 = 4;
/// Most strengths, and most gaps.
const CHECKS: usize = 3;
/// Most moments of a check.
const MOMENTS: usize = 3;
/// Moments looked for, in case the words of some are not there (any more).
const TRIED: usize = 6;

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

/// What is read of a check; the rest of it is not needed here.
#[derive(Debug, Deserialize)]
struct Seen {
    id: String,
    name: String,
    verdict: Verdict,
    reason: String,
    evidence: Vec<Evidence>,
}

#[derive(Debug, sqlx::FromRow)]
struct Judgement {
    call_id: Uuid,
    call_title: String,
    started_at: Option<DateTime<Utc>>,
    rubric_id: String,
    dimension: String,
    title: String,
    #[sqlx(json)]
    checks: Vec<Seen>,
}

/// What the calls say of one check.
#[derive(Debug, Default)]
struct Tally<'a> {
    name: &'a str,
    met: i64,
    unmet: i64,
    showing: [Vec<(&'a Judgement, &'a Seen, &'a Evidence)>; 2],
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
    let judgements = judgements(db, rep, period).await?;
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
    let (strengths, gaps) =
        if calls < MIN_CALLS { (Vec::new(), Vec::new()) } else { most_and_least(db, &judgements).await? };
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

/// The verdicts of a rep's calls of a period, the latest call first.
async fn judgements(db: &Db, rep: Uuid, period: Period) -> Result<Vec<Judgement>, DbError> {
    let sql = "SELECT c.id AS call_id, coalesce(c.title, c.file_name) AS call_title, c.started_at, a.rubric_id, a.dimension, a.title, a.checks \
         FROM calls c JOIN analyses a ON a.session_id = c.session_id WHERE c.rep_id = $1 AND c.day >= $2 AND c.day <= $3 \
         ORDER BY c.day DESC, c.happened_at DESC, c.id DESC, a.position";
    Ok(on_db!(db, pool => sqlx::query_as(sql)
        .bind(rep)
        .bind(period.since.to_string())
        .bind(period.until.to_string())
        .fetch_all(pool)
        .await?))
}

/// The checks that were met most and least often, of those that were judged in enough calls.
async fn most_and_least(db: &Db, judgements: &[Judgement]) -> Result<(Vec<CheckCount>, Vec<CheckCount>), DbError> {
    let counted = tally(judgements);
    let (strengths, gaps) = ranked(&counted);
    let chosen = strengths.iter().map(|key| (*key, 0)).chain(gaps.iter().map(|key| (*key, 1)));
    let chosen: Vec<_> = chosen.map(|(key, side)| (key, &counted[key], &counted[key].showing[side])).collect();
    let tried = |showing: &[(&Judgement, &Seen, &Evidence)]| -> Vec<Place> {
        showing.iter().take(TRIED).map(|(call, _, evidence)| Place::of(call.call_id, evidence)).collect()
    };
    let places: Vec<Place> = chosen.iter().flat_map(|(_, _, showing)| tried(showing)).collect();
    let mut quotes = quotes::cut(db, &places).await?.into_iter();
    let mut found: Vec<CheckCount> = Vec::new();
    for ((rubric, dimension, id), tally, showing) in chosen {
        let mut moments = Vec::new();
        for ((call, check, evidence), quote) in showing.iter().take(TRIED).zip(quotes.by_ref()) {
            let Some(quote) = quote else { continue };
            moments.push(CheckMoment {
                call_id: call.call_id,
                call_title: call.call_title.clone(),
                started_at: call.started_at,
                verdict: check.verdict.as_str(),
                reason: check.reason.clone(),
                segment_id: evidence.segment_id,
                start_ms: quote.start_ms,
                speaker: quote.speaker,
                quote: quote.text,
                offset: evidence.offset,
                length: evidence.length,
            });
        }
        moments.truncate(MOMENTS);
        found.push(CheckCount {
            id: (*id).to_owned(),
            name: tally.name.to_owned(),
            dimension: (*dimension).to_owned(),
            rubric: (*rubric).to_owned(),
            met: tally.met,
            unmet: tally.unmet,
            share: figures::round(tally.share()),
            moments,
        });
    }
    let gaps = found.split_off(strengths.len());
    Ok((found, gaps))
}

/// Rubric, dimension and check.
type Key<'a> = (&'a str, &'a str, &'a str);

impl Tally<'_> {
    fn share(&self) -> f64 {
        self.met as f64 / (self.met + self.unmet).max(1) as f64
    }
}

fn tally(judgements: &[Judgement]) -> BTreeMap<Key<'_>, Tally<'_>> {
    let mut counted: BTreeMap<Key<'_>, Tally<'_>> = BTreeMap::new();
    for judgement in judgements {
        for check in &judgement.checks {
            let tally = counted.entry((&judgement.rubric_id, &judgement.dimension, &check.id)).or_default();
            if tally.name.is_empty() {
                tally.name = &check.name;
            }
            let side = match check.verdict {
                Verdict::Met => {
                    tally.met += 1;
                    0
                }
                Verdict::Unmet => {
                    tally.unmet += 1;
                    1
                }
                Verdict::NotApplicable | Verdict::CannotAssess => continue,
            };
            if let Some(evidence) = check.evidence.first() {
                tally.showing[side].push((judgement, check, evidence));
            }
        }
    }
    counted
}

/// The keys of the strengths, the one met most often first, and of the gaps, the one met least often first. Of equal ones that which was judged
/// more often comes first.
fn ranked<'a, 'b>(counted: &'b BTreeMap<Key<'a>, Tally<'a>>) -> (Vec<&'b Key<'a>>, Vec<&'b Key<'a>>) {
    let enough = counted.iter().filter(|(_, tally)| tally.met + tally.unmet >= MIN_CALLS);
    let (mut strengths, mut gaps): (Vec<_>, Vec<_>) = enough.partition(|(_, tally)| tally.met > tally.unmet);
    let judged = |tally: &Tally<'_>| tally.met + tally.unmet;
    strengths.sort_by(|(_, a), (_, b)| b.share().total_cmp(&a.share()).then(judged(b).cmp(&judged(a))));
    gaps.sort_by(|(_, a), (_, b)| a.share().total_cmp(&b.share()).then(judged(b).cmp(&judged(a))));
    let keys = |found: Vec<(&'b Key<'a>, &'b Tally<'a>)>| found.into_iter().take(CHECKS).map(|(key, _)| key).collect();
    (keys(strengths), keys(gaps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_were_met_mostly_and_gaps_were_not() {
        let tally = |met, unmet| Tally { name: "x", met, unmet, showing: Default::default() };
        let counted: BTreeMap<Key<'_>, Tally<'_>> = [
            ("always", tally(5, 0)),
            ("often", tally(8, 2)),
            ("more", tally(16, 4)),
            ("half", tally(5, 5)),
            ("seldom", tally(1, 9)),
            ("few", tally(4, 0)),
            ("never", tally(0, 5)),
            ("often_enough", tally(6, 5)),
        ]
        .into_iter()
        .map(|(id, tally)| (("default", "d", id), tally))
        .collect();
        let (strengths, gaps) = ranked(&counted);
        let ids = |keys: Vec<&Key<'_>>| keys.into_iter().map(|(_, _, id)| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(ids(strengths), ["always", "more", "often"]);
        assert_eq!(ids(gaps), ["never", "seldom", "half"]);
    }
}
