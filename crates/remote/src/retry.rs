//! Whether a failed request is sent again, and when: the rule of the services' own clients.

use chrono::{DateTime, Utc};
use std::time::Duration;

/// The wait between two requests grows up to this many times the first.
const GROWTH: u32 = 16;

/// How much of a wait is left to chance, so that many clients do not come back at the same moment.
const JITTER: f64 = 0.25;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with a status that is no success.
    Status(u16),
    /// An answer that failed after it had begun well.
    Midst,
    /// Nothing was sent: there was no connection.
    NoConnection,
    /// It was sent, or part of it, and no answer came.
    NoAnswer,
    /// An answer that would be the same again.
    Final,
}

/// What the service says about coming back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// `x-should-retry`.
    pub should: Option<bool>,
    /// The wait it asks for, longer than none.
    pub wait: Option<Duration>,
}

impl Hints {
    /// As an answer's headers tell; `now` counts where a date is given and the answer does not say what time it is.
    pub fn read<'a>(header: impl Fn(&str) -> Option<&'a str>, now: DateTime<Utc>) -> Self {
        let should = match header("x-should-retry") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        let number = |name: &str| header(name).and_then(|text| text.trim().parse::<f64>().ok());
        let seconds = number("retry-after-ms").map(|ms| ms / 1000.0).or_else(|| number("retry-after")).or_else(|| {
            let date = |text: &str| DateTime::parse_from_rfc2822(text.trim()).ok();
            let then = date(header("retry-after")?)?;
            let now = header("date").and_then(date).map_or(now, |date| date.to_utc());
            Some((then.to_utc() - now).as_seconds_f64())
        });
        let wait = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).filter(|wait| !wait.is_zero());
        Self { should, wait }
    }
}

/// What a client keeps to.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// How often a request is sent again.
    pub retries: u32,
    /// The first wait where the service names none.
    pub backoff: Duration,
    /// A service that asks for a longer wait is not asked again.
    pub longest: Option<Duration>,
    /// The request makes something: it is sent again only where it surely made nothing.
    pub makes: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Tell the error.
    Stop,
    /// Send it again after this time.
    Wait(Duration),
}

/// Decides after a failed request: `done` were sent again before, `left` is the time until the deadline, `chance` a random number from 0 to 1.
pub fn after(outcome: Outcome, hints: Hints, rule: &Rule, done: u32, left: Duration, chance: f64) -> Decision {
    let usual = match outcome {
        Outcome::Status(408 | 409 | 429 | 500..) | Outcome::Midst | Outcome::NoConnection | Outcome::NoAnswer => true,
        Outcome::Status(_) | Outcome::Final => false,
    };
    let made_nothing = matches!(outcome, Outcome::NoConnection | Outcome::Status(429));
    let again = outcome != Outcome::Final && hints.should.unwrap_or(usual) && (made_nothing || !rule.makes);
    let too_long = hints.wait.zip(rule.longest).is_some_and(|(wait, longest)| wait > longest);
    if !again || too_long || done >= rule.retries {
        return Decision::Stop;
    }
    let wait = hints.wait.unwrap_or_else(|| {
        let grown = rule.backoff.saturating_mul(2_u32.saturating_pow(done).min(GROWTH));
        grown.mul_f64(1.0 - JITTER * chance.clamp(0.0, 1.0))
    });
    // Who would have to wait past the deadline is told at once, and knows when to come back.
    if wait < left { Decision::Wait(wait) } else { Decision::Stop }
}

/// A random number from 0 to 1; the middle where the system has none.
pub fn chance() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { retries: 2, backoff: Duration::from_millis(500), longest: None, makes: false };

    fn hints(should: Option<bool>, wait_ms: u64) -> Hints {
        Hints { should, wait: (wait_ms > 0).then(|| Duration::from_millis(wait_ms)) }
    }

    fn decide(outcome: Outcome, hints: Hints, done: u32) -> Decision {
        after(outcome, hints, &RULE, done, Duration::from_mins(10), 0.0)
    }

    #[test]
    fn the_rule_as_a_table() {
        use Outcome::{Final, Midst, NoAnswer, NoConnection, Status};
        let none = hints(None, 0);
        let wait = |ms| Decision::Wait(Duration::from_millis(ms));
        let table = [
            // Which failures are worth another request.
            (Status(400), none, 0, Decision::Stop),
            (Status(401), none, 0, Decision::Stop),
            (Status(404), none, 0, Decision::Stop),
            (Status(413), none, 0, Decision::Stop),
            (Status(408), none, 0, wait(500)),
            (Status(409), none, 0, wait(500)),
            (Status(429), none, 0, wait(500)),
            (Status(500), none, 0, wait(500)),
            (Status(503), none, 0, wait(500)),
            (Status(529), none, 0, wait(500)),
            (Midst, none, 0, wait(500)),
            (NoConnection, none, 0, wait(500)),
            (NoAnswer, none, 0, wait(500)),
            (Final, none, 0, Decision::Stop),
            // The service's word goes before, but not before what is final.
            (Status(400), hints(Some(true), 0), 0, wait(500)),
            (Status(529), hints(Some(false), 0), 0, Decision::Stop),
            (Status(429), hints(Some(false), 700), 0, Decision::Stop),
            (Final, hints(Some(true), 700), 0, Decision::Stop),
            // The wait it names, else one that grows.
            (Status(429), hints(None, 31_000), 1, wait(31_000)),
            (Status(529), none, 1, wait(1000)),
            // As often as it is set, and no more.
            (Status(529), none, 2, Decision::Stop),
            (Status(429), hints(Some(true), 100), 2, Decision::Stop),
        ];
        for (outcome, hints, done, decision) in table {
            assert_eq!(decide(outcome, hints, done), decision, "{outcome:?} {hints:?} after {done}");
        }
    }

    #[test]
    fn the_wait_grows_up_to_eight_seconds_and_chance_takes_up_to_a_quarter_off() {
        let rule = Rule { retries: 100, ..RULE };
        let wait =
            |done, chance| match after(Outcome::Status(529), Hints::default(), &rule, done, Duration::MAX, chance) {
                Decision::Wait(wait) => wait.as_millis(),
                Decision::Stop => panic!("it goes on"),
            };
        assert_eq!([0, 1, 2, 3, 4, 5, 99].map(|done| wait(done, 0.0)), [500, 1000, 2000, 4000, 8000, 8000, 8000]);
        assert_eq!([0, 4].map(|done| wait(done, 1.0)), [375, 6000]);
        let chances: Vec<_> = (0..20).map(|_| chance()).collect();
        assert!(chances.iter().all(|chance| (0.0..=1.0).contains(chance)));
        assert!(chances.iter().any(|chance| (chance - chances[0]).abs() > 1e-6), "{chances:?}");
    }

    #[test]
    fn no_wait_goes_past_the_deadline_or_past_what_the_protocol_allows() {
        let left = Duration::from_secs(30);
        let long = hints(None, 30_000);
        assert_eq!(after(Outcome::Status(429), long, &RULE, 0, left, 0.0), Decision::Stop);
        let shorter = hints(None, 29_999);
        assert_ne!(after(Outcome::Status(429), shorter, &RULE, 0, left, 0.0), Decision::Stop);
        let rule = Rule { longest: Some(Duration::from_mins(2)), ..RULE };
        let asked = |ms| after(Outcome::Status(429), hints(Some(true), ms), &rule, 0, Duration::MAX, 0.0);
        assert_eq!(asked(120_000), Decision::Wait(Duration::from_mins(2)));
        assert_eq!(asked(120_001), Decision::Stop);
    }

    #[test]
    fn what_may_have_been_made_is_not_made_twice() {
        let rule = Rule { makes: true, ..RULE };
        let again = |outcome, hints| after(outcome, hints, &rule, 0, Duration::MAX, 0.0) != Decision::Stop;
        assert!(again(Outcome::NoConnection, Hints::default()) && again(Outcome::Status(429), Hints::default()));
        for outcome in [Outcome::NoAnswer, Outcome::Midst, Outcome::Status(500), Outcome::Status(529)] {
            assert!(!again(outcome, hints(Some(true), 100)), "{outcome:?}");
        }
    }

    #[test]
    fn hints_are_read_in_their_order() {
        let now = "2026-11-20T08:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let wait = |headers: &[(&str, &'static str)]| {
            let header = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            Hints::read(header, now).wait.map(|wait| wait.as_millis())
        };
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("retry-after", "7")]), Some(7000));
        assert_eq!(wait(&[("retry-after", "0.25")]), Some(250));
        assert_eq!(wait(&[("retry-after", "7"), ("retry-after-ms", "1500")]), Some(1500));
        assert_eq!(wait(&[("retry-after", "7"), ("retry-after-ms", "soon")]), Some(7000));
        assert_eq!(wait(&[("retry-after", "Fri, 20 Nov 2026 08:00:09 GMT")]), Some(9000), "by our clock");
        let told = [("retry-after", "Fri, 20 Nov 2026 08:00:09 GMT"), ("date", "Fri, 20 Nov 2026 08:00:05 GMT")];
        assert_eq!(wait(&told), Some(4000), "by theirs");
        for none in ["0", "-3", "NaN", "inf", "1e300", "later", "Fri, 20 Nov 2026 07:59:59 GMT"] {
            assert_eq!(wait(&[("retry-after", none)]), None, "{none}");
        }
        let should = |value: &'static str| Hints::read(|name| (name == "x-should-retry").then_some(value), now).should;
        assert_eq!([should("true"), should("false"), should("1")], [Some(true), Some(false), None]);
    }
}
