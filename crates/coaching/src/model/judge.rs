//! A call is judged by a model: pieces that it can hold, questions about each, and verdicts whose every claim holds.

use super::ask::{Answered, Desk, Question, Unanswered, request};
use super::kept::{DimensionUse, ModelFailure, ModelUse};
use super::results::Reuse;
use super::room::{Room, tokens_of};
use super::runs::Purpose;
use super::verdicts::{Judged, settle, sources, together};
use super::{MOST_ANSWER, Model, budget, results};
use crate::knowledge;
use accounts::Settings;
use db::{Db, DbError};
use futures_util::future::join_all;
use kernel::Clock;
use rubric::model::answer::{self, Answer, Done};
use rubric::model::apply::{self, Outcome};
use rubric::model::prompt::{self, Section};
use rubric::model::{claim, guard, window};
use rubric::{Dimension, Evidence, Flag, Report, Rubric, Verdict};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::oneshot;
use transcript::Transcript;
use uuid::Uuid;

/// Tokens of a piece of a call that the model cannot hold as a whole.
const WINDOW: usize = 4_000;
/// Points around the border of a level within which a dimension is judged three times, where that is wished.
const NEAR: f64 = 3.0;
/// Scores at which another level begins.
const BORDERS: [f64; 4] = [30.0, 50.0, 70.0, 90.0];
/// How often a dimension near a border is judged.
const PASSES: u32 = 3;

/// What is to be judged, and how.
#[derive(Debug)]
pub(crate) struct Judging<'a> {
    pub(crate) db: &'a Db,
    pub(crate) clock: &'a Clock,
    pub(crate) model: &'a Model,
    pub(crate) settings: &'a Settings,
    pub(crate) call: Uuid,
    pub(crate) transcript: &'a Arc<Transcript>,
    pub(crate) rubric: &'a Rubric,
    /// Sections that statements about the product are held against.
    pub(crate) knowledge: &'a [Section],
    /// Which kept answers are used.
    pub(crate) reuse: Reuse,
    /// How often it was tried before, and whether what fails now will be tried again.
    pub(crate) tries: (u32, bool),
    /// Words that speak to the judge, at which a person has looked already.
    pub(crate) looked_at: Vec<Evidence>,
}

/// The sections of the knowledge base that a call is held against, where the rubric has something to hold against them.
pub(crate) async fn sections(
    db: &Db,
    model: &Model,
    transcript: &Transcript,
    rubric: &Rubric,
) -> Result<Vec<Section>, DbError> {
    if !rubric.dimensions.iter().any(|dimension| dimension.id == PRODUCT) {
        return Ok(Vec::new());
    }
    // All that was said; which of it is about the product is not known.
    let words: Vec<&str> = transcript.segments.iter().map(|segment| segment.text.as_str()).collect();
    // A small model has to hold the words of the call first of all.
    let budget = knowledge::BUDGET.min(model.context().await as usize / 8);
    knowledge::relevant(db, &words.join(" "), budget).await
}

/// What became of it, beside the report.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) model: ModelUse,
    pub(crate) dimensions: BTreeMap<String, DimensionUse>,
    pub(crate) withheld: bool,
}

impl Found {
    /// Everything that failed.
    fn failures(&self) -> impl Iterator<Item = &ModelFailure> {
        let of_dimensions = self.dimensions.values().filter_map(|used| used.failure.as_ref());
        of_dimensions.chain(&self.model.failure).chain(&self.model.advice_failure)
    }

    /// Whether something that failed is to be tried again.
    pub(crate) fn again(&self) -> bool {
        self.failures().any(|failure| failure.again)
    }

    /// Whether nothing failed.
    pub(crate) fn is_whole(&self) -> bool {
        self.failures().next().is_none()
    }
}

/// Puts the verdicts of a model into the report of the offline analyst. Where it could not be asked about anything, the report stays as it is.
pub(crate) async fn judge(judging: &Judging<'_>, report: &mut Report) -> Result<Found, DbError> {
    Ok(run(judging, report, None).await?.0)
}

/// The questions that would be asked now; none is. What depends on answers that are missing is not among them. And how many answers there are.
pub(super) async fn missing(judging: &Judging<'_>, report: &mut Report) -> Result<(Vec<Question>, u32), DbError> {
    let (found, questions) = run(judging, report, Some(Mutex::default())).await?;
    Ok((questions, found.model.cached))
}

async fn run(
    judging: &Judging<'_>,
    report: &mut Report,
    wanted: Option<Mutex<Vec<Question>>>,
) -> Result<(Found, Vec<Question>), DbError> {
    let begun = Instant::now();
    let Judging { db, clock, model, rubric, transcript, .. } = *judging;
    let asked: Vec<&Dimension> = rubric.dimensions.iter().filter(|d| prompt::asked(d).next().is_some()).collect();
    let whole = 0..transcript.segments.len();
    let mut used = ModelUse {
        provider: model.client.provider().as_str().to_owned(),
        model: model.name.clone(),
        prompt_hash: prompt::version(),
        transcript_hash: prompt::transcript_hash(transcript, whole.clone()),
        cost_micros: Some(0),
        ..ModelUse::default()
    };
    let mut desk = Desk {
        db,
        clock,
        model,
        call: judging.call,
        known: HashMap::new(),
        tally: Mutex::new(used.clone()),
        most: MOST_ANSWER,
        prompt: 0,
        wanted,
    };
    let room = Room::in_context(model.context().await, judging.knowledge);
    desk.most = room.answer;
    let words = tokens_of(transcript, &whole).await;
    let all = words.iter().sum::<usize>();
    desk.prompt = room.prompt(all);
    let pieces = || window::windows(&words, room.words.min(WINDOW));
    let mut windows = if all <= room.words { vec![whole.clone()] } else { pieces() };
    let mut found = judging.over(&mut desk, &asked, &windows, 0).await?;
    if windows.len() == 1 && found.values().any(|found| found.too_long) {
        // It can hold less than was said of it.
        windows = pieces();
        if windows.len() > 1 {
            found = judging.over(&mut desk, &asked, &windows, 0).await?;
        }
    }
    if judging.settings.model_repeats == Some(true) {
        judging.repeat(&mut desk, &asked, &windows, report, &mut found).await?;
    }
    // What is told of a failure is what will be done about it.
    let (tries, more) = judging.tries;
    let settle_failure = |failure: &mut ModelFailure| failure.again = more && failure.again_after(tries);
    for judged in found.values_mut() {
        judged.verdicts.as_mut().err().into_iter().chain(&mut judged.used.failure).for_each(settle_failure);
    }
    let failed = found.values().filter_map(|found| found.verdicts.as_ref().err()).cloned().collect::<Vec<_>>();
    let mut spoken: Vec<Flag> = Vec::new();
    let mut dimensions = BTreeMap::new();
    if failed.len() < found.len() {
        let named = judging.look_at_advice(&mut desk, &windows, &mut found).await?;
        spoken = spoken_to_judge(transcript, found.values().flat_map(|found| &found.instructions).chain(&named));
        let outcomes: BTreeMap<String, Outcome> = found
            .iter()
            .map(|(id, found)| (id.clone(), found.verdicts.clone().map_err(|failure| failure.why())))
            .collect();
        apply::apply(report, &outcomes);
        report.analyst = model.name.clone().into();
    }
    let withheld = spoken.iter().flat_map(|flag| &flag.evidence).any(|words| !judging.looked_at.contains(words));
    report.flags.extend(spoken);
    if withheld {
        apply::withhold(report);
    }
    used = desk.tally().clone();
    used.advice_failure.iter_mut().for_each(settle_failure);
    for (id, found) in found {
        used.dropped += found.used.dropped;
        dimensions.insert(id, found.used);
    }
    used.windows = windows.len() as u32;
    used.took_ms = begun.elapsed().as_millis() as u64;
    if !failed.is_empty() && failed.len() == dimensions.len() {
        used.failure = failed.into_iter().max_by_key(|failure| failure.again);
    }
    let wanted = desk.wanted.map(|wanted| wanted.into_inner().unwrap_or_else(PoisonError::into_inner));
    Ok((Found { model: used, dimensions, withheld }, wanted.unwrap_or_default()))
}

impl Judging<'_> {
    fn question(&self, desk: &Desk<'_>, block: &str, dimension: &Dimension, pass: u32) -> Question {
        // Of several passes each sees the checks in another order.
        let mut turned = Dimension { checks: prompt::asked(dimension).cloned().collect(), ..dimension.clone() };
        let turns = pass as usize % turned.checks.len().max(1);
        turned.checks.rotate_left(turns);
        let known: &[Section] = if dimension.id == PRODUCT { self.knowledge } else { &[] };
        let request = request(&self.model.name, block, prompt::task(&turned, known), desk.most);
        let key = results::key(self.model.client.provider(), &request, &self.rubric.id, self.rubric.version, pass);
        Question { purpose: Purpose::Dimension, dimension: Some(dimension.id.clone()), key, request }
    }

    /// Judges these dimensions over these pieces of the call, for the first time (pass 0) or once more.
    async fn over(
        &self,
        desk: &mut Desk<'_>,
        dimensions: &[&Dimension],
        windows: &[Range<usize>],
        pass: u32,
    ) -> Result<BTreeMap<String, Judged>, DbError> {
        let mut pieces: BTreeMap<String, Vec<Judged>> = BTreeMap::new();
        for shown in windows {
            // What one piece has no answer for, the others need not be asked for: the verdict is about the whole.
            let failed = |dimension: &Dimension| {
                let judged = pieces.get(&dimension.id).and_then(|pieces| pieces.last());
                judged.is_some_and(|judged| judged.verdicts.is_err() && !judged.is_wanted)
            };
            let block = prompt::transcript_block(self.transcript, shown.clone());
            let questions: Vec<_> = dimensions
                .iter()
                .filter(|dimension| !failed(dimension))
                .map(|dimension| (*dimension, self.question(desk, &block, dimension, pass)))
                .collect();
            let stop = self.look_up(desk, questions.iter().map(|(_, question)| question)).await?;
            for (id, judged) in self.all(desk, questions, shown, stop.as_ref()).await? {
                pieces.entry(id).or_default().push(judged);
            }
        }
        Ok(pieces.into_iter().map(|(id, pieces)| (id, together(pieces))).collect())
    }

    /// Looks for kept answers to these questions. Returns why the others must not be asked, if they must not.
    async fn look_up<'q>(
        &self,
        desk: &mut Desk<'_>,
        questions: impl Iterator<Item = &'q Question> + Clone,
    ) -> Result<Option<ModelFailure>, DbError> {
        let keys: Vec<String> = questions.map(|question| question.key.clone()).collect();
        desk.known = results::find(self.db, self.clock, &keys, self.reuse).await?;
        if desk.wanted.is_some() || desk.known.len() == keys.len() {
            return Ok(None);
        }
        Ok(budget::check(self.db, self.clock, self.model, self.settings, desk.prompt).await?.err())
    }

    /// Asks about all dimensions of one piece: the first question that has no answer alone, the others when its first token has come. Only then
    /// can its service read what they have in common from memory. Where it fails before, the next one goes first; where nobody would get an
    /// answer, such as with a wrong key, nobody else asks.
    async fn all(
        &self,
        desk: &Desk<'_>,
        questions: Vec<(&Dimension, Question)>,
        shown: &Range<usize>,
        stop: Option<&ModelFailure>,
    ) -> Result<Vec<(String, Judged)>, DbError> {
        let is_new = |question: &Question| !desk.known.contains_key(&question.key);
        let hopeless: Mutex<Option<ModelFailure>> = Mutex::new(None);
        // Each one that is new waits for the one before: told at the first token of whichever was first, dropped where that failed.
        let mut before: Option<oneshot::Receiver<()>> = None;
        let mut each = Vec::new();
        for (dimension, question) in &questions {
            let new = is_new(question);
            let (tell, told) = oneshot::channel();
            let waits = if new { before.replace(told) } else { None };
            let hopeless = &hopeless;
            each.push(async move {
                let failed = |failure: &ModelFailure| Ok((dimension.id.clone(), Judged::failed(failure.clone())));
                if !new {
                    let judged = self.one(desk, dimension, question, shown, None).await?;
                    return Ok((dimension.id.clone(), judged));
                }
                if let Some(stop) = stop {
                    return failed(stop);
                }
                let may_follow = match waits {
                    Some(told) => told.await.is_ok(),
                    None => false,
                };
                if may_follow {
                    // Nobody is left to tell where this is the last one.
                    let _ = tell.send(());
                    let judged = self.one(desk, dimension, question, shown, None).await?;
                    return Ok((dimension.id.clone(), judged));
                }
                if let Some(failure) = hopeless.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
                    return failed(failure);
                }
                let (token, came) = oneshot::channel();
                let relay = async {
                    match came.await {
                        Ok(()) => {
                            let _ = tell.send(());
                            None
                        }
                        Err(_) => Some(tell),
                    }
                };
                let (judged, held) = tokio::join!(self.one(desk, dimension, question, shown, Some(token)), relay);
                let judged = judged?;
                if let Err(failure) = &judged.verdicts
                    && matches!(failure.kind.as_str(), "key" | "billing" | "model" | "settings")
                {
                    *hopeless.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure.clone());
                }
                // Only now does the next one hear that there was no token.
                drop(held);
                Ok((dimension.id.clone(), judged))
            });
        }
        join_all(each).await.into_iter().collect()
    }

    async fn one(
        &self,
        desk: &Desk<'_>,
        dimension: &Dimension,
        question: &Question,
        shown: &Range<usize>,
        first: Option<oneshot::Sender<()>>,
    ) -> Result<Judged, DbError> {
        let answered: Result<Answered<Answer>, _> = desk
            .answer(question, first, |text| answer::read(text, dimension), |text| answer::usable(text, dimension))
            .await;
        let Answered { value, cached, repaired } = match answered {
            Ok(answered) => answered,
            Err(Unanswered::Model(failure)) => return Ok(Judged::failed(failure)),
            Err(Unanswered::TooLong(failure)) => return Ok(Judged { too_long: true, ..Judged::failed(failure) }),
            Err(Unanswered::Wanted(failure)) => return Ok(Judged { is_wanted: true, ..Judged::failed(failure) }),
            Err(Unanswered::Db(error)) => return Err(error),
        };
        let known: &[Section] = if dimension.id == PRODUCT { self.knowledge } else { &[] };
        let verdicts = answer::verify(&value, dimension, known, self.transcript, shown);
        let instructions = answer::instructions(&value, self.transcript, shown);
        let dropped = value.dropped + verdicts.iter().map(|one| one.dropped).sum::<usize>();
        let used = DimensionUse {
            cached,
            repaired,
            passes: 1,
            dropped: dropped as u32,
            sources: sources(&verdicts),
            ..DimensionUse::default()
        };
        Ok(Judged { verdicts: Ok(verdicts), instructions, used, too_long: false, is_wanted: false })
    }

    /// Judges those dimensions twice more whose score lies near the border of a level, and takes for each check what most passes say.
    async fn repeat(
        &self,
        desk: &mut Desk<'_>,
        dimensions: &[&Dimension],
        windows: &[Range<usize>],
        report: &Report,
        found: &mut BTreeMap<String, Judged>,
    ) -> Result<(), DbError> {
        let is_near = |dimension: &Dimension| {
            let Some(Judged { verdicts: Ok(verdicts), .. }) = found.get(&dimension.id) else { return false };
            let mut trial = report.clone();
            apply::apply(&mut trial, &[(dimension.id.clone(), Ok(verdicts.clone()))].into_iter().collect());
            let score = trial.dimensions.iter().find(|one| one.name == dimension.id).and_then(|one| one.score);
            score.is_some_and(|score| BORDERS.iter().any(|border| (score - border).abs() <= NEAR))
        };
        let near: Vec<&Dimension> = dimensions.iter().copied().filter(|dimension| is_near(dimension)).collect();
        if near.is_empty() {
            return Ok(());
        }
        let mut passes: BTreeMap<String, Vec<Judged>> = BTreeMap::new();
        for pass in 1..PASSES {
            for (id, judged) in self.over(desk, &near, windows, pass).await? {
                passes.entry(id).or_default().push(judged);
            }
        }
        for (id, passes) in passes {
            if let Some(first) = found.get_mut(&id) {
                settle(first, passes);
            }
        }
        Ok(())
    }

    /// Asks whether what is advised was done in the call already, and drops such advice. Returns words that speak to the judge, as far as the
    /// model names them here.
    async fn look_at_advice(
        &self,
        desk: &mut Desk<'_>,
        windows: &[Range<usize>],
        found: &mut BTreeMap<String, Judged>,
    ) -> Result<Vec<Evidence>, DbError> {
        let advice: Vec<(String, String)> = found
            .iter()
            .filter_map(|(id, judged)| Some((id, judged.verdicts.as_ref().ok()?)))
            .flat_map(|(id, verdicts)| verdicts.iter().map(move |one| (id, &one.result)))
            .filter(|(_, check)| check.verdict == Verdict::Unmet && !check.advice.is_empty())
            .map(|(id, check)| (format!("{id}.{}", check.id), check.advice.clone()))
            .collect();
        let pairs: Vec<(&str, &str)> = advice.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
        let (mut followed, mut instructions, mut failure) = (Vec::new(), Vec::new(), None);
        // What is not known of all verdicts is not asked for before they are.
        let later = desk.wanted.is_some() && found.values().any(|judged| judged.is_wanted);
        for shown in windows.iter().take(if pairs.is_empty() || later { 0 } else { windows.len() }) {
            let block = prompt::transcript_block(self.transcript, shown.clone());
            let request = request(&self.model.name, &block, prompt::advice_task(&pairs), desk.most);
            let key = results::key(self.model.client.provider(), &request, &self.rubric.id, self.rubric.version, 0);
            let question = Question { purpose: Purpose::Advice, dimension: None, key, request };
            let stop = self.look_up(desk, std::iter::once(&question)).await?;
            if let Some(stop) = stop {
                failure = Some(stop);
                break;
            }
            let answered = desk
                .answer(
                    &question,
                    None,
                    |text| answer::read_advice(text, &pairs),
                    |text| answer::usable_advice(text, &pairs),
                )
                .await;
            match answered {
                Ok(Answered { value, .. }) => {
                    instructions.extend(answer::instructions(&value, self.transcript, shown));
                    let shows = |done: &Done| {
                        done.done && !claim::check(self.transcript, shown, &done.evidence).evidence.is_empty()
                    };
                    followed.extend(value.advice.into_iter().filter(shows).map(|done| done.id));
                }
                // The verdicts hold without it, and what other pieces show holds as well.
                Err(Unanswered::Model(why) | Unanswered::TooLong(why)) => {
                    failure = Some(why);
                    break;
                }
                Err(Unanswered::Wanted(why)) => failure = Some(why),
                Err(Unanswered::Db(error)) => return Err(error),
            }
        }
        {
            let mut tally = desk.tally();
            tally.advice_checked = failure.is_none();
            tally.advice_failure = failure;
        }
        for (id, judged) in found {
            let Ok(verdicts) = &mut judged.verdicts else { continue };
            for one in verdicts {
                if followed.contains(&format!("{id}.{}", one.result.id)) {
                    one.result.advice = String::new();
                    judged.used.followed.push(one.result.id.clone());
                }
            }
        }
        Ok(instructions)
    }
}

/// The dimension whose statements are held against the knowledge base.
const PRODUCT: &str = "product_knowledge";

/// Flags for words that speak to the judge: those that rules find, and those that the model names besides.
fn spoken_to_judge<'a>(transcript: &Transcript, named: impl Iterator<Item = &'a Evidence>) -> Vec<Flag> {
    let mut flags = guard::find(transcript);
    for evidence in named {
        let known = flags.iter().any(|flag| flag.evidence.iter().any(|one| one.segment_id == evidence.segment_id));
        if !known {
            flags.push(guard::flag("the model was spoken to", evidence.clone()));
        }
    }
    flags
}
