//! The firms that are sold to, and who works there.

use super::WorldOptions;
use crate::bank::{BANKS, Bank};
use crate::cast::{self, Agent, Customer};
use crate::dice::Dice;
use crate::script::speaks_of_money;
use crate::template::Slots;
use crate::voice::Voice;

const ACCOUNT: u64 = 20;
const CONTACT: u64 = 21;

/// Step coprime to the size of the id range.
const STEP: u64 = 7_919;
/// Contacts of one account are numbered from its number times this.
const MOST_CONTACTS: usize = 8;
/// Deals per account, about: some firms buy twice.
const DEALS_PER_ACCOUNT: f64 = 1.25;

/// Size of a firm, how often there is one, and how many people one deals with.
const SEGMENTS: [(&str, f64, (usize, usize)); 3] =
    [("smb", 0.45, (2, 3)), ("mid-market", 0.35, (3, 4)), ("enterprise", 0.20, (4, 5))];
/// Those who can say yes, as calls name them and as a card does.
const POWER: [(&str, &str); 5] = [
    ("finance director", "Finance Director"),
    ("managing director", "Managing Director"),
    ("head of operations", "Head of Operations"),
    ("owner", "Owner"),
    ("chief executive", "Chief Executive"),
];
const OTHERS: [&str; 8] = [
    "Operations Coordinator",
    "Office Manager",
    "Team Lead",
    "Project Manager",
    "IT Administrator",
    "Quality Officer",
    "Business Analyst",
    "Systems Specialist",
];
/// What is sold, and in which lines of business, as indices of the banks.
const PRODUCTS: [(&str, &[usize]); 3] = [("Planner", &[0, 1, 5]), ("Frontdesk", &[2, 6, 7]), ("Watch", &[3, 4, 8, 9])];

/// What firms of each line of business call themselves, in the order of the banks.
const TRADES: [[&str; 4]; 10] = [
    ["Kitchens", "Dining", "Inns", "Restaurants"],
    ["Parcels", "Transport", "Couriers", "Logistics"],
    ["Dental", "Smiles", "Dentists", "Dental Care"],
    ["Castings", "Plastics", "Packaging", "Mouldings"],
    ["Builders", "Construction", "Homes", "Contracts"],
    ["Supplies", "Tools", "Fasteners", "Paints"],
    ["College", "Arts College", "Technical College", "Sixth Form"],
    ["Property", "Lettings", "Estates", "Housing"],
    ["Solicitors", "Legal", "Partners", "Law"],
    ["Wealth", "Brokers", "Pensions", "Leasing"],
];

/// A firm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `ACCT_123456`, unique in a world.
    pub id: String,
    /// As calls name it; unique in a world of a few thousand accounts.
    pub name: String,
    /// Of its mail addresses and its site; ends in `.example`, which belongs to nobody.
    pub domain: String,
    /// Line of business, such as `delivery firms`.
    pub industry: &'static str,
    /// `smb`, `mid-market` or `enterprise`.
    pub segment: &'static str,
    /// Who works there, two to five people; the first is whoever got in touch.
    pub contacts: Vec<Contact>,
}

/// Somebody who works at an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// `CUST_123456`, unique in a world; the customer id of calls.
    pub id: String,
    /// First and last name.
    pub name: String,
    /// At the account's domain.
    pub email: String,
    /// What it says on the card.
    pub title: &'static str,
}

impl Contact {
    /// Whether this is somebody who can say yes: a director, a head, an owner, a chief executive.
    pub fn has_power(&self) -> bool {
        POWER.iter().any(|(_, title)| *title == self.title)
    }

    pub(crate) fn first(&self) -> &str {
        self.name.split(' ').next().unwrap_or(&self.name)
    }
}

/// What calls and e-mails know of a firm besides the account.
pub(crate) struct Firm {
    /// Whose customer it is.
    pub(crate) rep: usize,
    pub(crate) scenario: &'static Bank,
    pub(crate) product: &'static str,
    /// Facts of the scenario, the same in all calls: how many vans, what a van costs.
    facts: Vec<(&'static str, &'static str)>,
    /// `boss` of the calls: the title of whoever has power.
    boss: &'static str,
    first_names: Vec<&'static str>,
}

/// Who of an account is in a call, as indices of its contacts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cast {
    pub(crate) contact: usize,
    /// Somebody else who is there.
    pub(crate) guest: Option<usize>,
    /// Who sent the contact, where the two have not spoken before.
    pub(crate) earlier: Option<usize>,
}

impl Cast {
    /// The cast of the next call of a deal; `before` are those of the calls before.
    pub(crate) fn next(
        account: &Account,
        contacts: &[usize],
        contact: usize,
        before: &[Self],
        dice: &mut Dice,
    ) -> Self {
        let has_met = |at: usize| before.iter().any(|cast| cast.contact == at || cast.guest == Some(at));
        let is_wanted = dice.chance(0.4) && !before.is_empty();
        // Of two people one has to stay away, or there would be nobody to be spoken of.
        let others: Vec<usize> = contacts.iter().copied().filter(|at| *at != contact).collect();
        let mut guest = (is_wanted && account.contacts.len() > 2 && !others.is_empty()).then(|| dice.pick(&others));
        let mut earlier = None;
        if !before.is_empty() && !has_met(contact) {
            earlier = before.iter().map(|cast| cast.contact).find(|at| Some(*at) != guest);
            if earlier.is_none() {
                (earlier, guest) = (guest, None);
            }
        }
        Self { contact, guest, earlier }
    }
}

/// How many firms a world of so many deals has.
pub(crate) fn count(deals: u32) -> usize {
    ((f64::from(deals) / DEALS_PER_ACCOUNT).ceil() as usize).max(1)
}

/// Firm `number` of a world.
pub(crate) fn draw(options: &WorldOptions, number: usize) -> (Account, Firm) {
    let mut dice = Dice::new(options.seed, ACCOUNT, number as u64);
    let rep = dice.below(options.reps.len());
    let at = dice.below(BANKS.sales.len());
    let scenario = &BANKS.sales[at];
    let value = |name: &str| scenario.slots.iter().find(|(slot, _)| *slot == name).map_or(&[][..], |(_, all)| all);
    let (_, product) = PRODUCTS
        .iter()
        .map(|(name, lines)| (lines, *name))
        .find(|(lines, _)| lines.contains(&at))
        .unwrap_or((&PRODUCTS[0].1, PRODUCTS[0].0));

    let drawn = dice.unit();
    let [smb, mid, _] = SEGMENTS;
    let (segment, _, (fewest, most)) = SEGMENTS[usize::from(drawn >= smb.1) + usize::from(drawn >= smb.1 + mid.1)];
    let name = company_name(at, number, &mut dice);
    let domain = format!("{}.example", slug(&name));

    // In a small firm it is often the owner who gets in touch.
    let mighty = usize::from(segment != SEGMENTS[0].0 || dice.chance(0.5));
    let (boss, boss_title) = dice.pick(&POWER);
    let mut contacts: Vec<Contact> = Vec::new();
    let mut first_names: Vec<&'static str> = Vec::new();
    let wanted = fewest + dice.below(most - fewest + 1);
    while contacts.len() < wanted {
        let (first, last) = (dice.pick(&BANKS.first_names), dice.pick(&BANKS.last_names));
        let is_free =
            |first: &str| !first_names.contains(&first) && options.reps.iter().all(|rep| rep.person.first != first);
        if !is_free(first) {
            // Names of the reps and of colleagues would be hard to tell apart; with very many reps none is left, so two may share one.
            if options.reps.len() + MOST_CONTACTS < BANKS.first_names.len() || first_names.contains(&first) {
                continue;
            }
        }
        let own = contacts.len();
        let title = if own == mighty { boss_title } else { OTHERS[(number + own * 3 + dice.below(2)) % OTHERS.len()] };
        first_names.push(first);
        contacts.push(Contact {
            id: cast::external_id("CUST", 100_000, 900_000, STEP, options.seed, (number * MOST_CONTACTS + own) as u64),
            name: format!("{first} {last}"),
            email: format!("{}.{}@{domain}", first.to_lowercase(), last.to_lowercase()),
            title,
        });
    }
    let facts = scenario.slots.iter().filter(|(name, _)| !["vendor", "product", "company"].contains(name));
    let facts = facts.map(|(name, values)| (*name, dice.pick(values))).collect();
    let industry = value("peers").first().copied().unwrap_or_default();
    let id = cast::external_id("ACCT", 100_000, 900_000, STEP, options.seed, number as u64);
    let account = Account { id, name, domain, industry, segment, contacts };
    (account, Firm { rep, scenario, product, facts, boss, first_names })
}

/// A family's name and what the firm does; with more accounts than families, two families own each.
fn company_name(scenario: usize, number: usize, dice: &mut Dice) -> String {
    let families = &BANKS.last_names;
    let (round, at) = (number / families.len(), number % families.len());
    let trade = dice.pick(&TRADES[scenario]);
    match round {
        0 => format!("{} {trade}", families[at]),
        _ => format!("{} {} {trade}", families[at], families[(at + round) % families.len()]),
    }
}

fn slug(name: &str) -> String {
    let plain = name.to_lowercase().replace(' ', "-");
    plain.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

impl Firm {
    /// What is sold to it, in the words of calls: "route planning".
    pub(crate) fn topic(&self) -> &'static str {
        self.fact("topic")
    }

    /// Whether one of its troubles is money, so that calls come to prices.
    pub(crate) fn is_about_money(&self) -> bool {
        let mut troubles = self.scenario.sections["pain"].iter().filter_map(|pain| pain.attribute("brief"));
        troubles.any(speaks_of_money)
    }

    /// What it would pay, in words.
    pub(crate) fn price(&self) -> &'static str {
        self.fact("price")
    }

    fn fact(&self, name: &str) -> &'static str {
        self.facts.iter().find(|(fact, _)| *fact == name).map_or("", |(_, value)| *value)
    }

    /// The contact as somebody who speaks in calls, always with the same voice.
    pub(crate) fn customer(&self, seed: u64, number: usize, account: &Account, contact: usize) -> Customer {
        let mut dice = Dice::new(seed, CONTACT, (number * MOST_CONTACTS + contact) as u64);
        let person = &account.contacts[contact];
        Customer {
            external_id: person.id.clone(),
            first: self.first_names[contact],
            full_name: person.name.clone(),
            email: Some(person.email.clone()),
            voice: Voice::draw(&mut dice),
            firm: 0,
        }
    }

    /// The slots that are settled before a call.
    pub(crate) fn slots(&self, account: &Account, agent: &Agent, cast: Cast, dice: &mut Dice) -> Slots {
        let Cast { contact, guest, earlier } = cast;
        let mut slots = Slots::default();
        slots.set("rep", agent.first);
        slots.set("cust", self.first_names[contact]);
        slots.set("cust_full", account.contacts[contact].name.as_str());
        slots.set("company", account.name.as_str());
        slots.set("vendor", super::VENDOR);
        slots.set("product", self.product);
        for (name, value) in &self.facts {
            slots.set(name, *value);
        }
        // Somebody who decides has somebody else to ask, or the talk of a boss would be about oneself.
        let others: Vec<&str> = POWER.iter().map(|(boss, _)| *boss).filter(|boss| *boss != self.boss).collect();
        let boss = if account.contacts[contact].has_power() { dice.pick(&others) } else { self.boss };
        slots.set("boss", boss);
        // Somebody who is not in the call.
        let absent: Vec<usize> =
            (0..self.first_names.len()).filter(|at| *at != contact && Some(*at) != guest).collect();
        let colleague = earlier.unwrap_or_else(|| dice.pick(&absent));
        slots.set("colleague", self.first_names[colleague]);
        if let Some(guest) = guest {
            slots.set("guest", self.first_names[guest]);
            slots.set("guest_full", account.contacts[guest].name.as_str());
        }
        // A person at another customer's.
        let strangers: Vec<&str> = BANKS
            .first_names
            .iter()
            .copied()
            .filter(|name| *name != agent.first && !self.first_names.contains(name))
            .collect();
        slots.set("colleague2", format!("{} {}", dice.pick(&strangers), dice.pick(&BANKS.last_names)));
        slots
    }
}
