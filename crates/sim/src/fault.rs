//! What goes wrong, by script.

use crate::judge::Dice;
use std::collections::VecDeque;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What happens to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is not looked at and answered with this status and body.
    Answer(u16, String),
    /// It is not looked at and refused in the words of the service.
    Refuse(Refuse),
    /// It is not looked at and refused in the words of the service as with this status, while HTTP says 200; `fireflies` alone knows it.
    RefuseInOk(u16),
    /// It is answered as usual after this time.
    Delay(Duration),
    /// It is read and not looked at; then the connection is reset.
    Reset,
    /// It is done as usual, and the connection breaks off within the answer: after the head and half of the body, if there is one; else before
    /// the head.
    Cut,
    /// It is done as usual, and the connection breaks off when so many bytes of the body have gone out.
    DropAfter(usize),
    /// It is done as usual; when so many bytes of the body have gone out nothing more comes, and the connection stays.
    Stall(usize),
    /// It is done as usual, and half of the JSON is missing: of the body, or of one event in the midst of a stream.
    TruncateJson,
    /// It is done as usual, and the answer is told to be a page of HTML.
    WrongContentType,
    /// A page of a list repeats the one before, and leads to the one that was asked for; services without pages do not know it.
    DuplicatePage,
    /// The answer has fields that nobody has heard of; `s3` and the models do not know it.
    UnknownField,
    /// The model, or the service around it, does this; other services do not know it.
    Model(ModelFault),
    /// All of these.
    All(Vec<Fault>),
}

/// How a service refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refuse {
    /// The status.
    pub status: u16,
    /// Headers beside those that the service sends: `retry-after`, `retry-after-ms`, `x-should-retry`.
    pub headers: Vec<(String, String)>,
    /// What lies behind it.
    pub cause: Cause,
}

/// What lies behind a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// What the status says.
    Status,
    /// The monthly limit of spending is reached: a 429 that waiting does not help.
    SpendCap,
    /// Nothing is paid for any more.
    Quota,
}

/// What a language model, or the service around it, does wrong. Where two say the same in the two protocols, one name stands for both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelFault {
    /// Events, deltas and blocks come that nobody has heard of.
    UnknownEvent,
    /// An error of this type in the midst of the stream; without a stream, its status.
    ErrorInStream(String),
    /// The stream ends before its last event.
    NoEnd,
    /// The model refuses.
    Refusal,
    /// A filter stops the answer in the midst.
    ContentFilter,
    /// The answer is cut in the midst, for want of tokens.
    MaxTokens,
    /// The answer has no words.
    Empty,
    /// The answer is prose, whatever schema was given.
    NotJson,
    /// The answer is JSON that does not fit the schema.
    OffSchema,
    /// One embedding of several is missing, without a word.
    MissingEmbedding,
    /// Each embedding has half of its numbers.
    ShortEmbedding,
    /// In the batch that is created, the request of this `custom_id` fails.
    Errored(String),
    /// In the batch that is created, the request of this `custom_id` expires.
    Expired(String),
}

impl Fault {
    /// A refusal with this status.
    pub fn status(status: u16) -> Self {
        Self::Refuse(Refuse { status, headers: Vec::new(), cause: Cause::Status })
    }

    /// A refusal with this status and these headers.
    pub fn status_with(status: u16, headers: &[(&str, &str)]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::Refuse(Refuse { status, headers, cause: Cause::Status })
    }

    /// What it is made of.
    pub(crate) fn parts(self) -> Vec<Self> {
        match self {
            Self::All(faults) => faults.into_iter().flat_map(Self::parts).collect(),
            fault => vec![fault],
        }
    }
}

impl From<ModelFault> for Fault {
    fn from(fault: ModelFault) -> Self {
        Self::Model(fault)
    }
}

/// Bytes of a body before it stalls or drops where the script does not say how many.
const SOME_BYTES: usize = 256;

/// As the header `x-sim-fault` has it: parts divided by `;`, each a name or `name=value`. `retry-after`, `retry-after-ms` and `x-should-retry`
/// belong to the refusal before them.
impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut faults: Vec<Self> = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').map_or((part, ""), |(name, value)| (name.trim(), value.trim()));
            let number = |default: Option<u64>| match (value, default) {
                ("", Some(default)) => Ok(default),
                _ => value.parse::<u64>().map_err(|_| format!("`{name}` wants a whole number, not `{value}`")),
            };
            let refuse = |status, cause| Self::Refuse(Refuse { status, headers: Vec::new(), cause });
            faults.push(match name {
                "status" => match number(None)? {
                    status @ 400..=599 => refuse(status as u16, Cause::Status),
                    status => return Err(format!("`status={status}` is no status of a refusal")),
                },
                "refuse-in-ok" => match number(Some(500))? {
                    status @ 400..=599 => Self::RefuseInOk(status as u16),
                    status => return Err(format!("`refuse-in-ok={status}` is no status of a refusal")),
                },
                "spend-cap" => refuse(429, Cause::SpendCap),
                "quota" => refuse(429, Cause::Quota),
                "retry-after" | "retry-after-ms" | "x-should-retry" => {
                    let Some(Self::Refuse(refuse)) = faults.last_mut() else {
                        return Err(format!("`{name}` belongs behind `status=…`"));
                    };
                    refuse.headers.push((name.to_owned(), value.to_owned()));
                    continue;
                }
                "delay" => Self::Delay(Duration::from_millis(number(None)?)),
                "reset" => Self::Reset,
                "cut" => Self::Cut,
                "drop-after-bytes" => Self::DropAfter(number(Some(SOME_BYTES as u64))? as usize),
                "stall" => Self::Stall(number(Some(SOME_BYTES as u64))? as usize),
                "truncate-json" => Self::TruncateJson,
                "wrong-content-type" => Self::WrongContentType,
                "duplicate-page" => Self::DuplicatePage,
                "unknown-field" => Self::UnknownField,
                name => Self::Model(ModelFault::named(name, value)?),
            });
        }
        match faults.len() {
            0 => Err("no fault is named".to_owned()),
            1 => Ok(faults.remove(0)),
            _ => Ok(Self::All(faults)),
        }
    }
}

impl ModelFault {
    fn named(name: &str, value: &str) -> Result<Self, String> {
        Ok(match name {
            "unknown-event" => Self::UnknownEvent,
            "error-in-stream" if value.is_empty() => Self::ErrorInStream("overloaded_error".to_owned()),
            "error-in-stream" => Self::ErrorInStream(value.to_owned()),
            "no-end" => Self::NoEnd,
            "refusal" => Self::Refusal,
            "content-filter" => Self::ContentFilter,
            "max-tokens" => Self::MaxTokens,
            "empty" => Self::Empty,
            "not-json" => Self::NotJson,
            "off-schema" => Self::OffSchema,
            "missing-embedding" => Self::MissingEmbedding,
            "short-embedding" => Self::ShortEmbedding,
            "errored" => Self::Errored(value.to_owned()),
            "expired" => Self::Expired(value.to_owned()),
            name => return Err(format!("no fault is called `{name}`")),
        })
    }
}

/// The script: what happens to the next requests, and to all after them. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    next: VecDeque<Option<Fault>>,
    then: Option<Fault>,
    trouble: Option<Trouble>,
    /// Requests that trouble could have met.
    met: u64,
}

/// Faults by chance, the same for the same seed: which request of those that it can meet has one depends on its number alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// It is drawn from this.
    pub seed: u64,
    /// The share of requests that have a fault, 0 to 1.
    pub share: f64,
    /// What the path of a request has in it that may have one.
    pub within: &'static str,
    /// The faults, each as likely as the others.
    pub faults: Vec<Fault>,
}

impl Trouble {
    fn of(&self, number: u64) -> Option<Fault> {
        // Dice that are made of neighbouring numbers would be the same two by two.
        let mut dice = Dice::new(self.seed, number * 2);
        (!self.faults.is_empty() && dice.chance(self.share)).then(|| self.faults[dice.below(self.faults.len())].clone())
    }
}

impl Faults {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next `count` requests that nothing is scripted for yet have this fault.
    pub fn next(&self, count: usize, fault: &Fault) {
        self.script().next.extend(std::iter::repeat_n(Some(fault.clone()), count));
    }

    /// The next `count` requests that nothing is scripted for yet have none.
    pub fn pass(&self, count: usize) {
        self.script().next.extend(std::iter::repeat_n(None, count));
    }

    /// What happens to all requests after the scripted ones.
    pub fn then(&self, fault: Option<Fault>) {
        self.script().then = fault;
    }

    /// What happens by chance to requests that nothing is scripted for.
    pub fn by_chance(&self, trouble: Option<Trouble>) {
        self.script().trouble = trouble;
    }

    /// From now on nothing goes wrong.
    pub fn clear(&self) {
        *self.script() = Script::default();
    }

    /// Adds a script in words, a request a line; `pass` is a request without a fault.
    ///
    /// # Errors
    /// The first line that is not understood; nothing is added then.
    pub fn read(&self, script: &str) -> Result<(), String> {
        let lines = script.lines().map(str::trim).filter(|line| !line.is_empty());
        let read = lines.map(|line| if line == "pass" { Ok(None) } else { line.parse().map(Some) });
        let read: Vec<Option<Fault>> = read.collect::<Result<_, String>>()?;
        self.script().next.extend(read);
        Ok(())
    }

    /// The fault of the request at hand, which has this path.
    pub(crate) fn take(&self, path: &str) -> Option<Fault> {
        let mut script = self.script();
        let number = script.met;
        let trouble = script.trouble.as_ref().filter(|trouble| path.contains(trouble.within));
        let by_chance = trouble.map(|trouble| trouble.of(number));
        script.met += u64::from(by_chance.is_some());
        match script.next.pop_front() {
            Some(fault) => fault,
            None => script.then.clone().or(by_chance.flatten()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_played_in_order_and_then_what_always_happens() {
        let faults = Faults::default();
        assert_eq!(faults.take("/"), None);
        faults.next(2, &Fault::Reset);
        faults.pass(1);
        faults.then(Some(Fault::Cut));
        let played: Vec<_> = (0..5).map(|_| faults.take("/")).collect();
        assert_eq!(played, [Some(Fault::Reset), Some(Fault::Reset), None, Some(Fault::Cut), Some(Fault::Cut)]);
        faults.clear();
        assert_eq!(faults.take("/"), None);
    }

    #[test]
    fn faults_are_read_as_the_header_has_them() {
        let read = |text: &str| text.parse::<Fault>();
        let limited = Fault::status_with(429, &[("retry-after", "2"), ("x-should-retry", "false")]);
        assert_eq!(read("status=429; retry-after=2;x-should-retry=false"), Ok(limited.clone()));
        let late = Fault::All(vec![Fault::Delay(Duration::from_millis(30)), limited.clone()]);
        assert_eq!(read("delay=30;status=429;retry-after=2;x-should-retry=false"), Ok(late.clone()));
        assert_eq!(Fault::All(vec![late, Fault::Cut]).parts().len(), 3);
        assert_eq!(
            read("duplicate-page;unknown-field"),
            Ok(Fault::All(vec![Fault::DuplicatePage, Fault::UnknownField]))
        );
        assert_eq!(
            (read("refuse-in-ok"), read("refuse-in-ok=429")),
            (Ok(Fault::RefuseInOk(500)), Ok(Fault::RefuseInOk(429)))
        );
        assert_eq!(read("drop-after-bytes=17"), Ok(Fault::DropAfter(17)));
        assert_eq!(read("error-in-stream"), Ok(ModelFault::ErrorInStream("overloaded_error".into()).into()));
        assert_eq!(read("errored=call-2"), Ok(ModelFault::Errored("call-2".into()).into()));
        for wrong in ["", "retry-after=2", "status=200", "refuse-in-ok=200", "status=soon", "delay", "explode"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_script_in_words_is_taken_whole_or_not_at_all() {
        let faults = Faults::default();
        assert!(faults.read("cut\nexplode").is_err());
        assert_eq!(faults.take("/"), None);
        faults.read("pass\n\ncut\n").unwrap();
        assert_eq!((faults.take("/"), faults.take("/"), faults.take("/")), (None, Some(Fault::Cut), None));
    }

    #[test]
    fn trouble_comes_in_its_share_and_the_same_each_time() {
        let play = |seed| {
            let faults = Faults::default();
            let kinds = vec![Fault::Reset, Fault::Cut];
            faults.by_chance(Some(Trouble { seed, share: 0.3, within: "/v2/", faults: kinds }));
            let played = |number: usize| {
                assert_eq!(faults.take("/oauth2/authorize"), None, "{number}");
                faults.take("/customer/v2/calls")
            };
            (0..2_000).map(played).collect::<Vec<_>>()
        };
        let played = play(1);
        let count = |wanted: &Fault| played.iter().flatten().filter(|fault| *fault == wanted).count();
        let (resets, cuts) = (count(&Fault::Reset), count(&Fault::Cut));
        assert!((230..370).contains(&resets) && (230..370).contains(&cuts), "{resets} {cuts}");
        assert!(played == play(1) && played != play(2));
    }
}
