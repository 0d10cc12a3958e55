//! The plan of a service call.

use crate::script::{Script, odds};

/// How the request ends.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Done,
    /// Somebody has it, with a date.
    Owned,
    /// Nobody has it.
    Left,
}

/// Says a whole service call.
pub(crate) fn plan(script: &mut Script<'_>, skill: f64) {
    let skill = (skill + script.dice.between(-0.12, 0.12)).clamp(0.0, 1.0);
    let understands = script.chance(odds(skill, 0.55, 0.99));
    let outcome = if !understands || !script.chance(odds(skill, 0.5, 0.98)) {
        Outcome::Left
    } else if script.chance(0.45) {
        Outcome::Done
    } else {
        Outcome::Owned
    };

    script.say("greeting", true);
    script.say("hello", true);
    let identify_first = script.chance(0.2);
    let Some(request) = script.say("request", true) else { return };
    if !identify_first {
        script.part(request, if understands { "restate" } else { "misheard" }, understands);
    }
    script.say("identify", true);
    if identify_first {
        script.part(request, if understands { "restate" } else { "misheard" }, understands);
    }

    // An agent who has not understood gets no further than the file.
    if understands {
        work(script, skill);
    } else {
        script.say("chat", true);
        script.say("chat", true);
        wait(script, skill);
        ask(script, 1, 0.0);
        script.say("chat", true);
        wait(script, skill);
    }
    resolve(script, skill, outcome);
}

/// Details, a look into the system, and what was found there.
fn work(script: &mut Script<'_>, skill: f64) {
    let repeats = script.chance(odds(skill, 0.5, 0.02));
    let mut asked = Vec::new();
    for (at, slot) in script.scenario("slot").iter().enumerate() {
        if at == 0 || script.chance(0.75) {
            script.mark(slot);
            script.part(slot, "", true);
            asked.push(slot);
        }
    }
    if script.chance(0.6) {
        script.say("chat", true);
    }
    wait(script, skill);
    if repeats && let Some(slot) = asked.iter().find(|slot| !slot.part("repeat").is_empty()) {
        script.part(slot, "repeat", false);
    }
    let explained = script.say("explain", true);
    // Rivals give different causes for the same trouble.
    if explained.is_some_and(|first| first.attribute("rival").is_none()) && script.chance(0.6) {
        script.say("explain", true);
    }
    if script.chance(0.5) {
        script.say("talk", true);
    }
    if script.chance(0.3) {
        wait(script, skill);
    }
    let questions = 1 + script.dice.below(3);
    ask(script, questions, odds(skill, 0.45, 0.99));
    for _ in 0..script.dice.below(5) {
        script.say("talk", true);
    }
}

/// A silence: announced, or dead air.
fn wait(script: &mut Script<'_>, skill: f64) {
    if script.chance(0.8) {
        let announced = script.chance(odds(skill, 0.45, 0.99));
        script.say(if announced { "hold" } else { "dead" }, announced);
    }
}

/// Questions of the caller; all are answered with probability `answers`, else one stays open.
fn ask(script: &mut Script<'_>, count: usize, answers: f64) {
    let all = script.chance(answers);
    let open = script.dice.below(count);
    for at in 0..count {
        script.say("question", all || at != open);
    }
}

fn resolve(script: &mut Script<'_>, skill: f64, outcome: Outcome) {
    let Some(resolution) = script.take("resolve") else { return };
    match outcome {
        Outcome::Done => script.part(resolution, "done", true),
        Outcome::Owned => {
            script.part(resolution, "owned", true);
            if script.chance(0.75) {
                let right = script.chance(odds(skill, 0.1, 0.99));
                script.part(resolution, "fact", right);
            }
        }
        Outcome::Left => {
            script.say("left", false);
        }
    }
    if script.chance(odds(skill, 0.2, 0.97)) {
        script.say("further", true);
    }
    script.say(if outcome == Outcome::Left { "left_close" } else { "close" }, true);
}
