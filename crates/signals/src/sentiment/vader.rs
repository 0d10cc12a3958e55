//! The rules of VADER: a lexicon of rated words, and the grammar that makes them stronger, weaker or turns them around.

use super::lexicon::{Lexicon, WordId};
use super::token::{Token, Tokens};
use std::cmp::Ordering;
use std::sync::LazyLock;

/// How much a word in capitals adds, where others are not.
const CAPITALS: f64 = 0.733;
/// What a negation makes of a valence.
const NEGATION: f64 = -0.74;
/// "never so good", "so this good".
const NEVER_SO: f64 = 1.25;
/// How much of a booster is left at a distance of one, two, three words.
const FADE: [f64; 3] = [1.0, 0.95, 0.9];
/// "but" makes what is before it weaker, and what is after it stronger.
const BEFORE_BUT: f64 = 0.5;
const AFTER_BUT: f64 = 1.5;
/// Approximates the largest sum to be expected.
const NORMAL: f64 = 15.0;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::vader);

/// How positive or negative a text is, as vaderSentiment gives it.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Scores {
    /// The one number: −1 (most negative) to 1, rounded to 4 places.
    pub compound: f64,
    /// Share of the text that is positive, 0..1, rounded to 3 places.
    pub pos: f64,
    /// Share of the text that is neutral.
    pub neu: f64,
    /// Share of the text that is negative.
    pub neg: f64,
}

/// Scores a text by VADER (C.J. Hutto and E.E. Gilbert, ICWSM 2014), equal to `polarity_scores` of vaderSentiment 3.3.2
/// with its slips, which `bench/peers/vader_golden.py` compares. All zero for a text without a word.
///
/// Made for a sentence or a tweet: `compound` runs into ±1 in long texts. [`spoken`](super::spoken()) does not.
pub fn vader(text: &str) -> Scores {
    let tokens = Tokens::new(text, &LEXICON);
    if tokens.list.is_empty() {
        return Scores::default();
    }
    let mut valences = valences(&tokens.list, &LEXICON);
    weigh_around_but(&mut valences, &tokens.list);
    let emphasis = emphasis(&tokens);

    let mut pos = 0.0;
    let mut neg = 0.0;
    let mut neutral_words = 0.0;
    for &v in &valences {
        // One more in absolute value, because a neutral word counts 1.
        if v > 0.0 {
            pos += v + 1.0;
        } else if v < 0.0 {
            neg += 1.0 - v;
        } else {
            neutral_words += 1.0;
        }
    }
    if pos > neg {
        pos += emphasis;
    } else if neg > pos {
        neg += emphasis;
    }
    let total = pos + neg + neutral_words;
    Scores {
        compound: round(compound(&valences, emphasis), 1e4),
        pos: round(pos / total, 1e3),
        neu: round(neutral_words / total, 1e3),
        neg: round(neg / total, 1e3),
    }
}

/// The sum of the valences, made stronger by punctuation, brought into −1..1.
pub(super) fn compound(valences: &[f64], emphasis: f64) -> f64 {
    let mut sum: f64 = valences.iter().sum();
    if sum > 0.0 {
        sum += emphasis;
    } else if sum < 0.0 {
        sum -= emphasis;
    }
    sum / (sum * sum + NORMAL).sqrt()
}

/// What exclamation and question marks add: up to four of the former, two or more of the latter.
pub(super) fn emphasis(tokens: &Tokens<'_>) -> f64 {
    let exclamation = f64::from(tokens.exclamation_marks.min(4)) * 0.292;
    let question = match tokens.question_marks {
        0 | 1 => 0.0,
        n @ (2 | 3) => f64::from(n) * 0.18,
        _ => 0.96,
    };
    exclamation + question
}

/// The valence of every token by the words near it.
pub(super) fn valences(tokens: &[Token<'_>], lexicon: &Lexicon) -> Vec<f64> {
    let in_capitals = tokens.iter().filter(|t| t.caps).count();
    let mixed = 0 < in_capitals && in_capitals < tokens.len();

    let valence = |i: usize| {
        let word = tokens[i].word;
        let is_modifier = word.boost != 0.0 || word.id == WordId::KIND && id_at(tokens, i + 1) == WordId::OF;
        match word.valence {
            Some(valence) if !is_modifier => in_context(valence, tokens, i, mixed, lexicon),
            _ => 0.0,
        }
    };
    (0..tokens.len()).map(valence).collect()
}

fn id_at(tokens: &[Token<'_>], i: usize) -> WordId {
    tokens.get(i).map(|t| t.word.id).unwrap_or_default()
}

/// Valence of the lexicon word at `i`, changed by the words around it.
fn in_context(rated: f64, tokens: &[Token<'_>], i: usize, mixed: bool, lexicon: &Lexicon) -> f64 {
    let before = |distance: usize| i.checked_sub(distance).map(|at| tokens[at].word);
    let id_before = |distance: usize| before(distance).map(|w| w.id).unwrap_or_default();

    let mut valence = rated;
    // "no" before another lexicon word negates that one and says nothing by itself.
    if tokens[i].word.id == WordId::NO && tokens.get(i + 1).is_some_and(|next| next.word.is_affect()) {
        valence = 0.0;
    }
    if id_before(1) == WordId::NO
        || id_before(2) == WordId::NO
        || id_before(3) == WordId::NO && matches!(id_before(1), WordId::OR | WordId::NOR)
    {
        valence = rated * NEGATION;
    }
    if tokens[i].caps && mixed {
        valence += if valence > 0.0 { CAPITALS } else { -CAPITALS };
    }
    for distance in 1..=i.min(3) {
        let earlier = &tokens[i - distance];
        if earlier.word.is_affect() {
            continue;
        }
        valence += boost(earlier, valence, mixed) * FADE[distance - 1];
        valence *= turn(tokens, i, distance);
        if distance == 3 {
            valence = idioms(valence, tokens, i, lexicon);
        }
    }
    let least = before(1).is_some_and(|w| w.id == WordId::LEAST && !w.is_affect());
    if least && !matches!(id_before(2), WordId::AT | WordId::VERY) {
        valence *= NEGATION;
    }
    valence
}

/// What a booster adds to `valence`: away from zero for "very", towards it for "hardly".
fn boost(token: &Token<'_>, valence: f64, mixed: bool) -> f64 {
    let boost = token.word.boost;
    if boost == 0.0 {
        return 0.0;
    }
    let boost = if valence < 0.0 { -boost } else { boost };
    match token.caps && mixed {
        false => boost,
        true if valence > 0.0 => boost + CAPITALS,
        true => boost - CAPITALS,
    }
}

/// The factor by which the word `distance` before `i` turns it around.
fn turn(tokens: &[Token<'_>], i: usize, distance: usize) -> f64 {
    let id = |distance: usize| tokens[i - distance].word.id;
    let so = |distance: usize| matches!(id(distance), WordId::SO | WordId::THIS);
    let never_so = match distance {
        2 => id(2) == WordId::NEVER && so(1),
        // Any "so" or "this" right before the word counts here, with or without "never": the package's operators bind so.
        3 => id(3) == WordId::NEVER && so(2) || so(1),
        _ => false,
    };
    let no_doubt =
        distance > 1 && id(distance) == WordId::WITHOUT && (1..distance).any(|nearer| id(nearer) == WordId::DOUBT);
    if never_so {
        NEVER_SO
    } else if tokens[i - distance].word.negates && !no_doubt {
        NEGATION
    } else {
        1.0
    }
}

/// Phrases around `i`, of which there must be three words before: idioms replace the valence, "kind of" weakens it.
fn idioms(valence: f64, tokens: &[Token<'_>], i: usize, lexicon: &Lexicon) -> f64 {
    let spans = [i - 1..i + 1, i - 2..i + 1, i - 2..i, i - 3..i, i - 3..i - 1];
    let mut valence = spans.into_iter().find_map(|span| lexicon.idiom(&tokens[span])).unwrap_or(valence);
    for end in [i + 1, i + 2] {
        if let Some(idiom) = tokens.get(i..=end).and_then(|span| lexicon.idiom(span)) {
            valence = idiom;
        }
    }
    valence + lexicon.pair_boost(&tokens[i - 3..i - 1]) + lexicon.pair_boost(&tokens[i - 2..i])
}

/// Weakens what is before the first "but" and strengthens what is after it. The package finds each valence by its value, which may
/// be that of an earlier one that it has just changed: this is kept, because scores are to agree.
#[expect(clippy::float_cmp, reason = "the same value is looked for, not one near it")]
fn weigh_around_but(valences: &mut [f64], tokens: &[Token<'_>]) {
    let Some(but) = tokens.iter().position(|t| t.word.id == WordId::BUT) else { return };
    for i in 0..valences.len() {
        let value = valences[i];
        if value == 0.0 {
            continue;
        }
        let first = valences.iter().position(|&v| v == value).unwrap_or(i);
        valences[first] *= but_factor(first, but);
    }
}

/// How much the valence at `i` counts in a sentence with a "but".
pub(super) fn but_factor(i: usize, but: usize) -> f64 {
    match i.cmp(&but) {
        Ordering::Less => BEFORE_BUT,
        Ordering::Equal => 1.0,
        Ordering::Greater => AFTER_BUT,
    }
}

/// Rounds to the nearest multiple of 1/`scale` as Python's `round` does: by the exact binary value, ties to even.
#[expect(clippy::float_cmp, reason = "a tie is exact")]
fn round(value: f64, scale: f64) -> f64 {
    let scaled = value * scale;
    let below = scaled.floor();
    if scaled - below == 0.5 {
        // The product was rounded; its error says on which side of the tie the exact one is.
        let error = value.mul_add(scale, -scaled);
        if error != 0.0 {
            return (if error > 0.0 { below + 1.0 } else { below }) / scale;
        }
    }
    scaled.round_ties_even() / scale
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "scores are rounded and equal the package's")]
mod tests {
    use super::*;

    fn compound_of(text: &str) -> f64 {
        vader(text).compound
    }

    /// Values of vaderSentiment 3.3.2 for sentences that show one rule each; thousands more are compared in tests/it.
    #[test]
    fn rules_show_in_small_sentences() {
        assert_eq!(vader("The demo was good."), Scores { compound: 0.4404, pos: 0.492, neu: 0.508, neg: 0.0 });
        assert!(compound_of("The demo was very good") > compound_of("The demo was good"));
        assert!(compound_of("The demo was kind of good") < compound_of("The demo was good"));
        assert!(compound_of("The demo was GOOD") > compound_of("The demo was good"));
        assert!(compound_of("The demo was good!!") > compound_of("The demo was good!"));
        assert!(compound_of("The demo was not good") < 0.0);
        assert!(compound_of("The demo wasn't that good") < 0.0);
        assert!(compound_of("good but terrible") < compound_of("good and terrible"));
    }

    #[test]
    fn nothing_scores_nothing() {
        assert_eq!(vader(""), Scores::default());
        assert_eq!(vader(" \t\n\u{a0}"), Scores::default());
        assert_eq!(vader("table").neu, 1.0);
    }

    #[test]
    fn rounding_is_by_the_exact_value() {
        assert_eq!(round(0.0625, 1e3), 0.062);
        assert_eq!(round(0.1875, 1e3), 0.188);
        // 0.0005 is a little more than that in binary, 0.0015 too, 0.0025 as well; 0.1235 is less.
        assert_eq!(round(0.0005, 1e3), 0.001);
        assert_eq!(round(0.1235, 1e3), 0.123);
        assert_eq!(round(-0.5, 1e3), -0.5);
    }
}
