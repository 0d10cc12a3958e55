//! A synthetic deal world: months of accounts, deals, e-mails and calls, in which deals that are won differ from lost ones in a few
//! planted behaviours and in nothing else.
//!
//! Planted by default ([`PLANTED`]), as the probability per call that the rep shows it:
//!
//! | Behaviour | Check or metric | Won | Lost |
//! |---|---|---|---|
//! | [`OpenQuestions`](Behaviour::OpenQuestions) | `open_question_count` | 0.80 | 0.35 |
//! | [`DecisionProcess`](Behaviour::DecisionProcess) | `decision_process` | 0.85 | 0.45 |
//! | [`ObjectionClarified`](Behaviour::ObjectionClarified) | `objection_clarified` | 0.90 | 0.40 |
//! | [`RecapGiven`](Behaviour::RecapGiven) | `recap_given` | 0.80 | 0.40 |
//! | [`NextStepDated`](Behaviour::NextStepDated) | `next_step_dated` | 0.85 | 0.45 |
//!
//! These hold for a rep as good as the team's mean; [`WorldOptions::sway`] says how much a better one is above them. What is not planted
//! follows the rep's skills and knows nothing of the outcome, except that with [`Wins::BySkill`] reps who do better win more. Calls of open
//! deals lie in the middle. Some behaviours follow from others: where impact is quantified, a problem was followed up.
//!
//! What is wrong with an open deal is known as well ([`Deal::truth`]).
//!
//! ```
//! use synth::deals::{WorldOptions, outline, world};
//!
//! let options = WorldOptions { deals: 12, ..Default::default() };
//! let all = world(&options);
//! // The same, call by call.
//! let outline = outline(&options);
//! assert_eq!(outline.len(), all.calls.len());
//! assert_eq!(outline.call(3), Some(all.calls[3].clone()));
//! ```

mod accounts;
mod behaviour;
mod day;
mod files;
mod life;
mod mail;
mod signs;

pub use accounts::{Account, Contact};
pub use behaviour::{Behaviour, PLANTED, Planted};
pub use files::{DealRow, EmailRow, LinkRow};
pub use signs::{GHOSTED_DAYS, IDLE_DAYS, LIVELY_DAYS, MOVING_DAYS, STALLED_DAYS, Sign};

use crate::bank::BANKS;
use crate::cast::{self, Agent};
use crate::dice::Dice;
use crate::sales::{Habits, Met};
use crate::scene::Scene;
use crate::team::{Person, Rep, Skills, TEAMS};
use crate::when::DAY_S;
use crate::{CallKind, SynthCall, SynthOptions};
use accounts::{Cast, Firm};
use behaviour::Disposition;
use life::{HOURS, Life, Meeting};

const REP: u64 = 22;
const DEAL: u64 = 23;
const CALL: u64 = 24;
const MAIL: u64 = 25;

/// Who sells.
const VENDOR: &str = "Brightlane";
/// The objection that names [`VENDOR`] as a rival.
const OWN_RIVAL: &str = "gc1";
/// Step coprime to the size of the id range.
const STEP: u64 = 7_919;
/// Fewest days that a world lasts.
const FEWEST_DAYS: u32 = 90;

/// On what a rep's win rate depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wins {
    /// On the rep's skill: 0.15 for none at all, 0.70 for the highest.
    BySkill,
    /// On nothing: each rep's rate is drawn from 0.25 to 0.60, apart from any skill.
    Drawn,
}

/// What to make. The same options give the same world, byte for byte.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldOptions {
    /// Everything is drawn from this.
    pub seed: u64,
    /// How many deals; with about three calls each.
    pub deals: u32,
    /// First day, in seconds since 1970 (UTC).
    pub epoch_s: u64,
    /// How many days the world lasts, 90 at least; what has not ended then is open.
    pub days: u32,
    /// Who sells, at least one; see also [`reps`].
    pub reps: Vec<Rep>,
    /// In which behaviours won deals differ from lost ones.
    pub planted: Vec<Planted>,
    /// How much a rep whose skill is 1 above the team's mean is above the planted probability, and one below it below; 0 for not at all.
    pub sway: f64,
    /// On what win rates depend.
    pub wins: Wins,
    /// Draws the skills of all reps anew from the seed, the same on all days, and leaves them only their names.
    pub redraw_skills: bool,
}

impl Default for WorldOptions {
    /// 160 deals by the eight reps of [`TEAMS`] in the 240 days from 5 January 2026, with [`PLANTED`], won by skill.
    fn default() -> Self {
        Self {
            seed: 1,
            deals: 160,
            epoch_s: SynthOptions::default().epoch_s,
            days: 240,
            reps: TEAMS.iter().flat_map(|team| team.reps).collect(),
            planted: PLANTED.to_vec(),
            sway: 0.3,
            wins: Wins::BySkill,
            redraw_skills: false,
        }
    }
}

impl WorldOptions {
    /// A world in which nothing that is said has to do with the outcome: nothing planted, win rates drawn apart from the skills, and the
    /// skills drawn anew. Whatever is found in it is a false finding.
    pub fn null(seed: u64) -> Self {
        Self { seed, planted: Vec::new(), wins: Wins::Drawn, redraw_skills: true, ..Self::default() }
    }

    fn first_day(&self) -> u64 {
        self.epoch_s / DAY_S
    }

    fn end_day(&self) -> u64 {
        self.first_day() + u64::from(self.days.max(FEWEST_DAYS))
    }

    /// The first moment after the world, as RFC 3339: "now" for whoever looks at its open deals.
    pub fn end(&self) -> String {
        day::moment(self.end_day() * DAY_S)
    }

    /// Share of the days that has passed.
    fn passed(&self, at_day: u64) -> f64 {
        (at_day.saturating_sub(self.first_day()) as f64 / (self.end_day() - self.first_day()) as f64).min(1.0)
    }
}

/// So many reps with different first names, 1 to 48, and skills drawn from the seed: for worlds with more reps than [`TEAMS`] has.
pub fn reps(seed: u64, count: usize) -> Vec<Rep> {
    let names = BANKS.first_names.len();
    let drawn = (0..count.clamp(1, names - 12)).map(|number| {
        let mut dice = Dice::new(seed, REP, number as u64);
        let last = dice.pick(&BANKS.last_names);
        let skills = skills(seed, number);
        // 7 has no factor in common with the number of names.
        Rep { person: Person { first: BANKS.first_names[number * 7 % names], last }, from: skills, to: skills }
    });
    drawn.collect()
}

/// Skills that differ between reps more than between the dimensions of one rep.
fn skills(seed: u64, number: usize) -> Skills {
    let mut dice = Dice::new(seed, REP, (1 << 32) + number as u64);
    let base = dice.between(0.15, 0.85);
    let mut own = || (base + dice.between(-0.25, 0.25)).clamp(0.02, 0.98);
    Skills { discovery: own(), product_knowledge: own(), objection_handling: own(), engagement: own() }
}

/// How a deal has ended, if it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Not yet.
    Open,
    /// The customer buys.
    Won,
    /// The customer does not.
    Lost,
}

/// A deal as a CRM knows it, and what is true of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// `DEAL_123456`, unique in a world.
    pub id: String,
    /// Index in [`World::accounts`].
    pub account: usize,
    /// Index in [`WorldOptions::reps`]: the owner.
    pub rep: usize,
    /// Such as `Keane Parcels: route planning`.
    pub name: String,
    /// One of three.
    pub product: &'static str,
    /// For the first year, in cents.
    pub amount_cents: i64,
    /// RFC 3339.
    pub opened: String,
    /// A date, `2026-05-04`: when it closed, or is expected to.
    pub close_date: String,
    /// RFC 3339, of deals that are not open.
    pub closed: Option<String>,
    /// How it has ended.
    pub outcome: Outcome,
    /// Moments (RFC 3339, ascending) and the stage from then on: `Discovery`, `Demo`, `Proposal`, `Negotiation`, `Closed Won`, `Closed Lost`.
    pub stages: Vec<(String, &'static str)>,
    /// What the CRM says of its health, 0 to 100, where it says anything.
    pub health: Option<u8>,
    /// Those who take part, as indices in the account's contacts, ascending.
    pub contacts: Vec<usize>,
    /// What a manager should be warned of on the last day, ascending; none of deals that are not open.
    pub truth: Vec<Sign>,
}

/// An e-mail between the owner of a deal and the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// `MAIL_12345678`, unique in a world.
    pub id: String,
    /// Index in [`World::deals`].
    pub deal: usize,
    /// RFC 3339.
    pub sent_at: String,
    /// Mail address.
    pub from: String,
    /// Mail addresses, at least one.
    pub to: Vec<String>,
    /// From the customer.
    pub incoming: bool,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// A call of a deal.
#[derive(Debug, Clone, PartialEq)]
pub struct DealCall {
    /// Index in [`World::deals`].
    pub deal: usize,
    /// The call; participants have mail addresses, and the customer's id is that of the contact.
    pub call: SynthCall,
}

/// Everything.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// Firms that are sold to, some of them twice.
    pub accounts: Vec<Account>,
    /// Deals in order of their number, not of time.
    pub deals: Vec<Deal>,
    /// In order of time.
    pub emails: Vec<Email>,
    /// In order of time.
    pub calls: Vec<DealCall>,
}

/// A call that has been planned but not made.
#[derive(Debug, Clone)]
struct Plan {
    deal: usize,
    meeting: Meeting,
    /// How many came before it in the deal.
    before: usize,
    cast: Cast,
    settled: Vec<(Behaviour, bool)>,
    /// No price comes up.
    is_hushed: bool,
    /// Day and hour that are proposed for the next step.
    next: (&'static str, &'static str),
}

/// A world whose calls are made one by one.
pub struct Outline {
    /// Firms that are sold to.
    pub accounts: Vec<Account>,
    /// Deals in order of their number.
    pub deals: Vec<Deal>,
    /// In order of time.
    pub emails: Vec<Email>,
    firms: Vec<Firm>,
    calls: Vec<Plan>,
    options: WorldOptions,
}

/// The world of these options.
///
/// # Panics
///
/// Where there is no rep.
pub fn world(options: &WorldOptions) -> World {
    let outline = outline(options);
    let calls = (0..outline.calls.len()).filter_map(|number| outline.call(number)).collect();
    World { accounts: outline.accounts, deals: outline.deals, emails: outline.emails, calls }
}

/// Call `number` of these options, counted from 0 in order of time; none behind the last. Whoever wants several keeps an [`outline`].
pub fn call(options: &WorldOptions, number: usize) -> Option<DealCall> {
    outline(options).call(number)
}

/// All of the world but the calls, which are made one by one.
///
/// # Panics
///
/// Where there is no rep.
pub fn outline(options: &WorldOptions) -> Outline {
    assert!(!options.reps.is_empty(), "a world needs a rep");
    let mut options = options.clone();
    if options.redraw_skills {
        for (number, rep) in options.reps.iter_mut().enumerate() {
            let drawn = skills(options.seed, number);
            (rep.from, rep.to) = (drawn, drawn);
        }
    }
    let (accounts, firms) = (0..accounts::count(options.deals)).map(|number| accounts::draw(&options, number)).unzip();
    let mut outline = Outline { accounts, deals: Vec::new(), emails: Vec::new(), firms, calls: Vec::new(), options };
    for number in 0..outline.options.deals as usize {
        outline.add(number);
    }
    outline.calls.sort_by_key(|call| (call.meeting.start_s, call.deal));
    outline.emails.sort_by(|a, b| (&a.sent_at, a.deal).cmp(&(&b.sent_at, b.deal)));
    outline
}

impl Outline {
    /// How many calls there are.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Index in `deals` and start (RFC 3339) of call `number`, without making it.
    pub fn when(&self, number: usize) -> Option<(usize, String)> {
        self.calls.get(number).map(|call| (call.deal, day::moment(call.meeting.start_s)))
    }

    /// Call `number`, counted from 0 in order of time.
    pub fn call(&self, number: usize) -> Option<DealCall> {
        let planned = self.calls.get(number)?;
        let deal = &self.deals[planned.deal];
        let (account, firm) = (&self.accounts[deal.account], &self.firms[deal.account]);
        let (start_s, cast) = (planned.meeting.start_s, planned.cast);
        let agents =
            SynthOptions { seed: self.options.seed, reps: self.options.reps.clone(), ..SynthOptions::default() };
        let agent = Agent::known(&agents, deal.rep, self.options.passed(start_s / DAY_S));
        let person = |contact| firm.customer(self.options.seed, deal.account, account, contact);
        let customer = person(cast.contact);
        let guest = cast.guest.map(person);
        let key = (planned.deal as u64) << 8 | planned.before as u64;
        let mut dice = Dice::new(self.options.seed, CALL, key);
        let mut slots = firm.slots(account, &agent, cast, &mut dice);
        slots.set("greeting", if start_s % DAY_S < DAY_S / 2 { "Good morning" } else { "Good afternoon" });
        slots.set("day", planned.next.0);
        slots.set("time", planned.next.1);
        let habits = Habits {
            decided: planned.settled.clone(),
            met: match (planned.before, cast.earlier) {
                (0, _) => Met::Nobody,
                (_, None) => Met::Customer,
                (_, Some(_)) => Met::Colleague,
            },
            share: Some(planned.before),
            has_guest: guest.is_some(),
            is_hushed: planned.is_hushed,
            barred: &[OWN_RIVAL],
        };
        let scene = Scene {
            external_id: cast::call_id(self.options.seed, number as u32),
            agent: &agent,
            customer: &customer,
            guest: guest.as_ref(),
            kind: CallKind::Sales,
            scenario: firm.scenario,
            start_time: day::moment(start_s),
            title: Some(deal.name.clone()),
        };
        Some(DealCall { deal: planned.deal, call: scene.perform(slots, &habits, &mut dice) })
    }

    /// Draws deal `number` with its e-mails, and plans its calls.
    fn add(&mut self, number: usize) {
        let options = &self.options;
        let mut dice = Dice::new(options.seed, DEAL, number as u64);
        // Every account has a deal before one has two.
        let at = if number < self.accounts.len() { number } else { dice.below(self.accounts.len()) };
        let (account, firm) = (&self.accounts[at], &self.firms[at]);
        let rep = options.reps[firm.rep];
        let drawn_rate = Dice::new(options.seed, REP, (2 << 32) + firm.rep as u64).between(0.25, 0.60);
        let win_rate = |day: u64| match options.wins {
            Wins::BySkill => 0.15 + 0.55 * rep.skills(options.passed(day)).mean(),
            Wins::Drawn => drawn_rate,
        };
        let (first, end, may_hush) = (options.first_day(), options.end_day(), !firm.is_about_money());
        let life = life::draw(life::Setting { account, first, end, win_rate, may_hush }, &mut dice);
        let amount = amount_cents(account.segment, &mut dice);
        let leaning = match life.outcome {
            Outcome::Won => 1.0,
            Outcome::Lost => 0.0,
            Outcome::Open => 0.5,
        };

        let mut said = Vec::new();
        let mut casts: Vec<Cast> = Vec::new();
        for (before, meeting) in life.meetings.iter().enumerate() {
            let passed = options.passed(meeting.start_s / DAY_S);
            let team = mean(options.reps.iter().map(|rep| rep.skills(passed)));
            let disposition = Disposition {
                planted: &options.planted,
                sway: options.sway,
                skills: rep.skills(passed),
                team,
                leaning,
            };
            let settled = disposition.settle(&mut dice);
            let next = life.meetings.get(before + 1).map_or_else(
                || (dice.pick(&["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]), dice.pick(&HOURS).1),
                |next| (day::name(next.start_s / DAY_S), next.hour),
            );
            let is_dated = settled.contains(&(Behaviour::NextStepDated, true));
            said.push(mail::Said { meeting: *meeting, next: is_dated.then_some(next) });
            let cast = Cast::next(account, &life.contacts, meeting.contact, &casts, &mut dice);
            casts.push(cast);
            let (meeting, is_hushed) = (*meeting, life.is_hushed);
            self.calls.push(Plan { deal: number, meeting, before, cast, settled, is_hushed, next });
        }

        let post = mail::Post {
            seed: options.seed,
            deal: number,
            account,
            firm,
            rep: rep.person,
            life: &life,
            amount: pounds(amount),
            end: options.end_day(),
        };
        let mut post_dice = Dice::new(options.seed, MAIL, number as u64);
        self.emails.extend(post.write(&said, &mut post_dice));
        let health = health(&life, &mut dice);
        self.deals.push(Deal {
            id: cast::external_id("DEAL", 100_000, 900_000, STEP, options.seed, number as u64),
            account: at,
            rep: firm.rep,
            name: format!("{}: {}", account.name, firm.topic()),
            product: firm.product,
            amount_cents: amount,
            opened: day::moment(life.opened_s),
            close_date: day::date(life.close_day),
            closed: life.closed_s.map(day::moment),
            outcome: life.outcome,
            stages: life.stages.iter().map(|(at, stage)| (day::moment(*at), *stage)).collect(),
            health,
            contacts: life.contacts,
            truth: life.signs,
        });
    }
}

/// Between the bounds of the segment, in whole tens of pounds.
fn amount_cents(segment: &str, dice: &mut Dice) -> i64 {
    let (low, high) = match segment {
        "enterprise" => (40_000.0, 180_000.0),
        "mid-market" => (9_000.0, 40_000.0),
        _ => (2_000.0, 9_000.0),
    };
    (dice.between(low, high) / 10.0) as i64 * 1000
}

/// Whole pounds with a comma at the thousands.
fn pounds(cents: i64) -> String {
    let whole = cents / 100;
    if whole < 1000 { format!("{whole} pounds") } else { format!("{},{:03} pounds", whole / 1000, whole % 1000) }
}

fn health(life: &Life, dice: &mut Dice) -> Option<u8> {
    let noise = dice.between(-12.0, 12.0);
    let score = match life.outcome {
        Outcome::Won => 78.0,
        Outcome::Lost => 35.0,
        Outcome::Open => 76.0 - 11.0 * life.signs.len() as f64,
    };
    dice.chance(0.7).then_some((score + noise).clamp(0.0, 100.0) as u8)
}

/// The mean of at least one.
fn mean(all: impl Iterator<Item = Skills>) -> Skills {
    let mut sum = Skills::all(0.0);
    let mut count = 0.0;
    for skills in all {
        sum.discovery += skills.discovery;
        sum.product_knowledge += skills.product_knowledge;
        sum.objection_handling += skills.objection_handling;
        sum.engagement += skills.engagement;
        count += 1.0;
    }
    sum.map(|sum| sum / count)
}

#[cfg(test)]
mod tests;
