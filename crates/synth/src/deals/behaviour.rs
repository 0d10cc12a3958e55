//! What reps do in calls and what of it is planted: shown more often on deals that are won.

use crate::dice::Dice;
use crate::script::odds;
use crate::team::Skills;

/// Something a rep does in a call, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Behaviour {
    /// Says at the beginning what the call is for.
    AgendaSet,
    /// Asks what, how and why rather than questions for a yes.
    OpenQuestions,
    /// Asks on when the customer names a problem.
    PainFollowedUp,
    /// Has the customer put a number on it. Needs [`PainFollowedUp`](Self::PainFollowedUp).
    ImpactQuantified,
    /// Finds out how it is decided.
    DecisionProcess,
    /// Ties the product to what the customer said. Needs [`PainFollowedUp`](Self::PainFollowedUp).
    NeedLinked,
    /// Backs a claim.
    ProofGiven,
    /// Recognises an objection.
    ObjectionAcknowledged,
    /// Asks what lies behind it.
    ObjectionClarified,
    /// Answers it with evidence.
    ObjectionEvidence,
    /// Asks if that settles it. Needs [`ObjectionEvidence`](Self::ObjectionEvidence).
    ObjectionConfirmed,
    /// Waits before answering it: two seconds and not half of one.
    PauseAfterObjection,
    /// Sums up.
    RecapGiven,
    /// Agrees a next step with a day.
    NextStepDated,
    /// Gets a clear yes.
    CustomerAgreed,
}

/// How often a behaviour is shown, as a probability per call. Where the two are equal, nothing is planted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planted {
    /// What is shown.
    pub behaviour: Behaviour,
    /// In the calls of deals that are won, 0 to 1.
    pub won: f64,
    /// In the calls of deals that are lost, 0 to 1.
    pub lost: f64,
}

/// What is planted unless the options say otherwise; the table is in the documentation of the [module](super).
pub const PLANTED: &[Planted] = &[
    Planted { behaviour: Behaviour::OpenQuestions, won: 0.80, lost: 0.35 },
    Planted { behaviour: Behaviour::DecisionProcess, won: 0.85, lost: 0.45 },
    Planted { behaviour: Behaviour::ObjectionClarified, won: 0.90, lost: 0.40 },
    Planted { behaviour: Behaviour::RecapGiven, won: 0.80, lost: 0.40 },
    Planted { behaviour: Behaviour::NextStepDated, won: 0.85, lost: 0.45 },
];

impl Behaviour {
    /// Every behaviour, those first that others need.
    pub const ALL: [Self; 15] = [
        Self::AgendaSet,
        Self::OpenQuestions,
        Self::PainFollowedUp,
        Self::ImpactQuantified,
        Self::DecisionProcess,
        Self::NeedLinked,
        Self::ProofGiven,
        Self::ObjectionAcknowledged,
        Self::ObjectionClarified,
        Self::ObjectionEvidence,
        Self::ObjectionConfirmed,
        Self::PauseAfterObjection,
        Self::RecapGiven,
        Self::NextStepDated,
        Self::CustomerAgreed,
    ];

    /// Id of the check of the rubric `default` that it moves, or the field of the metrics.
    pub const fn check(self) -> &'static str {
        match self {
            Self::AgendaSet => "agenda_set",
            Self::OpenQuestions => "open_question_count",
            Self::PainFollowedUp => "pain_followed_up",
            Self::ImpactQuantified => "impact_quantified",
            Self::DecisionProcess => "decision_process",
            Self::NeedLinked => "need_linked",
            Self::ProofGiven => "proof_given",
            Self::ObjectionAcknowledged => "objection_acknowledged",
            Self::ObjectionClarified => "objection_clarified",
            Self::ObjectionEvidence => "objection_evidence",
            Self::ObjectionConfirmed => "objection_confirmed",
            Self::PauseAfterObjection => "pause_after_objection_ms",
            Self::RecapGiven => "recap_given",
            Self::NextStepDated => "next_step_dated",
            Self::CustomerAgreed => "customer_agreed",
        }
    }

    /// Whether [`check`](Self::check) names a field of the metrics.
    pub const fn is_metric(self) -> bool {
        matches!(self, Self::OpenQuestions | Self::PauseAfterObjection)
    }

    /// What must be shown for this to be shown.
    pub const fn needs(self) -> Option<Self> {
        match self {
            Self::ImpactQuantified | Self::NeedLinked => Some(Self::PainFollowedUp),
            Self::ObjectionConfirmed => Some(Self::ObjectionEvidence),
            _ => None,
        }
    }

    /// The skill it is a matter of.
    fn skill(self, skills: Skills) -> f64 {
        match self {
            Self::AgendaSet
            | Self::OpenQuestions
            | Self::PainFollowedUp
            | Self::ImpactQuantified
            | Self::DecisionProcess => skills.discovery,
            Self::NeedLinked | Self::ProofGiven => skills.product_knowledge,
            Self::ObjectionAcknowledged
            | Self::ObjectionClarified
            | Self::ObjectionEvidence
            | Self::ObjectionConfirmed
            | Self::PauseAfterObjection => skills.objection_handling,
            Self::RecapGiven | Self::NextStepDated | Self::CustomerAgreed => skills.engagement,
        }
    }

    /// How often somebody of this skill shows it where nothing is planted.
    fn usual(self, skills: Skills) -> f64 {
        odds(self.skill(skills), 0.1, 0.95)
    }
}

/// What decides how often a rep shows a behaviour in a call.
pub(crate) struct Disposition<'a> {
    pub(crate) planted: &'a [Planted],
    /// How much of the skill shows in what is planted.
    pub(crate) sway: f64,
    /// The rep's on the day.
    pub(crate) skills: Skills,
    /// The mean of all reps.
    pub(crate) team: Skills,
    /// 1 for a deal that is won, 0 for one that is lost, a half where that is open.
    pub(crate) leaning: f64,
}

impl Disposition<'_> {
    /// Probability of a planted behaviour; none where it is not planted.
    fn planted(&self, behaviour: Behaviour) -> Option<f64> {
        let planted = self.planted.iter().find(|planted| planted.behaviour == behaviour)?;
        let plain = planted.lost + (planted.won - planted.lost) * self.leaning;
        let ahead = behaviour.skill(self.skills) - behaviour.skill(self.team);
        Some((plain + self.sway * ahead).clamp(0.0, 1.0))
    }

    /// What is settled of a call: everything planted, what that needs, and whether a next step is dated, which e-mails refer to.
    /// One draw is made for each behaviour, planted or not.
    pub(crate) fn settle(&self, dice: &mut Dice) -> Vec<(Behaviour, bool)> {
        let mut settled: Vec<(Behaviour, bool)> = Vec::new();
        for behaviour in Behaviour::ALL {
            let draw = dice.unit();
            let is_needed = self.planted.iter().any(|planted| planted.behaviour.needs() == Some(behaviour));
            let p = match self.planted(behaviour) {
                Some(p) => p,
                None if is_needed || behaviour == Behaviour::NextStepDated => behaviour.usual(self.skills),
                None => continue,
            };
            let shown = match behaviour.needs() {
                None => draw < p,
                Some(needed) => {
                    let base = self.planted(needed).unwrap_or_else(|| needed.usual(self.skills));
                    // So that it is shown with probability `p` over all calls, as far as the needed one allows.
                    settled.contains(&(needed, true)) && draw * base < p
                }
            };
            settled.push((behaviour, shown));
        }
        settled
    }
}
