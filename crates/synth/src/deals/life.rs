//! How a deal goes: when it opens, moves and closes, who meets when, and what goes wrong in open ones.

use super::signs::Sign;
use super::{Account, Outcome, day};
use crate::dice::Dice;
use crate::when::DAY_S;

/// Days from the opening to the close, and calls on the way, by segment.
const PACE: [Pace; 3] = [
    Pace { segment: "smb", days: (18, 45), calls: (2, 3) },
    Pace { segment: "mid-market", days: (28, 70), calls: (2, 4) },
    Pace { segment: "enterprise", days: (50, 110), calls: (3, 6) },
];
/// Share of the deals that are neither won nor lost but drag on.
const LINGERING: f64 = 0.12;
/// A deal that drags on is older than this at the end.
const OLD_DAYS: u64 = 75;
/// Every deal is older than this at the end, so that there has been a call.
const YOUNGEST_DAYS: u64 = 12;

/// The hours at which calls begin, as minutes of the day and in words.
pub(crate) const HOURS: [(u64, &str); 7] = [
    (9 * 60 + 30, "nine thirty"),
    (10 * 60, "ten"),
    (11 * 60, "eleven"),
    (14 * 60, "two"),
    (14 * 60 + 30, "half past two"),
    (15 * 60, "three"),
    (16 * 60, "four"),
];

/// Fewest and most.
struct Pace {
    segment: &'static str,
    days: (u64, u64),
    calls: (usize, usize),
}

/// A call that takes place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Meeting {
    pub(crate) start_s: u64,
    /// The start in words.
    pub(crate) hour: &'static str,
    pub(crate) contact: usize,
}

/// The course of a deal; moments in seconds since 1970.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) opened_s: u64,
    pub(crate) closed_s: Option<u64>,
    /// Counted from 1 January 1970.
    pub(crate) close_day: u64,
    pub(crate) outcome: Outcome,
    pub(crate) meetings: Vec<Meeting>,
    pub(crate) stages: Vec<(u64, &'static str)>,
    /// Those at the account who take part.
    pub(crate) contacts: Vec<usize>,
    /// No price comes up.
    pub(crate) is_hushed: bool,
    /// From here on the customer is silent.
    pub(crate) silent_from_s: Option<u64>,
    pub(crate) signs: Vec<Sign>,
}

impl Life {
    pub(crate) fn has(&self, sign: Sign) -> bool {
        self.signs.contains(&sign)
    }
}

/// What the course of a deal depends on.
pub(crate) struct Setting<'a, W> {
    pub(crate) account: &'a Account,
    /// The first day of the world.
    pub(crate) first: u64,
    /// The day after the last.
    pub(crate) end: u64,
    /// The rep's win rate on the day of opening.
    pub(crate) win_rate: W,
    /// Whether it is possible that no price comes up.
    pub(crate) may_hush: bool,
}

/// Draws the course of a deal.
pub(crate) fn draw(setting: Setting<'_, impl Fn(u64) -> f64>, dice: &mut Dice) -> Life {
    let Setting { account, first, end, win_rate, may_hush } = setting;
    let pace = PACE.iter().find(|pace| pace.segment == account.segment).unwrap_or(&PACE[0]);
    let (days, calls) = (pace.days, pace.calls);
    let opened = day::workday_before(first + dice.below((end - first - YOUNGEST_DAYS) as usize) as u64).max(first);
    // An hour before people go home, so that there is time for a first word.
    let opened_s = opened * DAY_S + (8 * 60 + dice.below(9 * 60) as u64) * 60;
    let length = days.0 + dice.below((days.1 - days.0 + 1) as usize) as u64;
    let count = calls.0 + dice.below(calls.1 - calls.0 + 1);
    let is_won = dice.chance(win_rate(opened));
    let lingers = dice.chance(LINGERING) && end - opened >= OLD_DAYS;
    let is_open = lingers || opened + length + 5 >= end;

    let mut life = Life {
        opened_s,
        closed_s: None,
        close_day: opened + length,
        outcome: Outcome::Open,
        meetings: Vec::new(),
        stages: vec![(opened_s, "Discovery")],
        contacts: Vec::new(),
        is_hushed: false,
        silent_from_s: None,
        signs: Vec::new(),
    };
    let mut until = end - 1;
    if is_open {
        until = trouble(&mut life, opened, end, lingers, dice);
        life.is_hushed = dice.chance(0.2) && may_hush;
        if life.is_hushed {
            life.signs.push(Sign::PricingNotMentioned);
        }
    }
    life.contacts = choose_contacts(account, is_open, &mut life.signs, dice);
    let length = if lingers { (until - opened).max(12) } else { length };
    life.meetings = meetings(opened, length, count, until, &life.contacts, dice);
    stages(&mut life, dice);
    if is_open {
        settle_stage(&mut life, opened, end, dice);
    } else {
        let last = life.meetings.last().map_or(opened, |meeting| meeting.start_s / DAY_S);
        let closed_s = minute(day::workday((opened + length).max(last + 1)), dice);
        life.close_day = closed_s / DAY_S;
        life.closed_s = Some(closed_s);
        life.outcome = if is_won { Outcome::Won } else { Outcome::Lost };
        life.stages.retain(|(at, _)| *at < closed_s);
        life.stages.push((closed_s, if is_won { "Closed Won" } else { "Closed Lost" }));
    }
    life.signs.sort_unstable();
    life
}

/// A minute of a working day.
pub(crate) fn minute(day: u64, dice: &mut Dice) -> u64 {
    day * DAY_S + (8 * 60 + dice.below(10 * 60) as u64) * 60
}

/// What goes wrong in an open deal; returns the last day on which the two sides are in touch.
fn trouble(life: &mut Life, opened: u64, end: u64, lingers: bool, dice: &mut Dice) -> u64 {
    let mut until = end - 1;
    let mut overdue = 0.12;
    if lingers {
        overdue = 0.5;
        match dice.below(3) {
            kind @ 0..2 => {
                life.signs.push(if kind == 0 { Sign::Ghosted } else { Sign::NoActivity });
                until = day::workday_before(end - 36 - dice.below(20) as u64);
                life.silent_from_s = Some((until + 1) * DAY_S);
            }
            _ => life.signs.push(Sign::Stalled),
        }
    }
    if dice.chance(overdue) && end - opened >= 30 {
        life.signs.push(Sign::Overdue);
        life.close_day = end - 4 - dice.below(14) as u64;
    } else {
        life.close_day = end + 3 + dice.below(60) as u64;
    }
    if dice.chance(0.15) {
        life.signs.push(dice.pick(&Sign::RED_FLAGS));
    }
    until
}

/// Who takes part; those of an open deal show as signs.
fn choose_contacts(account: &Account, is_open: bool, signs: &mut Vec<Sign>, dice: &mut Dice) -> Vec<usize> {
    let all = account.contacts.len();
    let (alone, powerless) = (dice.chance(0.25), dice.chance(0.2));
    let first_decides = account.contacts[0].has_power();
    let contacts: Vec<usize> = match (alone, powerless && !first_decides && all > 2) {
        (true, _) => vec![0],
        (false, true) => (0..all).filter(|at| !account.contacts[*at].has_power()).take(3).collect(),
        (false, false) => (0..all.min(4)).collect(),
    };
    if is_open {
        if contacts.len() == 1 {
            signs.push(Sign::SingleThreaded);
        }
        if !contacts.iter().any(|at| account.contacts[*at].has_power()) {
            signs.push(Sign::NoPower);
        }
    }
    contacts
}

/// Calls spread over the days, the first with whoever got in touch; none after `until`.
fn meetings(opened: u64, days: u64, count: usize, until: u64, contacts: &[usize], dice: &mut Dice) -> Vec<Meeting> {
    let mut out: Vec<Meeting> = Vec::new();
    let mut before = opened;
    for number in 0..count {
        let share = (number as f64 + dice.between(0.05, 0.6)) / count as f64;
        let wanted = opened + 1 + ((days.saturating_sub(4)) as f64 * share) as u64;
        // The first within a week or so, so that every deal has one.
        let wanted = if number == 0 { wanted.min(opened + 8) } else { wanted };
        let day = day::workday(wanted.max(before + 1));
        let (minutes, hour) = dice.pick(&HOURS);
        if day > until && !out.is_empty() {
            break;
        }
        before = day;
        out.push(Meeting { start_s: day * DAY_S + minutes * 60, hour, contact: contacts[number % contacts.len()] });
    }
    out
}

/// Demo after the first call, a proposal after the second, and negotiation from the last on.
fn stages(life: &mut Life, dice: &mut Dice) {
    let names: &[&str] =
        if life.meetings.len() > 2 { &["Demo", "Proposal", "Negotiation"] } else { &["Demo", "Proposal"] };
    for (meeting, name) in life.meetings.iter().zip(names) {
        life.stages.push((meeting.start_s + (90 + dice.below(60) as u64) * 60, name));
    }
}

/// Brings the last change of the stage of an open deal to where its signs say.
fn settle_stage(life: &mut Life, opened: u64, end: u64, dice: &mut Dice) {
    if life.has(Sign::Stalled) || life.silent_from_s.is_some() {
        let limit = (end - super::signs::STALLED_DAYS) * DAY_S;
        life.stages.retain(|(at, _)| *at < limit);
        // A rep who gets no answer may move the deal on all the same.
        if life.has(Sign::Ghosted) && dice.chance(0.5) {
            let next = ["Demo", "Proposal", "Negotiation", "Negotiation"][life.stages.len().min(4) - 1];
            let at = minute(day::workday_before(end - 5 - dice.below(10) as u64), dice);
            if life.stages.last().is_some_and(|(_, stage)| *stage != next) {
                life.stages.push((at, next));
                return;
            }
        }
        if !life.has(Sign::Stalled) {
            life.signs.push(Sign::Stalled);
        }
        return;
    }
    let fresh = (end - super::signs::MOVING_DAYS + 3) * DAY_S;
    if life.stages.last().is_some_and(|(at, _)| *at < fresh) {
        let earliest = (end - super::signs::MOVING_DAYS + 3).max(opened + 1);
        let at = minute(day::workday(earliest + dice.below(6) as u64), dice);
        match life.stages.len() {
            1 => life.stages.push((at, "Demo")),
            last => life.stages[last - 1].0 = at,
        }
    }
}
