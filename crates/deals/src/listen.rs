//! What deals are listened for in calls and e-mails: prices and red flags, by trackers.

use crate::domain::facts::{Mention, Sign};
use signals::labels::{Labeler, TrackerHit};
use signals::tracker::TrackerFile;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use transcript::Transcript;

/// The built-in trackers and those of deals.
static LABELER: LazyLock<Labeler> = LazyLock::new(|| {
    let own = TrackerFile::from_yaml(include_str!("../../../trackers/deals/red_flags.yaml")).expect("a test reads it");
    Labeler::with_builtin(vec![own]).expect("a test compiles it")
});

/// Most places that are kept of a sign in a call.
const PLACES: usize = 10;

/// What a hit of a tracker means for a deal.
fn sign_of(hit: &TrackerHit) -> Option<Sign> {
    let tracker = LABELER.trackers().trackers().get(usize::from(hit.tracker))?;
    match &*tracker.id {
        "pricing" | "objection_price" => Some(Sign::Pricing),
        "red_flag" => Some(Sign::RedFlag),
        _ => None,
    }
}

/// Where the signs are in a call: the first segments of each. Takes a moment for a long call.
pub fn in_call(transcript: &Transcript) -> Vec<Mention> {
    let labels = LABELER.label_call(transcript);
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for hit in &labels.hits {
        let (Some(sign), Some(segment)) = (sign_of(hit), transcript.segments.get(hit.segment)) else { continue };
        let count = known.iter().filter(|(other, _)| *other == sign).count();
        if count < PLACES && known.insert((sign, segment.id)) {
            found.push(Mention { sign, segment_id: segment.id, start_ms: segment.start_ms.map(|ms| ms as i64) });
        }
    }
    found
}

/// The signs in an e-mail, each once.
pub fn in_email(subject: &str, body: &str) -> Vec<Sign> {
    let lines = std::iter::once(subject).chain(body.lines());
    let found: BTreeSet<Sign> =
        lines.flat_map(|line| LABELER.label_line(line, None, None).hits).filter_map(|hit| sign_of(&hit)).collect();
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn red_flags_and_prices_are_heard_and_what_only_sounds_alike_is_not() {
        for line in [
            "Our budget was cut last week.",
            "There is a hiring and spending freeze until March.",
            "We have decided to put the project on hold.",
            "I am leaving the company at the end of the month.",
            "Mara is no longer with the company.",
            "We are going with another vendor.",
            "Legal has a problem with the contract.",
            "We are being acquired.",
        ] {
            assert_eq!(in_email("", line), [Sign::RedFlag], "{line}");
        }
        for line in [
            "I am leaving the office at five.",
            "Can I put you on hold for a second?",
            "We cut the time to load a truck in half.",
            "The lorry was frozen shut.",
            "Legal had a look and is fine with it.",
        ] {
            assert_eq!(in_email("", line), [] as [Sign; 0], "{line}");
        }
        assert_eq!(
            in_email("Your quote", "What would the price be for forty docks?\nThe budget was cut."),
            [Sign::Pricing, Sign::RedFlag]
        );
    }
}
