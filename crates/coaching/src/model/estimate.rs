//! What judging by a model would cost, before anything is asked.

use super::ask::Question;
use super::judge::{Judging, missing, sections};
use super::results::Reuse;
use super::room::COUNTED_MORE;
use super::{Analyst, Model, looked_at};
use crate::ops::is_current;
use crate::{Listening, judge};
use accounts::Settings;
use calls::CallError;
use db::Db;
use kernel::Clock;
use llm::{Provider, Usage};
use rubric::Rubric;
use rubric::model::prompt;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::ops::AddAssign;
use std::sync::Arc;
use uuid::Uuid;

/// What judging a call by a model would take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Questions.
    pub requests: u64,
    /// Tokens of all prompts, and about as many as answers have.
    pub usage: Usage,
    /// In millionths of a US dollar: as it is done; `None` where the price is not known.
    pub cost_micros: Option<u64>,
    /// The same in a batch.
    pub batch_micros: Option<u64>,
    /// The same if every question were sent with the whole call and nothing were remembered.
    pub naive_micros: Option<u64>,
    /// About as much as it may cost in a batch: if the service remembered nothing, counted more tokens than we do and wrote long answers.
    #[serde(skip)]
    pub(crate) most_in_batch_micros: Option<u64>,
}

/// Tokens of a usual answer about a dimension.
const USUAL_ANSWER: u64 = 600;
/// Tokens of an answer that few are longer than.
const LONG_ANSWER: u64 = 1_500;

/// Finds out what is not known of calls.
#[derive(Debug)]
pub(super) struct Missing<'a> {
    pub(super) db: &'a Db,
    pub(super) clock: &'a Clock,
    pub(super) model: &'a Model,
    pub(super) settings: &'a Settings,
    pub(super) rubric: &'a Rubric,
    pub(super) listening: &'a Arc<Listening>,
    pub(super) reuse: Reuse,
}

impl Missing<'_> {
    /// The questions whose answers a call misses now, as far as they are known before others are answered; and how many answers there are.
    pub(super) async fn questions(&self, call: Uuid) -> Result<(Vec<Question>, u32), CallError> {
        let Self { db, clock, model, settings, rubric, reuse, .. } = *self;
        let transcript = Arc::new(calls::load(db, call).await?);
        let (said, by, heard, time) =
            (Arc::clone(&transcript), rubric.clone(), Arc::clone(self.listening), clock.clone());
        // Takes a core for a while: not on a thread that others wait for.
        let judged = tokio::task::spawn_blocking(move || judge(&said, by, &heard, &time)).await;
        let mut report = judged.expect("the analyst does not panic").report;
        let knowledge = sections(db, model, &transcript, rubric).await?;
        let judging = Judging {
            db,
            clock,
            model,
            settings,
            call,
            transcript: &transcript,
            rubric,
            knowledge: &knowledge,
            reuse,
            tries: (0, false),
            looked_at: looked_at(db, call).await?,
        };
        Ok(missing(&judging, &mut report).await?)
    }
}

/// What judging a call by this rubric would take now; with `anew` also what kept answers would be used for. Tokens are counted here, about as the
/// model counts. One more question is reckoned for each piece of the call: whether advice was followed already. Nothing where no model is set up.
///
/// # Errors
/// When there is no such call or the database fails.
pub async fn estimate(
    db: &Db,
    clock: &Clock,
    analyst: &Analyst,
    call: Uuid,
    rubric: &Rubric,
    anew: bool,
) -> Result<Estimate, CallError> {
    let Some(model) = analyst.model() else { return Ok(Estimate::default()) };
    if !anew && is_current(db, analyst, call, rubric).await? {
        return Ok(Estimate::default());
    }
    let settings = accounts::settings(db).await?;
    let listening = Arc::new(Listening::of(db).await?);
    let reuse = if anew { Reuse::Nothing } else { Reuse::All };
    let missing = Missing { db, clock, model, settings: &settings, rubric, listening: &listening, reuse };
    Ok(Estimate::of(model, &missing.questions(call).await?.0).await)
}

/// Tokens of a prompt: what it has in common with those about the same piece, and the rest.
#[derive(Debug, Clone, Copy)]
struct Counted {
    piece: usize,
    shared: u64,
    rest: u64,
}

impl Estimate {
    /// What these questions about a call would take.
    pub(super) async fn of(model: &Model, questions: &[Question]) -> Self {
        let texts: Vec<Vec<String>> =
            questions.iter().map(|question| question.request.texts().map(str::to_owned).collect()).collect();
        // Counting a long call takes a while: not on a thread that others wait for.
        let counted = tokio::task::spawn_blocking(move || count(&texts)).await.unwrap_or_default();
        let remembers = model.client.provider() == Provider::Anthropic;
        let (mut sum, mut begun) = (Self::default(), HashSet::new());
        for Counted { piece, shared, rest } in counted {
            let asked = Usage { output: USUAL_ANSWER, estimated: true, input: shared + rest, ..Usage::default() };
            let more = |tokens: u64| (tokens as f64 * COUNTED_MORE).ceil() as u64;
            let most = Usage {
                input: more(rest) + if remembers { 0 } else { more(shared) },
                cache_write_5m: if remembers { more(shared) } else { 0 },
                output: LONG_ANSWER,
                ..asked
            };
            let shared = match (remembers, begun.insert(piece)) {
                (false, _) => asked,
                (true, true) => Usage { input: rest, cache_write_5m: shared, ..asked },
                (true, false) => Usage { input: rest, cache_read: shared, ..asked },
            };
            sum += Self {
                requests: 1,
                usage: shared,
                cost_micros: model.cost(&shared, false),
                batch_micros: model.cost(&shared, true),
                naive_micros: model.cost(&asked, false),
                most_in_batch_micros: model.cost(&most, true),
            };
        }
        sum
    }
}

/// Counts each text once, and adds to each piece a question about the advice, as long as the longest of the others.
fn count(texts: &[Vec<String>]) -> Vec<Counted> {
    let schema = llm::tokens(&prompt::schema().to_string()) as u64;
    let mut known: HashMap<&str, u64> = HashMap::new();
    let mut pieces: Vec<&[String]> = Vec::new();
    let mut counted: Vec<Counted> = Vec::new();
    for texts in texts {
        let (task, beginning) = texts.split_last().map_or((None, &texts[..]), |(task, rest)| (Some(task), rest));
        let piece = pieces.iter().position(|piece| *piece == beginning).unwrap_or_else(|| {
            pieces.push(beginning);
            pieces.len() - 1
        });
        let mut tokens = |text| *known.entry(text).or_insert_with(|| llm::tokens(text) as u64);
        let shared = schema + beginning.iter().map(|text| tokens(text)).sum::<u64>();
        counted.push(Counted { piece, shared, rest: task.map_or(0, |task| tokens(task)) });
    }
    for piece in 0..pieces.len() {
        let longest = counted.iter().filter(|one| one.piece == piece).max_by_key(|one| one.rest).copied();
        counted.extend(longest);
    }
    counted
}

impl Default for Estimate {
    fn default() -> Self {
        Self {
            requests: 0,
            usage: Usage::default(),
            cost_micros: Some(0),
            batch_micros: Some(0),
            naive_micros: Some(0),
            most_in_batch_micros: Some(0),
        }
    }
}

impl AddAssign for Estimate {
    fn add_assign(&mut self, other: Self) {
        let both = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a + b);
        self.requests += other.requests;
        self.usage += other.usage;
        self.cost_micros = both(self.cost_micros, other.cost_micros);
        self.batch_micros = both(self.batch_micros, other.batch_micros);
        self.naive_micros = both(self.naive_micros, other.naive_micros);
        self.most_in_batch_micros = both(self.most_in_batch_micros, other.most_in_batch_micros);
    }
}
