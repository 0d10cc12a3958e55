//! What there is: calls that finish one after another, by the people of a team. All of it follows from the seed.

use crate::judge::Dice;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use std::ops::Range;
use std::sync::OnceLock;
use std::time::Duration;
use synth::team::{Person, TEAMS};
use synth::{SynthCall, SynthOptions};

const DAY_S: i64 = 86_400;

/// How far before its end a call may have begun, and how far after it may have been planned to begin, with room to spare.
const LONGEST: TimeDelta = TimeDelta::hours(12);

/// What draws are for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum For {
    CallId = 1,
    SpeakerId,
    UserId,
    Times,
    Details,
    Parties,
    Deal,
    Odds,
    Ring,
}

/// How the calls come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Course {
    /// Everything is drawn from this.
    pub(crate) seed: u64,
    /// How many calls finish from `begin` on.
    pub(crate) calls: u32,
    /// The first of these finishes `every` after this.
    pub(crate) begin: DateTime<Utc>,
    /// How long after the one before a call finishes.
    pub(crate) every: Duration,
    /// How many calls have finished before `begin`.
    pub(crate) backlog: u32,
    /// Over how many days before `begin` they are spread.
    pub(crate) days: u32,
    /// How much later than planned a call begins at most.
    pub(crate) latest: Duration,
}

/// The calls and the people.
#[derive(Debug)]
pub(crate) struct World {
    course: Course,
    options: SynthOptions,
    heads: Vec<OnceLock<Head>>,
}

/// What is known of a call without its words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) started: DateTime<Utc>,
    /// When it was to begin, where it is a web conference.
    pub(crate) scheduled: Option<DateTime<Utc>>,
    pub(crate) duration_s: u32,
    /// Who called, as an index of [`users`].
    pub(crate) user: usize,
}

impl Head {
    /// When a calendar has it, which is what the filter of dates compares.
    pub(crate) fn moment(&self) -> DateTime<Utc> {
        self.scheduled.unwrap_or(self.started)
    }
}

/// Everybody who has a login: the reps of both teams, then who leads them.
pub(crate) fn users() -> Vec<(Person, Option<Person>)> {
    let reps = TEAMS.iter().flat_map(|team| team.reps.iter().map(|rep| (rep.person, Some(team.manager))));
    reps.chain(TEAMS.iter().map(|team| (team.manager, None))).collect()
}

impl World {
    pub(crate) fn new(course: Course) -> Self {
        let total = course.backlog.saturating_add(course.calls);
        let first = course.begin - TimeDelta::days(course.days.into());
        let going = course.every.as_secs().saturating_mul(course.calls.into()) / DAY_S as u64;
        let days = course.days.saturating_add(going as u32).max(1);
        Self {
            course,
            options: synth::team::options(course.seed, total, first.timestamp().max(0) as u64, days),
            heads: (0..total).map(|_| OnceLock::new()).collect(),
        }
    }

    /// How many calls there will ever be.
    pub(crate) fn total(&self) -> u32 {
        self.heads.len() as u32
    }

    /// Dice that depend on the seed, on what they are for, and on a number.
    pub(crate) fn dice(&self, what: For, number: u64) -> Dice {
        let seed = self.course.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(what as u64);
        Dice::new(seed, number * 2)
    }

    /// An id of twenty digits that ends in its number.
    fn number_id(&self, what: For, number: u64) -> String {
        let mut dice = self.dice(what, number);
        let (first, middle) = (1 + dice.below(9), dice.below(100_000_000_000));
        format!("{first}{middle:011}{number:08}")
    }

    /// The id of a call.
    pub(crate) fn id(&self, number: u32) -> String {
        self.number_id(For::CallId, number.into())
    }

    /// The call of this id, whether it has finished or not.
    pub(crate) fn number(&self, id: &str) -> Option<u32> {
        let number: u32 = id.get(id.len().checked_sub(8)?..)?.parse().ok()?;
        (number < self.total() && self.id(number) == id).then_some(number)
    }

    /// The id of somebody in a call, the `of`th.
    pub(crate) fn speaker_id(&self, number: u32, of: usize) -> String {
        self.number_id(For::SpeakerId, u64::from(number) * 8 + of as u64)
    }

    /// The id of a user, by the index in [`users`].
    pub(crate) fn user_id(&self, user: usize) -> String {
        self.number_id(For::UserId, user as u64)
    }

    /// The id of the one workspace.
    pub(crate) fn workspace_id(&self) -> String {
        self.number_id(For::UserId, 99)
    }

    /// When a call finishes.
    pub(crate) fn finish(&self, number: u32) -> DateTime<Utc> {
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        if number < self.course.backlog {
            let span = i64::from(self.course.days) * DAY_S;
            return self.course.begin
                - TimeDelta::seconds(span * i64::from(self.course.backlog - number) / i64::from(self.course.backlog));
        }
        let after = micros(self.course.every).saturating_mul(i64::from(number - self.course.backlog) + 1);
        self.course.begin.checked_add_signed(TimeDelta::microseconds(after)).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// How many calls have finished by then: those below this number.
    pub(crate) fn finished(&self, by: DateTime<Utc>) -> u32 {
        let (mut low, mut high) = (0, self.total());
        while low < high {
            let middle = low.midpoint(high);
            if self.finish(middle) <= by { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// A call and what is true of it, at the time at which it takes place here.
    pub(crate) fn call(&self, number: u32) -> SynthCall {
        let mut call = synth::call(&self.options, number);
        let started = self.started(number, call.duration_seconds).to_rfc3339_opts(SecondsFormat::AutoSi, true);
        call.start_time.clone_from(&started);
        call.transcript.started_at = Some(started);
        call
    }

    fn started(&self, number: u32, duration_s: u32) -> DateTime<Utc> {
        self.finish(number) - TimeDelta::seconds(duration_s.into())
    }

    /// What is known of a call without its words.
    pub(crate) fn head(&self, number: u32) -> Head {
        *self.heads[number as usize].get_or_init(|| {
            let call = synth::call(&self.options, number);
            let started = self.started(number, call.duration_seconds);
            let mail = call.transcript.participants.iter().find_map(|participant| participant.email.as_deref());
            let user = users().iter().position(|(person, _)| Some(person.email().as_str()) == mail);
            Head {
                started,
                scheduled: self.scheduled(number, started),
                duration_s: call.duration_seconds,
                user: user.unwrap_or_default(),
            }
        })
    }

    /// Four calls of five were planned, mostly for a few minutes around their start. Some begin much later.
    fn scheduled(&self, number: u32, started: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut dice = self.dice(For::Times, number.into());
        if dice.chance(0.2) {
            return None;
        }
        let late_s = match dice.below(12) {
            0 => 600 + dice.below((self.course.latest.as_secs() as usize).saturating_sub(600)) as i64,
            1 | 2 => -(dice.below(300) as i64),
            _ => dice.below(240) as i64,
        };
        // Calendars know whole minutes.
        DateTime::from_timestamp((started.timestamp() - late_s).div_euclid(60) * 60, 0)
    }

    /// The calls that can lie in the window, of those `there`: what they were about need only be made for these.
    pub(crate) fn around(&self, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>, there: u32) -> Range<u32> {
        let slack = LONGEST + TimeDelta::from_std(self.course.latest).unwrap_or(LONGEST);
        let first = from.and_then(|from| from.checked_sub_signed(slack)).map_or(0, |from| self.finished(from));
        let last = to.and_then(|to| to.checked_add_signed(slack)).map_or(there, |to| self.finished(to));
        first..last.min(there)
    }
}

/// The mail address of somebody of a customer.
pub(crate) fn address(name: &str, company: &str) -> String {
    let plain = |text: &str| {
        text.to_lowercase()
            .chars()
            .map(|sign| if sign == ' ' { '.' } else { sign })
            .filter(|sign| sign.is_ascii_alphanumeric() || *sign == '.')
            .collect::<String>()
    };
    format!("{}@{}.example", plain(name), plain(company).replace('.', "-"))
}
