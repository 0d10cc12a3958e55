//! Labels: what each sentence of a call does (asks, objects, commits …) and which trackers it hits.
//!
//! A sentence is tokenised once. Trackers, cues (wordings that speak for a label) and forms of questions are matched over the tokens in one
//! pass. Whether a sentence is a question follows from its form. The other labels are decided by a linear model over words, cues, the
//! speaker's side and the line before; its weights are a data file made by `cargo xtask train`.

mod linear;
mod objection;
mod question;

pub use linear::{
    Features, LinearModel, ModelError, OBJECTION, OUTPUTS, RESISTANCE, SOFT_MARGIN, Scores, output_index, output_name,
    sigmoid,
};
pub use question::QuestionKind;

use crate::metrics::FILLER_TRACKER;
use crate::pattern::{Hit, PatternSet, PatternSetBuilder, Signature, Words};
use crate::text::{SentenceSpan, Token, Vocabulary, sentences};
use crate::tracker::{TrackerError, TrackerFile, TrackerSet};
use question::QuestionRules;
use serde::Serialize;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::LazyLock;
use transcript::{Side, Transcript};

macro_rules! labels {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// What a sentence does, beside asking and objecting.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Label { $($(#[doc = $doc])+ $variant,)+ }

        impl Label {
            /// All labels in the order of their numbers.
            pub const ALL: &[Label] = &[$(Label::$variant,)+];

            /// Name as in JSON and in the training files.
            pub fn as_str(self) -> &'static str {
                match self { $(Label::$variant => $name,)+ }
            }
        }
    };
}

labels! {
    /// Says what the call is for or will cover.
    Agenda = "agenda",
    /// States a problem of the customer's.
    Pain = "pain",
    /// Puts a number, money, time or a consequence on a problem.
    Impact = "impact",
    /// Asks or tells how, by whom or by when it is decided.
    Decision = "decision",
    /// Ties a capability to a need that the customer stated.
    NeedLink = "need_link",
    /// Backs a claim: story, result, study, certificate, reference.
    Proof = "proof",
    /// Admits not knowing.
    Unknown = "unknown",
    /// Promises to find out.
    FindOut = "find_out",
    /// Recognises what the other said as heard or fair.
    Acknowledgement = "ack",
    /// Asks what lies behind a concern.
    Clarify = "clarify",
    /// Checks whether an answer settles it.
    Confirm = "confirm",
    /// Gives a discount, free time or better terms away.
    Concession = "concession",
    /// Sums up what was said or agreed.
    Recap = "recap",
    /// Proposes or agrees what happens after the call.
    NextStep = "next_step",
    /// The speaker binds themself to an action.
    Commitment = "commitment",
    /// Agrees aloud to a step, a solution, a proposal.
    Agreement = "agree",
    /// Asks the other side to do something.
    Request = "request",
    /// Says that a request is done.
    Resolved = "resolved",
    /// Repeats the caller's request in own words.
    Restatement = "restate",
    /// Asks whether anything else is needed.
    FurtherHelp = "further_help",
    /// Announces a wait.
    Hold = "hold",
    /// Avoids a direct question.
    Dodge = "dodge",
    /// Says that it can not be done.
    Cannot = "cannot",
    /// Promises what must not be promised.
    Compliance = "compliance",
    /// Chit-chat.
    SmallTalk = "smalltalk",
}

/// What a customer resists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionKind {
    /// It costs too much.
    Price,
    /// Not now.
    Timing,
    /// Not my decision.
    Authority,
    /// No need.
    Need,
    /// Has another supplier.
    Competitor,
    /// Does not believe it, had bad experience, fears for security.
    Trust,
    /// Too much work or change.
    Effort,
}

impl ObjectionKind {
    /// All kinds in the order of the model's outputs.
    pub const ALL: [Self; 7] =
        [Self::Price, Self::Timing, Self::Authority, Self::Need, Self::Competitor, Self::Trust, Self::Effort];

    /// Name as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Timing => "timing",
            Self::Authority => "authority",
            Self::Need => "need",
            Self::Competitor => "competitor",
            Self::Trust => "trust",
            Self::Effort => "effort",
        }
    }
}

/// A set of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LabelSet(u32);

impl LabelSet {
    /// Whether `label` is in the set.
    pub fn has(self, label: Label) -> bool {
        self.0 & (1 << label as u8) != 0
    }

    /// Adds `label`.
    pub fn insert(&mut self, label: Label) {
        self.0 |= 1 << label as u8;
    }

    /// The labels in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = Label> {
        Label::ALL.iter().copied().filter(move |label| self.has(*label))
    }
}

/// One sentence of a call and what it does.
#[derive(Debug, Clone)]
pub struct Sentence {
    /// Index into [`Transcript::segments`].
    pub(crate) segment: u32,
    /// Byte offset of its start in the segment's text.
    pub(crate) start: u32,
    /// Byte offset behind its end in the segment's text.
    pub(crate) end: u32,
    /// Index of its first token in [`CallLabels::tokens`].
    pub(crate) first_token: u32,
    /// Index behind its last token.
    pub(crate) last_token: u32,
    /// Side of the speaker, where it is known.
    pub side: Option<Side>,
    /// What kind of question it is, if any.
    pub question: Option<QuestionKind>,
    /// What the customer resists, if they do. Never set for our side.
    pub objection: Option<ObjectionKind>,
    /// Everything else it does.
    pub labels: LabelSet,
    /// Whether it gives an answer; `None` where the other side had not asked.
    pub answer: Option<bool>,
    /// Whether it names a day, date or time.
    pub dated: bool,
    /// Filler words in it.
    pub fillers: u16,
    /// The model's scores.
    pub scores: Scores,
}

impl Sentence {
    /// Index into [`Transcript::segments`].
    pub fn segment(&self) -> usize {
        self.segment as usize
    }

    /// Its bytes in the segment's text.
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Its tokens in [`CallLabels::tokens`].
    pub fn tokens(&self) -> Range<usize> {
        self.first_token as usize..self.last_token as usize
    }

    /// Probability that the sentence has `label`, 0..1.
    pub fn probability(&self, label: Label) -> f32 {
        sigmoid(self.scores.get(label as usize))
    }

    /// The words in the segment they were said in.
    pub fn text<'t>(&self, transcript: &'t Transcript) -> &'t str {
        &transcript.segments[self.segment()].text[self.span()]
    }
}

/// A tracker's hit in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackerHit {
    /// Index into [`Labeler::trackers`].
    pub tracker: u16,
    /// Index into [`Transcript::segments`].
    pub segment: usize,
    /// Byte offset of its start in the segment's text.
    pub start: usize,
    /// Byte offset behind its end.
    pub end: usize,
}

/// The labels of a whole call.
#[derive(Debug, Clone, Default)]
pub struct CallLabels {
    /// The sentences in the order of the segments.
    pub sentences: Vec<Sentence>,
    /// All words of the call; offsets are those within the segment's text.
    pub tokens: Vec<Token>,
    /// The hits of the trackers, in the order of the sentences.
    pub hits: Vec<TrackerHit>,
}

impl CallLabels {
    /// The words of a sentence.
    pub fn words(&self, sentence: &Sentence) -> &[Token] {
        &self.tokens[sentence.tokens()]
    }

    /// Drops [`Self::tokens`], the largest part of a long call, when [`Self::words`] will not be asked for any more.
    pub fn forget_words(&mut self) {
        self.tokens = Vec::new();
    }
}

/// The line before, as far as labels depend on it.
#[derive(Debug, Clone, Default)]
pub struct Context {
    question: Option<QuestionKind>,
    cues: Vec<u16>,
}

impl Context {
    /// Adds what a sentence asks and which cues it has.
    fn add(&mut self, question: Option<QuestionKind>, hits: &[Hit]) {
        self.question = question.or(self.question);
        for hit in hits {
            if !self.cues.contains(&hit.owner) {
                self.cues.push(hit.owner);
            }
        }
    }
}

/// Finds labels and tracker hits. Build one and keep it: compiling the patterns takes some milliseconds.
#[derive(Debug)]
pub struct Labeler {
    vocabulary: Vocabulary,
    /// The phrases of the trackers, the cues and the questions, in this order.
    patterns: PatternSet,
    trackers: TrackerSet,
    cues: TrackerSet,
    questions: QuestionRules,
    model: LinearModel,
    fillers: Option<u16>,
    /// What each tracker says of objections.
    objection_kinds: Vec<Option<ObjectionKind>>,
}

const TRACKERS: &str = include_str!("../../../../trackers/sales.yaml");
const QUESTIONS: &str = include_str!("../../../../trackers/cues/questions.yaml");
const CUES: &str = include_str!("../../../../trackers/cues/labels.yaml");
const RESISTANCE_CUES: &str = include_str!("../../../../trackers/cues/resistance.yaml");

static BUILTIN: LazyLock<Labeler> =
    LazyLock::new(|| Labeler::with_builtin(Vec::new()).expect("the built-in trackers are checked by a test"));

/// Buffers that are used again from sentence to sentence.
#[derive(Debug, Default)]
struct Scratch {
    found: Found,
    features: Features,
    rows: Vec<u32>,
    spans: Vec<SentenceSpan>,
    signatures: Vec<Signature>,
    met: Vec<u64>,
}

/// The hits in a sentence.
#[derive(Debug, Default)]
struct Found {
    trackers: Vec<Hit>,
    cues: Vec<Hit>,
    questions: Vec<Hit>,
}

thread_local! {
    /// For callers that bring one line at a time.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Labeler {
    /// The labeler with the built-in trackers and weights.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// A labeler with the built-in trackers and weights, and these trackers beside them.
    ///
    /// # Errors
    /// When one of them is malformed or has the id of another one.
    pub fn with_builtin(mut trackers: Vec<TrackerFile>) -> Result<Self, TrackerError> {
        trackers.insert(0, TrackerFile::from_yaml(TRACKERS)?);
        Self::new(trackers, LinearModel::builtin())
    }

    /// A labeler with other trackers or weights; the cues are always the built-in ones, since the weights refer to them.
    ///
    /// # Errors
    /// When a tracker is malformed.
    pub fn new(trackers: Vec<TrackerFile>, model: LinearModel) -> Result<Self, TrackerError> {
        let (mut vocabulary, mut patterns) = (Vocabulary::default(), PatternSetBuilder::default());
        let trackers = TrackerSet::compile(&mut vocabulary, &mut patterns, 0, trackers)?;
        let files = vec![TrackerFile::from_yaml(CUES)?, TrackerFile::from_yaml(RESISTANCE_CUES)?];
        let cues = TrackerSet::compile(&mut vocabulary, &mut patterns, trackers.owners().end, files)?;
        let file = TrackerFile::from_yaml(QUESTIONS)?;
        let questions = QuestionRules::compile(&mut vocabulary, &mut patterns, cues.owners().end, file)?;
        let fillers = trackers.index(FILLER_TRACKER);
        let objection_kinds = trackers.trackers().iter().map(|t| objection::kind_of_tracker(&t.id)).collect();

        let patterns = patterns.build();
        Ok(Self { vocabulary, patterns, trackers, cues, questions, model, fillers, objection_kinds })
    }

    /// The trackers; [`TrackerHit::tracker`] is an index into it.
    pub fn trackers(&self) -> &TrackerSet {
        &self.trackers
    }

    /// The vocabulary that all tokens refer to.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Log odds from which `label` counts.
    pub fn threshold(&self, label: Label) -> f32 {
        self.model.threshold(label as usize)
    }

    /// The features that stand for cues whose id begins with `prefix`, for training.
    pub fn cue_features(&self, prefix: &str) -> Vec<u32> {
        let owners = self.cues.trackers().iter().enumerate().filter(|(_, cue)| cue.id.starts_with(prefix));
        owners.map(|(owner, _)| linear::cue_feature(owner as u16)).collect()
    }

    /// Labels every sentence of a call.
    pub fn label_call(&self, transcript: &Transcript) -> CallLabels {
        let mut call = CallLabels::default();
        let mut scratch = Scratch::default();
        let mut context = Context::default();
        let mut last_speaker = None;
        let mut running = Context::default();
        for (index, segment) in transcript.segments.iter().enumerate() {
            if segment.speaker != last_speaker {
                context = std::mem::take(&mut running);
                last_speaker = segment.speaker;
            }
            let line = Line { text: &segment.text, segment: index, side: transcript.side(segment), context: &context };
            self.label_text(line, &mut call, &mut scratch, Some(&mut running));
        }
        self.settle_objections(&mut call);
        call
    }

    /// Labels one line by itself. `previous` is what the other side said before it.
    pub fn label_line(&self, text: &str, previous: Option<&str>, side: Option<Side>) -> CallLabels {
        let mut found = CallLabels::default();
        self.label_line_into(&mut found, text, previous, side);
        found
    }

    /// The same into `found`, whose buffers are used again.
    pub fn label_line_into(&self, found: &mut CallLabels, text: &str, previous: Option<&str>, side: Option<Side>) {
        let CallLabels { sentences, tokens, hits } = &mut *found;
        sentences.clear();
        tokens.clear();
        hits.clear();
        let context = previous.map(|previous| self.context(previous, side.map(Side::other))).unwrap_or_default();
        let line = Line { text, segment: 0, side, context: &context };
        SCRATCH.with_borrow_mut(|scratch| self.label_text(line, found, scratch, None));
    }

    /// What labels of the next line need to know of `text`.
    pub fn context(&self, text: &str, side: Option<Side>) -> Context {
        let mut running = Context::default();
        let line = Line { text, segment: 0, side, context: &Context::default() };
        SCRATCH.with_borrow_mut(|scratch| {
            self.label_text(line, &mut CallLabels::default(), scratch, Some(&mut running));
        });
        running
    }

    /// The features of a line taken as one sentence, for training.
    pub fn features(&self, text: &str, side: Option<Side>, context: &Context) -> Features {
        let Scratch { mut signatures, mut met, mut found, mut features, .. } = Scratch::default();
        let mut tokens = Vec::new();
        self.vocabulary.tokenize(text, &mut tokens);
        self.find(Words::new(&tokens, &mut signatures), side, &mut met, &mut found);
        let question = self
            .questions
            .classify(&tokens, text.contains('?'), punctuated(text), &found.questions)
            .map(|(kind, _)| kind);
        features.collect(&tokens, side, question, &found.cues, context);
        features.sort();
        features
    }

    /// Adds the sentences, tokens and hits of a line to `call`, and what the next line needs to know of it to `running`.
    fn label_text(
        &self,
        line: Line<'_>,
        call: &mut CallLabels,
        scratch: &mut Scratch,
        mut running: Option<&mut Context>,
    ) {
        let Scratch { spans, signatures, met, found, features, rows } = scratch;
        let offset = call.tokens.len();
        self.vocabulary.tokenize(line.text, &mut call.tokens);
        let tokens = &call.tokens[offset..];
        let punctuated = punctuated(line.text);
        sentences(line.text, tokens, spans);
        if !punctuated {
            self.questions.split(&self.patterns, tokens, spans, signatures, met, &mut found.questions);
        }
        call.sentences.reserve(spans.len());
        for span in spans {
            let words = &tokens[span.first_token..span.last_token];
            self.find(Words::new(words, signatures), line.side, met, found);
            call.hits.extend(found.trackers.iter().map(|hit| TrackerHit {
                tracker: hit.owner,
                segment: line.segment,
                start: words[hit.first].start as usize,
                end: words[hit.last - 1].end(),
            }));
            let question = self.questions.classify(words, span.question_mark, punctuated, &found.questions);
            let question = question.map(|(kind, _)| kind);
            features.collect(words, line.side, question, &found.cues, line.context);
            let scores = self.model.scores(features, rows);
            let labels = self.model.labels(&scores);
            if let Some(running) = &mut running {
                running.add(question, &found.cues);
            }
            call.sentences.push(Sentence {
                segment: line.segment as u32,
                start: span.start as u32,
                end: span.end as u32,
                first_token: (offset + span.first_token) as u32,
                last_token: (offset + span.last_token) as u32,
                side: line.side,
                question,
                objection: self.objection_of(&scores, line.side, self.tracked(&found.trackers)),
                labels,
                answer: line.context.question.map(|_| question.is_none() && !labels.has(Label::Dodge)),
                dated: crate::dates::is_dated(line.text, words),
                fillers: found.trackers.iter().filter(|hit| Some(hit.owner) == self.fillers).count() as u16,
                scores,
            });
        }
    }

    /// Everything that is matched in a sentence.
    fn find(&self, sentence: Words<'_>, side: Option<Side>, met: &mut Vec<u64>, found: &mut Found) {
        let Found { trackers, cues, questions } = found;
        for hits in [&mut *trackers, &mut *cues, &mut *questions] {
            hits.clear();
        }
        let (first_cue, first_question) = (self.cues.owners().start, self.questions.rules.owners().start);
        self.patterns.find(sentence, 0, met, |hit| {
            if hit.owner >= first_question {
                self.questions.rules.keep(hit, None, questions);
            } else if hit.owner >= first_cue {
                self.cues.keep(hit, None, cues);
            } else {
                self.trackers.keep(hit, side, trackers);
            }
        });
    }

    /// The kind of objection that a tracker tells.
    fn tracked(&self, hits: &[Hit]) -> Option<ObjectionKind> {
        hits.iter().find_map(|hit| self.objection_kinds[hit.owner as usize])
    }
}

/// What is to be labelled.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    segment: usize,
    side: Option<Side>,
    /// The line before.
    context: &'a Context,
}

/// Whether the transcriber wrote punctuation at all.
fn punctuated(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'.' | b'?' | b'!' | b',' | b';')) || text.contains('…')
}

#[cfg(test)]
mod tests;
