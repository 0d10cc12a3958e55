//! The encoder: BERT with the mean of what the last layer says of each token, as long as one.
//!
//! Texts are worked through without padding: their tokens lie one after the other in the dense layers, and each text attends to itself. So no
//! embedding depends on what else is computed with it.

use crate::matrix::{Multiplier, Packed, Rows};
use crate::numeric::{add_and_normalise, gelu, softmax, to_unit};
use crate::safetensors::Tensors;
use pulp::Arch;

/// Width of a head in all models of this family; smaller models, as tests have, are of one head.
const HEAD: usize = 32;

/// A dense layer.
#[derive(Debug)]
struct Dense {
    weights: Packed,
    bias: Vec<f32>,
}

#[derive(Debug)]
struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

#[derive(Debug)]
struct Layer {
    /// Query, key and value side by side.
    attention: Dense,
    attended: Dense,
    attended_norm: Norm,
    widening: Dense,
    narrowing: Dense,
    norm: Norm,
}

/// A model in memory. It is only read, by as many threads as want to.
#[derive(Debug)]
pub(crate) struct Encoder {
    arch: Arch,
    /// Numbers that stand for a token.
    hidden: usize,
    /// A row for each token that there is.
    words: Vec<f32>,
    /// A row for each place in a text, that of the first kind of text added.
    places: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

impl Encoder {
    /// Takes a model out of its file; all sizes are those of its tensors.
    ///
    /// # Errors
    /// What is wrong with the file, as it follows its name in a sentence.
    pub fn read(file: &[u8], arch: Arch) -> Result<Self, String> {
        let tensors = Tensors::read(file)?;
        let (tokens, hidden) = tensors.shape("embeddings.word_embeddings.weight")?;
        let (places, _) = tensors.shape("embeddings.position_embeddings.weight")?;
        let (kinds, _) = tensors.shape("embeddings.token_type_embeddings.weight")?;
        let kinds = tensors.values("embeddings.token_type_embeddings.weight", &[kinds, hidden])?;
        let mut places = tensors.values("embeddings.position_embeddings.weight", &[places, hidden])?;
        for place in places.chunks_exact_mut(hidden) {
            place.iter_mut().zip(&kinds).for_each(|(place, kind)| *place += kind);
        }
        if hidden > HEAD && !hidden.is_multiple_of(HEAD) {
            return Err(format!("its {hidden} dimensions are no number of heads of {HEAD}"));
        }
        let mut layers = Vec::new();
        while tensors.has(&format!("encoder.layer.{}.attention.self.query.weight", layers.len())) {
            layers.push(Layer::read(&tensors, &format!("encoder.layer.{}", layers.len()), hidden)?);
        }
        if layers.is_empty() {
            return Err("it has no layers".to_owned());
        }
        Ok(Self {
            arch,
            hidden,
            words: tensors.values("embeddings.word_embeddings.weight", &[tokens, hidden])?,
            places,
            norm: Norm::read(&tensors, "embeddings.LayerNorm", hidden)?,
            layers,
        })
    }

    /// Numbers of an embedding.
    pub fn dimensions(&self) -> usize {
        self.hidden
    }

    /// The number after the largest of a token that it knows.
    pub fn tokens(&self) -> usize {
        self.words.len() / self.hidden
    }

    /// Tokens of the longest text.
    pub fn longest(&self) -> usize {
        self.places.len() / self.hidden
    }

    /// The embeddings of texts, each of at least one token and at most [`Self::longest`], all of them below [`Self::tokens`].
    pub fn embed(&self, texts: &[&[u32]]) -> Vec<Vec<f32>> {
        let hidden = self.hidden;
        let mut states: Vec<f32> = Vec::with_capacity(texts.iter().map(|text| text.len() * hidden).sum());
        for text in texts {
            for (token, place) in text.iter().zip(self.places.chunks_exact(hidden)) {
                let word = &self.words[*token as usize * hidden..][..hidden];
                states.extend(word.iter().zip(place).map(|(word, place)| word + place));
            }
        }
        let zeros = vec![0.0; states.len()];
        add_and_normalise(self.arch, &mut states, &zeros, &self.norm.weight, &self.norm.bias);
        let mut work = Work::new(self.arch);
        for layer in &self.layers {
            layer.apply(&mut work, &mut states, texts.iter().map(|text| text.len()));
        }
        let mut from = 0;
        let mean = |text: &&[u32]| {
            let mut vector = vec![0.0; hidden];
            for state in states[from..][..text.len() * hidden].chunks_exact(hidden) {
                vector.iter_mut().zip(state).for_each(|(sum, value)| *sum += value);
            }
            from += text.len() * hidden;
            // Whether the sum or the mean: once it is as long as one, it is the same.
            to_unit(&mut vector);
            vector
        };
        texts.iter().map(mean).collect()
    }
}

impl Dense {
    /// Layers of the same inputs as one with all their outputs.
    fn read(tensors: &Tensors<'_>, names: &[String], outputs: usize, inputs: usize) -> Result<Self, String> {
        let (mut weights, mut bias) = (Vec::new(), Vec::new());
        for name in names {
            weights.extend(tensors.values(&format!("{name}.weight"), &[outputs, inputs])?);
            bias.extend(tensors.values(&format!("{name}.bias"), &[outputs])?);
        }
        Ok(Self { weights: Packed::from_weights(&weights, inputs), bias })
    }

    fn apply(&self, multiplier: &mut Multiplier, rows: &[f32], out: &mut Vec<f32>) {
        let (inputs, outputs) = (self.weights.depth(), self.weights.columns());
        let count = rows.len() / inputs;
        out.resize(count * outputs, 0.0);
        let rows = Rows { values: rows, stride: inputs };
        multiplier.multiply(rows, count, &self.weights, &self.bias, (out, outputs));
    }
}

impl Norm {
    fn read(tensors: &Tensors<'_>, name: &str, length: usize) -> Result<Self, String> {
        let values = |what: &str| tensors.values(&format!("{name}.{what}"), &[length]);
        Ok(Self { weight: values("weight")?, bias: values("bias")? })
    }
}

/// What is computed with, made once for many layers.
struct Work {
    arch: Arch,
    multiplier: Multiplier,
    /// Query, key and value of each token.
    asked: Vec<f32>,
    /// What each token attends to, head by head.
    attended: Vec<f32>,
    /// What a layer adds.
    added: Vec<f32>,
    wide: Vec<f32>,
    keys: Packed,
    values: Packed,
    /// Of one head, how much each token attends to each.
    shares: Vec<f32>,
}

impl Work {
    fn new(arch: Arch) -> Self {
        let (asked, attended, added, wide, shares) = Default::default();
        let (keys, values) = Default::default();
        Self { arch, multiplier: Multiplier::new(arch), asked, attended, added, wide, keys, values, shares }
    }

    /// Lets the tokens of a text attend to each other; `from` is its first, `hidden` the width of a token.
    fn attend(&mut self, from: usize, length: usize, hidden: usize) {
        let (head, stride) = (HEAD.min(hidden), 3 * hidden);
        let asked = &self.asked[from * stride..][..length * stride];
        let attended = &mut self.attended[from * hidden..][..length * hidden];
        self.shares.resize(length * length, 0.0);
        for at in (0..hidden).step_by(head) {
            let part = |which: usize| Rows { values: &asked[which * hidden + at..], stride };
            self.keys.take_columns(part(1), head, length);
            self.values.take_rows(part(2), length, head);
            self.multiplier.multiply(part(0), length, &self.keys, &[], (&mut self.shares, length));
            softmax(self.arch, &mut self.shares, length, 1.0 / (head as f32).sqrt());
            let shares = Rows { values: &self.shares, stride: length };
            self.multiplier.multiply(shares, length, &self.values, &[], (&mut attended[at..], hidden));
        }
    }
}

impl Layer {
    fn read(tensors: &Tensors<'_>, name: &str, hidden: usize) -> Result<Self, String> {
        let (wide, _) = tensors.shape(&format!("{name}.intermediate.dense.weight"))?;
        let asked = ["query", "key", "value"].map(|which| format!("{name}.attention.self.{which}"));
        let dense = |what: &str, outputs, inputs| Dense::read(tensors, &[format!("{name}.{what}")], outputs, inputs);
        let norm = |what: &str| Norm::read(tensors, &format!("{name}.{what}"), hidden);
        Ok(Self {
            attention: Dense::read(tensors, &asked, hidden, hidden)?,
            attended: dense("attention.output.dense", hidden, hidden)?,
            attended_norm: norm("attention.output.LayerNorm")?,
            widening: dense("intermediate.dense", wide, hidden)?,
            narrowing: dense("output.dense", hidden, wide)?,
            norm: norm("output.LayerNorm")?,
        })
    }

    /// `states` has a row for each token of texts of these lengths.
    fn apply(&self, work: &mut Work, states: &mut [f32], lengths: impl Iterator<Item = usize>) {
        let (arch, hidden) = (work.arch, self.norm.weight.len());
        self.attention.apply(&mut work.multiplier, states, &mut work.asked);
        work.attended.resize(states.len(), 0.0);
        let mut from = 0;
        for length in lengths {
            work.attend(from, length, hidden);
            from += length;
        }
        self.attended.apply(&mut work.multiplier, &work.attended, &mut work.added);
        add_and_normalise(arch, states, &work.added, &self.attended_norm.weight, &self.attended_norm.bias);
        self.widening.apply(&mut work.multiplier, states, &mut work.wide);
        gelu(arch, &mut work.wide);
        self.narrowing.apply(&mut work.multiplier, &work.wide, &mut work.added);
        add_and_normalise(arch, states, &work.added, &self.norm.weight, &self.norm.bias);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Size, Tensor, arches, model, safetensors};
    use std::collections::HashMap;

    const SMALL: Size = Size { tokens: 20, places: 12, hidden: 8, wide: 12, layers: 2 };
    /// Two heads.
    const LARGER: Size = Size { tokens: 20, places: 12, hidden: 64, wide: 70, layers: 2 };

    /// BERT as its paper has it: a loop for each sum, in double precision.
    struct Slow<'a> {
        tensors: HashMap<&'a str, &'a [f32]>,
        hidden: usize,
    }

    impl<'a> Slow<'a> {
        fn new(model: &'a [Tensor], hidden: usize) -> Self {
            let tensors = model.iter().map(|(name, _, values)| (name.as_str(), values.as_slice())).collect();
            Self { tensors, hidden }
        }

        fn get(&self, name: &str, at: usize) -> f64 {
            f64::from(self.tensors[name][at])
        }

        fn dense(&self, name: &str, state: &[f64]) -> Vec<f64> {
            let (weight, bias) = (format!("{name}.weight"), format!("{name}.bias"));
            let output = |out: usize| {
                let products =
                    state.iter().enumerate().map(|(at, value)| value * self.get(&weight, out * state.len() + at));
                products.sum::<f64>() + self.get(&bias, out)
            };
            (0..self.tensors[bias.as_str()].len()).map(output).collect()
        }

        fn norm(&self, name: &str, state: &[f64]) -> Vec<f64> {
            let mean = state.iter().sum::<f64>() / state.len() as f64;
            let variance = state.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / state.len() as f64;
            let scaled = |(at, value): (usize, &f64)| {
                let scaled = (value - mean) / (variance + 1e-12).sqrt();
                scaled * self.get(&format!("{name}.weight"), at) + self.get(&format!("{name}.bias"), at)
            };
            state.iter().enumerate().map(scaled).collect()
        }

        fn embed(&self, text: &[u32], layers: usize) -> Vec<f64> {
            let hidden = self.hidden;
            let first = |(place, token): (usize, &u32)| {
                let at = |at: usize| {
                    self.get("embeddings.word_embeddings.weight", *token as usize * hidden + at)
                        + self.get("embeddings.position_embeddings.weight", place * hidden + at)
                        + self.get("embeddings.token_type_embeddings.weight", at)
                };
                self.norm("embeddings.LayerNorm", &(0..hidden).map(at).collect::<Vec<_>>())
            };
            let mut states: Vec<Vec<f64>> = text.iter().enumerate().map(first).collect();
            for layer in 0..layers {
                let name = |what: &str| format!("encoder.layer.{layer}.{what}");
                let of = |what: &str| {
                    let dense = |state: &Vec<f64>| self.dense(&name(&format!("attention.self.{what}")), state);
                    states.iter().map(dense).collect::<Vec<_>>()
                };
                let (queries, keys, values) = (of("query"), of("key"), of("value"));
                let head = hidden.min(32);
                let mut attended = vec![vec![0.0; hidden]; text.len()];
                for (from, out) in queries.iter().zip(&mut attended) {
                    for at in (0..hidden).step_by(head) {
                        let product = |to: &Vec<f64>| (at..at + head).map(|i| from[i] * to[i]).sum::<f64>();
                        let shares: Vec<f64> =
                            keys.iter().map(|to| (product(to) / (head as f64).sqrt()).exp()).collect();
                        let whole: f64 = shares.iter().sum();
                        for (share, value) in shares.iter().zip(&values) {
                            (at..at + head).for_each(|i| out[i] += share / whole * value[i]);
                        }
                    }
                }
                for (state, attended) in states.iter_mut().zip(attended) {
                    let add = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + b).collect::<Vec<_>>();
                    let attended = self.dense(&name("attention.output.dense"), &attended);
                    *state = self.norm(&name("attention.output.LayerNorm"), &add(state, &attended));
                    let mut wide = self.dense(&name("intermediate.dense"), state);
                    for value in &mut wide {
                        *value = gelu_slowly(*value);
                    }
                    let narrow = self.dense(&name("output.dense"), &wide);
                    *state = self.norm(&name("output.LayerNorm"), &add(state, &narrow));
                }
            }
            let mean = |at| states.iter().map(|state| state[at]).sum::<f64>() / text.len() as f64;
            let mean: Vec<f64> = (0..hidden).map(mean).collect();
            let length = mean.iter().map(|value| value * value).sum::<f64>().sqrt();
            mean.iter().map(|value| value / length).collect()
        }
    }

    /// The integral of the normal distribution by Simpson's rule.
    fn gelu_slowly(x: f64) -> f64 {
        let density = |t: f64| (-t * t / 2.0).exp() / std::f64::consts::TAU.sqrt();
        let (steps, x_end) = (1_000, x.clamp(-9.0, 9.0));
        let width = x_end / f64::from(steps);
        let weights = |step: i32| if step == 0 || step == steps { 1.0 } else { 2.0 + 2.0 * f64::from(step % 2) };
        let half: f64 = (0..=steps).map(|step| weights(step) * density(width * f64::from(step))).sum();
        x * (0.5 + half * width / 3.0)
    }

    fn texts() -> Vec<Vec<u32>> {
        let lengths = [1, 2, 12, 5, 7, 3];
        let token = |text: usize, at: usize| ((text * 7 + at * 3) % 20) as u32;
        lengths.iter().enumerate().map(|(text, length)| (0..*length).map(|at| token(text, at)).collect()).collect()
    }

    #[test]
    fn it_computes_what_bert_is_defined_to_be() {
        for size in [SMALL, LARGER] {
            let model = model(size);
            for arch in arches() {
                let encoder = Encoder::read(&safetensors(&model), arch).unwrap();
                assert_eq!((encoder.dimensions(), encoder.tokens(), encoder.longest()), (size.hidden, 20, 12));
                let texts = texts();
                let found = encoder.embed(&texts.iter().map(Vec::as_slice).collect::<Vec<_>>());
                let slow = Slow::new(&model, size.hidden);
                assert_eq!(found.len(), texts.len());
                for (found, text) in found.iter().zip(&texts) {
                    for (found, expected) in found.iter().zip(slow.embed(text, size.layers)) {
                        let error = (f64::from(*found) - expected).abs();
                        assert!(error < 2e-5, "{found} is not {expected} of {text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_embedding_does_not_depend_on_what_is_computed_with_it() {
        let encoder = Encoder::read(&safetensors(&model(LARGER)), Arch::new()).unwrap();
        let texts = texts();
        let all: Vec<&[u32]> = texts.iter().map(Vec::as_slice).collect();
        let together = encoder.embed(&all);
        let backwards = encoder.embed(&all.iter().rev().copied().collect::<Vec<_>>());
        for (at, text) in all.iter().enumerate() {
            let alone = encoder.embed(&[text]);
            for other in [&together[at], &backwards[all.len() - 1 - at]] {
                assert!(alone[0].iter().zip(other).all(|(a, b)| (a - b).abs() <= 1e-6), "text {at}");
            }
        }
        assert!(encoder.embed(&[]).is_empty());
    }

    #[test]
    fn a_file_that_lacks_something_is_refused() {
        let model = model(SMALL);
        let read = |model: &[Tensor]| Encoder::read(&safetensors(model), Arch::new()).map(drop);
        assert!(read(&model).is_ok());
        for at in 0..model.len() {
            let mut without = model.clone();
            let (name, ..) = without.remove(at);
            // A layer without the first thing that is looked for is no layer.
            let is_fewer = name == "encoder.layer.1.attention.self.query.weight";
            assert_eq!(read(&without).is_ok(), is_fewer, "{name}");
            let mut cut = model.clone();
            let last = cut[at].1.len() - 1;
            cut[at].1[last] -= 1;
            assert!(read(&cut).is_err(), "{} of another shape", cut[at].0);
        }
        let odd = Size { hidden: 40, ..SMALL };
        assert!(read(&self::model(odd)).unwrap_err().contains("heads"));
        let flat = Size { layers: 0, ..SMALL };
        assert_eq!(read(&self::model(flat)).unwrap_err(), "it has no layers");
    }
}
