//! Properties of finished worlds.

use super::*;
use crate::Expected;
use crate::tests::{repeated, slip};
use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;
use transcript::{Participant, Side};

/// The default world, four times as large.
static LARGE: LazyLock<World> = LazyLock::new(|| world(&large()));

fn large() -> WorldOptions {
    WorldOptions { deals: 640, ..WorldOptions::default() }
}

fn calls_of(world: &World, deal: usize) -> impl Iterator<Item = &SynthCall> {
    world.calls.iter().filter(move |call| call.deal == deal).map(|call| &call.call)
}

fn emails_of(world: &World, deal: usize) -> impl Iterator<Item = &Email> {
    world.emails.iter().filter(move |email| email.deal == deal)
}

fn on_side(call: &SynthCall, side: Side) -> impl Iterator<Item = &Participant> {
    call.transcript.participants.iter().filter(move |person| person.side == Some(side))
}

/// Days from a moment or a date to another.
fn days(from: &str, to: &str) -> f64 {
    let at = |text: &str| {
        let part = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<f64>().ok());
        let (year, month, date) = (part(0..4).unwrap(), part(5..7).unwrap(), part(8..10).unwrap());
        // Days of the civil calendar, with months counted from March.
        let (year, month) = if month < 3.0 { (year - 1.0, month + 9.0) } else { (year, month - 3.0) };
        let day = 365.0 * year + (year / 4.0).floor() - (year / 100.0).floor() + (year / 400.0).floor();
        let clock = part(11..13).unwrap_or(0.0) / 24.0 + part(14..16).unwrap_or(0.0) / 1440.0;
        day + (153.0 * month + 2.0).div_euclid(5.0) + date + clock
    };
    at(to) - at(from)
}

#[test]
fn the_same_options_give_the_same_world() {
    let options = WorldOptions { deals: 40, ..WorldOptions::default() };
    assert_eq!(world(&options), world(&options));
    assert_eq!(call(&options, 7).as_ref(), world(&options).calls.get(7));
    assert_ne!(world(&options).calls, world(&WorldOptions { seed: 2, ..options.clone() }).calls);
    let made = world(&options);
    for (number, call) in made.calls.iter().enumerate() {
        assert_eq!(outline(&options).when(number), Some((call.deal, call.call.start_time.clone())));
    }
    assert_eq!(call(&options, made.calls.len()), None);
}

#[test]
fn calls_lie_within_their_deal_and_name_its_people() {
    let options = large();
    for DealCall { deal, call } in &LARGE.calls {
        let deal = &LARGE.deals[*deal];
        let account = &LARGE.accounts[deal.account];
        assert!(call.start_time > deal.opened, "{}", call.external_id);
        assert!(call.start_time < deal.closed.clone().unwrap_or_else(|| options.end()), "{}", call.external_id);
        assert_eq!(call.company.as_deref(), Some(account.name.as_str()));
        let rep = options.reps[deal.rep].person;
        let ours: Vec<_> = on_side(call, Side::Internal).map(|p| (p.name.clone(), p.email.clone())).collect();
        assert_eq!(ours, [(rep.name(), Some(rep.email()))]);
        let theirs: Vec<_> = on_side(call, Side::External).collect();
        assert!(!theirs.is_empty());
        for person in &theirs {
            let known = account.contacts.iter().position(|contact| contact.name == person.name).expect("a contact");
            assert_eq!(person.email.as_ref(), Some(&account.contacts[known].email));
            assert_eq!(person.external_id.as_ref(), Some(&account.contacts[known].id));
            assert!(deal.contacts.contains(&known), "{}", call.external_id);
        }
        assert_eq!(theirs[0].external_id.as_ref(), Some(&call.customer_id));
        let words = call.transcript.segments.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(" ");
        let first = theirs[0].name.split(' ').next().expect("a first name");
        assert!(words.contains(first) || words.contains(rep.first), "{}", call.external_id);
        if !call.external_id.ends_with('7') {
            // Looking for every firm in every call takes long.
            continue;
        }
        let others = LARGE.accounts.iter().map(|other| other.name.as_str()).filter(|name| *name != account.name);
        let wrong: Vec<&str> = others.filter(|name| words.contains(name) && !account.name.contains(name)).collect();
        assert!(wrong.is_empty(), "{} speaks of {wrong:?}", call.external_id);
    }
    assert!(LARGE.calls.is_sorted_by_key(|call| &call.call.start_time));
}

#[test]
fn what_is_said_and_written_is_clean() {
    let said = LARGE.calls.iter().flat_map(|call| &call.call.transcript.segments).map(|segment| segment.text.as_str());
    for text in said.chain(LARGE.emails.iter().flat_map(|email| [email.subject.as_str(), email.body.as_str()])) {
        assert!(!text.contains(['{', '}', '[', ']', '|', '#']), "{text}");
        assert!(!text.contains("  ") && text.trim() == text && !text.is_empty(), "{text:?}");
        for line in text.lines() {
            assert_eq!(slip(line), None, "{text}");
        }
    }
}

#[test]
fn later_calls_know_of_earlier_ones() {
    let (mut again, mut passed_on, mut with_guest) = (0, 0, 0);
    for (at, deal) in LARGE.deals.iter().enumerate() {
        let mut met: Vec<&str> = Vec::new();
        for (number, call) in calls_of(&LARGE, at).enumerate() {
            let place = &call.external_id;
            assert_eq!(repeated(call), Vec::<String>::new(), "{place}");
            let segments = &call.transcript.segments;
            let people: Vec<&Participant> = on_side(call, Side::External).collect();
            let firsts: Vec<&str> = people.iter().filter_map(|person| person.name.split(' ').next()).collect();
            for person in &call.transcript.participants {
                let at = call.transcript.participants.iter().position(|other| other == person);
                assert!(segments.iter().any(|segment| segment.speaker == at), "{place}: {} is silent", person.name);
            }
            let beginning = segments.iter().take(8).map(|s| s.text.as_str()).collect::<Vec<_>>().join(" ");
            if number == 0 {
                let later =
                    ["Round two", "since we spoke", "hear you again", "haven't met", "taking over", "as we said"];
                let is_first = later.iter().all(|words| !beginning.contains(words));
                assert!(people.len() == 1 && is_first, "{place}: {beginning}");
            } else if met.contains(&firsts[0]) {
                assert!(!beginning.to_lowercase().contains("to meet you"), "{place}: {beginning}");
                assert!(!beginning.contains("good to put a voice"), "{place}: {beginning}");
                again += 1;
            } else {
                assert!(met.iter().any(|earlier| beginning.contains(earlier)), "{place}: {met:?} {beginning}");
                passed_on += 1;
            }
            if let [_, guest] = firsts[..] {
                assert!(beginning.contains(guest), "{place}: {beginning}");
                with_guest += 1;
            }
            met.extend(firsts);
        }
        assert!(met.len() >= calls_of(&LARGE, at).count(), "{}", deal.id);
    }
    assert!(again > 200 && passed_on > 200 && with_guest > 100, "{again} {passed_on} {with_guest}");
}

#[test]
fn ids_and_addresses_are_of_one_thing_each() {
    let mut ids = HashSet::new();
    let accounts = LARGE.accounts.iter().flat_map(|account| [&account.id, &account.name, &account.domain]);
    let contacts = LARGE.accounts.iter().flat_map(|account| &account.contacts).flat_map(|c| [&c.id, &c.email]);
    let calls = LARGE.calls.iter().map(|call| &call.call.external_id);
    let deals = LARGE.deals.iter().map(|deal| &deal.id).chain(LARGE.emails.iter().map(|email| &email.id));
    for id in accounts.chain(contacts).chain(calls).chain(deals) {
        assert!(ids.insert(id.as_str()), "{id} twice");
    }
}

#[test]
fn deals_move_from_stage_to_stage() {
    let end = large().end();
    for (at, deal) in LARGE.deals.iter().enumerate() {
        let moments: Vec<&String> = deal.stages.iter().map(|(at, _)| at).collect();
        assert!(moments.is_sorted() && *moments[0] == deal.opened && *moments.last().unwrap() < &end, "{deal:?}");
        let names: Vec<&str> = deal.stages.iter().map(|(_, stage)| *stage).collect();
        let order = ["Discovery", "Demo", "Proposal", "Negotiation", "Closed Won", "Closed Lost"];
        let ranks: Vec<_> = names.iter().map(|name| order.iter().position(|known| known == name).unwrap()).collect();
        assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
        let calls = calls_of(&LARGE, at).count();
        match deal.outcome {
            Outcome::Open => {
                assert!(deal.closed.is_none() && !names.last().unwrap().starts_with("Closed"));
                assert!((1..=6).contains(&calls), "{calls}");
            }
            closed => {
                let last = if closed == Outcome::Won { "Closed Won" } else { "Closed Lost" };
                assert_eq!((names.last(), deal.closed.as_ref()), (Some(&last), moments.last().copied()));
                assert!(deal.closed.as_ref().unwrap().starts_with(&deal.close_date) && deal.truth.is_empty());
                assert!((2..=6).contains(&calls), "{calls}");
            }
        }
        assert!(deal.amount_cents > 0 && deal.health.is_none_or(|health| health <= 100));
    }
    let share = |outcome| LARGE.deals.iter().filter(|deal| deal.outcome == outcome).count() as f64 / 640.0;
    let (open, won, lost) = (share(Outcome::Open), share(Outcome::Won), share(Outcome::Lost));
    assert!(open > 0.15 && won > 0.25 && lost > 0.25, "{open} open, {won} won, {lost} lost");
    let several: HashSet<&str> = LARGE.deals.iter().map(|deal| deal.product).collect();
    let segments: HashSet<&str> = LARGE.accounts.iter().map(|account| account.segment).collect();
    assert_eq!((several.len(), segments.len()), (3, 3));
}

#[test]
fn e_mails_go_between_the_rep_and_the_account() {
    let options = large();
    for email in &LARGE.emails {
        let deal = &LARGE.deals[email.deal];
        let rep = options.reps[deal.rep].person.email();
        let known = |address: &String| {
            let at = LARGE.accounts[deal.account].contacts.iter().position(|contact| contact.email == *address);
            at.is_some_and(|at| deal.contacts.contains(&at))
        };
        if email.incoming {
            assert!(known(&email.from) && email.to == [rep], "{email:?}");
        } else {
            assert!(email.from == rep && !email.to.is_empty() && email.to.iter().all(known), "{email:?}");
        }
        assert!(email.sent_at > deal.opened && email.sent_at <= deal.closed.clone().unwrap_or_else(|| options.end()));
        assert!(!email.subject.contains('\n') && email.body.lines().count() > 1, "{email:?}");
    }
    assert!(LARGE.emails.is_sorted_by_key(|email| &email.sent_at));
    let per_deal = LARGE.emails.len() as f64 / 640.0;
    assert!((4.0..12.0).contains(&per_deal), "{per_deal}");
}

/// The step that a call ends with is the one that the e-mail after it names.
#[test]
fn what_was_agreed_is_written() {
    let (mut dated, mut vague) = (0, 0);
    for (at, _) in LARGE.deals.iter().enumerate() {
        let Some(first) = calls_of(&LARGE, at).next() else { continue };
        let step = first.truth.verdicts.iter().find(|verdict| verdict.check == "next_step_dated").unwrap();
        let after = emails_of(&LARGE, at).find(|email| !email.incoming && email.sent_at > first.start_time).unwrap();
        let is_dated = after.body.contains("next ") || after.body.contains("We meet again");
        assert_eq!(is_dated, step.verdict == Expected::Met, "{}\n{}", first.external_id, after.body);
        if is_dated {
            let said: String = first.transcript.segments.iter().rev().take(12).map(|s| s.text.clone() + " ").collect();
            let day = after.body.split("next ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
            assert!(said.contains(day), "{day} in {said}");
            dated += 1;
        } else {
            vague += 1;
        }
    }
    assert!(dated > 150 && vague > 100, "{dated} {vague}");
}

/// Share of the calls in which each check is met, and how many there are, of deals with this outcome.
fn met(world: &World, outcome: Outcome) -> BTreeMap<String, (f64, f64)> {
    let mut counts: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let calls = world.calls.iter().filter(|call| world.deals[call.deal].outcome == outcome);
    for verdict in calls.flat_map(|call| &call.call.truth.verdicts) {
        let entry = counts.entry(verdict.check.clone()).or_default();
        entry.0 += f64::from(u8::from(verdict.verdict == Expected::Met));
        entry.1 += f64::from(u8::from(matches!(verdict.verdict, Expected::Met | Expected::Unmet)));
    }
    counts.into_iter().map(|(check, (met, all))| (check, (met / all, all))).collect()
}

/// Open questions per call, and the median wait after an objection in milliseconds, as the truth labels them.
fn measured(world: &World, outcome: Outcome) -> (f64, f64) {
    let (mut calls, mut open, mut waits) = (0.0, 0.0, Vec::new());
    for call in world.calls.iter().filter(|call| world.deals[call.deal].outcome == outcome).map(|call| &call.call) {
        let segments = &call.transcript.segments;
        let is_ours = |id: u32| call.transcript.side(call.transcript.segment(id).unwrap()) == Some(Side::Internal);
        let labels = call.truth.labels.iter();
        calls += 1.0;
        open += labels.clone().filter(|label| label.kind == "q:open" && is_ours(label.segment)).count() as f64;
        for label in labels.filter(|label| label.kind.starts_with("objection:")) {
            let after = &segments[label.segment as usize..];
            let from = segments[label.segment as usize - 1].end_ms.unwrap();
            let answer = after.iter().find_map(|s| s.start_ms.filter(|start| *start >= from));
            waits.extend(answer.map(|start| (start - from) as f64));
        }
    }
    waits.sort_by(f64::total_cmp);
    (open / calls, waits[waits.len() / 2])
}

#[test]
fn planted_rates_come_out() {
    let plant = |behaviour| Planted { behaviour, won: 0.8, lost: 0.3 };
    // What others need is shown more often than they are.
    let needed = |behaviour: Behaviour| Behaviour::ALL.iter().any(|other| other.needs() == Some(behaviour));
    let base = |behaviour| Planted { behaviour, won: 0.9, lost: 0.5 };
    let planted: Vec<Planted> =
        Behaviour::ALL.into_iter().map(|at| if needed(at) { base(at) } else { plant(at) }).collect();
    let options = WorldOptions { planted: planted.clone(), sway: 0.0, wins: Wins::Drawn, ..large() };
    let world = world(&options);
    let (won, lost) = (met(&world, Outcome::Won), met(&world, Outcome::Lost));
    for Planted { behaviour, won: p_won, lost: p_lost } in planted.iter().filter(|p| !p.behaviour.is_metric()) {
        let (seen_won, seen_lost) = (won[behaviour.check()].0, lost[behaviour.check()].0);
        assert!((seen_won - p_won).abs() < 0.06, "{behaviour:?} in won deals: {seen_won} for {p_won}");
        assert!((seen_lost - p_lost).abs() < 0.06, "{behaviour:?} in lost deals: {seen_lost} for {p_lost}");
    }
    let ((open_won, wait_won), (open_lost, wait_lost)) =
        (measured(&world, Outcome::Won), measured(&world, Outcome::Lost));
    assert!(open_won > open_lost + 2.0, "{open_won} and {open_lost} open questions");
    assert!(wait_won > wait_lost + 800.0, "{wait_won} and {wait_lost} ms");
}

#[test]
fn the_default_plants_what_it_says() {
    let (won, lost) = (met(&LARGE, Outcome::Won), met(&LARGE, Outcome::Lost));
    for Planted { behaviour, won: p_won, lost: p_lost } in PLANTED.iter().filter(|p| !p.behaviour.is_metric()) {
        // Better reps win more and show it more, so won deals are a little above.
        let (seen_won, seen_lost) = (won[behaviour.check()].0, lost[behaviour.check()].0);
        assert!((seen_won - p_won).abs() < 0.08, "{behaviour:?} in won deals: {seen_won}");
        assert!((seen_lost - p_lost).abs() < 0.08, "{behaviour:?} in lost deals: {seen_lost}");
    }
    assert!(measured(&LARGE, Outcome::Won).0 > measured(&LARGE, Outcome::Lost).0 + 1.5);
    let is_planted = |check: &str| PLANTED.iter().any(|planted| planted.behaviour.check() == check);
    for (check, (rate, _)) in won.iter().filter(|(check, _)| !is_planted(check)) {
        let difference = rate - lost[check].0;
        assert!(difference.abs() < 0.15, "{check} differs by {difference}, and nobody planted it");
    }
}

/// Over many worlds the differences of each check scatter around nothing, whether reps are a cluster or not.
#[test]
fn with_nothing_planted_the_outcome_says_nothing() {
    let mut all: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for seed in 1..=30 {
        let world = world(&WorldOptions { deals: 120, ..WorldOptions::null(seed) });
        let (won, lost) = (met(&world, Outcome::Won), met(&world, Outcome::Lost));
        for (check, (rate, n)) in won {
            let other = lost[&check];
            if n >= 20.0 && other.1 >= 20.0 {
                all.entry(check).or_default().push(rate - other.0);
            }
        }
    }
    for (check, differences) in all {
        let n = differences.len() as f64;
        let mean = differences.iter().sum::<f64>() / n;
        let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let t = mean / (variance / n).sqrt().max(1e-9);
        assert!(t.abs() < 4.0, "{check}: mean difference {mean} with t = {t}");
    }
}

#[test]
fn better_reps_win_more_unless_rates_are_drawn() {
    let rate = |world: &World, rep: usize| {
        let of = |outcome| world.deals.iter().filter(|d| d.rep == rep && d.outcome == outcome).count() as f64;
        of(Outcome::Won) / (of(Outcome::Won) + of(Outcome::Lost))
    };
    let skill = |rep: usize| TEAMS[rep / 4].reps[rep % 4].skills(0.5).mean();
    let mut order: Vec<usize> = (0..8).collect();
    order.sort_by(|a, b| skill(*a).total_cmp(&skill(*b)));
    let large = WorldOptions { deals: 4000, ..WorldOptions::default() };
    let deals = outline(&large).deals;
    let world = World { deals, accounts: Vec::new(), emails: Vec::new(), calls: Vec::new() };
    let (weak, strong) = (rate(&world, order[0]), rate(&world, order[7]));
    assert!(strong > weak + 0.15, "{weak} {strong}");
    let all: Vec<f64> = (0..8).map(|rep| rate(&world, rep)).collect();
    assert!(all.iter().all(|rate| (0.2..0.75).contains(rate)), "{all:?}");

    // Over many seeds a drawn rate has nothing to do with the drawn skill.
    let mut products = Vec::new();
    for seed in 0..200 {
        let options = WorldOptions { deals: 200, ..WorldOptions::null(seed) };
        let deals = outline(&options).deals;
        let world = World { deals, accounts: Vec::new(), emails: Vec::new(), calls: Vec::new() };
        for rep in 0..8 {
            let rate = rate(&world, rep);
            if rate.is_finite() {
                products.push((rate - 0.425) * (skills(seed, rep).mean() - 0.5));
            }
        }
    }
    let n = products.len() as f64;
    let mean = products.iter().sum::<f64>() / n;
    let deviation = (products.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / n).sqrt();
    assert!((mean / (deviation / n.sqrt())).abs() < 4.0, "{mean} of {deviation}");
}

/// What tells a manager that a deal of the world is in trouble, counted from its e-mails, calls and stages alone.
struct Facts {
    /// Days since the customer last wrote or spoke, and since anybody did.
    silence: (f64, f64),
    stage_age: f64,
    close_in: f64,
    people: HashSet<String>,
    has_power: bool,
    words: String,
}

fn facts(world: &World, options: &WorldOptions, at: usize) -> Facts {
    let (deal, end) = (&world.deals[at], options.end());
    let calls: Vec<&SynthCall> = calls_of(world, at).collect();
    let emails: Vec<&Email> = emails_of(world, at).collect();
    let theirs =
        calls.iter().map(|call| &call.start_time).chain(emails.iter().filter(|e| e.incoming).map(|e| &e.sent_at));
    let anyones = calls.iter().map(|call| &call.start_time).chain(emails.iter().map(|e| &e.sent_at));
    let mut people: HashSet<String> = HashSet::new();
    for call in &calls {
        people.extend(on_side(call, Side::External).filter_map(|person| person.email.clone()));
    }
    for email in &emails {
        people.extend(if email.incoming { vec![email.from.clone()] } else { email.to.clone() });
    }
    let contacts = &world.accounts[deal.account].contacts;
    let has_power = contacts.iter().any(|contact| contact.has_power() && people.contains(&contact.email));
    let said = calls.iter().flat_map(|call| &call.transcript.segments).map(|segment| segment.text.as_str());
    let written = emails.iter().flat_map(|email| [email.subject.as_str(), email.body.as_str()]);
    let words = said.chain(written).collect::<Vec<_>>().join(" ").to_lowercase();
    let since = |moment: Option<&String>| moment.map_or(f64::INFINITY, |moment| days(moment, &end));
    Facts {
        silence: (since(theirs.max()), since(anyones.max())),
        stage_age: since(deal.stages.last().map(|(at, _)| at)),
        close_in: days(&end, &deal.close_date),
        people,
        has_power,
        words,
    }
}

#[test]
fn signs_hold() {
    let options = large();
    let mut seen: BTreeMap<Sign, u32> = BTreeMap::new();
    let mut open = 0;
    for (at, deal) in LARGE.deals.iter().enumerate().filter(|(_, deal)| deal.outcome == Outcome::Open) {
        let facts = facts(&LARGE, &options, at);
        let is = |sign| deal.truth.contains(&sign);
        let place = format!("{} {:?} {:?} {}", deal.id, deal.truth, facts.silence, facts.stage_age);
        assert!(deal.truth.is_sorted() && deal.truth.windows(2).all(|pair| pair[0] != pair[1]), "{place}");
        let (theirs, anyones) = facts.silence;
        let lively = LIVELY_DAYS as f64;
        let (idle, ghosted) = (is(Sign::NoActivity), is(Sign::Ghosted));
        assert!(if idle { anyones >= IDLE_DAYS as f64 } else { anyones < lively }, "{place}");
        assert!(if ghosted || idle { theirs >= GHOSTED_DAYS as f64 } else { theirs < lively }, "{place}");
        assert!(!(idle && ghosted), "{place}");
        let stalled = if is(Sign::Stalled) {
            facts.stage_age >= STALLED_DAYS as f64
        } else {
            facts.stage_age < MOVING_DAYS as f64
        };
        assert!(stalled, "{place}");
        assert!(if is(Sign::Overdue) { facts.close_in < -1.0 } else { facts.close_in > 1.0 }, "{place}");
        assert_eq!(is(Sign::SingleThreaded), facts.people.len() == 1, "{place} {:?}", facts.people);
        assert_eq!(is(Sign::NoPower), !facts.has_power, "{place}");
        let priced = ["pound", "price", "discount", " fee "].iter().any(|word| facts.words.contains(word));
        assert_eq!(is(Sign::PricingNotMentioned), !priced, "{place}");
        for (sign, words) in [
            (Sign::Legal, ["lawyers", "legal department"]),
            (Sign::BudgetCut, ["spending has been stopped", "budget is cut"]),
            (Sign::ChampionLeaves, ["i am leaving", "handed in my notice"]),
        ] {
            assert_eq!(is(sign), words.iter().any(|word| facts.words.contains(word)), "{sign:?} {place}");
        }
        open += 1;
        for sign in &deal.truth {
            *seen.entry(*sign).or_default() += 1;
        }
        *seen.entry(Sign::Stalled).or_default() += 0;
    }
    let healthy = LARGE.deals.iter().filter(|deal| deal.outcome == Outcome::Open && deal.truth.is_empty()).count();
    assert!(seen.len() == 10 && seen.values().all(|count| *count >= 3), "{seen:?} of {open}");
    assert!(healthy >= 20, "{healthy} of {open}");
}

#[test]
fn small_and_odd_worlds_are_fine() {
    for (deals, days, count) in [(0, 240, 1), (1, 0, 1), (3, 90, 48), (30, 2000, 2)] {
        let options = WorldOptions { deals, days, reps: reps(3, count), seed: 9, ..WorldOptions::default() };
        let world = world(&options);
        assert_eq!((world.deals.len(), options.reps.len()), (deals as usize, count));
        assert!(world.calls.iter().all(|call| call.call.start_time < options.end()));
        let firsts: HashSet<&str> = options.reps.iter().map(|rep| rep.person.first).collect();
        assert_eq!(firsts.len(), count);
    }
    assert_eq!(reps(1, 500).len(), reps(1, 48).len());
}
