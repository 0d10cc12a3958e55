//! Insights over calls of a rep or of several that a model words, where a person asks for it.

use super::runs::Purpose;
use super::texts::{self, Matter, Subject, Writing, Written};
use crate::learning::{Exercise, LearningPoint, Words};
use crate::{Analyst, CoachingError, Period};
use accounts::audit::Action;
use chrono::TimeDelta;
use db::{Db, DbError, Statement, Value};
use kernel::{Actor, Clock};
use rubric::model::insights::{self, Counts, Material, Point, Worded};
use serde_json::json;
use uuid::Uuid;

/// What insights are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    name: String,
    period: Period,
    /// The rep, or who looks at the calls of several.
    whose: Uuid,
    team: Option<Uuid>,
    /// The rep, where it is about one.
    rep: Option<Uuid>,
}

impl About {
    /// The calls of a rep in a period.
    pub(crate) fn rep(rep: Uuid, period: Period) -> Self {
        Self { name: format!("rep:{rep}"), period, whose: rep, team: None, rep: Some(rep) }
    }

    /// The calls of a team, or all, that the actor may see.
    pub(crate) fn scope(actor: &Actor, team: Option<Uuid>, period: Period) -> Self {
        let what = team.map_or_else(|| "all".to_owned(), |team| format!("team:{team}"));
        Self { name: format!("{what} {}", actor.id), period, whose: actor.id, team, rep: None }
    }

    /// First days of periods as long as this one that overlap it: between these two. As days go on, a period of the last days moves on.
    fn beside(&self) -> (String, String) {
        let days = TimeDelta::days(self.period.days());
        ((self.period.since - days).to_string(), (self.period.since + days).to_string())
    }
}

impl Subject for About {
    const TEXTS: &'static str = "insight_texts";
    const CALLS: &'static str = "insight_text_calls";
    const PURPOSE: Purpose = Purpose::Insights;
    const NOTHING: &'static str = "there are no learning points to word: more judged calls are needed";
    const MOST_ANSWER: u32 = 2_048;

    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("subject", Value::Text(self.name.clone())),
            ("days", Value::Whole(self.period.days())),
            ("since", Value::Text(self.period.since.to_string())),
        ]
    }

    fn replaced(&self, made: &mut Statement) -> String {
        let (after, before) = self.beside();
        let (subject, days) = (made.text(&self.name), made.place(Value::Whole(self.period.days())));
        let (after, before) = (made.text(&after), made.text(&before));
        format!("t.subject = {subject} AND t.days = {days} AND t.since > {after} AND t.since < {before}")
    }

    fn rep(&self) -> Option<Uuid> {
        self.rep
    }

    fn trail(&self) -> (Action, Uuid, serde_json::Value) {
        let mut detail = json!({ "days": self.period.days() });
        if let Some(team) = self.team {
            detail["team_id"] = json!(team);
        }
        (Action::InsightsWrite, self.whose, detail)
    }
}

/// Puts in the words of the model that judges now, where it was asked about exactly this. Says what was written, also where it rests on something
/// else by now.
pub(crate) async fn put_in(
    db: &Db,
    analyst: &Analyst,
    subject: &About,
    words: &mut Words,
) -> Result<Option<Written>, DbError> {
    let Some((worded, written)) = texts::find(db, analyst, subject, matter(words)).await? else { return Ok(None) };
    if let Some(worded) = worded {
        apply(&worded, words);
    }
    Ok(Some(written))
}

/// Has the model that judges word these insights, and keeps it.
///
/// # Errors
/// As [`texts::write`].
pub(crate) async fn write(
    db: &Db,
    clock: &Clock,
    analyst: &Analyst,
    subject: &About,
    words: &Words,
    actor: &Actor,
) -> Result<Writing, CoachingError> {
    texts::write(db, clock, analyst, subject, matter(words), actor).await
}

fn matter(words: &Words) -> Matter {
    Matter { material: material(words), calls: words.calls(), basis: String::new() }
}

/// What a model is given of insights: moments by the numbers that they have among all, without those that would speak to it.
fn material(words: &Words) -> Material {
    let mut number = 0;
    let mut points = Vec::new();
    for (at, point) in words.points.iter().enumerate() {
        let mut moments = Vec::new();
        for moment in &point.evidence {
            number += 1;
            let speaker = moment.speaker.as_deref();
            moments.extend(texts::moment(number, &moment.quote, &moment.reason, speaker, moment.start_ms));
        }
        points.push(Point {
            id: format!("p{}", at + 1),
            check: insights::given(&point.theme),
            dimension: insights::given(&point.dimension_name),
            side: point.side,
            counts: Some(Counts { met: point.met, judged: point.met + point.unmet }),
            direction: None,
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
    Material { exercises: exercises.collect(), points, ..Material::default() }
}

fn same(point: &LearningPoint, exercise: &Exercise) -> bool {
    (&point.check, &point.dimension, &point.rubric, point.side)
        == (&exercise.check, &exercise.dimension, &exercise.rubric, exercise.side)
}

/// Puts the sentences of a model in the place of the program's, and of the moments leaves those that it names.
fn apply(worded: &Worded, words: &mut Words) {
    // By which numbers the moments of each point are known.
    let firsts: Vec<usize> = words
        .points
        .iter()
        .scan(1, |next, point| {
            let first = *next;
            *next += point.evidence.len();
            Some(first)
        })
        .collect();
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
            texts::leave_named(&mut exercise.moments, &words.points[point].evidence, firsts[point], &item.moments);
        }
    }
    for ((at, point), first) in words.points.iter_mut().enumerate().zip(firsts) {
        let Some(item) = worded.of(&format!("p{}", at + 1)) else { continue };
        put(&mut point.about, &item.first);
        put(&mut point.recommendation, &item.second);
        let known = point.evidence.clone();
        texts::leave_named(&mut point.evidence, &known, first, &item.moments);
    }
}
