//! The plan of a sales call: which beats there are and how well each goes.

use crate::bank::Exchange;
use crate::deals::Behaviour;
use crate::script::{Script, odds};
use crate::team::Skills;

/// How the pitch goes.
#[derive(Clone, Copy, PartialEq)]
enum Pitch {
    /// Capabilities tied to what the customer said.
    Linked,
    /// Features and the firm's history.
    Generic,
    /// The same without letting the customer speak.
    Monologue,
}

/// How long a rep waits after an objection who has the habit, and who has not: shares of the longest pause.
const REFLECTION: (f64, f64) = (0.9, 0.15);
/// Share of the questions asked openly by a rep who has the habit, and who has not.
const OPENNESS: (f64, f64) = (0.9, 0.15);

/// Whom of a firm the rep has spoken with before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Met {
    /// Nobody.
    #[default]
    Nobody,
    /// The customer of this call.
    Customer,
    /// Only others, among them the colleague of this call.
    Colleague,
}

/// What is settled before a call is planned. By default nothing is: the rep's skills decide.
#[derive(Debug, Clone, Default)]
pub(crate) struct Habits {
    /// Behaviours that are shown for certain, or not at all.
    pub(crate) decided: Vec<(Behaviour, bool)>,

    /// Who has spoken with the rep before.
    pub(crate) met: Met,
    /// How many calls there were before, of a deal.
    pub(crate) share: Option<usize>,
    /// Somebody is with the customer.
    pub(crate) has_guest: bool,
    /// Nobody speaks of prices.
    pub(crate) is_hushed: bool,
    /// Ids of exchanges that must not be drawn.
    pub(crate) barred: &'static [&'static str],
}

impl Habits {
    fn of(&self, behaviour: Behaviour) -> Option<bool> {
        self.decided.iter().find(|(decided, _)| *decided == behaviour).map(|(_, shown)| *shown)
    }

    /// Whether the behaviour is shown; drawn with probability `p` where nothing is settled. The draw is made in any case, so that a
    /// settled behaviour changes no other.
    fn shows(&self, behaviour: Behaviour, p: f64, script: &mut Script<'_>) -> bool {
        let drawn = script.chance(p);
        self.of(behaviour).unwrap_or(drawn)
    }

    /// How long the rep waits after an objection, 0 to 1, where that is settled.
    pub(crate) fn reflection(&self) -> Option<f64> {
        self.of(Behaviour::PauseAfterObjection).map(|pauses| if pauses { REFLECTION.0 } else { REFLECTION.1 })
    }
}

/// Says a whole sales call.
pub(crate) fn plan(script: &mut Script<'_>, skills: Skills, habits: &Habits) {
    script.bar(habits.barred);
    script.is_hushed = habits.is_hushed;
    script.share = habits.share;
    // A strong rep has a bad day now and then, and the other way round.
    let form = script.dice.between(-0.12, 0.12);
    let skills = skills.map(|skill| (skill + form).clamp(0.0, 1.0));
    let objections = choose_objections(script);
    let contradiction =
        script.chance(odds(skills.product_knowledge, 0.16, 0.0)).then(|| script.take("contradiction")).flatten();
    // A rep who contradicts himself, or a customer who has looked the price up, leaves no room for the plain question.
    let may_ask_price = contradiction.is_none() && objections.iter().all(|o| o.attribute("kind") != Some("price"));

    // How much time the two of them have: short calls are as frequent as long ones.
    let long = script.chance(0.12);
    let depth = if long { 8 } else { script.dice.below(8) };
    let ahead = if long { 9 } else { script.dice.below(2 + depth) };

    open(script, skills.discovery, habits);
    let followed = discover(script, skills.discovery, depth, habits);
    let early_decision = script.chance(0.5);
    let decision = habits.shows(Behaviour::DecisionProcess, odds(skills.discovery, 0.1, 0.93), script);
    if decision && early_decision {
        script.say("decision", true);
    }
    if let Some(exchange) = contradiction {
        script.part(exchange, "first", false);
    }
    pitch(script, skills.product_knowledge, &followed, habits);
    answer_questions(script, skills, may_ask_price, habits);
    // A rep who asks nothing is asked little.
    let ahead = if script.chance(odds(skills.engagement, 0.05, 1.0)) { ahead } else { 0 };
    for _ in 0..ahead {
        script.say("ahead", true);
    }
    if script.chance(odds(skills.product_knowledge, 0.2, 0.0)) {
        script.say("compliance", false);
    }
    for exchange in objections {
        // What it refers to may not have come up.
        if script.is_possible(exchange) {
            handle(script, exchange, skills.objection_handling, habits);
        }
    }
    if let Some(exchange) = contradiction {
        script.part(exchange, "then", false);
    }
    if decision && !early_decision {
        script.say("decision", true);
    }
    close(script, skills.engagement, habits);
}

fn open(script: &mut Script<'_>, skill: f64, habits: &Habits) {
    let opening = match habits.met {
        Met::Nobody => "opening",
        Met::Customer => "opening_same",
        Met::Colleague => "opening_other",
    };
    script.say(opening, true);
    if habits.has_guest {
        script.say("joined", true);
    }
    if script.chance(0.45) {
        script.say("smalltalk", true);
    }
    if habits.shows(Behaviour::AgendaSet, odds(skill, 0.12, 0.96), script) {
        script.say("agenda", true);
    } else {
        script.say("agenda_poor", false);
    }
}

/// No objection, one or two of different kinds.
fn choose_objections(script: &mut Script<'_>) -> Vec<&'static Exchange> {
    let wanted = [0, 1, 1, 1, 2, 2][script.dice.below(6)];
    let mut chosen: Vec<&'static Exchange> = Vec::new();
    // The scenario's own objection may refer to what is said later, so it is not drawn but chosen, and checked again when its turn comes.
    let own = script.scenario("objection").first().filter(|_| wanted > 0);
    if let Some(own) = own.filter(|_| script.chance(0.4)) {
        script.mark(own);
        chosen.push(own);
    }
    for _ in 0..12 {
        if chosen.len() >= wanted {
            break;
        }
        let Some(next) = script.take("objection") else { break };
        if chosen.iter().all(|other| other.attribute("kind") != next.attribute("kind")) {
            chosen.push(next);
        }
    }
    chosen
}

/// Asks about the situation and the problems; returns the problems that were followed up.
fn discover(script: &mut Script<'_>, skill: f64, depth: usize, habits: &Habits) -> Vec<&'static Exchange> {
    let pains = script.scenario("pain");
    let skipped = if script.chance(0.55) { 1 + script.dice.below(pains.len() - 1) } else { 0 };
    // The first always comes up: later ones may refer back to it.
    let pains: Vec<&Exchange> =
        (0..pains.len()).filter(|at| *at != skipped || skipped == 0).map(|at| &pains[at]).collect();
    script.set("pain1", pains[0].attribute("brief").expect("every pain has a brief form, see the tests"));
    script.set("pain2", pains[1].attribute("brief").expect("every pain has a brief form, see the tests"));

    let asks_openly = habits.of(Behaviour::OpenQuestions);
    let openness = asks_openly.map_or(odds(skill, 0.03, 0.97), |open| if open { OPENNESS.0 } else { OPENNESS.1 });
    match habits.met {
        Met::Nobody => {}
        Met::Customer => drop(script.say("again_same", true)),
        Met::Colleague => drop(script.say("again_other", true)),
    }
    // What made the customer get in touch is asked once.
    if script.chance(odds(skill, 0.1, 0.9)) && habits.met == Met::Nobody {
        script.say("trigger", true);
    }
    let needed: Vec<_> = pains.iter().filter_map(|pain| pain.attribute("needs")).collect();
    for context in script.scenario("context") {
        if needed.contains(&context.id) || script.chance(0.65) {
            let open = script.chance(openness);
            script.mark(context);
            script.part(context, "", open);
        }
    }
    // A rep follows up or does not: the habit holds for the call, with slips.
    let follows = habits.shows(Behaviour::PainFollowedUp, odds(skill, 0.1, 0.97), script);
    let quantifies = habits.shows(Behaviour::ImpactQuantified, odds(skill, 0.1, 0.95), script);
    let settled = habits.of(Behaviour::ImpactQuantified).is_some();
    let mut followed = Vec::new();
    for pain in pains {
        script.mark(pain);
        let open = script.chance(openness);
        script.part(pain, "", open);
        if follows && (followed.is_empty() || script.chance(0.7)) {
            script.part(pain, "follow", true);
            let first = settled && followed.is_empty();
            if quantifies && (script.chance(0.85) || first) {
                script.part(pain, "impact", true);
            }
            followed.push(pain);
        } else {
            script.say("pain_skip", false);
        }
    }
    for _ in 0..depth {
        let open = script.chance(openness);
        script.say("depth", open);
    }
    followed
}

fn pitch(script: &mut Script<'_>, skill: f64, followed: &[&'static Exchange], habits: &Habits) {
    let style = if !followed.is_empty() && habits.shows(Behaviour::NeedLinked, odds(skill, 0.25, 0.98), script) {
        Pitch::Linked
    } else if script.chance(0.5) {
        Pitch::Monologue
    } else {
        Pitch::Generic
    };
    let features = script.scenario("feature");
    let telling = if script.chance(0.5) { "boilerplate" } else { "boilerplate_other" };
    let history = script.common(telling);
    match style {
        Pitch::Linked => {
            for pain in followed {
                script.part(pain, "link", true);
            }
            // The last feature of a sheet is the useful one.
            if let Some(useful) = features.last().filter(|_| script.chance(0.6)) {
                script.part(useful, "", true);
            }
        }
        Pitch::Generic => {
            script.part(&history[0], "", false);
            script.say("boilerplate_reaction", false);
            for feature in features {
                script.part(feature, "", false);
            }
            let other = 1 + script.dice.below(history.len() - 1);
            script.part(&history[other], "", false);
        }
        Pitch::Monologue => {
            // One piece is left out, so that not all monologues are the same.
            let left_out = 1 + script.dice.below(history.len() - 1);
            for (_, piece) in history.iter().enumerate().filter(|(at, _)| *at != left_out) {
                script.part(piece, "", false);
            }
            script.say("boilerplate_reaction", false);
            if let Some(feature) = features.first() {
                script.part(feature, "", false);
            }
        }
    }
    if habits.shows(Behaviour::ProofGiven, odds(skill, 0.1, 0.92), script) {
        script.say("proof", true);
        if script.chance(0.2) {
            script.say("proof", true);
        }
    }
}

/// The customer's questions. A good conversation draws more of them; a poor rep evades them.
fn answer_questions(script: &mut Script<'_>, skills: Skills, may_ask_price: bool, habits: &Habits) {
    let direct = script.chance(odds(skills.product_knowledge, 0.3, 0.98));
    let count = script.dice.below(3) + usize::from(script.chance(odds(skills.engagement, 0.2, 0.9)));
    let evaded = script.dice.below(count.max(1));
    for at in 0..count {
        let Some(question) = script.take("ask") else { break };
        if habits.has_guest {
            script.hand_over(question);
        }
        script.part(question, "", true);
        if direct || at != evaded {
            script.part(question, "answer", true);
        } else {
            script.say("dodge", false);
        }
    }
    if may_ask_price && script.chance(0.6) {
        script.say("price", direct);
    }
    if script.chance(0.3) {
        let honest = script.chance(odds(skills.product_knowledge, 0.15, 0.96));
        script.say("unknown", honest);
    }
}

fn handle(script: &mut Script<'_>, objection: &'static Exchange, skill: f64, habits: &Habits) {
    script.part(objection, "raise", true);
    let acknowledges = habits.shows(Behaviour::ObjectionAcknowledged, odds(skill, 0.15, 0.96), script);
    let clarifies = habits.shows(Behaviour::ObjectionClarified, odds(skill, 0.06, 0.92), script);
    let proves = habits.shows(Behaviour::ObjectionEvidence, odds(skill, 0.12, 0.93), script);
    let concedes = !clarifies && script.chance(odds(skill, 0.55, 0.1));
    if acknowledges {
        script.part(objection, "ack", true);
    }
    if clarifies {
        script.part(objection, "clarify", true);
    }
    if proves {
        script.part(objection, "evidence", true);
    } else if !clarifies && !acknowledges {
        script.part(objection, "poor", false);
    }
    if concedes && !proves {
        script.part(objection, "concede", false);
    }
    if proves && habits.shows(Behaviour::ObjectionConfirmed, odds(skill, 0.1, 0.97), script) {
        let settled = clarifies || script.chance(0.5);
        script.say("confirm", settled);
    } else if !concedes {
        script.say("brush", false);
    }
}

fn close(script: &mut Script<'_>, skill: f64, habits: &Habits) {
    if habits.shows(Behaviour::RecapGiven, odds(skill, 0.08, 0.94), script) {
        script.say("recap", true);
    }
    let agrees = habits.shows(Behaviour::CustomerAgreed, odds(skill, 0.15, 0.9), script);
    let dated = habits.shows(Behaviour::NextStepDated, odds(skill, 0.12, 0.95), script);
    script.say(if dated { "next_dated" } else { "next_vague" }, agrees);
    script.say("closing", true);
}
