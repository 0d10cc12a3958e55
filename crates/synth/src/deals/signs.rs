//! What a manager should be warned of in an open deal, as it is on the last day of the world.

/// Days of the customer's silence, while the rep writes, from which a deal counts as ghosted; in deals that are not it is less than [`LIVELY_DAYS`].
pub const GHOSTED_DAYS: u64 = 28;
/// Days without a word from anybody from which a deal counts as given up; in deals that are not it is less than [`LIVELY_DAYS`].
pub const IDLE_DAYS: u64 = 28;
/// Days in one stage from which a deal counts as stalled; in deals that are not it is less than [`MOVING_DAYS`].
pub const STALLED_DAYS: u64 = 36;
/// Within so many days before the end there is something from the customer, and from the rep, in every deal that is not silent.
pub const LIVELY_DAYS: u64 = 10;
/// Within so many days before the end the stage has changed in every deal that is not stalled.
pub const MOVING_DAYS: u64 = 25;

/// Something to be warned of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// Nobody has written or called for [`IDLE_DAYS`] or more.
    NoActivity,
    /// The rep writes, the customer has been silent for [`GHOSTED_DAYS`] or more.
    Ghosted,
    /// The close date has passed.
    Overdue,
    /// The stage has not changed for [`STALLED_DAYS`] or more.
    Stalled,
    /// One person alone has been in touch on the customer's side.
    SingleThreaded,
    /// Nobody who has been in touch can say yes ([`Contact::has_power`](super::Contact::has_power)).
    NoPower,
    /// No price has come up in a call or e-mail.
    PricingNotMentioned,
    /// Red flag, in an e-mail of the customer: the contract is stuck with lawyers.
    Legal,
    /// Red flag, in an e-mail of the customer: the money has been cut.
    BudgetCut,
    /// Red flag, in an e-mail of the customer: whoever wanted it leaves the firm.
    ChampionLeaves,
}

impl Sign {
    /// The red flags.
    pub const RED_FLAGS: [Self; 3] = [Self::Legal, Self::BudgetCut, Self::ChampionLeaves];

    /// The section of the e-mails that raises this red flag.
    pub(crate) fn mail(self) -> Option<&'static str> {
        match self {
            Self::Legal => Some("flag_legal"),
            Self::BudgetCut => Some("flag_budget"),
            Self::ChampionLeaves => Some("flag_leaves"),
            _ => None,
        }
    }
}
