//! The words of a call as they are planned: who says what, with the truth attached.

use crate::bank::{Bank, Exchange, Line};
use crate::dice::Dice;
use crate::template::{Slots, expand, sentences};
use transcript::Side;

/// Something said without a pause, and the tags of the bank that hold for it.
#[derive(Debug)]
pub(crate) struct Sentence {
    pub(crate) text: String,
    pub(crate) tags: Vec<&'static str>,
}

/// What one speaker says before the other answers or the next line of the same speaker begins.
#[derive(Debug)]
pub(crate) struct Utterance {
    pub(crate) side: Side,
    /// Said by the second person of the customer's side.
    pub(crate) is_guests: bool,
    pub(crate) sentences: Vec<Sentence>,
}

/// Probability of a good behaviour for an agent of this skill, from `weak` (skill 0) to `strong` (skill 1).
pub(crate) fn odds(skill: f64, weak: f64, strong: f64) -> f64 {
    weak + (strong - weak) * skill
}

/// Words that speak of prices, as parts of words in lower case.
const OF_MONEY: &[&str] = &[
    "price",
    "pound",
    " fee",
    "discount",
    "invoice",
    "quote",
    "expensive",
    "cheap",
    "afford",
    "percent off",
    "figure to take",
    "paying",
    "for free",
    "free year",
    "for nothing",
    "charge",
    "margin",
    "subscription",
    "set us back",
    "cost",
    "budget",
    "money",
    "bill",
];

/// Into how many shares the exchanges of a section are dealt.
const SHARES: usize = 3;

/// Takes exchanges from the banks, each at most once, and writes down what is said.
pub(crate) struct Script<'a> {
    pub(crate) dice: &'a mut Dice,
    slots: Slots,
    /// The scenario, which goes first, and what fits every call.
    banks: [&'static Bank; 2],
    taken: Vec<*const Exchange>,
    /// Exchanges in which the guest speaks for the customer.
    of_guest: Vec<*const Exchange>,
    /// Nobody speaks of prices.
    pub(crate) is_hushed: bool,
    /// Which of several calls with a firm this is: exchanges of its own share go first, so that the calls differ.
    pub(crate) share: Option<usize>,
    pub(crate) utterances: Vec<Utterance>,
}

impl<'a> Script<'a> {
    /// Draws the slots that the banks declare; `slots` holds the cast already.
    pub(crate) fn new(dice: &'a mut Dice, mut slots: Slots, scenario: &'static Bank, common: &'static Bank) -> Self {
        for (name, values) in scenario.slots.iter().chain(&common.slots) {
            if !slots.has(name) {
                slots.set(name, dice.pick(values));
            }
        }
        Self {
            dice,
            slots,
            banks: [scenario, common],
            taken: Vec::new(),
            of_guest: Vec::new(),
            is_hushed: false,
            share: None,
            utterances: Vec::new(),
        }
    }

    /// Sets a slot whose value depends on the plan.
    pub(crate) fn set(&mut self, slot: &'static str, value: &str) {
        self.slots.set(slot, value);
    }

    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.dice.chance(p)
    }

    /// All exchanges of the scenario's section, in the order of the file.
    pub(crate) fn scenario(&self, section: &str) -> &'static [Exchange] {
        let bank: &'static Bank = self.banks[0];
        bank.sections.get(section).map_or(&[], Vec::as_slice)
    }

    /// All exchanges of a section that fits every call, in the order of the file.
    pub(crate) fn common(&self, section: &str) -> &'static [Exchange] {
        let bank: &'static Bank = self.banks[1];
        bank.sections.get(section).map_or(&[], Vec::as_slice)
    }

    /// Draws an exchange not taken yet and not ruled out by what it needs; `None` when the section is used up.
    pub(crate) fn take(&mut self, section: &str) -> Option<&'static Exchange> {
        let open: Vec<&'static Exchange> = self
            .banks
            .iter()
            .filter_map(|bank| bank.sections.get(section))
            .flatten()
            .filter(|&exchange| {
                !self.is_taken(exchange) && self.is_possible(exchange) && self.may_say(exchange.lines())
            })
            .collect();
        let open = self.own_share(section, open);
        let drawn = (!open.is_empty()).then(|| self.dice.pick(&open))?;
        self.taken.push(drawn);
        Some(drawn)
    }

    /// Those of the open exchanges that are this call's own, if there are any.
    fn own_share(&self, section: &str, open: Vec<&'static Exchange>) -> Vec<&'static Exchange> {
        let Some(share) = self.share else { return open };
        let all = self.banks.iter().filter_map(|bank| bank.sections.get(section)).flatten();
        let own: Vec<*const Exchange> = all
            .enumerate()
            .filter(|(at, _)| at % SHARES == share % SHARES)
            .map(|(_, own)| std::ptr::from_ref(own))
            .collect();
        let mine: Vec<_> =
            open.iter().copied().filter(|exchange| own.contains(&std::ptr::from_ref(*exchange))).collect();
        if mine.is_empty() { open } else { mine }
    }

    /// Has the guest speak in the customer's place in this exchange.
    pub(crate) fn hand_over(&mut self, exchange: &'static Exchange) {
        self.of_guest.push(exchange);
    }

    /// Marks an exchange as used, for those that a plan chooses itself.
    pub(crate) fn mark(&mut self, exchange: &'static Exchange) {
        self.taken.push(exchange);
    }

    /// Marks the exchanges of these ids that fit every call as used.
    pub(crate) fn bar(&mut self, ids: &[&str]) {
        let all = self.banks[1].sections.values().flatten();
        self.taken.extend(all.filter(|exchange| ids.contains(&exchange.id)).map(std::ptr::from_ref));
    }

    fn is_taken(&self, exchange: &Exchange) -> bool {
        self.taken.iter().any(|taken| std::ptr::eq(*taken, exchange))
    }

    /// Whether the exchange of the scenario that this one refers to has been said.
    pub(crate) fn is_possible(&self, exchange: &Exchange) -> bool {
        let Some(needed) = exchange.attribute("needs") else { return true };
        self.banks[0].sections.values().flatten().any(|other| other.id == needed && self.is_taken(other))
    }

    /// Says one drawn exchange of a section; returns it.
    pub(crate) fn say(&mut self, section: &str, good: bool) -> Option<&'static Exchange> {
        let exchange = self.take(section)?;
        self.part(exchange, "", good);
        Some(exchange)
    }

    /// Says a part of an exchange.
    pub(crate) fn part(&mut self, exchange: &'static Exchange, part: &str, good: bool) {
        let lines = exchange.part(part);
        if !self.may_say(lines.iter()) {
            return;
        }
        for line in lines {
            if line.only_when.is_none_or(|when| when == good) {
                let is_guests = line.is_guests || self.of_guest.contains(&std::ptr::from_ref(exchange));
                self.line(line, is_guests && line.side == Side::External);
            }
        }
    }

    /// Whether these lines keep to what the two may speak of.
    fn may_say<'l>(&self, mut lines: impl Iterator<Item = &'l Line>) -> bool {
        !self.is_hushed || lines.all(|line| line.chunks.iter().all(|chunk| !speaks_of_money(chunk.words)))
    }

    fn line(&mut self, line: &Line, is_guests: bool) {
        let mut said = Vec::new();
        for chunk in &line.chunks {
            let first = said.len();
            let text = expand(chunk.words, &self.slots, self.dice);
            said.extend(sentences(&text).map(|text| Sentence { text: text.to_owned(), tags: Vec::new() }));
            place(&mut said[first..], &chunk.tags);
        }
        self.utterances.push(Utterance { side: line.side, is_guests, sentences: said });
    }
}

/// Whether prices come up in these words.
pub(crate) fn speaks_of_money(words: &str) -> bool {
    let lower = words.to_lowercase();
    OF_MONEY.iter().any(|word| lower.contains(word))
}

/// Puts the tags of a chunk on its sentences: question kinds on the questions in their order, all others on the last sentence.
fn place(sentences: &mut [Sentence], tags: &[&'static str]) {
    let questions: Vec<usize> = (0..sentences.len()).filter(|&at| sentences[at].text.ends_with('?')).collect();
    let mut asked = 0;
    let last = sentences.len() - 1;
    for &tag in tags {
        let at = if tag.starts_with("q:") { questions.get(asked).copied().unwrap_or(last) } else { last };
        asked += usize::from(tag.starts_with("q:"));
        sentences[at].tags.push(tag);
    }
}
