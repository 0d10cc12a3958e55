//! The moments that a manager should look at.
//!
//! # The rule
//!
//! A moment is a check that was not met, or a flag, with words in the call that show it. It weighs what it cost: a check the points of the overall
//! score that the call would have gained by meeting it, a flag what [`flag_points`] says. Each rep has one moment a week, the heaviest of the
//! heaviest call, so that nobody is picked out several times; the heaviest moments come first.

use crate::figures::{Scope, round};
use crate::quotes::{self, Place};
use crate::{CoachingError, Rep, store};
use chrono::{DateTime, NaiveDate, Utc};
use db::{Db, DbError, Tx, on_db, on_tx};
use rubric::{DimensionResult, Evidence, Flag, FlagKind, Report, Rubric, Verdict};
use serde::Serialize;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, QueryBuilder};
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A moment to coach.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Moment {
    /// Whose.
    pub rep: Rep,
    /// In which call.
    pub call_id: Uuid,
    /// Its title, or the file's name.
    pub call_title: String,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// The call's overall score.
    pub overall_score: Option<f64>,
    /// Points of the overall score that it cost; of a flag, what it weighs like.
    pub points: f64,
    /// `check` or `flag`.
    pub kind: &'static str,
    /// Id of the check in the rubric, or the kind of flag.
    pub id: String,
    /// Name of the check or flag.
    pub name: String,
    /// Id of the check's dimension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
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
    /// What was found, in a sentence.
    pub reason: String,
    /// Why it matters: what the rubric asks for.
    pub why: String,
    /// What to do about it.
    pub advice: String,
}

/// The moments of a week.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Moments {
    /// The Monday of the week.
    pub week: NaiveDate,
    /// The heaviest first.
    pub items: Vec<Moment>,
}

/// What a call lost at one place, before it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lost<'a> {
    pub(crate) points: f64,
    pub(crate) what: What<'a>,
    pub(crate) evidence: &'a Evidence,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum What<'a> {
    Check(&'a DimensionResult, &'a rubric::CheckResult),
    Flag(&'a Flag),
}

/// What a flag weighs. Flags stand beside the score and cost none of it; a check of the default rubric costs about 5 points, so that a flag goes
/// before all but the heaviest checks: first what may have consequences outside of the call, last what is a nuisance.
pub(crate) fn flag_points(kind: FlagKind) -> f64 {
    match kind {
        FlagKind::InstructionToJudge => 40.0,
        FlagKind::CompliancePhrase => 30.0,
        FlagKind::ContradictedFact => 20.0,
        FlagKind::UnresolvedRequest => 15.0,
        FlagKind::UnansweredQuestion => 10.0,
        FlagKind::RepeatedQuestion => 8.0,
    }
}

/// What a call lost, the heaviest first; of equal ones in the order of the report. Where there is no overall score, no check has cost any of it.
pub(crate) fn lost<'a>(dimensions: &'a [DimensionResult], flags: &'a [Flag], overall: Option<f64>) -> Vec<Lost<'a>> {
    let scored = || dimensions.iter().filter(|dimension| dimension.score.is_some());
    let all: f64 = scored().map(|dimension| dimension.weight).sum();
    let mut found = Vec::new();
    for dimension in scored().filter(|_| overall.is_some() && all > 0.0) {
        let is_judged = |verdict| matches!(verdict, Verdict::Met | Verdict::Unmet);
        let judged: f64 = dimension.checks.iter().filter(|c| is_judged(c.verdict)).map(|c| c.weight).sum();
        for check in dimension.checks.iter().filter(|check| check.verdict == Verdict::Unmet) {
            if let Some(evidence) = check.evidence.first() {
                let points = 100.0 * (dimension.weight / all) * (check.weight / judged);
                found.push(Lost { points: round(points), what: What::Check(dimension, check), evidence });
            }
        }
    }
    for flag in flags {
        // The last words are our side's: those that contradict, repeat, promise or leave open.
        if let Some(evidence) = flag.evidence.last() {
            found.push(Lost { points: flag_points(flag.kind), what: What::Flag(flag), evidence });
        }
    }
    found.sort_by(|a, b| b.points.total_cmp(&a.points));
    found
}

/// Points of the heaviest moment of a report; 0 where there is none.
pub(crate) fn heaviest(report: &Report) -> f64 {
    lost(&report.dimensions, &report.flags, report.overall_score).first().map_or(0.0, |lost| lost.points)
}

#[derive(Debug, sqlx::FromRow)]
struct Candidate {
    id: Uuid,
    title: String,
    started_at: Option<DateTime<Utc>>,
    overall_score: Option<f64>,
    session_id: Uuid,
    rep_id: Uuid,
    rep: String,
}

/// Calls looked at beside those that are wanted, in case the words of some are not there (any more).
const SPARE: i64 = 10;
/// The same of a rep.
const SPARE_EACH: i64 = 2;

/// Of which calls moments are wanted.
#[derive(Debug, Clone, Copy)]
struct Which {
    /// At most so many of a rep.
    each: i64,
    /// At most so many of all; `None` for any number.
    limit: Option<i64>,
    /// Whether calls are among them whose scores are withheld.
    withheld: bool,
}

/// The calls of each rep in the scope that lost most at one place in the week of that Monday; of equal ones that with the lower score, then the
/// later one. The databases put NULL at different ends: a call without a score comes after those with one.
async fn candidates(db: &Db, scope: &Scope<'_>, monday: NaiveDate, which: Which) -> Result<Vec<Candidate>, DbError> {
    let order = "c.heaviest DESC, coalesce(c.overall_score, 101), c.day DESC, c.id";
    let sql = format!(
        "SELECT c.id, coalesce(c.title, c.file_name) AS title, c.started_at, c.overall_score, c.session_id, c.rep_id, u.name AS rep FROM (\
         SELECT c.id, row_number() OVER (PARTITION BY c.rep_id ORDER BY {order}) AS place \
         FROM calls c WHERE c.week = $4 AND c.heaviest > 0 AND c.rep_id IS NOT NULL AND c.session_id IS NOT NULL AND {}{}\
         ) AS ranked JOIN calls c ON c.id = ranked.id JOIN users u ON u.id = c.rep_id WHERE ranked.place <= $5 \
         ORDER BY {order} LIMIT $6",
        scope.condition("c.rep_id"),
        if which.withheld { "" } else { " AND NOT c.withheld" }
    );
    let (actor, rep, team) = scope.values();
    Ok(on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql))
        .bind(actor)
        .bind(rep)
        .bind(team)
        .bind(monday.to_string())
        .bind(which.each)
        .bind(which.limit.unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await?))
}

/// The moments of the week of that Monday, at most one a rep.
///
/// # Errors
/// When the database fails.
pub async fn moments(db: &Db, scope: &Scope<'_>, monday: NaiveDate, limit: i64) -> Result<Moments, CoachingError> {
    let which = Which { each: 1, limit: Some(limit + SPARE), withheld: true };
    let mut items = shown(db, candidates(db, scope, monday, which).await?).await?;
    items.truncate(limit.max(0) as usize);
    Ok(Moments { week: monday, items })
}

/// At most `each` moments of every rep in the week of that Monday, each the heaviest of its call, the heaviest of all first. Calls whose scores are
/// withheld show none.
///
/// # Errors
/// When the database fails.
pub async fn moments_of_reps(
    db: &Db,
    scope: &Scope<'_>,
    monday: NaiveDate,
    each: i64,
) -> Result<Vec<Moment>, CoachingError> {
    let which = Which { each: each + SPARE_EACH, limit: None, withheld: false };
    let mut items = shown(db, candidates(db, scope, monday, which).await?).await?;
    let mut of_rep: HashMap<Uuid, i64> = HashMap::new();
    items.retain(|moment| {
        let count = of_rep.entry(moment.rep.id).or_default();
        *count += 1;
        *count <= each
    });
    Ok(items)
}

/// The heaviest moment of each of these calls, with its words.
async fn shown(db: &Db, candidates: Vec<Candidate>) -> Result<Vec<Moment>, CoachingError> {
    let sessions: Vec<Uuid> = candidates.iter().map(|call| call.session_id).collect();
    let found = store::sessions(db, &sessions).await?;
    let rubrics = rubrics(db, found.values()).await?;
    let mut wanted = Vec::new();
    for call in &candidates {
        let Some(session) = found.get(&call.session_id) else { continue };
        if let Some(lost) = lost(&session.dimensions, &session.flags, call.overall_score).into_iter().next() {
            wanted.push((call, session, Place::of(call.id, lost.evidence), lost));
        }
    }
    let places: Vec<Place> = wanted.iter().map(|(_, _, place, _)| *place).collect();
    let quotes = quotes::cut(db, &places).await?;
    let mut items = Vec::new();
    for ((call, session, place, lost), quote) in wanted.into_iter().zip(quotes) {
        // Words that are not there (any more) show nothing.
        let Some(quote) = quote else { continue };
        let rubric = rubrics.get(&(session.rubric.clone(), session.version));
        let told = Told::of(&lost, rubric);
        items.push(Moment {
            rep: Rep { id: call.rep_id, name: call.rep.clone() },
            call_id: call.id,
            call_title: call.title.clone(),
            started_at: call.started_at,
            overall_score: call.overall_score,
            points: lost.points,
            kind: told.kind,
            id: told.id,
            name: told.name,
            dimension: told.dimension,
            segment_id: place.segment,
            start_ms: quote.start_ms,
            speaker: quote.speaker,
            quote: quote.text,
            offset: place.offset,
            length: place.length,
            reason: told.reason,
            why: told.why,
            advice: told.advice,
        });
    }
    Ok(items)
}

/// What is said of a moment.
struct Told {
    kind: &'static str,
    id: String,
    name: String,
    dimension: Option<String>,
    reason: String,
    why: String,
    advice: String,
}

impl Told {
    fn of(lost: &Lost<'_>, rubric: Option<&Rubric>) -> Self {
        match lost.what {
            What::Check(dimension, check) => {
                let checks = rubric.into_iter().flat_map(|rubric| rubric.dimensions.iter().flat_map(|d| &d.checks));
                let sentence = checks.into_iter().find(|known| known.id == check.id).map(|known| &known.sentence);
                Self {
                    kind: "check",
                    id: check.id.clone(),
                    name: check.name.clone(),
                    dimension: Some(dimension.name.clone()),
                    reason: check.reason.clone(),
                    why: sentence.unwrap_or(&check.name).clone(),
                    advice: check.advice.clone(),
                }
            }
            What::Flag(flag) => {
                let (name, why, advice) = about(flag.kind);
                Self {
                    kind: "flag",
                    id: flag.kind.as_str().to_owned(),
                    name: name.to_owned(),
                    dimension: None,
                    reason: flag.reason.clone(),
                    why: why.to_owned(),
                    advice: advice.to_owned(),
                }
            }
        }
    }
}

/// Name of a flag, why it matters, what to do.
fn about(kind: FlagKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        FlagKind::CompliancePhrase => (
            "Promise that must not be made",
            "A promise that cannot be kept binds the company and misleads the customer.",
            "Correct it with the customer in writing, and agree on words that may be used instead.",
        ),
        FlagKind::InstructionToJudge => (
            "Instruction to the judge",
            "Words in the call try to decide how it is judged.",
            "Read them, and judge the call yourself before its score counts.",
        ),
        FlagKind::ContradictedFact => (
            "Contradicted fact",
            "A customer who is told two different things trusts neither, and acts on the wrong one.",
            "Find out which is right and tell the customer; read facts back once before the call ends.",
        ),
        FlagKind::UnresolvedRequest => (
            "Unresolved request",
            "What nobody owns is not done, and the customer has to ask again.",
            "Settle who does it by when, and tell the customer.",
        ),
        FlagKind::UnansweredQuestion => (
            "Unanswered question",
            "A question that is passed over stays in the way of the decision.",
            "Answer it now, or say when an answer comes; stay with a question until it is answered.",
        ),
        FlagKind::RepeatedQuestion => (
            "Repeated question",
            "Being asked again for what was said tells the customer that nobody listened.",
            "Note what the customer says, and confirm it instead of asking again.",
        ),
    }
}

/// The rubrics that these sessions rest on.
async fn rubrics(
    db: &Db,
    sessions: impl Iterator<Item = &store::SessionResult>,
) -> Result<HashMap<(String, i32), Rubric>, DbError> {
    let mut keys: Vec<(String, i32)> = sessions.map(|session| (session.rubric.clone(), session.version)).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut found = HashMap::new();
    for (id, version) in keys {
        let sql = "SELECT document FROM rubrics WHERE id = $1 AND version = $2";
        let document: Option<Json<Rubric>> =
            on_db!(db, pool => sqlx::query_scalar(sql).bind(&id).bind(version).fetch_optional(pool).await?);
        if let Some(Json(document)) = document {
            found.insert((id, version), document);
        }
    }
    Ok(found)
}

/// Calls of which it is written down at a time what their heaviest moment cost.
const FILLED: i64 = 200;

/// Writes down what the heaviest moment cost of calls that were judged before this was known. Returns how many there were.
pub(crate) async fn fill(db: &Db) -> Result<usize, DbError> {
    let mut filled = 0;
    loop {
        let sql = "SELECT id, session_id, overall_score FROM calls WHERE heaviest IS NULL AND session_id IS NOT NULL LIMIT $1";
        let calls: Vec<(Uuid, Uuid, Option<f64>)> =
            on_db!(db, pool => sqlx::query_as(sql).bind(FILLED).fetch_all(pool).await?);
        if calls.is_empty() {
            return Ok(filled);
        }
        let sessions: Vec<Uuid> = calls.iter().map(|(_, session, _)| *session).collect();
        let found = store::sessions(db, &sessions).await?;
        let mut tx = db.begin().await?;
        for (call, session, overall) in &calls {
            let points = found.get(session).map_or(0.0, |session| {
                lost(&session.dimensions, &session.flags, *overall).first().map_or(0.0, |lost| lost.points)
            });
            set_heaviest(&mut tx, *call, *session, points).await?;
        }
        tx.commit().await?;
        filled += calls.len();
    }
}

async fn set_heaviest(tx: &mut Tx, call: Uuid, session: Uuid, points: f64) -> Result<(), DbError> {
    // Not where it was judged again meanwhile.
    on_tx!(tx, conn => QueryBuilder::new("UPDATE calls SET heaviest = ")
        .push_bind(points)
        .push(" WHERE id = ")
        .push_bind(call)
        .push(" AND session_id = ")
        .push_bind(session)
        .build()
        .execute(conn)
        .await?
        .rows_affected());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rubric::{CheckKind, CheckResult};

    fn evidence(segment: u32) -> Evidence {
        Evidence { segment_id: segment, start_ms: None, speaker: None, quote: "x".into(), offset: 0, length: 1 }
    }

    fn check(id: &str, weight: f64, verdict: Verdict, segments: &[u32]) -> CheckResult {
        CheckResult {
            id: id.into(),
            name: id.into(),
            kind: CheckKind::Presence,
            weight,
            verdict,
            level: None,
            reason: String::new(),
            advice: String::new(),
            evidence: segments.iter().map(|segment| evidence(*segment)).collect(),
        }
    }

    fn dimension(name: &str, weight: f64, score: Option<f64>, checks: Vec<CheckResult>) -> DimensionResult {
        let (coverage, level, note) = (None, None, None);
        DimensionResult { name: name.into(), title: name.into(), weight, score, coverage, level, note, checks }
    }

    fn ids(found: &[Lost<'_>]) -> Vec<(String, f64, u32)> {
        let id = |what: What<'_>| match what {
            What::Check(_, check) => check.id.clone(),
            What::Flag(flag) => flag.kind.as_str().to_owned(),
        };
        found.iter().map(|lost| (id(lost.what), lost.points, lost.evidence.segment_id)).collect()
    }

    #[test]
    fn a_moment_weighs_what_the_overall_score_lost_by_it() {
        use Verdict::{CannotAssess, Met, NotApplicable, Unmet};
        let dimensions = [
            dimension(
                "a",
                30.0,
                Some(50.0),
                vec![
                    check("light", 1.0, Unmet, &[3]),
                    check("heavy", 2.0, Unmet, &[4, 5]),
                    check("met", 3.0, Met, &[6]),
                    check("unknown", 9.0, CannotAssess, &[7]),
                    check("other", 9.0, NotApplicable, &[7]),
                ],
            ),
            dimension("b", 10.0, Some(0.0), vec![check("all", 1.0, Unmet, &[8]), check("unseen", 1.0, Unmet, &[])]),
            dimension("c", 60.0, None, vec![check("unscored", 1.0, Unmet, &[9])]),
        ];
        // Of 40 points of weight that have a score: 30/40 · 2/6, 30/40 · 1/6, 10/40 · 1/2.
        let expected = [("heavy", 25.0, 4), ("light", 12.5, 3), ("all", 12.5, 8)];
        let expected: Vec<_> = expected.map(|(id, points, segment)| (id.to_owned(), points, segment)).into();
        assert_eq!(ids(&lost(&dimensions, &[], Some(37.5))), expected);
        assert_eq!(lost(&dimensions, &[], None), [], "no score, nothing lost of it");
    }

    #[test]
    fn flags_stand_among_the_checks_at_the_last_of_their_words() {
        let flag = |kind, segments: &[u32]| Flag {
            kind,
            reason: String::new(),
            evidence: segments.iter().map(|segment| evidence(*segment)).collect(),
        };
        let flags = [
            flag(FlagKind::RepeatedQuestion, &[1, 9]),
            flag(FlagKind::CompliancePhrase, &[2]),
            flag(FlagKind::ContradictedFact, &[]),
        ];
        let checks = vec![check("none", 1.0, Verdict::Unmet, &[5]), check("met", 9.0, Verdict::Met, &[])];
        let dimensions = [dimension("a", 1.0, Some(90.0), checks)];
        let found = ids(&lost(&dimensions, &flags, Some(90.0)));
        let expected = [("compliance_phrase", 30.0, 2), ("none", 10.0, 5), ("repeated_question", 8.0, 9)];
        assert_eq!(found, expected.map(|(id, points, segment)| (id.to_owned(), points, segment)));
        assert_eq!(lost(&dimensions, &flags, None).len(), 2, "flags need no score");
    }
}
