//! Objections: what the model, the trackers and the place in the call say together.

use super::{CallLabels, Label, Labeler, LinearModel, OBJECTION, ObjectionKind, Scores, Sentence};
use transcript::Side;

/// A tracker of objections was hit: the model need not be sure, it must only not be sure of the contrary.
const TRACKED_MARGIN: f32 = 6.5;
/// Within a call it is known that the customer speaks and when; an objection that is missed makes the whole handling of objections not applicable.
const EAGER_MARGIN: f32 = 1.6;
/// Fewest words of a sentence that is taken for an objection by its place in a call.
const EAGER_MIN_WORDS: usize = 3;
/// Up to this share of the call a stated problem is a problem: nothing was offered yet that could be resisted.
const DISCOVERY: f64 = 0.4;
/// Up to this share of the call people greet.
const GREETING: f64 = 0.05;

/// The kind that a tracker stands for: `objection_price` is price.
pub(super) fn kind_of_tracker(id: &str) -> Option<ObjectionKind> {
    let name = id.strip_prefix("objection_")?;
    ObjectionKind::ALL.into_iter().find(|kind| kind.as_str() == name)
}

impl Labeler {
    /// What a sentence of the customer (or of nobody known) resists, by its words.
    pub(super) fn objection_of(
        &self,
        scores: &Scores,
        side: Option<Side>,
        tracked: Option<ObjectionKind>,
    ) -> Option<ObjectionKind> {
        if side == Some(Side::Internal) {
            return None;
        }
        let by_model = self.model.objection(scores);
        let allowed = scores.get(OBJECTION) >= self.model.threshold(OBJECTION) - TRACKED_MARGIN;
        // The words of a tracker tell the kind better than the model does.
        tracked.filter(|_| allowed).or(by_model)
    }

    /// Looks at the objections of a whole call again, with the place in the call.
    pub(super) fn settle_objections(&self, call: &mut CallLabels) {
        let count = call.sentences.len() as f64;
        for (index, sentence) in call.sentences.iter_mut().enumerate().filter(|(_, s)| s.side == Some(Side::External)) {
            let position = index as f64 / count;
            let problem = [Label::Pain, Label::Impact]
                .iter()
                .any(|label| sentence.scores.get(*label as usize) > self.model.threshold(*label as usize));
            if position < GREETING || problem && position < DISCOVERY {
                sentence.objection = None;
            } else if sentence.objection.is_none() && self.may_object(sentence) {
                sentence.objection = Some(LinearModel::objection_kind(&sentence.scores));
            }
        }
    }

    fn may_object(&self, sentence: &Sentence) -> bool {
        sentence.question.is_none()
            && sentence.tokens().len() >= EAGER_MIN_WORDS
            && sentence.scores.get(OBJECTION) >= self.model.threshold(OBJECTION) - EAGER_MARGIN
    }
}
