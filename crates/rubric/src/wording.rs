//! How insights are told where no model words them: sentences out of `rubrics/wording/insights.yaml`, with numbers filled in.

use crate::CheckKind;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const TEXTS: &str = include_str!("../../../rubrics/wording/insights.yaml");

static WORDING: LazyLock<Wording> =
    LazyLock::new(|| serde_saphyr::from_str(TEXTS).expect("the texts are checked by a test"));

/// Calls that an exercise is for.
const NEXT: i64 = 5;

/// Which side of a check is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It was missed in half of the calls or more.
    Gap,
    /// It was met in more than half of the calls.
    Strength,
}

impl Side {
    /// `gap` or `strength`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Strength => "strength",
        }
    }
}

/// What is known of a check over several calls.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its name.
    pub check: &'a str,
    /// Id of its dimension.
    pub dimension: &'a str,
    /// Its kind.
    pub kind: CheckKind,
    /// Which side of it is told.
    pub side: Side,
    /// Calls in which it was met.
    pub met: i64,
    /// Calls in which it was not.
    pub unmet: i64,
    /// Of how many reps the calls are that show this side, and how many were judged; `None` where it is about one rep.
    pub reps: Option<(i64, i64)>,
    /// What to do, as the rubric says it for this side; empty where it says nothing.
    pub advice: &'a str,
}

/// The words of an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practice {
    /// What to practise.
    pub practise: String,
    /// How to know that it worked.
    pub sign: String,
}

/// An average of a period: how many calls have the measure, and their mean where it is told.
pub type Mean = (i64, Option<f64>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    points: Points,
    practise: BySide<Practise>,
    sign: BySide<String>,
    advice: String,
    keep: String,
    trend: Trend,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Points {
    gap: ByKind,
    strength: ByKind,
    whose: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BySide<T> {
    gap: T,
    strength: T,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Practise {
    dimension: BTreeMap<String, String>,
    kind: ByKind,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ByKind {
    presence: String,
    absence: String,
    metric: String,
    scale: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trend {
    higher: String,
    lower: String,
    same: String,
    unknown: String,
}

impl<T> BySide<T> {
    fn of(&self, side: Side) -> &T {
        match side {
            Side::Gap => &self.gap,
            Side::Strength => &self.strength,
        }
    }
}

impl ByKind {
    fn of(&self, kind: CheckKind) -> &str {
        match kind {
            CheckKind::Presence => &self.presence,
            CheckKind::Absence => &self.absence,
            CheckKind::Metric => &self.metric,
            CheckKind::Scale => &self.scale,
        }
    }
}

impl Known<'_> {
    /// In how many calls this side shows.
    #[must_use]
    pub fn count(&self) -> i64 {
        match self.side {
            Side::Gap => self.unmet,
            Side::Strength => self.met,
        }
    }

    fn judged(&self) -> i64 {
        self.met + self.unmet
    }

    /// Of five calls one more than now for a gap, as many as now for a strength.
    fn aim(&self) -> i64 {
        let now = NEXT * self.met / self.judged().max(1);
        match self.side {
            Side::Gap => (now + 1).min(NEXT),
            Side::Strength => now.max(1),
        }
    }

    fn fill(&self, text: &str) -> String {
        let numbers = [
            ("count", self.count()),
            ("judged", self.judged()),
            ("met", self.met),
            ("aim", self.aim()),
            ("reps", self.reps.map_or(0, |(reps, _)| reps)),
            ("of_reps", self.reps.map_or(0, |(_, all)| all)),
        ];
        let numbers: Vec<_> = numbers.iter().map(|(name, number)| (*name, number.to_string())).collect();
        let texts = [("check", self.check.to_owned())];
        fill(text, &[&numbers[..], &texts[..]].concat())
    }

    /// A learning point in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let points = &WORDING.points;
        let text = if self.side == Side::Gap { &points.gap } else { &points.strength }.of(self.kind);
        let whose = self.reps.map(|_| self.fill(&points.whose)).unwrap_or_default();
        self.fill(&fill(text, &[("whose", whose)]))
    }

    /// What to do.
    #[must_use]
    pub fn recommendation(&self) -> String {
        let own = self.advice.trim();
        if !own.is_empty() {
            // Other words may follow.
            let open = own.ends_with(char::is_alphanumeric);
            return if open { format!("{own}.") } else { own.to_owned() };
        }
        self.fill(if self.side == Side::Gap { &WORDING.advice } else { &WORDING.keep })
    }

    /// An exercise.
    #[must_use]
    pub fn practice(&self) -> Practice {
        let texts = WORDING.practise.of(self.side);
        let text = texts.dimension.get(self.dimension).map_or_else(|| texts.kind.of(self.kind), String::as_str);
        let name = if self.side == Side::Gap { "advice" } else { "keep" };
        // What the rubric says comes last: a brace in it is no name of ours.
        let practise = fill(&self.fill(text), &[(name, self.recommendation())]);
        Practice { practise, sign: self.fill(WORDING.sign.of(self.side)) }
    }
}

/// How the overall score stands to that of the period before, without a word on why. Where either rests on fewer calls than `needed`, or has no
/// mean, that it cannot be told.
#[must_use]
pub fn trend(now: Mean, before: Mean, needed: i64) -> String {
    let texts = &WORDING.trend;
    let calls = [("calls", now.0.to_string()), ("calls_before", before.0.to_string())];
    let ((_, Some(mean)), (_, Some(mean_before))) = (now, before) else {
        return fill(&texts.unknown, &[&calls[..], &[("needed", needed.to_string())]].concat());
    };
    if now.0 < needed || before.0 < needed {
        return fill(&texts.unknown, &[&calls[..], &[("needed", needed.to_string())]].concat());
    }
    // Whole numbers and their difference, as everywhere on the pages.
    let (mean, mean_before) = (mean.round() as i64, mean_before.round() as i64);
    let change = mean - mean_before;
    let text = match change {
        0 => &texts.same,
        1.. => &texts.higher,
        _ => &texts.lower,
    };
    let points = if change.abs() == 1 { "1 point".to_owned() } else { format!("{} points", change.abs()) };
    let figures = [("change", points), ("now", mean.to_string()), ("before", mean_before.to_string())];
    fill(text, &[&calls[..], &figures[..]].concat())
}

/// A text with what stands in braces filled in, in one pass: what is filled in is not looked at again.
fn fill(text: &str, with: &[(&str, String)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        filled.push_str(before);
        let found = from.find('}').and_then(|close| {
            let name = &from[1..close];
            with.iter().find(|(known, _)| *known == name).map(|(_, value)| (close, value))
        });
        if let Some((close, value)) = found {
            filled.push_str(value);
            rest = &from[close + 1..];
        } else {
            filled.push('{');
            rest = &from[1..];
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin;

    fn known(kind: CheckKind, side: Side) -> Known<'static> {
        Known {
            check: "Agenda set",
            dimension: "other",
            kind,
            side,
            met: 2,
            unmet: 4,
            reps: None,
            advice: "Open with a plan.",
        }
    }

    #[test]
    fn every_kind_and_side_has_whole_texts() {
        for side in [Side::Gap, Side::Strength] {
            for kind in [CheckKind::Presence, CheckKind::Absence, CheckKind::Metric, CheckKind::Scale] {
                let known = Known { reps: Some((2, 3)), ..known(kind, side) };
                let dimensions = builtin().into_iter().flat_map(|rubric| rubric.dimensions).map(|d| d.id);
                for dimension in dimensions.chain(["other".to_owned()]) {
                    let known = Known { dimension: &dimension, ..known };
                    let Practice { practise, sign } = known.practice();
                    for text in [known.sentence(), known.recommendation(), practise.clone(), sign] {
                        assert!(!text.contains(['{', '}']) && text.ends_with('.'), "{text}");
                    }
                    assert!(practise.starts_with("Open with a plan. "), "{practise}");
                }
                assert!(known.sentence().contains("of 6 calls, with 2 of 3 reps"), "{}", known.sentence());
                assert!(known.practice().sign.contains("the check Agenda set"));
            }
        }
        for rubric in builtin().iter().flat_map(|rubric| &rubric.dimensions) {
            assert!(WORDING.practise.gap.dimension.contains_key(&rubric.id), "{} has no words of its own", rubric.id);
        }
    }

    #[test]
    fn sides_count_their_own_calls_and_an_exercise_asks_for_one_more() {
        let gap = known(CheckKind::Presence, Side::Gap);
        assert_eq!(gap.sentence(), "Agenda set: missing in 4 of 6 calls.");
        // Two of six are one of five; one more is two.
        assert!(gap.practice().sign.contains("at least 2 of these five calls; so far it was met in 2 of 6."));
        let strength = Known { met: 5, unmet: 1, ..known(CheckKind::Absence, Side::Strength) };
        assert_eq!(strength.sentence(), "Agenda set: kept to in 5 of 6 calls.");
        assert!(strength.practice().sign.contains("at least 4 of these"));
        assert!(Known { met: 0, ..gap }.practice().sign.contains("at least 1 of"));
        assert_eq!(Known { advice: " Ask ", ..gap }.recommendation(), "Ask.");
        let silent = Known { advice: " ", ..gap };
        assert_eq!(
            silent.recommendation(),
            "Look at what the check Agenda set asks for, and plan one sentence for it."
        );
    }

    #[test]
    fn words_of_a_rubric_are_no_names_of_ours() {
        let tricky = Known {
            check: "A {count} of {advice}",
            advice: "Say {judged} and { nothing.",
            ..known(CheckKind::Presence, Side::Gap)
        };
        assert_eq!(tricky.sentence(), "A {count} of {advice}: missing in 4 of 6 calls.");
        assert!(tricky.practice().practise.starts_with("Say {judged} and { nothing. Listen"));
    }

    #[test]
    fn a_trend_is_told_from_five_calls_on_in_both_periods() {
        let told = |now, before| trend(now, before, 5);
        assert_eq!(
            told((12, Some(62.14)), (9, Some(57.96))),
            "The average overall score is 4 points higher than in the period before: 62 over 12 calls, 58 over 9."
        );
        assert!(told((5, Some(40.0)), (5, Some(62.5))).contains("23 points lower"));
        assert!(told((5, Some(40.4)), (5, Some(39.6))).contains("is the same as"), "as the pages write them");
        assert!(told((5, Some(41.0)), (5, Some(40.0))).contains(" 1 point higher"));
        for (now, before) in
            [((4, Some(40.0)), (9, Some(60.0))), ((9, Some(40.0)), (4, Some(60.0))), ((9, None), (9, Some(60.0)))]
        {
            let sentence = told(now, before);
            assert!(sentence.contains("cannot be told") && sentence.contains("5 are needed"), "{sentence}");
        }
    }
}
