//! What was found over a deal in the words of a model, where a person asks for it. It is given what that person sees; its words are shown to whoever
//! sees the same.

use crate::domain::coach::DealCoaching;
use crate::domain::tell::DealPoint;
use accounts::audit::Action;
use accounts::may_see;
use coaching::Purpose;
use coaching::texts::{self, Matter, Subject};
use db::{Statement, Value};
use kernel::Actor;
use rubric::model::insights::{self, Counts, Material, Point, Rules, Worded};
use rubric::model::words::Direction;
use serde_json::json;
use uuid::Uuid;

/// A deal, as somebody sees it.
#[derive(Debug)]
pub struct OfDeal<'a> {
    pub actor: &'a Actor,
    pub deal: Uuid,
}

impl Subject for OfDeal<'_> {
    const TEXTS: &'static str = "opportunity_texts";
    const CALLS: &'static str = "opportunity_text_calls";
    const PURPOSE: Purpose = Purpose::Deal;
    const NOTHING: &'static str = "there is nothing to word of this deal: more judged calls are needed";
    /// Of eleven points at most, some 200 each.
    const MOST_ANSWER: u32 = 3_072;

    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("opportunity_id", Value::Id(self.deal)), ("written_by", Value::Id(self.actor.id))]
    }

    fn replaced(&self, made: &mut Statement) -> String {
        let (deal, by) = (made.place(Value::Id(self.deal)), made.place(Value::Id(self.actor.id)));
        format!("t.opportunity_id = {deal} AND t.written_by = {by}")
    }

    /// Whoever had it written; not where it rests on a call that the actor does not see.
    fn told(&self, made: &mut Statement) -> String {
        made.place(Value::Id(self.actor.id));
        let deal = made.place(Value::Id(self.deal));
        format!(
            "t.opportunity_id = {deal} AND NOT EXISTS (SELECT 1 FROM opportunity_text_calls w JOIN calls c ON c.id = w.call_id \
             WHERE w.text_key = t.key AND ({}) IS NOT TRUE)",
            may_see(self.actor.role, "c.rep_id")
        )
    }

    fn stands(&self, made: &mut Statement) -> String {
        format!("EXISTS (SELECT 1 FROM opportunities WHERE id = {})", made.place(Value::Id(self.deal)))
    }

    fn trail(&self) -> (Action, Uuid, serde_json::Value) {
        (Action::DealWrite, self.deal, json!({}))
    }
}

/// What a model is given of what was found, and what its words rest on: which calls these are is part of it, so that nobody gets words that were written
/// from others than those that they see.
pub fn matter(found: &DealCoaching, mut calls: Vec<Uuid>) -> Matter {
    calls.sort_unstable();
    calls.dedup();
    let told: Vec<String> = calls.iter().map(Uuid::to_string).collect();
    let mut number = 0;
    let mut points = Vec::new();
    for (at, point) in found.points.iter().enumerate() {
        let mut moments = Vec::new();
        for moment in &point.moments {
            number += 1;
            let speaker = moment.speaker.as_deref();
            moments.extend(texts::moment(number, &moment.quote, "", speaker, moment.start_ms));
        }
        let (about, recommendation) = (insights::given(&point.about), insights::given(&point.recommendation));
        // Names and titles are others' words.
        let speaks = insights::speaks_to_model(&[&about, &recommendation]);
        if speaks {
            continue;
        }
        points.push(Point {
            id: point_id(at),
            check: insights::given(&point.name),
            dimension: String::new(),
            side: point.side,
            counts: point.met.zip(point.unmet).map(|(met, unmet)| Counts { met, judged: met + unmet }),
            direction: point.change.map(|change| if change > 0.0 { Direction::Up } else { Direction::Down }),
            about,
            recommendation,
            moments,
        });
    }
    Matter { material: Material { rules: Rules::Deal, points, exercises: Vec::new() }, calls, basis: told.join(" ") }
}

fn point_id(at: usize) -> String {
    format!("p{}", at + 1)
}

/// Puts the sentences of a model in the place of the program's, and of the moments leaves those that it names.
pub fn apply(worded: &Worded, points: &mut [DealPoint]) {
    let mut first = 1;
    for (at, point) in points.iter_mut().enumerate() {
        let known = point.moments.clone();
        if let Some(item) = worded.of(&point_id(at)) {
            if let Some(about) = &item.first {
                point.about.clone_from(about);
            }
            if let Some(recommendation) = &item.second {
                point.recommendation.clone_from(recommendation);
            }
            texts::leave_named(&mut point.moments, &known, first, &item.moments);
        }
        first += known.len();
    }
}
