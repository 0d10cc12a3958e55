//! What is true of a call: verdicts, labels and flags by the definitions of `truth/README.md` of this repository.

use crate::CallKind;
use serde::{Deserialize, Serialize};
use transcript::{Side, Transcript, turns};

/// A rep's turn longer than this is a monologue, in milliseconds.
const MONOLOGUE_MS: u64 = 150_000;
/// A silence from this on is dead air unless it was announced, in milliseconds.
const DEAD_AIR_MS: u64 = 20_000;
/// Open questions wanted in a call of 20 minutes or more; shorter ones need one per full five minutes, never none.
const OPEN_QUESTIONS: u64 = 4;
const FIVE_MINUTES_MS: u64 = 300_000;
/// Questions the customer asks in a two-way call.
const CUSTOMER_QUESTIONS: usize = 3;

/// What is expected of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// It happened, or never happened where it must not.
    Met,
    /// It did not.
    Unmet,
    /// There was no occasion.
    NotApplicable,
    /// The call alone does not tell.
    CannotAssess,
}

/// The expected verdict of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Id of the check in the rubric.
    pub check: String,
    /// What a careful coach would say.
    pub verdict: Expected,
    /// Ids of the segments that show it, ascending; empty where it shows by absence.
    pub segments: Vec<u32>,
}

/// A label or flag on a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Id of the segment.
    pub segment: u32,
    /// For a label the tag without its `@`, such as `q:open`, `objection:price`, `pain`, `next_step:dated`; for a flag its kind.
    pub kind: String,
}

/// The truth of a call, written beside it as `truth.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// `CALL_12345678`.
    pub external_id: String,
    /// `AGENT_1234`.
    pub agent_id: String,
    /// `CUST_123456`.
    pub customer_id: String,
    /// Sales or service.
    pub kind: CallKind,
    /// Id of the rubric that the verdicts belong to: `default` or `service`.
    pub rubric: String,
    /// The agent's skill, 0 to 1, in thousandths.
    pub agent_skill: f64,
    /// One for every check of the rubric, in its order.
    pub verdicts: Vec<Verdict>,
    /// Labels by segment.
    pub labels: Vec<Mark>,
    /// Flags by segment.
    pub flags: Vec<Mark>,
}

/// How a verdict follows from the tags `met:CHECK` and `unmet:CHECK`.
#[derive(Clone, Copy)]
enum Rule {
    /// Met if it was said anywhere, else unmet.
    Presence,
    /// Unmet if it was said anywhere, else met.
    Absence,
    /// Unmet if it went wrong once, met if it only went right, not applicable if it never came up.
    Occasion,
    /// Unmet if contradicted, else nobody can tell without a product sheet.
    Contradiction,
    /// Presence that applies only if the customer objects.
    Objection,
    /// Absence that applies only if the customer objects.
    ObjectionAbsence,
    OpenQuestions,
    CustomerQuestions,
    Monologue,
    DeadAir,
}

const SALES: [(&str, Rule); 20] = [
    ("agenda_set", Rule::Presence),
    ("open_questions", Rule::OpenQuestions),
    ("pain_followed_up", Rule::Presence),
    ("impact_quantified", Rule::Presence),
    ("decision_process", Rule::Presence),
    ("need_linked", Rule::Presence),
    ("proof_given", Rule::Presence),
    ("answered_directly", Rule::Occasion),
    ("no_contradiction", Rule::Contradiction),
    ("unknowns_followed_up", Rule::Occasion),
    ("objection_acknowledged", Rule::Objection),
    ("objection_clarified", Rule::Objection),
    ("objection_evidence", Rule::Objection),
    ("objection_confirmed", Rule::Objection),
    ("no_premature_concession", Rule::ObjectionAbsence),
    ("recap_given", Rule::Presence),
    ("customer_questions", Rule::CustomerQuestions),
    ("no_monologue", Rule::Monologue),
    ("next_step_dated", Rule::Presence),
    ("customer_agreed", Rule::Presence),
];

const SERVICE: [(&str, Rule); 7] = [
    ("request_understood", Rule::Presence),
    ("no_repeated_questions", Rule::Absence),
    ("facts_consistent", Rule::Absence),
    ("questions_answered", Rule::Absence),
    ("resolved_or_owned", Rule::Presence),
    ("no_dead_air", Rule::DeadAir),
    ("further_help_offered", Rule::Presence),
];

/// What the tags of the finished call say; `tags` holds those of each segment, by index.
struct Evidence<'a> {
    transcript: &'a Transcript,
    tags: &'a [Vec<&'static str>],
}

impl Evidence<'_> {
    /// Ids of the segments that carry `prefix` followed by `rest`.
    fn tagged(&self, prefix: &str, rest: &str) -> Vec<u32> {
        let carries = |tags: &Vec<&str>| tags.iter().any(|tag| tag.strip_prefix(prefix) == Some(rest));
        self.ids(|index| carries(&self.tags[index]))
    }

    fn ids(&self, wanted: impl Fn(usize) -> bool) -> Vec<u32> {
        self.transcript.segments.iter().enumerate().filter(|(index, _)| wanted(*index)).map(|(_, s)| s.id).collect()
    }

    fn side(&self, index: usize) -> Option<Side> {
        self.transcript.side(&self.transcript.segments[index])
    }

    fn count(&self, side: Side, counts: impl Fn(&str) -> bool) -> (usize, Vec<u32>) {
        let number = |index: usize| self.tags[index].iter().filter(|tag| counts(tag)).count();
        let of_side = |index: &usize| self.side(*index) == Some(side);
        let total = (0..self.tags.len()).filter(of_side).map(number).sum();
        (total, self.ids(|index| of_side(&index) && number(index) > 0))
    }

    fn verdict(&self, check: &str, rule: Rule) -> (Expected, Vec<u32>) {
        use Expected::{CannotAssess, Met, NotApplicable, Unmet};
        let met = self.tagged("met:", check);
        let unmet = self.tagged("unmet:", check);
        let objections = self.ids(|index| self.tags[index].iter().any(|tag| tag.starts_with("objection:")));
        match rule {
            Rule::Objection | Rule::ObjectionAbsence if objections.is_empty() => (NotApplicable, Vec::new()),
            Rule::Presence | Rule::Objection if !met.is_empty() => (Met, met),
            // The missed moment, where there was one.
            Rule::Objection => (Unmet, if unmet.is_empty() { objections } else { unmet }),
            Rule::Presence => (Unmet, unmet),
            Rule::Absence | Rule::ObjectionAbsence | Rule::Occasion | Rule::Contradiction if !unmet.is_empty() => {
                (Unmet, unmet)
            }
            Rule::Absence | Rule::ObjectionAbsence => (Met, met),
            Rule::Occasion => (if met.is_empty() { NotApplicable } else { Met }, met),
            Rule::Contradiction => (CannotAssess, Vec::new()),
            Rule::OpenQuestions => {
                let (asked, segments) = self.count(Side::Internal, |tag| tag == "q:open");
                (met_if(asked as u64 >= self.open_questions_wanted()), segments)
            }
            Rule::CustomerQuestions => {
                let (asked, segments) = self.count(Side::External, |tag| tag.starts_with("q:"));
                (met_if(asked >= CUSTOMER_QUESTIONS), segments)
            }
            Rule::Monologue => self.monologue(),
            Rule::DeadAir => self.dead_air(),
        }
    }

    fn open_questions_wanted(&self) -> u64 {
        let duration = self.transcript.span_ms().map_or(0, |(start, end)| end - start);
        (duration / FIVE_MINUTES_MS).clamp(1, OPEN_QUESTIONS)
    }

    fn monologue(&self) -> (Expected, Vec<u32>) {
        let turns = turns::turns(self.transcript);
        let long =
            turns.iter().filter(|turn| turn.side == Some(Side::Internal) && turn.duration_ms() > Some(MONOLOGUE_MS));
        let segments: Vec<u32> =
            long.flat_map(|turn| &turn.segments).map(|&at| self.transcript.segments[at].id).collect();
        (met_if(segments.is_empty()), segments)
    }

    fn dead_air(&self) -> (Expected, Vec<u32>) {
        let mut silent_after = Vec::new();
        // The segment that ends last so far: the silence follows that one.
        let mut last: Option<(u64, usize)> = None;
        for (index, segment) in self.transcript.segments.iter().enumerate() {
            let (Some(start), Some(end)) = (segment.start_ms, segment.end_ms) else { continue };
            if let Some((before, at)) = last
                && start.saturating_sub(before) >= DEAD_AIR_MS
                && !self.tags[at].contains(&"hold")
            {
                silent_after.push(self.transcript.segments[at].id);
            }
            if last.is_none_or(|(before, _)| end >= before) {
                last = Some((end, index));
            }
        }
        (met_if(silent_after.is_empty()), silent_after)
    }
}

fn met_if(condition: bool) -> Expected {
    if condition { Expected::Met } else { Expected::Unmet }
}

/// Ids, kind and skill, to which [`judge`] adds what was said.
pub(crate) struct Header {
    pub(crate) external_id: String,
    pub(crate) agent_id: String,
    pub(crate) customer_id: String,
    pub(crate) kind: CallKind,
    pub(crate) agent_skill: f64,
}

/// The truth of a finished call; `tags` are those of each segment, by index.
pub(crate) fn judge(header: Header, transcript: &Transcript, tags: &[Vec<&'static str>]) -> Truth {
    let evidence = Evidence { transcript, tags };
    let (rubric, checks): (_, &[(&str, Rule)]) = match header.kind {
        CallKind::Sales => ("default", &SALES),
        CallKind::Service => ("service", &SERVICE),
    };
    let verdicts = checks
        .iter()
        .map(|&(check, rule)| {
            let (verdict, segments) = evidence.verdict(check, rule);
            Verdict { check: check.to_owned(), verdict, segments }
        })
        .collect();
    let marks = |wanted: &dyn Fn(&'static str) -> Option<&'static str>| -> Vec<Mark> {
        let on = |(segment, tags): (u32, &Vec<&'static str>)| {
            let kinds = tags.iter().filter_map(|tag| wanted(tag));
            kinds.map(|kind| Mark { segment, kind: kind.to_owned() }).collect::<Vec<_>>()
        };
        (1..).zip(tags).flat_map(on).collect()
    };
    Truth {
        external_id: header.external_id,
        agent_id: header.agent_id,
        customer_id: header.customer_id,
        kind: header.kind,
        rubric: rubric.to_owned(),
        agent_skill: (header.agent_skill * 1000.0).round() / 1000.0,
        verdicts,
        labels: marks(&|tag| is_label(tag).then_some(tag)),
        flags: marks(&|tag| tag.strip_prefix("flag:")),
    }
}

/// Whether a tag of the banks describes the sentence itself, not the call or its timing.
pub(crate) fn is_label(tag: &str) -> bool {
    let plain = ["commitment", "ack", "proof", "pain", "impact", "request"];
    plain.contains(&tag) || ["q:", "objection:", "next_step:"].iter().any(|prefix| tag.starts_with(prefix))
}

/// The checks of the rubric that a kind of call is judged by, in order.
#[cfg(test)]
pub(crate) fn checks(kind: CallKind) -> Vec<&'static str> {
    let table: &[(&'static str, Rule)] = match kind {
        CallKind::Sales => &SALES,
        CallKind::Service => &SERVICE,
    };
    table.iter().map(|(check, _)| *check).collect()
}
