//! Questions over calls: answered by a model out of what was found, sentence by sentence as it comes, each with the words that show it. Where no model judges,
//! what was found is the answer.

use crate::find::{Wanted, find};
use crate::question::{Reading, read};
use crate::{FoundCall, FoundIn, Scope, Search, SearchError, moments};
use coaching::{Conversation, ModelFailure, converse};
use kernel::{Actor, new_id};
use retrieval::codes::cosine;
use retrieval::words::terms;
use rubric::model::asked::{self, Line, Sentence};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::{mpsc, watch};
use transcript::Side;
use utoipa::ToSchema;
use uuid::Uuid;

/// Passages that are read for an answer.
const PASSAGES: usize = 12;
/// Tokens of the longest answer.
const MOST_ANSWER: u32 = 1_000;
/// A sentence has to share such a part of its words with the lines that it cites, or mean as much as they do.
const SHARED: f64 = 0.5;
/// See [`SHARED`]: the cosine from which on it does.
const MEANT: f32 = 0.4;

/// The words that show a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Citation {
    /// The call.
    pub call_id: Uuid,
    /// What it is called.
    #[schema(example = "Dockline and Acme: discovery")]
    pub call_title: String,
    /// The segment.
    pub segment_id: i32,
    /// When it is said, from the beginning of the call.
    #[schema(example = 754_000)]
    pub start_ms: Option<i64>,
    /// Who says it.
    pub speaker: Option<String>,
    /// What is said, as it was.
    pub quote: String,
}

/// A sentence of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AnswerSentence)]
pub struct Answered {
    /// What it says.
    #[schema(example = "Customers find the setup fee too high.")]
    pub text: String,
    /// Where that was said, one to three.
    pub citations: Vec<Citation>,
}

/// How an answer ended.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AnswerEnd)]
pub struct Ended {
    /// The model; null where none judges, so that what was found is the answer.
    pub model: Option<String>,
    /// Sentences that were shown.
    pub sentences: usize,
    /// Sentences that were left out: nothing that they cite shows them.
    pub dropped: usize,
    /// Why the model did not answer, or not to the end; null where it did.
    pub failure: Option<ModelFailure>,
}

/// What is told of an answer, as it comes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
#[schema(as = AskEvent)]
pub enum Event {
    /// How the question was read, and what was found for it; first.
    Found {
        /// How it was read.
        reading: Box<Reading>,
        /// The calls with the moments that are read for the answer.
        calls: Vec<FoundIn>,
        /// Why it was not looked by meaning; null where it was.
        meaning_off: Option<String>,
    },
    /// A sentence.
    Sentence(Answered),
    /// What was told before holds no more: the model begins anew.
    Again,
    /// The end.
    Done(Ended),
}

/// Where something stands that a model is given.
struct Given {
    call: FoundCall,
    row: moments::Said,
}

/// Answers a question out of calls that the actor may see. Events go to `told`; who listens no more ends it.
///
/// # Errors
/// When the database fails, or what computes vectors.
pub async fn ask(
    search: &Search,
    actor: &Actor,
    question: &str,
    scope: &Scope,
    told: mpsc::Sender<Event>,
) -> Result<(), SearchError> {
    let mut reading = read(search, actor, question).await?;
    reading.scope.call = scope.call;
    let wanted =
        Wanted { query: reading.text.clone(), scope: reading.scope.clone(), limit: PASSAGES, ..Wanted::default() };
    let found = find(search, actor, &wanted).await?;
    let given = given(search, &found.calls).await?;
    let event = Event::Found { reading: Box::new(reading), calls: found.calls, meaning_off: found.meaning_off };
    if told.send(event).await.is_err() {
        return Ok(());
    }
    let lines: BTreeMap<u32, Line> = (1..)
        .zip(&given)
        .map(|(number, given)| (number, line(number, given)))
        .filter(|(_, line)| line.is_fit())
        .collect();
    let ended = answer(search, actor, question, &given, &lines, &told).await?;
    let _ = told.send(Event::Done(ended)).await;
    Ok(())
}

/// The lines of what was found, call by call, each once.
async fn given(search: &Search, calls: &[FoundIn]) -> Result<Vec<Given>, SearchError> {
    let mut all = Vec::new();
    for found in calls {
        let ids: Vec<i64> = found.moments.iter().map(|moment| moment.passage).collect();
        for row in moments::lines_of(search, &ids).await? {
            all.push(Given { call: found.call.clone(), row });
        }
    }
    Ok(all)
}

fn line(number: u32, given: &Given) -> Line {
    let (call, row) = (&given.call, &given.row);
    let mut heading = format!("{} ({}", call.title, call.happened_at.format("%Y-%m-%d"));
    for name in call.rep.iter().map(|rep| &rep.name).chain(&call.customer) {
        heading.push_str(", ");
        heading.push_str(name);
    }
    heading.push(')');
    let side = match row.side.as_deref() {
        Some("internal") => ", us",
        Some("external") => ", customer",
        _ => "",
    };
    Line {
        number,
        call: heading,
        time: row.start_ms.map(|ms| format!("{}:{:02}", ms / 60_000, ms / 1000 % 60)),
        speaker: row.speaker.as_ref().map(|name| format!("{name}{side}")),
        side: match row.side.as_deref() {
            Some("internal") => Some(Side::Internal),
            Some("external") => Some(Side::External),
            _ => None,
        },
        text: row.text.clone(),
    }
}

async fn answer(
    search: &Search,
    actor: &Actor,
    question: &str,
    given: &[Given],
    lines: &BTreeMap<u32, Line>,
    told: &mpsc::Sender<Event>,
) -> Result<Ended, SearchError> {
    let mut ended = Ended { model: None, sentences: 0, dropped: 0, failure: None };
    if lines.is_empty() {
        return Ok(ended);
    }
    let shown: Vec<Line> = lines.values().cloned().collect();
    let mark = new_id().simple().to_string();
    let conversation = Conversation {
        rules: asked::RULES.to_owned(),
        prompt: asked::prompt(&shown, question, &mark[20..]),
        most_answer: MOST_ANSWER,
    };
    let (so_far, mut comes) = watch::channel(String::new());
    let asking = converse(&search.db, &search.clock, &search.analyst, conversation, so_far, actor);
    let telling = async move {
        let mut teller = Teller { search, question, given, lines, told, known: Vec::new(), sentences: 0, dropped: 0 };
        // Until the model is done, whose end drops the sender, or nobody listens, which drops the receiver and ends the model.
        loop {
            tokio::select! {
                come = comes.changed() => if come.is_err() { break },
                () = told.closed() => return Ok(None),
            }
            let text = comes.borrow_and_update().clone();
            if !teller.tell(&asked::sentences(&text, false)).await? {
                return Ok(None);
            }
        }
        Ok::<_, SearchError>(Some(teller))
    };
    let (asked, teller) = tokio::join!(asking, telling);
    let Some(mut teller) = teller? else { return Ok(ended) };
    match asked? {
        None => return Ok(ended),
        Some(Ok((text, model))) => {
            ended.model = Some(model);
            teller.tell(&asked::sentences(&text, true)).await?;
        }
        Some(Err(failure)) => ended.failure = Some(failure),
    }
    (ended.sentences, ended.dropped) = (teller.sentences, teller.dropped);
    Ok(ended)
}

/// Tells sentences once each.
struct Teller<'a> {
    search: &'a Search,
    question: &'a str,
    given: &'a [Given],
    lines: &'a BTreeMap<u32, Line>,
    told: &'a mpsc::Sender<Event>,
    known: Vec<Sentence>,
    sentences: usize,
    dropped: usize,
}

impl Teller<'_> {
    /// Tells what is new of an answer's sentences. Whether somebody still listens.
    async fn tell(&mut self, now: &[Sentence]) -> Result<bool, SearchError> {
        if !now.starts_with(&self.known) {
            // It broke off and was asked for again.
            (self.known, self.sentences, self.dropped) = (Vec::new(), 0, 0);
            if self.told.send(Event::Again).await.is_err() {
                return Ok(false);
            }
        }
        for sentence in &now[self.known.len()..] {
            if sentence.text.trim_end_matches('.') == "NOTHING" {
                continue;
            }
            if !asked::holds(sentence, self.lines, self.question) || !self.is_shown(sentence).await? {
                self.dropped += 1;
                continue;
            }
            self.sentences += 1;
            let citations =
                sentence.cites.iter().filter_map(|number| self.given.get(*number as usize - 1)).map(citation);
            let answered = Answered { text: sentence.text.clone(), citations: citations.collect() };
            if self.told.send(Event::Sentence(answered)).await.is_err() {
                return Ok(false);
            }
        }
        self.known = now.to_vec();
        Ok(true)
    }

    /// Whether the lines that a sentence cites say what it says, as far as that can be told: by its words, or by what it means.
    async fn is_shown(&self, sentence: &Sentence) -> Result<bool, SearchError> {
        let cited: Vec<&str> =
            sentence.cites.iter().filter_map(|number| self.lines.get(number)).map(|line| &*line.text).collect();
        let cited = cited.join(" ");
        let of = |text: &str| {
            let mut all = BTreeSet::new();
            terms(text, |term| {
                all.insert(term);
            });
            all
        };
        let (said, shown) = (of(&sentence.text), of(&cited));
        let shared = said.intersection(&shown).count() as f64 / said.len().max(1) as f64;
        if shared >= SHARED {
            return Ok(true);
        }
        let Ok(embedder) = self.search.embedder().await? else { return Ok(false) };
        // What cannot be compared is not shown.
        let vectors = embedder.embed(vec![sentence.text.clone(), cited]).await.unwrap_or_default();
        Ok(matches!(&vectors[..], [a, b] if cosine(a, b) >= MEANT))
    }
}

fn citation(given: &Given) -> Citation {
    Citation {
        call_id: given.call.id,
        call_title: given.call.title.clone(),
        segment_id: given.row.segment_id,
        start_ms: given.row.start_ms,
        speaker: given.row.speaker.clone(),
        quote: given.row.text.clone(),
    }
}
