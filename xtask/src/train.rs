//! `cargo xtask train`: fits the label model and writes its weights.
//!
//! Examples are the sentences under crates/signals/data/training, written for this project, and, for objections alone, the annotated
//! dialogues of PersuasionForGood in ../shared/data/dialogs. Figures are from cross-validation: folds of sentences for the former, whole
//! dialogues left out for the latter.

use anyhow::{Context as _, Result, bail};
use rustc_hash::{FxHashMap, FxHashSet};
use signals::labels::{
    Context, Features, Labeler, LinearModel, OBJECTION, OUTPUTS, RESISTANCE, SOFT_MARGIN, output_index, output_name,
    sigmoid,
};
use std::path::{Path, PathBuf};
use transcript::Side;

const FOLDS: usize = 6;
const STEPS: i32 = 160;
const RATE: f32 = 0.1;
/// Penalty on the square of a word's weight.
const WORD_PENALTY: f32 = 1.5;
/// Penalty on the square of a cue's weight: cues are few and frequent and may weigh more.
const CUE_PENALTY: f32 = 0.5;
/// Our sentences hold objections far more often than calls do; the threshold is raised by this much.
const OBJECTION_CAUTION: f32 = 2.2;
/// Penalty on the weight of a cue where resistance is learned.
const RESISTANCE_CUE_PENALTY: f32 = 0.12;
/// Features seen in fewer examples are left out.
const MIN_EXAMPLES: u32 = 2;
/// Weights closer to zero than this are left out of the file.
const MIN_WEIGHT: f32 = 0.02;
/// Features without a weight of this size are left out.
const MIN_FEATURE: f32 = 0.12;

/// How many synthetic calls are read, and how much a line of theirs counts beside a written sentence.
const SYNTHETIC_CALLS: u32 = 400;
const SYNTHETIC_WEIGHT: f32 = 0.5;
/// Outputs that synthetic calls annotate on every line.
const ANNOTATED: [&str; 8] = ["pain", "impact", "proof", "next_step", "commitment", "request", "ack", "objection"];
/// Outputs whose lines are the evidence of a met check.
const EVIDENCE: [(&str, &str); 11] = [
    ("agenda", "agenda_set"),
    ("decision", "decision_process"),
    ("need_link", "need_linked"),
    ("recap", "recap_given"),
    ("clarify", "objection_clarified"),
    ("confirm", "objection_confirmed"),
    ("unknown", "unknowns_followed_up"),
    ("agree", "customer_agreed"),
    ("restate", "request_understood"),
    ("resolved", "resolved_or_owned"),
    ("further_help", "further_help_offered"),
];

/// One sentence with what it is known to do.
struct Example {
    features: Features,
    /// Bit per output.
    positive: u64,
    /// How much it counts for each output; 0 where it is not known.
    weights: [f32; OUTPUTS],
    fold: usize,
    /// Dialogue number of the PersuasionForGood set, and whether the speaker was given.
    dialogue: Option<(usize, bool)>,
}

impl Example {
    fn is(&self, output: usize) -> bool {
        self.positive >> output & 1 == 1
    }

    fn all_features(&self) -> impl Iterator<Item = u32> + '_ {
        self.features.words.iter().chain(&self.features.cues).copied()
    }
}

/// Where the weights are kept.
pub fn weights_path(root: &Path) -> PathBuf {
    root.join("crates/signals/data/label_weights.tsv")
}

/// Fits, prints cross-validated figures, writes the weights.
pub fn run(root: &Path) -> Result<()> {
    let labeler = Labeler::new(vec![], LinearModel::from_parts([], [0.0; OUTPUTS], [0.0; OUTPUTS]))?;
    let mut examples = Vec::new();
    for name in ["sales.tsv", "service.tsv"] {
        read_sentences(&root.join("crates/signals/data/training").join(name), &labeler, &mut examples)?;
    }
    let own = examples.len();
    read_synthetic(&labeler, &mut examples);
    println!("{} lines of synthetic calls", examples.len() - own);
    let own = examples.len();
    let dialogues = root.join("../shared/data/dialogs/p4g_dev_60.jsonl");
    if dialogues.exists() {
        read_dialogues(&dialogues, &labeler, &mut examples)?;
    } else {
        println!(
            "skipped: {} is absent; the objection output is trained on our own sentences alone",
            dialogues.display()
        );
    }
    println!("{own} sentences, {} lines of dialogues", examples.len() - own);

    let resistance_cues: FxHashSet<u32> = labeler.cue_features("resist.").into_iter().collect();
    let kept = frequent(&examples);
    println!("{} features", kept.len());
    let mut rows = Vec::new();
    let mut held_out: Vec<[f32; OUTPUTS]> = vec![[0.0; OUTPUTS]; examples.len()];
    for fold in 0..FOLDS {
        let model = fit(&examples, &kept, &resistance_cues, |example| example.fold != fold);
        for (example, scores) in examples.iter().zip(&mut held_out).filter(|(example, _)| example.fold == fold) {
            *scores = model.scores(&example.features, &mut rows).to_array();
        }
    }
    println!("{:<22} {:>5} {:>7} {:>7} {:>7} {:>9}", "output", "n", "prec", "recall", "F1", "threshold");
    let mut thresholds = [0.0; OUTPUTS];
    for output in 0..OUTPUTS {
        let own_only =
            |example: &&(&Example, &[f32; OUTPUTS])| example.0.dialogue.is_none() && example.0.weights[output] >= 0.25;
        let pairs: Vec<_> = examples.iter().zip(&held_out).collect();
        let scored: Vec<(f32, bool)> = pairs.iter().filter(own_only).map(|(e, s)| (s[output], e.is(output))).collect();
        let best = best_threshold(&scored);
        thresholds[output] = best.threshold + if output == OBJECTION { OBJECTION_CAUTION } else { 0.0 };
        println!(
            "{:<22} {:>5} {:>7.2} {:>7.2} {:>7.2} {:>9.2}",
            output_name(output),
            best.positives,
            best.precision,
            best.recall,
            best.f1,
            best.threshold
        );
    }
    if examples.iter().any(|e| e.dialogue.is_some()) {
        thresholds[RESISTANCE] = report_dialogues(&examples, &held_out, thresholds[OBJECTION]);
    }

    let model = fit(&examples, &kept, &resistance_cues, |_| true);
    let model = model.with_thresholds(thresholds);
    let tsv = model.prune(MIN_WEIGHT, MIN_FEATURE).to_tsv();
    std::fs::write(weights_path(root), &tsv)?;
    println!("wrote {} ({} KB)", weights_path(root).display(), tsv.len() / 1024);
    Ok(())
}

fn read_sentences(path: &Path, labeler: &Labeler, examples: &mut Vec<Example>) -> Result<()> {
    let file = std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    for (number, line) in file.lines().enumerate().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [side, labels, previous, text] = cells[..] else {
            bail!("{}:{}: four columns were expected", path.display(), number + 1)
        };
        let side = if side == "rep" { Side::Internal } else { Side::External };
        let mut positive = 0u64;
        for label in labels.split(',').map(str::trim).filter(|l| *l != "none") {
            let output = output_index(label)
                .with_context(|| format!("{}:{}: no label \"{label}\"", path.display(), number + 1))?;
            positive |= 1 << output;
            if output > OBJECTION {
                positive |= 1 << OBJECTION | 1 << RESISTANCE;
            }
        }
        let context = if previous == "-" { Context::default() } else { labeler.context(previous, Some(side.other())) };
        // Half of the weight with the side unknown, since `sideline label` is often used without.
        for given in [Some(side), None] {
            let weight = if given.is_some() { 1.0 } else { 0.4 };
            let mut weights = [weight; OUTPUTS];
            if positive >> OBJECTION & 1 == 0 {
                // The kind of an objection is learned among objections alone.
                weights[OBJECTION + 1..RESISTANCE].fill(0.0);
            }
            weights[RESISTANCE] = 0.0; // learned from persuasion dialogues alone
            examples.push(Example {
                features: labeler.features(text, given, &context),
                positive,
                weights,
                fold: number % FOLDS,
                dialogue: None,
            });
        }
    }
    Ok(())
}

/// Synthetic calls give what written sentences lack: the many ordinary lines between the telling ones.
fn read_synthetic(labeler: &Labeler, examples: &mut Vec<Example>) {
    let options = synth::SynthOptions { calls: SYNTHETIC_CALLS, seed: 20_261_121, ..synth::SynthOptions::default() };
    let mut seen: FxHashSet<String> = FxHashSet::default();
    for (number, call) in synth::generate(&options).enumerate() {
        for segment in &call.transcript.segments {
            let Some(side) = call.transcript.side(segment) else { continue };
            // The same line with other names and numbers is the same line.
            let shape: String = segment
                .text
                .split_whitespace()
                .enumerate()
                .filter(|(i, w)| *i == 0 || w.chars().all(|c| c.is_lowercase() || c == '\''))
                .map(|(_, w)| w)
                .collect();
            if !seen.insert(shape) {
                continue;
            }
            let mut weights = [0.0; OUTPUTS];
            let mut positive = 0u64;
            for output in ANNOTATED.iter().filter_map(|name| output_index(name)) {
                weights[output] = SYNTHETIC_WEIGHT;
            }
            for (output, _) in EVIDENCE.iter().filter_map(|(label, check)| Some((output_index(label)?, check))) {
                weights[output] = SYNTHETIC_WEIGHT * 0.5;
            }
            for mark in call.truth.labels.iter().filter(|m| m.segment == segment.id) {
                let name = mark.kind.split(':').next().unwrap_or_default();
                for output in [output_index(name), output_index(&mark.kind)].into_iter().flatten() {
                    positive |= 1 << output;
                }
            }
            for (label, check) in EVIDENCE {
                if call
                    .truth
                    .verdicts
                    .iter()
                    .any(|v| v.check == check && v.verdict == synth::Expected::Met && v.segments.contains(&segment.id))
                {
                    positive |= output_index(label).map_or(0, |o| 1 << o);
                }
            }
            if positive >> OBJECTION & 1 == 1 {
                weights[OBJECTION + 1..RESISTANCE].fill(SYNTHETIC_WEIGHT);
            }
            // Without the line before: the script of a synthetic call would be learned instead of the words.
            let context = Context::default();
            for given in [Some(side), None] {
                if given.is_none() {
                    weights = weights.map(|w| w * 0.4);
                }
                examples.push(Example {
                    features: labeler.features(&segment.text, given, &context),
                    positive,
                    weights,
                    fold: number % FOLDS,
                    dialogue: None,
                });
            }
        }
    }
}

fn read_dialogues(path: &Path, labeler: &Labeler, examples: &mut Vec<Example>) -> Result<()> {
    for (dialogue, line) in std::fs::read_to_string(path)?.lines().enumerate() {
        let value: serde_json::Value = serde_json::from_str(line)?;
        let mut before: FxHashMap<&str, String> = FxHashMap::default();
        for segment in value["segments"].as_array().context("segments")? {
            let (speaker, text) = (segment["speaker"].as_str().unwrap_or(""), segment["text"].as_str().unwrap_or(""));
            let side = if speaker == "persuader" { Side::Internal } else { Side::External };
            let other = if speaker == "persuader" { "persuadee" } else { "persuader" };
            let context = before.get(other).map(|text| labeler.context(text, Some(side.other()))).unwrap_or_default();
            if side == Side::Internal {
                before.insert("persuader", text.to_owned());
                continue; // our side never objects
            }
            let positive = u64::from(segment["objection"].as_bool().unwrap_or(false)) << RESISTANCE;
            for (given, weight) in [(Some(side), 1.0), (None, 0.4)] {
                let mut weights = [0.0; OUTPUTS];
                weights[RESISTANCE] = weight;
                let context = if given.is_some() { context.clone() } else { Context::default() };
                examples.push(Example {
                    features: labeler.features(text, given, &context),
                    positive,
                    weights,
                    fold: dialogue % FOLDS,
                    dialogue: Some((dialogue, given.is_some())),
                });
            }
            before.insert("persuadee", text.to_owned());
        }
    }
    Ok(())
}

fn frequent(examples: &[Example]) -> FxHashSet<u32> {
    let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
    for feature in examples.iter().flat_map(Example::all_features) {
        *counts.entry(feature).or_default() += 1;
    }
    // Every sentence stands twice among the examples, with and without its side.
    counts.into_iter().filter(|(_, count)| *count >= MIN_EXAMPLES * 2).map(|(feature, _)| feature).collect()
}

/// One logistic regression an output: full-batch Adam on the penalised log loss, so that the result depends on nothing but the data.
fn fit(
    examples: &[Example],
    kept: &FxHashSet<u32>,
    resistance_cues: &FxHashSet<u32>,
    used: impl Fn(&Example) -> bool,
) -> LinearModel {
    let mut index: Vec<u32> = kept.iter().copied().collect();
    index.sort_unstable();
    let column: FxHashMap<u32, u32> = index.iter().enumerate().map(|(i, f)| (*f, i as u32)).collect();
    let mut penalty = vec![[WORD_PENALTY; OUTPUTS]; index.len()];
    let mut rows: Vec<(Vec<u32>, &Example)> = Vec::new();
    for example in examples.iter().filter(|e| used(e)) {
        for feature in &example.features.cues {
            if let Some(column) = column.get(feature) {
                penalty[*column as usize] = [CUE_PENALTY; OUTPUTS];
            }
        }
        rows.push((example.all_features().filter_map(|f| column.get(&f).copied()).collect(), example));
    }
    for (row, feature) in penalty.iter_mut().zip(&index) {
        // With 50 positive examples nothing but the cues made for it can be learned.
        row[RESISTANCE] = if resistance_cues.contains(feature) { RESISTANCE_CUE_PENALTY } else { f32::INFINITY };
    }
    let mut emphasis = [1f32; OUTPUTS];
    for (output, emphasis) in emphasis.iter_mut().enumerate() {
        let (mut positive, mut negative) = (0f32, 0f32);
        for (_, example) in rows.iter().filter(|(_, e)| e.weights[output] > 0.0) {
            *(if example.is(output) { &mut positive } else { &mut negative }) += example.weights[output];
        }
        // Positives are rare; they count more, by the root of their rarity.
        *emphasis = (negative / positive.max(1.0)).sqrt().clamp(1.0, 4.0);
    }
    let columns = index.len();
    let mut weights = vec![[0f32; OUTPUTS]; columns + 1];
    let mut first = vec![[0f32; OUTPUTS]; columns + 1];
    let mut second = vec![[0f32; OUTPUTS]; columns + 1];
    penalty.push([0.0; OUTPUTS]);
    for step in 1..=STEPS {
        let mut gradient = vec![[0f32; OUTPUTS]; columns + 1];
        for (features, example) in &rows {
            let mut scores = weights[columns];
            for &column in features {
                for (score, weight) in scores.iter_mut().zip(&weights[column as usize]) {
                    *score += weight;
                }
            }
            let mut slope = [0f32; OUTPUTS];
            for output in 0..OUTPUTS {
                let truth = f32::from(u8::from(example.is(output)));
                let emphasis = if truth > 0.0 { emphasis[output] } else { 1.0 };
                slope[output] = (sigmoid(scores[output]) - truth) * emphasis * example.weights[output];
            }
            for &column in features.iter().chain(std::iter::once(&(columns as u32))) {
                for (sum, slope) in gradient[column as usize].iter_mut().zip(&slope) {
                    *sum += slope;
                }
            }
        }
        let rate = RATE * (1.0 - step as f32 / (STEPS as f32 + 1.0));
        let (fade1, fade2) = (1.0 - 0.9f32.powi(step), 1.0 - 0.99f32.powi(step));
        for column in 0..=columns {
            for output in 0..OUTPUTS {
                if penalty[column][output].is_infinite() {
                    continue;
                }
                let g = gradient[column][output] + penalty[column][output] * weights[column][output];
                let (m, v) = (&mut first[column][output], &mut second[column][output]);
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.99 * *v + 0.01 * g * g;
                weights[column][output] -= rate * (*m / fade1) / ((*v / fade2).sqrt() + 1e-6);
            }
        }
    }
    let bias = weights.pop().unwrap_or([0.0; OUTPUTS]);
    LinearModel::from_parts(index.into_iter().zip(weights), bias, [0.0; OUTPUTS])
}

struct Operating {
    threshold: f32,
    positives: usize,
    precision: f32,
    recall: f32,
    f1: f32,
}

/// The threshold with the best F1 on scores that were held out.
fn best_threshold(scored: &[(f32, bool)]) -> Operating {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = sorted.iter().filter(|s| s.1).count();
    let mut best = Operating { threshold: 0.0, positives, precision: 0.0, recall: 0.0, f1: 0.0 };
    let mut hits = 0;
    for (taken, window) in sorted.windows(2).enumerate() {
        hits += usize::from(window[0].1);
        let (precision, recall) = (hits as f32 / (taken + 1) as f32, hits as f32 / positives.max(1) as f32);
        let f1 = 2.0 * precision * recall / (precision + recall).max(1e-6);
        if f1 > best.f1 {
            best = Operating { threshold: f32::midpoint(window[0].0, window[1].0), positives, precision, recall, f1 };
        }
    }
    best
}

/// Prints F1 of objections on whole dialogues left out, with a bootstrap interval over dialogues; returns the threshold of resistance.
fn report_dialogues(examples: &[Example], held_out: &[[f32; OUTPUTS]], objection: f32) -> f32 {
    let lines: Vec<Line> = examples
        .iter()
        .zip(held_out)
        .filter_map(|(e, s)| {
            e.dialogue.map(|(dialogue, given)| Line {
                dialogue,
                given,
                objection: s[OBJECTION],
                resistance: s[RESISTANCE],
                truth: e.is(RESISTANCE),
            })
        })
        .collect();
    let candidates = (-20..=20).map(|step| step as f32 * 0.1);
    let threshold = candidates
        .map(|threshold| {
            (
                threshold,
                [true, false]
                    .map(|given| f1_of(&mut lines.iter().filter(|l| l.given == given), objection, threshold).2)
                    .iter()
                    .sum::<f32>(),
            )
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(0.0, |(threshold, _)| threshold);
    for given in [true, false] {
        let (precision, recall, f1) = f1_of(&mut lines.iter().filter(|l| l.given == given), objection, threshold);
        let dialogues = lines.iter().map(|l| l.dialogue).max().unwrap_or(0) + 1;
        let mut by_dialogue: Vec<Vec<&Line>> = vec![Vec::new(); dialogues];
        for line in lines.iter().filter(|l| l.given == given) {
            by_dialogue[line.dialogue].push(line);
        }
        let mut state = 88_172_645_463_325_252u64;
        let mut samples: Vec<f32> = (0..1000)
            .map(|_| {
                let mut drawn = Vec::new();
                for _ in 0..dialogues {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    drawn.extend(by_dialogue[(state % dialogues as u64) as usize].iter().copied());
                }
                f1_of(&mut drawn.into_iter(), objection, threshold).2
            })
            .collect();
        samples.sort_by(f32::total_cmp);
        println!(
            "PersuasionForGood, dialogues left out, {}: n {} of {}, precision {precision:.2}, recall {recall:.2}, F1 {f1:.2} (95 % bootstrap {:.2}–{:.2}) at {threshold:.1}",
            if given { "speaker and line before given" } else { "text alone" },
            lines.iter().filter(|l| l.given == given && l.truth).count(),
            lines.iter().filter(|l| l.given == given).count(),
            samples[25],
            samples[974],
        );
    }
    threshold
}

/// A customer's line of a dialogue with its held-out scores.
struct Line {
    dialogue: usize,
    given: bool,
    objection: f32,
    resistance: f32,
    truth: bool,
}

/// Precision, recall and F1 of the rule of [`LinearModel::objection`].
fn f1_of(lines: &mut dyn Iterator<Item = &Line>, objection: f32, resistance: f32) -> (f32, f32, f32) {
    let (mut hit, mut found, mut there) = (0f32, 0f32, 0f32);
    for line in lines {
        let says =
            line.objection >= objection || line.resistance >= resistance && line.objection >= objection - SOFT_MARGIN;
        hit += f32::from(u8::from(says && line.truth));
        found += f32::from(u8::from(says));
        there += f32::from(u8::from(line.truth));
    }
    (hit / found.max(1.0), hit / there.max(1.0), 2.0 * hit / (found + there).max(1.0))
}
