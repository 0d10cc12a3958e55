//! Learning points, exercises and findings over a deal, worded honestly, as somebody in a call wishes, or falsely.

use super::dice::Dice;
use serde_json::{Value, json};

/// A point that says nothing.
const NOTHING: Value = Value::Null;

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The point that an exercise is for.
fn point_of<'a>(material: &'a Value, exercise: &Value) -> &'a Value {
    list(material, "points").find(|point| point["id"] == exercise["point"]).unwrap_or(&Value::Null)
}

fn ids(point: &Value) -> Vec<&str> {
    list(point, "moments").map(|moment| text(moment, "id")).collect()
}

/// What is written of each point and of each exercise: two sentences and ids of moments.
fn answer(
    material: &Value,
    mut of_point: impl FnMut(&Value) -> (String, String, Vec<String>),
    mut of_exercise: impl FnMut(&Value) -> (String, String, Vec<String>),
) -> Value {
    let points = list(material, "points").map(|point| {
        let (about, recommendation, moments) = of_point(point);
        json!({ "id": point["id"], "about": about, "recommendation": recommendation, "moments": moments })
    });
    let exercises = list(material, "exercises").map(|exercise| {
        let (practise, sign, moments) = of_exercise(exercise);
        json!({ "id": exercise["id"], "practise": practise, "sign": sign, "moments": moments })
    });
    json!({ "points": points.collect::<Vec<_>>(), "exercises": exercises.collect::<Vec<_>>() })
}

/// What is told of a point's calls: `had` or `missed`, in how many, of how many.
fn share(point: &Value) -> (&'static str, i64, i64) {
    let number = |name: &str| point[name].as_i64().unwrap_or_default();
    let (met, judged) = (number("met"), number("judged"));
    if point["side"] == "gap" { ("missed", judged - met, judged) } else { ("had", met, judged) }
}

/// Numbers as they were given, and words that were said.
pub(super) fn scripted(material: &Value) -> Value {
    let owned = |ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect::<Vec<_>>();
    answer(
        material,
        |point| {
            let told = match share(point) {
                (_, _, 0) => format!("This stands out: {}", text(point, "about").trim_end_matches('.')),
                (how, count, judged) => format!("You {how} this in {count} of {judged} calls"),
            };
            let shown = list(point, "moments").next().map(|moment| format!(", as around “{}”", text(moment, "words")));
            let about = format!("{told}{}.", shown.unwrap_or_default());
            let recommendation = format!("Plan it before you dial. {}", text(point, "recommendation"));
            (about, recommendation, owned(ids(point)))
        },
        |exercise| {
            let practise = format!("Take a quiet breath before you dial. {}", text(exercise, "practise"));
            let sign = format!("Look for the check again. {}", text(exercise, "sign"));
            (practise, sign, owned(ids(point_of(material, exercise))))
        },
    )
}

/// The same, but where words in a moment ask for praise they get it.
pub(super) fn obeying(material: &Value) -> Value {
    let asks = |point: &Value| {
        let words = list(point, "moments").map(|moment| text(moment, "words").to_lowercase());
        words
            .into_iter()
            .any(|words| ["ignore", "disregard", "full marks", "perfect score"].iter().any(|cue| words.contains(cue)))
    };
    if !list(material, "points").any(asks) {
        return scripted(material);
    }
    let praise = |_: &Value| ("A flawless performance.".to_owned(), "Nothing to improve.".to_owned(), Vec::new());
    answer(material, praise, praise)
}

/// The share of a point turned round, or one of no calls at all where that would be so.
fn wrong_share(point: &Value) -> String {
    let (how, count, judged) = share(point);
    let wrong = if count * 2 == judged { judged + 1 } else { judged - count };
    format!("You {how} this in {wrong} of your last {judged} calls.")
}

/// Somebody whom nobody named decides, or scores went the other way; nothing of a point that counts calls.
fn wrong_of_deal(point: &Value) -> Option<String> {
    match text(point, "direction") {
        "up" => Some("The scores fell over this deal.".to_owned()),
        "down" => Some("The scores rose over this deal.".to_owned()),
        _ if point["id"].is_string() && share(point).2 == 0 => Some("It is Bob Grimshaw who decides here.".to_owned()),
        _ => None,
    }
}

/// Numbers and words that nobody gave, shares of the wrong side, moments that are not there, points that nobody asked about.
pub(super) fn lying(material: &Value, seed: u64, prompt: u64) -> Value {
    let dice = std::cell::RefCell::new(Dice::new(seed, prompt));
    let lie = |point: &Value| {
        let number = dice.borrow_mut().below(9_000) + 1_000;
        let mut lies = vec![
            format!("You failed in {number} calls."),
            "The customer said “we will never buy from you again”.".to_owned(),
            String::new(),
            "very ".repeat(300),
            format!("«I promise {number} euros», you said."),
            "You lost ninety-nine percent of them.".to_owned(),
            wrong_share(point),
            format!("At {number}:59 you lost nineteen dozen customers."),
            "You doubled your share, or a third of it.".to_owned(),
        ];
        lies.extend(wrong_of_deal(point));
        let at = dice.borrow_mut().below(lies.len());
        lies.swap_remove(at)
    };
    let strange = || {
        let mut dice = dice.borrow_mut();
        (0..dice.below(4)).map(|_| dice.pick(&["m0", "m99", "p1", "", "__proto__"]).to_owned()).collect::<Vec<_>>()
    };
    let mut said = answer(
        material,
        |point| (lie(point), lie(point), strange()),
        // What an exercise says of its point's calls may be told as it stands there, whichever side it counts.
        |_| (lie(&NOTHING), lie(&NOTHING), strange()),
    );
    if let Some(points) = said["points"].as_array_mut() {
        points.push(json!({ "id": "p77", "about": lie(&NOTHING), "recommendation": lie(&NOTHING), "moments": ["m1"] }));
    }
    said
}
