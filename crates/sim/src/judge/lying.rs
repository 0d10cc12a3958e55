//! The judge that lies: about segments, words, checks and itself. What it says has the form of the answer, and little of it is so.

use super::dice::Dice;
use super::reading::{Check, Reading};
use super::{scripted, verdicts};
use rubric::{CheckResult, Verdict};
use serde_json::{Value, json};

/// Words that stand in no call.
const INVENTED: &[&str] = &[
    "We guarantee a return of nine hundred percent by Thursday week.",
    "I solemnly promise the zeppelin will be delivered in mauve.",
    "Our chief astronomer signed the budget this morning.",
    "",
    " ",
    "…",
    "yes",
];

/// Numbers and claims that nobody made, in no quotation marks; `{}` is some number above a hundred thousand.
const CLAIMED: &[&str] = &[
    "The customer loses {} euros a month.",
    "Their costs rose by {} percent, as the customer says at 971:23.",
    "The customer named ninety-seven thousand trucks.",
    "The customer already signed for {} seats and asked for nothing else.",
    "Segment {} shows it.",
];

/// A check that nobody asked about.
const UNASKED: &[&str] =
    &["charisma", "agenda_set ", "AGENDA_SET", "__proto__", "", "next_step_dated; drop table checks"];

/// A segment that does not exist, or not in this call.
fn nowhere(dice: &mut Dice, reading: &Reading) -> i64 {
    let last = reading.ids.iter().max().copied().unwrap_or_default() as i64;
    match dice.below(5) {
        0 => 0,
        1 => -1 - dice.below(9) as i64,
        2 => last + 1,
        3 => last + 1 + dice.below(5_000) as i64,
        _ => i64::from(u32::MAX) + 7,
    }
}

/// The words of a segment, with something wrong in them.
fn almost(dice: &mut Dice, text: &str) -> String {
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let at = dice.below(words.len());
    match dice.below(8) {
        0 => "definitely".clone_into(&mut words[at]),
        1 => {
            words.remove(at);
        }
        2 => words.insert(at, "not".to_owned()),
        3 => words.reverse(),
        4 => words[at] = words[at].chars().rev().collect(),
        5 => return text.to_uppercase(),
        6 => return format!("\"{text}\" (emphasis mine)"),
        _ => return format!("…{}…", text.chars().skip(1).collect::<String>()),
    }
    words.join(" ")
}

/// Evidence of one kind or another; now and then it is true.
fn evidence(dice: &mut Dice, reading: &Reading) -> Value {
    let count = reading.ids.len();
    if count == 0 {
        return json!({"segment": nowhere(dice, reading), "quote": dice.pick(INVENTED)});
    }
    let place = dice.below(count);
    let text = reading.transcript.segments[place].text.as_str();
    let id = reading.id(place);
    match dice.below(8) {
        0 => json!({"segment": nowhere(dice, reading), "quote": text}),
        1 => json!({"segment": nowhere(dice, reading), "quote": dice.pick(INVENTED)}),
        2 => json!({"segment": id, "quote": dice.pick(INVENTED)}),
        3 | 4 => json!({"segment": id, "quote": almost(dice, text)}),
        5 => json!({"segment": reading.id((place + 1 + dice.below(count)) % count), "quote": text}),
        6 => {
            let next = reading.transcript.segments.get(place + 1).map_or("", |next| next.text.as_str());
            json!({"segment": id, "quote": format!("{text} {next}")})
        }
        _ => json!({"segment": id, "quote": text}),
    }
}

fn some_evidence(dice: &mut Dice, reading: &Reading) -> Vec<Value> {
    let count = dice.below(4);
    (0..count).map(|_| evidence(dice, reading)).collect()
}

/// A sentence that quotes what nobody said, or claims it in words of its own.
fn sentence(dice: &mut Dice) -> String {
    if dice.chance(0.5) {
        return format!("The rep said: \"{}\"", dice.pick(INVENTED));
    }
    let number = 100_001 + dice.below(800_000);
    dice.pick(CLAIMED).replace("{}", &number.to_string())
}

/// Says something about a check.
fn say(dice: &mut Dice, reading: &Reading, id: &str) -> Value {
    let verdict =
        dice.pick(&[Verdict::Met, Verdict::Met, Verdict::Unmet, Verdict::NotApplicable, Verdict::CannotAssess]);
    let level = dice.pick(&[json!(null), json!(0), json!(3), json!(7), json!(-1)].each_ref()).clone();
    let reason = sentence(dice);
    let advice = match dice.below(3) {
        0 => String::new(),
        1 => "Do again what was never done.".to_owned(),
        _ => sentence(dice),
    };
    json!({
        "id": id,
        "verdict": verdict.as_str(),
        "level": level,
        "evidence": some_evidence(dice, reading),
        "reason": reason,
        "advice": advice,
    })
}

/// Says something about checks, asked for or not, once or more, or not at all.
pub(super) fn dimension(reading: &Reading, checks: &[Check], known: &[CheckResult], seed: u64, prompt: u64) -> Value {
    let mut dice = Dice::new(seed, prompt);
    let mut said = Vec::new();
    for check in checks {
        match dice.below(8) {
            0 => {}
            1 => said.push(scripted::finding(reading, check, known).json(reading)),
            2 => {
                said.push(say(&mut dice, reading, &check.id));
                said.push(say(&mut dice, reading, &check.id));
            }
            _ => said.push(say(&mut dice, reading, &check.id)),
        }
    }
    for _ in 0..dice.below(3) {
        let unasked = dice.pick(UNASKED);
        let at = dice.below(said.len() + 1);
        said.insert(at, say(&mut dice, reading, unasked));
    }
    let instructions = if dice.chance(0.2) { some_evidence(&mut dice, reading) } else { Vec::new() };
    verdicts(&said, &instructions)
}

/// Says something about each advice, and about others.
pub(super) fn advice(reading: &Reading, advice: &[(String, String)], seed: u64, prompt: u64) -> Value {
    let mut dice = Dice::new(seed, prompt);
    let ids = advice.iter().map(|(id, _)| id.as_str()).chain(UNASKED.iter().copied().take(2));
    let say = ids.map(|id| json!({"id": id, "done": dice.chance(0.7), "evidence": some_evidence(&mut dice, reading)}));
    json!({ "advice": say.collect::<Vec<_>>() })
}
