//! What many calls say of each check: how often it was met, and the calls and moments that show it.

use crate::Rep;
use crate::figures::{self, MIN_CALLS, Scope};
use crate::insights::{CheckCount, CheckMoment};
use crate::period::Period;
use crate::quotes::{self, Place};
use chrono::{DateTime, Utc};
use db::{Db, DbError, on_db};
use rubric::wording::Side;
use rubric::{CheckKind, Evidence, Verdict};
use serde::Deserialize;
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Most strengths, and most gaps.
const CHECKS: usize = 3;
/// Most moments of a check.
const MOMENTS: usize = 3;
/// Moments looked for, in case the words of some are not there (any more).
const TRIED: usize = 6;
/// Most calls that are looked at, the latest.
pub(crate) const MOST_CALLS: i64 = 1000;

/// What is read of a check; the rest of it is not needed here.
#[derive(Debug, Deserialize)]
pub(crate) struct Seen {
    id: String,
    name: String,
    kind: CheckKind,
    verdict: Verdict,
    reason: String,
    #[serde(default)]
    advice: String,
    evidence: Vec<Evidence>,
}

/// A dimension of a call.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Judgement {
    call_id: Uuid,
    call_title: String,
    started_at: Option<DateTime<Utc>>,
    rep_id: Uuid,
    rep_name: String,
    rubric_id: String,
    rubric_version: i32,
    pub(crate) dimension: String,
    pub(crate) title: String,
    #[sqlx(json)]
    checks: Vec<Seen>,
}

/// A verdict, and where it was given.
pub(crate) type Shown<'a> = (&'a Judgement, &'a Seen);

/// What the calls say of one check.
#[derive(Debug)]
pub(crate) struct Tally<'a> {
    /// As the latest call has it.
    pub(crate) latest: Shown<'a>,
    pub(crate) met: i64,
    pub(crate) unmet: i64,
    /// The verdicts met and unmet, the latest first.
    showing: [Vec<Shown<'a>>; 2],
}

/// Rubric, dimension and check.
pub(crate) type Key<'a> = (&'a str, &'a str, &'a str);

/// A check that is told, and which side of it.
pub(crate) type Told<'a> = (Key<'a>, &'a Tally<'a>, Side);

impl Judgement {
    pub(crate) fn call(&self) -> Uuid {
        self.call_id
    }

    pub(crate) fn call_title(&self) -> &str {
        &self.call_title
    }

    pub(crate) fn started_at(&self) -> Option<DateTime<Utc>> {
        self.started_at
    }

    pub(crate) fn rep(&self) -> Rep {
        Rep { id: self.rep_id, name: self.rep_name.clone() }
    }

    pub(crate) fn rubric(&self) -> (&str, i32) {
        (&self.rubric_id, self.rubric_version)
    }
}

impl Seen {
    pub(crate) fn kind(&self) -> CheckKind {
        self.kind
    }

    pub(crate) fn advice(&self) -> &str {
        &self.advice
    }
}

impl<'a> Tally<'a> {
    fn judged(&self) -> i64 {
        self.met + self.unmet
    }

    fn share(&self) -> f64 {
        self.met as f64 / self.judged().max(1) as f64
    }

    /// The verdicts of this side, the latest first.
    pub(crate) fn of(&self, side: Side) -> &[Shown<'a>] {
        match side {
            Side::Strength => &self.showing[0],
            Side::Gap => &self.showing[1],
        }
    }

    /// Of how many reps the calls are that show this side, and of how many all are.
    pub(crate) fn reps(&self, side: Side) -> (i64, i64) {
        let reps = |shown: &mut dyn Iterator<Item = &Shown<'_>>| {
            shown.map(|(call, _)| call.rep_id).collect::<BTreeSet<_>>().len() as i64
        };
        (reps(&mut self.of(side).iter()), reps(&mut self.showing.iter().flatten()))
    }
}

/// The verdicts of the calls of a scope in a period, the latest call first; of at most [`MOST_CALLS`] calls. Withheld verdicts are left out.
pub(crate) async fn judgements(db: &Db, scope: &Scope<'_>, period: Period) -> Result<Vec<Judgement>, DbError> {
    let sql = format!(
        "SELECT c.id AS call_id, coalesce(c.title, c.file_name) AS call_title, c.started_at, c.rep_id, u.name AS rep_name, a.rubric_id, \
         a.rubric_version, a.dimension, a.title, a.checks FROM (\
         SELECT c.id FROM calls c JOIN coaching_sessions s ON s.id = c.session_id WHERE c.day >= $4 AND c.day <= $5 \
         AND NOT (s.withheld AND s.confirmed_at IS NULL) AND {} ORDER BY c.day DESC, c.happened_at DESC, c.id DESC LIMIT $6\
         ) AS latest JOIN calls c ON c.id = latest.id JOIN users u ON u.id = c.rep_id JOIN analyses a ON a.session_id = c.session_id \
         ORDER BY c.day DESC, c.happened_at DESC, c.id DESC, a.position",
        scope.condition("c.rep_id")
    );
    let (actor, rep, team) = scope.values();
    Ok(on_db!(db, pool => sqlx::query_as(AssertSqlSafe(sql))
        .bind(actor)
        .bind(rep)
        .bind(team)
        .bind(period.since.to_string())
        .bind(period.until.to_string())
        .bind(MOST_CALLS)
        .fetch_all(pool)
        .await?))
}

/// How many calls these are of, and of how many reps.
pub(crate) fn extent(judgements: &[Judgement]) -> (i64, i64) {
    let calls: BTreeSet<Uuid> = judgements.iter().map(|one| one.call_id).collect();
    let reps: BTreeSet<Uuid> = judgements.iter().map(|one| one.rep_id).collect();
    (calls.len() as i64, reps.len() as i64)
}

pub(crate) fn tally(judgements: &[Judgement]) -> BTreeMap<Key<'_>, Tally<'_>> {
    let mut counted: BTreeMap<Key<'_>, Tally<'_>> = BTreeMap::new();
    for judgement in judgements {
        for check in &judgement.checks {
            let tally = counted.entry((&judgement.rubric_id, &judgement.dimension, &check.id)).or_insert_with(|| {
                Tally { latest: (judgement, check), met: 0, unmet: 0, showing: [Vec::new(), Vec::new()] }
            });
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
            tally.showing[side].push((judgement, check));
        }
    }
    counted
}

/// Gaps and strengths of those that were judged in enough calls and show in the calls of so many reps: the gap met least often first, the strength
/// met most often first. Of equal ones that which was judged more often comes first.
pub(crate) fn ranked<'a>(counted: &'a BTreeMap<Key<'a>, Tally<'a>>, reps: i64) -> [Vec<Told<'a>>; 2] {
    let mut sides = [Side::Gap, Side::Strength].map(|side| {
        let of_side = |tally: &Tally<'_>| (tally.met > tally.unmet) == (side == Side::Strength);
        let told = counted
            .iter()
            .filter(|(_, tally)| tally.judged() >= MIN_CALLS && of_side(tally) && tally.reps(side).0 >= reps);
        told.map(|(key, tally)| (*key, tally, side)).collect::<Vec<_>>()
    });
    for told in &mut sides {
        told.sort_by(|(_, a, side), (_, b, _)| {
            let order = a.share().total_cmp(&b.share());
            let order = if *side == Side::Gap { order } else { order.reverse() };
            order.then(b.judged().cmp(&a.judged()))
        });
        told.truncate(CHECKS);
    }
    sides
}

/// One call of each rep, then another of each, and so on; the latest first.
fn by_turns<'a, 'b>(shown: impl Iterator<Item = &'b Shown<'a>>) -> Vec<&'b Shown<'a>>
where
    'a: 'b,
{
    let mut turns: HashMap<Uuid, usize> = HashMap::new();
    let mut all: Vec<(usize, &Shown<'_>)> = shown
        .map(|shown| {
            let turn = turns.entry(shown.0.rep_id).or_default();
            *turn += 1;
            (*turn, shown)
        })
        .collect();
    all.sort_by_key(|(turn, _)| *turn);
    all.into_iter().map(|(_, shown)| shown).collect()
}

/// The calls that show this side of a check, of each rep one before another of the same; the latest first.
pub(crate) fn calls<'a>(tally: &'a Tally<'a>, side: Side) -> Vec<&'a Judgement> {
    by_turns(tally.of(side).iter()).into_iter().map(|(call, _)| *call).collect()
}

/// How often these checks were met, each with moments that show it, in their order.
pub(crate) async fn counts(db: &Db, told: &[Told<'_>]) -> Result<Vec<CheckCount>, DbError> {
    let tried: Vec<Vec<(&Judgement, &Seen, &Evidence)>> = told
        .iter()
        .map(|(_, tally, side)| {
            let spoken = by_turns(tally.of(*side).iter().filter(|(_, check)| !check.evidence.is_empty()));
            spoken.into_iter().take(TRIED).map(|(call, check)| (*call, *check, &check.evidence[0])).collect()
        })
        .collect();
    let places: Vec<Place> =
        tried.iter().flatten().map(|(call, _, evidence)| Place::of(call.call_id, evidence)).collect();
    let mut quotes = quotes::cut(db, &places).await?.into_iter();
    let mut found = Vec::new();
    for (((rubric, dimension, id), tally, _), tried) in told.iter().zip(tried) {
        let mut moments = Vec::new();
        for ((call, check, evidence), quote) in tried.into_iter().zip(quotes.by_ref()) {
            let Some(quote) = quote else { continue };
            moments.push(CheckMoment {
                call_id: call.call_id,
                call_title: call.call_title.clone(),
                started_at: call.started_at,
                rep: call.rep(),
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
            name: tally.latest.1.name.clone(),
            dimension: (*dimension).to_owned(),
            rubric: (*rubric).to_owned(),
            met: tally.met,
            unmet: tally.unmet,
            share: figures::round(tally.share()),
            moments,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judgement(rep: u128, call: u128, checks: &[(&str, Verdict)]) -> Judgement {
        let seen = |(id, verdict): &(&str, Verdict)| Seen {
            id: (*id).to_owned(),
            name: (*id).to_owned(),
            kind: CheckKind::Presence,
            verdict: *verdict,
            reason: String::new(),
            advice: String::new(),
            evidence: Vec::new(),
        };
        Judgement {
            call_id: Uuid::from_u128(call),
            call_title: String::new(),
            started_at: None,
            rep_id: Uuid::from_u128(rep),
            rep_name: String::new(),
            rubric_id: "default".to_owned(),
            rubric_version: 1,
            dimension: "d".to_owned(),
            title: "D".to_owned(),
            checks: checks.iter().map(seen).collect(),
        }
    }

    fn ids(told: &[Told<'_>]) -> Vec<String> {
        told.iter().map(|((_, _, id), _, _)| (*id).to_owned()).collect()
    }

    #[test]
    fn strengths_were_met_mostly_and_gaps_were_not() {
        let cases = [
            ("always", 5, 0),
            ("often", 8, 2),
            ("more", 16, 4),
            ("half", 5, 5),
            ("seldom", 1, 9),
            ("few", 4, 0),
            ("never", 0, 5),
            ("often_enough", 6, 5),
        ];
        let mut all = Vec::new();
        for (id, met, unmet) in cases {
            all.extend((0..met).map(|call| judgement(1, call, &[(id, Verdict::Met)])));
            all.extend((0..unmet).map(|call| judgement(1, 50 + call, &[(id, Verdict::Unmet)])));
            all.push(judgement(1, 99, &[(id, Verdict::NotApplicable), (id, Verdict::CannotAssess)]));
        }
        let counted = tally(&all);
        let [gaps, strengths] = ranked(&counted, 1);
        assert_eq!(ids(&strengths), ["always", "more", "often"]);
        assert_eq!(ids(&gaps), ["never", "seldom", "half"]);
    }

    #[test]
    fn what_only_one_rep_does_is_no_theme_of_several() {
        let mut all: Vec<_> = (0..6).map(|call| judgement(1, call, &[("one", Verdict::Unmet)])).collect();
        all.push(judgement(2, 9, &[("one", Verdict::Met), ("both", Verdict::Unmet)]));
        all.extend((10..15).map(|call| judgement(1, call, &[("both", Verdict::Unmet)])));
        let counted = tally(&all);
        assert_eq!(ids(&ranked(&counted, 2)[0]), ["both"]);
        assert_eq!(ids(&ranked(&counted, 1)[0]), ["both", "one"]);
        assert_eq!(counted[&("default", "d", "one")].reps(Side::Gap), (1, 2));
        let both = &counted[&("default", "d", "both")];
        let order: Vec<_> = calls(both, Side::Gap).iter().take(3).map(|call| call.call_id.as_u128()).collect();
        assert_eq!(order, [9, 10, 11], "one of each first, then the next of whoever has more");
    }
}
