//! How it is said: segments, speaking rate, pauses, overlaps, fillers and backchannels.

use crate::dice::Dice;
use crate::script::{Sentence, Utterance};
use transcript::Side;

/// Longest announced or unannounced silence, in milliseconds, and the shortest.
const SILENCE_MS: (f64, f64) = (22_000.0, 44_000.0);
/// Fillers before a sentence.
const FILLERS: [&str; 5] = ["Um,", "Uh,", "Er,", "I mean,", "You know,"];
/// How many of them, from the front, may stand before a question or a short sentence.
const ANYWHERE: usize = 3;
const BACKCHANNELS: [&str; 6] = ["Mm-hm.", "Right.", "Yeah.", "Okay.", "Uh-huh.", "I see."];
/// Words that lose their capital when a filler goes before them; names and "I" keep theirs.
const MAY_BE_LOWERED: &[&str] = &[
    "A", "About", "After", "All", "An", "And", "Anyone", "Are", "Around", "As", "At", "Because", "But", "By", "Can",
    "Could", "Did", "Do", "Does", "For", "From", "Have", "He", "He's", "How", "If", "In", "Is", "It", "It'll", "It's",
    "Most", "Nobody", "On", "Our", "She", "She'll", "Some", "Someone", "That", "That's", "The", "Their", "Then",
    "There", "There's", "They", "They'd", "They'll", "They're", "Those", "Two", "We", "We'd", "We'll", "We're",
    "We've", "What", "What's", "When", "Where", "Which", "Who", "With", "Would", "You", "You'd", "You'll", "Your",
];

/// How somebody speaks, the same in all of their calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Voice {
    /// Words per minute, 140–185.
    pub(crate) words_per_minute: f64,
    /// Probability of a filler per sentence.
    pub(crate) fillers: f64,
    /// Probability of a "mm-hm" while the other speaks for long.
    pub(crate) backchannels: f64,
    /// Probability of starting before the other has finished.
    pub(crate) overlaps: f64,
    /// Median pause before answering, in milliseconds.
    pub(crate) pause_ms: f64,
}

impl Voice {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        Self {
            words_per_minute: dice.between(140.0, 185.0),
            fillers: dice.between(0.0, 0.16).powi(2) * 6.0,
            backchannels: dice.between(0.05, 0.45),
            overlaps: dice.between(0.01, 0.12),
            pause_ms: dice.between(250.0, 800.0),
        }
    }
}

/// A segment before it gets its id.
#[derive(Debug)]
pub(crate) struct Spoken {
    pub(crate) side: Side,
    /// Said by the second person of the customer's side.
    pub(crate) is_guests: bool,
    pub(crate) start_ms: u64,
    pub(crate) end_ms: u64,
    pub(crate) text: String,
    pub(crate) tags: Vec<&'static str>,
}

/// Times the utterances of a call. `reflection` (0..1) is how long the rep waits after an objection.
pub(crate) fn speak(
    utterances: Vec<Utterance>,
    internal: Voice,
    external: Voice,
    reflection: f64,
    dice: &mut Dice,
) -> Vec<Spoken> {
    let voice = |side| if side == Side::Internal { internal } else { external };
    let mut out: Vec<Spoken> = Vec::with_capacity(utterances.len() * 2);
    let mut clock = Clock { now: dice.between(300.0, 1500.0) as u64, free: [0, 0] };
    for (index, utterance) in utterances.into_iter().enumerate() {
        let (side, is_guests) = (utterance.side, utterance.is_guests);
        let me = voice(side);
        for (part, (text, tags)) in segments(utterance.sentences, me, index, dice).into_iter().enumerate() {
            let gap =
                if part == 0 { first_gap(out.last(), side, me, reflection, dice) } else { dice.between(80.0, 420.0) };
            let start_ms = clock.start(side, gap, out.last());
            let rate = me.words_per_minute * dice.between(0.9, 1.1);
            let words = text.split_whitespace().count() as f64;
            let end_ms = start_ms + (words * 60_000.0 / rate) as u64 + 120;
            clock.said(side, end_ms);
            let asks = tags.iter().any(|tag| tag.starts_with("q:"));
            out.push(Spoken { side, is_guests, start_ms, end_ms, text, tags });
            let listener = voice(side.other());
            if end_ms - start_ms > 5000 && index > 2 && !asks && dice.chance(listener.backchannels) {
                out.extend(backchannel(side.other(), start_ms, end_ms, &mut clock, dice));
                // The backchannel sounds within the segment, so the segment stays the last to be answered.
                let at = out.len() - 1;
                if at > 0 && out[at].side != side {
                    out.swap(at - 1, at);
                }
            }
        }
    }
    out.sort_by_key(|segment| segment.start_ms);
    out
}

/// When everybody has finished, and when each side has.
struct Clock {
    now: u64,
    free: [u64; 2],
}

impl Clock {
    fn start(&self, side: Side, gap: f64, before: Option<&Spoken>) -> u64 {
        let wanted = (self.now as f64 + gap).max(0.0) as u64;
        wanted.max(self.free[side as usize] + 40).max(before.map_or(0, |segment| segment.start_ms + 250))
    }

    fn said(&mut self, side: Side, end_ms: u64) {
        self.free[side as usize] = end_ms;
        self.now = self.now.max(end_ms);
    }
}

/// Cuts an utterance into segments of one or a few sentences, with fillers put in.
fn segments(sentences: Vec<Sentence>, me: Voice, index: usize, dice: &mut Dice) -> Vec<(String, Vec<&'static str>)> {
    let mut out: Vec<(String, Vec<&'static str>)> = Vec::new();
    let mut room = 0;
    for Sentence { text, tags } in sentences {
        let words = text.split_whitespace().count();
        let text = if index > 3 && words > 5 && dice.chance(me.fillers) { hesitate(&text, dice) } else { text };
        match out.last_mut() {
            Some((said, said_tags)) if words <= room && !said_tags.contains(&"silence") => {
                said.push(' ');
                said.push_str(&text);
                said_tags.extend(tags);
                room -= words;
            }
            _ => {
                out.push((text, tags));
                room = (14 + dice.below(16)).saturating_sub(words);
            }
        }
    }
    out
}

/// Puts a filler before the sentence, or says its first word twice. A sentence that begins with a name or a rare word stays as it is.
fn hesitate(sentence: &str, dice: &mut Dice) -> String {
    let (first, rest) = sentence.split_once(' ').unwrap_or((sentence, ""));
    let lower = if MAY_BE_LOWERED.contains(&first) {
        first.to_lowercase()
    } else if first == "I" || first.starts_with("I'") {
        first.to_owned()
    } else {
        return sentence.to_owned();
    };
    if dice.chance(0.3) {
        return format!("{first}, {lower} {rest}");
    }
    let short = sentence.ends_with('?') || sentence.split(' ').count() < 10;
    let fillers = if short { &FILLERS[..ANYWHERE] } else { &FILLERS };
    format!("{} {lower} {rest}", dice.pick(fillers))
}

/// Milliseconds between the end of what was said last and the first word of this utterance; negative for an overlap.
fn first_gap(before: Option<&Spoken>, side: Side, me: Voice, reflection: f64, dice: &mut Dice) -> f64 {
    let Some(before) = before else { return 0.0 };
    let has = |prefix: &str| before.tags.iter().any(|tag| tag.starts_with(prefix));
    if has("silence") {
        dice.between(SILENCE_MS.0, SILENCE_MS.1)
    } else if before.side == side {
        dice.between(150.0, 600.0)
    } else if has("objection:") {
        300.0 + 2200.0 * reflection * dice.between(0.6, 1.2)
    } else if dice.chance(me.overlaps) {
        let length = (before.end_ms - before.start_ms) as f64;
        -dice.between(200.0, 1700.0).min(length * 0.4)
    } else if has("q:open") || has("q:factual") {
        me.pause_ms + dice.between(200.0, 1700.0)
    } else {
        me.pause_ms * dice.between(0.5, 1.7)
    }
}

/// A "mm-hm" in the middle of the other's segment, where the listener is silent.
fn backchannel(side: Side, start_ms: u64, end_ms: u64, clock: &mut Clock, dice: &mut Dice) -> Option<Spoken> {
    let at = start_ms + ((end_ms - start_ms) as f64 * dice.between(0.4, 0.7)) as u64;
    if at <= clock.free[side as usize] + 40 {
        return None;
    }
    let until = at + dice.between(260.0, 600.0) as u64;
    clock.free[side as usize] = until;
    Some(Spoken {
        side,
        is_guests: false,
        start_ms: at,
        end_ms: until,
        text: dice.pick(&BACKCHANNELS).to_owned(),
        tags: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filler_keeps_names_upper_case() {
        for seed in 0..50 {
            let mut dice = Dice::new(seed, 0, 0);
            assert_eq!(hesitate("Torqueline hears a bearing.", &mut dice), "Torqueline hears a bearing.");
            let said = hesitate("The calendar is what we go by.", &mut dice);
            assert!(said.contains(", the calendar"), "{said}");
        }
    }
}
