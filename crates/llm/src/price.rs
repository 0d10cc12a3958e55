//! What models cost: a dated table that people edit, `prices/models.yaml`.

use crate::{Provider, Usage};
use chrono::NaiveDate;
use serde::Deserialize;
use std::cmp::Reverse;
use std::sync::LazyLock;

const BUILTIN: &str = include_str!("../../../prices/models.yaml");

static TABLE: LazyLock<PriceTable> = LazyLock::new(|| PriceTable::parse(BUILTIN).expect("the table is read by a test"));

/// Prices with the day they are from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceTable {
    /// The day on which the prices were read.
    pub as_of: NaiveDate,
    /// Where.
    pub source: String,
    /// The prices.
    pub models: Vec<Price>,
}

/// What a model costs: US dollars for a million tokens, which is millionths of a dollar for a token.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The provider.
    pub provider: Provider,
    /// How the name of the model begins; `*` for any.
    pub model: String,
    /// Tokens of the longest prompt that the price holds for.
    pub up_to: Option<u64>,
    /// Tokens read afresh.
    pub input: f64,
    /// Tokens read afresh and remembered for five minutes.
    pub cache_write: f64,
    /// Tokens read afresh and remembered for an hour.
    pub cache_write_1h: f64,
    /// Tokens that were remembered.
    pub cache_read: f64,
    /// Tokens written.
    pub output: f64,
    /// What a batch costs of that: 0.5 for half.
    #[serde(default = "whole")]
    pub batch: f64,
}

fn whole() -> f64 {
    1.0
}

impl PriceTable {
    /// The one that comes with the program.
    pub fn builtin() -> &'static Self {
        &TABLE
    }

    /// Reads a table.
    ///
    /// # Errors
    /// What is wrong with it and where, in a sentence.
    pub fn parse(yaml: &str) -> Result<Self, String> {
        let table: Self = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        for price in &table.models {
            let all =
                [price.input, price.cache_write, price.cache_write_1h, price.cache_read, price.output, price.batch];
            if all.iter().any(|price| !price.is_finite() || *price < 0.0) {
                return Err(format!("`{}` has a price that is no amount of money", price.model));
            }
        }
        Ok(table)
    }

    /// The price of a model for prompts of so many tokens.
    pub fn of(&self, provider: Provider, model: &str, prompt: u64) -> Option<&Price> {
        let fits = |price: &&Price| {
            price.provider == provider
                && (price.model == "*" || model.starts_with(&price.model))
                && price.up_to.is_none_or(|most| prompt <= most)
        };
        // The longest beginning of the name; of several tiers of one model that which ends first.
        self.models.iter().filter(fits).max_by_key(|price| {
            (if price.model == "*" { 0 } else { price.model.len() }, Reverse(price.up_to.unwrap_or(u64::MAX)))
        })
    }

    /// What an answer cost, in millionths of a US dollar, rounded up; `None` where the price is not known.
    pub fn micros(&self, provider: Provider, model: &str, usage: &Usage, batch: bool) -> Option<u64> {
        let price = self.of(provider, model, usage.prompt())?;
        let sum = usage.input as f64 * price.input
            + usage.cache_write_5m as f64 * price.cache_write
            + usage.cache_write_1h as f64 * price.cache_write_1h
            + usage.cache_read as f64 * price.cache_read
            + usage.output as f64 * price.output;
        // Before the next whole one is taken, what the machine's fractions add is taken off.
        Some((sum * if batch { price.batch } else { 1.0 } - 1e-6).ceil().max(0.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Provider::{Anthropic, Ollama, OpenAi};

    #[test]
    fn an_answer_costs_what_its_tokens_cost() {
        let table = PriceTable::builtin();
        let usage = Usage {
            input: 1_000,
            cache_write_5m: 10_000,
            cache_write_1h: 0,
            cache_read: 100_000,
            output: 500,
            estimated: false,
        };
        // 1,000 × 2 + 10,000 × 2.5 + 100,000 × 0.1 + 500 × 10 millionths.
        assert_eq!(table.micros(Anthropic, "claude-sonnet-5-5", &usage, false), Some(42_000));
        assert_eq!(table.micros(Anthropic, "claude-sonnet-5-5", &usage, true), Some(21_000));
        assert_eq!(table.micros(Anthropic, "claude-sonnet-5-5-20261021", &usage, false), Some(42_000));
        let hour = Usage { cache_write_1h: 1_000, ..Usage::default() };
        assert_eq!(table.micros(Anthropic, "claude-opus-5-5", &hour, false), Some(8_000));
        assert_eq!(table.micros(Ollama, "llama3.3:70b", &usage, false), Some(0), "one's own machine");
    }

    #[test]
    fn what_has_no_price_has_no_cost() {
        let table = PriceTable::builtin();
        let usage = Usage { input: 100_000, ..Usage::default() };
        assert_eq!(table.micros(OpenAi, "gpt-9", &usage, false), None);
        assert_eq!(table.micros(Anthropic, "claude-sonnet-9", &usage, false), None);
        assert_eq!(table.micros(Anthropic, "claude-haiku-5-5", &usage, false), Some(10_000));
        let long = Usage { input: 100_001, ..Usage::default() };
        assert_eq!(table.micros(Anthropic, "claude-haiku-5-5", &long, false), None, "the price is for shorter prompts");
    }

    #[test]
    fn of_several_tiers_that_holds_in_which_a_prompt_fits() {
        let tier = |up_to: &str, input: u32| {
            format!(
                "  - {{ provider: openai, model: m, {up_to}input: {input}, cache_write: 0, cache_write_1h: 0, cache_read: 0, output: 0 }}\n"
            )
        };
        let tiers = [tier("", 4), tier("up_to: 100, ", 1), tier("up_to: 1000, ", 2)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let table = order.map(|at| tiers[at].as_str()).concat();
            let table = PriceTable::parse(&format!("as_of: 2026-01-01\nsource: us\nmodels:\n{table}")).unwrap();
            let price = |prompt| table.of(OpenAi, "m-1", prompt).map(|price| price.input);
            assert_eq!([100, 101, 1001].map(price), [Some(1.0), Some(2.0), Some(4.0)], "{order:?}");
        }
    }

    #[test]
    fn a_table_that_cannot_be_reckoned_with_is_refused() {
        let one = |price: &str| {
            format!(
                "as_of: 2026-01-01\nsource: us\nmodels: [{{ provider: openai, model: m, input: {price}, cache_write: 1, cache_write_1h: 1, cache_read: 1, output: 1 }}]"
            )
        };
        assert!(PriceTable::parse(&one("1")).is_ok());
        for wrong in ["-1", ".nan", "free"] {
            assert!(PriceTable::parse(&one(wrong)).is_err(), "{wrong}");
        }
        assert!(PriceTable::parse(&one("1, per: token")).is_err());
    }

    #[test]
    fn a_fraction_of_a_millionth_is_a_whole_one() {
        let one = Usage { cache_read: 1, ..Usage::default() };
        assert_eq!(PriceTable::builtin().micros(Anthropic, "claude-haiku-5-5", &one, false), Some(1));
    }
}
