//! The e-mails of a deal, worded from `data/deals/mails.txt`.

use super::accounts::Firm;
use super::life::{self, HOURS, Life, Meeting};
use super::signs::Sign;
use super::{Account, Email, Outcome, day};
use crate::cast;
use crate::dice::Dice;
use crate::team::Person;
use crate::template::{Slots, expand};
use crate::when::DAY_S;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Step coprime to the size of the id range.
const STEP: u64 = 48_271;
/// More e-mails than a deal has.
const MOST: usize = 64;

/// A letter before its slots are filled.
struct Letter {
    incoming: bool,
    subject: &'static str,
    body: &'static str,
}

static LETTERS: LazyLock<BTreeMap<&'static str, Vec<Letter>>> = LazyLock::new(|| {
    read(include_str!("../../data/deals/mails.txt")).expect("the embedded letters are read in a test")
});

fn read(text: &'static str) -> Result<BTreeMap<&'static str, Vec<Letter>>, String> {
    let mut out: BTreeMap<_, Vec<Letter>> = BTreeMap::new();
    for letter in text.split("\n== ").skip(1) {
        let (head, rest) = letter.split_once('\n').ok_or_else(|| format!("a letter without words: {letter}"))?;
        let (section, way) = head.split_once(' ').ok_or_else(|| format!("a section needs `in` or `out`: {head}"))?;
        let (subject, body) =
            rest.split_once('\n').ok_or_else(|| format!("a letter needs a subject and a body: {head}"))?;
        out.entry(section).or_default().push(Letter { incoming: way == "in", subject, body: body.trim() });
    }
    Ok(out)
}

/// What e-mails say of a call.
pub(crate) struct Said {
    pub(crate) meeting: Meeting,
    /// The day and hour of the next step, where one was agreed.
    pub(crate) next: Option<(&'static str, &'static str)>,
}

/// Who and what the e-mails of a deal are about.
pub(crate) struct Post<'a> {
    pub(crate) seed: u64,
    pub(crate) deal: usize,
    pub(crate) account: &'a Account,
    pub(crate) firm: &'a Firm,
    pub(crate) rep: Person,
    pub(crate) life: &'a Life,
    pub(crate) amount: String,
    /// The day after the last.
    pub(crate) end: u64,
}

impl Post<'_> {
    /// The e-mails of the deal in order of time.
    pub(crate) fn write(&self, said: &[Said], dice: &mut Dice) -> Vec<Email> {
        let mut sent: Vec<(u64, Email)> = Vec::new();
        self.invite(said, &mut sent, dice);
        for (number, talk) in said.iter().enumerate() {
            self.after(number, talk, &mut sent, dice);
        }
        let proposed = self.life.stages.iter().find(|(_, stage)| *stage == "Proposal");
        if let Some((at, _)) = proposed.filter(|_| !self.life.is_hushed) {
            self.send("proposal", at + 3_600 * (1 + dice.below(20) as u64), &mut sent, dice);
        }
        self.quiet_weeks(&mut sent, dice);
        self.end_of(&mut sent, dice);
        sent.sort_by_key(|(at, _)| *at);
        let id = |number: usize| {
            cast::external_id("MAIL", 10_000_000, 90_000_000, STEP, self.seed, (self.deal * MOST + number) as u64)
        };
        let numbered = sent.into_iter().enumerate().map(|(number, (_, email))| Email { id: id(number), ..email });
        numbered.collect()
    }

    fn invite(&self, said: &[Said], sent: &mut Vec<(u64, Email)>, dice: &mut Dice) {
        let Some(first) = said.first() else { return };
        let slot = (day::name(first.meeting.start_s / DAY_S), first.meeting.hour);
        let at = self.life.opened_s + 60 * (5 + dice.below(50) as u64);
        self.letter("invite", at, &[0], Some(slot), sent, dice);
    }

    /// What the rep writes after a call, and the answer.
    fn after(&self, number: usize, talk: &Said, sent: &mut Vec<(u64, Email)>, dice: &mut Dice) {
        if number > 0 && dice.chance(0.2) {
            return;
        }
        let at = talk.meeting.start_s + 3_600 + 60 * dice.below(180) as u64;
        // Everybody who takes part is on the first one.
        let to: Vec<usize> = if number == 0 { self.life.contacts.clone() } else { vec![talk.meeting.contact] };
        let section = if talk.next.is_some() { "after_dated" } else { "after_vague" };
        self.letter(section, at, &to, talk.next, sent, dice);
        if number == 0 && !self.life.is_hushed {
            let price = self.word("price", talk.meeting.contact, None, "", dice).body;
            if let Some((_, email)) = sent.last_mut() {
                email.body = format!("{}\n\n{price}", email.body);
            }
        }
        let answered_s = at + DAY_S / 2 + 60 * dice.below(2_000) as u64;
        let is_silent = self.life.silent_from_s.is_some_and(|from| answered_s >= from);
        if dice.chance(0.6) && !is_silent {
            self.answer("answer", answered_s, talk.meeting.contact, sent, dice);
        }
    }

    /// What keeps a deal alive between the calls, or fails to.
    fn quiet_weeks(&self, sent: &mut Vec<(u64, Email)>, dice: &mut Dice) {
        let somebody = |dice: &mut Dice| dice.pick(&self.life.contacts);
        if self.life.outcome != Outcome::Open {
            return;
        }
        let last_in = sent.iter().filter(|(_, email)| email.incoming).map(|(at, _)| *at).max();
        let flag_s = if let Some(from) = self.life.silent_from_s {
            // The customer's last word.
            let at = life::minute(from / DAY_S - 1, dice);
            if last_in.is_none_or(|last| last < at) {
                let contact = somebody(dice);
                self.letter("ping", at, &[contact], None, sent, dice);
            }
            if self.life.has(Sign::Ghosted) {
                let days = (self.end - 2) - from / DAY_S;
                for part in 1..=3 {
                    let at = life::minute(day::workday_before(from / DAY_S + days * part / 3), dice);
                    self.letter("nudge", at, &[self.life.contacts[0]], None, sent, dice);
                }
            }
            at - DAY_S
        } else {
            let day = day::workday_before(self.end - 2 - dice.below(4) as u64);
            let at = life::minute(day, dice);
            let contact = somebody(dice);
            self.letter("ping", at, &[contact], None, sent, dice);
            self.answer("reply", (at + 5_400).min(self.end * DAY_S - 60), contact, sent, dice);
            at - DAY_S * (2 + dice.below(4) as u64)
        };
        for sign in &self.life.signs {
            if let Some(section) = sign.mail() {
                self.letter(
                    section,
                    flag_s.max(self.life.opened_s + 3_600),
                    &[self.life.contacts[0]],
                    None,
                    sent,
                    dice,
                );
            }
        }
    }

    /// How a closed deal is told.
    fn end_of(&self, sent: &mut Vec<(u64, Email)>, dice: &mut Dice) {
        let Some(closed_s) = self.life.closed_s else { return };
        let (section, p) = if self.life.outcome == Outcome::Won { ("won", 0.9) } else { ("lost", 0.6) };
        if dice.chance(p) {
            self.letter(
                section,
                closed_s - 60 * (20 + dice.below(120) as u64),
                &[self.life.contacts[0]],
                None,
                sent,
                dice,
            );
        }
    }

    fn send(&self, section: &str, at: u64, sent: &mut Vec<(u64, Email)>, dice: &mut Dice) {
        let in_life = self.life.closed_s.is_none_or(|closed_s| at < closed_s) && at < self.end * DAY_S;
        let is_heard = self.life.silent_from_s.is_none_or(|from| at < from);
        if in_life && is_heard {
            self.letter(section, at, &self.life.contacts, None, sent, dice);
        }
    }

    /// A letter between the rep and the first of `people`; the others of a letter to the customer get a copy.
    fn letter(
        &self,
        section: &str,
        at: u64,
        people: &[usize],
        next: Option<(&'static str, &'static str)>,
        sent: &mut Vec<(u64, Email)>,
        dice: &mut Dice,
    ) {
        let email = self.word(section, people[0], next, "", dice);
        self.push(at, email, people, sent);
    }

    /// A letter that answers the last one.
    fn answer(&self, section: &str, at: u64, contact: usize, sent: &mut Vec<(u64, Email)>, dice: &mut Dice) {
        let subject =
            sent.last().map(|(_, email)| email.subject.trim_start_matches("Re: ").to_owned()).unwrap_or_default();
        let email = self.word(section, contact, None, &subject, dice);
        self.push(at, email, &[contact], sent);
    }

    fn push(&self, at: u64, email: Email, people: &[usize], sent: &mut Vec<(u64, Email)>) {
        let ends = self.life.closed_s.unwrap_or(self.end * DAY_S) - 60;
        let at = day::office_hours(at).clamp(self.life.opened_s + 60, ends) / 60 * 60;
        let theirs = |at: &usize| self.account.contacts[*at].email.clone();
        let (from, to) = if email.incoming {
            (theirs(&people[0]), vec![self.rep.email()])
        } else {
            (self.rep.email(), people.iter().map(theirs).collect())
        };
        sent.push((at, Email { sent_at: day::moment(at), from, to, ..email }));
    }

    /// Words of a section, with nothing yet of when, from whom and to whom.
    fn word(
        &self,
        section: &str,
        contact: usize,
        next: Option<(&'static str, &'static str)>,
        subject: &str,
        dice: &mut Dice,
    ) -> Email {
        let letters = &LETTERS[section];
        let letter = &letters[dice.below(letters.len())];
        let person = &self.account.contacts[contact];
        let colleague = &self.account.contacts[(contact + 1) % self.account.contacts.len()];
        let mut slots = Slots::default();
        let (day, time) = next.unwrap_or(("Tuesday", HOURS[1].1));
        slots.set("cust", person.first());
        slots.set("cust_full", person.name.as_str());
        slots.set("title", person.title);
        slots.set("colleague", colleague.first());
        slots.set("rep", self.rep.first);
        slots.set("rep_full", self.rep.name());
        slots.set("company", self.account.name.as_str());
        slots.set("vendor", super::VENDOR);
        slots.set("product", self.firm.product);
        slots.set("peers", self.account.industry);
        slots.set("topic", self.firm.topic());
        slots.set("price", self.firm.price());
        slots.set("amount", self.amount.as_str());
        slots.set("day", day);
        slots.set("time", time);
        slots.set("subject", subject);
        Email {
            id: String::new(),
            deal: self.deal,
            sent_at: String::new(),
            from: String::new(),
            to: Vec::new(),
            incoming: letter.incoming,
            subject: expand(letter.subject, &slots, dice),
            body: expand(letter.body, &slots, dice),
        }
    }
}
