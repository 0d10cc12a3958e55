//! A linear model over words and cues: one logistic regression an output, all in one table.

use super::{Context, Label, LabelSet, ObjectionKind, QuestionKind};
use crate::pattern::Hit;
use crate::text::{Class, Token};
use transcript::Side;

/// Number of outputs: the labels, whether the sentence objects at all, the kinds of objection, and resistance.
pub const OUTPUTS: usize = 25 + 1 + 7 + 1;
/// Output that says whether the sentence objects at all, learned from sales and service sentences.
pub const OBJECTION: usize = 25;
/// The same learned from persuasion dialogues, where people refuse more softly.
pub const RESISTANCE: usize = OUTPUTS - 1;

/// How far below its threshold the objection output may lie where resistance is clear.
pub const SOFT_MARGIN: f32 = 4.0;

const _: () = assert!(Label::ALL.len() == OBJECTION);

/// Number of the output with this name ("pain", "objection", "objection:price").
pub fn output_index(name: &str) -> Option<usize> {
    (0..OUTPUTS).find(|index| output_name(*index) == name)
}

/// Name of an output.
pub fn output_name(index: usize) -> String {
    match index {
        OBJECTION => "objection".to_owned(),
        RESISTANCE => "resistance".to_owned(),
        index if index < OBJECTION => Label::ALL[index].as_str().to_owned(),
        index => format!("objection:{}", ObjectionKind::ALL[index - OBJECTION - 1].as_str()),
    }
}

/// Logistic function.
pub fn sigmoid(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

/// The features of a sentence, as hashes of their names.
#[derive(Debug, Clone, Default)]
pub struct Features {
    /// Words, pairs and triples of neighbouring words.
    pub words: Vec<u32>,
    /// Cues, side, form and length; few and frequent, so that training binds them less.
    pub cues: Vec<u32>,
}

/// Joins two hashes into the hash of a pair.
fn join(first: u32, second: u32) -> u32 {
    (first.rotate_left(5) ^ second).wrapping_mul(0x9E37_79B1)
}

// The constants below keep features of different makes apart; any numbers that are far from each other and from small counts do.

/// The feature that a cue is there, whoever speaks.
pub(super) fn cue_feature(owner: u16) -> u32 {
    join(0xB350_0000, u32::from(owner))
}

/// What a token counts as: numbers, days, amounts and names are taken together.
fn unit(token: &Token) -> u32 {
    const NUM: u32 = 0xA110_0000;
    const DAY: u32 = 0xA120_0000;
    const MONEY: u32 = 0xA130_0000;
    const NAME: u32 = 0xA140_0000;
    if token.class.has(Class::MONEY) {
        MONEY
    } else if token.class.has(Class::DAY) {
        DAY
    } else if token.class.has(Class::NUMBER) {
        NUM
    } else if token.class.has(Class::CAPITAL) {
        NAME
    } else {
        token.hash
    }
}

impl Features {
    /// Collects the features of a sentence: words, pairs and triples of neighbouring words, cues, side, form of question, length, and
    /// the cues of the line before. A feature that is there twice is listed twice.
    pub(super) fn collect(
        &mut self,
        tokens: &[Token],
        side: Option<Side>,
        question: Option<QuestionKind>,
        cues: &[Hit],
        context: &Context,
    ) {
        let Self { words, cues: marks } = self;
        words.clear();
        marks.clear();
        words.reserve(tokens.len() * 3 + 1);
        marks.reserve(4 + cues.len() * 2 + context.cues.len());
        let mut before = 0xB210_0000;
        for token in tokens {
            let unit = unit(token);
            words.push(unit);
            words.push(join(before, unit));
            before = unit;
        }
        words.push(join(before, 0xB220_0000));
        let side = match side {
            Some(Side::Internal) => 1,
            Some(Side::External) => 2,
            None => 0,
        };
        let form = |question: Option<QuestionKind>| match question {
            None => 0,
            Some(QuestionKind::Open) => 1,
            Some(QuestionKind::Factual) => 2,
            Some(QuestionKind::Closed) => 3,
        };
        marks.push(join(0xB310_0000, side));
        marks.push(join(join(0xB320_0000, form(question)), side));
        marks.push(join(0xB330_0000, (tokens.len() as u32).min(40).checked_ilog2().unwrap_or(0)));
        marks.push(join(0xB340_0000, form(context.question)));
        for cue in cues {
            marks.push(cue_feature(cue.owner));
            marks.push(join(join(0xB360_0000, u32::from(cue.owner)), side));
        }
        for cue in &context.cues {
            marks.push(join(0xB370_0000, u32::from(*cue)));
        }
    }

    /// Puts the features in order, each once.
    pub(super) fn sort(&mut self) {
        for list in [&mut self.words, &mut self.cues] {
            list.sort_unstable();
            list.dedup();
        }
    }
}

/// Why a file of weights cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the weights: {message}")]
pub struct ModelError {
    line: usize,
    message: String,
}

/// Log odds of every output, kept in units of 1/32 as the weights are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scores([i16; OUTPUTS]);

impl Scores {
    /// Log odds of `output`; see [`output_index`].
    pub fn get(&self, output: usize) -> f32 {
        f32::from(self.0[output]) / UNIT
    }

    /// All log odds in the order of the outputs.
    pub fn to_array(self) -> [f32; OUTPUTS] {
        std::array::from_fn(|output| self.get(output))
    }
}

/// Weights are whole numbers of one part in so many: a row of bytes stays within one or two lines of the cache, and a sentence has dozens.
const UNIT: f32 = 32.0;

fn units(log_odds: f32) -> i16 {
    (log_odds * UNIT).round() as i16
}

/// Weights beyond ±3.97, of which there is none, are cut to that.
fn small_units(weight: f32) -> i8 {
    (weight * UNIT).round() as i8
}

/// The weights: a row of [`OUTPUTS`] numbers a feature.
#[derive(Debug, Clone)]
pub struct LinearModel {
    /// The features in ascending order, and [`NEAR`] zeros behind them.
    features: Vec<u32>,
    /// A row for each of `features`.
    weights: Vec<[i8; OUTPUTS]>,
    /// Where among `features` those begin whose leading [`INDEX_BITS`] are the index or more. They are hashes, so that there are one or
    /// two features between two entries.
    index: Vec<u32>,
    bias: [i16; OUTPUTS],
    thresholds: [i16; OUTPUTS],
}

/// Leading bits by which features are looked up.
const INDEX_BITS: u32 = 14;

/// So many features from a place in the index on are compared at once; no more may have their leading bits in common.
const NEAR: usize = 8;

const WEIGHTS: &str = include_str!("../../data/label_weights.tsv");

impl LinearModel {
    /// The built-in weights.
    pub fn builtin() -> Self {
        Self::from_tsv(WEIGHTS).expect("the built-in weights are checked by a test")
    }

    /// Puts a model together from different features and their weights; `thresholds` are log odds from which an output counts.
    pub fn from_parts(
        rows: impl IntoIterator<Item = (u32, [f32; OUTPUTS])>,
        bias: [f32; OUTPUTS],
        thresholds: [f32; OUTPUTS],
    ) -> Self {
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by_key(|(feature, _)| *feature);
        let (mut features, weights): (Vec<u32>, Vec<_>) =
            rows.into_iter().map(|(f, row)| (f, row.map(small_units))).unzip();
        let index = (0..=1 << INDEX_BITS).map(|lead: u64| {
            features.partition_point(|feature| u64::from(*feature) < lead << (u32::BITS - INDEX_BITS)) as u32
        });
        let index: Vec<u32> = index.collect();
        assert!(index.windows(2).all(|pair| pair[1] - pair[0] <= NEAR as u32), "features are hashes, spread evenly");
        features.extend([0; NEAR]);
        Self { features, weights, index, bias: bias.map(units), thresholds: thresholds.map(units) }
    }

    /// Place of the weights of a feature, and whether it has any. Without a branch, because it would be a guess that fails half of the time.
    fn row(&self, feature: u32) -> (u32, bool) {
        let first = self.index[(feature >> (u32::BITS - INDEX_BITS)) as usize];
        let near =
            self.features[first as usize..].first_chunk::<NEAR>().expect("so many zeros are behind the last one");
        let mut same = 0_u32;
        for (bit, known) in near.iter().enumerate() {
            same |= u32::from(*known == feature) << bit;
        }
        let row = first + same.trailing_zeros() % u32::BITS;
        (row, same != 0 && (row as usize) < self.weights.len())
    }

    /// The same weights with other thresholds.
    #[must_use]
    pub fn with_thresholds(self, thresholds: [f32; OUTPUTS]) -> Self {
        Self { thresholds: thresholds.map(units), ..self }
    }

    /// The same model without weights that are closer to zero than `least`, and without features that have only weights closer to zero
    /// than `least_of_feature`: they decide nothing and take room in the processor's cache.
    #[must_use]
    pub fn prune(mut self, least: f32, least_of_feature: f32) -> Self {
        for row in &mut self.weights {
            let largest = row.iter().map(|weight| weight.unsigned_abs()).max().unwrap_or(0);
            let least = if f32::from(largest) < least_of_feature * UNIT { f32::INFINITY } else { least };
            for weight in row.iter_mut().filter(|weight| f32::from(weight.unsigned_abs()) < least * UNIT) {
                *weight = 0;
            }
        }
        self
    }

    /// Reads the file that [`LinearModel::to_tsv`] writes.
    ///
    /// # Errors
    /// When a line is not of that form; it names the line.
    pub fn from_tsv(tsv: &str) -> Result<Self, ModelError> {
        let mut bias = [0.0; OUTPUTS];
        let mut thresholds = [0.0; OUTPUTS];
        let mut rows = Vec::new();
        for (index, line) in tsv.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty()) {
            let fail = |message: &str| ModelError { line: index + 1, message: message.to_owned() };
            let (head, cells) =
                line.split_once('\t').ok_or_else(|| fail("a feature, a tab and weights were expected"))?;
            let mut row = [0.0; OUTPUTS];
            for cell in cells.split(' ') {
                let (output, weight) = cell.split_once(':').ok_or_else(|| fail("\"output:weight\" was expected"))?;
                let output: usize =
                    output.parse().ok().filter(|o| *o < OUTPUTS).ok_or_else(|| fail("no such output"))?;
                row[output] = weight.parse::<f32>().map_err(|_| fail("a weight is no number"))? / UNIT;
            }
            match head {
                "bias" => bias = row,
                "threshold" => thresholds = row,
                head => {
                    rows.push((u32::from_str_radix(head, 36).map_err(|_| fail("a feature is not in base 36"))?, row));
                }
            }
        }
        Ok(Self::from_parts(rows, bias, thresholds))
    }

    /// Writes the weights: feature hashes in base 36, weights in units of 1/32, zeros left out.
    pub fn to_tsv(&self) -> String {
        use std::fmt::Write as _;
        let cells = |row: &[i16]| {
            let cells = row.iter().enumerate().filter(|(_, weight)| **weight != 0);
            cells.map(|(output, weight)| format!("{output}:{weight}")).collect::<Vec<_>>().join(" ")
        };
        let names = (0..OUTPUTS).map(|i| format!("{i} {}", output_name(i))).collect::<Vec<_>>().join(", ");
        let mut out = format!("# Weights of the label model, made by `cargo xtask train`. Outputs: {names}.\n");
        let _ = writeln!(out, "bias\t{}\nthreshold\t{}", cells(&self.bias), cells(&self.thresholds));
        for (feature, row) in self.features.iter().zip(&self.weights) {
            let cells = cells(&row.map(i16::from));
            if !cells.is_empty() {
                let _ = writeln!(out, "{}\t{cells}", base36(*feature));
            }
        }
        out
    }

    /// Log odds of every output. `rows` is a buffer.
    pub fn scores(&self, features: &Features, rows: &mut Vec<u32>) -> Scores {
        rows.clear();
        rows.resize(features.words.len() + features.cues.len(), 0);
        // All rows are found before one is read, so that the processor can fetch several at a time.
        let mut found = 0;
        for feature in features.words.iter().chain(&features.cues) {
            let (row, known) = self.row(*feature);
            // Overwritten by the next one unless it counts.
            rows[found] = row;
            found += usize::from(known);
        }
        rows.truncate(found);
        // A feature that is there twice counts once. Most are not, which 64 bits can tell.
        let mut seen = 0_u64;
        let mut scores = self.bias;
        for (at, row) in rows.iter().enumerate() {
            let bit = 1 << (row % u64::BITS);
            if seen & bit != 0 && rows[..at].contains(row) {
                continue;
            }
            seen |= bit;
            for (score, weight) in scores.iter_mut().zip(&self.weights[*row as usize]) {
                *score = score.saturating_add(i16::from(*weight));
            }
        }
        Scores(scores)
    }

    /// Log odds from which `output` counts.
    pub fn threshold(&self, output: usize) -> f32 {
        f32::from(self.thresholds[output]) / UNIT
    }

    /// The labels whose log odds reach their thresholds.
    pub(super) fn labels(&self, scores: &Scores) -> LabelSet {
        let mut labels = LabelSet::default();
        for &label in Label::ALL {
            if scores.0[label as usize] >= self.thresholds[label as usize] {
                labels.insert(label);
            }
        }
        labels
    }

    /// The kind of objection, where the sentence objects: clearly by what sales and service calls taught, or somewhat by that and clearly
    /// by what persuasion dialogues taught.
    pub fn objection(&self, scores: &Scores) -> Option<ObjectionKind> {
        let clear = scores.get(OBJECTION) >= self.threshold(OBJECTION);
        let soft = scores.get(RESISTANCE) >= self.threshold(RESISTANCE)
            && scores.get(OBJECTION) >= self.threshold(OBJECTION) - SOFT_MARGIN;
        if !clear && !soft {
            return None;
        }
        Some(Self::objection_kind(scores))
    }

    /// The likeliest kind, taking for granted that the sentence objects.
    pub fn objection_kind(scores: &Scores) -> ObjectionKind {
        // Of equal ones the first.
        let kinds = scores.0[OBJECTION + 1..RESISTANCE].iter().zip(ObjectionKind::ALL);
        kinds.rev().max_by_key(|(score, _)| **score).map_or(ObjectionKind::Need, |(_, kind)| kind)
    }
}

fn base36(mut value: u32) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(value % 36, 36).unwrap_or('0'));
        value /= 36;
        if value == 0 {
            return digits.iter().rev().collect();
        }
    }
}
