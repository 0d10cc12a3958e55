//! Judging by a language model: whom to ask, what it may cost, and what is made of its answers.
//!
//! The offline analyst judges first: its metrics, trackers, flags and computed checks stay. Then the model is asked about the other checks, a
//! question a dimension, all of them with one beginning that its service remembers. What fails leaves the rest; where nothing could be asked the
//! offline analyst's verdicts stay, and the session says why.

mod ask;
mod backfill;
mod budget;
mod converse;
mod costs;
mod estimate;
mod judge;
mod kept;
mod results;
mod review;
mod room;
mod runs;
pub mod texts;
mod verdicts;
pub(crate) mod wording;

pub use backfill::{
    BACKFILL, Backfill, BackfillState, BackfillWish, backfill, backfills, begin_backfill, cancel_backfill, job_key,
    revive,
};
pub(crate) use backfill::{Next, Rounds, bury as bury_backfill, enqueue as enqueue_backfill, step as backfill_step};
pub use budget::Limits;
pub use converse::{Conversation, converse};
pub use costs::{Cost, Costs, costs};
pub use estimate::{Estimate, estimate};
pub(crate) use judge::{Found, Judging, judge, sections};
pub use kept::{DimensionUse, ModelFailure, ModelUse};
pub(crate) use results::{Reuse, purge};
pub use review::confirm;
pub(crate) use review::looked_at;
pub use runs::Purpose;
pub use texts::{Writing, Written};

use crate::knowledge;
use accounts::Settings;
use chrono_tz::Tz;
use db::{Db, DbError};
use kernel::Clock;
use llm::{Client, LlmError, Message, Part, PriceTable, Provider, Request, Usage};
use rubric::model::{guard, prompt};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

/// Tokens of the longest answer.
const MOST_ANSWER: u32 = 8_192;
/// Tokens that a model can hold where neither its service nor the settings say it. A server of one's own may cut what is too long without a word,
/// so that little is taken for granted there; the makers' refuse it, and it is read in pieces then.
fn usual_context(provider: Provider) -> u64 {
    match provider {
        Provider::Anthropic => 200_000,
        Provider::OpenAi => 128_000,
        Provider::Ollama | Provider::LlamaCpp | Provider::Vllm => 8_192,
    }
}

/// A model that judges calls.
#[derive(Debug)]
pub struct Model {
    /// Asks its service.
    pub client: Client,
    /// Its name there.
    pub name: String,
    /// Tokens that it can hold; `None` to ask its service.
    context: Option<u64>,
    /// What it costs.
    pub prices: PriceTable,
    /// What may be spent where admins have not said otherwise.
    limits: Limits,
    /// Where days and months begin.
    zone: Tz,
    found: OnceCell<u64>,
}

impl Model {
    /// A model that nobody has asked yet.
    pub fn new(client: Client, name: impl Into<String>, prices: PriceTable, zone: Tz) -> Self {
        Self {
            client,
            name: name.into(),
            context: None,
            prices,
            limits: Limits::default(),
            zone,
            found: OnceCell::new(),
        }
    }

    /// The same, of which it is known how many tokens it can hold, prompt and answer together.
    #[must_use]
    pub fn holding(self, tokens: u64) -> Self {
        Self { context: Some(tokens), ..self }
    }

    /// The same, for which so much may be spent where admins have not said otherwise.
    #[must_use]
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// What this cost, in millionths of a US dollar; `None` where the price is not known.
    fn cost(&self, usage: &Usage, batch: bool) -> Option<u64> {
        self.prices.micros(self.client.provider(), &self.name, usage, batch)
    }

    /// What a judgement by it depends on beside call and rubric: another one makes another judgement.
    fn identity(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.client.provider().as_str(), &self.name, &prompt::version(), &guard::version()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        kernel::hex(&hash.finalize())
    }

    /// Tokens that it can hold, prompt and answer together.
    async fn context(&self) -> u64 {
        let usual = usual_context(self.client.provider());
        if let Some(context) = self.context {
            return context;
        }
        let asked = self.found.get_or_try_init(|| async {
            // An answer without it is an answer; only where there is none it is asked again next time.
            let info = self.client.model(&self.name).await?;
            Ok::<_, LlmError>(info.max_input_tokens.unwrap_or(usual))
        });
        asked.await.copied().unwrap_or(usual)
    }
}

/// Asks for a word, to see whether the key, the address and the name are right, and writes it into the books. Returns how long it took, and the
/// model that answered or what is wrong.
pub(crate) async fn test(
    db: &Db,
    clock: &Clock,
    model: &Model,
) -> Result<(Duration, Result<String, ModelFailure>), DbError> {
    let request = Request {
        model: model.name.clone(),
        system: Vec::new(),
        messages: vec![Message::user(vec![Part::new("Answer with the word: ready")])],
        schema: None,
        max_tokens: 64,
    };
    let begun = Instant::now();
    let reply = model.client.ask(&request, None).await;
    let took = begun.elapsed();
    let usage = reply.as_ref().map(|reply| reply.usage).unwrap_or_default();
    let run = runs::Run {
        at: clock.now(),
        call: None,
        rep: None,
        purpose: Purpose::Test,
        dimension: None,
        provider: model.client.provider().as_str(),
        model: &model.name,
        outcome: reply.as_ref().err().map_or("ok", LlmError::kind),
        usage,
        cost: model.cost(&usage, false),
        took,
    };
    let mut tx = db.begin().await?;
    runs::write(&mut tx, &run).await?;
    tx.commit().await?;
    Ok((took, reply.map(|reply| reply.model).map_err(|error| ModelFailure::from(&error))))
}

/// Who judges in this installation: the offline analyst, and a model where one is set up. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Analyst(Option<Arc<Model>>);

impl Analyst {
    /// Where a model is set up.
    pub fn with(model: Model) -> Self {
        Self(Some(Arc::new(model)))
    }

    /// The model that is set up, whether it judges at the moment or not.
    pub fn model(&self) -> Option<&Arc<Model>> {
        self.0.as_ref()
    }

    /// The model that judges now: none where admins have switched it off.
    pub(crate) async fn judging(&self, db: &Db) -> Result<Option<(&Arc<Model>, Settings)>, DbError> {
        let Some(model) = &self.0 else { return Ok(None) };
        let settings = accounts::settings(db).await?;
        Ok((settings.model_judges != Some(false)).then_some((model, settings)))
    }

    /// What a judgement depends on now, beside call, rubric and trackers; empty for the offline analyst.
    pub(crate) async fn basis(&self, db: &Db) -> Result<String, DbError> {
        let Some((model, settings)) = self.judging(db).await? else { return Ok(String::new()) };
        let repeats = settings.model_repeats == Some(true);
        Ok(format!("{} {} {repeats}", model.identity(), knowledge::fingerprint(db).await?))
    }
}
